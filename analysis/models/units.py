"""In which measure: one fee on the scales that people quote, each with its convention visible.

Every rule takes plain numbers or `Interval`s, so that an unknown denominator stays a range.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd

from analysis.contract.capacity import Capacity
from analysis.contract.dates import HOURS_PER_MONTH as HOURS_PER_MONTH
from analysis.contract.dates import MONTHS_PER_YEAR as MONTHS_PER_YEAR
from analysis.contract.fields import Range, shown
from analysis.contract.terms import Agreement
from analysis.models import errors

HOUR_CONVENTIONS = (720.0, 730.0, 730.5, 744.0)
"""Hours of a month of 30 days, of a twelfth of 365 or 365.25 days, and of 31 days."""
KW_PER_MW = 1_000
MW_PER_GW = 1_000
USD_PER_BN = 1e9
CENT_USD = 0.01
UNKNOWN_KIND = ("H100", "GB300")
"""A kind of accelerators without a weight counts as anything between these two."""


@dataclass(frozen=True, slots=True)
class Interval:
    """All values from `low` to `high`, both included; arithmetic keeps the bounds exact.

    >>> 12 / Interval(2, 3)
    Interval(low=4.0, high=6.0)
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"interval: low {self.low} must not exceed high {self.high}")

    @property
    def middle(self) -> float:
        """The mean of both ends."""
        return (self.low + self.high) / 2

    def __add__(self, other: "Measure") -> "Interval":
        o = as_interval(other)
        return Interval(self.low + o.low, self.high + o.high)

    def __mul__(self, other: "Measure") -> "Interval":
        o = as_interval(other)
        found = [a * b for a in (self.low, self.high) for b in (o.low, o.high)]
        return Interval(min(found), max(found))

    def __truediv__(self, other: "Measure") -> "Interval":
        o = as_interval(other)
        if o.low <= 0 <= o.high:
            raise ValueError(f"interval: cannot divide by {o.low} to {o.high}, which holds zero")
        found = [a / b for a in (self.low, self.high) for b in (o.low, o.high)]
        return Interval(min(found), max(found))

    def __rtruediv__(self, other: float) -> "Interval":
        return Interval(other, other) / self

    __radd__ = __add__
    __rmul__ = __mul__


Measure = float | Interval
M = TypeVar("M", float, Interval)


def as_interval(value: Measure | Range) -> Interval:
    """What a range spans; a plain number as the interval that holds only it."""
    if isinstance(value, Interval | Range):
        return Interval(value.low, value.high)
    return Interval(float(value), float(value))


def hull(values: Iterable[Measure]) -> Interval:
    """From the least to the greatest of some numbers or intervals."""
    held = [as_interval(value) for value in values]
    return Interval(min(each.low for each in held), max(each.high for each in held))


def _above_zero(**values: Measure) -> None:
    """Refuse plain numbers that nothing can be divided by; an interval refuses them itself."""
    errors.positive(**{k: v for k, v in values.items() if not isinstance(v, Interval)})


def usd_per_mw_month(fee_usd_month: float, capacity_mw: M) -> M:
    """Fee for a megawatt and month, on the basis (facility or critical IT) of `capacity_mw`."""
    _above_zero(capacity_mw=capacity_mw)
    return fee_usd_month / capacity_mw


def usd_per_kw_year(fee_usd_month: float, capacity_mw: M) -> M:
    """Fee for a kilowatt and year: 12 · fee ÷ (1000 · MW)."""
    _above_zero(capacity_mw=capacity_mw)
    return MONTHS_PER_YEAR * fee_usd_month / (KW_PER_MW * capacity_mw)


def usd_bn_per_gw_year(fee_usd_month: float, capacity_mw: M) -> M:
    """Fee for a gigawatt and year, in billions of dollars."""
    _above_zero(capacity_mw=capacity_mw)
    return MONTHS_PER_YEAR * fee_usd_month / capacity_mw * MW_PER_GW / USD_PER_BN


def usd_per_gpu_hour(
    fee_usd_month: float, accelerators: M, hours_month: float = HOURS_PER_MONTH
) -> M:
    """Fee for one accelerator and hour, used or not: fee ÷ (N · H). Same with H100-equivalents."""
    _above_zero(accelerators=accelerators, hours_month=hours_month)
    return fee_usd_month / (accelerators * hours_month)


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
    """
    if metric not in (known := list(accelerators.metric.unique())):
        raise ValueError(f"metric: {shown(metric)!r} is not known; allowed: {', '.join(known)}")
    chosen = accelerators[accelerators.metric == metric]
    ends = zip(chosen.low, chosen.use, chosen.high, strict=True)
    spans = [Range(low=low, use=use, high=high) for low, use, high in ends]
    return dict(zip(chosen.accelerator, spans, strict=True))


def weight(kind: str, weights: Mapping[str, Range]) -> Range:
    """H100-equivalents of one accelerator; of several kinds that it may be, all they could be."""
    may_be = [weights[one] for one in meant(kind, weights)]
    use = (may_be[0].use + may_be[-1].use) / 2
    return Range(low=min(w.low for w in may_be), use=use, high=max(w.high for w in may_be))


def power_usd_month(capacity_mw: float, usd_per_mwh: float, pue: float = 1.0) -> float:
    """Cost of electricity a month at full draw; `pue` is 1 where the capacity is facility power."""
    return capacity_mw * pue * HOURS_PER_MONTH * usd_per_mwh


def scopes(agreement: Agreement) -> dict[str, Capacity]:
    """Everything that the fee is said to pay for, by name: never add or mix them."""
    return {agreement.capacity.name: agreement.capacity, **agreement.scopes}


def spelled(agreement: Agreement, scope: str) -> str:
    """A scope as the terms spell it, given so or as a key: `colossus-1` for "Colossus 1"."""
    names = scopes(agreement)
    keys = {name.lower().replace(" ", "-"): name for name in names}
    return scope if scope in names else keys.get(scope, scope)


def scoped(agreement: Agreement, scope: str) -> Agreement:
    """The agreement with the capacity of one of its scopes: what the fee is set against."""
    if scope not in scopes(agreement):
        allowed = ", ".join(scopes(agreement))
        raise ValueError(f"scope: {scope!r} is not known; allowed: {allowed}")
    return agreement.model_copy(update={"capacity": scopes(agreement)[scope]})
