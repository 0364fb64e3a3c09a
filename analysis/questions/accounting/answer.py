"""One agreement in the books of both parties: as backlog, as a service and as a lease."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from analysis.contract import Position, readings
from analysis.contract.facts import Facts
from analysis.contract.fields import PARTIES
from analysis.data import sources
from analysis.models.accounting import books, term
from analysis.page.answers import table
from analysis.page.controls import Control
from analysis.questions.accounting.parameters import Parameters
from analysis.questions.figures import number, tabled, worded
from analysis.questions.question import Question

JUDGEMENTS = ("customer_penalty", "provider_penalty", "customer_stays", "customer_extends")
JUDGED = {"not judged: both ways": "unknown", "yes": "yes", "no": "no"}
BOOKED = (
    *("obligation_high_usd", "obligation_low_usd", "liability_high_usd", "liability_low_usd"),
    "committed_usd",
)
LEVEL = 0.1  # of the largest month billed: revenue that strays less follows a level fee


class Answer(Question):
    """What both parties may book on a day, from the longest term that may be judged on."""

    kind = Parameters
    notebook = "07_how_is_it_booked"
    tiles = ("obligation_high_usd", "liability_high_usd", "committed_usd")
    key, main = "outcomes", "outcomes"
    moved: ClassVar = dict.fromkeys(
        ("contract", "reading", "as_of", "standard", *JUDGEMENTS[:3], "rate"), ""
    )

    @property
    def why_not(self) -> str:  # type: ignore[override]
        """An index is given, and the terms follow none."""
        given = self.given.index and not self.index
        return "The terms follow no index: leave the parameter index out." if given else ""

    @property
    def index(self) -> str:
        """The index that the terms follow."""
        escalator = self.position.terms.escalator
        return escalator.index or "" if escalator else ""

    provider = worded("agreement.provider", "Who provides the capacity.")
    customer = worded("agreement.customer", "Who uses the capacity.")

    @property
    def conditional(self) -> str:
        """That fees count as due which wait for delivery or are estimated, and which do not."""
        told = {
            "estimated": "Estimated fees count as due. ",
            "up to": "What is named as “up to” is an option, and in no books. ",
        }
        held = self.position.terms.open_amounts.values()
        return super().conditional + "".join(text for how, text in told.items() if how in held)

    def drawn_on(self, name: str) -> date:
        """The day that the books are drawn on."""
        return self.seen.as_of

    @cached_property
    def judged(self) -> term.Judged:
        """What the reader judges."""
        names = ("rate", "standard", "lease_class", *JUDGEMENTS)
        return term.Judged(**{name: getattr(self.given, name) for name in names})

    def known(self, day: date, *, by: date) -> Position:
        """What is known on the valuation date, on a day, with the index's levels by another."""
        levels = {date.fromisoformat(at): level for at, level in self.given.index.items()}
        seen = {at: level for at, level in levels.items() if at <= by}
        facts = Facts(index=seen) if levels else Facts()
        read, name = self.position.standing, self.reading
        return Position(agreement=read, reading=name, as_of=day, facts=facts, read=read)

    @property
    def last_day(self) -> date:
        """The valuation date; before and after service, the day on which it began."""
        start = self.agreement.start
        return self.as_of if start <= self.as_of < self.position.end else start

    @cached_property
    def seen(self) -> Position:
        """The agreement on the day that the books are drawn on."""
        day = self.agreement.start if self.given.seen_from == "start" else self.last_day
        return self.known(day, by=day)

    @cached_property
    def began(self) -> Position:
        """The agreement seen from the first day of service, with every level of the index."""
        return self.known(self.agreement.start, by=date.max)

    outcomes = tabled(
        lambda found: books.opened(found.seen, judged=found.judged),
        "By judgement: `frame, party, case, end, months, usd, short, paragraph`.",
    )
    _backlog = property(lambda found: found.framed(books.BACKLOG))
    _lease = property(lambda found: found.framed(books.LEASE))

    def framed(self, frame: str) -> pd.DataFrame:
        """The outcomes of one frame, longest term first."""
        return self.outcomes[self.outcomes.frame == frame]

    seen_date = number(
        "seen.as_of",
        "The day of the books: the first after the reporting date.",
        of="parameters",
        label="books drawn on",
        kind="assumed",
    )
    obligation_high_usd = number(
        "_backlog.usd:most",
        "Fees left to earn in the longest contract term.",
        of="outcomes",
        label="backlog in the provider's books, at most",
    )
    obligation_low_usd = number(
        "_backlog.usd:least",
        "Fees left to earn in the shortest contract term.",
        of="outcomes",
        label="backlog in the provider's books, at least",
        over="by judgement",
    )
    liability_high_usd = number(
        "_lease.usd:most",
        "Present value of what is left to pay in the longest lease term.",
        of="outcomes",
        label="lease liability, longest term",
    )
    liability_low_usd = number(
        "_lease.usd:least",
        "Present value of what is left to pay in the shortest lease term.",
        of="outcomes",
        label="lease liability, shortest term",
        over="by judgement",
    )
    rate = number("given.rate", "The effective annual rate of a lease.", label="lease rate")
    asked = tabled(
        lambda found: books.checklist(found.position, sources.checklist()),
        "`topic, question, terms_say, still_open, paragraph`.",
    )
    questions_count = number("asked:rows", "Questions that decide how the agreement is booked.")
    unsaid_count = number(
        "_unsaid:rows", "Questions of which the terms at hand say nothing.", of="asked"
    )
    _unsaid = property(lambda found: found.asked[found.asked.terms_say == books.UNSAID])
    committed_usd = number(
        lambda found: found.known(found.as_of, by=found.as_of).firm().usd,
        "Fees up to the earliest day on which the customer can leave.",
        of="agreement",
    )

    def _under(self, reading: str) -> dict[str, float]:
        """What may be booked under another interpretation; nothing after the end of service."""
        found = self.at(reading, self.seen_date, seen_from="as_of")
        if found.why_not:  # another interpretation follows no index
            found.given = found.given.model_copy(update={"index": {}})
        over = self.seen_date >= found.position.end
        return {each: 0.0 if over else getattr(found, each) for each in BOOKED}

    @table
    def by_reading(self) -> pd.DataFrame:
        """The agreement's own interpretations on the day of the books, with what may be booked."""
        names = readings.names(self.position)
        named = [readings.label(self.position, name) for name in names]
        found = pd.DataFrame({"reading": names, "interpretation": named})
        return found.join(pd.DataFrame(map(self._under, names)))

    readings_count = number("by_reading:rows", "The agreement's interpretations.", reading="")
    open_readings_count = number(
        "_judged_on:rows",
        "Interpretations under which a judgement moves the obligation.",
        of="by_reading",
        reading="",
    )
    _judged_on = property(
        lambda found: found.by_reading.query("obligation_high_usd > obligation_low_usd")
    )

    @property
    def left_open(self) -> str:
        """Whether none, every one or some of the interpretations leave the term to judgement."""
        if not self.open_readings_count:
            return "none"
        return "every" if self.open_readings_count == self.readings_count else "some"

    bands = tabled(
        lambda found: books.bands(found.seen, judged=found.judged),
        "In bands of time: `case, band, start, end, usd, paragraph`.",
    )
    earned = tabled(
        lambda found: books.recognised(found.began, judged=found.judged),
        "Revenue and billing by month; see `books.recognised`.",
    )

    @table
    def peaks(self) -> pd.DataFrame:
        """When revenue and billing are furthest apart: `way, balance_usd, day, paragraph`."""
        rows = self.earned.sort_values("balance_usd", key=abs, ascending=False)
        rows = rows.drop_duplicates("way").sort_index()
        closed = rows.assign(day=[end - timedelta(days=1) for end in rows.end])
        return closed[["way", "balance_usd", "day", "paragraph"]].reset_index(drop=True)

    _peak = property(lambda found: found.peaks.sort_values("balance_usd", key=abs).iloc[-1])
    balance_usd = number(
        "_peak.balance_usd", "Revenue less billing where they are furthest apart.", of="peaks"
    )
    balance_date = number(
        "_peak.day",
        "The close of the month in which revenue and billing are furthest apart.",
        of="peaks",
    )
    balance_way = worded("_peak.way", "The way to earn that takes revenue furthest from billing.")

    @property
    def ramped(self) -> bool:
        """Whether a fee is lower at first by a discount."""
        return any(fee.discount for fee in self.began.read.fee)

    @property
    def level(self) -> bool:
        """Whether the fee is so level that the ways to earn it hardly differ."""
        furthest = self.earned.balance_usd.abs().max()  # nan where nothing is earned
        return bool(furthest < LEVEL * self.earned.billed_usd.max())

    @cached_property
    def leased(self) -> list[books.Leased]:
        """The leases as first measured, longest first."""
        return books.leases(self.began, judged=self.judged)

    first_measured = tabled(
        lambda found: books.first_measured(found.leased, judged=found.judged),
        "Of each lease: `case, end, item, usd, paragraph`.",
    )
    first_liability_usd = number(
        "first_measured.usd:first", "Liability of the longest lease on the first day of service."
    )

    @cached_property
    def _turned(self) -> books.Turned | None:
        then, rate = self.known(self.last_day, by=date.max), self.given.rate_turned
        return books.turned(then, self.leased, judged=self.judged, rate=rate)

    remeasured = tabled(
        lambda found: pd.DataFrame([found._turned.row]) if found._turned else None,
        "The longest lease if a customer that was to stay is found to leave; None if none can be.",
    )

    @table
    def carried(self) -> pd.DataFrame:
        """Each lease through time: `case, date, liability_usd, asset_usd`."""
        start = self.agreement.start
        return books.carried(self.leased, self._turned, start=start, judged=self.judged)

    @property
    def amended(self) -> bool:
        """Whether terms were amended after service began, by the valuation date."""
        return any(each.signed > self.agreement.start for each in self.position.signed.amendment)

    over_rates = tabled(
        lambda found: books.over_rates(found.leased, found.given.rate, found.given.rate_range),
        "First liabilities: `case, end, low_usd, value_usd, high_usd`.",
    )
    costs = tabled(
        lambda found: books.costs(found.leased, start=found.agreement.start),
        "By calendar year: `case, model, year, part, usd, paragraph`.",
    )

    @table
    def costs_by_year(self) -> pd.DataFrame:
        """A row for each part of the costs, a column a calendar year."""
        rows = ["case", "model", "part", "paragraph"]
        wide = self.costs.pivot_table(index=rows, columns="year", values="usd", sort=False)
        return wide.add_suffix("_usd").rename_axis(columns=None).reset_index()

    @table
    def ahead(self) -> pd.DataFrame:
        """The longest lease's cost by year under each model, and how far finance is ahead by then.

        `year, …, ahead_usd`.
        """
        rows = self.costs[self.costs.case == self.costs.case.iloc[0]]
        found = rows.pivot_table("usd", "year", "model", aggfunc="sum").rename_axis(columns=None)
        more = (found["ASC 842 finance"] - found["ASC 842 operating"]).cumsum()
        return pd.DataFrame(found.add_suffix("_usd").assign(ahead_usd=more).reset_index())

    early_usd = number(
        "ahead.ahead_usd:most",
        "By how much the longest lease's cost to date is higher as a finance lease, at most.",
    )

    @property
    def resets(self) -> pd.DataFrame | None:
        """What each reset of the index does under both standards; None where no level is given."""
        found = books.resets(self.began, self.leased, rate=self.given.rate)
        return None if found.empty else found

    @property
    def idle(self) -> dict[str, str]:
        """A judgement on leaving says nothing of a party that has no right to leave."""
        none = [party for party in PARTIES if self.seen.right(party) is None]
        why = {party: f"the {party} has no right to leave" for party in none}
        bound = why.get("customer", "")
        alone = bound or why.get("provider", "")
        return {"customer_penalty": bound, "provider_penalty": alone, "customer_stays": bound}

    def control(self, name: str, values: Mapping[str, Any]) -> Control | None:
        """A judgement is left open, or made."""
        return Control(name=name, label="", choices=JUDGED) if name in JUDGEMENTS else None
