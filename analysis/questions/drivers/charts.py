"""Charts of what drives the answer: tornado beside shares of variance, fan, heatmap."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import altair as alt
import pandas as pd

from analysis.page.choose import Control, chosen, in_words
from analysis.page.spans import PROJECTED
from analysis.page.theme import DECIMALS, FIRM, NEUTRAL, OPEN, TIME, dated, day, money

ALONE, TOGETHER = "alone", "with other inputs"
ROW, BAR = 52, 18  # pixels of height for an input, and for its bar
WIDTH, LETTER, GAP = 320, 7, 6  # pixels: of the bars, of a letter beside them, and before it
MOST_WORDS = 0.35  # of the width, for the words on one side
PALE = "#E8F1F8"


def drivers(table: pd.DataFrame, *, title: str) -> alt.ConcatChart | None:
    """Each input's range of results, one at a time, beside its share of the variance.

    `table` is that of `drivers.Drivers`; None where nothing varies.
    """
    if table.empty or not table.variance.max() > 0:
        return None
    panels = [_tornado(table), _shares(table)]
    chart: alt.ConcatChart = alt.concat(*panels, columns=len(panels), spacing=20).properties(
        title=title, description=title
    )
    return chart


def _tornado(table: pd.DataFrame) -> Any:
    scale, unit = money([*table.low, *table.high, *table.base])
    rises = table.low <= table.high
    bars = table.assign(
        least=table[["low", "high", "base"]].min(axis=1) / scale,
        most=table[["low", "high", "base"]].max(axis=1) / scale,
        start=table.base / scale,
        left=table.at_low.where(rises, table.at_high),
        right=table.at_high.where(rises, table.at_low),
    )
    before_share, after_share = (_room(bars[side]) for side in ("left", "right"))
    span = (bars.most.max() - bars.least.min()) / (1 - before_share - after_share)
    domain = [bars.least.min() - before_share * span, bars.most.max() + after_share * span]
    x = alt.X(
        "least:Q",
        title=f"{unit}, one input at a time",
        scale=alt.Scale(domain=domain, zero=False, nice=False),
        axis=alt.Axis(tickCount=4, grid=True),
    )
    ends = (("least", f"least, {unit}"), ("start", f"in use, {unit}"), ("most", f"most, {unit}"))
    base = _by_input(
        bars,
        [
            *(
                alt.Tooltip("label:N"),
                alt.Tooltip("left:N", title="from"),
                alt.Tooltip("right:N", title="to"),
            ),
            *(alt.Tooltip(f"{end}:Q", format=DECIMALS, title=name) for end, name in ends),
        ],
    )
    before = base.mark_text(align="right", dx=-GAP, fontSize=12).encode(
        x=alt.X("least:Q"), text=alt.Text("left:N")
    )
    after = base.mark_text(align="left", dx=GAP, fontSize=12).encode(
        x=alt.X("most:Q"), text=alt.Text("right:N")
    )
    middle = alt.Chart(bars[:1]).encode(x=alt.X("start:Q"))
    words = f"'in use ' + format(datum.start, '{DECIMALS}')"
    return alt.layer(
        base.mark_bar(color=NEUTRAL, height=BAR).encode(x=x, x2=alt.X2("most:Q")),
        before,
        after,
        _labels(base),
        middle.mark_rule(color="#111111", strokeWidth=2),
        middle.transform_calculate(words=words)
        .mark_text(dy=-9, fontSize=12, fontWeight="bold")
        .encode(y=alt.YValue(0), text=alt.Text("words:N")),
    ).properties(width=WIDTH, height=ROW * len(bars))


def _room(words: pd.Series) -> float:
    """The share of the width that the longest words beside a bar take."""
    longest: int = words.astype(str).str.len().max()
    return min(MOST_WORDS, (longest * LETTER + GAP) / WIDTH)


def _shares(table: pd.DataFrame) -> Any:
    alone = table["first"].clip(lower=0)
    parts = pd.concat(
        [
            table.assign(part=ALONE, start=0.0, end=alone),
            table.assign(part=TOGETHER, start=alone, end=table.total),
        ]
    )
    colour = alt.Color(
        "part:N",
        title=None,
        scale=alt.Scale(domain=[ALONE, TOGETHER], range=[FIRM, OPEN]),
        legend=alt.Legend(orient="bottom"),
    )
    shares = (("first", "alone"), ("total", "total"))
    base = _by_input(
        parts,
        [
            alt.Tooltip("label:N"),
            *(alt.Tooltip(f"{s}:Q", format=".1%", title=name) for s, name in shares),
        ],
    )
    x = alt.X(
        "start:Q",
        title="total share of the variance",
        scale=alt.Scale(domain=[0, 1.2], nice=False),
        axis=alt.Axis(format=".0%", values=[0, 0.5, 1]),
    )
    total = base.transform_filter(f"datum.part == '{TOGETHER}'")
    return alt.layer(
        base.mark_bar(height=BAR).encode(x=x, x2=alt.X2("end:Q"), color=colour),
        total.mark_text(align="left", dx=6, fontSize=12).encode(
            x=alt.X("end:Q"), text=alt.Text("total:Q", format=".1%")
        ),
        _labels(total),
    ).properties(width=290, height=ROW * len(table))


def _by_input(table: pd.DataFrame, tooltip: list[Any]) -> alt.Chart:
    """A row an input, in the order of the table."""
    order = list(dict.fromkeys(table.label))
    chart: alt.Chart = alt.Chart(table).encode(
        y=alt.Y("label:N", sort=order, title=None, axis=None), tooltip=tooltip
    )
    return chart


def _labels(base: alt.Chart) -> alt.Chart:
    """The input's name above its bar, so that a narrow screen keeps its width for the bars."""
    text = base.mark_text(align="left", dy=-BAR, color="#30363D")
    chart: alt.Chart = text.encode(x=alt.XValue(0), text=alt.Text("label:N"))
    return chart


