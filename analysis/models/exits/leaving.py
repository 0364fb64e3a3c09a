"""What does an agreement look like as a game of leaving: fees, rights and capacity in its units?

The game counts contract months from the valuation day (before service: from its first day). A
notice is as many of them as the schedule charges for its days, counted from the first day on which
anybody may serve one, so that the fees of that window are the schedule's. The game prices capacity
in $/H100e-hour, as the market does; every step of the conversion stays visible.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.contract import amendments, dates, rights, schedule, served
from analysis.contract.amendments import in_force
from analysis.contract.duration import Termination
from analysis.contract.fields import Party, Range
from analysis.contract.position import Position
from analysis.contract.readings import BOUNDS
from analysis.contract.schedule import Schedule
from analysis.contract.terms import Agreement
from analysis.models.exits.game import Game, Right
from analysis.models.finance.value import Life
from analysis.models.market.prices import Process
from analysis.models.units import UNKNOWN_KIND, meant, scoped, weight

FINER = 2  # decision dates in a month where a gate falls within one
ENDS = ("low", "use", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """The rest of an agreement, month by month, and who may leave it.

    start: first day of the game; service lasts `term_months` from then on, to the day before `end`.
    fee_usd_month: the full fee on `start`, `nan` if nothing is left. fees_usd_month: of each month,
    at a full month's rate. rights: those that are held, their fee in USD; held: their clauses.
    accelerators: all in service on `start` or later; h100_equivalents: what they count in H100s;
    in_service: the share of these that is on `start`. notes: what the game leaves out or holds
    fixed. why_not: why it cannot be played, empty if it can.
    """

    scope: str
    hours_month: float
    start: date
    end: date
    term_months: float
    fee_usd_month: float
    fees_usd_month: tuple[float, ...]
    in_service: float
    rights: Mapping[Party, Right]
    held: Mapping[Party, Termination]
    accelerators: float
    h100_equivalents: Range
    notes: tuple[str, ...]
    why_not: str

    @property
    def steps_month(self) -> int:
        """Decision dates in a month: more than one where a right opens within a month."""
        whole = all(right.first_month == int(right.first_month) for right in self.rights.values())
        return 1 if whole else FINER

    @property
    def receipts(self) -> NDArray[np.float64]:
        """What each month ahead brings, the last one as the part of a month that it is."""
        fees = np.array(self.fees_usd_month)
        fees[-1:] *= self.term_months - (len(fees) - 1)
        return fees

    @property
    def headline_usd(self) -> float:
        """All fees from `start` to the stated end."""
        return math.fsum(self.receipts)

    def life(self, chance_month: float) -> Life:
        """Constant-chance life in whole months, by the right that may end service first.

        Every part of a month counts as one.
        """
        held = [(each.first_month, each.notice_months) for each in self.rights.values()]
        gate, notice = min(held, key=sum, default=(0.0, 0.0))
        return Life(
            term_months=len(self.fees_usd_month),
            gate_months=math.ceil(gate),
            notice_months=math.ceil(notice),
            chance_month=chance_month if held else 0.0,
        )

    def day(self, months: float) -> date:
        """The day so many contract months on; from the last of them on the stated end."""
        return self.end if months >= self.term_months - 1e-9 else calendar_day(self.start, months)

    def left_on(self, by: Any, months: float) -> date:
        """First day not served if a party's notice, or the `term`, ends it so many months on."""
        if by not in self.rights:
            return self.end
        given = calendar_day(self.start, months - self.rights[by].notice_months)
        return self.held[by].ends(given)

    def unit_usd(self, h100_equivalents: float | None = None) -> float:
        """US dollars in one $/H100e-hour × month: turns a value of the game into money."""
        return (h100_equivalents or self.h100_equivalents.use) * self.hours_month

    def fee_usd_hour(self, h100_equivalents: float | None = None) -> float:
        """The full fee on `start` by what it pays for then, in $/H100e-hour; `nan` without."""
        unit = self.unit_usd(h100_equivalents) * self.in_service
        return self.fee_usd_month / unit if unit else math.nan

    def game(
        self,
        *,
        process: Process,
        spot_usd_hour: float,
        rate_year: float,
        h100_equivalents: float | None = None,
    ) -> Game:
        """The game at one price process; refused where `why_not` says so."""
        if self.why_not:
            raise ValueError(self.why_not)
        unit = self.unit_usd(h100_equivalents)
        held = {
            party: replace(right, fee=tuple((np.atleast_1d(right.fee) / unit).tolist()))
            for party, right in self.rights.items()
        }
        return Game(
            spot_usd_hour=spot_usd_hour,
            fee_usd_hour=tuple(fee / unit for fee in self.fees_usd_month),
            term_months=self.term_months,
            process=process,
            rate_year=rate_year,
            customer=held.get("customer"),
            provider=held.get("provider"),
            steps_month=self.steps_month,
        )


