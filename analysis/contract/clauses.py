"""The clauses an agreement is made of, each a frozen table that refuses what makes no sense.

Field names are the keys of an agreement's TOML file. Money is US dollars, dates are days,
shares are fractions, periods are half-open.
"""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from analysis.contract import dates
from analysis.contract.fields import (
    DAY,
    MAX_NAMED,
    PARTIES,
    Amounts,
    Clause,
    Day,
    Days,
    Discount,
    Few,
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
    begun,
)
from analysis.contract.prices import Escalator


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


class Fee(Clause):
    """A monthly fee from a day on, less a discount (a fraction; a range if undisclosed).

    It is charged as stated from that day on, or from the day on which the amendment or extension
    that states it takes effect, and rises on each later day that the escalator names.
    """

    since: OpenDay = Field(alias="from")
    """Its first day; left out: that of its capacity, or `after_months` of it."""
    after_months: Annotated[int, Field(ge=0, le=1_200)] | None = None
    """In place of `from`: so many months after the start of its capacity."""
    usd_month: NonNegative
    """The fee of a whole month, before the discount; left out: solved from `total_usd`."""
    discount: Discount = 0.0
    """Fraction off the fee; a range where it is not disclosed."""
    derived: bool = False
    """True where the monthly fee is solved from `total_usd`, not disclosed."""


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
    moves_start: bool = False
    """True if service, fees and term begin on the day of delivery, however late it is; late days
    before it are credited on that day."""

    @property
    def cure_end(self) -> date:
        """The day on which the customer's remedy for missing capacity begins."""
        return dates.after(self.due, days=self.cure_days, months=self.cure_months)


class Prepayment(Clause):
    """Money paid ahead; each invoice due from `credit_from` on uses up to a share of itself.

    A tranche's prepayment counts that share, `credit_share`, of the tranche's fees, late credits
    and service credits in an invoice; the agreement's own, of the whole invoice, and pays no more
    than tranches' prepayments have left of it. What is unused at the end comes back if
    `refundable`.
    """

    usd: Positive | None = None
    """The sum paid ahead; or `share`, from which it is solved."""
    share: Annotated[Share, Field(gt=0)] | None = None
    """In place of `usd`: the share paid ahead of all fees to the end, as first signed."""
    paid: Day
    """The day on which it is paid."""
    credit_from: Day
    """Invoices due from this day on use it up."""
    credit_share: Annotated[Share, Field(gt=0)] = 1.0
    """The most of an invoice that the prepayment pays."""
    refundable: bool = True
    """True if what is unused at the end comes back."""

    def _problems(self) -> Iterator[str]:
        if self.usd is None and self.share is None:
            yield "exactly one of usd, share is allowed; given: none"
        if self.credit_from < self.paid:
            yield f"credit_from {self.credit_from} comes before it is paid, {self.paid}"


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
    delivery: Delivery | None = None
    prepayment: Prepayment | None = None
    escalator: Escalator | None = None
    """How this tranche's fees rise, in place of the agreement's escalator."""
    termination: "Terminations | None" = None
    """Who may end this tranche alone without cause."""
    amounts: Amounts = "fixed"
    """How far the tranche's fees are promised; "up to" and estimates are not committed."""

    def _problems(self) -> Iterator[str]:
        if self.name == "site":
            yield "name 'site' is taken by the capacity outside tranches; choose another"
        if not self.fee:
            yield "fee: at least one is needed"
        yield from overlaps(self.fee)
        last = max((fee.since for fee in self.fee), default=None)
        if self.start and self.fee and self.fee[0].since != self.start:
            yield f"fee: the first is from {self.fee[0].since}, but service starts on {self.start}"
        if self.end and last and self.end <= last:
            yield f"end {self.end} must be after the last fee's from {last}"


class AmountFrom(Clause):
    """An amount that holds from a day on."""

    since: Day = Field(alias="from")
    """The first day on which it holds."""
    usd: NonNegative
    """The amount from then on."""


class Unamortised(Clause):
    """A cost written off month by month; who leaves owes what is left, all before `from`."""

    usd: Positive
    """The cost to write off."""
    since: Day = Field(alias="from")
    """The day on which the write-off begins."""
    months: Months
    """Over how many months it is written off."""
    rate: Share = 0.0
    """Interest on what is left, as in a loan with level payments; 0: a straight line."""

    def left_usd(self, day: date) -> float:
        """What is left of the cost on a day, after the whole months passed."""
        passed = dates.whole_months(self.since, day)
        gone, rate = min(max(0, passed), self.months), self.rate / dates.MONTHS_PER_YEAR
        if not rate:
            return self.usd * (1 - gone / self.months)
        return self.usd * (1 - ((1 + rate) ** gone - 1) / ((1 + rate) ** self.months - 1))


class Notice(Clause):
    """What must be said a time ahead: so many days, or months.

    Notice to terminate counts forward to the first day not served; notice before the end of a
    term (to object, to extend) counts back from its last day served, so that it is a day earlier.
    """

    notice_days: Days | None = None
    """Notice in days; or `notice_months`."""
    notice_months: Months | None = None
    """Notice in months; or `notice_days`."""

    def ends(self, served: date) -> date:
        """The first day not served after a notice served on that day."""
        return dates.after(served, days=self.notice_days or 0, months=self.notice_months or 0)

    def last_notice(self, by: date) -> date:
        """The latest day on which a notice still ends service by that day."""
        ahead = {"days": self.notice_days or 0, "months": self.notice_months or 0}
        return dates.last_day_to_serve(by, **ahead)

    def last_day(self, end: date) -> date:
        """The last day to say it, before a term whose first day not served is `end`."""
        return self.last_notice(end - DAY)

    def _problems(self) -> Iterator[str]:
        yield from self._at_most_one("notice_days", "notice_months", needed=True)