def choose(
    amounts: pd.DataFrame,
    sentences: pd.DataFrame,
    *,
    questions: Mapping[str, str],
    own: Collection[str],
    start: tuple[str, date],
    title: str,
) -> alt.LayerChart:
    """How far each input alone moves the answer to the question, seen from the day, one chooses.

    The tables are those of `statements.driven.moved`; `start` is the choice first shown. Green is
    what the text leaves open, the inputs in `own`; grey what is assumed.
    """
    question, seen = start
    controls = [
        Control(column="question", label="Question", words=questions, start=question),
        Control(
            column="day", label="Seen from", words=in_words(amounts.day), start=seen.isoformat()
        ),
    ]
    colours = {what: FIRM if what in own else NEUTRAL for what in dict.fromkeys(amounts.what)}
    axis = "moves the answer by"
    return chosen(amounts, sentences, controls, axis=axis, colours=colours, title=title)


def fan(table: pd.DataFrame, *, title: str) -> Any:
    """Receipts added up: eight in ten pale, half darker, the median, and what is stated.

    `table` is `drivers.fan`.
    """
    if table.empty:
        return None
    scale, unit = money(table.stated)
    numbers = ["q10", "q25", "q50", "q75", "q90", "expected", "stated"]
    data = dated(table).assign(**{name: table[name] / scale for name in numbers})
    tip: list[Any] = [day("date")]
    tip += [alt.Tooltip(f"{name}:Q", format=DECIMALS, title=f"{name}, {unit}") for name in numbers]
    base = alt.Chart(data).encode(x=alt.X("date:T", title=None, axis=TIME), tooltip=tip)
    title_y = f"received since then, {unit}"
    lines = data.melt("date", ["stated", "expected", "q50"], "line", "usd").replace(
        {"line": {"stated": "if nobody leaves", "expected": "mean", "q50": "median"}}
    )
    names = ["if nobody leaves", "mean", "median"]
    drawn = (
        alt.Chart(lines)
        .mark_line(strokeDash=PROJECTED)
        .encode(
            x=alt.X("date:T"),
            y=alt.Y("usd:Q", title=title_y),
            color=alt.Color(
                "line:N",
                title=None,
                scale=alt.Scale(domain=names, range=[NEUTRAL, FIRM, "#111111"]),
                legend=alt.Legend(symbolType="stroke", symbolStrokeWidth=3, symbolSize=300),
            ),
        )
    )
    chart: Any = alt.layer(
        base.mark_area(color="#DDE1E6").encode(y=alt.Y("q10:Q", title=title_y), y2=alt.Y2("q90:Q")),
        base.mark_area(color="#B6BDC7").encode(y=alt.Y("q25:Q", title=title_y), y2=alt.Y2("q75:Q")),
        drawn,
    ).properties(title=title, description=title, height=300)
    return chart


def heatmap(table: pd.DataFrame, *, title: str) -> alt.Chart | None:
    """What is firm by reading and by the month that it is seen from.

    `table` is `drivers.through_time`.
    """
    if table.empty:
        return None
    scale, unit = money(table.firm_usd)
    order = list(dict.fromkeys(table.reading))
    data = dated(table).assign(amount=table.firm_usd / scale)
    data["until"] = data.groupby("reading").as_of.shift(-1)
    data["until"] = data["until"].fillna(data.as_of + pd.DateOffset(months=1))
    chart: alt.Chart = (
        alt.Chart(data)
        .mark_bar(height={"band": 0.94}, stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X("as_of:T", title="seen from", axis=TIME),
            x2=alt.X2("until:T"),
            y=alt.Y("reading:N", sort=order, title=None),
            color=alt.Color(
                "amount:Q",
                title=f"firm, {unit}",
                scale=alt.Scale(range=[PALE, "#08519C"], zero=True),
                legend=alt.Legend(gradientLength=160),
            ),
            tooltip=[
                alt.Tooltip("reading:N"),
                day("as_of"),
                alt.Tooltip("amount:Q", format=DECIMALS, title=f"firm, {unit}"),
                alt.Tooltip("firmness:Q", format=".1%"),
            ],
        )
        .properties(title=title, description=title, height=40 * len(order))
    )
    return chart
