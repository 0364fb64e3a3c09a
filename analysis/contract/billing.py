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
from analysis.contract.amendments import RENEWAL
from analysis.contract.fields import DAY
from analysis.contract.schedule import Schedule
from analysis.contract.served import full_month_usd
from analysis.contract.terms import Agreement

CENTS_PER_USD = 100


class Transfer(NamedTuple):
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
    moved, _ = Ledger(course).moved(until)
    terms = course.terms
    if (held := terms.deposit) and (until is None or held.paid <= until):
        end, kept = until or terms.end, 0
        sizes = [(held.paid, deposit_usd(terms)), *((step.since, step.usd) for step in held.steps)]
        for day, usd in sizes:
            if day <= end:
                cents = to_cents([usd])[0]
                moved.append(Transfer(day, cents - kept, "deposit"))
                kept = cents
        back = dates.after(end, days=held.returned_after_days)
        moved.append(Transfer(back, -kept, "deposit returned"))
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


class Ledger:
    """The invoices of a schedule if service ends on a day, and what becomes of prepayments.

    What had fallen due when an amendment was signed is billed once for all days. Not `whole`:
    before amounts are rounded to cents, so that days can be compared.
    """

    def __init__(self, course: Schedule, *, whole: bool = True) -> None:
        self.terms, self.whole = course.terms, whole
        self.days_to_pay = course.agreement.payment.days_to_pay
        self.bound = [*_bound(course)]
        self.fixed: dict[tuple[int, date], list[Transfer]]
        self.lost: dict[date, float]
        self.fixed, self.lost = course.billed.setdefault(whole, ({}, {}))

    def forfeited_usd(self, end: date) -> float:
        """What of prepayments that are not refundable is lost if service ends on a day."""
        if end not in self.lost:
            self.lost[end] = self.moved(end)[1] / CENTS_PER_USD
        return self.lost[end]

    def moved(self, until: date | None) -> tuple[list[Transfer], float]:
        """Prepayments, invoices, credits and refunds; and the cents that are not refunded."""
        ahead, last = self.terms.prepayments, until or date.max
        paid_in = [
            [(day, to_cents([usd])[0]) for day, usd in paid.sums if day <= last]
            for _, paid in ahead
        ]
        used = [0.0] * len(ahead)
        moved = [
            Transfer(day, cents, f"{name} prepayment".strip())
            for (name, _), sums in zip(ahead, paid_in, strict=True)
            for day, cents in sums
        ]
        fixed, owed = self._billed(len(self.bound) - 1, until)
        invoices = [*fixed, *self._rounded(owed)]
        for invoice in sorted(invoices, key=lambda p: p.date):
            moved.append(invoice)
            unpaid = invoice.cents
            for n, (name, paid) in enumerate(ahead):
                part = invoice.tranches.get(name, 0.0) if name else invoice.cents
                usable = paid.credit_share * part
                left = sum(cents for day, cents in paid_in[n] if day <= invoice.date) - used[n]
                credit = min(left, unpaid, math.floor(usable) if self.whole else usable)
                if credit > 0 and invoice.date >= paid.credit_from:
                    used[n], unpaid = used[n] + credit, unpaid - credit
                    credited = f"{name} prepayment credited".strip()
                    moved.append(Transfer(invoice.date, -credit, credited))
        back = max([until or self.terms.end, *(invoice.date for invoice in invoices)])
        lost = 0.0
        for (name, paid), sums, gone in zip(ahead, paid_in, used, strict=True):
            cents = sum(cents for _, cents in sums) - gone
            if cents and paid.refundable:
                moved.append(Transfer(back, -cents, f"{name} prepayment refunded".strip()))
            lost += 0.0 if paid.refundable else cents
        return moved, lost

    def _billed(self, number: int, until: date | None) -> tuple[list[Transfer], list[Transfer]]:
        """What had fallen due before what binds was signed, and what is owed from then on."""
        signed, title, course, _ = self.bound[number]
        now = _owed(course, until)
        if not number:
            return [], now
        fixed = self._fixed(number, until or date.max)
        early = [invoice for invoice in now if invoice.date < signed]
        owed = [invoice for invoice in now if invoice.date >= signed]
        true_up = sum(p.cents for p in early) - sum(p.cents for p in fixed)
        if abs(true_up) < 1 and owed:  # a rounding, not a change
            owed[0] = owed[0]._replace(cents=owed[0].cents + true_up)
            return fixed, owed
        parts = {
            name: sum(p.tranches.get(name, 0.0) for p in early)
            - sum(p.tranches.get(name, 0.0) for p in fixed)
            for name in {name for payment in early + fixed for name in payment.tranches}
        }
        due = dates.after(signed, days=self.days_to_pay)
        return fixed, [Transfer(due, true_up, f"true-up: {title}", parts), *owed]

    def _fixed(self, number: int, until: date) -> list[Transfer]:
        """The invoices that fell due before something was signed.

        Service from long after then on moves none of them, but for a cent of rounding.
        """
        signed, (*_, course, end) = self.bound[number][0], self.bound[number - 1]
        until = min(until, end)
        if not (self.whole or course.has_minimum):
            months = max(version.terms.payment.billing_months for version in course.versions)
            seen = max(signed, course.agreement.start)
            until = min(until, dates.add_months(seen, months + 1))
        if (number, until) not in self.fixed:
            fixed, owed = self._billed(number - 1, until)
            past = [payment for payment in self._rounded(owed) if payment.date < signed]
            self.fixed[number, until] = [*fixed, *past]
        return self.fixed[number, until]

    def _rounded(self, owed: Sequence[Transfer]) -> Sequence[Transfer]:
        if not self.whole:
            return owed
        cents = to_cents(payment.cents / CENTS_PER_USD for payment in owed)
        paid = [payment._replace(cents=c) for payment, c in zip(owed, cents, strict=True)]
        return [payment for payment in paid if payment.cents or payment.clause == "invoice"]


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


def _owed(course: Schedule, until: date | None) -> list[Transfer]:
    """What is owed by day of payment, to the fraction of a cent."""
    owed = defaultdict[date, defaultdict[str, float]](lambda: defaultdict(float))
    for charge in course.charges(until=until):
        owed[charge.due][charge.capacity] += charge.usd * CENTS_PER_USD
    return [Transfer(day, sum(parts.values()), "invoice", parts) for day, parts in owed.items()]
