"""The same function spread over a table of cases: on the cores of this machine or on a cluster.

Each row is computed once, wherever and in whatever order; the table comes back in the order of
the cases. With a folder, what is done stays done: a run that is killed goes on where it was.
"""

import json
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from math import ceil
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd

from analysis.page import tables
from analysis.run import pools, store

# A task that does nothing takes 10 ms by a scheduler on a busy machine (`make bench` measures it).
# A second of work makes that 1 % at most, and is all that a worker loses when it is killed.
TASK_SECONDS = 1.0
ROUNDS = 3  # no task takes more than a third of a worker's share of what is left: all end together
PLAIN = (bool, int, float, str, date, type(None))
SUFFIX = ".rows.json"

Row = dict[str, Any]
Task = tuple[Callable[..., Any], list[Row]]


def run(
    function: Callable[..., Any],
    cases: pd.DataFrame,
    *,
    folder: str | Path | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
    progress: bool = False,
) -> pd.DataFrame:
    """`cases` with what `function(**case)` gives for each row: a column `value`, or one a key.

    `function` is one that can be imported by name, or a `functools.partial` of one; a row that
    fails has its reason in the column `error`, empty elsewhere. Without a `scheduler` (tcp://…)
    the work is done by `workers` processes of this machine. What is in `folder` is not computed
    again, failures are; the table lands there as `table.csv`, the same bytes however it came about.

    Raises ValueError, before anything starts, for a table or a function that cannot be spread,
    and ConnectionError for a scheduler without an answer.
    """
    rows = _rows(cases)
    about = _about(function)
    keys = [store.digest(about, row) for row in rows]
    pools.check(workers, scheduler)
    known = {}
    if folder is not None:
        store.put(folder, {})
        known = lying(Path(folder))
    missing = {key: row for key, row in zip(keys, rows, strict=True) if key not in known}
    where = {"scheduler": scheduler, "workers": workers}
    for done in _spread(function, missing, where, progress):
        if folder is not None and (good := {k: r for k, r in done.items() if "error" not in r}):
            keep(Path(folder), good)
        known |= done
    table = _table(rows, [known[key] for key in keys])
    if folder is not None:
        store.put(folder, {"table.csv": tables.csv(table)})
    return table


def keep(folder: Path, results: Mapping[str, Any]) -> None:
    """Keep results by key: numbers, text, true, false, None, days, and mappings of these."""
    text = json.dumps(results, default=store.dated)
    store.put(folder, {f"{store.digest(sorted(results))}{SUFFIX}": text})


def lying(folder: Path) -> dict[str, Any]:
    """All results in the folder by key; a file that someone else has broken counts for nothing."""
    found: dict[str, Any] = {}
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        with suppress(ValueError, TypeError):
            found.update(json.loads(path.read_text(encoding="utf-8"), object_hook=_undated))
    return found


def _undated(value: dict[str, Any]) -> Any:
    return date.fromisoformat(value[store.DAY]) if value.keys() == {store.DAY} else value


