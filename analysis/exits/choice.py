"""Who leaves at which price: the regions of the grid that each date's choice makes.

Outcomes of a date: nobody leaves (0), the customer's notice ends service (1), the provider's (2).
Where notices differ the shorter one has the last word: it may answer the longer one at once, and
so cuts short whatever the other makes of staying or leaving.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.exits.kinks import Border, chosen_weights
from analysis.exits.lattice import Lattice
from analysis.market.process import Array

SIDES = (1, -1)  # the customer's and the provider's sign of a value to the customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Regions:
    """Weights of the regions where each party's notice ends service, and their borders.

    leave: shape (2, steps, *grid), customer first. borders: outcomes and places of the changes,
    rows counting dates and all axes before the last one.
    """

    leave: Array
    borders: list[Border]


def wishes(stay: Array, exits: Array, longer: int | None) -> Array:
    """What decides the zero-sum game at one date or many: conditions of `chosen`, (k, …, *grid).

    stay: customer's value of going on, shape (…, *grid). exits: of the customer's and of the
    provider's notice, shape (2, …, *grid), endlessly bad for its giver where not allowed. longer:
    whose notice is longer, 0 customer, 1 provider, None where they are equal or alone.
    """
    if longer is None:
        return np.stack([exits[0] - stay, stay - exits[1]])
    short = 1 - longer
    cuts = [SIDES[short] * (exits[short] - left) for left in (stay, exits[longer])]
    return np.stack([SIDES[longer] * (exits[longer] - stay), *cuts])


def chosen(over: NDArray[np.bool_], longer: int | None) -> NDArray[np.intp]:
    """Outcome where so many of the `wishes` are positive, shape of one of them.

    On equal notice each leaves if it wishes, the customer first; on unequal notice the shorter one
    cuts short staying or the longer notice, if it is better off so.
    """
    if longer is None:
        return np.where(over[0], 1, np.where(over[1], 2, 0))
    return np.where(over[1] | over[2], 2 - longer, np.where(over[0], longer + 1, 0))


def regions(stay: Array, exits: Array, longer: int | None) -> Regions:
    """Regions in the zero-sum game, for one date or many; see `wishes`."""
    conditions = wishes(stay, exits, longer)
    weights, borders = chosen_weights(conditions, lambda over: chosen(over, longer), count=3)
    return Regions(leave=weights[1:], borders=borders)


def trigger_prices(grid: Lattice, found: Regions) -> Array:
    """The customer's and the provider's trigger price at each date, shape (steps, 2).

    `nan` where the party leaves at no price of the grid; inf (customer) and 0 (provider) where at
    all of them. Own use at its middle.
    """
    steps, rest = found.leave.shape[1], grid.rays[0].size // grid.shape[-1]
    prices = np.full((steps, 2), np.nan)
    nodes, wide = grid.axes[0].nodes, grid.axes[0].step
    for left, right, row, node, beyond in found.borders:
        step, at = divmod(row, rest)
        if at == rest // 2:
            price = math.exp(grid.log_means[step] + nodes[node] + beyond * wide)
            prices[step, [party - 1 for party in (left, right) if party]] = price
    middle = found.leave.reshape(2, steps, rest, -1)[:, :, rest // 2]
    for side, always in enumerate((math.inf, 0.0)):
        prices[(middle[side] == 1).all(axis=-1), side] = always
    return prices
