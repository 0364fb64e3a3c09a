"""What is due when: an agreement's terms as dated charges and service periods.

What happened is passed in as `Facts`; without them the contract is performed as promised:
delivered on time, available, the index flat, nothing used above the minimum.

A minimum adds to the fees the least that is spent in each period, less what has been. Spending
known from facts counts as it was, evenly between their days; what follows is assumed to run at what
the minimum still asks for, evenly over the days left of the period. A period that an end cuts short
asks for its part by days. Every fee and credit of the schedule counts as spending; towards the
minimum of a tranche only those of that tranche, and no fact. A shortfall that is credited is paid,
and what is then spent above a later minimum is paid from it, the oldest first.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import count, groupby, pairwise
from typing import Any, NamedTuple

import pandas as pd

from analysis.contract import dates
from analysis.contract.amendments import first_signed, in_force, stretches
from analysis.contract.charges import IDLE, Charge, Stretch, named_dates, periods
from analysis.contract.escalation import Version, rises, versions
from analysis.contract.facts import NOTHING, Facts, check_facts
from analysis.contract.fields import DAY, Bound, Range
from analysis.contract.prices import Minimum
from analysis.contract.terms import SITE, Agreement

PERIODS = {"month": 1, "quarter": 3, "year": dates.MONTHS_PER_YEAR, "term": 0}
"""Months of each kind of period; the shorter ones are filled up first."""
AHEAD, MISSING, SPENT = "minimum spending", "shortfall of the minimum", "spending"
CREDITED = "shortfall credited"
TOPPED_UP = (AHEAD, MISSING, SPENT, CREDITED)
"""The clauses of what a minimum adds to the fees."""
Pieces = Sequence[list[Charge]]
Known = tuple[date, float]
"""The first day after those that are counted, and what has been spent by then."""


@dataclass(frozen=True, eq=False)
class Schedule:
    """An agreement's charges, given what has happened: computed once, and cut for other days.

    ended: days on which capacities end before their terms say, by name. unordered: those from which
    nothing more of them is asked for, while a minimum of theirs stays. dropped: those from which
    the customer gives up what is not delivered, so that nothing is late any more. bound: the end of
    their ranges at which undisclosed discounts lie, or so far up them. level: the first day on
    which fees rise no more.
    """

    agreement: Agreement
    facts: Facts = NOTHING
    ended: Mapping[str, date] = field(default_factory=dict)
    unordered: Mapping[str, date] = field(default_factory=dict)
    dropped: Mapping[str, date] = field(default_factory=dict)
    bound: Bound = "use"
    level: date = date.max
    billed: dict[bool, tuple[Any, Any]] = field(default_factory=dict, init=False)
    """What `billing.Ledger` has worked out, in whole cents and not."""

    @cached_property
    def terms(self) -> Agreement:
        """The terms with every amendment in force."""
        return in_force(self.agreement)

    @cached_property
    def versions(self) -> tuple[Version, ...]:
        """The terms from the start of service on, and from each day an amendment holds from."""
        if self.facts:
            check_facts(self.agreement, self.facts)
        return versions(self.agreement)

    @cached_property
    def has_minimum(self) -> bool:
        """Whether a minimum asks for more than the fees of some days."""
        return any(version.terms.minimum for version in self.versions)

    def ending(self, days: Mapping[str, date]) -> "Schedule":
        """The same with some capacities ended on other days; `date.min`: never served."""
        return replace(self, ended={**self.ended, **days}) if days else self

    @cached_property
    def whole(self) -> list[Charge]:
        """Every charge to the stated end."""
        return self._topped_up(self._fees, self.terms.end)

    @cached_property
    def _fees(self) -> list[Charge]:
        """Every charge to the stated end without what minima add."""
        return self._charged(self.agreement.start, self.terms.end)

    @cached_property
    def as_signed(self) -> list["Schedule"]:
        """The same with none of the amendments, with the first, and so on to all of them."""
        numbers = range(len(self.agreement.amendment))
        fewer = (first_signed(self.agreement, number) for number in numbers)
        bare = Schedule(self.agreement, self.facts, bound=self.bound)
        return [*(replace(bare, agreement=agreement) for agreement in fewer), self]

    def charges(self, since: date | None = None, until: date | None = None) -> list[Charge]:
        """Every charge for service from `since` to `until`, in order of time.

        `until` is the first day not served (default: the stated end; a later day goes on at the
        last fee); `since` only leaves out what lies before it. Raises `ValueError` for a fact about
        a capacity or a period that the agreement does not have.
        """
        end, low = self.terms.end, since or self.agreement.start
        until = until or end
        if until == end:
            return between(self.whole, low, end)
        last = min(_billed(version.terms, min(until, end)) for version in self.versions)
        since = date.min if self.has_minimum else low
        fees = between(self._fees, since, last) + self._charged(max(since, last), until)
        return between(self._topped_up(fees, until), low, until)

    def _charged(self, since: date, end: date) -> list[Charge]:
        """Charges for service in `[since, end)` without what minima add."""
        turns = {end - DAY} if self.facts.spend else set()
        timeline = self._timeline if end <= self.terms.end else self._resolved(end)
        return [charge for part in timeline for charge in part.charges(since, end, turns)]

    @cached_property
    def _timeline(self) -> list[Stretch]:
        return self._resolved(self.terms.end)

    def _resolved(self, end: date) -> list[Stretch]:
        """What each version of the terms charges for days up to an end."""
        names = {part.name for version in self.versions for part in version.terms.parts}
        raised = {name: list(rises(self.versions, min(end, self.level), name)) for name in names}
        every, spend = spans(self.versions, end), self.facts.spend
        edges = {*self.ended.values(), *self.unordered.values()}
        edges |= {day for span in every for day in span[:2]}
        edges |= {day + DAY for day in spend} | {span.end - DAY for span in every if spend}
        known = self.facts, {**self.ended, **self.unordered}, self.dropped, self.bound
        return [
            Stretch(version, raised, named_dates(version.terms, end, self.facts) | edges, *known)
            for version in self.versions
        ]

    def _topped_up(self, fees: list[Charge], end: date) -> list[Charge]:
        """Charges from the start of service to an end, with what minima add to them."""
        if not self.has_minimum:
            return fees
        pieces = [list(group) for _, group in groupby(fees, key=lambda charge: charge[:2])]
        given_up = {of: day for of, day in self.dropped.items() if not self.facts.present(of, day)}
        every = spans(self.versions, end, given_up | dict(self.ended))
        begins = self.versions[0].start, 0.0
        spend = [begins, *((day + DAY, usd) for day, usd in sorted(self.facts.spend.items()))]
        for of in dict.fromkeys([*(s.by.tranche for s in every if s.by.tranche), None]):
            for period in PERIODS:
                own = [s for s in every if (s.by.tranche, s.by.period) == (of, period)]
                _fill(pieces, own, of, [begins] if of else spend)
        return [charge for piece in pieces for charge in piece]


def _fill(pieces: Pieces, own: "Sequence[Span]", of: str | None, known: Sequence[Known]) -> None:
    """Add what minima of one kind ask for, of all or of a tranche, given what is known spent."""
    carried, credits = 0.0, list[tuple[float, float]]()
    for n, span in enumerate(own):
        inside = [p for p in pieces if span.start <= p[0].start < span.end]
        sure = [piece for piece in inside if piece[0].end <= known[-1][0]]
        for (low, before), (high, after) in pairwise(known):
            part = [piece for piece in sure if low <= piece[0].start < high]
            usd = (after - before) * _days(part) / (high - low).days
            _add(part, usd - _usd(part), SPENT)
        missing, carried = span.usd + carried - _usd(inside, of), 0.0
        if rest := inside[len(sure) :]:
            _add(rest, missing, AHEAD, of)
        elif missing > 0:
            part_usd = span.by.carried(missing, span.usd)
            if span.by.shortfall == "carried over" and span is not own[-1]:
                carried = part_usd
            elif span.by.shortfall == "credited":
                credits.append((n + (span.by.credit_periods or math.inf), part_usd))
            _add(inside[-1:], missing - carried, MISSING, of)
        over = max(0.0, -missing)
        for k, (last, left) in enumerate(credits):
            used = min(left, over) if n <= last else 0.0
            credits[k], over = (last, left - used), over - used
            _add(inside[-1:], -used, CREDITED, of)
        if span.by.surplus == "carried over" and missing <= 0:
            carried = -span.by.carried(over, span.usd)


def _billed(terms: Agreement, day: date) -> date:
    """The start of the billing period that an end on a day cuts short: its charges are others."""
    since = day - DAY
    return next((p.billed_from for p in periods(terms, day, since=since) if p.end >= day), day)


def between(charges: Sequence[Charge], low: date, high: date) -> list[Charge]:
    """Charges for service in `[low, high)`; of one that runs across an end the days inside."""
    first = bisect_right(charges, low, key=lambda charge: charge.end)
    last = bisect_left(charges, high, key=lambda charge: charge.start)
    found = []
    for charge in charges[first:last]:
        if charge.start < low or charge.end > high:
            start, end = max(charge.start, low), min(charge.end, high)
            part = (end - start) / (charge.end - charge.start)
            share, usd, full_usd = (amount * part for amount in charge[2:5])
            charge = Charge(start, end, share, usd, full_usd, *charge[5:])
        found.append(charge)
    return found


def frame(found: Sequence[Charge]) -> pd.DataFrame:
    """Charges a row a service period: `start, end, days, share, fee_usd, due, clause`.

    Periods `[start, end)` tile the service and are cut at month ends, at every date that the terms
    name, and under 30/360 so that the days of each count alike; `share` is the part of a month
    served, `due` the day on which its fee is paid.
    """
    table = []
    for (start, end), group in groupby(found, key=lambda charge: charge[:2]):
        parts = list(group)
        clause = "; ".join(dict.fromkeys(part.clause for part in parts))
        fee_usd = sum((part.usd for part in parts), 0.0)
        days = (end - start).days
        table.append((start, end, days, parts[0].share, fee_usd, parts[0].due, clause))
    columns = ["start", "end", "days", "share", "fee_usd", "due", "clause"]
    rows = pd.DataFrame(table, columns=columns)
    return rows if table else rows.astype({"share": float, "fee_usd": float})


def undisclosed(agreement: Agreement) -> list[Range]:
    """Every undisclosed discount of the terms and of those that amendments lead to."""
    fees = (f for *_, one in stretches(agreement) for part in one.parts for f in part.fee)
    return list({fee.discount: None for fee in fees if isinstance(fee.discount, Range)})


class Span(NamedTuple):
    """One period of a minimum, `[start, end)`, and what is to be spent in it."""

    start: date
    end: date
    usd: float
    by: Minimum


def spans(
    found: Sequence[Version], end: date, ended: Mapping[str, date] | None = None
) -> list[Span]:
    """Every period up to an end, or that of its tranche, under the terms of its last day.

    One that has begun when minima are amended ends where the new ones begin, or without any on that
    day: it then asks for its part by days.
    """
    every = list[Span]()
    for day, _, terms, _ in found:
        ends = {t.name: min(end, t.end or end) for t in terms.tranche}
        ends |= {name: min(last, ends.get(name, end)) for name, last in (ended or {}).items()}
        new = [
            span
            for by in terms.minimum
            for span in _periods(by, terms, ends.get(by.tranche or "", end))
            if span.end > day
        ]
        left = [_left(span, day, new) for span in every]
        every = [span for span in left if span.start < span.end] + new
    return sorted(every, key=lambda span: span[:2])


def _left(span: Span, day: date, new: Sequence[Span]) -> Span:
    """What new minima leave of a period, from a day on: all of one that is over by then."""
    if span.end <= day:
        return span
    kind = span.by.tranche, span.by.period
    over = (s.start for s in new if (s.by.tranche, s.by.period) == kind and s.start < span.end)
    stop = min([span.end if new else day, *over]) if span.start < day else span.start
    usd = span.usd * (stop - span.start).days / (span.end - span.start).days
    return span._replace(end=stop, usd=usd)


def _periods(by: Minimum, terms: Agreement, end: date) -> Iterator[Span]:
    since = by.since or terms.begins.get(by.tranche, terms.start)
    last, months = by.end or end, PERIODS[by.period]
    for number in count():
        low = dates.add_months(since, number * months)
        if low >= min(last, end) or (number and not months):
            return
        high = (
            dates.add_months(since, (number + 1) * months)
            if months
            else by.end or terms.ends.get(by.tranche, terms.end)
        )
        cut = min(high if months else last, last, end)
        yield Span(low, cut, by.usd * (cut - low).days / (high - low).days, by)


def _days(pieces: Pieces) -> int:
    return sum((piece[0].end - piece[0].start).days for piece in pieces)


def _usd(pieces: Pieces, of: str | None = None) -> float:
    return sum(c.usd for piece in pieces for c in piece if of in (None, c.capacity))


def _add(pieces: Pieces, usd: float, clause: str, of: str | None = None) -> None:
    """Spread an amount over the days of some pieces; what a period lacked is due when it ends."""
    whole = _days(pieces)
    for piece in pieces if usd > 0 or (usd and clause == CREDITED) else ():
        first = next((charge for charge in piece if charge.share), piece[0])  # no sum paid once
        part = usd * (first.end - first.start).days / whole
        due = max(first.due, first.end) if clause in (MISSING, CREDITED) else first.due
        piece[:] = [charge for charge in piece if charge.clause != IDLE]
        new = first._replace(usd=part, full_usd=part, clause=clause)
        piece.append(new._replace(due=due, capacity=of or SITE))
