"""The rows that a number is made of: those of its table that give it, or no rows at all.

A number that is drawn or integrated is rounded to two digits before it is looked for.
"""

import math
import re
from collections.abc import Iterator
from datetime import date
from itertools import combinations, permutations
from numbers import Real
from typing import Any, NamedTuple

import pandas as pd

from analysis.page.findings import ending_of

NEAR = 1e-9  # of a value: as near as adding up in another order comes
MOST = 40  # rows of a table in which two are looked for that differ by the number
RATIOS = ("share", "rate", "times")
WORDS = {
    "row": "It stands in this row:",
    "count": "It counts these rows:",
    "sum": "It is the sum of these rows:",
    "ratio": "It is one of these ÷ the other:",
    "difference": "It is the difference between these rows:",
}


class Trace(NamedTuple):
    """How rows give a number (see `WORDS`), the rows, and the columns that hold it."""

    how: str
    rows: pd.DataFrame
    columns: tuple[str, ...]


def trace(table: pd.DataFrame, name: str, value: Any) -> Trace | None:
    """The rows of a table that give the number `name`; None where none do."""
    if not _known(value) or table.empty:
        return None
    return next(_traces(table, name, value), None)


def _traces(table: pd.DataFrame, name: str, value: Any) -> Iterator[Trace]:
    columns, plain = _columns(table, name, value), numbers(table)
    for column in columns:
        same = [_same(each, value) for each in table[column]]
        if any(same):
            yield Trace("row", _most_like(table[same], name), (column,))
    if isinstance(value, date):
        return
    if value == len(table) > 1:
        yield Trace("count", table, ())
    added = [each for each in columns if each in plain and len(table) > 1]
    for column in added:
        if _same(float(table[column].sum()), value):
            yield Trace("sum", table, (column,))
    for one, other in permutations(plain, 2) if ending_of(name) in RATIOS else ():
        ratio = table[one].astype(float) / table[other].where(table[other] != 0)
        same = [_same(each, value) for each in ratio]
        if any(same):
            yield Trace("ratio", table[same].iloc[:1], (one, other))
    for column in added if len(table) <= MOST and value else ():
        values = enumerate(table[column].astype(float))
        for (first, low), (second, high) in combinations(values, 2):
            if _same(abs(high - low), abs(value)):
                yield Trace("difference", table.iloc[[first, second]], (column,))


def _columns(table: pd.DataFrame, name: str, value: Any) -> list[str]:
    """The columns that may hold the number: of its unit or of none, those named like it first."""
    ending, told = ending_of(name), _words(name)
    if isinstance(value, date):
        return [str(each) for each in table if any(isinstance(one, date) for one in table[each])]
    known = [str(each) for each in table if any(_known(cell) for cell in table[each])]
    fitting = [each for each in known if ending_of(each) in (ending, "")]
    return sorted(fitting, key=lambda each: (not ending_of(each), len(told ^ _words(each))))


def _words(name: str) -> set[str]:
    return set(re.findall(r"[a-z]+", name.removesuffix(f"_{ending_of(name)}").lower()))


def _most_like(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """The row whose texts have most words of the number's name."""
    texts = [" ".join(map(str, row)) for row in rows.itertuples(index=False)]
    alike = [len(_words(name) & _words(text)) for text in texts]
    return rows.iloc[[alike.index(max(alike))]]


def numbers(table: pd.DataFrame) -> list[str]:
    """The columns of a table that hold numbers."""
    return list(map(str, table.select_dtypes("number")))


def _same(cell: Any, value: Any) -> bool:
    if isinstance(cell, date) or isinstance(value, date):
        return bool(cell == value)
    if not _known(cell):
        return False
    return math.isclose(cell, value, rel_tol=NEAR) or (value != 0 and float(f"{cell:.1e}") == value)


def _known(value: Any) -> bool:
    return isinstance(value, date) or (
        isinstance(value, Real) and math.isfinite(value) and not isinstance(value, bool)
    )
