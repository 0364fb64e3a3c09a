"""The house rules that a machine can watch: imports, notebooks, environment."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.page import notebooks
from analysis.page import parameters as page_parameters
from analysis.page.notebooks import literals

ROOT = Path(__file__).parent.parent
CODE = ROOT / "analysis"
MODULES = sorted(CODE.rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
COMMON = {"contract", "reading", "as_of", "interactive"}

# What a room may import of the others.
MAY: dict[str, set[str]] = {
    "data": set(),
    "contract": {"data"},
    "models": {"contract"},
    "page": {"contract", "data"},
    "questions": {"contract", "data", "models", "page"},
    "run": {"contract", "data", "page", "questions"},
}
MOST_CACHES, MOST_LINES = 10, 400
COMPUTE = {"altair", "ipywidgets", "jinja2", "papermill", "scipy"}


def imported(path: Path) -> set[str]:
    """The names of the package that a module imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: write imports of the package in full"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name.removeprefix("analysis.") for name in names if name.startswith("analysis.")}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(CODE)))
def test_imports_go_one_way(path: Path) -> None:
    room, *inside = path.relative_to(CODE).parts
    if not inside:  # what starts the program may import every room
        return
    others = {name.split(".")[0] for name in imported(path)} - {room}
    assert others <= MAY[room]


