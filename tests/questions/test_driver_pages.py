"""The page that asks what drives the answer, and the tables behind it."""

import math
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from agreements import customer, plain
from played import NOTEBOOKS, keeps_the_rules, play, small

from analysis.contract import commitment, files, rights, terms
from analysis.contract.clauses import Party
from analysis.data import sources
from analysis.models.exits import leaving, lifetimes
from analysis.questions.drivers import charts as draw
from analysis.questions.drivers import drivers
from analysis.questions.drivers import words as say
from analysis.questions.drivers.drivers import CENT_USD

NOTEBOOK = "09"
DEALS = {name: files.contract(name) for name in files.contracts()}
READ = [(name, reading) for name, deal in DEALS.items() for reading in deal.readings]
DAY = date(2026, 11, 23)
START = DEALS["anthropic-xai"].start


@pytest.fixture(scope="module", autouse=True)
def heatmap_once() -> Iterator[None]:
    """The heatmap's table, most of a page's work, is one for all readings of an agreement."""
    known: dict[tuple[str, ...], pd.DataFrame] = {}
    work = drivers.through_time

    def through_time(agreement: terms.Agreement, *, party: Party) -> pd.DataFrame:
        shipped = agreement == DEALS.get(agreement.id)
        if not shipped:
            return work(agreement, party=party)
        key = (agreement.id, party)
        if key not in known:
            known[key] = work(agreement, party=party)
        return known[key].copy()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drivers, "through_time", through_time)
        yield


def chosen(name: str = "anthropic-xai", own: str = "R2", as_of: date = START):
    deal = DEALS[name]
    drawn = drivers.held(deal, own=own, as_of=as_of, party="customer")
    return drivers.inputs(
        deal,
        drawn=drawn,
        evidence=files.evidence(deal),
        plan=sources.planning(),
        assumed=sources.assumptions(),
    )


def test_z4_stands_on_the_page() -> None:
    table = drivers.whole_months(
        fee_usd_month=[1.125, 1.375], discount=[0.1, 0.9], months=[3, 6, 9], reduced=2
    ).set_index("input")
    shares = [table["first"][name] for name in ("fee", "discount", "months")]
    assert shares == pytest.approx([0.013191, 0.033769, 0.949761], abs=1e-6)
    assert table["mean"]["fee"] == pytest.approx(6.25)
    assert table.variance["fee"] == pytest.approx(9.870903, abs=1e-6)
    figures = {row["figure"]: row["value"] for row in play(NOTEBOOK).figures}
    assert figures["check_clause"] == pytest.approx(0.949761, abs=1e-6)
    assert figures["check_discount"] == pytest.approx(0.033769, abs=1e-6)
    assert figures["check_fee"] == pytest.approx(0.013191, abs=1e-6)


def test_t7_the_tornado_ends_at_the_readings_present_values() -> None:
    found = drivers.promised(
        DEALS["anthropic-xai"], chosen(), as_of=START, party="customer", own="R2"
    )
    row = found.table.set_index("input").loc["reading"]
    assert (row.at_low, row.at_high) == ("R1", "R3")
    worths = [row.low / 1e9, row.base / 1e9, row.high / 1e9]
    assert worths == pytest.approx([2.435852, 6.069613, 9.466053], abs=1e-6)


def test_the_clauses_share_is_that_of_the_readings_firm_values() -> None:
    deal = DEALS["anthropic-xai"]
    own = drivers.own_ranges(deal, chosen(), as_of=START, party="customer", own="R2")
    assert own.drawn == ("R2", "R1", "R2e", "R3", "R3x")
    usd = [commitment.firm(terms.read_as(deal, name)).usd for name in own.drawn]
    mean = sum(usd) / len(usd)
    between = sum((x - mean) ** 2 for x in usd) / len(usd)
    ramp_usd = 1.25e9 * (29 / 31 + 1)
    within = (0.8 * ramp_usd) ** 2 / 12
    assert own.share("reading") == pytest.approx(between / (between + within), rel=1e-9)
    assert own.share("discount") == pytest.approx(within / (between + within), rel=1e-9)


