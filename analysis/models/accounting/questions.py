"""The questions that decide how an agreement is booked, with what its terms say: no verdict."""

from collections.abc import Sequence
from itertools import groupby

import pandas as pd

from analysis.contract import Position, rights
from analysis.contract.fields import Range
from analysis.contract.rights import Option

OWN = ", an option of the provider's own, not counted in the lease term here"
UNSAID = "not in the terms"


def _options(left: Sequence[Option]) -> str:
    """The options that are left, those alike together."""
    told = []
    alike = groupby(left, lambda o: (o.by.party, o.by.months, o.usd_month, o.by.rate, o.by.price))
    for (party, months, usd_month, rate, price), each in alike:
        rent = "" if usd_month is None else f" at ${usd_month:,.0f} a month"
        rent += "" if rate is None else f", the fee rising by {rate * 100:.10g} % a year"
        rent += " at the market price" if price == "market" else ""
        own = OWN if party == "provider" else ""
        told.append(f"{party}: {len(list(each))} × {months} months{rent}{own}")
    return "; ".join(told)


def checklist(position: Position) -> pd.DataFrame:
    """What a reader must judge, what the terms say to it, and what it would take to answer it."""
    terms = position.terms
    held = terms.termination
    leave = " and ".join(p for p in rights.PARTIES if getattr(held, p)) or "nobody"
    site = terms.capacity
    mw = site.mw.use if isinstance(site.mw, Range) else site.mw
    size = f"{site.name}, {mw:,.10g} MW" if mw else site.name
    days = (terms.end - terms.start).days
    whole = "the whole site" if site.whole_site else "not said to be the whole site"
    options = _options(rights.options(position.standing))
    index = terms.escalator.index if terms.escalator else None
    steps = ", ".join(f"{fee.since}" for fee in terms.fee)
    rows = [
        ("is it a lease", "Is there an identified asset, a physically distinct part of a site?",
         f"{size}; {whole}", "which halls or racks, and whether other tenants share them",
         "IFRS 16.B13, B20; ASC 842-10-15-9, 15-16"),
        ("is it a lease", "May the provider substitute it, in practice and to its own gain?",
         UNSAID, "a clause on substitution, and what moving the customer would cost the provider",
         "IFRS 16.B14; ASC 842-10-15-10"),
        ("is it a lease", "Does the customer obtain substantially all of its economic benefits?",
         whole, "what of the output, and of credits or by-products, stays with the provider",
         "IFRS 16.B21; ASC 842-10-15-17"),
        ("is it a lease", "Who directs how and for what purpose it is used?",
         UNSAID, "who decides what runs, when and how; who designed the site",
         "IFRS 16.B24; ASC 842-10-15-20"),
        ("is it a lease", "Are power, operation and support separated, or one with the lease?",
         UNSAID, "stand-alone prices of power, operation and support",
         "IFRS 16.12, 16.15; ASC 842-10-15-28, 15-37"),
        ("lease term", "Does leaving cost either party more than an insignificant penalty?",
         f"may leave: {leave}", "cost of fit-out, migration and replacement; cost of reletting",
         "IFRS 16.B34; ASC 842-10-55-23"),
        ("lease term", "Is the customer reasonably certain to stay, or to extend?",
         options or "no option to extend",
         "plans of use, alternatives, how much the business needs the capacity",
         "IFRS 16.18, B37; ASC 842-10-30-1"),
        ("classification", "Does ownership pass, or is there an option to purchase?",
         UNSAID, "title and options in the text itself",
         "ASC 842-10-25-2(a), (b); IFRS 16.63(a), (b)"),
        ("classification", "Is the term the major part of the asset's economic life?",
         f"stated term of {days} days", "the equipment's economic life on the first day served",
         "ASC 842-10-25-2(c); IFRS 16.63(c)"),
        ("classification", "Do payments amount to substantially all of its fair value?",
         UNSAID, "fair value of what is leased, the lessor's implicit rate, residual guarantees",
         "ASC 842-10-25-2(d); IFRS 16.63(d)"),
        ("classification", "Is it so specialised that only this customer can use it?",
         UNSAID, "whether another customer could use it without much change",
         "ASC 842-10-25-2(e); IFRS 16.63(e)"),
        ("payments", "Do payments follow an index or usage?",
         f"index: {index}" if index else "usage: take or pay" if terms.take_or_pay else "fixed",
         "what is variable in fact, and what is fixed in substance",
         "IFRS 16.27, 16.28; ASC 842-10-30-5"),
        ("revenue", "Is the customer's penalty for leaving substantive?",
         f"may leave: {leave}", "whether what is lost or paid is large against the fees left",
         "ASC 606-10-25-3; IFRS 15.11"),
        ("revenue", "Is it one series of distinct days of the same service?",
         UNSAID, "what was promised: capacity that stands ready, or units of it",
         "ASC 606-10-25-14(b); IFRS 15.22(b)"),
        ("revenue", "Does what is billed match what each day is worth to the customer?",
         f"fee steps: {steps}" if steps else UNSAID,
         "whether steps of the fee follow delivery, market prices or neither",
         "ASC 606-10-55-18; IFRS 15.B16"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["topic", "question", "terms_say", "still_open", "paragraph"])
