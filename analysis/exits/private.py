"""The game when each side has its own worth of the capacity and its own cost of leaving.

Then what one side gains the other need not lose, and the right to leave can hurt both: the
agreement lasts only while both want it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.exits.game import Game
from analysis.exits.grid import inside_weights
from analysis.exits.lattice import Lattice, lattice
from analysis.exits.stopping import stopping, trigger_prices
from analysis.exits.survival import Leaving, endings, survival, trigger_table
from analysis.market.process import Array, refuse, require_finite


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What the capacity and an early end mean to one side beyond the market price.

    premium: share of the market price. For the customer: capacity in place is worth
    (1 + premium) times the price. For the provider: it could earn only (1 - premium) times the
    price elsewhere (spread between renting in and renting out, idle time).
    own_use_usd_hour: what having the capacity is worth to this side on top, $/GPU-h; the customer
    has it while the agreement lasts, the provider once it has ended.
    moving_cost: spent by this side at an end before the term, whoever gave notice; nobody receives
    it; $/GPU-h × months. downtime_months: months lost by this side after such an end (no capacity,
    no tenant), each at the market price then expected, none after the term.
    """

    premium: float = 0.0
    own_use_usd_hour: float = 0.0
    moving_cost: float = 0.0
    downtime_months: float = 0.0

    def __post_init__(self) -> None:
        require_finite(self, *self.__slots__)
        if self.premium <= -1:
            refuse("premium", self.premium, "above -1")
        for name in ("moving_cost", "downtime_months"):
            if getattr(self, name) < 0:
                refuse(name, getattr(self, name), "0 or above")


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
    trigger_prices: Array = field(repr=False)
    leaving: Leaving = field(repr=False)

    @cached_property
    def triggers(self) -> pd.DataFrame:
        """Market prices at which notice is given: `month, customer, provider`; see `Solution`."""
        return trigger_table(self.game, self.trigger_prices)

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
    both will play so later; nobody leaves out of indifference. Where both want to leave, the
    customer's notice counts. With default sides it is the zero-sum game of `exits.solve`.

    A side's value jumps where the other side leaves; `inside_weights` integrates the jump. Unequal
    notice is refused here.

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
    rights = [right for right in (game.customer, game.provider) if right]
    if len({right.notice_months for right in rights}) > 1:
        refuse("notice_months", [right.notice_months for right in rights], "equal for both sides")
    grid = lattice(game, nodes=nodes)
    sides = (customer or Side(), provider or Side())
    notice = rights[0].notice_months * game.steps_month if rights else np.inf
    steps = np.arange(game.steps)
    window = np.minimum(np.arange(game.steps + 1) + notice, game.end)
    exits = [stopping(grid, right, None, side=0) for right in (game.customer, game.provider)]
    worth = [_flows(grid, side, k, steps, window[:-1], window[1:]) for k, side in enumerate(sides)]
    left = _left(grid, sides, steps, window[:-1])
    discount = grid.discount(steps, steps + 1)
    above = np.zeros((2, *grid.shape))  # customer's and provider's value above the window
    gain = np.zeros((2, *grid.shape))
    leave = np.zeros((game.steps, 2, *grid.shape))
    triggers = np.full((game.steps, 2), np.nan)
    for i in reversed(range(game.steps)):
        stay = np.stack([w[i] for w in worth]) + discount[i] * grid.expect(above)
        may = [bool(exit_.may[i]) for exit_ in exits]
        gain[0] = left[0, 0, i] - stay[0] if may[0] else 0.0
        gain[1] = left[1, 1, i] - stay[1] if may[1] else 0.0
        if all(may):
            gain[1] = np.minimum(gain[1], -gain[0])
        leave[i], crossings = inside_weights(gain)
        triggers[i] = trigger_prices(grid, i, gain, crossings)
        first = stay
        above = stay + sum((left[who, :, i] - stay) * leave[i, who] for who in (0, 1))
    exact = np.where(gain[0] > 0, left[0, :, 0], np.where(gain[1] > 0, left[1, :, 0], first))
    value = [exact[k] + _flows(grid, s, k, [0], [0], window[:1])[0] for k, s in enumerate(sides)]
    row = grid.centre[:-1]
    return PrivateSolution(
        game=game,
        customer=float(value[0][grid.centre]),
        provider=float(value[1][grid.centre]),
        prices=np.exp(grid.log_means[0] + grid.axes[0].nodes),
        customer_values=value[0][row],
        provider_values=value[1][row],
        trigger_prices=triggers,
        leaving=Leaving(grid=grid, leave=leave, customer=exits[0], provider=exits[1]),
    )


def _flows(
    grid: Lattice, side: Side, which: int, at: ArrayLike, start: ArrayLike, end: ArrayLike
) -> Array:
    """Value at dates `at` of service [start, end) to one side, shape (rows, *grid)."""
    game = grid.game
    own = game.fees() - side.own_use_usd_hour
    fixed = grid.amounts(at, start, end, own).reshape(-1, *([1] * len(grid.shape)))
    share = 1 - side.premium if which else 1 + side.premium
    worth = share * grid.rents(at, start, end) - fixed
    return -worth if which else worth


def _left(grid: Lattice, sides: tuple[Side, Side], steps: ArrayLike, ends: Array) -> Array:
    """Value of an end after notice, above the window; (who leaves, whose value, step, *grid)."""
    game = grid.game
    later = grid.discount(steps, ends).reshape(-1, *([1] * len(grid.shape)))
    values = np.zeros((2, 2, game.steps, *grid.shape))
    for who, right in enumerate((game.customer, game.provider)):
        for whose, side in enumerate(sides):
            idle_until = np.minimum(ends + side.downtime_months * game.steps_month, game.end)
            fee = 0.0 if right is None else right.fee if who != whose else -right.fee
            values[who, whose] = later * (fee - side.moving_cost)
            values[who, whose] -= grid.rents(steps, ends, idle_until)
    return values
