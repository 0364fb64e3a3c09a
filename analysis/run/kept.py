"""Results kept in a folder by the digest of what they depend on, so that a run can be resumed.

Every file is written aside and renamed into place: whoever is killed leaves whole files only.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent.parent
SUFFIX = ".rows.json"
DAY = "$day"


def digest(*parts: Any) -> str:
    """The same 40 letters for the same content, whatever the day, the process or the machine.

    >>> digest("f", {"a": 1, "b": 2}) == digest("f", {"b": 2, "a": 1}) != digest("f", {"a": 1.0})
    True
    """
    text = json.dumps(parts, sort_keys=True, default=_written)
    return hashlib.sha256(text.encode()).hexdigest()[:40]


@cache
def code() -> str:
    """The digest of the package's own code and data: a result of other code is another result.

    The notebooks that lie in an installed package count with the work that they are.
    """
    names = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*")}
    apart = re.compile("notebooks/|(.*/)?__pycache__/")
    names = {name: p for name, p in names.items() if p.is_file() and not apart.match(name)}
    return digest({name: hashlib.sha256(p.read_bytes()).hexdigest() for name, p in names.items()})


def put(folder: Path, results: Mapping[str, Any]) -> None:
    """Keep results by key: numbers, text, true, false, None, days, and mappings of these."""
    text = json.dumps(results, default=_written)
    replace(folder / f"{digest(sorted(results))}{SUFFIX}", text)


def get(folder: Path) -> dict[str, Any]:
    """All results in the folder by key; a file that someone else has broken counts for nothing."""
    found: dict[str, Any] = {}
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        with suppress(ValueError, TypeError):
            found.update(json.loads(path.read_text(encoding="utf-8"), object_hook=_read))
    return found


def replace(path: Path, text: str) -> None:
    """Write a file in one step: a reader sees the old one or the new one."""
    aside = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _written(value: Any) -> Any:
    if isinstance(value, date):
        return {DAY: value.isoformat()}
    raise TypeError(f"{type(value).__name__} is not a number, text, true, false, None or a day")


def _read(value: dict[str, Any]) -> Any:
    return date.fromisoformat(value[DAY]) if value.keys() == {DAY} else value
