"""Does the lease pay for the site: fees stated and committed against capex and debt.

Tables go over the cases of capex (`sites`), the undisclosed discounts and the interpretations.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from analysis.contract import readings as interpretations
from analysis.contract.fields import Party
from analysis.contract.position import Position
from analysis.contract.terms import HEADLINE
from analysis.models.finance import value
from analysis.models.finance.value import Life, break_even_hazard
from analysis.models.planning import Plan, whole_months
from analysis.models.provider import site
from analysis.models.provider.site import Fees, Loan, Site, monthly_fees
from analysis.models.units import MONTHS_PER_YEAR

USE = "base"
DISCOUNTS: dict[str, Literal["use", "low", "high"]] = {USE: "use", "low": "low", "high": "high"}


class FeesByMonth(NamedTuple):
    """Fees by month under one interpretation: all that are stated, and those committed."""

    stated: Fees
    firm: Fees


Cases = Mapping[str, Site]
ByDiscount = Mapping[str, Mapping[str, FeesByMonth]]
"""By the undisclosed discounts (`base`, `low`, `high`), then by interpretation."""


def fees_by_discount(found: Position) -> ByDiscount:
    """Fees by discount and interpretation; the ends of discounts if they matter.

    Stated by what is signed by the day, and committed when service began.
    """
    fees: dict[str, dict[str, FeesByMonth]] = {discount: {} for discount in DISCOUNTS}
    for name in dict.fromkeys([*interpretations.names(found), HEADLINE, found.reading]):
        read = found.under(name)
        for discount, bound in DISCOUNTS.items():
            each, start = read.resolved_at(bound), read.read.start
            fees[discount][name] = FeesByMonth(
                monthly_fees(each.on(max(each.as_of, start)).schedule.whole),
                monthly_fees(each.on(start).firm().charges),
            )
    return fees if fees["low"] != fees["high"] else {USE: fees[USE]}


def served_months(found: Position) -> int:
    """Calendar months of service that are over on the day, a part of a month counted as one."""
    start, ended = found.agreement.start, found.as_of >= found.end
    last = found.end - timedelta(days=1) if ended else found.as_of
    return max(0, (last.year - start.year) * MONTHS_PER_YEAR + last.month - start.month + ended)


def notice_months(found: Position, party: Party) -> int | None:
    """A party's notice in whole months; None without a right."""
    right, start = found.right(party), found.read.start
    return whole_months((right[0].ends(start) - start).days) if right else None


def gate_months(found: Position, party: Party, since: date | None = None) -> int:
    """Whole months from a day (default: the position's) until a party may first serve notice."""
    if not (right := found.right(party)):
        return 0
    held, opens = right
    start = found.read.start
    ahead = whole_months((held.ends(start) - start).days)
    ahead = ahead if held.gate_applies == "effect" else 0
    return max(0, whole_months((opens - max(since or found.as_of, start)).days) - ahead)


def coverage(
    sites: Cases, fees: ByDiscount, plan: Plan, *, readings: Sequence[str]
) -> pd.DataFrame:
    """What the fees do for the site: a row for each `discount`, `case` and `reading`.

    If nobody leaves; how long the customer must stay (`break_even`); and by what is committed
    (`firm`). Returns and hazards count the residual value; debt does not.
    """
    rows = []
    for (discount, by_reading), (case, place) in product(fees.items(), sites.items()):
        term = max(len(each.stated) for each in by_reading.values())
        lent = site.loan(place, plan, term=term)
        every = {each.stated for each in by_reading.values()}  # most readings state the same
        stays = {stated: _if_it_stays(place, stated, plan, lent) for stated in every}
        for reading in readings:
            each = by_reading[reading]
            left = _if_it_leaves(place, each, plan, lent)
            head = {"case": case, "discount": discount, "reading": reading, "term_months": term}
            rows.append(head | stays[each.stated] | left)
    return pd.DataFrame(rows)


def _if_it_stays(place: Site, fees: Fees, plan: Plan, lent: Loan) -> dict[str, float]:
    net, flows = site.cash(place, fees), site.flows(place, fees)
    return {
        "capex_usd": place.capex_usd,
        "npv_usd": site.npv_usd(flows, rate_year=plan.rate_year),
        "payback_months": value.payback(flows),
        "irr_rate": site.irr_year(flows),
        "least_dscr_times": float(site.coverage_ratios(net, lent).min()),
        "llcr_times": site.loan_life_coverage(net, lent),
        "stated_months": len(net),
    }


