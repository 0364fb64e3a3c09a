"""What does the same capacity cost elsewhere, now and later?

`process` is the price process, `prices` observations and what they imply, `calibration` which
processes fit a few noisy observations.
"""

from analysis.models.market.prices import (
    KINDS,
    PriceSeries,
    fair_fee,
    fair_fee_continuous,
    fair_fees,
    price_after_supply,
    select,
)
from analysis.models.market.process import Chain, Process, forward_strip

__all__ = [
    "KINDS",
    "Chain",
    "PriceSeries",
    "Process",
    "fair_fee",
    "fair_fee_continuous",
    "fair_fees",
    "forward_strip",
    "price_after_supply",
    "select",
]
