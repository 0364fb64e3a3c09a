"""What is it worth today: present value, rate of return and payback of dated flows.

Where there is no answer, or more than one, the answer is `nan`.
"""

import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from analysis.contract.clauses import Party
from analysis.contract.dates import DAYS_PER_YEAR, DayCount, year_fraction

MAX_LOG_GROWTH = 100.0
"""Rates are sought up to a growth of e^100 over the first interval between two flows."""


MAX_LOG_RATE = math.log(sys.float_info.max)
"""The largest ln(1 + rate) for which the rate is a float."""

DAYS = (date, np.datetime64)  # a datetime and a pandas Timestamp are dates too
Flows = pd.DataFrame | pd.Series | Mapping[date, float] | Sequence[Any]
"""Dated flows as rows or payments, a series or mapping by date, or (date, usd) pairs; or, where
said, a plain sequence of amounts, one each period."""


def present_value(
    rows: Flows, *, rate: float, as_of: date, day_count: DayCount = "actual/365"
) -> float:
    """Worth on `as_of` of all flows at an effective annual rate (0.10 is 10 %).

    Discounts each amount by (1 + rate) to the power of minus its years. Flows dated before `as_of`
    are past and left out. Rows of service are past once it has ended; what is due already for
    service ahead counts at its face.

    >>> round(present_value({date(2027, 1, 1): 110.0}, rate=0.10, as_of=date(2026, 1, 1)), 9)
    100.0
    """
    if not rate > -1:
        raise ValueError(f"rate: {rate} is not allowed, it must be above -1")
    if isinstance(rows, pd.DataFrame) and "end" in rows:
        spans = zip(rows.start, rows.end, strict=True)
        ahead = [end > as_of or start >= as_of for start, end in spans]
        flows = dated(rows.loc[np.array(ahead, dtype=bool)])
    else:
        flows = [(day, usd) for day, usd in dated(rows) if day >= as_of]
    years = [max(0.0, year_fraction(as_of, day, day_count)) for day, _ in flows]
    return float(np.dot([usd for _, usd in flows], (1 + rate) ** -np.array(years)))


def flows(rows: Flows, *, party: Party) -> pd.Series:
    """The same amounts by date as one party sees them: money in is positive."""
    pairs = dated(rows)
    sign = 1.0 if party == "provider" else -1.0
    return pd.Series([sign * usd for _, usd in pairs], index=[day for day, _ in pairs], name="usd")


def irr(flows: Flows) -> float:
    """The rate at which the flows are worth nothing: the only one, or `nan`.

    Dated flows give an effective annual rate (actual/365), plain amounts a rate for each period.
    `nan` if no rate above -100 % or more than one solves, or only one too large for a float.

    >>> round(irr([-100.0, 60.0, 60.0]), 6)
    0.130662
    """
    times, amounts = _timed(flows)
    logs = _roots(times, amounts)
    return math.expm1(logs[0]) if len(logs) == 1 and logs[0] < MAX_LOG_RATE else math.nan


def payback(flows: Flows) -> float:
    """Time until the amounts add up to zero or more once some are spent, linear between them.

    From the first flow on, in periods for plain amounts, in years (days ÷ 365) for dated flows;
    `nan` if that never happens. 0 if nothing is spent: there is nothing to earn back.

    >>> payback([-100.0, 60.0, 80.0])
    1.5
    """
    times, amounts = _timed(flows)
    if not len(amounts):
        return math.nan
    spent = np.flatnonzero(amounts < 0)
    if not len(spent):
        return math.nan if np.isnan(amounts).any() else 0.0
    total = np.cumsum(amounts)
    reached = np.flatnonzero(total[spent[0] :] >= 0) + spent[0]
    if not len(reached):
        return math.nan
    k = int(reached[0])
    if k == spent[0]:  # received before it is spent
        return float(times[k])
    before = total[k - 1]
    return float(times[k - 1] + (times[k] - times[k - 1]) * -before / (total[k] - before))


def dated(flows: Flows) -> list[tuple[date, float]]:
    """Dated flows in any accepted shape as (date, usd) pairs."""
    if isinstance(flows, pd.DataFrame):
        day = "date" if "date" in flows else "due"
        usd = "usd" if "usd" in flows else "fee_usd"
        flows = list(zip(flows[day], flows[usd], strict=True))
    elif isinstance(flows, pd.Series | Mapping):
        flows = list(flows.items())
    return [(_day(day), float(usd)) for day, usd in flows]


def _day(day: object) -> date:
    """A day of any type that holds one."""
    if type(day) is date:
        return day
    if not isinstance(day, DAYS) or pd.isna(day):
        raise ValueError(f"flows: the day {day!r} is not allowed, it must be a date")
    return pd.Timestamp(day).date()


def _timed(flows: Flows) -> tuple[np.ndarray, np.ndarray]:
    """Times (periods, or years since the first date) and finite amounts, one for each time."""
    times, amounts = _in_order(flows)
    if np.isinf(amounts).any():
        raise ValueError(
            f"flows: {amounts[np.isinf(amounts)][0]} is not allowed, it must be finite"
        )
    return times, amounts


def _in_order(flows: Flows) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(flows, Iterable) and not isinstance(flows, pd.DataFrame | pd.Series | Mapping):
        flows = list(flows)
        if not flows or not isinstance(flows[0], Sequence):
            return np.arange(len(flows), dtype=float), np.asarray(flows, dtype=float)
    if isinstance(flows, pd.Series) and not all(isinstance(d, DAYS) for d in flows.index):
        return _in_order(list(flows))
    total: dict[date, float] = {}
    for day, usd in dated(flows):
        total[day] = total.get(day, 0.0) + usd
    days = sorted(total)
    times = [(day - days[0]).days / DAYS_PER_YEAR for day in days]
    return np.array(times), np.array([total[day] for day in days])


def _roots(times: np.ndarray, amounts: np.ndarray) -> list[float]:
    """All x = ln(1 + rate) at which Σ amount · (1 + rate)^-time changes sign, in rising order.

    In x the sum, freed of its first exponent, turns only where a sum with one term
    less is zero, so the roots of that one part the line into stretches with at most one root each
    (Rolle; Descartes' rule ends the descent where the amounts change sign at most once).
    """
    sums: list[tuple[np.ndarray, np.ndarray]] = []
    changes = 2
    while changes > 1:
        times, amounts = times[amounts != 0], amounts[amounts != 0]
        changes = int(np.count_nonzero(np.diff(np.sign(amounts))))
        if changes:
            times = times - times[0]
            sums.append((times, amounts))
            slope = amounts[1:] * times[1:]
            times, amounts = times[1:], slope / np.abs(slope).max()
    found: list[float] = []
    for sum_times, sum_amounts in reversed(sums):
        found = _crossings(sum_times, sum_amounts, found)
    return found


def _crossings(times: np.ndarray, amounts: np.ndarray, turns: list[float]) -> list[float]:
    """Where Σ amount · e^(-x · time) changes sign; it turns at most at `turns`, in rising order."""

    def worth(x: float) -> float:
        exponents = -x * times
        return float(amounts @ np.exp(exponents - exponents.max()))

    reach = MAX_LOG_GROWTH / times[1]
    edges = [-reach, *turns, reach]
    return [
        _bisect(worth, low, high) for low, high in pairwise(edges) if worth(low) * worth(high) < 0
    ]


def _bisect(function: Callable[[float], float], low: float, high: float) -> float:
    sign = math.copysign(1.0, function(low))
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if function(middle) * sign > 0 else (low, middle)
    return middle
