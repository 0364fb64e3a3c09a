"""Run notebooks for agreements and publish what they find as pages: all of it or nothing.

A reader only ever sees whole pages: the last good ones where a notebook failed or the run was
interrupted.
"""

import fcntl
import json
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from analysis.data.texts import near
from analysis.page.notebooks import Notebook, find
from analysis.page.parameters import UsageError
from analysis.run import front, pages, runs, store
from analysis.run.pages import OURS
from analysis.run.runs import Outcome, Run

DEFAULT = "anthropic-xai"
ALL = "all"
ALONE = "01"  # the page that `all` makes of an agreement of the library, if none is named
FIXED = {
    "contract": "it is chosen with --contract",
    "corrections": "they are chosen with --comparables",
    "interactive": "it is False in a report",
}


def run(
    *,
    contract: str | Path | Iterable[str | Path] = DEFAULT,
    reading: str = "",
    as_of: Any = None,
    notebooks: Iterable[str | Path] = (),
    comparables: str | Path | None = None,
    facts: str | Path | None = None,
    out: str | Path = "outputs",
    workers: int | None = None,
    scheduler: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    progress: bool = False,
) -> list[Outcome]:
    """Run `notebooks` (default: all) for each contract into `out`/ID, in parallel; the outcomes.

    `all` stands for every agreement shipped, those of the library with the page 01 alone; a front
    page over them then lies in `out`.

    `comparables` is a file of rows that correct the table of disclosed deals, `facts` one of
    `[[fact]]` tables: what has happened under the one contract. `workers` and
    `scheduler` are those of `runs.done`. An agreement's pages land together, at its last one.

    Raises UsageError, before a kernel starts and with nothing written, where what is asked for
    does not exist. A notebook that fails is an outcome, and the others still land.
    """
    given = {"as_of": as_of, **({"reading": reading} if reading else {}), **(parameters or {})}
    asked = [str(name) for name in ([contract] if isinstance(contract, str | Path) else contract)]
    chosen = list(notebooks)
    listed = _runs(find(chosen), asked, given, comparables, facts, short=not chosen)
    if store.is_remote(out):
        raise UsageError(f"out {str(out)!r} must be a folder of this machine")
    fresh, out = not Path(out).exists(), Path(out)
    listed = [_beside(run, out) for run in listed]
    ended = runs.done(listed, workers=workers, scheduler=scheduler, progress=progress)
    store.put(out, {})
    try:
        with closing(ended):  # its bar ends before an error is said
            outcomes = list(_landed(listed, out, ended))
        if ALL in asked:
            _put(out, {"index.html": _front(listed, out)})
        return outcomes
    finally:
        if fresh:
            with suppress(OSError):
                out.rmdir()  # only where nothing landed


def _runs(
    chosen: list[Notebook],
    contracts: list[str],
    given: dict[str, Any],
    comparables: str | Path | None,
    facts: str | Path | None,
    *,
    short: bool,
) -> list[Run]:
    """A run for each agreement and notebook, with the parameters that the notebook has.

    short: the agreements of the library that `all` stands for have one page alone.
    """
    from analysis.contract import files

    if name := next((name for name in given if name in FIXED), None):
        raise UsageError(f"parameter {name} cannot be passed: {FIXED[name]}")
    if given["as_of"] is None:
        del given["as_of"]
    names = list(dict.fromkeys(name for book in chosen for name in book.parameters))
    if unknown := [name for name in given if name not in names]:
        raise UsageError(
            f"no notebook asked for has a parameter {unknown[0]!r}; they have {', '.join(names)}"
            + near(unknown[0], names)
        )
    asked, given["interactive"] = runs.Asked(facts), False
    each = [n for name in contracts for n in (files.names() if name == ALL else [name])]
    few = {*files.shelved()} - {*contracts} if short else set[str]()
    first = [book for book in chosen if book.name.startswith(ALONE)]
    books = {contract: first if contract in few else chosen for contract in each}
    ids = [asked.agreement(name)[0].id for name in each]
    if facts and len(each) > 1:
        raise UsageError("facts are those of one contract; name one with --contract")
    if twice := [id for id in ids if ids.count(id) > 1]:
        raise UsageError(f"contract {twice[0]!r} is asked for twice")
    own = {book.name: {*book.parameters, *pages.COMMON} & given.keys() for book in chosen}
    corrects = {"corrections": str(comparables)} if comparables else {}
    for path in corrects.values():
        asked.corrections(path)
    return [
        asked.run(
            book,
            {"contract": contract}
            | {name: value for name, value in given.items() if name in own[book.name]}
            | (corrects if "corrections" in book.parameters else {}),
            name=book.name,
            beside=tuple(sorted(each.name for each in books[contract])),
        )
        for contract in each
        for book in books[contract]
    ]


