"""The clauses an agreement is made of, each a frozen table that refuses what makes no sense.

Field names are the keys of an agreement's TOML file. Money is US dollars, dates are days,
shares are fractions, periods are half-open.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    ModelWrapValidatorHandler,
    StringConstraints,
    Tag,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from analysis.contract.checks import one_line
from analysis.data.texts import shown as shown

MAX_PROBLEMS = 20
NEAR = 0.7  # how like a known key an unknown one is, for both to be the same word mistyped
MAX_AMOUNT = 1e15
"""No money or count is larger; what is, is a slip of the keyboard."""


def _one_line(text: str) -> str:
    if not one_line(text):
        raise refuse(
            f"{shown(text)!r} is not allowed; allowed: one line without control characters"
        )
    return text


Text = Annotated[str, StringConstraints(min_length=1, max_length=2_000), AfterValidator(_one_line)]
Note = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
LAST_DAY = date(2300, 1, 1)
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=LAST_DAY)]
Positive = Annotated[float, Field(gt=0, le=MAX_AMOUNT)]
NonNegative = Annotated[float, Field(ge=0, le=MAX_AMOUNT)]
Share = Annotated[float, Field(ge=0, le=1)]
Days = Annotated[int, Field(ge=0, le=36_525)]
Months = Annotated[int, Field(ge=1, le=1_200)]


T = TypeVar("T")
Many = Annotated[tuple[T, ...], Field(strict=False, max_length=1_200)]
"""A TOML array of `T`: at most one item for each month of a hundred years."""
Few = Annotated[tuple[T, ...], Field(strict=False, max_length=24)]
"""A TOML array of `T` that people negotiate one by one."""
Steps = Annotated[tuple[T, ...], Field(strict=False, max_length=3_600)]
"""Fee steps: those that a file may hold, and those that options and amendments lead to."""


Party = Literal["customer", "provider"]
"""The two sides: the customer pays, the provider serves."""


def refuse(message: str) -> PydanticCustomError:
    """A validation error that reads as one sentence, whatever it quotes."""
    return PydanticCustomError("terms", "{message}", {"message": message})


def refuse_all(problems: Iterable[str]) -> None:
    """Raise every problem found, each as one sentence; nothing where there is none."""
    found = [InitErrorDetails(type=refuse(told), input=None) for told in dict.fromkeys(problems)]
    if found:
        raise ValidationError.from_exception_data("terms", found)


ALLOWED = {
    "date_type": "a date such as 2026-05-03, without quotes or time",
    "float_type": "a number, without quotes",
    "int_type": "a whole number, without quotes or decimal point",
    "bool_type": "true or false",
    "string_type": "a text in quotes",
    "tuple_type": "an array: key = [...], or tables under [[key]]",
    "dict_type": "a table: key = {{ ... }}, or under [key]",
    "model_type": "a table: key = {{ ... }}, or under [key]",
    "literal_error": "{expected}",
    "finite_number": "a finite number",
    "greater_than": "above {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "too_long": "at most {max_length} of them",
    "string_too_short": "at least one character",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "letters (lower case in an id), digits, -, and in a name . and _",
}
"""What is allowed, by the kind of error that pydantic finds."""


def sentences(error: ValidationError) -> list[str]:
    """Each problem of a validation as one sentence: key, value and what is allowed."""
    found = error.errors(include_url=False)
    told = [_sentence(problem) for problem in found[:MAX_PROBLEMS]]
    more = len(found) - len(told)
    return told + ([f"{more} more problems of this kind"] if more else [])


def _sentence(problem: ErrorDetails) -> str:
    parts = [str(part) for part in problem["loc"] if part not in ("<number>", "<range>", "[key]")]
    key = shown(".".join(parts))
    if problem["type"] == "terms":
        said = problem["msg"]
    elif problem["type"] == "missing":
        said = "it is needed, but missing"
    else:
        bounds = problem.get("ctx", {})
        limits = {k: f"{v:g}" if isinstance(v, float) else v for k, v in bounds.items()}
        words = ALLOWED.get(problem["type"])
        allowed = words.format(**limits) if words else problem["msg"]
        if problem["type"] == "less_than_equal" and bounds["le"] == 1:
            allowed += _per_cent(problem["input"])
        if problem["loc"][-1] == "<number>" and problem["type"] == "float_type":
            allowed += ", or a range: { low = ..., use = ..., high = ... }"
        said = f"{_quoted(problem['input'])} is not allowed; allowed: {allowed}"
    return f"{key}: {said}".removeprefix(": ")


def _per_cent(value: float) -> str:
    """A share above one may be meant as per cent."""
    return f"; did you mean {value / 100:g} ({value:g} %)?" if 1 < value <= 100 else ""


def _quoted(value: Any) -> str:
    if isinstance(value, Mapping | list | tuple):
        return "a table" if isinstance(value, Mapping) else "an array"
    if isinstance(value, str | bool):
        return repr(shown(value)) if isinstance(value, str) else str(value).lower()
    return shown(str(value))


def _unknown(key: str, names: list[str]) -> PydanticCustomError:
    near = get_close_matches(key, names, 1, NEAR)
    meant = f"; did you mean {near[0]}?" if near else ""
    return refuse(f"unknown key {shown(key)!r}; allowed: {', '.join(names)}{meant}")


def again(problem: ErrorDetails) -> InitErrorDetails:
    """A problem found, to be raised beside others."""
    kind: Any = problem["type"]
    context = problem.get("ctx", {})
    if kind in ("terms", "value_error", "assertion_error"):
        kind = refuse(context.get("message") or problem["msg"])
    return InitErrorDetails(type=kind, loc=problem["loc"], input=problem["input"], ctx=context)


class Clause(BaseModel):
    """A part of an agreement: frozen, strict about types, refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @model_validator(mode="wrap")
    @classmethod
    def _known_keys(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Tells of keys that it does not know beside all else that is wrong."""
        names = sorted(field.alias or name for name, field in cls.model_fields.items())
        if not isinstance(data, Mapping) or not (unknown := [k for k in data if k not in names]):
            return handler(data)
        found = [InitErrorDetails(type=_unknown(str(k), names), input=data) for k in unknown]
        try:
            cls.model_validate({key: value for key, value in data.items() if key in names})
        except ValidationError as error:
            found += [again(one) for one in error.errors(include_url=False)]
        raise ValidationError.from_exception_data(cls.__name__, found)

    def _at_most_one(self, *names: str, needed: bool = False) -> Iterator[str]:
        given = [name for name in names if getattr(self, name) is not None]
        if len(given) > 1 or (needed and not given):
            count = "exactly one" if needed else "at most one"
            yield f"{count} of {', '.join(names)} is allowed; given: {', '.join(given) or 'none'}"


class Range(Clause):
    """An undisclosed number: the 90 % range it lies in and the value to use meanwhile."""

    low: float
    use: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.use <= self.high:
            raise refuse(f"low {self.low} ≤ use {self.use} ≤ high {self.high} must hold")
        return self


def _not_negative(value: float | Range) -> float | Range:
    if isinstance(value, Range) and value.low < 0:
        raise refuse(f"low {value.low}: allowed is 0 or more")
    return value


def _not_above_one(value: float | Range) -> float | Range:
    if isinstance(value, Range) and value.high > 1:
        raise refuse(f"high {value.high}: allowed is 0 to 1{_per_cent(value.high)}")
    return value


def _number_or_range(value: Any) -> str:
    return "<range>" if isinstance(value, Mapping | Range) else "<number>"


Quantity = Annotated[
    Annotated[NonNegative, Tag("<number>")] | Annotated[Range, Tag("<range>")],
    Discriminator(_number_or_range),
    AfterValidator(_not_negative),
]
"""A number from 0 on, or the range in which an undisclosed one lies."""

Discount = Annotated[
    Annotated[Share, Tag("<number>")] | Annotated[Range, Tag("<range>")],
    Discriminator(_number_or_range),
    AfterValidator(_not_negative),
    AfterValidator(_not_above_one),
]
"""A fraction, or the range in which an undisclosed one lies."""


class Capacity(Clause):
    """What is provided: megawatts on a named basis, accelerators by kind, exclusivity.

    Of an agreement with a `fee` of its own, `capacity` is what that fee pays for: tranches come on
    top, and it has ended once that fee has fallen to 0 for good. Of one without, it is the sum
    that the tranches are part of.
    """

    name: Text = "site"
    mw: Quantity | None = None
    mw_basis: Literal["facility", "critical IT", "not stated"] = "not stated"
    whole_site: bool = False
    accelerators: dict[Text, Quantity] = {}


class Fee(Clause):
    """A monthly fee from a day on, less a discount (a fraction; a range if undisclosed).

    It is charged as stated from that day on, and rises on each later day that the escalator names.
    So does one that an amendment or an extension states, from the day on which that takes effect.
    """

    since: Day = Field(alias="from")
    usd_month: NonNegative
    discount: Discount = 0.0


class Delivery(Clause):
    """When capacity is due, and what the customer may do or gets if it is late.

    `remedy`: what the customer may do with capacity still missing `cure` after `due`: leave the
    agreement ("exit"), drop the missing share for good ("reduce"), either, or nothing.
    `late_discount`: fraction off the fee for as many days after delivery as delivery was late.
    `late_credit_usd_day`: credit for each late day, times the share that is missing.
    """

    due: Day
    cure_days: Days = 0
    cure_months: Annotated[int, Field(ge=0, le=1_200)] = 0
    remedy: Literal["exit", "reduce", "either", "nothing"] = "nothing"
    late_discount: Share = 0.0
    late_credit_usd_day: NonNegative = 0.0


class Prepayment(Clause):
    """Money paid ahead; each invoice due from `credit_from` on uses up to a share of itself.

    A tranche's prepayment counts that share, `credit_share`, of the tranche's fees, late credits
    and service credits in an invoice; the agreement's own, of the whole invoice, and pays no more
    than tranches' prepayments have left of it. What is unused at the end comes back if
    `refundable`.
    """

    usd: Positive
    paid: Day
    credit_from: Day
    credit_share: Annotated[Share, Field(gt=0)] = 1.0
    refundable: bool = True

    @model_validator(mode="after")
    def _paid_first(self) -> Self:
        if self.credit_from < self.paid:
            raise refuse(f"credit_from {self.credit_from} comes before it is paid, {self.paid}")
        return self


class Tranche(Clause):
    """Capacity with fees of its own, served from the `from` of its first fee to its `end`.

    `end` is its first day not served (left out: that of the agreement). With a `fee` of the
    agreement's own it comes on top of `capacity`, without one it is part of it.
    """

    name: Name
    capacity: Capacity = Capacity()
    fee: Steps[Fee]
    end: Day | None = None
    delivery: Delivery | None = None
    prepayment: Prepayment | None = None

    @model_validator(mode="after")
    def _fees(self) -> Self:
        refuse_all(self._problems())
        return self

    def _problems(self) -> Iterator[str]:
        if self.name == "site":
            yield "name 'site' is taken by the capacity outside tranches; choose another"
        if not self.fee:
            yield "fee: at least one is needed"
        yield from overlaps(self.fee)
        last = max((fee.since for fee in self.fee), default=None)
        if self.end and last and self.end <= last:
            yield f"end {self.end} must be after the last fee's from {last}"


class Termination(Clause):
    """One party's right to leave without cause.

    Notice in days or months. A gate (days or months from the start of service, or a date) is the
    first day on which notice may be served, or take effect (`gate_applies`). The party that
    leaves pays the other a fee: fixed, months of the fee then due, or a share of all fees left.
    """

    notice_days: Days | None = None
    notice_months: Months | None = None
    gate_days: Days | None = None
    gate_months: Months | None = None
    gate_date: Day | None = None
    gate_applies: Literal["serving", "effect"] = "serving"
    fee_usd: NonNegative | None = None
    fee_months: NonNegative | None = None
    fee_share_of_remaining: Share | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        notice = self._at_most_one("notice_days", "notice_months", needed=True)
        gate = self._at_most_one("gate_days", "gate_months", "gate_date")
        fee = self._at_most_one("fee_usd", "fee_months", "fee_share_of_remaining")
        refuse_all([*notice, *gate, *fee])
        return self


class Terminations(Clause):
    """Who may leave without cause; a party left out has no such right."""

    customer: Termination | None = None
    provider: Termination | None = None


class Payment(Clause):
    """When fees are invoiced and due, apart from when service is given."""

    timing: Literal["advance", "arrears"] = "advance"
    billing_months: Months = 1
    days_to_pay: Days = 0


class Deposit(Clause):
    """Security returned without interest so many days after the end of service."""

    usd: Positive
    paid: Day
    returned_after_days: Days = 0


class Escalator(Clause):
    """All monthly fees rise every so many months from a day: by a rate, or with an index.

    A fee rises on the days after the one that it is stated from. An amended escalator counts from
    its effective day on: rises before it stay.

    An index is passed in as data; `base_level` is its level at which the stated fees stand.
    """

    since: Day = Field(alias="from")
    every_months: Months = 12
    rate: Annotated[float, Field(gt=-1, le=1)] | None = None
    index: Text | None = None
    base_level: Positive | None = None

    @model_validator(mode="after")
    def _rate_or_index(self) -> Self:
        problems = list(self._at_most_one("rate", "index", needed=True))
        if (self.index is None) != (self.base_level is None):
            problems.append("index and base_level belong together; give both or neither")
        refuse_all(problems)
        return self


class TakeOrPay(Clause):
    """A metered service: a monthly minimum is due whether used or not; use above it is extra."""

    unit: Text
    minimum_units_month: NonNegative
    usd_per_unit: NonNegative
    overage_usd_per_unit: NonNegative


class ServiceCredit(Clause):
    """Availability in a month below `below` gives back `share` of that month's fees."""

    below: Share
    share: Share


class Extension(Clause):
    """One party's option to add months, `count` times, exercised so many days before the end.

    Several chain in the order of the file, each from the end that the one before leads to. An
    amendment that moves the end to where options lead exercises them: they are used up, unless it
    states the options anew. A provider's own option is shown, but lengthens no lease here.
    `usd_month` is the site's fee from then on, charged as stated; where no fee of the site is left,
    that of all tranches, shared among them as their last fees are.
    """

    party: Party = "customer"
    months: Months
    count: Annotated[int, Field(ge=1, le=100)] = 1
    usd_month: NonNegative | None = None
    notice_days: Days


class Renewal(Clause):
    """The term goes on by itself unless either party objects so many days before the end."""

    months: Months
    notice_days: Days


class Amendment(Clause):
    """Changed terms from the day `effective` on; periods before it stay as they were.

    New fee steps replace the old ones from the first new one on, are charged as stated and rise
    from then.
    """

    title: Text
    signed: Day
    effective: Day
    terms: dict[str, Any]


class Reported(Clause):
    """A total that others have put on the agreement; `at_least` if they wrote "over"."""

    usd: Positive
    at_least: bool = False
    by: Text


class Evidence(Clause):
    """Where a value comes from. `field` is its path, e.g. `fee.usd_month`, or one above it."""

    field: Text
    kind: Literal["disclosed", "reported", "derived", "assumed"]
    source: Text
    date: Day
    locator: Text
    note: str = ""


class Reading(Clause):
    """The name and meaning of the terms as they stand; "+" joins the names of several readings."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")] = "as-written"
    title: Text = "the terms as the file states them"


def overlaps(fees: tuple[Fee, ...]) -> Iterator[str]:
    """Fee steps of which one does not start after the one before."""
    for before, fee in pairwise(fees):
        if fee.since <= before.since:
            yield (
                f"fee: overlapping fees, from {before.since} and then from {fee.since}; "
                "each must start after the one before"
            )
