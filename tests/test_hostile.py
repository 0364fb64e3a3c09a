"""Hostile input: a short play of the fuzzers, every attack, and the table that tells of both."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile import fuzz
from tests.hostile.__main__ import FULL, TABLE, attacked, row
from tests.hostile.attacks import ATTACKS


@pytest.mark.parametrize("name", FULL)
def test_nearly_right_input_works_or_is_refused_in_words(name: str) -> None:
    play, full, few = FULL[name]
    tried = play(few)
    assert tried.inputs == few
    assert tried.let_through > 0
    assert tried.let_through < few or few < 10  # among so few, all may be right
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


@pytest.mark.parametrize(
    "work",
    ["exec('raise KeyboardInterrupt')",  # Python would end by SIGINT
     "swallowed(lambda: signal.raise_signal(signal.SIGTERM)); time.sleep(60)",
     "retold(lambda: signal.raise_signal(signal.SIGINT))",  # as pydantic does, when imported
     "lost = Lost(); del lost; time.sleep(60)"],  # where nothing can be raised
)  # fmt: skip
def test_an_end_has_the_same_code_wherever_it_reaches(work: str, tmp_path: Path) -> None:
    (tmp_path / "ended.py").write_text(
        "import signal, sys, time; from analysis import __main__ as command\n"
        "command.TIDY_SECONDS = 0.2\n"
        "class Lost:\n"
        "    def __del__(self): signal.raise_signal(signal.SIGINT)\n"
        "def swallowed(call):\n"
        "    try: call()\n"
        "    except BaseException: pass\n"
        "def retold(call):\n"
        "    try: call()\n"
        "    except BaseException as error: raise RuntimeError('wrong') from error\n"
        f"def work(): {work}\n"
        "command.main = work\n"
        "sys.exit(command.command())\n"
    )
    path = os.pathsep.join([str(tmp_path), str(TABLE.parents[2])])
    asked = [sys.executable, "-m", "ended"]
    env = os.environ | {"PYTHONPATH": path}
    done = subprocess.run(asked, env=env, capture_output=True, text=True)
    assert done.returncode == 130
    assert "Traceback" not in done.stderr
