"""Charts of one agreement among other deals: the map, the order by price, and cheaper rents."""

import math
from typing import Any

import altair as alt
import pandas as pd

from analysis.charts import FIRM, NEUTRAL, PALETTE

Chart = alt.TopLevelMixin
SCOPES = ["bare metal", "managed cloud", "hosting", "scope not known"]
COLOURS = ["#8B5FBF", "#B27B00", "#7A6A00", NEUTRAL]
SHAPES = ["circle", "triangle-up", "square", "diamond"]
PRICE = "bn $ per GW of facility power and year"
OWN = "#111111"
HEIGHT = 430
GAP_PX = 16  # between two labels


def _scope(names: list[str], *, legend: bool = True) -> dict[str, Any]:
    held = [scope for scope in SCOPES if scope in names]
    at = [SCOPES.index(scope) for scope in held]
    shown: Any = alt.Legend(symbolFillColor=None) if legend else None
    colours = alt.Scale(domain=held, range=[COLOURS[n] for n in at])
    shapes = alt.Scale(domain=held, range=[SHAPES[n] for n in at])
    return {
        "color": alt.Color("scope:N", title=None, scale=colours, legend=shown),
        "shape": alt.Shape("scope:N", title=None, scale=shapes, legend=shown),
    }


def precedent(points: pd.DataFrame, *, title: str) -> Chart | None:
    """Price against firmness with both intervals; beside it the deals of unknown firmness.

    `points` is `precedent.points`. The agreement's own rows are black-edged and bold; one without
    a price is a band at its firmness.
    """
    priced = points.dropna(subset=["low"])
    if priced.empty:
        return None
    priced = priced.assign(
        price=(priced.low * priced.high) ** 0.5,
        firm=(priced.firm_low + priced.firm_high) / 2,
        order=[SCOPES.index(scope) for scope in priced["scope"]],
    )
    domain = [0.8 * priced.low.min(), 1.4 * priced.high.max()]
    encoded = _scope(list(priced["scope"]))
    left = _known(priced[priced.known], points, encoded, domain)
    right = _unknown(priced[~priced.known], encoded, domain)
    panels = [panel for panel in (left, right) if panel is not None]
    chart: Chart = (
        alt.hconcat(*panels, spacing=10)
        .resolve_scale(y="shared", color="shared", shape="shared")
        .properties(title=title, description=title)
    )
    return chart


TICKS = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500]


def _log(domain: list[float]) -> alt.Scale:
    return alt.Scale(type="log", domain=domain, nice=False)


def _known(rows: pd.DataFrame, points: pd.DataFrame, encoded: Any, domain: list[float]) -> Any:
    axis = alt.Axis(values=TICKS, format="~r")
    y = alt.Y("price:Q", title=PRICE, scale=_log(domain), axis=axis)
    x = alt.X(
        "firm:Q",
        title="share of the headline that is firm at signing",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format=".0%", tickCount=5, grid=True),
    )
    labels = rows.assign(label=_spread(rows.price, domain))
    base = alt.Chart(rows).encode(x=x, y=y, color=encoded["color"], tooltip=TIP)
    text = alt.Chart(labels).mark_text(align="left", dx=8, fontSize=12)
    own = text.transform_filter("datum.own").mark_text(
        align="left", dx=8, fontSize=12, fontWeight="bold"
    )
    at: dict[str, Any] = {"x": alt.X("firm_high:Q"), "y": alt.Y("label:Q")} | {
        "text": alt.Text("name:N")
    }
    layers = [
        base.mark_rule(strokeWidth=2).encode(x=alt.X("firm_low:Q"), x2=alt.X2("firm_high:Q")),
        base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q")),
        _marks(base, encoded),
        text.transform_filter("!datum.own").encode(**at),
        own.encode(**at),
    ]
    bare = points[points.own & points.low.isna()]
    if len(bare):
        band = bare.assign(low=domain[0], high=domain[1], label=domain[1])
        shade = alt.Chart(band).encode(
            x=alt.X("firm_low:Q"), x2=alt.X2("firm_high:Q"), tooltip=TIP[:2]
        )
        layers.append(
            shade.mark_rect(opacity=0.18, color=OWN).encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q"))
        )
        words = alt.Chart(band.assign(name=band.name + ": no price")).encode(**at)
        layers.append(words.mark_text(align="left", dx=6, dy=10, fontSize=12, fontWeight="bold"))
    head = alt.TitleParams("termination terms known", fontSize=13, fontWeight="normal")
    return alt.layer(*layers).properties(width=300, height=HEIGHT, title=head)


