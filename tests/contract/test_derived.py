"""What a file leaves out is worked out: days, fees from totals, late starts, sums by unit."""

from datetime import date, timedelta
from typing import Any

import pytest
from agreements import plain
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from analysis.contract import position, readings
from analysis.contract.amendments import extended_by
from analysis.contract.schedule import Schedule
from analysis.contract.terms import Agreement
from analysis.questions.drivers.answer import Answer
from tests.by_days import Count, months_later

WHO = {"id": "d", "provider": "P", "customer": "C", "signed": date(2025, 1, 1)}
START = date(2026, 1, 1)


def deal(**terms: Any) -> Agreement:
    return Agreement.model_validate({**WHO, **terms})


def year(**terms: Any) -> Agreement:
    """Twelve months at 3,100 a month, with more terms."""
    return deal(**{"start": START, "term_months": 12, "fee": [{"usd_month": 3100.0}], **terms})


def usd(agreement: Agreement, **facts: Any) -> float:
    return position(agreement, facts=facts).headline.usd


DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))


@st.composite
def totals(draw: Any) -> dict[str, Any]:
    """Tranches that share a total: free months, discounts and escalators among them."""
    parts = []
    for n in range(draw(st.integers(1, 3))):
        free = draw(st.integers(0, 5))
        step: dict[str, Any] = {
            "after_months": free,
            "discount": draw(st.sampled_from([0.0, 0.25])),
        }
        part = {
            "name": f"t{n}",
            "start": draw(DAYS),
            "term_months": draw(st.integers(12, 60)),
            "capacity": {"mw": float(draw(st.integers(1, 300)))},
            "fee": [{"usd_month": 0.0}, step] if free else [{"discount": step["discount"]}],
        }
        if draw(st.booleans()):
            part["escalator"] = {"rate": draw(st.sampled_from([0.02, 0.05]))}
        parts.append(part)
    return {"tranche": parts, "total_usd": float(draw(st.integers(10**6, 10**10)))}


@settings(max_examples=10)
@given(totals())
def test_solved_fees_come_to_the_total_to_the_cent(terms: dict[str, Any]) -> None:
    found = deal(**terms)
    charges = Schedule(found).whole
    assert sum(charge.usd for charge in charges) == pytest.approx(terms["total_usd"], abs=0.004)
    by_mw, count = set(), Count({**WHO, **terms})
    for stated, tranche in zip(terms["tranche"], found.tranche, strict=True):
        assert tranche.end == months_later(stated["start"], stated["term_months"])
        alone = sum(charge.usd for charge in charges if charge.capacity == tranche.name)
        by_hand = count.amounts(found.end)[0][tranche.name].sum()
        assert alone == pytest.approx(by_hand, rel=1e-9)
        by_mw.add(round(tranche.fee[-1].usd_month / stated["capacity"]["mw"], 4))
        assert tranche.fee[-1].derived
    assert max(by_mw) - min(by_mw) < 0.001


def test_disclosed_totals_give_their_monthly_fees() -> None:
    twelve = deal(start=date(2025, 1, 1), term_months=144, total_usd=3.5e9)
    assert twelve.fee[0].usd_month == pytest.approx(24_305_555.56, abs=0.01)
    starts = [date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1), date(2027, 1, 1)]
    parts = [
        {"name": f"h{n}", "start": day, "term_months": 60, "capacity": {"mw": 50.0}}
        for n, day in enumerate(starts)
    ]
    four = deal(total_usd=9.7e9, tranche=parts)
    assert (four.start, four.end) == (date(2026, 4, 1), date(2032, 1, 1))
    assert [t.fee[0].usd_month for t in four.tranche] == pytest.approx([40_416_666.67] * 4)


def test_solved_fees_stay_when_the_end_moves_and_follow_their_total() -> None:
    found = year(fee=(), total_usd=37_200.0)
    assert found.fee[0].usd_month == pytest.approx(3100)
    assert found.change({"end": date(2028, 1, 1)}).fee[0].usd_month == pytest.approx(3100)
    assert found.change({"total_usd": 12_000.0}).fee[0].usd_month == pytest.approx(1000)
    longer = {"title": "more", "signed": START, "effective": date(2026, 7, 1)}
    amended = found.change({"amendment": [longer | {"terms": {"end": date(2028, 1, 1)}}]})
    assert usd(amended) == pytest.approx(24 * 3100)


