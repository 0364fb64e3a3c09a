"""The game when each side has its own worth of the capacity and its own cost of leaving.

Then what one side gains the other need not lose, and the right to leave can hurt both: the
agreement lasts only while both want it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.exits.choice import Regions, trigger_prices
from analysis.exits.game import Game
from analysis.exits.kinks import Border, chosen_weights
from analysis.exits.lattice import lattice
from analysis.exits.sides import Side, conditions, flows, notice, outcomes
from analysis.exits.stopping import Stopping, reference_ends
from analysis.exits.survival import Leaving, endings, survival, trigger_table
from analysis.market.process import Array

__all__ = ["PrivateSolution", "Side", "solve_private"]


@dataclass(frozen=True, kw_only=True, eq=False)
class PrivateSolution:
    """Answer of `solve_private`: each side's own value, its own sign, $/GPU-h × months.

    prices, customer_values, provider_values: the same for every starting price on the grid.
    """

    game: Game
    customer: float
    provider: float
    prices: Array = field(repr=False)
    customer_values: Array = field(repr=False)
    provider_values: Array = field(repr=False)
    leaving: Leaving = field(repr=False)

    @cached_property
    def triggers(self) -> pd.DataFrame:
        """Market prices at which notice is given: `month, customer, provider`; see `Solution`."""
        return trigger_table(self.game, trigger_prices(self.leaving.grid, self.leaving.regions))

    @cached_property
    def ends(self) -> pd.DataFrame:
        """When service ends and who gave the notice that ended it: `month, by, probability`."""
        return endings(self.leaving)

    @cached_property
    def survival(self) -> pd.DataFrame:
        """`month, served, customer, provider`; see `Solution.survival`."""
        return survival(self.ends, self.game.term_months)

    @property
    def expected_months(self) -> float:
        """Expected months of service."""
        return float((self.ends.month * self.ends.probability).sum())


def solve_private(
    game: Game, *, customer: Side | None = None, provider: Side | None = None, nodes: int = 401
) -> PrivateSolution:
    """Both sides' values when each leaves as soon as going on is worth less to it than leaving.

    At each date the agreement goes on if neither side is better off giving notice, knowing that
    both will play so later; nobody leaves out of indifference. Where both want to leave on equal
    notice, the customer's counts. On unequal notice the side with the longer one moves first, and
    the other, knowing that, may give its own shorter notice, at once or while the longer one runs;
    the one whose notice ends service pays its fee. With default sides it is the zero-sum game of
    `exits.solve`.

    A side's value jumps where the other side leaves; `chosen_weights` integrates the jump.

    >>> from dataclasses import replace
    >>> from analysis.exits.game import Right
    >>> from analysis.market.process import Process
    >>> game = Game(spot_usd_hour=2.35, fee_usd_hour=2.2, term_months=37, rate_year=0.05,
    ...     process=Process(kappa_year=1.0, level_usd_hour=2.0, sigma_year=0.5))
    >>> fond = Side(premium=0.15)
    >>> bound = solve_private(game, customer=fond, provider=fond)
    >>> free = Right(notice_months=3)
    >>> either = solve_private(replace(game, customer=free, provider=free),
    ...     customer=fond, provider=fond)
    >>> round(either.customer - bound.customer, 3), round(either.provider - bound.provider, 3)
    (-3.675, -4.7)
    """
    grid = lattice(game, nodes=nodes)
    sides = (customer or Side(), provider or Side())
    given = notice(grid, sides, 0), notice(grid, sides, 1)
    window, steps = reference_ends(game), np.arange(game.steps)
    worth = np.stack(
        [flows(grid, s, k, steps, window[:-1], window[1:]) for k, s in enumerate(sides)]
    )
    discount = grid.discount(steps, steps + 1)
    above = np.zeros((2, *grid.shape))  # customer's and provider's value above the window
    stay = above
    leave = np.zeros((2, game.steps, *grid.shape))
    borders: list[Border] = []
    rows = above[0].size // grid.shape[-1]
    for i in reversed(range(game.steps)):
        stay = worth[:, i] + discount[i] * grid.expect(above)
        weights, found = _choice(stay, given, i, game.longer_notice)
        leave[:, i] = weights
        borders += [border._replace(row=border.row + i * rows) for border in found]
        above = stay + sum((given[k].values[:, i] - stay) * weights[k] for k in (0, 1))
    outcome = outcomes(conditions(stay, given, 0, game.longer_notice) > 0, game.longer_notice)
    exact = np.choose(outcome, [stay, given[0].values[:, 0], given[1].values[:, 0]])
    value = [exact[k] + flows(grid, s, k, [0], [0], window[:1])[0] for k, s in enumerate(sides)]
    row = grid.centre[:-1]
    return PrivateSolution(
        game=game,
        customer=float(value[0][grid.centre]),
        provider=float(value[1][grid.centre]),
        prices=np.exp(grid.log_means[0] + grid.axes[0].nodes),
        customer_values=value[0][row],
        provider_values=value[1][row],
        leaving=Leaving(
            grid=grid,
            regions=Regions(leave=leave, borders=borders),
            customer=given[0],
            provider=given[1],
        ),
    )


def _choice(
    stay: Array, given: tuple[Stopping, Stopping], step: int, longer: int | None
) -> tuple[Array, list[Border]]:
    """Weights of the two regions where a notice ends service at one date, and their borders."""
    if not (given[0].may[step] or given[1].may[step]):
        return np.zeros_like(stay), []
    weights, borders = chosen_weights(
        conditions(stay, given, step, longer), lambda over: outcomes(over, longer), count=3
    )
    return weights[1:], borders
