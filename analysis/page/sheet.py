"""What a file is understood to say, before anything is valued: in lines, and as the term sheet."""

import math
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import reduce
from html import escape

import pandas as pd

from analysis.contract import (
    Agreement,
    Position,
    billing,
    dates,
    files,
    position,
    rights,
    schedule,
    served,
)
from analysis.contract.charges import IDLE, usd_month
from analysis.contract.clauses import Delivery, Notice, Termination, Tranche
from analysis.contract.conditions import Support
from analysis.contract.fields import Party, Range
from analysis.contract.ladder import in_words
from analysis.contract.prices import Escalator
from analysis.contract.schedule import TOPPED_UP, Schedule
from analysis.contract.terms import in_force
from analysis.data.texts import listed
from analysis.page import findings

DAY = timedelta(days=1)
NEVER = "may not terminate for convenience"
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
MILLIONS = re.compile(r"\$\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?")
# what no agreement so far has come near to
LEAST_USD, MOST_USD, MOST_MW = 1e4, 2e10, 2e4


def lines(agreement: Agreement) -> list[str]:
    """Sides, term, fees, total, who may terminate when, and hints at what may be a slip."""
    return [
        f"{agreement.id}: {agreement.provider} provides, {agreement.customer} uses",
        *(f"{name}: {text}" for name, text in _main(agreement)),
        f"readings: {', '.join(agreement.readings)}",
        *(f"hint: {hint}" for hint in hints(agreement)),
    ]


def checked(agreement: Agreement) -> list[str]:
    """What `check` tells: `lines`, what the money hangs on, and what is committed at first."""
    known = [position(agreement)]
    if (last := max((a.signed for a in agreement.amendment), default=date.min)) > known[0].as_of:
        known.append(position(agreement, last))
    standing = known[-1].standing
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
        *(f"{name}: {text}" for name, text in _besides(in_force(standing, date.max)).items()),
        *(
            f"amendment: {a.title}, from {a.effective}: {listed([*a.terms])}"
            for a in standing.amendment
        ),
        *map(_committed, known),
    ]


def _committed(found: Position) -> str:
    """What is committed on a day, and the last day that a fee of it is for."""
    firm = found.firm()
    waits = firm.usd - found.ladder().set_index("step").usd["firm"]
    held = f", {usd(waits)} of it conditional on delivery" if waits > 1 else ""
    owed = f", {usd(firm.exit_fee_usd)} of it to leave" if firm.exit_fee_usd else ""
    paid = firm.rows.end[firm.rows.fee_usd != 0]
    last = paid.max() if len(paid) else firm.end
    first = ", the first day of service" if found.as_of == found.agreement.start else ""
    told = f"committed on {found.as_of}{first}: {usd(firm.usd)}{held}{owed}"
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
        *(row for row in _main(found.standing) if row[0] != "reported"),
        ("payment", f"in {pay.timing}, {often}{within}"),
        *_besides(found.terms).items(),
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
    return head + term_sheet(found).to_html(index=False, border=0)


def _short(text: str) -> str:
    return MILLIONS.sub(lambda m: str(findings.usd(float(m[0][1:].replace(",", "")))), text)


def _kinds(about: pd.DataFrame, name: str) -> str:
    paths = FIELDS.get(name, (name,))
    rests = [any(f == p or f.startswith(f"{p}.") for p in paths) for f in about.field]
    return ", ".join(kind for kind in about.kind[rests].unique() if kind != "none given")


