"""What is due when: an agreement's terms as dated charges, service periods and payments.

A *charge* is one amount for one stretch of service; *rows* add up the charges of each service
period. Amounts carry no sign of an owner: a fee that the customer owes is positive.

What happened is passed in, never assumed: `Facts`. Without facts the contract is performed as
promised: delivered on time, available, the index flat, and nothing used above the minimum.
"""

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby, pairwise
from numbers import Real
from typing import NamedTuple, TypedDict, Unpack

import numpy as np
import pandas as pd

from analysis.contract import dates
from analysis.contract.clauses import Delivery, Fee, Prepayment, Range, Termination, shown
from analysis.contract.escalation import Rise, Version, factor, latest, resets, rises, versions
from analysis.contract.terms import Agreement, in_force

Delivered = Mapping[date, float]
"""Share of a capacity delivered so far, by the day from which it holds."""


class Facts(TypedDict, total=False):
    """What happened under an agreement, each optional.

    `index`: level of the escalator's index by date of publication.
    `usage`: units used in a calendar month, by its first day.
    `delivered`: share delivered by day, for "site" (the capacity outside tranches) or a tranche;
    what is not delivered is not paid for, whatever the file says of remedies.
    `availability`: share of time available in a calendar month, by its first day.

    Under the proration `full-period` usage and availability go by billing period.
    """

    index: Mapping[date, float]
    usage: Mapping[date, float]
    delivered: Mapping[str, Delivered]
    availability: Mapping[date, float]


MEASURED = {
    "index": (sys.float_info.min, sys.float_info.max, "a finite number above 0"),
    "usage": (0.0, sys.float_info.max, "a finite number, 0 or more"),
    "delivered": (0.0, 1.0, "0 to 1"),
    "availability": (0.0, 1.0, "0 to 1"),
}
"""The least and the most that each fact can be."""


class Charge(NamedTuple):
    """One amount for service in `[start, end)`; `full_usd` is the fee before any discount.

    `capacity` is the tranche that it is for; "site" for all that no tranche is charged for.
    """

    start: date
    end: date
    share: float
    usd: float
    full_usd: float
    due: date
    clause: str
    capacity: str = "site"


class Stream(NamedTuple):
    """The fees of one capacity: the site's, or a tranche's."""

    name: str
    fees: tuple[Fee, ...]
    delivery: Delivery | None
    end: date | None = None


class Period(NamedTuple):
    """A full period `[start, end)` of so many months, and the billing period that holds it."""

    start: date
    end: date
    months: int
    billed_from: date
    billed_to: date


def streams(agreement: Agreement) -> list[Stream]:
    """The site's fees, if any, and those of each tranche."""
    site = [Stream("site", agreement.fee, agreement.delivery)] if agreement.fee else []
    return site + [Stream(t.name, t.fee, t.delivery, t.end) for t in agreement.tranche]


def undisclosed(agreement: Agreement) -> list[Range]:
    """Every undisclosed discount of the terms and of those that amendments lead to."""
    fees = [f for one in versions(agreement) for part in streams(one.terms) for f in part.fees]
    return list({fee.discount: None for fee in fees if isinstance(fee.discount, Range)})


def prepayments(agreement: Agreement) -> list[tuple[str, Prepayment]]:
    """The money paid ahead, by the tranche whose invoices use it up; "" for the agreement's own."""
    found = [(tranche.name, tranche.prepayment) for tranche in agreement.tranche]
    return [(name, ahead) for name, ahead in [*found, ("", agreement.prepayment)] if ahead]


def charges(
    agreement: Agreement,
    *,
    until: date | None = None,
    since: date | None = None,
    **facts: Unpack[Facts],
) -> list[Charge]:
    """Every charge for service from `since` to `until`, in order of time.

    `until` is the first day not served (default: the stated end; a later day goes on at the last
    fee); `since` only leaves out what lies before it. Amended terms hold from their effective day.
    Raises `ValueError` for a fact about a capacity or a period that the agreement does not have.
    """
    if facts:
        return _charged(agreement, until, since, facts)
    whole, end = _whole(agreement), in_force(agreement, date.max).end
    low = since or agreement.start
    if until is None or until == end:
        return _between(whole, low, end)
    if until > end:
        return _charged(agreement, until, since, {})
    billed = [_billed(version.terms, until) for version in versions(agreement)]
    last = max(low, min(billed))
    return _between(whole, low, last) + _charged(agreement, until, last, {})


