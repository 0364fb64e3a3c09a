"""Who may leave when, and at what cost: notice, gates, remedies, renewals, exit fees."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from analysis.contract import dates
from analysis.contract.charges import usd_month
from analysis.contract.clauses import Termination
from analysis.contract.conditions import Amendment, Extension
from analysis.contract.dates import MONTHS_PER_YEAR
from analysis.contract.derived import merge
from analysis.contract.escalation import latest
from analysis.contract.facts import Delivered, Facts, check_facts
from analysis.contract.fields import DAY, LAST_DAY, Party
from analysis.contract.schedule import Schedule
from analysis.contract.terms import (
    RENEWAL,
    SITE,
    Agreement,
    fits,
    in_force,
    options_left,
    signed_by,
    stretches,
)

PARTIES: tuple[Party, Party] = ("customer", "provider")
Steps = list[tuple[date, float]]
Rises = list[tuple[date, float | None]]


class Exit(NamedTuple):
    """First days not served, from `first` up to `before`, on which one right ends service.

    `right` is the one in force on the day on which notice is served for them; None is the
    customer's remedy for a site delivered too late.
    """

    first: date
    before: date
    right: Termination | None

    @property
    def fee_steps(self) -> set[date]:
        """The days on which the fee to leave changes whatever the fees then are."""
        return self.right.fee_steps if self.right else set()


def exits(course: Schedule, as_of: date, party: Party) -> list[Exit]:
    """Every day on which `party` may be gone, seen from `as_of`, by the right that ends service.

    Gate on serving: max(as_of, gate) + notice; gate on effect: max(as_of + notice, gate). Notice
    for a day is served on the last day on which it still ends service by then, under the right in
    force on that day, so an amended right prices the exits whose notice comes after it. The
    customer's remedy for a site delivered too late counts once it is known.
    """
    agreement, facts = course.agreement, course.facts
    if facts:
        check_facts(agreement, facts)
    found: list[Exit] = []
    for low, high, terms in stretches(agreement):
        if right := getattr(terms.termination, party):
            since, end = max(as_of, terms.signed, low), course.terms.end
            found += _ways(right, since, high, terms.start, end)
    site, delivered = course.terms.delivery, facts.get("delivered", {}).get(SITE)
    if party == "customer" and site and site.remedy in ("exit", "either") and delivered is not None:
        day = max(as_of, site.cure_end)
        if latest(delivered, day, 0.0) < 1:
            full = [when for when, share in delivered.items() if when > day and share >= 1]
            found.append(Exit(day, min(full, default=date.max), None))
    return found


def _ways(right: Termination, low: date, high: date, start: date, end: date) -> Iterator[Exit]:
    """The days on which a right ends service that began on `start`, by notice in `[low, high)`."""
    served = max(low, right.opens(start))
    if served >= high:
        return
    first = right.earliest(start, served)
    before = max(date.max if high == date.max else right.ends(high), first + DAY)
    if last := right.last(start):
        before = min(before, last + DAY)
    if first >= before:
        return
    if right.takes_effect == "any day":
        yield Exit(first, before, right)
        return
    day = right.effective(start, first)
    while day < before:
        yield Exit(day, day + DAY, right)
        if day >= end:
            return
        day = right.effective(start, day + DAY)


def tranche_exits(course: Schedule, as_of: date, party: Party) -> dict[str, list[Exit]]:
    """The days on which a party may end a tranche alone, by its name."""
    found: dict[str, list[Exit]] = {}
    for low, high, terms in stretches(course.agreement):
        for tranche in terms.tranche:
            if right := tranche.termination and getattr(tranche.termination, party):
                start, end = tranche.fee[0].since, tranche.end or terms.end
                ways = _ways(right, max(as_of, terms.signed, low), high, start, end)
                found.setdefault(tranche.name, []).extend(ways)
    return found


def right(standing: Agreement, party: Party, as_of: date) -> tuple[Termination, date] | None:
    """The right of a party in force on a day, else the first it is given later; and when it opens.

    It opens at its gate, and no earlier than the day from which the party has had a right. None
    without one. `standing` is what is signed by the day.
    """
    start = standing.start
    day = max(as_of, start)
    turns = sorted({start, day, *(amendment.effective for amendment in standing.amendment)})
    held = [(turn, getattr(in_force(standing, turn).termination, party)) for turn in turns]
    held = [(turn, None if right and right.lapsed(start, turn) else right) for turn, right in held]
    now: Termination | None = dict(held)[day]
    given = ((turn, right) for turn, right in held if right and (now or turn > day))
    since, later = next(given, (day, None))
    if not (found := now or later):
        return None
    return found, max(since, start, found.gate(start) or since)


def kept_share(course: Schedule, as_of: date) -> Schedule:
    """The schedule if the customer drops what is late as soon as it may; itself if nothing is.

    "reduce" drops the share that is missing, "exit" a whole tranche (for the site see `exits`).
    """
    facts = course.facts
    if not facts.get("delivered"):
        return course
    check_facts(course.agreement, facts)
    kept, dropped = dict[str, Delivered](), dict[str, date]()
    for part in course.terms.parts:
        delivered, late = facts["delivered"].get(part.name), part.delivery
        if delivered is None or late is None or late.remedy == "nothing":
            continue
        day, leaves = max(as_of, late.cure_end), late.remedy != "reduce"
        share = latest(delivered, day, 0.0)
        if share < 1 and not (leaves and part.name == SITE):
            before = {when: each for when, each in delivered.items() if when < day}
            kept[part.name] = before | {day: 0.0 if leaves else share}
            dropped[part.name] = day
    facts = Facts(**{**facts, "delivered": {**facts["delivered"], **kept}})
    return replace(course, facts=facts, dropped=dropped) if kept else course


def forfeits(terms: Agreement, right: Termination | None) -> bool:
    """Whether a prepayment may be lost by leaving under that right; by a remedy (None) never."""
    return right is not None and any(not paid.refundable for _, paid in terms.prepayments)


def exit_fee_usd(
    course: Schedule, right: Termination | None, leave: date, capacity: str | None = None
) -> float:
    """What a party that leaves on a day under that right, or ends one capacity, pays for it.

    Fixed, by schedule or unamortised; months of the fee last in force before that day (before
    service: the first), or a share of all left if nobody leaves.
    """
    if right is None:
        return 0.0
    usd = right.known_fee_usd(leave)
    if right.fee_months is not None:
        every = [charge for charge in course.whole if capacity in (None, charge.capacity)]
        begun = [charge.start for charge in every if charge.start < leave and charge.share]
        last = begun[-1] if begun else every[0].start
        usd += right.fee_months * usd_month(charge for charge in every if charge.start == last)
    if share := right.fee_share_of_remaining:
        left = course.charges(leave)
        usd += share * math.fsum(c.usd for c in left if capacity in (None, c.capacity))
    return usd


def standing(agreement: Agreement, as_of: date) -> Agreement:
    """The agreement as it stands on a day: amendments signed by then, renewals no longer open."""
    return renewed(signed_by(agreement, as_of), renewed_months(agreement, as_of))


def renewed_months(agreement: Agreement, as_of: date) -> int:
    """Months by which the term has renewed itself: the last day to object to them has passed.

    For a hundred years, and up to the last day that there is here.
    """
    if as_of > LAST_DAY:
        raise ValueError(f"as_of: {as_of} is not allowed; allowed: at most {LAST_DAY}")
    terms, months = in_force(signed_by(agreement, as_of), date.max), 0
    while (again := terms.renewal) and as_of > again.last_day(dates.add_months(terms.end, months)):
        if not fits(terms.start, terms.end, months + again.months):
            break
        months += again.months
    return months


def renewed(agreement: Agreement, months: int) -> Agreement:
    """The agreement with its term renewed by so many months."""
    if not months:
        return agreement
    terms, signed = in_force(agreement, date.max), _last_signed(agreement)
    moved = _moved(terms, dates.add_months(terms.end, months))
    new = Amendment(title=RENEWAL, signed=signed, effective=terms.end, terms=moved)
    return _amended(agreement, [new])


def _last_signed(agreement: Agreement) -> date:
    return max([agreement.signed, *(a.signed for a in agreement.amendment)])


def _amended(agreement: Agreement, new: Sequence[Amendment]) -> Agreement:
    return agreement.model_copy(update={"amendment": (*agreement.amendment, *new)})


def _moved(terms: Agreement, end: date) -> dict[str, object]:
    """What moves the end, of the term and of tranches and prices that are served to it."""
    tranches = [{"name": t.name, "end": end} for t in terms.tranche if t.end and t.end >= terms.end]
    prices = {
        str(n): {"end": end}
        for n, price in enumerate(terms.unit_price)
        if price.end and price.end >= terms.end
    }
    moved = {"end": end, "tranche": tranches, "unit_price": prices}
    return {key: changes for key, changes in moved.items() if changes}


class Option(NamedTuple):
    """An option to extend: used up to `last_day`, it moves the end from `start` to `end`."""

    by: Extension
    start: date
    end: date
    last_day: date
    opens: date | None

    @property
    def usd_month(self) -> float | None:
        """The monthly fee that it states, of the first year where it states several."""
        return next(iter(self.by.usd_month_by_year), self.by.usd_month)


def options(agreement: Agreement) -> list[Option]:
    """Every option to extend that is left, in the order in which they chain."""
    end, months = in_force(agreement, date.max).end, 0
    found: list[Option] = []
    for option in options_left(agreement):
        low, ahead = dates.add_months(end, months), option.opens_days
        months += option.months
        high = dates.add_months(end, months)
        opens = None if ahead is None else low - timedelta(days=ahead)
        found.append(Option(option, low, high, option.last_day(low), opens))
    return found


def extended_by(agreement: Agreement, party: Party, *, as_of: date) -> Agreement:
    """The agreement as if a party used every option to extend that is open to it on a day.

    An option of the other party, or one whose day has passed, ends the chain.
    """
    terms, months, used = in_force(agreement, date.max), 0, list[Extension]()
    for option in options(standing(agreement, as_of)):
        longer = months + option.by.months
        is_open = option.by.party == party and option.last_day >= as_of
        if not is_open or not fits(terms.start, terms.end, longer):
            break
        used, months = [*used, option.by], longer
    if not months:
        return agreement
    steps, rises = _prices(used, terms.end)
    return extended(agreement, months, steps, rises).model_copy(update={"extension": ()})


def _prices(used: Sequence[Extension], first: date) -> tuple[Steps, Rises]:
    """The fees that options used from a day on state, and the rates by which fees then rise."""
    steps, rises, months = Steps(), Rises(), 0
    for option in used:
        years = option.usd_month_by_year
        fees = [] if option.usd_month is None else [option.usd_month]
        for year in range(math.ceil(option.months / MONTHS_PER_YEAR) if years else 0):
            fees.append(years[min(year, len(years) - 1)])  # the last goes on
        for year, usd in enumerate(fees):
            steps.append((dates.add_months(first, months + year * MONTHS_PER_YEAR), usd))
        if option.rate is not None or rises:
            rises.append((dates.add_months(first, months), option.rate))
        months += option.months
    return steps, rises


def exercised(agreement: Agreement, amendment: Amendment) -> Amendment:
    """A later amendment with the prices of the options that its end exercises, if it has none."""
    stated, end = amendment.terms.keys(), amendment.terms.get("end")
    if not end or amendment.title == RENEWAL or stated & {"fee", "tranche", "escalator"}:
        return amendment
    before, left = in_force(agreement, date.max), options_left(agreement)
    months = accumulate(option.months for option in left)
    ends = [dates.add_months(before.end, each) for each in months]
    if end not in ends:
        return amendment
    steps, rises = _prices(left[: ends.index(end) + 1], before.end)
    new = merge(_moved(before, end), _priced(before, steps) if steps else {})
    for day, rate in rises[:1]:
        new["escalator"] = _rise(day, rate)
    return amendment.model_copy(update={"terms": {**new, **amendment.terms}})


def _rise(day: date, rate: float | None) -> object:
    """The escalator that an option's rate puts in place of any other, or that it ends."""
    if rate is None:
        return "none"
    other = {"index": "none", "base_level": "none"}
    return {"from": day, "every_months": MONTHS_PER_YEAR, "rate": rate, **other}


