"""Is the price high: one fee in every unit, beside what the market was seen to charge.

`fee` is what a capacity counts, `ladder` its price in four units, `beside` the
market prices that it is held against, `buys` what it would rent at those, `otherwise` what the
ratio would be if number, mix, megawatts, metric or hours were others, `power` the part that power
takes, `drawn` fee and market as rows of one picture.
"""

from analysis.contract.served import FullFee, full_fee, paid_for
from analysis.models.pricing.beside import (
    cheapest,
    contracted,
    deals_by_mw,
    history,
    judged_by,
    moments,
    reported_kind,
    since_when,
    with_others,
)
from analysis.models.pricing.buys import Even, bought, even
from analysis.models.pricing.drawn import (
    bands,
    deal_rows,
    ends,
    fee_rows,
    market_rows,
    rented_rows,
    stacked,
)
from analysis.models.pricing.fee import equivalents, kinds
from analysis.models.pricing.imputed import imputed
from analysis.models.pricing.ladder import ladder, rung, verdicts, written
from analysis.models.pricing.otherwise import by_the_accelerator, by_the_megawatt
from analysis.models.pricing.power import power_price, power_share

__all__ = [
    "Even",
    "FullFee",
    "bands",
    "bought",
    "by_the_accelerator",
    "by_the_megawatt",
    "cheapest",
    "contracted",
    "deal_rows",
    "deals_by_mw",
    "ends",
    "equivalents",
    "even",
    "fee_rows",
    "full_fee",
    "history",
    "imputed",
    "judged_by",
    "kinds",
    "ladder",
    "market_rows",
    "moments",
    "paid_for",
    "power_price",
    "power_share",
    "rented_rows",
    "reported_kind",
    "rung",
    "since_when",
    "stacked",
    "verdicts",
    "with_others",
    "written",
]
