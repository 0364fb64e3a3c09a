"""The full monthly fee on a day, and the capacity that it pays for: one rule for every page.

Both are those of the site and of each tranche in service on the day. Without a `fee` of its own the
site's `capacity` is the sum that the tranches are part of; with one, tranches come on top. A site
whose fee has fallen to 0 for good has ended.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from functools import reduce

from analysis.contract.amendments import in_force, standing
from analysis.contract.capacity import Capacity, Tranche
from analysis.contract.charges import by_month, price_days
from analysis.contract.escalation import factor, rises, versions
from analysis.contract.fields import DAY, Quantity, Range, begun
from analysis.contract.prices import Fee
from analysis.contract.terms import Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class FullFee:
    """The full fee of a month as it stands on `day`; `discounted` if less is paid on that day.

    `minimum_usd_month`: what a metered service costs beside it, used or not. `parts`: the fee of
    each capacity, and of each unit with a price, which add up to it.
    """

    day: date
    usd_month: float
    discounted: bool
    minimum_usd_month: float = 0.0
    parts: Mapping[str, float] = field(default_factory=dict)


def full_fee(agreement: Agreement, on: date) -> FullFee:
    """The full monthly fee in force on a day, escalated; before service of its first day.

    After service of its last. Prices by unit count for a month of 730 hours. What is metered, the
    minimum or MWh, buys no accelerators and stands apart; credits are left out.

    >>> full_fee(deal, date(2020, 1, 1)).usd_month
    100.0
    """
    day = day_served(agreement, on)
    found = versions(agreement)
    version = [v for v in found if v.start <= day][-1]
    parts, discounted = dict[str, float](), False
    for part in version.terms.parts:
        if fee := fee_then(part, day):
            stated = version.stated[part.name, fee.since]
            raised = list(rises(found, day + DAY, part.name))
            parts[part.name] = fee.usd_month * factor(raised, stated, day, {})
            discounted |= fee.discount != 0
    meter = version.terms.take_or_pay
    minimum = meter.minimum(day) * meter.usd_per_unit if meter else 0.0
    units = by_month(version.terms, day)
    minimum += units.pop("MWh", 0.0)
    parts |= {f"by {unit}": usd for unit, usd in units.items()}
    usd = sum(parts.values())
    return FullFee(
        day=day, usd_month=usd, discounted=discounted, minimum_usd_month=minimum, parts=parts
    )


def full_month_usd(terms: Agreement, since: date) -> float:
    """The full monthly fee of the first day from one on that is not free; else what is metered."""
    starts = [fee.since for part in terms.parts for fee in part.fee]
    starts += [price_days(terms, price)[0] for price in terms.unit_price]
    fees = [full_fee(terms, day) for day in (since, *sorted(d for d in starts if d > since))]
    paid = [fee.usd_month for fee in fees] + [fee.minimum_usd_month for fee in fees]
    return next(filter(None, paid), 0.0)


def fee_then(part: Tranche, day: date) -> Fee | None:
    """The step of one capacity's fees in force on a day; None where it is not in service."""
    return begun(part.fee, day) if part.end is None or day < part.end else None


def day_served(agreement: Agreement, day: date) -> date:
    """The day itself, or the next on which a part is served, else the last; as known by then."""
    terms, last = in_force(standing(agreement, day)), served_until(agreement, day)
    inside = min(max(day, agreement.start), last - DAY)
    parts = terms.parts
    if terms.take_or_pay or any(fee_then(part, inside) for part in parts):
        return inside
    return min((p.fee[0].since for p in parts if p.fee[0].since > inside), default=inside)


def served_until(agreement: Agreement, on: date) -> date:
    """The first day not served, as known on a day: the end, or an earlier one of every part."""
    terms = in_force(standing(agreement, on))
    ends = [tranche.end or terms.end for tranche in terms.tranche]
    if terms.fee:
        over = [fee.since for fee in terms.fee if site_ended(terms, fee.since)]
        ends.append(min(over, default=terms.end))
    if terms.take_or_pay or not ends:
        return terms.end
    return min(terms.end, max(ends))


def paid_for(agreement: Agreement, on: date) -> Agreement:
    """The terms in force on a day, with the capacity that the fee pays for, tranches included."""
    day = day_served(agreement, on)
    terms = in_force(agreement, day)
    return terms.model_copy(update={"capacity": capacity(terms, day), "tranche": ()})