def _main(agreement: Agreement) -> Iterator[tuple[str, str]]:
    """Term, capacity, fees, totals of others, and who may terminate when."""
    terms = in_force(agreement, date.max)
    yield "signed", f"{agreement.signed}"
    served = f"{terms.start} to {terms.end - DAY}, the last day of service"
    yield "term", f"{_length(terms.start, terms.end)}, {served}"
    if (mw := terms.capacity.mw) is not None:
        size = f"{number(mw.use if isinstance(mw, Range) else mw)} MW"
        span = f" ({number(mw.low)} to {number(mw.high)})" if isinstance(mw, Range) else ""
        yield "capacity", size + span
    charges = Schedule(agreement).whole
    fees = [c for c in charges if c.clause not in (*TOPPED_UP, IDLE)]
    for name, at in (("first", fees[:1]), ("last", fees[-1:])):
        for charge in at:
            full = usd_month(c for c in fees if c.start == charge.start)
            solved = ", solved from the total" * any(
                fee.derived for part in terms.parts for fee in part.fee
            )
            yield f"{name} monthly fee", f"{usd(full)}, in {charge.start:%B %Y}{solved}"
    total = math.fsum(charge.usd for charge in charges)
    open_ = schedule.undisclosed(agreement)
    note = ", at the discount in use of an undisclosed range" if open_ else ""
    yield "total to the stated end", usd(total) + note
    for one in agreement.reported:
        apart = round(total - one.usd, 2)
        told = f"{'+' if apart > 0 else '-'}{usd(abs(apart))}" if apart else "none"
        stated = f"{'over ' if one.at_least else ''}{usd(one.usd)} ({one.by})"
        yield "reported", f"{stated}; schedule {usd(total)}; difference {told}"
    for party in rights.PARTIES:
        yield party, _may(agreement, party, terms.end)


def _besides(terms: Agreement) -> dict[str, str]:
    """The clauses that say what money is conditional on, by the name of their kind."""
    found: dict[str, list[str]] = {}

    def say(name: str, *texts: str) -> None:
        if texts:
            found.setdefault(name, []).extend(texts)

    if terms.sells != "not stated":
        say("what is sold", terms.sells)
    say(
        "costs not in the fee",
        *(
            f"{what} {who if who == 'passed through' else f'paid by the {who}'}"
            for what, who in terms.costs
            if who != "provider"
        ),
    )
    said = {"site": terms.amounts, **{t.name: t.amounts for t in terms.tranche}}
    promised = (f"{name}: {how}" for name, how in said.items() if how != "fixed")
    say("how far fees are promised", *promised)
    for p in terms.unit_price:
        where = f"{p.tranche}: " if p.tranche else ""
        price = f"{where}{p.name}, {p.quantity:,.10g} at ${p.usd_per_unit:,.10g} a {p.unit}"
        rise = f", {_rise(p.escalator)}" if p.escalator else ""
        say("price by unit", f"{price}, {p.minimum_share:.0%} paid whether used or not{rise}")
    if paid := terms.take_or_pay:
        least = f"{number(paid.minimum_units_month)} {paid.unit} a month"
        more = f"{usd(paid.overage_usd_per_unit)} beyond"
        least += "".join(f", {number(s.units_month)} from {s.since}" for s in paid.steps)
        say("take or pay", f"{least} at {usd(paid.usd_per_unit)}, {more}")
    for m in terms.minimum:
        short = f"a shortfall is {m.shortfall}, a surplus {m.surplus}"
        if m.carry_share < 1:
            short += f", {m.carry_share:.0%} of it at most"
        if m.carry_cap_share is not None:
            short += f", up to {m.carry_cap_share:.0%} of the minimum"
        span = (f" from {m.since}" if m.since else "") + (f" to {m.end - DAY}" if m.end else "")
        say("minimum", f"{usd(m.usd)} by {m.period}{span}, {short}")
    parts: list[tuple[str, Agreement | Tranche]] = [("", terms)]
    parts += [(f"{t.name}: ", t) for t in terms.tranche]
    for where, part in parts:
        if part.escalator:
            say("rises", where + _rise(part.escalator))
        if part.delivery:
            say("delivery", where + _delivery(part.delivery))
        if ahead := part.prepayment:
            back = "" if ahead.refundable else ", not refunded"
            paid_off = f"paid off from {ahead.credit_from}"
            of = f", {ahead.share:.0%} of all fees" if ahead.share else ""
            sum_ = usd(ahead.usd or 0.0)
            say("prepayment", f"{where}{sum_}{of} on {ahead.paid}, {paid_off}{back}")
    if kept := terms.deposit:
        months = f", {number(kept.months)} months of the full fee" if kept.months else ""
        say("deposit", f"{usd(billing.deposit_usd(terms))}{months}, paid on {kept.paid}")
    say("paid once", *(f"{o.name}: {usd(o.usd)} on {o.paid}" for o in terms.one_off))
    for credit in terms.service_credit:
        given = f"{number(100 * credit.share)} % of the month's fees"
        say("service credit", f"{given} below {number(100 * credit.below)} % availability")
    for longer in terms.extension:
        times = f" {longer.count} times" * (longer.count > 1)
        price = "at the market price" if longer.price == "market" else "at stated fees"
        say(
            "option to extend",
            f"{longer.party}: {longer.months} months{times}, {price}, {_notice(longer)}",
        )
    if again := terms.renewal:
        say("renewal", f"{again.months} months at a time, {_notice(again)} to object")
    for s in terms.support:
        say("support", f"{s.kind} of {s.who} {_most(s)}, on {s.trigger}")
    for option in terms.capacity_option:
        until = f" up to {option.last_day}" if option.last_day else ""
        say("more capacity", f"{in_words(option)}, {option.party}{until}")
    for c in terms.cause:
        days = f"{c.notice_days} days' notice, {c.cure_days} days to cure"
        owed = f", {usd(c.fee_usd)} is owed" if c.fee_usd else ""
        say("termination for cause", f"{c.party}: {c.ground}, {days}{owed}")
    for gift in terms.consideration:
        worth = f"{gift.kind} of {usd(gift.usd)}"
        say("other consideration", f"{worth} given by the {gift.given_by} on {gift.given}")
    if held := terms.holdover:
        later = f", later {listed([f'{s.share:.0%}' for s in held.steps])}" if held.steps else ""
        most = f", for {held.months} months at most" if held.months else ""
        say("holding over", f"{held.share:.0%} of the last fee{later}{most}")
    for t in terms.tranche:
        for party, right in t.termination or ():
            if right:
                say("tranche to end alone", f"{t.name}: {party}, on {_notice(right)}")
    return {name: "; ".join(texts) for name, texts in found.items()}


