"""How do the readings compare: the same question asked of an agreement under each of them.

Every table has one row or one block of rows for each reading. The headline that firm values are
set against is what a reading's fees come to if service goes on to the end that the file states.
"""

import math
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Literal, NamedTuple, Unpack

import pandas as pd

from analysis.contract import schedule
from analysis.contract.clauses import Party
from analysis.contract.commitment import bridge, carried, firm
from analysis.contract.rights import final_terms, in_term
from analysis.contract.schedule import Facts
from analysis.contract.terms import HEADLINE, Agreement, read_as, settle
from analysis.contract.windows import right

BOUNDS: tuple[Literal["low"], Literal["high"]] = ("low", "high")


class Compared(NamedTuple):
    """What one reading leaves firm; see `compare`."""

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


def names(agreement: Agreement) -> list[str]:
    """All readings but the headline, earliest end of the promise first, as seen at the start."""
    found = [name for name in agreement.readings if name != HEADLINE] or [HEADLINE]
    return sorted(found, key=lambda name: (firm(read_as(agreement, name)).end, name))


def label(agreement: Agreement, name: str) -> str:
    """A reading's name and meaning for a chart."""
    return f"{name}: {read_as(agreement, name).reading.title}"


def compare(
    agreement: Agreement,
    *,
    as_of: date | None = None,
    party: Party = "customer",
    **facts: Unpack[Facts],
) -> pd.DataFrame:
    """What each reading leaves firm on `as_of` (default: the start).

    Columns `reading, title, end, firm_low_usd, firm_usd, firm_high_usd, headline_usd, firmness,
    firmness_low, firmness_high`: low and high over the ends of the undisclosed discounts;
    firmness is firm ÷ headline, both at the same discount.
    """
    found = [one(agreement, name, as_of=as_of, party=party, **facts) for name in names(agreement)]
    return pd.DataFrame(found)


def one(
    agreement: Agreement,
    reading: str,
    *,
    as_of: date | None = None,
    party: Party = "customer",
    **facts: Unpack[Facts],
) -> Compared:
    """The row of `compare` for one reading, the headline and joined readings included."""
    read = read_as(agreement, reading)
    promised = firm(read, as_of=as_of, party=party, **facts)
    firms, ratios = [], []
    for bound in BOUNDS:
        settled = settle(read, bound)
        firms.append(firm(settled, as_of=as_of, party=party, **facts).usd)
        ratios.append(_ratio(firms[-1], _carried_usd(agreement, settled, as_of, facts)))
    stated = _carried_usd(agreement, read, as_of, facts)
    return Compared(
        reading=reading,
        title=read.reading.title,
        end=promised.end,
        firm_low_usd=min(firms),
        firm_usd=promised.usd,
        firm_high_usd=max(firms),
        headline_usd=stated,
        firmness=_ratio(promised.usd, stated),
        firmness_low=min(ratios),
        firmness_high=max(ratios),
    )


class Left(NamedTuple):
    """What one reading leaves on a day: the first day not promised, firm and stated fees."""

    end: date
    firm_usd: float
    headline_usd: float

    @property
    def firmness(self) -> float:
        """Firm ÷ stated; `nan` where nothing is left."""
        return _ratio(self.firm_usd, self.headline_usd)


def left(
    agreement: Agreement, reading: str, *, as_of: date, party: Party, **facts: Unpack[Facts]
) -> Left:
    """What a reading leaves firm on a day, and its fees to the end that the file states."""
    return (_left if facts else _kept)(agreement, reading, as_of, party, **facts)


def _left(
    agreement: Agreement, reading: str, as_of: date, party: Party, **facts: Unpack[Facts]
) -> Left:
    promised = firm(read_as(agreement, reading), as_of=as_of, party=party, **facts)
    stated = nominal_usd(agreement, reading, as_of=as_of, **facts)
    return Left(promised.end, promised.usd, stated)


