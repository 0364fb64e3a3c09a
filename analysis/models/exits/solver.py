"""The recursion: value of a notice, exercise conditions of each date, backward induction.

Values stand above the reference window: see the package for the symbols. Arrays of values have the
shape (sides, dates, games, nodes), each side's own value, the customer's first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.models.exits.game import Side
from analysis.models.exits.lattice import Lattice
from analysis.models.exits.quadrature import Borders, Index, Mask, outcome_weights, region_weights
from analysis.models.market.process import Array

SIGNS = (1, -1)  # a value to the customer: to the customer, to the provider


class Terms:
    """Present values to the sides, (sides, rows, games, nodes), on the grid of games.

    sides: a pair for each game, customer's first.
    """

    def __init__(self, grid: Lattice, sides: Sequence[tuple[Side, Side]]) -> None:
        self.grid = grid
        self.signs = np.array(SIGNS)[:, None, None]
        self.own = {
            name: np.array([[getattr(side, name) for side in pair] for pair in sides]).T[:, None]
            for name in Side.__dataclass_fields__
        }  # (sides, 1, games)

    def served(self, at: Index, start: Array, end: Array) -> Array:
        """Of service [start, end) at dates `at`."""
        grid = self.grid
        fees = np.array([game.fees() for game in grid.games])
        fee, unit = (grid.pv_fixed(at, start, end, each) for each in (fees, np.ones_like(fees)))
        share = self.signs + self.own["premium"]  # of the price, with its sign
        fixed = self.signs * (fee - self.own["internal_use_usd_hour"] * unit)
        worth: Array = share[..., None] * grid.pv_price(at, start, end) - fixed[..., None]
        return worth

    def ended(self, at: Index, ends: Array, by: int) -> Array:
        """Of an end by one party's notice, beside service."""
        grid = self.grid
        step = grid.game.steps_month
        rights = [(game.customer, game.provider)[by] for game in grid.games]
        fee = [right.fee_at(ends / step) if right else np.zeros(ends.shape) for right in rights]
        lump = -SIGNS[by] * self.signs * np.array(fee).T - self.own["moving_cost"]
        values: Array = (lump * grid.discount(at, ends))[..., None]
        downtime = self.own["downtime_months"][:, 0]
        for months in np.unique(downtime[downtime > 0]):
            lost = grid.pv_price(at, ends, np.minimum(ends + months * step, grid.game.end))
            values = values - (downtime == months)[:, None, :, None] * lost
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Value of one party's notice at every date and node.

    ends, allowed: see `Game.notice_dates`. values: (sides, dates, games, nodes), if the other side
    gives no counter-notice at once. counter_weights: for each later date of the notice, weights of
    the region where the other side's counter-notice cuts it short, shape (dates, games, nodes), row
    = date of the notice.
    """

    ends: Array
    allowed: Mask
    values: Array
    counter_weights: list[Array]

    def only(self, game: int) -> Notice:
        """The notice in one of the games."""
        some = slice(game, game + 1)
        return replace(
            self,
            values=self.values[:, :, some],
            counter_weights=[each[:, some] for each in self.counter_weights],
        )


def notice(terms: Terms, who: int) -> Notice:
    """Notice of the customer (`who` 0) or the provider (1).

    While it runs, the other side may give counter-notice if that ends service earlier; then only
    that side pays its fee. So its value is itself a stopping problem over the dates at which a
    counter-notice is possible, solved for all dates of notice at once, from the last of them back
    to the first after the notice.
    """
    grid, game = terms.grid, terms.grid.game
    right, other = ((game.customer, game.provider)[k] for k in (who, 1 - who))
    all_ends, all_allowed = game.notice_dates()
    ends, allowed = all_ends[who], all_allowed[who]
    values: Array = np.zeros((2, game.steps, *grid.nodes.shape))
    counter_weights: list[Array] = []
    window = game.window_ends()
    lengths = np.round(ends - np.arange(game.steps), 9)
    for length in np.unique(lengths[allowed]):  # one, and a longer one of a right that opens late
        rows = np.flatnonzero(allowed & (lengths == length))
        lags, end = 1, ends[rows]
        if right and other and other.notice_months < right.notice_months:
            lags = int(np.ceil(length - other.notice_months * game.steps_month - 1e-9))
        value = terms.ended(rows + lags - 1, end, who)
        for lag in reversed(range(1, lags)):  # a counter-notice at once: see `conditions`
            at = rows + lag
            until = all_ends[1 - who][at]
            cut = terms.ended(at, until, 1 - who) + terms.served(at, end, until)
            possible = all_allowed[1 - who][at] & (until < end - 1e-9)
            weights = region_weights(
                np.where(possible[:, None, None], (cut - value)[1 - who], -1.0)
            )
            missing = range(lag - len(counter_weights))
            counter_weights += [np.zeros_like(values[0]) for _ in missing]
            counter_weights[lag - 1][rows] = weights
            value = grid.expect(value + (cut - value) * weights)
            value = value * grid.discount(at - 1, at)[..., None]
        values[:, rows] = value + terms.served(rows, window[rows], end)
    return Notice(ends=ends, allowed=allowed, values=values, counter_weights=counter_weights)


def conditions(
    stay: Array, notices: tuple[Notice, Notice], dates: slice, longer: int | None
) -> Array:
    """What `outcome` decides by: functions of which it needs to know if positive.

    stay: continuation values at some `dates`. Not exercisable is a gain of -inf.
    """
    ends = [one.values[:, dates] for one in notices]
    allowed = [one.allowed[dates][:, None, None] for one in notices]
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
    """Weights of each party's exercise region, (2, dates, games, nodes), and their borders."""
    found = conditions(stay, notices, dates, longer)
    weights, borders = outcome_weights(found, lambda over: outcome(over, longer), count=3)
    return weights[1:], borders


def backward_induction(grid: Lattice, payments: Array, notices: tuple[Notice, Notice]) -> Array:
    """Continuation value C at every date, from the last date back, shape of `payments`, the w.

    C_t = w_t + d_t E[V_{t+1}], V_t = C_t + (G_t - C_t) on the region of each notice.
    """
    steps, longer = np.arange(grid.game.steps), grid.game.longer_notice
    discount = grid.discount(steps, steps + 1)[..., None]
    stays, value = np.empty_like(payments), np.zeros_like(payments[:, 0])
    for t in reversed(range(steps.size)):
        stays[:, t] = value = payments[:, t] + discount[t] * grid.expect(value)
        if notices[0].allowed[t] or notices[1].allowed[t]:
            weights, _ = regions(value[:, None], notices, slice(t, t + 1), longer)
            ends = [one.values[:, t] for one in notices]
            value = value + sum((ends[k] - value) * weights[k, 0] for k in (0, 1))
    return stays
