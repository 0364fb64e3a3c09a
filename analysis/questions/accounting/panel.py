"""The panel of the books: one agreement as backlog, as service and as a lease, as one judges."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import ipywidgets as widgets

from analysis.contract import terms, windows
from analysis.contract.rights import PARTIES
from analysis.models.accounting import books
from analysis.page import panels
from analysis.page.controls import Control
from analysis.page.panels import Answer
from analysis.questions import common, when
from analysis.questions.accounting import charts as draw
from analysis.questions.accounting import words as say

PENALTIES = ("customer_penalty", "provider_penalty")
JUDGEMENTS = ("rate", "standard", "lease_class", *PENALTIES, "customer_stays", "customer_extends")
JUDGED = {"not judged: both ways": "unknown", "yes": "yes", "no": "no"}


def show(names: Mapping[str, Any]) -> widgets.VBox:
    """The panel, from the parameters among a notebook's names."""
    return panels.show("07_how_is_it_booked", names, controls, answer)


def controls(values: Mapping[str, Any]) -> list[Control]:
    """What can be moved, and what has no effect as things stand."""
    deal = common.deal(values)
    read = terms.read_as(deal, common.own_reading(deal, values))
    stated, day = books.standing(read, date.fromisoformat(values["as_of"]))
    day = {"start": stated.start, "as_of": day}[values["seen_from"]]
    none = [p for p in PARTIES if windows.right(stated, p, as_of=day) is None]
    bound = "the customer has no right to leave" if "customer" in none else ""
    alone = bound or ("the provider has no right to leave" if "provider" in none else "")
    return [
        common.contract(values),
        common.reading(deal, values),
        common.as_of(deal, values),
        Control(name="standard", label="Standard", choices={n: n for n in books.STANDARDS}),
        _judged("customer_penalty", "Does leaving cost the customer too much?", bound),
        _judged("provider_penalty", "Does leaving cost the provider too much?", alone),
        _judged("customer_stays", "Is the customer reasonably certain to stay?", bound),
        common.rate(),
    ]


def _judged(name: str, label: str, idle: str) -> Control:
    return Control(name=name, label=label, choices=JUDGED, idle=idle)


def answer(values: Mapping[str, Any]) -> Answer:
    """What the agreement is in the books of both parties on a day."""
    deal, on = common.deal(values), date.fromisoformat(values["as_of"])
    own = values["reading"] or deal.reading.name
    stated = common.read(values)
    read, left = books.standing(stated, on)
    day = {"start": read.start, "as_of": left}[values["seen_from"]]
    judged = books.Judged(**{name: values[name] for name in JUDGEMENTS})
    levels = books.levels(read, values["index"], by=day)
    frames = books.opened(read, day=day, judged=judged, **levels)
    lead = say.opened(frames, deal, on=day, reading=own)
    parties = {"provider": deal.provider, "customer": deal.customer}
    return Answer(
        said=[
            when.seen(lead, stated, on=on),
            say.why(frames, rate=values["rate"], reading=own),
        ],
        chart=draw.frames(frames, names=parties, title=say.opened_title(frames)),
        table=frames,
    )
