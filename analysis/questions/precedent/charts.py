"""Charts of one agreement among other deals, and of the book that it is in."""

from typing import Any

import altair as alt
import pandas as pd

from analysis.models.comparables import reported
from analysis.page.findings import span
from analysis.page.shapes import bars, colour, heads, reach, row, tips, uncoded
from analysis.page.theme import FIRM, NEUTRAL, PALETTE, TIME, dated, money
from analysis.questions.precedent.answer import Answer

OWN, OTHER = "this agreement", "another"
SIX = alt.Axis(tickCount=6)
ENDS = ("low_bn_usd_gw_year", "high_bn_usd_gw_year")
KINDS = ["committed", "open"]
FITS = {"below": "below", "within": "meets it, by discount", "above": "above"}
SHADES = dict(zip(FITS.values(), [NEUTRAL, FIRM, "#B3261E"], strict=True))


def prices(found: Answer) -> Any:
    """The price interval of each deal of the agreement's scope, dearest first; its own marked."""
    held = found.order
    if held.empty:
        return None
    written = map(span, *(held[end].map("{:.3g}".format) for end in ENDS))
    terms = held.known.map({True: " (terms public)", False: ""})
    data = held.assign(
        said=(held.bound + " " + pd.Series([*written])).str.strip(),
        name=held.deal.mask(held.own, "▸ " + held.deal) + terms,
        whose=held.own.map({True: OWN, False: OTHER}),
    )
    names, scale = data.name.tolist(), alt.Scale(domain=[0, reach(held[ENDS[1]], data.said)])
    base = alt.Chart(data).encode(
        **row("name", names),
        x=alt.X(f"{ENDS[0]}:Q", title="$bn/GW-year of facility power", scale=scale, axis=SIX),
        color=colour(data, "whose", {OWN: "#111111", OTHER: NEUTRAL}, legend=None),
        tooltip=tips("deal", "said", "best_rank", "worst_rank", "how"),
    )
    text = base.mark_text(align="left", dx=9)
    text = text.encode(x=alt.X(f"{ENDS[1]}:Q"), text=alt.Text("said:N"))
    line = base.mark_rule(strokeWidth=9, strokeCap="round")  # or a dot
    line = line.encode(x2=alt.X2(f"{ENDS[1]}:Q"))
    return alt.layer(line, text, heads(data, "name", names), height=34 * len(held))


def runoff(found: Answer) -> Any:
    """Fees by month of service, stacked by agreement: committed below and full, the rest pale."""
    if not found.held_count:
        return None
    table, ids = found.runoff, list(found.names)
    size, unit = money(table.groupby("month").headline_usd.sum())
    parts = table.assign(committed=table.firm_usd, open=table.headline_usd - table.firm_usd)
    data = parts.melt(["month", "agreement"], KINDS, "kind", "usd")
    order = data.agreement.map(ids.index) + len(ids) * (data.kind == KINDS[1])
    data = data.assign(name=data.agreement.map(found.names), amount=data.usd / size, order=order)
    shades = alt.Scale(domain=KINDS, range=[1, 0.28])
    key = alt.Legend(symbolFillColor=NEUTRAL, orient="bottom")
    colours = dict(zip(found.names.values(), PALETTE[1:], strict=False))
    month = alt.Tooltip("yearmonth(month):T", title="month")
    return (
        alt.Chart(dated(data))
        .mark_bar(binSpacing=1)
        .encode(
            x=alt.X("yearmonth(month):T", title=None, axis=TIME),
            y=alt.Y("amount:Q", title=f"fees of a month, {unit}"),
            color=colour(data, "name", colours),
            opacity=alt.Opacity("kind:O", title=None, scale=shades, sort=KINDS, legend=key),
            order=alt.Order("order:Q"),
            tooltip=[*tips("name", "kind", amount=unit), month],
        )
        .properties(height=280)
    )


def partners(found: Answer) -> Any:
    """The customer's reported commitments by year, by how far they bind; those not dated last."""
    if not found.tally:
        return None
    table = found.partner_years
    size, unit = money(table.groupby("year", dropna=False).usd.sum())
    label = [f"{year:.0f}" if year == year else "not dated" for year in table.year]
    data = table.assign(amount=table.usd / size, label=label)
    colours = dict(zip(reported.BINDS.values(), [FIRM, PALETTE[2], NEUTRAL], strict=True))
    seen = "datum.label % 4 == 2 || !isFinite(datum.label) ? datum.label : ''"
    across = alt.Axis(labelAngle=0, labelOverlap=False, labelExpr=seen)
    return (
        alt.Chart(data)
        .mark_bar()
        .encode(
            x=alt.X("label:N", title=None, sort=sorted(set(label)), axis=across),
            y=alt.Y("amount:Q", title=f"fees of a year, {unit}"),
            color=colour(data, "binds", colours, legend=alt.Legend(columns=1)),
            tooltip=tips("label", "binds", amount=unit),
        )
        .properties(height=260)
    )


def explained(found: Answer) -> Any:
    """The book under one changed interpretation at a time, against what was reported.

    A line spans the discounts that are not disclosed. Books of over twice the figure are left out.
    """
    if not found.against:
        return None
    table = found.books[found.books.use_usd <= 2 * found.sales_usd]
    size, unit = money([found.sales_usd])
    label = (table.varied.map(found.names) + ": " + table.title).fillna("base case")
    named = label.map(uncoded) + ", " + table.share.map("{:.0%}".format)
    spans = table[["low_usd", "high_usd"]].set_axis(["least", "most"], axis=1) / size
    fits = table.fits.map(FITS)
    data = spans.assign(fits=fits, label=label, head=named, low=0.0, high=table.use_usd / size)
    at = found.sales_usd / size
    reported = alt.Chart(data.assign(at=at)).encode(x=alt.X("at:Q"))
    strokes = reported.mark_tick(color="#111111", thickness=2)
    ends = alt.Chart(data).mark_rule(color="#111111")
    ends = ends.encode(x=alt.X("least:Q"), x2=alt.X2("most:Q"))
    told = (
        reported.properties(data=data[:1].assign(at=at))
        .mark_text(dy=-9)
        .encode(y=alt.YValue(0), text=alt.TextValue(f"reported {at:,.1f}"))
    )
    return bars(
        data,
        "label",
        x=f"committed at the reporting date, {unit}",
        written=[""] * len(data),  # beside a bar it would lie on the stroke
        tooltip=tips("label", "fits", high=unit, least="at least", most="at most"),
        colour=colour(data, "fits", SHADES, title="against the report:"),
        least=reach([at, data.most.max()], ["reported", ""]),
        head="head",
        more=[*(each.encode(**row("label", label.tolist())) for each in (ends, strokes)), told],
    )
