"""What a file says that is allowed, and yet may be meant otherwise."""

from collections.abc import Iterator
from datetime import date
from functools import reduce

from analysis.contract import Agreement, dates, escalation, schedule, served
from analysis.contract.amendments import in_force
from analysis.contract.capacity import Tranche
from analysis.contract.duration import Termination
from analysis.contract.fields import DAY, Range
from analysis.page.clauses import usd

# what no agreement so far has come near to
LEAST_USD, MOST_USD, MOST_MW = 1e4, 2e10, 2e4


def understood(agreement: Agreement) -> list[str]:
    """How the rule takes the capacity of an agreement with tranches, a sentence each."""
    site, parts = agreement.capacity, [t.capacity for t in agreement.tranche]
    found = []
    if parts and agreement.fee:
        found.append(
            "capacity is what the agreement's own fee pays for; the capacity of tranches comes on "
            "top of it"
        )
    elif parts:
        found.append(
            "the agreement has no fee of its own, so capacity is the sum that its tranches are "
            "part of"
        )
        inside = [part.mw for part in parts if part.mw is not None]
        if site.mw is not None and len(inside) == len(parts):
            stated, whole = served.as_range(site.mw), served.as_range(reduce(served.plus, inside))
            if whole != stated:
                found.append(
                    f"capacity.mw: {stated.use:,.10g} is not the sum of the tranches, "
                    f"{whole.use:,.10g}; the fee is set against it while all are in service"
                )
    ends = (fee.since for fee in agreement.fee if served.site_ended(agreement, fee.since))
    if day := next(ends, None):
        found.append(
            f"the fee has fallen to 0 for good on {day}: the site has ended, and its capacity "
            "is left out from that day on"
        )
    return found


def of(agreement: Agreement) -> list[str]:
    """What is allowed and may yet be a slip of the keyboard."""
    terms = in_force(agreement)
    found_rights = list(terms.termination.held.values())
    opens = [gate for right in found_rights if (gate := right.gate(terms.start))]
    amended = [agreement.start, *sorted(a.effective for a in agreement.amendment)]
    parts = [part for day in amended for part in in_force(agreement, day).parts]
    capacity = [*terms.scopes.values(), terms.capacity, *(t.capacity for t in terms.tranche)]
    sizes = [mw.high if isinstance(mw, Range) else mw for c in capacity if (mw := c.mw) is not None]
    found = [
        *(odd_end(end) for end in (agreement.end, terms.end) if not agreement.term_months),
        *_not_known_to_come(agreement),
        *_cut_short(agreement, terms.end),
        *_stays(terms),
        *(odd_lock_in(gate, terms.end) for gate in opens),
        *(never_used(right, terms.start) for right in found_rights),
        *(odd_fee(fee.usd_month) for part in parts for fee in part.fee),
        *(odd_mw(size) for size in sizes),
        aged(agreement),
    ]
    return list(dict.fromkeys(filter(None, found)))


def _not_known_to_come(agreement: Agreement) -> Iterator[str]:
    """Capacities that count as delivered once their day has passed, with no fact that says so."""
    known = {fact.capacity for fact in agreement.fact if fact.kind == "delivered"}
    for name, late in agreement.deliveries.items():
        if agreement.known and late.due <= agreement.known and name not in known:
            yield f"{name} was due {late.due}; no fact says that it came, it counts as delivered"


def _cut_short(agreement: Agreement, end: date) -> Iterator[str]:
    """Periods of a minimum that are shorter than its period is, and ask for less."""
    for span in schedule.spans(escalation.versions(agreement), end):
        if span.usd < span.by.usd:
            days = f"from {span.start} to {span.end - DAY}"
            yield (
                f"the minimum of {usd(span.by.usd)} a {span.by.period} asks for its part by days "
                f"{days}, {usd(span.usd)}; where all of it is due, its period is term"
            )


def _stays(terms: Agreement) -> Iterator[str]:
    """First rises on a stated day, of capacity whose start a delivery moves."""
    parts: list[tuple[str, Agreement | Tranche]] = [("", terms)]
    for name, part in [*parts, *((f"{t.name}: ", t) for t in terms.tranche)]:
        rise = part.escalator
        if (
            part.delivery
            and part.delivery.moves_start
            and rise
            and "since" in rise.model_fields_set
        ):
            told = "stays where a delivery moves the start; left out, it follows the start"
            yield f"{name}escalator.from, {rise.since}, {told}"


def aged(agreement: Agreement) -> str:
    """Which values rest on facts over a year older than what the file knows; empty without any."""
    facts = [item for item in agreement.evidence if item.kind != "assumed"]
    if not (now := agreement.known or max((item.date for item in facts), default=None)):
        return ""
    ago = dates.add_months(now, -dates.MONTHS_PER_YEAR)
    told = ", ".join(f"{item.field} ({item.date})" for item in facts if item.date < ago)
    return f"facts over a year old by {now}, look them up again: {told}" if told else ""


def odd_fee(usd_month: float) -> str:
    """Why a monthly fee is not plausible, "" where it is."""
    if usd_month == 0 or LEAST_USD <= usd_month <= MOST_USD:
        return ""
    allowed = f"{usd(LEAST_USD)} to {usd(MOST_USD)}"
    return f"{usd(usd_month)} a month is outside what fees are, {allowed}"


def odd_mw(mw: float) -> str:
    """Why a capacity is not plausible, "" where it is."""
    if not mw:
        return "0 MW is no capacity; where it is not known it is left out"
    return f"{mw:,.0f} MW is more than any site has; megawatts are asked for" * (mw > MOST_MW)


def odd_end(end: date) -> str:
    """Why an end may be meant as the last day of service, "" where it is the last of no month."""
    day = end + DAY
    what = "quarter" if day.month % 3 == 1 else "month"
    told = f"{end} is the last day of a {what}; if it is still served, the end is {day}"
    return told if day.day == 1 else ""


def never_used(right: Termination, start: date) -> str:
    """Why a right to leave can never be used, "" where it can."""
    first, last = right.earliest(start, right.opens(start)), right.last(start)
    told = f"a right to leave may set no day after {last}, but opens for {first}: it is never used"
    return told if last and first > last else ""


def odd_lock_in(opens: date, end: date) -> str:
    """Why a lock-in is not plausible, "" where it is."""
    return f"a lock-in until {opens} is longer than the term, to {end}" * (opens >= end)
