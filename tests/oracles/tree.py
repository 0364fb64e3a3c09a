"""The reference monthly tree: the same game on a recombining binomial price, to check the grid.

Cox–Ross–Rubinstein moves each month, fees and rents a month in advance (models 7.4). It converges
to the grid's value only as its moves get finer; it stands here because its numbers are exact for
the tree as defined.
"""

from __future__ import annotations

import math

import numpy as np

from analysis.models.exits.game import Game, Right
from oracles import refuse


def solve_tree(game: Game, *, moves_month: int = 1) -> float:
    """Value to the customer, $/GPU-h × months, with the price moving on a tree.

    One move a month is the reference tree; decisions and payments stay monthly with more moves,
    and the value converges to the grid's.

    Geometric Brownian motion, whole months and equal notice only; the termination fee is paid when
    notice is given (which is when models 7.4 pays it), not when service ends.

    >>> from oracles.black import geometric
    >>> game = Game(spot_usd_hour=1.0, fee_usd_hour=1.0, term_months=37, rate_year=0.1,
    ...     process=geometric(growth_year=-0.2, sigma_year=0.4),
    ...     customer=Right(notice_months=3, gate_months=3))
    >>> round(solve_tree(game), 6)
    0.670669
    """
    process = game.process
    if process.kappa_year != 0 or process.jumps_year != 0 or game.internal_use is not None:
        refuse("process", process, "geometric Brownian motion without jumps or internal use")
    if game.steps_month != 1 or game.term_months != game.steps:
        refuse("term_months", game.term_months, "whole, with one step a month")
    rights = [right for right in (game.customer, game.provider) if right]
    notices = {right.notice_months for right in rights}
    if len(notices) > 1 or any(notice != int(notice) for notice in notices):
        refuse("notice_months", sorted(notices), "whole and equal for both sides")
    if moves_month < 1:
        refuse("moves_month", moves_month, "1 or above")
    move = 1 / (12 * moves_month)
    drift = process.drift_year + process.sigma_year**2 / 2
    growth, up = math.exp(drift / 12), math.exp(process.sigma_year * math.sqrt(move))
    rise = (math.exp(drift * move) - 1 / up) / (up - 1 / up)
    if not 0 < rise < 1:
        refuse("sigma_year", process.sigma_year, "large enough for the growth: chances in (0, 1)")
    fees, notice = game.fees(), int(next(iter(notices), 0))
    discount = np.exp(game.log_discount(np.arange(game.steps + 1.0)))
    value = np.zeros(game.steps * moves_month + 1)
    for t in reversed(range(game.steps)):
        for _ in range(moves_month):
            value = rise * value[1:] + (1 - rise) * value[:-1]
        price = game.spot_usd_hour * up ** (2.0 * np.arange(value.size) - value.size + 1)
        stay = price - fees[t] + discount[t + 1] / discount[t] * value
        served = np.arange(t, min(t + notice, game.steps))
        due = discount[served] / discount[t]
        window = price * (due @ growth ** (served - t)) - due @ fees[served]
        value = stay
        if _may(game.customer, t):
            value = np.maximum(value, window - _fee(game.customer))
        if _may(game.provider, t):
            floor = window - _fee(game.customer) if _may(game.customer, t) else -np.inf
            value = np.maximum(np.minimum(stay, window + _fee(game.provider)), floor)
    return float(value[0])


def _may(right: Right | None, month: int) -> bool:
    return right is not None and month >= right.first_month


def _fee(right: Right | None) -> float:
    return right.fee if right else 0.0
