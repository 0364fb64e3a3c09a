"""Charts of a fee beside the market: by the H100, by the megawatt, over time, and otherwise."""

from typing import Any

import altair as alt
import pandas as pd

from analysis.page.shapes import colour, heads, line_key, row, tips
from analysis.page.theme import NEUTRAL, PALETTE, TIME, dated, day, money
from analysis.questions.price.answer import Answer

INK = "#111111"  # the fee
HELD = PALETTE[3]  # what it is judged by
GROUPS = {
    "the fee": INK,
    "market, judged by": HELD,
    "market, other prices": "#9AA1AA",
    "other deals": HELD,
}
ENDS = ("low", "high")
VARIED = {
    "": "",
    "both": "number and mix: ",
    "hours": "hours: ",
    "metric": "H100-equivalents by ",
    "number": "number: ",
    "mix": "mix: ",
    "basis": "megawatts: ",
    "series": "priced by ",
}
PARTS = {
    "contract_usd_month": "the same accelerators on a contract",
    "commitment_usd_month": "no commitment",
    "rest_usd_month": "size and service together",
    "above_usd_month": "above a contract, not split",
}


def basket(found: Answer) -> Any:
    """The fee by what it is made of, a row a mix: a contract, no commitment, the rest.

    Without contract prices the fee beside market prices.
    """
    if (rows := found.basket).empty:
        return ladder(found)
    above = (found.fee_usd_month - rows.contract_usd_month).where(rows.rest_usd_month.isna())
    told = rows.assign(label=rows.scope + ": " + rows.mix, above_usd_month=above)
    order = told.label.tolist()
    data = told.melt(["label", "contract_times"], list(PARTS), "part", "usd").dropna()
    size, unit = money(data.usd)
    data = data.assign(amount=data.usd / size, name=data.part.map(PARTS))
    data = data.assign(rank=data.part.map(list(PARTS).index))
    colours = dict(zip(PARTS.values(), [HELD, "#CDBE96", INK, "#9AA1AA"], strict=True))
    bars = (
        alt.Chart(data)
        .mark_bar()
        .encode(
            **row("label", order),
            x=alt.X("amount:Q", title=f"{unit} a month", axis=alt.Axis(tickCount=6)),
            color=colour(data, "name", colours, legend=alt.Legend(columns=2)),
            order=alt.Order("rank:Q"),
            tooltip=tips("label", "name", amount=unit, contract_times="fee ÷ contract, ×"),
        )
    )
    return alt.layer(bars, heads(told, "label", order), height=40 * len(order))


def by_h100(found: Answer) -> Any:
    """The fee beside market prices by the H100-equivalent, where it is not the first chart."""
    return ladder(found) if len(found.basket) else None


def ladder(found: Answer) -> Any:
    """The fee by scope above what the market charged, an H100-equivalent-hour."""
    held, others = _market(found.market, "market, judged by"), _market(found.others, "")
    others = others.assign(label=found.others.tier, group="market, other prices")
    rows = pd.concat([_fee(found.prices), held, others], ignore_index=True)
    axis = f"$/H100e-hour, {found.given.metric}, {found.given.hours_month:g} hours a month"
    shade = alt.Chart(pd.DataFrame({"low": [held.low.min()], "high": [held.high.max()]}))
    shade = shade.mark_rect(color=HELD, opacity=0.22)
    return _beside(rows, axis, shade.encode(x=alt.X("low:Q"), x2=alt.X2("high:Q")))


def by_mw(found: Answer) -> Any:
    """The fee by scope above what other deals pay for a megawatt and month."""
    rows, deals = _fee(found.by_mw), found.deals
    if rows.empty and deals.empty:
        return None
    other = deals.rename(columns={"low_usd": "low", "high_usd": "high", "name": "label"}).assign(
        group="other deals", about=deals.basis.astype(str) + " MW, " + deals.grade
    )
    rows = pd.concat([rows, other[[*rows.columns]]], ignore_index=True)
    return _beside(rows.assign(low=rows.low / 1e6, high=rows.high / 1e6), "$m/MW-month")


def _fee(prices: pd.DataFrame) -> pd.DataFrame:
    """The rows of the fee: `label, group, low, high, about, date`."""
    told = {"group": "the fee", "about": prices.how, "date": None}
    rows = prices.assign(label="fee: " + prices.scope.astype(str), **told)
    return rows[["label", "group", "low", "high", "about", "date"]]


def _market(prices: pd.DataFrame, group: str) -> pd.DataFrame:
    """Market prices as rows of the same picture."""
    about = prices.source.astype(str) + "; " + prices.basis
    ends = {"low": prices.usd_hour, "high": prices.usd_hour, "date": prices.date}
    return pd.DataFrame({"label": prices.source, "group": group, "about": about, **ends})


