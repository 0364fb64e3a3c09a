"""How much of a site to lease out when its owner may need it: one period, uncertain own demand.

Prices are for a megawatt and month. Of `capacity_mw`, q is leased and y = capacity - q kept.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

from analysis.models import errors
from analysis.models.finance.demand import Demand, expected_shortfall, expected_surplus


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
