"""What hangs on one counterparty: fees owed at a default, re-leasing, and concentration."""

import math
from collections.abc import Iterable, Sequence
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from analysis.contract.dates import DAYS_PER_YEAR, MONTHS_PER_YEAR
from analysis.contract.terms import Agreement
from analysis.models import errors
from analysis.models.planning import Plan

NORMAL = NormalDist()
Timing = Literal["advance", "arrears"]


class Exposure(NamedTuple):
    """Fees of service rendered, unpaid at a default: just before a payment is due, on average."""

    peak_usd: float
    average_usd: float


def exposure(
    fee_usd_month: float,
    *,
    billing_days: float,
    payment_days: float,
    grace_days: float = 0,
    timing: Timing = "arrears",
    served_days: float = math.inf,
) -> Exposure:
    """Fees outstanding: the daily fee × days served unpaid, of `served_days` in all.

    Daily fee 12·fee ÷ 365; days at most: the time to pay, the grace before service stops and, in
    arrears, the billing period; over a billing period they fall evenly by its length, and are none
    while service is paid ahead.

    >>> exposure(365.0, billing_days=30, payment_days=30)
    Exposure(peak_usd=720.0, average_usd=540.0)
    >>> exposure(365.0, billing_days=30, payment_days=15, timing="advance")
    Exposure(peak_usd=180.0, average_usd=45.0)
    """
    days = {"billing_days": billing_days, "payment_days": payment_days, "grace_days": grace_days}
    errors.not_negative(fee_usd_month=fee_usd_month, **days)
    errors.one_of(Timing, timing=timing)
    errors.limit(served_days=served_days)
    daily = MONTHS_PER_YEAR * fee_usd_month / DAYS_PER_YEAR
    most = payment_days + grace_days + (billing_days if timing == "arrears" else 0)
    mean = most - billing_days / 2 if most >= billing_days else most**2 / (2 * billing_days)
    return Exposure(daily * min(most, served_days), daily * min(mean, served_days))


def agreed(fee_usd_month: float, terms: Agreement, *, grace_days: float) -> Exposure:
    """`exposure` by an agreement's own terms of payment."""
    paid = terms.payment
    return exposure(
        fee_usd_month,
        billing_days=paid.billing_months * DAYS_PER_YEAR / MONTHS_PER_YEAR,
        payment_days=paid.days_to_pay,
        grace_days=grace_days,
        timing=paid.timing,
        served_days=(terms.end - terms.start).days,
    )


def owed(fee_usd_month: float, terms: Agreement, plan: Plan) -> pd.DataFrame:
    """What is owed at a default by the terms, and if billed in arrears; the year's loss."""
    days = {name: getattr(plan, name) for name in ("billing_days", "payment_days", "grace_days")}
    ways = {
        "usd": agreed(fee_usd_month, terms, grace_days=plan.grace_days),
        "arrears_usd": exposure(fee_usd_month, **days),
    }
    loss = plan.default_probability * plan.loss_given_default
    table = {name: [*way, loss * way.peak_usd] for name, way in ways.items()}
    return pd.DataFrame({"measure": ["at most", "on average", "loss expected in a year"], **table})


def releasing(fee_usd_month: float, plan: Plan, correlations: Iterable[float]) -> pd.DataFrame:
    """Market price and mean loss on re-leasing after a default within a year, by correlation."""
    terms = {
        "price": fee_usd_month * plan.market_to_fee,
        "drift_year": -plan.market_fall_year,
        "volatility_year": plan.market_volatility_year,
        "default_probability": plan.default_probability,
    }
    rows = [
        (each, *wrong_way(fee=fee_usd_month, **terms, years=1.0, correlation=each))
        for each in correlations
    ]
    return pd.DataFrame(rows, columns=["correlation", "price_usd_month", "shortfall_usd_month"])


def wrong_way(
    *,
    fee: float,
    price: float,
    drift_year: float,
    volatility_year: float,
    years: float,
    default_probability: float,
    correlation: float,
) -> tuple[float, float]:
    """Mean market price and re-letting loss given a default that is likelier when prices are low.

    Default when a standard normal X lies below Φ⁻¹(probability); the log price is normal and
    correlated with X. Bivariate normal formulas for E[P | default] and E[(F - P)+ | default].
    """
    from scipy.stats import multivariate_normal

    errors.positive(fee=fee, price=price, volatility_year=volatility_year, years=years)
    errors.finite(drift_year=drift_year)
    if not 0 < default_probability < 1:
        raise errors.refused("default_probability", default_probability, "between 0 and 1")
    if not -1 <= correlation <= 1:
        raise errors.refused("correlation", correlation, "in -1 to 1")
    both = multivariate_normal(cov=[[1, correlation], [correlation, 1]], allow_singular=True).cdf
    sd = volatility_year * math.sqrt(years)
    threshold = NORMAL.inv_cdf(default_probability)
    shifted = threshold - correlation * sd
    forward = price * math.exp(drift_year * years)
    d2 = math.log(forward / fee) / sd - sd / 2
    lost = fee * both([threshold, -d2]) - forward * both([shifted, -d2 - sd])
    given = forward * NORMAL.cdf(shifted) / default_probability
    return given, max(0.0, float(lost)) / default_probability


class Concentration(NamedTuple):
    """How few counterparties revenue hangs on.

    `herfindahl`: sum of squared shares; `effective`: as many equal ones as give the same sum.
    """

    herfindahl: float
    effective: float
    top_share: float


def concentration(amounts: Sequence[float]) -> Concentration:
    """Concentration of amounts by counterparty, such as monthly fees."""
    errors.not_negative(**{f"amounts[{n}]": amount for n, amount in enumerate(amounts)})
    errors.positive(amounts=sum(amounts))
    shares = np.asarray(amounts, dtype=float) / sum(amounts)
    herfindahl = float(shares @ shares)
    return Concentration(herfindahl, 1 / herfindahl, float(shares.max()))
