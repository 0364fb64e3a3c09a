"""Does one agreement set a precedent: where it lies among deals of its scope, and how surely.

Interval dominance first, the point second: a deal is dearer only if its whole interval is.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.models import errors
from analysis.models.comparables.disclosed import overlapping
from analysis.models.finance.value import Amounts
from analysis.models.units import MONTHS_PER_YEAR, Interval

PRICE = "usd_bn_gw_year_facility"
FEWEST = 8  # deals, below which no slope is drawn through them
SCOPE_UNKNOWN = "scope not known"
PARTIES = ("provider", "customer")
SIZES = {"accelerators": "{:,.0f} accelerators", "capacity_mw": "{:,.10g} MW"}


def points(deals: pd.DataFrame, measures: pd.DataFrame, own: Sequence[str]) -> pd.DataFrame:
    """Price and firmness of every deal, a row a deal, `nan` where nothing can be said.

    Columns `id, name, scope, low, high, firm_low, firm_high, known, own, group, grade, how, of,
    taken_from, bound`: price in bn USD per GW of facility power and year; `known` where termination
    terms are at hand, so that firmness is no imputation; rows of one `group` count the same
    capacity; `grade` and what follows it are those of the price.
    """
    price = measures[measures.measure == PRICE].set_index("id").loc[deals.index]
    firm = measures[measures.measure == "firmness"].set_index("id").loc[deals.index]
    found = price[["low", "high", "grade", "how", "of", "taken_from", "bound"]].assign(
        name=names(deals),
        scope=deals["scope"].replace("", SCOPE_UNKNOWN),
        firm_low=firm.low,
        firm_high=firm.high,
        known=firm.grade == "derived",
        own=deals.index.isin(own),
        group=groups(deals),
    )
    return found.rename_axis("id").reset_index()


def names(deals: pd.DataFrame) -> list[str]:
    """A short name a row: provider and customer, then what tells it from its like.

    That is its size, if it states one that no other of the two parties does, or the date.
    """
    provider, customer = (deals[party].str.split(" (", regex=False).str[0] for party in PARTIES)
    plain = provider + " – " + customer
    named = deals.assign(plain=plain)
    found = plain + deals.announced.fillna(deals.source_date).map(", {:%b %Y}".format)
    for column, size in SIZES.items():
        own = deals[column].notna() & ~named.duplicated(["plain", column], keep=False)
        found = found.mask(own, plain + ", " + deals[column].map(size.format))
    return list(found.where(plain.duplicated(keep=False), plain))


def groups(deals: pd.DataFrame) -> list[str]:
    """For each row the first row, by id, that it shares capacity with, itself if it shares none."""
    first = {str(id_): str(id_) for id_ in deals.index}
    for one, other in overlapping(deals) * 2:  # twice, for chains
        first[one] = first[other] = min(first[one], first[other])
    return list(first.values())


class Place(NamedTuple):
    """Where the agreement lies among others of its scope by price; prices in bn USD/GW-year.

    price: over all that the fee is said to pay for; None where it has no price. others: the deals
    of the scope with a price, rows of the same capacity as one: `name, low, high, against, known`.
    against: "below" or "above" where a deal surely is, by its whole interval; "by estimate" where
    it lies apart only by an imputation that one of the two takes from the other, which proves
    nothing; else "overlaps". known: whether its termination terms are at hand.
    """

    scope: str
    price: Interval | None
    others: pd.DataFrame

    @property
    def other_prices(self) -> Interval | None:
        """From the least to the greatest price of the others."""
        return _span(self.others)


def place(points: pd.DataFrame) -> Place:
    """Where the agreement's own rows lie among the others; see `Place`."""
    points = points.assign(**dict(zip(("least", "most"), ends(points), strict=True)))
    own = points[points.own]
    priced = own.dropna(subset=["low"])
    scope = str(own["scope"].iloc[0])
    alike = points[(points["scope"] == scope) & ~points.own & points.low.notna()]
    both = [*own.of, *alike.of], [*own.taken_from, *alike.taken_from]
    alike = alike.assign(leans=np.any(leaning(*both)[len(own) :, : len(own)], axis=1))
    how: dict[str, Any] = {"name": "; ".join, "low": "min", "high": "max", "least": "min"}
    how |= {"most": "max", "known": "any", "leans": "any"}
    others = alike.groupby("group", as_index=False).agg(how)
    others = others.head(0) if scope == SCOPE_UNKNOWN else others
    below, above = others.most < priced.least.min(), others.least > priced.most.max()
    apart = [below & ~others.leans, above & ~others.leans, below | above]
    against = np.select(apart, ["below", "above", "by estimate"], "overlaps")
    columns = ["name", "low", "high", "against", "known"]
    return Place(scope, _span(priced), others.assign(against=against)[columns])


def _span(rows: pd.DataFrame) -> Interval | None:
    return Interval(float(rows.low.min()), float(rows.high.max())) if len(rows) else None


