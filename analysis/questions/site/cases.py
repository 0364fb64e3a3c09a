"""One agreement's site, case by case: the tables behind the page that asks if it pays.

A case is the site at the low, middle or high end of its capex and of its megawatts, which go
together; nothing else differs between them.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd

from analysis.contract.dates import DAYS_PER_YEAR
from analysis.contract.rights import final_terms, in_term
from analysis.contract.served import full_fee
from analysis.contract.terms import Agreement, read_as, settle
from analysis.contract.units import MONTHS_PER_YEAR
from analysis.models import planning
from analysis.models.planning import BOUNDS, Bound, Place
from analysis.models.provider import debt, site
from analysis.models.provider.coverage import Promise, promise
from analysis.models.provider.coverage import coverage as of_sites
from analysis.models.provider.debt import Loan
from analysis.models.provider.exposure import expected_loss, exposure, wrong_way
from analysis.models.provider.fees import Fees
from analysis.models.provider.site import Site

USED = (
    *("capacity_mw", "capex_usd", "capex_usd_mw", "capex_usd_accelerator", "kw_per_accelerator"),
    *("pue", "power_usd_mwh", "fixed_share_year", "life_years", "residual_decay_year"),
    *("debt_rate_nominal_year", "loan_to_cost", "loan_months", "target_coverage", "rate_year"),
    *("recovery_months", "own_use_to_fee", "demand_mean_share", "default_probability"),
    *("loss_given_default", "billing_days", "payment_days", "grace_days", "market_to_fee"),
    *("market_fall_year", "market_volatility_year", "default_correlation"),
)
"""The assumptions that these tables use, by name."""
DISCOUNTS: Final = ("use", "low", "high")
CASES: dict[Bound, str] = {"low": "low capex", "value": "middle capex", "high": "high capex"}


def sites(place: Place, assumptions: pd.DataFrame, *, resale: bool = False) -> dict[str, Site]:
    """The place at each end of its capex; none where megawatts or capex are not known.

    With `resale` the site is worth something when service ends, else nothing.
    """
    if place.mw is None or place.capex_usd is None:
        return {}
    plan = {
        name: planning.value(assumptions, name)
        for name in ("power_usd_mwh", "fixed_share_year", "life_years")
    }
    decay = planning.value(assumptions, "residual_decay_year") if resale else math.inf
    middle = Site(
        scope=place.scope,
        capacity_mw=place.mw["value"],
        capex_usd=place.capex_usd["value"],
        pue=place.pue or planning.value(assumptions, "pue"),
        residual_decay_year=decay,
        **plan,
    )
    ends = {case: (place.capex_usd[bound], place.mw[bound]) for bound, case in CASES.items()}
    if len({usd for usd, _ in ends.values()}) == 1:
        return {CASES["value"]: middle}
    return {
        case: replace(middle, capex_usd=usd, capacity_mw=mw) for case, (usd, mw) in ends.items()
    }


def coverage(
    found: Mapping[str, Site],
    promises: Mapping[str, Promise],
    assumptions: pd.DataFrame,
    *,
    readings: Sequence[str],
) -> pd.DataFrame:
    """View 5: every case by every reading, `coverage` with `case` first and `term_months` last.

    A loan ends with the term at the latest. Without a site the table is empty.
    """
    chosen = {name: promises[name] for name in readings}
    term = max((len(promise.stated.usd) for promise in promises.values()), default=0)
    tables = [
        of_sites(
            [place],
            chosen,
            rate_year=planning.value(assumptions, "rate_year"),
            rate_nominal_year=planning.value(assumptions, "debt_rate_nominal_year"),
            loan_to_cost=planning.value(assumptions, "loan_to_cost"),
            loan_months=_loan_months(assumptions, term),
            target_coverage=planning.value(assumptions, "target_coverage"),
        ).assign(case=case)
        for case, place in found.items()
    ]
    if not tables:
        return pd.DataFrame()
    table = pd.concat(tables, ignore_index=True).assign(term_months=term)
    return table[["case", *(column for column in table if column != "case")]]


def promised(
    agreement: Agreement, reading: str, *, scope: str, as_of: date | None = None
) -> Promise:
    """What one reading states and promises, joined readings included: `coverage.promises`."""
    return promise(read_as(agreement, reading), scope=scope, as_of=as_of)


def promises(
    agreement: Agreement, reading: str, *, scope: str, as_of: date | None = None
) -> dict[str, dict[str, Promise]]:
    """`promised` of every reading, by the undisclosed discounts: in `use`, and at both ends.

    The ends are left out where they make no difference.
    """
    names = dict.fromkeys([*agreement.readings, reading])
    found: dict[str, dict[str, Promise]] = {
        bound: {
            name: promise(settle(read_as(agreement, name), bound), scope=scope, as_of=as_of)
            for name in names
        }
        for bound in DISCOUNTS
    }
    return found if found["low"] != found["high"] else {"use": found["use"]}


def over_discounts(
    found: Mapping[str, Site],
    by_discount: Mapping[str, Mapping[str, Promise]],
    assumptions: pd.DataFrame,
    *,
    readings: Sequence[str],
) -> pd.DataFrame:
    """`coverage` for each of `promises`, with a column `discount`: use, low or high."""
    tables = [
        coverage(found, each, assumptions, readings=readings).assign(discount=bound)
        for bound, each in by_discount.items()
    ]
    return pd.concat(tables, ignore_index=True)


def in_use(table: pd.DataFrame) -> pd.DataFrame:
    """The rows at the discounts in use; all where none is undisclosed."""
    return table[table.discount == "use"] if "discount" in table else table


def paid_back_months(covered: pd.DataFrame, reading: str) -> float:
    """When the fees of a reading have paid the middle capex back; `nan` if they never do."""
    rows = middle(in_use(covered))
    return float(rows[rows.reading == reading].payback_months.iloc[0]) if len(rows) else math.nan


def served_months(agreement: Agreement, as_of: date) -> int:
    """Calendar months of service that are over by a day, a part of a month counted as one."""
    start, end = agreement.start, final_terms(in_term(agreement, as_of)).end
    ended = as_of >= end
    last = end - timedelta(days=1) if ended else as_of
    return max(0, (last.year - start.year) * MONTHS_PER_YEAR + last.month - start.month + ended)


def limited(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of readings that promise less than the whole term; all where there is none."""
    if table.empty:
        return table
    less = table[table.firm_months < table.term_months]
    return less if len(less) else table


