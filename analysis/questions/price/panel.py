"""The panel of the price: one fee in every unit, beside what the market was seen to charge."""

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any

import ipywidgets as widgets
import pandas as pd

from analysis.contract import terms
from analysis.data import sources
from analysis.models import pricing
from analysis.models.market import standing
from analysis.page import panels
from analysis.page.controls import Control
from analysis.page.panels import Answer
from analysis.questions import common
from analysis.questions.price import charts as draw
from analysis.questions.price import words as say

GPU = "H100"


def show(names: Mapping[str, Any]) -> widgets.VBox:
    """The panel, from the parameters among a notebook's names."""
    return panels.show("02_is_the_price_high", names, controls, answer)


def controls(values: Mapping[str, Any]) -> list[Control]:
    """What can be moved, and what has no effect as things stand."""
    deal = common.deal(values)
    series = dict.fromkeys([*standing.sources(common.prices(), gpu=GPU), values["source"]])
    return [
        common.contract(values),
        common.reading(deal, values),
        common.as_of(deal, values),
        Control(name="source", label=f"Judged by {GPU} prices of", choices={s: s for s in series}),
        common.metric(),
        common.hours_month(),
    ]


def answer(values: Mapping[str, Any]) -> Answer:
    """Whether the fee is high for each scope of the terms, and the market prices beside it."""
    day, hours = date.fromisoformat(values["as_of"]), values["hours_month"]
    deal = terms.known(common.read(values), day)
    plan, fee = common.plan(), pricing.full_fee(deal, day)
    weights = common.weights(values["metric"])
    unit: dict[str, Any] = {"day": day, "weights": weights}
    kind = pricing.reported_kind(_deals(), own=deal.id)
    priced, imputed = pricing.imputed(deal, common.shipped(), plan, kind=kind, **unit)
    ladder = pricing.ladder(priced, plan, hours_month=hours, imputed=imputed, **unit)
    by_h100 = pricing.rung(ladder, say.HOUR)
    by = (values["source"], *values["beside"])
    held = _judged_by(by, min(day, fee.day), fee.day)
    seen = pricing.contracted(common.prices(), day=day, gpus=[GPU])
    others = seen[~seen.source.isin(by)]
    judged = pricing.verdicts(by_h100, held)
    rented = pricing.bought(held, plan, fee_usd_month=fee.usd_month, hours_month=hours)
    even = pricing.even(rented, plan, kind=kind, weights=weights)
    lead = say.lead(fee, judged, held, even, others=others, as_of=day, imputed=imputed)
    scales = say.scales(ladder, metric=values["metric"], hours_month=hours, fee=fee)
    return Answer(
        said=[lead, say.marked(scales, imputed)],
        chart=draw.beside(
            pricing.stacked(
                pricing.fee_rows(by_h100),
                pricing.market_rows(held, held=by, label="source"),
                pricing.market_rows(others, held=by, label="tier"),
            ),
            axis=say.axis("H100e-hour", metric=values["metric"], hours_month=hours),
            written="$.2f",
            among=pricing.ends(held),
            title=say.ladder_title(judged, held, imputed=imputed),
        ),
        table=pricing.written(ladder),
    )


@cache
def _deals() -> pd.DataFrame:
    return common.deals()


@lru_cache(maxsize=16)
def _judged_by(by: tuple[str, ...], day: date, on: date) -> pd.DataFrame:
    """Kept, as few controls move it."""
    beliefs = standing.priors(dict(sources.assumptions().value))
    return pricing.judged_by(common.prices(), by, day=day, on=on, gpu=GPU, beliefs=beliefs)
