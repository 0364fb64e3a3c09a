"""The panel of the customer's choice: lease, build, both, or rent by the hour."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import ipywidgets as widgets
import pandas as pd

from analysis.contract import terms
from analysis.contract.terms import Agreement
from analysis.contract.units import HOURS_PER_MONTH
from analysis.data import sources
from analysis.models import planning
from analysis.models.exits import leaving
from analysis.models.exits.leaving import Leaving
from analysis.models.market import PriceSeries, standing
from analysis.models.market.standing import Standing
from analysis.models.pricing import rental
from analysis.page import panels
from analysis.page.controls import Control
from analysis.page.panels import Answer
from analysis.questions import common, when
from analysis.questions.build_or_rent import charts as draw
from analysis.questions.build_or_rent import choices, ranges
from analysis.questions.build_or_rent import words as say


def show(names: Mapping[str, Any]) -> widgets.VBox:
    """The panel, from the parameters among a notebook's names."""
    rules = sources.planning_rules()
    return panels.show("06_lease_build_or_rent", names, controls, answer, assumptions=rules)


def controls(values: Mapping[str, Any]) -> list[Control]:
    """What can be moved, and what has no effect as things stand."""
    deal, plan = common.deal(values), common.plan()
    day = date.fromisoformat(values["as_of"])
    place = common.place(deal, plan, common.scoped(deal, values), on_day=True)
    unknown = place.why_not
    return [
        common.contract(values),
        common.reading(deal, values),
        common.scope(deal, values, usual=planning.widest(deal, day)),
        common.capacity_mw(place),
        common.capex_usd(place),
        common.assumed(plan, "worth_to_fee", "Worth of capacity, × fee", idle=unknown),
        common.assumed(plan, "build_delay_months", "Months to build", idle=unknown),
        common.assumed(plan, "rate_year", "Discount rate a year", idle=unknown),
    ]


def answer(values: Mapping[str, Any]) -> Answer:
    """Which way serves the customer best, and until which delay of building."""
    deal = common.deal(values)
    read = terms.read_as(deal, values["reading"] or deal.reading.name)
    day = date.fromisoformat(values["as_of"])
    since = choices.seen_from(read, day)
    ahead, now = _market(deal, read, since, values)
    plan = planning.changed(rental.seen(common.plan(), ahead, now), values["assume"])
    place = common.place(deal, plan, values, on_day=True)
    left = choices.supply(read, as_of=since)
    who = choices.buyer(place, ahead.fee_usd_month, plan, left=left)
    if who is None:
        said = when.seen(say.unanswered(place, read, on=day), read, on=day)
        return Answer(said=[said], chart=None, table=pd.DataFrame())
    lead = say.choice(ranges.turns(who), left=left.stated)
    title = say.choice_title(choices.longest_delays(who))
    planned = who.need().delay_months
    return Answer(
        said=[when.seen(lead, read, on=day)],
        chart=draw.build_less_lease(ranges.build_less_lease(who), planned=planned, title=title),
        table=ranges.ways(who),
    )


def _market(
    deal: Agreement, read: Agreement, since: date, values: Mapping[str, Any]
) -> tuple[Leaving, Standing | None]:
    """The fee in the unit of the market, and where the market then stands."""
    metric, *_ = sources.accelerator_metrics()
    ahead = leaving.ahead(
        read,
        as_of=since,
        scope=values["scope"] or planning.widest(deal),
        weights=common.weights(metric),
        metric=metric,
        hours_month=HOURS_PER_MONTH,
    )
    seen = standing.until(common.prices(), since, gpu="H100", source=values["source"])
    return ahead, _stand(seen, ahead.start, values["seed"])


@lru_cache(maxsize=16)
def _stand(seen: PriceSeries | None, day: date, seed: int) -> Standing | None:
    """Kept, as few controls move it."""
    beliefs = standing.priors(dict(sources.assumptions().value))
    return standing.stand(seen, day=day, beliefs=beliefs, draws=standing.FEWEST_DRAWS, seed=seed)
