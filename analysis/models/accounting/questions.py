"""The questions that decide how an agreement is booked, with what its terms say: no verdict."""

from collections.abc import Sequence
from itertools import groupby

import pandas as pd

from analysis.contract import Position, amendments
from analysis.contract.amendments import Option
from analysis.contract.served import as_range

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


def checklist(position: Position, asked: pd.DataFrame) -> pd.DataFrame:
    """What a reader must judge, what the terms say to it, and what it would take to answer it.

    asked: `topic, question, terms_say, still_open, paragraph`; `terms_say` names what is filled in.
    """
    terms, site = position.terms, position.terms.capacity
    mw = f", {as_range(site.mw).use:,.10g} MW" if site.mw else ""
    whole = "the whole site" if site.whole_site else "not said to be the whole site"
    leave = " and ".join(terms.termination.held) or "nobody"
    index = terms.escalator.index if terms.escalator else None
    usage = "usage: take or pay" if terms.take_or_pay else "fixed"
    steps = ", ".join(f"{fee.since}" for fee in terms.fee)
    said = {
        "": UNSAID,
        "size": f"{site.name}{mw}; {whole}",
        "whole site": whole,
        "may leave": f"may leave: {leave}",
        "options": _options(amendments.options(position.standing)) or "no option to extend",
        "stated term": f"stated term of {(terms.end - terms.start).days} days",
        "index or usage": f"index: {index}" if index else usage,
        "fee steps": f"fee steps: {steps}" if steps else UNSAID,
    }
    return asked.assign(terms_say=asked.terms_say.map(said))
