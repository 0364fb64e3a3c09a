"""A book against what a company disclosed: which part it explains, reading by reading."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import product
from typing import Any, Literal

import pandas as pd

from analysis.contract import readings
from analysis.contract.clauses import Party
from analysis.contract.commitment import firm
from analysis.contract.terms import HEADLINE, Agreement, read_as, settle
from analysis.contract.units import Interval
from analysis.models.accounting.revenue import EARNED, Method, recognition

METHODS: tuple[Method, ...] = ("as billed", "straight-line")
SALES = "contracted cloud sales"
NOMINAL = "nominal value of the cloud contracts"
REVENUE = "revenue of the quarter"
CUSTOMER_B = "share of Customer B in revenue of the quarter"
HIGH_DISCOUNT_FIRST: tuple[Literal["high", "use", "low"], ...] = ("high", "use", "low")


def disclosed(disclosures: pd.DataFrame, *, company: str, item: str) -> Interval:
    """A disclosed figure as the range that its rounding leaves; refuses one that is not there."""
    found = disclosures[(disclosures.company == company) & (disclosures["item"] == item)]
    if len(found) != 1:
        known = "; ".join(disclosures[disclosures.company == company]["item"])
        raise ValueError(f"item: {item!r} of {company} is not known; known: {known or 'none'}")
    return Interval(float(found.low.iloc[0]), float(found.high.iloc[0]))


def of_company(disclosures: pd.DataFrame, party: str) -> pd.DataFrame:
    """What the company behind a party disclosed: its name is part of the party's."""
    return disclosures[[company in party for company in disclosures.company]]


def period(disclosures: pd.DataFrame, item: str) -> tuple[date | None, date]:
    """First day of a disclosed figure, None for a stock, and the first day after its close."""
    row = disclosures[disclosures["item"] == item].iloc[0]
    return row.start, row.as_of


def view(told: pd.DataFrame) -> pd.DataFrame:
    """What was disclosed for a reader: money and shares in columns of their own."""
    money = told.unit == "USD"
    return pd.DataFrame(
        {
            "item": told["item"],
            "value_usd": told.value.where(money),
            "value_share": told.value.where(~money),
            "from": told.start,
            "before": told.as_of,
            "kind": told.kind,
            "where": told.locator,
            "source": told.source,
        }
    ).reset_index(drop=True)


