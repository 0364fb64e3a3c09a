"""Which agreements make a book, when each may first end, and what arrears would put at risk."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from analysis.contract.clauses import Party
from analysis.contract.rights import final_terms, in_term
from analysis.contract.terms import Agreement, known, read_as
from analysis.models.comparables.book import LEAVES, notices, positions
from analysis.models.finance.credit import exposure

PROMISED, OPEN = "promised by both", "may end"


def together(
    agreement: Agreement,
    others: Sequence[Agreement],
    *,
    owner: Party = "provider",
    also: Sequence[Agreement] = (),
) -> list[Agreement]:
    """The agreement, those `others` that the same company provides (or uses), and all of `also`.

    An agreement of the same id takes the place of an earlier one. In order of signing.
    """
    same = [deal for deal in others if getattr(deal, owner) == getattr(agreement, owner)]
    held = {deal.id: deal for deal in (*same, *also, agreement)}
    return sorted(held.values(), key=lambda deal: (deal.signed, deal.id))


def as_read(
    agreements: Sequence[Agreement], own: Mapping[str, str], *, as_of: date
) -> list[Agreement]:
    """Each agreement under its reading in `own`, with the amendments signed by `as_of`."""
    return [known(read_as(deal, own[deal.id]), as_of) for deal in agreements]


def names(agreements: Sequence[Agreement], *, owner: Party = "provider") -> dict[str, str]:
    """The counterparty by id of the agreement; with the id where it has several."""
    other = LEAVES[owner]
    plain = {deal.id: str(getattr(deal, other)) for deal in agreements}
    several = [name for name in plain.values() if list(plain.values()).count(name) > 1]
    return {id_: f"{name} ({id_})" if name in several else name for id_, name in plain.items()}


def windows(agreements: Sequence[Agreement], *, as_of: date) -> pd.DataFrame:
    """From `as_of` on: what neither side can end any more, and what either still may.

    Columns `agreement, phase, start, end, serve, at_stake_usd`: `serve` is the first day on which
    notice may be given and `at_stake_usd` what then falls away, None and 0 where nobody may leave.
    """
    first = notices(agreements, as_of=as_of).drop_duplicates("agreement").set_index("agreement")
    table: list[tuple[Any, ...]] = []
    for deal in agreements:
        start = max(as_of, deal.start)
        end = final_terms(in_term(deal, as_of)).end
        if deal.signed > as_of or start >= end:
            continue
        if deal.id not in first.index:
            table.append((deal.id, PROMISED, start, end, None, 0.0))
            continue
        row: Any = first.loc[deal.id]
        table.append((deal.id, PROMISED, start, row.end, row.serve, row.at_stake_usd))
        table.append((deal.id, OPEN, row.end, end, row.serve, row.at_stake_usd))
    columns = ["agreement", "phase", "start", "end", "serve", "at_stake_usd"]
    return pd.DataFrame(table, columns=columns)


def in_arrears(
    agreements: Sequence[Agreement],
    *,
    as_of: date,
    owner: Party = "provider",
    days: Mapping[str, float],
) -> pd.DataFrame:
    """What each counterparty would owe at most and on average if fees were billed in arrears.

    `days`: of billing, payment and grace, by these names. Columns `counterparty, fee_usd_month,
    share, stated_usd, peak_usd, average_usd`; `stated_usd` is what the terms let it owe at most.
    """
    held = positions(agreements, as_of=as_of, owner=owner, grace_days=days["grace"])
    table = []
    for name, rows in held.groupby("counterparty", sort=False):
        owed = exposure(
            float(rows.fee_usd_month.sum()),
            billing_days=days["billing"],
            payment_days=days["payment"],
            grace_days=days["grace"],
        )
        fee, part = rows.fee_usd_month.sum(), rows.share.sum()
        table.append((name, fee, part, rows.exposure_usd.sum(), owed.peak_usd, owed.average_usd))
    columns = ["counterparty", "fee_usd_month", "share", "stated_usd", "peak_usd", "average_usd"]
    return pd.DataFrame(table, columns=columns)