def failed(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that have no result, with their inputs and the reason."""
    return table[table["error"] != ""]


def _rows(cases: pd.DataFrame) -> list[Row]:
    """The cases one by one; ValueError for what no function could be called with."""
    if not len(cases) or not len(cases.columns):
        raise ValueError("the table of cases is empty")
    names = [str(name) for name in cases.columns]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"the table of cases has two columns {twice[0]!r}")
    if odd := [name for name in names if not name.isidentifier() or name in ("value", "error")]:
        raise ValueError(f"column {odd[0]!r} cannot be an argument of a function")
    rows = cases.set_axis(names, axis="columns").to_dict("records")
    for n, row in enumerate(rows):
        if wrong := [name for name, value in row.items() if not isinstance(value, PLAIN)]:
            kind = type(row[wrong[0]]).__name__
            raise ValueError(f"row {n}: {wrong[0]} is a {kind}, not a number, text or a day")
    return rows  # type: ignore[return-value]


def _about(function: Callable[..., Any]) -> str:
    """What every result depends on: the function with what it holds, and the code it comes from."""
    try:
        content = pickle.dumps(function)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ValueError(f"{function!r} cannot be imported by name in another process") from error
    return store.digest(content.hex(), store.code(_module(function)))


def _module(function: Callable[..., Any]) -> str:
    """The name of the module whose code the function is."""
    inner = function.func if isinstance(function, partial) else function
    return getattr(inner, "__module__", "")


def _spread(
    function: Callable[..., Any],
    missing: Mapping[str, Row],
    where: Mapping[str, Any],
    progress: bool,
) -> Iterable[dict[str, Row]]:
    """The results by key, task by task; a task whose process dies is halved down to the row."""
    from tqdm import tqdm

    left, again = deque(missing), deque[list[str]]()
    pace = [TASK_SECONDS]  # seconds a row, as last seen

    def following(slots: int) -> tuple[Task, list[str]] | None:
        if not again and not left:
            return None
        if not again:
            size = task_rows(len(left), seconds_row=pace[0], slots=slots)
            again.append([left.popleft() for _ in range(size)])
        keys = again.popleft()
        return (function, [missing[key] for key in keys]), keys

    with (
        tqdm(total=len(missing), unit="row", disable=not progress) as bar,
        pools.each(_evaluate, following, module=_module(function), **where) as outcomes,
    ):
        for done in outcomes:
            keys = done.job[1]
            if done.error and len(keys) > 1:
                again.extend([keys[: len(keys) // 2], keys[len(keys) // 2 :]])
                continue
            pace[0], results = done.result or (pace[0], [{"error": done.error}])
            bar.update(len(keys))
            yield dict(zip(keys, results, strict=True))


def task_rows(left: int, *, seconds_row: float, slots: int) -> int:
    """How many rows the next task has: a second of work, less towards the end; see the module.

    >>> task_rows(1_000_000, seconds_row=0.001, slots=2), task_rows(60, seconds_row=0.001, slots=2)
    (1000, 10)
    """
    fair = ceil(left / (ROUNDS * max(slots, 1)))
    return max(1, min(left, fair, int(TASK_SECONDS / max(seconds_row, 1e-9))))


def _evaluate(job: tuple[Task, list[str]]) -> tuple[float, list[Row]]:
    """In a worker: seconds a row, and each row's result or error."""
    (function, rows), _ = job
    started = perf_counter()
    results = [_one(function, row) for row in rows]
    return (perf_counter() - started) / len(rows), results


def _one(function: Callable[..., Any], row: Row) -> Row:
    try:
        given = function(**row)
        result = {
            str(name): getattr(value, "item", lambda value=value: value)()
            for name, value in (given if isinstance(given, Mapping) else {"value": given}).items()
        }
        if wrong := [name for name, value in result.items() if not _plain(value)]:
            kind = type(result[wrong[0]]).__name__
            raise TypeError(f"result {wrong[0]!r} is a {kind}, not a number, text or a day")
        if wrong := [name for name in result if name in row or name == "error"]:
            raise ValueError(f"result {wrong[0]!r} has the name of another column")
        return result
    except BaseException as error:  # one row must not stop the rest, nor an exit of its own
        return {"error": f"{type(error).__name__}: {error}"}


def _plain(value: Any) -> bool:
    return isinstance(value, PLAIN) and not isinstance(value, datetime)


def _table(rows: list[Row], results: list[Row]) -> pd.DataFrame:
    errors = [str(result.get("error", "")) for result in results]
    good = [{} if "error" in result else result for result in results]
    names = dict.fromkeys(name for result in good for name in result)
    values: dict[str, Any] = {name: [result.get(name) for result in good] for name in names}
    return pd.DataFrame(rows).assign(**values, error=errors)
