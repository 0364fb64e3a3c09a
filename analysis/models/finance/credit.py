"""What hangs on one counterparty: fees owed and unpaid, and how few pay them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from analysis.contract import checks
from analysis.contract.dates import DAYS_PER_YEAR
from analysis.contract.units import MONTHS_PER_YEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """Fees of service rendered, unpaid at a default: just before a payment is due, on average."""

    peak_usd: float
    average_usd: float


def exposure(
    fee_usd_month: float,
    *,
    billing_days: float,
    payment_days: float,
    grace_days: float = 0,
    timing: Literal["advance", "arrears"] = "arrears",
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
    checks.not_negative(
        fee_usd_month=fee_usd_month,
        billing_days=billing_days,
        payment_days=payment_days,
        grace_days=grace_days,
    )
    daily = MONTHS_PER_YEAR * fee_usd_month / DAYS_PER_YEAR
    most = payment_days + grace_days + (billing_days if timing == "arrears" else 0)
    mean = most - billing_days / 2 if most >= billing_days else most**2 / (2 * billing_days)
    return Exposure(
        peak_usd=daily * min(most, served_days), average_usd=daily * min(mean, served_days)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Concentration:
    """How few counterparties revenue hangs on.

    `herfindahl`: sum of squared shares; `effective`: as many equal ones as give the same sum.
    """

    herfindahl: float
    effective: float
    top_share: float


def concentration(amounts: Sequence[float]) -> Concentration:
    """Concentration of amounts by counterparty, such as monthly fees.

    >>> concentration([100.0, 100.0])
    Concentration(herfindahl=0.5, effective=2.0, top_share=0.5)
    """
    checks.not_negative(**{f"amounts[{n}]": amount for n, amount in enumerate(amounts)})
    total = math.fsum(amounts)
    checks.positive(amounts=total)
    herfindahl = math.fsum((amount / total) ** 2 for amount in amounts)
    return Concentration(
        herfindahl=herfindahl, effective=1 / herfindahl, top_share=max(amounts) / total
    )
