"""A chart on a page: a picture until its script, if any runs, has drawn it alive."""

import html
import json
import re
import textwrap
from collections.abc import Mapping
from typing import Any

from analysis.data.texts import plain

Json = Mapping[str, Any]
NAME = 60  # characters of a title that name a file
NARROW, LINE = 480, 26  # pixels of a narrow chart, and characters of a title on it


def chart(spec: Json, picture: str, words: str) -> str:
    """A figure: its title as a caption, the picture, and what the page's script needs.

    The script draws the chart without its title, which the caption shows, and saves it with it.
    """
    lines = titles(spec.get("title"))
    whole = {**spec, "description": words}
    safe = json.dumps(whole, sort_keys=True, ensure_ascii=False).replace("<", "\\u003c")
    kind = 'class="live"' if flexible(spec) else 'class="live wide" tabindex="0"'
    return (
        f'<figure class="chart" data-file="{file_name(lines[0] if lines else words)}">'
        f'{caption(lines)}<div class="still" tabindex="0">{picture}</div>'
        f'<div {kind}></div><output class="unseen"></output>'
        f'<p class="save"><button aria-expanded="false">Table</button> '
        f"<button>CSV</button> <button>SVG</button> <button>PNG</button></p>"
        f'<script type="application/json">{safe}</script></figure>'
    )


def caption(lines: list[str]) -> str:
    """The title of a chart above it, its subtitle smaller."""
    first, *more = [html.escape(line) for line in lines or [""]]
    return f"<figcaption>{first}{''.join(f'<small>{line}</small>' for line in more)}</figcaption>"


def titles(title: Any) -> list[str]:
    """The title of a chart, and its subtitle if it has one, each in one line.

    >>> titles({"text": ["Two", "lines"], "subtitle": "and more"}), titles(None)
    (['Two lines', 'and more'], [])
    """
    given = title if isinstance(title, dict) else {"text": title}
    found = [given.get(part) for part in ("text", "subtitle")]
    joined = (" ".join([line] if isinstance(line, str) else line) for line in found if line)
    return [line.replace(" %", "\u00a0%") for line in joined]


def flexible(spec: Json) -> bool:
    """Whether a chart may take the width of the page: one view that states no width of its own."""
    one, split = "mark" in spec or "layer" in spec, {"row", "column", "facet"}
    return one and "width" not in spec and not split & {*spec.get("encoding", {})}


def fitted(spec: Json) -> dict[str, Any]:
    """The spec as wide as its page: one that states its width keeps it, in a box that scrolls."""
    return {**spec, "width": "container"} if flexible(spec) else dict(spec)


def in_cell(spec: Json) -> dict[str, Any]:
    """The spec as a notebook's cell shows it: as wide; title and legend in lines where narrow."""
    lines, wide = titles(spec.get("title")), fitted(spec)
    if not flexible(spec):
        return wide
    config: dict[str, Any] = spec.get("config", {})
    legend = {**config.get("legend", {}), "columns": {"expr": f"width < {NARROW} ? 1 : 0"}}
    wide["config"] = {**config, "legend": legend}
    if lines:
        given = spec["title"] if isinstance(spec["title"], dict) else {}
        whole, parts = json.dumps(lines[0]), json.dumps(textwrap.wrap(lines[0], LINE))
        wide["title"] = {**given, "text": {"expr": f"width < {NARROW} ? {parts} : {whole}"}}
    return wide


def narrow(spec: Json) -> dict[str, Any]:
    """The spec with the parts of each legend below each other."""

    def below(part: dict[str, Any]) -> dict[str, Any]:
        key = part.get("legend")
        return part | {"legend": {**key, "columns": 1}} if key else part

    return dict(json.loads(json.dumps(spec), object_hook=below))


def picture(spec: Json) -> str:
    """The SVG of a Vega-Lite spec; control characters in its texts would end the drawing engine."""
    import vl_convert

    return own_names(vl_convert.vegalite_to_svg(plain(dict(spec))))


def own_names(picture: str) -> str:
    """An SVG whose inner names count from 0: as drawn they go on from the chart drawn before.

    >>> own_names('<g clip-path="url(#clip7)"/><clipPath id="clip7"/>')
    '<g clip-path="url(#name0)"/><clipPath id="name0"/>'
    """
    found = re.findall(r' id="(\w+?\d+)"', picture)
    names = {
        f"{before}{name}{after}": f"{before}name{n}{after}"
        for n, name in enumerate(found)
        for before, after in ((' id="', '"'), ("url(#", ")"))
    }
    inner = r' id="\w+"|url\(#\w+\)'
    return re.sub(inner, lambda one: names.get(one[0], one[0]), picture)


def file_name(title: str) -> str:
    """What a saved chart is called.

    >>> file_name("Of $43.75bn, $3.4bn is firm")
    'of-43-75bn-3-4bn-is-firm'
    """
    return re.sub(r"[^a-z0-9]+", "-", title.lower())[:NAME].strip("-") or "chart"
