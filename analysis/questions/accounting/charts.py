"""Charts of the books on one day: one agreement in every frame, and what is left to perform."""

from collections.abc import Hashable, Mapping
from datetime import date
from typing import Any

import altair as alt
import pandas as pd

from analysis.page.choose import Control, chosen, in_words
from analysis.page.marks import band, heads, row
from analysis.page.theme import CUSTOMER, DECIMALS, FIRM, NEUTRAL, PROVIDER, dated, day, money

Chart = alt.TopLevelMixin
OWNERS = {"both": NEUTRAL, "provider": PROVIDER, "customer": CUSTOMER}
PROVIDERS = [PROVIDER, "#7DB8DC", "#C6DFF0"]
CUSTOMERS = [CUSTOMER, "#F2A65A", "#6E3000", "#F7CFA6"]
MARGIN, ROOM, WIDE_ROOM = 1.2, 1.2, 1.7  # of the longest bar, for what is written beside it
LEGIBLE = 7  # parts of the longest bar: one of this size holds its amount on a small screen too


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


def choose(
    amounts: pd.DataFrame,
    sentences: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    start: tuple[str, date],
    title: str,
) -> alt.LayerChart:
    """Backlog, lease liability and what is firm under the reading and on the day that one chooses.

    The tables are those of `statements.booked.booked`, `labels` the readings' words; `start` is
    the choice first shown.
    """
    reading, seen = start
    controls = [
        Control(column="reading", label="Reading", words=labels, start=reading),
        Control(column="day", label="Booked on", words=in_words(amounts.day), start=str(seen)),
    ]
    owners = [PROVIDER, PROVIDER, CUSTOMER, CUSTOMER, FIRM]
    colours = dict(zip(dict.fromkeys(amounts.what), owners, strict=True))
    return chosen(amounts, sentences, controls, axis="amount", colours=colours, title=title)


def frames(table: pd.DataFrame, *, names: Mapping[str, str], title: str) -> Chart:
    """The same agreement in every frame, a bar each; `names` are those of the parties.

    `table` is `books.opened`.
    """
    size, unit = money(table.usd)
    rows = table.to_dict("records")
    lines = [f"{one['frame']}: {one['case']}{_until(one)}" for one in rows]
    written = [_amount(one["usd"] / size) + _exempt(one) for one in rows]
    data = dated(table.assign(amount=table.usd / size, line=lines, written=written))
    top = data.amount.max()
    exempt = data.amount[data.written.str.contains("(", regex=False)]
    room = WIDE_ROOM if (exempt > top / 2).any() else ROOM
    base = alt.Chart(data).encode(
        **row("line", lines),
        tooltip=[
            alt.Tooltip("frame:N"),
            alt.Tooltip("case:N"),
            day("end"),
            alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
            alt.Tooltip("months:Q", format=",.1f"),
            alt.Tooltip("paragraph:N"),
        ],
    )
    x = alt.X("amount:Q", title=unit, scale=alt.Scale(domain=[0, top * room or 1], nice=False))
    bars = base.mark_bar().encode(x=x, color=_owned({"both": "on paper"} | _books(names)))
    text = base.mark_text(align="left", dx=5, fontWeight="bold").encode(
        x=alt.X("amount:Q"), text=alt.Text("written:N")
    )
    chart: Chart = alt.layer(bars, text, heads(data, "line", lines)).properties(
        title=title, description=title, height=46 * len(lines)
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
    data = dated(table.assign(low=low, high=high, written=written))
    order = list(dict.fromkeys(table.label))
    base = alt.Chart(data).encode(
        y=alt.Y("label:N", sort=order, axis=None),
        yOffset=alt.YOffset("party:N", scale=band(["provider", "customer"])),
        color=_owned(_books(names)),
        tooltip=[
            alt.Tooltip("label:N"),
            alt.Tooltip("frame:N"),
            alt.Tooltip("written:N"),
            day("first_end"),
            day("last_end"),
        ],
    )
    scale = alt.Scale(domain=[0, high.max() * WIDE_ROOM or 1], nice=False)
    layers = [
        base.mark_rule(strokeWidth=6, opacity=0.35).encode(
            x=alt.X("low:Q", title=unit, scale=scale), x2=alt.X2("high:Q")
        ),
        base.mark_point(size=70, filled=True, opacity=1).encode(x=alt.X("low:Q")),
        base.mark_point(size=70, filled=True, opacity=1).encode(x=alt.X("high:Q")),
        base.mark_text(align="left", dx=8, fontSize=12).encode(
            x=alt.X("high:Q"), text=alt.Text("written:N"), color=alt.ColorValue("#30363D")
        ),
        heads(data, "label", order),
    ]
    chart: Chart = alt.layer(*layers).properties(
        title=title, description=title, height=60 * len(order)
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
        amount=table.usd / size,
        left=(ends - table.usd) / size,
        right=ends / size,
        middle=(ends - table.usd / 2) / size,
    )
    base = alt.Chart(dated(data)).encode(
        **row("case", cases),
        tooltip=[
            alt.Tooltip("case:N"),
            alt.Tooltip("band:N"),
            day("start"),
            day("end"),
            alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
            alt.Tooltip("paragraph:N"),
        ],
    )
    bars = base.mark_bar(stroke="white").encode(
        x=alt.X(
            "left:Q",
            title=f"remaining performance obligation, {unit}",
            scale=alt.Scale(domain=[0, data.right.max() * MARGIN or 1.0], nice=False),
        ),
        x2=alt.X2("right:Q"),
        color=alt.Color(
            "band:N",
            title=None,
            scale=alt.Scale(domain=names, range=[PROVIDER, "#7DB8DC", "#C6DFF0", "#E3EFF8"]),
        ),
    )
    part = data.amount < data.groupby("case").amount.transform("sum")  # else the total says it
    wide = data[part & (data.amount > data.right.max() / LEGIBLE)].assign(
        ink=lambda t: ["white" if band == names[0] else "#111111" for band in t.band]
    )
    text = (
        alt.Chart(dated(wide))
        .mark_text(fontWeight="bold")
        .encode(
            **row("case", cases),
            x=alt.X("middle:Q"),
            text=alt.Text("amount:Q", format=DECIMALS),
            color=alt.Color("ink:N", scale=None),
        )
    )
    whole = data.groupby("case", sort=False).tail(1)
    total = (
        alt.Chart(dated(whole))
        .mark_text(align="left", dx=6, fontWeight="bold")
        .encode(
            **row("case", cases),
            x=alt.X("right:Q"),
            text=alt.Text("right:Q", format=DECIMALS),
        )
    )
    chart: Chart = (
        alt.layer(bars, text, total, heads(data, "case", cases))
        .resolve_scale(color="independent")
        .properties(title=title, description=title, height=50 * len(cases))
    )
    return chart
