"""What is served: megawatts and accelerators, in tranches, delivered by a day; who bears its costs.

Field names are keys of the file, like those of `prices`.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from analysis.contract import dates
from analysis.contract.duration import Terminations
from analysis.contract.fields import (
    MAX_NAMED,
    Amounts,
    Clause,
    Day,
    Days,
    Months,
    Name,
    NonNegative,
    OpenDay,
    Party,
    Positive,
    Quantity,
    Share,
    Steps,
    Text,
)
from analysis.contract.prices import Escalator, Fee, Prepayment

Sells = Literal["shell", "colocation", "bare metal", "managed cloud", "credits", "not stated"]
"""A shell has no power or cooling fitted out; colocation has, and no accelerators."""


PaidBy = Literal["provider", "customer", "passed through"]
"""Who bears a cost: the provider out of its fee, the customer directly, or by pass-through."""


class Costs(Clause):
    """Who pays what it costs to run the site. A triple-net lease has both paid by the customer."""

    power: PaidBy = "provider"
    """Who pays for electricity; "passed through": the provider bills it at cost."""
    operating: PaidBy = "provider"
    """Who pays for maintenance, staff, insurance and property tax."""


class Capacity(Clause):
    """What is provided: megawatts on a named basis, accelerators by kind, exclusivity.

    Of an agreement with a `fee` of its own, `capacity` is what that fee pays for: tranches come on
    top, and it has ended once that fee has fallen to 0 for good. Of one without, it is the sum
    that the tranches are part of.
    """

    name: Text = "site"
    """What it is called on pages; facts say `site`, or the name of a tranche."""
    mw: Quantity | None = None
    """Power; a range where it is not disclosed."""
    mw_basis: Literal["facility", "critical IT", "not stated"] = "not stated"
    """What the megawatts count: all the facility draws, or the IT equipment alone."""
    whole_site: bool = False
    """True if the customer has the site to itself."""
    accelerators: dict[Text, Quantity] = Field(default={}, max_length=MAX_NAMED)
    """How many of each kind, like `{ GB300 = 76_000 }`; a range where undisclosed."""


class Delivery(Clause):
    """When capacity is due, and what the customer may do or gets if it is late.

    Credits stand in the next invoice, or are paid when service has ended.
    """

    due: OpenDay
    """The day by which the capacity must be there."""
    cure_days: Days = 0
    """Days after `due` before the remedy may be used."""
    cure_months: Annotated[int, Field(ge=0, le=1_200)] = 0
    """Months after `due` before the remedy may be used; added to `cure_days`."""
    remedy: Literal["exit", "reduce", "either", "nothing"] = "nothing"
    """Of what is still missing then: leave it all ("exit"), drop the missing share ("reduce")."""
    late_discount: Share = 0.0
    """Fraction off the fee, for as many days after delivery as delivery was late."""
    late_credit_usd_day: NonNegative = 0.0
    """Credit for each late day, times the share that is missing; of what is not known to come, up
    to the day of the remedy."""
    late_credit_rent_days: NonNegative = 0.0
    """Credit for each late day, in days of the capacity's own rent."""
    credit_after_days: Days = 0
    """Days of delay before the credits for late days begin."""
    credit_until_days: Days | None = None
    """Days of delay after which they end; a cap in money is so many days. Left out: no cap."""
    moves_start: bool = False
    """True if service, fees and term begin on the day of delivery, however late it is; late days
    before it are credited on that day."""

    @property
    def credited(self) -> dates.Days:
        """The days `[first, second)` for which late capacity is credited."""
        until = date.max
        if self.credit_until_days is not None:
            until = dates.after(self.due, days=self.credit_until_days)
        return dates.after(self.due, days=self.credit_after_days), until

    def _problems(self) -> Iterator[str]:
        most = self.credit_until_days
        if most is not None and most < self.credit_after_days:
            yield f"credit_until_days {most} is below credit_after_days {self.credit_after_days}"

    @property
    def cure_end(self) -> date:
        """The day on which the customer's remedy for missing capacity begins."""
        return dates.after(self.due, **self.span("cure"))


class Tranche(Clause):
    """Capacity with fees of its own: beside a `fee` of the agreement's own, on top of `capacity`.

    It is served from its `start` to its `end`. Of an agreement without a fee of
    its own, tranches are parts of `capacity`.
    """

    name: Name
    """What it is called; delivery facts name it so."""
    capacity: Capacity = Capacity()
    start: OpenDay | None = None
    """Its first day served; left out: the `from` of its first fee."""
    fee: Steps[Fee]
    """Its fees; left out where `total_usd`, its own or the agreement's, gives a level one."""
    total_usd: Positive | None = None
    """What all its charges come to: fees without an amount are solved from it."""
    end: OpenDay | None = None
    """The first day not served; left out: that of the agreement."""
    term_months: Months | None = None
    """In place of `end`: how long it is served."""
    full_months: bool = False
    """True if they are full calendar months, to which the part month at the start is added."""
    delivery: Delivery | None = None
    prepayment: Prepayment | None = None
    escalator: Escalator | None = None
    """How this tranche's fees rise, in place of the agreement's escalator."""
    termination: Terminations | None = None
    """Who may end this tranche alone without cause."""
    amounts: Amounts = "fixed"
    """How far the tranche's fees are promised; "up to" and estimates are not committed."""

    def _problems(self) -> Iterator[str]:
        if self.name == "site":
            yield "name 'site' is taken by the capacity outside tranches; choose another"
        if self.full_months and self.term_months is None:
            yield "full_months: true is allowed beside term_months, which takes end's place"
        if not self.fee:
            yield "fee: at least one is needed"
        yield from self.in_order("fee")
        last = max((fee.since for fee in self.fee), default=None)
        if self.start and self.fee and self.fee[0].since != self.start:
            yield f"fee: the first is from {self.fee[0].since}, but service starts on {self.start}"
        if self.end and last and self.end <= last:
            yield f"end {self.end} must be after the last fee's from {last}"


class CapacityOption(Clause):
    """A right to more capacity; never part of the committed value."""

    kind: Literal["option", "first offer", "first refusal"] = "option"
    """A right to take it, to be offered it first, or to match a third party."""
    party: Party = "customer"
    """Who has the right."""
    capacity: Capacity
    """The capacity that may be added."""
    usd_month: Quantity | None = None
    """The monthly fee of all of it, where one is stated."""
    months: Months | None = None
    """How long it would be served; left out: to the end of the agreement."""
    price: Literal["stated", "same", "market"] = "market"
    """`same`: the price a megawatt (or accelerator) and month of this agreement; left out: what
    `usd_month` states."""
    opens: Day | None = None
    """The first day on which it may be exercised."""
    last_day: Day | None = None
    """The last day on which it may be exercised."""

    def _problems(self) -> Iterator[str]:
        if self.price == "stated" and self.usd_month is None:
            yield "price 'stated' needs usd_month"
        if self.opens and self.last_day and self.last_day < self.opens:
            yield f"last_day {self.last_day} comes before it opens, {self.opens}"
