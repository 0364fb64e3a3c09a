"""How does it compare with other deals, and what is in the book of several?

`table` holds the disclosed agreements and what may be wrong with a row, `measured` puts them on
common units with intervals for what is missing, `ranking` and `robust` compare few of them, `book`
adds up several agreements, `reported` sets a book against what a company disclosed.
"""

from analysis.models.comparables.measured import firmness_at_signing, measures
from analysis.models.comparables.ranking import ranks
from analysis.models.comparables.robust import kendall, leave_one_out, theil_sen
from analysis.models.comparables.table import check, deals, grades, overlapping, total

__all__ = [
    "check",
    "deals",
    "firmness_at_signing",
    "grades",
    "kendall",
    "leave_one_out",
    "measures",
    "overlapping",
    "ranks",
    "theil_sen",
    "total",
]