class Termination(Notice):
    """One party's right to leave without cause, on notice, for a fee to the other party.

    A gate is the first day on which notice may be served, or take effect (`gate_applies`).
    """

    gate_days: Days | None = None
    """The gate in days from the start of service."""
    gate_months: Months | None = None
    """The gate in months from the start of service."""
    gate_date: Day | None = None
    """The gate as a date."""
    gate_applies: Literal["serving", "effect"] = "serving"
    """What the gate holds back: serving notice, or its effect."""
    fee_usd: NonNegative | None = None
    """A fixed fee to leave."""
    fee_months: NonNegative | None = None
    """The fee to leave, in months of the fee last in force before service ends."""
    fee_share_of_remaining: Share | None = None
    """The fee to leave, as a share of all fees left."""
    fee_schedule: Few[AmountFrom] = ()
    """The fee by the day on which service ends: each step holds from its day on."""
    fee_unamortised: Unamortised | None = None
    """What is left of a cost that is written off over time, owed beside any other fee."""
    takes_effect: Literal["any day", "anniversary"] = "any day"
    """The days on which notice may end service: any, or anniversaries of the start alone."""
    until: Day | None = None
    """The last day that it may set as the first not served; left out: up to the end."""
    until_months: Months | None = None
    """In place of `until`: so many months after the start of service."""

    def gate(self, start: date) -> date | None:
        """The first day to serve notice, or for it to take effect, of service from `start` on."""
        if self.gate_date or (self.gate_days is None and self.gate_months is None):
            return self.gate_date
        return dates.after(start, days=self.gate_days or 0, months=self.gate_months or 0)

    def opens(self, start: date) -> date:
        """The first day to serve notice on service from `start` on, by a gate on serving."""
        return self._gate_on("serving", start)

    def earliest(self, start: date, served: date) -> date:
        """The first day not served after notice on a day, by a gate on its effect."""
        return max(self.ends(served), self._gate_on("effect", start))

    def effective(self, start: date, day: date) -> date:
        """The first day from one on which it may end service that began on `start`."""
        if self.takes_effect == "any day":
            return day
        years = dates.anchored(start, months=dates.MONTHS_PER_YEAR, until=date.max)
        return next(again for again in years if again >= day)

    def lapsed(self, start: date, day: date) -> bool:
        """Whether notice served on a day sets a later one than any that the right allows."""
        return self.ends(day) > (self.last(start) or date.max)

    def last(self, start: date) -> date | None:
        """The last day that it may set as the first not served of service from `start` on."""
        return dates.add_months(start, self.until_months) if self.until_months else self.until

    def _gate_on(self, what: str, start: date) -> date:
        return (self.gate(start) if self.gate_applies == what else None) or date.min

    def known_fee_usd(self, leave: date) -> float:
        """What leaving on a day costs whatever the fees then are: fixed, by date, unamortised."""
        usd = self.fee_usd or 0.0
        usd += step.usd if (step := begun(self.fee_schedule, leave)) else 0.0
        return usd + (self.fee_unamortised.left_usd(leave) if self.fee_unamortised else 0.0)

    @property
    def costs(self) -> bool:
        """Whether it is paid for."""
        known = self.fee_usd or self.fee_schedule or self.fee_unamortised
        return bool(known or self.fee_months or self.fee_share_of_remaining)

    @property
    def fee_steps(self) -> set[date]:
        """The days on which the fee to leave changes whatever the fees then are."""
        steps = {step.since for step in self.fee_schedule}
        if cost := self.fee_unamortised:
            steps |= {dates.add_months(cost.since, n) for n in range(cost.months + 1)}
        return steps

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        yield from self._at_most_one("gate_days", "gate_months", "gate_date")
        yield from self._at_most_one("until", "until_months")
        yield from self._at_most_one("fee_usd", "fee_months", "fee_share_of_remaining")
        yield from self._at_most_one("fee_usd", "fee_schedule")
        yield from self._in_order("fee_schedule")


class Terminations(Clause):
    """Who may leave without cause; a party left out has no such right."""

    customer: Termination | None = None
    """The customer's right."""
    provider: Termination | None = None
    """The provider's right."""

    @property
    def held(self) -> dict[Party, Termination]:
        """The rights that there are, by party."""
        return {party: right for party in PARTIES if (right := getattr(self, party))}


class Payment(Clause):
    """When fees are invoiced and due, apart from when service is given."""

    timing: Literal["advance", "arrears"] = "advance"
    """Whether an invoice comes before or after its months of service."""
    billing_months: Months = 1
    """Months of service in an invoice."""
    days_to_pay: Days = 0
    """Days from the invoice to the day it is due."""


class Deposit(Clause):
    """Security returned without interest after the end of service."""

    usd: Positive | None = None
    """What is held at first."""
    months: Positive | None = None
    """The same in months of the full fee (without any: of what is metered) of the day it is paid,
    or of the first that is not free; later phases count by `steps` alone."""
    steps: Few[AmountFrom] = ()
    """What is held from later days on."""
    paid: Day
    """The day on which it is paid."""
    returned_after_days: Days = 0
    """Days from the end of service to the day it comes back."""

    def _problems(self) -> Iterator[str]:
        yield from self._at_most_one("usd", "months", needed=True)


def overlaps(fees: tuple[Fee, ...]) -> Iterator[str]:
    """Fee steps of which one does not start after the one before."""
    for before, fee in pairwise(fees):
        if fee.since <= before.since:
            yield (
                f"fee: overlapping fees, from {before.since} and then from {fee.since}; "
                "each must start after the one before"
            )
