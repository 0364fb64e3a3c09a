"""Where each number of a page comes from: the rows that it opens give it, and it is one number."""

import re
from collections import Counter
from datetime import date
from importlib import import_module
from typing import Any

import pandas as pd
import pytest

from analysis.page.answers import Number
from analysis.page.traces import trace
from analysis.questions.question import Question

NAMES = "commitment price exit site lease_out build_or_rent accounting precedent drivers changes"
LEAST = 0.45  # of a question's numbers stand in rows, or are counts, sums, ratios of them
SIZES = {"bn": 1e9, "m": 1e6, "%": 0.01, "": 1.0}
NEAR, SMALL = 0.06, 5e-3  # of a number that is written to two digits, or to two decimals


def answer(name: str) -> Question:
    found: Question = import_module(f"analysis.questions.{name}.answer").Answer(
        **({"draws": 20} if name == "exit" else {})
    )
    return found


def numbers(found: Question) -> list[str]:
    kinds = reversed(type(found).__mro__)
    return [name for kind in kinds for name, each in vars(kind).items() if isinstance(each, Number)]


def read(text: str) -> float | str:
    """A printed number; text that is none as it is."""
    match = re.match(r"([−-]?)\$?([\d,]+\.?\d*(?:e[+-]?\d+)?)[\s\u00a0]*(bn|m(?!o)|%)?", text)
    if not match or re.match(r"\d{4}-\d\d-\d\d", text):
        return text
    sign, digits, size = match.groups(default="")
    return (-1 if sign else 1) * float(digits.replace(",", "")) * SIZES[size]


@pytest.mark.parametrize("name", NAMES.split())
def test_the_rows_that_a_number_opens_give_what_is_printed(name: str) -> None:
    found, shown = answer(name), 0
    for each in numbers(found):
        traced, made = found.traced(each), found.made_of(each)
        if traced is None:
            assert made == {}
            continue
        shown += 1
        value, rows = getattr(found, each), made["rows"]
        last = {head: place for place, head in enumerate(rows[0])}
        places = [last[head] for head in _heads(traced)]
        cells = [[read(row[place]) for place in places] for row in rows[1:]]
        match traced.how:
            case "row":
                [[cell]] = cells
            case "count":
                cell = len(cells) + made["left"]
            case "sum":
                assert not made["left"], each
                cell = sum(row[0] for row in cells)  # type: ignore[misc]
            case "ratio":
                [[one, other]] = cells
                cell = one / other  # type: ignore[operator]
            case _:
                [[one], [other]] = cells
                cell = one - other  # type: ignore[operator]
                value, cell = abs(value), abs(cell)  # type: ignore[arg-type]
        if isinstance(value, date):
            assert cell == value.isoformat(), each
        else:
            assert cell == pytest.approx(value, rel=NEAR, abs=SMALL), (each, traced.how)
    assert shown > LEAST * len(numbers(found))


def _heads(traced: Any) -> list[str]:
    from analysis.page.tables import readable

    return [str(head) for head in readable(traced.rows[list(traced.columns)])]


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


@pytest.mark.parametrize(
    ("name", "value", "how"),
    [
        ("fee_usd", 3.0, "row"),
        ("all_usd", 6.0, "sum"),
        ("rows_count", 3, "count"),
        ("part_share", 0.75, "ratio"),
        ("apart_usd", 2.0, "row"),
        ("gap_usd", -2.0, "difference"),
        ("gap_months", 2.0, None),
        ("none_usd", 3.1, None),
    ],
)
def test_a_number_is_looked_for_in_its_own_unit(name: str, value: float, how: str | None) -> None:
    table = pd.DataFrame({"fee_usd": [1.0, 2.0, 3.0], "due_usd": [8.0, 8.0, 4.0]})
    found = trace(table, name, value)
    assert (found.how if found else None) == how
