"""What every clause is built from: kinds of values with their bounds, a sentence a refusal."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    ModelWrapValidatorHandler,
    StringConstraints,
    Tag,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from analysis.data.texts import MAX_TEXT, near, per_cent
from analysis.data.texts import one_line as one_line
from analysis.data.texts import shown as shown

MAX_AMOUNT = 1e15  # no money or count is larger; what is, is a slip of the keyboard
LAST_DAY = date(2300, 1, 1)
MAX_NAMED = 24  # scopes, readings, amendments, kinds of accelerators
MAX_FEES = 1_200  # steps in all, those of tranches included
MAX_TERM_YEARS = 100
HALF = 1 / 2
DAY = timedelta(days=1)

MAX_PROBLEMS = 20


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
    "extra_forbidden": "a kind of fact: index, usage, delivered, availability, spend",
    "too_long": "at most {max_length} of them",
    "string_too_short": "at least one character",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "letters (lower case in an id), digits, -, and in a name . and _",
}
"""What is allowed, by the kind of error that pydantic finds."""

INSTEAD = {"start": "; or a start of every tranche", "end": "; or term_months"}


def sentences(error: ValidationError) -> list[str]:
    """Each problem of a validation as one sentence: key, value and what is allowed."""
    found = error.errors(include_url=False)
    told = [_sentence(problem) for problem in found[:MAX_PROBLEMS]]
    more = len(found) - len(told)
    return told + ([f"more problems of this kind: {more:,}"] if more else [])


def _sentence(problem: ErrorDetails) -> str:
    parts = [str(part) for part in problem["loc"] if part not in ("<number>", "<range>", "[key]")]
    key = shown(".".join(parts))
    if problem["type"] == "terms":
        said = problem["msg"]
    elif problem["type"] == "missing":
        said = "it is needed, but missing" + INSTEAD.get(key, "")
    else:
        bounds = problem.get("ctx", {})
        limits = {k: f"{v:g}" if isinstance(v, float) else v for k, v in bounds.items()}
        words = ALLOWED.get(problem["type"])
        allowed = words.format(**limits) if words else problem["msg"]
        if problem["type"] == "less_than_equal" and bounds["le"] == 1:
            allowed += per_cent(problem["input"])
        if problem["loc"][-1:] == ("<number>",) and problem["type"] == "float_type":
            allowed += ", or a range: { low = ..., use = ..., high = ... }"
        said = f"{_quoted(problem['input'])} is not allowed; allowed: {allowed}"
    return f"{key}: {said}".removeprefix(": ")


def _quoted(value: Any) -> str:
    if isinstance(value, Mapping | list | tuple):
        return "a table" if isinstance(value, Mapping) else "an array"
    if isinstance(value, str | bool):
        return repr(shown(value)) if isinstance(value, str) else str(value).lower()
    return shown(str(value))


def unknown_key(key: str, names: list[str]) -> PydanticCustomError:
    """The error for a key that a table does not have, with the one that is near to it."""
    return refuse(f"unknown key {shown(key)!r}; allowed: {', '.join(names)}{near(key, names)}")


def again(problem: ErrorDetails) -> InitErrorDetails:
    """A problem found, to be raised beside others."""
    kind: Any = problem["type"]
    context = problem.get("ctx", {})
    if kind in ("terms", "value_error", "assertion_error"):
        kind = refuse(context.get("message") or problem["msg"])
    return InitErrorDetails(type=kind, loc=problem["loc"], input=problem["input"], ctx=context)


def _one_line(text: str) -> str:
    if one_line(text):
        return text
    raise refuse(f"{shown(text)!r} is not allowed; allowed: one line without control characters")


Text = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_TEXT), AfterValidator(_one_line)
]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=LAST_DAY)]
Positive = Annotated[float, Field(gt=0, le=MAX_AMOUNT)]
NonNegative = Annotated[float, Field(ge=0, le=MAX_AMOUNT)]
Amount = Annotated[float, Field(ge=-MAX_AMOUNT, le=MAX_AMOUNT)]
Share = Annotated[float, Field(ge=0, le=1)]
Days = Annotated[int, Field(ge=0, le=36_525)]
Months = Annotated[int, Field(ge=1, le=1_200)]
Rate = Annotated[float, Field(gt=-1, le=1)]
T = TypeVar("T")
Many = Annotated[tuple[T, ...], Field(strict=False, max_length=1_200)]
"""A TOML array of `T`: at most one item for each month of a hundred years."""
Table = Annotated[dict[str, Any], Field(max_length=100)]
"""Keys that change, checked where they are laid over others."""
Few = Annotated[tuple[T, ...], Field(strict=False, max_length=MAX_NAMED)]
"""A TOML array of `T` that people negotiate one by one."""
Steps = Annotated[tuple[T, ...], Field(strict=False, max_length=3_600)]
"""Fee steps: those that a file may hold, and those that options and amendments lead to."""
Party = Literal["customer", "provider"]
"""The two sides: the customer pays, the provider serves."""
PARTIES: tuple[Party, Party] = ("customer", "provider")
Amounts = Literal["fixed", "at least", "up to", "estimated"]
"""How far amounts are promised: "at least" is a floor; "up to" and estimates are not committed."""
Bound = Literal["low", "use", "high"] | float
"""An end of a range, or a share of the way: 0 at `low`, 0.5 at `use`, 1 at `high`."""


class Bounded(BaseModel):
    """Data that is frozen, strict about types, and refuses keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @classmethod
    def of(cls, given: Any, context: Any = None) -> Self:
        """The same of plain data; `ValueError` with a sentence for each that cannot be."""
        try:
            return cls.model_validate(given or {}, context=context)
        except ValidationError as error:
            raise ValueError("\n".join(sentences(error))) from None


