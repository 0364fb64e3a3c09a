"""How much of a site to lease out when its owner may need it: one period, uncertain own demand.

Prices are for a megawatt and month. Of `capacity_mw`, q is leased and y = capacity - q kept.
"""

import math
from dataclasses import dataclass

import pandas as pd

from analysis.contract import checks
from analysis.models.finance.demand import UNIT, Demand, expected_shortfall, expected_surplus


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
        checks.finite(lease=self.lease, own_use=self.own_use, salvage=self.salvage)
        checks.not_negative(shortage=self.shortage)
        if self.recall is not None and self.buy_back is not None:
            raise checks.refused("buy_back", self.buy_back, "left out where recall is given")
        for name in ("own_use", "recall", "buy_back"):
            price = getattr(self, name)
            if price is not None and not self.salvage < price < math.inf:
                raise checks.refused(name, price, f"finite and above salvage, {self.salvage}")

    @property
    def short(self) -> float:
        """What one megawatt too few costs: its worth, or less where it can be had back."""
        back = self.recall if self.recall is not None else self.buy_back
        return min(self.own_use + self.shortage, math.inf if back is None else back)

    @property
    def critical_ratio(self) -> float:
        """The chance of own demand within the kept capacity at which one more is worth nothing.

        (short - lease) ÷ (short - salvage): Littlewood; with recall Gallego, Kou, Phillips 2008.

        >>> Prices(lease=4, own_use=8).critical_ratio
        0.5
        """
        return (self.short - self.lease) / (self.short - self.salvage)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseOut:
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

    >>> from analysis.models.finance.demand import Uniform
    >>> best(Uniform(low=0, high=200), capacity_mw=300, prices=Prices(lease=4, own_use=8)).leased_mw
    200.0
    """
    checks.positive(capacity_mw=capacity_mw)
    ratio = prices.critical_ratio
    kept = 0.0 if ratio <= 0 else capacity_mw if ratio >= 1 else demand.quantile(ratio)
    leased = capacity_mw - float(min(max(kept, 0.0), capacity_mw))
    choices = [leased]
    if block_mw is not None:
        checks.positive(block_mw=block_mw)
        choices = [q for q in _quantities(capacity_mw, block_mw) if abs(q - leased) <= block_mw]
    earned = {
        q: profit(demand, capacity_mw=capacity_mw, leased_mw=q, prices=prices) for q in choices
    }
    leased = max(reversed(choices), key=earned.__getitem__)
    return LeaseOut(leased_mw=leased, kept_mw=capacity_mw - leased, usd_month=earned[leased])


def profit(demand: Demand, *, capacity_mw: float, leased_mw: float, prices: Prices) -> float:
    """Mean earnings of a month: the sum of `profit_parts`."""
    parts = profit_parts(demand, capacity_mw=capacity_mw, leased_mw=leased_mw, prices=prices)
    return math.fsum(parts.values())


def profit_parts(
    demand: Demand, *, capacity_mw: float, leased_mw: float, prices: Prices
) -> dict[str, float]:
    """Mean earnings of a month by source: lease, own use, idle capacity, recall or buying back,
    and the loss for demand unserved.

    >>> from analysis.models.finance.demand import Uniform
    >>> half = Prices(lease=4, own_use=8, salvage=1)
    >>> profit_parts(Uniform(low=0, high=200), capacity_mw=300, leased_mw=200, prices=half)
    {'lease': 800, 'own use': 600.0, 'idle': 25.0, 'had back': 0.0, 'unserved': 0.0}
    """
    checks.positive(capacity_mw=capacity_mw)
    if not 0 <= leased_mw <= capacity_mw:
        raise checks.refused("leased_mw", leased_mw, f"in 0 to capacity_mw, {capacity_mw}")
    kept = capacity_mw - leased_mw
    short = expected_shortfall(demand, kept)
    gain, back = 0.0, 0.0
    if prices.recall is not None and prices.recall < prices.own_use + prices.shortage:
        back = short - expected_shortfall(demand, capacity_mw)
        gain = prices.own_use - prices.recall
    elif prices.buy_back is not None and prices.buy_back < prices.own_use + prices.shortage:
        back = short
        gain = prices.own_use - prices.buy_back
    return {
        "lease": prices.lease * leased_mw,
        "own use": prices.own_use * demand.expected_min(kept),
        "idle": prices.salvage * expected_surplus(demand, kept),
        "had back": gain * back,
        "unserved": 0.0 - prices.shortage * (short - back),
    }


def frontier(
    demand: Demand, *, capacity_mw: float, prices: Prices, block_mw: float
) -> pd.DataFrame:
    """Mean earnings by whole blocks leased: `leased_mw, usd_month` and its parts."""
    checks.positive(capacity_mw=capacity_mw, block_mw=block_mw)
    table = [
        {"leased_mw": leased}
        | profit_parts(demand, capacity_mw=capacity_mw, leased_mw=leased, prices=prices)
        for leased in _quantities(capacity_mw, block_mw)
    ]
    found = pd.DataFrame(table)
    found.insert(1, "usd_month", found.drop(columns="leased_mw").sum(axis=1))
    return found


def _quantities(capacity_mw: float, block_mw: float) -> list[float]:
    """Nothing, and every number of whole blocks that the capacity holds."""
    blocks = math.floor(capacity_mw / block_mw + checks.ROUND_OFF)
    return [min(number * block_mw, capacity_mw) for number in range(blocks + 1)]


def forecast_sd(notice_months: float, *, sd_month: float, reversion: float = 0.0) -> float:
    """Error of a forecast made so many months ahead: what notice leaves unknown.

    A random walk, sd·√n, or pulled back to its mean at rate κ a month: sd·√((1 - e^-2κn) ÷ 2κ).

    >>> forecast_sd(4, sd_month=15)
    30.0
    """
    checks.not_negative(notice_months=notice_months, sd_month=sd_month, reversion=reversion)
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
    value = prices.own_use + prices.shortage
    if not prices.salvage < prices.lease < value:
        raise checks.refused("lease", prices.lease, f"between {prices.salvage} and {value}")
    ratio = (value - prices.lease) / (value - prices.salvage)
    sd = forecast_sd(notice_months, sd_month=sd_month, reversion=reversion)
    return (value - prices.salvage) * sd * UNIT.pdf(UNIT.inv_cdf(ratio))


def price_of_shorter_notice(
    from_months: float,
    to_months: float,
    *,
    leased_mw: float,
    prices: Prices,
    sd_month: float,
    reversion: float = 0.0,
) -> float:
    """Discount on the fee, for each leased megawatt and month, at which a shorter notice is even.

    (L(from) - L(to)) ÷ leased; negative where notice gets longer.
    """
    checks.positive(leased_mw=leased_mw)
    before, after = (
        notice_loss(months, prices=prices, sd_month=sd_month, reversion=reversion)
        for months in (from_months, to_months)
    )
    return (before - after) / leased_mw
