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

import pandas as pd

from analysis.contract import dates, rights, schedule, served
from analysis.contract.clauses import Party, Range, Termination, shown
from analysis.contract.terms import Agreement, in_force, scoped, settle
from analysis.models.exits.game import Game, Right
from analysis.models.market import Process

FINER = 2  # decision dates in a month where a gate falls within one
UNKNOWN_KIND = ("H100", "GB300")  # a kind without weight counts as anything between these two


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """The rest of an agreement, month by month, and who may leave it.

    start: first day of the game, service lasts `term_months` from then on, to the day before
    `end`. fee_usd_month: the full fee on `start` (`served.full_fee`), `nan` if nothing is left.
    fees_usd_month: one for each month from `start`, at a full month's rate. customer,
    provider: rights with their termination fee in USD, `held` the clauses that they come from, by
    party. accelerators: all that are in service on `start` or later, and what they come to in H100s
    on `metric`; `in_service` is the share of them that is on `start`.
    notes: what the game leaves out or holds fixed. why_not: why the game cannot be played, empty
    if it can.
    """

    reading: str
    scope: str
    metric: str
    hours_month: float
    start: date
    end: date
    term_months: float
    fee_usd_month: float
    fees_usd_month: tuple[float, ...]
    in_service: float
    customer: Right | None
    provider: Right | None
    held: Mapping[str, Termination]
    accelerators: float
    h100_equivalents: Range
    notes: tuple[str, ...]
    why_not: str

    @property
    def steps_month(self) -> int:
        """Decision dates in a month: more than one where a right opens within a month."""
        opens = [right.first_month for right in (self.customer, self.provider) if right]
        return 1 if all(month == int(month) for month in opens) else FINER

    @property
    def headline_usd(self) -> float:
        """All fees from `start` to the stated end."""
        whole = len(self.fees_usd_month) - 1
        last = self.term_months - whole
        return math.fsum(
            fee * (last if month == whole else 1.0) for month, fee in enumerate(self.fees_usd_month)
        )

    def day(self, months: float) -> date:
        """The day so many contract months on; from the last of them on the stated end."""
        return self.end if months >= self.term_months - 1e-9 else calendar_day(self.start, months)

    def left_on(self, by: str, months: float) -> date:
        """First day not served if a party's notice, or the `term`, ends it so many months on.

        Notice in days runs in days, notice in months in calendar months.
        """
        right: Right | None = getattr(self, by, None)
        if right is None:
            return self.end
        given = calendar_day(self.start, months - right.notice_months)
        return rights.notice_ends(self.held[by], given)

    def unit_usd(self, h100_equivalents: float | None = None) -> float:
        """US dollars in one $/H100e-hour × month: turns a value of the game into money."""
        return (h100_equivalents or self.h100_equivalents.use) * self.hours_month

    def fee_usd_hour(self, h100_equivalents: float | None = None) -> float:
        """The full fee on `start` by what it pays for on that day, in $/H100e-hour; `nan` without.

        `h100_equivalents` are those of all accelerators.
        """
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
        customer, provider = (
            right and replace(right, fee=right.fee / unit)
            for right in (self.customer, self.provider)
        )
        return Game(
            spot_usd_hour=spot_usd_hour,
            fee_usd_hour=tuple(fee / unit for fee in self.fees_usd_month),
            term_months=self.term_months,
            process=process,
            rate_year=rate_year,
            customer=customer,
            provider=provider,
            steps_month=self.steps_month,
        )


