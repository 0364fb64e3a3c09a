"""Charts of what drives the answer: tornado beside shares of variance, fan, heatmap."""

from typing import Any

import altair as alt
import pandas as pd

from analysis.charts import DECIMALS, FIRM, NEUTRAL, OPEN, TIME, dated, day, money
from analysis.charts.spans import PROJECTED

ALONE, TOGETHER = "alone", "with other inputs"
ROW = 46  # pixels of height for an input
PALE = "#E8F1F8"


def drivers(table: pd.DataFrame, *, title: str) -> alt.HConcatChart | None:
    """Each input's range of results, one at a time, beside its share of the variance.

    `table` is that of `drivers.Drivers`; None where nothing varies.
    """
    if table.empty or not table.variance.max() > 0:
        return None
    order = list(table.label)
    chart: alt.HConcatChart = alt.hconcat(
        _tornado(table, order), _shares(table, order), spacing=26
    ).properties(title=title, description=title)
    return chart


def _tornado(table: pd.DataFrame, order: list[str]) -> alt.LayerChart:
    scale, unit = money([*table.low, *table.high, *table.base])
    bars = table.assign(
        least=table[["low", "high", "base"]].min(axis=1) / scale,
        most=table[["low", "high", "base"]].max(axis=1) / scale,
        start=table.base / scale,
        left=table.at_low.where(table.low <= table.high, table.at_high),
        right=table.at_high.where(table.low <= table.high, table.at_low),
    )
    room = 0.3 * (bars.most.max() - bars.least.min())
    reach = [bars.least.min() - room, bars.most.max() + room]
    x = alt.X(
        "least:Q",
        title=f"{unit}, one input at a time",
        scale=alt.Scale(domain=reach, zero=False, nice=False),
        axis=alt.Axis(tickCount=4, grid=True),
    )
    tip: list[Any] = [
        "label:N",
        alt.Tooltip("left:N", title="from"),
        alt.Tooltip("right:N", title="to"),
    ]
    tip += [
        alt.Tooltip(f"{end}:Q", format=DECIMALS, title=unit) for end in ("least", "start", "most")
    ]
    axis = alt.Axis(labelLimit=190)
    base = alt.Chart(bars).encode(
        y=alt.Y("label:N", sort=order, title=None, axis=axis), tooltip=tip
    )
    ends = [
        base.mark_text(align=side, dx=away, fontSize=12).encode(x=f"{at}:Q", text=f"{words}:N")
        for side, away, at, words in (
            ("right", -6, "least", "left"),
            ("left", 6, "most", "right"),
        )
    ]
    middle = alt.Chart(bars[:1]).encode(x="start:Q")
    chart: alt.LayerChart = alt.layer(
        base.mark_bar(color=NEUTRAL, height={"band": 0.5}).encode(x=x, x2="most:Q"),
        *ends,
        middle.mark_rule(color="#111111", strokeWidth=2),
        middle.transform_calculate(words=f"'in use ' + format(datum.start, '{DECIMALS}')")
        .mark_text(dy=-9, fontSize=12, fontWeight="bold")
        .encode(y=alt.value(0), text="words:N"),
    ).properties(width=330, height=ROW * len(order))
    return chart


def _shares(table: pd.DataFrame, order: list[str]) -> alt.LayerChart:
    parts = pd.concat(
        [
            table.assign(part=ALONE, low=0.0, high=table["first"].clip(lower=0)),
            table.assign(part=TOGETHER, low=table["first"].clip(lower=0), high=table.total),
        ]
    )
    colour = alt.Color(
        "part:N",
        title=None,
        scale=alt.Scale(domain=[ALONE, TOGETHER], range=[FIRM, OPEN]),
        legend=alt.Legend(orient="bottom"),
    )
    base = alt.Chart(parts).encode(
        y=alt.Y("label:N", sort=order, title=None, axis=None),
        tooltip=[
            "label:N",
            alt.Tooltip("first:Q", format=".1%", title="alone"),
            alt.Tooltip("total:Q", format=".1%", title="total"),
        ],
    )
    x = alt.X(
        "low:Q",
        title="total share of the variance",
        scale=alt.Scale(domain=[0, 1.2], nice=False),
        axis=alt.Axis(format=".0%", values=[0, 0.5, 1]),
    )
    chart: alt.LayerChart = alt.layer(
        base.mark_bar(height={"band": 0.5}).encode(x=x, x2="high:Q", color=colour),
        base.transform_filter(f"datum.part == '{TOGETHER}'")
        .mark_text(align="left", dx=6, fontSize=12)
        .encode(x="high:Q", text=alt.Text("total:Q", format=".1%")),
    ).properties(width=190, height=ROW * len(order))
    return chart


