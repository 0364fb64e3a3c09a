"""An answer: numbers by property, their units by their names, sentences that do no arithmetic."""

from datetime import date
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from analysis.page.answers import Answer, figure, table
from analysis.page.findings import MIME


class Rent(Answer):
    """A rent of so much."""

    words = ModuleType("words")
    charts = ModuleType("charts")
    tiles = ("rent_usd_month",)

    def __init__(self, rows: Any = (1000.0, 2000.4), why_not: str = "") -> None:
        self.rows_asked, self.why_not = rows, why_not

    @table
    def rents(self) -> pd.DataFrame:
        """All rents: `usd`."""
        return pd.DataFrame({"usd": self.rows_asked})

    @figure(of="rents", label="rent")
    def rent_usd_month(self) -> float:
        """All rents of a month."""
        return float(self.rents.usd.sum())

    @figure(of="rents", over="by month")
    def rent_low_usd_month(self) -> float:
        """The least rent."""
        return float(self.rents.usd.min())

    @figure(of="rents")
    def rent_high_usd_month(self) -> float:
        """The greatest rent."""
        return float(self.rents.usd.max())

    @figure(of="rents", kind="assumed", always=True)
    def signed_date(self) -> date:
        """When it was signed."""
        return date(2026, 5, 3)

    @property
    def payer(self) -> str:
        """Who pays."""
        return "Lab {x}"


Rent.words.lead = lambda found: "{payer} pays {rent_usd_month}."  # type: ignore[attr-defined]
Rent.words.heading = lambda found: "Rent is {rent_usd_month}"  # type: ignore[attr-defined]


def test_a_name_in_braces_is_a_number_with_the_unit_that_it_ends_in() -> None:
    assert str(Rent().lead) == "Lab {x} pays $3,000/month."
    assert (
        str(Rent().stated("{rent_low_usd_month:bare} to {rent_usd_month}")) == "$1,000–3,000/month"
    )
    assert str(Rent((-5000.0,)).stated("{rent_usd_month:size} lost")) == "$5,000/month lost"


def test_a_number_that_is_not_defined_is_a_figure_and_no_tile() -> None:
    shown = Rent(rows=(float("inf"),))._repr_mimebundle_()
    assert shown[MIME]["tiles"] == []
    assert "rent_usd_month" in [row["figure"] for row in shown[MIME]["figures"]]
    assert "tiles" not in shown["text/html"]


def test_a_page_begins_with_heading_lead_and_tiles_with_their_ranges() -> None:
    shown = Rent()._repr_mimebundle_()
    assert shown["text/plain"] == "Lab {x} pays $3,000/month."
    tile = '<dt>rent</dt><dd><b data-figure="rent_usd_month">$3,000/<wbr>month</b>'
    assert tile + "<small>$1,000–2,000/month, by month</small></dd>" in shown["text/html"]
    ends = ["rent_low_usd_month", "rent_high_usd_month"]
    assert [row["figure"] for row in shown[MIME]["figures"]] == ["rent_usd_month", *ends]


def test_a_question_without_an_answer_says_why_and_shows_nothing_else() -> None:
    found = Rent(why_not="Signed on {signed_date}, it names no rent.")
    assert str(found.lead) == "Signed on 3 May 2026, it names no rent."
    assert found.say("lead") is None
    assert found.draw("rents") is None
    assert found.rents.empty
    assert found.rent_usd_month != found.rent_usd_month
    assert "tiles" not in found._repr_mimebundle_()["text/html"]


def test_a_number_whose_name_ends_in_no_unit_is_refused() -> None:
    with pytest.raises((ValueError, RuntimeError)):
        type("Odd", (Answer,), {"odd": figure(of="rents")(lambda self: 1.0)})
