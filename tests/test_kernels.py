"""A kernel's end: nothing of it reaches the terminal."""

from pathlib import Path

import pytest
from conftest import notebook

from analysis import notebooks

TIDIES = """
import time

kernel = get_ipython().kernel
answer = kernel.shell_handlers["kernel_info_request"]

async def slowly(*message):
    await answer(*message)
    time.sleep(0.5)

kernel.shell_handlers["kernel_info_request"] = slowly
"""


def test_a_kernel_that_is_still_tidying_up_says_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    book = notebooks.read(notebook(tmp_path / "asks.ipynb", "# Why?", TIDIES))
    _, stderr = notebooks.execute(book, {}, tmp_path)
    assert stderr == ""
    assert capfd.readouterr().err == ""
