"""Several agreements as one book, the provider's or the customer's.

What the *other* side may drop is not firm: the customers' rights limit a provider's revenue, the
providers' rights a customer's supply. Agreements signed after `as_of` are not in the book yet.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

import pandas as pd

from analysis.contract import commitment, dates, schedule
from analysis.contract.clauses import Capacity, Party, Range
from analysis.contract.dates import DAYS_PER_YEAR
from analysis.contract.rights import final_terms, in_term
from analysis.contract.schedule import Charge
from analysis.contract.served import full_fee, paid_for
from analysis.contract.terms import Agreement
from analysis.contract.units import (
    HOURS_PER_MONTH,
    MONTHS_PER_YEAR,
    Interval,
    Measure,
    as_interval,
    usd_per_gpu_hour,
    usd_per_mw_month,
)
from analysis.models.finance.credit import Concentration, concentration, exposure

LEAVES: dict[Party, Party] = {"provider": "customer", "customer": "provider"}
"""By owner of the book, whose leaving it fears."""
SOON = "notice served as soon as allowed"


def positions(
    agreements: Sequence[Agreement],
    *,
    as_of: date,
    owner: Party = "provider",
    grace_days: float = 0.0,
) -> pd.DataFrame:
    """What each agreement adds to the book on `as_of`, under the reading it comes in.

    Columns `agreement, counterparty, reading, fee_usd_month, share, headline_usd, firm_usd,
    firmness, firm_end, exposure_usd`. The fee is the full one in force, or the first to come;
    `share` its part of all; `exposure_usd` fees owed and unpaid just before a payment falls due:
    the billing period if paid in arrears, the days to pay, and the grace before service stops.
    """
    party = LEAVES[owner]
    table = []
    for deal in _signed(agreements, as_of):
        whole = commitment.headline(deal, as_of=as_of)
        sure = commitment.firm(deal, as_of=as_of, party=party)
        fee = fee_usd_month(deal, as_of)
        last = final_terms(deal)
        paid = last.payment
        owed = exposure(
            fee,
            billing_days=paid.billing_months * DAYS_PER_YEAR / MONTHS_PER_YEAR,
            payment_days=paid.days_to_pay,
            grace_days=grace_days,
            timing=paid.timing,
            served_days=(last.end - last.start).days,
        )
        ratio = sure.usd / whole.usd if whole.usd else float("nan")
        table.append((deal.id, _other(deal, owner), deal.reading.name, fee, 0.0, whole.usd,
                      sure.usd, ratio, sure.end, owed.peak_usd))  # fmt: skip
    columns = ["agreement", "counterparty", "reading", "fee_usd_month", "share", "headline_usd",
               "firm_usd", "firmness", "firm_end", "exposure_usd"]  # fmt: skip
    found = pd.DataFrame(table, columns=columns)
    total = found.fee_usd_month.sum()
    return found.assign(share=found.fee_usd_month / total if total else 0.0)


def concentrated(positions: pd.DataFrame, *, by: str = "fee_usd_month") -> Concentration | None:
    """How few counterparties the book hangs on, by a column of `positions`; None of nothing."""
    amounts = list(positions.groupby("counterparty")[by].sum())
    return concentration(amounts) if math.fsum(amounts) > 0 else None


def runoff(
    agreements: Sequence[Agreement], *, as_of: date, owner: Party = "provider"
) -> pd.DataFrame:
    """Headline and firm fees of each agreement by month of service, as seen from `as_of`.

    Columns `month` (its first day), `agreement, headline_usd, firm_usd`; a charge on leaving counts
    in the month of the day it falls on. The columns add up to those of `positions`.
    """
    table = []
    for deal in _signed(agreements, as_of):
        whole = _monthly(commitment.headline(deal, as_of=as_of).charges)
        sure = _monthly(commitment.firm(deal, as_of=as_of, party=LEAVES[owner]).charges)
        table += [
            (month, deal.id, whole.get(month, 0.0), sure.get(month, 0.0))
            for month in sorted({*whole, *sure})
        ]
    return pd.DataFrame(table, columns=["month", "agreement", "headline_usd", "firm_usd"])


def notices(agreements: Sequence[Agreement], *, as_of: date) -> pd.DataFrame:
    """What is up for notice when, earliest end first, whoever may serve it.

    Columns `agreement, party, serve, end, fee_usd_month, at_stake_usd`: the first day on which
    `party` may serve notice, the first day not served it leads to, the monthly fee and all fees to
    the stated end that then fall away. Party "either" holds where both have the same right.
    """
    table = []
    for deal in _signed(agreements, as_of):
        standing = in_term(deal, as_of)
        found = commitment.deadlines(deal, as_of=as_of)
        soon = found[found.event == SOON].drop_duplicates("party")
        for party, serve, ends in zip(soon.party, soon.date, soon.ends, strict=True):
            end = max(ends, deal.start)
            lost = math.fsum(charge.usd for charge in schedule.charges(standing, since=end))
            table.append((deal.id, party, serve, end, fee_usd_month(standing, end), lost))
    columns = ["agreement", "party", "serve", "end", "fee_usd_month", "at_stake_usd"]
    return pd.DataFrame(table, columns=columns).sort_values("end", ignore_index=True)


def weighted_price(
    agreements: Sequence[Agreement],
    *,
    as_of: date,
    per: Literal["accelerator", "mw"],
    hours_month: float = HOURS_PER_MONTH,
) -> pd.DataFrame:
    """Price of each agreement, and of all that state the unit: fees ÷ units, no mean of prices.

    Columns `agreement, fee_usd_month, units_low, units_high, price_low, price_high`; the last row
    is "book". Price an accelerator and hour, or a megawatt and month. Accelerators of all kinds and
    megawatts of all bases count alike: choose scopes that compare (`terms.scoped`). Agreements that
    state no unit are left out of "book" and blank; those without a fee left are not listed.
    """
    rows: list[tuple[str, float, Measure | None]] = [
        (deal.id, full_fee(deal, as_of).usd_month, _units(paid_for(deal, as_of).capacity, per))
        for deal in _signed(agreements, as_of)
        if fee_usd_month(deal, as_of)
    ]
    stated = [(fee, units) for _, fee, units in rows if units is not None]
    if stated:
        total = Interval(
            sum(as_interval(u).low for _, u in stated), sum(as_interval(u).high for _, u in stated)
        )
        rows.append(("book", sum(fee for fee, _ in stated), total))
    table = []
    for name, fee, units in rows:
        if units is None:
            table.append((name, fee, *[float("nan")] * 4))
            continue
        price = (
            usd_per_mw_month(fee, units)
            if per == "mw"
            else usd_per_gpu_hour(fee, units, hours_month)
        )
        size, span = as_interval(units), as_interval(price)
        table.append((name, fee, size.low, size.high, span.low, span.high))
    columns = ["agreement", "fee_usd_month", "units_low", "units_high", "price_low", "price_high"]
    return pd.DataFrame(table, columns=columns)


def price_view(prices: pd.DataFrame) -> pd.DataFrame:
    """`weighted_price` for a reader: prices of an accelerator and hour in their own unit."""
    named = {"price_low": "low_usd_hour", "price_high": "high_usd_hour"}
    shown = prices.rename(columns={**named, "units_low": "accelerators"})
    return shown[["agreement", "fee_usd_month", "accelerators", *named.values()]]


def fee_usd_month(agreement: Agreement, as_of: date) -> float:
    """The full monthly fee, before discounts, in force on a day or first after it; 0 past the end.

    >>> fee_usd_month(deal, date(2026, 1, 15))
    100.0
    """
    left = schedule.charges(in_term(agreement, as_of), since=as_of)
    return sum(c.full_usd / c.share for c in left if c.start == left[0].start and c.share)


def _signed(agreements: Iterable[Agreement], as_of: date) -> list[Agreement]:
    return [deal for deal in agreements if deal.signed <= as_of]


def _other(agreement: Agreement, owner: Party) -> str:
    return agreement.customer if owner == "provider" else agreement.provider


def _units(capacity: Capacity, per: Literal["accelerator", "mw"]) -> Measure | None:
    stated = list(capacity.accelerators.values()) if per == "accelerator" else [capacity.mw]
    spans = [
        Interval(unit.low, unit.high) if isinstance(unit, Range) else as_interval(unit)
        for unit in stated
        if unit is not None
    ]
    if not spans:
        return None
    return Interval(sum(span.low for span in spans), sum(span.high for span in spans))


def _monthly(charges: Sequence[Charge]) -> dict[date, float]:
    """Charges by calendar month, one that runs across months by its days in each."""
    found: dict[date, float] = {}
    for charge in charges:
        month = charge.start.replace(day=1)
        while month < charge.end or month <= charge.start:
            following = dates.add_months(month, 1)
            days = (min(charge.end, following) - max(charge.start, month)).days
            part = days / (charge.end - charge.start).days if charge.end > charge.start else 1.0
            found[month] = found.get(month, 0.0) + part * charge.usd
            month = following
    return found
