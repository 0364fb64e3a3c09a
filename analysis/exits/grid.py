"""An equally spaced axis of log prices, and the chance to move between its nodes.

A smooth function times a normal density is integrated by the trapezoid rule to round-off once the
grid is finer than the density is wide; `kinks` repairs what leaving adds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analysis.exits.kinks import REACH
from analysis.market.process import Array, Chain


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
    terms, step = chain.jump_terms(), half_width / half
    if len(terms) == 1:  # without jumps the lower half mirrors the upper one
        upper = _densities(pulled[: half + 1], nodes, chain.variance, step)
        kernel = np.concatenate([upper, upper[-2::-1, ::-1]])
    else:
        kernel = np.sum([_densities(pulled + mean, nodes, v, p * step) for p, mean, v in terms], 0)
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
