"""An agreement on a day, under a reading, with what has happened: resolved once.

>>> found = position(deal, as_of=date(2026, 6, 1))
>>> found.end, found.firm().end
(datetime.date(2028, 3, 1), datetime.date(2026, 8, 30))
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from analysis.contract import billing, commitment, rights, schedule, terms
from analysis.contract.clauses import Party
from analysis.contract.commitment import Commitment
from analysis.contract.deadlines import deadlines
from analysis.contract.rights import Exit
from analysis.contract.schedule import Charge, Facts
from analysis.contract.terms import Agreement


def position(
    agreement: Agreement,
    as_of: date | None = None,
    reading: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> "Position":
    """The agreement on a day (default: the start) under a reading (default: the file's own).

    `facts` are what has happened, see `schedule.Facts`. "headline" means that nobody leaves. Raises
    `ValueError` for a reading that the agreement does not have, and for impossible facts.
    """
    name = reading or agreement.reading.name
    known = Facts(**(facts or {}))  # type: ignore[typeddict-item]
    schedule.check_facts(agreement, known)
    read = terms.read_as(agreement, name)
    return Position(
        agreement=agreement,
        reading=name,
        as_of=as_of or agreement.start,
        facts=known,
        read=read,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Position:
    """An agreement as known on `as_of`, under `reading`: terms, charges and exits resolved once.

    read: the agreement under the reading, with every amendment. Amounts are US dollars without a
    sign of an owner; `end` and every other end is the first day not served. `deadlines` and
    `bridge` still ask the agreement again.
    """

    agreement: Agreement
    reading: str
    as_of: date
    read: Agreement = field(repr=False)
    facts: Facts = field(repr=False)

    def on(self, as_of: date) -> "Position":
        """The same on another day."""
        return replace(self, as_of=as_of)

    @cached_property
    def standing(self) -> Agreement:
        """What is signed by the day: later amendments left out, renewals that bind counted."""
        return rights.in_term(self.read, self.as_of)

    @cached_property
    def terms(self) -> Agreement:
        """The terms with every amendment signed by the day in force."""
        return rights.final_terms(self.standing)

    @property
    def end(self) -> date:
        """The first day not served if nobody leaves."""
        return self.terms.end

    @cached_property
    def charges(self) -> tuple[Charge, ...]:
        """Every charge for service from the day on to the stated end."""
        return tuple(schedule.charges(self.standing, since=self.as_of, **self.facts))

    @cached_property
    def rows(self) -> pd.DataFrame:
        """A row a service period: `start, end, days, share, fee_usd, due, clause`."""
        return schedule.frame(self.charges)

    @cached_property
    def payments(self) -> pd.DataFrame:
        """Every payment by date, past ones included: `date, usd, clause`, in whole cents."""
        return billing.payments(self.standing, **self.facts)

    def exits(self, party: Party) -> list[Exit]:
        """The days on which a party's notice may end service, a stretch a right."""
        return rights.exit_days(self.standing, as_of=self.as_of, party=party, **self.facts)

    @cached_property
    def deadlines(self) -> pd.DataFrame:
        """Every date that matters, in order: `date, event, party, ends`."""
        return deadlines(self.read, as_of=self.as_of)

    @cached_property
    def headline(self) -> Commitment:
        """Remaining contract value: all fees to the stated end, as if nobody leaves."""
        return commitment.stated(self.standing, self.as_of, self.facts)

    def firm(self, party: Party = "customer") -> Commitment:
        """Fees that stay committed although `party` may leave; see `commitment.firm`."""
        return commitment.committed(self.standing, self.as_of, party, self.facts)

    def bridge(
        self,
        *,
        party: Party = "customer",
        rate: float,
        default_probability: float,
        loss_given_default: float,
    ) -> pd.DataFrame:
        """From remaining contract value to risk-adjusted firm value: `step, usd, running_usd`.

        The steps add up exactly; see `commitment.bridge`.
        """
        return commitment.bridge(
            self.agreement,
            as_of=self.as_of,
            reading=self.reading,
            party=party,
            rate=rate,
            default_probability=default_probability,
            loss_given_default=loss_given_default,
            **self.facts,
        )
