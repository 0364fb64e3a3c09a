"""Private values: the game in which leaving can hurt both sides."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_exits import CASES, base

from analysis.exits import Right, solve
from analysis.exits.private import Side, solve_private

FOND = Side(premium=0.15)
FREE = base(fees=(0.0, 0.0), sigma_year=0.5)


@pytest.mark.parametrize(("nodes", "error"), [(201, 1e-6), (401, 2e-8)])
def test_private_values(nodes, error):
    found = solve_private(FREE, customer=FOND, provider=FOND, nodes=nodes)
    assert found.customer == pytest.approx(8.5246415484, abs=error)
    assert found.provider == pytest.approx(6.0024741757, abs=error)
    triggers = found.triggers.set_index("month")
    for month, low, high in (
        (0, 1.23363885, 4.00128946),
        (16, 1.39125373, 3.54912290),
        (33, 1.83032482, 2.69832112),
    ):
        row = triggers.loc[month, ["customer", "provider"]].tolist()
        assert row == pytest.approx([low, high], abs=1e-7)


def test_exit_rights_can_hurt_both():
    bound = solve_private(replace(FREE, customer=None, provider=None), customer=FOND, provider=FOND)
    assert bound.customer == pytest.approx(12.1998804898, abs=1e-8)
    assert bound.provider == pytest.approx(10.7026292793, abs=1e-8)
    free = solve_private(FREE, customer=FOND, provider=FOND)
    assert free.customer < bound.customer
    assert free.provider < bound.provider
    assert bound.expected_months == pytest.approx(37)


@pytest.mark.parametrize("case", ["A2", "B1", "B2", "B3", "B4", "G1", "G2", "G3", "G4", "J1", "D1"])
def test_without_private_values_it_is_the_zero_sum_game(case):
    found = solve_private(CASES[case][0])
    assert found.customer == pytest.approx(CASES[case][1], abs=5e-8)
    assert found.provider == pytest.approx(-found.customer, abs=1e-10)


def test_where_both_want_to_leave_they_leave_once():
    cold, gated = Side(premium=-0.4), Right(notice_months=3, gate_months=2)
    game = replace(FREE, customer=gated, provider=gated)
    found = solve_private(game, customer=cold, provider=cold)
    window = replace(FREE, term_months=5, customer=None, provider=None)
    notice = solve_private(window, customer=cold, provider=cold)
    assert found.expected_months == pytest.approx(5, abs=1e-6)
    assert (found.ends.probability > -1e-6).all()
    assert found.customer == pytest.approx(notice.customer, abs=1e-6)
    assert found.provider == pytest.approx(notice.provider, abs=1e-6)


def test_costs_of_leaving_keep_the_agreement_alive_once_they_are_large():
    """A cost that comes anyway, as the other side will leave, deters nobody."""
    months = []
    for cost in (0, 1, 6, 10, 500):
        side = Side(moving_cost=cost)
        found = solve_private(FREE, customer=side, provider=side)
        months.append(found.expected_months)
    assert months[:2] == pytest.approx([3, 3])
    assert 3 < months[2] < months[3] < months[4]
    assert months[4] == pytest.approx(37, abs=1e-3)
    assert found.customer == pytest.approx(solve(base("none", sigma_year=0.5)).value, abs=1e-4)


def test_downtime_costs_what_its_months_cost():
    alone = replace(FREE, provider=None)
    idle = solve_private(alone, customer=Side(downtime_months=1.0))
    free, dear = solve_private(alone), solve_private(alone, customer=Side(moving_cost=6.0))
    assert dear.customer < idle.customer < free.customer


def test_own_use_of_the_customer_is_a_lower_fee_to_it():
    alone = replace(FREE, provider=None)
    fond = solve_private(alone, customer=Side(own_use_usd_hour=0.3))
    cheaper = solve(replace(alone, fee_usd_hour=1.9))
    assert fond.customer == pytest.approx(cheaper.value, abs=1e-6)
    assert fond.triggers.customer.tolist() == pytest.approx(
        cheaper.triggers.customer.tolist(), rel=1e-6, nan_ok=True
    )


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="premium is -1"):
        Side(premium=-1)
    with pytest.raises(ValueError, match="moving_cost is -2"):
        Side(moving_cost=-2)
    with pytest.raises(ValueError, match="equal for both sides"):
        solve_private(replace(FREE, provider=Right(notice_months=1)))
