"""How stated fees rise: one rule for first fees, later steps, tranches and what is amended.

A fee is charged as stated on its first day (one that an amendment names, with whatever amount:
not before the amendment takes effect), and rises on every later day that the escalator then in
force names. Rises of an escalator that is amended or taken away stay; an amended one counts from
its effective day on.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from analysis.contract import dates
from analysis.contract.amendments import in_force, stretches
from analysis.contract.derived import items
from analysis.contract.facts import latest
from analysis.contract.prices import Escalator
from analysis.contract.terms import SITE, Agreement

Index = Mapping[date, float]  # level of the escalator's index by date of publication
Stated = Mapping[tuple[str, date], date]  # since when a fee stands, by capacity and first day


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


def versions(agreement: Agreement) -> tuple[Version, ...]:
    """The terms from the start of service on, and from each day on which an amendment holds."""
    start = agreement.start
    return tuple(
        Version(max(low, start), high, terms, _stated(agreement, max(low, start)))
        for low, high, terms in stretches(agreement)
        if high > start
    )


def _stated(agreement: Agreement, day: date) -> Stated:
    """Since when each fee in force on a day stands as stated: by the last to name it."""
    parts = in_force(agreement, day).parts
    stated = {(part.name, fee.since): fee.since for part in parts for fee in part.fee}
    for number, amendment in enumerate(agreement.amendment, start=1):
        if amendment.effective <= day:
            for step in _named(amendment.terms, in_force(agreement, day, number)):
                if step in stated:
                    stated[step] = max(step[1], amendment.effective)
    return stated


def _named(changes: Mapping[str, Any], terms: Agreement) -> Iterator[tuple[str, date]]:
    """The fee steps whose amount or day an amendment states; `terms` are those it leads to."""
    by_name = {tranche.name: tranche for tranche in terms.tranche}
    parts = [(SITE, terms.fee, changes.get("fee"))]
    for key, new in items(changes.get("tranche")):
        tranche = by_name[new["name"]] if "name" in new else terms.tranche[int(key)]
        parts.append((tranche.name, tranche.fee, new.get("fee")))
    for name, fees, given in parts:
        before = 0 if isinstance(given, Mapping) else len(fees) - len(given or ())
        for key, step in items(given):
            if step.keys() & {"from", "after_months", "usd_month"}:
                yield name, fees[before + int(key)].since


def escalator(terms: Agreement, name: str = SITE) -> Escalator | None:
    """What raises the fees of a capacity: a tranche's own escalator, else the agreement's."""
    own = next((t.escalator for t in terms.tranche if t.name == name), None)
    return own or terms.escalator


def resets(rise: Escalator | None, end: date) -> list[date]:
    """The days before `end` on which an escalator raises the fees."""
    if not rise:
        return []
    until = min(end, rise.end or end)
    return list(dates.anchored(rise.since, months=rise.every_months, until=until))


def rises(found: Sequence[Version], end: date, name: str = SITE) -> Iterator[Rise]:
    """The days before `end` on which a capacity's fees rise, each by the escalator in force."""
    begun, before = found[0].start, None
    for low, high, terms, _ in found:
        rise = escalator(terms, name)
        if rise != before:
            begun, before = low, rise
        for day in resets(rise, min(high, end)):
            if day >= low and rise:
                yield Rise(day, rise, day == begun)


def factor(found: Sequence[Rise], stated: date, day: date, index: Index) -> float:
    """What a fee stated from one day on is multiplied by on another, by the rises in between.

    An index counts with the level last published on each day of a rise, never forecast. Fees stated
    before its first rise stand at its base level, later ones at the level that then counts.
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
        product *= rise.by.bounded(now / level) if rise.day > stated else 1.0
        level = now
    return product