def test_the_package_has_six_rooms() -> None:
    rooms = {path.name for path in CODE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert rooms == MAY.keys()
    assert {path.name for path in CODE.glob("*.py")} == {
        "__init__.py",
        "__main__.py",
        "conftest.py",
    }


@pytest.mark.parametrize(
    "path",
    sorted(CODE.glob("questions/*/*.py")),
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_no_question_imports_another(path: Path) -> None:
    own, folders = path.parent.name, {folder.name for folder in (CODE / "questions").glob("*/")}
    asked = {name.split(".")[1] for name in imported(path) if name.startswith("questions.")}
    assert asked & folders <= {own}


def test_the_contract_needs_nothing_that_draws_runs_or_solves() -> None:
    names = [f"analysis.contract.{path.stem}" for path in CODE.glob("contract/[!_]*.py")]
    code = f"import sys, {', '.join(sorted(names))}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not COMPUTE & set(loaded.stdout.split())


def test_few_results_are_kept_beside_the_objects_that_hold_them() -> None:
    found = [re.findall(r"^@(?:lru_)?cache\b", path.read_text("utf-8"), re.M) for path in MODULES]
    assert sum(map(len, found)) <= MOST_CACHES


def test_no_module_of_the_contract_is_long() -> None:
    lines = {path.name: path.read_text("utf-8").count("\n") for path in CODE.glob("contract/*.py")}
    assert max(lines.values()) <= MOST_LINES


def test_only_data_runs_and_what_is_named_here_touch_files() -> None:
    reads = {"contract/files.py", "page/notebooks.py", "page/panels.py"}
    for path in MODULES:
        name = path.relative_to(CODE)
        if name.parts[0] not in ("data", "run", "__main__.py") and name.as_posix() not in reads:
            assert not re.search(r"\bopen\(|\.read_text|\.write_text|read_csv", path.read_text())


def cells(path: Path, kind: str) -> list[dict[str, Any]]:
    return [c for c in json.loads(path.read_text())["cells"] if c["cell_type"] == kind]


def source(cell: dict[str, Any]) -> str:
    """The cell's Python, without IPython's own commands."""
    lines = "".join(cell["source"]).splitlines()
    return "\n".join(line for line in lines if not line.startswith(("%", "!")))


def parameters(cell: dict[str, Any]) -> bool:
    return "parameters" in cell["metadata"].get("tags", [])


def problems(path: Path) -> list[str]:
    """Every way in which a notebook breaks the house rules."""
    whole, code = json.loads(path.read_text(encoding="utf-8")), cells(path, "code")
    title = "".join(whole["cells"][0]["source"]).splitlines()[0]
    found = []
    if not (whole["cells"][0]["cell_type"] == "markdown" and re.fullmatch(r"# .+\?", title)):
        found.append("the title must be a question")
    if len({cell["id"] for cell in whole["cells"]}) < len(whole["cells"]):
        found.append("two cells have one id")
    if whole["metadata"].get("kernelspec", {}).get("name") != "python3":
        found.append("the kernel must be python3")
    if [parameters(cell) for cell in code].count(True) != 1 or not parameters(code[0]):
        found.append("the first code cell, and no other, must be tagged parameters")
    elif (
        missing := {"contract", "reading", "as_of", "interactive"}
        - literals(source(code[0])).keys()
    ):
        found.append(f"the parameters lack {missing}")
    later = [node for cell in code[1:] for node in ast.walk(ast.parse(source(cell)))]
    stored = {n.id for n in later if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    if again := stored & literals(source(code[0])).keys():
        found.append(f"a parameter is overwritten: {again}")
    for cell in whole["cells"]:
        if (
            cell["cell_type"] == "markdown"
            and len(re.findall(r"(?<!\\)\$", "".join(cell["source"]))) > 1
        ):
            found.append("two dollar signs in prose make a formula; write \\$")
    for cell in code:
        found += [f"{problem}: {source(cell)[:60]!r}" for problem in wrong(cell)]
    return found


ASKED = [path for path in NOTEBOOKS if not path.name.startswith(notebooks.TOUR)]


@pytest.mark.parametrize("path", ASKED, ids=lambda path: path.stem)
def test_the_cell_of_parameters_is_that_of_the_question(path: Path) -> None:
    kind = notebooks.read(path).kind
    assert kind
    [cell] = [cell for cell in cells(path, "code") if parameters(cell)]
    assert source(cell) == page_parameters.cell(kind)


@pytest.mark.parametrize("path", ASKED, ids=lambda path: path.stem)
def test_a_notebook_holds_no_guard(path: Path) -> None:
    for cell in cells(path, "code"):
        nodes = list(ast.walk(ast.parse(source(cell))))
        assert not any(isinstance(node, ast.IfExp | ast.If) for node in nodes), source(cell)


def wrong(cell: dict[str, Any]) -> list[str]:
    """What is wrong with one code cell."""
    tree, found = ast.parse(source(cell)), []
    nodes = list(ast.walk(tree))
    if cell["outputs"] or cell["execution_count"]:
        found.append("outputs are stored")
    if not parameters(cell) and len("".join(cell["source"]).splitlines()) > 15:
        found.append("the cell is over 15 lines")
    if any(isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for n in nodes):
        found.append("a function is defined")
    sums = [n for n in nodes if isinstance(n, ast.BinOp)]
    if not parameters(cell) and any(number(n.left) or number(n.right) for n in sums):
        found.append("arithmetic on a number outside the parameters")
    guarded = [n for top in tree.body if behind(top) for n in ast.walk(top)]
    if any(widget(n) and n not in guarded for n in nodes):
        found.append("widgets must stand behind `if interactive:`")
    return found


def number(node: ast.AST) -> bool:
    if isinstance(node, ast.UnaryOp):
        return number(node.operand)
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def behind(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "interactive"


def widget(node: ast.AST) -> bool:
    names = [a.name for a in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
    module = getattr(node, "module", "") or ""
    return any(word in name for word in ("ipywidgets", "panel") for name in (module, *names))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_keep_the_rules(path: Path) -> None:
    assert problems(path) == []


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("def f(): pass", "a function is defined"),
        ("x = rate * 1.5", "arithmetic on a number"),
        ("\n".join(["a"] * 16), "over 15 lines"),
        ("from ipywidgets import Label", "widgets must stand behind"),
        ("from analysis.questions.exit import panel", "widgets must stand behind"),
        ("if interactive:\n    from analysis.questions.exit import panel", None),
        ("x = schedule.rows(deal, until=None)", None),
    ],
)
def test_the_rules_are_watched(cell: str, said: str | None) -> None:
    found = wrong({"source": cell, "metadata": {}, "outputs": [], "execution_count": None})
    assert [said in problem for problem in found] == ([True] if said else [])


def test_the_environment_is_that_of_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, packages = environment["dependencies"]
    assert environment["name"] == project["name"]
    assert python == f"python{project['requires-python']}"
    assert pip == "pip"
    assert packages == {"pip": ["-e .[test]"]}
    assert "test" in project["optional-dependencies"]


def test_pins_name_every_dependency_and_no_index() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = (ROOT / ".ci" / "requirements.txt").read_text()
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *(name for extra in extras.values() for name in extra)]
    asked.remove(f"{project['name']}[cluster,lab]")
    for name in (re.split(r"[<>=\[ ]", line)[0] for line in asked):
        assert re.search(rf"^{re.escape(name)}(\[.*\])?==", pins, re.M), name
    assert not re.search(r"https?://|--(extra-)?index", pins)
