"""What gets past the door is text all the same: no writer hands it on as a command or formula."""

import csv
import io
from datetime import date
from typing import Any

import openpyxl
import pandas as pd
import pytest
from agreements import plain

from analysis.__main__ import say
from analysis.contract import position
from analysis.data.texts import CONTROL
from analysis.page import embed, tables
from analysis.page.exports import calendar, workbook
from analysis.run import pages, runs

BAD = "=cmd|' /C'!A0\0\x1b[31m\u2028"
RISK = {"rate": 0.1, "default_probability": 0.0, "loss_given_default": 0.0}


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Any:
    """An agreement that the door has let through, as if it stood open."""
    monkeypatch.setattr("analysis.contract.fields.one_line", lambda text: True)
    right = {"customer": {"notice_days": 30}}
    bad = plain(termination=right, customer=BAD, title=BAD, provider="+1")
    return position(bad, date(2026, 3, 1))


def test_a_workbook_holds_no_formula_of_a_text(found: Any) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(found, party="customer", **RISK)))
    cells = [cell for sheet in book for row in sheet for cell in row]
    held = [cell for cell in cells if "cmd" in str(cell.value)]
    assert held
    assert {cell.data_type for cell in held} == {"s"}
    assert not any(CONTROL.search(cell.value) for cell in held)


def test_a_calendar_holds_no_control_characters(found: Any) -> None:
    text = calendar(found).decode().replace("\r\n", "\n")
    assert "cmd" in text
    assert not CONTROL.search(text)


def test_a_table_of_figures_holds_no_formula() -> None:
    made = runs.table([BAD, "value"], [{BAD: "@a\0", "value": -1.5}, {BAD: "-0.05", "value": None}])
    head, *rows = csv.reader(io.StringIO(made))
    assert head[0].startswith("'=")
    assert rows == [["'@a\N{REPLACEMENT CHARACTER}", "-1.5"], ["-0.05", "nan"]]


def test_a_page_and_its_tables_escape_names_of_columns_and_rows() -> None:
    bad = f"<b>{BAD}</b>"
    made = tables.html(pd.DataFrame({bad: [bad]}, index=pd.Index([bad], name=bad)))
    assert "<b>" not in made
    assert not CONTROL.search(made)
    page = pages.rendered("page.html", title=BAD, name=BAD)
    assert not CONTROL.search(page)


def test_a_chart_is_drawn_whatever_its_texts_hold() -> None:
    spec = {"title": BAD, "mark": "bar", "encoding": {"x": {"field": "x", "type": "nominal"}},
            "data": {"values": [{"x": BAD}]}}  # fmt: skip
    assert embed.picture(spec).startswith("<svg")


def test_nothing_commands_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    say("a\0b", "\x1b[31m", sep="\n")
    assert capsys.readouterr().out == "a�b\n�[31m\n"
