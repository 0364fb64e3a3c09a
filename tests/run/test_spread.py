"""A function spread over a table: the same table here and on a cluster, whoever is killed."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import spread_cases
from conftest import notebook

from analysis.run import pools, report, spread, store

ROWS = 60
CASES = pd.DataFrame({"x": range(ROWS)})
MANY = pd.DataFrame({"x": range(2000)})  # more than are done before a worker joins
HERE = os.environ | {"PYTHONPATH": f"{Path(__file__).parents[1]}:{Path(store.__file__).parents[2]}"}
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


class Cluster:
    """A scheduler on the loopback, and its workers; each starts with a nanny where it shall."""

    def __init__(self, folder: Path, log: Any, **changed: str) -> None:
        self._log, self._env, self._file = log, HERE | changed, folder / "scheduler.json"
        self._folder = folder
        self.started = [self._start("scheduler", "--port", "0")]

    def _start(self, what: str, *more: str, **changed: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "dask", what, "--host", "127.0.0.1", "--no-dashboard"]
        command += ["--scheduler-file", str(self._file), *more]
        env = self._env | changed
        here = {"cwd": self._folder, "stdout": self._log, "stderr": self._log}
        return subprocess.Popen(command, env=env, **here)

    @property
    def address(self) -> str:
        return str(until(lambda: self._file.exists() and self._file.read_text() and self._said()))

    def _said(self) -> Any:
        with suppress(ValueError):
            return json.loads(self._file.read_text())["address"]

    def worker(self, *more: str, **changed: str) -> int:
        """The process of one more worker."""
        until(self._file.exists)
        local = ["--nthreads", "1", "--local-directory", str(self._folder)]
        self.started.append(self._start("worker", *local, *more, **changed))
        return self.started[-1].pid


@contextmanager
def clustered(folder: Path, **changed: str) -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    with (folder / "cluster.log").open("w") as log:
        made = Cluster(folder, log, **changed)
        try:
            yield made
        finally:
            for process in reversed(made.started):
                process.send_signal(signal.SIGCONT)
                process.terminate()  # a nanny takes its worker along
            for process in made.started:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(5)
                process.kill()
                process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[int]]]:
    """The address of a scheduler, and the ids of its two worker processes."""
    with clustered(tmp_path_factory.mktemp("cluster")) as made:
        workers = [made.worker("--no-nanny") for _ in range(2)]
        yield made.address, workers


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


def other_code(folder: Path) -> str:
    """A PYTHONPATH on which the function to spread gives other results."""
    for path in Path(__file__).parents[1].glob("*.py"):
        text = path.read_text().replace('"tenth": x / 10', '"tenth": x / 1000')
        (folder / path.name).write_text(text)
    return f"{folder}:{HERE['PYTHONPATH']}"


def other_package(folder: Path) -> str:
    """A PYTHONPATH on which the package is another, and the function the same."""
    package = Path(store.__file__).parents[1]
    shutil.copytree(package, folder / "analysis", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "analysis" / "data" / "assumptions.csv").write_text("other")
    return f"{folder}:{HERE['PYTHONPATH']}"


@pytest.mark.parametrize("other", [other_code, other_package])
def test_a_worker_with_other_code_that_joins_later_is_refused(
    other: Callable[[Path], str], tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    log, folder, path = tmp_path / "log", tmp_path / "out", other(tmp_path / "other")
    function = partial(spread_cases.slowly, log=str(log), seconds=0.5)
    with clustered(tmp_path) as made:
        made.worker("--no-nanny")

        def join() -> None:
            until(lambda: len(logged(log)) > 2)
            made.worker("--no-nanny", PYTHONPATH=path)

        joining = threading.Thread(target=join)
        joining.start()
        with pytest.raises(ConnectionError, match="cannot do the work: its code is another"):
            spread.run(function, MANY, folder=folder, scheduler=made.address)
        joining.join()
    kept = [each for each in spread.lying(folder).values() if "tenth" in each]
    assert len({who for _, who in logged(log)}) == 1
    tenths = [x / 10 for x in MANY.x]
    assert kept
    assert all(each["tenth"] in tenths for each in kept)


def test_code_that_changes_under_a_run_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = notebook(tmp_path / "a.ipynb", "# Why?", "print(contract)")
    lying = iter(["a", "a", "b"])  # what the driver has, what lies before the work and after it
    monkeypatch.setattr(store, "_lying_code", lambda _: next(lying))
    store.code.cache_clear()
    try:
        code = store.code()
        with pytest.raises(store.OtherCodeError):
            pools._do(str, (), "", code, book)
    finally:
        store.code.cache_clear()


def test_a_row_that_kills_its_worker_takes_no_queued_row_along(tmp_path: Path) -> None:
    """The scheduler gives up, at the first death, all that waited on the worker."""
    with clustered(tmp_path, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0") as made:
        made.worker()
        cases = CASES.iloc[10:18]
        table = spread.run(spread_cases.deadly, cases, scheduler=made.address).set_index("x")
    assert list(spread.failed(table).index) == [13]
    assert table.error[13] == "its process died"


@pytest.mark.parametrize("name", ["late", "leaves"])
def test_a_row_fails_for_what_it_did_itself(name: str) -> None:
    """One ends its process when the next row is at work or waits; one asks it to exit."""
    table = spread.run(getattr(spread_cases, name), CASES.head(6), workers=1).set_index("x")
    failed = spread.failed(table)
    assert list(failed.index) == ([] if name == "late" else [3])
    assert "SystemExit: 9" in list(failed.error) or name == "late"


def test_a_scheduler_that_stops_answering_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    with clustered(tmp_path) as made:
        made.worker("--no-nanny")
        stopped = threading.Thread(
            target=lambda: (
                until(lambda: len(logged(log)) > 2),
                made.started[0].send_signal(signal.SIGSTOP),
            )
        )
        address = made.address
        pools.check(None, address)
        monkeypatch.setattr(pools, "PATIENCE_SECONDS", 2)
        stopped.start()
        function = partial(spread_cases.slowly, log=str(log), seconds=0.2)
        with pytest.raises(ConnectionError, match="was lost; run again to resume"):
            spread.run(function, CASES, folder=tmp_path / "out", scheduler=address)
        stopped.join()


@pytest.fixture
def mute() -> Iterator[str]:
    """The address of one that accepts a connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