def test_days_that_follow_move_and_stated_days_stay() -> None:
    found = year(fee=[{"usd_month": 0.0}, {"after_months": 3, "usd_month": 100.0}])
    moved = found.change({"start": date(2026, 3, 1)})
    assert (moved.end, moved.fee[1].since) == (date(2027, 3, 1), date(2026, 6, 1))
    fixed = found.change({"end": date(2027, 6, 1)}).change({"start": date(2026, 3, 1)})
    assert fixed.end == date(2027, 6, 1)
    with pytest.raises(ValidationError, match="give one of the two"):
        year(end=date(2027, 2, 1))


def test_a_range_of_days_gives_a_range_of_firm_value() -> None:
    span = {"low": date(2025, 7, 1), "use": START, "high": date(2026, 7, 1)}
    fixed = year(start=span, term_months=None, end=date(2027, 1, 1))
    row = readings.one(position(fixed, as_of=date(2025, 1, 1)), "as-written")
    assert [row.firm_low_usd, row.firm_usd, row.firm_high_usd] == pytest.approx(
        [6 * 3100, 12 * 3100, 18 * 3100]
    )
    assert fixed.change({"notes": ["x"]}).uncertain == fixed.uncertain
    assert not fixed.change({"start": START}).uncertain
    with pytest.raises(ValidationError, match="must hold"):
        year(start=span | {"low": date(2026, 2, 1)})


def test_a_total_stays_wherever_its_days_lie() -> None:
    span = {"low": START, "use": date(2026, 4, 1), "high": date(2026, 7, 1)}
    found = year(start=span, term_months=None, end=date(2027, 1, 1), fee=(), total_usd=36_000.0)
    assert found.on_days("high").fee[0].usd_month == pytest.approx(6000)
    assert usd(found.on_days("low")) == pytest.approx(36_000)


def test_a_late_delivery_moves_the_start_and_the_term() -> None:
    late = {"due": START, "moves_start": True}
    here = position(year(delivery=late), facts={"delivered": {"site": {date(2026, 3, 1): 1.0}}})
    assert (here.terms.start, here.end) == (date(2026, 3, 1), date(2027, 3, 1))
    assert here.headline.usd == pytest.approx(12 * 3100)
    with pytest.raises(ValidationError, match="moves_start"):
        year(delivery=late, fee=[{"from": START, "usd_month": 3100.0}])


def test_a_tranche_that_comes_before_the_start_is_served_from_the_start_on() -> None:
    due = {"due": date(2026, 2, 1), "moves_start": True}
    hall = {"name": "hall", "start": date(2026, 2, 1), "term_months": 10, "delivery": due}
    deal = year(tranche=[hall | {"fee": [{"usd_month": 3100.0}]}])
    found = position(deal, facts={"delivered": {"hall": {date(2025, 12, 20): 1.0}}})
    assert found.terms.tranche[0].fee[0].since == START
    assert found.headline.usd == pytest.approx(22 * 3100)


def test_credits_for_late_days_begin_after_the_days_of_grace() -> None:
    # 31 days late, 10 of grace: 21 days at 2 days' rent of 100 and 50 dollars
    late = {"due": START, "credit_after_days": 10, "late_credit_rent_days": 2.0}
    late["late_credit_usd_day"] = 50.0
    delivered = {"site": {date(2026, 2, 1): 1.0}}
    assert usd(year(delivery=late), delivered=delivered) == pytest.approx(11 * 3100 - 21 * 250)


def test_late_days_before_a_service_that_delivery_begins_are_credited_on_its_first_day() -> None:
    # 59 days late, 10 of grace: 49 days at half a day's rent of 100 and 50 dollars, free or not
    late = {"due": START, "moves_start": True, "credit_after_days": 10}
    late |= {"late_credit_rent_days": 0.5, "late_credit_usd_day": 50.0}
    facts = {"delivered": {"site": {date(2026, 3, 1): 1.0}}}
    free = [{"usd_month": 0.0}, {"after_months": 6, "usd_month": 3100.0}]
    for terms, fees in (({}, 12), ({"fee": free}, 6)):
        found = position(year(delivery=late, **terms), facts=facts)
        assert found.headline.usd == pytest.approx(fees * 3100 - 49 * 100)
        assert "late credit" in found.rows.clause[0]


