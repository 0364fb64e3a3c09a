"""Charts of the right to leave: its value, the prices at which it is used, the life it leaves."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from analysis.page.choose import Control, chosen
from analysis.page.marks import line_key
from analysis.page.theme import (
    CUSTOMER,
    DECIMALS,
    FIRM,
    NEUTRAL,
    OPEN,
    PROVIDER,
    TIME,
    dated,
    day,
    money,
    today,
)

CASES = ["none", "customer", "provider", "both"]
COLOURS = dict(zip(CASES, [NEUTRAL, CUSTOMER, PROVIDER, "#111111"], strict=True))
HOUR = "$/H100e-hour"
BAND = 0.16
NARROW = 260  # pixels of width: beside an axis, the narrowest screen that pages are made for
DOLLARS = alt.Axis(format="$.0f", tickCount=6)


def posterior(table: pd.DataFrame, *, title: str) -> alt.FacetChart | None:
    """What is believed of each parameter before and after the data, each on its own scale.

    `table` is `standing.learned`.
    """
    if table.empty:
        return None
    base = alt.Chart(table).encode(
        y=alt.Y("belief:N", title=None, sort=["before", "after"]),
        color=alt.Color(
            "belief:N",
            title=None,
            legend=None,
            scale=alt.Scale(domain=["before", "after"], range=["#9AA1AA", "#111111"]),
        ),
        tooltip=[
            alt.Tooltip("parameter"),
            alt.Tooltip("belief"),
            *(alt.Tooltip(c, format=".3f") for c in RANGE),
        ],
    )
    scale = alt.Scale(zero=False, nice=True)
    rule = base.mark_rule(strokeWidth=4).encode(
        x=alt.X("low:Q", title=None, scale=scale, axis=alt.Axis(tickCount=5)), x2=alt.X2("high:Q")
    )
    point = base.mark_point(filled=True, size=90, opacity=1).encode(x=alt.X("median:Q"))
    chart: alt.FacetChart = (
        (rule + point)
        .properties(width=NARROW, height=46)
        .facet(
            facet=alt.Facet(
                "parameter:N",
                title=None,
                sort=list(dict.fromkeys(table.parameter)),
                header=alt.Header(labelAnchor="start", labelFontSize=13, labelLimit=NARROW),
            ),
            columns=2,
        )
        .resolve_scale(x="independent")
        .properties(title=title, description=title)
    )
    return chart


RANGE = ("low", "median", "high")


def _titled(chart: Any, *, title: str, height: int) -> alt.LayerChart:
    """The chart with its claim above it, the same in words, and its height."""
    titled: alt.LayerChart = chart.properties(title=title, description=title, height=height)
    return titled


def values(
    curves: pd.DataFrame, *, market: float, fee: float, title: str
) -> alt.ConcatChart | None:
    """Value to the customer against today's market price, a panel for each case of rights.

    `curves` is that of `ownership.Study`. The line of nobody's right is dashed in every panel.
    """
    if curves.empty:
        return None
    scale, unit = money(curves.high_usd - curves.low_usd)
    table = curves.assign(
        worth=curves.usd / scale, low=curves.low_usd / scale, high=curves.high_usd / scale
    )
    ends = [float(table.low.min()), float(table.high.max())]
    y_scale = alt.Scale(domain=ends, nice=True)
    x_scale = alt.Scale(domain=[float(table.price.min()), float(table.price.max())], nice=False)
    x = alt.X("price:Q", title=f"market price today, {HOUR}", scale=x_scale, axis=DOLLARS)
    worth = f"to the customer, {unit}"
    none = alt.Chart(table[table.case == "none"]).mark_line(strokeDash=[5, 4], strokeWidth=1.5)
    zero = (
        alt.Chart(pd.DataFrame({"worth": [0.0]}))
        .mark_rule(strokeWidth=1)
        .encode(y=alt.Y("worth:Q"))
    )
    tip: list[Any] = [
        alt.Tooltip("label:N"),
        alt.Tooltip("price:Q", format=DECIMALS, title=HOUR),
        alt.Tooltip("low:Q", format=DECIMALS, title=f"low, {unit}"),
        alt.Tooltip("worth:Q", format=DECIMALS, title=unit),
        alt.Tooltip("high:Q", format=DECIMALS, title=f"high, {unit}"),
    ]
    panels = []
    for case, rows in table.groupby("case", sort=False):
        colour = COLOURS[str(case)]
        base = alt.Chart(rows).encode(x=x, tooltip=tip)
        band = base.mark_area(opacity=BAND, color=colour).encode(
            y=alt.Y("low:Q", title=worth, scale=y_scale), y2=alt.Y2("high:Q")
        )
        line = base.mark_line(color=colour, strokeWidth=3).encode(y=alt.Y("worth:Q"))
        flat = none.encode(x=x, y=alt.Y("worth:Q"))
        marks = _marked({"market": market, "fee": fee})
        head = alt.TitleParams(str(rows.label.iloc[0]), fontSize=13, color=colour, offset=22)
        panels.append(
            alt.layer(band, zero, flat, line, *marks).properties(
                width=NARROW, height=200, title=head
            )
        )
    chart: alt.ConcatChart = alt.concat(*panels, columns=2).properties(
        title=title, description=title
    )
    return chart


def _marked(prices: dict[str, float]) -> list[alt.Chart]:
    """Upright rules with their names at two prices, the lower one's name to its left."""
    marks = []
    for name, price in prices.items():
        low = name == min(prices, key=lambda n: prices[n])
        table = pd.DataFrame({"price": [price], "name": [f"{name} ${price:.2f}"]})
        base = alt.Chart(table).encode(x=alt.X("price:Q", axis=DOLLARS))
        side: dict[str, Any] = {"align": "right", "dx": -4} if low else {"align": "left", "dx": 4}
        text = base.mark_text(dy=-8, fontSize=12, fontWeight="bold", color="#111111", **side)
        marks.append(base.mark_rule(strokeDash=[4, 3], strokeWidth=1.5, color="#111111"))
        marks.append(text.encode(y=alt.YValue(0), text=alt.Text("name:N")))
    return marks


