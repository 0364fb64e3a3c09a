"""An agreement as an Excel workbook whose sums are live: change an input, and the answer follows.

Sheets: key figures, term sheet and inputs; the bridge from remaining contract value to committed
value; the fees that it adds up; the interpretations side by side; the dates.
"""

import io
import math
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any, NamedTuple, TypedDict, Unpack

from analysis.contract import Position, readings
from analysis.contract.charges import Charge
from analysis.contract.fields import PARTIES, Party
from analysis.contract.ladder import CreditRisk, Risked
from analysis.data.texts import plain
from analysis.page.sheet import lines

FORMATS = {
    "usd": "#,##0;[Red]-#,##0",
    "date": "yyyy-mm-dd",
    "share": "0.0%",
    "number": "#,##0.0000",
    "text": "@",
}
INPUT = {"font_color": "#0000FF"}  # as modellers mark what may be changed
WIDTH = 16
FEES = [
    ("start", "date"),
    ("end, exclusive", "date"),
    ("share of month", "number"),
    ("full fee, USD", "usd"),
    ("fee, USD", "usd"),
    ("due", "date"),
    ("clause", "text"),
]
VALUED = [("years", "number"), ("present value, USD", "usd"), ("expected loss, USD", "usd")]
COMPARED = {
    "reading": ("interpretation", "text"),
    "end": ("end, exclusive", "date"),
    "firm_low_usd": ("committed low, USD", "usd"),
    "firm_usd": ("committed, USD", "usd"),
    "firm_high_usd": ("committed high, USD", "usd"),
    "headline_usd": ("remaining contract value, USD", "usd"),
}


Style = Callable[..., Any]  # the format of a kind of value, and how it looks


class Formula(NamedTuple):
    """A live formula, and what it comes to: shown by programs that do not recalculate."""

    text: str
    value: float


class Risk(TypedDict):
    """The inputs that are named cells of the first sheet."""

    rate: float
    default_probability: float
    loss_given_default: float


RATE, FAILS, LOST = Risk.__annotations__


def workbook(
    found: Position,
    *,
    party: Party,
    bridge_from: date | None = None,
    **risk: Unpack[Risk],
) -> bytes:
    """The workbook's bytes, the same for the same arguments.

    The first sheet is at the position's day, the bridge and its fees at `bridge_from` (default:
    that day). Committed fees end on the day that `party` may be gone.
    """
    import xlsxwriter

    day, agreement = found.as_of, found.agreement
    seen = found.on(bridge_from or day)
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True})
    book.set_properties(
        {"title": plain(agreement.title), "created": datetime.combine(day, time(), UTC)}
    )
    styles = cache(lambda kind, **look: book.add_format({"num_format": FORMATS[kind], **look}))
    names = ("Agreement", "Bridge", "Fees", "Committed", "Interpretations", "Dates")
    first, bridge, fees, committed, compared, dates = map(book.add_worksheet, names)
    _first(book, first, styles, found, seen.as_of, party, risk)
    whole, firm = seen.carried.charges, seen.firm(party).charges
    _fees(fees, styles, whole, [])
    worths = [CreditRisk(seen.as_of, **risk).of(charge) for charge in firm]
    _fees(committed, styles, firm, worths)
    steps = seen.bridge(party=party, **risk)
    paid = sum(one.loss_usd for one in worths) + steps.usd.iloc[-1] if seen.terms.support else 0.0
    _bridge(bridge, styles, steps.usd.tolist(), steps.step.tolist(), len(whole), len(firm), paid)
    _readings(compared, styles, readings.compare(found, party=party))
    heads = [("date", "date"), ("what", "text"), ("who", "text"), ("end, exclusive", "date")]
    table(dates, styles, 0, heads, found.deadlines.astype(object).to_numpy().tolist())
    dates.set_column(1, 1, 52)
    book.close()
    return held.getvalue()


def _first(
    book: Any,
    sheet: Any,
    styles: Style,
    found: Position,
    bridged: date,
    party: Party,
    risk: Risk,
) -> None:
    """What the workbook is about: key figures, term sheet, and the inputs of the other sheets."""
    left, firm = found.headline.usd, found.firm(party)
    ways = {side: [way.first for way in found.exits(side)] for side in PARTIES}
    exits = {side: min(days) for side, days in ways.items() if days and min(days) < found.end}
    rows: list[tuple[str, Any, str]] = [
        ("agreement", found.agreement.title, "text"),
        ("provider", found.agreement.provider, "text"),
        ("customer", found.agreement.customer, "text"),
        ("interpretation", f"{found.reading}: {found.read.reading.title}", "text"),
        ("valuation date", found.as_of, "date"),
        ("", None, "text"),
        ("remaining contract value, USD", left, "usd"),
        (f"committed if the {party} may leave, USD", firm.usd, "usd"),
        ("committed share", Formula("=IF(B7=0,0,B8/B7)", firm.usd / left if left else 0), "share"),
        ("committed up to (exclusive)", firm.end, "date"),
        *(
            (f"earliest termination by the {side}", exits.get(side, "none before the end"), "date")
            for side in PARTIES
        ),
        ("", None, "text"),
    ]
    for line in lines(found.standing)[1:]:
        name, _, text = line.partition(": ")
        rows.append((f"termination, {name}" if name in PARTIES else name, text, "text"))
    rows += [("", None, "text"), ("bridge seen from", bridged, "date")]
    for row, (name, value, kind) in enumerate(rows):
        put(sheet, (row, 0), name, styles("text"))
        put(sheet, (row, 1), value, styles(kind, align="left"))
    for row, (name, value) in enumerate(risk.items(), start=len(rows)):
        put(sheet, (row, 0), name.replace("_", " "), styles("text"))
        put(sheet, (row, 1), value, styles("share", align="left", **INPUT))
        book.define_name(name, f"=Agreement!$B${row + 1}")
    put(sheet, (len(rows) + len(risk) + 1, 0), "Blue cells may be changed.", styles("text"))
    sheet.set_column(0, 0, 38)
    sheet.set_column(1, 1, 100)


