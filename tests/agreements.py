"""Agreements that the tests change: a year at 100 a month, plain enough to check by hand."""

from datetime import date
from typing import Any

from analysis.contract.derived import merge
from analysis.contract.terms import Agreement

PLAIN: dict[str, Any] = {
    "id": "plain",
    "provider": "Provider",
    "customer": "Customer",
    "signed": date(2026, 1, 1),
    "start": date(2026, 1, 1),
    "end": date(2027, 1, 1),
    "fee": [{"from": date(2026, 1, 1), "usd_month": 100.0}],
}


def plain(**changes: Any) -> Agreement:
    """One year from 1 January 2026 at 100 a month, with changes; a new start moves the fee."""
    data = merge(PLAIN, changes)
    if "start" in changes:
        data["signed"] = min(data["signed"], changes["start"])
        if "fee" not in changes:
            data["fee"] = [{"from": changes["start"], "usd_month": 100.0}]
    return Agreement.model_validate(data)


def customer(**right: Any) -> dict[str, Any]:
    """The table of a customer's right to leave."""
    return {"customer": right}
