"""How the recall programme grows in blocks, levels of demand and notice: run, print ratios.

Times are the least of several runs in one process, so that ratios mean something on any machine.
"""

from collections.abc import Callable
from dataclasses import replace
from math import comb
from time import perf_counter

from analysis.models.provider import recall
from analysis.models.provider.recall import Lease

RUNS = 20


def lease(*, blocks: int = 30, states: int = 12, notice: int = 3, months: int = 37) -> Lease:
    """A site of 300 MW in equal blocks, own demand about 180 MW."""
    return Lease(
        demand=recall.mean_reverting(mean=180, sd=40, reversion=0.15, states=states),
        blocks=blocks,
        block_mw=300 / blocks,
        months=months,
        fee=25 / 6,
        own_use=8,
        salvage=1.5,
        notice_months=notice,
        discount=0.99,
    )


def seconds(call: Callable[[], object]) -> float:
    """The least time that a call takes."""
    taken = []
    for _ in range(RUNS):
        started = perf_counter()
        call()
        taken.append(perf_counter() - started)
    return min(taken)


def main() -> None:
    """Print the time of the base case and how it grows, one factor at a time."""
    base = lease()
    plan, unit = recall.solve(base), seconds(lambda: recall.solve(base))
    kept, months, levels = plan.rest.size, base.months, len(base.demand.levels)
    whole = months * levels * comb(base.blocks + base.delay, base.delay)
    print(f"30 blocks, 12 levels, 37 months, 3 months' notice: {unit * 1e3:.2f} ms")
    print(
        f"and the worth of every start: {seconds(lambda: plan.start(demand_mw=180)) * 1e3:.2f} ms"
    )
    print(f"states: {kept:,}; with the date of every notice {whole:,}")
    print(f"memory of the plan: {(plan.rest.nbytes + plan.keep.nbytes) / 1e6:.2f} MB")
    small = lease(blocks=3, months=12)
    print(f"3 blocks, 12 months: {seconds(lambda: recall.solve(small)) * 1e3:.2f} ms")
    for name, cases in (
        ("blocks", {n: lease(blocks=n) for n in (30, 60, 120, 300)}),
        ("levels", {n: lease(states=n) for n in (6, 12, 18, 20)}),
        ("notice", {n: replace(base, notice_months=n) for n in (0, 1, 3, 6, 12)}),
        ("months", {n: lease(months=n) for n in (37, 74, 148)}),
    ):
        grown = [
            f"{n}: {seconds(lambda case=case: recall.solve(case)) / unit:.2f}"
            for n, case in cases.items()
        ]
        print(f"time ÷ base by {name}: {', '.join(grown)}")


if __name__ == "__main__":
    main()
