"""Charts of the books: one agreement in every frame, what is left, earned, owed and spent."""

from collections.abc import Mapping, Sequence
from datetime import date

import altair as alt
import pandas as pd

from analysis.charts import (
    CUSTOMER,
    DECIMALS,
    NEUTRAL,
    PROVIDER,
    TIME,
    TWO_LINES,
    dated,
    day,
    money,
    today,
)
from analysis.charts.spans import PROJECTED, spans

Chart = alt.TopLevelMixin
OWNERS = {"both": NEUTRAL, "provider": PROVIDER, "customer": CUSTOMER}
PROVIDERS = [PROVIDER, "#7DB8DC", "#C6DFF0"]
CUSTOMERS = [CUSTOMER, "#F2A65A", "#6E3000", "#F7CFA6"]
ROOM = 1.5  # of the longest bar, for what is written beside it


def _owned(title: str | None = None, *, names: Mapping[str, str]) -> alt.Color:
    """The colour of whose books they are, with the parties' names."""
    known = {"both": "on paper", **{party: f"{name}'s books" for party, name in names.items()}}
    labels = " : ".join(f"datum.label == '{p}' ? {_quoted(n)}" for p, n in known.items())
    return alt.Color(
        "party:N",
        title=title,
        scale=alt.Scale(domain=list(OWNERS), range=list(OWNERS.values())),
        legend=alt.Legend(labelExpr=f"{labels} : datum.label", columns=1),
    )


