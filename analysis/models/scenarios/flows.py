"""Dated flows under very many scenarios at once: a few dates and one rate collapse them first.

Scenarios that differ in the rate alone share one smooth curve, those that differ in the month of
exit one table; only what is each scenario's own is gone through one by one, in parts that stay in
the processor's cache.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import ArrayLike, NDArray

from analysis.contract import checks
from analysis.models.scenarios.inputs import Array

CACHED = 1 << 14  # values of a part: with its buffers well within a processor's second cache
DEGREES = (2, 4, 6, 8, 10, 13, 16, 20)
EXACT = 1e-14  # of the sum of all amounts: as good as adding them up


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Present value of dated flows as a function of an effective annual rate.

    `years` from the valuation day; `polynomial` (highest power first) is that function between
    the rates `low` and `high`, checked against the sum itself, or empty where none is exact.

    >>> bond = worth([1.0, 2.0], [10.0, 110.0], low=0.05, high=0.15)
    >>> bond.at([0.10]).round(9).tolist()
    [100.0]
    """

    years: Array
    usd: Array
    low: float
    high: float
    polynomial: Array

    def at(self, rates_year: ArrayLike, *, out: Array | None = None) -> Array:
        """Present values at rates between `low` and `high`; written into `out` if given."""
        rates = np.asarray(rates_year, dtype=float)
        found = np.empty(rates.shape) if out is None else out
        middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        buffer = np.empty(min(CACHED, len(rates)))
        for start in range(0, len(rates), CACHED):
            part, into = rates[start : start + CACHED], found[start : start + CACHED]
            if not len(self.polynomial):
                into[:] = _summed(self.years, self.usd, part)
                continue
            scaled = buffer[: len(part)]
            np.subtract(part, middle, out=scaled)
            np.multiply(scaled, 1 / half if half else 0.0, out=scaled)
            horner(self.polynomial, scaled, into)
        return found


def worth(
    years: ArrayLike, usd: ArrayLike, *, low: float, high: float, fitted: bool = True
) -> Worth:
    """The present value of flows for all rates from `low` to `high`.

    Not `fitted` it is added up at each rate: quicker for fewer than some thousand.
    """
    checks.rate(low=low, high=high)
    when, amounts = np.asarray(years, dtype=float), np.asarray(usd, dtype=float)

    def summed(rates: Array) -> Array:
        return _summed(when, amounts, rates)

    largest = float(np.abs(amounts) @ (1 + low) ** -when)
    polynomial = _fitted(summed, low, high, EXACT * largest) if fitted else np.empty(0)
    return Worth(years=when, usd=amounts, low=low, high=high, polynomial=polynomial)


def _summed(years: Array, usd: Array, rates_year: Array) -> Array:
    found: Array = np.exp(np.multiply.outer(-np.log1p(rates_year), years)) @ usd
    return found


def _fitted(function: Callable[[Array], Array], low: float, high: float, error: float) -> Array:
    """The lowest polynomial in (-1, 1) that meets the function between its nodes; or none."""
    middle, half = (low + high) / 2, (high - low) / 2
    if not half:
        return function(np.array([middle]))

    def scaled(x: Array) -> Array:
        return function(middle + half * x)

    between = np.linspace(-1, 1, 4 * DEGREES[-1] + 1)
    target = scaled(between)
    for degree in DEGREES:
        terms: Any = chebyshev.chebinterpolate(scaled, degree)
        powers: Array = chebyshev.cheb2poly(terms)[::-1]
        if np.abs(np.polyval(powers, between) - target).max() <= error:
            return powers
    return np.empty(0)


def horner(polynomial: Array, x: Array, out: Array) -> None:
    """The polynomial (highest power first) at `x`, into `out`, without a copy."""
    out.fill(polynomial[0])
    for term in polynomial[1:]:
        np.multiply(out, x, out=out)
        np.add(out, term, out=out)


def valued(flows: Array, years: ArrayLike, *, rate_year: float, out: Array | None = None) -> Array:
    """Present values of scenarios that each have their own flows: a row each, a column a date.

    >>> valued(np.array([[10.0, 110.0]]), [1.0, 2.0], rate_year=0.10).round(9).tolist()
    [100.0]
    """
    checks.rate(rate_year=rate_year)
    factors = (1 + rate_year) ** -np.asarray(years, dtype=float)
    found: Array = np.vecdot(flows, factors, out=out)
    return found


def looked_up(table: Array, places: NDArray[np.integer], *, out: Array | None = None) -> Array:
    """The table's value at each place; a place that is none is refused.

    >>> looked_up(np.array([0.0, 5.0, 9.0]), np.array([2, 0, 1])).tolist()
    [9.0, 0.0, 5.0]
    """
    if len(places) and not 0 <= places.min() <= places.max() < len(table):
        raise checks.refused("places", (places.min(), places.max()), f"in 0 to {len(table) - 1}")
    return np.take(table, places, out=out, mode="wrap")  # wraps nothing: numpy's fastest way
