"""Where a number stands: a path that leads to it, and the rows of a table that give it.

A path names attributes of an answer, and of a column of a table says which: `fee.usd_month`,
`next.date` where `next` is a row, `runoff.usd:sum` (see `WHICH`); `deals:rows` counts. Two may be
joined: `best.usd:first − best.usd:last`, `book.firm_usd:sum ÷ book.usd:sum`.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

ROW = "what stands in this row"
WHICH = {
    "first": ROW,
    "last": ROW,
    "least": "the least, in this row",
    "most": "the greatest, in this row",
    "median": "the median of these rows",
    "sum": "the sum of these rows",
    "rows": "the number of these rows",
}
"""What is read of a column, and how the rows that are shown give it; `rows` also of a table."""
ENDS = ("least", "most")
JOINS: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    " ÷ ": (lambda one, other: one / other if other else math.nan, "÷"),
    " − ": (lambda one, other: one - other, "less"),
}


class Part(NamedTuple):
    """Rows that give a number, or one part of it: how they do, and the column that it stands in."""

    how: str
    rows: pd.DataFrame
    column: str = ""


def root(of: str) -> str:
    """The table or the inputs that a path begins with."""
    return of.partition(":")[0].partition(".")[0]


def traced(found: Any, path: str) -> tuple[Any, list[Part]]:
    """The number that a path leads to, nan where nothing is there, and the rows that give it."""
    for join, (joined, word) in JOINS.items():
        if join in path:
            (one, first), (other, second) = (traced(found, each) for each in path.split(join))
            parts = [*first, *(part._replace(how=f"{word} {part.how}") for part in second)]
            return joined(one, other), parts if first and second else []
    number, part = _traced(found, path)
    if isinstance(number, np.generic):
        number = number.item()
    parts = [] if part is None or part.rows.empty else [part]
    return math.nan if number is None else number, parts


def _traced(found: Any, path: str) -> tuple[Any, Part | None]:
    path, _, which = path.partition(":")
    if which == "rows":
        rows = _walked(found, path)
        return (math.nan, None) if rows is None else (len(rows), Part(WHICH[which], rows))
    path, _, name = path.rpartition(".")
    held = _walked(found, path)
    if isinstance(held, pd.Series):
        held = held.to_frame().T.infer_objects()
    if held is None or (isinstance(held, pd.DataFrame) and held.empty):
        return math.nan, None
    if isinstance(held, pd.DataFrame):
        rows = _rows(held, name, which)
        how = WHICH[which or "first"] if len(rows) > 1 or which in ENDS else ROW
        return _read(rows[name], which), Part(how, rows, name)
    known = found.by_name(path)
    stands = known is not None and name in known.index
    return getattr(held, name), Part(ROW, known.loc[[name]], "value") if stands else None


def _walked(found: Any, path: str) -> Any:
    for name in filter(None, path.split(".")):
        found = getattr(found, name) if found is not None else None
    return found


def _rows(table: pd.DataFrame, column: str, which: str) -> pd.DataFrame:
    """The rows that say what is read of a column."""
    if which in ENDS:
        end = table[column].min() if which == "least" else table[column].max()
        rows: pd.DataFrame = table[table[column] == end]
        return rows.head(1)
    return {"first": table.head(1), "": table.head(1), "last": table.tail(1)}.get(which, table)


def _read(cells: "pd.Series[Any]", which: str) -> Any:
    if which in ("sum", "median"):
        return getattr(cells, which)()
    return cells.iloc[0] if len(cells) else math.nan
