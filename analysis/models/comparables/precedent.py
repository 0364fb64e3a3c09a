"""Does one agreement set a precedent: where it lies among deals of its scope, and how surely."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.contract.units import MONTHS_PER_YEAR, MW_PER_GW, USD_PER_BN, Interval
from analysis.models.comparables.ranking import ends, leaning, ranks
from analysis.models.comparables.robust import kendall, leave_one_out, theil_sen
from analysis.models.comparables.table import overlapping

PRICE = "usd_bn_gw_year_facility"
FEWEST = 4  # deals, below which no slope is drawn through them
SCOPE_UNKNOWN = "scope not known"


def points(deals: pd.DataFrame, measures: pd.DataFrame, own: Sequence[str]) -> pd.DataFrame:
    """Price and firmness of every deal, a row a deal, `nan` where nothing can be said.

    Columns `id, name, scope, low, high, firm_low, firm_high, known, own, group, grade, how, of,
    taken_from, bound`: price in bn USD per GW of facility power and year; `known` where termination
    terms are at hand, so that firmness is no imputation; rows of one `group` count the same
    capacity; `of`, `taken_from` and `bound` are those of the price.
    """
    price = measures[measures.measure == PRICE].set_index("id")
    firm = measures[measures.measure == "firmness"].set_index("id")
    return pd.DataFrame(
        {
            "id": deals.index,
            "name": names(deals),
            "scope": [scope or SCOPE_UNKNOWN for scope in deals["scope"]],
            "low": price.low[deals.index].to_numpy(),
            "high": price.high[deals.index].to_numpy(),
            "firm_low": firm.low[deals.index].to_numpy(),
            "firm_high": firm.high[deals.index].to_numpy(),
            "known": (firm.grade[deals.index] == "derived").to_numpy(),
            "own": [id_ in own for id_ in deals.index],
            "group": groups(deals),
            "grade": price.grade[deals.index].to_numpy(),
            "how": price.how[deals.index].to_numpy(),
            "of": price.of[deals.index].to_numpy(),
            "taken_from": price.taken_from[deals.index].to_numpy(),
            "bound": price.bound[deals.index].to_numpy(),
        }
    )


def names(deals: pd.DataFrame) -> list[str]:
    """A short name a row: provider and customer, then what tells it from its like."""
    rows: list[Any] = list(deals.itertuples())
    plain = [f"{row.provider.split(' (')[0]} – {row.customer.split(' (')[0]}" for row in rows]
    told = []
    for name, row in zip(plain, rows, strict=True):
        same = deals[[other == name for other in plain]]
        told.append(name if len(same) == 1 else f"{name}, {_apart(row, same)}")
    return told


def _apart(row: Any, same: pd.DataFrame) -> str:
    """What tells a deal from others of the same two parties: size if it states one, or the date."""
    mw, count, day = row.capacity_mw, row.accelerators, row.announced or row.source_date
    if mw == mw and (same.capacity_mw == mw).sum() == 1:
        return f"{mw:,.10g} MW"
    if count == count and (same.accelerators == count).sum() == 1:
        return f"{count:,.0f} accelerators"
    return f"{day:%b %Y}"


def groups(deals: pd.DataFrame) -> list[str]:
    """For each row the first row, by id, that it shares capacity with, itself if it shares none."""
    first = {str(id_): str(id_) for id_ in deals.index}
    for one, other in overlapping(deals) * 2:  # twice, for chains
        first[one] = first[other] = min(first[one], first[other])
    return [first[str(id_)] for id_ in deals.index]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the agreement lies among others of its scope by price; prices in bn USD/GW-year.

    price: over all that the fee is said to pay for; None where it has no price, `why_not` says
    why. others: how many deals of the scope have a price, rows of the same capacity counted once;
    cheaper, dearer: those that surely are, by their whole intervals; leaning: those whose interval
    lies apart, but by an imputation that one of the two takes from the other, which proves nothing;
    firm_known: those whose termination terms are at hand.
    """

    scope: str
    price: Interval | None
    why_not: str
    others: int
    cheaper: int
    dearer: int
    leaning: int
    firm_known: int
    other_prices: Interval | None

    @property
    def unsure(self) -> int:
        """Deals whose interval meets the agreement's, so that neither is surely the dearer."""
        return self.others - self.cheaper - self.dearer - self.leaning


