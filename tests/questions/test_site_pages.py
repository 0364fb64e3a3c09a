"""The page that asks whether an agreement pays for the site."""

import math
import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from played import keeps_the_rules, play, small

from analysis.contract import files, terms
from analysis.data import sources
from analysis.models import planning
from analysis.models.provider import Fees, Promise, exposure
from analysis.models.provider.site import Site
from analysis.questions.site import cases

BN = 1e9
NOTEBOOK = "04"
HALF = (0.625 * BN, 0.625 * BN, *[1.25 * BN] * 35)
FLAT = (1.25 * BN,) * 37
FIRM = {"R1": 3, "R2": 6, "R3": 9, "R0": 37}


def plan(**assume: float) -> pd.DataFrame:
    base = {"power_usd_mwh": 70.0, "pue": 1.0, "fixed_share_year": 0.03}
    return planning.changed(sources.planning(), base | assume)


def found(**assume: float) -> dict[str, Site]:
    """The site of models' section 5: 300 MW, 11.4 billion, 0.04383 billion a month to run."""
    deal, table = files.contract("anthropic-xai"), plan(**assume)
    place = planning.place(deal, table, scope="colossus-1", capacity_mw=300.0, capex_usd=11.4 * BN)
    return cases.sites(place, table)


def covered() -> pd.DataFrame:
    promises = {
        name: Promise(
            stated=Fees(scope="colossus-1", usd=HALF),
            firm=Fees(scope="colossus-1", usd=HALF[:months]),
        )
        for name, months in FIRM.items()
    }
    return cases.coverage(found(), promises, plan(), readings=list(FIRM)).set_index("reading")


def test_i1_payback_and_return_if_nobody_leaves() -> None:
    row = covered().loc["R0"]
    assert row.payback_months == pytest.approx(10.4877, abs=1e-4)
    assert row.irr_year == pytest.approx(1.9047, abs=1e-4)
    assert row.npv_usd / BN == pytest.approx(25.880, abs=1e-3)


def test_i4_d3_h4_what_each_reading_promises() -> None:
    table = covered()
    assert list(table.firm_to_capex[:3]) == pytest.approx([0.219298, 0.548246, 0.877193], abs=1e-6)
    capacity = [1.657250, 4.126695, 6.529456, 26.049894]
    assert list(table.debt_capacity_usd / BN) == pytest.approx(capacity, rel=1e-6)
    assert list(table.break_even_hazard[:3]) == pytest.approx(
        [0.106100, 0.163421, 0.332644], abs=1e-6
    )
    assert table.least_coverage["R0"] == pytest.approx(1.946465, rel=1e-6)


def test_a_bare_promise_is_told_from_one_to_the_end() -> None:
    table = covered().reset_index()
    assert list(cases.limited(table).reading) == ["R1", "R2", "R3"]
    wide = cases.over_capex(table, "firm_to_capex")
    assert list(wide.low) == list(wide.high)  # one capex was given: no range
    assert list(wide.firm_months) == [3, 6, 9]


def test_d2_what_notice_leaves_uncovered() -> None:
    table = cases.uncovered(
        found(), Fees(scope="colossus-1", usd=FLAT), plan(), window_months=3
    ).set_index("month")
    assert table.balance_usd[6] / BN == pytest.approx(7.800214, rel=1e-6)
    assert table.uncovered_usd[6] / BN == pytest.approx(4.247044, rel=1e-6)


def test_c1_three_denominators_stand_together() -> None:
    table = cases.offset(found(), Fees(scope="colossus-1", usd=FLAT), plan())
    assert list(table.basis) == ["cash", "accrual", "economic"]
    assert list(table.ratio) == pytest.approx([28.519279, 6.183119, 3.754166], rel=1e-6)


def test_d4_utilisation_to_break_even() -> None:
    fees = Fees(scope="colossus-1", usd=FLAT)
    table = cases.utilisation(found(), fees, plan(), fee_usd_month=FLAT[0])
    assert list(table.share) == pytest.approx([0.264911], abs=1e-6)


def test_k1_to_k4_the_counterparty() -> None:
    deals = [files.contract(name) for name in files.contracts()]
    book = cases.book(deals[0], deals, as_of=date(2026, 11, 23))
    assert list(book.customer) == ["Anthropic", "Google", "Reflection AI"]
    assert exposure.concentration(book.usd).effective == pytest.approx(2.213704, abs=1e-6)
    owed = cases.unpaid(1.25 * BN, plan())
    assert list(owed.usd / 1e6) == pytest.approx([3082.192, 2465.753, 92.466], abs=1e-3)
    again = cases.reletting(1.25 * BN, plan(), correlations=[0.0, 0.5])
    assert list(again.price_usd / BN) == pytest.approx([1.023413, 0.665821], abs=1e-6)
    assert list(again.shortfall_usd / BN) == pytest.approx([0.315167, 0.588882], abs=1e-6)


