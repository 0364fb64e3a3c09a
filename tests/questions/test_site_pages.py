"""The page that asks whether an agreement pays for the site."""

import math
import re
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from played import Played, keeps_the_rules, play, small

from analysis.contract import files, position
from analysis.data import sources
from analysis.models import planning
from analysis.models.finance import credit
from analysis.models.planning import Plan
from analysis.models.provider import coverage, site
from analysis.models.provider.coverage import FeesByMonth
from analysis.models.provider.site import BASE, Site
from analysis.page.parameters import UsageError, allowed, check
from analysis.questions.site.answer import Answer
from analysis.questions.site.parameters import Parameters

BN = 1e9
NOTEBOOK = "04"
HALF = (0.625 * BN, 0.625 * BN, *[1.25 * BN] * 35)
FLAT = (1.25 * BN,) * 37
FIRM = {"R1": 3, "R2": 6, "R3": 9, "R0": 37}


def plan() -> Plan:
    base = {"power_usd_mwh": 70.0, "pue": 1.0, "fixed_share_year": 0.03}
    return Plan(sources.planning()).changed(base)


def found() -> dict[str, Site]:
    """The site of models' section 5: 300 MW, 11.4 billion, 0.04383 billion a month to run."""
    deal, assumed = files.contract("anthropic-xai"), plan()
    place = planning.place(
        deal, assumed, scope="Colossus 1", capacity_mw=300.0, capex_usd=11.4 * BN
    )
    return site.sites(place, assumed)


def rows() -> pd.DataFrame:
    fees = {name: FeesByMonth(stated=HALF, firm=HALF[:months]) for name, months in FIRM.items()}
    return coverage.coverage(found(), {coverage.USE: fees}, plan(), readings=list(FIRM))


def covered() -> pd.DataFrame:
    return rows().set_index("reading")


def answer(contract: str = "anthropic-xai", **given: Any) -> Answer:
    return Answer(contract=contract, **given)


def said(name: str, **given: Any) -> str:
    return str(answer(**given).say(name))


def titles(played: Played) -> list[str]:
    return [str(chart["title"]) for chart in played.charts if "title" in chart]


def test_i1_payback_and_return_if_nobody_leaves() -> None:
    row = covered().loc["R0"]
    assert row.payback_months == pytest.approx(10.4877, abs=1e-4)
    assert row.irr_rate == pytest.approx(1.9047, abs=1e-4)
    assert row.npv_usd / BN == pytest.approx(25.880, abs=1e-3)


def test_i4_d3_h4_what_each_reading_promises() -> None:
    table = covered()
    assert list(table.firm_share[:3]) == pytest.approx([0.219298, 0.548246, 0.877193], abs=1e-6)
    capacity = [1.657250, 4.126695, 6.529456, 26.049894]
    assert list(table.debt_capacity_usd / BN) == pytest.approx(capacity, rel=1e-6)
    assert list(table.break_even_hazard_rate[:3]) == pytest.approx(
        [0.106100, 0.163421, 0.332644], abs=1e-6
    )
    assert table.least_dscr_times["R0"] == pytest.approx(1.946465, rel=1e-6)


def test_a_bare_promise_is_told_from_one_to_the_end() -> None:
    table = coverage.limited(rows())
    assert list(table.reading) == ["R1", "R2", "R3"]
    assert list(table.firm_months) == [3, 6, 9]
    wide = coverage.ends(table, "reading", "firm_share")
    assert list(wide.low) == list(wide.high)  # one capex was given: no range


def test_d4_utilisation_to_break_even() -> None:
    table = coverage.leased(found(), FLAT, plan(), fee_usd_month=1.25 * BN)
    assert list(table.share) == pytest.approx([0.264911], abs=1e-6)


def test_k1_to_k4_the_counterparty() -> None:
    book = credit.concentration([1.25 * BN, 0.92 * BN, 0.15 * BN])
    assert book.effective == pytest.approx(2.213704, abs=1e-6)
    owed = credit.owed(1.25 * BN, files.contract("anthropic-xai"), plan())
    assert list(owed.arrears_usd / 1e6) == pytest.approx([3082.192, 2465.753, 92.466], abs=1e-3)
    again = credit.releasing(1.25 * BN, plan(), [0.0, 0.5])
    assert list(again.price_usd_month / BN) == pytest.approx([1.023413, 0.665821], abs=1e-6)
    assert list(again.shortfall_usd_month / BN) == pytest.approx([0.315167, 0.588882], abs=1e-6)


def test_the_fee_pays_for_the_widest_scope() -> None:
    deal, table = files.contract("anthropic-xai"), Plan(sources.planning())
    assert planning.place(deal, table).scope == "both-sites"
    assert planning.place(deal, table).widest
    assert not planning.place(deal, table, scope="Colossus 1").widest
    with pytest.raises(ValueError, match="scope: 'memphis' is not allowed"):
        planning.place(deal, table, scope="memphis")


