"""An agreement on a day, under a reading, with what has happened: resolved once.

>>> found = position(deal, as_of=date(2026, 6, 1))
>>> found.end, found.firm().end
(datetime.date(2028, 3, 1), datetime.date(2026, 8, 30))
"""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeVar, cast

import pandas as pd

from analysis.contract import (
    amendments,
    billing,
    commitment,
    dates,
    deadlines,
    ladder,
    rights,
    schedule,
)
from analysis.contract.amendments import signed_by
from analysis.contract.charges import Charge
from analysis.contract.commitment import Commitment
from analysis.contract.dates import DayCount
from analysis.contract.derived import on_days
from analysis.contract.duration import Termination
from analysis.contract.facts import NOTHING, Facts, check_facts, known, latest, started
from analysis.contract.fields import Bound, Party
from analysis.contract.ladder import CreditRisk
from analysis.contract.rights import Exit
from analysis.contract.schedule import Schedule
from analysis.contract.terms import Agreement, under

PLANNED = "planned"  # the agreement before a delivery moved its start
T = TypeVar("T")


def position(
    agreement: Agreement,
    as_of: date | None = None,
    reading: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> "Position":
    """The agreement on a day (default: the start) under a reading (default: the file's own).

    `facts` are what has happened, see `facts.Facts`. "headline" means that nobody leaves. Raises
    `ValueError` for a reading that the agreement does not have, no date, and impossible facts.
    """
    given = Facts.of(facts)
    check_facts(agreement, given)
    found = as_written(agreement, as_of, given)
    return found.under(reading or found.reading)


def as_written(
    agreement: Agreement, as_of: date | None = None, facts: Facts = NOTHING
) -> "Position":
    """The agreement's own terms on a day, its readings left beside them."""
    begun = started(agreement, facts)
    return Position(
        agreement=begun,
        reading=begun.reading.name,
        as_of=as_of or begun.start,
        facts=facts,
        read=begun,
        shared={PLANNED: agreement},
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Position:
    """An agreement as known on `as_of`, under `reading`: terms, charges and exits resolved once.

    read: the agreement under the reading, with every amendment. Amounts are US dollars without a
    sign of an owner; `end` and every other end is the first day not served. facts: those passed in,
    which count on every day.
    """

    agreement: Agreement
    reading: str
    as_of: date
    read: Agreement = field(repr=False)
    facts: Facts = field(repr=False)
    bound: Bound = "use"
    """The end of their ranges at which undisclosed discounts lie, or so far up them."""
    shared: dict[Hashable, Any] = field(repr=False, default_factory=dict)
    """What is worked out once for all days and readings of the agreement."""

    def __post_init__(self) -> None:
        if type(self.as_of) is not date:
            raise ValueError(f"as_of: {self.as_of!r} is not allowed; allowed: a datetime.date")

    def on(self, as_of: date) -> "Position":
        """The same on another day."""
        return replace(self, as_of=as_of)

    def under(self, reading: str) -> "Position":
        """The same day under another reading; "headline" means that nobody leaves.

        Several joined by "+" hold together. Raises `ValueError` that names the readings there are.
        """
        read = self._once(("read", reading), lambda: under(self.agreement, reading))
        return replace(self, reading=reading, read=read)

    @property
    def interpretation(self) -> str:
        """The reading in words, its name in brackets."""
        return f"{self.read.reading.title} ({self.reading})"

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        if key not in self.shared:
            self.shared[key] = make()
        return cast(T, self.shared[key])

    def changed(self, changes: Mapping[str, Any]) -> "Position":
        """The same day under the same reading with changed terms, see `Agreement.change`."""
        key = ("changed", self.reading, repr(changes))
        made = self._once(key, lambda: as_written(self.read.change(changes), facts=self.facts))
        return made.on(self.as_of)

    def resolved_at(self, bound: Bound, days: Bound = "use") -> "Position":
        """The same with every undisclosed discount at an end of its range, and uncertain days too.

        Itself without any. A total that fees are solved from stays, wherever the days lie.
        """
        here = self.on_days(days)
        return replace(here, bound=bound) if schedule.undisclosed(here.read) else here

    @property
    def uncertain(self) -> bool:
        """Whether a day of the terms, of an amendment or of a reading lies in a range."""
        stated = self.read.stated()
        return bool(on_days(stated, "use") != stated)

    def on_days(self, bound: Bound) -> "Position":
        """The same with every uncertain day at an end of its range, or so far up it."""
        if bound == "use" or not self.uncertain:
            return self
        moved = self._once(
            ("days", bound),
            lambda: as_written(
                self.shared.get(PLANNED, self.agreement).on_days(bound), self.as_of, self.facts
            ),
        )
        return replace(moved, as_of=self.as_of, bound=self.bound).under(self.reading)

    @cached_property
    def signed(self) -> Agreement:
        """What is signed by the day: later amendments left out."""
        return signed_by(self.read, self.as_of)

    @cached_property
    def schedule(self) -> Schedule:
        """The charges of what is signed by the day, from which those of any days are cut."""
        *_, months, _, _ = self._seen
        return self._once(
            self._seen,
            lambda: Schedule(amendments.renewed(self.signed, months), self.known, bound=self.bound),
        )

    @cached_property
    def _seen(self) -> tuple[Any, ...]:
        """What tells the schedules of days apart."""
        months = amendments.renewed_months(self.read, self.as_of)
        happened = sum(fact.date <= self.as_of for fact in self.read.fact)
        return self.read, len(self.signed.amendment), months, happened, self.bound

    @property
    def known(self) -> Facts:
        """What has happened: the file's facts up to the day, and those passed in."""
        return known(self.read, self.as_of, self.facts)

    @property
    def standing(self) -> Agreement:
        """What is signed by the day, renewals that bind by then counted."""
        return self.schedule.agreement

    @property
    def terms(self) -> Agreement:
        """The terms with every amendment signed by the day in force."""
        return self.schedule.terms

    @property
    def end(self) -> date:
        """The first day not served if nobody leaves."""
        return self.terms.end

    @cached_property
    def charges(self) -> Sequence[Charge]:
        """Every charge for service from the day on to the stated end."""
        return self.schedule.charges(self.as_of)

    @cached_property
    def service_days(self) -> list[date]:
        """The first days of the service periods, those of every amendment: of months and steps."""
        return sorted({charge.start for charge in Schedule(self.read, self.known).whole})

    @cached_property
    def rows(self) -> pd.DataFrame:
        """A row a service period: `start, end, days, share, fee_usd, due, clause`."""
        return schedule.frame(self.charges)

    @cached_property
    def payments(self) -> pd.DataFrame:
        """Every payment by date, past ones included: `date, usd, clause`, in whole cents."""
        return billing.payments(self.schedule)

    def exits(self, party: Party) -> list[Exit]:
        """The days on which a party's notice may end service, a stretch a right."""
        return rights.exits(self.schedule, self.as_of, party)

    def right(self, party: Party) -> tuple[Termination, date] | None:
        """The right of a party now, else the first it is given later, and the day it opens."""
        return rights.right(self.standing, party, self.as_of)

    @cached_property
    def deadlines(self) -> pd.DataFrame:
        """Every date that matters, in order: `date, event, party, ends`."""
        return deadlines.dated(self.signed, self.standing, self.as_of, self.known)

    def held_over(self, until: date) -> pd.DataFrame:
        """What staying on from the end to a day costs under `holdover`: `rows` of those days.

        Raises `ValueError` without that clause, and for days beyond the months that it allows.
        """
        held = self.terms.holdover
        last = dates.add_months(self.end, held.months) if held and held.months else date.max
        if not held or not self.end < until <= last:
            allowed = f"after {self.end}, up to {last}" if held else "none without holdover"
            raise ValueError(f"until: {until} is not allowed; allowed: {allowed}")
        shares = {self.end: held.share} | {s.begins(self.end): s.share for s in held.steps}
        days = [*sorted(day for day in shares if day < until), until]
        charges = replace(self.schedule, level=self.end).charges(self.end, until)
        rows = schedule.frame([c for d in pairwise(days) for c in schedule.between(charges, *d)])
        due = rows.start.map(lambda day: latest(shares, day, held.share))
        return rows.assign(fee_usd=rows.fee_usd * due, clause="holdover")

    @cached_property
    def headline(self) -> Commitment:
        """Remaining contract value: all fees to the stated end, as if nobody leaves."""
        return Commitment(self.charges, self.end)

    @cached_property
    def carried(self) -> Commitment:
        """All fees if service goes on to the end of the file or of the reading, the later one.

        A reading may end earlier than the file states; its last fee then goes on to that end.
        """
        end = max(self.end, Schedule(signed_by(self.agreement, self.as_of)).terms.end)
        return Commitment(self.schedule.charges(self.as_of, end), end)

    def firm(self, party: Party = "customer") -> Commitment:
        """Fees that stay committed although `party` may leave.

        It leaves on the earliest day its rights allow, unless that costs the customer more than to
        stay or to leave later: then on the first day of its least total payment. Without a right
        this is the headline; where notice ends it before service, a termination fee at most.

        >>> position(deal).firm().usd, position(deal).firm().end
        (200.0, datetime.date(2026, 4, 1))
        """
        return self._once(
            (*self._seen, self.as_of, party),
            lambda: commitment.committed(self.schedule, self.as_of, party),
        )

    def firmness(self, party: Party = "customer") -> float:
        """Firm ÷ all fees to the end that the file states; `nan` where nothing is left."""
        return self.firm(party).usd / self.carried.usd if self.carried.usd else math.nan

    def ladder(
        self,
        party: Party = "customer",
        *,
        rate: float | None = None,
        default_probability: float = 0.0,
        loss_given_default: float = 1.0,
    ) -> pd.DataFrame:
        """What must happen for each dollar to be paid: `step, what, usd, by, date`.

        The total contract value, less what is above the commitment, not yet delivered and
        cancellable, plus exit fees, adds up to what is firm. Options not exercised stand beside it.
        `taken as delivered` is the part of it that was due with no fact; `supported` and
        `uncovered` add up to it. With a rate, the last row is the firm value after time value and
        expected credit loss, as in `bridge`.

        >>> position(deal).ladder().set_index("step").usd.round().to_dict()
        {'total contract value': 2500.0, 'cancellable': -2300.0, 'committed': 200.0}
        """
        given = default_probability, loss_given_default
        risk = None if rate is None else CreditRisk(self.as_of, rate, *given)
        return ladder.steps(self.schedule, self.as_of, party, self.carried, risk)

    def bridge(
        self,
        *,
        party: Party = "customer",
        rate: float,
        default_probability: float,
        loss_given_default: float,
        day_count: DayCount = "actual/365",
    ) -> pd.DataFrame:
        """From remaining contract value to risk-adjusted firm value: `step, usd, running_usd`.

        All fees at their full rate to the stated end; less discounts; less what `party` may cancel;
        less the time value of money at `rate` (effective annual); less the expected credit loss,
        loss_given_default × (1 - (1 - default_probability)^years) of each amount's present value,
        less what supporters are expected to pay of it. Fees above the commitment count as tail.
        Prepayments and deposits are not counted against the loss. The steps add up exactly.
        """
        risk = CreditRisk(self.as_of, rate, default_probability, loss_given_default, day_count)
        return ladder.bridge(self.carried, self.firm(party), self.terms.support, risk)
