"""What is said of the books: what one agreement is as backlog, as service and as a lease."""

from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd

from analysis.contract.terms import Agreement
from analysis.models.accounting.books import BACKLOG, LEASE, PAPER
from analysis.models.accounting.lease import SUBSEQUENT, Model
from analysis.models.accounting.measured import MODELS, Leased, Turned
from analysis.models.accounting.questions import UNSAID
from analysis.models.accounting.term import JUDGEMENTS
from analysis.page.findings import Figure, Finding, count, day, finding, share, usd

WORDS = {
    "bound": "if leaving would cost the customer too much",
    "free to leave": "if it is free to leave",
    "cannot leave": "as the customer has no right to leave",
    "too late": "as it is too late for the customer to leave before the end",
    "stays": "if it is reasonably certain to stay",
    "stays while it may": "if it stays until the provider may be gone",
    "leaves": "if it is not reasonably certain to stay",
    "extends": "if it is reasonably certain to extend",
    "extends, stays while it may": "if it extends and stays until the provider may be gone",
    "extends, then leaves": "if it extends and then leaves as soon as it may",
}
"""What a case of `books.cases` means, behind an amount."""
MODIFIED = (
    "IFRS 16.44 to 16.46, ASC 842-10-25-8 to 25-13; IFRS 15.18 to 15.21, ASC 606-10-25-10 to 25-13"
)
DOLLAR_USD = 1.0
LEVEL = 0.1  # of the largest month billed: revenue that strays less follows a level fee
Parts = dict[str, Figure | str]


def _each(rows: pd.DataFrame, name: str, reading: str) -> tuple[str, Parts]:
    """The amounts of a frame, each with what it rests on."""
    parts: Parts = {f"{name}_{n}": usd(value, reading) for n, value in enumerate(rows.usd, 1)}
    if len(rows) > 1 and len({str(part) for part in parts.values()}) == 1:
        return f"{{{name}_1}} however the term is judged", {f"{name}_1": parts[f"{name}_1"]}
    texts = [f"{{{key}}} {WORDS[case]}" for key, case in zip(parts, rows.case, strict=True)]
    return " or ".join(texts), parts


def opened(frames: pd.DataFrame, agreement: Agreement, *, on: date, reading: str) -> Finding:
    """One agreement as backlog of one party and as liability of the other, on a day."""
    backlog, lease = (frames[frames.frame == frame] for frame in (BACKLOG, LEASE))
    as_backlog, parts = _each(backlog, "backlog", reading)
    as_lease, more = _each(lease, "lease", reading)
    exempt = bool(lease.short.any()) and lease.usd.max() > 0
    text = (
        "Seen from {seen}, the same {paper} on paper, to {paper_end} under {reading}, is, in the "
        "books of {provider}, a backlog of "
        f"{as_backlog}; in those of {{customer}} it is a lease liability of {as_lease}"
        + (", or nothing where the exemption for short leases is taken" if exempt else "")
        + "; if it is a service, {customer} owes nothing ahead."
    )
    paper = frames[frames.frame == PAPER].iloc[0]
    return finding(
        text,
        seen=day(on),
        paper=usd(paper.usd, reading),
        paper_end=day(paper.end, reading),
        reading=reading,
        provider=agreement.provider,
        customer=agreement.customer,
        **parts,
        **more,
    )


