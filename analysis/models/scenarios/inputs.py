"""Inputs that are ranges: how each is drawn, what moves together, and where it comes from."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.models import errors

Array = NDArray[np.float64]
Column = Any
"""Drawn values: numbers, or for a choice a pandas Categorical."""
Distribution = Literal["split", "uniform", "normal", "lognormal", "choice"]
BELLS = ("normal", "lognormal")
HALF = 0.5
REACH = NormalDist().inv_cdf(0.95)  # `low` to `high` is the 90 % range of what has no ends


@dataclass(frozen=True, kw_only=True)
class Input:
    """One input of a function, by name: its range, the value in use, and its source.

    Drawn as "split" (half evenly between `low` and `use`, half between `use` and `high`), as
    "uniform", "normal" or "lognormal" (`low`, `high`: 5 % and 95 % quantiles), or as a "choice"
    with `weights` (default: all alike), of which the first is in use. Inputs with the same word in
    `together` are moved by one draw, small with small; others are independent.

    >>> Input(name="rate", low=0.06, use=0.10, high=0.15).at([0.0, 0.25, 0.5, 1.0]).tolist()
    [0.06, 0.08, 0.1, 0.15]
    """

    name: str
    low: float = 0.0
    use: float = 0.0
    high: float = 0.0
    distribution: Distribution = "split"
    choices: tuple[Hashable, ...] = ()
    weights: tuple[float, ...] = ()
    together: str = ""
    unit: str = ""
    kind: str = "assumed"
    source: str = ""

    def __post_init__(self) -> None:
        name, choices, weights = self.name, self.choices, self.weights
        errors.one_of(Distribution, **{f"{name}.distribution": self.distribution})
        if self.distribution == "choice":
            if len(set(choices)) < len(choices):
                raise errors.refused(f"{name}.choices", choices, "choices that differ")
            if not choices or len(weights) not in (0, len(choices)):
                raise errors.refused(f"{name}.choices", choices, "one weight each")
            errors.not_negative(**{f"{name}.weight": min(weights, default=1.0)})
            errors.positive(**{f"{name}.weights": sum(weights) or len(choices)})
        for field, given in (("choices", choices), ("weights", weights)):
            if given and self.distribution != "choice":
                allowed = "empty where distribution is not 'choice'"
                raise errors.refused(f"{name}.{field}", given, allowed)
        errors.finite(**{name: [self.low, self.use, self.high]})
        if not self.low <= self.use <= self.high:
            ends = f"{self.low} ≤ {self.use} ≤ {self.high}"
            raise errors.refused(name, ends, "low ≤ use ≤ high")
        if self.distribution == "lognormal":
            errors.positive(**{f"{name}.low": self.low})

    @property
    def base(self) -> Hashable:
        """The value in use."""
        return self.choices[0] if self.choices else self.use

    @property
    def chances(self) -> Array:
        """Probability of each choice."""
        weights = np.array(self.weights or (1.0,) * len(self.choices))
        chances: Array = weights / weights.sum()
        return chances

    def at(self, share: ArrayLike) -> Column:
        """The value below which `share` of the draws lie: the inverse of the distribution."""
        shares = np.asarray(share, dtype=float)
        if self.distribution == "choice":
            codes = np.searchsorted(self.breaks, shares, side="right")
            return pd.Categorical.from_codes(codes, pd.Index(self.choices, dtype=object))
        if self.distribution in BELLS:
            from scipy.special import ndtri

            return self.bell(ndtri(shares))
        if self.distribution == "uniform":
            return self.low + (self.high - self.low) * shares
        return np.interp(shares, [0.0, HALF, 1.0], [self.low, self.use, self.high])

    def bell(self, score: Array) -> Array:
        """The value so many standard deviations from the middle."""
        log = self.distribution == "lognormal"
        low, high = np.log([self.low, self.high]) if log else (self.low, self.high)
        values: Array = (low + high) / 2 + score * (high - low) / (2 * REACH)
        return np.exp(values) if log else values

    @property
    def breaks(self) -> Array:
        """Shares of the draws at which the value jumps or bends, or that in use is reached."""
        if self.distribution == "choice":
            return np.cumsum(self.chances)[:-1]
        if self.distribution == "uniform" and self.low < self.high:
            return np.array([(self.use - self.low) / (self.high - self.low)])
        return np.array([HALF])


def quadrature(group: Sequence[Input], count: int) -> tuple[dict[str, Column], Array]:
    """Values by name, and weights, of one factor: exact for smooth functions of the draw.

    Gauss-Hermite for bells; else Gauss-Legendre between all breaks, `count` values in all.
    """
    bells = [each.distribution in BELLS for each in group]
    if all(bells):
        score, weights = np.polynomial.hermite_e.hermegauss(count)
        return {each.name: each.bell(score) for each in group}, weights / weights.sum()
    if any(bells):
        raise errors.refused("together", repr(group[0].together), "of bells alone or of none")
    edges = np.unique(np.concatenate([[0.0, 1.0], *(each.breaks for each in group)]))
    pieces = [(low, high) for low, high in pairwise(edges) if high - low > errors.ROUND_OFF]
    choices = all(each.choices for each in group)
    x, one = np.polynomial.legendre.leggauss(1 if choices else max(1, count // min(2, len(pieces))))
    shares = np.concatenate([low + (high - low) * (x + 1) / 2 for low, high in pieces])
    weights = np.concatenate([(high - low) * one / 2 for low, high in pieces])
    return {each.name: each.at(shares) for each in group}, weights / weights.sum()


def factors(inputs: Sequence[Input]) -> dict[str, list[Input]]:
    """The inputs by what is drawn independently: each alone, or those that move together."""
    if not inputs:
        raise errors.refused("inputs", inputs, "one at least")
    if len({each.name for each in inputs}) < len(inputs):
        raise errors.refused("inputs", [each.name for each in inputs], "names that differ")
    found: dict[str, list[Input]] = {}
    for each in inputs:
        found.setdefault(each.together or each.name, []).append(each)
    return found


def drawn(inputs: Sequence[Input], shares: ArrayLike) -> pd.DataFrame:
    """Cases, a row for each row of `shares`, which has one column a factor: see `factors`."""
    groups, table = factors(inputs), np.asarray(shares, dtype=float)
    if table.ndim != 2 or table.shape[1] != len(groups):
        raise errors.refused("shares", table.shape, f"{len(groups)} columns")
    columns = dict(zip(groups, table.T, strict=True))
    return pd.DataFrame({i.name: i.at(columns[i.together or i.name]) for i in inputs})


def listed(inputs: Sequence[Input]) -> pd.DataFrame:
    """The inputs for a reader: `input, low, use, high, drawn, unit, kind, source`.

    `drawn` says how, of a choice among what; a choice has no ends.
    """
    rows = [
        (
            each.name,
            *((None, each.base, None) if each.choices else (each.low, each.use, each.high)),
            f"one of {', '.join(map(str, each.choices))}" if each.choices else each.distribution,
            *(each.unit, each.kind, each.source),
        )
        for each in inputs
    ]
    columns = ["input", "low", "use", "high", "drawn", "unit", "kind", "source"]
    return pd.DataFrame(rows, columns=columns)
