"""The books of both parties: backlog, revenue beside billing, the lease, and what is to be judged.

Whatever the reader leaves unjudged is shown both ways, from the longest term to the shortest. The
day is the first after a reporting date: what falls due on it is still owed.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from analysis.contract import Position, amendments, billing, dates, schedule
from analysis.contract.amendments import Option
from analysis.contract.schedule import Schedule
from analysis.contract.served import as_range
from analysis.models.accounting import lease
from analysis.models.accounting.lease import (
    INITIAL,
    NO_CONSIDERATION,
    SHORT,
    Lease,
    asset_usd,
    liability_usd,
)
from analysis.models.accounting.term import Judged, Model, cases, of
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


NO_LEASE = {"ASC 842": "ASC 842-10-15-3", "IFRS 16": "IFRS 16.9"}
"""Where there is no lease, the customer owes for what it was served, and no more."""
NO_PARAGRAPH = "none: the fees as the terms state them"
PAPER, SERVICE = "remaining contract value", "service"
BACKLOG, LEASE = "performance obligation", "lease liability"
MODELS: tuple[Model, ...] = ("ASC 842 operating", "ASC 842 finance", "IFRS 16")
TURNED = "reassessed"
EXEMPT = "short-term"
PARTS = {"interest_usd": "interest", "amortisation_usd": "amortisation", "cost_usd": "lease cost"}


def opened(position: Position, *, judged: Judged) -> pd.DataFrame:
    """One agreement in every frame: `frame, party, case, end, months, usd, short, paragraph`.

    On paper: every fee to the stated end. The provider's backlog is what is left to perform, the
    customer's lease liability what is left to pay, discounted; as a service it owes nothing ahead.
    """
    day, course = position.as_of, Schedule(position.read, position.known)
    end, paper = course.terms.end, math.fsum(charge.usd for charge in course.charges(day))
    stated = dates.calendar_months(day, end)
    table = [(PAPER, "both", "all", end, stated, paper, False, NO_PARAGRAPH)]
    for case in cases(position, framework=judged.revenue, judged=judged):
        usd = float(remaining(position, end=case.end).usd.sum())
        table.append((BACKLOG, "provider", *case[:3], usd, case.short, f"{case[-1]}; {REMAINING}"))
    leased = cases(position, framework=judged.lease, judged=judged)
    for case in leased:
        usd = 0.0  # a lease that can end on the day itself leaves nothing
        if case.end > day:
            one = lease.left(position, end=case.end, rate=judged.rate)
            usd = max(0.0, liability_usd(one, paid=False))  # else more comes back than is left
        why = f"{case.paragraph}; {INITIAL[judged.lease][0]}"
        table.append((LEASE, "customer", *case[:3], usd, case.short, why))
    short = any(case.short for case in leased)
    none = "no lease, or a short one" if short else "no lease"
    why = NO_LEASE[judged.lease] + (f"; {SHORT[judged.lease]}" if short else "")
    table.append((SERVICE, "customer", none, day, 0.0, 0.0, short, why))
    columns = ["frame", "party", "case", "end", "months", "usd", "short", "paragraph"]
    return pd.DataFrame(table, columns=columns)


class Leased(NamedTuple):
    """One lease as seen from the start: what the customer does, to which end."""

    case: str
    end: date
    short: bool
    lease: Lease


class Turned(NamedTuple):
    """A customer that was to stay is found to leave on a day: what that does to its books."""

    day: date
    lease: Lease
    row: dict[str, object]


def leases(position: Position, *, judged: Judged) -> list[Leased]:
    """The leases that may be on commencement, by the terms known that day, longest first.

    None where nothing is to be paid.
    """
    began = position.on(position.read.start)
    began = of(began.standing, began)
    found = [
        Leased(name, end, short, lease.left(began, end=end, rate=judged.rate))
        for name, end, _, short, _ in cases(began, framework=judged.lease, judged=judged)
        if end > began.as_of
    ]
    return [one for one in found if any(usd for _, usd in one.lease.payments)]


def first_measured(leased: Sequence[Leased], *, judged: Judged) -> pd.DataFrame:
    """The first measurement of each lease: its liability first, its asset last, no zero between."""
    tables = [pd.DataFrame(columns=["case", "end", "item", "usd", "paragraph"])]
    for one in leased:
        rows = lease.initial(one.lease, framework=judged.lease)
        rows = rows[(rows.usd != 0) | rows.index.isin([0, len(rows) - 1])]
        tables.append(rows.assign(case=one.case, end=one.end))
    return pd.concat(tables[1:] or tables, ignore_index=True)[list(tables[0])]


def turned(
    position: Position, leased: Sequence[Leased], *, judged: Judged, rate: float
) -> Turned | None:
    """What the books do if a customer that was to stay is found on the day to leave, at a new rate.

    At the rate of that day (IFRS 16.20, 16.40, ASC 842-10-35-1, 842-20-35-5). None where no shorter
    lease is possible or left, none begins, or service has not begun.
    """
    day, start = position.as_of, position.read.start
    if not leased or day <= start:
        return None
    shortest = cases(position, framework=judged.lease, judged=judged)[-1]
    longest, end = leased[0], shortest.end
    leaves = shortest.case in ("not certain to stay", "extends, then terminates")
    if not day < end < longest.end or not leaves:
        return None
    later, at = lease.left(position, end=end, rate=rate), dates.year_fraction(start, day)
    row, later = lease.remeasure(longest.lease, later, at=at, model=judged.model)
    return Turned(day, later, {"day": day, "end": end, **row})


def carried(
    leased: Sequence[Leased], turn: Turned | None, *, start: date, judged: Judged
) -> pd.DataFrame:
    """Liability (after a payment due that day) and asset (before it) by date for each lease."""

    def through(case: str, one: Lease, since: date) -> list[tuple[str, date, float, float]]:
        return [
            (case, _day(since, at), liability_usd(one, at), asset_usd(one, at, model=judged.model))
            for at in one.edges
        ]

    table = [row for one in leased for row in through(one.case, one.lease, start)]
    if turn is not None:
        old, at = leased[0].lease, dates.year_fraction(start, turn.day)
        table += [row for row in through(TURNED, old, start) if row[1] < turn.day]
        held = liability_usd(old, at), asset_usd(old, at, model=judged.model)
        table += [(TURNED, turn.day, *held), *through(TURNED, turn.lease, turn.day)]
    return pd.DataFrame(table, columns=["case", "date", "liability_usd", "asset_usd"])


def costs(leased: Sequence[Leased], *, start: date) -> pd.DataFrame:
    """Cost by calendar year under each model; "short-term" is the exemption, where it is open."""
    columns = ["case", "model", "year", "part", "usd", "paragraph"]
    tables = [pd.DataFrame(columns=columns)]
    for one in leased:
        found: dict[str, pd.DataFrame] = {
            model: lease.amortised(one.lease, model=model) for model in MODELS
        }
        found |= {EXEMPT: lease.short_term(one.lease)} if one.short else {}
        for model, rows in found.items():
            whole = model in (EXEMPT, "ASC 842 operating")
            year = [str(_day(start, begin).year) for begin in rows.start]
            for part in ("cost_usd",) if whole else ("interest_usd", "amortisation_usd"):
                yearly = rows.groupby(year).agg(usd=(part, "sum"), paragraph=("paragraph", "first"))
                named = {"case": one.case, "model": model, "part": PARTS[part]}
                tables.append(yearly.rename_axis("year").reset_index().assign(**named))
    return pd.concat(tables[1:] or tables, ignore_index=True)[columns]


def _day(start: date, years_on: float) -> date:
    return start + timedelta(days=math.floor(years_on * dates.DAYS_PER_YEAR + 0.5))


def over_rates(leased: Sequence[Leased], rate: float, rate_range: Sequence[float]) -> pd.DataFrame:
    """Each lease's liability on commencement at the highest rate, at `rate` and at the lowest."""
    rates = (max(rate, *rate_range), rate, min(rate, *rate_range))
    table = [
        (one.case, one.end, *(liability_usd(replace(one.lease, rate=each)) for each in rates))
        for one in leased
    ]
    return pd.DataFrame(table, columns=["case", "end", "low_usd", "value_usd", "high_usd"])


