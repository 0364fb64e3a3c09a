"""The day of the least payment, priced by the right then; `test_by_days` tries every day."""

from datetime import date
from typing import Any

import pytest
from agreements import customer, plain

from analysis.contract import billing, position
from analysis.contract.schedule import Schedule


def test_a_credit_that_starts_within_a_month_makes_that_day_the_cheapest() -> None:
    deal = plain(
        payment={"timing": "arrears", "billing_months": 3, "days_to_pay": 30},
        termination=customer(notice_days=0),
        prepayment={"usd": 400.0, "paid": date(2026, 1, 1), "credit_from": date(2026, 3, 15),
                    "credit_share": 0.5, "refundable": False},
    )  # fmt: skip
    left = position(deal, date(2026, 2, 1)).firm()
    # 12 of 28 days of February; half of January and of these days is credited: 328.57 is lost
    assert (left.usd, left.end) == (pytest.approx(371.43, abs=0.005), date(2026, 2, 13))


def test_what_is_prepaid_after_an_exit_is_neither_paid_nor_lost() -> None:
    day = date(2026, 7, 1)
    deal = plain(
        termination=customer(notice_days=31),
        deposit={"usd": 50.0, "paid": day},
        prepayment={"usd": 400.0, "paid": day, "credit_from": day, "refundable": False},
    )
    assert (position(deal).firm().usd, position(deal).firm().end) == (
        pytest.approx(100),
        date(2026, 2, 1),
    )
    assert billing.payments(Schedule(deal), date(2026, 2, 1)).usd.tolist() == [100]
    assert billing.Ledger(Schedule(deal)).forfeited_usd(date(2026, 6, 30)) == 0
    assert billing.Ledger(Schedule(deal)).forfeited_usd(day) == 400
    assert position(deal, date(2026, 5, 30)).firm().end == date(2026, 6, 30)


def test_a_part_month_may_cost_less_than_whole_ones() -> None:
    deal = plain(
        start=date(2026, 6, 16),
        end=date(2027, 3, 16),
        signed=date(2026, 6, 16),
        fee=[{"from": date(2026, 6, 16), "usd_month": 1_250.0}],
        proration="actual-365",
        termination=customer(notice_days=1, gate_months=6, fee_share_of_remaining=1.0),
    )
    left = position(deal).firm()
    assert (left.usd, left.end) == (pytest.approx(11_137.11, abs=0.005), date(2027, 2, 28))


@pytest.mark.parametrize(
    "later",
    [customer(fee_months="none", fee_usd=9_000.0), {"customer": "none"}, customer(notice_days=365)],
)
def test_a_later_exit_is_priced_by_the_right_in_force_when_its_notice_is_served(later: Any) -> None:
    steps = [(date(2026, 1, 1), 1_000.0), (date(2026, 4, 1), 10.0), (date(2026, 7, 1), 1_000.0)]
    deal = plain(
        end=date(2029, 1, 1),
        fee=[{"from": day, "usd_month": usd} for day, usd in steps],
        termination=customer(notice_days=0, fee_months=6.0),
        amendment=[
            {"title": "t", "signed": date(2026, 1, 1), "effective": date(2026, 2, 1),
             "terms": {"termination": later}}
        ],
    )  # fmt: skip
    left = position(deal).firm()
    assert (left.usd, left.end) == (pytest.approx(6_000), date(2026, 1, 1))
