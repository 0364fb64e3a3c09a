"""The page that asks whether to lease, build or rent."""

import math
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from played import keeps_the_rules, play, small

from analysis.contract import files, position
from analysis.data import sources
from analysis.models import planning
from analysis.models.customer import choices
from analysis.models.customer.choices import Buyer, Supply
from analysis.models.planning import Plan
from analysis.page.theme import money
from analysis.questions.build_or_rent.answer import Answer

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
    table = Plan(sources.planning()).changed(assume)
    place = planning.place(
        files.contract("anthropic-xai"),
        table,
        scope="Colossus 1",
        capacity_mw=300.0,
        capex_usd=11_400 * M,
    )
    found = choices.buyer(place, 1_250 * M, table, left=left)
    assert found
    return found


@pytest.mark.parametrize(
    ("name", "low", "high"), [("anthropic-xai", 26.5e6, 60e6), ("google-spacex", 26.5e6, 40e6)]
)
def test_low_capex_goes_with_low_megawatts(name: str, low: float, high: float) -> None:
    deal, table = files.contract(name), Plan(sources.planning())
    found = choices.buyer(planning.place(deal, table), 1_250 * M, table, left=FIVE_YEARS)
    assert found
    assert found.capex_mw["low"] == pytest.approx(low, rel=5e-3)
    assert found.capex_mw["high"] == pytest.approx(high, rel=5e-3)


def test_one_capex_over_more_megawatts_costs_less_each() -> None:
    deal, table = files.contract("anthropic-xai"), Plan(sources.planning())
    place = planning.place(deal, table, capex_usd=19e9)
    found = choices.buyer(place, 1_250 * M, table, left=FIVE_YEARS)
    assert found
    assert found.capex_mw["low"] < found.capex_mw["value"] < found.capex_mw["high"]


def test_b1_lease_build_and_bridge() -> None:
    npv = choices.options(who(**B1)).set_index("option").value_usd / M
    assert npv["lease"] == pytest.approx(84.370674, rel=1e-7)
    assert npv["build"] == pytest.approx(130.316919, rel=1e-7)
    assert npv["lease while building"] == pytest.approx(160.807967, rel=1e-7)
    middle = choices.longest_delays(who(**B1)).set_index(["worth", "capex"]).months
    assert middle["value", "value"] == 28


def test_b1_break_even_fee_and_value_of_speed() -> None:
    fees = choices.break_even_fees(who(**B1)).set_index("delay_months").value_usd_month / M
    assert fees[18] == pytest.approx(3.168277, rel=1e-6)
    speed = choices.speed(who(**B1)).set_index("worth_to_fee").usd / M
    assert speed[1.44] == pytest.approx(30.491048, rel=1e-7)
    assert replace(who(**B1).need(), delay_months=0).speed == 0


def test_the_range_holds_the_middle_and_every_case() -> None:
    found, plan = who(), Plan(sources.planning())
    table = choices.options(found)
    assert (table.low_usd <= table.value_usd).all()
    assert (table.value_usd <= table.high_usd).all()
    assert len(choices.decisions(found)) == 9
    low, high = (plan.at[end].worth_to_fee for end in ("low", "high"))
    assert low < plan.worth_to_fee < high


def test_building_is_worth_a_lease_up_to_the_longest_build_time() -> None:
    need = who(**B1).need()
    late = [replace(need, delay_months=months) for months in (28, 29)]
    pays = [each.build >= each.lease for each in late]
    assert pays == [True, False]
    delays = choices.longest_delays(who(**B1)).set_index(["worth", "capex"]).months
    assert delays["value", "value"] == 28


def test_the_best_option_of_every_case_is_that_of_its_values() -> None:
    table = choices.decisions(who(), range(0, 61, 12))
    ways = ["lease", "build", "lease while building", "rent on demand", "go without"]
    assert (table.best_usd == table[ways].max(axis=1)).all()
    assert (table.best == table[ways].idxmax(axis=1)).all()
    second = [row[ways].drop(row.best).max() for _, row in table.iterrows()]
    assert table.ahead_usd.tolist() == pytest.approx((table.best_usd - second).tolist())
    at = table.set_index(["worth", "capex", "delay_months"])
    planned = choices.decisions(who()).set_index(["worth", "capex", "delay_months"])
    assert at.loc[planned.index].equals(planned)


