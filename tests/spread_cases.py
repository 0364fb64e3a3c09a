"""Functions to spread, importable in every process that the tests start."""

import os
import signal
import sys
import time
from datetime import date
from typing import Any


def slowly(x: int, *, log: str, seconds: float = 0.05) -> dict[str, Any]:
    """A result of every kind, and a line in `log` that says who made it; 7 fails."""
    with open(log, "a") as lines:
        lines.write(f"{x} {os.getpid()}\n")
    time.sleep(seconds)
    if x == 7:
        raise ValueError("no seven")
    return {"tenth": x / 10, "on": date(2026, 11, 1 + x % 28), "even": x % 2 == 0}


def deadly(x: int) -> int:
    """Takes its process along at 13."""
    if x == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return x


def late(x: int) -> int:
    """Takes its process along a moment after row 2, when another row is at work or none."""
    if x == 2:
        import threading

        threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
    time.sleep(0.15)
    return x


def leaves(x: int) -> int:
    """Asks its process to end at 3."""
    return sys.exit(9) if x == 3 else x


def odd(x: int) -> Any:
    """Results that a table cannot hold."""
    return [{"list": [x]}, {"x": x}, {"error": x}][x]


def formula(x: int) -> dict[str, str]:
    """A text, and its name, that a spreadsheet would take for a formula."""
    return {"=name": "=1+1"}


def burn(x: int, *, turns: int) -> float:
    """A good deal of arithmetic, and nothing else."""
    total = 0.0
    for n in range(turns):
        total += (n ^ x) % 7
    return total


if __name__ == "__main__":
    from functools import partial

    import pandas as pd

    from analysis.run import spread

    folder, log, rows = sys.argv[1:]
    here = __import__("spread_cases")
    spread.run(
        partial(here.slowly, log=log),
        pd.DataFrame({"x": range(int(rows))}),
        folder=folder,
        workers=2,
    )
