"""Piecewise linear functions and their exact expectation under normal noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analysis.market.process import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class PiecewiseLinear:
    """A piecewise linear function: value + slope (z - knots[0]) + sum of bends (z - knot)+."""

    value: float
    slope: float
    knots: Array
    bends: Array

    def at(self, points: Array) -> Array:
        """Values at `points`."""
        ramps = np.maximum(np.subtract.outer(points, self.knots), 0.0)
        result: Array = self.value + self.slope * (points - self.knots[0]) + ramps @ self.bends
        return result

    def expected(self, centres: Array, terms: list[tuple[float, float, float]]) -> Array:
        """Exact expectations at `centres` plus noise, a mixture of (chance, mean, variance)."""
        from scipy.special import ndtr

        total = np.zeros(centres.size)
        for chance, mean, variance in terms:
            wide, middle = math.sqrt(variance), centres + mean
            away = np.subtract.outer(middle / wide, self.knots / wide)
            ramps = away * ndtr(away) + np.exp(-(away**2) / 2) / math.sqrt(2 * math.pi)
            line = self.value + self.slope * (middle - self.knots[0])
            total += chance * (line + wide * (ramps @ self.bends))
        return total


def through(nodes: Array, values: Array, corners: list[tuple[float, float]]) -> PiecewiseLinear:
    """Through the grid values and through extra corners (place, value), linear beyond the ends."""
    inner = [corner for corner in corners if nodes[0] < corner[0] < nodes[-1]]
    knots = np.concatenate([nodes, [place for place, _ in inner]])
    heights = np.concatenate([values, [height for _, height in inner]])
    knots, first = np.unique(knots, return_index=True)
    slopes = np.diff(heights[first]) / np.diff(knots)
    return PiecewiseLinear(
        value=float(heights[first][0]),
        slope=float(slopes[0]),
        knots=knots,
        bends=np.concatenate([[0.0], np.diff(slopes), [0.0]]),
    )
