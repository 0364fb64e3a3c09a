"""Terms as if they were others: by path, validated like a file, under every reading."""

import ast
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analysis import contract
from analysis.questions.as_if import as_if, in_words

DAY = date(2026, 11, 23)
DEAL = contract.load("anthropic-xai")
NOTICE = ("termination.customer.notice_days", "termination.provider.notice_days")


def firm_bn(terms: dict[str, Any], reading: str | None = None) -> float:
    found = contract.position(as_if(DEAL, terms), as_of=DAY, reading=reading)
    return round(found.firm().usd / 1e9, 2)


@pytest.mark.parametrize(("days", "bn"), [(30, 1.22), (90, 3.73), (180, 7.43), (365, 15.0)])
def test_another_notice_commits_as_many_days_of_fees(days: int, bn: float) -> None:
    assert firm_bn(dict.fromkeys(NOTICE, days)) == bn
    customer, _ = NOTICE
    assert firm_bn({customer: days}) == bn


def test_a_term_holds_under_readings_that_state_it_themselves() -> None:
    terms = dict.fromkeys(NOTICE, 180)
    held = {name: firm_bn(terms, name) for name in DEAL.readings}
    assert held.pop("headline") == 37.83  # means that nobody leaves, whatever the terms
    assert held.pop("R3x") == 0  # has lapsed before
    assert set(held.values()) == {7.43}


def test_none_takes_a_term_out_and_a_day_may_be_text() -> None:
    assert firm_bn({"termination.customer": "none"}) == 37.83
    longer = as_if(DEAL, {"end": "2030-06-01"})
    assert longer.end == date(2030, 6, 1)
    assert as_if(DEAL, {}) is DEAL


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        ({"termination.customer.notice": 3}, "unknown key 'notice'; allowed: fee_months"),
        ({"end": "2020-01-01"}, "must be after start"),
        ({"end": "2030-06-01", "end.day": 3}, "lies inside a term"),
        ({"fee.7.usd_month": 1.0}, "no item '7' in this array"),
    ],
)
def test_a_wrong_term_is_refused_as_in_a_file(terms: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        as_if(DEAL, terms)


def test_a_term_takes_the_place_of_what_it_cannot_stand_beside() -> None:
    lock_in = {"termination.customer.gate_months": 9}  # R3 states its own in days
    assert firm_bn(lock_in, "R3") == firm_bn(lock_in, "R2") > firm_bn({})


def test_one_party_is_given_no_right_by_a_term_of_the_other() -> None:
    assert firm_bn({NOTICE[1]: 30}, "R0") == firm_bn({}, "R0") == 37.83


def test_the_terms_are_named_in_words() -> None:
    assert in_words({NOTICE[0]: 180}) == "the customer's notice were 180 days"
    assert in_words({NOTICE[0]: 180, "end": "x", "fee.0.usd_month": 1}) == (
        "the customer's notice were 180 days, the end date were x and fee.0.usd_month were 1"
    )


@pytest.mark.parametrize("path", sorted(Path("notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_a_notebook_uses_every_one_of_its_parameters(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    names: dict[bool, set[str]] = {True: set(), False: set()}
    for cell in code:
        stored = "parameters" in cell["metadata"].get("tags", [])
        for node in ast.walk(ast.parse("".join(cell["source"]))):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) is stored:
                names[stored].add(node.id)
    assert names[True] - names[False] == set()
