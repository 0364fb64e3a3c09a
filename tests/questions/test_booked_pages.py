"""The page that asks how an agreement is booked."""

from datetime import date
from pathlib import Path

import pytest
from played import Played, keeps_the_rules, play, small

from analysis.contract import files
from analysis.page import embed
from analysis.questions.accounting.answer import Answer

NOTEBOOK = "07"
CHARTS = 4  # the last is the reader's own; one less where the fee is level


def figures(played: Played) -> dict[str, float]:
    return {row["figure"]: row["value"] for row in played.figures}


def test_one_agreement_leads_the_page_in_every_frame() -> None:
    played = play(NOTEBOOK)
    keeps_the_rules(played)
    found, whole = figures(played), played.names["found"].outcomes.usd[0]
    # eight days of November and thirty months; or to 20 February, twenty days of 28
    assert found["obligation_high_usd"] == whole == pytest.approx(1.25e9 * (8 / 30 + 30))
    assert found["obligation_low_usd"] == pytest.approx(1.25e9 * (8 / 30 + 2 + 20 / 28))
    assert found["liability_low_usd"] < found["liability_high_usd"] < whole
    assert "obligation is $37.8bn or $3.73bn, depending on whether Anthropic's" in played.said[0]
    assert "lease of a year or less may be left off" in played.said[1]


def test_p9_stands_on_the_page() -> None:
    found = figures(play(NOTEBOOK))
    assert found["balance_usd"] / 1e9 == pytest.approx(1.148208, abs=1e-6)
    assert found["balance_date"] == "2026-06-30"
    peaks = Answer().peaks.set_index("way")
    line = "straight line, penalty not substantive"
    assert peaks.balance_usd[line] / 1e9 == pytest.approx(0.803350, abs=1e-6)
    assert peaks.day[line] == date(2026, 6, 30)


@pytest.mark.parametrize(
    ("name", "reading"),
    [(name, reading) for name in files.contracts()
     for reading in files.contract(name).readings],
)  # fmt: skip
def test_the_page_holds_for_every_agreement_and_reading(name: str, reading: str) -> None:
    played = play(NOTEBOOK, contract=name, reading=reading)
    keeps_the_rules(played)
    assert len(played.charts) == CHARTS - played.names["found"].level
    assert len(played.said) >= 6
    assert not any("not defined" in said or "−$0" in said for said in played.said)


@pytest.mark.parametrize("standard", ["US GAAP", "IFRS"])
@pytest.mark.parametrize("seen_from", ["start", "as_of"])
def test_either_standard_from_either_day(standard: str, seen_from: str) -> None:
    played = play(
        NOTEBOOK, standard=standard, seen_from=seen_from, lease_class="finance",
        contract="google-spacex",
    )  # fmt: skip
    keeps_the_rules(played)
    paragraphs = played.names["found"].outcomes.paragraph
    assert paragraphs.str.contains("IFRS 16.B34").any() == (standard == "IFRS")
    day = {"start": "1 October 2026", "as_of": "23 November 2026"}[seen_from]
    assert f"On {day}, " in played.said[0]


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


def test_what_is_left_ends_with_its_reading() -> None:
    found = Answer(
        contract="reflection-spacex", reading="june-2029+effect", as_of=date(2028, 2, 29)
    )
    left = found.outcomes.iloc[0]
    assert left.usd == pytest.approx(2.405172e9, rel=1e-6)
    assert left.end == date(2029, 7, 1)


def test_what_is_judged_is_not_shown_both_ways() -> None:
    open_, judged = Answer(), Answer(customer_penalty="no", customer_stays="no")
    assert judged.obligation_high_usd == judged.obligation_low_usd == open_.obligation_low_usd
    assert open_.obligation_high_usd > open_.obligation_low_usd
    assert "range" in str(open_.say("why"))
    assert "range" not in str(judged.say("why"))
    assert "depending" not in str(judged.lead)


def test_books_are_coloured_as_the_parties_are() -> None:
    spec = play(NOTEBOOK).charts[0]
    color = spec["layer"][0]["encoding"]["color"]
    assert color["scale"] == {
        "domain": ["remaining contract value", "xAI (SpaceX)'s books", "Anthropic's books"],
        "range": ["#5F6670", "#0072B2", "#D55E00"],
    }


def test_every_chart_is_as_wide_as_its_page() -> None:
    for spec in play(NOTEBOOK).charts:
        assert embed.flexible(spec), spec["title"]


def test_a_user_s_small_file_is_booked(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path))
    keeps_the_rules(played)
    assert len(played.charts) == CHARTS - played.names["found"].level
    assert "$m" in played.charts[0]["layer"][0]["encoding"]["x"]["title"]


def test_an_index_is_said_and_never_forecast() -> None:
    own = {"contract": "invented-every-clause", "reading": "index"}
    silent, given = Answer(**own), Answer(**own, index={"2027-02-01": 103.0})
    assert "No level is given" in str(silent.say("indexed"))
    assert silent.resets is None
    assert given.resets is not None
    for figure in ("liability_high_usd", "obligation_high_usd"):
        assert getattr(given, figure) == getattr(silent, figure)
    later = Answer(**own, index={"2027-02-01": 103.0}, as_of=date(2027, 4, 1))
    assert later.obligation_high_usd > 0
    without = play(NOTEBOOK, index={"2027-02-01": 103.0})
    assert "the terms follow no index" in without.said[0].lower()
    assert len(without.charts) == 1


def test_a_ramp_is_told_from_a_level_fee() -> None:
    ramp, level = play(NOTEBOOK), play(NOTEBOOK, contract="google-spacex")
    assert any("ramp of delivery" in said for said in ramp.said)
    assert any("The fee is level" in said for said in level.said)
    assert level.names["found"].draw("earned") is None  # it would show the length of months alone


@pytest.mark.parametrize(
    ("contract", "why"),
    [
        ("anthropic-xai", "A straight line through a ramp of delivery"),
        ("hut8-fluidstack", "before fees that rise are billed."),  # by an escalator
        ("whitefiber-nscale", "(as billed). Fees billed ahead are earned later."),
    ],
)
def test_revenue_is_apart_from_billing_for_a_reason_of_the_terms(contract: str, why: str) -> None:
    assert why in str(Answer(contract=contract).say("earned"))


def test_no_tile_repeats_the_end_of_another() -> None:
    shown = [tile["value"] for tile in Answer()._tiles()]
    assert shown == ["$37.8bn", "$33.4bn", "$3.73bn"]


@pytest.mark.parametrize("contract", files.contracts())
def test_the_axis_of_the_tree_ends_near_its_longest_bar(contract: str) -> None:
    found = Answer(contract=contract)
    bar, *_ = found.draw("outcomes").to_dict()["layer"]
    size = 1e9 if bar["encoding"]["x"]["title"] == "$bn" else 1e6
    longest = found.outcomes.usd.max() / size
    assert longest < bar["encoding"]["x"]["scale"]["domain"][1] < 1.3 * longest


def test_a_lease_that_gives_more_back_than_is_left_to_pay_is_no_liability() -> None:
    """Most is paid ahead, and comes back if the customer leaves within a month."""
    page = Answer(contract="iren-microsoft", terms={"termination.customer.notice_days": 30})
    assert page.liability_low_usd == 0.0
    assert "−" not in str(page.lead)
