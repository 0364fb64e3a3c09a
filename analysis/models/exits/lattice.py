"""Log prices on a grid, one-step transition weights, and present values of payments there.

The log price is x_t = m_t + u_t: its expected path m and a deviation u' = ρ u + noise. Nodes are
deviations, so one grid and one matrix of transition weights serve all dates. A price k steps on is
expected at exp(m_{t+k} + g_k + ρ^k u); all that is paid at the market price has this closed form.

Grid arrays end in (games, *grid): games that share their dates are solved side by side. The last
axis runs over market prices, the one before over internal use if it moves too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.models import errors
from analysis.models.exits.game import Game, Side
from analysis.models.market.prices import Array, Chain

Mask = NDArray[np.bool_]
Index = NDArray[np.intp]

MOST = 2_000  # nodes either side of the middle: what memory holds
NEAR = 2.0  # where the price mostly is, in the same measure; from there a jump stays on the grid
TAIL = 1e-8  # but for this chance
WIDTH = 6.0  # half width of the grid in standard deviations of the log price at the end
REACH = 3  # nodes either side of an exercise boundary that its correction uses
SIGNS = (1, -1)  # a value to the customer: to the customer, to the provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Equally spaced deviations of one factor, and the weights of its step between them.

    nodes: shape (n,), the middle one 0. kernel: shape (n, n), from row to column; beyond the end
    nodes values go on as a fixed amount plus a multiple of the price. A lattice holds the axes of
    all its games in one, with shapes (games, n) and (games, n, n).
    """

    nodes: Array
    kernel: Array

    @property
    def step(self) -> Array:
        """Distance of two nodes in log price."""
        step: Array = self.nodes[..., 1] - self.nodes[..., 0]
        return step


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
    return Axis(nodes=nodes, kernel=kernel)


