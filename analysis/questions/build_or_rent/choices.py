"""One agreement's customer: the tables of leasing, building or renting, and of being left.

For a megawatt, in dollars. Worth and prices are assumed as multiples of the fee for a megawatt.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

import numpy as np
import pandas as pd

from analysis.contract.commitment import firm, headline
from analysis.contract.dates import DAYS_PER_YEAR
from analysis.contract.terms import Agreement
from analysis.contract.units import HOURS_PER_MONTH, MONTHS_PER_YEAR, power_usd_month
from analysis.models import planning
from analysis.models.customer import build, decline, exit, reserve
from analysis.models.customer.build import Need
from analysis.models.finance.demand import Demand, Gamma, Lognormal, Normal
from analysis.models.planning import BOUNDS, Bound, Place

USED = (
    *("capacity_mw", "capex_usd", "capex_usd_mw", "capex_usd_accelerator", "kw_per_accelerator"),
    *("pue", "power_usd_mwh", "fixed_share_year", "life_years", "residual_decay_year"),
    *("rate_year", "worth_to_fee", "build_delay_months", "on_demand_to_fee"),
    *("utilisation", "customer_mean_share", "customer_sd_share", "salvage_to_fee"),
    *("market_to_fee", "market_fall_year", "hardware_progress_year", "replacement_to_fee"),
    *("replacement_months", "switching_to_fee", "gross_margin", "revenue_usd_mw_year"),
    "flops_utilisation",
)
"""The assumptions that these tables use, by name."""
COMPARED = ("lease", "build", "lease while building")
CASES: dict[Bound, str] = {"low": "low capex", "value": "middle capex", "high": "high capex"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What is left of service on a day, in months: promised by the provider, and stated.

    The tables count whole months, the nearest.
    """

    firm: float
    stated: float

    @property
    def firm_months(self) -> int:
        """Whole months until the provider can have left."""
        return round(self.firm)

    @property
    def stated_months(self) -> int:
        """Whole months until the stated end."""
        return round(self.stated)

    @property
    def may_end_early(self) -> bool:
        """Whether the provider may leave before the stated end."""
        return self.firm_months < self.stated_months


