"""What a file is understood to say, before anything is valued: in lines, and as the term sheet."""

import re
from collections.abc import Iterator
from datetime import date
from functools import reduce
from html import escape

import pandas as pd

from analysis.contract import (
    Agreement,
    Position,
    dates,
    escalation,
    files,
    ladder,
    position,
    schedule,
    served,
)
from analysis.contract.amendments import in_force
from analysis.contract.capacity import Tranche
from analysis.contract.duration import Termination
from analysis.contract.fields import DAY, Range
from analysis.data.texts import listed
from analysis.page import clauses, findings, tables
from analysis.page.unused import unused

NAMES = {
    "customer": "termination by the customer",
    "provider": "termination by the provider",
    "total to the stated end": "total contract value",
}
"""What the term sheet calls a row that has another name in the lines."""
FIELDS = {
    "parties": ("provider", "customer"),
    "term": ("start", "end"),
    "first monthly fee": ("fee",),
    "last monthly fee": ("fee",),
    "total to the stated end": ("fee",),
    "customer": ("termination.customer",),
    "provider": ("termination.provider",),
    "what is sold": ("sells",),
    "costs not in the fee": ("costs",),
    "rises": ("escalator", "tranche.escalator"),
    "delivery": ("delivery", "tranche.delivery"),
    "prepayment": ("prepayment", "tranche.prepayment"),
    "take or pay": ("take_or_pay",),
    "paid once": ("one_off",),
    "service credit": ("service_credit",),
    "option to extend": ("extension",),
    "how far fees are promised": ("amounts", "tranche.amounts"),
    "price by unit": ("unit_price",),
    "more capacity": ("capacity_option",),
    "termination for cause": ("cause",),
    "other consideration": ("consideration",),
    "holding over": ("holdover",),
    "tranche to end alone": ("tranche.termination",),
}
"""The terms that a row rests on, where it has another name than its term."""
NO_EVIDENCE = {"kind": "none given", "source": "", "date": None, "locator": "", "note": ""}
# what no agreement so far has come near to
LEAST_USD, MOST_USD, MOST_MW = 1e4, 2e10, 2e4
MILLIONS = re.compile(r"\$\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?")


def lines(agreement: Agreement) -> list[str]:
    """Sides, term, fees, total, who may terminate when, and hints at what may be a slip."""
    return [
        f"{agreement.id}: {agreement.provider} provides, {agreement.customer} uses",
        *(f"{name}: {text}" for name, text in clauses.main(agreement)),
        *(f"hint: {hint}" for hint in hints(agreement)),
    ]


def checked(agreement: Agreement) -> list[str]:
    """What `check` tells: `lines`, what the money hangs on, and what is committed.

    That is at first, after the last amendment and after the last fact, and under other readings.
    """
    known = [position(agreement)]
    if (last := max((a.signed for a in agreement.amendment), default=date.min)) > known[0].as_of:
        known.append(position(agreement, last))
    standing = known[-1].standing
    if (last := max((f.date for f in agreement.fact), default=date.min)) > known[-1].as_of:
        known.append(position(agreement, last))
    facts = []
    for kind in dict.fromkeys(fact.kind for fact in agreement.fact):
        days = [fact.date for fact in agreement.fact if fact.kind == kind]
        facts.append(f"facts: {len(days)} of {kind}, the last of {max(days)}")
    besides = clauses.besides(in_force(standing))
    uncertain = []
    for path, span in agreement.uncertain.items():
        table, *parts = path.split(".")
        if table == "tranche":
            path = f"{agreement.tranche[int(parts[0])].name}: {'.'.join(parts[1:])}"
        uncertain.append(f"uncertain: {path}, {span.low} to {span.high}")
    return [
        *lines(standing),
        *understood(agreement),
        *uncertain,
        *(f"{name}: {text}" for name, text in besides.items()),
        *(
            f"amendment: {a.title}, from {a.effective}: {listed([*a.terms])}"
            for a in standing.amendment
        ),
        *facts,
        *map(_committed, known),
        *(
            f"reading {now.reading} ({now.read.reading.title}): {_committed(now)}"
            for now in (position(agreement, reading=name) for name in agreement.changes)
        ),
    ]


