"""What several charts share: ranges as bars with their middle."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from analysis.page.theme import NEUTRAL

PROJECTED = [6, 4]
ROOM = 1.6  # of the longest bar: what is written at the edge then has its place on a telephone too


def spans(
    table: pd.DataFrame,
    *,
    y: str,
    axis: str,
    color: str,
    written: str,
    order: Sequence[str] | None = None,
    limit: float | None = None,
    **properties: Any,
) -> Any:
    """A bar from `low` to `high` for each `y`, a tick at `value`, both ends written at the edge.

    `limit` draws a line to be reached; `written` is the format of the numbers.
    """
    top = max(table.high.max(), limit or 0.0)
    form = alt.Axis(format=written, tickCount=5, labelOverlap="greedy", labelSeparation=6)
    base = alt.Chart(table).encode(
        y=alt.Y(f"{y}:N", sort=list(order or table[y]), title=None, axis=alt.Axis(labelLimit=150)),
        tooltip=[alt.Tooltip(f"{y}:N"), *(alt.Tooltip(f"{end}:Q", format=written) for end in ENDS)],
    )
    x = alt.X("low:Q", title=axis, axis=form, scale=alt.Scale(domain=[0, top * ROOM], nice=False))
    words = f"datum.low == datum.high ? format(datum.low, '{written}') : " + (
        f"format(datum.low, '{written}') + ' – ' + format(datum.high, '{written}')"
    )
    layers = [
        base.mark_bar(height={"band": 0.5}, color=color, opacity=0.45).encode(
            x=x, x2=alt.X2("high:Q")
        ),
        base.mark_tick(color=color, thickness=4, height={"band": 0.62}).encode(x=alt.X("value:Q")),
        base.mark_text(align="right", fontSize=12)
        .transform_calculate(words=words)
        .encode(x=alt.XValue("width"), text=alt.Text("words:N")),
    ]
    if limit is not None:
        rule = alt.Chart(pd.DataFrame({"limit": [limit]}))
        layers.append(rule.mark_rule(strokeDash=[4, 3], color=NEUTRAL).encode(x=alt.X("limit:Q")))
    return alt.layer(*layers).properties(**properties)


ENDS = ("low", "value", "high")


def marked(field: str, at: float, words: str) -> list[Any]:
    """An upright rule with its name to its right, where `field` is at that value."""
    base = alt.Chart(pd.DataFrame({field: [at]})).encode(x=alt.X(f"{field}:Q"))
    text = base.mark_text(align="left", dx=5, dy=8, fontSize=12)
    return [
        base.mark_rule(color=NEUTRAL, strokeDash=[4, 3]),
        text.encode(y=alt.YValue(0), text=alt.TextValue(words)),
    ]
