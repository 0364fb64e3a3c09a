"""Nearly right input by the ten thousand: what is let through works, all else is told in words.

Each function plays `tries` inputs, the same ones every time, and returns what came out.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import Field

from analysis.contract import ContractError, files, position
from analysis.data import sources, texts
from analysis.models import comparables
from analysis.page import notebooks, sheet
from analysis.page.notebooks import Notebook
from analysis.page.parameters import Day, Parameters, UsageError, check
from tests import sentences
from tests.hostile.mutations import NASTY, mutated
from tests.mixed import Mixed, toml

DATA = texts.DATA
CONTRACTS = [p.read_text(encoding="utf-8") for p in sorted((DATA / "contracts").glob("*.toml"))]
LONGEST = 1_000  # characters of one sentence
HANGS_S = 20.0  # even on a loaded machine nothing takes so long
DAY = date(2026, 11, 23)
SCALE = 1e5  # of a mix's fees: hundreds of millions a month


@dataclass
class Tried:
    """How many inputs were played, and how many were let through."""

    inputs: int = 0
    let_through: int = 0

    def __str__(self) -> str:
        return f"{self.inputs - self.let_through:,} refused in words, {self.let_through:,} worked"


def play(strategy: st.SearchStrategy[Any], once: Callable[[Any], bool], tries: int) -> Tried:
    """Play `once` on so many inputs; it says whether one was let through, or raises."""
    tried = Tried()

    @settings(
        max_examples=tries,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def played(value: Any) -> None:
        began = time.process_time()
        tried.let_through += once(value)
        took = time.process_time() - began
        tried.inputs += 1
        assert took < HANGS_S, f"{took:.1f} s"

    here = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # whatever is written beside the program lands here, and is seen
        try:
            played()
            assert os.listdir() == []
        finally:
            os.chdir(here)
    return tried


def in_words(error: Exception) -> None:
    """A refusal is sentences: some, short, printable."""
    lines = str(error).splitlines()
    assert lines
    assert all(line.isprintable() and len(line) < LONGEST for line in lines), lines


def agreements(tries: int) -> Tried:
    """Files of terms; what is let through is valued under its first readings."""

    def once(text: str) -> bool:
        try:
            deal = files.parse(text)
        except ContractError as error:
            in_words(error)
            return False
        for reading in list(deal.readings)[:3]:
            read = position(deal, DAY, reading)
            assert read.firm().usd <= 1e30
            assert read.deadlines.date.is_monotonic_increasing
        return True

    return play(mutated(CONTRACTS), once, tries)


def rows(tries: int) -> Tried:
    """Tables of comparables; what `check` finds nothing wrong with is read as deals."""
    lines = (DATA / "comparables.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    goods = [lines[0] + "".join(lines[n : n + 2]) for n in range(1, len(lines), 5)]
    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name) / "rows.csv"

    def once(text: str) -> bool:
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            table = sources.comparables(path)
        except ContractError as error:
            in_words(error)
            return False
        problems = comparables.check(table)
        if problems:
            in_words(ValueError("\n".join(problems)))
            return False
        assert len(comparables.deals(table)) == len(table)
        return True

    with folder:
        return play(mutated(goods), once, tries)


class Allowed(Parameters):
    """What the made-up notebook may be given."""

    contract: str = ""
    as_of: Day = date(2026, 11, 23)
    rate: float = Field(0.1, gt=-1)
    blocks: int = 3
    party: Literal["customer", "provider"] = "customer"
    rates: list[float] = Field([0.1, 0.2])
    note: str = ""


ASKED = Notebook(
    "asked",
    Path("asked.ipynb"),
    {"contract": "", "as_of": "2026-11-23", "rate": 0.1, "blocks": 3, "party": "customer",
     "interactive": True, "rates": [0.1, 0.2], "note": ""},
    Allowed,
)  # fmt: skip


def parameters(tries: int) -> Tried:
    """Values on the command line; what is let through is of the parameter's own kind."""

    def once(asked: tuple[str, str]) -> bool:
        name, text = asked
        try:
            [value] = check(ASKED.kind, {name: notebooks.literal(text)}).values()
        except UsageError as error:
            in_words(error)
            return False
        assert type(value) is type(ASKED.parameters[name])
        assert json.loads(json.dumps(value, allow_nan=False)) == value
        return True

    texts = st.one_of(
        st.sampled_from(NASTY),
        st.text(max_size=40),
        st.floats().map(repr),
        st.integers().map(str),
        st.dates().map(str),
        st.lists(st.one_of(st.floats(), st.text(max_size=3), st.booleans())).map(repr),
    )
    return play(st.tuples(st.sampled_from(list(ASKED.parameters)), texts), once, tries)


def mixes(tries: int) -> Tried:
    """Agreements that mix clauses: understood, and valued for both parties on their day."""
    tried = Tried()
    for seed in range(tries):
        mixed = Mixed(seed, SCALE)
        tried.inputs += 1
        try:
            deal = files.parse(toml(mixed.data))
        except ContractError as error:
            in_words(error)
            continue
        assert all(line.isprintable() for line in sheet.lines(deal))
        found = position(deal, mixed.as_of, mixed.reading or None)
        for party in ("customer", "provider"):
            firm = found.firm(party)
            assert abs(firm.usd - firm.rows.fee_usd.sum()) < 1 + 1e-9 * abs(firm.usd)
            assert firm.end <= found.end or firm.end == deal.start
        tried.let_through += 1
    return tried


def answers(tries: int, first: int = 0) -> Tried:
    """Mixes through all questions, from this seed on; every sentence is one."""
    tried, bad = Tried(), []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + tries):
            mixed, path = Mixed(seed, SCALE), Path(folder) / f"mixed-{seed}.toml"
            tried.inputs += 1
            path.write_text(toml(mixed.data), encoding="utf-8")
            try:
                files.contract(path)
            except ContractError as error:
                in_words(error)
                continue
            tried.let_through += 1
            for name in sentences.QUESTIONS:
                reading = "" if name == "changes" else mixed.reading
                for said in sentences.of(name, path, reading, str(mixed.as_of)):
                    bad += [f"{seed} {name} {why}: {said}" for why in sentences.wrong(said)]
    assert not bad, "\n".join(bad)
    return tried
