"""The books of both parties on one day: one agreement on paper, as backlog and as a lease.

Whatever the reader leaves unjudged is shown both ways, from the longest term to the shortest. The
day is the first after a reporting date: what falls due on it is still owed.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple, Unpack

import pandas as pd

from analysis.contract import checks, dates, readings, rights, schedule
from analysis.contract.schedule import Facts
from analysis.contract.terms import Agreement, read_as
from analysis.models.accounting.lease import INITIAL, SHORT, Lease, Model, liability_usd
from analysis.models.accounting.leased import from_agreement
from analysis.models.accounting.revenue import REMAINING, remaining
from analysis.models.accounting.term import (
    REVENUE,
    TOO_LATE,
    Framework,
    Judgement,
    Term,
    contract_term,
)

StandardName = Literal["US GAAP", "IFRS"]

NO_LEASE = {"ASC 842": "ASC 842-10-15-3", "IFRS 16": "IFRS 16.9"}
"""Where there is no lease, the customer owes for what it was served, and no more."""
NO_PARAGRAPH = "none: the fees as the terms state them"
PAPER, BACKLOG, LEASE, SERVICE = "fees on paper", "backlog", "lease", "service"

OWNERS = ((BACKLOG, "provider"), (LEASE, "customer"))
"""Whose books a frame is."""


class Standard(NamedTuple):
    """The frameworks that one set of books follows."""

    revenue: Framework
    lease: Literal["ASC 842", "IFRS 16"]


STANDARDS: Mapping[StandardName, Standard] = {
    "US GAAP": Standard("ASC 606", "ASC 842"),
    "IFRS": Standard("IFRS 15", "IFRS 16"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the books rest on beside the terms: the standard, the reader's judgements, the rate.

    `rate` is the effective annual rate that a lease is discounted at, `lease_class` matters under
    US GAAP alone; for the rest see `contract_term`.
    """

    rate: float
    standard: StandardName = "US GAAP"
    lease_class: Literal["operating", "finance"] = "operating"
    customer_penalty: Judgement = "unknown"
    provider_penalty: Judgement = "unknown"
    customer_stays: Judgement = "unknown"
    customer_extends: Judgement = "unknown"

    def __post_init__(self) -> None:
        checks.rate(rate=self.rate)

    @property
    def model(self) -> Model:
        """How the lease is carried after its first measurement."""
        if self.standard == "IFRS":
            return "IFRS 16"
        return "ASC 842 finance" if self.lease_class == "finance" else "ASC 842 operating"


def standing(agreement: Agreement, as_of: date) -> tuple[Agreement, date]:
    """The agreement as known on a day, and the day to draw the books on: the start if it is over.

    >>> standing(deal, date(2040, 1, 1))[1] == deal.start
    True
    """
    known = rights.in_term(agreement, as_of)
    within = agreement.start <= as_of < rights.final_terms(known).end
    return known, as_of if within else agreement.start


def terms_of(
    agreement: Agreement,
    *,
    framework: Framework,
    day: date,
    judged: Judged,
    **facts: Unpack[Facts],
) -> pd.DataFrame:
    """Every answer that `contract_term` gives to the judgements, seen from a day."""
    return contract_term(
        agreement,
        framework=framework,
        as_of=day,
        penalty={"customer": judged.customer_penalty, "provider": judged.provider_penalty},
        customer_stays=judged.customer_stays,
        customer_extends=judged.customer_extends,
        **facts,
    )


class Case(NamedTuple):
    """One term that the judgements leave open, and what the customer does under it.

    It "cannot leave", or it is "too late" to leave before the stated end; it is "bound" or "stays"
    to that end, "stays while it may" (until the provider may be gone), is "free to leave" or
    "leaves". It "extends" to the end of its options, "extends, stays while it may" or "extends,
    then leaves" before that.
    """

    case: str
    end: date
    months: float
    short: bool
    paragraph: str


def cases(
    agreement: Agreement,
    *,
    framework: Framework,
    day: date,
    judged: Judged,
    **facts: Unpack[Facts],
) -> list[Case]:
    """The terms that differ, longest first."""
    stated = rights.final_terms(rights.in_term(agreement, day)).end
    longer = rights.in_term(rights.extended_by(agreement, "customer", as_of=day), day)
    last = rights.final_terms(longer).end
    found = terms_of(agreement, framework=framework, day=day, judged=judged, **facts)
    found = found.drop_duplicates("term_end").sort_values("term_end", ascending=False)
    answers = [Term(*row) for row in found.itertuples(index=False, name=None)]
    return [
        Case(
            _case(a, stated, last),
            a.term_end,
            dates.calendar_months(day, a.term_end),
            a.short,
            a.paragraph,
        )
        for a in answers
    ]


def _case(answer: Term, stated: date, last: date) -> str:
    if answer.term_end > stated:
        if answer.term_end >= last:
            return "extends"
        stays = answer.customer_stays == "yes"
        return "extends, stays while it may" if stays else "extends, then leaves"
    if answer.customer_penalty == TOO_LATE:
        return "too late"
    if answer.customer_penalty == "no right":
        return "cannot leave"
    if answer.framework in REVENUE:
        return "bound" if answer.customer_penalty == "yes" else "free to leave"
    if answer.customer_stays != "yes":
        return "leaves"
    return "stays" if answer.term_end == stated else "stays while it may"


