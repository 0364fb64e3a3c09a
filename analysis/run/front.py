"""The front page over many agreements: a row each, from positions alone; no notebook runs."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.page.findings import day, share, usd
from analysis.page.tables import in_words
from analysis.run import pages

if TYPE_CHECKING:
    import pandas as pd

    from analysis.contract import Position

MISSING = "–"
COLUMNS = {
    "agreement": "",
    "sells": "what is provided",
    "total contract value": "every fee from the first day to the stated end",
    "remaining": "every fee from the valuation date on, as if nobody leaves",
    "committed share": "what is owed of capacity delivered, although the customer may leave",
    "conditional on delivery": "share of what remains for capacity that is not delivered yet",
    "above the commitment": "share of what remains that is an upper limit or an estimate",
    "$/MW-month": "the full monthly fee ÷ megawatts, once all capacity is in service",
    "earliest termination": "the first day without service if a party gives notice at once",
    "backed by": "who stands behind the customer's payments",
}
"""The columns of the table, and what each means."""


class Cell(NamedTuple):
    """A value as it is written, and what it is sorted by; what is missing comes last."""

    text: str = MISSING
    by: float | str = ""


def page(
    agreements: Iterable[tuple[str, Any, str]],
    as_of: date,
    out: Path,
    parts: Iterable[tuple[str, "pd.DataFrame"]] = (),
) -> str:
    """A table that sorts by the column that is clicked, with a link to each report in `out`.

    agreements: the folder, the agreement and the reading ("" for its own) of each. parts: further
    tables below it, each with its heading, such as those of the agreements as one book.
    """
    rows = [
        {"link": f"{folder}/index.html", "there": (out / folder / "index.html").exists()}
        | {"cells": row(agreement, reading, as_of)}
        for folder, agreement, reading in agreements
    ]
    script = pages.read("sort.js")
    below = [(told, in_words(table)) for told, table in parts]
    return pages.rendered(
        "front.html", script, rows=rows, columns=COLUMNS, parts=below, as_of=str(day(as_of))
    )


def row(agreement: Any, reading: str, as_of: date) -> list[Cell]:
    """What an agreement comes to and what it hangs on; if it has ended, as when service began."""
    from analysis.contract import ladder, position

    found = position(agreement, as_of, reading or None)
    whole = sum(charge.usd for charge in found.schedule.whole)
    if as_of >= found.end:
        found = found.on(found.terms.start)
    usd_by = found.ladder().groupby("step").usd.sum()
    left, firm = usd_by[ladder.TOTAL], usd_by[ladder.FIRM]
    return [
        _words(agreement.title),
        _words(found.terms.sells.replace("not stated", "")),
        _usd(whole),
        _usd(left),
        _share(firm, left),
        _share(-usd_by.get(ladder.UNDELIVERED, 0.0), left),
        _share(-usd_by.get(ladder.ABOVE, 0.0), left),
        _price(found),
        _leaves(found),
        _words(", ".join(dict.fromkeys(support.who for support in found.terms.support))),
    ]


def _words(text: str) -> Cell:
    return Cell(text, text.lower()) if text else Cell()


def _usd(value: float) -> Cell:
    return Cell(str(usd(value)), value)


def _share(part: float, of: float) -> Cell:
    return Cell(str(share(part / of)), part / of) if of else Cell()


def _price(found: "Position") -> Cell:
    """The full fee a megawatt and month on the first day on which every part is in service."""
    from analysis.contract import served
    from analysis.contract.fields import Range

    begins = max((part.fee[0].since for part in found.terms.parts), default=found.as_of)
    mw = served.paid_for(found.read, begins).capacity.mw
    mw = mw.use if isinstance(mw, Range) else mw
    fee = served.full_fee(found.read, begins).usd_month
    return Cell(f"{fee / mw:,.0f}", fee / mw) if mw and fee else Cell()


def _leaves(found: "Position") -> Cell:
    """The earliest day on which either party can end service before the stated end."""
    from analysis.contract.fields import PARTIES

    first = {p: min(way.first for way in ways) for p in PARTIES if (ways := found.exits(p))}
    early = min(first.values(), default=found.end)
    if early >= found.end:
        return Cell()
    able = [party for party, day in first.items() if day == early]
    who = able[0] if len(able) == 1 else "either"
    return Cell(f"{early} ({who})", str(early))
