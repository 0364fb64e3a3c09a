"""What has changed since a day, or differs between two versions, and what that is worth."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from analysis.contract import Agreement, Position, ladder, position
from analysis.contract.deadlines import SOON
from analysis.contract.fields import PARTIES
from analysis.contract.position import as_written
from analysis.data.texts import listed
from analysis.models.finance.value import present_value
from analysis.models.units import CENT_USD
from analysis.page.answers import figure, table
from analysis.page.controls import Control
from analysis.page.findings import day
from analysis.questions.as_if import WORDS
from analysis.questions.changes import versions
from analysis.questions.changes.parameters import Parameters
from analysis.questions.figures import number, tabled
from analysis.questions.question import Question, agreement, start

PASSED = "time passing"


class Answer(Question):
    """Two days compared, or two versions on one day: before and after."""

    kind = Parameters
    notebook = "10_what_changed"
    tiles = ("firm_before_usd", "firm_after_usd", "change_usd", "differing_count")
    key, main = "steps", "measures"
    moved: ClassVar = {
        "contract": "Before: agreement",
        "reading": "Before: interpretation",
        **dict.fromkeys(("other", "other_reading", "as_of", "party", "rate"), ""),
    }

    @cached_property
    def since(self) -> bool:
        """Whether a day is compared with one before it, not a version with another."""
        return not self.given.other and not self.given.other_reading

    @figure(of="parameters", kind="assumed")
    def since_date(self) -> date:
        """The day of the last report, with which the valuation date is compared."""
        asked = self.given.since or self.as_of.replace(day=1) - timedelta(days=1)
        return max(min(asked, self.as_of), min(self.agreement.signed, self.as_of))

    @cached_property
    def before(self) -> Position:
        """The first version: the agreement, as it was known on that day where two are compared."""
        return self.position.on(self.since_date) if self.since else self.position

    @cached_property
    def after(self) -> Position:
        """The second version."""
        if self.since:
            return self.position
        other = agreement(self.given.other) if self.given.other else self.agreement
        return position(other, as_of=self.as_of, reading=self.given.other_reading or None)

    def compared_with(self, other: Agreement) -> "Answer":
        """The same with another agreement as the second version."""
        found = self.of(self.agreement)
        found.__dict__ |= {"since": False, "after": position(other, as_of=self.as_of)}
        return found

    @cached_property
    def _known(self) -> tuple[Agreement, Agreement]:
        """Both versions as far as they were signed on the day."""
        return self.before.signed, self.after.signed

    @property
    def conditional(self) -> str:
        """Of two days, the sentence itself says that fees wait for delivery."""
        return "" if self.since else super().conditional

    @property
    def committed(self) -> str:
        """Committed, if need be once delivered, in words."""
        return "committed once delivered" if ladder.UNDELIVERED in self.hanging else "committed"

    @property
    def names(self) -> dict[str, str]:
        """What each version is called: its interpretation, with its title where titles differ."""
        before, after = self._known
        if self.since:
            return {"before": f"terms of {day(self.since_date)}", "after": f"of {day(self.as_of)}"}
        return {"before": _named(before, after), "after": _named(after, before)}

    before_name = property(lambda found: found.names["before"])
    after_name = property(lambda found: found.names["after"])

    @table
    def steps(self) -> pd.DataFrame:
        """From what is committed before to what is after, a clause a row: `step, usd`.

        Where two days are compared, time passes first.
        """
        party = self.given.party
        then = as_written(self.before.signed, self.as_of)
        found = versions.steps(then, self.after, party=party)
        if not self.since:
            return found
        start = self.before.firm(party).usd
        passed = pd.DataFrame({"step": ["before", PASSED], "usd": [start, found.usd[0] - start]})
        return pd.concat([passed, found.iloc[1:]], ignore_index=True)

    opposite_steps = tabled(
        lambda found: versions.steps(found.after, found.before, party=found.given.party),
        "The same with the last clause first: `step, usd`.",
    )

    @table
    def passed(self) -> pd.DataFrame:
        """The dates between two days that are compared: `date, event, party`."""
        found = self.after.deadlines[["date", "event", "party"]]
        between = (found.date > self.since_date) & (found.date <= self.as_of)
        return found[between & self.since & (found.event != SOON)].reset_index(drop=True)

    @table
    def differences(self) -> pd.DataFrame:
        """Every term that the two do not share: `term, before, after`."""
        found = versions.differences(self.before, self.after)
        return found.assign(term=found.term.map(term))

    happened = property(lambda found: found.differences if len(found.differences) else found.passed)

    @table
    def measures(self) -> pd.DataFrame:
        """What both come to on the day: `measure, before_usd, after_usd, change_usd`."""
        old, new = self._measured(self.before), self._measured(self.after)
        found = pd.DataFrame(
            {"measure": list(old), "before_usd": old.values(), "after_usd": new.values()}
        )
        return found.assign(change_usd=found.after_usd - found.before_usd)

    def _measured(self, version: Position) -> dict[str, float]:
        firm = {side: version.firm(side) for side in PARTIES}
        party = self.given.party
        present = present_value(firm[party], rate=self.given.rate, as_of=version.as_of)
        return {
            "remaining contract value": version.headline.usd,
            **{f"committed if the {side} may leave": firm[side].usd for side in PARTIES},
            f"present value of committed fees, {party}": present,
        }

    through_time = tabled(
        lambda found: versions.through_time(found.before, found.after, party=found.given.party),
        "Committed, seen from each month: `version, as_of, firm_usd`.",
    )

    @cached_property
    def _both(self) -> pd.DataFrame:
        """Committed before and after, seen from each day on which both are in service."""
        wide = self.through_time.pivot_table(index="as_of", columns="version", values="firm_usd")
        wide = wide.reindex(columns=["before", "after"]).dropna().rename_axis(columns=None)
        change = wide["after"] - wide["before"]
        return wide.assign(change=change, apart=change.abs()).reset_index()

    _more = property(lambda found: found._both[found._both.change > CENT_USD])
    _less = property(lambda found: found._both[found._both.change < -CENT_USD])
    firm_before_usd = number(
        "steps.usd:first", "Committed fees of the first version.", label="committed before"
    )
    firm_after_usd = number(
        "steps.usd:last", "Committed fees of the second version.", label="committed after"
    )
    change_usd = number(
        "steps.usd:last − steps.usd:first", "Committed fees after less those before."
    )
    moved_clauses = property(lambda found: found.steps.iloc[1:-1])

    @property
    def _largest(self) -> Any:
        moved = self.moved_clauses
        return moved.iloc[int(moved.usd.abs().argmax())]

    largest_clause = property(lambda found: clause(found._largest.step))
    largest_clause_usd = number(
        "_largest.usd", "What the clause that moves most does to committed fees.", of="steps"
    )

    @property
    def opposite_clauses(self) -> str:
        """The clauses that move what is committed if the last changes first."""
        return listed(map(clause, self.opposite_steps.step.iloc[1:-1]))

    differing_count = number(
        "differences:rows", "Terms that the two do not share.", label="terms that differ"
    )
    remaining_change_usd = number(
        "measures.change_usd:first", "Remaining contract value after less that before."
    )
    remaining_after_usd = number(
        "measures.after_usd:first",
        "Remaining contract value of the second version.",
        label="remaining contract value",
    )
    shared_months = number(
        "_both:rows", "Months in which both versions are in service.", of="through_time"
    )
    more_count = number(
        "_more:rows", "Months from which more is committed after the change.", of="through_time"
    )
    less_count = number(
        "_less:rows", "Months from which less is committed after the change.", of="through_time"
    )

    def control(self, name: str, values: Mapping[str, Any]) -> Control | None:
        """The other agreement and its interpretation."""
        from analysis.questions import panel

        if name == "other":
            choices = {"the same agreement": ""} | panel.named(values["contract"])
            return Control(name=name, label="", choices=choices)
        if name == "other_reading":
            other = start(values["other"] or values["contract"])
            return panel.reading(other, values["other_reading"], name=name)
        return None


def _named(version: Agreement, other: Agreement) -> str:
    reading = f"{version.reading.title} ({version.reading.name})"
    return reading if version.title == other.title else f"{version.title}: {reading}"


def clause(step: str) -> str:
    """A clause in words; those that have none by their names in the file."""
    return WORDS[step].partition(" were ")[0] if step in WORDS else f"“{step}”"


def term(path: str) -> str:
    """A term in words, by its path in the file.

    >>> term("termination.customer.notice_days"), term("payment.timing")
    ("the customer's notice, days", 'payment timing')
    """
    if path not in WORDS:
        return path.replace(".", " ").replace("_", " ")
    what, _, unit = WORDS[path].partition(" were {}")
    return what + (f",{unit}" if unit else "")