def test_the_page_plans_what_is_left_of_service() -> None:
    found = Answer()
    assert found.who.left == choices.supply(found.position)
    assert found.who.need().horizon_months == 30
    assert "30.3 months left" in str(found.say("decision"))
    later = Answer(as_of=date(2028, 6, 1)).who
    assert later.need().horizon_months == 12
    assert later.need().delay_months == 12  # a site that would take longer is never ready


def test_a_lease_lasts_no_longer_than_the_provider_must_stay() -> None:
    found = who(Supply(firm=3.0, stated=30.0), **B1)
    need = found.need()
    early = replace(need, lease_months=3)
    assert early.lease == pytest.approx((need.worth - need.fee) * need.due(3))
    assert early.speed == early.lease  # the site takes 18 months
    last = choices.turns(found).iloc[-1]
    assert (last.varied, last["at"]) == (choices.STAYS, 3.0)
    assert choices.STAYS not in set(choices.turns(who(**B1)).varied)


def test_renting_costs_the_market_price_that_the_other_pages_show() -> None:
    other = play("03", draws=20).names["found"].study.now
    found = Answer()
    ahead, now = found._market
    assert now
    assert now.spot_usd_hour == pytest.approx(other.spot_usd_hour, rel=1e-3)
    ends = {end: at.on_demand_to_fee for end, at in found.plan.at.items()}
    fees = [ahead.fee_usd_hour(count) for count in (325_000, 325_000 * 3.5)]
    assert [ends["low"] * fees[0], ends["high"] * fees[1]] == pytest.approx([now.spot_usd_hour] * 2)
    assert {end: at.market_to_fee for end, at in found.plan.at.items()} == ends
    given = Answer(assume={"on_demand_to_fee": 1.68})
    assert given.plan.on_demand_to_fee == 1.68
    assert "$3.7/H100e-hour (H100 on-demand, GIX monthly" in str(found.say("setting"))
    assert "no price of the same capacity" in str(given.say("setting"))


def test_the_page_names_the_assumption_that_turns_the_answer() -> None:
    found = Answer()
    turns = found.turns
    most = turns.loc[turns.ahead_usd.idxmax()]
    assert f"The {most.assumption} matters most" in str(found.say("turning"))
    usual = found.decision.best[4]
    assert (turns.ahead_usd > 0).equals(turns.option != usual)
    sure = Answer(scope="Colossus 1")  # at any price of that mix renting is the cheapest
    assert set(sure.turns.option) == {"rent on demand"}
    assert "No assumption alone" in str(sure.say("turning"))


def test_the_assumed_value_of_capacity_and_what_labs_earn_stand_in_the_lead() -> None:
    lead = str(Answer().lead)
    assert "worth 1.44× the fee (assumed; labs' assumed revenue: 0.5×)" in lead


def test_no_count_of_cases_stands_for_a_probability() -> None:
    for page in ("04", NOTEBOOK):
        for text in play(page).said:
            assert not re.search(r"(best|pays?).* in \d+( |,|\.)(?!%|months|years)", text), text
            assert "choices of" not in text


def test_a_range_where_worth_is_assumed() -> None:
    found, sure = Answer(), Answer(assume={"worth_to_fee": 1.44})
    assert found.build_low_months < found.build_high_months
    low, high = "even_fee_low_usd_mw_month", "even_fee_high_usd_mw_month"
    assert getattr(found, low) < getattr(sure, low) <= getattr(sure, high) < getattr(found, high)
    brought = sure.further.set_index("what").loc["leasing until an own site is ready"]
    assert brought.low_usd == brought.value_usd == brought.high_usd


def test_the_exit_costs_more_where_capacity_is_worth_more() -> None:
    losses = choices.losses(who(), Supply(firm=3.0, stated=30.0))
    slow = losses[losses.replacement_months == losses.replacement_months.max()]
    assert slow.usd.is_monotonic_increasing
    parts = losses[["gap_usd", "dearer_usd", "switching_usd"]].sum(axis=1)
    assert losses.usd.tolist() == pytest.approx(parts.tolist(), rel=1e-12)
    assert losses.all_usd.tolist() == (losses.usd * 300).tolist()


