"""What is committed: the fees that stay owed whatever the other side does, and until when.

Remaining contract value ("headline") is every fee to the stated end, as if nobody leaves. The firm
value counts fees up to the earliest day on which a party may be gone: the customer's right to leave
limits the provider's firm revenue, the provider's right the customer's firm supply.

The customer leaves on the day that costs least. What is paid if service ends on a day e is a sum
C(e) of fees for service before e, the termination fee and what is forfeited of prepayments. Between
two dates on which something changes C is a straight line of the days, so that its least lies on the
first or the last of them. Two things bend it: prorations that count a part month by 30 or 365 ÷ 12
days and a whole one as 1, so the days at a month's end are tried as well; and a prepayment or
metered minimum used up in between, so such a stretch is halved until its parts are straight. A
tranche ended alone is weighed on its days of the charges to its own end, each evenly by days.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate, groupby, pairwise

import numpy as np
import pandas as pd

from analysis.contract import rights, schedule
from analysis.contract.amendments import stretches
from analysis.contract.billing import Ledger
from analysis.contract.charges import Charge
from analysis.contract.duration import Termination
from analysis.contract.fields import DAY, Party
from analysis.contract.rights import Exit
from analysis.contract.schedule import Schedule

FEE, FORFEITED = "termination fee", "prepayment forfeited"
TO_LEAVE = (FEE, FORFEITED)
"""The clauses of what is paid for leaving."""
CENTS = 2  # decimals of a dollar: ways to leave that differ by less cost the same
STRAIGHT_USD = 1e-4
BY_DAYS = ("calendar-days", "full-period", "30-360")  # parts of a month add up to it
AT_STEPS = (-2 * DAY, -DAY, 0 * DAY, DAY)
Cost = Callable[[date], float]
Alone = dict[str, tuple[date, float]]
"""The day on which a tranche is ended by itself, and what that costs, by its name."""


@dataclass(frozen=True)
class Commitment:
    """What is owed for service from a valuation date to `end`, the first day not served.

    `rows` add up to `usd`, undiscounted. `exit_fee_usd` is what the party that leaves on `end`
    pays the other side: by the customer it is the last of the rows; by the provider it is no
    price of service and stands apart.
    """

    charges: Sequence[Charge] = field(repr=False)
    end: date
    exit_fee_usd: float = 0.0

    @cached_property
    def usd(self) -> float:
        """The charges, added up."""
        return math.fsum(charge.usd for charge in self.charges)

    @property
    def rows(self) -> pd.DataFrame:
        """The charges as `schedule.frame` shows them."""
        return schedule.frame(self.charges)


def committed(course: Schedule, as_of: date, party: Party) -> Commitment:
    """Fees from `as_of` that stay owed although `party` may leave; see `Position.firm`."""
    if party == "customer":
        course = rights.kept_share(course, as_of)
    if course.terms.open_amounts:
        course = replace(course, unordered=dict.fromkeys(course.terms.open_amounts, as_of))
    alone = _alone(course, as_of, party)
    best = _ended(course, as_of, party, alone)
    for name in [*alone] if party == "customer" else ():  # or together with the rest
        fewer = {other: way for other, way in alone.items() if other != name}
        if _order(found := _ended(course, as_of, party, fewer)) < _order(best):
            best, alone = found, fewer
    return best


def _order(way: Commitment) -> tuple[float, date]:
    return round(way.usd, CENTS), way.end


def _ended(course: Schedule, as_of: date, party: Party, alone: Alone) -> Commitment:
    """What is owed at least, with some tranches ended alone before the rest."""
    course = course.ending({name: day for name, (day, _) in alone.items()})
    end, stay, ledger = course.terms.end, course.charges(as_of), Ledger(course)

    def leaving(leave: date, right: Termination | None) -> Commitment:
        """What is paid if service ends on a day under a right."""
        early = [(day, usd, FEE, name) for name, (day, usd) in alone.items() if day < leave]
        fee_usd = rights.exit_fee_usd(course, right, leave)
        rows = []
        if party == "customer":
            forfeits = rights.forfeits(course.terms, right)
            lost_usd = ledger.forfeited_usd(leave) if forfeits else 0.0
            paid = [*early, (leave, fee_usd, FEE, "site"), (leave, lost_usd, FORFEITED, "site")]
            rows = [Charge(day, day, 0.0, usd, usd, day, *of) for day, usd, *of in paid if usd]
        served = stay if leave == end else course.charges(as_of, leave)
        charges = sorted([*served, *rows], key=lambda charge: charge[:2])
        fee_usd += sum(usd for _, usd, *_ in early)
        return Commitment(charges, max(leave, course.agreement.start), fee_usd)

    ways = [leaving(end, None)]
    for way in rights.exits(course, as_of, party):
        if way.first < end:
            leave = way.first
            if party == "customer":
                leave = _day_to_leave(course, way, as_of=as_of, stay=stay)
            ways.append(leaving(leave, way.right))
    return min(ways, key=_order if party == "customer" else lambda way: way.end)


def _alone(course: Schedule, as_of: date, party: Party) -> Alone:
    """The tranches that a party ends alone: the customer for less than to go on, on the best day.

    The provider ends one on the first day.
    """
    found: Alone = {}
    for name, ways in rights.tranche_exits(course, as_of, party).items():
        if not (stay := [c for c in course.charges(as_of) if c.capacity == name]):
            continue
        before, end = _paid_before(stay), stay[-1].end
        each = list[tuple[float, date, float]]()
        for way in ways:
            turns = {way.first}
            if party == "customer":
                turns |= {charge.start for charge in stay} | way.fee_steps
            for day in {turn + by for turn in turns for by in (-DAY, 0 * DAY, DAY)}:
                if way.first <= day < min(way.before, end):
                    fee_usd = rights.exit_fee_usd(course, way.right, day, name)
                    usd = before(day) + fee_usd if party == "customer" else 0.0
                    each.append((round(usd, CENTS), day, fee_usd))
        if each and (party == "provider" or min(each)[0] < round(before(end), CENTS)):
            found[name] = min(each)[1:]
    return found


def _day_to_leave(course: Schedule, way: Exit, *, as_of: date, stay: Sequence[Charge]) -> date:
    """The first day of the least total payment among the days of one way out.

    `stay` is every charge from `as_of` to the stated end.
    """
    versions, right = [terms for _, _, terms in stretches(course.agreement)], way.right
    by_days = all(terms.proration in BY_DAYS for terms in versions)
    growing = not course.has_minimum and min(charge.usd for charge in stay) >= 0
    starts = {charge.start for charge in stay}
    forfeits = rights.forfeits(course.terms, right)
    if growing and not forfeits and not (right and right.costs):
        month = way.first.year, way.first.month
        if by_days or not any(d.day > 1 and (d.year, d.month) == month for d in starts):
            return way.first
    uneven = bool(course.facts.usage) or course.has_minimum
    before, ledger = _paid_before(stay), Ledger(course, whole=False)

    def cost(day: date) -> float:
        """What is paid in all from `as_of` on, by the first day not served."""
        usd = before(day)
        if uneven or not by_days:
            since = as_of if uneven else max(as_of, day.replace(day=1))
            part = math.fsum(charge.usd for charge in course.charges(since, day))
            usd = before(since) + part
        usd += rights.exit_fee_usd(course, right, day)
        return usd + (ledger.forfeited_usd(day) if forfeits else 0.0)

    def floor(day: date) -> float:
        return before(day.replace(day=1)) if growing else -math.inf

    ahead = [paid for _, paid in versions[-1].prepayments]
    turns = starts | {day for paid in ahead for day, _ in paid.sums} | way.fee_steps
    turns |= {  # the first days on which an invoice in arrears falls due late enough to be credited
        paid.credit_from - timedelta(days=terms.payment.days_to_pay)
        for terms in versions
        if terms.payment.timing == "arrears"
        for paid in ahead
    }
    turns |= {day + by for day in turns for by in AT_STEPS}
    last = min(way.before, stay[-1].end) - DAY
    days = {way.first, last, *(day for day in turns if way.first < day < last)}
    bends = forfeits or uneven or bool(right and right.fee_owed)
    return _least(sorted(day for day in days if day >= way.first), cost, floor, bends)


def _paid_before(stay: Sequence[Charge]) -> Cost:
    """What service costs before a day, each piece of it spread evenly over its days."""
    pieces = [list(group) for _, group in groupby(stay, key=lambda charge: charge[:2])]
    usd = accumulate((math.fsum(charge.usd for charge in piece) for piece in pieces), initial=0.0)
    edges = [day.toordinal() for piece in pieces for day in piece[0][:2]]
    known = [usd for before_after in pairwise(usd) for usd in before_after]
    return lambda day: float(np.interp(day.toordinal(), edges, known))


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
