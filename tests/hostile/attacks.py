"""What is done to the project on purpose, one attack a function: it returns what came out.

Each runs the command line in an empty folder, as a user's own process, with a report of toy
notebooks, and says what a reader of the table needs: the exit code, the words, what is left.
"""

import io
import os
import random
import re
import resource
import shutil
import signal
import socket
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
KILLS, FEW = 20, 1  # of a kind: by `make hostile`, and by the tests
OWN = "contract = 'anthropic-xai'\nrate = 1.0\n"


def run(folder: Path, *arguments: str, limit: int | None = None) -> subprocess.Popen[str]:
    """The command line, started in `folder`; `limit` bytes is all that a file may hold."""

    def begin() -> None:
        for number in (signal.SIGINT, signal.SIGHUP):  # ignored by shells, and under nohup
            signal.signal(number, signal.SIG_DFL)
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
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(aside(folder))},
        start_new_session=True,  # a terminal of its own
    )


def aside(folder: Path) -> Path:
    """Where temporary files lie."""
    (folder / "tmp").mkdir(exist_ok=True)
    return folder / "tmp"


def said(process: subprocess.Popen[str], folder: Path, *, code: int) -> str:
    """The last line that it wrote to stderr, which must be no traceback, without the folder."""
    errors = process.communicate(timeout=300)[1]
    lines = [line for line in errors.splitlines() if line and not re.search(r"run/s|s/run", line)]
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


def book(folder: Path, *cells: str, parameters: str = "") -> str:
    """A notebook in the folder; its name."""
    sys.path.insert(0, str(ROOT / "tests"))
    from conftest import notebook

    made = notebook(folder / "one.ipynb", "# What is promised?", *cells, parameters=parameters)
    return made.name


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
    assert not [*aside(kept.parents[1]).iterdir()]
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


def many_parts(folder: Path) -> str:
    return check(folder, GOOD + "a" + ".b" * 30_000 + " = 1\n")


def control_characters(folder: Path) -> str:
    return check(folder, GOOD.replace('"P"', '"\\u001b[31mP\\u0000"'))


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


def no_room_aside(folder: Path) -> str:
    """The temporary folder is full: a kernel can write no more."""
    book(folder, "open('mine', 'wb').write(b'x' * 800_000)")
    kept = prepared(folder)
    words = said(report(folder, limit=500_000), folder, code=1)
    return f"{words}; {unharmed(kept)}"


def same_id(folder: Path) -> str:
    """A file with the id of a shipped agreement, in the same output folder."""
    book(folder, "1")
    said(report(folder), folder, code=0)
    before = (folder / "out" / "anthropic-xai" / "index.html").read_bytes()
    (folder / "mine.toml").write_text(GOOD.replace('"a"', '"anthropic-xai"'))
    said(report(folder, "--contract", "mine.toml"), folder, code=0)
    assert (folder / "out" / "anthropic-xai" / "index.html").read_bytes() == before
    return f"two folders: {', '.join(sorted(path.name for path in (folder / 'out').iterdir()))}"


def strangers(folder: Path) -> str:
    """What others have put into the output folder."""
    book(folder, "1")
    kept = prepared(folder)
    for name, text in {"null": "null", "deep": "[" * 100_000, "other": '{"metadata": {}}'}.items():
        (kept / f"{name}.ipynb").write_text(text)
        (kept / f"{name}.html").write_text("mine")
    os.mkfifo(kept / "pipe.ipynb")
    said(report(folder), folder, code=0)
    assert (kept / "index.html").read_text().count("<h3>") == 1
    return "left as they are; the index lists the page that was made"


def enough_read(folder: Path) -> str:
    """A reader that closes the pipe before the command has said all."""
    with run(folder, "schema") as process:
        assert process.stdout
        process.stdout.close()
        return f"ends with code {process.wait(60)}: {process.stderr and process.stderr.read()!r}"


def mute_scheduler(folder: Path) -> str:
    """One that accepts a connection and says nothing; then Ctrl-C while it is waited for."""
    name = book(folder, "1", parameters=OWN)
    (folder / "table.csv").write_text("rate\n1\n")
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        asked = ("sweep", name, "table.csv", "--out", "out", "--scheduler", address)
        words = said(run(folder, *asked), folder, code=2).replace(address, "tcp://…")
        waiting = run(folder, *asked)
        accepted = [server.accept()[0] for _ in range(2)]  # of the first command, of the second
        waiting.send_signal(signal.SIGINT)
        assert said(waiting, folder, code=130).startswith("interrupted; ")
        for connection in accepted:
            connection.close()
    assert not (folder / "out").exists()
    return f"{words}; Ctrl-C meanwhile ends it"


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


