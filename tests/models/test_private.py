"""Private values: the game in which leaving can hurt both sides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from anchors import on_days

from analysis.models import exits
from analysis.models.exits import Right, Side, solve
from analysis.models.exits.lattice import axis
from analysis.models.market.prices import Chain
from tests.models.test_exits import CASES, base

PREMIUM = Side(premium=0.15)
FREE = base(fees=(0.0, 0.0), sigma_year=0.5)


def solve_private(game, customer=Side(), provider=Side(), nodes=401):  # noqa: B008
    [found] = exits.solve_private(game, [(customer, provider)], nodes=nodes)
    return found


@pytest.mark.parametrize(("nodes", "error"), [(201, 1e-6), (401, 2e-8)])
def test_private_values(nodes, error):
    found = solve_private(FREE, customer=PREMIUM, provider=PREMIUM, nodes=nodes)
    assert found.value == pytest.approx(8.5246415484, abs=error)
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
    bound = solve_private(
        replace(FREE, customer=None, provider=None), customer=PREMIUM, provider=PREMIUM
    )
    assert bound.value == pytest.approx(12.1998804898, abs=1e-8)
    assert bound.provider == pytest.approx(10.7026292793, abs=1e-8)
    free = solve_private(FREE, customer=PREMIUM, provider=PREMIUM)
    assert free.value < bound.value
    assert free.provider < bound.provider
    assert bound.expected_months == pytest.approx(37)


@pytest.mark.parametrize(
    "case", ["A2", "B1", "B2", "B3", "B4", "G1", "G2", "G3", "G4", "J1", "D1", "unequal"]
)
def test_without_private_values_it_is_the_zero_sum_game(case):
    found = solve_private(CASES[case][0])
    assert found.value == pytest.approx(CASES[case][1], abs=5e-8)
    assert found.provider == pytest.approx(-found.value, abs=1e-10)


def test_where_both_want_to_leave_they_leave_once():
    cold, gated = Side(premium=-0.4), Right(notice_months=3, gate_months=2)
    game = replace(FREE, customer=gated, provider=gated)
    found = solve_private(game, customer=cold, provider=cold)
    window = replace(FREE, term_months=5, customer=None, provider=None)
    notice = solve_private(window, customer=cold, provider=cold)
    assert found.expected_months == pytest.approx(5, abs=1e-6)
    assert (found.ends.probability > -1e-6).all()
    assert found.value == pytest.approx(notice.value, abs=1e-6)
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
    assert found.value == pytest.approx(solve(base("none", sigma_year=0.5)).value, abs=1e-4)


def test_downtime_costs_what_its_months_cost():
    alone = replace(FREE, provider=None)
    idle = solve_private(alone, customer=Side(downtime_months=1.0))
    free, dear = solve_private(alone), solve_private(alone, customer=Side(moving_cost=6.0))
    assert dear.value < idle.value < free.value


def test_own_use_of_the_customer_is_a_lower_fee_to_it():
    alone = replace(FREE, provider=None)
    uses = solve_private(alone, customer=Side(internal_use_usd_hour=0.3))
    cheaper = solve(replace(alone, fee_usd_hour=1.9))
    assert uses.value == pytest.approx(cheaper.value, abs=1e-6)
    assert uses.triggers.customer.tolist() == pytest.approx(
        cheaper.triggers.customer.tolist(), rel=1e-6, nan_ok=True
    )


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="premium: -1"):
        Side(premium=-1)
    with pytest.raises(ValueError, match="moving_cost: -2"):
        Side(moving_cost=-2)


def plain(game, sides, count=801):
    """Both values by the rule as it is told, on a plain grid without closed forms.

    A node stands for the share of its cell on which the one who chooses gains.
    """
    chain = Chain(process=game.process, step_years=1 / (12 * game.steps_month))
    rights, end, month = (game.customer, game.provider), game.end, game.steps_month
    grid = axis(chain, half_width=6.5 * chain.spread(game.steps), count=count)
    means = chain.means(np.log(game.spot_usd_hour), game.steps)
    prices, fees = np.exp(means[:, None] + grid.nodes), game.fees()

    def back(j, later):
        discount = np.exp(game.log_discount(np.array([j, j + 1.0])))
        return discount[1] / discount[0] * later @ grid.kernel.T

    def pays(k, j):
        sign, worth = (1, 1 + sides[0].premium) if k == 0 else (-1, 1 - sides[1].premium)
        return sign * (worth * prices[j] - fees[j] + sides[k].internal_use_usd_hour) / month

    def ended(who, at, stop):  # both values at a date, service until `stop` included
        found = []
        for k, side in enumerate(sides):
            idle = min(stop + side.downtime_months * month, end)
            value = np.zeros(count)
            for j in reversed(range(at, int(np.ceil(idle - 1e-9)))):
                empty = np.clip(idle - j, 0, 1) - np.clip(stop - j, 0, 1)
                served = np.clip(stop - j, 0, 1) * pays(k, j) - empty * prices[j] / month
                value = served + back(j, value)
            lump = (-1 if who == k else 1) * rights[who].fee - side.moving_cost
            value += lump * np.exp(np.diff(game.log_discount(np.array([at, stop])))[0])
            found.append(value)
        return np.array(found)

    def leaves(who, j):  # decided on at the last date before it may be given
        return max(j, rights[who].first_month * month) + rights[who].notice_months * month

    def may(who, j):
        first = rights[who].first_month * month if rights[who] else np.inf
        return j > first - 1 + 1e-9 and leaves(who, j) < end - 1e-9

    def noticed(who, at):  # nobody answers at once
        stop, other = leaves(who, at), 1 - who
        last = at
        while rights[other] and leaves(other, last) < stop - 1e-9:
            last += 1
        value = ended(who, last, stop)
        for j in reversed(range(at, last)):
            value = np.array([pays(k, j) * min(stop - j, 1) for k in (0, 1)]) + back(j, value)
            if j > at and may(other, j):
                early = ended(other, j, leaves(other, j))
                value = better(other, early, value)
        return value

    def better(who, one, other):  # one where that party gains by it
        gain = one[who] - other[who]
        share = np.clip(0.5 + gain / np.maximum(np.abs(np.gradient(gain)), 1e-12), 0, 1)
        return other + share * (one - other)

    long = int(rights[0].notice_months < rights[1].notice_months) if all(rights) else 0
    value = np.zeros((2, count))
    for i in reversed(range(game.steps)):
        stay = np.array([pays(k, i) * min(end - i, 1) for k in (0, 1)]) + back(i, value)
        run = noticed(long, i) if may(long, i) else None
        short, value = 1 - long, stay
        if may(short, i):
            cut = noticed(short, i)
            value = better(short, cut, stay)
            if run is not None:
                run = better(short, cut, run)
        if run is not None:
            value = better(long, run, value)
    return value[:, count // 2]


MIXED = {
    "customer's notice longer": (
        {"customer": Right(notice_months=6), "provider": Right(notice_months=2)},
        Side(premium=0.15), Side(premium=0.15)),
    "provider's notice longer": (
        {"customer": Right(notice_months=1, fee=0.2), "provider": Right(notice_months=5, fee=0.1)},
        Side(premium=0.1), Side(premium=0.2)),
    "days, gates and costs of leaving": (
        {"customer": on_days(180, fee=0.1), "provider": on_days(90, gate_months=2.7)},
        Side(moving_cost=0.5, internal_use_usd_hour=0.1), Side(downtime_months=0.75)),
    "lockout of the shorter one": (
        {"customer": on_days(45, lockout_months=5), "provider": on_days(120)},
        Side(internal_use_usd_hour=0.2, downtime_months=1.5), Side(moving_cost=1.0)),
    "part of a month at the end, half months": (
        {"customer": Right(notice_months=2.5), "provider": Right(notice_months=1.2, fee=0.2),
         "term_months": 8.4, "steps_month": 2},
        Side(premium=0.1, moving_cost=0.3), Side(premium=0.1)),
    "one right": ({"provider": on_days(90)}, Side(premium=0.2), Side(downtime_months=1.0)),
}  # fmt: skip


@pytest.mark.parametrize("case", MIXED)
def test_unequal_notice_is_the_rule_written_out(case):
    change, customer, provider = MIXED[case]
    game = replace(FREE, **{"term_months": 12, "customer": None, "provider": None} | change)
    found = solve_private(game, customer=customer, provider=provider, nodes=401)
    expected = plain(game, (customer, provider))
    assert [found.value, found.provider] == pytest.approx(expected, abs=6e-4)
    assert found.ends.probability.sum() == pytest.approx(1, abs=1e-5)


def test_the_shorter_notice_has_the_last_word():
    """A customer that may leave sooner gains by it what the provider would have kept it for."""
    game = replace(FREE, customer=Right(notice_months=6), provider=Right(notice_months=2))
    longer = solve_private(game, customer=PREMIUM, provider=PREMIUM)
    equal = solve_private(FREE, customer=PREMIUM, provider=PREMIUM)
    assert abs(longer.provider - equal.provider) > 0.05
    assert set(longer.ends.by[longer.ends.probability > 1e-3]) == {"customer", "provider", "term"}
