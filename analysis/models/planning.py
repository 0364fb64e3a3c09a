"""What is planned with where terms are silent: assumptions, and the place that a fee pays for.

Both sides take their inputs here, so that they mean the same site, fee and megawatts.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, cast

import numpy as np
import pandas as pd

from analysis.contract import checks, served
from analysis.contract.clauses import Capacity, Range
from analysis.contract.dates import DAYS_PER_YEAR, MONTHS_PER_YEAR
from analysis.contract.terms import Agreement, scopes
from analysis.contract.units import KW_PER_MW, USD_PER_BN

Bound = Literal["low", "value", "high"]
THE_SITE = "the site"  # what a place is called that the terms leave unnamed
UNNAMED = Capacity().name
LARGE = ((USD_PER_BN, "bn"), (1e6, "m"))
BOUNDS: tuple[Bound, Bound, Bound] = ("low", "value", "high")


def changed(assumptions: pd.DataFrame, assume: Mapping[str, float]) -> pd.DataFrame:
    """The assumptions with some values, by name, as the reader gives them: without a range."""
    table = assumptions.copy()
    for name, given in assume.items():
        rows = table.name == name
        if not rows.any():
            raise checks.refused("assume", name, f"one of {', '.join(dict.fromkeys(table.name))}")
        checks.finite(**{name: given})
        table.loc[rows, list(BOUNDS)] = float(given)
        table.loc[rows, ["kind", "source", "note"]] = ["assumed", "the reader", "given by name"]
    return table


def value(assumptions: pd.DataFrame, name: str, bound: Bound = "value") -> float:
    """One assumption that holds for every site; its value where it has no such end."""
    named, scoped = (assumptions[column].to_numpy() for column in ("name", "scope"))
    [rows] = np.nonzero((named == name) & (scoped == ""))
    if len(rows) != 1:
        raise checks.refused("name", name, "one assumption that holds for every site")
    found, usual = (float(assumptions[column].to_numpy()[rows[0]]) for column in (bound, "value"))
    return usual if math.isnan(found) else found


def values(assumptions: pd.DataFrame) -> dict[tuple[str, Bound], float]:
    """Every `value` by name and bound: for who asks for many of them many times."""
    wide = assumptions[assumptions["scope"] == ""].drop_duplicates("name", keep=False)
    filled = {bound: wide[bound].fillna(wide["value"]).tolist() for bound in BOUNDS}
    return {
        (name, bound): number
        for bound, column in filled.items()
        for name, number in zip(wide["name"], column, strict=True)
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the fee is set against: a scope of the terms with its megawatts and capex, low to high.

    `scope` is its name in the terms, `title` what the terms call it.
    `widest`: whether it holds all that the fee pays for: no other scope of the terms holds more.
    `mw_from` and `capex_from` say where the figures come from; without one, the range is None.
    """

    scope: str
    title: str
    widest: bool
    mw: dict[Bound, float] | None
    capex_usd: dict[Bound, float] | None
    mw_from: str
    capex_from: str
    pue: float | None = None
    accelerators: float = 0.0

    @property
    def known(self) -> bool:
        """Whether both megawatts and capex are known."""
        return self.mw is not None and self.capex_usd is not None

    @property
    def why_not(self) -> str:
        """Why nothing can be said by the megawatt; empty where it can."""
        if self.known:
            return ""
        return (
            f"the terms name neither megawatts nor accelerators of {self.title}; give capacity_mw "
            "(and capex_usd, if known) in the parameters"
        )

    def usd_mw_month(self, fee_usd_month: float) -> float:
        """A monthly fee by the megawatt; `nan` where none is known."""
        return fee_usd_month / self.mw["value"] if self.mw else float("nan")


def days_left(agreement: Agreement, day: date) -> int:
    """Days of service to the stated end; from the start where it has not begun or is over.

    >>> days_left(deal, date(2028, 2, 20))
    10
    """
    end = served.served_until(agreement, day)
    return (end - (day if agreement.start < day < end else agreement.start)).days


def none_left(agreement: Agreement, day: date) -> str:
    """Why there is nothing to plan with on a day: too little service is left, or no fee is due."""
    left = days_left(agreement, day)
    if round(left * MONTHS_PER_YEAR / DAYS_PER_YEAR):
        return "no fee is due for what is left of service"
    plural = "" if left == 1 else "s"
    return f"{left} day{plural} of service left, and less than half a month is not planned"


def _paid_for(agreement: Agreement, day: date | None) -> Agreement:
    """The terms with all that the fee pays for on a day as capacity; without a day, ever."""
    if day is None:
        return served.paid_for_from(agreement, agreement.start)
    return served.paid_for(agreement, day)


