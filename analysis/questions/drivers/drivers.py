"""What drives an agreement's value: what its text leaves open, and what is assumed beside it.

Two answers are asked for: what is promised (firm, discounted to the day) and what is expected
(fees, each only if nobody has left by then). Their inputs are the agreement's own ranges, the
reading and every undisclosed discount, and two assumptions, the discount rate and the chance of
notice. All readings drawn are equally likely: no evidence weighs them.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from analysis.contract import readings, rights, schedule
from analysis.contract.clauses import Party, Range
from analysis.contract.dates import add_months
from analysis.contract.terms import Agreement, read_as
from analysis.models import planning, scenarios
from analysis.models.exits import leaving, lifetimes
from analysis.models.scenarios import Input, batch
from analysis.models.scenarios.batch import ANY

OWN = ("reading", "discount")
NAMES = {
    "reading": "reading of the clause",
    "discount": "undisclosed discount",
    "rate_year": "discount rate",
    "chance_month": "chance of notice a month",
    "fee": "monthly fee",
    "months": "months promised",
}
HEADS = {"first": "alone share", "total": "total share", "mean": "mean usd"}
CENT_USD = 0.01
ROUND_OFF = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Drivers:
    """What moves one answer, a row an input, the widest first; `missing`: why there is no row.

    Columns of `table`: `input, label, at_low, at_high` (in words), `low, high, base, range` (in
    dollars, one at a time), `first, total` (shares of the variance), `mean, variance`.
    """

    table: pd.DataFrame
    drawn: tuple[str, ...]
    missing: str = ""

    @property
    def moves(self) -> bool:
        """Whether anything moves the answer."""
        return len(self.table) > 0 and float(self.table.range.max()) > CENT_USD

    def share(self, name: str) -> float:
        """The share of the variance that one input explains alone; 0 if it is no input."""
        return float(self.table.loc[self.table.input == name, "first"].sum())


def held(agreement: Agreement, *, own: str, as_of: date, party: Party) -> tuple[str, ...]:
    """Readings that still let the party leave early, one for each day the promise may end.

    The reading in use comes first, whatever it says; of others with the same end the first one.
    """
    found = {readings.left(agreement, own, as_of=as_of, party=party).end: own}
    for name in agreement.readings:
        left = readings.left(agreement, name, as_of=as_of, party=party)
        if left.firmness < 1 - ROUND_OFF and left.firm_usd > CENT_USD:
            found.setdefault(left.end, name)
    return tuple(found.values())


def inputs(
    agreement: Agreement,
    *,
    drawn: Sequence[str],
    evidence: pd.DataFrame,
    plan: pd.DataFrame,
    assumed: pd.DataFrame,
) -> dict[str, Input]:
    """The ranges of all inputs with their sources, by name; the agreement's own only if it has any.

    `evidence` is `files.evidence` of the agreement, `plan` is `sources.planning`, `assumed` is
    `sources.assumptions`.
    """
    found = {}
    if len(drawn) > 1:
        about = evidence[evidence.field.str.startswith(("termination", "readings."))]
        found["reading"] = Input(
            name="reading",
            distribution="choice",
            choices=tuple(drawn),
            kind="reported",
            source="; ".join(dict.fromkeys(about.source)),
        )
    spans = undisclosed(agreement, drawn)
    if spans:
        about = evidence[evidence.field.str.contains(r"discount\.(?:low|high)$")]
        found["discount"] = Input(
            name="discount",
            use=batch.AT[1],
            high=batch.AT[2],
            unit="up its range",
            kind="; ".join(dict.fromkeys(about.kind)),
            source="; ".join(dict.fromkeys(about.source)),
        )
    rate = plan[(plan.name == "rate_year") & (plan.scope == "")].iloc[0]
    chance = assumed.loc["leaving_chance_month"]
    return found | {
        "rate_year": _ranged("rate_year", rate),
        "chance_month": _ranged("chance_month", chance),
    }


def _ranged(name: str, row: Any) -> Input:
    """An input as a row of assumptions has it."""
    low, use, high = (float(row[bound]) for bound in planning.BOUNDS)
    return Input(
        name=name,
        low=low,
        use=use,
        high=high,
        unit=str(row.unit),
        kind=str(row.kind),
        source=str(row.source),
    )


def undisclosed(agreement: Agreement, drawn: Sequence[str]) -> list[Range]:
    """Every undisclosed discount of the readings drawn, each range once."""
    found = [span for name in drawn for span in schedule.undisclosed(read_as(agreement, name))]
    return list(dict.fromkeys(found))


def promised(
    agreement: Agreement, chosen: dict[str, Input], *, as_of: date, party: Party, own: str
) -> Drivers:
    """What moves the present value of what is firm: reading, discounts, discount rate."""
    names = [name for name in (*OWN, "rate_year") if name in chosen]

    def worth(cases: pd.DataFrame) -> np.ndarray:
        return batch.present_value(agreement, _placed(cases, own, as_of), party=party)

    return _driven(agreement, worth, [chosen[name] for name in names])


def expected(agreement: Agreement, chosen: dict[str, Input], *, as_of: date, own: str) -> Drivers:
    """What moves the present value of expected receipts: also the chance of notice."""

    def worth(cases: pd.DataFrame) -> np.ndarray:
        return batch.expected(agreement, _placed(cases, own, as_of))

    return _driven(agreement, worth, list(chosen.values()))


def own_ranges(
    agreement: Agreement, chosen: dict[str, Input], *, as_of: date, party: Party, own: str
) -> Drivers:
    """What moves the undiscounted promise over the agreement's own ranges alone."""
    names = [name for name in OWN if name in chosen]
    if not names:
        return Drivers(
            table=pd.DataFrame(columns=["input", "first", "total", "low", "high", "range"]),
            drawn=(own,),
            missing="one reading and no undisclosed discount",
        )

    def worth(cases: pd.DataFrame) -> np.ndarray:
        return batch.usd(agreement, _placed(cases, own, as_of), party=party)

    return _driven(agreement, worth, [chosen[name] for name in names])


