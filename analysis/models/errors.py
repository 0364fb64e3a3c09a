"""Numbers that no model takes: each refused in one sentence that says what is allowed."""

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

ROUND_OFF = 1e-12
"""Probabilities closer than this are the same."""


def refused(name: str, value: object, allowed: str) -> ValueError:
    """The error for a value that is not allowed."""
    return ValueError(f"{name}: {value} is not allowed, it must be {allowed}")


def _all(values: Mapping[str, float], good: Callable[[float], bool], allowed: str) -> None:
    for name, value in values.items():
        if not good(value):
            raise refused(name, value, allowed)


def positive(**values: float) -> None:
    """Refuse what is not a finite number above 0.

    >>> positive(months=0)
    Traceback (most recent call last):
    ValueError: months: 0 is not allowed, it must be a finite number above 0
    """
    _all(values, lambda value: 0 < value < math.inf, "a finite number above 0")


def not_negative(**values: float) -> None:
    """Refuse what is not a finite number, 0 or above."""
    _all(values, lambda value: 0 <= value < math.inf, "a finite number, 0 or above")


def share(**values: float) -> None:
    """Refuse what does not lie in 0 to 1, both included."""
    _all(values, lambda value: 0 <= value <= 1, "in 0 to 1")


def whole(**values: int) -> None:
    """Refuse what is not a whole number, 0 or above."""
    _all(values, lambda n: 0 <= n < math.inf and n == int(n), "a whole number, 0 or above")


def counted(**values: int) -> None:
    """Refuse what is not a whole number above 0."""
    _all(values, lambda n: 0 < n < math.inf and n == int(n), "a whole number above 0")


def rate(**values: float) -> None:
    """Refuse a rate of interest that is not a finite number above -1."""
    _all(values, lambda value: -1 < value < math.inf, "a finite rate above -1")


def finite(**values: ArrayLike) -> None:
    """Refuse numbers, or arrays of them, that hold one that is not finite."""
    for name, value in values.items():
        array: NDArray[np.float64] = np.asarray(value, dtype=float)
        if not np.isfinite(array).all():
            raise refused(name, array[~np.isfinite(array)].flat[0], "finite")
