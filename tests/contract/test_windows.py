"""Notice and gate in whole months, with what is signed by a day."""

from datetime import date

import pytest
from agreements import plain

from analysis.contract import files, windows
from analysis.contract.terms import Agreement, change, read_as

DAY = date(2026, 11, 23)


def amended(signed: date, effective: date, **termination: object) -> Agreement:
    """Service from 3 May 2026; customer 90 days, provider nothing; one amendment."""
    deal = change(
        read_as(files.contract("anthropic-xai"), "R1"),
        {"termination": {"provider": "none"}, "readings": "none"},
    )
    new = {
        "title": "another right",
        "signed": signed,
        "effective": effective,
        "terms": {"termination": termination},
    }
    return change(deal, {"amendment": [new]})


def window(agreement: Agreement, party: str, as_of: date) -> tuple[int | None, int]:
    found = windows.notice_months(agreement, party, as_of=as_of)  # type: ignore[arg-type]
    return found, windows.gate_months(agreement, party, as_of=as_of)  # type: ignore[arg-type]


def test_a_right_without_amendments_is_that_of_the_terms() -> None:
    deal = files.contract("anthropic-xai")
    gates = {
        name: windows.gate_months(read_as(deal, name), "provider") for name in ("R1", "R2", "R2e")
    }
    assert gates == {"R1": 0, "R2": 3, "R2e": 0}
    assert windows.notice_months(read_as(deal, "headline"), "provider") is None
    assert windows.gate_months(plain(), "provider") == 0


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
    assert windows.gate_months(deal, "provider", as_of=DAY, since=deal.start) == 8
    late = date(2027, 2, 3)
    assert windows.gate_months(deal, "provider", as_of=late, since=deal.start) == 8


def test_a_right_taken_away_is_none() -> None:
    deal = amended(date(2026, 9, 1), date(2026, 9, 1), customer="none")
    assert window(deal, "customer", date(2026, 8, 1)) == (3, 0)
    assert window(deal, "customer", DAY) == (None, 0)


@pytest.mark.parametrize(("name", "months"), [("R1", 0), ("R2", 3), ("R3", 6), ("R2e", 0)])
def test_a_gate_is_counted_from_any_day(name: str, months: int) -> None:
    deal = read_as(files.contract("anthropic-xai"), name)
    assert windows.gate_months(deal, "customer", as_of=DAY, since=deal.start) == months
    assert windows.gate_months(deal, "customer", as_of=DAY) == 0
