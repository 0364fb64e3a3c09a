"""What is said of a book: its runoff, what is up for notice, and what was disclosed of it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from analysis.contract.clauses import Party
from analysis.contract.terms import HEADLINE
from analysis.contract.units import Interval
from analysis.models.comparables.against import Against, Quarter
from analysis.models.finance.credit import Concentration
from analysis.page.findings import Figure, Finding, count, day, finding, quantity, share, usd

CENT_USD = 0.01
ROUND_OFF = 1e-9
GIVES: dict[Party, str] = {"provider": "revenue", "customer": "supply"}


def nothing_left(positions: pd.DataFrame) -> bool:
    """Whether no agreement of the book has a fee left."""
    return bool(positions.headline_usd.sum() < CENT_USD)


def book(positions: pd.DataFrame, *, company: str, owner: Party, as_of: date) -> Finding:
    """How much of what the book holds on paper is firm."""
    parts: dict[str, Figure | str] = {"company": company, "book_day": day(as_of, kind="assumed")}
    if nothing_left(positions):
        return finding("On {book_day} the book of {company} holds no fee that is left.", **parts)
    paper, firm = positions.headline_usd.sum(), positions.firm_usd.sum()
    text = (
        "On {book_day} the book of {company} holds {held} agreements with {paper} left on "
        "paper, of which {book_firm} ({book_share}) is firm "
        + GIVES[owner]
        + "; the last of that ends on "
        "{last_firm}."
    )
    if (positions.headline_usd > CENT_USD).sum() == 1 and len(positions) == 1:
        text = (
            "On {book_day} the book of {company} holds this agreement alone, with {paper} left on "
            "paper, of which {book_firm} ({book_share}) is firm " + GIVES[owner] + ", up to "
            "{last_firm}."
        )
    else:
        parts["held"] = count((positions.headline_usd > CENT_USD).sum())
    parts |= {"paper": usd(paper), "book_firm": usd(firm), "book_share": share(firm / paper)}
    if firm < CENT_USD:
        return finding(text.split("{book_share})")[0] + "{book_share}) is firm yet.", **parts)
    alive = positions[positions.firm_usd > CENT_USD]
    return finding(text, last_firm=day(alive.firm_end.max()), **parts)


def runoff_title(positions: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    paper, firm = positions.headline_usd.sum(), positions.firm_usd.sum()
    return str(finding("{firm} of the book's {paper} is firm", firm=usd(firm), paper=usd(paper)))


def run_off(runoff: pd.DataFrame) -> Finding:
    """When half of the firm fees, and of the paper, have run off."""
    if runoff.empty:
        return finding("There is nothing to run off.")
    months = runoff.groupby("month")[["headline_usd", "firm_usd"]].sum().cumsum()
    halves = [(months[c] >= months[c].iloc[-1] / 2 - CENT_USD).idxmax() for c in months]
    return finding(
        "Half of the paper has run off with the month that begins on {half_paper}, half of what is "
        "firm with that of {half_firm}.",
        half_paper=day(halves[0]),
        half_firm=day(halves[1]),
    )


def windows_title(table: pd.DataFrame, names: Mapping[str, str]) -> str:
    """What may end first, for the head of a chart."""
    opened = table[table.phase == "may end"]
    if opened.empty:
        return "No agreement of the book can be ended by notice"
    end = opened.start.min()
    first = opened[opened.start == end]
    text = "{who} may end first, from {end} on"
    if len(first) == len(opened):
        text = "{who} may end from {end} on"
    return str(finding(text, who=_joined([names[a] for a in first.agreement], "and"), end=day(end)))


def _joined(words: Sequence[str], last: str) -> str:
    """Words in a row, with "and" or "or" before the last."""
    *before, end = words
    return f"{', '.join(before)} {last} {end}" if before else end


def up_for_notice(table: pd.DataFrame, names: Mapping[str, str]) -> Finding:
    """What is up for notice, from when, and what falls away with it."""
    if table.empty:
        return finding("No agreement of the book has service left.")
    opened = table[table.phase == "may end"].sort_values("start", kind="stable")
    if opened.empty:
        return finding("No agreement of the book can be ended by notice: all of it is firm.")
    pieces = []
    parts: dict[str, Figure | str] = {}
    rows: Any = opened.itertuples()
    for n, row in enumerate(rows):
        pieces.append(
            f"in the agreement with {{up_{n}}} notice may be served from {{serve_{n}}}, "
            f"to end on {{exit_{n}}}, and {{stake_{n}}} falls away"
        )
        parts |= {
            f"up_{n}": names[row.agreement],
            f"serve_{n}": day(row.serve),
            f"exit_{n}": day(row.start),
            f"stake_{n}": usd(row.at_stake_usd),
        }
    text = "; ".join(pieces)
    return finding(text[0].upper() + text[1:] + ". An end is the first day not served.", **parts)


def concentrated(found: Concentration | None, positions: pd.DataFrame) -> Finding:
    """How few counterparties the book hangs on."""
    if found is None:
        return finding("No fee is left, so nothing hangs on anybody.")
    top = positions.sort_values("fee_usd_month", ascending=False).counterparty.iloc[0]
    if found.effective < 1 + ROUND_OFF:
        return finding("All of it hangs on one counterparty, {top}.", top=top)
    return finding(
        "By monthly fee {top} is {top_share} of the book; the squared shares sum to {herfindahl}, "
        "as if there were {effective} counterparties of equal size.",
        top=top,
        top_share=share(found.top_share),
        herfindahl=quantity(found.herfindahl, "number"),
        effective=quantity(found.effective, "number"),
    )


def exposed(table: pd.DataFrame, days: Mapping[str, float]) -> Finding:
    """What would be owed and unpaid at a default."""
    stated, peak = table.stated_usd.sum(), table.peak_usd.sum()
    if peak < CENT_USD:
        return finding("No fee is left, so nothing can be owed.")
    parts = {
        "billing": quantity(days["billing"], "day", kind="assumed"),
        "to_pay": quantity(days["payment"], "day", kind="assumed"),
        "grace": quantity(days["grace"], "day", kind="assumed"),
        "peak": usd(peak),
        "average": usd(table.average_usd.sum()),
    }
    text = "Under the terms at hand at most {stated} is owed at a time, all grace used up"
    if stated < CENT_USD:
        text = "The terms at hand have fees due in advance, so nothing is owed at a default"
    else:
        parts["stated"] = usd(stated)
    text += (
        ". Billed in arrears for {billing} at a time, with {to_pay} to pay and {grace} of grace, "
        "{peak} would be owed at most and {average} on average."
    )
    return finding(text, **parts)


def weighted(table: pd.DataFrame, *, hours_month: float) -> Finding:
    """The book's price an accelerator: fees over units, of those that state them."""
    book = table[table.agreement == "book"]
    if book.empty:
        return finding("No agreement of the book states a number of accelerators: no price.")
    row = book.iloc[0]
    silent = int(table.price_low.isna().sum())
    text = (
        "Weighted by size the book sells an accelerator at {book_price} (a month of {hours} hours, "
        "whatever the model)"
    )
    parts: dict[str, Figure | str] = {
        "book_price": quantity(row.price_low, "USD/GPU-hour"),
        "hours": count(hours_month, kind="assumed"),
    }
    if row.price_high - row.price_low > ROUND_OFF:
        text = text.replace("{book_price}", "{book_price} to {book_price_high}")
        parts["book_price_high"] = quantity(row.price_high, "USD/GPU-hour")
    if silent:
        text += "; what states no accelerators, {silent} of the agreements, is left out"
        parts["silent"] = count(silent)
    return finding(text + ".", **parts)