def _unknown(rows: pd.DataFrame, encoded: Any, domain: list[float]) -> Any:
    if rows.empty:
        return None
    table = rows.sort_values(["order", "price"], ascending=[True, False])
    x = alt.X(
        "id:N",
        sort=list(table.id),
        title="one deal each; 0 % to 100 % may be firm",
        axis=alt.Axis(labels=False, ticks=False),
    )
    scale = _log(domain)
    low = alt.Y("low:Q", axis=None, scale=scale)
    base = alt.Chart(table).encode(x=x, color=encoded["color"], tooltip=TIP)
    mid = base.encode(y=alt.Y("price:Q", axis=None, scale=scale))
    text = base.mark_text(angle=270, align="left", baseline="middle", dx=7, fontSize=11, clip=True)
    layers = [
        base.mark_rule(strokeWidth=2).encode(y=low, y2=alt.Y2("high:Q")),
        _marks(mid, encoded),
        text.encode(y=alt.Y("high:Q"), text=alt.Text("name:N"), color=alt.ColorValue("#30363D")),
    ]
    head = alt.TitleParams("termination terms not public", fontSize=13, fontWeight="normal")
    width = max(90, 19 * len(table))
    return alt.layer(*layers).properties(width=width, height=HEIGHT, title=head)


def _marks(base: alt.Chart, encoded: Any) -> alt.Chart:
    edge = alt.condition("datum.own", alt.value(OWN), alt.value("white"))
    size = alt.condition("datum.own", alt.value(170), alt.value(90))
    marks: alt.Chart = base.mark_point(filled=True, opacity=1, strokeWidth=2)
    drawn: alt.Chart = marks.encode(shape=encoded["shape"], stroke=edge, size=size)
    return drawn


TIP: list[Any] = [
    alt.Tooltip("name:N", title="deal"),
    alt.Tooltip("scope:N"),
    alt.Tooltip("low:Q", format=",.2f", title="bn $/GW-year, low"),
    alt.Tooltip("high:Q", format=",.2f", title="bn $/GW-year, high"),
    alt.Tooltip("firm_low:Q", format=".1%", title="firm, low"),
    alt.Tooltip("firm_high:Q", format=".1%", title="firm, high"),
    alt.Tooltip("how:N", title="imputed"),
]


def _spread(prices: pd.Series, domain: list[float]) -> pd.Series:
    """Where labels go on the log axis so that none lies on another: pushed down from the top."""
    step = (domain[1] / domain[0]) ** (GAP_PX / HEIGHT)
    placed, below = {}, math.inf
    for index, price in prices.sort_values(ascending=False).items():
        placed[index] = below = min(price, below / step)
    return pd.Series(placed).reindex(prices.index)


def ranking(table: pd.DataFrame, *, title: str) -> Chart | None:
    """Price intervals of each scope, dearest first, with the ranks that they leave open.

    `table` is `precedent.ranking`.
    """
    if table.empty:
        return None
    data = table.assign(
        rank=[
            f"{best}" if best == worst else f"{best} to {worst}"
            for best, worst in zip(table.best_rank, table.worst_rank, strict=True)
        ],
        price=(table.low * table.high) ** 0.5,
        shown=[f"▸ {n}" if own else n for n, own in zip(table.name, table.own, strict=True)],
    )
    ends = [0.9 * data.low.min(), 1.5 * data.high.max()]
    scale = _log(ends)
    panels = []
    last = list(dict.fromkeys(data["scope"]))[-1]
    for scope, rows in data.groupby("scope", sort=False):
        title_x = PRICE if scope == last else None
        axis = alt.Axis(values=TICKS, format="~r", labels=scope == last, grid=True)
        base = alt.Chart(rows).encode(
            y=alt.Y("shown:N", sort=list(rows.shown), title=None, axis=alt.Axis(labelLimit=310)),
            color=_scope([str(scope)], legend=False)["color"],
            tooltip=[*TIP, alt.Tooltip("rank:N")],
        )
        bar = base.mark_bar(height=9, minBandSize=3, strokeWidth=1.5).encode(
            x=alt.X("low:Q", title=title_x, scale=scale, axis=axis),
            x2=alt.X2("high:Q"),
            stroke=alt.condition("datum.own", alt.value(OWN), alt.value(None)),
        )
        point = base.transform_filter("datum.low == datum.high").mark_point(
            filled=True, size=70, opacity=1
        )
        text = base.mark_text(align="left", dx=6, fontSize=12, color="#30363D")
        words = text.encode(
            x=alt.X("high:Q"), text=alt.Text("rank:N"), color=alt.ColorValue("#30363D")
        )
        head = alt.TitleParams(
            f"{scope}: rank by price", fontSize=13, anchor="start", frame="bounds", offset=4
        )
        layers = alt.layer(bar, point.encode(x=alt.X("high:Q")), words)
        panels.append(layers.properties(width=380, height=21 * len(rows), title=head))
    chart: Chart = (
        alt.vconcat(*panels, spacing=8)
        .resolve_scale(color="independent")
        .properties(title=title, description=title)
    )
    return chart


