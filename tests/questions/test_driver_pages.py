"""The page that asks what drives the answer, and the tables behind it."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from agreements import customer, plain
from played import NOTEBOOKS, keeps_the_rules, play, small

from analysis.contract import Agreement, files, position
from analysis.data import sources
from analysis.models import units
from analysis.models.exits import leaving
from analysis.questions.drivers.answer import Answer

NOTEBOOK = "09"
DEALS = {name: files.contract(name) for name in files.contracts()}
READ = [(name, reading) for name, deal in DEALS.items() for reading in deal.readings]
DAY = date(2026, 11, 23)
DEAL = DEALS["anthropic-xai"]
START = DEAL.start


def asked(agreement: Agreement = DEAL, **given: Any) -> Answer:
    """The page's answer of an agreement."""
    return Answer(**{"as_of": DAY} | given).of(agreement)


def test_t7_the_tornado_ends_at_the_readings_present_values() -> None:
    row = asked().committed.set_index("input").loc["reading"]
    assert (row.at_low, row.at_high) == (
        "90 days, effective after 3 months (R2e)",
        "180 days, then 90 days' notice (R3)",
    )
    worths = [row.low_usd / 1e9, row.base_usd / 1e9, row.high_usd / 1e9]
    assert worths == pytest.approx([2.514624, 6.069613, 9.466053], abs=1e-6)


def test_the_clauses_share_is_that_of_the_readings_firm_values() -> None:
    found = asked()
    drawn = found.drawn(START)
    assert drawn == {"R2": 0.5, "R2-july": 0.25, "R2e": 0.15, "R3": 0.05, "R3x": 0.05}
    ramp_usd = 1.25e9 * (29 / 31 + 1)
    within = (0.8 * ramp_usd) ** 2 / 12

    def share(weights: dict[str, float]) -> float:
        usd = {name: position(DEAL, reading=name).firm().usd for name in weights}
        whole = sum(weights.values())
        mean = sum(weights[n] * usd[n] for n in usd) / whole
        between = sum(weights[n] * (usd[n] - mean) ** 2 for n in usd) / whole
        return between / (between + within)

    assert found.lead_share == pytest.approx(share(drawn), rel=1e-9)
    assert found.discount_share == pytest.approx(1 - share(drawn), rel=1e-9)
    equal = dict.fromkeys(drawn, 1.0)
    assert found.drawn(START, equal=True) == equal
    assert found.equal_share == pytest.approx(share(equal), rel=1e-9)


def test_superseded_and_hypothetical_interpretations_weigh_nothing() -> None:
    weights = asked().weights.set_index("interpretation")
    none = weights[weights.status.isin(["superseded", "hypothetical"])]
    assert len(none) == 3
    assert (none.weight == 0).all()
    assert weights.weight.sum() == pytest.approx(1)
    assert list(weights.until.dropna()) == [date(2026, 6, 12)]


def test_readings_that_end_on_one_day_are_drawn_once() -> None:
    drawn = asked(reading="customer-B").drawn(START)
    assert next(iter(drawn)) == "customer-B"
    assert drawn["customer-B"] == 0.5  # that of R2, which ends on the same day
    assert "R2" not in drawn
    assert asked().drawn(DAY) == {"R2": pytest.approx(0.95)}
    assert list(asked(reading="headline").drawn(DAY)) == ["headline", "R2"]


def test_ranges_are_those_of_the_evidence() -> None:
    found, plan = asked().inputs(START), sources.planning()
    rate = plan[plan.name == "rate_year"].iloc[0]
    assert [found["rate_year"].low, found["rate_year"].use, found["rate_year"].high] == [
        rate.low, rate.value, rate.high,
    ]  # fmt: skip
    chance = sources.assumptions().loc["leaving_chance_month"]
    assert [found["chance_month"].low, found["chance_month"].high] == [chance.low, chance.high]
    google = DEALS["google-spacex"]
    assert list(asked(google).inputs(google.start)) == ["reading", "rate_year", "chance_month"]


def test_the_expectation_is_that_of_a_constant_chance() -> None:
    found = asked().expected
    read = position(DEAL, START, "R2")
    weights = units.weights(sources.accelerators(), "memory bandwidth")
    ahead = leaving.remaining(read, weights=weights, hours_month=730)
    life = ahead.life(0.05)
    usd = life.expected_value(ahead.receipts, rate_year=0.10)
    assert found.base_usd[0] == pytest.approx(usd, rel=1e-12)
    assert (found.alone_share <= found.total_share + 1e-12).all()


