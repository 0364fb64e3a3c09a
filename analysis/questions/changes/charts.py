"""Charts of what changed: clause by clause, and through time."""

from datetime import date
from typing import Any

import altair as alt
import pandas as pd

from analysis.page.marks import heads, line_key, row
from analysis.page.theme import DECIMALS, FIRM, NEUTRAL, OPEN, TIME, dated, day, money, today

ROOM = 1.2  # of the longest bar, for the amount beside it
ADDED = "#8B5FBF"  # what a change adds; what it takes away is pale, as on the bridge


def steps(table: pd.DataFrame, *, title: str) -> Any:
    """A waterfall from what is firm before to what is firm after; `table` is `changes.steps`."""
    last = len(table) - 1
    running = [*table.usd[:-1].cumsum(), table.usd.iloc[-1]]
    scale, unit = money([*table.usd, *running])
    bars = table.assign(
        low=[0.0, *running[: last - 1], 0.0],
        high=running,
        part=["firm", *("added" if usd > 0 else "taken away" for usd in table.usd[1:-1]), "firm"],
    )
    bars = bars.assign(
        low=bars.low / scale,
        high=bars.high / scale,
        amount=bars.usd / scale,
        edge=bars[["low", "high"]].max(axis=1) / scale,
    )
    order = bars.step.tolist()
    base = alt.Chart(bars).encode(
        **row("step", order),
        tooltip=[alt.Tooltip("step:N"), alt.Tooltip("amount:Q", format=DECIMALS, title=unit)],
    )
    colours = {"firm": FIRM, "added": ADDED, "taken away": OPEN}
    parts = [part for part in colours if part in set(bars.part)]
    scale_x = alt.Scale(domain=[0, ROOM * bars.edge.max() or 1], nice=False)
    bar = base.mark_bar().encode(
        x=alt.X("low:Q", title=f"firm value, {unit}", scale=scale_x, axis=alt.Axis(tickCount=8)),
        x2=alt.X2("high:Q"),
        color=alt.Color(
            "part:N",
            title=None,
            scale=alt.Scale(domain=parts, range=[colours[part] for part in parts]),
        ),
    )
    text = base.mark_text(align="left", dx=5, fontSize=12).encode(
        x=alt.X("edge:Q"), text=alt.Text("amount:Q", format=DECIMALS)
    )
    chart: Any = alt.layer(bar, text, heads(bars, "step", order)).properties(
        title=title, description=title, height=40 * len(bars)
    )
    return chart


def through_time(table: pd.DataFrame, *, as_of: date, before: str, after: str, title: str) -> Any:
    """What is firm in both versions, seen from each month; `table` is `changes.through_time`."""
    scale, unit = money(table.firm_usd)
    names = {"before": before, "after": after}
    data = dated(table).assign(amount=table.firm_usd / scale, version=table.version.map(names))
    domain = list(names.values())
    line: alt.Chart = (
        alt.Chart(data)
        .mark_line(interpolate="step-after")
        .encode(
            x=alt.X("as_of:T", title=None, axis=TIME),
            y=alt.Y("amount:Q", title=f"firm value, {unit}"),
            color=alt.Color(
                "version:N",
                title=None,
                scale=alt.Scale(domain=domain, range=[NEUTRAL, FIRM]),
                legend=line_key(orient="bottom", labelLimit=600, columns=1),
            ),
            tooltip=[
                alt.Tooltip("version:N"),
                day("as_of"),
                alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
            ],
        )
    )
    chart: Any = alt.layer(line, *today(as_of)).properties(
        title=title, description=title, height=230
    )
    return chart
