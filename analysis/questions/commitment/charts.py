"""Charts of what is promised: bridge, timeline, and the promise through time."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import altair as alt
import pandas as pd

from analysis.page.choose import Control, chosen, in_words, per_cent
from analysis.page.marks import line_key
from analysis.page.theme import (
    DECIMALS,
    FIRM,
    NEUTRAL,
    OPEN,
    TIME,
    TWO_LINES,
    dated,
    day,
    money,
    today,
)

PANEL = 320  # pixels of width: with its margins, the narrowest screen that pages are made for
NARROW = 275  # the same beside an axis


def choose(
    amounts: pd.DataFrame,
    sentences: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    start: tuple[str, date, float],
    title: str,
) -> alt.LayerChart:
    """What is left, firm and worth under the reading, on the day and at the rate that one chooses.

    The tables are those of `statements.chosen.promised`, `labels` the readings' words; `start` is
    the choice first shown.
    """
    reading, as_of, rate = start
    days = in_words(amounts.day)
    rates = sorted(set(amounts.rate.dropna()))
    controls = [
        Control(column="reading", label="Reading", words=labels, start=reading),
        Control(column="day", label="Valued on", words=days, start=as_of.isoformat()),
        Control(column="rate", label="Discount rate", words=per_cent(rates), start=rate),
    ]
    colours = dict(zip(dict.fromkeys(amounts.what), [NEUTRAL, FIRM, FIRM], strict=True))
    return chosen(amounts, sentences, controls, axis="amount", colours=colours, title=title)


ROW, BAR, ROOM = 34, 11, 1.2  # pixels from bar to bar, and of one; room for the number beside it


def bridge(table: pd.DataFrame, *, title: str) -> alt.FacetChart:
    """Waterfalls from all fees to the risk-adjusted firm value, one for each reading.

    `table` is `readings.bridges`: `step, usd, running_usd, reading, label`.
    """
    order = [*dict.fromkeys(table.step), "firm, risk-adjusted"]
    ends = table.groupby("label", sort=False).last().reset_index()
    ends = ends.assign(step=order[-1], usd=ends.running_usd)
    scale, unit = money(table.usd)
    bars = pd.concat([table, ends]).assign(
        amount=lambda t: t.usd / scale,
        low=lambda t: (t.running_usd - t.usd).where(t.step != order[-1], 0.0) / scale,
        high=lambda t: t.running_usd / scale,
        part=lambda t: t.step.map({order[0]: "all fees", order[-1]: "firm"}).fillna("taken off"),
        edge=lambda t: t[["low", "high"]].max(axis=1),
    )
    base = alt.Chart(bars).encode(
        y=alt.Y("step:N", sort=order, axis=None),
        tooltip=[
            alt.Tooltip("reading:N"),
            alt.Tooltip("step:N"),
            alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
        ],
    )
    room = alt.Scale(domain=[0, ROOM * float(bars.edge.max()) or 1.0], nice=False)
    bar = base.mark_bar(height=BAR, yOffset=BAR / 2).encode(
        x=alt.X("low:Q", title=unit, scale=room, axis=alt.Axis(tickCount=5)),
        x2=alt.X2("high:Q"),
        color=alt.Color(
            "part:N",
            title=None,
            scale=alt.Scale(domain=["all fees", "taken off", "firm"], range=[NEUTRAL, OPEN, FIRM]),
        ),
    )
    text = base.mark_text(align="left", dx=5, dy=BAR / 2, fontSize=12).encode(
        x=alt.X("edge:Q"), text=alt.Text("amount:Q", format=DECIMALS)
    )
    names = base.mark_text(align="left", dy=-BAR * 0.8, fontSize=12).encode(
        x=alt.XValue(0), text=alt.Text("step:N")
    )
    readings = list(dict.fromkeys(table.label))
    head = alt.Header(labelAnchor="start", labelLimit=PANEL, labelExpr=TWO_LINES)
    chart: alt.FacetChart = (
        alt.layer(bar, text, names)
        .properties(width=PANEL, height=ROW * len(order))
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
    y = alt.Y("label:N", sort=order, axis=None)
    stretches = (
        alt.Chart(dated(windows))
        .mark_bar(height=2 * BAR, yOffset=BAR)
        .encode(
            x=alt.X("start:T", title=None, axis=TIME),
            x2=alt.X2("end:T"),
            y=y,
            color=alt.Color(
                "phase:N",
                title=None,
                legend=alt.Legend(orient="bottom"),
                scale=alt.Scale(domain=phases, range=["#8A93A0", FIRM, "#E3E6EA"]),
            ),
            tooltip=[alt.Tooltip("label:N"), alt.Tooltip("phase:N"), day("start"), day("end")],
        )
    )
    kinds = ["full fee", "gate", "first exit"]
    points = (
        alt.Chart(dated(marks))
        .mark_point(size=90, filled=True, opacity=1, stroke="white", strokeWidth=1, yOffset=BAR)
        .encode(
            x=alt.X("date:T"),
            y=y,
            shape=alt.Shape(
                "mark:N",
                title=None,
                legend=alt.Legend(orient="bottom"),
                scale=alt.Scale(domain=kinds, range=["square", "triangle-up", "diamond"]),
            ),
            color=alt.ColorValue("#111111"),
            tooltip=[alt.Tooltip("label:N"), alt.Tooltip("mark:N"), day("date")],
        )
    )
    heads = alt.Chart(pd.DataFrame({"label": order})).encode(y=y, text=alt.Text("label:N"))
    words: dict[str, Any] = {"align": "left", "dy": -BAR}
    chart: alt.LayerChart = (
        alt.layer(
            stretches,
            points,
            *today(as_of),
            heads.mark_text(stroke="white", strokeWidth=4, **words).encode(x=alt.XValue(0)),
            heads.mark_text(**words).encode(x=alt.XValue(0)),
        )
        .resolve_scale(shape="independent")
        .properties(title=title, description=title, height=46 * len(order))
    )
    return chart


def through_time(table: pd.DataFrame, *, as_of: date, title: str) -> alt.ConcatChart:
    """Firm value, and its share of the headline left, seen from each month under each reading.

    `table` is `readings.through_time`.
    """
    names = list(dict.fromkeys(table.reading))
    scale, unit = money(table.firm_usd)
    data = dated(table).assign(amount=table.firm_usd / scale)
    limited = data[data.groupby("reading").firmness.transform("min") < 1]
    legend = line_key()
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
    tip = [alt.Tooltip("reading:N"), day("as_of"), day("end")]
    line = base.mark_line(interpolate="step-after", clip=True)
    value = line.properties(data=limited if len(limited) else data).encode(
        y=alt.Y("amount:Q", title=f"firm value, {unit}", scale=alt.Scale(zero=True)),
        tooltip=[*tip, alt.Tooltip("amount:Q", format=DECIMALS, title=unit)],
    )
    share = line.encode(
        y=alt.Y("firmness:Q", title="share of headline left", axis=alt.Axis(format=".0%")),
        tooltip=[*tip, alt.Tooltip("firmness:Q", format=".1%")],
    )
    rule, label = today(as_of)
    chart: alt.ConcatChart = (
        alt.concat(
            alt.layer(value, rule, label).properties(width=NARROW, height=230),
            alt.layer(share, rule).properties(width=NARROW, height=230),
            columns=2,  # below each other on a narrow screen
        )
        .resolve_scale(x="shared")
        .properties(title=title, description=title)
    )
    return chart
