"""The panel of the precedent: one agreement among the disclosed deals of its kind."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, cast

import ipywidgets as widgets
import pandas as pd

from analysis.contract import terms
from analysis.data import sources
from analysis.models import comparables
from analysis.models.comparables import placing, precedent
from analysis.page import panels
from analysis.page.controls import Control
from analysis.page.panels import Answer
from analysis.page.work import Map
from analysis.questions import common
from analysis.questions.precedent import charts as draw
from analysis.questions.precedent import words as say

KINDS = {
    "as the table of deals states": "as stated",
    "hosting: a building with power": "hosting",
    "bare metal: the accelerators too": "bare metal",
    "managed cloud: also the service": "managed cloud",
}


def show(names: Mapping[str, Any]) -> widgets.VBox:
    """The panel, from the parameters among a notebook's names."""
    return panels.show("08_does_it_set_a_precedent", names, controls, answer, slow=True)


def controls(values: Mapping[str, Any]) -> list[Control]:
    """What can be moved, and what has no effect as things stand."""
    deal = common.deal(values)
    names = terms.scopes(deal)
    choices = {"as the table of deals has it": "", **dict(zip(names, names, strict=True))}
    return [
        common.contract(values),
        common.reading(deal, values),
        Control(name="scope", label="Set against", choices=choices),
        Control(name="sold_as", label="What the fee buys", choices=KINDS),
        common.capacity_mw(
            common.place(deal, common.plan(), common.scoped(deal, values), on_day=True)
        ),
    ]


def answer(values: Mapping[str, Any], spread: Map) -> Answer:
    """Where its price lies among the deals of its kind, and how much of it was firm at signing."""
    [found] = spread(_answered, [values])
    return cast(Answer, found)


def _answered(values: Mapping[str, Any]) -> Answer:
    deal = common.deal(values)
    kind = "" if values["sold_as"] == "as stated" else values["sold_as"]
    given = {"scope": values["scope"], "sold_as": kind, "capacity_mw": values["capacity_mw"]}
    day = date.fromisoformat(values["as_of"])
    table = sources.comparables(*filter(None, [values["corrections"]]))
    rows = placing.beside(table, deal, day=day, **given)
    deals = comparables.deals(rows)
    firm = placing.firmness(deals, [*common.shipped(), deal])
    measures = comparables.measures(deals, _imputed(), firmness=firm)
    points = precedent.points(deals, measures, placing.own_rows(rows, deal))
    place = precedent.place(points)
    own = values["reading"] or deal.reading.name
    return Answer(
        said=[say.lead(place, points, deal, reading=own, as_of=day), say.mapped(points)],
        chart=draw.precedent(points, title=say.map_title(place)),
        table=precedent.view(deals, points),
    )


@cache
def _imputed() -> pd.DataFrame:
    return sources.imputations()
