"""The page that asks whether an agreement sets a precedent."""

from pathlib import Path
from typing import Any

import pytest
from degenerate import DAY, EDGES, READ
from played import Played, play, small

from analysis.contract import files
from analysis.data import sources
from analysis.page import embed, tables
from analysis.page.findings import Finding
from analysis.questions.precedent.answer import Answer

NOTEBOOK = "08"
REAL = ["anthropic-xai", "google-spacex", "reflection-spacex"]


def found(played: Played) -> Answer:
    answer: Answer = played.names["found"]
    return answer


def keeps_the_rules(played: Played) -> None:
    """Every figure has a value or is not said; charts but the reader's own have a title."""
    names = [row["figure"] for row in played.figures]
    assert len(names) == len(set(names))
    assert not [text for text in played.said if "not defined" in text or "nan" in text]
    *drawn, own = played.charts
    for spec in drawn:
        title, told = (embed.titles(spec[part])[0] for part in ("title", "description"))
        assert title == told
    assert "title" not in own


@pytest.mark.parametrize("name", files.contracts())
def test_the_page_holds_for_every_agreement(name: str) -> None:
    played = play(NOTEBOOK, contract=name)
    keeps_the_rules(played)
    charts = {"anthropic-xai": 5, "invented-every-clause": 3}  # the latter: nothing to compare
    assert len(played.charts) == charts.get(name, 4)


@pytest.mark.parametrize("edge", EDGES)
def test_the_page_answers_at_an_edge(edge: str, tmp_path: Path) -> None:
    path = tmp_path / "edge.toml"
    path.write_text(EDGES[edge], encoding="utf-8")
    keeps_the_rules(play(NOTEBOOK, contract=str(path), as_of=DAY, reading=READ.get(edge, "")))


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("as_of", ["2026-06-01", "2040-01-01"])
def test_the_page_holds_before_signing_and_after_the_end(name: str, as_of: str) -> None:
    played = play(NOTEBOOK, contract=name, as_of=as_of, reading="headline")
    keeps_the_rules(played)
    if as_of > "2039":
        assert any("holds no fee that is left" in text for text in played.said)


def test_each_real_page_speaks_of_the_same_book() -> None:
    pages = [found(play(NOTEBOOK, contract=name)) for name in REAL]
    one = pages[0]
    for page in pages:
        assert page.book_usd == one.book_usd == page.positions.headline_usd.sum()
        assert page.book_firm_usd == one.book_firm_usd
        assert page.customer_low_usd == one.customer_low_usd
        assert page.kept.equals(one.kept)
        assert page.concentration.equals(one.concentration)
    assert one.explained_usd == pytest.approx(12.62e9, rel=1e-6)
    assert one.explained_share == pytest.approx(0.895, abs=5e-4)
    assert one.nearest_usd == pytest.approx(12.934323e9, rel=1e-6)
    assert one.nearest_share == pytest.approx(0.917, abs=5e-4)


def test_what_is_forecast_can_fail() -> None:
    answer = found(play(NOTEBOOK))
    assert answer.forecast_usd == pytest.approx(3 * 1.25e9)
    assert str(answer.say("forecast")).startswith("Forecast that can fail, made on 10 October 2026")
    assert "the quarter to 30 September 2026 shows $3.75bn" in str(answer.say("forecast"))


def test_the_discount_of_the_ramp_stands_beside_the_profit_expected_then() -> None:
    answer = found(play(NOTEBOOK))
    full, paid = (29 / 31 + 1) * 1.25e9, (answer.customer_low_usd, answer.customer_high_usd)
    assert answer.saved_low_usd == pytest.approx(full - paid[1])
    assert answer.saved_high_usd == pytest.approx(full - paid[0])
    assert answer.profit_usd < answer.saved_low_usd
    assert str(answer.say("customer")).endswith(
        "$559m of operating profit then, less than that discount."
    )


def test_the_customers_book_adds_up_to_what_was_reported() -> None:
    answer = found(play(NOTEBOOK))
    assert answer.tally_usd == pytest.approx(518.2e9)
    assert answer.tally_hard_share == pytest.approx(0.798, abs=5e-4)
    assert answer.tally_notice_share * answer.tally_usd == pytest.approx(84.5e9)
    assert not set(answer.further.counterparty) & {"Google", "Reflection AI"}  # they have files


def test_a_slope_is_drawn_through_eight_deals_or_more() -> None:
    assert found(play(NOTEBOOK)).slopes.deals.min() >= 8


def test_an_ended_reading_leaves_the_book() -> None:
    played = play(NOTEBOOK, reading="R3x")
    keeps_the_rules(played)
    assert found(played).held_count == 2


