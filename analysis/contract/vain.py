"""What a file may not state, as it would never count: a clause without what it acts on.

Asked of files alone: terms that are changed from one, as in "what if", may hold more.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

from analysis.contract.duration import Termination
from analysis.contract.prices import AmountFrom, Minimum, UnitsFrom
from analysis.contract.terms import SITE, Agreement

LENGTHEN = {"end", "term_months", "tranche", "extension", "renewal"}
"""The keys that may lead to a later end."""


def stated_in_vain(deal: Agreement) -> Iterator[str]:
    """Each clause that could never count, in a sentence; amendments and readings may need it."""
    every = [*(amendment.terms for amendment in deal.amendment), *deal.changes.values()]
    changed = {key for terms in every for key in terms}
    yield from _given_twice(deal)
    yield from _of_nothing_paid(deal, changed)
    yield from _facts(deal, changed)
    if not (deal.extension or deal.renewal or changed & LENGTHEN):
        yield from _from_the_end_on(deal)
    for n, least in enumerate(deal.minimum):
        yield from _carried(f"minimum.{n}", least, deal, changed)
    for place, late in [("delivery", deal.delivery)] + [
        (f"tranche.{n}.delivery", tranche.delivery) for n, tranche in enumerate(deal.tranche)
    ]:
        credit = "late_credit_usd_day", "late_credit_rent_days"
        of: dict[str, tuple[str, ...]]
        of = {"cure_days": ("remedy",), "cure_months": ("remedy",)}
        of |= {"credit_after_days": credit, "credit_until_days": credit}
        for key, needed in of.items() if late else ():
            if getattr(late, key) and all(getattr(late, n) in (0, "nothing") for n in needed):
                given = getattr(late, key)
                yield f"{place}.{key}: {given} changes nothing without {' or '.join(needed)}"
    for place, right in _rights(deal):
        if right.gate_applies == "effect" and not right.gate(deal.start):
            told = "allowed: beside gate_days, gate_months or gate_date"
            yield f"{place}.gate_applies: {right.gate_applies!r} changes nothing; {told}"


def _given_twice(deal: Agreement) -> Iterator[str]:
    for name, ahead in deal.prepayments:
        if ahead.usd is not None and ahead.share is not None:
            yield f"{name} prepayment: exactly one of usd, share is allowed".strip()
    for part in deal.parts:
        place = "" if part.name == SITE else f"tranche {part.name}: "
        fixed = any("since" in fee.model_fields_set for fee in part.fee)
        if part.delivery and part.delivery.moves_start and fixed:
            yield f"{place}delivery.moves_start: leave out from of fees, or give after_months"
    to_end = {t.name for t in deal.tranche if t.end is None or t.end >= deal.end}
    for of in {option.tranche for option in deal.extension if option.rate is not None}:
        own = [t.escalator for t in deal.tranche if t.name in ({of} if of else to_end)]
        if any((deal.escalator, *own)):
            yield "extension.rate: fees would rise twice; the escalator goes on by itself"


def _of_nothing_paid(deal: Agreement, changed: Collection[str]) -> Iterator[str]:
    """Clauses of a fee where there is none."""
    for price in deal.unit_price:
        low, high = max(deal.start, price.since or deal.start), min(deal.end, price.end or deal.end)
        if low >= high:
            yield f"unit_price: {price.name} from {low} to {high} is charged on no day of the term"
    if {"fee", "tranche"} & set(changed):
        return
    priced = deal.unit_price  # without a fee beside them, one of 0 is filled in
    paid = {
        part.name: not priced or any(fee.usd_month or fee.derived for fee in part.fee)
        for part in deal.parts
    }
    own = {tranche.name for tranche in deal.tranche if tranche.escalator}
    later = any(option.usd_month or option.usd_month_by_year for option in deal.extension)
    told = "there is no fee that it raises"
    told += "; give an escalator to the unit_price that rises" if priced else ""
    if deal.escalator and not later and not any(paid[name] for name in paid.keys() - own):
        yield f"escalator: {told}"
    for name in own:
        if not paid[name] and not later:
            yield f"tranche {name}: escalator: {told}"
    if any(option.rate is not None for option in deal.extension) and not any(paid.values()):
        yield f"extension.rate: {told}"
    outside = bool(deal.fee) or any(price.tranche in (None, SITE) for price in deal.unit_price)
    each = "there is no fee outside tranches that it is of"
    each += "; give each tranche its own" if deal.tranche else "; state a fee, or leave it out"
    if deal.delivery and not deal.fee:
        yield f"delivery: {each}"
    if deal.open_amounts.get(SITE) and not outside:
        yield f"amounts: {deal.amounts!r} changes nothing; {each}"
    if deal.service_credit and not deal.parts:
        yield "service_credit: there is no fee of which it gives back a share"
    if deal.deposit and deal.deposit.months and not (deal.parts or deal.take_or_pay):
        yield f"deposit.months: {deal.deposit.months:g} months of no fee are nothing; give usd"


def _facts(deal: Agreement, changed: Collection[str]) -> Iterator[str]:
    """Facts for which no clause asks, or of months that are not of the term."""
    rises = [deal.escalator, *(tranche.escalator for tranche in deal.tranche)]
    rises += [price.escalator for price in deal.unit_price]
    indexes = {rise.index for rise in rises if rise and rise.index}
    asked: dict[str, tuple[tuple[str, ...], Any]] = {
        "spend": (("minimum",), any(least.tranche is None for least in deal.minimum)),
        "usage": (("take_or_pay", "unit_price"), deal.take_or_pay or deal.unit_price),
        "availability": (("service_credit",), deal.service_credit),
        "index": (("escalator", "tranche", "unit_price"), indexes),
    }
    beside = {"spend": "minimum of all tranches", "index": "escalator with an index"}
    for kind in dict.fromkeys(fact.kind for fact in deal.fact):
        keys, found = asked.get(kind, ((), True))
        if not found and not set(keys) & set(changed):
            yield f"fact: {kind} changes nothing without {beside.get(kind, ' or '.join(keys))}"
        elif kind == "index" and len(indexes) > 1:
            yield f"fact: index: {', '.join(sorted(indexes))} cannot be told apart; allowed: one"
    for fact in deal.fact:
        first = deal.start.replace(day=1)
        if fact.kind in ("usage", "availability") and fact.date < first:
            yield f"fact: {fact.kind} on {fact.date} is before service, from {deal.start} on"


def _from_the_end_on(deal: Agreement) -> Iterator[str]:
    """Days on which something would begin, but service has ended."""
    found: list[tuple[str, date | None, date]] = []

    def add(place: str, day: date | None, end: date | None = None) -> None:
        found.append((place, day, end or deal.end))

    if deal.escalator:
        add("escalator.from", deal.escalator.since)
    if deal.delivery:
        add("delivery.due", deal.delivery.due)
    for n, tranche in enumerate(deal.tranche):
        if tranche.escalator:
            add(f"tranche.{n}.escalator.from", tranche.escalator.since, tranche.end)
        if tranche.delivery:
            add(f"tranche.{n}.delivery.due", tranche.delivery.due, tranche.end)
    for n, price in enumerate(deal.unit_price):
        if price.escalator:
            add(f"unit_price.{n}.escalator.from", price.escalator.since, price.end)
    steps: dict[str, Sequence[UnitsFrom | AmountFrom]]
    steps = {"take_or_pay": deal.take_or_pay.steps if deal.take_or_pay else ()}
    steps |= {"deposit": deal.deposit.steps if deal.deposit else ()}
    steps |= {f"support.{n}": support.steps for n, support in enumerate(deal.support)}
    for place, each in steps.items():
        for step in each:
            add(f"{place}.steps.from", step.since)
    for place, right in _rights(deal):
        for step in right.fee_schedule:
            add(f"{place}.fee_schedule.from", step.since)
    for place, day, end in found:
        if day and day >= end:
            yield f"{place}: {day} is not before the end {end}"


def _carried(
    place: str, least: Minimum, deal: Agreement, changed: Collection[str]
) -> Iterator[str]:
    """What is to be carried over or credited, but never is."""
    if least.tranche and least.shortfall != "paid":
        told = "allowed: paid, as what was spent on one tranche cannot be told"
        yield f"{place}.shortfall: {least.shortfall!r} of tranche {least.tranche}; {told}"
    carries = {"shortfall": least.shortfall, "surplus": least.surplus}
    later = [key for key, how in carries.items() if how not in ("paid", "kept")]
    for key in ("carry_share", "carry_cap_share"):
        if key in least.model_fields_set and not later:
            told = "changes nothing where no shortfall and no surplus is carried over or credited"
            yield f"{place}.{key}: {getattr(least, key):g} {told}"
    alike = [m for m in deal.minimum if (m.tranche, m.period) == (least.tranche, least.period)]
    if least.period == "term" and len(alike) == 1 and "minimum" not in changed:
        for key in later:
            told = "there is no later period; allowed: a period of year, quarter or month"
            yield f"{place}.{key}: {carries[key]!r} over the whole term: {told}"


def _rights(deal: Agreement) -> Iterator[tuple[str, Termination]]:
    """Every right to leave, of the agreement and of tranches."""
    held = {"termination": deal.termination}
    for n, tranche in enumerate(deal.tranche):
        if tranche.termination:
            held[f"tranche.{n}.termination"] = tranche.termination
    for place, rights in held.items():
        yield from ((f"{place}.{party}", right) for party, right in rights.held.items())
