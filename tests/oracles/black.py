"""Options on a forward price (Black 1976), and what they say about a right to leave."""

from __future__ import annotations

import math

import numpy as np

from analysis.models.exits.game import Game
from analysis.models.market.prices import Process
from oracles import refuse


def geometric(*, growth_year: float, sigma_year: float) -> Process:
    """Geometric Brownian motion whose expected price grows at `growth_year`, continuously.

    >>> from analysis.models.market.prices import forward_strip
    >>> round(float(forward_strip(geometric(growth_year=-0.2, sigma_year=0.4),
    ...                           spot_usd_hour=1.0, months=12)[12]), 6)  # exp(-0.2)
    0.818731
    """
    drift = growth_year - sigma_year**2 / 2
    return Process(kappa_year=0.0, sigma_year=sigma_year, drift_year=drift)


def black(forward: float, strike: float, deviation: float, *, call: bool) -> float:
    """Undiscounted value of a call or put; `deviation` is that of the log price at expiry.

    >>> round(math.exp(-0.1) * black(1.0, 1.1, 0.4, call=True), 6)  # recall in a year's time
    0.109559
    """
    if deviation <= 0 or strike <= 0 or forward <= 0:
        gain = forward - strike if call else strike - forward
        return max(gain, 0.0)
    high = math.log(forward / strike) / deviation + deviation / 2
    value = forward * _normal(high) - strike * _normal(high - deviation)
    return value if call else value - forward + strike


def _normal(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2


def right_bounds(game: Game) -> tuple[float, float]:
    """Lower and upper bound of one side's only right to leave, $/GPU-h × months (models 7.7).

    At least the best option to leave at one date fixed today; at most a strip of options, one for
    each month of service on its own, each decided a notice ahead. Geometric Brownian motion, whole
    months, no termination fee.
    """
    right, process = game.customer or game.provider, game.process
    if right is None or (game.customer and game.provider):
        refuse("customer, provider", (game.customer, game.provider), "one right, not none or two")
    assert right is not None
    if process.kappa_year or process.jumps_year or game.internal_use:
        refuse("process", process, "geometric Brownian motion without jumps or internal use")
    whole = (game.term_months, right.notice_months, right.first_month)
    if right.fee or game.steps_month != 1 or any(months != int(months) for months in whole):
        refuse("game", game, "in whole months, with one step a month and no termination fee")
    call, steps = game.provider is not None, game.steps
    notice, gate = int(right.notice_months), int(right.first_month)
    month = np.arange(steps)
    growth = (process.drift_year + process.sigma_year**2 / 2) / 12
    due = np.exp(game.log_discount(month.astype(float)))
    price, fee = due * game.spot_usd_hour * np.exp(growth * month), due * game.fees()
    deviation = process.sigma_year * np.sqrt(month / 12)
    dates = range(gate, steps - notice)
    single = [
        black(price[t + notice :].sum(), fee[t + notice :].sum(), deviation[t], call=call)
        for t in dates
    ]
    strip = [black(price[t + notice], fee[t + notice], deviation[t], call=call) for t in dates]
    return max(single, default=0.0), sum(strip)