@lru_cache(maxsize=256)
def _whole(agreement: Agreement) -> tuple[Charge, ...]:
    """Every charge to the stated end where no fact is known, from which others are cut."""
    return tuple(_charged(agreement, None, None, {}))


def _billed(terms: Agreement, day: date) -> date:
    """The start of the billing period that an end on a day cuts short: its charges are others."""
    since = day - timedelta(days=1)
    return next((p.billed_from for p in periods(terms, day, since=since) if p.end >= day), day)


def _between(charges: Sequence[Charge], low: date, high: date) -> list[Charge]:
    """Charges for service in `[low, high)`; of one that runs across an end the days inside."""
    first = bisect_right(charges, low, key=lambda charge: charge.end)
    last = bisect_left(charges, high, key=lambda charge: charge.start)
    return [
        charge if low <= charge.start and charge.end <= high else _part(charge, low, high)
        for charge in charges[first:last]
    ]


def _part(charge: Charge, low: date, high: date) -> Charge:
    """What of a charge is for the days in `[low, high)`."""
    start, end = max(charge.start, low), min(charge.end, high)
    part = (end - start) / (charge.end - charge.start)
    return charge._replace(
        start=start,
        end=end,
        share=charge.share * part,
        usd=charge.usd * part,
        full_usd=charge.full_usd * part,
    )


def _charged(
    agreement: Agreement, until: date | None, since: date | None, facts: Facts
) -> list[Charge]:
    if facts:
        check_facts(agreement, facts)
    end = in_force(agreement, date.max).end if until is None else until
    raised = list(rises(agreement, end))
    found: list[Charge] = []
    for version in versions(agreement):
        window = max(version.start, since or version.start), min(version.end, end)
        if window[0] < window[1]:
            found += _charges(version, raised, end, window, facts)
    return found


def _charges(
    version: Version, raised: list[Rise], end: date, window: tuple[date, date], facts: Facts
) -> Iterator[Charge]:
    """Charges under one unchanged set of terms, for the part of the service in the window."""
    terms = version.terms
    capacities = streams(terms)
    if facts:
        _check_days(facts, terms, end, window)
    cuts = sorted(named_dates(terms, end, facts) | set(window))
    for period in periods(terms, end, since=window[0]):
        served = max(period.start, terms.start), min(period.end, end)
        low, high = max(served[0], window[0]), min(served[1], window[1])
        if low >= high:
            continue
        months = period.months * dates.month_share(
            (period.start, period.end), served, terms.proration
        )
        inside = cuts[bisect_right(cuts, low) : bisect_left(cuts, high)]
        for start, stop in pairwise([low, *inside, high]):
            share = months * (stop - start).days / (served[1] - served[0]).days
            piece = Charge(start, stop, share, 0.0, 0.0, _due(terms, period, end), "")
            in_service = False
            for capacity in capacities:
                fees = list(_fees(version, raised, capacity, piece, facts))
                in_service = in_service or bool(fees)
                yield from fees
                if terms.service_credit:
                    yield from _service_credit(terms, period, fees, facts)
            yield from _metered(terms, period, piece, months, facts)
            if not in_service and not terms.take_or_pay:
                yield piece._replace(clause="nothing in service")


def check_facts(agreement: Agreement, facts: Facts) -> None:
    """Refuse facts of no known kind or capacity, and values that nobody can have measured."""
    if unknown := set(facts) - set(MEASURED):
        raise ValueError(f"{min(unknown)} is no fact; allowed: {', '.join(MEASURED)}")
    days = {agreement.start, *(amendment.effective for amendment in agreement.amendment)}
    names = dict.fromkeys(c.name for day in sorted(days) for c in streams(in_force(agreement, day)))
    if not isinstance(facts.get("delivered", {}), Mapping):
        raise ValueError("delivered: allowed: shares by day, by the name of a capacity")
    for name in facts.get("delivered", {}):
        if name not in names:
            allowed = ", ".join(names)
            raise ValueError(f"delivered: {name!r} is no capacity here; allowed: {allowed}")
    known: list[tuple[str, str, Mapping[date, float]]] = [
        *(("delivered", f" of {name}", part) for name, part in facts.get("delivered", {}).items()),
        ("availability", "", facts.get("availability", {})),
        ("usage", "", facts.get("usage", {})),
        ("index", "", facts.get("index", {})),
    ]
    for fact, of, series in known:
        if not isinstance(series, Mapping):
            raise ValueError(f"{fact}{of}: {shown(repr(series))}; allowed: values by day")
        least, most, said = MEASURED[fact]
        for day, value in series.items():
            if not isinstance(day, date) or isinstance(day, datetime):
                raise ValueError(f"{fact}{of}: {shown(repr(day))} is no day; allowed: a date")
            if not _number(value) or not least <= value <= most:
                raise ValueError(f"{fact}: {shown(str(value))}{of} on {day}; allowed: {said}")


