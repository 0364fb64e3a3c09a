"""What is done to the project on purpose, one attack a function: it returns what came out.

Each runs the command line in an empty folder, as a user's own process, with a report of toy
notebooks, and says what a reader of the table needs: the exit code, the words, what is left.
"""

import io
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr
from pathlib import Path

from analysis.__main__ import main

ROOT = Path(__file__).parent.parent.parent
START = 'id = "a"\nprovider = "P"\ncustomer = "C"\nsigned = 2026-01-01\nstart = 2026-01-01\n'
FEE = "\n[[fee]]\nfrom = 2026-01-01\nusd_month = 1\n"
GOOD = START + "end = 2027-01-01\n" + FEE
LAST_GOOD = "last good page"


def run(folder: Path, *arguments: str, limit: int | None = None) -> subprocess.Popen[str]:
    """The command line, started in `folder`; `limit` bytes is all that a file may hold."""

    def begin() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored in what a shell runs behind
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    return subprocess.Popen(
        [sys.executable, "-m", "analysis", *arguments],
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=begin,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def said(process: subprocess.Popen[str], folder: Path, *, code: int) -> str:
    """The last line that it wrote to stderr, which must be no traceback, without the folder."""
    errors = process.communicate(timeout=300)[1]
    lines = [line for line in errors.splitlines() if line and not re.search(r"it/s|s/it", line)]
    assert process.returncode == code, (process.returncode, errors[-2000:])
    assert "Traceback" not in errors
    return lines[-1].replace(f"{folder}/", "").strip() if lines else ""


def checked(path: Path) -> str:
    """What `check` says of a file, in this process: it only reads."""
    with redirect_stderr(io.StringIO()) as errors:
        assert main(["check", str(path)]) == 1
    return errors.getvalue().splitlines()[-1].strip()


def check(folder: Path, text: str | bytes) -> str:
    """What `check` says of a file that holds this."""
    path = folder / "mine.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return checked(path)


def book(folder: Path, *cells: str) -> str:
    """A notebook in the folder; its name."""
    sys.path.insert(0, str(ROOT / "tests"))
    from conftest import notebook

    return notebook(folder / "one.ipynb", "# What is promised?", *cells).name


def prepared(folder: Path) -> Path:
    """A folder of pages from an earlier report."""
    kept = folder / "out" / "anthropic-xai"
    kept.mkdir(parents=True)
    (kept / "one.html").write_text(LAST_GOOD)
    return kept


def report(folder: Path, *more: str, limit: int | None = None) -> subprocess.Popen[str]:
    return run(folder, "report", "--out", "out", "--notebooks", "one.ipynb", *more, limit=limit)


def unharmed(kept: Path) -> str:
    """That the last good page stands, and nothing else was left beside it."""
    assert (kept / "one.html").read_text() == LAST_GOOD
    assert [path.name for path in kept.parent.iterdir()] == ["anthropic-xai"]
    assert [path.name for path in kept.iterdir()] == ["one.html"]
    return "the last good page stands, no litter"


def huge_file(folder: Path) -> str:
    with (folder / "mine.toml").open("wb") as file:
        file.truncate(10**9)
    return checked(folder / "mine.toml")


def long_term(folder: Path) -> str:
    return check(folder, START + "end = 9999-12-31\n" + FEE)


def many_steps(folder: Path) -> str:
    steps = ",".join("{from = 2026-01-01, usd_month = 1}" for _ in range(20_000))
    return check(folder, START + f"end = 2027-01-01\nfee = [{steps}]\n")


def a_million_steps(folder: Path) -> str:
    return check(folder, START + "end = 2027-01-01\n" + FEE * 1_000_000)


def many_texts(folder: Path) -> str:
    steps = "".join(f"[[fee]]\nfrom = 2026-{m:02d}-{d:02d}\nusd_month = 1\n"
                    for m in range(1, 13) for d in range(1, 29))  # fmt: skip
    readings = "".join(f"[readings.r{n}]\ntitle = 't'\nend = 2027-02-01\n" for n in range(20))
    changed = "[[amendment]]\ntitle = 't'\nsigned = 2026-01-01\neffective = 2026-03-01\n"
    amendments = (changed + "terms.end = 2027-01-05\n") * 20
    return check(folder, START + "end = 2027-01-01\n" + steps + amendments + readings)


def deep(folder: Path) -> str:
    return check(folder, "a = " + "[" * 50_000)


def no_text(folder: Path) -> str:
    return check(folder, b"\xff\xfe\x00")


def no_file(folder: Path) -> str:
    os.mkfifo(folder / "mine.toml")
    return checked(folder / "mine.toml")


def escape_by_id(folder: Path) -> str:
    return check(folder, GOOD.replace('"a"', '"../../evil"'))


def escape_by_reading(folder: Path) -> str:
    book(folder, "1")
    return said(report(folder, "--reading", "../../evil"), folder, code=2)


def escape_by_parameter(folder: Path) -> str:
    """A parameter is data: no text of it is run."""
    book(folder, "print(reading)")
    kept = folder / "out"
    asked = "as_of=2026-11-23'); open('evil', 'w"
    words = said(report(folder, "-p", asked), folder, code=2)
    assert not kept.exists()
    assert not list(folder.rglob("evil"))
    return words


def out_is_a_file(folder: Path) -> str:
    book(folder, "1")
    (folder / "out").write_text("mine")
    words = said(report(folder), folder, code=2)
    assert (folder / "out").read_text() == "mine"
    return words


def out_cannot_be_written(folder: Path) -> str:
    book(folder, "1")
    started = run(folder, "report", "--out", "/proc/out", "--notebooks", "one.ipynb")
    return said(started, folder, code=2)


def disk_full(folder: Path) -> str:
    book(folder, "from IPython.display import HTML", "HTML('x' * 2_000_000)")
    kept = prepared(folder)
    words = said(report(folder, limit=1_000_000), folder, code=1)
    return f"{words}; {unharmed(kept)}"


def broken_notebook(folder: Path) -> str:
    book(folder, "1 / 0")
    kept = prepared(folder)
    words = said(report(folder), folder, code=1)
    return f"{words}; {unharmed(kept)}"


def dead_kernel(folder: Path) -> str:
    book(folder, "import os; os._exit(9)")
    kept = prepared(folder)
    words = said(report(folder), folder, code=1)
    return f"{words}; {unharmed(kept)}"


def interrupted(folder: Path) -> str:
    """Ctrl-C, and the end of the terminal, at ten moments from the first to the last."""
    book(folder, "import time; time.sleep(600)")
    kept = prepared(folder)
    for number in range(10):
        process = report(folder)
        time.sleep(0.1 + 0.35 * number)
        process.send_signal((signal.SIGINT, signal.SIGTERM)[number % 2])
        errors = process.communicate(timeout=60)[1]
        assert process.returncode != 0
        assert "Traceback" not in errors or number < 2, errors  # before the program has begun
        unharmed(kept)
    return f"10 of 10: {unharmed(kept)}"


def two_at_once(folder: Path) -> str:
    book(folder, "from analysis.page.findings import *", "finding('It is {x}.', x=usd(1))")
    both = [report(folder) for _ in range(3)]
    words = [said(process, folder, code=0) for process in both]
    names = sorted(path.name for path in (folder / "out" / "anthropic-xai").iterdir())
    assert (folder / "out" / "anthropic-xai" / "figures.csv").read_text().count("\n") == 2
    assert [path.name for path in (folder / "out").iterdir()] == ["anthropic-xai"]
    assert not any(words)
    return f"3 of 3 end well; one set of pages: {', '.join(names)}"


def page_with_a_script(folder: Path) -> str:
    """Terms that hold HTML and a script: on the page they are text."""
    book(folder, "1")
    (folder / "mine.toml").write_text(GOOD.replace('"P"', "\"<script>alert('x')</script>\""))
    said(report(folder, "--contract", "mine.toml"), folder, code=0)
    page = (folder / "out" / "a" / "one.html").read_text()
    assert "<script>alert" not in page
    return f"shown as text, {page.count('&lt;script&gt;')} times"


ATTACKS: dict[str, Callable[[Path], str]] = {
    "a file of 1 GB": huge_file,
    "a term of 8,000 years": long_term,
    "20,000 fee steps": many_steps,
    "a million fee steps": a_million_steps,
    "336 fee steps × 20 readings × 20 amendments": many_texts,
    "tables nested 50,000 deep": deep,
    "bytes that are no text": no_text,
    "a pipe instead of a file": no_file,
    "the id `../../evil`": escape_by_id,
    "the reading `../../evil`": escape_by_reading,
    "a parameter that would be code": escape_by_parameter,
    "a provider whose name is a script": page_with_a_script,
    "a file where the output folder should be": out_is_a_file,
    "an output folder that cannot be written": out_cannot_be_written,
    "no room left on the disk": disk_full,
    "a notebook that fails": broken_notebook,
    "a kernel that dies": dead_kernel,
    "Ctrl-C or the end of the terminal at ten moments": interrupted,
    "three reports into one folder at once": two_at_once,
}