def _if_it_leaves(place: Site, fees: FeesByMonth, plan: Plan, lent: Loan) -> dict[str, float]:
    capex_usd, rate = place.capex_usd, plan.rate_year
    net, firm_net = (site.cash(place, usd) for usd in fees)
    leaves = site.flows(place, fees.firm)
    firm_usd, months, firm_months = math.fsum(fees.firm), len(net), len(firm_net)
    resale = [place.residual_usd(month) for month in range(months + 1)]
    hazard = break_even_hazard(
        net, capex_usd=capex_usd, firm_months=firm_months, rate_year=rate, resale_usd=resale
    )
    chance = 0.0 if math.isnan(hazard) else hazard
    life = Life(term_months=months, gate_months=0, notice_months=firm_months, chance_month=chance)
    capacity_usd = site.debt_capacity(firm_net, plan)
    return {
        "break_even_hazard_rate": hazard,
        "break_even_months": hazard if math.isnan(hazard) else life.expected_months,
        "firm_months": firm_months,
        "firm_usd": firm_usd,
        "firm_share": firm_usd / capex_usd,
        "firm_npv_usd": site.npv_usd(leaves, rate_year=rate),
        "firm_irr_rate": site.irr_year(leaves),
        "firm_llcr_times": site.loan_life_coverage(firm_net, lent),
        "debt_capacity_usd": capacity_usd,
        "debt_share": capacity_usd / capex_usd,
    }


def limited(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of `coverage` that commit less than the whole term; all where there is none."""
    less = table[table.firm_months < table.term_months]
    return less if len(less) else table


def ends(table: pd.DataFrame, by: str, column: str) -> pd.DataFrame:
    """Least, middle at the discounts in use, and greatest of a column, by `by`; without `nan`."""
    known = table.dropna(subset=[column])
    known = known.assign(used=known[column].where(known.discount == USE))
    groups = known.groupby(by, sort=False, as_index=False)
    return groups.agg(low=(column, "min"), value=("used", "median"), high=(column, "max"))


def over(
    sites: Cases, fees: Mapping[str, Fees], rule: Callable[[Site, Fees], pd.DataFrame]
) -> pd.DataFrame:
    """A rule's table for each `discount` of the fees and `case`."""
    tables = [
        rule(place, usd).assign(case=case, discount=discount)
        for (discount, usd), (case, place) in product(fees.items(), sites.items())
    ]
    return pd.concat(tables, ignore_index=True)


def exposed(rows: pd.DataFrame) -> pd.DataFrame:
    """Of `site.uncovered`: the debt uncovered at first, and for how many months some is."""
    months = (rows.month + 1).where(rows.uncovered_usd > 0, 0)
    found = rows.assign(exposed_months=months).groupby(["case", "discount"], sort=False)
    return found.agg({"uncovered_usd": "first", "exposed_months": "max"}).reset_index()


def leased(sites: Cases, fees: Fees, plan: Plan, *, fee_usd_month: float) -> pd.DataFrame:
    """Share of the site to lease at the contract rate to pay cost and debt: `case, share`."""
    shares = []
    for place in sites.values():
        lent = site.loan(place, plan, term=len(fees))
        shares.append(site.break_even_utilisation(place, lent, fee_usd_month=fee_usd_month))
    return pd.DataFrame({"case": list(sites), "share": shares})


def paid_back(sites: Cases, fees: Fees) -> pd.DataFrame:
    """Cash added up, capex at 0, without a residual value: `case, month, usd`."""

    def rule(place: Site, usd: Fees) -> pd.DataFrame:
        added = np.cumsum([-place.capex_usd, *site.cash(place, usd)])
        return pd.DataFrame({"month": range(len(added)), "usd": added})

    return over(sites, {USE: fees}, rule)[["case", "month", "usd"]]


def npvs(
    sites: Cases, fees: Mapping[str, FeesByMonth], *, rates_year: Iterable[float]
) -> pd.DataFrame:
    """Net present value if nobody leaves, and if the customer does as early as it may."""
    rows = []
    for (reading, each), (case, place) in product(fees.items(), sites.items()):
        flows = [site.flows(place, usd) for usd in each]
        for rate in rates_year:
            worth = (site.npv_usd(usd, rate_year=rate) for usd in flows)
            rows.append((reading, case, rate, place.capex_usd, math.fsum(each.firm), *worth))
    columns = ["reading", "case", "discount_rate", "capex_usd", "fees_usd"]
    return pd.DataFrame(rows, columns=[*columns, "stays_usd", "leaves_usd"])
