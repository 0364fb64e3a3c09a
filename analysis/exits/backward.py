"""What going on is worth at every date and price, from the last date back."""

from __future__ import annotations

import numpy as np

from analysis.exits.choice import regions
from analysis.exits.kinks import REACH, crossings
from analysis.exits.lattice import Lattice
from analysis.exits.stopping import Stopping
from analysis.market.process import Array


def exit_values(grid: Lattice, customer: Stopping, provider: Stopping) -> Array:
    """Customer's value of either party's notice, (2, steps, *grid), customer's first.

    Endlessly bad for its giver at dates without the right.
    """
    values = np.concatenate([customer.values, provider.values])
    values[0, ~customer.may], values[1, ~provider.may] = -np.inf, np.inf
    return values


def stay_values(
    grid: Lattice, step_worth: Array, exits: Array, *, longer: int | None = None
) -> Array:
    """Customer's value of going on above the window, shape (steps, *grid); see `Solution`.

    step_worth: what a date's own step adds, same shape. exits: `exit_values`. longer: see `Game`.
    """
    steps = np.arange(grid.game.steps)
    discount = grid.discount(steps, steps + 1).tolist()
    stays = np.empty_like(step_worth)
    above: Array = np.zeros(grid.shape)
    for i in reversed(range(steps.size)):
        np.multiply(grid.expect(above), discount[i], out=stays[i])
        stays[i] += step_worth[i]
        now = stays[i], exits[:, i]
        above = _collared(*now) if longer is None else _answered(*now, longer)
    return stays


def _collared(stay: Array, exits: Array) -> Array:
    """Values between the two exits, for sums on the grid: repaired at the trigger prices."""
    over = stay - exits
    inside = over > 0
    above: Array = np.minimum(np.maximum(stay, exits[0]), exits[1])
    flat, beyond, rows = above.reshape(-1), over.reshape(-1), stay.size // stay.shape[-1]
    for row, node, _beyond, change in crossings(over, inside):
        first = row * stay.shape[-1] + node + 1 - REACH
        part = beyond[first : first + 2 * REACH] * change
        if row < rows:  # the customer leaves where it is not inside
            flat[first : first + 2 * REACH] += part
        else:
            first -= stay.size
            flat[first : first + 2 * REACH] -= part
    return above


def _answered(stay: Array, exits: Array, longer: int) -> Array:
    """The same where one party may answer the other's longer notice at once."""
    leave = regions(stay, exits, longer).leave
    above = stay.copy()
    for value, weight in zip(exits, leave, strict=True):
        above += np.where(np.isfinite(value), value - stay, 0.0) * weight
    return above