_kept = lru_cache(maxsize=1024)(_left)


def _ratio(firm_usd: float, headline_usd: float) -> float:
    return firm_usd / headline_usd if headline_usd else math.nan


def nominal_usd(
    agreement: Agreement, reading: str, *, as_of: date | None = None, **facts: Unpack[Facts]
) -> float:
    """A reading's fees from `as_of` to the end that the file states, as if nobody leaves."""
    return _carried_usd(agreement, read_as(agreement, reading), as_of, facts)


def _carried_usd(agreement: Agreement, read: Agreement, as_of: date | None, facts: Facts) -> float:
    return math.fsum(charge.usd for charge in carried(agreement, read, as_of=as_of, **facts))


def bridges(
    agreement: Agreement, *, only: Sequence[str] | None = None, **arguments: Any
) -> pd.DataFrame:
    """`commitment.bridge` under each reading, or `only` some; with `reading` and `label`."""
    tables = [
        bridge(agreement, reading=name, **arguments).assign(
            reading=name, label=label(agreement, name)
        )
        for name in (names(agreement) if only is None else only)
    ]
    return pd.concat(tables, ignore_index=True)


def windows(
    agreement: Agreement, *, as_of: date | None = None, party: Party = "customer"
) -> pd.DataFrame:
    """The term in stretches, seen from `as_of`: `label, phase, start, end`.

    Phases: "served" up to as_of; "firm", until the party may be gone; "may be cancelled", to the
    end that the reading states.
    """
    table = []
    for name in names(agreement):
        read = in_term(read_as(agreement, name), as_of or agreement.start)
        term = final_terms(read)
        now = min(max(as_of or term.start, term.start), term.end)
        leave = firm(read, as_of=as_of, party=party).end
        edges = [term.start, now, leave, term.end]
        phases = ["served", "firm", "may be cancelled"]
        table += [
            (label(agreement, name), phase, start, end)
            for phase, start, end in zip(phases, edges, edges[1:], strict=False)
            if start < end
        ]
    return pd.DataFrame(table, columns=["label", "phase", "start", "end"])


def marks(
    agreement: Agreement, *, as_of: date | None = None, party: Party = "customer"
) -> pd.DataFrame:
    """The days that divide the term under each reading, as signed by `as_of`: `label, mark, date`.

    Marks: "full fee" (the last discounted day is over), "gate" (`party` may first serve notice, or
    let it take effect, under the right then in force) and "first exit" (the earliest end seen from
    the start).
    """
    day = as_of or agreement.start
    table: list[tuple[str, str, date]] = []
    for name in names(agreement):
        read = read_as(agreement, name)
        standing = in_term(read, day)
        reduced = [c.end for c in schedule.charges(standing) if c.usd < c.full_usd]
        _, opens = right(read, party, as_of=day) or (None, read.start)
        leave = firm(read, party=party).end
        found = {"full fee": max(reduced, default=None)}
        found["gate"] = opens if opens > read.start else None
        found["first exit"] = leave if leave < final_terms(in_term(read, read.start)).end else None
        table += [(label(agreement, name), mark, day) for mark, day in found.items() if day]
    return pd.DataFrame(table, columns=["label", "mark", "date"])


def through_time(
    agreement: Agreement, *, party: Party = "customer", **facts: Unpack[Facts]
) -> pd.DataFrame:
    """What is firm seen from the start, every month's first day and every date the terms name.

    Columns `reading, as_of, end, firm_usd, headline_usd, firmness`.
    """
    table = []
    for name in names(agreement):
        read = read_as(agreement, name)
        for day in sorted({charge.start for charge in schedule.charges(read, **facts)}):
            found = left(agreement, name, as_of=day, party=party, **facts)
            table.append((name, day, *found, found.firmness))
    columns = ["reading", "as_of", "end", "firm_usd", "headline_usd", "firmness"]
    return pd.DataFrame(table, columns=columns)