@pytest.mark.parametrize(
    ("credit", "usd_day"),
    [({"late_credit_usd_day": 50.0}, 50), ({"late_credit_rent_days": 1.0}, 100)],
)
@pytest.mark.parametrize("share", [1.0, 0.5])
def test_late_days_of_a_moved_tranche_are_credited_once_beside_other_service(
    credit: dict[str, float], usd_day: float, share: float
) -> None:
    # due on 1 February, begun on 1 March, 8 days of grace: 20 days; then half of 31 at share 0.5
    late = {"due": date(2026, 2, 1), "moves_start": True, "credit_after_days": 8, **credit}
    hall = {"name": "hall", "start": date(2026, 2, 1), "term_months": 10, "delivery": late}
    deal = year(tranche=[hall | {"fee": [{"usd_month": 3100.0}]}])
    begun = {date(2026, 3, 1): share, date(2026, 4, 1): 1.0}
    found = position(deal, facts={"delivered": {"hall": begun}})
    fees, days = 21 + share, 20 + 31 * (1 - share)
    assert found.headline.usd == pytest.approx(fees * 3100 - days * usd_day)
    assert found.payments.set_index("date").usd[date(2026, 2, 1)] == pytest.approx(3100)


def test_credits_for_capacity_that_is_not_known_to_come_end_with_the_remedy() -> None:
    # half is missing for good: half the fees, and a credit of 50 a day for 59 days
    late = {"due": START, "cure_months": 2, "late_credit_usd_day": 100.0, "remedy": "reduce"}
    half = {"site": {START: 0.5}}
    assert usd(year(delivery=late), delivered=half) == pytest.approx(6 * 3100 - 59 * 50)
    for_ever = late | {"remedy": "nothing"}
    assert usd(year(delivery=for_ever), delivered=half) == pytest.approx(6 * 3100 - 365 * 50)
    comes = {"site": {START: 0.5, date(2026, 4, 1): 1.0}}
    assert usd(year(delivery=late), delivered=comes) == pytest.approx(10.5 * 3100 - 90 * 50)


def test_a_sum_paid_once_is_due_on_its_day() -> None:
    once = [{"name": "installation", "usd": 500.0, "paid": date(2026, 3, 10)}]
    found = year(one_off=once)
    assert usd(found) == pytest.approx(12 * 3100 + 500)
    charge = next(c for c in Schedule(found).whole if c.clause == "installation")
    assert (charge.due, charge.usd) == (date(2026, 3, 10), 500)
    with pytest.raises(ValidationError, match="not before the end"):
        year(one_off=[once[0] | {"paid": date(2027, 1, 1)}])


def test_units_are_hours_or_months_of_the_quantity() -> None:
    price = {"unit": "GPU-hour", "quantity": 10.0, "usd_per_unit": 2.0, "minimum_share": 0.5}
    found = year(unit_price=[price])
    assert usd(found) == pytest.approx(12 * 3100 + 0.5 * 365 * 24 * 20)
    used = usd(found, usage={START: 7000.0})
    assert used - usd(found) == pytest.approx((7000 - 0.5 * 31 * 240) * 2)
    rent = {"unit": "kW-month", "quantity": 100.0, "usd_per_unit": 3.0, "end": date(2026, 7, 1)}
    assert usd(year(unit_price=[rent])) == pytest.approx(12 * 3100 + 6 * 300)


def test_prices_by_unit_stand_alone_rise_and_wait_for_delivery() -> None:
    prices = [
        {"unit": "kW-month", "quantity": 100.0, "usd_per_unit": 31.0, "escalator": {"rate": 0.1}},
        {"unit": "instance-hour", "quantity": 1.0, "usd_per_unit": 2.0, "minimum_share": 0.5},
    ]
    found = year(fee=(), term_months=24, unit_price=prices)
    assert usd(found) == pytest.approx(3100 * 12 * (1 + 1.1) + 24 * 730)
    assert "fee" not in found.stated()
    assert position(found.change({"amounts": "up to"})).firm().usd == 0
    half = {"site": {START: 0.5, date(2026, 2, 1): 1.0}}
    assert usd(found, delivered=half) == pytest.approx(usd(found) - (3100 + 31 * 24) / 2)
    late = found.change({"delivery": {"due": START, "late_credit_rent_days": 1.0}})
    assert usd(late, delivered=half) == pytest.approx(usd(found) - (3100 + 31 * 24))
    with pytest.raises(ValidationError, match="escalator: there is no fee that it raises"):
        year(fee=(), unit_price=prices, escalator={"rate": 0.1})


