"""An executed notebook as a page to read, and the index over all pages.

A page needs no network and could not reach one: its policy forbids everything but its own
script. Where no script runs, each chart is a picture.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from analysis.page import embed, tables
from analysis.page.findings import MIME as FINDING
from analysis.run.execution import LIVE, OURS, SVG

COMMON = ("contract", "reading", "as_of", "interactive")
NUMBER = re.compile(
    r"[^A-Za-z]*\d[^A-Za-z]*(bn|m|MW|GW)?(/[A-Za-z0-9-]+)?|–|nan|NaN|NaT|not defined|"
)
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

Json = Mapping[str, Any]


def page(notebook: Json, agreement: Any, *, name: str = "") -> str:
    """The executed notebook as HTML: its question, the first finding, then all else in order.

    `agreement` is None where the notebook is about none; `name` is the file's, if not its own.
    """
    found = findings(notebook)
    first = found[0] if found else None
    blocks = list(_blocks(notebook["cells"], first))
    charts = any('class="chart"' in block for block in blocks)
    return _render(
        "page.html",
        libraries() + _read("live.js") if charts else "",
        agreement=agreement,
        name=name or notebook["metadata"][OURS]["name"],
        title=question(notebook),
        lead=_safe(lead(notebook)),
        blocks=map(_safe, blocks),
        parameters=_parameters(notebook),
    )


def index(
    notebooks: Iterable[Json], agreement: Any, *, terms: bool, failed: Iterable[Json] = ()
) -> str:
    """The page that leads to all pages, each with what it found and, where it differs, how.

    `failed`: the notebooks that failed, each with its `name`, `title` and `error`, and whether a
    page of an `earlier` report lies there.
    """
    lost = list(failed)
    notebooks = list(notebooks)
    each = [_parameters(notebook) for notebook in notebooks]
    first = each[0] if each else []
    common = [pair for pair in first if pair[0] in COMMON and all(pair in own for own in each)]
    pages = [
        {
            "name": notebook["metadata"][OURS]["name"],
            "title": question(notebook),
            "lead": _safe(lead(notebook)),
            "parameters": [pair for pair in own if pair not in common],
        }
        for notebook, own in zip(notebooks, each, strict=True)
    ]
    about = {"agreement": agreement, "common": common, "terms": terms}
    whole = [page for page in pages if page["name"] not in [one["name"] for one in lost]]
    return _render("index.html", "", pages=whole, failed=lost, **about)


def runs(title: str, notebook: str, names: Iterable[str], listed: Iterable[Json]) -> str:
    """The page that leads to all runs of a sweep: a row each, with its parameters and finding."""
    made = [dict(run, lead=_safe(run["lead"])) for run in listed]
    failed = sum(run["error"] is not None for run in made)
    about = {"title": title, "notebook": notebook, "names": list(names), "failed": failed}
    return _render("sweep.html", "", runs=made, **about)


def lead(notebook: Json) -> str:
    """The first finding of an executed notebook as HTML; empty where it has none."""
    return "".join(_html(found) for found in findings(notebook)[:1])


def question(notebook: Json) -> str:
    """The notebook's title: its first heading, or its name where it has none."""
    for cell in notebook["cells"]:
        if heading := cell["cell_type"] == "markdown" and re.search(
            r"^# (.+)", cell["source"], re.M
        ):
            return heading[1].strip()
    return str(notebook["metadata"][OURS]["name"])


def asked(text: str) -> str:
    """The first heading of a notebook's file, which is its question; empty where it has none."""
    cells = (cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown")
    found = (re.search(r"^# (.+)", "".join(cell["source"]), re.M) for cell in cells)
    return next((heading[1].strip() for heading in found if heading), "")


def findings(notebook: Json) -> list[Json]:
    """The data of each output that is a finding, in order."""
    outputs = (o for cell in notebook["cells"] for o in cell.get("outputs", []))
    return [output["data"] for output in outputs if FINDING in output.get("data", {})]


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
    """The page piece by piece; the code of a cell is folded away below what it shows."""
    code: list[str] = []
    for cell in answered(cells):
        if cell["cell_type"] == "markdown":
            yield from _folded(code)
            yield _markdown(re.sub(r"^# .+\n?", "", cell["source"], count=1, flags=re.M))
        elif cell["cell_type"] == "code":
            code.append(cell["source"])
            shown = [o for o in cell["outputs"] if o.get("data") is not lead or lead is None]
            yield from map(_output, shown)
            if shown:
                yield from _folded(code)
    yield from _folded(code)


def _folded(code: list[str]) -> Iterator[str]:
    if source := "\n\n".join(code).strip():
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonLexer

        lines = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))
        yield f'<details><summary>Code</summary><pre tabindex="0">{lines}</pre></details>'
    code.clear()


@cache
def _style() -> str:
    """The pages' style, with colours for code on a light page and on a dark one."""
    from pygments.formatters import HtmlFormatter

    light, dark = (
        "\n".join(HtmlFormatter(style=name).get_token_style_defs("pre"))
        for name in ("xcode", "github-dark")  # legible on the pages' grounds
    )
    return f"{_read('style.css')}\n{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"


def _output(output: Json) -> str:
    data = output.get("data", {})
    if output["output_type"] == "stream":
        return f"<pre>{html.escape(ANSI.sub('', output['text']))}</pre>"
    if output["output_type"] == "error":
        return f"<pre>{html.escape(output['ename'] + ': ' + output['evalue'])}</pre>"
    if LIVE in data:
        return embed.chart(data[LIVE], _picture(data), _plain(data))
    if "text/html" in data:
        return _html(data) if FINDING in data else _box(tables.tidy(_html(data)))
    if SVG in data or "image/png" in data:
        return f'<div class="still">{_picture(data)}</div>'
    if "text/markdown" in data:
        return _markdown("".join(data["text/markdown"]), escape=True)
    return f"<pre>{html.escape(_plain(data))}</pre>"


def _picture(data: Json) -> str:
    """An image of its own, so that the inner names of two pictures cannot mix."""
    kind = SVG if SVG in data else "image/png"
    words = html.escape(_plain(data))
    return f'<img src="data:{kind};base64,{_base64(data, kind)}" alt="{words}">'


def _base64(data: Json, kind: str) -> str:
    text = "".join(data[kind])
    return base64.b64encode(text.encode()).decode() if kind == SVG else text.replace("\n", "")


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


def _safe(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)


def _read(name: str) -> str:
    from importlib.resources import files

    return (files("analysis.run") / "templates" / name).read_text(encoding="utf-8")


def _render(template: str, script: str, **values: Any) -> str:
    from jinja2 import Environment, PackageLoader

    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    look = Environment(loader=PackageLoader("analysis.run"), autoescape=True, trim_blocks=True)
    return look.get_template(template).render(
        style=_safe(_style()),
        script=_safe(script),
        allowed=_safe(f"'sha256-{digest}'" if script else "'none'"),
        **values,
    )
