"""What the same fee would buy at prices seen: the price ladder read from the other side."""

import pandas as pd

from analysis import planning, units
from analysis.units import Interval, as_interval


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


ENDS: tuple[planning.Bound, planning.Bound] = ("low", "high")
