"""Solutions: value, sensitivities, triggers, ends and survival."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analysis.models import errors
from analysis.models.exits import solver
from analysis.models.exits.game import Game, Side
from analysis.models.exits.lattice import Index, Lattice, counts, lattice
from analysis.models.exits.solver import Borders, Notice
from analysis.models.market.prices import Array

MOVED = (
    "kappa_year", "level_usd_hour", "drift_year", "sigma_year", "jumps_year", "jump_mean_log",
    "jump_sd_log",
)  # fmt: skip
PARTIES = ("customer", "provider")  # the sides of a game, in order
BATCH = 2**19  # numbers in the largest array of games that are solved side by side


@dataclass(frozen=True, kw_only=True, eq=False)
class Solved:
    """Games solved side by side: values today of service in the window (`base`), either party's
    notice, and continuation values above the window (`stays`)."""

    grid: Lattice
    base: Array
    notices: tuple[Notice, Notice]
    stays: Array

    @cached_property
    def regions(self) -> tuple[Array, Borders]:
        """Exercise regions at all dates, worked out when first asked for."""
        return solver.regions(self.stays, self.notices, slice(None), self.grid.game.longer_notice)

    @cached_property
    def today(self) -> tuple[Index, Array]:
        """Outcome at every price today, (games, *grid), and values by outcome, (3, sides, …)."""
        longer, first = self.grid.game.longer_notice, self.stays[:, :1]
        over = solver.conditions(first, self.notices, slice(1), longer) > 0
        ways = [self.stays[:, 0], *(one.values[:, 0] for one in self.notices)]
        return solver.outcome(over, longer)[0], self.base + np.stack(ways)

    @cached_property
    def trigger_prices(self) -> Array:
        """The customer's and the provider's trigger price at each date, (dates, games, 2).

        `nan` where the party gives notice at no price of the grid; inf (customer) and 0 (provider)
        where at all of them. Internal use at its middle.
        """
        weights, (left, right, row, node, offset) = self.regions
        grid = self.grid
        dates, games = weights.shape[1:3]
        rest = int(np.prod(grid.shape[1:-1]))
        date, game, place = np.unravel_index(row, (dates, games, rest))
        axis = grid.axes[0]
        logs = axis.nodes[game, node] + offset * axis.step[game]
        price = np.exp(grid.log_means[game, date] + logs)
        middle = weights.reshape(2, dates, games, rest, -1)[..., rest // 2, :]
        prices = np.full((dates, games, 2), np.nan)
        for k, always in enumerate((np.inf, 0.0)):
            its = (place == rest // 2) & ((left == k + 1) | (right == k + 1))
            prices[date[its], game[its], k] = price[its]
            prices[(middle[k] == 1).all(axis=-1), k] = always
        return prices

    @cached_property
    def endings(self) -> dict[tuple[float, str], Array]:
        """Probability of each end of service: month, and whose notice or the term; (games,).

        Carries the probability of each node from date to date and takes out what lies in an
        exercise region; after notice, what lies where a counter-notice cuts it short.
        """
        grid, weights = self.grid, self.regions[0]
        chances: dict[tuple[float, str], Array] = defaultdict(lambda: np.zeros(len(grid.games)))

        def ended(end: float, by: str, mass: Array) -> None:
            month = float(end) / grid.game.steps_month
            chances[month, by] += mass.reshape(len(mass), -1).sum(axis=1)

        mass: Array = np.zeros(grid.shape)
        today: Any = (slice(None), *grid.centre)
        mass[today] = 1.0
        for t in range(grid.game.steps):
            gives = np.round(weights[:, t]) if t == 0 else weights[:, t]  # today: one price
            for who, its in enumerate(self.notices):
                if not its.allowed[t]:
                    continue
                left = mass * gives[who]
                for lag, cuts in enumerate(its.counter_weights, start=1):
                    left = grid.carry(left)
                    cut = left * cuts[t]
                    ended(self.notices[1 - who].ends[t + lag], PARTIES[1 - who], cut)
                    left = left - cut
                ended(its.ends[t], PARTIES[who], left)
            mass = grid.carry(mass * (1 - gives[0] - gives[1]))
        ended(grid.game.end, "term", mass)
        return dict(sorted(chances.items()))


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution:
    """One game solved: its value to the customer and to the provider, $/GPU-h × months."""

    game: Game
    solved: Solved = field(repr=False)
    index: int = field(repr=False)
    value: float
    provider: float

    @property
    def prices(self) -> Array:
        """Market prices of the grid today, $/GPU-h."""
        grid = self.solved.grid
        prices: Array = np.exp(grid.log_means[self.index, 0] + grid.axes[0].nodes[self.index])
        return prices

    @property
    def values(self) -> Array:
        """Value to the customer at each of `prices`, internal use at its start."""
        values: Array = np.choose(*self._today)
        return values

    @property
    def _today(self) -> tuple[Index, Array]:
        outcomes, ways = self.solved.today
        place: Any = (self.index, *self.solved.grid.centre[:-1])
        return outcomes[place], ways[:, 0][(slice(None), *place)]

    @cached_property
    def deltas(self) -> Array:
        """Slope of the value in the market price at each of `prices`, months."""
        outcomes, ways = self._today
        step = float(self.solved.grid.axes[0].step[self.index])
        slopes: Array = np.choose(outcomes, [_slope(way, step) for way in ways])
        return slopes / self.prices

    @property
    def delta(self) -> float:
        """Slope of the value in today's market price, months."""
        return float(self.deltas[self.prices.size // 2])

    @property
    def trigger_prices(self) -> Array:
        """The numbers of `triggers`, shape (dates, 2), customer's first."""
        return self.solved.trigger_prices[:, self.index]

    @cached_property
    def triggers(self) -> pd.DataFrame:
        """Prices below which the customer gives notice, above which the provider does.

        `nan` where at no price on the grid; inf (customer) or 0 (provider) where at all of them.
        """
        month = np.arange(self.game.steps) / self.game.steps_month
        prices = dict(zip(PARTIES, self.trigger_prices.T, strict=True))
        return pd.DataFrame({"month": month, **prices})

    @cached_property
    def ends(self) -> pd.DataFrame:
        """When service ends and by whose notice, or the `term`; the probabilities add up to 1."""
        rows = [(*end, chance[self.index]) for end, chance in self.solved.endings.items()]
        return pd.DataFrame(rows, columns=["month", "by", "probability"])

    @cached_property
    def survival(self) -> pd.DataFrame:
        """By month 0..term: probability to be served from there, or ended by a notice."""
        month = np.arange(np.ceil(self.game.term_months) + 1)
        chance = self.ends.pivot_table(values="probability", index="month", columns="by")
        chance = chance.reindex(columns=[*PARTIES, "term"]).fillna(0.0).cumsum()
        ended = chance.reindex(month + 1e-9, method="ffill").fillna(0.0).set_axis(month)
        served = (1 - ended.sum(axis=1)).clip(0, 1)
        found = ended[[*PARTIES]].assign(served=served).rename_axis("month").reset_index()
        return found[["month", "served", *PARTIES]]

    @property
    def expected_months(self) -> float:
        """Expected months of service."""
        return float((self.ends.month * self.ends.probability).sum())

    @property
    def expected_fees(self) -> float:
        """Expected fees for service, undiscounted, $/GPU-h × months; termination fees apart."""
        game = self.game
        paid = np.concatenate([[0.0], np.cumsum(game.fees())]) / game.steps_month
        received = np.interp(self.ends.month * game.steps_month, np.arange(paid.size), paid)
        return float((received * self.ends.probability).sum())


def solve(game: Game, *, nodes: int = 401) -> Solution:
    """Value of the agreement when each party terminates when that serves it best.

    `nodes`: grid prices; 201 are right to 5e-5, 401 to 1e-5 and better on the reference cases.

    >>> from analysis.models.exits import Process, Right
    >>> free = Right(notice_months=3.0)
    >>> game = Game(spot_usd_hour=2.35, fee_usd_hour=2.2, term_months=37, rate_year=0.05,
    ...     process=Process(kappa_year=1.0, level_usd_hour=2.0, sigma_year=0.3),
    ...     customer=free, provider=free)
    >>> round(solve(game).value, 7)
    0.3837011
    """
    return solve_many([game], nodes=nodes)[0]


def solve_many(games: Sequence[Game], *, nodes: int = 401) -> list[Solution]:
    """Solutions of many games, in their order: those that share their dates side by side.

    As exact as one at a time, and several times faster at few nodes. Games that differ in rights
    only share a grid.
    """
    errors.counted(nodes=nodes)
    markets = [replace(game, customer=None, provider=None) for game in games]
    sizes = {market: counts(market, nodes) for market in set(markets)}
    alike: dict[tuple[tuple[object, ...], tuple[int, ...]], list[int]] = defaultdict(list)
    for place, (game, market) in enumerate(zip(games, markets, strict=True)):
        alike[game.timing, sizes[market]].append(place)
    found: dict[int, Solution] = {}
    grids: dict[tuple[Game, ...], Lattice] = {}
    for (_, size), places in alike.items():
        whole = [2 * half + 1 for half in size]
        most = max(whole[0] ** 2, games[places[0]].steps * math.prod(whole))
        many = max(1, BATCH // most)
        for first in range(0, len(places), many):
            batch = places[first : first + many]
            key = tuple(markets[place] for place in batch)
            grid = grids[key] = grids.get(key) or lattice(key, nodes=nodes)
            solved = _solved(replace(grid, games=tuple(games[place] for place in batch)))
            found |= zip(batch, solved, strict=True)
    return [found[place] for place in range(len(games))]


def solve_private(
    game: Game, sides: Sequence[tuple[Side, Side]], *, nodes: int = 401
) -> list[Solution]:
    """One game for pairs of sides (customer, provider), each of which has its own value.

    Then what one side gains the other need not lose, and rights to terminate can leave both worse
    off: the agreement lasts only while both want it. With default sides it is the zero-sum game.
    """
    grid = lattice([game] * len(sides), nodes=nodes)
    return _solved(replace(grid, sides=sides))


def _solved(grid: Lattice) -> list[Solution]:
    """Solutions of the games of one lattice."""
    window = grid.game.window_ends()
    notices = solver.notice(grid, 0), solver.notice(grid, 1)
    dates = np.array([0, *range(grid.game.steps)])
    paid = grid.served(dates, np.array([0, *window[:-1]]), np.array([window[0], *window[1:]]))
    stays = solver.backward_induction(grid, paid[:, 1:], notices)
    solved = Solved(grid=grid, base=paid[:, 0], notices=notices, stays=stays)
    outcomes, ways = solved.today
    values = np.take_along_axis(ways, outcomes[None, None], axis=0)[0][(..., *grid.centre)]
    return [
        Solution(
            game=one,
            solved=solved,
            index=k,
            value=float(solver.own(values, 0)[k]),
            provider=float(solver.own(values, 1)[k]),
        )
        for k, one in enumerate(grid.games)
    ]


def sensitivities(game: Game, *, nodes: int = 401) -> pd.DataFrame:
    """Slope of the value in each parameter of the price process, the rate and the fee.

    Central differences of fourth order with a step of 1 % (0.001 where the parameter is 0 and has
    no other scale). Columns `parameter, at, slope`; `sigma_year` is vega. A parameter that cannot
    be moved both ways (a jump rate of 0) is left out.
    """
    process, fees = game.process, game.fees()[:: game.steps_month]
    at = {name: getattr(process, name) for name in MOVED}
    at = {name: start for name, start in at.items() if start != 0 or name == "drift_year"}
    if process.kappa_year == 0:
        del at["level_usd_hour"]
    at["rate_year"] = game.rate_year
    steps = {name: abs(start) * 0.01 or 0.001 for name, start in at.items()}
    at["fee_usd_hour"], steps["fee_usd_hour"] = float(fees.mean()), 0.001

    def moved(name: str, by: float) -> Game:
        if name == "fee_usd_hour":
            return replace(game, fee_usd_hour=tuple(fees + by))
        if name == "rate_year":
            return replace(game, rate_year=game.rate_year + by)
        return replace(game, process=replace(process, **{name: at[name] + by}))

    games = [moved(name, k * step) for name, step in steps.items() for k in (-2, -1, 1, 2)]
    values = np.array([one.value for one in solve_many(games, nodes=nodes)]).reshape(-1, 4)
    slopes = values @ [1, -8, 8, -1] / (12 * np.array(list(steps.values())))
    return pd.DataFrame({"parameter": list(at), "at": list(at.values()), "slope": slopes})


def _slope(values: Array, step: float) -> Array:
    """Derivative in the log price, sixth order; plain differences at the three nodes by an edge."""
    slope = np.gradient(values, step)
    slope[3:-3] = np.convolve(values, np.array([1, -9, 45, 0, -45, 9, -1]) / 60, "valid") / step
    return slope
