"""The recursion: value of a notice, exercise conditions of each date, backward induction.

Values stand above the reference window: see the package for the symbols. Arrays of values have the
shape (sides, dates, games, *grid): sides is one where one side's gain is the other's loss, then
they are the customer's, and two where each side has its own value, customer's first.

Sums over the grid stay exact where an exercise boundary lies between two nodes. The trapezoid rule
integrates a smooth function times a normal density to round-off (Trefethen and Weideman 2014), but
one that is cut off at a boundary only to first or second order. A cut at θ grid steps right of a
node leaves, by the Euler–Maclaurin sum with a fractional end point, the error terms h^(k+1)
B_{k+1}(θ)/(k+1)! g^(k): Bernoulli polynomials that fix the first moments of a change of the six
weights around the boundary. With it sums are right to sixth order in the grid step. The boundary is
the zero of the polynomial of fifth degree through the same six nodes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from analysis.models.exits.lattice import REACH, SIGNS, Index, Lattice, Mask
from analysis.models.market.prices import Array

_OFFSETS = np.arange(1 - REACH, REACH + 1)
_ORDERS = np.arange(1.0, 2 * REACH + 1)
_FIT = np.linalg.inv(_OFFSETS[:, None].astype(float) ** (_ORDERS - 1))  # values to a polynomial
_SUMS = np.array([1 / 2, 1 / 6, 0.0, -1 / 30, 0.0, 1 / 42])  # Bernoulli polynomials 1 to 6 at 1
_GROWS = _FIT / _ORDERS[:, None]  # powers of the boundary's offset to what it adds to weights
_STARTS = _SUMS @ _GROWS


class Borders(NamedTuple):
    """Where the outcome of a choice changes, from `left` to `right`, one entry a border.

    row: all axes before the last one counted as one. node, offset: in that row, the node left of
    the border, and how far it lies from it in grid steps.
    """

    left: Index
    right: Index
    row: Index
    node: Index
    offset: Array


def outcome_weights(
    conditions: Array, choose: Callable[[Mask], Index], *, count: int
) -> tuple[Array, Borders]:
    """Quadrature weights of the regions that a choice between `count` outcomes makes.

    conditions: functions on the grid, shape (k, *grid), infinite in whole rows only. choose: which
    outcome follows from which of them are positive, (k, …) to (…). Where several change sign
    between the same two nodes, the outcomes between their crossings are gone through in order;
    crossings less than three nodes from an edge are not corrected. Returns the weights, shape
    (count, *grid), and the borders.

    >>> x = np.linspace(-10, 10, 101)
    >>> between = lambda over: (over[0] & ~over[1]).astype(int)  # above -1.03, not above 0.51
    >>> weights, borders = outcome_weights(np.stack([x + 1.03, x - 0.51]), between, count=2)
    >>> round(float(0.2 * np.exp(-x**2 / 2) @ weights[1]), 5)  # by erf: 1.36228
    1.36228
    >>> [round(float(place), 6) for place in x[borders.node] + 0.2 * borders.offset]
    [-1.03, 0.51]
    """
    size, over = conditions.shape[-1], conditions > 0
    values, signs = (each.reshape(len(conditions), -1) for each in (conditions, over))
    weights = (choose(over).reshape(-1) == np.arange(count)[:, None]).astype(float)
    which, node = (signs[:, 1:] != signs[:, :-1]).nonzero()
    within = (node % size >= REACH - 1) & (node % size < size - REACH)
    which, node = which[within], node[within]
    around = node[:, None] + _OFFSETS
    offset = _roots(_FIT @ values[which[:, None], around].T)
    order = np.lexsort((offset, node))
    which, node, around, offset = which[order], node[order], around[order], offset[order]
    turns = which == np.arange(len(values))[:, None]  # which condition turns at each crossing
    so_far = np.cumsum(turns, axis=1) - turns
    first = np.searchsorted(node, node)  # the first crossing between the same two nodes
    before = signs[:, node] ^ ((so_far - so_far[:, first]) % 2 == 1)
    left, right = choose(before), choose(before ^ turns)
    change = offset[:, None] ** _ORDERS @ _GROWS - _STARTS
    np.add.at(weights, (left[:, None], around), change)
    np.add.at(weights, (right[:, None], around), -change)
    turned = left != right
    borders = Borders(*(a[turned] for a in (left, right, *np.divmod(node, size), offset)))
    return weights.reshape(count, *conditions.shape[1:]), borders


def region_weights(p: Array) -> Array:
    """Quadrature weights of the part of the grid where `p` is positive, along the last axis.

    `sum(step * g * weights)` is the integral of a smooth, decaying g over {p > 0}.
    """
    weights, _ = outcome_weights(p[None], lambda over: over[0].astype(np.intp), count=2)
    part: Array = weights[1]
    return part


def _roots(coefficients: Array) -> Array:
    """Root in [0, 1] of each polynomial, lowest power first, (6, k) to (k,); by Newton."""
    slopes, powers = coefficients[1:] * _ORDERS[:-1, None], _ORDERS[:, None] - 1
    start, end = coefficients[0], coefficients.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        x: Array = np.fmin(np.fmax(start / (start - end), 0.0), 1.0)
        for _ in range(4):
            at = x**powers
            step = (coefficients * at).sum(axis=0) / (slopes * at[:-1]).sum(axis=0)
            x = np.fmin(np.fmax(x - step, 0.0), 1.0)
    return x


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


def own(values: Array, who: int) -> Array:
    """One side's own values: what one side gains the other loses, if there is but one."""
    return np.asarray(values[who] if len(values) == 2 else SIGNS[who] * values[0])


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
            weights = region_weights(np.where(possible, own(cut - value, 1 - who), -1.0))
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
    ends, extra = [one.values[:, dates] for one in notices], [1] * (stay.ndim - 2)
    allowed = [one.allowed[dates].reshape(-1, *extra) for one in notices]
    gains = [np.where(allowed[k], own(ends[k] - stay, k), -np.inf) for k in (0, 1)]
    if longer is None:
        return np.stack(gains)
    short, may = 1 - longer, allowed[0] & allowed[1]
    cut, run = ends[short], ends[longer]
    others = [
        own(cut - run, short),  # the shorter notice rather than the longer one's run
        own(cut - stay, longer),  # the longer one, if it is cut short, rather than staying
        own(run - cut, longer),  # rather than to get the shorter
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
