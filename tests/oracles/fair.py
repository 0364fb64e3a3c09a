"""Fair fixed fees of a term against forward prices (models 7.1)."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from analysis.models.market.prices import Array, Process, forward_strip


def fair_fee(forward: Array, discount: Array) -> float:
    """Fixed fee a month, in advance, worth as much as the forward prices; $/GPU-h.

    Both arrays run over the month starts of the term, shape (months,).

    >>> months = np.arange(3)
    >>> round(fair_fee(np.exp(-0.36 * months / 12), np.exp(-0.1 * months / 12)), 6)
    0.970898
    """
    return float((forward * discount).sum() / discount.sum())


def fair_fees(process: Process, *, spot_usd_hour: float, discount: Array) -> pd.DataFrame:
    """Fair fixed fee of each term from one month up: `months, fee_usd_hour` (term structure).

    discount: factors at month starts; as many terms as factors.
    """
    months = np.arange(1, discount.size + 1)
    forward = forward_strip(process, spot_usd_hour=spot_usd_hour, months=discount.size - 1)
    fees = np.cumsum(forward * discount) / np.cumsum(discount)
    return pd.DataFrame({"months": months, "fee_usd_hour": fees})


def fair_fee_continuous(
    *, spot_usd_hour: float, growth_year: float, rate_year: float, years: float
) -> float:
    """Fair fixed fee when fee and price, growing at a constant rate, flow continuously; $/GPU-h.

    spot A(r - growth, T) / A(r, T) with A(x, T) = (1 - exp(-x T)) / x (models 7.1).

    >>> round(fair_fee_continuous(spot_usd_hour=1, growth_year=-0.36, rate_year=0.1, years=3), 6)
    0.627746
    """

    def annuity(rate: float) -> float:
        return years if rate == 0 else -math.expm1(-rate * years) / rate

    return spot_usd_hour * annuity(rate_year - growth_year) / annuity(rate_year)