def test_a_case_has_the_megawatts_that_its_capex_builds() -> None:
    table = Plan(sources.planning())
    place = planning.place(files.contract("anthropic-xai"), table)
    sites = site.sites(place, table)
    each = {case: one.capex_usd / one.capacity_mw for case, one in sites.items()}
    assert each["low capex"] == pytest.approx(26.5e6, rel=1e-3)  # as filed
    assert each["high capex"] == pytest.approx(60e6, rel=1e-3)


def test_a_mix_of_scopes_is_flagged_on_the_page() -> None:
    whole, part = said("scope"), said("scope", scope="Colossus 1")
    assert "the whole fee would overstate returns" in whole
    assert "BEWARE" not in whole
    assert "BEWARE, TWO SCOPES" in part


@pytest.mark.parametrize(
    "page", ["price", "exit", "site", "lease_out", "build_or_rent", "precedent"]
)
def test_a_scope_may_be_named_by_a_key(page: str) -> None:
    kind = import_module(f"analysis.questions.{page}.answer").Answer
    asked = {scope: kind(scope=scope).given.scope for scope in ("colossus-1", "both-sites", "")}
    assert asked == {"colossus-1": "Colossus 1", "both-sites": "both-sites", "": ""}
    assert kind(scope="memphis").given.scope == "memphis"  # refused by what asks for it


TRANCHE = """
[capacity]
mw = 1.0
[[tranche]]
name = "hall-2"
capacity = { mw = 0.5 }
fee = [{ from = 2026-09-01, usd_month = 1 }]
"""


def test_the_fee_of_a_tranche_is_not_set_against_the_site_alone(tmp_path: Path) -> None:
    place = planning.place(files.contract(small(tmp_path, TRANCHE)), Plan(sources.planning()))
    assert place.widest
    assert place.mw == dict.fromkeys(planning.BOUNDS, 1.5)
    shown = said("scope", contract=small(tmp_path, TRANCHE))
    assert "1.5 MW" in shown
    assert "BEWARE" not in shown
    both = files.contract("invented-every-clause")
    assert planning.place(both, Plan(sources.planning())).widest
    assert planning.place(both, Plan(sources.planning()), scope="hall-1").widest
    scope = "[scopes.all]\nmw = 1.5\n"
    whole = files.contract(small(tmp_path, TRANCHE + scope))
    assert planning.place(whole, Plan(sources.planning()), scope="all").widest


def test_an_amendment_signed_by_the_day_moves_fees_and_notice(tmp_path: Path) -> None:
    path = Path(small(tmp_path, "[capacity]\nmw = 0.5\n"))
    path.write_text(
        path.read_text()
        + '\n[[amendment]]\nsigned = 2026-09-01\neffective = 2026-10-01\ntitle = "dearer"\n'
        "[amendment.terms]\nfee = [{ from = 2026-10-01, usd_month = 2_500_000 }]\n"
        "termination.customer.notice_days = 180\n"
    )
    before, after = (answer(str(path), as_of=day) for day in ("2026-08-31", "2026-11-23"))
    assert (before.sure_months, after.sure_months) == (3, 6)
    assert (max(before.fees.stated), max(after.fees.stated)) == (1.25e6, 2.5e6)
    assert (before.fee_usd_month, after.fee_usd_month) == (1.25e6, 2.5e6)
    assert before.fees.firm == after.fees.firm  # committed when service began


def test_both_truths_lead_the_page() -> None:
    page = answer()
    assert "If nobody leaves, fees repay the capex" in str(page.lead)
    assert "committed at the start cover" in str(page.lead)
    # R2e at 0.9 off in the ramp over the high 30.6 billion, R3 at 0.1 off over the low 12.757
    low, _, high = page.ends_of("committed_across_share")
    assert low == pytest.approx(1.572581 / 30.6, rel=1e-6)
    assert high == pytest.approx(10.766129 / 12.757, rel=1e-6)
    first, _, last = page.ends_of("payback_months")
    assert first < 12 < 26 < last


@pytest.mark.parametrize("name", files.contracts())
@pytest.mark.parametrize("reading", ["", "headline"])
def test_the_page_holds_for_every_agreement(name: str, reading: str) -> None:
    played = play(NOTEBOOK, contract=name, reading=reading)
    keeps_the_rules(played)
    known = name != "reflection-spacex"
    assert known is not played.said[0].startswith("Whether it pays for the site cannot be said")
    assert len(played.charts) == (4 if known else 1)


@pytest.mark.parametrize("as_of", ["2020-01-01", "2040-01-01"])
def test_the_page_holds_on_any_day(as_of: str) -> None:
    keeps_the_rules(play(NOTEBOOK, as_of=as_of))


