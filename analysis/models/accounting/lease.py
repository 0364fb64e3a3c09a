"""A lease measured: liability, right-of-use asset and cost, from payments and a rate.

Time counts from commencement in the unit of the rate: years, or whole periods. Money is US
dollars, unsigned. The customer's books; the provider's lessor accounting is not here.
"""

import math
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.contract import Position, billing, dates, escalation, rights
from analysis.contract.amendments import extended_by, in_force, standing
from analysis.contract.facts import Facts
from analysis.contract.terms import Agreement
from analysis.models import errors
from analysis.models.accounting.term import LeaseFramework, Model
from analysis.models.accounting.term import course as contracted

SUBSEQUENT = {
    "IFRS 16": "IFRS 16.31, 16.36, 16.37",
    "ASC 842 finance": "ASC 842-20-25-5, 842-20-35-1, 842-20-35-7",
    "ASC 842 operating": "ASC 842-20-25-6, 842-20-25-8, 842-20-35-3",
}
INITIAL = {
    "IFRS 16": ("IFRS 16.26", "IFRS 16.24"),
    "ASC 842": ("ASC 842-20-30-1", "ASC 842-20-30-5"),
}
"""Paragraphs of the liability and of what the asset is made of."""
REMEASURED = {"IFRS 16": "IFRS 16.39", "ASC 842": "ASC 842-20-35-4"}
SHORT = {"IFRS 16": "IFRS 16.6", "ASC 842": "ASC 842-20-25-2"}
RESET = f"IFRS 16.42, 16.43; {REMEASURED['IFRS 16']}"
EXPENSED = f"ASC 842-20-25-6; {INITIAL['ASC 842'][0]}"
NO_CONSIDERATION = ("deposit", "deposit returned")
"""Payments that are no price: they come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Payments (time, usd) over a term cut at `edges`, 0 to its end, at a rate a unit of time.

    `arrears`: a payment on an edge belongs to the period that ends there, else to the one that
    starts. `other_usd` is what the asset holds beyond the payments: direct costs, less incentives,
    or what a remeasurement carries over.
    """

    edges: tuple[float, ...]
    payments: tuple[tuple[float, float], ...]
    rate: float
    arrears: bool = False
    other_usd: float = 0.0

    def __post_init__(self) -> None:
        errors.rate(rate=self.rate)
        errors.finite(payments=self.payments, other_usd=self.other_usd)
        if self.edges[:1] != (0.0,) or any(b <= a for a, b in pairwise(self.edges)):
            raise errors.refused("edges", self.edges, "rising from 0")

    @property
    def term(self) -> float:
        """Length of the lease term."""
        return self.edges[-1]

    @property
    def paid_usd(self) -> float:
        """All payments, undiscounted."""
        return math.fsum(usd for _, usd in self.payments)


def liability_usd(lease: Lease, at: float = 0.0, *, paid: bool = True) -> float:
    """PV at a time of payments not yet made; what is due just then is, unless `paid=False`."""
    return math.fsum(
        usd * (1 + lease.rate) ** (at - time)
        for time, usd in lease.payments
        if time > at or (time == at and not paid)
    )


def asset_usd(lease: Lease, at: float, *, model: Model) -> float:
    """Carrying amount of the right-of-use asset, before a payment due just then moves it.

    Straight-line for IFRS 16 and a finance lease; for an operating lease what straight-line cost
    leaves after interest (ASC 842-20-35-3). Nothing at the end of the term.
    """
    errors.one_of(Model, model=model)
    whole, used = liability_usd(lease, paid=False), at / lease.term
    if used >= 1:
        return 0.0
    if model != "ASC 842 operating":
        return (whole + lease.other_usd) * (1 - used)
    cost = (lease.paid_usd + lease.other_usd) * used
    paid = math.fsum(usd for time, usd in lease.payments if time < at)
    interest = liability_usd(lease, at, paid=False) + paid - whole
    return whole + lease.other_usd - cost + interest


