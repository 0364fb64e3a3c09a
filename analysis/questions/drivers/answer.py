"""What drives an agreement's value: what its text leaves open, and what is assumed beside it.

Committed value is committed fees, discounted; expected value is all fees, discounted, each only if
nobody has left by then. Inputs are the agreement's own ranges, the interpretation and undisclosed
discounts, and two assumptions, the discount rate and the chance of notice. Interpretations have
the weights that the file assumes, superseded and hypothetical ones none; equal ones stand beside.
"""

from collections.abc import Hashable, Iterable
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from analysis.contract import readings, schedule, terms
from analysis.contract.dates import add_months
from analysis.contract.fields import Range
from analysis.data import sources
from analysis.models import planning, scenarios
from analysis.models.exits import leaving, lifetimes
from analysis.models.scenarios import Input, batch
from analysis.models.units import CENT_USD
from analysis.page import sheet
from analysis.page.answers import table
from analysis.page.findings import day as dated
from analysis.questions.drivers.parameters import Parameters
from analysis.questions.figures import number, seen, tabled
from analysis.questions.question import Question

OWN = ("reading", "discount", "days")
LABELS = {
    "reading": "interpretation of the clause",
    "discount": "undisclosed discount",
    "days": "uncertain days",
    "rate_year": "discount rate",
    "chance_month": "chance of notice a month",
}
COLUMNS = {"first": "alone_share", "total": "total_share", "mean": "mean_usd"}
BARS = {end: f"{end}_usd" for end in ("low", "high", "base", "range")}
ROUND_OFF, EIGHTY = 1e-9, "80 % interval"


def _around(of: str, told: str) -> tuple[Any, Any, Any]:
    """A value at both ends of the input that moves it most, and between them in use."""

    def end(least_or_most: str, which: str) -> Any:
        path, said = f"_{of}_ends.usd:{least_or_most}", f"{told} {which} of the range."
        return number(path, said, of=of, over=widest)

    def widest(answer: Any) -> str:
        return f"by {getattr(answer, of).label.iloc[0]}"

    value = number(f"{of}.base_usd:first", told, label=f"{of} present value")
    return end("least", "The least"), value, end("most", "The greatest")


def _ends(of: str) -> Any:
    """The values at both ends of the input that moves a value most: `input, at, usd`."""

    def rows(answer: Any) -> pd.DataFrame:
        row = getattr(answer, of).iloc[0]
        told = {"input": row.label, "at": [row.at_low, row.at_high]}
        return pd.DataFrame(told | {"usd": [row.low_usd, row.high_usd]})

    return property(rows)