def widest(agreement: Agreement, day: date | None = None) -> str:
    """The scope that holds most accelerators, or megawatts where none has any.

    A fee pays for all that the terms name; a smaller scope has only a part of it.
    """
    found = scopes(_paid_for(agreement, day))
    return max(found, key=lambda name: (_count(found[name]), _use(found[name].mw) or 0.0))


def holds_all(found: Mapping[str, Capacity], scope: str) -> bool:
    """Whether one of the scopes holds no less than any other, in what both state."""
    own, counts = found[scope], [_count(each) for each in found.values()]
    if any(counts):
        return _count(own) >= max(counts)
    return (_use(own.mw) or 0.0) >= max(_use(each.mw) or 0.0 for each in found.values())


def others(agreement: Agreement, scope: str) -> str:
    """The other scopes that the terms name, in words; empty without any."""
    return ", ".join(_title(name) for name in scopes(agreement) if name != scope)


def _title(name: str) -> str:
    return THE_SITE if name == UNNAMED else name


def shown(assumptions: pd.DataFrame, scope: str, *, names: Sequence[str]) -> pd.DataFrame:
    """The named assumptions for a reader, those of one scope and those that hold for all."""
    rows = assumptions[
        assumptions.name.isin(names) & assumptions.scope.isin([scope, ""])
    ].sort_values("name", kind="stable")
    spread = zip(rows.low, rows.high, strict=True)
    table = {
        "name": rows["name"],
        "value": [_written(number) for number in rows.value],
        "low to high": [" to ".join(filter(None, map(_written, pair))) for pair in spread],
        **{column: rows[column] for column in ("unit", "kind", "note", "source")},
    }
    return pd.DataFrame(table).reset_index(drop=True)


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
    assumptions: pd.DataFrame,
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
    checks.not_negative(capacity_mw=capacity_mw, capex_usd=capex_usd)
    name, found = scope or widest(agreement, day), scopes(_paid_for(agreement, day))
    if name not in found:
        raise checks.refused("scope", repr(name), ", ".join(found))
    capacity = found[name]
    count = _count(capacity)
    mw, mw_from = _megawatts(assumptions, name, capacity, capacity_mw)
    capex, capex_from = _capex(assumptions, name, count, mw, capex_usd)
    return Place(
        scope=name,
        title=_title(capacity.name),
        widest=holds_all(found, name),
        mw=mw,
        capex_usd=capex,
        mw_from=mw_from,
        capex_from=capex_from,
        pue=1.0 if capacity.mw_basis == "facility" else None,
        accelerators=count,
    )


Found = tuple[dict[Bound, float] | None, str]


def _megawatts(assumptions: pd.DataFrame, scope: str, capacity: Capacity, given: float) -> Found:
    if given:
        return dict.fromkeys(BOUNDS, given), "given as a parameter"
    if own := _own(assumptions, "capacity_mw", scope):
        return own
    if capacity.mw is not None:
        stated = capacity.mw
        if not isinstance(stated, Range):
            stated = Range(low=stated, use=stated, high=stated)
        ends = {"low": stated.low, "value": stated.use, "high": stated.high}
        return cast(dict[Bound, float], ends), "stated in the terms"
    if count := _count(capacity):
        each = {b: value(assumptions, "kw_per_accelerator", b) for b in BOUNDS}
        imputed = {b: count * kw / KW_PER_MW for b, kw in each.items()}
        return imputed, "imputed from the number of accelerators"
    return None, ""


def _capex(
    assumptions: pd.DataFrame,
    scope: str,
    count: float,
    mw: dict[Bound, float] | None,
    given: float,
) -> Found:
    if given:
        return dict.fromkeys(BOUNDS, given), "given as a parameter"
    if own := _own(assumptions, "capex_usd", scope):
        return own
    if count:
        each = {b: value(assumptions, "capex_usd_accelerator", b) for b in BOUNDS}
        return {b: count * usd for b, usd in each.items()}, "a yardstick for each accelerator"
    if mw:
        each = {b: value(assumptions, "capex_usd_mw", b) for b in BOUNDS}
        return {b: mw[b] * usd for b, usd in each.items()}, "a yardstick for each megawatt"
    return None, ""


def _own(assumptions: pd.DataFrame, name: str, scope: str) -> Found | None:
    rows = assumptions[(assumptions.name == name) & (assumptions.scope == scope)]
    if rows.empty:
        return None
    return {b: float(rows.iloc[0][b]) for b in BOUNDS}, f"{rows.iloc[0]['kind']} for this site"


def _count(capacity: Capacity) -> float:
    return float(sum(_use(kind) or 0.0 for kind in capacity.accelerators.values()))


def _use(amount: Any) -> float | None:
    return amount.use if isinstance(amount, Range) else amount