def _front(listed: list[Run], out: Path) -> str:
    """The front page over the agreements that were asked for, as their pages have them."""
    from analysis.questions.parameters import AgreementParameters

    names = ("reading", "as_of")
    given = [
        AgreementParameters(**{n: run.given[n] for n in names if n in run.given}) for run in listed
    ]
    found = {
        run.folder: (run.folder, run.agreement, one.reading)
        for run, one in zip(listed, given, strict=True)
        if run.agreement
    }
    return front.page(found.values(), given[0].as_of, out)


def _landed(
    listed: list[Run], out: Path, ended: Iterable[tuple[Outcome, dict[str, str]]]
) -> Iterator[Outcome]:
    """The outcomes; an agreement's pages land, all at once, with the last of them."""
    left = [run.folder for run in listed]
    made, failed = defaultdict[str, dict[str, str]](dict), defaultdict[str, list[Outcome]](list)
    for outcome, texts in ended:
        run, folder = outcome.run, outcome.run.folder
        left.remove(folder)
        made[folder] |= {**run.files, **texts} if texts else {}
        failed[folder] += [outcome] if outcome.error else []
        if folder not in left:
            lost = [one.run.name for one in failed[folder]]
            missing = [name for name in lost if not (out / folder / f"{name}.html").exists()]
            _land(out / folder, run, _unlinked(made.pop(folder), missing), failed[folder])
        yield outcome


def _unlinked(texts: Mapping[str, str], missing: Iterable[str]) -> dict[str, str]:
    """The texts without links to a previous or next page that does not exist."""
    lost = [pages.turn(name) for name in missing]
    return {
        name: re.sub("|".join(lost), "", text) if lost and name.endswith(".html") else text
        for name, text in texts.items()
    }


def _put(target: Path, texts: Mapping[str, str]) -> None:
    """OSError, and no fault of who asked, where the folder is full or gone by now."""
    try:
        store.put(target, texts)
    except UsageError as error:
        cause = error.__cause__
        raise cause if isinstance(cause, OSError) else OSError(str(error)) from error


def _beside(run: Run, out: Path) -> Run:
    """The run, with the names of the pages that lie where its own will lie."""
    lying = (book["metadata"][OURS]["name"] for book in _lying(out / run.folder, run.terms))
    return replace(run, beside=tuple(sorted({*run.beside, *lying})))


def _land(target: Path, run: Run, texts: Mapping[str, str], failed: Iterable[Outcome] = ()) -> None:
    """Put the pages in place, then the index and the figures of all that lies there.

    The index names what failed. Where all did, and no index lies there, nothing is written. One
    report at a time: the folder is locked for the milliseconds that this takes.
    """
    if not texts and not (target / "index.html").exists():
        return
    target.mkdir(parents=True, exist_ok=True)
    lock = os.open(target, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _put(target, texts)
        if texts and runs.TERMS not in texts:  # the pages are of the shipped terms
            (target / runs.TERMS).unlink(missing_ok=True)
        lying = [one for one in _lying(target, run.terms) if _fits(one, run.agreement)]
        lost = [
            {
                "name": one.run.name,
                "title": runs.title(one.run.book),
                "error": one.why,
                "earlier": (target / f"{one.run.name}.html").exists(),
            }
            for one in sorted(failed, key=lambda one: one.run.name)
        ]
        rows = [row for notebook in lying for row in runs.figures(notebook)]
        terms = (target / runs.TERMS).exists()
        index = front.brief(lying, run.agreement, terms=terms, failed=lost)
        _put(target, {"figures.csv": runs.table(runs.COLUMNS, rows), "index.html": index})
    finally:
        os.close(lock)


def _lying(target: Path, terms: str) -> Iterator[dict[str, Any]]:
    """The executed notebooks of these terms in a folder that have a page, by name."""
    for path in sorted(target.glob("*.ipynb")):
        with suppress(ValueError, LookupError, TypeError, OSError, RecursionError):  # none of ours
            if path.is_file() and path.with_suffix(".html").is_file():
                notebook = json.loads(path.read_text(encoding="utf-8"))
                own = notebook["metadata"][OURS]
                if (own["name"], own["terms"]) == (path.stem, terms):
                    yield notebook


def _fits(notebook: dict[str, Any], agreement: Any) -> bool:
    """Whether an index can be made of it: someone else may have changed what lies there."""
    try:
        runs.figures(notebook)
        return bool(front.brief([notebook], agreement, terms=False))
    except Exception:  # of as many kinds as there are changes
        return False
