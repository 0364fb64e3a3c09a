"""Run notebooks side by side and put their pages where they belong: all of it or nothing.

Everything is made aside and renamed into place, so that a reader only ever sees whole pages:
the last good ones where a notebook failed or the run was interrupted.
"""

import atexit
import csv
import fcntl
import io
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.data import texts
from analysis.page.findings import MIME as FINDING
from analysis.page.imports import quickly
from analysis.page.notebooks import Notebook, UsageError
from analysis.run import execution, pages, pools

MOST = 200  # characters of why a notebook failed
TERMS = "contract.toml"
ROWS = "comparables.csv"
COLUMNS = ["notebook", "figure", "value", "unit", "reading", "kind"]
# Each kernel on one core and with one order of sets: the same bytes for any number of workers.
STEADY = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "CHARTS_DRAWN_OUTSIDE": "1",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One agreement to report on, and the files that its notebooks read beside themselves: its
    terms where it is not a shipped one, rows that correct the comparables, other agreements."""

    agreement: Any
    files: Mapping[str, Path]


Job = tuple[Case, Notebook, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one notebook: `error` is None where it ran and its page is in place."""

    contract: str
    notebook: str
    error: str | None
    stderr: str = ""
    title: str = ""  # the question that it asks
    lead: str = ""  # the first finding, in words

    @property
    def why(self) -> str:
        """What went wrong, in a line; empty where nothing did."""
        line = (self.error or "").rpartition("\n")[2][:MOST]
        return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)


@contextmanager
def _aside(out: Path) -> Iterator[Path]:
    """A folder inside `out`, so that renaming is one step; it is gone afterwards, come what may."""
    made = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix=".report-", dir=out, ignore_cleanup_errors=True)
    except OSError as error:
        raise UsageError(f"out {str(out)!r} is no folder to write in: {error.strerror}") from error
    with folder as name:
        yield Path(name).resolve()
    if made:
        with suppress(OSError):
            out.rmdir()  # only where nothing landed


def publish(
    jobs: list[Job], out: Path, workers: int | None, scheduler: str | None, progress: bool
) -> list[Outcome]:
    """Run the jobs into folders in `out`; an agreement's pages land together, at its last one."""
    with _aside(out) as aside:
        for case in {case.agreement.id: case for case, *_ in jobs}.values():
            (aside / case.agreement.id).mkdir()
            for name, text in beside(case.files).items():
                (aside / case.agreement.id / name).write_text(text, encoding="utf-8")
        where = {"workers": workers, "scheduler": scheduler}
        try:
            return list(_run(jobs, aside, where, progress))
        except ConnectionError as error:
            raise UsageError(str(error)) from error


def _run(
    jobs: list[Job], aside: Path, where: Mapping[str, Any], progress: bool
) -> Iterator[Outcome]:
    from tqdm import tqdm

    left = Counter(case.agreement.id for case, *_ in jobs)
    failed: dict[str, list[Outcome]] = {}
    tasks = [((case, book), Task.of(case, book, own)) for case, book, own in jobs]
    with (
        executing(tasks, aside, where) as outcomes,
        tqdm(total=len(jobs), disable=not progress) as bar,
    ):
        for done in outcomes:
            case, book = done.job[0]
            outcome = _finished(case.agreement, book.name, done, aside)
            outcome = replace(outcome, title=pages.asked(book.text) or book.name)
            left[case.agreement.id] -= 1
            if outcome.error:
                failed.setdefault(case.agreement.id, []).append(outcome)
            if not left[case.agreement.id]:
                lost = sorted(failed.get(case.agreement.id, []), key=lambda one: one.notebook)
                _land(case.agreement, aside / case.agreement.id, lost)
            bar.update()
            yield outcome


@dataclass(frozen=True, slots=True)
class Task:
    """One notebook to run on any machine: what it is given, and the files beside it by name."""

    book: Notebook
    given: Mapping[str, Any]
    files: Mapping[str, str]

    @classmethod
    def of(cls, case: Case, book: Notebook, given: Mapping[str, Any]) -> "Task":
        return cls(book, given, beside(case.files))


def beside(files: Mapping[str, Path]) -> dict[str, str]:
    """The texts of files, by the names that they have beside a notebook."""
    return {name: texts.decoded(path.read_bytes()) for name, path in files.items()}


@contextmanager
def executing(
    tasks: list[tuple[Any, Task]], aside: Path, where: Mapping[str, Any]
) -> Iterator[Iterator[pools.Done]]:
    """The executed notebooks as text, with what they wrote to stderr, beside the label of each."""
    here = None if where.get("scheduler") else str(aside)
    slots = min(where.get("workers") or pools.cores(), len(tasks))
    where = dict(where) if where.get("scheduler") else {"workers": slots}
    following = pools.listed([(label, task, here) for label, task in tasks])
    with pools.each(_work, following, begin=(_begin, here), **where) as outcomes:
        pages.libraries()  # a second of work that the kernels' start hides
        yield outcomes


