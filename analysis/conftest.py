"""What the docstrings' examples call `deal`: two months at half fee, then 24 at 100 a month."""

from typing import Any

import pytest

from analysis.contract import position
from analysis.contract.files import parse
from analysis.contract.schedule import Schedule

DEAL = """
id = "deal"
provider = "Provider"
customer = "Customer"
signed = 2026-01-01
start = 2026-01-01
end = 2028-03-01
fee = [
    { from = 2026-01-01, usd_month = 100.0, discount = 0.5 },
    { from = 2026-03-01, usd_month = 100.0 },
]
termination.customer.notice_days = 90
"""


@pytest.fixture(autouse=True)
def _deal(doctest_namespace: dict[str, Any]) -> None:
    import datetime

    doctest_namespace["deal"] = parse(DEAL)
    doctest_namespace["date"] = datetime.date
    doctest_namespace["position"] = position
    doctest_namespace["Schedule"] = Schedule
