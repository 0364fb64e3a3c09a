"""The full monthly fee on a day, and the capacity that it pays for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from analysis.clauses import Capacity, Quantity, Range
from analysis.leaving import weight
from analysis.rights import final_terms, in_term
from analysis.schedule import escalation, streams
from analysis.terms import Agreement, in_force
from analysis.units import Interval, Measure, as_interval, h100_equivalents


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """The full fee of a month as it stands on `day`, before any discount.

    discounted: whether a discount lowers what is paid on that day; a discounted fee buys no more
    and no less, so prices are always those of the full one.
    """

    day: date
    usd_month: float
    discounted: bool


def full_fee(agreement: Agreement, on: date) -> Fee:
    """The full monthly fee in force on a day; before service of its first, after it of its last.

    The fees of the site and of each tranche begun, escalated. A metered minimum buys no
    accelerators and is left out, as are credits.

    >>> full_fee(deal, date(2020, 1, 1)).usd_month
    100.0
    """
    day = served(agreement, on)
    terms = in_force(agreement, day)
    usd, discounted = 0.0, False
    for stream in streams(terms):
        begun = [fee for fee in stream.fees if fee.since <= day]
        if begun:
            usd += begun[-1].usd_month * escalation(terms, day, {})
            discounted |= begun[-1].discount != 0
    return Fee(day=day, usd_month=usd, discounted=discounted)


def served(agreement: Agreement, day: date) -> date:
    """The day itself, or the day of service closest to it, by the renewals that bind by then."""
    last = final_terms(in_term(agreement, day)).end - timedelta(days=1)
    return min(max(day, agreement.start), last)


def paid_for(agreement: Agreement, on: date) -> Agreement:
    """The terms on a day, their first capacity with that of every tranche begun by then."""
    day = served(agreement, on)
    terms = in_force(agreement, day)
    whole = terms.capacity
    for tranche in terms.tranche:
        if tranche.fee[0].since <= day:
            whole = together(whole, tranche.capacity)
    return terms.model_copy(update={"capacity": whole})


def together(one: Capacity, more: Capacity) -> Capacity:
    """Two capacities as one; megawatts only where both are stated on one basis."""
    counts = dict(one.accelerators)
    for kind, count in more.accelerators.items():
        counts[kind] = _sum(counts[kind], count) if kind in counts else count
    known = one.mw is not None and more.mw is not None and one.mw_basis == more.mw_basis
    mw = _sum(one.mw, more.mw) if known and one.mw and more.mw else None
    return one.model_copy(update={"accelerators": counts, "mw": mw})


def _sum(one: Quantity, other: Quantity) -> Quantity:
    if not isinstance(one, Range) and not isinstance(other, Range):
        return one + other
    whole = span(one) + span(other)
    return Range(low=whole.low, use=_use(one) + _use(other), high=whole.high)


def _use(amount: Quantity) -> float:
    return amount.use if isinstance(amount, Range) else amount


def span(amount: Quantity) -> Interval:
    """A number of the terms, or the range it lies in, as an interval."""
    if isinstance(amount, Range):
        return Interval(amount.low, amount.high)
    return as_interval(amount)


def kinds(capacity: Capacity) -> dict[str, Interval]:
    """How many accelerators of each kind a capacity holds; empty where none are stated."""
    return {kind: span(count) for kind, count in capacity.accelerators.items() if _use(count)}


def equivalents(accelerators: Mapping[str, Measure], weights: Mapping[str, Range]) -> Interval:
    """H100-equivalents on the metric of `weights`, low to high.

    A kind without a weight counts as anything from one H100 to one GB300, several kinds as one of
    them (see `leaving.weight`).

    >>> weights = {"H100": Range(low=1, use=1, high=1), "GB300": Range(low=2, use=2, high=3)}
    >>> equivalents({"H100": 100, "unknown": 10}, weights)
    Interval(low=110.0, high=130.0)
    """
    known: dict[str, Measure] = {kind: span(weight(kind, weights)) for kind in accelerators}
    return as_interval(h100_equivalents(accelerators, known))
