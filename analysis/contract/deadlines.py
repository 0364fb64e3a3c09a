"""The dates that an agreement sets: steps, gates, last days to serve notice, options, end."""

import datetime
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

from analysis.contract import dates, escalation, rights, schedule
from analysis.contract.clauses import Termination, Terminations
from analysis.contract.terms import Agreement, in_force, known

MONTHS_AHEAD = 12
NO_SERVICE = "last day to serve notice before service begins"


class Event(NamedTuple):
    """A dated event; `party` is whom it concerns, `ends` the first day not served that it sets."""

    date: datetime.date
    event: str
    party: str
    ends: datetime.date | None = None


def deadlines(agreement: Agreement, *, as_of: date | None = None) -> pd.DataFrame:
    """Every date that matters, in order: `date, event, party, ends`.

    Steps of the terms; gates; where notice served on `as_of` (default: the start) leads; the last
    day to serve notice so that service has ended by each of the next twelve months' first days,
    and the last on which notice still ends service before the stated end; days to exercise
    extensions and to object to renewal. Notice is served under the right in force on its day.
    Before service begins these are: the last day on which a notice ends the agreement before it
    begins, and no monthly day. `ends` is the first day not served, or before service the day on
    which the notice ends the agreement.
    """
    as_of = as_of or agreement.start
    standing = rights.in_term(agreement, as_of)
    terms = rights.final_terms(standing)
    events = [*_steps(known(agreement, as_of), terms), *_options(standing, terms)]
    for low, high, held in _rights_by_day(standing):
        day = max(as_of, low)
        if held.customer == held.provider:
            by_party = {"either": held.customer}
        else:
            by_party = {"customer": held.customer, "provider": held.provider}
        for party, right in by_party.items():
            notices = _notices(terms, right, party, day) if right else []
            events += [event for event in notices if low <= event.date < high]
    events.sort(key=lambda event: (event.date, event.event, event.party))
    return pd.DataFrame(events, columns=list(Event._fields))


def _rights_by_day(agreement: Agreement) -> list[tuple[date, date, Terminations]]:
    """The rights to leave, each with the days `[low, high)` on which they are in force."""
    turns = sorted({date.min, *(amendment.effective for amendment in agreement.amendment)})
    held = [(day, in_force(agreement, day).termination) for day in turns]
    firsts = held[:1] + [new for old, new in pairwise(held) if new[1] != old[1]]
    ends = [*(day for day, _ in firsts[1:]), date.max]
    return [(low, high, each) for (low, each), high in zip(firsts, ends, strict=True)]


def _steps(agreement: Agreement, terms: Agreement) -> Iterator[Event]:
    yield Event(terms.signed, "signed", "both")
    yield Event(terms.start, "first day served", "both")
    for amendment in agreement.amendment:
        yield Event(amendment.signed, f"amendment signed: {amendment.title}", "both")
        yield Event(amendment.effective, f"amendment takes effect: {amendment.title}", "both")
    for capacity in schedule.streams(terms):
        for fee in capacity.fees[capacity.name == "site" :]:
            yield Event(fee.since, f"new fee for {capacity.name}", "both")
        if late := capacity.delivery:
            yield Event(late.due, f"delivery of {capacity.name} due", "provider")
            if late.remedy != "nothing":
                day = schedule.cure_end(late)
                yield Event(day, f"remedy if {capacity.name} is not delivered", "customer")
    for rise in escalation.rises(agreement, terms.end):
        if rise.day > terms.start:
            yield Event(rise.day, "fees rise", "both")
    for name, ahead in schedule.prepayments(terms):
        yield Event(
            ahead.paid, f"prepayment due for {name}" if name else "prepayment due", "customer"
        )
    if terms.deposit:
        yield Event(terms.deposit.paid, "deposit due", "customer")
    yield Event(terms.end, "first day not served", "both", terms.end)


def _options(agreement: Agreement, terms: Agreement) -> Iterator[Event]:
    for option in rights.options(agreement):
        rent = "" if option.usd_month is None else f" at ${option.usd_month:,.0f} a month"
        words = f"last day to exercise extension{rent}"
        yield Event(option.last_day, words, option.party, option.end)
    if terms.renewal:
        day = rights.last_objection(terms.end, terms.renewal)
        yield Event(day, "last day to object to renewal", "either", terms.end)


def _notices(terms: Agreement, right: Termination, party: str, as_of: date) -> Iterator[Event]:
    gate = schedule.gate_day(terms, right)
    serving = right.gate_applies == "serving"
    if gate:
        what = "first day to serve notice" if serving else "first day that notice may take effect"
        yield Event(gate, what, party)
    opens = max(terms.signed, gate) if gate and serving else terms.signed
    served = max(as_of, opens)
    earliest = max(rights.notice_ends(right, served), terms.signed if serving else gate or served)
    if earliest < terms.end:
        yield Event(served, "notice served as soon as allowed", party, earliest)
    before = rights.last_notice(right, terms.start)
    if opens <= before and max(before, as_of) < terms.start and earliest <= terms.start:
        yield Event(before, NO_SERVICE, party, terms.start)
    seen = max(as_of, terms.start)
    ahead = dates.anchored(
        dates.add_months(seen.replace(day=1), 1),
        months=1,
        until=min(terms.end, dates.add_months(seen, MONTHS_AHEAD + 1)),
    )
    for end in ahead:
        if end >= earliest and rights.last_notice(right, end) >= terms.start:
            yield Event(rights.last_notice(right, end), "last day to serve notice", party, end)
    last = rights.last_notice(right, terms.end - timedelta(days=1))
    end = max(rights.notice_ends(right, last), date.min if serving else gate or date.min)
    if last >= opens and end < terms.end:
        yield Event(last, "last day to serve notice before the stated end", party, end)
