"""Notebooks played in this process: their code cells, with other parameters, and what they show."""

import ast
import json
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from analysis.page import embed
from analysis.page.answers import Answer
from analysis.page.findings import MIME, Finding

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
SMALL = """
id = "small"
provider = "Provider"
customer = "Lab"
signed = 2026-05-03
start = 2026-05-03
end = 2029-06-01
{capacity}
[[fee]]
from = 2026-05-03
usd_month = 1_250_000

[termination.customer]
notice_days = 90
"""


@dataclass
class Played:
    """What a notebook showed, in order, and its names at the end."""

    shown: list[Any] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> list[str]:
        return [plain(each) for each in self.shown if isinstance(each, Finding | Answer)]

    @cached_property
    def charts(self) -> list[dict[str, Any]]:
        return [each.to_dict() for each in self.shown if hasattr(each, "to_dict") and chart(each)]

    @property
    def figures(self) -> list[dict[str, Any]]:
        found = [each for each in self.shown if isinstance(each, Finding | Answer)]
        rows = [row for each in found for row in each._repr_mimebundle_()[MIME]["figures"]]
        return list({str(row): row for row in rows}.values())


def plain(said: Finding | Answer) -> str:
    """What is said, in words: of an answer its lead."""
    return str(said.lead if isinstance(said, Answer) else said)


def chart(shown: Any) -> bool:
    return hasattr(shown, "mark_bar") or hasattr(shown, "resolve_scale")


def play(name: str, *, drawn: bool = True, **parameters: Any) -> Played:
    """Run the notebook whose name begins so; the cell of parameters is followed by these.

    What was played with the same parameters is not played again, unless one of them is a file.
    Without `drawn` its charts are left out, and every statement and table is there.
    """
    values = json.dumps(parameters, sort_keys=True)
    files = any(isinstance(value, str) and Path(value).exists() for value in parameters.values())
    return (_played.__wrapped__ if files else _played)(name, values, drawn)


@cache
def _played(name: str, values: str, drawn: bool) -> Played:
    parameters = json.loads(values)
    [path] = NOTEBOOKS.glob(f"{name}*.ipynb")
    played = Played()
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            _run("".join(cell["source"]), played)
            if not drawn:
                blank = [key for key, value in played.names.items() if draws(value)]
                played.names |= dict.fromkeys(blank, Undrawn())
            if "parameters" in cell["metadata"].get("tags", []):
                assert set(parameters) <= set(played.names)
                played.names |= {"interactive": False} | parameters
    return played


def draws(value: Any) -> bool:
    """Whether a name of a notebook is a module of charts."""
    return isinstance(value, ModuleType) and value.__name__.endswith("charts")


class Undrawn:
    """In place of a module of charts: whatever it is asked to draw, it shows nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *rows, **how: None


def _run(source: str, played: Played) -> None:
    *lines, last = ast.parse(source).body
    ends = isinstance(last, ast.Expr)
    block = ast.Module(lines if ends else [*lines, last], [])
    exec(compile(block, "cell", "exec"), played.names)
    if isinstance(last, ast.Expr):
        shown = eval(compile(ast.Expression(last.value), "cell", "eval"), played.names)
        played.shown += [] if shown is None else [shown]


def small(folder: Path, capacity: str = "") -> str:
    """The file of a small user's agreement, without megawatts unless given."""
    path = folder / "small.toml"
    path.write_text(SMALL.format(capacity=capacity), encoding="utf-8")
    return str(path)


def keeps_the_rules(played: Played) -> None:
    """Every chart has a title that it is described by; figures have one name each."""
    names = [row["figure"] for row in played.figures]
    assert len(names) == len(set(names)), [name for name in names if names.count(name) > 1]
    for spec in (spec for spec in played.charts if "title" in spec):  # not those to go on from
        title = embed.titles(spec["title"])[0]
        assert title
        assert embed.titles(spec["description"])[0] == title
        assert "not defined" not in str(title)
