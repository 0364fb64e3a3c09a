"""One agreement among the disclosed deals: its rows in the table, or rows made from its terms."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from analysis.contract import Position, position
from analysis.contract.readings import BOUNDS
from analysis.contract.served import as_range, full_fee, paid_for
from analysis.contract.terms import Agreement
from analysis.models.comparables.measured import firmness_at_signing
from analysis.models.comparables.table import listed
from analysis.models.planning import widest
from analysis.models.units import Interval, scoped, scopes

OWN_FILE = "the agreement's own file"
SOLD = {
    "shell": "hosting",
    "colocation": "hosting",
    "bare metal": "bare metal",
    "managed cloud": "managed cloud",
    "credits": "managed cloud",
}
"""What an agreement sells as the table of comparables names it."""


def beside(
    table: pd.DataFrame,
    now: Position,
    *,
    scope: str = "",
    sold_as: str = "",
    capacity_mw: float = 0.0,
) -> pd.DataFrame:
    """The table as written with the agreement in it, and no row of it that says something else.

    Its rows stay if they state its fee and dates, or the total that its fees are solved from, and
    not those of an older text; `scope` (one of the terms' own) keeps the row of that scope. Where
    none is left, or `sold_as` or `capacity_mw` is given, rows from the terms take their place, with
    fee and capacity of the position's day: two where megawatts or accelerators are a range.
    `sold_as` is one of hosting, bare metal, managed cloud; empty: as the table has it, else as the
    agreement says.
    """
    agreement = now.agreement
    known = table[_is(table, agreement)]
    fits = known[known.contract.isin(_named(agreement, scope))] if scope else known
    fees = pd.to_numeric(fits.fee_usd_month).isin([fee.usd_month for fee in agreement.fee])
    dated = (fits.start == str(agreement.start)) & (fits.end == str(agreement.end))
    whole = pd.to_numeric(fits.total_usd) == agreement.total_usd  # stated, and no fee
    own, others = fits[fees & dated | whole], table.drop(known.index)
    if own.empty or capacity_mw or sold_as:
        kind = sold_as or next(filter(None, known["scope"]), "") or SOLD.get(agreement.sells, "")
        rows = _stated(agreement, now.as_of, scope, sold_as=kind, capacity_mw=capacity_mw)
        own = pd.DataFrame(
            [{name: str(row.get(name) or "") for name in map(str, table)} for row in rows]
        )
    ids = list(own.id)
    own = own.assign(overlaps=["; ".join(other for other in ids if other != id_) for id_ in ids])
    left = {*others.id, *ids}

    def overlaps(named: str) -> str:
        """What overlapped a row that the agreement's own have replaced overlaps all of them."""
        held = [each for each in listed(named) if each in left]
        return "; ".join(dict.fromkeys([*held, *(ids if held != listed(named) else [])]))

    others = others.assign(overlaps=others.overlaps.map(overlaps))
    return pd.concat([others, own], ignore_index=True)


def own_rows(table: pd.DataFrame, agreement: Agreement) -> list[str]:
    """The ids of the agreement's rows in a table that `beside` made."""
    return list(table.id[_is(table, agreement)])


def firmness(deals: pd.DataFrame, agreements: Sequence[Agreement]) -> dict[str, Interval]:
    """What is firm at signing over all readings, by id of the rows whose terms are at hand."""
    return {
        id_: firmness_at_signing(agreement)
        for agreement in agreements
        for id_ in own_rows(deals, agreement)
    }


def _is(table: pd.DataFrame, agreement: Agreement) -> pd.Series:
    return table.contract.map(lambda name: name.partition(":")[0] == agreement.id)


def _named(agreement: Agreement, scope: str) -> list[str]:
    """How the table's column `contract` names a scope; the first one stated may go without."""
    scoped(agreement, scope)  # refuses one that is not known
    first = [agreement.id] if scope == agreement.capacity.name else []
    return [f"{agreement.id}:{scope}", *first]


def _stated(
    agreement: Agreement, day: date, scope: str, *, sold_as: str, capacity_mw: float
) -> list[dict[str, Any]]:
    """Rows that state the terms: the full fee of a day, and one scope's capacity on it."""
    capacity = scopes(paid_for(agreement, day))[scope or widest(agreement, day)]
    stated: dict[str, Any] = {
        "contract": agreement.id,
        "provider": agreement.provider,
        "customer": agreement.customer,
        "scope": sold_as,
        "announced": agreement.signed,
        "start": agreement.start,
        "end": agreement.end,
        "stated": "disclosed",
        "source": OWN_FILE,
        "source_date": agreement.signed,
        "accelerator_kind": ", ".join(capacity.accelerators),
    }
    if fee := full_fee(agreement, day).usd_month:
        stated["fee_usd_month"] = fee
    else:  # none on that day: all fees to the end
        whole = position(agreement).headline.usd
        stated |= {"total_usd": whole, "otherwise": "total_usd: derived"}
    name = "this-" + re.sub("[^a-z0-9]+", "-", agreement.id.lower()).strip("-")
    found: list[dict[str, Any]] = []
    for bound, id_ in zip(BOUNDS, (name, f"{name}-most"), strict=True):
        mw = capacity_mw or getattr(as_range(capacity.mw or 0.0), bound)
        count = sum(getattr(as_range(n), bound) for n in capacity.accelerators.values())
        basis = (capacity.mw_basis if capacity.mw else "not stated") if mw else ""
        size = {"capacity_mw": mw, "accelerators": count, "mw_basis": basis}
        if not found or size.items() - found[0].items():
            found.append(stated | size | {"id": id_})
    return found
