"""How the value of the game moves with each parameter of market, rate and fee."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from analysis.exits.game import Game
from analysis.exits.solution import solve


def sensitivities(game: Game, *, nodes: int = 401) -> pd.DataFrame:
    """Slope of the value in each parameter of the price process, the rate and the fee.

    Central differences with a step of 1 % (0.001 where the parameter is 0 and has no other scale),
    extrapolated once. Columns `parameter, at, slope`; `sigma_year` is vega. A parameter that
    cannot be moved both ways (a jump rate of 0) is left out.
    """
    rows = []
    for name in ("kappa_year", "level_usd_hour", "drift_year", "sigma_year", "jumps_year",
                 "jump_mean_log", "jump_sd_log"):  # fmt: skip
        start = getattr(game.process, name)
        if start == 0 and name != "drift_year":
            continue
        if name == "level_usd_hour" and game.process.kappa_year == 0:
            continue

        def moved(to: float, name: str = name) -> Game:
            return replace(game, process=replace(game.process, **{name: to}))

        rows.append((name, start, _difference(moved, start, nodes)))
    if game.discount is None:
        rows.append(
            ("rate_year", game.rate_year,
             _difference(lambda to: replace(game, rate_year=to), game.rate_year, nodes))
        )  # fmt: skip
    fees = game.fees()[:: game.steps_month]
    shift = _difference(lambda to: replace(game, fee_usd_hour=tuple(fees + to)), 0.0, nodes)
    rows.append(("fee_usd_hour", float(fees.mean()), shift))
    return pd.DataFrame(rows, columns=["parameter", "at", "slope"])


def _difference(moved: Callable[[float], Game], start: float, nodes: int) -> float:
    """Fourth-order central difference of the value of `moved` at `start`."""
    step = abs(start) * 0.01 or 0.001
    value = {k: solve(moved(start + k * step), nodes=nodes).value for k in (-2, -1, 1, 2)}
    return (8 * (value[1] - value[-1]) - (value[2] - value[-2])) / (12 * step)
