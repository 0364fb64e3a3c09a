"""What a megawatt is worth to a customer, and what each way to it costs.

Lease, build, both or rent, and a provider that leaves, in whole months in advance at an effective
annual rate: ä(n) is the worth of 1 at the start of each of n months. How much to reserve of
uncertain demand. A fixed fee while prices fall by e^(-δ·years), in continuous time: A(x, T) =
(1 - e^(-xT)) ÷ x. Money in is positive; costs that a name says are costs have no sign.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.models import errors
from analysis.models.finance.demand import Demand, expected_shortfall, expected_surplus
from analysis.models.finance.value import annuity, monthly


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
    on_demand: float = math.nan
    utilisation: float = 1.0
    lease_months: float = math.inf

    def __post_init__(self) -> None:
        errors.finite(worth=self.worth, fee=self.fee, opex=self.opex, residual=self.residual)
        errors.not_negative(capex=self.capex, switching=self.switching)
        errors.counted(horizon_months=self.horizon_months)
        errors.whole(delay_months=self.delay_months)
        errors.rate(rate_year=self.rate_year)
        errors.share(utilisation=self.utilisation)
        errors.limit(lease_months=self.lease_months)
        if not math.isnan(self.on_demand):
            errors.not_negative(on_demand=self.on_demand)
        if self.delay_months > self.horizon_months:
            allowed = f"within the horizon, {self.horizon_months}"
            raise errors.refused("delay_months", self.delay_months, allowed)

    def due(self, months: float) -> float:
        """ä: worth of 1 at the start of each of so many months."""
        rate = monthly(self.rate_year)
        return annuity(rate, min(months, self.horizon_months)) * (1 + rate)

    def after(self, months: int) -> float:
        """Worth of 1 after so many months."""
        return float((1 + monthly(self.rate_year)) ** -months)

    @property
    def lease(self) -> float:
        """NPV of leasing to the horizon, or while the lease lasts."""
        return (self.worth - self.fee) * self.due(self.lease_months)

    @property
    def build(self) -> float:
        """NPV of building: capex now, nothing until the site is ready, then worth less opex."""
        served = self.due(self.horizon_months) - self.due(self.delay_months)
        left = self.residual * self.after(self.horizon_months)
        return -self.capex + (self.worth - self.opex) * served + left

    @property
    def speed(self) -> float:
        """What a lease brings before an own site could be ready."""
        return (self.worth - self.fee) * self.due(min(self.delay_months, self.lease_months))

    @property
    def bridge(self) -> float:
        """NPV of building, and leasing until the own site is ready."""
        return self.speed + self.build - self.switching * self.after(self.delay_months)

    @property
    def rent(self) -> float:
        """NPV of renting on demand, paid only while used; `nan` without a price."""
        return (self.worth - self.on_demand * self.utilisation) * self.due(self.horizon_months)

    @property
    def options(self) -> dict[str, float]:
        """NPV of every way to a megawatt by its name; doing nothing is worth 0."""
        return {
            "lease": self.lease,
            "build": self.build,
            "lease while building": self.bridge,
            "rent on demand": self.rent,
            "go without": 0.0,
        }

    @property
    def break_even_fee(self) -> float:
        """The fee at which leasing is worth the same as building."""
        return self.worth - self.build / self.due(self.horizon_months)

    @property
    def cost_of_delay(self) -> float:
        """What the last month of delay costs whoever builds: its worth less opex, today."""
        last = self.after(self.delay_months - 1) if self.delay_months else 0.0
        return (self.worth - self.opex) * last

    @property
    def longest_delay(self) -> float:
        """Most months of delay at which building is still worth as much as leasing, or `nan`."""
        delays = range(self.horizon_months, -1, -1)
        pays = (n for n in delays if replace(self, delay_months=n).build >= self.lease)
        return float(next(pays, math.nan))

    def loss_when_provider_leaves(
        self, *, notice_months: int, replacement_months: int, replacement_fee: float
    ) -> list[float]:
        """What a provider's notice of today costs, counted positive: gap, dearer, switching.

        Gap: worth less fee from the end of service to the arrival of a replacement ordered today.
        Dearer: its fee less the old one from then to the horizon, below 0 if cheaper. Switching:
        when service ends.
        """
        errors.whole(replacement_months=replacement_months)
        arrival = max(notice_months, replacement_months)
        gap = (self.worth - self.fee) * (self.due(arrival) - self.due(notice_months))
        rest = self.due(self.horizon_months) - self.due(arrival)
        switching = self.switching * self.after(notice_months)
        return [gap, (replacement_fee - self.fee) * rest, switching]


def reserve_quantity(demand: Demand, *, fee: float, on_demand: float, resale: float = 0.0) -> float:
    """The quantity to reserve: Q* = F⁻¹((b - f) ÷ (b - s)), at least 0.

    Reserved capacity costs the fee f, used or not, and brings s where idle; what is missing costs
    b on demand. Nothing is reserved if on demand costs no more than the fee.
    """
    if not resale < fee:
        raise errors.refused("resale", resale, f"below fee, {fee}")
    if on_demand <= fee:
        return 0.0
    return max(0.0, demand.quantile((on_demand - fee) / (on_demand - resale)))


def reserve_cost(
    quantity: float, demand: Demand, *, fee: float, on_demand: float, resale: float = 0.0
) -> float:
    """Mean cost of a month with so much reserved: f·Q + b·E[(D - Q)+] - s·E[(Q - D)+]."""
    missing = on_demand * expected_shortfall(demand, quantity)
    return fee * quantity + missing - resale * expected_surplus(demand, quantity)


def reserve_online(
    usage: Sequence[int], *, on_demand: float, upfront: float, period: int
) -> pd.DataFrame:
    """Reserve as demand shows, without a forecast: a row a slot (Wang, Li, Liang 2013).

    An instance costs `on_demand` a slot of use, or `upfront` for `period` slots. It is reserved
    once use on demand that it would have served in the last `period` slots costs more than that.
    Columns `reserved, new, usd`; in all at most twice what hindsight would have paid.
    """
    errors.counted(period=period)
    errors.not_negative(on_demand=on_demand, upfront=upfront, usage=min(usage, default=0))
    used = np.asarray(usage, dtype=int)
    counted = np.zeros(len(used) + period, dtype=int)  # reservations, as if made a period earlier
    held, table = np.zeros(len(used) + period, dtype=int), []
    for slot in range(len(used)):
        window, new = slice(max(0, slot - period + 1), slot + 1), 0
        while on_demand * (used[window] > counted[window]).sum() > upfront:
            new += 1
            counted[window.start : slot + period] += 1
            held[slot : slot + period] += 1
        missing = max(0, used[slot] - held[slot])
        table.append((held[slot], new, new * upfront + on_demand * missing))
    return pd.DataFrame(table, columns=["reserved", "new", "usd"])


def discounted_years(rate: float, years: float) -> float:
    """A(rate, years): worth of 1 a year, paid steadily, at a continuous rate."""
    return -math.expm1(-rate * years) / rate if rate else years


def fair_fee(*, price: float, fall: float, rate: float, years: float) -> float:
    """The fixed fee worth the same as paying a falling market price: P₀·A(r + δ, T) ÷ A(r, T)."""
    errors.positive(price=price, years=years)
    errors.finite(fall=fall, rate=rate)
    return price * discounted_years(rate + fall, years) / discounted_years(rate, years)


def buy_after_years(*, fee: float, own_cost: float, fall: float, rate: float) -> float:
    """How long to lease before buying: τ* = max(0, ln(k₀·(δ + r) ÷ (f·r)) ÷ δ).

    `own_cost` k₀ is the annual cost of owning if bought today, falling with prices. If it does not
    fall: 0 if it is no more than the fee, else `inf`.
    """
    errors.positive(fee=fee, own_cost=own_cost, rate=rate)
    errors.finite(fall=fall)
    if fall <= 0:
        return 0.0 if own_cost <= fee else math.inf
    return max(0.0, math.log(own_cost * (fall + rate) / (fee * rate)) / fall)


def cost_of_buying_after(
    years: float, *, fee: float, own_cost: float, fall: float, rate: float
) -> float:
    """Worth of leasing for so many years (`inf`: for ever), then owning for ever."""
    errors.positive(fee=fee, own_cost=own_cost, rate=rate)
    errors.limit(years=years)
    if years == math.inf:
        return fee / rate
    owned = own_cost * math.exp(-(fall + rate) * years) / rate
    return fee * discounted_years(rate, years) + owned
