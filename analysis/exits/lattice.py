"""The game's closed-form payments on a grid of market prices (times own use, if it moves too)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.exits.game import Game
from analysis.exits.grid import Axis, axis
from analysis.market.process import Array, Chain

NEAR = 2.0  # where the price mostly is, in the same measure; from there a jump stays on the grid
TAIL = 1e-8  # but for this chance
WIDTH = 6.0  # half width of the grid in standard deviations of the log price at the end


@dataclass(frozen=True, slots=True, kw_only=True)
class Lattice:
    """A grid of prices for each date, and what payments are worth there.

    The last axis of every array runs over market prices, the one before over own use if it moves.
    Nodes are deviations from the expected log path, so one kernel serves all dates.

    log_means: expected log price at dates 0..steps. log_growth: ln E[price k steps on] minus the
    expected log price, k = 0..steps. rays: exp of what is left of a node's deviation after k steps.
    """

    game: Game
    axes: tuple[Axis, ...]
    log_means: Array
    log_growth: Array
    rays: Array

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one date's values."""
        return self.rays.shape[1:]

    @property
    def centre(self) -> tuple[int, ...]:
        """Index of the node that holds today's price at date 0."""
        return tuple(size // 2 for size in self.shape)

    def expect(self, values: Array) -> Array:
        """Expected value of the next date's `values`, at every node; leading axes are kept."""
        values = values @ self.axes[0].kernel.T
        if len(self.axes) == 2:
            values = self.axes[1].kernel @ values
        return values

    def carry(self, mass: Array) -> Array:
        """Probability at the nodes one date later, from that of this date."""
        mass = mass @ self.axes[0].kernel
        if len(self.axes) == 2:
            mass = self.axes[1].kernel.T @ mass
        return mass

    def column(self, values: NDArray[np.generic]) -> Array:
        """One number a row, shaped to meet rows of grid values."""
        return values.reshape(-1, *([1] * len(self.shape)))  # type: ignore[return-value]

    def discount(self, at: ArrayLike, until: ArrayLike) -> Array:
        """Discount factor from `until` back to `at`, times in steps."""
        later = self.game.log_discount(np.asarray(until, dtype=float))
        factor: Array = np.exp(later - self.game.log_discount(np.asarray(at, dtype=float)))
        return factor

    def strips(self, at: ArrayLike, start: ArrayLike, end: ArrayLike) -> Array:
        """Value at dates `at` of price minus fee over service [start, end), customer's side.

        All in steps, one row each; the payment for a step falls due at its start, for part of a
        step in proportion. Swapping start and end turns the sign. Shape (rows, *shape).
        """
        fees = self.amounts(at, start, end, self.game.fees())
        return self.rents(at, start, end) - self.column(fees)

    def amounts(self, at: ArrayLike, start: ArrayLike, end: ArrayLike, each: Array) -> Array:
        """Value of fixed amounts, one `each` step (per month), over service; shape (rows,)."""
        value: Array = self._due(at, start, end) @ each
        return value

    def rents(self, at: ArrayLike, start: ArrayLike, end: ArrayLike) -> Array:
        """Value of the market price over service [start, end), shape (rows, *shape)."""
        due = self._due(at, start, end)
        step = np.arange(self.game.steps)
        ahead = step + np.atleast_1d(np.asarray(at, dtype=np.intp))[:, None]  # paid k steps on
        inside = ahead < step.size
        ahead = np.where(inside, ahead, 0)
        forward = np.exp(self.log_means[ahead] + self.log_growth[: step.size])
        weight = np.where(inside, np.take_along_axis(due, ahead, axis=1) * forward, 0.0)
        value: Array = weight @ self.rays[: step.size].reshape(step.size, -1)
        return value.reshape(-1, *self.shape)

    def _due(self, at: ArrayLike, start: ArrayLike, end: ArrayLike) -> Array:
        """Months served in each step, discounted from its start, shape (rows, steps)."""
        step = np.arange(self.game.steps)
        dates = np.atleast_1d(np.asarray(at, dtype=float))
        first, last = (np.broadcast_to(t, dates.shape)[:, None] for t in (start, end))
        share = np.clip(last - step, 0, 1) - np.clip(first - step, 0, 1)
        due: Array = share * self.discount(dates[:, None], step) / self.game.steps_month
        return due


def chains(game: Game) -> list[Chain]:
    """The factors at the game's steps: the market price, and own use if it moves too."""
    factors = (game.process,) if game.own_use is None else (game.process, game.own_use)
    return [Chain(process=one, step_years=1 / (12 * game.steps_month)) for one in factors]


def lattice(game: Game, *, nodes: int) -> Lattice:
    """The grid for a game with about `nodes` prices (for each factor)."""
    return replace(_lattice(replace(game, customer=None, provider=None), nodes), game=game)


@lru_cache(maxsize=2)
def _lattice(game: Game, nodes: int) -> Lattice:
    """The grid, which rights do not change: kept for the same game with others."""
    moves = chains(game)
    starts = [math.log(game.spot_usd_hour), 0.0][: len(moves)]
    steps = np.arange(game.steps + 1)
    spreads = [chain.spread(game.steps) for chain in moves]
    widths = [
        max(WIDTH * spread, NEAR * spread + chain.jump_reach(TAIL))
        for chain, spread in zip(moves, spreads, strict=True)
    ]
    fee = float(game.fees().mean())
    if fee > 0:  # let far triggers lie on the grid, as long as it does not get too coarse
        far = abs(math.log(fee / game.spot_usd_hour)) + 2 * spreads[0]
        widths[0] = min(max(widths[0], far), 2 * widths[0])
    axes = tuple(
        axis(chain, half_width=width, count=nodes)
        for chain, width in zip(moves, widths, strict=True)
    )
    pulls = [
        np.exp(np.multiply.outer(chain.persistence**steps, ax.nodes))
        for chain, ax in zip(moves, axes, strict=True)
    ]
    return Lattice(
        game=game,
        axes=axes,
        log_means=sum(c.means(x, game.steps) for c, x in zip(moves, starts, strict=True)),  # type: ignore[arg-type]
        log_growth=sum(c.log_spread(game.steps) for c in moves),  # type: ignore[arg-type]
        rays=pulls[0] if len(pulls) == 1 else pulls[1][:, :, None] * pulls[0][:, None, :],
    )
