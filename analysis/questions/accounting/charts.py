"""Charts of the books: the tree of judgements, and revenue and liability through time."""

from typing import Any

import altair as alt
import pandas as pd

from analysis.models.accounting.books import BACKLOG, LEASE, PAPER, SERVICE
from analysis.page import theme
from analysis.page.findings import dollars
from analysis.page.shapes import PROJECTED, bars, colour, line_key, tips
from analysis.page.theme import CUSTOMER, NEUTRAL, PROVIDER, dated, day, money
from analysis.questions.accounting.answer import Answer

WAYS = [NEUTRAL, PROVIDER, "#7DB8DC", "#C6DFF0"]
CASES = [CUSTOMER, "#F2A65A", "#6E3000", "#F7CFA6", "#111111"]
INDENT = "› "  # before an answer to a question: space alone would not be drawn
QUESTIONS = {
    BACKLOG: "Provider's books: how long is the contract?",
    SERVICE: "Customer's books: is it a lease?",
    LEASE: "Yes: how long is the lease?",
}
DEPTHS = {PAPER: 0, BACKLOG: 1, SERVICE: 1, LEASE: 2}


def outcomes(found: Answer) -> Any:
    """The tree of judgements: a question a line, an answer a bar."""
    size, unit = money(found.outcomes.usd)
    rows: list[Any] = []
    for frame, depth in DEPTHS.items():
        if frame in QUESTIONS:
            rows.append({"line": INDENT * (depth - 1) + QUESTIONS[frame], "written": ""})
        for one in found.framed(frame).to_dict("records"):
            told = {"line": INDENT * depth + _answered(one), "written": _written(one)}
            rows.append(one | told | {"low": 0.0, "high": one["usd"] / size})
    owners = {"both": PAPER, "provider": f"{found.provider}'s books"}
    owners["customer"] = f"{found.customer}'s books"
    data = pd.DataFrame(rows)
    data = data.assign(key=[f"{n:02d}" for n in range(len(data))], owner=data.party.map(owners))
    colours = dict(zip(owners.values(), [NEUTRAL, PROVIDER, CUSTOMER], strict=True))
    return bars(
        data[["key", "line", "owner", "low", "high", "written", "paragraph"]],
        "key",
        x=unit,
        written=data.written,
        tooltip=tips("line", "written", "paragraph"),
        colour=colour(data, "owner", colours, legend=alt.Legend(columns=1)),
        head="line",
    )


def _answered(one: Any) -> str:
    """What is judged, and the end of the term then."""
    if one["frame"] == SERVICE:
        return f"No{', or short' if one['short'] else ''}: nothing is recognised"
    name = PAPER if one["frame"] == PAPER else one["case"]
    return f"{name}, to {one['end'].day} {one['end']:%b %Y}"


def _written(one: Any) -> str:
    """The amount, and what an exemption for short terms allows."""
    open_ = " (need not be disclosed)" if one["frame"] == BACKLOG else " (or 0: it is short)"
    told = dollars(one["usd"])
    return f"{told}{open_ if one['short'] and one['usd'] else ''}"


def earned(found: Answer) -> Any:
    """How far revenue runs ahead of billing, or behind it, under each way to earn it."""
    if found.level or not found.earned.billed_usd.any():
        return None
    table = found.earned.assign(when=found.earned.end, usd=found.earned.balance_usd)
    return _lines(found, table, "way", WAYS, "revenue less billing")


def carried(found: Answer) -> Any:
    """The customer's lease liability through time, a line a case."""
    if not found.leased:
        return None
    table = found.carried.assign(when=found.carried.date, usd=found.carried.liability_usd)
    return _lines(found, table, "case", CASES, "lease liability")


def _lines(found: Answer, table: pd.DataFrame, by: str, colours: list[str], axis: str) -> Any:
    """A line for each of `by`: solid up to the valuation date, dashed after."""
    size, unit = money(table.usd)
    data = table.assign(amount=table.usd / size)
    past = data[data.when <= found.as_of]
    ahead = pd.concat([past.groupby(by, sort=False).tail(1), data[data.when > found.as_of]])
    drawn = [
        alt.Chart(dated(part))
        .mark_line(strokeDash=dash)
        .encode(
            x=alt.X("when:T", title=None, axis=theme.TIME),
            y=alt.Y("amount:Q", title=f"{axis}, {unit}", axis=alt.Axis(tickCount=5)),
            color=colour(data, by, colours, legend=line_key(columns=1)),
            tooltip=[*tips(by, amount=unit), day("when")],
        )
        for part, dash in ((past, [1, 0]), (ahead, PROJECTED))
        if len(part)
    ]
    today = theme.today(found.as_of) if any(table.when < found.as_of) else ()
    return alt.layer(*drawn, *today, height=240)
