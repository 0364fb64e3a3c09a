"""What has happened under an agreement: passed in from Python, or dated in its file."""

import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from numbers import Real
from typing import Any, TypedDict

import numpy as np

from analysis.contract.errors import shown
from analysis.contract.terms import SITE, Agreement, in_force

Delivered = Mapping[date, float]
"""Share of a capacity delivered so far, by the day from which it holds."""


class Facts(TypedDict, total=False):
    """What happened under an agreement, each optional.

    `index`: level of the escalator's index by date of publication. `usage`: units used in a month,
    by its first day. `delivered`: share delivered by day, for "site" (the capacity outside
    tranches) or a tranche; what is not delivered is not paid for, whatever the file says of
    remedies. `availability`: share of time available in a month, by its first day. Months are
    billing periods under the proration `full-period`. `spend`: dollars spent in all from the start
    of service on, by the last day that they count; only a minimum asks for it.
    """

    index: Mapping[date, float]
    usage: Mapping[date, float]
    delivered: Mapping[str, Delivered]
    availability: Mapping[date, float]
    spend: Mapping[date, float]


MEASURED = {
    "index": (sys.float_info.min, sys.float_info.max, "a finite number above 0"),
    "usage": (0.0, sys.float_info.max, "a finite number, 0 or more"),
    "delivered": (0.0, 1.0, "0 to 1"),
    "availability": (0.0, 1.0, "0 to 1"),
    "spend": (0.0, sys.float_info.max, "a finite number, 0 or more"),
}
"""The least and the most that each fact can be."""


def known(agreement: Agreement, as_of: date, given: Facts) -> Facts:
    """The facts of the file up to a day, and over them those passed in, whatever their days.

    Capacity that the file says is delivered in part is taken to be whole when it is still due.
    """
    found = _told(agreement, as_of)
    due = {SITE: agreement.delivery, **{t.name: t.delivery for t in agreement.tranche}}
    for name, shares in found.get("delivered", {}).items():
        terms = due.get(name)
        if terms and terms.due > max(as_of, *shares):
            shares[terms.due] = 1.0
    return Facts(**{**found, **given})  # type: ignore[typeddict-item]


def _told(agreement: Agreement, until: date) -> dict[str, Any]:
    """What the file says has happened up to a day, by kind."""
    found: dict[str, Any] = {}
    for fact in agreement.fact:
        if fact.date <= until:
            series = found.setdefault(fact.kind, {})
            of = series.setdefault(fact.capacity, {}) if fact.kind == "delivered" else series
            of[fact.date] = fact.value
    return found


def check_facts(agreement: Agreement, facts: Facts) -> None:
    """Refuse facts of no known kind or capacity, and values that nobody can have measured."""
    if unknown := set(facts) - set(MEASURED):
        raise ValueError(f"{min(unknown)} is no fact; allowed: {', '.join(MEASURED)}")
    days = sorted({agreement.start, *(amendment.effective for amendment in agreement.amendment)})
    versions = (in_force(agreement, day) for day in days)
    names = dict.fromkeys(part.name for terms in versions for part in terms.parts)
    delivered = facts.get("delivered", {})
    if not isinstance(delivered, Mapping):
        raise ValueError("delivered: allowed: shares by day, by the name of a capacity")
    for name in delivered:
        if name not in names:
            allowed = ", ".join(names)
            raise ValueError(f"delivered: {name!r} is no capacity here; allowed: {allowed}")
    every: dict[tuple[str, str], Any] = {}
    every |= {("delivered", f" of {name}"): part for name, part in delivered.items()}
    every |= {(key, ""): series for key, series in facts.items() if key != "delivered"}
    for (fact, of), series in every.items():
        if not isinstance(series, Mapping):
            raise ValueError(f"{fact}{of}: {shown(repr(series))}; allowed: values by day")
        least, most, said = MEASURED[fact]
        for day, value in series.items():
            if not isinstance(day, date) or isinstance(day, datetime):
                raise ValueError(f"{fact}{of}: {shown(repr(day))} is no day; allowed: a date")
            number = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
            if not number or not least <= value <= most:
                raise ValueError(f"{fact}: {shown(str(value))}{of} on {day}; allowed: {said}")
    if wrong := next(not_spent(facts.get("spend", {}), agreement.start), ""):
        raise ValueError(wrong)


def not_spent(spend: Mapping[date, float], start: date) -> Iterator[str]:
    """Money said to be spent before the start, or less in all than on an earlier day."""
    before = 0.0
    for day, usd in sorted(spend.items()):
        if day < start:
            yield f"spend: {day} is before start {start}"
        if usd < before:
            yield f"spend: {usd:,.10g} in all up to {day} is less than {before:,.10g} before"
        before = usd


def started(agreement: Agreement, given: Facts) -> Agreement:
    """The agreement with service begun on the day of delivery, where its delivery moves the start.

    Days that follow from the start move with it; solved fees stay.
    """
    delivered = {**_told(agreement, date.max).get("delivered", {}), **given.get("delivered", {})}
    late = {SITE: agreement.delivery, **{t.name: t.delivery for t in agreement.tranche}}
    moved = {
        name: min(day for day, share in delivered[name].items() if share > 0)
        for name, due in late.items()
        if due and due.moves_start and any(share > 0 for share in delivered.get(name, {}).values())
    }
    changes: dict[str, Any] = {"start": moved.pop(SITE)} if SITE in moved else {}
    if moved:
        changes["tranche"] = [{"name": name, "start": day} for name, day in moved.items()]
    return agreement.change(changes) if changes else agreement
