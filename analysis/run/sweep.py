"""One notebook run over a table of parameters: a page a row, an index, and all figures in a table.

A run that is complete is not run again while its notebook, its parameters, the files that it
reads and the code of this package are what they were: what is killed goes on where it was.
"""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from analysis.data import texts
from analysis.page import notebooks
from analysis.page.notebooks import Notebook, UsageError
from analysis.run import kept, pages, pools, publish, report, stores
from analysis.run.execution import OURS
from analysis.run.pools import Done
from analysis.run.publish import ROWS, TERMS, Case, Task

FIXED = {"interactive": "it is False in a sweep"}


@dataclass(frozen=True, slots=True)
class Run:
    """One row of the table: what it is called, what the notebook gets, all that it depends on.

    `files` are the texts of the files that lie beside its notebook, by name; `agreement` is None
    for a notebook that has none.
    """

    row: int
    written: Mapping[str, str]
    given: Mapping[str, Any]
    agreement: Any
    files: Mapping[str, str]
    inputs: str

    @property
    def name(self) -> str:
        return f"run-{kept.digest(dict(self.written))[:12]}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run: `error` is None where its page lies in the store."""

    run: Run
    error: str | None
    figures: tuple[Mapping[str, Any], ...] = ()
    lead: str = ""
    ran: bool = True  # False where it was complete already
    stderr: str = ""


def sweep(
    notebook: str | Path,
    table: str | Path,
    *,
    out: str,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: bool = False,
) -> list[Outcome]:
    """Run `notebook` once for each row of the CSV file `table` into `out`; outcomes by row.

    A column is a parameter, an empty cell the notebook's own value. Everything is checked before
    a kernel starts: UsageError for what cannot be run.
    """
    if workers is not None and workers < 1:
        raise UsageError(f"workers = {workers} must be 1 or more")
    [book] = notebooks.find([notebook])
    runs = read(book, Path(table))
    where = {"workers": workers, "scheduler": scheduler}
    try:
        pools.reached(scheduler)
        stores.put(out, "table.csv", _csv(list(runs[0].written), [r.written for r in runs]))
        outcomes = {run.row: done for run in runs if (done := _lying(out, run))}
        left = [run for run in runs if run.row not in outcomes]
        for outcome in _run(book, left, out, where, progress) if left else ():
            outcomes[outcome.run.row] = outcome
    except ConnectionError as error:
        raise UsageError(str(error)) from error
    ordered = [outcomes[run.row] for run in runs]
    stores.put(out, "figures.csv", _figures(ordered))
    stores.put(out, "index.html", _index(book, ordered))
    return ordered


def read(book: Notebook, table: Path) -> list[Run]:
    """The runs of a table, every value in the notebook's own type; UsageError for what is wrong."""
    try:
        rows = texts.rows(texts.decoded(table.read_bytes()))
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{table}: no table can be read: {why}") from error
    if len(rows) < 2:
        raise UsageError(f"{table}: needs a line of parameter names and one line a run")
    names, *rows = rows
    if twice := [name for name in names if names.count(name) > 1]:
        raise UsageError(f"{table}: two columns are named {twice[0]!r}")
    if fixed := [name for name in names if name in FIXED]:
        raise UsageError(f"{table}: column {fixed[0]} cannot be passed: {FIXED[fixed[0]]}")
    seen: dict[str, int] = {}
    runs = []
    case = cache(lambda name: report.agreements([name])[0])
    rows_file = cache(_rows_file)
    for n, row in enumerate(rows, start=1):
        try:
            run = _one(book, n, dict(zip(names, row, strict=True)), case, rows_file)
            if (before := seen.setdefault(run.inputs, n)) != n:
                raise UsageError(f"the same run as row {before}")
        except UsageError as error:
            raise UsageError(f"{table}: row {n}: {error}") from error
        runs.append(run)
    return runs


def _rows_file(path: str) -> Path:
    """A file of rows that correct the comparables, checked."""
    report.check_rows(path)
    return Path(path)


