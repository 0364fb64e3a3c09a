"""Whatever a file holds is bounded: refused in a sentence before it costs memory or time."""

import time
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from analysis.contract import ContractError
from analysis.contract.files import parse
from analysis.contract.terms import Agreement
from analysis.data import texts

SECONDS = 2.0  # in which the largest file is checked
START = 'id = "a"\nprovider = "P"\ncustomer = "C"\nsigned = 2026-01-01\nstart = 2026-01-01\n'
EVERY = (texts.DATA / "contracts" / "invented-every-clause.toml").read_text(encoding="utf-8")


def walked(node: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema inside a schema, by its place."""
    if isinstance(node, dict):
        yield place, node
        for key, value in node.items():
            yield from () if key in ("default", "examples") else walked(value, f"{place}.{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from walked(value, f"{place}.{number}")


def unbounded(one: dict[str, Any]) -> bool:
    """Whether a schema lets through texts, lists, tables or numbers without end."""
    if {"const", "enum"} & set(one) or one.get("format") == "date":
        return False
    needed: dict[str, list[set[str]]] = {
        "string": [{"maxLength"}],
        "array": [{"maxItems"}],
        "object": [{"properties", "maxProperties"}],
        "number": [{"maximum", "exclusiveMaximum"}, {"minimum", "exclusiveMinimum"}],
    }
    needed["integer"] = needed["number"]
    kind = one.get("type")
    return isinstance(kind, str) and not all(ends & set(one) for ends in needed.get(kind, []))


def test_every_text_list_table_and_number_of_a_file_has_a_bound() -> None:
    schema = Agreement.model_json_schema(by_alias=True)
    assert not [place for place, one in walked(schema) if unbounded(one)]
    assert unbounded({"type": "string"})


def stated(fees: int, readings: int, amendments: int, years: int) -> str:
    """An agreement with so many fee steps, other readings and amendments."""
    text = START + f"end = {2026 + years}-01-01\n"
    for n in range(fees):
        text += f"[[fee]]\nfrom = {date(2026, 1, 1) + timedelta(n)}\nusd_month = {n}\n"
    for n in range(amendments):
        day = date(2026, 2, 1 + n)
        text += f"[[amendment]]\ntitle = 'a'\nsigned = {day}\neffective = {day}\n"
        text += f"terms.termination.customer.notice_days = {n}\n"
    for n in range(readings):
        text += f"[readings.r{n}]\ntitle = 'r'\ntermination.customer.notice_days = {n}\n"
    return text


@pytest.mark.parametrize(
    ("fees", "readings", "amendments", "years"),
    [(1_200, 7, 0, 100), (700, 23, 0, 2), (20, 23, 11, 3), (700, 0, 23, 2), (300, 15, 2, 9)],
)
def test_the_largest_file_is_checked_in_two_seconds(
    fees: int, readings: int, amendments: int, years: int
) -> None:
    began = time.process_time()
    deal = parse(stated(fees, readings, amendments, years))
    assert time.process_time() - began < SECONDS
    assert len(deal.readings) == readings + 2


@pytest.mark.parametrize(
    ("fees", "readings", "amendments", "years"),
    [(1_200, 8, 0, 100), (1_200, 23, 2, 100), (800, 23, 1, 2), (1, 23, 0, 100), (1, 23, 23, 2)],
)
def test_more_is_refused_at_once(fees: int, readings: int, amendments: int, years: int) -> None:
    began = time.process_time()
    with pytest.raises(ContractError, match="allowed: 1,200 steps, 320 combinations, and 20"):
        parse(stated(fees, readings, amendments, years))
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    "text",
    [
        "a" + ".b" * 30_000 + " = 1",
        '"a"' + ' . "b"' * 30_000 + " = 1",
        "'a'" + ".'#'" * 30_000 + " = 1",
        "[a" + ".b" * 30_000 + "]",
        'x = { "#" = 1, a' + ".b" * 30_000 + " = 1 }",
        "# \"\n'\"' = 1\na" + ".b" * 30_000 + ' = 1\n# "\n',
    ],
)
def test_a_key_of_many_parts_is_refused_before_it_is_read(text: str) -> None:
    began = time.process_time()
    with pytest.raises(ContractError, match="a key has more than 16 parts"):
        parse(text)
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"k{n} = 1\n" for n in range(20_000)),
        "".join(f"[provide{n}]\n" for n in range(15_000)),
        'a = "' + '\\"' * 100_000,
        '"""' * 80_000,
        "k" * 200_000 + " = 1",
        "a = " + "9" * 200_000,
        "a = " + "[" * 200_000,
        "x = " + "'a.b' . " * 30_000,
        "[[evidence]]\nfield = 'fee'\n" * 8_000,
    ],
)  # fmt: skip
def test_a_file_full_of_one_thing_is_refused_or_read_in_time(text: str) -> None:
    began = time.process_time()
    with pytest.raises(ContractError) as caught:
        parse(text)
    assert time.process_time() - began < SECONDS
    assert len(str(caught.value)) < 30_000


def test_evidence_of_every_value_is_matched_in_time() -> None:
    cited = "".join(
        f"[[evidence]]\nfield = 'fee.{n}.usd_month'\nkind = 'assumed'\nsource = 's'\n"
        "date = 2026-01-01\nlocator = 'l'\n"
        for n in range(1_200)
    )
    began = time.process_time()
    assert len(parse(stated(1_200, 0, 0, 4) + cited).evidence) == 1_200
    assert time.process_time() - began < SECONDS


def test_texts_with_many_dots_are_texts() -> None:
    good = START.replace('"P"', '"' + "a." * 200 + '"') + "end = 2027-01-01\n"
    assert parse(good + "[[fee]]\nfrom = 2026-01-01\nusd_month = 1\n").provider == "a." * 200


def test_a_table_has_so_many_rows_and_columns() -> None:
    rows = "a,b\n" + "1,2\n" * texts.MAX_ROWS
    assert len(texts.rows(rows)) == texts.MAX_ROWS + 1
    with pytest.raises(ValueError, match="10,001 rows; allowed: at most 10,000"):
        texts.rows(rows + "1,2\n")
    wide = ",".join(map(str, range(texts.MAX_COLUMNS + 1)))
    with pytest.raises(ValueError, match="201 columns; allowed: at most 200"):
        texts.rows(f"{wide}\n{wide}\n")


def leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all texts in plain data."""
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        if isinstance(value, dict | list):
            yield from leaves(value, (*path, key))
        elif isinstance(value, str):
            yield (*path, key)


@pytest.mark.parametrize("bad", ["\0", "\x1b[31m", "\n", "\u2028", "\u2029", "\x85", "\u202e"])
def test_no_text_of_a_file_holds_control_characters(bad: str) -> None:
    whole = tomllib.loads(EVERY)
    whole["notes"] = ["a note"]
    whole["evidence"] = [
        {"field": "*", "kind": "assumed", "source": "s", "date": date(2026, 1, 1),
         "locator": "l", "note": "n"}
    ]  # fmt: skip
    Agreement.model_validate(whole)
    for path in leaves(whole):
        changed = tomllib.loads(EVERY) | {k: whole[k] for k in ("notes", "evidence")}
        changed["notes"], changed["evidence"] = ["a note"], [dict(whole["evidence"][0])]
        inside: Any = changed
        for key in path[:-1]:
            inside = inside[key]
        inside[path[-1]] += bad
        with pytest.raises(ValueError, match=r"."):
            Agreement.model_validate(changed)
