"""Every parameter of every question is bounded: numbers, texts, lists and tables."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from analysis import questions
from analysis.page import notebooks
from analysis.page.parameters import MOST_ITEMS, Parameters, UsageError, check
from analysis.questions.parameters import AgreementParameters

FOLDERS = sorted(path.parent.name for path in Path(questions.__path__[0]).glob("*/parameters.py"))

RATES = {
    "accounting": {"rate", "rate_range", "rate_turned"},
    "changes": {"rate"},
    "commitment": {"rate", "rates"},
    "exit": {"rate"},
    "site": {"rates"},
}  # the questions that are asked for one


def kind(name: str) -> type[Parameters]:
    found: type[Parameters] = import_module(f"analysis.questions.{name}.parameters").Parameters
    return found


def numbers(node: Any, place: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every schema of a number inside a schema."""
    parts = node.items() if isinstance(node, dict) else enumerate(node)
    inner = [one for key, value in parts if isinstance(value, dict | list)
             for one in numbers(value, f"{place}.{key}")]  # fmt: skip
    own = isinstance(node, dict) and node.get("type") in ("number", "integer")
    return inner + ([(place, node)] if own else [])


@pytest.mark.parametrize("name", FOLDERS)
def test_every_number_has_a_least_and_a_most(name: str) -> None:
    properties = kind(name).model_json_schema()["properties"]
    properties.pop("assume", None)  # each by the bounds of its own row
    for place, one in numbers(properties):
        assert {"minimum", "exclusiveMinimum"} & set(one), place
        assert {"maximum", "exclusiveMaximum"} & set(one), place


@pytest.mark.parametrize("name", FOLDERS)
def test_every_discount_rate_is_above_minus_one_and_at_most_one(name: str) -> None:
    properties = kind(name).model_json_schema()["properties"]
    rates = {
        each: properties[each] for each in properties if {"rate", "rates"} & {*each.split("_")}
    }
    assert set(rates) == RATES.get(name, set())
    for place, one in numbers(rates):
        assert (one["exclusiveMinimum"], one["maximum"], "minimum" in one) == (-1, 1, False), place


@pytest.mark.parametrize(
    "value",
    ["a" * 3_000, "a\nb", "\x1b[31m", "a\u2028b", "a\0b", {"end": "a\0"}, {"a\n": 1},
     {f"k{n}": 1 for n in range(MOST_ITEMS + 1)}, {"a": [1] * (MOST_ITEMS + 1)}],
)  # fmt: skip
def test_texts_lists_and_tables_are_bounded_at_one_door(value: Any) -> None:
    name = "terms" if isinstance(value, dict) else "reading"
    with pytest.raises(UsageError, match=f"parameter {name}: .*at most") as caught:
        check(AgreementParameters, {name: value})
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("text", ["[" * 9_000, "{a" + ".b" * 9_000 + " = 1}", "9" * 50_000])
def test_a_value_that_costs_much_to_read_stays_a_text(text: str) -> None:
    assert notebooks.literal(text) == text


def test_a_parameter_that_there_is_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"^no parameter 'as_off'; .*; did you mean as_of\?$"):
        check(AgreementParameters, {"as_off": "2026-11-23"})
