"""Charts of the books through time: revenue beside billing, liability, right of use and cost."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import altair as alt
import pandas as pd

from analysis.charts import (
    CUSTOMER,
    DECIMALS,
    NEUTRAL,
    TIME,
    dated,
    day,
    money,
    today,
)
from analysis.charts.books import CUSTOMERS, PROVIDERS
from analysis.charts.spans import PROJECTED, spans

Chart = alt.TopLevelMixin


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
        .mark_rect(color="#DDE1E6")
        .encode(
            x=alt.X("start:T", title=None, axis=TIME),
            x2=alt.X2("end:T"),
            y=alt.Y("amount:Q", title=f"a month, {unit}"),
            y2=alt.Y2Datum(0),
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
            tooltip=[
                alt.Tooltip(f"{by}:N"),
                day("when"),
                alt.Tooltip("amount:Q", format=DECIMALS, title=axis),
            ],
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
    panels: list[Any] = []
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
    parts = ["lease cost", "amortisation", "interest"]
    rank = longest.part.map(sorted(parts).index)
    data = longest.assign(amount=longest.usd / size, model=longest.model.map(named), rank=rank)
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
            order=alt.Order("rank:Q"),
            column=alt.Column("year:N", title=None, header=alt.Header(orient="bottom")),
            tooltip=[
                *(alt.Tooltip(f"{name}:N") for name in ("year", "model", "part", "paragraph")),
                alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
            ],
        )
        .properties(title=title, description=title, width=130, height=240)
    )
    return chart


def rates(table: pd.DataFrame, *, title: str) -> Chart:
    """Each lease's liability over the range of rates. `table` is `measured.over_rates`."""
    size, unit = money(table.high)
    scaled = table.drop(columns="end").assign(
        **{end: table[end] / size for end in ("low", "value", "high")}
    )
    chart: Chart = spans(
        scaled,
        y="case",
        axis=f"liability on the first day, {unit}",
        color=CUSTOMER,
        written=DECIMALS,
        title=title,
        description=title,
        height=52 * len(table),
    )
    return chart
