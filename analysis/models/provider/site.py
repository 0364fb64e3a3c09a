"""Does a lease pay for the site: cash, payback, rate of return, cost offset and debt.

Whole months, cash in arrears; capital is spent at 0. Money may be in any one unit. Debt is repaid
in level payments at a nominal rate, ÷ 12 a month.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from analysis.contract.charges import Charge
from analysis.models import errors
from analysis.models.finance import value
from analysis.models.finance.value import Amounts, Array, annuity, monthly, worth
from analysis.models.planning import Bound, Place, Plan
from analysis.models.units import MONTHS_PER_YEAR, power_usd_month

Fees = tuple[float, ...]
"""Fees of the months 0, 1, ..., for the scope that a site is bought for."""


def monthly_fees(charges: Iterable[Charge]) -> Fees:
    """Charges by calendar month of service; a charge on leaving counts with the last one served."""
    usd: dict[int, float] = {}
    for charge in charges:
        day = charge.start if charge.end > charge.start else charge.start - timedelta(days=1)
        month = day.year * MONTHS_PER_YEAR + day.month
        usd[month] = usd.get(month, 0.0) + charge.usd
    months = range(min(usd), max(usd) + 1) if usd else range(0)
    return tuple(usd.get(month, 0.0) for month in months)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a site costs.

    `fixed_share_year`: running cost besides power, as a share of capex a year. `life_years`:
    straight-line depreciation. `residual_decay_year`: rate δ at which resale value falls,
    capex·e^(-δ·years); without it nothing is left.
    """

    capacity_mw: float
    capex_usd: float
    power_usd_mwh: float
    fixed_share_year: float
    life_years: float
    pue: float = 1.0
    residual_decay_year: float = math.inf

    def __post_init__(self) -> None:
        errors.not_negative(
            capacity_mw=self.capacity_mw,
            power_usd_mwh=self.power_usd_mwh,
            fixed_share_year=self.fixed_share_year,
        )
        errors.positive(capex_usd=self.capex_usd, life_years=self.life_years, pue=self.pue)
        errors.limit(residual_decay_year=self.residual_decay_year)

    @property
    def power_usd_month(self) -> float:
        """Electricity at full draw."""
        return power_usd_month(self.capacity_mw, self.power_usd_mwh, self.pue)

    @property
    def fixed_usd_month(self) -> float:
        """Running cost that does not depend on use."""
        return self.fixed_share_year * self.capex_usd / MONTHS_PER_YEAR

    @property
    def opex_usd_month(self) -> float:
        """Power and fixed running cost."""
        return self.power_usd_month + self.fixed_usd_month

    def residual_usd(self, months: float) -> float:
        """Resale value after so many months; none from the first day on without a decay."""
        if self.residual_decay_year == math.inf:
            return 0.0
        return self.capex_usd * math.exp(-self.residual_decay_year * months / MONTHS_PER_YEAR)


CASES: dict[Bound, str] = {"low": "low capex", "value": "base capex", "high": "high capex"}
BASE = CASES["value"]


def sites(place: Place, plan: Plan, *, resale: bool = False) -> dict[str, Site]:
    """A place at each end of its capex and megawatts; base alone without ends."""
    found = {
        case: Site(
            capacity_mw=place.mw[bound],
            capex_usd=place.capex_usd[bound],
            power_usd_mwh=plan.power_usd_mwh,
            fixed_share_year=plan.fixed_share_year,
            life_years=plan.life_years,
            pue=place.pue or plan.pue,
            residual_decay_year=plan.residual_decay_year if resale else math.inf,
        )
        for bound, case in CASES.items()
    }
    same = len({site.capex_usd for site in found.values()}) == 1
    return {BASE: found[BASE]} if same else found


def cash(site: Site, fees: Fees) -> Array:
    """Cash before debt of each month: fee less power and fixed cost."""
    return np.array(fees, dtype=float) - site.opex_usd_month


def flows(site: Site, fees: Fees) -> Array:
    """Capex at 0, then the cash of each month, the last with the residual value."""
    net = cash(site, fees)
    net[-1:] += site.residual_usd(len(net))
    return np.array([-site.capex_usd, *net])


def npv_usd(flows_usd: Amounts, *, rate_year: float) -> float:
    """Net present value of monthly flows, the first at 0, at an effective annual rate."""
    return worth(flows_usd, rate=monthly(rate_year), arrears=False)


