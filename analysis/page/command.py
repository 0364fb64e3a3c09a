"""A panel's parameters as a command that a reader can paste into a terminal."""

import json
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.page import notebooks
from analysis.page.notebooks import Notebook

ASKED = {"contract": "--contract", "reading": "--reading", "as_of": "--as-of"}


def command(book: Notebook, values: Mapping[str, Any]) -> str:
    """The report of one notebook with these parameters, run in the project's folder.

    Only what differs from the notebook's own parameters is named, and always the agreement.
    """
    words = [*_program(), "report", "--notebooks", book.name]
    for name, value in values.items():
        if name == "contract":
            words += ["--contract", _agreement(value)]
        elif name != "interactive" and value != book.parameters[name]:
            words += [ASKED[name], value] if name in ASKED else ["-p", f"{name}={written(value)}"]
    return shlex.join(words)


def written(value: Any) -> str:
    """A value as the command line reads it; text in quotes only where it could be read otherwise.

    >>> written(0.1), written("R1"), written("12"), written({"rate_year": 0.12})
    ('0.1', 'R1', '"12"', '{"rate_year" = 0.12}')
    """
    if isinstance(value, str):
        return value if notebooks.literal(value) == value else json.dumps(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(k)} = {_quoted(v)}" for k, v in value.items()) + "}"
    return _quoted(value)


def _quoted(value: Any) -> str:
    return written(value) if isinstance(value, Mapping) else json.dumps(value, ensure_ascii=False)


def _agreement(name: str) -> str:
    """The agreement's id, or the path of its file as seen from the project's folder."""
    return _from_here(Path(name).absolute()) if name.endswith(".toml") else name


def _program() -> list[str]:
    """The command by its name where it is installed; in the project's folder by its Python."""
    if notebooks.INSTALLED:
        return ["compute-agreements"]
    found = _from_here(Path(sys.executable))
    return ["python" if os.path.isabs(found) else found, "-m", "analysis"]


def _from_here(path: Path) -> str:
    root = notebooks.FOLDER.parent
    return str(path.relative_to(root) if path.is_relative_to(root) else path)
