"""The page that asks whether the price is high."""

from pathlib import Path
from typing import Any

import pytest
from played import keeps_the_rules, play, small

from analysis.contract import files
from analysis.page import notebooks, parameters
from analysis.questions.exit.answer import Answer as Exit
from analysis.questions.precedent.answer import Answer as Precedent
from analysis.questions.price.answer import Answer

NOTEBOOK = "02"
READ = [(name, reading) for name in files.contracts() for reading in
        ["", *files.contract(name).readings]]  # fmt: skip
SENTENCES = ("beside", "by_mw", "power")
CHARTS = ("ladder", "by_mw", "history", "ratios")


def asked(name: str = "anthropic-xai", **given: Any) -> Answer:
    return Answer(contract=name, **given)


def said(found: Answer) -> list[str]:
    return [str(found.lead), *(str(found.say(name) or "") for name in SENTENCES)]


def test_the_verdict_follows_what_the_fee_pays_for() -> None:
    found = asked()
    assert str(found.heading) == ("The fee is 3.03× a contract price for the same accelerators")
    assert str(found.lead) == (
        "If the fee pays for Colossus 1, it is 3.03× the price of the same accelerators on a "
        "3-year contract; if for Colossus and Colossus II, as filed, 1.65–1.81×."
    )
    lead = str(found.say("by_h100"))
    assert "If the fee pays for Colossus 1, it is $6.2/H100e-hour" in lead
    assert "The verdict is open if for Colossus and Colossus II, as filed." in lead
    wide = asked(scope="both-sites")
    assert "The fee is 1.65–1.81× a contract price" in str(wide.heading)
    assert "The answer turns on the accelerator count." in str(wide.say("by_h100"))
    before = asked(as_of="2026-07-01")  # the contract prices are of September
    assert str(before.heading) == "The fee is above the market price, if for Colossus 1"
    assert before.say("by_h100") is None


def test_pages_02_and_03_state_one_fee_and_pages_02_and_08_count_the_same_deals() -> None:
    for name in ("anthropic-xai", "google-spacex", "invented-every-clause"):
        found = asked(name)
        own = Exit(contract=name, draws=20).fee_usd_h100e_hour
        assert found.price_usd_h100e_hour == pytest.approx(own)
        assert found.price_times == pytest.approx(own / found.market_usd_h100e_hour)
    assert asked("google-spacex").deals_count == Precedent(contract="google-spacex").others_count


def test_what_is_otherwise_spans_what_the_price_series_give() -> None:
    found = asked("google-spacex")
    assert found.alternative_low_times <= found.price_low_times
    assert found.alternative_high_times == pytest.approx(found.price_high_times)
    assert "priced by GIX monthly reserved median" in str(found.draw("ratios").to_dict())


def test_every_unit_and_both_conventions_are_in_the_ladder() -> None:
    found = asked()
    assert list(found.ladder.unit.unique()) == [
        "USD/H100e-hour", "USD/GPU-hour", "USD/MW-month", "USD/kW-year"
    ]  # fmt: skip
    other = asked(hours_month=720.0, metric="memory bandwidth")
    axis = str(other.draw("ladder").to_dict())
    assert "$/H100e-hour, memory bandwidth, 720 hours a month" in axis


def test_the_premium_is_the_fee_over_the_market_less_one() -> None:
    found = asked().against
    first = found.iloc[0]
    assert first.scope == "Colossus 1"
    assert first.premium_low_share == pytest.approx(first.fee_low_usd / first.market_price_usd - 1)
    assert len(found) == 4  # two scopes, two series
    assert (found.premium_low_share <= found.premium_high_share).all()


def test_the_first_chart_is_the_ladder() -> None:
    ladder = asked().draw("ladder").to_dict()
    [data] = [rows for rows in ladder["datasets"].values() if "about" in rows[0]]
    assert [row["label"] for row in data[:2]] == [
        "fee: Colossus 1", "fee: Colossus and Colossus II, as filed"
    ]  # fmt: skip
    groups = {"the fee", "market, judged by", "market, other prices"}
    assert {row["group"] for row in data} == groups
    for row in data[2:]:  # day, source and basis stand with each price
        assert row["date"]
        assert "GPU-hour" in row["about"] or "index" in row["about"]


@pytest.mark.parametrize(("name", "reading"), READ)
def test_the_page_holds_for_every_agreement_and_reading(name: str, reading: str) -> None:
    found = asked(name, reading=reading)
    for sentence in said(found):
        assert "{" not in sentence
        assert "nan" not in sentence.split()
        assert "not defined" not in sentence
    for chart in CHARTS:
        spec = found.draw(chart).to_dict()
        assert spec["title"]["text"] == spec["description"]


