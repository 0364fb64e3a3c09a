"""What is it worth today: present value, rate of return and payback of dated flows.

Where there is no answer, or more than one, the answer is `nan`.
"""

import math
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from analysis.contract.charges import Charge
from analysis.contract.commitment import Commitment
from analysis.contract.dates import DAYS_PER_YEAR, year_fraction
from analysis.models import errors

MAX_LOG_GROWTH = 100.0
"""Rates are sought up to a growth of e^100 over the first interval between two flows."""
MAX_LOG_RATE = math.log(sys.float_info.max)
"""The largest ln(1 + rate) for which the rate is a float."""

Flows = pd.DataFrame | pd.Series | Mapping[date, float] | Sequence[Any] | np.ndarray
"""Dated flows as rows or payments, a series or mapping by date, or (date, usd) pairs; or, where
said, a plain sequence of amounts, one each period."""


def present_value(rows: Flows | Commitment, *, rate: float, as_of: date) -> float:
    """Worth on `as_of` of all flows at an effective annual rate (0.10 is 10 %).

    Discounts each amount by (1 + rate) to the power of minus its years. Flows dated before `as_of`
    are past and left out. Rows of service are past once it has ended; what is due already for
    service ahead counts at its face. A commitment counts each charge, also a credit that stands in
    a later invoice, on its own day; its rows take all of a period as due with the fee.

    >>> round(present_value({date(2027, 1, 1): 110.0}, rate=0.10, as_of=date(2026, 1, 1)), 9)
    100.0
    """
    if not rate > -1:
        raise errors.refused("rate", rate, "above -1")
    if isinstance(rows, Commitment):
        rows = pd.DataFrame(rows.charges, columns=Charge._fields)
    if isinstance(rows, pd.DataFrame) and "end" in rows:
        spans = zip(rows.start, rows.end, strict=True)
        ahead = [end > as_of or start >= as_of for start, end in spans]
        flows = dated(rows.loc[np.array(ahead, dtype=bool)])
    else:
        flows = [(day, usd) for day, usd in dated(rows) if day >= as_of]
    years = [max(0.0, year_fraction(as_of, day)) for day, _ in flows]
    return float(np.dot([usd for _, usd in flows], (1 + rate) ** -np.array(years)))


def irr(flows: Flows) -> float:
    """The rate at which the flows are worth nothing: the only one, or `nan`.

    Dated flows give an effective annual rate (actual/365), plain amounts a rate for each period.
    `nan` if no rate above -100 % or more than one solves, or only one too large for a float.
    """
    logs = _roots(*_timed(flows))
    return math.expm1(logs[0]) if len(logs) == 1 and logs[0] < MAX_LOG_RATE else math.nan


def payback(flows: Flows) -> float:
    """Time until the amounts add up to zero or more once some are spent, linear between them.

    From the first flow on, in periods for plain amounts, in years (days ÷ 365) for dated flows;
    `nan` if that never happens. 0 if nothing is spent: there is nothing to earn back.

    >>> payback([-100.0, 60.0, 80.0])
    1.5
    """
    times, amounts = _timed(flows)
    if not len(amounts) or np.isnan(amounts).any():
        return math.nan
    total = np.cumsum(amounts)
    spent = int(np.argmax(amounts < 0))
    reached = spent + int(np.argmax(total[spent:] >= 0))
    if amounts.min() >= 0 or total[reached] < 0:
        return 0.0 if amounts.min() >= 0 else math.nan
    if reached == spent:  # received before it is spent
        return float(times[spent])
    around = [reached - 1, reached]
    return float(np.interp(0.0, total[around], times[around]))


def dated(flows: Flows) -> list[tuple[date, float]]:
    """Dated flows in any accepted shape as (date, usd) pairs."""
    if isinstance(flows, pd.DataFrame):
        usd = "usd" if "usd" in flows else "fee_usd"
        flows = flows.set_index("date" if "date" in flows else "due")[usd]
    pairs = flows.items() if isinstance(flows, pd.Series | Mapping) else flows
    return [(_day(day), float(usd)) for day, usd in pairs]


def _day(day: Any) -> date:
    """A day of any type that holds one: a datetime and a pandas Timestamp are dates too."""
    if type(day) is date:
        return day
    if not isinstance(day, date | np.datetime64) or pd.isna(day):
        raise errors.refused("flows", f"the day {day!r}", "a date")
    return pd.Timestamp(day).date()


def _timed(flows: Flows) -> tuple[np.ndarray, np.ndarray]:
    """Times (periods, or years since the first date) and finite amounts, one for each time."""
    if not isinstance(flows, pd.DataFrame | pd.Series | Mapping) and np.ndim(list(flows)[:1]) < 2:
        amounts = np.asarray(list(flows), dtype=float)
        times = np.arange(len(amounts), dtype=float)
    else:
        pairs = pd.DataFrame(dated(flows), columns=["day", "usd"])
        total = pairs.groupby("day").usd.sum().astype(float)
        times = np.array([(day - total.index[0]).days / DAYS_PER_YEAR for day in total.index])
        amounts = total.to_numpy()
    if np.isinf(amounts).any():
        raise errors.refused("flows", amounts[np.isinf(amounts)][0], "finite")
    return times, amounts


def _roots(times: np.ndarray, amounts: np.ndarray) -> list[float]:
    """All x = ln(1 + rate) at which Σ amount · (1 + rate)^-time changes sign, in rising order.

    In x the sum, freed of its first exponent, turns only where a sum with one term
    less is zero, so the roots of that one part the line into stretches with at most one root each
    (Rolle; Descartes' rule ends the descent where the amounts change sign at most once).
    """
    from scipy.optimize import brentq

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
    for times, amounts in reversed(sums):

        def worth(x: float, times: np.ndarray = times, amounts: np.ndarray = amounts) -> float:
            exponents = -x * times
            return float(amounts @ np.exp(exponents - exponents.max()))

        reach = MAX_LOG_GROWTH / times[1]
        ends = pairwise([-reach, *found, reach])
        spans = [(a, b) for a, b in ends if worth(a) * worth(b) < 0]
        found = [brentq(worth, a, b, xtol=np.finfo(float).eps) for a, b in spans]
    return found