def half_count(chain: Chain, half_width: float, count: int) -> int:
    """Nodes either side of the middle; more where the shock is narrower than a grid step."""
    least = math.ceil(half_width / math.sqrt(chain.variance))
    if least > MOST:
        sigma = chain.process.sigma_year
        allowed = f"{sigma * least / MOST:.2g} or above beside such jumps"
        raise errors.refused("sigma_year", sigma, allowed)
    return max(count // 2, least, 2 * REACH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lattice:
    """The grids of games with the same dates, and what payments are worth on them.

    axes: market price, and internal use if it moves too. log_means: m, expected log price at dates
    0..steps, shape (games, steps + 1). log_growth: g, ln E[price k steps on] less the expected log
    price, k = 0..steps, same shape. node_factors: exp(ρ^k u), shape (games, steps + 1, *grid).
    sides: customer and provider of each game; without, what one side gains the other loses.
    """

    games: tuple[Game, ...]
    axes: tuple[Axis, ...]
    log_means: Array
    log_growth: Array
    node_factors: Array
    sides: Sequence[tuple[Side, Side]] = ()

    @property
    def game(self) -> Game:
        """One of the games: all have its dates."""
        return self.games[0]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one date's values: (games, *grid)."""
        return (len(self.games), *self.node_factors.shape[2:])

    @property
    def centre(self) -> tuple[int, ...]:
        """Index of the node, in one game, that holds today's price at date 0."""
        return tuple(size // 2 for size in self.shape[1:])

    def expect(self, values: Array) -> Array:
        """E[values of the next date] at every node of this one; leading axes are kept."""
        return self._moved(values, [axis.kernel for axis in self.axes])

    def carry(self, mass: Array) -> Array:
        """Probability at the nodes one date later, from that of this date."""
        return self._moved(mass, [axis.kernel.swapaxes(1, 2) for axis in self.axes])

    def _moved(self, values: Array, kernels: list[Array]) -> Array:
        """`values`, each axis of each game multiplied by its matrix."""
        whose = -1 - len(kernels)
        each = values.swapaxes(whose, 0)  # games first
        found = each.reshape(len(each), -1, each.shape[-1]) @ kernels[0].swapaxes(1, 2)
        found = found.reshape(each.shape)
        if len(kernels) == 2:
            size = kernels[1].shape[1:]
            found = kernels[1].reshape(-1, *[1] * (each.ndim - 3), *size) @ found
        return found.swapaxes(whose, 0)

    def column(self, values: Array) -> Array:
        """Numbers, shape (…, games), shaped to meet grid values."""
        return values.reshape(*values.shape, *[1] * (len(self.shape) - 1))

    @property
    def rates(self) -> Array:
        """Continuous discount rate of each game for one step, (games,)."""
        return np.array([game.rate_year / (12 * game.steps_month) for game in self.games])

    def discount(self, at: NDArray[Any], until: NDArray[Any]) -> Array:
        """Discount factors from `until` back to `at`, times in steps, (rows,) to (rows, games)."""
        return np.asarray(np.exp(-np.multiply.outer(until - at, self.rates)))

    def due(self, at: ArrayLike, start: ArrayLike, end: ArrayLike) -> Array:
        """Months served of [start, end) in each step, discounted to dates `at`.

        All in steps, one row each; the payment for a step falls due at its start, for part of a
        step in proportion. Swapping start and end turns the sign. Shape (games, rows, steps).
        """
        step, dates = np.arange(self.game.steps), np.atleast_1d(np.asarray(at, dtype=float))
        first, last = (np.broadcast_to(t, dates.shape)[:, None] for t in (start, end))
        share = np.clip(last - step, 0, 1) - np.clip(first - step, 0, 1)
        discount = np.exp(-self.rates[:, None, None] * (step - dates[:, None]))
        return np.asarray(share * discount / self.game.steps_month)

    def pv_price(self, at: ArrayLike, due: Array) -> Array:
        """PV at dates `at` of the market price for what is `due`, shape (rows, games, *grid)."""
        steps = due.shape[-1]
        ahead = np.arange(steps) + np.atleast_1d(np.asarray(at, dtype=np.intp))[:, None]
        inside = ahead < steps  # paid k steps on
        ahead = np.where(inside, ahead, 0)
        forward = np.exp(self.log_means[:, ahead] + self.log_growth[:, None, :steps])
        weight = np.where(inside, due[:, np.arange(len(ahead))[:, None], ahead] * forward, 0.0)
        factors = self.node_factors[:, :steps].reshape(len(self.games), steps, -1)
        value = (weight @ factors).reshape(*weight.shape[:2], *self.node_factors.shape[2:])
        return value.swapaxes(0, 1)

    @property
    def signs(self) -> Array:
        """What a value to the customer counts for each side, (sides, 1, 1)."""
        return np.array(SIGNS[: 2 if self.sides else 1])[:, None, None]

    def own(self, name: str) -> Array:
        """What each side of each game has for itself, (sides, 1, games)."""
        pairs: Sequence[tuple[Side, ...]] = self.sides or [(Side(),)]
        return np.array([[getattr(side, name) for side in pair] for pair in pairs]).T[:, None]

    def served(self, at: Index, start: Array, end: Array) -> Array:
        """PV to the sides of service [start, end) at dates `at`, (sides, rows, games, *grid)."""
        due = self.due(at, start, end)
        fees = np.array([game.fees() for game in self.games])[..., None]
        share = self.signs + self.own("premium")  # of the price, with its sign
        own = self.own("internal_use_usd_hour") * due.sum(axis=-1).T
        fixed = self.signs * ((due @ fees)[..., 0].T - own)
        return self.column(share) * self.pv_price(at, due) - self.column(fixed)

    def ended(self, at: Index, ends: Array, by: int) -> Array:
        """PV to the sides of an end by one party's notice, beside service; same shape."""
        step = self.game.steps_month
        rights = [(game.customer, game.provider)[by] for game in self.games]
        fee = [right.fee_at(ends / step) if right else np.zeros(ends.shape) for right in rights]
        lump = -SIGNS[by] * self.signs * np.array(fee).T - self.own("moving_cost")
        shape = (len(self.signs), at.size, *self.shape)
        values = np.broadcast_to(self.column(lump * self.discount(at, ends)), shape).copy()
        downtime = self.own("downtime_months")[:, 0]
        for months in np.unique(downtime[downtime > 0]):
            due = self.due(at, ends, np.minimum(ends + months * step, self.game.end))
            values -= self.column((downtime == months)[:, None]) * self.pv_price(at, due)
        return values


def chains(game: Game) -> list[Chain]:
    """The factors at the game's steps: the market price, and internal use if it moves too."""
    factors = (game.process,) if game.internal_use is None else (game.process, game.internal_use)
    return [Chain(process=one, step_years=1 / (12 * game.steps_month)) for one in factors]


def half_widths(game: Game) -> list[float]:
    """How far the grid of each factor reaches either side of its expected path, in log price."""
    moves = chains(game)
    spreads = [chain.spread(game.steps) for chain in moves]
    widths = [
        max(WIDTH * spread, NEAR * spread + chain.jump_reach(TAIL))
        for chain, spread in zip(moves, spreads, strict=True)
    ]
    fee = float(game.fees().mean())
    if fee > 0:  # let a far boundary lie on the grid, as long as it does not get too coarse
        far = abs(math.log(fee / game.spot_usd_hour)) + 2 * spreads[0]
        widths[0] = min(max(widths[0], far), 2 * widths[0])
    return widths


def counts(game: Game, nodes: int) -> tuple[int, ...]:
    """Nodes of each factor either side of the middle one, of about `nodes` in all."""
    pairs = zip(chains(game), half_widths(game), strict=True)
    return tuple(half_count(chain, width, nodes) for chain, width in pairs)


def lattice(games: Sequence[Game], *, nodes: int) -> Lattice:
    """The grids of games with the same `timing` and `counts`, about `nodes` prices a factor."""
    one, steps = {game: chains(game) for game in games}, games[0].steps
    axes, means, growth, factors = [], [], [], []
    for k in range(len(one[games[0]])):
        moves, widths = [one[game][k] for game in games], {g: half_widths(g)[k] for g in one}
        made = {g: axis(one[g][k], half_width=widths[g], count=nodes) for g in one}  # each once
        each = np.array([made[game].nodes for game in games])
        axes.append(Axis(nodes=each, kernel=np.array([made[game].kernel for game in games])))
        starts = [math.log(game.spot_usd_hour) if k == 0 else 0.0 for game in games]
        means.append([chain.means(x, steps) for chain, x in zip(moves, starts, strict=True)])
        growth.append([chain.log_spread(steps) for chain in moves])
        decay = np.array([chain.persistence ** np.arange(steps + 1) for chain in moves])
        factors.append(np.exp(decay[:, :, None] * each[:, None]))
    factor = factors[0]
    for other in factors[1:]:
        factor = other[..., :, None] * factor[..., None, :]
    return Lattice(
        games=tuple(games),
        axes=tuple(axes),
        log_means=np.sum(means, axis=0),
        log_growth=np.sum(growth, axis=0),
        node_factors=factor,
    )
