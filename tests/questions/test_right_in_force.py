"""Whether a party has a right, and from when, is read from the terms in force on the day."""

from datetime import date
from typing import Any

import pytest
from agreements import plain

from analysis.contract import position
from analysis.contract.terms import Agreement
from analysis.questions.accounting.answer import Answer as Books
from analysis.questions.commitment import tables
from analysis.questions.commitment.answer import Answer

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
        table = tables.marks(position(deal, day))
        return table.date[table.mark == "lock-in ends"].tolist()

    assert gate(GATED, SEEN) == [date(2026, 11, 1)]
    assert gate(GATED, date(2026, 2, 1)) == [date(2026, 10, 1)]
    assert gate(GIVEN, SEEN) == [date(2026, 6, 1)]
    assert gate(GIVEN, date(2026, 2, 1)) == gate(TAKEN, SEEN) == []


def test_an_amendment_that_is_not_signed_yet_gives_no_right() -> None:
    deal = amended(NOTICE, start=date(2026, 4, 1), signed=date(2026, 1, 1))
    assert position(deal, date(2026, 2, 1)).right("customer") is None


@pytest.mark.parametrize(
    ("deal", "words"),
    [(GIVEN, "gains nothing by terminating"), (TAKEN, "has no right to terminate")],
)
def test_a_party_has_the_right_that_is_in_force_on_the_day(deal: Agreement, words: str) -> None:
    dear = {"customer": {"fee_usd": 9_000.0}}
    late = {"title": "t", "signed": SEEN, "effective": SEEN, "terms": {"termination": dear}}
    if deal is GIVEN:
        data = deal.model_dump(by_alias=True, exclude_unset=True)
        deal = Agreement.model_validate(data | {"amendment": (*data["amendment"], late)})
    assert words in str(Answer(as_of=SEEN).of(deal).lead)


@pytest.mark.parametrize(("deal", "idle"), [(GIVEN, ""), (TAKEN, "the customer has no right")])
def test_the_books_ask_about_the_right_in_force(deal: Agreement, idle: str) -> None:
    asked = Books(as_of=SEEN).of(deal).idle["customer_stays"]
    assert asked.partition(" to leave")[0] == idle
