"""The same measures for every deal: what is missing becomes an interval that names its source."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import pandas as pd

from analysis.contract import commitment, units
from analysis.contract.terms import HEADLINE, Agreement, read_as, settle
from analysis.contract.units import Interval, Measure, as_interval
from analysis.models.comparables.table import GRADES, grades, months_between

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
StandIn = Mapping[tuple[str, str], Any]
"""Rows of the imputations by name and what they are of."""


class Known(NamedTuple):
    """A number or interval, the grade of the least sure thing in it, and what was imputed.

    `taken_from` names the agreements that an imputation is taken from (`agreement_of`). `bound` is
    "at least" or "at most" where only one end is stated: the other then has no limit.
    """

    value: Measure
    grade: str
    how: str = ""
    taken_from: str = ""
    bound: str = ""


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
    """Every measure of every deal, a row each.

    Columns `id, of, scope, measure, low, high, unit, basis, grade, how, taken_from, bound`: `of` is
    the row's agreement, `taken_from` those that an imputation is taken from, with ; between them.

    `low` = `high` where all is known; `nan`, graded missing, where nothing can be said. `basis` is
    that of the megawatts. `how` names the imputation: accelerators × kilowatts each, megawatts by
    overhead, the terms seen in the same scope. `firmness` is by id what the readings of a deal
    leave firm at signing (`firmness_at_signing`). A measure is as sure as its least sure input.
    `bound`: "at least" where the value is "more than" so much and `high` is no limit, "at most"
    where it is "up to" and `low` is none.
    """
    table = []
    rows: list[Any] = list(imputations.itertuples(index=False))
    stand_in: StandIn = {(row.name, row.of): row for row in rows}
    graded = grades(deals).iterrows()
    for (id_, row), (_, grade) in zip(deals.iterrows(), graded, strict=True):
        found = _Deal(row, grade, deals, stand_in)
        known = found.all(hours_month, (firmness or {}).get(str(id_)))
        for measure, unit in UNITS.items():
            basis = found.basis if "mw" in measure or "gw" in measure else ""
            if "facility" in measure:
                basis = "facility"
            answer = known.get(measure)
            span = as_interval(answer.value) if answer else None
            table.append(
                (id_, agreement_of(row), row.scope, measure,
                 span.low if span else None, span.high if span else None, unit,
                 basis if answer else "", answer.grade if answer else "missing",
                 answer.how if answer else "", answer.taken_from if answer else "",
                 answer.bound if answer else "")
            )  # fmt: skip
    columns = ["id", "of", "scope", "measure", "low", "high", "unit", "basis", "grade", "how",
               "taken_from", "bound"]  # fmt: skip
    return pd.DataFrame(table, columns=columns).astype({"low": float, "high": float})


@lru_cache(maxsize=64)
def firmness_at_signing(agreement: Agreement) -> Interval:
    """What is firm at the start as a share of the headline, over readings and discounts.

    A reading under which all of the headline is firm is the headline itself and counts only if
    there is no other.

    >>> firmness_at_signing(deal)
    Interval(low=0.08, high=0.08)
    """
    bounds: tuple[Literal["low"], Literal["high"]] = ("low", "high")
    found = []
    for bound in bounds:
        settled = settle(agreement, bound)
        whole = commitment.headline(read_as(settled, HEADLINE)).usd
        found += [
            commitment.firm(settle(read_as(agreement, name), bound)).usd / whole
            for name in agreement.readings
            if name != HEADLINE and whole  # without a fee there is no share
        ]
    shares = [share for share in found if share < 1] or [1.0]
    return Interval(min(shares), max(shares))


class _Deal:
    """One row and what can be said of it."""

    def __init__(self, row: Any, grade: Any, deals: pd.DataFrame, imputed: StandIn) -> None:
        self.row, self.grade, self.deals, self.imputed = row, grade, deals, imputed
        self.basis = row.mw_basis or "facility"

    def all(self, hours_month: float, firmness: Interval | None) -> dict[str, Known]:
        fee, mw, count = self.fee(), self.mw(), self.count()
        found: dict[str, Known | None] = {
            "term_months": self.term(),
            "usd_mw_month": _both(units.usd_per_mw_month, fee, mw),
            "usd_bn_gw_year": _both(units.usd_bn_per_gw_year, fee, mw),
            "usd_bn_gw_year_facility": _both(units.usd_bn_per_gw_year, fee, self.facility()),
            "usd_gpu_hour": _both(
                lambda f, n: units.usd_per_gpu_hour(f, n, hours_month), fee, count
            ),
            "usd_h100e_hour": _both(
                lambda f, n: units.usd_per_gpu_hour(f, n, hours_month), fee, self.h100e(count)
            ),
            "firmness": Known(firmness, "derived", "over all readings of the agreement")
            if firmness
            else self.impute("firmness"),
            "prepayment_share": self.field("prepayment_share") or self.impute("prepayment_share"),
            "capex_multiple": _both(lambda f, c: units.MONTHS_PER_YEAR * f / c, fee, self.capex()),
        }
        return {name: known for name, known in found.items() if known}

    def field(self, name: str) -> Known | None:
        value = self.row[name]
        return Known(float(value), self.grade[name]) if value == value else None

    def impute(self, name: str, of: str = "") -> Known | None:
        row = self.imputed.get((name, of))
        if row is None:
            return None
        label = f"{name} {row.low:.4g} to {row.high:.4g}"
        label += f" (from {row.taken_from})" if row.taken_from else ""
        return Known(Interval(row.low, row.high), "imputed", label, row.taken_from)

    def term(self) -> Known | None:
        if known := self.field("term_months"):
            return known
        row, end = self.row, self.row.end
        if row.start and end:
            grade = _worst("derived", self.grade.start, self.grade.end)
            return Known(months_between(row.start, end), grade, "from start to end")
        if row.announced and end:
            return self.term_after_announcement()
        same = self.deals[self.deals.scope == row.scope].dropna(subset=["term_months"])
        if not row.scope or same.empty:
            return None
        months = same.term_months
        span = Interval(float(months.min()), float(months.max()))
        how = f"term {span.low:g} to {span.high:g} months, as in other {row.scope} deals"
        ends = [same[months == end] for end in (span.low, span.high)]
        return Known(span, "imputed", how, _said(*map(_only, ends)))

    def term_after_announcement(self) -> Known:
        """Months to the end from a start as late after the announcement as in other deals."""
        later = [
            (months_between(row.announced, row.start), agreement_of(row))
            for _, row in self.deals.iterrows()
            if row.announced and row.start and row.start >= row.announced
        ]
        lag, last = max(later, default=(0.0, ""))
        whole = months_between(self.row.announced, self.row.end)
        latest = min(lag, whole / 2)
        how = f"start 0 to {latest:.3g} months after announcement, as in other deals"
        return Known(Interval(whole - latest, whole), "imputed", how, last)

    def fee(self) -> Known | None:
        if known := self.field("fee_usd_month"):
            return known
        found = _both(lambda value, months: value / months, self.field("total_usd"), self.term())
        if found and self.row.total_is:
            how = _said(found.how, f"value is {self.row.total_is!r}")
            found = found._replace(how=how, bound=BOUNDS.get(self.row.total_is, ""))
        return found

    def mw(self) -> Known | None:
        return self.field("capacity_mw") or _both(
            units.capacity_mw, self.field("accelerators"), self.power()
        )

    def facility(self) -> Known | None:
        mw = self.mw()
        if mw is None or self.basis == "facility":
            return mw
        pue = self.impute("pue")
        if pue and self.basis == "not stated":  # may be either
            pue = pue._replace(value=Interval(1.0, as_interval(pue.value).high))
        return _both(lambda power, overhead: power * overhead, mw, pue)

    def count(self) -> Known | None:
        if self.row.scope == HOSTING:
            return None
        known = self.field("accelerators")
        if known or not self.weight():
            return known
        return _both(lambda mw, kw: units.KW_PER_MW * mw / kw, self.facility(), self.power())

    def power(self) -> Known | None:
        return self.impute("kw_per_accelerator") if self.row.scope != HOSTING else None

    def weight(self) -> Known | None:
        """H100-equivalents of one accelerator; of several kinds, all from lowest to highest."""
        kind = self.row.accelerator_kind
        whole = self.impute("h100e_weight", kind)
        parts = [whole] if whole else [self.impute("h100e_weight", k) for k in kind.split(", ")]
        spans = [as_interval(part.value) for part in parts if part]
        if not spans or len(spans) < len(parts):
            return None
        span = Interval(min(s.low for s in spans), max(s.high for s in spans))
        return Known(span, "imputed", f"H100-equivalents {span.low:g} to {span.high:g} each")

    def h100e(self, count: Known | None) -> Known | None:
        return _both(lambda number, weight: number * weight, count, self.weight())

    def capex(self) -> Known | None:
        low, high = self.field("capex_low_usd"), self.field("capex_high_usd")
        if not low or not high:
            return None
        span = Interval(float(self.row.capex_low_usd), float(self.row.capex_high_usd))
        how = "capital cost as stated, low to high" if span.low < span.high else ""
        return Known(span, _worst(low.grade, high.grade), how)


def _both(rule: Any, one: Known | None, other: Known | None) -> Known | None:
    if one is None or other is None:
        return None
    value = rule(one.value, other.value)
    taken = _said(one.taken_from, other.taken_from)
    how = _said(one.how, other.how)
    return Known(value, _worst(one.grade, other.grade), how, taken, one.bound)


def _only(rows: pd.DataFrame) -> str:
    """The agreement that these rows are of, if they are all of one."""
    found = {agreement_of(row) for _, row in rows.iterrows()}
    return found.pop() if len(found) == 1 else ""


def _worst(*of: str) -> str:
    return max(of, key=GRADES.index)


def _said(*parts: str) -> str:
    return "; ".join(dict.fromkeys(part for part in parts if part))
