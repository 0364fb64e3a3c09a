"""A lease measured: liability, right-of-use asset and cost, from payments and a rate.

Time counts from commencement in the unit of the rate: years, or whole periods. Money is US
dollars, unsigned. The customer's books; the provider's lessor accounting is not here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from analysis.contract import checks

Model = Literal["IFRS 16", "ASC 842 finance", "ASC 842 operating"]

SUBSEQUENT = {
    "IFRS 16": "IFRS 16.31, 16.36, 16.37",
    "ASC 842 finance": "ASC 842-20-25-5, 842-20-35-1, 842-20-35-7",
    "ASC 842 operating": "ASC 842-20-25-6, 842-20-25-8, 842-20-35-3",
}
INITIAL = {
    "IFRS 16": ("IFRS 16.26", "IFRS 16.24"),
    "ASC 842": ("ASC 842-20-30-1", "ASC 842-20-30-5"),
}
"""Paragraphs of the liability and of what the asset is made of."""
REMEASURED = {"IFRS 16": "IFRS 16.39", "ASC 842": "ASC 842-20-35-4"}
SHORT = {"IFRS 16": "IFRS 16.6", "ASC 842": "ASC 842-20-25-2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Payments (time, usd) over a term cut at `edges`, 0 to its end, at a rate a unit of time.

    `arrears`: a payment on an edge belongs to the period that ends there, else to the one that
    starts. A payment before commencement counts on it, one after the term on its last day.
    `carried_usd` is what a remeasured asset holds beyond its liability.
    """

    edges: tuple[float, ...]
    payments: tuple[tuple[float, float], ...]
    rate: float
    arrears: bool = False
    initial_direct_costs_usd: float = 0.0
    incentives_usd: float = 0.0
    carried_usd: float = 0.0

    def __post_init__(self) -> None:
        checks.rate(rate=self.rate)
        checks.finite(payments=self.payments, edges=self.edges, carried_usd=self.carried_usd)
        checks.not_negative(
            initial_direct_costs_usd=self.initial_direct_costs_usd,
            incentives_usd=self.incentives_usd,
        )
        rising = all(a < b for a, b in zip(self.edges, self.edges[1:], strict=False))
        if len(self.edges) < 2 or self.edges[0] != 0 or not rising:
            raise checks.refused("edges", self.edges, "rising from 0 to the end of the term")

    @property
    def term(self) -> float:
        """Length of the lease term."""
        return self.edges[-1]

    @property
    def other_usd(self) -> float:
        """What the asset holds beyond the payments: direct costs, less incentives, carried."""
        return self.initial_direct_costs_usd - self.incentives_usd + self.carried_usd

    def timed(self) -> list[tuple[float, float]]:
        """The payments, each at a time within the term."""
        return [(min(max(time, 0.0), self.term), usd) for time, usd in self.payments]


def periodic(
    payments_usd: Sequence[float],
    *,
    rate: float,
    arrears: bool = False,
    initial_direct_costs_usd: float = 0.0,
    incentives_usd: float = 0.0,
) -> Lease:
    """A lease with one payment a period, at its start, or in arrears at its end.

    >>> round(liability_usd(periodic([50_000] * 10, rate=0.05)))
    355391
    """
    times = range(1, len(payments_usd) + 1) if arrears else range(len(payments_usd))
    return Lease(
        edges=tuple(float(n) for n in range(len(payments_usd) + 1)),
        payments=tuple((float(t), float(usd)) for t, usd in zip(times, payments_usd, strict=True)),
        rate=rate,
        arrears=arrears,
        initial_direct_costs_usd=initial_direct_costs_usd,
        incentives_usd=incentives_usd,
    )


def liability_usd(lease: Lease, at: float = 0.0, *, paid: bool = True) -> float:
    """Present value at a time of the payments not yet made (IFRS 16.26, ASC 842-20-30-1).

    What is due just then counts as made, or with `paid=False` as still owed.
    """
    return math.fsum(
        usd * (1 + lease.rate) ** (at - time)
        for time, usd in lease.timed()
        if time > at or (time == at and not paid)
    )


def asset_usd(lease: Lease, at: float, *, model: Model) -> float:
    """Carrying amount of the right-of-use asset, before a payment due just then moves it.

    Straight-line for IFRS 16 and a finance lease; for an operating lease what straight-line cost
    leaves after interest (ASC 842-20-35-3).
    """
    whole = liability_usd(lease, paid=False)
    used = min(at / lease.term, 1.0)
    if model != "ASC 842 operating":
        return (whole + lease.other_usd) * (1 - used)
    cost = (math.fsum(usd for _, usd in lease.payments) + lease.other_usd) * used
    paid = math.fsum(usd for time, usd in lease.timed() if time < at)
    interest = liability_usd(lease, at, paid=False) + paid - whole
    return whole + lease.other_usd - cost + interest


