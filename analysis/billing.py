"""What is paid when: invoices in whole cents, prepayments and their crediting, deposits.

Service and payment are apart: `schedule` says what is earned for which days, this module when
money moves. Positive amounts go from the customer to the provider.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple, Unpack

import numpy as np
import pandas as pd

from analysis import dates
from analysis.schedule import Facts, charges
from analysis.terms import Agreement, in_force

CENTS_PER_USD = 100
CREDITED = "prepayment credited"


class Payment(NamedTuple):
    """One amount on the day it is due, in cents."""

    date: date
    cents: int
    clause: str


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
    after the last day served.
    """
    table = pd.DataFrame(_payments(agreement, until, facts), columns=["date", "usd", "clause"])
    return table.assign(usd=table.usd.astype(float) / CENTS_PER_USD)


def _payments(agreement: Agreement, until: date | None, facts: Facts) -> list[Payment]:
    fixed: list[Payment] = []
    owed = _invoices(agreement.model_copy(update={"amendment": ()}), until, facts)
    for number, amendment in enumerate(agreement.amendment, 1):
        fixed += [p for p in _in_cents(owed) if p.date < amendment.signed]
        signed = agreement.model_copy(update={"amendment": agreement.amendment[:number]})
        now = _invoices(signed, until, facts)
        early = sum(usd for day, usd, _ in now if day < amendment.signed)
        true_up = early - sum(p.cents for p in fixed) / CENTS_PER_USD
        due = dates.after(amendment.signed, days=agreement.payment.days_to_pay)
        owed = [
            (due, true_up, f"true-up: {amendment.title}"),
            *(invoice for invoice in now if invoice[0] >= amendment.signed),
        ]
        if abs(true_up) * CENTS_PER_USD < 1 and len(owed) > 1:  # a rounding, not a change
            (_, rest, _), (day, usd, clause), *others = owed
            owed = [(day, usd + rest, clause), *others]
    billed = fixed + _in_cents(owed)
    terms = in_force(agreement, date.max)
    return sorted(_credited(terms, billed, until or terms.end), key=lambda p: p.date)


def _invoices(
    agreement: Agreement, until: date | None, facts: Facts
) -> list[tuple[date, float, str]]:
    """What is owed by day of payment, to the fraction of a cent."""
    total: dict[date, float] = {}
    for charge in charges(agreement, until=until, **facts):
        total[charge.due] = total.get(charge.due, 0.0) + charge.usd
    return [(day, usd, "invoice") for day, usd in total.items()]


def _in_cents(owed: Sequence[tuple[date, float, str]]) -> list[Payment]:
    rounded = to_cents(usd for _, usd, _ in owed)
    paid = [Payment(day, c, clause) for (day, _, clause), c in zip(owed, rounded, strict=True)]
    return [payment for payment in paid if payment.cents or payment.clause == "invoice"]


def _credited(terms: Agreement, invoices: Sequence[Payment], end: date) -> list[Payment]:
    moved = list(invoices)
    if ahead := terms.prepayment:
        left = to_cents([ahead.usd])[0]
        moved = [Payment(ahead.paid, left, "prepayment")]
        for invoice in sorted(invoices, key=lambda p: p.date):
            usable = invoice.date >= ahead.credit_from and invoice.cents > 0
            credit = min(left, int(invoice.cents * ahead.credit_share)) if usable else 0
            left -= credit
            moved.append(invoice)
            if credit:
                moved.append(Payment(invoice.date, -credit, CREDITED))
        if left and ahead.refundable:
            back = max([end, *(invoice.date for invoice in invoices)])
            moved.append(Payment(back, -left, "prepayment refunded"))
    if held := terms.deposit:
        cents = to_cents([held.usd])[0]
        back = end + timedelta(days=held.returned_after_days)
        moved += [Payment(held.paid, cents, "deposit"), Payment(back, -cents, "deposit returned")]
    return moved


def forfeited_usd(agreement: Agreement, end: date, **facts: Unpack[Facts]) -> float:
    """What of a prepayment is lost to the customer if service ends on `end`; 0 if refundable."""
    ahead = in_force(agreement, date.max).prepayment
    if ahead is None or ahead.refundable:
        return 0.0
    moved = _payments(agreement, end, facts)
    used = sum(p.cents for p in moved if p.clause == CREDITED)
    return ahead.usd + used / CENTS_PER_USD
