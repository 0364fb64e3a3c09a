"""The page that asks whether an agreement sets a precedent."""

from pathlib import Path

import pytest
from played import Played, keeps_the_rules, play, small

from analysis.contract import files
from analysis.data import sources
from analysis.page import embed

NOTEBOOK = "08"
REAL = ["anthropic-xai", "google-spacex", "reflection-spacex"]


def figures(played: Played) -> dict[str, object]:
    return {row["figure"]: row["value"] for row in played.figures}


@pytest.mark.parametrize("name", files.contracts())
def test_the_page_holds_for_every_agreement(name: str) -> None:
    played = play(NOTEBOOK, contract=name)
    keeps_the_rules(played)
    assert len(played.charts) == (8 if name in REAL else 6)  # the others: nothing was reported
    assert not [text for text in played.said if "not defined" in text]


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("as_of", ["2026-06-01", "2040-01-01"])
def test_the_page_holds_before_signing_and_after_the_end(name: str, as_of: str) -> None:
    played = play(NOTEBOOK, contract=name, as_of=as_of, reading="headline")
    keeps_the_rules(played)
    if as_of > "2039":
        assert any("holds no fee that is left" in text for text in played.said)


def test_each_real_page_speaks_of_the_same_book() -> None:
    found = [figures(play(NOTEBOOK, contract=name)) for name in REAL]
    for figure in ("paper", "book_firm", "explains", "part", "kept_0", "top_share", "b_low"):
        values = {one[figure] for one in found}
        assert len(values) == 1, figure
    assert found[0]["explains"] == pytest.approx(11.410323e9, rel=1e-6)
    assert found[0]["part"] == pytest.approx(0.809, abs=5e-4)


def test_a_reading_that_exceeds_what_was_reported_is_named() -> None:
    said = " ".join(play(NOTEBOOK).said)
    assert "Anthropic under R3 ($15bn) would make it more than was reported" in said
    beyond = " ".join(play(NOTEBOOK, reading="R3").said)
    assert "more than was reported" in beyond
    assert "would make it" not in beyond


def test_an_ended_reading_leaves_the_book() -> None:
    played = play(NOTEBOOK, reading="R3x")
    keeps_the_rules(played)
    found = figures(played)
    assert found["held"] == 2
    assert found["book_price"] == pytest.approx(0.92e9 / 110_000 / 730)


def test_the_customers_book_counts_supply() -> None:
    said = play(NOTEBOOK, owner="customer").said
    assert any("firm supply" in text for text in said)
    assert any("nothing that Anthropic disclosed" in text for text in said)


def test_charts_but_those_of_several_panels_are_as_wide_as_their_page() -> None:
    charts = play(NOTEBOOK).charts
    panels = [spec for spec in charts if not embed.flexible(spec)]
    assert len(panels) == 2
    assert all(spec["columns"] for spec in panels)  # one below the other on a small screen


def test_titles_name_all_that_end_first_and_the_readings_that_fit() -> None:
    titles = [str(spec["title"]) for spec in play(NOTEBOOK).charts]
    assert "Anthropic and Reflection AI may end first, from 21 February 2027 on" in titles
    as_told = "Anthropic can be Customer B if revenue is booked as billed, "
    assert as_told + "or straight-line under R1 or R2e" in titles


def test_a_small_file_says_what_it_cannot_answer(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path))
    keeps_the_rules(played)
    assert "parameter sold_as" in played.said[0]
    known = play(NOTEBOOK, contract=small(tmp_path), sold_as="bare metal", capacity_mw=0.5)
    keeps_the_rules(known)
    assert figures(known)["price_high"] == pytest.approx(30e9)
    assert known.charts[0]["title"].startswith("$19.35bn to $30bn a GW and year against")
    hosting = play(NOTEBOOK, contract=small(tmp_path), sold_as="hosting")
    assert "so the fee has no unit" in hosting.said[0]


def test_other_agreements_join_a_book(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path), book_with=["google-spacex"])
    keeps_the_rules(played)
    assert figures(played)["held"] == 2


def test_a_corrected_row_moves_the_page(tmp_path: Path) -> None:
    rows = sources.comparables()
    path = tmp_path / "rows.csv"
    rows[rows.id == "spacex-google-2026"].assign(accelerators="330000").to_csv(path, index=False)
    before, after = play(NOTEBOOK), play(NOTEBOOK, corrections=str(path))
    keeps_the_rules(after)
    assert (figures(before)["leaning"], figures(after)["leaning"]) == (2, 1)


def test_no_idle_capacity_moves_nothing() -> None:
    played = play(NOTEBOOK, assume={"labs_idle_share": 0.0})
    keeps_the_rules(played)
    found = figures(played)
    assert found["fall_high"] == 0
    assert found["kept_0"] == found["left_0"]