def ends(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The least and the most that each row may be: without limit beyond a stated `bound`.

    >>> rows = {"low": [2.0, 2.0], "high": [3.0, 3.0], "bound": ["at least", "at most"]}
    >>> [end.tolist() for end in ends(pd.DataFrame(rows))]
    [[2.0, -inf], [inf, 3.0]]
    """
    least = rows.low.mask(rows.bound == "at most", -math.inf)
    return least, rows.high.mask(rows.bound == "at least", math.inf)


def leaning(of: Sequence[str], taken_from: Sequence[str]) -> np.ndarray:
    """For each pair of rows whether one is imputed from the other: their order then proves nothing.

    >>> leaning(["a", "b", "c"], ["", "a", ""]).tolist()
    [[False, True, False], [True, False, False], [False, False, False]]
    """
    one = np.array([[name in taken.split("; ") for name in of] for taken in taken_from], dtype=bool)
    either: np.ndarray = one | one.T
    return either


def ranking(points: pd.DataFrame, scope: str) -> pd.DataFrame:
    """The deals of one scope by price, highest first; none of an unknown scope.

    A deal lies surely `above` another whose high end is under its low end, unless one is imputed
    from the other (`leaning`). Its rank lies from 1 + those surely above it to the number that are
    not surely below; `point_rank` goes by midpoints.
    """
    known = (points["scope"] == scope) & points.low.notna() & (scope != SCOPE_UNKNOWN)
    found = points[known]
    least, most = (end.to_numpy() for end in ends(found))
    lean = leaning(list(found.of), list(found.taken_from)).reshape(len(found), len(found))
    sure = (least[:, None] > most[None, :]) & ~lean
    above, below = sure.sum(axis=1), sure.sum(axis=0)
    table = found.assign(
        above=above,
        below=below,
        best_rank=1 + below,
        worst_rank=len(found) - above,
        point_rank=(found.low + found.high).rank(ascending=False, method="first").astype(int),
    )
    return table.sort_values(["best_rank", "worst_rank", "point_rank"], ignore_index=True)


def by_term(points: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Does a longer term cost less? Price over term within each scope of `FEWEST` deals or more.

    Theil-Sen slope in bn USD per GW-year for a year of term, its range when any one deal is left
    out, Kendall's tau and its exact p; midpoints of intervals, and of rows that overlap one.
    """
    term = measures[measures.measure == "term_months"].set_index("id")
    held = points.assign(
        years=((term.low + term.high) / 2)[points.id].to_numpy() / MONTHS_PER_YEAR,
        price=(points.low + points.high) / 2,
    ).dropna(subset=["years", "price"])
    table = []
    for scope, rows in held.drop_duplicates("group").groupby("scope", sort=False):
        if len(rows) >= FEWEST and rows.years.nunique() > 1 and scope != SCOPE_UNKNOWN:
            x, y = rows.years.to_list(), rows.price.to_list()
            each = [theil_sen(np.delete(x, n), np.delete(y, n)) for n in range(len(x))]
            slopes = theil_sen(x, y), float(np.min(each)), float(np.max(each))
            table.append((scope, len(rows), *slopes, *kendall(x, y)))
    columns = ["scope", "deals", "slope", "slope_low", "slope_high", "tau", "p_value"]
    return pd.DataFrame(table, columns=columns)


# Statistics for few points: medians and ranks, no distribution assumed, no OLS


def _as_many(x: Amounts, y: Amounts) -> None:
    errors.finite(x=x, y=y)
    if len(x) != len(y):
        raise errors.refused("y", f"{len(y)} values", f"as many as x, {len(x)}")


def theil_sen(x: Amounts, y: Amounts) -> float:
    """Median of the slopes of all pairs."""
    _as_many(x, y)
    across, up = np.subtract.outer(x, x), np.subtract.outer(y, y)
    slopes = up[across > 0] / across[across > 0]
    return float(np.median(slopes)) if len(slopes) else math.nan


def kendall(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """Kendall's tau (tau-b where values tie) and how often chance orders so strongly, exactly.

    `nan` for both if a side is constant, for p if both sides tie. Of n values in tied groups tᵢ,
    [n]! ÷ Π[tᵢ]! in q counts the orders by pairs out of order, [k] being 1 + q + … + q^(k - 1).
    """
    _as_many(x, y)
    by_x, by_y = np.sign(np.subtract.outer(x, x)), np.sign(np.subtract.outer(y, y))
    balance, untied = float((by_x * by_y).sum()), np.abs(by_x).sum() * np.abs(by_y).sum()
    tau = balance / math.sqrt(untied) if untied else math.nan
    of_x, of_y = list(Counter(x).values()), list(Counter(y).values())
    if math.isnan(tau) or max(of_x) > 1 < max(of_y):
        return tau, math.nan
    ways, filled = np.ones(1), 0
    for size in of_x if max(of_x) > 1 else of_y:
        for k in range(1, size + 1):
            filled += 1
            ways = np.polydiv(np.polymul(ways, np.ones(filled)), np.ones(k))[0]
    score = np.abs(len(ways) - 1 - 2 * np.arange(len(ways)))
    return tau, float(ways[score >= abs(balance) / 2].sum() / ways.sum())
