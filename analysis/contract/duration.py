"""How long it lasts: notice, rights to leave, what leaving costs, options to extend, holding over.

Field names are keys of the file, like those of `prices`.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from analysis.contract import dates
from analysis.contract.fields import (
    DAY,
    PARTIES,
    Clause,
    Day,
    Days,
    Few,
    Months,
    Name,
    NonNegative,
    Party,
    Positive,
    Rate,
    Share,
    Text,
    begun,
)
from analysis.contract.prices import AmountFrom


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
        return dates.after(served, **self.span("notice"))

    def last_notice(self, by: date) -> date:
        """The latest day on which a notice still ends service by that day."""
        return dates.last_day_to_serve(by, **self.span("notice"))

    def last_day(self, end: date) -> date:
        """The last day to say it, before a term whose first day not served is `end`."""
        return self.last_notice(end - DAY)

    def _problems(self) -> Iterator[str]:
        yield from self._at_most_one("notice_days", "notice_months", needed=True)


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
    fee_owed: Literal["greatest", "least"] | None = None
    """Which is owed where several of `fee_usd`, `fee_months`, `fee_share_of_remaining` are."""
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
        return dates.after(start, **self.span("gate"))

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
        """What leaving on a day costs beside any other fee: by date, unamortised."""
        usd = step.usd if (step := begun(self.fee_schedule, leave)) else 0.0
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
        fees = "fee_usd", "fee_months", "fee_share_of_remaining"
        given = [name for name in fees if getattr(self, name) is not None]
        if not self.fee_owed:
            yield from self._at_most_one(*fees)
        elif len(given) < 2:
            told = f"allowed: where several of {', '.join(fees)} are stated"
            yield f"fee_owed {self.fee_owed!r}: {told}; given: {', '.join(given) or 'none'}"
        yield from self._at_most_one("fee_usd", "fee_schedule")
        yield from self.in_order("fee_schedule")


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


class Extension(Notice):
    """One party's option to add months, `count` times, exercised before the end.

    Several chain in the order of the file, each from the end that the one before leads to. An
    amendment that moves the end to where options lead exercises them, at their prices unless it
    states fees: they are used up, unless it states the options anew. It lengthens the tranches and
    the prices by unit that are served to the end. What is not used when the term renews itself
    lapses. A provider's own option is shown, but lengthens no lease here.
    """

    party: Party = "customer"
    """Who has the option."""
    months: Months
    """Months that it adds."""
    count: Annotated[int, Field(ge=1, le=100)] = 1
    """How many times it may be exercised."""
    usd_month: NonNegative | None = None
    """The fee then, as stated: its tranche's; of the agreement the site's, or where it has none
    left, that of all tranches."""
    usd_month_by_year: Few[NonNegative] = ()
    """The monthly fee of each year of the extension, in place of one fee for all of it."""
    rate: Rate | None = None
    """Monthly fees rise by this fraction at the start of the extension and every year in it."""
    price: Literal["stated", "market"] = "stated"
    """`market`: the fee is set at the day's price and not known now."""
    tranche: Name | None = None
    """The one tranche that it lengthens, from its own end on; left out: the agreement."""
    opens_days: Days | None = None
    """Days before the last day served from which the option may be exercised at the earliest."""
    opens_months: Months | None = None
    """The same in months."""

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        stated = (self.usd_month is not None) + bool(self.usd_month_by_year)
        stated += (self.rate is not None) + (self.price == "market")
        if stated > 1:
            yield "at most one of usd_month, usd_month_by_year, rate, price = market is allowed"
        yield from self._at_most_one("opens_days", "opens_months")
        for unit in ("days", "months"):
            opens, notice = getattr(self, f"opens_{unit}"), getattr(self, f"notice_{unit}") or 0
            if opens is not None and opens < notice:
                yield f"opens_{unit} {opens} must be at least notice_{unit} {notice}"


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
        return dates.after(end, **self.span("after"))


class Holdover(Clause):
    """What staying beyond the end costs: a share of the last fee, for so many months at most."""

    share: NonNegative
    """The share of the last fee that is due then; 1.5 is 150 %."""
    steps: Few[HoldoverStep] = ()
    """Other shares later, like 200 % after 60 days."""
    months: Months | None = None
    """For so many months at most; left out: without limit."""

    def _problems(self) -> Iterator[str]:
        end = date(2001, 1, 1)
        days = [end, *(step.begins(end) for step in self.steps)]
        if days != sorted(set(days)):
            yield "steps: each must begin after the one before, and after the end"
