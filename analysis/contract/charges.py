"""What is charged for service while terms do not change: fees, credits, use, sums paid once.

A charge is one amount for one stretch of service, without a sign of an owner: a fee that the
customer owes is positive.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from analysis.contract import dates
from analysis.contract.clauses import Delivery, Tranche
from analysis.contract.escalation import Index, Rise, Version, escalator, factor, resets
from analysis.contract.facts import Delivered, Facts
from analysis.contract.fields import Range
from analysis.contract.prices import UnitPrice
from analysis.contract.terms import SITE, Agreement

if TYPE_CHECKING:
    from analysis.contract.schedule import Schedule

HOURS_PER_DAY = 24
HOURLY = ("GPU-hour", "MWh", "instance-hour", "core-hour")
"""Units that are hours of the quantity; of the others there is one a month."""
IDLE = "nothing in service"
Raised = Mapping[str, Sequence[Rise]]
"""The days on which fees rise, by capacity."""


class Charge(NamedTuple):
    """One amount for service in `[start, end)`; `full_usd` is the fee before any discount.

    `capacity` is the tranche that it is for; "site" for all that no tranche is charged for.
    """

    start: date
    end: date
    share: float
    usd: float
    full_usd: float
    due: date
    clause: str
    capacity: str = "site"


def usd_month(found: Iterable[Charge]) -> float:
    """What a whole month costs at the rate of charges for the same days."""
    return sum(charge.usd / charge.share for charge in found if charge.share)


class Period(NamedTuple):
    """A full period `[start, end)` of so many months, and the days `[low, high)` of it served.

    What is known ahead is due on `due`; what is known only when it has passed, on `settled`: with
    the next invoice, or where there is none when service has ended.
    """

    start: date
    end: date
    months: int
    low: date
    high: date
    rule: dates.Proration
    billed_from: date
    due: date
    settled: date

    def share(self, part: dates.Days, since: date = date.min, until: date = date.max) -> float:
        """The months that a part of the days counts for, of what is served `[since, until)`."""
        own = max(self.low, since), min(self.high, until)
        return self.months * dates.month_share(self[:2], own, self.rule, part)


def periods(terms: Agreement, end: date, *, since: date = date.min) -> Iterator[Period]:
    """The full periods that fees are counted by, up to `end`, of those that end after `since`.

    Calendar months; under the proration `full-period`, billing periods from the start of service.
    """
    pay, rule = terms.payment, terms.proration
    whole = rule == "full-period"
    months, anchor = (pay.billing_months, terms.start) if whole else (1, terms.start.replace(day=1))
    passed = dates.MONTHS_PER_YEAR * (since.year - anchor.year) + since.month - anchor.month
    elapsed = max(0, passed // months - 1) * months
    start = dates.add_months(anchor, elapsed)
    while start < end:
        first = elapsed - elapsed % pay.billing_months
        billed = dates.add_months(anchor, first)
        settled = min(dates.add_months(anchor, first + pay.billing_months), end)
        invoiced = max(billed, terms.start) if pay.timing == "advance" else settled
        later = timedelta(days=pay.days_to_pay)
        elapsed += months
        stop = dates.add_months(anchor, elapsed)
        low, high = max(start, terms.start), min(stop, end)
        yield Period(
            start, stop, months, low, high, rule, billed, invoiced + later, settled + later
        )
        start = stop


def charged(
    course: "Schedule",
    version: Version,
    raised: Raised,
    cuts: Sequence[date],
    end: date,
    window: dates.Days,
) -> Iterator[Charge]:
    """Charges under one unchanged set of terms, for the part of the service in the window.

    raised: the rises of each capacity's fees. cuts: the days that divide service, in order.
    """
    terms, parts, facts = version.terms, version.terms.parts, course.facts
    over = {
        part.name: min(course.ended.get(part.name, date.max), part.end or date.max)
        for part in parts
    }
    firsts = {p.start for p in periods(terms, end)} if facts else set()
    meters = [price.name for price in terms.unit_price]
    meters += [terms.take_or_pay.unit] if terms.take_or_pay else []
    known = {
        "usage": {day for name in meters for day in facts.used(name)},
        "availability": set(facts.availability),
    }
    for fact, series in known.items():
        for day in sorted(series):
            if window[0] <= day < window[1] and day not in firsts:
                raise ValueError(
                    f"{fact}: {day} is the first day of no period; allowed: the first of a month, "
                    "or of a billing period under the proration full-period"
                )
    for period in periods(terms, end, since=window[0]):
        low, high = max(period.low, window[0]), min(period.high, window[1])
        if low >= high:
            continue
        inside = cuts[bisect_right(cuts, low) : bisect_left(cuts, high)]
        for start, stop in pairwise([low, *inside, high]):
            piece = Charge(start, stop, period.share((start, stop)), 0.0, 0.0, period.due, "")
            idle = not terms.take_or_pay
            for part in parts:
                fees: list[Charge] = []
                since, until = part.fee[0].since, over[part.name]
                if start < until:
                    share = period.share(
                        (start, stop), since if since <= start else date.min, until
                    )
                    own = piece._replace(share=share)
                    fees += _fees(course, version, raised[part.name], part, period, own)
                    fees += _by_unit(terms, part.name, period, piece, facts)
                idle = idle and not fees
                yield from fees
                yield from _service_credit(terms, period, fees, facts)
            yield from _metered(terms, period, piece, facts)
            if not terms.fee and start < course.ended.get(SITE, date.max):
                yield from _by_unit(terms, SITE, period, piece, facts)
            for one in terms.one_off:  # before service, on its first day
                if start <= max(one.paid, terms.start) < stop:
                    yield _named(piece, one.usd, one.name)._replace(share=0.0, due=one.paid)
            if idle:
                yield piece._replace(clause=IDLE)


def _named(piece: Charge, usd: float, clause: str) -> Charge:
    return piece._replace(usd=usd, full_usd=usd, clause=clause)


def _fees(
    course: "Schedule",
    version: Version,
    raised: Sequence[Rise],
    part: Tranche,
    period: Period,
    piece: Charge,
) -> Iterator[Charge]:
    """The fee of one capacity, and what late delivery takes off it; see `Schedule.dropped`."""
    facts, late_until = course.facts, course.dropped.get(part.name, date.max)
    position = bisect_right([fee.since for fee in part.fee], piece.start)
    delivered = facts.delivered.get(part.name)
    present = facts.present(part.name, piece.start)
    net = rent = 0.0
    if position:
        fee = part.fee[position - 1]
        stated = version.stated[part.name, fee.since]
        whole = fee.usd_month * piece.share
        whole *= factor(raised, stated, piece.start, facts.index)
        full = whole * present
        discount = (
            fee.discount.at(course.bound) if isinstance(fee.discount, Range) else fee.discount
        )
        clause = f"{part.name} fee" + (f" less {discount:.0%} discount" if discount else "")
        net, rent = full * (1 - discount), whole * (1 - discount)
        yield Charge(*piece[:3], net, full, piece.due, clause, part.name)
    if not (late := part.delivery) or delivered is None:
        return
    units = _priced(version.terms, part.name, period, piece, facts)
    of_units = sum(price.minimum_share * count * usd for price, count, usd in units)
    net, rent = net + of_units * present, rent + of_units
    if not rent:  # of free days, at the first fee above 0
        rent = piece.share * next((fee.usd_month for fee in part.fee if fee.usd_month), 0.0)
    less = list[tuple[str, float, date]]()
    low, high = _late_discount_window(late, delivered)
    if late.late_discount and low <= piece.start < high:
        less.append(("late discount", net * late.late_discount, piece.due))
    grace = dates.after(late.due, days=late.credit_after_days)
    days, begun = (piece.end - piece.start).days, part.fee[0].since
    comes = late.remedy == "nothing" or any(share >= 1 for share in delivered.values())
    late_until = min(late_until, date.max if comes else late.cure_end)
    missing = 1 - present if piece.start < late_until else 0.0
    a_day = late.late_credit_usd_day + late.late_credit_rent_days * rent / days
    if piece.start >= (max(grace, begun) if late.moves_start else grace):
        less.append(("late credit", days * missing * a_day, period.settled))
    if late.moves_start and piece.start == begun:  # credited on the first day of service
        less.append(("late credit", max(0, (begun - grace).days) * a_day, piece.due))
    for what, usd, due in less:
        if usd:
            credit = _named(piece, -usd, f"{part.name} {what}")
            yield credit._replace(due=due, capacity=part.name)


def _late_discount_window(terms: Delivery, delivered: Delivered) -> tuple[date, date]:
    """As many days from full delivery on as delivery was late; empty if in time or still due."""
    full = min((day for day, share in delivered.items() if share >= 1), default=terms.due)
    return full, max(full, full + (full - terms.due))


def _service_credit(
    terms: Agreement, period: Period, fees: list[Charge], facts: Facts
) -> Iterator[Charge]:
    available = facts.availability.get(period.start, 1.0)
    share = max((c.share for c in terms.service_credit if available < c.below), default=0.0)
    if share and fees:
        usd = -share * sum(fee.usd for fee in fees)
        yield _named(fees[0], usd, "service credit")._replace(due=period.settled)


def _metered(terms: Agreement, period: Period, piece: Charge, facts: Facts) -> Iterator[Charge]:
    """The monthly minimum of a metered service, and usage above it, spread over the period."""
    if not (meter := terms.take_or_pay):
        return
    least = meter.minimum(piece.start)
    yield _named(piece, least * meter.usd_per_unit * piece.share, f"minimum {meter.unit}")
    months = period.share((period.low, period.high))
    above = facts.used(meter.unit).get(period.start, 0.0) - least * months
    if above > 0:
        usd = above * meter.overage_usd_per_unit * (piece.share / months if months else 1.0)
        yield _named(piece, usd, f"{meter.unit} above minimum")._replace(due=period.settled)


def _by_unit(
    terms: Agreement, name: str, period: Period, piece: Charge, facts: Facts
) -> Iterator[Charge]:
    """What is priced by unit, of the share that is present: the minimum, and usage above it."""
    piece = piece._replace(capacity=name)
    for price, units, usd in _priced(terms, name, period, piece, facts):
        least = price.minimum_share * units * facts.present(name, piece.start)
        yield _named(piece, least * usd, f"{price.name} by {price.unit}")
        part = (piece.end - piece.start) / (period.end - period.start)
        above = facts.used(price.name).get(period.start, 0.0) * part - least
        if above > 0:
            more = _named(piece, above * usd, f"{price.name} above minimum")
            yield more._replace(due=period.settled)


def _priced(
    terms: Agreement, name: str, period: Period, piece: Charge, facts: Facts
) -> Iterator[tuple[UnitPrice, float, float]]:
    """Each price of a capacity on the days of a piece, its units, and what one costs, escalated."""
    for price in terms.unit_price:
        since, until = price_days(terms, price)
        if price.tranche in (name, None if name == SITE else name) and since <= piece.start < until:
            each = _usd_per_unit(price, since, piece.start, facts.index)
            hours = (piece.end - piece.start).days * HOURS_PER_DAY
            month = hours if price.unit in HOURLY else period.share(piece[:2], since, until)
            yield price, price.quantity * month, each


def price_days(terms: Agreement, price: UnitPrice) -> dates.Days:
    """The first day of a price by unit, and the first after it: its own, or its capacity's."""
    of = next((t for t in terms.tranche if t.name == price.tranche), None)
    since, end = (of.fee[0].since, of.end or date.max) if of else (terms.start, date.max)
    return price.since or since, min(price.end or date.max, end)


