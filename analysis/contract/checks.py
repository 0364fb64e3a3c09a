"""Everything that is wrong with an agreement: its clauses together, amendments, readings."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from math import ceil
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from analysis.contract import dates
from analysis.contract.amendments import amend, amended_by, fits, in_force, options
from analysis.contract.facts import Facts, impossible, of_file
from analysis.contract.fees import Deal, solved
from analysis.contract.fields import (
    LAST_DAY,
    MAX_FEES,
    MAX_PROBLEMS,
    MAX_TERM_YEARS,
    again,
    refuse,
    refuse_all,
    sentences,
)
from analysis.contract.terms import HEADLINE, SAID, SITE, Agreement, Amendment, read_as, said_by
from analysis.data.texts import nearest, one_line

PAID = {"tranche", "fee", "take_or_pay", "unit_price", "minimum", "total_usd", "service_credit"}
FOLLOWING = {"fee", "fact", "usage", "support", "unit_price", "escalator", "extension", "total_usd",
             "amendment", "readings"}  # fmt: skip
"""Clauses that may contradict others only because something that is paid for is wrong."""
SPARES = {"tranche", "total_usd", "unit_price"}
"""Keys whose presence spares other keys."""
UNKNOWN = re.compile(r"unknown key '(\w+)'")
DAYS = re.compile(r"\d{4}-\d\d-\d\d")
MAX_TEXTS = 320  # readings times amendments
MAX_STATED = 20_000  # steps and months times readings times amendments: each is charged
ASKED_BY = {
    "spend": ("minimum",),
    "usage": ("take_or_pay", "unit_price"),
    "availability": ("service_credit",),
}
"""The clauses that a kind of fact can change."""


def checked(deal: Deal, derived: bool) -> Deal:
    """The agreement with the fees that its totals give, if nothing is wrong with it.

    `derived` is from terms that keep the limits of a file, and free of them.
    """
    if not derived:
        _few_enough(deal)
    own = [*_contradictions(deal), *(() if derived else _stated_in_vain(deal))]
    if not own:
        deal, own = solved(deal)
    own += _amendment_problems(deal, own)
    if not (derived or own):
        own += [*dict.fromkeys(_too_long(deal))]
        for bound in ("low", "high") if deal.uncertain else ():
            own.extend(_applied(f"with days at their {bound}", (), deal.on_days, bound))
    refuse_all([*own, *_reading_problems(deal, own)])
    return deal


def told_beside(error: ValidationError, data: Any, context: Any) -> ValidationError:
    """Values that are wrong by themselves, and beside them what the others contradict.

    Left out is what may be wrong only because of them.
    """
    if not isinstance(data, Mapping):
        return error
    found, names = error.errors(include_url=False), Agreement.allowed()
    unknown = [str(key) for key in data if key not in names][:MAX_PROBLEMS]  # as many as are told
    gone = {nearest(key, names) for key in unknown} - {""}
    gone |= {str(one["loc"][0]) for one in found if len(one["loc"]) == 1} & data.keys()
    wrong = gone | {str(one["loc"][0]) for one in found if one["loc"]}
    said = wrong | (FOLLOWING if wrong & PAID else set())
    for one in found:
        if one["loc"] and (key := UNKNOWN.match(one["msg"])) and key[1] in names:
            where = "if it is of the agreement, it stands above the first [table]"
            one["ctx"] = {"message": f"{one['msg']}; {where}"}
    if wrong and not wrong & {"signed", "start", "end"}:
        told = {one["msg"] for one in found}
        found += [one for one in _beside(data, wrong, context) if one["msg"] not in told]
    left = [again(one) for one in found if not _follows(one, gone, said)]
    return ValidationError.from_exception_data(error.title, left)


def _beside(data: Mapping[str, Any], wrong: set[str], context: Any) -> list[ErrorDetails]:
    """What clauses contradict, without wrong ones and the readings and amendments of these."""
    rest = dict.fromkeys(("id", "provider", "customer"), "unknown")
    rest |= {key: data[key] for key in Agreement.allowed() if key in data and key not in wrong}
    if isinstance(readings := rest.get("readings"), Mapping):
        rest["readings"] = {name: new for name, new in readings.items() if not wrong & set(new)}
    amended = map(Amendment.model_validate, rest.get("amendment") or ())
    if any(wrong & set(one.terms) for one in amended):
        del rest["amendment"]
    try:
        Agreement.model_validate(rest, context=context)
    except ValidationError as error:
        return [one for one in error.errors(include_url=False) if one["type"] == "terms"]
    return []


def _follows(one: ErrorDetails, gone: set[str], said: set[str]) -> bool:
    """Whether a problem may be one only because another clause is wrong, or taken for none."""
    if one["type"] == "missing":
        return bool(gone & SPARES) and one["loc"][-1] in ("start", "end", "fee", "usd_month")
    beside = one["type"] == "terms" and not one["loc"]
    return beside and re.split(r"[ .:]", one["msg"])[0] in said - {"unknown"}


def _few_enough(deal: Agreement) -> None:
    """Refuse more than a file may hold; what is derived from one may hold more."""
    added = [a.terms for a in deal.amendment] + list(deal.changes.values())
    most = max([len(deal.fee) + sum(len(t.fee) for t in deal.tranche), *map(_steps, added)])
    ends = [deal.end, *(new["end"] for new in added if type(new.get("end")) is date)]
    months = max(0, ceil(dates.calendar_months(deal.start, max(ends)))) * (1 + len(deal.tranche))
    texts = (1 + len(deal.changes)) * (1 + len(deal.amendment))
    if most > MAX_FEES or texts > MAX_TEXTS or (most + months) * texts > MAX_STATED:
        raise refuse(
            f"fee: {most:,} steps and {months:,} months to charge in {texts:,} combinations of "
            f"reading and amendment; allowed: {MAX_FEES:,} steps, {MAX_TEXTS} combinations, and "
            f"{MAX_STATED:,} steps and months over all of them"
        )


def _steps(changes: Any) -> int:
    """How many fee steps changed terms state, those of tranches included."""
    if isinstance(changes, Mapping):
        own = changes.get("fee")
        steps = len(own) if isinstance(own, Mapping | list | tuple) else 0
        return steps + _steps(changes.get("tranche"))
    return sum(map(_steps, changes)) if isinstance(changes, list | tuple) else 0


def _contradictions(deal: Agreement) -> Iterator[str]:
    """What two clauses say that cannot both hold, a sentence each."""
    if deal.end <= deal.start:
        yield f"end {deal.end} must be after start {deal.start}"
    if deal.end.year - deal.start.year > MAX_TERM_YEARS:
        yield f"end {deal.end}: at most {MAX_TERM_YEARS} years after start {deal.start}"
    if deal.full_months and deal.term_months is None:
        yield "full_months: true is allowed beside term_months, which takes end's place"
    yield from deal.in_order("fee")
    names = [t.name for t in deal.tranche]
    if len(set(names)) < len(names):
        yield f"tranche: names must differ; given: {', '.join(names)}"
    firsts = [part.fee[0].since for part in deal.parts]
    if not (firsts or deal.take_or_pay or deal.minimum):
        yield "fee: an agreement needs a fee, a tranche, a minimum, a unit_price or take_or_pay"
    first = min(firsts[:1] if deal.fee else firsts, default=deal.start)
    if first > deal.start:
        yield (
            f"fee: the first is from {first}, but service starts on {deal.start}; "
            "state a fee from that day, 0 if it is free"
        )
    paid = any(fee.usd_month or fee.derived for part in deal.parts for fee in part.fee)
    rated = any(option.rate is not None for option in deal.extension)
    for name, raises in (("escalator", deal.escalator), ("extension.rate", rated)):
        if raises and deal.unit_price and not paid:
            told = "there is no fee that it raises; give an escalator to the unit_price that rises"
            yield f"{name}: {told}"
    if deal.escalator and deal.escalator.since < deal.start:
        yield f"escalator.from: {deal.escalator.since} is before start {deal.start}"
    if deal.start < deal.end:
        yield from _outside_the_term(deal)
        yield from _hangs_on_nothing(deal)


def _stated_in_vain(deal: Agreement) -> Iterator[str]:
    """What a file may not state beside another thing that gives it; derived terms may hold both."""
    for name, ahead in deal.prepayments:
        if ahead.usd is not None and ahead.share is not None:
            yield f"{name} prepayment: exactly one of usd, share is allowed".strip()
    for part in deal.parts:
        place = "" if part.name == SITE else f"tranche {part.name}: "
        fixed = any("since" in fee.model_fields_set for fee in part.fee)
        if part.delivery and part.delivery.moves_start and fixed:
            yield f"{place}delivery.moves_start: leave out from of fees, or give after_months"
    for price in deal.unit_price:
        low, high = max(deal.start, price.since or deal.start), min(deal.end, price.end or deal.end)
        if low >= high:
            yield f"unit_price: {price.name} from {low} to {high} is charged on no day of the term"
    to_end = {t.name for t in deal.tranche if t.end is None or t.end >= deal.end}
    for of in {option.tranche for option in deal.extension if option.rate is not None}:
        own = [t.escalator for t in deal.tranche if t.name in ({of} if of else to_end)]
        if any((deal.escalator, *own)):
            yield "extension.rate: fees would rise twice; the escalator goes on by itself"
    for kind in dict.fromkeys(fact.kind for fact in deal.fact):
        keys = ASKED_BY.get(kind, ())
        if keys and not any(getattr(deal, key) or key in _changed(deal) for key in keys):
            yield f"fact: {kind} changes nothing without {' or '.join(keys)}"


def _changed(deal: Agreement) -> set[str]:
    """The keys that amendments and readings change."""
    changed = [*(a.terms for a in deal.amendment), *deal.changes.values()]
    return {key for terms in changed for key in terms}


def _outside_the_term(deal: Agreement) -> Iterator[str]:
    for part in deal.parts:
        place = "fee:" if part.name == SITE else f"tranche {part.name}: fee"
        for fee in part.fee:
            if not deal.start <= fee.since < deal.end:
                yield f"{place} from {fee.since} lies outside the term {deal.start} to {deal.end}"
    for tranche in deal.tranche:
        if tranche.end and tranche.end > deal.end > tranche.fee[0].since:
            told = f"end {tranche.end} is after the end {deal.end}; state a later end for both"
            yield f"tranche {tranche.name}: {told}"
    paid: list[tuple[str, Any]] = [("prepayment", deal.prepayment), ("deposit", deal.deposit)]
    paid += [(f"tranche.{n}.prepayment", t.prepayment) for n, t in enumerate(deal.tranche)]
    paid += [(f"one_off.{n}", one) for n, one in enumerate(deal.one_off)]
    for name, money in paid:
        later = [one.paid for one in getattr(money, "instalments", ())]
        for day in [money.paid, *later] if money else ():
            if day >= deal.end:
                yield f"{name}.paid: {day} is not before the end {deal.end}"
    until = dict[tuple[str | None, str], date]()
    begins, ends = deal.begins, deal.ends
    for least in sorted(deal.minimum, key=lambda m: m.since or begins.get(m.tranche, deal.start)):
        low = least.since or begins.get(least.tranche, deal.start)
        high, kind = least.end or ends.get(least.tranche, deal.end), (least.tranche, least.period)
        first, last = begins.get(least.tranche, deal.start), ends.get(least.tranche, deal.end)
        if not first <= low < high <= last:
            yield f"minimum: from {low} to {high} lies outside {first} to {last}"
        elif least.tranche and least.shortfall != "paid":
            told = "allowed: paid, as what was spent on one tranche cannot be told"
            yield f"minimum: shortfall {least.shortfall!r} of tranche {least.tranche}; {told}"
        elif low < until.get(kind, low):
            yield f"minimum: two by {least.period} overlap; state `from` and `end` of each"
        until[kind] = high
    ahead = {f"extension.{n}": (o, ends.get(o.tranche)) for n, o in enumerate(deal.extension)}
    for name, (said, own) in {**ahead, "renewal": (deal.renewal, None)}.items():
        if said and (day := said.last_day(own or deal.end)) < deal.start:
            yield f"{name}: its notice would be due on {day}, before start {deal.start}"


def _hangs_on_nothing(deal: Agreement) -> Iterator[str]:
    """Facts, support, prices and options of a capacity that there is not."""
    names, later = [part.name for part in deal.parts], "tranche" in _changed(deal)
    facts = Facts.of(of_file(deal))
    yield from impossible(Facts(spend=facts.spend) if later else facts, [deal])
    for what in ("support", "unit_price", "extension", "minimum"):
        for one in getattr(deal, what):
            if one.tranche and one.tranche not in names:
                yield f"{what}: {one.tranche!r} is no tranche; allowed: {', '.join(names)}"


def _too_long(agreement: Agreement) -> Iterator[str]:
    """Options and renewals that lead to a term longer than one may be."""
    for number in range(len(agreement.amendment) + 1):
        terms = in_force(agreement, date.max, number)
        every = options(agreement, number)
        left = {"extension": sum(option.by.months for option in every if not option.by.tranche)}
        fixed = {"end", "term_months"} & terms.model_fields_set
        for option in every:
            if (of := option.by.tranche) and option.end > terms.end and fixed:
                told = f"after the end {terms.end}; leave out {min(fixed)}, or state a later end"
                yield f"extension: {of} would end on {option.end}, {told}"
        left |= {"renewal": terms.renewal.months} if terms.renewal else {}
        for name, months in left.items():
            if not fits(terms.start, terms.end, months):
                yield (
                    f"{name}: {months:,} months from the end {terms.end} on; allowed: at most "
                    f"{MAX_TERM_YEARS} years after start {terms.start}, and up to {LAST_DAY}"
                )


def _reading_problems(agreement: Agreement, known: Sequence[str]) -> Iterator[str]:
    """Why readings cannot be used, beside the problems of the agreement itself."""

    def readable(name: str) -> None:
        read = read_as(agreement, name)
        if not known and (told := list(_too_long(read))):
            raise ValueError("\n".join(told))

    for name, changed in agreement.changes.items():
        place = f"readings.{name}"
        if name in (HEADLINE, agreement.reading.name):
            yield f"{place}: this name is taken; choose another"
        if "title" not in changed:
            yield f"{place}.title: it is needed, but missing"
        elif not one_line(changed["title"]):
            yield f"{place}.title: allowed: one line of text without control characters"
        try:
            said_by("one", {**changed, "title": "one"})
        except ValidationError as error:
            yield from (f"{place}.{told}" for told in sentences(error))
        if not set(changed) - SAID:
            yield f"{place}: names no field that it changes"
        else:
            yield from _applied(place, known, readable, name)


def _amendment_problems(agreement: Agreement, known: Sequence[str]) -> list[str]:
    """Why amendments cannot be laid over the terms that the earlier ones leave.

    Those in force differ by day, as an amendment signed later may take effect earlier: each is
    checked against every set of earlier ones that is ever in force with it, those left out that
    are wrong themselves. Where the agreement itself is wrong, against that alone.
    """
    signed, problems = agreement.signed, list[str]()
    days = sorted({amendment.effective for amendment in agreement.amendment})
    wrong = set(range(len(agreement.amendment))) if known else set[int]()
    alone = agreement.model_copy(update={"amendment": (), "changes": {}})
    for number, amendment in enumerate(agreement.amendment):
        if amendment.signed < signed:
            told = f"{amendment.signed} comes before an earlier one"
            problems.append(f"amendment.{number}.signed: {told}")
        signed = max(signed, amendment.signed)
        earlier = [(n, a) for n, a in enumerate(agreement.amendment[:number]) if n not in wrong]
        later = (day for day in days if day >= amendment.effective)
        befores = {tuple(n for n, a in earlier if a.effective <= day) for day in later}
        found: list[str] = []
        for before in sorted(befores):
            terms = alone if known else amended_by(agreement, before)
            found += _applied(f"amendment.{number}.terms", known, amend, terms, amendment)
        problems += found
        wrong |= {number} if found else set()
    return problems


def _applied(place: str, known: Sequence[str], function: Any, *arguments: Any) -> Iterator[str]:
    """Why terms cannot be changed so, beside what was wrong before, whatever its days."""
    before = {DAYS.sub("", told) for told in known}
    try:
        function(*arguments)
    except ValueError as error:
        found = str(error).splitlines()
        yield from (f"{place}: {told}" for told in found if DAYS.sub("", told) not in before)
