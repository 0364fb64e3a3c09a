"""Functions linear between grid nodes, read at any point, and their exact mean under noise.

Both are weights of the nodes, one row a point: a function with grid values v is `weights @ v` at
the points. Beyond its end nodes it stays constant.
"""

from __future__ import annotations

import math

import numpy as np

from analysis.market.process import Array


def hats(points: Array, nodes: Array) -> Array:
    """Weights of equally spaced `nodes` that read a function at `points`, shape (points, nodes).

    >>> hats(np.array([0.25, 9.0]), np.arange(3.0)).tolist()
    [[0.75, 0.25, 0.0], [0.0, 0.0, 1.0]]
    """
    step = nodes[1] - nodes[0]
    place = np.clip((points - nodes[0]) / step, 0, nodes.size - 1)
    weights: Array = np.maximum(1 - np.abs(np.subtract.outer(place, np.arange(nodes.size))), 0)
    return weights


def mean_hats(centres: Array, nodes: Array, terms: list[tuple[float, float, float]]) -> Array:
    """Weights for the exact mean of a function at `centres` plus noise, shape (centres, nodes).

    terms: the noise as a mixture of normal laws (chance, mean, variance).

    >>> mean_hats(np.array([0.0]), np.array([-1.0, 0.0, 1.0]), [(1.0, 0.0, 1e-12)]).round(4)
    array([[0., 1., 0.]])
    """
    from scipy.special import ndtr

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


def read(weights: tuple[Array, ...], values: Array) -> Array:
    """Grid `values`, shape (…, *grid), at points by the weights of each axis, last axis first."""
    found = values @ weights[0].T
    for weight in weights[1:]:
        found = np.einsum("...jp,pj->...p", found, weight)
    return found
