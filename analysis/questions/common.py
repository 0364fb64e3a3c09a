"""The controls that panels share: which agreement, which reading, which day, which capacity."""

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any

import pandas as pd

from analysis.contract import files, readings, rights, terms
from analysis.contract.clauses import Range
from analysis.contract.terms import Agreement
from analysis.data import sources
from analysis.models import comparables, planning
from analysis.models.exits import leaving
from analysis.models.planning import Place
from analysis.page.controls import PLACE, Control

Values = Mapping[str, Any]
PARTIES = {"the customer (firm revenue)": "customer", "the provider (firm supply)": "provider"}
SEEN_FROM = {"the first day served": "start", "the valuation date": "as_of"}


def deal(values: Values) -> Agreement:
    """The agreement asked for; a file is read anew each time, so that it may be edited beside."""
    name = values["contract"]
    return _shipped(name) if name in files.contracts() else files.contract(name)


@cache
def _shipped(name: str) -> Agreement:
    return files.contract(name)


def shipped() -> list[Agreement]:
    """Every agreement shipped."""
    return [_shipped(name) for name in files.contracts()]


def read(values: Values) -> Agreement:
    """The agreement asked for, under the reading asked for."""
    found = deal(values)
    return terms.read_as(found, values["reading"] or found.reading.name)


@cache
def prices() -> pd.DataFrame:
    """Market prices as they were seen; read once."""
    return sources.prices()


@cache
def weights(metric: str) -> dict[str, Range]:
    """What an accelerator of each kind counts in H100s; read once for each metric."""
    return leaving.weights(sources.accelerators(), metric)


def deals(*corrections: str) -> pd.DataFrame:
    """The disclosed deals, as the rows of further files correct them; see `comparables.deals`."""
    return comparables.deals(sources.comparables(*corrections))


@cache
def plan() -> pd.DataFrame:
    """What is assumed where terms are silent; read once, and never changed in place."""
    return sources.planning()


def contract(values: Values) -> Control:
    """The agreements shipped, and the notebook's own file where it has one."""
    ids = list(dict.fromkeys([*files.contracts(), values["contract"]]))
    return Control(name="contract", label="Agreement", choices=dict(zip(ids, ids, strict=True)))


def reading(
    agreement: Agreement, values: Values, *, name: str = "reading", label: str = "Reading"
) -> Control:
    """The agreement's readings, and several joined where the notebook asks for them."""
    own = f"{agreement.reading.name} (the agreement's own): {agreement.reading.title}"
    asked = own_reading(agreement, values)
    choices = {own: "", **_labels(agreement, (asked,) if "+" in asked else ())}
    if values["reading"] == agreement.reading.name:  # named in full, it is the agreement's own
        choices[own] = agreement.reading.name
    alone = "the agreement has one reading" if len(choices) == 1 else ""
    return Control(name=name, label=label, choices=choices, idle=alone)


@lru_cache(maxsize=32)
def _labels(agreement: Agreement, joined: tuple[str, ...]) -> dict[str, str]:
    """The other readings by what they say; kept, as each takes a check of the whole agreement."""
    names = [name for name in agreement.readings if name != agreement.reading.name]
    return {readings.label(agreement, name): name for name in [*names, *joined]}


def own_reading(agreement: Agreement, values: Values) -> str:
    """The reading asked for; the agreement's own where there is none of that name."""
    try:
        return terms.read_as(agreement, values["reading"] or agreement.reading.name).reading.name
    except ValueError:
        return agreement.reading.name


def as_of(agreement: Agreement, values: Values) -> Control:
    """The valuation date, on a slider from signing to the end in force on that date."""
    days = (agreement.signed, last(agreement, values))
    return Control(name="as_of", label="Valuation date", days=days)


def last(agreement: Agreement, values: Values) -> date:
    """The end in force on the valuation date, as the file or as the reading has it: the later."""
    read = terms.read_as(agreement, own_reading(agreement, values))
    day = date.fromisoformat(values["as_of"])
    return max(rights.final_terms(rights.in_term(each, day)).end for each in (agreement, read))