def _number(value: object) -> bool:
    """Whether a value is a number, which yes and no are not."""
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


def _check_days(facts: Facts, terms: Agreement, end: date, window: tuple[date, date]) -> None:
    """Refuse facts of a period that there is not: they would count for nothing."""
    firsts = {period.start for period in periods(terms, end)}
    by_period = {"usage": facts.get("usage", {}), "availability": facts.get("availability", {})}
    for fact, series in by_period.items():
        for day in series:
            if window[0] <= day < window[1] and day not in firsts:
                raise ValueError(
                    f"{fact}: {day} is the first day of no period; allowed: the first of a month, "
                    "or of a billing period under the proration full-period"
                )


def _fees(
    version: Version, raised: list[Rise], capacity: Stream, piece: Charge, facts: Facts
) -> Iterator[Charge]:
    if capacity.end and piece.start >= capacity.end:
        return
    position = bisect_right([fee.since for fee in capacity.fees], piece.start)
    delivered = facts.get("delivered", {}).get(capacity.name)
    present = latest(delivered, piece.start, 0.0) if delivered is not None else 1.0
    net = 0.0
    if position:
        fee = capacity.fees[position - 1]
        stated = version.stated[capacity.name, fee.since]
        rise = factor(raised, stated, piece.start, facts.get("index", {}))
        full = fee.usd_month * piece.share * present * rise
        discount = fee.discount.use if isinstance(fee.discount, Range) else fee.discount
        clause = f"{capacity.name} fee" + (f" less {discount:.0%} discount" if discount else "")
        net = full * (1 - discount)
        yield Charge(*piece[:3], net, full, piece.due, clause, capacity.name)
    if capacity.delivery and delivered is not None:
        yield from _late(capacity.name, capacity.delivery, delivered, piece, net, present)


def _late(
    name: str, terms: Delivery, delivered: Delivered, piece: Charge, fee_usd: float, present: float
) -> Iterator[Charge]:
    """The discount after a late delivery and the credit for each late day."""
    low, high = _late_discount_window(terms, delivered)
    if terms.late_discount and low <= piece.start < high:
        usd = -fee_usd * terms.late_discount
        clause = f"{name} late discount"
        yield piece._replace(usd=usd, full_usd=usd, clause=clause, capacity=name)
    if terms.late_credit_usd_day and piece.start >= terms.due and present < 1:
        usd = -terms.late_credit_usd_day * (piece.end - piece.start).days * (1 - present)
        clause = f"{name} late credit"
        yield piece._replace(usd=usd, full_usd=usd, clause=clause, capacity=name)


def _late_discount_window(terms: Delivery, delivered: Delivered) -> tuple[date, date]:
    """As many days from full delivery on as delivery was late; empty if in time or still due."""
    full = min((day for day, share in delivered.items() if share >= 1), default=terms.due)
    return full, max(full, full + (full - terms.due))


def _service_credit(
    terms: Agreement, period: Period, fees: list[Charge], facts: Facts
) -> Iterator[Charge]:
    available = facts.get("availability", {}).get(period.start, 1.0)
    share = max((c.share for c in terms.service_credit if available < c.below), default=0.0)
    if share and fees:
        usd = -share * sum(fee.usd for fee in fees)
        yield fees[0]._replace(usd=usd, full_usd=usd, clause="service credit")


def _metered(
    terms: Agreement, period: Period, piece: Charge, months: float, facts: Facts
) -> Iterator[Charge]:
    """The monthly minimum of a metered service, and usage above it, spread over the period."""
    if not (meter := terms.take_or_pay):
        return
    usd = meter.minimum_units_month * meter.usd_per_unit * piece.share
    yield piece._replace(usd=usd, full_usd=usd, clause=f"minimum {meter.unit}")
    above = facts.get("usage", {}).get(period.start, 0.0) - meter.minimum_units_month * months
    if above > 0:
        part = piece.share / months if months else 1.0
        usd = above * meter.overage_usd_per_unit * part
        yield piece._replace(usd=usd, full_usd=usd, clause=f"{meter.unit} above minimum")


