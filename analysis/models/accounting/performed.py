"""The provider's books through time: what is left in bands, and revenue beside what is billed."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Unpack

import pandas as pd

from analysis.contract.schedule import Facts
from analysis.contract.terms import Agreement
from analysis.models.accounting.books import STANDARDS, Judged, cases
from analysis.models.accounting.revenue import Method, recognition, remaining


def bands(
    agreement: Agreement,
    *,
    day: date,
    judged: Judged,
    bands_months: Sequence[int] = (12, 24),
    **facts: Unpack[Facts],
) -> pd.DataFrame:
    """The remaining obligation in bands of time: `case, band, start, end, usd, paragraph`.

    The bands of a case add up to its backlog.
    """
    framework = STANDARDS[judged.standard].revenue
    names, table = _names(bands_months), []
    for case in cases(agreement, framework=framework, day=day, judged=judged, **facts):
        found = remaining(agreement, as_of=day, end=case.end, bands_months=bands_months, **facts)
        table.append(found.assign(case=case.case, band=names[: len(found)]))
    columns = ["case", "band", "start", "end", "usd", "paragraph"]
    return pd.concat(table, ignore_index=True)[columns]


def _names(bands_months: Sequence[int]) -> list[str]:
    """What the bands are called.

    >>> _names([12, 24])
    ['months 1 to 12', 'months 13 to 24', 'after month 24']
    """
    edges = [0, *bands_months]
    inside = [f"months {a + 1} to {b}" for a, b in pairwise(edges)]
    return [*inside, f"after month {edges[-1]}"]


def recognised(agreement: Agreement, *, judged: Judged, **facts: Unpack[Facts]) -> pd.DataFrame:
    """Revenue beside billing by calendar month, from the start, for each way to earn it.

    Columns `way, method, start, end, billed_usd, revenue_usd, balance_usd, paragraph`. The terms
    are those seen from the start. `balance_usd` stands at the end of the month, in whole dollars:
    a contract asset if above 0, a contract liability below.
    """
    framework = STANDARDS[judged.standard].revenue
    ends = cases(agreement, framework=framework, day=agreement.start, judged=judged, **facts)
    ways: list[tuple[str, Method, date]] = [("as billed", "as billed", ends[0].end)]
    ways += [(f"straight line, {case.case}", "straight-line", case.end) for case in ends]
    return pd.concat(
        [
            _monthly(recognition(agreement, end=end, method=method, **facts)).assign(
                way=way, method=method
            )
            for way, method, end in ways
        ],
        ignore_index=True,
    )


def _monthly(rows: pd.DataFrame) -> pd.DataFrame:
    """Service periods joined to calendar months."""
    month = [f"{day:%Y-%m}" for day in rows.start]
    balance = rows.contract_asset_usd - rows.contract_liability_usd
    rows = rows.assign(balance_usd=balance.round())  # invoices are rounded to cents
    found = rows.groupby(month, sort=False).agg(
        start=("start", "first"),
        end=("end", "last"),
        billed_usd=("billed_usd", "sum"),
        revenue_usd=("revenue_usd", "sum"),
        balance_usd=("balance_usd", "last"),
        paragraph=("paragraph", "first"),
    )
    return pd.DataFrame(found)


def side_by_side(table: pd.DataFrame) -> pd.DataFrame:
    """A row a month: what is billed, then revenue and balance under each way; see `recognised`."""
    first = table[table.way == table.way.iloc[0]]
    wide = first[["start", "end", "billed_usd"]].reset_index(drop=True)
    for way in dict.fromkeys(table.way):
        rows = table[table.way == way].reset_index(drop=True)
        wide[f"revenue, {way}_usd"] = rows.revenue_usd
        wide[f"balance, {way}_usd"] = rows.balance_usd
    return pd.DataFrame(wide)
