"""Where results lie: texts by name in a folder, or at an address that papermill knows, like s3://…

In a folder every file is written aside and renamed into place: a reader sees the old one or the
new one, and whoever is killed leaves whole files only.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from analysis.page import quickly
from analysis.page.parameters import UsageError

PACKAGE = Path(__file__).resolve().parent.parent
DAY = "$day"
TRIES = 50  # of removing a folder, a tenth of a second apart
ROOM = 1_000_000  # bytes that a disk must still hold; with less, what went wrong is the disk


def put(out: str | Path, texts: Mapping[str, str]) -> None:
    """Write texts by name, in their order; UsageError where the store cannot be written to."""
    try:
        if is_remote(out):
            for name, text in texts.items():
                _papermill().write(text, f"{str(out).rstrip('/')}/{name}", [Path(name).suffix])
            return
        Path(out).mkdir(parents=True, exist_ok=True)
        with aside(".put-", out) as folder:
            for name, text in texts.items():
                (folder / name).write_text(text, encoding="utf-8")
            for name in texts:
                (folder / name).replace(Path(out) / name)
    except Exception as error:  # of as many kinds as there are stores
        why = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise UsageError(f"out {str(out)!r} cannot be written to: {why}") from error


@contextmanager
def aside(prefix: str, within: str | Path | None = None) -> Iterator[Path]:
    """A folder of this process alone, gone afterwards; what a killed process has left goes too.

    A lock says that a folder is in use, and ends with its process, however that ends.
    """
    within = Path(within or tempfile.gettempdir())
    for path in within.glob(f"{prefix}????????"):  # as long as `mkdtemp` makes a name
        if (left := _locked(path, fcntl.LOCK_NB)) is not None:
            _remove(path)
            os.close(left)
    lock = None
    while lock is None:  # another process may have taken a fresh one for a leftover
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=within))
        lock = _locked(folder)
    try:
        yield folder
    finally:
        _remove(folder)
        os.close(lock)


def _locked(folder: Path, flags: int = 0) -> int | None:
    """The lock on a folder of this user; None where another has it, or the folder is gone."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    with suppress(OSError):
        if os.fstat(lock).st_uid == os.getuid():
            fcntl.flock(lock, fcntl.LOCK_EX | flags)
            if folder.exists():
                return lock
    os.close(lock)
    return None


def _remove(folder: Path) -> None:
    """Remove it, though a kernel that is being ended may still write there."""
    for _ in range(TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)


def room(folder: Path) -> None:
    """OSError where the disk of a folder is full."""
    try:
        (folder / "room").write_bytes(bytes(ROOM))
    except OSError as error:
        raise OSError(f"no room left in the temporary folder: {error.strerror}") from None


def get(out: str | Path, name: str) -> str | None:
    """The text of a file, or None where there is none to be had."""
    try:
        if is_remote(out):
            return str(_papermill().read(f"{str(out).rstrip('/')}/{name}", [Path(name).suffix]))
        return (Path(out) / name).read_text(encoding="utf-8")
    except Exception:  # of as many kinds as there are stores; what cannot be read is made anew
        return None


def is_remote(out: str | Path) -> bool:
    """Whether it is an address and no folder of this machine."""
    return "://" in str(out)


def _papermill() -> Any:
    with quickly():
        from papermill.iorw import papermill_io
    return papermill_io


def digest(*parts: Any) -> str:
    """The same 40 letters for the same content, whatever the day, the process or the machine.

    >>> digest("f", {"a": 1, "b": 2}) == digest("f", {"b": 2, "a": 1}) != digest("f", {"a": 1.0})
    True
    """
    text = json.dumps(parts, sort_keys=True, default=dated)
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def dated(value: Any) -> Any:
    """A day as JSON; TypeError for anything else that JSON has not."""
    if isinstance(value, date):
        return {DAY: value.isoformat()}
    raise TypeError(f"{type(value).__name__} is not a number, text, true, false, None or a day")


@cache
def code(module: str = "") -> str:
    """The digest of the code that this process has: a result of other code is another result.

    It is the package's own code and data, and the file of `module` where one is named. The
    notebooks that lie in an installed package count with the work that they are.
    """
    return _lying_code(module)


class OtherCodeError(Exception):
    """The work was made for other code than the one that is here."""


def check_code(made_for: str, module: str = "") -> None:
    """OtherCodeError unless both what this process has, and what a kernel would read, is it."""
    if not code(module) == _lying_code(module) == made_for:
        raise OtherCodeError("its code is another, or has changed; run again to resume")


def _lying_code(module: str) -> str:
    names = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*")}
    apart = re.compile(r"notebooks/|(.*/)?(__pycache__/|\.)")  # an editor's own files too
    names = {name: p for name, p in names.items() if p.is_file() and not apart.match(name)}
    if file := getattr(sys.modules.get(module), "__file__", None):
        names["its own file"] = Path(file)
    return digest({name: hashlib.sha256(p.read_bytes()).hexdigest() for name, p in names.items()})