def initial(lease: Lease, *, framework: Literal["IFRS 16", "ASC 842"]) -> pd.DataFrame:
    """First measurement: `item, usd, paragraph`; the last row is the sum of those before.

    >>> list(initial(periodic([100.0, 100.0], rate=0.25), framework="IFRS 16").usd)
    [80.0, 100.0, 0.0, 0.0, 0.0, 180.0]
    """
    of_liability, of_asset = INITIAL[framework]
    owed = liability_usd(lease)
    table = [
        ("lease liability: payments not yet made, discounted", owed, of_liability),
        ("payments made on or before commencement", liability_usd(lease, paid=False) - owed,
         of_asset),
        ("initial direct costs", lease.initial_direct_costs_usd, of_asset),
        ("incentives received", 0.0 - lease.incentives_usd, of_asset),
        ("carried from before a remeasurement", lease.carried_usd, REMEASURED[framework]),
    ]  # fmt: skip
    table.append(("right-of-use asset", math.fsum(usd for _, usd, _ in table), of_asset))
    return pd.DataFrame(table, columns=["item", "usd", "paragraph"])


def schedule(lease: Lease, *, model: Model) -> pd.DataFrame:
    """Liability, asset and cost of each period `[start, end)`, in the unit of the rate.

    Columns `start, end, opening_usd, paid_usd, interest_usd, closing_usd, amortisation_usd,
    asset_usd, cost_usd, paragraph`. `opening_usd` stands after what is due on the first day;
    `closing_usd` and `asset_usd` at the end, before the next period's payment; closing = closing
    before - paid + interest. `cost_usd` is interest + amortisation: level under an operating lease.
    """
    if model not in SUBSEQUENT:
        allowed = ", ".join(SUBSEQUENT)
        raise ValueError(f"model: {model!r} is not allowed; allowed: {allowed}")
    table = []
    before, held = liability_usd(lease, paid=False), asset_usd(lease, 0.0, model=model)
    for n, (start, end) in enumerate(zip(lease.edges, lease.edges[1:], strict=False)):
        last = end == lease.term
        paid = math.fsum(
            usd
            for time, usd in lease.timed()
            if start < time < end
            or (time == start and (n == 0 or not lease.arrears))
            or (time == end and (last or lease.arrears))
        )
        closing = liability_usd(lease, end, paid=lease.arrears or last)
        interest = closing - before + paid
        left = 0.0 if last else asset_usd(lease, end, model=model)
        opening = liability_usd(lease, start)
        table.append(
            (start, end, opening, paid, interest, closing, held - left, left,
             interest + held - left, SUBSEQUENT[model])
        )  # fmt: skip
        before, held = closing, left
    columns = ["start", "end", "opening_usd", "paid_usd", "interest_usd", "closing_usd",
               "amortisation_usd", "asset_usd", "cost_usd", "paragraph"]  # fmt: skip
    return pd.DataFrame(table, columns=columns)


def short_term(lease: Lease, *, framework: Literal["IFRS 16", "ASC 842"]) -> pd.DataFrame:
    """The exemption for a term of twelve months or less: payments as a level cost, nothing else.

    Columns `start, end, cost_usd, paragraph`.
    """
    total = math.fsum(usd for _, usd in lease.payments)
    spans = list(zip(lease.edges, lease.edges[1:], strict=False))
    table = [(a, b, total * (b - a) / lease.term, SHORT[framework]) for a, b in spans]
    return pd.DataFrame(table, columns=["start", "end", "cost_usd", "paragraph"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Remeasured:
    """What a remeasurement moves; `lease` goes on from there on a clock of its own.

    `to_asset_usd` is what the asset changes by, `to_profit_or_loss_usd` the part of a fall that
    it could not take (a gain, not negative).
    """

    before_usd: float
    after_usd: float
    to_asset_usd: float
    to_profit_or_loss_usd: float
    lease: Lease
    paragraph: str


def remeasure(lease: Lease, later: Lease, *, at: float, model: Model) -> Remeasured:
    """The lease measured anew at a time: `later` has the payments, term and rate from then on.

    The change of the liability moves the asset, which cannot fall below zero. A changed term or
    purchase option takes a new rate (IFRS 16.40, ASC 842-20-35-5); payments that follow an index
    keep the old one (IFRS 16.42, 16.43). What is due just then is owed, unless it is paid in
    arrears. Raises `ValueError` for a time outside the term.

    >>> old, new = periodic([100.0] * 3, rate=0.0), periodic([110.0] * 2, rate=0.0)
    >>> remeasure(old, new, at=1, model="IFRS 16").after_usd
    220.0
    """
    if not 0 <= at <= lease.term:
        raise checks.refused("at", at, f"in 0 to {lease.term}, the lease term")
    before = liability_usd(lease, at, paid=lease.arrears)
    after = liability_usd(later, paid=lease.arrears)
    held = asset_usd(lease, at, model=model)
    moved = held + after - before
    asset = max(0.0, moved)
    framework = "IFRS 16" if model == "IFRS 16" else "ASC 842"
    return Remeasured(
        before_usd=before,
        after_usd=after,
        to_asset_usd=asset - held,
        to_profit_or_loss_usd=asset - moved,
        lease=replace(later, carried_usd=asset - liability_usd(later, paid=False)),
        paragraph=REMEASURED[framework],
    )
