"""What an agreement and its end are worth to each side by itself, and what each then wishes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.exits.lattice import Lattice
from analysis.exits.stopping import Stopping, noticed
from analysis.market.process import Array, refuse, require_finite


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What the capacity and an early end mean to one side beyond the market price.

    premium: share of the market price. For the customer: capacity in place is worth
    (1 + premium) times the price. For the provider: it could earn only (1 - premium) times the
    price elsewhere (spread between renting in and renting out, idle time).
    own_use_usd_hour: what having the capacity is worth to this side on top, $/GPU-h; the customer
    has it while the agreement lasts, the provider once it has ended.
    moving_cost: spent by this side at an end before the term, whoever gave notice; nobody receives
    it; $/GPU-h × months. downtime_months: months lost by this side after such an end (no capacity,
    no tenant), each at the market price then expected, none after the term.
    """

    premium: float = 0.0
    own_use_usd_hour: float = 0.0
    moving_cost: float = 0.0
    downtime_months: float = 0.0

    def __post_init__(self) -> None:
        require_finite(self, *self.__slots__)
        if self.premium <= -1:
            refuse("premium", self.premium, "above -1")
        for name in ("moving_cost", "downtime_months"):
            if getattr(self, name) < 0:
                refuse(name, getattr(self, name), "0 or above")


def flows(
    grid: Lattice, side: Side, which: int, at: ArrayLike, start: ArrayLike, end: ArrayLike
) -> Array:
    """Value at dates `at` of service [start, end) to one side, shape (rows, *grid)."""
    game = grid.game
    own = game.fees() - side.own_use_usd_hour
    fixed = grid.column(grid.amounts(at, start, end, own))
    share = 1 - side.premium if which else 1 + side.premium
    worth = share * grid.rents(at, start, end) - fixed
    return -worth if which else worth


def notice(grid: Lattice, sides: tuple[Side, Side], who: int) -> Stopping:
    """The customer's (`who` 0) or the provider's notice (1), worth to each its own value."""

    def served(at: NDArray[np.intp], start: Array, end: Array) -> Array:
        return np.stack([flows(grid, side, k, at, start, end) for k, side in enumerate(sides)])

    def ended(at: NDArray[np.intp], ends: Array, by: int) -> Array:
        right = (grid.game.customer, grid.game.provider)[by]
        later = grid.column(grid.discount(at, ends))
        values = np.empty((2, at.size, *grid.shape))
        for whose, side in enumerate(sides):
            idle = ends + side.downtime_months * grid.game.steps_month
            fee = 0.0 if right is None else right.fee if by != whose else -right.fee
            values[whose] = later * (fee - side.moving_cost) - grid.rents(
                at, ends, np.minimum(idle, grid.game.end)
            )
        return values

    return noticed(
        grid,
        who,
        np.zeros((2, grid.game.steps, *grid.shape)),
        ended=ended,
        served=served,
        gain=lambda values: values[1 - who],
    )


def conditions(
    stay: Array, given: tuple[Stopping, Stopping], step: int, longer: int | None
) -> Array:
    """What decides a date's choice: functions of which `outcomes` needs to know if positive.

    stay: customer's and provider's own value of going on above the window, shape (2, *grid).
    """
    may = [one.may[step] for one in given]
    ends = [one.values[:, step] for one in given]
    gains = [ends[k][k] - stay[k] if may[k] else np.full_like(stay[k], -np.inf) for k in (0, 1)]
    if longer is None:
        return np.stack(gains)
    short, never = 1 - longer, np.full_like(stay[0], -np.inf)
    if not all(may):
        return np.stack([gains[short], never, gains[longer], never, never])
    cut, run = ends[short], ends[longer]
    return np.stack(
        [
            gains[short],  # the shorter notice rather than staying
            cut[short] - run[short],  # the shorter notice rather than the longer one's run
            gains[longer],  # the longer notice, if it is let run, rather than staying
            cut[longer] - stay[longer],  # the same, if it is answered at once
            run[longer] - cut[longer],  # the longer notice rather than to be given the shorter
        ]
    )


def outcomes(over: NDArray[np.bool_], longer: int | None) -> NDArray[np.intp]:
    """Whose notice ends service where so many `conditions` are positive: 0 nobody, 1, 2."""
    if longer is None:
        return np.where(over[0], 1, np.where(over[1], 2, 0))
    leaves, answers, runs, calls, escapes = over
    left = np.where(leaves, 2 - longer, 0)  # where the longer side stays
    noticed = np.where(answers, 2 - longer, longer + 1)  # where it gives notice
    gives = np.where(answers, np.where(leaves, False, calls), np.where(leaves, escapes, runs))
    return np.where(gives, noticed, left)
