"""Refusals of bad numbers in one sentence that names the field, the value and what is allowed."""

import math
import unicodedata

import numpy as np
from numpy.typing import ArrayLike, NDArray

ROUND_OFF = 1e-12
"""Probabilities closer than this are the same."""


def positive(**values: float) -> None:
    """Refuses what is not a finite number above 0.

    >>> positive(months=0)
    Traceback (most recent call last):
    ValueError: months: 0 is not allowed, it must be a finite number above 0
    """
    for name, value in values.items():
        if not 0 < value < math.inf:
            raise refused(name, value, "a finite number above 0")


def not_negative(**values: float) -> None:
    """Refuses what is not a finite number, 0 or above."""
    for name, value in values.items():
        if not 0 <= value < math.inf:
            raise refused(name, value, "a finite number, 0 or above")


def share(**values: float) -> None:
    """Refuses what does not lie in 0 to 1, both included."""
    for name, value in values.items():
        if not 0 <= value <= 1:
            raise refused(name, value, "in 0 to 1")


def whole(**values: int) -> None:
    """Refuses what is not a whole number, 0 or above."""
    for name, value in values.items():
        if not (0 <= value < math.inf and value == int(value)):
            raise refused(name, value, "a whole number, 0 or above")


def counted(**values: int) -> None:
    """Refuses what is not a whole number above 0."""
    for name, value in values.items():
        if not (0 < value < math.inf and value == int(value)):
            raise refused(name, value, "a whole number above 0")


def rate(**values: float) -> None:
    """Refuses a rate of interest that is not a finite number above -1."""
    for name, value in values.items():
        if not -1 < value < math.inf:
            raise refused(name, value, "a finite rate above -1")


def finite(**values: ArrayLike) -> None:
    """Refuses numbers, or arrays of them, that hold one that is not finite."""
    for name, value in values.items():
        array: NDArray[np.float64] = np.asarray(value, dtype=float)
        if not np.isfinite(array).all():
            raise refused(name, array[~np.isfinite(array)].flat[0], "finite")


def refused(name: str, value: object, allowed: str) -> ValueError:
    """The error for a value that is not allowed."""
    return ValueError(f"{name}: {value} is not allowed, it must be {allowed}")


BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # turn the order of letters


def one_line(text: str) -> bool:
    """Whether a text has no line breaks, control characters, or marks that turn its letters.

    >>> one_line("Müller & Søn\\u00a0AG"), one_line("a\\nb"), one_line("\\x1b[31m")
    (True, False, False)
    """
    return not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in BIDI for c in text)
