"""A chart with controls that needs no kernel: it shows the row of a table that is chosen.

Every answer is worked out beforehand, for every choice; the chart filters and computes nothing.
"""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt
import pandas as pd

from analysis.page.findings import day, dollars, number
from analysis.page.theme import NEUTRAL, money

LINE = 42  # characters of a sentence's line: what a telephone shows
STEP, BAR, LEADING = 46, 16, 19  # pixels: from bar to bar, of a bar, from line to line
DIGITS = 6  # of a bar's length: a page holds thousands
BELOW = 56  # pixels from the bars to the sentence, past the axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One thing to choose: a column of the tables, its name for a reader, and the words of each
    value, in the order of the list; the first shown is `start`."""

    column: str
    label: str
    words: Mapping[Any, str]
    start: Any

    def param(self) -> alt.Parameter:
        """The list to choose from."""
        bind = alt.binding_select(
            options=list(self.words), labels=list(self.words.values()), name=self.label
        )
        return alt.param(name=self.column, value=self.start, bind=bind)


def chosen(
    amounts: pd.DataFrame,
    sentences: pd.DataFrame,
    controls: Sequence[Control],
    *,
    axis: str,
    colours: Mapping[str, str],
) -> alt.LayerChart:
    """A bar for each amount of the choice, with its number, and the sentence of the choice.

    `amounts` has `what, usd` and, where it is not the amount, `text`; `sentences` has `sentence`;
    both have a column for each control, empty in a row that holds whatever is chosen. `axis` says
    what is measured, the unit follows it; bars keep one scale and one place each.
    """
    scale, unit = money(amounts.usd)
    if "text" not in amounts:
        amounts = amounts.assign(text=[str(dollars(each)) for each in amounts.usd])
    data = amounts.drop(columns=["usd", "text"]).assign(
        amount=(amounts.usd / scale).round(DIGITS), label=amounts.what + ": " + amounts.text
    )
    names, range_ = list(colours), list(colours.values())
    bars = _filtered(data, controls).encode(
        y=alt.Y("what:N", scale=alt.Scale(domain=names), title=None, axis=None),
        tooltip=alt.Tooltip("label:N", title=axis),
    )
    ends = [min(0.0, float(data.amount.min())), max(0.0, float(data.amount.max()))]
    form = alt.Axis(tickCount=6)
    bar = bars.mark_bar(height=BAR, yOffset=9).encode(
        x=alt.X("amount:Q", title=f"{axis}, {unit}", scale=alt.Scale(domain=ends), axis=form),
        x2=alt.X2Datum(0.0),
        color=alt.Color("what:N", legend=None, scale=alt.Scale(domain=names, range=range_)),
    )
    text = bars.mark_text(align="left", dy=-11, fontSize=14, fontWeight="bold")
    zero = bars.mark_tick(color=NEUTRAL, height=BAR + 6, yOffset=9).encode(x=alt.XDatum(0.0))
    height = STEP * len(colours)
    said = _filtered(_wrapped(sentences), controls).mark_text(
        align="left", baseline="top", fontSize=14, lineHeight=LEADING
    )
    layers = [
        bar,
        zero,
        text.encode(x=alt.XValue(0), text=alt.Text("label:N")),
        said.encode(
            x=alt.XValue(0),
            y=alt.YValue(height + BELOW),
            text=alt.Text("sentence:N"),
            tooltip=alt.TooltipValue(None),
        ).properties(name="said"),
    ]
    live: Any = alt.layer(*layers, height=height)
    chart: alt.LayerChart = live.add_params(*(control.param() for control in controls))
    return chart


def per_cent(shares: Sequence[float]) -> dict[float, str]:
    """Shares with the words of a list.

    >>> per_cent([0.0, 0.125])
    {0.0: '0 %', 0.125: '12.5 %'}
    """
    return {share: f"{number(100 * share, 4)} %" for share in shares}


def in_words(days: Iterable[str]) -> dict[str, str]:
    """Days, in order, with the words of a list.

    >>> in_words(["2026-11-23"])
    {'2026-11-23': '23 November 2026'}
    """
    return {text: str(day(date.fromisoformat(text))) for text in sorted(set(days))}


def _filtered(table: pd.DataFrame, controls: Sequence[Control]) -> alt.Chart:
    """A chart of the rows that hold for what is chosen."""
    chart = alt.Chart(table)
    for column in (control.column for control in controls):
        if column in table:
            chart = chart.transform_filter(
                f"!isValid(datum.{column}) || datum.{column} === {column}"
            )
    return chart


def _wrapped(sentences: pd.DataFrame) -> pd.DataFrame:
    """The sentences in lines, as many of each, so that the chart keeps its size."""
    lines = [textwrap.wrap(sentence, LINE) for sentence in sentences.sentence]
    most = max(map(len, lines), default=0)
    padded: Any = [[*own, *[" "] * (most - len(own))] for own in lines]
    return sentences.assign(sentence=padded)
