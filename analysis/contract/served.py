"""The full monthly fee on a day, and the capacity that it pays for: one rule for every page.

The fee is that of the site and of each tranche in service on the day. The capacity is theirs too:
what has not begun or has ended is left out of both. Without a `fee` of its own the site's
`capacity` is the sum that the tranches are part of; with one, tranches come on top. A site whose
fee has fallen to 0 for good has ended.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce

from analysis.contract.clauses import Capacity, Fee, Quantity, Range, Tranche
from analysis.contract.escalation import escalation, versions
from analysis.contract.rights import final_terms, in_term
from analysis.contract.schedule import Stream, streams
from analysis.contract.terms import Agreement, in_force


@dataclass(frozen=True, slots=True, kw_only=True)
class FullFee:
    """The full fee of a month as it stands on `day`, before any discount.

    discounted: whether a discount lowers what is paid on that day; a discounted fee buys no more
    and no less, so prices are always those of the full one. `minimum_usd_month`: what a metered
    service costs beside it, used or not.
    """

    day: date
    usd_month: float
    discounted: bool
    minimum_usd_month: float = 0.0


def full_fee(agreement: Agreement, on: date) -> FullFee:
    """The full monthly fee in force on a day; before service of its first, after it of its last.

    The fees of the site and of each tranche in service, escalated. A metered minimum buys no
    accelerators and is left out, as are credits.

    >>> full_fee(deal, date(2020, 1, 1)).usd_month
    100.0
    """
    day = day_served(agreement, on)
    version = [v for v in versions(agreement) if v.start <= day][-1]
    usd, discounted = 0.0, False
    for stream in streams(version.terms):
        if fee := fee_then(stream, day):
            stated = version.stated[stream.name, fee.since]
            usd += fee.usd_month * escalation(agreement, stated, day, {})
            discounted |= fee.discount != 0
    meter = version.terms.take_or_pay
    minimum = meter.minimum_units_month * meter.usd_per_unit if meter else 0.0
    return FullFee(day=day, usd_month=usd, discounted=discounted, minimum_usd_month=minimum)


def fee_then(stream: Stream, day: date) -> Fee | None:
    """The step of one capacity's fees in force on a day; None where it is not in service."""
    begun = [fee for fee in stream.fees if fee.since <= day]
    return begun[-1] if begun and (stream.end is None or day < stream.end) else None


def day_served(agreement: Agreement, day: date) -> date:
    """The day itself, or the next on which a part is served, else the last; as known by then."""
    terms, last = final_terms(in_term(agreement, day)), served_until(agreement, day)
    inside = min(max(day, agreement.start), last - timedelta(days=1))
    parts = streams(terms)
    if terms.take_or_pay or any(fee_then(part, inside) for part in parts):
        return inside
    return min((p.fees[0].since for p in parts if p.fees[0].since > inside), default=inside)


def served_until(agreement: Agreement, on: date) -> date:
    """The first day not served: the stated end, or an earlier one on which every part has ended.

    By the amendments signed and the renewals that bind by a day.

    >>> served_until(deal, date(2026, 1, 1)) == deal.end
    True
    """
    terms = final_terms(in_term(agreement, on))
    ends = [tranche.end or terms.end for tranche in terms.tranche]
    if terms.fee:
        over = [fee.since for fee in terms.fee if site_ended(terms, fee.since)]
        ends.append(min(over, default=terms.end))
    if terms.take_or_pay or not ends:
        return terms.end
    return min(terms.end, max(ends))


def paid_for(agreement: Agreement, on: date) -> Agreement:
    """The terms in force on a day, its capacity the one that the fee pays for, tranches included.

    >>> paid_for(deal, date(2026, 1, 1)).tranche
    ()
    """
    day = day_served(agreement, on)
    terms = in_force(agreement, day)
    return terms.model_copy(update={"capacity": capacity(terms, day), "tranche": ()})


def paid_for_from(agreement: Agreement, since: date) -> Agreement:
    """The final terms, their capacity all that is in service on a day or later, or was last.

    What all fees from that day on pay for: the figures of a whole term are set against it.
    """
    terms = final_terms(agreement)
    since = min(since, served_until(agreement, since) - timedelta(days=1))
    left = {t.name for t in terms.tranche if t.end is None or t.end > since}
    names = left if site_ended(terms, since) else left | {"site"}
    return terms.model_copy(update={"capacity": _together(terms, names), "tranche": ()})


