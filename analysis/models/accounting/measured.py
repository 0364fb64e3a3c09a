"""The customer's books through time: liability, right of use and cost, and what turns them."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple, Unpack

import pandas as pd

from analysis.contract import dates, rights
from analysis.contract.schedule import Facts
from analysis.contract.terms import Agreement
from analysis.models.accounting.books import STANDARDS, Judged, cases, lease
from analysis.models.accounting.lease import (
    SHORT,
    Lease,
    Model,
    Remeasured,
    asset_usd,
    initial,
    liability_usd,
    remeasure,
    schedule,
    short_term,
)
from analysis.models.accounting.leased import index_resets, years

MODELS: tuple[Model, ...] = ("ASC 842 operating", "ASC 842 finance", "IFRS 16")
TURNED = "stays, then leaves"
EXEMPT = "short-term"


class Leased(NamedTuple):
    """One lease as seen from the start: what the customer does, to which end."""

    case: str
    end: date
    short: bool
    lease: Lease


class Turned(NamedTuple):
    """A customer that was to stay is found to leave: what the change does to its books."""

    day: date
    end: date
    rate: float
    found: Remeasured


def leases(agreement: Agreement, *, judged: Judged, **facts: Unpack[Facts]) -> list[Leased]:
    """The leases that the judgements leave possible on commencement, longest first.

    On the terms known that day: an amendment signed later is no part of the first measurement. A
    customer that could leave on commencement itself has no lease in that case.
    """
    framework = STANDARDS[judged.standard].lease
    day = agreement.start
    began = rights.in_term(agreement, day)
    found = cases(began, framework=framework, day=day, judged=judged, **facts)
    return [
        Leased(
            case.case,
            case.end,
            case.short,
            lease(began, day=day, end=case.end, rate=judged.rate, **facts),
        )
        for case in found
        if case.end > day
    ]


def first_measured(leased: Sequence[Leased], *, judged: Judged) -> pd.DataFrame:
    """The first measurement of each lease, without what is nothing.

    Columns `case, end, item, usd, paragraph`; the first row of a case is its liability, the last
    its asset, the sum of those before.
    """
    framework = STANDARDS[judged.standard].lease
    tables = []
    for one in leased:
        rows = initial(one.lease, framework=framework).assign(case=one.case, end=one.end)
        ends = rows.index.isin([0, len(rows) - 1])
        tables.append(rows[(rows.usd != 0) | ends])
    return pd.concat(tables, ignore_index=True)[["case", "end", "item", "usd", "paragraph"]]


def turned(
    agreement: Agreement,
    leased: Sequence[Leased],
    *,
    day: date,
    judged: Judged,
    rate: float,
    **facts: Unpack[Facts],
) -> Turned | None:
    """What the books do if a customer that was to stay is found on `day` to leave, at a new rate.

    A changed judgement of the term is measured anew at the rate of that day (IFRS 16.20, 16.40, ASC
    842-10-35-1, 842-20-35-5). None where no shorter lease is possible or
    left, none begins, or service has not begun.
    """
    if not leased:
        return None
    longest = leased[0]
    framework = STANDARDS[judged.standard].lease
    shortest = cases(agreement, framework=framework, day=day, judged=judged, **facts)[-1]
    end = shortest.end
    leaves = shortest.case in ("leaves", "extends, then leaves")
    if day <= agreement.start or end <= day or end >= longest.end or not leaves:
        return None
    later = lease(agreement, day=day, end=end, rate=rate, **facts)
    at = years(agreement.start, day)
    return Turned(day, end, rate, remeasure(longest.lease, later, at=at, model=judged.model))


def carried(
    leased: Sequence[Leased], turn: Turned | None, *, start: date, judged: Judged
) -> pd.DataFrame:
    """Liability and asset by date for each lease: `case, date, liability_usd, asset_usd`.

    The liability stands after a payment due that day, the asset before one moves it.
    """
    table = [row for one in leased for row in _carried(one.case, one.lease, start, judged.model)]
    if turn is not None:
        at = years(start, turn.day)
        table += [
            row
            for row in _carried(TURNED, leased[0].lease, start, judged.model)
            if row[1] < turn.day
        ]
        table.append((TURNED, turn.day, liability_usd(leased[0].lease, at),
                      asset_usd(leased[0].lease, at, model=judged.model)))  # fmt: skip
        table += _carried(TURNED, turn.found.lease, turn.day, judged.model)
    return pd.DataFrame(table, columns=["case", "date", "liability_usd", "asset_usd"])


def by_date(table: pd.DataFrame) -> pd.DataFrame:
    """A row a date: liability and asset of each case of `carried`, on a day of change after it."""
    last = table.drop_duplicates(["case", "date"], keep="last")
    wide = pd.DataFrame({"date": sorted(set(last.date))})
    for case in dict.fromkeys(last.case):
        rows = last[last.case == case].set_index("date")
        for part in ("liability", "asset"):
            wide[f"{part}, {case}_usd"] = wide.date.map(rows[f"{part}_usd"])
    return wide


def _carried(
    case: str, one: Lease, start: date, model: Model
) -> list[tuple[str, date, float, float]]:
    rows = schedule(one, model=model)
    first = [(case, start, liability_usd(one), asset_usd(one, 0.0, model=model))]
    return first + [
        (case, _day(start, end), liability_usd(one, end), left)
        for end, left in zip(rows.end, rows.asset_usd, strict=True)
    ]


def costs(leased: Sequence[Leased], *, start: date) -> pd.DataFrame:
    """Cost by calendar year under each model: `case, model, year, part, usd, paragraph`.

    Parts: "interest" and "amortisation"; one "lease cost" for an operating lease, and for a short
    one where the exemption is taken ("short-term").
    """
    tables = []
    for one in leased:
        for model in MODELS:
            rows = schedule(one.lease, model=model)
            parts = ["cost_usd"] if model == "ASC 842 operating" else [
                "interest_usd", "amortisation_usd"
            ]  # fmt: skip
            tables += [_yearly(rows, part, start).assign(case=one.case, model=model)
                       for part in parts]  # fmt: skip
        if one.short:
            rows = short_term(one.lease, framework="ASC 842").assign(
                paragraph="; ".join(SHORT.values())
            )
            tables.append(_yearly(rows, "cost_usd", start).assign(case=one.case, model=EXEMPT))
    columns = ["case", "model", "year", "part", "usd", "paragraph"]
    return pd.concat(tables, ignore_index=True)[columns]


PARTS = {"interest_usd": "interest", "amortisation_usd": "amortisation", "cost_usd": "lease cost"}


def _yearly(rows: pd.DataFrame, part: str, start: date) -> pd.DataFrame:
    year = [str(_day(start, begin).year) for begin in rows.start]
    found = rows.groupby(year).agg(usd=(part, "sum"), paragraph=("paragraph", "first"))
    return found.rename_axis("year").reset_index().assign(part=PARTS[part])


def over_rates(leased: Sequence[Leased], rate: float, rate_range: Sequence[float]) -> pd.DataFrame:
    """Each lease's liability on commencement over a range of rates, as it is first measured.

    Columns `case, end, low, value, high`, US dollars: at the highest rate, at `rate`, the lowest.
    """
    rates = (max(rate, *rate_range), rate, min(rate, *rate_range))
    table = [
        (one.case, one.end, *(liability_usd(replace(one.lease, rate=each)) for each in rates))
        for one in leased
    ]
    return pd.DataFrame(table, columns=["case", "end", "low", "value", "high"])


def _day(start: date, years_on: float) -> date:
    return start + timedelta(days=math.floor(years_on * dates.DAYS_PER_YEAR + 0.5))


def resets(
    agreement: Agreement, leased: Sequence[Leased], *, judged: Judged, **facts: Unpack[Facts]
) -> pd.DataFrame:
    """What each reset of the index does to the longest lease, under both standards.

    A row a reset and framework, as in `index_resets`; empty where no level is known.
    """
    if not (leased and facts.get("index")):
        return pd.DataFrame(columns=["framework", "date", "to_asset_usd", "expensed_usd"])
    tables = [
        index_resets(
            rights.reaching(agreement, leased[0].end, as_of=agreement.start),
            end=leased[0].end,
            rate=judged.rate,
            framework=standard.lease,
            index=facts["index"],
        ).assign(framework=standard.lease)
        for standard in STANDARDS.values()
    ]
    return pd.concat(tables, ignore_index=True)


def by_year(table: pd.DataFrame) -> pd.DataFrame:
    """A row for each part of `costs`, a column a calendar year."""
    rows = ["case", "model", "part", "paragraph"]
    wide = table.pivot_table(index=rows, columns="year", values="usd", sort=False)
    wide.columns = [f"{year}_usd" for year in wide.columns]
    return wide.reset_index()[[*rows[:3], *wide.columns, rows[3]]]
