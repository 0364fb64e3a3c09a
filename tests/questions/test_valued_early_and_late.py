"""Valued before service begins, and in the last days in which notice still could end it."""

import re
from datetime import date

import pytest
from played import play

from analysis.contract import files, position, readings, rights
from analysis.contract.fields import PARTIES
from analysis.contract.terms import Agreement
from analysis.models.accounting import books, term
from analysis.models.comparables import book
from analysis.page.exports import calendar
from analysis.questions.commitment.answer import Answer
from analysis.questions.precedent.answer import Answer as Precedent
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
    for party in PARTIES:
        found = Answer(as_of=SEEN, party=party).of(unbegun())
        assert "Nothing is committed yet" in str(found.lead)
        assert "before service begins on 1 June 2027" in str(found.lead)
        said = f"{found.heading} {found.lead} {found.say('window')} {found.title('timeline')}"
        assert "2027" not in re.sub(
            "1 June 2027|by 3 March 2027", "", said
        )  # its start, the notice


def test_a_notice_that_ends_it_after_service_begins_commits_what_lies_between() -> None:
    assert "up to 30 June 2027" in str(Answer(as_of=date(2027, 4, 1)).of(unbegun()).lead)


def test_no_deadline_ends_service_before_it_begins() -> None:
    found = position(unbegun(), SEEN).deadlines
    notices = found[found.event.str.contains("notice")]
    assert notices.ends[notices.date >= date(2027, 6, 1)].min() > date(2027, 6, 1)
    early = notices[notices.date < date(2027, 6, 1)]
    assert list(early.ends) == [date(2027, 2, 21), date(2027, 6, 1)]
    monthly = found[found.event == "last day to serve notice"]
    assert monthly.ends.min() == date(2027, 9, 1)
    text = calendar(position(unbegun(), SEEN)).decode().replace("\r\n ", "")
    assert "service does not begin" in text
    assert "service ends 2027-02" not in text


@pytest.mark.parametrize("party", PARTIES)
def test_a_right_that_comes_too_late_is_no_missing_right(party: rights.Party) -> None:
    said = str(Answer(as_of=LATE, party=party).lead)
    assert "can no longer terminate before the stated end" in said
    assert "4 days of service" in said
    assert "can no longer" not in Answer(as_of=SEEN, party=party).right


def test_the_books_tell_a_right_too_late_from_none() -> None:
    deal = files.contract("anthropic-xai")
    late, judged = position(deal, as_of=LATE), term.Judged(rate=0.1)
    found = term.contract_term(late, framework="IFRS 16", judged=judged)
    assert set(found.customer_penalty) == {"too late"}
    cases = books.opened(late, judged=judged).case[1:]
    assert set(cases) == {"too late to terminate", "no lease, or a short one"}
    never = term.contract_term(position(plain()), framework="IFRS 16", judged=judged)
    assert set(never.customer_penalty) == {"no right"}


@pytest.mark.parametrize("party", PARTIES)
def test_what_notice_ends_before_service_is_committed_to_the_start_at_no_price(
    party: rights.Party,
) -> None:
    found = position(unbegun(), SEEN).firm(party)
    assert (found.end, found.usd, found.rows.empty) == (date(2027, 6, 1), 0, True)
    seen, judged = position(unbegun(), as_of=SEEN), term.Judged(rate=0.1)
    ends = term.contract_term(seen, framework="ASC 606", judged=judged).term_end
    assert ends.min() >= date(2027, 6, 1)


def test_a_fee_to_leave_before_service_is_named_or_keeps_the_customer() -> None:
    def said(fee_usd: float) -> str:
        right = {"customer": RIGHT | {"fee_usd": fee_usd}}
        deal = plain(start=date(2027, 6, 1), end=date(2030, 6, 1), termination=right)
        return str(Answer(as_of=SEEN).of(deal).lead)

    assert "Only $300 to terminate is committed on 23 November 2026" in said(300.0)
    assert "gains nothing by terminating: all $3,600 from" in said(9_000.0)


def test_nobody_could_terminate_where_only_amounts_are_open() -> None:
    more = {"name": "more", "start": date(2026, 1, 1), "fee": [{"usd_month": 50.0}]}
    deal = plain(tranche=[more | {"amounts": "up to"}])
    said = str(Answer(as_of=date(2026, 2, 1)).of(deal).say("interpreted"))
    assert said == "When service began, $1,200 was committed where a part was left open."


def test_a_tranche_that_may_end_alone_ends_no_other_service() -> None:
    more = {"name": "more", "start": date(2026, 1, 1), "fee": [{"usd_month": 50.0}]}
    more["termination"] = {"customer": {"notice_months": 3}}
    found = Answer(as_of=date(2026, 2, 1)).of(plain(tranche=[more]))
    title = "The customer would not end all service before 1 January 2027"
    assert str(found.say("timeline_title")) == title
    assert "no notice by the customer can end all service early" in str(found.say("window"))


def test_no_table_ends_a_promise_before_service_begins() -> None:
    found = readings.compare(position(unbegun(), SEEN))
    assert found.end.tolist() == [date(2027, 6, 1)]
    held = book.positions([position(unbegun(), as_of=SEEN)])
    assert held.firm_end.tolist() == [date(2027, 6, 1)]
    said = Precedent(as_of=SEEN).of(unbegun()).say("book")
    assert "$0 of that, 0 %, is committed revenue." in str(said)


def test_the_days_left_are_named_where_they_are_too_few_to_plan_with() -> None:
    for page in ("05", "06"):
        [said] = [text for text in play(page, as_of="2029-05-28").said if "cannot" in text]
        assert "4 days of service left" in said


@pytest.mark.parametrize("day", ["2029-05-12", "2029-04-20", "2029-03-20"])
def test_a_recall_that_comes_too_late_is_offered_to_nobody(day: str) -> None:
    said = " ".join(play("05", as_of=day, blocks=3).said)
    left = (date(2029, 6, 1) - date.fromisoformat(day)).days
    late = "notice of 3 months brings nothing back before the stated end"
    assert f"{late}, {left} days" in said
    assert "recall on notice of" not in said
    assert "On notice of" not in said


def test_in_the_last_window_the_exit_is_worth_nothing_beyond_the_days_left() -> None:
    said = " ".join(play("03", as_of="2029-05-28", draws=20, reading="R2").said)
    assert "No notice ends service before the stated end, 4 days ahead" in said