def test_an_index_raises_a_price_by_unit() -> None:
    rise = {"index": "prices", "base_level": 100.0, "every_months": 6}
    price = {"unit": "unit-month", "quantity": 31.0, "usd_per_unit": 100.0, "escalator": rise}
    found = usd(year(fee=(), unit_price=[price]), index={date(2026, 6, 1): 120.0})
    assert found == pytest.approx(6 * 3100 * (1 + 1.2))


def test_extensions_cost_what_each_year_or_a_rate_says() -> None:
    by_year = [{"months": 24, "notice_days": 30, "usd_month_by_year": [200.0, 300.0]}]
    longer = extended_by(year(extension=by_year), "customer", as_of=START)
    assert usd(longer) == pytest.approx(12 * 3100 + 12 * 200 + 12 * 300)
    rate = [{"months": 24, "notice_days": 30, "rate": 0.1}]
    longer = extended_by(year(extension=rate), "customer", as_of=START)
    assert usd(longer) == pytest.approx(12 * 3100 * (1 + 1.1 + 1.21))
    with pytest.raises(ValidationError, match="at most one of"):
        year(extension=[rate[0] | {"usd_month": 5.0}])


def test_deadlines_name_windows_holdover_and_market_price() -> None:
    option = {"months": 12, "notice_days": 30, "opens_days": 90, "price": "market"}
    found = position(year(extension=[option], holdover={"share": 1.5, "months": 4}))
    rows = found.deadlines.set_index("event").date
    # like notice, counted back from the last day served
    assert rows["first day to exercise extension"] == date(2026, 12, 31) - timedelta(days=90)
    assert "last day to exercise extension at the day's market price" in rows
    assert rows["holding over costs 150% of the last fee, 4 months at most"] == date(2027, 1, 1)


def test_a_deposit_follows_its_steps_and_comes_back_whole() -> None:
    held = {"usd": 100.0, "paid": START, "steps": [{"from": date(2026, 6, 1), "usd": 40.0}]}
    rows = position(year(deposit=held)).payments
    rows = rows[rows.clause.str.startswith("deposit")]
    assert list(rows.usd) == [100.0, -60.0, -40.0]


def test_an_uncertain_day_is_a_bar_of_what_moves_the_value() -> None:
    span = {"low": START, "use": START, "high": date(2026, 7, 1)}
    found = year(start=span, term_months=None, end=date(2027, 1, 1))
    bars = Answer().of(found).own.set_index("input")
    assert bars.loc["days", ["low_usd", "base_usd", "high_usd"]].tolist() == pytest.approx(
        [6 * 3100, 12 * 3100, 12 * 3100]
    )


def test_what_is_stated_counts_towards_the_total() -> None:
    once = [{"name": "installation", "usd": 1200.0, "paid": START}]
    found = year(fee=(), total_usd=13_200.0, one_off=once)
    assert found.fee[0].usd_month == pytest.approx(1000)
    with pytest.raises(ValidationError, match="less than what is stated"):
        year(fee=(), total_usd=1000.0, one_off=once)


def test_totals_are_solved_on_planned_days_also_where_a_delivery_moves_one() -> None:
    span = {"low": date(2026, 1, 1), "use": date(2026, 2, 1), "high": date(2026, 3, 1)}
    late = {"due": date(2026, 2, 1), "moves_start": True}
    halls = [
        {"name": "a", "start": span, "end": date(2027, 1, 1)},
        {"name": "b", "start": date(2026, 2, 1), "end": date(2027, 1, 1), "delivery": late},
    ]
    signed = deal(tranche=halls, total_usd=2_100.0)
    facts = {"delivered": {"b": {date(2026, 6, 1): 1.0}}}
    found = position(signed, facts=facts).on_days("low").terms
    assert found.tranche[1].start == date(2026, 6, 1)
    planned = [t.fee[0].usd_month for t in signed.on_days("low").tranche]
    assert [t.fee[0].usd_month for t in found.tranche] == pytest.approx(planned)


def test_a_rate_and_an_index_take_each_other_s_place() -> None:
    prices = {"index": "prices", "base_level": 100.0, "floor_rate": 0.01}
    rising = plain(escalator={"from": date(2026, 7, 1), **prices})
    fixed = rising.change({"escalator": {"rate": 0.03}})
    assert fixed.escalator is not None
    assert (fixed.escalator.rate, fixed.escalator.index) == (0.03, None)
    back = fixed.change({"escalator": prices})
    assert back.escalator == rising.escalator
