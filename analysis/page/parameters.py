"""The parameters of a question: one source for its notebook, the command line, sweeps and panels.

A parameter is a field of a pydantic model: its default, its bounds or choices, a description, and
a title for the panel. The first code cell of the notebook holds the same, as plain literals.
"""

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from reprlib import Repr
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
    field_validator,
)
from pydantic.fields import FieldInfo

from analysis.data.texts import MAX_TEXT, near, one_line, per_cent

FIRST_YEAR, LAST_YEAR = 1900, 2299
MOST_LINE = 100  # characters of a line of the cell
MOST_ITEMS = 200  # of a list or table
short = Repr()  # how a value is quoted
short.maxstring = short.maxother = 80


class UsageError(ValueError):
    """What was asked for cannot be done, in one sentence; nothing has been started or written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slider:
    """How a panel shows a number: the ends of its slider, its step, and what it is divided by."""

    span: tuple[float, float]
    step: float = 0.01
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class OtherAgreements:
    """Marks a parameter that names further agreements: ids of shipped ones, or files of terms."""


def _day(value: Any) -> Any:
    """A day from its ISO text; what is no day is left for pydantic to refuse."""
    if isinstance(value, str) and len(value) == len("2026-11-23") and value.isascii():
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return value
    known = isinstance(value, date) and FIRST_YEAR <= value.year <= LAST_YEAR
    return value if known else str(value)


Day = Annotated[date, BeforeValidator(_day)]


class Literals(BaseModel):
    """What a notebook can be given: plain values of the types that its own literals have."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, validate_default=True
    )
    short_texts: ClassVar[bool] = False

    @field_validator("*", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        if why := unfit(value, short_texts=cls.short_texts):
            raise ValueError(why)
        return value


class Parameters(Literals):
    """What every notebook of a question can be given."""

    short_texts = True
    interactive: bool = Field(True, description="False in a report: no widgets")


def like(values: Mapping[str, Any], kind: type[Literals]) -> type[Literals]:
    """A kind that also takes values like these, where it has no parameter of the name."""
    fields: Any = {
        name: (_type(name, value), Field(value, validate_default=False))
        for name, value in values.items()
        if name not in kind.model_fields and not name.startswith("_")
    }
    with warnings.catch_warnings(action="ignore"):  # a name may be one that pydantic has too
        return create_model("Own", __base__=kind, **fields) if fields else kind


def _type(name: str, value: Any) -> Any:
    day = name == "as_of" or isinstance(_day(value), date)
    types = {list: list[Any], dict: dict[str, Any], type(None): Any}
    return Day if day else types.get(type(value), type(value))


def unfit(value: Any, *, short_texts: bool = True) -> str:
    """Why a value is too much to take in, or no plain data; empty where it is fit.

    >>> unfit({"a": ["b", 1]}), unfit(["a\\nb"]), unfit([math.nan])[:18]
    ('', 'allowed: texts of one line, at most 2,000 characters', 'nan is not allowed')
    """
    if isinstance(value, Mapping | list | tuple):
        if len(value) > MOST_ITEMS:
            return f"{len(value):,} items; allowed: at most {MOST_ITEMS}"
        parts = [*value, *value.values()] if isinstance(value, Mapping) else value
        return next(filter(None, (unfit(part, short_texts=short_texts) for part in parts)), "")
    if isinstance(value, str):
        fine = not short_texts or (len(value) <= MAX_TEXT and one_line(value))
        return "" if fine else f"allowed: texts of one line, at most {MAX_TEXT:,} characters"
    fine = isinstance(value, int | date | None) or (
        isinstance(value, float) and math.isfinite(value)
    )
    told = f"{short.repr(value)} is not allowed; allowed: finite numbers, text, true or false"
    return "" if fine else told


def check(kind: type[Literals], given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given, as a notebook's cell holds it; UsageError where it is wrong."""
    try:
        whole = kind.model_validate(dict(given))
    except ValidationError as error:
        raise UsageError(refused(kind, error)) from error
    return {each: plain(getattr(whole, each)) for each in given}


def plain(value: Any) -> Any:
    """A value as a notebook's cell holds it: a day as text."""
    return value.isoformat() if isinstance(value, date) else value


def refused(kind: type[Literals], error: ValidationError) -> str:
    """What is wrong with the first parameter that is, in one sentence."""
    first = error.errors()[0]
    name, *inside = first["loc"]
    if first["type"] == "extra_forbidden":
        has = kind.model_fields
        return f"no parameter {name!r}; there are {', '.join(has)}{near(str(name), has)}"
    field = kind.model_fields[str(name)]
    value = first["input"]
    if first["type"] == "value_error":
        return f"parameter {name}: {first['ctx']['error']}"
    if field.annotation is date:
        like = f"like {field.default or '2026-11-23'}, from {FIRST_YEAR} to {LAST_YEAR}"
        return f"{name} = {short.repr(value)} must be a calendar day, {like}"
    if first["type"].endswith("_type"):
        what = WORDS.get(first["type"], "of another kind")
        like = f", like {plain(field.default)!r}" if not inside else ""
        return f"parameter {name} = {short.repr(value)} must be {what}{like}"
    rule = allowed(field)
    is_share = rule.endswith(" to 1") or "rate" in str(name).split("_")
    meant = per_cent(value) if is_share else ""
    return f"parameter {name} = {short.repr(value)} is not allowed; allowed: {rule}{meant}"


WORDS = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "list_type": "a list",
    "dict_type": "a table",
}


def allowed(field: FieldInfo) -> str:
    """What a parameter may be, in words; empty where anything of its type may be.

    >>> allowed(FieldInfo(annotation=float, default=0.1, ge=0, le=1))
    'from 0 to 1'
    """
    if get_origin(field.annotation) is Literal:
        return f"one of {', '.join(map(str, get_args(field.annotation)))}"
    ends, each = _ends(field.metadata), ""
    for part in get_args(field.annotation):
        inner = _ends(getattr(part, "__metadata__", ()))
        for info in getattr(part, "__metadata__", ()):
            inner |= _ends(getattr(info, "metadata", ()))
        if inner:
            ends, each = inner, "each "
    if "ge" in ends and "le" in ends:
        return f"{each}from {ends['ge']:,.15g} to {ends['le']:,.15g}"
    if "gt" in ends and "le" in ends:
        return f"{each}above {ends['gt']:,.15g}, at most {ends['le']:,.15g}"
    words = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
    return ", ".join(f"{each}{words[end]} {value:,.15g}" for end, value in ends.items())


def _ends(metadata: Any) -> dict[str, float]:
    names = ("gt", "ge", "lt", "le")
    return {n: getattr(m, n) for m in metadata for n in names if hasattr(m, n)}


def names_agreements(field: FieldInfo) -> bool:
    """Whether a parameter, or each element of its list, names a further agreement."""
    inner = [getattr(part, "__metadata__", ()) for part in get_args(field.annotation)]
    return any(isinstance(m, OtherAgreements) for marks in (field.metadata, *inner) for m in marks)


def cell(kind: type[Parameters]) -> str:
    """The notebook's first code cell: a line a parameter, with what it is and what is allowed."""
    fields = dict(kind.model_fields)
    fields["interactive"] = fields.pop("interactive")  # of every notebook, so it comes last
    return "\n".join(_line(name, field) for name, field in fields.items())


def _line(name: str, field: FieldInfo) -> str:
    value = plain(field.get_default(call_default_factory=True))
    literal = f'"{value}"' if isinstance(value, str) else repr(value).replace("'", '"')
    words = "; ".join(filter(None, (field.description, allowed(field))))
    line = f"{name} = {literal}  # {words}" if words else f"{name} = {literal}"
    if len(line) > MOST_LINE:
        raise ValueError(f"the line of {name} has {len(line)} characters; {MOST_LINE} at most")
    return line
