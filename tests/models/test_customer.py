"""Lease, build or rent; reserve; falling prices; the provider leaves: cases B1 to B6."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.contract import units
from analysis.models import customer
from analysis.models.customer import build, decline, reserve
from analysis.models.customer.build import Need
from analysis.models.finance.demand import Discrete, Gamma, Normal, Uniform

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
    npv = build.ways(B1).set_index("way").npv
    assert npv["build"] == close(130.316919)
    assert npv["lease"] == close(84.370674)
    assert npv["lease while building"] == close(160.807967)
    assert math.isnan(npv["rent on demand"])
    assert build.break_even_fee(B1) == close(3.168277)
    assert build.value_of_speed(B1) == close(30.491048)
    assert build.longest_delay(B1) == 28


def test_b1_by_months() -> None:
    """The same sums month by month."""
    v = 1.12 ** (-np.arange(61) / 12)
    assert build.build_npv(B1) == pytest.approx(-38 + 5.65 * v[18:60].sum() + 4 * v[60])
    assert build.lease_npv(B1) == pytest.approx((6 - F) * v[:60].sum())
    switching = replace(B1, switching=7)
    assert build.bridge_npv(B1) - build.bridge_npv(switching) == pytest.approx(7 * v[18])
    rent = replace(B1, on_demand=9.0, utilisation=0.5)
    assert build.rent_npv(rent) == pytest.approx((6 - 4.5) * v[:60].sum())


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
    need = replace(
        B1,
        worth=worth,
        fee=fee,
        delay_months=delay,
        horizon_months=24,
        rate_year=rate,
        capex=capex,
    )
    built = build.build_npv(need)
    even = replace(need, fee=build.break_even_fee(need))
    assert build.lease_npv(even) == pytest.approx(built, abs=1e-9)
    assert build.bridge_npv(need) == pytest.approx(built + build.value_of_speed(need))
    if delay:
        sooner = build.build_npv(replace(need, delay_months=delay - 1))
        assert sooner - built == pytest.approx(build.cost_of_delay(need), abs=1e-9)
    longest = build.longest_delay(need)
    lease = build.lease_npv(need)
    at = build.against_delay(need)
    wins = at[(at.way == "build") & (at.npv >= lease)].delay_months
    assert longest == (None if wins.empty else wins.max())
    table = build.ways(need)
    assert table[table.best].npv.min() == np.nanmax([*table.npv, 0])


def test_a_lease_beats_on_demand_above_the_break_even_utilisation() -> None:
    share = build.reserve_from_utilisation(fee=F, on_demand=7)
    assert share == close(0.595238)
    for used, leases in ((share - 0.01, False), (share + 0.01, True)):
        need = replace(B1, on_demand=7.0, utilisation=used)
        assert (build.lease_npv(need) > build.rent_npv(need)) is leases


def test_b2_reserve_quantity() -> None:
    demand = Normal(mean=250, sd=60)
    quantity = reserve.reserve_quantity(demand, fee=F, on_demand=7)
    assert quantity == close(235.537576)
    assert reserve.reserve_cost(quantity, demand, fee=F, on_demand=7) == close(1204.424912)
    z = (quantity - 250) / 60
    closed = F * 250 + 7 * 60 * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    assert reserve.reserve_cost(quantity, demand, fee=F, on_demand=7) == pytest.approx(closed)


@given(
    st.sampled_from(
        [
            Normal(mean=250, sd=60),
            Gamma(mean=250, sd=200),
            Uniform(low=100, high=300),
            Discrete(levels=(0, 100, 400), probabilities=(0.3, 0.5, 0.2)),
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
    quantity = reserve.reserve_quantity(demand, **terms)
    least = reserve.reserve_cost(quantity, demand, **terms)
    if on_demand <= fee * resale_share:
        return
    others = [reserve.reserve_cost(q, demand, **terms) for q in np.linspace(0, 600, 61)]
    assert min(others) >= least - 1e-9 * abs(least) or quantity == 0 == demand.quantile(0)


def hindsight(
    usage: list[int], on_demand: float, upfront: float, discount: float, period: int
) -> float:
    """Least cost for one instance, knowing all demand (Bellman backwards)."""
    cost = [0.0] * (len(usage) + period + 1)
    for slot in reversed(range(len(usage))):
        held = discount * on_demand * sum(usage[slot : slot + period])
        cost[slot] = min(
            on_demand * usage[slot] + cost[slot + 1], upfront + held + cost[slot + period]
        )
    return cost[0]


@given(
    st.lists(st.integers(0, 1), min_size=1, max_size=40),
    st.floats(0.1, 2),
    st.floats(0, 0.9),
    st.integers(1, 8),
)
@LAW
def test_the_online_rule_keeps_its_promise(
    usage: list[int], on_demand: float, discount: float, period: int
) -> None:
    table = reserve.reserve_online(
        usage, on_demand=on_demand, upfront=1.0, discount=discount, period=period
    )
    least = hindsight(usage, on_demand, 1.0, discount, period)
    assert table.usd.sum() <= reserve.worst_case(discount) * least + 1e-9
    assert table.usd.sum() >= least - 1e-9


def test_the_online_rule_by_hand() -> None:
    """Upfront 2, free use then: reserved once three slots on demand would have cost more than 2."""
    table = reserve.reserve_online([1, 1, 1, 1, 0, 1], on_demand=1, upfront=2, discount=0, period=3)
    assert table.new.tolist() == [0, 0, 1, 0, 0, 0]
    assert table.reserved.tolist() == [0, 0, 1, 1, 1, 0]
    assert table.usd.tolist() == [1, 1, 2, 0, 0, 1]
    more = reserve.reserve_online([1, 1, 3], on_demand=1, upfront=2, discount=0.0, period=3)
    assert more.new.tolist() == [0, 0, 1]  # the second and third have been missed once only
    assert more.usd.tolist() == [1, 1, 4]
    part = reserve.reserve_online([2, 2, 2, 2], on_demand=1, upfront=1, discount=0.5, period=4)
    assert part.new.tolist() == [0, 0, 2, 0]
    assert part.usd.tolist() == [2, 2, 3, 1]
    assert reserve.worst_case(0.4) == pytest.approx(1.6)
    assert reserve.worst_case(0.4, randomised=True) == pytest.approx(math.e / (math.e - 0.6))


def test_b3_fixed_fee_in_a_falling_market() -> None:
    market = {"price": 2.35, "fall": 0.30, "rate": 0.10, "years": 37 / 12}
    assert decline.fair_fee(**market) == close(1.569179)
    assert decline.overpayment(fee=2.35, **market) == close(2.071750)
    assert decline.end_ratio(fee=2.35, price=2.35, fall=0.30, years=37 / 12) == close(2.521868)
    assert decline.crossing_years(fee=1.90, price=2.35, fall=0.30) == close(0.708538)
    assert decline.crossing_years(fee=2.40, price=2.35, fall=0.30) == 0
    assert math.isnan(decline.crossing_years(fee=1.90, price=2.35, fall=0.0))
    assert decline.overpayment(fee=decline.fair_fee(**market), **market) == pytest.approx(0)


def test_b4_when_to_buy() -> None:
    case = {"fee": F, "own_cost": 2, "fall": 0.30, "rate": 0.12}
    wait = decline.buy_after_years(**case)
    assert wait == close(1.729313)
    assert decline.cost_of_buying_after(wait, **case) == close(14.568477)
    assert decline.cost_of_buying_after(0, **case) == close(16.666667)
    assert decline.cost_of_buying_after(math.inf, **case) == close(34.722222)


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
    best = decline.cost_of_buying_after(decline.buy_after_years(**case), **case)
    assert best <= decline.cost_of_buying_after(other, **case) * (1 + 1e-12)


def test_b5_the_provider_leaves() -> None:
    case = {
        "worth": 6,
        "fee": F,
        "replacement_fee": 5,
        "notice_months": 3,
        "horizon_months": 24,
        "switching": 10,
        "rate_year": 0.12,
    }
    table = customer.loss_when_provider_leaves(**case, replacement_months=9).set_index("part")
    assert table.usd["gap"] == close(10.444578)
    assert table.usd["dearer replacement"] == close(10.755917)
    assert table.usd["switching"] == close(9.720654)
    assert table.usd.sum() == close(30.921150)
    early = customer.loss_when_provider_leaves(**case, replacement_months=1).set_index("part")
    assert early.usd["gap"] == 0
    v = 1.12 ** (-np.arange(24) / 12)
    assert early.usd["dearer replacement"] == pytest.approx((5 - F) * v[3:].sum())
    never = customer.loss_when_provider_leaves(**case, replacement_months=99).set_index("part")
    assert never.usd["gap"] == pytest.approx((6 - F) * v[3:].sum())
    assert never.usd["dearer replacement"] == 0


def test_b6_required_revenue_and_coverage() -> None:
    fee = units.usd_per_mw_month(1.25e9, 300)
    assert customer.required_revenue(fee, gross_margin=0.5) / 1e6 == close(8.333333)
    yearly = units.usd_bn_per_gw_year(1.25e9, 300)
    assert customer.required_revenue(yearly, gross_margin=0.5) == close(100)
    assert customer.revenue_coverage(15, fee=yearly) == close(0.30)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: replace(B1, delay_months=61), "delay_months: 61 .* horizon, 60"),
        (lambda: replace(B1, capex=-1), "capex: -1"),
        (lambda: replace(B1, utilisation=1.1), "utilisation: 1.1"),
        (lambda: replace(B1, rate_year=-1), "rate_year: -1"),
        (lambda: replace(B1, worth=math.nan), "worth: nan"),
        (
            lambda: reserve.reserve_quantity(Normal(mean=1, sd=1), fee=2, on_demand=3, resale=2),
            "resale: 2 .* below fee, 2",
        ),
        (
            lambda: reserve.reserve_online([1], on_demand=1, upfront=1, discount=1, period=1),
            "discount: 1",
        ),
        (
            lambda: reserve.reserve_online([-1], on_demand=1, upfront=1, discount=0, period=1),
            r"usage\[0\]: -1",
        ),
        (lambda: decline.fair_fee(price=1, fall=0.1, rate=0.1, years=0), "years: 0"),
        (lambda: decline.buy_after_years(fee=0, own_cost=1, fall=0, rate=0.1), "fee: 0"),
        (
            lambda: decline.cost_of_buying_after(-1, fee=1, own_cost=1, fall=0, rate=0.1),
            "years: -1",
        ),
        (lambda: customer.required_revenue(1, gross_margin=1), "gross_margin: 1"),
        (lambda: customer.revenue_coverage(1, fee=0), "fee: 0"),
        (
            lambda: customer.loss_when_provider_leaves(
                worth=1,
                fee=1,
                replacement_fee=1,
                notice_months=5,
                replacement_months=1,
                horizon_months=4,
                rate_year=0.1,
            ),
            "notice_months: 5",
        ),
    ],
)
def test_bad_input_is_refused_by_name(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()  # type: ignore[operator]
