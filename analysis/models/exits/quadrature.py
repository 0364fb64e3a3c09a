"""Sums over a grid that stay exact where an exercise boundary lies between two nodes.

The trapezoid rule integrates a smooth function times a normal density to round-off (Trefethen and
Weideman 2014), but a function that is cut off at a boundary only to first or second order. A cut
at θ grid steps right of a node leaves, by the Euler–Maclaurin sum with a fractional end point, the
error terms h^(k+1) B_{k+1}(θ)/(k+1)! g^(k): Bernoulli polynomials that fix the first moments of a
change of the six weights around the boundary. With it sums are right to sixth order in the grid
step. The boundary is the zero of the polynomial of fifth degree through the same six nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.models.market.process import Array

Mask = NDArray[np.bool_]
Index = NDArray[np.intp]

REACH = 3  # nodes either side of a boundary that its correction uses
_OFFSETS = np.arange(1 - REACH, REACH + 1)
_ORDERS = np.arange(1.0, 2 * REACH + 1)
_FIT = np.linalg.inv(_OFFSETS[:, None].astype(float) ** (_ORDERS - 1))  # values to a polynomial
_SUMS = np.array([1 / 2, 1 / 6, 0.0, -1 / 30, 0.0, 1 / 42])  # Bernoulli polynomials 1 to 6 at 1
_GROWS = _FIT / _ORDERS[:, None]  # powers of the boundary's offset to what it adds to weights
_STARTS = _SUMS @ _GROWS


class Crossings(NamedTuple):
    """Where functions on a grid change sign along the last axis, one entry a crossing.

    node: flat index of the node left of it. offset: of the crossing from it, in grid steps.
    around: flat indices of the six nodes around it, (entries, 6). change: what it adds to their
    weights in a sum over the part of the grid where the function is positive, same shape.
    """

    node: Index
    offset: Array
    around: Index
    change: Array


class Borders(NamedTuple):
    """Where the outcome of a choice changes, from `left` to `right`, one entry a border.

    row: all axes before the last one counted as one; node, offset: see Crossings, within the row.
    """

    left: Index
    right: Index
    row: Index
    node: Index
    offset: Array


def crossings(p: Array, positive: Mask) -> Crossings:
    """Where p changes sign along the last axis, `positive` being p > 0.

    Those nearer than three nodes to an edge are left out.
    """
    size, values, signs = p.shape[-1], p.reshape(-1), positive.reshape(-1)
    node = (signs[1:] != signs[:-1]).nonzero()[0]
    if node.size:
        within = node % size
        node = node[(within >= REACH - 1) & (within < size - REACH)]
    around = node[:, None] + _OFFSETS
    offset = _roots(_FIT @ values[around].T)
    change = (offset[:, None] ** _ORDERS) @ _GROWS - _STARTS
    return Crossings(node, offset, around, np.where(signs[node][:, None], change, -change))


def _roots(coefficients: Array) -> Array:
    """Root in [0, 1] of each polynomial, lowest power first, (6, k) to (k,); by Newton."""
    slopes, powers = coefficients[1:] * _ORDERS[:-1, None], _ORDERS[:, None] - 1
    start, end = coefficients[0], coefficients.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        x: Array = np.fmin(np.fmax(start / (start - end), 0.0), 1.0)
        for _ in range(4):
            at = x**powers
            step = (coefficients * at).sum(axis=0) / (slopes * at[:-1]).sum(axis=0)
            before, x = x, np.fmin(np.fmax(x - step, 0.0), 1.0)
            if np.abs(x - before).max(initial=0.0) < 1e-8:  # the next step would be its square
                break
    return x


def region_weights(p: Array) -> Array:
    """Quadrature weights of the part of the grid where `p` is positive, along the last axis.

    `sum(step * g * weights)` is the integral of a smooth, decaying g over {p > 0}. Away from the
    boundary a weight is 1 or 0.

    >>> import math
    >>> x = np.linspace(-10, 10, 101)
    >>> weights = region_weights(x - 0.123)  # the half line x > 0.123
    >>> tail = np.sum(0.2 * np.exp(-x**2 / 2) * weights)
    >>> round(float(tail - np.sqrt(np.pi / 2) * math.erfc(0.123 / math.sqrt(2))), 6)
    0.0
    """
    p = np.ascontiguousarray(p)
    positive = p > 0
    weights = positive.astype(float)
    found = crossings(p, positive)
    np.add.at(weights.reshape(-1), found.around, found.change)
    return weights


def positive_part(p: Array) -> Array:
    """max(p, 0) for sums on the grid: `p` times its `region_weights`; p may be -inf in whole rows.

    >>> x = np.linspace(-10, 10, 101)
    >>> call = positive_part(np.exp(x) - 1.1)  # Black: N(0.9047) e^0.5 - 1.1 N(-0.0953)
    >>> round(float(np.sum(0.2 * call * np.exp(-x**2 / 2)) / np.sqrt(2 * np.pi)), 6)
    0.839073
    """
    p = np.ascontiguousarray(p)
    positive = p > 0
    part = np.where(positive, p, 0.0)
    found = crossings(p, positive)
    np.add.at(part.reshape(-1), found.around, p.reshape(-1)[found.around] * found.change)
    return part


def outcome_weights(
    conditions: Array, choose: Callable[[Mask], Index], *, count: int
) -> tuple[Array, Borders]:
    """Quadrature weights of the regions that a choice between `count` outcomes makes.

    conditions: functions on the grid, shape (k, *grid). choose: which outcome follows from which
    of them are positive, (k, …) to (…). Where several change sign between the same two nodes, the
    outcomes between their crossings are gone through in order. Returns the weights, shape
    (count, *grid), and the borders.

    >>> x = np.linspace(-10, 10, 101)
    >>> between = lambda over: (over[0] & ~over[1]).astype(int)  # above -1.03, not above 0.51
    >>> weights, borders = outcome_weights(np.stack([x + 1.03, x - 0.51]), between, count=2)
    >>> round(float(0.2 * np.exp(-x**2 / 2) @ weights[1]), 5)  # by erf: 1.36228
    1.36228
    >>> [round(float(place), 6) for place in x[borders.node] + 0.2 * borders.offset]
    [-1.03, 0.51]
    """
    over = conditions > 0
    size, cells = conditions.shape[-1], conditions[0].size
    outcome = choose(over)
    weights = (outcome.reshape(-1) == np.arange(count)[:, None]).astype(float)
    found = crossings(conditions, over)
    which, node = np.divmod(found.node, cells)
    order = np.lexsort((found.offset, node))
    which, node, offset = which[order], node[order], found.offset[order]
    around, change = (a[order] for a in (found.around, found.change))
    turns = which == np.arange(len(conditions))[:, None]  # which condition turns at each crossing
    so_far = np.cumsum(turns, axis=1) - turns
    first = np.searchsorted(node, node)  # the first crossing between the same two nodes
    states = over.reshape(len(conditions), -1)[:, node]
    before = states ^ ((so_far - so_far[:, first]) % 2 == 1)
    left, right = choose(before), choose(before ^ turns)
    positive = states[which, np.arange(which.size)][:, None]  # left of its crossing
    gain = np.where(positive, change, -change)  # of the outcome left of it
    at = around - (which * cells)[:, None]
    np.add.at(weights, (left[:, None], at), gain)
    np.add.at(weights, (right[:, None], at), -gain)
    turned = left != right
    row, node = np.divmod(node, size)
    borders = Borders(*(a[turned] for a in (left, right, row, node, offset)))
    return weights.reshape(count, *conditions.shape[1:]), borders
