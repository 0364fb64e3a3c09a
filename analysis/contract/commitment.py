"""What is committed: the fees that stay owed whatever the other side does, and until when.

Remaining contract value ("headline") is every fee to the stated end, as if nobody leaves. The firm
value counts fees up to the earliest day on which a party may be gone: the customer's right to leave
limits the provider's firm revenue, the provider's right the customer's firm supply.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.contract import dates, rights, schedule, served
from analysis.contract.billing import forfeited_usd
from analysis.contract.charges import Charge
from analysis.contract.cheapest import CENTS, day_to_leave, tranche_day_to_leave
from analysis.contract.clauses import Termination
from analysis.contract.dates import DayCount, year_fraction
from analysis.contract.fees import resolve
from analysis.contract.fields import Bound, Party
from analysis.contract.rights import PARTIES, exit_fee_usd
from analysis.contract.schedule import Schedule
from analysis.contract.terms import HEADLINE, Agreement, under

FEE, FORFEITED = "termination fee", "prepayment forfeited"
TO_LEAVE = (FEE, FORFEITED)
"""The clauses of what is paid for leaving."""
ROUNDED = 0.004  # a total in the press has two or three figures
BOUNDS: dict[str, Bound] = {"lowest": "low", "used": "use", "highest": "high"}


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


def effective_price(course: Schedule, rate: float) -> pd.DataFrame:
    """The price of all service, and with other consideration: `price, usd, usd_mw_month`.

    usd: fees, and shares, warrants and loans, discounted to the start. A share or warrant counts
    with its value on the day it is given; a loan with principal less repayment with interest, both
    discounted. What the provider gives lowers the price. usd_mw_month: the average fee a megawatt
    and month, moved in the same proportion; nan where the megawatts are unknown.
    """
    start, charges = course.agreement.start, course.whole

    def worth(paid: Iterable[tuple[date, float]]) -> float:
        return math.fsum(usd * (1 + rate) ** -year_fraction(start, day) for day, usd in paid)

    other = []
    for given in course.terms.consideration:
        usd = given.usd if given.given_by == "customer" else -given.usd
        if given.repaid:
            years = year_fraction(given.given, given.repaid)
            usd *= 1 - ((1 + given.rate) / (1 + rate)) ** years
        other.append((given.given, usd))
    fees = worth((charge.due, charge.usd) for charge in charges)
    mw_months, seen = 0.0, start
    for charge in charges:
        if charge.start >= seen and charge.share:
            mw = served.paid_for(course.agreement, charge.start).capacity.mw
            mw_months += charge.share * (math.nan if mw is None else served.as_range(mw).use)
            seen = charge.end
    average = math.fsum(c.usd for c in charges) / mw_months if mw_months else math.nan
    rows = [("fees", fees), ("with other consideration", fees + worth(other))]
    table = pd.DataFrame(rows[: 1 + bool(other)], columns=["price", "usd"])
    return table.assign(usd_mw_month=average * table.usd / fees if fees else math.nan)


def amendments(agreement: Agreement, *, party: Party = "customer") -> pd.DataFrame:
    """What each amendment changed, from its signature or an earlier effective day on.

    Columns `title, signed, effective, headline_change_usd, firm_change_usd`.
    """
    table, courses = [], Schedule(agreement).as_signed
    for new, before, after in zip(agreement.amendment, courses, courses[1:], strict=False):
        low = min(new.signed, new.effective)
        stated = [sum(charge.usd for charge in each.charges(low)) for each in (before, after)]
        firm = [
            committed(Schedule(rights.standing(each.agreement, new.signed)), new.signed, party).usd
            for each in (before, after)
        ]
        change = (stated[1] - stated[0], firm[1] - firm[0])
        table.append((new.title, new.signed, new.effective, *change))
    columns = ["title", "signed", "effective", "headline_change_usd", "firm_change_usd"]
    return pd.DataFrame(table, columns=columns)


def headline_arithmetic(agreement: Agreement) -> pd.DataFrame:
    """Why one agreement has several headlines: `method, months, usd, reported`.

    The last monthly fee times three counts of months, and the schedule with undisclosed discounts
    at the bounds of their ranges and in use. `reported` names who wrote a total by the method that
    comes nearest to it, of those that give it rounded; a total that none gives has its own row.
    """
    whole_term = under(agreement, HEADLINE)
    course = Schedule(whole_term)
    terms, table = course.terms, schedule.frame(course.whole)
    rate = table.fee_usd / table.share
    fee_usd_month = rate.iloc[-1]
    touched = len(list(dates.anchored(terms.start.replace(day=1), months=1, until=terms.end)))
    counts = {
        "months at the last fee only": table.share[np.isclose(rate, fee_usd_month)].sum(),
        "whole months from start to end": dates.whole_months(terms.start, terms.end),
        "calendar months touched": touched,
    }
    found = [(f"{name} × last fee", n, n * fee_usd_month) for name, n in counts.items()]
    for name, bound in BOUNDS.items():
        usd = schedule.frame(Schedule(resolve(whole_term, bound)).whole).fee_usd.sum()
        found.append((f"day by day, discount {name}", table.share.sum(), usd))
    by: dict[float, list[str]] = {}
    for total in agreement.reported:
        # this one, rounded, or any from an "over" up
        near = 1e-9 if total.at_least else ROUNDED
        fit = [
            usd
            for _, _, usd in found
            if math.isclose(usd, total.usd, rel_tol=near) or (total.at_least and usd > total.usd)
        ]
        method = min(fit, key=lambda usd: abs(usd - total.usd), default=math.nan)
        if math.isnan(method):
            found.append(("no count of months", method, total.usd))
        by.setdefault(total.usd if math.isnan(method) else method, []).append(total.by)
    rows = [(name, months, usd, "; ".join(by.pop(usd, []))) for name, months, usd in found]
    return pd.DataFrame(rows, columns=["method", "months", "usd", "reported"])
