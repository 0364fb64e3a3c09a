"""The page that asks how an agreement is booked."""

from pathlib import Path

import pytest
from played import Played, keeps_the_rules, play, small

from analysis.contract import files
from analysis.page import embed

NOTEBOOK = "07"
CHARTS = 8
ALIKE = ("R1", "R2e", "R3", "customer-B", "june-2029")  # drawn as R2 is: only statements are read


def figures(played: Played) -> dict[str, float]:
    return {row["figure"]: row["value"] for row in played.figures}


def test_one_agreement_leads_the_page_in_every_frame() -> None:
    played = play(NOTEBOOK)
    keeps_the_rules(played)
    found = figures(played)
    # eight days of November and thirty months; or to 20 February, twenty days of 28
    assert found["backlog_1"] == found["paper"] == pytest.approx(1.25e9 * (8 / 30 + 30))
    assert found["backlog_2"] == pytest.approx(1.25e9 * (8 / 30 + 2 + 20 / 28))
    assert found["lease_2"] < found["lease_1"] < found["paper"]
    assert "$37.83bn if leaving would cost the customer too much or $3.73bn" in played.said[0]
    assert "nothing where the exemption for short leases is taken" in played.said[0]


def test_p9_stands_on_the_page() -> None:
    found = figures(play(NOTEBOOK))
    assert found["balance_2"] / 1e9 == pytest.approx(1.148208, abs=1e-6)
    assert found["balance_3"] / 1e9 == pytest.approx(0.803350, abs=1e-6)
    assert found["peak_2"] == found["peak_3"] == "2026-06-30"


@pytest.mark.parametrize(
    ("name", "reading"),
    [(name, reading) for name in files.contracts()
     for reading in files.contract(name).readings],
)  # fmt: skip
def test_the_page_holds_for_every_agreement_and_reading(name: str, reading: str) -> None:
    drawn = reading not in ALIKE
    played = play(NOTEBOOK, drawn=drawn, contract=name, reading=reading)
    keeps_the_rules(played)
    assert len(played.charts) == (CHARTS if drawn else 0)
    assert len(played.said) == 14
    assert not any("not defined" in said or "−$0" in said for said in played.said)


@pytest.mark.parametrize("standard", ["US GAAP", "IFRS"])
@pytest.mark.parametrize("seen_from", ["start", "as_of"])
def test_either_standard_from_either_day(standard: str, seen_from: str) -> None:
    played = play(
        NOTEBOOK, standard=standard, seen_from=seen_from, lease_class="finance",
        contract="google-spacex",
    )  # fmt: skip
    keeps_the_rules(played)
    assert ("IFRS 16.B34" in played.said[1]) is (standard == "IFRS")
    day = {"start": "1 October 2026", "as_of": "23 November 2026"}[seen_from]
    assert f"Seen from {day}" in played.said[0]


@pytest.mark.parametrize(
    ("as_of", "over"), [("2020-01-01", False), ("2029-05-31", False), ("2040-01-01", True)]
)
def test_the_page_holds_on_any_day(as_of: str, over: bool) -> None:
    played = play(NOTEBOOK, as_of=as_of)
    keeps_the_rules(played)
    assert ("nothing is left to serve" in played.said[0]) is over
    early = played.said[0].startswith(
        "The agreement was signed on 3 May 2026, after 1 January 2020"
    )
    assert early is (as_of == "2020-01-01")


def test_what_is_on_paper_names_the_end_of_its_reading() -> None:
    own = {"contract": "reflection-spacex", "reading": "june-2029+effect", "as_of": "2028-02-29"}
    text = "the same $2.41bn on paper, to 1 July 2029 under june-2029+effect, is,"
    assert text in play(NOTEBOOK, **own).said[0]


def test_what_is_judged_is_not_shown_both_ways() -> None:
    open_, judged = play(NOTEBOOK), play(NOTEBOOK, customer_penalty="no", customer_stays="no")
    assert "backlog_2" in figures(open_)
    assert "backlog_2" not in figures(judged)
    assert figures(judged)["backlog_1"] == figures(open_)["backlog_2"]
    assert "Between the figures" not in judged.said[1]


def test_books_are_coloured_as_the_parties_are() -> None:
    spec = play(NOTEBOOK).charts[0]
    color = spec["layer"][0]["encoding"]["color"]
    assert color["scale"] == {
        "domain": ["both", "provider", "customer"], "range": ["#5F6670", "#0072B2", "#D55E00"],
    }  # fmt: skip
    assert "Anthropic's books" in color["legend"]["labelExpr"]


def test_every_chart_is_as_wide_as_its_page() -> None:
    for spec in play(NOTEBOOK).charts:
        assert embed.flexible(spec), spec["title"]


def test_a_user_s_small_file_is_booked(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path))
    keeps_the_rules(played)
    assert len(played.charts) == CHARTS
    assert "$m" in played.charts[0]["layer"][0]["encoding"]["x"]["title"]


def test_an_index_is_said_and_never_forecast() -> None:
    own = {"contract": "invented-every-clause", "reading": "index"}
    silent, given = play(NOTEBOOK, **own), play(NOTEBOOK, **own, index={"2027-02-01": 103.0})
    assert any("No level is given" in said for said in silent.said)
    assert figures(given)["levels"] == 1
    for figure in ("lease_1", "backlog_1", "obligation"):
        assert figures(given)[figure] == figures(silent)[figure]
    later = play(NOTEBOOK, **own, index={"2027-02-01": 103.0}, as_of="2027-04-01")
    assert "backlog_1" in figures(later)
    with pytest.raises(ValueError, match="the terms follow no index"):
        play(NOTEBOOK, index={"2027-02-01": 103.0})


def test_a_ramp_is_told_from_a_level_fee() -> None:
    ramp, level = play(NOTEBOOK), play(NOTEBOOK, contract="google-spacex")
    assert any("a ramp of delivery" in said for said in ramp.said)
    assert any("The fee is level" in said for said in level.said)
