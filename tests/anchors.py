"""Textbook options on the same grid and the same kink correction as the agreement."""

from __future__ import annotations

import math

import numpy as np
from oracles.black import geometric

from analysis.models.exits import Right
from analysis.models.exits.lattice import axis
from analysis.models.exits.solver import region_weights
from analysis.models.market.prices import Chain


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


def max_call(*, spot, strike, rate, dividend, sigma, years, dates, nodes=201):
    """Call on the dearer of two independent assets, exercisable at dates 0..dates."""
    grid, prices = _grid(
        spot=spot, growth=rate - dividend, sigma=sigma, years=years, dates=dates, nodes=nodes
    )
    back = math.exp(-rate * years / dates)
    one, two = (prices - strike)[:, None, :], (prices - strike)[:, :, None]
    first = positive_part(np.broadcast_to(one[dates], (grid.nodes.size,) * 2))
    excess = two[dates] - np.maximum(one[dates], 0)
    value = first + positive_part(excess.T).T
    for k in reversed(range(dates)):
        stay = back * (grid.kernel @ (value @ grid.kernel.T))
        take_one, take_two = one[k] - stay, two[k] - stay
        value = stay + positive_part(take_one) + positive_part(take_two.T).T
    middle = grid.nodes.size // 2
    return max(stay[middle, middle], spot - strike)


def longstaff_schwartz(*, spot, strike, rate, sigma, years, dates, paths, rng):
    """Plain least-squares simulation of `put`, as in the 2001 paper: Laguerre to the second."""
    step = years / dates
    shock = rng.standard_normal((dates, paths // 2))
    shock = np.concatenate([shock, -shock], axis=1)
    drift = (rate - sigma**2 / 2) * step
    prices = spot * np.exp(np.cumsum(drift + sigma * math.sqrt(step) * shock, axis=0))
    cash = np.maximum(strike - prices[-1], 0)
    for k in reversed(range(dates - 1)):
        cash = cash * math.exp(-rate * step)
        paid = prices[k] < strike
        x = prices[k][paid] / strike
        basis = np.exp(-x / 2)[:, None] * np.stack(
            [np.ones_like(x), 1 - x, 1 - 2 * x + x**2 / 2], 1
        )
        basis = np.column_stack([np.ones_like(x), basis])
        fit = basis @ np.linalg.lstsq(basis, cash[paid], rcond=None)[0]
        now = strike - prices[k][paid]
        cash[paid] = np.where(now > fit, now, cash[paid])
    return float(cash.mean()) * math.exp(-rate * step)


def on_days(notice_days: float, **terms: float) -> Right:
    """A right with its notice in days: 90 days are 2.96 months."""
    return Right(notice_months=notice_days / (365 / 12), **terms)
