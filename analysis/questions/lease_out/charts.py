"""Charts of how much of a site to lease out."""

import altair as alt
import pandas as pd

from analysis.page.marks import line_key
from analysis.page.spans import PROJECTED
from analysis.page.theme import DECIMALS, NEUTRAL, PALETTE, PROVIDER, money

Chart = alt.TopLevelMixin
MADE_UP, NONE = "made-up site", "none"
MW = alt.Axis(format=",.4~r", tickCount=6, labelOverlap="greedy", labelSeparation=6)


def by_notice(table: pd.DataFrame, *, title: str) -> Chart:
    """Worth of the term over the share leased at the start, a line for each notice.

    Counted from leasing nothing; a point marks the best quantity. `table` is `sharing.by_notice`.
    """
    last = table.leased == table.leased.where(table.best).groupby(table.notice).transform("max")
    nothing = table[table.leased == 0].set_index("notice").usd
    gain = table.usd - table.notice.map(nothing)
    size, unit = money(gain)
    return _lines(
        table.assign(amount=gain / size, best=last),  # of several worth the same, the largest
        x=alt.X(
            "share:Q",
            title="share of the site leased out at first",
            axis=alt.Axis(format=".0%", tickCount=6),
            scale=alt.Scale(nice=False),
        ),
        color="notice",
        named="notice:",
        y=f"gain over leasing nothing, {unit}",
        unit=unit,
        title=title,
    )


def ways_back(table: pd.DataFrame, *, title: str) -> Chart:
    """Mean earnings of a month over megawatts leased, a line for each way to get one back."""
    size, unit = money(table.usd_month)
    return _lines(
        table.assign(amount=table.usd_month / size),
        x=alt.X("leased_mw:Q", title="MW leased out", axis=MW),
        color="way",
        named=None,
        y=f"mean earnings of a month, {unit}",
        unit=unit,
        title=title,
    )


def _lines(
    table: pd.DataFrame,
    *,
    x: alt.X,
    color: str,
    named: str | None,
    y: str,
    unit: str,
    title: str,
) -> Chart:
    names = list(dict.fromkeys(table[color]))
    base = alt.Chart(table).encode(
        x=x,
        y=alt.Y("amount:Q", title=y, scale=alt.Scale(zero=False)),
        color=alt.Color(
            f"{color}:N",
            title=named,
            scale=alt.Scale(domain=names, range=PALETTE[1 : len(names) + 1]),
            legend=line_key(),
        ),
        tooltip=[
            alt.Tooltip(f"{color}:N"),
            alt.Tooltip("leased_mw:Q", format=",.1f", title="MW"),
            alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
        ],
    )
    marks = base.mark_point(size=130, filled=True, opacity=1, stroke="white")
    lines = base.mark_line()
    chart: Chart = alt.layer(lines, marks.transform_filter("datum.best")).properties(
        title=title, description=title, height=300
    )
    return chart


