"""Which terms hold when: amendments one upon the other, options to extend, renewals.

Options used and renewals are amendments too, so that one rule says which terms hold on a day.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise, takewhile
from typing import Any, NamedTuple

from analysis.contract import dates, derived
from analysis.contract.capacity import Tranche
from analysis.contract.dates import MONTHS_PER_YEAR
from analysis.contract.derived import begun_on, in_use, merge, named
from analysis.contract.duration import Extension
from analysis.contract.fields import DAY, LAST_DAY, MAX_TERM_YEARS, Party
from analysis.contract.terms import DERIVED, FIXED_BY_READINGS, Agreement, Amendment

RENEWAL = "renewed, as neither party objected"  # no title that a file would state
FIXED_BY_AMENDMENTS = FIXED_BY_READINGS | {"start", "total_usd"}
Steps = list[tuple[date, float]]


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
        known[numbers] = amend(before, amendment)
        if before.extension and "extension" not in amendment.terms:
            renewed = amendment.title == RENEWAL
            left = () if renewed else _left(before, known[numbers])
            known[numbers] = known[numbers].model_copy(update={"extension": left})
    return known[numbers]


def _left(before: Agreement, after: Agreement) -> tuple[Extension, ...]:
    """The options to extend that an amendment leaves, those gone that lead to the ends it sets."""
    ends, found = after.ends, list[Extension]()
    used = {of: _used(_chained(before, of), ends[of]) for of in before.ends if of in ends}
    for by in before.extension:
        gone = min(used.get(by.tranche, 0), by.count)
        used[by.tranche], count = used.get(by.tranche, 0) - gone, by.count - gone
        found += [by.model_copy(update={"count": count})] * bool(count)
    return tuple(found)


def amend(terms: Agreement, amendment: Amendment) -> Agreement:
    """The terms with one more amendment; `ValueError` says why it cannot be laid over them."""
    changes = exercised(terms, amendment)
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
    for key, new in derived.items(changes.get("tranche")):
        if "total_usd" in (new := derived.table(new)) and new.get("name") in terms.ends:
            told = f"tranche.{key}.total_usd: an amendment cannot change it; state the fees"
            raise ValueError(told)
    laid = derived.laid_over(derived.settled(terms.stated()), changes)
    amended = Agreement.of(laid, DERIVED)
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
    start = in_use(moved) if type(in_use(moved)) is date else None
    if new and isinstance(new[0], Mapping) and not new[0].keys() & {"from", "after_months"}:
        new = [{"from": moved if start and start > day else day, **new[0]}, *new[1:]]
    days = [f["from"] for f in new if isinstance(f, Mapping) and type(f.get("from")) is date]
    first = min(days, default=day)
    kept = [fee for fee in old.fee if fee.since < first and (start is None or start < first)]
    steps = [fee.model_dump(by_alias=True, exclude_unset=True) for fee in kept]
    return {"fee": [*(begun_on(steps, moved) if start else steps), *new]}


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
        ahead = self.by.span("opens")
        return dates.last_day_to_serve(self.start - DAY, **ahead) if any(ahead.values()) else None

    @property
    def usd_month(self) -> float | None:
        """The monthly fee that it states, of the first year where it states several."""
        return next(iter(self.by.usd_month_by_year), self.by.usd_month)


def options(agreement: Agreement, signed: int | None = None) -> list[Option]:
    """The options that the first `signed` amendments (default: all) leave, use by use, chained."""
    terms = in_force(agreement, date.max, signed)
    return [option for of in terms.ends for option in _chained(terms, of)]


def _chained(terms: Agreement, of: str | None) -> list[Option]:
    """The options of the agreement, or of a tranche, used one after the other from its end on."""
    found, months, end = list[Option](), 0, terms.ends[of]
    for by in (option for option in terms.extension for _ in range(option.count)):
        if by.tranche == of:
            start, months = dates.add_months(end, months), months + by.months
            found.append(Option(by, start, dates.add_months(end, months)))
    return found


def _used(left: Sequence[Option], end: date) -> int:
    """How many options are used to come to an end; none if they lead to others."""
    return next((n for n, option in enumerate(left, 1) if option.end == end), 0)


def exercised(before: Agreement, amendment: Amendment) -> dict[str, Any]:
    """What an amendment changes, with the prices of the options that its ends exercise.

    Those are its own where it states fees.
    """
    stated, more = amendment.terms, amendment.terms.get("tranche", [])
    if not before.extension or amendment.title == RENEWAL or not named(more):
        return dict(stated)
    states = {t["name"] for t in more if "fee" in t}
    held = {t.name for t in before.tranche}
    ends: dict[str | None, Any] = {t["name"]: t["end"] for t in more if "end" in t}
    ends = {of: ends[of] for of in ends.keys() & (held - states)}
    if "end" in stated and "fee" not in stated and not held & states:
        ends[None] = stated["end"]
    new: dict[str, Any] = {}
    for of, end in ends.items():
        new = merge(new, _at_prices(before, of, end))
    both = {"tranche": merge(new, {"tranche": more})["tranche"]} if more else {}
    return {**new, **stated, **both}


def _at_prices(before: Agreement, of: str | None, end: date) -> dict[str, Any]:
    """What the options that lead to an end, of the agreement or of a tranche, change."""
    left = _chained(before, of)
    if not (used := left[: _used(left, end)]):
        return {}
    steps, rise = _prices(used)
    new = _moved(before, of, end)
    if steps:
        new = merge(new, _priced(before, of, steps))
    rising: dict[str, Any] = {"escalator": rise} if rise else {}
    return merge(new, {"tranche": [{"name": of, **rising}]} if of else rising)


def usable(agreement: Agreement, party: Party, *, as_of: date) -> list[Option]:
    """The options to extend that a party may use on a day, one upon the other.

    An option of the other party, or one whose day has passed, ends its chain.
    """
    found, shut = list[Option](), set[str | None]()
    for option in options(standing(agreement, as_of)):
        is_open = option.by.party == party and option.last_day >= as_of
        if option.by.tranche in shut or not is_open or not fits(agreement.start, option.end, 0):
            shut.add(option.by.tranche)
        else:
            found.append(option)
    return found


def extended_by(agreement: Agreement, party: Party, *, as_of: date) -> Agreement:
    """The agreement as if a party used every option to extend that is open to it on a day."""
    ends, months = in_force(agreement).ends, dict[str | None, int]()
    for option in usable(agreement, party, as_of=as_of):
        of = option.by.tranche
        months[of] = months.get(of, 0) + option.by.months
        agreement = extended(agreement, dates.add_months(ends[of], months[of]), of)
    return agreement


def extended(
    agreement: Agreement, end: date, of: str | None = None, title: str = "extension"
) -> Agreement:
    """The agreement, or one tranche of it, extended to an end, at the price of its options."""
    old = in_force(agreement)
    signed = max([agreement.signed, *(amendment.signed for amendment in agreement.amendment)])
    terms, day = _moved(old, of, end), old.ends[of]
    more = Amendment(title=title, signed=signed, effective=day, terms=terms)
    longer = agreement.model_copy(update={"amendment": (*agreement.amendment, more)})
    number = len(agreement.amendment)
    known = agreement._in_force.items()  # of a cut agreement also what was cut off
    longer._in_force = {of: it for of, it in known if not of or of[-1] < number}
    return longer


def renewed(agreement: Agreement, months: int) -> Agreement:
    """The agreement with its term renewed by so many months."""
    end = dates.add_months(in_force(agreement).end, months)
    return extended(agreement, end, title=RENEWAL) if months else agreement


def _moved(terms: Agreement, of: str | None, end: date) -> dict[str, Any]:
    """What moves an end: of the term with all that is served to it, or of one tranche."""
    old = terms.ends[of]
    names = [t.name for t in terms.tranche if t.end and t.end >= terms.end] if of is None else [of]
    prices = {
        str(n): {"end": end}
        for n, price in enumerate(terms.unit_price)
        if price.end and price.end >= old and of in (None, price.tranche)
    }
    tranches = [{"name": name, "end": end} for name in names]
    moved: dict[str, Any] = {"tranche": tranches, "unit_price": prices}
    moved |= {} if of else {"end": end}
    return {key: changes for key, changes in moved.items() if changes}


def _prices(used: Sequence[Option]) -> tuple[Steps, dict[str, Any]]:
    """The fees that options used state, and the escalator that the rate of the first asks for."""
    steps = Steps()
    for option in used:
        years = option.by.usd_month_by_year
        fees = [] if option.by.usd_month is None else [option.by.usd_month]
        for year in range(math.ceil(option.by.months / MONTHS_PER_YEAR) if years else 0):
            fees.append(years[min(year, len(years) - 1)])  # the last goes on
        for year, usd in enumerate(fees):
            steps.append((dates.add_months(option.start, year * MONTHS_PER_YEAR), usd))
    rate = used[0].by.rate
    first = [*takewhile(lambda option: option.by.rate == rate, used)]
    end = first[-1].end
    if any(option.by.rate is not None for option in used[len(first) :]):
        told = f"end {used[-1].end}: it exercises options of different rates"
        raise ValueError(f"{told}; allowed: one amendment for each, the first with end {end}")
    if rate is None:
        return steps, {}
    rise = {"from": used[0].start, "end": end, "every_months": MONTHS_PER_YEAR, "rate": rate}
    return steps, rise


def _priced(old: Agreement, of: str | None, steps: Steps) -> dict[str, Any]:
    """Fees stated from a day on: the site's, or where it has none left, those of all tranches."""
    left = [t for t in old.tranche if t.end is None or t.end >= old.end]
    left = [t for t in old.tranche if t.name == of] if of else left
    if not left or (of is None and old.fee and old.fee[-1].usd_month):
        free = [] if old.fee else [(old.start, 0.0)]
        return {"fee": [{"from": day, "usd_month": usd} for day, usd in [*free, *steps]]}
    whole, tranches = sum(t.fee[-1].usd_month for t in left), []
    for t in left:
        share = t.fee[-1].usd_month / whole if whole else 1 / len(left)
        fees = [{"from": day, "usd_month": usd * share} for day, usd in steps]
        tranches.append({"name": t.name, "fee": fees})
    return {"tranche": tranches}
