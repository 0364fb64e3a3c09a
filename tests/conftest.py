"""Toy notebooks and a toy agreement, so that the report is tested without any contract logic."""

import contextlib
import fcntl
import io
import json
import os
import pickle
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)  # the same cases every run
settings.load_profile("same")

for number in (signal.SIGINT, signal.SIGHUP):  # ignored in what a shell runs behind, or nohup
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
ARGUMENTS += ["--disable-dev-shm-usage"]  # a container's /dev/shm may be too small for a page
HOSTILE = "\"'</script><script>document.title='x'</script>\\\n{{7*7}} `$(id)`; import os  # é"
COMMON = "contract = 'toy'\nreading = ''\nas_of = '2026-11-23'\ninteractive = True\n"


@dataclass
class Agreement:
    id: str = "toy"
    provider: str = "Provider" + HOSTILE
    customer: str = "Customer" + HOSTILE
    title: str = "Title" + HOSTILE
    readings: dict[str, str] = field(default_factory=lambda: {"headline": "all", "R2": "90 days"})
    capacity: None = None
    fee: tuple[()] = ()
    tranche: tuple[()] = ()


def contract(name: Any) -> Agreement:
    if Path(name).is_file() and Path(name).read_text() == "broken":
        raise ValueError("toy.toml: fee must not be negative\ntoy.toml: end before start")
    return Agreement()


def notebook(path: Path, *cells: str, parameters: str = "") -> Path:
    """Write a notebook: a cell that begins with # is prose; the parameters cell is the second."""
    first, *rest = cells
    made = [(first, []), (COMMON + parameters, ["parameters"]), *((cell, []) for cell in rest)]
    listed = []
    for source, tags in made:
        cell: dict[str, Any] = {"metadata": {"tags": tags}, "source": source}
        prose = {"cell_type": "markdown"}
        code = {"cell_type": "code", "execution_count": None, "outputs": []}
        listed.append(cell | (prose if source.startswith("#") else code))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {"cells": listed, "metadata": {"kernelspec": kernel}, "nbformat": 4}
    path.write_text(json.dumps(whole | {"nbformat_minor": 4}), encoding="utf-8")
    return path


SHOWS = [
    "# What is promised?\n\nIt is **much**.",
    "from analysis.page import theme\nfrom analysis.page.findings import *\ntheme.setup()",
    "from datetime import date\nimport altair as alt\nimport pandas as pd\nimport sys",
    "finding('{who} pays {fee} until {end}.', who=note, fee=usd(1.25e9, 'R2'),"
    " end=day(date.fromisoformat(as_of)))",
    "table = pd.DataFrame({'name': ['<i>a</i>', note], 'fee': [1, 2]})\ntable",
    "alt.Chart(table, title=note, description=note).mark_bar().encode(x='name', y='fee')",
    "cut = alt.param(name='cut', value=3, bind=alt.binding_range(min=0, max=9, name='cut'))\n"
    "alt.Chart(table).mark_bar().encode(x='name', y='fee', color='name')"
    ".add_params(cut).transform_filter('datum.fee < cut')",
    "print('one'); print('noise', file=sys.stderr); print('two')",
    "list({'a', 'set', 'of', 'some', 'words'}), contract, reading, interactive,"
    " open('contract.toml').read()",
    "import ipywidgets\nipywidgets.IntSlider()",
]


@pytest.fixture
def toys() -> Iterator[None]:
    """The toy agreement in place of the files and tables shipped."""
    with pytest.MonkeyPatch.context() as patch:
        fake(patch)
        yield


