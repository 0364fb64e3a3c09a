"""How the readings compare: the same question asked of a position under each of them.

Every table has one row or one block of rows for each reading. The headline that firm values are
set against is what a reading's fees come to if service goes on to the end that the file states.
"""

from datetime import date
from itertools import pairwise
from typing import Literal, NamedTuple

import pandas as pd

from analysis.contract.conditions import Reading, said_by
from analysis.contract.fields import Bound, Party
from analysis.contract.position import Position, as_written
from analysis.contract.terms import HEADLINE

BOUNDS: tuple[Literal["low"], Literal["high"]] = ("low", "high")


class Compared(NamedTuple):
    """What one reading leaves firm on the day.

    low and high are over the ends of the undisclosed discounts and of the uncertain days; firmness
    is firm ÷ headline, both at the same ends.
    """

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
    firms = [each.firm(party).usd for each in settled]
    shares = [each.firmness(party) for each in settled]
    return Compared(
        reading=reading,
        title=read.read.reading.title,
        end=read.firm(party).end,
        firm_low_usd=min(firms),
        firm_usd=read.firm(party).usd,
        firm_high_usd=max(firms),
        headline_usd=read.carried.usd,
        firmness=read.firmness(party),
        firmness_low=min(shares),
        firmness_high=max(shares),
    )


def said(found: Position, name: str) -> Reading:
    """What a reading says of itself: title, status and weight; of joined ones the title alone."""
    own, others = found.agreement.reading, found.agreement.changes
    if name == own.name:
        return own
    return said_by(name, others[name]) if name in others else found.under(name).read.reading


def windows(found: Position, *, party: Party = "customer") -> pd.DataFrame:
    """The term in stretches, seen from the day: `label, phase, start, end`.

    Phases: "served" up to the day; "firm", until the party may be gone; "may be cancelled", to the
    end that the reading states.
    """
    table, phases = [], ("served", "firm", "may be cancelled")
    for name in names(found):
        read = found.under(name)
        now = min(max(read.as_of, read.terms.start), read.end)
        edges = pairwise([read.terms.start, now, read.firm(party).end, read.end])
        stretches = ((phase, *edge) for phase, edge in zip(phases, edges, strict=True))
        table += [(label(found, name), *each) for each in stretches if each[1] < each[2]]
    return pd.DataFrame(table, columns=["label", "phase", "start", "end"])


def marks(found: Position, *, party: Party = "customer") -> pd.DataFrame:
    """The days that divide the term under each reading, as signed by the day: `label, mark, date`.

    Marks: "full fee" (the last discounted day is over), "gate" (`party` may first serve notice, or
    let it take effect, under the right then in force) and "first exit" (the earliest end seen from
    the start).
    """
    table: list[tuple[str, str, date]] = []
    for name in names(found):
        read = found.under(name)
        start = read.on(read.read.start)
        reduced = [c.end for c in read.schedule.whole if c.usd < c.full_usd]
        _, opens = read.right(party) or (None, read.read.start)
        leave = start.firm(party).end
        days = {
            "full fee": max(reduced, default=None),
            "gate": opens if opens > read.read.start else None,
            "first exit": leave if leave < start.end else None,
        }
        table += [(label(found, name), mark, day) for mark, day in days.items() if day]
    return pd.DataFrame(table, columns=["label", "mark", "date"])


def through_time(found: Position, *, party: Party = "customer") -> pd.DataFrame:
    """What is firm seen from the start, every month's first day and every date the terms name.

    Columns `reading, as_of, end, firm_usd, headline_usd, firmness`.
    """
    table = []
    for name in names(found):
        read = found.under(name)
        for now in map(read.on, read.service_days):
            firm, stated = now.firm(party), now.carried.usd
            table.append((name, now.as_of, firm.end, firm.usd, stated, now.firmness(party)))
    columns = ["reading", "as_of", "end", "firm_usd", "headline_usd", "firmness"]
    return pd.DataFrame(table, columns=columns)
