"""How much of a site to lease out when its owner may need it, and on which notice.

`profit` and `best` are of one period, prices for a megawatt and month: of `capacity_mw`, q is
leased and y = capacity - q kept. `Shared` is a site in dollars: what internal use and recall are
worth are multiples of the fee for a megawatt, own demand a share of the site, so that they fit an
agreement of any size.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
import pandas as pd

from analysis.contract import Position
from analysis.contract.served import full_fee, served_until
from analysis.models import errors
from analysis.models.finance.demand import Demand, Normal, expected_shortfall, expected_surplus
from analysis.models.finance.value import monthly
from analysis.models.planning import Place, Plan, days_left, whole_months
from analysis.models.provider import recall
from analysis.models.provider.coverage import gate_months
from analysis.models.provider.recall import Lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What a megawatt earns or costs in a month; salvage < own_use.

    `lease`: the fee. `own_use`: worth of serving own demand. `salvage`: earned by idle capacity.
    To get capacity back when demand turns out high, at most one of: `recall`, paid to take back
    leased capacity; `buy_back`, the price of any amount elsewhere. Neither is used where it costs
    more than it is worth.
    """

    lease: float
    own_use: float
    salvage: float = 0.0
    recall: float = math.inf
    buy_back: float = math.inf

    def __post_init__(self) -> None:
        errors.finite(lease=self.lease, own_use=self.own_use, salvage=self.salvage)
        if self.recall < math.inf > self.buy_back:
            raise errors.refused("buy_back", self.buy_back, "left out beside recall")
        for name in ("own_use", "recall", "buy_back"):
            if not getattr(self, name) > self.salvage:
                raise errors.refused(name, getattr(self, name), f"above salvage, {self.salvage}")

    @property
    def short(self) -> float:
        """What one megawatt too few costs: own use, or less where it can be had back."""
        return min(self.own_use, self.recall, self.buy_back)

    @property
    def critical_ratio(self) -> float:
        """The chance of own demand within the kept capacity at which one more is worth nothing.

        (short - lease) ÷ (short - salvage): Littlewood; with recall Gallego, Kou, Phillips 2008.
        """
        return (self.short - self.lease) / (self.short - self.salvage)


def best(demand: Demand, *, capacity_mw: float, prices: Prices, blocks: int | None = None) -> float:
    """Megawatts to lease out that earn most; of several quantities, the one that keeps least.

    In so many equal `blocks` only whole ones are leased: earnings are concave in the quantity, so
    it is the better of the two neighbours.
    """

    def earned(quantity: float) -> float:
        return profit(demand, capacity_mw=capacity_mw, leased_mw=quantity, prices=prices)

    errors.positive(capacity_mw=capacity_mw)
    ratio = prices.critical_ratio
    kept = 0.0 if ratio <= 0 else capacity_mw if ratio >= 1 else demand.quantile(ratio)
    leased = capacity_mw - min(max(kept, 0.0), capacity_mw)
    if not blocks:
        return leased
    block_mw = capacity_mw / blocks
    below = math.floor(leased / block_mw + errors.ROUND_OFF)
    return max((min(n, blocks) * block_mw for n in (below + 1, below)), key=earned)


def profit(demand: Demand, *, capacity_mw: float, leased_mw: float, prices: Prices) -> float:
    """Mean earnings of a month: lease, own use, idle capacity, and what recall brings back.

    Recall brings back what own demand lacks, up to what is leased; buying back all of it.

    >>> from analysis.models.finance.demand import Sample
    >>> half = Prices(lease=4, own_use=8, salvage=1)
    >>> profit(Sample([0, 200]), capacity_mw=300, leased_mw=200, prices=half)
    1250.0
    """
    if not 0 <= leased_mw <= capacity_mw * (1 + errors.ROUND_OFF):
        raise errors.refused("leased_mw", leased_mw, f"in 0 to {capacity_mw}")
    kept = capacity_mw - leased_mw
    short = expected_shortfall(demand, kept)
    lost = expected_shortfall(demand, capacity_mw) if prices.recall < math.inf else 0.0
    return math.fsum(
        (
            prices.lease * leased_mw,
            prices.own_use * demand.expected_min(kept),
            prices.salvage * expected_surplus(demand, kept),
            (prices.own_use - prices.short) * (short - lost),
        )
    )


