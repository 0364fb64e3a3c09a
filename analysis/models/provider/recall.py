"""When to take leased capacity back, if taking it back needs notice.

A site of `blocks` leases some out; own demand follows a `Chain`. Each month the owner sees demand
and may give notice for some blocks, which come back `notice_months` later and are not leased
again. Until then they earn the fee.

What is decided in month t acts only from month t + notice on, and through one number: how many
blocks are still leased then. So the dates of notices already running need not be remembered, and
the state is (month, demand, blocks not under notice) whatever the notice, exactly as in inventory
control with a lead time (Karlin, Scarf 1958). The months before are fixed and added back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.contract import checks
from analysis.models.finance.annuities import Amounts, Array
from analysis.models.provider.chain import Chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A lease of up to `blocks` of `block_mw` for some months; prices for a megawatt and month.

    `fee` may differ by month. `notice_months`: 0 recalls at once, None never. `gate_months`: the
    first month in which notice may be given. `discount`: worth of 1 a month later.
    """

    demand: Chain
    blocks: int
    block_mw: float = 1.0
    months: int
    fee: float | Amounts
    own_use: float
    salvage: float = 0.0
    notice_months: int | None
    gate_months: int = 0
    discount: float

    def __post_init__(self) -> None:
        checks.whole(blocks=self.blocks, months=self.months, gate_months=self.gate_months)
        checks.positive(blocks=self.blocks, months=self.months, block_mw=self.block_mw)
        checks.finite(fee=self.fee, own_use=self.own_use, salvage=self.salvage)
        checks.share(discount=self.discount)
        if self.notice_months is not None:
            checks.whole(notice_months=self.notice_months)
        if np.ndim(self.fee) and np.shape(self.fee) != (self.months,):
            raise checks.refused("fee", f"{np.size(self.fee)} months", f"1 or {self.months}")

    def earned(self, month: int, demand_mw: ArrayLike, leased: ArrayLike) -> Array:
        """Cash of a month: fee, own use and idle capacity, for blocks leased in it."""
        fee = float(np.broadcast_to(self.fee, self.months)[month])
        rented = np.asarray(leased, dtype=float) * self.block_mw
        needed = np.asarray(demand_mw, dtype=float)
        kept = self.blocks * self.block_mw - rented
        used, idle = np.minimum(needed, kept), np.maximum(kept - needed, 0.0)
        return np.asarray(fee * rented + self.own_use * used + self.salvage * idle)

    @property
    def delay(self) -> int:
        """Months from notice to return; the whole lease where nothing is ever recalled."""
        return self.months if self.notice_months is None else min(self.notice_months, self.months)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The best recall, for every month, level of demand and number of blocks not under notice.

    `keep[t, d, m]`: blocks to leave leased of the m. `rest[t, d, m]`: worth in month t of all
    months from t + delay on, before that decision. Shape (months, levels, blocks + 1).
    """

    lease: Lease
    keep: NDArray[np.int64]
    rest: Array

    def value(
        self, *, leased: int, demand_mw: float, month: int = 0, due: Sequence[int] = ()
    ) -> float:
        """Worth from `month` on with so many blocks leased, at the level nearest to the demand.

        `due`: blocks under notice by when they come back, the first next month.
        """
        lease, chain = self.lease, self.lease.demand
        path = _path(lease, leased, month, due)
        now = chain.state(demand_mw)
        fixed = 0.0
        for ahead, blocks in enumerate(path[: lease.months - month]):
            cash = lease.earned(month + ahead, np.array(chain.levels), blocks)
            fixed += lease.discount**ahead * float(chain.ahead(ahead)[now] @ cash)
        return fixed + float(self.rest[month, now, leased - sum(due)])

    def start(self, *, demand_mw: float) -> pd.DataFrame:
        """Worth at the start by blocks leased: `leased, leased_mw, usd`."""
        lease, chain = self.lease, self.lease.demand
        leased, levels = np.arange(lease.blocks + 1), np.array(chain.levels)[:, None]
        now = chain.state(demand_mw)
        usd, chance = self.rest[0, now].copy(), np.eye(len(levels))[now]
        for month in range(lease.delay):  # beyond change, see `value`
            usd += lease.discount**month * (chance @ lease.earned(month, levels, leased))
            chance = chance @ chain.matrix
        return pd.DataFrame(
            {"leased": leased, "leased_mw": leased * self.lease.block_mw, "usd": usd}
        )

    def follow(self, demand_mw: Amounts, *, leased: int) -> pd.DataFrame:
        """What happens along a path of demand: `month, demand_mw, leased, recalled, usd`.

        `leased` are the blocks that earn the fee in the month, `recalled` those given notice in
        it. Decisions follow the level nearest to the demand, cash the demand itself.
        """
        lease = self.lease
        path, left = _path(lease, leased, 0, ()), leased
        table = []
        for month, demand in enumerate(np.asarray(demand_mw, dtype=float)[: lease.months].tolist()):
            kept = int(self.keep[month, lease.demand.state(demand), left])
            path.append(kept)
            usd = float(lease.earned(month, demand, path[month]))
            table.append((month, demand, path[month], left - kept, usd))
            left = kept
        columns = ["month", "demand_mw", "leased", "recalled", "usd"]
        return pd.DataFrame(table, columns=columns)


def solve(lease: Lease) -> Plan:
    """The best recall by backward induction, exact: months × levels × blocks states.

    >>> two = Chain(levels=(0, 1), transition=((0, 1), (0, 1)))
    >>> lease = Lease(
    ...     demand=two, blocks=1, months=3, fee=4, own_use=9, notice_months=1, discount=1.0
    ... )
    >>> solve(lease).value(leased=1, demand_mw=0)
    22.0
    """
    levels, ahead = np.array(lease.demand.levels)[:, None], lease.demand.ahead(lease.delay)
    step = lease.discount * lease.demand.matrix
    blocks = np.arange(lease.blocks + 1)
    shape = (lease.months, len(levels), len(blocks))
    rest, keep = np.zeros(shape), np.broadcast_to(blocks, shape).copy()
    after = np.zeros(shape[1:])
    for month in reversed(range(lease.months - lease.delay)):
        acts = lease.earned(month + lease.delay, levels, blocks)
        worth = lease.discount**lease.delay * (ahead @ acts) + step @ after
        if month >= lease.gate_months:
            after = np.maximum.accumulate(worth, axis=1)
            best = np.where(worth == after, blocks, 0)
            keep[month] = np.maximum.accumulate(best, axis=1)
        else:
            after = worth
        rest[month] = after
    return Plan(lease=lease, keep=keep, rest=rest)


def frontier(lease: Lease, *, demand_mw: float, notices: Sequence[int | None]) -> pd.DataFrame:
    """Worth at the start by blocks leased, a stretch of rows for each notice.

    Columns `notice_months, leased, leased_mw, usd, best`: `notice_months` is `nan` for no recall,
    `best` marks the quantity worth most under that notice.
    """
    tables = []
    for notice in notices:
        table = solve(replace(lease, notice_months=notice)).start(demand_mw=demand_mw)
        table.insert(0, "notice_months", np.nan if notice is None else float(notice))
        tables.append(table.assign(best=table.usd == table.usd.max()))
    return pd.concat(tables, ignore_index=True)


def _path(lease: Lease, leased: int, month: int, due: Sequence[int]) -> list[int]:
    """Blocks leased in each of the next `delay` months, already beyond change."""
    checks.whole(leased=leased, month=month, **{f"due[{n}]": d for n, d in enumerate(due)})
    if not month < lease.months:
        raise checks.refused("month", month, f"below the months of the lease, {lease.months}")
    if len(due) > max(0, lease.delay - 1):
        raise checks.refused("due", list(due), f"at most {max(0, lease.delay - 1)} months")
    if not sum(due) <= leased <= lease.blocks:
        raise checks.refused("leased", leased, f"in {sum(due)}, those due, to {lease.blocks}")
    returned = np.cumsum([0, *due, *[0] * lease.delay])[: lease.delay]
    return [leased - int(back) for back in returned]