def test_b2_how_much_to_reserve() -> None:
    table = choices.reserving(
        who(
            customer_mean_share=250 / 300,
            customer_sd_share=0.2,
            on_demand_to_fee=1.68,
            salvage_to_fee=0.0,
        )
    )
    best = table.iloc[0]
    assert best.reserved_mw == pytest.approx(235.537576, rel=1e-7)
    assert best.usd_month / M == pytest.approx(1204.424912, rel=1e-7)
    assert best.usd_month < best.unreserved_usd_month
    even = choices.renting(who(on_demand_to_fee=1.68)).even_share
    assert list(even) == pytest.approx([0.595238] * 3, abs=1e-6)


def test_b3_a_fixed_fee_while_prices_fall() -> None:
    found = who(market_fall_year=0.30, rate_year=math.expm1(0.10), market_to_fee=1.0)
    table = choices.fair_fees(found, months=37).set_index("price").loc["rental market"]
    assert table.fair_usd_month / found.fee == pytest.approx(1.569179 / 2.35, rel=1e-6)
    assert table.overpaid_usd / found.fee / 12 == pytest.approx(2.071750 / 2.35, rel=1e-6)
    assert table.end_ratio == pytest.approx(2.521868, rel=1e-6)


def test_buying_is_best_where_its_cost_is_least() -> None:
    table = choices.buying(who(), years=[year / 10 for year in range(60)])
    for _, case in table.groupby("capex"):
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
    table = choices.losses(found, Supply(firm=3.0, stated=24.0))
    parts = table[table.worth_to_fee == 1.44].iloc[0][["gap_usd", "dearer_usd", "switching_usd"]]
    assert list(parts / M) == pytest.approx([10.444578, 10.755917, 9.720654], rel=1e-6)


def test_a_replacement_that_comes_early_leaves_no_gap_and_one_that_never_comes_all() -> None:
    case = {"worth_to_fee": 1.44, "replacement_to_fee": 1.2, "rate_year": 0.12}
    left, v = Supply(firm=3.0, stated=24.0), 1.12 ** (-np.arange(24) / 12)
    for months, gap, dearer in ((1.0, 0.0, 0.2), (99.0, 0.44, 0.0)):
        found = who(**case, replacement_months=months)
        row = choices.losses(found, left).iloc[0]
        served = found.fee * v[3:].sum()
        assert [row.gap_usd, row.dearer_usd] == pytest.approx([gap * served, dearer * served])


def test_a_margin_of_all_revenue_is_refused() -> None:
    with pytest.raises(ValueError, match=r"gross_margin: 1\.0 is not allowed, it must be below 1"):
        choices.revenue(who(gross_margin=1.0))


def test_b6_revenue_that_the_fee_asks_for() -> None:
    table = choices.revenue(who(gross_margin=0.5)).set_index("revenue")
    assert table.value_usd["needed for the margin"] / M == pytest.approx(100.0)
    assert choices.covered(who(revenue_usd_mw_year=15e6))["value"] == pytest.approx(0.30)


def test_what_is_left_of_service_follows_the_providers_right() -> None:
    deal, day = files.contract("anthropic-xai"), date(2026, 11, 23)
    left = choices.supply(position(deal, as_of=day))
    assert (left.firm_months, left.stated_months) == (3, 30)
    bound = choices.supply(position(deal, as_of=day, reading="headline"))
    assert bound.firm_months == bound.stated_months
    assert choices.losses(who(), bound).empty
    assert choices.supply(position(deal, as_of=date(2040, 1, 1))).stated_months == 0


def test_money_is_scaled_to_be_legible() -> None:
    assert [money([value])[1] for value in (2e9, -3e6, 5e3, 7.0)] == ["$bn", "$m", "$k", "$"]
    assert money([float("nan")]) == (1.0, "$")


@pytest.mark.parametrize("name", files.contracts())
@pytest.mark.parametrize("reading", ["", "headline"])
def test_the_page_holds_for_every_agreement(name: str, reading: str) -> None:
    played = play(NOTEBOOK, contract=name, reading=reading)
    keeps_the_rules(played)
    known = name != "reflection-spacex"
    assert len([spec for spec in played.charts if "description" in spec]) == (4 if known else 0)
    assert known is not played.said[0].startswith("Lease, build or rent cannot be compared")


