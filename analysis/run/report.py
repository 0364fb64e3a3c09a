"""Run the notebooks for agreements and publish what they find as pages: what is asked for.

Everything is checked here, before a kernel starts; `publish` does the work.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from analysis.page.notebooks import AGREEMENTS, Notebook, UsageError, check, day, find
from analysis.run import pages, publish
from analysis.run.publish import ROWS, TERMS, Case, Outcome

DEFAULT = "anthropic-xai"


def run(
    *,
    contract: str | Path | Iterable[str | Path] = DEFAULT,
    reading: str = "",
    as_of: Any = None,
    notebooks: Iterable[str | Path] = (),
    comparables: str | Path | None = None,
    out: str | Path = "outputs",
    workers: int | None = None,
    scheduler: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    progress: bool = False,
) -> list[Outcome]:
    """Run `notebooks` (default: all) for each contract into `out`/ID, in parallel; the outcomes.

    In parallel: by `workers` processes of this machine (default: one a core), or by the workers
    of a Dask `scheduler`, which need this package and nothing else.
    `comparables` is a file of rows that correct the table of disclosed deals, checked already.

    Raises UsageError, before a kernel starts and with nothing written, where what is asked for
    does not exist. A notebook that fails is an outcome, and the others still land.
    """
    if workers is not None and workers < 1:
        raise UsageError(f"workers = {workers} must be 1 or more")
    chosen = find(notebooks)
    given = _given(chosen, reading, as_of, parameters or {})
    given, beside = others(chosen, given)
    if comparables:
        beside[ROWS] = Path(comparables)
    cases = agreements([contract] if isinstance(contract, str | Path) else contract, beside)
    jobs = [(case, book, _own(case, book, given)) for case in cases for book in chosen]
    for case in cases:
        check_reading(case.agreement, given["reading"])
    return publish.publish(jobs, Path(out), workers, scheduler, progress)


def agreements(names: Iterable[str | Path], beside: Mapping[str, Path] | None = None) -> list[Case]:
    """The agreements of these names or files; UsageError where one is none or comes twice."""
    from analysis.contract import files

    shipped = list(files.contracts())
    asked = [n for given in names for n in (shipped if given == "all" else [given])]
    cases = []
    for name in asked:
        agreement, file = _agreement("contract", name)
        cases.append(Case(agreement, {**(beside or {}), **({TERMS: file} if file else {})}))
    ids = [case.agreement.id for case in cases]
    if twice := [id for id in ids if ids.count(id) > 1]:
        raise UsageError(f"contract {twice[0]!r} is asked for twice")
    return cases


def _agreement(parameter: str, name: str | Path) -> tuple[Any, Path | None]:
    """The agreement of that name, and its file where it is not a shipped one."""
    from analysis.contract import files

    shipped = list(files.contracts())
    file = None if name in shipped else Path(name)
    if file and not file.exists():
        raise UsageError(
            f"{parameter} {str(name)!r} is no file and not one of {', '.join(shipped)}"
        )
    try:
        return files.contract(name), file
    except (ValueError, OSError) as error:
        raise UsageError(str(error)) from error


def others(
    chosen: list[Notebook], given: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Path]]:
    """What is given, further agreements by the names of the files that will lie beside."""
    beside: dict[str, Path] = {}

    def named(parameter: str, value: Any) -> Any:
        if isinstance(value, list):
            return [named(parameter, part) for part in value]
        if not isinstance(value, str):
            raise UsageError(f"{parameter} {value!r} must be an id or a file")
        agreement, file = _agreement(parameter, value)
        if not file:
            return value
        beside[name := f"{agreement.id}.toml"] = file
        return name

    rules = {name: rule for book in chosen for name, rule in book.allowed.items()}
    others = {
        name: named(name, value)
        for name, value in given.items()
        if value and rules.get(name) in AGREEMENTS
    }
    return {**given, **others}, beside


def _given(
    chosen: list[Notebook], reading: str, as_of: Any, parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """All that is passed to the notebooks; UsageError where it is fixed or none of them has it."""
    fixed = {
        "contract": "it is chosen with --contract",
        "corrections": "they are chosen with --comparables",
        "interactive": "it is False in a report",
    }
    if name := next((name for name in parameters if name in fixed), None):
        raise UsageError(f"parameter {name} cannot be passed: {fixed[name]}")
    given = {"reading": reading, "interactive": False, **parameters}
    if as_of is not None:
        given["as_of"] = day("as_of", as_of)
    names = list(dict.fromkeys(name for book in chosen for name in book.parameters))
    if unknown := [name for name in given if name not in names]:
        raise UsageError(
            f"no notebook has a parameter {unknown[0]!r}; they have {', '.join(names)}"
        )
    return given


def _own(case: Case, book: Notebook, given: Mapping[str, Any]) -> dict[str, Any]:
    """What this notebook is given: the common parameters, and of the others those it has."""
    own = {name: given[name] for name in given if name in book.parameters or name in pages.COMMON}
    contract = TERMS if TERMS in case.files else case.agreement.id
    if ROWS in case.files and "corrections" in book.parameters:
        own["corrections"] = ROWS
    asked = {"contract": contract, "interactive": False, **own}
    return check(book, asked, assumptions=assumptions() if own.get("assume") else None)


@cache
def assumptions() -> dict[str, str]:
    """What is allowed of each assumption, by name."""
    from analysis.data import sources

    return sources.planning_rules()


def check_rows(path: str | Path) -> None:
    """UsageError where a file's rows cannot correct the comparables, or be added to them."""
    from analysis.questions import common

    try:
        common.deals(str(path))
    except (ValueError, OSError) as error:
        raise UsageError(str(error)) from error


def check_reading(agreement: Any, reading: str) -> None:
    """UsageError where the agreement has no such reading."""
    names = [reading] if reading in agreement.readings else reading.split("+")
    if reading and not set(names) <= set(agreement.readings):
        known = ", ".join(agreement.readings)
        raise UsageError(f"reading {reading!r} is not one of {agreement.id}'s: {known}")
