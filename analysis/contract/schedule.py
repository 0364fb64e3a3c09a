"""What is due when: an agreement's terms as dated charges and service periods.

What happened is passed in as `Facts`; without them the contract is performed as promised:
delivered on time, available, the index flat, nothing used above the minimum.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby

import pandas as pd

from analysis.contract import minimum
from analysis.contract.charges import Charge, charged, periods
from analysis.contract.escalation import Version, rises, versions
from analysis.contract.facts import Facts, check_facts
from analysis.contract.fields import Range
from analysis.contract.terms import Agreement, in_force, stretches


class Schedule:
    """An agreement's charges, given what has happened: computed once, and cut for other days.

    `terms` are those with every amendment in force, `versions` the stretches between amendments.
    `ended` are the days on which capacities end before their terms say, by name; `dropped` those
    from which the customer gives up what is not delivered: nothing is late any more.
    """

    def __init__(
        self,
        agreement: Agreement,
        facts: Facts | None = None,
        ended: Mapping[str, date] | None = None,
        dropped: Mapping[str, date] | None = None,
    ) -> None:
        self.agreement, self.facts = agreement, Facts(**(facts or {}))
        self.ended, self.dropped = ended or {}, dropped or {}
        self.terms = in_force(agreement, date.max)

    @cached_property
    def versions(self) -> tuple[Version, ...]:
        """The terms from the start of service on, and from each day an amendment holds from."""
        return versions(self.agreement)

    @cached_property
    def has_minimum(self) -> bool:
        """Whether a minimum asks for more than the fees of some days."""
        return any(version.terms.minimum for version in self.versions)

    def ending(self, days: Mapping[str, date]) -> "Schedule":
        """The same with some capacities ended on other days; `date.min`: never served."""
        ended = {**self.ended, **days}
        return Schedule(self.agreement, self.facts, ended, self.dropped) if days else self

    @cached_property
    def whole(self) -> list[Charge]:
        """Every charge to the stated end."""
        return self._charged(None, self.terms.end)

    @cached_property
    def as_signed(self) -> list["Schedule"]:
        """The same with none of the amendments, with the first, and so on to all of them."""
        signed = self.agreement.amendment
        fewer = [
            self.agreement.model_copy(update={"amendment": signed[:n]}) for n in range(len(signed))
        ]
        return [*(Schedule(agreement, self.facts) for agreement in fewer), self]

    def charges(self, since: date | None = None, until: date | None = None) -> list[Charge]:
        """Every charge for service from `since` to `until`, in order of time.

        `until` is the first day not served (default: the stated end; a later day goes on at the
        last fee); `since` only leaves out what lies before it. Raises `ValueError` for a fact about
        a capacity or a period that the agreement does not have.
        """
        end, low = self.terms.end, since or self.agreement.start
        until = until or end
        if self.facts or until > end or (self.has_minimum and until < end):
            return self._charged(since, until)
        if until == end:
            return _between(self.whole, low, end)
        last = max(low, min(_billed(version.terms, until) for version in self.versions))
        return _between(self.whole, low, last) + self._charged(last, until)

    def _charged(self, since: date | None, end: date) -> list[Charge]:
        if self.facts:
            check_facts(self.agreement, self.facts)
        names = {part.name for version in self.versions for part in version.terms.parts}
        raised = {name: list(rises(self.versions, end, name)) for name in names}
        spend = self.facts.get("spend", {})
        turns = {*self.ended.values(), *minimum.cuts(self.versions, end, spend)}
        low = None if self.has_minimum else since
        found: list[Charge] = []
        for version in self.versions:
            window = max(version.start, low or version.start), min(version.end, end)
            if window[0] < window[1]:
                found += charged(self, version, raised, end, window, turns)
        if self.has_minimum:
            found = minimum.topped_up(found, self.versions, spend, end)
        return found if low == since else _between(found, since or date.min, end)


def _billed(terms: Agreement, day: date) -> date:
    """The start of the billing period that an end on a day cuts short: its charges are others."""
    since = day - timedelta(days=1)
    return next((p.billed_from for p in periods(terms, day, since=since) if p.end >= day), day)


def _between(charges: Sequence[Charge], low: date, high: date) -> list[Charge]:
    """Charges for service in `[low, high)`; of one that runs across an end the days inside."""
    first = bisect_right(charges, low, key=lambda charge: charge.end)
    last = bisect_left(charges, high, key=lambda charge: charge.start)
    found = []
    for charge in charges[first:last]:
        if charge.start < low or charge.end > high:
            start, end = max(charge.start, low), min(charge.end, high)
            part = (end - start) / (charge.end - charge.start)
            share, usd, full_usd = (amount * part for amount in charge[2:5])
            charge = Charge(start, end, share, usd, full_usd, *charge[5:])
        found.append(charge)
    return found


def frame(found: Sequence[Charge]) -> pd.DataFrame:
    """Charges a row a service period: `start, end, days, share, fee_usd, due, clause`.

    Periods `[start, end)` tile the service and are cut at month ends and at every date that the
    terms name; `share` is the part of a month served, `due` the day of payment.
    """
    table = []
    for (start, end), group in groupby(found, key=lambda charge: charge[:2]):
        parts = list(group)
        clause = "; ".join(dict.fromkeys(part.clause for part in parts))
        fee_usd = sum((part.usd for part in parts), 0.0)
        days = (end - start).days
        table.append((start, end, days, parts[0].share, fee_usd, parts[0].due, clause))
    columns = ["start", "end", "days", "share", "fee_usd", "due", "clause"]
    rows = pd.DataFrame(table, columns=columns)
    return rows if table else rows.astype({"share": float, "fee_usd": float})


def undisclosed(agreement: Agreement) -> list[Range]:
    """Every undisclosed discount of the terms and of those that amendments lead to."""
    fees = (f for *_, one in stretches(agreement) for part in one.parts for f in part.fee)
    return list({fee.discount: None for fee in fees if isinstance(fee.discount, Range)})
