"""What is said of the promise: how much is firm, until when, under which reading."""

from datetime import date

import pandas as pd

from analysis import readings
from analysis.clauses import Party
from analysis.commitment import headline_arithmetic
from analysis.findings import Finding, count, day, days, finding, months, share, usd
from analysis.terms import Agreement

OTHER: dict[Party, Party] = {"customer": "provider", "provider": "customer"}
CENT_USD = 0.01
GIVES: dict[Party, str] = {"customer": "revenue", "provider": "supply"}


def promised(agreement: Agreement, *, reading: str, as_of: date, party: Party) -> Finding:
    """How much of the headline was firm at the start, over all readings, and is on `as_of`."""
    start = readings.compare(agreement, party=party)
    now = readings.one(agreement, reading, as_of=as_of, party=party)
    headline = usd(readings.one(agreement, reading, party=party).headline_usd, reading)
    if (open_ := start[start.firmness < 1]).empty:
        return finding(
            "The {party} has no right to leave before {end} under any reading: "
            "all {headline} is promised.",
            party=party,
            end=day(start.end.max()),
            headline=headline,
        )
    low = open_.sort_values("firm_low_usd").iloc[0]
    high = open_.sort_values("firm_high_usd").iloc[-1]
    return finding(
        "Of {headline} in fees before {end}, only {low} to {high} was promised when service began: "
        "{low_share} to {high_share}, by how the {party}'s right to leave is read. "
        "On {as_of} it is {now}, up to {now_end} ({reading}).",
        headline=headline,
        end=day(agreement.end),
        low=usd(low.firm_low_usd, low.reading),
        high=usd(high.firm_high_usd, high.reading),
        low_share=share(low.firm_low_usd / low.headline_usd, low.reading),
        high_share=share(high.firm_high_usd / high.headline_usd, high.reading),
        party=party,
        as_of=day(as_of, kind="assumed"),
        now=usd(now.firm_usd, reading),
        now_end=day(now.end, reading),
        reading=readings.label(agreement, reading),
    )


def bridge_title(bridges: pd.DataFrame) -> Finding:
    """How far the headline comes down, over all readings with something to cancel."""
    last = bridges.groupby("reading", sort=False).running_usd.last()
    tail = bridges[bridges.step == "cancellable tail"].set_index("reading").usd
    open_ = last[tail < -CENT_USD] if (tail < -CENT_USD).any() else last
    return finding(
        "Of {full} at the full rate, {low} to {high} is firm",
        full=usd(bridges.usd.max()),
        low=usd(open_.min(), str(open_.idxmin())),
        high=usd(open_.max(), str(open_.idxmax())),
    )


def bridged(bridge: pd.DataFrame, *, reading: str) -> Finding:
    """What takes the headline down to its risk-adjusted firm part under one reading."""
    steps = bridge.set_index("step")
    taken = steps.usd.drop("all fees at the full rate")
    return finding(
        "Under {reading}, {all_fees} at the full rate comes down to {risk_adjusted}; "
        "the largest part taken off is the {largest}, {taken_off}.",
        reading=reading,
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
    return finding(
        "Seen from {valued} under {reading}, the {other}'s firm {gives} ends on {promise_ends}, "
        "{days_left} ahead: {promise} of the {headline_left} left on paper.",
        valued=day(as_of, kind="assumed"),
        reading=reading,
        other=OTHER[party],
        gives=GIVES[party],
        promise_ends=day(now.end, reading),
        days_left=days(max(0, (now.end - as_of).days), reading),
        promise=usd(now.firm_usd, reading),
        headline_left=usd(now.headline_usd, reading),
    )


def meeting(through_time: pd.DataFrame) -> Finding:
    """From when on all readings that still hold and leave a right to leave promise the same."""
    spread = _spread(through_time)
    held = int(spread["size"].max()) if len(spread) else 0
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
    return finding("From {meet} on it no longer matters which reading holds", meet=day(meet))


def _spread(through_time: pd.DataFrame) -> pd.DataFrame:
    """Least and greatest firm value by day over readings with a right to leave still held."""
    least = through_time.groupby("reading").firmness.transform("min")
    alive = through_time[(least < 1) & (through_time.firm_usd > 0)]
    return alive.groupby("as_of").firm_usd.agg(["min", "max", "size"])


def _meeting_day(spread: pd.DataFrame) -> date | None:
    apart = spread["max"] - spread["min"] > CENT_USD
    after = spread.index[spread.index > spread.index[apart].max()] if apart.any() else spread.index
    return after.min() if len(after) else None


def headlines(agreement: Agreement) -> Finding:
    """Why one agreement is written about with several sums."""
    table = headline_arithmetic(agreement).set_index("method")
    full, whole = table.iloc[0], table.iloc[1]
    exact = table.loc[table.index.str.startswith("day by day"), "usd"]
    return finding(
        "{few} at the last fee make {few_usd}, {many} make {many_usd}; counted day by day it is "
        "{exact_low} to {exact_high}. None of these is a commitment.",
        few=months(full.months),
        few_usd=usd(full.usd),
        many=months(whole.months),
        many_usd=usd(whole.usd),
        exact_low=usd(exact.min()),
        exact_high=usd(exact.max()),
    )


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


def amended(changes: pd.DataFrame) -> Finding:
    """What all amendments together changed."""
    if changes.empty:
        return finding("No amendment is on record.")
    return finding(
        "{amendments} amendments changed the headline by {headline_change} and what was firm by "
        "{firm_change}, each seen from the day it was signed.",
        amendments=count(len(changes)),
        headline_change=usd(changes.headline_change_usd.sum()),
        firm_change=usd(changes.firm_change_usd.sum()),
    )
