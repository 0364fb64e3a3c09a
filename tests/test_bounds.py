"""The certified interval holds the value, and shows a solver that is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from test_exits import CASES, base

from analysis.exits import solve
from analysis.exits.bounds import certify


@pytest.mark.parametrize("case", ["B2", "B3", "G1", "G2", "J1"])
def test_the_interval_holds_the_value(case):
    game, value, _, _ = CASES[case]
    found = certify(game, rng=np.random.default_rng(7), paths=500)
    low, high = found.interval
    assert low < value < high
    assert 0 < found.width < 1e-3
    assert found.policy_value == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("case", ["B2", "G1", "G2"])
def test_it_shows_triggers_that_are_wrong_by_five_per_cent(case):
    game, value, _, _ = CASES[case]
    rng = np.random.default_rng(7)
    right = certify(game, rng=rng, paths=500)
    wrong = solve(game).triggers
    wrong[["customer", "provider"]] *= 1.05
    found = certify(game, rng=rng, triggers=wrong, paths=500)
    low, high = found.interval
    assert low < value < high  # still true, whatever the triggers
    assert found.width > 20 * right.width
    wrong_low, wrong_high = right.interval
    assert not wrong_low < found.policy_value < wrong_high


def test_what_it_cannot_do_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="two of one notice"):
        certify(CASES["unequal"][0], rng=rng)
    with pytest.raises(ValueError, match="one right"):
        certify(base("none"), rng=rng)
