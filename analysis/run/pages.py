"""An executed notebook as a page to read, and the index over all pages.

A page needs no network and could not reach one: its policy forbids everything but its own
script. Where no script runs, each chart is a picture.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import quote

from analysis.data.texts import plain
from analysis.page import embed
from analysis.page.findings import BOLD
from analysis.page.findings import MIME as FINDING
from analysis.page.tables import linked

LIVE = "application/vnd.vegalite.v5+json"
SVG = "image/svg+xml"
OURS = "compute_agreements"  # where the executed notebook keeps what the index needs
COMMON = ("contract", "reading", "as_of", "interactive")
ONLY_NOTEBOOK = "## Go on from here"
APPENDIX = ("## All tables", "## Schedules", "## What was assumed")  # their tables are folded away
LONGEST, MOST, NAMED = 8, 40, 6  # rows, cells of a table not folded away; columns that name one
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

Json = Mapping[str, Any]
Rows = Sequence[Sequence[str]]


def page(notebook: Json, agreement: Any, *, name: str, beside: Sequence[str] = ()) -> str:
    """The executed notebook as HTML: what it found, its numbers, then all else in order.

    `agreement` is None where the notebook is about none; `name` is the file's;
    `beside` are the names of all pages in order, its own among them.
    """
    found = findings(notebook)
    first = found[0] if found else None
    told = first[FINDING] if first else {}
    asked = question(notebook["cells"], notebook["metadata"][OURS]["name"])
    blocks = list(_blocks(notebook["cells"], first))
    charts = any('class="chart"' in block for block in blocks)
    place = list(beside).index(name) if name in beside else -1
    return rendered(
        "page.html",
        libraries() + read("live.js") if charts else "",
        agreement=agreement,
        name=name,
        title=told.get("heading") or asked,
        base=told.get("base", []),
        question=asked if told.get("heading") else "",
        lead=safe(_opened(lead(notebook), told.get("figures", []), told.get("inputs", []))),
        blocks=map(safe, blocks),
        contents=re.findall(r'<h2 id="([^"]+)">(.*?)</h2>', "".join(blocks)),
        parameters=_parameters(notebook),
        place=place + 1,
        pages=len(beside),
        before=beside[place - 1] if place > 0 else "",
        after=beside[place + 1] if 0 <= place < len(beside) - 1 else "",
    )


def turn(name: str) -> str:
    """What finds the link of a page to the previous or next one, if that is of this name."""
    return rf'<a href="{re.escape(quote(name))}\.html" aria-label="(Previous|Next) page">.</a>'


def lead(notebook: Json) -> str:
    """The first finding of an executed notebook as HTML; empty where it has none."""
    first = next(iter(findings(notebook)), None)
    return (first[FINDING].get("html") or _html(first)) if first else ""


def _opened(text: str, figures: Iterable[Json], inputs: Rows = ()) -> str:
    """The text with each number as a button that opens what it means and where it comes from.

    What opens shows the rows that give the number, and the inputs with kind, date and source.
    """
    told = {each["figure"]: each for each in figures}
    opens: list[str] = []

    def button(match: re.Match[str]) -> str:
        name, value = match.groups()
        if name not in told:
            return f"<b>{value}</b>"
        place = f"{name}-{hashlib.sha256(f'{text}{match.start()}'.encode()).hexdigest()[:8]}"
        note = _part("origin", told[name], inputs)
        opens.append(f'<div class="told" popover id="{place}" tabindex="0">{note}</div>')
        return f'<button class="figure" popovertarget="{place}">{value}</button>'

    return BOLD.sub(button, text) + "".join(opens)


def question(cells: Iterable[Json], name: str) -> str:
    """The title of a notebook's cells: their first heading, or its name where they have none."""
    texts = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    found = (re.search(r"^# (.+)", text, re.M) for text in texts)
    return next((heading[1].strip() for heading in found if heading), name)


def _outputs(notebook: Json, kind: str) -> list[Json]:
    outputs = (o for cell in notebook["cells"] for o in cell.get("outputs", []))
    return [output["data"] for output in outputs if kind in output.get("data", {})]


def findings(notebook: Json) -> list[Json]:
    """The data of each output that is a finding, in order."""
    return _outputs(notebook, FINDING)


