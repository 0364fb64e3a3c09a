"""The panel of how much to lease out: the quantity, for each notice on which it may be recalled."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import ipywidgets as widgets
import pandas as pd

from analysis.contract import terms, windows
from analysis.data import sources
from analysis.models import planning
from analysis.page import panels
from analysis.page.controls import Control
from analysis.page.panels import Answer
from analysis.questions import common, when
from analysis.questions.lease_out import charts as draw
from analysis.questions.lease_out import everything, sharing
from analysis.questions.lease_out import words as say


def show(names: Mapping[str, Any]) -> widgets.VBox:
    """The panel, from the parameters among a notebook's names."""
    rules = sources.planning_rules()
    return panels.show("05_how_much_to_lease_out", names, controls, answer, assumptions=rules)


def controls(values: Mapping[str, Any]) -> list[Control]:
    """What can be moved, and what has no effect as things stand."""
    deal, plan = common.deal(values), common.plan()
    day = date.fromisoformat(values["as_of"])
    place = common.place(deal, plan, common.scoped(deal, values), on_day=True)
    unknown = "" if place.mw else place.why_not
    return [
        common.contract(values),
        common.reading(deal, values),
        common.as_of(deal, values),
        common.scope(deal, values, usual=planning.widest(deal, day)),
        common.capacity_mw(place),
        common.assumed(plan, "own_use_to_fee", "Own use earns, × fee", idle=unknown),
        common.assumed(plan, "demand_mean_share", "Own demand in the long run", idle=unknown),
        common.assumed(plan, "rate_year", "Discount rate a year", idle=unknown),
    ]


def answer(values: Mapping[str, Any]) -> Answer:
    """How much to lease out under the agreement's own notice and under others."""
    deal = common.deal(values)
    own, day = values["reading"] or deal.reading.name, date.fromisoformat(values["as_of"])
    read = terms.read_as(deal, own)
    plan = planning.changed(common.plan(), values["assume"])
    place = common.place(deal, plan, values, on_day=True)
    site = sharing.shared(place, read, plan, blocks=values["blocks"], as_of=day)
    if site is None:
        said = when.seen(say.unanswered(place, read, on=day), read, on=day)
        return Answer(said=[said], chart=None, table=pd.DataFrame())
    notice = windows.notice_months(read, "provider", as_of=day)
    called, notices = sharing.called(notice), sharing.notices(values["notice_months"], notice)
    worths = sharing.by_notice(site, notices)
    best = sharing.best_starts(site, worths)
    over = everything.over_worth(site, [notice, None])
    late = sharing.too_late(site, notice, read, as_of=day)
    lead = say.how_much(best, over, own=called, left=site.months, reading=own, days_left=late)
    return Answer(
        said=[when.seen(lead, read, on=day), say.price(best, own=called, reading=own)],
        chart=draw.by_notice(
            worths, title=say.how_much_title(best, own=called, late=late is not None)
        ),
        table=sharing.view(best),
    )
