"""Notebooks run side by side: what each is given is checked before the first kernel starts."""

import atexit
import csv
import io
import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from analysis.data import texts
from analysis.data.shipped import located
from analysis.page import notebooks
from analysis.page.findings import MIME as FINDING
from analysis.page.notebooks import Notebook
from analysis.page.parameters import UsageError, check
from analysis.run import pages, pools, store
from analysis.run.pages import OURS

MOST_FOLDER = 60  # characters of a folder's name that name other terms
ASIDE = ".agreements-"  # how the name of a temporary folder begins
MOST = 200  # characters of why a notebook failed
TERMS = "contract.toml"
OWN = "-own-file"  # how a folder's name ends where a file has the id of a shipped agreement
ROWS = "comparables.csv"
COLUMNS = ["notebook", "figure", "value", "unit", "reading", "kind", "label"]
# Each kernel on one core and with one order of sets: the same bytes for any number of workers.
STEADY = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "CHARTS_DRAWN_OUTSIDE": "1",
}


@dataclass(frozen=True)
class Run:
    """One notebook with what it is given, and the texts of the files beside it, by name.

    agreement: None for a notebook that has none. name: of its page. beside: the names of all
    pages that are made. row, written: of its table.
    """

    book: Notebook
    given: Mapping[str, Any]
    files: Mapping[str, str]
    agreement: Any
    name: str
    beside: tuple[str, ...] = ()
    row: int = 0
    written: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """Where its agreement's pages lie, such as `acme-as-if-end-2030-06-01` by other terms.

        Those of a user's file lie apart from those of the agreement shipped with the same id.
        """
        from analysis.contract import files

        terms = {**self.book.parameters, **self.given}.get("terms") or {}
        told = "-".join(f"{path}-{value}" for path, value in terms.items())
        words = re.sub(r"[^A-Za-z0-9]+", "-", told).strip("-")
        if len(words) > MOST_FOLDER or any(str(value)[:1] == "-" for value in terms.values()):
            words = f"{words[:MOST_FOLDER]}-{store.digest(terms)[:8]}"
        own = TERMS in self.files and self.agreement.id in files.names()
        place = f"{self.agreement.id}{OWN}" if own else str(self.agreement.id)
        return f"{place}-as-if-{words}" if terms else place

    @property
    def terms(self) -> str:
        """The file of its agreement in a word: pages of two files do not mix."""
        return store.digest(self.files.get(TERMS, ""))

    @cached_property
    def inputs(self) -> str:
        """All that its result depends on, in a word."""
        return store.digest(self.book.text, self.given, self.files, store.code())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run: `error` is None where its page is in place."""

    run: Run
    error: str | None = None
    stderr: str = ""
    figures: tuple[Mapping[str, Any], ...] = ()
    lead: str = ""  # the first finding, in words
    html: str = ""  # and as HTML
    ran: bool = True  # False where it was complete already

    @classmethod
    def of(cls, run: Run, notebook: Mapping[str, Any], **about: Any) -> "Outcome":
        """What an executed notebook has found; ValueError where a name stands for two figures."""
        first = next(iter(pages.findings(notebook)), {}).get("text/plain", "")
        lead = " ".join("".join(first).split())
        found = tuple(figures(notebook))
        return cls(run, figures=found, lead=lead, html=pages.lead(notebook), **about)

    @property
    def why(self) -> str:
        """What went wrong, in a line; empty where nothing did."""
        return texts.shown((self.error or "").rpartition("\n")[2], MOST)


class Asked:
    """What is asked for, checked; UsageError where it cannot be run. A file is read once.

    facts: a file of what has happened under the agreement that is asked for.
    """

    def __init__(self, facts: str | Path | None = None) -> None:
        self._facts = facts
        self._agreements: dict[str, tuple[Any, dict[str, str]]] = {}
        self._rows: dict[str, str] = {}

    def run(self, book: Notebook, given: Mapping[str, Any], *, name: str, **about: Any) -> Run:
        """The notebook with what it is given; the files that it reads come along as texts."""
        own, files = check(book.kind, given), dict[str, str]()
        for parameter in notebooks.other_agreements(book):
            if own.get(parameter):
                own[parameter] = self._other(parameter, own[parameter], files)
        if own.get("corrections"):
            files[ROWS], own["corrections"] = self.corrections(str(own["corrections"])), ROWS
        agreement = None
        if "contract" in book.parameters:
            asked = str(own.get("contract", book.parameters["contract"]))
            agreement, file = self.agreement(asked, facts=self._facts)
            whole = {**book.parameters, **own}  # a notebook may have terms or a reading of its own
            agreement = _as_if(agreement, whole.get("terms"))
            _check_reading(agreement, str(whole.get("reading", "")))
            own["contract"] = TERMS if file else agreement.id
            files |= dict.fromkeys([TERMS] if file else [], "".join(file.values()))
        if "interactive" in book.parameters:
            own["interactive"] = False
        return Run(book, own, files, agreement, name, **about)

    def agreement(
        self, name: str, *, facts: str | Path | None = None
    ) -> tuple[Any, dict[str, str]]:
        """The agreement of that id or file, and its text by file name if it is not shipped."""
        from analysis.contract import files

        key = f"{name}\n{facts or ''}"
        if key not in self._agreements:
            try:
                file = None if name in files.names() else located(name)
                whole = files.with_facts(name, facts) if facts else texts.read(file) if file else ""
                agreement = files.parse(whole) if facts else files.contract(name)
                text = {f"{agreement.id}.toml": whole} if whole else {}
            except (ValueError, OSError) as error:
                raise UsageError(str(error)) from error
            self._agreements[key] = agreement, text
        return self._agreements[key]

    def _other(self, parameter: str, value: Any, files: dict[str, str]) -> Any:
        """Further agreements, each by its id or by the name of the file that will lie beside."""
        if isinstance(value, list):
            return [self._other(parameter, part, files) for part in value]
        if not isinstance(value, str):
            raise UsageError(f"{parameter} {value!r} must be an id or a file")
        _, text = self.agreement(value)
        files |= text
        return next(iter(text), value)

    def corrections(self, path: str) -> str:
        """The rows that correct the table of comparables, or are added to it."""
        from analysis.questions.precedent.parameters import check_corrections

        if path not in self._rows:
            try:
                check_corrections(path)
                self._rows[path] = texts.read(Path(path))
            except (ValueError, OSError) as error:
                raise UsageError(str(error)) from error
        return self._rows[path]


def title(book: Notebook) -> str:
    """The question that a notebook asks."""
    return pages.question(json.loads(book.text)["cells"], book.name)


def _as_if(agreement: Any, terms: Mapping[str, Any] | None) -> Any:
    """The agreement with other terms; UsageError where they are not allowed."""
    if not terms:
        return agreement
    from analysis.questions.as_if import as_if

    try:
        return as_if(agreement, terms)
    except ValueError as error:
        raise UsageError(f"terms: {error}") from error


def _check_reading(agreement: Any, reading: str) -> None:
    names = [reading] if reading in agreement.readings else reading.split("+")
    if reading and not set(names) <= set(agreement.readings):
        known = ", ".join(agreement.readings)
        raise UsageError(f"reading {reading!r} is not one of {agreement.id}'s: {known}")


Ended = Generator[tuple[Outcome, dict[str, str]], None, None]


def done(
    runs: list[Run],
    *,
    workers: int | None,
    scheduler: str | None,
    progress: bool,
    marked: bool = False,
) -> Ended:
    """Each run's outcome as it ends, with its page and then its notebook, by name, for the store.

    By `workers` processes of this machine (default: one a core), or by the workers of a Dask
    `scheduler`. marked: the notebooks keep what their result depends on. Raises UsageError where
    nobody would work, before anything starts, and where the scheduler is lost.
    """
    try:
        pools.check(workers, scheduler)
    except (ConnectionError, ValueError) as error:
        raise UsageError(str(error)) from error
    return _ended(runs, workers, scheduler, progress, marked)


def _ended(
    runs: list[Run], workers: int | None, scheduler: str | None, progress: bool, marked: bool
) -> Ended:
    from tqdm import tqdm

    if not runs:
        return
    slots = min(workers or pools.cores(), len(runs))
    where: dict[str, Any] = {"scheduler": scheduler} if scheduler else {"workers": slots}
    with store.aside(ASIDE) as folder:
        here = None if scheduler else str(folder.resolve())
        work, begin = partial(_work, here, marked), (_begin, here)
        try:
            with (
                pools.each(work, pools.listed(runs), begin=begin, **where) as outcomes,
                tqdm(total=len(runs), unit="run", disable=not progress) as bar,
            ):
                pages.libraries()  # a second of work that the kernels' start hides
                for each in outcomes:
                    yield _finished(each)
                    bar.update()
        except ConnectionError as error:
            raise UsageError(str(error)) from error


def _finished(ended: pools.Done) -> tuple[Outcome, dict[str, str]]:
    """Render the page of a notebook that ran; what went wrong where it did not."""
    run: Run = ended.job
    if ended.error is not None:
        return Outcome(run, ended.error), {}
    try:
        text, stderr = ended.result
        notebook = json.loads(text)
        outcome = Outcome.of(run, notebook, stderr=stderr)
        page = pages.page(notebook, run.agreement, name=run.name, beside=run.beside)
    except Exception as error:  # whatever a notebook does must not stop the others
        return Outcome(run, str(error) or type(error).__name__), {}
    return outcome, {f"{run.name}.html": page, f"{run.name}.ipynb": text}


def _work(aside: str | None, marked: bool, run: Run) -> tuple[str, str]:
    """In a worker: the executed notebook as text, and what it wrote to stderr."""
    from analysis.run import execution

    with tempfile.TemporaryDirectory(prefix=".run-", dir=aside) as folder:
        for name, text in run.files.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        try:
            notebook, stderr = execution.execute(run.book, run.given, Path(folder))
        except Exception:
            store.room(Path(folder))  # a kernel dies where the disk is full
            raise
    marks = {"inputs": run.inputs} if marked else {"terms": run.terms}
    notebook["metadata"][OURS] |= marks
    return json.dumps(notebook, sort_keys=True, indent=1, ensure_ascii=False) + "\n", stderr


def _begin(aside: str | None) -> None:
    """In a worker, once: nothing of the user's own IPython, and a home where the user has none."""
    kept = ExitStack()
    home = aside or str(kept.enter_context(store.aside(ASIDE)))
    atexit.register(kept.close)
    # Jupyter leaves files in its temporary folder where it is interrupted
    os.environ.update(STEADY, TMPDIR=home, IPYTHONDIR=f"{home}/.ipython-{os.getpid()}")
    tempfile.tempdir = home
    if not _at_home():
        os.environ["HOME"] = home
    from analysis.run import execution  # noqa: F401


def _at_home() -> bool:
    """Whether the user has a home to write in; in a container or on a cluster there may be none."""
    try:
        return os.access(Path.home(), os.W_OK)
    except RuntimeError:
        return False


def figures(notebook: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The figures that the notebook states; ValueError where one name stands for two."""
    said = [row for data in pages.findings(notebook) for row in data[FINDING]["figures"]]
    found = [row for n, row in enumerate(said) if row not in said[:n]]
    names = Counter(row["figure"] for row in found)
    found += {r["figure"]: r for r in pages.titled(notebook) if r["figure"] not in names}.values()
    if twice := [name for name, times in names.items() if times > 1]:
        raise ValueError(f"two figures are named {twice[0]!r}; a notebook names each one once")
    return [{"notebook": notebook["metadata"][OURS]["name"], **row} for row in found]


def table(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as CSV; what is not defined is `nan`, what is no column is left out."""
    made = io.StringIO()
    names = list(columns)
    writer = csv.DictWriter(made, names, lineterminator="\n", extrasaction="ignore")
    writer.writerow({name: texts.cell(name) for name in names})
    for row in rows:
        writer.writerow({k: "nan" if v is None else texts.cell(v) for k, v in row.items()})
    return made.getvalue()
