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

from analysis import tables
from analysis.findings import MIME as FINDING
from analysis.notebooks import LIVE, OURS, SVG

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


def index(notebooks: Iterable[Json], agreement: Any, *, terms: bool) -> str:
    """The page that leads to all pages, each with what it found and, where it differs, how."""
    notebooks = list(notebooks)
    each = [_parameters(notebook) for notebook in notebooks]
    common = [pair for pair in each[0] if pair[0] in COMMON and all(pair in own for own in each)]
    pages = [
        {
            "name": notebook["metadata"][OURS]["name"],
            "title": question(notebook),
            "lead": _safe(lead(notebook)),
            "parameters": [pair for pair in own if pair not in common],
        }
        for notebook, own in zip(notebooks, each, strict=True)
    ]
    return _render("index.html", "", agreement=agreement, pages=pages, common=common, terms=terms)


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


@cache
def module(name: str) -> str:
    """One of our scripts with the libraries that it draws with, for a notebook's widget."""
    import vl_convert

    return vl_convert.javascript_bundle(_read(name))


def fitted(spec: Json) -> dict[str, Any]:
    """The spec as wide as its page: one that states its width keeps it, in a box that scrolls."""
    flexible = (
        "width" not in spec
        and ("mark" in spec or "layer" in spec)
        and not {"row", "column", "facet"} & set(spec.get("encoding", {}))
    )
    return {**spec, "width": "container"} if flexible else dict(spec)


def _blocks(cells: Iterable[Json], lead: Json | None) -> Iterator[str]:
    """The page piece by piece; the code of a cell is folded away below what it shows."""
    code: list[str] = []
    for cell in cells:
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

        lines = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True, noclasses=True))
        yield f"<details><summary>Code</summary><pre>{lines}</pre></details>"
    code.clear()


def _output(output: Json) -> str:
    data = output.get("data", {})
    if output["output_type"] == "stream":
        return f"<pre>{html.escape(ANSI.sub('', output['text']))}</pre>"
    if output["output_type"] == "error":
        return f"<pre>{html.escape(output['ename'] + ': ' + output['evalue'])}</pre>"
    if LIVE in data:
        return _chart(data)
    if "text/html" in data:
        return (
            _html(data) if FINDING in data else f'<div class="box">{tables.tidy(_html(data))}</div>'
        )
    if SVG in data or "image/png" in data:
        return f'<div class="still">{_picture(data, _plain(data))}</div>'
    if "text/markdown" in data:
        return _markdown("".join(data["text/markdown"]), escape=True)
    return f"<pre>{html.escape(_plain(data))}</pre>"


def _chart(data: Json) -> str:
    """A figure that is a picture until its script, if any runs, has drawn the live chart."""
    spec = dict(data[LIVE])
    title = spec.pop("title", None) or {}
    title = title if isinstance(title, dict) else {"text": title}
    lines = [
        " ".join([t] if isinstance(t, str) else t)
        for t in map(title.get, ("text", "subtitle"))
        if t
    ]
    caption = "<br>".join(html.escape(line) for line in lines[:1])
    caption += "".join(f"<small>{html.escape(line)}</small>" for line in lines[1:])
    spec = fitted(spec | {"description": _plain(data)})
    safe = json.dumps(spec, sort_keys=True, ensure_ascii=False).replace("<", "\\u003c")
    return (
        f'<figure class="chart"><figcaption>{caption}</figcaption>'
        f'<div class="still">{_picture(data, _plain(data))}</div>'
        f'<div class="live{"" if spec.get("width") == "container" else " wide"}"></div>'
        f'<script type="application/json">{safe}</script></figure>'
    )


def _picture(data: Json, words: str) -> str:
    """An image of its own, so that the inner names of two pictures cannot mix."""
    if SVG in data:
        code = base64.b64encode("".join(data[SVG]).encode()).decode()
        return f'<img src="data:{SVG};base64,{code}" alt="{html.escape(words)}">'
    code = "".join(data["image/png"]).replace("\n", "")
    return f'<img src="data:image/png;base64,{code}" alt="{html.escape(words)}">'


def _parameters(notebook: Json) -> list[tuple[str, str]]:
    values = notebook["metadata"][OURS]["parameters"]
    names = [*filter(values.__contains__, COMMON), *sorted(values.keys() - set(COMMON))]
    return [(name, _shown(values[name])) for name in names if name != "interactive"]


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text or "the agreement's own"


def _html(data: Json) -> str:
    return "".join(data["text/html"])


def _plain(data: Json) -> str:
    return "".join(data.get("text/plain", ""))


def _markdown(source: str, *, escape: bool = False) -> str:
    import mistune

    text = mistune.create_markdown(escape=escape, plugins=["table", "strikethrough"])(source)
    return re.sub(r"<table>.*?</table>", r'<div class="box">\g<0></div>', str(text), flags=re.S)


def _safe(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)


def _read(name: str) -> str:
    from importlib.resources import files

    return (files("analysis") / "templates" / name).read_text(encoding="utf-8")


def _render(template: str, script: str, **values: Any) -> str:
    from jinja2 import Environment, PackageLoader

    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    look = Environment(loader=PackageLoader("analysis"), autoescape=True, trim_blocks=True)
    return look.get_template(template).render(
        style=_safe(_read("style.css")),
        script=_safe(script),
        allowed=_safe(f"'sha256-{digest}'" if script else "'none'"),
        **values,
    )
