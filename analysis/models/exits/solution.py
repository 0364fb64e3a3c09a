"""Solutions of the zero-sum game: value, sensitivities, triggers, survival."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analysis.models.exits.game import Game, Right
from analysis.models.exits.lattice import Lattice, counts, lattice
from analysis.models.exits.quadrature import Index
from analysis.models.exits.solver import (
    Policy,
    backward_induction,
    exercise_conditions,
    exercise_policy,
    exercise_values,
    outcome,
    zero_sum_notice,
)
from analysis.models.exits.survival import Exercise, Solved
from analysis.models.market.process import Array, Process

__all__ = ["Game", "Process", "Right", "Solution", "sensitivities", "solve", "solve_many"]

BATCH = 2**19  # numbers in the largest array of games that are solved side by side


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution(Exercise):
    """Answer of `solve`: today's value and all that follows from the trigger prices.

    value: to the customer, $/GPU-h × months. prices, values: the same for every starting price on
    the grid (internal use at its start). note: what to know before the number, if anything.
    """

    value: float
    prices: Array = field(repr=False)
    values: Array = field(repr=False)
    note: str
    outcomes: Index = field(repr=False)
    ways: Array = field(repr=False)

    @property
    def delta(self) -> float:
        """Slope of the value in today's market price, months."""
        return float(self.deltas[self.prices.size // 2])

    @cached_property
    def deltas(self) -> Array:
        """Slope of the value in the market price at each of `prices`, months."""
        step = float(self.solved.grid.axes[0].step[self.index])
        slopes: Array = np.choose(self.outcomes, [_slope(way, step) for way in self.ways])
        return slopes / self.prices

    def at(self, price_usd_hour: float) -> float:
        """Value at another starting price; refused off the grid.

        Cubic between grid prices: use `solve` with that price for full accuracy.
        """
        if not self.prices[0] <= price_usd_hour <= self.prices[-1]:
            raise ValueError(
                f"price_usd_hour is {price_usd_hour!r}, but must lie on the grid, "
                f"{self.prices[0]:.4g} to {self.prices[-1]:.4g}"
            )
        right = int(np.clip(np.searchsorted(self.prices, price_usd_hour), 1, self.prices.size - 1))
        left = right - 1
        wide = self.prices[right] - self.prices[left]
        t = (price_usd_hour - self.prices[left]) / wide
        low, high = self.values[left], self.values[right]
        bend_low = wide * self.deltas[left] - (high - low)
        bend_high = (high - low) - wide * self.deltas[right]
        return float(low + t * (high - low) + t * (1 - t) * ((1 - t) * bend_low + t * bend_high))


def solve(game: Game, *, nodes: int = 401) -> Solution:
    """Value of the agreement when each party terminates when that serves it best.

    `nodes`: grid prices; 201 are right to 5e-5, 401 to 1e-5 and better on the reference cases.

    >>> free = Right(notice_months=3.0)
    >>> game = Game(spot_usd_hour=2.35, fee_usd_hour=2.2, term_months=37, rate_year=0.05,
    ...     process=Process(kappa_year=1.0, level_usd_hour=2.0, sigma_year=0.3),
    ...     customer=free, provider=free)
    >>> round(solve(game).value, 7)
    0.3837011
    >>> solve(game).note
    'Both may leave free of charge on 3 months of notice: from month 0 on the agreement is worth \
its next 3 months and nothing more, whatever its end date says.'
    """
    return solve_many([game], nodes=nodes)[0]


def solve_many(games: Sequence[Game], *, nodes: int = 401) -> list[Solution]:
    """Solutions of many games, in their order: those that share their dates side by side.

    As exact as one at a time, and several times faster at few nodes. Games that differ in rights
    only are solved on one grid.
    """
    alike: dict[tuple[Any, tuple[int, ...]], list[int]] = {}
    sizes: dict[Game, tuple[int, ...]] = {}
    markets = [replace(game, customer=None, provider=None) for game in games]
    for place, (game, market) in enumerate(zip(games, markets, strict=True)):
        size = sizes[market] = sizes.get(market) or counts(game, nodes)
        alike.setdefault((game.timing, size), []).append(place)
    found: dict[int, Solution] = {}
    grids: dict[tuple[Game, ...], Lattice] = {}
    for (_, size), places in alike.items():
        whole = [2 * half + 1 for half in size]
        most = max(whole[0] ** 2, games[places[0]].steps * int(np.prod(whole)))
        many = max(1, BATCH // most)
        for first in range(0, len(places), many):
            batch = places[first : first + many]
            key = tuple(markets[place] for place in batch)
            grid = grids[key] = grids.get(key) or lattice(key, nodes=nodes)
            solved = _solved(replace(grid, games=tuple(games[place] for place in batch)))
            found |= zip(batch, solved, strict=True)
    return [found[place] for place in range(len(games))]


def _solved(grid: Lattice) -> list[Solution]:
    """Solutions of the games of one lattice."""
    game, longer = grid.game, grid.game.longer_notice
    customer, provider = zero_sum_notice(grid, 0), zero_sum_notice(grid, 1)
    window = game.window_ends()
    dates = np.array([0, *range(game.steps)])
    payments = grid.pv_net(dates, [0, *window[:-1]], [window[0], *window[1:]])
    base, stays = payments[0], payments[1:]  # no right: the window is all that remains
    exits = exercise_values(customer, provider)
    if game.customer or game.provider:
        stays = backward_induction(grid, stays, exits, longer=longer)
    outcomes = outcome(exercise_conditions(stays[0], exits[:, 0], longer) > 0, longer)
    ways = base + np.stack([stays[0], customer.values[0, 0], provider.values[0, 0]])
    values = np.choose(outcomes, ways)

    def decide(stays: Array) -> Policy:
        return exercise_policy(stays, exercise_values(customer, provider), longer)

    solved = Solved(grid=grid, notices=(customer, provider), stays=stays, decide=decide)
    today = grid.centre[:-1]  # of internal use
    return [
        Solution(
            game=one,
            solved=solved,
            index=k,
            value=float(values[k][grid.centre]),
            prices=np.exp(grid.log_means[k, 0] + grid.axes[0].nodes[k]),
            values=values[k][today],
            note=_note(one),
            outcomes=outcomes[k][today],
            ways=ways[(slice(None), k, *today)],
        )
        for k, one in enumerate(grid.games)
    ]


def sensitivities(game: Game, *, nodes: int = 401) -> pd.DataFrame:
    """Slope of the value in each parameter of the price process, the rate and the fee.

    Central differences of fourth order with a step of 1 % (0.001 where the parameter is 0 and has
    no other scale). Columns `parameter, at, slope`; `sigma_year` is vega. A parameter that cannot
    be moved both ways (a jump rate of 0) is left out.
    """
    moved: dict[str, tuple[float, float, Callable[[float], Game]]] = {}
    for name in ("kappa_year", "level_usd_hour", "drift_year", "sigma_year", "jumps_year",
                 "jump_mean_log", "jump_sd_log"):  # fmt: skip
        start = getattr(game.process, name)
        if start == 0 and name != "drift_year":
            continue
        if name == "level_usd_hour" and game.process.kappa_year == 0:
            continue

        def process(to: float, name: str = name) -> Game:
            return replace(game, process=replace(game.process, **{name: to}))

        moved[name] = start, start, process
    if game.discount is None:
        moved["rate_year"] = (
            game.rate_year,
            game.rate_year,
            lambda to: replace(game, rate_year=to),
        )
    fees = game.fees()[:: game.steps_month]
    moved["fee_usd_hour"] = (
        float(fees.mean()),
        0.0,
        lambda shift: replace(game, fee_usd_hour=tuple(fees + shift)),
    )
    steps = {name: abs(start) * 0.01 or 0.001 for name, (_, start, _) in moved.items()}
    games = [
        change(start + k * steps[name])
        for name, (_, start, change) in moved.items()
        for k in (-2, -1, 1, 2)
    ]
    values = np.array([one.value for one in solve_many(games, nodes=nodes)]).reshape(-1, 4)
    slopes = values @ [1, -8, 8, -1] / (12 * np.array(list(steps.values())))
    at = [at for at, _, _ in moved.values()]
    return pd.DataFrame({"parameter": list(moved), "at": at, "slope": slopes})


def _slope(values: Array, step: float) -> Array:
    """Derivative in the log price, sixth order; plain differences at the three nodes by an edge."""
    slope = np.gradient(values, step)
    size = values.size
    part = sum(
        weight * (values[3 + k : size - 3 + k] - values[3 - k : size - 3 - k])
        for k, weight in ((1, 45), (2, -9), (3, 1))
    )
    slope[3:-3] = part / (60 * step)
    return slope


def _note(game: Game) -> str:
    """What to know before the number."""
    if not game.is_next_window_only or game.customer is None:
        return ""
    right = game.customer
    return (
        f"Both may leave free of charge on {right.notice_months:.4g} months of notice: from month "
        f"{right.first_month:.4g} on the agreement is worth its next {right.notice_months:.4g} "
        "months and nothing more, whatever its end date says."
    )
