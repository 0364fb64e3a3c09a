"""What a page shows for a choice is what the package answers for it."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from played import play

from analysis.contract import files, position, readings
from analysis.data import texts
from analysis.models.finance import value
from analysis.models.provider import site
from analysis.models.provider.coverage import USE
from analysis.page import choose, theme
from analysis.page.findings import dollars
from analysis.questions.accounting.answer import BOOKED
from analysis.questions.accounting.answer import Answer as Books
from analysis.questions.build_or_rent.answer import OPTIONS
from analysis.questions.build_or_rent.answer import Answer as BuildOrRent
from analysis.questions.commitment import tables
from analysis.questions.commitment.answer import Answer as Commitment
from analysis.questions.drivers.answer import Answer as Drivers
from analysis.questions.site import charts
from analysis.questions.site.answer import Answer

RATES = (0.0, 0.1)


def picked(table: pd.DataFrame, **choice: Any) -> pd.DataFrame:
    """The rows that the chart's filter leaves: those of the choice, and those that hold for all."""
    for column, wanted in choice.items():
        if column in table:
            table = table[table[column].isna() | (table[column] == wanted)]
    return table


def amounts(table: pd.DataFrame, **choice: Any) -> dict[str, float]:
    rows = picked(table, **choice)
    assert rows.what.is_unique
    return dict(zip(rows.what, rows.usd, strict=True))


@pytest.fixture(scope="module")
def promised() -> tables.Tables:
    return Commitment(rates=[*RATES]).choices


def test_days_reach_back_to_the_earliest_start(tmp_path: Path) -> None:
    path, march = tmp_path / "early.toml", date(2026, 3, 1)
    text = (texts.DATA / "contracts" / "anthropic-xai.toml").read_text(encoding="utf-8")
    early = f'[readings.early]\ntitle = "from March"\nstart = {march}\nfee.0.from = {march}\n\n'
    path.write_text(text.replace("[readings.R1]", early + "[readings.R1]"), encoding="utf-8")
    found = tables.days(position(files.contract(path)))
    assert found[:2] == [march, date(2026, 4, 1)]
    assert files.contract(path).start in found


@pytest.mark.parametrize("reading", ["R2e", "R3", "R0", "headline"])
@pytest.mark.parametrize("day", [date(2026, 7, 1), date(2026, 11, 23), date(2029, 5, 1)])
def test_promises(reading: str, day: date, promised: tables.Tables) -> None:
    deal, (table, said) = files.contract("anthropic-xai"), promised
    firm = position(deal, day, reading).firm()
    for rate in RATES:
        shown = amounts(table, reading=reading, day=day.isoformat(), rate=rate)
        assert shown[tables.FIRM] == firm.usd
        assert shown[tables.LEFT] == readings.one(position(deal, day), reading).headline_usd
        worth = value.present_value(firm.rows, rate=rate, as_of=day)
        assert shown[tables.WORTH] == worth
    [sentence] = picked(said, reading=reading, day=day.isoformat()).sentence
    assert f"${firm.usd / 1e9:.3g}bn" in sentence


def test_a_discounted_promise_is_that_of_the_bridge(promised: tables.Tables) -> None:
    deal, day, table = files.contract("anthropic-xai"), date(2026, 11, 23), promised[0]
    steps = position(deal, day, "R2").bridge(
        rate=0.1, default_probability=0.0, loss_given_default=0.6
    )
    shown = amounts(table, reading="R2", day=day.isoformat(), rate=0.1)
    assert shown[tables.WORTH] == pytest.approx(steps.running_usd.iloc[-1])


