"""Charts of what drives an agreement's value: tornados, and a choice without a kernel."""

from typing import Any

import altair as alt
import pandas as pd

from analysis.page.choose import Control, chosen, in_words
from analysis.page.marks import heads, row
from analysis.page.shapes import tips
from analysis.page.theme import DECIMALS, FIRM, NEUTRAL, money
from analysis.questions.drivers.answer import LABELS, OWN, QUESTIONS, Answer

CODE = r".*\((.*)\)$"  # of an interpretation: its words, in the table, are too long for a bar
LETTER, GAP, WIDTH = 7, 6, 640  # pixels: of a letter beside a bar, before it, of the chart
MOST_WORDS = 0.35  # of the width, for the words on one side


def committed(found: Answer) -> Any:
    """The tornado of committed value."""
    return _tornado(found.committed)


def expected(found: Answer) -> Any:
    """The tornado of expected value."""
    return _tornado(found.expected)


def _tornado(table: pd.DataFrame) -> Any:
    """Each input alone over its range, its ends beside the bar, its name above."""
    if table.empty or not table.total_share.max() > 0:
        return None
    scale, unit = money([*table.low_usd, *table.high_usd, *table.base_usd])
    usd, rises = table[["low_usd", "high_usd", "base_usd"]] / scale, table.low_usd <= table.high_usd
    bars = table.assign(
        least=usd.min(axis=1),
        most=usd.max(axis=1),
        base=usd.base_usd,
        left=table.at_low.where(rises, table.at_high).str.replace(CODE, r"\1", regex=True),
        right=table.at_high.where(rises, table.at_low).str.replace(CODE, r"\1", regex=True),
    )
    before, after = (_room(bars[side]) for side in ("left", "right"))
    span = (bars.most.max() - bars.least.min()) / (1 - before - after)
    ends = [bars.least.min() - before * span, bars.most.max() + after * span]
    room, order = alt.Scale(domain=ends, zero=False, nice=False), bars.input.tolist()
    told = tips("label", "left", "right", least=f"least, {unit}", most=f"most, {unit}")
    base = alt.Chart(bars).encode(**row("input", order), tooltip=told)
    axis = alt.X("least:Q", title=f"{unit}, one input at a time", scale=room).axis(tickCount=5)
    least, most = alt.X("least:Q"), alt.X("most:Q")
    left = base.mark_text(align="right", dx=-GAP, fontSize=12)
    right = base.mark_text(align="left", dx=GAP, fontSize=12)
    use = alt.Chart(bars[:1]).encode(x=alt.X("base:Q"))
    words = f"'base case ' + format(datum.base, '{DECIMALS}')"
    return alt.layer(
        base.mark_bar(color=NEUTRAL).encode(x=axis, x2=alt.X2("most:Q")),
        left.encode(x=least, text=alt.Text("left:N")),
        right.encode(x=most, text=alt.Text("right:N")),
        heads(bars, "input", order, text="label"),
        use.mark_rule(color="#111111", strokeWidth=2),
        use.mark_text(dy=-9, fontSize=12, fontWeight="bold")
        .transform_calculate(words=words)
        .encode(y=alt.YValue(0), text=alt.Text("words:N")),
    ).properties(height=48 * len(bars))


def _room(words: pd.Series) -> float:
    """The share of the width that the longest words beside a bar take."""
    longest: int = words.astype(str).str.len().max()
    return min(MOST_WORDS, (longest * LETTER + GAP) / WIDTH)


def choose(found: Answer) -> Any:
    """How far each input alone moves the value, on the day, that one chooses."""
    amounts, sentences = found.choices
    start, days = found.seen_date.isoformat(), in_words(amounts.day)
    controls = [
        Control(column="question", label="Question", words=QUESTIONS, start="committed"),
        Control(column="day", label="Valued on", words=days, start=start),
    ]
    own = {LABELS[name] for name in OWN}
    colours = {what: FIRM if what in own else NEUTRAL for what in dict.fromkeys(amounts.what)}
    return chosen(amounts, sentences, controls, axis="moves the value by", colours=colours)
