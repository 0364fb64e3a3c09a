"""What each side's right to terminate is worth, and how long the agreement lasts with it."""

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from analysis.contract.fields import PARTIES
from analysis.contract.served import full_fee
from analysis.data import sources
from analysis.data.texts import listed
from analysis.models import planning, units
from analysis.models.exits import leaving, lifetimes, ownership
from analysis.models.exits.leaving import Leaving
from analysis.models.exits.ownership import CASES, Study
from analysis.models.market import standing
from analysis.models.market.standing import Standing
from analysis.models.pricing.fee import scope_names
from analysis.page.answers import figure, table
from analysis.page.findings import Finding
from analysis.questions.exit.parameters import Parameters
from analysis.questions.figures import ends, fee_parts, number, tabled, worded
from analysis.questions.question import Question

GPU = "H100"
ODDS = 0.1  # to which the share of simulations is said, "at least"
NOTABLE = 0.01  # months of fee, below which a right is worth next to nothing
NEARER = 0.03  # of the nearer end of an interval, the same where it leans to one side
DOUBT = 0.02  # of an interval: several times what another net to sum it over moves its middle by
STEP = 0.4  # at most, of an interval, to which its ends are said
UNBOUND = ("observed", "lasting")  # sentences that need no right to terminate
INTERVAL = "90 % interval"
LIVES = 0.9  # share of the term, from which an agreement is said to last


