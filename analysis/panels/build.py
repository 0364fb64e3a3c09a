"""The panel of the customer's choice: lease, build, both, or rent by the hour."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import ipywidgets as widgets
import pandas as pd

from analysis import planning, terms
from analysis.charts import build as draw
from analysis.customer import choices, ranges
from analysis.panels import common
from analysis.panels import panel as panels
from analysis.panels.controls import Control
from analysis.panels.panel import Answer
from analysis.served import full_fee
from analysis.statements import build as say
from analysis.statements import when


def show(names: Mapping[str, Any]) -> widgets.VBox:
    """The panel, from the parameters among a notebook's names."""
    return panels.show("06_lease_build_or_rent", names, controls, answer)


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
    plan = planning.changed(common.plan(), values["assume"])
    place = common.place(deal, plan, values, on_day=True)
    who = choices.buyer(place, full_fee(read, day).usd_month, plan)
    if who is None:
        said = when.seen(say.unanswered(place), read, on=day)
        return Answer(said=[said], chart=None, table=pd.DataFrame())
    ways, delays = ranges.ways(who), choices.longest_delays(who)
    planned = who.need().delay_months
    lead = say.choice(ways, delays, best_usd=ranges.best_usd(who), planned=planned)
    return Answer(
        said=[when.seen(lead, read, on=day)],
        chart=draw.build_less_lease(
            ranges.build_less_lease(who), planned=planned, title=say.choice_title(delays)
        ),
        table=ways,
    )
