"""An agreement as an Excel workbook whose sums are live: change an input, and the answer follows.

Sheets: the inputs; the bridge from headline to firm value; the fees that it adds up, to the stated
end and to the earliest exit; the readings side by side; the dates.
"""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any, TypedDict

from analysis.contract import readings
from analysis.contract.clauses import Party
from analysis.contract.commitment import Risked, bridge, carried, deadlines, firm, risked
from analysis.contract.schedule import Charge
from analysis.contract.terms import Agreement, read_as
from analysis.page.exports.sheet import INPUT, Formula, Styles, put, table

FEES = [
    ("start", "date"),
    ("first day after", "date"),
    ("share of month", "number"),
    ("full fee, USD", "usd"),
    ("fee, USD", "usd"),
    ("due", "date"),
    ("clause", "text"),
]
VALUED = [("years", "number"), ("worth today, USD", "usd"), ("expected loss, USD", "usd")]
COMPARED = {
    "reading": "text",
    "end": "date",
    "firm_low_usd": "usd",
    "firm_usd": "usd",
    "firm_high_usd": "usd",
    "headline_usd": "usd",
}


class Risk(TypedDict):
    """The inputs that are named cells of the first sheet."""

    rate: float
    default_probability: float
    loss_given_default: float


RATE, FAILS, LOST = Risk.__annotations__


def workbook(
    agreement: Agreement,
    *,
    reading: str,
    as_of: date,
    party: Party,
    rate: float,
    default_probability: float,
    loss_given_default: float,
) -> bytes:
    """The workbook's bytes, the same for the same arguments, which are those of `bridge`.

    The three last ones are named cells of the first sheet; the discounting, the loss and the
    bridge refer to them. Firm fees end on the day that `party` may be gone.
    """
    import xlsxwriter

    read = read_as(agreement, reading)
    risk: Risk = {
        "rate": rate,
        "default_probability": default_probability,
        "loss_given_default": loss_given_default,
    }
    steps = bridge(agreement, as_of=as_of, reading=reading, party=party, **risk)
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True})
    book.set_properties({"title": agreement.title, "created": datetime.combine(as_of, time(), UTC)})
    styles = Styles(book)
    sheets = {
        name: book.add_worksheet(name)
        for name in ("Agreement", "Bridge", "Fees", "Firm", "Readings", "Dates")
    }
    said = {
        "agreement": agreement.title,
        "provider": agreement.provider,
        "customer": agreement.customer,
        "reading": f"{reading}: {read.reading.title}",
        "who may leave": party,
        "seen from": as_of,
    }
    _inputs(book, sheets["Agreement"], styles, said, risk)
    whole = carried(agreement, read, as_of=as_of)
    _fees(sheets["Fees"], styles, whole, [])
    promised = firm(read, as_of=as_of, party=party).charges
    _fees(
        sheets["Firm"],
        styles,
        promised,
        [risked(charge, as_of=as_of, **risk) for charge in promised],
    )
    _bridge(
        sheets["Bridge"], styles, steps.usd.tolist(), steps.step.tolist(), len(whole), len(promised)
    )
    _readings(sheets["Readings"], styles, readings.compare(agreement, as_of=as_of, party=party))
    dates = deadlines(read, as_of=as_of)
    heads = [("date", "date"), ("what", "text"), ("who", "text"), ("first day not served", "date")]
    table(sheets["Dates"], styles, 0, heads, dates.astype(object).to_numpy().tolist())
    sheets["Dates"].set_column(1, 1, 52)
    book.close()
    return held.getvalue()


def _inputs(book: Any, sheet: Any, styles: Styles, said: dict[str, Any], risk: Risk) -> None:
    """What the workbook is about, and the inputs that the other sheets refer to by name."""
    for row, (name, value) in enumerate(said.items()):
        put(sheet, (row, 0), name, styles("text"))
        put(sheet, (row, 1), value, styles("date" if isinstance(value, date) else "text"))
    for row, (name, value) in enumerate(risk.items(), start=len(said) + 1):
        put(sheet, (row, 0), name.replace("_", " "), styles("text"))
        put(sheet, (row, 1), value, styles("share", **INPUT))
        book.define_name(name, f"=Agreement!$B${row + 1}")
    put(sheet, (len(said) + len(risk) + 2, 0), "Blue cells may be changed.", styles("text"))
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 60)


def _fees(sheet: Any, styles: Styles, charges: Sequence[Charge], worths: Sequence[Risked]) -> None:
    """The fees with their sum; where `worths` are given, with what each is worth today."""
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
    sheet: Any, styles: Styles, usd: list[float], steps: Sequence[str], whole: int, promised: int
) -> None:
    """The bridge's steps from the sums of the other sheets, and what stands after each."""
    full, stated = f"Fees!D{whole + 2}", f"Fees!E{whole + 2}"
    kept = [f"Firm!{column}{promised + 2}" for column in "EIJ"] if promised else ["0", "0", "0"]
    texts = [
        f"={full}",
        f"={stated}-{full}",
        f"={kept[0]}-{stated}",
        f"={kept[1]}-{kept[0]}",
        f"=-{kept[2]}",
    ]
    rows, standing = [], 0.0
    for row, (step, text, value) in enumerate(zip(steps, texts, usd, strict=True), start=2):
        standing += value
        rows.append([step, Formula(text, value), Formula(f"=SUM(B$2:B{row})", standing)])
    heads = [("step", "text"), ("USD", "usd"), ("running, USD", "usd")]
    total = ["risk-adjusted firm value", Formula(f"=SUM(B2:B{len(rows) + 1})", standing)]
    table(sheet, styles, 0, heads, rows, total)
    sheet.set_column(0, 0, 28)


def _readings(sheet: Any, styles: Styles, compared: Any) -> None:
    """What each reading leaves firm; firmness is a formula."""
    rows = []
    for row, found in enumerate(compared.itertuples(), start=2):
        values = [getattr(found, name) for name in COMPARED]
        ratio = Formula(f"=IF(F{row}=0,0,D{row}/F{row})", found.firmness)
        rows.append([*values, ratio, found.title])
    heads = [
        *((n.removesuffix("_usd").replace("_", " ") + ", USD" * n.endswith("_usd"), kind)
          for n, kind in COMPARED.items()),
        ("firmness", "share"),
        ("what it means", "text"),
    ]  # fmt: skip
    table(sheet, styles, 0, heads, rows)
    sheet.set_column(7, 7, 60)
