"""A million scenarios at once: against the memory's read rate, a plain loop, and ten million.

Everything is a ratio within one run: the least of several times, on one core.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from analysis import commitment, many, scenarios, sources, terms
from analysis.scenarios import Input
from analysis.scenarios.flows import looked_up, valued

MANY = 1_000_000
FEW = 500
DAY = date(2026, 5, 3)
RANGES = [
    Input(name="rate_year", low=0.06, use=0.10, high=0.15),
    Input(name="discount", low=0.0, use=0.5, high=1.0),
]


def clock(run: Callable[[], object], *, seconds: float = 1.5) -> float:
    """The least time in seconds that a call takes, over about so many seconds."""
    best, start = np.inf, perf_counter()
    while best == np.inf or perf_counter() - start < seconds:
        began = perf_counter()
        run()
        best = min(best, perf_counter() - began)
    return best


def dense(*, seconds: float = 4.0) -> tuple[float, float]:
    """A million scenarios, each with 37 fees of its own, against reading the same array.

    The two take turns, so that both meet the machine in the same state. Returns bytes a second
    that one core reads (the dot product of the array with itself), and seconds of the values.
    """
    flows = np.random.default_rng(1).random((MANY, 37))
    years, out, line = np.arange(37) / 12, np.empty(MANY), flows.reshape(-1)
    read = took = np.inf
    start = perf_counter()
    while perf_counter() - start < seconds:
        read = min(read, clock(lambda: line.dot(line), seconds=0))
        took = min(took, clock(lambda: valued(flows, years, rate_year=0.1, out=out), seconds=0))
    print(f"Scenarios: one core reads {flows.nbytes / read / 1e9:.1f} GB a second")
    print(
        f"present value, own fees in 37 months: {read / took:.0%} of the read rate (wanted: 60 %)"
    )
    return flows.nbytes / read, took


def exits(rate: float) -> None:
    """Scenarios that differ in the month of exit: bytes of months and values, against the rate."""
    deal = terms.read_as(sources.contract("anthropic-xai"), "headline")
    table, out = many.exit_worths(deal, as_of=DAY, rate_year=0.1), np.empty(MANY)
    for kind in (np.int8, np.int64):
        months = np.random.default_rng(1).integers(len(table), size=MANY).astype(kind)
        took = clock(lambda m=months: looked_up(table, m, out=out))
        within = rate / ((months.nbytes + out.nbytes) / took)
        print(
            f"exit look-ups, months as {kind.__name__}: read rate ÷ theirs {within:.1f} (wanted: 3)"
        )


def collapsed(dense_seconds: float) -> None:
    """Scenarios of the shipped agreement by rate and discount, and the loop a user would write."""
    deal = sources.contract("anthropic-xai")
    cases = next(scenarios.parts(RANGES, rows=MANY, seed=1, size=MANY))
    rate_only = cases[["rate_year"]]
    print(f"A million scenarios, ns each; a plain loop over {FEW} of them, and how many times ours")
    for name, ours, loop in (
        ("firm, present value by rate",
         lambda: many.present_value(deal, rate_only), lambda t: plain_loop(deal, t)),
        ("firm, present value by rate, discount",
         lambda: many.present_value(deal, cases), lambda t: plain_loop(deal, t)),
        ("headline, present value by rate, discount",
         lambda: many.present_value(deal, cases, promise="headline"),
         lambda t: plain_loop(terms.read_as(deal, "headline"), t)),
        ("firm by discount", lambda: many.usd(deal, cases), lambda t: plain_loop(deal, t)),
        ("expected receipts by rate, discount, chance",
         lambda: many.expected(deal, cases.assign(chance_month=0.05)), None),
    ):  # fmt: skip
        took = clock(ours) / MANY
        if loop is None:
            print(f"  {name:45s} {took * 1e9:6.1f}")
            continue
        by_loop = clock(lambda r=loop: r(cases[:FEW]), seconds=0) / FEW
        print(f"  {name:45s} {took * 1e9:6.1f}  {by_loop * 1e6:6.0f} µs  {by_loop / took:10,.0f}")
    times = dense_seconds / clock(lambda: many.present_value(deal, rate_only))
    print(f"  by rate alone: {times:.1f} times as fast as fees of their own")


def plain_loop(deal: terms.Agreement, cases: pd.DataFrame) -> list[float]:
    """What one would write: the rows once, then for each case its fees, discounted and added up."""
    rows = commitment.firm(deal).rows
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
    deal = sources.contract("anthropic-xai")
    drawn = scenarios.parts(RANGES, rows=rows, seed=1)
    table = scenarios.summary(lambda part: many.present_value(deal, part), drawn)
    [peak] = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    print(int(table["rows"][0]), peak)


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
    rate, took = dense()
    exits(rate)
    collapsed(took)
    memory()


if __name__ == "__main__":
    sweep(int(sys.argv[1])) if len(sys.argv) > 1 else main()
