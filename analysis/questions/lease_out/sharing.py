"""One agreement's site shared between its owner and a lease: the tables of how much to lease out.

Worth and prices are assumed as multiples of the fee for a megawatt, own demand as a share of the
site: so they fit an agreement of any size. Money is in dollars.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analysis.contract import windows
from analysis.contract.commitment import headline
from analysis.contract.dates import DAYS_PER_YEAR
from analysis.contract.served import full_fee
from analysis.contract.terms import Agreement
from analysis.contract.units import MONTHS_PER_YEAR
from analysis.models import planning
from analysis.models.finance.annuities import monthly
from analysis.models.finance.demand import Normal
from analysis.models.planning import Place
from analysis.models.provider import leaseout, recall, takeback
from analysis.models.provider.chain import Chain, mean_reverting, simulate
from analysis.models.provider.leaseout import Prices
from analysis.models.provider.recall import Lease

USED = (
    *("capacity_mw", "kw_per_accelerator", "own_use_to_fee", "salvage_to_fee", "recall_to_fee"),
    *("buy_back_to_fee", "demand_now_share", "demand_mean_share", "demand_sd_share"),
    *("forecast_sd_share", "forecast_reversion", "rate_year"),
)
"""The assumptions that these tables use, by name."""
MOST_LEVELS = 11
NEVER = "no recall"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A site that its owner may need: megawatts, its fee for a megawatt and month, what is assumed.

    `months` of lease in `blocks` equal parts, the first of them from `begins` on; recall may first
    be asked for in month `gate_months`.
    """

    mw: float
    fee: float
    months: int
    blocks: int
    begins: date
    gate_months: int = 0
    plan: pd.DataFrame

    def of(self, name: str) -> float:
        """One assumption."""
        return planning.value(self.plan, name)

    @property
    def prices(self) -> Prices:
        """What a megawatt earns in a month, with no way to get it back."""
        return Prices(
            lease=self.fee,
            own_use=self.of("own_use_to_fee") * self.fee,
            salvage=self.of("salvage_to_fee") * self.fee,
        )

    @property
    def demand(self) -> Normal:
        """Own demand in the long run."""
        return Normal(
            mean=self.of("demand_mean_share") * self.mw, sd=self.of("demand_sd_share") * self.mw
        )

    @property
    def chain(self) -> Chain:
        """Own demand by month, on as many levels as keep it above nothing, and today's."""
        share = self.of("demand_mean_share") / self.of("demand_sd_share")
        found = mean_reverting(
            mean=self.demand.mean,
            sd=self.demand.sd,
            reversion=self.of("forecast_reversion"),
            states=max(2, min(MOST_LEVELS, int(share**2) + 1)),
        )
        return found.including(self.now_mw)

    @property
    def now_mw(self) -> float:
        """Own demand on the first day."""
        return self.of("demand_now_share") * self.mw

    def lease(self, notice_months: int | None) -> Lease:
        """The lease under one notice, from the first month on."""
        return Lease(
            demand=self.chain,
            blocks=self.blocks,
            block_mw=self.mw / self.blocks,
            months=self.months,
            fee=self.fee,
            own_use=self.prices.own_use,
            salvage=self.prices.salvage,
            notice_months=notice_months,
            gate_months=self.gate_months,
            discount=1 / (1 + monthly(self.of("rate_year"))),
        )


def shared(
    place: Place, agreement: Agreement, plan: pd.DataFrame, *, blocks: int, as_of: date
) -> Shared | None:
    """The place for what is left of the term on a day, at the full fee of that day.

    As when service began where it has not begun or nothing is left. None where no megawatts are
    known, no fee is due or less than half a month is left. Months are whole, the nearest.
    """
    begins = as_of if agreement.start < as_of < stated_end(agreement, as_of) else agreement.start
    left = headline(agreement, as_of=begins)
    fee, months = full_fee(agreement, as_of).usd_month, _months(left.end - begins)
    if place.mw is None or not fee or not months:
        return None
    mw = place.mw["value"]
    return Shared(
        mw=mw,
        fee=fee / mw,
        months=months,
        blocks=blocks,
        begins=begins,
        gate_months=windows.gate_months(agreement, "provider", as_of=begins),
        plan=plan,
    )


def stated_end(agreement: Agreement, as_of: date) -> date:
    """The first day not served if nobody leaves, with the amendments and renewals of that day."""
    return headline(agreement, as_of=as_of).end


def too_late(
    site: Shared, notice_months: int | None, agreement: Agreement, *, as_of: date
) -> int | None:
    """Days left on a day where the provider's notice brings nothing back before the stated end.

    None where it does, or where there is no right.
    """
    if notice_months is None or site.gate_months + notice_months < site.months:
        return None
    return planning.days_left(agreement, as_of)


def _months(length: timedelta) -> int:
    return round(length.days * MONTHS_PER_YEAR / DAYS_PER_YEAR)


def notices(months: Sequence[int], own: int | None) -> list[int | None]:
    """The notices to compare: those asked for, the agreement's own, and none at all."""
    return [*sorted({*months, *([] if own is None else [own])}), None]


def called(notice_months: float | None) -> str:
    """A notice in words.

    >>> called(1), called(None)
    ('1 month', 'no recall')
    """
    if notice_months is None or notice_months != notice_months:
        return NEVER
    return f"{notice_months:.0f} month" + ("" if notice_months == 1 else "s")


def by_notice(site: Shared, notices: Sequence[int | None]) -> pd.DataFrame:
    """View 6: worth of the whole term by megawatts leased at the start, for each notice.

    Columns `notice, notice_months, leased, leased_mw, usd, best, share` (of the site).
    """
    table = recall.frontier(site.lease(None), demand_mw=site.now_mw, notices=notices)
    named = [called(months) for months in table.notice_months]
    return table.assign(notice=named, share=table.leased_mw / site.mw)


