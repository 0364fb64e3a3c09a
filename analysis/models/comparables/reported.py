"""What was reported: a company's sales against its book, and a customer's totals by partner."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from typing import Any, Literal, NamedTuple

import pandas as pd

from analysis.contract import Position, dates, position, readings
from analysis.contract.terms import HEADLINE, Agreement
from analysis.models.accounting.books import EARNED, Method, recognition
from analysis.models.units import Interval

METHODS: tuple[Method, ...] = ("as billed", "straight-line")
SALES = "contracted cloud sales"
OBLIGATIONS = "remaining performance obligations"
REVENUE = "revenue of the quarter"
CUSTOMER_B = "share of Customer B in revenue of the quarter"
PROFIT = "operating profit expected of the quarter"
MONTHS_PER_QUARTER = 3
HIGH_DISCOUNT_FIRST: tuple[Literal["high", "use", "low"], ...] = ("high", "use", "low")
ENDS = ("low_usd", "use_usd", "high_usd")


def of_company(disclosures: pd.DataFrame, party: str) -> pd.DataFrame:
    """What the company behind a party disclosed: its name is part of the party's."""
    return disclosures[[company in party for company in disclosures.company]]


def gaps(disclosures: pd.DataFrame) -> pd.DataFrame:
    """What companies announced beside what they report: `company, announced_usd, reported_usd`.

    One agreement's contract value, and the remaining performance obligations of the company.
    """
    items = {"contract value announced": "announced_usd", OBLIGATIONS: "reported_usd"}
    found = disclosures[disclosures["item"].isin(list(items))]
    table = found.pivot(index="company", columns="item", values="value").rename(columns=items)
    kept = table.reindex(columns=list(items.values())).dropna()
    return kept.rename_axis(columns=None).reset_index()


class Figure(NamedTuple):
    """A reported figure as the range that its rounding leaves.

    since: the first day of a flow, None for a stock. close: the first day after its date.
    """

    usd: Interval
    since: date | None
    close: date


def disclosed(told: pd.DataFrame, item: str) -> Figure | None:
    """A figure of `of_company`; None where it was not reported."""
    found = told[told["item"] == item].to_dict("records")
    return next(
        (Figure(Interval(r["low"], r["high"]), r["start"], r["as_of"]) for r in found), None
    )


