"""One agreement among the disclosed deals, in its company's book, and in a softer market."""

import math
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from analysis.contract import Position, files, position, readings, terms
from analysis.contract.fields import DAY
from analysis.contract.served import full_fee
from analysis.data import sources
from analysis.data.texts import listed
from analysis.models import comparables, planning, units
from analysis.models.comparables import book, disclosed, measured, precedent, reported
from analysis.models.comparables.precedent import FEWEST, SCOPE_UNKNOWN, Place
from analysis.models.comparables.reported import Against, Quarter
from analysis.models.exits import leaving
from analysis.models.finance import credit
from analysis.models.market import standing
from analysis.models.units import CENT_USD, USD_PER_BN, Interval
from analysis.page.answers import table
from analysis.page.controls import Control
from analysis.questions.figures import ends, number, tabled, worded
from analysis.questions.precedent.parameters import Parameters
from analysis.questions.question import Question, agreement
from analysis.questions.sited import SiteQuestion

NAMES = {"name": "deal", "low": "low_bn_usd_gw_year", "high": "high_bn_usd_gw_year"}
NONE = Interval(math.inf, math.inf)  # in place of a range that does not exist


class Answer(SiteQuestion):
    """Where a fee lies among others of its scope, and what the book that it is in commits."""

    kind = Parameters
    notebook = "08_does_it_set_a_precedent"
    tiles = ("price_high_usd_gw_year", "cheaper_count", "firm_share", "book_firm_share")
    key, main = "prices", "order"
    heads = SiteQuestion.heads | {
        "firm_end": "committed until",
        "serve": "earliest notice",
        "herfindahl": "Herfindahl index",
        "slope": "slope, $bn",
        "slope_low": "slope low, $bn",
        "slope_high": "slope high, $bn",
        "tau": "Kendall's tau",
        "p_value": "p-value",
        "share_first": "gains by leaving: possible from",
        "share_last": "certain from",
    }
    moved: ClassVar = dict.fromkeys(("contract", "reading", "scope", "sold_as", "capacity_mw"), "")
    across = (
        *SiteQuestion.across,
        *("deals", "partners", "partner_years", "announced", "positions", "runoff", "disclosed"),
        *("books", "ramp", "customer", "rents", "others"),
    )
    base = Question.base  # deals are compared under every scope
    early_or_late = ""  # prices are those at signing, and the book says itself what is left

    # Among the disclosed deals

    @cached_property
    def _shipped(self) -> list[Any]:
        return [agreement(name) for name in files.contracts()]

    @cached_property
    def _rows(self) -> pd.DataFrame:
        asked = self.given
        known = sources.comparables(*filter(None, [asked.corrections]))
        unit = {"scope": asked.scope, "capacity_mw": asked.capacity_mw}
        kind = asked.sold_as.removeprefix("as stated")
        return disclosed.beside(known, self.position, sold_as=kind, **unit)

    @cached_property
    def _stated(self) -> pd.DataFrame:
        return comparables.deals(self._rows)

    estimates = tabled(
        lambda found: sources.imputations(), "`name, of, low, high, unit, source, …`."
    )

    @table
    def measures(self) -> pd.DataFrame:
        """Every deal on common units: `id, scope, measure, low, high, unit, basis, grade, how`."""
        firm = measured.firmness(self._stated, [*self._shipped, self.agreement])
        hours = self.given.hours_month
        return comparables.measures(self._stated, self.estimates, firmness=firm, hours_month=hours)

    @table
    def points(self) -> pd.DataFrame:
        """Price (bn USD per GW of facility power and year) and firmness of every deal."""
        own = disclosed.own_rows(self._rows, self.agreement)
        return precedent.points(self._stated, self.measures, own)

    looked_date = number(
        lambda found: sources.looked("comparables.csv"),
        "When the table of deals was last looked through.",
        kind="assumed",
        of="deals",
    )

    @table
    def order(self) -> pd.DataFrame:
        """The deals of its scope with a price, dearest first: `deal, best_rank, worst_rank, …`."""
        found = precedent.ranking(self.points, self.scope).rename(columns=NAMES)
        return found[[*NAMES.values(), "best_rank", "worst_rank", "bound", "known", "own", "how"]]

    @table
    def deals(self) -> pd.DataFrame:
        """What each deal states, its price in bn USD a GW-year, how sure that is, its source."""
        stated = ["status", "announced", "total_usd", "fee_usd_month", "capacity_mw", "term_months"]
        whence = ["stated", "otherwise", "overlaps", "source"]
        told = ["deal", "scope", *stated, *list(NAMES.values())[1:], "bound", "grade", "how"]
        found = self.points.rename(columns=NAMES).set_index("id")
        found = found.join(self._stated[[*stated, *whence]])[[*told, *whence]]
        return found.reset_index(drop=True)

    @cached_property
    def among(self) -> Place:
        """Where the agreement lies among others of its scope."""
        return precedent.place(self.points)

    scope = worded("among.scope", "What the fee buys: prices are compared within this alone.")
    scope_known = property(lambda found: found.among.scope != SCOPE_UNKNOWN)

    @table
    def others(self) -> pd.DataFrame:
        """The others, rows of one capacity as one: `deal, …, against, known`; see `Place`."""
        return self.among.others.rename(columns=NAMES)

    def _lying(self, how: str) -> pd.DataFrame | None:
        """The others whose price lies so against its own; None where it has no price."""
        return self.others[self.others.against == how] if self.among.price else None

    @property
    def few(self) -> bool:
        """Whether termination terms are public for too few deals to set prices against them."""
        return len(self._firm_known) + 1 < FEWEST

    @property
    def _own_prices(self) -> pd.DataFrame:
        """Its own rows of the order, with prices in dollars."""
        rows = self.order[self.order.own]
        ends = {end.replace("_bn", ""): rows[end] * USD_PER_BN for end in [*NAMES.values()][1:]}
        return rows.assign(**ends)

    price_low_usd_gw_year = number(
        "_own_prices.low_usd_gw_year:least",
        "Fee of a year per GW of facility power, at the lowest.",
        of="order",
        label="price, lowest",
        over="by capacity that it pays for",
    )
    price_high_usd_gw_year = number(
        "_own_prices.high_usd_gw_year:most",
        "Fee of a year per GW of facility power, at the highest.",
        of="order",
        label="price, highest",
    )
    others_count = number("others:rows", "Other deals of the scope with a price.")
    cheaper_count = number(
        "_cheaper:rows",
        "Other deals whose whole price interval lies below.",
        of="others",
        label="other deals entirely below",
    )
    dearer_count = number(
        "_dearer:rows", "Other deals whose whole price interval lies above.", of="others"
    )
    unsure_count = number("_unsure:rows", "Other deals whose price interval overlaps.", of="others")
    leaning_count = number(
        "_leaning:rows",
        "Deals apart only by an estimate that one takes from the other.",
        of="others",
    )
    firm_known_count = number(
        "_firm_known:rows", "Other deals whose termination terms are at hand.", of="others"
    )
    _cheaper = property(lambda found: found._lying("below"))
    _dearer = property(lambda found: found._lying("above"))
    _unsure = property(lambda found: found._lying("overlaps"))
    _leaning = property(lambda found: found._lying("by estimate"))
    _firm_known = property(lambda found: found.others[found.others.known])

    firm_share = number(
        "_began.firm_usd ÷ _began.headline_usd",
        "Committed fees at the start over total contract value, under the interpretation.",
        of="agreement",
        label="committed at the start",
    )

    @property
    def _began(self) -> pd.DataFrame:
        """The interpretation in use at the start of service."""
        return pd.DataFrame([readings.one(self.position.on(self.agreement.start), self.reading)])

    firm_low_share, firm_high_share = ends(
        "_own_point.firm_low",
        "share committed at signing",
        "_own_point.firm_high",
        of="points",
        over="by interpretation",
        reading="",
    )
    _own_point = property(lambda found: found.points[found.points.own])

    @cached_property
    def _bought(self) -> Interval:
        fee, prices = full_fee(self.agreement, self.as_of).usd_month, self.among.other_prices
        return units.usd_bn_per_gw_year(fee, 1.0) / prices if prices else NONE

    bought_low_mw, bought_high_mw = ends(
        "_bought.low", "number of megawatts that the fee buys", "_bought.high", of="points"
    )
    priced_count = number("_priced:rows", "Rows with a price per GW-year.", of="deals")
    estimated_count = number(
        "_estimated:rows", "Rows whose price rests on an estimate.", of="deals"
    )
    _priced = property(lambda found: found.deals[found.deals.grade != "missing"])
    _estimated = property(lambda found: found.deals[found.deals.grade == "imputed"])
    slopes = tabled(
        lambda found: precedent.by_term(found.points, found.measures).sort_values(
            "deals", ignore_index=True
        ),
        "Price over term, fewest deals first: `scope, deals, slope, …, p_value`.",
    )

    # The book

    @cached_property
    def held(self) -> list[Position]:
        """Each agreement of the book on the day, this one under the page's interpretation."""
        also = [agreement(name) for name in self.given.book_with]
        whole = book.together(self.agreement, self._shipped, owner=self.given.owner, also=also)
        own = self.agreement
        return [self.position if d is own else position(d, as_of=self.as_of) for d in whole]

    _signed = property(lambda found: [now.agreement for now in found.held])
    company = property(lambda found: str(getattr(found.agreement, found.given.owner)))

    @property
    def commits(self) -> str:
        """What the other side's rights limit."""
        return "revenue" if self.given.owner == "provider" else "supply"

    @cached_property
    def names(self) -> dict[str, str]:
        """The counterparty by id of the agreement."""
        return book.names(self._signed, owner=self.given.owner)

    @table
    def positions(self) -> pd.DataFrame:
        """The book: `agreement, counterparty, reading, fee_usd_month, share, …, serve`."""
        found = book.positions(self.held, owner=self.given.owner)
        read = found.agreement.map({now.agreement.id: now.interpretation for now in self.held})
        first = book.notices(self.held).drop_duplicates("agreement").set_index("agreement").serve
        found = found.assign(reading=read, serve=found.agreement.map(first))
        return found.drop(columns="exposure_usd")

    runoff = tabled(
        lambda found: book.runoff(found.held, owner=found.given.owner),
        "By month of service: `month, agreement, headline_usd, firm_usd`.",
    )

    @table
    def further(self) -> pd.DataFrame:
        """What the company has elsewhere, without a file: `announced, counterparty, …`.

        Never added to the book, nor to each other where they overlap.
        """
        found: pd.DataFrame = self._stated[self._stated[self.given.owner] == self.company]
        held = found.contract.str.partition(":")[0].isin([*self.names])
        found = found[~held].sort_values("announced", ascending=False)
        other = book.LEAVES[self.given.owner]
        shown = ["announced", "counterparty", "total_is", "total_usd", "fee_usd_month", "start"]
        shown += ["overlaps", "source"]
        overlaps = found.overlaps.map(self._named)
        found = found.rename(columns={other: "counterparty"}).assign(overlaps=overlaps)
        return found[shown].reset_index(drop=True)

    def _named(self, ids: str) -> str:
        """Deals of the table by their names."""
        names = self.points.set_index("id")["name"]
        return "; ".join(str(names.get(each, each)) for each in ids.split("; ") if each)

    stakes = tabled(
        lambda found: sources.stakes(),
        "Who holds, lends to or guarantees whom: `holder, company, what, usd, date, …`.",
    )

    # What the customer has committed to, by partner

    @table
    def partners(self) -> pd.DataFrame:
        """What the customer has committed to buy, by partner; see `customer.book.partners`."""
        own = disclosed.own_rows(self._stated, self.agreement)
        rows = self._stated[~self._stated.id.isin(own) | (self._stated.tally != "")]
        found = reported.partners(rows, self.agreement.customer, self.measures)
        return found.assign(overlaps=found.overlaps.map(self._named))

    @cached_property
    def _tally(self) -> pd.DataFrame:
        return self.partners[self.partners.tally != ""]

    tally = property(lambda found: str(found._tally.tally.iloc[0]) if len(found._tally) else "")
    partner_years = tabled(reported.by_year, "The same by year: `year, binds, usd`.", "partners")
    tally_usd = number(
        "_tally.total_usd:sum",
        "What the customer's partners add up to, as reported.",
        kind="reported",
        of="partners",
    )

    def _bound(self, binds: str) -> pd.DataFrame:
        """The partners in the sum whose commitment binds so: yes, or no."""
        return self._tally[self._tally.binds == reported.BINDS[binds]]

    _hard = property(lambda found: found._bound("yes"))
    _at_notice = property(lambda found: found._bound("no"))
    tally_hard_usd = number(
        lambda found: found._hard.total_usd.sum() if found.tally else math.nan,
        "Commitments to partners that are largely non-cancellable.",
        kind="reported",
        of="partners",
        rows="_hard.total_usd:sum",
    )
    tally_hard_share = number(
        lambda found: found.tally_hard_usd / found.tally_usd,
        "The largely non-cancellable part over the whole sum.",
        of="partners",
        rows="_hard.total_usd:sum ÷ _tally.total_usd:sum",
    )
    tally_notice_share = number(
        lambda found: found._at_notice.total_usd.sum() / found.tally_usd,
        "The part that can be cancelled at short notice over the whole sum.",
        of="partners",
        rows="_at_notice.total_usd:sum ÷ _tally.total_usd:sum",
    )
    partners_count = number("_tally:rows", "Partners in the sum.", of="partners")

    announced = tabled(
        lambda found: reported.of_company(sources.disclosures(), found.agreement.customer),
        "What the customer reported of itself: `item, value, unit, start, as_of, …`.",
    )

    @cached_property
    def _revenue(self) -> Any:
        found = self.announced[self.announced["item"] == "annualised revenue"]
        return found.iloc[-1] if len(found) and self.tally else None

    @property
    def _dearest(self) -> pd.DataFrame:
        """The rows of the year, the first of equals, with the most of the sum."""
        years = self.partner_years
        sums = years.groupby("year").usd.transform("sum")
        found: pd.DataFrame = years[years.year == years.year[sums == sums.max()].min()]
        return found

    peak_usd = number(
        "_dearest.usd:sum",
        "The most of the sum in one year, of what is dated.",
        of="partner_years",
        kind="reported",
    )
    undated_usd = number(
        "_undated.usd:sum",
        "The part of the sum without dates.",
        of="partner_years",
        kind="reported",
    )
    _undated = property(lambda found: found.partner_years[found.partner_years.year.isna()])
    revenue_usd = number(
        "_revenue.value",
        "The customer's annualised revenue as it announced it.",
        of="announced",
        kind="disclosed",
    )
    revenue_date = number(
        "_revenue.as_of",
        "The day by which that was announced.",
        of="announced",
        kind="disclosed",
    )
    peak_times = number(
        "_dearest.usd:sum ÷ _revenue.value",
        "The dearest dated year over annualised revenue.",
        of="partner_years",
    )

    held_count = number("_left:rows", "Agreements of the book that have fees left.", of="positions")
    _left = property(lambda found: found.positions[found.positions.headline_usd > CENT_USD])
    book_usd = number("positions.headline_usd:sum", "Remaining contract value of the book.")
    book_firm_usd = number("positions.firm_usd:sum", "Committed fees of the book.")
    book_firm_share = number(
        "positions.firm_usd:sum ÷ positions.headline_usd:sum",
        "Committed fees of the book over its remaining contract value.",
        label="committed, of the whole book",
    )

    @table
    def concentration(self) -> pd.DataFrame:
        """How few counterparties pay the monthly fees: `herfindahl, effective, top_share`."""
        fees = self.positions.groupby("counterparty").fee_usd_month.sum()
        return pd.DataFrame([credit.concentration(list(fees))] if fees.sum() > 0 else [])

    effective_number = number(
        "concentration.effective:first",
        "Counterparties of one size that would be as concentrated (1 ÷ Herfindahl index).",
    )
    top_share = number(
        "concentration.top_share:first", "The part of monthly fees that the largest pays."
    )

    # The book against what was reported

    @cached_property
    def _told(self) -> pd.DataFrame:
        return reported.of_company(sources.disclosures(), self.company)

    disclosed = tabled(
        lambda found: found._told.drop(columns=["company", "low", "high"]).reset_index(drop=True),
        "What the company reported: `item, value, unit, start, as_of, …`.",
    )
    gaps = tabled(
        lambda found: reported.gaps(sources.disclosures()), "Announced beside reported elsewhere."
    )

    @cached_property
    def against(self) -> Against | None:
        """The book against contracted sales; None where none were reported."""
        read = {now.agreement.id: now.reading for now in self.held}
        return reported.sales(self._told, self._signed, read)

    @table
    def books(self) -> pd.DataFrame:
        """The book in the base case, and with one interpretation changed: `varied, use_usd, …`."""
        every = self.against.books if self.against else pd.DataFrame({"changes": []})
        return every[every.changes <= 1]

    _sales = property(lambda found: found.disclosed[found.disclosed["item"] == reported.SALES])
    sales_usd = number(
        "_sales.value:first", "Contracted sales as reported.", kind="reported", of="disclosed"
    )
    close_date = number(
        lambda found: found.against.figure.close - DAY if found.against else None,
        "The last day of the quarter reported.",
        of="disclosed",
    )
    nominal_usd = number(
        "against.paper.use_usd:sum",
        "The book's fees on the day reported, as if nobody leaves.",
        of="books",
        reading=terms.HEADLINE,
    )
    explained_usd = number(
        "against.as_read.use_usd",
        "Committed fees of the book on the day reported.",
        of="books",
    )
    nearest_left_usd = number(
        "_sales.value:first − _nearest.use_usd", "What was reported less that.", of="books"
    )
    explained_share = number(
        "against.as_read.share",
        "Committed fees of the book over what was reported.",
        of="books",
    )

    @cached_property
    def _nearest(self) -> Any:
        """The book of one changed interpretation that comes nearest from below; None without."""
        if not self.against:
            return None
        below: Any = self.books[(self.books.changes == 1) & (self.books.fits == "below")]
        found = below[below.use_usd > self.explained_usd + CENT_USD].sort_values("use_usd")
        return found.iloc[-1] if len(found) else None

    nearest = property(lambda found: "" if found._nearest is None else str(found._nearest.title))
    nearest_usd = number(
        "_nearest.use_usd",
        "Committed fees with the interpretation that comes nearest.",
        of="books",
    )
    nearest_share = number(
        "_nearest.share",
        "Committed fees with that interpretation over what was reported.",
        of="books",
    )
    at_signing = property(lambda found: bool(found.against and found.against.figure.since))

    @cached_property
    def quarter(self) -> Quarter | None:
        """Customer B's quarter; None where no customer's share was reported."""
        return reported.quarter(self._told, self._signed)

    customer = tabled(
        lambda found: found.quarter.table if found.quarter else pd.DataFrame(),
        "That quarter: `method, reading, low_usd, use_usd, high_usd, fits, …`.",
    )

    @property
    def served(self) -> str:
        """The counterparties that were served in that quarter."""
        return listed(self.names[each] for each in self.quarter.served) if self.quarter else ""

    @property
    def fitting(self) -> str:
        """The ways to book revenue, each with its interpretations, that give Customer B's."""
        if not self._served:
            return ""
        each = self.customer.assign(reading=self.customer.reading.str.split(", "))
        each, found = each.explode("reading"), []
        for method, rows in each[each.reading != terms.HEADLINE].groupby("method", sort=False):
            fits = rows[rows.fits == "within"].reading
            said = listed(f"“{self._served.under(name).interpretation}”" for name in fits)
            said = "every interpretation" if len(fits) == len(rows) else said
            found += [f"{method} under {said}"] if said else []
        return listed(found, "or")

    customer_low_usd, customer_high_usd = ends(
        "quarter.usd.low",
        "that Customer B paid in that quarter, as rounding allows",
        "quarter.usd.high",
        of="disclosed",
    )

    @cached_property
    def _served(self) -> Position | None:
        """The one agreement that was served in that quarter; None without, or with several."""
        ids = self.quarter.served if self.quarter else ()
        served = [now for now in self.held if now.agreement.id in ids]
        return served[0] if len(served) == 1 else None

    @table
    def ramp(self) -> pd.DataFrame:
        """That quarter at the full fee, and less what Customer B paid, if it is this agreement.

        `full_usd, paid_high_usd, paid_low_usd, saved_low_usd, saved_high_usd, profit_usd`; profit:
        what the customer told investors to expect of that quarter.
        """
        if not self._served or not self.quarter:
            return pd.DataFrame()
        deal, (start, end, _, paid, _) = self._served.agreement, self.quarter
        full = reported.undiscounted(deal, start=start, end=end)
        profit = reported.expected_profit(sources.disclosures(), deal.customer, end=end)
        usd = {"full_usd": full, "paid_high_usd": paid.high, "paid_low_usd": paid.low}
        saved = {"saved_low_usd": full - paid.high, "saved_high_usd": full - paid.low}
        return pd.DataFrame([usd | saved | {"profit_usd": profit}])

    saved_low_usd, saved_high_usd = ends(
        "ramp.saved_low_usd:first",
        "that quarter was below the full fee, if so",
        "ramp.saved_high_usd:first",
    )
    profit_usd = number(
        "ramp.profit_usd:first",
        "Operating profit that the customer told investors to expect of that quarter.",
        kind="reported",
    )

    @cached_property
    def _forecast(self) -> tuple[date | None, float]:
        """The end of the quarter after the one reported, and what its one customer then pays."""
        if not self._served or not self.quarter:
            return None, math.nan
        return reported.forecast(self._served, start=self.quarter.end)

    forecast_usd = number(
        lambda found: found._forecast[1],
        "What Customer B pays next quarter if it is this agreement.",
        of="customer",
        reading=terms.HEADLINE,
    )
    forecast_date = number(
        lambda found: found._forecast[0] and found._forecast[0] - DAY,
        "The last day of the next quarter.",
        of="customer",
    )

    # If labs sublet their idle capacity

    @table
    def assumptions(self) -> pd.DataFrame:
        """What is assumed of the market: `name, value, low to high, unit, …`."""
        return planning.shown(self.plan, "", names=book.SUBLET)

    @table
    def rents(self) -> pd.DataFrame:
        """Rents at the share assumed, elasticities in use first: `…, price_ratio, fall_share`."""
        found = book.rents(self.plan)
        found = found[found.offered_share == self.plan.labs_offered_share]
        found = found.assign(fall_share=1 - found.price_ratio)
        return found.iloc[(found.demand != self.plan.demand_elasticity).argsort(kind="stable")]

    @table
    def kept(self) -> pd.DataFrame:
        """Fees left, kept over all elasticities, and from where on leaving gains the customer.

        `agreement, …, kept_usd, low_usd, high_usd, share_first, share_last`, of those that are not
        committed to their end.
        """
        found = book.kept(self.held, self.rents)
        kept = found.groupby(["agreement", "headline_usd", "firm_usd"], sort=False).kept_usd
        found = kept.agg(kept_usd="first", low_usd="min", high_usd="max").reset_index()
        found = found[found.firm_usd < found.headline_usd].replace({"agreement": self.names})
        return found.merge(self._cushions, how="left", left_on="agreement", right_index=True)

    offered_share = number(
        "plan.labs_offered_share",
        "The part of labs' idle capacity that is sublet.",
        of="assumptions",
        kind="assumed",
    )
    fall_share = number(
        "rents.fall_share:first",
        "The fall of rents at the middle elasticity of demand.",
    )
    fall_low_share, fall_high_share = ends(
        "rents.fall_share", "fall of rents over all elasticities"
    )

    @property
    def _cushions(self) -> pd.DataFrame:
        """Share of idle capacity sublet at which the market price meets each fee; blank: none."""
        asked, day = self.given, self.as_of
        weights = units.weights(sources.accelerators(), asked.metric)
        unit = {"weights": weights, "hours_month": asked.hours_month}
        own = [now.under(now.agreement.reading.name) for now in self.held]
        wide = [planning.widest(now.agreement, day) for now in self.held]
        ahead = [leaving.remaining(n, scope=w, **unit) for n, w in zip(own, wide, strict=True)]
        kinds = {"gpu": "H100", "tier": asked.tier, "source": asked.source}
        seen = standing.until(sources.prices(), day, **kinds)
        found = book.cushions(zip(self.names.values(), ahead, strict=True), seen, self.plan)
        shares = found.set_index("name")[["share_first", "share_last"]]
        return shares.where(shares <= 1)

    def control(self, name: str, values: Mapping[str, Any]) -> Control | None:
        """What the fee is set against: any scope of the terms, or what the table of deals has."""
        if name != "scope":
            return None
        names = units.scopes(self.agreement)
        choices = {"as the table of deals has it": "", **dict(zip(names, names, strict=True))}
        return Control(name=name, label="", choices=choices)