def extended(
    agreement: Agreement,
    months: int,
    steps: Sequence[tuple[date, float]] = (),
    rises: Rises | None = None,
) -> Agreement:
    """The agreement extended by so many months, at monthly fees from days on.

    From the day of each of the rises on, fees rise by its rate at once and every year. An amendment
    moves the end; what holds from later days is stated in others.
    """
    old = in_force(agreement, date.max)
    changed = {old.end: _moved(old, dates.add_months(old.end, months))}
    if steps:
        first = steps[0][0]
        changed[first] = merge(changed.get(first, {}), _priced(old, steps))
    for day, rate in rises or ():
        priced = {"extension": "none", "escalator": _rise(day, rate)}
        changed[day] = {**changed.get(day, {}), **priced}
    signed = _last_signed(agreement)
    new = [
        Amendment(title="extension", signed=signed, effective=day, terms=changed[day])
        for day in sorted(changed)
    ]
    return _amended(agreement, new)


def _priced(old: Agreement, steps: Sequence[tuple[date, float]]) -> dict[str, object]:
    """Fees stated from a day on: the site's, or where it has none left, those of all tranches."""
    left = [t for t in old.tranche if t.end is None or t.end >= old.end]
    if not left or (old.fee and old.fee[-1].usd_month):
        return {"fee": [{"from": day, "usd_month": usd} for day, usd in steps]}
    whole, tranches = sum(t.fee[-1].usd_month for t in left), []
    for t in left:
        share = t.fee[-1].usd_month / whole if whole else 1 / len(left)
        fees = [{"from": day, "usd_month": usd * share} for day, usd in steps]
        tranches.append({"name": t.name, "fee": fees})
    return {"tranche": tranches}
