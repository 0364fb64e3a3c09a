"""What is an agreement worth under a million scenarios at once?

A scenario is a row of a table of cases, with any of these columns; without one, what is in
brackets holds:

- `reading` (the agreement's own) and `as_of` (the start), a `date` or a timestamp: few distinct
  ones, each worked out once;
- `discount` (0.5): how far up its range every undisclosed discount lies, see `terms.settle`;
- `rate_year` (0): the effective annual discount rate;
- `chance_month` (0): that somebody serves notice in a month, see `life.Life`;
- `periods` (all): after how many service periods from `as_of` service ends.

Every row comes to what the function named in its docstring gives for it. Other columns, and rows
that no scenario can be, are refused: see `columns`.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.contract import checks, commitment, rights, schedule
from analysis.contract.billing import forfeited_usd
from analysis.contract.clauses import Party, Range
from analysis.contract.commitment import Commitment
from analysis.contract.dates import MONTHS_PER_YEAR, year_fraction
from analysis.contract.terms import Agreement, read_as, settle
from analysis.models.exits import leaving, lifetimes
from analysis.models.finance import value
from analysis.models.scenarios.columns import Checked, Rows, checked
from analysis.models.scenarios.flows import CACHED, Worth, horner, looked_up, worth

Array = NDArray[np.float64]
Promise = Literal["firm", "headline"]
Bound = Literal["low", "use", "high"]
BOUNDS: tuple[Bound, Bound, Bound] = ("low", "use", "high")
AT = (0.0, 0.5, 1.0)  # where they lie
KEPT = 256  # readings and days that one page asks of, under several questions
FEW = 1 << 10  # cases, each added up sooner than a curve is fitted for them
PART = 1 << 16  # rows gone through at a time: what memory holds beside cases and results
ANY = {kind: Range(low=1, use=1, high=1) for kind in leaving.UNKNOWN_KIND}  # fees need no weights


Function = Callable[[Rows], Array]


def usd(
    agreement: Agreement,
    cases: pd.DataFrame,
    *,
    promise: Promise = "firm",
    party: Party = "customer",
) -> Array:
    """`commitment.firm` or `commitment.headline`, undiscounted, of every case."""

    given = checked(agreement, cases)

    def of(terms: Agreement, as_of: date) -> Function:
        found = _promised(terms, as_of, promise, party)
        if found is None:
            return _one_by_one(lambda d: _one(terms, as_of, promise, party, d).usd, "discount")
        return lambda rows: _between(rows, [each.usd for each in found])

    return _grouped(agreement, given, of)


def present_value(
    agreement: Agreement,
    cases: pd.DataFrame,
    *,
    promise: Promise = "firm",
    party: Party = "customer",
) -> Array:
    """`value.present_value` of the rows of `commitment.firm` or `headline`, of every case."""
    given = checked(agreement, cases)
    rates = given.numbers.ends("rate_year")

    def of(terms: Agreement, as_of: date) -> Function:
        found = _promised(terms, as_of, promise, party)
        if found is None:

            def worth_of(discount: float, rate: float) -> float:
                dated = _one(terms, as_of, promise, party, discount).rows
                return value.present_value(dated, rate=rate, as_of=as_of)

            return _one_by_one(worth_of, "discount", "rate_year")
        return partial(_discounted, _curves(found, as_of, rates, fitted=len(cases) > FEW))

    return _grouped(agreement, given, of)


def ended(agreement: Agreement, cases: pd.DataFrame) -> Array:
    """`value.present_value` of `schedule.rows` until the end of so many `periods`, of every case.

    Scenarios that differ in the period of exit alone are one table, looked up. Rows of one call
    share their `rate_year`; the discount is the one in use.
    """
    given = checked(agreement, cases)
    low, high = given.numbers.ends("rate_year")
    if low != high:
        raise ValueError(f"rate_year: {low} to {high}; allowed: one rate in a call")

    def of(terms: Agreement, as_of: date) -> Function:
        table = exit_worths(terms, as_of=as_of, rate_year=low)
        if "periods" not in cases:
            return lambda rows: np.full(rows.rows, table[-1])

        def at(rows: Rows) -> Array:
            if (most := rows.columns["periods"].max()) >= len(table):
                raise checks.refused("periods", most, f"in 0 to {len(table) - 1}")
            return looked_up(table, rows.columns["periods"])

        return at

    return _grouped(agreement, given, of)


def exit_worths(agreement: Agreement, *, as_of: date, rate_year: float = 0.0) -> Array:
    """Present value of service from a day to the end of each period: none, one, … all."""
    checks.rate(rate_year=rate_year)
    standing = rights.in_term(agreement, as_of)
    found = [
        value.present_value(
            schedule.rows(standing, until=stop, since=as_of), rate=rate_year, as_of=as_of
        )
        for stop in schedule.rows(standing, since=as_of).end
    ]
    return np.array([0.0, *found])


def expected(agreement: Agreement, cases: pd.DataFrame) -> Array:
    """`life.Life.expected_value` of `lifetimes.receipts`, of every case.

    Fees from `as_of` on, each only if its month is served; contract months, paid in advance.
    """

    given = checked(agreement, cases)

    def of(terms: Agreement, as_of: date) -> Function:
        return partial(_lived, *_receipts(terms, as_of))

    return _grouped(agreement, given, of)


@lru_cache(maxsize=KEPT)
def _receipts(terms: Agreement, as_of: date) -> tuple[tuple[Array, ...], int]:
    """Each month's fee at every end of undisclosed discounts, and how many months are sure."""
    known: dict[tuple[schedule.Charge, ...], leaving.Leaving] = {}  # one where no discount is ahead
    found = []
    for settled in (settle(terms, bound) for bound in BOUNDS):
        due = tuple(schedule.charges(rights.in_term(settled, as_of), since=as_of))
        if due not in known:
            known[due] = leaving.ahead(settled, as_of=as_of, weights=ANY, metric="", hours_month=1)
        found.append(known[due])
    life = lifetimes.constant(found[1], 0.0)
    held = found[1].customer or found[1].provider
    fees = tuple(lifetimes.receipts(each) for each in found)
    return fees, life.sure_months if held else life.term_months