def test_a_scheduler_that_never_answers_is_given_up(
    mute: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    assert pools.ANSWER_SECONDS == 8
    monkeypatch.setattr(pools, "ANSWER_SECONDS", 1)
    started = time.monotonic()
    with pytest.raises(ConnectionError, match="cannot be reached"):
        spread.run(spread_cases.deadly, CASES, scheduler=mute, folder=tmp_path / "out")
    assert time.monotonic() - started < 4
    assert not (tmp_path / "out").exists()


def test_a_killed_run_goes_on_where_it_was_and_leaves_no_process(tmp_path: Path) -> None:
    log, folder = tmp_path / "log", tmp_path / "out"
    command = [sys.executable, "-m", "spread_cases", str(folder), str(log), str(ROWS)]
    with subprocess.Popen(command, env=HERE) as driver:
        until(lambda: len(spread.lying(folder)) > 12)
        driver.kill()
    for worker in {who for _, who in logged(log)}:
        until(lambda worker=worker: gone(worker))
    assert not (folder / "table.csv").exists()
    done, before = spread.lying(folder), logged(log)
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


def test_a_script_without_its_guard_is_told_so(tmp_path: Path) -> None:
    """Each process reads the script again: no row is to blame."""
    script = tmp_path / "script.py"
    lines = ["import pandas as pd, spread_cases", "from analysis.run import spread"]
    lines += ["spread.run(spread_cases.odd, pd.DataFrame({'x': range(4)}), workers=1)"]
    script.write_text("\n".join(lines))
    done = subprocess.run([sys.executable, script], env=HERE, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith('a call below `if __name__ == "__main__":`')


def test_failed_rows_stand_beside_the_others_with_their_reason() -> None:
    table = spread.run(spread_cases.odd, CASES.head(4), workers=1)
    assert list(table.x) == [0, 1, 2, 3]
    assert [reason.split(": ")[1] for reason in table.error] == [
        "result 'list' is a list, not a number, text or a day",
        "result 'x' has the name of another column",
        "result 'error' has the name of another column",
        "list index out of range",
    ]


def test_the_table_that_lands_holds_no_formula(tmp_path: Path) -> None:
    spread.run(spread_cases.formula, CASES.head(1), workers=1, folder=tmp_path)
    head, row = (tmp_path / "table.csv").read_text().splitlines()
    assert head == "x,'=name,error"
    assert row == "0,'=1+1,"


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    results = {"k": {"day": date(2026, 1, 31), "n": 1, "x": 0.1, "b": True, "none": None, "t": "é"}}
    spread.keep(tmp_path, results)
    (tmp_path / f"torn{spread.SUFFIX}").write_text('{"k": {"day"')
    assert spread.lying(tmp_path) == results
    assert isinstance(spread.lying(tmp_path)["k"]["b"], bool)


def test_a_result_depends_on_the_function_what_it_holds_and_the_row() -> None:
    about = [
        spread._about(partial(spread_cases.burn, turns=1)),
        spread._about(partial(spread_cases.burn, turns=2)),
        spread._about(spread_cases.deadly),
    ]
    assert len(set(about)) == 3
    assert spread._about(partial(spread_cases.burn, turns=1)) == about[0]
    assert store.digest({"x": 1}) != store.digest({"x": 1.0}) != store.digest({"x": True})


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