def fake(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(import_module("analysis.models.comparables"), "deals", lambda *_: None)
    listed = {"contracts": lambda: ["toy"], "names": lambda: ["toy"], "shelved": dict}
    files = SimpleNamespace(contract=contract, **listed)
    patch.setitem(sys.modules, "analysis.contract.files", files)  # type: ignore[arg-type]
    patch.setattr(import_module("analysis.contract"), "files", files, raising=False)


@dataclass
class Published:
    out: Path
    outcomes: list[Any]

    @property
    def folder(self) -> Path:
        return self.out / "toy-own-file"

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notebooks run one after the other in this process: no worker and no kernel has to start."""
    from analysis.run import execution, pools, store

    @contextmanager
    def each(function: Any, following: Any, **_: Any) -> Iterator[Iterator[pools.Done]]:
        jobs = iter(lambda: following(1), None)
        yield (pools.Done(job, *pools._do(function, (), "", store.code(), job)) for job in jobs)

    monkeypatch.setattr(pools, "each", each)
    monkeypatch.setattr(execution, "execute", execute)


def execute(book: Any, given: dict[str, Any], cwd: Path) -> tuple[dict[str, Any], str]:
    """What `execution.execute` gives, without a kernel: what is printed, and the last value."""
    import played

    from analysis.run.pages import OURS

    names, cells, count = played.Played(), [], 1
    for cell in json.loads(book.text)["cells"]:
        made = {"cell_type": cell["cell_type"], "source": "".join(cell["source"])}
        if made["cell_type"] == "code":
            count, names.shown = count + 1, []
            with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.chdir(cwd):
                try:
                    played._run(made["source"], names)
                except Exception as error:
                    why = f"{made['source']}\n{type(error).__name__}: {error}"
                    raise RuntimeError(f"cell {count} of {book.name}:\n    {why}") from None
            names.names |= given if "parameters" in cell["metadata"]["tags"] else {}
            told = [{"output_type": "stream", "name": "stdout", "text": out.getvalue()}]
            made["outputs"] = (told if out.getvalue() else []) + [
                {"output_type": "execute_result", "data": shown._repr_mimebundle_()}
                for shown in names.shown
                if hasattr(shown, "_repr_mimebundle_")
            ]
        cells.append(made)
    ours = {"name": book.name, "parameters": {**book.parameters, **given}}
    return {"cells": cells, "metadata": {OURS: ours}}, ""


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The report of the toys."""
    here = _once(tmp_path_factory, "published", lambda here: publish(here))
    return Published(here / "out", pickle.loads((here / "made").read_bytes()))


@pytest.fixture(scope="session")
def reported(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a real report, of few draws, for the tests that open it in a browser."""

    def make(here: Path) -> list[Any]:
        from analysis.run import report

        return report.run(out=here / "out", parameters={"draws": 20})

    here = _once(tmp_path_factory, "reported", make)
    failed = [o.error for o in pickle.loads((here / "made").read_bytes()) if o.error]
    assert failed == []
    return here / "out" / "anthropic-xai"


def _once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Any]) -> Path:
    """A folder that is made once for all the processes that share these tests."""
    base = factory.getbasetemp()
    here = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with open(here.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (here / "made").exists():
            here.mkdir(exist_ok=True)
            (here / "made").write_bytes(pickle.dumps(make(here)))
    return here


def publish(here: Path) -> list[Any]:
    """A report over a notebook that shows everything and one that fails after a good run."""
    (here / "terms.toml").write_text("id = 'toy'")
    shows = notebook(here / "01 'shows' {x}.ipynb", *SHOWS, parameters="note = ''\nrate = 0.1\n")
    fails = notebook(here / "02_fails.ipynb", "# Fails?", "x = 1\nx['<b>']")
    (here / "out" / "toy-own-file").mkdir(parents=True)
    (here / "out" / "toy-own-file" / "02_fails.html").write_text("last good page")
    with pytest.MonkeyPatch.context() as patch:
        fake(patch)
        from analysis.run import report

        return report.run(
            contract=here / "terms.toml",
            reading="R2",
            as_of="2026-12-31",
            notebooks=[shows, fails],
            out=here / "out",
            workers=2,
            parameters={"note": HOSTILE, "rate": 1},
        )


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where a Chromium is; without one the browser's tests are skipped."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("no Chromium found: the pages are not tried in a browser")
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """A Chromium without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        opened.close()