def lease(
    agreement: Agreement, *, day: date, end: date, rate: float, **facts: Unpack[Facts]
) -> Lease:
    """The lease left on a day, to `end`; with what the customer pays to leave, where it leaves.

    An end beyond the stated one is reached by the customer's options to extend, at their rents.
    """
    agreement = rights.reaching(agreement, end, as_of=day)
    ways = rights.ways_out(agreement, as_of=day, party="customer", **facts)
    right = next((held for leave, held in ways if leave == end), None)
    fee = rights.exit_fee_usd(agreement, right, end, **facts)
    since = None if day <= agreement.start else day
    return from_agreement(agreement, end=end, rate=rate, since=since, exit_fee_usd=fee, **facts)


def opened(
    agreement: Agreement, *, day: date, judged: Judged, **facts: Unpack[Facts]
) -> pd.DataFrame:
    """One agreement in every frame: `frame, party, case, end, months, usd, short, paragraph`.

    On paper: every fee to the stated end. The provider's backlog is what is left to perform, the
    customer's lease liability what is left to pay, discounted; as a service it owes nothing ahead.
    """
    standard = STANDARDS[judged.standard]
    end = rights.final_terms(agreement).end
    paper = _left_usd(agreement, day, end, facts)
    stated = dates.calendar_months(day, end)
    table = [(PAPER, "both", "all", end, stated, paper, False, NO_PARAGRAPH)]
    for case in cases(agreement, framework=standard.revenue, day=day, judged=judged, **facts):
        usd = float(remaining(agreement, as_of=day, end=case.end, **facts).usd.sum())
        table.append((BACKLOG, "provider", *case[:3], usd, case.short, f"{case[-1]}; {REMAINING}"))
    short = False
    for case in cases(agreement, framework=standard.lease, day=day, judged=judged, **facts):
        usd = _liability_usd(agreement, day, case.end, judged.rate, facts)
        why = f"{case.paragraph}; {INITIAL[standard.lease][0]}"
        table.append((LEASE, "customer", *case[:3], usd, case.short, why))
        short |= case.short
    none = "no lease, or a short one" if short else "no lease"
    why = NO_LEASE[standard.lease] + (f"; {SHORT[standard.lease]}" if short else "")
    table.append((SERVICE, "customer", none, day, 0.0, 0.0, short, why))
    columns = ["frame", "party", "case", "end", "months", "usd", "short", "paragraph"]
    return pd.DataFrame(table, columns=columns)


def _liability_usd(agreement: Agreement, day: date, end: date, rate: float, facts: Facts) -> float:
    """What is left to pay of a lease; a lease that can end on the day itself leaves nothing."""
    if end <= day:
        return 0.0
    return liability_usd(lease(agreement, day=day, end=end, rate=rate, **facts), paid=False)


def by_reading(
    agreement: Agreement,
    names: Sequence[str],
    *,
    day: date,
    judged: Judged,
    **facts: Unpack[Facts],
) -> pd.DataFrame:
    """Backlog and lease liability under each reading, shortest to longest term.

    Columns `reading, label, frame, party, low_usd, high_usd, first_end, last_end`; nothing is left
    under a reading whose service is over.
    """
    table = []
    for name in names:
        read = rights.in_term(read_as(agreement, name), day)
        label, end = readings.label(agreement, name), rights.final_terms(read).end
        if end <= day:
            table += [(name, label, frame, party, 0.0, 0.0, end, end) for frame, party in OWNERS]
            continue
        found = opened(read, day=max(day, read.start), judged=judged, **facts)
        for frame, party in OWNERS:
            rows = found[found.frame == frame]
            usd, ends = rows.usd, list(rows.end)
            table.append((name, label, frame, party, usd.min(), usd.max(), min(ends), max(ends)))
    columns = ["reading", "label", "frame", "party", "low_usd", "high_usd", "first_end", "last_end"]
    return pd.DataFrame(table, columns=columns)


def _left_usd(agreement: Agreement, day: date, end: date, facts: Facts) -> float:
    found = schedule.charges(agreement, since=day, until=end, **facts)
    return math.fsum(charge.usd for charge in found)


def levels(agreement: Agreement, index: Mapping[str, float], *, by: date | None = None) -> Facts:
    """The index's levels by ISO day as facts, of those published `by` a day (default: all).

    Raises `ValueError` where the terms follow no index.

    >>> levels(deal, {})
    {}
    """
    if not index:
        return {}
    escalator = rights.final_terms(agreement).escalator
    if escalator is None or escalator.index is None:
        raise checks.refused("index", dict(index), "left out: the terms follow no index")
    found = {date.fromisoformat(day): float(level) for day, level in index.items()}
    return {"index": {day: level for day, level in found.items() if by is None or day <= by}}