def place(points: pd.DataFrame) -> Place:
    """Where the agreement's own rows lie among the others; see `Place`."""
    own = points[points.own]
    scope = str(own["scope"].iloc[0])
    priced = own.dropna(subset=["low"])
    price = Interval(float(priced.low.min()), float(priced.high.max())) if len(priced) else None
    alike = points[(points["scope"] == scope) & ~points.own & points.low.notna()]
    leans = leaning([*own.of, *alike.of], [*own.taken_from, *alike.taken_from])
    least, most = ends(alike)
    leans_on = [bool(row.any()) for row in leans[len(own) :, : len(own)]]
    alike = alike.assign(leans=leans_on, least=least, most=most)
    others = alike.groupby("group").agg(
        low=("low", "min"),
        high=("high", "max"),
        least=("least", "min"),
        most=("most", "max"),
        known=("known", "any"),
        leans=("leans", "any"),
    )
    if scope == SCOPE_UNKNOWN:
        others = others.head(0)
    own_least, own_most = (end.dropna() for end in ends(own))
    cheaper = others.most < own_least.min() if price else others.leans & False
    dearer = others.least > own_most.max() if price else others.leans & False
    return Place(
        scope=scope,
        price=price,
        why_not="" if price else "neither megawatts nor accelerators are stated",
        others=len(others),
        cheaper=int((cheaper & ~others.leans).sum()),
        dearer=int((dearer & ~others.leans).sum()),
        leaning=int(((cheaper | dearer) & others.leans).sum()),
        firm_known=int(others.known.sum()),
        other_prices=Interval(float(others.low.min()), float(others.high.max()))
        if len(others)
        else None,
    )


def ranking(points: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """`ranks` of every scope, one below the other and never mixed, with the columns of `points`."""
    found = []
    for scope in dict.fromkeys(points.dropna(subset=["low"])["scope"]):
        if scope != SCOPE_UNKNOWN:
            found.append(
                ranks(measures, measure=PRICE, scope=scope).drop(columns=["grade", "basis"])
            )
    if not found:
        return pd.DataFrame()
    table = pd.concat(found).drop(columns=["low", "high"])
    return table.merge(points, on="id", how="left")


def capacity_bought(fee_usd_month: float, prices: Interval) -> Interval:
    """Megawatts that a fee would buy at prices in bn USD per GW and year.

    >>> capacity_bought(1e9, Interval(12.0, 24.0))
    Interval(low=500.0, high=1000.0)
    """
    year_usd = fee_usd_month * MONTHS_PER_YEAR * MW_PER_GW / USD_PER_BN
    return year_usd / prices


def by_term(points: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Does a longer term cost less? Price over term within each scope, for few points.

    Columns `scope, deals, slope, slope_low, slope_high, tau, p`: the Theil-Sen slope in bn USD per
    GW-year for each further year of term, its range when any one deal is left out, Kendall's tau
    and its exact p. Midpoints of intervals; of rows that overlap one; no scope with under four.
    """
    term = measures[measures.measure == "term_months"].set_index("id")
    held = points.assign(
        years=((term.low + term.high) / 2)[points.id].to_numpy() / MONTHS_PER_YEAR,
        price=(points.low + points.high) / 2,
    ).dropna(subset=["years", "price"])
    table = []
    for scope, rows in held.drop_duplicates("group").groupby("scope", sort=False):
        if len(rows) < FEWEST or rows.years.nunique() < 2 or scope == SCOPE_UNKNOWN:
            continue
        x, y = rows.years.to_list(), rows.price.to_list()
        rank = kendall(x, y)
        table.append(
            (scope, len(rows), theil_sen(x, y).slope, *leave_one_out(x, y), rank.tau, rank.p)
        )
    columns = ["scope", "deals", "slope", "slope_low", "slope_high", "tau", "p"]
    return pd.DataFrame(table, columns=columns)


def view(deals: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Every deal for a reader: what it states, what its price comes to, and how sure that is."""
    at = points.set_index("id").loc[deals.index]
    return pd.DataFrame(
        {
            "deal": at["name"].to_numpy(),
            "scope": at["scope"].to_numpy(),
            "announced": deals.announced.to_numpy(),
            "value_usd": deals.total_usd.to_numpy(),
            "fee_usd_month": deals.fee_usd_month.to_numpy(),
            "MW": deals.capacity_mw.to_numpy(),
            "months": deals.term_months.to_numpy(),
            "bn $/GW-year": [
                _range(low, high, bound)
                for low, high, bound in zip(at.low, at.high, at.bound, strict=True)
            ],
            "grade": at.grade.to_numpy(),
        }
    )


def origins(deals: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Where every row comes from: its id, what was imputed in its price, grades and source."""
    at = points.set_index("id").loc[deals.index]
    otherwise = [f"; {other}" if other else "" for other in deals.otherwise]
    return pd.DataFrame(
        {
            "id": deals.index.to_numpy(),
            "stated": (deals.stated + otherwise).to_numpy(),
            "imputed": at.how.to_numpy(),
            "shares capacity with": deals.overlaps.to_numpy(),
            "source": deals.source.to_numpy(),
        }
    )


def _range(low: float, high: float, bound: str) -> str:
    if low != low:
        return ""
    span = f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
    return f"{bound} {span}".strip()
