"""Front pages: the brief over all pages of an agreement, and a table over many agreements.

The brief is made from what each page leaves; the table from positions alone, no notebook runs.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.page import embed, tables
from analysis.page.findings import MIME, day, dollars, share
from analysis.run import pages
from analysis.run.pages import LIVE, OURS, SVG

if TYPE_CHECKING:
    import pandas as pd

    from analysis.contract import Position

Json = Mapping[str, Any]
GROUPS = {
    "Commitment": ("01", "10", "09"),
    "Price and options": ("02", "03"),
    "Economics": ("04", "05", "06"),
    "Books and market": ("07", "08"),
}
"""The pages in the order of the brief, by the number that a name begins with."""
TILES = {"01": 3, "02": 1, "04": 1, "07": 1}
"""How many of the first numbers of a page are shown at the top."""
BULLETS, DATES = 3, 6
SMALL, COLUMN, WIDE = 320, 440, 1020  # pixels: on a small screen, in one of two columns, whole
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


def brief(
    notebooks: Iterable[Json], agreement: Any, *, terms: bool, failed: Iterable[Json] = ()
) -> str:
    """The brief as HTML; `terms`: whether the agreement's own file lies beside it.

    `failed`: the notebooks that failed, each with its `name`, `title` and `error`, and whether a
    page of an `earlier` report lies there.
    """
    lost = list(failed)
    cards = {card["name"]: card for card in map(_card, notebooks)}
    for one in lost:
        cards.pop(one["name"], None)
    by_number = {name.partition("_")[0]: card for name, card in cards.items()}
    groups = {
        title: found
        for title, numbers in GROUPS.items()
        if (found := [by_number[number] for number in numbers if number in by_number])
    }
    listed = [card for found in groups.values() for card in found]
    if others := [card for card in cards.values() if card not in listed]:
        groups["Further pages"] = others
    parts = {name: rows for card in cards.values() for name, rows in card["brief"].items()}
    parts["dates"] = parts.get("dates", [])[: 1 + DATES]
    every = [*listed, *others]
    return pages.rendered(
        "index.html",
        agreement=agreement,
        base=next((card["base"] for card in every if card["base"]), []),
        bullets=[card["bullet"] for card in every if card["bullet"]][:BULLETS],
        tiles=[
            tile
            for number, most in TILES.items()
            for tile in by_number.get(number, {"tiles": []})["tiles"][:most]
        ],
        timeline=_at(by_number.get("01", {}), WIDE),
        narrow=_at(by_number.get("01", {}), SMALL),
        tornado=_at(by_number.get("09", {}), COLUMN),
        groups=groups,
        failed=lost,
        terms=terms,
        version=_version(),
        **{name: _table(rows) for name, rows in parts.items()},
    )


def _table(rows: list[list[str]]) -> Any:
    """A table that a page leaves, in words, as HTML; empty without rows."""
    import pandas as pd

    found = pd.DataFrame(rows[1:], columns=rows[:1] and rows[0])
    return pages.safe(tables.html(found, lined=False)) if len(found) else ""


def _card(notebook: Json) -> dict[str, Any]:
    """What a page leaves for the brief."""
    found = pages.findings(notebook)
    told: Json = found[0][MIME] if found else {}
    outputs = (o for cell in notebook["cells"] for o in cell.get("outputs", []))
    drawn = (output["data"] for output in outputs if SVG in output.get("data", {}))
    first = next(drawn, None)
    return {
        "name": notebook["metadata"][OURS]["name"],
        "question": pages.question(notebook["cells"], notebook["metadata"][OURS]["name"]),
        "heading": told.get("heading", ""),
        "lead": "" if told.get("heading") else pages.safe(pages.lead(notebook)),
        "chart": first,
        "picture": pages.safe(pages.picture(first)) if first else "",
        "tiles": told.get("tiles", []),
        "bullet": pages.safe(told.get("bullet", "")),
        "brief": told.get("brief", {}),
        "base": told.get("base", []),
    }


def _at(card: Json, width: int) -> Any:
    """The first chart of a page below its title, drawn anew: words keep their size."""
    chart = card.get("chart") or {}
    if LIVE not in chart:
        return ""
    spec = embed.narrow(chart[LIVE]) if width < embed.NARROW else dict(chart[LIVE])
    spec |= {"title": None, "width": width}
    drawn = pages.picture(chart | {SVG: embed.picture(spec)})
    caption = embed.caption(embed.titles(chart[LIVE].get("title")))
    return pages.safe(f'{caption}<div class="still" tabindex="0">{drawn}</div>')


def _version() -> str:
    try:
        return version("compute-agreements")
    except PackageNotFoundError:
        return ""


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
    named = ((told, table.set_index(table.columns[0])) for told, table in parts)
    below = [(told, pages.safe(tables.html(table))) for told, table in named]
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
