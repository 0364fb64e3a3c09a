"""An interval from simulation that holds the game's value whatever the solver did.

Let one party keep to its triggers, and give the other the best answer with hindsight, less a
martingale: on average that is no worse for the other party than the game (Rogers 2002 for one
side). Doing so for either party bounds the value from both sides. The martingale is that of the
solver's values, linear between nodes, less their mean under the true noise in closed form; so the
bounds hold however wrong values and triggers are, which only pulls them apart.

A notice that may be answered is a game of its own, with its own martingale. All is counted from
the side of the party with the longer notice, the customer where they are equal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.exits.claims import Claims, claims
from analysis.exits.piecewise import read
from analysis.exits.simulated import Visit, visits
from analysis.exits.solution import Solution
from analysis.market.process import Array, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Bounds of the game's value to the customer, $/GPU-h × months.

    lower, upper: means of the bounds; lower_error, upper_error: their standard errors.
    """

    lower: float
    upper: float
    lower_error: float
    upper_error: float

    @property
    def interval(self) -> tuple[float, float]:
        """The bounds, each widened by three standard errors."""
        return self.lower - 3 * self.lower_error, self.upper + 3 * self.upper_error

    @property
    def width(self) -> float:
        """Length of the interval."""
        low, high = self.interval
        return high - low


def certify(
    solution: Solution,
    *,
    rng: np.random.Generator,
    paths: int = 1000,
    trigger_factor: float = 1.0,
) -> Certificate:
    """Bounds of the value of a solved game from simulated courses of the price.

    What happens on fewer than one course in `paths` is not seen: where nearly all of them end at
    once, take more.
    trigger_factor: multiplies the trigger prices first, to see what wrong ones would show.
    """
    if solution.game.customer is solution.game.provider is None:
        refuse("customer or provider", None, "a right: without one the value is a closed form")
    found = claims(solution)
    bounds: Array = np.zeros((2, paths))  # the longer side's best answer, then the shorter's
    runs: dict[int, Array] = {}  # the same for each notice that runs, by its date
    after: Visit | None = None
    for visit in visits(found.grid, rng=rng, paths=paths, factor=trigger_factor):
        i, prices = visit.step, visit.payments
        bounds, *steps = _ahead(found, visit, after, [bounds, *runs.values()], list(runs))
        runs = dict(zip(runs, steps, strict=True))
        for date in np.flatnonzero(found.last == i).tolist():
            end = found.left(prices, found.longer, i, float(found.ends[found.longer, date]))
            runs[date] = np.stack([end, end])
        cut = found.cut(prices, i)
        for date in runs:
            if date < i and found.answerable(date, i):
                runs[date] = _cut(runs[date], cut, read(visit.shifted, found.run(date, i)[1]) > 0)
        gives, leaves, answers = read(visit.shifted, found.choices[:, i]) > 0
        bounds = _cut(bounds, cut, leaves)
        if i in runs:
            run = _cut(runs.pop(i), cut, answers)
            bounds = np.stack([np.maximum(bounds[0], run[0]), np.where(gives, run[1], bounds[1])])
        after = visit
    base = found.grid.strips(0, 0, found.window[0])[0][found.grid.centre]
    values = float(base) + found.side * bounds[:: found.side]  # customer's upper bound first
    error = values.std(axis=1) / math.sqrt(paths)
    return Certificate(
        lower=float(values[1].mean()),
        upper=float(values[0].mean()),
        lower_error=float(error[1]),
        upper_error=float(error[0]),
    )


def _ahead(
    found: Claims, visit: Visit, after: Visit | None, bounds: list[Array], dates: list[int]
) -> list[Array]:
    """Bounds of going on at one date from those of the next: the game's, and each notice's."""
    i = visit.step
    worth = found.side * visit.payments.strips(i, found.window[i], found.window[i + 1])[0]
    if after is None:
        return [worth + bound for bound in bounds]
    values = [found.values[i + 1], *(found.run(date, i + 1)[0] for date in dates)]
    surprises = visit.surprise(np.stack(values), after)
    back = float(found.grid.discount(i, i + 1))
    return [worth + back * (b - s) for b, s in zip(bounds, surprises, strict=True)]


def _cut(bounds: Array, cut: Array, answered: NDArray[np.bool_]) -> Array:
    """Bounds where the shorter side may end it for `cut`: as its triggers say, or at its best."""
    return np.stack([np.where(answered, cut, bounds[0]), np.minimum(cut, bounds[1])])
