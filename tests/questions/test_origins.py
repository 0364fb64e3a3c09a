"""Where each number of a page comes from: the rows that it opens give it, and it is one number."""

from collections import Counter
from datetime import date
from functools import cache
from importlib import import_module
from math import isclose
from typing import Any

import pandas as pd
import pytest

from analysis.contract import files
from analysis.page.answers import Answer, Number, figure, table
from analysis.page.traces import Part, traced
from analysis.questions.question import Question

NAMES = "commitment price exit site lease_out build_or_rent accounting precedent drivers changes"
ALONE = {
    "a day, or what lies between two, that terms and parameters give": {
        *("known_date", "stated_end_date", "service_start_date", "last_service_date"),
        *("service_end_date", "service_days", "committed_days", "bridge_date", "seen_date"),
        *("window_days", "remaining_days", "quoted_days", "since_date", "left_months"),
        *("late_days", "served_months", "firm_months"),
        *("close_date", "forecast_date", "looked_date"),
    },
    "a threshold, or a share that is rounded down to it": {
        *("lasting_share", "leads_share", "sure_months"),
    },
    "what the fee would buy, by a price that stands beside it": {
        *("even_count", "even_kind_low_count", "even_kind_high_count"),
        *("kind_contract_count", "kind_sibling_count"),
    },
    "an input of the site": {"capacity_mw", "fee_usd_mw_month", "discount_usd_mw_month"},
    "of a model that the page describes": {
        *("committed_usd", "bought_low_mw", "bought_high_mw", "customer_low_usd"),
        *("customer_high_usd", "forecast_usd"),
    },
}
"""Why a number may open no rows: it gives itself in its definition."""
INPUTS = {"parameters", "assumptions", "agreement"}  # what a number is of besides tables


@cache
def answer(name: str, contract: str = "anthropic-xai") -> Question:
    found: Question = import_module(f"analysis.questions.{name}.answer").Answer(
        contract=contract, **({"draws": 20} if name == "exit" else {})
    )
    return found


def numbers(found: Answer) -> dict[str, Number]:
    kinds = reversed(type(found).__mro__)
    return {name: each for kind in kinds for name, each in vars(kind).items()
            if isinstance(each, Number)}  # fmt: skip


def given(part: Part) -> Any:
    """What a reader finds who does with the rows what is said of them."""
    how = part.how.removeprefix("÷ ").removeprefix("less ")
    if how == "the number of these rows":
        return len(part.rows)
    cells = part.rows[part.column]
    match how:
        case "the sum of these rows":
            return cells.sum()
        case "the median of these rows":
            return cells.median()
    [cell] = cells
    return cell


def wrong(found: Answer) -> list[str]:
    """The numbers that the rows they open do not give, or that open rows they do not name."""
    return [name for name, each in numbers(found).items() if not _right(found, name, each)]


def _right(found: Answer, name: str, number: Number) -> bool:
    made = found.made_of(name)
    if not made:
        return True
    parts = traced(found, number.rows)[1] if number.rows else []
    shown = [len(each["rows"]) - 1 + each["left"] for each in made]
    if shown != [len(part.rows) for part in parts]:
        return False
    first, *others = map(given, parts)
    for part, other in zip(parts[1:], others, strict=True):
        first = first / other if part.how.startswith("÷") else first - other
    value = getattr(found, name)
    return first == value if isinstance(value, date) else isclose(first, value, rel_tol=1e-9)


@pytest.mark.parametrize("contract", files.contracts())
@pytest.mark.parametrize("name", NAMES.split())
def test_the_rows_that_a_number_opens_give_it(name: str, contract: str) -> None:
    assert wrong(answer(name, contract)) == []


@pytest.mark.parametrize("contract", ["anthropic-xai", "reflection-spacex"])
@pytest.mark.parametrize("name", NAMES.split())
def test_a_number_opens_rows_or_is_known_to_have_none(name: str, contract: str) -> None:
    found = answer(name, contract)
    every = numbers(found)
    assert [
        each for each, n in every.items() if n.of not in INPUTS and not hasattr(type(found), n.of)
    ] == []
    silent = {
        each
        for each in every
        if getattr(found, each) == getattr(found, each) != 0 and not found.made_of(each)
    }
    assert silent <= set().union(*ALONE.values())


@pytest.mark.parametrize(
    ("question", "name", "rows"),
    [
        ("lease_out", "gate_months", None),
        ("price", "minimum_usd_month", None),
        ("commitment", "known_date", None),
        ("exit", "signed_months", "both may"),
        ("exit", "signed_fees_usd", "both may"),
        ("drivers", "median_usd", "2029-06-01"),
        ("drivers", "median_low_usd", "2029-06-01"),
        ("commitment", "discount_rate", "Effective discount rate, % a year"),
        ("commitment", "signed_date", "day of signature"),
    ],
)
def test_a_number_opens_the_row_that_it_is_read_from(
    question: str, name: str, rows: str | None
) -> None:
    made = answer(question).made_of(name)
    assert [row[0] for part in made for row in part["rows"][1:]] == ([rows] if rows else [])


@pytest.mark.parametrize("contract", ["anthropic-xai", "invented-every-clause"])
@pytest.mark.parametrize("name", NAMES.split())
def test_a_tile_says_what_makes_its_range_one(name: str, contract: str) -> None:
    found = answer(name, contract)
    ranged = [tile for tile in found.tiles if not found.why_not and found._range_of(tile)]
    assert [tile for tile in ranged if not found._spans(tile)] == []


def test_a_term_is_of_the_kind_that_its_evidence_has() -> None:
    kinds = {"signed_date": "reported", "service_start_date": "assumed"}
    found = answer("commitment")
    assert {name: found.shown(name).kind for name in kinds} == kinds


class Rent(Answer):
    """Rents of two months, of which one number claims the wrong row, and one none."""

    @table
    def rents(self) -> pd.DataFrame:
        """All rents: `month, usd`."""
        return pd.DataFrame({"month": ["May", "June"], "usd": [3.0, 7.0]})

    @figure(of="rents", rows="rents.usd:first")
    def last_usd(self) -> float:
        """The last rent."""
        return 7.0

    @figure(of="rents", rows="rents.usd:last − rents.usd:first")
    def more_usd(self) -> float:
        """By how much it rose."""
        return 4.0

    @figure(of="rents")
    def all_usd(self) -> float:
        """All rents."""
        return 10.0


def test_rows_that_do_not_give_a_number_are_found_and_none_are_guessed() -> None:
    assert wrong(Rent()) == ["last_usd"]
    assert Rent().made_of("all_usd") == []
    assert [part["how"] for part in Rent().made_of("more_usd")] == [
        "what stands in this row",
        "less what stands in this row",
    ]


@pytest.mark.parametrize("name", NAMES.split())
def test_no_definition_serves_two_figures(name: str) -> None:
    found = answer(name)
    told = Counter(found.shown(each).definition for each in numbers(found))
    assert [text for text, most in told.items() if most > 1] == []
    assert "" not in told


@pytest.mark.parametrize("name", NAMES.split())
def test_every_input_has_a_kind_a_date_and_a_source(name: str) -> None:
    found = answer(name)
    assert {"fee", "stated end"} <= {
        part for each in found.made_from.input for part in each.split(", ")
    }
    assert not found.made_from.isna().any(axis=None)
    assert all(each.grade in {"A", "B", "C"} for each in found.documents)
