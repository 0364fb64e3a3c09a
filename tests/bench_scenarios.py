"""A million scenarios at once: against a plain loop, and ten million.

Everything is a ratio within one run: the least of several processor times, on one core, so that
other work on the machine hardly counts. What is compared takes turns.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import pandas as pd

from analysis.contract import files, position, terms
from analysis.models import scenarios
from analysis.models.scenarios import Input, batch

MANY = 1_000_000
FEW = 500
DAY = date(2026, 5, 3)
RANGES = [
    Input(name="rate_year", low=0.06, use=0.10, high=0.15),
    Input(name="discount", low=0.0, use=0.5, high=1.0),
]


def clock(*calls: Callable[[], object], seconds: float = 1.5) -> list[float]:
    """The least processor time in seconds of each call, in turns for about so many seconds each."""
    best, start = [np.inf] * len(calls), perf_counter()
    while best[0] == np.inf or perf_counter() - start < seconds * len(calls):
        for n, call in enumerate(calls):
            began = process_time()
            call()
            best[n] = min(best[n], process_time() - began)
    return best


def collapsed() -> None:
    """Scenarios of the shipped agreement by rate and discount, and the loop a user would write."""
    deal = files.contract("anthropic-xai")
    cases = next(scenarios.parts(RANGES, rows=MANY, seed=1, size=MANY))
    rate_only = cases[["rate_year"]]
    print(f"A million scenarios, ns each; a plain loop over {FEW} of them, and how many times ours")
    for name, ours, loop in (
        ("firm, present value by rate",
         lambda: batch.present_value(deal, rate_only), lambda t: plain_loop(deal, t)),
        ("firm, present value by rate, discount",
         lambda: batch.present_value(deal, cases), lambda t: plain_loop(deal, t)),
        ("headline, present value by rate, discount",
         lambda: batch.present_value(deal, cases, promise="headline"),
         lambda t: plain_loop(position(deal, reading="headline").read, t)),
        ("firm by discount", lambda: batch.usd(deal, cases), lambda t: plain_loop(deal, t)),
        ("expected receipts by rate, discount, chance",
         lambda: batch.expected(deal, cases.assign(chance_month=0.05)), None),
    ):  # fmt: skip
        took = clock(ours)[0] / MANY
        if loop is None:
            print(f"  {name:45s} {took * 1e9:6.1f}")
            continue
        by_loop = clock(lambda r=loop: r(cases[:FEW]))[0] / FEW
        print(f"  {name:45s} {took * 1e9:6.1f}  {by_loop * 1e6:6.0f} µs  {by_loop / took:10,.0f}")


def plain_loop(deal: terms.Agreement, cases: pd.DataFrame) -> list[float]:
    """What one would write: the rows once, then for each case its fees, discounted and added up."""
    rows = position(deal).firm().rows
    years = pd.Series([(day - DAY).days / 365 for day in rows.due])
    reduced = pd.Series(["discount" in clause for clause in rows.clause])
    full = rows.fee_usd.where(~reduced, rows.fee_usd * 2)
    found = []
    for case in cases.itertuples():
        fee_usd = full.where(~reduced, full * (0.9 - 0.8 * case.discount))
        found.append(float((fee_usd * (1 + case.rate_year) ** -years).sum()))
    return found


def sweep(rows: int) -> None:
    """A sweep by parts, and the most memory that this program ever held, in kilobytes.

    Asked of Linux itself: `resource` would count what the process held before it became this one.
    """
    deal = files.contract("anthropic-xai")
    drawn = scenarios.parts(RANGES, rows=rows, seed=1)
    done = sum(len(batch.present_value(deal, part)) for part in drawn)
    [peak] = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    print(done, peak)


def memory() -> None:
    """Ten million rows against one million, each in a process of its own."""
    peaks = {}
    for rows in (MANY, 10 * MANY):
        run = [sys.executable, __file__, str(rows)]
        done = subprocess.run(run, capture_output=True, text=True, check=True)
        count, peaks[rows] = map(int, done.stdout.split())
        assert count == rows
    least, most = peaks.values()
    print(f"peak memory of 10 million rows ÷ 1 million: {most / least:.2f} (wanted: 2), {most} kB")


def main() -> None:
    """Print every ratio."""
    collapsed()
    memory()


if __name__ == "__main__":
    sweep(int(sys.argv[1])) if len(sys.argv) > 1 else main()
