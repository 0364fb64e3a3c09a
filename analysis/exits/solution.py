"""What is the right to leave worth, and how long will the agreement live?

The game: at each date a party may give irrevocable notice. Values are the customer's: price minus
fee, in $/GPU-h × months; the provider's are the same with the other sign. The grid holds the value
*above the notice window* (what the provider's notice would leave to be served), which lies between
the two termination fees, so that nothing has to be known far out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.exits.backward import exit_values, stay_values
from analysis.exits.choice import chosen, regions, trigger_prices, wishes
from analysis.exits.game import Game, Right
from analysis.exits.lattice import Lattice, lattice
from analysis.exits.stopping import Stopping, reference_ends, stopping
from analysis.exits.survival import Leaving, endings, survival, trigger_table
from analysis.market.process import Array, Process

__all__ = ["Game", "Process", "Right", "Solution", "solve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """The game as solved, kept for what is asked of it later.

    stays: customer's value of going on above the window, (steps, *grid). outcome: of today's
    choice at each node, see `choice`. ways: today's value of each outcome, (3, *grid).
    """

    grid: Lattice
    stays: Array
    customer: Stopping
    provider: Stopping
    outcome: NDArray[np.intp]
    ways: Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution:
    """Answer of `solve`: today's value and all that follows from the trigger prices.

    value: to the customer, $/GPU-h × months. prices, values: the same for every starting price on
    the grid (own use at its start). note: what the reader must know before the number, if anything.
    """

    game: Game
    value: float
    prices: Array = field(repr=False)
    values: Array = field(repr=False)
    note: str
    played: Played = field(repr=False)

    @property
    def delta(self) -> float:
        """Slope of the value in today's market price, months."""
        return float(self.deltas[self.played.grid.centre[-1]])

    @cached_property
    def deltas(self) -> Array:
        """Slope of the value in the market price at each of `prices`, months."""
        played, row = self.played, self.played.grid.centre[:-1]
        slopes = [_slope(played.grid, way) for way in played.ways]
        deltas: Array = np.choose(played.outcome, slopes)[row] / self.prices
        return deltas

    @cached_property
    def leaving(self) -> Leaving:
        """Where each party gives notice; worked out when first asked for."""
        played = self.played
        exits = exit_values(played.grid, played.customer, played.provider)
        found = regions(played.stays, exits, self.game.longer_notice)
        return Leaving(
            grid=played.grid, regions=found, customer=played.customer, provider=played.provider
        )

    @cached_property
    def trigger_prices(self) -> Array:
        """The numbers of `triggers`, shape (steps, 2), customer's first."""
        return trigger_prices(self.leaving.grid, self.leaving.regions)

    @cached_property
    def triggers(self) -> pd.DataFrame:
        """Market prices at which notice is given, by date: `month, customer, provider`.

        The customer gives notice below its price, the provider above its own. `nan` where the
        party gives no notice at any price on the grid; inf (customer) or 0 (provider) where it
        gives notice at all of them. With own use: at own use's expected log.
        """
        return trigger_table(self.game, self.trigger_prices)

    @cached_property
    def ends(self) -> pd.DataFrame:
        """When service ends and who gave the notice that ended it: `month, by, probability`."""
        return endings(self.leaving)

    @cached_property
    def survival(self) -> pd.DataFrame:
        """`month, served, customer, provider`, month = 0..term.

        served: probability that service goes on after that month's start; customer, provider:
        probability that a notice of that party has ended it by then. The chances are those of the
        price process that values the game.
        """
        return survival(self.ends, self.game.term_months)

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

    def at(self, price_usd_hour: float) -> float:
        """Value at another starting price; refused off the grid.

        Cubic between grid prices: use `solve` with that price for full accuracy.
        """
        if not self.prices[0] <= price_usd_hour <= self.prices[-1]:
            raise ValueError(
                f"price_usd_hour is {price_usd_hour!r}, but must lie on the grid, "
                f"{self.prices[0]:.4g} to {self.prices[-1]:.4g}"
            )
        right = int(np.clip(np.searchsorted(self.prices, price_usd_hour), 1, self.prices.size - 1))
        left = right - 1
        wide = self.prices[right] - self.prices[left]
        t = (price_usd_hour - self.prices[left]) / wide
        low, high = self.values[left], self.values[right]
        bend_low = wide * self.deltas[left] - (high - low)
        bend_high = (high - low) - wide * self.deltas[right]
        return float(low + t * (high - low) + t * (1 - t) * ((1 - t) * bend_low + t * bend_high))


def solve(game: Game, *, nodes: int = 401) -> Solution:
    """Value of the agreement when each party leaves when that serves it best.

    `nodes`: grid prices; 201 are right to 5e-5, 401 to 1e-5 and better on the reference cases.

    >>> free = Right(notice_months=3.0)
    >>> game = Game(spot_usd_hour=2.35, fee_usd_hour=2.2, term_months=37, rate_year=0.05,
    ...     process=Process(kappa_year=1.0, level_usd_hour=2.0, sigma_year=0.3),
    ...     customer=free, provider=free)
    >>> round(solve(game).value, 7)
    0.3837011
    >>> solve(game).note
    'Both may leave free of charge on 3 months of notice: from month 0 on the agreement is worth \
its next 3 months and nothing more, whatever its end date says.'
    """
    grid = lattice(game, nodes=nodes)
    customer, provider = stopping(grid, 0), stopping(grid, 1)
    window = reference_ends(game)
    dates = np.array([0, *range(game.steps)])
    base, *_ = strips = grid.strips(dates, [0, *window[:-1]], [window[0], *window[1:]])
    exits = exit_values(grid, customer, provider)
    longer = game.longer_notice
    if game.customer or game.provider:
        stays = stay_values(grid, strips[1:], exits, longer=longer)
    else:
        stays = strips[1:]  # nothing: the window is all that remains
    stay = stays[0]
    outcome = chosen(wishes(stay, exits[:, 0], longer) > 0, longer)
    ways = base + np.stack([stay, customer.values[0, 0], provider.values[0, 0]])
    worth = np.choose(outcome, ways)
    return Solution(
        game=game,
        value=float(worth[grid.centre]),
        prices=np.exp(grid.log_means[0] + grid.axes[0].nodes),
        values=worth[grid.centre[:-1]],
        note=_note(game),
        played=Played(
            grid=grid, stays=stays, customer=customer, provider=provider, outcome=outcome, ways=ways
        ),
    )


def _slope(grid: Lattice, values: Array) -> Array:
    """Derivative in the log price, sixth order; plain differences at the three nodes by an edge."""
    slope = np.gradient(values, grid.axes[0].step, axis=-1)
    size = values.shape[-1]
    part = sum(
        weight * (values[..., 3 + k : size - 3 + k] - values[..., 3 - k : size - 3 - k])
        for k, weight in ((1, 45), (2, -9), (3, 1))
    )
    slope[..., 3:-3] = part / (60 * grid.axes[0].step)
    return slope


def _note(game: Game) -> str:
    """What the reader must know before the number."""
    if not game.is_next_window_only or game.customer is None:
        return ""
    right = game.customer
    return (
        f"Both may leave free of charge on {right.notice_months:.4g} months of notice: from month "
        f"{right.first_month:.4g} on the agreement is worth its next {right.notice_months:.4g} "
        "months and nothing more, whatever its end date says."
    )
