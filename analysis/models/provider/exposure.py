"""What is lost if a counterparty fails: expected loss and wrong-way risk, on its exposure."""

import math
from dataclasses import dataclass

from analysis.contract import checks
from analysis.models.finance.credit import Concentration, Exposure, concentration, exposure
from analysis.models.finance.demand import UNIT

__all__ = [
    "Concentration",
    "Exposure",
    "WrongWay",
    "bivariate_cdf",
    "concentration",
    "expected_loss",
    "exposure",
    "wrong_way",
]


def expected_loss(
    exposure_usd: float, *, default_probability: float, loss_given_default: float
) -> float:
    """Probability × loss given default × exposure, for the horizon of the probability.

    >>> expected_loss(1000.0, default_probability=0.05, loss_given_default=0.6)
    30.0
    """
    checks.not_negative(exposure_usd=exposure_usd)
    checks.share(default_probability=default_probability, loss_given_default=loss_given_default)
    return default_probability * loss_given_default * exposure_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongWay:
    """The market when the counterparty fails.

    `price`: mean market price given a default; `shortfall`: mean of what the fee exceeds it by,
    where it does: the loss on letting the capacity again.
    """

    price: float
    shortfall: float


def wrong_way(
    *,
    fee: float,
    price: float,
    drift_year: float,
    volatility_year: float,
    years: float,
    default_probability: float,
    correlation: float,
) -> WrongWay:
    """Market price and re-letting loss given a default that is likelier when prices are low.

    Default when a standard normal X lies below Φ⁻¹(probability); the log price is normal and
    correlated with X. Bivariate normal formulas for E[P | default] and E[(F - P)+ | default].
    """
    checks.positive(fee=fee, price=price, volatility_year=volatility_year, years=years)
    checks.finite(drift_year=drift_year)
    if not 0 < default_probability < 1:
        raise checks.refused("default_probability", default_probability, "between 0 and 1")
    if not -1 <= correlation <= 1:
        raise checks.refused("correlation", correlation, "in -1 to 1")
    sd = volatility_year * math.sqrt(years)
    threshold = UNIT.inv_cdf(default_probability)
    shifted = threshold - correlation * sd
    forward = price * math.exp(drift_year * years)
    d2 = math.log(forward / fee) / sd - sd / 2
    floor = fee * bivariate_cdf(threshold, -d2, correlation)
    market = forward * bivariate_cdf(shifted, -d2 - sd, correlation)
    return WrongWay(
        price=forward * UNIT.cdf(shifted) / default_probability,
        shortfall=max(0.0, floor - market) / default_probability,
    )


def bivariate_cdf(x: float, y: float, correlation: float) -> float:
    """P(X ≤ x, Y ≤ y) of two standard normals, by Owen's T function (Owen 1956).

    >>> round(bivariate_cdf(0.0, 0.0, 0.5), 12)
    0.333333333333
    """
    from scipy.special import owens_t

    if abs(correlation) == 1:
        low = UNIT.cdf(min(x, y)) if correlation > 0 else UNIT.cdf(x) + UNIT.cdf(y) - 1
        return max(0.0, low)
    root = math.sqrt((1 - correlation) * (1 + correlation))

    def part(h: float, k: float) -> float:
        slope = (k / h - correlation) / root if h else math.copysign(math.inf, k)
        return float(owens_t(h, slope))

    if x == y == 0:
        return 0.25 + math.asin(correlation) / math.tau
    opposite = (x < 0) != (y < 0)
    return (UNIT.cdf(x) + UNIT.cdf(y)) / 2 - part(x, y) - part(y, x) - opposite / 2