def forecast_sd(notice_months: float, *, sd_month: float, reversion: float = 0.0) -> float:
    """Error of a forecast made so many months ahead: what notice leaves unknown.

    A random walk, sd·√n, or pulled back to its mean at rate κ a month: sd·√((1 - e^-2κn) ÷ 2κ).

    >>> forecast_sd(4, sd_month=15)
    30.0
    """
    errors.not_negative(notice_months=notice_months, sd_month=sd_month, reversion=reversion)
    if not reversion:
        return sd_month * math.sqrt(notice_months)
    return sd_month * math.sqrt(-math.expm1(-2 * reversion * notice_months) / (2 * reversion))


def notice_loss(prices: Prices, sd: float) -> float:
    """What needing notice loses in a month against recall at once and for free.

    L = (v - s)·σ·φ(Φ⁻¹((v - p) ÷ (v - s))), demand normal around a forecast that errs by σ, and
    neither nothing nor all of the site leased. 0 where own use is worth no more than the fee.
    """
    errors.not_negative(sd=sd)
    span, gain = prices.own_use - prices.salvage, prices.own_use - prices.lease
    if gain <= 0:
        return 0.0
    if gain >= span:
        raise errors.refused("lease", prices.lease, f"above salvage, {prices.salvage}")
    return span * sd * NormalDist().pdf(NormalDist().inv_cdf(gain / span))


USED = (
    *("capacity_mw", "kw_per_accelerator", "own_use_to_fee", "salvage_to_fee", "recall_to_fee"),
    *("buy_back_to_fee", "demand_now_share", "demand_mean_share", "demand_sd_share"),
    *("forecast_sd_share", "forecast_reversion", "rate_year"),
)
"""The assumptions that these tables use, by name."""
MOST_LEVELS = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A site that its owner may need: megawatts, its fee for a megawatt and month, what is assumed.

    `months` of lease in `blocks` parts; recall from month `gate_months`.
    """

    mw: float
    fee: float
    months: int
    blocks: int
    gate_months: int = 0
    plan: Plan

    @property
    def prices(self) -> Prices:
        """What a megawatt earns in a month, with no way to get it back."""
        own, idle = self.plan.own_use_to_fee * self.fee, self.plan.salvage_to_fee * self.fee
        return Prices(lease=self.fee, own_use=own, salvage=idle)

    @property
    def demand(self) -> Normal:
        """Own demand in the long run."""
        mean, sd = self.plan.demand_mean_share * self.mw, self.plan.demand_sd_share * self.mw
        return Normal(mean=mean, sd=sd)

    @property
    def now_mw(self) -> float:
        """Own demand on the first day."""
        return self.plan.demand_now_share * self.mw

    def lease(self, notice_months: int | None) -> Lease:
        """The lease under one notice; own demand on levels above nothing, and on today's."""
        demand, prices, plan = self.demand, self.prices, self.plan
        levels = int((plan.demand_mean_share / plan.demand_sd_share) ** 2) + 1
        chain = recall.mean_reverting(
            mean=demand.mean,
            sd=demand.sd,
            reversion=plan.forecast_reversion,
            states=max(2, min(MOST_LEVELS, levels)),
        )
        return Lease(
            demand=chain.including(self.now_mw),
            blocks=self.blocks,
            block_mw=self.mw / self.blocks,
            months=self.months,
            fee=self.fee,
            own_use=prices.own_use,
            salvage=prices.salvage,
            notice_months=notice_months,
            gate_months=self.gate_months,
            discount=1 / (1 + monthly(plan.rate_year)),
        )

    def best(self, demand: Demand, prices: Prices, blocks: int | None = None) -> float:
        """Megawatts best leased for a single month."""
        return best(demand, capacity_mw=self.mw, prices=prices, blocks=blocks)

    def notice_loss(self, months: int, reversion: float) -> float:
        """What needing so many months of notice loses in a month."""
        month = self.plan.forecast_sd_share * self.mw
        sd = forecast_sd(months, sd_month=month, reversion=reversion)
        return notice_loss(self.prices, sd)


def shared(place: Place, found: Position, plan: Plan, *, blocks: int) -> Shared | None:
    """The place for what is left of the term on the position's day, at the full fee of that day.

    As when service began where it has not begun or nothing is left. None where no megawatts are
    known, no fee is due or less than half a month is left. Months are whole, the nearest.
    """
    start, day = found.read.start, found.as_of
    begun = found.on(day if start < day < served_until(found.read, day) else start)
    months = whole_months(days_left(found.read, day))
    fee = full_fee(found.read, day).usd_month
    if not (place.mw and fee and months):
        return None
    mw, gate = place.mw["value"], gate_months(begun, "provider")
    return Shared(mw=mw, fee=fee / mw, months=months, blocks=blocks, gate_months=gate, plan=plan)


