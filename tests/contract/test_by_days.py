"""Every clause, alone and mixed with others, comes to what a count by days comes to."""

from datetime import date
from typing import Any

import pytest

from tests import mixed
from tests.by_days import Count

ASKED = ("total_usd", "term_months", "tranche", "escalator", "prepayment", "termination", "minimum",
         "fact", "delivery", "support", "one_off", "holdover", "unit_price", "take_or_pay",
         "amounts", "deposit", "payment", "amendment", "readings", "renewal", "service_credit",
         "fee_schedule", "fee_unamortised", "fee_months", "anniversary", "notice_months",
         "moves_start", "late_credit_usd_day", "cap_usd", "steps", "spend", "usage",
         "carried over", "credited", "fee_owed")  # fmt: skip


@pytest.mark.parametrize("tens", range(6))
def test_a_mix_of_clauses_comes_to_what_a_count_by_days_does(tens: int) -> None:
    refused = 0
    for seed in range(10 * tens, 10 * tens + 10):
        try:
            found = list(mixed.differences(mixed.Mixed(seed)))
        except ValueError:
            refused += 1
            continue
        assert not found, (seed, found)
    assert refused < 4


@pytest.mark.parametrize("seed", [251, 460, 681])
def test_a_mix_under_30_360_comes_to_what_a_count_by_days_does(seed: int) -> None:
    assert not list(mixed.differences(mixed.Mixed(seed)))


def test_the_mixes_hold_every_clause_several_times() -> None:
    texts = [str(mixed.Mixed(seed).data) for seed in range(60)]
    rare = {clause: n for clause in ASKED if (n := sum(clause in text for text in texts)) < 3}
    assert not rare


@pytest.mark.parametrize(
    ("terms", "usd"),
    [
        ({"end": date(2028, 1, 1)}, 2_400.0),
        ({"term_months": 18, "full_months": True}, 1_800.0),
        ({"escalator": {"rate": 0.1, "every_months": 6}}, 600 + 660),
        ({"minimum": [{"usd": 2_000.0}]}, 2_000.0),
        ({"one_off": [{"name": "x", "usd": -50.0, "paid": date(2026, 3, 1)}]}, 1_150.0),
        ({"unit_price": [{"unit": "GPU-hour", "quantity": 1.0, "usd_per_unit": 0.1}]},
         1_200 + 0.1 * 8_760),
    ],
)  # fmt: skip
def test_the_count_by_days_is_what_a_reader_counts(terms: dict[str, Any], usd: float) -> None:
    day = date(2026, 1, 1)
    plain = {"signed": day, "start": day, "end": date(2027, 1, 1)}
    count = Count(plain | {"fee": [{"usd_month": 100.0}]} | terms)
    assert count.service(day, count.end) == pytest.approx(usd)