def _rise(by: Escalator) -> str:
    much = f"{number(100 * by.rate)} %" if by.rate is not None else f"with {by.index}"
    last = f", before {by.end}" if by.end else ""
    for rate, word in ((by.floor_rate, "at least"), (by.cap_rate, "at most")):
        much += f", {word} {number(100 * rate)} %" if rate is not None else ""
    return f"{much} every {by.every_months} months from {by.since}{last}"


def _delivery(due: Delivery) -> str:
    """By when capacity is due, and what happens if it is late."""
    acts = {"exit": "leave", "reduce": "drop what is missing", "either": "leave or drop it"}
    may = acts.get(due.remedy)
    late = [f"the customer may {may} from {due.cure_end}"] if may else []
    late += ["the start moves with it"] * due.moves_start
    late += [f"{number(100 * due.late_discount)} % off for as long"] * (due.late_discount > 0)
    late += [f"{usd(due.late_credit_usd_day)} a day"] * (due.late_credit_usd_day > 0)
    rent = f"{number(due.late_credit_rent_days)} times the day's rent"
    late += [rent] * (due.late_credit_rent_days > 0)
    late += [f"credits after {due.credit_after_days} days"] * (due.credit_after_days > 0)
    return f"due {due.due}" + (f"; if late: {listed(late)}" if late else "")


def _notice(given: Notice) -> str:
    if given.notice_days is None and given.notice_months is None:
        return "no notice stated"
    days = given.notice_days is not None
    return f"{given.notice_days} days' notice" if days else f"{given.notice_months} months' notice"


def _most(support: Support) -> str:
    if support.cap_usd is not None:
        return f"up to {usd(support.cap_usd)}"
    if support.share is not None:
        return f"for {support.share:.0%}"
    return "by schedule" if support.steps else "for everything"