def ahead(
    agreement: Agreement,
    *,
    as_of: date | None = None,
    scope: str = "",
    weights: Mapping[str, Range],
    metric: str,
    hours_month: float,
) -> Leaving:
    """The agreement from `as_of` on (default: its start) as a game of leaving.

    `scope` names what the fee is set against (default: the capacity that the file states first),
    `weights` what one accelerator counts in H100s on `metric`.

    >>> h100 = {"H100": Range(low=1, use=1, high=1)}
    >>> ahead(deal, weights=h100, metric="throughput", hours_month=730).term_months
    26.0
    """
    standing = rights.in_term(agreement, as_of or agreement.start)
    terms = rights.final_terms(standing)
    start = max(as_of or agreement.start, terms.start)
    scope = scope or terms.capacity.name
    known = _accelerators(served.paid_for_from(standing, start), scope)
    now = _accelerators(served.paid_for(standing, start), scope)
    unknown = [kind for kind in known if meant(kind, weights) == UNKNOWN_KIND]
    count = list(known.values())
    share = _used(now) / _used(known) if _used(known) else math.nan
    term, fees = _monthly(standing, start)
    why_not = ""
    if not fees or not max(fees) > 0:
        why_not = f"nothing is left to serve, or to pay, after {start:%d %B %Y}".replace(" 0", " ")
    elif not sum(c.use for c in count) > 0:
        why_not = (
            "the number of accelerators is not disclosed, so the fee has no price that a market "
            "price could be set against"
        )
    h100s = _weighted(known, weights) if not why_not else Range(low=0.0, use=0.0, high=0.0)
    present = in_force(standing, start)
    named = {party: getattr(present.termination, party) for party in rights.PARTIES}
    held: dict[str, Termination] = {party: right for party, right in named.items() if right}
    first = min((_opens(present, right, start) for right in held.values()), default=start)
    found = {party: _right(standing, party, start, first) for party in rights.PARTIES}
    return Leaving(
        reading=agreement.reading.name,
        scope=scope,
        metric=metric,
        hours_month=hours_month,
        start=start,
        end=terms.end,
        term_months=term,
        fee_usd_month=served.full_fee(standing, start).usd_month if fees else math.nan,
        fees_usd_month=fees,
        in_service=share,
        customer=found["customer"],
        provider=found["provider"],
        held=held,
        accelerators=sum(c.use for c in count),
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
    whole = len(list(dates.anchored(start, months=1, until=end))) - 1
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


def _monthly(agreement: Agreement, start: date) -> tuple[float, tuple[float, ...]]:
    """Contract months left and the fee of each at a full month's rate.

    A part month counts as its share of the fee, as the agreement prorates it: so many fees, so
    many months, and their sum is the schedule's.
    """
    rows = schedule.rows(agreement, since=start)
    edges = rows["share"].cumsum().round(12)
    term = float(edges.iloc[-1]) if len(rows) else 0.0
    usd = [0.0] * math.ceil(term)
    low = 0.0
    for high, share, fee_usd in zip(edges, rows["share"], rows.fee_usd, strict=True):
        for month in range(int(low), math.ceil(high)):
            part = min(high, month + 1) - max(low, month)
            usd[month] += fee_usd * part / share
        low = high
    if usd:
        usd[-1] /= term - (len(usd) - 1)
    return term, tuple(usd)


def _accelerators(paid: Agreement, scope: str) -> dict[str, Range]:
    """Accelerators by kind that the terms hold in a scope."""
    found = scoped(paid, scope).capacity.accelerators
    return {kind: _range(count) for kind, count in found.items()}


def _used(count: Mapping[str, Range]) -> float:
    """All accelerators, of ranges the values in use."""
    return math.fsum(number.use for number in count.values())


def _charged(agreement: Agreement, start: date, day: date) -> float:
    """Months that the schedule charges from `start` to a day; beyond its end those of the calendar.

    >>> _charged(deal, date(2026, 11, 23), date(2027, 2, 21))  # 8 of 30 days, two months, 20 of 28
    2.980952381
    """
    rows = schedule.rows(agreement, since=start)
    parts = [
        share * min(1.0, (day - low).days / (high - low).days)
        for low, high, share in zip(rows.start, rows.end, rows["share"], strict=True)
        if low < day
    ]
    last = max([start, *rows.end])
    return round(math.fsum(parts) + months_between(last, day), 9)


def _opens(terms: Agreement, right: Termination, start: date) -> date:
    """The first day from `start` on which notice may be served."""
    gate = schedule.gate_day(terms, right) if right.gate_applies == "serving" else None
    return max(start, gate or start)


def _right(agreement: Agreement, party: Party, start: date, first: date) -> Right | None:
    """A party's right as it stands on `start`, with its termination fee in USD.

    Its notice is counted from `first`, the same for both, so that equal notices are equal.
    """
    terms = in_force(agreement, start)
    right: Termination | None = getattr(terms.termination, party)
    if right is None:
        return None
    gate = max(start, schedule.gate_day(terms, right) or start)
    ends = _charged(agreement, start, rights.notice_ends(right, first))
    ways = rights.ways_out(agreement, as_of=start, party=party)
    leave = min((day for day, way in ways if way == right), default=start)
    limits = {
        "gate_months": months_between(start, _opens(terms, right, start)),
        "lockout_months": _charged(agreement, start, gate)
        if right.gate_applies == "effect"
        else 0.0,
        "fee": rights.exit_fee_usd(agreement, right, leave) if leave < terms.end else 0.0,
    }
    return Right(notice_months=ends - months_between(start, first), **limits)


def _range(value: float | Range) -> Range:
    return value if isinstance(value, Range) else Range(low=value, use=value, high=value)


def meant(kind: str, weights: Mapping[str, Range]) -> tuple[str, ...]:
    """The kinds that a name may stand for: itself, those it lists, or any from one to another.

    >>> weights = {"H100": Range(low=1, use=1, high=1), "GB200": Range(low=2, use=2, high=3)}
    >>> meant("H100, GB200", weights), meant("not disclosed", weights)
    (('H100', 'GB200'), ('H100', 'GB300'))
    """
    listed = tuple(kind.split(", "))
    return listed if all(one in weights for one in listed) else UNKNOWN_KIND


def weights(accelerators: pd.DataFrame, metric: str) -> dict[str, Range]:
    """What one accelerator of each kind counts in H100s on one named metric: low, use, high.

    `accelerators` has a row a weight: `metric, accelerator, low, use, high`. Raises ValueError for
    a metric that it has not.

    >>> table = pd.DataFrame([["bandwidth", "H200", 1.4, 1.4, 1.5]])
    >>> table.columns = ["metric", "accelerator", "low", "use", "high"]
    >>> weights(table, "bandwidth")["H200"].high
    1.5
    """
    if metric not in (known := list(accelerators.metric.unique())):
        allowed = ", ".join(known)
        raise ValueError(f"metric: {shown(metric)!r} is not known; allowed: {allowed}")
    chosen = accelerators[accelerators.metric == metric]
    rows = zip(chosen.accelerator, chosen.low, chosen.use, chosen.high, strict=True)
    return {str(kind): Range(low=low, use=use, high=high) for kind, low, use, high in rows}


def weight(kind: str, weights: Mapping[str, Range]) -> Range:
    """H100-equivalents of one accelerator; of several kinds that it may be, all they could be."""
    may_be = [weights[one] for one in meant(kind, weights)]
    use = (may_be[0].use + may_be[-1].use) / 2
    return Range(low=min(w.low for w in may_be), use=use, high=max(w.high for w in may_be))


def _weighted(known: Mapping[str, float | Range], weights: Mapping[str, Range]) -> Range:
    """H100-equivalents of all accelerators, each as `weight` has it."""
    total = [0.0, 0.0, 0.0]
    for kind, count in known.items():
        for n, bound in enumerate(("low", "use", "high")):
            total[n] += getattr(_range(count), bound) * getattr(weight(kind, weights), bound)
    return Range(low=total[0], use=total[1], high=total[2])


def _notes(standing: Agreement, terms: Agreement, start: date, unknown: list[str]) -> list[str]:
    """What the game leaves out of this agreement, or holds fixed."""
    notes = []
    if unknown:
        notes.append(
            f"{', '.join(unknown)}: no weight is known, so each counts as anything from one H100 "
            "to one GB300; single lines are drawn at the middle, statements give the range."
        )
    held = [r for r in (terms.termination.customer, terms.termination.provider) if r]
    if any(r.fee_share_of_remaining or r.fee_months for r in held):
        notes.append(
            "A termination fee that shrinks or moves with the fees left is held at what it is on "
            "the first day on which service can end; later it would be another."
        )
    if any(not ahead.refundable for _, ahead in schedule.prepayments(terms)):
        notes.append("What is forfeited of a prepayment is left out.")
    if in_force(standing, start).termination != terms.termination:
        notes.append("An amendment changes a right to leave later; the right in force is played.")
    if rights.options(standing):
        notes.append("Options to extend are left out.")
    if any(t.fee[0].since > start for t in terms.tranche):
        notes.append("A tranche that starts later is counted in the capacity from the first day.")
    if any(t.end and start < t.end < terms.end for t in terms.tranche):
        notes.append("A tranche that ends earlier is counted in the capacity to the last day.")
    if terms.take_or_pay:
        notes.append("The fee holds a metered minimum that buys no accelerators.")
    open_ = schedule.undisclosed(standing)
    low, high = settle(standing, "low"), settle(standing, "high")
    if open_ and schedule.charges(low, since=start) != schedule.charges(high, since=start):
        notes.append("An undisclosed discount counts at the value in use.")
    return notes
