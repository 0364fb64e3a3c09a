"""What is paid when: invoices in whole cents, prepayments and their crediting, deposits.

Service and payment are apart: `schedule` says what is earned for which days, this module when
money moves. Positive amounts go from the customer to the provider.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.contract import dates
from analysis.contract.schedule import Schedule
from analysis.contract.served import full_fee

CENTS_PER_USD = 100


class Payment(NamedTuple):
    """One amount on the day it is due, in cents; `tranches` are the parts that tranches are of it.

    Cents are whole where money moves, unrounded where days are compared.
    """

    date: date
    cents: float
    clause: str
    tranches: Mapping[str, float] = {}


def to_cents(amounts_usd: Iterable[float]) -> list[int]:
    """Amounts in whole cents that add up to the rounded total: the largest remainders round up.

    >>> to_cents([100 / 3, 100 / 3, 100 / 3])
    [3334, 3333, 3333]
    """
    exact = np.asarray(list(amounts_usd), dtype=float) * CENTS_PER_USD
    whole = np.floor(exact)
    over = round(float(exact.sum() - whole.sum()))
    whole[np.argsort(-np.round(exact - whole, 6), kind="stable")[:over]] += 1
    return [int(cents) for cents in whole]


def payments(course: Schedule, until: date | None = None) -> pd.DataFrame:
    """Every payment by date: `date, usd, clause`, in whole cents; adds up to the schedule.

    Invoices follow the payment terms, less what a prepayment covers. What had fallen due when a
    back-dated amendment was signed stays as it was; the difference is due as from an invoice of
    that day. A refundable prepayment's unused rest comes back with the last invoice, the deposit
    after the last day served; neither is paid that falls due after `until`.
    """
    moved, _ = _moved(course, until, whole=True)
    terms = course.terms
    if (held := terms.deposit) and (until is None or held.paid <= until):
        end, kept = until or terms.end, 0
        first = held.usd or (held.months or 0) * full_fee(terms, held.paid).usd_month
        for day, usd in [(held.paid, first), *((step.since, step.usd) for step in held.steps)]:
            if day <= end:
                cents = to_cents([usd])[0]
                moved.append(Payment(day, cents - kept, "deposit"))
                kept = cents
        back = dates.after(end, days=held.returned_after_days)
        moved.append(Payment(back, -kept, "deposit returned"))
    table = pd.DataFrame(
        [payment[:3] for payment in sorted(moved, key=lambda p: p.date)],
        columns=["date", "usd", "clause"],
    )
    return table.assign(usd=table.usd.astype(float) / CENTS_PER_USD)


def forfeited_usd(course: Schedule, end: date, *, whole: bool = True) -> float:
    """What of prepayments that are not refundable is lost if service ends on `end`.

    Not `whole`: before amounts are rounded to cents, so that days can be compared.
    """
    return _moved(course, end, whole=whole)[1] / CENTS_PER_USD


def _moved(course: Schedule, until: date | None, *, whole: bool) -> tuple[list[Payment], float]:
    """Prepayments, invoices, credits and refunds; and the cents that are not refunded."""
    terms = course.terms
    ahead = [(n, p) for n, p in terms.prepayments if until is None or p.paid <= until]
    left: list[float] = [to_cents([paid.usd])[0] for _, paid in ahead]

    def named(tranche: str, clause: str) -> str:
        return f"{tranche} {clause}" if tranche else clause

    moved = [
        Payment(paid.paid, cents, named(name, "prepayment"))
        for (name, paid), cents in zip(ahead, left, strict=True)
    ]
    invoices = _invoices(course, until, whole=whole)
    for invoice in sorted(invoices, key=lambda p: p.date):
        moved.append(invoice)
        unpaid = invoice.cents
        for n, (name, paid) in enumerate(ahead):
            part = invoice.tranches.get(name, 0.0) if name else invoice.cents
            usable = paid.credit_share * part
            credit = min(left[n], unpaid, math.floor(usable) if whole else usable)
            if credit > 0 and invoice.date >= paid.credit_from:
                left[n], unpaid = left[n] - credit, unpaid - credit
                moved.append(Payment(invoice.date, -credit, named(name, "prepayment credited")))
    back = max([until or terms.end, *(invoice.date for invoice in invoices)])
    lost = 0.0
    for (name, paid), cents in zip(ahead, left, strict=True):
        if cents and paid.refundable:
            moved.append(Payment(back, -cents, named(name, "prepayment refunded")))
        lost += 0.0 if paid.refundable else cents
    return moved, lost


def _invoices(course: Schedule, until: date | None, *, whole: bool) -> list[Payment]:
    """Every invoice, with what amendments made of those that were due before their signature."""
    fixed: list[Payment] = []
    ends = [min(until or date.max, each.terms.end) for each in course.as_signed[:-1]] + [until]
    owed = _owed(course.as_signed[0], ends[0])
    for number, amendment in enumerate(course.agreement.amendment, 1):
        fixed += [p for p in _rounded(owed, whole) if p.date < amendment.signed]
        now = _owed(course.as_signed[number], ends[number])
        early = [invoice for invoice in now if invoice.date < amendment.signed]
        owed = [invoice for invoice in now if invoice.date >= amendment.signed]
        true_up = sum(p.cents for p in early) - sum(p.cents for p in fixed)
        if abs(true_up) < 1 and owed:  # a rounding, not a change
            owed[0] = owed[0]._replace(cents=owed[0].cents + true_up)
            continue
        parts = {
            name: sum(p.tranches.get(name, 0.0) for p in early)
            - sum(p.tranches.get(name, 0.0) for p in fixed)
            for name in {name for payment in early + fixed for name in payment.tranches}
        }
        due = dates.after(amendment.signed, days=course.agreement.payment.days_to_pay)
        owed = [Payment(due, true_up, f"true-up: {amendment.title}", parts), *owed]
    return [*fixed, *_rounded(owed, whole)]


def _owed(course: Schedule, until: date | None) -> list[Payment]:
    """What is owed by day of payment, to the fraction of a cent."""
    by_tranche = any(name for name, _ in course.terms.prepayments)
    total: dict[date, float] = {}
    parts: dict[date, dict[str, float]] = {}
    for charge in course.charges(until=until):
        cents = charge.usd * CENTS_PER_USD
        total[charge.due] = total.get(charge.due, 0.0) + cents
        if by_tranche:
            part = parts.setdefault(charge.due, {})
            part[charge.capacity] = part.get(charge.capacity, 0.0) + cents
    return [Payment(day, cents, "invoice", parts.get(day, {})) for day, cents in total.items()]


def _rounded(owed: Sequence[Payment], whole: bool) -> Sequence[Payment]:
    if not whole:
        return owed
    cents = to_cents(payment.cents / CENTS_PER_USD for payment in owed)
    paid = [payment._replace(cents=c) for payment, c in zip(owed, cents, strict=True)]
    return [payment for payment in paid if payment.cents or payment.clause == "invoice"]
