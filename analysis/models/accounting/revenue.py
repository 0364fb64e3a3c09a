"""A service contract booked: what is left to perform, and revenue beside billing."""

import math
from datetime import date
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from analysis.contract import Position, billing, dates, schedule
from analysis.models.accounting.lease import NO_CONSIDERATION
from analysis.models.accounting.term import Judged, cases
from analysis.models.accounting.term import course as contracted

Method = Literal["straight-line", "as billed"]

REMAINING = "ASC 606-10-50-13; IFRS 15.120"
EARNED = {
    "straight-line": "ASC 606-10-25-31, 606-10-55-20; IFRS 15.39, 15.B18",
    "as billed": "ASC 606-10-55-18; IFRS 15.B16",
}
BALANCES = "ASC 606-10-45-1; IFRS 15.105"
BANDS = {"months 1 to 12": 12, "months 13 to 24": 24, "after month 24": None}


def remaining(position: Position, *, end: date | None = None) -> pd.DataFrame:
    """The remaining performance obligation in bands, to the end of the contract term.

    A contract of a year or less, or one booked as billed, need not be disclosed (ASC 606-10-50-14,
    IFRS 15.121).
    """
    course, day = contracted(position.read, position.known), position.as_of
    last = max([day, *(charge.end for charge in course.charges(day, end))])
    first = max(day, position.read.start)
    edges = [day, *(dates.add_months(day, months) for months in BANDS.values() if months), last]
    table = []
    for name, (low, high) in zip(BANDS, pairwise(edges), strict=True):
        low, high = min(low, last), min(high, last)
        if low < high and high > first:  # as part of the whole: a part month alone may cost more
            usd, rest = (math.fsum(c.usd for c in course.charges(e, end)) for e in (low, high))
            table.append((name, low, high, usd - rest, REMAINING))
    bands = pd.DataFrame(table, columns=["band", "start", "end", "usd", "paragraph"])
    return bands.astype({"usd": float})  # where nothing is left as well


def bands(position: Position, *, judged: Judged) -> pd.DataFrame:
    """`remaining` in each case: `case, band, start, end, usd, paragraph`; adds up to backlogs."""
    found = cases(position, framework=judged.revenue, judged=judged)
    table = [remaining(position, end=case.end).assign(case=case.case) for case in found]
    columns = ["case", "band", "start", "end", "usd", "paragraph"]
    return pd.concat(table, ignore_index=True)[columns]


def recognition(
    position: Position, *, end: date | None = None, method: Method = "straight-line"
) -> pd.DataFrame:
    """Revenue beside billing by service period, to the contract term's end (or the stated one).

    "straight-line" spreads all fees evenly by days, "as billed" earns each day's own fee. What
    falls due later than the term is billed in its last period. A balance above 0 is a contract
    asset (a receivable, if only time must pass: ASC 606-10-45-4, IFRS 15.108), below 0 a contract
    liability.
    """
    course = contracted(position.read, position.known, bound=position.bound)
    rows = schedule.frame(course.charges(until=end))
    paid = billing.payments(course, end)
    paid = paid[~paid.clause.isin(NO_CONSIDERATION)]
    place = np.searchsorted(list(rows.end), list(paid.date), side="right")
    billed = np.zeros(len(rows))
    if len(rows):  # a term that ends on its first day earns nothing
        np.add.at(billed, np.minimum(place, len(rows) - 1), paid.usd.to_numpy(dtype=float))
    revenue = rows.fee_usd.to_numpy()
    if method == "straight-line":
        revenue = revenue.sum() * rows.days.to_numpy() / rows.days.sum()
    return rows[["start", "end"]].assign(
        billed_usd=billed,
        revenue_usd=revenue,
        balance_usd=np.cumsum(revenue - billed),
        paragraph=f"{EARNED[method]}; {BALANCES}",
    )


def recognised(position: Position, *, judged: Judged) -> pd.DataFrame:
    """Revenue beside billing by month for each way to earn it; balances in whole dollars."""
    ends = cases(position, framework=judged.revenue, judged=judged)
    ways: list[tuple[str, Method, date]] = [("as billed", "as billed", ends[0].end)]
    ways += [(f"straight line, {case.case}", "straight-line", case.end) for case in ends]
    tables = []
    for way, method, end in ways:
        rows = recognition(position, end=end, method=method)
        month = [f"{day:%Y-%m}" for day in rows.start]
        rounded = rows.assign(balance_usd=rows.balance_usd.round())
        found = rounded.groupby(month, sort=False).agg(
            {"start": "first", "end": "last", "billed_usd": "sum", "revenue_usd": "sum"}
            | {"balance_usd": "last", "paragraph": "first"}
        )
        tables.append(found.assign(way=way, method=method))
    return pd.concat(tables, ignore_index=True)
