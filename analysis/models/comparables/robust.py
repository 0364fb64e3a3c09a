"""Statistics for few points: medians and ranks, no distribution assumed, no OLS."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, groupby

import numpy as np

from analysis.contract import checks

MAX_TIED = 10
"""Ties are counted out for so many points at most; with more, the exact p is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line through few points: y = `intercept` + `slope` · x."""

    slope: float
    intercept: float


def theil_sen(x: Sequence[float], y: Sequence[float]) -> Line:
    """Median of the slopes of all pairs; intercept median(y) - slope · median(x); else `nan`.

    >>> theil_sen([1, 2, 3], [10, 20, 90])
    Line(slope=40.0, intercept=-60.0)
    """
    _paired(x, y)
    pairs = list(combinations(zip(x, y, strict=True), 2))
    slopes = [(d - b) / (c - a) for (a, b), (c, d) in pairs if a != c]
    slope = float(np.median(slopes)) if slopes else math.nan
    return Line(slope=slope, intercept=float(np.median(y) - slope * np.median(x)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """Kendall's `tau` (tau-b where values tie) and `p`: how often chance orders so strongly."""

    tau: float
    p: float


def kendall(x: Sequence[float], y: Sequence[float]) -> Rank:
    """Kendall's rank correlation with its exact two-sided p, from all orders of the points.

    `nan` for tau if a side is constant, for p with ties among more than ten points.

    >>> kendall([1, 2, 3, 4], [1, 2, 3, 4]).tau
    1.0
    """
    _paired(x, y)
    signs_x, signs_y = _signs(x), _signs(y)
    score = int(signs_x @ signs_y)
    untied = math.sqrt(int(signs_x @ signs_x) * int(signs_y @ signs_y))
    if not untied:
        return Rank(tau=math.nan, p=math.nan)
    tied = len(set(x)) < len(x) or len(set(y)) < len(y)
    return Rank(
        tau=score / untied, p=_tied_p(tuple(x), tuple(y), score) if tied else _p(len(x), score)
    )


def leave_one_out(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """The lowest and highest Theil-Sen slope when any one point is left out.

    >>> leave_one_out([1, 2, 3, 4], [1, 2, 3, 40])
    (1.0, 19.0)
    """
    _paired(x, y)
    slopes = [theil_sen([*x[:n], *x[n + 1 :]], [*y[:n], *y[n + 1 :]]).slope for n in range(len(x))]
    return float(np.min(slopes)), float(np.max(slopes))


def _paired(x: Sequence[float], y: Sequence[float]) -> None:
    checks.finite(x=x, y=y)
    if len(x) != len(y) or len(x) < 2:
        raise checks.refused("x, y", f"{len(x)} and {len(y)} points", "as many of each, 2 or more")


def _signs(values: Sequence[float]) -> np.ndarray:
    return np.array([np.sign(b - a) for a, b in combinations(values, 2)], dtype=int)


@lru_cache(maxsize=64)
def _orders(n: int) -> tuple[int, ...]:
    """How many orders of n points have 0, 1, 2, ... pairs the wrong way round."""
    counts = [1]
    for k in range(2, n + 1):
        wide = [0] * (len(counts) + k - 1)
        for shift in range(k):
            for place, count in enumerate(counts):
                wide[place + shift] += count
        counts = wide
    return tuple(counts)


def _p(n: int, score: int) -> float:
    pairs = n * (n - 1) // 2
    strong = sum(c for wrong, c in enumerate(_orders(n)) if abs(pairs - 2 * wrong) >= abs(score))
    return strong / math.factorial(n)


@lru_cache(maxsize=64)
def _tied_p(x: tuple[float, ...], y: tuple[float, ...], score: int) -> float:
    """Of all orders of y, each as likely, the share that scores so strongly against x.

    The places of x are filled from low to high, tied ones together: what fills them adds to the
    score what it has over all that lies below, whatever the order of that.
    """
    if len(x) > MAX_TIED:
        return math.nan
    above = np.sign(np.subtract.outer(y, y)).astype(int).tolist()
    filled = {frozenset[int](): Counter({0: 1})}  # which y lie below: how many ways to each score
    for _, places in groupby(sorted(x)):
        size = len(list(places))
        wider: dict[frozenset[int], Counter[int]] = defaultdict(Counter)
        for below, ways in filled.items():
            gains = [sum(row[k] for k in below) for row in above]
            for taken in combinations(set(range(len(y))) - below, size):
                gain = sum(gains[j] for j in taken)
                for reached, count in ways.items():
                    wider[below.union(taken)][reached + gain] += count
        filled = wider
    [ways] = filled.values()
    strong = sum(count for reached, count in ways.items() if abs(reached) >= abs(score))
    return strong / ways.total()
