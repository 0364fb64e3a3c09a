"""One sheet of a workbook, written from the top: cells by what they hold, sums as formulas."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

FORMATS = {
    "usd": "#,##0;[Red]-#,##0",
    "date": "yyyy-mm-dd",
    "share": "0.0%",
    "number": "#,##0.0000",
    "count": "#,##0",
    "text": "@",
}
INPUT = {"font_color": "#0000FF"}  # as modellers mark what may be changed
WIDTH = 16


@dataclass(frozen=True, slots=True)
class Formula:
    """A live formula, and what it comes to: shown by programs that do not recalculate."""

    text: str
    value: float


class Styles:
    """The cell formats of one workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book, self._made = book, {}  # type: ignore[var-annotated]

    def __call__(self, kind: str, **look: Any) -> Any:
        key = (kind, *sorted(look.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"num_format": FORMATS[kind], **look})
        return self._made[key]


def put(sheet: Any, at: tuple[int, int], value: Any, style: Any) -> None:
    """Write one value; text is never taken for a formula or an address, None leaves a blank."""
    if isinstance(value, Formula):
        known = value.value if math.isfinite(value.value) else ""
        sheet.write_formula(*at, value.text, style, known)
    elif isinstance(value, date):
        sheet.write_datetime(*at, value, style)
    elif isinstance(value, str):
        sheet.write_string(*at, value, style)
    elif value is not None and math.isfinite(value):
        sheet.write_number(*at, value, style)
    else:
        sheet.write_blank(*at, None, style)


def table(
    sheet: Any,
    styles: Styles,
    top: int,
    heads: Sequence[tuple[str, str]],
    rows: Iterable[Sequence[Any]],
    total: Sequence[Any] = (),
) -> None:
    """A table at row `top`, its `heads` as (name, kind of value); `total` closes it in bold."""
    bold = {"bold": True}
    for column, (name, kind) in enumerate(heads):
        put(
            sheet,
            (top, column),
            name,
            styles("text", bottom=1, align="left" if kind == "text" else "right", **bold),
        )
    rows = list(rows)
    for number, row in enumerate(rows, start=top + 1):
        for column, value in enumerate(row):
            put(sheet, (number, column), value, styles(heads[column][1]))
    for column, value in enumerate(total):
        look = styles(heads[column][1], top=1, **bold)
        put(sheet, (top + 1 + len(rows), column), value, look)
    sheet.set_column(0, len(heads) - 1, WIDTH)
    sheet.freeze_panes(top + 1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)
