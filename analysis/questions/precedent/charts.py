"""Charts of one agreement among other deals: the map, the order by price, and cheaper rents."""

import math
from typing import Any

import altair as alt
import pandas as pd

from analysis.page.marks import heads, line_key, row
from analysis.page.theme import FIRM, NEUTRAL, PALETTE

Chart = alt.TopLevelMixin
SCOPES = ["bare metal", "managed cloud", "hosting", "scope not known"]
COLOURS = ["#8B5FBF", "#B27B00", "#7A6A00", NEUTRAL]
SHAPES = ["circle", "triangle-up", "square", "diamond"]
PRICE = "bn $ per GW of facility power and year"
OWN = "#111111"
HEIGHT, WIDTH = 430, 280  # pixels; two panels side by side, or one on a small screen
GAP_PX = 16  # of height for a line of a label
UP, LETTER = 15, 6  # pixels: of width for a deal written upwards, of height for a letter of it
BOLD = 7  # pixels of width for a letter of a label
MOST = 0.6  # of the height for a deal written upwards
ROW = 32  # pixels of height for a bar and its label
RANK_PX = 60  # of width for a rank beside its bar


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
    least, most = 0.8 * priced.low.min(), 1.4 * priced.high.max()
    upright = priced[~priced.known]
    above = (upright.name.str.len() * LETTER / HEIGHT).clip(upper=MOST)
    domain = [least, max([most, *_reaching(upright.high, above, least)])]
    encoded = _scope(list(priced["scope"]))
    left = _known(priced[priced.known], points, encoded, domain)
    right = _unknown(upright, encoded, domain)
    panels = [panel for panel in (left, right) if panel is not None]
    chart: Chart = (
        alt.concat(*panels, columns=len(panels), spacing=10)
        .resolve_scale(y="shared", color="shared", shape="shared")
        .properties(title=title, description=title)
    )
    return chart


TICKS = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500]


def _log(domain: list[float]) -> alt.Scale:
    return alt.Scale(type="log", domain=domain, nice=False)


def _reaching(highs: pd.Series, shares: pd.Series | float, least: float) -> pd.Series:
    """Where a log axis from `least` must end so that above each of `highs` a share of it is free.

    >>> _reaching(pd.Series([10.0]), 0.5, 1.0).tolist()
    [100.0]
    """
    ends: pd.Series = least * (highs / least) ** (1 / (1 - shares))
    return ends


def _prices(field: str, scale: alt.Scale) -> alt.Y:
    return alt.Y(f"{field}:Q", title=PRICE, scale=scale, axis=alt.Axis(values=TICKS, format="~r"))


def _known(rows: pd.DataFrame, points: pd.DataFrame, encoded: Any, domain: list[float]) -> Any:
    y = _prices("price", _log(domain))
    x = alt.X(
        "firm:Q",
        title="share of the headline that is firm at signing",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format=".0%", tickCount=5, grid=True, labelFlush=True),
    )
    labels = _lined(rows)
    labels = labels.assign(label=_spread(rows.price, labels.lines.str.count("\n") + 1, domain))
    base = alt.Chart(rows).encode(x=x, y=y, color=encoded["color"], tooltip=TIP)
    bold = alt.ExprRef("datum.own ? 'bold' : 'normal'")
    at: dict[str, Any] = {"x": alt.X("firm_high:Q"), "y": alt.Y("label:Q")} | {
        "text": alt.Text("lines:N")
    }
    text: dict[str, Any] = {"align": "left", "fontSize": 12, "lineBreak": "\n", "lineHeight": 14}
    layers = [
        base.mark_rule(strokeWidth=2).encode(x=alt.X("firm_low:Q"), x2=alt.X2("firm_high:Q")),
        base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q")),
        _marks(base, encoded),
        alt.Chart(labels).mark_text(**text, dx=8, fontWeight=bold).encode(**at),
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
        words = alt.Chart(_lined(band.assign(name=band.name + ", no price")))
        layers.append(words.mark_text(**text, dx=6, dy=10, fontWeight="bold").encode(**at))
    head = alt.TitleParams("termination terms known", fontSize=13, fontWeight="normal")
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, title=head)


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
    low, price = (_prices(field, _log(domain)) for field in ("low", "price"))
    base = alt.Chart(table).encode(x=x, color=encoded["color"], tooltip=TIP)
    mid = base.encode(y=price)
    text = base.mark_text(angle=270, align="left", baseline="middle", dx=7, fontSize=11, clip=True)
    layers = [
        base.mark_rule(strokeWidth=2).encode(y=low, y2=alt.Y2("high:Q")),
        _marks(mid, encoded),
        text.encode(y=alt.Y("high:Q"), text=alt.Text("name:N"), color=alt.ColorValue("#30363D")),
    ]
    head = alt.TitleParams("termination terms not public", fontSize=13, fontWeight="normal")
    return alt.layer(*layers).properties(width=max(90, UP * len(table)), height=HEIGHT, title=head)


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
    alt.Tooltip("bound:N", title="value stated as"),
    alt.Tooltip("firm_low:Q", format=".1%", title="firm, low"),
    alt.Tooltip("firm_high:Q", format=".1%", title="firm, high"),
    alt.Tooltip("how:N", title="imputed"),
]


