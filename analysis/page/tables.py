"""pandas' HTML tables as a reader wants them: numbers to the right, words to the left."""

import math
import re
from collections.abc import Callable
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from analysis.page.findings import share, usd

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
LARGE = 1_000  # from here on a number is written out
LONG = 32  # characters; what is longer may break into lines
CLASS = "agreements-table"


def html(table: "pd.DataFrame") -> str:
    """The table as a notebook and a page show it."""
    import pandas as pd

    return tidy(table.to_html(max_rows=pd.get_option("display.max_rows")))


def tidy(source: str) -> str:
    """The table with its columns aligned and without a row number that says nothing.

    Where a text is long each cell says which column it is of: on a narrow page a row stands as
    lines. Anything but a plain table of pandas is returned as it came.
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
    long = any(_is_long(cell) for row in rows for cell in row)
    heads = re.findall(r"<th[^>]*>(.*?)</th>", source.split("<tbody>")[0], re.S)[-len(right) :]
    told = [f' data-label="{head}"' if long else "" for head in heads]

    def line(row: re.Match[str]) -> str:
        head, *cells = re.split(r"(?=<t[hd])", row[0])
        first = len(cells) - len(right)
        if counted and first == 1:
            first, cells = 0, cells[1:]
        return head + "".join(
            _cell(cell, bool(right[n - first]), told[n - first]) if n >= first else cell
            for n, cell in enumerate(cells)
        )

    lined = re.sub(r"<tr.*?</tr>", line, source, flags=re.S)
    kinds = f"{CLASS} lined" if long else CLASS
    return re.sub(r'class="dataframe[^"]*"', f'class="{kinds}"', lined)


def _cell(cell: str, right: bool, told: str) -> str:
    kind = "number" if right else "long" if _is_long(cell) else ""
    given = (f' class="{kind}"' if kind else "") + (told if cell.startswith("<td") else "")
    return re.sub(r"^<(t[hd])", rf"<\1{given}", cell)


def _is_long(cell: str) -> bool:
    return len(re.sub(r"<[^>]*>", "", cell).strip()) > LONG


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, Real):
        return str(value)
    whole = isinstance(value, Integral) or LARGE <= abs(float(value)) < math.inf
    return f"{value:,.0f}" if whole else f"{value:.4g}"


def _form(column: str) -> Callable[[Any], str]:
    """How the values of a column are written; those of a calendar year as they are."""
    forms = [form for ending, form in WRITTEN.items() if column.endswith(ending)]
    return str if column == "year" else next(iter(forms), _plain)


def _signed(text: str) -> str:
    """Text that is a number with a minus that is one."""
    return "−" + text[1:] if re.match(r"-[\d.$]", text) else text


def _per(column: str) -> str:
    return column.replace("usd_hour", "$/hour").replace("usd_month", "$/month")


def readable(table: "pd.DataFrame") -> "pd.DataFrame":
    """The table with values written as findings write them, by what a column's name says.

    `…usd` is money, `share` and `firmness` are fractions, `months` are counts; a column's name
    loses its unit, and what is missing is left blank.
    """
    shown = table.copy()
    for column in map(str, table):
        write = _form(column)
        shown[column] = ["" if _missing(v) else _signed(write(v)) for v in table[column]]
    names = {
        c: _per(c).removesuffix("usd").strip("_").replace("_", " ") or "amount"
        for c in map(str, shown)
    }
    return shown.rename(columns=names)
