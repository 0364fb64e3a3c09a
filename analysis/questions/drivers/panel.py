"""The panel of what drives the promise: one range at a time, and shares of the variance."""

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache, partial
from typing import Any

import ipywidgets as widgets
import pandas as pd

from analysis.contract import files
from analysis.contract.clauses import Party
from analysis.contract.terms import Agreement
from analysis.data import sources
from analysis.models.scenarios import Input
from analysis.page import panels
from analysis.page.controls import Control
from analysis.page.panels import Answer
from analysis.page.work import Map
from analysis.questions import common, when
from analysis.questions.drivers import charts as draw
from analysis.questions.drivers import drivers
from analysis.questions.drivers import words as say
from analysis.questions.drivers.drivers import Drivers


def show(names: Mapping[str, Any]) -> widgets.VBox:
    """The panel, from the parameters among a notebook's names."""
    return panels.show("09_what_drives_the_answer", names, controls, answer, slow=True)


def controls(values: Mapping[str, Any]) -> list[Control]:
    """What can be moved, and what has no effect as things stand."""
    deal = common.deal(values)
    return [
        common.contract(values),
        common.reading(deal, values),
        common.as_of(deal, values),
        common.seen_from(deal, values),
        common.party(),
    ]


def answer(values: Mapping[str, Any], spread: Map) -> Answer:
    """How much of what is open in the promise is the clause, and what moves its worth."""
    deal, party = common.deal(values), values["party"]
    own, day = values["reading"] or deal.reading.name, date.fromisoformat(values["as_of"])
    seen = {"start": deal.start, "as_of": day}[values["seen_from"]]
    open_on = partial(_open, deal, own, party)
    (chosen, clause), (_, now) = spread(open_on, (seen, day))
    lead = say.clause(clause, now, seen=seen, as_of=day, reading=own)
    promised = drivers.promised(deal, chosen, as_of=seen, party=party, own=own)
    return Answer(
        said=[
            when.seen(lead, common.read(values), on=day),
            say.widest(promised, of="promised", reading=own, seen=seen),
        ],
        chart=draw.drivers(promised.table, title=say.widest_title(promised, of="promised")),
        table=promised.table,
    )


@lru_cache(maxsize=16)
def _open(deal: Agreement, own: str, party: Party, on: date) -> tuple[dict[str, Input], Drivers]:
    """What is open on a day, and what the clause is of it; kept, as one of two days stays."""
    drawn = drivers.held(deal, own=own, as_of=on, party=party)
    ranges = {"plan": common.plan(), "assumed": _assumed(), "evidence": files.evidence(deal)}
    chosen = drivers.inputs(deal, drawn=drawn, **ranges)
    return chosen, drivers.own_ranges(deal, chosen, as_of=on, party=party, own=own)


@cache
def _assumed() -> pd.DataFrame:
    return sources.assumptions()