def test_the_fee_pays_for_the_widest_scope() -> None:
    deal, table = files.contract("anthropic-xai"), sources.planning()
    assert planning.place(deal, table).scope == "both-sites"
    assert planning.place(deal, table).widest
    assert not planning.place(deal, table, scope="colossus-1").widest
    with pytest.raises(ValueError, match="scope: 'memphis' is not allowed"):
        planning.place(deal, table, scope="memphis")


def test_a_case_has_the_megawatts_that_its_capex_builds() -> None:
    table = sources.planning()
    place = planning.place(files.contract("anthropic-xai"), table)
    each = {
        case: site.capex_usd / site.capacity_mw for case, site in cases.sites(place, table).items()
    }
    assert each["low capex"] == pytest.approx(29e6, rel=1e-3)
    assert each["high capex"] == pytest.approx(60e6, rel=1e-3)


def test_a_mix_of_scopes_is_flagged_on_the_page() -> None:
    whole, part = play(NOTEBOOK), play(NOTEBOOK, scope="colossus-1")
    assert "The fee as the terms state it covers all of it" in whole.said[1]
    assert not any("BEWARE" in text for text in whole.said)
    assert "BEWARE, TWO SCOPES" in part.said[1]


TRANCHE = """
[capacity]
mw = 1.0
[[tranche]]
name = "hall-2"
capacity = { mw = 0.5 }
fee = [{ from = 2026-09-01, usd_month = 1 }]
"""


def test_the_fee_of_a_tranche_is_not_set_against_the_site_alone(tmp_path: Path) -> None:
    place = planning.place(files.contract(small(tmp_path, TRANCHE)), sources.planning())
    assert place.widest
    assert place.mw == dict.fromkeys(planning.BOUNDS, 1.5)
    shown = play(NOTEBOOK, contract=small(tmp_path, TRANCHE)).said[1]
    assert "1.5 MW" in shown
    assert "BEWARE" not in shown
    both = files.contract("invented-every-clause")
    assert planning.place(both, sources.planning()).widest
    assert planning.place(both, sources.planning(), scope="hall-1").widest
    scope = "[scopes.all]\nmw = 1.5\n"
    whole = files.contract(small(tmp_path, TRANCHE + scope))
    assert planning.place(whole, sources.planning(), scope="all").widest


def test_an_amendment_signed_by_the_day_moves_fees_and_notice(tmp_path: Path) -> None:
    path = Path(small(tmp_path, "[capacity]\nmw = 0.5\n"))
    path.write_text(
        path.read_text()
        + '\n[[amendment]]\nsigned = 2026-09-01\neffective = 2026-10-01\ntitle = "dearer"\n'
        "[amendment.terms]\nfee = [{ from = 2026-10-01, usd_month = 2_500_000 }]\n"
        "termination.customer.notice_days = 180\n"
    )
    before, after = (
        play(NOTEBOOK, contract=str(path), as_of=day).names for day in ("2026-08-31", "2026-11-23")
    )
    assert (before["window"], after["window"]) == (3, 6)
    assert (max(before["fees"].usd), max(after["fees"].usd)) == (1.25e6, 2.5e6)
    assert (before["fee"], after["fee"]) == (1.25e6, 2.5e6)
    assert before["promised"].firm == after["promised"].firm  # promised when service began


def test_both_truths_lead_the_page() -> None:
    played = play(NOTEBOOK)
    assert "If nobody leaves, the fees pay the site" in played.said[0]
    assert "What was promised when service began covers" in played.said[0]
    figures = {row["figure"]: row["value"] for row in played.figures}
    # R1 at 0.9 off in the ramp over the high 39 billion, R3 at 0.1 off over the low 12.85
    assert figures["firm_low"] == pytest.approx(1.491935 / 39, rel=1e-6)
    assert figures["firm_high"] == pytest.approx(10.766129 / 12.85, rel=1e-6)
    assert figures["paid_first"] < 12 < 35 < figures["paid_last"]


