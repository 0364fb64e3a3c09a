"""The command line: publish the notebooks, once or over a table; begin and check a file."""

import os
import signal
import sys

NAME = "compute-agreements"


def _ended(*_: object) -> None:
    """Before a command has begun its work, and after it."""
    os.write(2, b"interrupted; nothing is written\n")
    os._exit(130)


def _heard(handler: "Any") -> None:
    """What Ctrl-C and the end of the terminal or the machine do, but for what is to be ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


if __name__ == "__main__" or sys.argv[0].endswith(NAME):  # what follows is not loaded at once
    _heard(_ended)

import argparse
import shlex
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.data.texts import plain

if TYPE_CHECKING:
    from analysis.run.runs import Outcome

ELSEWHERE_SECONDS = 0.05  # until an interrupt that was lost is raised anew
TIDY_SECONDS = 10  # in which a second Ctrl-C does not stop the run from tidying up
STOPPED = {
    "report": "the pages of the last report are untouched",
    "sweep": "the same command goes on where it was",
}


class Stop:
    """Ends a run by a KeyboardInterrupt, also where one was raised and lost; then it tidies up."""

    asked = False
    """Whether it was told to: a library may make another error of the interrupt."""

    def __init__(self) -> None:
        self._at = -float("inf")
        self._before = sys.unraisablehook

    def __call__(self, *_: object) -> None:
        if time.monotonic() - self._at > TIDY_SECONDS:
            self.asked, self._at = True, time.monotonic()
            signal.setitimer(signal.ITIMER_REAL, 2 * TIDY_SECONDS)  # a library may swallow it
            raise KeyboardInterrupt

    def lost(self, told: Any) -> None:
        """In a place from which nothing is raised: once more, from elsewhere."""
        if told.exc_type is KeyboardInterrupt:
            self._at = -float("inf")
            signal.setitimer(signal.ITIMER_REAL, ELSEWHERE_SECONDS)
        else:
            self._before(told)


def command() -> int:
    """The command, as it is typed: it may be ended at any moment, and says so in a line."""
    stop = Stop()
    sys.unraisablehook = stop.lost
    try:
        _heard(stop)
        signal.signal(signal.SIGALRM, stop)
        return main()
    except KeyboardInterrupt:
        say("interrupted; nothing is written", file=sys.stderr)
        return 130
    except Exception:
        if not stop.asked:
            raise
        say("interrupted; what was finished is untouched", file=sys.stderr)
        return 130
    finally:
        _heard(signal.SIG_IGN)  # what is left is to end
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        exec("")  # or Python ends by SIGINT where one reached code that a library made of text


def say(*words: object, sep: str = " ", file: Any = None) -> None:
    """Print for a terminal: no text of a file or notebook can command it."""
    print(plain(sep.join(map(str, words))), file=file)


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks; the exit code: 0 done, 1 something failed, 2 refused."""
    about = (
        "What a compute-capacity agreement commits, and what it is worth: report writes the pages."
    )
    parser = argparse.ArgumentParser(prog=NAME, description=about)
    commands = parser.add_subparsers(dest="command", required=True)
    report = commands.add_parser(
        "report",
        help="run the notebooks and publish their pages",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = report.add_argument
    add(
        "--contract",
        action="append",
        metavar="ID-OR-PATH",
        help="default: anthropic-xai; all: every one; may be repeated",
    )
    add("--book", metavar="FOLDER", help="a front page over its TOML files, as one book")
    add("--side", choices=("customer", "provider"), default="customer", help="whose book it is")
    add("--reading", default="", metavar="NAME", help="interpretation of the contract")
    add("--as-of", metavar="DATE", help="valuation date, like 2026-11-23")
    add("--notebooks", nargs="+", default=[], metavar="NAME", help="names, prefixes or paths")
    add("--comparables", metavar="FILE", help="rows that correct or add to the disclosed deals")
    add("--facts", metavar="FILE", help="[[fact]] tables: what has happened under the contract")
    add("--out", default="outputs", metavar="DIR", help="where the pages go (default: outputs)")
    add(
        "--terms",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        help="another value of a term, as in termination.customer.notice_days=180; may be repeated",
    )
    told = "a parameter of the notebooks, listed below; may be repeated"
    add("-p", dest="parameters", action="append", default=[], metavar="NAME=VALUE", help=told)
    sweep = commands.add_parser("sweep", help="run one notebook over a table of parameters")
    sweep.add_argument("notebook", metavar="NOTEBOOK", help="a name, its beginning or a path")
    sweep.add_argument("table", metavar="TABLE.csv", help="one column a parameter, one row a run")
    sweep.add_argument("--out", required=True, metavar="FOLDER", help="a folder, or s3://…")
    for each in (report, sweep):
        add = each.add_argument
        add("--workers", type=int, metavar="N", help="runs in parallel (default: one a core)")
        add("--scheduler", metavar="tcp://…", help="run on the workers of this Dask scheduler")
    check = commands.add_parser(
        "check", help="say what is understood of an agreement's file, or what is wrong"
    )
    check.add_argument(
        "path", metavar="PATH", help="a TOML or CSV file, or a shipped agreement's id"
    )
    check.add_argument("--facts", metavar="FILE", help="[[fact]] tables to lay over the agreement")
    new = commands.add_parser("new", help="ask for the terms and write an agreement's file")
    new.add_argument(
        "path", metavar="PATH", nargs="?", help="a file not yet there (default: ID.toml)"
    )
    commands.add_parser("schema", help="print the JSON Schema of an agreement's file, for editors")
    asked = sys.argv[1:] if arguments is None else arguments
    if asked[:1] == ["report"] and {"-h", "--help"} & {*asked}:
        from analysis.run import help

        report.epilog = help.text(_program()).replace("%", "%%")
    options = parser.parse_args(asked)
    try:
        return _do(options)
    except KeyboardInterrupt:
        why = STOPPED.get(options.command, "nothing is written")
        say(f"interrupted; {why}", file=sys.stderr)
        return 130
    except BrokenPipeError:  # who reads the output has enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        where = error.filename or getattr(options, "out", "")
        say(f"{where}: {error.strerror or error}", file=sys.stderr)
        return 1
    except ValueError as error:
        from analysis.page.parameters import UsageError

        if not isinstance(error, UsageError):
            raise
        say(error, file=sys.stderr)
        return 2


def _do(options: argparse.Namespace) -> int:
    match options.command:
        case "check":
            return _check(options.path, options.facts)
        case "sweep":
            return _sweep(options)
        case "new":
            return _new(options.path)
        case "schema":
            return _schema()
    return _book(options) if options.book else _report(options)


def _asked(options: argparse.Namespace) -> dict[str, Any]:
    """What is asked for, by the names of the arguments of `report.run` or `sweep.sweep`."""
    return {name: value for name, value in vars(options).items() if name != "command"}


def _new(path: str | None) -> int:
    """Ask for the terms, and write them where no file is yet; nothing where the answers stop."""
    from analysis.contract import files
    from analysis.page import sheet
    from analysis.run import starter

    try:
        if path and Path(path).exists():
            raise FileExistsError
        answers = starter.ask(input, lambda words: say(words, file=sys.stderr))
        text = starter.terms(answers)
        agreement = files.parse(text, name="the answers")
        say("\n", *sheet.lines(agreement), sep="\n", file=sys.stderr)
        if not _agreed():
            raise KeyboardInterrupt
        path = path or f"{answers['id']}.toml"
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except (KeyboardInterrupt, EOFError):
        why = "\nthe answers stopped"
    except OSError as error:
        why = f"{path}: {error.strerror or 'is already there'}"
    except ValueError as error:
        why = str(error)
    else:
        say(f"{path}; next: {_program()} report --contract {shlex.quote(path)}")
        return 0
    say(f"{why}; nothing is written", file=sys.stderr)
    return 1


def _agreed() -> bool:
    """Whether what was understood is right; answers from a file need not say so."""
    try:
        return input("Is this right, and shall it be written (yes or no)? ").lower() in ("y", "yes")
    except EOFError:
        return not sys.stdin.isatty()


def _program() -> str:
    """How this command was called, so that another can be typed the same way."""
    called = Path(sys.argv[0])
    if called.stem == NAME:
        found = shutil.which(NAME)
        return NAME if found and Path(found).samefile(called) else shlex.quote(str(called))
    python = os.path.relpath(sys.executable)
    python = sys.executable if python.startswith(os.pardir) else python
    return f"{shlex.quote(python)} -m analysis"


def _schema() -> int:
    """Print what an editor needs to complete and check an agreement's file."""
    import json

    from analysis.run.help import schema

    say(json.dumps(schema(), indent=1))
    return 0


def _check(path: str, facts: str | None) -> int:
    """Print what is understood of a file, or every problem in a line."""
    from analysis.contract import files
    from analysis.page import sheet

    try:
        if path.lower().endswith(".csv") and not facts:
            return _check_rows(path)
        told = files.with_facts(path, facts) if facts else ""
        agreement = files.parse(told) if told else files.contract(path)
    except (ValueError, OSError) as error:
        say(error, file=sys.stderr)
        return 1
    say(*sheet.checked(agreement), sep="\n")
    return 0


def _check_rows(path: str) -> int:
    """Print what is wrong with rows that correct or add to the table of comparables."""
    from analysis.data import sources
    from analysis.models import comparables

    deals = comparables.deals(sources.comparables(path))
    say(f"{path}: every row can be used")
    now, given = sources.looked("comparables.csv"), set(sources.rows(path).id)
    if old := [id_ for id_ in comparables.aged(deals, now) if id_ in given]:
        say(f"facts over a year old by {now}, look them up again: {', '.join(old)}")
    return 0


def _report(options: argparse.Namespace) -> int:
    from analysis.run import report

    asked = _asked(options) | {"contract": options.contract or report.DEFAULT}
    asked["parameters"] = _pairs("-p", "NAME", options.parameters)
    for name in ("terms", "book", "side"):
        asked.pop(name)
    if terms := _pairs("--terms", "PATH", options.terms):
        asked["parameters"]["terms"] = terms
    outcomes = report.run(**asked, progress=True)
    for outcome in outcomes:
        run = outcome.run
        if outcome.stderr:
            say(f"{run.name} said:\n{outcome.stderr}", file=sys.stderr)
        if outcome.error:
            say(f"{run.agreement.id}: {run.name} failed\n{outcome.error}", file=sys.stderr)
    for folder in dict.fromkeys(outcome.run.folder for outcome in outcomes):
        own = [one for one in outcomes if one.run.folder == folder]
        _found(folder, own, options.out)
    if report.ALL in (options.contract or ()):
        say((Path(options.out) / "index.html").absolute())
    return int(any(outcome.error for outcome in outcomes))


def _book(options: argparse.Namespace) -> int:
    """One front page over a folder of agreements as one book, from positions: no notebook runs."""
    from analysis.contract import files, position
    from analysis.models.comparables import book
    from analysis.page.parameters import UsageError, check
    from analysis.questions.parameters import AgreementParameters
    from analysis.run import front, store

    paths = sorted(Path(options.book).glob("*.toml"))
    if not paths:
        raise UsageError(f"book {options.book!r} must be a folder that holds TOML files")
    given = check(AgreementParameters, {"as_of": options.as_of} if options.as_of else {})
    as_of, side = AgreementParameters(**given).as_of, options.side
    try:
        held = [position(files.contract(path), as_of) for path in paths]
    except ValueError as error:
        raise UsageError(str(error)) from error
    left = [now for now in held if now.agreement.signed <= as_of < now.end]
    tables = {
        "By counterparty": book.counterparties(left, owner=side),
        "Run-off by year": book.yearly(left, owner=side),
    }
    deals = [(now.agreement.id, now.agreement, "") for now in held]
    page = front.page(deals, as_of, Path(options.out), tables.items() if left else ())
    store.put(options.out, {"index.html": page})
    print((Path(options.out) / "index.html").absolute())
    return 0


def _pairs(flag: str, name: str, texts: list[str]) -> dict[str, Any]:
    """NAME=VALUE as a name and a value; UsageError for anything else."""
    from analysis.page import notebooks
    from analysis.page.parameters import UsageError

    pairs = [text.partition("=") for text in texts]
    if bad := [left for left, equals, _ in pairs if not (left and equals)]:
        raise UsageError(f"{flag} {bad[0]!r} must be {name}=VALUE")
    return {left: notebooks.literal(value) for left, _, value in pairs}


def _found(folder: str, outcomes: "list[Outcome]", out: str) -> None:
    """Print what each page found, in a line, and where the index lies."""
    from analysis.run import runs

    say(folder)
    for one in sorted(outcomes, key=lambda one: one.run.name):
        found = f"failed: {one.why}" if one.error else one.lead or runs.title(one.run.book)
        say(f"  {one.run.name}: {found}")
    index = (Path(out) / folder / "index.html").absolute()
    say(index if index.exists() else "  no page was made")


def _sweep(options: argparse.Namespace) -> int:
    from analysis.run import sweep

    outcomes = sweep.sweep(**_asked(options), progress=True)
    failed = [outcome for outcome in outcomes if outcome.error]
    for outcome in failed:
        say(
            f"row {outcome.run.row} {dict(outcome.run.written)} failed\n{outcome.error}",
            file=sys.stderr,
        )
    say(f"{sum(o.ran for o in outcomes)} of {len(outcomes)} run now, {len(failed)} failed")
    there = options.out.rstrip("/") if "://" in options.out else Path(options.out).absolute()
    say(f"{there}/index.html")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(command())
