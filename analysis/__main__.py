"""The command line: publish the notebooks, once or over a table; begin and check a file."""

import argparse
import os
import shlex
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.run.publish import Outcome

NAME = "compute-agreements"


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks; the exit code: 0 done, 1 something failed, 2 refused."""
    parser = argparse.ArgumentParser(prog=NAME, description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    report = commands.add_parser("report", help="run the notebooks and publish their pages")
    add = report.add_argument
    add("--contract", action="append", metavar="ID-OR-PATH", help="may be repeated; all: every one")
    add("--reading", default="", metavar="NAME", help="what the text is taken to mean")
    add("--as-of", metavar="DATE", help="valuation date, like 2026-11-23")
    add("--notebooks", nargs="+", default=[], metavar="NAME", help="names, beginnings or paths")
    add("--comparables", metavar="FILE", help="rows that correct or add to the disclosed deals")
    add("--out", default="outputs", metavar="DIR", help="where the pages go (default: outputs)")
    add("--workers", type=int, metavar="N", help="how many run at a time (default: one a core)")
    add("--scheduler", metavar="tcp://…", help="run on the workers of this Dask scheduler")
    add("-p", dest="parameters", action="append", default=[], metavar="NAME=VALUE")
    sweep = commands.add_parser("sweep", help="run one notebook over a table of parameters")
    sweep.add_argument("notebook", metavar="NOTEBOOK", help="a name, its beginning or a path")
    sweep.add_argument("table", metavar="TABLE.csv", help="one column a parameter, one row a run")
    sweep.add_argument("--out", required=True, metavar="FOLDER", help="a folder, or s3://…")
    sweep.add_argument("--workers", type=int, metavar="N", help="how many run at a time")
    sweep.add_argument(
        "--scheduler", metavar="tcp://…", help="run on this Dask scheduler's workers"
    )
    check = commands.add_parser("check", help="validate an agreement, or rows of comparables")
    check.add_argument("path", metavar="PATH")
    new = commands.add_parser("new", help="ask for the terms and write an agreement's file")
    new.add_argument(
        "path", metavar="PATH", nargs="?", help="a file not yet there (default: ID.toml)"
    )
    commands.add_parser("schema", help="print the JSON Schema of an agreement's file, for editors")
    options = parser.parse_args(arguments)
    try:
        return _do(options)
    except KeyboardInterrupt:  # before a command has begun its work
        print("interrupted; nothing is written", file=sys.stderr)
        return 130


def _do(options: argparse.Namespace) -> int:
    match options.command:
        case "check":
            return _check(options.path)
        case "sweep":
            return _sweep(options)
        case "new":
            return _new(options.path)
        case "schema":
            return _schema()
    return _report(options)


def _new(path: str | None) -> int:
    """Ask for the terms, and write them where no file is yet; nothing where the answers stop."""
    from analysis.contract import files, starter, understood

    try:
        if path and Path(path).exists():
            raise FileExistsError
        answers = starter.ask(input, lambda words: print(words, file=sys.stderr))
        text = starter.terms(answers)
        agreement = files.parse(text, name="the answers")
        print("\n", *understood.lines(agreement), sep="\n", file=sys.stderr)
        if not _agreed():
            raise KeyboardInterrupt
        path = path or f"{answers['id']}.toml"
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except (KeyboardInterrupt, EOFError):
        print("\nthe answers stopped; nothing is written", file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"{path}: {error.strerror or 'is already there'}; nothing is written", file=sys.stderr
        )
        return 1
    except ValueError as error:
        print(f"{error}; nothing is written", file=sys.stderr)
        return 1
    print(f"{path}; next: {_program()} report --contract {shlex.quote(path)}")
    return 0


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

    from analysis.contract.terms import Agreement

    schema = Agreement.model_json_schema(by_alias=True)
    print(
        json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=1)
    )
    return 0


def _check(path: str) -> int:
    """Print what is understood of a file, or every problem in a line."""
    from analysis.contract import files, served, understood

    try:
        if path.lower().endswith(".csv"):
            return _check_rows(path)
        agreement = files.contract(path)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(*understood.lines(agreement), *served.understood(agreement), sep="\n")
    return 0


def _check_rows(path: str) -> int:
    """Print what is wrong with rows that correct or add to the table of comparables."""
    from analysis.data import sources
    from analysis.models import comparables

    problems = comparables.check(sources.comparables(path))
    if problems:
        raise ValueError("\n".join(problems))
    print(f"{path}: every row can be used")
    return 0


def _report(options: argparse.Namespace) -> int:
    from analysis.page import notebooks
    from analysis.run import report

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both end a run and leave no litter
    pairs = [text.partition("=") for text in options.parameters]
    try:
        if bad := [name for name, equals, _ in pairs if not equals]:
            raise notebooks.UsageError(f"-p {bad[0]!r} must be NAME=VALUE")
        if options.comparables:
            report.check_rows(options.comparables)
        outcomes = report.run(
            contract=options.contract or report.DEFAULT,
            reading=options.reading,
            as_of=options.as_of,
            notebooks=options.notebooks,
            comparables=options.comparables,
            out=options.out,
            workers=options.workers,
            scheduler=options.scheduler,
            parameters={name: notebooks.literal(value) for name, _, value in pairs},
            progress=True,
        )
    except notebooks.UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename or options.out}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the pages of the last report are untouched", file=sys.stderr)
        return 130
    for outcome in outcomes:
        if outcome.stderr:
            print(f"{outcome.notebook} said:\n{outcome.stderr}", file=sys.stderr)
        if outcome.error:
            print(
                f"{outcome.contract}: {outcome.notebook} failed\n{outcome.error}", file=sys.stderr
            )
    for contract in dict.fromkeys(outcome.contract for outcome in outcomes):
        _found(contract, [one for one in outcomes if one.contract == contract], options.out)
    return int(any(outcome.error for outcome in outcomes))


def _found(contract: str, outcomes: "list[Outcome]", out: str) -> None:
    """Print what each page found, in a line, and where the index lies."""
    print(contract)
    for one in sorted(outcomes, key=lambda one: one.notebook):
        print(f"  {one.notebook}: {f'failed: {one.why}' if one.error else one.lead or one.title}")
    index = (Path(out) / contract / "index.html").absolute()
    print(index if index.exists() else "  no page was made")


def _sweep(options: argparse.Namespace) -> int:
    from analysis.page import notebooks
    from analysis.run import sweep

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both end a run and leave no litter
    try:
        outcomes = sweep.sweep(
            options.notebook,
            options.table,
            out=options.out,
            workers=options.workers,
            scheduler=options.scheduler,
            progress=True,
        )
    except notebooks.UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the same command goes on where it was", file=sys.stderr)
        return 130
    failed = [outcome for outcome in outcomes if outcome.error]
    for outcome in failed:
        print(
            f"row {outcome.run.row} {dict(outcome.run.written)} failed\n{outcome.error}",
            file=sys.stderr,
        )
    print(f"{sum(o.ran for o in outcomes)} of {len(outcomes)} run now, {len(failed)} failed")
    there = options.out.rstrip("/") if "://" in options.out else Path(options.out).absolute()
    print(f"{there}/index.html")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
