"""Charts of the rights to terminate: their value, the prices at which they are used, the life."""

from typing import Any

import altair as alt
import pandas as pd

from analysis.contract.fields import PARTIES
from analysis.models.exits.ownership import CASES
from analysis.page.shapes import line_key, lines, tips
from analysis.page.theme import (
    CUSTOMER,
    NEUTRAL,
    PROVIDER,
    TIME,
    day,
    money,
    today,
)
from analysis.questions.exit.answer import Answer

COLOURS = dict(zip(CASES, [NEUTRAL, CUSTOMER, PROVIDER, "#111111"], strict=True))
DASHES = dict(zip(CASES, [[1, 0], [14, 6], [14, 6], [2, 3]], strict=True))  # lines may coincide
HOUR = "$/H100e-hour"
CELL = 250  # pixels of width: beside a label, the narrowest screen that pages are made for
LINES = {
    "market seen": ("market price, seen", NEUTRAL, [1, 0]),
    "market expected": ("market price, expected", NEUTRAL, [6, 4]),
    "fee": ("fee", "#111111", [1, 0]),
    "customer": ("customer terminates below", CUSTOMER, [6, 4]),
    "provider": ("provider terminates above", PROVIDER, [6, 4]),
}
MAY = {False: " may not", True: " may"}
ENDS = {"low": "low_usd", "value": "usd", "high": "high_usd"}


def values(found: Answer) -> Any:
    """Two by two: value to the customer by who may terminate, with its 90 % interval."""
    table = found.values.assign(case=found.study.values.case)
    scale, unit = money([*table.low_usd, *table.high_usd])
    drawn = {end: table[column] / scale for end, column in ENDS.items()}
    may = {p: [p + MAY[case in (p, "both")] for case in table.case] for p in PARTIES}
    data = table[["case", "rights"]].assign(**drawn, **may)
    colours = alt.Scale(domain=list(COLOURS), range=[*COLOURS.values()])
    base = alt.Chart(data).encode(
        color=alt.Color("case:N", legend=None, scale=colours),
        tooltip=tips("rights", **dict.fromkeys(ENDS, unit)),
    )
    wide = alt.Scale(padding=12, nice=False)  # so that no bar ends at the edge
    x = alt.X("low:Q", title=f"to the customer, {unit}", axis=alt.Axis(tickCount=5), scale=wide)
    text: dict[str, Any] = {"align": "left", "x": 4, "color": "#111111"}
    value = base.transform_calculate(words=_written("value", unit))
    ends = f"{_written('low', unit)} + ' to ' + {_written('high', unit)}"
    said = alt.Text("words:N")
    cell = alt.layer(
        base.mark_bar(height=12, opacity=0.35).encode(x=x, x2=alt.X2("high:Q")),
        base.mark_point(filled=True, size=150, opacity=1).encode(x=alt.X("value:Q")),
        value.mark_text(**text, y=14, fontSize=20, fontWeight="bold").encode(text=said),
        base.transform_calculate(words=ends).mark_text(**text, y=34, fontSize=12).encode(text=said),
        width=CELL,
        height=110,
    )
    head = alt.Header(labelFontSize=14, labelFontWeight="bold", labelAngle=0, labelAlign="left")
    top = alt.Header(labelFontSize=14, labelFontWeight="bold", labelAnchor="start")
    orders = [[party + may for may in MAY.values()] for party in PARTIES]
    return cell.facet(
        row=alt.Row("customer:N", sort=orders[0], title=None, header=head),
        column=alt.Column("provider:N", sort=orders[1], title=None, header=top),
        spacing=28,
    )


def _written(field: str, unit: str) -> str:
    """An amount as Vega writes it, to two digits: −$13bn."""
    size = f"format(abs(datum.{field}), '.2~r')"
    name = unit.removeprefix("$")
    return f"(datum.{field} < 0 ? '−$' : '$') + {size} + (datum.{field} ? '{name}' : '')"


def _dashed(by: str, dashes: dict[str, list[int]], held: list[str]) -> alt.StrokeDash:
    scale = alt.Scale(domain=held, range=[dashes[name] for name in held])
    return alt.StrokeDash(f"{by}:N", title=None, scale=scale)


def curves(found: Answer) -> Any:
    """Value to the customer by the market price, a line for each combination of rights."""
    scale, unit = money(found.curves.usd)
    data = found.curves.assign(value=found.curves.usd / scale)
    names = dict(zip(data.case, data.label, strict=True))
    dashes = {label: DASHES[case] for case, label in names.items()}
    colours = {label: COLOURS[case] for case, label in names.items()}
    drawn = lines(data, "label", colours, legend=line_key(columns=2), strokeWidth=3).encode(
        x=alt.X("price:Q", title=f"market price today, {HOUR}", scale=alt.Scale(zero=False)),
        y=alt.Y("value:Q", title=f"value to the customer, {unit}"),
        strokeDash=_dashed("label", dashes, list(dashes)),
        tooltip=tips("label", price=HOUR, value=unit),
    )
    prices = {"market": found.study.now.spot_usd_hour, "fee": found.remaining.fee_usd_hour()}
    marks = pd.DataFrame({"price": prices.values(), "name": list(prices)}).sort_values("price")
    rule = alt.Chart(marks).encode(x=alt.X("price:Q"))
    sides: Any = (("right", -4, marks[:1]), ("left", 4, marks[1:]))  # prices may be near
    named = [
        rule.mark_text(align=side, dx=dx, dy=-8, fontSize=12)
        .encode(y=alt.YValue(0), text=alt.Text("name:N"))
        .properties(data=mark)
        for side, dx, mark in sides
    ]
    return alt.layer(rule.mark_rule(strokeDash=[4, 3]), *named, drawn, height=300)


def triggers(found: Answer) -> Any:
    """Prices at which either side alone terminates, beside market price and fee."""
    table = found.paths.assign(line_name=found.paths.line.map(lambda line: LINES[line][0]))
    names = [name for line, (name, *_) in LINES.items() if line in set(table.line)]
    colours = {name: colour for name, colour, _ in LINES.values()}
    dashes = {name: dash for name, _, dash in LINES.values()}
    top = 3.2 * float(table.price[~table.line.isin(["customer", "provider"])].max())
    data = table.assign(price=table.price.where(table.price <= top)).drop(columns=["low", "high"])
    key = line_key(columns=2)
    drawn = lines(data, "line_name", colours, legend=key, interpolate="monotone").encode(
        x=alt.X("date:T", title=None, axis=TIME),
        y=alt.Y("price:Q", title=HOUR, axis=alt.Axis(format="$.0f")),
        strokeDash=_dashed("line_name", dashes, names),
        tooltip=[*tips("line_name", price=HOUR), day("date")],
    )
    now = found.remaining.start
    late = now - table.date.min() > table.date.max() - now
    return alt.layer(drawn, *today(now, late=late), height=320)


def lived(found: Answer) -> Any:
    """Expected months of service by internal use, a line for each cost of moving."""
    if found.lived.empty:
        return None
    axis = alt.Axis(format=".0%", values=sorted(set(found.lived.own_use)))
    colours = alt.Scale(scheme="viridis")
    return (
        alt.Chart(found.lived)
        .mark_line(point=True)
        .encode(
            x=alt.X("own_use:Q", title="internal use, share of the fee", axis=axis),
            y=alt.Y("months:Q", title="expected months of service"),
            color=alt.Color("moving:O", scale=colours, legend=line_key()).title(
                "moving cost, months of fee"
            ),
            tooltip=tips(own_use="internal use ÷ fee", moving="months of fee", months="months"),
        )
        .properties(height=280)
    )
