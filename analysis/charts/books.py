"""Charts of the books on one day: one agreement in every frame, and what is left to perform."""

from collections.abc import Hashable, Mapping
from typing import Any

import altair as alt
import pandas as pd

from analysis.charts import (
    CUSTOMER,
    DECIMALS,
    NEUTRAL,
    PROVIDER,
    TWO_LINES,
    dated,
    day,
    money,
)

Chart = alt.TopLevelMixin
OWNERS = {"both": NEUTRAL, "provider": PROVIDER, "customer": CUSTOMER}
PROVIDERS = [PROVIDER, "#7DB8DC", "#C6DFF0"]
CUSTOMERS = [CUSTOMER, "#F2A65A", "#6E3000", "#F7CFA6"]
MARGIN = 1.2
ROOM = 1.5  # of the longest bar, for what is written beside it


def _owned(names: Mapping[str, str]) -> alt.Color:
    """The colour of whose books they are, with their names; "both" is what is on paper."""
    labels = " : ".join(f"datum.label == '{p}' ? {_quoted(n)}" for p, n in names.items())
    return alt.Color(
        "party:N",
        title=None,
        scale=alt.Scale(domain=list(names), range=[OWNERS[party] for party in names]),
        legend=alt.Legend(labelExpr=f"{labels} : datum.label", columns=1, symbolOpacity=1),
    )


def _books(names: Mapping[str, str]) -> dict[str, str]:
    return {party: f"{name}'s books" for party, name in names.items()}