class Answer(Question):
    """The rights to terminate of one agreement against one market."""

    kind = Parameters
    notebook = "03_who_owns_the_exit"
    tiles = ("customer_right_usd", "provider_right_usd", "signed_usd", "market_usd_h100e_hour")
    key, main = "values", "values"
    heads = Question.heads | {"fee_months": "months of fee"}
    moved: ClassVar = dict.fromkeys(
        ("contract", "reading", "as_of", "scope", "metric", "hours_month", "rate", "draws"), ""
    )
    slow = True

    usual_scope = worded("agreement.capacity.name", "The scope that an empty parameter stands for.")

    @property
    def base(self) -> list[str]:
        """The base case in words, with what the fee pays for and the market price."""
        return [*super().base, f"fee for {self.scope}", f"priced by {self.given.source}"]

    @cached_property
    def remaining(self) -> Leaving:
        """The rest of the agreement, month by month, and who may terminate it."""
        return self._remaining(self.given.scope)

    def _remaining(self, scope: str) -> Leaving:
        weights = units.weights(sources.accelerators(), self.given.metric)
        hours = self.given.hours_month
        return leaving.remaining(self.position, scope=scope, weights=weights, hours_month=hours)

    @cached_property
    def market(self) -> Any:
        """The market on the valuation date; None where too few prices were known by then."""
        return self._stand(tier=self.given.tier, source=self.given.source)

    def _stand(self, **kinds: str) -> Standing | None:
        given, beliefs = self.given, standing.priors(self.assumed)
        seen = standing.until(sources.prices(), self.as_of, gpu=GPU, **kinds)
        day = self.remaining.start
        return standing.stand(seen, day=day, beliefs=beliefs, draws=given.draws, seed=given.seed)

    @cached_property
    def assumptions(self) -> pd.DataFrame:
        """What is assumed, a row a value: `name, value, low, high, unit, kind, note`."""
        return sources.assumptions().drop(columns=["as_of", "source"]).reset_index()

    @cached_property
    def assumed(self) -> dict[str, float]:
        """The same by name, in use."""
        return dict(zip(self.assumptions.name, self.assumptions.value, strict=True))

    @cached_property
    def obstacle(self) -> str:
        """Why the rights cannot be valued; empty where they can."""
        if self.remaining.why_not:
            return self.remaining.why_not
        if not self.market:
            return "too few market prices of this kind were known by then"
        unpriced = "what is in service on the day states no accelerators, so the fee has no price"
        return unpriced if math.isnan(self.remaining.fee_usd_hour()) else ""

    @cached_property
    def why_not(self) -> str:  # type: ignore[override]
        """Why the rights cannot be valued, and which number would decide."""
        if not self.obstacle:
            return ""
        if not self.even_count > 0 or self.remaining.accelerators:
            return "The rights to terminate cannot be valued: {obstacle}."
        if not self.held:
            return "Nobody may terminate, so there is no right to value."
        if planning.without_accelerators(self.agreement):
            return "The rights to terminate cannot be valued: accelerators are the customer's own."
        return (
            "The number of accelerators is not disclosed: with fewer than {even_count} "
            "H100-equivalents the customer's right to terminate is worth more, with more the "
            "provider's."
        )

    def say(self, name: str) -> Finding | None:
        """A sentence; none about rights where nobody has one."""
        return super().say(name) if self.held or name in UNBOUND else None

    @property
    def caution(self) -> str:
        """What must be said first, unless there is no answer anyway."""
        return "" if self.why_not else super().caution

    @property
    def idle(self) -> dict[str, str]:
        """Without a game no parameter of it has an effect."""
        why = self.remaining.why_not
        return dict.fromkeys(("metric", "hours_month", "rate", "draws"), why) if why else {}

    @cached_property
    def study(self) -> Study:
        """The solved games with each combination of the rights."""
        beside = [now for source in self.given.beside if (now := self._stand(source=source))]
        played = {"rate_year": self.given.rate, "seed": self.given.seed, "beside": beside}
        return ownership.study(self.remaining, self.market, **played, spread=self.spread)

    scope = property(lambda found: scope_names(found.agreement)[found.remaining.scope])

    @table
    def values(self) -> pd.DataFrame:
        """Value to the customer, in certain digits: `rights, usd, low_usd, high_usd` (90 %)."""
        found = _certain(self.study.values)
        return found.assign(case=found.case.map(CASES)).rename(columns={"case": "rights"})

    @table
    def rights(self) -> pd.DataFrame:
        """Of each right alone, in certain digits: `party, usd, low_usd, high_usd, months, leads`.

        months: of the full fee.
        """
        found = _certain(self.study.rights, right=True)
        return found.assign(months=found.usd / self.remaining.fee_usd_month)

    curves = tabled(
        lambda found: found.study.curves, "By price: `case, label, price, usd, low_usd, high_usd`."
    )

    paths = tabled(
        ownership.paths, "Market, fee and trigger prices by date; see `ownership.paths`.", "study"
    )

    @table
    def scopes(self) -> pd.DataFrame:
        """What each right is worth alone under each scope; see `ownership.by_scope`."""
        names = scope_names(self.agreement)
        aheads = [self._remaining(scope) for scope in names]
        found = ownership.by_scope(self.study, aheads, seed=self.given.seed)
        ends = [f"{party}_{end}_usd" for party in PARTIES for end in ("low", "high")]
        worth = _two_digits(found[ends].where(found[ends] > self._least_usd, 0.0))
        return found.assign(scope=found.scope.map(names), **worth)

    @property
    def _least_usd(self) -> float:
        """What a right is worth at most that is worth next to nothing."""
        return NOTABLE * self.remaining.fee_usd_month

    @table
    def lives(self) -> pd.DataFrame:
        """When service ends, by who may terminate and why; see `lifetimes.fan`."""
        chance: Any = sources.assumptions().loc["leaving_chance_month"]
        return lifetimes.fan(self.study, chance)

    lived = tabled(
        lambda found: lifetimes.private(found.study, sources.assumptions()),
        "Expected months by internal use and moving cost.",
    )

    @table
    def sensitivities(self) -> pd.DataFrame:
        """What 1 % of a parameter (0.01 of a rate) does to the value by rights, US dollars."""
        names = {f"{case}_usd": f"{words}_usd" for case, words in CASES.items()}
        return _two_digits(ownership.slopes(self.study).rename(columns=names))

    @table
    def jumps(self) -> pd.DataFrame:
        """The scenario of jumps: `rights, usd, jumps_usd, change_usd`."""
        found = ownership.jumped(self.study, self.assumed)
        found = found.assign(change_usd=_two_digits(found).change_usd)
        return found.assign(case=found.case.map(CASES)).rename(columns={"case": "rights"})

    @property
    def notes(self) -> pd.DataFrame:
        """What the game leaves out or holds fixed, and what prices do not tell: `note`."""
        told = self.market.notes if self.market else ()
        return pd.DataFrame({"note": [*self.remaining.notes, *told]})

    held = property(lambda found: [*found.remaining.rights])

    @cached_property
    def owner(self) -> str:
        """Who holds the more valuable right: customer, provider, open or nobody."""
        return ownership.owner(self.rights) if len(self.rights) else "nobody"

    @property
    def worthwhile(self) -> list[str]:
        """Who holds a right that is worth more than next to nothing."""
        worth = self.rights.set_index("party").usd
        return [party for party in self.held if worth[party] > self._least_usd]

    leader = property(lambda found: str(found.rights.set_index("party").leads.idxmax()))

    @property
    def series(self) -> str:
        """The price series that count."""
        return listed(now.series.source for now in (self.study.now, *self.study.beside))

    @property
    def next_window_only(self) -> bool:
        """Whether both may terminate free on equal notice, so that only the next window counts."""
        return self.study.solutions[self.study.signed].game.is_next_window_only

    too_late = property(lambda found: ownership.too_late(found.remaining))

    def _right(self, party: str) -> Any:
        """The row of a party's right; None where it has none."""
        rows = self.rights[self.rights.party == party]
        return rows.iloc[0] if len(rows) else None

    _customer = property(lambda found: found._right("customer"))
    _provider = property(lambda found: found._right("provider"))
    _signed = property(lambda found: found.values.iloc[-1])
    hazard_low_usd, hazard_high_usd = ends(
        "hazards.fees_usd", "expected fees over the monthly hazards that are assumed"
    )
    hazards = property(lambda found: found.lives[found.lives.group == "monthly hazard"])

    customer_right_low_usd, customer_right_high_usd = ends(
        "_customer.low_usd",
        "value of the customer's right if the provider has none",
        "_customer.high_usd",
        over=INTERVAL,
        of="rights",
        rough=True,
    )
    customer_right_usd = number(
        "_customer.usd",
        "What the customer's right adds to its value if the provider has none.",
        of="rights",
        label="value of the customer's right alone",
        rough=True,
    )
    provider_right_low_usd, provider_right_high_usd = ends(
        "_provider.low_usd",
        "value of the provider's right if the customer has none",
        "_provider.high_usd",
        over=INTERVAL,
        of="rights",
        rough=True,
    )
    provider_right_usd = number(
        "_provider.usd",
        "What the provider's right adds to its value if the customer has none.",
        of="rights",
        label="value of the provider's right alone",
        rough=True,
    )

    leads_share = number(
        lambda found: ODDS * math.floor(float(found.rights.leads.max()) / ODDS + 1e-9),
        "Share of simulations in which that right is worth more, price series as likely.",
        of="rights",
    )

    signed_low_usd, signed_high_usd = ends(
        "_signed.low_usd",
        "value to the customer with the rights as signed",
        "_signed.high_usd",
        over=INTERVAL,
        of="values",
        rough=True,
    )
    signed_usd = number(
        "_signed.usd",
        "Value to the customer of what is left, with the rights as signed.",
        of="values",
        label="value to the customer, rights as signed",
        rough=True,
    )

    @property
    def _carried(self) -> pd.DataFrame:
        """The last price of the series, and what is expected of it on the first day valued."""
        now, series = self.market, self.market.series
        last = {"source": series.source, "date": series.dates[-1], "carried_to": now.day}
        quoted = {"usd_gpu_hour": series.usd_gpu_hour[-1], "usd_hour": now.spot_usd_hour}
        return pd.DataFrame([last | quoted])

    market_usd_h100e_hour = number(
        lambda found: found.market.spot_usd_hour if found.market else math.nan,
        "The market price of an H100 and hour on the valuation date, carried on from the last.",
        of="market",
        rows="_carried.usd_hour:first",
        label="market price",
        rough=True,
        always=True,
    )

    @property
    def _priced(self) -> pd.DataFrame:
        """The full fee of the first day valued by what it pays for then."""
        ahead = self.remaining
        count = ahead.h100_equivalents.use * ahead.in_service
        row = {"scope": self.scope, "fee_usd_month": ahead.fee_usd_month, "h100es": count}
        return pd.DataFrame([row | {"usd_hour": ahead.fee_usd_hour()}])

    fee_usd_h100e_hour = number(
        "_priced.usd_hour:first",
        "The full monthly fee by hours and H100-equivalents, each accelerator at its usual count.",
        of="agreement",
        label="fee",
        rough=True,
    )

    fee_usd_month = number(
        lambda found: (
            found.remaining.fee_usd_month if any(found.remaining.fees_usd_month) else math.nan
        ),
        "The full fee on the valuation date.",
        of="agreement",
        rows="_parts.usd_month:sum",
        kind="reported",
        always=True,
    )

    @property
    def _parts(self) -> pd.DataFrame:
        return fee_parts(full_fee(self.position.standing, self.remaining.start))

    even_count = number(
        lambda found: (
            found.fee_usd_month / (found.market_usd_h100e_hour * found.remaining.hours_month)
        ),
        "H100-equivalents that the fee rents at the market price.",
        of="market",
        rough=True,
        always=True,
    )

    @figure(of="rights")
    def window_days(self) -> float:
        """Days until notice of today, or of when it may first be given, ends service."""
        ahead, right = self.remaining, self.remaining.rights.get("customer")
        if right is None:
            return math.nan
        ends = ahead.left_on("customer", right.first_month + right.notice_months)
        return (ends - ahead.start).days

    remaining_days = number(
        lambda found: (found.remaining.end - found.remaining.start).days,
        "Days of service left to the stated end.",
        of="agreement",
    )

    @property
    def ahead_by(self) -> pd.DataFrame:
        """By how much the customer's right is worth more at each price: `price, usd`."""
        curves: Any = self.curves.pivot(index="price", columns="case", values="usd")
        if not {"customer", "provider"} <= set(curves):
            return pd.DataFrame(columns=["price", "usd"])
        gap = (curves.customer - curves.none) - (curves.none - curves.provider)
        return pd.DataFrame({"price": gap.index, "usd": gap.to_numpy()})

    @property
    def _crossing(self) -> pd.DataFrame:
        gap = self.ahead_by.usd
        return self.ahead_by[(gap.shift(1) > 0) & (gap <= 0)].head(1)

    switch_usd_h100e_hour = number(
        "_crossing.price:first",
        "Market price above which the provider's right is worth more than the customer's.",
        of="curves",
        rough=True,
    )

    customer_right_most_usd = number(
        "scopes.customer_high_usd:most",
        "The customer's right under the scope where it is worth most.",
        rough=True,
    )
    provider_right_most_usd = number(
        "scopes.provider_high_usd:most",
        "The provider's right under the scope where it is worth most.",
        rough=True,
    )
    quoted_usd_gpu_hour = number(
        "observed.usd_gpu_hour:last", "The last observed price of the series.", kind="reported"
    )
    quoted_date = number(
        "observed.date:last", "The day of the last observed price.", kind="reported"
    )
    quoted_days = number(
        lambda found: (found.market.day - found.quoted_date).days,
        "Days from the last observed price to the first day valued.",
        of="observed",
    )

    @table
    def observed(self) -> pd.DataFrame:
        """The prices of the series up to the valuation date: `date, source, usd_gpu_hour`."""
        series = self.market.series
        rows = {"date": series.dates, "source": series.source}
        return pd.DataFrame(rows | {"usd_gpu_hour": series.usd_gpu_hour})

    _customer_path = property(lambda found: found.paths[found.paths.line == "customer"])
    _provider_path = property(lambda found: found.paths[found.paths.line == "provider"])
    customer_trigger_usd_h100e_hour = number(
        "_customer_path.price:first",
        "Price below which the customer, if it alone may, terminates.",
        of="paths",
        rough=True,
    )
    provider_trigger_usd_h100e_hour = number(
        "_provider_path.price:first",
        "Price above which the provider, if it alone may, terminates.",
        of="paths",
        rough=True,
    )
    _bound = property(lambda found: found.lives[found.lives.life == CASES["none"]])
    remaining_usd = number(
        lambda found: found.remaining.headline_usd,
        "All fees to the stated end.",
        of="lives",
        rows="_bound.fees_usd:first",
    )
    term_months = number(
        lambda found: found.remaining.term_months,
        "Months left to the stated end.",
        of="lives",
        rows="_bound.months:first",
    )
    signed_months = number(
        "lives.months:last", "Expected months of service if each acts on the market price alone."
    )
    signed_fees_usd = number(
        "lives.fees_usd:last", "Expected fees if each acts on the market price alone."
    )

    @property
    def _here(self) -> pd.DataFrame:
        """The case of what is assumed of internal use and moving cost."""
        use, cost = self.assumed["own_use_share"], self.assumed["moving_cost_months"]
        if self.lived.empty:
            return self.lived
        return self.lived[(self.lived.own_use == use) & (self.lived.moving == cost)]

    internal_use_share = number(
        "_here.own_use:first",
        "Worth of capacity in place above the market price ÷ fee.",
        of="lived",
        kind="assumed",
    )
    moving_months = number(
        "_here.moving:first",
        "What moving away costs the customer, months of fee.",
        of="lived",
        kind="assumed",
    )
    expected_months = number(
        "_here.months:first",
        "Expected months of service with that use and moving cost.",
        of="lived",
    )
    lasting_share = number(
        lambda found: LIVES,
        "Share of the term from which the agreement is said to last.",
        of="assumptions",
        kind="assumed",
    )

    @property
    def _lasting(self) -> pd.DataFrame:
        """The cases that last at the least moving cost."""
        free: pd.DataFrame = self.lived[self.lived.moving == self.lived.moving.min()]
        return free[free.lived >= LIVES]

    lasting_internal_use_share = number(
        "_lasting.own_use:least",
        "Least internal use with which the agreement lasts.",
        of="lived",
    )


