"""What is paid when: invoices in whole cents, prepayments and their crediting, deposits.

Service and payment are apart: `schedule` says what is earned for which days, this module when
money moves. Positive amounts go from the customer to the provider.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.contract import dates
from analysis.contract.fields import DAY
from analysis.contract.schedule import Schedule
from analysis.contract.served import full_month_usd
from analysis.contract.terms import RENEWAL, Agreement

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
        sizes = [(held.paid, deposit_usd(terms)), *((step.since, step.usd) for step in held.steps)]
        for day, usd in sizes:
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


def deposit_usd(terms: Agreement) -> float:
    """The deposit that is paid at first, 0 without any."""
    if not (held := terms.deposit):
        return 0.0
    return held.usd or (held.months or 0) * full_month_usd(terms, held.paid)


def forfeited_usd(course: Schedule, end: date, *, whole: bool = True) -> float:
    """What of prepayments that are not refundable is lost if service ends on `end`.

    Not `whole`: before amounts are rounded to cents, so that days can be compared.
    """
    return _moved(course, end, whole=whole)[1] / CENTS_PER_USD


def _moved(course: Schedule, until: date | None, *, whole: bool) -> tuple[list[Payment], float]:
    """Prepayments, invoices, credits and refunds; and the cents that are not refunded."""
    terms = course.terms
    ahead = [(n, p) for n, p in terms.prepayments if until is None or p.paid <= until]
    left: list[float] = [to_cents([paid.usd or 0.0])[0] for _, paid in ahead]

    moved = [
        Payment(paid.paid, cents, f"{name} prepayment".strip())
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
                moved.append(Payment(invoice.date, -credit, f"{name} prepayment credited".strip()))
    back = max([until or terms.end, *(invoice.date for invoice in invoices)])
    lost = 0.0
    for (name, paid), cents in zip(ahead, left, strict=True):
        if cents and paid.refundable:
            moved.append(Payment(back, -cents, f"{name} prepayment refunded".strip()))
        lost += 0.0 if paid.refundable else cents
    return moved, lost


def _invoices(course: Schedule, until: date | None, *, whole: bool) -> list[Payment]:
    """Every invoice, with what amendments made of those that were due before their signature."""
    fixed: list[Payment] = []
    bound = [*_bound(course)]
    ends = [min(until or date.max, end) for *_, end in bound[:-1]] + [until]
    owed = _owed(bound[0][2], ends[0])
    for (signed, title, terms, _), end in zip(bound[1:], ends[1:], strict=True):
        fixed += [p for p in _rounded(owed, whole) if p.date < signed]
        now = _owed(terms, end)
        early = [invoice for invoice in now if invoice.date < signed]
        owed = [invoice for invoice in now if invoice.date >= signed]
        true_up = sum(p.cents for p in early) - sum(p.cents for p in fixed)
        if abs(true_up) < 1 and owed:  # a rounding, not a change
            owed[0] = owed[0]._replace(cents=owed[0].cents + true_up)
            continue
        parts = {
            name: sum(p.tranches.get(name, 0.0) for p in early)
            - sum(p.tranches.get(name, 0.0) for p in fixed)
            for name in {name for payment in early + fixed for name in payment.tranches}
        }
        due = dates.after(signed, days=course.agreement.payment.days_to_pay)
        owed = [Payment(due, true_up, f"true-up: {title}", parts), *owed]
    return [*fixed, *_rounded(owed, whole)]


def _bound(course: Schedule) -> Iterator[tuple[date, str, Schedule, date]]:
    """What binds from when on, by its title: the charges, and the end.

    First what was signed, then each amendment; of renewals each, once nobody can object any more.
    """
    first, *later = course.as_signed
    yield first.agreement.signed, "", first, first.terms.end
    terms = first.terms
    for amendment, now in zip(course.agreement.amendment, later, strict=True):
        again = terms.renewal if amendment.title == RENEWAL else None
        starts = [terms.end]
        if again:
            starts = [*dates.anchored(terms.end, months=again.months, until=now.terms.end)]
        for low, high in pairwise([*starts, now.terms.end]):
            signed = max(amendment.signed, again.last_day(low) + DAY) if again else amendment.signed
            yield signed, amendment.title, now, high
        terms = now.terms


def _owed(course: Schedule, until: date | None) -> list[Payment]:
    """What is owed by day of payment, to the fraction of a cent."""
    total = defaultdict[date, float](float)
    parts = defaultdict[date, defaultdict[str, float]](lambda: defaultdict(float))
    for charge in course.charges(until=until):
        total[charge.due] += charge.usd * CENTS_PER_USD
        parts[charge.due][charge.capacity] += charge.usd * CENTS_PER_USD
    return [Payment(day, cents, "invoice", parts[day]) for day, cents in total.items()]


def _rounded(owed: Sequence[Payment], whole: bool) -> Sequence[Payment]:
    if not whole:
        return owed
    cents = to_cents(payment.cents / CENTS_PER_USD for payment in owed)
    paid = [payment._replace(cents=c) for payment, c in zip(owed, cents, strict=True)]
    return [payment for payment in paid if payment.cents or payment.clause == "invoice"]
