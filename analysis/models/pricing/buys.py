"""What the same fee would buy at prices seen: the price ladder read from the other side."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.contract import units
from analysis.contract.clauses import Range
from analysis.contract.units import Interval, as_interval
from analysis.models import planning


def bought(
    seen: pd.DataFrame, assumptions: pd.DataFrame, *, fee_usd_month: float, hours_month: float
) -> pd.DataFrame:
    """Accelerators that the fee would rent at each price seen, and the megawatts they would draw.

    `seen` as of `contracted`; adds `accelerators, mw_low, mw_high`. Fee over price and hours; the
    kilowatts of one accelerator are imputed, low to high. A price of one agreement's size was
    never seen, so this says what is bought at the price of a few.
    """
    each = Interval(*(planning.value(assumptions, "kw_per_accelerator", b) for b in ENDS))
    count = [fee_usd_month / (usd * hours_month) for usd in seen.usd_hour]
    mw = [as_interval(units.capacity_mw(number, each)) for number in count]
    return seen.assign(accelerators=count, mw_low=[m.low for m in mw], mw_high=[m.high for m in mw])


@dataclass(frozen=True, slots=True, kw_only=True)
class Even:
    """How much the fee must buy to cost what the market does: fewer is dear, more is cheap.

    `kind`: the one kind of accelerator that is reported, "" where none is; `accelerators` of it
    and the `mw` they would draw are then known, low to high.
    """

    h100_equivalents: Interval
    kind: str = ""
    accelerators: Interval | None = None
    mw: Interval | None = None


def even(
    rented: pd.DataFrame, assumptions: pd.DataFrame, *, kind: str, weights: Mapping[str, Range]
) -> Even | None:
    """What the fee rents at H100 prices, also as accelerators of a reported kind; None without.

    `rented` as of `bought`, for the H100 prices that decide.
    """
    if rented.empty:
        return None
    h100s = Interval(float(rented.accelerators.min()), float(rented.accelerators.max()))
    if kind not in weights:
        return Even(h100_equivalents=h100s)
    each = Interval(*(planning.value(assumptions, "kw_per_accelerator", b) for b in ENDS))
    count = as_interval(h100s / Interval(weights[kind].low, weights[kind].high))
    mw = as_interval(units.capacity_mw(count, each))
    return Even(h100_equivalents=h100s, kind=kind, accelerators=count, mw=mw)


ENDS: tuple[planning.Bound, planning.Bound] = ("low", "high")
