"""Agreements from files, each value with its evidence."""

import re
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from analysis.contract.derived import flat, unsolved
from analysis.contract.fields import Clause, sentences
from analysis.contract.terms import Agreement
from analysis.data import texts
from analysis.data.shipped import contracts as contracts
from analysis.data.shipped import located
from analysis.data.shipped import names as names
from analysis.data.shipped import shelved as shelved
from analysis.data.texts import ContractError, read, shown

UNSOURCED = {"id", "title", "invented", "known", "evidence", "notes"}
"""Keys that name or describe and hold no fact."""
FLAGS = {
    name
    for clause in Clause.__subclasses__()
    for name, one in clause.model_fields.items()
    if one.annotation is bool
}
"""Keys that take true or false."""


def with_facts(name_or_path: str | Path, facts: str | Path) -> str:
    """The text of an agreement's file with the `[[fact]]` tables of another file below it.

    Raises `ContractError` where that file holds anything else.
    """
    told = read(Path(facts))
    keys = set(texts.toml(told, Path(facts).name))
    if keys != {"fact"}:
        raise ContractError(f"{Path(facts).name}: allowed: [[fact]] tables alone")
    text = f"{read(located(name_or_path)).rstrip()}\n\n{told.strip()}\n"
    parse(text, name=f"{Path(name_or_path).name} with {Path(facts).name}")
    return text


def contract(name_or_path: str | Path) -> Agreement:
    """The shipped agreement of that id, or the one in the TOML file at that path.

    Raises `ContractError` with file, key, value and what is allowed, a line for each problem.

    >>> contract("anthropic-xai").customer
    'Anthropic'
    """
    path = located(name_or_path)
    return parse(read(path, texts.MAX_TERMS_BYTES), name=path.name)


def parse(text: str, *, name: str = "contract") -> Agreement:
    """The agreement that a TOML text describes; `name` stands for the file in errors."""
    data = texts.toml(text, name, FLAGS)
    if not data:
        raise ContractError(
            f"{name}: empty; an agreement needs at least id, provider, customer, ..."
        )
    try:
        agreement = Agreement.model_validate(data)
    except ValidationError as error:
        raise ContractError("\n".join(f"{name}: {line}" for line in sentences(error))) from None
    cited = dict.fromkeys(item.field for item in agreement.evidence)
    covered = {path for field, _ in values(agreement) for path in paths(field)} if cited else set()
    if unknown := [path for path in cited if path not in covered]:
        raise ContractError(
            "\n".join(
                f"{name}: evidence.field: {shown(path)!r} names no value of this file; "
                "allowed: the path of a key, such as fee.usd_month"
                for path in unknown
            )
        )
    return agreement


def values(agreement: Agreement) -> Iterator[tuple[str, Any]]:
    """Every value that the agreement's file states, by its path."""
    stated = unsolved(agreement.stated())
    for path, value in flat({key: v for key, v in stated.items() if key not in UNSOURCED}):
        if not re.fullmatch(r"(reading|readings\.[^.]+|amendment\.\d+)\.title|.*\.name", path):
            yield path, value


def paths(field: str) -> Iterator[str]:
    """What an evidence entry may cite for a value: its path, those above, each without indexes."""
    for path in (field, re.sub(r"\.\d+(?=\.|$)", "", field)):
        yield from accumulate(path.split("."), "{}.{}".format)
    yield "*"
