"""Demand that is equally likely between two ends: expectations that one can do in the head."""

from dataclasses import dataclass

from analysis.models import errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniform:
    """Every level from `low` to `high` as likely as any other."""

    low: float
    high: float

    @property
    def mean(self) -> float:
        return (self.low + self.high) / 2

    def cdf(self, x: float) -> float:
        return min(1.0, max(0.0, (x - self.low) / (self.high - self.low)))

    def quantile(self, share: float) -> float:
        errors.share(share=share)
        return self.low + share * (self.high - self.low)

    def expected_min(self, x: float) -> float:
        inside = min(max(x, self.low), self.high)
        return min(x, inside) - (inside - self.low) ** 2 / (2 * (self.high - self.low))
