"""Several agreements as one book, the provider's or the customer's, each as a `Position`.

What the *other* side may drop is not firm: the customers' rights limit a provider's revenue, the
providers' rights a customer's supply. Agreements signed after the day are not in the book yet.
Last: what is left of a book if labs sublet what they do not use and rents fall.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import product

import numpy as np
import pandas as pd

from analysis.contract import Position, dates
from analysis.contract.charges import Charge
from analysis.contract.deadlines import SOON
from analysis.contract.fields import Party
from analysis.contract.terms import Agreement
from analysis.models.exits.leaving import Leaving
from analysis.models.finance import credit
from analysis.models.market.prices import PriceSeries, price_after_supply
from analysis.models.planning import Plan

LEAVES: dict[Party, Party] = {"provider": "customer", "customer": "provider"}
"""By owner of the book, whose leaving it fears."""
COMMITTED = {"headline_usd": "remaining_usd", "firm_usd": "committed_usd"}


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


def names(agreements: Sequence[Agreement], *, owner: Party = "provider") -> dict[str, str]:
    """The counterparty by id of the agreement; with the id where it has several."""
    plain = {deal.id: _other(deal, owner) for deal in agreements}
    held = Counter(plain.values())
    return {id_: f"{name} ({id_})" if held[name] > 1 else name for id_, name in plain.items()}


def positions(
    book: Sequence[Position], *, owner: Party = "provider", grace_days: float = 0.0
) -> pd.DataFrame:
    """What each agreement adds to the book, under the reading it comes in.

    The fee is the full one in force, or the first to come; `share` its part of all; `exposure_usd`
    fees owed and unpaid just before a payment falls due: the billing period if paid in arrears, the
    days to pay, and the grace before service stops.
    """
    table = []
    for now in _signed(book):
        sure, whole, fee = now.firm(LEAVES[owner]), now.headline.usd, fee_usd_month(now.charges)
        # where late credits exceed the fee the customer owes nothing
        owed = credit.agreed(max(0.0, fee), now.terms, grace_days=grace_days)
        share = sure.usd / whole if whole else math.nan
        head = now.read.id, _other(now.read, owner), now.read.reading.name, fee
        table.append((*head, 0.0, whole, sure.usd, share, sure.end, owed.peak_usd))
    columns = ["agreement", "counterparty", "reading", "fee_usd_month", "share", "headline_usd",
               "firm_usd", "firmness", "firm_end", "exposure_usd"]  # fmt: skip
    found = pd.DataFrame(table, columns=columns)
    total = found.fee_usd_month.sum()
    return found.assign(share=found.fee_usd_month / total if total else 0.0)


def counterparties(book: Sequence[Position], *, owner: Party = "provider") -> pd.DataFrame:
    """The book by counterparty, the largest first: share of fees, remaining and committed fees.

    `committed_end` is the last of the days up to which something is committed.
    """
    held = positions(book, owner=owner).groupby("counterparty", as_index=False)
    found = held.agg({"share": "sum", "headline_usd": "sum", "firm_usd": "sum", "firm_end": "max"})
    found = found.rename(columns=COMMITTED | {"firm_end": "committed_end"})
    return found.sort_values("remaining_usd", ascending=False, ignore_index=True)


def yearly(book: Sequence[Position], *, owner: Party = "provider") -> pd.DataFrame:
    """The run-off by calendar year of service: `year, remaining_usd, committed_usd`."""
    found = runoff(book, owner=owner).rename(columns=COMMITTED)
    found = found.assign(year=[month.year for month in found.month])
    return found.groupby("year", as_index=False)[list(COMMITTED.values())].sum()


def runoff(book: Sequence[Position], *, owner: Party = "provider") -> pd.DataFrame:
    """Headline and firm fees of each agreement by month of service, by its first day.

    A charge on leaving counts in the month of the day it falls on. The columns add up to those of
    `positions`.
    """
    table = []
    for now in _signed(book):
        whole, sure = (_monthly(found.charges) for found in (now.headline, now.firm(LEAVES[owner])))
        for month in sorted({*whole, *sure}):
            table.append((month, now.read.id, whole.get(month, 0.0), sure.get(month, 0.0)))
    return pd.DataFrame(table, columns=["month", "agreement", "headline_usd", "firm_usd"])


def notices(book: Sequence[Position]) -> pd.DataFrame:
    """What is up for notice when, earliest end first, whoever may serve it.

    The first day to serve it, the first day then not served, the monthly fee and all fees to the
    stated end that then fall away. Party "either" holds where both have the same right.
    """
    table = []
    for now in _signed(book):
        soon = now.deadlines[now.deadlines.event == SOON].drop_duplicates("party")
        for party, serve, ends in zip(soon.party, soon.date, soon.ends, strict=True):
            end = max(ends, now.read.start)
            rest = now.schedule.charges(end)
            lost = math.fsum(charge.usd for charge in rest)
            table.append((now.read.id, party, serve, end, fee_usd_month(rest), lost))
    columns = ["agreement", "party", "serve", "end", "fee_usd_month", "at_stake_usd"]
    return pd.DataFrame(table, columns=columns).sort_values("end", ignore_index=True)


def fee_usd_month(charges: Sequence[Charge]) -> float:
    """The full monthly fee, before discounts, of the first of these charges; 0 without any."""
    return sum(c.full_usd / c.share for c in charges if c.start == charges[0].start and c.share)


def _signed(book: Sequence[Position]) -> list[Position]:
    return [now for now in book if now.read.signed <= now.as_of]


def _other(agreement: Agreement, owner: Party) -> str:
    return str(getattr(agreement, LEAVES[owner]))


def _monthly(charges: Sequence[Charge]) -> dict[date, float]:
    """Charges by calendar month, one that runs across months by its days in each."""
    found: dict[date, float] = {}
    for charge in charges:
        month, days = charge.start.replace(day=1), (charge.end - charge.start).days
        while month < charge.end or month <= charge.start:
            following = dates.add_months(month, 1)
            here = (min(charge.end, following) - max(charge.start, month)).days
            found[month] = found.get(month, 0.0) + (here / days if days else 1.0) * charge.usd
            month = following
    return found


SUBLET = (
    *("labs_offered_share", "labs_idle_share", "labs_fleet_to_rental"),
    *("demand_elasticity", "supply_elasticity"),
)
STEPS = 20  # from nothing to all of what is idle


def idle(plan: Plan) -> float:
    """All that stands idle over all that is for rent."""
    return plan.labs_idle_share * plan.labs_fleet_to_rental


def rents(plan: Plan) -> pd.DataFrame:
    """Rents relative to today's by share of idle capacity offered and elasticities.

    Elasticities are low, in use and high; the share in use is among those from 0 to 1.
    """
    shares = {*np.linspace(0, 1, STEPS + 1).tolist(), plan.labs_offered_share}
    demands = {at.demand_elasticity for at in plan.at.values()}
    supplies = {at.supply_elasticity for at in plan.at.values()}
    table = []
    for share, demand, supply in product(sorted(shares), sorted(demands), sorted(supplies)):
        extra = share * idle(plan)
        ratio = price_after_supply(extra, demand_elasticity=demand, supply_elasticity=supply)
        table.append((share, extra, demand, supply, ratio))
    columns = ["offered_share", "extra_share", "demand", "supply", "price_ratio"]
    return pd.DataFrame(table, columns=columns)


def offered_to_reach(price_ratio: float, plan: Plan) -> float:
    """The share of idle capacity offered at which rents fall to `price_ratio` of today's.

    0 where they need not fall, above 1 where all that is idle does not bring them there, inf where
    nothing is idle. The inverse of the price after supply, rivals still: x = ratio**-demand - 1.
    """
    if price_ratio >= 1:
        return 0.0
    extra = price_ratio**-plan.demand_elasticity - 1
    return extra / idle(plan) if idle(plan) else math.inf


def kept(book: Sequence[Position], rents: pd.DataFrame) -> pd.DataFrame:
    """Each agreement's fees left, if the customer leaves once it may, for each rent.

    Kept is what is firm plus what is open at the new rents, as if the fee were today's rent.
    """
    rows = []
    for now in book:
        if now.read.signed <= now.as_of and (whole := now.headline.usd) > 0:
            rows.append((now.read.id, whole, min(now.firm().usd, whole)))
    held = pd.DataFrame(rows, columns=["agreement", "headline_usd", "firm_usd"])
    found = held.merge(rents, how="cross")
    kept = found.firm_usd + (found.headline_usd - found.firm_usd) * found.price_ratio
    return found.assign(kept_usd=kept, kept_share=kept / found.headline_usd)


def cushions(
    ahead: Iterable[tuple[str, Leaving]], seen: PriceSeries | None, plan: Plan
) -> pd.DataFrame:
    """From which share of idle capacity offered the market price lies below each fee.

    The last price seen, falling as rents do with rivals still, reaches the highest fee that the mix
    of accelerators allows at `share_first` and the lowest at `share_last`; 0 if there already.
    """
    table = []
    for name, each in ahead:
        counts = each.h100_equivalents
        low, high = each.fee_usd_hour(counts.high), each.fee_usd_hour(counts.low)
        if seen and low > 0 and each.term_months > 0:
            price = seen.usd_gpu_hour[-1]
            reached = (offered_to_reach(fee / price, plan) for fee in (high, low))
            table.append((name, low, high, price, *reached))
    columns = ["name", "fee_low", "fee_high", "market", "share_first", "share_last"]
    return pd.DataFrame(table, columns=columns)
