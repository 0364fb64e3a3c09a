"""Charts of a site and the fees that pay for it."""

from dataclasses import replace
from typing import Any

import altair as alt
import pandas as pd

from analysis.contract import readings
from analysis.models.provider.site import BASE
from analysis.page.choose import Control, chosen, per_cent
from analysis.page.findings import dollars, finding, share, span, usd
from analysis.page.shapes import PROJECTED, bars, line_key, row, tips
from analysis.page.theme import FIRM, NEUTRAL, PROVIDER, money
from analysis.questions.site.answer import Answer

STAYS, LEAVES = "if nobody leaves", "if the customer leaves early"
NAMED = 1.15  # of the term, for the names at the ends of lines


def paid_back(found: Answer) -> Any:
    """How fast fees pay back if nobody leaves, for each capex; what was served is solid."""
    size, unit = money(found.paid_back.usd)
    table = found.paid_back.assign(amount=found.paid_back.usd / size, ahead=STAYS)
    past = found.served_months
    done = table[table.month <= past].assign(ahead="served")
    end = table.month.max()
    months = alt.Scale(domain=[0, NAMED * end], nice=False)
    halves = alt.Axis(values=list(range(0, end + 1, 6)), labelOverlap=True)
    base = alt.Chart(pd.concat([done, table[table.month >= past]])).encode(
        x=alt.X("month:Q", title="months of service", scale=months, axis=halves),
        y=alt.Y(
            "amount:Q",
            title=f"cash less capex (low, base, high), {unit}",
            axis=alt.Axis(grid=False),
        ),
        detail=alt.Detail("case:N"),
        tooltip=tips("case", "month", amount=unit),
    )
    dashes = alt.Scale(domain=["served", STAYS], range=[[1, 0], PROJECTED])
    dash = alt.StrokeDash("ahead:N", title=None, scale=dashes, legend=line_key())
    last = table[table.month == end].replace({"case": " capex"}, {"case": ""}, regex=True)
    named = base.mark_text(align="left", dx=6, fontSize=12).encode(text=alt.Text("case:N"))
    zero = alt.Chart().mark_rule(color=NEUTRAL, strokeDash=[4, 3]).encode(y=alt.YDatum(0))
    line = base.mark_line(color=PROVIDER).encode(strokeDash=dash)
    return alt.layer(line, named.properties(data=last), zero, height=260)


def committed(found: Answer) -> Any:
    """A bar from low to high for each interpretation, a tick at base; of one a tile says it."""
    table = found.committed
    if len(table) == 1:
        return None
    ends = (
        table[end].map(lambda value: replace(share(value), digits=3)) for end in ("low", "high")
    )
    tick = alt.Chart(table).mark_tick(color=FIRM, thickness=4)
    told = [alt.Tooltip("reading:N", title="interpretation")]
    told += [alt.Tooltip(f"{end}:Q", format=".0%") for end in ("low", "value", "high")]
    return bars(
        table,
        "reading",
        x="committed fees ÷ capex",
        written=list(map(span, *ends)),
        tooltip=told,
        more=[tick.encode(**row("reading", table.reading.tolist()), x=alt.X("value:Q"))],
        form=".0%",
        color=FIRM,
        opacity=0.45,
    )


CHOICE = (
    "At {rate} a year and a capex of {capex}, “{reading}” commits {fees}: NPV is {stays} if nobody "
    "leaves"
)
LEFT = ", {leaves} if the customer leaves early"


def choose(found: Answer) -> Any:
    """Net present value under the interpretation, capex and rate that one chooses."""
    keys = {"reading": "reading", "case": "cost", "discount_rate": "rate"}
    table = found.npvs.rename(columns=keys)
    worth = {"stays_usd": STAYS} | ({} if found.all_committed else {"leaves_usd": LEAVES})
    text = CHOICE + (LEFT if len(worth) > 1 else "") + "."
    amounts = table.melt(list(keys.values()), list(worth), "what", "usd").replace({"what": worth})
    names = {name: readings.label(found.position, name) for name in table.reading.unique()}
    said = []
    for each in table.to_dict("records"):
        told: dict[str, Any] = {"rate": share(each["rate"]), "reading": names[each["reading"]]}
        for name in ("capex_usd", "fees_usd", *worth):
            told[name.removesuffix("_usd")] = dollars(each[name])
        said.append(str(finding(text, **told)))
    capex = {case: f"{case}, {usd(place.capex_usd)}" for case, place in found.sites.items()}
    rates = per_cent(sorted(set(table.rate)))
    controls = [
        Control(column="reading", label="Interpretation", words=names, start=found.reading),
        Control(column="cost", label="Capex", words=capex, start=BASE),
        Control(column="rate", label="Rate", words=rates, start=found.discount_rate),
    ]
    sentences = table[list(keys.values())].assign(sentence=said)
    colours = dict(zip(worth.values(), [PROVIDER, FIRM], strict=False))
    return chosen(amounts, sentences, controls, axis="NPV", colours=colours)
