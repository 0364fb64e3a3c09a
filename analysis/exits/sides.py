"""What an agreement and its end are worth to each side by itself, and what each then wishes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.exits.game import Right
from analysis.exits.kinks import inside_weights
from analysis.exits.lattice import Lattice
from analysis.exits.stopping import Stopping, reference_ends, stopping
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one party's notice is worth to both, if the other does not answer it at once.

    values: customer's and provider's own value of it above the window, shape (2, steps, *grid).
    stopping: when it is allowed and where it is answered later.
    """

    values: Array
    stopping: Stopping


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


def notices(grid: Lattice, sides: tuple[Side, Side]) -> tuple[Notice, Notice]:
    """The customer's and the provider's notice."""
    return _notice(grid, sides, 0), _notice(grid, sides, 1)


def _notice(grid: Lattice, sides: tuple[Side, Side], who: int) -> Notice:
    """One party's notice; while it runs the other answers if that is better for the other.

    Solved for all dates of notice at once, from the last date on which an answer ends service
    sooner back to the first after the notice; see `stopping`.
    """
    game, rights = grid.game, (grid.game.customer, grid.game.provider)
    right, other = rights[who], rights[1 - who]
    alone = stopping(grid, right, None, side=0)
    values = np.zeros((2, game.steps, *grid.shape))
    rows, ends = np.flatnonzero(alone.may), alone.ends[alone.may]
    if right is None or not rows.size:
        return Notice(values=values, stopping=alone)
    answers: list[Array] = []
    if other is None or other.notice_months >= right.notice_months:
        notice = _ended(grid, sides, who, right, rows, ends)
    else:
        length = other.notice_months * game.steps_month
        lags = int(np.ceil(right.notice_months * game.steps_month - length - 1e-9))
        notice = _ended(grid, sides, who, right, rows + lags, ends)
        for lag in reversed(range(lags)):
            at = rows + lag
            notice = grid.expect(notice) * grid.column(grid.discount(at, at + 1))
            if lag == 0:  # the answer at once is part of the choice at that date
                break
            early = _ended(grid, sides, 1 - who, other, at, at + length)
            early += [flows(grid, s, k, at, ends, at + length) for k, s in enumerate(sides)]
            open_to = grid.column(at >= other.first_month * game.steps_month - 1e-9)
            weights, _ = inside_weights(
                np.where(open_to, early[1 - who] - notice[1 - who], -np.inf)
            )
            notice = notice + (early - notice) * weights
            answers.insert(0, np.zeros((game.steps, *grid.shape)))
            answers[0][rows] = weights
    window = reference_ends(game)[rows]
    beyond = [flows(grid, s, k, rows, window, ends) for k, s in enumerate(sides)]
    values[:, rows] = notice + beyond
    found = Stopping(
        right=right, ends=alone.ends, may=alone.may, values=alone.values, answers=answers
    )
    return Notice(values=values, stopping=found)


def _ended(
    grid: Lattice,
    sides: tuple[Side, Side],
    who: int,
    right: Right,
    at: NDArray[np.intp],
    ends: Array,
) -> Array:
    """Value at dates `at` of an end by one party's notice, beside service, to both sides."""
    game = grid.game
    later = grid.column(grid.discount(at, ends))
    values = np.empty((2, at.size, *grid.shape))
    for whose, side in enumerate(sides):
        idle_until = np.minimum(ends + side.downtime_months * game.steps_month, game.end)
        fee = -right.fee if who == whose else right.fee
        values[whose] = later * (fee - side.moving_cost) - grid.rents(at, ends, idle_until)
    return values


def conditions(stay: Array, given: tuple[Notice, Notice], step: int, longer: int | None) -> Array:
    """What decides a date's choice: functions of which `outcomes` needs to know if positive.

    stay: customer's and provider's own value of going on above the window, shape (2, *grid).
    """
    may = [notice.stopping.may[step] for notice in given]
    ends = [notice.values[:, step] for notice in given]
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