class Answer(Question):
    """What moves committed and expected value, one input at a time and all together."""

    kind = Parameters
    notebook = "09_what_drives_the_answer"
    tiles = ("lead_share", "committed_value_usd", "expected_value_usd", "median_usd")
    key, main = "committed", "committed"
    moved: ClassVar = dict.fromkeys(("contract", "reading", "as_of", "seen_from", "party"), "")
    slow = True

    @property
    def idle(self) -> dict[str, str]:
        """Why a control moves nothing."""
        same = self.as_of == self.agreement.start
        return {"seen_from": "both are the same day" if same else ""}

    seen_date = seen("The day on which drivers are valued.")

    def drawn_on(self, name: str) -> date:
        """The day of drivers, or of receipts."""
        return self.as_of if name in ("receipts", "median_usd") else self.seen_date

    def _tile(self, name: str) -> dict[str, str]:
        """A tile, with its day."""
        tile = super()._tile(name)
        return tile | {"label": f"{tile['label']}, {dated(self.drawn_on(name))}"}

    def drawn(self, day: date, *, equal: bool = False) -> dict[str, float]:
        """Interpretations under which the party may still terminate, one for each end, weighted.

        The one in use comes first, whatever it says; of those with one end the first one, with the
        weight of all. equal: every end of those that stand weighs the same.
        """
        seen, party = self.position.on(day), self.given.party
        left = {name: seen.under(name) for name in (self.reading, *self.agreement.readings)}
        said = {name: readings.said(self.position, name) for name in left}
        counts = {name: float(each.stands) if equal else each.counts for name, each in said.items()}
        own = left[self.reading].firm(party).end
        first = {own: self.reading}
        found = {self.reading: 0.0}
        for name, each in left.items():
            firm = each.firm(party)
            limited = each.firmness(party) < 1 - ROUND_OFF and firm.usd > CENT_USD
            if name != terms.HEADLINE and (limited or firm.end == own) and counts[name]:
                name_at_end = first.setdefault(firm.end, name)
                found[name_at_end] = found.get(name_at_end, 0.0) + counts[name]
        return dict.fromkeys(found, 1.0) if equal or not any(found.values()) else found

    @cached_property
    def _evidence(self) -> pd.DataFrame:
        return sheet.evidence(self.agreement)

    @cached_property
    def _assumed(self) -> dict[str, Input]:
        plan = sources.planning()
        rate = plan[(plan.name == "rate_year") & (plan.scope == "")].iloc[0]
        leaves = sources.assumptions().loc["leaving_chance_month"]
        rows = {"rate_year": rate, "chance_month": leaves}
        return {name: _ranged(name, row) for name, row in rows.items()}

    def inputs(self, day: date, *, equal: bool = False) -> dict[str, Input]:
        """The ranges of all inputs with their sources; the agreement's own only if it has any."""

        def own(name: str, fields: str, **known: Any) -> dict[str, Input]:
            about = self._evidence[self._evidence.field.str.contains(fields)]
            told = {"kind": _joined(about.kind), "source": _joined(about.source)} | known
            return {name: Input(name=name, **told)}

        drawn = self.drawn(day, equal=equal)
        found: dict[str, Input] = {}
        if len(drawn) > 1:
            known: Any = {"choices": tuple(drawn), "weights": tuple(drawn.values())}
            known |= {"distribution": "choice", "kind": "assumed"}
            found |= own("reading", r"^(?:termination|readings\.)", **known)
        if any(self.position.under(name).uncertain for name in drawn):
            known = {"distribution": "choice", "choices": ("use", "low", "high")}
            found |= own("days", r"(?:start|end|from|due)\.(?:low|high)$", **known)
        if self.undisclosed(drawn):
            known = {"use": batch.AT[1], "high": batch.AT[2], "unit": "up its range"}
            found |= own("discount", r"discount\.(?:low|high)$", **known)
        return found | self._assumed

    def undisclosed(self, drawn: Iterable[str]) -> list[Range]:
        """Every undisclosed discount of these interpretations, each range once."""
        spans = [schedule.undisclosed(self.position.under(name).read) for name in drawn]
        return list(dict.fromkeys(span for each in spans for span in each))

    def driven(self, value: str, day: date, *, equal: bool = False) -> pd.DataFrame:
        """What moves a value on a day, the widest first: a row an input, empty without one.

        `input, label, at_low, at_high` (in words), `low_usd, high_usd, base_usd, range_usd` (one at
        a time), `alone_share, total_share` (of the variance). "own" is of committed fees, not
        discounted, over the agreement's own ranges alone. equal: interpretations weigh the same.
        """
        names = {"own": OWN, "committed": (*OWN, "rate_year"), "expected": tuple(LABELS)}[value]
        varied = [each for name, each in self.inputs(day, equal=equal).items() if name in names]
        if not varied:
            return pd.DataFrame(columns=["input", "label", "range_usd", "alone_share"])

        def worth(cases: pd.DataFrame) -> np.ndarray:
            read = {} if "reading" in cases else {"reading": self.reading}
            cases = cases.assign(as_of=day, **read)
            if value == "expected":
                return batch.expected(self.agreement, cases)
            of = batch.usd if value == "own" else batch.present_value
            return of(self.agreement, cases, party=self.given.party)

        bars = scenarios.tornado(worth, varied, map=None)
        shares = scenarios.exact(worth, varied, map=None).set_index("input").loc[bars.input]
        spans = self.undisclosed(self.drawn(day))
        tell = {end: [self._told(*row, spans) for row in zip(bars.input, bars[end], strict=True)]
                for end in ("at_low", "at_high")}  # fmt: skip
        found = bars.assign(label=bars.input.map(LABELS), **tell, **shares.reset_index(drop=True))
        found = found[["label", *found.columns.drop("label")]]
        return found.rename(columns=COLUMNS | BARS).drop(columns=["mean_usd", "variance"])

    def _told(self, name: str, at: Hashable, spans: list[Range]) -> str:
        """The value of an input in words; where several discounts are undisclosed, low or high."""
        if name == "reading":
            return self.position.under(str(at)).interpretation
        if name == "days":
            return {"low": "earliest", "use": "in use", "high": "latest"}[str(at)]
        low = at == batch.AT[0]
        if name == "discount" and len(spans) != 1:
            return "low" if low else "high"
        number = float(str(at))
        if name == "discount":
            number = spans[0].low if low else spans[0].high
        return f"{number:.0%}".replace("%", " %")

    committed = tabled(
        lambda found: found.driven("committed", found.seen_date),
        "What moves committed value; see `driven`.",
    )
    expected = tabled(
        lambda found: found.driven("expected", found.seen_date),
        "What moves expected value; see `driven`.",
    )
    own = tabled(
        lambda found: found.driven("own", found.seen_date),
        "What moves committed fees; see `driven`.",
    )

    @table
    def weights(self) -> pd.DataFrame:
        """What each interpretation counts: `interpretation, status, until, weight, equal_weight`.

        Weights are assumed; those with the same end on the day count together.
        """
        others = [name for name in self.agreement.readings if name != terms.HEADLINE]
        said = {name: readings.said(self.position, name) for name in others or [terms.HEADLINE]}
        drawn, rows = self.drawn(self.seen_date, equal=True), []
        for name, each in said.items():
            row = {"interpretation": f"{each.title} ({name})", "status": each.status}
            alone = 1 / len(drawn) if name in drawn else 0.0
            rows.append(row | {"until": each.until, "weight": each.counts, "equal_weight": alone})
        found = pd.DataFrame(rows).sort_values(
            "weight", ascending=False, kind="stable", ignore_index=True
        )
        return found.drop(columns="equal_weight") if found.weight.nunique() == 1 else found

    alike = property(lambda found: found.weights.weight.nunique() == 1)
    _equal = cached_property(lambda found: found.driven("own", found.seen_date, equal=True))
    equal_share = number(
        lambda found: _share(found._equal, found.leading),
        "The clause's share of variance if interpretations weigh the same.",
        of="own",
        rows="_led_equal.alone_share:first",
    )
    _led_equal = property(lambda found: found._equal[found._equal.input == found.leading])
    _led_later = property(lambda found: found._later[found._later.input == found.leading])

    @property
    def case(self) -> str:
        """Whether anything that the text leaves open moves what is committed on the day."""
        if self.own.empty:
            return "none"
        return "open" if _moves(self.own) else "fixed"

    @property
    def leading(self) -> str:
        """The input of the agreement's own that the page leads with."""
        if self.of_interpretation:
            return "reading"
        return "discount" if "discount" in set(self.own.input) else "days"

    @property
    def of_interpretation(self) -> bool:
        """Whether several interpretations are drawn; else the discount is what is open."""
        return "reading" in set(self.own.input)

    lead_share = number(
        lambda found: _share(found.own, found.leading),
        "The share of the variance of committed fees that it explains alone.",
        of="own",
        rows="_leading.alone_share",
        label="variance explained",
    )
    discount_share = number(
        lambda found: _share(found.own, "discount"),
        "The share of that variance that undisclosed discounts explain alone.",
        of="own",
        rows="_discount.alone_share",
    )
    _leading = property(lambda found: found.own[found.own.input == found.leading])
    _discount = property(lambda found: found.own[found.own.input == "discount"])

    _later = cached_property(lambda found: found.driven("own", found.as_of))

    @property
    def since(self) -> str:
        """Whether any of it is open on a later valuation date: "", "open" or "settled"."""
        if self.as_of <= self.seen_date:
            return ""
        return "open" if _moves(self._later) else "settled"

    now_share = number(
        lambda found: _share(found._later, found.leading),
        "The share that it explains of what is open on the valuation date.",
        of="own",
        rows="_led_later.alone_share:first",
        reading="",
    )

    _committed_ends, _expected_ends = _ends("committed"), _ends("expected")
    committed_value_low_usd, committed_value_usd, committed_value_high_usd = _around(
        "committed",
        "Committed fees, discounted, as the input moves alone that moves them most.",
    )
    expected_value_low_usd, expected_value_usd, expected_value_high_usd = _around(
        "expected",
        "Fees, discounted, each only if nobody has left, as the input moves that moves most.",
    )

    committed_total_share = number(
        "committed.total_share:most", "The largest total share of the variance of committed value."
    )
    expected_total_share = number(
        "expected.total_share:most", "The largest total share of the variance of expected value."
    )

    def top(self, value: str) -> str:
        """The input that moves a value most; empty where nothing does."""
        found = getattr(self, value)
        return str(found.label[0]) if _moves(found) else ""

    def leads(self, value: str) -> str:
        """The input that the variance of a value is mostly of."""
        found = getattr(self, value)
        return str(found.label[found.total_share.idxmax()])

    @table
    def receipts(self) -> pd.DataFrame:
        """Receipts from the valuation date, added up, with a constant chance of notice a month.

        `date, q10_usd, q25_usd, q50_usd, q75_usd, q90_usd, expected_usd, stated_usd`: exact
        quantiles, the mean, and what is received if nobody leaves. Receipts only add up, so the
        quantile of their sum is the sum up to the quantile of the life.
        """
        fees = self._ahead.receipts
        summed = np.concatenate([[0.0], np.cumsum(fees)])
        months = np.arange(len(summed))
        quantiles = zip(lifetimes.QUANTILES, lifetimes.SHARES, strict=True)
        ends = {name: np.minimum(months, self._life.quantile(share)) for name, share in quantiles}
        lines = {f"{name}_usd": summed[end] for name, end in ends.items()}
        mean = np.concatenate([[0.0], np.cumsum(fees * self._life.served)])
        start, end = self._ahead.start, self.position.end
        days = [min(add_months(start, int(month)), end) for month in months]
        found = pd.DataFrame({"date": days, **lines, "expected_usd": mean, "stated_usd": summed})
        return found if len(fees) else found[:0]

    @cached_property
    def _ahead(self) -> leaving.Leaving:
        return leaving.remaining(self.position, weights=batch.ANY, hours_month=1)

    @cached_property
    def _life(self) -> Any:
        return self._ahead.life(self._assumed["chance_month"].use)

    @property
    def chances(self) -> str:
        """Whether anything is left to receive, and whether anybody may leave."""
        if self.receipts.empty:
            return "over"
        return "open" if self.median_low_usd < self.stated_usd - CENT_USD else "sure"

    _notice = property(lambda found: found.ranges[found.ranges.input == LABELS["chance_month"]])
    notice_share = number(
        "_notice.use:first", "The assumed chance of notice a month.", of="ranges", kind="assumed"
    )
    stated_usd = number("receipts.stated_usd:last", "What is received if nobody leaves.")
    median_usd = number(
        "receipts.q50_usd:last", "The median of what is received.", label="received, median"
    )
    median_low_usd = number(
        "receipts.q10_usd:last", "What is received at least, in nine cases of ten.", over=EIGHTY
    )
    median_high_usd = number(
        "receipts.q90_usd:last", "What is received at most, in nine cases of ten.", over=EIGHTY
    )
    mean_usd = number("receipts.expected_usd:last", "The mean of what is received.")

    @table
    def ranges(self) -> pd.DataFrame:
        """The inputs and their sources: `input, low, use, high, drawn, unit, kind, source`."""
        found = scenarios.listed(list(self.inputs(self.seen_date).values()))
        return found.assign(input=found.input.map(LABELS))


def _moves(found: pd.DataFrame) -> bool:
    return len(found) > 0 and float(found.range_usd.max()) > CENT_USD


def _share(found: pd.DataFrame, name: str) -> float:
    return float(found.alone_share[found.input == name].sum())


def _joined(texts: pd.Series) -> str:
    return "; ".join(dict.fromkeys(texts))


def _ranged(name: str, row: Any) -> Input:
    """An input as a row of assumptions has it."""
    low, use, high = (float(row[bound]) for bound in planning.BOUNDS)
    unit, kind, source = map(str, (row.unit, row.kind, row.source))
    return Input(name=name, low=low, use=use, high=high, unit=unit, kind=kind, source=source)