def ended(
    folder: Path, how: signal.Signals, kills: int, start: Callable[[Path], subprocess.Popen[str]]
) -> None:
    """A terminal ends all that runs in it, at so many moments by chance."""
    moments = random.Random(how.value)
    for _ in range(kills):
        process = start(folder)
        time.sleep(moments.uniform(0.1, 3))
        os.killpg(process.pid, how)
        errors = process.communicate(timeout=60)[1]
        told = [line for line in errors.splitlines() if "interrupted; " in line]
        begun = "analysis/" in errors  # before that it is the interpreter that says what it likes
        assert "Traceback" not in errors or not begun, errors
        assert process.returncode in (130, -how), (process.returncode, errors)
        assert len(told) == (process.returncode == 130) or not begun, errors


def interrupted(folder: Path, kills: int = FEW) -> str:
    """A report, by each of the ends that a run may have; then one that ends well."""
    book(folder, "import time; time.sleep(600)")
    kept = prepared(folder)
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        ended(folder, how, kills, report)
        unharmed(kept)
    ended(folder, signal.SIGKILL, kills, report)
    assert (kept / "one.html").read_text() == LAST_GOOD
    book(folder, "1")
    said(report(folder), folder, code=0)
    names = sorted(path.name for path in kept.iterdir())
    assert names == ["figures.csv", "index.html", "one.html", "one.ipynb"]
    assert [path.name for path in kept.parent.iterdir()] == ["anthropic-xai"]
    assert not [*aside(folder).iterdir()]
    return "each time a line or none, the last good page stands, no litter after the next run"


def swept(folder: Path, *more: str) -> subprocess.Popen[str]:
    return run(folder, "sweep", "one.ipynb", "table.csv", "--out", "out", "--workers", "2", *more)


def interrupted_sweep(folder: Path, kills: int = FEW) -> str:
    """The same for a sweep, which goes on where it was."""
    finds = "finding('It is {x}.', x=usd(rate))"
    name = book(folder, "from analysis.page.findings import *", finds, parameters=OWN)
    (folder / "table.csv").write_text("rate\n" + "".join(f"{n}\n" for n in range(1, 9)))
    said(run(folder, "sweep", name, "table.csv", "--out", "whole"), folder, code=0)
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
        ended(folder, how, kills, swept)
        shutil.rmtree(folder / "out", ignore_errors=True) if how != signal.SIGKILL else None
    said(swept(folder), folder, code=0)
    whole, out = (
        {p.name: p.read_bytes() for p in (folder / n).iterdir()} for n in ("whole", "out")
    )
    assert whole == out
    assert not [*aside(folder).iterdir()]
    return f"resumed to the same {len(out)} files, byte for byte; no litter"


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
    "a key of 30,000 dotted parts": many_parts,
    "a provider whose name is an escape sequence": control_characters,
    "bytes that are no text": no_text,
    "a pipe instead of a file": no_file,
    "the id `../../evil`": escape_by_id,
    "the reading `../../evil`": escape_by_reading,
    "a parameter that would be code": escape_by_parameter,
    "a provider whose name is a script": page_with_a_script,
    "a file where the output folder should be": out_is_a_file,
    "an output folder that cannot be written": out_cannot_be_written,
    "no room left on the disk": disk_full,
    "no room left in the temporary folder": no_room_aside,
    "a file with the id of a shipped agreement": same_id,
    "notebooks of others in the output folder": strangers,
    "a reader that closes the pipe": enough_read,
    "a scheduler that accepts and never answers": mute_scheduler,
    "a notebook that fails": broken_notebook,
    "a kernel that dies": dead_kernel,
    "three reports into one folder at once": two_at_once,
    f"a report ended {KILLS} times by each of INT, TERM, HUP and KILL": interrupted,
    f"a sweep ended {KILLS} times by each of INT, TERM, HUP and KILL": interrupted_sweep,
}
