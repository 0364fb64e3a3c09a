"""Every figure and table of every notebook, by default parameters, for the agreements shipped.

`tests/golden/ID.txt` holds them; `make golden` writes them anew. A difference is a decision.
"""

import math
import re
import sys
from collections.abc import Iterator
from datetime import date
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pandas as pd
import played
import pytest

from analysis.contract import files

GOLDEN = Path(__file__).parent / "golden"
NUMBERS = sorted(path.name[:2] for path in played.NOTEBOOKS.glob("[0-9]*.ipynb"))

NUMBER = re.compile(r"(?<![\w-])-?\d+(?:\.\d+)?(?:e[+-]\d+)?(?![\w-])")
BY_MACHINE = 1e-3


def text(contract: str) -> str:
    """What the notebooks find for an agreement: a line a figure, and each table as CSV."""
    return "\n".join(line for number in NUMBERS for line in found(contract, number)) + "\n"


def found(contract: str, number: str) -> Iterator[str]:
    made = played.play(number, contract=contract)
    yield f"## {number} figures: figure, value, unit"
    yield from (f"{f['figure']}, {short(f['value'])}, {f['unit']}" for f in made.figures)
    tables = [each for each in made.shown if isinstance(each, pd.DataFrame)]
    for place, table in enumerate(tables, 1):
        yield f"## {number} table {place}"
        yield ",".join(map(str, table.columns))
        yield from (",".join(map(short, row)) for row in table.itertuples(index=False))


def short(value: Any) -> str:
    """A value to nine digits, so that the last bits of an order of summation do not count."""
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.9g}" if isinstance(value, float) else str(value).replace("\n", " ")


@pytest.mark.parametrize("contract", files.contracts())
def test_figures_and_tables_stay_as_they_are_unless_decided(contract: str) -> None:
    kept = (GOLDEN / f"{contract}.txt").read_text(encoding="utf-8").splitlines()
    now = text(contract).splitlines()
    moved = len(now) != len(kept) or not all(map(same, kept, now))
    assert not moved, "\n".join([*unified_diff(kept, now, "kept", "now", n=0)][:40])


def same(kept: str, now: str) -> bool:
    """Whether two lines say the same: numbers of a search may differ a little by machine."""
    if kept == now:
        return True
    a, b = NUMBER.split(kept), NUMBER.split(now)
    pairs = zip(NUMBER.findall(kept), NUMBER.findall(now), strict=False)
    return a == b and all(math.isclose(float(x), float(y), rel_tol=BY_MACHINE) for x, y in pairs)


if __name__ == "__main__":
    for name in sys.argv[1:] or files.contracts():
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / f"{name}.txt").write_text(text(name), encoding="utf-8")
