"""Tables as a reader wants them: values with their units, numbers to the right."""

import math
import re
from collections.abc import Callable, Iterable, Sized
from html import escape
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from analysis.data.texts import cell, plain
from analysis.page.findings import UNITS, ending_of, number, share, usd

if TYPE_CHECKING:
    import pandas as pd

# What stands in a column of numbers: amounts with sign, currency, separators and a short unit.
MISSING = "–|nan|NaN|NaT|None|not defined|"
NUMBER = re.compile(r"(?!\d{4}-\d\d-\d\d)[^A-Za-z]*\d[^A-Za-z]*(bn|m|[MGk]W)?(/[\w-]+)?|" + MISSING)
WRITTEN: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(("usd", "usd_month"), lambda value: str(usd(value))),
    **dict.fromkeys(("share", "rate", "firmness"), lambda value: str(share(value))),
    **dict.fromkeys(("accelerators", "h100es"), lambda value: f"{value:,.0f}"),
    **dict.fromkeys(("times", "ratio", "to_fee"), lambda value: f"{value:.2f}×"),
    **dict.fromkeys(
        ("slope", "tau", "p_value", "herfindahl", "effective"), lambda value: f"{value:.2g}"
    ),
    "usd_hour": lambda value: f"${value:,.2f}",
    "months": lambda value: number(value),
}
"""How the values of a column are written, by how its name ends; ends of a range as what they are
of."""
DAY = re.compile(r"\d{4}-\d\d-\d\d")
ADDRESS = re.compile(r"https?://(?:www\.)?([^/\s;]+)[^\s;]*")
WHOLE = re.compile(rf"{ADDRESS.pattern}|{DAY.pattern}|[\d.,]+ %")  # what no line breaks within
LARGE = 1_000  # from here on a number is written out
LONG = 32  # characters; what is longer may break into lines
MOST = 4  # columns that a narrow page has room for
ROUND_OFF = 1e-7  # of a column's largest amount: less is none
CLASS = "agreements-table"


def html(table: "pd.DataFrame", *, lined: bool = True) -> str:
    """The table as a notebook and a page show it: numbers to the right, words to the left.

    Row numbers that say nothing are left out. Where a text is long or columns are many each cell
    says which column it is of: on a narrow page a row stands as lines, if `lined`. Of a long
    table the first and last rows stand.
    """
    import pandas as pd

    shown = readable(table)
    heads = list(map(str, shown))
    rows = [[str(value).strip() for value in row] for row in shown.itertuples(index=False)]
    right = [bool(rows) and all(map(NUMBER.fullmatch, c)) for c in zip(*rows, strict=True)]
    right = right or [False] * len(heads)
    labels = [label if isinstance(label, tuple) else (label,) for label in table.index]
    names = list(table.index.names)
    if list(table.index) == [*range(len(table))]:
        labels, names = [()] * len(table), []
    alone = len(heads) == 1 and not (right[0] or names)  # a list: its head would say nothing
    long = len(heads) > MOST or any(_long(text) for row in rows for text in row)
    lined, unseen = lined and long and not alone, ' class="unseen"' * alone
    told = [f' data-label="{escape(head)}"' if lined else "" for head in heads]
    lines = [
        "".join(f"<th>{escape(str(part))}</th>" for part in label)
        + "".join(
            f"<td{_kind(text, right[at])}{told[at]}>{linked(text)}</td>"
            for at, text in enumerate(row)
        )
        for label, row in zip(labels, rows, strict=True)
    ]
    half = (pd.get_option("display.max_rows") or len(lines)) // 2
    if len(lines) > 2 * half + 1:
        lines[half:-half] = ["<td>…</td>" * (len(names) + len(heads))]
    first = "".join(f"<th>{escape(str(name or ''))}</th>" for name in names)
    first += "".join(f"<th{_kind(h, right[at])}>{escape(h)}</th>" for at, h in enumerate(heads))
    body = "\n".join(f"<tr>{line}</tr>" for line in lines)
    return str(
        plain(
            f'<table class="{CLASS}{" lined" * lined}">\n<thead{unseen}><tr>{first}</tr></thead>\n'
            f"<tbody>\n{body}\n</tbody>\n</table>"
        )
    )


