"""Textbook options on the same grid and the same kink correction as the agreement."""

from __future__ import annotations

import math

import numpy as np

from analysis.models.exits import Right
from analysis.models.exits.lattice import axis
from analysis.models.exits.quadrature import region_weights
from analysis.models.market.process import Chain, Process


def geometric(*, growth_year, sigma_year):
    """Geometric Brownian motion whose expected price grows at `growth_year`, continuously."""
    drift = growth_year - sigma_year**2 / 2
    return Process(kappa_year=0.0, sigma_year=sigma_year, drift_year=drift)


def positive_part(p):
    """max(p, 0) for sums on the grid."""
    return p * region_weights(p)


def _grid(*, spot, growth, sigma, years, dates, nodes):
    chain = Chain(process=geometric(growth_year=growth, sigma_year=sigma), step_years=years / dates)
    grid = axis(chain, half_width=7 * chain.spread(dates), count=nodes)
    prices = np.exp(chain.means(math.log(spot), dates)[:, None] + grid.nodes)
    return grid, prices


def put(*, spot, strike, rate, sigma, years, dates, nodes=401, american=True):
    """Put exercisable at `dates` equal dates, the last one expiry, none today."""
    grid, prices = _grid(spot=spot, growth=rate, sigma=sigma, years=years, dates=dates, nodes=nodes)
    back = math.exp(-rate * years / dates)
    value = positive_part(strike - prices[dates])
    for k in reversed(range(dates)):
        stay = back * (grid.kernel @ value)
        value = stay + positive_part(strike - prices[k] - stay) if american and k else stay
    return value[grid.nodes.size // 2]


def game_put(*, spot, strike, rate, sigma, years, dates, penalty, nodes=1601):
    """The put that its writer may cancel at the dates 1..dates-1 for the payoff plus a penalty."""
    grid, prices = _grid(spot=spot, growth=rate, sigma=sigma, years=years, dates=dates, nodes=nodes)
    back = math.exp(-rate * years / dates)
    value = positive_part(strike - prices[dates])
    for k in reversed(range(dates)):
        stay = back * (grid.kernel @ value)
        if k == 0:
            break
        payoff = strike - prices[k]
        low = region_weights(payoff)
        cancel = region_weights(np.minimum(stay - payoff, stay) - penalty)
        saved = (stay - penalty) * cancel - payoff * cancel * low
        value = stay + positive_part(payoff - stay) - saved
    return stay[grid.nodes.size // 2]


def on_days(notice_days: float, **terms: float) -> Right:
    """A right with its notice in days: 90 days are 2.96 months."""
    return Right(notice_months=notice_days / (365 / 12), **terms)
