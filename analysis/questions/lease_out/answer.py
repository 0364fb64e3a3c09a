"""How much of a site its owner should lease out, and what a right to recall it is worth."""

from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from analysis.models import planning
from analysis.models.provider import coverage, leaseout, recall
from analysis.page.answers import figure, table
from analysis.questions.figures import ends, number, tabled
from analysis.questions.lease_out.parameters import Parameters
from analysis.questions.sited import SiteQuestion


class Answer(SiteQuestion):
    """How much to lease at first for what is left of the term, as if the owner chose afresh.

    Nothing recalled is leased again. Ranges are over what internal use may be worth.
    """

    kind = Parameters
    notebook = "05_how_much_to_lease_out"
    counts_committed = False
    tiles = ("own_share", "bare_share", "own_lost_usd", "bare_lost_usd")
    key, main = "by_notice", "best"
    moved: ClassVar = {
        **dict.fromkeys(("contract", "reading", "as_of", "scope", "capacity_mw"), ""),
        "assume.own_use_to_fee": "Value of internal use, × fee",
        "assume.demand_mean_share": "Internal demand in the long run",
        "assume.rate_year": "Discount rate a year",
    }

    @cached_property
    def site(self) -> Any:
        """The site and what is assumed of it; None where nothing can be planned."""
        if planning.without_accelerators(self.agreement):
            return None
        return leaseout.shared(self.place, self.position, self.plan, blocks=self.given.blocks)

    @property
    def unknown(self) -> str:
        """Why nothing can be planned; a building is let out whole."""
        if planning.without_accelerators(self.agreement):
            return "accelerators are the customer's own, so the provider has no internal use"
        return super().unknown

    @property
    def why_not(self) -> str:  # type: ignore[override]
        """Why nothing can be said of leasing."""
        return "" if self.site else "How much to lease out cannot be said: {unknown}."

    @cached_property
    def notice(self) -> int | None:
        """The provider's notice in whole months; None without a right."""
        return coverage.notice_months(self.position, "provider")

    called = property(lambda found: recall.called(found.notice))

    @property
    def recalls(self) -> str:
        """Whether the right brings capacity back: in time, too late, or never."""
        if self.notice is None:
            return "never"
        late = self.site.gate_months + self.notice >= self.site.months
        return "too late" if late else "in time"

    late_days = number(
        lambda found: planning.days_left(found.position.read, found.as_of),
        "Days of service left to the stated end.",
        of="agreement",
    )

    @table
    def by_notice(self) -> pd.DataFrame:
        """Value of the term by what is leased at first: `notice, leased_mw, share, usd, best`."""
        own = [] if self.notice is None else [self.notice]
        notices = sorted({*self.given.notice_months, *own})
        return leaseout.by_notice(self.site, [*notices, None])

    best = tabled(
        lambda found: leaseout.best_starts(found.by_notice).drop(columns="notice_months"),
        "The best start for each notice: `notice, leased_mw, share, value_usd, lost_by_…`.",
    )
    over_worth = tabled(
        lambda found: leaseout.over_worth(found.site, [found.notice, None]),
        "The best start under the own notice and none: `worth, notice_months, share`.",
    )

    @table
    def best_shares(self) -> pd.DataFrame:
        """The same for every notice, within the lease, and none."""
        longest = min(self.given.longest_notice, self.site.months)
        return leaseout.over_worth(self.site, [*range(longest + 1), None])

    price_of_notice = tabled(
        lambda found: leaseout.price_of_notice(
            found.site, found.given.longest_notice, own=found.notice
        ),
        "Lost in a month: `model, notice_months, usd_month, fee_share`.",
    )

    @table
    def own_notice(self) -> pd.DataFrame:
        """The rows of the own notice; without a right of the longest."""
        months = self.price_of_notice.notice_months
        own = months.max() if self.notice is None else self.notice
        return self.price_of_notice[months == own]

    ways_back = tabled(
        leaseout.ways_back, "Of a month: `recall, leased_mw, usd_month, gain_usd`.", "site"
    )
    by_recall_price = tabled(
        lambda found: leaseout.by_recall_price(found.site, points=found.given.points),
        "The best callable lease: `recall_to_fee, share`.",
    )

    @table
    def path(self) -> pd.DataFrame:
        """One path of internal demand and the best recall along it, from all leased."""
        seed, path = self.given.seed, self.given.demand_mw
        return leaseout.followed(self.site, notice_months=self.notice, seed=seed, demand_mw=path)

    assumed = tabled(
        lambda found: planning.shown(found.plan, found.place.scope, names=leaseout.USED),
        "The assumptions in use.",
    )
    left_months = number(
        "site.months", "Whole months of the term left, which are planned.", of="agreement"
    )
    _own = property(lambda found: found.best[found.best.notice == found.called].iloc[0])

    @property
    def _owns(self) -> pd.DataFrame:
        """The best start under the own notice, over what internal use may be worth."""
        return self.over_worth[self.over_worth.notice_months.isna() == (self.notice is None)]

    @property
    def _bare(self) -> pd.DataFrame:
        """The best start without recall, over what internal use may be worth."""
        return self.over_worth[self.over_worth.notice_months.isna()]

    own_share = number(
        "_own.share",
        "Share of the site best leased at first under the own notice.",
        of="best",
        label="best initial lease",
    )
    bare_share = number(
        "best.share:last",
        "Share of the site best leased at first without recall.",
        label="best without recall",
    )
    own_low_share, own_high_share = ends(
        "_owns.share",
        "share best leased under the own notice",
        of="over_worth",
        over="by value of internal use",
    )
    bare_low_share, bare_high_share = ends(
        "_bare.share",
        "share best leased without recall",
        of="over_worth",
        over="by value of internal use",
    )
    own_mw = number(
        "_own.leased_mw", "Megawatts best leased at first under the own notice.", of="best"
    )
    own_lost_usd = number(
        "_own.lost_by_leasing_all_usd",
        "What leasing everything loses under the own notice.",
        of="best",
        label="lost by leasing all",
    )
    bare_lost_usd = number(
        "best.lost_by_leasing_all_usd:last",
        "What leasing everything loses without recall.",
        label="lost by leasing all, no recall",
    )
    all_recall_usd = number(
        "best.value_usd:first − best.value_usd:last",
        "What recall at the shortest notice compared is worth over none.",
    )
    given_up_usd = number(
        "best.value_usd:first − _own.value_usd",
        "What the agreement's own notice gives up of the worth of recall.",
    )
    capacity_mw = number("site.mw", "Megawatts of the site.", of="agreement")
    fee_usd_mw_month = number("site.fee", "The full monthly fee by the megawatt.", of="agreement")
    own_use_times = number("plan.own_use_to_fee", "A megawatt's worth in internal use ÷ its fee.")
    gate_months = number(
        "site.gate_months", "Months until the provider may first give notice.", of="agreement"
    )
    loss_low_usd, loss_high_usd = ends("own_notice.usd_month", "that notice loses in a month")
    loss_low_share, loss_high_share = ends("own_notice.fee_share", "loss ÷ fee")

    @figure(of="price_of_notice")
    def discount_usd_mw_month(self) -> float:
        """The discount on the fee at which the notice compared is even; below 0: an addition."""
        to = self.given.shorter_notice
        own = self._own.leased_mw
        return leaseout.shorter(self.site, notice=self.notice, to_months=to, leased_mw=own)

    compared_months = number(
        "given.shorter_notice", "The notice that the own one is compared with."
    )
