"""What is said of what drives the answer: the clause's share, the widest bar, the spread."""

from datetime import date

import pandas as pd

from analysis.page.findings import Figure, Finding, count, day, finding, share, usd
from analysis.questions.drivers.drivers import CENT_USD, Drivers

Parts = dict[str, Figure | str]
FEW = 0.005  # of the variance: what is shared by no more is called none


def clause(own: Drivers, now: Drivers, *, seen: date, as_of: date, reading: str) -> Finding:
    """How much of what is open in the promise is the clause; then how much of it is left."""
    parts: Parts = {"seen": day(seen, kind="assumed")}
    if own.missing:
        text = "The agreement has no ranges of its own: {missing}. What moves its value is assumed."
        return finding(text, missing=own.missing)
    if not own.moves:
        return finding(
            "Seen from {seen}, nothing that the text leaves open moves what is promised.", **parts
        )
    parts |= {
        "clause_share": share(own.share("reading"), reading),
        "discount_share": share(own.share("discount"), reading),
        "least": usd(own.table.low.min(), reading),
    }
    lead = "reading" if "reading" in set(own.table.input) else "discount"
    text = {
        "reading": "The clause explains {clause_share}",
        "discount": "The undisclosed discount explains {discount_share}",
    }[lead] + " of the variance of what is promised"
    if len(own.table) > 1:
        text += ", the undisclosed discount {discount_share}"
        text += ", over the agreement's own ranges, seen from {seen}."
    else:
        text += ", seen from {seen}: nothing else in the agreement has a range of its own."
    if len(own.drawn) > 1:
        text += " Drawn alike: {drawn}."
        parts["drawn"] = ", ".join(own.drawn)
    if as_of > seen:
        text += _since(now)
        parts |= {"now": day(as_of, kind="assumed"), "now_share": share(now.share(lead))}
    return finding(text, **{name: part for name, part in parts.items() if f"{{{name}}}" in text})


def _since(now: Drivers) -> str:
    """What of it is open on the valuation day."""
    if now.missing or not now.moves:
        return (
            " On {now} none of this is open any more: readings that still hold and let a party "
            "leave promise the same."
        )
    return " On {now} it explains {now_share} of what is still open."


def widest_title(found: Drivers, *, of: str) -> str:
    """The input that moves an answer most, for the head of a chart."""
    if not found.moves:
        return f"Nothing that varies here moves what is {of}"
    top = found.table.iloc[0]
    return f"The {top.label} moves what is {of} most"


def widest(found: Drivers, *, of: str, reading: str, seen: date) -> Finding:
    """One at a time against all together: the widest bar, its share, and what is shared."""
    parts: Parts = {f"{of}_seen": day(seen, kind="assumed")}
    if not found.moves:
        text = f"Seen from {{{of}_seen}}, nothing that varies here moves what is {of}."
        return finding(text, **parts)
    top = found.table.iloc[0]
    leads = found.table.sort_values("total", ascending=False, kind="stable").iloc[0]
    at = [str(top.at_low), str(top.at_high)]
    from_, to = at if top.low <= top.high else reversed(at)
    parts = {
        "input": str(top.label),
        "from_": from_,
        "to": to,
        f"{of}_base": usd(top.base, reading),
        f"{of}_low": usd(min(top.low, top.high), reading),
        f"{of}_high": usd(max(top.low, top.high), reading),
        f"{of}_total": share(leads.total, reading),
        f"{of}_shared": share(max(0.0, 1 - found.table["first"].sum()), reading),
    }
    text = (
        f"One at a time, the {{input}} ({{from_}} to {{to}}) takes what is {of} from "
        f"{{{of}_low}} to {{{of}_high}} around {{{of}_base}}"
    )
    if leads.input == top.input:
        text += f"; its total share of the variance is {{{of}_total}}."
    else:
        text += f"; but the variance is mostly that of the {{leads}}, {{{of}_total}}."
        parts["leads"] = str(leads.label)
    if len(found.table) == 1:
        del parts[f"{of}_shared"]
    elif 1 - found.table["first"].sum() > FEW:
        text += (
            f" The two differ: {{{of}_shared}} of the variance comes from what inputs do together, "
            "which no bar shows, and bars go by the ends of a range, shares by all between them."
        )
    else:
        text += (
            " Inputs do next to nothing together here; a share still says more than a bar, as it "
            "grows with its square: what is half as wide counts about a quarter."
        )
        del parts[f"{of}_shared"]
    return finding(text, **parts)


