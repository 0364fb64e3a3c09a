"""The front page over many agreements: a row each, from positions alone; no notebook runs."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.page.findings import day, dollars, share
from analysis.page.tables import in_words
from analysis.run import pages

if TYPE_CHECKING:
    import pandas as pd

    from analysis.contract import Position

COLUMNS = {
    "agreement": "",
    "sells": "what is provided",
    "total contract value": "every fee from the first day to the stated end",
    "remaining": "every fee from the valuation date on, as if nobody leaves",
    "committed share": "of what remains, owed although the customer may leave",
    "conditional on delivery": "share of what remains for capacity that is not delivered yet",
    "above the commitment": "share of what remains that is an upper limit or an estimate",
    "$/MW-month, leased": "full monthly fee of a shell or colocation ÷ megawatts, all in service; "
    "of critical IT power unless it says facility",
    "$/MW-month, with accelerators": "the same of what includes accelerators; never compared with "
    "leases",
    "earliest termination": "the first day without service if a party gives notice at once; "
    "no right: the file states none",
    "backed by": "who stands behind the customer's payments",
}
"""The columns of the table, and what each means."""
ORDER = ("bare metal", "managed cloud", "credits", "colocation", "shell", "")
LEASED = ("colocation", "shell")
AT = [*COLUMNS].index


class Cell(NamedTuple):
    """A value as it is written, and what it is sorted by; what is missing is blank, and last."""

    text: str = ""
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
    every = ((folder, row(each, reading, as_of)) for folder, each, reading in agreements)
    found = sorted(every, key=_alike)
    whole = sum(cells[AT("committed share")].by == 1 for _, cells in found)
    rows = [
        {"link": f"{folder}/index.html", "there": (out / folder / "index.html").exists()}
        | {"cells": cells}
        for folder, cells in found
    ]
    script = pages.read("sort.js")
    below = [(told, in_words(table)) for told, table in parts]
    told = {"rows": rows, "columns": COLUMNS, "parts": below, "as_of": str(day(as_of))}
    return pages.rendered("front.html", script, whole=whole, **told)


def _alike(held: tuple[str, list[Cell]]) -> tuple[int, float]:
    """Kinds together, the largest of each first."""
    _, cells = held
    return ORDER.index(str(cells[AT("sells")].by)), -float(cells[AT("total contract value")].by)


def row(agreement: Any, reading: str, as_of: date) -> list[Cell]:
    """What an agreement comes to and what it hangs on; if it has ended, as when service began."""
    from analysis.contract import ladder, position

    found = position(agreement, as_of, reading or None)
    whole = sum(charge.usd for charge in found.schedule.whole)
    ended = found.end if as_of >= found.end else None
    if ended:
        found = found.on(found.terms.start)
    usd_by = found.ladder().groupby("step").usd.sum()
    left, firm = usd_by[ladder.TOTAL], usd_by[ladder.FIRM]
    waits = (usd_by.get(step, 0.0) for step in (ladder.UNDELIVERED, ladder.ABOVE))
    return [
        _words(agreement.title),
        _words(found.terms.sells.replace("not stated", "")),
        _usd(whole),
        Cell(f"ended {ended.year}", 0.0) if ended else _usd(left),
        _share(firm, left),
        *(_share(-usd, left) if usd else Cell() for usd in waits),
        *_prices(found),
        _leaves(found),
        _words(", ".join(dict.fromkeys(support.who for support in found.terms.support))),
    ]


def _words(text: str) -> Cell:
    return Cell(text, text.lower()) if text else Cell()


def _usd(value: float) -> Cell:
    return Cell(str(dollars(value)), value)


def _share(part: float, of: float) -> Cell:
    return Cell(str(share(part / of)), part / of) if of else Cell()


def _prices(found: "Position") -> tuple[Cell, Cell]:
    """The full fee a megawatt and month once every part is in service: leased, else all else."""
    from analysis.contract import served
    from analysis.contract.fields import Range

    begins = max((part.fee[0].since for part in found.terms.parts), default=found.as_of)
    capacity = served.paid_for(found.read, begins).capacity
    mw = capacity.mw.use if isinstance(capacity.mw, Range) else capacity.mw
    fee = served.full_fee(found.read, begins).usd_month
    cell = _usd(fee / mw) if mw and fee else Cell()
    if found.terms.sells not in LEASED:
        return Cell(), cell
    facility = " (facility)" if cell.text and capacity.mw_basis == "facility" else ""
    return cell._replace(text=cell.text + facility), Cell()


def _leaves(found: "Position") -> Cell:
    """The earliest day on which either party can end service before the stated end."""
    from analysis.contract.fields import PARTIES

    first = {p: min(way.first for way in ways) for p in PARTIES if (ways := found.exits(p))}
    early = min(first.values(), default=found.end)
    if early >= found.end:
        return Cell("no right")
    able = [party for party, day in first.items() if day == early]
    who = able[0] if len(able) == 1 else "either"
    return Cell(f"{early} ({who})", str(early))
