"""A table in, an altair chart out.

A notebook calls `setup()` once; from then on a chart is drawn live in JupyterLab and on a
published page, and as a picture wherever no script runs.
"""

import json
import os
from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd

from analysis.page import embed, quickly, tables

with quickly():
    import altair as alt

PROVIDER = "#0072B2"  # blue, everywhere and only for the provider
CUSTOMER = "#D55E00"  # vermilion, everywhere and only for the customer
NEUTRAL = "#5F6670"  # headline figures, reference lines
PALETTE = [NEUTRAL, "#0096FA", "#CC79A7", "#7D6A3C", "#3A2E00", "#5A14D8", "#111111"]  # readings

# JupyterLab 4.6 draws this type with its own Vega-Lite 5 and does not know v6, altair's own.
LIVE = "application/vnd.vegalite.v5+json"
FONT = "Liberation Sans, Arial, Helvetica, DejaVu Sans, sans-serif"  # the first: vl-convert's own
MAX_ROWS = 50_000
OUTSIDE = "CHARTS_DRAWN_OUTSIDE"  # set in a report: charts are drawn, and pages styled, elsewhere
# Voilà draws the live chart; where an output has no PNG it tries to add one, and shows its failure.
DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJg"
    "gg=="
)
# In JupyterLab and in the app: charts as wide as their cell, choices above them, tables as on pages
LOOK = """<style>
.vega-embed, .chart-wrapper { width: 100%; display: flex !important; flex-direction: column; }
.vega-bindings { order: -1; display: flex; flex-wrap: wrap; gap: 10px 24px; padding: 10px 8px; }
.vega-bind label { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 8px; }
.vega-bind select { max-width: 100%; }
.jp-RenderedHTMLCommon .agreements-table :is(th, td) { text-align: left; vertical-align: top; }
.jp-RenderedHTMLCommon .agreements-table td { white-space: nowrap; }
.jp-RenderedHTMLCommon .agreements-table td.long { white-space: normal; min-width: 16em; }
.jp-RenderedHTMLCommon .agreements-table .number { text-align: right; }
.agreements-said p { line-height: 1.4; }
dl.tiles { display: grid !important; gap: 8px 20px; }
dl.tiles { grid-template-columns: repeat(auto-fit, minmax(9em, 1fr)) !important; }
.tiles div { border-top: 2px solid #9AA1AA; padding-top: 4px; min-width: 0; }
.tiles :is(dt, dd) { float: none !important; width: auto !important; padding: 0 !important; }
.tiles dt { font-weight: normal !important; }
.tiles dd { margin: 0 !important; font-size: 1.35em; font-weight: 600; overflow-wrap: anywhere; }
.tiles small { display: block; font-size: 0.6em; font-weight: normal; }
</style>"""


def setup() -> None:
    """Draw every chart and table of this notebook in the project's look; idempotent.

    A page has the look itself.
    """
    from IPython import get_ipython
    from IPython.display import HTML, display

    alt.renderers.register("agreements", _bundle)
    alt.renderers.enable("agreements")
    alt.theme.register("agreements", enable=True)(_theme)
    alt.data_transformers.enable("default", max_rows=MAX_ROWS)
    pd.set_option(
        "display.max_colwidth", None, "display.max_columns", None, "display.max_rows", 200
    )
    pd.set_option("display.html.use_mathjax", False)  # two dollar signs are no formula
    if shell := get_ipython():
        shell.display_formatter.formatters["text/html"].for_type(pd.DataFrame, tables.html)
        if OUTSIDE not in os.environ:
            display(HTML(LOOK))  # type: ignore[no-untyped-call]


def _bundle(spec: dict[str, Any], **_: Any) -> dict[str, Any]:
    """One chart three ways: live, as a picture, and in words for who cannot see it.

    In a report the process that runs the notebook draws the picture: it has started the drawing
    engine (half a second) once for all its notebooks.
    """
    words = str(spec.get("description") or next(iter(embed.titles(spec.get("title"))), "Chart"))
    spec = json.loads(json.dumps(spec, default=str))  # a table's dates, which no engine takes
    spec.pop("$schema", None)  # any version draws it
    if OUTSIDE in os.environ:
        return {LIVE: spec, "text/plain": words}
    live = embed.in_cell(spec)
    if os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
        return {LIVE: live, "image/png": DOT, "text/plain": words}
    return {LIVE: live, "image/svg+xml": embed.picture(spec), "text/plain": words}