HALVES = alt.Axis(format=".0%", values=[0, 0.5, 1])
SHARE = alt.X(
    "offered_share:Q",
    title="share of labs' idle capacity offered for rent",
    axis=alt.Axis(format=".0%", tickCount=5),
)


def rents(table: pd.DataFrame, *, title: str) -> Chart | None:
    """How far rents fall by what is offered: a line an elasticity, pale where rivals withdraw.

    `table` is `market.response.adoption`.
    """
    if table.empty:
        return None
    keys = ["offered_share", "demand"]
    bands = table.groupby(keys).price_ratio.agg(low="min", high="max").reset_index()
    data = bands.assign(
        fall=bands.low - 1, least=bands.high - 1, name=[f"{e:g}" for e in bands.demand]
    )
    names = [f"{e:g}" for e in sorted(set(bands.demand))]
    base = alt.Chart(data).encode(
        x=SHARE,
        color=alt.Color(
            "name:N",
            title="% more demand for 1 % lower rent:",
            scale=alt.Scale(domain=names, range=PALETTE[1 : len(names) + 1]),
        ),
        tooltip=[
            alt.Tooltip("name:N", title="elasticity of demand"),
            alt.Tooltip("offered_share:Q", format=".0%"),
            alt.Tooltip("fall:Q", format=".1%", title="rent, rivals stay"),
            alt.Tooltip("least:Q", format=".1%", title="rent, rivals withdraw"),
        ],
    )
    axis = alt.Axis(format=".0%", tickCount=6)
    area = base.mark_area(opacity=0.18).encode(
        y=alt.Y("fall:Q", title="rents against today's", axis=axis), y2=alt.Y2("least:Q")
    )
    line = base.mark_line(strokeDash=[6, 4]).encode(y=alt.Y("fall:Q"))
    chart: Chart = alt.layer(area, line).properties(title=title, description=title, height=260)
    return chart


def kept(table: pd.DataFrame, names: dict[str, str], *, title: str) -> Chart | None:
    """What is left of each agreement's paper if all that is open is let anew, by what is offered.

    `table` is `adoption.kept`; pale over all elasticities, dashed at the middle one, green is firm.
    """
    if table.empty:
        return None
    middle = sorted(set(table.demand))[len(set(table.demand)) // 2]
    keys = ["agreement", "offered_share"]
    band = table.groupby(keys).kept_share.agg(low="min", high="max").reset_index()
    line = table[(table.demand == middle) & (table.supply == table.supply.min())]
    data = band.merge(line[[*keys, "kept_share", "kept_usd", "firm_usd", "headline_usd"]], on=keys)
    data = data.assign(
        firm=data.firm_usd / data.headline_usd,
        name=data.agreement.map(names),
        bn=data.kept_usd / 1e9,
    )
    base = alt.Chart(data).encode(
        x=alt.X("offered_share:Q", title="idle offered", axis=HALVES),
        tooltip=[
            alt.Tooltip("name:N", title="agreement"),
            alt.Tooltip("offered_share:Q", format=".0%"),
            alt.Tooltip("kept_share:Q", format=".1%", title="kept"),
            alt.Tooltip("bn:Q", format=",.2f", title="kept, $bn"),
            alt.Tooltip("firm:Q", format=".1%", title="firm"),
        ],
    )
    of = "kept, of the headline left"
    y = alt.Y(
        "low:Q",
        title=of,
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format=".0%", tickCount=5),
    )
    firm = base.mark_area(color=FIRM, opacity=0.35).encode(y=alt.Y("firm:Q", title=of))
    fan = base.mark_area(color=NEUTRAL, opacity=0.25).encode(y=y, y2=alt.Y2("high:Q"))
    middle_line = base.mark_line(color="#30363D", strokeDash=[6, 4]).encode(y=alt.Y("kept_share:Q"))
    chart: Chart = (
        alt.layer(firm, fan, middle_line)
        .properties(width=175, height=190)
        .facet(alt.Facet("name:N", title=None, sort=list(names.values())), columns=3, spacing=34)
        .properties(title=title, description=title)
    )
    return chart