def _lined(rows: pd.DataFrame) -> pd.DataFrame:
    """Names in lines: what is bought below who sells it to whom, the buyer too if room is short."""
    room = (1 - rows.firm_high) * WIDTH / BOLD
    lines = [name.replace(", ", "\n") for name in rows.name]
    short = [max(map(len, text.split("\n"))) > free for text, free in zip(lines, room, strict=True)]
    return rows.assign(
        lines=[
            text.replace(" – ", " –\n") if tight else text
            for text, tight in zip(lines, short, strict=True)
        ]
    )


def _spread(prices: pd.Series, lines: pd.Series, domain: list[float]) -> pd.Series:
    """Where labels go on the log axis so that none lies on another: pushed down from the top."""
    step = (domain[1] / domain[0]) ** (GAP_PX / HEIGHT)
    placed, free, high = {}, math.inf, dict(lines.items())
    for index, price in prices.sort_values(ascending=False).items():
        placed[index] = at = min(price, free)
        free = at / step ** high[index]
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
    least = 0.9 * data.low.min()
    most = _reaching(data.high, RANK_PX / WIDTH, least).max()
    order = []
    for scope, rows in data.groupby("scope", sort=False):
        order += [str(scope), *rows.id]
    base = alt.Chart(data).encode(
        **row("id", order),
        color=_scope(list(data["scope"]), legend=False)["color"],
        tooltip=[*TIP, alt.Tooltip("rank:N")],
    )
    x = alt.X(
        "low:Q",
        title=PRICE,
        scale=_log([least, most]),
        axis=alt.Axis(values=TICKS, format="~r", orient="top", grid=True),
    )
    bar = base.mark_bar(height=10, minBandSize=3, strokeWidth=1.5).encode(
        x=x,
        x2=alt.X2("high:Q"),
        stroke=alt.condition("datum.own", alt.value(OWN), alt.value(None)),
    )
    point = base.transform_filter("datum.low == datum.high").mark_point(
        filled=True, size=70, opacity=1
    )
    text = base.mark_text(align="left", dx=6, fontSize=12)
    words = text.encode(x=alt.X("high:Q"), text=alt.Text("rank:N"), color=alt.ColorValue("#30363D"))
    scopes = data.drop_duplicates("scope").assign(
        id=lambda t: t["scope"], words=lambda t: t["scope"] + ": rank by price"
    )
    head = alt.Chart(scopes).mark_text(align="left", fontWeight="bold")
    layers = [
        *(bar, point.encode(x=alt.X("high:Q")), words, heads(data, "id", order, text="shown")),
        head.encode(x=alt.XValue(0), text=alt.Text("words:N"), **row("id", order)),
    ]
    chart: Chart = alt.layer(*layers).properties(
        title=title, description=title, height=ROW * len(order)
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
            legend=line_key(titleOrient="top"),
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
