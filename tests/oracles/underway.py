"""A recall valued with notices under way, by every block that is due; see `provider.recall`."""

from collections.abc import Sequence

import numpy as np

from analysis.models.provider.recall import Plan


def value(
    plan: Plan, *, leased: int, demand_mw: float, month: int = 0, due: Sequence[int] = ()
) -> float:
    """Worth from `month` on with so many blocks leased, at the level nearest to the demand.

    `due`: blocks under notice by when they come back, the first next month.
    """
    lease, chain = plan.lease, plan.lease.demand
    returned = np.cumsum([0, *due, *[0] * lease.delay])[: lease.delay]
    now, fixed = chain.state(demand_mw), 0.0
    for ahead, back in enumerate(returned[: lease.months - month]):
        cash = lease.earned(chain.levels, leased - back)
        fixed += lease.discount**ahead * float(chain.ahead(ahead)[now] @ cash)
    return fixed + float(plan.rest[month, now, leased - sum(due)])
