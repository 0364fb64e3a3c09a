"""The report: what it publishes, what it refuses, what it leaves alone."""

import csv
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from conftest import HOSTILE, SHOWS, Agreement, Published, notebook

from analysis.__main__ import main
from analysis.contract import files
from analysis.data import sources
from analysis.page import notebooks, parameters
from analysis.page.notebooks import find
from analysis.page.parameters import UsageError, check
from analysis.run import pages, pools, report, runs, store

NAME = "01 'shows' {x}"


def test_a_good_notebook_lands_and_a_failed_one_leaves_the_last_good_page(
    published: Published,
) -> None:
    good, bad = sorted(published.outcomes, key=lambda outcome: outcome.run.name)
    assert good.error is None
    assert good.stderr == "noise\n"
    assert bad.error.startswith("cell 3 of 02_fails:\n    x = 1\n    x['<b>']\nTypeError:")
    assert published.text("02_fails.html") == "last good page"
    assert sorted(path.name for path in published.folder.iterdir()) == [
        f"{NAME}.html",
        f"{NAME}.ipynb",
        "02_fails.html",
        "contract.toml",
        "figures.csv",
        "index.html",
    ]
    assert [path.name for path in published.out.iterdir()] == ["toy-own-file"]


def test_what_is_passed_reaches_the_notebook_and_nothing_else(published: Published) -> None:
    executed = json.loads(published.text(f"{NAME}.ipynb"))
    assert list(executed) == sorted(executed)
    own = executed["metadata"]["compute_agreements"]["parameters"]
    assert own["note"] == HOSTILE
    assert own["rate"] == 1.0
    last = executed["cells"][-2]["outputs"][0]["data"]["text/plain"]
    assert "'contract.toml'" in last
    assert "'R2'" in last
    assert "False" in last
    assert '''"id = 'toy'"''' in last


def test_figures_are_collected_by_name(published: Published) -> None:
    rows = list(csv.reader(published.text("figures.csv").splitlines()))
    assert rows == [
        ["notebook", "figure", "value", "unit", "reading", "kind", "label"],
        [NAME, "fee", "1250000000.0", "USD", "R2", "derived", ""],
        [NAME, "end", "2026-12-31", "date", "", "derived", ""],
    ]


def test_a_page_that_failed_is_named_on_the_index(published: Published) -> None:
    index = published.text("index.html")
    assert "<b>02_fails failed:</b> TypeError: " in index
    assert '<li><a href="02_fails.html">Fails?</a>' in index
    assert "The page is that of an earlier report." in index
    assert "x['<b>']" not in index  # its code is told in the terminal


@pytest.mark.parametrize("code", ["1 / 0", "1"])
def test_where_every_page_fails_an_index_that_is_there_says_so(
    code: str, toys: None, inline: None, tmp_path: Path
) -> None:
    book = notebook(tmp_path / "a.ipynb", "# Why?", code)
    [outcome] = report.run(contract="toy", notebooks=[book], out=tmp_path / "out")
    index = tmp_path / "out" / "toy" / "index.html"
    assert index.exists() is (outcome.error is None)
    notebook(tmp_path / "a.ipynb", "# Why?", "1 / 0")
    report.run(contract="toy", notebooks=[book], out=tmp_path / "out")
    if index.exists():
        assert "a failed:</b> ZeroDivisionError: division by zero" in index.read_text()


