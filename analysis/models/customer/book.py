"""What a customer has committed to buy, by partner, as reported: totals without a text to read.

A total is spread evenly from its start to its end; one without both is not dated. Only rows of one
tally add up: others may count the same capacity again.
"""

from collections.abc import Iterator
from datetime import date

import pandas as pd

BINDS = {"yes": "largely non-cancellable", "no": "largely cancellable", "": "not known"}
COLUMNS = ["counterparty", "total_usd", "total_is", "start", "end", "binds", "tally"]


def partners(deals: pd.DataFrame, customer: str, price: pd.DataFrame) -> pd.DataFrame:
    """A customer's totals by partner, the largest of the tally first, then those beside it.

    deals: `comparables.deals`; price: `comparables.measures`. Columns `counterparty, total_usd,
    total_is, start, end, binds, tally, low_bn_usd_gw_year, high_bn_usd_gw_year, overlaps, source`.
    """
    own = deals[(deals.customer == customer) & deals.total_usd.notna()]
    per = price[price.measure == "usd_bn_gw_year"].set_index("id")
    found = own.assign(
        counterparty=own.provider,
        binds=own.binds.map(BINDS),
        low_bn_usd_gw_year=per.low.reindex(own.index),
        high_bn_usd_gw_year=per.high.reindex(own.index),
        beside=own.tally == "",
    ).sort_values(["beside", "total_usd"], ascending=[True, False])
    shown = [*COLUMNS, "low_bn_usd_gw_year", "high_bn_usd_gw_year", "overlaps", "source"]
    return found[shown].reset_index(drop=True)


def by_year(found: pd.DataFrame) -> pd.DataFrame:
    """The tally by year of service: `year, binds, usd`, what is not dated as year None.

    >>> one = {"counterparty": "A", "total_usd": 365.0, "binds": "not known", "tally": "t"}
    >>> one |= {"start": date(2026, 7, 2), "end": date(2027, 7, 2)}
    >>> by_year(pd.DataFrame([one])).usd.tolist()
    [183.0, 182.0]
    """
    own = found[found.tally != ""]
    rows = [
        (year, binds, part)
        for start, end, usd, binds in zip(own.start, own.end, own.total_usd, own.binds, strict=True)
        for year, part in _years(start, end, usd)
    ]
    table = pd.DataFrame(rows, columns=["year", "binds", "usd"])
    kinds = table.groupby(["year", "binds"], as_index=False, dropna=False, sort=False)
    return kinds.agg(usd=("usd", "sum"))


def _years(start: date | None, end: date | None, usd: float) -> Iterator[tuple[int | None, float]]:
    """A total by the days of each year that it is served in."""
    if not start or not end:
        yield None, usd
        return
    for year in range(start.year, end.year + 1):
        days = (min(end, date(year + 1, 1, 1)) - max(start, date(year, 1, 1))).days
        if days > 0:
            yield year, usd * days / (end - start).days
