"""Perpetual options that their writer may cancel: closed forms for a game with two stoppers.

The price follows geometric Brownian motion; `rate_year` is continuous and time is in years.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from oracles import refuse, require
from oracles.perpetual import powers


@dataclass(frozen=True, slots=True, kw_only=True)
class GamePut:
    """A perpetual put that its writer may cancel for the payoff plus a penalty (Kyprianou 2004).

    No dividend. Never cancelled where the penalty is at least `free_penalty`; then it is the
    perpetual American put. Else the writer cancels exactly at the strike, a single price, where the
    value has a kink: smooth fit does not hold there.

    >>> put = GamePut(strike=40.0, rate_year=0.06, sigma_year=0.2, penalty=1.0)
    >>> round(put.exercise_below, 6), round(put.value(36.0), 6), round(put.free_penalty, 6)
    (34.962982, 4.050287, 4.21875)
    """

    strike: float
    rate_year: float
    sigma_year: float
    penalty: float

    def __post_init__(self) -> None:
        require(self, self.__slots__)
        for field in ("strike", "rate_year", "sigma_year"):
            if getattr(self, field) <= 0:
                refuse(field, getattr(self, field), "above 0")
        if self.penalty < 0:
            refuse("penalty", self.penalty, "0 or above")

    @property
    def _q(self) -> float:
        return 2 * self.rate_year / self.sigma_year**2

    @property
    def free_penalty(self) -> float:
        """Value of the American put at the strike: a penalty from here on never binds."""
        q = self._q
        return float(self.strike / (1 + q) * ((1 + q) / q) ** (-q))

    @property
    def exercise_below(self) -> float:
        """Price at or below which the holder exercises."""
        q = self._q
        if self.penalty >= self.free_penalty:
            return self.strike * q / (1 + q)

        def gap(y: float) -> float:
            return float(y ** (1 + q) + q - (1 + q) * (1 + self.penalty / self.strike) * y)

        return self.strike * _bisect(gap, 0.0, 1.0)

    def value(self, price: float) -> float:
        """Value to the holder."""
        q, strike, low = self._q, self.strike, self.exercise_below
        if price <= low:
            return strike - price
        if self.penalty >= self.free_penalty:
            return float((strike - low) * (price / low) ** (-q))
        if price >= strike:
            return float(self.penalty * (price / strike) ** (-q))
        rise = q * strike / ((1 + q) * low) - 1
        return float(rise * price + strike * low**q / (1 + q) * price ** (-q))


@dataclass(frozen=True, slots=True, kw_only=True)
class GameCall:
    """A perpetual call on a price with a dividend that its writer may cancel (Emmerling 2012).

    Only where the dividend is at least the rate, so that the writer cancels at the strike alone;
    below, it may cancel on a whole interval and there is no closed form here.

    >>> call = GameCall(strike=100.0, rate_year=0.03, dividend_year=0.06, sigma_year=0.3, penalty=5)
    >>> round(call.exercise_above, 6), round(call.value(110.0), 6)
    (141.056104, 12.8854)
    """

    strike: float
    rate_year: float
    dividend_year: float
    sigma_year: float
    penalty: float

    def __post_init__(self) -> None:
        require(self, self.__slots__)
        for field in ("strike", "rate_year", "sigma_year"):
            if getattr(self, field) <= 0:
                refuse(field, getattr(self, field), "above 0")
        if self.dividend_year < self.rate_year:
            refuse("dividend_year", self.dividend_year, f"rate_year, {self.rate_year!r}, or above")
        if self.penalty < 0:
            refuse("penalty", self.penalty, "0 or above")

    @property
    def _powers(self) -> tuple[float, float]:
        return powers(
            growth_year=self.rate_year - self.dividend_year,
            sigma_year=self.sigma_year,
            rate_year=self.rate_year,
        )

    @property
    def free_penalty(self) -> float:
        """Value of the American call at the strike: a penalty from here on never binds."""
        high = self._powers[0]
        threshold = self.strike * high / (high - 1)
        return float((threshold - self.strike) * (self.strike / threshold) ** high)

    def _weights(self, threshold: float) -> tuple[float, float]:
        """A, B of A x**b1 + B x**b2 (x in strikes) that meet payoff and slope at the threshold."""
        high, low = self._powers
        payoff, slope = threshold - 1, threshold
        a = (slope - low * payoff) / (high - low)
        b = (high * payoff - slope) / (high - low)
        return a * threshold ** (-high), b * threshold ** (-low)

    @property
    def exercise_above(self) -> float:
        """Price at or above which the holder exercises."""
        high = self._powers[0]
        free = high / (high - 1)
        if self.penalty >= self.free_penalty:
            return self.strike * free

        def gap(threshold: float) -> float:
            return sum(self._weights(threshold)) - self.penalty / self.strike

        return self.strike * _bisect(gap, free, 1.0)

    def value(self, price: float) -> float:
        """Value to the holder."""
        high, low = self._powers
        threshold, x = self.exercise_above / self.strike, price / self.strike
        if x >= threshold:
            return price - self.strike
        if self.penalty >= self.free_penalty:
            return float(self.strike * (threshold - 1) * (x / threshold) ** high)
        if x <= 1:
            return float(self.penalty * x**high)
        a, b = self._weights(threshold)
        return float(self.strike * (a * x**high + b * x**low))


def _bisect(gap: Callable[[float], float], above: float, below: float) -> float:
    """Root of `gap`, which is positive at `above` and not at `below`."""
    for _ in range(200):
        middle = (above + below) / 2
        above, below = (middle, below) if gap(middle) > 0 else (above, middle)
    return (above + below) / 2
