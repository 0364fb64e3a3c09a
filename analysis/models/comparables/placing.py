"""One agreement among the disclosed deals: its rows in the table, or rows made from its terms."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from analysis.contract import commitment
from analysis.contract.clauses import Capacity, Range
from analysis.contract.readings import BOUNDS
from analysis.contract.served import full_fee, paid_for
from analysis.contract.terms import Agreement, scopes
from analysis.contract.units import Interval
from analysis.models.comparables.measured import firmness_at_signing
from analysis.models.comparables.table import COLUMNS, SCOPES

OWN_FILE = "the agreement's own file"


def beside(
    table: pd.DataFrame,
    agreement: Agreement,
    *,
    scope: str = "",
    sold_as: str = "",
    capacity_mw: float = 0.0,
    day: date | None = None,
) -> pd.DataFrame:
    """The table as written with the agreement in it, and no row of it that says something else.

    Its rows stay if they state its fee and dates; `scope` (one of the terms' own) keeps the row of
    that scope. Where none is left, or `capacity_mw` is given, rows from the terms take their place:
    two where megawatts or accelerators are a range. Fee and capacity are those of `day` (default:
    the first day served). `sold_as` is one of hosting, bare metal,
    managed cloud; empty: as the table has it, else not known.
    """
    known = _rows_of(table, agreement)
    fits = known[known.contract.isin(_named(agreement, scope))] if scope else known
    stated: list[Any] = fits.to_dict("records")
    as_stated = fits[[_agrees(row, agreement) for row in stated]]
    others = table.drop(known.index)
    if len(as_stated) and not capacity_mw and not sold_as:
        return pd.concat([others, as_stated.assign(overlaps=_each_other(as_stated.id))])
    held = [value for value in known["scope"] if value]
    kind = sold_as or (held[0] if held else "")
    own = _written(
        agreement, scope, sold_as=kind, capacity_mw=capacity_mw, day=day or agreement.start
    )
    return pd.concat([others, own], ignore_index=True)


def own_rows(table: pd.DataFrame, agreement: Agreement) -> list[str]:
    """The ids of the agreement's rows in a table that `beside` made."""
    return [str(id_) for id_ in _rows_of(table, agreement).id]


def firmness(deals: pd.DataFrame, agreements: Sequence[Agreement]) -> dict[str, Interval]:
    """What is firm at signing over all readings, by id of the rows whose terms are at hand."""
    by_id = {deal.id: firmness_at_signing(deal) for deal in agreements}
    named = {str(id_): of.split(":")[0] for id_, of in deals.contract.items()}
    return {id_: by_id[of] for id_, of in named.items() if of in by_id}


def _rows_of(table: pd.DataFrame, agreement: Agreement) -> pd.DataFrame:
    return table[[of.split(":")[0] == agreement.id for of in table.contract]]


def _named(agreement: Agreement, scope: str) -> list[str]:
    """How the table's column `contract` names a scope; the first one stated may go without."""
    if scope not in scopes(agreement):
        allowed = ", ".join(scopes(agreement))
        raise ValueError(f"scope: {scope!r} is not known; allowed: {allowed}")
    named = [f"{agreement.id}:{scope}"]
    return [*named, agreement.id] if scope == agreement.capacity.name else named


def _agrees(row: Mapping[str, Any], agreement: Agreement) -> bool:
    """Whether a row states the fee and the dates of the terms, and not those of an older text."""
    fees = {fee.usd_month for fee in agreement.fee}
    return bool(
        row["fee_usd_month"]
        and float(row["fee_usd_month"]) in fees
        and (row["start"], row["end"]) == (str(agreement.start), str(agreement.end))
    )


def _written(
    agreement: Agreement, scope: str, *, sold_as: str, capacity_mw: float, day: date
) -> pd.DataFrame:
    """Rows that state the terms: the full fee of a day, and one scope's capacity on it."""
    if sold_as not in SCOPES:
        shown = ", ".join(value or "nothing" for value in SCOPES)
        raise ValueError(f"sold_as: {sold_as!r} is not allowed; allowed: {shown}")
    paid = paid_for(agreement, day)
    capacity = scopes(paid)[scope] if scope else _widest(paid)
    name = "this-" + re.sub("[^a-z0-9]+", "-", agreement.id.lower()).strip("-")
    stated = {
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
    }
    stated |= _paid(agreement, day)
    found = []
    for bound in BOUNDS:
        mw = capacity_mw or _at(capacity.mw, bound)
        count = sum(_at(n, bound) for n in capacity.accelerators.values())
        size = {"capacity_mw": mw, "accelerators": count, "mw_basis": _basis(capacity, mw)}
        kinds = {"accelerator_kind": ", ".join(capacity.accelerators)}
        found.append(stated | size | kinds)
    if found[0] == found[1]:
        found.pop()
    ids = [name, f"{name}-most"][: len(found)]
    columns = list(dict.fromkeys(COLUMNS))
    texts = [{column: str(row.get(column) or "") for column in columns} for row in found]
    table = pd.DataFrame(texts).assign(id=ids)
    return table.assign(overlaps=_each_other(table.id))


def _paid(agreement: Agreement, day: date) -> dict[str, Any]:
    """The full monthly fee of a day, or all fees to the end where there is none on it."""
    if fee := full_fee(agreement, day).usd_month:
        return {"fee_usd_month": fee}
    return {"total_usd": commitment.headline(agreement).usd, "otherwise": "total_usd: derived"}


def _basis(capacity: Capacity, mw: float) -> str:
    return (capacity.mw_basis if capacity.mw else "not stated") if mw else ""


def _at(amount: float | Range | None, bound: str) -> float:
    return float(getattr(amount, bound)) if isinstance(amount, Range) else float(amount or 0)


def _widest(agreement: Agreement) -> Capacity:
    """The scope with most accelerators, or megawatts: a fee pays for all that the terms name."""
    return max(
        scopes(agreement).values(),
        key=lambda c: (sum(_at(n, "use") for n in c.accelerators.values()), _at(c.mw, "use")),
    )


def _each_other(ids: pd.Series) -> list[str]:
    """For each row the others, which count the same capacity."""
    return ["; ".join(other for other in ids if other != id_) for id_ in ids]
