"""What was signed: an agreement, the readings it leaves open, and how its terms are changed.

Computes no money and no dates. "What if" is `change(agreement, {...})`, validated anew.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import accumulate
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticKnownError

from analysis.contract import dates
from analysis.contract.checks import one_line
from analysis.contract.clauses import (
    LAST_DAY,
    Amendment,
    Capacity,
    Clause,
    Day,
    Delivery,
    Deposit,
    Escalator,
    Evidence,
    Extension,
    Fee,
    Few,
    Many,
    Name,
    Note,
    Payment,
    Prepayment,
    Range,
    Reading,
    Renewal,
    Reported,
    ServiceCredit,
    Steps,
    TakeOrPay,
    Terminations,
    Text,
    Tranche,
    again,
    overlaps,
    refuse,
    refuse_all,
    sentences,
    shown,
)
from analysis.contract.dates import Proration

MAX_TERM_YEARS = 100
HALF = 1 / 2
MAX_NAMED = 24  # scopes, readings, amendments
MAX_FEES = 1_200  # steps in all, those of tranches included
MAX_STATED = 100_000  # steps times readings times amendments: each combination is validated
DAYS = re.compile(r"\d{4}-\d\d-\d\d")
HEADLINE = "headline"
RENEWAL = "renewal"
DERIVED = {"derived": True}  # from terms that keep the limits of a file: free of them
FIXED_BY_READINGS = {"id", "signed", "reading", "readings", "amendment", "evidence"}
FIXED_BY_AMENDMENTS = FIXED_BY_READINGS | {"start"}


class Agreement(Clause):
    """One compute-capacity agreement: all that was signed, and the readings it leaves open."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
    title: Text = ""
    invented: bool = False
    provider: Text
    customer: Text
    signed: Day
    start: Day
    end: Day
    proration: Proration = "calendar-days"
    capacity: Capacity = Capacity()
    scopes: dict[Name, Capacity] = Field(default={}, max_length=MAX_NAMED)
    fee: Steps[Fee] = ()
    tranche: Few[Tranche] = ()
    delivery: Delivery | None = None
    termination: Terminations = Terminations()
    payment: Payment = Payment()
    prepayment: Prepayment | None = None
    deposit: Deposit | None = None
    escalator: Escalator | None = None
    take_or_pay: TakeOrPay | None = None
    service_credit: Few[ServiceCredit] = ()
    extension: Few[Extension] = ()
    renewal: Renewal | None = None
    amendment: Many[Amendment] = ()
    reading: Reading = Reading()
    changes: dict[Name, dict[str, Any]] = Field(default={}, alias="readings", max_length=MAX_NAMED)
    reported: Many[Reported] = ()
    evidence: Many[Evidence] = ()
    notes: Many[Note] = ()

    def change(self, changes: Mapping[str, Any]) -> "Agreement":
        """A validated copy with changed terms; see `merge` for how changes are written.

        Raises `ValueError` with a sentence for each problem.
        """
        return change(self, changes)

    @model_validator(mode="before")
    @classmethod
    def _titled(cls, data: Any) -> Any:
        sides = (
            [data.get(key) for key in ("customer", "provider")] if isinstance(data, Mapping) else []
        )
        if sides and all(isinstance(side, str) and one_line(side) for side in sides):
            return {"title": f"{data['customer']} and {data['provider']}", **data}
        return data

    @field_validator("fee", "amendment", mode="before")
    @classmethod
    def _as_many_as_a_file_holds(cls, items: Any, info: ValidationInfo) -> Any:
        most = MAX_FEES if info.field_name == "fee" else MAX_NAMED
        if not info.context and isinstance(items, list | tuple) and len(items) > most:
            told = {"field_type": "Tuple", "max_length": most, "actual_length": len(items)}
            raise PydanticKnownError("too_long", told)
        return items

    def __hash__(self) -> int:
        return hash((self.id, self.start, self.end, self.reading.name))

    @property
    def readings(self) -> dict[str, str]:
        """Names of all readings with their titles: the headline, the file's own, the others."""
        return {
            HEADLINE: "nobody leaves before the end",
            self.reading.name: self.reading.title,
            **{name: changed["title"] for name, changed in self.changes.items()},
        }

    @model_validator(mode="wrap")
    @classmethod
    def _all_told(
        cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        """Tells of contradictions between clauses beside values that are wrong by themselves."""
        try:
            return handler(data)
        except ValidationError as error:
            found = error.errors(include_url=False)
            wrong = {str(one["loc"][0]) for one in found if one["loc"]}
            rest = _without(data, wrong) if isinstance(data, Mapping) and wrong else None
            if rest is None:
                raise
            said = wrong | ({"fee"} if wrong & {"tranche", "take_or_pay"} else set())
            try:
                cls.model_validate(rest, context=info.context)
            except ValidationError as more:
                told = {one["msg"] for one in found}
                found += [
                    one
                    for one in more.errors(include_url=False)
                    if one["type"] == "terms"
                    and one["msg"] not in told
                    and re.split(r"[ .:]", one["msg"])[0] not in said
                ]
            raise ValidationError.from_exception_data(cls.__name__, [*map(again, found)]) from None

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Self:
        if not info.context:
            self._few_enough()
        own = list(self._contradictions())
        own += _amendment_problems(self, own)
        own += [] if info.context or own else dict.fromkeys(_too_long(self))
        refuse_all([*own, *_reading_problems(self, own)])
        return self

    def _few_enough(self) -> None:
        """Refuse more than a file may hold; what is derived from one may hold more."""
        steps = len(self.fee) + sum(len(t.fee) for t in self.tranche)
        added = [a.terms for a in self.amendment] + list(self.changes.values())
        most = max([steps, *map(_steps, added)])
        texts = (1 + len(self.changes)) * (1 + len(self.amendment))
        if most > MAX_FEES or steps * texts > MAX_STATED:
            raise refuse(
                f"fee: {most:,} steps in {texts:,} combinations of reading and amendment; "
                f"allowed: {MAX_FEES:,} steps, and {MAX_STATED:,} over all combinations"
            )

    def _contradictions(self) -> Iterator[str]:
        """What two clauses say that cannot both hold, a sentence each."""
        if self.end <= self.start:
            yield f"end {self.end} must be after start {self.start}"
        if self.end.year - self.start.year > MAX_TERM_YEARS:
            yield f"end {self.end}: at most {MAX_TERM_YEARS} years after start {self.start}"
        yield from overlaps(self.fee)
        names = [t.name for t in self.tranche]
        if len(set(names)) < len(names):
            yield f"tranche: names must differ; given: {', '.join(names)}"
        firsts = [fees[0].since for fees in (self.fee, *(t.fee for t in self.tranche)) if fees]
        if not (firsts or self.take_or_pay):
            yield "fee: an agreement needs a fee, a tranche or take_or_pay"
        if (self.fee and firsts[0] != self.start) or (firsts and min(firsts) != self.start):
            yield (
                f"fee: the first is from {firsts[0]}, but service starts on {self.start}; "
                "state a fee from that day, 0 if it is free"
            )
        if self.escalator and self.escalator.since < self.start:
            yield f"escalator.from: {self.escalator.since} is before start {self.start}"
        if self.start < self.end:
            yield from self._outside_the_term()

    def _outside_the_term(self) -> Iterator[str]:
        for item in (*self.fee, *(f for t in self.tranche for f in t.fee)):
            if not self.start <= item.since < self.end:
                yield f"fee: from {item.since} lies outside the term {self.start} to {self.end}"
        for tranche in self.tranche:
            if tranche.end and tranche.end > self.end:
                yield f"tranche {tranche.name}: end {tranche.end} is after the end {self.end}"
        paid = {"prepayment": self.prepayment, "deposit": self.deposit}
        paid |= {f"tranche.{n}.prepayment": t.prepayment for n, t in enumerate(self.tranche)}
        for name, money in paid.items():
            if money and money.paid >= self.end:
                yield f"{name}.paid: {money.paid} is not before the end {self.end}"
        ahead = [option.notice_days for option in self.extension]
        ahead += [self.renewal.notice_days] if self.renewal else []
        if max(ahead, default=0) > (self.end - self.start).days:
            yield f"notice_days: {max(ahead)} before the end is before the start"


def _steps(changes: Any) -> int:
    """How many fee steps changed terms state, those of tranches included."""
    if isinstance(changes, Mapping):
        own = changes.get("fee")
        steps = len(own) if isinstance(own, Mapping | list | tuple) else 0
        return steps + _steps(changes.get("tranche"))
    return sum(map(_steps, changes)) if isinstance(changes, list | tuple) else 0


def fits(start: date, end: date, months: int) -> bool:
    """Whether a term may go on for so many months: within a hundred years, to the last day."""
    if months > MAX_TERM_YEARS * dates.MONTHS_PER_YEAR:
        return False
    moved = dates.add_months(end, months)
    return moved <= LAST_DAY and moved.year - start.year <= MAX_TERM_YEARS


def _too_long(agreement: Agreement) -> Iterator[str]:
    """Options and renewals that lead to a term longer than one may be."""
    for number in range(len(agreement.amendment) + 1):
        signed = agreement.model_copy(update={"amendment": agreement.amendment[:number]})
        terms = in_force(signed, date.max)
        left = {"extension": sum(option.months for option in options_left(signed))}
        left |= {"renewal": terms.renewal.months} if terms.renewal else {}
        for name, months in left.items():
            if not fits(terms.start, terms.end, months):
                yield (
                    f"{name}: {months:,} months from the end {terms.end} on; allowed: at most "
                    f"{MAX_TERM_YEARS} years after start {terms.start}, and up to {LAST_DAY}"
                )


def options_left(agreement: Agreement) -> list[Extension]:
    """The options to extend that no amendment has used up, one for each time they can be used.

    An amendment that moves the end to where options lead has exercised them, unless it states the
    options anew.
    """
    terms = in_force(agreement, date.max, 0)
    left = _each(terms)
    for number, amendment in enumerate(agreement.amendment, 1):
        before, terms = terms, in_force(agreement, date.max, number)
        if "extension" in amendment.terms:
            left = _each(terms)
        elif amendment.title != RENEWAL and terms.end > before.end:
            months = accumulate(option.months for option in left)
            ends = [dates.add_months(before.end, each) for each in months]
            left = left[ends.index(terms.end) + 1 :] if terms.end in ends else left
    return left


def _each(terms: Agreement) -> list[Extension]:
    return [option for option in terms.extension for _ in range(option.count)]


def _without(data: Mapping[str, Any], wrong: set[str]) -> dict[str, Any] | None:
    """What can be checked of an agreement without the keys that are wrong by themselves.

    Readings and amendments that change such a key are left out as well. None without a term.
    """
    if wrong & {"signed", "start", "end"}:
        return None
    rest = {key: value for key, value in data.items() if key not in wrong}
    rest |= {key: "unknown" for key in ("id", "provider", "customer") if key not in rest}
    readings, amendments = rest.get("readings"), rest.get("amendment")
    if isinstance(readings, Mapping):
        rest["readings"] = {name: new for name, new in readings.items() if not wrong & set(new)}
    if amendments and any(wrong & set(Amendment.model_validate(one).terms) for one in amendments):
        del rest["amendment"]
    return rest


def _reading_problems(agreement: Agreement, known: Sequence[str]) -> Iterator[str]:
    """Why readings cannot be used, beside the problems of the agreement itself."""
    for name, changed in agreement.changes.items():
        place = f"readings.{name}"
        if name in (HEADLINE, agreement.reading.name):
            yield f"{place}: this name is taken; choose another"
        if not isinstance(changed.get("title"), str):
            yield f"{place}.title: a text is needed"
        elif not one_line(changed["title"]):
            yield f"{place}.title: allowed: one line, no control characters"
        if not set(changed) - {"title"}:
            yield f"{place}: names no field that it changes"
        else:
            found = list(_applied(place, known, _reading, agreement, name))
            yield from found
            if not (known or found):
                yield from (f"{place}: {told}" for told in _too_long(_reading(agreement, name)))


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
            problems.append(
                f"amendment.{number}.signed: {amendment.signed} comes before an earlier one"
            )
        signed = max(signed, amendment.signed)
        earlier = [(n, a) for n, a in enumerate(agreement.amendment[:number]) if n not in wrong]
        befores = {
            tuple(n for n, a in earlier if a.effective <= day)
            for day in days
            if day >= amendment.effective
        }
        found: list[str] = []
        for before in sorted(befores):
            terms = alone if known else _amended(agreement, before)
            found += _applied(f"amendment.{number}.terms", known, _amend, terms, amendment)
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


def merge(data: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`data` with `changes` laid over it: tables merge, the word "none" takes a key out.

    In an array of tables, `{"0": {...}}` changes one by position, and an array whose tables have
    names changes or adds those by name; any other value replaces what was there.

    >>> merge({"a": {"x": 1, "y": 2}, "b": 3}, {"a": {"x": 5}, "b": "none"})
    {'a': {'x': 5, 'y': 2}}
    """
    result = dict(data)
    for key, value in changes.items():
        result[key] = _merged(result.get(key), value)
        if value == "none":
            del result[key]
    return result


def _merged(old: Any, new: Any) -> Any:
    if isinstance(new, Mapping):
        if isinstance(old, list | tuple):
            return _merged_by_position(list(old), new)
        return merge(old if isinstance(old, Mapping) else {}, new)
    if new and _named(new) and _named(old):
        by_name = {item["name"]: item for item in old}
        by_name |= {item["name"]: _merged(by_name.get(item["name"]), item) for item in new}
        return list(by_name.values())
    return new


def _merged_by_position(items: list[Any], changes: Mapping[str, Any]) -> list[Any]:
    for position, value in changes.items():
        if not (position.isdecimal() and int(position) < len(items)):
            raise refuse(
                f"no item {shown(str(position))!r} in this array; allowed: 0 to {len(items) - 1}"
            )
        items[int(position)] = _merged(items[int(position)], value)
    return items


def _named(value: Any) -> bool:
    """Whether a value is an array of tables that all have a text for a name."""
    return isinstance(value, list | tuple) and all(
        isinstance(item, Mapping) and isinstance(item.get("name"), str) for item in value
    )


def change(agreement: Agreement, changes: Mapping[str, Any]) -> Agreement:
    """The agreement with other terms, validated anew; see `merge` for how changes are written.

    Raises `ValueError` with a sentence for each problem.

    >>> longer = change(deal, {"termination": {"customer": {"notice_days": 180}}})
    >>> longer.termination.customer.notice_days
    180
    """
    data = agreement.model_dump(by_alias=True, exclude_unset=True)
    try:
        return Agreement.model_validate(merge(data, changes), context=DERIVED)
    except ValidationError as error:
        raise ValueError("\n".join(sentences(error))) from None


@lru_cache(maxsize=256)
def read_as(agreement: Agreement, reading: str) -> Agreement:
    """The agreement under a named reading, or several joined by "+", applied in that order.

    "headline" means that nobody leaves. The result holds no other readings. Raises `ValueError`
    that names the readings there are.
    """
    terms, titles = change(agreement, {"readings": "none"}), []
    own = reading == agreement.reading.name
    for name in [reading] if own else reading.split("+"):
        if name not in agreement.readings:
            allowed = ", ".join(agreement.readings)
            raise ValueError(f"reading: {shown(name)!r} is not known; allowed: {allowed}")
        titles.append(agreement.readings[name])
        if name == HEADLINE:
            terms = change(terms, _nobody_leaves(terms))
        else:
            terms = _reading(agreement, name, terms)
    return terms.model_copy(
        update={"reading": Reading.model_construct(name=reading, title="; ".join(titles))}
    )


def _reading(agreement: Agreement, name: str, terms: Agreement | None = None) -> Agreement:
    """The terms (default: the agreement's) with what a reading changes, and no readings."""
    changes = {key: v for key, v in agreement.changes.get(name, {}).items() if key != "title"}
    if fixed := FIXED_BY_READINGS & set(changes):
        raise ValueError(f"{min(fixed)}: a reading cannot change it")
    return change(terms or agreement, {"readings": "none"} | changes)


def _nobody_leaves(agreement: Agreement) -> dict[str, Any]:
    """The changes that take out every right to leave, those that amendments give included."""
    kept = [
        a.model_dump() | {"terms": terms}
        for a in agreement.amendment
        if (terms := {key: value for key, value in a.terms.items() if key != "termination"})
    ]
    return {"termination": "none", "amendment": kept or "none"}


def in_force(agreement: Agreement, day: date, signed: int | None = None) -> Agreement:
    """The terms in force on a day: every amendment effective by then, in the order of signature.

    `signed` limits this to the first so many amendments. What was amended carries no readings.
    """
    if not agreement.amendment:
        return agreement
    numbers = (n for n, a in enumerate(agreement.amendment[:signed]) if a.effective <= day)
    return _amended(agreement, tuple(numbers))


@lru_cache(maxsize=256)
def _amended(agreement: Agreement, numbers: tuple[int, ...]) -> Agreement:
    if not numbers:
        return change(agreement, {"amendment": "none", "readings": "none"})
    return _amend(_amended(agreement, numbers[:-1]), agreement.amendment[numbers[-1]])


def _amend(terms: Agreement, amendment: Amendment) -> Agreement:
    changes = dict(amendment.terms)
    if not changes:
        raise ValueError("names no term that it changes")
    if fixed := FIXED_BY_AMENDMENTS & set(changes):
        raise ValueError(f"{min(fixed)}: an amendment cannot change it")
    if isinstance(new := changes.get("fee"), list):  # fee steps before the first new one stay
        days = [f["from"] for f in new if isinstance(f, Mapping) and type(f.get("from")) is date]
        first = min(days, default=amendment.effective)
        kept = [f.model_dump(by_alias=True) for f in terms.fee if f.since < first]
        changes["fee"] = kept + new
    amended = change(terms, changes)
    if "end" in changes and amended.end < amendment.effective:
        raise ValueError(
            f"end {amended.end} comes before the day {amendment.effective} it holds from"
        )
    return amended


def known(agreement: Agreement, as_of: date) -> Agreement:
    """The agreement as far as it was signed by `as_of`: later amendments left out."""
    signed = tuple(a for a in agreement.amendment if a.signed <= as_of)
    later = len(signed) < len(agreement.amendment)
    return agreement.model_copy(update={"amendment": signed}) if later else agreement


def scopes(agreement: Agreement) -> dict[str, Capacity]:
    """Everything that the fee is said to pay for, by name: never add or mix them."""
    return {agreement.capacity.name: agreement.capacity, **agreement.scopes}


def scoped(agreement: Agreement, scope: str) -> Agreement:
    """The agreement with the capacity of one of its scopes: what the fee is set against."""
    if scope not in scopes(agreement):
        allowed = ", ".join(scopes(agreement))
        raise ValueError(f"scope: {scope!r} is not known; allowed: {allowed}")
    return agreement.model_copy(update={"capacity": scopes(agreement)[scope]})


def settle(agreement: Agreement, bound: Literal["low", "use", "high"] | float) -> Agreement:
    """The agreement with every undisclosed discount at that end of its range, or so far up it.

    Those that amendments and readings state as well. A number goes from 0 at `low` over 0.5 at
    `use` to 1 at `high`, evenly in between.
    """

    def settled(fees: tuple[Fee, ...]) -> tuple[Fee, ...]:
        return tuple(
            fee.model_copy(update={"discount": _within(fee.discount, bound)})
            if isinstance(fee.discount, Range)
            else fee
            for fee in fees
        )

    def stated(changes: Mapping[str, Any], terms: Agreement) -> dict[str, Any]:
        old = terms.model_dump(by_alias=True, exclude_unset=True)
        fees = {key: changes[key] for key in ("fee", "tranche") if key in changes}
        return {**changes, **_settled(fees, old, bound)}

    tranches = tuple(t.model_copy(update={"fee": settled(t.fee)}) for t in agreement.tranche)
    amendments = tuple(
        a.model_copy(update={"terms": stated(a.terms, in_force(agreement, date.max, number))})
        for number, a in enumerate(agreement.amendment)
    )
    new = {"fee": settled(agreement.fee), "tranche": tranches, "amendment": amendments}
    changes = {name: stated(changed, agreement) for name, changed in agreement.changes.items()}
    given = {key: new[key] for key in new if getattr(agreement, key)}
    return agreement.model_copy(update=given | ({"changes": changes} if changes else {}))


def _settled(new: Any, old: Any, bound: Literal["low", "use", "high"] | float) -> Any:
    """Changes of fees that are laid over `old` as `merge` does, their discounts resolved."""
    if isinstance(new, list | tuple):
        names = {item["name"]: item for item in old} if _named(old) else {}
        befores = [names.get(item.get("name")) if _named([item]) else None for item in new]
        return [_settled(item, old, bound) for item, old in zip(new, befores, strict=True)]
    if not isinstance(new, Mapping):
        return new
    if isinstance(old, list | tuple):
        old = {str(number): item for number, item in enumerate(old)}
    old = _table(old)
    found = {key: _settled(value, old.get(key), bound) for key, value in new.items()}
    if isinstance(span := new.get("discount"), Mapping):
        found["discount"] = _within(Range(**merge(_table(old.get("discount")), span)), bound)
    return found


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _within(span: Range, bound: Literal["low", "use", "high"] | float) -> float:
    if isinstance(bound, str):
        return float(getattr(span, bound))
    if not 0 <= bound <= 1:
        raise ValueError(f"bound: {bound} is not allowed; allowed: 0 to 1")
    end = span.low if bound < HALF else span.high
    return span.use + (end - span.use) * abs(bound - HALF) / HALF
