"""A customer's options for a megawatt, over the low end, the value and the high end of assumptions.

In dollars a megawatt. What capacity is worth and what it costs elsewhere are multiples of the fee.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import pandas as pd

from analysis.contract import Position
from analysis.contract.dates import DAYS_PER_YEAR, MONTHS_PER_YEAR
from analysis.contract.served import served_until
from analysis.models import errors
from analysis.models.customer import need as formulas
from analysis.models.customer.need import Need
from analysis.models.finance.demand import Gamma, Lognormal, Normal
from analysis.models.planning import BOUNDS, Bound, Place, Plan
from analysis.models.units import power_usd_month

USED = (
    *("capacity_mw", "capex_usd", "capex_usd_mw", "capex_usd_accelerator", "kw_per_accelerator"),
    *("pue", "power_usd_mwh", "fixed_share_year", "life_years", "residual_decay_year"),
    *("rate_year", "worth_to_fee", "build_delay_months", "on_demand_to_fee"),
    *("utilisation", "customer_mean_share", "customer_sd_share", "salvage_to_fee"),
    *("market_to_fee", "market_fall_year", "hardware_progress_year", "replacement_to_fee"),
    *("replacement_months", "switching_to_fee", "gross_margin", "revenue_usd_mw_year"),
)
"""The assumptions that these tables use, by name."""
SHAPES = (Normal, Lognormal, Gamma)
VARIED = ("worth", "capex", "delay", "on_demand", "used")
STAYS = "stays"  # how long the provider stays, beside what `Buyer.need` varies


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Months of service left: `firm` if the provider leaves early, and `stated`; planned whole."""

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


