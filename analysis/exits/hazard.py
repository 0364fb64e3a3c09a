"""How long does an agreement live if somebody leaves it at a constant chance a month?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.market.process import Array, refuse, require_finite


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """An agreement in whole months, left with the same chance each month.

    term_months: cap. gate_months: first month at whose start notice may be given. notice_months:
    from notice to the end of service. chance_month: that notice is given at a month's start, given
    none before; of two independent rights see `either`.

    >>> life = Life(term_months=37, gate_months=3, notice_months=3, chance_month=0.05)
    >>> round(life.expected_months, 6), [life.quantile(a) for a in (0.1, 0.5, 0.9)]
    (21.12577, [8, 19, 37])
    """

    term_months: int
    gate_months: int
    notice_months: int
    chance_month: float

    def __post_init__(self) -> None:
        require_finite(self, *self.__slots__)
        for field in ("term_months", "gate_months", "notice_months"):
            if getattr(self, field) < 0 or getattr(self, field) != int(getattr(self, field)):
                refuse(field, getattr(self, field), "a whole number of months, 0 or above")
        if not 0 <= self.chance_month <= 1:
            refuse("chance_month", self.chance_month, "between 0 and 1")

    @property
    def sure_months(self) -> int:
        """Months served whatever anybody does."""
        return min(self.gate_months + self.notice_months, self.term_months)

    @property
    def served(self) -> Array:
        """Probability that each month is served, shape (term_months,)."""
        dates = np.maximum(np.arange(self.term_months) - self.sure_months + 1, 0)
        result: Array = (1 - self.chance_month) ** dates
        return result

    @property
    def expected_months(self) -> float:
        """Expected months served."""
        return float(self.served.sum())

    @property
    def full_term_chance(self) -> float:
        """Probability that the term is served to its end."""
        return (1 - self.chance_month) ** (self.term_months - self.sure_months)

    def quantile(self, share: float) -> int:
        """Months served that are not exceeded with probability `share`, in (0, 1)."""
        if not 0 < share < 1:
            refuse("share", share, "between 0 and 1, both left out")
        if self.chance_month == 0:
            return self.term_months
        if self.chance_month == 1:
            return self.sure_months
        dates = math.ceil(math.log(1 - share) / math.log(1 - self.chance_month) - 1e-12)
        return min(self.term_months, self.sure_months + dates - 1)

    def expected_value(
        self, amounts: ArrayLike, *, rate_year: float = 0.0, arrears: bool = False
    ) -> float:
        """Expected present value of one amount a month, each only if its month is served.

        rate_year: effective annual. Paid at the month's start, or with `arrears` at its end. With
        rate 0 these are the expected receipts.
        """
        months = np.arange(self.term_months) + int(arrears)
        discount = (1 + rate_year) ** (-months / 12.0)
        return float(np.sum(np.broadcast_to(amounts, months.shape) * self.served * discount))


def either(customer_chance: float, provider_chance: float) -> float:
    """Chance a month that at least one of two independent parties gives notice.

    >>> round(either(0.05, 0.1), 6)
    0.145
    """
    return 1 - (1 - customer_chance) * (1 - provider_chance)


def break_even_chance(
    *,
    outlay: float,
    amounts: ArrayLike,
    term_months: int,
    gate_months: int,
    notice_months: int,
    rate_year: float,
    arrears: bool = True,
) -> float:
    """Chance a month of leaving at which the expected present value just repays `outlay`.

    How sticky must the customer be? `nan` where even an agreement that nobody leaves does not
    repay, or one left at the first date does.
    """

    def surplus(chance: float) -> float:
        life = Life(
            term_months=term_months,
            gate_months=gate_months,
            notice_months=notice_months,
            chance_month=chance,
        )
        return life.expected_value(amounts, rate_year=rate_year, arrears=arrears) - outlay

    low, high = 0.0, 1.0
    if surplus(low) < 0 or surplus(high) > 0:
        return math.nan
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if surplus(middle) > 0 else (low, middle)
    return (low + high) / 2


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
        require_finite(self, *self.__slots__)
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
