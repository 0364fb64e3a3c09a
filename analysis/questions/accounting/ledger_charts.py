"""Charts of the books through time: revenue beside billing, liability, right of use and cost."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import altair as alt
import pandas as pd

from analysis.page.marks import line_key
from analysis.page.spans import PROJECTED, spans
from analysis.page.theme import CUSTOMER, DECIMALS, NEUTRAL, TIME, dated, day, money, today
from analysis.questions.accounting.charts import CUSTOMERS, PROVIDERS

Chart = alt.TopLevelMixin
UPPER, LOWER = (190, 0), (400, 230)  # pixels from the top: zero and the largest of each panel


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
            y=_y(f"a month, {unit}", UPPER),
            y2=alt.Y2Datum(0),
            tooltip=[
                day("start"),
                day("end"),
                alt.Tooltip("amount:Q", format=DECIMALS, title="billed"),
            ],
        )
    )
    earned = table.assign(amount=table.revenue_usd / size, when=table.start)
    upper = _through(earned, ways, colours, "way", f"a month, {unit}", as_of, UPPER, step=True)
    size, unit = money(table.balance_usd)
    ahead = table.assign(amount=table.balance_usd / size, when=table.end)
    axis = f"revenue less billing, {unit}"
    lower = _through(ahead, ways, colours, "way", axis, as_of, LOWER)
    return _panels([bars, *upper], lower, as_of=as_of, title=title)


def _panels(upper: list[Any], lower: list[Any], *, as_of: date, title: str) -> Chart:
    """Two panels over one axis of time, as one view: it can be as wide, or narrow, as its page."""
    panels = alt.layer(alt.layer(*upper), alt.layer(*lower)).resolve_scale(y="independent")
    chart: Chart = alt.layer(panels, *today(as_of)).properties(
        title=title, description=title, height=LOWER[0]
    )
    return chart


def _y(axis: str, panel: tuple[int, int]) -> alt.Y:
    return alt.Y(
        "amount:Q",
        title=axis,
        scale=alt.Scale(range=list(panel)),
        axis=alt.Axis(orient="left", tickCount=5),
    )


def _through(
    table: pd.DataFrame,
    names: Sequence[str],
    colours: Sequence[str],
    by: str,
    axis: str,
    as_of: date,
    panel: tuple[int, int],
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
            y=_y(axis, panel),
            color=alt.Color(
                f"{by}:N",
                title=None,
                scale=alt.Scale(domain=list(names), range=list(colours)),
                legend=line_key(),
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
    shown = (("liability_usd", "liability", UPPER), ("asset_usd", "right of use", LOWER))
    upper, lower = (
        _through(
            table.assign(amount=table[column] / size, when=table.date),
            *(names, colours, "case", f"{axis}, {unit}", as_of, panel),
        )
        for column, axis, panel in shown
    )
    return _panels(upper, lower, as_of=as_of, title=title)


def costs(table: pd.DataFrame, *, title: str) -> Chart:
    """Cost of the longest lease by calendar year: operating beside finance.

    `table` is `measured.costs`.
    """
    named = {"ASC 842 operating": "operating", "ASC 842 finance": "finance"}
    longest = table[(table.case == table.case[0]) & table.model.isin(list(named))]
    size, unit = money(longest.groupby(["model", "year"]).usd.sum())
    parts = ["operating: lease cost", "finance: amortisation", "finance: interest"]
    model = longest.model.map(named)
    part = model + ": " + longest.part
    rank = part.map(parts.index)
    data = longest.assign(amount=longest.usd / size, model=model, part=part, rank=rank)
    chart: Chart = (
        alt.Chart(data)
        .mark_bar(stroke="white")
        .encode(
            x=alt.X("year:N", title=None, axis=alt.Axis(labelAngle=0)),
            xOffset=alt.XOffset("model:N", sort=list(named.values())),
            y=alt.Y("amount:Q", title=f"cost a calendar year, {unit}"),
            color=alt.Color(
                "part:N",
                title=None,
                sort=parts,
                scale=alt.Scale(domain=parts, range=[CUSTOMER, "#F2A65A", "#6E3000"]),
            ),
            order=alt.Order("rank:Q"),
            tooltip=[
                *(alt.Tooltip(f"{name}:N") for name in ("year", "model", "part", "paragraph")),
                alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
            ],
        )
        .properties(title=title, description=title, height=240)
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
