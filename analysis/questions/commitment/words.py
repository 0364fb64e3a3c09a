"""What is said of the promise: how much is firm, until when, under which reading."""

from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd

from analysis.contract import commitment, readings, rights, served, terms, windows
from analysis.contract.clauses import Party
from analysis.contract.commitment import headline_arithmetic
from analysis.contract.deadlines import NO_SERVICE
from analysis.contract.terms import Agreement
from analysis.page.findings import (
    Figure,
    Finding,
    between,
    count,
    day,
    days,
    finding,
    months,
    share,
    usd,
)
from analysis.questions import when

OTHER: dict[Party, Party] = {"customer": "provider", "provider": "customer"}
CENT_USD = 0.01
ROUND_OFF = 1e-9
GIVES: dict[Party, str] = {"customer": "revenue", "provider": "supply"}


def promised(agreement: Agreement, *, reading: str, as_of: date, party: Party) -> Finding:
    """How much of what is left on paper is firm on `as_of`, and how much was at the start."""
    found = _promised(agreement, reading, as_of, party)
    return when.signed(found, agreement, on=as_of)


def _promised(agreement: Agreement, reading: str, as_of: date, party: Party) -> Finding:
    now = readings.one(agreement, reading, as_of=as_of, party=party)
    parts: dict[str, Figure | str] = {
        "as_of": day(as_of, kind="assumed"),
        "end": day(now.end, reading),
        "party": party,
        "reading": readings.label(agreement, reading),
    }
    read = terms.read_as(agreement, reading)
    if now.end <= read.start:
        return _not_begun(read, now.firm_usd, parts)
    if now.firm_usd < CENT_USD:
        return _nothing_firm(read, as_of, now.end, parts)
    parts |= {"left": usd(now.headline_usd, reading), "firm": usd(now.firm_usd, reading)}
    if now.firmness > 1 - ROUND_OFF:
        held = windows.right(read, party, as_of=as_of)
        reason = "gains nothing by leaving" if held else "has no right to leave"
        if rights.too_late(read, party, as_of=as_of):
            reason = "can no longer leave before the stated end, as its notice is too long for that"
        text = (
            "Under {reading} the {party} " + reason + ": all {left} left from {as_of} is promised, "
            "{service_days} of service."
        )
        whole = commitment.headline(read, as_of=as_of).end - max(as_of, agreement.start)
        return _finding(text, parts | {"service_days": days(whole.days, reading)})
    others = readings.compare(agreement, as_of=as_of, party=party)
    open_ = others[(others.firmness < 1 - ROUND_OFF) & (others.firm_usd > CENT_USD)]
    paper_end = commitment.carried_to(agreement, read, as_of=as_of)
    parts["paper_end"] = day(paper_end)
    earlier = commitment.headline(read, as_of=as_of).end < paper_end
    to = " to {paper_end}, the end that the file states," if earlier else ""
    text = f"On {{as_of}}, {{firm}} of the {{left}} left on paper{to} is promised: {{firmness}}, "
    text += "up to {end}"
    parts["firmness"] = share(now.firmness, reading)
    low, high = open_.firm_usd.min(), open_.firm_usd.max()
    if len(open_) < 2:
        text += " ({reading})."
    elif high - low < CENT_USD:
        text += ", and the same under every reading that still lets the {party} leave."
    else:
        text += " ({reading}); other readings give {least} to {most}."
        parts |= {"least": usd(low), "most": usd(high)}
    apart, named = _apart(others)
    text, parts = text + apart, parts | named
    if as_of > agreement.start:
        began, told = _at_the_start(agreement, party)
        text, parts = f"{text} {began}", parts | told
    return _finding(text, parts)


def _not_begun(read: Agreement, usd_owed: float, parts: dict[str, Figure | str]) -> Finding:
    """That no service is committed before it begins, where notice then ends it in time."""
    text = "Under {reading}, nothing is committed yet on {as_of}: "
    if usd_owed >= CENT_USD:
        text = "Under {reading}, only {fee} to leave is committed on {as_of}: "
    text += (
        "notice that the {party} gives now ends the agreement before service begins on {begins}."
    )
    return _finding(text, parts | {"begins": day(read.start), "fee": usd(usd_owed)})


