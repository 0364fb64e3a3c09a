"""Play everything at full length and write the table of what came out: `make hostile`."""

import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tests.hostile import fuzz
from tests.hostile.attacks import ATTACKS, FEW, KILLS, interrupted, interrupted_sweep

TABLE = Path(__file__).parent / "README.md"
# what is played, how often at full length, and how often by the tests
FULL: dict[str, tuple[Callable[[int], fuzz.Tried], int, int]] = {
    "files of terms": (fuzz.agreements, 100_000, 400),
    "rows of comparables": (fuzz.rows, 20_000, 400),
    "parameters of a report": (fuzz.parameters, 20_000, 400),
    "mixes of clauses, valued for both parties": (fuzz.mixes, 11_200, 200),
    "mixes of clauses, through all questions": (partial(fuzz.answers, first=100), 330, 6),
}
HEAD = f"""# What hostile input does

Made by `make hostile`; the tests play every attack anew, with {FEW} kill of a kind, and compare \
it with its row here.

## Nearly right input

Good input with one to four edits: tokens put in, replaced, swapped, cut or doubled; numbers, days \
and texts at and beyond every limit. What is let through is valued. Nothing hangs, nothing ends in \
a traceback, nothing is written.

| input | tried | what came out |
|---|---:|---|
"""
ATTACKED = """
## On purpose

| tried | what came out |
|---|---|
"""
NOT_TRIED = """
## Not tried

- Kills at the same moment from two sides, or of one worker alone while the others go on.
- A scheduler's other users, whose work may kill a worker while a job of ours runs there alone.
- Workers with other versions of Python or of other packages: only this package's code is compared.
- A worker that lies about its code; Dask's port runs code for whoever reaches it.
- Ctrl-C in the first hundredth of a second, before Python has read the first line of the command.
- A power cut: what is written is renamed into place, but not flushed to the disk first.
- Output folders on a network disk without locks; there, what a kill left is not cleared.
- Kernels that never end: a session of the app that computes for ever is not ended.
- Two users of the app with one token: each sees what the other may see.
- A package index that serves other files under the pinned versions; pip's check of hashes is \
trusted, and so is the pip that comes with Python.
- Windows and macOS.
"""


def attacked(name: str, kills: int = FEW) -> str:
    """What comes of one attack, in a folder of its own."""
    attack = ATTACKS[name]
    if attack in (interrupted, interrupted_sweep):
        attack = partial(attack, kills=kills)
    with tempfile.TemporaryDirectory() as folder:
        return attack(Path(folder).resolve())


def row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def main() -> None:
    """The attacks first, for they take a minute; then the plays, side by side."""
    out = {name: attacked(name, KILLS) for name in ATTACKS}
    with ProcessPoolExecutor() as pool:
        tried = {name: pool.submit(play, tries) for name, (play, tries, _) in FULL.items()}
    table = HEAD
    for name, future in tried.items():
        table += row(name, f"{future.result().inputs:,}", str(future.result()))
    table += ATTACKED + "".join(row(name, words) for name, words in out.items())
    TABLE.write_text(table + NOT_TRIED, encoding="utf-8")


if __name__ == "__main__":
    main()
