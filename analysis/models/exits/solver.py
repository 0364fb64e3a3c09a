"""The recursion: value of a notice, exercise conditions of each date, backward induction.

Values are the customer's, above the reference window: see the package for the symbols. Arrays of
values have the shape (dates, games, *grid), those of exercise values one more axis of two in
front, the customer's notice first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.models.exits.lattice import Lattice
from analysis.models.exits.quadrature import (
    Borders,
    Index,
    Mask,
    outcome_weights,
    positive_part,
    region_weights,
)
from analysis.models.market.process import Array

SIGNS = (1, -1)  # a value to the customer: to the customer, to the provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Value of one party's notice at every date and node.

    ends, allowed: see `Game.notice_dates`. values: above the reference window, (k, dates, games,
    *grid), if the other side gives no counter-notice at once; k is 1 for the customer's value, 2
    for each side its own. counter_weights: for each later date of the notice, weights of the region
    where the other side's counter-notice cuts it short, shape (dates, games, *grid), row = date of
    the notice. continuation: for the same dates, values if it is not cut short then, like `values`
    but above service up to its end.
    """

    ends: Array
    allowed: Mask
    values: Array
    counter_weights: list[Array]
    continuation: list[Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Where on the grid a notice ends service.

    regions: weights of each party's exercise region, shape (2, dates, games, *grid), customer's
    first. borders: outcomes and places of the changes, rows counting all axes but the last.
    """

    regions: Array
    borders: Borders


def notice_values(
    grid: Lattice,
    who: int,
    *,
    sides: int,
    served: Callable[[Index, Array, Array], Array],
    ended: Callable[[Index, Array, int], Array],
    gain: Callable[[Array], Array],
) -> Notice:
    """Notice of the customer (`who` 0) or the provider (1), valued for so many `sides`.

    While it runs, the other side may give counter-notice if that ends service earlier; then only
    that side pays its fee. So its value is itself a stopping problem over the dates at which a
    counter-notice is possible, solved for all dates of notice at once, from the last of them back
    to the first after the notice.

    served(at, start, end): values at dates `at` of service. ended(at, ends, by): of an end by one
    party's notice, beside service. gain: what the other side gains by a change of the values.
    """
    game = grid.game
    right, other = ((game.customer, game.provider)[k] for k in (who, 1 - who))
    all_ends, all_allowed = game.notice_dates()
    ends, allowed = all_ends[who], all_allowed[who]
    values: Array = np.zeros((sides, game.steps, *grid.shape))
    counter_weights: list[Array] = []
    continuation: list[Array] = []
    window = game.window_ends()
    lengths = np.round(ends - np.arange(game.steps), 9)
    for length in np.unique(lengths[allowed]):  # one, and a longer one of a right that opens late
        rows = np.flatnonzero(allowed & (lengths == length))
        lags, end = 1, ends[rows]
        if right and other and other.notice_months < right.notice_months:
            lags = int(np.ceil(length - other.notice_months * game.steps_month - 1e-9))
        value = ended(rows + lags - 1, end, who)
        for lag in reversed(range(1, lags)):  # a counter-notice at once: see `exercise_conditions`
            at = rows + lag
            until = all_ends[1 - who][at]
            cut = ended(at, until, 1 - who) + served(at, end, until)
            possible = grid.column(all_allowed[1 - who][at] & (until < end - 1e-9))
            weights = region_weights(np.where(possible, gain(cut - value), -1.0))
            for kept, like in ((counter_weights, values[0]), (continuation, values)):
                kept += [np.zeros_like(like) for _ in range(lag - len(kept))]
            counter_weights[lag - 1][rows], continuation[lag - 1][:, rows] = weights, value
            value = grid.expect(value + (cut - value) * weights)
            value = value * grid.column(grid.discount(at - 1, at))
        values[:, rows] = value + served(rows, window[rows], end)
    return Notice(
        ends=ends,
        allowed=allowed,
        values=values,
        counter_weights=counter_weights,
        continuation=continuation,
    )


def zero_sum_notice(grid: Lattice, who: int) -> Notice:
    """Notice valued for the customer, what one side gains being the other side's loss."""
    rights = [(game.customer, game.provider) for game in grid.games]

    def ended(at: Index, ends: Array, by: int) -> Array:
        fees = np.array([-SIGNS[by] * right.fee if (right := pair[by]) else 0.0 for pair in rights])
        shape = (1, at.size, *grid.shape)
        return np.broadcast_to(grid.column(fees * grid.discount(at, ends)), shape)

    def served(at: Index, start: Array, end: Array) -> Array:
        return np.zeros(1) if np.array_equal(start, end) else grid.pv_net(at, start, end)[None]

    def gain(change: Array) -> Array:
        others: Array = -SIGNS[who] * change[0]
        return others

    return notice_values(grid, who, sides=1, served=served, ended=ended, gain=gain)


def exercise_values(customer: Notice, provider: Notice) -> Array:
    """Customer's value of either party's notice; -inf and inf where it is not exercisable."""
    values = np.concatenate([customer.values, provider.values])
    values[0, ~customer.allowed], values[1, ~provider.allowed] = -np.inf, np.inf
    return values


def exercise_conditions(stay: Array, exits: Array, longer: int | None) -> Array:
    """What is positive where a party gains by notice, at one date or many, (k, …, games, *grid).

    stay: continuation value. exits: `exercise_values`. longer: see `Game.longer_notice`. On equal
    notice, the gain of either party. On unequal notice, that of the longer one, then what the
    shorter one gains by its notice rather than by staying, and rather than by the longer notice.
    """
    if longer is None:
        return np.stack([exits[0] - stay, stay - exits[1]])
    short = 1 - longer
    cuts = [SIGNS[short] * (exits[short] - left) for left in (stay, exits[longer])]
    return np.stack([SIGNS[longer] * (exits[longer] - stay), *cuts])


def outcome(positive: Mask, longer: int | None) -> Index:
    """What follows from the exercise conditions: 0 nobody's notice ends service, 1 C's, 2 P's.

    On equal notice the customer's counts first. On unequal notice the shorter one has the last
    word: it cuts short staying or the longer notice where its party is better off so.
    """
    if longer is None:
        return np.where(positive[0], 1, np.where(positive[1], 2, 0))
    cut, longer_gives = positive[1] | positive[2], positive[0]
    return np.where(cut, 2 - longer, np.where(longer_gives, longer + 1, 0))


def exercise_policy(stay: Array, exits: Array, longer: int | None) -> Policy:
    """Exercise regions at one date or many."""
    conditions = exercise_conditions(stay, exits, longer)
    weights, borders = outcome_weights(conditions, lambda c: outcome(c, longer), count=3)
    return Policy(regions=weights[1:], borders=borders)


def backward_induction(
    grid: Lattice, payments: Array, exits: Array, *, longer: int | None = None
) -> Array:
    """Continuation value C at every date, from the last date back, shape of `payments`.

    C_t = w_t + d_t E[V_{t+1}], with V_t = C_t + (G^C_t - C_t)^+ - (C_t - G^P_t)^+ on equal notice,
    and V_t the value of the `outcome` on unequal notice. payments: w. exits: G.
    """
    steps = np.arange(grid.game.steps)
    discount = grid.column(grid.discount(steps, steps + 1))
    stays = np.empty_like(payments)
    value: Array = np.zeros(grid.shape)
    for t in reversed(range(steps.size)):
        stays[t] = payments[t] + discount[t] * grid.expect(value)
        stay, now = stays[t], exits[:, t]
        if longer is None:
            gains = positive_part(exercise_conditions(stay, now, None))
            value = stay + gains[0] - gains[1]
        else:
            regions = exercise_policy(stay, now, longer).regions
            value = stay + (np.where(np.isfinite(now), now - stay, 0.0) * regions).sum(axis=0)
    return stays


def trigger_prices(grid: Lattice, policy: Policy) -> Array:
    """The customer's and the provider's trigger price at each date, shape (dates, games, 2).

    `nan` where the party gives notice at no price of the grid; inf (customer) and 0 (provider)
    where at all of them. Internal use at its middle.
    """
    dates, games = policy.regions.shape[1:3]
    rest = int(np.prod(grid.shape[1:-1]))
    prices = np.full((dates, games, 2), np.nan)
    left, right, row, node, offset = policy.borders
    date, game, place = np.unravel_index(row, (dates, games, rest))
    prices_grid = grid.axes[0]
    logs = prices_grid.nodes[game, node] + offset * prices_grid.step[game]
    price = np.exp(grid.log_means[game, date] + logs)
    middle = policy.regions.reshape(2, dates, games, rest, -1)[..., rest // 2, :]
    for k, always in enumerate((np.inf, 0.0)):
        its = (place == rest // 2) & ((left == k + 1) | (right == k + 1))
        prices[date[its], game[its], k] = price[its]
        prices[(middle[k] == 1).all(axis=-1), k] = always
    return prices
