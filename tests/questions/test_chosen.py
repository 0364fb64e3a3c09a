"""What a page shows for a choice is what the package answers for it."""

from datetime import date
from typing import Any

import pandas as pd
import pytest
from played import play

from analysis.contract import commitment, files, readings, rights, terms
from analysis.models.accounting import books
from analysis.models.customer import build
from analysis.models.finance import value
from analysis.models.provider import site
from analysis.page import choose, theme
from analysis.page.findings import share, usd
from analysis.questions import chosen, worths
from analysis.questions.accounting import booked
from analysis.questions.drivers import driven, drivers

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
    assert list(rows.text) == [str(usd(each)) for each in rows.usd]
    return dict(zip(rows.what, rows.usd, strict=True))


@pytest.mark.parametrize("reading", ["R1", "R3", "R0", "headline"])
@pytest.mark.parametrize("day", [date(2026, 7, 1), date(2026, 11, 23), date(2029, 6, 1)])
def test_promises(reading: str, day: date) -> None:
    deal = files.contract("anthropic-xai")
    table, said = chosen.promised(
        deal, names=[reading, "R2"], seen=[day, deal.start], rates=RATES, party="customer"
    )
    firm = commitment.firm(terms.read_as(deal, reading), as_of=day)
    for rate in RATES:
        shown = amounts(table, reading=reading, day=day.isoformat(), rate=rate)
        assert shown[chosen.FIRM] == firm.usd
        assert shown[chosen.LEFT] == readings.one(deal, reading, as_of=day).headline_usd
        worth = value.present_value(firm.rows, rate=rate, as_of=day)
        assert shown[chosen.WORTH] == worth
    [sentence] = picked(said, reading=reading, day=day.isoformat()).sentence
    assert str(usd(firm.usd)) in sentence or "nothing is left" in sentence


def test_a_discounted_promise_is_that_of_the_bridge() -> None:
    deal, day = files.contract("anthropic-xai"), date(2026, 11, 23)
    table, _ = chosen.promised(deal, names=["R2"], seen=[day], rates=[0.1], party="customer")
    steps = readings.bridge(
        deal, reading="R2", as_of=day, rate=0.1, default_probability=0.0, loss_given_default=0.6
    )
    shown = amounts(table, reading="R2", day=day.isoformat(), rate=0.1)
    assert shown[chosen.WORTH] == pytest.approx(steps.running_usd.iloc[-1])


def test_a_site() -> None:
    names = play("04").names
    table, said = names["amounts"], names["sentences"]
    for reading, case, rate in (("R1", "low capex", 0.0), ("R3", "high capex", 0.2)):
        place, promise = names["sites"][case], names["promises"][reading]
        shown = amounts(table, reading=reading, capex=case, rate_year=rate)
        npv = [
            site.returns(site.flows(place, fees), rate_year=rate).npv_usd
            for fees in (promise.stated, promise.firm)
        ]
        assert [shown[worths.STAYS], shown[worths.GOES]] == pytest.approx(npv)
        [sentence] = picked(said, reading=reading, capex=case, rate_year=rate).sentence
        assert f"promises {usd(sum(promise.firm.usd))} of fees" in sentence


def test_ways_to_a_megawatt() -> None:
    names = play("06").names
    who = names["who"]
    for worth, capex in (("low", "high"), ("high", "low"), ("value", "value")):
        need = who.need(worth=worth, capex=capex)
        choice = {"worth": worth, "capex": capex, "delay_months": need.delay_months}
        found = build.ways(need).set_index("way").npv
        shown = amounts(names["amounts"], **choice)
        assert shown == found.drop(worths.NOTHING).to_dict()
        [sentence] = picked(names["sentences"], **choice).sentence
        assert f"the best is to {found.idxmax()}: {usd(found.max())} a megawatt" in sentence


def test_an_exit() -> None:
    names = play("03", draws=20).names
    found = names["found"]
    for row in found.values.to_dict("records"):
        shown = amounts(names["amounts"], rights=row["case"], price=found.market_usd_hour)
        assert shown[worths.TO_CUSTOMER] == row["usd"]
        assert shown[worths.BY_RIGHTS] == row["usd"] - found.values.usd.iloc[0]
        assert (shown[worths.UNLIKELY], shown[worths.LIKELY]) == (row["low_usd"], row["high_usd"])
    curve = found.curves[(found.curves.case == "both") & found.curves.usd.notna()].iloc[::2]
    for price, worth in zip(curve.price, curve.usd, strict=True):
        rows = picked(names["amounts"], rights="both", price=price)
        assert set(rows.usd[rows.what == worths.TO_CUSTOMER]) <= {worth}


