"""What is stated and never counts: a clause without what it acts on, or from a day after the end.

Nothing of it is refused: a text may state it, and an amendment may need it later.
"""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from analysis.contract.duration import Termination
from analysis.contract.terms import SITE, Agreement

LENGTHEN = {"end", "term_months", "tranche", "extension", "renewal"}
"""The keys that may lead to a later end."""
PAID_FOR = {"fee", "tranche"}


def unused(deal: Agreement) -> Iterator[str]:
    """Each stated clause that changes nothing, by its key, with the reason."""
    every = [*(amendment.terms for amendment in deal.amendment), *deal.changes.values()]
    changed = {key for terms in every for key in terms}
    if not changed & PAID_FOR:
        for key in _without_fee(deal):
            yield f"{key}: it changes nothing, as there is no fee that it acts on"
    if not (deal.extension or deal.renewal or changed & LENGTHEN):
        for key, day, end in _days(deal):
            if day and day >= end:
                yield f"{key}: {day} changes nothing, as the end is {end}"
    for key, value, needed in _alone(deal, changed):
        yield f"{key}: {value} changes nothing without {needed}"


def _without_fee(deal: Agreement) -> Iterator[str]:
    own = {tranche.name for tranche in deal.tranche if tranche.escalator}
    paid = {part.name for part in deal.parts if any(f.usd_month or f.derived for f in part.fee)}
    if deal.escalator and not deal.extension and not paid - own:
        yield "escalator"
    for n, tranche in enumerate(deal.tranche):
        if tranche.escalator and not deal.extension and tranche.name not in paid:
            yield f"tranche.{n}.escalator"
    if deal.delivery and not deal.fee:
        yield "delivery"
    priced = any(price.tranche in (None, SITE) for price in deal.unit_price)
    if deal.open_amounts.get(SITE) and not deal.fee and not priced:
        yield "amounts"
    if deal.service_credit and not deal.parts:
        yield "service_credit"
    if deal.deposit and deal.deposit.months and not (deal.parts or deal.take_or_pay):
        yield "deposit.months"


def _days(deal: Agreement) -> Iterator[tuple[str, date | None, date]]:
    """The days from which clauses act, each with the end of what they act on."""
    parts: list[tuple[str, Any, date]] = [("", deal, deal.end)]
    parts += [(f"tranche.{n}.", t, t.end or deal.end) for n, t in enumerate(deal.tranche)]
    for place, part, end in parts:
        if part.escalator:
            yield f"{place}escalator.from", part.escalator.since, end
        if part.delivery:
            yield f"{place}delivery.due", part.delivery.due, end
    for n, price in enumerate(deal.unit_price):
        if price.escalator:
            yield f"unit_price.{n}.escalator.from", price.escalator.since, price.end or deal.end
    stepped: dict[str, Any] = {"take_or_pay": deal.take_or_pay, "deposit": deal.deposit}
    stepped |= {f"support.{n}": support for n, support in enumerate(deal.support)}
    for place, clause in stepped.items():
        for step in clause.steps if clause else ():
            yield f"{place}.steps.from", step.since, deal.end
    for place, right in _rights(deal):
        for step in right.fee_schedule:
            yield f"{place}.fee_schedule.from", step.since, deal.end


def _alone(deal: Agreement, changed: Collection[str]) -> Iterator[tuple[str, Any, str]]:
    """Keys without another that they need."""
    for n, least in enumerate(deal.minimum):
        carried = {least.shortfall, least.surplus} - {"paid", "kept"}
        for key in ("carry_share", "carry_cap_share"):
            if key in least.model_fields_set and not carried:
                yield f"minimum.{n}.{key}", f"{getattr(least, key):g}", "something to carry over"
        alone = [other.period for other in deal.minimum if other.tranche == least.tranche]
        if carried and alone == ["term"] and "minimum" not in changed:
            yield f"minimum.{n}", " and ".join(sorted(carried)), "a later period"
    parts: list[tuple[str, Any]] = [("", deal)]
    parts += [(f"tranche.{n}.", tranche) for n, tranche in enumerate(deal.tranche)]
    for place, part in parts:
        if not (late := part.delivery):
            continue
        credited = late.late_credit_usd_day or late.late_credit_rent_days
        remedied = late.remedy != "nothing"
        for key, found, needed in (
            ("cure_days", remedied, "remedy"),
            ("cure_months", remedied, "remedy"),
            ("credit_after_days", credited, "late_credit_usd_day or late_credit_rent_days"),
            ("credit_until_days", credited, "late_credit_usd_day or late_credit_rent_days"),
        ):
            if getattr(late, key) and not found:
                yield f"{place}delivery.{key}", getattr(late, key), needed
    for place, right in _rights(deal):
        if right.gate_applies == "effect" and not right.gate(deal.start):
            yield f"{place}.gate_applies", "'effect'", "gate_days, gate_months or gate_date"
    for n, given in enumerate(deal.consideration):
        if given.rate and not given.repaid:
            yield f"consideration.{n}.rate", f"{given.rate:g}", "repaid"
    for fact in deal.fact:
        if fact.kind in ("usage", "availability") and fact.date < deal.start.replace(day=1):
            yield f"fact {fact.kind}", fact.date, f"service, which starts on {deal.start}"


def _rights(deal: Agreement) -> Iterator[tuple[str, Termination]]:
    """Every right to leave, of the agreement and of tranches."""
    held = {"termination": deal.termination}
    for n, tranche in enumerate(deal.tranche):
        if tranche.termination:
            held[f"tranche.{n}.termination"] = tranche.termination
    for place, rights in held.items():
        yield from ((f"{place}.{party}", right) for party, right in rights.held.items())
