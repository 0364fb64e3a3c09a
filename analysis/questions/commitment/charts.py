"""Charts of what is committed: the term in stretches, a choice, and the bridge."""

from typing import Any

import altair as alt
import pandas as pd

from analysis.contract import ladder as steps
from analysis.models.units import CENT_USD
from analysis.page.choose import Control, chosen, in_words, per_cent
from analysis.page.shapes import marked, tips, uncoded, waterfall
from analysis.page.theme import FIRM, NEUTRAL, OPEN, TIME, dated, day, money, today
from analysis.questions.commitment.answer import Answer
from analysis.questions.commitment.tables import every

BAR = 11  # pixels of half a bar
PHASES = {"served": "#8A93A0", "committed": FIRM, "cancellable": "#E3E6EA"}
MARKS = {"full fee": "square", "lock-in ends": "triangle-up", "first end, at start": "diamond"}
PARTS = {"all fees": NEUTRAL, "deductions": OPEN, "committed": FIRM}


def timeline(found: Answer) -> Any:
    """The term under each interpretation: served, committed, cancellable; with the days between."""
    windows, marks = dated(found.windows), dated(found.marks)
    order = list(dict.fromkeys(windows.label))
    y = alt.Y("label:N", sort=order, axis=None)
    kind: dict[str, Any] = {"title": None, "legend": alt.Legend(orient="bottom", labelLimit=320)}
    phases = alt.Scale(domain=list(PHASES), range=list(PHASES.values()))
    held = [mark for mark in MARKS if mark in set(marks.mark)]
    shapes = alt.Scale(domain=held, range=[MARKS[mark] for mark in held])
    stretches = alt.Chart(windows).mark_bar(height=2 * BAR, yOffset=BAR)
    points = alt.Chart(marks).mark_point(
        size=90, filled=True, opacity=1, stroke="white", strokeWidth=1, yOffset=BAR
    )
    named = {"label": order, "name": [*map(uncoded, order)], "day": found.as_of}
    rows = alt.Chart(dated(pd.DataFrame(named))).encode(y=y)
    words = rows.mark_text(align="left", dy=-BAR)
    stroke = rows.mark_tick(size=2 * BAR + 4, thickness=2, yOffset=BAR, color="#111111")
    _, valued = today(found.as_of)
    layers = [
        stretches.encode(
            x=alt.X("start:T", title=None, axis=TIME),
            x2=alt.X2("end:T"),
            y=y,
            color=alt.Color("phase:N", scale=phases, **kind),
            tooltip=[*tips("label", "phase"), day("start"), day("end")],
        ),
        points.encode(
            x=alt.X("date:T"),
            y=y,
            shape=alt.Shape("mark:N", scale=shapes, **kind),
            color=alt.ColorValue("#111111"),
            tooltip=[*tips("label", "mark"), day("date")],
        ),
        stroke.encode(x=alt.X("day:T")),
        valued,
        words.encode(x=alt.XValue(0), text=alt.Text("name:N")),
    ]
    apart = alt.Resolve(scale=alt.ScaleResolveMap(shape="independent"))
    return alt.layer(*layers, resolve=apart, height=46 * len(order))


def choose(found: Answer) -> Any:
    """What remains, and is committed, under the interpretation, day and rate that one chooses."""
    amounts, sentences = found.choices
    labels, days = every(found.position), in_words(amounts.day)
    rates = per_cent(sorted(set(amounts.rate.dropna())))
    start = found.as_of.isoformat()
    controls = [
        Control(column="reading", label="Interpretation", words=labels, start=found.reading),
        Control(column="day", label="Valued on", words=days, start=start),
        Control(column="rate", label="Discount rate", words=rates, start=found.given.rate),
    ]
    colours = dict(zip(dict.fromkeys(amounts.what), [NEUTRAL, FIRM, FIRM], strict=True))
    return chosen(amounts, sentences, controls, axis="amount", colours=colours)


def bridge(found: Answer) -> Any:
    """A waterfall from all fees at the full rate to what is committed after risk."""
    if found.full_rate_usd <= CENT_USD:
        return None
    table, end = found.bridge, "committed, risk-adjusted"
    last = {"step": end, "usd": found.bridge_end_usd, "running_usd": found.bridge_end_usd}
    counts = (table.usd.abs() > CENT_USD) | (table.index == 0)
    table = pd.concat([table[counts], pd.DataFrame([last])], ignore_index=True)
    low = (table.running_usd - table.usd).where(table.step != end, 0.0)
    part = ["all fees", *["deductions"] * (len(table) - 2), "committed"]
    return _waterfall(table.assign(part=part), low, table.running_usd)


def ladder(found: Answer) -> Any:
    """A waterfall from the total contract value to what is committed, and who stands behind it."""
    shown = found.ladder[~found.ladder.step.isin([steps.BESIDE, steps.TAKEN, steps.RISKED])]
    kind = shown.what.str.partition(", ")[0]  # of support, without what triggers it
    shown = shown.assign(what=kind.where(shown.step == steps.BACKED, shown.what))
    table = shown.groupby(["step", "what", "by"], sort=False).usd.sum().reset_index()
    split = table.step.isin([steps.BACKED, steps.UNCOVERED])
    down = table.usd.where(table.step.isin(steps.DOWN), 0.0).cumsum()
    high = down.where(~split, table.usd.where(split, 0.0).cumsum())
    kinds = dict.fromkeys(steps.DOWN, "deductions") | {steps.TOTAL: "all fees"}
    what = table.what.where(~split, table.by + ", " + table.what)
    plain = table.step.isin([steps.TOTAL, steps.FIRM, steps.CANCELLABLE])
    named = table.assign(
        step=table.step.where(plain, table.step + ": " + what),
        part=[kinds.get(step, "committed") for step in table.step],
    )
    return _waterfall(named, (high - table.usd).where(table.step != steps.FIRM, 0.0), high)


def _waterfall(table: pd.DataFrame, low: pd.Series, high: pd.Series) -> Any:
    scale, unit = money(table.usd)
    amounts = {"low": low / scale, "high": high / scale, "amount": table.usd / scale}
    return waterfall(table[["step", "part"]].assign(**amounts), PARTS, x=unit, unit=unit)


def noticed(found: Answer) -> Any:
    """What another notice would commit, and where the agreement's own stands."""
    if found.noticed.empty:
        return None
    scale, unit = money(found.noticed.committed_usd)
    amount = found.noticed.committed_usd / scale
    line = alt.Chart(found.noticed[["notice_days"]].assign(amount=amount))
    drawn = line.mark_line(point=True, color=FIRM).encode(
        x=alt.X("notice_days:Q", title="notice, days"),
        y=alt.Y("amount:Q", title=f"committed, {unit}"),
        tooltip=tips("notice_days", amount=unit),
    )
    own = marked("notice_days", found.own_notice_days, "as it stands")
    return alt.layer(drawn, *own, height=220)
