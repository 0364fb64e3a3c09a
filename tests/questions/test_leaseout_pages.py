"""The page that asks how much of the site to lease out."""

import math
from datetime import date
from pathlib import Path

import pytest
from agreements import plain
from played import keeps_the_rules, play, small

from analysis.contract import files, position
from analysis.data import sources
from analysis.models import planning
from analysis.models.planning import Plan
from analysis.models.provider import coverage, leaseout, recall
from analysis.models.provider.leaseout import Shared
from analysis.page import theme
from analysis.questions.lease_out.answer import Answer

NOTEBOOK = "05"


def site(*, blocks: int = 30, months: int = 37, **assume: float) -> Shared:
    """A site of 300 MW at 25/6 a megawatt and month, as in models' section 6."""
    base = {"demand_mean_share": 0.6, "demand_sd_share": 50 / 300, "rate_year": 0.10}
    table = Plan(sources.planning()).changed(base | assume)
    return Shared(mw=300.0, fee=25 / 6, months=months, blocks=blocks, plan=table)


def test_a7_the_price_of_notice_for_both_forecasts() -> None:
    table = leaseout.price_of_notice(
        site(own_use_to_fee=1.44, salvage_to_fee=0.36, forecast_sd_share=0.05), 3, own=None
    )
    at = table.set_index(["model", "notice_months"]).usd_month
    assert at["random walk", 1] == pytest.approx(26.200009, rel=1e-7)
    assert at["random walk", 3] == pytest.approx(45.379747, rel=1e-7)
    assert at["mean-reverting", 3] == pytest.approx(36.848998, rel=1e-7)
    assert at["random walk", 0] == 0
    share = table.set_index(["model", "notice_months"]).fee_share["random walk", 3]
    assert share == pytest.approx(45.379747 / 1250, rel=1e-7)


def test_a6_two_settlements_in_blocks_of_a_megawatt() -> None:
    table = leaseout.ways_back(
        site(blocks=300, own_use_to_fee=1.92, salvage_to_fee=0.36, buy_back_to_fee=1.32)
    )
    best = table[table.recall == "bought elsewhere"].iloc[0]
    assert best.leased_mw == pytest.approx(141.536, abs=0.5)
    assert best.usd_month == pytest.approx(1867.280, abs=0.02)


def test_recall_is_worth_more_the_shorter_its_notice() -> None:
    best = leaseout.best_starts(leaseout.by_notice(site(), [0, 1, 3, None]))
    assert best.value_usd.is_monotonic_decreasing
    assert best.share.is_monotonic_decreasing
    assert best.lost_by_leasing_all_usd.is_monotonic_increasing
    assert list(best.notice) == ["0 months", "1 month", "3 months", recall.NEVER]


def test_without_recall_the_best_start_is_that_of_the_rows() -> None:
    table = leaseout.by_notice(site(), [None])
    best = leaseout.best_starts(table).iloc[0]
    assert best.value_usd == table.usd.max()
    assert best.lost_by_leasing_all_usd == table.usd.max() - table.usd.iloc[-1]


def test_own_use_worth_no_more_than_the_fee_makes_notice_free() -> None:
    table = leaseout.price_of_notice(site(own_use_to_fee=1.0), 3, own=None)
    assert (table.usd_month == 0).all()


def test_the_gate_is_that_of_the_reading() -> None:
    deal = files.contract("anthropic-xai")
    gates = {
        name: coverage.gate_months(position(deal, reading=name), "provider")
        for name in ("R1", "R2", "R2e")
    }
    assert gates == {"R1": 0, "R2": 3, "R2e": 0}
    assert coverage.gate_months(position(plain()), "provider") == 0


def test_the_best_first_lease_starts_from_the_demand_that_the_page_states() -> None:
    deal, plan = files.contract("anthropic-xai"), Plan(sources.planning())
    day = position(deal, as_of=date(2026, 11, 23))
    found = leaseout.shared(planning.place(deal, plan), day, plan, blocks=30)
    assert found is not None
    assert found.now_mw in found.lease(3).demand.levels
    shares = leaseout.over_worth(found, [3])
    assert shares.worth.tolist() == [1.1, 1.44, 2.0]
    assert shares.share.tolist() == pytest.approx([0.8333, 0.8, 0.7333], abs=1e-4)


