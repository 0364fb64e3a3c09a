"""Where numbers come from: the only reader of files, each value with its evidence.

`contracts` reads agreements, `tables` observations, costs, comparables and assumptions.
"""

from analysis.sources.contracts import (
    DATA,
    ContractError,
    contract,
    contracts,
    evidence,
    notes,
    parse,
    values,
)
from analysis.sources.tables import (
    accelerator_metrics,
    accelerator_weights,
    assumptions,
    claims,
    comparables,
    disclosures,
    imputations,
    planning,
    planning_rules,
    prices,
    recall_instance,
    site_costs,
)

__all__ = [
    "DATA",
    "ContractError",
    "accelerator_metrics",
    "accelerator_weights",
    "assumptions",
    "claims",
    "comparables",
    "contract",
    "contracts",
    "disclosures",
    "evidence",
    "imputations",
    "notes",
    "parse",
    "planning",
    "planning_rules",
    "prices",
    "recall_instance",
    "site_costs",
    "values",
]
