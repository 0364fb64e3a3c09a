"""The shapes that charts share: rows below their labels, bars, lines, what a mark tells."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from analysis.page.findings import number
from analysis.page.theme import DECIMALS, NEUTRAL, PALETTE, dated

PROJECTED = [6, 4]  # the dashes of what is not seen yet
HEAD, BAR = "head", "bar"


def row(field: str, order: Sequence[str]) -> dict[str, Any]:
    """Where the bar of a row lies: below its label, which takes no width from it."""
    below = alt.YOffsetDatum(BAR, scale=band([BAR]))
    return {"y": _rows(field, order), "yOffset": below}


def _rows(field: str, order: Sequence[str]) -> alt.Y:
    """Rows far enough apart that a label stands nearer to its own bars than to those above."""
    apart = alt.Scale(paddingInner=0.3)
    return alt.Y(f"{field}:N", sort=list(order), axis=None, scale=apart)


def band(bars: Sequence[str]) -> alt.Scale:
    """How a row is shared out: its label, then its bars."""
    return alt.Scale(domain=[HEAD, *bars], paddingInner=0.1)


def heads(
    data: pd.DataFrame, field: str, order: Sequence[str], *, text: str = "", size: int = 12
) -> alt.Chart:
    """What each row is, written above its bars: room for it on a small screen too.

    `text` is the column that holds what is written; else the row's own name is.
    """
    named = data[list(dict.fromkeys([field, text or field]))].drop_duplicates(field)
    mark = alt.Chart(named).mark_text(align="left", fontSize=size)
    written: alt.Chart = mark.encode(
        x=alt.XValue(0),
        y=_rows(field, order),
        yOffset=alt.YOffsetDatum(HEAD),
        text=alt.Text(f"{text or field}:N"),
    )
    return written


def uncoded(reading: str) -> str:
    """An interpretation in words without its code: a telephone has no room for both.

    >>> uncoded("180 days, then 90 days' notice (R3)")
    "180 days, then 90 days' notice"
    """
    return re.sub(r" \(\S+\)$", "", reading)


def line_key(**more: Any) -> alt.Legend:
    """The legend of lines: a stroke for each; a box would look like one to tick."""
    return alt.Legend(
        symbolType="stroke", symbolStrokeWidth=3, symbolSize=300, symbolOpacity=1, **more
    )


def marked(field: str, at: float, words: str) -> list[Any]:
    """An upright rule with its name to its right, where `field` is at that value."""
    base = alt.Chart(pd.DataFrame({field: [at]})).encode(x=alt.X(f"{field}:Q"))
    text = base.mark_text(align="left", dx=5, dy=8, fontSize=12)
    return [
        base.mark_rule(color=NEUTRAL, strokeDash=[4, 3]),
        text.encode(y=alt.YValue(0), text=alt.TextValue(words)),
    ]


def tips(*words: str, **amounts: str) -> list[alt.Tooltip]:
    """What a mark tells: `words` as they are, `amounts` with two decimals and their units."""
    told = [alt.Tooltip(f"{name}:Q", format=DECIMALS, title=unit) for name, unit in amounts.items()]
    return [*(alt.Tooltip(f"{name}:N") for name in words), *told]


def colour(
    data: pd.DataFrame, by: str, known: Mapping[str, str] | Sequence[str], **more: Any
) -> alt.Color:
    """A colour for each name in a column: its own in a mapping, else one after the other."""
    held = list(dict.fromkeys(data[by]))
    if isinstance(known, Mapping):
        held = [name for name in known if name in held]
        known = [known[name] for name in held]
    scale = alt.Scale(domain=held, range=list(known)[: len(held)])
    return alt.Color(f"{by}:N", **{"title": None, "scale": scale} | more)


def lines(
    data: pd.DataFrame,
    by: str,
    known: Mapping[str, str] | Sequence[str] = PALETTE[1:],
    *,
    title: str | None = None,
    legend: alt.Legend | None = None,
    **mark: Any,
) -> alt.Chart:
    """A line for each name in a column, with its stroke in the legend."""
    drawn: alt.Chart = alt.Chart(dated(data)).mark_line(**mark)
    key = colour(data, by, known, title=title, legend=legend or line_key())
    return drawn.encode(color=key)


LETTER, NARROW = 6.5, 300  # pixels: of a letter beside a bar, of a plot on a telephone


def reach(edges: Iterable[float], written: Iterable[str]) -> float:
    """Where an axis from 0 ends so that what is written beside each bar fits on a telephone.

    >>> round(reach([28.8, 3.9], ["$28.8bn", "$3.9bn (need not be disclosed)"]), 1)
    34.8
    """
    left = [max(0.25, 1 - (len(text) + 1) * LETTER / NARROW) for text in written]
    return max((edge / part for edge, part in zip(edges, left, strict=True)), default=0.0) or 1.0


def bars(
    data: pd.DataFrame,
    by: str,
    *,
    x: str,
    written: Iterable[str],
    tooltip: Sequence[alt.Tooltip],
    colour: Any = alt.Undefined,
    least: float = 0.0,
    head: str = "",
    form: Any = alt.Undefined,
    more: Iterable[Any] = (),
    **mark: Any,
) -> Any:
    """A bar a row from `low` to `high`, below its label, and beside it what is written of it.

    least: what the axis reaches at least. head: the column of the labels, if it is not `by`.
    form: of the numbers on the axis. more: further layers.
    """
    order, edge = data[by].tolist(), data[["low", "high"]].max(axis=1)
    data = dated(data.assign(edge=edge, written=list(written)))
    end = max(least, reach(edge.fillna(0.0), data.written))
    base = alt.Chart(data).encode(**row(by, order), tooltip=list(tooltip))
    scale = alt.Scale(domain=[min(0.0, float(data.low.min())), end], nice=False)
    axis = alt.Axis(tickCount=6, format=form)
    bar = base.mark_bar(**mark).encode(
        x=alt.X("low:Q", title=x, scale=scale, axis=axis), x2=alt.X2("high:Q"), color=colour
    )
    text = base.mark_text(align="left", dx=6, fontSize=12)
    text = text.encode(x=alt.X("edge:Q"), text=alt.Text("written:N"))
    named = heads(data, by, order, text=head)
    return alt.layer(bar, text, *more, named, height=40 * len(data))


def waterfall(steps: pd.DataFrame, known: Mapping[str, str], *, x: str, unit: str) -> Any:
    """Bars from `low` to `high`, a `step` each, in the colour of its `part`; `amount` beside it."""
    written = [number(amount, 2) for amount in steps.amount]
    key, told = colour(steps, "part", known), tips("step", amount=unit)
    return bars(steps, "step", x=x, written=written, tooltip=told, colour=key)
