"""What if labs offered their idle capacity for rent: how far rents fall.

The offered capacity is x = offered share × idle share × fleet, where the fleet is the labs' own
capacity as a multiple of what is for rent. Elasticities are assumptions, so they stay a range.
"""

from collections.abc import Sequence

import pandas as pd

from analysis.market.prices import price_after_supply, refuse


def adoption(
    offered: Sequence[float],
    *,
    idle_share: float,
    fleet_to_rental: float,
    demand: Sequence[float],
    supply: Sequence[float],
) -> pd.DataFrame:
    """Rents relative to today's for each share of idle capacity offered and each elasticity.

    Columns `offered_share, extra_share, demand, supply, price_ratio`.

    >>> ratio = adoption([0.5], idle_share=0.2, fleet_to_rental=3, demand=[0.5], supply=[0]).price_ratio
    >>> round(ratio[0], 6)
    0.591716
    """
    for name, value in (("idle_share", idle_share), ("fleet_to_rental", fleet_to_rental)):
        if value < 0:
            refuse(name, value, "0 or above")
    table = [
        (
            share,
            share * idle_share * fleet_to_rental,
            wanted,
            rival,
            price_after_supply(
                share * idle_share * fleet_to_rental,
                demand_elasticity=wanted,
                supply_elasticity=rival,
            ),
        )
        for share in offered
        for wanted in demand
        for rival in supply
    ]
    columns = ["offered_share", "extra_share", "demand", "supply", "price_ratio"]
    return pd.DataFrame(table, columns=columns)


def offered_to_reach(
    price_ratio: float,
    *,
    idle_share: float,
    fleet_to_rental: float,
    demand: float,
    supply: float = 0.0,
) -> float:
    """The share of idle capacity offered at which rents fall to `price_ratio` of today's.

    0 where they need not fall; above 1 where all that is idle does not bring them there; inf where
    nothing is idle. The inverse of `adoption`: x = ratio**-demand - ratio**supply.

    >>> round(offered_to_reach(0.5, idle_share=0.5, fleet_to_rental=4, demand=1), 6)
    0.5
    """
    if price_ratio <= 0:
        refuse("price_ratio", price_ratio, "above 0")
    if price_ratio >= 1:
        return 0.0
    extra = price_ratio**-demand - price_ratio**supply
    idle = idle_share * fleet_to_rental
    return float(extra / idle) if idle else float("inf")
