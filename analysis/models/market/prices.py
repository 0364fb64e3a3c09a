"""What does the same capacity cost elsewhere, now and later?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analysis.models.market.process import Array, Process, forward_strip, refuse

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
        if len(self.dates) != len(self.usd_gpu_hour) or not self.dates:
            refuse(
                "usd_gpu_hour", f"{len(self.usd_gpu_hour)} prices", "one for each date, not none"
            )
        if any(
            later <= earlier for earlier, later in zip(self.dates, self.dates[1:], strict=False)
        ):
            refuse("dates", self.dates, "rising, no day twice")
        if not all(math.isfinite(price) and price > 0 for price in self.usd_gpu_hour):
            refuse("usd_gpu_hour", self.usd_gpu_hour, "above 0 and finite")

    @property
    def years(self) -> Array:
        """Time since the first observation, in years of 365 days."""
        return np.array([(day - self.dates[0]).days / 365 for day in self.dates])

    @property
    def log_prices(self) -> Array:
        """ln of the prices in $/GPU-h."""
        logs: Array = np.log(np.array(self.usd_gpu_hour))
        return logs


def select(table: pd.DataFrame, **kinds: str) -> PriceSeries:
    """One series of a table of observations: one GPU, one tier, one basis, one source.

    `table` has the columns `date, gpu, tier, basis, source, usd_gpu_hour`; `kinds` picks by some
    or all of the four kinds. Sources do not measure one price, so a choice that leaves more than
    one value of any kind is refused: name it, or there would be a splice. Two prices of one day
    are refused too.

    >>> table = pd.DataFrame({"date": [date(2026, 3, 1), date(2026, 6, 1)], "gpu": "H100",
    ...     "tier": "1-year", "basis": "GPU-hour", "source": ["press A", "press B"],
    ...     "usd_gpu_hour": [2.35, 2.65]})
    >>> select(table, source="press A").usd_gpu_hour
    (2.35,)
    >>> select(table, tier="1-year")
    Traceback (most recent call last):
    ValueError: source is ['press A', 'press B'], but must be one value: sources are never spliced
    """
    missing = {"date", *KINDS, "usd_gpu_hour"} - set(table.columns)
    if missing:
        refuse("columns missing from the table", sorted(missing), "none")
    for kind, value in kinds.items():
        if kind not in KINDS:
            refuse("kind", kind, f"one of {', '.join(KINDS)}")
        table = table[table[kind] == value]
    if table.empty:
        refuse("observations", 0, f"some: none has {kinds}")
    for kind in KINDS:
        found = sorted(table[kind].unique())
        if len(found) > 1:
            refuse(kind, found, "one value: sources are never spliced")
    table = table.sort_values("date")
    return PriceSeries(
        **{kind: str(table[kind].iloc[0]) for kind in KINDS},
        dates=tuple(pd.Timestamp(day).date() for day in table.date),
        usd_gpu_hour=tuple(float(price) for price in table.usd_gpu_hour),
    )


def fair_fee(forward: Array, discount: Array) -> float:
    """Fixed fee a month, in advance, worth as much as the forward prices; $/GPU-h.

    Both arrays run over the month starts of the term, shape (months,).

    >>> months = np.arange(3)
    >>> round(fair_fee(np.exp(-0.36 * months / 12), np.exp(-0.1 * months / 12)), 6)
    0.970898
    """
    return float((forward * discount).sum() / discount.sum())


def fair_fees(process: Process, *, spot_usd_hour: float, discount: Array) -> pd.DataFrame:
    """Fair fixed fee of each term from one month up: `months, fee_usd_hour` (term structure).

    discount: factors at month starts; as many terms as factors.
    """
    months = np.arange(1, discount.size + 1)
    forward = forward_strip(process, spot_usd_hour=spot_usd_hour, months=discount.size - 1)
    fees = np.cumsum(forward * discount) / np.cumsum(discount)
    return pd.DataFrame({"months": months, "fee_usd_hour": fees})


def fair_fee_continuous(
    *, spot_usd_hour: float, growth_year: float, rate_year: float, years: float
) -> float:
    """Fair fixed fee when fee and price, growing at a constant rate, flow continuously; $/GPU-h.

    spot A(r - growth, T) / A(r, T) with A(x, T) = (1 - exp(-x T)) / x (models 7.1).

    >>> round(fair_fee_continuous(spot_usd_hour=1, growth_year=-0.36, rate_year=0.1, years=3), 6)
    0.627746
    """

    def annuity(rate: float) -> float:
        return years if rate == 0 else -math.expm1(-rate * years) / rate

    return spot_usd_hour * annuity(rate_year - growth_year) / annuity(rate_year)


def price_after_supply(
    extra_share: float, *, demand_elasticity: float, supply_elasticity: float = 0.0
) -> float:
    """Price relative to before when extra capacity comes to the rental market.

    extra_share: added supply as a share of the market, above -1. Elasticities are assumptions,
    entered as positive numbers: the price p solves p**-demand = p**supply + extra_share.

    >>> round(price_after_supply(0.10, demand_elasticity=1.0), 6)
    0.909091
    """
    if extra_share <= -1:
        refuse("extra_share", extra_share, "above -1")
    if demand_elasticity <= 0:
        refuse("demand_elasticity", demand_elasticity, "above 0")
    if supply_elasticity < 0:
        refuse("supply_elasticity", supply_elasticity, "0 or above")
    if extra_share == 0:
        return 1.0
    flat, other = 0.0, -math.log1p(extra_share) / demand_elasticity  # ln p lies between the two
    for _ in range(100):
        middle = (flat + other) / 2
        gap = math.exp(-demand_elasticity * middle) - math.exp(supply_elasticity * middle)
        below = (gap < extra_share) == (extra_share > 0)
        flat, other = (middle, other) if below else (flat, middle)
    return math.exp((flat + other) / 2)