def over_capex(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """A column of `coverage` over the cases of capex: `reading, low, value, high, firm_months`."""
    if table.empty:
        return table
    rows = limited(table).dropna(subset=[column])
    months = rows.groupby("reading", sort=False).firm_months.first()
    return (
        _ends(rows, "reading", column)
        .assign(firm_months=months)
        .rename_axis("reading")
        .reset_index()
    )


def _ends(table: pd.DataFrame, by: str, column: str) -> pd.DataFrame:
    """Least and greatest of a column, and its middle at the discounts in use."""
    groups, used = (rows.groupby(by, sort=False)[column] for rows in (table, in_use(table)))
    ends = {"low": groups.min(), "value": used.median(), "high": groups.max()}
    return pd.DataFrame(ends).reindex(list(groups.groups))


def paid_back(found: Mapping[str, Site], fees: Fees) -> pd.DataFrame:
    """Cash added up, if nobody leaves: `case, month, usd`, capex at 0, without a resale value."""
    tables = []
    for case, place in found.items():
        usd = np.cumsum([-place.capex_usd, *site.cash(place, fees)])
        tables.append(pd.DataFrame({"case": case, "month": range(len(usd)), "usd": usd}))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def worth_by_rate(
    found: Mapping[str, Site], fees: Fees, *, rates_year: Sequence[float]
) -> pd.DataFrame:
    """Net present value over discount rates: `case, rate_year, npv_usd`."""
    tables = [
        site.npv_profile(site.flows(place, fees), rates_year=rates_year).assign(case=case)
        for case, place in found.items()
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def loan(place: Site, assumptions: pd.DataFrame, *, term: int) -> Loan:
    """The usual loan against a site: a share of its capex, level payments, within the term."""
    return Loan(
        usd=planning.value(assumptions, "loan_to_cost") * place.capex_usd,
        rate_nominal_year=planning.value(assumptions, "debt_rate_nominal_year"),
        months=_loan_months(assumptions, term),
    )


def _loan_months(assumptions: pd.DataFrame, term: int) -> int:
    return max(1, min(term, int(planning.value(assumptions, "loan_months"))))


def sure_months(notice: int | None, fees: Fees) -> int:
    """Months of cash that notice leaves sure: no more than the term, all without a right."""
    return len(fees.usd) if notice is None else min(notice, len(fees.usd))


def uncovered(
    found: Mapping[str, Site],
    fees: Fees,
    assumptions: pd.DataFrame,
    *,
    window_months: int,
    gate_months: int = 0,
) -> pd.DataFrame:
    """Debt against the cash before the customer may be gone: `debt.uncovered` of each case."""
    tables = [
        debt.uncovered(
            site.cash(place, fees),
            loan(place, assumptions, term=len(fees.usd)),
            window_months=window_months,
            gate_months=gate_months,
        ).assign(case=case)
        for case, place in found.items()
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def offset(found: Mapping[str, Site], fees: Fees, assumptions: pd.DataFrame) -> pd.DataFrame:
    """Fee over cost on three denominators for each case: `basis, cost_usd_month, ratio, case`.

    Nothing where no month is stated.
    """
    tables = [
        site.cost_offset(
            place,
            fees,
            rate_nominal_year=planning.value(assumptions, "rate_year"),
            recovery_months=int(planning.value(assumptions, "recovery_months")),
        ).assign(case=case)
        for case, place in found.items()
        if fees.usd
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def over_stated(
    table_of: Callable[..., pd.DataFrame],
    found: Mapping[str, Site],
    by_discount: Mapping[str, Mapping[str, Promise]],
    assumptions: pd.DataFrame,
    *,
    reading: str,
    **more: int,
) -> pd.DataFrame:
    """`offset` or `uncovered` of a reading for each of `promises`, with a column `discount`."""
    tables = [
        table_of(found, each[reading].stated, assumptions, **more).assign(discount=bound)
        for bound, each in by_discount.items()
    ]
    return pd.concat(tables, ignore_index=True)


def middle(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table at the middle capex, at the discounts in use."""
    return in_use(table[table.case == CASES["value"]]) if len(table) else table


def over_basis(ratios: pd.DataFrame) -> pd.DataFrame:
    """`offset` over the cases of capex: `basis, low, value, high`."""
    if ratios.empty:
        return ratios
    return _ends(ratios, "basis", "ratio").rename_axis("basis").reset_index()


def with_and_without(
    found: Mapping[str, Site], fees: Fees, assumptions: pd.DataFrame, *, fee_usd_month: float
) -> pd.DataFrame:
    """Net present value with the lease and with own use only, for low to high worth of own use.

    Columns `own_use, leased_usd, own_use_only_usd, difference_usd`, at the middle capex, which
    cancels in the difference. Own
    use takes the long-run share of the site, at its worth in full fees; nothing of it stays beside
    the lease.
    """
    if not found:
        return pd.DataFrame()
    place = found[CASES["value"]]
    share = planning.value(assumptions, "demand_mean_share")
    tables = []
    for bound in BOUNDS:
        worth = share * planning.value(assumptions, "own_use_to_fee", bound) * fee_usd_month
        table = site.with_and_without(
            place,
            fees,
            own_use_usd=[worth] * len(fees.usd),
            rate_year=planning.value(assumptions, "rate_year"),
        )
        tables.append((f"{CASES[bound].split()[0]} worth", *table.npv_usd))
    names = ["own_use", "leased_usd", "own_use_only_usd", "difference_usd"]
    return pd.DataFrame(tables, columns=names)


def utilisation(
    found: Mapping[str, Site],
    fees: Fees,
    assumptions: pd.DataFrame,
    *,
    fee_usd_month: float,
) -> pd.DataFrame:
    """Share of the site to sell at the full fee to pay fixed cost and debt: `case, share`."""
    table = []
    for case, place in found.items():
        price, power = fee_usd_month, place.power_usd_month
        share = math.inf  # what does not pay for its power pays for nothing else
        if price > power:
            share = debt.break_even_utilisation(
                fixed_usd_month=place.fixed_usd_month,
                payment_usd_month=loan(place, assumptions, term=len(fees.usd)).payment_usd_month,
                capacity_mw=place.capacity_mw,
                price_usd_mw_month=price / place.capacity_mw,
                variable_usd_mw_month=power / place.capacity_mw,
            )
        table.append((case, share))
    return pd.DataFrame(table, columns=["case", "share"])


def view(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of `coverage` that a lender asks for, named for a reader."""
    if table.empty:
        return table
    kept = {
        "case": "case",
        "capex_usd": "capex usd",
        "reading": "reading",
        "firm_usd": "firm fee usd",
        "firm_to_capex": "firm fee, capex share",
        "payback_months": "payback, months",
        "irr_year": "return, yearly share",
        "firm_irr_year": "return if the customer leaves, yearly share",
        "break_even_hazard": "break-even hazard, monthly share",
        "debt_capacity_usd": "firm debt capacity usd",
        "debt_to_capex": "firm debt, capex share",
        "least_coverage": "least DSCR, ratio",
        "loan_life_coverage": "LLCR, ratio",
        "firm_loan_life_coverage": "LLCR of the firm fee, ratio",
    }
    chosen = table[list(kept)].rename(columns=kept).astype(object)
    return chosen.where(chosen.notna(), None)


def unpaid(
    fee_usd_month: float, assumptions: pd.DataFrame, *, terms: Agreement | None = None
) -> pd.DataFrame:
    """What is owed at a default and the loss to expect of it in a year: `measure, usd`.

    As paid by the `terms`; without any, as if billed in arrears, as assumed.
    """
    grace = planning.value(assumptions, "grace_days")
    if terms is None:
        owed = exposure(
            fee_usd_month,
            billing_days=planning.value(assumptions, "billing_days"),
            payment_days=planning.value(assumptions, "payment_days"),
            grace_days=grace,
        )
    else:
        owed = exposure(
            fee_usd_month,
            billing_days=terms.payment.billing_months * DAYS_PER_YEAR / MONTHS_PER_YEAR,
            payment_days=terms.payment.days_to_pay,
            grace_days=grace,
            timing=terms.payment.timing,
            served_days=(terms.end - terms.start).days,
        )
    loss = expected_loss(
        owed.peak_usd,
        default_probability=planning.value(assumptions, "default_probability"),
        loss_given_default=planning.value(assumptions, "loss_given_default"),
    )
    measures = {
        "exposure at default, peak": owed.peak_usd,
        "exposure at default, average": owed.average_usd,
        "expected loss in a year, at the peak": loss,
    }
    return pd.DataFrame({"measure": list(measures), "usd": list(measures.values())})


def reletting(
    fee_usd_month: float, assumptions: pd.DataFrame, *, correlations: Sequence[float]
) -> pd.DataFrame:
    """Letting again after a default a year on: `correlation, price_usd, shortfall_usd` a month.

    The market starts at its price for the same capacity and falls, as assumed.
    """
    table = []
    for correlation in correlations:
        found = wrong_way(
            fee=fee_usd_month,
            price=fee_usd_month * planning.value(assumptions, "market_to_fee"),
            drift_year=-planning.value(assumptions, "market_fall_year"),
            volatility_year=planning.value(assumptions, "market_volatility_year"),
            years=1.0,
            default_probability=planning.value(assumptions, "default_probability"),
            correlation=correlation,
        )
        table.append((correlation, found.price, found.shortfall))
    return pd.DataFrame(table, columns=["correlation", "price_usd", "shortfall_usd"])


def book(agreement: Agreement, others: Sequence[Agreement], *, as_of: date) -> pd.DataFrame:
    """The full monthly fees that one provider earns, largest first: `customer, usd, share`.

    Of the others, those of the same provider that are neither invented nor this agreement.
    """
    beside = [
        other
        for other in others
        if other.provider == agreement.provider and other.id != agreement.id and not other.invented
    ]
    fees = {deal.customer: 0.0 for deal in (agreement, *beside)}
    for deal in (agreement, *beside):
        fees[deal.customer] += full_fee(deal, as_of).usd_month
    table = pd.DataFrame({"customer": list(fees), "usd": list(fees.values())})
    table = table.sort_values("usd", ascending=False, ignore_index=True)
    return table.assign(share=table.usd / table.usd.sum() if table.usd.sum() else np.nan)