def _quoted(text: str) -> str:
    """Text as a string of a Vega expression."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def frames(table: pd.DataFrame, *, names: Mapping[str, str], title: str) -> Chart:
    """The same agreement in every frame, a bar each; `names` are those of the parties.

    `table` is `books.opened`.
    """
    size, unit = money(table.usd)
    order = [f"{r.frame}: {r.case}, {_until(r.end)}" for r in table.itertuples()]
    written = [f"{r.usd / size:,.2f}{_exempt(r)}" for r in table.itertuples()]
    data = table.assign(amount=table.usd / size, line=order, written=written)
    top = data.amount.max() * ROOM or 1.0
    base = alt.Chart(dated(data)).encode(
        y=alt.Y(
            "line:N",
            sort=order,
            title=None,
            axis=alt.Axis(labelExpr=TWO_LINES, labelOffset=-7, labelLimit=260),
        ),
        tooltip=[
            "frame:N", "case:N", day("end"), alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
            alt.Tooltip("months:Q", format=",.1f"), "paragraph:N",
        ],
    )  # fmt: skip
    bars = base.mark_bar(height={"band": 0.6}).encode(
        x=alt.X("amount:Q", title=unit, scale=alt.Scale(domain=[0, top], nice=False)),
        color=_owned(names=names),
    )
    text = base.mark_text(align="left", dx=5, fontWeight="bold").encode(
        x="amount:Q", text="written:N"
    )
    chart: Chart = alt.layer(bars, text).properties(
        title=title, description=title, width=430, height=46 * len(order)
    )
    return chart


def _until(end: date) -> str:
    return f"until {end.day} {end:%b %Y}"


def _exempt(row: object) -> str:
    """What an exemption for short terms allows, where it is open and there is something to book."""
    if not getattr(row, "short", False) or not getattr(row, "usd", 0.0):
        return ""
    return (
        " (need not be disclosed)" if getattr(row, "frame", "") == "backlog" else " (short: or 0)"
    )


def by_reading(table: pd.DataFrame, *, names: Mapping[str, str], title: str) -> Chart:
    """Backlog and lease liability under each reading, from the shortest to the longest term.

    `table` is `books.by_reading`.
    """
    size, unit = money(table.high_usd)
    data = table.assign(
        low=table.low_usd / size,
        high=table.high_usd / size,
        written=[
            f"{r.high_usd / size:,.2f}"
            if r.high_usd == r.low_usd
            else f"{r.low_usd / size:,.2f} – {r.high_usd / size:,.2f}"
            for r in table.itertuples()
        ],
    )
    order = list(dict.fromkeys(table.label))
    top = data.high.max() * ROOM or 1.0
    base = alt.Chart(dated(data)).encode(
        y=alt.Y(
            "label:N",
            sort=order,
            title=None,
            axis=alt.Axis(labelExpr=TWO_LINES, labelOffset=-7, labelLimit=260),
        ),
        yOffset=alt.YOffset("party:N", sort=["provider", "customer"]),
        color=_owned(names=names),
        tooltip=["label:N", "frame:N", "written:N", day("first_end"), day("last_end")],
    )
    x = alt.X("low:Q", title=unit, scale=alt.Scale(domain=[0, top], nice=False))
    layers = [
        base.mark_bar(height={"band": 0.35}, opacity=0.3).encode(x=x, x2="high:Q"),
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
        x=alt.X("left:Q", title=f"remaining performance obligation, {unit}"),
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
    chart: Chart = (
        alt.layer(bars, text)
        .resolve_scale(color="independent")
        .properties(title=title, description=title, width=520, height=56 * len(cases))
    )
    return chart


def recognised(table: pd.DataFrame, *, as_of: date, title: str) -> Chart:
    """Revenue beside billing by month, and below it how far one is ahead of the other.

    `table` is `performed.recognised`; what lies after `as_of` is dashed.
    """
    ways = list(dict.fromkeys(table.way))
    colours = [NEUTRAL, *PROVIDERS][: len(ways)]
    size, unit = money(table.revenue_usd)
    billed = table[table.way == ways[0]]
    bars = (
        alt.Chart(dated(billed.assign(amount=billed.billed_usd / size)))
        .mark_bar(color="#D5D9DF")
        .encode(
            x=alt.X("start:T", title=None, axis=TIME),
            x2="end:T",
            y=alt.Y("amount:Q", title=f"a month, {unit}"),
            tooltip=[
                day("start"),
                day("end"),
                alt.Tooltip("amount:Q", format=DECIMALS, title="billed"),
            ],
        )
    )
    earned = table.assign(amount=table.revenue_usd / size, when=table.start)
    upper = _through(earned, ways, colours, "way", f"a month, {unit}", as_of, step=True)
    size, unit = money(table.balance_usd)
    ahead = table.assign(amount=table.balance_usd / size, when=table.end)
    axis = f"revenue less billing, {unit}"
    lower = _through(ahead, ways, colours, "way", axis, as_of)
    rule, label = today(as_of)
    chart: Chart = (
        alt.vconcat(
            alt.layer(bars, *upper, rule, label).properties(height=210),
            alt.layer(*lower, rule).properties(height=170),
        )
        .resolve_scale(x="shared")
        .properties(title=title, description=title)
    )
    return chart


def _through(
    table: pd.DataFrame,
    names: Sequence[str],
    colours: Sequence[str],
    by: str,
    axis: str,
    as_of: date,
    *,
    step: bool = False,
) -> list[alt.Chart]:
    """Lines over the day `when`: solid up to `as_of`, dashed after; the line goes on between."""
    past = table[table.when <= as_of]
    last = past.groupby(by, sort=False).tail(1)
    ahead = pd.concat([last, table[table.when > as_of]])
    if step and len(ahead):
        end = table.groupby(by, sort=False).tail(1)
        ahead = pd.concat([ahead, end.assign(when=end.end)])
    return [
        alt.Chart(dated(part))
        .mark_line(interpolate="step-after" if step else "linear", strokeDash=dash)
        .encode(
            x=alt.X("when:T", title=None, axis=TIME),
            y=alt.Y("amount:Q", title=axis),
            color=alt.Color(
                f"{by}:N", title=None, scale=alt.Scale(domain=list(names), range=list(colours))
            ),
            tooltip=[f"{by}:N", day("when"), alt.Tooltip("amount:Q", format=DECIMALS, title=axis)],
        )
        for part, dash in ((past, [1, 0]), (ahead, PROJECTED))
        if len(part)
    ]


def carried(table: pd.DataFrame, *, as_of: date, title: str) -> Chart:
    """The customer's liability and right of use through time, a line a case.

    `table` is `measured.carried`; what lies after `as_of` is dashed.
    """
    names = list(dict.fromkeys(table.case))
    colours = CUSTOMERS[: len(names)]
    size, unit = money([*table.liability_usd, *table.asset_usd])
    rule, label = today(as_of)
    panels = []
    for column, axis in (("liability_usd", "liability"), ("asset_usd", "right of use")):
        data = table.assign(amount=table[column] / size, when=table.date)
        lines = _through(data, names, colours, "case", f"{axis}, {unit}", as_of)
        panels.append(alt.layer(*lines, rule, *([] if panels else [label])).properties(height=190))
    chart: Chart = (
        alt.vconcat(*panels).resolve_scale(x="shared").properties(title=title, description=title)
    )
    return chart


def costs(table: pd.DataFrame, *, title: str) -> Chart:
    """Cost of the longest lease by calendar year: operating beside finance.

    `table` is `measured.costs`.
    """
    named = {"ASC 842 operating": "operating", "ASC 842 finance": "finance"}
    longest = table[(table.case == table.case[0]) & table.model.isin(list(named))]
    size, unit = money(longest.groupby(["model", "year"]).usd.sum())
    data = longest.assign(amount=longest.usd / size, model=longest.model.map(named))
    parts = ["lease cost", "amortisation", "interest"]
    chart: Chart = (
        alt.Chart(data)
        .mark_bar(stroke="white")
        .encode(
            x=alt.X("model:N", sort=list(named.values()), title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("amount:Q", title=f"cost a calendar year, {unit}"),
            color=alt.Color(
                "part:N",
                title=None,
                sort=parts,
                scale=alt.Scale(domain=parts, range=[CUSTOMER, "#F2A65A", "#6E3000"]),
            ),
            order=alt.Order("part:N"),
            column=alt.Column("year:N", title=None, header=alt.Header(orient="bottom")),
            tooltip=["year:N", "model:N", "part:N", "paragraph:N",
                     alt.Tooltip("amount:Q", format=DECIMALS, title=unit)],
        )
        .properties(title=title, description=title, width=130, height=240)
    )  # fmt: skip
    return chart


def rates(table: pd.DataFrame, *, title: str) -> Chart:
    """Each lease's liability over the range of rates. `table` is `measured.over_rates`."""
    size, unit = money(table.high)
    scaled = table.drop(columns="end").assign(**{end: table[end] / size for end in ("low", "value", "high")})
    chart: Chart = spans(
        scaled,
        y="case",
        axis=f"lease liability on the first day, {unit}",
        color=CUSTOMER,
        written=DECIMALS,
        title=title,
        description=title,
        width=430,
        height=52 * len(table),
    )
    return chart
