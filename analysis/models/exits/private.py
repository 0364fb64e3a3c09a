"""The game when each side has its own value of the capacity and its own cost of termination.

Then what one side gains the other need not lose, and rights to terminate can leave both worse off:
the agreement lasts only while both want it.

At each date the agreement goes on if neither side gains by notice, both knowing that they will
play so later; nobody terminates out of indifference. Where both want to on equal notice, the
customer's counts. On unequal notice the side with the longer one moves first; the other, knowing
that, may give its own shorter notice, at once or while the longer one runs; the one whose notice
ends service pays its fee. Values have the shape (2, …), each side's own, the customer's first. A
side's value jumps where the other side terminates; `outcome_weights` integrates the jump.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.models.exits.game import Game
from analysis.models.exits.lattice import Lattice, lattice
from analysis.models.exits.quadrature import Index, Mask, outcome_weights
from analysis.models.exits.solver import SIGNS, Notice, Policy, notice_values
from analysis.models.exits.survival import Exercise, Solved
from analysis.models.market.process import Array, refuse, require_finite

__all__ = ["PrivateSolution", "Side", "solve_private", "solve_private_many"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What the capacity and an early end mean to one side beyond the market price.

    premium: share of the market price. For the customer: capacity in place is worth
    (1 + premium) times the price. For the provider: it could earn only (1 - premium) times the
    price elsewhere (spread between renting in and renting out, idle time).
    internal_use_usd_hour: value of having the capacity to this side on top, $/GPU-h; the customer
    has it while the agreement lasts, the provider once it has ended.
    moving_cost: spent by this side at an end before the term, whoever gave notice; nobody receives
    it; $/GPU-h × months. downtime_months: months lost by this side after such an end (no capacity,
    no tenant), each at the market price then expected, none after the term.
    """

    premium: float = 0.0
    internal_use_usd_hour: float = 0.0
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
class PrivateSolution(Exercise):
    """Answer of `solve_private`: each side's own value, its own sign, $/GPU-h × months.

    prices, customer_values, provider_values: the same for every starting price on the grid.
    """

    customer: float
    provider: float
    prices: Array = field(repr=False)
    customer_values: Array = field(repr=False)
    provider_values: Array = field(repr=False)


def solve_private(
    game: Game, *, customer: Side | None = None, provider: Side | None = None, nodes: int = 401
) -> PrivateSolution:
    """Both sides' values when each terminates as soon as it gains by that.

    With default sides it is the zero-sum game of `exits.solve`.

    >>> from dataclasses import replace
    >>> from analysis.models.exits.game import Right
    >>> from analysis.models.market.process import Process
    >>> game = Game(spot_usd_hour=2.35, fee_usd_hour=2.2, term_months=37, rate_year=0.05,
    ...     process=Process(kappa_year=1.0, level_usd_hour=2.0, sigma_year=0.5))
    >>> side = Side(premium=0.15)
    >>> no_rights = solve_private(game, customer=side, provider=side)
    >>> free = Right(notice_months=3)
    >>> rights = solve_private(replace(game, customer=free, provider=free),
    ...     customer=side, provider=side)
    >>> round(rights.customer - no_rights.customer, 3)
    -3.675
    >>> round(rights.provider - no_rights.provider, 3)
    -4.7
    """
    return solve_private_many(game, [(customer or Side(), provider or Side())], nodes=nodes)[0]


def solve_private_many(
    game: Game, sides: Sequence[tuple[Side, Side]], *, nodes: int = 401
) -> list[PrivateSolution]:
    """One game for many pairs of sides (customer, provider), side by side and in their order."""
    one = lattice([game], nodes=nodes)
    grid, terms = one.repeated(len(sides)), _Terms(one, sides)
    notices = _notice(grid, terms, 0), _notice(grid, terms, 1)
    window, dates = game.window_ends(), np.arange(game.steps)
    payments = terms.served(dates, window[:-1], window[1:])
    discount = grid.column(grid.discount(dates, dates + 1))
    value: Array = np.zeros((2, *grid.shape))  # above the window
    stays = np.empty_like(payments)
    for t in reversed(range(game.steps)):
        stays[:, t] = value = payments[:, t] + discount[t] * grid.expect(value)
        if notices[0].allowed[t] or notices[1].allowed[t]:
            regions = _policy(value[:, None], notices, slice(t, t + 1), game).regions[:, 0]
            value = value + sum((notices[k].values[:, t] - value) * regions[k] for k in (0, 1))
    first = private_conditions(stays[:, :1], notices, slice(1), game.longer_notice) > 0
    outcomes = private_outcome(first, game.longer_notice)[0]
    ways = [stays[:, 0], notices[0].values[:, 0], notices[1].values[:, 0]]
    base = terms.served(np.array([0]), np.array([0.0]), window[:1])[:, 0]
    values = (base + np.choose(outcomes, ways))[(slice(None), slice(None), *grid.centre[:-1])]
    solved = Solved(
        grid=grid,
        notices=notices,
        stays=stays,
        decide=lambda stays: _policy(stays, notices, slice(None), game),
    )
    return [
        PrivateSolution(
            game=game,
            solved=solved,
            index=k,
            customer=float(values[0, k, grid.centre[-1]]),
            provider=float(values[1, k, grid.centre[-1]]),
            prices=np.exp(grid.log_means[k, 0] + grid.axes[0].nodes[k]),
            customer_values=values[0, k],
            provider_values=values[1, k],
        )
        for k in range(len(sides))
    ]