def best_shares(table: pd.DataFrame, made_up: pd.DataFrame, *, title: str) -> Chart:
    """Share best leased at first over the notice, for what own use may be worth, and made up.

    Both are `everything.best_shares`; no recall stands behind the longest notice.
    """
    own = table.assign(site=[f"own use {worth:g}× the fee" for worth in table.worth])
    data = pd.concat([own, made_up.assign(site=MADE_UP)])
    label = [NONE if months != months else f"{months:.0f}" for months in data.notice_months]
    data = data.assign(notice=label)
    order = [*dict.fromkeys(word for word in label if word != NONE), " ", NONE]
    names = list(dict.fromkeys(data.site))
    chart: Chart = (
        alt.Chart(data)
        .mark_line(point=alt.OverlayMarkDef(size=45, filled=True, opacity=1))
        .encode(
            x=alt.X(
                "notice:N",
                title="notice, months",
                scale=alt.Scale(domain=order),
                axis=alt.Axis(labelAngle=0, labelOverlap="greedy", labelSeparation=4),
            ),
            y=alt.Y(
                "share:Q",
                title="best leased at first, share of the site",
                axis=alt.Axis(format=".0%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            color=alt.Color(
                "site:N",
                title=None,
                scale=alt.Scale(domain=names, range=[*PALETTE[1 : len(names)], NEUTRAL]),
                legend=line_key(),
            ),
            tooltip=[
                alt.Tooltip("site:N"),
                alt.Tooltip("notice:N"),
                alt.Tooltip("share:Q", format=".1%"),
            ],
        )
        .properties(title=title, description=title, height=280)
    )
    return chart


def by_recall_price(table: pd.DataFrame, *, title: str) -> Chart:
    """Share best leased in a callable lease over the payment for a recall, in fees."""
    chart: Chart = (
        alt.Chart(table)
        .mark_line(color=PROVIDER, point=alt.OverlayMarkDef(size=35, color=PROVIDER))
        .encode(
            x=alt.X(
                "recall_to_fee:Q",
                title="payment for a recall ÷ fee of the month",
                scale=alt.Scale(zero=False),
                axis=alt.Axis(tickCount=5),
            ),
            y=alt.Y(
                "share:Q",
                title="best leased, share of the site",
                axis=alt.Axis(format=".0%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            tooltip=[
                alt.Tooltip("recall_to_fee:Q", format=".2f"),
                alt.Tooltip("share:Q", format=".1%"),
            ],
        )
        .properties(title=title, description=title, height=220)
    )
    return chart


def price_of_notice(table: pd.DataFrame, *, own: int | None, title: str) -> Chart:
    """What needing notice loses a month, over its length, for both ways of forecasting."""
    size, unit = money(table.usd_month)
    base = alt.Chart(table.assign(amount=table.usd_month / size)).encode(
        x=alt.X("notice_months:Q", title="notice, months", axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("amount:Q", title=f"lost a month against recall at once, {unit}"),
        color=alt.Color(
            "model:N",
            title="own demand:",
            scale=alt.Scale(range=PALETTE[1:3]),
            legend=line_key(),
        ),
        tooltip=[
            alt.Tooltip("model:N"),
            alt.Tooltip("notice_months:Q"),
            alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
            alt.Tooltip("fee_share:Q", format=".1%", title="of the fee"),
        ],
    )
    layers = [base.mark_line()]
    if own is not None:
        rule = alt.Chart(pd.DataFrame({"notice_months": [own]})).encode(x=alt.X("notice_months:Q"))
        layers.append(rule.mark_rule(color=NEUTRAL, strokeDash=[4, 3]))
        words = rule.mark_text(align="left", dx=5, dy=-6, fontSize=12)
        layers.append(words.encode(y=alt.YValue(300), text=alt.TextValue("this agreement")))
    chart: Chart = alt.layer(*layers).properties(title=title, description=title, height=300)
    return chart


def followed(table: pd.DataFrame, *, title: str) -> Chart:
    """A simulated path of own demand and the megawatts that the owner has for it."""
    names = {"demand_mw": "own demand", "kept_mw": "kept or taken back"}
    data = table.rename(columns=names).melt("month", list(names.values()), "what", "mw")
    chart: Chart = (
        alt.Chart(data)
        .mark_line(interpolate="step-after", strokeDash=PROJECTED)
        .encode(
            x=alt.X("month:Q", title="months from now", axis=alt.Axis(tickMinStep=6)),
            y=alt.Y("mw:Q", title="MW", axis=MW),
            color=alt.Color(
                "what:N",
                title=None,
                scale=alt.Scale(domain=list(names.values()), range=[NEUTRAL, PROVIDER]),
                legend=line_key(),
            ),
            tooltip=[
                alt.Tooltip("what:N"),
                alt.Tooltip("month:Q"),
                alt.Tooltip("mw:Q", format=",.1f", title="MW"),
            ],
        )
        .properties(title=title, description=title, height=260)
    )
    return chart


def all_or_nothing(table: pd.DataFrame, *, title: str) -> Chart:
    """Worth of the whole lease and of giving notice now by own demand, and where they meet."""
    size, unit = money(table.leased_usd)
    names = {
        "leased_usd": "leased, notice given when it pays",
        "notice_usd": "notice given now, then own use",
    }
    data = table.rename(columns=names).melt("demand_mw", list(names.values()), "what", "usd")
    lines = (
        alt.Chart(data.assign(amount=data.usd / size))
        .mark_line()
        .encode(
            x=alt.X("demand_mw:Q", title="own demand, MW", axis=MW),
            y=alt.Y("amount:Q", title=f"worth from now on, {unit}", scale=alt.Scale(zero=False)),
            color=alt.Color(
                "what:N",
                title=None,
                scale=alt.Scale(domain=list(names.values()), range=[PROVIDER, NEUTRAL]),
                legend=line_key(),
            ),
            strokeDash=alt.StrokeDash(
                "what:N",
                title=None,
                scale=alt.Scale(domain=list(names.values()), range=[[1, 0], PROJECTED]),
                legend=line_key(),
            ),
            tooltip=[
                alt.Tooltip("what:N"),
                alt.Tooltip("demand_mw:Q"),
                alt.Tooltip("amount:Q", format=DECIMALS, title=unit),
            ],
        )
    )
    start = table[table.recall].head(1)
    rule = alt.Chart(start).encode(x=alt.X("demand_mw:Q"))
    words = rule.mark_text(align="right", dx=-5, dy=8, fontSize=12)
    chart: Chart = alt.layer(
        lines,
        rule.mark_rule(color=NEUTRAL, strokeDash=[4, 3]),
        words.encode(y=alt.YValue(0), text=alt.TextValue("give notice from here")),
    ).properties(title=title, description=title, height=260)
    return chart
