"""What the customer owes, loses when the provider leaves, and must earn."""

from datetime import date

import numpy as np
import pandas as pd

from analysis.contract import checks
from analysis.contract.commitment import firm
from analysis.contract.terms import Agreement
from analysis.models.finance import value
from analysis.models.finance.annuities import monthly


def firm_cost(agreement: Agreement, *, as_of: date | None = None) -> pd.Series:
    """What the customer must pay, by day due, even if it leaves as early as it may: below 0."""
    return value.flows(firm(agreement, as_of=as_of, party="customer").rows, party="customer")


def firm_supply(agreement: Agreement, *, as_of: date | None = None) -> pd.DataFrame:
    """The service, as rows of the schedule, that the provider cannot take away by leaving."""
    return firm(agreement, as_of=as_of, party="provider").rows


def loss_when_provider_leaves(
    *,
    worth: float,
    fee: float,
    replacement_fee: float,
    notice_months: int,
    replacement_months: int,
    horizon_months: int,
    switching: float = 0.0,
    rate_year: float,
) -> pd.DataFrame:
    """What it costs a customer, for a megawatt, if the provider gives notice today: `part, usd`.

    *gap*: worth less fee from the end of service to the arrival of a replacement ordered today;
    *dearer replacement*: its fee less the old one from then to the horizon (below 0 if cheaper);
    *switching* when service ends. Months in advance. Rows add up to the loss, counted positive.
    """
    checks.finite(worth=worth, fee=fee, replacement_fee=replacement_fee)
    checks.whole(
        notice_months=notice_months,
        replacement_months=replacement_months,
        horizon_months=horizon_months,
    )
    checks.not_negative(switching=switching)
    if notice_months > horizon_months:
        raise checks.refused(
            "notice_months", notice_months, f"within the horizon, {horizon_months}"
        )
    factor = (1 + monthly(rate_year)) ** -np.arange(horizon_months + 1.0)
    arrival = min(max(notice_months, replacement_months), horizon_months)
    parts = {
        "gap": (worth - fee) * factor[notice_months:arrival].sum(),
        "dearer replacement": (replacement_fee - fee) * factor[arrival:horizon_months].sum(),
        "switching": switching * factor[notice_months],
    }
    return pd.DataFrame({"part": list(parts), "usd": [float(usd) for usd in parts.values()]})


def required_revenue(fee: float, *, gross_margin: float) -> float:
    """Revenue that a fee asks for at a gross margin, both for the same capacity and time.

    >>> required_revenue(50.0, gross_margin=0.5)
    100.0
    """
    checks.not_negative(fee=fee)
    if not gross_margin < 1:
        raise checks.refused("gross_margin", gross_margin, "below 1")
    return fee / (1 - gross_margin)


def revenue_coverage(revenue: float, *, fee: float) -> float:
    """Revenue attributed to the capacity ÷ its fee.

    >>> revenue_coverage(15.0, fee=50.0)
    0.3
    """
    checks.positive(fee=fee)
    return revenue / fee


def compute_per_dollar(
    h100_equivalents: float, *, fee_usd_month: float, hours_month: float, flops_utilisation: float
) -> float:
    """Useful H100-equivalent hours for a dollar: N·H ÷ fee × model FLOPs utilisation.

    The last is how much of peak arithmetic running jobs reach; it is no share of time in use.

    >>> compute_per_dollar(
    ...     1000, fee_usd_month=730_000, hours_month=730, flops_utilisation=0.4)
    0.4
    """
    checks.positive(fee_usd_month=fee_usd_month, hours_month=hours_month)
    checks.not_negative(h100_equivalents=h100_equivalents)
    checks.share(flops_utilisation=flops_utilisation)
    return h100_equivalents * hours_month / fee_usd_month * flops_utilisation
