"""Charts of what drives an agreement's value: tornados, and a choice without a kernel."""

import textwrap
from functools import partial
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from analysis.page.shapes import tips
from analysis.page.theme import DECIMALS, NEUTRAL, money
from analysis.questions.drivers.answer import Answer

LINE, LEADING, BAR = 52, 15, 14  # letters of a line on a small screen; pixels of a line, of a bar
NEAR = 5  # pixels by which a bar is nearer to its own name


def committed(found: Answer) -> Any:
    """The tornado of committed value."""
    return _tornado(found.committed)


def expected(found: Answer) -> Any:
    """The tornado of expected value."""
    return _tornado(found.expected)


def _tornado(table: pd.DataFrame) -> Any:
    """Each input alone over its range, its name and both its ends above the bar."""
    if table.empty or not table.total_share.max() > 0:
        return None
    scale, unit = money([*table.low_usd, *table.high_usd, *table.base_usd])
    usd, rises = table[["low_usd", "high_usd", "base_usd"]] / scale, table.low_usd <= table.high_usd
    bars = table.assign(
        least=usd.min(axis=1),
        most=usd.max(axis=1),
        base=usd.base_usd,
        left=table.at_low.where(rises, table.at_high),
        right=table.at_high.where(rises, table.at_low),
    )
    told = bars.label + ": " + bars.left + " to " + bars.right
    lines = told.map(partial(textwrap.wrap, width=LINE))
    below = np.cumsum(LEADING * lines.map(len).to_numpy() + 2 * BAR)
    top = below - np.diff(below, prepend=0)
    bars = bars.assign(said=lines, top=top, bar=below - BAR - NEAR)
    tooltip = tips("label", "left", "right", least=f"least, {unit}", most=f"most, {unit}")
    base = alt.Chart(bars).encode(y=_pixels("bar", below[-1]), tooltip=tooltip)
    axis = alt.X("least:Q", title=f"present value, {unit}, one input at a time").scale(zero=False)
    text = base.mark_text(align="left", baseline="top", lineHeight=LEADING, fontSize=12)
    use = base.encode(x=alt.X("base:Q"))
    high = bars.base[0] > (bars.least.min() + bars.most.max()) / 2  # its name keeps inside
    name = use.mark_text(align="right" if high else "left", dy=-9, fontSize=12, fontWeight="bold")
    named = name.transform_calculate(
        words=f"'base case $' + format(datum.base, '{DECIMALS}') + '{unit.removeprefix('$')}'"
    )
    return alt.layer(
        base.mark_bar(color=NEUTRAL, size=BAR).encode(
            x=axis.axis(tickCount=5), x2=alt.X2("most:Q")
        ),
        text.encode(x=alt.XValue(0), y=_pixels("top", below[-1]), text=alt.Text("said:N")),
        use.mark_tick(color="#111111", thickness=2, size=BAR + 6),
        named.properties(data=bars[:1]).encode(y=alt.YValue(0), text=alt.Text("words:N")),
        height=int(below[-1]),
    )


def _pixels(field: str, most: int) -> alt.Y:
    """Where a mark lies, as pixels from the top of a chart of that height."""
    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[int(most), 0], nice=False), axis=None)