def capacity(terms: Agreement, day: date) -> Capacity:
    """What is in service on a day of unchanged terms, under the name of the site.

    Where nothing is, or only the site as a whole is stated, the site's as it is stated; a scope
    that takes its place (`terms.scoped`) holds all.
    """
    names = {stream.name for stream in streams(terms) if fee_then(stream, day)}
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
        return _whole([*parts, *(tranche.capacity for tranche in inside)], site)
    if not outside and (site.mw is not None or site.accelerators):
        return site
    parts, rest = [tranche.capacity for tranche in inside], _less(site, outside)
    whole = _whole([_on_basis(part, site.mw_basis) for part in parts], site)
    if any(part.mw is None for part in parts):
        whole = whole.model_copy(update={"mw": rest.mw, "mw_basis": rest.mw_basis})
    if any(not part.accelerators for part in parts):
        whole = whole.model_copy(update={"accelerators": rest.accelerators})
    return whole


def site_ended(terms: Agreement, day: date) -> bool:
    """Whether the site's own fee has fallen to 0 by a day and rises no more."""
    before = [fee for fee in terms.fee if fee.since <= day]
    left = [*before[-1:], *(fee for fee in terms.fee if fee.since > day)]
    return any(fee.usd_month for fee in before) and not any(fee.usd_month for fee in left)


def _whole(parts: Sequence[Capacity], site: Capacity) -> Capacity:
    """Several capacities as one under the site's name."""
    return reduce(together, parts).model_copy(update={"name": site.name})


def _on_basis(part: Capacity, basis: str) -> Capacity:
    """A part of a site; megawatts without a basis are on that of the whole."""
    return part.model_copy(update={"mw_basis": basis}) if part.mw_basis == "not stated" else part


def together(one: Capacity, more: Capacity) -> Capacity:
    """Two capacities as one: what both state, megawatts only where on one basis."""
    if not more.accelerators and more.mw == 0:
        return one
    counts: dict[str, Quantity] = {}
    if one.accelerators and more.accelerators:
        counts = dict(one.accelerators)
        for kind, count in more.accelerators.items():
            counts[kind] = _sum(counts[kind], count) if kind in counts else count
    mw = None
    if one.mw is not None and more.mw is not None and one.mw_basis == more.mw_basis:
        mw = _sum(one.mw, more.mw)
    return one.model_copy(update={"accelerators": counts, "mw": mw})


def _less(site: Capacity, outside: Sequence[Tranche]) -> Capacity:
    """The site less tranches that are not in service; unknown where one does not state its size."""
    mw, counts = site.mw, dict(site.accelerators)
    for tranche in outside:
        part = tranche.capacity
        mw = _difference(mw, part.mw) if mw is not None and part.mw is not None else None
        counts = {
            kind: _difference(count, part.accelerators.get(kind, 0.0))
            for kind, count in counts.items()
            if part.accelerators
        }
    return site.model_copy(update={"mw": mw, "accelerators": counts})


def _sum(one: Quantity, other: Quantity) -> Quantity:
    if not isinstance(one, Range) and not isinstance(other, Range):
        return one + other
    a, b = as_range(one), as_range(other)
    return Range(low=a.low + b.low, use=a.use + b.use, high=a.high + b.high)


def _difference(one: Quantity, other: Quantity) -> Quantity:
    if not isinstance(one, Range) and not isinstance(other, Range):
        return max(0.0, one - other)
    a, b = as_range(one), as_range(other)
    low, use, high = (
        max(0.0, x - y) for x, y in ((a.low, b.high), (a.use, b.use), (a.high, b.low))
    )
    return Range(low=low, use=use, high=high)


def as_range(amount: Quantity) -> Range:
    """A number of the terms as a range, of one point where it is stated as one."""
    if isinstance(amount, Range):
        return amount
    return Range(low=amount, use=amount, high=amount)


def understood(agreement: Agreement) -> list[str]:
    """How the rule takes the capacity of an agreement with tranches, a sentence each."""
    site, parts = agreement.capacity, [t.capacity for t in agreement.tranche]
    found = []
    if parts and agreement.fee:
        found.append(
            "capacity is what the agreement's own fee pays for; the capacity of tranches comes on "
            "top of it"
        )
    elif parts:
        found.append(
            "the agreement has no fee of its own, so capacity is the sum that its tranches are "
            "part of"
        )
        inside = [part.mw for part in parts if part.mw is not None]
        if site.mw is not None and len(inside) == len(parts):
            whole = reduce(_sum, inside)
            if as_range(whole) != as_range(site.mw):
                found.append(
                    f"capacity.mw: {as_range(site.mw).use:,.10g} is not the sum of the tranches, "
                    f"{as_range(whole).use:,.10g}; the fee is set against it "
                    "while all are in service"
                )
    ends = [fee.since for fee in agreement.fee if site_ended(agreement, fee.since)]
    if ends:
        found.append(
            f"the fee has fallen to 0 for good on {ends[0]}: the site has ended, and its capacity "
            "is left out from that day on"
        )
    return found