def titled(notebook: Json) -> list[Json]:
    """The figures in the titles of its charts."""
    charts = (data[LIVE].get("usermeta", {}) for data in _outputs(notebook, LIVE))
    return [row for each in charts for row in each.get("figures", [])]


@cache
def libraries() -> str:
    """The scripts that draw a live chart, about 0.9 MB: once a page."""
    import vl_convert

    bundle: Any = vl_convert.javascript_bundle  # its type hint asks for what may be left out
    return re.sub(r"<(?=/script|!--)", r"\\x3c", bundle())


def answered(cells: Iterable[Json]) -> list[Json]:
    """The cells without the text of sections in which code runs and shows nothing.

    A section reaches to the next heading of its own rank or above; that of the title is kept.
    """
    cells = list(cells)
    ranks = [_rank(cell) for cell in cells]
    kept, section = [], 0  # the rank of the section left out, 0 where none is
    for number, (cell, rank) in enumerate(zip(cells, ranks, strict=True)):
        if rank and rank <= (section or rank):
            ends = (n for n in range(number + 1, len(cells)) if 0 < ranks[n] <= rank)
            code = [c for c in cells[number : next(ends, None)] if c["cell_type"] == "code"]
            section = rank if rank > 1 and code and not any(c["outputs"] for c in code) else 0
        if not section or cell["cell_type"] != "markdown":
            kept.append(cell)
    return kept


def _rank(cell: Json) -> int:
    """How deep the heading is with which a cell of text begins; 0 without one."""
    heading = cell["cell_type"] == "markdown" and re.match(r"#{1,6}(?= )", cell["source"])
    return len(heading[0]) if heading else 0


def _blocks(cells: Iterable[Json], lead: Json | None) -> Iterator[str]:
    """The page piece by piece, its figures numbered; all code is folded away at the end."""
    code: list[str] = []
    number = count(1)
    told = lead[FINDING] if lead else {}
    found = told.get("sources", [])
    sources = _part("sources", found, len(found)), _part("sources", found, 1)
    shown, appended = True, False  # what only a notebook is for is left out
    for cell in answered(cells):
        if cell["cell_type"] == "markdown":
            shown = shown and not cell["source"].startswith(ONLY_NOTEBOOK)
            if not shown:
                continue
            appended = cell["source"].startswith(APPENDIX) or (appended and not _rank(cell))
            text = re.sub(r"^# .+\n?", "", cell["source"], count=1, flags=re.M)
            yield re.sub(r"<h2>(.*?)</h2>", _anchored, _markdown(text))
        elif cell["cell_type"] == "code":
            code.append(cell["source"])
            for output in cell["outputs"]:
                if shown and (lead is None or output.get("data") is not lead):
                    longest = 0 if appended else LONGEST
                    block = _output(output, told.get("inputs", []), longest)
                    yield _numbered(block, number, sources)
    yield from _folded(code)


def _anchored(heading: re.Match[str]) -> str:
    words = html.unescape(re.sub(r"<[^>]*>", "", heading[1]))
    return f'<h2 id="{embed.file_name(words)}">{heading[1]}</h2>'


def _numbered(block: str, number: Iterator[int], sources: tuple[str, str]) -> str:
    """A chart with its number in front of its title, and its sources below."""
    if not block.startswith('<figure class="chart"'):
        return block
    place, (first, others) = next(number), sources
    block = block.replace("<figcaption>", f"<figcaption><span>Figure {place}</span> ", 1)
    source = first if place == 1 else others
    return block.replace('<p class="save">', f'{source}<p class="save">', 1)


def _folded(code: list[str]) -> Iterator[str]:
    if source := "\n\n".join(code).strip():
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonLexer

        lines = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))
        words = "<summary>Code of this page</summary>"
        yield f'<details>{words}<pre tabindex="0">{lines}</pre></details>'


def _style() -> str:
    """The pages' style, with colours for code on a light page and on a dark one."""
    from pygments.formatters import HtmlFormatter

    light, dark = (
        "\n".join(HtmlFormatter(style=name).get_token_style_defs("pre"))
        for name in ("xcode", "github-dark")  # legible on the pages' grounds
    )
    return f"{read('style.css')}\n{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"


