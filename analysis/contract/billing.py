"""What is paid when: invoices in whole cents, prepayments and their crediting, deposits.

Service and payment are apart: `schedule` says what is earned for which days, this module when
money moves. Positive amounts go from the customer to the provider.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple, Unpack

import numpy as np
import pandas as pd

from analysis.contract import dates, schedule
from analysis.contract.schedule import Facts
from analysis.contract.terms import Agreement, in_force

CENTS_PER_USD = 100
CREDITED = "prepayment credited"


class Payment(NamedTuple):
    """One amount on the day it is due, in cents; `tranches` are the parts that tranches are of it.

    Cents are whole where money moves, and unrounded where days are compared.
    """

    date: date
    cents: float
    clause: str
    tranches: Mapping[str, float] = {}


def to_cents(amounts_usd: Iterable[float]) -> list[int]:
    """Amounts in whole cents that add up to the rounded total: the largest remainders round up.

    Of equal remainders the first come first.

    >>> to_cents([100 / 3, 100 / 3, 100 / 3])
    [3334, 3333, 3333]
    """
    exact = np.asarray(list(amounts_usd), dtype=float) * CENTS_PER_USD
    whole = np.floor(exact)
    over = round(float(exact.sum() - whole.sum()))
    whole[np.argsort(-np.round(exact - whole, 6), kind="stable")[:over]] += 1
    return [int(cents) for cents in whole]


def payments(
    agreement: Agreement, until: date | None = None, **facts: Unpack[Facts]
) -> pd.DataFrame:
    """Every payment by date: `date, usd, clause`, in whole cents; adds up to the schedule.

    Invoices follow the payment terms, less what a prepayment covers. What had fallen due when a
    back-dated amendment was signed stays as it was; the difference is due as from an invoice of
    that day. A refundable prepayment's unused rest comes back with the last invoice, the deposit
    after the last day served; neither is paid that falls due after `until`.
    """
    moved, _ = _moved(agreement, until, facts, whole=True)
    terms = in_force(agreement, date.max)
    if (held := terms.deposit) and (until is None or held.paid <= until):
        cents = to_cents([held.usd])[0]
        back = dates.after(until or terms.end, days=held.returned_after_days)
        moved += [Payment(held.paid, cents, "deposit"), Payment(back, -cents, "deposit returned")]
    table = pd.DataFrame(
        [payment[:3] for payment in sorted(moved, key=lambda p: p.date)],
        columns=["date", "usd", "clause"],
    )
    return table.assign(usd=table.usd.astype(float) / CENTS_PER_USD)


def forfeited_usd(agreement: Agreement, end: date, **facts: Unpack[Facts]) -> float:
    """What of prepayments is lost to the customer if service ends on `end`.

    Nothing of those that are refundable, or that fall due after that day.
    """
    return _moved(agreement, end, facts, whole=True)[1] / CENTS_PER_USD


def lost_usd(agreement: Agreement, end: date, **facts: Unpack[Facts]) -> float:
    """`forfeited_usd` before amounts are rounded to cents, so that days can be compared."""
    return _moved(agreement, end, facts, whole=False)[1] / CENTS_PER_USD


def _moved(
    agreement: Agreement, until: date | None, facts: Facts, *, whole: bool
) -> tuple[list[Payment], float]:
    """Prepayments, invoices, credits and refunds; and the cents that are not refunded.

    A tranche's prepayment is used up by the tranche's part of each invoice, the agreement's own by
    what is then left of the invoice.
    """
    terms = in_force(agreement, date.max)
    ahead = [(n, p) for n, p in schedule.prepayments(terms) if until is None or p.paid <= until]
    left: list[float] = [to_cents([paid.usd])[0] for _, paid in ahead]
    moved = [
        Payment(paid.paid, cents, _named(name, "prepayment"))
        for (name, paid), cents in zip(ahead, left, strict=True)
    ]
    invoices = _invoices(agreement, until, facts, whole=whole)
    for invoice in sorted(invoices, key=lambda p: p.date):
        moved.append(invoice)
        unpaid = invoice.cents
        for n, (name, paid) in enumerate(ahead):
            usable = paid.credit_share * (
                invoice.tranches.get(name, 0.0) if name else invoice.cents
            )
            credit = min(left[n], unpaid, math.floor(usable) if whole else usable)
            if credit > 0 and invoice.date >= paid.credit_from:
                left[n], unpaid = left[n] - credit, unpaid - credit
                moved.append(Payment(invoice.date, -credit, _named(name, CREDITED)))
    back = max([until or terms.end, *(invoice.date for invoice in invoices)])
    for (name, paid), cents in zip(ahead, left, strict=True):
        if cents and paid.refundable:
            moved.append(Payment(back, -cents, _named(name, "prepayment refunded")))
    lost = sum(c for (_, paid), c in zip(ahead, left, strict=True) if not paid.refundable)
    return moved, lost


def _named(tranche: str, clause: str) -> str:
    return f"{tranche} {clause}" if tranche else clause


def _invoices(
    agreement: Agreement, until: date | None, facts: Facts, *, whole: bool
) -> list[Payment]:
    """Every invoice, with what amendments made of those that were due before their signature."""
    fixed: list[Payment] = []
    owed = _owed(agreement.model_copy(update={"amendment": ()}), until, facts)
    for number, amendment in enumerate(agreement.amendment, 1):
        fixed += [p for p in _rounded(owed, whole) if p.date < amendment.signed]
        signed = agreement.model_copy(update={"amendment": agreement.amendment[:number]})
        now = _owed(signed, until, facts)
        early = [invoice for invoice in now if invoice.date < amendment.signed]
        owed = [invoice for invoice in now if invoice.date >= amendment.signed]
        true_up = sum(p.cents for p in early) - sum(p.cents for p in fixed)
        parts = {name: _part(early, name) - _part(fixed, name) for name in _tranches(early + fixed)}
        if abs(true_up) < 1 and owed:  # a rounding, not a change
            owed[0] = owed[0]._replace(cents=owed[0].cents + true_up)
        else:
            due = dates.after(amendment.signed, days=agreement.payment.days_to_pay)
            owed = [Payment(due, true_up, f"true-up: {amendment.title}", parts), *owed]
    return fixed + _rounded(owed, whole)


def _owed(agreement: Agreement, until: date | None, facts: Facts) -> list[Payment]:
    """What is owed by day of payment, to the fraction of a cent."""
    by_tranche = any(name for name, _ in schedule.prepayments(in_force(agreement, date.max)))
    total: dict[date, float] = {}
    parts: dict[date, dict[str, float]] = {}
    for charge in schedule.charges(agreement, until=until, **facts):
        cents = charge.usd * CENTS_PER_USD
        total[charge.due] = total.get(charge.due, 0.0) + cents
        if by_tranche:
            part = parts.setdefault(charge.due, {})
            part[charge.capacity] = part.get(charge.capacity, 0.0) + cents
    return [Payment(day, cents, "invoice", parts.get(day, {})) for day, cents in total.items()]


def _part(found: Sequence[Payment], tranche: str) -> float:
    return sum(payment.tranches.get(tranche, 0.0) for payment in found)


def _tranches(found: Sequence[Payment]) -> set[str]:
    return {name for payment in found for name in payment.tranches}


def _rounded(owed: Sequence[Payment], whole: bool) -> list[Payment]:
    if not whole:
        return list(owed)
    cents = to_cents(payment.cents / CENTS_PER_USD for payment in owed)
    paid = [payment._replace(cents=c) for payment, c in zip(owed, cents, strict=True)]
    return [payment for payment in paid if payment.cents or payment.clause == "invoice"]
