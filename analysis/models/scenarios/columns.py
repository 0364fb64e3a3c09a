"""A table of cases, checked: only columns that are known, only rows that a scenario can be.

A refusal names the column, the row (from 0) and what is allowed.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.contract import checks
from analysis.contract.terms import Agreement

Array = NDArray[np.float64]
DEFAULTS = {"discount": 0.5, "rate_year": 0.0, "chance_month": 0.0}
MOST = float(np.finfo(float).max)
SHARE = (0.0, 1.0, "in 0 to 1")
ALLOWED = {
    "discount": SHARE,
    "rate_year": (float(np.nextafter(-1, 0)), MOST, "a finite rate above -1"),
    "chance_month": SHARE,
    "periods": (0, np.iinfo(np.int32).max, "a whole number, 0 or above"),
}
KNOWN = ("reading", "as_of", *ALLOWED)


class Rows(NamedTuple):
    """Some cases: how many, and their columns of numbers."""

    rows: int
    columns: Mapping[str, NDArray[Any]]

    def column(self, name: str) -> Array:
        """A column, or what holds without one."""
        if name in self.columns:
            return self.columns[name]
        return np.full(self.rows, DEFAULTS[name])

    def ends(self, name: str) -> tuple[float, float]:
        """The least and the greatest of a column, or what holds without one."""
        if name not in self.columns or not self.rows:
            return DEFAULTS[name], DEFAULTS[name]
        return float(self.columns[name].min()), float(self.columns[name].max())

    def take(self, places: slice | NDArray[np.intp]) -> "Rows":
        """Some of these cases; a slice copies nothing."""
        found = {name: column[places] for name, column in self.columns.items()}
        rows = len(range(self.rows)[places]) if isinstance(places, slice) else len(places)
        return Rows(rows, found)


class Keys(NamedTuple):
    """What cases are grouped by: the distinct values, and where each case has its own."""

    places: Any
    values: Sequence[Any]


class Checked(NamedTuple):
    """Cases in which every number, reading and day is one that may be."""

    numbers: Rows
    readings: Keys
    days: Keys


def checked(agreement: Agreement, cases: pd.DataFrame) -> Checked:
    """The cases by column; ValueError for what no scenario of the agreement can be.

    A day is a `date` or a timestamp, which counts as its day; text is none.
    """
    names = [str(name) for name in cases.columns]
    for name in names:
        if name not in KNOWN:
            raise checks.refused("column", repr(name), f"one of {', '.join(KNOWN)}")
        if names.count(name) > 1:
            raise checks.refused("column", repr(name), "there once")
    numbers = {name: _numbers(name, cases[name]) for name in names if name in ALLOWED}
    readings, days = Keys(0, [agreement.reading.name]), Keys(0, [agreement.start])
    if "reading" in cases and len(cases):
        readings = _keys("reading", cases["reading"], f"one of {', '.join(agreement.readings)}")
    if "as_of" in cases and len(cases):
        days = _keys("as_of", cases["as_of"], "a day", kind=date)
    dates = [day.date() if isinstance(day, datetime) else day for day in days.values]
    return Checked(Rows(len(cases), numbers), readings, Keys(days.places, dates))


def _keys(name: str, column: "pd.Series[Any]", allowed: str, *, kind: type = object) -> Keys:
    """The column's distinct values; what is empty or of another kind is refused."""
    places, values = pd.factorize(column)
    if (places < 0).any():
        raise _refused(name, places < 0, "nothing", allowed)
    for n, value in enumerate(values):
        if not isinstance(value, kind):
            raise _refused(
                name, places == n, repr(value) if isinstance(value, str) else value, allowed
            )
    return Keys(places, list(values))


def _numbers(name: str, column: "pd.Series[Any]") -> NDArray[Any]:
    """The column's numbers, each where its name allows; periods as integers."""
    low, high, allowed = ALLOWED[name]
    found: NDArray[Any] = column.to_numpy()
    if found.dtype.kind not in "iuf":
        places, values = _keys(name, column, "a number", kind=Real)
        found = np.array(values, dtype=float)[places]
    if len(found) and not low <= found.min() <= found.max() <= high:
        wrong = ~((found >= low) & (found <= high))
        raise _refused(name, wrong, found[wrong][0], allowed)
    if name != "periods":
        return found.astype(float, copy=False)
    if (wrong := found != np.floor(found)).any():
        raise _refused(name, wrong, found[wrong][0], allowed)
    return found.astype(np.intp, copy=False)


def _refused(name: str, wrong: Any, value: object, allowed: str) -> ValueError:
    """The error for the first row that is wrong."""
    return checks.refused(f"{name} in row {int(np.argmax(wrong))}", value, allowed)
