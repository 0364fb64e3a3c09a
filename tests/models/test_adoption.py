"""Labs letting their idle capacity: rents, what is left of agreements, when the market is cheaper.

Cases Q1 to Q3 are those of the models, section 11.
"""

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.contract import files, position
from analysis.contract.fields import Range
from analysis.data import sources
from analysis.models.comparables import book
from analysis.models.exits import leaving
from analysis.models.market.prices import PriceSeries
from analysis.models.planning import Plan
from tests.agreements import customer, plain

MARKET = Plan(sources.planning())


def ratio(market: Plan, *, demand: float, supply: float) -> float:
    table = book.rents(market)
    at = (table.offered_share == market.labs_offered_share) & (table.demand == demand)
    [found] = table[at & (table.supply == supply)].price_ratio
    return float(found)


def test_q1_to_q3_rents_by_what_labs_offer() -> None:
    tenth = MARKET.changed(
        {"labs_fleet_to_rental": 1.0}
    )  # 0.5 × 0.2 × 1 = 0.10 of what is for rent
    assert ratio(tenth, demand=1.0, supply=0.0) == pytest.approx(0.909091, abs=5e-7)
    assert ratio(MARKET, demand=0.5, supply=0.0) == pytest.approx(0.591716, abs=5e-7)
    assert ratio(tenth, demand=1.0, supply=1.0) == pytest.approx(0.951249, abs=5e-7)


def test_rents_start_at_todays_and_never_rise() -> None:
    table = book.rents(MARKET)
    assert (table[table.offered_share == 0].price_ratio == 1).all()
    for _, rows in table.groupby(["demand", "supply"]):
        assert rows.price_ratio.is_monotonic_decreasing
    assert 1.0 in set(table.offered_share)


@given(share=st.floats(0.01, 1), demand=st.sampled_from((0.5, 1.0, 2.0)))
def test_the_share_that_reaches_a_rent_is_the_one_that_gave_it(share: float, demand: float) -> None:
    fallen = ratio(MARKET.changed({"labs_offered_share": share}), demand=demand, supply=0.0)
    found = book.offered_to_reach(fallen, MARKET.changed({"demand_elasticity": demand}))
    assert found == pytest.approx(share, rel=1e-6)


def test_a_rent_that_is_there_already_or_never() -> None:
    assert book.offered_to_reach(1.2, MARKET) == 0.0
    assert book.offered_to_reach(0.5, MARKET) == pytest.approx(1 / book.idle(MARKET))
    nothing = MARKET.changed({"labs_idle_share": 0.0})
    assert book.offered_to_reach(0.5, nothing) == math.inf


def test_only_what_is_open_moves() -> None:
    free = plain(termination=customer(notice_days=31))
    bound = plain(id="bound")
    table = book.kept([position(free), position(bound)], book.rents(MARKET))
    held = table[table.agreement == "plain"]
    assert (held.firm_usd == 100).all()
    assert list(held.kept_usd) == pytest.approx(list(100 + 1_100 * held.price_ratio))
    assert (table[table.agreement == "bound"].kept_share == 1).all()


def test_nothing_left_is_left_out() -> None:
    late, early = date(2027, 1, 1), date(2025, 12, 31)
    for day in (late, early):
        table = book.kept([position(plain(), as_of=day)], book.rents(MARKET))
        assert table.empty
        assert "kept_share" in table


def test_when_the_market_lies_below_a_fee() -> None:
    weights = {"H100": Range(low=1, use=1, high=1)}
    deal = plain(capacity={"accelerators": {"H100": {"low": 10, "use": 15, "high": 20}}})
    ahead = leaving.remaining(position(deal), weights=weights, hours_month=5.0)
    seen = PriceSeries(
        gpu="H100", tier="t", basis="b", source="s", dates=(deal.start,), usd_gpu_hour=(1.5,)
    )  # fees of 100 ÷ 10 … 20 ÷ 5 = 1 … 2 an hour
    [row] = book.cushions([("Lab", ahead)], seen, MARKET).to_dict("records")
    assert (row["fee_low"], row["fee_high"]) == (pytest.approx(1.0), pytest.approx(2.0))
    assert row["share_first"] == 0.0
    assert row["share_last"] == pytest.approx((1.5 - 1) / 0.6)
    assert book.cushions([("Lab", ahead)], None, MARKET).empty
    bare = leaving.remaining(position(plain()), weights=weights, hours_month=5.0)
    assert book.cushions([("Lab", bare)], seen, MARKET).empty


def test_the_assumptions_are_those_of_the_data() -> None:
    assert book.idle(MARKET) == pytest.approx(0.6)
    table = book.rents(MARKET)
    assert (set(table.demand), set(table.supply)) == ({0.5, 1.0, 2.0}, {0.0, 1.0})
    assert set(book.rents(MARKET.changed({"demand_elasticity": 1.5})).demand) == {1.5}


def test_every_shipped_agreement_is_asked() -> None:
    day = date(2026, 11, 23)
    held = [position(files.contract(name), as_of=day) for name in files.contracts()]
    table = book.kept(held, book.rents(MARKET))
    assert set(table.agreement) == set(files.contracts())
    assert ((table.kept_share > 0) & (table.kept_share <= 1)).all()


def test_what_each_assumption_may_be() -> None:
    bounds = sources.planning_bounds()
    assert bounds["labs_idle_share"] == bounds["labs_offered_share"] == (0, 1)
    assert bounds["demand_elasticity"] == (0.01, 100)
