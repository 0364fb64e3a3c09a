"""What is said of the books for every reading and day that a page offers.

The tables are those of `charts.choose.chosen`, as `chosen` says.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from analysis.contract import commitment, terms
from analysis.contract.terms import Agreement
from analysis.models.accounting import books
from analysis.models.accounting.books import BACKLOG, LEASE, Judged
from analysis.page.findings import Figure, Finding, between, count, day, finding, usd
from analysis.questions import chosen
from analysis.questions.chosen import FIRM, LEAST_USD, Tables

BOOKS = {BACKLOG: "backlog", LEASE: "lease liability"}
LONGEST, SHORTEST = "longest term", "shortest term"
MOST_DAYS = 3  # months' firsts


def found(
    agreement: Agreement,
    read: Agreement,
    *,
    names: Iterable[str],
    as_of: date,
    judged: Judged,
    index: Mapping[str, float],
) -> pd.DataFrame:
    """`books.by_reading` on each of a few days, with the `day` and what is firm then (`firm_usd`).

    `read` is the agreement whose levels of an index are known.
    """
    tables = []
    for when in sorted({*chosen.days(agreement, as_of, most=MOST_DAYS), read.start}):
        known = books.levels(read, index, by=when)
        table = books.by_reading(agreement, list(names), day=when, judged=judged, **known)
        firm = [
            commitment.firm(terms.read_as(agreement, name), as_of=when, **known).usd
            for name in table.reading
        ]
        tables.append(table.assign(day=when, firm_usd=firm))
    return pd.concat(tables, ignore_index=True)


def on(table: pd.DataFrame, when: date, names: Iterable[str]) -> pd.DataFrame:
    """What `books.by_reading` says on one of the days, under some readings in their order."""
    rows = table[table.day == when].drop(columns="day").set_index("reading", drop=False)
    return rows.loc[list(names)].reset_index(drop=True)


def booked(table: pd.DataFrame) -> Tables:
    """Backlog and lease liability for the longest and the shortest term, and what is firm."""
    amounts: list[tuple[dict[str, Any], str, float]] = []
    said: list[dict[str, Any]] = []
    backlog, lease = (table[table.frame == frame].to_dict("records") for frame in (BACKLOG, LEASE))
    for provider, customer in zip(backlog, lease, strict=True):
        choice = {"reading": provider["reading"], "day": provider["day"].isoformat()}
        for book in (provider, customer):
            amounts += [
                (choice, f"{BOOKS[book['frame']]}, {LONGEST}", book["high_usd"]),
                (choice, f"{BOOKS[book['frame']]}, {SHORTEST}", book["low_usd"]),
            ]
        amounts.append((choice, FIRM, provider["firm_usd"]))
        said.append({**choice, "sentence": str(_booked(provider, customer))})
    return chosen.written(amounts), pd.DataFrame(said)


def booked_range(table: pd.DataFrame) -> Finding:
    """In how many of the choices a judgement moves the backlog, and by how much at most."""
    backlog = table[table.frame == BACKLOG]
    moved = backlog.high_usd - backlog.low_usd
    return finding(
        "Of {choices} choices of reading and day, a judgement moves the backlog in "
        "{choices_open}, by up to {choices_most}.",
        choices=count(len(backlog)),
        choices_open=count((moved > LEAST_USD).sum()),
        choices_most=usd(moved.max()),
    )


def _booked(provider: Mapping[Any, Any], customer: Mapping[Any, Any]) -> Finding:
    """One reading on one day: what each of the parties may have in its books, and what is firm."""
    parts: dict[str, Figure | str] = {"when": day(provider["day"]), "name": provider["reading"]}
    if provider["high_usd"] < LEAST_USD and customer["high_usd"] < LEAST_USD:
        return finding("On {when} nothing is left to be served under {name}.", **parts)
    (backlog, ends), (lease, more) = (
        between(book["frame"], usd(book["low_usd"]), usd(book["high_usd"]))
        for book in (provider, customer)
    )
    open_ = ", as one judges the term" if len(ends | more) > len(BOOKS) else ""
    text = "On {when} the agreement under {name} is a backlog of " + backlog
    text += f" and, if a lease, a liability of {lease}{open_}; {{firm}} is firm."
    return finding(text, firm=usd(provider["firm_usd"]), **parts, **ends, **more)