def checked(table: pd.DataFrame) -> Finding:
    """The stated check in whole months: shares of fee, discount and months."""
    shares = table.set_index("input")["first"]
    return finding(
        "The stated check, in whole months: the clause explains {check_clause}, the discount "
        "{check_discount}, the fee {check_fee} of the variance.",
        check_clause=share(shares["months"]),
        check_discount=share(shares["discount"]),
        check_fee=share(shares["fee"]),
    )


def fan_title(fan: pd.DataFrame) -> str:
    """The middle of receipts against what is stated."""
    if fan.empty:
        return ""
    last = fan.iloc[-1]
    if not last.chance_month:
        return f"Nobody may leave: {usd(last.stated)} is received"
    return f"The middle case brings {usd(last.q50)} of the {usd(last.stated)} on paper"


def fanned(fan: pd.DataFrame, *, as_of: date, reading: str) -> Finding:
    """How much is received in the end: the middle, eight in ten, and what is stated."""
    if fan.empty:
        return finding("From {fan_day} on nothing is left to receive.", fan_day=day(as_of))
    last = fan.iloc[-1]
    parts: Parts = {
        "fan_day": day(fan.date.iloc[0], kind="assumed"),
        "stated": usd(last.stated, reading),
    }
    if not last.chance_month:
        text = "Nobody may leave: all {stated} from {fan_day} on is received under {fan_reading}."
        return finding(text, **parts, fan_reading=reading)
    parts |= {
        "chance": share(last.chance_month, kind="assumed"),
        "mean": usd(last.expected, reading),
        **{name: usd(last[name], reading) for name in ("q10", "q50", "q90")},
    }
    return finding(
        "If somebody serves notice with a chance of {chance} a month as soon as the text allows, "
        "{q50} is received from {fan_day} on in the middle case, {q10} to {q90} in eight of ten, "
        "{mean} on average, of {stated} on paper.",
        **parts,
    )


def apart_title(table: pd.DataFrame) -> str:
    """How far the readings lie apart at most, for the head of a chart."""
    spread = _apart(table)
    if not len(spread) or not spread.max() > CENT_USD:
        return "What is promised, seen from each month"
    return f"Readings lie up to {usd(spread.max())} apart, by the month seen from"


def apart(table: pd.DataFrame) -> Finding:
    """How far apart the readings are seen from the first month, and since when no more."""
    spread = _apart(table)
    if not len(spread) or not spread.max() > CENT_USD:
        return finding(
            "The readings drawn ({readings_drawn}) promise the same in every month.",
            readings_drawn=count(table.reading.nunique()),
        )
    text = "Seen from {first_month}, the readings lie {apart_first} apart"
    parts: Parts = {"first_month": day(spread.index[0]), "apart_first": usd(spread.iloc[0])}
    wide = spread > CENT_USD
    same = spread.index[~wide & wide.cumsum().gt(0)]
    if len(same):
        text += (
            "; from {same_month} on, those that still hold and let a party leave promise the same"
        )
        parts["same_month"] = day(same[0])
        if len(again := spread.index[wide & (spread.index > same[0])]):
            text += ", until they part again on {parts_month}"
            parts["parts_month"] = day(again[0])
    return finding(text + ".", **parts)


def _apart(table: pd.DataFrame) -> pd.Series:
    """The distance between the highest and the lowest reading that still holds, by month."""
    alive = table[table.firm_usd > CENT_USD]
    groups = alive.groupby("as_of").firm_usd
    spread: pd.Series = groups.max() - groups.min()
    return spread


def ranges(listed: pd.DataFrame) -> Finding:
    """How many inputs vary, and how many of their ranges are the agreement's own."""
    own = listed.input.isin(["reading", "discount"])
    return finding(
        "Inputs that vary: {inputs}. Ranges that are the agreement's own: {own_inputs}; the others "
        "are assumed.",
        inputs=count(len(listed)),
        own_inputs=count(int(own.sum())),
    )
