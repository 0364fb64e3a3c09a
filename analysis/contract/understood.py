"""What an agreement's file is understood to say, in a few lines, before anything is valued."""

from collections.abc import Iterator
from datetime import date, timedelta

from analysis.contract import commitment, dates, rights, schedule, starter
from analysis.contract.clauses import Party, Range, Termination
from analysis.contract.escalation import versions
from analysis.contract.terms import Agreement


def lines(agreement: Agreement) -> list[str]:
    """Sides, term, fees, total, who may terminate when, and hints at what may be a slip."""
    terms = rights.final_terms(agreement)
    capacity = terms.capacity.mw
    return [
        f"{agreement.id}: {agreement.provider} provides, {agreement.customer} uses",
        f"signed: {agreement.signed}",
        f"term: {_length(terms.start, terms.end)}, {terms.start} to {_before(terms.end)}, "
        "the last day of service",
        *([f"capacity: {_span(capacity, '{:,.10g} MW')}"] if capacity is not None else []),
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
    total = commitment.headline(agreement).usd
    yield f"total to the stated end: {starter.usd(round(total, 2))}{note}"


def _may(agreement: Agreement, party: Party, end: date) -> str:
    """How a party may terminate, and the earliest day on which service then ends."""
    ways = rights.ways_out(agreement, as_of=agreement.signed, party=party)
    first: dict[Termination, date] = {}
    for day, right in ways:
        if right:
            first[right] = min(day, first.get(right, day))
    told = [_way(agreement, right, day, end) for right, day in first.items()]
    return "; as amended, ".join(told) or "may not terminate for convenience"


def _way(agreement: Agreement, right: Termination, day: date, end: date) -> str:
    if right.notice_days is not None:
        length = f"{right.notice_days} days'"
    else:
        length = f"{right.notice_months} months'"
    opens = schedule.gate_day(agreement, right)
    effect = "served from" if right.gate_applies == "serving" else "with effect from"
    gate = f", {effect} {opens}" if opens else ""
    fees = {
        "fee_usd": "a fee of ${:,.10g}",
        "fee_months": "a fee of {:g} months",
        "fee_share_of_remaining": "{:.0%} of the fees left",
    }
    paid = [words.format(value) for name, words in fees.items() if (value := getattr(right, name))]
    cost = f", for {paid[0]}" if paid else ""
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
    parts = [part for one in versions(agreement) for part in schedule.streams(one.terms)]
    found = [
        *(starter.odd_end(end) for end in ends),
        *(starter.odd_lock_in(gate, terms.end) for gate in opens),
        *(starter.odd_fee(fee.usd_month) for part in parts for fee in part.fees),
        *(starter.odd_mw(size) for size in sizes),
    ]
    return list(dict.fromkeys(filter(None, found)))


def _length(start: date, end: date) -> str:
    """The term in whole months, and the days left over."""
    months = (end.year - start.year) * dates.MONTHS_PER_YEAR + end.month - start.month
    months -= dates.add_months(start, months) > end
    days = (end - dates.add_months(start, months)).days
    parts = [f"{n} {unit}{'s' * (n != 1)}" for n, unit in ((months, "month"), (days, "day")) if n]
    return " and ".join(parts)


def _span(value: float | Range, form: str) -> str:
    if isinstance(value, Range):
        return f"{form.format(value.use)} ({value.low:,.10g} to {value.high:,.10g})"
    return form.format(value)


def _before(end: date) -> date:
    return end - timedelta(days=1)
