"""Solutions: value, sensitivities, triggers, ends and survival."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.models.exits import solver
from analysis.models.exits.game import Game, Side
from analysis.models.exits.lattice import Lattice, half_count, half_width, lattice
from analysis.models.exits.quadrature import Borders, Index
from analysis.models.exits.solver import Notice, Terms
from analysis.models.market.process import Array

PARTIES = ("customer", "provider")
MOVED = (
    "kappa_year", "level_usd_hour", "drift_year", "sigma_year", "jumps_year", "jump_mean_log",
    "jump_sd_log",
)  # fmt: skip
BATCH = 2**19  # numbers in the largest array of games that are solved side by side
SLOPE = np.array([1, -9, 45, 0, -45, 9, -1]) / 60  # of sixth order


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution:
    """One game solved: its value to the customer and to the provider, $/GPU-h × months.

    grid, notices, stays: its lattice, the value of either notice, and continuation values, above
    the reference window. outcomes, ways: whose notice ends service at each price today, and the
    customer's values by outcome, shape (3, nodes).
    """

    game: Game
    value: float
    provider: float
    grid: Lattice = field(repr=False)
    notices: tuple[Notice, Notice] = field(repr=False)
    stays: Array = field(repr=False)
    outcomes: Index = field(repr=False)
    ways: Array = field(repr=False)

    @property
    def prices(self) -> Array:
        """Market prices of the grid today, $/GPU-h."""
        prices: Array = np.exp(self.grid.log_means[0, 0] + self.grid.nodes[0])
        return prices

    @property
    def values(self) -> Array:
        """Value to the customer at each of `prices`."""
        values: Array = np.choose(self.outcomes, self.ways)
        return values

    @property
    def deltas(self) -> Array:
        """Slope of the value in the market price at each of `prices`, months."""
        step = self.grid.nodes[0, 1] - self.grid.nodes[0, 0]
        slopes = np.gradient(self.ways, step, axis=1)  # plain differences by an edge
        slopes[:, 3:-3] = [np.convolve(way, SLOPE, "valid") / step for way in self.ways]
        deltas: Array = np.choose(self.outcomes, slopes) / self.prices
        return deltas

    @property
    def delta(self) -> float:
        """Slope of the value in today's market price, months."""
        return float(self.deltas[self.prices.size // 2])

    @cached_property
    def regions(self) -> tuple[Array, Borders]:
        """Exercise regions at all dates."""
        return solver.regions(self.stays, self.notices, slice(None), self.game.longer_notice)

    @cached_property
    def triggers(self) -> pd.DataFrame:
        """Prices below which the customer gives notice, above which the provider does.

        `nan` where at no price on the grid; inf (customer) or 0 (provider) where at all of them.
        """
        weights, (left, right, date, node, offset) = self.regions
        nodes = self.grid.nodes[0]
        price = np.exp(self.grid.log_means[0, date] + nodes[node] + offset * (nodes[1] - nodes[0]))
        table = pd.DataFrame({"month": np.arange(self.game.steps) / self.game.steps_month})
        for k, always in enumerate((np.inf, 0.0)):
            prices, its = np.full(self.game.steps, np.nan), (left == k + 1) | (right == k + 1)
            prices[date[its]] = price[its]
            prices[(weights[k, :, 0] == 1).all(axis=1)] = always
            table[PARTIES[k]] = prices
        return table

    @cached_property
    def ends(self) -> pd.DataFrame:
        """When service ends and by whose notice, or the `term`; the probabilities add up to 1.

        Carries the probability of each node from date to date and takes out what lies in an
        exercise region; after notice, what lies where a counter-notice cuts it short.
        """
        rows = [
            (step / self.game.steps_month, by, mass.sum()) for step, by, mass in self._endings()
        ]
        table = pd.DataFrame(rows, columns=["month", "by", "probability"])
        return table.groupby(["month", "by"], as_index=False).sum()

    def _endings(self) -> Iterator[tuple[float, str, Array]]:
        """Ends of service, with repetitions: step, by, probability at the nodes."""
        grid, weights = self.grid, self.regions[0]
        mass: Array = np.zeros(grid.nodes.shape)
        mass[0, mass.size // 2] = 1.0
        for t in range(self.game.steps):
            gives = np.round(weights[:, t]) if t == 0 else weights[:, t]  # today: one price
            for who, its in enumerate(self.notices):
                if not its.allowed[t]:
                    continue
                left = mass * gives[who]
                for lag, cuts in enumerate(its.counter_weights, start=1):
                    left = grid.carry(left)
                    cut = left * cuts[t]
                    yield float(self.notices[1 - who].ends[t + lag]), PARTIES[1 - who], cut
                    left = left - cut
                yield float(its.ends[t]), PARTIES[who], left
            mass = grid.carry(mass * (1 - gives[0] - gives[1]))
        yield self.game.end, "term", mass

    @property
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


def solve_many(
    games: Sequence[Game], sides: Sequence[tuple[Side, Side]] = (), *, nodes: int = 401
) -> list[Solution]:
    """Solutions of many games, in their order: those that share their dates side by side.

    As exact as one at a time, and several times faster at few nodes. sides: of each game (customer,
    provider), each of which has its own value. Then what one side gains the other need not lose,
    and rights to terminate can leave both worse off: the agreement lasts only while both want it.
    Without them it is the zero-sum game.
    """
    sides = sides or [(Side(), Side())] * len(games)
    alike: dict[tuple[tuple[object, ...], int], list[int]] = defaultdict(list)
    for place, game in enumerate(games):
        alike[game.timing, half_count(game.chain, half_width(game), nodes)].append(place)
    found: dict[int, Solution] = {}
    for (_, half), places in alike.items():
        size = 2 * half + 1
        many = max(1, BATCH // (size * max(size, games[places[0]].steps)))
        for first in range(0, len(places), many):
            batch = places[first : first + many]
            own = [games[place] for place in batch], [sides[place] for place in batch]
            found |= zip(batch, _solved(*own, nodes), strict=True)
    return [found[place] for place in range(len(games))]


def _solved(
    games: Sequence[Game], sides: Sequence[tuple[Side, Side]], nodes: int
) -> list[Solution]:
    """Solutions of games with the same dates and count of nodes."""
    grid = lattice(games, nodes=nodes)
    terms = Terms(grid, sides)
    window, longer = grid.game.window_ends(), grid.game.longer_notice
    notices = solver.notice(terms, 0), solver.notice(terms, 1)
    dates = np.array([0, *range(grid.game.steps)])
    paid = terms.served(dates, np.array([0, *window[:-1]]), np.array([window[0], *window[1:]]))
    stays = solver.backward_induction(grid, paid[:, 1:], notices)
    over = solver.conditions(stays[:, :1], notices, slice(1), longer) > 0
    outcomes = solver.outcome(over, longer)[0]
    ways = paid[:, 0] + np.stack([stays[:, 0], *(one.values[:, 0] for one in notices)])
    middle, found = grid.nodes.shape[1] // 2, []
    for k, game in enumerate(games):
        values = np.choose(outcomes[k], ways[:, :, k])
        solution = Solution(
            game=game,
            value=float(values[0, middle]),
            provider=float(values[1, middle]),
            grid=grid.only(k),
            notices=(notices[0].only(k), notices[1].only(k)),
            stays=stays[:, :, k : k + 1],
            outcomes=outcomes[k],
            ways=ways[:, 0, k],
        )
        found.append(solution)
    return found


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