def test_h1_the_receipts_end_at_the_quantiles_of_the_life() -> None:
    fees = plain(
        end=date(2029, 2, 1),
        fee=[
            {"from": date(2026, 1, 1), "usd_month": 1.25, "discount": 0.5},
            {"from": date(2026, 3, 1), "usd_month": 1.25},
        ],
        termination=customer(notice_months=3, gate_months=3),
    )
    last = asked(fees, as_of=fees.start).receipts.iloc[-1]
    months = {"q10": 8, "q25": 11, "q50": 19, "q75": 33, "q90": 37}
    assert {q: last[f"{q}_usd"] for q in months} == pytest.approx(
        {q: 1.25 * (n - 1) for q, n in months.items()}
    )
    assert last.expected_usd == pytest.approx(25.157213, abs=1e-6)
    assert last.date == fees.end


@pytest.mark.parametrize(("name", "reading"), READ)
def test_receipts_never_fall_and_stay_below_what_is_stated(name: str, reading: str) -> None:
    read = position(DEALS[name], DAY, reading)
    found = Answer(contract=name, reading=reading).receipts
    lines = [f"q{n}_usd" for n in (10, 25, 50, 75, 90)]
    for low, high in zip(lines, [*lines[1:], "stated_usd"], strict=True):
        assert (found[low] <= found[high]).all()
    columns = found[["q10_usd", "q90_usd", "expected_usd", "stated_usd"]]
    assert columns.apply(lambda column: column.is_monotonic_increasing).all()
    if len(found):
        stated = read.headline.usd
        assert found.stated_usd.iloc[-1] == pytest.approx(stated, rel=1e-9)
        assert found.date.iloc[-1] == read.end


@pytest.mark.parametrize(
    ("name", "reading", "seen_from"),
    [(*read, ("start", "as_of")[n % 2]) for n, read in enumerate(READ)],
)
def test_the_page_holds_for_every_agreement(name: str, reading: str, seen_from: str) -> None:
    played = play(NOTEBOOK, contract=name, reading=reading, seen_from=seen_from)
    keeps_the_rules(played)
    found = played.names["found"]
    assert len(played.said) == 4 + (found.case == "open" and found.of_interpretation)
    assert not any("nan" in text or "not defined" in text for text in played.said)


def test_the_lead_is_the_clauses_share() -> None:
    played = play(NOTEBOOK)
    figures = {row["figure"]: row["value"] for row in played.figures}
    lead = played.said[0]
    assert lead.startswith("At the start, 3 May 2026, the clause explains 92.9 % of")
    assert "interpretations weighted as assumed." in lead
    assert "By 23 November 2026 those in force agree." in lead
    assert figures["lead_share"] + figures["discount_share"] == pytest.approx(1)
    later = play(NOTEBOOK, as_of="2026-07-01", seen_from="as_of")
    assert later.said[0] != lead
    assert len([chart for chart in played.charts if "title" in chart]) == 3


def test_a_range_alone_is_called_the_only_one() -> None:
    played = play(NOTEBOOK, contract="google-spacex")
    assert "the clause explains 100 %" in played.said[0]
    assert "discount" not in played.said[0]


def test_an_agreement_without_ranges_says_so(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path))
    keeps_the_rules(played)
    assert played.said[0].startswith("The agreement has no ranges of its own: one interpretation")
    assert "the discount rate alone moves" in played.said[1]


def test_the_readmes_agreement_has_a_page(tmp_path: Path) -> None:
    text = (NOTEBOOKS.parent / "README.md").read_text().split("```toml\n")[1].split("```")[0]
    assert tomllib.loads(text)
    path = tmp_path / "acme.toml"
    path.write_text(text)
    played = play(NOTEBOOK, contract=str(path))
    keeps_the_rules(played)
    assert "the clause explains" in played.said[0]


def test_where_nothing_is_left_the_page_says_so() -> None:
    played = play(NOTEBOOK, as_of="2040-01-01", seen_from="as_of")
    keeps_the_rules(played)
    assert played.said[0].startswith("On 1 January 2040 nothing is left to serve")
    assert any("nothing is left to receive" in text for text in played.said)


def test_one_reading_alone_leaves_only_the_discount() -> None:
    found = asked(DEAL.change({"readings": "none"}))
    assert list(found.own.input) == ["discount"]
    assert found.lead_share == pytest.approx(1)
    assert found.own.range_usd[0] == pytest.approx(0.8 * 1.25e9 * (29 / 31 + 1))
    assert "the undisclosed discount explains 100 % of committed fees' variance" in str(found.lead)
    later = asked(DEAL.change({"readings": "none"}), as_of=date(2026, 6, 1))
    assert "On 1 June 2026 it explains as much." in str(later.lead)