@pytest.mark.parametrize("name", files.contracts())
@pytest.mark.parametrize("reading", ["", "headline"])
def test_the_page_holds_for_every_agreement(name: str, reading: str) -> None:
    played = play(NOTEBOOK, contract=name, reading=reading)
    keeps_the_rules(played)
    known = name != "reflection-spacex"
    assert known is not played.said[0].startswith("Whether it pays for the site cannot be said")
    assert len(played.charts) == (9 if known else 2)


@pytest.mark.parametrize("as_of", ["2020-01-01", "2040-01-01"])
def test_the_page_holds_on_any_day(as_of: str) -> None:
    keeps_the_rules(play(NOTEBOOK, as_of=as_of))


def test_without_megawatts_the_page_says_why(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path))
    keeps_the_rules(played)
    assert "the terms name neither megawatts nor accelerators" in played.said[0]
    assert "accelerators of the site" in played.said[0]
    assert sum("accelerators of the site" in text for text in played.said) == 1


def test_given_megawatts_answer_it_in_a_unit_that_fits(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path), capacity_mw=0.5)
    keeps_the_rules(played)
    figures = {row["figure"]: row["value"] for row in played.figures}
    assert figures["capex_middle"] == 0.5 * 44e6
    axis = played.charts[0]["layer"][0]["encoding"]["y"]["title"]
    assert axis.endswith("$m")
    assert "pay the site back in" in played.said[0]
    assert "(site)" not in " ".join(played.said)


def test_the_terms_of_payment_reach_the_exposure(tmp_path: Path) -> None:
    site, late = "[capacity]\nmw = 0.5\n", '[payment]\ntiming = "arrears"\nbilling_months = 3\n'
    ahead, behind = (
        {row["figure"]: row["value"] for row in played.figures}
        for played in (
            play(NOTEBOOK, contract=small(tmp_path, site + terms_), assume={"grace_days": 0})
            for terms_ in ("", late)
        )
    )
    assert (ahead["owed_peak"], ahead["expected"]) == (0, 0)
    assert behind["owed_peak"] == pytest.approx(3 * 1.25e6)
    assert ahead["late_peak"] > 0
    assert "late_peak" not in behind


def test_every_return_stands_beside_the_one_if_the_customer_leaves() -> None:
    table = cases.middle(play(NOTEBOOK).names["covered"]).set_index("reading")
    assert table.irr_year["R2"] == pytest.approx(0.747, abs=5e-4)
    assert table.firm_irr_year["R2"] == pytest.approx(-0.965, abs=5e-4)
    shown = cases.view(table.reset_index())
    assert "return if the customer leaves, yearly share" in shown
    figures = {row["figure"]: row["value"] for row in play(NOTEBOOK).figures}
    assert figures["irr_low"] > figures["early_irr_high"]
    assert figures["early_npv_low"] > 0
    assert "if the customer leaves" not in play(NOTEBOOK, reading="headline").said[6].lower()


def test_a_range_over_readings_carries_the_undisclosed_discount(tmp_path: Path) -> None:
    named = play(NOTEBOOK)
    known = play(NOTEBOOK, contract=small(tmp_path, "[capacity]\nmw = 0.5\n"))
    assert set(known.names["covered"].discount) == {"use"}  # nothing is undisclosed: no ends
    assert set(named.names["covered"].discount) == {"use", "low", "high"}
    assert set(named.names["ratios"].discount) == set(named.names["gap"].discount)
    figures = {row["figure"]: row["value"] for row in named.figures}
    at_use = named.names["covered"].query("discount == 'use'")
    assert figures["debt_low"] < at_use.debt_to_capex.min()
    assert figures["least_usd"] < 1.4919360e9 < 10.766e9 < figures["most_usd"]


def test_another_assumption_changes_the_sentence() -> None:
    assert play(NOTEBOOK).said[0] != play(NOTEBOOK, assume={"target_coverage": 2.0}).said[0]
    with pytest.raises(ValueError, match="assume: rate is not allowed"):
        play(NOTEBOOK, assume={"rate": 0.1})


def test_every_assumption_has_its_range_and_source() -> None:
    table = sources.planning()
    assert not table.duplicated(["name", "scope"]).any()
    assert set(table.kind) <= {"disclosed", "reported", "derived", "assumed"}
    known = table.dropna(subset=["low", "high"])
    assert ((known.low <= known["value"]) & (known["value"] <= known.high)).all()
    assert (table.source != "").all()
    assert (table.note != "").all()
    assert set(table[table.low.isna()].name) == {"loan_to_cost"}


