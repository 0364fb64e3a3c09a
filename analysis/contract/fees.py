"""Fees that a file leaves open: amounts that a total gives.

Without minima charges are linear in the amounts to be solved: with u what one dollar a month of
each, times its weight, comes to over the term (escalated, discounted, prorated), and k what is
known,

    fee = weight · (total - k) / u

A minimum tops up what fees leave of it, so charges bend upwards: from the fee above, Newton's steps
lead down to the one with which they come to the total.

A tranche's own total is for that tranche's charges; the agreement's, for all. Weights are the
megawatts of the capacities whose fees it gives; their accelerators, where none states megawatts and
all are of one kind; else all alike.
"""

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from analysis.contract.capacity import Tranche
from analysis.contract.prices import Fee, Minimum
from analysis.contract.schedule import Schedule
from analysis.contract.served import as_range
from analysis.contract.terms import SITE, Agreement

STEPS, STEP, NEAR = 100, 1e-4, 1e-13
Deal = TypeVar("Deal", bound=Agreement)


def solved(deal: Deal) -> tuple[Deal, list[str]]:
    """The agreement with the fees that its totals give, and why some cannot be solved."""
    problems: list[str] = []
    for tranche in deal.tranche:
        if tranche.total_usd is not None:
            place = f"tranche {tranche.name}: total_usd"
            deal = _solved(deal, {tranche.name: 1.0}, tranche.total_usd, place, problems)
    if deal.total_usd is not None:
        shared = [p for p in deal.parts if p.total_usd is None and any(f.derived for f in p.fee)]
        sizes = {p.name: as_range(p.capacity.mw or 0.0).use for p in shared}
        kinds = {kind for p in shared for kind in p.capacity.accelerators}
        if len(kinds) == 1 and not any(sizes.values()):
            counts = {p.name: p.capacity.accelerators.values() for p in shared}
            sizes = {name: sum(as_range(n).use for n in each) for name, each in counts.items()}
        if without := [name for name in sizes if not sizes[name]]:
            if len(without) < len(sizes):
                problems.append(
                    f"total_usd: fees share it by megawatts, or by accelerators of one kind, and "
                    f"{', '.join(without)} states none; allowed: mw, or a total of its own"
                )
            sizes = dict.fromkeys(sizes, 1.0)
        deal = _solved(deal, sizes, deal.total_usd, "total_usd", problems)
    return (_paid_ahead(deal) if not problems else deal), problems


def _with(deal: Deal, new: Mapping[str, Mapping[str, Any]]) -> Deal:
    """The agreement with other values of the site and of tranches, by name."""
    changed = dict(new.get(SITE, {}))
    if deal.tranche:
        changed["tranche"] = tuple(t.model_copy(update=new.get(t.name)) for t in deal.tranche)
    return deal.model_copy(update=changed)


def _usd(deal: Agreement, names: Collection[str] = (), **changed: object) -> float:
    """All charges as first signed, or those of some capacities."""
    charges = Schedule(deal.model_copy(update={"amendment": (), **changed})).whole
    return math.fsum(charge.usd for charge in charges if not names or charge.capacity in names)


def _paid_ahead(deal: Deal) -> Deal:
    """The agreement with the prepayments that are a share of all charges, or of a tranche's."""
    for name, ahead in deal.prepayments:
        if ahead.share is not None:
            usd = ahead.share * _usd(deal, [name] if name else ())
            deal = _with(
                deal, {name or SITE: {"prepayment": ahead.model_copy(update={"usd": usd})}}
            )
    return deal


def _solved(
    deal: Deal, weights: Mapping[str, float], total_usd: float, place: str, problems: list[str]
) -> Deal:
    steps = [fee for part in deal.parts if part.name in weights for fee in part.fee]
    if not any(fee.derived for fee in steps):
        problems.append(f"{place}: every fee is stated; leave out the amount that it gives")
    if not any(map(_open, steps)):
        return deal
    one = place != "total_usd"

    def fees_at(scale: float, part: Tranche) -> tuple[Fee, ...]:
        new = {"usd_month": scale * weights[part.name]}
        return tuple(fee.model_copy(update=new) if _open(fee) else fee for fee in part.fee)

    def priced(scale: float) -> Deal:
        solved = (part for part in deal.parts if part.name in weights)
        return _with(deal, {part.name: {"fee": fees_at(scale, part)} for part in solved})

    def usd(scale: float, minimum: tuple[Minimum, ...] = deal.minimum) -> float:
        return _usd(priced(scale), weights if one else (), minimum=minimum)

    fixed = usd(0.0, ())
    unit = (usd(total_usd, ()) - fixed) / total_usd
    known = usd(0.0) if deal.minimum else fixed
    if total_usd < known:
        problems.append(f"{place}: {total_usd:,.2f} is less than what is stated, {known:,.2f}")
    elif not unit > 0:
        problems.append(f"{place}: its fees are for no day of service; none can be solved")
    else:
        scale = (total_usd - fixed) / unit
        if deal.minimum:
            scale = _topped_up(usd, scale, total_usd)
        deal = priced(scale)
    return deal


def _topped_up(usd: Callable[[float], float], scale: float, total_usd: float) -> float:
    """The scale, at or below one, at which charges that a minimum tops up come to the total."""
    for _ in range(STEPS):
        over = usd(scale) - total_usd
        if abs(over) <= NEAR * total_usd:
            break
        unit = (over + total_usd - usd(scale * (1 - STEP))) / (scale * STEP)
        scale = scale - over / unit if unit > 0 else 2 * scale
    return scale


def _open(fee: Fee) -> bool:
    return fee.derived and "usd_month" not in fee.model_fields_set
