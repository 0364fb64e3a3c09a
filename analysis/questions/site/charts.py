"""Charts of a site and the fees that are to pay for it."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from analysis.page.choose import Control, chosen, per_cent
from analysis.page.marks import line_key
from analysis.page.spans import PROJECTED, marked, spans
from analysis.page.theme import CUSTOMER, DECIMALS, FIRM, NEUTRAL, PROVIDER, money

Chart = alt.TopLevelMixin


def paid_back(paid_back: pd.DataFrame, *, served: int, title: str) -> Chart | None:
    """How fast fees pay back if nobody leaves, for each capex.

    `paid_back` is `cases.paid_back`; the first `served` months are drawn solid. None where no site
    is known.
    """
    if paid_back.empty:
        return None
    size, unit = money(paid_back.usd)
    table = paid_back.assign(amount=paid_back.usd / size, ahead="if nobody leaves")
    done = table[table.month <= served].assign(ahead="served")
    table = pd.concat([done, table[table.month >= served]])
    base = alt.Chart(table).encode(
        x=alt.X("month:Q", title="months of service", axis=alt.Axis(tickMinStep=6)),
        y=alt.Y("amount:Q", title=f"cash so far, less capex, {unit}"),
        tooltip=[
            alt.Tooltip("case:N"),
            alt.Tooltip("month:Q"),
            alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
        ],
    )
    line = base.mark_line(color=PROVIDER).encode(
        detail=alt.Detail("case:N"),
        strokeDash=alt.StrokeDash(
            "ahead:N",
            title=None,
            scale=alt.Scale(domain=["served", "if nobody leaves"], range=[[1, 0], PROJECTED]),
            legend=line_key(),
        ),
    )
    top, bottom = _outer(table, at="month", end=table.month.max())
    above = alt.Chart(top).mark_text(align="right", dx=-4, dy=-9, fontSize=12)
    below = alt.Chart(bottom).mark_text(align="left", dx=6, dy=12, fontSize=12)
    zero = alt.Chart(pd.DataFrame({"y": [0]})).mark_rule(color=NEUTRAL, strokeDash=[4, 3])
    chart: Chart = alt.layer(
        line,
        *(
            w.encode(x=alt.X("month:Q"), y=alt.Y("amount:Q"), text=alt.Text("case:N"))
            for w in (above, below)
        ),
        zero.encode(y=alt.Y("y")),
    ).properties(title=title, description=title, height=260)
    return chart


def _outer(table: pd.DataFrame, *, at: str, end: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Where to name the top line, at `end`, and the bottom one, half way; those between need none.

    Above and below them nothing else is drawn. `at`: the column along the lines.
    """
    ends = table[table[at] == end].drop_duplicates("case")
    half = table[table[at] >= table[at].median()].drop_duplicates("case")
    ends = ends.sort_values("amount", kind="stable")
    low, top = ends.case.iloc[0], ends.case.iloc[-1]
    return ends.tail(1), half[(half.case == low) & (low != top)]


def promised(shares: pd.DataFrame, *, title: str) -> Chart | None:
    """How little of the capex is promised, over capex for each reading.

    `shares` has `reading, low, value, high`.
    """
    if shares.empty:
        return None
    chart: Chart = spans(
        shares,
        y="reading",
        axis="share of capex promised",
        color=FIRM,
        written=".0%",
        limit=1.0,
        height=34 * len(shares) + 20,
        title=title,
        description=title,
    )
    return chart


def worth_by_rate(table: pd.DataFrame, *, rate: float, title: str) -> Chart | None:
    """Net present value over discount rates for each case of capex; a rule marks `rate`."""
    if table.empty:
        return None
    size, unit = money(table.npv_usd)
    data = table.assign(amount=table.npv_usd / size)
    base = alt.Chart(data).encode(
        x=alt.X("rate_year:Q", title="discount rate a year", axis=alt.Axis(format=".0%")),
        y=alt.Y("amount:Q", title=f"net present value, {unit}"),
        tooltip=[
            alt.Tooltip("case:N"),
            alt.Tooltip("rate_year:Q", format=".0%"),
            alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
        ],
    )
    middle = data.rate_year[data.rate_year >= data.rate_year.median()].min()
    top, bottom = _outer(data, at="rate_year", end=middle)
    zero = alt.Chart(pd.DataFrame({"y": [0]})).mark_rule(color=NEUTRAL, strokeDash=[4, 3])
    above = base.mark_text(align="left", dx=6, dy=-10, fontSize=12).encode(text=alt.Text("case:N"))
    below = base.mark_text(align="right", dx=-6, dy=12, fontSize=12).encode(text=alt.Text("case:N"))
    chart: Chart = alt.layer(
        *marked("rate_year", rate, f"at {100 * rate:.6g} %"),
        base.mark_line(color=PROVIDER).encode(detail=alt.Detail("case:N")),
        above.properties(data=top),
        below.properties(data=bottom),
        zero.encode(y=alt.Y("y")),
    ).properties(title=title, description=title, height=260)
    return chart