@pytest.mark.parametrize("contract", ["anthropic-xai", "invented-every-clause"])
def test_what_moves_an_answer(contract: str) -> None:
    names = play("09", contract=contract).names
    deal, own, seen = names["deal"], names["own"], names["seen"]
    listed = [date.fromisoformat(text) for text in sorted(set(names["amounts"].day))]
    assert {seen, names["day"]} <= set(listed)
    for day in (seen, names["day"], listed[5]):
        drawn = drivers.held(deal, own=own, as_of=day, party="customer")
        inputs = drivers.inputs(deal, drawn=drawn, **names["ranges"])
        promised = drivers.promised(deal, inputs, as_of=day, party="customer", own=own)
        expected = drivers.expected(deal, inputs, as_of=day, own=own)
        for question, found in {"promised": promised, "expected": expected}.items():
            shown = amounts(names["amounts"], question=question, day=day.isoformat())
            moves = dict(zip(found.table.label, found.table.range, strict=True))
            assert shown == dict.fromkeys(shown, 0.0) | moves
            [said] = picked(names["sentences"], question=question, day=day.isoformat()).sentence
            top = found.table.iloc[0]
            assert f"the {top.label} ({top.at_low} to {top.at_high}) moves" in said
            assert f"what is {question} most: by {usd(top.range)} around {usd(top.base)}" in said
            assert f"{share(found.table.total.max())}." in said


def test_the_clause_gives_way_to_the_chance_of_notice() -> None:
    found = driven.turns(play("09").names["asked"])
    assert "what is promised hangs most on the reading of the clause from 3 May" in str(found)
    assert "then on the chance of notice a month from 23 November 2026" in str(found)


def test_where_nothing_is_left_nothing_moves() -> None:
    names = play("09", as_of="2040-01-01").names
    for question in driven.QUESTIONS:
        assert set(amounts(names["amounts"], question=question, day="2040-01-01").values()) == {0.0}
        [said] = picked(names["sentences"], question=question, day="2040-01-01").sentence
        assert (
            said == f"Seen from 1 January 2040, nothing that varies here moves what is {question}."
        )


@pytest.mark.parametrize("contract", ["anthropic-xai", "reflection-spacex"])
def test_the_books(contract: str) -> None:
    names = play("07", contract=contract).names
    deal = names["deal"]
    for reading in [*readings.names(deal)[:2], "headline"]:
        for text in sorted(set(names["amounts"].day))[:3]:
            day = date.fromisoformat(text)
            read = rights.in_term(terms.read_as(deal, reading), day)
            books_then = books.opened(read, day=day, judged=names["judged"])
            shown = amounts(names["amounts"], reading=reading, day=text)
            for frame, name in booked.BOOKS.items():
                usds = books_then[books_then.frame == frame].usd
                assert shown[f"{name}, {booked.LONGEST}"] == usds.max()
                assert shown[f"{name}, {booked.SHORTEST}"] == usds.min()
            firm = commitment.firm(terms.read_as(deal, reading), as_of=day).usd
            assert shown[chosen.FIRM] == firm
            [said] = picked(names["sentences"], reading=reading, day=text).sentence
            assert said.endswith(f"; {usd(firm)} is firm.")
            assert str(usd(shown[f"{booked.BOOKS[books.LEASE]}, {booked.LONGEST}"])) in said
            open_ = shown[f"{booked.BOOKS[books.BACKLOG]}, {booked.LONGEST}"] > firm + 1
            assert ("as one judges the term" in said) is open_


def test_the_books_of_a_service_that_is_over() -> None:
    names = play("07", contract="reflection-spacex", as_of="2029-10-01").names
    choice = {"reading": "june-2029", "day": "2029-10-01"}
    assert set(amounts(names["amounts"], **choice).values()) == {0.0}
    [said] = picked(names["sentences"], **choice).sentence
    assert said == "On 1 October 2029 nothing is left to be served under june-2029."


STARTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "01": ({"rate": 0.07}, {"reading": "R3x", "day": "2026-07-01", "rate": 0.07}),
    "07": ({"seen_from": "as_of"}, {"reading": "R3x", "day": "2026-07-01"}),
    "09": ({"seen_from": "as_of"}, {"question": "promised", "day": "2026-07-01"}),
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
