"""The page that asks whether to lease, build or rent."""

import math
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from played import keeps_the_rules, play, small

from analysis.contract import files, terms
from analysis.data import sources
from analysis.models import planning
from analysis.models.customer import build, reserve
from analysis.page.theme import money
from analysis.questions.build_or_rent import choices, ranges
from analysis.questions.build_or_rent.choices import Buyer, Supply

NOTEBOOK = "06"
M = 1e6
B1 = {
    "worth_to_fee": 1.44,
    "power_usd_mwh": 0.0,
    "fixed_share_year": 0.35 * 12 / 38,
    "residual_decay_year": math.log(38 / 4) * 12 / 42,
    "build_delay_months": 18.0,
    "rate_year": 0.12,
    "switching_to_fee": 0.0,
}


FIVE_YEARS = Supply(firm=60.0, stated=60.0)


def who(left: Supply = FIVE_YEARS, **assume: float) -> Buyer:
    """A customer of 300 MW at 25/6 million a megawatt and month, a site of 38 million a MW."""
    table = planning.changed(sources.planning(), assume)
    place = planning.place(
        files.contract("anthropic-xai"),
        table,
        scope="colossus-1",
        capacity_mw=300.0,
        capex_usd=11_400 * M,
    )
    found = choices.buyer(place, 1_250 * M, table, left=left)
    assert found
    return found


@pytest.mark.parametrize(
    ("name", "low", "high"), [("anthropic-xai", 29e6, 60e6), ("google-spacex", 29e6, 40e6)]
)
def test_low_capex_goes_with_low_megawatts(name: str, low: float, high: float) -> None:
    deal, table = files.contract(name), sources.planning()
    found = choices.buyer(planning.place(deal, table), 1_250 * M, table, left=FIVE_YEARS)
    assert found
    assert found.capex_mw["low"] == pytest.approx(low, rel=5e-3)
    assert found.capex_mw["high"] == pytest.approx(high, rel=5e-3)


def test_one_capex_over_more_megawatts_costs_less_each() -> None:
    deal, table = files.contract("anthropic-xai"), sources.planning()
    place = planning.place(deal, table, capex_usd=19e9)
    found = choices.buyer(place, 1_250 * M, table, left=FIVE_YEARS)
    assert found
    assert found.capex_mw["low"] < found.capex_mw["value"] < found.capex_mw["high"]


def test_b1_lease_build_and_bridge() -> None:
    npv = ranges.ways(who(**B1)).set_index("way").value_usd / M
    assert npv["lease"] == pytest.approx(84.370674, rel=1e-7)
    assert npv["build"] == pytest.approx(130.316919, rel=1e-7)
    assert npv["lease while building"] == pytest.approx(160.807967, rel=1e-7)
    at = choices.against_delay(who(**B1)).set_index(["way", "delay_months"]).npv_usd / M
    assert at["build", 18] == pytest.approx(130.316919, rel=1e-7)
    middle = choices.longest_delays(who(**B1)).set_index(["worth", "capex"]).months
    assert middle["value", "value"] == 28


def test_b1_break_even_fee_and_value_of_speed() -> None:
    fees = choices.break_even_fees(who(**B1)).set_index(["case", "delay_months"]).usd / M
    assert fees["middle capex", 18] == pytest.approx(3.168277, rel=1e-6)
    speed = choices.speed(who(**B1)).set_index(["worth_to_fee", "delay_months"]).usd / M
    assert speed[1.44, 18] == pytest.approx(30.491048, rel=1e-7)
    assert speed[1.44, 0] == 0


def test_the_range_holds_the_middle_and_every_case() -> None:
    found, plan = who(), sources.planning()
    table = ranges.ways(found)
    assert (table.low_usd <= table.value_usd).all()
    assert (table.value_usd <= table.high_usd).all()
    assert len(ranges.even_fees(found)) == 9
    assert planning.value(plan, "worth_to_fee", "low") < planning.value(plan, "worth_to_fee")
    for (name, bound), number in planning.values(plan).items():
        assert planning.value(plan, name, bound) == number, (name, bound)


def test_building_less_leasing_is_nothing_at_the_longest_delay_that_pays() -> None:
    found = who(**B1)
    delays = choices.longest_delays(found).set_index(["worth", "capex"]).months
    table = ranges.build_less_lease(found).set_index("delay_months")
    assert table.value_usd[28] >= 0 > table.value_usd[29]
    assert delays["value", "value"] == 28
    assert (table.low_usd <= table.high_usd).all()


