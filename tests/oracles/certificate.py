"""An interval from simulation that holds the game's value whatever the solver did.

Let one party keep to its triggers, and give the other the best answer with hindsight, less a
martingale: on average that is no worse for the other party than the game (Rogers 2002 for one
side). Doing so for either party bounds the value from both sides. The martingale is that of the
solver's values, linear between nodes, less their mean under the true noise in closed form; so the
bounds hold however wrong values and triggers are, which only pulls them apart.

A notice that may meet a counter-notice is a game of its own, with its own martingale. All is
counted from the side of the party with the longer notice, the customer where they are equal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.models.exits import Solution
from analysis.models.exits.lattice import SIGNS, Lattice
from analysis.models.exits.solver import Notice
from analysis.models.market.prices import Array
from oracles import refuse
from oracles.paths import PathState, path_states, pv_net, read

FAR = 1e9  # finite stand-in for a right that is not exercisable


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Bounds of the game's value to the customer, $/GPU-h × months.

    lower, upper: means of the bounds; lower_error, upper_error: their standard errors.
    """

    lower: float
    upper: float
    lower_error: float
    upper_error: float

    @property
    def interval(self) -> tuple[float, float]:
        """The bounds, each widened by three standard errors."""
        return self.lower - 3 * self.lower_error, self.upper + 3 * self.upper_error

    @property
    def width(self) -> float:
        """Length of the interval."""
        low, high = self.interval
        return high - low


def certify(
    solution: Solution,
    *,
    rng: np.random.Generator,
    paths: int = 1000,
    trigger_factor: float = 1.0,
) -> Certificate:
    """Bounds of the value of a game that was solved alone, from sample paths of the price.

    What happens on fewer than one path in `paths` is not seen: where nearly all of them end at
    once, take more.
    trigger_factor: multiplies the trigger prices first, to see what wrong ones would show.
    """
    if solution.game.customer is solution.game.provider is None:
        refuse("customer or provider", None, "a right: without one the value is a closed form")
    found = claims(solution)
    bounds: Array = np.zeros((2, paths))  # the longer side's best answer, then the shorter's
    runs: dict[int, Array] = {}  # the same for each notice that runs, by its date
    after: PathState | None = None
    for state in path_states(found.grid, rng=rng, paths=paths, factor=trigger_factor):
        i, prices = state.step, state.payments
        bounds, *steps = _ahead(found, state, after, [bounds, *runs.values()], list(runs))
        runs = dict(zip(runs, steps, strict=True))
        for date in np.flatnonzero(found.last == i).tolist():
            end = found.left(prices, found.longer, i, float(found.ends[found.longer, date]))
            runs[date] = np.stack([end, end])
        cut = found.cut(prices, i)
        for date in runs:
            if date < i and found.counters(date, i):
                runs[date] = _cut(runs[date], cut, read(state.shifted, found.run(date, i)[1]) > 0)
        gives, leaves, counters = read(state.shifted, found.conditions[:, i]) > 0
        bounds = _cut(bounds, cut, leaves)
        if i in runs:
            run = _cut(runs.pop(i), cut, counters)
            bounds = np.stack([np.maximum(bounds[0], run[0]), np.where(gives, run[1], bounds[1])])
        after = state
    base = pv_net(found.grid, 0, 0, found.window[0])[0, 0][found.grid.centre]
    values = float(base) + found.side * bounds[:: found.side]  # customer's upper bound first
    error = values.std(axis=1) / math.sqrt(paths)
    return Certificate(
        lower=float(values[1].mean()),
        upper=float(values[0].mean()),
        lower_error=float(error[1]),
        upper_error=float(error[0]),
    )


def _ahead(
    found: Claims, state: PathState, after: PathState | None, bounds: list[Array], dates: list[int]
) -> list[Array]:
    """Bounds of going on at one date from those of the next: the game's, and each notice's."""
    i = state.step
    paid = found.side * pv_net(state.payments, i, found.window[i], found.window[i + 1])[0, 0]
    if after is None:
        return [paid + bound for bound in bounds]
    values = [found.values[i + 1], *(found.run(date, i + 1)[0] for date in dates)]
    increments = state.martingale_increment(np.stack(values), after)
    back = found.discount(i, i + 1)
    return [paid + back * (b - m) for b, m in zip(bounds, increments, strict=True)]


