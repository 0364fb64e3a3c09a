"""Valued before service begins, and in the last days in which notice still could end it."""

from datetime import date

import pytest
from played import play

from analysis.contract import files, readings, rights
from analysis.contract.commitment import deadlines, firm
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
        assert "before service begins on 1 June 2027" in str(said)
        assert "before 1 June 2027, so no notice window is open" in str(window)
        assert "2027" not in f"{said} {window}".replace("1 June 2027", "")


def test_a_notice_that_ends_it_after_service_begins_commits_what_lies_between() -> None:
    said = promise.promised(
        unbegun(), reading="as-written", as_of=date(2027, 4, 1), party="customer"
    )
    assert "up to 30 June 2027" in str(said)


def test_no_deadline_ends_service_before_it_begins() -> None:
    found = deadlines(unbegun(), as_of=SEEN)
    notices = found[found.event.str.contains("notice")]
    assert notices.ends[notices.date >= date(2027, 6, 1)].min() > date(2027, 6, 1)
    early = notices[notices.date < date(2027, 6, 1)]
    assert list(early.ends) == [date(2027, 2, 21), date(2027, 6, 1)]
    monthly = found[found.event == "last day to serve notice"]
    assert monthly.ends.min() == date(2027, 9, 1)
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


@pytest.mark.parametrize("party", rights.PARTIES)
def test_what_notice_ends_before_service_is_committed_to_the_start_at_no_price(
    party: rights.Party,
) -> None:
    found = firm(unbegun(), as_of=SEEN, party=party)
    assert (found.end, found.usd, found.rows.empty) == (date(2027, 6, 1), 0, True)
    term = accounting.contract_term(unbegun(), framework="ASC 606", as_of=SEEN)
    assert term.term_end.min() >= date(2027, 6, 1)


def test_a_fee_to_leave_before_service_is_named_or_keeps_the_customer() -> None:
    def said(fee_usd: float) -> str:
        right = {"customer": RIGHT | {"fee_usd": fee_usd}}
        deal = plain(start=date(2027, 6, 1), end=date(2030, 6, 1), termination=right)
        return str(promise.promised(deal, reading="as-written", as_of=SEEN, party="customer"))

    assert "only $300.00 to leave is committed on 23 November 2026" in said(300.0)
    assert "gains nothing by leaving: all $3,600 left" in said(9_000.0)


def test_no_table_ends_a_promise_before_service_begins() -> None:
    seen = {"as_of": SEEN}
    found = readings.compare(unbegun(), **seen)
    assert found.end.tolist() == [date(2027, 6, 1)]
    assert book.positions([unbegun()], **seen).firm_end.tolist() == [date(2027, 6, 1)]
    said = portfolio.book(
        book.positions([unbegun()], **seen), company="P", owner="provider", as_of=SEEN
    )
    assert str(said).endswith("of which $0 (0 %) is firm yet.")


def test_the_days_left_are_named_where_they_are_too_few_to_plan_with() -> None:
    for page in ("05", "06"):
        [said] = [text for text in play(page, as_of="2029-05-28").said if "cannot" in text]
        assert "4 days of service left" in said


@pytest.mark.parametrize("day", ["2029-05-12", "2029-04-20", "2029-03-20"])
def test_a_recall_that_comes_too_late_is_offered_to_nobody(day: str) -> None:
    said = " ".join(play("05", as_of=day, blocks=3).said)
    left = (date(2029, 6, 1) - date.fromisoformat(day)).days
    late = "comes too late: its notice of 3 months brings nothing back before the stated end"
    assert f"{late}, {left} days" in said
    assert "on 3 months' notice" not in said


def test_in_the_last_window_the_exit_is_worth_nothing_beyond_the_days_left() -> None:
    said = " ".join(play("03", as_of="2029-05-28", draws=20, reading="R2").said)
    assert "Notice given on 28 May 2029 ends nothing before the stated end" in said
    assert "its last 4 days" in said