def _fees(sheet: Any, styles: Style, charges: Sequence[Charge], worths: Sequence[Risked]) -> None:
    """The fees with their sum; where `worths` are given, with the present value of each."""
    rows: list[list[Any]] = []
    for row, charge in enumerate(charges, start=2):
        start, end, share, fee, full, due, clause, _ = charge
        rows.append([start, end, share, full, fee, due, clause])
        if worths:
            years, worth, loss = worths[row - 2]
            chance = f"(1-(1-{FAILS})^H{row})"
            rows[-1] += [
                years,
                Formula(f"=E{row}*(1+{RATE})^-H{row}", worth),
                Formula(f"=I{row}*{LOST}*{chance}", loss),
            ]
    last = len(rows) + 1
    total: list[Any] = ["sum", None, None, None, None, None, None]
    for column, letter in ((3, "D"), (4, "E"), *(((8, "I"), (9, "J")) if worths else ())):
        amounts = [getattr(row[column], "value", row[column]) for row in rows]
        total += [None] * (column + 1 - len(total))
        total[column] = Formula(f"=SUM({letter}2:{letter}{last})" if rows else "=0", sum(amounts))
    table(sheet, styles, 0, FEES + (VALUED if worths else []), rows, total)
    sheet.set_column(6, 6, 36)


def _bridge(
    sheet: Any,
    styles: Style,
    usd: list[float],
    steps: Sequence[str],
    whole: int,
    promised: int,
    supported: float,
) -> None:
    """The bridge's steps from the sums of the other sheets, and what stands after each.

    `supported` is what supporters take off the expected loss: a number, as it follows no cell.
    """
    full, stated = f"Fees!D{whole + 2}", f"Fees!E{whole + 2}"
    kept = (
        [f"Committed!{column}{promised + 2}" for column in "EIJ"] if promised else ["0", "0", "0"]
    )
    texts = [
        f"={full}",
        f"={stated}-{full}",
        f"={kept[0]}-{stated}",
        f"={kept[1]}-{kept[0]}",
        f"=-{kept[2]}" + (f"+{supported!r}" if supported else ""),
    ]
    rows, standing = [], 0.0
    for row, (step, text, value) in enumerate(zip(steps, texts, usd, strict=True), start=2):
        standing += value
        rows.append([step, Formula(text, value), Formula(f"=SUM(B$2:B{row})", standing)])
    heads = [("step", "text"), ("USD", "usd"), ("running, USD", "usd")]
    total = ["risk-adjusted committed value", Formula(f"=SUM(B2:B{len(rows) + 1})", standing)]
    table(sheet, styles, 0, heads, rows, total)
    sheet.set_column(0, 0, 28)


def _readings(sheet: Any, styles: Style, compared: Any) -> None:
    """What each interpretation commits; the committed share is a formula."""
    rows = []
    for row, found in enumerate(compared.itertuples(), start=2):
        values = [getattr(found, name) for name in COMPARED]
        ratio = Formula(f"=IF(F{row}=0,0,D{row}/F{row})", found.firmness)
        rows.append([*values, ratio, found.title])
    heads = [*COMPARED.values(), ("committed share", "share"), ("what it says", "text")]
    table(sheet, styles, 0, heads, rows)
    sheet.set_column(7, 7, 60)


def put(sheet: Any, at: tuple[int, int], value: Any, style: Any) -> None:
    """Write one value; text is never taken for a formula or an address, None leaves a blank."""
    if isinstance(value, Formula):
        known = value.value if math.isfinite(value.value) else ""
        sheet.write_formula(*at, value.text, style, known)
    elif isinstance(value, date):
        sheet.write_datetime(*at, value, style)
    elif isinstance(value, str):
        sheet.write_string(*at, plain(value), style)
    elif value is not None and math.isfinite(value):
        sheet.write_number(*at, value, style)
    else:
        sheet.write_blank(*at, None, style)


def table(
    sheet: Any,
    styles: Style,
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