def test_the_months_served_are_counted_from_the_first() -> None:
    deal = files.contract("anthropic-xai")
    days = [date(2026, 5, 1), date(2026, 5, 31), date(2026, 11, 23), date(2026, 12, 1)]
    assert [cases.served_months(deal, day) for day in days] == [0, 0, 6, 7]
    assert cases.served_months(deal, date(2040, 1, 1)) == 37  # of service, which has ended
    ended = terms.change(deal, {"end": date(2029, 5, 15), "readings": "none"})
    assert [cases.served_months(ended, date(2029, 5, day)) for day in (14, 15)] == [36, 37]


def test_without_a_resale_value_nothing_is_left_at_any_time() -> None:
    place = found()[cases.CASES["value"]]
    assert math.isinf(place.residual_decay_year)
    assert [place.residual_usd(month) for month in (0, 12)] == [0.0, 0.0]


def test_the_lead_says_first_where_nothing_is_left() -> None:
    over, now = (play(NOTEBOOK, as_of=day) for day in ("2040-01-01", "2026-11-23"))
    keeps_the_rules(over)
    assert over.said[0].startswith("On 1 January 2040 nothing is left to serve")
    assert "nothing is left to serve" not in now.said[0]


def test_a_short_reading_that_never_pays_back_does_not_contradict_itself() -> None:
    said = " ".join(play(NOTEBOOK, reading="R3x").said)
    assert "Even if nobody leaves, the fees pay the site" in said
    assert "Both are true" not in said
    assert "$33.79bn less than it costs" in said or "less than it costs, if nobody" in said
    assert "it cannot break even" in said


@pytest.mark.parametrize("reading", ["R1", "R2", "R3", "R3x", "headline"])
def test_a_range_that_is_none_is_given_once(reading: str) -> None:
    one = play(NOTEBOOK, reading=reading, capex_usd=15e9)
    keeps_the_rules(one)
    for text in [*one.said, *(str(chart["title"]) for chart in one.charts)]:
        ends = re.search(r"(\S+(?: months?| %)?) to (\S+(?: months?| %)?)", text)
        assert not ends or ends[1] != ends[2], text


def test_debt_is_held_against_the_cash_that_is_sure_at_its_time() -> None:
    fees = Fees(scope="colossus-1", usd=FLAT)
    behind, free = (
        cases.uncovered(found(), fees, plan(), window_months=3, gate_months=gate) for gate in (6, 0)
    )
    assert (behind.uncovered_usd[:6] < free.uncovered_usd[:6]).all()
    assert behind.uncovered_usd[6:].equals(free.uncovered_usd[6:])  # the gate is open
    wide = cases.uncovered(found(), fees, plan(), window_months=9)
    assert behind.uncovered_usd[0] == wide.uncovered_usd[0]


def test_without_a_right_no_notice_window_is_spoken_of() -> None:
    for reading in ("headline", "R3x"):
        played = play(NOTEBOOK, reading=reading)
        shown = [*played.said, *(str(chart["title"]) for chart in played.charts)]
        assert not any("notice" in text for text in shown)


def test_the_sentence_counts_the_gate() -> None:
    windows = {
        name: next(row["value"] for row in played.figures if row["figure"] == "window")
        for name, played in ((name, play(NOTEBOOK, reading=name)) for name in ("R1", "R2", "R3"))
    }
    assert windows == {"R1": 3, "R2": 6, "R3": 9}


def test_loan_life_coverage_of_what_is_promised_is_the_smaller() -> None:
    table = covered()
    assert table.loan_life_coverage["R0"] == pytest.approx(3.904528, rel=1e-6)  # D1, d = 0.5
    assert table.firm_loan_life_coverage.is_monotonic_increasing  # R1, R2, R3, R0
    assert table.firm_loan_life_coverage["R0"] == table.loan_life_coverage["R0"]


def test_a_later_amendment_of_the_end_is_known_to_the_lead(tmp_path: Path) -> None:
    longer = small(tmp_path, "")
    text = Path(longer).read_text()
    Path(longer).write_text(
        text + "\n[[amendment]]\nsigned = 2027-01-01\neffective = 2029-01-01\n"
        'title = "longer"\nterms = { end = 2031-06-01 }\n'
    )
    before, after = (
        play(NOTEBOOK, contract=longer, as_of=day) for day in ("2029-05-31", "2030-01-01")
    )
    assert "nothing is left" not in before.said[0] + after.said[0]
    assert "nothing is left" in play(NOTEBOOK, contract=longer, as_of="2031-06-01").said[0]
