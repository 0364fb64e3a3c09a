"""Where a sweep's files lie: a folder, or any address that papermill can write to, like s3://…."""

from pathlib import Path
from typing import Any

from analysis.page.imports import quickly
from analysis.page.notebooks import UsageError
from analysis.run import kept


def join(out: str, name: str) -> str:
    """The address of a file in the store."""
    return f"{out.rstrip('/')}/{name}"


def put(out: str, name: str, text: str) -> None:
    """Write a file in one step; UsageError where the store cannot be written to."""
    try:
        if not _remote(out):
            Path(out).mkdir(parents=True, exist_ok=True)
            kept.replace(Path(out) / name, text)
        else:
            _papermill().write(text, join(out, name), [Path(name).suffix])
    except Exception as error:  # of as many kinds as there are stores
        why = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise UsageError(f"out {out!r} cannot be written to: {why}") from error


def get(out: str, name: str) -> str | None:
    """The text of a file, or None where there is none to be had."""
    try:
        if not _remote(out):
            return (Path(out) / name).read_text(encoding="utf-8")
        return str(_papermill().read(join(out, name), [Path(name).suffix]))
    except Exception:  # of as many kinds as there are stores; what cannot be read is made anew
        return None


def _remote(out: str) -> bool:
    return "://" in out


def _papermill() -> Any:
    with quickly():
        from papermill.iorw import papermill_io
    return papermill_io