def _may(agreement: Agreement, party: Party, end: date) -> str:
    """How a party may terminate, and the earliest day on which service then ends."""
    first: dict[Termination, date] = {}
    for way in rights.exits(Schedule(agreement), agreement.signed, party):
        if way.right:
            first[way.right] = min(way.first, first.get(way.right, way.first))
    if not first:
        return NEVER
    lost = {right: _lost(agreement, party, right) for right in first}
    told = [_way(agreement, right, day, end, lost[right]) for right, day in first.items()]
    last = max((day or date.max) for day in lost.values())
    return "; as amended, ".join([*told, *([f"{NEVER} from {last} on"] if last < date.max else [])])


def _lost(agreement: Agreement, party: Party, right: Termination) -> date | None:
    """The day from which an amendment has taken a right away or changed it; None if it lasts."""
    days = sorted({a.effective for a in agreement.amendment})
    held = [getattr(in_force(agreement, day).termination, party) == right for day in days]
    return next((day for n, day in enumerate(days) if not any(held[n:])), None)


def _way(agreement: Agreement, right: Termination, day: date, end: date, lost: date | None) -> str:
    told = f"may terminate on {_notice(right)}"
    if opens := right.gate(agreement.start):
        effect = "served from" if right.gate_applies == "serving" else "with effect from"
        told += f", {effect} {opens}"
    told += f", served before {lost}" if lost else ""
    told += ", on anniversaries of the start alone" * (right.takes_effect == "anniversary")
    told += f", with effect up to {right.until}" if right.until else ""
    owed = [f"a fee of {usd(right.fee_usd)}"] if right.fee_usd else []
    owed += [f"a fee of {number(right.fee_months)} months"] if right.fee_months else []
    if share := right.fee_share_of_remaining:
        owed.append(f"{number(100 * share)} % of the fees left")
    if steps := right.fee_schedule:
        free = f" (nothing before {steps[0].since})" * (day < steps[0].since)
        owed.append(f"a fee of {usd(steps[0].usd)} to {usd(steps[-1].usd)} by date{free}")
    if cost := right.fee_unamortised:
        owed.append(f"what is left of {usd(cost.usd)}, over {cost.months} months")
    told += f", for {listed(owed)}" if owed else ""
    if day >= end:
        return f"{told}: too late to end service before its last day"
    if day <= agreement.start:
        return f"{told}: as early as before service begins"
    return f"{told}: last day of service {day - DAY} at the earliest"


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
    terms = in_force(agreement, date.max)
    held = [getattr(terms.termination, party) for party in rights.PARTIES]
    opens = [gate for right in held if right and (gate := right.gate(terms.start))]
    amended = [agreement.start, *sorted(a.effective for a in agreement.amendment)]
    parts = [part for day in amended for part in in_force(agreement, day).parts]
    capacity = [*terms.scopes.values(), terms.capacity, *(t.capacity for t in terms.tranche)]
    sizes = [mw.high if isinstance(mw, Range) else mw for c in capacity if (mw := c.mw) is not None]
    found = [
        *(odd_end(end) for end in (agreement.end, terms.end) if not agreement.term_months),
        *_not_known_to_come(agreement),
        *(odd_lock_in(gate, terms.end) for gate in opens),
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


def odd_lock_in(opens: date, end: date) -> str:
    """Why a lock-in is not plausible, "" where it is."""
    return f"a lock-in until {opens} is longer than the term, to {end}" * (opens >= end)


def _length(start: date, end: date) -> str:
    """The term in whole months, and the days left over."""
    months = dates.whole_months(start, end)
    days = (end - dates.add_months(start, months)).days
    parts = [f"{n} {unit}{'s' * (n != 1)}" for n, unit in ((months, "month"), (days, "day")) if n]
    return listed(parts)


def usd(value: float) -> str:
    """An amount to the cent, for reading back."""
    return ("-" if value < 0 else "") + f"${abs(value):,.2f}".removesuffix(".00")


def number(value: float) -> str:
    """A number in full, without a power of ten."""
    return f"{value:,.6f}".rstrip("0").rstrip(".")
