"""An agreement valued under a million scenarios at once, a row of a table of cases each.

Columns, and what holds without one: `reading` (the agreement's own) and `as_of` (the start), few
distinct ones; `days` ("use"), the end of their range at which uncertain days lie, "low" or "high";
`discount` (0.5), how far up its range every undisclosed discount lies; `rate_year` (0), effective
annual; `chance_month` (0) of notice; `periods` (all) of service from `as_of`. Every row comes to
what the scalar function named in the docstring gives; a refusal names column, row (from 0) and
what is allowed.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.polynomial import Chebyshev
from numpy.polynomial.polynomial import polyval
from numpy.typing import ArrayLike, NDArray

from analysis.contract import Position, position, schedule
from analysis.contract.billing import forfeited_usd
from analysis.contract.commitment import Commitment
from analysis.contract.dates import MONTHS_PER_YEAR, year_fraction
from analysis.contract.fields import Bound, Party, Range
from analysis.contract.terms import Agreement
from analysis.models import errors
from analysis.models.exits import leaving
from analysis.models.finance import value
from analysis.models.scenarios.inputs import Array

Promise = Literal["firm", "headline"]
Function = Callable[[dict[str, Array]], Array]
"""The values of some cases from their columns of numbers."""
BOUNDS: tuple[Bound, Bound, Bound] = ("low", "use", "high")
AT = (0.0, 0.5, 1.0)  # where they lie
PART = 1 << 16  # rows gone through at a time: what memory holds beside cases and results
ANY = {kind: Range(low=1, use=1, high=1) for kind in leaving.UNKNOWN_KIND}  # fees need no weights
DEGREES = (2, 4, 6, 8, 10, 13, 16, 20)
EXACT = 1e-14  # of the sum of all amounts: as good as adding them up
NUMBERS = {  # what holds without a column, the least and the greatest, what is allowed
    "discount": (0.5, 0.0, 1.0, "a number in 0 to 1"),
    "rate_year": (0.0, np.nextafter(-1, 0), np.finfo(float).max, "a finite rate above -1"),
    "chance_month": (0.0, 0.0, 1.0, "a number in 0 to 1"),
    "periods": (-1, 0, np.iinfo(np.int32).max, "a whole number, 0 or above"),
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
    """`value.present_value` of the rows of `Position.firm` or `headline`, of every case."""
    numbers = _checked(agreement, cases)
    rates = (numbers["rate_year"].min(initial=np.inf), numbers["rate_year"].max(initial=-np.inf))

    def of(here: Position) -> Function:
        found = _promised(here, promise, party)
        if found is None:

            def worth(discount: float, rate: float) -> float:
                dated = _one(here, promise, party, discount).rows
                return value.present_value(dated, rate=rate, as_of=here.as_of)

            return _one_by_one(worth, "discount", "rate_year")
        paid = [_paid(each, here.as_of) for each in found]
        ends = [curve(*each, low=rates[0], high=rates[1]) for each in paid]
        fixed = all(np.array_equal(each[1], paid[1][1]) for each in paid)
        if fixed or "discount" not in cases:
            return lambda rows: ends[1](rows["rate_year"])
        return lambda rows: _between(rows["discount"], *(end(rows["rate_year"]) for end in ends))

    return _grouped(agreement, numbers, cases, of)


def ended(agreement: Agreement, cases: pd.DataFrame) -> Array:
    """`value.present_value` of the rows up to so many `periods`, of every case; one `rate_year`."""
    numbers = _checked(agreement, cases)
    rates = np.unique(numbers["rate_year"])
    if len(rates) > 1:
        raise ValueError(f"rate_year: {rates[0]} to {rates[-1]}; allowed: one rate in a call")

    def of(here: Position) -> Function:
        table = exit_worths(here, rate_year=float(rates[0]))

        def at(rows: dict[str, Array]) -> Array:
            periods = rows["periods"].astype(np.intp)  # -1 is all of them
            if (most := periods.max()) >= len(table):
                raise errors.refused("periods", most, f"in 0 to {len(table) - 1}")
            return table[periods]

        return at

    return _grouped(agreement, numbers, cases, of)


def exit_worths(here: Position, *, rate_year: float = 0.0) -> Array:
    """Present value of service from a day to the end of each period: none, one, … all."""
    errors.rate(rate_year=rate_year)
    served = [here.schedule.charges(here.as_of, stop) for stop in here.rows.end]
    paid = [schedule.frame(each) for each in served]
    found = [value.present_value(each, rate=rate_year, as_of=here.as_of) for each in paid]
    return np.array([0.0, *found])


def expected(agreement: Agreement, cases: pd.DataFrame) -> Array:
    """`life.Life.expected_value` of `Leaving.receipts` of every case, in advance."""

    def of(here: Position) -> Function:
        ahead = [
            leaving.remaining(here.resolved_at(bound), weights=ANY, hours_month=1)
            for bound in BOUNDS
        ]
        life, fees = ahead[1].life(0.0), [each.receipts for each in ahead]
        sure = life.sure_months if ahead[1].rights else life.term_months

        def lived(rows: dict[str, Array]) -> Array:
            """Months for sure, then months that each need one more silent start."""
            month = (1 + rows["rate_year"]) ** (-1 / MONTHS_PER_YEAR)
            going_on = month * (1 - rows["chance_month"])
            later = going_on * month ** (sure - 1.0)
            ends = [
                polyval(month, np.append(each[:sure], 0.0))
                + later * polyval(going_on, np.append(each[sure:], 0.0))
                for each in fees
            ]
            return _between(rows["discount"], *ends)

        return lived

    return _grouped(agreement, _checked(agreement, cases), cases, of)


def curve(years: ArrayLike, usd: ArrayLike, *, low: float, high: float) -> Callable[[Array], Array]:
    """Present value of flows, `years` ahead, as a function of effective annual rates low to high.

    The lowest polynomial that meets the sum between its nodes; where none does, the sum itself.

    >>> float(curve([1.0, 2.0], [10.0, 110.0], low=0.05, high=0.15)(np.array([0.10]))[0].round(9))
    100.0
    """
    when, amounts = np.asarray(years, dtype=float), np.asarray(usd, dtype=float)

    def summed(rates: Array) -> Array:
        found: Array = np.exp(np.multiply.outer(-np.log1p(rates), when)) @ amounts
        return found

    high = max(high, low + 1e-6)
    between = np.linspace(low, high, 4 * DEGREES[-1] + 1)
    target, error = summed(between), EXACT * float(np.abs(amounts) @ (1 + low) ** -when)
    for degree in DEGREES:
        fitted: Any = Chebyshev.interpolate(summed, degree, domain=[low, high])
        if np.abs(fitted(between) - target).max() <= error:
            return fitted  # type: ignore[no-any-return]
    return summed


def _paid(found: Commitment, as_of: date) -> tuple[Array, Array]:
    """Years ahead of a day on which something is due, and what."""
    due = [max(0.0, year_fraction(as_of, charge.due)) for charge in found.charges]
    years, places = np.unique(due, return_inverse=True)
    amounts: Any = np.bincount(places, [charge.usd for charge in found.charges], len(years))
    return years, amounts


def _checked(agreement: Agreement, cases: pd.DataFrame) -> dict[str, Array]:
    """The columns of numbers; ValueError for what no scenario of the agreement can be."""
    known = (*KEYS, *NUMBERS)
    for name in cases.columns:
        if name not in known:
            raise errors.refused("column", repr(name), f"one of {', '.join(known)}")
        if list(cases.columns).count(name) > 1:
            raise errors.refused("column", repr(name), "there once")
    allowed: dict[str, tuple[Callable[[Any], bool], str]] = {
        "reading": (lambda each: True, f"one of {', '.join(agreement.readings)}"),
        "days": (BOUNDS.__contains__, "low, use or high"),
        "as_of": (lambda each: isinstance(each, date), "a day"),
    }
    for name in allowed.keys() & set(cases):
        places, values = pd.factorize(cases[name])
        good = np.array([*map(allowed[name][0], values), False])  # empty: place -1
        _refuse(cases[name], ~good[places], allowed[name][1])
    numbers = {}
    for name, (usual, low, high, words) in NUMBERS.items():
        if name not in cases:
            numbers[name] = np.broadcast_to(float(usual), len(cases))
            continue
        column: Any = cases[name]
        if column.dtype.kind not in "iuf":
            column = pd.to_numeric(column.astype(object), errors="coerce")
        found = column.to_numpy(dtype=float, na_value=np.nan)
        bad = ~((low <= found) & (found <= high)) | (name == "periods") & (found != np.rint(found))
        _refuse(cases[name], bad, words)
        numbers[name] = found
    return numbers


def _refuse(column: Any, wrong: NDArray[np.bool_], allowed: str) -> None:
    """Refuse the first row that is wrong."""
    if wrong.any():
        row = int(np.argmax(wrong))
        each = column.iloc[row]
        said = "nothing" if pd.isna(each) else repr(each) if isinstance(each, str) else each
        raise errors.refused(f"{column.name} in row {row}", said, allowed)


def _grouped(
    agreement: Agreement,
    numbers: dict[str, Array],
    cases: pd.DataFrame,
    of: Callable[[Position], Function],
) -> Array:
    """What the function of each reading and day gives for its cases, in the order of the cases."""
    result, own = np.empty(len(cases)), position(agreement)
    keys = [name for name in KEYS if name in cases]
    groups: Any = [((), cases)]
    if keys:
        placed = cases.set_axis(np.arange(len(cases)))
        groups = placed.groupby(keys, sort=False, observed=True)
    for key, rows in groups if len(cases) else ():
        given = dict(zip(keys, key, strict=True))
        day = given.get("as_of", agreement.start)
        read = own.under(str(given.get("reading", agreement.reading.name)))
        read = read.on_days(given.get("days", "use"))
        function = of(read.on(day.date() if isinstance(day, datetime) else day))
        for start in range(0, len(rows), PART):
            part: Any = slice(start, start + PART)
            part = rows.index.to_numpy()[part] if keys else part
            result[part] = function({name: column[part] for name, column in numbers.items()})
    return result


def _one_by_one(function: Callable[..., float], *names: str) -> Function:
    """The function of every row, worked out once for each distinct combination of the columns."""

    def of(rows: dict[str, Array]) -> Array:
        table = np.column_stack([rows[name] for name in names])
        distinct, places = np.unique(table, axis=0, return_inverse=True)
        found = np.array([function(*each) for each in distinct.tolist()])
        return found[places.reshape(-1)]

    return of


def _one(here: Position, promise: Promise, party: Party, bound: Bound) -> Commitment:
    settled = here.resolved_at(bound)
    return settled.headline if promise == "headline" else settled.firm(party)


def _promised(here: Position, promise: Promise, party: Party) -> Sequence[Commitment] | None:
    """What is promised at the low end, in use and at the high end of undisclosed discounts.

    Between these the amounts go in straight lines, as the same day is the cheapest to leave on at
    both ends. None where a discount decides when to leave, or what is forfeited then.
    """
    found = [_one(here, promise, party, bound) for bound in BOUNDS]
    if promise == "headline" or party == "provider":
        return found
    if len({each.end for each in found}) > 1:
        return None
    low, high = (here.resolved_at(bound) for bound in ("low", "high"))
    ahead = low.terms.prepayments
    if low.standing == high.standing or all(paid.refundable for _, paid in ahead):
        return found
    days = set()
    for one, other in zip(low.charges, high.charges, strict=True):
        span = (one.end - one.start).days if one.usd != other.usd else 1
        days |= {one.start + timedelta(days=n) for n in range(span)}
    lost = [[forfeited_usd(each.schedule, day) for day in days] for each in (low, high)]
    return found if lost[0] == lost[1] else None


def _between(share: Array, low: Any, use: Any, high: Any) -> Array:
    """Straight from what holds at the low end over the one in use to that at the high end."""
    away = 2 * share - 1  # from -1 at the low end to 1 at the high end
    result: Array = use + np.maximum(-away, 0) * (low - use) + np.maximum(away, 0) * (high - use)
    return result
