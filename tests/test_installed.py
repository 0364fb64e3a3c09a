"""What is installed from a wheel, and what `make` says and asks of pip."""

import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


def run(command: list[str], **changed: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | changed)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the wheel of this checkout is installed, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    isolated = ["--no-deps", "--no-build-isolation"]  # with the builder that is pinned
    built = run([*PIP, "wheel", *isolated, f"--wheel-dir={folder}", str(ROOT)])
    assert built.returncode == 0, built.stderr
    [wheel] = folder.glob("*.whl")
    run([*PIP, "install", "--no-deps", "--no-user", f"--target={folder}", str(wheel)])
    return folder


def test_an_installed_command_reports_in_a_folder_that_has_an_analysis_of_its_own(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis" / "__init__.py").write_text("raise SystemExit('not this one')")
    absent = f"import sys; sys.modules.update(dict.fromkeys({apart()}))"
    (tmp_path / "sitecustomize.py").write_text(absent)  # in the command and its kernel
    monkeypatch.chdir(tmp_path)
    command = [str(installed / "bin" / "compute-agreements"), "report", "--notebooks", "10"]
    done = run(command, PYTHONPATH=f"{installed}:{tmp_path}")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "outputs" / "anthropic-xai" / "10_what_changed.html").exists()


def test_a_wheel_holds_every_notebook_and_its_code_counts_as_the_checkouts(installed: Path) -> None:
    code = "from analysis.page import notebooks; from analysis.run import store"
    code += "; print(store.code(), notebooks.FOLDER)"
    there = run([sys.executable, "-P", "-c", code], PYTHONPATH=str(installed)).stdout.split()
    here = run([sys.executable, "-P", "-c", code], PYTHONPATH=str(ROOT)).stdout.split()
    assert there[0] == here[0]
    names = [{path.name for path in Path(found[1]).glob("*.ipynb")} for found in (there, here)]
    assert there[1] != here[1]
    assert names[0] == names[1] != set()


def made(*words: str) -> str:
    """What `make` would run; `make test` has set variables for itself."""
    own = {name: text for name, text in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "--dry-run", "--always-make", *words]
    return subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True).stdout


def test_setup_installs_with_pip_which_knows_the_users_index_and_never_beside_the_folder() -> None:
    installs = [line for line in made("setup").splitlines() if " install " in line]
    assert len(installs) == 2
    assert all(line.startswith(".venv/bin/python -m pip install") for line in installs)
    assert all("--no-user" in line for line in installs)
    assert "--require-hashes -r" in installs[0]
    assert "--no-deps --no-build-isolation -e ." in installs[1]
    fetched = [line for line in made("pins").splitlines() if "pip install" in line]
    assert all("--require-hashes" in line or "--no-build-isolation" in line for line in fetched)


@pytest.mark.parametrize("name", ["requirements.txt", "uv.txt"])
def test_every_pin_has_its_hashes(name: str) -> None:
    pins = (ROOT / ".ci" / name).read_text().replace("\\\n", " ").splitlines()
    assert pins
    assert all(re.match(r"\S+==\S+ .*--hash=sha256:[0-9a-f]{64}", pin) for pin in pins)


def test_what_only_jupyterlab_and_the_app_need_is_not_brought_along() -> None:
    assert len(closed({""})) < 75
    assert {"jupyterlab", "voila", "jupyter_server", "nbconvert"} <= set(apart())


def apart() -> list[str]:
    """The modules that only JupyterLab and the app bring along."""
    extra = closed({"", "lab"}) - closed({""})
    brought = importlib.metadata.packages_distributions()
    return [name for name, by in brought.items() if {*map(canonicalize_name, by)} <= extra]


def closed(extras: set[str]) -> set[str]:
    """The distributions that this package needs with these extras."""
    found, asked = set[tuple[str, str]](), {("compute-agreements", extra) for extra in extras}
    while asked:
        found |= asked
        asked = {need for one in asked for need in needed(*one)} - found
    return {name for name, _ in found} - {"compute-agreements"}


def needed(name: str, extra: str) -> set[tuple[str, str]]:
    needs = map(Requirement, importlib.metadata.requires(name) or [])
    met = [n for n in needs if n.marker is None or n.marker.evaluate({"extra": extra})]
    return {(canonicalize_name(n.name), more) for n in met for more in {"", *n.extras}}


def test_lab_tells_root_what_to_do() -> None:
    assert "make lab ARGS=--allow-root" in made("lab")
    assert "make lab ARGS=--allow-root" not in made("lab", "ARGS=--allow-root")
