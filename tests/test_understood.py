"""What `check` and `new` tell of a file; sums worked out by hand."""

from datetime import date
from typing import Any

import pytest
from agreements import plain

from analysis.contract.terms import Agreement
from analysis.page import sheet

FREE = {party: {"notice_days": 90} for party in ("customer", "provider")}


def amended(terms: dict[str, Any], effective: date = date(2026, 7, 1), **own: Any) -> Agreement:
    """Two years at 20,000 a month, amended in May of the first."""
    step = {"title": "t", "signed": date(2026, 5, 1), "effective": effective, "terms": terms}
    fee = [{"from": date(2026, 1, 1), "usd_month": 20_000.0}]
    return plain(end=date(2028, 1, 1), fee=fee, amendment=[step], **own)


def told(agreement: Agreement, head: str) -> str:
    return next(line for line in sheet.lines(agreement) if line.startswith(head))


def test_facts_over_a_year_old_are_named() -> None:
    fact = {"field": "fee", "kind": "reported", "source": "s", "locator": "l"}
    guess = fact | {"field": "end", "kind": "assumed", "date": date(2020, 1, 1)}
    deal = plain(evidence=[fact | {"date": date(2025, 6, 1)}, guess], known=date(2026, 6, 1))
    assert sheet.aged(deal) == ""
    later = deal.change({"known": date(2026, 6, 2)})
    assert sheet.aged(later).endswith("again: fee (2025-06-01)")
    assert "hint: facts over a year old by 2026-06-02" in "\n".join(sheet.lines(later))


def test_a_fee_is_told_as_solved_where_it_is() -> None:
    hall = {"name": "b", "start": date(2026, 7, 1), "total_usd": 600_000.0}
    both = plain(tranche=[hall])
    assert told(both, "first monthly") == "first monthly fee: $100, in January 2026"
    assert told(both, "last monthly").endswith(", in part solved from a total")
    alone = plain(fee="none", start=hall["start"], tranche=[hall])
    assert told(alone, "last monthly") == (
        "last monthly fee: $100,000, in December 2026, solved from the total"
    )


def test_facts_are_told_and_what_is_committed_after_them() -> None:
    spent = {"kind": "spend", "source": "s"}
    facts = [spent | {"date": date(2026, month, 1), "value": month * 10.0} for month in (3, 6)]
    lines = sheet.checked(plain(fee=(), minimum=[{"usd": 365.0}], fact=facts))
    assert "facts: 2 of spend, the last of 2026-06-01" in lines
    assert lines[-1] == "committed on 2026-06-01: $305.33, to 2026-12-31"


def test_what_each_further_reading_commits_is_told() -> None:
    locked = {"title": "two-month lock-in", "status": "press"}
    locked |= {"termination": {"customer": {"gate_months": 2}}}
    deal = plain(termination={"customer": {"notice_days": 31}}, readings={"locked": locked})
    first = "committed on 2026-01-01, the first day of service: $"
    assert sheet.checked(deal)[-2].startswith(f"{first}100, to 2026-01-31")
    last = f"reading locked (two-month lock-in): {first}300, to 2026-03-31"
    assert sheet.checked(deal)[-1] == last


def test_credits_are_told_beside_what_is_committed_after_them() -> None:
    late = {"due": date(2026, 1, 1), "late_credit_usd_day": 5.0}
    came = {"kind": "delivered", "date": date(2026, 1, 11), "value": 1.0, "source": "s"}
    partly = came | {"date": date(2026, 1, 1), "value": 0.0}
    (line,) = sheet.checked(plain(delivery=late, fact=[partly, came]))[-2:-1]
    assert ", after $1,825 of credits, to" in line


def test_a_rise_that_stays_where_the_start_moves_is_told() -> None:
    said = []
    for first in ({}, {"from": date(2027, 1, 1)}):
        hall = {"name": "b", "start": date(2026, 1, 1), "fee": [{"usd_month": 1e5}]}
        late = {"due": date(2026, 1, 1), "moves_start": True}
        deal = plain(tranche=[hall | {"delivery": late, "escalator": {"rate": 0.03, **first}}])
        said.append([hint for hint in sheet.hints(deal) if "moves the start" in hint])
    assert [len(each) for each in said] == [0, 1]
    assert said[1][0].startswith("b: escalator.from, 2027-01-01, stays")


def test_a_right_that_can_never_be_used_is_told() -> None:
    right = {"notice_months": 3, "gate_months": 6, "gate_applies": "effect"}
    days = (date(2026, 6, 30), date(2026, 7, 1))
    never, once = (plain(termination={"customer": right | {"until": day}}) for day in days)
    said = "a right to leave may set no day after 2026-06-30, but opens for 2026-07-01"
    assert [any(said in hint for hint in sheet.hints(deal)) for deal in (never, once)] == [
        True,
        False,
    ]


def test_a_minimum_that_asks_for_less_than_it_states_is_told() -> None:
    year = {"usd": 100.0, "end": date(2026, 7, 2)}
    deals = [plain(minimum=[year | {"period": period}]) for period in ("year", "term")]
    said = "by days from 2026-01-01 to 2026-07-01, $49.86; where all of it is due"
    assert [any(said in hint for hint in sheet.hints(deal)) for deal in deals] == [True, False]


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