def _committed(found: Position) -> str:
    """What is committed on a day, and the last day that a fee of it is for."""
    firm = found.firm()
    waits = firm.usd - found.ladder().set_index("step").usd[ladder.FIRM]
    held = f", {clauses.usd(waits)} of it conditional on delivery" if waits > 1 else ""
    owed = f", {clauses.usd(firm.exit_fee_usd)} of it to leave" if firm.exit_fee_usd else ""
    paid = firm.rows.end[firm.rows.fee_usd != 0]
    last = paid.max() if len(paid) else firm.end
    less = -sum(charge.usd for charge in firm.charges if charge.usd < 0)
    held += f", after {clauses.usd(less)} of credits" if less else ""
    first = ", the first day of service" if found.as_of == found.agreement.start else ""
    told = f"committed on {found.as_of}{first}: {clauses.usd(firm.usd)}{held}{owed}"
    return f"{told}, to {last - DAY}"


def term_sheet(found: Position) -> pd.DataFrame:
    """The terms as known on the day, a row each: `term, value, source`.

    source: the kinds of evidence behind it (disclosed, reported, derived, assumed). Amounts from a
    million on are written as pages write them.

    >>> term_sheet(position(deal)).value.tolist()[0]
    'Provider provides, Customer uses'
    """
    deal, pay = found.agreement, found.terms.payment
    about = evidence(deal)
    often = "monthly" if pay.billing_months == 1 else f"every {pay.billing_months} months"
    within = f", within {pay.days_to_pay} days" if pay.days_to_pay else ""
    rows = [
        ("parties", f"{deal.provider} provides, {deal.customer} uses"),
        *(row for row in clauses.main(found.standing) if row[0] != "reported"),
        ("payment", f"in {pay.timing}, {often}{within}"),
        *clauses.besides(found.terms).items(),
        ("interpretation", found.interpretation),
    ]
    table = [(NAMES.get(name, name), _short(text), _kinds(about, name)) for name, text in rows]
    return pd.DataFrame(table, columns=["term", "value", "source"])


def evidence(agreement: Agreement) -> pd.DataFrame:
    """Where each value of the agreement comes from: a row a value.

    Columns `field, value, kind, source, date, locator, note`; of several entries that cover a
    value the most specific one counts. `kind` is "none given" where nothing covers it.
    """
    table = []
    entries = {item.field: item for item in reversed(agreement.evidence)}
    for field, value in files.values(agreement):
        cited = [path for path in files.paths(field) if path in entries]
        best = entries[max(cited, key=len)] if cited else None
        about = [getattr(best, column, empty) for column, empty in NO_EVIDENCE.items()]
        table.append((field, value, *about))
    return pd.DataFrame(table, columns=["field", "value", *NO_EVIDENCE])


def html(found: Position) -> str:
    """The term sheet as a notebook shows it."""
    head = f"<b>{escape(found.agreement.title, quote=False)}</b>, {found.as_of}"
    return head + tables.html(term_sheet(found))


def _short(text: str) -> str:
    return MILLIONS.sub(lambda m: str(findings.usd(float(m[0][1:].replace(",", "")))), text)


def _kinds(about: pd.DataFrame, name: str) -> str:
    paths = FIELDS.get(name, (name,))
    rests = [any(f == p or f.startswith(f"{p}.") for p in paths) for f in about.field]
    return ", ".join(kind for kind in about.kind[rests].unique() if kind != "none given")


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


def hints(agreement: Agreement) -> list[str]:
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
        *unused(agreement),
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
            whole, part = clauses.usd(span.by.usd), clauses.usd(span.usd)
            yield (
                f"the minimum of {whole} a {span.by.period} asks for its part by days from "
                f"{span.start} to {span.end - DAY}, {part}; where all of it is due, its period is "
                "term"
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
    allowed = f"{clauses.usd(LEAST_USD)} to {clauses.usd(MOST_USD)}"
    return f"{clauses.usd(usd_month)} a month is outside what fees are, {allowed}"


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
