"""What the questions about a site share: what is assumed, and the place that the fee pays for."""

from functools import cached_property

import pandas as pd

from analysis.data import sources
from analysis.models import planning
from analysis.models.planning import Place, Plan
from analysis.page.findings import day
from analysis.questions.figures import worded
from analysis.questions.question import Question


class SiteQuestion(Question):
    """A question about megawatts and capex.

    in_service: the place is what is in service on the valuation date, else what ever is.
    """

    in_service = True
    rests_on = (*Question.rests_on, "capacity", "scopes")

    def by_name(self, inputs: str) -> pd.DataFrame | None:
        """Also, as `plan`, the assumptions that hold for every site."""
        if inputs != "plan":
            return super().by_name(inputs)
        rows = self.plan.table
        return rows[rows.scope == ""].set_index("name", drop=False)

    @cached_property
    def defaults(self) -> Plan:
        """The assumptions as they are for every site: `rate_year`, `low.rate_year`."""
        return Plan(sources.planning())

    @cached_property
    def plan(self) -> Plan:
        """The same for what is sold, with those that the reader changes."""
        return self.defaults.as_sold(self.agreement).changed(self.given.assume)

    @cached_property
    def place(self) -> Place:
        """What the fee is set against: its megawatts and capex."""
        return planning.place(
            self.agreement,
            self.plan,
            day=self.as_of if self.in_service else None,
            scope=self.given.scope,
            capacity_mw=self.given.capacity_mw,
            capex_usd=getattr(self.given, "capex_usd", 0.0),
        )

    @property
    def unknown(self) -> str:
        """Why nothing can be planned: what is not known, or not left."""
        if self.next_fee and not self.place.why_not:
            return f"no fee is due on {day(self.as_of)}; the next is due from {self.next_fee} on"
        return self.place.why_not or planning.none_left(self.position.read, self.as_of)

    @property
    def idle(self) -> dict[str, str]:
        """Nothing that is assumed of a site matters where there is none."""
        why = self.place.why_not
        return {name: why for name in self.moved if why and name.startswith("assume")}

    @property
    def base(self) -> list[str]:
        """The base case in words, with what the fee pays for."""
        fee_for = [] if self.place.why_not else [f"fee for {self.place.title}"]
        return [*super().base, *fee_for]

    mw_from = worded("place.mw_from", "Where the megawatts come from.")

    @property
    def beware(self) -> str:
        """That the fee pays for more than what it is set against."""
        wide = " BEWARE, TWO SCOPES: the fee also pays for other capacity, so it is too high here."
        return "" if self.place.widest else wide

    @property
    def usual_scope(self) -> str:
        """The scope that an empty parameter stands for."""
        return planning.widest(self.agreement, self.as_of if self.in_service else None)
