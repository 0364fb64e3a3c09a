"""What is committed: the fees that stay owed whatever the other side does, and until when.

Remaining contract value ("headline") is every fee to the stated end, as if nobody leaves. The firm
value counts fees up to the earliest day on which a party may be gone: the customer's right to leave
limits the provider's firm revenue, the provider's right the customer's firm supply.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import pandas as pd

from analysis.contract import rights, schedule
from analysis.contract.billing import forfeited_usd
from analysis.contract.charges import Charge
from analysis.contract.cheapest import CENTS, day_to_leave, tranche_day_to_leave
from analysis.contract.clauses import Termination
from analysis.contract.dates import DayCount, year_fraction
from analysis.contract.fields import Party
from analysis.contract.rights import PARTIES, exit_fee_usd
from analysis.contract.schedule import Schedule

FEE, FORFEITED = "termination fee", "prepayment forfeited"
TO_LEAVE = (FEE, FORFEITED)
"""The clauses of what is paid for leaving."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """What is owed for service from a valuation date to `end`, the first day not served.

    `rows` add up to `usd`, undiscounted. `exit_fee_usd` is what the party that leaves on `end`
    pays the other side: by the customer it is the last of the rows; by the provider it is no
    price of service and stands apart.
    """

    usd: float
    end: date
    charges: tuple[Charge, ...] = field(repr=False)
    exit_fee_usd: float = 0.0

    @property
    def rows(self) -> pd.DataFrame:
        """The charges as `schedule.frame` shows them."""
        return schedule.frame(self.charges)


def total(charges: Sequence[Charge], end: date, exit_fee_usd: float = 0.0) -> Commitment:
    """Charges for service to a day, added up."""
    usd = math.fsum(charge.usd for charge in charges)
    return Commitment(usd=usd, end=end, charges=tuple(charges), exit_fee_usd=exit_fee_usd)


def committed(course: Schedule, as_of: date, party: Party) -> Commitment:
    """Fees from `as_of` that stay owed although `party` may leave; see `Position.firm`."""
    if party not in PARTIES:
        raise ValueError(f"party: {party!r} is not allowed; allowed: {', '.join(PARTIES)}")
    if party == "customer":
        course = rights.kept_share(course, as_of)
    course = course.ending(dict.fromkeys(course.terms.open_amounts, date.min))
    course, fees = _without_tranches(course, as_of, party)
    end, stay = course.terms.end, course.charges(as_of)

    def leaving(leave: date, right: Termination | None) -> Commitment:
        """What is paid if service ends on a day under a right."""
        early = {day: usd for day, usd in fees.items() if day < leave}
        fee_usd = exit_fee_usd(course, right, leave)
        rows = []
        if party == "customer":
            lost_usd = forfeited_usd(course, leave) if rights.forfeits(course.terms, right) else 0.0
            paid = [*((day, FEE, usd) for day, usd in early.items()), (leave, FEE, fee_usd)]
            rows = [
                Charge(day, day, 0.0, usd, usd, day, clause)
                for day, clause, usd in [*paid, (leave, FORFEITED, lost_usd)]
                if usd
            ]
        served = stay if leave == end else course.charges(as_of, leave)
        charges = sorted([*served, *rows], key=lambda charge: charge[:2])
        return total(charges, max(leave, course.agreement.start), fee_usd + sum(early.values()))

    ways = [leaving(end, None)]
    for way in rights.exits(course, as_of, party):
        if way.first < end:
            leave = way.first
            if party == "customer":
                leave = day_to_leave(course, way, as_of=as_of, stay=stay)
            ways.append(leaving(leave, way.right))
    if party == "provider":
        return min(ways, key=lambda way: way.end)
    return min(ways, key=lambda way: (round(way.usd, CENTS), way.end))


def _without_tranches(
    course: Schedule, as_of: date, party: Party
) -> tuple[Schedule, dict[date, float]]:
    """The schedule without tranches that a party ends alone for less, and what that costs, by day.

    The customer ends one on the day of its least total payment, the provider on the first day.
    """
    ended, fees = dict[str, date](), dict[date, float]()
    for name, ways in rights.tranche_exits(course, as_of, party).items():
        stay = [charge for charge in course.charges(as_of) if charge.capacity == name]
        found = list[tuple[float, date, float]]()
        for way in ways if stay else ():
            day = tranche_day_to_leave(way, stay) if party == "customer" else way.first
            fee = exit_fee_usd(course, way.right, day, name)
            owed = math.fsum(c.usd for c in course.charges(as_of, day) if c.capacity == name)
            if day < stay[-1].end:
                found.append((owed + fee if party == "customer" else 0.0, day, fee))
        whole_usd = math.fsum(charge.usd for charge in stay)
        if found and (min(found)[0] < whole_usd or party == "provider"):
            _, day, fee = min(found)
            ended[name] = day
            fees[day] = fees.get(day, 0.0) + fee
    return course.ending(ended), fees


class Risked(NamedTuple):
    """Years until an amount is due, its present value, and the expected credit loss on that."""

    years: float
    worth_usd: float
    loss_usd: float


def risked(
    charge: Charge,
    as_of: date,
    rate: float,
    default_probability: float,
    loss_given_default: float,
    day_count: DayCount = "actual/365",
) -> Risked:
    """The value of one charge on `as_of`, and the expected loss on it; see `Position.bridge`."""
    years = max(0.0, year_fraction(as_of, charge.due, day_count))
    worth = charge.usd * (1 + rate) ** -years
    return Risked(
        years, worth, worth * loss_given_default * (1 - (1 - default_probability) ** years)
    )
