"""An agreement valued under a million scenarios at once, a row of a table of cases each.

Columns, and what holds without one: `reading` (the agreement's own) and `as_of` (the start), few
distinct ones; `days` ("use"), the end of their range at which uncertain days lie, "low" or "high";
`discount` (0.5), how far up its range every undisclosed discount lies; `rate_year` (0), effective
annual; `chance_month` (0) of notice. Every row comes to what the scalar function named in the
docstring gives; a refusal names column, row (from 0) and what is allowed.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.polynomial.polynomial import polyval

from analysis.contract import Position, position
from analysis.contract.billing import Ledger
from analysis.contract.commitment import Commitment
from analysis.contract.dates import MONTHS_PER_YEAR, year_fraction
from analysis.contract.fields import Bound, Party, Range
from analysis.contract.terms import Agreement
from analysis.models import errors, units
from analysis.models.exits import leaving
from analysis.models.finance import value
from analysis.models.scenarios.inputs import Array
from analysis.models.units import CENT_USD

Promise = Literal["firm", "headline"]
BOUNDS: tuple[Bound, Bound, Bound] = ("low", "use", "high")
AT = (0.0, 0.5, 1.0)  # where they lie
POINTS: tuple[Any, ...] = ("low", 0.25, "use", 0.75, "high")  # the two inside show a bend
PART = 1 << 16  # rows gone through at a time: what memory holds beside cases and results
ANY = {kind: Range(low=1, use=1, high=1) for kind in units.UNKNOWN_KIND}  # fees need no weights
NUMBERS = {  # what holds without a column, the least and the greatest, what is allowed
    "rate_year": (0.0, np.nextafter(-1, 0), np.finfo(float).max, "a finite rate above -1"),
    "discount": (0.5, 0.0, 1.0, "a number in 0 to 1"),
    "chance_month": (0.0, 0.0, 1.0, "a number in 0 to 1"),
}
KEYS = ("reading", "days", "as_of")


def usd(
    agreement: Agreement,
    cases: pd.DataFrame,
    *,
    promise: Promise = "firm",
    party: Party = "customer",
) -> Array:
    """`Position.firm` or `Position.headline`, undiscounted, of every case."""
    _checked(agreement, cases)
    return present_value(agreement, cases.assign(rate_year=0.0), promise=promise, party=party)


def present_value(
    agreement: Agreement,
    cases: pd.DataFrame,
    *,
    promise: Promise = "firm",
    party: Party = "customer",
) -> Array:
    """`value.present_value` of `Position.firm` or `headline`, of every case."""

    def promised(here: Position, discount: Any) -> Commitment:
        resolved = here.resolved_at(discount)
        return resolved.headline if promise == "headline" else resolved.firm(party)

    def of(here: Position, rates: Array, discounts: Array, _: Array) -> Any:
        found = [promised(here, point) for point in POINTS]
        years, paid = _paid(found, here.as_of)
        decides = promise == "firm" and party == "customer" and _discount_decides(here, found)
        if decides or _bends(paid):

            def worth(discount: float, rate: float) -> float:
                return value.present_value(promised(here, discount), rate=rate, as_of=here.as_of)

            return np.vectorize(worth, otypes=[float])(discounts, rates)
        factors = np.exp(np.multiply.outer(-np.log1p(rates), years))
        return _between(discounts, factors @ paid[:, ::2])

    return _grouped(agreement, cases, of)


def expected(agreement: Agreement, cases: pd.DataFrame) -> Array:
    """`life.Life.expected_value` of `Leaving.receipts` of every case, in advance."""

    def of(here: Position, rates: Array, discounts: Array, chances: Array) -> Any:
        def left(discount: Any) -> leaving.Leaving:
            return leaving.remaining(here.resolved_at(discount), weights=ANY, hours_month=1)

        ahead = [left(point) for point in POINTS]
        fees = np.array([each.receipts for each in ahead]).T
        if _bends(fees):

            def mean(discount: float, rate: float, chance: float) -> float:
                one = left(discount)
                return one.life(chance).expected_value(one.receipts, rate_year=rate)

            return np.vectorize(mean, otypes=[float])(discounts, rates, chances)
        life = ahead[0].life(0.0)
        sure = life.sure_months if ahead[0].rights else life.term_months
        none = np.zeros((1, len(AT)))
        first, then = (np.vstack([f[:, ::2], none]) for f in (fees[:sure], fees[sure:]))
        month = (1 + rates) ** (-1 / MONTHS_PER_YEAR)
        going_on = month * (1 - chances)  # each later month needs one more silent start
        later = going_on * month ** (sure - 1.0) * polyval(going_on, then)
        return _between(discounts, (polyval(month, first) + later).T)

    return _grouped(agreement, cases, of)


def _paid(ends: Sequence[Commitment], as_of: date) -> tuple[Array, Array]:
    """Years ahead of a day on which something is due, and what at each end, (years, ends)."""
    due = [
        (max(0.0, year_fraction(as_of, charge.due)), n, charge.usd)
        for n, end in enumerate(ends)
        for charge in end.charges
    ]
    ahead, n, amounts = np.array(due).reshape(-1, 3).T
    years, places = np.unique(ahead, return_inverse=True)
    paid = np.zeros((len(years), len(ends)))
    np.add.at(paid, (places, n.astype(int)), amounts)
    return years, paid


def _between(share: Array, ends: Array) -> Array:
    """Straight from what holds at the low end over the one in use to that at the high end."""
    low, use, high = ends.T
    end = np.where(share < AT[1], low, high)
    result: Array = use + abs(2 * share - 1) * (end - use)
    return result


def _bends(amounts: Array) -> bool:
    """Whether amounts, (rows, POINTS), are off the straight lines from low end over use to high.

    What a minimum tops up is convex in a discount: once on the line inside, always on it.
    """
    ends, inside = amounts[:, ::2], amounts[:, 1::2]
    straight = (ends[:, 1:] + ends[:, :-1]) / 2
    return not np.allclose(inside, straight, rtol=errors.ROUND_OFF, atol=CENT_USD)


def _discount_decides(here: Position, ends: Sequence[Commitment]) -> bool:
    """Whether an undisclosed discount moves the day to leave on, or what is forfeited then.

    If not, amounts go in straight lines between low end, use and high end, as the same day is the
    cheapest to leave on.
    """
    if len({each.end for each in ends}) > 1:
        return True
    low, high = (here.resolved_at(bound) for bound in ("low", "high"))
    if low.schedule is high.schedule or all(paid.refundable for _, paid in low.terms.prepayments):
        return False
    usd = [dict(each.rows.set_index(["start", "end"]).fee_usd) for each in (low, high)]
    days = {
        start + timedelta(days=n)
        for start, end in usd[0].keys() | usd[1].keys()
        for n in range(
            (end - start).days if usd[0].get((start, end)) != usd[1].get((start, end)) else 1
        )
    }
    lost = [Ledger(each.schedule).forfeited_usd for each in (low, high)]
    return any(lost[0](day) != lost[1](day) for day in days)


def _checked(agreement: Agreement, cases: pd.DataFrame) -> dict[str, Array]:
    """The columns of numbers; ValueError for what no scenario of the agreement can be."""
    known = (*KEYS, *NUMBERS)
    for name in cases.columns[~cases.columns.isin(known) | cases.columns.duplicated()]:
        raise errors.refused("column", repr(name), f"one of {', '.join(known)}, there once")
    allowed: dict[str, tuple[Callable[[Any], bool], str]] = {
        "reading": (bool, f"one of {', '.join(agreement.readings)}"),
        "days": (BOUNDS.__contains__, "low, use or high"),
        "as_of": (lambda each: isinstance(each, date), "a day"),
    }
    for name in allowed.keys() & set(cases):
        good, words = allowed[name]
        wrong = [each for each in cases[name].unique() if pd.isna(each) or not good(each)]
        _refuse(cases[name], cases[name].isin(wrong), words)
    numbers = {}
    for name, (usual, low, high, words) in NUMBERS.items():
        column: Any = cases.get(name, pd.Series(usual, index=cases.index))
        if column.dtype.kind not in "iuf":
            column = pd.to_numeric(column.astype(object), errors="coerce")
        numbers[name] = column.to_numpy(dtype=float, na_value=np.nan)
        if name in cases:
            _refuse(cases[name], ~((low <= numbers[name]) & (numbers[name] <= high)), words)
    return numbers


def _refuse(column: Any, wrong: Any, allowed: str) -> None:
    """Refuse the first row that is wrong."""
    if wrong.any():
        row = int(np.argmax(wrong))
        each = column.iloc[row]
        said = "nothing" if pd.isna(each) else repr(each) if isinstance(each, str) else each
        raise errors.refused(f"{column.name} in row {row}", said, allowed)


def _grouped(
    agreement: Agreement, cases: pd.DataFrame, of: Callable[[Position, Array, Array, Array], Array]
) -> Array:
    """What a function of a position and of NUMBERS gives for each case."""
    numbers, own, result = _checked(agreement, cases), position(agreement), np.empty(len(cases))
    keys = [name for name in KEYS if name in cases]
    placed = cases[keys].set_axis(np.arange(len(cases)))
    groups: Any = placed.groupby(keys, sort=False, observed=True) if keys else [((), placed)]
    for key, rows in groups if len(cases) else ():
        given = dict(zip(keys, key, strict=True))
        day = given.get("as_of", agreement.start)
        read = own.under(str(given.get("reading", agreement.reading.name)))
        read = read.on_days(given.get("days", "use"))
        here = read.on(day.date() if isinstance(day, datetime) else day)
        for start in range(0, len(rows), PART):
            part = rows.index[start : start + PART]
            result[part] = of(here, *(numbers[name][part] for name in NUMBERS))
    return result
