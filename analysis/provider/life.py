"""How long service lasts when notice comes by chance: a constant hazard after a firm part.

Months 0 to N - 1 may be served. The first `firm_months` (gate plus notice) are served for sure;
then each further month is served only if no notice was served one month longer: with hazard h,
month k is served with probability (1 - h)^(k - firm_months + 1).
"""

import math

import numpy as np

from analysis import checks, value
from analysis.annuities import Amounts, Array, monthly


def joint_hazard(customer: float, provider: float) -> float:
    """Monthly chance that either of two independent parties serves notice.

    >>> joint_hazard(0.5, 0.5)
    0.75
    """
    checks.share(customer=customer, provider=provider)
    return 1 - (1 - customer) * (1 - provider)


def served(months: int, *, firm_months: int, hazard: float) -> Array:
    """Probability that each of the months 0, 1, ... is served, shape (months,).

    >>> served(4, firm_months=2, hazard=0.5)
    array([1.  , 1.  , 0.5 , 0.25])
    """
    checks.whole(months=months, firm_months=firm_months)
    checks.share(hazard=hazard)
    return np.asarray((1 - hazard) ** np.maximum(0, np.arange(months) - firm_months + 1.0))


def expected_months(months: int, *, firm_months: int, hazard: float) -> float:
    """Mean number of months served: the sum of `served`.

    >>> expected_months(4, firm_months=2, hazard=0.5)
    2.75
    """
    return float(served(months, firm_months=firm_months, hazard=hazard).sum())


def quantile_months(months: int, *, firm_months: int, hazard: float, share: float) -> int:
    """The fewest months such that service lasts no longer with at least this probability.

    >>> quantile_months(37, firm_months=6, hazard=0.05, share=0.50)
    19
    """
    checks.share(share=share)
    ended = 1 - served(months, firm_months=firm_months, hazard=hazard)
    return max(min(months, firm_months), int(np.searchsorted(ended, share - checks.ROUND_OFF)))


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
    checks.positive(capex_usd=capex_usd)
    checks.whole(firm_months=firm_months)
    checks.finite(net_usd=net_usd)
    months = len(net_usd)
    resale = np.zeros(months + 1) if resale_usd is None else np.asarray(resale_usd, dtype=float)
    if len(resale) != months + 1:
        raise checks.refused("resale_usd", f"{len(resale)} values", f"{months + 1} values")
    weights = (1 + monthly(rate_year)) ** -np.arange(months + 1.0)
    present = resale * weights
    earned = np.asarray(net_usd, dtype=float) * weights[1:] + np.diff(present)
    uncovered = capex_usd - present[0] - float(earned[:firm_months].sum())
    if uncovered <= checks.ROUND_OFF * capex_usd:
        return 1.0
    growth = value.irr([-uncovered, *earned[firm_months:].tolist()])
    return growth / (1 + growth) if growth >= 0 else math.nan
