"""Charts of what changed: clause by clause, and through time."""

from typing import Any

import altair as alt

from analysis.page.shapes import line_key, lines, tips, waterfall
from analysis.page.theme import FIRM, NEUTRAL, OPEN, TIME, day, money, today
from analysis.questions.changes.answer import Answer, clause

PARTS = {"committed": FIRM, "added": "#8B5FBF", "taken away": OPEN}


def steps(found: Answer) -> Any:
    """A waterfall from what is committed before to what is committed after."""
    table = found.steps
    moved = ["added" if usd > 0 else "taken away" for usd in table.usd[1:-1]]
    high = table.usd.cumsum().where(table.index < len(table) - 1, table.usd)
    low = high.shift(1, fill_value=0.0).where(table.index < len(table) - 1, 0.0)
    scale, unit = money([*table.usd, *high])
    amounts = {"low": low / scale, "high": high / scale, "amount": table.usd / scale}
    named = [clause(step).strip("“”") for step in table.step]
    parts = ["committed", *moved, "committed"]
    x = f"committed fees, {unit}"
    return waterfall(table.assign(step=named, part=parts, **amounts), PARTS, x=x, unit=unit)


def through_time(found: Answer) -> Any:
    """What is committed in both versions, seen from each month; the terms of two days may agree."""
    if found.since and found.differences.empty:
        return None
    table, names = found.through_time, found.names
    scale, unit = money(table.firm_usd)
    data = table.assign(amount=table.firm_usd / scale, version=table.version.map(names))
    colours = dict(zip(names.values(), [NEUTRAL, FIRM], strict=True))
    key = line_key(orient="bottom", labelLimit=600, columns=1)
    line = lines(data, "version", colours, legend=key, interpolate="step-after").encode(
        x=alt.X("as_of:T", title=None, axis=TIME),
        y=alt.Y("amount:Q", title=f"committed fees, {unit}"),
        tooltip=[*tips("version", amount=unit), day("as_of")],
    )
    return alt.layer(line, *today(found.as_of), height=230)