def _usd_per_unit(price: UnitPrice, since: date, day: date, index: Index) -> float:
    """The price of a unit on a day, as its own escalator has raised it from its first day on."""
    rise = price.escalator
    days = resets(rise, dates.after(day, days=1))
    raised = [Rise(each, rise, each == since) for each in days if rise]
    return price.usd_per_unit * factor(raised, since, day, index)


def by_month(terms: Agreement, day: date) -> dict[str, float]:
    """What each unit comes to in a month of 730 hours at the prices of a day, used or not."""
    found: dict[str, float] = {}
    for price in terms.unit_price:
        since, until = price_days(terms, price)
        if since <= day < until:
            units = price.quantity * (dates.HOURS_PER_MONTH if price.unit in HOURLY else 1.0)
            usd = price.minimum_share * units * _usd_per_unit(price, since, day, {})
            found[price.unit] = found.get(price.unit, 0.0) + usd
    return found


def named_dates(terms: Agreement, end: date, facts: Facts) -> set[date]:
    """Every date that the terms or the facts name: no service period runs across one of them."""
    named = {end, terms.end, *resets(terms.escalator, end)}
    for one in terms.one_off:
        day = max(one.paid, terms.start)
        named |= {day, dates.after(day, days=1)}
    if terms.take_or_pay:
        named.update(step.since for step in terms.take_or_pay.steps)
    for price in terms.unit_price:
        named |= {*price_days(terms, price), *resets(price.escalator, end)}
    for part in terms.parts:
        delivered = facts.delivered.get(part.name, {})
        named.update(resets(escalator(terms, part.name), end), delivered)
        named.update(fee.since for fee in part.fee)
        named |= {part.end} if part.end else set()
        if late := part.delivery:
            named |= {late.due, late.cure_end, dates.after(late.due, days=late.credit_after_days)}
            named.update(_late_discount_window(late, delivered) if late.late_discount else ())
    named.update(ahead.credit_from for _, ahead in terms.prepayments)
    for right in terms.termination.held.values():
        if gate := right.gate(terms.start):
            named.add(gate)
    return named
