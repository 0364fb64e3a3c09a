"""The provider's side: does a lease pay for the site, and how much of it to lease out?

`site` (cash and returns), `debt`, `coverage` (every reading),
`leaseout` (how much to lease out), `recall` and `takeback` (when to take it back), `chain` (own
use as it may come), `exposure` (the counterparty). Money in is positive.
"""

from analysis.models.provider.coverage import Promise, coverage, firm_revenue, promises
from analysis.models.provider.fees import Fees, monthly_fees
from analysis.models.provider.site import Site, site_from

__all__ = [
    "Fees",
    "Promise",
    "Site",
    "coverage",
    "firm_revenue",
    "monthly_fees",
    "promises",
    "site_from",
]
