"""What can be asked for, `report --help`, and what a file may hold, its JSON Schema.

Meanings of keys are the docstrings of clauses and of their fields, read from the source.
"""

import ast
import inspect
import json
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from analysis.contract import files
from analysis.contract.fields import Clause
from analysis.contract.terms import Agreement
from analysis.page import notebooks, parameters
from analysis.page.notebooks import Notebook, written
from analysis.run import pages
from analysis.run.report import FIXED
from analysis.run.runs import title

ASKED = {*FIXED, "reading", "as_of"}  # each has an option of its own

FRACTION = "a fraction; 0.03 is 3 %"
UNITS = {
    "usd": "US dollars",
    "usd_month": "US dollars a month",
    "usd_month_by_year": "US dollars a month",
    "usd_day": "US dollars a day",
    "usd_per_unit": "US dollars a unit",
    "units_month": "units a month",
    "days": "days",
    "days_to_pay": "days",
    "months": "months",
    "periods": "a count",
    "mw": "megawatts",
    "accelerators": "a count",
    "count": "a count",
    "quantity": "a count of what `unit` names",
    "base_level": "index points",
    "rate": FRACTION,
    "share": FRACTION,
    "share_of_remaining": FRACTION,
    "discount": FRACTION,
    "below": FRACTION,
    "value": "as its kind says",
    "weight": "a weight from 0 to 1",
    "low": "that of the key",
    "use": "that of the key",
    "high": "that of the key",
}
"""Units of numbers by the ends of their keys; the longest that fits counts."""

LEFT_OUT = {
    "Agreement": {"start", "end"},
    "Tranche": {"fee"},
    "Fee": {"from", "usd_month"},
    "Escalator": {"from"},
}
"""Keys that a file may leave out where they follow from others."""


def text(program: str) -> str:
    """All that can be asked for, in words."""
    books = notebooks.find()
    return pages.filled(
        "help.txt",
        program=program,
        agreements=[(name, files.contract(name)) for name in files.names()],
        questions=[(book.name, title(book)) for book in books],
        parameters=_parameters(books),
    )


def _parameters(books: Iterable[Notebook]) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for book in books:
        fields = book.kind.model_fields
        for name, value in book.parameters.items():
            field = fields[name]
            words = "; ".join(filter(None, (field.description, parameters.allowed(field))))
            line = f"  {name}={written(value)}" + (f"  {words}" if words else "")
            if name not in ASKED:
                found.setdefault(line, []).append(book.name.partition("_")[0])
    return (f"{line}  [{' '.join(found[line])}]" for line in sorted(found))


def schema() -> dict[str, Any]:
    """The JSON Schema, with the meaning and the unit of every key."""
    found = Agreement.model_json_schema(by_alias=True)
    tables = {"Agreement": found, **found["$defs"]}
    for clause in _clauses(Clause):
        meanings, left_out = _meanings(clause), LEFT_OUT.get(clause.__name__)
        if left_out:
            one = tables[clause.__name__]
            one["required"] = [key for key in one["required"] if key not in left_out]
        for name, field in clause.model_fields.items() if clause.__name__ in tables else ():
            key = field.alias or name
            one = tables[clause.__name__]["properties"][key]
            kinds = json.dumps(one)
            of = [tables[table]["description"] for table in re.findall(r"/\$defs/(\w+)", kinds)]
            about = [meanings.get(name) or next(iter(of), "")]
            if re.search(r'"type": "(number|integer)"|/Range"', kinds):
                about.append(f"Unit: {unit(key)}.")
            if '"format": "date"' in kinds:
                about.append("A day, like 2026-11-23.")
            one["description"] = " ".join(about).strip()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def unit(key: str) -> str:
    """The unit of a number by its key.

    >>> unit("late_credit_usd_day")
    'US dollars a day'
    """
    return UNITS[max((end for end in UNITS if f"_{key}".endswith(f"_{end}")), key=len)]


def _clauses(clause: type[Clause]) -> Iterator[type[Clause]]:
    for one in clause.__subclasses__():
        yield one
        yield from _clauses(one)


def _meanings(clause: type[Clause]) -> dict[str, str]:
    """The docstring below each field, by the field's name, those of its base among them."""
    base = clause.__base__
    found = _meanings(base) if base and issubclass(base, Clause) else {}
    body = ast.parse(inspect.getsource(clause)).body[0].body  # type: ignore[attr-defined]
    for field, below in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
            found[ast.unparse(field.target)] = inspect.cleandoc(ast.literal_eval(below.value))
    return found