def test_readings_that_end_on_one_day_are_drawn_once() -> None:
    deal = DEALS["anthropic-xai"]
    drawn = drivers.held(deal, own="customer-B", as_of=START, party="customer")
    assert drawn[0] == "customer-B"
    assert "R2" not in drawn
    assert drivers.held(deal, own="R2", as_of=DAY, party="customer") == ("R2",)
    assert drivers.held(deal, own="headline", as_of=DAY, party="customer") == ("headline", "R2")


def test_ranges_are_those_of_the_evidence() -> None:
    found, plan = chosen(), sources.planning()
    rate = plan[plan.name == "rate_year"].iloc[0]
    assert [found["rate_year"].low, found["rate_year"].use, found["rate_year"].high] == [
        rate.low, rate.value, rate.high,
    ]  # fmt: skip
    chance = sources.assumptions().loc["leaving_chance_month"]
    assert [found["chance_month"].low, found["chance_month"].high] == [chance.low, chance.high]
    assert list(chosen("google-spacex", "serving", DEALS["google-spacex"].start)) == [
        "reading", "rate_year", "chance_month",
    ]  # fmt: skip
    assert all(each.source for each in found.values())


def test_expected_receipts_in_use_are_the_lifes() -> None:
    deal = DEALS["anthropic-xai"]
    found = drivers.expected(deal, chosen(), as_of=START, own="R2")
    read = terms.read_as(deal, "R2")
    weights = leaving.weights(sources.accelerators(), "memory bandwidth")
    ahead = leaving.ahead(read, as_of=START, weights=weights, metric="m", hours_month=730)
    life = lifetimes.constant(ahead, 0.05)
    usd = life.expected_value(lifetimes.receipts(ahead), rate_year=0.10)
    assert found.table.base[0] == pytest.approx(usd, rel=1e-12)
    assert (found.table["first"] <= found.table.total + 1e-12).all()


def test_h1_the_fan_ends_at_the_quantiles_of_the_life() -> None:
    fees = plain(
        end=date(2029, 2, 1),
        fee=[
            {"from": date(2026, 1, 1), "usd_month": 1.25, "discount": 0.5},
            {"from": date(2026, 3, 1), "usd_month": 1.25},
        ],
        termination=customer(notice_months=3, gate_months=3),
    )
    last = drivers.fan(fees, as_of=fees.start, chance_month=0.05).iloc[-1]
    months = {"q10": 8, "q25": 11, "q50": 19, "q75": 33, "q90": 37}
    assert {q: last[q] for q in months} == pytest.approx(
        {q: 1.25 * (n - 1) for q, n in months.items()}
    )
    assert last.expected == pytest.approx(25.157213, abs=1e-6)
    assert last.date == fees.end


@pytest.mark.parametrize(("name", "reading"), READ)
def test_the_fan_never_falls_and_stays_below_what_is_stated(name: str, reading: str) -> None:
    read = terms.read_as(DEALS[name], reading)
    table = drivers.fan(read, as_of=DAY, chance_month=0.05)
    for low, high in zip(["q10", "q25", "q50", "q75"], ["q25", "q50", "q75", "q90"], strict=True):
        assert (table[low] <= table[high]).all()
    assert (table.q90 <= table.stated).all()
    assert (
        table[["q10", "q90", "expected", "stated"]].apply(lambda c: c.is_monotonic_increasing).all()
    )
    if len(table):
        stated = commitment.headline(read, as_of=DAY).usd
        assert table.stated.iloc[-1] == pytest.approx(stated, rel=1e-9)
        assert table.date.iloc[-1] == rights.final_terms(rights.in_term(read, DAY)).end


@pytest.mark.parametrize(("name", "reading"), READ)
@pytest.mark.parametrize("seen_from", ["start", "as_of"])
def test_the_page_holds_for_every_agreement(name: str, reading: str, seen_from: str) -> None:
    played = play(NOTEBOOK, contract=name, reading=reading, seen_from=seen_from)
    keeps_the_rules(played)
    assert len(played.said) == 8
    assert not any("nan" in text or "not defined" in text for text in played.said)


