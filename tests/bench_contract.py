"""What is firm on a new day: against an earlier commit, and over a book of agreements.

`make bench BASE=COMMIT` times both commits in turns, each in processes of its own.
"""

import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from time import process_time

from analysis import contract
from analysis.contract import dates

ROOT = Path(__file__).parent.parent
FIRM = """
from datetime import timedelta
from time import process_time
try:
    from analysis import contract
    deal = contract.load("anthropic-xai")
    found = contract.position(deal)
    firm = lambda day: found.on(day).firm()
except ImportError:  # before there were positions
    from analysis import commitment, sources
    deal = sources.contract("anthropic-xai")
    firm = lambda day: commitment.firm(deal, as_of=day)
best = 1.0
for shift in range(5):
    began = process_time()
    for n in range(200):
        firm(deal.start + timedelta(days=5 * n + shift))
    best = min(best, (process_time() - began) / 200)
print(best)
"""
TURNS = 5
AGREEMENTS, MONTHS = 100, 36


def firm(folder: Path) -> float:
    """Seconds of one `firm` on a day not asked for before, with the package in a folder."""
    run = subprocess.run(
        [sys.executable, "-c", FIRM],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(run.stdout)


def against(base: str) -> None:
    """The same on an earlier commit, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        add = ["git", "worktree", "add", "-q", "-f", "--detach", folder, base]
        subprocess.run(add, cwd=ROOT, check=True)  # without it, what is installed would be timed
        try:
            turns = [(firm(Path(folder)), firm(ROOT)) for _ in range(TURNS)]
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", folder], cwd=ROOT)
    before, after = (1e3 * min(times) for times in zip(*turns, strict=True))
    print(
        f"Firm on a new day: {before:.2f} ms at {base}, {after:.2f} ms now; {before / after:.1f}×"
    )


def book() -> None:
    """Agreements × month ends × readings, each position new: on one core."""
    deal = contract.load("anthropic-xai")
    days = [dates.add_months(date(2026, 6, 1), month) for month in range(MONTHS)]
    held = [deal.change({"fee": {"1": {"usd_month": 1e9 + n}}}) for n in range(AGREEMENTS)]
    began, count = process_time(), 0
    for agreement in held:
        found = contract.position(agreement)
        for reading in agreement.readings:
            for day in days:
                assert found.under(reading).on(day).firm().end >= agreement.start
                count += 1
    took = process_time() - began
    print(f"A book: {AGREEMENTS} agreements × {MONTHS} days × readings: {count:,} in {took:.1f} s; "
          f"1,000 agreements in about {10 * took:.0f} s")  # fmt: skip


def main() -> None:
    if base := os.environ.get("BASE"):
        against(base)
    else:
        print(f"Firm on a new day: {1e3 * firm(ROOT):.2f} ms (BASE=COMMIT compares)")
    book()


if __name__ == "__main__":
    main()
