"""What the money hangs on: from all fees to what is committed, who backs it, its value at risk."""

import datetime
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import pandas as pd

from analysis.contract import amendments, commitment, dates, served
from analysis.contract.capacity import CapacityOption
from analysis.contract.charges import Charge
from analysis.contract.commitment import CENTS, Commitment
from analysis.contract.dates import DayCount, year_fraction
from analysis.contract.facts import latest
from analysis.contract.fields import PARTIES, Party, begun
from analysis.contract.prices import Support
from analysis.contract.schedule import Schedule
from analysis.contract.terms import Agreement

NOISE = 4  # decimals of a dollar: what is less is no amount
COLUMNS = ["step", "what", "usd", "by", "date"]
BESIDE, TOTAL, ABOVE = "option not exercised", "total contract value", "above the commitment"
UNDELIVERED, CANCELLABLE, EXIT = "not yet delivered", "cancellable", "exit fee"
FIRM, BACKED, UNCOVERED, RISKED = "committed", "supported", "uncovered", "risk-adjusted"
TAKEN = "taken as delivered"
DOWN = (TOTAL, ABOVE, UNDELIVERED, CANCELLABLE, EXIT)
"""The steps that add up to what is committed; options stand beside, support splits that."""


class Step(NamedTuple):
    """A row of the ladder; `by` is who decides or pays, `date` when."""

    step: str
    what: str
    usd: float
    by: str = ""
    date: datetime.date | None = None


class Risked(NamedTuple):
    """Years until an amount is due, its present value, and the expected credit loss on that."""

    years: float
    worth_usd: float
    loss_usd: float


@dataclass(frozen=True)
class CreditRisk:
    """The day and the rate at which amounts are valued, and the risk that the customer fails."""

    as_of: date
    rate: float
    default_probability: float
    loss_given_default: float
    day_count: DayCount = "actual/365"

    def __post_init__(self) -> None:
        if not self.rate > -1:
            raise ValueError(f"rate: {self.rate} is not allowed, it must be above -1")
        for name in ("default_probability", "loss_given_default"):
            if not 0 <= (value := getattr(self, name)) <= 1:
                raise ValueError(f"{name}: {value} is not allowed, it must be in 0 to 1")

    def of(self, charge: Charge) -> Risked:
        """The value of one charge, and the expected loss on it; see `Position.bridge`."""
        years = max(0.0, year_fraction(self.as_of, charge.due, self.day_count))
        worth = charge.usd * (1 + self.rate) ** -years
        fails = 1 - (1 - self.default_probability) ** years
        return Risked(years, worth, worth * self.loss_given_default * fails)


def steps(
    course: Schedule,
    as_of: date,
    party: Party,
    stated: Commitment,
    risk: CreditRisk | None = None,
) -> pd.DataFrame:
    """Every step, see `Position.ladder`; the last only with a risk."""
    all_fees = Step(TOTAL, "all fees to the stated end", stated.usd, date=stated.end)
    found = [*_options(course, as_of), all_fees]
    left, rest = course, list(stated.charges)
    for step in hanging(course, as_of):
        left = _dropped(left, as_of, step.what)
        kept = left.charges(as_of, stated.end)
        usd = math.fsum(charge.usd for charge in rest) - math.fsum(charge.usd for charge in kept)
        how = course.terms.open_amounts.get(step.what)
        what = f"{step.what}, {how}" if how else step.what
        found += [step._replace(usd=-usd, what=what)] * bool(round(usd, CENTS))
        rest = kept
    firm = commitment.committed(left, as_of, party)
    fees = [c for c in firm.charges if c.start == c.end and c.clause in commitment.TO_LEAVE]
    fee_usd = math.fsum(charge.usd for charge in fees)
    tail = math.fsum(charge.usd for charge in rest) - (firm.usd - fee_usd)
    if round(tail, CENTS):
        what = "after the earliest end" if firm.end < stated.end else "of what may be given up"
        found.append(Step(CANCELLABLE, f"fees {what}", -tail, party, firm.end))
    for clause in commitment.TO_LEAVE:
        if paid := [charge for charge in fees if charge.clause == clause]:
            usd = math.fsum(charge.usd for charge in paid)
            found.append(Step(EXIT, clause, usd, party, paid[-1].due))
    found.append(Step(FIRM, "whatever the other side does", firm.usd, "customer", firm.end))
    served = [charge for charge in firm.charges if charge.start < charge.end]
    for name, late in course.terms.deliveries.items():
        usd = math.fsum(charge.usd for charge in served if charge.capacity == name)
        if late.due <= as_of and not course.facts.delivered.get(name) and round(usd, CENTS):
            found.append(Step(TAKEN, f"{name}, due with no fact", usd, "provider", late.due))
    owed = _set_off([(charge, charge.usd) for charge in firm.charges])
    backed = backing(course.terms.support, as_of, owed)
    for support, usd in zip(course.terms.support, backed, strict=True):
        until = support.until or course.terms.end
        found.append(Step(BACKED, f"{support.kind}, {support.trigger}", usd, support.who, until))
    if backed:
        alone = round(firm.usd - sum(backed), NOISE)
        found.append(Step(UNCOVERED, "by the customer alone", alone, "customer"))
    if risk:
        present, lost = worth(firm.charges, course.terms.support, risk)
        found.append(Step(RISKED, "after time value and expected credit loss", present - lost))
    return pd.DataFrame(found, columns=COLUMNS)


