"""What does the same capacity cost elsewhere, now and later?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analysis.models import errors
from analysis.models.market.process import Array

KINDS = ("gpu", "tier", "basis", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSeries:
    """Observed prices of one thing from one source.

    gpu, tier, basis, source: what is priced, on which terms, per what, and who says so; one value
    each. dates: rising, no day twice. usd_gpu_hour: prices, $/GPU-h, above 0.
    """

    gpu: str
    tier: str
    basis: str
    source: str
    dates: tuple[date, ...]
    usd_gpu_hour: tuple[float, ...]

    def __post_init__(self) -> None:
        errors.counted(prices=len(self.dates))
        if list(self.dates) != sorted(set(self.dates)):
            raise errors.refused("dates", self.dates, "rising, no day twice")
        errors.positive(usd_gpu_hour=min(self.usd_gpu_hour))

    @property
    def years(self) -> Array:
        """Time since the first observation, in years of 365 days."""
        return np.array([(day - self.dates[0]).days / 365 for day in self.dates])

    @property
    def log_prices(self) -> Array:
        """ln of the prices in $/GPU-h."""
        logs: Array = np.log(self.usd_gpu_hour)
        return logs


def select(table: pd.DataFrame, **kinds: str) -> PriceSeries:
    """One series of a table of observations: one GPU, one tier, one basis, one source.

    `table` has the columns `date, gpu, tier, basis, source, usd_gpu_hour`; `kinds` picks by some
    or all of the four kinds. Sources do not measure one price, so a choice that leaves more than
    one value of any kind is refused: name it, or there would be a splice. Two prices of one day
    are refused too.
    """
    for kind, value in kinds.items():
        table = table[table[kind] == value]
    if table.empty:
        raise errors.refused("observations", 0, f"some: none has {kinds}")
    for kind in KINDS:
        found = sorted(table[kind].unique())
        if len(found) > 1:
            raise errors.refused(kind, found, "one value: sources are never spliced")
    table = table.sort_values("date")
    return PriceSeries(
        **{kind: str(table[kind].iloc[0]) for kind in KINDS},
        dates=tuple(pd.to_datetime(table.date).dt.date),
        usd_gpu_hour=tuple(table.usd_gpu_hour.tolist()),
    )


def price_after_supply(
    extra_share: float, *, demand_elasticity: float, supply_elasticity: float = 0.0
) -> float:
    """Price relative to before when extra capacity comes to the rental market.

    extra_share: added supply as a share of the market, above -1. Elasticities are assumptions,
    entered as positive numbers: the price p solves p**-demand = p**supply + extra_share.
    """
    errors.rate(extra_share=extra_share)
    errors.positive(demand_elasticity=demand_elasticity)
    errors.not_negative(supply_elasticity=supply_elasticity)
    from scipy.optimize import brentq  # slow to import

    def gap(log: float) -> float:
        return math.exp(-demand_elasticity * log) - math.exp(supply_elasticity * log) - extra_share

    alone = -math.log1p(extra_share) / demand_elasticity  # without a response of supply
    low, high = sorted((0.0, alone))
    return math.exp(brentq(gap, low - 1e-9, high + 1e-9, xtol=1e-15))