class Clause(Bounded):
    """A part of an agreement."""

    @classmethod
    def allowed(cls) -> list[str]:
        """The keys that its table may have."""
        return sorted(field.alias or name for name, field in cls.model_fields.items())

    @model_validator(mode="wrap")
    @classmethod
    def _known_keys(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Tells of keys that it does not know beside all else that is wrong."""
        names = cls.allowed()
        if not isinstance(data, Mapping) or not (unknown := [k for k in data if k not in names]):
            return handler(data)
        found = [
            InitErrorDetails(type=unknown_key(str(key), names), input=data)
            for key in unknown[: MAX_PROBLEMS + 1]
        ]
        try:
            cls.model_validate({key: value for key, value in data.items() if key in names})
        except ValidationError as error:
            found += [again(one) for one in error.errors(include_url=False)]
        raise ValidationError.from_exception_data(cls.__name__, found)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        refuse_all(self._problems())
        return self

    def _problems(self) -> Iterator[str]:
        """What two keys say that cannot both hold, a sentence each."""
        yield from ()

    def span(self, of: str) -> dict[str, int]:
        """The days and the months that its keys of a name state."""
        return {unit: getattr(self, f"{of}_{unit}") or 0 for unit in ("days", "months")}

    def _at_most_one(self, *names: str, needed: bool = False) -> Iterator[str]:
        given = [name for name in names if getattr(self, name) not in (None, ())]
        if len(given) > 1 or (needed and not given):
            count = "exactly one" if needed else "at most one"
            yield f"{count} of {', '.join(names)} is allowed; given: {', '.join(given) or 'none'}"

    def in_order(self, name: str) -> Iterator[str]:
        """Steps of a key of which one does not start after the one before."""
        for before, step in pairwise(getattr(self, name)):
            if step.since <= before.since:
                said = f"{name}: overlapping, from {before.since} and then from {step.since}"
                yield f"{said}; each must start after the one before"


S = TypeVar("S")


def begun(steps: Sequence[S], day: date) -> S | None:
    """The step in force on a day, of those that each hold from `since` on; None before them."""
    return next((step for step in reversed(steps) if step.since <= day), None)  # type: ignore[attr-defined]


class Ends(Clause):
    """What is not known exactly: the ends of its range and the value to use meanwhile."""

    low: Any
    use: Any
    high: Any

    def at(self, bound: Bound) -> Any:
        """An end of the range, or so far up it, evenly on each side of `use`; days are whole."""
        if isinstance(bound, str):
            return getattr(self, bound)
        if not 0 <= bound <= 1:
            raise ValueError(f"bound: {bound} is not allowed; allowed: 0 to 1")
        end = self.low if bound < HALF else self.high
        way = abs(bound - HALF) / HALF
        if isinstance(end, date):
            return self.use + round(way * (end - self.use).days) * DAY
        return self.use + (end - self.use) * way

    def _problems(self) -> Iterator[str]:
        if not self.low <= self.use <= self.high:
            yield f"low {self.low} ≤ use {self.use} ≤ high {self.high} must hold"


class Range(Ends):
    """An undisclosed number: the 90 % range it lies in and the value to use meanwhile."""

    low: NonNegative
    """The 5 % quantile."""
    use: NonNegative
    """The value in use meanwhile."""
    high: NonNegative
    """The 95 % quantile."""


class ShareRange(Range):
    """An undisclosed fraction: the 90 % range it lies in and the value to use meanwhile."""

    low: Share
    use: Share
    high: Share


class DayRange(Ends):
    """An uncertain day: the range it lies in and the day to use meanwhile."""

    low: Day
    use: Day
    high: Day


def _day_in_use(value: Any) -> Any:
    return DayRange.model_validate(value).use if isinstance(value, Mapping) else value


_DAY = {"type": "string", "format": "date"}
OpenDay = Annotated[
    Day,
    BeforeValidator(_day_in_use),
    WithJsonSchema({"anyOf": [_DAY, DayRange.model_json_schema()]}),
]
"""A day, or in the file the range in which an uncertain one lies."""


def _number_or_range(value: Any) -> str:
    return "<range>" if isinstance(value, Mapping | Range) else "<number>"


Quantity = Annotated[
    Annotated[NonNegative, Tag("<number>")] | Annotated[Range, Tag("<range>")],
    Discriminator(_number_or_range),
]
"""A number from 0 on, or the range in which an undisclosed one lies."""
Discount = Annotated[
    Annotated[Share, Tag("<number>")] | Annotated[ShareRange, Tag("<range>")],
    Discriminator(_number_or_range),
]
"""A fraction, or the range in which an undisclosed one lies."""
