"""How long the agreement lives once each party leaves at its trigger prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.exits.choice import Regions
from analysis.exits.game import Game
from analysis.exits.lattice import Lattice
from analysis.exits.stopping import Stopping
from analysis.market.process import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """Where on the grid each party gives notice, and what follows from notice."""

    grid: Lattice
    regions: Regions
    customer: Stopping
    provider: Stopping


def endings(leaving: Leaving) -> pd.DataFrame:
    """When service ends: rows `month, by, probability` that add up to 1.

    `by` is the party whose notice ends it, or `term`. Follows the probability of each node from
    date to date and takes out what lies where a party leaves.
    """
    grid = leaving.grid
    game = grid.game
    mass: Array = np.zeros(grid.shape)
    mass[grid.centre] = 1.0
    sides = (("customer", leaving.customer), ("provider", leaving.provider))
    rows: list[tuple[float, str, float]] = []
    for i in range(game.steps):
        leave = leaving.regions.leave[:, i]
        if i == 0:  # one price, no density yet: it lies in a region or not
            leave = np.round(leave)
        for k, (name, side) in enumerate(sides):
            if side.may[i]:
                other = sides[1 - k]
                rows += _run_out(grid, mass * leave[k], i, (name, side), other)
        mass = grid.carry(mass * (1 - leave[0] - leave[1]))
    rows.append((game.term_months, "term", float(mass.sum())))
    table = pd.DataFrame(rows, columns=["month", "by", "probability"])
    return table.groupby(["month", "by"], as_index=False, sort=True).sum()


def _run_out(
    grid: Lattice,
    mass: Array,
    step: int,
    gives: tuple[str, Stopping],
    answers: tuple[str, Stopping],
) -> list[tuple[float, str, float]]:
    """Ends of service after notice given at `step` with chance `mass`, answered or not."""
    month = grid.game.steps_month
    rows = []
    for lag, regions in enumerate(gives[1].answers, start=1):
        mass = grid.carry(mass)
        end = float(answers[1].ends[step + lag])
        rows.append((end / month, answers[0], float((mass * regions[step]).sum())))
        mass = mass * (1 - regions[step])
    rows.append((float(gives[1].ends[step]) / month, gives[0], float(mass.sum())))
    return rows


def survival(ends: pd.DataFrame, term_months: float) -> pd.DataFrame:
    """Chance that service goes on after each month's start, from the rows of `endings`.

    Columns `month, served, customer, provider`: the last two are the chance that a notice of that
    party has ended service by then.
    """
    month = np.arange(np.ceil(term_months) + 1)
    ended = {
        by: [float(rows.probability[rows.month <= m + 1e-9].sum()) for m in month]
        for by in ("customer", "provider", "term")
        for rows in [ends[ends.by == by]]
    }
    served = np.clip(1 - np.sum(list(ended.values()), axis=0), 0, 1)
    return pd.DataFrame(
        {"month": month, "served": served} | {by: ended[by] for by in ("customer", "provider")}
    )


def trigger_table(game: Game, prices: Array) -> pd.DataFrame:
    """Trigger prices, shape (steps, 2), as `month, customer, provider`."""
    months = np.arange(game.steps) / game.steps_month
    return pd.DataFrame({"month": months, "customer": prices[:, 0], "provider": prices[:, 1]})
