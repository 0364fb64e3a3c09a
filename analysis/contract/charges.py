"""What is charged for service while terms do not change: fees, credits, use, sums paid once.

A charge is one amount for one stretch of service, without a sign of an owner: a fee that the
customer owes is positive.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from analysis.contract import dates
from analysis.contract.capacity import Delivery, Tranche
from analysis.contract.escalation import Index, Rise, Version, escalator, factor, resets
from analysis.contract.facts import Delivered, Facts
from analysis.contract.fields import Bound, Range, begun
from analysis.contract.prices import UnitPrice
from analysis.contract.terms import SITE, Agreement

HOURS_PER_DAY = 24
HOURLY = ("GPU-hour", "MWh", "instance-hour", "core-hour", "GB-hour")
"""Units that are hours of the quantity; of the others there is one a month."""
IDLE = "nothing in service"


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
    """What a whole month costs at the rate of charges for the same days, as known ahead."""
    later = " late credit", "service credit", " above minimum"  # known when the month is over
    return sum(c.usd / c.share for c in found if c.share and not c.clause.endswith(later))


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


@dataclass(frozen=True)
class Stretch:
    """Days of unchanged terms: what divides their service and raises its fees, what happened.

    raised: the rises of each capacity's fees. ended, dropped, bound: see `schedule.Schedule`.
    """

    version: Version
    raised: Mapping[str, Sequence[Rise]]
    cuts: Set[date]
    facts: Facts
    ended: Mapping[str, date]
    dropped: Mapping[str, date]
    bound: Bound

    @property
    def terms(self) -> Agreement:
        """The terms, which do not change."""
        return self.version.terms

    def charges(self, since: date, end: date, turns: Set[date]) -> Iterator[Charge]:
        """Charges for the part of service in `[since, end)`, divided on more days."""
        terms, parts = self.terms, self.terms.parts
        first, last = max(self.version.start, since), min(self.version.end, end)
        if first >= last:
            return
        self._check_days(first, last, end)
        cuts = sorted(self.cuts | turns)
        for period in periods(terms, end, since=first):
            low, high = max(period.low, first), min(period.high, last)
            if low >= high:
                continue
            inside = cuts[bisect_right(cuts, low) : bisect_left(cuts, high)]
            for start, stop in pairwise([low, *inside, high]):
                piece = Charge(start, stop, period.share((start, stop)), 0.0, 0.0, period.due, "")
                idle = not terms.take_or_pay
                for part in parts:
                    fees: list[Charge] = []
                    begins = part.fee[0].since
                    until = min(self.ended.get(part.name, date.max), part.end or date.max)
                    if start < until:
                        served = begins if begins <= start else date.min
                        share = period.share((start, stop), served, until)
                        fees += self._fees(part, period, piece._replace(share=share))
                        fees += self._by_unit(part.name, period, piece)
                    idle = idle and not fees
                    yield from fees
                    yield from self._service_credit(period, fees)
                yield from self._metered(period, piece)
                if not terms.fee and start < self.ended.get(SITE, date.max):
                    yield from self._by_unit(SITE, period, piece)
                for one in terms.one_off:  # before service, on its first day
                    if start <= max(one.paid, terms.start) < stop:
                        yield _named(piece, one.usd, one.name)._replace(share=0.0, due=one.paid)
                if idle:
                    yield piece._replace(clause=IDLE)

    def _check_days(self, first: date, last: date, end: date) -> None:
        """Refuse usage and availability of another day than the first of a period."""
        meters = [price.name for price in self.terms.unit_price]
        meters += [self.terms.take_or_pay.unit] if self.terms.take_or_pay else []
        used = {day for name in meters for day in self.facts.used(name)}
        firsts = {p.start for p in periods(self.terms, end)} if self.facts else set()
        for fact, days in (("usage", used), ("availability", self.facts.availability)):
            for day in sorted(days):
                if first <= day < last and day not in firsts:
                    raise ValueError(
                        f"{fact}: {day} is the first day of no period; allowed: the first of a "
                        "month, or of a billing period under the proration full-period"
                    )

    def _fees(self, part: Tranche, period: Period, piece: Charge) -> Iterator[Charge]:
        """The fee of one capacity, and what late delivery takes off it; see `Schedule.dropped`."""
        facts, late_until = self.facts, self.dropped.get(part.name, date.max)
        delivered = facts.delivered.get(part.name)
        present = facts.present(part.name, piece.start)
        net = rent = 0.0
        if fee := begun(part.fee, piece.start):
            stated = self.version.stated[part.name, fee.since]
            whole = fee.usd_month * piece.share
            whole *= factor(self.raised[part.name], stated, piece.start, facts.index)
            full = whole * present
            discount = (
                fee.discount.at(self.bound) if isinstance(fee.discount, Range) else fee.discount
            )
            clause = f"{part.name} fee" + (f" less {discount:.0%} discount" if discount else "")
            net, rent = full * (1 - discount), whole * (1 - discount)
            yield Charge(*piece[:3], net, full, piece.due, clause, part.name)
        if not (late := part.delivery) or delivered is None:
            return
        units = self._priced(part.name, period, piece)
        of_units = sum(price.minimum_share * count * usd for price, count, usd in units)
        net, rent = net + of_units * present, rent + of_units
        if not rent:  # of free days, at the first fee above 0
            rent = piece.share * next((fee.usd_month for fee in part.fee if fee.usd_month), 0.0)
        less = list[tuple[str, float, date]]()
        low, high = _late_discount_window(late, delivered)
        if late.late_discount and low <= piece.start < high:
            less.append(("late discount", net * late.late_discount, piece.due))
        grace, over = late.credited
        days, first = (piece.end - piece.start).days, part.fee[0].since
        comes = late.remedy == "nothing" or any(share >= 1 for share in delivered.values())
        late_until = min(late_until, date.max if comes else late.cure_end)
        missing = 1 - present if piece.start < late_until else 0.0
        a_day = late.late_credit_usd_day + late.late_credit_rent_days * rent / days
        if (max(grace, first) if late.moves_start else grace) <= piece.start < over:
            less.append(("late credit", days * missing * a_day, period.settled))
        if late.moves_start and piece.start == first:  # credited on the first day of service
            days = max(0, (min(first, over) - grace).days)
            less.append(("late credit", days * a_day, piece.due))
        for what, usd, due in less:
            if usd:
                credit = _named(piece, -usd, f"{part.name} {what}")
                yield credit._replace(due=due, capacity=part.name)

    def _service_credit(self, period: Period, fees: list[Charge]) -> Iterator[Charge]:
        available = self.facts.availability.get(period.start, 1.0)
        share = max(
            (c.share for c in self.terms.service_credit if available < c.below), default=0.0
        )
        if share and fees:
            usd = -share * sum(fee.usd for fee in fees)
            yield _named(fees[0], usd, "service credit")._replace(due=period.settled)

    def _metered(self, period: Period, piece: Charge) -> Iterator[Charge]:
        """The monthly minimum of a metered service, and usage above it, spread over the period."""
        if not (meter := self.terms.take_or_pay):
            return
        least = meter.minimum(piece.start)
        yield _named(piece, least * meter.usd_per_unit * piece.share, f"minimum {meter.unit}")
        months = period.share((period.low, period.high))
        above = self.facts.used(meter.unit).get(period.start, 0.0) - least * months
        if above > 0:
            part = (piece.end - piece.start) / (period.high - period.low)
            usd = above * meter.overage_usd_per_unit * part
            yield _named(piece, usd, f"{meter.unit} above minimum")._replace(due=period.settled)

    def _by_unit(self, name: str, period: Period, piece: Charge) -> Iterator[Charge]:
        """What is priced by unit, of the share that is present: the minimum, and usage above it."""
        piece = piece._replace(capacity=name)
        for price, units, usd in self._priced(name, period, piece):
            least = price.minimum_share * units * self.facts.present(name, piece.start)
            yield _named(piece, least * usd, f"{price.name} by {price.unit}")
            above = self.facts.used(price.name).get(period.start, 0.0)
            above *= (piece.end - piece.start).days / self._counted(price, period)
            above -= least
            if above > 0:
                more = _named(piece, above * usd, f"{price.name} above minimum")
                yield more._replace(due=period.settled)

    def _counted(self, price: UnitPrice, period: Period) -> int:
        """The days of a period on which what is used of a price is charged, at any of its prices.

        Those of one name, or where use is not told apart all, follow one another.
        """
        low, high = period.low, max(period.high, min(period.end, self.terms.end))
        names = {price.name} if self.facts.usage.keys() - {SITE} else set()
        alike = [
            price_days(self.terms, p) for p in self.terms.unit_price if p.name in names or not names
        ]
        return sum(max(0, (min(high, end) - max(low, since)).days) for since, end in alike)

    def _priced(
        self, name: str, period: Period, piece: Charge
    ) -> Iterator[tuple[UnitPrice, float, float]]:
        """Each price of a capacity on the days of a piece, its units, and what one costs."""
        for price in self.terms.unit_price:
            since, until = price_days(self.terms, price)
            if (
                price.tranche in (name, None if name == SITE else name)
                and since <= piece.start < until
            ):
                each = _usd_per_unit(price, since, piece.start, self.facts.index)
                hours = (piece.end - piece.start).days * HOURS_PER_DAY
                month = hours if price.unit in HOURLY else period.share(piece[:2], since, until)
                yield price, price.quantity * month, each


def _named(piece: Charge, usd: float, clause: str) -> Charge:
    return piece._replace(usd=usd, full_usd=usd, clause=clause)


def _late_discount_window(terms: Delivery, delivered: Delivered) -> tuple[date, date]:
    """As many days from full delivery on as delivery was late; empty if in time or still due."""
    full = min((day for day, share in delivered.items() if share >= 1), default=terms.due)
    return full, max(full, full + (full - terms.due))


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
    if terms.proration == "30-360":
        months = dates.anchored(terms.start.replace(day=1), months=1, until=end)
        named.update(*map(dates.uneven, months))
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
            named |= {late.due, late.cure_end, *late.credited}
            named.update(_late_discount_window(late, delivered) if late.late_discount else ())
            if late.moves_start and delivered:  # credits of that day are of no later one
                named.add(dates.after(part.fee[0].since, days=1))
    named.update(ahead.credit_from for _, ahead in terms.prepayments)
    for right in terms.termination.held.values():
        if gate := right.gate(terms.start):
            named.add(gate)
    return named
