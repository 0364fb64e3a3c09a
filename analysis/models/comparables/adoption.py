"""What if labs let their idle capacity: how far rents fall, and what that leaves of agreements.

Offered capacity is x = offered share × idle share × fleet, the fleet being the labs' own capacity
over all that is for rent. Elasticities are assumptions nobody has measured, so they stay a range.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analysis.contract import checks, commitment
from analysis.contract.clauses import Party
from analysis.contract.terms import Agreement
from analysis.models import planning
from analysis.models.exits import leaving
from analysis.models.market import PriceSeries, price_after_supply

USED = (
    "labs_offered_share",
    "labs_idle_share",
    "labs_fleet_to_rental",
    "demand_elasticity",
    "supply_elasticity",
)
STEPS = 20  # from nothing to all of what is idle


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What is assumed of the market: shares, the labs' fleet over all that is for rent, and
    elasticities, as positive numbers, lowest first; the middle one of demand is in use.
    """

    offered_share: float
    idle_share: float
    fleet_to_rental: float
    demand: tuple[float, ...]
    supply: tuple[float, ...]

    def __post_init__(self) -> None:
        checks.not_negative(
            offered_share=self.offered_share,
            idle_share=self.idle_share,
            fleet_to_rental=self.fleet_to_rental,
        )

    @property
    def idle(self) -> float:
        """All that stands idle over all that is for rent."""
        return self.idle_share * self.fleet_to_rental

    @property
    def middle(self) -> float:
        """The elasticity of demand in use."""
        return self.demand[len(self.demand) // 2]


def assumed(plan: pd.DataFrame) -> Adoption:
    """The market of the planning assumptions `USED`; elasticities low, in use and high."""
    bounds: tuple[planning.Bound, ...] = ("low", "value", "high")

    def ends(name: str) -> tuple[float, ...]:
        return tuple(sorted({planning.value(plan, name, bound) for bound in bounds}))

    return Adoption(
        offered_share=planning.value(plan, "labs_offered_share"),
        idle_share=planning.value(plan, "labs_idle_share"),
        fleet_to_rental=planning.value(plan, "labs_fleet_to_rental"),
        demand=ends("demand_elasticity"),
        supply=ends("supply_elasticity"),
    )


def rents(market: Adoption) -> pd.DataFrame:
    """Rents relative to today's by share of idle capacity offered and elasticities.

    Columns `offered_share, extra_share, demand, supply, price_ratio`; the share in use is among
    those from 0 to 1.
    """
    shares = sorted({*np.linspace(0, 1, STEPS + 1).tolist(), market.offered_share})
    table = [
        (share, share * market.idle, wanted, rival, _ratio(share * market.idle, wanted, rival))
        for share in shares
        for wanted in market.demand
        for rival in market.supply
    ]
    columns = ["offered_share", "extra_share", "demand", "supply", "price_ratio"]
    return pd.DataFrame(table, columns=columns)


def _ratio(extra: float, demand: float, supply: float) -> float:
    return price_after_supply(extra, demand_elasticity=demand, supply_elasticity=supply)


def offered_to_reach(
    price_ratio: float, *, idle: float, demand: float, supply: float = 0.0
) -> float:
    """The share of idle capacity offered at which rents fall to `price_ratio` of today's.

    0 where they need not fall, above 1 where all that is idle does not bring them there, inf where
    nothing is idle. The inverse of the price after supply: x = ratio**-demand - ratio**supply.

    >>> offered_to_reach(0.5, idle=2.0, demand=1.0)
    0.5
    """
    checks.positive(price_ratio=price_ratio, demand=demand)
    if price_ratio >= 1:
        return 0.0
    extra = price_ratio**-demand - price_ratio**supply
    return float(extra / idle) if idle else float("inf")


def kept(
    agreements: Sequence[Agreement], rents: pd.DataFrame, *, as_of: date, party: Party = "customer"
) -> pd.DataFrame:
    """Each agreement's fees left on `as_of`, if `party` leaves once it may, for each rent.

    The columns of `rents` and `agreement, headline_usd, firm_usd, kept_usd, kept_share`. Kept is
    what is firm plus what is open at the new rents, as if the fee were today's rent: what the
    capacity brings if let anew, or the fee agreed on instead of leaving. Agreements with nothing
    left are left out.
    """
    found = []
    for deal in agreements:
        whole = commitment.headline(deal, as_of=as_of).usd if deal.signed <= as_of else 0.0
        if whole <= 0:
            continue
        sure = min(commitment.firm(deal, as_of=as_of, party=party).usd, whole)
        left = sure + (whole - sure) * rents.price_ratio
        amounts: dict[str, Any] = {"headline_usd": whole, "firm_usd": sure, "kept_usd": left}
        found.append(rents.assign(agreement=deal.id, **amounts, kept_share=left / whole))
    columns = [*rents, "agreement", "headline_usd", "firm_usd", "kept_usd", "kept_share"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


def cushions(
    ahead: Iterable[tuple[str, leaving.Leaving]], seen: PriceSeries | None, market: Adoption
) -> pd.DataFrame:
    """From which share of idle capacity offered the market price lies below each fee.

    Columns `name, fee_low, fee_high, market, share_first, share_last`, prices in $/H100e-hour: the
    last price seen, falling as rents do with rivals still, reaches the highest fee that the mix of
    accelerators allows at `share_first` and the lowest at `share_last`; 0 if there already.
    Left out: agreements without accelerators or months ahead; all of them where no price was seen.
    """
    table = []
    for name, each in ahead if seen else ():
        assert seen is not None
        low, high = (each.fee_usd_hour(getattr(each.h100_equivalents, e)) for e in ("high", "low"))
        if not (low > 0 and each.term_months > 0):
            continue
        price = seen.usd_gpu_hour[-1]
        first, last = (
            offered_to_reach(fee / price, idle=market.idle, demand=market.middle)
            for fee in (high, low)
        )
        table.append((name, low, high, price, first, last))
    columns = ["name", "fee_low", "fee_high", "market", "share_first", "share_last"]
    return pd.DataFrame(table, columns=columns)
