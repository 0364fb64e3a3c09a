"""Which terms hold when: amendments one upon the other, options to extend, renewals.

Options used and renewals are amendments too, so that one rule says which terms hold on a day.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from analysis.contract import dates, derived
from analysis.contract.capacity import Tranche
from analysis.contract.dates import MONTHS_PER_YEAR
from analysis.contract.derived import begun_on, merge, named
from analysis.contract.duration import Extension
from analysis.contract.fields import LAST_DAY, MAX_TERM_YEARS, Party
from analysis.contract.terms import FIXED_BY_READINGS, Agreement, Amendment, validated

RENEWAL = "renewed, as neither party objected"  # no title that a file would state
FIXED_BY_AMENDMENTS = FIXED_BY_READINGS | {"start", "total_usd"}
Steps = list[tuple[date, float]]
Rises = list[tuple[date, float | None]]


def in_force(agreement: Agreement, day: date = date.max, signed: int | None = None) -> Agreement:
    """The terms in force on a day: every amendment effective by then, in the order of signature.

    `signed` limits this to the first so many amendments. What was amended carries no readings.
    """
    if not agreement.amendment:
        return agreement
    numbers = (n for n, a in enumerate(agreement.amendment[:signed]) if a.effective <= day)
    return amended_by(agreement, tuple(numbers))


def stretches(agreement: Agreement) -> list[tuple[date, date, Agreement]]:
    """The terms between one day on which amendments take effect and the next: low, high, terms."""
    turns = [date.min, *sorted({a.effective for a in agreement.amendment}), date.max]
    return [(low, high, in_force(agreement, low)) for low, high in pairwise(turns)]


def amended_by(agreement: Agreement, numbers: tuple[int, ...]) -> Agreement:
    """The terms with the amendments of these numbers alone, one upon the other."""
    known = agreement._in_force
    if numbers not in known and not numbers:
        known[()] = agreement.change({"amendment": "none", "readings": "none"})
    elif numbers not in known:
        before, amendment = amended_by(agreement, numbers[:-1]), agreement.amendment[numbers[-1]]
        known[numbers] = amend(before, exercised(before, amendment))
        if before.extension and "extension" not in amendment.terms:
            renewed = amendment.title == RENEWAL
            left = () if renewed else _left(before, known[numbers].end)
            known[numbers] = known[numbers].model_copy(update={"extension": left})
    return known[numbers]


def _left(before: Agreement, end: date) -> tuple[Extension, ...]:
    """The options to extend that an amendment of the end leaves."""
    used, found = _used(_chained(before), end) if end > before.end else 0, list[Extension]()
    for by in before.extension:
        count = by.count - min(used, by.count)
        used -= by.count - count
        found += [by.model_copy(update={"count": count})] * bool(count)
    return tuple(found)


def amend(terms: Agreement, amendment: Amendment) -> Agreement:
    """The terms with one more amendment; `ValueError` says why it cannot be laid over them."""
    changes = dict(amendment.terms)
    if not changes:
        raise ValueError("names no term that it changes")
    if fixed := FIXED_BY_AMENDMENTS & set(changes):
        instead = "; state the fees, or a new tranche with a total of its own"
        told = f"{min(fixed)}: an amendment cannot change it"
        raise ValueError(told + (instead if min(fixed) == "total_usd" else ""))
    changes |= _steps_kept(changes, terms, amendment.effective)
    if isinstance(tranches := changes.get("tranche"), list) and derived.named(tranches):
        held = {tranche.name: tranche for tranche in terms.tranche}
        changes["tranche"] = [
            {**new, **_steps_kept(new, held[new["name"]], amendment.effective)}
            if new["name"] in held
            else new
            for new in tranches
        ]
    if told := derived.restated(changes, [t.name for t in terms.tranche]):
        raise ValueError(told)
    amended = validated(derived.laid_over(derived.settled(terms.stated()), changes))
    if "end" in changes and amended.end < amendment.effective:
        raise ValueError(
            f"end {amended.end} comes before the day {amendment.effective} it holds from"
        )
    return amended


def _steps_kept(changes: Mapping[str, Any], old: Agreement | Tranche, day: date) -> dict[str, Any]:
    """New fee steps, the first from `day` on, or a later start, if it states none.

    Those before them stay, from a new start on.
    """
    if not isinstance(new := changes.get("fee"), list):
        return {}
    moved = changes.get("start")
    start = moved if type(moved) is date else None
    if new and isinstance(new[0], Mapping) and not new[0].keys() & {"from", "after_months"}:
        new = [{"from": max(day, start or day), **new[0]}, *new[1:]]
    days = [f["from"] for f in new if isinstance(f, Mapping) and type(f.get("from")) is date]
    first = min(days, default=day)
    kept = [fee for fee in old.fee if fee.since < first and (start is None or start < first)]
    steps = [fee.model_dump(by_alias=True, exclude_unset=True) for fee in kept]
    return {"fee": [*(begun_on(steps, start) if start else steps), *new]}


def signed_by(agreement: Agreement, as_of: date) -> Agreement:
    """The agreement as far as it was signed by `as_of`: later amendments left out."""
    return first_signed(agreement, sum(a.signed <= as_of for a in agreement.amendment))


def first_signed(agreement: Agreement, number: int) -> Agreement:
    """The agreement with the first so many of its amendments."""
    if number == len(agreement.amendment):
        return agreement
    cut = agreement.model_copy(update={"amendment": agreement.amendment[:number]})
    cut._in_force = agreement._in_force  # the same
    return cut


def standing(agreement: Agreement, as_of: date) -> Agreement:
    """The agreement as it stands on a day: amendments signed by then, renewals no longer open."""
    return renewed(signed_by(agreement, as_of), renewed_months(agreement, as_of))


def renewed_months(agreement: Agreement, as_of: date) -> int:
    """Months by which the term has renewed itself: the last day to object to them has passed.

    For a hundred years, and up to the last day that there is here.
    """
    if as_of > LAST_DAY:
        raise ValueError(f"as_of: {as_of} is not allowed; allowed: at most {LAST_DAY}")
    terms, months = in_force(signed_by(agreement, as_of)), 0
    while (again := terms.renewal) and as_of > again.last_day(dates.add_months(terms.end, months)):
        if not fits(terms.start, terms.end, months + again.months):
            break
        months += again.months
    return months


def fits(start: date, end: date, months: int) -> bool:
    """Whether a term may go on for so many months: within a hundred years, to the last day."""
    if months > MAX_TERM_YEARS * dates.MONTHS_PER_YEAR:
        return False
    moved = dates.add_months(end, months)
    return moved <= LAST_DAY and moved.year - start.year <= MAX_TERM_YEARS


class Option(NamedTuple):
    """An option to extend: used up to `last_day`, it moves the end from `start` to `end`."""

    by: Extension
    start: date
    end: date

    @property
    def last_day(self) -> date:
        """The last day on which it may be exercised."""
        return self.by.last_day(self.start)

    @property
    def opens(self) -> date | None:
        """The first day on which it may be exercised, where the terms name one."""
        days = self.by.opens_days
        return None if days is None else self.start - timedelta(days=days + 1)

    @property
    def usd_month(self) -> float | None:
        """The monthly fee that it states, of the first year where it states several."""
        return next(iter(self.by.usd_month_by_year), self.by.usd_month)


def options(agreement: Agreement, signed: int | None = None) -> list[Option]:
    """The options that the first `signed` amendments (default: all) leave, use by use, chained."""
    return _chained(in_force(agreement, date.max, signed))


def _chained(terms: Agreement) -> list[Option]:
    """Options used one after the other, from the end on."""
    found, months = list[Option](), 0
    for by in (option for option in terms.extension for _ in range(option.count)):
        start, months = dates.add_months(terms.end, months), months + by.months
        found.append(Option(by, start, dates.add_months(terms.end, months)))
    return found


def _used(left: Sequence[Option], end: date) -> int:
    """How many options are used to come to an end; none if they lead to others."""
    return next((n for n, option in enumerate(left, 1) if option.end == end), 0)


def exercised(before: Agreement, amendment: Amendment) -> Amendment:
    """An amendment with the prices of the options that its end exercises, if it states none."""
    stated, more = amendment.terms, amendment.terms.get("tranche", [])
    if "end" not in stated or amendment.title == RENEWAL or "fee" in stated:
        return amendment
    if not named(more) or {t.name for t in before.tranche} & {t["name"] for t in more}:
        return amendment
    left, end = _chained(before), stated["end"]
    if not (used := _used(left, end)):
        return amendment
    steps, rises = _prices(left[:used], before.end)
    new = merge(_moved(before, end), _priced(before, steps) if steps else {})
    if rises:
        new["escalator"] = _rise(*rises[0])
    both = {"tranche": [*new["tranche"], *more]} if "tranche" in new and more else {}
    return amendment.model_copy(update={"terms": {**new, **stated, **both}})


def extended_by(agreement: Agreement, party: Party, *, as_of: date) -> Agreement:
    """The agreement as if a party used every option to extend that is open to it on a day.

    An option of the other party, or one whose day has passed, ends the chain.
    """
    terms, months, used = in_force(agreement), 0, list[Option]()
    for option in options(standing(agreement, as_of)):
        longer = months + option.by.months
        is_open = option.by.party == party and option.last_day >= as_of
        if not is_open or not fits(terms.start, terms.end, longer):
            break
        used, months = [*used, option], longer
    if not used:
        return agreement
    return extended(agreement, months, *_prices(used, terms.end))


def extended(
    agreement: Agreement,
    months: int,
    steps: Sequence[tuple[date, float]] = (),
    rises: Rises | None = None,
    title: str = "extension",
) -> Agreement:
    """The agreement extended by so many months, at monthly fees from days on.

    From the day of each of the rises on, fees rise by its rate at once and every year. An amendment
    moves the end; what holds from later days is stated in others.
    """
    old = in_force(agreement)
    signed = max([agreement.signed, *(amendment.signed for amendment in agreement.amendment)])
    changed = {old.end: _moved(old, dates.add_months(old.end, months))}
    if steps:
        first = steps[0][0]
        changed[first] = merge(changed.get(first, {}), _priced(old, steps))
    for day, rate in rises or ():
        priced = {"extension": "none", "escalator": _rise(day, rate)}
        changed[day] = {**changed.get(day, {}), **priced}
    new = [
        Amendment(title=title, signed=signed, effective=day, terms=changed[day])
        for day in sorted(changed)
    ]
    return agreement.model_copy(update={"amendment": (*agreement.amendment, *new)})


def renewed(agreement: Agreement, months: int) -> Agreement:
    """The agreement with its term renewed by so many months."""
    return extended(agreement, months, title=RENEWAL) if months else agreement


def _moved(terms: Agreement, end: date) -> dict[str, object]:
    """What moves the end, of the term and of tranches and prices that are served to it."""
    tranches = [{"name": t.name, "end": end} for t in terms.tranche if t.end and t.end >= terms.end]
    prices = {
        str(n): {"end": end}
        for n, price in enumerate(terms.unit_price)
        if price.end and price.end >= terms.end
    }
    moved = {"end": end, "tranche": tranches, "unit_price": prices}
    return {key: changes for key, changes in moved.items() if changes}


def _prices(used: Sequence[Option], first: date) -> tuple[Steps, Rises]:
    """The fees that options used from a day on state, and the rates by which fees then rise."""
    steps, rises, months = Steps(), Rises(), 0
    for option, *_ in used:
        years = option.usd_month_by_year
        fees = [] if option.usd_month is None else [option.usd_month]
        for year in range(math.ceil(option.months / MONTHS_PER_YEAR) if years else 0):
            fees.append(years[min(year, len(years) - 1)])  # the last goes on
        for year, usd in enumerate(fees):
            steps.append((dates.add_months(first, months + year * MONTHS_PER_YEAR), usd))
        if option.rate is not None or rises:
            rises.append((dates.add_months(first, months), option.rate))
        months += option.months
    return steps, rises


def _rise(day: date, rate: float | None) -> object:
    """The escalator that an option's rate puts in place of any other, or that it ends."""
    if rate is None:
        return "none"
    other = {"index": "none", "base_level": "none"}
    return {"from": day, "every_months": MONTHS_PER_YEAR, "rate": rate, **other}


def _priced(old: Agreement, steps: Sequence[tuple[date, float]]) -> dict[str, object]:
    """Fees stated from a day on: the site's, or where it has none left, those of all tranches."""
    left = [t for t in old.tranche if t.end is None or t.end >= old.end]
    if not left or (old.fee and old.fee[-1].usd_month):
        return {"fee": [{"from": day, "usd_month": usd} for day, usd in steps]}
    whole, tranches = sum(t.fee[-1].usd_month for t in left), []
    for t in left:
        share = t.fee[-1].usd_month / whole if whole else 1 / len(left)
        fees = [{"from": day, "usd_month": usd * share} for day, usd in steps]
        tranches.append({"name": t.name, "fee": fees})
    return {"tranche": tranches}