def test_a_report_ends_with_what_it_found_and_a_path_that_opens(
    toys: None,
    inline: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    finds = "from analysis.page.findings import finding, usd\nfinding('It is {fee}.', fee=usd(5e9))"
    books = [
        str(notebook(tmp_path / "a.ipynb", "# Why?", finds)),
        str(notebook(tmp_path / "b.ipynb", "# How?", "1 / 0")),
    ]
    monkeypatch.chdir(tmp_path)
    assert main(["report", "--contract", "toy", "--notebooks", *books, "--out", "my out/"]) == 1
    *lines, path = capsys.readouterr().out.splitlines()
    assert lines == [
        "toy",
        "  a: It is $5bn.",
        "  b: failed: ZeroDivisionError: division by zero",
    ]
    assert Path(path) == tmp_path / "my out" / "toy" / "index.html"
    assert Path(path).exists()


class Tags(HTMLParser):
    """Scripts, images and links of a page, and its words."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def test_no_name_or_parameter_breaks_out_of_the_page(published: Published) -> None:
    for name in (f"{NAME}.html", "index.html"):
        tags = Tags(published.text(name))
        assert "<script>document.title" in tags.words  # shown as text …
        types = [script.get("type") for script in tags.all("script")]
        assert types == (["application/json"] * 2 + [None] if name != "index.html" else [])
        assert "{{7*7}}" in tags.words  # … and no template of ours reads it
        assert not tags.all("i")


def test_a_page_is_whole_in_itself(published: Published) -> None:
    tags = Tags(published.text(f"{NAME}.html"))
    assert tags.all("html") == [{"lang": "en"}]
    assert all(str(image["src"]).startswith("data:") for image in tags.all("img"))
    assert all(image["alt"] for image in tags.all("img"))
    assert not tags.all("link")
    assert {link["href"] for link in tags.all("a")} == {
        "index.html",
        "figures.csv",
        "02_fails.html",  # the next page
        "01%20%27shows%27%20%7Bx%7D.ipynb",
    }
    assert tags.words.index("pays") < tags.words.index("It is")  # the finding leads …
    assert tags.words.count("$1.25bn") == 1  # … and is not said twice
    assert len(published.text(f"{NAME}.html")) < 1_200_000
    index = Tags(published.text("index.html"))
    links = {link["href"] for link in index.all("a")}
    assert {"01%20%27shows%27%20%7Bx%7D.html", "figures.csv", "contract.toml"} <= links
    assert "$1.25bn" in index.words


def test_a_second_run_gives_the_same_bytes(
    published: Published, tmp_path: Path, toys: None
) -> None:
    (tmp_path / "terms.toml").write_text("id = 'toy'")
    (tmp_path / "out" / "toy-own-file").mkdir(parents=True)
    (tmp_path / "out" / "toy-own-file" / "02_fails.html").write_text("last good page")
    outcomes = report.run(
        contract=tmp_path / "terms.toml",
        reading="R2",
        as_of=date(2026, 12, 31),
        notebooks=[published.out.parent / f"{name}.ipynb" for name in ("02_fails", NAME)],
        out=tmp_path / "out",
        workers=1,
        parameters={"note": HOSTILE, "rate": 1.0},
    )
    assert [outcome.error is None for outcome in outcomes] == [False, True]
    for path in sorted((tmp_path / "out" / "toy-own-file").iterdir()):
        assert path.read_bytes() == (published.folder / path.name).read_bytes(), path.name
        assert str(tmp_path) not in path.read_text(encoding="utf-8")


def test_an_interrupt_leaves_the_last_good_page_and_no_litter(tmp_path: Path) -> None:
    sleeps = notebook(tmp_path / "sleeps.ipynb", "# Long?", "import time\ntime.sleep(60)")
    good = tmp_path / "out" / "toy" / "sleeps.html"
    good.parent.mkdir(parents=True)
    good.write_text("last good page")
    driver = tmp_path / "driver.py"
    driver.write_text(
        "import sys, pytest\nif __name__ == '__main__':\n"
        "    import conftest; conftest.fake(pytest.MonkeyPatch())\n"
        "    from analysis.__main__ import command; sys.exit(command())\n"
    )
    (tmp_path / "aside").mkdir()
    here = {"PYTHONPATH": str(Path(__file__).parents[1]), "TMPDIR": str(tmp_path / "aside")}
    command = [sys.executable, driver, "report", "--contract", "toy", "--out", tmp_path / "out"]
    with subprocess.Popen(
        [*command, "--notebooks", sleeps], env=os.environ | here, stderr=subprocess.PIPE
    ) as run:
        deadline = time.monotonic() + 120
        while not list(tmp_path.glob("aside/.agreements-*/.ipython-*")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        assert b"interrupted" in run.communicate(timeout=120)[1]
    assert run.returncode == 130
    assert good.read_text() == "last good page"
    assert [path.name for path in good.parent.parent.iterdir()] == ["toy"]
    assert not list((tmp_path / "aside").iterdir())


def options(**changed: Any) -> dict[str, Any]:
    return {"contract": "toy", "notebooks": ["01"]} | changed


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            options(parameters={"n": 1}),
            "no notebook asked for has a parameter 'n'; they have contract, ",
        ),
        (options(parameters={"rate": "high"}), "parameter rate = 'high' must be a number, like"),
        (options(parameters={"rate": True}), "parameter rate = True must be a number"),
        (options(parameters={"rate": float("nan")}), "allowed: finite numbers"),
        (options(parameters={"rates": 0.5}), "parameter rates = 0.5 must be a list, like [0.5]"),
        (options(parameters={"rates": [float("nan")]}), "allowed: finite numbers"),
        (options(parameters={"assume": [1]}), "parameter assume = [1] must be a table, like {}"),
        (options(as_of="0001-01-01"), "must be a calendar day, like 2026-11-23, from 1900 to"),
        (options(parameters={"note": 3}), "parameter note = 3 must be text"),
        (options(parameters={"since": "soon"}), "since = 'soon' must be a calendar day"),
        (options(parameters={"contract": "x"}), "it is chosen with --contract"),
        (options(parameters={"interactive": True}), "it is False in a report"),
        (options(parameters={"reading": "R9"}), "reading 'R9' is not one of toy's: headline, R2"),
        (options(reading="R9"), "reading 'R9' is not one of toy's: headline, R2"),
        (options(as_of="2026-02-30"), "as_of = '2026-02-30' must be a calendar day"),
        (options(as_of="20261123"), "as_of = '20261123' must be a calendar day"),
        (options(contract="nobody"), "'nobody' is neither a file in"),
        (options(contract=["toy", "all"]), "contract 'toy' is asked for twice"),
        (options(notebooks=["99"]), "notebooks: '99' is not one of 01_a, 01_b, 02_c"),
        (options(notebooks=["02", "02_c"]), "notebooks: 02_c is asked for twice"),
        (options(workers=0), "workers = 0 must be 1 or more"),
        (options(out="s3://bucket/x"), "out 's3://bucket/x' must be a folder of this machine"),
        (options(out="file"), "out 'file' cannot be written to: File exists"),
        (options(out="file/below"), "out 'file/below' cannot be written to: Not a directory"),
    ],
)
def test_a_bad_wish_is_refused_in_a_sentence_before_anything_starts(
    asked: dict[str, Any],
    said: str,
    toys: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    own = "rate = 0.1  # a year\nnote = ''\nsince = '2026-05-03'\nrates = [0.5]\nassume = {}\n"
    for name in ("01_a", "01_b", "02_c"):
        notebook(tmp_path / f"{name}.ipynb", "# Why?", parameters=own)
    monkeypatch.setattr(notebooks, "FOLDER", tmp_path)
    monkeypatch.setattr(pools, "each", lambda *_, **__: pytest.fail("a kernel would have started"))
    (tmp_path / "file").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    if asked["notebooks"] == ["01"]:
        asked = asked | {"notebooks": ["01_a"]}
    with pytest.raises(UsageError) as refused:
        report.run(**asked)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("number", "given", "said"),
    [
        ("10", {"party": "me"}, "party = 'me' is not allowed; allowed: one of customer, provider"),
        ("10", {"rate": -1.0}, "rate = -1.0 is not allowed; allowed: above -1, at most 1"),
        ("10", {"rate": 8}, "above -1, at most 1; did you mean 0.08 (8 %)?"),
        ("01", {"loss_given_default": 3.0}, "allowed: from 0 to 1; did you mean 0.03 (3 %)?"),
        ("04", {"rates": [0.1, 11.0]}, "is not allowed; allowed: each above -1, at most 1"),
        ("04", {"rates": [0.1, True]}, "parameter rates = True must be a number"),
        ("04", {"rates": [0.1, "1"]}, "parameter rates = '1' must be a number"),
        ("05", {"notice_months": [1, 2.5]}, "parameter notice_months = 2.5 must be a whole number"),
        ("04", {"assume": {"x": 1}}, "assume: 'x' is not known; allowed: "),
        ("04", {"assume": {"pue": True}}, "parameter assume = True must be a number"),
        ("04", {"assume": {"utilisation": 7}}, "allowed: a number from 0 to 1; did you mean 0.07"),
    ],
)
def test_what_a_question_does_not_allow_is_refused(
    number: str, given: dict[str, Any], said: str
) -> None:
    [book] = find([number])
    with pytest.raises(UsageError) as refused:
        check(book.kind, given)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("number", ["05", "06"])
def test_every_list_of_a_shipped_notebook_has_a_rule(number: str) -> None:
    [book] = find([number])
    assert book.kind
    lists = {name: value for name, value in book.parameters.items() if isinstance(value, list)}
    for name in lists:
        assert parameters.allowed(book.kind.model_fields[name]).startswith("each "), name
    assert check(book.kind, lists) == lists  # what it ships with is allowed
    assert check(book.kind, {"assume": {"rate_year": 0.12}})


def test_what_the_assumptions_are_is_allowed() -> None:
    bounds, table = sources.planning_bounds(), sources.planning()
    for name, *ends in zip(table.name, table.low, table["value"], table.high, strict=True):
        low, high = bounds[name]
        assert all(value != value or low <= value <= high for value in ends), name


def test_the_command_line_refuses_with_exit_code_2(
    toys: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = notebook(tmp_path / "a.ipynb", "# Why?", parameters="rate = 0.1\n")
    for wish in (["-p", "rate"], ["-p", "rate=much"], ["--reading", "R9"]):
        assert main(["report", "--contract", "toy", "--notebooks", str(path), *wish]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_help_lists_what_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["report", "--help"])
    assert left.value.code == 0
    said = capsys.readouterr().out
    assert " report --contract all --out published" in said
    for name in files.contracts():
        for code, title in files.contract(name).readings.items():
            assert code == "headline" or f"    {code}: {title}\n" in said
    for book in find():
        assert f"  {book.name}: " in said
        own = book.parameters.keys() - {*report.FIXED, "reading", "as_of"}
        assert all(f"  {name}=" in said for name in own)


def test_check_prints_every_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.toml").write_text('id = "X"\nstart = "soon"\nsize = 3\n')
    assert main(["check", str(tmp_path / "bad.toml")]) == 1
    assert capsys.readouterr().err.count("\n") == 7


def test_the_command_line_imports_nothing_heavy() -> None:
    code = "import sys; from analysis import __main__; from analysis.page import notebooks"
    code += "; from analysis.run import report; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert not {"papermill", "altair", "nbconvert", "pandas", "tqdm"} & set(loaded.split())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("0.5", 0.5),
        ("true", True),
        ("[1, 2]", [1, 2]),
        ('"3"', "3"),
        ("2026-11-23", "2026-11-23"),
        ("R2", "R2"),
        ("1\nb = 2", "1\nb = 2"),
        ("", ""),
        (HOSTILE, HOSTILE),
    ],
)
def test_a_value_is_read_as_toml_writes_it(text: str, value: Any) -> None:
    read = notebooks.literal(text)
    assert read == value
    assert type(read) is type(value)


def test_parameters_must_be_plain_literals(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", "# Why?", parameters="rate = 1 / 3\n")
    with pytest.raises(UsageError, match=r"a\.ipynb: must be a notebook with one cell"):
        notebooks.read(path)


def executed(name: str, *figures: str) -> dict[str, Any]:
    rows = [{"figure": f, "value": float(n), "unit": "USD"} for n, f in enumerate(figures)]
    data = {runs.FINDING: {"figures": rows}, "text/html": "<p>found</p>", "text/plain": "found"}
    output = {"output_type": "execute_result", "data": data}
    cell = {"cell_type": "code", "source": "", "outputs": [output]}
    own = {"name": name, "parameters": {"contract": "toy", "reading": "", "as_of": ""}}
    own["terms"] = store.digest("")
    return {"cells": [cell], "metadata": {runs.OURS: own}}


def test_a_figure_of_a_title_counts_where_no_sentence_says_it() -> None:
    one = executed("n", "a")
    titled = [{"figure": name, "value": 7.0, "unit": "USD"} for name in ("a", "b", "b")]
    chart = {pages.LIVE: {"usermeta": {"figures": titled}}}
    one["cells"][0]["outputs"].append({"output_type": "display_data", "data": chart})
    assert [(row["figure"], row["value"]) for row in runs.figures(one)] == [("a", 0.0), ("b", 7.0)]


def test_two_figures_of_one_name_are_refused() -> None:
    assert [row["figure"] for row in runs.figures(executed("n", "a", "b"))] == ["a", "b"]
    with pytest.raises(ValueError, match="two figures are named 'a'"):
        runs.figures(executed("n", "a", "a"))


def test_a_page_that_cannot_be_made_takes_its_notebook_along(tmp_path: Path) -> None:
    book = notebooks.read(notebook(tmp_path / "n.ipynb", "# Why?"))
    run = runs.Run(book, {}, {}, Agreement(), "n")
    ran = pools.Done(run, (json.dumps(executed("n", "a", "a")), ""))
    outcome, made = runs._finished(ran)
    assert outcome.error
    assert not made


def test_two_reports_into_one_folder_land_one_after_the_other(tmp_path: Path) -> None:
    target = tmp_path / "toy"
    target.mkdir()
    made = [
        {f"{run}.html": "page", f"{run}.ipynb": json.dumps(executed(run, "a"))}
        for run in ("one", "two")
    ]
    book = notebooks.read(notebook(tmp_path / "n.ipynb", "# Why?"))
    run = runs.Run(book, {}, {}, Agreement(), "n")
    lock = os.open(target, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    landing = [threading.Thread(target=report._land, args=(target, run, m)) for m in made]
    for thread in landing:
        thread.start()
    time.sleep(0.2)
    assert not list(target.iterdir())  # they wait for whoever is landing
    os.close(lock)
    for thread in landing:
        thread.join()
    assert [line[:3] for line in (target / "figures.csv").read_text().splitlines()[1:]] == [
        "one",
        "two",
    ]
    assert (target / "index.html").read_text().count("<h3>") == 2


def test_a_section_that_shows_nothing_is_left_out() -> None:
    def text(source: str) -> dict[str, Any]:
        return {"cell_type": "markdown", "source": source}

    def code(source: str, *shown: str) -> dict[str, Any]:
        return {"cell_type": "code", "source": source, "outputs": list(shown)}

    cells = [
        *(text("# Question"), code("a"), text("## Empty"), text("more"), code("b")),
        *(text("### Below"), code("c"), text("## Half"), code("d"), text("### None"), code("e")),
        *(text("### Some"), code("f", "shown"), text("## Only words")),
    ]
    kept = [cell["source"] for cell in pages.answered(cells)]
    assert kept == ["# Question", *"abc", "## Half", *"de", "### Some", "f", "## Only words"]


def test_the_parameters_that_name_further_agreements_are_known() -> None:
    named = {book.name[:2]: notebooks.other_agreements(book) for book in find()}
    assert {number: names for number, names in named.items() if names} == {
        "08": ["book_with"],
        "10": ["other"],
    }


@pytest.mark.parametrize(
    ("question", "name", "wrap"), [("changes", "other", ""), ("precedent", "book_with", "[]")]
)
def test_another_agreement_comes_along_as_a_file(
    inline: None, tmp_path: Path, question: str, name: str, wrap: str
) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (tmp_path / "terms.toml").write_text(readme.split("```toml\n")[1].split("```")[0])
    default = "[]" if wrap else "''"
    path = notebook(
        tmp_path / "two.ipynb",
        "# Two?",
        f"from analysis.contract import files\n"
        f"from analysis.questions.{question}.answer import Answer",
        f"print({name}, files.contract({name}[0] if isinstance({name}, list) else {name}).id)",
        parameters=f"{name} = {default}\n",
    )
    given = [str(tmp_path / "terms.toml")] if wrap else str(tmp_path / "terms.toml")
    [outcome] = report.run(notebooks=[path], out=tmp_path / "out", parameters={name: given})
    assert outcome.error is None
    folder = tmp_path / "out" / "anthropic-xai"
    assert (folder / "acme-lab-2026.toml").is_file()
    assert str(tmp_path) not in (folder / "two.ipynb").read_text()
    assert "acme-lab-2026.toml" in (folder / "two.html").read_text()
    for wrong, said in (("no-file", "is neither a file in"), (7, "must be")):
        with pytest.raises(UsageError, match=said):
            report.run(
                notebooks=[path], out=tmp_path, parameters={name: [wrong] if wrap else wrong}
            )


def test_rows_that_correct_the_comparables_reach_the_notebook(
    toys: None, inline: None, tmp_path: Path
) -> None:
    rows = tmp_path / "my rows.csv"
    rows.write_text("id\nmine\n")
    reads = "from pathlib import Path\nprint(Path(corrections).read_text())"
    path = notebook(tmp_path / "a.ipynb", "# Why?", reads, parameters="corrections = ''\n")
    out = tmp_path / "out"
    [done] = report.run(contract="toy", notebooks=[path], out=out, comparables=rows)
    assert done.error is None
    assert "mine" in (out / "toy" / "a.html").read_text()
    assert (out / "toy" / runs.ROWS).read_text() == rows.read_text()
    with pytest.raises(UsageError, match="chosen with --comparables"):
        report.run(contract="toy", notebooks=[path], out=out, parameters={"corrections": "x"})


def test_facts_in_a_file_of_their_own_count_as_those_of_the_agreement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    caught: list[Any] = []

    def done(listed: list[Any], **_: Any) -> Iterator[Any]:
        caught.extend(listed)
        yield from ()

    monkeypatch.setattr(runs, "done", done)
    facts, out = tmp_path / "facts.toml", tmp_path / "out"
    told = '[[fact]]\nkind = "delivered"\ndate = 2026-07-01\nvalue = 0.5\nsource = "filing"\n'
    facts.write_text(told)
    report.run(contract="anthropic-xai", notebooks=["01"], facts=facts, out=out)
    assert caught[0].agreement.fact[0].value == 0.5
    assert caught[0].given["contract"] == runs.TERMS
    assert caught[0].files[runs.TERMS].endswith(told)
    with pytest.raises(UsageError, match="facts are those of one contract"):
        report.run(contract="all", notebooks=["01"], facts=facts, out=out)
    facts.write_text(told.replace("0.5", "2.0"))
    with pytest.raises(UsageError, match="delivered 2 on 2026-07-01; allowed: 0 to 1"):
        report.run(contract="anthropic-xai", notebooks=["01"], facts=facts, out=out)
    facts.write_text('title = "x"\n' + told)
    with pytest.raises(UsageError, match=r"allowed: \[\[fact\]\] tables alone"):
        report.run(contract="anthropic-xai", notebooks=["01"], facts=facts, out=out)


def test_rows_that_cannot_be_used_are_refused_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "each", lambda *_, **__: pytest.fail("a kernel would have started"))
    rows = tmp_path / "rows.csv"
    rows.write_text("id\nmine\n")
    assert main(["report", "--comparables", str(rows), "--out", str(tmp_path / "out")]) == 2
    assert "mine: source: it is needed, but missing" in capsys.readouterr().err
    assert main(["report", "--comparables", "nowhere.csv"]) == 2
    assert "nowhere.csv: not a file" in capsys.readouterr().err


def strange_files(folder: Path) -> list[Path]:
    """Whatever may lie in a folder of pages, each with a page of its name beside it."""
    ours = executed("torn", "a")
    broken = {**executed("broken", "a")}
    broken["cells"][0]["outputs"][0]["data"][runs.FINDING]["figures"] = [3]
    texts = {
        "null": "null", "list": "[]", "deep": "[" * 100_000, "empty": "", "bytes": "\udcff",
        "foreign": json.dumps({"cells": [], "metadata": {}}), "torn": json.dumps(ours)[:300],
        "renamed": json.dumps(ours), "broken": json.dumps(broken),
        "others": json.dumps({**ours, "metadata": {runs.OURS: {"name": "others", "terms": "x"}}}),
    }  # fmt: skip
    for name, text in texts.items():
        (folder / f"{name}.ipynb").write_text(text, errors="surrogateescape")
    (folder / "folder.ipynb").mkdir()
    (folder / "gone.ipynb").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "alone.html").write_text("mine")
    for path in folder.glob("*.ipynb"):
        path.with_suffix(".html").write_text("mine")
    return sorted(folder.iterdir())


def test_what_others_put_into_the_folder_does_not_break_the_index(
    toys: None, inline: None, tmp_path: Path
) -> None:
    book = notebook(tmp_path / "a.ipynb", "# Why?", "1")
    out = tmp_path / "out" / "toy"
    out.mkdir(parents=True)
    strange = strange_files(out)
    [done] = report.run(contract="toy", notebooks=[book], out=tmp_path / "out")
    assert done.error is None
    index = (out / "index.html").read_text()
    assert index.count("<h3>") == 1
    assert "a.html" in index
    assert set(strange) == {*out.iterdir()} - {
        out / name for name in ("a.html", "a.ipynb", "figures.csv", "index.html")
    }


def test_pages_of_two_files_do_not_mix(toys: None, inline: None, tmp_path: Path) -> None:
    """Neither with those of the agreement shipped with the same id, nor with each other."""
    books = [notebook(tmp_path / f"{name}.ipynb", f"# {name}?", "1") for name in "ab"]
    terms, out = tmp_path / "terms.toml", tmp_path / "out"
    report.run(contract="toy", notebooks=books, out=out)
    shipped = {path: path.read_bytes() for path in (out / "toy").iterdir()}
    for text, book in zip(("id = 'toy'", "id = 'toy' # and more"), books, strict=True):
        terms.write_text(text)
        report.run(contract=terms, notebooks=[book], out=out)
    assert {path: path.read_bytes() for path in (out / "toy").iterdir()} == shipped
    own = out / "toy-own-file"
    assert (own / "contract.toml").read_text() == text
    assert 'href="b.html"' in (own / "index.html").read_text()
    assert 'href="a.html"' not in (own / "index.html").read_text()


def test_one_page_made_again_has_the_bytes_that_it_had(toys: None, tmp_path: Path) -> None:
    """Whatever was drawn before in its process, and whatever lies beside it."""
    own = "note = 'x'\n"
    books = [notebook(tmp_path / f"{name}.ipynb", *SHOWS[:-2], parameters=own) for name in "ab"]
    out, alone = tmp_path / "out", tmp_path / "alone"
    report.run(contract="toy", notebooks=books, out=out, workers=1)
    whole = {path.name: path.read_bytes() for path in (out / "toy").iterdir()}
    assert len(whole) == 6
    report.run(contract="toy", notebooks=books[1:], out=out)
    assert {path.name: path.read_bytes() for path in (out / "toy").iterdir()} == whole
    report.run(contract="toy", notebooks=books[1:], out=alone)
    assert (alone / "toy" / "b.ipynb").read_bytes() == whole["b.ipynb"]
