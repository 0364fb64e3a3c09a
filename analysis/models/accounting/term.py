"""How long the contract binds, for accounting: who may leave, and does leaving hurt enough?

Whether a party's penalty for leaving is more than insignificant takes in the economics, not only
fees that the terms name. It is a judgement, so it is an argument: "yes", "no", or "unknown", which
shows both results. A position's `read` is what is charged, its `standing` how long it binds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Literal, NamedTuple

import pandas as pd

from analysis.contract import Agreement, Position, dates
from analysis.contract.amendments import extended_by
from analysis.contract.facts import Facts
from analysis.contract.fields import PARTIES, Bound, Party
from analysis.contract.schedule import Schedule
from analysis.models import errors

Judgement = Literal["yes", "no", "unknown"]
StandardName = Literal["US GAAP", "IFRS"]
LeaseClass = Literal["operating", "finance"]
LeaseFramework = Literal["ASC 842", "IFRS 16"]
Framework = Literal["ASC 842", "IFRS 16", "ASC 606", "IFRS 15"]
Model = Literal["IFRS 16", "ASC 842 finance", "ASC 842 operating"]

PERIOD: dict[Framework, str] = {
    "ASC 842": "ASC 842-10-55-23",
    "IFRS 16": "IFRS 16.B34",
    "ASC 606": "ASC 606-10-25-3",
    "IFRS 15": "IFRS 15.11",
}
"""Paragraphs of the enforceable period, or of the contract's term."""
EXEMPT: dict[Framework, str] = {
    "ASC 842": "ASC 842-20-25-2",
    "IFRS 16": "IFRS 16.5",
    "ASC 606": "ASC 606-10-50-14",
    "IFRS 15": "IFRS 15.121",
}
LEASE_TERM = {"ASC 842": "ASC 842-10-30-1", "IFRS 16": "IFRS 16.18"}
ONE_SIDED = {"ASC 842": "ASC 842-10-55-24", "IFRS 16": "IFRS 16.B35"}
"""A right of one party alone: the customer's is an option, the provider's shortens nothing."""
TOO_LATE = "too late"
"""Where a party holds a right to leave that ends nothing before the stated end any more."""
STAYS_ON = "stays until the provider's exit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the books rest on beside the terms: the standard, the reader's judgements, the rate.

    rate: effective annual rate of a lease. lease_class: matters under US GAAP alone. Penalty: does
    leaving cost the party more than an insignificant penalty? Stays, extends: is it reasonably
    certain that the customer does not use its right to leave, or uses its options to extend?
    """

    rate: float
    standard: StandardName = "US GAAP"
    lease_class: LeaseClass = "operating"
    customer_penalty: Judgement = "unknown"
    provider_penalty: Judgement = "unknown"
    customer_stays: Judgement = "unknown"
    customer_extends: Judgement = "unknown"

    def __post_init__(self) -> None:
        errors.rate(rate=self.rate)
        errors.one_of(StandardName, standard=self.standard)
        errors.one_of(LeaseClass, lease_class=self.lease_class)
        judged = ("customer_penalty", "provider_penalty", "customer_stays", "customer_extends")
        errors.one_of(Judgement, **{name: getattr(self, name) for name in judged})

    @property
    def revenue(self) -> Framework:
        """The framework of revenue."""
        return "IFRS 15" if self.standard == "IFRS" else "ASC 606"

    @property
    def lease(self) -> LeaseFramework:
        """The framework of leases."""
        return "IFRS 16" if self.standard == "IFRS" else "ASC 842"

    @property
    def model(self) -> Model:
        """How the lease is carried after its first measurement."""
        if self.standard == "IFRS":
            return "IFRS 16"
        return "ASC 842 finance" if self.lease_class == "finance" else "ASC 842 operating"


class Term(NamedTuple):
    """One answer of `contract_term`, and the judgements it rests on."""

    framework: str
    customer_penalty: str
    provider_penalty: str
    customer_stays: str
    customer_extends: str
    enforceable_end: date
    term_end: date
    days: int
    short: bool
    rule: str
    paragraph: str


def of(read: Agreement, position: Position) -> Position:
    """Other terms on a position's day, with what has happened."""
    day, name = position.as_of, position.reading
    return Position(agreement=read, reading=name, as_of=day, facts=position.facts, read=read)


