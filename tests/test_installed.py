"""What is installed from a wheel, and what `make` says and asks of pip."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


def run(command: list[str], **changed: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | changed)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the wheel of this checkout is installed, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    built = run([*PIP, "wheel", "--no-deps", f"--wheel-dir={folder}", str(ROOT)])
    if "hatchling" in built.stderr:
        pytest.skip("the index that holds the build's tools cannot be reached")
    assert built.returncode == 0, built.stderr
    [wheel] = folder.glob("*.whl")
    run([*PIP, "install", "--no-deps", "--no-user", f"--target={folder}", str(wheel)])
    return folder


def test_an_installed_command_reports_in_a_folder_that_has_an_analysis_of_its_own(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis" / "__init__.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path)
    command = [str(installed / "bin" / "compute-agreements"), "report", "--notebooks", "10"]
    done = run(command, PYTHONPATH=str(installed))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "outputs" / "anthropic-xai" / "10_what_changed.html").exists()


def test_a_wheel_holds_every_notebook_and_its_code_counts_as_the_checkouts(installed: Path) -> None:
    code = "from analysis.page import notebooks; from analysis.run import kept"
    code += "; print(kept.code(), notebooks.FOLDER)"
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


def test_lab_tells_root_what_to_do() -> None:
    assert "make lab ARGS=--allow-root" in made("lab")
    assert "make lab ARGS=--allow-root" not in made("lab", "ARGS=--allow-root")
