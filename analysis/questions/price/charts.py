"""Charts of a fee beside the market: the ladder, the history, and what else the ratio might be."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from analysis.page.marks import heads, line_key, row
from analysis.page.spans import spans
from analysis.page.theme import NEUTRAL, PALETTE, TIME, dated, day

Chart = alt.TopLevelMixin
INK = "#111111"  # the fee
HELD = PALETTE[3]  # what it is held against
GROUPS = {
    "the fee": INK,
    "market, judged by": HELD,
    "market, other prices": "#9AA1AA",
    "other deals": HELD,
}
ROOM = 1.5  # of an axis for each unit of its longest bar, so that what is written beside it fits
ROW = 32  # pixels of height for a bar and its label
BELOW_MENU = {"left": 8, "top": 30, "right": 8, "bottom": 8}
SHADE: dict[str, Any] = {"color": INK, "stroke": INK, "strokeOpacity": 0.7}
TIER = "split(datum.label, ' (')[0]"  # without source, which the sentence names
LINES = [PALETTE[1], PALETTE[2], PALETTE[4], PALETTE[5]]


def beside(
    rows: pd.DataFrame,
    *,
    axis: str | list[str],
    written: str,
    title: str,
    among: Sequence[float] = (),
) -> Chart | None:
    """The fee's interval for each scope above what the market charged, all in one unit.

    `rows` has `label, group, low, high, about`; a single price is a dot. `among` shades the range
    of the prices that the fee is held against, from the first to the second. `written` is the
    format of the numbers; one that ends in "s" is money of any size, written as findings do.
    """
    if rows.empty:
        return None
    order = list(dict.fromkeys(rows.label))
    held = [group for group in GROUPS if group in set(rows.group)]
    written_out = rows[~rows.group.str.startswith("market")].high
    top = max(
        1.1 * float(rows.high.max()), ROOM * float(written_out.max() if len(written_out) else 0)
    )
    x_scale = alt.Scale(domain=[0, top], nice=False)
    marks = alt.Axis(labelExpr=_number("datum.value", written), tickCount=5)
    x = alt.X("low:Q", title=axis, scale=x_scale, axis=marks)
    exact = "$,.0f" if written.endswith("s") else written
    base = alt.Chart(rows).encode(
        **row("label", order),
        color=alt.Color(
            "group:N",
            title=None,
            scale=alt.Scale(domain=held, range=[GROUPS[group] for group in held]),
            legend=alt.Legend(columns=1),
        ),
        tooltip=[
            alt.Tooltip("label:N"),
            alt.Tooltip("low:Q", format=exact),
            alt.Tooltip("high:Q", format=exact),
            alt.Tooltip("about:N"),
        ],
    )
    words = _words(written)
    near = f"(datum.high - datum.low) < {top / 100}"
    layers = [
        base.transform_filter("datum.high > datum.low")
        .mark_bar(height=12)
        .encode(x=x, x2=alt.X2("high:Q")),
        base.transform_filter(near).mark_point(filled=True, size=110, opacity=0.9).encode(x=x),
        base.transform_filter("datum.group != 'market, other prices'")
        .transform_filter("datum.group != 'market, judged by'")
        .transform_calculate(words=words)
        .mark_text(align="left", dx=9, fontSize=12, color="#30363D")
        .encode(x=alt.X("high:Q"), text=alt.Text("words:N"), color=alt.ColorValue("#30363D")),
    ]
    on_top = base.transform_filter("datum.group == 'market, judged by'")
    layers.append(on_top.mark_point(filled=True, size=110, opacity=1).encode(x=x))
    if among:
        shade = alt.Chart(pd.DataFrame({"low": [min(among)], "high": [max(among)]}))
        layers.insert(0, shade.mark_rect(color=HELD, opacity=0.22).encode(x=x, x2=alt.X2("high:Q")))
    chart: Chart = alt.layer(*layers, heads(rows, "label", order)).properties(
        title=title, description=title, height=ROW * len(order)
    )
    return chart


def history(
    seen: pd.DataFrame, moments: pd.DataFrame, bands: pd.DataFrame, *, axis: str, title: str
) -> Chart | None:
    """Prices seen since the first, one line a source, beside the fee as a band for each scope.

    `bands` has `label, low, high, start, until`: pale before the fee was charged and dark since.
    """
    if seen.empty:
        return None
    first, last = min(seen.date), max([*seen.date, *moments.date, *bands.until])
    names = list(dict.fromkeys(seen.series))
    single = "; ".join(dict.fromkeys(f"{r.tier} ({r.source})" for r in moments.itertuples()))
    domain = [*names, *([single] if single else [])]
    colours = [*LINES[: len(names)], HELD][: len(domain)]
    colour = alt.Color(
        "series:N",
        title=None,
        scale=alt.Scale(domain=domain, range=colours),
        legend=line_key(columns=1, labelExpr=TIER),
    )
    x = alt.X("date:T", title=None, axis=TIME)
    y = alt.Y("usd_hour:Q", title=axis, axis=alt.Axis(format="$.0f", tickMinStep=1))
    tip = [alt.Tooltip("series:N"), day("date"), alt.Tooltip("usd_hour:Q", format="$.2f")]
    layers = [
        *_bands(bands, first, last),
        alt.Chart(dated(seen)).mark_line().encode(x=x, y=y, color=colour, tooltip=tip),
    ]
    if len(moments):
        points = alt.Chart(dated(moments.assign(series=single)))
        tip = [*tip, alt.Tooltip("basis:N")]
        layers.append(
            points.mark_point(filled=True, size=110, opacity=1).encode(
                x=x, y=y, color=colour, tooltip=tip
            )
        )
    chart: Chart = alt.layer(*layers).properties(title=title, description=title, height=340)
    return chart


def _bands(bands: pd.DataFrame, first: Any, last: Any) -> list[alt.Chart]:
    """The fee's interval across the history: pale before it was charged, dark where it is."""
    if bands.empty:
        return []
    pale = alt.Chart(dated(bands.assign(date=first, until=last)))
    dark = alt.Chart(dated(bands[bands.start < bands.until].assign(date=lambda t: t.start)))
    x, x2 = alt.X("date:T"), alt.X2("until:T")
    ends: dict[str, Any] = {"x": x, "x2": x2, "y": alt.Y("low:Q"), "y2": alt.Y2("high:Q")}
    layers = [pale.mark_rect(**SHADE, fillOpacity=0.08, strokeWidth=1).encode(**ends)]
    if (bands.start < bands.until).any():
        mark = dark.mark_rect(**SHADE, fillOpacity=0.2, strokeWidth=2)
        layers.append(mark.encode(**ends))
    text = pale.mark_text(align="left", dx=6, dy=-8, fontSize=12, fontWeight="bold", color=INK)
    return [*layers, text.encode(x=alt.X("date:T"), y=alt.Y("high:Q"), text=alt.Text("label:N"))]