def opened_title(frames: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    backlog, lease = (frames[frames.frame == frame].usd for frame in (BACKLOG, LEASE))
    text = "The same agreement is {backlog} of backlog, {lease} of lease liability"
    return str(finding(text, backlog=_span(backlog), lease=_span(lease)))


def _span(values: Sequence[float] | pd.Series) -> str:
    """Amounts for a title: one, one "or" another, or the lowest "to" the highest."""
    found = list(dict.fromkeys(str(usd(value)) for value in sorted(values)))
    between = " or " if len(found) == 2 else " to "
    return found[0] if len(found) == 1 else f"{found[0]}{between}{found[-1]}"


def why(frames: pd.DataFrame, *, rate: float, reading: str) -> Finding:
    """What moves the figures, and why liability and backlog differ."""
    backlog, lease = (frames[frames.frame == frame] for frame in (BACKLOG, LEASE))
    text = (
        "What is paid ahead is owed no more, what is billed late or must be paid to leave is owed "
        "too; all of it is discounted at {rate} a year, which is assumed."
    )
    parts: Parts = {"rate": share(rate, kind="assumed")}
    if len(backlog) > 1 or len(lease) > 1:
        text = (
            "Between the figures of one colour stands a judgement, not the text: for the backlog "
            "whether leaving costs the customer too much ({of_backlog}), for the lease whether "
            "either side is bound and the customer reasonably certain to stay ({of_lease}); it "
            "moves the backlog by {moved}. " + text
        )
        parts |= {
            "of_backlog": str(backlog.paragraph.iloc[0]).split(";")[0],
            "of_lease": "; ".join(str(lease.paragraph.iloc[0]).split("; ")[:2]),
            "moved": usd(backlog.usd.max() - backlog.usd.min(), reading),
        }
    return finding(text, **parts)


def readings(table: pd.DataFrame, *, on: date) -> Finding:
    """Whether the reading or the judgement moves the backlog more."""
    backlog = table[table.frame == BACKLOG]
    open_, over = backlog[backlog.high_usd > backlog.low_usd], backlog[backlog.high_usd == 0]
    ended = " Under {over} of them service is over by then." if len(over) else ""
    parts: Parts = {"readings": count(len(backlog)), "readings_seen": day(on)}
    if len(over):
        parts["over"] = count(len(over))
    if open_.empty:
        text = "Under none of the {readings} readings does a judgement move the backlog seen from "
        return finding(text + "{readings_seen}." + ended, **parts)
    low, high = open_.low_usd.min(), open_.low_usd.max()
    text = "Of {readings} readings {open} leave the term to judgement, seen from {readings_seen}: "
    text += "{least} of backlog if the customer is free to leave"
    parts |= {"open": count(len(open_)), "least": usd(low)}
    if high - low >= DOLLAR_USD:
        text += " under one, {least_high} under another"
        parts["least_high"] = usd(high)
    text += ", up to {most} if it is bound." + ended
    return finding(text, **parts, most=usd(open_.high_usd.max()))


def readings_title(table: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    backlog = table[table.frame == BACKLOG]
    open_ = backlog[backlog.high_usd > backlog.low_usd]
    if open_.empty:
        return str(finding("No reading leaves the term to judgement"))
    gap = (open_.high_usd - open_.low_usd).max()
    spread = max(end.max() - end.min() for end in (open_.low_usd, open_.high_usd))
    text = (
        "Where the customer may leave, the judgement moves the backlog by up to {gap}, the reading "
    )
    if spread < DOLLAR_USD:
        return str(finding(text + "by nothing", gap=usd(gap)))
    return str(finding(text + "by {spread}", gap=usd(gap), spread=usd(spread)))


def bands(table: pd.DataFrame, frames: pd.DataFrame, *, reading: str) -> Finding:
    """How much of the backlog falls within the first band, and what need not be disclosed."""
    if table.empty:
        return finding("The customer may leave on the day itself: nothing is left to perform.")
    backlog = frames[frames.frame == BACKLOG]
    longest = table[table.case == table.case.iloc[0]]
    first = longest.iloc[0]
    text = "Of {obligation}, {first_band} falls in {band}, {first_share}"
    parts: Parts = {
        "obligation": usd(longest.usd.sum(), reading),
        "first_band": usd(first.usd, reading),
        "band": str(first.band),
        "first_share": share(first.usd / longest.usd.sum() if longest.usd.sum() else 0.0, reading),
    }
    text += f" ({first.case}; {{bands_follow}})."
    parts["bands_follow"] = str(first.paragraph)
    short = backlog[backlog.short]
    if len(short):
        text += (
            " Where the contract is expected to last a year or less ({undisclosed}), the "
            "obligation need not be disclosed: a company's figure may leave this agreement out."
        )
        parts["undisclosed"] = f"{short.case.iloc[-1]}"
    return finding(text, **parts)


def bands_title(table: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    longest = table[table.case == table.case.iloc[0]]
    text = "Left to perform: {total}, of which {first} in {band}"
    first = longest.iloc[0]
    total = _span(table.groupby("case").usd.sum())
    return str(finding(text, total=total, first=str(usd(first.usd)), band=str(first.band)))


def _peaks(table: pd.DataFrame) -> pd.DataFrame:
    """The month of each way in which revenue and billing are furthest apart."""
    apart = table.assign(apart=table.balance_usd.abs()).sort_values("apart", ascending=False)
    return pd.DataFrame(apart.drop_duplicates("way").sort_index())


def recognised(table: pd.DataFrame, *, reading: str) -> Finding:
    """How far revenue runs ahead of billing, or behind it, under each way to earn it."""
    if table.empty:
        return finding(
            "The customer may leave on the first day itself: each day's revenue is that day's fee."
        )
    peaks = _peaks(table)
    texts: list[str] = []
    parts: Parts = {}
    for n, row in enumerate(peaks.to_dict("records"), 1):
        ahead = row["balance_usd"]
        name = f"{row['way']} ({{earned_follow_{n}}})"
        parts[f"earned_follow_{n}"] = str(row["paragraph"]).split("; ")[0]
        if not ahead:
            texts.append(f"{name}, revenue is what is billed")
            continue
        side = "asset" if ahead > 0 else "liability"
        at_most = f"a contract {side} of {{balance_{n}}} at most, at the close of {{peak_{n}}}"
        texts.append(f"{name}, {at_most}")
        parts[f"balance_{n}"] = usd(abs(ahead), reading)
        parts[f"peak_{n}"] = day(row["end"] - timedelta(days=1), reading)
    text = "; ".join(texts)
    text = text[:1].upper() + text[1:]
    if peaks.apart.max() < LEVEL * table.billed_usd.max():
        text += ". The fee is level: little but months of unequal length tells the ways apart."
    else:
        text += (
            ". Which fits turns on whether the fee follows what is delivered: a straight line "
            "through a ramp of delivery books revenue before it is earned."
        )
    return finding(text, **parts)


def recognised_title(table: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    peaks = _peaks(table)
    row = peaks.sort_values("apart").iloc[-1]
    if not row.balance_usd:
        return str(finding("However it is earned, revenue is what is billed"))
    side = "ahead of" if row.balance_usd > 0 else "behind"
    text = f"Revenue runs up to {{most}} {side} billing, {{way}}"
    return str(finding(text, most=usd(abs(row.balance_usd)), way=str(row.way)))


def lease_term(table: pd.DataFrame, *, on: date) -> Finding:
    """How many lease terms the open judgements leave, and whether one is short."""
    ends = sorted(set(table.term_end))
    names = ["customer_penalty", "provider_penalty", "customer_stays", "customer_extends"]
    asked = table[names].isin(JUDGEMENTS)
    left = int((table.loc[:, asked.columns].nunique() > 1).sum())
    parts: Parts = {"term_seen": day(on), "terms": count(len(ends)), "judged": count(left)}
    if len(ends) == 1:
        text = "Seen from {term_seen} there is one lease term, to {only_end} ({only_follows})."
        follows = str(table.paragraph.iloc[0])
        return finding(
            text, term_seen=parts["term_seen"], only_end=day(ends[0]), only_follows=follows
        )
    text = (
        "Seen from {term_seen}, {judged} judgements are open and leave {terms} lease terms, to "
        "{first_end} at the earliest and {last_end} at the latest;"
    )
    parts |= {"first_end": day(ends[0]), "last_end": day(ends[-1])}
    short = table[table.short]
    text += (
        " to {short_end} the lease is short, and the exemption is open"
        if len(short)
        else " none is short enough for the exemption"
    )
    if len(short):
        parts["short_end"] = day(short.term_end.max())
    named = [part for row in table.paragraph for part in str(row).split("; ")]
    parts["term_follows"] = "; ".join(dict.fromkeys(named))
    return finding(text + " ({term_follows}).", **parts)


def carried(
    leased: Sequence[Leased], first: pd.DataFrame, *, model: Model, reading: str
) -> Finding:
    """What is booked on the first day of the lease, by what the customer does."""
    if not leased:
        return finding(
            "The customer may leave on the first day itself: no liability and no right of use are "
            "booked, and each day's fee is a cost of that day."
        )
    parts: Parts = {}
    texts = []
    for n, one in enumerate(leased, 1):
        rows = first[first.case == one.case]
        parts[f"owed_{n}"] = usd(rows.usd.iloc[0], reading)
        parts[f"used_{n}"] = usd(rows.usd.iloc[-1], reading)
        texts.append(f"{{owed_{n}}} and {{used_{n}}} {WORDS[one.case]}")
    text = "On the first day of service liability and right of use are " + ", ".join(texts)
    paid = (first.item == "payments made on or before commencement").any()
    text += "; the difference is what is paid by then" if paid else "; nothing is paid by then"
    text += " ({carried_follow}). From then on both run off ({later_follow})."
    parts["later_follow"] = SUBSEQUENT[model]
    follows = "; ".join(dict.fromkeys(first.paragraph.iloc[[0, 1]]))
    return finding(text, **parts, carried_follow=follows)


def carried_title(leased: Sequence[Leased], first: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    owed = [first[first.case == one.case].usd.iloc[0] for one in leased]
    text = "The liability starts at {owed}" + (
        ": the term decides" if len(owed) > 1 else " and runs off with the term"
    )
    return str(finding(text, owed=_span(owed)))


def turned(turn: Turned | None, *, on: date, reading: str) -> Finding:
    """What the books do when a customer that was to stay is found to leave."""
    if turn is None:
        return finding(
            "On {turn_day} no judgement can make the lease shorter than it began: nothing is "
            "measured anew.",
            turn_day=day(on),
        )
    found = turn.found
    text = (
        "If the customer was to stay and is found on {turn_day} to leave, the lease is measured "
        "anew at {turn_rate}, to {turn_end}: the liability goes from {before} to {after}, the "
        "asset changes by {to_asset}"
    )
    parts: Parts = {
        "turn_day": day(turn.day),
        "turn_rate": share(turn.rate, kind="assumed"),
        "turn_end": day(turn.end),
        "before": usd(found.before_usd, reading),
        "after": usd(found.after_usd, reading),
        "to_asset": usd(found.to_asset_usd, reading),
        "turn_follows": found.paragraph,
    }
    if found.to_profit_or_loss_usd:
        text += " until nothing is left of it, and {gain} is a gain"
        parts["gain"] = usd(found.to_profit_or_loss_usd, reading)
    return finding(text + " ({turn_follows}).", **parts)


def rates(
    table: pd.DataFrame, rate: float, rate_range: Sequence[float], *, reading: str
) -> Finding:
    """How far the assumed rate moves the liability."""
    longest = table.iloc[0]
    return finding(
        "The rate is assumed: {rate_used} a year, the customer's rate of borrowing is not "
        "disclosed. From {rate_low} to {rate_high} the liability of the longest lease goes from "
        "{at_low} to {at_high}, {swing} of the middle ({rates_follow}).",
        rate_used=share(rate, kind="assumed"),
        rate_low=share(min(rate, *rate_range), kind="assumed"),
        rate_high=share(max(rate, *rate_range), kind="assumed"),
        at_low=usd(longest.high, reading),
        at_high=usd(longest.low, reading),
        swing=share((longest.high - longest.low) / longest.value if longest.value else 0, reading),
        rates_follow="IFRS 16.26; ASC 842-20-30-3",
    )


def rates_title(table: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    longest = table.iloc[0]
    text = "The assumed rate moves the longest lease from {high} to {low}"
    return str(finding(text, low=usd(longest.low), high=usd(longest.high)))


def _by_model(table: pd.DataFrame) -> pd.DataFrame:
    longest = table[table.case == table.case.iloc[0]]
    return pd.DataFrame(longest.groupby(["year", "model"]).usd.sum().unstack())


def costs(table: pd.DataFrame, *, reading: str) -> Finding:
    """How a finance lease moves cost forward in time."""
    yearly = _by_model(table)
    finance, operating = yearly["ASC 842 finance"], yearly["ASC 842 operating"]
    interest = table[(table.part == "interest") & (table.model == "ASC 842 finance")]
    gap = (finance - operating).cumsum()
    return finding(
        "Over the longest lease both ways cost {cost_total}. As a finance lease, and always under "
        "IFRS, {interest_total} of it is interest, and {early} more is spent by the end of "
        "{early_year} than as an operating lease ({cost_follows}).",
        cost_total=usd(operating.sum(), reading),
        interest_total=usd(interest[interest.case == table.case.iloc[0]].usd.sum(), reading),
        early=usd(gap.max(), reading),
        early_year=str(gap.idxmax()),
        cost_follows="; ".join(dict.fromkeys(table[table.model.isin(MODELS)].paragraph)),
    )


def amended(agreement: Agreement, *, on: date) -> Finding:
    """What the page leaves out where terms change after the first day served."""
    later = [a for a in agreement.amendment if agreement.start < a.signed <= on]
    parts: Parts = {"amended_by": day(on), "modified_follow": MODIFIED}
    if not later:
        text = "By {amended_by} no amendment is signed that changes terms already served under; it "
        text += "would be a modification, which is not modelled ({modified_follow})."
        return finding(text, **parts)
    text = (
        "Amendments signed since the first day served: {amendments}. Liability and right of use "
        "begin on the terms of that day; revenue, backlog and what is measured anew go by those of "
        "{amended_by}. A modification, measured anew on its own day or booked as a contract of "
        "its own, is not modelled ({modified_follow})."
    )
    return finding(text, amendments=count(len(later)), **parts)


def costs_title(table: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    yearly = _by_model(table)
    gap = (yearly["ASC 842 finance"] - yearly["ASC 842 operating"]).cumsum().max()
    text = "A finance lease books up to {gap} of cost before an operating one does"
    return str(finding(text, gap=usd(gap)))


def indexed(agreement: Agreement, resets: pd.DataFrame, *, levels: int) -> Finding:
    """What an index does to the books, if there is one and its levels are given."""
    index = agreement.escalator.index if agreement.escalator else None
    if index is None:
        return finding("The terms follow no index.")
    if not levels:
        return finding(
            "Fees follow {index}. No level is given (parameter index), and none is forecast: every "
            "figure here is at the level of the first day.",
            index=index,
        )
    return finding(
        "Fees follow {index}; {levels} levels are given. Over {resets} resets IFRS moves the asset "
        "by {moved_asset}; under US GAAP {expensed} is cost as it falls due.",
        index=index,
        levels=count(levels),
        resets=count(len(resets)),
        moved_asset=usd(resets.to_asset_usd.sum()),
        expensed=usd(resets.expensed_usd.sum()),
    )


def asked(table: pd.DataFrame) -> Finding:
    """How many questions remain with the reader."""
    return finding(
        "{questions} questions decide how this is booked. To {unsaid} of them the terms at hand "
        "say nothing; none is decided here.",
        questions=count(len(table)),
        unsaid=count(int((table.terms_say == UNSAID).sum())),
    )
