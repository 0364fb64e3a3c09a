"""How long an agreement lives if the price decides: left when it leaves a band."""

from __future__ import annotations

import math
from dataclasses import dataclass

from oracles import refuse, require


@dataclass(frozen=True, slots=True, kw_only=True)
class BandExit:
    """Life of an agreement that is left when the price first leaves a band (models 7.8).

    The price is geometric Brownian motion with growth `growth_year` and volatility `sigma_year`;
    the customer leaves at `low`, the provider at `high`, prices in the same unit as `spot`.

    >>> band = BandExit(spot=1.0, low=0.75, high=1.5, growth_year=-0.2, sigma_year=0.4)
    >>> round(band.provider_first, 6), round(band.expected_years, 6)
    (0.168423, 0.6105)
    """

    spot: float
    low: float
    high: float
    growth_year: float
    sigma_year: float

    def __post_init__(self) -> None:
        require(self, self.__slots__)
        if not 0 < self.low < self.high:
            refuse("low", self.low, f"above 0 and below high, {self.high!r}")
        if not self.low <= self.spot <= self.high:
            refuse("spot", self.spot, f"between low and high, {self.low!r} and {self.high!r}")
        if self.sigma_year <= 0:
            refuse("sigma_year", self.sigma_year, "above 0")

    @property
    def _drift(self) -> float:
        drift = self.growth_year - self.sigma_year**2 / 2
        return 0.0 if abs(drift) < 1e-12 else drift

    @property
    def provider_first(self) -> float:
        """Probability that the provider leaves first."""
        above, wide = math.log(self.spot / self.low), math.log(self.high / self.low)
        if self._drift == 0:
            return above / wide
        slope = -2 * self._drift / self.sigma_year**2
        return math.expm1(slope * above) / math.expm1(slope * wide)

    @property
    def expected_years(self) -> float:
        """Expected time until one of them gives notice; the notice itself comes on top."""
        above, wide = math.log(self.spot / self.low), math.log(self.high / self.low)
        if self._drift == 0:
            return above * (wide - above) / self.sigma_year**2
        return (wide * self.provider_first - above) / self._drift