def paid_for_from(agreement: Agreement, since: date) -> Agreement:
    """The final terms, with the capacity that all fees from a day on pay for."""
    terms = in_force(agreement)
    since = min(since, served_until(agreement, since) - DAY)
    left = {t.name for t in terms.tranche if t.end is None or t.end > since}
    names = left if site_ended(terms, since) else left | {"site"}
    return terms.model_copy(update={"capacity": _together(terms, names), "tranche": ()})


def capacity(terms: Agreement, day: date) -> Capacity:
    """What is in service on a day of unchanged terms, under the name of the site.

    The site's as stated where nothing is, or a scope takes its place (`units.scoped`).
    """
    names = {part.name for part in terms.parts if fee_then(part, day)}
    return _together(terms, names - {"site"} if site_ended(terms, day) else names)


def _together(terms: Agreement, names: Set[str]) -> Capacity:
    """The site, and the tranches of these names, as one capacity."""
    inside = [t for t in terms.tranche if t.name in names]
    outside = [t for t in terms.tranche if t.name not in names]
    site = terms.capacity
    if not inside or site in terms.scopes.values():
        return site
    if terms.fee:
        parts = [site] if "site" in names else []
        whole = reduce(together, [*parts, *(tranche.capacity for tranche in inside)])
        return whole.model_copy(update={"name": site.name})
    if not outside and (site.mw is not None or site.accelerators):
        return site
    parts, rest = [tranche.capacity for tranche in inside], _less(site, outside)
    known: dict[str, object] = {"name": site.name}
    if any(part.mw is None for part in parts):
        known |= {"mw": rest.mw, "mw_basis": rest.mw_basis}
    if any(not part.accelerators for part in parts):
        known["accelerators"] = rest.accelerators
    basis = {"mw_basis": site.mw_basis}  # of megawatts that state none of their own
    parts = [p.model_copy(update=basis) if p.mw_basis == "not stated" else p for p in parts]
    return reduce(together, parts).model_copy(update=known)


def site_ended(terms: Agreement, day: date) -> bool:
    """Whether the site's own fee has fallen to 0 by a day and rises no more."""
    before = [fee for fee in terms.fee if fee.since <= day]
    left = [*before[-1:], *(fee for fee in terms.fee if fee.since > day)]
    return any(fee.usd_month for fee in before) and not any(fee.usd_month for fee in left)


def together(one: Capacity, more: Capacity) -> Capacity:
    """Two capacities as one: what both state, megawatts only where on one basis."""
    if not more.accelerators and more.mw == 0:
        return one
    counts: dict[str, Quantity] = {}
    if one.accelerators and more.accelerators:
        counts = dict(one.accelerators)
        for kind, count in more.accelerators.items():
            counts[kind] = plus(counts[kind], count) if kind in counts else count
    mw = None
    if one.mw is not None and more.mw is not None and one.mw_basis == more.mw_basis:
        mw = plus(one.mw, more.mw)
    return one.model_copy(update={"accelerators": counts, "mw": mw})


def _less(site: Capacity, outside: Sequence[Tranche]) -> Capacity:
    """The site less tranches that are not in service; unknown where one does not state its size."""
    mw, counts = site.mw, dict(site.accelerators)
    for tranche in outside:
        part = tranche.capacity
        mw = plus(mw, part.mw, -1) if mw is not None and part.mw is not None else None
        counts = {
            kind: plus(count, part.accelerators.get(kind, 0.0), -1)
            for kind, count in counts.items()
            if part.accelerators
        }
    return site.model_copy(update={"mw": mw, "accelerators": counts})


def plus(one: Quantity, other: Quantity, sign: int = 1) -> Quantity:
    """The sum, or with the sign -1 the difference, never below 0; of ranges at each end."""
    if not isinstance(one, Range) and not isinstance(other, Range):
        return max(0.0, one + sign * other)
    a, b = as_range(one), as_range(other)
    low, high = (b.low, b.high) if sign > 0 else (b.high, b.low)
    ends = {"low": a.low + sign * low, "use": a.use + sign * b.use, "high": a.high + sign * high}
    return Range(**{end: max(0.0, value) for end, value in ends.items()})


def as_range(amount: Quantity) -> Range:
    """A number of the terms as a range, of one point where it is stated as one."""
    if isinstance(amount, Range):
        return amount
    return Range(low=amount, use=amount, high=amount)