def _nothing_firm(
    read: Agreement, as_of: date, leave: date, parts: dict[str, Figure | str]
) -> Finding:
    """Why nothing is promised on a day: service is over, no fee is left, or leaving is free."""
    over, left = served.served_until(read, as_of), commitment.headline(read, as_of=as_of)
    parts = parts | {"over": day(over), "left": usd(left.usd), "leave": day(leave)}
    if over <= as_of:
        text = "Under {reading}, nothing is promised any more on {as_of}: service ended on {over}."
    elif left.usd < CENT_USD:
        text = "Under {reading}, no fee is due from {as_of} on; service ends on {over}."
    else:
        text = "Under {reading}, nothing of the {left} left on {as_of} is promised: "
        text += "the {party} may end service on {leave} and then owes nothing."
    return _finding(text, parts)


def _apart(table: pd.DataFrame) -> tuple[str, dict[str, Figure | str]]:
    """The readings under which nothing is left, or all is promised: a sentence, if there are any.

    `table` is `readings.compare`.
    """
    groups = {
        "nothing is left under {lapsed}": ("lapsed", table[table.firm_usd < CENT_USD]),
        "all {whole_usd} is promised under {whole}": (
            "whole",
            table[(table.firmness >= 1 - ROUND_OFF) & (table.firm_usd >= CENT_USD)],
        ),
    }
    parts: dict[str, Figure | str] = {
        name: ", ".join(f"“{row.title}” ({row.reading})" for row in rows.itertuples())
        for name, rows in groups.values()
        if len(rows)
    }
    if "whole" in parts:
        parts["whole_usd"] = usd(table.firm_usd.max())
    text = "; ".join(said for said, (name, _) in groups.items() if name in parts)
    return (f" {text[0].upper()}{text[1:]}." if text else ""), parts


@lru_cache(maxsize=8)
def _at_the_start(agreement: Agreement, party: Party) -> tuple[str, dict[str, Figure | str]]:
    """The same seen from the first day: one number, or the range over readings and discounts.

    Kept, as it is the same on every day that is asked for.
    """
    table = readings.compare(agreement, party=party)
    open_ = table[table.firmness < 1 - ROUND_OFF]
    low, high = (
        open_.sort_values("firm_low_usd").iloc[0],
        open_.sort_values("firm_high_usd").iloc[-1],
    )
    parts: dict[str, Figure | str] = {
        "low": usd(low.firm_low_usd, low.reading),
        "high": usd(high.firm_high_usd, high.reading),
        "low_share": share(open_.firmness_low.min(), low.reading),
        "high_share": share(open_.firmness_high.max(), high.reading),
    }
    if high.firm_high_usd - low.firm_low_usd < CENT_USD:
        text = "When service began it was {low}, {low_share} of all fees."
        return text, {name: parts[name] for name in ("low", "low_share")}
    return (
        "When service began it was {low} to {high}, {low_share} to {high_share} of all fees, "
        "depending on the reading and on what is undisclosed."
    ), parts


def _finding(text: str, parts: dict[str, Figure | str]) -> Finding:
    """The finding with those of the parts that its text names."""
    return finding(text, **{name: part for name, part in parts.items() if f"{{{name}}}" in text})


def bridge_title(bridges: pd.DataFrame, *, as_of: date) -> Finding:
    """How far the headline comes down seen from `as_of`, over readings with something to cancel.

    Over all where none has.
    """
    seen = day(as_of, kind="assumed")
    if bridges.usd.max() < CENT_USD:
        return finding("Seen from {seen}, nothing is left to serve", seen=seen)
    last = bridges.groupby("reading", sort=False).running_usd.last()
    tail = bridges[bridges.step == "cancellable tail"].set_index("reading").usd
    cancelled = tail < -CENT_USD
    open_ = last[cancelled] if cancelled.any() else last
    range_, parts = between(
        "firm", usd(open_.min(), str(open_.idxmin())), usd(open_.max(), str(open_.idxmax()))
    )
    full = bridges.groupby("reading", sort=False).usd.first()[open_.index]
    whole, fulls = between("full", usd(full.min()), usd(full.max()))
    where = "" if len(open_) == len(last) else " where fees may be cancelled"
    return finding(
        f"Seen from {{seen}}, {range_} of {whole} is firm{where}, after time value and credit loss",
        seen=seen,
        **fulls,
        **parts,
    )


