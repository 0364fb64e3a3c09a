"""What is planned with where terms are silent: assumptions, and the place that a fee pays for.

Both sides take their inputs here, so that they mean the same site, fee and megawatts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal

import pandas as pd

from analysis.contract import served
from analysis.contract.capacity import Capacity
from analysis.contract.dates import DAYS_PER_YEAR, MONTHS_PER_YEAR
from analysis.contract.terms import Agreement
from analysis.models import errors
from analysis.models.units import KW_PER_MW, USD_PER_BN, scopes

Bound = Literal["low", "value", "high"]
BOUNDS: tuple[Bound, Bound, Bound] = ("low", "value", "high")
Ends = dict[Bound, float]
LARGE = ((USD_PER_BN, "bn"), (1e6, "m"))
BUILDING = "building"
"""The scope of what holds for a building with power and cooling, without accelerators."""


def without_accelerators(agreement: Agreement) -> bool:
    """Whether the fee buys a building alone: the accelerators are the customer's own."""
    return agreement.sells in ("shell", "colocation")


@dataclass(frozen=True, eq=False)
class Plan:
    """The assumptions that hold for every site as attributes, `plan.rate_year`.

    An end of a range that has none is its value.

    >>> row = {"name": "rate_year", "scope": "", "value": 0.1, "low": 0.06, "high": 0.15}
    >>> plan = Plan(pd.DataFrame([row]))
    >>> plan.rate_year, plan.at["low"].rate_year
    (0.1, 0.06)
    """

    table: pd.DataFrame = field(repr=False)
    bound: Bound = "value"

    @cached_property
    def at(self) -> "dict[Bound, Plan]":
        """The same from the low ends of their ranges over the values to the high ends."""
        return {bound: self if bound == self.bound else Plan(self.table, bound) for bound in BOUNDS}

    def changed(self, assume: Mapping[str, float]) -> "Plan":
        """The same with some values, by name, as the reader gives them: without a range."""
        table = self.table.copy()
        for name, given in assume.items():
            rows = table.name == name
            if not rows.any():
                known = ", ".join(dict.fromkeys(table.name))
                raise errors.refused("assume", name, f"one of {known}")
            errors.finite(**{name: given})
            table.loc[rows, list(BOUNDS)] = float(given)
            table.loc[rows, ["kind", "source", "note"]] = ["assumed", "the reader", "given by name"]
        return Plan(table, self.bound)

    def as_sold(self, agreement: Agreement) -> "Plan":
        """The same for what is sold, like with like.

        A shell or colocation has the cost, life and resale value of a building. What the customer
        pays beside the fee costs the provider nothing.
        """
        table = self.table
        if without_accelerators(agreement):
            own = table[table.scope == BUILDING]
            for_all = (table.scope == "") & table.name.isin(own.name)
            left = table[~for_all & (table.scope != BUILDING)]
            table = pd.concat([left, own.assign(scope="")], ignore_index=True)
        costs = agreement.costs
        for name, by in (("power_usd_mwh", costs.power), ("fixed_share_year", costs.operating)):
            if by != "provider":
                rows, note = table.name == name, f"paid by the customer beside the fee ({by})"
                table = table.assign(**{end: table[end].mask(rows, 0.0) for end in BOUNDS})
                table.loc[rows, ["kind", "source", "note"]] = ["disclosed", "the agreement", note]
        return Plan(table)

    @cached_property
    def _values(self) -> dict[str, float]:
        columns = (self.table[name].tolist() for name in ("name", "scope", self.bound, "value"))
        each = zip(*columns, strict=True)
        return {name: value if own != own else own for name, scope, own, value in each if not scope}

    def __getattr__(self, name: str) -> float:
        if name.startswith("_") or name not in self._values:
            raise AttributeError(f"{name!r} is no assumption that holds for every site")
        return self._values[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the fee is set against: a scope of the terms with its megawatts and capex, low to high.

    `title` is what the terms call it, `widest` whether no other scope of them holds more; `mw_from`
    and `capex_from` say where the figures come from, which are empty where unknown.
    """

    scope: str
    title: str
    widest: bool
    mw: Ends
    capex_usd: Ends
    mw_from: str
    capex_from: str
    pue: float | None = None
    accelerators: float = 0.0

    @property
    def known(self) -> bool:
        """Whether both megawatts and capex are known."""
        return bool(self.mw and self.capex_usd)

    @property
    def why_not(self) -> str:
        """Why nothing can be said by the megawatt; empty where it can."""
        if self.known:
            return ""
        return (
            f"the terms name neither megawatts nor accelerators of {self.title}; give capacity_mw "
            "(and capex_usd, if known) in the parameters"
        )


def whole_months(days: int) -> int:
    """A stretch of days in whole months, the nearest."""
    return round(days * MONTHS_PER_YEAR / DAYS_PER_YEAR)


def days_left(agreement: Agreement, day: date) -> int:
    """Days of service to the stated end; from the start where it has not begun or is over."""
    end = served.served_until(agreement, day)
    return (end - (day if agreement.start < day < end else agreement.start)).days


def none_left(agreement: Agreement, day: date) -> str:
    """Why there is nothing to plan with on a day: too little service is left, or no fee is due."""
    left = days_left(agreement, day)
    if whole_months(left):
        return "no fee is due for what is left of service"
    days = "1 day" if left == 1 else f"{left} days"
    return f"{days} of service left, and less than half a month is not planned"


def _scopes(agreement: Agreement, day: date | None) -> dict[str, Capacity]:
    """The scopes of all that the fee pays for on a day; without a day, ever."""
    if day is None:
        return scopes(served.paid_for_from(agreement, agreement.start))
    return scopes(served.paid_for(agreement, day))


def widest(agreement: Agreement, day: date | None = None) -> str:
    """The scope that holds most accelerators, or megawatts where none has any."""
    found = _scopes(agreement, day)
    return max(found, key=lambda name: _size(found[name]))


def others(agreement: Agreement, scope: str) -> str:
    """The other scopes that the terms name, in words; empty without any."""
    found = scopes(agreement).items()
    return "; ".join(titled(each) for name, each in found if name != scope)


def titled(capacity: Capacity) -> str:
    """What a capacity is called in words."""
    return "the site" if capacity.name == Capacity().name else worded(capacity.name)


def worded(name: str) -> str:
    """A name that is a key, in words; one with capitals is a proper name.

    >>> worded("committed-gpus"), worded("NC-1")
    ('committed GPUs', 'NC-1')
    """
    return name.replace("-", " ").replace("gpus", "GPUs") if name == name.lower() else name


def shown(plan: Plan, scope: str, *, names: Sequence[str]) -> pd.DataFrame:
    """The named assumptions for a reader, those of one scope and those that hold for all."""
    table = plan.table
    rows = table[table.name.isin(names) & table.scope.isin([scope, ""])]
    rows = rows.sort_values("name", kind="stable", ignore_index=True)
    written = rows[list(BOUNDS)].map(_written)
    both = (written.low + " to " + written.high).where(rows.low.notna(), "")
    found = rows[["name", "unit", "kind", "note", "source"]]
    found.insert(1, "value", written.value)
    found.insert(2, "low to high", both)
    return found


def _written(number: float) -> str:
    """A number for a reader; none is blank.

    >>> _written(0.4), _written(49_700), _written(29e6), _written(12.85e9)
    ('0.4', '49,700', '29m', '12.85bn')
    """
    if pd.isna(number):
        return ""
    for size, name in LARGE:
        if number >= size:
            return f"{number / size:,.4g}{name}"
    return f"{number:,.4g}" if number < KW_PER_MW else f"{number:,.0f}"


def place(
    agreement: Agreement,
    plan: Plan,
    *,
    day: date | None = None,
    scope: str = "",
    capacity_mw: float = 0.0,
    capex_usd: float = 0.0,
) -> Place:
    """The place that the fee is set against: `scope`, or the widest of the terms.

    The site and its tranches are those in service on `day`; without one, all that ever are, which
    is what the fees of the whole term pay for.

    Megawatts and capex are, in this order: given (above 0), of the scope's own rows among the
    assumptions, stated in the terms, imputed from accelerators, or unknown.
    """
    found = _scopes(agreement, day)
    name = scope or widest(agreement, day)
    if name not in found:
        raise errors.refused("scope", repr(name), ", ".join(found))
    sizes = {each: _size(held) for each, held in found.items()}
    by = 0 if any(count for count, _ in sizes.values()) else 1  # what all of them state
    capacity, (count, _) = found[name], sizes[name]
    stated = served.as_range(capacity.mw or 0.0)
    drawn = {b: count * at.kw_per_accelerator / KW_PER_MW for b, at in plan.at.items()}
    mw, mw_from = _first(
        _known(plan, "capacity_mw", name, capacity_mw),
        (stated.high and _ends(stated.low, stated.use, stated.high), "stated in the terms"),
        (count and drawn, "imputed from the number of accelerators"),
    )
    count = 0.0 if without_accelerators(agreement) else count
    each = {b: count * at.capex_usd_accelerator for b, at in plan.at.items()}
    built = {b: mw.get(b, 0.0) * at.capex_usd_mw for b, at in plan.at.items()}
    usd, capex_from = _first(
        _known(plan, "capex_usd", name, capex_usd),
        (count and each, "a yardstick for each accelerator"),
        (mw and built, "a yardstick for each megawatt"),
    )
    return Place(
        scope=name,
        title=titled(capacity),
        widest=sizes[name][by] >= max(size[by] for size in sizes.values()),
        mw=mw,
        capex_usd=usd,
        mw_from=mw_from,
        capex_from=capex_from,
        pue=1.0 if capacity.mw_basis == "facility" else None,
        accelerators=count,
    )


def _first(*sources: tuple[Any, str]) -> tuple[Ends, str]:
    """The first figures that there are, and where they come from."""
    return next((each for each in sources if each[0]), ({}, ""))


def _ends(low: float, value: float, high: float) -> Ends:
    return {"low": low, "value": value, "high": high}


def _known(plan: Plan, name: str, scope: str, given: float) -> tuple[Ends, str]:
    """What is given, else the scope's own row among the assumptions, if it has one."""
    if given:
        return _ends(given, given, given), "given as a parameter"
    columns = (plan.table[each] for each in ("name", "scope", *BOUNDS, "kind"))
    for *of, low, value, high, kind in zip(*columns, strict=True):
        if of == [name, scope]:
            return _ends(low, value, high), f"{kind} for this site"
    return {}, ""


def _size(capacity: Capacity) -> tuple[float, float]:
    """Accelerators, then megawatts."""
    count = sum(served.as_range(n).use for n in capacity.accelerators.values())
    return float(count), served.as_range(capacity.mw or 0.0).use
