"""One fee on four scales for each scope of the terms, and how it stands to prices seen."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from analysis.contract import units
from analysis.contract.clauses import Range
from analysis.contract.served import full_fee, paid_for
from analysis.contract.terms import Agreement, scopes
from analysis.contract.units import Interval, Measure, as_interval
from analysis.models import planning
from analysis.models.exits import leaving
from analysis.models.pricing.fee import equivalents, kinds

RUNGS = ("USD/H100e-hour", "USD/GPU-hour", "USD/MW-month", "USD/kW-year")
NO_COUNT = "the terms name no number of accelerators"
NO_MW = "the terms name neither megawatts nor accelerators"
VERDICTS = ("high", "in line", "low", "open")
COUNT, SERIES = "the accelerator count", "the price series"  # what may turn a verdict
SURE = {1: "high", 0: "in line", -1: "low"}
ALIKE = 0.005  # of a price, within which a fee is at it: a price carried on is known no better


def ladder(
    agreement: Agreement,
    assumptions: pd.DataFrame,
    *,
    day: date,
    weights: Mapping[str, Range],
    hours_month: float,
    imputed: str = "",
) -> pd.DataFrame:
    """The full fee of a day in every unit for each scope: an interval where a denominator is one.

    Columns `scope, title, unit, low, high, per_low, per_high, basis, how`: `per` is what the fee
    is divided by (H100-equivalents, accelerators, MW), `how` where that comes from, or why there
    is no price; `imputed` says so of all of them. `assumptions` as of `planning`.
    """
    fee = full_fee(agreement, day).usd_month
    terms = paid_for(agreement, day)
    table = []
    for scope, capacity in scopes(terms).items():
        count = kinds(capacity)
        place = planning.place(terms, assumptions, scope=scope)
        h100s = as_interval(equivalents(count, weights))
        whole = total(count)
        mw = Interval(place.mw["low"], place.mw["high"]) if place.mw else None
        strange = ", ".join(k for k in count if leaving.meant(k, weights) == leaving.UNKNOWN_KIND)
        weighed = f"{strange} counted from one H100 to one GB300" if strange else "weighed by kind"
        denominators: tuple[tuple[Interval | None, Measure | None, str, str], ...] = (
            (h100s, units.usd_per_gpu_hour(fee, h100s, hours_month) if count else None, "",
             weighed if count else NO_COUNT),
            (whole, units.usd_per_gpu_hour(fee, whole, hours_month) if count else None, "",
             "as stated" if count else NO_COUNT),
            (mw, units.usd_per_mw_month(fee, mw) if mw else None, capacity.mw_basis,
             place.mw_from or NO_MW),
            (mw, units.usd_per_kw_year(fee, mw) if mw else None, capacity.mw_basis,
             place.mw_from or NO_MW),
        )  # fmt: skip
        for unit, (per, price, basis, how) in zip(RUNGS, denominators, strict=True):
            how = imputed or how
            known = as_interval(price) if price is not None else None
            table.append(
                (scope, capacity.name, unit, known.low if known else None,
                 known.high if known else None, per.low if known and per else None,
                 per.high if known and per else None, basis if known else "", how)
            )  # fmt: skip
    columns = ["scope", "title", "unit", "low", "high", "per_low", "per_high", "basis", "how"]
    numbers = dict.fromkeys(["low", "high", "per_low", "per_high"], float)
    return pd.DataFrame(table, columns=columns).astype(numbers)


def rung(table: pd.DataFrame, unit: str) -> pd.DataFrame:
    """The priced scopes in one unit, those of one denominator once, by the first name."""
    known = table[table.unit == unit].dropna(subset=["low"])
    same = ["low", "high", "per_low", "per_high", "how"]
    rows = known.groupby(same, sort=False, as_index=False).agg({"scope": "first"})
    return rows[["scope", *same]]


def written(table: pd.DataFrame) -> pd.DataFrame:
    """The ladder as a reader wants it: each price, and what it is divided by, in words."""
    ends = zip(table.unit, table.low, table.high, strict=True)
    per = zip(table.per_low, table.per_high, strict=True)
    return pd.DataFrame(
        {
            "scope": table.scope,
            "unit": [unit.replace("USD", "$") for unit in table.unit],
            "price": [_ends(low, high, 2 if "hour" in unit else 0) for unit, low, high in ends],
            "over": [_ends(low, high, 0) for low, high in per],
            "basis of MW": table.basis,
            "how": table.how,
        }
    )


def _ends(low: float, high: float, digits: int) -> str:
    if low != low:
        return "not known"
    one, two = f"{low:,.{digits}f}", f"{high:,.{digits}f}"
    return one if one == two else f"{one} to {two}"


def total(count: Mapping[str, Measure]) -> Interval:
    """All accelerators of all kinds."""
    whole = Interval(0.0, 0.0)
    for number in count.values():
        whole = whole + number
    return whole


def verdicts(rungs: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """Each scope of one `rung` against a price of each series: `scope, low, high, verdict`.

    "high" where all of the fee's interval lies above all prices, "low" where all below, "in line"
    where it is at every one of them, else "open": `turns` is what turns it, the accelerator count
    where the ends of the interval differ beside one price, the price series where the prices differ
    beside one end. `times_low` and `times_high` are the least and the most that the fee may be of a
    price.
    """
    if seen.empty:
        return rungs[["scope", "low", "high"]].assign(
            verdict="", times_low=None, times_high=None, turns=""
        )
    table = []
    for row in rungs.itertuples():
        low, high = float(row.low), float(row.high)  # type: ignore[arg-type]
        times = np.divide.outer([low, high], seen.usd_hour.to_numpy(float))
        signs = np.where(abs(times - 1) <= ALIKE, 0, np.sign(times - 1))
        verdict = SURE[signs[0, 0]] if (signs == signs[0, 0]).all() else "open"
        turned = {COUNT: signs[0] != signs[1], SERIES: signs != signs[:, :1]}
        turns = " and ".join(what for what, differ in turned.items() if differ.any())
        table.append((row.scope, low, high, verdict, times.min(), times.max(), turns))
    columns = ["scope", "low", "high", "verdict", "times_low", "times_high", "turns"]
    return pd.DataFrame(table, columns=columns)