def course(agreement: Agreement, facts: Facts, *, bound: Bound = "use") -> Schedule:
    """The charges that are part of a contract: those of capacity "up to" an amount are not.

    Such capacity is the customer's option, and each order of it a contract of its own (ASC
    606-10-55-42, IFRS 15.B40); what is not ordered is no lease payment (ASC 842-10-30-5, IFRS
    16.27). Estimated amounts are consideration as estimated (ASC 606-10-32-5, IFRS 15.50).
    """
    whole = Schedule(agreement, facts, bound=bound)
    open_ = whole.terms.open_amounts
    unordered = {name: date.min for name, how in open_.items() if how == "up to"}
    return replace(whole, unordered=unordered)


def contract_term(position: Position, *, framework: Framework, judged: Judged) -> pd.DataFrame:
    """The enforceable period and the contract or lease term: a row an answer, as in `Term`.

    `days` count from the later of the start and the position's day; `short`: the exemption for
    twelve months or less is open, which turns on the term as it was when service began.

    - Lease: enforceable while either party is still bound, that is to the later of both exits; a
      party whose penalty is not insignificant stays bound to the stated end. The lease term runs
      to the customer's exit, and on to the enforceable end if the customer is to stay.
    - Revenue: to the customer's exit, unless its penalty is substantive; later periods are the
      customer's option to renew. An option to extend is no part of it.
    """
    found = _answers(position, framework=framework, judged=judged)
    return pd.DataFrame(found, columns=list(Term._fields))


class Case(NamedTuple):
    """One term that the judgements leave open, named by what then holds of the customer.

    "certain" is reasonably certain, "substantive" more than insignificant.
    """

    case: str
    end: date
    months: float
    short: bool
    paragraph: str


def cases(position: Position, *, framework: Framework, judged: Judged) -> list[Case]:
    """The terms that differ, longest first."""
    day, stated = position.as_of, position.end
    last = of(extended_by(position.read, "customer", as_of=day), position).end
    ends: dict[date, Term] = {}
    for term in _answers(position, framework=framework, judged=judged):
        ends.setdefault(term.term_end, term)
    return [
        Case(_case(term, stated, last), end, dates.calendar_months(day, end), term.short, term[-1])
        for end, term in sorted(ends.items(), reverse=True)
    ]


def _case(answer: Term, stated: date, last: date) -> str:
    if answer.term_end >= last > stated:
        return "certain to extend"
    if answer.term_end > stated:
        stays = answer.customer_stays == "yes"
        return f"extends, {STAYS_ON}" if stays else "extends, then terminates"
    if answer.customer_penalty in (TOO_LATE, "no right"):
        return f"{answer.customer_penalty} to terminate"
    if answer.framework not in LEASE_TERM:
        bound = answer.customer_penalty == "yes"
        return "penalty substantive" if bound else "penalty not substantive"
    if answer.customer_stays != "yes":
        return "not certain to stay"
    return "certain to stay" if answer.term_end == stated else STAYS_ON


def _answers(position: Position, *, framework: Framework, judged: Judged) -> list[Term]:
    """Every answer, those beyond the stated end by an option to extend first."""
    found, stated = _stated(position, framework, judged), position.end
    longer = extended_by(position.read, "customer", as_of=position.as_of)
    reached = any(term.term_end == stated for term in found)
    if longer == position.read or framework not in LEASE_TERM or not reached:
        return found
    beyond = _stated(of(longer, position), framework, judged)
    answers = [
        *(("yes", term) for term in beyond if term.term_end > stated),
        *(("no" if term.term_end == stated else "no matter", term) for term in found),
    ]
    told = "to extend is reasonably certain"
    return [
        term._replace(customer_extends=answer)
        if answer == "no matter"
        else term._replace(customer_extends=answer, rule=f"{term.rule}; {told}: {answer}")
        for answer, term in answers
        if answer in ("no matter", *_open(judged.customer_extends))
    ]


