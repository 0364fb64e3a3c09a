"""The page that asks whether the price is high."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import vl_convert
from played import Played, keeps_the_rules, play, small

from analysis.contract import files
from analysis.page import notebooks
from analysis.page.findings import usd
from analysis.questions.price import charts as draw
from analysis.questions.price import words as say

NOTEBOOK = "02"
READ = [(name, reading) for name in files.contracts() for reading in
        ["", *files.contract(name).readings]]  # fmt: skip
WHOLE = ("", "R3x")  # readings whose charts are drawn too; the others change no price


@pytest.fixture(scope="module")
def anthropic() -> Played:
    return play(NOTEBOOK)


def figures(played: Played) -> dict[str, Any]:
    return {row["figure"]: row["value"] for row in played.figures}


def test_the_verdict_follows_what_the_fee_pays_for(anthropic: Played) -> None:
    lead = anthropic.said[0]
    assert "is high if the fee pays for colossus-1: $6.21 to $6.23/H100e-hour" in lead
    assert "Whether the price is high is open if the fee pays for both-sites" in lead
    assert "what turns the answer is the accelerator count." in lead
    assert "The full fee is $1.25bn a month, ramp discounts aside" in lead
    assert anthropic.charts[0]["title"].startswith("High if for colossus-1; open if for both-sites")


def test_every_unit_and_both_conventions_are_printed(anthropic: Played) -> None:
    said = anthropic.said[1]
    for words in ("/H100e-hour", "/GPU-hour", "/MW-month", "/kW-year", "730 hours a month"):
        assert words in said
    assert "dense throughput" in said
    other = play(NOTEBOOK, hours_month=720.0, metric="memory bandwidth").said[1]
    assert "720 hours a month, accelerators weighed by memory bandwidth" in other


def test_the_first_chart_is_the_ladder(anthropic: Played) -> None:
    ladder = anthropic.charts[0]
    [data] = [rows for rows in ladder["datasets"].values() if "about" in rows[0]]
    assert [row["label"] for row in data[:2]] == ["fee: colossus-1", "fee: both-sites"]
    assert {row["group"] for row in data} == {
        "the fee",
        "market, judged by",
        "market, other prices",
    }
    held = [row for row in data if row["group"] == "market, judged by"]
    for row in held:  # day, tier, source and basis stand with each price
        assert "2026; per GPU-hour" in row["about"]
        assert row["label"] in row["about"]
    axis = str(ladder["layer"][1]["encoding"]["x"]["title"])
    assert "$/H100e-hour" in axis
    assert "730 hours a month" in axis


@pytest.mark.parametrize(("name", "reading"), READ)
def test_the_page_holds_for_every_agreement_and_reading(name: str, reading: str) -> None:
    drawn = reading in WHOLE
    played = play(NOTEBOOK, drawn=drawn, contract=name, reading=reading)
    keeps_the_rules(played)
    assert len(played.charts) == (8 if drawn else 0)
    assert len(played.said) == 9
    for sentence in played.said:
        assert "{" not in sentence
        assert "nan" not in sentence.split()
        assert "not defined" not in sentence


@pytest.mark.parametrize("as_of", ["2020-01-01", "2024-02-01", "2040-01-01"])
@pytest.mark.parametrize("name", ["anthropic-xai", "reflection-spacex"])
def test_the_page_holds_on_any_day(name: str, as_of: str) -> None:
    played = play(NOTEBOOK, contract=name, as_of=as_of)
    keeps_the_rules(played)
    assert ("nothing is left to serve" in played.said[0]) is (as_of == "2040-01-01")
    assert ("too few H100 prices" in played.said[0]) is (as_of == "2020-01-01")


def test_what_is_imputed_is_called_so_wherever_it_stands() -> None:
    played = play(NOTEBOOK, contract="reflection-spacex")
    assert "(imputed), its price is $1.51 to $4.58/H100e-hour" in played.said[0]
    assert "of the reported GB300" in played.said[0]
    for said in [said for said in played.said[1:] if "market" not in said and "rents" not in said]:
        assert "imputed" in said.lower(), said
    for chart in played.charts:
        title = str(chart["title"])
        assert "mputed" in title or "would rent" in title, title


def test_an_own_file_without_a_denominator_says_what_to_state(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path))
    keeps_the_rules(played)
    assert (
        "the full fee of $1.25m a month is high if it buys fewer than 460 H100-eq" in played.said[0]
    )
    assert "State them under capacity" in played.said[1]


def test_an_own_file_with_accelerators_is_priced(tmp_path: Path) -> None:
    capacity = "[capacity]\naccelerators = { H100 = 500 }"
    played = play(NOTEBOOK, contract=small(tmp_path, capacity))
    keeps_the_rules(played)
    assert "the price is high is open if the fee pays for site: $3.42/H100e-hour" in played.said[0]
    assert "what turns the answer is the price series." in played.said[0]


def test_a_discounted_day_is_priced_at_the_full_fee() -> None:
    ramp, full = play(NOTEBOOK, as_of="2026-06-10"), play(NOTEBOOK, as_of="2026-08-10")
    assert figures(ramp)["fee"] == figures(full)["fee"] == 1.25e9
    assert "On that day a discount lowers what is paid" in ramp.said[1]
    assert "discount lowers" not in full.said[1]


def test_power_is_a_small_part_of_the_full_fee(anthropic: Played) -> None:
    found = figures(anthropic)
    assert 0 < found["power_low"] < 0.0123 < found["power_high"] < 0.05


def test_the_market_is_never_one_more_deal_of_the_same_agreement() -> None:
    google = play(NOTEBOOK, contract="google-spacex").names["deals_mw"]
    assert "xAI (SpaceX) – Anthropic, both-sites" in list(google["name"])
    assert not google["name"].str.contains("Google").any()


def test_a_range_is_one_figure_where_both_ends_read_alike() -> None:
    parts: say.Parts = {}
    assert say.between(parts, "x", 1.0, 1.001, "USD/GPU-hour") == "{x}"
    assert say.between(parts, "y", 1.0, 2.0, "USD/GPU-hour") == "{y_low} to {y_high}"
    assert (str(parts["y_low"]), str(parts["y_high"])) == ("$1.00", "$2.00/GPU-hour")


def test_money_in_a_chart_is_written_as_findings_write_it() -> None:
    ends = pd.DataFrame({"low": [1.92e6, 808_333.0, 2e6], "high": [2.82e6, 808_333.0, 1.5e9]})
    rows = ends.assign(label=["a", "b", "c"], group="the fee", about="")
    drawn = draw.beside(rows, axis="$/MW-month", written="$.2s", title="t")
    picture = vl_convert.vegalite_to_svg(drawn.to_dict())
    for words in ("$1.92m – $2.82m", f">{usd(808_333.0)}<", "$2m – $1.50bn", "$500m"):
        assert words in picture


def test_charts_of_nothing_are_not_drawn() -> None:
    nothing = pd.DataFrame()
    assert draw.beside(nothing, axis="$", written="$.2f", title="t") is None
    assert draw.history(nothing, nothing, nothing, axis="$", title="t") is None
    assert draw.otherwise(nothing, axis="x", title="t") is None
    assert draw.power(nothing, title="t") is None


def test_parameters_out_of_range_are_refused() -> None:
    [book] = notebooks.find([NOTEBOOK])
    assert notebooks.check(book, book.parameters)
    for name, value in {"metric": "watts", "hours_month": 0.0, "sold_as": "hotel"}.items():
        with pytest.raises(notebooks.UsageError, match=f"{name} = .* is not allowed"):
            notebooks.check(book, {name: value})


def test_what_runs_on_by_renewal_is_still_priced() -> None:
    renewed = play(NOTEBOOK, contract="invented-every-clause", as_of="2031-01-01")
    assert "nothing is left to serve" not in renewed.said[0]
    assert "full fee is $174.45m a month" in renewed.said[0]
    assert "The full fee on 1 January 2031" in renewed.said[1]
