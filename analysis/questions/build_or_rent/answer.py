"""Lease, build, both or rent: what serves the customer best for a megawatt, and what decides it."""

import math
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from analysis.contract.served import served_until
from analysis.data import sources
from analysis.data.texts import listed
from analysis.models import planning, units
from analysis.models.customer import choices
from analysis.models.exits import leaving
from analysis.models.exits.leaving import Leaving
from analysis.models.market import standing
from analysis.models.market.standing import Standing
from analysis.models.planning import Plan
from analysis.models.pricing import beside
from analysis.models.units import HOURS_PER_MONTH
from analysis.page.answers import table
from analysis.page.findings import about, quantity
from analysis.questions.build_or_rent.parameters import Parameters
from analysis.questions.figures import ends, number, tabled
from analysis.questions.sited import SiteQuestion

GPU = "H100"
CLOSE = 0.05  # of the best option's value: the next is barely behind
OPTIONS = {
    "lease": "leasing",
    "build": "building",
    "lease while building": "leasing while building",
    "rent on demand": "renting on demand",
    "go without": "going without",
}
VARIED = {
    "worth": ("value of capacity", "× the fee"),
    "capex": ("capex of a megawatt", "USD"),
    "delay": ("build time", "months"),
    "on_demand": ("price of renting", "× the fee"),
    "used": ("hours used", "share"),
    "stays": ("time until the provider terminates", "months"),
}