def undisclosed(company: str) -> Finding:
    """Why nothing is compared with a report."""
    return finding(
        "Not compared: nothing that {company} disclosed of its contracts is in the data.",
        company=company,
    )


def explained_title(asked: Against) -> str:
    """Which part of the disclosed figure the book explains, for the head of a chart."""
    text = "The book explains {part} of the {reported} reported, as it is read here"
    if asked.as_read.share > 1:
        text = "As it is read here the book is {part} of the {reported} reported"
    figures = {"part": share(asked.as_read.share), "reported": usd(asked.middle_usd)}
    return str(finding(text, **figures))


def explained(asked: Against, names: Mapping[str, str], *, company: str) -> Finding:
    """Which part of the figure the book explains, reading by reading, and what it does not."""
    base = asked.as_read
    books = asked.books.drop_duplicates(["varied", "reading"])
    near = books[books.use_usd <= 2 * asked.middle_usd]
    own = [asked.own[name] == reading for name, reading in _named(books)]
    changed = books[[not same for same in own]] if base.unexplained_usd > 0 else books.head(0)
    above = changed[(changed.fits == "above") & changed.index.isin(near.index)]
    text = (
        "{who} reported {sales} of {item} at the close of {close}. Its agreements here come to "
        "{nominal} on paper and {explains} firm as read on this page: {part} of the figure; "
    )
    parts: dict[str, Figure | str] = {
        "who": company,
        "item": asked.item,
        "sales": usd(asked.middle_usd, kind="reported"),
        "close": day(asked.close - timedelta(days=1)),
        "nominal": usd(asked.paper_usd, HEADLINE),
        "explains": usd(base.use_usd),
        "part": share(base.share),
    }
    if base.unexplained_usd > 0:
        text += "{rest} is not explained. "
        parts["rest"] = usd(base.unexplained_usd)
    else:
        text += "that is {rest} more than was reported. "
        parts["rest"] = usd(-base.unexplained_usd)
    if len(near) > 1:
        text += "With one reading changed at a time the book explains {least} to {most} of it"
        parts |= {"least": share(near.share.min()), "most": share(near.share.max())}
        text += ". "
    if len(above):
        text += _listed(above, names, parts, "over") + " would make it more than was reported: if "
        text += "that counts all that is firm, it cannot stand beside the others as read here. "
    if len(far := changed[~changed.index.isin(near.index)]):
        text += "Not drawn: " + _listed(far, names, parts, "far") + ". "
    text += (
        "What is left may be other customers, ramps whose fees are not public, or another way to "
        "count; a fit proves no reading."
    )
    return finding(text, **parts)