def test_the_page_plans_what_is_left_of_service() -> None:
    names = play(NOTEBOOK).names
    assert names["who"].left == choices.supply(names["read"], as_of=names["day"])
    assert names["who"].need().horizon_months == 30
    assert "For the 30.3 months left" in play(NOTEBOOK).said[0]
    later = play(NOTEBOOK, as_of="2028-06-01").names["who"]
    assert later.need().horizon_months == 12
    assert later.need().delay_months == 12  # a site that would take longer is never ready


def test_a_lease_lasts_no_longer_than_the_provider_must_stay() -> None:
    found = who(Supply(firm=3.0, stated=30.0), **B1)
    need = found.need()
    early = replace(need, lease_months=3)
    assert build.lease_npv(early) == pytest.approx((need.worth - need.fee) * need.due(3))
    assert build.value_of_speed(early) == build.lease_npv(early)  # the site takes 18 months
    last = ranges.turns(found).iloc[-1]
    assert (last.assumption, last["at"]) == ("how long the provider stays", 3.0)
    assert ranges.LEAVES[0] not in set(ranges.turns(who(**B1)).assumption)


def test_renting_costs_the_market_price_that_the_other_pages_show() -> None:
    other = play("03", draws=20).names["now"]
    names = play(NOTEBOOK).names
    assert names["now"].spot_usd_hour == pytest.approx(other.spot_usd_hour, rel=1e-3)
    ends = names["who"].ends("on_demand_to_fee")
    fees = [names["ahead"].fee_usd_hour(count) for count in (325_000, 325_000 * 3.5)]
    assert [ends["low"] * fees[0], ends["high"] * fees[1]] == pytest.approx(
        [names["now"].spot_usd_hour] * 2
    )
    assert names["who"].ends("market_to_fee") == ends
    given = play(NOTEBOOK, assume={"on_demand_to_fee": 1.68})
    assert given.names["who"].of("on_demand_to_fee") == 1.68
    assert "GIX monthly on-demand median" in play(NOTEBOOK).said[1]
    assert "no price of the same capacity is known" in given.said[1]


def test_the_lead_names_the_assumption_that_turns_the_answer() -> None:
    played = play(NOTEBOOK)
    turns = played.names["turns"]
    most = turns.loc[turns.turns_usd.idxmax()]
    assert f"It turns most on {most.assumption}: at" in played.said[0]
    assert f"the best is to {most.best}" in played.said[0]
    assert (turns.turns_usd > 0).equals(turns.best != turns.best[0])
    sure = play(NOTEBOOK, scope="colossus-1")  # at any price of that mix renting is the cheapest
    assert set(sure.names["turns"].best) == {"rent on demand"}
    assert "No assumption alone turns that" in sure.said[0]


def test_no_count_of_cases_stands_for_a_probability() -> None:
    for page in ("04", NOTEBOOK):
        for text in play(page).said:
            assert not re.search(r"(best|pays?).* in \d+( |,|\.)(?!%|months|years)", text), text
            assert "choices of" not in text


def test_a_range_where_worth_is_assumed() -> None:
    figures = {row["figure"]: row["value"] for row in play(NOTEBOOK).figures}
    assert figures["delay_low"] < figures["delay_high"]
    sure = play(NOTEBOOK, assume={"worth_to_fee": 1.44})
    sured = {row["figure"]: row["value"] for row in sure.figures}
    assert figures["even_low"] < sured["even_low"] <= sured["even_high"] < figures["even_high"]
    assert sured["speed_low"] == sured["speed_high"]


def test_the_exit_costs_more_where_capacity_is_worth_more() -> None:
    found = who()
    losses = ranges.losses(found, Supply(firm=3.0, stated=30.0))
    slow = losses[losses.replacement_months == losses.replacement_months.max()]
    assert slow.usd.is_monotonic_increasing
    parts = choices.loss(found, Supply(firm=3.0, stated=30.0))
    middle = losses[losses.worth_to_fee == found.of("worth_to_fee")].set_index("replacement_months")
    for months, each in parts.groupby("replacement_months"):
        assert middle.usd[months] == pytest.approx(each.usd.sum(), rel=1e-12)


