"""When to take a whole site back from a lease for own use: all or nothing, for ever.

Every month until notice earns the fee; after `notice_months` more of it the site is back for good.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.contract import checks
from analysis.models.finance.annuities import Array
from analysis.models.provider.chain import Chain


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeRecall:
    """Taking all back or nothing, for ever: by level of own use, each shape (levels,).

    `value`: worth while leased. `own_use_value`: once back. `notice`: of giving notice at once.
    `recall`: whether to.
    """

    value: Array
    own_use_value: Array
    notice: Array
    recall: NDArray[np.bool_]


def all_or_nothing(
    transition: Sequence[Sequence[float]],
    *,
    own_use: Sequence[float],
    fee: float,
    notice_months: int,
    discount: float,
) -> WholeRecall:
    """When to end a lease of the whole site for own use, by level of what own use is worth.

    Own use U = (I - βP)⁻¹v; giving notice G = fee·(1 - βⁿ) ÷ (1 - β) + βⁿPⁿU; the lease is worth
    V = max(G, fee + βPV), found by policy iteration: waiting only ever gains worth from one linear
    system to the next, so there are at most as many as levels, and the last is exact.
    """
    chain = Chain(
        levels=tuple(range(len(own_use))), transition=tuple(tuple(row) for row in transition)
    )
    checks.finite(own_use=own_use, fee=fee)
    checks.whole(notice_months=notice_months)
    if not 0 <= discount < 1:
        raise checks.refused("discount", discount, "0 or above and below 1")
    size = len(own_use)
    later = discount * chain.matrix
    used = np.linalg.solve(np.eye(size) - later, np.asarray(own_use, dtype=float))
    running = fee * (1 - discount**notice_months) / (1 - discount)
    notice = running + discount**notice_months * chain.ahead(notice_months) @ used
    recall = np.ones(size, dtype=bool)
    while True:
        ongoing = np.where(recall[:, None], 0.0, later)
        value = np.asarray(np.linalg.solve(np.eye(size) - ongoing, np.where(recall, notice, fee)))
        wait = fee + later @ value
        better = recall & (notice >= wait - checks.ROUND_OFF * np.abs(wait))
        if (better == recall).all():
            return WholeRecall(value=value, own_use_value=used, notice=notice, recall=recall)
        recall = better
