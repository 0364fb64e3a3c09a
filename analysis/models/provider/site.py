"""Does a lease pay for the site: its monthly cash, payback, rate of return and cost offset.

Whole months, cash in arrears; capital is spent at 0. Money may be in any one unit.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
import pandas as pd

from analysis.contract import checks
from analysis.contract.units import HOURS_PER_MONTH, MONTHS_PER_YEAR, power_usd_month
from analysis.models.finance import value
from analysis.models.finance.annuities import Amounts, Array, annuity, monthly, worth
from analysis.models.provider.fees import Fees

Bound = Literal["low", "value", "high"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a site costs. `scope` names what exactly is bought: fees must pay for the same.

    `fixed_share_year`: running cost besides power, as a share of capex a year. `life_years`:
    straight-line depreciation. `residual_decay_year`: rate δ at which resale value falls,
    capex·e^(-δ·years); without it nothing is left.
    """

    scope: str
    capacity_mw: float
    capex_usd: float
    power_usd_mwh: float
    fixed_share_year: float
    life_years: float
    pue: float = 1.0
    hours_month: float = HOURS_PER_MONTH
    residual_decay_year: float = math.inf

    def __post_init__(self) -> None:
        checks.positive(
            capacity_mw=self.capacity_mw, capex_usd=self.capex_usd, life_years=self.life_years
        )
        checks.positive(pue=self.pue, hours_month=self.hours_month)
        checks.not_negative(
            power_usd_mwh=self.power_usd_mwh, fixed_share_year=self.fixed_share_year
        )
        if not self.residual_decay_year >= 0:
            raise checks.refused("residual_decay_year", self.residual_decay_year, "0 or above")

    @property
    def power_usd_month(self) -> float:
        """Electricity at full draw."""
        draw = power_usd_month(self.capacity_mw, self.power_usd_mwh, self.pue, self.hours_month)
        assert isinstance(draw, float)
        return draw

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


def site_from(costs: pd.DataFrame, scope: str, **bounds: Bound) -> Site:
    """The site that the rows of `sources.site_costs()` describe, each at its value.

    `bounds` takes single fields at the low or high end: `capex_usd="high"`. Rows without a scope
    hold for every site. Raises `ValueError` where a needed row is missing.
    """
    rows = costs[costs.scope.isin([scope, ""])].set_index("name")
    names = [field.name for field in fields(Site) if field.name not in ("scope", "hours_month")]
    if missing := [name for name in names if name not in rows.index]:
        raise checks.refused("scope", repr(scope), f"one with a row for {', '.join(missing)}")
    if unknown := sorted(set(bounds) - set(names)):
        raise checks.refused("bounds", unknown[0], f"one of {', '.join(names)}")
    return Site(scope=scope, **{n: float(rows[bounds.get(n, "value")][n]) for n in names})


def cash(site: Site, fees: Fees) -> Array:
    """Cash before debt of each month: fee less power and fixed cost, for one scope."""
    same_scope(site, fees)
    return np.array(fees.usd, dtype=float) - site.opex_usd_month


def flows(site: Site, fees: Fees) -> Array:
    """Capex at 0, then the cash of each month, the last with the residual value."""
    net = cash(site, fees)
    if len(net):
        net[-1] += site.residual_usd(len(net))
    return np.array([-site.capex_usd, *net])


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    """What an investment brings; `nan` where there is no answer, or not only one.

    Without a rate of return look at `npv_profile`.
    """

    npv_usd: float
    payback_months: float
    discounted_payback_months: float
    irr_month: float
    irr_year: float


def returns(flows_usd: Amounts, *, rate_year: float) -> Returns:
    """Payback, rate of return and net present value of monthly flows, the first at 0.

    >>> found = returns([-100.0, 60.0, 80.0], rate_year=0.0)
    >>> found.payback_months, found.npv_usd
    (1.5, 40.0)
    """
    checks.finite(flows_usd=flows_usd)
    usd = np.asarray(flows_usd, dtype=float)
    discounted = usd * (1 + monthly(rate_year)) ** -np.arange(float(len(usd)))
    irr_month = value.irr(usd.tolist())
    return Returns(
        npv_usd=float(discounted.sum()),
        payback_months=value.payback(usd.tolist()),
        discounted_payback_months=value.payback(discounted.tolist()),
        irr_month=irr_month,
        irr_year=(1 + irr_month) ** MONTHS_PER_YEAR - 1,
    )


def npv_profile(flows_usd: Amounts, *, rates_year: Sequence[float]) -> pd.DataFrame:
    """Net present value of monthly flows over effective annual rates: `rate_year, npv_usd`."""
    npv_usd = [worth(flows_usd, rate=monthly(rate), arrears=False) for rate in rates_year]
    return pd.DataFrame({"rate_year": list(rates_year), "npv_usd": npv_usd})


def with_and_without(
    site: Site, fees: Fees, *, own_use_usd: Amounts, kept_usd: Amounts = (), rate_year: float
) -> pd.DataFrame:
    """Net present value with the lease, with own use only, and the difference: `case, npv_usd`.

    `own_use_usd`: worth of own use by month if nothing is leased; `kept_usd`: what stays of it
    beside the lease. A shorter series is followed by zeros. Capex and the site's costs are in
    both cases and cancel in the difference.
    """
    months = max(len(fees.usd), len(own_use_usd), len(kept_usd))
    usd = {name: np.zeros(months) for name in ("leased", "own", "kept")}
    for name, amounts in zip(usd, (fees.usd, own_use_usd, kept_usd), strict=True):
        usd[name][: len(amounts)] = amounts
    cases = {"with the lease": usd["leased"] + usd["kept"], "own use only": usd["own"]}
    npv_usd = [
        returns(flows(site, Fees(scope=fees.scope, usd=tuple(earned))), rate_year=rate_year).npv_usd
        for earned in cases.values()
    ]
    return pd.DataFrame(
        {"case": [*cases, "difference"], "npv_usd": [*npv_usd, npv_usd[0] - npv_usd[1]]}
    )


def cost_offset(
    site: Site, fees: Fees, *, rate_nominal_year: float, recovery_months: int
) -> pd.DataFrame:
    """Mean monthly fee over the site's monthly cost: `basis, cost_usd_month, ratio`.

    *cash*: power and fixed cost. *accrual*: with straight-line depreciation. *economic*: with the
    level payment that recovers the capex over so many months at a nominal rate.
    """
    same_scope(site, fees)
    checks.positive(recovery_months=recovery_months, months=len(fees.usd))
    recovery = annuity(rate_nominal_year / MONTHS_PER_YEAR, recovery_months)
    capital = {
        "cash": 0.0,
        "accrual": site.capex_usd / (site.life_years * MONTHS_PER_YEAR),
        "economic": site.capex_usd / recovery,
    }
    table = pd.DataFrame({"basis": list(capital), "cost_usd_month": list(capital.values())})
    table["cost_usd_month"] += site.opex_usd_month
    return table.assign(ratio=fees.total_usd / len(fees.usd) / table.cost_usd_month)


def same_scope(site: Site, fees: Fees) -> None:
    """Refuses fees for another scope than the site: one fee over two sites says nothing of one."""
    if fees.scope != site.scope:
        raise ValueError(
            f"scope: fees for {fees.scope!r} cannot be set against the costs of {site.scope!r}; "
            "allowed: fees and costs of one scope"
        )