def test_the_same_seed_gives_the_same_path() -> None:
    one, same, other = (leaseout.followed(site(), notice_months=3, seed=seed) for seed in (7, 7, 8))
    assert one.equals(same)
    assert not one.equals(other)
    assert list(one.leased_mw + one.kept_mw) == pytest.approx([300.0] * 37)
    assert one.leased_mw.is_monotonic_decreasing  # what is taken back is not leased again


def test_all_is_taken_back_from_some_demand_on() -> None:
    table = recall.all_or_nothing(site().lease(3))
    assert table.recall.is_monotonic_increasing
    assert table.recall.any()
    assert table.leased_usd[0] > table.notice_usd[0]
    waits = table.leased_usd > table.notice_usd * (1 + 1e-9)
    assert list(waits) == list(~table.recall)  # the two lines of the chart part where notice waits


def test_the_notices_compared_hold_the_agreements_own_and_none() -> None:
    def compared(reading: str) -> list[float]:
        found = Answer(reading=reading, notice_months=[6, 0])
        return found.best.merge(found.by_notice, on="notice").notice_months.unique().tolist()

    assert compared("R2")[:3] == [0, 3, 6]
    assert compared("headline")[:2] == [0, 6]
    assert all(math.isnan(compared(reading)[-1]) for reading in ("R2", "headline"))


@pytest.mark.parametrize("name", files.contracts())
@pytest.mark.parametrize("reading", ["", "headline"])
def test_the_page_holds_for_every_agreement(name: str, reading: str) -> None:
    played = play(NOTEBOOK, contract=name, reading=reading)
    keeps_the_rules(played)
    known = name != "reflection-spacex"
    assert len([spec for spec in played.charts if "description" in spec]) == (3 if known else 0)
    assert known is not played.said[0].startswith("How much to lease out cannot be said")


def test_what_a_provider_without_a_right_reads() -> None:
    played = play(NOTEBOOK, reading="headline")
    assert "The provider has no right to recall capacity" in played.said[0]


def test_the_notice_clause_is_the_finding() -> None:
    found = Answer()
    assert found.own_low_share < found.own_share <= found.own_high_share
    assert found.own_share > found.bare_share
    assert found.own_lost_usd < found.bare_lost_usd
    first = {name: Answer(reading=name, as_of=date(2026, 5, 3)) for name in ("R1", "R2")}
    assert not first["R1"].best.equals(first["R2"].best)
    assert str(Answer(reading="R1").lead) == str(found.lead)  # the gate has passed
    other = Answer(seed=8)
    assert str(other.lead) == str(found.lead)
    assert not other.path.equals(found.path)


def test_without_megawatts_the_page_says_why(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path))
    keeps_the_rules(played)
    [said] = played.said
    assert "the terms name neither megawatts nor accelerators" in said


def test_given_megawatts_answer_it_in_a_unit_that_fits(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path), capacity_mw=0.5)
    keeps_the_rules(played)
    assert played.charts[0]["layer"][0]["encoding"]["y"]["title"].endswith("$m")


def test_a_mix_of_scopes_is_flagged_on_the_page() -> None:
    assert any("BEWARE" in text for text in play(NOTEBOOK, scope="Colossus 1").said)
    assert not any("BEWARE" in text for text in play(NOTEBOOK).said)


def test_the_lead_says_first_where_nothing_is_left() -> None:
    over, now = (play(NOTEBOOK, as_of=day) for day in ("2040-01-01", "2026-11-23"))
    keeps_the_rules(over)
    assert over.said[0].startswith("On 1 January 2040 nothing is left to serve")
    assert "nothing is left to serve" not in now.said[0]
    assert over.said[0].count("as when service began") == 1
    assert "as when service began" not in " ".join(now.said)
    months = [Answer(as_of=day).left_months for day in (date(2040, 1, 1), date(2026, 11, 23))]
    assert months == [37, 30]


