"""What is said, held and paid around the end: notice in months, deposits by rent, holding over."""

from datetime import date

import pytest
from agreements import plain

from analysis.contract import position
from analysis.contract.amendments import options
from analysis.contract.terms import Agreement


@pytest.fixture
def deal() -> Agreement:
    return plain()


def test_an_option_may_be_used_up_to_so_many_months_before_the_end(deal: Agreement) -> None:
    ending = deal.change({"end": date(2028, 1, 1)})  # the last day served is 31 December
    asked = {"months": 60, "notice_months": 6}
    [used] = options(ending.change({"extension": [asked]}))
    assert used.last_day == date(2027, 6, 30)


@pytest.mark.parametrize("notice", [{}, {"notice_days": 3, "notice_months": 1}])
def test_notice_of_an_option_is_in_days_or_in_months(deal: Agreement, notice: dict) -> None:  # type: ignore[type-arg]
    with pytest.raises(ValueError, match="exactly one of notice_days, notice_months"):
        deal.change({"extension": [{"months": 12, **notice}]})
    with pytest.raises(ValueError, match="exactly one of notice_days, notice_months"):
        deal.change({"renewal": {"months": 12, **notice}})


def test_a_renewal_may_be_objected_to_months_before_the_end(deal: Agreement) -> None:
    renewing = deal.change({"renewal": {"months": 12, "notice_months": 3}})
    assert renewing.renewal
    last = renewing.renewal.last_day(deal.end)
    assert position(renewing, last).end == deal.end
    assert position(renewing, date.fromordinal(last.toordinal() + 1)).end > deal.end


def test_a_deposit_of_months_is_so_many_full_fees(deal: Agreement) -> None:
    fee = deal.fee[0].usd_month
    held = deal.change({"deposit": {"months": 2.5, "paid": deal.start}})
    paid = position(held).payments
    assert paid[paid.clause == "deposit"].usd.tolist() == [2.5 * fee]
    assert paid[paid.clause == "deposit returned"].usd.tolist() == [-2.5 * fee]
    with pytest.raises(ValueError, match="exactly one of usd, months"):
        deal.change({"deposit": {"paid": deal.start}})


@pytest.mark.parametrize("unit", ["MWh", "GPU-hour", "kW-month"])
def test_a_deposit_of_months_counts_prices_by_unit_and_waits_for_the_end_of_free_months(
    deal: Agreement, unit: str
) -> None:
    free = [{"usd_month": 0.0}, {"after_months": 3, "usd_month": 300.0}]
    price = {"unit": unit, "quantity": 1.0, "usd_per_unit": 2.0}
    held = {"months": 2.0, "paid": deal.start}
    by_unit = 2.0 if unit == "kW-month" else 2.0 * 730
    for terms, month in (
        ({"fee": free}, 300.0),
        ({"fee": "none", "unit_price": [price]}, by_unit),
        ({"fee": free, "unit_price": [price]}, 300.0 if unit == "MWh" else by_unit),
        ({"fee": free, "unit_price": [price | {"from": date(2026, 6, 1)}]}, 300.0),
    ):
        paid = position(deal.change({**terms, "deposit": held})).payments
        assert paid[paid.clause == "deposit"].usd.tolist() == [2 * month]
        assert paid[paid.clause == "deposit returned"].usd.tolist() == [-2 * month]


def test_holding_over_costs_a_share_of_the_last_fee_for_as_long_as_it_may(deal: Agreement) -> None:
    staying = position(deal.change({"holdover": {"share": 1.5, "months": 2}}))
    until = date(deal.end.year, deal.end.month + 1, deal.end.day)
    rows = staying.held_over(until)
    assert (rows.start.min(), rows.end.max()) == (deal.end, until)
    assert rows.fee_usd.sum() == pytest.approx(1.5 * deal.fee[-1].usd_month * rows["share"].sum())
    assert staying.headline.usd == position(deal).headline.usd  # never committed
    rise = {"rate": 0.5, "every_months": 6}  # once before the end; the next is on it
    rising = staying.changed({"escalator": rise})
    assert rising.held_over(until).fee_usd.sum() == pytest.approx(1.5 * rows.fee_usd.sum())
    with pytest.raises(ValueError, match=r"until: .* is not allowed; allowed: after"):
        staying.held_over(date(deal.end.year + 1, 1, 1))
    with pytest.raises(ValueError, match="none without holdover"):
        position(deal).held_over(until)
