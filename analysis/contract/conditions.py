"""Clauses that say what money hangs on: minima, support, options, one-off sums, and facts.

Like `clauses`: field names are keys of the file, money is US dollars, shares are fractions.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from analysis.contract import dates
from analysis.contract.clauses import AmountFrom, Capacity, Notice
from analysis.contract.fields import (
    Amount,
    Clause,
    Day,
    Days,
    Few,
    Months,
    Name,
    NonNegative,
    Party,
    Positive,
    Quantity,
    Rate,
    Share,
    Table,
    Text,
)
from analysis.data.texts import MAX_TEXT

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


class OneOff(Clause):
    """A sum paid once: installation, a milestone, a true-up. Negative: the provider pays it."""

    name: Text
    """What it is for."""
    usd: Amount
    """The sum; negative: the provider pays it."""
    paid: Day
    """The day on which it is paid."""


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
        yield from self._in_order("steps")


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
    """`same`: the price a megawatt (or accelerator) and month of this agreement."""
    opens: Day | None = None
    """The first day on which it may be exercised."""
    last_day: Day | None = None
    """The last day on which it may be exercised."""

    def _problems(self) -> Iterator[str]:
        if self.price == "stated" and self.usd_month is None:
            yield "price 'stated' needs usd_month"
        if self.opens and self.last_day and self.last_day < self.opens:
            yield f"last_day {self.last_day} comes before it opens, {self.opens}"


class Extension(Notice):
    """One party's option to add months, `count` times, exercised before the end.

    Several chain in the order of the file, each from the end that the one before leads to. An
    amendment that moves the end to where options lead exercises them, at their prices unless it
    states fees: they are used up, unless it states the options anew. It lengthens the tranches and
    the prices by unit that are served to the end. A provider's own option is shown, but lengthens
    no lease here.
    """

    party: Party = "customer"
    """Who has the option."""
    months: Months
    """Months that it adds."""
    count: Annotated[int, Field(ge=1, le=100)] = 1
    """How many times it may be exercised."""
    usd_month: NonNegative | None = None
    """The fee then, as stated: the site's, or where it has none left, that of all tranches."""
    usd_month_by_year: Few[NonNegative] = ()
    """The monthly fee of each year of the extension, in place of one fee for all of it."""
    rate: Rate | None = None
    """Monthly fees rise by this fraction at the start of the extension and every year in it."""
    price: Literal["stated", "market"] = "stated"
    """`market`: the fee is set at the day's price and not known now."""
    opens_days: Days | None = None
    """Days before the last day served from which the option may be exercised at the earliest."""

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        stated = (self.usd_month is not None) + bool(self.usd_month_by_year)
        stated += (self.rate is not None) + (self.price == "market")
        if stated > 1:
            yield "at most one of usd_month, usd_month_by_year, rate, price = market is allowed"
        if self.opens_days is not None and self.opens_days < (self.notice_days or 0):
            yield f"opens_days {self.opens_days} must be at least notice_days {self.notice_days}"


class Renewal(Notice):
    """The term goes on by itself unless either party objects."""

    months: Months
    """Months that each renewal adds."""


class Cause(Clause):
    """A right to end for a reason: never counted as a right to leave without cause."""

    ground: Text
    """What happened: breach, insolvency, change of control, ..."""
    party: Literal["customer", "provider", "either"] = "either"
    """Who may end the agreement for it."""
    notice_days: Days = 0
    """Days of notice."""
    cure_days: Days = 0
    """Days in which the other party may put it right."""
    fee_usd: NonNegative | None = None
    """What the party that caused it owes."""


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


class HoldoverStep(Clause):
    """Another share of the last fee from a day after the end on."""

    after_days: Days = 0
    """Days after the end from which it holds."""
    after_months: Annotated[int, Field(ge=0, le=1_200)] = 0
    """Months after the end from which it holds; added to `after_days`."""
    share: NonNegative
    """The share of the last fee that is due from then on."""

    def begins(self, end: date) -> date:
        """The first day on which it holds, after a term that ended on `end`."""
        return dates.after(end, days=self.after_days, months=self.after_months)


class Holdover(Clause):
    """What staying beyond the end costs: a share of the last fee, for so many months at most."""

    share: NonNegative
    """The share of the last fee that is due then; 1.5 is 150 %."""
    steps: Few[HoldoverStep] = ()
    """Other shares later, like 200 % after 60 days."""
    months: Months | None = None
    """For so many months at most; left out: without limit."""


class Fact(Clause):
    """What happened: a share delivered, units used, availability, an index level, money spent."""

    kind: Literal["delivered", "usage", "availability", "index", "spend"]
    """What is known."""
    date: Day
    """The day from which a share delivered holds; the first day of the month of usage and
    availability; the day of publication of an index; the last day that the spending counts."""
    value: NonNegative
    """A share, units, an index level, or dollars spent from the start of the agreement on."""
    capacity: Text = "site"
    """The tranche delivered; of usage, the name of its price where several are charged at once."""
    source: Text
    """Where this is written."""


class Amendment(Clause):
    """Changed terms from the day `effective` on; periods before it stay as they were.

    New fee steps replace the old ones from the first new one on, are charged as stated and rise
    from then.
    """

    title: Text
    """What the amendment is called."""
    signed: Day
    """The day of signature."""
    effective: Day
    """The first day on which the changed terms hold."""
    terms: Table
    """The keys that change, written as in the agreement, like `end` or `fee`."""


class Reported(Clause):
    """A total that others have put on the agreement."""

    usd: Positive
    """The total."""
    at_least: bool = False
    """True if they wrote "over"."""
    by: Text
    """Who wrote it, and how."""


class Evidence(Clause):
    """Where a value comes from."""

    field: Text
    """Path of the value, like `fee.usd_month`, or one above it; `*` is all."""
    kind: Literal["disclosed", "reported", "derived", "assumed"]
    """How far the source supports it."""
    source: Text
    """Document or page that says so."""
    date: Day
    """The day of the source."""
    locator: Text
    """Where in the source it stands, or how to find it."""
    note: Text = ""
    """What a reader should know beside it."""


SAID = frozenset({"title", "status", "weight", "until"})
"""The keys of a reading that change no term."""
UNWEIGHED = ("superseded", "hypothetical")


class Reading(Clause):
    """The name and meaning of the terms as they stand; "+" joins the names of several readings."""

    name: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$", max_length=MAX_TEXT)
    ] = "as-written"
    """The name by which it is asked for."""
    title: Text = "the terms as the file states them"
    """What it takes the text to mean."""
    status: Literal["in force", "superseded", "press", "hypothetical"] = "in force"
    """Of the text that it reads; superseded and hypothetical ones count nothing."""
    weight: Share = 1.0
    """What it counts beside the others, assumed."""
    until: Day | None = None
    """The day from which its text is superseded."""

    @property
    def counts(self) -> float:
        """Its weight beside the others, nothing where it is superseded or hypothetical."""
        return self.weight if self.stands else 0.0

    @property
    def stands(self) -> bool:
        """Whether its text is neither superseded nor hypothetical."""
        return self.status not in UNWEIGHED

    def _problems(self) -> Iterator[str]:
        if self.status in UNWEIGHED and "weight" in self.model_fields_set and self.weight:
            yield f"weight: {self.weight} is not allowed; allowed: 0 where status is {self.status}"
        if self.until and self.status != "superseded":
            yield f"until: {self.until} is not allowed; allowed: where status is superseded"


def said_by(name: str, changed: Mapping[str, Any]) -> Reading:
    """What a reading says of itself, from its table in the file."""
    return Reading(name=name, **{key: changed[key] for key in SAID if key in changed})
