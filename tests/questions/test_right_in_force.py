"""Whether a party has a right, and from when, is read from the terms in force on the day."""

from datetime import date
from typing import Any

import pytest
from agreements import plain
from played import play

from analysis.contract import readings, windows
from analysis.contract.terms import Agreement
from analysis.questions.accounting import panel as books
from analysis.questions.commitment import words as promise

SEEN = date(2026, 9, 1)
NOTICE = {"customer": {"notice_days": 30}}


def amended(new: Any, **signed: Any) -> Agreement:
    first = {"title": "t", "signed": date(2026, 3, 1), "effective": date(2026, 6, 1)}
    return plain(**signed, amendment=[first | {"terms": {"termination": new}}])


GIVEN = amended(NOTICE)
TAKEN = amended({"customer": "none"}, termination=NOTICE)
GATED = amended(
    {"customer": {"gate_date": date(2026, 11, 1)}},
    termination={"customer": {"notice_days": 30, "gate_date": date(2026, 10, 1)}},
)


def test_the_gate_is_that_of_the_right_in_force() -> None:
    def gate(deal: Agreement, day: date) -> list[date]:
        table = readings.marks(deal, as_of=day)
        return table.date[table.mark == "gate"].tolist()

    assert gate(GATED, SEEN) == [date(2026, 11, 1)]
    assert gate(GATED, date(2026, 2, 1)) == [date(2026, 10, 1)]
    assert gate(GIVEN, SEEN) == [date(2026, 6, 1)]
    assert gate(GIVEN, date(2026, 2, 1)) == gate(TAKEN, SEEN) == []


def test_an_amendment_that_is_not_signed_yet_gives_no_right() -> None:
    deal = amended(NOTICE, start=date(2026, 4, 1), signed=date(2026, 1, 1))
    assert windows.right(deal, "customer", as_of=date(2026, 2, 1)) is None


@pytest.mark.parametrize(
    ("deal", "words"), [(GIVEN, "gains nothing by leaving"), (TAKEN, "has no right to leave")]
)
def test_a_party_has_the_right_that_is_in_force_on_the_day(deal: Agreement, words: str) -> None:
    dear = {"customer": {"fee_usd": 9_000.0}}
    late = {"title": "t", "signed": SEEN, "effective": SEEN, "terms": {"termination": dear}}
    if deal is GIVEN:
        data = deal.model_dump(by_alias=True, exclude_unset=True)
        deal = Agreement.model_validate(data | {"amendment": (*data["amendment"], late)})
    said = promise.promised(deal, reading="as-written", as_of=SEEN, party="customer")
    assert words in str(said)


@pytest.mark.parametrize(("deal", "idle"), [(GIVEN, ""), (TAKEN, "the customer has no right")])
def test_the_books_ask_about_the_right_in_force(
    deal: Agreement, idle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books.common, "deal", lambda values: deal)
    values = play("07").names | {"as_of": SEEN.isoformat(), "seen_from": "as_of"}
    [asked] = [c for c in books.controls(values) if c.name == "customer_stays"]
    assert asked.idle.partition(" to leave")[0] == idle
