"""Level payments by the month: discount factors, annuities, present value of whole months.

Months are counted from 0. *In advance* month k is paid at k, *in arrears* at k + 1. A yearly rate
is effective, (1 + rate)^(1/12) - 1 a month, unless its name says *nominal*: then rate ÷ 12.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

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