def initial(lease: Lease, *, framework: LeaseFramework) -> pd.DataFrame:
    """First measurement: `item, usd, paragraph`; the last row is the sum of those before."""
    errors.one_of(LeaseFramework, framework=framework)
    of_liability, of_asset = INITIAL[framework]
    owed, whole = liability_usd(lease), liability_usd(lease, paid=False)
    table = [
        ("lease liability: payments not yet made, discounted", owed, of_liability),
        ("payments made on or before commencement", whole - owed, of_asset),
        ("direct costs, incentives, or carried over", lease.other_usd, of_asset),
        ("right-of-use asset", whole + lease.other_usd, of_asset),
    ]
    return pd.DataFrame(table, columns=["item", "usd", "paragraph"])


def amortised(lease: Lease, *, model: Model) -> pd.DataFrame:
    """Liability, asset and cost of each period `[start, end)`, in the unit of the rate.

    `opening_usd` stands after what is due on the first day; `closing_usd` and `asset_usd` at the
    end, before the next period's payment; closing = closing before - paid + interest. `cost_usd` is
    interest + amortisation: level under an operating lease.
    """
    starts, ends = lease.edges[:-1], lease.edges[1:]
    times, usd = np.array(lease.payments).reshape(-1, 2).T
    side: Literal["left", "right"] = "left" if lease.arrears else "right"
    period = np.clip(np.searchsorted(lease.edges, times, side) - 1, 0, len(starts) - 1)
    paid = np.bincount(period, usd, len(starts))
    closing = [liability_usd(lease, at, paid=lease.arrears) for at in ends[:-1]] + [0.0]
    interest = np.diff([liability_usd(lease, paid=False), *closing]) + paid
    assets = np.array([asset_usd(lease, at, model=model) for at in lease.edges])
    return pd.DataFrame(
        {
            "start": starts,
            "end": ends,
            "opening_usd": [liability_usd(lease, at) for at in starts],
            "paid_usd": paid,
            "interest_usd": interest,
            "closing_usd": closing,
            "amortisation_usd": -np.diff(assets),
            "asset_usd": assets[1:],
            "cost_usd": interest - np.diff(assets),
            "paragraph": SUBSEQUENT[model],
        }
    )


def short_term(lease: Lease) -> pd.DataFrame:
    """The exemption for twelve months or less: a level cost, `start, end, cost_usd, paragraph`."""
    cost, why = lease.paid_usd * np.diff(lease.edges) / lease.term, "; ".join(SHORT.values())
    spans = {"start": lease.edges[:-1], "end": lease.edges[1:]}
    return pd.DataFrame({**spans, "cost_usd": cost, "paragraph": why})


def remeasure(
    lease: Lease, later: Lease, *, at: float, model: Model
) -> tuple[dict[str, Any], Lease]:
    """The lease measured anew at a time: `later` has the payments, term and rate from then on.

    The change of the liability moves the asset, which cannot fall below zero: the rest of a fall is
    a gain, `to_profit_or_loss_usd`. A changed term takes a new rate (IFRS 16.40, ASC 842-20-35-5);
    payments that follow an index keep the old one (IFRS 16.42, 16.43). What is due just then is
    owed, unless it is paid in arrears. Returns what moves, and the lease on a clock of its own.
    """
    before = liability_usd(lease, at, paid=lease.arrears)
    after = liability_usd(later, paid=lease.arrears)
    held = asset_usd(lease, at, model=model)
    moved = held + after - before
    asset = max(0.0, moved)
    row = {
        "before_usd": before,
        "after_usd": after,
        "to_asset_usd": asset - held,
        "to_profit_or_loss_usd": asset - moved,
        "paragraph": REMEASURED["IFRS 16" if model == "IFRS 16" else "ASC 842"],
    }
    return row, replace(later, other_usd=asset - liability_usd(later, paid=False))


