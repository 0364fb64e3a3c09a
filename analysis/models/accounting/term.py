"""How long the contract binds, for accounting: who may leave, and does leaving hurt enough?

Whether a party's penalty for leaving is more than insignificant takes in the economics, not only
fees that the terms name. It is a judgement, so it is an argument: "yes", "no", or "unknown", which
shows both results.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from typing import Literal, NamedTuple, Unpack

import pandas as pd

from analysis.contract import dates, rights
from analysis.contract.clauses import Party
from analysis.contract.schedule import Facts
from analysis.contract.terms import Agreement

Judgement = Literal["yes", "no", "unknown"]
Framework = Literal["ASC 842", "IFRS 16", "ASC 606", "IFRS 15"]
PurchaseOption = Literal["none", "not reasonably certain", "reasonably certain"]

JUDGEMENTS = ("yes", "no", "unknown")
LEASES = {
    "ASC 842": {
        "period": "ASC 842-10-55-23",
        "term": "ASC 842-10-30-1",
        "short": "ASC 842-20-25-2",
    },
    "IFRS 16": {"period": "IFRS 16.B34", "term": "IFRS 16.18", "short": "IFRS 16.5"},
}
REVENUE = {
    "ASC 606": {"period": "ASC 606-10-25-3", "short": "ASC 606-10-50-14"},
    "IFRS 15": {"period": "IFRS 15.11", "short": "IFRS 15.121"},
}
FRAMEWORKS = (*LEASES, *REVENUE)
TOO_LATE = "too late"
"""Where a party holds a right to leave that ends nothing before the stated end any more."""
NO_OPTION = "no option"
"""Where the customer has no option to extend, or none that its term could reach."""
ONE_SIDED = {"ASC 842": "ASC 842-10-55-24", "IFRS 16": "IFRS 16.B35"}
"""A right of one party alone: the customer's is an option, the provider's shortens nothing."""


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

    @property
    def judged(self) -> tuple[str, str, str, str]:
        """The answers to the four judgements, or why one is not asked."""
        asked = self.customer_penalty, self.provider_penalty, self.customer_stays
        return *asked, self.customer_extends


def contract_term(
    agreement: Agreement,
    *,
    framework: Framework,
    as_of: date | None = None,
    penalty: Mapping[Party, Judgement] | None = None,
    customer_stays: Judgement = "unknown",
    customer_extends: Judgement = "unknown",
    purchase_option: PurchaseOption = "none",
    **facts: Unpack[Facts],
) -> pd.DataFrame:
    """The enforceable period and the contract or lease term seen from `as_of` (default: the start).

    A row for each answer to the judgements left "unknown": `penalty`, whether leaving costs a
    party more than an insignificant penalty; `customer_stays`, whether it is reasonably certain
    that the customer does not use its right to leave (leases only); `customer_extends`, whether it
    is that the customer uses the options to extend still open to it (leases only). Columns as in
    `Term`:
    `enforceable_end` and `term_end` are the first days after; `days` count from the later of the
    start and `as_of`; `short` says whether the exemption for twelve months or less is open, which
    turns on the term as it was when service began.

    - Lease: enforceable while either party is still bound, that is to the later of both exits; a
      party whose penalty is not insignificant stays bound to the stated end. The lease term runs
      to the customer's exit, and on to the enforceable end if the customer is to stay.
    - Revenue: to the customer's exit, unless its penalty is substantive; later periods are the
      customer's option to renew.

    An option to extend is no part of a revenue contract, and a renewal counts once it binds. Raises
    `ValueError` for another framework, party or judgement.

    >>> contract_term(deal, framework="ASC 606", penalty={"customer": "no"}).term_end[0]
    datetime.date(2026, 4, 1)
    """
    judged = dict(penalty or {})
    _allowed("framework", framework, FRAMEWORKS)
    for party, answer in judged.items():
        _allowed("penalty", party, rights.PARTIES)
        _allowed(f"penalty.{party}", answer, JUDGEMENTS)
    _allowed("customer_stays", customer_stays, JUDGEMENTS)
    _allowed("customer_extends", customer_extends, JUDGEMENTS)
    seen = max(as_of or agreement.start, agreement.start)
    standing = rights.in_term(agreement, as_of or agreement.start)
    ends = exits(agreement, as_of=as_of, **facts)
    stated = rights.final_terms(standing).end
    both = max(ends.values()) < stated
    matters = {"customer": both or framework in REVENUE, "provider": both and framework in LEASES}
    answers = [
        _answers(judged.get(party, "unknown"), ends[party] < stated, matters[party])
        if not rights.too_late(agreement, party, as_of=as_of or agreement.start)
        else (TOO_LATE,)
        for party in rights.PARTIES
    ]
    found: list[Term] = []
    for customer, provider in product(*answers):
        bound = {
            party: stated if answer == "yes" else ends[party]
            for party, answer in zip(rights.PARTIES, (customer, provider), strict=True)
        }
        for stays, enforceable, end, rule, paragraph in (
            _lease(framework, ends, bound, stated, customer_stays)
            if framework in LEASES
            else _revenue(framework, bound, stated)
        ):
            short = end <= dates.add_months(seen, dates.MONTHS_PER_YEAR) and (
                purchase_option == "none"
                or (framework == "ASC 842" and purchase_option == "not reasonably certain")
            )
            found.append(
                Term(framework, customer, provider, stays, NO_OPTION, enforceable, end,
                     (end - seen).days, short, rule, paragraph)
            )  # fmt: skip
    if seen > agreement.start:
        began = contract_term(
            agreement,
            framework=framework,
            penalty=penalty,
            customer_stays=customer_stays,
            customer_extends="no",
            purchase_option=purchase_option,
            **facts,
        )
        began = began.assign(customer_extends=NO_OPTION)  # asked below
        first = [Term(*row) for row in began.itertuples(index=False, name=None)]
        found = [answer._replace(short=_still_short(answer, first)) for answer in found]
    exemption = (LEASES | REVENUE)[framework]["short"]
    table = pd.DataFrame(
        [a._replace(paragraph=f"{a.paragraph}; {exemption}") if a.short else a for a in found],
        columns=list(Term._fields),
    )
    longer = rights.extended_by(agreement, "customer", as_of=as_of or agreement.start)
    if longer == agreement or framework in REVENUE or not (table.term_end == stated).any():
        return table
    if customer_extends == "no":
        return _said(table, stated, "no")
    beyond = contract_term(
        longer,
        framework=framework,
        as_of=as_of,
        penalty=penalty,
        customer_stays=customer_stays,
        customer_extends="no",
        purchase_option=purchase_option,
        **facts,
    )
    beyond = _said(beyond[[end > stated for end in beyond.term_end]], stated, "yes")
    kept = table[table.term_end != stated] if customer_extends == "yes" else table
    return pd.concat([beyond, _said(kept, stated, "no")], ignore_index=True)


def _said(table: pd.DataFrame, stated: date, answer: str) -> pd.DataFrame:
    """Terms to the stated end or beyond it with the answer to whether the customer extends."""
    said = [answer if end >= stated else "no matter" for end in table.term_end]
    rules = [
        f"{rule}; to extend is reasonably certain: {answer}" if end >= stated else rule
        for rule, end in zip(table.rule, table.term_end, strict=True)
    ]
    return table.assign(customer_extends=said, rule=rules)


def _still_short(answer: Term, began: Sequence[Term]) -> bool:
    """Whether what was short when service began, or is a contract anew, is short still.

    A lease that was not short on commencement never becomes so (IFRS 16 appendix A, and the
    glossary of ASC 842); revenue after the first exit is a contract of its own (ASC 606-10-25-3).
    """
    same = [term for term in began if not _judged_otherwise(term, answer)]
    if answer.framework in REVENUE:
        same = [term for term in same if term.term_end == answer.term_end]
    return answer.short and all(term.short for term in same)


def _judged_otherwise(one: Term, other: Term) -> bool:
    """Whether a judgement that the first rests on was answered otherwise for the second."""
    pairs = zip(one.judged, other.judged, strict=True)
    return any(mine in JUDGEMENTS and mine != theirs for mine, theirs in pairs)


def exits(
    agreement: Agreement, *, as_of: date | None = None, **facts: Unpack[Facts]
) -> dict[Party, date]:
    """The earliest first day on which each party may be gone; the stated end without a right.

    No earlier than the first day of service.

    >>> exits(deal)["provider"]
    datetime.date(2028, 3, 1)
    """
    day = as_of or agreement.start
    standing = rights.in_term(agreement, day)
    stated = rights.final_terms(standing).end
    return {
        party: min(
            [stated]
            + [
                max(d, agreement.start)
                for d, _ in rights.ways_out(standing, as_of=day, party=party, **facts)
            ]
        )
        for party in rights.PARTIES
    }  # fmt: skip


def _lease(
    framework: str,
    ends: Mapping[Party, date],
    bound: Mapping[Party, date],
    stated: date,
    stays: Judgement,
) -> Iterator[tuple[str, date, date, str, str]]:
    leave, enforceable = ends["customer"], max(bound.values())
    period = LEASES[framework]["period"]
    one_sided = ends["provider"] == stated or leave == stated
    if leave == stated:
        rule = "the customer cannot leave; a provider's right alone shortens nothing"
        if ends["provider"] == stated:
            rule, one_sided = "nobody may leave before the stated end", False
        yield "no right", stated, stated, rule, ONE_SIDED[framework] if one_sided else period
        return
    if enforceable == leave:
        rule = "both may leave at no more than an insignificant penalty: to the later exit"
        yield "no matter", enforceable, enforceable, rule, period
        return
    why = ONE_SIDED[framework] if one_sided else period
    for answer in _open(stays):
        end = enforceable if answer == "yes" else leave
        rule = f"enforceable beyond the customer's exit; to stay is reasonably certain: {answer}"
        yield answer, enforceable, end, rule, f"{why}; {LEASES[framework]['term']}"


def _revenue(
    framework: str, bound: Mapping[Party, date], stated: date
) -> Iterator[tuple[str, date, date, str, str]]:
    end = bound["customer"]
    free = "to the customer's exit; later periods are its option to renew"
    rule = "the customer is bound to the stated end" if end == stated else free
    yield "no matter", end, end, rule, REVENUE[framework]["period"]


def _answers(judged: Judgement, may_leave: bool, matters: bool) -> tuple[str, ...]:
    if not may_leave:
        return ("no right",)
    return _open(judged) if matters else ("no matter",)


def _open(answer: Judgement) -> tuple[str, ...]:
    return ("yes", "no") if answer == "unknown" else (answer,)


def _allowed(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{name}: {value!r} is not allowed; allowed: {', '.join(allowed)}")