def by_notice(site: Shared, notices: Sequence[int | None]) -> pd.DataFrame:
    """View 6: worth of the whole term by megawatts leased at the start, for each notice."""
    return recall.frontier(site.lease(None), demand_mw=site.now_mw, notices=notices)


def best_starts(table: pd.DataFrame) -> pd.DataFrame:
    """Of `by_notice` the best quantity to begin with, and what leasing all loses against it."""
    best = table[table.best].drop_duplicates("notice", keep="last")
    best = best.rename(columns={"usd": "value_usd"}).reset_index(drop=True)
    every = table[table.share == 1].drop_duplicates("notice").set_index("notice").usd
    lost = best.value_usd - best.notice.map(every)
    columns = ["notice", "notice_months", "leased_mw", "share", "value_usd"]
    return best[columns].assign(lost_by_leasing_all_usd=lost)


def ways_back(site: Shared) -> pd.DataFrame:
    """The best lease of a single month by how a megawatt is had back when own demand is high."""
    ways = {
        recall.NEVER: site.prices,
        "callable lease": replace(site.prices, recall=site.plan.recall_to_fee * site.fee),
        "bought elsewhere": replace(site.prices, buy_back=site.plan.buy_back_to_fee * site.fee),
    }
    rows = []
    for way, prices in ways.items():
        leased = site.best(site.demand, prices, site.blocks)
        usd = profit(site.demand, capacity_mw=site.mw, leased_mw=leased, prices=prices)
        rows.append((way, leased, usd))
    table = pd.DataFrame(rows, columns=["recall", "leased_mw", "usd_month"])
    return table.assign(gain_usd=table.usd_month - table.usd_month[0])


def price_of_notice(site: Shared, months: int, *, own: int | None) -> pd.DataFrame:
    """What needing notice loses in a month, to the longer of `months` and the `own` notice.

    Forecasts of own demand err as a random walk, or mean-reverting.
    """
    models = {"random walk": 0.0, "mean-reverting": site.plan.forecast_reversion}
    rows = [
        (model, ahead, site.notice_loss(ahead, reversion))
        for model, reversion in models.items()
        for ahead in range(max(months, own or 0) + 1)
    ]
    table = pd.DataFrame(rows, columns=["model", "notice_months", "usd_month"])
    return table.assign(fee_share=table.usd_month / (site.fee * site.mw))


def shorter(site: Shared, *, notice: int | None, to_months: int, leased_mw: float) -> float:
    """The discount on a megawatt's fee at which another notice is even; 0 without a right.

    (L(notice) - L(to)) ÷ leased; negative where notice gets longer.
    """
    if notice is None or not leased_mw:
        return 0.0
    lost, less = (site.notice_loss(n, site.plan.forecast_reversion) for n in (notice, to_months))
    return (lost - less) / leased_mw


def followed(
    site: Shared, *, notice_months: int | None, seed: int, demand_mw: Sequence[float] = ()
) -> pd.DataFrame:
    """One path of own demand, given or simulated, and the best recall along it from all leased."""
    lease, rng = site.lease(notice_months), np.random.default_rng(seed)
    path = demand_mw or recall.simulate(
        lease.demand, start_mw=site.now_mw, months=site.months, rng=rng
    )
    table = recall.solve(lease).follow(path, leased=site.blocks)
    leased_mw = table.leased * lease.block_mw
    return table.assign(leased_mw=leased_mw, kept_mw=site.mw - leased_mw)


def over_worth(site: Shared, notices: Sequence[int | None]) -> pd.DataFrame:
    """The best start over what internal use may be worth: `worth, notice_months, share`."""
    tables = []
    for worth in dict.fromkeys(at.own_use_to_fee for at in site.plan.at.values()):
        changed = replace(site, plan=site.plan.changed({"own_use_to_fee": worth}))
        tables.append(best_starts(by_notice(changed, notices)).assign(worth=worth))
    return pd.concat(tables, ignore_index=True)[["worth", "notice_months", "share"]]


def by_recall_price(site: Shared, *, points: int) -> pd.DataFrame:
    """Share best leased in a callable lease, by the payment for recall."""
    prices = site.prices
    payments = np.linspace(prices.lease, max(prices.own_use, prices.lease), points)
    shares = [site.best(site.demand, replace(prices, recall=usd)) / site.mw for usd in payments]
    table = {"recall_to_fee": payments / site.fee, "share": shares}
    return pd.DataFrame(table).drop_duplicates()