def middle(row: Mapping[str, float] | Any, *, right: bool = False) -> float:
    """The middle `usd` of a row in the finest step, of three digits at most, that is certain.

    The middle process is summed over a net, and another net moves a value by up to a doubt that
    goes with its interval; of a right, never worth less than nothing, the nearer end says little.

    >>> middle({"usd": 11.49e9, "low_usd": 9e9, "high_usd": 14e9}, right=True)
    11500000000.0
    """
    value, low, high = row["usd"], row["low_usd"], row["high_usd"]
    doubt = DOUBT * (high - low)
    if not right:
        doubt = min(doubt, NEARER * min(high - value, value - low))
    if not (doubt > 0 and value and math.isfinite(value)):
        return float(f"{value:.1e}")
    power = 10.0 ** max(math.floor(math.log10(doubt)), math.floor(math.log10(abs(value))) - 2)
    steps = (times * power * 10.0**n for n in range(4) for times in (1, 2, 5))
    ends = value - doubt, value + doubt
    step = next(s for s in steps if round(ends[0] / s) == round(ends[1] / s))
    return step * round(value / step)


def _two_digits(found: pd.DataFrame) -> pd.DataFrame:
    """A table with its amounts in two digits."""
    names = [name for name in map(str, found) if name.endswith("_usd") or name == "usd"]
    return found.assign(**{name: [float(f"{usd:.1e}") for usd in found[name]] for name in names})


def _certain(found: pd.DataFrame, *, right: bool = False) -> pd.DataFrame:
    """A table with its amounts in the digits that are certain, ends in a step that fits them."""
    wide = found.high_usd - found.low_usd
    ends = {end: list(map(_to_step, found[end], wide)) for end in ("low_usd", "high_usd")}
    usd = [middle(row, right=right) for row in found.to_dict("records")]
    return found.assign(usd=pd.Series(usd, dtype=float), **ends)


def _to_step(end: float, wide: float) -> float:
    wide = wide * STEP
    power = 10.0 ** math.floor(math.log10(wide)) if wide > 0 else 0.0
    step = power * max([n for n in (1, 2, 5) if n * power <= wide], default=0.0)
    return step * round(end / step) if step else float(f"{end:.1e}")
