"""What a notebook of the report is: find it, check what it is given.

A notebook's parameters are the plain literals of its cell tagged `parameters`; whatever is
passed is checked against them before any kernel starts. A comment behind a parameter may say what
is allowed: `one of a, b`, `from 0 to 1`, `above -1`, up to a semicolon. `each from 0 to 1` says it
of every element of a list, `each an assumption` of every pair of a table: a name that is known,
with a number that its own rule allows. `an agreement` and `each an agreement` are ids of shipped
agreements or files of terms, which a report sees to.
"""

import ast
import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from reprlib import Repr
from typing import Any

_PACKAGE = Path(__file__).resolve().parents[1]
INSTALLED = (_PACKAGE / "notebooks").is_dir()  # from a wheel, which holds them; or a checkout
FOLDER = (_PACKAGE if INSTALLED else _PACKAGE.parent) / "notebooks"
FIRST_YEAR, LAST_YEAR = 1900, 2299
_short = Repr()  # how a value is quoted
_short.maxstring = _short.maxother = 80
ASSUMPTION = "each an assumption"
PER_CENT = 100
AGREEMENTS = ("an agreement", "each an agreement")  # ids of shipped ones, or files; empty: none
TYPES = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    dict: "a table",
}


class UsageError(ValueError):
    """What was asked for cannot be done, in one sentence; nothing has been started or written."""


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook that can be run, and its parameters with their defaults."""

    name: str
    path: Path
    parameters: Mapping[str, Any]
    allowed: Mapping[str, str] = field(default_factory=dict)
    text: str = ""  # the whole file, for a machine that does not have it


def find(names: Iterable[str | Path] = (), folder: Path | None = None) -> list[Notebook]:
    """The notebooks of `folder` by name or its beginning, or by path; without names: all.

    Without a folder, those of the report.
    """
    folder = folder or FOLDER
    here = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    paths = [_path(here, str(name)) for name in names] or list(here.values())
    if not paths:
        raise UsageError(f"notebooks: none found in {folder}")
    if twice := [path.stem for path in paths if sum(p.stem == path.stem for p in paths) > 1]:
        raise UsageError(f"notebooks: {twice[0]} is asked for twice")
    return [read(path) for path in paths]


def _path(here: Mapping[str, Path], name: str) -> Path:
    if name.endswith(".ipynb") and name != "index.ipynb" and Path(name).is_file():
        return Path(name)
    found = [path for stem, path in here.items() if stem == name or stem.startswith(name)]
    if len(found) != 1:
        raise UsageError(f"notebooks: {name!r} is not one of {', '.join(here) or 'none'}")
    return found[0]


def read(path: Path) -> Notebook:
    """The notebook at `path`; refused where it has no cell of plain parameters."""
    try:
        whole = path.read_text(encoding="utf-8")
        cells = json.loads(whole)["cells"]
        [cell] = [c for c in cells if "parameters" in c.get("metadata", {}).get("tags", [])]
        text = "".join(cell["source"])
        return Notebook(path.stem, path, literals(text), limits(text), whole)
    except (ValueError, KeyError, TypeError, OSError, SyntaxError) as error:
        why = "must be a notebook with one cell, tagged parameters, of plain literals"
        raise UsageError(f"{path.name}: {why}") from error


def literals(source: str) -> dict[str, Any]:
    """The names and values of a cell `name = literal`; ValueError for anything else in it."""
    values: dict[str, Any] = {}
    for line in ast.parse(source).body:
        targets = line.targets if isinstance(line, ast.Assign) else [getattr(line, "target", None)]
        match line, targets:
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value), [ast.Name(id)]:
                values[id] = ast.literal_eval(value)
            case _:
                raise ValueError(f"not a plain literal: {ast.unparse(line)}")
    return values


def limits(source: str) -> dict[str, str]:
    """What a cell's comments say is allowed, by parameter."""
    rule = r"^(\w+)\s*=.*#\s*((?:one of|from|above|each) [^;\n]+|an agreement)"
    return {name: text.strip() for name, text in re.findall(rule, source, re.M)}


def fits(value: Any, allowed: str) -> bool:
    """Whether a value is what a comment allows; see the module.

    >>> fits(0.5, "from 0 to 1"), fits(-2.0, "above -1"), fits("me", "one of customer, provider")
    (True, False, False)
    >>> fits([0.5, 2], "each from 0 to 1"), fits([], "each from 0 to 1")
    (False, False)
    """
    kind, _, rest = allowed.partition(" ")
    if kind == "each":
        return bool(value) and all(_number(each) and fits(each, rest) for each in value)
    if kind == "one":
        return value in rest.removeprefix("of ").split(", ")
    low, _, high = rest.partition(" to ")
    return bool(value > float(low) if kind == "above" else float(low) <= value <= float(high))


