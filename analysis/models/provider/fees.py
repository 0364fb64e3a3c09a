"""The fees of whole months, and the scope that they pay for."""

import math
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from analysis.contract import checks
from analysis.contract.units import MONTHS_PER_YEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """Fees of the months 0, 1, ... and the scope that they pay for."""

    scope: str
    usd: tuple[float, ...]

    def __post_init__(self) -> None:
        checks.finite(usd=self.usd)

    @property
    def total_usd(self) -> float:
        """The sum of all months, undiscounted."""
        return math.fsum(self.usd)


def monthly_fees(rows: pd.DataFrame, *, scope: str) -> Fees:
    """The rows of a schedule added up by calendar month of service, from the first on.

    A charge on leaving, a row without days, counts with the last month served.
    """
    usd: dict[int, float] = {}
    for start, end, fee_usd in zip(rows.start, rows.end, rows.fee_usd, strict=True):
        day = start if end > start else start - timedelta(days=1)
        month = day.year * MONTHS_PER_YEAR + day.month
        usd[month] = usd.get(month, 0.0) + float(fee_usd)
    months = range(min(usd), max(usd) + 1) if usd else range(0)
    return Fees(scope=scope, usd=tuple(usd.get(month, 0.0) for month in months))