@pytest.mark.parametrize("as_of", ["2020-01-01", "2024-02-01", "2040-01-01"])
@pytest.mark.parametrize("name", ["anthropic-xai", "reflection-spacex"])
def test_the_page_holds_on_any_day(name: str, as_of: str) -> None:
    played = play(NOTEBOOK, contract=name, as_of=as_of)
    keeps_the_rules(played)
    assert ("nothing is left to serve" in played.said[0]) is (as_of == "2040-01-01")
    assert ("too few H100 prices" in played.said[0]) is (as_of == "2020-01-01")


def test_what_is_imputed_is_called_so_wherever_it_stands() -> None:
    found = asked("reflection-spacex")
    imputed = str(found.say("imputed"))
    assert "(imputed), it is $1.5–4.6/H100e-hour" in imputed
    assert "of the reported GB300" in imputed
    assert "it buys 18,000, at a 3-year contract 41,000" in imputed
    assert found.say("premium") is None
    for name in ("by_mw", "power"):
        assert "mputed" in str(found.say(name)), name
    for name in ("ladder", "by_mw", "ratios"):
        assert "mputed" in found.title(name), name


@pytest.mark.parametrize("name", ["hut8-fluidstack", "cipher-aws", "ionic-nscale"])
def test_what_is_sold_without_accelerators_is_priced_by_the_megawatt_alone(name: str) -> None:
    played = play(NOTEBOOK, contract=name)
    keeps_the_rules(played)
    found = asked(name)
    words = " ".join([str(found.heading), *said(found), found.title("by_mw")])
    assert "the accelerators are the customer's own, so the fee is set against hosting" in words
    assert words.count("accelerator") == 1
    assert "H100" not in words
    mw, fee = found.by_mw.per_low[0], found.fee.usd_month
    assert found.price_usd_mw_month == pytest.approx(fee / mw)
    assert set(found.tiles) == {"price_usd_mw_month", "hosting_usd_mw_month", "fee_usd_month"}
    tables = (found.basket, found.against, found.seen, found.since)
    assert not any(map(len, tables))
    assert [chart for chart in CHARTS if found.draw(chart)] == ["by_mw"]


def test_a_shell_without_megawatts_has_no_price_to_compare() -> None:
    lead = str(asked("constant-contact-digital").lead)
    assert "without accelerators, and the terms name no megawatts" in lead


def test_a_minimum_to_spend_has_no_price_by_capacity() -> None:
    assert "a minimum to spend" in str(asked("sailpoint-cloud").lead)


def test_an_own_file_without_a_denominator_says_what_to_state(tmp_path: Path) -> None:
    played = play(NOTEBOOK, contract=small(tmp_path))
    keeps_the_rules(played)
    assert "$1.25m/month is high if it buys fewer than 460 H100-equivalents" in played.said[0]
    assert any("name neither megawatts nor accelerators" in text for text in played.said)


def test_an_own_file_with_accelerators_is_priced(tmp_path: Path) -> None:
    capacity = "[capacity]\naccelerators = { H100 = 500 }"
    found = asked(small(tmp_path, capacity))
    assert "it is 1.71× the price of the same accelerators" in str(found.lead)
    said = str(found.say("by_h100"))
    assert "If the fee pays for the site, it is $3.4/H100e-hour" in said
    assert "The answer turns on the price series." in said


def test_a_discounted_day_is_priced_at_the_full_fee() -> None:
    ramp, full = asked(as_of="2026-06-10"), asked(as_of="2026-08-10")
    assert ramp.fee_usd_month == full.fee_usd_month == 1.25e9
    assert ramp.fee.discounted
    assert not full.fee.discounted


def test_power_is_a_small_part_of_the_full_fee() -> None:
    found = asked()
    assert 0 < found.power_low_share < 0.0123 < found.power_high_share < 0.05


def test_the_market_is_never_one_more_deal_of_the_same_agreement() -> None:
    names = asked("google-spacex").deals["name"]
    assert "xAI – Anthropic, 325,000 accelerators" in list(names)
    assert not names.str.contains("Google").any()


def test_a_range_is_one_figure_where_both_ends_read_alike(tmp_path: Path) -> None:
    capacity = "[capacity]\naccelerators = { H100 = 500 }"
    lead = str(asked(small(tmp_path, capacity)).lead)
    assert "$3.42 to" not in lead


def test_parameters_out_of_range_are_refused() -> None:
    [book] = notebooks.find([NOTEBOOK])
    assert parameters.check(book.kind, book.parameters)
    for name, value in {"metric": "watts", "hours_month": 0.0, "sold_as": "hotel"}.items():
        with pytest.raises(parameters.UsageError, match=f"{name} = .* is not allowed"):
            parameters.check(book.kind, {name: value})


def test_what_runs_on_by_renewal_is_still_priced() -> None:
    renewed = asked("invented-every-clause", as_of="2031-01-01")
    assert "nothing is left to serve" not in str(renewed.lead)
    assert renewed.fee_usd_month == pytest.approx(174.45e6, rel=1e-4)
    assert renewed.fee.day == renewed.as_of
