"""Agreements from files, each value with its evidence."""

import re
import tomllib
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from analysis.contract.derived import unsolved
from analysis.contract.errors import sentences
from analysis.contract.fields import Clause
from analysis.contract.merging import flat
from analysis.contract.terms import Agreement
from analysis.data import texts
from analysis.data.texts import DATA, ContractError, near, read, shown

MOST = 200  # characters of what is quoted
UNSOURCED = {"id", "title", "invented", "known", "evidence", "notes"}
"""Keys that name or describe and hold no fact."""
NO_EVIDENCE = {"kind": "none given", "source": "", "date": None, "locator": "", "note": ""}
FLAGS = {
    name
    for clause in Clause.__subclasses__()
    for name, one in clause.model_fields.items()
    if one.annotation is bool
}
"""Keys that take true or false."""


def contracts() -> list[str]:
    """The ids of the agreements at the centre, which have every page, in alphabetical order."""
    return sorted(path.stem for path in (DATA / "contracts").glob("*.toml"))


def shelved() -> dict[str, Path]:
    """The files of all other agreements shipped, by id: a folder for each family."""
    return {path.stem: path for path in sorted((DATA / "contracts").glob("*/*.toml"))}


def names() -> list[str]:
    """The ids of all agreements shipped: those at the centre, then the library."""
    return [*contracts(), *shelved()]


def with_facts(name_or_path: str | Path, facts: str | Path) -> str:
    """The text of an agreement's file with the `[[fact]]` tables of another file below it.

    Raises `ContractError` where that file holds anything else.
    """
    told = read(Path(facts))
    try:
        keys = set(tomllib.loads(told))
    except tomllib.TOMLDecodeError as error:
        raise ContractError(f"{Path(facts).name}: {_not_toml(told, str(error))}") from None
    if keys != {"fact"}:
        raise ContractError(f"{Path(facts).name}: allowed: [[fact]] tables alone")
    text = f"{read(_path(name_or_path)).rstrip()}\n\n{told.strip()}\n"
    parse(text, name=f"{Path(name_or_path).name} with {Path(facts).name}")
    return text


def contract(name_or_path: str | Path) -> Agreement:
    """The shipped agreement of that id, or the one in the TOML file at that path.

    Raises `ContractError` with file, key, value and what is allowed, a line for each problem.

    >>> contract("anthropic-xai").customer
    'Anthropic'
    """
    path = _path(name_or_path)
    return parse(read(path, texts.MAX_TERMS_BYTES), name=path.name)


def _path(name_or_path: str | Path) -> Path:
    """The file of a shipped agreement, or the one at that path."""
    own = {name: DATA / "contracts" / f"{name}.toml" for name in contracts()}
    shipped = own | shelved()
    path = shipped.get(str(name_or_path), Path(name_or_path))
    try:
        found = path.exists()
    except (OSError, ValueError):  # a name that no file can have
        found = False
    if not found:
        raise ContractError(
            f"contract: {shown(str(name_or_path))!r} is neither a file nor shipped; "
            f"shipped: {', '.join(own)}, and a library" + near(str(name_or_path), shipped)
        )
    if path.suffix.lower() == ".csv":
        raise ContractError(f"{path.name}: a table, not an agreement; allowed: a TOML file")
    return path


def parse(text: str, *, name: str = "contract") -> Agreement:
    """The agreement that a TOML text describes; `name` stands for the file in errors."""
    if texts.deep(text):
        raise ContractError(f"{name}: a key has more than {texts.MAX_PARTS} parts; allowed: a few")
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
    except ContractError:
        raise
    except ValueError:  # digits without end
        raise ContractError(f"{name}: a number is too long; allowed: at most 1e15") from None
    cited = dict.fromkeys(item.field for item in agreement.evidence)
    covered = {path for field, _ in values(agreement) for path in _paths(field)} if cited else set()
    if unknown := [path for path in cited if path not in covered]:
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
    entries = {item.field: item for item in reversed(agreement.evidence)}
    for field, value in values(agreement):
        cited = [path for path in _paths(field) if path in entries]
        best = entries[max(cited, key=len)] if cited else None
        about = [getattr(best, column, empty) for column, empty in NO_EVIDENCE.items()]
        table.append((field, value, *about))
    return pd.DataFrame(table, columns=["field", "value", *NO_EVIDENCE])


def notes(agreement: Agreement) -> pd.DataFrame:
    """What the file's author remarks, a row a remark: the column `note`."""
    return pd.DataFrame({"note": list(agreement.notes)})


def values(agreement: Agreement) -> Iterator[tuple[str, Any]]:
    """Every value that the agreement's file states, by its path."""
    stated = unsolved(agreement.stated())
    for path, value in flat({key: v for key, v in stated.items() if key not in UNSOURCED}):
        if not re.fullmatch(r"(reading|readings\.[^.]+|amendment\.\d+)\.title|.*\.name", path):
            yield path, value


def _paths(field: str) -> Iterator[str]:
    """What an evidence entry may cite for a value: its path, those above, each without indexes."""
    for path in (field, re.sub(r"\.\d+(?=\.|$)", "", field)):
        yield from accumulate(path.split("."), "{}.{}".format)
    yield "*"
