"""What giving notice leaves: the window, the fee, and the other side's shorter notice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.exits.game import Game, Right
from analysis.exits.kinks import inside_weights
from analysis.exits.lattice import Lattice
from analysis.market.process import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping:
    """What one party's notice is worth at every date and node.

    right: the party's, None without. ends: steps from today to the end of service when notice is
    given at each date. may: whether notice at a date is allowed and ends the agreement early.
    values: customer's value of it above the reference window, shape (steps, *grid), if the other
    side does not answer at once (see `choice`). answers: for each later date of the notice the
    weights of the region where the other side answers, shape (steps, *grid), row = date of notice.
    """

    right: Right | None
    ends: Array
    may: NDArray[np.bool_]
    values: Array
    answers: list[Array]


def reference_ends(game: Game) -> Array:
    """Ends of the reference windows at dates 0..steps, in steps: the provider's notice from each.

    Without a right of the provider the window is all that remains.
    """
    dates = np.arange(game.steps + 1, dtype=float)
    notice = game.provider.notice_months * game.steps_month if game.provider else np.inf
    return np.minimum(dates + notice, game.end)


def stopping(grid: Lattice, right: Right | None, other: Right | None, *, side: int) -> Stopping:
    """Value of giving notice: the customer's with `side` -1, the provider's with +1.

    While a notice runs, the other side may answer with its own notice if that ends service
    earlier; then only the one who answers pays its fee. So the value of giving notice is itself a
    stopping problem over the dates at which an answer is possible, solved for all dates at once.
    """
    game = grid.game
    dates = np.arange(game.steps)
    none = np.zeros((game.steps, *grid.shape))
    if right is None:
        never = np.zeros(game.steps, dtype=bool)
        return Stopping(right=None, ends=dates + np.inf, may=never, values=none, answers=[])
    ends = dates + right.notice_months * game.steps_month
    may = (dates >= right.first_month * game.steps_month - 1e-9) & (ends < game.end - 1e-9)
    rows = dates[may]
    if not rows.size:
        return Stopping(right=right, ends=ends, may=may, values=none, answers=[])
    fee, end = side * right.fee, ends[may]
    answers: list[Array] = []
    shorter = other is not None and other.notice_months < right.notice_months
    if other is None or not shorter:
        notice = none[may] + grid.column(fee * grid.discount(rows, end))
    else:
        answered = other.notice_months * game.steps_month
        lags = int(np.ceil(right.notice_months * game.steps_month - answered - 1e-9))
        notice = none[may] + grid.column(fee * grid.discount(rows + lags, end))
        for lag in reversed(range(lags)):
            at = rows + lag
            notice = grid.expect(notice) * grid.column(grid.discount(at, at + 1))
            if lag == 0:  # the answer at once is left to `choice`
                break
            early = grid.strips(at, end, at + answered) - grid.column(
                side * other.fee * grid.discount(at, at + answered)
            )
            open_to = grid.column(at >= other.first_month * game.steps_month - 1e-9)
            gain = np.where(open_to, side * (early - notice), 0.0)
            weights, _ = inside_weights(gain)
            notice = notice + side * gain * weights
            answers.insert(0, np.zeros_like(none))
            answers[0][may] = weights
    values = none
    window = reference_ends(game)[:-1][may]
    beyond = 0.0 if np.array_equal(window, end) else grid.strips(rows, window, end)
    values[may] = notice + beyond
    return Stopping(right=right, ends=ends, may=may, values=values, answers=answers)