def triggers(
    prices: pd.DataFrame, path: pd.DataFrame, fee: pd.DataFrame, *, title: str
) -> alt.LayerChart | None:
    """Prices at which each party alone would leave, beside the market: seen solid, ahead dashed.

    `prices` is `ownership.Study.triggers`, `path` and `fee` those of `ownership`.
    """
    if path.empty:
        return None
    names = {"customer": "customer leaves below", "provider": "provider leaves above"}
    acts = prices[prices.price.notna() | prices.low.notna()]
    acts = acts.assign(name=acts.party.map(names))
    market = path.assign(name="market price")
    paid = fee.assign(name="fee")
    held = [names[party] for party in names if party in set(acts.party)]
    domain = ["market price", "fee", *held]
    colours = [NEUTRAL, "#111111", *(COLOURS[p] for p in names if names[p] in held)]
    colour = alt.Color(
        "name:N",
        title=None,
        legend=line_key(),
        scale=alt.Scale(domain=domain, range=colours),
    )
    top = 2 * max(float(paid.price.max()), float(market.price.max()))
    y = alt.Y("price:Q", title=HOUR, scale=alt.Scale(domain=[0, top]), axis=alt.Axis(format="$.0f"))
    tip = [alt.Tooltip("name:N"), day("date"), alt.Tooltip("price:Q", format=DECIMALS, title=HOUR)]

    def drawn(table: pd.DataFrame, **mark: Any) -> alt.Chart:
        line = alt.Chart(dated(table)).mark_line(clip=True, **mark)
        x = alt.X("date:T", title=None, axis=TIME)
        chart: alt.Chart = line.encode(x=x, y=y, color=colour, tooltip=tip)
        return chart

    def band(table: pd.DataFrame) -> alt.Chart:
        area = alt.Chart(dated(table)).mark_area(opacity=BAND, clip=True)
        y_low = alt.Y("low:Q", title=HOUR, scale=alt.Scale(domain=[0, top]))
        chart: alt.Chart = area.encode(
            x=alt.X("date:T"), y=y_low, y2=alt.Y2("high:Q"), color=colour
        )
        return chart

    ahead = market[market.kind == "expected"]
    layers = [
        band(acts),
        drawn(market[market.kind == "seen"]),
        drawn(ahead, strokeDash=[6, 4]),
        drawn(paid, interpolate="step-after", strokeDash=[6, 4]),
        drawn(acts, strokeDash=[6, 4]),
    ]
    now = ahead.date.min()
    late = now - market.date.min() > market.date.max() - now
    return _titled(alt.layer(*layers, *today(now, late=late)), title=title, height=360)


def fan(table: pd.DataFrame, *, title: str) -> alt.LayerChart | None:
    """When service ends: 10 to 90 % pale, 25 to 75 % dark, the median a stroke.

    `table` is `lifetimes.fan`.
    """
    if table.empty:
        return None
    order = list(table.life)
    scale, unit = money(table.fees_usd)
    data = dated(table).assign(fees=table.fees_usd / scale)
    tip: list[Any] = [alt.Tooltip("life:N"), *(day(q) for q in ("q10", "q25", "q50", "q75", "q90"))]
    tip += [
        alt.Tooltip("months:Q", format=".1f"),
        alt.Tooltip("fees:Q", format=DECIMALS, title=f"fees, {unit}"),
    ]
    y = alt.Y("life:N", sort=order, title=None, axis=alt.Axis(labelLimit=230))
    base = alt.Chart(data).encode(y=y, tooltip=tip)
    wide = base.mark_bar(color="#C9CED6", height=10, minBandSize=3).encode(
        x=alt.X("q10:T", title=None, axis=TIME), x2=alt.X2("q90:T")
    )
    inner = base.mark_bar(color="#8A93A0", height=18).encode(x=alt.X("q25:T"), x2=alt.X2("q75:T"))
    middle = base.mark_tick(color="#111111", thickness=4, size=24).encode(x=alt.X("q50:T"))
    chart = alt.layer(wide, inner, middle, *today(table.start.iloc[0]))
    return _titled(chart, title=title, height=40 * len(order))


