"""A function spread over a table: the same table here and on a cluster, whoever is killed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import spread_cases
from conftest import notebook

from analysis.run import kept, pools, report, spread

ROWS = 60
CASES = pd.DataFrame({"x": range(ROWS)})
HERE = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
PATIENCE_SECONDS = 120  # of a busy machine


def until(true: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := true()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def expected() -> str:
    """The table of `slowly` as its file must read, made row by row."""
    lines = ["x,tenth,on,even,error"]
    for x in range(ROWS):
        result = f"{x / 10},{date(2026, 11, 1 + x % 28)},{x % 2 == 0},"
        lines.append(f"{x},{',,,ValueError: no seven' if x == 7 else result}")
    return "\n".join([*lines, ""])


def logged(log: Path) -> list[tuple[int, int]]:
    """Who computed which row."""
    text = log.read_text() if log.exists() else ""
    return [(int(row), int(who)) for row, who in map(str.split, text.splitlines())]


def gone(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[int]]]:
    """The address of a scheduler on the loopback, and the ids of its two worker processes."""
    pytest.importorskip("distributed")
    folder = tmp_path_factory.mktemp("cluster")
    file = folder / "scheduler.json"
    local = ["--host", "127.0.0.1", "--no-dashboard"]
    dask = [sys.executable, "-m", "dask"]
    command = [*dask, "scheduler", *local, "--port", "0", "--scheduler-file", str(file)]
    worker = [*dask, "worker", *local, "--scheduler-file", str(file), "--nthreads", "1"]
    worker += ["--no-nanny", "--local-directory", str(folder)]
    with (folder / "log").open("w") as log:
        started = [subprocess.Popen(command, env=HERE, stdout=log, stderr=log)]
        try:
            until(file.exists)
            started += [
                subprocess.Popen(worker, env=HERE, stdout=log, stderr=log) for _ in range(2)
            ]
            address = until(lambda: json.loads(file.read_text() or "{}").get("address"))
            yield address, [process.pid for process in started[1:]]
        finally:
            for process in started:
                process.kill()
                process.wait()


def test_a_cluster_that_loses_a_worker_gives_the_same_bytes(
    cluster: tuple[str, list[int]], tmp_path: Path
) -> None:
    address, (first, second) = cluster
    log, folder = tmp_path / "log", tmp_path / "out"

    def kill() -> None:
        until(lambda: first in dict(map(reversed, logged(log))) and len(logged(log)) > 8)
        os.kill(first, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    function = partial(spread_cases.slowly, log=str(log))
    table = spread.run(function, CASES, folder=folder, scheduler=address)
    killer.join()
    assert {who for _, who in logged(log)} == {first, second}
    assert (folder / "table.csv").read_text() == expected()
    assert list(spread.failed(table).x) == [7]
    book = notebook(tmp_path / "a.ipynb", "# Why?", "print(contract)")
    for name, where in {"there": {"scheduler": address}, "here": {"workers": 1}}.items():
        [outcome] = report.run(notebooks=[book], out=tmp_path / name, **where)
        assert outcome.error is None
    made = sorted((tmp_path / "there" / report.DEFAULT).iterdir())
    assert len(made) == 4
    for path in made:
        assert path.read_bytes() == (tmp_path / "here" / report.DEFAULT / path.name).read_bytes()


def test_a_killed_run_goes_on_where_it_was_and_leaves_no_process(tmp_path: Path) -> None:
    log, folder = tmp_path / "log", tmp_path / "out"
    command = [sys.executable, "-m", "spread_cases", str(folder), str(log), str(ROWS)]
    with subprocess.Popen(command, env=HERE) as driver:
        until(lambda: len(kept.get(folder)) > 12)
        driver.kill()
    for worker in {who for _, who in logged(log)}:
        until(lambda worker=worker: gone(worker))
    assert not (folder / "table.csv").exists()
    done, before = kept.get(folder), logged(log)
    spread.run(partial(spread_cases.slowly, log=str(log)), CASES, folder=folder, workers=2)
    again = Counter(row for row, _ in logged(log)[len(before) :])
    assert sum(again.values()) == ROWS - len(done)
    assert set(again.values()) == {1}
    assert (folder / "table.csv").read_text() == expected()


def test_an_interrupt_leaves_no_process(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-m", "spread_cases", str(tmp_path / "out"), str(log), "999"]
    with subprocess.Popen(command, env=HERE, stderr=subprocess.DEVNULL) as driver:
        until(lambda: len({who for _, who in logged(log)}) == 2)
        driver.send_signal(signal.SIGINT)
        assert driver.wait(PATIENCE_SECONDS) != 0
    for worker in {who for _, who in logged(log)}:
        until(lambda worker=worker: gone(worker))


def test_a_row_that_kills_its_process_is_reported_and_no_other_is_lost() -> None:
    table = spread.run(spread_cases.deadly, CASES.iloc[12:18], workers=1).set_index("x")
    assert list(spread.failed(table).index) == [13]
    assert list(table.value.dropna()) == [12, *range(14, 18)]
    assert table.error[13] == "its process died"


def test_failed_rows_stand_beside_the_others_with_their_reason() -> None:
    table = spread.run(spread_cases.odd, CASES.head(4), workers=1)
    assert list(table.x) == [0, 1, 2, 3]
    assert [reason.split(": ")[1] for reason in table.error] == [
        "result 'list' is a list, not a number, text or a day",
        "result 'x' has the name of another column",
        "result 'error' has the name of another column",
        "list index out of range",
    ]


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    results = {"k": {"day": date(2026, 1, 31), "n": 1, "x": 0.1, "b": True, "none": None, "t": "é"}}
    kept.put(tmp_path, results)
    (tmp_path / f"torn{kept.SUFFIX}").write_text('{"k": {"day"')
    assert kept.get(tmp_path) == results
    assert isinstance(kept.get(tmp_path)["k"]["b"], bool)


def test_a_result_depends_on_the_function_what_it_holds_and_the_row() -> None:
    about = [
        spread._about(partial(spread_cases.burn, turns=1)),
        spread._about(partial(spread_cases.burn, turns=2)),
        spread._about(spread_cases.deadly),
    ]
    assert len(set(about)) == 3
    assert spread._about(partial(spread_cases.burn, turns=1)) == about[0]
    assert kept.digest({"x": 1}) != kept.digest({"x": 1.0}) != kept.digest({"x": True})


@pytest.mark.parametrize(("left", "slots"), [(1, 1), (7, 2), (100, 3), (100_000, 64)])
@pytest.mark.parametrize("seconds_row", [0.0, 1e-6, 0.01, 100.0])
def test_tasks_take_all_rows_and_leave_some_for_the_others(
    left: int, slots: int, seconds_row: float
) -> None:
    rows = spread.task_rows(left, seconds_row=seconds_row, slots=slots)
    assert 1 <= rows <= left
    assert rows == 1 or rows * seconds_row <= spread.TASK_SECONDS
    assert rows <= -(-left // slots)


@pytest.mark.parametrize(
    ("cases", "function", "said"),
    [
        (pd.DataFrame({"x": []}), spread_cases.deadly, "the table of cases is empty"),
        (pd.DataFrame(index=range(3)), spread_cases.deadly, "the table of cases is empty"),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), spread_cases.deadly, "two columns 'x'"),
        (pd.DataFrame({"a b": [1]}), spread_cases.deadly, "column 'a b' cannot be an argument"),
        (pd.DataFrame({"value": [1]}), spread_cases.deadly, "column 'value' cannot be an"),
        (pd.DataFrame({"x": [np.arange(2)]}), spread_cases.deadly, "row 0: x is a ndarray, not"),
        (CASES, lambda x: x, "cannot be imported by name in another process"),
    ],
)
def test_what_cannot_be_spread_is_refused_in_a_sentence(
    cases: pd.DataFrame, function: Any, said: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        spread.run(function, cases, folder=tmp_path / "out")
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_no_workers_and_no_scheduler_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="workers = 0 must be 1 or more"):
        spread.run(spread_cases.deadly, CASES, workers=0)
    monkeypatch.setattr("analysis.run.pools.ANSWER_SECONDS", 0.2)
    no_form = "is not allowed; allowed: tcp://host:port"
    addresses = {"tcp://127.0.0.1:9": "cannot be reached"}
    addresses |= dict.fromkeys(("nonsense", "http://127.0.0.1:9", "tcp://127.0.0.1"), no_form)
    for address, why in addresses.items():
        with pytest.raises(ConnectionError, match=f"scheduler '{address}' {why}"):
            spread.run(spread_cases.deadly, CASES, scheduler=address, folder=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("error", "said"),
    [(ValueError("no seven"), "no seven"), (ValueError(), "ValueError()"),
     (SystemExit(3), "SystemExit(3)")],
)  # fmt: skip
def test_an_error_says_what_it_is(error: BaseException, said: str) -> None:
    future: Future[None] = Future()
    future.set_exception(error)
    assert pools._done("job", future).error == said
