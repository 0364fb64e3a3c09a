"""Valued before service begins, and in the last days in which notice still could end it."""

from datetime import date

import pytest

from analysis.contract import files, readings, rights
from analysis.contract.commitment import deadlines
from analysis.contract.terms import Agreement
from analysis.models import accounting
from analysis.models.accounting import books
from analysis.models.comparables import book
from analysis.page.exports.calendar import calendar
from analysis.questions.commitment import words as promise
from analysis.questions.precedent import book_words as portfolio
from tests.agreements import plain

SEEN = date(2026, 11, 23)
RIGHT = {"notice_days": 90}
LATE = date(2029, 5, 28)


def unbegun() -> Agreement:
    return plain(
        signed=date(2026, 10, 1),
        start=date(2027, 6, 1),
        end=date(2030, 6, 1),
        termination={"customer": RIGHT, "provider": RIGHT},
    )


def test_nothing_is_committed_where_notice_ends_it_before_service_begins() -> None:
    for party in rights.PARTIES:
        said = promise.promised(unbegun(), reading="as-written", as_of=SEEN, party=party)
        window = promise.window(unbegun(), reading="as-written", as_of=SEEN, party=party)
        assert "nothing is committed yet" in str(said)
        assert "no notice window is open" in str(window)


def test_a_notice_that_ends_it_after_service_begins_commits_what_lies_between() -> None:
    said = promise.promised(
        unbegun(), reading="as-written", as_of=date(2027, 4, 1), party="customer"
    )
    assert "up to 30 June 2027" in str(said)


def test_no_deadline_ends_service_before_it_begins() -> None:
    found = deadlines(unbegun(), as_of=SEEN)
    notices = found[found.event.str.contains("notice")]
    assert notices.ends.min() == date(2027, 6, 1)
    monthly = found[found.event == "last day to serve notice"]
    assert monthly.ends.min() == date(2027, 7, 1)
    text = calendar(unbegun(), as_of=SEEN).decode().replace("\r\n ", "")
    assert "service does not begin" in text
    assert "service ends 2027-02" not in text


@pytest.mark.parametrize("party", rights.PARTIES)
def test_a_right_that_comes_too_late_is_no_missing_right(party: rights.Party) -> None:
    deal = files.contract("anthropic-xai")
    said = str(promise.promised(deal, reading="R2", as_of=LATE, party=party))
    assert "can no longer leave before the stated end" in said
    assert "4 days of service" in said
    assert rights.too_late(deal, party, as_of=LATE)
    assert not rights.too_late(deal, party, as_of=SEEN)


def test_the_books_tell_a_right_too_late_from_none() -> None:
    deal = files.contract("anthropic-xai")
    found = accounting.contract_term(deal, framework="IFRS 16", as_of=LATE)
    assert set(found.customer_penalty) == {"too late"}
    judged = books.Judged(rate=0.1)
    frames = books.opened(deal, day=LATE, judged=judged)
    assert set(frames.case[frames.party != "both"]) == {"too late", "no lease, or a short one"}
    never = accounting.contract_term(plain(), framework="IFRS 16")
    assert set(never.customer_penalty) == {"no right"}


def test_no_table_ends_a_promise_before_service_begins() -> None:
    seen = {"as_of": SEEN}
    found = readings.compare(unbegun(), **seen)
    assert found.end.tolist() == [date(2027, 6, 1)]
    assert book.positions([unbegun()], **seen).firm_end.tolist() == [date(2027, 6, 1)]
    said = portfolio.book(
        book.positions([unbegun()], **seen), company="P", owner="provider", as_of=SEEN
    )
    assert str(said).endswith("of which $0 (0 %) is firm yet.")