class _Terms:
    """Present values to either side of pairs of them: (2, rows, pairs, *grid), on one's grid."""

    def __init__(self, one: Lattice, sides: Sequence[tuple[Side, Side]]) -> None:
        self.one = one
        self.sides = {
            name: np.array([[getattr(side, name) for side in pair] for pair in sides]).T
            for name in Side.__dataclass_fields__
        }

    def served(self, at: NDArray[Any], start: Array, end: Array) -> Array:
        """Of service [start, end) at dates `at`."""
        game = self.one.game
        price = self.one.pv_price(at, start, end)
        fees, unit = (
            self.one.pv_fixed(at, start, end, each[None])
            for each in (game.fees(), np.ones(game.steps))
        )
        fixed = fees - self.sides["internal_use_usd_hour"][:, None] * unit
        sign = np.array(SIGNS)[:, None]
        share = sign + self.sides["premium"]  # of the price, with its sign
        return self._grid(share[:, None]) * price - self._grid(sign[..., None] * fixed)

    def ended(self, at: Index, ends: Array, by: int) -> Array:
        """Of an end by one party's notice, beside service."""
        game = self.one.game
        right = (game.customer, game.provider)[by]
        received = -SIGNS[by] * np.array(SIGNS)[:, None] * (right.fee if right else 0.0)
        lump = (received - self.sides["moving_cost"])[:, None]
        values = np.broadcast_to(
            self._grid(lump * self.one.discount(at, ends)),
            (2, at.size, lump.shape[-1], *self.one.shape[1:]),
        ).copy()
        downtime = self.sides["downtime_months"]
        for months in np.unique(downtime[downtime > 0]):
            idle = np.minimum(ends + months * game.steps_month, game.end)
            lost = self.one.pv_price(at, ends, idle)
            for k in (0, 1):
                values[k][:, downtime[k] == months] -= lost
        return values

    def _grid(self, values: Array) -> Array:
        return values.reshape(*values.shape, *[1] * (len(self.one.shape) - 1))


def _notice(grid: Lattice, terms: _Terms, who: int) -> Notice:
    """The customer's (`who` 0) or the provider's notice (1), each side's own value of it."""

    def gain(change: Array) -> Array:
        others: Array = change[1 - who]
        return others

    return notice_values(grid, who, sides=2, served=terms.served, ended=terms.ended, gain=gain)


def private_conditions(
    stay: Array, notices: tuple[Notice, Notice], dates: slice, longer: int | None
) -> Array:
    """What `private_outcome` decides by: functions of which it needs to know if positive.

    stay: each side's own continuation value above the window at some `dates`, (2, dates, games,
    *grid). Not exercisable is a gain of -inf.
    """
    allowed = [one.allowed[dates].reshape(-1, *[1] * (stay.ndim - 2)) for one in notices]
    ends = [one.values[:, dates] for one in notices]
    gains = [np.where(allowed[k], ends[k][k] - stay[k], -np.inf) for k in (0, 1)]
    if longer is None:
        return np.stack(gains)
    short, both = 1 - longer, allowed[0] & allowed[1]
    cut, run = ends[short], ends[longer]
    return np.stack(
        [
            gains[short],  # the shorter notice rather than staying
            np.where(both, cut[short] - run[short], -np.inf),  # rather than the longer one's run
            gains[longer],  # the longer notice, if it is let run, rather than staying
            np.where(both, cut[longer] - stay[longer], -np.inf),  # the same, if it is cut short
            np.where(both, run[longer] - cut[longer], -np.inf),  # rather than to get the shorter
        ]
    )


def private_outcome(positive: Mask, longer: int | None) -> Index:
    """Whose notice ends service by the `private_conditions`: 0 nobody, 1 customer, 2 provider."""
    if longer is None:
        return np.where(positive[0], 1, np.where(positive[1], 2, 0))
    leaves, cuts, runs, calls, escapes = positive
    stayed = np.where(leaves, 2 - longer, 0)  # where the longer side stays
    given = np.where(cuts, 2 - longer, longer + 1)  # where it gives notice
    gives = np.where(cuts, np.where(leaves, False, calls), np.where(leaves, escapes, runs))
    return np.where(gives, given, stayed)


def _policy(stay: Array, notices: tuple[Notice, Notice], dates: slice, game: Game) -> Policy:
    """Regions where each side's notice ends service, at some dates."""
    longer = game.longer_notice
    conditions = private_conditions(stay, notices, dates, longer)
    weights, borders = outcome_weights(conditions, lambda c: private_outcome(c, longer), count=3)
    return Policy(regions=weights[1:], borders=borders)