def remaining(
    found: Position, *, scope: str = "", weights: Mapping[str, Range], hours_month: float
) -> Leaving:
    """The rest of an agreement as a termination game."""
    course, standing, terms = found.schedule, found.standing, found.terms
    start = max(found.as_of, terms.start)
    scope = scope or terms.capacity.name
    known, now = (
        scoped(paid_for(standing, start), scope).capacity.accelerators
        for paid_for in (served.paid_for_from, served.paid_for)
    )
    count = sum(served.as_range(n).use for n in known.values())
    rows = schedule.frame(course.charges(start))
    term, fees = _monthly(rows)
    h100s, why_not, in_service = Range(low=0.0, use=0.0, high=0.0), "", math.nan
    if not fees or not max(fees) > 0:
        why_not = f"nothing is left to serve, or to pay, after {start:%d %B %Y}".replace(" 0", " ")
    elif not count > 0:
        why_not = (
            "the number of accelerators is not disclosed, so the fee has no price that a market "
            "price could be set against"
        )
    else:
        h100s = _weighted(known, weights)
        in_service = _weighted(now, weights).use / h100s.use
    present = in_force(standing, start)
    held = present.termination.held
    first = min((_opens(terms, right, start) for right in held.values()), default=start)
    unknown = [kind for kind in known if meant(kind, weights) == UNKNOWN_KIND]
    return Leaving(
        scope=scope,
        hours_month=hours_month,
        start=start,
        end=terms.end,
        term_months=term,
        fee_usd_month=served.full_fee(standing, start).usd_month if fees else math.nan,
        fees_usd_month=fees,
        in_service=in_service,
        rights={p: _right(course, rows, right, p, start, first) for p, right in held.items()},
        held=held,
        accelerators=count,
        h100_equivalents=h100s,
        notes=tuple(_notes(standing, terms, start, unknown)),
        why_not=why_not,
    )


def months_between(start: date, end: date) -> float:
    """Months from one day to a later one: whole ones, and the days left over their own month.

    >>> months_between(date(2026, 11, 23), date(2029, 6, 1))  # 30, and 9 of 31 days
    30.29032258064516
    """
    if end <= start:
        return 0.0
    whole = dates.whole_months(start, end)
    low, high = (dates.add_months(start, months) for months in (whole, whole + 1))
    return whole + (end - low).days / (high - low).days


def calendar_day(start: date, months: float) -> date:
    """The day so many months after another, to the nearest; turns `months_between` round.

    >>> calendar_day(date(2026, 11, 23), 30.29032258064516)
    datetime.date(2029, 6, 1)
    """
    whole = math.floor(months)
    low, high = (dates.add_months(start, count) for count in (whole, whole + 1))
    return low + timedelta(days=round((months - whole) * (high - low).days))


def _monthly(rows: pd.DataFrame) -> tuple[float, tuple[float, ...]]:
    """Contract months left, as the schedule prorates them, and a full month's fee of each."""
    if rows.empty:
        return 0.0, ()
    edges = np.array([0.0, *rows["share"].cumsum().round(12)])
    paid = np.array([0.0, *rows.fee_usd.cumsum()])
    term = float(edges[-1])
    months = np.arange(math.ceil(term) + 1).clip(max=term)
    usd = np.diff(np.interp(months, edges, paid)) / np.diff(months)
    return term, tuple(usd.tolist())


