"""When to take leased capacity back, if taking it back needs notice.

A site of `blocks` leases some out; own demand moves from month to month as a Markov `Chain`. Each
month the owner sees demand and may give notice for some blocks, which come back `notice_months`
later and are not leased again. Until then they earn the fee.

What is decided in month t acts only from month t + notice on, and through one number: how many
blocks are still leased then. So the dates of notices already running need not be remembered, and
the state is (month, demand, blocks not under notice) whatever the notice, exactly as in inventory
control with a lead time (Karlin, Scarf 1958). The months before are fixed and added back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from numpy.polynomial.polynomial import polymul, polypow
from numpy.typing import ArrayLike, NDArray

from analysis.models import errors
from analysis.models.finance.value import Amounts, Array

NEVER = "no recall"


@dataclass(frozen=True, eq=False)
class Chain:
    """Demand at rising `levels` (megawatts); `matrix[i, j]` is the chance of i to j in a month.

    >>> Chain(np.array([0, 100]), np.array([[0.9, 0.1], [0.5, 0.5]])).ahead(2)[0]
    array([0.86, 0.14])
    """

    levels: Array
    matrix: Array

    def __post_init__(self) -> None:
        errors.finite(levels=self.levels, matrix=self.matrix)
        if (np.diff(self.levels) <= 0).any():
            raise errors.refused("levels", self.levels, "rising")
        shape, chances = (len(self.levels),) * 2, self.matrix.sum(axis=1)
        if self.matrix.shape != shape or self.matrix.min() < 0 or (abs(chances - 1) > 1e-9).any():
            raise errors.refused("matrix", self.matrix, f"{shape} chances, 1 in all in each row")

    def ahead(self, months: int) -> Array:
        """Chances of each level after so many months, a row for each level now."""
        return np.linalg.matrix_power(self.matrix, months)

    def state(self, demand_mw: float) -> int:
        """The number of the level nearest to a demand."""
        return int(np.argmin(np.abs(self.levels - demand_mw)))

    def including(self, demand_mw: float) -> Self:
        """The same chain with a level where demand is said to be, which it leaves for good.

        From there it moves as from the two levels around it, mixed by how near they are: its mean
        moves on as theirs do. Beyond the levels it moves as from the last of them.
        """
        if demand_mw in self.levels:
            return self
        moves = [np.interp(demand_mw, self.levels, to) for to in self.matrix.T]
        at = int(np.searchsorted(self.levels, demand_mw))
        rows = np.insert(self.matrix, at, moves, axis=0)
        return replace(
            self,
            levels=np.insert(self.levels, at, demand_mw),
            matrix=np.insert(rows, at, 0.0, axis=1),
        )


def simulate(chain: Chain, *, start_mw: float, months: int, rng: np.random.Generator) -> Array:
    """One path of demand, shape (months,), that starts at the level nearest to `start_mw`."""
    reached, states = np.cumsum(chain.matrix, axis=1), [chain.state(start_mw)]
    for draw in rng.random(months)[:-1]:
        to = int(np.searchsorted(reached[states[-1]], draw, side="right"))
        states.append(min(to, len(chain.levels) - 1))
    return chain.levels[states]


def mean_reverting(*, mean: float, sd: float, reversion: float, states: int) -> Chain:
    """A chain with this long-run mean, standard deviation and pull back to the mean a month.

    Correlation between months e^-reversion, all three exact (Rouwenhorst 1995): the level counts
    states - 1 coins, each of which stays as it lies with chance (1 + e^-reversion) ÷ 2. Levels
    reach sd·√(states - 1) to either side, and those below zero are refused.
    """
    errors.positive(mean=mean, sd=sd, reversion=reversion)
    if states < 2 or mean < sd * np.sqrt(states - 1):
        raise errors.refused("states", states, "2 or more, with mean at least sd·√(states - 1)")
    stay = (1 + np.exp(-reversion)) / 2
    up, down = (1 - stay, stay), (stay, 1 - stay)  # chances that a coin counts 0 or 1
    rows = [polymul(polypow(up, n), polypow(down, states - 1 - n)) for n in range(states)]
    return Chain(mean + sd * np.sqrt(states - 1) * np.linspace(-1, 1, states), np.array(rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A lease of up to `blocks` of `block_mw` for some months; prices for a megawatt and month.

    `notice_months`: 0 recalls at once, None never. `gate_months`: the first month in which notice
    may be given. `discount`: worth of 1 a month later.
    """

    demand: Chain
    blocks: int
    block_mw: float = 1.0
    months: int
    fee: float
    own_use: float
    salvage: float = 0.0
    notice_months: int | None
    gate_months: int = 0
    discount: float

    def __post_init__(self) -> None:
        errors.counted(blocks=self.blocks, months=self.months)
        errors.whole(notice_months=self.notice_months or 0, gate_months=self.gate_months)
        errors.positive(block_mw=self.block_mw)
        errors.not_negative(discount=self.discount)
        errors.finite(fee=self.fee, own_use=self.own_use, salvage=self.salvage)

    def earned(self, demand_mw: ArrayLike, leased: ArrayLike) -> Array:
        """Cash of a month: fee, own use and idle capacity, for blocks leased in it."""
        rented = np.asarray(leased, dtype=float) * self.block_mw
        kept = self.blocks * self.block_mw - rented
        used = np.minimum(demand_mw, kept)
        return np.asarray(self.fee * rented + self.own_use * used + self.salvage * (kept - used))

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

    def start(self, *, demand_mw: float) -> pd.DataFrame:
        """Worth at the start by blocks leased: `leased, leased_mw, usd`."""
        lease, chain = self.lease, self.lease.demand
        leased, now = np.arange(lease.blocks + 1), chain.state(demand_mw)
        cash = lease.earned(chain.levels[:, None], leased)
        usd, chance = self.rest[0, now].copy(), np.eye(len(chain.levels))[now]
        for month in range(lease.delay):  # beyond change
            usd += lease.discount**month * (chance @ cash)
            chance = chance @ chain.matrix
        return pd.DataFrame({"leased": leased, "leased_mw": leased * lease.block_mw, "usd": usd})

    def follow(self, demand_mw: Amounts, *, leased: int) -> pd.DataFrame:
        """What happens along a path of demand: `month, demand_mw, leased, recalled, usd`.

        `leased` are the blocks that earn the fee in the month, `recalled` those given notice in
        it. Decisions follow the level nearest to the demand, cash the demand itself.
        """
        lease, demand = self.lease, np.array(demand_mw[: self.lease.months], dtype=float)
        left = [leased]
        for month, mw in enumerate(demand):
            left.append(int(self.keep[month, lease.demand.state(mw), left[-1]]))
        served = np.array([*[leased] * lease.delay, *left[1:]][: len(demand)])
        return pd.DataFrame(
            {
                "month": range(len(demand)),
                "demand_mw": demand,
                "leased": served,
                "recalled": -np.diff(left),
                "usd": lease.earned(demand, served),
            }
        )


