"""What has happened under an agreement: passed in from Python, or dated in its file."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from analysis.contract.amendments import in_force
from analysis.contract.errors import sentences
from analysis.contract.fields import Day, Name, NonNegative, Positive, Share
from analysis.contract.terms import SITE, Agreement

Delivered = Mapping[Day, Share]
"""Share of a capacity delivered so far, by the day from which it holds."""


@with_config(ConfigDict(strict=True, extra="forbid", allow_inf_nan=False))
class Facts(TypedDict, total=False):
    """What happened under an agreement, each optional.

    `index`: level of the escalator's index by date of publication. `usage`: units used in a month,
    by its first day; where several prices count units at once, that by the name of each (of
    `take_or_pay` its unit). `delivered`: share delivered by day, for "site" (the capacity outside
    tranches) or a tranche; what is not delivered is not paid for, whatever the file says of
    remedies. `availability`: share of time available in a month, by its first day. Months are
    billing periods under the proration `full-period`. `spend`: dollars spent in all from the start
    of service on, by the last day that they count; only a minimum asks for it.
    """

    index: Mapping[Day, Positive]
    usage: Mapping[Any, Any]
    delivered: Mapping[Name, Delivered]
    availability: Mapping[Day, Share]
    spend: Mapping[Day, NonNegative]


@with_config(ConfigDict(strict=True, extra="forbid", allow_inf_nan=False))
class Used(TypedDict):
    """The usage of one price, by the first day of a month."""

    usage: Mapping[Day, NonNegative]


KINDS = TypeAdapter(Facts)
USED = TypeAdapter(Used)


def known(agreement: Agreement, as_of: date, given: Facts) -> Facts:
    """The facts of the file up to a day, and over them those passed in, whatever their days.

    Capacity that the file says is delivered in part is taken to be whole when it is still due.
    """
    found = _told(agreement, as_of)
    for name, shares in found.get("delivered", {}).items():
        terms = agreement.deliveries.get(name)
        if terms and terms.due > max(as_of, *shares):
            shares[terms.due] = 1.0
    return Facts(**{**found, **given})  # type: ignore[typeddict-item]


def _told(agreement: Agreement, until: date) -> dict[str, Any]:
    """What the file says has happened up to a day, by kind."""
    found: dict[str, Any] = {}
    for fact in agreement.fact:
        if fact.date <= until:
            series = found.setdefault(fact.kind, {})
            named = fact.kind == "delivered" or fact.capacity != SITE
            of = series.setdefault(fact.capacity, {}) if named else series
            of[fact.date] = fact.value
    return found


def used(facts: Facts, name: str) -> Mapping[date, float]:
    """The units used by month, of one price or, where they are not told apart, of the only one."""
    usage: Mapping[Any, Any] = facts.get("usage", {})
    return usage.get(name, {}) if any(isinstance(key, str) for key in usage) else usage


def used_twice(agreement: Agreement, names: Iterable[str]) -> Iterator[str]:
    """Usage, by the name of its price or "site", that is of no price or of several at once."""
    spans = [(p.name, p.since or date.min, p.end or date.max) for p in agreement.unit_price]
    if meter := agreement.take_or_pay:
        spans.append((meter.unit, date.min, date.max))
    allowed = ", ".join(dict.fromkeys(name for name, *_ in spans))
    for name in names:
        own = sorted((low, high) for of, low, high in spans if name in (of, SITE))
        if name != SITE and spans and not own:
            yield f"usage: {name!r} is no price by unit here; allowed: {allowed}"
        elif any(later[0] < before[1] for before, later in pairwise(own)):
            yield f"usage: several prices count it at once; name the one it is of: {allowed}"


def check_facts(agreement: Agreement, facts: Facts) -> None:
    """Refuse facts of no known kind or capacity, and values that nobody can have measured."""
    try:
        KINDS.validate_python(facts)
        usage = facts.get("usage", {})
        named = [key for key in usage if isinstance(key, str)]
        for each in map(usage.get, named) if named else [usage]:
            USED.validate_python({"usage": each})
    except ValidationError as error:
        raise ValueError("\n".join(sentences(error))) from None
    days = sorted({agreement.start, *(amendment.effective for amendment in agreement.amendment)})
    versions = (in_force(agreement, day) for day in days)
    names = dict.fromkeys(part.name for terms in versions for part in terms.parts)
    wrong = [
        f"delivered: {name!r} is no capacity here; allowed: {', '.join(names)}"
        for name in facts.get("delivered", {})
        if name not in names
    ]
    wrong += used_twice(in_force(agreement), named or ([SITE] if usage else []))
    for told in [*wrong, *not_spent(facts.get("spend", {}), agreement.start)]:
        raise ValueError(told)


def not_spent(spend: Mapping[date, float], start: date) -> Iterator[str]:
    """Money said to be spent before the start, or less in all than on an earlier day."""
    before = 0.0
    for day, usd in sorted(spend.items()):
        if day < start:
            yield f"spend: {day} is before start {start}"
        if usd < before:
            yield f"spend: {usd:,.15g} in all up to {day} is less than {before:,.15g} before"
        before = usd


def started(agreement: Agreement, given: Facts) -> Agreement:
    """The agreement with service begun on the day of delivery, where its delivery moves the start.

    Days that follow from the start move with it; solved fees stay. A tranche that comes before the
    start is served from the start on.
    """
    delivered = {**_told(agreement, date.max).get("delivered", {}), **given.get("delivered", {})}
    moved = {
        name: min(begun)
        for name, due in agreement.deliveries.items()
        if (begun := [day for day, share in delivered.get(name, {}).items() if share > 0])
        and due.moves_start
    }
    changes: dict[str, Any] = {"start": moved.pop(SITE)} if SITE in moved else {}
    if moved:
        first = changes.get("start", agreement.start)
        changes["tranche"] = [
            {"name": name, "start": max(day, first)} for name, day in moved.items()
        ]
    return agreement.change(changes) if changes else agreement
