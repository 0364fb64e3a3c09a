"""What spreading costs and gains, and how far a report is from starting its kernels: ratios.

A busy machine spoils these more than any other: the load stands beside each.
"""

import json
import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter

import pandas as pd
import spread_cases

from analysis import notebooks, pools, report
from analysis.scenarios import spread

ROWS, TURNS = 200, 1_000_000
JOBS = 500


def seconds(call: Callable[[], object]) -> float:
    started = perf_counter()
    call()
    return perf_counter() - started


def load() -> str:
    return f"load {os.getloadavg()[0]:.1f} on {pools.cores()} cores"


def workers() -> None:
    """Two workers against one on arithmetic, with the start of their processes and without."""
    cases = pd.DataFrame({"x": range(ROWS)})
    function = partial(spread_cases.burn, turns=TURNS)
    start = seconds(lambda: spread.run(function, cases.head(2), workers=2))
    one, two = (seconds(lambda n=n: spread.run(function, cases, workers=n)) for n in (1, 2))
    print(f"one worker ÷ two, arithmetic of {one:.1f} s: {one / two:.2f} ({load()})")
    print(f"and without the start of the processes: {(one - start) / (two - start):.2f}")


def overhead() -> None:
    """What a task costs that does nothing, here and by a scheduler."""
    from distributed import LocalCluster

    def empty(**where: object) -> float:
        jobs = pools.listed(list(range(JOBS)))
        with pools.each(abs, jobs, **where) as outcomes:
            next(outcomes)
            return seconds(lambda: list(outcomes)) / (JOBS - 1)

    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        there = empty(scheduler=cluster.scheduler_address)
    for name, each in {"by a scheduler": there, "here": empty(workers=1)}.items():
        part = each / spread.TASK_SECONDS
        print(f"a task {name}: {1e3 * each:.2f} ms, {part:.2%} of the task's work ({load()})")


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
        bare = seconds(lambda: report.run(notebooks=cut, out=out))
        whole = seconds(lambda: report.run(out=out))
        again = seconds(lambda: report.run(notebooks=cut, out=out))
    least = min(bare, again)
    print(f"{len(cut)} notebooks that only import, as a report: {least:.1f} s")
    print(f"the report ÷ that: {whole / least:.2f} ({bare:.1f} s, {again:.1f} s; {load()})")


def main() -> None:
    """Print all of it."""
    workers()
    overhead()
    reports()


if __name__ == "__main__":
    main()
