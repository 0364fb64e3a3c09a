"""Charts of a customer's options: lease, build, both or rent."""

from typing import Any

import altair as alt
import pandas as pd

from analysis.page.choose import Control, chosen
from analysis.page.findings import dollars, finding, months, quantity, span
from analysis.page.shapes import bars, colour, lines, marked, row, tips
from analysis.page.theme import CUSTOMER, NEUTRAL, PALETTE, money
from analysis.questions.build_or_rent.answer import OPTIONS, Answer
from analysis.questions.build_or_rent.words import CHOICE

COLOURS = {
    "lease": CUSTOMER,
    "build": NEUTRAL,
    "lease while building": PALETTE[1],
    "rent on demand": PALETTE[2],
    "go without": "#C9CED6",
}
SHADES = ["#9AA1AA", NEUTRAL, "#111111"]  # from the lowest capex to the highest
MIDDLE = {"low": "low", "value": "base", "high": "high"}
KEYS = ["worth", "capex", "delay_months"]


def _words(found: Answer) -> tuple[dict[str, str], dict[str, str]]:
    """Each value of capacity and each capex, in words."""
    return (
        {end: f"{at.worth_to_fee:g}× the fee" for end, at in found.plan.at.items()},
        {end: f"{MIDDLE[end]}, {dollars(usd)}" for end, usd in found.who.capex_mw.items()},
    )


def decision(found: Answer) -> Any:
    """The best option for each value of capacity and each capex; of one, the range of all."""
    return _ranges(found) if found.one_best else _cells(found)


def _ranges(found: Answer) -> Any:
    """A bar an option over value of capacity and capex, the best first, a tick at the base."""
    table = found.options[found.options.option != "go without"]
    table = table.sort_values("value_usd", ascending=False)
    scale, unit = money(table.high_usd)
    data = table[["option"]].assign(**{e: table[f"{e}_usd"] / scale for e in MIDDLE})
    named = [dollars(usd) for usd in table.low_usd], [dollars(usd) for usd in table.high_usd]
    ticks = alt.Chart(data).mark_tick(color="#111111", thickness=3)
    return bars(
        data,
        "option",
        x=f"value of a megawatt over what is left, {unit}",
        written=map(span, *named),
        tooltip=tips("option", **dict.fromkeys(MIDDLE, unit)),
        colour=colour(data, "option", COLOURS, legend=None),
        more=[ticks.encode(**row("option", data.option.tolist()), x=alt.X("value:Q"))],
    )


def _cells(found: Answer) -> Any:
    """A cell for each value of capacity and each capex: the best option, with its value."""
    (worth, capex), table = _words(found), found.decision
    data = table[["best", "next"]].assign(
        worth=table.worth.map(worth),
        capex=table.capex.map(capex),
        value=[str(dollars(each)) for each in table.best_usd],
        ahead=[str(dollars(each)) for each in table.ahead_usd],
    )
    lines = alt.Axis(labelAngle=0, labelExpr="split(datum.label, ', ')")
    across, short = list(capex.values()), alt.Axis(labelExpr="split(datum.label, ' ')[0]")
    up, title = list(worth.values())[::-1], "value of capacity ÷ fee"
    base = alt.Chart(data.drop_duplicates()).encode(
        x=alt.X("capex:N", sort=across, title="capex of a megawatt", axis=lines),
        y=alt.Y("worth:N", sort=up, title=title, axis=short),
        tooltip=tips("best", "value", "next", "ahead"),
    )
    scale = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    cell = base.mark_rect(opacity=0.28, stroke="white", strokeWidth=3)
    return alt.layer(
        cell.encode(color=alt.Color("best:N", legend=None, scale=scale)),
        base.mark_text(dy=-20, fontWeight="bold", fontSize=11, lineBreak="|")
        .transform_calculate(said="replace(datum.best, 'while ', 'while|')")
        .encode(text=alt.Text("said:N")),
        base.mark_text(dy=16).encode(text=alt.Text("value:N")),
        height=230,
    )


def choose(found: Answer) -> Any:
    """The value of each option for the value of capacity, capex and build time that one chooses."""
    rows, (worth, capex) = found.every_decision, _words(found)
    ways = {way: colour for way, colour in COLOURS.items() if way in rows and way != "go without"}
    said: list[Any] = [
        finding(
            CHOICE,
            worth=quantity(row["worth_to_fee"], "multiple"),
            capex=dollars(row["capex_usd"]),
            delay=months(row["delay_months"]),
            best=OPTIONS[row["best"]],
            first=dollars(row["best_usd"]),
            ahead=dollars(row["ahead_usd"]),
            next=OPTIONS[row["next"]],
        )
        for row in rows.to_dict("records")
    ]
    delays = {delay: f"{delay} months" for delay in sorted(set(rows.delay_months.tolist()))}
    planned = found.who.need().delay_months
    return chosen(
        rows.melt(KEYS, list(ways), "what", "usd"),
        rows[KEYS].assign(sentence=list(map(str, said))),
        [
            Control(column="worth", label="Value of capacity", words=worth, start="value"),
            Control(column="capex", label="Capex of a megawatt", words=capex, start="value"),
            Control(column="delay_months", label="Build time", words=delays, start=planned),
        ],
        axis="value of a megawatt over what is left",
        colours=ways,
    )


def break_even(found: Answer) -> Any:
    """The break-even fee by build time: a band over value of capacity and capex."""
    table = found.break_even
    scale, unit = money(table.high_usd_month)
    ends = {end: table[f"{end}_usd_month"] / scale for end in MIDDLE}
    base = alt.Chart(table.assign(**ends)).encode(
        x=alt.X("delay_months:Q", title="months until an own site is ready"),
        tooltip=tips("delay_months", **dict.fromkeys(MIDDLE, unit)),
    )
    low = alt.Y("low:Q", title=f"fee of a megawatt and month, {unit}")
    fee = alt.Chart(pd.DataFrame({"fee": [found.who.fee / scale]})).encode(y=alt.Y("fee:Q"))
    agreed = fee.mark_text(align="right", dy=-8, color=CUSTOMER, text="contract rate")
    return alt.layer(
        base.mark_area(opacity=0.2).encode(y=low, y2=alt.Y2("high:Q")),
        base.mark_line().encode(y=alt.Y("value:Q")),
        *(_named(base, end, table.delay_months.max()) for end in MIDDLE),
        fee.mark_rule(color=CUSTOMER, strokeWidth=2),
        agreed.encode(x=alt.XValue("width")),
        *marked("delay_months", found.who.need().delay_months, "as planned"),
        height=260,
    )


def _named(base: alt.Chart, end: str, last: float) -> Any:
    """What a line, or an edge of the band, is called at its end."""
    text = base.mark_text(align="right", dx=-4, dy=-7, color=NEUTRAL, text=MIDDLE[end])
    return text.encode(y=alt.Y(f"{end}:Q")).transform_filter(f"datum.delay_months == {last}")


def buying(found: Answer) -> Any:
    """The present cost over the years of leasing before buying, by capex."""
    scale, unit = money(found.buying.usd)
    capex, amount = found.buying.capex.map(_words(found)[1]), found.buying.usd / scale
    line = lines(found.buying.assign(capex=capex, amount=amount), "capex", SHADES, title="capex:")
    near, title = alt.Scale(zero=False), f"present cost of a megawatt for ever, {unit}"
    return line.encode(
        x=alt.X("years:Q", title="years of leasing before buying", axis=alt.Axis(tickCount=6)),
        y=alt.Y("amount:Q", title=title, scale=near),
        tooltip=tips("capex", "years", amount=unit),
    ).properties(height=250)
