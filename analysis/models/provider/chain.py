"""How demand moves from month to month: a Markov chain, simulated, fitted or built."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

import numpy as np

from analysis.contract import checks
from analysis.models.finance.annuities import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Demand at rising `levels` (megawatts); `transition[i][j]` is the chance of i to j in a month.

    >>> Chain(levels=(0, 100), transition=((0.9, 0.1), (0.5, 0.5))).ahead(2)[0]
    array([0.86, 0.14])
    """

    levels: tuple[float, ...]
    transition: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        checks.finite(levels=self.levels)
        size = len(self.levels)
        if not size or any(
            low >= high for low, high in zip(self.levels, self.levels[1:], strict=False)
        ):
            raise checks.refused("levels", self.levels, "rising, at least one")
        if len(self.transition) != size or any(len(row) != size for row in self.transition):
            raise checks.refused("transition", "the matrix", f"{size} rows of {size}")
        for number, row in enumerate(self.transition):
            checks.share(**{f"transition[{number}][{to}]": p for to, p in enumerate(row)})
            if abs(sum(row) - 1) > 1e-9:
                raise checks.refused(f"transition[{number}]", sum(row), "1 in all")

    @property
    def matrix(self) -> Array:
        """The chances of a month's moves, a row for each level now."""
        return np.array(self.transition, dtype=float)

    def ahead(self, months: int) -> Array:
        """Chances of each level after so many months, a row for each level now."""
        checks.whole(months=months)
        return _ahead(self.transition, months)

    def state(self, demand_mw: float) -> int:
        """The number of the level nearest to a demand."""
        checks.finite(demand_mw=demand_mw)
        return int(np.argmin(np.abs(np.array(self.levels) - demand_mw)))

    def including(self, demand_mw: float) -> Self:
        """The same chain with a level where demand is said to be, which it leaves for good.

        From there it moves as from the two levels around it, mixed by how near they are: its mean
        moves on as theirs do. Beyond the levels it moves as from the last of them.

        >>> Chain(levels=(0, 100), transition=((0.9, 0.1), (0.5, 0.5))).including(50).ahead(1)[1]
        array([0.7, 0. , 0.3])
        """
        checks.finite(demand_mw=demand_mw)
        if demand_mw in self.levels:
            return self
        moves = [float(np.interp(demand_mw, self.levels, to)) for to in self.matrix.T]
        at = bisect(self.levels, demand_mw)
        levels = (*self.levels[:at], float(demand_mw), *self.levels[at:])
        rows = [*self.transition[:at], tuple(moves), *self.transition[at:]]
        wider = tuple((*row[:at], 0.0, *row[at:]) for row in rows)
        return replace(self, levels=levels, transition=wider)


@lru_cache(maxsize=512)
def _ahead(transition: tuple[tuple[float, ...], ...], months: int) -> Array:
    """Kept, as a recall asks for the same months once for each number of blocks."""
    found = np.linalg.matrix_power(np.array(transition, dtype=float), months)
    found.setflags(write=False)
    return found


def simulate(chain: Chain, *, start_mw: float, months: int, rng: np.random.Generator) -> Array:
    """One path of demand, shape (months,), that starts at the level nearest to `start_mw`."""
    checks.whole(months=months)
    reached = np.cumsum(chain.matrix, axis=1)
    state = chain.state(start_mw)
    path = []
    for draw in rng.random(months):
        path.append(chain.levels[state])
        state = min(int(np.searchsorted(reached[state], draw, side="right")), len(chain.levels) - 1)
    return np.array(path)


def fitted(demand_mw: Sequence[float], levels: Sequence[float]) -> Chain:
    """The chain that makes an observed path most likely, each month read as its nearest level.

    A level from which no move was seen is taken to stay.
    """
    size = len(levels)
    same = Chain(levels=tuple(levels), transition=tuple(map(tuple, np.eye(size).tolist())))
    states = [same.state(level) for level in demand_mw]
    counts = np.zeros((size, size))
    np.add.at(counts, (states[:-1], states[1:]), 1)
    moves = np.where(counts.sum(axis=1, keepdims=True) > 0, counts, np.eye(size))
    return _chain(levels, moves / moves.sum(axis=1, keepdims=True))


def mean_reverting(*, mean: float, sd: float, reversion: float, states: int) -> Chain:
    """A chain with this long-run mean, standard deviation and pull back to the mean a month.

    Correlation between months e^-reversion, all three exact (Rouwenhorst 1995); levels reach
    sd·√(states - 1) to either side, and those below zero are refused.
    """
    checks.positive(mean=mean, sd=sd, reversion=reversion)
    checks.whole(states=states)
    if states < 2 or mean < sd * np.sqrt(states - 1):
        raise checks.refused("states", states, "2 or more, with mean at least sd·√(states - 1)")
    stay = (1 + np.exp(-reversion)) / 2
    matrix = np.array([[stay, 1 - stay], [1 - stay, stay]])
    for size in range(3, states + 1):
        wider = np.zeros((size, size))
        wider[:-1, :-1] += stay * matrix
        wider[:-1, 1:] += (1 - stay) * matrix
        wider[1:, :-1] += (1 - stay) * matrix
        wider[1:, 1:] += stay * matrix
        wider[1:-1] /= 2
        matrix = wider
    return _chain(mean + sd * np.sqrt(states - 1) * np.linspace(-1, 1, states), matrix)


def _chain(levels: Sequence[float] | Array, matrix: Array) -> Chain:
    rows = tuple(tuple(row) for row in matrix.tolist())
    return Chain(levels=tuple(float(level) for level in levels), transition=rows)
