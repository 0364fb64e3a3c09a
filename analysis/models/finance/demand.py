"""How much capacity is needed: uncertain demand as small frozen objects, in megawatts.

Each knows `mean`, `cdf(x)`, `quantile(share)` (the least x whose cdf reaches the share) and
`expected_min(x)` = E[min(D, x)], from which every partial expectation follows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from analysis.models import errors


@dataclass(frozen=True, kw_only=True)
class Normal:
    """Normal demand; its part below zero is counted as it stands, so keep it small."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        errors.positive(mean=self.mean, sd=self.sd)

    @cached_property
    def law(self) -> Any:
        """The distribution, as one of scipy."""
        from scipy import stats

        return stats.norm(self.mean, self.sd)

    def below(self, x: float) -> float:
        """E[D; D ≤ x]: what levels up to x add to the mean."""
        return float(self.mean * self.law.cdf(x) - self.sd**2 * self.law.pdf(x))

    def cdf(self, x: float) -> float:
        return float(self.law.cdf(x))

    def quantile(self, share: float) -> float:
        errors.share(share=share)
        return float(self.law.ppf(share))

    def expected_min(self, x: float) -> float:
        return self.below(x) + x * float(self.law.sf(x))


class Lognormal(Normal):
    """Demand whose logarithm is normal, given by its own mean and standard deviation."""

    @cached_property
    def law(self) -> Any:
        from scipy import stats

        squares = 1 + (self.sd / self.mean) ** 2
        return stats.lognorm(math.log(squares) ** 0.5, scale=self.mean / squares**0.5)

    def below(self, x: float) -> float:
        return self.mean * self.cdf(x / (1 + (self.sd / self.mean) ** 2))


class Gamma(Normal):
    """Gamma demand: shape (mean ÷ sd)², scale sd² ÷ mean."""

    @cached_property
    def law(self) -> Any:
        from scipy import stats

        return stats.gamma((self.mean / self.sd) ** 2, scale=self.sd**2 / self.mean)

    def below(self, x: float) -> float:
        shape, scale = (self.mean / self.sd) ** 2, self.sd**2 / self.mean
        return self.mean * float(self.law.dist.cdf(x, shape + 1, scale=scale))


@dataclass(frozen=True)
class Sample:
    """Demand as it was seen: each observation as likely as any other.

    >>> Sample([100, 300, 100, 200]).cdf(100)
    0.5
    """

    seen: Sequence[float]

    def __post_init__(self) -> None:
        errors.finite(seen=self.seen)
        errors.positive(observations=len(self.seen))

    @property
    def mean(self) -> float:
        return float(np.mean(self.seen))

    def cdf(self, x: float) -> float:
        return float(np.mean(np.asarray(self.seen) <= x))

    def quantile(self, share: float) -> float:
        errors.share(share=share)
        reached = math.ceil(share * len(self.seen) - errors.ROUND_OFF)
        return float(sorted(self.seen)[max(0, reached - 1)])

    def expected_min(self, x: float) -> float:
        return float(np.minimum(self.seen, x).mean())


Demand = Normal | Sample


def expected_surplus(demand: Demand, x: float) -> float:
    """E[(x - D)+]: what is left idle of a quantity x.

    >>> expected_surplus(Sample([0, 200]), 100)
    50.0
    """
    return x - demand.expected_min(x)


def expected_shortfall(demand: Demand, x: float) -> float:
    """E[(D - x)+]: what a quantity x leaves unserved."""
    return demand.mean - demand.expected_min(x)
