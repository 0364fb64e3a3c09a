"""Sums over a grid that stay exact where a party's trigger price lies between two nodes.

What the right to leave adds to a smooth value are kinks and jumps at trigger prices; there the
trapezoid rule is only first or second order. The weights made here integrate a smooth function
over the part of the grid where others are positive, right to sixth order in the grid step.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.market.process import Array

REACH = 3  # nodes either side of a crossing that its correction uses
_OFFSETS = np.arange(1 - REACH, REACH + 1)
_ORDERS = np.arange(1.0, 2 * REACH + 1)
_FIT = np.linalg.inv(_OFFSETS[:, None].astype(float) ** (_ORDERS - 1))  # values to a polynomial
_SUMS = np.array([1 / 2, 1 / 6, 0.0, -1 / 30, 0.0, 1 / 42])  # Bernoulli polynomials 1 to 6 at 1
_GROWS = _FIT / _ORDERS[:, None]  # powers of the place of a crossing to what it adds to weights
_STARTS = _SUMS @ _GROWS


class Crossing(NamedTuple):
    """Where a function on the grid changes sign: `beyond` grid steps right of a node.

    row, node: index of that node, all axes before the last one counted as one. change: what the
    crossing adds to the weights of the six nodes around it, the first one `REACH - 1` to the left.
    """

    row: int
    node: int
    beyond: float
    change: Array


class Border(NamedTuple):
    """Where the outcome of a choice changes, `left` of it to `right` of it; place: see Crossing."""

    left: int
    right: int
    row: int
    node: int
    beyond: float


def crossings(p: Array, inside: NDArray[np.bool_]) -> list[Crossing]:
    """Where p changes sign along the last axis, `inside` being p > 0.

    The Euler–Maclaurin sum with a fractional end point fixes the moments of the six weights around
    a crossing. Those nearer than three nodes to an edge are left out.
    """
    size, values, signs = p.shape[-1], p.reshape(-1), inside.reshape(-1)
    found = []
    for left in (signs[1:] != signs[:-1]).nonzero()[0].tolist():
        row, node = divmod(left, size)
        if REACH <= node + 1 <= size - REACH:
            beyond = _root(_FIT.dot(values[left + 1 - REACH : left + 1 + REACH]).tolist())
            change = (beyond**_ORDERS).dot(_GROWS) - _STARTS
            found.append(Crossing(row, node, beyond, change if signs[left] else -change))
    return found


def inside_weights(p: Array) -> tuple[Array, list[Crossing]]:
    """Quadrature weights of the part of the grid where `p` is positive, along the last axis.

    `sum(step * g * weights)` is the integral of a smooth, decaying g over {p > 0}. Away from the
    `crossings` a weight is 1 or 0. Returns the weights (shape of p) and the crossings.

    >>> import math
    >>> x = np.linspace(-10, 10, 101)
    >>> weights, found = inside_weights(x - 0.123)  # the half line x > 0.123
    >>> round(float(x[found[0].node] + 0.2 * found[0].beyond), 9)
    0.123
    >>> tail = np.sum(0.2 * np.exp(-x**2 / 2) * weights)
    >>> round(float(tail - np.sqrt(np.pi / 2) * math.erfc(0.123 / math.sqrt(2))), 6)
    0.0
    """
    inside = p > 0
    found = crossings(p, inside)
    weights = inside.reshape(-1).astype(float)
    for row, node, _, change in found:
        first = row * p.shape[-1] + node + 1 - REACH
        weights[first : first + 2 * REACH] += change
    return weights.reshape(p.shape), found


def _root(coefficients: list[float]) -> float:
    """Root in [0, 1] of a polynomial, lowest power first, that changes sign there; by Newton."""
    a, b, c, d, e, f = coefficients
    end = a + b + c + d + e + f
    x = a / (a - end) if a != end else 0.5
    for _ in range(4):
        value = a + x * (b + x * (c + x * (d + x * (e + x * f))))
        slope = b + x * (2 * c + x * (3 * d + x * (4 * e + x * 5 * f)))
        if slope == 0:
            break
        before, x = x, min(max(x - value / slope, 0.0), 1.0)
        if abs(x - before) < 1e-8:  # the next step would be its square
            break
    return x


def chosen_weights(
    conditions: Array, choose: Callable[[NDArray[np.bool_]], NDArray[np.intp]], *, count: int
) -> tuple[Array, list[Border]]:
    """Quadrature weights of the regions that a choice between `count` outcomes makes.

    conditions: functions on the grid, shape (k, *grid). choose: which outcome follows from which
    of them are positive, (k, …) to (…). Where several change sign between the same two nodes, the
    outcomes between their crossings are gone through one by one. Returns the weights, shape
    (count, *grid), and the borders.

    >>> x = np.linspace(-10, 10, 101)
    >>> between = lambda over: (over[0] & ~over[1]).astype(int)  # above -1.03, not above 0.51
    >>> weights, borders = chosen_weights(np.stack([x + 1.03, x - 0.51]), between, count=2)
    >>> round(float(0.2 * np.exp(-x**2 / 2) @ weights[1]), 5), len(borders)  # by erf: 1.36228
    (1.36228, 2)
    """
    over = conditions > 0
    size, rows = conditions.shape[-1], conditions[0].size // conditions.shape[-1]
    outcome = choose(over)
    weights = (outcome.reshape(-1) == np.arange(count)[:, None]).astype(float)
    states = over.reshape(over.shape[0], -1)
    found = [
        c._replace(row=which * rows + c.row)
        for which, (p, inside) in enumerate(zip(conditions, over, strict=True))
        for c in crossings(p, inside)
    ]
    borders: list[Border] = []
    order = sorted(found, key=lambda c: (c.row % rows, c.node, c.beyond))
    for (row, node), here in groupby(order, key=lambda c: (c.row % rows, c.node)):
        state = states[:, row * size + node].copy()
        before = int(choose(state))
        first = row * size + node + 1 - REACH
        for one in here:
            which = one.row // rows
            left = one.change if state[which] else -one.change  # of the weights left of it
            state[which] = ~state[which]
            after = int(choose(state))
            weights[before, first : first + 2 * REACH] += left
            weights[after, first : first + 2 * REACH] -= left
            if after != before:
                borders.append(Border(before, after, row, node, one.beyond))
            before = after
    return weights.reshape(count, *conditions.shape[1:]), borders
