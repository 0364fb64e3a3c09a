"""The page that asks how much of the site to lease out."""

from pathlib import Path

import pytest
from agreements import plain
from played import keeps_the_rules, play, small

from analysis import planning, sources, terms
from analysis.provider import sharing
from analysis.provider.sharing import Shared

NOTEBOOK = "05"


def site(*, blocks: int = 30, months: int = 37, **assume: float) -> Shared:
    """A site of 300 MW at 25/6 a megawatt and month, as in models' section 6."""
    base = {"demand_mean_share": 0.6, "demand_sd_share": 50 / 300, "rate_year": 0.10}
    table = planning.changed(sources.planning(), base | assume)
    return Shared(mw=300.0, fee=25 / 6, months=months, blocks=blocks, plan=table)


def test_a7_the_price_of_notice_for_both_forecasts() -> None:
    table = sharing.price_of_notice(
        site(own_use_to_fee=1.44, salvage_to_fee=0.36, forecast_sd_share=0.05), 3
    )
    at = table.set_index(["model", "notice_months"]).usd_month
    assert at["random walk", 1] == pytest.approx(26.200009, rel=1e-7)
    assert at["random walk", 3] == pytest.approx(45.379747, rel=1e-7)
    assert at["pulled back to its mean", 3] == pytest.approx(36.848998, rel=1e-7)
    assert at["random walk", 0] == 0
    share = table.set_index(["model", "notice_months"]).fee_share["random walk", 3]
    assert share == pytest.approx(45.379747 / 1250, rel=1e-7)


def test_a6_two_settlements_in_blocks_of_a_megawatt() -> None:
    table = sharing.ways_back(
        site(blocks=300, own_use_to_fee=1.92, salvage_to_fee=0.36, buy_back_to_fee=1.32)
    )
    best = table[table.best & (table.way == "bought elsewhere")].iloc[0]
    assert best.leased_mw == pytest.approx(141.536, abs=0.5)
    assert best.usd_month == pytest.approx(1867.280, abs=0.02)


def test_recall_is_worth_more_the_shorter_its_notice() -> None:
    best = sharing.best_starts(site(), [0, 1, 3, None])
    assert best.worth_usd.is_monotonic_decreasing
    assert best.share.is_monotonic_decreasing
    assert best.lost_by_leasing_all_usd.is_monotonic_increasing
    assert list(best.notice) == ["0 months", "1 month", "3 months", sharing.NEVER]


def test_without_recall_the_best_start_is_that_of_the_rows() -> None:
    table = sharing.by_notice(site(), [None])
    best = sharing.best_starts(site(), [None]).iloc[0]
    assert best.worth_usd == table.usd.max()
    assert best.lost_by_leasing_all_usd == table.usd.max() - table.usd.iloc[-1]


def test_own_use_worth_no_more_than_the_fee_makes_notice_free() -> None:
    table = sharing.price_of_notice(site(own_use_to_fee=1.0), 3)
    assert (table.usd_month == 0).all()


def test_the_gate_is_that_of_the_reading() -> None:
    deal = sources.contract("anthropic-xai")
    gates = {name: sharing.gate_months(terms.read_as(deal, name)) for name in ("R1", "R2", "R2e")}
    assert gates == {"R1": 0, "R2": 3, "R2e": 0}
    assert sharing.gate_months(plain()) == 0


def test_the_same_seed_gives_the_same_path() -> None:
    one, same, other = (
        sharing.followed(site(), notice_months=3, leased=30, seed=seed) for seed in (7, 7, 8)
    )
    assert one.equals(same)
    assert not one.equals(other)
    assert list(one.leased_mw + one.kept_mw) == pytest.approx([300.0] * 37)
    assert one.leased_mw.is_monotonic_decreasing  # what is taken back is not leased again


def test_all_is_taken_back_from_some_demand_on() -> None:
    table = sharing.all_or_nothing(site(), notice_months=3)
    assert table.recall.is_monotonic_increasing
    assert table.recall.any()
    assert table.leased_usd[0] > table.own_usd[0]
    assert table.own_usd.iloc[-1] > table.leased_usd.iloc[-1]


def test_the_notices_compared_hold_the_agreements_own_and_none() -> None:
    assert sharing.notices([0, 3], 6) == [0, 3, 6, None]
    assert sharing.notices([3, 0], None) == [0, 3, None]


@pytest.mark.parametrize("name", sources.contracts())
@pytest.mark.parametrize("reading", ["", "headline"])
def test_the_page_holds_for_every_agreement(name: str, reading: str) -> None:
    played = play(NOTEBOOK, contract=name, reading=reading)
    keeps_the_rules(played)
    known = name != "reflection-spacex"
    assert len(played.charts) == (5 if known else 0)
    assert known is not played.said[0].startswith("How much to lease out cannot be said")


def test_what_a_provider_without_a_right_reads() -> None:
    played = play(NOTEBOOK, reading="headline")
    assert "The provider has no right to take capacity back" in played.said[0]


def test_the_notice_clause_is_the_finding() -> None:
    played = play(NOTEBOOK)
    figures = {row["figure"]: row["value"] for row in played.figures}
    assert figures["own_share"] > figures["firm_share"]
    assert figures["own_lost"] < figures["firm_lost"]
    assert figures["removed"] == pytest.approx(1 - figures["own_lost"] / figures["firm_lost"])
    assert play(NOTEBOOK, reading="R1").said[0] != played.said[0]
    assert play(NOTEBOOK, seed=8).said[0] == played.said[0]
    assert play(NOTEBOOK, seed=8).said != played.said


def test_without_megawatts_the_page_says_why(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path))
    keeps_the_rules(played)
    assert "the terms name neither megawatts nor accelerators" in played.said[0]
    assert all("Not answered" in text for text in played.said[1:])


def test_given_megawatts_answer_it_in_a_unit_that_fits(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path), capacity_mw=0.5)
    keeps_the_rules(played)
    assert played.charts[0]["layer"][0]["encoding"]["y"]["title"].endswith("$m")


def test_a_mix_of_scopes_is_flagged_on_the_page() -> None:
    assert any("BEWARE" in text for text in play(NOTEBOOK, scope="colossus-1").said)
    assert not any("BEWARE" in text for text in play(NOTEBOOK).said)


def test_the_lead_says_first_where_nothing_is_left() -> None:
    over, now = (play(NOTEBOOK, as_of=day) for day in ("2040-01-01", "2026-11-23"))
    keeps_the_rules(over)
    assert over.said[0].startswith("On 1 January 2040 nothing is left to serve")
    assert "nothing is left to serve" not in now.said[0]
    assert over.said[0].count("as when service began") == 1
    assert now.said[0].count("as when service began") == 1


def test_without_a_right_no_notice_is_spoken_of() -> None:
    said = " ".join(play(NOTEBOOK, reading="headline").said)
    assert "this agreement's notice" not in said
    assert "after 0 months" not in said
    assert "there is no right to recall" in said
