"""The panel of the exit: whose right to leave is worth what, on a cloud of price processes."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

import ipywidgets as widgets

from analysis.contract import terms
from analysis.contract.terms import Agreement
from analysis.data import sources
from analysis.models.exits import leaving, ownership
from analysis.models.exits.leaving import Leaving
from analysis.models.market import standing
from analysis.page import panels
from analysis.page.controls import Control
from analysis.page.panels import Answer
from analysis.page.work import Map
from analysis.questions import common
from analysis.questions.exit import charts as draw
from analysis.questions.exit import words as say


def show(names: Mapping[str, Any]) -> widgets.VBox:
    """The panel, from the parameters among a notebook's names; its cloud takes a while."""
    name = "03_who_owns_the_exit"
    return panels.show(name, names, controls, answer, slow=True)


def controls(values: Mapping[str, Any]) -> list[Control]:
    """What can be moved, and what has no effect as things stand."""
    deal = common.deal(values)
    known = common.scoped(deal, values)
    ahead = _ahead(deal, known, common.own_reading(deal, values))
    why = ahead.why_not
    return [
        common.contract(values),
        common.reading(deal, values),
        common.as_of(deal, values),
        common.scope(deal, values, usual=deal.capacity.name),
        common.metric(idle=why),
        common.hours_month(idle=why),
        common.rate(idle=why),
        Control(
            name="draws",
            label="Price processes drawn",
            span=(standing.FEWEST_DRAWS, 400),
            step=1,
            idle=why,
        ),
    ]


def _ahead(deal: Agreement, values: Mapping[str, Any], reading: str) -> Leaving:
    return leaving.ahead(
        terms.read_as(deal, reading),
        as_of=date.fromisoformat(values["as_of"]),
        scope=values["scope"],
        weights=common.weights(values["metric"]),
        metric=values["metric"],
        hours_month=values["hours_month"],
    )


def answer(values: Mapping[str, Any], spread: Map) -> Answer:
    """Who owns the exit, and what the agreement is worth against the market price."""
    deal, day = common.deal(values), date.fromisoformat(values["as_of"])
    own = values["reading"] or deal.reading.name
    ahead = _ahead(deal, values, own)
    kind = {name: values[name] for name in ("tier", "source")}
    seen = standing.until(common.prices(), day, gpu="H100", **kind)
    beliefs = standing.priors(cast(Mapping[str, float], sources.assumptions().value))
    others = standing.others(common.prices(), values["beside"], day, gpu="H100")
    now, *beside = (
        standing.stand(
            each, day=ahead.start, beliefs=beliefs, draws=values["draws"], seed=values["seed"]
        )
        for each in (seen, *others)
    )
    played = {"rate_year": values["rate"], "seed": values["seed"], "beside": beside}
    found = ownership.study(ahead, now, **played, spread=spread)
    spot = {"market": found.market_usd_hour, "fee": ahead.fee_usd_hour()}
    return Answer(
        said=[say.owner(found, terms.read_as(deal, own), as_of=day), say.cases(found)],
        chart=draw.values(found.curves, title=str(say.values_title(found)), **spot),
        table=found.values,
    )
