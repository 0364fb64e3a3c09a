"""When the parties terminate in a solved game, and how long the agreement lives."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.models.exits.game import Game
from analysis.models.exits.lattice import Lattice
from analysis.models.exits.solver import Notice, Policy, trigger_prices
from analysis.models.market.process import Array

PARTIES = ("customer", "provider")


@dataclass(frozen=True, kw_only=True, eq=False)
class Solved:
    """Solver state of games solved side by side.

    notices: the customer's and the provider's. stays: continuation values above the reference
    window, dates first but for each side's own. decide: policy from continuation values.
    """

    grid: Lattice
    notices: tuple[Notice, Notice]
    stays: Array
    decide: Callable[[Array], Policy]

    @cached_property
    def policy(self) -> Policy:
        """Exercise regions of all games, worked out when first asked for."""
        return self.decide(self.stays)

    @cached_property
    def trigger_prices(self) -> Array:
        """Trigger prices of all games, (dates, games, 2); see `solver.trigger_prices`."""
        return trigger_prices(self.grid, self.policy)


@dataclass(frozen=True, kw_only=True, eq=False)
class Exercise:
    """What follows from the exercise policy of one game; base of both kinds of solution."""

    game: Game
    solved: Solved = field(repr=False)
    index: int = field(default=0, repr=False)

    @property
    def trigger_prices(self) -> Array:
        """The numbers of `triggers`, shape (dates, 2), customer's first."""
        return self.solved.trigger_prices[:, self.index]

    @cached_property
    def triggers(self) -> pd.DataFrame:
        """Market prices at which notice is given, by date: `month, customer, provider`.

        The customer gives notice below its price, the provider above its own. `nan` where the
        party gives no notice at any price on the grid; inf (customer) or 0 (provider) where it
        gives notice at all of them. With internal use: at its expected log.
        """
        month = np.arange(self.game.steps) / self.game.steps_month
        table = pd.DataFrame(self.trigger_prices, columns=list(PARTIES))
        table.insert(0, "month", month)
        return table

    @cached_property
    def _chances(self) -> dict[tuple[float, str], float]:
        """Probability of each end of service: month, and whose notice or the term."""
        chances: dict[tuple[float, str], float] = defaultdict(float)
        for month, by, chance in _endings(self.solved, self.index):
            chances[month, by] += chance
        return chances

    @cached_property
    def ends(self) -> pd.DataFrame:
        """When service ends and by whose notice: `month, by, probability`, which add up to 1.

        `by` is the party whose notice ends it, or `term`. Chances are those of the price process
        that values the game.
        """
        rows = [(*end, chance) for end, chance in sorted(self._chances.items())]
        return pd.DataFrame(rows, columns=["month", "by", "probability"])

    @cached_property
    def survival(self) -> pd.DataFrame:
        """Survival by month 0..term: `month, served, customer, provider`.

        served: probability that service goes on after that month's start; customer, provider:
        probability that a notice of that party has ended it by then.
        """
        month = np.arange(np.ceil(self.game.term_months) + 1)
        ended = {
            by: [float(rows.probability[rows.month <= m + 1e-9].sum()) for m in month]
            for by in (*PARTIES, "term")
            for rows in [self.ends[self.ends.by == by]]
        }
        served = np.clip(1 - np.sum(list(ended.values()), axis=0), 0, 1)
        return pd.DataFrame({"month": month, "served": served} | {by: ended[by] for by in PARTIES})

    @property
    def expected_months(self) -> float:
        """Expected months of service."""
        return math.fsum(month * chance for (month, _), chance in self._chances.items())

    @property
    def expected_fees(self) -> float:
        """Expected fees for service, undiscounted, $/GPU-h × months; termination fees apart."""
        game = self.game
        paid = np.concatenate([[0.0], np.cumsum(game.fees())]) / game.steps_month
        received = np.interp(self.ends.month * game.steps_month, np.arange(paid.size), paid)
        return float((received * self.ends.probability).sum())


def _endings(solved: Solved, index: int) -> Iterator[tuple[float, str, float]]:
    """Ends of service of one game, with repetitions: month, by, probability.

    Carries the probability of each node from date to date and takes out what lies in an exercise
    region; after notice, what lies where a counter-notice cuts it short.
    """
    grid, its = solved.grid.only(index), slice(index, index + 1)
    game, regions = grid.game, solved.policy.regions[:, :, its]
    mass: Array = np.zeros(grid.shape)
    mass[0][grid.centre] = 1.0
    for t in range(game.steps):
        gives = regions[:, t]
        if t == 0:  # one price, no density yet: it lies in a region or not
            gives = np.round(gives)
        for who, notice in enumerate(solved.notices):
            if not notice.allowed[t]:
                continue
            left = mass * gives[who]
            for lag, weights in enumerate(notice.counter_weights, start=1):
                left = grid.carry(left)
                cut = left * weights[t, its]
                end = float(solved.notices[1 - who].ends[t + lag]) / game.steps_month
                yield end, PARTIES[1 - who], float(cut.sum())
                left = left - cut
            yield float(notice.ends[t]) / game.steps_month, PARTIES[who], float(left.sum())
        mass = grid.carry(mass * (1 - gives[0] - gives[1]))
    yield game.term_months, "term", float(mass.sum())
