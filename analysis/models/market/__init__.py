"""What does the same capacity cost elsewhere, now and later?

`process` is the price process, `prices` observations and what they imply, `calibration` which
processes fit a few noisy observations, `standing` where the market stands on a day.
"""

from analysis.models.market.prices import PriceSeries, price_after_supply, select
from analysis.models.market.process import Process, forward_strip

__all__ = ["PriceSeries", "Process", "forward_strip", "price_after_supply", "select"]