def test_a_site() -> None:
    found = Answer()
    spec = charts.choose(found).to_dict()
    said, shown = (
        pd.DataFrame(next(rows for rows in spec["datasets"].values() if column in rows[0]))
        for column in ("sentence", "amount")
    )
    for reading, case, rate in (("R2", "low capex", 0.0), ("R3", "high capex", 0.2)):
        place, fees = found.sites[case], found.fees_by_discount[USE][reading]
        choice = {"reading": reading, "cost": case, "rate": rate}
        npv = [
            site.npv_usd(site.flows(place, each), rate_year=rate)
            for each in (fees.stated, fees.firm)
        ]
        amounts_bn = dict(picked(shown, **choice)[["what", "amount"]].to_numpy())
        assert [amounts_bn[charts.STAYS], amounts_bn[charts.LEAVES]] == pytest.approx(
            [usd_ / 1e9 for usd_ in npv], abs=1e-6
        )
        [lines] = picked(said, **choice).sentence
        assert f"commits {dollars(sum(fees.firm))}:" in " ".join(lines)


def test_options_for_a_megawatt() -> None:
    theme.setup()
    asked = BuildOrRent()
    spec = asked.draw("choose").to_dict()
    rows = {key: pd.DataFrame(rows) for key, rows in spec["datasets"].items()}
    [said] = [table for table in rows.values() if "sentence" in table]
    [drawn] = [table for table in rows.values() if "label" in table]
    for worth, capex in (("low", "high"), ("high", "low"), ("value", "value")):
        need = asked.who.need(worth=worth, capex=capex)
        choice = {"worth": worth, "capex": capex, "delay_months": need.delay_months}
        found = pd.Series(need.options)
        shown = picked(drawn, **choice).set_index("what").label.to_dict()
        assert shown == {
            way: f"{way}: {dollars(found[way])}" for way in found.index if way in shown
        }
        assert set(found.index) - set(shown) == {"go without"}
        [lines] = picked(said, **choice).sentence
        words = " ".join(line for line in lines if line.strip())
        best = dollars(found.max())
        assert f"the best option is {OPTIONS[found.idxmax()]}: {best} per MW" in words


def test_the_clause_gives_way_to_the_chance_of_notice() -> None:
    found = Drivers()
    assert found.driven("committed", date(2026, 5, 3)).input[0] == "reading"
    assert found.driven("expected", date(2026, 11, 23)).input[0] == "chance_month"


@pytest.mark.parametrize("contract", ["anthropic-xai", "reflection-spacex"])
def test_the_books(contract: str) -> None:
    found = Books(contract=contract)
    for row in found.by_reading.to_dict("records"):
        then = Books(contract=contract, reading=row["reading"])
        over = found.seen_date >= then.position.end
        booked = {name: 0.0 if over else getattr(then, name) for name in BOOKED}
        assert {name: row[name] for name in BOOKED} == booked
        firm = position(found.agreement, found.as_of, row["reading"]).firm().usd
        assert row["committed_usd"] == firm


def test_the_books_of_a_service_that_is_over() -> None:
    found = Books(contract="reflection-spacex", as_of=date(2029, 10, 1))
    assert not found.by_reading.set_index("reading").loc["june-2029", [*BOOKED]].any()


STARTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "01": ({"rate": 0.07}, {"reading": "R3x", "day": "2026-07-01", "rate": 0.07}),
}


@pytest.mark.parametrize("name", STARTS)
def test_a_choice_begins_as_the_page_does(name: str) -> None:
    theme.setup()
    parameters, start = STARTS[name]
    played = play(name, reading="R3x", as_of="2026-07-01", **parameters)
    [spec] = [each for each in played.charts if "bind" in str(each.get("params"))]
    values = {param["name"]: param["value"] for param in spec["params"] if "bind" in param}
    assert values == start
    for param in spec["params"]:
        if "bind" in param:
            assert param["value"] in param["bind"]["options"]
            assert len(param["bind"]["options"]) == len(param["bind"]["labels"])


def test_every_sentence_has_as_many_lines() -> None:
    table = choose._wrapped(pd.DataFrame({"sentence": ["short", "word " * 30]}))
    assert {len(lines) for lines in table.sentence} == {4}
    assert max(len(line) for lines in table.sentence for line in lines) <= choose.LINE
