"""How the readings compare: the same question asked of a position under each of them.

Every table has one row or one block of rows for each reading. The headline that firm values are
set against is what a reading's fees come to if service goes on to the end that the file states.
"""

from datetime import date
from typing import Literal, NamedTuple

import pandas as pd

from analysis.contract.fields import Bound, Party
from analysis.contract.position import Position, as_written
from analysis.contract.terms import HEADLINE, Reading, said_by

BOUNDS: tuple[Literal["low"], Literal["high"]] = ("low", "high")


class Compared(NamedTuple):
    """What one reading leaves firm; low and high over the ends of discounts and uncertain days."""

    reading: str
    title: str
    end: date
    firm_low_usd: float
    firm_usd: float
    firm_high_usd: float
    headline_usd: float
    firmness: float
    firmness_low: float
    firmness_high: float


def names(found: Position) -> list[str]:
    """The readings that stand, earliest end of the promise first, as seen at the start.

    Left out are the headline and, unless it is in use, one whose text is superseded.
    """
    agreement = found.agreement
    every = [name for name in agreement.readings if name != HEADLINE]
    own = (found.reading, agreement.reading.name)
    others = [n for n in every if n in own or said(found, n).status != "superseded"] or [HEADLINE]
    if len(others) == 1:
        return others
    start = as_written(agreement) if found.facts else found.on(agreement.start)
    return sorted(others, key=lambda name: (start.under(name).firm().end, name))


def label(found: Position, name: str) -> str:
    """What a reading says, and its name in brackets, as charts and tables call it."""
    return f"{found.under(name).read.reading.title} ({name})"


def compare(found: Position, *, party: Party = "customer") -> pd.DataFrame:
    """What each reading leaves firm on the day: the columns are those of `Compared`."""
    return pd.DataFrame([one(found, name, party=party) for name in names(found)])


def one(found: Position, reading: str, *, party: Party = "customer") -> Compared:
    """The row of `compare` for one reading, the headline and joined readings included."""
    read = found.under(reading)
    days: tuple[Bound, ...] = BOUNDS if read.uncertain else ("use",)
    settled = [read.resolved_at(bound, day) for bound in BOUNDS for day in days]
    if found.as_of == found.agreement.start:  # each on its own first day
        settled = [each.on(each.agreement.start) for each in settled]
    firms = [each.firm(party).usd for each in settled]
    shares = [each.firmness(party) for each in settled]
    firm, title, now = read.firm(party), read.read.reading.title, read.firmness(party)
    amounts = (min(firms), firm.usd, max(firms), read.carried.usd)
    return Compared(reading, title, firm.end, *amounts, now, min(shares), max(shares))


def said(found: Position, name: str) -> Reading:
    """What a reading says of itself: title, status and weight; of joined ones the title alone."""
    own, others = found.agreement.reading, found.agreement.changes
    if name == own.name:
        return own
    return said_by(name, others[name]) if name in others else found.under(name).read.reading
