"""When money moves: invoices in whole cents, prepayments, deposits, true-ups."""

from datetime import date
from typing import Any

import pytest
from agreements import plain

from analysis.contract import billing, position
from analysis.contract.facts import Facts
from analysis.contract.files import contract
from analysis.contract.schedule import Schedule, frame
from analysis.contract.terms import Agreement


def paid(
    agreement: Agreement, until: date | None = None, **facts: Any
) -> list[tuple[str, float, str]]:
    table = billing.payments(Schedule(agreement, Facts.of(facts)), until)
    return [
        (str(day), usd, what)
        for day, usd, what in zip(table.date, table.usd, table.clause, strict=True)
    ]


def short(**changes: Any) -> Agreement:
    """Four months at 100: January to April 2026."""
    return plain(end=date(2026, 5, 1), **changes)


def test_invoices_in_advance() -> None:
    assert paid(short()) == [
        ("2026-01-01", 100, "invoice"),
        ("2026-02-01", 100, "invoice"),
        ("2026-03-01", 100, "invoice"),
        ("2026-04-01", 100, "invoice"),
    ]


def test_invoices_in_arrears_by_quarter_with_days_to_pay() -> None:
    payment = {"timing": "arrears", "billing_months": 3, "days_to_pay": 30}
    # January to March on 1 April, April on the day service ends, each 30 days later
    assert paid(short(payment=payment)) == [
        ("2026-05-01", 300, "invoice"),
        ("2026-05-31", 100, "invoice"),
    ]


def test_cents_add_up_over_the_invoices_of_a_month() -> None:
    # 100 over 31 days, cut after the 10th and the 20th: 32.258…, 32.258…, 35.483… dollars
    deal = plain(
        end=date(2026, 2, 1),
        fee=[{"from": date(2026, 1, day), "usd_month": 100.0} for day in (1, 11, 21)],
    )
    found = paid(deal)
    assert found == [("2026-01-01", 100.0, "invoice")]
    cents = billing.to_cents(frame(Schedule(deal).whole).fee_usd)
    assert cents == [3226, 3226, 3548]


def test_credits_and_use_above_a_minimum_stand_in_the_next_invoice() -> None:
    used = {"usage": {date(2026, 1, 1): 12.0, date(2026, 4, 1): 11.0}}
    meter = {"unit": "GB", "minimum_units_month": 10.0, "usd_per_unit": 1.0,
             "overage_usd_per_unit": 3.0}  # fmt: skip
    down = {"availability": {date(2026, 2, 1): 0.9, date(2026, 4, 1): 0.9}}
    deal = short(take_or_pay=meter, service_credit=[{"below": 0.99, "share": 0.1}])
    assert [(day, usd) for day, usd, _ in paid(deal, **used, **down)] == [
        ("2026-01-01", 110),
        ("2026-02-01", 110 + 6),
        ("2026-03-01", 110 - 10),
        ("2026-04-01", 110),
        ("2026-05-01", 3 - 10),  # no invoice is left: paid when service has ended
    ]
    # by the quarter: what is known of January and February stands in the invoice of April
    quarters = deal.change({"payment": {"billing_months": 3, "days_to_pay": 10}})
    assert [(day, usd) for day, usd, _ in paid(quarters, **used, **down)] == [
        ("2026-01-11", 330), ("2026-04-11", 110 + 6 - 10), ("2026-05-11", 3 - 10)
    ]  # fmt: skip


def test_late_days_are_credited_in_the_next_invoice() -> None:
    late = {"due": date(2026, 1, 1), "late_credit_usd_day": 1.0}
    facts = {"delivered": {"site": {date(2026, 2, 1): 1.0}}}
    found = paid(short(delivery=late), **facts)
    assert [(day, usd) for day, usd, _ in found][:2] == [("2026-01-01", 0), ("2026-02-01", 69)]


AHEAD = {"usd": 150.0, "paid": date(2025, 12, 1), "credit_from": date(2026, 2, 1)}


def test_prepayment_credited_by_share() -> None:
    # from February half of each invoice is covered: 50 + 50 + 50 uses all 150 up
    found = paid(short(prepayment=AHEAD | {"credit_share": 0.5}))
    assert found[0] == ("2025-12-01", 150, "prepayment")
    assert [item for item in found if "credited" in item[2]] == [
        ("2026-02-01", -50, "prepayment credited"),
        ("2026-03-01", -50, "prepayment credited"),
        ("2026-04-01", -50, "prepayment credited"),
    ]
    assert sum(usd for _, usd, _ in found) == 400