def solve(lease: Lease) -> Plan:
    """The best recall by backward induction, exact: months × levels × blocks states.

    >>> two = Chain(np.array([0, 1]), np.array([[0, 1], [0, 1]]))
    >>> lease = Lease(
    ...     demand=two, blocks=1, months=3, fee=4, own_use=9, notice_months=1, discount=1.0
    ... )
    >>> solve(lease).start(demand_mw=0).usd.tolist()
    [18.0, 22.0]
    """
    chain, blocks = lease.demand, np.arange(lease.blocks + 1)
    step = lease.discount * chain.matrix
    cash = lease.earned(chain.levels[:, None], blocks)
    acts = lease.discount**lease.delay * (chain.ahead(lease.delay) @ cash)
    shape = (lease.months, len(chain.levels), len(blocks))
    rest, keep = np.zeros(shape), np.broadcast_to(blocks, shape).copy()
    after = np.zeros(shape[1:])
    for month in reversed(range(lease.months - lease.delay)):
        worth = after = acts + step @ after
        if month >= lease.gate_months:
            after = np.maximum.accumulate(worth, axis=1)
            keep[month] = np.maximum.accumulate(np.where(worth == after, blocks, 0), axis=1)
        rest[month] = after
    return Plan(lease=lease, keep=keep, rest=rest)


def called(notice_months: float | None) -> str:
    """A notice in words."""
    if notice_months is None:
        return NEVER
    return f"{notice_months:.0f} month" + ("" if notice_months == 1 else "s")


def frontier(lease: Lease, *, demand_mw: float, notices: Sequence[int | None]) -> pd.DataFrame:
    """Worth at the start by blocks leased, for each notice in months (`nan`: none) and in words."""
    tables = []
    for notice in notices:
        table = solve(replace(lease, notice_months=notice)).start(demand_mw=demand_mw)
        table.insert(0, "notice_months", np.nan if notice is None else float(notice))
        best, share = table.usd == table.usd.max(), table.leased / lease.blocks
        tables.append(table.assign(best=best, notice=called(notice), share=share))
    return pd.concat(tables, ignore_index=True)


def all_or_nothing(lease: Lease) -> pd.DataFrame:
    """When to end a lease of the whole site for own use for ever, by level of own demand.

    Columns `demand_mw, own_use_usd, leased_usd, notice_usd, recall`: worth once back, while leased,
    and of giving notice at once, which is best where `recall`.

    Own use U = (I - βP)⁻¹v; giving notice G = fee·(1 - βⁿ) ÷ (1 - β) + βⁿPⁿU; the lease is worth
    V = max(G, fee + βPV), found by policy iteration: waiting only ever gains worth from one linear
    system to the next, so there are at most as many as levels, and the last is exact.
    """
    chain, discount, months = lease.demand, lease.discount, lease.notice_months or 0
    if discount >= 1:
        raise errors.refused("discount", discount, "below 1")
    fee = lease.fee * lease.blocks * lease.block_mw
    one, later = np.eye(len(chain.levels)), discount * chain.matrix
    used = np.linalg.solve(one - later, lease.earned(chain.levels, 0))
    running = fee * (1 - discount**months) / (1 - discount)
    notice = running + discount**months * chain.ahead(months) @ used
    recall = np.ones(len(one), dtype=bool)
    while True:
        ongoing = np.where(recall[:, None], 0.0, later)
        value = np.asarray(np.linalg.solve(one - ongoing, np.where(recall, notice, fee)))
        wait = fee + later @ value
        better = recall & (notice >= wait - errors.ROUND_OFF * np.abs(wait))
        if (better == recall).all():
            usd = {"own_use_usd": used, "leased_usd": value, "notice_usd": notice}
            return pd.DataFrame({"demand_mw": chain.levels, **usd, "recall": recall})
        recall = better