def test_b2_how_much_to_reserve() -> None:
    table = choices.reserving(
        who(
            customer_mean_share=250 / 300,
            customer_sd_share=0.2,
            on_demand_to_fee=1.68,
            salvage_to_fee=0.0,
        ),
        points=41,
    )
    best = table[table.best].iloc[0]
    assert best.quantity_mw == pytest.approx(235.537576, rel=1e-7)
    assert best.usd_month / M == pytest.approx(1204.424912, rel=1e-7)
    assert table.usd_month.min() == best.usd_month
    even = choices.renting(who(on_demand_to_fee=1.68)).even_utilisation
    assert list(even) == pytest.approx([0.595238] * 3, abs=1e-6)


def test_b3_a_fixed_fee_while_prices_fall() -> None:
    found = who(market_fall_year=0.30, rate_year=math.expm1(0.10), market_to_fee=1.0)
    table = choices.fair_fees(found, months=37).set_index("price").loc["rental market"]
    assert table.fair_usd / found.fee == pytest.approx(1.569179 / 2.35, rel=1e-6)
    assert table.overpaid_usd / found.fee / 12 == pytest.approx(2.071750 / 2.35, rel=1e-6)
    assert table.end_ratio == pytest.approx(2.521868, rel=1e-6)
    last = choices.market(found, months=37).groupby("price").usd.last()
    assert last["fee"] / last["rental market"] == pytest.approx(2.521868, rel=1e-6)


def test_buying_is_best_where_its_cost_is_least() -> None:
    table = choices.buying(who(), years=[year / 10 for year in range(60)])
    for _, case in table.groupby("case"):
        best = case[case.best].iloc[0]
        assert best.usd == pytest.approx(case.usd.min(), rel=1e-12)


def test_b5_what_the_providers_exit_costs() -> None:
    found = who(
        worth_to_fee=1.44,
        replacement_to_fee=1.2,
        switching_to_fee=2.4,
        replacement_months=9.0,
        rate_year=0.12,
    )
    table = choices.loss(found, Supply(firm=3.0, stated=24.0)).head(3)
    assert list(table.usd / M) == pytest.approx([10.444578, 10.755917, 9.720654], rel=1e-6)


def test_b6_revenue_that_the_fee_asks_for() -> None:
    table = choices.revenue(who(gross_margin=0.5)).set_index("what")
    assert table["value"]["needed for the margin"] / M == pytest.approx(100.0)
    assert choices.covered(who(revenue_usd_mw_year=15e6))["value"] == pytest.approx(0.30)


def test_what_is_left_of_service_follows_the_providers_right() -> None:
    deal, day = files.contract("anthropic-xai"), date(2026, 11, 23)
    left = choices.supply(deal, as_of=day)
    assert (left.firm_months, left.stated_months) == (3, 30)
    bound = choices.supply(terms.read_as(deal, "headline"), as_of=day)
    assert not bound.may_end_early
    assert choices.loss(who(), bound).empty
    assert choices.supply(deal, as_of=date(2040, 1, 1)).stated_months == 0


def test_money_is_scaled_to_be_legible() -> None:
    assert [money([value])[1] for value in (2e9, -3e6, 5e3, 7.0)] == ["$bn", "$m", "$k", "$"]
    assert money([float("nan")]) == (1.0, "$")


@pytest.mark.parametrize("name", files.contracts())
@pytest.mark.parametrize("reading", ["", "headline"])
def test_the_page_holds_for_every_agreement(name: str, reading: str) -> None:
    played = play(NOTEBOOK, contract=name, reading=reading)
    keeps_the_rules(played)
    known = name != "reflection-spacex"
    charts = 0 if not known else 9 if reading == "headline" else 10
    assert len(played.charts) == charts
    assert known is not played.said[0].startswith("Lease, build or rent cannot be said")


@pytest.mark.parametrize("as_of", ["2020-01-01", "2040-01-01"])
def test_the_page_holds_on_any_day(as_of: str) -> None:
    keeps_the_rules(play(NOTEBOOK, as_of=as_of))


def test_a_mix_of_scopes_is_flagged_on_the_page() -> None:
    assert any("BEWARE" in text for text in play(NOTEBOOK, scope="colossus-1").said)
    assert not any("BEWARE" in text for text in play(NOTEBOOK).said)