def literal(text: str) -> Any:
    """A value as TOML writes it (3, 0.5, true, "text", [1, 2]), a day as text; else the text."""
    try:
        [(name, value)] = tomllib.loads(f"value = {text}").items()
    except ValueError:
        return text
    if name != "value" or "\n" in text:
        return text
    return value.isoformat() if isinstance(value, date) else value


def _number(value: Any) -> bool:
    return type(value) in (int, float)


def check(
    notebook: Notebook, given: Mapping[str, Any], *, assumptions: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """`given` in the notebook's own types; UsageError where a name or a value does not fit.

    `assumptions`: what is allowed of each, by name, as a comment would say it.
    """
    known = assumptions or {}
    return {name: _checked(notebook, name, value, known) for name, value in given.items()}


def _checked(notebook: Notebook, name: str, value: Any, assumptions: Mapping[str, str]) -> Any:
    if name not in notebook.parameters:
        allowed = ", ".join(notebook.parameters)
        raise UsageError(f"{notebook.name} has no parameter {name!r}; it has {allowed}")
    default = notebook.parameters[name]
    if name == "as_of" or _is_day(default):
        return day(name, value)
    if isinstance(default, float) and type(value) is int:
        with suppress(OverflowError):  # then it stays a whole number, and is refused as one
            value = float(value)
    if isinstance(default, tuple) and isinstance(value, list):
        value = tuple(value)
    if default is not None and type(value) is not type(default):
        what = TYPES.get(type(default), f"a {type(default).__name__}")
        raise UsageError(
            f"parameter {name} = {_short.repr(value)} must be {what}, like {default!r}"
        )
    if not _plain(value):
        raise UsageError(
            f"parameter {name} = {_short.repr(value)} must hold finite numbers, text, true or false"
        )
    limit = notebook.allowed.get(name, "")
    if limit == ASSUMPTION:
        _assumed(name, value, assumptions)
    elif limit and limit not in AGREEMENTS and value != default:
        if "rate" in name.split("_") and _meant(value):
            limit += ", at most 1"
        elif fits(value, limit):
            limit = ""
        if limit:
            meant = _meant(value) if limit.endswith((" to 1", " most 1")) else ""
            raise UsageError(
                f"parameter {name} = {_short.repr(value)} is not allowed; allowed: {limit}{meant}"
            )
    if isinstance(default, list) and set(map(type, default)) == {int} != set(map(type, value)):
        raise UsageError(
            f"parameter {name} = {_short.repr(value)} must hold whole numbers, like {default!r}"
        )
    return list(value) if isinstance(value, tuple) else value


def _assumed(name: str, given: Mapping[str, Any], assumptions: Mapping[str, str]) -> None:
    """UsageError unless every name is an assumption and its number is allowed."""
    for key, value in given.items():
        if key not in assumptions:
            allowed = ", ".join(assumptions)
            raise UsageError(f"parameter {name}: {key!r} is not known; allowed: {allowed}")
        if not _number(value) or not fits(value, assumptions[key]):
            rule = f"a number {assumptions[key]}"
            meant = _meant(value) if assumptions[key].endswith(" to 1") else ""
            raise UsageError(
                f"parameter {name}: {key} = {_short.repr(value)} is not allowed; "
                f"allowed: {rule}{meant}"
            )


def _meant(value: Any) -> str:
    """A rate or a share above 1 may be meant as per cent."""
    per_cent = _number(value) and 1 < value <= PER_CENT
    return f"; did you mean {value / PER_CENT:g} ({value:g} %)?" if per_cent else ""


def day(name: str, value: Any) -> str:
    """A calendar day as ISO text; UsageError where there is no such day."""
    text = value.isoformat() if type(value) is date else value
    if not _is_day(text) or not FIRST_YEAR <= int(str(text)[:4]) <= LAST_YEAR:
        years = f"from {FIRST_YEAR} to {LAST_YEAR}"
        raise UsageError(
            f"{name} = {_short.repr(value)} must be a calendar day, like 2026-11-23, {years}"
        )
    return str(text)


def _is_day(value: Any) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return False
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return False


def _plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _plain(part) for key, part in value.items())
    if isinstance(value, list | tuple):
        return all(map(_plain, value))
    return type(value) in TYPES and (not isinstance(value, float) or math.isfinite(value))