def supply(found: Position) -> Supply:
    """Months of service left on the position's day, or from the start."""
    then = found.on(max(found.as_of, found.read.start))
    ends = then.firm("provider").end, served_until(then.read, then.as_of)
    left = [max(0.0, (end - then.as_of).days * MONTHS_PER_YEAR / DAYS_PER_YEAR) for end in ends]
    return Supply(firm=min(left), stated=left[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """A customer of a place: megawatts, capex and fee of one, what is assumed and what is left."""

    place: Place
    mw: float
    capex_mw: dict[Bound, float]
    fee: float
    plan: Plan
    left: Supply

    @property
    def rate(self) -> float:
        """The discount rate, compounded continuously."""
        return math.log1p(self.plan.rate_year)

    def opex(self, capex: Bound = "value") -> float:
        """Power and fixed cost of an own megawatt in a month."""
        power = power_usd_month(1.0, self.plan.power_usd_mwh, self.place.pue or self.plan.pue)
        return power + self.plan.fixed_share_year * self.capex_mw[capex] / MONTHS_PER_YEAR

    def need(self, **ends: Bound) -> Need:
        """The choice over the whole months left, at one end of what is VARIED, else as planned."""
        at = {name: self.plan.at[ends.get(name, "value")] for name in VARIED}
        capex, horizon = ends.get("capex", "value"), self.left.stated_months
        ready = min(int(at["delay"].build_delay_months), horizon)
        years = (horizon - ready) / MONTHS_PER_YEAR
        return Need(
            worth=at["worth"].worth_to_fee * self.fee,
            fee=self.fee,
            opex=self.opex(capex),
            capex=self.capex_mw[capex],
            delay_months=ready,
            horizon_months=horizon,
            rate_year=self.plan.rate_year,
            residual=self.capex_mw[capex] * math.exp(-self.plan.residual_decay_year * years),
            switching=self.plan.switching_to_fee * self.fee,
            on_demand=at["on_demand"].on_demand_to_fee * self.fee,
            utilisation=at["used"].utilisation,
        )

    def cases(self) -> list[tuple[Bound, Bound, Need]]:
        """Each worth with each capex, as planned: `worth, capex, need`."""
        return [(w, c, self.need(worth=w, capex=c)) for w, c in product(BOUNDS, BOUNDS)]


def buyer(place: Place, fee_usd_month: float, plan: Plan, *, left: Supply) -> Buyer | None:
    """The customer of a place; None without megawatts, capex, fee or a whole month left."""
    if not (place.known and fee_usd_month > 0 and left.stated_months):
        return None
    # small with small, large with large; sorted, as one capex over more megawatts costs less each
    each = sorted(place.capex_usd[bound] / place.mw[bound] for bound in BOUNDS)
    return Buyer(
        place=place,
        mw=place.mw["value"],
        capex_mw=dict(zip(BOUNDS, each, strict=True)),
        fee=fee_usd_month / place.mw["value"],
        plan=plan,
        left=left,
    )


def ranked(need: Need) -> list[tuple[str, float]]:
    """Every option with its NPV, the best first; of equals, the first."""
    return sorted(need.options.items(), key=lambda each: -each[1])


def decisions(who: Buyer, delays: Iterable[int] = ()) -> pd.DataFrame:
    """The best option by worth, capex and months to build (default: as planned), and all others."""
    rows = []
    for worth, capex, need in who.cases():
        for delay in sorted({*delays, need.delay_months}):
            npv = ranked(replace(need, delay_months=delay))
            (best, usd), (second, less), *_ = npv
            given = {"worth": worth, "capex": capex, "delay_months": delay}
            values = {"worth_to_fee": who.plan.at[worth].worth_to_fee, "capex_usd": need.capex}
            found = {"best": best, "best_usd": usd, "next": second, "ahead_usd": usd - less}
            rows.append(given | values | found | dict(npv))
    return pd.DataFrame(rows)


def options(who: Buyer) -> pd.DataFrame:
    """NPV of every option over worth and capex: `option, low_usd, value_usd, high_usd`."""
    npv = pd.DataFrame([need.options for *_, need in who.cases()])
    return _ends(npv, "usd").rename_axis("option").reset_index()


def _ends(cases: pd.DataFrame, unit: str) -> pd.DataFrame:
    """The least, the middle one and the greatest of each column, a row a case of `Buyer.cases`."""
    ends = {"low": cases.min(), "value": cases.iloc[len(cases) // 2], "high": cases.max()}
    return pd.DataFrame({f"{end}_{unit}": found for end, found in ends.items()})


def turns(who: Buyer) -> pd.DataFrame:
    """The best option with one assumption at an end of its range, all others at their value.

    `varied, end, at, option, value_usd, ahead_usd`: what is varied and where to, the best option
    then, and by how much it is ahead of the one that is best otherwise. Last the lease is no longer
    than the provider must stay, if that is shorter.
    """
    asked = [(name, end, who.need(**{name: end})) for name in VARIED for end in BOUNDS[::2]]
    if who.left.firm_months < who.left.stated_months:
        asked.append((STAYS, "low", replace(who.need(), lease_months=who.left.firm_months)))
    usual, rows = ranked(who.need())[0][0], []
    for name, end, need in asked:
        at = {
            "worth": need.worth / who.fee,
            "capex": need.capex,
            "delay": float(need.delay_months),
            "on_demand": need.on_demand / who.fee,
            "used": need.utilisation,
            STAYS: who.left.firm,
        }
        option, usd = ranked(need)[0]
        rows.append((name, end, at[name], option, usd, usd - need.options[usual]))
    return pd.DataFrame(rows, columns=["varied", "end", "at", "option", "value_usd", "ahead_usd"])


def longest_delays(who: Buyer) -> pd.DataFrame:
    """The longest build time at which building is worth a lease; `nan` if none."""
    rows = [(worth, capex, need.longest_delay) for worth, capex, need in who.cases()]
    return pd.DataFrame(rows, columns=["worth", "capex", "months"])


def break_even_fees(who: Buyer) -> pd.DataFrame:
    """The fee at which leasing is as good as building, by build time, over worth and capex."""
    delays = range(who.left.stated_months + 1)
    fees = pd.DataFrame(
        [replace(need, delay_months=delay).break_even_fee for delay in delays]
        for *_, need in who.cases()
    )
    return _ends(fees, "usd_month").rename_axis("delay_months").reset_index()


def speed(who: Buyer) -> pd.DataFrame:
    """What a lease brings until an own site is ready, and what the last month of building costs."""
    needs = [(at.worth_to_fee, who.need(worth=bound)) for bound, at in who.plan.at.items()]
    rows = [(worth, need.speed, need.cost_of_delay) for worth, need in needs]
    found = pd.DataFrame(rows, columns=["worth_to_fee", "usd", "last_month_usd"])
    return found.drop_duplicates(ignore_index=True)


def reserving(who: Buyer) -> pd.DataFrame:
    """How much to reserve by shape of demand, and the mean cost of a month so and with nothing."""
    plan, rows = who.plan, []
    shares = {"mean": plan.customer_mean_share, "sd": plan.customer_sd_share}
    to_fee = {"fee": 1.0, "on_demand": plan.on_demand_to_fee, "resale": plan.salvage_to_fee}
    prices = {name: times * who.fee for name, times in to_fee.items()}
    for shape in SHAPES:
        own = shape(**{name: share * who.mw for name, share in shares.items()})
        best = formulas.reserve_quantity(own, **prices)
        costs = [formulas.reserve_cost(quantity, own, **prices) for quantity in (best, 0.0)]
        rows.append((shape.__name__.lower(), best, *costs))
    return pd.DataFrame(rows, columns=["shape", "reserved_mw", "usd_month", "unreserved_usd_month"])


def renting(who: Buyer) -> pd.DataFrame:
    """Renting over its price: above `even_share` of hours a lease is cheaper."""
    needs = [(at.on_demand_to_fee, who.need(on_demand=end)) for end, at in who.plan.at.items()]
    rows = [(to_fee, need.fee / need.on_demand, need.lease - need.rent) for to_fee, need in needs]
    return pd.DataFrame(rows, columns=["to_fee", "even_share", "more_usd"])


def falling(who: Buyer) -> dict[str, float]:
    """How fast the price of the same capacity falls in a year, two ways.

    Hardware progress is how much more compute a dollar buys each year.
    """
    errors.rate(hardware_progress_year=who.plan.hardware_progress_year)
    progress = math.log1p(who.plan.hardware_progress_year)
    return {"rental market": who.plan.market_fall_year, "hardware progress": progress}


def fair_fees(who: Buyer, *, months: int) -> pd.DataFrame:
    """What a fixed fee should be if prices fall, from each end of the market price today.

    overpaid_usd: worth of the fee less that of the market price; end_ratio: fee ÷ price at the end.
    """
    rows, years = [], months / MONTHS_PER_YEAR
    for (name, fall), at in product(falling(who).items(), who.plan.at.values() if months else ()):
        price = at.market_to_fee * who.fee
        fair = formulas.fair_fee(price=price, fall=fall, years=years, rate=who.rate)
        over = (who.fee - fair) * formulas.discounted_years(who.rate, years) * MONTHS_PER_YEAR
        end = who.fee / (price * math.exp(-fall * years))
        rows.append((name, at.market_to_fee, fair, over, end))
    columns = ["price", "market_to_fee", "fair_usd_month", "overpaid_usd", "end_ratio"]
    return pd.DataFrame(rows, columns=columns).drop_duplicates(ignore_index=True)


def buying(who: Buyer, *, years: Sequence[float]) -> pd.DataFrame:
    """Present cost of leasing for so long, or until the best time, and then owning for ever."""
    case = {"fee": who.fee * MONTHS_PER_YEAR, "fall": falling(who)["hardware progress"]}
    case |= {"rate": who.rate}
    spread, rows = formulas.discounted_years(who.rate, who.plan.life_years), []
    for bound in BOUNDS:
        own = who.capex_mw[bound] / spread + MONTHS_PER_YEAR * who.opex(bound)
        best = formulas.buy_after_years(own_cost=own, **case)
        for year in sorted({*years, *([best] if best < math.inf else [])}):
            usd = formulas.cost_of_buying_after(year, own_cost=own, **case)
            rows.append((bound, year, usd, year == best))
    return pd.DataFrame(rows, columns=["capex", "years", "usd", "best"])


def losses(who: Buyer, left: Supply) -> pd.DataFrame:
    """What a provider's notice, given at the earliest, costs, over worth and replacement time."""
    rows, ends = [], who.plan.at.values()
    for worth, slow in product(ends, ends) if left.firm_months < left.stated_months else ():
        asked = {"delay_months": 0, "horizon_months": left.stated_months}
        need = replace(who.need(), worth=worth.worth_to_fee * who.fee, **asked)
        parts = need.loss_when_provider_leaves(
            notice_months=left.firm_months,
            replacement_months=int(slow.replacement_months),
            replacement_fee=who.plan.replacement_to_fee * who.fee,
        )
        loss = sum(parts)
        rows.append((worth.worth_to_fee, int(slow.replacement_months), *parts, loss, loss * who.mw))
    usd = ["gap_usd", "dearer_usd", "switching_usd", "usd", "all_usd"]
    found = pd.DataFrame(rows, columns=["worth_to_fee", "replacement_months", *usd])
    return found.drop_duplicates(ignore_index=True)


def revenue(who: Buyer) -> pd.DataFrame:
    """Revenue of a megawatt and year that the fee asks for, and that is assumed."""
    at = list(who.plan.at.values())
    if dear := [end.gross_margin for end in at if not end.gross_margin < 1]:
        raise errors.refused("gross_margin", dear[0], "below 1")
    rows = {
        "needed for the margin": [who.fee * MONTHS_PER_YEAR / (1 - end.gross_margin) for end in at],
        "assumed of a lab": [end.revenue_usd_mw_year for end in at],
    }
    found = pd.DataFrame(rows, index=["low_usd", "value_usd", "high_usd"]).T
    return found.reset_index(names="revenue")


def covered(who: Buyer) -> dict[Bound, float]:
    """Revenue of a megawatt as assumed ÷ its fee."""
    year = who.fee * MONTHS_PER_YEAR
    return {bound: at.revenue_usd_mw_year / year for bound, at in who.plan.at.items()}
