"""How does it compare with other deals, and what is in the book of several?

`table` holds the disclosed agreements and what may be wrong with a row, `placing` puts one
agreement among them, `measured` puts all on common units with intervals for what is missing,
`precedent` compares few of them. `book` adds up several agreements, `reported` sets a
book against what a company disclosed, `adoption` against rents that fall.
"""

from analysis.models.comparables.measured import measures
from analysis.models.comparables.table import aged, check, deals

__all__ = ["aged", "check", "deals", "measures"]
