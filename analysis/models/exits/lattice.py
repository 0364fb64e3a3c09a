"""Log prices on a grid, one-step transition weights, and present values of payments there.

The log price is x_t = m_t + u_t: its expected path m and a deviation u' = ρ u + noise. Nodes are
deviations, so one grid and one matrix of transition weights serve all dates. A price k steps on is
expected at exp(m_{t+k} + g_k + ρ^k u); all that is paid at the market price has this closed form.

Grid arrays end in (games, nodes): games that share their dates are solved side by side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.models.exits.game import Game
from analysis.models.exits.quadrature import REACH
from analysis.models.market.process import Array, Chain

NEAR = 2.0  # where the price mostly is, in the same measure; from there a jump stays on the grid
TAIL = 1e-8  # but for this chance
WIDTH = 6.0  # half width of the grid in standard deviations of the log price at the end


class Axis(NamedTuple):
    """Equally spaced deviations, the middle one 0, and the weights of a step between them.

    kernel: from row to column; beyond the end nodes values go on as a fixed amount plus a multiple
    of the price.
    """

    nodes: Array
    kernel: Array


def axis(chain: Chain, *, half_width: float, count: int) -> Axis:
    """An axis of `count` nodes (made odd, raised where `half_count` says so) over ± half_width."""
    half = half_count(chain, half_width, count)
    step = half_width / half
    nodes = np.arange(-half, half + 1) * step
    decayed, kernel = chain.persistence * nodes, np.zeros((nodes.size, nodes.size))
    for chance, mean, variance in chain.jump_terms():
        away = (decayed[:, None] + mean - nodes) ** 2 / (2 * variance)
        kernel += chance * step / math.sqrt(2 * math.pi * variance) * np.exp(-away)
    price = np.exp(nodes)
    lost = 1 - kernel.sum(axis=1)
    lost_price = np.exp(decayed + chain.log_spread(1)[1]) - kernel @ price
    for side, end, next_to in ((slice(half), 0, 1), (slice(half + 1, None), -1, -2)):
        tilt = (lost_price[side] - lost[side] * price[end]) / (price[next_to] - price[end])
        kernel[side, end] += lost[side] - tilt
        kernel[side, next_to] += tilt
    return Axis(nodes, kernel)


def half_count(chain: Chain, half_width: float, count: int) -> int:
    """Nodes either side of the middle; more where the shock is narrower than a grid step."""
    return max(count // 2, math.ceil(half_width / math.sqrt(chain.variance)), 2 * REACH)


def half_width(game: Game) -> float:
    """How far the grid reaches either side of the expected path, in log price."""
    spread = game.chain.spread(game.steps)
    width = max(WIDTH * spread, NEAR * spread + game.chain.jump_reach(TAIL))
    fee = float(game.fees().mean())
    if fee > 0:  # let a far boundary lie on the grid, as long as it does not get too coarse
        far = abs(math.log(fee / game.spot_usd_hour)) + 2 * spread
        width = min(max(width, far), 2 * width)
    return width


@dataclass(frozen=True, slots=True, kw_only=True)
class Lattice:
    """The grids of games with the same dates, and what payments are worth on them.

    nodes, kernel: their axes, (games, n) and (games, n, n). log_means: m, expected log price at
    dates 0..steps, (games, steps + 1). log_growth: g, ln E[price k steps on] less the expected log
    price, k = 0..steps, same shape. node_factors: exp(ρ^k u), (games, steps + 1, n).
    """

    games: tuple[Game, ...]
    nodes: Array
    kernel: Array
    log_means: Array
    log_growth: Array
    node_factors: Array

    @property
    def game(self) -> Game:
        """One of the games: all have its dates."""
        return self.games[0]

    def only(self, game: int) -> Lattice:
        """The grid of one of the games."""
        return Lattice(
            **{own.name: getattr(self, own.name)[game : game + 1] for own in fields(self)}
        )

    def expect(self, values: Array) -> Array:
        """E[values of the next date] at every node of this one; leading axes are kept."""
        return _moved(values, self.kernel.swapaxes(1, 2))

    def carry(self, mass: Array) -> Array:
        """Probability at the nodes one date later, from that of this date."""
        return _moved(mass, self.kernel)

    def discount(self, at: NDArray[Any], until: NDArray[Any]) -> Array:
        """Discount factors from `until` back to `at`, times in steps, (rows,) to (rows, games)."""
        factors: Array = np.exp(np.multiply.outer(at - until, self._rate_step))
        return factors

    def pv_fixed(
        self, at: NDArray[Any], start: NDArray[Any], end: NDArray[Any], each: Array
    ) -> Array:
        """PV at dates `at` of amounts fixed for `each` step (per month), over [start, end).

        All in steps, one row each; the payment for a step falls due at its start, for part of a
        step in proportion. Swapping start and end turns the sign. Shape (rows, games).
        """
        paid: Array = (self._due(at, start, end) @ each[..., None])[..., 0].T
        return paid

    def pv_price(self, at: NDArray[Any], start: NDArray[Any], end: NDArray[Any]) -> Array:
        """PV of the market price over the same, shape (rows, games, nodes)."""
        due = self._due(at, start, end)
        steps = due.shape[-1]
        ahead = np.arange(steps) + at[:, None]
        inside = ahead < steps  # paid k steps on
        ahead = np.where(inside, ahead, 0)
        forward = np.exp(self.log_means[:, ahead] + self.log_growth[:, None, :steps])
        weight = np.where(inside, np.take_along_axis(due, ahead[None], axis=2) * forward, 0.0)
        value: Array = (weight @ self.node_factors[:, :steps]).swapaxes(0, 1)
        return value

    def _due(self, at: NDArray[Any], start: NDArray[Any], end: NDArray[Any]) -> Array:
        """Months served in each step, discounted from its start, shape (games, rows, steps)."""
        step = np.arange(self.game.steps)
        share = np.clip(end[:, None] - step, 0, 1) - np.clip(start[:, None] - step, 0, 1)
        logs = np.multiply.outer(self._rate_step, at[:, None] - step)
        due: Array = share * np.exp(logs) / self.game.steps_month
        return due

    @property
    def _rate_step(self) -> Array:
        """Continuous discount rate of a step, (games,)."""
        return np.array([game.rate_year for game in self.games]) / (12 * self.game.steps_month)


def _moved(values: Array, kernel: Array) -> Array:
    """Grid values of each game multiplied by its matrix."""
    each = values.swapaxes(-2, 0)  # games first
    found = each.reshape(len(each), -1, each.shape[-1]) @ kernel
    return found.reshape(each.shape).swapaxes(-2, 0)


def lattice(games: Sequence[Game], *, nodes: int) -> Lattice:
    """The grids of games with the same `timing` and count of nodes, about `nodes` each."""
    made = {game: axis(game.chain, half_width=half_width(game), count=nodes) for game in set(games)}
    each = np.array([made[game].nodes for game in games])
    steps, chains = games[0].steps, [game.chain for game in games]
    decay = np.array([chain.persistence ** np.arange(steps + 1) for chain in chains])
    return Lattice(
        games=tuple(games),
        nodes=each,
        kernel=np.array([made[game].kernel for game in games]),
        log_means=np.array(
            [game.chain.means(math.log(game.spot_usd_hour), steps) for game in games]
        ),
        log_growth=np.array([chain.log_spread(steps) for chain in chains]),
        node_factors=np.exp(decay[:, :, None] * each[:, None]),
    )