def hanging(course: Schedule, as_of: date) -> Iterator[Step]:
    """The capacities that are not promised in full, and those not yet delivered, without usd."""
    above = course.terms.open_amounts
    for name in above:
        yield Step(ABOVE, name, 0.0, "customer")
    for part in course.terms.parts:
        known = course.facts.delivered.get(part.name, {})
        late = part.delivery and part.delivery.due > as_of and latest(known, as_of, 0.0) < 1
        if part.delivery and late and part.name not in above:
            yield Step(UNDELIVERED, part.name, 0.0, "provider", part.delivery.due)


def bridge(
    stated: Commitment,
    firm: Commitment,
    supports: Sequence[Support],
    risk: CreditRisk,
) -> pd.DataFrame:
    """From all fees to the risk-adjusted firm value, see `Position.bridge`."""
    full = math.fsum(charge.full_usd for charge in stated.charges)
    present, lost = worth(firm.charges, supports, risk)
    steps = {
        "all fees at the full rate": full,
        "discounts": stated.usd - full,
        "cancellable tail": firm.usd - stated.usd,
        "time value": present - firm.usd,
        "expected credit loss": -lost,
    }
    table = pd.DataFrame({"step": list(steps), "usd": list(steps.values())})
    return table.assign(running_usd=table.usd.cumsum())


def _dropped(course: Schedule, as_of: date, name: str) -> Schedule:
    """The schedule without a capacity not promised; of one delivered in part, no more than that."""
    delivered = course.facts.delivered
    share = latest(delivered.get(name, {}), as_of, 0.0)
    if name in course.terms.open_amounts:
        return replace(course, unordered={**course.unordered, name: as_of})
    if not share:
        return course.ending({name: as_of})
    shares = {day: min(part, share) for day, part in delivered[name].items()}
    return replace(course, facts=course.facts.with_delivered({name: shares}), dropped={})


def worth(
    charges: Sequence[Charge], supports: Sequence[Support], risk: CreditRisk
) -> tuple[float, float]:
    """The present value of charges, and the expected credit loss that supporters leave.

    The customer may fail on each day that something is due; then all that is left is owed.
    """
    found = [(charge, risk.of(charge)) for charge in charges]
    present, lost = sum(one.worth_usd for _, one in found), sum(one.loss_usd for _, one in found)
    if not supports or not risk.default_probability:
        return present, lost
    found.sort(key=lambda pair: pair[0].due)
    owed = _set_off([(charge, one.worth_usd) for charge, one in found])
    survived, covered = 1.0, 0.0
    for n, (charge, one) in enumerate(found):
        alive = (1 - risk.default_probability) ** one.years
        if survived > alive and charge.usd:
            day, factor = max(risk.as_of, charge.due), one.worth_usd / charge.usd
            covered += (survived - alive) * sum(backing(supports, day, owed[n:], factor))
            survived = alive
    return present, lost - risk.loss_given_default * covered


