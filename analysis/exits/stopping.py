"""What giving notice leaves: the window, the fee, and the other side's shorter notice."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.exits.game import Game, Right
from analysis.exits.grid import Crossing, inside_weights
from analysis.exits.lattice import Lattice
from analysis.market.process import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping:
    """What one party's notice is worth at every date and node.

    right: the party's, None without. ends: steps from today to the end of service when notice is
    given at each date. may: whether notice at a date is allowed and ends the agreement early.
    values: customer's value of it above the reference window, shape (steps, *grid), if the other
    side does not answer at once (see `last_word`). answers: for each later date of the notice the
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
        notice = none[may] + _spread(fee * grid.discount(rows, end), grid)
    else:
        answered = other.notice_months * game.steps_month
        lags = int(np.ceil(right.notice_months * game.steps_month - answered - 1e-9))
        notice = none[may] + _spread(fee * grid.discount(rows + lags, end), grid)
        for lag in reversed(range(lags)):
            at = rows + lag
            notice = grid.expect(notice) * _spread(grid.discount(at, at + 1), grid)
            if lag == 0:  # the answer at once is left to `last_word`
                break
            early = grid.strips(at, end, at + answered) - _spread(
                side * other.fee * grid.discount(at, at + answered), grid
            )
            open_to = _spread(at >= other.first_month * game.steps_month - 1e-9, grid)
            gain = np.where(open_to, side * (early - notice), 0.0)
            weights, _ = inside_weights(gain)
            notice = notice + side * gain * weights
            answers.insert(0, np.zeros_like(none))
            answers[0][may] = weights
    values = none
    values[may] = notice + grid.strips(rows, reference_ends(game)[:-1][may], end)
    return Stopping(right=right, ends=ends, may=may, values=values, answers=answers)


def last_word(stay: Array, values: Array, longer: int) -> tuple[Array, Array, list[Crossing]]:
    """Gains, regions and crossings where both may give notice and the notices differ.

    The shorter notice answers the longer one at once where that is better, so it has the last
    word: it cuts short whatever the other makes of staying or leaving. values: of the customer's
    and the provider's notice, shape (2, *grid); longer: which of them has the longer notice.
    """
    short, sign = 1 - longer, 1 if longer == 0 else -1
    take = sign * (values[longer] - stay)
    cuts = sign * (np.stack([stay, values[longer]]) - values[short])
    weights, _ = inside_weights(np.stack([take, *cuts]))
    cut = weights[1] + weights[2] - _meet(weights[1], weights[2], *(cuts > 0))
    gain, leave = np.empty((2, *stay.shape)), np.empty((2, *stay.shape))
    gain[short] = np.maximum(*cuts)
    gain[longer] = np.minimum(take, -gain[short])
    leave[short] = cut
    leave[longer] = weights[0] - _meet(weights[0], cut, take > 0, gain[short] > 0)
    return gain, leave, inside_weights(gain)[1]


def _meet(a: Array, b: Array, inside_a: NDArray[np.bool_], inside_b: NDArray[np.bool_]) -> Array:
    """Weights of the intersection of two regions with weights a and b, row by row.

    Not the product where both end within the same few nodes: there it is the smaller of two that
    are nested, nothing of two that are apart, and the overlap of two that fill the row.
    """
    size_a, size_b = (w.sum(axis=-1, keepdims=True) for w in (a, b))
    apart = ~(inside_a & inside_b).any(axis=-1, keepdims=True)
    full = (inside_a | inside_b).all(axis=-1, keepdims=True)
    nested = ~(inside_a & ~inside_b).any(axis=-1, keepdims=True)
    nested |= ~(inside_b & ~inside_a).any(axis=-1, keepdims=True)
    smaller = np.where(size_a <= size_b, a, b)
    nothing = apart & ~(full & (size_a + size_b > a.shape[-1]))
    some = np.where(full, a + b - 1, np.where(nested, smaller, a * b))
    return np.where(nothing, 0.0, some)


def _spread(row_values: NDArray[np.generic], grid: Lattice) -> Array:
    """One number a row, shaped to meet rows of grid values."""
    return row_values.reshape(-1, *([1] * len(grid.shape)))  # type: ignore[return-value]


def trigger_prices(
    grid: Lattice, step: int, gain: Array, crossings: list[Crossing]
) -> tuple[float, float]:
    """The customer's and the provider's trigger price at one date, own use at its middle."""
    rows = gain[0].size // gain.shape[-1]
    log_mean, nodes = grid.log_means[step], grid.axes[0].nodes
    found = [np.nan, np.nan]
    for row, node, beyond in crossings:
        side, at = divmod(row, rows)
        if at == rows // 2:
            found[side] = math.exp(log_mean + nodes[node] + beyond * grid.axes[0].step)
    for side, always in enumerate((math.inf, 0.0)):
        if math.isnan(found[side]) and (gain[side][grid.centre[:-1]] > 0).all():
            found[side] = always
    return found[0], found[1]