def bridged(agreement: Agreement, *, reading: str, as_of: date, **arguments: Any) -> Finding:
    """What takes the headline, seen from `as_of`, down to its risk-adjusted firm part."""
    table = commitment.bridge(agreement, reading=reading, as_of=as_of, **arguments)
    steps = table.set_index("step")
    taken = steps.usd.drop("all fees at the full rate")
    return finding(
        "Seen from {seen} under {reading}, {all_fees} at the full rate comes down to "
        "{risk_adjusted}; "
        "the largest part taken off is the {largest}, {taken_off}.",
        seen=day(as_of, kind="assumed"),
        reading=readings.label(agreement, reading),
        all_fees=usd(steps.usd["all fees at the full rate"], reading),
        risk_adjusted=usd(steps.running_usd.iloc[-1], reading),
        largest=str(taken.idxmin()),
        taken_off=usd(-taken.min(), reading),
    )


def window_title(windows: pd.DataFrame, *, as_of: date) -> Finding:
    """When the promise seen from `as_of` ends, over all readings that let the party leave."""
    firm = windows[windows.phase == "firm"]
    if firm.empty:
        return finding("Nothing is left to serve on {as_of}", as_of=day(as_of, kind="assumed"))
    open_ = firm.label.isin(windows[windows.phase == "may be cancelled"].label)
    if not open_.any():
        return finding("Everything is promised to {end}", end=day(firm.end.max()))
    first, last = firm[open_].end.min(), firm[open_].end.max()
    if first == last:
        return finding("Where a party may leave, the promise ends on {end}", end=day(first))
    return finding(
        "Where a party may leave, the promise ends between {first} and {last}",
        first=day(first),
        last=day(last),
    )


def window(agreement: Agreement, *, reading: str, as_of: date, party: Party) -> Finding:
    """How long the promise lasts if the party's notice is served on `as_of`."""
    now = readings.one(agreement, reading, as_of=as_of, party=party)
    read = terms.read_as(agreement, reading)
    if now.end <= read.start:
        return finding(
            "Nothing is served under {reading} before {service_begins}, so no notice window is "
            "open on {valued}.",
            reading=readings.label(agreement, reading),
            service_begins=day(read.start),
            valued=day(as_of, kind="assumed"),
        )
    ahead = (now.end - as_of).days
    if now.firm_usd < CENT_USD and commitment.headline(read, as_of=as_of).usd >= CENT_USD:
        return finding(
            "On {valued} the {party} may end service on {promise_ends} and owes nothing until "
            "then under {reading}: no {gives} is firm.",
            valued=day(as_of, kind="assumed"),
            party=party,
            promise_ends=day(now.end, reading),
            reading=readings.label(agreement, reading),
            gives=GIVES[party],
        )
    if now.firm_usd < CENT_USD and as_of < served.served_until(read, as_of):
        return finding(
            "No fee is due from {valued} on under {reading}.",
            valued=day(as_of, kind="assumed"),
            reading=readings.label(agreement, reading),
        )
    if ahead <= 0 or now.firm_usd < CENT_USD:
        return finding(
            "On {valued} nothing is left to be served under {reading}.",
            valued=day(as_of, kind="assumed"),
            reading=readings.label(agreement, reading),
        )
    return finding(
        "Seen from {valued} under {reading}, the {other}'s firm {gives} ends on {promise_ends}, "
        "{days_left} ahead.",
        valued=day(as_of, kind="assumed"),
        reading=readings.label(agreement, reading),
        other=OTHER[party],
        gives=GIVES[party],
        promise_ends=day(now.end, reading),
        days_left=days(ahead, reading),
    )


def meeting(through_time: pd.DataFrame) -> Finding:
    """From when on all readings that still hold and leave a right to leave promise the same."""
    spread = _spread(through_time)
    held = int(spread["size"].max()) if len(spread) else 0
    if not held and len(free := through_time[through_time.firmness < 1 - ROUND_OFF]):
        return finding(
            "Readings under which a party may leave on any day at no cost: {free}; they promise "
            "nothing.",
            free=count(free.reading.nunique()),
        )
    if held < 2:
        return finding("Readings with a right to leave: {held}; nothing to meet.", held=count(held))
    if (meet := _meeting_day(spread)) is None:
        return finding("The {held} readings with a right to leave never meet.", held=count(held))
    return finding(
        "From {readings_meet} on, all readings that still hold and let a party leave promise the "
        "same, {same} on that day; before, they lay up to {apart} apart.",
        readings_meet=day(meet),
        same=usd(spread["max"][meet]),
        apart=usd((spread["max"] - spread["min"]).max()),
    )