def test_without_a_right_no_notice_is_spoken_of() -> None:
    said = " ".join(play(NOTEBOOK, reading="headline").said)
    assert "this agreement's notice" not in said
    assert "after 0 months" not in said
    assert "there is no right to recall" in said


def test_what_is_left_is_valued_on_the_day() -> None:
    deal, plan = files.contract("anthropic-xai"), Plan(sources.planning())
    place = planning.place(deal, plan)
    seen = {
        day: leaseout.shared(place, position(deal, as_of=day, reading="R2"), plan, blocks=3)
        for day in (date(2026, 1, 1), date(2026, 6, 3), date(2029, 5, 20), date(2029, 6, 1))
    }
    found = [(s.months, s.gate_months) for s in seen.values() if s]
    start = (37, 3)
    assert found == [start, (36, 2), start]
    assert seen[date(2029, 5, 20)] is None  # less than half a month is left to plan with
    assert {round(s.fee * s.mw) for s in seen.values() if s} == {1_250_000_000}


def test_a_later_end_is_followed() -> None:
    found = Answer(contract="invented-every-clause")
    assert found.position.headline.end > found.as_of
    assert found.left_months == found.site.months > 0


def test_a_dearer_recall_never_leases_more() -> None:
    table = leaseout.by_recall_price(site(), points=9)
    assert table.share.is_monotonic_decreasing
    assert table.recall_to_fee.iloc[0] == 1
    assert table.recall_to_fee.iloc[-1] == pytest.approx(1.44)


@pytest.mark.parametrize(
    ("shorter", "words"), [(1, "even at a discount"), (6, "even at an addition"), (3, None)]
)
def test_another_notice_is_worth_a_discount_or_costs_one(shorter: int, words: str | None) -> None:
    found = Answer(shorter_notice=shorter)
    said = str(found.say("notice_price"))
    assert words is None or words in said
    assert ("Notice of" in said[9:]) == (words is not None)
    assert "not defined" not in said


def test_two_losses_of_notice_say_how_they_differ() -> None:
    said = str(Answer().say("notice_price"))
    assert "if each month is leased anew; over the term there is one start" in said


def test_megawatts_stand_beside_the_share_that_they_are() -> None:
    assert "80 % (397 MW)" in str(Answer().lead)


def test_the_share_has_a_range_where_the_worth_of_internal_use_has() -> None:
    found, sure = Answer(), Answer(assume={"own_use_to_fee": 1.44})
    assert found.own_low_share < found.own_high_share
    assert sure.own_low_share == sure.own_high_share == sure.own_share
    for name in ("own_share", "bare_share", "own_lost_usd", "bare_lost_usd"):
        assert getattr(found, name) == getattr(sure, name)


def test_a_path_of_own_demand_may_be_given() -> None:
    path = [0.0] * 6 + [400.0] * 24
    found = Answer(demand_mw=path)
    assert list(found.path.demand_mw) == path
    assert found.path.leased_mw.iloc[0] > found.path.leased_mw.iloc[-1]
    short = leaseout.followed(site(), notice_months=3, seed=7, demand_mw=[9.0, 8.0])
    assert list(short.demand_mw) == [9.0, 8.0]


def test_a_notice_beyond_what_is_drawn_is_drawn() -> None:
    found = Answer(contract="invented-every-clause", longest_notice=1)
    assert found.price_of_notice.notice_months.max() == max(1, found.notice or 0)
    assert "not defined" not in str(found.say("notice_price"))


def test_the_agreements_own_notice_is_marked_among_the_others() -> None:
    chart = Answer(contract="google-spacex", notice_months=[*range(12)]).draw("by_notice")
    scale = chart.to_dict()["layer"][0]["encoding"]["color"]["scale"]
    colours = dict(zip(scale["domain"], scale["range"], strict=True))
    assert colours["3 months, as agreed"] == theme.PROVIDER
    assert list(colours.values()).count(theme.PROVIDER) == 1
