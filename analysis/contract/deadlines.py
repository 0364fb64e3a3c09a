"""The dates that an agreement sets: steps, gates, last days to serve notice, options, end."""

import datetime
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

from analysis.contract import amendments, dates, escalation, rights, schedule
from analysis.contract.amendments import in_force, stretches
from analysis.contract.duration import Termination
from analysis.contract.facts import Facts, latest
from analysis.contract.fields import DAY, PARTIES
from analysis.contract.terms import SITE, Agreement

MONTHS_AHEAD = 12
NO_SERVICE = "last day to serve notice before service begins"
SOON = "earliest day to serve notice"


class Event(NamedTuple):
    """A dated event; `party` is whom it concerns, `ends` the first day not served that it sets."""

    date: datetime.date
    event: str
    party: str
    ends: datetime.date | None = None


def dated(signed: Agreement, standing: Agreement, as_of: date, facts: Facts) -> pd.DataFrame:
    """Every date that matters, in order: `date, event, party, ends`.

    Steps of the terms; gates; the earliest notice; the last one so that service has ended by each
    of the next twelve months' first days, before the stated end, or before it begins; the earliest
    end of a tranche alone; days to exercise extensions and to object to renewal. Notice is served
    under the right in force on its day. `ends` is the first day not served.
    """
    terms = in_force(standing)
    events = [*_steps(signed, terms, facts), *_options(standing, terms)]
    rights_of = [(low, each.termination) for low, _, each in stretches(standing)]
    turns = rights_of[:1] + [new for old, new in pairwise(rights_of) if new[1] != old[1]]
    ends = [*(low for low, _ in turns[1:]), date.max]
    for (low, held), high in zip(turns, ends, strict=True):
        same = held.customer if held.customer == held.provider else None
        for party, right in {"either": same}.items() if same else held.held.items():
            notices = _notices(terms, right, party, max(as_of, low))
            events += [event for event in notices if low <= event.date < high]
    course = schedule.Schedule(standing)
    for party in PARTIES:
        for name, ways in rights.tranche_exits(course, as_of, party).items():
            first = min(way.first for way in ways)
            events.append(Event(first, f"earliest end of {name} alone", party, first))
    events.sort(key=lambda event: (event.date, event.event, event.party))
    return pd.DataFrame(events, columns=list(Event._fields))


def _steps(agreement: Agreement, terms: Agreement, facts: Facts) -> Iterator[Event]:
    yield Event(terms.signed, "signed", "both")
    yield Event(terms.start, "first day served", "both")
    for amendment in agreement.amendment:
        yield Event(amendment.signed, f"amendment signed: {amendment.title}", "both")
        yield Event(amendment.effective, f"amendment takes effect: {amendment.title}", "both")
    for part in terms.parts:
        for fee in part.fee[part.name == SITE :]:
            yield Event(fee.since, f"new fee for {part.name}", "both")
        if late := part.delivery:
            yield Event(late.due, f"delivery of {part.name} due", "provider")
            came = latest(facts.delivered.get(part.name, {}), late.cure_end, 0.0)
            if late.remedy != "nothing" and came < 1:
                words = f"remedy if {part.name} is not delivered"
                yield Event(late.cure_end, words, "customer")
    names = [part.name for part in terms.parts] or [SITE]
    found = escalation.versions(agreement)
    rising = {r.day for name in names for r in escalation.rises(found, terms.end, name)}
    rising |= {d for p in terms.unit_price for d in escalation.resets(p.escalator, terms.end)}
    yield from (Event(day, "fees rise", "both") for day in rising if day > terms.start)
    for sum_ in terms.one_off:
        payer = "customer" if sum_.usd > 0 else "provider"
        yield Event(sum_.paid, f"{sum_.name}: ${abs(sum_.usd):,.0f} due", payer)
    for name, ahead in terms.prepayments:
        for day, _ in ahead.sums:
            due = f"prepayment due for {name}" if name else "prepayment due"
            yield Event(day, due, "customer")
    if held := terms.deposit:
        yield Event(held.paid, "deposit due", "customer")
        for step in held.steps:
            yield Event(step.since, f"deposit becomes ${step.usd:,.0f}", "customer")
    for span in schedule.spans(escalation.versions(agreement), terms.end):
        of = f" of {span.by.tranche}" if span.by.tranche else ""
        yield Event(span.end, f"minimum{of} of the {span.by.period} is counted", "customer")
    for support in terms.support:
        if support.until:
            yield Event(support.until, f"{support.kind} of {support.who} ends", "customer")
    yield Event(terms.end, "first day not served", "both", terms.end)


def _options(agreement: Agreement, terms: Agreement) -> Iterator[Event]:
    for option in amendments.options(agreement):
        rent = "" if option.usd_month is None else f" at ${option.usd_month:,.0f} a month"
        rent = " at the day's market price" if option.by.price == "market" else rent
        party, end = option.by.party, option.end
        what = "extension" + (f" of {option.by.tranche}" if option.by.tranche else "")
        if option.opens:
            yield Event(option.opens, f"first day to exercise {what}", party, end)
        yield Event(option.last_day, f"last day to exercise {what}{rent}", party, end)
    for more in terms.capacity_option:
        days = {"first": more.opens, "last": more.last_day}
        for which, day in days.items():
            if day:
                yield Event(day, f"{which} day to use {more.kind} on capacity", more.party)
    if terms.renewal:
        day = terms.renewal.last_day(terms.end)
        yield Event(day, "last day to object to renewal", "either", terms.end)
    if held := terms.holdover:
        most = f", {held.months} months at most" if held.months else ""
        words = f"holding over costs {held.share:.0%} of the last fee{most}"
        yield Event(terms.end, words, "customer")
        for step in held.steps:
            day = step.begins(terms.end)
            yield Event(day, f"holding over costs {step.share:.0%} of the last fee", "customer")


def _notices(terms: Agreement, right: Termination, party: str, as_of: date) -> Iterator[Event]:
    start, yearly = terms.start, right.takes_effect == "anniversary"
    end = min(terms.end, last + DAY) if (last := right.last(start)) else terms.end
    if gate := right.gate(start):
        serving = right.gate_applies == "serving"
        what = "first day to serve notice" if serving else "first day that notice may take effect"
        yield Event(gate, what, party)
    opens = max(terms.signed, right.opens(start))
    served, seen = max(as_of, opens), max(as_of, start)
    earliest = right.effective(start, right.earliest(start, served))
    if earliest < end:
        yield Event(served, SOON, party, earliest)
    before = right.last_notice(start)
    if opens <= before and max(before, as_of) < start and earliest <= start:
        yield Event(before, NO_SERVICE, party, start)
    until = min(end, dates.add_months(seen, MONTHS_AHEAD + 1))
    first, months = dates.add_months(seen.replace(day=1), 1), 1
    if yearly:
        first, months = start, dates.MONTHS_PER_YEAR
    for day in dates.anchored(first, months=months, until=until):
        if day >= max(earliest, seen) and right.last_notice(day) >= start:
            yield Event(right.last_notice(day), "last day to serve notice", party, day)
    years = dates.anchored(start, months=dates.MONTHS_PER_YEAR, until=end)
    last = right.last_notice(max(years)) if yearly else right.last_day(end)
    leave = right.effective(start, right.earliest(start, last))
    if last >= opens and leave < end:
        yield Event(last, "last day to serve notice before the stated end", party, leave)