def test_prepayment_credited_in_full_until_it_is_used_up() -> None:
    found = paid(short(prepayment=AHEAD))
    credits = [(day, usd) for day, usd, what in found if "credited" in what]
    assert credits == [("2026-02-01", -100), ("2026-03-01", -50)]


def test_prepayment_unused_comes_back_if_refundable() -> None:
    # service ends on 1 March: only February's 100 is covered, 50 come back
    left = date(2026, 3, 1)
    found = paid(short(prepayment=AHEAD), left)
    assert found[-1] == ("2026-03-01", -50, "prepayment refunded")
    assert sum(usd for _, usd, _ in found) == 200
    assert billing.Ledger(Schedule(short(prepayment=AHEAD))).forfeited_usd(left) == 0


def test_prepayment_unused_is_lost_if_not_refundable() -> None:
    deal, left = short(prepayment=AHEAD | {"refundable": False}), date(2026, 3, 1)
    assert billing.Ledger(Schedule(deal)).forfeited_usd(left) == 50
    assert sum(usd for _, usd, _ in paid(deal, left)) == 250
    assert billing.Ledger(Schedule(deal)).forfeited_usd(date(2026, 5, 1)) == 0


def test_prepayment_in_arrears_comes_back_after_the_last_invoice() -> None:
    deal = short(payment={"timing": "arrears", "days_to_pay": 30}, prepayment=AHEAD)
    found = paid(deal, date(2026, 2, 1))
    # January's invoice falls due on 3 March and uses 100 of 150; then 50 come back
    assert found == [
        ("2025-12-01", 150, "prepayment"),
        ("2026-03-03", 100, "invoice"),
        ("2026-03-03", -100, "prepayment credited"),
        ("2026-03-03", -50, "prepayment refunded"),
    ]


def test_prepayment_made_by_an_amendment_counts() -> None:
    deal = short(
        amendment=[
            {
                "title": "t",
                "signed": date(2026, 1, 5),
                "effective": date(2026, 2, 1),
                "terms": {"prepayment": AHEAD | {"paid": date(2026, 2, 1)}},
            }
        ]
    )
    assert sum(usd for _, usd, what in paid(deal) if what == "prepayment") == 150


def hall(name: str, since: date, **more: Any) -> dict[str, Any]:
    return {"name": name, "fee": [{"from": since, "usd_month": 60.0}], **more}


def test_each_tranche_uses_up_its_own_prepayment_from_its_own_month() -> None:
    deal = short(
        tranche=[
            hall("b", date(2026, 2, 1), prepayment=AHEAD | {"usd": 100.0}),
            hall("c", date(2026, 2, 1), prepayment=AHEAD | {"credit_from": date(2026, 3, 1),
                                                            "credit_share": 0.5}),
        ]
    )  # fmt: skip
    found = paid(deal)
    # invoices of 100, 220, 220, 220, of which 60 each from February on are b's and c's
    assert [item for item in found if "credited" in item[2]] == [
        ("2026-02-01", -60, "b prepayment credited"),
        ("2026-03-01", -40, "b prepayment credited"),
        ("2026-03-01", -30, "c prepayment credited"),
        ("2026-04-01", -30, "c prepayment credited"),
    ]
    assert found[-1] == ("2026-05-01", -90, "c prepayment refunded")
    assert sum(usd for _, usd, _ in found) == pytest.approx(760)


def test_the_agreements_own_prepayment_pays_what_tranches_prepayments_leave() -> None:
    tranche = hall("b", date(2026, 2, 1), prepayment=AHEAD | {"usd": 50.0})
    found = paid(short(prepayment=AHEAD, tranche=[tranche]))
    assert [item for item in found if "credited" in item[2]] == [
        ("2026-02-01", -50, "b prepayment credited"),
        ("2026-02-01", -110, "prepayment credited"),
        ("2026-03-01", -40, "prepayment credited"),
    ]


