"""How stated fees rise: one rule for first fees, later steps, tranches and what is amended.

A fee is charged as stated on its first day (an amended one: not before the amendment takes
effect), and rises on every later day that the escalator then in force names. Rises of an escalator
that is amended or taken away stay; an amended one counts from its effective day on.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from analysis.contract import dates
from analysis.contract.clauses import Escalator
from analysis.contract.terms import Agreement, in_force

Index = Mapping[date, float]
"""Level of the escalator's index by date of publication."""
Stated = Mapping[tuple[str, date, float], date]
"""The day from which a fee is charged as stated, by capacity, first day and amount."""


class Version(NamedTuple):
    """Unchanged terms in `[start, end)`, and since when each of their fees stands as stated."""

    start: date
    end: date
    terms: Agreement
    stated: Stated


class Rise(NamedTuple):
    """A day on which fees rise; `first` if its escalator takes effect on it."""

    day: date
    by: Escalator
    first: bool


@lru_cache(maxsize=256)
def versions(agreement: Agreement) -> tuple[Version, ...]:
    """The terms from the start of service on, and from each day on which an amendment holds."""
    changed = sorted({a.effective for a in agreement.amendment if a.effective > agreement.start})
    found: list[Version] = []
    for low, high in pairwise([agreement.start, *changed, date.max]):
        terms = in_force(agreement, low)
        before = found[-1].stated if found else {}
        steps = [("site", fee) for fee in terms.fee]
        steps += [(tranche.name, fee) for tranche in terms.tranche for fee in tranche.fee]
        keys = [(name, fee.since, fee.usd_month) for name, fee in steps]
        stated = {key: before.get(key, max(key[1], low)) for key in keys}
        found.append(Version(low, high, terms, stated))
    return tuple(found)


def resets(terms: Agreement, end: date) -> list[date]:
    """The days before `end` on which the escalator of unchanged terms raises the fees."""
    rise = terms.escalator
    return list(dates.anchored(rise.since, months=rise.every_months, until=end)) if rise else []


def rises(agreement: Agreement, end: date) -> Iterator[Rise]:
    """The days before `end` on which fees rise, each by the escalator then in force."""
    begun, before = agreement.start, None
    for low, high, terms, _ in versions(agreement):
        if terms.escalator != before:
            begun, before = low, terms.escalator
        for day in resets(terms, min(high, end)):
            if day >= low and terms.escalator:
                yield Rise(day, terms.escalator, day == begun)


def factor(found: list[Rise], stated: date, day: date, index: Index) -> float:
    """What a fee stated from one day on is multiplied by on another, by the rises in between.

    An index counts with the level last published on each day of a rise; it is never forecast, so
    without a later level the last one known holds. Fees stated before its first rise stand at its
    base level, later ones at the level that then counts.
    """
    product, level, of = 1.0, 1.0, None
    for rise in found:
        if rise.day > day:
            break
        if rise.by.rate is not None:
            product *= 1.0 + rise.by.rate if rise.day > stated else 1.0
            continue
        assert rise.by.base_level is not None
        if of != (rise.by.index, rise.by.base_level):
            level, of = 1.0, (rise.by.index, rise.by.base_level)
        if rise.first and rise.day == stated:
            continue
        now = latest(index, rise.day, rise.by.base_level) / rise.by.base_level
        product *= now / level if rise.day > stated else 1.0
        level = now
    return product


def escalation(agreement: Agreement, stated: date, day: date, index: Index) -> float:
    """`factor` of a fee of the agreement: 1 until the first rise after the day it is stated from.

    >>> from analysis.contract.terms import change
    >>> rising = change(deal, {"escalator": {"from": deal.start, "rate": 0.5}})
    >>> escalation(rising, deal.start, deal.start, {})
    1.0
    """
    return factor(list(rises(agreement, day + timedelta(days=1))), stated, day, index)


def latest(series: Mapping[date, float], day: date, before: float) -> float:
    """The value of the last date up to `day`; `before` where there is none yet."""
    past = [when for when in series if when <= day]
    return series[max(past)] if past else before
