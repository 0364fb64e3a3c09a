"""A notebook over a table of parameters: what lands, what is not run again, what is refused."""

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import COMMON, notebook

from analysis.__main__ import main
from analysis.data import texts
from analysis.page.parameters import UsageError
from analysis.run import pools, runs, store, sweep

FINDS = (
    "from analysis.page.findings import *\n"
    "finding('It costs {cost}.', cost=usd(rate * 100)) if rate < 0.9 else 1 / 0"
)
OWN = "rate = 0.1  # a year\nnote = 'x'\nfew = [1]\nsure = True\n"


@pytest.fixture
def book(tmp_path: Path, toys: None) -> Path:
    return notebook(tmp_path / "asks.ipynb", "# What does it cost?", FINDS, parameters=OWN)


def table(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def remote() -> Iterator[dict[str, str]]:
    """A store that papermill knows by its address, in memory."""
    from papermill.iorw import papermill_io

    lying: dict[str, str] = {}

    class Handler:
        def read(self, path: str) -> str:
            return lying[path]

        def write(self, text: str, path: str) -> None:
            lying[path] = text

    papermill_io.register("toy://", Handler())
    yield lying
    papermill_io._handlers = [h for h in papermill_io._handlers if h[0] != "toy://"]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_runs_land_with_an_index_and_all_figures_and_are_not_run_again(
    book: Path,
    inline: None,
    tmp_path: Path,
    remote: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = table(tmp_path, 'rate,note,few\n0.5,3,"[1, 2]"\n0.95,<b>,\n')
    out = tmp_path / "out"
    assert main(["sweep", str(book), str(given), "--out", str(out), "--workers", "2"]) == 1
    said = capsys.readouterr()
    assert "row 2 {'rate': '0.95', 'note': '<b>', 'few': ''} failed\ncell 3 of asks:" in said.err
    assert "2 of 2 run now, 1 failed" in said.out
    index = (out / "index.html").read_text()
    assert index.count('.html">') == 1
    assert "ZeroDivisionError" in index
    assert "&lt;b&gt;" in index
    before = {path: path.stat().st_mtime_ns for path in out.glob("run-*")}
    assert len(before) == 2
    made = json.loads(next(out.glob("*.ipynb")).read_text())
    assert made["metadata"]["compute_agreements"]["parameters"]["interactive"] is False

    longer = table(tmp_path, given.read_text() + ",it's,\n")
    outcomes = sweep.sweep(book, longer, out=str(out), workers=2)
    assert [outcome.ran for outcome in outcomes] == [False, True, True]
    assert {path: path.stat().st_mtime_ns for path in before} == before
    figures = rows((out / "figures.csv").read_text())
    assert [row["row"] for row in figures] == ["1", "3"]
    assert [row["value"] for row in figures] == ["50.0", "10.0"]
    assert [row["parameter_note"] for row in figures] == ["3", "it's"]

    there = sweep.sweep(book, longer, out="toy://bucket/sweep/", workers=2)
    assert [outcome.error is None for outcome in there] == [True, False, True]
    assert {f"toy://bucket/sweep/{path.name}" for path in out.iterdir()} == set(remote)
    for path in out.iterdir():
        assert remote[f"toy://bucket/sweep/{path.name}"] == path.read_text(), path.name
    again = sweep.sweep(book, longer, out="toy://bucket/sweep", workers=1)
    assert [outcome.ran for outcome in again] == [False, True, False]


def test_a_run_depends_on_its_notebook_its_terms_and_the_code(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = tmp_path / "terms.toml"
    terms.write_text("id = 'toy'")

    def inputs() -> str:
        [asked] = sweep.notebooks.find([book], tmp_path)
        [run] = sweep.read(asked, table(tmp_path, f"contract,rate\n{terms},1\n"))
        assert run.given == {"contract": "contract.toml", "rate": 1.0, "interactive": False}
        return run.inputs

    seen = [inputs(), inputs()]
    assert len(set(seen)) == 1
    terms.write_text("id = 'toy' # changed")
    seen.append(inputs())
    notebook(book, "# What else?", FINDS, parameters=OWN)
    seen.append(inputs())
    monkeypatch.setattr(store, "code", lambda: "other")
    assert len({*seen, inputs()}) == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "needs a line of parameter names and one line a run"),
        ("rate\n", "needs a line of parameter names and one line a run"),
        ("rate\n\n\n", "needs a line of parameter names and one line a run"),
        ("speed\n1\n", "row 1: no parameter 'speed'; there are contract, "),
        ('speed\n""\n', "row 1: no parameter 'speed'"),
        ("rate,rate\n1,2\n", "two columns are named 'rate'"),
        ("rate\n0.1\nhigh\n", "row 2: parameter rate = 'high' must be a number, like 0.1"),
        ("rate\nnan\n", "row 1: parameter rate: nan is not allowed; allowed: finite numbers"),
        ("sure\n1\n", "row 1: parameter sure = 1 must be true or false"),
        ("as_of\n2026-02-30\n", "row 1: as_of = '2026-02-30' must be a calendar day"),
        ("rate,note\n1,a\n1.0,a\n", "row 2: the same run as row 1"),
        ("rate,note\n1\n", "row 1: 1 values for 2 columns"),
        ("rate,note\n1,a,b\n", "row 1: 3 values for 2 columns"),
        ("interactive\ntrue\n", "column interactive cannot be passed: it is False in a sweep"),
        ("contract\nnobody\n", "row 1: contract: 'nobody' is neither a file in"),
        ("reading\nR9\n", "row 1: reading 'R9' is not one of toy's"),
        ('rate\n"1\n', "no table can be read"),
    ],
)
def test_a_bad_table_is_refused_in_a_sentence_before_anything_starts(
    text: str, said: str, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "each", lambda *_, **__: pytest.fail("a kernel would have started"))
    with pytest.raises(UsageError) as refused:
        sweep.sweep(book, table(tmp_path, text), out=str(tmp_path / "out"))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"out": "file/below"}, "cannot be written to: "),
        ({"out": "/proc/no"}, "cannot be written to: "),
        ({"out": "s3://bucket/x"}, "cannot be written to: "),
        ({"table": "absent.csv"}, "absent.csv: no table can be read: No such file"),
        ({"notebook": "absent.ipynb"}, "notebooks: 'absent.ipynb' is not one of"),
        ({"workers": 0}, "workers = 0 must be 1 or more"),
        ({"scheduler": "tcp://127.0.0.1:9"}, "scheduler 'tcp://127.0.0.1:9' cannot be reached"),
    ],
)
def test_a_bad_wish_is_refused_in_a_sentence(
    changed: dict[str, Any], said: str, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("analysis.run.pools.ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(runs, "_work", lambda *_: pytest.fail("a kernel would have started"))
    (tmp_path / "file").write_text("mine")
    table(tmp_path, "rate\n1\n")
    asked: dict[str, Any] = {"notebook": book, "table": "table.csv", "out": "out"} | changed
    with pytest.raises(UsageError) as refused:
        sweep.sweep(asked.pop("notebook"), asked.pop("table"), **asked)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(UsageError, match=r"out '.*' cannot be written to: Permission denied"):
        store.put(str(tmp_path), {"a.csv": ""})


def test_the_files_that_a_run_reads_come_along(
    inline: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    Path("terms.toml").write_text(readme.split("```toml\n")[1].split("```")[0])
    first, second, *_ = (texts.DATA / "comparables.csv").read_text().splitlines()
    Path("rows.csv").write_text(f"{first}\n{second.replace(second.split(',')[0], 'mine', 1)}\n")
    asks = notebook(
        Path("asks.ipynb"),
        "# Which?",
        "from analysis.contract import files\nfrom analysis.data import sources\n"
        "from analysis.questions.changes.answer import Answer",
        "print(files.contract(other).id, sources.comparables(corrections).id.iloc[-1])",
        parameters="contract = 'anthropic-xai'\ncorrections = ''\nother = ''\n",
    )
    given = table(tmp_path, "other,corrections\nterms.toml,rows.csv\n")
    [done] = sweep.sweep(asks, given, out="out", workers=1)
    assert done.error is None
    assert "<pre>acme-lab-2026 mine" in Path(f"out/{done.run.name}.html").read_text()
    assert done.run.given["other"] == "acme-lab-2026.toml"
    Path("rows.csv").write_text(Path("rows.csv").read_text() + "\n")
    [book] = sweep.notebooks.find([asks], tmp_path)
    assert sweep.read(book, given)[0].inputs != done.run.inputs
    for wrong, said in (
        ("other\nnowhere\n", "is neither a file"),
        ("corrections\nx\n", "x: not a file"),
    ):
        with pytest.raises(UsageError, match=f"row 1: .*{said}"):
            sweep.read(book, table(tmp_path, wrong))


def test_a_notebook_without_an_agreement_runs_too(tmp_path: Path) -> None:
    path = notebook(tmp_path / "own.ipynb", "# Plain?", "print(2 * rate)")
    path.write_text(path.read_text().replace(json.dumps(COMMON)[1:-1], "rate = 1.5"))
    [done] = sweep.sweep(path, table(tmp_path, "rate\n2\n"), out=str(tmp_path / "out"), workers=1)
    assert done.error is None
    page = (tmp_path / "out" / f"{done.run.name}.html").read_text()
    assert "<pre>4.0" in page
    assert "<title>Plain?</title>" in page
