"""What `check` and `new` tell of a file; sums worked out by hand."""

from datetime import date
from typing import Any

import pytest
from agreements import plain

from analysis.contract import understood
from analysis.contract.terms import Agreement

FREE = {party: {"notice_days": 90} for party in ("customer", "provider")}


def amended(terms: dict[str, Any], effective: date = date(2026, 7, 1), **own: Any) -> Agreement:
    """Two years at 20,000 a month, amended in May of the first."""
    step = {"title": "t", "signed": date(2026, 5, 1), "effective": effective, "terms": terms}
    fee = [{"from": date(2026, 1, 1), "usd_month": 20_000.0}]
    return plain(end=date(2028, 1, 1), fee=fee, amendment=[step], **own)


def told(agreement: Agreement, head: str) -> str:
    return next(line for line in understood.lines(agreement) if line.startswith(head))


@pytest.mark.parametrize(
    ("terms", "usd"),
    [
        ({"end": date(2027, 1, 1)}, "$240,000"),
        ({"fee": [{"from": date(2026, 7, 1), "usd_month": 40_000.0}]}, "$840,000"),
        ({"end": date(2028, 7, 1)}, "$600,000"),
    ],
)
def test_the_total_is_that_of_the_terms_as_amended(terms: dict[str, Any], usd: str) -> None:
    assert told(amended(terms), "total") == f"total to the stated end: {usd}"


def test_a_right_that_an_amendment_ends_is_told_with_its_day() -> None:
    deal = amended({"termination": {"customer": "none"}}, date(2026, 6, 1), termination=FREE)
    assert told(deal, "customer") == (
        "customer: may terminate on 90 days' notice, served before 2026-06-01: last day of service "
        "2026-03-31 at the earliest; as amended, may not terminate for convenience from "
        "2026-06-01 on"
    )
    assert "amended" not in told(deal, "provider")
    deal = amended({"termination": {"customer": {"notice_days": 30}}}, termination=FREE)
    assert "90 days' notice, served before 2026-07-01: " in told(deal, "customer")
    assert "; as amended, may terminate on 30 days' notice: " in told(deal, "customer")
    assert "on 2026" not in told(deal, "customer")


def test_a_right_that_an_amendment_gives_is_told() -> None:
    deal = amended({"termination": FREE})
    assert told(deal, "customer").startswith("customer: may terminate on 90 days' notice: last day")


def test_a_tranche_is_doubted_and_noted_as_the_site_is() -> None:
    span = {"low": 0.1, "use": 0.5, "high": 0.9}
    steps = [{"from": date(2026, 1, 1), "usd_month": 250e12, "discount": span}]
    deal = plain(tranche=[{"name": "hall", "fee": steps}], capacity={"mw": 250e6})
    assert "an undisclosed range" in told(deal, "total")
    hints = [line for line in understood.lines(deal) if line.startswith("hint")]
    assert any("$250,000,000,000,000 a month is outside" in line for line in hints)
    assert told(deal, "capacity") == "capacity: 250,000,000 MW"


def test_a_fee_that_an_amendment_states_is_doubted() -> None:
    deal = amended({"fee": [{"from": date(2026, 7, 1), "usd_month": 5.0}]})
    assert any("$5 a month" in line for line in understood.hints(deal))


@pytest.mark.parametrize(
    ("fee", "words"),
    [
        ({"fee_usd": 1_234_567_890.0}, "for a fee of $1,234,567,890:"),
        ({"fee_months": 2.5}, "for a fee of 2.5 months:"),
        ({"fee_share_of_remaining": 0.125}, "for 12.5 % of the fees left:"),
    ],
)
def test_what_it_costs_to_leave_is_told_in_full(fee: dict[str, Any], words: str) -> None:
    deal = plain(termination={"customer": {"notice_days": 90} | fee})
    assert words in told(deal, "customer")
