"""The fee as a price by accelerator and megawatt, against what the market was seen to charge."""

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from analysis.contract import files
from analysis.contract.served import FullFee, full_fee
from analysis.data import sources
from analysis.data.texts import listed
from analysis.models import comparables, planning, units
from analysis.models.market import standing
from analysis.models.planning import Plan
from analysis.models.pricing import beside
from analysis.models.pricing import fee as priced
from analysis.models.units import Interval
from analysis.page.answers import figure, table
from analysis.page.controls import Control
from analysis.page.findings import Finding
from analysis.questions.figures import ends, fee_parts, number, tabled, worded
from analysis.questions.price.parameters import Parameters
from analysis.questions.question import Question, agreement

STATED: dict[str, Any] = {"kind": "reported", "always": True}
GPU = "H100"
ENDS = ("low", "high")


class Answer(Question):
    """The price of one agreement against the market."""

    kind = Parameters
    notebook = "02_is_the_price_high"
    counts_committed = False
    main = "against"
    heads = Question.heads | {
        "contract_times": "fee ÷ contract",
        "contract_usd_month": "contract, $/month",
        "on_demand_usd_month": "on demand, $/month",
        "commitment_usd_month": "no commitment, $/month",
        "rest_usd_month": "the rest, $/month",
        "premium_low_share": "premium, low",
        "premium_high_share": "premium, high",
        "per_low": "divided by, low",
        "per_high": "divided by, high",
    }
    moved: ClassVar = dict.fromkeys(
        ("contract", "reading", "as_of", "source", "metric", "hours_month"), ""
    )

    @property
    def tiles(self) -> tuple[str, ...]:  # type: ignore[override]
        """Prices by the accelerator, or by the megawatt where none are sold."""
        if self.hosted:
            return ("price_usd_mw_month", "hosting_usd_mw_month", "fee_usd_month")
        return ("basket_times", "price_usd_h100e_hour", "price_times", "fee_usd_month")

    @property
    def key(self) -> str:  # type: ignore[override]
        """The first chart."""
        return "by_mw" if self.hosted else "basket"

    @property
    def hosted(self) -> bool:
        """Whether a building or its power is sold, and the accelerators are the customer's own."""
        return planning.without_accelerators(self.position.signed)

    @property
    def sold(self) -> str:
        """What is sold, in words."""
        sells = self.position.signed.sells
        return f"a {sells}" if sells == "shell" else str(sells)

    def _tile(self, name: str) -> dict[str, str]:
        """A tile, which says that the accelerators are imputed where they are."""
        tile = super()._tile(name)
        own = not self.imputed or not name.startswith("price")
        return tile if own else tile | {"label": f"{tile['label']}, imputed"}

    def say(self, name: str) -> Finding | None:
        """A sentence; none about accelerators where none are sold, and the lead once."""
        return None if self.hosted and name != "power" else super().say(name)

    def draw(self, name: str) -> Any:
        """A chart; none of accelerators where none are sold."""
        return None if self.hosted and name != "by_mw" else super().draw(name)

    def control(self, name: str, values: Mapping[str, Any]) -> Control | None:
        """The price series that are long enough to be carried on."""
        if name != "source":
            return None
        series = dict.fromkeys([*standing.sources(sources.prices(), gpu=GPU), values["source"]])
        return Control(name=name, label="", choices={each: each for each in series})

    @property
    def base(self) -> list[str]:
        """The base case in words, with what the fee pays for and the market price."""
        priced = [] if self.hosted else [f"priced by {self.given.source}"]
        return [*super().base, f"fee for {self.scope}", *priced]

    @property
    def series_used(self) -> list[pd.DataFrame]:
        """The price series; none where no accelerators are sold."""
        return [] if self.hosted else super().series_used

    @cached_property
    def _plan(self) -> Plan:
        return Plan(sources.planning())

    @cached_property
    def _weights(self) -> dict[str, Any]:
        """H100s of an accelerator of each kind, by metric."""
        names = sources.accelerator_metrics()
        return {name: units.weights(sources.accelerators(), name) for name in names}

    @cached_property
    def _known(self) -> Any:
        signed = self.position.signed
        return priced.unequipped(signed) if self.hosted else signed

    @cached_property
    def fee(self) -> FullFee:
        """The full fee on the valuation date, or on the nearest day served."""
        return full_fee(self._known, self.as_of)

    @cached_property
    def _deals(self) -> pd.DataFrame:
        return comparables.deals(sources.comparables())

    @cached_property
    def reported_kind(self) -> str:
        """The kind of accelerator that is reported elsewhere, if one is."""
        return beside.reported_kind(self._deals, own=self.agreement.id)

    @cached_property
    def _priced(self) -> tuple[Any, str]:
        """The agreement with accelerators imputed where it names none, and how."""
        known = [] if self.hosted else [agreement(name) for name in files.contracts()]
        unit = {"day": self.as_of, "weights": self._weights[self.given.metric]}
        return priced.imputed(self._known, known, self._plan, kind=self.reported_kind, **unit)

    imputed = property(lambda found: found._priced[1], doc="How they are imputed, if they are.")
    series = worded("given.source", "The first price series.")

    @property
    def scope(self) -> str:
        """What the fee is set against first, in words."""
        return self._named(self.given.scope or self._priced[0].capacity.name)

    def _named(self, scope: str) -> str:
        return priced.scope_names(self._priced[0]).get(scope, scope)

    @cached_property
    def why_not(self) -> str:  # type: ignore[override]
        """Why there is no price to judge."""
        if not self.fee.usd_month:
            if self.fee.minimum_usd_month:
                return (
                    "No fee for capacity is due, so there is no price by accelerator or megawatt; "
                    "due is a metered minimum of {minimum_usd_month}."
                )
            if self.next_fee:
                return "No fee is due on {as_of_date}; the next is due from {next_fee} on."
            if self._known.minimum:
                return "What is due is a minimum to spend, so there is no price by capacity."
            return "No fee is due, so there is no price."
        if self.hosted:
            known = planning.place(self._priced[0], self._plan, day=self.as_of).mw
            return "" if known else str(self.words.NO_MW)
        if self._market.empty:
            return (
                "Whether the price is high cannot be said: too few H100 prices of the series were "
                "known on {as_of_date}. The full fee is {fee_usd_month}."
            )
        return ""

    @property
    def caution(self) -> str:
        """That service is over, or has not begun."""
        over = "On {as_of_date} nothing is left to serve; the fee is that of the last day served. "
        return over if self.as_of > self.fee.day else super().caution

    @cached_property
    def _market(self) -> pd.DataFrame:
        by = () if self.hosted else (self.given.source, *self.given.beside)
        beliefs = standing.priors(dict(sources.assumptions().value))
        days = {"day": min(self.as_of, self.fee.day), "on": self.fee.day}
        return beside.judged_by(sources.prices(), by, **days, gpu=GPU, beliefs=beliefs)

    market = tabled(
        pd.DataFrame,
        "What judges it: `gpu, date, tier, source, basis, usd_hour, quoted`.",
        "_market",
    )

    def _seen(self, gpus: list[str]) -> pd.DataFrame:
        found = beside.contracted(sources.prices(), day=self.as_of, gpus=gpus)
        return found.iloc[:0] if self.hosted else found

    seen = tabled(
        lambda found: found._seen(found.given.gpus),
        "Last prices in half a year as seen: `gpu, date, tier, source, basis, usd_hour`.",
    )

    def _latest(self, source: str) -> dict[str, float]:
        return priced.latest(sources.prices(), source, self.as_of)

    @table
    def basket(self) -> pd.DataFrame:
        """The fee beside the same accelerators at contract prices; see `priced.baskets`."""
        prices = map(self._latest, (self.given.contract_source, self.given.source))
        unit = {"day": self.as_of, "hours_month": self.given.hours_month}
        found = priced.baskets(self._known, self.claims, *prices, **unit)
        return found.assign(scope=found.scope.map(self._named))

    @cached_property
    def _baskets(self) -> pd.DataFrame:
        """Those of the scope that is set first; of the first that has one."""
        rows = self.basket[self.basket.scope == self.scope]
        return rows if len(rows) else self.basket[self.basket.scope.isin(self.basket.scope[:1])]

    _first = property(lambda found: found._baskets.head(1))

    @property
    def basket_scope(self) -> str:
        """That scope in words."""
        return str(self._baskets.scope.iloc[0]) if len(self._baskets) else ""

    @property
    def contract_tier(self) -> str:
        """What kind of contract the basket is priced on."""
        prices = sources.prices()
        return str(prices.tier[prices.source == self.given.contract_source].iloc[-1])

    _wider = property(lambda found: found.basket[found.basket.scope != found.basket_scope])
    wider_scope = property(lambda found: listed(dict.fromkeys(found._wider.scope)))
    basket_low_times, basket_high_times = ends(
        "_baskets.contract_times",
        "fee over the same accelerators on a contract",
        of="basket",
        over="by mix of accelerators",
    )
    wider_low_times, wider_high_times = ends(
        "_wider.contract_times", "of the same for the other scopes", of="basket"
    )

    _larger = property(
        lambda found: found._wider[found._wider.contract_usd_month > found.contract_usd_month]
    )
    split_low_share, split_high_share = ends(
        "_first.contract_usd_month ÷ _larger.contract_usd_month:most",
        "part of the larger scopes that it is",
        "_first.contract_usd_month ÷ _larger.contract_usd_month:least",
        of="basket",
    )

    basket_times = number(
        "_first.contract_times",
        "The fee over the same accelerators at contract prices.",
        of="basket",
        label="fee ÷ a contract for the same accelerators",
    )
    contract_usd_month = number(
        "_first.contract_usd_month",
        "The same accelerators on a contract as long as the agreement.",
        of="basket",
    )
    commitment_usd_month = number(
        "_first.commitment_usd_month",
        "What the same accelerators cost more without a commitment.",
        of="basket",
    )
    rest_usd_month = number(
        "_first.rest_usd_month",
        "What the fee is above that: size and service together.",
        of="basket",
    )

    @figure(of="seen", rough=True)
    def kind_contract_count(self) -> float:
        """Accelerators of the reported kind that the fee rents at the contract price."""
        usd = self._latest(self.given.contract_source).get(self.reported_kind, math.nan)
        return float(self.fee.usd_month / (usd * self.given.hours_month))

    @figure(of="seen", rough=True)
    def kind_sibling_count(self) -> float:
        """The same at the dearest price of the provider's other agreements."""
        held = self._priced[0].capacity.accelerators.get(self.reported_kind)
        return getattr(held, "low", math.nan) if self.imputed else math.nan

    @table
    def others(self) -> pd.DataFrame:
        """The same of an H100, without the sources that the fee is judged by."""
        prices = self._seen([GPU])
        return prices[~prices.source.isin([self.given.source, *self.given.beside])]

    @table
    def ladder(self) -> pd.DataFrame:
        """The fee in four units: `scope, unit, low, use, high, per_low, per_high, basis, how`.

        per: what the fee is divided by.
        """
        deal, imputed = self._priced
        weights, hours = self._weights[self.given.metric], self.given.hours_month
        unit = {"day": self.as_of, "weights": weights, "hours_month": hours, "imputed": imputed}
        found = priced.ladder(deal, self._plan, **unit)
        kept = ~(self.hosted & found.unit.str.endswith("hour"))
        return found[kept].reset_index(drop=True)

    @table
    def all_units(self) -> pd.DataFrame:
        """The same with scopes and units in words."""
        units = self.ladder.unit.str.replace("USD", "$")
        return self.ladder.assign(scope=self.ladder.scope.map(self._named), unit=units)

    def _rung(self, unit: str) -> pd.DataFrame:
        """The ladder in one unit, scopes that read alike once, with their names in words."""
        rows = priced.rung(self.ladder, unit)
        return rows.assign(key=rows.scope, scope=rows.scope.map(self._named))

    prices = tabled(
        lambda found: found._rung(priced.H100E),
        "By the H100-equivalent-hour: `scope, low, use, high, per_low, per_high, how, key`.",
    )
    by_mw = tabled(lambda found: found._rung(priced.MW_MONTH), "The fee by the megawatt-month.")
    verdicts = tabled(
        priced.verdicts, "High, low, in line or open; see `priced.verdicts`.", "prices", "market"
    )

    @table
    def against(self) -> pd.DataFrame:
        """Our fee against the market, $/H100e-hour, a row a scope and market price.

        Columns `scope, fee_low_usd, fee_high_usd, series, market_price_usd, premium_low_share,
        premium_high_share`; a premium below 0 is a discount.
        """
        rows = self.prices[["scope", *ENDS]].merge(self.market[["source", "usd_hour"]], how="cross")
        names = {"low": "fee_low_usd", "high": "fee_high_usd", "source": "series"}
        rows = rows.rename(columns=names | {"usd_hour": "market_price_usd"})
        premium = {
            f"premium_{e}_share": rows[f"fee_{e}_usd"] / rows.market_price_usd - 1 for e in ENDS
        }
        return pd.DataFrame(rows.assign(**premium))

    @table
    def deals(self) -> pd.DataFrame:
        """Other deals of one kind by the megawatt; see `beside.deals_by_mw`."""
        given, own, day = self.given, self.agreement.id, self.as_of
        imputed, hours = sources.imputations(), given.hours_month
        measures = comparables.measures(self._deals, imputed, hours_month=hours)
        sold_as = "hosting" if self.hosted else given.sold_as
        return beside.deals_by_mw(self._deals, measures, own=own, sold_as=sold_as, day=day)

    cheapest = tabled(beside.cheapest, "The cheapest with stated megawatts and term.", "deals")

    @table
    def history(self) -> pd.DataFrame:
        """H100 prices since the first: `date, series, source, usd_hour`."""
        by = [self.given.source, *self.given.beside]
        return beside.history(sources.prices(), day=self.as_of, gpu=GPU, sources=by)

    @table
    def single(self) -> pd.DataFrame:
        """Single prices of a source, which no line joins: `date, tier, source, basis, usd_hour`."""
        source = self.given.one_source
        return beside.moments(sources.prices(), day=self.as_of, gpu=GPU, source=source)

    since = tabled(
        beside.since_when,
        "How often each series reached the fee's low end; see `beside.since_when`.",
        "history",
        "prices",
    )

    @cached_property
    def claims(self) -> pd.DataFrame:
        """What is claimed of accelerators elsewhere: `claim, model, accelerators, kind, …`."""
        shown = ["claim", "scope", "model", "accelerators", "kind", "locator", "source"]
        return sources.claims(self.agreement.id)[shown]

    @table
    def claimed(self) -> pd.DataFrame:
        """The same with scopes in words."""
        return self.claims.assign(scope=self.claims.scope.map(self._named))

    @table
    def ratios(self) -> pd.DataFrame:
        """Fee over the market price if one thing were otherwise; see `by_the_accelerator`."""
        given = self.given
        unit = {"day": self.as_of, "scope": given.scope, "weights": self._weights}
        unit |= {"metric": given.metric, "hours_month": given.hours_month}
        found = beside.by_the_accelerator(self._priced[0], self.claims, self.market, **unit)
        return found.assign(reading=found.reading.map(self._named))

    @table
    def mw_ratios(self) -> pd.DataFrame:
        """Fee over the cheapest deal by the megawatt: `varied, reading, low_times, high_times`."""
        unit = {"day": self.as_of, "scope": self.given.scope}
        found = beside.by_the_megawatt(self._priced[0], self._plan, self.cheapest, **unit)
        found = found.assign(reading=found.reading.map(self._named)).drop(columns="effect")
        return found.rename(columns={end: f"{end}_times" for end in ("low", "high")})

    def _bought(self, prices: pd.DataFrame) -> pd.DataFrame:
        paid = {"fee_usd_month": self.fee.usd_month, "hours_month": self.given.hours_month}
        return priced.bought(prices, self._plan, **paid)

    @cached_property
    def _rented(self) -> pd.DataFrame:
        """What the fee rents at each market price that judges it."""
        return self._bought(self.market)

    @cached_property
    def _even(self) -> tuple[Interval, Interval | None]:
        weights = self._weights[self.given.metric]
        return priced.even(self._rented, kind=self.reported_kind, weights=weights)

    @table
    def power(self) -> pd.DataFrame:
        """Power at full draw over the fee, by scope: `scope, mw_low, mw_high, low_share, …`."""
        unit = {"day": self.as_of, "hours_month": self.given.hours_month}
        found = priced.power_share(self._priced[0], self._plan, **unit)
        names = {end: f"{end}_share" for end in ("low", "value", "high")}
        found = found.assign(scope=found.scope.map(self._named)).rename(columns=names)
        return found[["scope", "mw_low", "mw_high", *names.values(), "how"]]

    @property
    def judged(self) -> bool:
        """Whether the terms name accelerators, so that there is a verdict."""
        return bool(len(self.verdicts)) and not self.imputed

    @cached_property
    def _here(self) -> Any:
        """The verdict on the scope that is set first; the first one where it has no price."""
        if self.verdicts.empty:
            return None
        rows = self.verdicts[self.verdicts.scope == self.scope]
        return (rows if len(rows) else self.verdicts).iloc[0]

    verdict = worded("_here.verdict", "High, low, in line or open, for that scope.")
    turns = worded("_here.turns", "What turns the verdict where it is open.")
    judged_scope = worded("_here.scope", "That scope in words.")

    @property
    def otherwise_scopes(self) -> str:
        """The scopes with another verdict, and which."""
        rows = self.verdicts[self.verdicts.verdict != self.verdict]
        return "; ".join(f"{row.verdict} if for {row.scope}" for _, row in rows.iterrows())

    fee_low_usd_mw_month, fee_high_usd_mw_month = ends(
        "by_mw.low:least", "fee by the megawatt, any scope", "by_mw.high:most"
    )
    alternative_low_times, alternative_high_times = ends(
        "_alternatives.low:least",
        "fee over market price with one thing otherwise",
        "_alternatives.high:most",
        of="ratios",
        rough=True,
    )
    _alternatives = property(lambda found: found.ratios[1:])
    even_low_count, even_high_count = ends(
        "_rented.accelerators",
        "number of H100-equivalents at which the fee is a market price",
        of="market",
        rough=True,
    )
    even_kind_low_count, even_kind_high_count = ends(
        "_even_kinds.low",
        "number of the reported kind at which the fee is a market price",
        "_even_kinds.high",
        of="market",
        rough=True,
    )
    power_low_share, power_high_share = ends(
        "power.low_share:least", "power at full draw over the fee", "power.high_share:most"
    )
    power_low_usd_mwh, power_high_usd_mwh = ends(
        "_power_price.low:first",
        "price of power that is assumed",
        "_power_price.high:first",
        of="assumptions",
        kind="assumed",
    )
    _power_price = property(
        lambda found: found._plan.table.query("name == 'power_usd_mwh' and scope == ''")
    )
    _even_kinds = property(lambda found: found._even[1])
    _parts = property(lambda found: fee_parts(found.fee))
    fee_usd_month = number(
        lambda found: found.fee.usd_month,
        "The full fee in force, ramp discounts aside.",
        of="agreement",
        rows="_parts.usd_month:sum",
        label="full fee",
        **STATED,
    )
    minimum_usd_month = number(
        "fee.minimum_usd_month", "The metered minimum.", of="agreement", **STATED
    )

    price_low_usd_h100e_hour, price_high_usd_h100e_hour = ends(
        "_here.low",
        "fee by the H100-equivalent-hour for that scope",
        "_here.high",
        of="verdicts",
        rough=True,
        over="by H100-equivalents",
    )
    price_usd_h100e_hour = number(
        "_here.use",
        "The fee by the H100-equivalent-hour for that scope, each accelerator at its usual count.",
        of="verdicts",
        label="fee",
        rough=True,
    )
    price_low_usd_mw_month, price_high_usd_mw_month = ends(
        "_own_mw.low:least",
        "fee by the megawatt for the scope that is set first",
        "_own_mw.high:most",
        of="by_mw",
        over="by megawatts",
    )
    price_usd_mw_month = number(
        "_own_mw.use:first",
        "The fee by the megawatt for the scope that is set first, at the megawatts in use.",
        of="by_mw",
        label="fee a megawatt and month",
    )

    @property
    def _own_mw(self) -> pd.DataFrame:
        """The fee by the megawatt for the scope that is set first; for all where it has none."""
        rows = self.by_mw[self.by_mw.scope == self.scope]
        return rows if len(rows) else self.by_mw

    hosting_low_usd_mw_month, hosting_high_usd_mw_month = ends(
        "deals.low_usd:least",
        "of other deals of the kind",
        "deals.high_usd:most",
        kind="reported",
        over="by deal",
    )
    hosting_usd_mw_month = number(
        "deals.low_usd:median",
        "The middle one of other deals of the kind, each at its least.",
        label="hosting deals",
        kind="reported",
    )
    market_low_usd_h100e_hour, market_high_usd_h100e_hour = ends(
        "market.usd_hour", "market price of all that it is judged by", rough=True
    )
    market_usd_h100e_hour = number(
        "market.usd_hour:first",
        "The market price by the first series, carried on.",
        label="market price",
        rough=True,
    )
    price_low_times, price_high_times = ends(
        "_here.times_low",
        "fee over a market price",
        "_here.times_high",
        of="verdicts",
        rough=True,
        over="by H100-equivalents and series",
    )
    price_times = number(
        "_here.use ÷ market.usd_hour:first",
        "That fee, each accelerator at its usual count, over the market price of the first series.",
        of="verdicts",
        label="fee ÷ market price",
        rough=True,
    )
    looked_date = number(
        "_looked.looked_through:first",
        "When the table of prices was last looked through.",
        of="seen",
        kind="assumed",
        reading="",
    )
    _looked = property(lambda found: sources.looked_through().query("table == 'prices.csv'"))
    deals_count = number("_alone:rows", "Other deals of the kind.", of="deals")
    _alone = property(
        lambda found: found.deals.drop_duplicates("group") if len(found.deals) else found.deals
    )
    fee_low_times = number(
        "by_mw.low:least ÷ cheapest.low_usd:first",
        "The least fee by the megawatt over the cheapest other deal.",
    )
    fee_high_times = number(
        "by_mw.high:most ÷ cheapest.low_usd:first",
        "The greatest fee by the megawatt over the cheapest other deal.",
    )
    cheapest_usd_mw_month = number(
        "cheapest.low_usd:first", "The cheapest other deal with stated megawatts and term."
    )

    @property
    def _reached(self) -> pd.DataFrame:
        """The row of the first series beside the judged scope."""
        found: pd.DataFrame = self.since
        return found[found.scope == self.judged_scope].head(1) if len(found) else found

    reached_count = number(
        "_reached.above",
        "Prices of the first series at the fee's low end or above.",
        of="since",
    )
    observed_count = number("_reached.prices", "Prices of the first series.", of="since")
