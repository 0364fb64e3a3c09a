"""The same measures for every deal: what is missing becomes an interval that names its source."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import mul, truediv
from typing import Any

import pandas as pd

from analysis.contract import position, readings
from analysis.contract.readings import BOUNDS as ENDS
from analysis.contract.terms import HEADLINE, Agreement
from analysis.models import units
from analysis.models.comparables.disclosed import GRADES, grades, own_rows
from analysis.models.exits.leaving import months_between
from analysis.models.units import Interval, as_interval, hull

UNITS = {
    "usd_mw_month": "USD per MW and month",
    "usd_bn_gw_year": "bn USD per GW and year",
    "usd_bn_gw_year_facility": "bn USD per GW of facility power and year",
    "usd_gpu_hour": "USD per accelerator and hour",
    "usd_h100e_hour": "USD per H100-equivalent and hour",
    "term_months": "months",
    "firmness": "share of the headline",
    "prepayment_share": "share of the value",
    "capex_multiple": "annual fee over capital cost",
}
HOSTING = "hosting"
BOUNDS = {"more than": "at least", "up to": "at most"}
COLUMNS = [
    "id", "of", "scope", "measure", "low", "high", "unit", "basis", "grade", "how", "taken_from",
    "bound",
]  # fmt: skip
IMPUTED = {
    "capacity_mw": "MW",
    "firmness": "committed share",
    "h100e_weight": "H100s in one",
    "kw_per_accelerator": "kW for each accelerator",
    "prepayment_share": "share paid ahead",
    "pue": "facility power ÷ critical IT",
}
"""What an imputed value is called."""


@dataclass(frozen=True, slots=True)
class Known:
    """An interval, the grade of the least sure thing in it, and what was imputed.

    `taken_from` names the agreements that an imputation is taken from (`agreement_of`). `bound` is
    "at least" or "at most" where only one end is stated: the other then has no limit. False where
    nothing is known; what is worked out from two is as sure as the less sure of them.
    """

    value: Interval | None = None
    grade: str = "missing"
    how: str = ""
    taken_from: str = ""
    bound: str = ""

    def __bool__(self) -> bool:
        return self.value is not None

    def __mul__(self, other: "Known | float") -> "Known":
        return self._with(mul, other)

    def __truediv__(self, other: "Known | float") -> "Known":
        return self._with(truediv, other)

    def _with(self, rule: Callable[..., Any], other: "Known | float") -> "Known":
        if not isinstance(other, Known):
            other = Known(as_interval(other), GRADES[0])
        if not self or not other:
            return Known()
        value, grade = rule(self.value, other.value), _worst(self.grade, other.grade)
        how, taken = _said(self.how, other.how), _said(self.taken_from, other.taken_from)
        return Known(value, grade, how, taken, self.bound)


def agreement_of(row: Any) -> str:
    """What a row is a row of: the agreement whose terms are at hand, or the row itself."""
    return str(row.contract.split(":")[0] or row.id)


def measures(
    deals: pd.DataFrame,
    imputations: pd.DataFrame,
    *,
    firmness: Mapping[str, Interval] | None = None,
    hours_month: float = units.HOURS_PER_MONTH,
) -> pd.DataFrame:
    """Every measure of `UNITS` of every deal, a row each: `COLUMNS`.

    `low` = `high` where all is known; `nan`, graded missing, where nothing can be said. `of` is the
    row's agreement; `taken_from` those that an imputation is taken from, with ; between them;
    `basis` that of the megawatts; `how` names the imputation; a measure is as sure as its least
    sure input. `bound`: "at least" where the value is "more than" so much and `high` is no limit,
    "at most" where it is "up to" and `low` is none. `firmness` is by id what the readings of a deal
    leave firm at signing (`firmness_at_signing`).
    """
    rows: list[Any] = list(deals.itertuples(index=False))
    given: list[Any] = list(imputations.itertuples(index=False))
    imputed = {(row.name, row.of): row for row in given}
    table = []
    for row, grade in zip(rows, grades(deals).to_dict("records"), strict=True):
        deal = _Deal(row, grade, imputed, rows)
        known = deal.all(hours_month, (firmness or {}).get(row.id))
        for measure, unit in UNITS.items():
            found, basis = known[measure], "facility" if "facility" in measure else deal.basis
            span = found.value
            low, high = (span.low, span.high) if span else (math.nan, math.nan)
            basis = basis if found and ("mw" in measure or "gw" in measure) else ""
            head = row.id, agreement_of(row), row.scope, measure, low, high, unit, basis
            table.append((*head, found.grade, found.how, found.taken_from, found.bound))
    return pd.DataFrame(table, columns=COLUMNS)


@lru_cache(maxsize=64)
def firmness_at_signing(agreement: Agreement) -> Interval:
    """What is firm at the start as a share of the headline, over readings and discounts.

    A reading under which all of the headline is firm is the headline itself and counts only if
    there is no other.
    """
    found = []
    for bound in ENDS:
        start = position(agreement).resolved_at(bound)
        whole = start.under(HEADLINE).headline.usd
        names = readings.names(start) if whole else []
        found += [start.under(name).firm().usd / whole for name in names]
    return hull([share for share in found if share < 1] or [1.0])


def firmness(deals: pd.DataFrame, agreements: Sequence[Agreement]) -> dict[str, Interval]:
    """What is firm at signing over all readings, by id of the rows whose terms are at hand."""
    return {
        id_: firmness_at_signing(agreement)
        for agreement in agreements
        for id_ in own_rows(deals, agreement)
    }


@dataclass(frozen=True)
class _Deal:
    """One row and what can be said of it, by itself, by imputations and by the other rows."""

    row: Any
    grade: Mapping[Any, str]
    imputed: Mapping[tuple[str, str], Any]
    rows: list[Any]

    def all(self, hours_month: float, firmness: Interval | None) -> dict[str, Known]:
        fee, mw, count = self.fee(), self.mw(), self.count()
        year, told = fee * units.MONTHS_PER_YEAR, "over all readings of the agreement"
        firm = Known(firmness, "derived", told) if firmness else self.impute("firmness")
        return {
            "term_months": self.term(),
            "usd_mw_month": fee / mw,
            "usd_bn_gw_year": year / mw * units.MW_PER_GW / units.USD_PER_BN,
            "usd_bn_gw_year_facility": year / self.facility() * units.MW_PER_GW / units.USD_PER_BN,
            "usd_gpu_hour": fee / (count * hours_month),
            "usd_h100e_hour": fee / (count * self.weight() * hours_month),
            "firmness": firm,
            "prepayment_share": self.field("prepayment_share") or self.impute("prepayment_share"),
            "capex_multiple": year / self.capex(),
        }

    @property
    def basis(self) -> str:
        assumed = ("capacity_mw", self.row.id) in self.imputed
        return self.row.mw_basis or ("not stated" if assumed else "facility")

    def field(self, name: str) -> Known:
        value = getattr(self.row, name)
        return Known(as_interval(value), self.grade[name]) if value == value else Known()

    def impute(self, name: str, of: str = "") -> Known:
        row = self.imputed.get((name, of))
        if row is None:
            return Known()
        label = f"{IMPUTED.get(name, name)} {row.low:.4g} to {row.high:.4g}"
        label += f" (from {row.taken_from})" if row.taken_from else ""
        return Known(Interval(row.low, row.high), "imputed", label, row.taken_from)

    def term(self) -> Known:
        """As stated, from start to end, from announcement to end, or as in deals of the scope."""
        row = self.row
        if known := self.field("term_months"):
            return known
        if row.start and row.end:
            grade = _worst("derived", self.grade["start"], self.grade["end"])
            months = as_interval(months_between(row.start, row.end))
            return Known(months, grade, "from start to end")
        if row.announced and row.end:
            lags = [
                (months_between(other.announced, other.start), agreement_of(other))
                for other in self.rows
                if other.announced and other.start and other.start >= other.announced
            ]
            lag, last = max(lags, default=(0.0, ""))
            whole = months_between(row.announced, row.end)
            latest = min(lag, whole / 2)
            how = f"start 0 to {latest:.3g} months after announcement, as in other deals"
            return Known(Interval(whole - latest, whole), "imputed", how, last)
        alike = [
            (float(other.term_months), agreement_of(other))
            for other in self.rows
            if other.scope == row.scope != "" and other.term_months == other.term_months
        ]
        if not alike:
            return Known()
        span = hull(months for months, _ in alike)
        how = f"term {span.low:g} to {span.high:g} months, as in other {row.scope} deals"
        ends = [{of for months, of in alike if months == end} for end in (span.low, span.high)]
        taken = [of.pop() for of in ends if len(of) == 1]  # ends that one agreement alone sets
        return Known(span, "imputed", how, _said(*taken))

    def fee(self) -> Known:
        if known := self.field("fee_usd_month"):
            return known
        found = self.field("total_usd") / self.term()
        if found and self.row.total_is:
            how = _said(found.how, f"total stated as {self.row.total_is!r}")
            found = replace(found, how=how, bound=BOUNDS.get(self.row.total_is, ""))
        return found

    def mw(self) -> Known:
        imputed = self.field("accelerators") * self.power() / units.KW_PER_MW
        return self.field("capacity_mw") or self.impute("capacity_mw", self.row.id) or imputed

    def facility(self) -> Known:
        mw, pue = self.mw(), self.impute("pue")
        if self.basis == "facility":
            return mw
        if pue.value and self.basis == "not stated":  # may be either
            pue = replace(pue, value=Interval(1.0, pue.value.high))
        return mw * pue

    def count(self) -> Known:
        if self.row.scope == HOSTING:
            return Known()
        known = self.field("accelerators")
        if known or not self.weight():
            return known
        return self.facility() * units.KW_PER_MW / self.power()

    def power(self) -> Known:
        return self.impute("kw_per_accelerator") if self.row.scope != HOSTING else Known()

    def weight(self) -> Known:
        """H100-equivalents of one accelerator; of several kinds, all from lowest to highest."""
        kind = self.row.accelerator_kind
        whole = self.impute("h100e_weight", kind)
        parts = [whole] if whole else [self.impute("h100e_weight", k) for k in kind.split(", ")]
        spans = [part.value for part in parts if part.value]
        if len(spans) < len(parts):
            return Known()
        span = hull(spans)
        return Known(span, "imputed", f"H100-equivalents {span.low:g} to {span.high:g} each")

    def capex(self) -> Known:
        low, high = self.field("capex_low_usd"), self.field("capex_high_usd")
        if not low or not high:
            return Known()
        span = Interval(self.row.capex_low_usd, self.row.capex_high_usd)
        how = "capital cost as stated, low to high" if span.low < span.high else ""
        return Known(span, _worst(low.grade, high.grade), how)


def _worst(*of: str) -> str:
    return max(of, key=GRADES.index)


def _said(*parts: str) -> str:
    return "; ".join(dict.fromkeys(part for part in parts if part))