def by_reading(
    agreements: Sequence[Agreement],
    *,
    as_of: date,
    since: date | None = None,
    also: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """What each reading of each agreement leaves firm, by the ends of undisclosed discounts.

    `as_of` is the first day after the reporting date; later agreements are left out. With `since`,
    the first day of a flow, those signed from it on count, as firm at signing. `also`: by id a
    further reading, such as several joined. The headline comes last.
    """
    table = []
    for deal in agreements:
        if deal.signed < as_of and not (since and deal.signed < since):
            found = position(deal, deal.signed if since else as_of)
            more = (also or {}).get(deal.id, HEADLINE)
            for name in dict.fromkeys([*readings.names(found), more, HEADLINE]):
                row = readings.one(found, name)
                amounts = row.firm_low_usd, row.firm_usd, row.firm_high_usd
                table.append((deal.id, name, row.title, *amounts))
    return pd.DataFrame(table, columns=["agreement", "reading", "title", *ENDS])


def explained(found: pd.DataFrame, own: Mapping[str, str], disclosed: Interval) -> pd.DataFrame:
    """A disclosed figure against the book under every choice of one reading an agreement.

    `found` is `by_reading`. Columns: one an agreement with its reading; the ends of the book;
    `left_low_usd, left_high_usd` of the disclosed figure, negative where the book is larger;
    `share` explained at the values in use; `fits`: "below", "above", or "within" where the book's
    range meets the disclosed one; `changes, varied, title`: how many readings differ from `own`,
    whose, and what they say. Closest first; of many choices some come close by chance, so a fit
    proves no reading.
    """
    parts = found.groupby("agreement", sort=False)
    groups: list[list[Any]] = [list(part.itertuples()) for _, part in parts]
    table: list[dict[str, Any]] = []
    for chosen in product(*groups):
        low, use, high = (math.fsum(getattr(row, end) for row in chosen) for end in ENDS)
        other = [row for row in chosen if own[row.agreement] != row.reading]
        table.append(
            {row.agreement: row.reading for row in chosen}
            | {"low_usd": low, "use_usd": use, "high_usd": high}
            | {"left_low_usd": disclosed.low - high, "left_high_usd": disclosed.high - low}
            | {"share": use / disclosed.middle, "fits": _fits(low, high, disclosed)}
            | {"changes": len(other), "varied": "; ".join(row.agreement for row in other)}
            | {"title": "; ".join(f"{row.title} ({row.reading})" for row in other)}
        )
    every = pd.DataFrame(table)
    return every.sort_values("share", key=lambda s: (s - 1).abs(), ignore_index=True)


class Against(NamedTuple):
    """A reported `figure` against `books`: `explained`.

    as_read: the book with every agreement under its own reading. paper: each as if nobody
    leaves.
    """

    figure: Figure
    books: pd.DataFrame
    as_read: pd.Series
    paper: pd.DataFrame


def sales(
    told: pd.DataFrame, agreements: Sequence[Agreement], own: Mapping[str, str]
) -> Against | None:
    """Contracted sales as a company reported them against its book; None where there is nothing.

    Of a flow the book is what was firm when each agreement of the period was signed.

    told: `of_company`. agreements: with all their readings. own: a reading for each.
    """
    if not (figure := disclosed(told, SALES)):
        return None
    found = by_reading(agreements, as_of=figure.close, since=figure.since, also=own)
    if found.empty:
        return None
    asked = found.reading == found.agreement.map(dict(own))
    nobody = found.reading == HEADLINE  # leaves: no reading of a text
    books = explained(found[~nobody | asked], own, figure.usd)
    return Against(figure, books, books[books.changes == 0].iloc[0], found[nobody])


class Quarter(NamedTuple):
    """One customer's share of a quarter's revenue against the agreement that was served then.

    start, end: its first day, and the first day after it.
    served: ids of the agreements in service; table: `recognised`, empty unless it is one.
    """

    start: date
    end: date
    served: tuple[str, ...]
    usd: Interval
    table: pd.DataFrame


def quarter(told: pd.DataFrame, agreements: Sequence[Agreement]) -> Quarter | None:
    """The share of Customer B that a company reported; None where it reported none."""
    share, revenue = disclosed(told, CUSTOMER_B), disclosed(told, REVENUE)
    if not share or not revenue or not share.since:
        return None
    usd, start, end = share.usd * revenue.usd, share.since, share.close
    served = [a for a in agreements if a.start < end and position(a, as_of=end).end > start]
    table = pd.DataFrame()
    if len(served) == 1:
        table = recognised(served[0], start=start, end=end, disclosed=usd)
    return Quarter(start, end, tuple(deal.id for deal in served), usd, table)


def forecast(now: Position, *, start: date) -> tuple[date, float]:
    """The end of the quarter that begins on `start`, and its fees if nobody leaves."""
    end = dates.add_months(start, MONTHS_PER_QUARTER)
    return end, math.fsum(charge.usd for charge in now.schedule.charges(start, end))


def expected_profit(disclosures: pd.DataFrame, party: str, *, end: date) -> float:
    """What a party told of its operating profit in the quarter before `end`; nan where nothing."""
    told = of_company(disclosures, party)
    found = disclosed(told[told.as_of == end], PROFIT)
    return found.usd.middle if found else math.nan


def undiscounted(agreement: Agreement, *, start: date, end: date) -> float:
    """The fees of `[start, end)` as if no step of the fee had a discount, if nobody leaves."""
    steps = tuple(fee.model_copy(update={"discount": 0.0}) for fee in agreement.fee)
    whole = position(agreement.model_copy(update={"fee": steps}), reading=HEADLINE)
    return math.fsum(charge.usd for charge in whole.schedule.charges(start, end))


def recognised(
    agreement: Agreement, *, start: date, end: date, disclosed: Interval
) -> pd.DataFrame:
    """Revenue of `[start, end)` under each reading and method against a disclosed figure.

    Readings of equal revenue stand in one row. The straight line runs over what each reading leaves
    firm at the start of service. A reading made from the same disclosed figure fits it by
    construction.
    """
    table = []
    names = [*readings.names(position(agreement)), HEADLINE]
    for name, method in product(names, METHODS):
        amounts = []
        for bound in HIGH_DISCOUNT_FIRST:
            now = position(agreement, reading=name).resolved_at(bound)
            rows = recognition(now, end=now.firm().end, method=method)
            spans = zip(rows.start, rows.end, rows.revenue_usd, strict=True)
            amounts.append(math.fsum(_within(start, end, *span) for span in spans))
        low, high = min(amounts), max(amounts)
        ends = [round(usd, 2) for usd in (low, amounts[1], high)]
        table.append((method, name, *ends, _fits(low, high, disclosed), EARNED[method]))
    found = pd.DataFrame(table, columns=["method", "reading", *ENDS, "fits", "paragraph"])
    alike = found.groupby(["method", *ENDS, "fits", "paragraph"], sort=False, as_index=False)
    return alike.agg(reading=("reading", ", ".join))[list(found)]


def _fits(low: float, high: float, disclosed: Interval) -> str:
    return "below" if high < disclosed.low else "above" if low > disclosed.high else "within"


def _within(start: date, end: date, low: date, high: date, usd: float) -> float:
    """What lies in `[start, end)` of an amount for `[low, high)`, by days."""
    return usd * max(0, (min(high, end) - max(low, start)).days) / (high - low).days


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
        if part := _within(date(year, 1, 1), date(year + 1, 1, 1), start, end, usd):
            yield year, part
