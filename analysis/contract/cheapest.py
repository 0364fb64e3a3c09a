"""On which day does leaving cost the customer least: every day that can be it, and no other.

What is paid if service ends on a day e is a sum C(e) of fees for service before e, the termination
fee and what is forfeited of prepayments. Between two dates on which something changes (periods,
fee steps, amendments, the first invoice that a prepayment covers) C is a straight line of the
days, so that its least lies on the first or the last of them. Two things bend it: prorations that
count other days than the month has, at a month's end, so the days there are tried as well; and a
prepayment or a metered minimum that is used up in between, so such a stretch is halved until its
parts are straight.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import accumulate, groupby, pairwise

from analysis.contract import rights, schedule
from analysis.contract.billing import lost_usd
from analysis.contract.rights import Exit
from analysis.contract.schedule import Charge, Facts
from analysis.contract.terms import Agreement, in_force

Cost = Callable[[date], float]

CENTS = 2  # decimals of a dollar: ways to leave that differ by less cost the same
STRAIGHT_USD = 1e-4
BY_DAYS = ("calendar-days", "full-period")  # prorations that count the days there are
DAY = timedelta(days=1)
AT_MONTH_END = (-2 * DAY, -DAY, DAY)


def day_to_leave(
    agreement: Agreement, way: Exit, *, as_of: date, stay: Sequence[Charge], facts: Facts
) -> date:
    """The first day of the least total payment among the days of one way out.

    `stay` is every charge from `as_of` to the stated end.
    """
    versions = _versions(agreement)
    by_days = all(terms.proration in BY_DAYS for terms in versions)
    growing = min((charge.usd for charge in stay), default=0.0) >= 0
    starts = {charge.start for charge in stay}
    costly = rights.costs_to_leave(agreement, way.right)
    if growing and not costly:
        month = way.first.year, way.first.month
        if by_days or not any(d.day > 1 and (d.year, d.month) == month for d in starts):
            return way.first
    cost = _cost(agreement, way, as_of, stay, facts)
    paid = {ahead.paid for _, ahead in schedule.prepayments(versions[-1])}
    turns = {*starts, *_first_credits(versions), *paid}
    near = (-DAY,) if by_days else AT_MONTH_END
    turns |= {day + by for day in turns for by in near}
    last = min(way.before, stay[-1].end if stay else way.first) - DAY
    days = sorted({way.first, last, *(day for day in turns if way.first < day < last)})
    days = [day for day in days if day >= way.first]
    bends = (costly and rights.forfeits(agreement, way.right)) or "usage" in facts
    served = _Served(stay)

    def floor(day: date) -> float:
        return served.usd_before(day.replace(day=1)) if growing else -math.inf

    return _least(days, cost, floor, bends=bends)


def _versions(agreement: Agreement) -> list[Agreement]:
    """The terms between one amendment and the next."""
    turns = sorted({amendment.effective for amendment in agreement.amendment})
    return [in_force(agreement, day) for day in (date.min, *turns)]


def _first_credits(versions: Sequence[Agreement]) -> set[date]:
    """The first days on which an invoice in arrears falls due late enough to be credited."""
    return {
        ahead.credit_from - timedelta(days=terms.payment.days_to_pay)
        for terms in versions
        if terms.payment.timing == "arrears"
        for _, ahead in schedule.prepayments(versions[-1])
    }


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


def _cost(
    agreement: Agreement, way: Exit, as_of: date, stay: Sequence[Charge], facts: Facts
) -> Cost:
    """What is paid in all from `as_of` on, by the first day not served."""
    served, right = _Served(stay), way.right
    even = all(terms.proration in BY_DAYS for terms in _versions(agreement))
    forfeits = rights.forfeits(agreement, right)

    def service_usd(day: date) -> float:
        if even and "usage" not in facts:
            return served.usd_before(day)
        since = as_of if "usage" in facts else max(as_of, day.replace(day=1))
        part = schedule.charges(agreement, since=since, until=day, **facts)
        return served.usd_before(since) + math.fsum(charge.usd for charge in part)

    def cost(day: date) -> float:
        usd = service_usd(day)
        if right is not None:
            usd += right.fee_usd or 0.0
            usd += (right.fee_months or 0.0) * served.usd_month[served.at(day)]
            left_usd = served.before[-1] - served.usd_before(day)
            usd += (right.fee_share_of_remaining or 0.0) * left_usd
        return usd + (lost_usd(agreement, day, **facts) if forfeits else 0.0)

    return cost


def _least(days: Sequence[date], cost: Cost, floor: Cost, *, bends: bool) -> date:
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
