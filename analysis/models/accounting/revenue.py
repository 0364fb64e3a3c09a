"""A service contract booked: what is left to perform, and revenue beside billing."""

import math
from collections.abc import Sequence
from datetime import date
from typing import Literal, Unpack

import numpy as np
import pandas as pd

from analysis.contract import billing, dates, schedule
from analysis.contract.schedule import Facts
from analysis.contract.terms import Agreement
from analysis.models.accounting.leased import NO_CONSIDERATION

Method = Literal["straight-line", "as billed"]

REMAINING = "ASC 606-10-50-13; IFRS 15.120"
EARNED = {
    "straight-line": "ASC 606-10-25-31, 606-10-55-20; IFRS 15.39, 15.B18",
    "as billed": "ASC 606-10-55-18; IFRS 15.B16",
}
BALANCES = "ASC 606-10-45-1; IFRS 15.105"


def remaining(
    agreement: Agreement,
    *,
    as_of: date,
    end: date | None = None,
    bands_months: Sequence[int] = (12, 24),
    **facts: Unpack[Facts],
) -> pd.DataFrame:
    """The remaining performance obligation in bands of time: `start, end, usd, paragraph`.

    Fees for service from `as_of`, the first day after the reporting date, to `end`, the contract
    term's (default: the stated end); the sum is the obligation. Bands end so many months after
    `as_of`, the last at `end`. A contract whose original duration is a year or less, or that is
    booked as billed, need not be disclosed (ASC 606-10-50-14, IFRS 15.121).

    >>> list(remaining(deal, as_of=date(2026, 3, 1)).usd)
    [1200.0, 1200.0]
    """
    if list(bands_months) != sorted(set(bands_months)) or any(m <= 0 for m in bands_months):
        raise ValueError(f"bands_months: {bands_months} is not allowed; allowed: rising, above 0")
    found = schedule.charges(agreement, since=as_of, until=end, **facts)
    last = max([as_of, *(charge.end for charge in found)])
    first = max(as_of, agreement.start)
    edges = [dates.add_months(as_of, months) for months in bands_months]

    def from_on(day: date) -> float:
        rest = schedule.charges(agreement, since=day, until=end, **facts)
        return math.fsum(charge.usd for charge in rest)

    table = []
    for low, high in zip([as_of, *edges], [*edges, last], strict=True):
        low, high = min(max(low, as_of), last), min(high, last)
        if low < high and high > first:  # as part of the whole: a part month alone may cost more
            table.append((low, high, from_on(low) - from_on(high), REMAINING))
    bands = pd.DataFrame(table, columns=["start", "end", "usd", "paragraph"])
    return bands.astype({"usd": float})  # where nothing is left as well


def recognition(
    agreement: Agreement,
    *,
    end: date | None = None,
    method: Method = "straight-line",
    **facts: Unpack[Facts],
) -> pd.DataFrame:
    """Revenue beside billing, to the contract term's end (default: the stated end).

    A row a service period: `start, end, billed_usd, revenue_usd, contract_asset_usd,
    contract_liability_usd, paragraph`; billed is what falls due in it (what falls due later than
    the term, in its last), deposits left out. "straight-line" spreads all fees evenly by days, "as
    billed" earns each day's own fee: right where the fee follows what is delivered. Balances stand
    at the end of the period: revenue ahead of billing is an asset (a receivable, if only time must
    pass: ASC 606-10-45-4, IFRS 15.108), billing ahead of revenue a liability. Which method fits is
    a judgement: a straight line through a ramp that follows delivery may be wrong in substance.

    >>> recognition(deal, end=date(2026, 4, 1)).contract_asset_usd.round(6).tolist()[-1]
    0.0
    """
    if method not in EARNED:
        raise ValueError(f"method: {method!r} is not allowed; allowed: {', '.join(EARNED)}")
    rows = schedule.rows(agreement, until=end, **facts)
    paid = billing.payments(agreement, until=end, **facts)
    paid = paid[~paid.clause.isin(NO_CONSIDERATION)]
    position = np.searchsorted(list(rows.end), list(paid.date), side="right")
    billed = np.zeros(len(rows))
    if len(rows):  # a term that ends on its first day earns nothing
        np.add.at(billed, np.minimum(position, len(rows) - 1), paid.usd.to_numpy(dtype=float))
    revenue = rows.fee_usd.to_numpy()
    if method == "straight-line":
        days = rows.days.to_numpy()
        revenue = revenue.sum() * days / days.sum()
    ahead = np.cumsum(revenue - billed)
    return pd.DataFrame(
        {
            "start": rows.start,
            "end": rows.end,
            "billed_usd": billed,
            "revenue_usd": revenue,
            "contract_asset_usd": np.maximum(ahead, 0.0),
            "contract_liability_usd": np.maximum(-ahead, 0.0),
            "paragraph": f"{EARNED[method]}; {BALANCES}",
        }
    )