def uncovered(table: pd.DataFrame, *, title: str) -> Chart | None:
    """Debt against the cash before the customer may be gone, month by month, one case."""
    if table.empty:
        return None
    names = {"balance_usd": "debt", "window_usd": "cash before the customer may be gone"}
    data = table.rename(columns=names).melt("month", list(names.values()), "what", "usd")
    size, unit = money(data.usd)
    chart: Chart = (
        alt.Chart(data.assign(amount=data.usd / size))
        .mark_line(strokeDash=PROJECTED)
        .encode(
            x=alt.X("month:Q", title="months of the loan", axis=alt.Axis(tickMinStep=6)),
            y=alt.Y("amount:Q", title=unit),
            color=alt.Color(
                "what:N",
                title=None,
                scale=alt.Scale(domain=list(names.values()), range=[PROVIDER, FIRM]),
                legend=line_key(),
            ),
            tooltip=[
                alt.Tooltip("what:N"),
                alt.Tooltip("month:Q"),
                alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
            ],
        )
        .properties(title=title, description=title, height=240)
    )
    return chart


def break_even_life(table: pd.DataFrame, *, title: str) -> Chart | None:
    """How long the customer must stay by reading: a range over capex, beside the firm months.

    `table` has `reading, low, value, high, firm_months`.
    """
    if table.empty:
        return None
    firm = (
        alt.Chart(table.assign(mark="firm months"))
        .mark_point(shape="diamond", size=120, filled=True, opacity=1)
        .encode(
            x=alt.X("firm_months:Q"),
            y=alt.Y("reading:N", sort=list(table.reading)),
            color=alt.Color("mark:N", title=None, scale=alt.Scale(range=[FIRM])),
            tooltip=[alt.Tooltip("reading:N"), alt.Tooltip("firm_months:Q")],
        )
    )
    life = spans(
        table, y="reading", axis="months of service, on average", color=PROVIDER, written=".0f"
    )
    chart: Chart = alt.layer(life, firm).properties(
        title=title, description=title, height=34 * len(table) + 20
    )
    return chart


def offset(table: pd.DataFrame, *, title: str) -> Chart | None:
    """The fee over the site's cost on three denominators: a range over capex each."""
    if table.empty:
        return None
    chart: Chart = spans(
        table,
        y="basis",
        axis="mean monthly fee ÷ monthly cost",
        color=PROVIDER,
        written=".1f",
        limit=1.0,
        title=title,
        description=title,
        height=150,
    )
    return chart


def reletting(table: pd.DataFrame, *, title: str) -> Chart:
    """What letting again loses a month after a default, over the correlation with the market."""
    size, unit = money(table.shortfall_usd)
    chart: Chart = (
        alt.Chart(table.assign(amount=table.shortfall_usd / size))
        .mark_line(color=PROVIDER)
        .encode(
            x=alt.X("correlation:Q", title="correlation of customer and market"),
            y=alt.Y("amount:Q", title=f"fee lost on letting again, {unit} a month"),
            tooltip=[
                alt.Tooltip("correlation:Q"),
                alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
            ],
        )
        .properties(title=title, description=title, height=220)
    )
    return chart


def book(table: pd.DataFrame, *, title: str) -> Chart:
    """Shares of a provider's monthly fees by customer."""
    base = alt.Chart(table).encode(
        y=alt.Y("customer:N", sort=None, title=None),
        x=alt.X(
            "share:Q",
            title="share of the provider's known monthly fees",
            axis=alt.Axis(format=".0%"),
            scale=alt.Scale(domain=[0, 1]),
        ),
        tooltip=[alt.Tooltip("customer:N"), alt.Tooltip("share:Q", format=".1%")],
    )
    text = base.mark_text(align="left", dx=5).encode(text=alt.Text("share:Q", format=".0%"))
    chart: Chart = alt.layer(base.mark_bar(color=CUSTOMER), text).properties(
        title=title, description=title, height=36 * len(table) + 20
    )
    return chart


def choose(
    amounts: pd.DataFrame,
    sentences: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    capex: Mapping[str, str],
    start: tuple[str, float],
    title: str,
) -> Chart | None:
    """What the site is worth under the reading, at the capex and the rate that one chooses.

    The tables are those of `statements.chosen.site_worth`, `labels` and `capex` the words of the
    lists; `start` is the reading and the rate first shown.
    """
    if amounts.empty:
        return None
    reading, rate = start
    rates = per_cent(sorted(set(amounts.rate_year)))
    cases = list(capex)
    controls = [
        Control(column="reading", label="Reading", words=labels, start=reading),
        Control(column="capex", label="Capex", words=capex, start=cases[len(cases) // 2]),
        Control(column="rate_year", label="Discount rate", words=rates, start=rate),
    ]
    colours = dict(zip(dict.fromkeys(amounts.what), [PROVIDER, FIRM], strict=True))
    return chosen(
        amounts, sentences, controls, axis="net present value", colours=colours, title=title
    )
