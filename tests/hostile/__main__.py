"""Play everything at full length and write the table of what came out: `make hostile`."""

import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.hostile import fuzz
from tests.hostile.attacks import ATTACKS

TABLE = Path(__file__).parent / "README.md"
FULL: dict[str, tuple[Callable[[int], fuzz.Tried], int]] = {
    "files of terms": (fuzz.agreements, 100_000),
    "rows of comparables": (fuzz.rows, 20_000),
    "parameters of a report": (fuzz.parameters, 20_000),
}
HEAD = """# What hostile input does

Made by `make hostile`; the tests play every attack anew and compare it with its row here.

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


def attacked(name: str) -> str:
    """What comes of one attack, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return ATTACKS[name](Path(folder).resolve())


def row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def main() -> None:
    """The attacks first, for they take a minute; then the plays, side by side."""
    out = {name: attacked(name) for name in ATTACKS}
    with ProcessPoolExecutor() as pool:
        tried = {name: pool.submit(play, tries) for name, (play, tries) in FULL.items()}
    table = HEAD
    for name, future in tried.items():
        table += row(name, f"{future.result().inputs:,}", str(future.result()))
    table += ATTACKED + "".join(row(name, words) for name, words in out.items())
    TABLE.write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
