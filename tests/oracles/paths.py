"""Sample paths of the log price, and grid values and payments read along them.

Functions linear between grid nodes are read at any point, and their mean under the true noise is
known in closed form. Both are weights of the nodes, one row a point: a function with grid values v
is `weights @ v` at the points. Beyond its end nodes it stays constant.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from analysis.models.exits.lattice import Lattice, chains
from analysis.models.market.prices import Array, Chain

Weights = tuple[Array, ...]


def pv_net(grid: Lattice, at: ArrayLike, start: ArrayLike, end: ArrayLike) -> Array:
    """PV at dates `at` of price less fee over service [start, end), the customer's side."""
    due = grid.due(at, start, end)
    fees = np.array([game.fees() for game in grid.games])[..., None]
    return grid.pv_price(at, due) - grid.column((due @ fees)[..., 0].T)


def hats(points: Array, nodes: Array) -> Array:
    """Weights of equally spaced `nodes` that read a function at `points`, shape (points, nodes).

    >>> hats(np.array([0.25, 9.0]), np.arange(3.0)).tolist()
    [[0.75, 0.25, 0.0], [0.0, 0.0, 1.0]]
    """
    step = nodes[1] - nodes[0]
    place = np.clip((points - nodes[0]) / step, 0, nodes.size - 1)
    return np.maximum(1 - np.abs(np.subtract.outer(place, np.arange(nodes.size))), 0)


def mean_hats(centres: Array, nodes: Array, terms: list[tuple[float, float, float]]) -> Array:
    """Weights for the exact mean of a function at `centres` plus noise, shape (centres, nodes).

    terms: the noise as a mixture of normal laws (chance, mean, variance).

    >>> mean_hats(np.array([0.0]), np.array([-1.0, 0.0, 1.0]), [(1.0, 0.0, 1e-12)]).round(4)
    array([[0., 1., 0.]])
    """
    total = np.zeros((centres.size, nodes.size))
    for chance, mean, variance in terms:
        wide = math.sqrt(variance)
        away = np.subtract.outer((centres + mean) / wide, nodes / wide)
        ramps = wide * (away * ndtr(away) + np.exp(-(away**2) / 2) / math.sqrt(2 * math.pi))
        rises = (ramps[:, :-1] - ramps[:, 1:]) / (nodes[1] - nodes[0])  # mean of a rise to 1
        total[:, 0] += chance
        total[:, 1:] += chance * rises
        total[:, :-1] -= chance * rises
    return total


def read(weights: Weights, values: Array) -> Array:
    """Grid `values`, shape (…, *grid), at points by the weights of each axis, last axis first."""
    found = values @ weights[0].T
    for weight in weights[1:]:
        found = np.einsum("...jp,pj->...p", found, weight)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class PathState:
    """Where all sample paths stand at one date.

    payments: the lattice with the paths' prices in place of its nodes. here: weights that read
    grid values at these prices, an array an axis; ahead: that give their exact mean one date on;
    shifted: that read them at prices divided by a factor.
    """

    step: int
    payments: Lattice
    here: Weights
    ahead: Weights
    shifted: Weights

    def martingale_increment(self, values: Array, after: PathState) -> Array:
        """Values of the date `after` less their mean as seen from here: 0 on average, exactly."""
        return read(after.here, values) - read(self.ahead, values)


def path_states(
    grid: Lattice, *, rng: np.random.Generator, paths: int, factor: float
) -> Iterator[PathState]:
    """The dates of sample paths of one game, the last one first."""
    moves = chains(grid.game)
    sampled = [_sampled(chain, grid.game.steps, paths, rng) for chain in moves]
    nodes = [axis.nodes[0] for axis in grid.axes]
    ahead = np.arange(grid.game.steps + 1)
    for i in reversed(range(grid.game.steps)):
        at = [path[i] for path in sampled]
        factors = [
            np.exp(np.multiply.outer(chain.persistence**ahead, x))
            for chain, x in zip(moves, at, strict=True)
        ]
        here = tuple(hats(x, n) for x, n in zip(at, nodes, strict=True))
        yield PathState(
            step=i,
            payments=replace(grid, node_factors=reduce(np.multiply, factors)[None]),
            here=here,
            ahead=tuple(
                mean_hats(chain.persistence * x, n, chain.jump_terms())
                for chain, x, n in zip(moves, at, nodes, strict=True)
            ),
            shifted=here if factor == 1 else (hats(at[0] - math.log(factor), nodes[0]), *here[1:]),
        )


def _sampled(chain: Chain, steps: int, paths: int, rng: np.random.Generator) -> Array:
    """Deviations of the log price from its expected path, shape (steps, paths)."""
    p, rate = chain.process, chain.jumps_step
    deviations = np.zeros((steps, paths))
    for i in range(1, steps):
        jumps = rng.poisson(rate, paths)
        noise = np.sqrt(chain.variance + jumps * p.jump_sd_log**2) * rng.standard_normal(paths)
        shock = noise + (jumps - rate) * p.jump_mean_log
        deviations[i] = chain.persistence * deviations[i - 1] + shock
    return deviations
