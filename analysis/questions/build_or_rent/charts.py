"""Charts of leasing, building and renting, and of being left by the provider."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from analysis.page.choose import Control, chosen
from analysis.page.marks import line_key
from analysis.page.spans import PROJECTED, marked, spans
from analysis.page.theme import CUSTOMER, DECIMALS, NEUTRAL, PALETTE, money

Chart = alt.TopLevelMixin


def build_less_lease(table: pd.DataFrame, *, planned: int, title: str) -> Chart:
    """What building is worth more than leasing over the delay: a band over capex for each worth.

    `table` is `ranges.build_less_lease`.
    """
    size, unit = money([*table.low_usd, *table.high_usd])
    ends = {end: table[f"{end}_usd"] / size for end in ("low", "value", "high")}
    names = [f"capacity worth {worth:g}× the fee" for worth in table.worth_to_fee]
    data = table.assign(**ends, worth=names)
    base = alt.Chart(data).encode(
        x=alt.X("delay_months:Q", title="months until an own site is ready", axis=_months()),
        color=alt.Color(
            "worth:N",
            title=None,
            scale=alt.Scale(domain=list(dict.fromkeys(names)), range=PALETTE[1:4]),
            legend=alt.Legend(symbolOpacity=1),
        ),
    )
    y = alt.Y("low:Q", title=f"building less leasing, for a megawatt, {unit}")
    lines = base.mark_line().encode(
        y=alt.Y("value:Q"),
        tooltip=[
            alt.Tooltip("worth:N"),
            alt.Tooltip("delay_months:Q"),
            *(alt.Tooltip(f"{end}:Q", format=DECIMALS, title=f"{end}, {unit}") for end in ends),
        ],
    )
    zero = alt.Chart(pd.DataFrame({"y": [0]})).mark_rule(color=NEUTRAL).encode(y=alt.Y("y:Q"))
    layers = [base.mark_area(opacity=0.3).encode(y=y, y2=alt.Y2("high:Q")), lines, zero]
    chart: Chart = alt.layer(*layers, *marked("delay_months", planned, "as planned")).properties(
        title=title, description=title, height=300
    )
    return chart


def against_delay(table: pd.DataFrame, *, planned: int, title: str) -> Chart:
    """Worth of leasing, building and both over the months until an own site is ready."""
    names = list(dict.fromkeys(table.way))
    return _delay(
        table.assign(usd=table.npv_usd),
        color=alt.Color(
            "way:N",
            title=None,
            scale=alt.Scale(domain=names, range=[CUSTOMER, NEUTRAL, PALETTE[1]]),
            legend=line_key(),
        ),
        by="way",
        y="worth of a megawatt to the horizon",
        planned=planned,
        title=title,
    )


def break_even_fees(
    table: pd.DataFrame, band: pd.DataFrame, *, fee: float, planned: int, title: str
) -> Chart:
    """The fee at which leasing is worth building, over delay and capex, and the fee agreed.

    `band` is that over all that capacity may be worth too: `ranges.even_band`.
    """
    flat = pd.DataFrame({"case": "fee agreed", "delay_months": table.delay_months.unique()})
    data = pd.concat([flat.assign(usd=fee), table])
    names = list(dict.fromkeys(data.case))
    return _delay(
        data,
        color=alt.Color(
            "case:N",
            title=None,
            scale=alt.Scale(domain=names, range=[CUSTOMER, *PALETTE[3:6]]),
            legend=line_key(),
        ),
        by="case",
        y="fee of a megawatt and month",
        planned=planned,
        title=title,
        band=band,
    )


def _delay(
    table: pd.DataFrame,
    *,
    color: alt.Color,
    by: str,
    y: str,
    planned: int,
    title: str,
    band: pd.DataFrame | None = None,
) -> Chart:
    size, unit = money(table.usd)
    lines = (
        alt.Chart(table.assign(amount=table.usd / size))
        .mark_line()
        .encode(
            x=alt.X("delay_months:Q", title="months until an own site is ready", axis=_months()),
            y=alt.Y("amount:Q", title=f"{y}, {unit}"),
            color=color,
            tooltip=[
                alt.Tooltip(f"{by}:N"),
                alt.Tooltip("delay_months:Q"),
                alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
            ],
        )
    )
    layers = [lines, *marked("delay_months", planned, "as planned")]
    if band is not None:
        ends = band.assign(low=band.low_usd / size, high=band.high_usd / size)
        area = alt.Chart(ends).mark_area(color=NEUTRAL, opacity=0.15)
        layers.insert(
            0, area.encode(x=alt.X("delay_months:Q"), y=alt.Y("low:Q"), y2=alt.Y2("high:Q"))
        )
    chart: Chart = alt.layer(*layers).properties(title=title, description=title, height=300)
    return chart


def _months() -> alt.Axis:
    return alt.Axis(tickMinStep=6, tickCount=10)


def speed(table: pd.DataFrame, *, planned: int, title: str) -> Chart:
    """What a lease brings until an own site is ready, over the months, for each worth."""
    names = [f"capacity worth {worth:g}× the fee" for worth in table.worth_to_fee]
    domain = list(dict.fromkeys(names))
    return _delay(
        table.assign(worth=names),
        color=alt.Color(
            "worth:N",
            title=None,
            scale=alt.Scale(domain=domain, range=PALETTE[1:4]),
            legend=line_key(),
        ),
        by="worth",
        y="gained by leasing meanwhile, for a megawatt",
        planned=planned,
        title=title,
    )


def reserving(table: pd.DataFrame, *, title: str) -> Chart:
    """Mean cost of a month over the quantity reserved, with the cheapest."""
    size, unit = money(table.usd_month)
    base = alt.Chart(table.assign(amount=table.usd_month / size)).encode(
        x=alt.X("quantity_mw:Q", title="MW reserved", axis=alt.Axis(format=",.4~r", tickCount=8)),
        y=alt.Y("amount:Q", title=f"mean cost of a month, {unit}", scale=alt.Scale(zero=False)),
        tooltip=[
            alt.Tooltip("quantity_mw:Q", format=",.1f"),
            alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
        ],
    )
    mark = base.mark_point(size=130, filled=True, opacity=1, color=CUSTOMER)
    chart: Chart = alt.layer(
        base.mark_line(color=CUSTOMER), mark.transform_filter("datum.best")
    ).properties(title=title, description=title, height=250)
    return chart


def market(table: pd.DataFrame, *, title: str) -> Chart:
    """The fee agreed against prices that fall, by months of service."""
    size, unit = money(table.usd)
    names = list(dict.fromkeys(table.price))
    chart: Chart = (
        alt.Chart(table.assign(amount=table.usd / size))
        .mark_line()
        .encode(
            x=alt.X("month:Q", title="months from now", axis=_months()),
            y=alt.Y("amount:Q", title=f"price of a megawatt and month, {unit}"),
            color=alt.Color(
                "price:N",
                title=None,
                scale=alt.Scale(domain=names, range=[CUSTOMER, *PALETTE[3:5]]),
                legend=line_key(),
            ),
            strokeDash=alt.condition(
                "datum.price == 'fee'", alt.value([1, 0]), alt.value(PROJECTED)
            ),
            tooltip=[
                alt.Tooltip("price:N"),
                alt.Tooltip("month:Q"),
                alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
            ],
        )
        .properties(title=title, description=title, height=250)
    )
    return chart


def buying(table: pd.DataFrame, *, title: str) -> Chart:
    """Worth of all cost over the years of leasing before an own site is bought."""
    size, unit = money(table.usd)
    names = list(dict.fromkeys(table.case))
    base = alt.Chart(table.assign(amount=table.usd / size)).encode(
        x=alt.X("years:Q", title="years of leasing before buying", axis=alt.Axis(tickCount=6)),
        y=alt.Y(
            "amount:Q", title=f"cost of a megawatt for ever, {unit}", scale=alt.Scale(zero=False)
        ),
        color=alt.Color(
            "case:N",
            title=None,
            scale=alt.Scale(domain=names, range=PALETTE[3:6]),
            legend=line_key(),
        ),
        tooltip=[
            alt.Tooltip("case:N"),
            alt.Tooltip("years:Q", format=".2f"),
            alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
        ],
    )
    mark = base.mark_point(size=130, filled=True, opacity=1, stroke="white")
    chart: Chart = alt.layer(base.mark_line(), mark.transform_filter("datum.best")).properties(
        title=title, description=title, height=250
    )
    return chart


def loss(table: pd.DataFrame, *, title: str) -> Chart | None:
    """What it costs if the provider leaves, in its parts, by how long a replacement takes."""
    if table.empty:
        return None
    size, unit = money(table.groupby("replacement_months").usd.sum())
    parts = list(dict.fromkeys(table.part))
    chart: Chart = (
        alt.Chart(table.assign(amount=table.usd / size))
        .mark_bar(height={"band": 0.6})
        .encode(
            y=alt.Y("replacement_months:O", title="months to a replacement"),
            x=alt.X("sum(amount):Q", title=f"cost of a megawatt, {unit}"),
            color=alt.Color(
                "part:N",
                title=None,
                scale=alt.Scale(domain=parts, range=[CUSTOMER, "#F0A878", NEUTRAL]),
            ),
            order=alt.Order("rank:Q"),
            tooltip=[alt.Tooltip("part:N"), alt.Tooltip("amount:Q", format=DECIMALS, title=unit)],
        )
        .transform_calculate(rank=f"indexof({parts}, datum.part)")
        .properties(title=title, description=title, height=150)
    )
    return chart


def revenue(table: pd.DataFrame, *, title: str) -> Chart:
    """Revenue of a megawatt and year that the fee asks for, and that is assumed."""
    ends = ["low", "value", "high"]
    size, unit = money(table.high)
    chart: Chart = spans(
        table.assign(**{end: table[end] / size for end in ends}),
        y="what",
        axis=f"{unit} a megawatt and year",
        color=CUSTOMER,
        written=",.3~r",
        title=title,
        description=title,
        height=100,
    )
    return chart


def choose(
    amounts: pd.DataFrame,
    sentences: pd.DataFrame,
    *,
    worth: Mapping[str, float],
    capex: Mapping[str, str],
    planned: int,
    title: str,
) -> Chart:
    """What each way to a megawatt is worth for the worth, the capex and the delay that one chooses.

    The tables are those of `statements.chosen.ways`; `worth` and `capex` hold what their ends
    are, `planned` the delay first shown.
    """
    of_fee = {end: f"{times:g}× the fee" for end, times in worth.items()}
    delays = {months: f"{months} months" for months in sorted(set(sentences.delay_months.tolist()))}
    controls = [
        Control(column="worth", label="Capacity worth", words=of_fee, start="value"),
        Control(column="capex", label="Capex of a megawatt", words=capex, start="value"),
        Control(column="delay_months", label="Own site ready in", words=delays, start=planned),
    ]
    ways = list(dict.fromkeys(amounts.what))
    colours = dict(zip(ways, [CUSTOMER, NEUTRAL, *PALETTE[1:]], strict=False))
    axis = "worth of a megawatt to the horizon"
    return chosen(amounts, sentences, controls, axis=axis, colours=colours, title=title)
