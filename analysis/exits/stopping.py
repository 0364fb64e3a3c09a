"""What giving notice leaves: the window, the fee, and the other side's shorter notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.exits.game import Game, Right
from analysis.exits.kinks import inside_weights
from analysis.exits.lattice import Lattice
from analysis.market.process import Array

SIGNS = (-1, 1)  # of a fee to the customer, paid by the customer and by the provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping:
    """What one party's notice is worth at every date and node.

    right: the party's, None without. ends, may: see `notice_dates`.
    values: customer's value of it above the reference window, shape (steps, *grid), if the other
    side does not answer at once (see `choice`). answers: for each later date of the notice the
    weights of the region where the other side answers, shape (steps, *grid), row = date of notice.
    waits: for the same dates what the notice leaves if it is not answered then, like `values` but
    above service up to its end.
    """

    right: Right | None
    ends: Array
    may: NDArray[np.bool_]
    values: Array
    answers: list[Array]
    waits: list[Array]


def reference_ends(game: Game) -> Array:
    """Ends of the reference windows at dates 0..steps, in steps: the provider's notice from each.

    Without a right of the provider the window is all that remains.
    """
    dates = np.arange(game.steps + 1, dtype=float)
    notice = game.provider.notice_months * game.steps_month if game.provider else np.inf
    return np.minimum(dates + notice, game.end)


def notice_dates(game: Game) -> tuple[Array, NDArray[np.bool_]]:
    """When service ends by a notice decided on at each date, and whether it may be; (2, steps).

    Customer's first; ends in steps, `may` only where that ends the agreement early. A right that
    opens between two dates is decided on at the first of them and counts from its opening. It
    waits for the second where it would end service out of turn with a notice of the other side.
    """
    dates = np.arange(game.steps)
    ends = np.full((2, game.steps), np.inf)
    may, waits = np.zeros((2, 2, game.steps), dtype=bool)
    for k, right in enumerate((game.customer, game.provider)):
        if right is not None:
            opens = right.first_month * game.steps_month
            ends[k] = np.maximum(dates, opens) + right.notice_months * game.steps_month
            may[k] = (dates > opens - 1 + 1e-9) & (ends[k] < game.end - 1e-9)
            waits[k] = dates < opens - 1e-9
    if game.customer and game.provider:
        in_turn = np.sign(game.customer.notice_months - game.provider.notice_months)
        gap = ends[0] - ends[1]
        turned = may.all(axis=0) & (np.sign(np.where(abs(gap) < 1e-9, 0, gap)) != in_turn)
        may &= ~(waits & turned)
    return ends, may


def stopping(grid: Lattice, who: int) -> Stopping:
    """Value to the customer of giving notice, of the customer's (`who` 0) or the provider's (1)."""
    game = grid.game
    rights = (game.customer, game.provider)
    values: Array = np.zeros((1, game.steps, *grid.shape))

    def ended(at: NDArray[np.intp], ends: Array, by: int) -> Array:
        right = rights[by]
        fee = SIGNS[by] * right.fee if right else 0.0
        shape = (1, at.size, *grid.shape)
        return np.broadcast_to(grid.column(fee * grid.discount(at, ends)), shape)

    def served(at: NDArray[np.intp], start: Array, end: Array) -> Array:
        if np.array_equal(start, end):
            return np.zeros(1)
        return grid.strips(at, start, end)[None]

    return noticed(grid, who, values, ended=ended, served=served, gain=lambda v: SIGNS[who] * v[0])


def noticed(
    grid: Lattice,
    who: int,
    values: Array,
    *,
    ended: Callable[[NDArray[np.intp], Array, int], Array],
    served: Callable[[NDArray[np.intp], Array, Array], Array],
    gain: Callable[[Array], Array],
) -> Stopping:
    """One party's notice, its `values` filled in, one or more of them, shape (k, steps, *grid).

    While it runs, the other side may answer with its own notice if that ends service earlier; then
    only the one who answers pays its fee. So the value of giving notice is itself a stopping
    problem over the dates at which an answer is possible, solved for all dates at once, from the
    last of them back to the first after the notice.

    ended(at, ends, by): values at dates `at` of an end by one party's notice, beside service.
    served(at, start, end): of service. gain: what the other side gains by a change of the values.
    """
    game, rights = grid.game, (grid.game.customer, grid.game.provider)
    right, other = rights[who], rights[1 - who]
    all_ends, all_may = notice_dates(game)
    ends, may = all_ends[who], all_may[who]
    answers: list[Array] = []
    waits: list[Array] = []
    window = reference_ends(game)
    lengths = np.round(ends - np.arange(game.steps), 9)
    for length in np.unique(lengths[may]):  # one, and a longer one of a right that opens late
        rows = np.flatnonzero(may & (lengths == length))
        lags, end = 1, ends[rows]
        if right and other and other.notice_months < right.notice_months:
            lags = int(np.ceil(length - other.notice_months * game.steps_month - 1e-9))
        value = ended(rows + lags - 1, end, who)
        for lag in reversed(range(1, lags)):  # an answer at once is left to `choice`
            at = rows + lag
            until = all_ends[1 - who][at]
            early = ended(at, until, 1 - who) + served(at, end, until)
            open_to = grid.column(all_may[1 - who][at] & (until < end - 1e-9))
            weights, _ = inside_weights(np.where(open_to, gain(early - value), -1.0))
            for kept, like in ((answers, values[0]), (waits, values)):
                kept += [np.zeros_like(like) for _ in range(lag - len(kept))]
            answers[lag - 1][rows], waits[lag - 1][:, rows] = weights, value
            value = grid.expect(value + (early - value) * weights)
            value = value * grid.column(grid.discount(at - 1, at))
        values[:, rows] = value + served(rows, window[rows], end)
    return Stopping(right=right, ends=ends, may=may, values=values, answers=answers, waits=waits)
