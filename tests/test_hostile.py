"""Hostile input: a short play of the fuzzers, every attack, and the table that tells of both."""

import re
from pathlib import Path

import pytest

from tests.hostile import fuzz
from tests.hostile.__main__ import FULL, TABLE, attacked, row
from tests.hostile.attacks import ATTACKS

TRIES = 400


@pytest.mark.parametrize("name", FULL)
def test_nearly_right_input_works_or_is_refused_in_words(name: str) -> None:
    play, full = FULL[name]
    tried = play(TRIES)
    assert tried.inputs == TRIES
    assert 0 < tried.let_through < TRIES
    written = re.search(rf"^\| {name} \| ([\d,]+) \|", TABLE.read_text(encoding="utf-8"), re.M)
    assert written
    assert written[1] == f"{full:,}"


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_ends_as_the_table_says(name: str) -> None:
    assert row(name, attacked(name)) in TABLE.read_text(encoding="utf-8")


def test_a_play_sees_what_goes_wrong(tmp_path: Path) -> None:
    def writes(_: str) -> bool:
        Path("evil").write_text("x")
        return True

    with pytest.raises(AssertionError):
        fuzz.play(fuzz.mutated(fuzz.CONTRACTS), writes, 3)
    with pytest.raises(AssertionError):
        fuzz.in_words(ValueError("a\x00b"))
    with pytest.raises(AssertionError):
        fuzz.in_words(ValueError("x" * fuzz.LONGEST))
