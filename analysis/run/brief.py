"""The brief: the front page over all pages of an agreement, made from what each page leaves."""

from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from analysis.page import embed
from analysis.page.findings import MIME
from analysis.run import pages
from analysis.run.pages import LIVE, OURS, SVG

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
NARROW, COLUMN, WIDE = 320, 440, 1020  # pixels: on a small screen, in one of two columns, whole


def index(
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
    tables = {name: rows for card in cards.values() for name, rows in card["brief"].items()}
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
        narrow=_at(by_number.get("01", {}), NARROW),
        tornado=_at(by_number.get("09", {}), COLUMN),
        sheet=tables.get("term_sheet", []),
        by_notice=tables.get("by_notice", []),
        dates=tables.get("dates", [])[: 1 + DATES],
        open_points=tables.get("open_points", []),
        groups=groups,
        failed=lost,
        terms=terms,
        version=_version(),
    )


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