def by_reading(
    agreements: Sequence[Agreement],
    *,
    as_of: date,
    party: Party = "customer",
    also: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """What each reading of each agreement leaves firm on `as_of`, the headline last.

    Columns `agreement, reading, title, end, low_usd, use_usd, high_usd`: the ends of undisclosed
    discounts. `as_of` is the first day after the reporting date; later agreements are left out.
    `also`: by id a further reading, such as several joined.
    """
    table = []
    for deal in agreements:
        more = [(also or {}).get(deal.id, HEADLINE)]
        for name in [*readings.names(deal), *more, HEADLINE] if deal.signed < as_of else []:
            row = readings.one(deal, name, as_of=as_of, party=party)
            amounts = row.firm_low_usd, row.firm_usd, row.firm_high_usd
            table.append((deal.id, name, row.title, row.end, *amounts))
    columns = ["agreement", "reading", "title", "end", "low_usd", "use_usd", "high_usd"]
    return pd.DataFrame(table, columns=columns).drop_duplicates(["agreement", "reading"])


def explained(found: pd.DataFrame, disclosed: Interval) -> pd.DataFrame:
    """A disclosed figure against the book under every choice of one reading an agreement.

    Columns: one an agreement with its reading, `low_usd, use_usd, high_usd` of the book,
    `unexplained_low_usd, unexplained_high_usd` (what is left of the disclosed figure; negative
    where the book is larger), `share` explained at the values in use, and `fits`: "below", "above",
    or "within" where the book's range meets the disclosed one. Closest first; of many choices some
    come close by chance, so a fit proves no reading, while "above" speaks against one.
    """
    groups = {str(name): part for name, part in found.groupby("agreement", sort=False)}
    table = []
    for chosen in product(*(part.itertuples() for part in groups.values())):
        low, use, high = (
            math.fsum(getattr(row, f"{end}_usd") for row in chosen)
            for end in ("low", "use", "high")
        )
        middle = (disclosed.low + disclosed.high) / 2
        table.append(
            {name: row.reading for name, row in zip(groups, chosen, strict=True)}
            | {
                "low_usd": low,
                "use_usd": use,
                "high_usd": high,
                "unexplained_low_usd": disclosed.low - high,
                "unexplained_high_usd": disclosed.high - low,
                "share": use / middle,
                "fits": _fits(low, high, disclosed),
            }
        )
    closest = pd.DataFrame(table)
    return closest.sort_values("share", key=lambda s: (s - 1).abs(), ignore_index=True)


def one_at_a_time(found: pd.DataFrame, own: Mapping[str, str], disclosed: Interval) -> pd.DataFrame:
    """The book with the reading of one agreement changed at a time, the others as in `own`.

    `found` is `by_reading`. Columns `varied, reading, title, agreement, usd, low_usd, use_usd,
    high_usd, share, unexplained_usd, fits`: a row for each agreement in each such book, with the
    book's total in all its rows, and what is left of the middle of the disclosed figure.
    """
    middle = (disclosed.low + disclosed.high) / 2
    standing = found[[own[a] == r for a, r in zip(found.agreement, found.reading, strict=True)]]
    table = []
    order = list(own)
    each: list[Any] = list(found.itertuples())
    others: list[Any] = list(standing.itertuples())
    for varied in each:
        rows = [row for row in others if row.agreement != varied.agreement]
        rows = sorted([*rows, varied], key=lambda row: order.index(row.agreement))
        low, use, high = (
            math.fsum(getattr(row, f"{end}_usd") for row in rows) for end in ("low", "use", "high")
        )
        whole = (low, use, high, use / middle, middle - use, _fits(low, high, disclosed))
        for row in rows:
            table.append(
                (varied.agreement, varied.reading, varied.title, row.agreement, row.use_usd, *whole)
            )
    columns = ["varied", "reading", "title", "agreement", "usd", "low_usd", "use_usd", "high_usd",
               "share", "unexplained_usd", "fits"]  # fmt: skip
    return pd.DataFrame(table, columns=columns)


def recognised(
    agreement: Agreement, *, start: date, end: date, disclosed: Interval, party: Party = "customer"
) -> pd.DataFrame:
    """Revenue of `[start, end)` under each reading and method against a disclosed figure.

    Columns `reading, method, low_usd, use_usd, high_usd, fits, paragraph`. The straight line runs
    over what each reading leaves firm at the start of service. A reading made from the same
    disclosed figure fits it by construction.
    """
    table = []
    for name in [*readings.names(agreement), HEADLINE]:
        for method in METHODS:
            amounts = []
            for bound in HIGH_DISCOUNT_FIRST:
                read = settle(read_as(agreement, name), bound)
                rows = recognition(read, end=firm(read, party=party).end, method=method)
                amounts.append(_between(rows, start, end))
            low, high = min(amounts), max(amounts)
            fits = _fits(low, high, disclosed)
            table.append((name, method, low, amounts[1], high, fits, EARNED[method]))
    columns = ["reading", "method", "low_usd", "use_usd", "high_usd", "fits", "paragraph"]
    return pd.DataFrame(table, columns=columns)


def merged(found: pd.DataFrame) -> pd.DataFrame:
    """The rows of `recognised` with readings of equal revenue in one: `reading` names them all."""
    keys = ["method", "low_usd", "use_usd", "high_usd"]
    alike = found.assign(**{key: found[key].round(2) for key in keys[1:]})
    grouped = alike.groupby(keys, sort=False, as_index=False)
    return grouped.agg(reading=("reading", ", ".join), fits=("fits", "first"))


def _fits(low: float, high: float, disclosed: Interval) -> str:
    return "below" if high < disclosed.low else "above" if low > disclosed.high else "within"


def _between(rows: pd.DataFrame, start: date, end: date) -> float:
    """Revenue of the part of each row that lies in `[start, end)`, by days."""
    spans = zip(rows.start, rows.end, rows.revenue_usd, strict=True)
    return math.fsum(
        usd * max(0, (min(high, end) - max(low, start)).days) / (high - low).days
        for low, high, usd in spans
    )
