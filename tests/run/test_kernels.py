"""A kernel's start, in this interpreter and again if need be; its end: nothing is said."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import notebook

from analysis.page import notebooks
from analysis.run import execution, pages, report
from analysis.run.execution import drawn

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
    _, stderr = execution.execute(book, {}, tmp_path)
    assert stderr == ""
    assert capfd.readouterr().err == ""


def run(folder: Path, *cells: str) -> dict[str, Any]:
    book = notebooks.read(notebook(folder / "asks.ipynb", "# Why?", *cells))
    return execution.execute(book, {}, folder)[0]


def test_a_kernel_runs_in_the_interpreter_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "kernels" / "python3" / "kernel.json"
    other.parent.mkdir(parents=True)
    other.write_text(json.dumps({"argv": ["/bin/false"], "display_name": "x", "language": "x"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    assert sys.executable in str(run(tmp_path, "import sys\nsys.executable")["cells"])


@pytest.mark.parametrize("deaths", [1, execution.STARTS])
def test_a_kernel_that_dies_before_it_answers_is_started_again_on_fresh_ports(
    deaths: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = tmp_path / "starts"
    dies = (
        "import json, pathlib, runpy, sys; starts = pathlib.Path(sys.argv[1]);"
        "ports = json.loads(pathlib.Path(sys.argv[3]).read_text())['shell_port'];"
        "starts.write_text((starts.read_text() if starts.exists() else '') + f'{ports}\\n');"
        f"len(starts.read_text().split()) <= {deaths} and sys.exit(1);"
        "del sys.argv[1]; runpy.run_module('ipykernel_launcher', run_name='__main__')"
    )
    given = [sys.executable, "-c", dies, str(starts), "-f", "{connection_file}"]
    monkeypatch.setattr(execution, "ARGV", given)
    if deaths < execution.STARTS:
        assert "found" in str(run(tmp_path, "'fo' + 'und'")["cells"])
    else:
        with pytest.raises(RuntimeError, match=execution.DIED):
            run(tmp_path, "1")
    ports = starts.read_text().split()
    assert len(ports) == len(set(ports)) == min(deaths + 1, execution.STARTS)


NOBODY = """
import pwd
def nobody(_): raise KeyError
pwd.getpwuid = nobody
"""


def test_a_user_without_home_or_name_can_run_a_report(
    toys: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(NOBODY)  # in the worker and in its kernel
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for name in ("HOME", "USER", "LOGNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    asks = notebook(tmp_path / "asks.ipynb", "# Why?", "from pathlib import Path; Path.home()")
    [outcome] = report.run(contract="toy", notebooks=[asks], out=tmp_path / "out")
    assert outcome.error is None


def test_a_picture_does_not_depend_on_what_was_drawn_before() -> None:
    colour = {"gradient": "linear", "stops": [{"offset": 0, "color": "red"}]}
    spec = {"data": {"values": [{"a": 1}]}, "mark": {"type": "bar", "color": colour, "clip": True}}
    spec["encoding"] = {"x": {"field": "a", "type": "quantitative"}}
    first, second = (drawn({pages.LIVE: spec})[pages.SVG] for _ in range(2))
    assert first == second
    inner = re.findall(r' id="(\w+)"', first)
    assert len(inner) == 2
    assert all(f"url(#{name})" in first for name in inner)
