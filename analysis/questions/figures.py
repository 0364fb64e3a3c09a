"""Figures, words and tables of an answer that need no function of their own."""

import math
from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import Any, cast

import numpy as np
import pandas as pd

from analysis.page.answers import figure, table

OF: dict[str, Callable[[Any], Any]] = {
    "first": lambda column: next(iter(column)),
    "last": lambda column: list(column)[-1],
    "least": lambda column: pd.Series(column, dtype=float).min(),
    "most": lambda column: pd.Series(column, dtype=float).max(),
    "sum": lambda column: pd.Series(column).sum(),
    "rows": len,
}
"""What is read of a column; `rows` also of a table."""


def number(read: str | Callable[[Any], Any], told: str, *, of: str = "", **known: Any) -> Any:
    """A figure that a path leads to, or an expression of the answer; statements are a `figure`.

    read: `site.mw`, or of a column what `OF` names: `runoff.usd:sum`, `deals:rows`; no number
    where nothing is there. told: its definition. of: what it comes from (default: what `read`
    begins with; `given` is a parameter, which is assumed). known: as for `figure`.
    """
    path, _, which = read.partition(":") if isinstance(read, str) else ("", "", "")

    def value(found: Any) -> Any:
        found = read(found) if callable(read) else _at(found, path, which)
        return found.item() if isinstance(found, np.generic) else found

    value.__doc__ = told
    if path.startswith("given."):
        of, known = "parameters", {"kind": "assumed"} | known
    return figure(of=of or path.partition(".")[0], **known)(value)


def _at(found: Any, path: str, which: str) -> Any:
    for name in path.split("."):
        found = getattr(found, name) if found is not None else None
    nothing = found is None or (which and which != "rows" and not len(found))
    return math.nan if nothing else OF[which](found) if which else found


across = partial(number, reading="")
"""A figure of no one interpretation."""
seen = partial(
    number,
    lambda found: found.agreement.start if found.given.seen_from == "start" else found.as_of,
    of="parameters",
    reading="",
    kind="assumed",
)
"""The day that the parameter `seen_from` names: the start, or the valuation date."""


def ends(low: str, what: str, high: str = "", **known: Any) -> tuple[Any, Any]:
    """The least and the greatest of a column, or what two paths lead to, as two figures."""
    paths = (low, high) if high else (f"{low}:least", f"{low}:most")
    least, most = zip(paths, (f"The least {what}.", f"The greatest {what}."), strict=True)
    return number(*least, **known), number(*most, **known)


def worded(path: str, told: str) -> Any:
    """Words that a path leads to, for a sentence."""
    return property(lambda found: str(attrgetter(path)(found)), doc=told)


def tabled(function: Callable[..., Any], told: str, *paths: str) -> pd.DataFrame:
    """A table that a function makes of the answer, or of what the paths lead to."""

    def made(found: Any) -> Any:
        return function(*(attrgetter(path)(found) for path in paths) if paths else (found,))

    made.__doc__ = told
    return cast(pd.DataFrame, table(made))
