"""On which day does leaving cost the customer least: every day that can be it, and no other.

What is paid if service ends on a day e is a sum C(e) of fees for service before e, the termination
fee and what is forfeited of prepayments. Between two dates on which something changes C is a
straight line of the days, so that its least lies on the first or the last of them. Two things bend
it: prorations that count other days than the month has, so the days at a month's end are tried as
well; and a prepayment or metered minimum used up in between, so such a stretch is halved until its
parts are straight.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import accumulate, groupby, pairwise

from analysis.contract import rights
from analysis.contract.billing import forfeited_usd
from analysis.contract.charges import Charge
from analysis.contract.clauses import Termination
from analysis.contract.rights import Exit
from analysis.contract.schedule import Schedule
from analysis.contract.terms import stretches

Cost = Callable[[date], float]

CENTS = 2  # decimals of a dollar: ways to leave that differ by less cost the same
STRAIGHT_USD = 1e-4
BY_DAYS = ("calendar-days", "full-period")  # prorations that count the days there are
DAY = timedelta(days=1)
AT_MONTH_END = (-2 * DAY, -DAY, DAY)


def day_to_leave(course: Schedule, way: Exit, *, as_of: date, stay: Sequence[Charge]) -> date:
    """The first day of the least total payment among the days of one way out.

    `stay` is every charge from `as_of` to the stated end.
    """
    versions, right = [terms for _, _, terms in stretches(course.agreement)], way.right
    by_days = all(terms.proration in BY_DAYS for terms in versions)
    growing = not course.has_minimum and min((charge.usd for charge in stay), default=0.0) >= 0
    starts = {charge.start for charge in stay}
    costly = rights.costs_to_leave(course.terms, right)
    if growing and not costly:
        month = way.first.year, way.first.month
        if by_days or not any(d.day > 1 and (d.year, d.month) == month for d in starts):
            return way.first
    forfeits = rights.forfeits(course.terms, right)
    uneven = "usage" in course.facts or course.has_minimum
    served = _Served(stay)

    def cost(day: date) -> float:
        """What is paid in all from `as_of` on, by the first day not served."""
        if by_days and not uneven:
            usd = served.usd_before(day)
        else:
            since = as_of if uneven else max(as_of, day.replace(day=1))
            part = math.fsum(charge.usd for charge in course.charges(since, day))
            usd = served.usd_before(since) + part
        usd += served.fee_usd(right, day) if right else 0.0
        return usd + (forfeited_usd(course, day, whole=False) if forfeits else 0.0)

    def floor(day: date) -> float:
        return served.usd_before(day.replace(day=1)) if growing else -math.inf

    ahead = [paid for _, paid in versions[-1].prepayments]
    turns = starts | {paid.paid for paid in ahead} | (right.fee_steps if right else set())
    turns |= {  # the first days on which an invoice in arrears falls due late enough to be credited
        paid.credit_from - timedelta(days=terms.payment.days_to_pay)
        for terms in versions
        if terms.payment.timing == "arrears"
        for paid in ahead
    }
    turns |= {day + by for day in turns for by in ((-DAY,) if by_days else AT_MONTH_END)}
    last = min(way.before, stay[-1].end if stay else way.first) - DAY
    days = {way.first, last, *(day for day in turns if way.first < day < last)}
    return _least(sorted(day for day in days if day >= way.first), cost, floor, forfeits or uneven)


def tranche_day_to_leave(way: Exit, stay: Sequence[Charge]) -> date:
    """The same of a tranche alone: `stay` are its own charges to the end."""
    right, served = way.right, _Served(stay)
    assert right is not None
    turns = {charge.start for charge in stay} | right.fee_steps
    days = {way.first, *turns, *(day - DAY for day in turns)}
    last = max(min(way.before, stay[-1].end), way.first + DAY)
    return min(
        (day for day in days if way.first <= day < last),
        key=lambda day: (round(served.usd_before(day) + served.fee_usd(right, day), CENTS), day),
    )


class _Served:
    """What service costs to the stated end, added up by its pieces."""

    def __init__(self, stay: Sequence[Charge]) -> None:
        pieces = [list(group) for _, group in groupby(stay, key=lambda charge: charge.start)]
        self.starts = [piece[0].start for piece in pieces]
        self.ends = [piece[0].end for piece in pieces]
        self.usd = [math.fsum(charge.usd for charge in piece) for piece in pieces]
        self.before = list(accumulate(self.usd, initial=0.0))
        self.usd_month = [sum(c.usd / c.share for c in piece if c.share) for piece in pieces]

    def at(self, day: date) -> int:
        """The number of the piece that a day lies in; the first one before all of them."""
        return max(0, bisect_right(self.starts, day) - 1)

    def usd_before(self, day: date) -> float:
        """Cost of service before a day, each piece spread evenly over its days."""
        n = self.at(day)
        days = (min(day, self.ends[n]) - self.starts[n]).days
        return self.before[n] + self.usd[n] * max(0, days) / (self.ends[n] - self.starts[n]).days

    def fee_usd(self, right: Termination, day: date) -> float:
        """What leaving on a day costs beside service."""
        usd = right.known_fee_usd(day) + (right.fee_months or 0.0) * self.usd_month[self.at(day)]
        left_usd = self.before[-1] - self.usd_before(day)
        return usd + (right.fee_share_of_remaining or 0.0) * left_usd


def _least(days: Sequence[date], cost: Cost, floor: Cost, bends: bool) -> date:
    """The first day of least cost; days from which service alone costs more are passed over."""
    known = {days[0]: cost(days[0])}
    best = known[days[0]]
    for low, high in pairwise(days):
        if floor(high) > best:
            break
        known[high] = cost(high)
        if bends:
            _halve(low, high, cost, known)
        best = min(best, known[high])
    day = min(known, key=lambda day: (round(known[day], CENTS), day))
    while day > days[0] and round(cost(day - DAY), CENTS) <= round(known[day], CENTS):
        day -= DAY
        known[day] = cost(day)
    return day


def _halve(low: date, high: date, cost: Cost, known: dict[date, float]) -> None:
    """Add the days between two that the straight line from one to the other misses."""
    middle = low + (high - low) // 2
    if middle <= low:
        return
    known[middle] = cost(middle)
    line = known[low] + (known[high] - known[low]) * (middle - low).days / (high - low).days
    if abs(known[middle] - line) > STRAIGHT_USD:
        _halve(low, middle, cost, known)
        _halve(middle, high, cost, known)