def _stated(position: Position, framework: Framework, judged: Judged) -> list[Term]:
    """Every answer within the stated term."""
    stated, start = position.end, position.read.start
    seen, lease = max(position.as_of, start), framework in LEASE_TERM
    ends: dict[Party, date] = {  # the earliest day on which each party may be gone
        party: min([stated, *(max(way.first, start) for way in position.exits(party))])
        for party in PARTIES
    }

    def penalty(party: Party) -> list[str]:
        if ends[party] == stated:
            return [TOO_LATE if any(position.exits(party)) else "no right"]
        matters = max(ends.values()) < stated if lease else party == "customer"
        return _open(getattr(judged, f"{party}_penalty")) if matters else ["no matter"]

    found: list[Term] = []
    for customer, provider in product(*map(penalty, PARTIES)):
        given = zip(PARTIES, (customer, provider), strict=True)
        bound = {party: stated if answer == "yes" else ends[party] for party, answer in given}
        if lease:
            terms = _lease(framework, ends, max(bound.values()), stated, judged.customer_stays)
        else:
            end = bound["customer"]
            free = "to the customer's exit; later periods are its option to renew"
            rule = "the customer is bound to the stated end" if end == stated else free
            terms = [("no matter", end, end, rule, PERIOD[framework])]
        for stays, enforceable, end, rule, why in terms:
            short = end <= dates.add_months(seen, dates.MONTHS_PER_YEAR)
            found.append(
                Term(framework, customer, provider, stays, "no option", enforceable, end,
                     (end - seen).days, short, rule, why)
            )  # fmt: skip
    if seen > start:
        began = _stated(position.on(start), framework, judged)
        found = [term._replace(short=_still_short(term, began)) for term in found]
    exempt = EXEMPT[framework]
    return [t._replace(paragraph=f"{t.paragraph}; {exempt}") if t.short else t for t in found]


def _still_short(answer: Term, began: Sequence[Term]) -> bool:
    """Whether what was short when service began, or is a contract anew, is short still.

    A lease that was not short on commencement never becomes so (IFRS 16 appendix A, and the
    glossary of ASC 842); revenue after the first exit is a contract of its own (ASC 606-10-25-3).
    """
    return answer.short and all(
        term.short
        for term in began
        if all(mine in (theirs, "no matter", "no right", TOO_LATE)  # as far as both were judged
               for mine, theirs in zip(term[1:4], answer[1:4], strict=True))
        and (answer.framework in LEASE_TERM or term.term_end == answer.term_end)
    )  # fmt: skip


def _lease(
    framework: Framework,
    ends: Mapping[Party, date],
    enforceable: date,
    stated: date,
    stays: Judgement,
) -> list[tuple[str, date, date, str, str]]:
    """`customer_stays, enforceable_end, term_end, rule, paragraph` of each answer."""
    leave, period = ends["customer"], PERIOD[framework]
    one_sided = ONE_SIDED[framework] if stated in ends.values() else period
    if leave == stated == ends["provider"]:
        return [("no right", stated, stated, "nobody may leave before the stated end", period)]
    if leave == stated:
        rule = "the customer cannot leave; a provider's right alone shortens nothing"
        return [("no right", stated, stated, rule, one_sided)]
    if enforceable == leave:
        rule = "both may leave at no more than an insignificant penalty: to the later exit"
        return [("no matter", leave, leave, rule, period)]
    rule = "enforceable beyond the customer's exit; to stay is reasonably certain"
    why = f"{one_sided}; {LEASE_TERM[framework]}"
    return [
        (answer, enforceable, enforceable if answer == "yes" else leave, f"{rule}: {answer}", why)
        for answer in _open(stays)
    ]


def _open(answer: Judgement) -> list[str]:
    return ["yes", "no"] if answer == "unknown" else [answer]
