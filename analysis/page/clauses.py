"""The clauses of an agreement in words: one text for each kind."""

import math
from collections.abc import Iterator
from datetime import date

from analysis.contract import Agreement, billing, dates, rights, schedule
from analysis.contract.amendments import in_force
from analysis.contract.capacity import Delivery, Tranche
from analysis.contract.charges import IDLE, usd_month
from analysis.contract.duration import Extension, Notice, Termination
from analysis.contract.fields import DAY, PARTIES, Party, Range
from analysis.contract.ladder import in_words
from analysis.contract.prices import Escalator, Support
from analysis.contract.schedule import TOPPED_UP, Schedule
from analysis.data.texts import listed

NEVER = "may not terminate for convenience"


def main(agreement: Agreement) -> Iterator[tuple[str, str]]:
    """Term, capacity, fees, totals of others, and who may terminate when."""
    terms = in_force(agreement)
    yield "signed", f"{agreement.signed}"
    served = f"{terms.start} to {terms.end - DAY}, the last day of service"
    full = f" ({terms.term_months} full calendar months)" if terms.full_months else ""
    yield "term", f"{_length(terms.start, terms.end)}{full}, {served}"
    if (mw := terms.capacity.mw) is not None:
        size = f"{number(mw.use if isinstance(mw, Range) else mw)} MW"
        span = f" ({number(mw.low)} to {number(mw.high)})" if isinstance(mw, Range) else ""
        yield "capacity", size + span
    charges = Schedule(agreement).whole
    fees = [c for c in charges if c.clause not in (*TOPPED_UP, IDLE)]
    for name, at in (("first", fees[:1]), ("last", fees[-1:])):
        for charge in at:
            then = [c for c in fees if c.start == charge.start]
            paid = [p for p in terms.parts if p.name in [c.capacity for c in then]]
            steps = [[fee for fee in p.fee if fee.since <= charge.start][-1:] for p in paid]
            solved = [fee.derived for step in steps for fee in step]
            how = ", solved from the total" if all(solved) else ", in part solved from a total"
            told = f"{usd(usd_month(then))}, in {charge.start:%B %Y}"
            yield f"{name} monthly fee", told + how * any(solved)
    total = math.fsum(charge.usd for charge in charges)
    open_ = schedule.undisclosed(agreement)
    note = ", at the discount in use of an undisclosed range" if open_ else ""
    yield "total to the stated end", usd(total) + note
    for one in agreement.reported:
        apart = round(total - one.usd, 2)
        told = f"{'+' if apart > 0 else '-'}{usd(abs(apart))}" if apart else "none"
        stated = f"{'over ' if one.at_least else ''}{usd(one.usd)} ({one.by})"
        yield "reported", f"{stated}; schedule {usd(total)}; difference {told}"
    for party in PARTIES:
        yield party, _may(agreement, party, terms.end)


def besides(terms: Agreement) -> dict[str, str]:
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
        later = f"the next {m.credit_periods}" if m.credit_periods else "later ones"
        paid_later = f"paid, then credited above the minimum of {later}"
        how = paid_later if m.shortfall == "credited" else m.shortfall
        short = f"a shortfall is {how}, a surplus {m.surplus}"
        if m.carry_share < 1:
            short += f", {m.carry_share:.0%} of it at most"
        if m.carry_cap_share is not None:
            short += f", up to {m.carry_cap_share:.0%} of the minimum"
        span = (f" from {m.since}" if m.since else "") + (f" to {m.end - DAY}" if m.end else "")
        where = f"{m.tranche}: " if m.tranche else ""
        say("minimum", f"{where}{usd(m.usd)} by {m.period}{span}, {short}")
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
            sums = [f"{usd(paid_in)}{of} on {day}" for day, paid_in in ahead.sums]
            say("prepayment", f"{where}{listed(sums)}, {paid_off}{back}")
    if kept := terms.deposit:
        months = f", {number(kept.months)} months of the full fee" if kept.months else ""
        say("deposit", f"{usd(billing.deposit_usd(terms))}{months}, paid on {kept.paid}")
    say("paid once", *(f"{o.name}: {usd(o.usd)} on {o.paid}" for o in terms.one_off))
    for credit in terms.service_credit:
        given = f"{number(100 * credit.share)} % of the month's fees"
        say("service credit", f"{given} below {number(100 * credit.below)} % availability")
    for longer in terms.extension:
        times = f" {longer.count} times" * (longer.count > 1)
        own = [t.name for t in terms.tranche if t.end and t.end < terms.end]
        but = f", without {listed(own)} served to an earlier end" if own else ""
        but = f", of {longer.tranche} alone" if longer.tranche else but
        told = f"{longer.party}: {longer.months} months{times}, {_rent(longer)}, {_notice(longer)}"
        say("option to extend", told + but)
    if again := terms.renewal:
        length = f"{again.months} month{'s' * (again.months > 1)}"
        say("renewal", f"{length} at a time, {_notice(again)} to object")
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
        for party, right in t.termination.held.items() if t.termination else ():
            say("tranche to end alone", f"{t.name}: {party}, on {_notice(right)}")
    return {name: "; ".join(texts) for name, texts in found.items()}


def _rent(longer: Extension) -> str:
    """What an option to extend costs."""
    if longer.price == "market":
        return "at the market price"
    if longer.rate is not None:
        return f"fees {number(100 * longer.rate)} % higher and each year again"
    rents = longer.usd_month_by_year or (longer.usd_month,)
    ends = dict.fromkeys(usd(rent) for rent in (rents[0], rents[-1]) if rent is not None)
    return f"at {' to '.join(ends)} a month" if ends else "at the fees then due"


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
    if due.credit_until_days is not None:
        late.append(f"no more credits after {due.credit_until_days} days")
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
    held = [in_force(agreement, day).termination.held.get(party) == right for day in days]
    return next((day for n, day in enumerate(days) if not any(held[n:])), None)


def _way(agreement: Agreement, right: Termination, day: date, end: date, lost: date | None) -> str:
    told = f"may terminate on {_notice(right)}"
    if opens := right.gate(agreement.start):
        effect = "served from" if right.gate_applies == "serving" else "with effect from"
        told += f", {effect} {opens}"
    told += f", served before {lost}" if lost else ""
    told += ", on anniversaries of the start alone" * (right.takes_effect == "anniversary")
    told += f", with effect up to {last}" if (last := right.last(agreement.start)) else ""
    owed = [f"a fee of {usd(right.fee_usd)}"] if right.fee_usd else []
    owed += [f"a fee of {number(right.fee_months)} months"] if right.fee_months else []
    if share := right.fee_share_of_remaining:
        owed.append(f"{number(100 * share)} % of the fees left")
    owed = [f"the {right.fee_owed} of {listed(owed)}"] if right.fee_owed else owed
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
