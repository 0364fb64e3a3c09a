"""What is paid: fees and how they rise, prices by use, minima, sums paid once, who stands behind.

Field names are the keys of an agreement's TOML file. Money is US dollars, dates are days, shares
are fractions, periods are half-open.
"""

import math
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from analysis.contract.fields import (
    Amount,
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
    Rate,
    Share,
    Text,
    begun,
)


class Escalator(Clause):
    """Monthly fees rise every so many months from a day: by a rate, or with an index.

    A fee rises on the days after the one that it is stated from. An amended escalator counts from
    its effective day on: rises before it stay. An index is passed in as data; `base_level` is its
    level at which the stated fees stand.
    """

    since: Day = Field(alias="from")
    """The first day on which fees rise; left out: `every_months` after the start."""
    end: Day | None = None
    """The first day on which fees rise no more; left out: they rise to the end."""
    every_months: Months = 12
    """Months from one rise to the next."""
    rate: Rate | None = None
    """By how much fees rise each time; or `index`."""
    index: Text | None = None
    """The index that fees follow; or `rate`."""
    base_level: Positive | None = None
    """The index level at which the stated fees hold."""
    floor_rate: Rate | None = None
    """With an index: the least by which fees rise each time."""
    cap_rate: Rate | None = None
    """With an index: the most by which fees rise each time."""

    def bounded(self, ratio: float) -> float:
        """What fees are multiplied by on a rise that the index alone would multiply so."""
        least = 0.0 if self.floor_rate is None else 1 + self.floor_rate
        return max(least, min(ratio, math.inf if self.cap_rate is None else 1 + self.cap_rate))

    def _problems(self) -> Iterator[str]:
        yield from self._at_most_one("rate", "index", needed=True)
        if (self.index is None) != (self.base_level is None):
            yield "index and base_level belong together; give both or neither"
        bounds = [rate for rate in (self.floor_rate, self.cap_rate) if rate is not None]
        if bounds and self.index is None:
            yield "floor_rate and cap_rate bound an index; give it, or leave them out"
        if bounds != sorted(bounds):
            yield f"cap_rate {self.cap_rate} is below floor_rate {self.floor_rate}"
        if self.end and self.end <= self.since:
            yield f"end {self.end} must be after from {self.since}"


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


class Minimum(Clause):
    """What the customer must spend in each period; what is missing is due at the period's end.

    Fees count as spending; the rest is taken to be spent evenly by days where no fact says
    otherwise. Years are counted from `from`. Several follow one another, or hold at the same time:
    by year and over the term, of a tranche and of all. What is carried over or credited passes on
    to those of the same `period` alone. Amended, a period that has begun ends where the new ones
    begin, and asks for its part by days.
    """

    usd: Positive
    """The least spending in each period; a period that is cut short asks for its part by days."""
    period: Literal["month", "quarter", "year", "term"] = "year"
    """`term`: one amount over the whole time from `from` to `end`, trued up at its end."""
    tranche: Name | None = None
    """The tranche whose fees alone count, and no fact of spending; left out: all fees."""
    since: Day | None = Field(default=None, alias="from")
    """First day counted; left out: the start of the agreement, or of its tranche. Amended without
    it, the new amount is that of all of the period then running; with it, of what follows."""
    end: Day | None = None
    """First day not counted; left out: the end of the agreement, or of its tranche."""
    shortfall: Literal["paid", "carried over", "credited"] = "paid"
    """What is missing: paid at the period's end; or added to the next period's minimum; or paid,
    and then credited at the end of later periods against what is spent above their minima. Of one
    tranche always paid: what was spent on it cannot be told."""
    credit_periods: Annotated[int, Field(ge=1, le=100)] | None = None
    """Of a shortfall credited: in how many later periods; left out: in all."""
    surplus: Literal["kept", "carried over"] = "kept"
    """What is spent above it: counts for nothing later, or lowers the next period's minimum, and
    what is then left of it the one after."""
    carry_share: Share = 1.0
    """Of a shortfall or surplus, the share that is carried over, or credited, at most."""
    carry_cap_share: Share | None = None
    """The most that is carried over, as a share of the period's minimum; the rest is not."""

    def carried(self, usd: float, least_usd: float) -> float:
        """How much of a shortfall or surplus of a period is carried over."""
        cap = math.inf if self.carry_cap_share is None else self.carry_cap_share * least_usd
        return min(usd * self.carry_share, cap)

    def _problems(self) -> Iterator[str]:
        if self.credit_periods and self.shortfall != "credited":
            told = f"allowed: where shortfall is credited; given: {self.shortfall!r}"
            yield f"credit_periods {self.credit_periods}: {told}"


class UnitsFrom(Clause):
    """Units of a month that hold from a day on."""

    since: Day = Field(alias="from")
    """The first day on which they hold."""
    units_month: NonNegative
    """The units paid for in a month from then on."""


class TakeOrPay(Clause):
    """A metered service: a monthly minimum is due whether used or not; use above it is extra."""

    unit: Text
    """What is metered, like "MWh"."""
    minimum_units_month: NonNegative
    """Units paid for whether used or not."""
    usd_per_unit: NonNegative
    """Price of a unit of the minimum."""
    overage_usd_per_unit: NonNegative
    """Price of a unit above the minimum."""
    steps: Few[UnitsFrom] = ()
    """Other minima from later days on, like those of a ramp."""

    def minimum(self, day: date) -> float:
        """The units of a month that are paid for in any case, as of a day."""
        step = begun(self.steps, day)
        return step.units_month if step else self.minimum_units_month

    def _problems(self) -> Iterator[str]:
        yield from self.in_order("steps")


