"""pandas' HTML tables as a reader wants them: numbers to the right, words to the left."""

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from analysis.findings import share, usd

if TYPE_CHECKING:
    import pandas as pd

# What stands in a column of numbers: amounts with sign, currency, separators and a short unit.
MISSING = "–|nan|NaN|NaT|None|not defined|"
NUMBER = re.compile(r"(?!\d{4}-\d\d-\d\d)[^A-Za-z]*\d[^A-Za-z]*(bn|m|[MGk]W)?(/[\w-]+)?|" + MISSING)
WRITTEN: dict[str, Callable[[Any], str]] = {
    "usd": lambda value: str(usd(value)),
    "usd_hour": lambda value: f"${value:,.2f}",
    "usd_month": lambda value: str(usd(value)),
    "accelerators": lambda value: f"{value:,.0f}",
    "h100es": lambda value: f"{value:,.0f}",
    "times": lambda value: f"{value:.2f}×",
    "share": lambda value: str(share(value)),
    "firmness": lambda value: str(share(value)),
    "firmness_low": lambda value: str(share(value)),
    "firmness_high": lambda value: str(share(value)),
    "months": lambda value: f"{value:.4g}",
    "ratio": lambda value: f"{value:.2f}×",
}
LARGE = 10_000  # from here on a number is written out
LONG = 32  # characters; what is longer may break into lines


def tidy(source: str) -> str:
    """The table with its columns aligned and without a row number that says nothing.

    Anything but a plain table of pandas is returned as it came.
    """
    if 'class="dataframe' not in source or re.search(r"rowspan|colspan", source):
        return source
    source = re.sub(r"<style scoped>.*?</style>", "", source, flags=re.S)
    source = re.sub(r' border="1"| style="text-align: right;"', "", source)
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in source.split("<tr")]
    columns = list(zip(*(row for row in rows if row), strict=False))
    right = [any(column) and all(map(NUMBER.fullmatch, column)) for column in columns]
    labels = re.findall(r"<tr>\s*<th>([^<]*)</th>\s*<td", source)
    counted = labels == [str(n) for n in range(len(labels))]

    def line(row: re.Match[str]) -> str:
        head, *cells = re.split(r"(?=<t[hd])", row[0])
        first = len(cells) - len(right)
        if counted and first == 1:
            first, cells = 0, cells[1:]
        return head + "".join(
            _cell(cell, n >= first and bool(right[n - first])) for n, cell in enumerate(cells)
        )

    return re.sub(r"<tr.*?</tr>", line, source, flags=re.S)


def _cell(cell: str, right: bool) -> str:
    kind = "number" if right else "long" if len(re.sub(r"<[^>]*>", "", cell).strip()) > LONG else ""
    return re.sub(r"^<(t[hd])", rf'<\1 class="{kind}"', cell) if kind else cell


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if LARGE <= abs(value) < math.inf else f"{value:.4g}"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _per(column: str) -> str:
    return column.replace("usd_hour", "$/hour").replace("usd_month", "$/month")


def readable(table: "pd.DataFrame") -> "pd.DataFrame":
    """The table with values written as findings write them, by what a column's name says.

    `…usd` is money, `share` and `firmness` are fractions, `months` are counts; a column's name
    loses its unit, and what is missing is left blank.
    """
    shown = table.copy()
    for column in map(str, table):
        write = next((form for ending, form in WRITTEN.items() if column.endswith(ending)), _plain)
        shown[column] = ["" if _missing(value) else write(value) for value in table[column]]
    names = {
        c: _per(c).removesuffix("usd").strip("_").replace("_", " ") or "amount"
        for c in map(str, shown)
    }
    return shown.rename(columns=names)
