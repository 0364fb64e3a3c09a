"""Who may leave when, and at what cost: notice, gates, remedies for late delivery, exit fees."""

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from analysis.contract.amendments import in_force, stretches
from analysis.contract.charges import usd_month
from analysis.contract.duration import Termination
from analysis.contract.facts import Delivered, latest
from analysis.contract.fields import DAY, PARTIES, Party
from analysis.contract.schedule import Schedule
from analysis.contract.terms import SITE, Agreement


class Exit(NamedTuple):
    """First days not served, from `first` up to `before`, on which one right ends service.

    `right` is the one in force on the day on which notice is served for them; None is the
    customer's remedy for a site delivered too late.
    """

    first: date
    before: date
    right: Termination | None

    @property
    def fee_steps(self) -> set[date]:
        """The days on which the fee to leave changes whatever the fees then are."""
        return self.right.fee_steps if self.right else set()


def exits(course: Schedule, as_of: date, party: Party) -> list[Exit]:
    """Every day on which `party` may be gone, seen from `as_of`, by the right that ends service.

    Gate on serving: max(as_of, gate) + notice; gate on effect: max(as_of + notice, gate). Notice
    for a day is served on the last day on which it still ends service by then, under the right in
    force on that day, so an amended right prices the exits whose notice comes after it. The
    customer's remedy for a site delivered too late counts once it is known.
    """
    if party not in PARTIES:
        raise ValueError(f"party: {party!r} is not allowed; allowed: {', '.join(PARTIES)}")
    found: list[Exit] = []
    for low, high, terms in stretches(course.agreement):
        if right := terms.termination.held.get(party):
            since, end = max(as_of, terms.signed, low), course.terms.end
            found += _ways(right, since, high, terms.start, end)
    site, delivered = course.terms.delivery, course.facts.delivered.get(SITE)
    if party == "customer" and site and site.remedy in ("exit", "either") and delivered is not None:
        day = max(as_of, site.cure_end)
        if latest(delivered, day, 0.0) < 1:
            full = [when for when, share in delivered.items() if when > day and share >= 1]
            found.append(Exit(day, min(full, default=date.max), None))
    return found


def _ways(right: Termination, low: date, high: date, start: date, end: date) -> Iterator[Exit]:
    """The days on which a right ends service that began on `start`, by notice in `[low, high)`."""
    served = max(low, right.opens(start))
    if served >= high:
        return
    first = right.earliest(start, served)
    before = max(date.max if high == date.max else right.ends(high), first + DAY)
    if last := right.last(start):
        before = min(before, last + DAY)
    if first >= before:
        return
    if right.takes_effect == "any day":
        yield Exit(first, before, right)
        return
    day = right.effective(start, first)
    while day < before:
        yield Exit(day, day + DAY, right)
        if day >= end:
            return
        day = right.effective(start, day + DAY)


def tranche_exits(course: Schedule, as_of: date, party: Party) -> dict[str, list[Exit]]:
    """The days on which a party may end a tranche alone, by its name."""
    found: dict[str, list[Exit]] = {}
    for low, high, terms in stretches(course.agreement):
        for tranche in terms.tranche:
            name, held = tranche.name, tranche.termination
            if held and (right := held.held.get(party)):
                since, start = max(as_of, terms.signed, low), terms.begins[name]
                ways = _ways(right, since, high, start, terms.ends[name])
                found.setdefault(name, []).extend(ways)
    return found


def right(standing: Agreement, party: Party, as_of: date) -> tuple[Termination, date] | None:
    """The right of a party in force on a day, else the first it is given later; and when it opens.

    It opens at its gate, and no earlier than the day from which the party has had a right. None
    without one. `standing` is what is signed by the day.
    """
    start = standing.start
    day = max(as_of, start)
    turns = sorted({start, day, *(amendment.effective for amendment in standing.amendment)})
    held = {turn: in_force(standing, turn).termination.held.get(party) for turn in turns}
    held = {turn: r for turn, r in held.items() if r and not r.lapsed(start, turn)}
    given = ((turn, right) for turn, right in held.items() if day in held or turn > day)
    since, later = next(given, (day, None))
    if not (found := held.get(day) or later):
        return None
    return found, max(since, start, found.gate(start) or since)


def kept_share(course: Schedule, as_of: date) -> Schedule:
    """The schedule if the customer drops what is late as soon as it may; itself if nothing is.

    "reduce" drops the share that is missing, "exit" a whole tranche (for the site see `exits`).
    """
    kept, dropped = dict[str, Delivered](), dict[str, date]()
    for part in course.terms.parts:
        delivered, late = course.facts.delivered.get(part.name), part.delivery
        if delivered is None or late is None or late.remedy == "nothing":
            continue
        day, leaves = max(as_of, late.cure_end), late.remedy != "reduce"
        share = latest(delivered, day, 0.0)
        if share < 1 and not (leaves and part.name == SITE):
            before = {when: each for when, each in delivered.items() if when < day}
            kept[part.name] = before | {day: 0.0 if leaves else share}
            dropped[part.name] = day
    if not kept:
        return course
    return replace(course, facts=course.facts.with_delivered(kept), dropped=dropped)


def forfeits(terms: Agreement, right: Termination | None) -> bool:
    """Whether a prepayment may be lost by leaving under that right; by a remedy (None) never."""
    return right is not None and any(not paid.refundable for _, paid in terms.prepayments)


def exit_fee_usd(
    course: Schedule, right: Termination | None, leave: date, capacity: str | None = None
) -> float:
    """What a party that leaves on a day under that right, or ends one capacity, pays for it.

    Fixed, months of the fee last in force before that day (before service: the first), a share of
    all left if nobody leaves, or the greatest or least of these; by schedule and unamortised.
    """
    if right is None:
        return 0.0
    usd = [] if right.fee_usd is None else [right.fee_usd]
    if right.fee_months is not None:
        every = [charge for charge in course.whole if capacity in (None, charge.capacity)]
        begun = [charge.start for charge in every if charge.start < leave and charge.share]
        last = begun[-1] if begun else every[0].start
        month = usd_month(charge for charge in every if charge.start == last)
        usd.append(right.fee_months * month)
    if (share := right.fee_share_of_remaining) is not None:
        left = course.charges(leave)
        usd.append(share * math.fsum(c.usd for c in left if capacity in (None, c.capacity)))
    owed = min(usd, default=0.0) if right.fee_owed == "least" else max(usd, default=0.0)
    return owed + right.known_fee_usd(leave)
