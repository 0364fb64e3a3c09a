"""What if labs sublet their idle capacity: how far rents fall, and what that leaves of agreements.

Offered capacity is x = offered share × idle share × fleet, the fleet being the labs' own capacity
over all that is for rent. Elasticities are assumptions nobody has measured, so they stay a range.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import product

import numpy as np
import pandas as pd

from analysis.contract import Position
from analysis.models.exits.leaving import Leaving
from analysis.models.market import PriceSeries, price_after_supply
from analysis.models.planning import Plan

USED = (
    *("labs_offered_share", "labs_idle_share", "labs_fleet_to_rental"),
    *("demand_elasticity", "supply_elasticity"),
)
STEPS = 20  # from nothing to all of what is idle


def idle(plan: Plan) -> float:
    """All that stands idle over all that is for rent."""
    return plan.labs_idle_share * plan.labs_fleet_to_rental


def rents(plan: Plan) -> pd.DataFrame:
    """Rents relative to today's by share of idle capacity offered and elasticities.

    Elasticities are low, in use and high; the share in use is among those from 0 to 1.
    """
    shares = {*np.linspace(0, 1, STEPS + 1).tolist(), plan.labs_offered_share}
    demands = {at.demand_elasticity for at in plan.at.values()}
    supplies = {at.supply_elasticity for at in plan.at.values()}
    table = []
    for share, demand, supply in product(sorted(shares), sorted(demands), sorted(supplies)):
        extra = share * idle(plan)
        ratio = price_after_supply(extra, demand_elasticity=demand, supply_elasticity=supply)
        table.append((share, extra, demand, supply, ratio))
    columns = ["offered_share", "extra_share", "demand", "supply", "price_ratio"]
    return pd.DataFrame(table, columns=columns)


def offered_to_reach(price_ratio: float, plan: Plan) -> float:
    """The share of idle capacity offered at which rents fall to `price_ratio` of today's.

    0 where they need not fall, above 1 where all that is idle does not bring them there, inf where
    nothing is idle. The inverse of the price after supply, rivals still: x = ratio**-demand - 1.
    """
    if price_ratio >= 1:
        return 0.0
    extra = price_ratio**-plan.demand_elasticity - 1
    return extra / idle(plan) if idle(plan) else math.inf


def kept(book: Sequence[Position], rents: pd.DataFrame) -> pd.DataFrame:
    """Each agreement's fees left, if the customer leaves once it may, for each rent.

    Kept is what is firm plus what is open at the new rents, as if the fee were today's rent.
    """
    rows = []
    for now in book:
        if now.read.signed <= now.as_of and (whole := now.headline.usd) > 0:
            rows.append((now.read.id, whole, min(now.firm().usd, whole)))
    held = pd.DataFrame(rows, columns=["agreement", "headline_usd", "firm_usd"])
    found = held.merge(rents, how="cross")
    kept = found.firm_usd + (found.headline_usd - found.firm_usd) * found.price_ratio
    return found.assign(kept_usd=kept, kept_share=kept / found.headline_usd)


def cushions(
    ahead: Iterable[tuple[str, Leaving]], seen: PriceSeries | None, plan: Plan
) -> pd.DataFrame:
    """From which share of idle capacity offered the market price lies below each fee.

    The last price seen, falling as rents do with rivals still, reaches the highest fee that the mix
    of accelerators allows at `share_first` and the lowest at `share_last`; 0 if there already.
    """
    table = []
    for name, each in ahead:
        counts = each.h100_equivalents
        low, high = each.fee_usd_hour(counts.high), each.fee_usd_hour(counts.low)
        if seen and low > 0 and each.term_months > 0:
            price = seen.usd_gpu_hour[-1]
            reached = (offered_to_reach(fee / price, plan) for fee in (high, low))
            table.append((name, low, high, price, *reached))
    columns = ["name", "fee_low", "fee_high", "market", "share_first", "share_last"]
    return pd.DataFrame(table, columns=columns)
