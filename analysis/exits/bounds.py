"""An interval from simulation that holds the game's value whatever the solver did.

Fix the provider's trigger prices: the customer's best answer with hindsight, less a martingale,
is worth at least the game to it. Fix the customer's: the provider's best answer gives a lower
bound (Rogers 2002 for one side). The martingale is that of an approximate, piecewise linear value
whose conditional expectation is known in closed form, so both bounds hold however wrong the
triggers are; wrong triggers only pull them apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.exits.game import Game
from analysis.exits.kinks import inside_weights
from analysis.exits.lattice import Lattice, lattice
from analysis.exits.piecewise import PiecewiseLinear, through
from analysis.exits.solution import solve
from analysis.exits.stopping import notice_dates, reference_ends
from analysis.market.process import Array, Chain, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Bounds of the game's value to the customer, $/GPU-h × months.

    lower, upper: means of the bounds; lower_error, upper_error: their standard errors.
    policy_value: what the given triggers are worth if both sides keep to them, from the grid.
    """

    lower: float
    upper: float
    lower_error: float
    upper_error: float
    policy_value: float

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
    game: Game,
    *,
    rng: np.random.Generator,
    triggers: pd.DataFrame | None = None,
    paths: int = 2000,
    nodes: int = 201,
) -> Certificate:
    """Bounds of the value from simulated paths, given trigger prices (default: the solver's).

    One factor; one right or two with equal notice.
    """
    rights = [right for right in (game.customer, game.provider) if right]
    if len({right.notice_months for right in rights}) != 1:
        refuse(
            "notice_months", [r.notice_months for r in rights], "one right, or two of one notice"
        )
    if game.own_use is not None:
        refuse("own_use", game.own_use, "None here")
    if triggers is None:
        triggers = solve(game, nodes=nodes).triggers
    grid = lattice(game, nodes=nodes)
    stops = (
        np.column_stack(
            [
                np.log(triggers.customer.fillna(0.0).clip(lower=1e-300)),
                np.log(triggers.provider.fillna(np.inf).clip(lower=1e-300)),
            ]
        )
        - grid.log_means[:-1, None]
    )  # as deviations from the expected path
    approximate, policy = _policy_values(grid, stops)
    chain = Chain(process=game.process, step_years=1 / (12 * game.steps_month))
    deviations = _paths(chain, game.steps, paths, rng)
    high: Array = np.zeros(paths)
    low: Array = np.zeros(paths)
    for i in reversed(range(game.steps)):
        here = _at(grid, chain, deviations[i])
        worth, floor, cap = _terms(here, i)
        surprise: Array = np.zeros(paths)
        if i + 1 < game.steps:
            ahead = chain.persistence * deviations[i]
            surprise = approximate[i + 1].at(deviations[i + 1])
            surprise = surprise - approximate[i + 1].expected(ahead, chain.jump_terms())
        back = float(grid.discount(i, i + 1))
        high = worth + back * (high - surprise)
        low = worth + back * (low - surprise)
        if floor is not None:
            high = np.maximum(high, floor)
        if cap is not None:
            low = np.minimum(low, cap)
            high = np.where(deviations[i] > stops[i, 1], cap, high)
        if floor is not None:
            low = np.where(deviations[i] < stops[i, 0], floor, low)
    base = float(grid.strips(0, 0, reference_ends(game)[0])[0][grid.centre])
    return Certificate(
        lower=base + float(low.mean()),
        upper=base + float(high.mean()),
        lower_error=float(low.std()) / math.sqrt(paths),
        upper_error=float(high.std()) / math.sqrt(paths),
        policy_value=base + policy,
    )


def _terms(grid: Lattice, i: int) -> tuple[Array, Array | None, Array | None]:
    """Worth of going on for a step, and of either notice, above the window at date i."""
    game, window = grid.game, reference_ends(grid.game)
    ends, may = notice_dates(game)
    found: list[Array | None] = []
    for k, (right, side) in enumerate(((game.customer, -1), (game.provider, +1))):
        if not right or not may[k, i]:
            found.append(None)
            continue
        end = ends[k, i]
        fee = side * right.fee * float(grid.discount(i, end))
        found.append(grid.strips(i, window[i], end)[0] + fee)
    return grid.strips(i, window[i], window[i + 1])[0], found[0], found[1]


def _policy_values(grid: Lattice, stops: Array) -> tuple[list[PiecewiseLinear], float]:
    """Values above the window at each date if both keep to their triggers, and today's."""
    nodes = grid.axes[0].nodes
    above: Array = np.zeros(grid.shape)
    exact = above
    values: list[PiecewiseLinear] = []
    for i in reversed(range(grid.game.steps)):
        worth, floor, cap = _terms(grid, i)
        stay = worth + float(grid.discount(i, i + 1)) * grid.expect(above)
        above = exact = stay
        corners = []
        for stop, trigger, sign in ((floor, stops[i, 0], -1), (cap, stops[i, 1], 1)):
            if stop is not None:
                gap = np.clip(sign * (nodes - trigger), -1e3, 1e3)
                above = above + (stop - stay) * inside_weights(gap)[0]
                exact = np.where(gap > 0, stop, exact)
                corners.append((float(trigger), float(np.interp(trigger, nodes, stop))))
        values.insert(0, through(nodes, exact, corners))
    return values, float(exact[grid.centre])


def _paths(chain: Chain, steps: int, paths: int, rng: np.random.Generator) -> Array:
    """Simulated deviations of the log price from its expected path, shape (steps, paths)."""
    p, rate = chain.process, chain.jumps_step
    deviations = np.zeros((steps, paths))
    for i in range(1, steps):
        jumps = rng.poisson(rate, paths)
        noise = np.sqrt(chain.variance + jumps * p.jump_sd_log**2) * rng.standard_normal(paths)
        shock = noise + (jumps - rate) * p.jump_mean_log
        deviations[i] = chain.persistence * deviations[i - 1] + shock
    return deviations


def _at(grid: Lattice, chain: Chain, deviations: Array) -> Lattice:
    """The same payments at other deviations than the grid's nodes."""
    decay = chain.persistence ** np.arange(grid.game.steps + 1)
    return replace(grid, rays=np.exp(np.multiply.outer(decay, deviations)))
