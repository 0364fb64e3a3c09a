"""Charts of a book: when it runs off, what is up for notice, what was disclosed of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import altair as alt
import pandas as pd

from analysis.page.marks import heads, row
from analysis.page.theme import (
    DECIMALS,
    FIRM,
    NEUTRAL,
    OPEN,
    PALETTE,
    TIME,
    dated,
    day,
    money,
    today,
)

Chart = alt.TopLevelMixin
ROW = 34  # pixels of height for a bar and its label
ROOM = 1.2  # of the longest bar, for what is written beside it
FITS = {"below": NEUTRAL, "within": FIRM, "above": "#B3261E"}


def _coloured(names: Mapping[str, str]) -> alt.Color:
    held = list(names.values())
    scale = alt.Scale(domain=held, range=PALETTE[1 : len(held) + 1])
    return alt.Color("name:N", title=None, scale=scale)


def runoff(table: pd.DataFrame, names: Mapping[str, str], *, title: str) -> Chart | None:
    """Fees by month of service, stacked by agreement: firm below and full, the rest above and pale.

    `table` is `book.runoff`.
    """
    if table.empty or table.headline_usd.sum() <= 0:
        return None
    size, unit = money(table.groupby("month").headline_usd.sum())
    parts = table.assign(firm=table.firm_usd, rest=table.headline_usd - table.firm_usd)
    data = parts.melt(["month", "agreement"], ["firm", "rest"], "part", "usd")
    order = {id_: n for n, id_ in enumerate(names)}
    data = dated(data).assign(
        amount=data.usd / size,
        name=data.agreement.map(names),
        layer=[
            order[a] + len(order) * (p == "rest")
            for a, p in zip(data.agreement, data.part, strict=True)
        ],
        kind=data.part.map({"firm": "firm", "rest": "may be dropped"}),
    )
    chart: Chart = (
        alt.Chart(data)
        .mark_bar(binSpacing=1)
        .encode(
            x=alt.X("yearmonth(month):T", title=None, axis=TIME),
            y=alt.Y("amount:Q", title=f"fees of a month, {unit}"),
            color=_coloured(names),
            opacity=alt.Opacity(
                "kind:O",
                title=None,
                scale=alt.Scale(domain=["firm", "may be dropped"], range=[1, 0.28]),
                sort=["firm", "may be dropped"],
                legend=alt.Legend(symbolFillColor=NEUTRAL, orient="bottom"),
            ),
            order=alt.Order("layer:Q"),
            tooltip=[
                alt.Tooltip("name:N", title="agreement"),
                alt.Tooltip("yearmonth(month):T", title="month"),
                alt.Tooltip("kind:N"),
                alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
            ],
        )
        .properties(title=title, description=title, height=280)
    )
    return chart


def windows(
    table: pd.DataFrame, names: Mapping[str, str], *, as_of: date, title: str
) -> Chart | None:
    """When each agreement may first end, and what of its fees then falls away.

    `table` is `holdings.windows`.
    """
    if table.empty:
        return None
    data = table.assign(name=table.agreement.map(names))
    size, unit = money(data.at_stake_usd)
    symbol = unit.removeprefix("$")
    order = [name for name in names.values() if name in set(data.name)]
    y = alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labelLimit=200))
    kinds = ["promised by both", "may end"]
    bars = (
        alt.Chart(dated(data))
        .mark_bar(height={"band": 0.5})
        .encode(
            x=alt.X("start:T", title=None, axis=TIME, scale=alt.Scale(padding=16)),
            x2=alt.X2("end:T"),
            y=y,
            color=alt.Color(
                "phase:N", title=None, scale=alt.Scale(domain=kinds, range=[FIRM, OPEN])
            ),
            tooltip=[alt.Tooltip("name:N"), alt.Tooltip("phase:N"), day("start"), day("end")],
        )
    )
    layers: list[Any] = [bars]
    opened = data[data.phase == kinds[1]].dropna(subset=["serve"])
    if len(opened):
        words = opened.assign(
            words=[f"${usd / size:,.1f}{symbol} falls away" for usd in opened.at_stake_usd]
        )
        base = alt.Chart(dated(words)).encode(y=y)
        text = base.mark_text(align="left", dx=8, fontSize=12)
        layers.append(text.encode(x=alt.X("start:T"), text=alt.Text("words:N")))
        mark = base.mark_point(
            shape="triangle-up", size=90, filled=True, color="#111111", opacity=1
        )
        layers.append(
            mark.encode(x=alt.X("serve:T"), tooltip=[alt.Tooltip("name:N"), day("serve")])
        )
    chart: Chart = alt.layer(*layers, *today(as_of)).properties(
        title=title, description=title, height=46 * len(order)
    )
    return chart


def explained(
    table: pd.DataFrame, names: Mapping[str, str], *, disclosed: float, title: str
) -> Chart | None:
    """The book under one changed reading at a time, against the disclosed figure.

    `table` is `reported.one_at_a_time`; books of over twice the figure are left to the sentence.
    """
    shown = table[table.use_usd <= 2 * disclosed]
    if shown.empty:
        return None
    size, unit = money([disclosed])
    data = shown.assign(
        amount=shown.usd / size,
        name=shown.agreement.map(names),
        label=[
            f"{names[v]}, {r}: {t}"
            for v, r, t in zip(shown.varied, shown.reading, shown.title, strict=True)
        ],
        whole=shown.use_usd / size,
        part=[f"{share:.0%}" for share in shown.share],
        layer=shown.agreement.map({id_: n for n, id_ in enumerate(names)}),
    )
    order = list(dict.fromkeys(data.label))
    top = ROOM * max(data.whole.max(), disclosed / size)
    base = alt.Chart(data).encode(**row("label", order))
    bars = base.mark_bar().encode(
        x=alt.X(
            "amount:Q",
            title=f"firm at the reporting date, {unit}",
            scale=alt.Scale(domain=[0, top], nice=False),
        ),
        color=_coloured(names),
        order=alt.Order("layer:Q"),
        tooltip=[
            alt.Tooltip("label:N", title="reading"),
            alt.Tooltip("name:N", title="part"),
            alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
            alt.Tooltip("whole:Q", format=DECIMALS, title=f"book, {unit}"),
            alt.Tooltip("fits:N", title="against the disclosed"),
        ],
    )
    once = alt.Chart(data.drop_duplicates("label")).encode(**row("label", order))
    text = once.mark_text(align="left", dx=5, fontSize=12).encode(
        x=alt.X("whole:Q"), text=alt.Text("part:N")
    )
    rule = alt.Chart(pd.DataFrame({"at": [disclosed / size]})).encode(x=alt.X("at:Q"))
    words = rule.mark_text(dy=-8, fontWeight="bold", fontSize=12).encode(
        y=alt.YValue(0), text=alt.TextValue(f"disclosed {disclosed / size:,.1f}")
    )
    line = rule.mark_rule(color="#111111", strokeDash=[4, 3], strokeWidth=1.5)
    labels = heads(data, "label", order, size=11)  # a long one fits a small screen
    chart: Chart = alt.layer(bars, text, line, words, labels).properties(
        title=title, description=title, height=ROW * len(order)
    )
    return chart


def recognised(table: pd.DataFrame, *, disclosed: Any, title: str) -> Chart | None:
    """Revenue of the quarter by method and reading against the disclosed range (the dark stroke).

    `table` is `reported.merged`; `disclosed` has `low` and `high`.
    """
    if table.empty:
        return None
    low, high = disclosed.low, disclosed.high
    size, unit = money([high])
    data = table.assign(
        low=table.low_usd / size, use=table.use_usd / size, high=table.high_usd / size
    )
    data = data.assign(label=data.method + ": " + data.reading)
    order = list(data.label)
    found = [fit for fit in FITS if fit in set(data.fits)]
    base = alt.Chart(data).encode(
        **row("label", order),
        color=alt.Color(
            "fits:N",
            title=None,
            scale=alt.Scale(domain=found, range=[FITS[fit] for fit in found]),
        ),
        tooltip=[
            alt.Tooltip("label:N"),
            *(alt.Tooltip(c, format=DECIMALS, title=f"{c}, {unit}") for c in ENDS),
        ],
    )
    x = alt.X(
        "low:Q",
        title=f"revenue of the quarter, {unit}",
        scale=alt.Scale(zero=True),
        axis=alt.Axis(tickCount=8),
    )
    bars = base.mark_bar(height=10, minBandSize=3).encode(x=x, x2=alt.X2("high:Q"))
    point = base.transform_filter(f"datum.high - datum.low < {data.high.max() / 100}").mark_point(
        filled=True, size=130, opacity=1
    )
    middle = base.mark_tick(thickness=3, size=18).encode(
        x=alt.X("use:Q"), color=alt.ColorValue("#111111")
    )
    span = pd.DataFrame({"from": [low / size], "to": [high / size]})
    band = (
        alt.Chart(span)
        .mark_rect(color="#111111", opacity=0.55)
        .encode(x=alt.X("from:Q"), x2=alt.X2("to:Q"))
    )
    words = alt.Chart(span).mark_text(dy=-8, fontWeight="bold", fontSize=12)
    shown = words.encode(x=alt.X("to:Q"), y=alt.YValue(0), text=alt.TextValue("disclosed"))
    layers = [band, bars, point.encode(x=alt.X("use:Q")), middle, shown]
    chart: Chart = alt.layer(*layers, heads(data, "label", order)).properties(
        title=title, description=title, height=ROW * len(order)
    )
    return chart


ENDS = ("low", "use", "high")