def _theme() -> Any:
    axis = {
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "titlePadding": 10,
        "gridColor": "#E6E8EB",
        "domainColor": "#9AA1AA",
        "tickColor": "#9AA1AA",
        "labelColor": "#30363D",
        "titleColor": "#30363D",
        "labelLimit": 240,
    }
    words = {"labelFontSize": 13, "titleFontSize": 13, "labelLimit": 320, "titleLimit": 320}
    legend: dict[str, Any] = {"orient": "top", "titleOrient": "left", "symbolType": "square"}
    legend |= {"columnPadding": 28, "layout": {"bottom": {"margin": 30}}}
    title = {
        "anchor": "start",
        "frame": "group",
        "fontSize": 16,
        "subtitleFontSize": 13,
        "subtitleColor": "#5F6670",
        "offset": 14,
    }
    view = {"continuousWidth": 680, "continuousHeight": 320, "discreteWidth": 680, "stroke": None}
    return {
        "config": {
            "font": FONT,
            "background": "white",
            "padding": 8,
            "view": view,
            "axis": axis,
            "axisX": {"grid": False, "labelFlush": False},
            "axisY": {"domain": False, "ticks": False},
            "title": title,
            "header": words,
            "legend": words | legend,
            "range": {"category": PALETTE, "ramp": ["#E8F1F8", PROVIDER]},
            "bar": {"color": NEUTRAL},
            "line": {"color": NEUTRAL, "strokeWidth": 2.5},
            "point": {"color": NEUTRAL, "filled": True, "size": 60},
            "rule": {"color": NEUTRAL},
            "text": {"fontSize": 13, "color": "#30363D"},
        }
    }


FIRM = "#009E73"  # what is promised
OPEN = "#C9CED6"  # what is not
DECIMALS = ",.2f"
UNITS = ((1e9, "$bn"), (1e6, "$m"), (1e3, "$k"))


def money(values: Iterable[float]) -> tuple[float, str]:
    """By what to divide amounts, and the unit then: that of the largest, so that all are legible.

    >>> money([-2.5e6, 1e3])
    (1000000.0, '$m')
    """
    largest = max((abs(value) for value in values if value == value), default=0.0)
    return next(((size, name) for size, name in UNITS if largest >= size), (1.0, "$"))


def today(as_of: date, *, late: bool = False) -> tuple[alt.Chart, alt.Chart]:
    """A rule and a label at the valuation date; left of it where that is `late` on the axis."""
    base = alt.Chart(dated(pd.DataFrame({"day": [as_of]}))).encode(x=alt.X("day:T"))
    text: dict[str, Any] = {"dy": -8, "fontWeight": "bold", "color": "#111111"}
    side: dict[str, Any] = {"align": "right", "dx": -5} if late else {"align": "left", "dx": 5}
    label = base.mark_text(**side, **text)
    return (
        base.mark_rule(color="#111111", strokeDash=[4, 3], strokeWidth=1.5),
        label.encode(y=alt.YValue(0), text=alt.TextValue(f"valued on {as_of:%d %b %Y}")),
    )


FLUSH = 40  # pixels from an end of the axis within which a label is drawn inwards
TIME = alt.Axis(
    format="%b %Y", labelOverlap="parity", labelSeparation=14, tickCount=8, labelFlush=FLUSH
)


def day(field: str) -> alt.Tooltip:
    return alt.Tooltip(f"{field}:T", format="%d %b %Y")


def dated(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its columns of dates as timestamps, which altair can draw."""
    days = [str(c) for c in table if len(table) and isinstance(table[c].iloc[0], date)]
    return table.assign(**{c: pd.to_datetime(table[c]) for c in days})
