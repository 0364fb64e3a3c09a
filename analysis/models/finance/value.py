"""What is it worth today: level payments, dated flows, and an agreement that somebody may leave.

Where there is no answer, or more than one, the answer is `nan`. Months are counted from 0: *in
advance* month k is paid at k, *in arrears* at k + 1. A yearly rate is effective, (1 + rate)^(1/12)
- 1 a month, unless its name says *nominal*: then rate ÷ 12.
"""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.contract.charges import Charge
from analysis.contract.commitment import Commitment
from analysis.contract.dates import DAYS_PER_YEAR, year_fraction
from analysis.models import errors
from analysis.models.units import MONTHS_PER_YEAR

Array = NDArray[np.float64]
Amounts = Sequence[float] | Array


def monthly(rate_year: float) -> float:
    """The rate for a month that compounds to an effective annual rate.

    >>> round((1 + monthly(0.12)) ** 12, 9)
    1.12
    """
    errors.rate(rate_year=rate_year)
    return float(np.expm1(np.log1p(rate_year) / MONTHS_PER_YEAR))


def annuity(rate: float, periods: float) -> float:
    """Worth of 1 at the end of each of so many periods: (1 - (1 + rate)^-periods) ÷ rate."""
    errors.rate(rate=rate)
    errors.not_negative(periods=periods)
    return float(-np.expm1(-periods * np.log1p(rate)) / rate) if rate else float(periods)


def worth(usd: Amounts, *, rate: float, arrears: bool) -> float:
    """Present value of amounts for months 0, 1, ...; `rate` is for one month.

    >>> round(worth([110.0, 121.0], rate=0.10, arrears=True), 9)
    200.0
    """
    errors.rate(rate=rate)
    errors.finite(usd=usd)
    when = np.arange(len(usd)) + (1 if arrears else 0)
    return float(np.asarray(usd, dtype=float) @ (1 + rate) ** -when.astype(float))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """An agreement in whole months, left with the same chance each month.

    term_months: cap. gate_months: first month at whose start notice may be given. notice_months:
    from notice to the end of service. chance_month: that notice is given at a month's start, given
    none before.
    """

    term_months: int
    gate_months: int
    notice_months: int
    chance_month: float

    def __post_init__(self) -> None:
        errors.whole(
            term_months=self.term_months,
            gate_months=self.gate_months,
            notice_months=self.notice_months,
        )
        errors.share(chance_month=self.chance_month)

    @property
    def sure_months(self) -> int:
        """Months served whatever anybody does."""
        return min(self.gate_months + self.notice_months, self.term_months)

    @property
    def served(self) -> Array:
        """Probability that each month is served, shape (term_months,)."""
        dates = np.maximum(np.arange(self.term_months) - self.sure_months + 1, 0)
        result: Array = (1 - self.chance_month) ** dates
        return result

    @property
    def expected_months(self) -> float:
        """Expected months served."""
        return float(self.served.sum())

    def quantile(self, share: float) -> int:
        """The fewest months such that service lasts no longer with at least this probability."""
        errors.share(share=share)
        reached = int(np.searchsorted(1 - self.served, share - errors.ROUND_OFF))
        return max(self.sure_months, reached)

    def expected_value(self, amounts: Amounts, *, rate_year: float = 0.0) -> float:
        """Expected present value in advance of amounts by month, each if its month is served."""
        return worth(amounts * self.served, rate=monthly(rate_year), arrears=False)


def break_even_hazard(
    net_usd: Amounts,
    *,
    capex_usd: float,
    firm_months: int,
    rate_year: float,
    resale_usd: Amounts | None = None,
) -> float:
    """The highest monthly hazard at which months still pay back the capex, in arrears.

    Solves -C + Σ P(served)·net·v^(k+1) = 0, effective annual rate. With x = 1 - h that is a
    polynomial, so 1/x - 1 is the rate of return of the months after the firm part on what the
    firm part leaves uncovered. `resale_usd`: what the site is worth after 0, 1, ... months, one
    more than there are months, taken when service ends (default: nothing).

    1 if the firm part pays back alone; `nan` if even a full term does not, or if months that cost
    more than they bring make the answer ambiguous.

    >>> round(break_even_hazard([50.0, 50.0, 80.0], capex_usd=140, firm_months=2, rate_year=0), 9)
    0.5
    """
    errors.positive(capex_usd=capex_usd)
    errors.whole(firm_months=firm_months)
    errors.finite(net_usd=net_usd)
    months = len(net_usd)
    resale = np.zeros(months + 1) if resale_usd is None else np.asarray(resale_usd, dtype=float)
    if len(resale) != months + 1:
        raise errors.refused("resale_usd", f"{len(resale)} values", f"{months + 1} values")
    weights = (1 + monthly(rate_year)) ** -np.arange(months + 1.0)
    present = resale * weights
    earned = np.asarray(net_usd, dtype=float) * weights[1:] + np.diff(present)
    uncovered = capex_usd - present[0] - float(earned[:firm_months].sum())
    if uncovered <= errors.ROUND_OFF * capex_usd:
        return 1.0
    growth = irr([-uncovered, *earned[firm_months:].tolist()])
    return growth / (1 + growth) if growth >= 0 else math.nan
