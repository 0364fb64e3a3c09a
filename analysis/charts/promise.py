"""Charts of what is promised: bridge, timeline, and the promise through time."""

from collections.abc import Mapping
from datetime import date

import altair as alt
import pandas as pd

from analysis.charts import (
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
from analysis.charts.choose import Control, chosen, in_words, per_cent


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
        y=alt.Y("step:N", sort=order, title=None, axis=alt.Axis(domain=False, ticks=False)),
        tooltip=[
            alt.Tooltip("reading:N"),
            alt.Tooltip("step:N"),
            alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
        ],
    )
    bar = base.mark_bar(height={"band": 0.7}).encode(
        x=alt.X("low:Q", title=unit),
        x2=alt.X2("high:Q"),
        color=alt.Color(
            "part:N",
            title=None,
            scale=alt.Scale(domain=["all fees", "taken off", "firm"], range=[NEUTRAL, OPEN, FIRM]),
        ),
    )
    text = base.mark_text(align="left", dx=5, fontSize=12).encode(
        x=alt.X("edge:Q"), text=alt.Text("amount:Q", format=DECIMALS)
    )
    readings = list(dict.fromkeys(table.label))
    head = alt.Header(labelAnchor="start", labelLimit=230, labelExpr=TWO_LINES)
    chart: alt.FacetChart = (
        (bar + text)
        .properties(width=185 if len(readings) > 1 else 440, height=150)
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
        alt.Chart(dated(windows))
        .mark_bar(height={"band": 0.55})
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
        .mark_point(size=90, filled=True, opacity=1, stroke="white", strokeWidth=1)
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
    chart: alt.LayerChart = (
        alt.layer(stretches, points, *today(as_of))
        .resolve_scale(shape="independent")
        .properties(title=title, description=title, width=440, height=44 * len(order))
    )
    return chart


def through_time(table: pd.DataFrame, *, as_of: date, title: str) -> alt.VConcatChart:
    """Firm value, and its share of the headline left, seen from each month under each reading.

    `table` is `readings.through_time`.
    """
    names = list(dict.fromkeys(table.reading))
    scale, unit = money(table.firm_usd)
    data = dated(table).assign(amount=table.firm_usd / scale)
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
    chart: alt.VConcatChart = (
        alt.vconcat(
            alt.layer(value, rule, label).properties(height=230),
            alt.layer(share, rule).properties(height=170),
        )
        .resolve_scale(x="shared")
        .properties(title=title, description=title)
    )
    return chart