def meeting_title(through_time: pd.DataFrame) -> Finding:
    """The same for the head of a chart."""
    spread = _spread(through_time)
    meet = _meeting_day(spread) if len(spread) and spread["size"].max() > 1 else None
    if meet is None:
        return finding("What is promised, seen from each month of the term")
    return finding("From {meet} on, readings that let a party leave agree", meet=day(meet))


def _spread(through_time: pd.DataFrame) -> pd.DataFrame:
    """Least and greatest firm value by day over readings with a right to leave still held."""
    least = through_time.groupby("reading").firmness.transform("min")
    alive = through_time[(least < 1 - ROUND_OFF) & (through_time.firm_usd > 0)]
    return alive.groupby("as_of").firm_usd.agg(["min", "max", "size"])


def _meeting_day(spread: pd.DataFrame) -> date | None:
    apart = spread["max"] - spread["min"] > CENT_USD
    after = spread.index[spread.index > spread.index[apart].max()] if apart.any() else spread.index
    return after.min() if len(after) else None


def headlines(agreement: Agreement) -> Finding:
    """Why one agreement is written about with several sums."""
    table = headline_arithmetic(agreement)
    full, whole = table.iloc[0], table.iloc[1]
    exact = table.loc[table.method.str.startswith("day by day"), "usd"]
    open_ = int((table.method == "no count of months").sum())
    parts: dict[str, Figure | str] = {
        "few": months(full.months),
        "few_usd": usd(full.usd),
        "many": months(whole.months),
        "many_usd": usd(whole.usd),
        "exact_low": usd(exact.min()),
        "exact_high": usd(exact.max()),
        "told": count(int((table.reported != "").sum())),
        "open": count(open_),
    }
    text = "{few} at the last fee make {few_usd}"
    if whole.usd - full.usd > CENT_USD:
        text += ", {many} make {many_usd}"
    text += "; day by day it is {exact_low}"
    if exact.max() - exact.min() > CENT_USD:
        text += " to {exact_high}"
    text += ". None of these is a commitment."
    if agreement.reported:
        text += (
            " Of the totals reported, {open} fit none of these counts."
            if open_
            else " Every total reported fits one of these counts."
        )
    return _finding(text, parts)


def sourced(evidence: pd.DataFrame) -> Finding:
    """How well the values are sourced."""
    kinds = evidence.kind.value_counts()
    firm = int(kinds.get("disclosed", 0) + kinds.get("reported", 0))
    return finding(
        "Of {values} values, {sourced} are disclosed or reported, {derived} derived from them, "
        "{assumed} assumed and {without} given without a source.",
        values=count(len(evidence)),
        sourced=count(firm),
        derived=count(int(kinds.get("derived", 0))),
        assumed=count(int(kinds.get("assumed", 0))),
        without=count(int(kinds.get("none given", 0))),
    )


def next_notice(deadlines: pd.DataFrame, *, as_of: date) -> Finding:
    """The next last day to serve notice."""
    ahead = deadlines[
        (deadlines.date >= as_of) & deadlines.event.str.startswith("last day to serve")
    ]
    if ahead.empty:
        return finding("After {from_here} no notice can end service early.", from_here=day(as_of))
    row = ahead.iloc[0]
    if row.event == NO_SERVICE:
        return finding(
            "For service never to begin, notice must be served by {serve_by} ({party}).",
            serve_by=day(row.date),
            party=row.party,
        )
    return finding(
        "For service to end by {out_by}, notice must be served by {serve_by} ({party}).",
        out_by=day(row.ends),
        serve_by=day(row.date),
        party=row.party,
    )


def scheduled(rows: pd.DataFrame) -> Finding:
    """What the schedule adds up to."""
    return finding(
        "{periods} service periods, {served} in all, add up to {scheduled}.",
        periods=count(len(rows)),
        served=months(rows.share.sum()),
        scheduled=usd(rows.fee_usd.sum()),
    )


def amended(changes: pd.DataFrame, *, as_of: date) -> Finding:
    """What all amendments together change, signed by `as_of` or later."""
    if changes.empty:
        return finding("No amendment is on record.")
    return finding(
        "{amendments} amendments, {signed} of them signed by {on}, change the headline by "
        "{headline_change} and what is firm by {firm_change}, each seen from its own day.",
        amendments=count(len(changes)),
        signed=count(int((changes.signed <= as_of).sum())),
        on=day(as_of, kind="assumed"),
        headline_change=usd(changes.headline_change_usd.sum()),
        firm_change=usd(changes.firm_change_usd.sum()),
    )