def resets(position: Position, leased: Sequence[Leased], *, rate: float) -> pd.DataFrame:
    """What each reset of the index does to the longest lease, under both standards."""
    if not (leased and position.known.index):
        return pd.DataFrame(columns=["framework", "date", "to_asset_usd", "expensed_usd"])
    return lease.index_resets(position, end=leased[0].end, rate=rate)


OWN = ", an option of the provider's own, not counted in the lease term here"
UNSAID = "not in the terms"


def _options(left: Sequence[Option]) -> str:
    """The options that are left, those alike together."""
    told = []
    alike = groupby(left, lambda o: (o.by.party, o.by.months, o.usd_month, o.by.rate, o.by.price))
    for (party, months, usd_month, rate, price), each in alike:
        rent = "" if usd_month is None else f" at ${usd_month:,.0f} a month"
        rent += "" if rate is None else f", the fee rising by {rate * 100:.10g} % a year"
        rent += " at the market price" if price == "market" else ""
        own = OWN if party == "provider" else ""
        told.append(f"{party}: {len(list(each))} × {months} months{rent}{own}")
    return "; ".join(told)


def checklist(position: Position, asked: pd.DataFrame) -> pd.DataFrame:
    """What a reader must judge, what the terms say to it, and what it would take to answer it.

    asked: `topic, question, terms_say, still_open, paragraph`; `terms_say` names what is filled in.
    """
    terms, site = position.terms, position.terms.capacity
    mw = f", {as_range(site.mw).use:,.10g} MW" if site.mw else ""
    whole = "the whole site" if site.whole_site else "not said to be the whole site"
    leave = " and ".join(terms.termination.held) or "nobody"
    index = terms.escalator.index if terms.escalator else None
    usage = "usage: take or pay" if terms.take_or_pay else "fixed"
    steps = ", ".join(f"{fee.since}" for fee in terms.fee)
    said = {
        "": UNSAID,
        "size": f"{site.name}{mw}; {whole}",
        "whole site": whole,
        "may leave": f"may leave: {leave}",
        "options": _options(amendments.options(position.standing)) or "no option to extend",
        "stated term": f"stated term of {(terms.end - terms.start).days} days",
        "index or usage": f"index: {index}" if index else usage,
        "fee steps": f"fee steps: {steps}" if steps else UNSAID,
    }
    return asked.assign(terms_say=asked.terms_say.map(said))
