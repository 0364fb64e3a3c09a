"""Whether an agreement pays for its site: by all fees stated, and by those committed."""

import math
from functools import cached_property, partial
from typing import Any, ClassVar

import pandas as pd

from analysis.contract import readings, served
from analysis.data import sources
from analysis.data.texts import listed
from analysis.models import planning
from analysis.models.comparables import reported
from analysis.models.finance import credit
from analysis.models.provider import coverage, site
from analysis.models.provider.coverage import USE, ByDiscount
from analysis.models.provider.site import BASE, Fees, Site
from analysis.page.answers import table
from analysis.questions.figures import number, tabled, worded
from analysis.questions.site.parameters import Parameters
from analysis.questions.sited import SiteQuestion

COVERED = (
    *("case", "capex_usd", "reading", "firm_usd", "firm_share", "npv_usd", "payback_months"),
    *("irr_rate", "firm_irr_rate", "break_even_hazard_rate", "debt_capacity_usd", "debt_share"),
    *("least_dscr_times", "llcr_times", "firm_llcr_times"),
)
USED = (
    *("capacity_mw", "capex_usd", "capex_usd_mw", "capex_usd_accelerator", "kw_per_accelerator"),
    *("pue", "power_usd_mwh", "fixed_share_year", "life_years", "residual_decay_year"),
    *("debt_rate_nominal_year", "loan_to_cost", "loan_months", "target_coverage", "rate_year"),
    *("recovery_months", "default_probability", "loss_given_default", "billing_days"),
    *("payment_days", "grace_days", "market_to_fee", "market_fall_year"),
    *("market_volatility_year", "default_correlation"),
)
VARIED = {"case": "capex", "discount": "discount", "reading": "interpretation"}
# Tables with rows by capex and discount
BY_CASE = ("own", "limited", "resold", "exposed")
LOST = "shortfall_usd_month"


def _varied(rows: pd.DataFrame) -> str:
    """What a range over the rows goes over."""
    return listed(w for name, w in VARIED.items() if len(set(rows.get(name, []))) > 1)


def _over(of: str, column: str, told: str, label: str = "") -> tuple[Any, Any, Any]:
    """A column of a table: its least, its value at base capex and discount in use, its greatest."""
    usual = f"_{of}_in_use" if of in BY_CASE else of

    def varied(found: Any) -> str:
        return "by " + _varied(getattr(found, of))

    return (
        number(f"{of}.{column}:least", f"{told} The least of the range.", over=varied),
        number(f"{usual}.{column}:median", told, of=of, label=label),
        number(f"{of}.{column}:most", f"{told} The greatest of the range.", over=varied),
    )


def _in_use(of: str) -> Any:
    """The rows of a table at base capex and the discount in use."""

    def rows(found: Any) -> pd.DataFrame:
        every: pd.DataFrame = getattr(found, of)
        return every[(every.case == BASE) & (every.get("discount", USE) == USE)]

    return property(rows)


