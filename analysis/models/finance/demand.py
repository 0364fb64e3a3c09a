"""How much capacity is needed: uncertain demand as small frozen objects, in megawatts.

Each knows `mean`, `cdf(x)`, `quantile(share)` (the least x whose cdf reaches the share) and
`expected_min(x)` = E[min(D, x)], from which every partial expectation follows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, gammaincinv, ndtr, ndtri

from analysis.models import errors


@dataclass(frozen=True, kw_only=True)
class Normal:
    """Normal demand; its part below zero is counted as it stands, so keep it small."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        errors.positive(mean=self.mean, sd=self.sd)

    def cdf(self, x: float) -> float:
        return float(ndtr((x - self.mean) / self.sd))

    def quantile(self, share: float) -> float:
        errors.share(share=share)
        return self.mean + self.sd * float(ndtri(share))

    def below(self, x: float) -> float:
        """E[D; D ≤ x]: what levels up to x add to the mean."""
        score = (x - self.mean) / self.sd
        density = math.exp(-(score**2) / 2) / math.sqrt(2 * math.pi)
        return self.mean * self.cdf(x) - self.sd * density

    def expected_min(self, x: float) -> float:
        return self.below(x) + x * (1 - self.cdf(x))


class Lognormal(Normal):
    """Demand whose logarithm is normal, given by its own mean and standard deviation."""

    @property
    def log(self) -> Normal:
        """The law of the logarithm."""
        variance = math.log1p((self.sd / self.mean) ** 2)
        return Normal(mean=math.log(self.mean) - variance / 2, sd=math.sqrt(variance))

    def cdf(self, x: float) -> float:
        return self.log.cdf(math.log(x)) if x > 0 else 0.0

    def quantile(self, share: float) -> float:
        return math.exp(self.log.quantile(share))

    def below(self, x: float) -> float:
        return self.mean * self.cdf(x / (1 + (self.sd / self.mean) ** 2))


class Gamma(Normal):
    """Gamma demand: shape (mean ÷ sd)², scale sd² ÷ mean."""

    @property
    def shape(self) -> float:
        return (self.mean / self.sd) ** 2

    def cdf(self, x: float) -> float:
        return float(gammainc(self.shape, max(0.0, x) * self.mean / self.sd**2))

    def quantile(self, share: float) -> float:
        errors.share(share=share)
        return float(gammaincinv(self.shape, share)) * self.sd**2 / self.mean

    def below(self, x: float) -> float:
        return self.mean * float(gammainc(self.shape + 1, max(0.0, x) * self.mean / self.sd**2))


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
