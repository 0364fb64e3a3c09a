"""What the same capacity costs elsewhere: prices as observed, and how the market price moves."""

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.models import errors

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """The log price reverts to a level that drifts, and jumps at step ends.

    Between steps x = ln S follows dx = kappa (ln level + drift t - x) dt + sigma dW (Schwartz 1997
    for drift 0); at each step end a Poisson number of normal jumps is added, undamped. With
    `kappa_year = 0` there is no level to return to: x itself drifts at `drift_year`, which is
    geometric Brownian motion.

    kappa_year: speed of return, per year, >= 0. level_usd_hour: where it returns to, at time 0.
    drift_year: growth of ln level per year. sigma_year: volatility per square-root year, > 0.
    jumps_year: expected number of jumps a year. jump_mean_log, jump_sd_log: of one jump in ln S.
    """

    kappa_year: float
    sigma_year: float
    level_usd_hour: float = 1.0
    drift_year: float = 0.0
    jumps_year: float = 0.0
    jump_mean_log: float = 0.0
    jump_sd_log: float = 0.0

    def __post_init__(self) -> None:
        errors.finite(drift_year=self.drift_year, jump_mean_log=self.jump_mean_log)
        errors.positive(sigma_year=self.sigma_year, level_usd_hour=self.level_usd_hour)
        not_negative = ("kappa_year", "jumps_year", "jump_sd_log")
        errors.not_negative(**{name: getattr(self, name) for name in not_negative})


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The process seen at equal steps: x' = shift + persistence x + sqrt(variance) Z + jumps."""

    process: Process
    step_years: float

    @property
    def persistence(self) -> float:
        """Weight of today's log price in the next one: exp(-kappa step)."""
        return math.exp(-self.process.kappa_year * self.step_years)

    @property
    def variance(self) -> float:
        """Variance of the normal shock of one step, without jumps."""
        kappa, sigma = self.process.kappa_year, self.process.sigma_year
        if kappa == 0:
            return sigma**2 * self.step_years
        return -(sigma**2) * math.expm1(-2 * kappa * self.step_years) / (2 * kappa)

    @property
    def jumps_step(self) -> float:
        """Expected number of jumps in one step."""
        return self.process.jumps_year * self.step_years

    def means(self, log_spot: float, steps: int) -> Array:
        """Expected log price at dates 0..steps, shape (steps + 1,)."""
        p, years = self.process, self.step_years
        pull = -math.expm1(-p.kappa_year * years)
        lag = years - pull / p.kappa_year if p.kappa_year else years
        level = math.log(p.level_usd_hour) + p.drift_year * years * np.arange(steps)
        moves = level * pull + p.drift_year * lag + self.jumps_step * p.jump_mean_log
        path = [log_spot]
        for move in moves.tolist():
            path.append(self.persistence * path[-1] + move)
        return np.array(path)

    def log_spread(self, steps: int) -> Array:
        """ln E[S after k steps] minus the expected log price, k = 0..steps; free of the start."""
        decay = self.persistence ** np.arange(steps)
        p = self.process
        swing = p.jump_mean_log * decay + (p.jump_sd_log * decay) ** 2 / 2
        jump = self.jumps_step * (np.expm1(swing) - p.jump_mean_log * decay)
        return np.concatenate([[0.0], np.cumsum(self.variance * decay**2 / 2 + jump)])

    def spread(self, steps: int) -> float:
        """Standard deviation of the log price after `steps` steps, jumps included."""
        p = self.process
        step = self.variance + self.jumps_step * (p.jump_mean_log**2 + p.jump_sd_log**2)
        return math.sqrt(step * float(np.sum(self.persistence ** (2.0 * np.arange(steps)))))

    def jump_terms(self) -> list[tuple[float, float, float]]:
        """Probability, centred mean and variance of the step's noise for 0, 1, 2 … jumps in it."""
        p, rate = self.process, self.jumps_step
        terms: list[tuple[float, float, float]] = []
        weight, left = math.exp(-rate), 1.0
        while left > 1e-14 and weight >= 1e-18:
            count = len(terms)
            mean = (count - rate) * p.jump_mean_log
            terms.append((weight, mean, self.variance + count * p.jump_sd_log**2))
            left -= weight
            weight *= rate / (count + 1)
        return terms

    def jump_reach(self, chance: float) -> float:
        """A log price move of one step that jumps exceed with at most that chance; or 0."""
        reaches = [
            abs(mean) + math.sqrt(2 * variance * math.log(weight / chance))
            for weight, mean, variance in self.jump_terms()[1:]
            if weight > chance
        ]
        return max(reaches, default=0.0)


def forward_strip(process: Process, *, spot_usd_hour: float, months: int) -> Array:
    """Expected price at each month start 0..months, given today's, shape (months + 1,), $/GPU-h.

    Closed form: exp(expected log price + half its variance), and the jumps' cumulant.
    """
    errors.positive(spot_usd_hour=spot_usd_hour)
    chain = Chain(process=process, step_years=1 / 12)
    return np.exp(chain.means(math.log(spot_usd_hour), months) + chain.log_spread(months))


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