def seen_from(agreement: Agreement, values: Values, *, label: str = "Seen from") -> Control:
    """The first day served, or the valuation date."""
    same = values["as_of"] == agreement.start.isoformat()
    idle = "both are the same day" if same else ""
    return Control(name="seen_from", label=label, choices=SEEN_FROM, idle=idle)


def party() -> Control:
    """Whose right to leave counts."""
    return Control(name="party", label="Who might leave", choices=PARTIES)


def rate(*, idle: str = "") -> Control:
    """The discount rate."""
    label = "Discount rate a year (0.1: 10 %)"
    return Control(name="rate", label=label, span=(0.0, 0.4), step=0.005, idle=idle)


def metric(*, idle: str = "") -> Control:
    """What an accelerator is weighed by."""
    names = {name: name for name in _metrics()}
    return Control(name="metric", label="An accelerator counts by its", choices=names, idle=idle)


@cache
def _metrics() -> list[str]:
    return sources.accelerator_metrics()


def hours_month(*, idle: str = "") -> Control:
    """Hours in a month, by whichever convention."""
    label = "Hours in a month"
    return Control(name="hours_month", label=label, span=(672, 744), step=0.5, idle=idle)


def scope(agreement: Agreement, values: Values, *, usual: str) -> Control:
    """What the fee is set against; `usual` names what an empty parameter stands for."""
    names = terms.scopes(agreement)
    choices = {f"{names[usual].name} (usual)": ""}
    choices |= {name: name for name in names if name != usual or values["scope"] == usual}
    alone = "the terms name one scope" if len(names) == 1 else ""
    return Control(name="scope", label="Set against", choices=choices, idle=alone)


def assumed(plan: pd.DataFrame, name: str, label: str, *, idle: str = "") -> Control:
    """One assumption between the ends of its range; `assume` names it where it is changed."""
    low, usual, high = (planning.value(plan, name, bound) for bound in planning.BOUNDS)
    return Control(
        name=f"assume{PLACE}{name}",
        label=label,
        span=(low, high),
        step=(high - low) / STEPS,
        usual=usual,
        idle=idle,
    )


def scoped(agreement: Agreement, values: Values) -> Values:
    """The parameters, without a scope that the agreement does not have."""
    known = values["scope"] in terms.scopes(agreement)
    return values if known else {**values, "scope": ""}


def place(
    agreement: Agreement, plan: pd.DataFrame, values: Values, *, on_day: bool = False
) -> Place:
    """The place that the fee is set against, as the notebook's parameters name it.

    With `on_day` it is what is in service on the valuation date, else what is in service ever.
    """
    return planning.place(
        agreement,
        plan,
        day=date.fromisoformat(values["as_of"]) if on_day else None,
        scope=values.get("scope", ""),
        capacity_mw=values["capacity_mw"],
        capex_usd=values.get("capex_usd", 0.0),
    )


def capacity_mw(found: Place) -> Control:
    """Megawatts instead of those that the terms or the assumptions have, up to twice those."""
    most = TWICE * found.mw["high"] if found.mw else MOST_MW
    label = "Capacity, MW (0: as known)"
    return Control(name="capacity_mw", label=label, span=(0.0, most), step=most / STEPS)


def capex_usd(found: Place) -> Control:
    """Capex instead of what is assumed, up to twice that; of use once there are megawatts."""
    high = found.capex_usd["high"] if found.capex_usd else MOST_USD
    most = TWICE * high / BILLION
    label = "Capex, $bn (0: as assumed)"
    idle = "" if found.mw else found.why_not
    span = (0.0, most)
    return Control(
        name="capex_usd", label=label, span=span, step=most / STEPS, scale=BILLION, idle=idle
    )


STEPS = 100  # of a slider
TWICE = 2  # a slider reaches to twice what is known
BILLION = 1e9
MOST_MW, MOST_USD = 1e3, 1e10  # a slider's reach where nothing is known; more may be typed