def test_without_megawatts_the_page_says_why(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path))
    keeps_the_rules(played)
    assert "the terms name neither megawatts nor accelerators" in played.said[0]
    assert sum("accelerators of the site" in text for text in played.said) == 1
    assert "is owed when the customer defaults" in played.said[1]  # what needs no site is said


def test_given_megawatts_answer_it_in_a_unit_that_fits(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path), capacity_mw=0.5)
    keeps_the_rules(played)
    page = played.names["found"]
    assert page.capex_usd == 0.5 * 44e6
    axis = played.charts[0]["layer"][0]["encoding"]["y"]["title"]
    assert axis.endswith("$m")
    assert "repay the capex in" in played.said[0]


def test_the_terms_of_payment_reach_the_exposure(tmp_path: Path) -> None:
    hall, late = "[capacity]\nmw = 0.5\n", '[payment]\ntiming = "arrears"\nbilling_months = 3\n'
    ahead = answer(small(tmp_path, hall), assume={"grace_days": 0.0})
    assert (ahead.owed_usd, ahead.expected_loss_usd) == (0, 0)
    assert ahead.arrears_usd > 0
    assert "Billed in arrears" in str(ahead.say("owed"))
    behind = answer(small(tmp_path, hall + late), assume={"grace_days": 0.0})
    assert behind.owed_usd == pytest.approx(3 * 1.25e6)
    assert "Billed in arrears" not in str(behind.say("owed"))


def test_every_return_stands_beside_the_one_if_the_customer_leaves() -> None:
    page = answer()
    table = page.covered[page.covered.case == BASE].set_index("reading")
    assert table.irr_rate["R2"] == pytest.approx(0.751, abs=5e-4)
    assert table.committed_irr_rate["R2"] == pytest.approx(-0.965, abs=5e-4)
    assert page.ends_of("irr_rate")[0] > table.committed_irr_rate["R2"]
    assert page.ends_of("left_npv_usd")[-1] < 0
    assert "if the customer leaves" in str(page.say("returns"))
    assert "if the customer leaves" not in said("returns", reading="headline")


def test_a_range_over_readings_carries_the_undisclosed_discount(tmp_path: Path) -> None:
    named, known = answer(), answer(small(tmp_path, "[capacity]\nmw = 0.5\n"))
    assert set(known.coverage.discount) == {"base"}  # nothing is undisclosed: no ends
    assert set(named.coverage.discount) == {"base", "low", "high"}
    assert set(named.exposed.discount) == {"base", "low", "high"}
    assert named.ends_of("debt_across_share")[0] < named.covered.debt_share.min()
    base = named.limited[named.limited.case == BASE].firm_usd
    assert base.min() == pytest.approx(1.572581e9, rel=1e-6)  # R2e, all of the discount
    assert base.max() > 10.766e9


def test_another_assumption_changes_the_sentence() -> None:
    assert said("lenders") != said("lenders", assume={"target_coverage": 2.0})
    with pytest.raises(ValueError, match="assume: 'rate' is not known"):
        answer(assume={"rate": 0.1})


def test_every_list_of_the_page_has_a_rule() -> None:
    for name in ("rates", "correlations"):
        assert allowed(Parameters.model_fields[name]).startswith("each ")
        shipped = getattr(Parameters(), name)
        assert check(Parameters, {name: shipped}) == {name: shipped}
        with pytest.raises(UsageError, match=name):
            check(Parameters, {name: [11.0]})


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
    assert [coverage.served_months(position(deal, day)) for day in days] == [0, 0, 6, 7]
    over = position(deal, date(2040, 1, 1))
    assert coverage.served_months(over) == 37  # of service, which has ended
    ended = deal.change({"end": date(2029, 5, 15), "readings": "none"})
    last = [position(ended, date(2029, 5, day)) for day in (14, 15)]
    assert [coverage.served_months(each) for each in last] == [36, 37]


def test_without_a_resale_value_nothing_is_left_at_any_time() -> None:
    place = found()[BASE]
    assert math.isinf(place.residual_decay_year)
    assert [place.residual_usd(month) for month in (0, 12)] == [0.0, 0.0]


def test_the_lead_says_first_where_nothing_is_left() -> None:
    over = play(NOTEBOOK, as_of="2040-01-01")
    keeps_the_rules(over)
    assert over.said[0].startswith("On 1 January 2040 nothing is left to serve")
    assert "nothing is left to serve" not in str(answer().lead)


def test_a_short_reading_that_never_pays_back_does_not_contradict_itself() -> None:
    page = answer(reading="R3x")
    assert "Never paid back" in str(page.heading)
    assert "Even if nobody leaves, fees repay the capex" in str(page.lead)
    assert page.ends_of("npv_usd")[-1] < 0