def otherwise(table: pd.DataFrame, *, axis: str | list[str], title: str) -> Chart | None:
    """The ratio of fee to market for each other reading, the first row as it stands."""
    if table.empty:
        return None
    named = table.assign(label=[_label(r.varied, r.reading) for r in table.itertuples()])
    order = list(named.label)
    stands = float(table.low.iloc[0] + table.high.iloc[0]) / 2
    top = ROOM * max(1.0, float(table.high.max()))
    x = alt.X(
        "low:Q",
        title=axis,
        scale=alt.Scale(domain=[0, top], nice=False),
        axis=alt.Axis(tickCount=5),
    )
    base = alt.Chart(named).encode(
        **row("label", order),
        tooltip=[
            alt.Tooltip("varied:N"),
            alt.Tooltip("reading:N"),
            alt.Tooltip("low:Q", format=".2f"),
            alt.Tooltip("high:Q", format=".2f"),
        ],
        color=alt.condition("datum.varied == ''", alt.value(INK), alt.value(PALETTE[5])),
    )
    lines = pd.DataFrame({"x": [1.0, stands], "is": ["same price", "as it stands"]})
    rules = alt.Chart(lines).encode(x=alt.X("x:Q"))
    called = [
        rules.transform_filter(f"datum.is == '{what}'")
        .mark_text(align="left", dx=-2, dy=up, fontSize=12, fontWeight="bold")
        .encode(y=alt.YValue(0), text=alt.Text("is:N"))
        for what, up in zip(lines["is"], (-8, -24), strict=True)  # two lines may stand as one
    ]
    chart: Chart = alt.layer(
        rules.mark_rule(strokeDash=[4, 3], color=NEUTRAL),
        *called,
        base.mark_bar(height=6).encode(x=x, x2=alt.X2("high:Q")),
        base.mark_point(filled=True, size=60, opacity=1).encode(x=x),
        base.mark_point(filled=True, size=60, opacity=1).encode(x=alt.X("high:Q")),
        base.transform_calculate(words=_words(".2f") + " + '×'")
        .mark_text(align="left", dx=9, fontSize=12)
        .encode(x=alt.X("high:Q"), text=alt.Text("words:N"), color=alt.ColorValue("#30363D")),
        heads(named, "label", order),
    ).properties(title=title, description=title, height=ROW * len(order), padding=BELOW_MENU)
    return chart


def _words(written: str) -> str:
    """Both ends of a range as Vega writes them, once where they read alike."""
    low, high = (_number(f"datum.{end}", written) for end in ("low", "high"))
    return f"({low} == {high} ? {low} : {low} + ' – ' + {high})"


def _number(value: str, written: str) -> str:
    """One number as Vega writes it; money of any size as findings do: $4.17m, $810,000."""
    if not written.endswith("s"):
        return f"format({value}, '{written}')"
    large = (
        f"{value} >= {size} ? replace(format({value} / {size}, '$,.2f'), '.00', '') + '{unit}'"
        for size, unit in ((10**9, "bn"), (10**6, "m"))
    )
    return f"({' : '.join(large)} : format({value}, '$,.0f'))"


def _label(varied: Any, reading: Any) -> str:
    return f"{varied}: {reading}" if varied else str(reading)


def power(table: pd.DataFrame, *, title: str) -> Chart | None:
    """Power's share of the fee for each scope, low to high."""
    if table.empty:
        return None
    chart: Chart = spans(
        table,
        y="scope",
        axis="share of the fee, at full draw",
        color=PALETTE[5],
        written=".1%",
        title=title,
        description=title,
        height=40 * len(table) + 20,
    )
    return chart
