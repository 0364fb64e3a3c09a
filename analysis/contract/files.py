"""Agreements from files, each value with its evidence."""

import re
import tomllib
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from analysis.contract.clauses import Clause, sentences
from analysis.contract.terms import Agreement
from analysis.data import texts
from analysis.data.texts import DATA, ContractError, read, shown

MOST_NAME, MOST = 64, 200  # characters of what is quoted
UNSOURCED = {"id", "title", "invented", "reading", "evidence", "notes"}
"""Keys that name or describe and hold no fact."""


FLAGS = {
    name
    for clause in Clause.__subclasses__()
    for name, one in clause.model_fields.items()
    if one.annotation is bool
}
"""Keys that take true or false."""


def contracts() -> list[str]:
    """The ids of all agreements shipped, in alphabetical order."""
    return sorted(path.stem for path in (DATA / "contracts").glob("*.toml"))


def contract(name_or_path: str | Path) -> Agreement:
    """The shipped agreement of that id, or the one in the TOML file at that path.

    Raises `ContractError` with file, key, value and what is allowed, a line for each problem.

    >>> contract("anthropic-xai").customer
    'Anthropic'
    """
    shipped = contracts()
    path = Path(name_or_path)
    if str(name_or_path) in shipped:
        path = DATA / "contracts" / f"{name_or_path}.toml"
    try:
        found = path.exists()
    except (OSError, ValueError):  # a name that no file can have
        found = False
    if not found:
        near = get_close_matches(str(name_or_path)[:MOST_NAME], shipped, 1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise ContractError(
            f"contract: {shown(str(name_or_path))!r} is neither a file nor shipped; "
            f"shipped: {', '.join(shipped)}{meant}"
        )
    if path.suffix.lower() == ".csv":
        raise ContractError(f"{path.name}: a table, not an agreement; allowed: a TOML file")
    return parse(read(path), name=path.name)


def parse(text: str, *, name: str = "contract") -> Agreement:
    """The agreement that a TOML text describes; `name` stands for the file in errors."""
    try:
        data = tomllib.loads(text)
        if not data:
            raise ContractError(
                f"{name}: empty; an agreement needs at least id, provider, customer, ..."
            )
        agreement = Agreement.model_validate(data)
    except tomllib.TOMLDecodeError as error:
        raise ContractError(f"{name}: {_not_toml(text, str(error))}") from None
    except RecursionError:
        raise ContractError(f"{name}: tables nested too deep; allowed: a few levels") from None
    except ValidationError as error:
        raise ContractError("\n".join(f"{name}: {line}" for line in sentences(error))) from None
    fields = [field for field, _ in values(agreement)] if agreement.evidence else []
    cited = dict.fromkeys(item.field for item in agreement.evidence)
    unknown = [path for path in cited if not any(_covers(path, field) for field in fields)]
    if unknown:
        raise ContractError(
            "\n".join(
                f"{name}: evidence.field: {shown(path)!r} names no value of this file; "
                "allowed: the path of a key, such as fee.usd_month"
                for path in unknown
            )
        )
    return agreement


def _not_toml(text: str, error: str) -> str:
    """Why a text is no TOML: the slip in our words, else the error in those of the parser."""
    place = re.search(r"at line (\d+)", error)
    slip = texts.slip(text, int(place[1]), FLAGS) if place else None
    if place and ("overwrite" in error or " twice" in error):
        line = text.split("\n")[int(place[1]) - 1]
        slip = (
            f"line {place[1]}: {shown(line.partition('=')[0].strip())} stands there a second time"
        )
    return shown(slip, MOST) if slip else f"not TOML: {shown(error)}"


def evidence(agreement: Agreement) -> pd.DataFrame:
    """Where each value of the agreement comes from: a row a value.

    Columns `field, value, kind, source, date, locator, note`; of several entries that cover a
    value the most specific one counts. `kind` is "none given" where nothing covers it.
    """
    table = []
    for field, value in values(agreement):
        covering = [item for item in agreement.evidence if _covers(item.field, field)]
        best = max(covering, key=lambda item: len(item.field), default=None)
        about = (
            (best.kind, best.source, best.date, best.locator, best.note)
            if best
            else ("none given", "", None, "", "")
        )
        table.append((field, value, *about))
    columns = ["field", "value", "kind", "source", "date", "locator", "note"]
    return pd.DataFrame(table, columns=columns)


def notes(agreement: Agreement) -> pd.DataFrame:
    """What the file's author remarks, a row a remark: the column `note`."""
    return pd.DataFrame({"note": list(agreement.notes)})


def values(agreement: Agreement) -> Iterator[tuple[str, Any]]:
    """Every value that the agreement's file states, by its path."""
    stated = agreement.model_dump(by_alias=True, exclude_unset=True)
    for path, value in _leaves({key: v for key, v in stated.items() if key not in UNSOURCED}, ""):
        if not re.fullmatch(r"(readings\.[^.]+|amendment\.\d+)\.title|.*\.name", path):
            yield path, value


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list | tuple):
        items = {str(n): item for n, item in enumerate(value)}.items()
    else:
        yield path, value
        return
    for key, item in items:
        yield from _leaves(item, f"{path}.{key}".removeprefix("."))


def _covers(cited: str, field: str) -> bool:
    """Whether an evidence entry's path is the value's, one above it, or either without indexes."""
    plain = re.sub(r"\.\d+(?=\.|$)", "", field)
    return cited == "*" or any(f"{path}.".startswith(f"{cited}.") for path in (field, plain))
