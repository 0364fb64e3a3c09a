"""What every question of an agreement has: its parameters, the agreement, its position, a panel."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property, lru_cache
from importlib import import_module
from textwrap import wrap
from typing import Any, ClassVar, Self, get_args

import pandas as pd
from pydantic import ValidationError

from analysis.contract import Agreement, Position, files, ladder, position
from analysis.contract.amendments import stretches
from analysis.contract.served import full_fee, served_until
from analysis.data import sources
from analysis.models import units
from analysis.page import sheet
from analysis.page.answers import Answer
from analysis.page.controls import Control
from analysis.page.findings import Finding, Kind, day
from analysis.page.parameters import UsageError, refused
from analysis.questions.as_if import as_if, in_words
from analysis.questions.figures import number
from analysis.questions.parameters import AgreementParameters

LINE = 84  # characters of a subtitle in one line, so that no picture cuts it
INPUTS = {
    "signed": "day of signature",
    "start": "start of service",
    "end": "stated end",
    "fee": "fee",
    "discount": "undisclosed discount",
    "customer": "termination by the customer",
    "provider": "termination by the provider",
    "capacity": "capacity",
    "scopes": "other scopes",
    "amendment": "amendments",
}
"""What a term is called, by the last of these words in its path."""


def evidenced(term: str) -> Callable[["Question"], Kind]:
    """The kind of a number that is a term, as the evidence of the file has it."""

    def kind(found: "Question") -> Kind:
        known = sheet.evidence(found.agreement)
        kinds = known.kind[known.field.str.partition(".")[0] == term]
        return next((each for each in kinds if each in get_args(Kind)), "assumed")

    return kind


class Question(Answer):
    """One question of one agreement, answered for one set of parameters.

    kind: its parameters. notebook: the file's name. main: the table that the panel shows. moved:
    what the panel moves, a parameter (or `assume.NAME`) with its label; empty: the parameter's
    title. slow: an answer takes longer than a hand on a slider waits. counts_committed: it tells
    what is committed, also where that waits for delivery. rests_on: the terms of the file that its
    numbers are made of.
    """

    heads: ClassVar = {
        "firm_change_usd": "change of committed",
        "firm_usd": "committed",
        "firmness": "committed share",
        "headline_change_usd": "change of total",
        "headline_usd": "remaining contract value",
        "ends": "service ends",
        "label": "input",
        "market_to_fee": "market price ÷ fee",
        "reading": "interpretation",
        "usd_month": "cost, $/month",
        "usd_mw_month": "$/MW-month",
    }
    kind: type[AgreementParameters]
    notebook: ClassVar[str]
    main: ClassVar[str]
    moved: ClassVar[Mapping[str, str]]
    slow: ClassVar[bool] = False
    counts_committed: ClassVar[bool] = True
    below: ClassVar[tuple[str, ...]] = ()
    """The charts that the panel draws below the key chart."""
    rests_on: ClassVar[tuple[str, ...]] = ("start", "end", "fee", "termination", "amendment")

    def __init__(self, *, spread: Callable[..., Any] = map, **given: Any) -> None:
        """Raises UsageError, before anything is worked out, where a parameter is not allowed.

        spread: maps what takes long over its steps.
        """
        try:
            self.given: Any = self.kind(**given)
        except ValidationError as error:
            raise UsageError(refused(self.kind, error)) from error
        if asked := getattr(self.given, "scope", ""):
            scope = units.spelled(self.as_written.agreement, asked)
            self.given = self.given.model_copy(update={"scope": scope})
        self.spread = spread
        self.words, self.charts = (
            import_module(f"..{name}", type(self).__module__) for name in ("words", "charts")
        )

    def of(self, agreement: Agreement) -> Self:
        """The same question of another agreement, such as this one with changed terms."""
        asked = dict(self.given) | {"terms": {}, "interactive": False}  # a panel would ask anew
        other = type(self)(**asked, spread=self.spread)
        other.__dict__["agreement"] = agreement
        return other

    def at(self, reading: str, day: date, **given: Any) -> Self:
        """The same under another interpretation, on another day."""
        other = type(self)(**dict(self.given) | {"reading": reading, "as_of": day} | given)
        position = self.position.under(reading).on(day)
        other.__dict__ |= {"agreement": self.agreement, "position": position}
        return other

    @cached_property
    def as_written(self) -> Position:
        """What was signed, at the start."""
        return start(self.given.contract)

    @cached_property
    def agreement(self) -> Agreement:
        """What was signed, with the terms that are to be others."""
        return as_if(self.as_written.agreement, self.given.terms)

    @property
    def reading(self) -> str:  # type: ignore[override]
        """The interpretation in use: the one asked for, else the agreement's own."""
        return self.given.reading or self.agreement.reading.name

    @property
    def as_of(self) -> date:
        """The valuation date."""
        found: date = self.given.as_of
        return found

    @cached_property
    def position(self) -> Position:
        """The agreement on the valuation date under the interpretation in use."""
        same = self.as_written.agreement is self.agreement
        own = self.as_written if same else position(self.agreement)
        return own.under(self.reading).on(self.as_of)

    as_of_date = number("given.as_of", "The valuation date.", reading="", always=True)
    signed_date = number(
        "agreement.signed",
        "The day on which the agreement was signed.",
        label="signed",
        reading="",
        kind=evidenced("signed"),
        always=True,
    )

    known_date = number(
        "agreement.known",
        "The day up to which public text was searched.",
        reading="",
        kind="assumed",
    )

    @property
    def next_fee(self) -> str:
        """The first day from which a fee is due, in words, where none is on the valuation date."""
        found = _next_fee(self.position.read, self.as_of)
        return str(day(found)) if found else ""

    @property
    def caution(self) -> str:
        """What must be said first: which terms are others, what is not signed or left that day."""
        other = "As if {other_terms}: " if self.given.terms else ""
        return other + self.early_or_late + self.conditional

    @property
    def other_terms(self) -> str:
        """The terms that are to be others, in words."""
        return in_words(self.given.terms)

    @property
    def early_or_late(self) -> str:
        """That nothing is signed, committed yet or left to serve on the valuation date."""
        if self.as_of < self.agreement.signed:
            return "The agreement was signed on {signed_date}, after {as_of_date}. "
        if self.as_of >= served_until(self.position.read, self.as_of):
            return (
                "On {as_of_date} nothing is left to serve; what follows is as when service began. "
            )
        starts = self.agreement.start
        if self.as_of < starts and self.position.firm().end <= starts:
            return (
                "On {as_of_date} nothing is committed yet: the customer can still end the "
                "agreement before service begins. What follows is as if it begins. "
            )
        return ""

    @property
    def conditional(self) -> str:
        """That what is said to be committed may wait for delivery."""
        waits = self.counts_committed and ladder.UNDELIVERED in self.hanging
        return "Fees conditional on delivery count as committed. " if waits else ""

    @property
    def hanging(self) -> set[str]:
        """Whether fees hang on delivery, or lie above the commitment: steps of the ladder."""
        return {each.step for each in ladder.hanging(self.position.schedule, self.as_of)}

    @property
    def lead(self) -> Finding:
        """The answer in a sentence or two; why there is none where there is none."""
        return self.stated(self.caution + (self.why_not or self.text("lead")))

    def headed(self, name: str) -> dict[str, Any]:
        """Title and description of a chart; below, what it shows, of which agreement and day."""
        found = super().headed(name)
        if not found["title"]:
            return found
        told = f"{name}_subtitle"
        read = self.position.read.reading.title
        basis = f"{self.agreement.title} ({read}), valued on {day(self.drawn_on(name))}"
        lines = [f"{self.stated(self.text(told))}."] if hasattr(self.words, told) else []
        below = [part for line in (*lines, basis) for part in wrap(line, LINE)]
        return found | {"title": {"text": found["title"], "subtitle": below}}

    def drawn_on(self, name: str) -> date:
        """The day that a chart is valued on."""
        return self.as_of

    @property
    def base(self) -> list[str]:
        """The base case in words: what all pages of a report share."""
        other = [f"as if {self.other_terms}"] if self.given.terms else []
        return [f"valued on {day(self.as_of)}", self.position.interpretation, *other]

    @property
    def made_from(self) -> pd.DataFrame:
        """The terms behind its numbers, a row a document and kind: `input, kind, date, source`."""
        found = sheet.evidence(self.agreement)
        found = found[found.field.str.partition(".")[0].isin(self.rests_on) & (found.source != "")]
        found = found.assign(input=found.field.map(_input))
        rows = found.groupby(["kind", "date", "source"], sort=False).input.unique()
        told = pd.concat([rows.map(", ".join).reset_index(), *self.series_used])
        return told[["input", "kind", "date", "source"]].reset_index(drop=True)

    def by_name(self, inputs: str) -> pd.DataFrame | None:
        """Parameters as `given`, the terms of the file as `agreement`: by name, with `value`."""
        if inputs == "given":
            told = {name: field.title or name for name, field in self.kind.model_fields.items()}
            values = [getattr(self.given, name) for name in told]
            rows = {"parameter": told.values(), "value": values, "kind": "assumed"}
            return pd.DataFrame(rows, index=[*told])
        if inputs == "agreement":
            found = sheet.evidence(self.agreement).set_index("field")
            return found.assign(term=[*map(_input, found.index)])[
                ["term", "value", "kind", "date", "source"]
            ]
        return super().by_name(inputs)

    @property
    def series_used(self) -> list[pd.DataFrame]:
        """The price series behind its numbers, as rows of `made_from`."""
        series = getattr(self.given, "source", "")
        if not series:
            return []
        known = sources.prices()
        known = known[(known.source == series) & (known.date <= self.as_of)].tail(1)
        return [known.assign(input=series, kind="reported", source=known.url)]

    @property
    def documents(self) -> list[sources.Document]:
        """The documents behind it, the best grade first."""
        found = map(sources.document, dict.fromkeys(self.made_from.source))
        return sorted((each for each in found if each.url), key=lambda each: each.grade)

    @property
    def idle(self) -> dict[str, str]:
        """Why a control of the panel has no effect as things stand, by its parameter."""
        return {}

    def control(self, name: str, values: Mapping[str, Any]) -> Control | None:
        """The control of a parameter that only this question has a special one for."""
        return None

    def panel(self) -> Any:
        """Widgets over the same answer; nothing in a report."""
        if not self.given.interactive:
            return None  # and nothing of it is imported, which takes over a second
        from analysis.questions import panel

        return panel.made(self).box


def _next_fee(agreement: Agreement, day: date) -> date | None:
    """The first day after one from which a fee is due, where none is due on the day itself."""
    if full_fee(agreement, day).usd_month:
        return None
    steps: set[date] = set()
    for low, _, terms in stretches(agreement):
        steps |= {max(fee.since, low) for part in terms.parts for fee in part.fee}
        steps |= {max(price.since, low) for price in terms.unit_price if price.since}
    ahead = sorted(each for each in steps if each > day)
    return next((each for each in ahead if full_fee(agreement, each).usd_month), None)


def _input(field: str) -> str:
    return next((INPUTS[each] for each in reversed(field.split(".")) if each in INPUTS), field)


def agreement(name: str) -> Agreement:
    """The agreement of that id or file, see `start`."""
    return start(name).agreement


def start(name: str) -> Position:
    """Its position at the start; a file is read anew, so that it may be edited beside."""
    return _shipped(name) if name in files.names() else position(files.contract(name))


@lru_cache(maxsize=32)
def _shipped(name: str) -> Position:
    """Kept, so that all answers share what is resolved of an agreement."""
    return position(files.contract(name))
