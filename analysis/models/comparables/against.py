"""A book set against what its company reported: contracted sales, and one customer's share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from analysis.contract.clauses import Party
from analysis.contract.rights import final_terms
from analysis.contract.terms import HEADLINE, Agreement
from analysis.contract.units import Interval
from analysis.models.comparables.reported import (
    CUSTOMER_B,
    REVENUE,
    SALES,
    by_reading,
    disclosed,
    explained,
    merged,
    one_at_a_time,
    period,
    recognised,
)

CLOSEST = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Against:
    """A reported figure and the book at its reporting date, `close` being the day after.

    books: `reported.one_at_a_time`. closest: of all choices of a reading for each agreement those
    that come closest. own: the reading of each agreement by id. paper_usd: as if nobody leaves.
    """

    item: str
    close: date
    disclosed: Interval
    own: Mapping[str, str]
    books: pd.DataFrame
    closest: pd.DataFrame
    paper_usd: float

    @property
    def middle_usd(self) -> float:
        """The middle of the range that rounding leaves of the reported figure."""
        return (self.disclosed.low + self.disclosed.high) / 2

    @property
    def as_read(self) -> pd.Series:
        """The book with every agreement under its own reading: a row of `books`."""
        pairs = zip(self.books.varied, self.books.reading, strict=True)
        return self.books[[self.own[name] == reading for name, reading in pairs]].iloc[0]


def sales(
    told: pd.DataFrame, agreements: Sequence[Agreement], own: Mapping[str, str]
) -> Against | None:
    """The contracted sales that a company reported against its book; None where there is nothing.

    told: `reported.of_company`. agreements: with all their readings. own: a reading for each.
    """
    if SALES not in set(told["item"]):
        return None
    company = str(told.company.iloc[0])
    _, close = period(told, SALES)
    figure = disclosed(told, company=company, item=SALES)
    found = by_reading(agreements, as_of=close, also=own)
    if found.empty:
        return None
    read = {str(a): own[str(a)] for a in found.agreement.unique()}
    left = [
        r != HEADLINE or read[a] == r for a, r in zip(found.agreement, found.reading, strict=True)
    ]
    texts = found[left]  # nobody's leaving is no reading of a text, unless it is asked for
    books = one_at_a_time(texts, read, figure)
    columns = {"unexplained_low_usd": "left_low_usd", "unexplained_high_usd": "left_high_usd"}
    return Against(
        item=SALES,
        close=close,
        disclosed=figure,
        own=own,
        books=books,
        closest=explained(texts, figure).rename(columns=columns).head(CLOSEST),
        paper_usd=float(found[found.reading == HEADLINE].use_usd.sum()),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Quarter:
    """One customer's share of a quarter's revenue against the agreement that was served then.

    served: ids of the agreements in service; table: `reported.merged`, empty unless it is one.
    """

    served: tuple[str, ...]
    portion: Interval
    revenue: Interval
    table: pd.DataFrame

    @property
    def usd(self) -> Interval:
        """What the customer paid, as its share of revenue."""
        return Interval(self.portion.low * self.revenue.low, self.portion.high * self.revenue.high)


def quarter(
    told: pd.DataFrame, agreements: Sequence[Agreement], *, party: Party = "customer"
) -> Quarter | None:
    """The share of Customer B that a company reported; None where it reported none."""
    if not {CUSTOMER_B, REVENUE} <= set(told["item"]):
        return None
    company = str(told.company.iloc[0])
    start, end = period(told, CUSTOMER_B)
    if start is None:
        return None
    portion, revenue = (
        disclosed(told, company=company, item=item) for item in (CUSTOMER_B, REVENUE)
    )
    served = [a for a in agreements if a.start < end and final_terms(a).end > start]
    found = Quarter(
        served=tuple(a.id for a in served), portion=portion, revenue=revenue, table=pd.DataFrame()
    )
    if len(served) != 1:
        return found
    table = recognised(served[0], start=start, end=end, disclosed=found.usd, party=party)
    return Quarter(served=found.served, portion=portion, revenue=revenue, table=merged(table))
