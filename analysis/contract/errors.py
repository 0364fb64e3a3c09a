"""One sentence for each refusal: the field, the value and what is allowed."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from analysis.data.texts import near
from analysis.data.texts import nearest as nearest
from analysis.data.texts import one_line as one_line
from analysis.data.texts import per_cent as per_cent
from analysis.data.texts import shown as shown

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