def test_the_customers_book_counts_supply() -> None:
    said = play(NOTEBOOK, owner="customer").said
    assert any("committed supply" in text for text in said)
    assert any("Anthropic disclosed nothing" in text for text in said)


def test_charts_are_as_wide_as_their_page() -> None:
    assert all(embed.flexible(spec) for spec in play(NOTEBOOK).charts)


def test_names_stand_above_their_dots_whatever_their_length() -> None:
    heads = play(NOTEBOOK).charts[0]["layer"][-1]
    assert heads["encoding"]["text"]["field"] == heads["encoding"]["y"]["field"]


def test_the_readings_that_fit_are_named() -> None:
    assert found(play(NOTEBOOK)).fitting == (
        "as billed under every interpretation or straight-line under "
        "“90 days, effective after 3 months (R2e)”"
    )


def test_a_small_file_says_what_it_cannot_answer(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path))
    keeps_the_rules(played)
    assert "parameter sold_as" in played.said[0]
    known = play(NOTEBOOK, contract=small(tmp_path), sold_as="bare metal", capacity_mw=0.5)
    keeps_the_rules(known)
    assert found(known).price_high_usd_gw_year == pytest.approx(30e9)
    assert found(known).title("prices").startswith("$19.4–30bn/GW-year, beside")
    hosting = play(NOTEBOOK, contract=small(tmp_path), sold_as="hosting")
    assert "the fee has no unit price" in hosting.said[0]


def test_other_agreements_join_a_book(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path), book_with=["google-spacex"])
    keeps_the_rules(played)
    assert found(played).held_count == 2


def test_a_corrected_row_moves_the_page(tmp_path: Path) -> None:
    rows = sources.comparables()
    path = tmp_path / "rows.csv"
    rows[rows.id == "spacex-google-2026"].assign(accelerators="330000").to_csv(path, index=False)
    after = play(NOTEBOOK, corrections=str(path))
    keeps_the_rules(after)
    assert (found(play(NOTEBOOK)).dearer_count, found(after).dearer_count) == (1, 0)


def test_no_idle_capacity_moves_nothing() -> None:
    played = play(NOTEBOOK, assume={"labs_idle_share": 0.0})
    keeps_the_rules(played)
    assert found(played).fall_high_share == 0
    assert (found(played).kept.low_usd == found(played).kept.headline_usd).all()


@pytest.mark.parametrize("given", [{}, {"contract": "reflection-spacex"}, {"scope": "both-sites"}])
def test_leads_are_short(given: dict[str, Any]) -> None:
    answer = Answer(**given)
    assert len(str(answer.heading).split()) <= 12
    assert len(str(answer.lead).split()) <= 30
    assert isinstance(answer.lead, Finding)


def test_each_count_and_price_opens_the_rows_that_it_is_made_of() -> None:
    page = Answer(contract="google-spacex")
    rows = {"cheaper_count": 7, "others_count": 8, "firm_known_count": 1, "unsure_count": 1}
    for name, many in rows.items():
        [made] = page.made_of(name)
        assert len(made["rows"]) - 1 == getattr(page, name) == many  # below their heads
    for name in ("price_low_usd_gw_year", "price_high_usd_gw_year", "firm_share"):
        assert page.made_of(name)
    assert page.firm_share == pytest.approx(6 / 33)  # months of one fee


def test_rows_of_one_capacity_are_said_to_count_once() -> None:
    twice = "Rows of one capacity count once."
    assert twice in str(Answer(contract="google-spacex").say("ranked"))  # both of Anthropic's
    assert twice not in str(Answer().say("ranked"))


def test_a_section_with_nothing_to_say_is_silent() -> None:
    page = Answer(contract="hut8-fluidstack")
    assert page.say("customer") is page.say("partners") is None


def test_a_book_meets_the_report_by_its_range() -> None:
    """What meets it within the discounts is drawn with them: the bar alone would not say so."""
    page = Answer(contract="google-spacex")
    rows = next(r for r in page.draw("explained").to_dict()["datasets"].values() if "least" in r[0])
    for each in rows:
        meets = each["least"] <= 14.15 and each["most"] >= 14.05
        assert (each["fits"] == "meets it, by discount") == meets
    assert "base case" in {each["label"] for each in rows}


def test_a_p_value_has_two_digits() -> None:
    assert set(tables.readable(Answer().slopes)["p-value"]) == {"0.6", "0.006"}


def test_the_axis_of_prices_ends_near_the_dearest_deal() -> None:
    page = Answer(contract="google-spacex")
    x = page.draw("prices").to_dict()["layer"][0]["encoding"]["x"]
    dearest = page.order.high_bn_usd_gw_year.max()
    assert dearest < x["scale"]["domain"][1] < 1.4 * dearest