@pytest.mark.parametrize("as_of", ["2020-01-01", "2040-01-01"])
def test_the_page_holds_on_any_day(as_of: str) -> None:
    keeps_the_rules(play(NOTEBOOK, as_of=as_of))


def test_a_mix_of_scopes_is_flagged_on_the_page() -> None:
    wide = "also pays for other capacity"
    assert any(wide in text for text in play(NOTEBOOK, scope="Colossus 1").said)
    assert not any(wide in text for text in play(NOTEBOOK).said)


def test_a_provider_that_cannot_leave_costs_nothing() -> None:
    said = " ".join(play(NOTEBOOK, reading="headline").said)
    assert "The provider cannot terminate before the stated end" in said


def test_the_providers_exit_waits_for_its_gate_and_is_not_rounded() -> None:
    deal, day = files.contract("google-spacex"), date(2026, 11, 23)
    left = choices.supply(position(deal, as_of=day))
    found = Answer(contract=deal.id)
    assert f"{left.firm:.1f} months of service are left" in str(found.say("losses"))
    assert found.firm_months == left.firm != left.firm_months


def test_the_finding_follows_what_is_assumed() -> None:
    text = play(NOTEBOOK).said[0]
    assert text != play(NOTEBOOK, assume={"build_delay_months": 36}).said[0]
    slow = Answer(assume={"worth_to_fee": 0.2})
    assert "Going without is best: $0/MW, " in str(slow.heading)


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


def test_the_band_of_even_fees_holds_the_line_and_the_sentence() -> None:
    found = Answer()
    band = found.break_even.set_index("delay_months")
    assert (band.low_usd_month <= band.value_usd_month).all()
    assert (band.high_usd_month >= band.value_usd_month).all()
    planned = band.loc[found.ready_months]
    assert planned.value_usd_month == found.who.need().break_even_fee
    said = (found.even_fee_low_usd_mw_month, found.even_fee_high_usd_mw_month)
    assert said == (planned.low_usd_month, planned.high_usd_month)


def test_the_shapes_of_need_have_one_mean() -> None:
    dear = who(on_demand_to_fee=1.68)
    table = choices.reserving(dear).set_index("shape").reserved_mw
    assert table["gamma"] == pytest.approx(table["lognormal"], rel=0.03)
    assert table.nunique() == 3


def test_one_option_that_is_always_best_is_drawn_among_the_others() -> None:
    """Nine equal cells would say nothing: the range of each option is drawn in their place."""
    page = Answer(contract="google-spacex")
    assert page.one_best
    assert page.title("decision") == "At any value of capacity and capex, renting on demand is best"
    bar, *_ = page.draw("decision").to_dict()["layer"]
    assert bar["mark"]["type"] == "bar"
    drawn = page.draw("decision").to_dict()["datasets"]
    names = [row["option"] for row in next(iter(drawn.values()))]
    assert names[0] == "rent on demand"
    assert "go without" not in names
    assert not Answer().one_best
    assert "cells" in str(Answer().say("decision")).lower()


def test_what_is_never_reserved_has_no_table() -> None:
    page = Answer(contract="google-spacex")
    assert page.reserving.empty
    assert len(Answer().reserving) == 3
    assert "it costs $20.8m to $106m less per MW" in str(page.say("renting"))
    assert page.title("buying") == "Buying at once is cheapest"


def test_an_option_that_only_leaving_it_follows_is_said_to_be_the_only_one_that_pays() -> None:
    page = Answer(contract="iren-microsoft", assume={"on_demand_to_fee": 5.0})
    assert str(page.lead).endswith("; no other option pays.")
    assert str(page.heading).startswith("Only leasing pays: $17.3m")


def test_a_building_alone_is_not_set_against_what_a_lab_earns() -> None:
    tiles = [tile["figure"] for tile in Answer(contract="hut8-fluidstack")._tiles()]
    assert "covered_times" not in tiles
    assert "covered_times" in [tile["figure"] for tile in Answer()._tiles()]


def test_renting_has_its_assumed_price_where_no_accelerator_is_in_service() -> None:
    """The site of this agreement has none on the day: its fee has no price an H100-hour."""
    page = Answer(contract="iren-microsoft")
    assert page.options.value_usd.notna().all()
    assert "the price of renting is assumed" in str(page.say("setting"))
    assert "not defined" not in str(page.say("renting"))
