"""One notebook run over a table of parameters: a page a row, an index, and all figures in a table.

A run that is complete is not run again while its notebook, its parameters, the files that it
reads and the code of this package are what they were: what is killed goes on where it was.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.data import texts
from analysis.page import notebooks
from analysis.page.notebooks import Notebook
from analysis.page.parameters import UsageError, check
from analysis.run import pages, runs, store
from analysis.run.pages import OURS
from analysis.run.runs import Asked, Outcome, Run

TERM = "terms."  # a column of this beginning is a term of the file by its path
FIXED = {"interactive": "it is False in a sweep"}


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
    a kernel starts: UsageError for what cannot be run. Each page lands when it is made.
    """
    [book] = notebooks.find([notebook])
    listed = read(book, Path(table))
    outcomes = {run.row: done for run in listed if (done := _lying(out, run))}
    left = [run for run in listed if run.row not in outcomes]
    ended = runs.done(left, workers=workers, scheduler=scheduler, progress=progress, marked=True)
    names = list(listed[0].written)
    store.put(out, {"table.csv": runs.table(names, [run.written for run in listed])})
    for outcome, made in ended:
        store.put(out, made)
        outcomes[outcome.run.row] = outcome
    ordered = [outcomes[run.row] for run in listed]
    store.put(out, {"figures.csv": _figures(names, ordered), "index.html": _index(book, ordered)})
    return ordered


def read(book: Notebook, table: Path) -> list[Run]:
    """The runs of a table, every value in the notebook's own type; UsageError for what is wrong."""
    try:
        table.stat()  # OSError where there is none
        rows = texts.rows(texts.read(table))
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
    asked, found = Asked(), dict[str, Run]()
    for n, row in enumerate(rows, start=1):
        try:
            run = _one(asked, book, n, dict(zip(names, row, strict=True)))
            if run.inputs in found:
                raise UsageError(f"the same run as row {found[run.inputs].row}")
        except UsageError as error:
            raise UsageError(f"{table}: row {n}: {error}") from error
        found[run.inputs] = run
    return list(found.values())


def _one(asked: Asked, book: Notebook, n: int, written: dict[str, str]) -> Run:
    """One row as a run, checked."""
    known = [*book.parameters, *(name for name in written if name.startswith(TERM))]
    if unknown := [name for name in written if name not in known]:
        check(book.kind, {unknown[0]: None})
    filled = {name: text for name, text in written.items() if text != ""}
    given, terms = dict[str, Any](), dict[str, Any]()
    for name, text in filled.items():  # text where the notebook has text, else as TOML writes it
        own = book.parameters.get(name)
        value = text if isinstance(own, str) else notebooks.literal(text)
        (terms if name.startswith(TERM) else given)[name.removeprefix(TERM)] = value
    if terms:
        given["terms"] = {**given.get("terms", {}), **terms}
    name = f"run-{store.digest(written)[:12]}"
    return asked.run(book, given, name=name, row=n, written=written)


def _lying(out: str, run: Run) -> Outcome | None:
    """The outcome of a run that is complete in the store and depends on the same; else None."""
    try:
        notebook = json.loads(store.get(out, f"{run.name}.ipynb") or "")
        same = notebook["metadata"][OURS]["inputs"] == run.inputs
        return Outcome.of(run, notebook, ran=False) if same else None
    except (ValueError, KeyError, TypeError):  # there is none, or someone else has broken it
        return None


def _figures(names: list[str], outcomes: list[Outcome]) -> str:
    """Every figure of every run, behind the parameters of its row."""
    rows: list[Mapping[str, Any]] = [
        {f"parameter_{name}": text for name, text in outcome.run.written.items()}
        | {"row": outcome.run.row, **figure}
        for outcome in outcomes
        for figure in outcome.figures
    ]
    return runs.table(["row", *(f"parameter_{name}" for name in names), *runs.COLUMNS[1:]], rows)


def _index(book: Notebook, outcomes: list[Outcome]) -> str:
    """The page that leads to all runs: a row each, with its parameters and what it found."""
    return pages.rendered(
        "sweep.html",
        title=runs.title(book),
        notebook=book.name,
        names=list(outcomes[0].run.written),
        outcomes=outcomes,
        failed=sum(one.error is not None for one in outcomes),
    )
