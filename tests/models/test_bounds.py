"""The certified interval holds the value, and shows a solver that is wrong."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from oracles.certificate import certify
from oracles.paths import hats, mean_hats, pv_net

from analysis.models.exits import Game, Process, solve
from analysis.models.exits.lattice import Axis, axis, chains
from analysis.models.exits.solver import backward_induction
from tests.models.test_exits import CASES, base
from tests.models.test_exits_laws import MIXED

INTERNAL_USE = Process(kappa_year=3.0, level_usd_hour=1.1, sigma_year=0.4)
SWINGS = Process(kappa_year=0.8, level_usd_hour=2.1, sigma_year=0.5, drift_year=-0.2)


def mixed(name):
    terms = {"spot_usd_hour": 2.1, "fee_usd_hour": 2.2, "term_months": 10.0, "rate_year": 0.05}
    return Game(**terms | {"process": SWINGS} | MIXED[name])


def two_factors(**rights):
    return replace(base(sigma_year=0.5, **rights), internal_use=INTERNAL_USE)


REFERENCE = {name: CASES[name][:2] for name in ("B2", "B3", "G1", "G2", "J1", "unequal")} | {
    "two factors": (two_factors(rights="provider", notice=0.0), -1.815218)
}
OTHERS = {name: mixed(name) for name in MIXED} | {
    "two factors, unequal notice": two_factors(notice=(6.0, 3.0)),
    "two factors, the provider's notice longer": two_factors(notice=(1.0, 4.0)),
}


@lru_cache
def solved(game):
    return solve(game, nodes=401 if game.internal_use is None else 85)


@lru_cache
def certified(game, factor=1.0):
    rng = np.random.default_rng(7)
    return certify(solved(game), rng=rng, paths=500, trigger_factor=factor)


@pytest.mark.parametrize("case", REFERENCE)
def test_the_interval_holds_the_value(case):
    game, value = REFERENCE[case]
    low, high = certified(game).interval
    assert low < value < high
    assert 0 < high - low < (1e-3 if game.internal_use is None else 1e-2)


@pytest.mark.parametrize("case", OTHERS)
def test_it_brackets_the_grid_whatever_the_clause(case):
    game = OTHERS[case]
    low, high = certified(game).interval
    assert low < solved(game).value < high
    assert 0 < high - low < (1e-3 if game.internal_use is None else 1e-2)


@pytest.mark.parametrize("case", [*REFERENCE, *OTHERS])
def test_it_shows_triggers_that_are_wrong_by_five_per_cent(case):
    game = REFERENCE[case][0] if case in REFERENCE else OTHERS[case]
    right, found = certified(game), certified(game, 1.05)
    low, high = found.interval
    assert low < solved(game).value < high  # still true, whatever the triggers
    assert found.width > 8 * right.width
    assert found.upper - found.lower > 8 * (right.upper - right.lower)


@pytest.mark.parametrize("case", ["G1", "unequal"])
def test_it_shows_a_solver_whose_expectation_is_wrong(case):
    """One that takes a volatility 5 % too high: its value lies outside, the true one inside."""
    game, value = CASES[case][:2]
    solution = solve(game)
    solved = solution.solved
    grid = solved.grid
    nodes = grid.axes[0].nodes[0]
    wilder = replace(game.process, sigma_year=1.05 * game.process.sigma_year)
    [chain] = chains(replace(game, process=wilder))
    one = axis(chain, half_width=nodes[-1], count=nodes.size)
    wrong = replace(grid, axes=(Axis(nodes=one.nodes[None], kernel=one.kernel[None]),))
    window, steps = game.window_ends(), np.arange(game.steps)
    payments = pv_net(grid, steps, window[:-1], window[1:])[None]
    stays = backward_induction(wrong, payments, solved.notices)
    found = certify(
        replace(solution, solved=replace(solved, stays=stays)), rng=np.random.default_rng(7)
    )
    low, high = found.interval
    assert low < value < high
    base_value = solution.value - solved.stays[0, 0, 0][grid.centre]
    assert not low < base_value + stays[0, 0, 0][grid.centre] < high


def test_without_a_right_there_is_nothing_to_bound():
    with pytest.raises(ValueError, match="customer or provider is None"):
        certify(solve(base("none")), rng=np.random.default_rng(0))


@pytest.mark.parametrize("terms", [[(1.0, 0.1, 0.3)], [(0.7, 0.0, 0.01), (0.3, -0.4, 0.2)]])
def test_the_mean_of_a_function_between_nodes_is_exact(terms):
    nodes, centre = np.linspace(-2, 3, 21), 0.37
    values = np.exp(nodes) - 2 * np.abs(nodes - 0.6)
    z = np.linspace(-8, 8, 400_001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    expected = sum(
        chance * np.interp(centre + mean + np.sqrt(variance) * z, nodes, values) @ density
        for chance, mean, variance in terms
    )
    assert mean_hats(np.array([centre]), nodes, terms) @ values == pytest.approx(expected, abs=1e-8)
    points = np.array([-3.0, -1.9, 0.6, 2.99, 5.0])
    assert hats(points, nodes) @ values == pytest.approx(np.interp(points, nodes, values))