def rows(
    agreement: Agreement,
    until: date | None = None,
    *,
    since: date | None = None,
    **facts: Unpack[Facts],
) -> pd.DataFrame:
    """One row a service period: `start, end, days, share, fee_usd, due, clause`.

    Periods `[start, end)` tile the service and are cut at month ends and at every date that the
    terms name. `share` is the part of a month served, `fee_usd` the sum of all charges, `due` the
    day of payment, `clause` what the fee is made of.

    >>> float(rows(deal).fee_usd.sum())
    2500.0
    """
    return frame(charges(agreement, until=until, since=since, **facts))


def frame(found: Sequence[Charge]) -> pd.DataFrame:
    """Charges added up to one row a service period; see `rows` for the columns."""
    table = []
    for (start, end), group in groupby(found, key=lambda c: (c.start, c.end)):
        parts = list(group)
        clause = "; ".join(dict.fromkeys(part.clause for part in parts))
        fee_usd = sum((part.usd for part in parts), 0.0)
        table.append(
            (start, end, (end - start).days, parts[0].share, fee_usd, parts[0].due, clause)
        )
    columns = ["start", "end", "days", "share", "fee_usd", "due", "clause"]
    rows = pd.DataFrame(table, columns=columns)
    return rows if table else rows.astype({"share": float, "fee_usd": float})


def periods(terms: Agreement, end: date, *, since: date = date.min) -> Iterator[Period]:
    """The full periods that fees are counted by, each with the billing period it belongs to.

    Calendar months; under the proration `full-period`, billing periods from the start of service.
    All up to `end`, or those that do not end before `since`.
    """
    billing = terms.payment.billing_months
    whole = terms.proration == "full-period"
    months, anchor = (billing, terms.start) if whole else (1, terms.start.replace(day=1))
    passed = dates.MONTHS_PER_YEAR * (since.year - anchor.year) + since.month - anchor.month
    elapsed = max(0, passed // months - 1) * months
    start = dates.add_months(anchor, elapsed)
    while start < end:
        billed = elapsed - elapsed % billing
        elapsed += months
        stop = dates.add_months(anchor, elapsed)
        billed_from = dates.add_months(anchor, billed)
        billed_to = stop if billing == months else dates.add_months(anchor, billed + billing)
        yield Period(start, stop, months, billed_from, billed_to)
        start = stop


def _due(terms: Agreement, period: Period, end: date) -> date:
    advance = terms.payment.timing == "advance"
    billed = max(period.billed_from, terms.start) if advance else min(period.billed_to, end)
    return billed + timedelta(days=terms.payment.days_to_pay)


def named_dates(terms: Agreement, end: date, facts: Facts) -> set[date]:
    """Every date that the terms or the facts name: no service period runs across one of them."""
    named = {end, terms.end, *resets(terms, end)}
    for capacity in streams(terms):
        delivered = facts.get("delivered", {}).get(capacity.name, {})
        named.update(fee.since for fee in capacity.fees)
        named.update(delivered)
        named |= {capacity.end} if capacity.end else set()
        if capacity.delivery:
            named |= {capacity.delivery.due, cure_end(capacity.delivery)}
            if capacity.delivery.late_discount:
                named.update(_late_discount_window(capacity.delivery, delivered))
    named.update(ahead.credit_from for _, ahead in prepayments(terms))
    for right in (terms.termination.customer, terms.termination.provider):
        if right and (gate := gate_day(terms, right)):
            named.add(gate)
    return named


def gate_day(terms: Agreement, right: Termination) -> date | None:
    """The first day on which notice may be served, or take effect; None without a gate."""
    if right.gate_date:
        return right.gate_date
    if right.gate_days is None and right.gate_months is None:
        return None
    return dates.after(terms.start, days=right.gate_days or 0, months=right.gate_months or 0)


def cure_end(delivery: Delivery) -> date:
    """The day on which the customer's remedy for missing capacity begins."""
    return dates.after(delivery.due, days=delivery.cure_days, months=delivery.cure_months)