def _beside(rows: pd.DataFrame, axis: str, *below: Any) -> Any:
    """A bar or a dot a row, below its name."""
    top, order = 1.05 * float(rows.high.max()), list(dict.fromkeys(rows.label))
    scale, form = alt.Scale(domain=[0, top], nice=False), alt.Axis(tickCount=6, format="$~r")
    x = alt.X("low:Q", title=axis, scale=scale, axis=form)
    base = alt.Chart(rows.assign(date=pd.to_datetime(rows["date"]))).encode(
        **row("label", order),
        color=colour(rows, "group", GROUPS, legend=alt.Legend(columns=2)),
        tooltip=[*tips("label", "about", low=axis, high=axis), day("date")],
    )
    bars = base.transform_filter("datum.high > datum.low").mark_bar()
    dots = base.transform_filter(f"datum.high - datum.low < {top / 100}")
    dots = dots.mark_point(filled=True, size=100, opacity=0.9)
    layers = [bars.encode(x=x, x2=alt.X2("high:Q")), dots.encode(x=x)]
    return alt.layer(*below, heads(rows, "label", order), *layers, height=36 * len(order))


def history(found: Answer) -> Any:
    """H100 prices since the first, one line a source, single prices as dots, and the fee."""
    seen, single = found.history, found.single
    if seen.empty:
        return None
    names = [*dict.fromkeys(seen.series), *dict.fromkeys(single.tier)]
    known = dict(zip(names, [PALETTE[1], PALETTE[2], HELD, PALETTE[4]], strict=False))
    both = pd.DataFrame({"series": names})
    y = alt.Y("usd_hour:Q", title="$/H100e-hour", axis=alt.Axis(format="$.0f", tickMinStep=1))
    ways = {
        "x": alt.X("date:T", title=None, axis=TIME),
        "y": y,
        "color": colour(both, "series", known, legend=line_key(columns=1)),
        "tooltip": [*tips("series", usd_hour="$/H100e-hour"), day("date")],
    }
    points = alt.Chart(dated(single.assign(series=single.tier)))
    layers = [
        alt.Chart(dated(seen)).mark_line().encode(**ways),
        points.mark_point(filled=True, size=110, opacity=1).encode(**ways),
    ]
    if found.price_usd_h100e_hour > 0 and found.fee.day > found.agreement.start:
        ends = {"start": [found.agreement.start], "end": [found.fee.day]}
        span = {"low": found.price_low_usd_h100e_hour, "high": found.price_high_usd_h100e_hour}
        fee = pd.DataFrame({**ends, **span, "usd_hour": found.price_usd_h100e_hour})
        line = alt.Chart(dated(fee)).encode(x=alt.X("start:T"), y=y)
        text = line.mark_text(align="right", dy=-10, fontWeight="bold").encode(
            x=alt.X("end:T"), y=alt.Y("high:Q")
        )
        layers += [
            line.mark_rect(color=INK, opacity=0.2).encode(
                y=alt.Y("low:Q"), x2=alt.X2("end:T"), y2=alt.Y2("high:Q")
            ),
            line.mark_rule(color=INK, strokeWidth=4).encode(x2=alt.X2("end:T")),
            text.encode(text=alt.TextValue(f"fee, {found.judged_scope}")),
        ]
    return alt.layer(*layers, height=320)


def ratios(found: Answer) -> Any:
    """Fee over the market price if one thing were otherwise, the base case first."""
    table = found.ratios
    if table.empty:
        return None
    rows = table.assign(label=table.varied.map(VARIED) + table.reading, base=table.varied == "")
    order, axis = list(rows.label), alt.Axis(tickCount=6)
    base = alt.Chart(rows).encode(
        **row("label", order),
        color=alt.when("datum.base").then(alt.value(INK)).otherwise(alt.value(NEUTRAL)),
        tooltip=tips("label", low="low, ×", high="high, ×"),
    )
    x = alt.X("low:Q", title="fee ÷ market price of an H100e-hour", axis=axis)
    point = base.mark_point(filled=True, size=70, opacity=1)
    fair = alt.Chart().mark_rule(strokeDash=[4, 3], color=NEUTRAL).encode(x=alt.XDatum(1.0))
    return alt.layer(
        fair,
        heads(rows, "label", order),
        base.mark_bar(height=6).encode(x=x, x2=alt.X2("high:Q")),
        point.encode(x=x),
        point.encode(x=alt.X("high:Q")),
        height=34 * len(order),
    )