def left(position: Position, *, end: date, rate: float) -> Lease:
    """The lease from a position's day to `end`, with the fee for leaving or options to reach it."""
    day, facts = position.as_of, position.known
    read = _reaching(position.read, end, as_of=day)
    course = contracted(read, facts)
    ways = rights.exits(course, day, "customer")
    right = next((way.right for way in ways if way.first == end < course.terms.end), None)
    fee = rights.exit_fee_usd(course, right, end)
    return from_schedule(read, end=end, rate=rate, since=day, exit_fee_usd=fee, facts=facts)


def from_schedule(
    agreement: Agreement,
    *,
    end: date,
    rate: float,
    since: date,
    exit_fee_usd: float = 0.0,
    facts: Facts | None = None,
) -> Lease:
    """The lease from `since` to `end`, the lease term's end, with payments as billed.

    Deposits and what was paid before a later `since` are left out. What falls due before
    commencement counts on it, after the term on its last day. An index counts with the level
    known on `since`, never a forecast (IFRS 16.27, ASC 842-10-30-5); `exit_fee_usd` is the penalty
    paid on `end` (IFRS 16.27(e)). Services are not separated (IFRS 16.15, ASC 842-10-15-37).
    """
    known = _known(facts or Facts(), since)
    course = contracted(agreement, known)
    arrears = course.terms.payment.timing == "arrears"
    paid = billing.payments(course, end)
    paid = paid[~paid.clause.isin(NO_CONSIDERATION)]
    if since > agreement.start:
        paid = paid[paid.date > since] if arrears else paid[paid.date >= since]
    payments = [*zip(paid.date, paid.usd.astype(float), strict=True)]
    payments += [(end, exit_fee_usd)] if exit_fee_usd else []
    days = sorted({since, *(row.end for row in course.charges(until=end) if row.end > since)})

    def at(day: date) -> float:
        return dates.year_fraction(since, min(max(day, since), days[-1]))

    return Lease(
        edges=tuple(map(at, days)),
        payments=tuple((at(day), usd) for day, usd in payments),
        rate=rate,
        arrears=arrears,
    )


def _reaching(agreement: Agreement, end: date, *, as_of: date) -> Agreement:
    """The agreement, or where an end lies beyond its own, as the customer's options extend it."""
    if end <= in_force(standing(agreement, as_of)).end:
        return agreement
    return extended_by(agreement, "customer", as_of=as_of)


def index_resets(position: Position, *, end: date, rate: float) -> pd.DataFrame:
    """What each reset of the terms' index does to the books from the start, at an unchanged rate.

    IFRS 16 measures the liability anew with the index known that day and moves the asset; under ASC
    842 what is paid beyond the level at commencement, until the next reset, is cost.
    """
    start = position.read.start
    agreement = _reaching(position.read, end, as_of=start)
    raised = escalation.rises(escalation.versions(agreement), end)
    days = [rise.day for rise in raised if rise.by.index and rise.day > start]
    known = Facts(index=position.known.index)
    first = _known(known, start)

    def owed(day: date, facts: Facts) -> float:
        lease = from_schedule(agreement, end=end, rate=rate, since=day, facts=facts)
        return liability_usd(lease, paid=lease.arrears)

    def due(day: date, until: date, facts: Facts) -> float:
        return math.fsum(row.usd for row in contracted(agreement, facts).charges(day, until))

    us, ifrs = [], []
    for last, day, following in zip([start, *days], days, [*days[1:], end], strict=False):
        kept, before, after = (owed(day, each) for each in (first, _known(known, last), known))
        expensed = due(day, following, known) - due(day, following, first)
        us.append((day, kept, kept, 0.0, expensed, EXPENSED, "ASC 842"))
        ifrs.append((day, before, after, after - before, 0.0, RESET, "IFRS 16"))
    columns = ["date", "before_usd", "after_usd", "to_asset_usd", "expensed_usd", "paragraph"]
    return pd.DataFrame(us + ifrs, columns=[*columns, "framework"])


def _known(facts: Facts, by: date) -> Facts:
    """What is known by a day of an index, and all else."""
    index = {day: level for day, level in facts.index.items() if day <= by}
    return facts.model_copy(update={"index": index})
