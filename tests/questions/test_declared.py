"""Figures, words and tables that an answer declares in a line."""

import math
from datetime import date
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from analysis.page.answers import Answer
from analysis.questions.figures import ends, number, tabled, worded


class Rent(Answer):
    """Rents of a few months, or of none."""

    reading = "R1"

    def __init__(self, *usd: float) -> None:
        self.given, self.paid = SimpleNamespace(rate=0.1, who="Lab"), pd.DataFrame({"usd": usd})
        self.first = SimpleNamespace(day=date(2026, 5, 3)) if usd else None

    rents = tabled(lambda paid: paid[paid.usd > 0], "All rents: `usd`.", "paid")
    payer = worded("given.who", "Who pays.")
    first_usd = number("rents.usd:first", "The first rent.")
    all_usd = number("rents.usd:sum", "All rents.", reading="")
    least_usd, most_usd = ends("rents.usd", "rent")
    rents_count = number("rents:rows", "Rents that are paid.")
    first_date = number("first.day", "The first day.", of="rents")
    rate = number("given.rate", "The discount rate.")
    twice_usd = number(lambda found: 2 * found.all_usd, "All rents twice.", of="rents")


@pytest.mark.parametrize(
    ("name", "value", "none"),
    [
        ("first_usd", 3.0, math.nan),
        ("all_usd", 10.0, math.nan),
        ("least_usd", 3.0, math.nan),
        ("most_usd", 7.0, math.nan),
        ("rents_count", 2, 0),
        ("first_date", date(2026, 5, 3), math.nan),
        ("twice_usd", 20.0, math.nan),
    ],
)
def test_a_number_is_read_where_it_stands(name: str, value: Any, none: Any) -> None:
    assert getattr(Rent(3.0, 7.0, 0.0), name) == value
    assert getattr(Rent(), name) == pytest.approx(none, nan_ok=True)


def test_a_number_says_what_it_is_and_comes_from() -> None:
    found = Rent(3.0, 7.0)
    assert (found.shown("rate").of, found.shown("rate").kind) == ("parameters", "assumed")
    assert (found.shown("all_usd").of, found.shown("all_usd").reading) == ("rents", "")
    assert (found.shown("first_usd").reading, found.payer) == ("R1", "Lab")
    assert found.shown("most_usd").definition == "The greatest rent."