def test_only_what_is_not_refundable_of_the_prepayments_is_lost() -> None:
    lost = AHEAD | {"refundable": False}
    deal = short(prepayment=AHEAD, tranche=[hall("b", date(2026, 2, 1), prepayment=lost)])
    assert billing.Ledger(Schedule(deal)).forfeited_usd(date(2026, 3, 1)) == 90


def test_a_true_up_counts_towards_the_tranche_it_is_for() -> None:
    deal = short(
        tranche=[hall("b", date(2026, 2, 1), prepayment=AHEAD)],
        amendment=[
            {"title": "t", "signed": date(2026, 2, 10), "effective": date(2026, 2, 1),
             "terms": {"tranche": [{"name": "b", "fee": [
                 {"from": date(2026, 2, 1), "usd_month": 80.0}]}]}}
        ],
    )  # fmt: skip
    found = [item for item in paid(deal) if "credited" in item[2]]
    # 60 invoiced on 1 February, 20 more on 10 February, 70 left for March
    assert [(day, usd) for day, usd, _ in found] == [
        ("2026-02-01", -60), ("2026-02-10", -20), ("2026-03-01", -70)
    ]  # fmt: skip


def test_a_tranches_prepayment_is_paid_within_the_term() -> None:
    late = AHEAD | {"paid": date(2026, 5, 1), "credit_from": date(2026, 5, 1)}
    with pytest.raises(ValueError, match=r"tranche\.0\.prepayment\.paid: 2026-05-01 is not before"):
        short(tranche=[hall("b", date(2026, 2, 1), prepayment=late)])


def test_deposit_returns_after_the_last_day_served() -> None:
    held = {"usd": 70.0, "paid": date(2025, 12, 15), "returned_after_days": 45}
    found = paid(short(deposit=held))
    assert found[0] == ("2025-12-15", 70, "deposit")
    assert found[-1] == ("2026-06-15", -70, "deposit returned")  # 1 May + 45 days
    assert sum(usd for _, usd, _ in found) == 400


def backdated(**payment: Any) -> Agreement:
    """60 instead of 100 a month from 15 February, agreed on 20 March."""
    return short(
        payment=payment,
        amendment=[
            {
                "title": "cheaper",
                "signed": date(2026, 3, 20),
                "effective": date(2026, 2, 15),
                "terms": {"fee": [{"from": date(2026, 2, 15), "usd_month": 60.0}]},
            }
        ],
    )


def test_back_dated_amendment_leaves_invoices_and_trues_up() -> None:
    # owed in February 100 × 14/28 + 60 × 14/28 = 80, in March 60; billed were 100 and 100
    assert paid(backdated(days_to_pay=0)) == [
        ("2026-01-01", 100, "invoice"),
        ("2026-02-01", 100, "invoice"),
        ("2026-03-01", 100, "invoice"),
        ("2026-03-20", -60, "true-up: cheaper"),
        ("2026-04-01", 60, "invoice"),
    ]


@pytest.mark.parametrize(
    "payment", [{"days_to_pay": 25}, {"timing": "arrears"}, {"billing_months": 3}]
)
def test_back_dated_amendment_adds_up(payment: dict[str, Any]) -> None:
    deal = backdated(**payment)
    assert sum(usd for _, usd, _ in paid(deal)) == pytest.approx(100 + 80 + 60 + 60)
    assert frame(Schedule(deal).whole).fee_usd.sum() == pytest.approx(300)


def test_back_dated_amendment_makes_no_true_up_of_a_rounding() -> None:
    # signed on 10 December with effect in a quarter that is invoiced on 31 December only
    deal = contract("invented-every-clause")
    found = paid(deal)
    assert not [what for _, _, what in found if "true-up" in what]
    owed = frame(Schedule(deal).whole).fee_usd.sum()
    assert sum(usd for _, usd, _ in found) == pytest.approx(round(owed, 2), abs=1e-5)


def test_a_renewal_is_billed_once_nobody_can_object_any_more() -> None:
    """A year is billed ahead; half of it is the term until the renewal binds on 1 June."""
    deal = plain(
        end=date(2026, 7, 1),
        payment={"billing_months": 12},
        renewal={"months": 6, "notice_days": 30},
    )
    paid = position(deal, date(2026, 6, 15)).payments
    assert dict(zip(paid.date, paid.usd, strict=True)) == pytest.approx(
        {date(2026, 1, 1): 600.0, date(2026, 6, 1): 600.0}
    )
