"""Does the lease pay for the site: promises against capex, reading by reading (view 5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from analysis.contract import rights, schedule
from analysis.contract.commitment import firm
from analysis.contract.terms import Agreement, read_as
from analysis.models.finance import value
from analysis.models.finance.life import Life, break_even_hazard
from analysis.models.provider import debt, site
from analysis.models.provider.debt import Loan
from analysis.models.provider.fees import Fees, monthly_fees
from analysis.models.provider.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Fees by month under one reading: all that are stated, and those that are firm."""

    stated: Fees
    firm: Fees


def firm_revenue(agreement: Agreement, *, as_of: date | None = None) -> pd.Series:
    """What the provider is sure to receive, by day due, although the customer may leave."""
    return value.flows(firm(agreement, as_of=as_of, party="customer").rows, party="provider")


def promise(agreement: Agreement, *, scope: str, as_of: date | None = None) -> Promise:
    """Fees by month: stated, with what is signed by a day (default: the start), and firm.

    Firm is what was promised when service began.
    """
    stated = schedule.rows(
        rights.in_term(agreement, max(as_of or agreement.start, agreement.start))
    )
    return Promise(
        stated=monthly_fees(stated, scope=scope),
        firm=monthly_fees(firm(agreement).rows, scope=scope),
    )


def promises(agreement: Agreement, *, scope: str, as_of: date | None = None) -> dict[str, Promise]:
    """`promise` of every reading; `scope` says what fees pay for, by its key in the terms.

    >>> {name: len(found.firm.usd) for name, found in promises(deal, scope="site").items()}
    {'headline': 26, 'as-written': 3}
    """
    return {
        name: promise(read_as(agreement, name), scope=scope, as_of=as_of)
        for name in agreement.readings
    }


def coverage(
    sites: Sequence[Site],
    found: Mapping[str, Promise],
    *,
    rate_year: float,
    rate_nominal_year: float,
    loan_to_cost: float,
    loan_months: int,
    target_coverage: float,
) -> pd.DataFrame:
    """What each reading's fees do for each site: a row for each of both.

    If nobody leaves: `npv_usd, payback_months, irr_year, least_coverage, loan_life_coverage` (the
    last two of a loan of `loan_to_cost` × capex). How long the customer must stay:
    `break_even_hazard` a month and `break_even_months` of expected life at it. What is promised
    alone: `firm_months` of `stated_months`, `firm_usd, firm_to_capex, firm_npv_usd, firm_irr_year,
    firm_loan_life_coverage, debt_capacity_usd, debt_to_capex`. Returns and hazards count the
    site's resale value when service ends; debt does not.
    """
    table = []
    for place in sites:
        loan = Loan(
            usd=loan_to_cost * place.capex_usd,
            rate_nominal_year=rate_nominal_year,
            months=loan_months,
        )
        for reading, promise in found.items():
            net, firm_net = (site.cash(place, fees) for fees in (promise.stated, promise.firm))
            stays, leaves = (
                site.returns(site.flows(place, fees), rate_year=rate_year)
                for fees in (promise.stated, promise.firm)
            )
            months = len(firm_net)
            hazard = break_even_hazard(
                net,
                capex_usd=place.capex_usd,
                firm_months=months,
                rate_year=rate_year,
                resale_usd=[place.residual_usd(month) for month in range(len(net) + 1)],
            )
            capacity = debt.debt_capacity(
                firm_net, rate_nominal_year=rate_nominal_year, target_coverage=target_coverage
            )
            table.append(
                {
                    "scope": place.scope,
                    "capex_usd": place.capex_usd,
                    "reading": reading,
                    "npv_usd": stays.npv_usd,
                    "payback_months": stays.payback_months,
                    "irr_year": stays.irr_year,
                    "least_coverage": float(debt.coverage_ratios(net, loan).min()),
                    "loan_life_coverage": debt.loan_life_coverage(net, loan),
                    "firm_loan_life_coverage": debt.loan_life_coverage(firm_net, loan),
                    "break_even_hazard": hazard,
                    "break_even_months": _expected_life(len(net), months, hazard),
                    "firm_months": months,
                    "stated_months": len(net),
                    "firm_usd": promise.firm.total_usd,
                    "firm_to_capex": promise.firm.total_usd / place.capex_usd,
                    "firm_npv_usd": leaves.npv_usd,
                    "firm_irr_year": leaves.irr_year,
                    "debt_capacity_usd": capacity,
                    "debt_to_capex": capacity / place.capex_usd,
                }
            )
    return pd.DataFrame(table)


def _expected_life(months: int, firm_months: int, hazard: float) -> float:
    if hazard != hazard:
        return hazard
    return Life(
        term_months=months, gate_months=0, notice_months=firm_months, chance_month=hazard
    ).expected_months
