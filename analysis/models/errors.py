"""Numbers that no model takes: each refused in one sentence that says what is allowed."""

import math
from collections.abc import Callable
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

ROUND_OFF = 1e-12
"""Probabilities closer than this are the same."""


def refused(name: str, value: object, allowed: str) -> ValueError:
    """The error for a value that is not allowed."""
    return ValueError(f"{name}: {value} is not allowed, it must be {allowed}")


def refusing(good: Callable[[float], bool], allowed: str) -> Callable[..., None]:
    """The rule that refuses each number, given by name, that is not good.

    >>> positive(months=0)
    Traceback (most recent call last):
    ValueError: months: 0 is not allowed, it must be a finite number above 0
    """

    def rule(**values: float) -> None:
        for name, value in values.items():
            if not good(value):
                raise refused(name, value, allowed)

    return rule


positive = refusing(lambda value: 0 < value < math.inf, "a finite number above 0")
not_negative = refusing(lambda value: 0 <= value < math.inf, "a finite number, 0 or above")
limit = refusing(lambda value: value >= 0, "0 or above, or inf")
share = refusing(lambda value: 0 <= value <= 1, "in 0 to 1")
whole = refusing(lambda n: 0 <= n < math.inf and n == int(n), "a whole number, 0 or above")
counted = refusing(lambda n: 0 < n < math.inf and n == int(n), "a whole number above 0")
rate = refusing(lambda value: -1 < value < math.inf, "a finite rate above -1")


def one_of(words: Any, **values: str) -> None:
    """Refuse what is none of the words of a literal type.

    >>> from typing import Literal
    >>> one_of(Literal["advance", "arrears"], timing="later")
    Traceback (most recent call last):
    ValueError: timing: 'later' is not allowed, it must be one of advance, arrears
    """
    for name, value in values.items():
        if value not in get_args(words):
            raise refused(name, repr(value), f"one of {', '.join(get_args(words))}")


def finite(**values: ArrayLike) -> None:
    """Refuse numbers, or arrays of them, that hold one that is not finite."""
    for name, value in values.items():
        array: NDArray[np.float64] = np.asarray(value, dtype=float)
        if not np.isfinite(array).all():
            raise refused(name, array[~np.isfinite(array)].flat[0], "finite")
