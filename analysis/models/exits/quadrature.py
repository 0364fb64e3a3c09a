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