def linked(text: str) -> str:
    """Text as HTML: an address is a link that shows its host, a day and a share stay in one line.

    >>> linked("a < https://www.b.org/c")
    'a &lt; <a href="https://www.b.org/c">b.org</a>'
    """

    def whole(found: re.Match[str]) -> str:
        if found[1]:
            return f'<a href="{found[0].replace(chr(34), "%22")}">{found[1]}</a>'
        return found[0] if found[0] == text else f'<span class="whole">{found[0]}</span>'

    return WHOLE.sub(whole, escape(text, quote=False))


def _long(text: str) -> bool:
    return len(ADDRESS.sub(r"\1", text)) > LONG


def _kind(text: str, right: bool) -> str:
    kind = "number" if right else "day" if DAY.fullmatch(text) else "long" if _long(text) else ""
    return f' class="{kind}"' if kind else ""


def _missing(value: Any) -> bool:
    return value is None or (not isinstance(value, str | Sized) and value != value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, Real):
        return str(value)
    whole = isinstance(value, Integral) or LARGE <= abs(float(value)) < math.inf
    return f"{value:,.0f}" if whole else f"{value:.4g}"


def _form(column: str) -> Callable[[Any], str]:
    """How the values of a column are written; those of a calendar year as they are."""
    name = re.sub(r"_(low|high|first|last)$", "", column)
    forms = [form for ending, form in WRITTEN.items() if name.endswith(ending)]
    return str if column == "year" else next(iter(forms), _plain)


def _signed(text: str) -> str:
    """Text that is a number with a minus that is one."""
    return "−" + text[1:] if re.match(r"-[\d.$]", text) else text


def _headed(column: str) -> str:
    if (ending := ending_of(column)).startswith("usd_"):
        column = column.removesuffix(ending) + UNITS[ending][0].replace("USD/", "$/")
    per = column.replace("usd_hour", "$/hour").replace("usd_month", "$/month")
    words = per.removesuffix("usd").removesuffix("times").strip("_").replace("_", " ")
    return re.sub(r"\bmw\b", "MW", words) or "amount"


def readable(table: "pd.DataFrame") -> "pd.DataFrame":
    """The table with values written as findings write them, by what a column's name says.

    A column's name loses its unit, unless the answer that the table is of has `heads` for it; what
    is missing is left blank.
    """
    import pandas as pd

    names = ["_".join(map(str, c)) if isinstance(c, tuple) else str(c) for c in table]
    values: Any = {at: _column(name, table.iloc[:, at]) for at, name in enumerate(names)}
    own = getattr(table.attrs.get("answer"), "heads", {})
    heads = [own.get(name) or _headed(name) for name in names]
    return pd.DataFrame(values, index=table.index, dtype=object).set_axis(heads, axis="columns")


def _column(name: str, values: Iterable[Any]) -> list[str]:
    write, values = _form(name), list(values)
    if name.endswith("usd"):
        sizes = [abs(float(v)) if isinstance(v, Real) else math.nan for v in values]
        least = ROUND_OFF * max((size for size in sizes if size == size), default=0.0)
        values = [0.0 if size < least else v for v, size in zip(values, sizes, strict=True)]
    return [
        "" if _missing(v) else _signed(write(v)) if isinstance(v, Real) else str(v) for v in values
    ]


def in_words(found: "pd.DataFrame") -> list[list[str]]:
    """A table's heads, then its rows, in words, as a page shows them."""
    shown = readable(found)
    return [[*map(str, shown)], *([*map(str, row)] for row in shown.itertuples(index=False))]


def csv(table: "pd.DataFrame") -> str:
    """The table as a file of unrounded values; no text or name in it is a formula."""
    return table.map(cell).rename(columns=cell).to_csv(index=False, lineterminator="\n")
