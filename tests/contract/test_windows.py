"""Notice and gate in whole months, with what is signed by a day."""

from datetime import date

import pytest
from agreements import plain

from analysis.contract import files, position
from analysis.contract.terms import Agreement
from analysis.models.provider import coverage

DAY = date(2026, 11, 23)


def amended(signed: date, effective: date, **termination: object) -> Agreement:
    """Service from 3 May 2026; customer 90 days, provider nothing; one amendment."""
    deal = position(files.contract("anthropic-xai"), reading="R1").read.change(
        {"termination": {"provider": "none"}, "readings": "none"}
    )
    new = {
        "title": "another right",
        "signed": signed,
        "effective": effective,
        "terms": {"termination": termination},
    }
    return deal.change({"amendment": [new]})


def window(agreement: Agreement, party: str, as_of: date) -> tuple[int | None, int]:
    found = coverage.notice_months(position(agreement, as_of), party)  # type: ignore[arg-type]
    return found, coverage.gate_months(position(agreement, as_of), party)  # type: ignore[arg-type]


def test_a_right_without_amendments_is_that_of_the_terms() -> None:
    deal = files.contract("anthropic-xai")
    gates = {
        name: coverage.gate_months(position(position(deal, reading=name).read), "provider")
        for name in ("R1", "R2", "R2e")
    }
    assert gates == {"R1": 0, "R2": 3, "R2e": 0}
    never = position(position(deal, reading="headline").read)
    assert coverage.notice_months(never, "provider") is None
    assert coverage.gate_months(position(plain()), "provider") == 0


def test_an_amendment_counts_once_it_is_signed_and_in_force() -> None:
    deal = amended(date(2026, 9, 1), date(2026, 10, 1), customer={"notice_days": 180})
    assert window(deal, "customer", date(2026, 8, 31)) == (3, 0)
    assert window(deal, "customer", date(2026, 9, 15)) == (3, 0)  # in force on the day
    assert window(deal, "customer", date(2026, 10, 1)) == (6, 0)


def test_a_right_that_an_amendment_gives_later_opens_then() -> None:
    deal = amended(date(2026, 9, 1), date(2027, 1, 3), provider={"notice_months": 2})
    assert window(deal, "provider", date(2026, 8, 1)) == (None, 0)
    assert window(deal, "provider", date(2026, 9, 3)) == (2, 4)
    assert window(deal, "provider", date(2027, 2, 3)) == (2, 0)
    # from the first day of service on there was none for eight months
    assert coverage.gate_months(position(deal, DAY), "provider", since=deal.start) == 8
    late = date(2027, 2, 3)
    assert coverage.gate_months(position(deal, late), "provider", since=deal.start) == 8


def test_a_right_taken_away_is_none() -> None:
    deal = amended(date(2026, 9, 1), date(2026, 9, 1), customer="none")
    assert window(deal, "customer", date(2026, 8, 1)) == (3, 0)
    assert window(deal, "customer", DAY) == (None, 0)


@pytest.mark.parametrize(("name", "months"), [("R1", 0), ("R2", 3), ("R3", 6), ("R2e", 0)])
def test_a_gate_is_counted_from_any_day(name: str, months: int) -> None:
    deal = position(files.contract("anthropic-xai"), reading=name).read
    assert coverage.gate_months(position(deal, DAY), "customer", since=deal.start) == months
    assert coverage.gate_months(position(deal, DAY), "customer") == 0
