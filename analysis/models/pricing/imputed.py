"""What stands in where an agreement names nothing that its fee could be divided by."""

from collections.abc import Iterable, Mapping
from datetime import date

import pandas as pd

from analysis.contract import units
from analysis.contract.clauses import Range
from analysis.contract.served import full_fee, paid_for
from analysis.contract.terms import Agreement, scopes
from analysis.contract.units import Interval, as_interval
from analysis.models import planning
from analysis.models.pricing.fee import kinds
from analysis.models.pricing.ladder import total

HOW = "imputed: as many for a dollar as in the provider's other agreements"


def imputed(
    agreement: Agreement,
    others: Iterable[Agreement],
    assumptions: pd.DataFrame,
    *,
    day: date,
    kind: str,
    weights: Mapping[str, Range],
) -> tuple[Agreement, str]:
    """The agreement with accelerators and megawatts imputed, and how; as it is where it names any.

    As many accelerators of the reported `kind` for a dollar as the other agreements of the same
    provider name over all their scopes, and the assumed kilowatts for each. The price that
    follows is that of the others, per accelerator: it tells what a sibling's price would mean.
    """
    named = any(kinds(c) or c.mw is not None for c in scopes(paid_for(agreement, day)).values())
    a_dollar = [
        as_interval(total(kinds(capacity)) / full_fee(other, day).usd_month)
        for other in others
        if other.provider == agreement.provider and full_fee(other, day).usd_month
        for capacity in scopes(paid_for(other, day)).values()
        if kinds(capacity)
    ]
    if named or not a_dollar or kind not in weights:
        return agreement, ""
    fee = full_fee(agreement, day).usd_month
    count = Interval(min(n.low for n in a_dollar), max(n.high for n in a_dollar)) * fee
    each = Interval(
        planning.value(assumptions, "kw_per_accelerator", "low"),
        planning.value(assumptions, "kw_per_accelerator", "high"),
    )
    mw = as_interval(units.capacity_mw(count, each))
    name = f"imputed {agreement.capacity.name}"
    found = {"name": name, "accelerators": {kind: _range(count)}, "mw": _range(mw)}
    capacity = agreement.capacity.model_copy(update=found)
    return agreement.model_copy(update={"capacity": capacity}), HOW


def _range(span: Interval) -> Range:
    return Range(low=span.low, use=(span.low + span.high) / 2, high=span.high)
