"""How does it compare with other deals, and what is in the book of several?

`disclosed` holds the disclosed agreements, what may be wrong with a row, and one among them;
`measured` puts all on common units with intervals for what is missing, `precedent` compares few of
them. `book` adds up several agreements, `reported` sets a book against what a company disclosed.
"""

from analysis.models.comparables.disclosed import aged, check, deals
from analysis.models.comparables.measured import measures

__all__ = ["aged", "check", "deals", "measures"]