def supply(agreement: Agreement, *, as_of: date) -> Supply:
    """Months of service left on a day: what the provider cannot take away by leaving, and all."""
    day = max(as_of, agreement.start)
    ends = (
        firm(agreement, as_of=day, party="provider").end,
        headline(agreement, as_of=day).end,
    )
    left = [max(0.0, (end - day).days * MONTHS_PER_YEAR / DAYS_PER_YEAR) for end in ends]
    return Supply(firm=min(left), stated=left[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """A customer of a place: the fee for a megawatt and month, the place, what is assumed.

    `left`: what is left of service, for which it plans.
    """

    place: Place
    mw: float
    capex_mw: dict[Bound, float]
    fee: float
    assumed: Mapping[tuple[str, Bound], float]
    left: Supply

    def of(self, name: str, bound: Bound = "value") -> float:
        """One assumption."""
        return self.assumed[name, bound]

    def ends(self, name: str) -> dict[Bound, float]:
        """One assumption from its low end to its high end."""
        return {bound: self.of(name, bound) for bound in BOUNDS}

    @property
    def rate_continuous(self) -> float:
        """The discount rate, compounded without pause."""
        return math.log1p(self.of("rate_year"))

    def opex(self, capex: Bound = "value") -> float:
        """Power and fixed cost of an own megawatt in a month."""
        pue = self.place.pue or self.of("pue")
        power = power_usd_month(1.0, self.of("power_usd_mwh"), pue)
        assert isinstance(power, float)
        return power + self.of("fixed_share_year") * self.capex_mw[capex] / MONTHS_PER_YEAR

    def need(
        self,
        *,
        capex: Bound = "value",
        worth: Bound = "value",
        delay: Bound = "value",
        on_demand: Bound = "value",
        used: Bound = "value",
    ) -> Need:
        """The choice over the whole months left of service, at one end of each assumption."""
        horizon = self.left.stated_months
        ready = min(int(self.of("build_delay_months", delay)), horizon)
        years = (horizon - ready) / MONTHS_PER_YEAR
        return Need(
            worth=self.of("worth_to_fee", worth) * self.fee,
            fee=self.fee,
            opex=self.opex(capex),
            capex=self.capex_mw[capex],
            delay_months=ready,
            horizon_months=horizon,
            rate_year=self.of("rate_year"),
            residual=self.capex_mw[capex] * math.exp(-self.of("residual_decay_year") * years),
            switching=self.of("switching_to_fee") * self.fee,
            on_demand=self.of("on_demand_to_fee", on_demand) * self.fee,
            utilisation=self.of("utilisation", used),
        )


def buyer(place: Place, fee_usd_month: float, plan: pd.DataFrame, *, left: Supply) -> Buyer | None:
    """The customer of a place.

    None where its megawatts or capex are not known, no fee is due or no whole month is left.
    """
    if place.mw is None or place.capex_usd is None or not fee_usd_month > 0:
        return None
    if not left.stated_months:
        return None
    mw = place.mw["value"]
    # small with small, large with large; sorted, as one capex over more megawatts costs less each
    each = sorted(place.capex_usd[bound] / place.mw[bound] for bound in BOUNDS)
    capex_mw = dict(zip(BOUNDS, each, strict=True))
    fee, assumed = fee_usd_month / mw, planning.values(plan)
    return Buyer(place=place, mw=mw, capex_mw=capex_mw, fee=fee, assumed=assumed, left=left)


def against_delay(who: Buyer) -> pd.DataFrame:
    """View 7: leasing, building and both by months until an own site is ready.

    Columns `delay_months, way, npv_usd`.
    """
    table = build.against_delay(who.need())
    table = table[table.way.isin(COMPARED)]
    return table.rename(columns={"npv": "npv_usd"}).reset_index(drop=True)


def longest_delays(who: Buyer) -> pd.DataFrame:
    """The longest delay at which building is worth a lease: `worth, capex, months`.

    Over what capacity is worth and what a site costs; `nan` where building never is.
    """
    table = [
        (worth, capex, build.longest_delay(who.need(capex=capex, worth=worth)))
        for worth in BOUNDS
        for capex in BOUNDS
    ]
    found = pd.DataFrame(table, columns=["worth", "capex", "months"])
    return found.assign(months=found.months.astype(float))


def break_even_fees(who: Buyer) -> pd.DataFrame:
    """The fee at which leasing is worth building: `case, delay_months, usd`, for a megawatt.

    At the middle of what capacity is worth; `ranges.even_fees` has all of it.
    """
    table = []
    for bound, case in CASES.items():
        need = who.need(capex=bound)
        for delay in range(need.horizon_months + 1):
            fee = build.break_even_fee(replace(need, delay_months=delay))
            table.append((case, delay, fee))
    return pd.DataFrame(table, columns=["case", "delay_months", "usd"])


def speed(who: Buyer) -> pd.DataFrame:
    """What a lease brings before an own site is ready, for each worth of capacity.

    Columns `worth_to_fee, delay_months, usd, last_month_usd`: the last is what the last month of
    delay costs whoever builds.
    """
    table = []
    for worth in BOUNDS:
        need, of_fee = who.need(worth=worth), who.of("worth_to_fee", worth)
        for delay in range(need.horizon_months + 1):
            late = replace(need, delay_months=delay)
            table.append((of_fee, delay, build.value_of_speed(late), build.cost_of_delay(late)))
    columns = ["worth_to_fee", "delay_months", "usd", "last_month_usd"]
    return pd.DataFrame(table, columns=columns).drop_duplicates(ignore_index=True)


def reserving(who: Buyer, *, points: int = 61) -> pd.DataFrame:
    """Mean cost of a month by megawatts reserved: `quantity_mw, usd_month, best`.

    Demand is normal, what is missing is rented on demand, what is idle sold at short notice.
    """
    demand = Normal(
        mean=who.of("customer_mean_share") * who.mw, sd=who.of("customer_sd_share") * who.mw
    )
    price = who.of("on_demand_to_fee") * who.fee
    resale = who.of("salvage_to_fee") * who.fee
    found = reserve.reserve_quantity(demand, fee=who.fee, on_demand=price, resale=resale)
    quantities = sorted({*np.linspace(0, 2 * demand.mean, points).tolist(), found})
    costs = [
        reserve.reserve_cost(q, demand, fee=who.fee, on_demand=price, resale=resale)
        for q in quantities
    ]
    table = pd.DataFrame({"quantity_mw": quantities, "usd_month": costs})
    return table.assign(best=table.quantity_mw == found)


def reserve_by_shape(who: Buyer) -> pd.DataFrame:
    """The quantity to reserve by shape of demand, at one mean and spread: `shape, quantity_mw`."""
    ends = {
        "mean": who.of("customer_mean_share") * who.mw,
        "sd": who.of("customer_sd_share") * who.mw,
    }
    demands: dict[str, Demand] = {
        "normal": Normal(**ends),
        "lognormal": Lognormal(**ends),
        "gamma": Gamma(**ends),
    }
    prices = {
        "fee": who.fee,
        "on_demand": who.of("on_demand_to_fee") * who.fee,
        "resale": who.of("salvage_to_fee") * who.fee,
    }
    table = [(shape, reserve.reserve_quantity(d, **prices)) for shape, d in demands.items()]
    return pd.DataFrame(table, columns=["shape", "quantity_mw"])


def online(who: Buyer, *, blocks: int, reserve_months: int, months: int, seed: int) -> pd.DataFrame:
    """Mean cost of a month on one path of demand, by how capacity is reserved: `way, usd`.

    Demand is drawn anew each month from the same normal as above, in whole blocks; what is idle is
    not sold. "as demand shows" reserves a block at a time for `reserve_months`, at the fee for all
    of them (`reserve.reserve_online`).
    """
    mean, sd = (who.of(f"customer_{name}_share") * blocks for name in ("mean", "sd"))
    drawn = np.random.default_rng(seed).normal(mean, sd, months)
    usage = np.clip(np.rint(drawn), 0, None).astype(int)
    price, size = who.of("on_demand_to_fee") * who.fee, who.mw / blocks
    rule = reserve.reserve_online(
        usage.tolist(),
        on_demand=price * size,
        upfront=who.fee * size * reserve_months,
        discount=0.0,
        period=reserve_months,
    )
    held = reserving(who, points=2).query("best").quantity_mw.iloc[0]
    missing = np.maximum(usage * size - held, 0)
    costs = {
        "as demand shows": float(rule.usd.mean()),
        "all on demand": float(price * size * usage.mean()),
        "reserved throughout": float(who.fee * held + price * missing.mean()),
    }
    return pd.DataFrame({"way": list(costs), "usd": list(costs.values())})


def renting(who: Buyer) -> pd.DataFrame:
    """Renting on demand against leasing, from the least price of renting to the greatest.

    Columns `bound, to_fee, even_utilisation, more_usd`: the price in fees, the utilisation above
    which a lease is cheaper, and what renting a megawatt to the horizon costs more than leasing.
    """
    table = []
    for bound in BOUNDS:
        need = who.need(on_demand=bound)
        assert need.on_demand is not None
        even = build.reserve_from_utilisation(fee=need.fee, on_demand=need.on_demand)
        more = build.lease_npv(need) - build.rent_npv(need)
        table.append((bound, who.of("on_demand_to_fee", bound), even, more))
    return pd.DataFrame(table, columns=["bound", "to_fee", "even_utilisation", "more_usd"])


def market(who: Buyer, *, months: int) -> pd.DataFrame:
    """The fee against a falling price for the same capacity: `month, price, usd`.

    Prices: "fee", "rental market" (its assumed fall) and "hardware progress" (what a dollar buys).
    """
    start = who.of("market_to_fee") * who.fee
    falls = falling(who)
    ahead = np.arange(months + 1)
    prices = {"fee": np.full(months + 1, who.fee)} | {
        name: start * np.exp(-fall * ahead / MONTHS_PER_YEAR) for name, fall in falls.items()
    }
    tables = [
        pd.DataFrame({"month": ahead, "price": name, "usd": usd}) for name, usd in prices.items()
    ]
    return pd.concat(tables, ignore_index=True)


def falling(who: Buyer) -> dict[str, float]:
    """How fast the price of the same capacity falls, two ways."""
    return {
        "rental market": who.of("market_fall_year"),
        "hardware progress": decline.fall_from_progress(who.of("hardware_progress_year")),
    }


def fair_fees(who: Buyer, *, months: int) -> pd.DataFrame:
    """What a fixed fee should be if prices fall: `price, fair_usd, overpaid_usd, end_ratio`.

    From each end of the market price today. For a megawatt: the fair fee of a month, what is
    overpaid over the months, and the fee as a multiple of the price at the end.
    """
    years, table = months / MONTHS_PER_YEAR, []
    columns = ["price", "fair_usd", "overpaid_usd", "end_ratio"]
    if not months:
        return pd.DataFrame(columns=columns)
    starts = who.ends("market_to_fee").values()
    for (name, fall), start in product(falling(who).items(), starts):
        terms = {"price": start * who.fee, "fall": fall, "years": years}
        fair = decline.fair_fee(**terms, rate=who.rate_continuous)
        over = decline.overpayment(fee=who.fee, **terms, rate=who.rate_continuous)
        end = decline.end_ratio(fee=who.fee, **terms)
        table.append((name, fair, over * MONTHS_PER_YEAR, end))
    return pd.DataFrame(table, columns=columns).drop_duplicates(ignore_index=True)


def own_cost(who: Buyer, capex: Bound = "value") -> float:
    """What an own megawatt costs in a year: capex spread over its life, power and fixed cost."""
    spread = decline.discounted_years(who.rate_continuous, who.of("life_years"))
    return who.capex_mw[capex] / spread + MONTHS_PER_YEAR * who.opex(capex)


def buying(who: Buyer, *, years: Sequence[float]) -> pd.DataFrame:
    """Worth of all cost if one leases for so long and then buys: `case, years, usd, best`.

    The best time is added to the years asked for where there is one; hardware gets cheaper.
    """
    fall, tables = falling(who)["hardware progress"], []
    for bound, case in CASES.items():
        terms = {
            "fee": who.fee * MONTHS_PER_YEAR,
            "own_cost": own_cost(who, bound),
            "fall": fall,
            "rate": who.rate_continuous,
        }
        best = decline.buy_after_years(**terms)
        when = sorted({*years, *([best] if best < math.inf else [])})
        usd = [decline.cost_of_buying_after(year, **terms) for year in when]
        table = pd.DataFrame({"case": case, "years": when, "usd": usd})
        tables.append(table.assign(best=table.years == best))
    return pd.concat(tables, ignore_index=True)


def seen_from(agreement: Agreement, as_of: date) -> date:
    """The day from which a page plans: the start of service where nothing is left on a day."""
    return as_of if as_of < headline(agreement, as_of=as_of).end else agreement.start


def left_behind(
    who: Buyer, left: Supply, *, replacement: Bound, worth: Bound = "value"
) -> pd.DataFrame:
    """The parts of what the provider's exit costs: `part, usd, replacement_months`, a megawatt."""
    months = int(who.of("replacement_months", replacement))
    found = exit.loss_when_provider_leaves(
        worth=who.of("worth_to_fee", worth) * who.fee,
        fee=who.fee,
        replacement_fee=who.of("replacement_to_fee") * who.fee,
        notice_months=left.firm_months,
        replacement_months=months,
        horizon_months=left.stated_months,
        switching=who.of("switching_to_fee") * who.fee,
        rate_year=who.of("rate_year"),
    )
    return found.assign(replacement_months=months)


def loss(who: Buyer, left: Supply) -> pd.DataFrame:
    """What it costs if the provider gives notice as soon as it may, by a replacement's months.

    Columns `replacement_months, part, usd`, for a megawatt. Nothing where it cannot leave early.
    """
    bounds = BOUNDS if left.may_end_early else ()
    tables = [left_behind(who, left, replacement=bound) for bound in bounds]
    columns = ["replacement_months", "part", "usd"]
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
    return table[columns]


def revenue(who: Buyer) -> pd.DataFrame:
    """Revenue of a megawatt and year, needed and assumed: `what, low, value, high` in dollars."""
    year = who.fee * MONTHS_PER_YEAR
    needed = {
        bound: exit.required_revenue(year, gross_margin=who.of("gross_margin", bound))
        for bound in BOUNDS
    }
    assumed = {bound: who.of("revenue_usd_mw_year", bound) for bound in BOUNDS}
    table = pd.DataFrame([needed, assumed])
    return table.assign(what=["needed for the margin", "assumed of a lab"])


def covered(who: Buyer) -> dict[Bound, float]:
    """Revenue of a megawatt as assumed ÷ its fee."""
    year = who.fee * MONTHS_PER_YEAR
    return {
        bound: exit.revenue_coverage(who.of("revenue_usd_mw_year", bound), fee=year)
        for bound in BOUNDS
    }


def useful_hours(who: Buyer) -> float:
    """Hours of an accelerator at peak that a dollar buys; `nan` where none are counted.

    Accelerators as they are, of mixed kinds: no H100-equivalents.
    """
    if not who.place.accelerators:
        return math.nan
    return exit.compute_per_dollar(
        who.place.accelerators,
        fee_usd_month=who.fee * who.mw,
        hours_month=HOURS_PER_MONTH,
        flops_utilisation=who.of("flops_utilisation"),
    )
