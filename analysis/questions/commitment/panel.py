"""The panel of what is promised: from the headline to what is firm, under one reading."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import ipywidgets as widgets

from analysis.contract import readings
from analysis.contract.clauses import Party
from analysis.contract.terms import Agreement
from analysis.page import panels
from analysis.page.controls import Control
from analysis.page.findings import Finding
from analysis.page.panels import Answer
from analysis.questions import common
from analysis.questions.commitment import charts as draw
from analysis.questions.commitment import words as say


def show(names: Mapping[str, Any]) -> widgets.VBox:
    """The panel, from the parameters among a notebook's names."""
    return panels.show("01_what_is_committed", names, controls, answer)


def controls(values: Mapping[str, Any]) -> list[Control]:
    """What can be moved, and what has no effect as things stand."""
    deal = common.deal(values)
    day = date.fromisoformat(values["as_of"])
    over = values["seen_from"] == "as_of" and day >= common.last(deal, values)
    nothing = "nothing is left to serve on that day" if over else ""
    certain = "the share lost is 0" if values["loss_given_default"] == 0 else ""
    whole = "the chance of failure is 0" if values["default_probability"] == 0 else ""
    return [
        common.contract(values),
        common.reading(deal, values),
        common.as_of(deal, values),
        common.seen_from(deal, values, label="Bridge seen from"),
        common.party(),
        common.rate(idle=nothing),
        Control(
            name="default_probability",
            label="Chance a year that it fails (0 to 1)",
            idle=nothing or certain,
        ),
        Control(
            name="loss_given_default",
            label="Share then lost (0 to 1)",
            idle=nothing or whole,
        ),
    ]


def answer(values: Mapping[str, Any]) -> Answer:
    """How much is promised, and the bridge to it."""
    deal = common.deal(values)
    own, party = values["reading"] or deal.reading.name, values["party"]
    day = date.fromisoformat(values["as_of"])
    risk = {name: values[name] for name in ("rate", "default_probability", "loss_given_default")}
    seen = {"start": deal.start, "as_of": day}[values["seen_from"]]
    bridge = readings.bridges(deal, only=[own], party=party, as_of=seen, **risk)
    return Answer(
        said=[
            _promised(deal, own, day, party),
            say.bridged(deal, reading=own, party=party, as_of=seen, **risk),
        ],
        chart=draw.bridge(bridge, title=str(say.bridge_title(bridge, as_of=seen))),
        table=bridge.drop(columns=["reading", "label"]),
    )


@lru_cache(maxsize=16)
def _promised(deal: Agreement, reading: str, as_of: date, party: Party) -> Finding:
    """Kept, as half of the controls do not change it and it takes half of the time."""
    return say.promised(deal, reading=reading, as_of=as_of, party=party)
