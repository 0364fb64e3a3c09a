"""Closed forms, the monthly tree and textbook options; ids from the reference tables."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from anchors import game_put, longstaff_schwartz, max_call, put
from oracles.band import BandExit
from oracles.black import black, geometric, right_bounds
from oracles.fair import fair_fee_continuous, fair_fees
from oracles.game_options import GameCall, GamePut
from oracles.perpetual import Perpetual
from oracles.tree import solve_tree

from analysis.models.exits import Game, Right, solve
from analysis.models.finance.value import Life
from analysis.models.market.prices import price_after_supply

FEES = np.array([0.625, 0.625, *[1.25] * 35])  # $bn a month, half for two months
LEASE = Game(
    spot_usd_hour=1.0,
    fee_usd_hour=1.0,
    term_months=37,
    rate_year=0.10,
    process=geometric(growth_year=-0.20, sigma_year=0.40),
)
GATED = Right(notice_months=3, gate_months=3)
SIDES = {
    "none": {},
    "customer": {"customer": GATED},
    "provider": {"provider": GATED},
    "both": {"customer": GATED, "provider": GATED},
}


def life(gate, chance):
    return Life(term_months=37, gate_months=gate, notice_months=3, chance_month=chance)


def test_life_at_its_limits():
    assert life(3, 0.0).expected_months == 37
    assert life(3, 1.0).expected_months == 6
    assert life(3, 1.0).quantile(0.9) == 6
    assert life(3, 0.0).quantile(0.1) == 37
    with pytest.raises(ValueError, match=r"chance_month: 1\.5"):
        life(3, 1.5)


@pytest.mark.parametrize(
    ("growth", "chance", "years"), [(-0.2, 0.168423, 0.610500), (0.08, 0.415037, 0.729032)]
)
def test_o9(growth, chance, years):
    found = BandExit(spot=1.0, low=0.75, high=1.5, growth_year=growth, sigma_year=0.4)
    assert found.provider_first == pytest.approx(chance, abs=1e-6)
    assert found.expected_years == pytest.approx(years, abs=1e-6)


def test_o1():
    fees = [
        fair_fee_continuous(spot_usd_hour=1, growth_year=-0.36, rate_year=0.1, years=years)
        for years in (0.25, 0.5, 0.75, 3)
    ]
    assert fees == pytest.approx([0.956499, 0.915852, 0.877850, 0.627746], abs=1e-6)
    assert fair_fee_continuous(
        spot_usd_hour=1, growth_year=0.0, rate_year=0.1, years=3
    ) == pytest.approx(1)


def test_o2():
    process = geometric(growth_year=-0.36, sigma_year=0.5)
    discount = np.exp(-0.1 * np.arange(37) / 12)
    fees = fair_fees(process, spot_usd_hour=1.0, discount=discount).set_index("months")
    found = fees.fee_usd_hour.loc[[3, 6, 9, 37]].tolist()
    assert found == pytest.approx([0.970898, 0.929639, 0.891065, 0.630300], abs=1e-6)


@pytest.mark.parametrize(
    ("growth", "sigma", "notice", "expected"),
    [
        (0.03, 0.30, 0.0, (0.4, 1.75, 5.548811, 1.616675)),
        (0.03, 0.30, 0.25, (0.397011, 1.736924, 5.505367, 1.543354)),
        (0.0, 0.40, 0.0, (0.420204, 2.379796, 3.093000, 3.093000)),
        (0.0, 0.40, 0.25, (0.420204, 2.379796, 3.016634, 3.016634)),
    ],
    ids=["O3", "O3 notice", "O4", "O4 notice"],
)
def test_o3_o4(growth, sigma, notice, expected):
    lease = Perpetual(fee=1.0, growth_year=growth, sigma_year=sigma, rate_year=0.1,
                      notice_years=notice)  # fmt: skip
    found = (lease.customer_trigger, lease.provider_trigger,
             lease.customer_value(1.0), lease.provider_value(1.0))  # fmt: skip
    assert found == pytest.approx(expected, abs=1e-6)
    if notice == 0 and growth:
        assert lease.customer_value(1.0) - lease.bound_value(1.0) == pytest.approx(1.263097)
        assert lease.provider_value(1.0) + lease.bound_value(1.0) == pytest.approx(5.902389)


def test_the_grid_meets_the_perpetual_lease():
    """A long term in small steps: the trigger of O4 up to what 100 years and a step leave open."""
    game = replace(
        LEASE, process=geometric(growth_year=0.0, sigma_year=0.40), term_months=1200,
        customer=Right(notice_months=3),
    )  # fmt: skip
    assert solve(game, nodes=801).value / 12 == pytest.approx(3.016634, rel=0.005)


@pytest.mark.parametrize(
    ("side", "value"),
    [("none", -7.530668), ("customer", 0.670669), ("provider", -8.327957), ("both", -0.235271)],
)
def test_o5(side, value):
    game = replace(LEASE, **SIDES[side])
    assert solve_tree(game) == pytest.approx(value, abs=1e-6)
    assert solve(game).value == pytest.approx(value, rel=5e-3)


@pytest.mark.parametrize(
    ("side", "fee"),
    [("none", 0.764463), ("customer", 1.066977), ("provider", 0.674799), ("both", 0.959967)],
)
def test_o6(side, fee):
    low, high = 0.3, 2.0
    for _ in range(40):
        middle = (low + high) / 2
        value = solve_tree(replace(LEASE, fee_usd_hour=middle, **SIDES[side]))
        low, high = (middle, high) if value > 0 else (low, middle)
    assert low == pytest.approx(fee, abs=1e-6)
    months = 27.5  # present value of one a month: the tolerance is 0.5 % of the fee
    value = solve(replace(LEASE, fee_usd_hour=fee, **SIDES[side])).value
    assert value == pytest.approx(0, abs=0.005 * fee * months)


@pytest.mark.parametrize(
    ("side", "low", "option", "high"),
    [("customer", 7.388795, 8.201337, 8.660988), ("provider", 0.457909, 0.797289, 1.365591)],
)
def test_o7(side, low, option, high):
    game = replace(LEASE, **SIDES[side])
    assert right_bounds(game) == pytest.approx((low, high), abs=1e-6)
    assert abs(solve_tree(game) - solve_tree(LEASE)) == pytest.approx(option, abs=1e-6)
    assert low < abs(solve(game).value - solve(LEASE).value) < high


@pytest.mark.parametrize(("notice", "value"), [(0, 0.109559), (3, 0.090264)])
def test_o8(notice, value):
    deviation = 0.40 * math.sqrt((12 - notice) / 12)
    assert math.exp(-0.1) * black(1.0, 1.1, deviation, call=True) == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize(
    ("fee", "value"),
    [(0, -0.048633), (0.5, -0.381989), (1, -0.753636), (2, -1.500348), (100, -7.530668)],
)
def test_o10(fee, value):
    right = Right(notice_months=3, fee=fee)
    assert solve_tree(replace(LEASE, customer=right, provider=right)) == pytest.approx(
        value, abs=1e-6
    )
    # One move a month is up to 4 % off the limit of finer trees, which is where the grid is.
    # The tree's fee is paid when notice is given, the grid's when service ends.
    later = Right(notice_months=3, fee=fee * math.exp(0.1 * 3 / 12))
    found = solve(replace(LEASE, customer=later, provider=later)).value
    fine = solve_tree(replace(LEASE, customer=right, provider=right), moves_month=81)
    assert found == pytest.approx(fine, abs=4e-4)


@pytest.mark.parametrize(
    ("demand", "supply", "extra", "price"),
    [(1, 0, 0.10, 0.909091), (0.5, 0, 0.30, 0.591716), (1, 1, 0.10, 0.951249)],
    ids=["Q1", "Q2", "Q3"],
)
def test_supply_response(demand, supply, extra, price):
    found = price_after_supply(extra, demand_elasticity=demand, supply_elasticity=supply)
    assert found == pytest.approx(price, abs=1e-6)


def test_supply_response_by_its_own_equation():
    for extra in (-0.3, 0.0, 0.4):
        p = price_after_supply(extra, demand_elasticity=0.7, supply_elasticity=1.3)
        assert p**-0.7 == pytest.approx(p**1.3 + extra)
    with pytest.raises(ValueError, match="demand_elasticity: 0"):
        price_after_supply(0.1, demand_elasticity=0)


PUTS = [
    (36, 0.2, 1, 4.478, 3.844, 4.47781111), (36, 0.2, 2, 4.840, 3.763, 4.84022554),
    (36, 0.4, 1, 7.101, 6.711, None), (36, 0.4, 2, 8.508, 7.700, None),
    (38, 0.2, 1, 3.250, 2.852, None), (38, 0.2, 2, 3.745, 2.991, None),
    (38, 0.4, 1, 6.148, 5.834, 6.14758538), (38, 0.4, 2, 7.670, 6.979, 7.66802709),
    (40, 0.2, 1, 2.314, 2.066, 2.31406848), (40, 0.2, 2, 2.885, 2.356, 2.88455918),
    (40, 0.4, 1, 5.312, 5.060, None), (40, 0.4, 2, 6.920, 6.326, None),
    (42, 0.2, 1, 1.617, 1.465, None), (42, 0.2, 2, 2.212, 1.841, None),
    (42, 0.4, 1, 4.582, 4.379, 4.58246850), (42, 0.4, 2, 6.248, 5.736, 6.24430989),
    (44, 0.2, 1, 1.110, 1.017, 1.10986796), (44, 0.2, 2, 1.690, 1.429, 1.68982761),
    (44, 0.4, 1, 3.948, 3.783, None), (44, 0.4, 2, 5.647, 5.202, None),
]  # fmt: skip


@pytest.mark.parametrize(("spot", "sigma", "years", "published", "european", "exact"), PUTS)
def test_6a(spot, sigma, years, published, european, exact):
    terms = {"spot": spot, "strike": 40, "rate": 0.06, "sigma": sigma, "years": years,
             "dates": 50 * years}  # fmt: skip
    assert put(**terms) == pytest.approx(published, abs=0.01)
    assert put(**terms, american=False) == pytest.approx(european, abs=6e-4)
    if exact is not None:
        assert put(**terms) == pytest.approx(exact, abs=1e-6)
        assert put(**terms, nodes=201) == pytest.approx(exact, abs=5e-5)


def test_6a_by_simulation():
    terms = {"spot": 36, "strike": 40, "rate": 0.06, "sigma": 0.2, "years": 1, "dates": 50}
    found = longstaff_schwartz(**terms, paths=20_000, rng=np.random.default_rng(1))
    assert found == pytest.approx(4.478, abs=0.06)


@pytest.mark.parametrize(
    ("spot", "half", "one"),
    [(36, 3.9828967, 4.1020040), (40, 0.8879837, 1.3457600), (44, 0.3433842, 0.6416289)],
)
def test_6b(spot, half, one):
    terms = {"spot": spot, "strike": 40, "rate": 0.06, "sigma": 0.2, "years": 1, "dates": 50}
    assert game_put(**terms, penalty=0.5, nodes=801) == pytest.approx(half, abs=1e-6)
    assert game_put(**terms, penalty=1.0, nodes=801) == pytest.approx(one, abs=5e-6)


@pytest.mark.parametrize(
    ("strike", "sigma", "penalty", "free", "below", "values"),
    [
        (100, 0.4, 5, 30.2676959271, 69.8897697858,
         (20.69308937, 12.45945659, 5, 4.655062223, 3.688939732)),
        (100, 0.4, 50, 30.2676959271, 42.8571428571,
         (35.78177431, 32.75649914, 30.26769593, 28.17960158, 22.33114122)),
        (40, 0.2, 1, 4.21875, 34.9629820114,
         (8, 4.050286657, 1, 0.7513148009, 0.2962962963)),
    ],
)  # fmt: skip
def test_6c(strike, sigma, penalty, free, below, values):
    option = GamePut(strike=strike, rate_year=0.06, sigma_year=sigma, penalty=penalty)
    assert option.free_penalty == pytest.approx(free, rel=1e-10)
    assert option.exercise_below == pytest.approx(below, rel=1e-10)
    found = [option.value(share * strike) for share in (0.8, 0.9, 1, 1.1, 1.5)]
    assert found == pytest.approx(values, rel=1e-8)


def test_6d():
    option = GameCall(strike=100, rate_year=0.03, dividend_year=0.06, sigma_year=0.3, penalty=5)
    assert option.exercise_above == pytest.approx(141.056104219, rel=1e-10)
    assert option.free_penalty == pytest.approx(25)
    found = [option.value(price) for price in (60, 90, 100, 110, 130)]
    assert found == pytest.approx([1.8, 4.05, 5, 12.88539977, 30.37068956], rel=1e-8)
    with pytest.raises(ValueError, match=r"dividend_year is 0\.01"):
        replace(option, dividend_year=0.01)


@pytest.mark.parametrize(("spot", "value"), [(90, 8.0728), (100, 13.9018)])
def test_6e(spot, value):
    found = max_call(spot=spot, strike=100, rate=0.05, dividend=0.1, sigma=0.2, years=3, dates=9,
                     nodes=401)  # fmt: skip
    assert found == pytest.approx(value, abs=2e-4)


@pytest.mark.parametrize(("fee", "value"), [(2.0, -5.0), (2.9, -5.9), (4.0, -6.0)])
def test_a_fee_that_falls_on_a_date_is_waited_for(fee, value):
    # staying costs half a dollar a month: 3 for six months and the lower fee, or 6 to the end
    flat = geometric(growth_year=0.0, sigma_year=1e-4)
    right = Right(notice_months=0, fee=(9.0,) * 6 + (fee,))
    lease = replace(LEASE, spot_usd_hour=0.5, term_months=12, rate_year=0.0, process=flat)
    assert solve(replace(lease, customer=right)).value == pytest.approx(value, abs=1e-3)
    constant = replace(right, fee=(1.5,))
    same = solve(replace(lease, customer=replace(right, fee=1.5))).value
    assert solve(replace(lease, customer=constant)).value == pytest.approx(same, rel=1e-12)
