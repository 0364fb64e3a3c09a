"""The books of both parties: what each judgement books on one day, and the lease through time.

Whatever the reader leaves unjudged is shown both ways, from the longest term to the shortest. The
day is the first after a reporting date: what falls due on it is still owed.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import pandas as pd

from analysis.contract import Position, dates
from analysis.contract.schedule import Schedule
from analysis.models.accounting import lease
from analysis.models.accounting.lease import INITIAL, SHORT, Lease, asset_usd, liability_usd
from analysis.models.accounting.revenue import REMAINING, remaining
from analysis.models.accounting.term import Judged, Model, cases, of

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
