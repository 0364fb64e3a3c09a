"""What an agreement's file is understood to say, in a few lines, before anything is valued."""

import math
from collections.abc import Iterator
from datetime import date, timedelta

from analysis.contract import dates, rights, schedule, starter
from analysis.contract.clauses import Fee, Party, Range, Termination
from analysis.contract.terms import Agreement, in_force

NEVER = "may not terminate for convenience"


def lines(agreement: Agreement) -> list[str]:
    """Sides, term, fees, total, who may terminate when, and hints at what may be a slip."""
    terms = rights.final_terms(agreement)
    capacity = terms.capacity.mw
    return [
        f"{agreement.id}: {agreement.provider} provides, {agreement.customer} uses",
        f"signed: {agreement.signed}",
        f"term: {_length(terms.start, terms.end)}, {terms.start} to {_before(terms.end)}, "
        "the last day of service",
        *([f"capacity: {_span(capacity, 'MW')}"] if capacity is not None else []),
        *_fees(agreement),
        *(f"{party}: {_may(agreement, party, terms.end)}" for party in rights.PARTIES),
        f"readings: {', '.join(agreement.readings)}",
        *(f"hint: {hint}" for hint in hints(agreement)),
    ]


def _fees(agreement: Agreement) -> Iterator[str]:
    """The first and the last monthly fee, and all fees to the stated end."""
    charges = schedule.charges(agreement)
    for name, at in (("first", charges[:1]), ("last", charges[-1:])):
        for one in at:
            full = sum(c.usd / c.share for c in charges if c.start == one.start and c.share)
            yield f"{name} monthly fee: {starter.usd(round(full, 2))}, in {one.start:%B %Y}"
    open_ = schedule.undisclosed(agreement)
    note = ", at the discount in use of an undisclosed range" if open_ else ""
    total = math.fsum(charge.usd for charge in charges)
    yield f"total to the stated end: {starter.usd(round(total, 2))}{note}"


def _may(agreement: Agreement, party: Party, end: date) -> str:
    """How a party may terminate, and the earliest day on which service then ends."""
    ways = rights.ways_out(agreement, as_of=agreement.signed, party=party)
    first: dict[Termination, date] = {}
    for day, right in ways:
        if right:
            first[right] = min(day, first.get(right, day))
    lost = {right: _lost(agreement, party, right) for right in first}
    told = [_way(agreement, right, day, end, lost[right]) for right, day in first.items()]
    if not told:
        return NEVER
    last = max((day or date.max) for day in lost.values())
    return "; as amended, ".join([*told, *([f"{NEVER} from {last} on"] if last < date.max else [])])


def _lost(agreement: Agreement, party: Party, right: Termination) -> date | None:
    """The day from which an amendment has taken a right away or changed it; None if it lasts."""
    days = sorted({a.effective for a in agreement.amendment})
    held = [getattr(in_force(agreement, day).termination, party) == right for day in days]
    return next((day for n, day in enumerate(days) if not any(held[n:])), None)


def _way(agreement: Agreement, right: Termination, day: date, end: date, lost: date | None) -> str:
    if right.notice_days is not None:
        length = f"{right.notice_days} days'"
    else:
        length = f"{right.notice_months} months'"
    opens = schedule.gate_day(agreement, right)
    effect = "served from" if right.gate_applies == "serving" else "with effect from"
    gate = f", {effect} {opens}" if opens else ""
    gate += f", served before {lost}" if lost else ""
    cost = ""
    if right.fee_usd:
        cost = f", for a fee of {starter.usd(right.fee_usd)}"
    elif right.fee_months:
        cost = f", for a fee of {_number(right.fee_months)} months"
    elif right.fee_share_of_remaining:
        cost = f", for {_number(100 * right.fee_share_of_remaining)} % of the fees left"
    if day >= end:
        when = "too late to end service before its last day"
    elif day <= agreement.start:
        when = "as early as before service begins"
    else:
        when = f"last day of service {_before(day)} at the earliest"
    return f"may terminate on {length} notice{gate}{cost}: {when}"


def hints(agreement: Agreement) -> list[str]:
    """What is allowed and may yet be a slip of the keyboard."""
    terms = rights.final_terms(agreement)
    held = [getattr(terms.termination, party) for party in rights.PARTIES]
    opens = [gate for right in held if right and (gate := schedule.gate_day(terms, right))]
    ends = [agreement.end, *([terms.end] if terms.end != agreement.end else [])]
    capacity = [*terms.scopes.values(), terms.capacity, *(t.capacity for t in terms.tranche)]
    sizes = [mw.high if isinstance(mw, Range) else mw for c in capacity if (mw := c.mw) is not None]
    found = [
        *(starter.odd_end(end) for end in ends),
        *(starter.odd_lock_in(gate, terms.end) for gate in opens),
        *(starter.odd_fee(fee.usd_month) for fee in _steps(agreement)),
        *(starter.odd_mw(size) for size in sizes),
    ]
    return list(dict.fromkeys(filter(None, found)))


def _steps(agreement: Agreement) -> list[Fee]:
    """Every fee step, of the site and its tranches, as the file and its amendments state them."""
    days = [agreement.start, *sorted(a.effective for a in agreement.amendment)]
    parts = [part for day in days for part in schedule.streams(in_force(agreement, day))]
    return [fee for part in parts for fee in part.fees]


def _length(start: date, end: date) -> str:
    """The term in whole months, and the days left over."""
    months = (end.year - start.year) * dates.MONTHS_PER_YEAR + end.month - start.month
    months -= dates.add_months(start, months) > end
    days = (end - dates.add_months(start, months)).days
    parts = [f"{n} {unit}{'s' * (n != 1)}" for n, unit in ((months, "month"), (days, "day")) if n]
    return " and ".join(parts)


def _span(value: float | Range, unit: str) -> str:
    if isinstance(value, Range):
        low, high = _number(value.low), _number(value.high)
        return f"{_number(value.use)} {unit} ({low} to {high})"
    return f"{_number(value)} {unit}"


def _number(value: float) -> str:
    """A number in full, without a power of ten.

    >>> _number(2.5e8), _number(1_234_567.5), _number(0.25)
    ('250,000,000', '1,234,567.5', '0.25')
    """
    whole, _, part = f"{value:,.6f}".partition(".")
    return f"{whole}.{part}".rstrip("0").rstrip(".")


def _before(end: date) -> date:
    return end - timedelta(days=1)
