"""Lease, build, lease while building, or rent on demand: the customer's choice for a megawatt.

Months in advance, over a horizon; an effective annual rate. Money in is positive.
"""

from dataclasses import dataclass, replace

import pandas as pd

from analysis.contract import checks
from analysis.models.finance.annuities import annuity_due, monthly


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a megawatt of compute is worth to a customer, and what each way to it costs.

    For a megawatt and month: `worth`, the lease `fee`, the owner's `opex`, and the price
    `on_demand`, paid only for the share `utilisation` of the time. For a megawatt: `capex` now,
    `residual` at the horizon, `switching` on moving from a lease to the own site, which is ready
    after `delay_months`. The lease lasts `lease_months`, or to the horizon without.
    """

    worth: float
    fee: float
    opex: float
    capex: float
    delay_months: int
    horizon_months: int
    rate_year: float
    residual: float = 0.0
    switching: float = 0.0
    on_demand: float | None = None
    utilisation: float = 1.0
    lease_months: int | None = None

    def __post_init__(self) -> None:
        checks.finite(worth=self.worth, fee=self.fee, opex=self.opex, residual=self.residual)
        checks.not_negative(capex=self.capex, switching=self.switching)
        checks.positive(horizon_months=self.horizon_months)
        checks.whole(delay_months=self.delay_months, horizon_months=self.horizon_months)
        checks.rate(rate_year=self.rate_year)
        checks.share(utilisation=self.utilisation)
        if self.delay_months > self.horizon_months:
            raise checks.refused(
                "delay_months", self.delay_months, f"within the horizon, {self.horizon_months}"
            )

    @property
    def leased_months(self) -> int:
        """Months for which a lease can be had, within the horizon."""
        given = self.lease_months
        return self.horizon_months if given is None else min(given, self.horizon_months)

    def due(self, months: int) -> float:
        """Worth of 1 at the start of each of so many months."""
        return annuity_due(monthly(self.rate_year), months)

    def after(self, months: int) -> float:
        """Worth of 1 after so many months."""
        return float((1 + monthly(self.rate_year)) ** -months)


def lease_npv(need: Need) -> float:
    """Leasing to the horizon, or while the lease lasts: (worth - fee) each month."""
    return (need.worth - need.fee) * need.due(need.leased_months)


def build_npv(need: Need) -> float:
    """Building: capex now, nothing until the site is ready, then worth less opex."""
    served = need.due(need.horizon_months) - need.due(need.delay_months)
    left = need.residual * need.after(need.horizon_months)
    return -need.capex + (need.worth - need.opex) * served + left


def bridge_npv(need: Need) -> float:
    """Building, and leasing until the own site is ready."""
    return value_of_speed(need) + build_npv(need) - need.switching * need.after(need.delay_months)


def rent_npv(need: Need) -> float:
    """Renting on demand to the horizon, paid only while used; `nan` without a price."""
    if need.on_demand is None:
        return float("nan")
    paid = need.on_demand * need.utilisation
    return (need.worth - paid) * need.due(need.horizon_months)


def ways(need: Need) -> pd.DataFrame:
    """Every way to a megawatt side by side: `way, npv, best`.

    Doing nothing is worth 0 and is the best where all others lose.
    """
    npv = {
        "lease": lease_npv(need),
        "build": build_npv(need),
        "lease while building": bridge_npv(need),
        "rent on demand": rent_npv(need),
        "go without": 0.0,
    }
    table = pd.DataFrame({"way": list(npv), "npv": list(npv.values())})
    return table.assign(best=table.npv == table.npv.max())


def break_even_fee(need: Need) -> float:
    """The fee at which leasing is worth the same as building."""
    return need.worth - build_npv(need) / need.due(need.horizon_months)


def value_of_speed(need: Need) -> float:
    """What a lease brings before an own site could be ready."""
    return (need.worth - need.fee) * need.due(min(need.delay_months, need.leased_months))


def cost_of_delay(need: Need) -> float:
    """What the last month of delay costs whoever builds: its worth less opex, today.

    0 without a delay.
    """
    if not need.delay_months:
        return 0.0
    return (need.worth - need.opex) * need.after(need.delay_months - 1)


def against_delay(need: Need) -> pd.DataFrame:
    """Leasing, building and leasing while building for every delay: `delay_months, way, npv`."""
    tables = [
        ways(replace(need, delay_months=delay))
        .drop(columns="best")
        .assign(delay_months=delay)[["delay_months", "way", "npv"]]
        for delay in range(need.horizon_months + 1)
    ]
    return pd.concat(tables, ignore_index=True)


def longest_delay(need: Need) -> int | None:
    """The longest delay at which building is still worth as much as leasing; None if at none."""
    lease = lease_npv(need)
    delays = range(need.horizon_months, -1, -1)
    return next((m for m in delays if build_npv(replace(need, delay_months=m)) >= lease), None)


def reserve_from_utilisation(*, fee: float, on_demand: float) -> float:
    """The utilisation above which a lease is cheaper than renting on demand: fee ÷ price.

    >>> reserve_from_utilisation(fee=3.0, on_demand=4.0)
    0.75
    """
    checks.positive(on_demand=on_demand)
    checks.not_negative(fee=fee)
    return fee / on_demand