def fan(table: pd.DataFrame, *, title: str) -> alt.LayerChart | None:
    """Receipts added up: eight in ten pale, half darker, the median, and what is stated.

    `table` is `drivers.fan`.
    """
    if table.empty:
        return None
    scale, unit = money(table.stated)
    numbers = ["q10", "q25", "q50", "q75", "q90", "expected", "stated"]
    data = dated(table).assign(**{name: table[name] / scale for name in numbers})
    tip: list[Any] = [day("date")]
    tip += [alt.Tooltip(f"{name}:Q", format=DECIMALS, title=f"{name}, {unit}") for name in numbers]
    base = alt.Chart(data).encode(x=alt.X("date:T", title=None, axis=TIME), tooltip=tip)
    title_y = f"received since then, {unit}"
    lines = data.melt("date", ["stated", "expected", "q50"], "line", "usd").replace(
        {"line": {"stated": "if nobody leaves", "expected": "mean", "q50": "median"}}
    )
    names = ["if nobody leaves", "mean", "median"]
    drawn = (
        alt.Chart(lines)
        .mark_line(strokeDash=PROJECTED)
        .encode(
            x="date:T",
            y=alt.Y("usd:Q", title=title_y),
            color=alt.Color(
                "line:N",
                title=None,
                scale=alt.Scale(domain=names, range=[NEUTRAL, FIRM, "#111111"]),
                legend=alt.Legend(symbolType="stroke", symbolStrokeWidth=3, symbolSize=300),
            ),
        )
    )
    chart: alt.LayerChart = alt.layer(
        base.mark_area(color="#DDE1E6").encode(y=alt.Y("q10:Q", title=title_y), y2="q90:Q"),
        base.mark_area(color="#B6BDC7").encode(y=alt.Y("q25:Q", title=title_y), y2="q75:Q"),
        drawn,
    ).properties(title=title, description=title, height=300)
    return chart


def heatmap(table: pd.DataFrame, *, title: str) -> alt.Chart | None:
    """What is firm by reading and by the month that it is seen from.

    `table` is `drivers.through_time`.
    """
    if table.empty:
        return None
    scale, unit = money(table.firm_usd)
    order = list(dict.fromkeys(table.reading))
    data = dated(table).assign(amount=table.firm_usd / scale)
    data["until"] = data.groupby("reading").as_of.shift(-1)
    data["until"] = data["until"].fillna(data.as_of + pd.DateOffset(months=1))
    chart: alt.Chart = (
        alt.Chart(data)
        .mark_bar(height={"band": 0.94}, stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X("as_of:T", title="seen from", axis=TIME),
            x2="until:T",
            y=alt.Y("reading:N", sort=order, title=None),
            color=alt.Color(
                "amount:Q",
                title=f"firm, {unit}",
                scale=alt.Scale(range=[PALE, "#08519C"], zero=True),
                legend=alt.Legend(gradientLength=160),
            ),
            tooltip=[
                "reading:N",
                day("as_of"),
                alt.Tooltip("amount:Q", format=DECIMALS, title=f"firm, {unit}"),
                alt.Tooltip("firmness:Q", format=".1%"),
            ],
        )
        .properties(title=title, description=title, height=40 * len(order))
    )
    return chart