def backing(
    supports: Sequence[Support],
    day: date,
    owed: Sequence[tuple[Charge, float]],
    factor: float = 1.0,
) -> list[float]:
    """What each supporter pays of amounts owed if the customer fails on a day, in their order.

    One of a tranche pays first, a later one of what is left. `factor`: the value of a dollar then.
    """
    left, found = [usd for _, usd in owed], dict[int, float]()
    for number, support in sorted(enumerate(supports), key=lambda each: not each[1].tranche):
        most = math.inf if support.cap_usd is None else support.cap_usd
        if support.steps:
            most = step.usd if (step := begun(support.steps, day)) else 0.0
        if support.until and day >= support.until:
            most = 0.0
        paid = 0.0
        for n, (charge, usd) in enumerate(owed):
            if support.tranche in (None, charge.capacity):
                part = usd if support.share is None else usd * support.share
                part = max(0.0, min(part, left[n], most * factor - paid))
                left[n] -= part
                paid += part
        found[number] = paid
    return [found[number] for number in sorted(found)]


def _set_off(owed: Sequence[tuple[Charge, float]]) -> list[tuple[Charge, float]]:
    """Amounts owed less credits: of the same capacity first, the nearest before and then after."""
    left = [usd for _, usd in owed]
    for same in (True, False):
        for n in [n for n, usd in enumerate(left) if usd < 0]:
            for m in [*range(n - 1, -1, -1), *range(n + 1, len(left))]:
                if left[m] > 0 and (not same or owed[m][0].capacity == owed[n][0].capacity):
                    part = min(left[m], -left[n])
                    left[m], left[n] = left[m] - part, left[n] + part
    return [(charge, usd) for (charge, _), usd in zip(owed, left, strict=True)]


def _options(course: Schedule, as_of: date) -> Iterator[Step]:
    """What may still come: options on more capacity, and to extend."""
    for option in course.terms.capacity_option:
        if option.last_day is None or option.last_day >= as_of:
            usd = _option_usd(course.agreement, option, as_of)
            yield Step(BESIDE, in_words(option), usd, option.party, option.last_day)
    for party in PARTIES:
        longer_terms = amendments.extended_by(course.agreement, party, as_of=as_of)
        extended = replace(course, agreement=longer_terms, ended={}, dropped={})
        for longer in amendments.usable(course.agreement, party, as_of=as_of):
            of, months = longer.by.tranche, longer.by.months
            charges = extended.charges(longer.start, longer.end)
            usd = math.fsum(c.usd for c in charges if of in (None, c.capacity))
            usd = math.nan if longer.by.price == "market" else usd
            what = f"{months} months more" + (f" of {of}" if of else "")
            yield Step(BESIDE, what, usd, party, longer.last_day)


def _option_usd(agreement: Agreement, option: CapacityOption, as_of: date) -> float:
    """The fees of more capacity to its end, at the price stated or of this agreement, else nan."""
    end = Schedule(agreement).terms.end
    first = option.last_day or max(as_of, agreement.start)
    months = option.months or dates.calendar_months(min(first, end), end)
    if option.usd_month is not None:
        return served.as_range(option.usd_month).use * months
    if option.price != "same":
        return math.nan
    more, whole = option.capacity, served.paid_for(agreement, first).capacity
    if more.mw is not None and whole.mw is not None:
        sizes = [served.as_range(each.mw or 0.0).use for each in (more, whole)]
    else:
        counts = [each.accelerators.values() for each in (more, whole)]
        sizes = [sum(served.as_range(count).use for count in each) for each in counts]
    ratio = sizes[0] / sizes[1] if all(sizes) else math.nan
    usd = 0.0
    for month in range(math.ceil(months)):
        fee = served.full_fee(agreement, dates.add_months(first, month)).usd_month
        usd += fee * min(1.0, months - month)
    return usd * ratio


def in_words(option: CapacityOption) -> str:
    """A right to more capacity as a row names it."""
    mw = option.capacity.mw
    size = f"{served.as_range(mw).use:,g} MW more" if mw is not None else option.capacity.name
    return f"{option.kind} on {size}"
