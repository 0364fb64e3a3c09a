"""A lease read off an agreement's schedule, and what a price index does to it."""

from collections.abc import Mapping
from datetime import date
from typing import Literal, Unpack

import pandas as pd

from analysis.contract import billing, checks, dates, escalation, schedule
from analysis.contract.rights import final_terms
from analysis.contract.schedule import Facts
from analysis.contract.terms import Agreement
from analysis.models.accounting.lease import INITIAL, REMEASURED, Lease, liability_usd

NO_CONSIDERATION = ("deposit", "deposit returned")
"""Payments that are no price: they come back."""
EXPENSED = {"IFRS 16": "IFRS 16.38", "ASC 842": "ASC 842-20-25-6"}


def from_agreement(
    agreement: Agreement,
    *,
    end: date,
    rate: float,
    since: date | None = None,
    exit_fee_usd: float = 0.0,
    initial_direct_costs_usd: float = 0.0,
    incentives_usd: float = 0.0,
    **facts: Unpack[Facts],
) -> Lease:
    """The lease from `since` (default: the start of service) to `end`, the lease term's end.

    Payments as billed, deposits left out, at an effective annual `rate`; time is days ÷ 365, the
    edges are those of the service periods. An index counts with the level known on `since`, never
    a forecast (IFRS 16.27, ASC 842-10-30-5). `exit_fee_usd` is the penalty, paid on `end`, where
    the term reflects that the customer leaves (IFRS 16.27(e)). With `since` later than the start,
    what was paid before it is left out: hand the result to `remeasure`. Services in the fee are
    not separated (IFRS 16.15, ASC 842-10-15-37). Raises `ValueError` for an end not after `since`.

    >>> lease = from_agreement(deal, end=date(2026, 4, 1), rate=0.0)
    >>> [usd for _, usd in lease.payments]
    [50.0, 50.0, 100.0]
    """
    first = since or agreement.start
    if end <= first:
        raise checks.refused("end", end, f"after {first}, the first day of the lease")
    known: Facts = {**facts}
    if "index" in facts:
        known["index"] = {day: level for day, level in facts["index"].items() if day <= first}
    rows = schedule.rows(agreement, until=end, **known)
    arrears = final_terms(agreement).payment.timing == "arrears"
    paid = billing.payments(agreement, until=end, **known)
    paid = paid[~paid.clause.isin(NO_CONSIDERATION)]
    if since:
        paid = paid[paid.date > since] if arrears else paid[paid.date >= since]
    payments = [
        (years(first, day), float(usd)) for day, usd in zip(paid.date, paid.usd, strict=True)
    ]
    if exit_fee_usd:
        payments.append((years(first, end), exit_fee_usd))
    edges = sorted({first, *(day for day in rows.end if day > first)})
    return Lease(
        edges=tuple(years(first, day) for day in edges),
        payments=tuple(payments),
        rate=rate,
        arrears=arrears,
        initial_direct_costs_usd=initial_direct_costs_usd,
        incentives_usd=incentives_usd,
    )


def years(since: date, day: date) -> float:
    """Time on a lease's clock, days ÷ 365."""
    return dates.year_fraction(since, day)


def index_resets(
    agreement: Agreement,
    *,
    end: date,
    rate: float,
    framework: Literal["IFRS 16", "ASC 842"],
    index: Mapping[date, float],
) -> pd.DataFrame:
    """What each reset of the agreement's index does to the books, at an unchanged rate.

    Columns `date, before_usd, after_usd, to_asset_usd, expensed_usd, paragraph`. IFRS 16 measures
    the liability anew with the index known that day and moves the asset; under ASC 842 an index
    alone does not: what is paid beyond the level at commencement, until the next reset, is cost.
    """
    raised = escalation.rises(agreement, end)
    days = [rise.day for rise in raised if rise.by.index and rise.day > agreement.start]
    table = []
    for last, day, following in zip([agreement.start, *days], days, [*days[1:], end], strict=False):
        seen = {when: level for when, level in index.items() if when <= last}
        before = _measured(agreement, end, rate, day, seen)
        after = _measured(agreement, end, rate, day, index)
        if framework == "IFRS 16":
            found = (
                before,
                after,
                after - before,
                0.0,
                f"IFRS 16.42, 16.43; {REMEASURED[framework]}",
            )
        else:
            first = {when: level for when, level in index.items() if when <= agreement.start}
            extra = _fees(agreement, day, following, index) - _fees(
                agreement, day, following, first
            )
            fixed = _measured(agreement, end, rate, day, first)
            found = (fixed, fixed, 0.0, extra, f"{EXPENSED[framework]}; {INITIAL[framework][0]}")
        table.append((day, *found))
    columns = ["date", "before_usd", "after_usd", "to_asset_usd", "expensed_usd", "paragraph"]
    return pd.DataFrame(table, columns=columns)


def _measured(
    agreement: Agreement, end: date, rate: float, day: date, index: Mapping[date, float]
) -> float:
    lease = from_agreement(agreement, end=end, rate=rate, since=day, index=index)
    return liability_usd(lease, paid=lease.arrears)


def _fees(agreement: Agreement, start: date, end: date, index: Mapping[date, float]) -> float:
    return float(schedule.rows(agreement, end, since=start, index=index).fee_usd.sum())