def test_a_provider_that_cannot_leave_costs_nothing() -> None:
    said = " ".join(play(NOTEBOOK, reading="headline").said)
    assert "The provider cannot leave" in said


def test_the_providers_exit_waits_for_its_gate_and_is_not_rounded() -> None:
    deal, day = files.contract("google-spacex"), date(2026, 11, 23)
    left = choices.supply(deal, as_of=day)
    [said] = [text for text in play(NOTEBOOK, contract=deal.id).said if "notice may be" in text]
    assert f"{left.firm:.1f} months of service are left" in said
    assert left.firm != left.firm_months


def test_only_a_right_to_leave_guards_the_customer() -> None:
    guard = "The customer's right to leave is what guards it"
    assert guard in " ".join(play(NOTEBOOK).said)
    assert guard not in " ".join(play(NOTEBOOK, reading="headline").said)


def test_the_finding_follows_what_is_assumed() -> None:
    text = play(NOTEBOOK).said[0]
    assert text != play(NOTEBOOK, assume={"build_delay_months": 36}).said[0]
    slow = play(NOTEBOOK, assume={"worth_to_fee": 0.2}).said[0]
    assert "the best, in the middle of what is assumed, is to go without" in slow


def test_without_megawatts_the_page_says_why(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path))
    keeps_the_rules(played)
    [said] = played.said
    assert "the terms name neither megawatts nor accelerators" in said


def test_given_megawatts_answer_it(tmp_path: Path) -> None:
    keeps_the_rules(play(NOTEBOOK, contract=small(tmp_path), capacity_mw=0.5))
    keeps_the_rules(play(NOTEBOOK, contract=small(tmp_path, "[capacity]\nmw = 0.5\n")))


def test_the_lead_says_first_where_nothing_is_left() -> None:
    over, now = (play(NOTEBOOK, as_of=day) for day in ("2040-01-01", "2026-11-23"))
    keeps_the_rules(over)
    assert over.said[0].startswith("On 1 January 2040 nothing is left to serve")
    assert "nothing is left to serve" not in now.said[0]


def test_reserving_as_demand_shows_keeps_its_bound() -> None:
    for seed in range(20):
        found = choices.online(who(), blocks=6, reserve_months=3, months=24, seed=seed)
        cost = found.set_index("way").usd
        steady = cost["reserved throughout"]
        # hindsight does no worse than either
        assert cost["as demand shows"] <= reserve.worst_case(0.0) * min(
            steady, cost["all on demand"]
        )
    same = choices.online(who(), blocks=6, reserve_months=3, months=24, seed=19)
    assert same.equals(found)


def test_steady_demand_rents_one_month_in_four_or_all() -> None:
    steady = {"customer_mean_share": 1.0, "customer_sd_share": 1e-9}
    dear = who(on_demand_to_fee=1.68, **steady)
    cost = choices.online(dear, blocks=3, reserve_months=3, months=300, seed=1)
    usd = cost.set_index("way").usd
    # a month at 1.68 of the fee, then three reserved, over and over
    assert usd["as demand shows"] / usd["reserved throughout"] == pytest.approx(4.68 / 4)
    cheap = choices.online(
        who(on_demand_to_fee=0.9, **steady), blocks=3, reserve_months=3, months=30, seed=1
    )
    assert cheap.set_index("way").usd.nunique() == 1


def test_the_band_of_even_fees_holds_the_lines_and_the_sentence() -> None:
    found = who()
    band = ranges.even_band(found).set_index("delay_months")
    lines = choices.break_even_fees(found).groupby("delay_months").usd
    assert (band.low_usd <= lines.min()).all()
    assert (band.high_usd >= lines.max()).all()
    planned = found.need().delay_months
    fees = ranges.even_fees(found)
    assert (band.low_usd[planned], band.high_usd[planned]) == (fees.min(), fees.max())


def test_the_shapes_of_need_have_one_mean() -> None:
    dear = who(on_demand_to_fee=1.68)
    table = choices.reserve_by_shape(dear).set_index("shape").quantity_mw
    best = choices.reserving(dear, points=5).query("best").quantity_mw.iloc[0]
    assert table["normal"] == best
    assert table["gamma"] == pytest.approx(table["lognormal"], rel=0.03)
    assert table.nunique() == 3
