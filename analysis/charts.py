"""A table in, an altair chart out.

A notebook calls `setup()` once; from then on a chart is drawn live in JupyterLab and on a
published page, and as a picture wherever no script runs.
"""

from datetime import date
from typing import Any

import pandas as pd

from analysis.imports import quickly

with quickly():
    import altair as alt

PROVIDER = "#0072B2"  # blue, everywhere and only for the provider
CUSTOMER = "#D55E00"  # vermilion, everywhere and only for the customer
NEUTRAL = "#5F6670"  # headline figures, reference lines
PALETTE = [NEUTRAL, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8B5FBF", "#111111"]  # readings

# JupyterLab 4.6 draws this type with its own Vega-Lite 5 and does not know v6, altair's own.
LIVE = "application/vnd.vegalite.v5+json"
FONT = "Liberation Sans, Arial, Helvetica, DejaVu Sans, sans-serif"  # the first: vl-convert's own
MAX_ROWS = 50_000


def setup() -> None:
    """Draw every chart and table of this notebook in the project's look; idempotent."""
    alt.renderers.register("agreements", _bundle)
    alt.renderers.enable("agreements")
    alt.theme.register("agreements", enable=True)(_theme)
    alt.data_transformers.enable("default", max_rows=MAX_ROWS)
    pd.set_option(
        "display.max_colwidth", None, "display.max_columns", None, "display.max_rows", 200
    )
    pd.set_option("display.html.use_mathjax", False)  # two dollar signs are no formula


def _bundle(spec: dict[str, Any], **_: Any) -> dict[str, Any]:
    """One chart three ways: live, as a picture, and in words for who cannot see it."""
    import vl_convert

    words = str(spec.get("description") or _words(spec.get("title")) or "Chart")
    spec = {key: value for key, value in spec.items() if key != "$schema"}  # any version draws it
    return {LIVE: spec, "image/svg+xml": vl_convert.vegalite_to_svg(spec), "text/plain": words}


def _words(title: Any) -> str:
    """The words of a Vega-Lite title, which is a string, lines, or an object that holds one."""
    if isinstance(title, dict):
        title = title.get("text")
    return " ".join(map(str, title)) if isinstance(title, list) else str(title or "")


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
    legend = {"orient": "top", "titleOrient": "left", "symbolType": "square", "columnPadding": 28}
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


TWO_LINES = "split(datum.value, ': ')"  # a reading's name, and below it what it says
FIRM = "#009E73"  # what is promised
OPEN = "#C9CED6"  # what is not
BN = 1e9
MONEY = "$,.2f"


def bridge(table: pd.DataFrame, *, title: str) -> alt.FacetChart:
    """Waterfalls from all fees to the risk-adjusted firm value, one for each reading.

    `table` is `readings.bridges`: `step, usd, running_usd, reading, label`.
    """
    order = [*dict.fromkeys(table.step), "firm, risk-adjusted"]
    ends = table.groupby("label", sort=False).last().reset_index()
    ends = ends.assign(step=order[-1], usd=ends.running_usd)
    bars = pd.concat([table, ends]).assign(
        bn=lambda t: t.usd / BN,
        low=lambda t: (t.running_usd - t.usd).where(t.step != order[-1], 0.0) / BN,
        high=lambda t: t.running_usd / BN,
        part=lambda t: t.step.map({order[0]: "all fees", order[-1]: "firm"}).fillna("taken off"),
        edge=lambda t: t[["low", "high"]].max(axis=1),
    )
    base = alt.Chart(bars).encode(
        y=alt.Y("step:N", sort=order, title=None, axis=alt.Axis(domain=False, ticks=False)),
        tooltip=["reading:N", "step:N", alt.Tooltip("bn:Q", format=MONEY, title="$bn")],
    )
    bar = base.mark_bar(height={"band": 0.7}).encode(
        x=alt.X("low:Q", title="$bn"),
        x2="high:Q",
        color=alt.Color(
            "part:N",
            title=None,
            scale=alt.Scale(domain=["all fees", "taken off", "firm"], range=[NEUTRAL, OPEN, FIRM]),
        ),
    )
    text = base.mark_text(align="left", dx=5, fontSize=12).encode(
        x="edge:Q", text=alt.Text("bn:Q", format=",.2f")
    )
    readings = list(dict.fromkeys(table.label))
    head = alt.Header(labelAnchor="start", labelLimit=230, labelExpr=TWO_LINES)
    chart: alt.FacetChart = (
        (bar + text)
        .properties(width=185, height=150)
        .facet(alt.Facet("label:N", sort=readings, title=None, header=head), columns=2)
        .properties(title=title, description=title)
    )
    return chart


def timeline(
    windows: pd.DataFrame, marks: pd.DataFrame, *, as_of: date, title: str
) -> alt.LayerChart:
    """The term under each reading: served, firm, may be cancelled; with gates and first exits.

    `windows` and `marks` are those of `readings`.
    """
    phases = ["served", "firm", "may be cancelled"]
    order = list(dict.fromkeys(windows.label))
    axis = alt.Axis(labelLimit=240, labelExpr=TWO_LINES, labelOffset=-7)
    y = alt.Y("label:N", sort=order, title=None, axis=axis)
    stretches = (
        alt.Chart(_dated(windows))
        .mark_bar(height={"band": 0.55})
        .encode(
            x=alt.X("start:T", title=None, axis=TIME),
            x2="end:T",
            y=y,
            color=alt.Color(
                "phase:N",
                title=None,
                legend=alt.Legend(orient="bottom"),
                scale=alt.Scale(domain=phases, range=["#8A93A0", FIRM, "#E3E6EA"]),
            ),
            tooltip=["label:N", "phase:N", _day("start"), _day("end")],
        )
    )
    kinds = ["full fee", "gate", "first exit"]
    points = (
        alt.Chart(_dated(marks))
        .mark_point(size=90, filled=True, opacity=1, stroke="white", strokeWidth=1)
        .encode(
            x="date:T",
            y=y,
            shape=alt.Shape(
                "mark:N",
                title=None,
                legend=alt.Legend(orient="bottom"),
                scale=alt.Scale(domain=kinds, range=["square", "triangle-up", "diamond"]),
            ),
            color=alt.value("#111111"),
            tooltip=["label:N", "mark:N", _day("date")],
        )
    )
    chart: alt.LayerChart = (
        alt.layer(stretches, points, *_today(as_of))
        .resolve_scale(shape="independent")
        .properties(title=title, description=title, width=440, height=44 * len(order))
    )
    return chart


def through_time(table: pd.DataFrame, *, as_of: date, title: str) -> alt.VConcatChart:
    """Firm value, and its share of the headline left, seen from each month under each reading.

    `table` is `readings.through_time`.
    """
    names = list(dict.fromkeys(table.reading))
    data = _dated(table).assign(bn=table.firm_usd / BN)
    limited = data[data.groupby("reading").firmness.transform("min") < 1]
    legend = alt.Legend(symbolType="stroke", symbolStrokeWidth=3, symbolSize=300)
    base = alt.Chart(data).encode(
        x=alt.X("as_of:T", title=None, axis=TIME),
        color=alt.Color(
            "reading:N",
            title=None,
            scale=alt.Scale(domain=names),
            legend=legend,
        ),
        strokeDash=alt.StrokeDash(
            "reading:N", title=None, legend=legend, scale=alt.Scale(domain=names)
        ),
    )
    tip = ["reading:N", _day("as_of"), _day("end")]
    line = base.mark_line(interpolate="step-after", clip=True)
    value = line.properties(data=limited if len(limited) else data).encode(
        y=alt.Y("bn:Q", title="firm value, $bn", scale=alt.Scale(zero=True)),
        tooltip=[*tip, alt.Tooltip("bn:Q", format=MONEY, title="$bn")],
    )
    share = line.encode(
        y=alt.Y("firmness:Q", title="share of headline left", axis=alt.Axis(format=".0%")),
        tooltip=[*tip, alt.Tooltip("firmness:Q", format=".1%")],
    )
    rule, label = _today(as_of)
    chart: alt.VConcatChart = (
        alt.vconcat(
            alt.layer(value, rule, label).properties(height=230),
            alt.layer(share, rule).properties(height=170),
        )
        .resolve_scale(x="shared")
        .properties(title=title, description=title)
    )
    return chart


def _today(as_of: date) -> tuple[alt.Chart, alt.Chart]:
    """A rule and a label at the valuation date."""
    base = alt.Chart(_dated(pd.DataFrame({"day": [as_of]}))).encode(x="day:T")
    label = base.mark_text(align="left", dx=5, dy=-8, fontWeight="bold", color="#111111")
    return (
        base.mark_rule(color="#111111", strokeDash=[4, 3], strokeWidth=1.5),
        label.encode(y=alt.value(0), text=alt.value(f"valued on {as_of:%d %b %Y}")),
    )


TIME = alt.Axis(format="%b %Y", labelOverlap="greedy", labelSeparation=14, tickCount=8)


def _day(field: str) -> alt.Tooltip:
    return alt.Tooltip(f"{field}:T", format="%d %b %Y")


def _dated(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its columns of dates as timestamps, which altair can draw."""
    days = [str(c) for c in table if len(table) and isinstance(table[c].iloc[0], date)]
    return table.assign(**{c: pd.to_datetime(table[c]) for c in days})
