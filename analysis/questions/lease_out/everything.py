"""When is it best to lease everything? By notice, by what own use is worth, by price of recall."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.contract import checks
from analysis.models import planning
from analysis.models.finance.demand import Demand, Gamma, Lognormal, empirical
from analysis.models.planning import BOUNDS
from analysis.models.provider import leaseout
from analysis.models.provider.chain import Chain
from analysis.models.provider.leaseout import Prices
from analysis.models.provider.recall import Lease, frontier
from analysis.questions.lease_out import sharing
from analysis.questions.lease_out.sharing import Shared

HALVINGS = 12  # of the range of worths: to a thousandth of the fee


def best_shares(site: Shared, *, longest: int) -> pd.DataFrame:
    """Share of the site that is best leased at first, by notice: `worth, notice_months, share`.

    `worth`: own use at the low end, the value and the high end of what it may be worth, in fees.
    Notices of 0 to `longest` months, within the lease, and `nan` for no recall.
    """
    return over_worth(site, [*range(min(longest, site.months) + 1), None])


def over_worth(site: Shared, notices: Sequence[int | None]) -> pd.DataFrame:
    """`best_shares` under some notices, None for no recall."""
    tables = []
    for bound in BOUNDS:
        worth = planning.value(site.plan, "own_use_to_fee", bound)
        plan = planning.changed(site.plan, {"own_use_to_fee": worth})
        worths = sharing.by_notice(replace(site, plan=plan), notices)
        found = sharing.best_starts(site, worths)
        tables.append(found[["notice_months", "share"]].assign(worth=worth))
    table = pd.concat(tables, ignore_index=True)
    return table.drop_duplicates(ignore_index=True)[["worth", "notice_months", "share"]]


def idle_share(site: Shared) -> float:
    """The share, in whole blocks, that the owner has no use for on the first day."""
    idle = 1 - site.now_mw / site.mw
    return max(0, math.floor(idle * site.blocks + checks.ROUND_OFF)) / site.blocks


def reach(shares: pd.DataFrame, idle: float) -> pd.DataFrame:
    """How far notice may reach: `worth, all_notice, idle_notice, none_share`, a row for each worth.

    The longest notice under which everything, or the share `idle`, is still best leased (`nan`
    where under none), and the share best leased with no recall. `shares`: see `best_shares`.

    >>> table = pd.DataFrame(
    ...     {"worth": 1.5, "notice_months": [0, 1, 2, math.nan], "share": [1.0, 0.9, 0.8, 0.5]}
    ... )
    >>> reach(table, 0.9).to_numpy().tolist()
    [[1.5, 0.0, 1.0, 0.5]]
    """
    table = []
    for worth, rows in shares.groupby("worth", sort=False):
        known = rows.dropna()
        ends = []
        for part in (1.0, idle):
            enough = (known.share >= part - checks.ROUND_OFF).cummin()
            ends.append(known.notice_months[enough].max())
        table.append((worth, *ends, rows.share[rows.notice_months.isna()].iloc[0]))
    return pd.DataFrame(table, columns=["worth", "all_notice", "idle_notice", "none_share"])


def recall_for_all(demand: Demand, prices: Prices) -> float:
    """The dearest recall, in fees, at which a callable lease of everything is best.

    (p - s·F(0)) ÷ (1 - F(0)) ÷ p: where the first megawatt kept is worth nothing. With demand that
    is never 0 it is 1: recall then hands back no more than was earned.

    >>> from analysis.models.finance.demand import Uniform
    >>> recall_for_all(Uniform(low=0, high=200), Prices(lease=4, own_use=8))
    1.0
    """
    none = demand.cdf(0)
    if none >= 1:
        return math.inf
    return (prices.lease - prices.salvage * none) / (1 - none) / prices.lease


def worth_for_all(site: Shared, notice: int | None) -> float:
    """The most that own use may be worth, in fees, for leasing everything to be best.

    At most the high end assumed; leasing all is best where own use is worth no more than the fee.
    """

    def enough(worth: float) -> bool:
        plan = planning.changed(site.plan, {"own_use_to_fee": worth})
        worths = sharing.by_notice(replace(site, plan=plan), [notice])
        best = sharing.best_starts(site, worths)
        return bool(best.share.iloc[0] >= 1 - checks.ROUND_OFF)

    low, high = 1.0, max(1.0, planning.value(site.plan, "own_use_to_fee", "high"))
    if enough(high):
        return high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if enough(middle) else (low, middle)
    return low


def by_recall_price(site: Shared, *, points: int) -> pd.DataFrame:
    """Share best leased in a callable lease: `recall_to_fee, share`, by the payment for recall.

    From the fee to what own use is worth, where a recall is worth no more than it costs.
    """
    prices, table = site.prices, []
    dearest = max(prices.own_use, prices.lease)
    for payment in np.linspace(prices.lease, dearest, points).tolist():
        callable_ = replace(prices, recall=payment)
        found = leaseout.best(site.demand, capacity_mw=site.mw, prices=callable_)
        table.append((payment / site.fee, found.leased_mw / site.mw))
    return pd.DataFrame(table, columns=["recall_to_fee", "share"]).drop_duplicates()


def shapes(site: Shared, path_mw: Sequence[float]) -> pd.DataFrame:
    """Megawatts best leased with no way back, by shape of own demand: `shape, leased_mw`.

    All with the same mean and standard deviation, and the months of a path as they came.
    """
    mean, sd = site.demand.mean, site.demand.sd
    demands: dict[str, Demand] = {
        "normal": site.demand,
        "lognormal": Lognormal(mean=mean, sd=sd),
        "gamma": Gamma(mean=mean, sd=sd),
        "as on the path": empirical(path_mw),
    }
    table = [
        (shape, leaseout.best(demand, capacity_mw=site.mw, prices=site.prices).leased_mw)
        for shape, demand in demands.items()
    ]
    return pd.DataFrame(table, columns=["shape", "leased_mw"])


def made_up(instance: pd.DataFrame, *, longest: int) -> pd.DataFrame:
    """Share best leased on the made-up site whose owner needs nothing at first, by notice.

    Columns as of `best_shares`; `instance` is `sources.recall_instance()`.
    """
    of = instance.set_index("name").value
    blocks = int(of["blocks"])
    sides = range(blocks + 1)
    lease = Lease(
        demand=Chain(
            levels=tuple(map(float, sides)),
            transition=tuple(tuple(float(of[f"chance_{i}_{j}"]) for j in sides) for i in sides),
        ),
        blocks=blocks,
        months=int(of["months"]),
        fee=float(of["fee"]),
        own_use=float(of["own_use"]),
        notice_months=None,
        discount=float(of["discount_month"]),
    )
    notices = [*range(min(longest, lease.months) + 1), None]
    found = frontier(lease, demand_mw=float(of["demand_now"]), notices=notices)
    best = found[found.best].assign(share=lambda rows: rows.leased / blocks)
    best = best.groupby("notice_months", dropna=False, sort=False).last().reset_index()
    return best.assign(worth=float(of["own_use"] / of["fee"]))[["worth", "notice_months", "share"]]
