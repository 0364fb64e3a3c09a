"""Rights to leave without an end date: closed forms that check the grid.

The price follows geometric Brownian motion with growth `growth_year` and volatility `sigma_year`;
`rate_year` is continuous. Time is in years, fees and prices per year.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from oracles import refuse, require


def powers(*, growth_year: float, sigma_year: float, rate_year: float) -> tuple[float, float]:
    """Exponents b with price**b worth its discounted expectation; the positive one first.

    >>> [round(b, 6) for b in powers(growth_year=0.03, sigma_year=0.3, rate_year=0.1)]
    [1.666667, -1.333333]
    """
    half = 0.5 - growth_year / sigma_year**2
    root = math.sqrt(half**2 + 2 * rate_year / sigma_year**2)
    return half + root, half - root


@dataclass(frozen=True, slots=True, kw_only=True)
class Perpetual:
    """A lease at a fixed fee for ever, which one side may end on notice (models 7.3).

    >>> lease = Perpetual(fee=1.0, growth_year=0.03, sigma_year=0.3, rate_year=0.1)
    >>> round(lease.customer_trigger, 6), round(lease.customer_value(1.0), 6)
    (0.4, 5.548811)
    """

    fee: float
    growth_year: float
    sigma_year: float
    rate_year: float
    notice_years: float = 0.0

    def __post_init__(self) -> None:
        require(self, self.__slots__)
        if self.growth_year >= self.rate_year:
            refuse("growth_year", self.growth_year, f"below rate_year, {self.rate_year!r}")
        for field in ("fee", "sigma_year", "rate_year"):
            if getattr(self, field) <= 0:
                refuse(field, getattr(self, field), "above 0")
        if self.notice_years < 0:
            refuse("notice_years", self.notice_years, "0 or above")

    def _power(self, which: int) -> float:
        return powers(
            growth_year=self.growth_year, sigma_year=self.sigma_year, rate_year=self.rate_year
        )[which]

    def _trigger(self, power: float) -> float:
        gap = self.rate_year - self.growth_year
        shift = math.exp(-self.growth_year * self.notice_years)
        return power / (power - 1) * self.fee * gap / self.rate_year * shift

    def _after_notice(self, price: float) -> float:
        """Value of what the notice saves: fee less price from the end of the notice on."""
        gap = self.rate_year - self.growth_year
        fee = self.fee * math.exp(-self.rate_year * self.notice_years) / self.rate_year
        return fee - price * math.exp(-gap * self.notice_years) / gap

    def bound_value(self, price: float) -> float:
        """Customer's value without any right: price less fee for ever."""
        return price / (self.rate_year - self.growth_year) - self.fee / self.rate_year

    @property
    def customer_trigger(self) -> float:
        """Price below which a customer with the only right gives notice."""
        return self._trigger(self._power(1))

    @property
    def provider_trigger(self) -> float:
        """Price above which a provider with the only right gives notice."""
        return self._trigger(self._power(0))

    def customer_value(self, price: float) -> float:
        """Customer's value where only it may leave."""
        if price <= self.customer_trigger:
            return self.bound_value(price) + self._after_notice(price)
        reach = (price / self.customer_trigger) ** self._power(1)
        return float(self.bound_value(price) + self._after_notice(self.customer_trigger) * reach)

    def provider_value(self, price: float) -> float:
        """Provider's value, its own sign, where only it may leave."""
        if price >= self.provider_trigger:
            return -self.bound_value(price) - self._after_notice(price)
        reach = (price / self.provider_trigger) ** self._power(0)
        return float(-self.bound_value(price) - self._after_notice(self.provider_trigger) * reach)