# Groups of cases that share their dates


def _grouped(
    agreement: Agreement, given: Checked, of: Callable[[Agreement, date], Function]
) -> Array:
    """What the function of each reading and day gives for its cases, in the order of the cases."""
    whole = given.numbers
    result = np.empty(whole.rows)
    for terms, as_of, places in _groups(agreement, given):
        function = of(terms, as_of)
        for start in range(0, len(places) if places is not None else whole.rows, PART):
            part: Any = slice(start, start + PART)
            part = part if places is None else places[part]
            result[part] = function(whole.take(part))
    return result


def _groups(
    agreement: Agreement, given: Checked
) -> Iterator[tuple[Agreement, date, NDArray[np.intp] | None]]:
    """The cases by reading and day: where each group lies, None where it is all."""
    (readings, names), (days, dates) = given.readings, given.days
    terms = [read_as(agreement, str(name)) for name in names]
    if len(names) == len(dates) == 1:
        yield terms[0], dates[0], None
        return
    both = readings * len(dates) + days
    order = np.argsort(both, kind="stable")
    edges = np.searchsorted(both[order], np.arange(len(names) * len(dates) + 1))
    for n, (low, high) in enumerate(pairwise(edges)):
        if low < high:
            yield terms[n // len(dates)], dates[n % len(dates)], order[low:high]


def _one_by_one(function: Callable[..., float], *names: str) -> Function:
    """The function of every row, worked out once for each distinct combination of the columns."""

    def of(rows: Rows) -> Array:
        table = np.column_stack([rows.column(name) for name in names])
        distinct, places = np.unique(table, axis=0, return_inverse=True)
        found = np.array([function(*each) for each in distinct.tolist()])
        return looked_up(found, places.reshape(-1))

    return of


# Discounts


def _one(terms: Agreement, as_of: date, promise: Promise, party: Party, bound: Any) -> Commitment:
    settled = settle(terms, bound)
    if promise == "headline":
        return commitment.headline(settled, as_of=as_of)
    return commitment.firm(settled, as_of=as_of, party=party)


@lru_cache(maxsize=KEPT)
def _promised(
    terms: Agreement, as_of: date, promise: Promise, party: Party
) -> tuple[Commitment, ...] | None:
    """What is promised at the low end, in use and at the high end of undisclosed discounts.

    Between these the amounts go in straight lines: of each way to leave, and so of the least of
    them where the same day is the least at both ends (a least of straight lines lies on or above
    the line between its ends). None where a discount decides when to leave, or what is forfeited
    then: such cases are worked out one by one.
    """
    found = tuple(_one(terms, as_of, promise, party, bound) for bound in BOUNDS)
    if promise == "headline" or party == "provider":
        return found
    if len({each.end for each in found}) > 1:
        return None
    low, high = (rights.in_term(settle(terms, bound), as_of) for bound in ("low", "high"))
    ahead = schedule.prepayments(rights.final_terms(low))
    if low == high or all(paid.refundable for _, paid in ahead):
        return found
    days = set()
    for one, other in zip(
        *(schedule.charges(terms, since=as_of) for terms in (low, high)), strict=True
    ):
        span = (one.end - one.start).days if one.usd != other.usd else 1
        days |= {one.start + timedelta(days=n) for n in range(span)}
    same = all(forfeited_usd(low, day) == forfeited_usd(high, day) for day in days)
    return found if same else None


def _between(rows: Rows, ends: Sequence[float]) -> Array:
    low, use, high = ends
    if "discount" not in rows.columns or low == use == high:
        return np.full(rows.rows, use)
    return np.interp(rows.column("discount"), AT, ends)


# Discounting


class Curves(NamedTuple):
    """Present value by rate: with discounts in use, and what their low and high ends add."""

    use: Worth
    low: Worth | None
    high: Worth | None


def _curves(
    found: Sequence[Commitment], as_of: date, rates: tuple[float, float], *, fitted: bool
) -> Curves:
    charges = [each.charges for each in found]
    due = [max(0.0, year_fraction(as_of, charge.due)) for charge in charges[1]]
    years, places = np.unique(due, return_inverse=True)
    low, use, high = (
        np.bincount(places, [charge.usd for charge in each], len(years)) for each in charges
    )
    of = partial(worth, years, low=rates[0], high=rates[1], fitted=fitted)
    ends = [of(usd=end - use) if (end != use).any() else None for end in (low, high)]
    return Curves(of(usd=use), *ends)


def _discounted(curves: Curves, rows: Rows) -> Array:
    rates = rows.column("rate_year")
    result = curves.use.at(rates)
    if "discount" not in rows.columns:
        return result
    away = 2 * rows.columns["discount"] - 1  # from -1 at the low end to 1 at the high end
    for curve, weight in ((curves.low, -away), (curves.high, away)):
        if curve:
            result += curve.at(rates) * np.maximum(weight, 0.0)
    return result


def _lived(fees: Sequence[Array], sure: int, rows: Rows) -> Array:
    """Expected receipts: months for sure, then months that each need one more silent start."""
    month = (1 + rows.column("rate_year")) ** (-1 / MONTHS_PER_YEAR)
    going_on = month * (1 - rows.column("chance_month"))
    ends = np.empty((len(fees), rows.rows))
    for each, into in zip(fees, ends, strict=True):
        into[:] = _polynomial(each[:sure], month)
        if sure < len(each):
            later = going_on * _polynomial(each[sure:], going_on)
            into += later * month ** (sure - 1)
    low, use, high = iter(ends)
    if "discount" not in rows.columns:
        return use
    away = 2 * rows.columns["discount"] - 1
    use += np.maximum(-away, 0) * (low - use) + np.maximum(away, 0) * (high - use)
    return use


def _polynomial(terms: Array, x: Array) -> Array:
    """Σ terms[k]·x^k."""
    result = np.zeros(len(x))
    for start in range(0, len(x) if len(terms) else 0, CACHED):
        part = slice(start, start + CACHED)
        horner(terms[::-1], x[part], result[part])
    return result
