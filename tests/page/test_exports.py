"""What people take with them: the workbook recalculates as the package does, the dates hold."""

import io
import re
from datetime import date, datetime
from typing import Any

import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from analysis.contract import files, position, readings
from analysis.page import exports

RISK = {"rate": 0.10, "default_probability": 0.05, "loss_given_default": 0.60}
SHIPPED = [(name, r) for name in files.contracts() for r in files.contract(name).readings]
DAY = date(2026, 11, 23)


class Sheets:
    """A workbook that recalculates, from the formulas alone, whatever is asked of it."""

    def __init__(self, held: bytes, **changed: float) -> None:
        self.book = load_workbook(io.BytesIO(held))
        self.stored = load_workbook(io.BytesIO(held), data_only=True)
        for name, value in changed.items():
            sheet, cell = self.book.defined_names[name].attr_text.replace("$", "").split("!")
            self.book[sheet][cell] = value

    def cells(self, sheet: str, where: str) -> list[float]:
        found = self.book[sheet][where.replace("$", "")]
        rows = found if isinstance(found, tuple) else ((found,),)
        return [self.value(sheet, cell.value) for row in rows for cell in row]

    def value(self, sheet: str, held: Any) -> Any:
        if not (isinstance(held, str) and held.startswith("=")):
            return held
        names: dict[str, Any] = {}

        def take(match: re.Match[str]) -> str:
            found, where = match["sheet"] or sheet, match["where"]
            if match["name"]:
                found, where = self.book.defined_names[match["name"]].attr_text.split("!")
            values = self.cells(found, where)
            names[key := f"x{len(names)}"] = values if ":" in where else values[0]
            return key

        cell = (
            r"(?:(?P<sheet>[A-Z]\w+)!)?(?P<where>\$?[A-Z]\$?\d+(?::\$?[A-Z]\$?\d+)?)"
            r"|(?P<name>[a-z_]{4,})"
        )
        text = re.sub(cell, take, held[1:]).replace("^", "**")
        known = {"SUM": sum, "IF": lambda a, b, c: b if a else c, **names}
        return eval(
            re.sub(r"(?<=\w)=(?=\d)", "==", text).replace(",0,x1/x2", ",0,x1/(x2 or 1)"), known
        )

    def formulas(self) -> list[tuple[str, Any, Any]]:
        return [
            (sheet.title, cell.value, self.stored[sheet.title][cell.coordinate].value)
            for sheet in self.book
            for row in sheet
            for cell in row
            if cell.data_type == "f"
        ]


def made(name: str, reading: str, **changed: Any) -> bytes:
    arguments = {"as_of": DAY, "party": "customer", **RISK, **changed}
    day = arguments.pop("as_of")
    return exports.workbook(position(files.contract(name), day, reading), **arguments)


@pytest.mark.parametrize(("name", "reading"), SHIPPED)
def test_what_a_formula_shows_is_what_it_comes_to(name: str, reading: str) -> None:
    sheets = Sheets(made(name, reading))
    formulas = sheets.formulas()
    assert len(formulas) > 14
    for sheet, formula, stored in formulas:
        assert sheets.value(sheet, formula) == pytest.approx(stored or 0, rel=1e-9, abs=1e-6), (
            formula
        )


def test_a_changed_input_changes_the_bridge_as_the_package_does() -> None:
    changed = {"rate": 0.2, "default_probability": 0.3, "loss_given_default": 0.9}
    sheets = Sheets(made("anthropic-xai", "R1"), **changed)
    deal = files.contract("anthropic-xai")
    expected = position(deal, DAY, "R1").bridge(**changed)
    assert sheets.cells("Bridge", "B2:B6") == pytest.approx(expected.usd.tolist())
    [answer] = sheets.cells("Bridge", "B7")
    assert answer == pytest.approx(expected.running_usd.iloc[-1])


def test_the_sheets_hold_the_rows_of_the_package() -> None:
    deal = files.contract("anthropic-xai")
    sheets = Sheets(made("anthropic-xai", "R3", party="provider"))
    rows = position(deal, DAY, "R3").firm("provider").rows
    firm = list(
        sheets.book["Committed"].iter_rows(min_row=2, max_row=len(rows) + 1, values_only=True)
    )
    assert [row[4] for row in firm] == pytest.approx(rows.fee_usd.tolist())
    assert [row[0] for row in firm] == [
        datetime.combine(d, datetime.min.time()) for d in rows.start
    ]
    compared = readings.compare(position(deal, DAY), party="provider")
    shown = list(sheets.book["Interpretations"].iter_rows(min_row=2, values_only=True))
    assert [row[3] for row in shown] == pytest.approx(compared.firm_usd.tolist())


def test_the_first_sheet_is_at_the_valuation_date() -> None:
    found = position(files.contract("anthropic-xai"), DAY, "R2")
    held = exports.workbook(found, party="customer", bridge_from=date(2026, 5, 3), **RISK)
    sheet = load_workbook(io.BytesIO(held), data_only=True)["Agreement"]
    said = {row[0]: row[1] for row in sheet.iter_rows(values_only=True)}
    assert said["remaining contract value, USD"] == pytest.approx(found.headline.usd)
    assert said["committed if the customer may leave, USD"] == pytest.approx(found.firm().usd)
    assert said["earliest termination by the provider"] == datetime(2027, 2, 21)
    assert "90 days' notice" in said["termination, customer"]
    assert said["bridge seen from"] == datetime(2026, 5, 3)
    from_start = found.on(found.read.start).firm().usd
    table = load_workbook(io.BytesIO(held))["Committed"].iter_rows(min_row=2, values_only=True)
    assert sum(row[4] for row in [*table][:-1]) == pytest.approx(from_start)


def test_text_stays_text_and_the_same_arguments_give_the_same_bytes() -> None:
    deal = files.contract("anthropic-xai").model_copy(
        update={"title": "=1+1", "provider": "http://a"}
    )
    held, again = (
        exports.workbook(position(deal, DAY, "R1"), party="customer", **RISK) for _ in range(2)
    )
    assert held == again
    cells = [c for row in load_workbook(io.BytesIO(held))["Agreement"]["B1:B2"] for c in row]
    assert [(c.value, c.data_type, c.hyperlink) for c in cells] == [
        ("=1+1", "s", None),
        ("http://a", "s", None),
    ]


@pytest.mark.parametrize(("name", "reading"), SHIPPED)
def test_the_calendar_holds_every_date_to_come(name: str, reading: str) -> None:
    found = position(files.contract(name), DAY, reading)
    held = exports.calendar(found)
    assert held == exports.calendar(found)
    events = Calendar.from_ical(held).walk("VEVENT")
    table = found.deadlines
    assert [event.start for event in events] == table.date[table.date >= DAY].tolist()
    assert len({str(event["UID"]) for event in events}) == len(events)
    for event in events:
        rings = "last day" in str(event["SUMMARY"])
        assert bool(event.walk("VALARM")) is rings


def test_a_link_holds_its_file() -> None:
    shown = exports.Downloads({'a"<b>.ics': b"BEGIN"})._repr_html_()
    assert 'download="a&quot;&lt;b&gt;.ics"' in shown
    assert "data:text/calendar;base64,QkVHSU4=" in shown
