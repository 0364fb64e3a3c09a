"""How much capacity is needed: uncertain demand as small frozen objects, in megawatts.

Each knows `mean`, `cdf(x)`, `quantile(share)` (the least x whose cdf reaches the share) and
`expected_min(x)` = E[min(D, x)], from which every partial expectation follows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import NormalDist
from typing import Protocol

import numpy as np

from analysis.contract import checks

UNIT = NormalDist()
"""The standard normal distribution."""


class Demand(Protocol):
    """Any distribution of demand."""

    @property
    def mean(self) -> float: ...

    def cdf(self, x: float) -> float: ...

    def quantile(self, share: float) -> float: ...

    def expected_min(self, x: float) -> float: ...


def expected_surplus(demand: Demand, x: float) -> float:
    """E[(x - D)+]: what is left idle of a quantity x.

    >>> expected_surplus(Uniform(low=0, high=200), 100)
    25.0
    """
    return x - demand.expected_min(x)


def expected_shortfall(demand: Demand, x: float) -> float:
    """E[(D - x)+]: what a quantity x leaves unserved.

    >>> expected_shortfall(Uniform(low=0, high=200), 100)
    25.0
    """
    return demand.mean - demand.expected_min(x)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniform:
    """Every level from `low` to `high` as likely as any other."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not -math.inf < self.low < self.high < math.inf:
            raise checks.refused("low", self.low, f"finite and below high, {self.high}")

    @property
    def mean(self) -> float:
        return (self.low + self.high) / 2

    def cdf(self, x: float) -> float:
        return min(1.0, max(0.0, (x - self.low) / (self.high - self.low)))

    def quantile(self, share: float) -> float:
        checks.share(share=share)
        return self.low + share * (self.high - self.low)

    def expected_min(self, x: float) -> float:
        inside = min(max(x, self.low), self.high)
        return min(x, inside) - (inside - self.low) ** 2 / (2 * (self.high - self.low))


@dataclass(frozen=True, slots=True, kw_only=True)
class Normal:
    """Normal demand; its part below zero is counted as it stands, so keep it small."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        checks.finite(mean=self.mean)
        checks.positive(sd=self.sd)

    def cdf(self, x: float) -> float:
        return UNIT.cdf((x - self.mean) / self.sd)

    def quantile(self, share: float) -> float:
        return self.mean + self.sd * _normal_quantile(share)

    def expected_min(self, x: float) -> float:
        z = (x - self.mean) / self.sd
        return self.mean * UNIT.cdf(z) - self.sd * UNIT.pdf(z) + x * UNIT.cdf(-z)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lognormal:
    """Demand whose logarithm is normal, given by its own mean and standard deviation."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        checks.positive(mean=self.mean, sd=self.sd)

    @property
    def log_sd(self) -> float:
        """Standard deviation of ln D; the mean of ln D is ln(mean) - log_sd² ÷ 2."""
        return math.sqrt(math.log1p((self.sd / self.mean) ** 2))

    def _z(self, x: float) -> float:
        return (math.log(x) - math.log(self.mean)) / self.log_sd + self.log_sd / 2

    def cdf(self, x: float) -> float:
        return UNIT.cdf(self._z(x)) if x > 0 else 0.0

    def quantile(self, share: float) -> float:
        z = _normal_quantile(share)
        return self.mean * math.exp(self.log_sd * z - self.log_sd**2 / 2)

    def expected_min(self, x: float) -> float:
        if x <= 0:
            return x
        return self.mean * UNIT.cdf(self._z(x) - self.log_sd) + x * UNIT.cdf(-self._z(x))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gamma:
    """Gamma demand: shape (mean ÷ sd)², scale sd² ÷ mean."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        checks.positive(mean=self.mean, sd=self.sd)

    @property
    def shape(self) -> float:
        return (self.mean / self.sd) ** 2

    @property
    def scale(self) -> float:
        return self.sd**2 / self.mean

    def cdf(self, x: float) -> float:
        from scipy.special import gammainc

        return float(gammainc(self.shape, max(0.0, x) / self.scale))

    def quantile(self, share: float) -> float:
        from scipy.special import gammaincinv

        checks.share(share=share)
        return float(gammaincinv(self.shape, share) * self.scale)

    def expected_min(self, x: float) -> float:
        from scipy.special import gammainc, gammaincc

        if x <= 0:
            return x
        y = x / self.scale
        return float(self.mean * gammainc(self.shape + 1, y) + x * gammaincc(self.shape, y))


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrete:
    """Demand at so many rising levels with given probabilities that add up to 1."""

    levels: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __post_init__(self) -> None:
        checks.finite(levels=self.levels)
        checks.share(**{f"probabilities[{n}]": p for n, p in enumerate(self.probabilities)})
        if len(self.levels) != len(self.probabilities) or not self.levels:
            raise checks.refused("levels", len(self.levels), "as many as probabilities, at least 1")
        if any(low >= high for low, high in zip(self.levels, self.levels[1:], strict=False)):
            raise checks.refused("levels", self.levels, "rising")
        if abs(math.fsum(self.probabilities) - 1) > 1e-9:
            raise checks.refused("probabilities", math.fsum(self.probabilities), "1 in all")

    @property
    def mean(self) -> float:
        return self.expected_min(math.inf)

    def cdf(self, x: float) -> float:
        return math.fsum(
            p for level, p in zip(self.levels, self.probabilities, strict=True) if level <= x
        )

    def quantile(self, share: float) -> float:
        checks.share(share=share)
        for level, reached in zip(self.levels, accumulate(self.probabilities), strict=True):
            if reached >= share - checks.ROUND_OFF:
                return level
        return self.levels[-1]

    def expected_min(self, x: float) -> float:
        return math.fsum(
            p * min(level, x) for level, p in zip(self.levels, self.probabilities, strict=True)
        )


def empirical(sample: Sequence[float]) -> Discrete:
    """Demand as it was seen: each observation as likely as any other.

    >>> empirical([100, 300, 100, 200]).cdf(100)
    0.5
    """
    levels, counts = np.unique(np.asarray(sample, dtype=float), return_counts=True)
    return Discrete(
        levels=tuple(levels.tolist()), probabilities=tuple((counts / max(1, len(sample))).tolist())
    )


def _normal_quantile(share: float) -> float:
    checks.share(share=share)
    return UNIT.inv_cdf(share) if 0 < share < 1 else math.copysign(math.inf, share - 0.5)