def whole_months(
    *,
    fee_usd_month: Sequence[float],
    discount: Sequence[float],
    months: Sequence[int],
    reduced: int,
) -> pd.DataFrame:
    """The stated check in whole months: fee × (months - discount × reduced months).

    Fee and discount are even between their ends, months equally likely; `scenarios.exact`.
    """
    spans = {"fee": fee_usd_month, "discount": discount}
    drawn = [
        Input(name=name, low=low, use=(low + high) / 2, high=high, distribution="uniform")
        for name, (low, high) in spans.items()
    ]
    drawn.append(Input(name="months", distribution="choice", choices=tuple(months)))

    def firm(cases: pd.DataFrame) -> np.ndarray:
        kept = cases.months.astype(float) - cases.discount * reduced
        return (cases.fee * kept).to_numpy()

    table = scenarios.exact(firm, drawn, map=None)
    return table.assign(label=[NAMES[name] for name in table.input])


def _placed(cases: pd.DataFrame, own: str, as_of: date) -> pd.DataFrame:
    read = {} if "reading" in cases else {"reading": own}
    return cases.assign(as_of=as_of, **read)


def _driven(agreement: Agreement, worth: scenarios.cases.Function, drawn: list[Input]) -> Drivers:
    bars = scenarios.tornado(worth, drawn, map=None)
    shares = scenarios.exact(worth, drawn, map=None)
    names = next((each.choices for each in drawn if each.choices), ())
    spans = undisclosed(agreement, [str(name) for name in names] or [agreement.reading.name])
    tell = partial(_told, spans=spans)
    table = bars.assign(
        label=[NAMES[name] for name in bars.input],
        at_low=[tell(name, at) for name, at in zip(bars.input, bars.at_low, strict=True)],
        at_high=[tell(name, at) for name, at in zip(bars.input, bars.at_high, strict=True)],
        **shares.set_index("input").loc[bars.input].reset_index(drop=True),
    )
    return Drivers(table=table, drawn=tuple(map(str, names)))


def _told(name: str, at: Hashable, *, spans: Sequence[Range]) -> str:
    """The value of an input in words; where several discounts are undisclosed, low or high."""
    if name == "reading":
        return str(at)
    low = at == batch.AT[0]
    if name == "discount" and len(spans) != 1:
        return "low" if low else "high"
    number = float(str(at))
    if name == "discount":
        number = spans[0].low if low else spans[0].high
    return f"{number:.0%}".replace("%", " %")


def fan(agreement: Agreement, *, as_of: date, chance_month: float) -> pd.DataFrame:
    """Receipts added up from a day on if somebody leaves at a constant chance a month.

    Columns `date, q10, q25, q50, q75, q90, expected, stated, chance_month`, in dollars: exact
    quantiles of what is received by a date, its mean, and what is received if nobody leaves. The
    quantile of the sum is the sum up to the quantile of the life, as receipts only add up. Empty
    where nothing is left to serve; the chance is 0 where nobody may leave.
    """
    ahead = leaving.ahead(agreement, as_of=as_of, weights=ANY, metric="", hours_month=1)
    fees = lifetimes.receipts(ahead)
    life = lifetimes.constant(ahead, chance_month)
    summed = np.concatenate([[0.0], np.cumsum(fees)])
    months = np.arange(len(summed))
    lines = {
        name: summed[np.minimum(months, life.quantile(share))]
        for name, share in zip(lifetimes.QUANTILES, lifetimes.SHARES, strict=True)
    }
    mean = np.concatenate([[0.0], np.cumsum(fees * life.served)])
    end = rights.final_terms(rights.in_term(agreement, as_of)).end
    days = [min(add_months(ahead.start, int(month)), end) for month in months]
    table = pd.DataFrame({"date": days, **lines, "expected": mean, "stated": summed})
    return table.assign(chance_month=life.chance_month)[: len(table) if len(fees) else 0]


def through_time(agreement: Agreement, *, party: Party) -> pd.DataFrame:
    """What each reading leaves firm seen from the first day of every month of service.

    `reading, as_of, firm_usd, firmness`; readings in which nobody may leave are left out if any
    other is there.
    """
    table = readings.through_time(agreement, party=party)
    months = table[[day.day == 1 or day == agreement.start for day in table.as_of]]
    limited = months.groupby("reading").firmness.transform("min") < 1 - ROUND_OFF
    chosen = months[limited] if limited.any() else months
    return chosen[["reading", "as_of", "firm_usd", "firmness"]].reset_index(drop=True)