class Answer(SiteQuestion):
    """Fees, stated and committed when service began, against capex and debt."""

    kind = Parameters
    notebook = "04_does_it_pay_for_the_site"
    in_service = False
    across = (*SiteQuestion.across, "limited", "at_base", "lives", "resold", "size", "disclosed")
    tiles = ("payback_months", "npv_usd", "committed_share", "debt_share")
    key, main = "paid_back", "covered"
    always = ("owed", "releasing")
    heads = SiteQuestion.heads | {"uncovered_usd": "loan less committed cash"}
    moved: ClassVar = {
        **dict.fromkeys(("contract", "reading", "as_of", "scope", "capacity_mw", "capex_usd"), ""),
        "assume.power_usd_mwh": "Power, $/MWh",
        "assume.rate_year": "Discount rate a year",
    }

    @property
    def why_not(self) -> str:  # type: ignore[override]
        """The site's megawatts are not known."""
        known = self.place.known
        return "" if known else "Whether it pays for the site cannot be said: {place_unknown}."

    place_unknown = worded("place.why_not", "Why there is no site.")
    place_title = worded("place.title", "What the fee is set against.")
    capex_from = worded("place.capex_from", "Where its cost comes from.")
    other_scopes = property(lambda found: planning.others(found.agreement, found.place.scope))

    @cached_property
    def sites(self) -> dict[str, Site]:
        """The site at low, base and high capex, without a residual value."""
        return site.sites(self.place, self.plan)

    @cached_property
    def fees_by_discount(self) -> ByDiscount:
        """Fees by the undisclosed discounts and by interpretation."""
        return coverage.fees_by_discount(self.position)

    fees = property(lambda found: found.fees_by_discount[USE][found.reading])

    @property
    def stated_fees(self) -> dict[str, Fees]:
        """All fees under the interpretation in use, by the undisclosed discounts."""
        return {name: each[self.reading].stated for name, each in self.fees_by_discount.items()}

    @cached_property
    def fee_usd_month(self) -> float:
        """The contract rate on the valuation date."""
        return served.full_fee(self.position.read, self.as_of).usd_month

    # If nobody leaves

    def _coverage(self, sites: dict[str, Site]) -> pd.DataFrame:
        names = list(dict.fromkeys([*readings.names(self.position), self.reading]))
        return coverage.coverage(sites, self.fees_by_discount, self.plan, readings=names)

    coverage = tabled(
        lambda found: found._coverage(found.sites),
        "What fees do by capex, interpretation and discount.",
    )

    @table
    def covered(self) -> pd.DataFrame:
        """The same at the discounts in use, with what is committed when service began."""
        found = self.coverage.loc[self.coverage.discount == USE, [*COVERED]]
        return found.rename(columns=lambda name: name.replace("firm_", "committed_"))

    own = tabled(
        lambda found: found.coverage[found.coverage.reading == found.reading],
        "Those of the interpretation in use.",
    )
    _own_in_use = _in_use("own")
    payback_low_months, payback_months, payback_high_months = _over(
        "own",
        "payback_months",
        "Months until cash adds up to capex, if nobody leaves.",
        "payback of capex",
    )
    npv_low_usd, npv_usd, npv_high_usd = _over(
        "own", "npv_usd", "Net present value if nobody leaves; no residual.", "NPV"
    )
    irr_low_rate, irr_rate, irr_high_rate = _over(
        "own", "irr_rate", "Internal rate of return a year if nobody leaves."
    )
    left_npv_low_usd, left_npv_usd, left_npv_high_usd = _over(
        "own", "firm_npv_usd", "NPV if the customer leaves as early as it may."
    )
    may_leave = property(lambda found: (found.own.firm_months < found.own.stated_months).any())

    @property
    def cases(self) -> str:
        """What the ranges go over: capex, the discount that is not disclosed, both or neither."""
        return _varied(self.own)

    @property
    def pays_back(self) -> str:
        """Whether it pays back within the term: `never`, at `some` capex, or `always`."""
        paid = self.own.payback_months.notna()
        return "always" if paid.all() else "some" if paid.any() else "never"

    @cached_property
    def disclosed(self) -> pd.DataFrame:
        """What the provider reported of itself."""
        return reported.of_company(sources.disclosures(), self.agreement.provider)

    @property
    def _claimed(self) -> pd.DataFrame:
        told = self.disclosed
        return told[told["item"] == "payback claimed on new compute capital"]

    claimed_months = number(
        "_claimed.value:most",
        "Payback of new compute capital as the provider claims it, at most.",
        of="disclosed",
        kind="reported",
    )
    within_count = number(
        "_within:rows",
        "Combinations of capex and discount that pay back within the months claimed.",
        of="own",
    )
    _within = property(lambda found: found.own[found.own.payback_months <= found.claimed_months])
    combinations_count = number("own:rows", "Combinations of capex and undisclosed discount.")

    paid_back = tabled(
        lambda found: coverage.paid_back(found.sites, found.fees.stated),
        "Cash added up if nobody leaves, capex at 0: `case, month, usd`.",
    )
    served_months = number(
        lambda found: coverage.served_months(found.position),
        "Months served by the valuation date, a part counted as one.",
        of="agreement",
        reading="",
    )
    size = tabled(
        lambda found: pd.DataFrame(
            {"capacity_mw": found.place.mw, "capex_usd": found.place.capex_usd}
        ),
        "What the fee is set against, low to high.",
    )
    capacity_low_mw, capacity_mw, capacity_high_mw = _over(
        "size", "capacity_mw", "Megawatts that the fee is set against."
    )
    capex_low_usd, capex_usd, capex_high_usd = _over(
        "size", "capex_usd", "All-in cost, accelerators included."
    )
    discount_rate = number("plan.rate_year", "Discount rate a year.")

    @table
    def npvs(self) -> pd.DataFrame:
        """Net present value by `reading, case, discount_rate`: see `coverage.npvs`."""
        rates = sorted({*self.given.rates, self.plan.rate_year})
        return coverage.npvs(self.sites, self.fees_by_discount[USE], rates_year=rates)

    # What is committed

    limited = tabled(
        lambda found: coverage.limited(found.coverage),
        "Those that commit less than the term; all if none.",
    )
    _limited_in_use = _in_use("limited")
    committed_low_share, committed_share, committed_high_share = _over(
        "own", "firm_share", "Committed at the start ÷ capex.", "committed ÷ capex"
    )
    committed_across_low_share, committed_across_share, committed_across_high_share = _over(
        "limited", "firm_share", "Committed ÷ capex, over interpretations."
    )
    debt_low_share, debt_share, debt_high_share = _over(
        "own", "debt_share", "Debt on committed cash ÷ capex.", "debt capacity ÷ capex"
    )
    debt_across_low_share, debt_across_share, debt_across_high_share = _over(
        "limited", "debt_share", "Debt on committed cash ÷ capex, over interpretations."
    )

    all_committed = property(
        lambda found: found.limited.firm_months.ge(found.limited.stated_months).all()
    )

    def _by_reading(self, column: str) -> pd.DataFrame:
        found = coverage.ends(self.limited, "reading", column)
        months = self.limited.groupby("reading").firm_months.first()
        named = [readings.label(self.position, name) for name in found.reading]
        return found.assign(firm_months=found.reading.map(months), reading=named)

    committed = tabled(
        lambda found: found._by_reading("firm_share"),
        "Committed ÷ capex: `reading, low, value, high, firm_months`.",
    )
    lives = tabled(
        lambda found: found._by_reading("break_even_months"),
        "Expected months of service to break even, alike.",
    )

    @table
    def resold(self) -> pd.DataFrame:
        """As `limited`, with the site sold at its residual value when service ends."""
        sites = site.sites(self.place, self.plan, resale=True)
        return coverage.limited(self._coverage(sites))

    _resold_in_use = _in_use("resold")

    committed_low_months, committed_months, committed_high_months = _over(
        "lives", "firm_months", "Months committed, over interpretations."
    )
    break_even_low_months, break_even_months, break_even_high_months = _over(
        "limited", "break_even_months", "Expected life for an NPV of 0."
    )
    resold_low_months, resold_months, resold_high_months = _over(
        "resold", "break_even_months", "Expected life for an NPV of 0, if then sold."
    )
    never_breaks_even = property(lambda found: found.limited.break_even_months.isna().any())

    # Against debt and cost

    least_dscr_low_times, least_dscr_times, least_dscr_high_times = _over(
        "own", "least_dscr_times", "Minimum DSCR if nobody leaves."
    )
    llcr_low_times, llcr_times, llcr_high_times = _over(
        "own", "llcr_times", "LLCR if nobody leaves."
    )
    committed_llcr_low_times, committed_llcr_times, committed_llcr_high_times = _over(
        "own", "firm_llcr_times", "LLCR by committed cash alone."
    )

    @cached_property
    def _window(self) -> tuple[int, int]:
        found, term = self.position, len(self.fees.stated)
        notice = coverage.notice_months(found, "customer")
        gate = coverage.gate_months(found, "customer", since=found.read.start)
        return gate, term if notice is None else min(notice, term)

    sure_months = number(
        lambda found: sum(found._window),
        "Months in which the customer cannot have left.",
        of="agreement",
    )

    @table
    def debt(self) -> pd.DataFrame:
        """Debt and committed cash: `month, balance_usd, window_usd, uncovered_usd`."""
        gate, window = self._window
        rule = partial(site.uncovered, plan=self.plan, gate_months=gate, window_months=window)
        return coverage.over(self.sites, self.stated_fees, rule)

    exposed = tabled(
        lambda found: coverage.exposed(found.debt).drop(
            columns=[] if "discount" in found.cases else "discount"
        ),
        "`case, discount, uncovered_usd, exposed_months`; without a discount where none is open.",
    )
    _exposed_in_use = _in_use("exposed")
    uncovered_low_usd, uncovered_usd, uncovered_high_usd = _over(
        "exposed", "uncovered_usd", "Debt beyond committed cash, at first."
    )
    exposed_low_months, exposed_months, exposed_high_months = _over(
        "exposed", "exposed_months", "Until that cash covers the debt for good."
    )

    @table
    def leased(self) -> pd.DataFrame:
        """Share of the site to lease to pay fixed cost and the usual loan: `case, share`."""
        fee = self.fee_usd_month
        return coverage.leased(self.sites, self.fees.stated, self.plan, fee_usd_month=fee)

    leased_low_share, leased_share, leased_high_share = _over(
        "leased", "share", "Share to lease to pay fixed cost and the usual loan."
    )

    @table
    def offsets(self) -> pd.DataFrame:
        """Mean monthly fee ÷ monthly cost: `basis, low_times, value_times, high_times`."""
        rule = partial(site.cost_offset, plan=self.plan)
        rows = coverage.over(self.sites, self.stated_fees, rule)
        rows = rows[rows.fee_times < math.inf]  # else the provider bears no cost
        found = coverage.ends(rows, "basis", "fee_times").set_index("basis")
        return found.add_suffix("_times").reset_index()

    # If the customer defaults: said without a site, too

    @cached_property
    def owed(self) -> pd.DataFrame:
        """Owed at a default: `measure, usd` by the terms, `arrears_usd` if billed in arrears."""
        return credit.owed(self.fee_usd_month, self.position.terms, self.plan)

    timing = worded("position.terms.payment.timing", "When fees are due.")
    owed_usd = number("owed.usd:first", "Most owed at a default, all grace used up.", always=True)
    arrears_usd = number("owed.arrears_usd:first", "Most owed if billed in arrears.", always=True)
    expected_loss_usd = number(
        "owed.usd:last", "Expected loss in a year on the most owed.", always=True
    )

    @cached_property
    def releasing(self) -> pd.DataFrame:
        """Re-leasing after a default: `correlation, price_usd_month, shortfall_usd_month`."""
        fee = self.fee_usd_month
        return credit.releasing(fee, self.plan, self.given.correlations if fee else ())

    @cached_property
    def tied(self) -> pd.DataFrame:
        """The rows of `releasing`, the correlation nearest to the assumed one first."""
        apart = (self.releasing.correlation - self.plan.default_correlation).abs()
        return self.releasing.iloc[apart.argsort()]

    free_loss_usd_month = number(
        f"releasing.{LOST}:first", "Mean fee lost at the first correlation.", always=True
    )
    tied_loss_usd_month = number(
        f"tied.{LOST}:first", "Mean fee lost at the assumed correlation.", always=True
    )
    correlation_share = number(
        "tied.correlation:first",
        "Correlation of the customer's fortune and the market price.",
        always=True,
    )

    @cached_property
    def assumptions(self) -> pd.DataFrame:
        """The assumptions that this answer uses, with range and source."""
        return planning.shown(self.plan, self.place.scope, names=USED)
