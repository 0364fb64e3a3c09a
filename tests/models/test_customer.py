"""Lease, build or rent; reserve; falling prices; the provider leaves: cases B1 to B6."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.uniform import Uniform

from analysis.models.customer import need
from analysis.models.customer.need import Need
from analysis.models.finance.demand import Gamma, Normal, Sample

LAW = settings(deadline=None, max_examples=60)
F = 25 / 6
B1 = Need(
    worth=6,
    fee=F,
    opex=0.35,
    capex=38,
    delay_months=18,
    horizon_months=60,
    residual=4,
    rate_year=0.12,
)


def close(number: float, digits: int = 6) -> object:
    """Equal within the digits printed."""
    return pytest.approx(number, abs=0.5000001 * 10**-digits)


def test_b1_build_lease_and_bridge() -> None:
    npv = B1.options
    assert npv["build"] == close(130.316919)
    assert npv["lease"] == close(84.370674)
    assert npv["lease while building"] == close(160.807967)
    assert math.isnan(npv["rent on demand"])
    assert B1.break_even_fee == close(3.168277)
    assert B1.speed == close(30.491048)
    assert B1.longest_delay == 28


def test_b1_by_months() -> None:
    """The same sums month by month."""
    v = 1.12 ** (-np.arange(61) / 12)
    assert B1.build == pytest.approx(-38 + 5.65 * v[18:60].sum() + 4 * v[60])
    assert B1.lease == pytest.approx((6 - F) * v[:60].sum())
    switching = replace(B1, switching=7)
    assert B1.bridge - switching.bridge == pytest.approx(7 * v[18])
    rent = replace(B1, on_demand=9.0, utilisation=0.5)
    assert rent.rent == pytest.approx((6 - 4.5) * v[:60].sum())


@given(
    worth=st.floats(0, 20),
    fee=st.floats(0, 20),
    delay=st.integers(0, 24),
    rate=st.floats(0, 0.5),
    capex=st.floats(0, 100),
)
@LAW
def test_ways_hang_together(
    worth: float, fee: float, delay: int, rate: float, capex: float
) -> None:
    own = replace(
        B1,
        worth=worth,
        fee=fee,
        delay_months=delay,
        horizon_months=24,
        rate_year=rate,
        capex=capex,
    )
    built = own.build
    even = replace(own, fee=own.break_even_fee)
    assert even.lease == pytest.approx(built, abs=1e-9)
    assert own.bridge == pytest.approx(built + own.speed)
    if delay:
        sooner = replace(own, delay_months=delay - 1).build
        assert sooner - built == pytest.approx(own.cost_of_delay, abs=1e-9)
    longest = own.longest_delay
    lease = own.lease
    late = [replace(own, delay_months=month) for month in range(own.horizon_months + 1)]
    wins = [each.delay_months for each in late if each.build >= lease]
    assert longest == pytest.approx(max(wins, default=math.nan), nan_ok=True)
    assert own.options["go without"] == 0


def test_a_lease_beats_on_demand_above_the_break_even_utilisation() -> None:
    share = 0.595238  # fee ÷ price
    for used, leases in ((share - 0.01, False), (share + 0.01, True)):
        own = replace(B1, on_demand=7.0, utilisation=used)
        assert (own.lease > own.rent) is leases


def test_b2_reserve_quantity() -> None:
    demand = Normal(mean=250, sd=60)
    quantity = need.reserve_quantity(demand, fee=F, on_demand=7)
    assert quantity == close(235.537576)
    assert need.reserve_cost(quantity, demand, fee=F, on_demand=7) == close(1204.424912)
    z = (quantity - 250) / 60
    closed = F * 250 + 7 * 60 * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    assert need.reserve_cost(quantity, demand, fee=F, on_demand=7) == pytest.approx(closed)


@given(
    st.sampled_from(
        [
            Normal(mean=250, sd=60),
            Gamma(mean=250, sd=200),
            Uniform(low=100, high=300),
            Sample([0] * 3 + [100] * 5 + [400] * 2),
        ]
    ),
    st.floats(0.1, 6),
    st.floats(0.05, 0.95),
    st.floats(0.1, 10),
)
@LAW
def test_no_other_quantity_is_cheaper(
    demand: Normal, fee: float, resale_share: float, on_demand: float
) -> None:
    terms = {"fee": fee, "on_demand": on_demand, "resale": fee * resale_share}
    quantity = need.reserve_quantity(demand, **terms)
    least = need.reserve_cost(quantity, demand, **terms)
    if on_demand <= fee * resale_share:
        return
    others = [need.reserve_cost(q, demand, **terms) for q in np.linspace(0, 600, 61)]
    assert min(others) >= least - 1e-9 * abs(least) or quantity == 0 == demand.quantile(0)


def hindsight(usage: list[int], on_demand: float, upfront: float, period: int) -> float:
    """Least cost for one instance, knowing all demand (Bellman backwards)."""
    cost = [0.0] * (len(usage) + period + 1)
    for slot in reversed(range(len(usage))):
        cost[slot] = min(on_demand * usage[slot] + cost[slot + 1], upfront + cost[slot + period])
    return cost[0]


@given(st.lists(st.integers(0, 1), min_size=1, max_size=40), st.floats(0.1, 2), st.integers(1, 8))
@LAW
def test_the_online_rule_keeps_its_promise(usage: list[int], on_demand: float, period: int) -> None:
    table = need.reserve_online(usage, on_demand=on_demand, upfront=1.0, period=period)
    least = hindsight(usage, on_demand, 1.0, period)
    assert least - 1e-9 <= table.usd.sum() <= 2 * least + 1e-9


def test_the_online_rule_by_hand() -> None:
    """Upfront 2, free use then: reserved once three slots on demand would have cost more than 2."""
    table = need.reserve_online([1, 1, 1, 1, 0, 1], on_demand=1, upfront=2, period=3)
    assert table.new.tolist() == [0, 0, 1, 0, 0, 0]
    assert table.reserved.tolist() == [0, 0, 1, 1, 1, 0]
    assert table.usd.tolist() == [1, 1, 2, 0, 0, 1]
    more = need.reserve_online([1, 1, 3], on_demand=1, upfront=2, period=3)
    assert more.new.tolist() == [0, 0, 1]  # the second and third have been missed once only
    assert more.usd.tolist() == [1, 1, 4]


def test_b3_fixed_fee_in_a_falling_market() -> None:
    market = {"price": 2.35, "fall": 0.30, "rate": 0.10, "years": 37 / 12}
    assert need.fair_fee(**market) == close(1.569179)


def test_b4_when_to_buy() -> None:
    case = {"fee": F, "own_cost": 2, "fall": 0.30, "rate": 0.12}
    wait = need.buy_after_years(**case)
    assert wait == close(1.729313)
    assert need.cost_of_buying_after(wait, **case) == close(14.568477)
    assert need.cost_of_buying_after(0, **case) == close(16.666667)
    assert need.cost_of_buying_after(math.inf, **case) == close(34.722222)


@given(
    fee=st.floats(0.1, 5),
    own_cost=st.floats(0.1, 5),
    fall=st.floats(-0.05, 1),
    rate=st.floats(0.06, 0.5),
    other=st.floats(0, 60),
)
@LAW
def test_no_other_day_to_buy_is_cheaper(
    fee: float, own_cost: float, fall: float, rate: float, other: float
) -> None:
    case = {"fee": fee, "own_cost": own_cost, "fall": fall, "rate": rate}
    best = need.cost_of_buying_after(need.buy_after_years(**case), **case)
    assert best <= need.cost_of_buying_after(other, **case) * (1 + 1e-12)


def test_b5_the_provider_leaves() -> None:
    own = replace(B1, horizon_months=24, switching=10)
    found = own.loss_when_provider_leaves(notice_months=3, replacement_months=9, replacement_fee=5)
    assert found == [close(10.444578), close(10.755917), close(9.720654)]
    assert sum(found) == close(30.921150)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: replace(B1, delay_months=61), "delay_months: 61 .* horizon, 60"),
        (lambda: replace(B1, capex=-1), "capex: -1"),
        (lambda: replace(B1, utilisation=1.1), "utilisation: 1.1"),
        (lambda: replace(B1, rate_year=-1), "rate_year: -1"),
        (lambda: replace(B1, worth=math.nan), "worth: nan"),
        (
            lambda: need.reserve_quantity(Normal(mean=1, sd=1), fee=2, on_demand=3, resale=2),
            "resale: 2 .* below fee, 2",
        ),
        (lambda: need.fair_fee(price=1, fall=0.1, rate=0.1, years=0), "years: 0"),
        (lambda: need.buy_after_years(fee=0, own_cost=1, fall=0, rate=0.1), "fee: 0"),
        (
            lambda: need.cost_of_buying_after(-1, fee=1, own_cost=1, fall=0, rate=0.1),
            "years: -1",
        ),
    ],
)
def test_bad_input_is_refused_by_name(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()  # type: ignore[operator]