def _named(books: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(books.varied, books.reading, strict=True))


def _listed(
    rows: pd.DataFrame, names: Mapping[str, str], parts: dict[str, Figure | str], key: str
) -> str:
    """Books by what makes them: the agreement whose reading is changed, and what they come to."""
    pieces = []
    each: Any = rows.itertuples()
    for n, row in enumerate(each):
        pieces.append(f"{{{key}_{n}}} ({{{key}_usd_{n}}})")
        parts |= {
            f"{key}_{n}": f"{names[str(row.varied)]} under {row.reading}",
            f"{key}_usd_{n}": usd(row.use_usd, str(row.reading)),
        }
    return ", ".join(pieces)


def _middle(disclosed: Interval) -> float:
    return (disclosed.low + disclosed.high) / 2


def no_customer(company: str) -> Finding:
    """Why no customer's share of revenue is compared."""
    text = "Not compared: {issuer} reported no customer's share of revenue."
    return finding(text, issuer=company)


def customer_title(asked: Quarter, names: Mapping[str, str]) -> str:
    """Whether the agreement can be that customer, for the head of a chart."""
    if len(asked.served) != 1:
        return "Customer B"
    name = names[asked.served[0]]
    ways = []
    for method, rows in asked.table.groupby("method", sort=True):
        fitting = ", ".join(rows[rows.fits == "within"].reading)
        if (rows.fits == "within").all():
            ways.append(str(method))
        elif fitting:
            ways.append(f"{method} under {_joined(fitting.split(', '), 'or')}")
    if not ways:
        return f"{name} is Customer B under no reading and method"
    return f"{name} can be Customer B if revenue is booked {', or '.join(ways)}"


def customer(asked: Quarter, names: Mapping[str, str]) -> Finding:
    """Whether the agreement in service that quarter can be Customer B."""
    if not asked.served:
        return finding("No agreement of the book was in service in the quarter reported.")
    if len(asked.served) > 1:
        text = "Several agreements of the book were in service then: {all}. None is singled out."
        return finding(text, all=", ".join(names[id_] for id_ in asked.served))
    table = asked.table
    parts: dict[str, Figure | str] = {
        "b_share": share(_middle(asked.portion), kind="disclosed"),
        "b_revenue": usd(_middle(asked.revenue), kind="disclosed"),
        "b_low": usd(asked.usd.low),
        "b_high": usd(asked.usd.high),
        "b_name": names[asked.served[0]],
    }
    text = (
        "Customer B made {b_share} of {b_revenue} of revenue in the quarter, {b_low} to {b_high}; "
        "the report does not name it. Of the book only {b_name} was served then. "
    )
    ways = _by_method(table[table.fits == "within"])
    if ways:
        text += "For some discount in its range it can be Customer B if revenue is booked {b_ways}"
        parts["b_ways"] = " or ".join(ways)
        if "customer-B" in " ".join(ways):
            text += "; the reading customer-B is made from this very figure"
        text += ". "
    else:
        text += "No reading and method gives that revenue. "
    over = _by_method(table[table.fits == "above"])
    if over:
        text += "Too much would be booked {b_over}."
        parts["b_over"] = " or ".join(over)
    return finding(text.strip(), **parts)


def _by_method(rows: pd.DataFrame) -> list[str]:
    """Ways to book, each with the readings under which it gives the revenue."""
    return [
        f"{method} ({', '.join(part.reading)})"
        for method, part in rows.groupby("method", sort=False)
    ]
