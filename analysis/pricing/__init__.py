"""Is the price high: one fee in every unit, beside what the market was seen to charge.

`fee` is the full monthly fee and what it pays for, `ladder` its price in four units, `beside` the
market prices that it is held against, `otherwise` what the ratio would be if the accelerators,
their mix, the megawatts, the metric or the hours were others, `power` the part that power takes.
"""

from analysis.pricing.beside import contracted, deals_by_mw, history, since_when
from analysis.pricing.buys import bought
from analysis.pricing.fee import Fee, equivalents, full_fee, kinds, paid_for
from analysis.pricing.ladder import ladder, verdicts
from analysis.pricing.otherwise import otherwise
from analysis.pricing.power import power_share

__all__ = [
    "Fee",
    "bought",
    "contracted",
    "deals_by_mw",
    "equivalents",
    "full_fee",
    "history",
    "kinds",
    "ladder",
    "otherwise",
    "paid_for",
    "power_share",
    "since_when",
    "verdicts",
]
