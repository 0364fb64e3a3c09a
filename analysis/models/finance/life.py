"""How long an agreement lives if somebody leaves it at a constant chance a month.

Months 0 to N - 1 may be served. The first ones (gate plus notice) are served for sure; each
further month only if no notice was given one month longer.
"""

import math
from dataclasses import dataclass

import numpy as np

from analysis.models import errors
from analysis.models.finance import value
from analysis.models.finance.annuities import Amounts, Array, monthly, worth


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
    growth = value.irr([-uncovered, *earned[firm_months:].tolist()])
    return growth / (1 + growth) if growth >= 0 else math.nan
