"""Simulated courses of the price, and what grid values and payments are worth along them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from analysis.exits.lattice import Lattice, chains
from analysis.exits.piecewise import hats, mean_hats, read
from analysis.market.process import Array, Chain

Weights = tuple[Array, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Where all courses stand at one date.

    payments: the lattice with the courses' prices in place of its nodes. here: weights that read
    grid values at these prices, an array an axis; ahead: that give their exact mean one date on;
    shifted: that read them at prices divided by a factor.
    """

    step: int
    payments: Lattice
    here: Weights
    ahead: Weights
    shifted: Weights

    def surprise(self, values: Array, after: Visit) -> Array:
        """Values of the date `after` less their mean as seen from here: 0 on average, exactly."""
        return read(after.here, values) - read(self.ahead, values)


def visits(
    grid: Lattice, *, rng: np.random.Generator, paths: int, factor: float
) -> Iterator[Visit]:
    """The dates of simulated courses, the last one first."""
    moves = chains(grid.game)
    courses = [_courses(chain, grid.game.steps, paths, rng) for chain in moves]
    nodes = [axis.nodes for axis in grid.axes]
    left = np.arange(grid.game.steps + 1)
    for i in reversed(range(grid.game.steps)):
        at = [course[i] for course in courses]
        rays = [
            np.exp(np.multiply.outer(chain.persistence**left, x))
            for chain, x in zip(moves, at, strict=True)
        ]
        here = tuple(hats(x, n) for x, n in zip(at, nodes, strict=True))
        yield Visit(
            step=i,
            payments=replace(grid, rays=reduce(np.multiply, rays)),
            here=here,
            ahead=tuple(
                mean_hats(chain.persistence * x, n, chain.jump_terms())
                for chain, x, n in zip(moves, at, nodes, strict=True)
            ),
            shifted=here if factor == 1 else (hats(at[0] - math.log(factor), nodes[0]), *here[1:]),
        )


def _courses(chain: Chain, steps: int, paths: int, rng: np.random.Generator) -> Array:
    """Deviations of the log price from its expected path, shape (steps, paths)."""
    p, rate = chain.process, chain.jumps_step
    deviations = np.zeros((steps, paths))
    for i in range(1, steps):
        jumps = rng.poisson(rate, paths)
        noise = np.sqrt(chain.variance + jumps * p.jump_sd_log**2) * rng.standard_normal(paths)
        shock = noise + (jumps - rate) * p.jump_mean_log
        deviations[i] = chain.persistence * deviations[i - 1] + shock
    return deviations
