"""Marks that several charts share: a row's label above its bar, a named rule, the key of a line."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from analysis.page.theme import NEUTRAL

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
