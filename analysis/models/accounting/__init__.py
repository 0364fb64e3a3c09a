"""How is it booked: the same schedule as a lease, as a service and as backlog.

`term` says how long the contract binds, `revenue` what is left to perform and when it is earned
(ASC 606, IFRS 15), `lease` measures a liability and its right-of-use asset (ASC 842, IFRS 16),
`leased` reads a lease off an agreement, `questions` are what no schedule can answer. Every figure
names the paragraph it follows; whether an agreement *is* a lease is for its reader to judge.
"""

from analysis.models.accounting.lease import (
    Lease,
    Remeasured,
    initial,
    liability_usd,
    periodic,
    remeasure,
    schedule,
    short_term,
)
from analysis.models.accounting.leased import from_agreement, index_resets
from analysis.models.accounting.questions import checklist
from analysis.models.accounting.revenue import recognition, remaining
from analysis.models.accounting.term import contract_term

__all__ = [
    "Lease",
    "Remeasured",
    "checklist",
    "contract_term",
    "from_agreement",
    "index_resets",
    "initial",
    "liability_usd",
    "periodic",
    "recognition",
    "remaining",
    "remeasure",
    "schedule",
    "short_term",
]
