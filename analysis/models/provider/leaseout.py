"""How much of a site to lease out when its owner may need it: one period, uncertain own demand.

Prices are for a megawatt and month. Of `capacity_mw`, q is leased and y = capacity - q kept.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

from analysis.models import errors
from analysis.models.finance.demand import Demand, expected_shortfall, expected_surplus


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What a megawatt earns or costs in a month; salvage < own_use.

    `lease`: the fee. `own_use`: worth of serving own demand. `salvage`: earned by idle capacity.
    `shortage`: further loss for own demand unserved. To get capacity back when demand turns out
    high, at most one of: `recall`, paid to take back leased capacity; `buy_back`, the price of
    any amount elsewhere. Neither is used where it costs more than it is worth.
    """

    lease: float
    own_use: float
    salvage: float = 0.0
    shortage: float = 0.0
    recall: float | None = None
    buy_back: float | None = None

    def __post_init__(self) -> None:
        errors.finite(lease=self.lease, own_use=self.own_use, salvage=self.salvage)
        errors.not_negative(shortage=self.shortage)
        if self.recall is not None and self.buy_back is not None:
            raise errors.refused("buy_back", self.buy_back, "left out where recall is given")
        for name in ("own_use", "recall", "buy_back"):
            price = getattr(self, name)
            if price is not None and not self.salvage < price < math.inf:
                raise errors.refused(name, price, f"finite and above salvage, {self.salvage}")

    @property
    def worth(self) -> float:
        """What own demand served is worth: own use, and the shortage averted."""
        return self.own_use + self.shortage

    @property
    def short(self) -> float:
        """What one megawatt too few costs: its worth, or less where it can be had back."""
        back = self.recall if self.recall is not None else self.buy_back
        return min(self.worth, math.inf if back is None else back)

    @property
    def critical_ratio(self) -> float:
        """The chance of own demand within the kept capacity at which one more is worth nothing.

        (short - lease) ÷ (short - salvage): Littlewood; with recall Gallego, Kou, Phillips 2008.

        >>> Prices(lease=4, own_use=8).critical_ratio
        0.5
        """
        return (self.short - self.lease) / (self.short - self.salvage)


class LeaseOut(NamedTuple):
    """The best quantity: leased, kept, and what it earns on average in a month."""

    leased_mw: float
    kept_mw: float
    usd_month: float


def best(
    demand: Demand, *, capacity_mw: float, prices: Prices, block_mw: float | None = None
) -> LeaseOut:
    """The quantity to lease out that earns most; of several, the one that keeps least.

    With `block_mw` only whole blocks are leased: earnings are concave in the quantity, so it is
    the better of the two neighbours.

    >>> from analysis.models.finance.demand import Normal
    >>> prices = Prices(lease=4, own_use=8)
    >>> best(Normal(mean=100, sd=25), capacity_mw=300, prices=prices).leased_mw
    200.0
    """
    errors.positive(capacity_mw=capacity_mw)
    ratio = prices.critical_ratio
    kept = 0.0 if ratio <= 0 else capacity_mw if ratio >= 1 else demand.quantile(ratio)
    leased = capacity_mw - min(max(kept, 0.0), capacity_mw)
    choices = [leased]
    if block_mw is not None:
        errors.positive(block_mw=block_mw)
        blocks = range(math.floor(capacity_mw / block_mw + errors.ROUND_OFF) + 1)
        quantities = (min(number * block_mw, capacity_mw) for number in blocks)
        choices = [q for q in quantities if abs(q - leased) <= block_mw]

    def earned(quantity: float) -> float:
        return profit(demand, capacity_mw=capacity_mw, leased_mw=quantity, prices=prices)

    leased = max(reversed(choices), key=earned)
    return LeaseOut(leased, capacity_mw - leased, earned(leased))


def profit(demand: Demand, *, capacity_mw: float, leased_mw: float, prices: Prices) -> float:
    """Mean earnings of a month: lease, own use, idle capacity, less what is unserved, and recall.

    Recall brings back what own demand lacks, up to what is leased; buying back all of it.

    >>> from analysis.models.finance.demand import Sample
    >>> half = Prices(lease=4, own_use=8, salvage=1)
    >>> profit(Sample([0, 200]), capacity_mw=300, leased_mw=200, prices=half)
    1250.0
    """
    errors.positive(capacity_mw=capacity_mw)
    if not 0 <= leased_mw <= capacity_mw:
        raise errors.refused("leased_mw", leased_mw, f"in 0 to capacity_mw, {capacity_mw}")
    kept = capacity_mw - leased_mw
    short = expected_shortfall(demand, kept)
    lost = expected_shortfall(demand, capacity_mw) if prices.recall is not None else 0.0
    return math.fsum(
        (
            prices.lease * leased_mw,
            prices.own_use * demand.expected_min(kept),
            prices.salvage * expected_surplus(demand, kept),
            -prices.shortage * short,
            (prices.worth - prices.short) * (short - lost),
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


def notice_loss(
    notice_months: float, *, prices: Prices, sd_month: float, reversion: float = 0.0
) -> float:
    """What needing notice loses in a month against recall at once and for free.

    L(n) = (v - s)·σ(n)·φ(Φ⁻¹((v - p) ÷ (v - s))), demand normal around its forecast and neither
    nothing nor all of the site leased. v counts the shortage loss, if any.
    """
    if not prices.salvage < prices.lease < prices.worth:
        allowed = f"between {prices.salvage} and {prices.worth}"
        raise errors.refused("lease", prices.lease, allowed)
    z = NormalDist().inv_cdf((prices.worth - prices.lease) / (prices.worth - prices.salvage))
    sd = forecast_sd(notice_months, sd_month=sd_month, reversion=reversion)
    return (prices.worth - prices.salvage) * sd * NormalDist().pdf(z)