def test_the_lead_is_the_clauses_share() -> None:
    played = play(NOTEBOOK)
    figures = {row["figure"]: row["value"] for row in played.figures}
    assert played.said[0].startswith("The clause explains 96 % of the variance of what is promised")
    assert "none of this is open any more" in played.said[0]
    assert figures["clause_share"] + figures["discount_share"] == pytest.approx(1)
    later = play(NOTEBOOK, as_of="2026-07-01", seen_from="as_of")
    assert later.said[0] != played.said[0]
    assert len(played.charts) == 5


def test_a_range_alone_is_called_the_only_one() -> None:
    played = play(NOTEBOOK, contract="google-spacex")
    assert "nothing else in the agreement has a range of its own" in played.said[0]
    assert "over the agreement's own ranges" not in played.said[0]


def test_words_beside_the_bars_have_room() -> None:
    table = drivers.promised(
        DEALS["anthropic-xai"], chosen(), as_of=START, party="customer", own="R2"
    ).table
    long = "a reading with quite a long name"[:16]
    spec = draw.drivers(table.assign(at_low=long), title="Why").to_dict()
    x = spec["concat"][0]["layer"][0]["encoding"]["x"]["scale"]["domain"]
    pixel = (x[1] - x[0]) / draw.WIDTH
    scale = 1e9
    assert table.low.min() / scale - x[0] >= len(long) * draw.LETTER * pixel
    assert x[1] > table.high.max() / scale


def test_an_agreement_without_ranges_says_so(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path))
    keeps_the_rules(played)
    assert played.said[0].startswith("The agreement has no ranges of its own: one reading and no")
    assert "the discount rate (15 % to 6 %)" in played.said[2]


def test_the_readmes_agreement_has_a_page(tmp_path: Path) -> None:
    text = (NOTEBOOKS.parent / "README.md").read_text().split("```toml\n")[1].split("```")[0]
    assert tomllib.loads(text)
    path = tmp_path / "acme.toml"
    path.write_text(text)
    played = play(NOTEBOOK, contract=str(path))
    keeps_the_rules(played)
    assert "The clause explains" in played.said[0]


def test_where_nothing_is_left_the_page_says_so() -> None:
    played = play(NOTEBOOK, as_of="2040-01-01", seen_from="as_of")
    keeps_the_rules(played)
    assert played.said[0].startswith("On 1 January 2040 nothing is left to serve")
    assert any("nothing is left to receive" in text for text in played.said)


def test_one_reading_alone_leaves_only_the_discount() -> None:
    deal = DEALS["anthropic-xai"]
    bound = terms.change(deal, {"readings": "none"})
    drawn = drivers.held(bound, own="R2", as_of=START, party="customer")
    found = drivers.inputs(
        bound,
        drawn=drawn,
        evidence=files.evidence(bound),
        plan=sources.planning(),
        assumed=sources.assumptions(),
    )
    own = drivers.own_ranges(bound, found, as_of=START, party="customer", own="R2")
    assert list(own.table.input) == ["discount"]
    assert own.share("discount") == pytest.approx(1)
    assert own.table.range[0] == pytest.approx(0.8 * 1.25e9 * (29 / 31 + 1))
    said = str(say.clause(own, own, seen=START, as_of=DAY, reading="R2"))
    assert said.startswith("The undisclosed discount explains 100 % of the variance")
    assert "On 23 November 2026 it explains 100 % of what is still open" in said


def test_what_does_not_move_has_no_chart() -> None:
    table = drivers.through_time(DEALS["anthropic-xai"], party="customer")
    assert set(table.reading) == {"R1", "R2", "R2e", "R3", "R3x", "customer-B"}
    assert (table.firm_usd >= -CENT_USD).all()
    whole = drivers.through_time(
        terms.read_as(DEALS["anthropic-xai"], "headline"), party="customer"
    )
    assert set(whole.reading) == {"headline"}
    assert math.isclose(
        table.firm_usd[0],
        commitment.firm(terms.read_as(DEALS["anthropic-xai"], table.reading[0])).usd,
    )
