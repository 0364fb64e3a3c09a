"""Which deal is dearer, as far as it is known: interval dominance first, the point second."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.models.comparables.measured import UNITS


def ranks(measures: pd.DataFrame, *, measure: str, scope: str) -> pd.DataFrame:
    """The deals of one scope on one measure, highest first.

    Columns `id, low, high, above, below, best_rank, worst_rank, point_rank, grade, basis`: a deal
    lies surely `above` another whose high end is under its low end, unless one of the two is
    imputed from the other (`leaning`); a value stated as a minimum has no high end, one stated as a
    maximum no low end (`ends`). Its rank lies from 1 + those surely above it to the number
    that are not surely below; `point_rank` goes by midpoints. One scope only: a hosting fee buys
    no accelerators, so scopes are never ranked together. Raises `ValueError` for an unknown
    measure or scope, and for megawatts of different bases.
    """
    if measure not in UNITS:
        raise ValueError(f"measure: {measure!r} is not allowed; allowed: {', '.join(UNITS)}")
    scopes = sorted(set(measures.scope) - {""})
    if scope not in scopes:
        raise ValueError(f"scope: {scope!r} is not allowed; allowed: one of {', '.join(scopes)}")
    found = measures[(measures.measure == measure) & (measures.scope == scope)]
    found = found.dropna(subset=["low"])
    bases = sorted(set(found.basis))
    if len(bases) > 1:
        raise ValueError(
            f"measure: {measure!r} is on {' and '.join(bases)} megawatts, which are never ranked "
            "together; allowed: usd_bn_gw_year_facility"
        )
    low, high = found.low.to_numpy(), found.high.to_numpy()
    least, most = (end.to_numpy() for end in ends(found))
    sure = (least[:, None] > most[None, :]) & ~leaning(list(found.of), list(found.taken_from))
    above, below = sure.sum(axis=1), sure.sum(axis=0)
    table = found[["id", "low", "high"]].assign(
        above=above,
        below=below,
        best_rank=1 + below,
        worst_rank=len(found) - above,
        point_rank=(-(low + high) / 2).argsort(kind="stable").argsort(kind="stable") + 1,
        grade=found.grade,
        basis=found.basis,
    )
    return table.sort_values(["best_rank", "worst_rank", "point_rank"], ignore_index=True)


def ends(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The least and the most that each row may be: without limit beyond a stated `bound`.

    >>> rows = {"low": [2.0, 2.0], "high": [3.0, 3.0], "bound": ["at least", "at most"]}
    >>> [end.tolist() for end in ends(pd.DataFrame(rows))]
    [[2.0, -inf], [inf, 3.0]]
    """
    if "bound" not in rows:
        return rows.low, rows.high
    least = rows.low.mask(rows.bound == "at most", -math.inf)
    return least, rows.high.mask(rows.bound == "at least", math.inf)


def leaning(of: Sequence[str], taken_from: Sequence[str]) -> np.ndarray:
    """For each pair of rows whether one is imputed from the other: their order then proves nothing.

    >>> leaning(["a", "b", "c"], ["", "a", ""]).tolist()
    [[False, True, False], [True, False, False], [False, False, False]]
    """
    one = np.array([[name in taken.split("; ") for name in of] for taken in taken_from], dtype=bool)
    either: np.ndarray = np.logical_or(one, one.T)
    return either
