"""What a notebook of the report is: find it, check what it is given, write it as a command.

A notebook's parameters are the plain literals of its cell tagged `parameters`; whatever is
passed is checked before any kernel starts: against the parameters of its question, or, where that
has none of the name, against the literals themselves.
"""

import ast
import importlib
import json
import os
import re
import shlex
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from analysis.data import texts
from analysis.page import parameters
from analysis.page.parameters import Literals, UsageError

MOST_LITERAL = 20_000  # characters of a value

_PACKAGE = Path(__file__).resolve().parents[1]
INSTALLED = (_PACKAGE / "notebooks").is_dir()  # from a wheel, which holds them; or a checkout
TOUR = "00_"  # how the name of a notebook begins that answers no question of its own
FOLDER = (_PACKAGE if INSTALLED else _PACKAGE.parent) / "notebooks"


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook that can be run, its parameters with their defaults, and those of its question."""

    name: str
    path: Path
    parameters: Mapping[str, Any]
    asked: type[Literals] = Literals
    text: str = ""  # the whole file, for a machine that does not have it

    @property
    def kind(self) -> type[Literals]:
        """What may be given: what its question allows, and values like its own literals."""
        return parameters.like(self.parameters, self.asked)


def find(names: Iterable[str | Path] = (), folder: Path | None = None) -> list[Notebook]:
    """The notebooks of `folder` by name or its beginning, or by path; without names: all.

    Without a folder, those of the report.
    """
    folder = folder or FOLDER
    here = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    asked = [path for stem, path in here.items() if not stem.startswith(TOUR)]
    paths = [_path(here, str(name)) for name in names] or asked
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
        values = literals("".join(cell["source"]))
        return Notebook(path.stem, path, values, _asked(cells), whole)
    except (ValueError, KeyError, TypeError, OSError, SyntaxError) as error:
        why = "must be a notebook with one cell, tagged parameters, of plain literals"
        raise UsageError(f"{path.name}: {why}") from error


def _asked(cells: Iterable[Any]) -> type[Literals]:
    """The parameters of the question whose answer the notebook's code imports, if it does."""
    asked = r"^from analysis\.questions\.(\w+)\.answer import"
    code = "\n".join("".join(c["source"]) for c in cells if c.get("cell_type") == "code")
    if not (found := re.search(asked, code, re.M)):
        return Literals
    kind: type[Literals] = importlib.import_module(
        f"analysis.questions.{found[1]}.parameters"
    ).Parameters
    return kind


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


def literal(text: str) -> Any:
    """A value as TOML writes it (3, 0.5, true, "text", [1, 2]), a day as text; else the text."""
    try:
        if len(text) > MOST_LITERAL or texts.deep(text):
            return text
        [(name, value)] = tomllib.loads(f"value = {text}").items()
    except (ValueError, RecursionError):
        return text
    if name != "value" or "\n" in text:
        return text
    return value.isoformat() if isinstance(value, date) else value


def other_agreements(notebook: Notebook) -> list[str]:
    """The parameters that name further agreements."""
    fields = notebook.kind.model_fields.items()
    return [name for name, field in fields if parameters.names_agreements(field)]


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
        return value if literal(value) == value else json.dumps(value)
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
    if INSTALLED:
        return ["compute-agreements"]
    found = _from_here(Path(sys.executable))
    return ["python" if os.path.isabs(found) else found, "-m", "analysis"]


def _from_here(path: Path) -> str:
    root = FOLDER.parent
    return str(path.relative_to(root) if path.is_relative_to(root) else path)
