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

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from analysis.exits.game import Game
from analysis.exits.lattice import Lattice, lattice
from analysis.exits.quadrature import Index, Mask, outcome_weights
from analysis.exits.solver import Notice, Policy, notice_values
from analysis.exits.survival import Exercise, Solved
from analysis.market.process import Array, refuse, require_finite

__all__ = ["PrivateSolution", "Side", "solve_private"]


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
    >>> from analysis.exits.game import Right
    >>> from analysis.market.process import Process
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
    grid = lattice([game], nodes=nodes)
    sides = (customer or Side(), provider or Side())
    notices = private_notice(grid, sides, 0), private_notice(grid, sides, 1)
    window, dates = game.window_ends(), np.arange(game.steps)
    payments = _served(grid, sides, dates, window[:-1], window[1:])
    discount = grid.column(grid.discount(dates, dates + 1))
    value: Array = np.zeros((2, *grid.shape))  # above the window
    stays = np.empty_like(payments)
    for t in reversed(range(game.steps)):
        stays[:, t] = stay = payments[:, t] + discount[t] * grid.expect(value)
        value = stay
        if notices[0].allowed[t] or notices[1].allowed[t]:
            regions = _policy(stay[:, None], notices, slice(t, t + 1), game).regions[:, 0]
            value = stay + sum((notices[k].values[:, t] - stay) * regions[k] for k in (0, 1))
    first = private_conditions(stays[:, :1], notices, slice(1), game.longer_notice) > 0
    outcomes = private_outcome(first, game.longer_notice)[0]
    ways = [stays[:, 0], notices[0].values[:, 0], notices[1].values[:, 0]]
    today = (slice(None), 0, *grid.centre[:-1])
    base = _served(grid, sides, [0], [0], window[:1])[:, 0]
    values = (base + np.choose(outcomes, ways))[today]
    middle = grid.centre[-1]
    return PrivateSolution(
        game=game,
        solved=Solved(
            grid=grid,
            notices=notices,
            stays=stays,
            decide=lambda stays: _policy(stays, notices, slice(None), game),
        ),
        customer=float(values[0, middle]),
        provider=float(values[1, middle]),
        prices=np.exp(grid.log_means[0, 0] + grid.axes[0].nodes[0]),
        customer_values=values[0],
        provider_values=values[1],
    )


def private_notice(grid: Lattice, sides: tuple[Side, Side], who: int) -> Notice:
    """The customer's (`who` 0) or the provider's notice (1), each side's own value of it."""

    def served(at: Index, start: Array, end: Array) -> Array:
        return _served(grid, sides, at, start, end)

    def ended(at: Index, ends: Array, by: int) -> Array:
        right = (grid.game.customer, grid.game.provider)[by]
        later = grid.column(grid.discount(at, ends))
        values = []
        for k, side in enumerate(sides):
            idle = np.minimum(ends + side.downtime_months * grid.game.steps_month, grid.game.end)
            fee = 0.0 if right is None else right.fee if by != k else -right.fee
            values.append(later * (fee - side.moving_cost) - grid.pv_price(at, ends, idle))
        return np.stack(values)

    def gain(change: Array) -> Array:
        others: Array = change[1 - who]
        return others

    return notice_values(grid, who, sides=2, served=served, ended=ended, gain=gain)


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


def _served(
    grid: Lattice, sides: tuple[Side, Side], at: ArrayLike, start: ArrayLike, end: ArrayLike
) -> Array:
    """PV at dates `at` of service [start, end) to each side, shape (2, rows, games, *grid)."""
    price, fees = grid.pv_price(at, start, end), grid.game.fees()[None]
    fixed = [
        grid.column(grid.pv_fixed(at, start, end, fees - side.internal_use_usd_hour))
        for side in sides
    ]
    customer = (1 + sides[0].premium) * price - fixed[0]
    return np.stack([customer, fixed[1] - (1 - sides[1].premium) * price])
