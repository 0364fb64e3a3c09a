"""What a solved game claims, turned so that its bounds can be checked: see `bounds`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.exits.backward import exit_values
from analysis.exits.choice import SIDES, chosen, wishes
from analysis.exits.lattice import Lattice
from analysis.exits.solution import Solution
from analysis.exits.stopping import SIGNS, Stopping, notice_dates, reference_ends
from analysis.market.process import Array

FAR = 1e9  # finite stand-in for a choice that is not open


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Values and choices as gains of the side with the longer notice (else the customer).

    longer: that side, 0 customer, 1 provider; side: its sign. window, ends, may: see `stopping`.
    last: for each date the last one on which a notice then given by the longer side may still be
    answered; -1 where it may give none. values: of the game above the window, (steps, *grid).
    choices: three `wishes`, (3, steps, *grid). exits: see `exit_values`.
    """

    grid: Lattice
    longer: int
    side: int
    window: Array
    ends: Array
    may: NDArray[np.bool_]
    last: NDArray[np.intp]
    values: Array
    choices: Array
    exits: Array
    notice: Stopping

    def left(self, payments: Lattice, who: int, step: int, end: float) -> Array:
        """What an end by `who` leaves at date `step` above the window, unanswered."""
        game = self.grid.game
        right = (game.customer, game.provider)[who]
        assert right is not None
        fee = SIGNS[who] * right.fee * float(payments.discount(step, end))
        value: Array = self.side * (payments.strips(step, self.window[step], end)[0] + fee)
        return value

    def cut(self, payments: Lattice, step: int) -> Array:
        """What the shorter notice leaves; endlessly good where it may not be given."""
        short = 1 - self.longer
        if not self.may[short, step]:
            return np.full(payments.shape, np.inf)
        return self.left(payments, short, step, float(self.ends[short, step]))

    def run(self, date: int, step: int) -> tuple[Array, Array]:
        """On the grid at a later date: value of a notice that runs, and the gain from answering."""
        short, end = 1 - self.longer, float(self.ends[self.longer, date])
        wait = self.notice.waits[step - date - 1][0, date]
        wait = self.side * (wait + self.grid.strips(step, self.window[step], end)[0])
        if not self.answerable(date, step):
            return wait, np.full_like(wait, -FAR)
        gain = wait - self.side * self.exits[short, step]
        return wait - np.maximum(gain, 0), gain

    def answerable(self, date: int, step: int) -> bool:
        """Whether a notice given at `date` may be answered at `step`."""
        short, end = 1 - self.longer, self.ends[self.longer, date]
        return bool(self.may[short, step] and self.ends[short, step] < end - 1e-9)


def claims(solution: Solution) -> Claims:
    """The claims of a solved game."""
    game, played = solution.game, solution.played
    longer = game.longer_notice or 0
    exits = exit_values(played.grid, played.customer, played.provider)
    choices = wishes(played.stays, exits, longer)
    values = np.choose(chosen(choices > 0, longer), [played.stays, exits[0], exits[1]])
    ends, may = notice_dates(game)
    steps, other = np.arange(game.steps), (game.provider, game.customer)[longer]
    last = np.where(may[longer], steps, -1)
    if other is not None and game.longer_notice is not None:
        until_answer = ends[longer] - other.notice_months * game.steps_month - 1e-9
        last = np.where(may[longer], np.ceil(np.where(may[longer], until_answer, 0)) - 1, -1)
    return Claims(
        grid=played.grid,
        longer=longer,
        side=SIDES[longer],
        window=reference_ends(game),
        ends=ends,
        may=may,
        last=last.astype(np.intp),
        values=SIDES[longer] * values,
        choices=np.clip(choices, -FAR, FAR),
        exits=exits,
        notice=(played.customer, played.provider)[longer],
    )