def _finished(agreement: Any, name: str, done: pools.Done, aside: Path) -> Outcome:
    """Render the page of a notebook that ran; what went wrong where it did not."""
    if done.error is not None:
        return Outcome(agreement.id, name, done.error)
    try:
        text, stderr = done.result
        notebook = json.loads(text)
        figures(notebook)
        page = pages.page(notebook, agreement)
    except Exception as error:  # whatever a notebook does must not stop the others
        return Outcome(agreement.id, name, str(error) or type(error).__name__)
    path = aside / agreement.id / f"{name}.ipynb"
    path.write_text(text, encoding="utf-8")
    path.with_suffix(".html").write_text(page, encoding="utf-8")
    lead = next(iter(pages.findings(notebook)), {}).get("text/plain", "")
    return Outcome(agreement.id, name, None, stderr, lead=" ".join("".join(lead).split()))


def _work(job: tuple[Any, Task, str | None]) -> tuple[str, str]:
    """In a worker: the executed notebook as text, and what it wrote to stderr."""
    _, task, aside = job
    with tempfile.TemporaryDirectory(prefix=".run-", dir=aside) as folder:
        for name, text in task.files.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        notebook, stderr = execution.execute(task.book, task.given, Path(folder))
    return written(notebook), stderr


def written(notebook: Mapping[str, Any]) -> str:
    """An executed notebook as the text of its file, the same for the same content."""
    return json.dumps(notebook, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def _begin(aside: str | None) -> None:
    """In a worker, once: nothing of the user's own IPython, and a home where the user has none."""
    home = aside or tempfile.mkdtemp(prefix=".agreements-")
    if not aside:
        atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ.update(STEADY, IPYTHONDIR=f"{home}/.ipython-{os.getpid()}")
    if not _at_home():
        os.environ["HOME"] = home
    with quickly():
        import papermill  # noqa: F401


def _at_home() -> bool:
    """Whether the user has a home to write in; in a container or on a cluster there may be none."""
    try:
        return os.access(Path.home(), os.W_OK)
    except RuntimeError:
        return False


def figures(notebook: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The figures that the notebook states; ValueError where two have one name."""
    found = [row for data in pages.findings(notebook) for row in data[FINDING]["figures"]]
    names = Counter(row["figure"] for row in found)
    if twice := [name for name, times in names.items() if times > 1]:
        raise ValueError(f"two figures are named {twice[0]!r}; a notebook names each one once")
    return [{"notebook": notebook["metadata"][execution.OURS]["name"], **row} for row in found]


def _land(agreement: Any, made: Path, failed: Iterable[Outcome] = ()) -> None:
    """Rename what was made into place, then write the index and the figures of all that lies there.

    The index names what failed. Where all did, and no index lies there, nothing is written.

    One report at a time: the folder is locked for the milliseconds that this takes.
    """
    target = made.parent.parent / agreement.id
    if not list(made.glob("*.html")):
        if not (target / "index.html").exists():
            return
        for path in made.iterdir():  # terms of pages that were not made
            path.unlink()
    target.mkdir(exist_ok=True)
    lock = os.open(target, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for path in sorted(path for path in made.iterdir() if path.is_file()):
            path.replace(target / path.name)
        lying = list(_lying(target))
        terms = (target / TERMS).exists()
        table = io.StringIO()
        writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in (row for notebook in lying for row in figures(notebook)):
            writer.writerow(row | {"value": "nan" if row["value"] is None else row["value"]})
        _replace(made, target / "figures.csv", table.getvalue())
        lost = [
            {
                "name": one.notebook,
                "title": one.title,
                "error": one.why,
                "earlier": (target / f"{one.notebook}.html").exists(),
            }
            for one in failed
        ]
        index = pages.index(lying, agreement, terms=terms, failed=lost)
        _replace(made, target / "index.html", index)
    finally:
        os.close(lock)


def _lying(target: Path) -> Iterator[dict[str, Any]]:
    """The executed notebooks in a folder that have a page, by name."""
    for path in sorted(target.glob("*.ipynb")):
        with suppress(ValueError):
            notebook = json.loads(path.read_text(encoding="utf-8"))
            if path.with_suffix(".html").exists() and execution.OURS in notebook["metadata"]:
                yield notebook


def _replace(made: Path, target: Path, text: str) -> None:
    aside = made / target.name
    aside.write_text(text, encoding="utf-8")
    aside.replace(target)