def survival(table: pd.DataFrame, *, title: str) -> alt.LayerChart | None:
    """Share of courses in which service still goes on, a line for each case with a right.

    `table` is `lifetimes.survival`. The line of both rights is thin: it may lie on another one.
    """
    table = table[table.case != "none"] if len(table) else table
    if table.empty:
        return None
    labels = dict(zip(table.case, table.label, strict=True))
    cases, names = list(labels), list(labels.values())
    colours = alt.Scale(domain=names, range=[COLOURS[case] for case in cases])
    dashes = alt.Scale(domain=names, range=[DOTTED if c == "both" else DASHED for c in cases])
    # as `size`: the configured strokeWidth of lines would win over an encoded one
    width = alt.condition("datum.case === 'both'", alt.value(THIN), alt.value(THICK))
    legend = line_key()
    tip: list[Any] = [alt.Tooltip("label:N", title="rights"), day("date")]
    tip += [alt.Tooltip(f"{name}:Q", format=".0%", title=told) for name, told in ENDED.items()]
    base = alt.Chart(dated(table)).encode(
        x=alt.X("date:T", title=None, axis=TIME),
        y=alt.Y(
            "served:Q",
            title="share of courses still served",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(format=".0%", tickCount=5),
        ),
        color=alt.Color("label:N", title=None, scale=colours, legend=legend),
        size=width,
        strokeDash=alt.StrokeDash("label:N", title=None, scale=dashes, legend=legend),
        tooltip=tip,
    )
    line = base.mark_line(interpolate="step-after")
    return _titled(alt.layer(line, *today(table.date.min())), title=title, height=260)


THICK, DASHED = 6, [14, 6]
THIN, DOTTED = 2, [2, 3]  # for a line that may lie on another


ENDED = {"served": "still served", "customer": "ended by customer", "provider": "ended by provider"}


def lived(table: pd.DataFrame, *, title: str) -> alt.LayerChart | None:
    """Expected months by own use and cost of moving; a frame marks where both lose by the rights.

    `table` is `lifetimes.private`.
    """
    if table.empty:
        return None
    marked = table.assign(note=["both lose" if hurt else "" for hurt in table.hurt])
    own: Sequence[float] = sorted(set(table.own_use))
    moving: Sequence[float] = sorted(set(table.moving), reverse=True)
    base = alt.Chart(marked).encode(
        x=alt.X(
            "own_use:O",
            sort=own,
            title="own use above the market, share of the fee",
            axis=alt.Axis(format=".0%", labelAngle=0, labelOverlap=False),
        ),
        y=alt.Y("moving:O", sort=moving, title="customer's cost of moving, months of fee"),
        tooltip=[
            alt.Tooltip("own_use:Q", format=".1%"),
            alt.Tooltip("moving:Q", format=".1f", title="moving, months of fee"),
            alt.Tooltip("months:Q", format=".1f", title="expected months"),
            alt.Tooltip("customer_usd:Q", format="$,.3s"),
            alt.Tooltip("customer_bound_usd:Q", format="$,.3s", title="… without rights"),
            alt.Tooltip("provider_usd:Q", format="$,.3s"),
            alt.Tooltip("provider_bound_usd:Q", format="$,.3s", title="… without rights"),
        ],
    )
    cell = base.mark_rect(stroke="white", strokeWidth=1).encode(
        color=alt.Color(
            "months:Q",
            title="months of service",
            scale=alt.Scale(range=["#F1F4F2", FIRM], zero=True),
            legend=alt.Legend(gradientLength=110, symbolType="square"),
        )
    )
    text = base.mark_text(fontSize=12, color="#111111").encode(
        text=alt.Text("months:Q", format=".0f")
    )
    frame = (
        base.transform_filter("datum.hurt")
        .mark_rect(filled=False, stroke="#111111", strokeWidth=2, cornerRadius=3)
        .encode()
    )
    chart = alt.layer(cell, text, frame)
    return _titled(chart, title=title, height=330)


def choose(
    amounts: pd.DataFrame,
    sentences: pd.DataFrame,
    *,
    rights: Mapping[str, str],
    start: tuple[str, float],
    title: str,
) -> alt.LayerChart | None:
    """What the rest is worth to the customer with the rights and at the price that one chooses.

    The tables are those of `statements.chosen.exit_worth`, `rights` the words of the cases;
    `start` is the case and the market price first shown.
    """
    if amounts.empty:
        return None
    case, now = start
    prices = {
        price: f"${price:.2f}" + (" (today)" if price == now else "")
        for price in sorted(set(amounts.price))
    }
    held = {name: words for name, words in rights.items() if name in set(amounts.rights)}
    controls = [
        Control(column="rights", label="Who may leave", words=held, start=case),
        Control(column="price", label="Market price, $/H100e-hour", words=prices, start=now),
    ]
    colours = dict(zip(dict.fromkeys(amounts.what), [CUSTOMER, OPEN, OPEN, NEUTRAL], strict=True))
    return chosen(
        amounts, sentences, controls, axis="to the customer", colours=colours, title=title
    )