class Answer(SiteQuestion):
    """The customer's options for a megawatt, over what capacity may be worth and a site may cost.

    Money is the present value of a megawatt over what is left of service, unless a name says more.
    """

    kind = Parameters
    notebook = "06_lease_build_or_rent"
    counts_committed = False
    tiles = ("best_usd", "ahead_usd", "worth_times", "covered_times")
    key, main = "decision", "options"
    moved: ClassVar = {
        **dict.fromkeys(("contract", "reading", "scope", "capacity_mw", "capex_usd"), ""),
        "assume.worth_to_fee": "Value of capacity, × fee",
        "assume.build_delay_months": "Build time, months",
        "assume.rate_year": "Discount rate a year",
    }

    heads = SiteQuestion.heads | {
        "worth_to_fee": "value of capacity ÷ fee",
        "what": "for a megawatt",
        "over": "low to high by",
        "reserved_mw": "reserved, MW",
        "unreserved_usd_month": "cost with nothing reserved, $/month",
    }

    @cached_property
    def since(self) -> date:
        """The day that is planned from: the start of service where nothing is left."""
        left = self.as_of < served_until(self.position.read, self.as_of)
        return self.as_of if left else self.position.read.start

    @cached_property
    def _market(self) -> tuple[Leaving, Standing | None]:
        """The fee in the unit of the market, and where the market stands."""
        metric, *_ = sources.accelerator_metrics()
        ahead = leaving.remaining(
            self.position.on(self.since),
            scope=self.given.scope or planning.widest(self.agreement),
            weights=units.weights(sources.accelerators(), metric),
            hours_month=HOURS_PER_MONTH,
        )
        return ahead, _stand(self.given.source, self.since, ahead.start, self.given.seed)

    @cached_property
    def plan(self) -> Plan:
        """The assumptions, with the market price seen in place of an assumed one."""
        plan = self.defaults.as_sold(self.agreement)
        if self.seen:
            note = f"{self.seen} ÷ the fee; low to high by what accelerators count in H100s"
            to_fee = beside.to_fee(*self._market)
            plan = beside.at_market(plan, to_fee, source=self.given.source, note=note)
        return plan.changed(self.given.assume)

    building = property(lambda found: planning.without_accelerators(found.agreement))

    @cached_property
    def seen(self) -> str:
        """The market price of renting, in words; empty where none of the same capacity is known."""
        now = self._market[1]
        if self.building or not now or not beside.to_fee(*self._market):
            return ""
        price = about(quantity(now.spot_usd_hour, "USD/H100e-hour"))
        return f"{price} ({now.series.gpu} {now.series.tier}, {now.series.source})"

    @cached_property
    def who(self) -> Any:
        """The customer of a megawatt; None where nothing can be planned."""
        left, fee = choices.supply(self.position.on(self.since)), self._market[0].fee_usd_month
        return choices.buyer(self.place, fee, self.plan, left=left)

    @property
    def why_not(self) -> str:  # type: ignore[override]
        """Why nothing can be compared by the megawatt."""
        return "" if self.who else "Lease, build or rent cannot be compared: {unknown}."

    decision = tabled(choices.decisions, "The best option by value of capacity and capex.", "who")

    @table
    def every_decision(self) -> pd.DataFrame:
        """The same for each build time to choose from."""
        steps = range(0, self.who.left.stated_months + 1, self.given.step_months)
        return choices.decisions(self.who, steps)

    options = tabled(choices.options, "Over these: `option, low_usd, value_usd, high_usd`.", "who")

    @table
    def turns(self) -> pd.DataFrame:
        """The best option with one assumption at an end of its range, all else at its value.

        `assumption, unit, at, option, value_usd, ahead_usd`; the last: ahead of the usual best.
        """
        found = choices.turns(self.who)
        names, units = zip(*(VARIED[name] for name in found.varied), strict=True)
        found = found.assign(assumption=names, unit=units)
        return found[["assumption", "unit", "at", "option", "value_usd", "ahead_usd"]]

    @table
    def multiples(self) -> pd.DataFrame:
        """What is assumed over the fee, a row an end: capacity's value, renting, labs' revenue."""
        labs, each = choices.covered(self.who), self.plan.at.items()
        if self.building:  # what a lab earns is set against no fee for a building alone
            labs = dict.fromkeys(labs, math.nan)
        rows = [(end, at.worth_to_fee, at.on_demand_to_fee, labs[end]) for end, at in each]
        return pd.DataFrame(rows, columns=["end", "capacity_times", "renting_times", "labs_times"])

    build_times = tabled(choices.longest_delays, "Break-even: `worth, capex, months`.", "who")
    break_even = tabled(choices.break_even_fees, "Break-even fees by `delay_months`.", "who")

    @table
    def reserving(self) -> pd.DataFrame:
        """What to reserve by shape of demand, its cost; nothing where it is always best to rent."""
        found = choices.reserving(self.who)
        return found if found.reserved_mw.any() else found.head(0)

    renting = tabled(choices.renting, "Over its price: `to_fee, even_share, more_usd`.", "who")
    buying = tabled(
        lambda found: choices.buying(found.who, years=found.given.buy_years),
        "Cost of leasing for `years`, then owning: `capex, years, usd, best`.",
    )
    losses = tabled(
        lambda found: choices.losses(found.who, found.who.left), "What the provider's notice costs."
    )

    @table
    def further(self) -> pd.DataFrame:
        """What else follows for a megawatt: `what, low_usd, value_usd, high_usd, over`."""
        who, rows = self.who, []
        speed, fair = choices.speed(who), choices.fair_fees(who, months=who.left.stated_months)
        fees = fair.groupby("price").fair_usd_month.apply(list)
        for what, cells, over in (
            ("leasing until an own site is ready", [*speed.usd], "value of capacity"),
            ("one more month of building", [*speed.last_month_usd], "value of capacity"),
            ("fair monthly fee if rents fall as assumed", fees["rental market"], "market price"),
            ("the same if as fast as hardware improves", fees["hardware progress"], "market price"),
            ("loss if the provider terminates", [*self.losses.usd], "value, months to replace"),
        ):
            if cells:
                rows.append((what, min(cells), cells[len(cells) // 2], max(cells), over))
        if not self.building:
            needed, earned = choices.revenue(who).drop(columns="revenue").to_numpy().tolist()
            rows.append(("revenue a year that the fee asks for", *needed, "gross margin"))
            rows.append(("revenue a year assumed of a lab", *earned, "as assumed"))
        return pd.DataFrame(rows, columns=["what", "low_usd", "value_usd", "high_usd", "over"])

    assumed = tabled(
        lambda found: planning.shown(found.plan, found.place.scope, names=choices.USED),
        "The assumptions in use.",
    )

    _middle = property(lambda found: found.decision.iloc[len(found.decision) // 2])
    best_option = property(lambda found: OPTIONS[found._middle.best])
    next_option = property(lambda found: OPTIONS[found._middle.next])
    barely = property(lambda found: found.ahead_usd < CLOSE * found.best_usd)
    one_best = property(lambda found: found.decision.best.nunique() == 1)

    @property
    def best_options(self) -> str:
        """Every option that is the best in some case."""
        found = set(self.decision.best)
        return listed((words for option, words in OPTIONS.items() if option in found), "or")

    best_usd = number(
        "_middle.best_usd",
        "Present value of a megawatt by the best option.",
        of="decision",
        label="best option, per MW",
    )
    best_low_usd, best_high_usd = ends(
        "decision.best_usd", "value of the best option", over="by value of capacity and capex"
    )
    ahead_usd = number(
        "_middle.ahead_usd",
        "By how much the best option is ahead of the next.",
        of="decision",
        label="ahead of the next option, per MW",
    )
    next_usd = number(
        "_middle.best_usd − _middle.ahead_usd",
        "Present value of a megawatt by the next option.",
        of="decision",
    )
    _multiple = property(lambda found: found.multiples[found.multiples.end == "value"])
    worth_times = number(
        "_multiple.capacity_times",
        "What capacity is assumed to be worth to the customer ÷ its fee.",
        of="multiples",
        label="value of capacity ÷ fee, assumed",
        kind="assumed",
    )
    worth_low_times, worth_high_times = ends(
        "multiples.capacity_times", "value of capacity ÷ fee", over="as assumed"
    )
    covered_times = number(
        "_multiple.labs_times",
        "Revenue that a lab is assumed to earn with a megawatt ÷ its fee.",
        of="multiples",
        label="labs' revenue ÷ fee, assumed",
    )
    covered_low_times, covered_high_times = ends(
        "multiples.labs_times", "assumed revenue of a lab ÷ fee", over="as assumed"
    )
    left_months = number(
        "who.left.stated", "Months of service left, which are planned.", of="agreement"
    )
    _turned = property(lambda found: found.turns.iloc[int(found.turns.ahead_usd.argmax())])

    @property
    def turning(self) -> str:
        """The assumption that, alone, changes the best option by most; empty where none does."""
        return self._turned.assumption if self.turns_usd > 0 else ""

    turning_option = property(lambda found: OPTIONS[found._turned.option])
    turns_usd = number(
        "_turned.ahead_usd",
        "The most that an option is ahead of the usual best, one assumption at an end.",
        of="turns",
    )
    capacity_mw = number("who.mw", "Megawatts that the fee pays for.", of="agreement")
    fee_usd_mw_month = number(
        "who.fee", "The full monthly fee by the megawatt.", of="agreement", label="contract rate"
    )

    @property
    def build_pays(self) -> str:
        """In which cases building alone ever beats leasing alone: all, some or none."""
        known = self.build_times.months.notna()
        return "all" if known.all() else "some" if known.any() else "none"

    build_low_months, build_high_months = ends("build_times.months", "break-even build time")
    ready_months = number(
        lambda found: found.who.need().delay_months,
        "Months until an own site is ready.",
        rows="plan.build_delay_months",
    )

    @property
    def even_fees(self) -> Any:
        """The break-even fees if an own site is ready as planned: a row of `break_even`."""
        rows = self.break_even
        return rows[rows.delay_months == self.ready_months].iloc[0]

    even_fee_usd_mw_month = number(
        "even_fees.value_usd_month",
        "The fee at which leasing is as good as building as planned.",
        of="break_even",
    )
    even_fee_low_usd_mw_month = number(
        "even_fees.low_usd_month", "The least break-even fee as planned.", of="break_even"
    )
    even_fee_high_usd_mw_month = number(
        "even_fees.high_usd_month", "The greatest break-even fee as planned.", of="break_even"
    )

    @property
    def fee_is(self) -> str:
        """Where the fee lies against the break-even fees: above, below or within."""
        fee, even = self.who.fee, self.even_fees
        low, high = even.low_usd_month, even.high_usd_month
        return "above" if fee > high else "below" if fee < low else "within"

    used_share = number("plan.utilisation", "The share of hours in which capacity is used.")
    even_share = number(
        "_rented.even_share",
        "The share of hours used above which a lease is cheaper than renting.",
        of="renting",
    )
    _rented = property(lambda found: found.renting.iloc[1])
    rent_low_usd, rent_high_usd = ends("renting.more_usd", "that renting costs more than leasing")
    reserved_low_mw, reserved_high_mw = ends("reserving.reserved_mw", "quantity to reserve")
    buy_low_years, buy_high_years = ends(
        "best_years.years", "leasing before buying is cheapest", of="buying"
    )
    best_years = property(lambda found: found.buying[found.buying.best])
    firm_months = number(
        "who.left.firm",
        "Months of service left if the provider gives notice at the earliest.",
        of="agreement",
    )


def _stand(source: str, since: date, day: date, seed: int) -> Standing | None:
    """Where the market stands."""
    seen = standing.until(sources.prices(), since, gpu=GPU, source=source)
    beliefs = standing.priors(dict(sources.assumptions().value))
    return standing.stand(seen, day=day, beliefs=beliefs, draws=standing.FEWEST_DRAWS, seed=seed)
