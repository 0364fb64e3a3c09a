"""What a lender would lend against the lease: level debt, coverage, and what notice uncovers.

Cash and payments fall at the end of months 0, 1, ...; the rate is nominal, ÷ 12 a month.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.contract import checks
from analysis.contract.units import MONTHS_PER_YEAR
from analysis.models.finance.annuities import Amounts, Array, annuity, worth


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """A debt paid back in level monthly payments.

    >>> Loan(usd=1200.0, rate_nominal_year=0.0, months=12).payment_usd_month
    100.0
    """

    usd: float
    rate_nominal_year: float
    months: int

    def __post_init__(self) -> None:
        checks.positive(usd=self.usd, months=self.months)
        checks.whole(months=self.months)
        checks.not_negative(rate_nominal_year=self.rate_nominal_year)

    @property
    def rate_month(self) -> float:
        """The nominal rate ÷ 12."""
        return self.rate_nominal_year / MONTHS_PER_YEAR

    @property
    def payment_usd_month(self) -> float:
        """The level payment of interest and principal."""
        return self.usd / annuity(self.rate_month, self.months)

    def balance_usd(self, month: int) -> float:
        """What is owed after so many payments: the worth of those to come."""
        checks.whole(month=month)
        return self.payment_usd_month * annuity(self.rate_month, max(0, self.months - month))


def repayment(loan: Loan) -> pd.DataFrame:
    """Every payment of a loan: `month, interest_usd, principal_usd, balance_usd` after it."""
    balance = np.array([loan.balance_usd(month) for month in range(loan.months + 1)])
    return pd.DataFrame(
        {
            "month": np.arange(loan.months),
            "interest_usd": balance[:-1] * loan.rate_month,
            "principal_usd": balance[:-1] - balance[1:],
            "balance_usd": balance[1:],
        }
    )


def coverage_ratios(cash_usd: Amounts, loan: Loan) -> Array:
    """Cash before debt ÷ debt service (DSCR) of each month of the loan; 0 where cash has ended."""
    cash = np.zeros(loan.months)
    paid = min(loan.months, len(cash_usd))
    cash[:paid] = cash_usd[:paid]
    return cash / loan.payment_usd_month


def loan_life_coverage(cash_usd: Amounts, loan: Loan) -> float:
    """Worth at the loan's rate of the cash over its life ÷ the loan (LLCR).

    >>> loan_life_coverage([200.0] * 12, Loan(usd=1200, rate_nominal_year=0.0, months=12))
    2.0
    """
    return worth(cash_usd[: loan.months], rate=loan.rate_month, arrears=True) / loan.usd


def debt_capacity(
    firm_cash_usd: Amounts, *, rate_nominal_year: float, target_coverage: float
) -> float:
    """The debt that firm cash can carry at a target ratio: its worth at the debt rate ÷ target.

    >>> debt_capacity([70.0, 70.0], rate_nominal_year=0.0, target_coverage=1.40)
    100.0
    """
    checks.positive(target_coverage=target_coverage)
    rate = rate_nominal_year / MONTHS_PER_YEAR
    return max(0.0, worth(firm_cash_usd, rate=rate, arrears=True)) / target_coverage


def uncovered(
    cash_usd: Amounts, loan: Loan, *, window_months: int, gate_months: int = 0
) -> pd.DataFrame:
    """Debt against the cash inside the rolling notice window, after each month of the loan.

    Columns `month, balance_usd, window_usd, uncovered_usd`: after so many payments, the debt, the
    worth at its rate of the cash of the next `window_months`, and the first less the second
    (negative where the window covers the debt). Until `gate_months` no notice may be given, so the
    window reaches that much further.
    """
    checks.whole(window_months=window_months, gate_months=gate_months)
    months = range(loan.months + 1)
    balance = [loan.balance_usd(month) for month in months]
    window = [
        worth(
            cash_usd[month : max(month, gate_months) + window_months],
            rate=loan.rate_month,
            arrears=True,
        )
        for month in months
    ]
    table = pd.DataFrame({"month": months, "balance_usd": balance, "window_usd": window})
    return table.assign(uncovered_usd=table.balance_usd - table.window_usd)


def break_even_utilisation(
    *,
    fixed_usd_month: float,
    payment_usd_month: float,
    capacity_mw: float,
    price_usd_mw_month: float,
    variable_usd_mw_month: float,
) -> float:
    """Share of the capacity that must be sold to pay fixed cost and debt; above 1 it cannot.

    (fixed + debt service) ÷ (capacity · (price - variable cost)).

    >>> break_even_utilisation(
    ...     fixed_usd_month=100, payment_usd_month=200, capacity_mw=300,
    ...     price_usd_mw_month=5, variable_usd_mw_month=3)
    0.5
    """
    checks.positive(capacity_mw=capacity_mw)
    checks.not_negative(fixed_usd_month=fixed_usd_month, payment_usd_month=payment_usd_month)
    if not price_usd_mw_month > variable_usd_mw_month:
        raise checks.refused(
            "price_usd_mw_month",
            price_usd_mw_month,
            f"above variable_usd_mw_month, {variable_usd_mw_month}",
        )
    margin = capacity_mw * (price_usd_mw_month - variable_usd_mw_month)
    return (fixed_usd_month + payment_usd_month) / margin
