"""What renting costs by the hour: the market price of page 03, in fees of the same capacity."""

import pandas as pd

from analysis.models.exits.leaving import Leaving
from analysis.models.market.standing import Standing
from analysis.models.planning import BOUNDS, Bound

AT_MARKET = ("on_demand_to_fee", "market_to_fee")
"""The assumptions that a price seen replaces."""


def to_fee(ahead: Leaving, now: Standing | None) -> dict[Bound, float]:
    """Market price ÷ fee, over what the accelerators may count in H100s; empty where none is."""
    if now is None or ahead.why_not or not ahead.fee_usd_month:
        return {}
    h100s = ahead.h100_equivalents
    counts = zip(BOUNDS, (h100s.low, h100s.use, h100s.high), strict=True)
    return {bound: now.spot_usd_hour / ahead.fee_usd_hour(count) for bound, count in counts}


def market(ahead: Leaving, now: Standing | None) -> str:
    """The price seen, in words: what, how much, whose; empty where there is none."""
    if now is None or ahead.why_not:
        return ""
    seen = now.series
    return f"{seen.gpu} {seen.tier} at ${now.spot_usd_hour:.2f}/H100e-hour ({seen.source})"


def seen(assumptions: pd.DataFrame, ahead: Leaving, now: Standing | None) -> pd.DataFrame:
    """The assumptions with the market price seen, where there is one, in place of an assumed one.

    What the reader gives by name goes before: change the table afterwards.
    """
    ends = to_fee(ahead, now)
    table = assumptions.copy()
    if now is None or not ends:
        return table
    rows = table.name.isin(AT_MARKET)
    table.loc[rows, list(BOUNDS)] = [ends[bound] for bound in BOUNDS]
    note = f"{market(ahead, now)} ÷ the fee; low to high by what the accelerators count in H100s"
    table.loc[rows, ["kind", "source", "note"]] = ["derived", now.series.source, note]
    return table