@pytest.mark.parametrize("reading", ["R1", "R2", "R3", "R3x", "headline"])
def test_a_range_that_is_none_is_given_once(reading: str) -> None:
    one = play(NOTEBOOK, reading=reading, capex_usd=15e9)
    keeps_the_rules(one)
    for text in [*one.said, *titles(one)]:
        ends = re.search(r"(\S+(?: months?| %)?) to (\S+(?: months?| %)?)", text)
        assert not ends or ends[1] != ends[2], text


def test_debt_is_held_against_the_cash_that_is_sure_at_its_time() -> None:
    def uncovered(window: int, gate: int) -> pd.DataFrame:
        unit = {"window_months": window, "gate_months": gate}
        return site.uncovered(found()[BASE], FLAT, plan(), **unit)

    behind, free = uncovered(3, 6), uncovered(3, 0)
    assert (behind.uncovered_usd[:6] < free.uncovered_usd[:6]).all()
    assert behind.uncovered_usd[6:].equals(free.uncovered_usd[6:])  # the gate is open
    wide = uncovered(9, 0)
    assert behind.uncovered_usd[0] == wide.uncovered_usd[0]


def test_without_a_right_no_notice_window_is_spoken_of() -> None:
    for reading in ("headline", "R3x"):
        played = play(NOTEBOOK, reading=reading)
        shown = [*played.said, *titles(played)]
        assert not any("notice" in text for text in shown)


def test_the_sentence_counts_the_gate() -> None:
    found = {name: answer(reading=name).sure_months for name in ("R1", "R2", "R3")}
    assert found == {"R1": 3, "R2": 6, "R3": 9}


def test_loan_life_coverage_of_what_is_promised_is_the_smaller() -> None:
    table = covered()
    assert table.llcr_times["R0"] == pytest.approx(3.904528, rel=1e-6)  # D1, d = 0.5
    assert table.firm_llcr_times.is_monotonic_increasing  # R1, R2, R3, R0
    assert table.firm_llcr_times["R0"] == table.llcr_times["R0"]


def test_a_later_amendment_of_the_end_is_known_to_the_lead(tmp_path: Path) -> None:
    longer = small(tmp_path, "")
    text = Path(longer).read_text()
    Path(longer).write_text(
        text + "\n[[amendment]]\nsigned = 2027-01-01\neffective = 2029-01-01\n"
        'title = "longer"\nterms = { end = 2031-06-01 }\n'
    )
    leads = [str(answer(longer, as_of=day).lead) for day in ("2029-05-31", "2030-01-01")]
    assert "nothing is left" not in "".join(leads)
    assert "nothing is left" in str(answer(longer, as_of="2031-06-01").lead)


@pytest.mark.parametrize("contract", files.contracts())
def test_the_lead_gives_the_range_of_the_tile_and_says_what_it_goes_over(contract: str) -> None:
    page = answer(contract)
    for tile in [] if page.why_not else page._tiles():
        if tile["figure"] in ("payback_months", "committed_share"):
            span, over = tile["range"].split(", ")
            assert over == f"by {page.cases}"
            assert span in str(page.lead)
            assert f"{over}." in str(page.lead)


def test_a_discount_is_a_case_only_where_it_is_not_disclosed() -> None:
    disclosed, open_ = answer("google-spacex"), answer()
    assert list(disclosed.exposed) == ["case", "uncovered_usd", "exposed_months"]
    assert {*open_.exposed.discount} == {"base", "low", "high"}
    assert "3 of 3 cases of capex pay back" in str(disclosed.say("claimed"))
    assert "9 cases of capex and discount pay back" in str(open_.say("claimed"))
    one = answer("google-spacex", capex_usd=5e9)
    assert "months; here it does, if nobody leaves." in str(one.say("claimed"))
    assert "by capex" not in str(one.lead)


def test_the_choice_names_interpretations_by_their_words() -> None:
    page = answer("google-spacex")
    texts = str(page.draw("choose").to_dict()["datasets"])
    assert "served from 2027" in texts
    assert "serving commits" not in texts


def test_a_lease_that_nobody_can_leave_is_not_asked_how_long_its_customer_stays() -> None:
    page = answer("hut8-fluidstack")
    assert page.all_committed
    assert page.say("lives") is None
    assert page.draw("committed") is None  # one bar: a tile says it
    assert "served" not in page.title("paid_back")  # it has not begun
    texts = str(page.draw("choose").to_dict()["datasets"])
    assert "leaves early" not in texts


def test_a_cost_that_the_customer_bears_is_no_infinite_multiple() -> None:
    """A triple-net lease leaves the provider no cash cost to set the fee against."""
    assert list(answer("hut8-fluidstack").offsets.basis) == ["accrual", "economic"]
    assert list(answer().offsets.basis) == ["cash", "accrual", "economic"]
