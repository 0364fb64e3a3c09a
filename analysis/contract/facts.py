"""What has happened under an agreement: passed in from Python, or dated in its file."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Self

from pydantic import Field, field_validator

from analysis.contract.amendments import stretches
from analysis.contract.fields import (
    DAY,
    Bounded,
    Day,
    Name,
    NonNegative,
    Positive,
    Share,
    Text,
)
from analysis.contract.terms import SITE, Agreement

Delivered = Mapping[date, float]
"""Share of a capacity delivered so far, by the day from which it holds."""


class Facts(Bounded):
    """What happened under an agreement.

    `index`: level of the escalator's index by date of publication. `usage`: units used in a month,
    by its first day; where several prices count units at once, that by the name of each (of
    `take_or_pay` its unit). `delivered`: share delivered by day, for "site" (the capacity outside
    tranches) or a tranche; what is not delivered is not paid for, whatever the file says of
    remedies. `availability`: share of time available in a month, by its first day. Months are
    billing periods under the proration `full-period`. `spend`: dollars spent in all from the start
    of service on, by the last day that they count; only a minimum asks for it.
    """

    index: dict[Day, Positive] = Field(default={})
    usage: dict[Text, dict[Day, NonNegative]] = Field(default={})
    delivered: dict[Name, dict[Day, Share]] = Field(default={})
    availability: dict[Day, Share] = Field(default={})
    spend: dict[Day, NonNegative] = Field(default={})

    @field_validator("usage", "delivered", mode="before")
    @classmethod
    def _by_name(cls, series: Any) -> Any:
        """A series without a name, such as usage of the only price, is that of the site."""
        unnamed = isinstance(series, Mapping) and not any(isinstance(key, str) for key in series)
        return {SITE: series} if unnamed and series else series

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return bool(self.model_fields_set)

    def used(self, price: str) -> Mapping[date, float]:
        """The units used by month, of one price or, where they are not told apart, of the only."""
        return self.usage.get(price if self.usage.keys() - {SITE} else SITE, {})

    def present(self, name: str, day: date) -> float:
        """The share of a capacity delivered by a day; all of it where nothing is known of it."""
        return latest(self.delivered[name], day, 0.0) if name in self.delivered else 1.0

    def with_delivered(self, delivered: Mapping[str, Delivered]) -> Self:
        """The same with what is delivered of some capacities in place of what is known of them."""
        return self.model_copy(update={"delivered": {**self.delivered, **delivered}})


NOTHING = Facts()


def latest(series: Mapping[date, float], day: date, before: float) -> float:
    """The value of the last date up to `day`; `before` where there is none yet."""
    past = [when for when in series if when <= day]
    return series[max(past)] if past else before


def known(agreement: Agreement, as_of: date, given: Facts) -> Facts:
    """The facts of the file up to a day, and over them those passed in, whatever their days.

    Capacity that the file says is delivered in part is taken to be whole when it is still due, and
    none that moves the start to be whole on the start that it moves.
    """
    found = of_file(agreement, as_of)
    for name, shares in found.get("delivered", {}).items():
        terms = agreement.deliveries.get(name)
        if terms and terms.due > max(as_of, *shares):
            shares[terms.due] = 1.0
    facts = Facts.of(found | given.model_dump(exclude_unset=True)) if found else given
    awaited = dict[str, Delivered]()
    for name, shares in facts.delivered.items():
        terms, day = agreement.deliveries.get(name), agreement.begins.get(name, agreement.start)
        if terms and terms.moves_start and max(shares) < day:
            awaited[name] = {**shares, day: 1.0}
    return facts.with_delivered(awaited) if awaited else facts


def of_file(agreement: Agreement, until: date = date.max) -> dict[str, Any]:
    """What the file says has happened up to a day, by kind."""
    found: dict[str, Any] = {}
    for fact in agreement.fact:
        if fact.date <= until:
            series = found.setdefault(fact.kind, {})
            named = fact.kind in ("delivered", "usage")
            of = series.setdefault(fact.capacity, {}) if named else series
            of[fact.date] = fact.value
    return found


def check_facts(agreement: Agreement, facts: Facts) -> None:
    """Refuse facts of no capacity or price, and money that nobody can have spent."""
    for problem in impossible(facts, [terms for *_, terms in stretches(agreement)]):
        raise ValueError(problem)


def impossible(facts: Facts, versions: Sequence[Agreement]) -> Iterator[str]:
    """Facts of no capacity; use of no price or of several at once; money that cannot be spent."""
    names = dict.fromkeys(part.name for terms in versions for part in terms.parts)
    for name in [name for name in facts.delivered if name not in names]:
        allowed = ", ".join(names) or "none"
        yield f"delivered: {name!r} is no capacity here; allowed: {allowed}"
    terms = versions[-1]
    spans = [(p.name, p.since or date.min, p.end or date.max) for p in terms.unit_price]
    if meter := terms.take_or_pay:
        spans.append((meter.unit, date.min, date.max))
    allowed = ", ".join(dict.fromkeys(name for name, *_ in spans))
    for name in facts.usage:
        own = sorted((low, high) for of, low, high in spans if name in (of, SITE))
        if name != SITE and spans and not own:
            yield f"usage: {name!r} is no price by unit here; allowed: {allowed}"
        elif any(later[0] < before[1] for before, later in pairwise(own)):
            yield f"usage: several prices count it at once; name the one it is of: {allowed}"
    before = 0.0
    for day, usd in sorted(facts.spend.items()):
        if day < terms.start:
            yield f"spend: {day} is before start {terms.start}"
        if usd < before:
            yield f"spend: {usd:,.15g} in all up to {day} is less than {before:,.15g} before"
        before = usd


def started(agreement: Agreement, given: Facts) -> Agreement:
    """The agreement with service begun on the day of delivery, where its delivery moves the start.

    Days that follow from the start move with it; solved fees stay. While none is there, it begins
    the day after the last fact that says so, or as planned if that is later. A tranche that comes
    before the start is served from the start on.
    """
    delivered = {**of_file(agreement).get("delivered", {}), **given.delivered}
    moved = dict[str, date]()
    for name, due in agreement.deliveries.items():
        if due.moves_start and (shares := delivered.get(name)):
            begun = [day for day, share in shares.items() if share > 0]
            later = max(agreement.begins.get(name, agreement.start), max(shares) + DAY)
            moved[name] = min(begun, default=later)
    changes: dict[str, Any] = {"start": moved.pop(SITE)} if SITE in moved else {}
    if moved:
        first = changes.get("start", agreement.start)
        changes["tranche"] = [
            {"name": name, "start": max(day, first)} for name, day in moved.items()
        ]
    return agreement.change(changes) if changes else agreement