def test_check_tells_what_is_uncertain_what_is_spent_and_what_is_committed() -> None:
    span = {"low": date(2026, 1, 1), "use": date(2026, 3, 1), "high": date(2026, 7, 1)}
    hall = {"name": "hall", "start": span, "term_months": 6, "fee": [{"usd_month": 100.0}]}
    lines = sheet.checked(plain(tranche=[hall | {"delivery": {"due": date(2026, 3, 1)}}]))
    assert "uncertain: hall: start, 2026-01-01 to 2026-07-01" in lines
    assert lines[-1] == (
        "committed on 2026-01-01, the first day of service: $1,800, $600 of it conditional on "
        "delivery, to 2026-12-31"
    )
    lines = sheet.checked(plain(fee=(), minimum=[{"usd": 500.0}]))
    assert "minimum: $500 by year, a shortfall is paid, a surplus kept" in lines
    assert not [line for line in lines if "monthly fee" in line]
    price = {"name": "GPUs", "unit": "GPU-hour", "quantity": 8.0, "usd_per_unit": 2.5}
    lines = sheet.checked(plain(fee=(), unit_price=[price], amounts="up to"))
    assert "price by unit: GPUs, 8 at $2.5 a GPU-hour, 100% paid whether used or not" in lines
    assert lines[-1].startswith("committed on 2026-01-01, the first day of service: $0, to")


def test_a_tranche_is_doubted_and_noted_as_the_site_is() -> None:
    span = {"low": 0.1, "use": 0.5, "high": 0.9}
    steps = [{"from": date(2026, 1, 1), "usd_month": 250e12, "discount": span}]
    deal = plain(tranche=[{"name": "hall", "fee": steps}], capacity={"mw": 250e6})
    assert "an undisclosed range" in told(deal, "total")
    hints = [line for line in sheet.lines(deal) if line.startswith("hint")]
    assert any("$250,000,000,000,000 a month is outside" in line for line in hints)
    assert told(deal, "capacity") == "capacity: 250,000,000 MW"


def test_a_fee_that_an_amendment_states_is_doubted() -> None:
    deal = amended({"fee": [{"from": date(2026, 7, 1), "usd_month": 5.0}]})
    assert any("$5 a month" in line for line in sheet.hints(deal))


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


def test_each_reported_total_stands_beside_that_of_the_schedule() -> None:
    others = [
        {"usd": 480_000.0, "by": "a release"},
        {"usd": 500_000.0, "by": "the press"},
        {"usd": 400_000.0, "at_least": True, "by": "a post"},
    ]
    lines = sheet.lines(amended({"termination": "none"}, reported=others))
    assert [line for line in lines if line.startswith("reported: ")] == [
        "reported: $480,000 (a release); schedule $480,000; difference none",
        "reported: $500,000 (the press); schedule $480,000; difference -$20,000",
        "reported: over $400,000 (a post); schedule $480,000; difference +$80,000",
    ]


def test_check_tells_what_was_amended_and_what_is_committed_after_it() -> None:
    said = sheet.checked(amended({"end": date(2027, 1, 1)}))
    assert "amendment: t, from 2026-07-01: end" in said
    assert said[-2:] == [
        "committed on 2026-01-01, the first day of service: $480,000, to 2027-12-31",
        "committed on 2026-05-01: $160,000, to 2026-12-31",
    ]


def test_check_counts_from_the_day_of_delivery_that_the_file_states() -> None:
    came = {"kind": "delivered", "date": date(2026, 3, 1), "value": 1.0, "source": "s"}
    due = {"due": date(2026, 1, 1), "moves_start": True}
    fee = [{"usd_month": 100.0}]
    said = "\n".join(sheet.checked(plain(fee=fee, delivery=due, fact=[came])))
    assert "2026-03-01 to 2026-12-31, the last day of service" in said
    assert "total to the stated end: $1,000" in said


def test_a_schedule_of_fees_that_begins_late_says_that_leaving_is_free_before() -> None:
    steps = [{"from": date(2026, 6, 1), "usd": 900.0}, {"from": date(2026, 9, 1), "usd": 300.0}]
    right = {"notice_days": 30, "fee_schedule": steps}
    deal = plain(termination={"customer": right})
    assert "a fee of $900 to $300 by date (nothing before 2026-06-01)" in told(deal, "customer")
    steps[0]["from"] = date(2026, 1, 1)
    assert "nothing" not in told(plain(termination={"customer": right}), "customer")


def test_a_tranche_that_may_end_alone_is_told_with_its_notice() -> None:
    fee = [{"from": date(2026, 1, 1), "usd_month": 50.0}]
    hall = {"name": "hall", "start": date(2026, 1, 1), "fee": fee}
    alone = hall | {"termination": {"customer": {"notice_days": 31, "fee_usd": 20.0}}}
    said = sheet.checked(plain(fee="none", tranche=[alone]))
    assert "tranche to end alone: hall: customer, on 31 days' notice" in said
    assert said[-1].endswith(": $70, $20 of it to leave, to 2026-01-31")