def _one(
    book: Notebook,
    n: int,
    written: dict[str, str],
    agreement: Callable[[str], Case],
    rows_file: Callable[[str], Path],
) -> Run:
    """One row as a run, checked; what it reads from a file goes along, wherever it runs."""
    typed = {name: _typed(book, name, text) for name, text in written.items() if text != ""}
    if unknown := [name for name in written if name not in book.parameters]:
        notebooks.check(book, {unknown[0]: None})
    known = report.assumptions() if typed.get("assume") else None
    given = notebooks.check(book, typed, assumptions=known)
    given, beside = report.others([book], given)
    if given.get("corrections"):
        beside[ROWS], given["corrections"] = rows_file(str(given["corrections"])), ROWS
    case = None
    if "contract" in book.parameters:
        case = agreement(str(given.get("contract", book.parameters["contract"])))
        report.check_reading(case.agreement, str(given.get("reading", "")))
        given["contract"] = TERMS if TERMS in case.files else case.agreement.id
    if "interactive" in book.parameters:
        given["interactive"] = False
    beside |= case.files if case else {}
    files = publish.beside(beside)
    inputs = kept.digest(book.text, given, files, kept.code())
    return Run(n, written, given, case and case.agreement, files, inputs)


def _typed(book: Notebook, name: str, text: str) -> Any:
    """A cell of the table: text where the notebook has text, else as TOML writes it."""
    return text if isinstance(book.parameters.get(name), str) else notebooks.literal(text)


def _lying(out: str, run: Run) -> Outcome | None:
    """The outcome of a run that is complete in the store and depends on the same; else None."""
    text = stores.get(out, f"{run.name}.ipynb")
    try:
        notebook = json.loads(text or "")
        if notebook["metadata"][OURS]["inputs"] != run.inputs:
            return None
        return Outcome(run, None, tuple(publish.figures(notebook)), pages.lead(notebook), ran=False)
    except (ValueError, KeyError, TypeError):  # there is none, or someone else has broken it
        return None


def _run(
    book: Notebook, runs: list[Run], out: str, where: Mapping[str, Any], progress: bool
) -> Iterator[Outcome]:
    from tqdm import tqdm

    tasks = [(run, Task(book, run.given, run.files)) for run in runs]
    with (
        tempfile.TemporaryDirectory(prefix="sweep-", ignore_cleanup_errors=True) as aside,
        publish.executing(tasks, Path(aside), where) as outcomes,
        tqdm(total=len(runs), unit="run", disable=not progress) as bar,
    ):
        for done in outcomes:
            yield _finished(out, done)
            bar.update()


def _finished(out: str, done: Done) -> Outcome:
    """Put a run's page into the store, and then its notebook, which says that it is complete."""
    run = done.job[0]
    if done.error is not None:
        return Outcome(run, done.error)
    text, stderr = done.result
    notebook = json.loads(text)
    notebook["metadata"][OURS]["inputs"] = run.inputs
    try:
        figures = tuple(publish.figures(notebook))
        page = pages.page(notebook, run.agreement, name=run.name)
    except Exception as error:  # whatever a notebook does must not stop the others
        return Outcome(run, str(error) or type(error).__name__)
    stores.put(out, f"{run.name}.html", page)
    stores.put(out, f"{run.name}.ipynb", publish.written(notebook))
    return Outcome(run, None, figures, pages.lead(notebook), stderr=stderr)


def _figures(outcomes: list[Outcome]) -> str:
    """Every figure of every run, behind the parameters of its row."""
    columns = publish.COLUMNS[1:]
    names = list(outcomes[0].run.written)
    rows = [
        {"row": str(o.run.row)}
        | {f"parameter_{name}": text for name, text in o.run.written.items()}
        | {c: "nan" if figure[c] is None else figure[c] for c in columns}
        for o in outcomes
        for figure in o.figures
    ]
    return _csv(["row", *(f"parameter_{name}" for name in names), *columns], rows)


def _csv(columns: list[str], rows: Iterable[Mapping[str, Any]]) -> str:
    table = io.StringIO()
    writer = csv.DictWriter(table, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return table.getvalue()


def _index(book: Notebook, outcomes: list[Outcome]) -> str:
    cells = [cell | {"source": "".join(cell["source"])} for cell in json.loads(book.text)["cells"]]
    title = pages.question({"cells": cells, "metadata": {OURS: {"name": book.name}}})
    listed = [
        {
            "row": o.run.row,
            "name": o.run.name,
            "written": list(o.run.written.values()),
            "lead": o.lead,
            "error": o.error and o.error.splitlines()[-1],
        }
        for o in outcomes
    ]
    return pages.runs(title, book.name, outcomes[0].run.written, listed)