def irr_year(flows_usd: Amounts) -> float:
    """Effective annual rate of return of monthly flows; `nan` where there is none or several."""
    return float((1 + value.irr(flows_usd)) ** MONTHS_PER_YEAR - 1)


def cost_offset(site: Site, fees: Fees, plan: Plan) -> pd.DataFrame:
    """Mean monthly fee over the site's monthly cost: `basis, cost_usd_month, fee_times`.

    *cash*: power and fixed cost. *accrual*: with straight-line depreciation. *economic*: with the
    level payment that recovers the capex at a nominal rate.
    """
    months, rate = int(plan.recovery_months), plan.rate_year / MONTHS_PER_YEAR
    errors.positive(recovery_months=months, months=len(fees))
    capital = {
        "cash": 0.0,
        "accrual": site.capex_usd / (site.life_years * MONTHS_PER_YEAR),
        "economic": site.capex_usd / annuity(rate, months),
    }
    table = pd.DataFrame({"basis": list(capital), "cost_usd_month": list(capital.values())})
    table["cost_usd_month"] += site.opex_usd_month
    return table.assign(fee_times=np.mean(fees) / table.cost_usd_month)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """A debt paid back in level monthly payments."""

    usd: float
    rate_month: float
    months: int

    def __post_init__(self) -> None:
        errors.positive(usd=self.usd)
        errors.rate(rate_month=self.rate_month)
        errors.counted(months=self.months)

    @property
    def payment_usd_month(self) -> float:
        """The level payment of interest and principal."""
        return self.usd / annuity(self.rate_month, self.months)

    def balance_usd(self, month: int) -> float:
        """What is owed after so many payments: the worth of those to come."""
        return self.payment_usd_month * annuity(self.rate_month, max(0, self.months - month))


def loan(site: Site, plan: Plan, *, term: int) -> Loan:
    """The usual loan: a share of capex, in level payments, repaid within `term` months."""
    return Loan(
        usd=plan.loan_to_cost * site.capex_usd,
        rate_month=plan.debt_rate_nominal_year / MONTHS_PER_YEAR,
        months=max(1, min(term, int(plan.loan_months))),
    )


def coverage_ratios(cash_usd: Array, loan: Loan) -> Array:
    """Cash before debt ÷ debt service (DSCR) of each month of the loan; 0 where cash has ended."""
    paid = cash_usd[: loan.months]
    return np.pad(paid, (0, loan.months - len(paid))) / loan.payment_usd_month


def loan_life_coverage(cash_usd: Amounts, loan: Loan) -> float:
    """Worth at the loan's rate of the cash over its life ÷ the loan (LLCR)."""
    return worth(cash_usd[: loan.months], rate=loan.rate_month, arrears=True) / loan.usd


def debt_capacity(firm_cash_usd: Amounts, plan: Plan) -> float:
    """The debt that firm cash can carry at a target ratio: its worth at the debt rate ÷ target."""
    errors.positive(target_coverage=plan.target_coverage)
    rate = plan.debt_rate_nominal_year / MONTHS_PER_YEAR
    return max(0.0, worth(firm_cash_usd, rate=rate, arrears=True)) / plan.target_coverage


def uncovered(
    site: Site, fees: Fees, plan: Plan, *, window_months: int, gate_months: int = 0
) -> pd.DataFrame:
    """The usual debt against the worth of the cash inside the rolling notice window, by month.

    Until `gate_months` no notice may be given, so the window reaches that much further.
    """
    cash_usd, lent, rows = cash(site, fees), loan(site, plan, term=len(fees)), []
    for month in range(lent.months + 1):
        window = cash_usd[month : max(month, gate_months) + window_months]
        usd = worth(window, rate=lent.rate_month, arrears=True)
        rows.append((month, lent.balance_usd(month), usd))
    table = pd.DataFrame(rows, columns=["month", "balance_usd", "window_usd"])
    return table.assign(uncovered_usd=table.balance_usd - table.window_usd)


def break_even_utilisation(site: Site, loan: Loan, *, fee_usd_month: float) -> float:
    """Share of the site to lease at the full fee to pay fixed cost and debt; above 1 it cannot.

    (fixed cost + debt service) ÷ (fee - power); inf where the fee does not pay for power.
    """
    margin = fee_usd_month - site.power_usd_month
    return (site.fixed_usd_month + loan.payment_usd_month) / margin if margin > 0 else math.inf
