"""The customer's side: lease, build or rent, how much to reserve, what a provider's exit costs.

`build` (lease, build, bridge, rent), `reserve` (uncertain demand), `decline` (falling prices, when
to buy), `exit` (when the provider leaves). Money in is positive; costs that a name says are costs
have no sign.
"""

from analysis.models.customer.exit import (
    compute_per_dollar,
    firm_cost,
    firm_supply,
    loss_when_provider_leaves,
    required_revenue,
    revenue_coverage,
)

__all__ = [
    "compute_per_dollar",
    "firm_cost",
    "firm_supply",
    "loss_when_provider_leaves",
    "required_revenue",
    "revenue_coverage",
]
