"""The recursion: value of a notice, exercise conditions of each date, backward induction.

Values stand above the reference window: see the package for the symbols. Arrays of values have the
shape (sides, dates, games, *grid): sides is one where one side's gain is the other's loss, then
they are the customer's, and two where each side has its own value, customer's first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.models.exits.lattice import Lattice
from analysis.models.exits.quadrature import Borders, Index, Mask, outcome_weights, region_weights
from analysis.models.market.process import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Value of one party's notice at every date and node.

    ends, allowed: see `Game.notice_dates`. values: (sides, dates, games, *grid), if the other side
    gives no counter-notice at once. counter_weights: for each later date of the notice, weights of
    the region where the other side's counter-notice cuts it short, shape (dates, games, *grid), row
    = date of the notice. continuation: for the same dates, values if it is not cut short then, like
    `values` but above service up to its end.
    """

    ends: Array
    allowed: Mask
    values: Array
    counter_weights: list[Array]
    continuation: list[Array]


def both(values: Array) -> Array:
    """Each side's own values, (2, …): what one side gains the other loses, if there is but one."""
    return values if len(values) == 2 else np.concatenate([values, -values])


def notice(grid: Lattice, who: int) -> Notice:
    """Notice of the customer (`who` 0) or the provider (1).

    While it runs, the other side may give counter-notice if that ends service earlier; then only
    that side pays its fee. So its value is itself a stopping problem over the dates at which a
    counter-notice is possible, solved for all dates of notice at once, from the last of them back
    to the first after the notice.
    """
    game = grid.game
    right, other = ((game.customer, game.provider)[k] for k in (who, 1 - who))
    all_ends, all_allowed = game.notice_dates()
    ends, allowed = all_ends[who], all_allowed[who]
    values: Array = np.zeros((len(grid.signs), game.steps, *grid.shape))
    counter_weights: list[Array] = []
    continuation: list[Array] = []
    window = game.window_ends()
    lengths = np.round(ends - np.arange(game.steps), 9)
    for length in np.unique(lengths[allowed]):  # one, and a longer one of a right that opens late
        rows = np.flatnonzero(allowed & (lengths == length))
        lags, end = 1, ends[rows]
        if right and other and other.notice_months < right.notice_months:
            lags = int(np.ceil(length - other.notice_months * game.steps_month - 1e-9))
        value = grid.ended(rows + lags - 1, end, who)
        for lag in reversed(range(1, lags)):  # a counter-notice at once: see `conditions`
            at = rows + lag
            until = all_ends[1 - who][at]
            cut = grid.ended(at, until, 1 - who) + grid.served(at, end, until)
            possible = grid.column((all_allowed[1 - who][at] & (until < end - 1e-9))[:, None])
            weights = region_weights(np.where(possible, both(cut - value)[1 - who], -1.0))
            for kept, like in ((counter_weights, values[0]), (continuation, values)):
                kept += [np.zeros_like(like) for _ in range(lag - len(kept))]
            counter_weights[lag - 1][rows], continuation[lag - 1][:, rows] = weights, value
            value = grid.expect(value + (cut - value) * weights)
            value = value * grid.column(grid.discount(at - 1, at))
        values[:, rows] = value + grid.served(rows, window[rows], end)
    return Notice(
        ends=ends,
        allowed=allowed,
        values=values,
        counter_weights=counter_weights,
        continuation=continuation,
    )


def conditions(
    stay: Array, notices: tuple[Notice, Notice], dates: slice, longer: int | None
) -> Array:
    """What `outcome` decides by: functions of which it needs to know if positive.

    stay: continuation values at some `dates`. Not exercisable is a gain of -inf.
    """
    stay, ends = both(stay), [both(one.values[:, dates]) for one in notices]
    extra = [1] * (stay.ndim - 2)
    allowed = [one.allowed[dates].reshape(-1, *extra) for one in notices]
    gains = [np.where(allowed[k], ends[k][k] - stay[k], -np.inf) for k in (0, 1)]
    if longer is None:
        return np.stack(gains)
    short, may = 1 - longer, allowed[0] & allowed[1]
    cut, run = ends[short], ends[longer]
    others = [
        (cut[short] - run[short]),  # the shorter notice rather than the longer one's run
        (cut[longer] - stay[longer]),  # the longer one, if it is cut short, rather than staying
        (run[longer] - cut[longer]),  # rather than to get the shorter
    ]
    cuts, calls, escapes = (np.where(may, each, -np.inf) for each in others)
    return np.stack([gains[short], cuts, gains[longer], calls, escapes])


def outcome(positive: Mask, longer: int | None) -> Index:
    """Whose notice ends service by the `conditions`: 0 nobody, 1 customer, 2 provider.

    On equal notice the customer's counts first. On unequal notice the side with the longer one
    moves first; the other, knowing that, has the last word.
    """
    if longer is None:
        return np.where(positive[0], 1, np.where(positive[1], 2, 0))
    leaves, cuts, runs, calls, escapes = positive
    stayed = np.where(leaves, 2 - longer, 0)  # where the longer side stays
    given = np.where(cuts, 2 - longer, longer + 1)  # where it gives notice
    gives = np.where(cuts, ~leaves & calls, np.where(leaves, escapes, runs))
    return np.where(gives, given, stayed)


def regions(
    stay: Array, notices: tuple[Notice, Notice], dates: slice, longer: int | None
) -> tuple[Array, Borders]:
    """Weights of each party's exercise region, (2, dates, games, *grid), and their borders."""
    found = conditions(stay, notices, dates, longer)
    weights, borders = outcome_weights(found, lambda over: outcome(over, longer), count=3)
    return weights[1:], borders


def backward_induction(grid: Lattice, payments: Array, notices: tuple[Notice, Notice]) -> Array:
    """Continuation value C at every date, from the last date back, shape of `payments`, the w.

    C_t = w_t + d_t E[V_{t+1}], V_t = C_t + (G_t - C_t) on the region of each notice.
    """
    steps, longer = np.arange(grid.game.steps), grid.game.longer_notice
    discount = grid.column(grid.discount(steps, steps + 1))
    stays, value = np.empty_like(payments), np.zeros_like(payments[:, 0])
    for t in reversed(range(steps.size)):
        stays[:, t] = value = payments[:, t] + discount[t] * grid.expect(value)
        if notices[0].allowed[t] or notices[1].allowed[t]:
            weights, _ = regions(value[:, None], notices, slice(t, t + 1), longer)
            ends = [one.values[:, t] for one in notices]
            value = value + sum((ends[k] - value) * weights[k, 0] for k in (0, 1))
    return stays
