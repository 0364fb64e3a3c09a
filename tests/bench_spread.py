"""What spreading costs and gains, and how far a report is from starting its kernels: ratios.

A busy machine spoils the clock's more than any other: the load stands beside each, and the same by
processor time.
"""

import json
import os
import resource
import tempfile
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import pandas as pd
import spread_cases

from analysis.page import notebooks
from analysis.run import pools, report, spread

ROWS, TURNS = 400, 1_000_000
ROUNDS = 2
JOBS = 500


class Took(NamedTuple):
    """Seconds of a call by the clock, and of processors: this process's, and all it started."""

    clock: float
    own: float
    started: float


def timed(call: Callable[[], object]) -> Took:
    def now() -> Took:
        others = resource.getrusage(resource.RUSAGE_CHILDREN)  # those that have ended
        return Took(perf_counter(), process_time(), others.ru_utime + others.ru_stime)

    before = now()
    call()
    return Took(*(after - then for after, then in zip(now(), before, strict=True)))


def load() -> str:
    return f"load {os.getloadavg()[0]:.1f} on {pools.cores()} cores"


def workers() -> None:
    """Two workers against one on arithmetic, and what two processes alone gain on this machine.

    All take turns. By processor time: what this process does cannot be shared; what workers do
    can, but for one row at the end; two must do no more in all than one.
    """
    cases = pd.DataFrame({"x": range(ROWS)})
    function = partial(spread_cases.burn, turns=TURNS)
    ones, twos, gains = [], [], []
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        list(pool.map(abs, range(2)))
        for _ in range(ROUNDS):
            ones.append(timed(lambda: spread.run(function, cases, workers=1)))
            twos.append(timed(lambda: spread.run(function, cases, workers=2)))
            alone, both = (timed(lambda n=n: alone_in(pool, n)).clock / n for n in (1, 2))
            gains.append(alone / both)
    one, two = min(ones), min(twos)
    print(f"one worker ÷ two by the clock, {one.clock:.1f} s: {one.clock / two.clock:.2f}", end="")
    print(f" (wanted: 1.8; two processes alone: {max(gains):.2f}; {load()})")
    alone_s = two.own + (two.started + one.started / ROWS) / 2
    ratio = (one.own + one.started) / alone_s
    print(f"and by processor time, the {two.own / alone_s:.1%} not shared: {ratio:.2f}")


def alone_in(pool: Executor, count: int) -> None:
    """The arithmetic of a third of the rows in each of so many processes at once."""
    list(pool.map(partial(spread_cases.burn, turns=TURNS * ROWS // 3), range(count)))


def overhead() -> None:
    """What a task costs that does nothing, here and by a scheduler."""
    from distributed import LocalCluster

    def empty(**where: object) -> tuple[float, float]:
        jobs = pools.listed(list(range(JOBS)))
        with pools.each(abs, jobs, **where) as outcomes:
            next(outcomes)
            took = timed(lambda: list(outcomes))
            return took.clock / (JOBS - 1), took.own / (JOBS - 1)

    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        there = empty(scheduler=cluster.scheduler_address)
    for name, (each, own) in {"by a scheduler": there, "here": empty(workers=1)}.items():
        part = each / spread.TASK_SECONDS
        print(f"a task {name}: {1e3 * each:.2f} ms, {part:.2%} of the task's work ({load()})")
        print(f"  of it processor time where the command runs: {1e3 * own:.2f} ms")


def starts(folder: Path) -> list[Path]:
    """The notebooks of the report cut down to their parameters and what they import."""
    made = []
    for path in sorted(notebooks.FOLDER.glob("*.ipynb")):
        whole = json.loads(path.read_text(encoding="utf-8"))
        code = [cell for cell in whole["cells"] if cell["cell_type"] == "code"]
        lines = [line for cell in code for line in "".join(cell["source"]).splitlines(True)]
        imports = "".join(line for line in lines if line.startswith(("from ", "import ")))
        whole["cells"] = [whole["cells"][0], code[0], code[1] | {"source": imports}]
        made.append(folder / path.name)
        made[-1].write_text(json.dumps(whole), encoding="utf-8")
    return made


def reports() -> None:
    """The whole report against the same number of notebooks that only import, the same way."""
    with tempfile.TemporaryDirectory() as name:
        cut = starts(Path(name))
        out = Path(name) / "out"
        report.run(notebooks=cut[:1], out=out)  # the files are in memory from here on
        bare, whole = [], []
        for _ in range(2):
            bare.append(timed(lambda: report.run(notebooks=cut, out=out)))
            whole.append(timed(lambda: report.run(out=out)))
    least = min(bare).clock
    print(f"{len(cut)} notebooks that only import, as a report: {least:.1f} s")
    print(f"the report ÷ that by the clock: {min(whole).clock / least:.2f} (wanted: 1.5; {load()})")
    work, floor = (min(took.own + took.started for took in each) for each in (whole, bare))
    print(f"and by processor time, {work:.1f} s: {work / floor:.2f}")


def main() -> None:
    """Print all of it."""
    workers()
    overhead()
    reports()


if __name__ == "__main__":
    main()
