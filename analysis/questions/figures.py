"""Figures, words and tables of an answer that need no function of their own."""

from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import Any, cast

import pandas as pd

from analysis.contract.served import FullFee
from analysis.page import traces
from analysis.page.answers import figure, table

INPUTS = {"given": "parameters", "plan": "assumptions"}


def number(
    read: str | Callable[[Any], Any], told: str, *, of: str = "", rows: str = "", **known: Any
) -> Any:
    """A figure that a path leads to, or an expression of the answer; statements are a `figure`.

    read: see `traces`; `given.rate` is a parameter, `plan.rate_year` an assumption. told: its
    definition. of: what it comes from (default: what the path begins with). rows: the path to the
    rows that give what an expression reads. known: as for `figure`.
    """
    path = rows if callable(read) else read
    begins = traces.root(path)

    def value(found: Any) -> Any:
        return read(found) if callable(read) else traces.traced(found, path)[0]

    value.__doc__ = told
    if begins in INPUTS:
        known = {"kind": "assumed"} | known
    return figure(of=of or INPUTS.get(begins, begins), rows=path, **known)(value)


seen = partial(
    number,
    lambda found: found.agreement.start if found.given.seen_from == "start" else found.as_of,
    of="parameters",
    kind="assumed",
)
"""The day that the parameter `seen_from` names: the start, or the valuation date."""


def ends(low: str, what: str, high: str = "", **known: Any) -> tuple[Any, Any]:
    """The least and the greatest of a column, or what two paths lead to, as two figures."""
    paths = (low, high) if high else (f"{low}:least", f"{low}:most")
    least, most = zip(paths, (f"The least {what}.", f"The greatest {what}."), strict=True)
    return number(*least, **known), number(*most, **known)


def fee_parts(fee: FullFee) -> pd.DataFrame:
    """What a full monthly fee adds up from: `part, usd_month`."""
    return pd.DataFrame(fee.parts.items(), columns=["part", "usd_month"])


def worded(path: str, told: str) -> Any:
    """Words that a path leads to, for a sentence."""
    return property(lambda found: str(attrgetter(path)(found)), doc=told)


def tabled(function: Callable[..., Any], told: str, *paths: str) -> pd.DataFrame:
    """A table that a function makes of the answer, or of what the paths lead to."""

    def made(found: Any) -> Any:
        return function(*(attrgetter(path)(found) for path in paths) if paths else (found,))

    made.__doc__ = told
    return cast(pd.DataFrame, table(made))