class ServiceCredit(Clause):
    """Availability in a month below `below` gives back `share` of that month's fees."""

    below: Share
    """The availability in a month under which the credit is given."""
    share: Share
    """The share of that month's fees given back."""


class UnitPrice(Clause):
    """Service priced by unit: units of a month are quantity × hours of the month, or quantity.

    MWh (of MW) and what is of an hour count hours; kW-month and unit-month count the quantity once
    a month. An agreement may state such prices alone, without a `fee`.
    """

    name: Text = "usage"
    """What it is called."""
    unit: Literal[
        "GPU-hour", "MWh", "kW-month", "instance-hour", "core-hour", "GB-hour", "unit-month"
    ]
    """What is priced."""
    quantity: NonNegative
    """What is reserved: GPUs, MW, kW, instances, cores or units."""
    usd_per_unit: NonNegative
    """Price of a unit."""
    minimum_share: Share = 1.0
    """The share of the quantity that is paid for whether used or not; the rest by usage."""
    tranche: Name | None = None
    """The tranche that it is a price of; left out: of the capacity outside tranches."""
    since: Day | None = Field(default=None, alias="from")
    """First day charged; left out: the start of the agreement, or of its tranche."""
    end: Day | None = None
    """First day not charged; left out: the end of the agreement, or of its tranche."""
    escalator: Escalator | None = None
    """How this price rises; left out: it does not, whatever the agreement's own escalator."""


class OneOff(Clause):
    """A sum paid once: installation, a milestone, a true-up. Negative: the provider pays it."""

    name: Text
    """What it is for."""
    usd: Amount
    """The sum; negative: the provider pays it."""
    paid: Day
    """The day on which it is paid."""


class Payment(Clause):
    """When fees are invoiced and due, apart from when service is given."""

    timing: Literal["advance", "arrears"] = "advance"
    """Whether an invoice comes before or after its months of service."""
    billing_months: Months = 1
    """Months of service in an invoice."""
    days_to_pay: Days = 0
    """Days from the invoice to the day it is due."""


class Instalment(Clause):
    """A further sum paid ahead."""

    paid: Day
    """The day on which it is paid."""
    usd: Positive
    """The sum; invoices due from that day on use it up."""


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
    instalments: Few[Instalment] = ()
    """Further sums after the first; what is topped up to a level again and again is a `deposit`."""

    @property
    def sums(self) -> list[tuple[date, float]]:
        """Every sum by the day on which it is paid."""
        return [(self.paid, self.usd or 0.0), *((one.paid, one.usd) for one in self.instalments)]

    def _problems(self) -> Iterator[str]:
        days = [day for day, _ in self.sums]
        if days != sorted(set(days)):
            yield "instalments: each must be paid after the one before"
        if self.instalments and self.share is not None:
            yield "instalments: give usd, not share"
        if self.usd is None and self.share is None:
            yield "exactly one of usd, share is allowed; given: none"
        if self.credit_from < self.paid:
            yield f"credit_from {self.credit_from} comes before it is paid, {self.paid}"


class AmountFrom(Clause):
    """An amount that holds from a day on."""

    since: Day = Field(alias="from")
    """The first day on which it holds."""
    usd: NonNegative
    """The amount from then on."""


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
        yield from self.in_order("steps")


class Support(Clause):
    """Who stands behind the customer's payments: up to a sum or a share, from what trigger on."""

    who: Text
    """The supporter."""
    kind: Literal["guarantee", "backstop", "letter of credit", "step-in"] = "guarantee"
    """How it stands behind the customer."""
    cap_usd: NonNegative | None = None
    """The most that is paid in all; left out, with no share and steps: everything."""
    share: Share | None = None
    """The share of what is owed that is covered."""
    steps: Few[AmountFrom] = ()
    """The most that is paid if the customer defaults on a day: each step holds from its day on."""
    trigger: Text = "customer default"
    """What lets the provider call on it."""
    until: Day | None = None
    """First day on which it no longer holds; left out: the end of the agreement."""
    tranche: Name | None = None
    """The one tranche that it stands behind; left out: all of the agreement."""

    def _problems(self) -> Iterator[str]:
        yield from self._at_most_one("cap_usd", "share")
        yield from self._at_most_one("cap_usd", "steps")
        yield from self.in_order("steps")


class Consideration(Clause):
    """Value that is not a fee and part of the price: shares, warrants, a loan."""

    kind: Literal["shares", "warrants", "loan", "other"]
    """What is given."""
    given_by: Party
    """Who gives it: what the provider gives lowers the price, what the customer gives raises it."""
    usd: Positive
    """What it is worth on `given`; of a loan, its principal."""
    given: Day
    """The day on which it is given."""
    rate: Share = 0.0
    """The yearly interest on a loan."""
    repaid: Day | None = None
    """The day on which a loan is repaid."""

    def _problems(self) -> Iterator[str]:
        if self.repaid and (self.kind != "loan" or self.repaid <= self.given):
            yield f"repaid {self.repaid}; only a loan is repaid, after it is given"