def _quoted(text: str) -> str:
    """Text as a string of a Vega expression."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _lines(field: str, order: list[str]) -> alt.Y:
    axis = alt.Axis(labelExpr=TWO_LINES, labelOffset=-7, labelLimit=260)
    return alt.Y(f"{field}:N", sort=order, title=None, axis=axis)


def frames(table: pd.DataFrame, *, names: Mapping[str, str], title: str) -> Chart:
    """The same agreement in every frame, a bar each; `names` are those of the parties.

    `table` is `books.opened`.
    """
    size, unit = money(table.usd)
    rows = table.to_dict("records")
    order = [f"{row['frame']}: {row['case']}{_until(row)}" for row in rows]
    written = [_amount(row["usd"] / size) + _exempt(row) for row in rows]
    data = table.assign(amount=table.usd / size, line=order, written=written)
    top = data.amount.max() * ROOM or 1.0
    base = alt.Chart(dated(data)).encode(
        y=_lines("line", order),
        tooltip=[
            "frame:N", "case:N", day("end"), alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
            alt.Tooltip("months:Q", format=",.1f"), "paragraph:N",
        ],
    )  # fmt: skip
    bars = base.mark_bar(height={"band": 0.6}).encode(
        x=alt.X("amount:Q", title=unit, scale=alt.Scale(domain=[0, top], nice=False)),
        color=_owned({"both": "on paper"} | _books(names)),
    )
    text = base.mark_text(align="left", dx=5, fontWeight="bold").encode(
        x="amount:Q", text="written:N"
    )
    chart: Chart = alt.layer(bars, text).properties(
        title=title, description=title, width=430, height=46 * len(order)
    )
    return chart


def _until(row: Mapping[Hashable, Any]) -> str:
    """To which day, for what has a length: in full, and in months."""
    if not row["months"]:
        return ""
    return f", {row['months']:.0f} months to {row['end'].day} {row['end']:%b %Y}"


def _amount(value: float) -> str:
    return f"{value:,.2f}" if value else "0"


def _exempt(row: Mapping[Hashable, Any]) -> str:
    """What an exemption for short terms allows, where it is open and there is something to book."""
    if not row["short"] or not row["usd"]:
        return ""
    return " (need not be disclosed)" if row["party"] == "provider" else " (or 0: it is short)"


def by_reading(table: pd.DataFrame, *, names: Mapping[str, str], title: str) -> Chart:
    """Backlog and lease liability under each reading, from the shortest to the longest term.

    `table` is `books.by_reading`.
    """
    size, unit = money(table.high_usd)
    low, high = table.low_usd / size, table.high_usd / size
    written = [
        _amount(b) if a == b else f"{_amount(a)} – {_amount(b)}"
        for a, b in zip(low, high, strict=True)
    ]
    data = table.assign(low=low, high=high, written=written)
    order = list(dict.fromkeys(table.label))
    top = high.max() * ROOM or 1.0
    base = alt.Chart(dated(data)).encode(
        y=_lines("label", order),
        yOffset=alt.YOffset("party:N", sort=["provider", "customer"]),
        color=_owned(_books(names)),
        tooltip=["label:N", "frame:N", "written:N", day("first_end"), day("last_end")],
    )
    x = alt.X("low:Q", title=unit, scale=alt.Scale(domain=[0, top], nice=False))
    layers = [
        base.mark_rule(strokeWidth=6, opacity=0.35).encode(x=x, x2="high:Q"),
        base.mark_point(size=70, filled=True, opacity=1).encode(x="low:Q"),
        base.mark_point(size=70, filled=True, opacity=1).encode(x="high:Q"),
        base.mark_text(align="left", dx=8, fontSize=12).encode(
            x="high:Q", text="written:N", color=alt.value("#30363D")
        ),
    ]
    chart: Chart = alt.layer(*layers).properties(
        title=title, description=title, width=430, height=50 * len(order)
    )
    return chart


def bands(table: pd.DataFrame, *, title: str) -> Chart:
    """What the provider has left to perform, in bands of time, a bar a case.

    `table` is `performed.bands`.
    """
    size, unit = money(table.groupby("case").usd.sum())
    names, cases = list(dict.fromkeys(table.band)), list(dict.fromkeys(table.case))
    ends = table.groupby("case", sort=False).usd.cumsum()
    data = table.assign(
        amount=table.usd / size, left=(ends - table.usd) / size, right=ends / size,
        middle=(ends - table.usd / 2) / size,
    )  # fmt: skip
    base = alt.Chart(dated(data)).encode(
        y=alt.Y("case:N", sort=cases, title=None, axis=alt.Axis(labelLimit=140)),
        tooltip=["case:N", "band:N", day("start"), day("end"),
                 alt.Tooltip("amount:Q", format=DECIMALS, title=unit), "paragraph:N"],
    )  # fmt: skip
    bars = base.mark_bar(height={"band": 0.6}, stroke="white").encode(
        x=alt.X(
            "left:Q",
            title=f"remaining performance obligation, {unit}",
            scale=alt.Scale(domain=[0, data.right.max() * MARGIN or 1.0], nice=False),
        ),
        x2="right:Q",
        color=alt.Color(
            "band:N",
            title=None,
            scale=alt.Scale(domain=names, range=[PROVIDER, "#7DB8DC", "#C6DFF0", "#E3EFF8"]),
        ),
    )
    wide = data[data.amount > data.right.max() / 10].assign(
        ink=lambda t: ["white" if band == names[0] else "#111111" for band in t.band]
    )
    text = (
        alt.Chart(dated(wide))
        .mark_text(fontWeight="bold")
        .encode(
            y=alt.Y("case:N", sort=cases),
            x="middle:Q",
            text=alt.Text("amount:Q", format=DECIMALS),
            color=alt.Color("ink:N", scale=None),
        )
    )
    whole = data.groupby("case", sort=False).tail(1)
    total = (
        alt.Chart(dated(whole))
        .mark_text(align="left", dx=6, fontWeight="bold")
        .encode(
            y=alt.Y("case:N", sort=cases), x="right:Q", text=alt.Text("right:Q", format=DECIMALS)
        )
    )
    chart: Chart = (
        alt.layer(bars, text, total)
        .resolve_scale(color="independent")
        .properties(title=title, description=title, width=520, height=56 * len(cases))
    )
    return chart