def best_starts(site: Shared, table: pd.DataFrame) -> pd.DataFrame:
    """The best quantity to begin with, and what leasing all would lose against it.

    `table` is `by_notice`. Columns `notice, notice_months, leased_mw, share, worth_usd,
    lost_by_leasing_all_usd`. Of several quantities that are worth the same, the largest.
    """
    best = table[table.best].groupby("notice", sort=False).last().reset_index()
    every = table[table.leased == site.blocks].set_index("notice").usd
    lost = [usd - every[notice] for notice, usd in zip(best.notice, best.usd, strict=True)]
    best = best.rename(columns={"usd": "worth_usd"})
    columns = ["notice", "notice_months", "leased_mw", "share", "worth_usd"]
    return best[columns].assign(lost_by_leasing_all_usd=lost)


def ways_back(site: Shared) -> pd.DataFrame:
    """Mean earnings of a month by megawatts leased: `way, leased_mw, usd_month, best`.

    Ways to get a megawatt back when own demand turns out high: none, a callable lease that pays
    for each one taken back, or buying it elsewhere (two settlements).
    """
    ways = {
        "no way back": site.prices,
        "callable lease": replace(site.prices, recall=site.of("recall_to_fee") * site.fee),
        "bought elsewhere": replace(site.prices, buy_back=site.of("buy_back_to_fee") * site.fee),
    }
    tables = []
    for way, prices in ways.items():
        found = leaseout.frontier(
            site.demand, capacity_mw=site.mw, prices=prices, block_mw=site.mw / site.blocks
        )
        tables.append(found[["leased_mw", "usd_month"]].assign(way=way))
    table = pd.concat(tables, ignore_index=True)
    return table.assign(best=table.usd_month == table.groupby("way").usd_month.transform("max"))


def price_of_notice(site: Shared, months: int, *, own: int | None) -> pd.DataFrame:
    """What needing notice loses in a month: `model, notice_months, usd_month, fee_share`.

    To so many months, or to the agreement's `own` notice if that is longer. Forecasts of own demand
    err as a random walk, or pulled back to its mean. Nothing is lost where own use is worth no more
    than the fee.
    """
    sd = site.of("forecast_sd_share") * site.mw
    table = []
    for model, reversion in (
        ("random walk", 0.0),
        ("pulled back to its mean", site.of("forecast_reversion")),
    ):
        for ahead in range(max(months, own or 0) + 1):
            usd = (
                leaseout.notice_loss(ahead, prices=site.prices, sd_month=sd, reversion=reversion)
                if site.prices.own_use > site.fee
                else 0.0
            )
            table.append((model, ahead, usd, usd / (site.fee * site.mw)))
    return pd.DataFrame(table, columns=["model", "notice_months", "usd_month", "fee_share"])


def shorter(
    site: Shared, *, notice: int | None, to_months: int, best: pd.DataFrame, own: str
) -> float:
    """The discount on a megawatt's fee at which shorter notice is even, for the best start.

    Own demand is pulled back to its mean; 0 without a right to recall.
    """
    leased_mw = float(best[best.notice == own].leased_mw.iloc[0])
    if notice is None or not leased_mw or site.prices.own_use <= site.fee:
        return 0.0
    return leaseout.price_of_shorter_notice(
        notice,
        to_months,
        leased_mw=leased_mw,
        prices=site.prices,
        sd_month=site.of("forecast_sd_share") * site.mw,
        reversion=site.of("forecast_reversion"),
    )


def followed(
    site: Shared,
    *,
    notice_months: int | None,
    leased: int,
    seed: int,
    demand_mw: Sequence[float] = (),
) -> pd.DataFrame:
    """One path of own demand and the best recall along it: `recall.Plan.follow`.

    With `leased_mw` and `kept_mw`. `demand_mw`: the path by month, to the end of the lease at most;
    without it one is simulated, and the same seed gives the same.
    """
    lease = site.lease(notice_months)
    drawn = simulate(
        lease.demand,
        start_mw=site.now_mw,
        months=site.months,
        rng=np.random.default_rng(seed),
    )
    path = list(demand_mw) or drawn
    table = recall.solve(lease).follow(path, leased=leased)
    leased_mw = table.leased * lease.block_mw
    return table.assign(leased_mw=leased_mw, kept_mw=site.mw - leased_mw)


def all_or_nothing(site: Shared, *, notice_months: int) -> pd.DataFrame:
    """Taking the whole site back for ever: `demand_mw, leased_usd, notice_usd, recall`.

    By own demand. `leased_usd` is the worth of a lease with the right to take all back on notice,
    `notice_usd` that of giving notice now: the fee until it has run, then own use.
    """
    chain, prices = site.chain, site.prices
    levels = np.array(chain.levels)
    used = np.minimum(levels, site.mw)
    found = takeback.all_or_nothing(
        chain.transition,
        own_use=(prices.own_use * used + prices.salvage * (site.mw - used)).tolist(),
        fee=site.fee * site.mw,
        notice_months=notice_months,
        discount=1 / (1 + monthly(site.of("rate_year"))),
    )
    return pd.DataFrame(
        {
            "demand_mw": levels,
            "leased_usd": found.value,
            "notice_usd": found.notice,
            "recall": found.recall,
        }
    )


def view(best: pd.DataFrame) -> pd.DataFrame:
    """`best_starts` for a reader."""
    shown = best.drop(columns="notice_months")
    return shown.assign(leased_mw=[f"{mw:,.1f}" for mw in best.leased_mw])
