"""How stated fees rise: one rule for first fees, later steps, tranches and what is amended.

A fee is charged as stated on its first day (one that an amendment names, with whatever amount:
not before the amendment takes effect), and rises on every later day that the escalator then in
force names. Rises of an escalator that is amended or taken away stay; an amended one counts from
its effective day on.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from analysis.contract import dates
from analysis.contract.clauses import Escalator, Fee
from analysis.contract.terms import Agreement, in_force

Index = Mapping[date, float]
"""Level of the escalator's index by date of publication."""
Stated = Mapping[tuple[str, date], date]
"""The day from which a fee is charged as stated, by capacity and first day."""


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
        found.append(Version(low, high, in_force(agreement, low), _stated(agreement, low)))
    return tuple(found)


def _stated(agreement: Agreement, day: date) -> Stated:
    """Since when each fee in force on a day stands as stated: by the last to name it."""
    terms = in_force(agreement, day)
    steps = [("site", fee.since) for fee in terms.fee]
    steps += [(tranche.name, fee.since) for tranche in terms.tranche for fee in tranche.fee]
    stated = {step: step[1] for step in steps}
    for number, amendment in enumerate(agreement.amendment, start=1):
        if amendment.effective <= day:
            for step in _named(amendment.terms, in_force(agreement, day, number)):
                if step in stated:
                    stated[step] = max(step[1], amendment.effective)
    return stated


def _named(changes: Mapping[str, Any], terms: Agreement) -> Iterator[tuple[str, date]]:
    """The fee steps whose amount or day an amendment states; `terms` are those it leads to."""
    yield from (("site", day) for day in _days(changes.get("fee"), terms.fee))
    for key, tranche in _items(changes.get("tranche")):
        found = (
            next(t for t in terms.tranche if t.name == tranche["name"])
            if "name" in tranche
            else terms.tranche[int(key)]
        )
        yield from ((found.name, day) for day in _days(tranche.get("fee"), found.fee))


def _days(changes: Any, fees: Sequence[Fee]) -> Iterator[date]:
    for key, item in _items(changes):
        if item.keys() & {"from", "usd_month"}:
            yield item["from"] if "from" in item else fees[int(key)].since


def _items(changes: Any) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """What changes an array: its items by position, some or all."""
    if isinstance(changes, Mapping):
        yield from changes.items()
    elif isinstance(changes, list | tuple):
        yield from enumerate(changes)


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