def _charged(rows: pd.DataFrame, start: date, day: date) -> float:
    """Months that the schedule charges from `start` to a day; beyond its end, of the calendar."""
    parts = [
        share * min(1.0, (day - low).days / (high - low).days)
        for low, high, share in zip(rows.start, rows.end, rows["share"], strict=True)
        if low < day
    ]
    return round(math.fsum(parts) + months_between(max([start, *rows.end]), day), 9)


def _opens(terms: Agreement, right: Termination, start: date) -> date:
    """The first day from `start` on which notice may be served."""
    gate = right.gate(terms.start) if right.gate_applies == "serving" else None
    return max(start, gate or start)


def _right(
    course: Schedule, rows: pd.DataFrame, right: Termination, party: Party, start: date, first: date
) -> Right:
    """A party's right on `start`, its fee in USD; notice counted from `first` for both."""
    terms = in_force(course.agreement, start)
    gate = max(start, right.gate(terms.start) or start)
    ends = _charged(rows, start, right.ends(first))
    ways = rights.exits(course, start, party)
    leave = min((way.first for way in ways if way.right == right), default=start)
    early = leave < terms.end
    fee = rights.exit_fee_usd(course, right, leave) if early else 0.0
    rest = fee - right.known_fee_usd(leave)
    by_month = tuple(
        rest + right.known_fee_usd(calendar_day(start, month))
        for month in range(math.ceil(months_between(start, terms.end)) + 1)
    )
    return Right(
        notice_months=max(0.0, ends - months_between(start, first)),  # a part may be charged less
        gate_months=months_between(start, _opens(terms, right, start)),
        lockout_months=_charged(rows, start, gate) if right.gate_applies == "effect" else 0.0,
        fee=by_month if right.fee_steps and early else fee,
    )


def _weighted(known: Mapping[str, float | Range], weights: Mapping[str, Range]) -> Range:
    """H100-equivalents of all accelerators, each as `weight` has it."""
    pairs = [(served.as_range(count), weight(kind, weights)) for kind, count in known.items()]
    return Range(**{end: sum(getattr(n, end) * getattr(w, end) for n, w in pairs) for end in ENDS})


def _notes(standing: Agreement, terms: Agreement, start: date, unknown: list[str]) -> list[str]:
    """What the game leaves out of this agreement, or holds fixed."""
    held = terms.termination.held.values()
    bounds = BOUNDS if schedule.undisclosed(standing) else ()
    resolved = [Schedule(standing, bound=bound).charges(start) for bound in bounds]
    notes = {
        f"{', '.join(unknown)}: no weight is known, so each counts as anything from one H100 "
        "to one GB300; single lines are drawn at the middle, statements give the range.": unknown,
        "A termination fee that shrinks or moves with the fees left is held at what it is on "
        "the first day on which service can end; later it would be another.": any(
            r.fee_share_of_remaining or r.fee_months for r in held
        ),
        "A right that ends service on anniversaries alone is played on every day.": any(
            r.takes_effect == "anniversary" for r in held
        ),
        "Rights to end a tranche alone are left out.": any(t.termination for t in terms.tranche),
        "What is forfeited of a prepayment is left out.": any(
            not ahead.refundable for _, ahead in terms.prepayments
        ),
        "An amendment changes a right to leave later; the right in force is played.": (
            in_force(standing, start).termination != terms.termination
        ),
        "Options to extend are left out.": amendments.options(standing),
        "A tranche that starts later is counted in the capacity from the first day.": any(
            t.fee[0].since > start for t in terms.tranche
        ),
        "A tranche that ends earlier is counted in the capacity to the last day.": any(
            t.end and start < t.end < terms.end for t in terms.tranche
        ),
        "The fee holds a metered minimum that buys no accelerators.": terms.take_or_pay,
        "An undisclosed discount counts at the value in use.": any(
            charges != resolved[0] for charges in resolved
        ),
    }
    return [note for note, holds in notes.items() if holds]