def _cut(bounds: Array, cut: Array, countered: NDArray[np.bool_]) -> Array:
    """Bounds where the shorter side may end it for `cut`: as its triggers say, or at its best."""
    return np.stack([np.where(countered, cut, bounds[0]), np.minimum(cut, bounds[1])])


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a solved game claims, as gains of the side with the longer notice (else the customer).

    longer: that side, 0 customer, 1 provider; side: its sign. window, ends, allowed: see `Game`.
    last: for each date the last one on which a notice then given by the longer side may still meet
    a counter-notice; -1 where it may give none. values: of the game above the window, (steps,
    *grid). conditions: (3, steps, *grid), what the longer side gains by its notice, the shorter one
    by its own rather than by staying, and rather than by the longer notice. exits: the customer's
    value of either party's notice, -inf and inf where it is not exercisable.
    """

    grid: Lattice
    longer: int
    side: int
    window: Array
    ends: Array
    allowed: NDArray[np.bool_]
    last: NDArray[np.intp]
    values: Array
    conditions: Array
    exits: Array
    notice: Notice

    def discount(self, at: float, until: float) -> float:
        """Discount factor from `until` back to `at`, in steps."""
        return float(self.grid.discount(np.array([at]), np.array([until]))[0, 0])

    def left(self, payments: Lattice, who: int, step: int, end: float) -> Array:
        """What an end by `who` leaves at date `step` above the window, without counter-notice."""
        right = (self.grid.game.customer, self.grid.game.provider)[who]
        fee = -SIGNS[who] * right.fee * self.discount(step, end)
        return self.side * (pv_net(payments, step, self.window[step], end)[0, 0] + fee)

    def cut(self, payments: Lattice, step: int) -> Array:
        """What the shorter notice leaves; inf where it is not exercisable."""
        short = 1 - self.longer
        if not self.allowed[short, step]:
            return np.full(payments.shape[1:], np.inf)
        return self.left(payments, short, step, float(self.ends[short, step]))

    def run(self, date: int, step: int) -> tuple[Array, Array]:
        """On the grid at a later date: value of a notice that runs, and a counter-notice's gain."""
        short, end = 1 - self.longer, float(self.ends[self.longer, date])
        go_on = self.notice.continuation[step - date - 1][0, date, 0]
        go_on = self.side * (go_on + pv_net(self.grid, step, self.window[step], end)[0, 0])
        if not self.counters(date, step):
            return go_on, np.full_like(go_on, -FAR)
        gain = go_on - self.side * self.exits[short, step]
        return go_on - np.maximum(gain, 0), gain

    def counters(self, date: int, step: int) -> bool:
        """Whether a notice given at `date` may meet a counter-notice at `step`."""
        short, end = 1 - self.longer, self.ends[self.longer, date]
        return bool(self.allowed[short, step] and self.ends[short, step] < end - 1e-9)


def claims(solution: Solution) -> Claims:
    """The claims of a game that was solved alone."""
    game, solved = solution.game, solution.solved
    longer = game.longer_notice or 0
    stays, (ends, allowed) = solved.stays[0, :, 0], game.notice_dates()
    exits = np.stack([one.values[0, :, 0] for one in solved.notices])
    exits[0, ~allowed[0]], exits[1, ~allowed[1]] = -np.inf, np.inf
    short = 1 - longer
    cuts = [SIGNS[short] * (exits[short] - left) for left in (stays, exits[longer])]
    conditions = np.stack([SIGNS[longer] * (exits[longer] - stays), *cuts])
    gives, leaves, counters = conditions > 0
    values = np.where(gives, exits[longer], stays)
    values = np.where(leaves | counters, exits[short], values)
    steps, other = np.arange(game.steps), (game.provider, game.customer)[longer]
    last = np.where(allowed[longer], steps, -1)
    if other is not None and game.longer_notice is not None:
        until = ends[longer] - other.notice_months * game.steps_month - 1e-9
        last = np.where(allowed[longer], np.ceil(np.where(allowed[longer], until, 0)) - 1, -1)
    return Claims(
        grid=solved.grid,
        longer=longer,
        side=SIGNS[longer],
        window=game.window_ends(),
        ends=ends,
        allowed=allowed,
        last=last.astype(np.intp),
        values=SIGNS[longer] * values,
        conditions=np.clip(conditions, -FAR, FAR),
        exits=exits,
        notice=solved.notices[longer],
    )
