"""The panel of the site: whether the fees pay for it, if all stay and by what is promised."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import ipywidgets as widgets

from analysis.contract import readings, terms
from analysis.contract.terms import Agreement
from analysis.data import sources
from analysis.models import planning
from analysis.models.provider.coverage import Promise
from analysis.page import panels
from analysis.page.controls import Control
from analysis.page.panels import Answer
from analysis.questions import common, when
from analysis.questions.site import cases
from analysis.questions.site import charts as draw
from analysis.questions.site import words as say


def show(names: Mapping[str, Any]) -> widgets.VBox:
    """The panel, from the parameters among a notebook's names."""
    rules = sources.planning_rules()
    return panels.show("04_does_it_pay_for_the_site", names, controls, answer, assumptions=rules)


def controls(values: Mapping[str, Any]) -> list[Control]:
    """What can be moved, and what has no effect as things stand."""
    deal, plan = common.deal(values), common.plan()
    place = common.place(deal, plan, common.scoped(deal, values))
    return [
        common.contract(values),
        common.reading(deal, values),
        common.as_of(deal, values),
        common.scope(deal, values, usual=planning.widest(deal)),
        common.capacity_mw(place),
        common.capex_usd(place),
        common.assumed(plan, "power_usd_mwh", "Power, $/MWh", idle=place.why_not),
        common.assumed(plan, "rate_year", "Discount rate a year", idle=place.why_not),
    ]


def answer(values: Mapping[str, Any]) -> Answer:
    """Whether the fees pay for the site, and how much of it the promised ones do."""
    deal = common.deal(values)
    own, day = values["reading"] or deal.reading.name, date.fromisoformat(values["as_of"])
    plan = planning.changed(common.plan(), values["assume"])
    place = common.place(deal, plan, values)
    by_discount = _promises(deal, own, place.scope, day)
    sites = cases.sites(place, plan)
    names = list(dict.fromkeys([*readings.names(deal), own]))
    covered = cases.over_discounts(sites, by_discount, plan, readings=names)
    open_ = cases.limited(covered)
    lead = say.pays(covered, open_, place, reading=own)
    chart = draw.paid_back(
        cases.paid_back(sites, by_discount["use"][own].stated),
        served=cases.served_months(deal, day),
        title=say.paid_back_title(covered, reading=own),
    )
    return Answer(
        said=[when.seen(lead, terms.read_as(deal, own), on=day)],
        chart=chart,
        table=cases.view(cases.in_use(covered)),
    )


@lru_cache(maxsize=16)
def _promises(deal: Agreement, own: str, scope: str, as_of: date) -> dict[str, dict[str, Promise]]:
    """Kept, as it hangs on the agreement and the day alone."""
    return cases.promises(deal, own, scope=scope, as_of=as_of)
