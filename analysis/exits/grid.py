"""Expectations on a grid of log prices, exact to round-off also for functions with kinks.

A smooth function times a normal density is integrated by the trapezoid rule to round-off once the
grid is finer than the density is wide. What the right to leave adds are kinks at trigger prices;
there the plain rule is only second order. `inside_weights` repairs it: it gives the weights that
integrate a smooth function over the part of the grid where another is positive, right to sixth
order in the grid step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from analysis.market.process import Array, Chain

REACH = 3  # nodes either side of a crossing that its correction uses
_OFFSETS = np.arange(1 - REACH, REACH + 1)
_POWERS = np.arange(2 * REACH)
_FIT = np.linalg.inv(_OFFSETS[:, None].astype(float) ** _POWERS)  # node values to a polynomial
_SUMS = (1 / 2, 1 / 6, 0.0, -1 / 30, 0.0, 1 / 42)  # Bernoulli polynomials 1 to 6 at 1


class Crossing(NamedTuple):
    """Where a function on the grid changes sign: `beyond` grid steps right of a node.

    row, node: index of that node, all axes before the last one counted as one.
    """

    row: int
    node: int
    beyond: float


def inside_weights(p: Array) -> tuple[Array, list[Crossing]]:
    """Quadrature weights of the part of the grid where `p` is positive, along the last axis.

    `sum(step * g * weights)` is the integral of a smooth, decaying g over {p > 0}. Away from the
    crossings a weight is 1 or 0. The Euler–Maclaurin sum with a fractional end point fixes the
    moments of the six weights around each crossing. Returns the weights (shape of p) and the
    crossings; those nearer than three nodes to an edge are left out and keep plain weights.

    >>> x = np.linspace(-10, 10, 101)
    >>> weights, crossings = inside_weights(x - 0.123)  # the half line x > 0.123
    >>> round(float(x[crossings[0].node] + 0.2 * crossings[0].beyond), 9)
    0.123
    >>> tail = np.sum(0.2 * np.exp(-x**2 / 2) * weights) / math.sqrt(2 * math.pi)
    >>> round(float(tail - 0.5 * math.erfc(0.123 / math.sqrt(2))), 6)
    0.0
    """
    size = p.shape[-1]
    flat = p.reshape(-1)
    inside = flat > 0
    weights = inside.astype(float)
    changes = (inside[1:] != inside[:-1]).nonzero()[0].tolist()
    lefts = [left for left in changes if REACH <= left % size + 1 <= size - REACH]
    if not lefts:
        return weights.reshape(p.shape), []
    near = np.array(lefts)[:, None] + _OFFSETS
    roots = [_root(coefficients) for coefficients in (flat[near] @ _FIT.T).tolist()]
    moments = [
        [(root ** (k + 1) - total) / (k + 1) for k, total in enumerate(_SUMS)] for root in roots
    ]
    for left, change in zip(lefts, np.array(moments) @ _FIT, strict=True):
        part = weights[left + 1 - REACH : left + 1 + REACH]
        if inside[left]:
            part += change
        else:
            part -= change
    found = [
        Crossing(left // size, left % size, root) for left, root in zip(lefts, roots, strict=True)
    ]
    return weights.reshape(p.shape), found


def _root(coefficients: list[float]) -> float:
    """Root in [0, 1] of a polynomial, lowest power first, that changes sign there; by Newton."""
    value = coefficients[0]
    end = sum(coefficients)
    root = value / (value - end) if value != end else 0.5
    for _ in range(3):
        value = slope = 0.0
        for coefficient in reversed(coefficients):
            slope = slope * root + value
            value = value * root + coefficient
        if slope == 0:
            break
        root = min(max(root - value / slope, 0.0), 1.0)
    return root


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Log prices around their expected path, equally spaced, and the chance to move between them.

    nodes: deviations from the path, shape (n,), the middle one 0. kernel: shape (n, n), from row
    to column; beyond the end nodes values go on as a fixed amount plus a multiple of the price.
    """

    nodes: Array
    kernel: Array

    @property
    def step(self) -> float:
        """Distance of two nodes in log price."""
        return float(self.nodes[1] - self.nodes[0])


def axis(chain: Chain, *, half_width: float, count: int) -> Axis:
    """An axis of `count` nodes (made odd) over ± half_width.

    The count is raised where the step's shock would be narrower than the grid step: there the
    trapezoid rule loses its accuracy.
    """
    narrow = math.sqrt(chain.variance)
    half = max(count // 2, math.ceil(half_width / narrow), 2 * REACH)
    nodes = np.arange(-half, half + 1) * (half_width / half)
    pulled = chain.persistence * nodes
    parts = [
        _densities(pulled + mean, nodes, variance, chance * half_width / half)
        for chance, mean, variance in chain.jump_terms()
    ]
    kernel = parts[0] if len(parts) == 1 else np.sum(parts, axis=0)
    price = np.exp(nodes)
    lost = 1 - kernel.sum(axis=1)
    lost_price = np.exp(pulled + chain.log_spread(1)[1]) - kernel @ price
    for side, end, next_to in ((slice(half), 0, 1), (slice(half + 1, None), -1, -2)):
        tilt = (lost_price[side] - lost[side] * price[end]) / (price[next_to] - price[end])
        kernel[side, end] += lost[side] - tilt
        kernel[side, next_to] += tilt
    return Axis(nodes=nodes, kernel=kernel)


def _densities(centres: Array, nodes: Array, variance: float, factor: float) -> Array:
    """Normal densities around each centre at each node, times a factor; one array throughout."""
    scale = math.sqrt(0.5 / variance)
    work: Array = np.subtract.outer(centres * scale, nodes * scale)
    np.multiply(work, work, out=work)
    np.subtract(math.log(factor * scale / math.sqrt(math.pi)), work, out=work)
    np.exp(work, out=work)
    return work
