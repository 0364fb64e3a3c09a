"""Charts of how much of a site to lease out."""

from itertools import cycle
from typing import Any

import altair as alt

from analysis.page.findings import months
from analysis.page.shapes import lines, marked, tips
from analysis.page.theme import NEUTRAL, PALETTE, PROVIDER, money
from analysis.questions.lease_out.answer import Answer

NONE = "none"
SHARE = alt.Axis(format=".0%", tickCount=6)
WHOLE = alt.Scale(domain=[0, 1])
PART = alt.Tooltip("share:Q", format=".1%")


def by_notice(found: Answer) -> Any:
    """What leasing gains over leasing nothing, by the share leased; a point marks the best."""
    table = found.by_notice
    last = table.leased == table.leased.where(table.best).groupby(table.notice).transform("max")
    gain = table.usd - table.notice.map(table[table.leased == 0].set_index("notice").usd)
    scale, unit = money(gain)
    agreed, tints = "" if found.notice is None else str(months(found.notice)), cycle(PALETTE[2:])
    known = {agreed: PROVIDER, "no recall": NEUTRAL}
    colours = {name: known.get(name) or next(tints) for name in dict.fromkeys(table.notice)}
    named = {agreed: f"{agreed}, as agreed"}
    data = table.assign(amount=gain / scale, best=last, notice=table.notice.replace(named))
    colours = {named.get(name, name): colour for name, colour in colours.items()}
    line = lines(data, "notice", colours, title="notice:").encode(
        x=alt.X("share:Q", title="share of the site leased at first", axis=SHARE),
        y=alt.Y("amount:Q", title=f"gain over leasing nothing, {unit}"),
        tooltip=tips("notice", leased_mw="MW", amount=unit),
    )
    best = line.mark_point(size=130, filled=True, opacity=1, stroke="white")
    return alt.layer(line, best.transform_filter("datum.best"), height=300)


def best_shares(found: Answer) -> Any:
    """The best initial lease over the notice, for what internal use may be worth."""
    table = found.best_shares
    label = [NONE if months != months else f"{months:.0f}" for months in table.notice_months]
    data = table.assign(notice=label, use=[f"internal use {w:g}× the fee" for w in table.worth])
    scale = alt.Scale(domain=[*dict.fromkeys(word for word in label if word != NONE), " ", NONE])
    axis = alt.Axis(labelAngle=0, labelOverlap="greedy", labelSeparation=4)
    return (
        lines(data, "use", point=alt.OverlayMarkDef(size=45, opacity=1))
        .encode(
            x=alt.X("notice:N", title="notice, months", scale=scale, axis=axis),
            y=alt.Y("share:Q", title="best initial lease, share", axis=SHARE, scale=WHOLE),
            tooltip=[*tips("use", "notice"), PART],
        )
        .properties(height=280)
    )


def price_of_notice(found: Answer) -> Any:
    """What needing notice loses in a month, over its length, for both ways of forecasting."""
    scale, unit = money(found.price_of_notice.usd_month)
    data = found.price_of_notice.assign(amount=found.price_of_notice.usd_month / scale)
    line = lines(data, "model").encode(
        x=alt.X("notice_months:Q", title="notice, months", axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("amount:Q", title=f"lost a month against recall at once, {unit}"),
        tooltip=tips("model", "notice_months", amount=unit),
    )
    own = [] if found.notice is None else marked("notice_months", found.notice, "this agreement")
    return alt.layer(line, *own, height=260)
