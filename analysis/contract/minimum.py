"""What a minimum adds to the fees: the least that is spent in each period, less what has been.

Spending known from facts counts as it was, evenly between their days; what follows is assumed to
run at what the minimum still asks for, evenly over the days left of the period. A period that an
end cuts short asks for its part by days. Every fee and credit of the schedule counts as spending.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import count, groupby, pairwise
from typing import NamedTuple

from analysis.contract import dates
from analysis.contract.charges import IDLE, Charge
from analysis.contract.conditions import Minimum
from analysis.contract.escalation import Version
from analysis.contract.terms import Agreement

DAY = timedelta(days=1)
PERIODS = {"month": 1, "year": dates.MONTHS_PER_YEAR, "term": 0}
"""Months of each kind of period; the shorter ones are filled up first."""
AHEAD, MISSING, SPENT = "minimum spending", "shortfall of the minimum", "spending"
TOPPED_UP = (AHEAD, MISSING, SPENT)
"""The clauses of what a minimum adds to the fees."""
Pieces = Sequence[list[Charge]]


class Span(NamedTuple):
    """One period of a minimum, `[start, end)`, and what is to be spent in it."""

    start: date
    end: date
    usd: float
    by: Minimum


def spans(found: Sequence[Version], end: date) -> list[Span]:
    """Every period up to an end, under the terms in force on its last day.

    A period that has begun stays as it was where the new minima leave out its days.
    """
    held, every = list[Span](), list[Span]()
    for version in found:
        own = [span for by in version.terms.minimum for span in _periods(by, version.terms, end)]
        held = own + [span for span in held if own and _stays(span, version.start, own)]
        every += [span for span in held if version.start < span.end <= version.end]
    return sorted(every, key=lambda span: span[:2])


def _stays(begun: Span, day: date, own: Sequence[Span]) -> bool:
    """Whether a period that had begun by a day has none of the new ones over its days."""
    same = (span for span in own if span.by.period == begun.by.period)
    return begun.start < day and all(s.end <= begun.start or begun.end <= s.start for s in same)


def _periods(by: Minimum, terms: Agreement, end: date) -> Iterator[Span]:
    since, last, months = by.since or terms.start, by.end or end, PERIODS[by.period]
    for number in count():
        low = dates.add_months(since, number * months)
        if low >= min(last, end) or (number and not months):
            return
        high = dates.add_months(since, (number + 1) * months) if months else by.end or terms.end
        cut = min(high if months else last, last, end)
        yield Span(low, cut, by.usd * (cut - low).days / (high - low).days, by)


def cuts(found: Sequence[Version], end: date, spend: Mapping[date, float]) -> set[date]:
    """The days that divide what is spent: of periods, their last days, and those of facts."""
    every = spans(found, end)
    last = {span.end - DAY for span in every if spend}
    return last | {day for span in every for day in span[:2]} | {day + DAY for day in spend}


def topped_up(
    found: Sequence[Charge], versions: Sequence[Version], spend: Mapping[date, float], end: date
) -> list[Charge]:
    """All charges from the start of service on, with what minima add to them.

    spend: dollars spent in all from the start of service, by the last day that they count.
    """
    pieces = [list(group) for _, group in groupby(found, key=lambda charge: charge[:2])]
    known = [(versions[0].start, 0.0), *((day + DAY, usd) for day, usd in sorted(spend.items()))]
    every = spans(versions, end)
    for period in PERIODS:
        own, carried = [span for span in every if span.by.period == period], 0.0
        for span in own:
            inside = [p for p in pieces if span.start <= p[0].start < span.end]
            sure = [piece for piece in inside if piece[0].end <= known[-1][0]]
            for (low, before), (high, after) in pairwise(known):
                part = [piece for piece in sure if low <= piece[0].start < high]
                usd = (after - before) * _days(part) / (high - low).days
                _add(part, usd - _usd(part), SPENT)
            missing = span.usd + carried - _usd(inside)
            if rest := inside[len(sure) :]:
                _add(rest, missing, AHEAD)
                missing = min(missing, 0.0)
            elif missing > 0 and (span is own[-1] or span.by.shortfall == "paid"):
                _add(inside[-1:], missing, MISSING)
                missing = 0.0
            carried = missing if missing > 0 or span.by.surplus == "carried over" else 0.0
    return [charge for piece in pieces for charge in piece]


def _days(pieces: Pieces) -> int:
    return sum((piece[0].end - piece[0].start).days for piece in pieces)


def _usd(pieces: Pieces) -> float:
    return sum(charge.usd for piece in pieces for charge in piece)


def _add(pieces: Pieces, usd: float, clause: str) -> None:
    """Spread an amount over the days of some pieces; a shortfall is due when its period ends."""
    whole = _days(pieces)
    for piece in pieces if usd > 0 else ():
        first = piece[0]
        part = usd * (first.end - first.start).days / whole
        due = max(first.due, first.end) if clause == MISSING else first.due
        if first.clause == IDLE:
            piece.clear()
        new = first._replace(usd=part, full_usd=part, clause=clause)
        piece.append(new._replace(due=due, capacity="site"))