def _output(output: Json, inputs: Rows = (), longest: int = LONGEST) -> str:
    data = output.get("data", {})
    if output["output_type"] == "stream":
        return f"<pre>{html.escape(ANSI.sub('', output['text']))}</pre>"
    if output["output_type"] == "error":
        return f"<pre>{html.escape(output['ename'] + ': ' + output['evalue'])}</pre>"
    if LIVE in data:
        return embed.chart(data[LIVE], picture(data), _plain(data))
    if "text/html" in data:
        if FINDING in data:
            return _opened(_html(data), data[FINDING]["figures"], inputs)
        return _folding(_box(_html(data)), longest)
    if SVG in data or "image/png" in data:
        return f'<div class="still">{picture(data)}</div>'
    if "text/markdown" in data:
        return _markdown("".join(data["text/markdown"]), escape=True)
    return f"<pre>{html.escape(_plain(data))}</pre>"


def picture(data: Json) -> str:
    """An image of its own, so that the inner names of two pictures cannot mix."""
    kind = SVG if SVG in data else "image/png"
    words, text = html.escape(_plain(data)), "".join(data[kind])
    held = base64.b64encode(text.encode()).decode() if kind == SVG else text.replace("\n", "")
    return f'<img src="data:{kind};base64,{held}" alt="{words}">'


def _parameters(notebook: Json) -> list[tuple[str, str]]:
    values = notebook["metadata"][OURS]["parameters"]
    own = {"reading": "the agreement's own"}
    names = [*filter(values.__contains__, COMMON), *sorted(values.keys() - set(COMMON))]
    told = [(name, _shown(values[name]) or own.get(name, "")) for name in names]
    return [(name, text) for name, text in told if text and name != "interactive"]


def _shown(value: Any) -> str:
    """A parameter as text; empty where it is an empty text, list or table."""
    if isinstance(value, str | list | dict) and not value:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _html(data: Json) -> str:
    return "".join(data["text/html"])


def _plain(data: Json) -> str:
    return "".join(data.get("text/plain", ""))


def _markdown(source: str, *, escape: bool = False) -> str:
    import mistune

    text = mistune.create_markdown(escape=escape, plugins=["table", "strikethrough"])(source)
    return re.sub(r"<table>.*?</table>", lambda table: _box(table[0]), str(text), flags=re.S)


def _box(table: str) -> str:
    """A table that scrolls sideways where the page is narrow, by keyboard too."""
    return f'<div class="box" role="group" aria-label="Table" tabindex="0">{table}</div>'


def _folding(table: str, longest: int) -> str:
    """A long table folded away, with what its columns are; a short one as it is."""
    rows = table.count("<tr") - 1
    heads = re.findall(r"<th[^>]*>(.+?)</th>", table.partition("</tr>")[0])
    if rows <= longest and rows * len(heads) <= MOST:
        return table
    more = [f"{len(heads) - NAMED} more"] if len(heads) > NAMED + 1 else heads[NAMED:]
    told = ", ".join([*heads[:NAMED], *more])
    return f"<details><summary>{rows} row{'s' * (rows > 1)}: {told}</summary>{table}</details>"


def safe(text: str) -> Any:
    """Text that is HTML already."""
    from markupsafe import Markup

    return Markup(text)


def read(name: str) -> str:
    """A template's or a script's text."""
    from importlib.resources import files

    return (files("analysis.run") / "templates" / name).read_text(encoding="utf-8")


@cache
def _template(name: str) -> Any:
    from jinja2 import Environment, PackageLoader, select_autoescape

    package, escaped = PackageLoader("analysis.run"), select_autoescape(["html"])
    found = Environment(loader=package, autoescape=escaped, trim_blocks=True)
    found.filters["linked"] = lambda text: safe(linked(text))
    return found.get_template(name)


def _part(name: str, *given: Any) -> str:
    """A piece of a page, of those in `parts.html`."""
    return str(getattr(_template("parts.html").module, name)(*given))


def filled(template: str, **values: Any) -> str:
    """A template filled in; only those of pages escape what is filled in."""
    return str(_template(template).render(**values)) + "\n"


def rendered(template: str, script: str = "", **values: Any) -> str:
    """A template filled in, with the one script that the page may run."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = _template(template).render(
        style=safe(_style()),
        script=safe(script),
        allowed=safe(f"'sha256-{digest}'" if script else "'none'"),
        **values,
    )
    return str(plain(page))
