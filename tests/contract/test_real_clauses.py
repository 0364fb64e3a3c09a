"""Clauses as filed agreements word them, each counted by hand."""

from datetime import date
from typing import Any

import pytest
from agreements import customer, plain

from analysis.contract import billing, position
from analysis.contract.duration import Termination
from analysis.contract.schedule import Schedule
from analysis.contract.terms import Agreement
from analysis.questions.as_if import as_if

START = date(2026, 1, 1)


def usd(deal: Agreement, **facts: Any) -> float:
    return position(deal, START, facts=facts).headline.usd


def least(**terms: Any) -> Agreement:
    """Two years with a minimum of 100 a year and no fee."""
    return plain(end=date(2028, 1, 1), fee="none", minimum=[{"usd": 100.0, **terms}])


@pytest.mark.parametrize(
    ("carry", "due"),
    [
        ({}, 60.0),
        ({"shortfall": "carried over"}, 0.0),
        ({"shortfall": "carried over", "carry_share": 0.5}, 30.0),
        ({"shortfall": "carried over", "carry_cap_share": 0.15}, 45.0),
        ({"shortfall": "carried over", "carry_share": 0.1, "carry_cap_share": 0.15}, 54.0),
    ],
)
def test_a_shortfall_is_paid_but_for_the_part_that_is_carried_over(
    carry: dict[str, Any], due: float
) -> None:
    deal = least(**carry)
    facts = {"spend": {date(2026, 12, 31): 40.0}}
    found = position(deal, START, facts=facts)
    first = found.rows[found.rows.end <= date(2027, 1, 1)].fee_usd.sum()
    assert first == pytest.approx(40 + due)
    assert found.headline.usd == pytest.approx(200)


@pytest.mark.parametrize(
    ("carry", "next_year"),
    [
        ({}, 100.0),
        ({"surplus": "carried over"}, 20.0),
        ({"surplus": "carried over", "carry_share": 0.25}, 80.0),
        ({"surplus": "carried over", "carry_cap_share": 0.15}, 85.0),
    ],
)
def test_a_surplus_lowers_the_next_minimum_by_the_part_that_is_carried_over(
    carry: dict[str, Any], next_year: float
) -> None:
    spent = {date(2026, 12, 31): 180.0}
    assert usd(least(**carry), spend=spent) == pytest.approx(180 + next_year)


@pytest.mark.parametrize(
    ("credit", "due"),
    [
        ({}, 40 + 60 + 130 + 150),
        ({"shortfall": "credited"}, 40 + 60 + (130 - 30) + (150 - 30)),
        ({"shortfall": "credited", "credit_periods": 1}, 40 + 60 + (130 - 30) + 150),
        ({"shortfall": "credited", "carry_share": 0.5}, 40 + 60 + (130 - 30) + 150),
        ({"shortfall": "credited", "carry_cap_share": 0.1}, 40 + 60 + (130 - 10) + 150),
    ],
)
def test_a_shortfall_that_is_paid_is_credited_against_what_is_later_spent_above_the_minimum(
    credit: dict[str, Any], due: float
) -> None:
    deal = plain(end=date(2029, 1, 1), fee="none", minimum=[{"usd": 100.0, **credit}])
    spent = {date(2026, 12, 31): 40.0, date(2027, 12, 31): 170.0, date(2028, 12, 31): 320.0}
    found = position(deal, START, facts={"spend": spent})
    assert found.headline.usd == pytest.approx(due)
    assert found.payments.usd.sum() == pytest.approx(due)
    credits = found.rows[found.rows.clause.str.contains("shortfall credited")]
    assert all(day > date(2027, 6, 1) for day in credits.start)


def test_what_is_used_of_a_credit_is_no_surplus_that_is_carried_over() -> None:
    both = {"shortfall": "credited", "surplus": "carried over"}
    spent = {date(2026, 12, 31): 40.0, date(2027, 12, 31): 220.0}
    deal = plain(end=date(2029, 1, 1), fee="none", minimum=[{"usd": 100.0, **both}])
    # 60 of the 80 above are credited, 20 lower the last year's minimum
    assert usd(deal, spend=spent) == pytest.approx(40 + 60 + 180 - 60 + 80)


def test_periods_of_a_credit_are_told_where_nothing_is_credited() -> None:
    with pytest.raises(
        ValueError, match="credit_periods 2: allowed: where shortfall is credited; given: 'paid'"
    ):
        least(credit_periods=2)


def test_a_minimum_may_be_of_one_tranche() -> None:
    hall = {"name": "hall", "start": date(2026, 7, 1), "fee": [{"usd_month": 10.0}]}
    own = {"usd": 365.0, "tranche": "hall"}
    deal = plain(tranche=[hall], minimum=[own])  # 184 days of it
    rows = [c for c in Schedule(deal).whole if c.capacity == "hall"]
    assert sum(c.usd for c in rows) == pytest.approx(184)
    assert usd(deal) == pytest.approx(1_200 + 184)
    both = plain(tranche=[hall], minimum=[own, {"usd": 1_500.0}])
    assert usd(both) == pytest.approx(1_500)  # what the hall lacks counts for all
    ends = plain(tranche=[hall | {"end": date(2026, 10, 1)}], minimum=[own])
    assert usd(ends) == pytest.approx(1_200 + 92)
    leaves = {"name": "hall", "termination": customer(notice_days=0)}
    assert position(deal.change({"tranche": [leaves]}), START).firm().usd == pytest.approx(1_200)
    site = {"usd": 2_000.0, "tranche": "site", "period": "term"}
    assert usd(plain(tranche=[hall], minimum=[site])) == pytest.approx(2_000 + 60)
    with pytest.raises(ValueError, match="minimum: 'attic' is no tranche; allowed: site, hall"):
        plain(tranche=[hall], minimum=[own | {"tranche": "attic"}])


@pytest.mark.parametrize("amounts", ["up to", "estimated"])
def test_the_minimum_of_what_is_not_promised_is_committed(amounts: str) -> None:
    hall: dict[str, Any] = {"name": "hall", "fee": [{"usd_month": 20.0}], "amounts": amounts}
    least = [{"usd": 100.0, "tranche": "hall"}]
    found = position(plain(tranche=[hall], minimum=least), START)
    assert (found.headline.usd, found.firm().usd) == pytest.approx((1_440, 1_300))
    above = found.ladder().set_index("step").usd["above the commitment"]
    assert above == pytest.approx(-140)
    own = plain(amounts=amounts, minimum=[{"usd": 100.0, "tranche": "site"}])
    assert position(own, START).firm().usd == pytest.approx(100)
    leaves = plain(tranche=[hall | {"termination": customer(notice_days=73)}], minimum=least)
    assert position(leaves, START).firm().usd == pytest.approx(1_220)  # its part by days


def test_a_total_of_a_tranche_counts_its_minimum() -> None:
    hall: dict[str, Any] = {"name": "hall", "start": START, "total_usd": 1_000.0}
    hall["fee"] = [{}, {"after_months": 6, "usd_month": 50.0}]
    deal = plain(tranche=[hall], minimum=[{"usd": 800.0, "tranche": "hall"}])
    own = [c.usd for c in Schedule(deal).whole if c.capacity == "hall"]
    assert sum(own) == pytest.approx(1_000)


def test_a_minimum_may_be_by_quarter() -> None:
    found = position(least(period="quarter"), START, facts={"spend": {date(2026, 3, 31): 30.0}})
    first = found.rows[found.rows.end <= date(2026, 4, 1)]
    assert (first.fee_usd.sum(), found.headline.usd) == pytest.approx((100, 800))


def test_an_index_is_bounded_by_a_floor_and_a_cap() -> None:
    rise = {"index": "prices", "base_level": 100.0, "floor_rate": 0.02, "cap_rate": 0.04}
    deal = plain(end=date(2029, 1, 1), escalator=rise)
    # unpublished it counts as level: the floor is certain
    assert usd(deal) == pytest.approx(1_200 * (1 + 1.02 + 1.02**2))
    index = {date(2026, 12, 1): 109.0, date(2027, 12, 1): 112.27}  # 9 % and 3 % more
    assert usd(deal, index=index) == pytest.approx(1_200 * (1 + 1.04 + 1.04 * 1.03))
    with pytest.raises(ValueError, match=r"cap_rate 0.01 is below floor_rate 0.02"):
        plain(escalator=rise | {"cap_rate": 0.01})
    with pytest.raises(ValueError, match="bound an index"):
        plain(escalator={"rate": 0.02, "cap_rate": 0.01})


def test_a_right_that_may_be_used_once_is_gone_when_its_day_has_passed() -> None:
    once = customer(notice_months=3, gate_months=6, gate_applies="effect", until=date(2026, 7, 1))
    deal = plain(termination=once)
    assert position(deal, START).firm().end == date(2026, 7, 1)
    assert position(deal, date(2026, 4, 1)).firm().end == date(2026, 7, 1)
    late = position(deal, date(2026, 4, 2))
    assert (late.firm().end, late.exits("customer"), late.right("customer")) == (
        date(2027, 1, 1), [], None
    )  # fmt: skip
    served = position(deal, START).deadlines
    assert served[served.event.str.contains("last day to serve")].date.max() == date(2026, 4, 1)


@pytest.mark.parametrize("title", ["extended", "renewal"])
def test_an_option_that_an_amendment_exercises_has_its_rent_whatever_the_title(title: str) -> None:
    day = date(2026, 6, 1)
    longer = {"title": title, "signed": day, "effective": day, "terms": {"end": date(2028, 1, 1)}}
    option = {"months": 12, "notice_days": 90, "usd_month": 150.0}
    deal = plain(extension=[option], amendment=[longer])
    assert position(deal, day).headline.usd == pytest.approx(7 * 100 + 12 * 150)


@pytest.mark.parametrize("own", [100.0, 0.0])
def test_more_capacity_beside_options_leaves_them_their_price(own: float) -> None:
    day, end = date(2026, 6, 1), date(2028, 1, 1)
    hall = {"name": "b", "end": date(2027, 1, 1), "fee": [{"from": START, "usd_month": 50.0}]}
    more = {"name": "c", "start": date(2027, 1, 1), "fee": [{"usd_month": 7.0}]}
    rise = {"from": date(2027, 7, 1), "rate": 0.1}
    option = {"months": 12, "notice_days": 90, "usd_month": 150.0}
    deal = plain(
        fee=[{"usd_month": own}], tranche=[hall], extension=[option],
        amendment=[{"title": "more", "signed": day, "effective": day,
                    "terms": {"end": end, "tranche": [more], "escalator": rise}}],
    )  # fmt: skip
    # the site's fee becomes 150, or where it is free the hall's; the hall goes on at 50 otherwise
    month = 150 + 50 * (own > 0) + 7
    found = position(deal, date(2027, 1, 1)).headline
    assert (found.end, found.usd) == (end, pytest.approx(month * (6 + 6 * 1.1)))


def test_a_right_that_may_be_used_once_moves_with_the_start() -> None:
    once = {"notice_months": 3, "gate_months": 6, "gate_applies": "effect"}
    deal = plain(
        end="none", term_months=12, fee=[{"usd_month": 100.0}],
        delivery={"due": START, "moves_start": True},
        termination=customer(**once, until_months=6),
    )  # fmt: skip
    late = {"delivered": {"site": {date(2026, 2, 11): 1.0}}}
    found = [position(deal, START), position(deal, START, facts=late)]
    assert [each.firm().end for each in found] == [date(2026, 7, 1), date(2026, 8, 11)]
    stuck = deal.change({"termination": {"customer": {"until": date(2026, 7, 1)}}})
    assert position(stuck, START, facts=late).firm().end == date(2027, 2, 11)
    with pytest.raises(ValueError, match="at most one of until, until_months"):
        plain(termination=customer(**once, until=START, until_months=6))


def test_staying_on_costs_more_from_a_later_day_on() -> None:
    held = {"share": 1.5, "steps": [{"after_days": 60, "share": 2.0}]}
    found = position(plain(holdover=held)).held_over(date(2027, 4, 1))
    # January, February and one day of March are 60 days
    assert found.fee_usd.sum() == pytest.approx(150 * (2 + 1 / 31) + 200 * 30 / 31)


def test_a_share_of_all_fees_is_paid_ahead() -> None:
    ahead = {"share": 0.2, "paid": START, "credit_from": date(2026, 2, 1)}
    deal = plain(prepayment=ahead, escalator={"rate": 0.1, "every_months": 6})
    hall = {"name": "b", "fee": [{"from": START, "usd_month": 50.0}], "prepayment": ahead}
    level = deal.change({"escalator": "none"})
    found = [each.prepayments[0][1].usd for each in (deal, level, plain(tranche=[hall]))]
    assert found == pytest.approx([0.2 * 1_260, 240, 120])
    longer = {"title": "t", "signed": date(2026, 6, 1), "effective": date(2026, 6, 1),
              "terms": {"end": date(2028, 1, 1)}}  # fmt: skip
    paid = position(plain(prepayment=ahead, amendment=[longer]), date(2026, 7, 1)).payments
    assert paid.usd[paid.clause == "prepayment"].tolist() == pytest.approx([240])
    for wrong in ({}, {"usd": 1.0, "share": 0.2}):
        with pytest.raises(ValueError, match="exactly one of usd, share"):
            plain(prepayment={key: ahead[key] for key in ("paid", "credit_from")} | wrong)


def test_a_total_is_shared_by_accelerators_where_no_megawatts_are_stated() -> None:
    halls = [
        {"name": f"h{n}", "start": START, "capacity": {"accelerators": {"GB200": 100.0 * n}}}
        for n in (1, 3)
    ]
    deal = plain(fee="none", tranche=halls, total_usd=4_800.0)
    assert [t.fee[0].usd_month for t in deal.tranche] == pytest.approx([100, 300])
    other = [halls[0], {**halls[1], "capacity": {"accelerators": {"H100": 300.0}}}]
    mixed = plain(fee="none", tranche=other, total_usd=4_800.0)
    assert [t.fee[0].usd_month for t in mixed.tranche] == pytest.approx([200, 200])


@pytest.mark.parametrize(
    ("terms", "held"),
    [
        ({}, 200.0),
        ({"fee": [{"usd_month": 0.0}, {"after_months": 3, "usd_month": 70.0}]}, 140.0),
        ({"fee": "none", "unit_price": [{"unit": "MWh", "quantity": 1.0, "usd_per_unit": 1.0}]},
         2 * 730.0),
        ({"fee": "none", "unit_price": [{"unit": "kW-month", "quantity": 9, "usd_per_unit": 9}]},
         162.0),
    ],
)  # fmt: skip
def test_a_deposit_of_months_is_of_the_first_month_that_is_not_free(
    terms: dict[str, Any], held: float
) -> None:
    deal = plain(deposit={"months": 2, "paid": START}, **terms)
    assert billing.deposit_usd(deal) == pytest.approx(held)
    paid = billing.payments(Schedule(deal))
    assert paid.usd[paid.clause == "deposit"].tolist() == pytest.approx([held])


def test_more_capacity_at_the_same_price_rises_with_it() -> None:
    more = {"price": "same", "capacity": {"mw": 5.0}, "months": 12, "last_day": date(2026, 7, 1)}
    deal = plain(
        end=date(2028, 1, 1),
        capacity={"mw": 10.0},
        escalator={"rate": 0.1},
        capacity_option=[more],
    )
    [usd_] = position(deal).ladder().query("what.str.contains('MW more')").usd
    assert usd_ == pytest.approx(0.5 * (6 * 100 + 6 * 110))


@pytest.mark.parametrize("price", [{"usd_month": 90.0}, {"rate": 0.5}, {}])
def test_an_option_lengthens_tranches_without_a_day_and_prices_that_go_on_to_the_end(
    price: dict[str, Any],
) -> None:
    hall = {"name": "b", "start": START, "term_months": 12, "fee": [{"usd_month": 60.0}]}
    option = {"months": 12, "notice_days": 30, **price}
    deal = plain(fee="none", tranche=[hall], extension=[option])
    rows = position(deal).ladder().set_index("step").usd
    month = {"usd_month": 90.0, "rate": 90.0}.get(next(iter(price), ""), 60.0)
    assert rows["option not exercised"] == pytest.approx(12 * month)
    metered = {"unit": "kW-month", "quantity": 6.0, "usd_per_unit": 10.0, "end": date(2027, 1, 1)}
    if not price:
        deal = plain(fee="none", unit_price=[metered], extension=[option])
        rows = position(deal).ladder().set_index("step").usd
        assert rows["option not exercised"] == pytest.approx(12 * 60)


def test_an_option_by_rate_beside_a_tranches_escalator_is_refused() -> None:
    hall = {"name": "b", "start": START, "fee": [{"usd_month": 6.0}], "escalator": {"rate": 0.03}}
    option = {"months": 12, "notice_days": 30, "rate": 0.02}
    with pytest.raises(ValueError, match="fees would rise twice"):
        plain(tranche=[hall], extension=[option])


def test_an_amended_fee_without_a_day_holds_from_the_day_of_the_amendment() -> None:
    new = {"title": "t", "signed": START, "effective": date(2026, 7, 1),
           "terms": {"fee": [{"usd_month": 50.0}]}}  # fmt: skip
    assert usd(plain(amendment=[new])) == pytest.approx(900)


def test_a_price_by_unit_may_be_of_one_tranche() -> None:
    price = {"unit": "kW-month", "quantity": 4.0, "usd_per_unit": 10.0, "tranche": "b"}
    hall = {"name": "b", "start": date(2026, 7, 1), "end": date(2026, 10, 16), "amounts": "up to"}
    deal = plain(
        tranche=[hall], unit_price=[price | {"escalator": {"rate": 0.5, "every_months": 2}}]
    )
    # two months at 40, one and a half at 60, none of it committed
    assert usd(deal) == pytest.approx(1_200 + 80 + 60 * (1 + 15 / 31))
    assert position(deal).firm().usd == pytest.approx(1_200)
    half = {"b": {date(2026, 7, 1): 0.5}}
    assert usd(deal, delivered=half) == pytest.approx(1_200 + 40 + 30 * (1 + 15 / 31))
    with pytest.raises(ValueError, match="unit_price: 'c' is no tranche"):
        plain(unit_price=[price | {"tranche": "c"}])


def test_a_metered_minimum_may_grow_by_steps() -> None:
    steps = [{"from": date(2026, 4, 1), "units_month": 30.0}]
    meter = {"unit": "MWh", "minimum_units_month": 10.0, "usd_per_unit": 2.0,
             "overage_usd_per_unit": 3.0, "steps": steps}  # fmt: skip
    deal = plain(take_or_pay=meter)
    assert usd(deal) == pytest.approx(1_200 + 3 * 20 + 9 * 60)
    used = {date(2026, 3, 1): 15.0, date(2026, 4, 1): 31.0}
    assert usd(deal, usage=used) == pytest.approx(1_200 + 600 + 15 + 3)


def test_use_in_a_part_month_is_of_its_days_served() -> None:
    price = {"unit": "unit-month", "quantity": 31.0, "usd_per_unit": 2.0, "minimum_share": 0.5}
    deal = plain(start=date(2026, 1, 17), end=date(2026, 3, 15), unit_price=[price])
    used = {date(2026, 1, 1): 20.0, date(2026, 3, 1): 10.0}
    # of 15.5 units a month, 15 days of January and 14 of March are paid for in any case
    above = 20 - 15.5 * 15 / 31 + 10 - 15.5 * 14 / 31
    assert usd(deal, usage=used) - usd(deal) == pytest.approx(2 * above)


LATER = date(2026, 4, 1)


@pytest.mark.parametrize(
    ("fees", "left"),
    [
        ([], 9 * 100.0),
        ([{"usd_month": 120.0}], 9 * 120.0),
        ([{"from": LATER, "usd_month": 120.0}], 9 * 120.0),
        ([{"from": date(2026, 7, 1), "usd_month": 120.0}], 3 * 100.0 + 6 * 120.0),
    ],
)
def test_a_tranche_that_is_moved_begins_with_the_fee_then_in_force(
    fees: list[dict[str, Any]], left: float
) -> None:
    """A hall from 1 February, for 90 at first and 100 from March on, comes in April instead."""
    first = [
        {"from": date(2026, month, 1), "usd_month": usd} for month, usd in ((2, 90.0), (3, 100.0))
    ]
    hall = {"name": "hall", "start": first[0]["from"], "capacity": {"mw": 1.0}, "fee": first}
    moved = {"name": "hall", "start": LATER} | ({"fee": fees} if fees else {})
    step = {"title": "later", "signed": START, "effective": START, "terms": {"tranche": [moved]}}
    deal, site = plain(tranche=[hall]), usd(plain())
    assert usd(deal) == pytest.approx(site + 90 + 10 * 100)
    assert usd(deal.change({"amendment": [step]})) == pytest.approx(site + left)
    if not fees:
        assert usd(deal.change({"tranche": [moved]})) == pytest.approx(site + left)


def test_a_start_that_is_moved_takes_its_first_fee_along() -> None:
    assert usd(plain().change({"start": date(2026, 3, 1)})) == pytest.approx(10 * 100)


def test_what_late_days_gave_back_on_the_first_day_lowers_no_later_one() -> None:
    late = {"due": date(2026, 1, 1), "moves_start": True, "late_credit_usd_day": 10.0}
    deal = plain(fee=[{"usd_month": 310.0}], delivery=late)
    came = {"delivered": {"site": {date(2026, 1, 11): 1.0}}}
    now = position(deal, date(2026, 1, 15), facts=came)
    assert now.rows.fee_usd.iloc[0] == pytest.approx(17 * 10)
    assert now.on(date(2026, 1, 11)).rows.fee_usd.iloc[0] == pytest.approx(10 - 10 * 10)


def late(**terms: Any) -> Agreement:
    """A year at 310 a month from 1 January on, or from the day of delivery if that is later."""
    due = {"due": date(2026, 1, 1), "moves_start": True, **terms}
    return plain(end="none", term_months=12, fee=[{"usd_month": 310.0}], delivery=due)


def test_what_is_known_not_to_be_there_yet_moves_the_start_and_keeps_the_total() -> None:
    told = {"kind": "delivered", "date": date(2026, 2, 28), "value": 0.0, "source": "a letter"}
    for deal in (late(), late(remedy="exit", cure_days=30)):
        now = position(deal.change({"fact": [told]}), date(2026, 2, 28))
        assert (now.terms.start, now.end) == (date(2026, 3, 1), date(2027, 3, 1))
        assert now.headline.usd == pytest.approx(12 * 310)
        given = position(
            deal, date(2026, 2, 28), facts={"delivered": {"site": {told["date"]: 0.0}}}
        )
        assert given.headline.usd == pytest.approx(12 * 310)
    assert now.firm().usd == 0  # the customer may leave for lateness
    early = late().change({"fact": [told | {"date": date(2025, 12, 1)}]})
    assert position(early).terms.start == date(2026, 1, 1)
    hall = {"name": "a", "term_months": 2, "fee": [{"usd_month": 50.0}]}
    hall |= {"start": date(2026, 2, 1), "delivery": {"due": date(2026, 2, 1), "moves_start": True}}
    part = plain(tranche=[hall], fact=[told | {"capacity": "a"}])
    assert position(part, date(2026, 2, 28)).terms.tranche[0].fee[0].since == date(2026, 3, 1)
    assert position(part).headline.usd == pytest.approx(1_200 + 100)


@pytest.mark.parametrize(("until", "days"), [(None, 31), (20, 10), (10, 0)])
@pytest.mark.parametrize("moves", [True, False])
def test_credits_for_late_days_end_where_they_are_capped(
    until: int | None, days: int, moves: bool
) -> None:
    cap = {} if until is None else {"credit_until_days": until}
    deal = late(late_credit_usd_day=10.0, credit_after_days=10, moves_start=moves, **cap)
    came = {"delivered": {"site": {date(2026, 1, 1): 0.0, date(2026, 2, 11): 1.0}}}
    paid = 12 * 310 if moves else 12 * 310 - 310 - 310 * 10 / 28
    assert position(deal, facts=came).headline.usd == pytest.approx(paid - 10 * days)


def test_a_cap_below_the_days_without_credit_is_refused() -> None:
    with pytest.raises(ValueError, match="credit_until_days 5 is below credit_after_days 10"):
        late(credit_after_days=10, credit_until_days=5)


UNITS: dict[str, Any] = {"name": "gb", "unit": "GB-hour", "quantity": 10.0, "minimum_share": 0.0}


def test_use_in_a_month_falls_on_the_days_that_have_a_price() -> None:
    middle = date(2026, 3, 16)
    used = {"usage": {"gb": {date(2026, 3, 1): 1_600.0}}}
    begun = UNITS | {"usd_per_unit": 1.0, "from": middle}
    assert position(plain(unit_price=[begun]), facts=used).headline.usd == pytest.approx(2_800)
    both = [UNITS | {"usd_per_unit": 3.0, "end": middle}, begun]
    usd = 1_200 + 1_600 * (15 * 3 + 16 * 1) / 31
    assert position(plain(unit_price=both), facts=used).headline.usd == pytest.approx(usd)


LATE_SPRING = {"low": date(2026, 4, 1), "use": date(2026, 5, 1), "high": date(2026, 6, 1)}


@pytest.mark.parametrize(
    ("fee", "use", "low"),
    [
        ([], 80, 90),
        ([{"usd_month": 20.0}], 160, 180),
        ([{"usd_month": 20.0}, {"after_months": 3, "usd_month": 30.0}], 60 + 150, 60 + 180),
        ([{"from": date(2026, 7, 1), "usd_month": 20.0}], 20 + 120, 30 + 120),
    ],
)
@pytest.mark.parametrize("since", [{}, {"from": date(2026, 3, 1)}])
def test_an_amendment_may_move_a_start_to_a_range_beside_fees(
    fee: list[dict[str, Any]], use: float, low: float, since: dict[str, Any]
) -> None:
    hall = {"name": "a", "start": date(2026, 3, 1), "fee": [{"usd_month": 10.0} | since]}
    moved = {"name": "a", "start": LATE_SPRING} | ({"fee": fee} if fee else {})
    step = {"title": "t", "signed": date(2026, 2, 1), "effective": date(2026, 2, 1)}
    deal = plain(tranche=[hall], amendment=[step | {"terms": {"tranche": [moved]}}])
    now = position(deal, date(2026, 2, 1))
    assert now.headline.usd == pytest.approx(1_100 + use)
    assert now.on_days("low").headline.usd == pytest.approx(1_100 + low)


def test_a_prepayment_in_instalments_pays_what_is_due_from_each_of_them_on() -> None:
    more = [{"paid": date(2026, 4, 15), "usd": 60.0}, {"paid": date(2026, 6, 15), "usd": 500.0}]
    ahead = {"usd": 150.0, "paid": date(2026, 1, 1), "credit_from": date(2026, 1, 1)}
    deal = plain(end=date(2026, 9, 1), prepayment=ahead | {"instalments": more})
    rows = position(deal).payments
    assert rows.usd.sum() == pytest.approx(800)
    credited = rows[rows.clause == "prepayment credited"].groupby("date").usd.sum()
    expected = {1: 100, 2: 50, 5: 60, 7: 100, 8: 100}
    assert {day.month: -usd for day, usd in credited.items()} == expected
    assert rows[rows.clause == "prepayment refunded"].usd.tolist() == [-300]
    kept = {"refundable": False, "instalments": more}
    free = plain(end=date(2026, 9, 1), prepayment=ahead | kept, termination=customer(notice_days=0))
    assert position(free, date(2026, 6, 14)).firm().usd == 0
    stays = position(free, date(2026, 6, 15)).firm()  # to leave would lose 500
    assert stays.usd == pytest.approx(100 * 16 / 30 + 200)


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        ({"instalments": [{"paid": date(2026, 1, 1), "usd": 1.0}]}, "each must be paid after"),
        ({"instalments": [{"paid": date(2027, 1, 1), "usd": 1.0}]}, "is not before the end"),
        (
            {"usd": None, "share": 0.1, "instalments": [{"paid": date(2026, 2, 1), "usd": 1.0}]},
            "instalments: give usd, not share",
        ),
    ],
)
def test_instalments_that_cannot_be_are_refused(ahead: dict[str, Any], said: str) -> None:
    first = {"usd": 9.0, "paid": date(2026, 1, 1), "credit_from": date(2026, 1, 1)}
    with pytest.raises(ValueError, match=said):
        plain(prepayment=first | ahead)


def test_what_a_minimum_adds_to_the_day_of_a_sum_paid_once_is_due_with_its_month() -> None:
    once = [{"name": "x", "usd": 50.0, "paid": date(2026, 3, 10)}]
    deal = plain(fee="none", minimum=[{"usd": 3_700.0}], one_off=once)
    paid = position(deal).payments.groupby("date").usd.sum()
    assert paid[date(2026, 3, 10)] == pytest.approx(50)
    assert paid.drop(date(2026, 3, 10)).sum() == pytest.approx(3_650)
    assert set(position(deal).rows.clause) == {"minimum spending", "x; minimum spending"}


def test_what_was_served_beyond_what_is_promised_has_used_its_prepayment() -> None:
    ahead = {"usd": 300.0, "paid": date(2026, 1, 1), "credit_from": date(2026, 1, 1)}
    hall = {"name": "a", "amounts": "estimated", "fee": [{"usd_month": 50.0}]}
    hall["prepayment"] = ahead | {"refundable": False}
    deal = plain(tranche=[hall], termination=customer(notice_days=0))
    assert position(deal, date(2026, 4, 1)).firm().usd == pytest.approx(150)  # lost by leaving
    assert position(deal, date(2026, 7, 1)).firm().usd == 0


def test_a_term_of_full_calendar_months_is_counted_from_the_first_of_a_month() -> None:
    full = {"end": "none", "term_months": 36, "full_months": True}
    deal = plain(start=date(2026, 5, 14), **full)
    assert deal.end == date(2029, 6, 1)
    assert deal.change({"start": date(2026, 6, 1)}).end == date(2029, 6, 1)
    assert deal.change({"start": date(2026, 6, 2)}).end == date(2029, 7, 1)
    assert deal.change({"full_months": False}).end == date(2029, 5, 14)
    assert usd(deal) == pytest.approx(100 * (36 + 18 / 31))
    hall = {"name": "hall", "start": date(2026, 2, 10), "term_months": 3, "full_months": True,
            "fee": [{"usd_month": 10.0}]}  # fmt: skip
    assert plain(tranche=[hall]).tranche[0].end == date(2026, 6, 1)
    moved = deal.change({"end": date(2030, 1, 1)})
    assert (moved.term_months, moved.full_months) == (None, False)
    with pytest.raises(ValueError, match=r"\n  full_months: true is allowed beside term_months"):
        plain(full_months=True)
    hall = {"name": "hall", "full_months": True, "fee": [{"usd_month": 10.0}]}
    with pytest.raises(ValueError, match="full_months: true is allowed beside term_months"):
        plain(tranche=[hall])


@pytest.mark.parametrize(
    ("fees", "owed"),
    [
        ({"fee_usd": 500.0, "fee_months": 6.0}, 600.0),
        ({"fee_usd": 700.0, "fee_months": 6.0}, 700.0),
        ({"fee_usd": 700.0, "fee_months": 6.0, "fee_share_of_remaining": 0.9}, 810.0),
        ({"fee_usd": 700.0, "fee_share_of_remaining": 0.9, "fee_owed": "least"}, 700.0),
        ({"fee_usd": 0.0, "fee_months": 6.0, "fee_owed": "least"}, 0.0),
    ],
)
def test_the_greatest_or_the_least_of_several_fees_is_owed(
    fees: dict[str, Any], owed: float
) -> None:
    right = {"notice_months": 3, "fee_owed": "greatest", **fees}
    deal = plain(termination={"provider": right})  # leaves with nine months of 100 left
    assert position(deal, START).firm("provider").exit_fee_usd == pytest.approx(owed)
    with pytest.raises(ValueError, match="at most one of fee_usd, fee_months"):
        deal.change({"termination": {"provider": {"fee_owed": "none"}}})


def test_of_one_fee_none_is_the_greatest() -> None:
    right = {"notice_days": 9, "fee_usd": 5.0, "fee_owed": "greatest"}
    told = "fee_owed 'greatest': allowed: where several of fee_usd, fee_months, .*; given: fee_usd"
    with pytest.raises(ValueError, match=told):
        plain(termination={"provider": right})
    deal = plain(termination={"provider": {**right, "fee_months": 2.0}})
    asked = as_if(deal, {"termination.provider.fee_months": 1.0}).termination.provider
    assert asked == Termination(notice_days=9, fee_months=1.0)
    least = as_if(deal, {"termination.provider.fee_owed": "least"}).termination.provider
    assert least == Termination(notice_days=9, fee_usd=5.0, fee_months=2.0, fee_owed="least")


def test_the_customer_leaves_on_the_day_from_which_a_share_of_the_rest_is_the_greater_fee() -> None:
    """What the share asks for falls as the fees are paid, the sum does not: before, days cost."""
    right = {"notice_days": 0, "fee_usd": 150.0, "fee_share_of_remaining": 1.0,
             "fee_owed": "greatest"}  # fmt: skip
    found = position(plain(termination={"customer": right}), START).firm()
    assert (found.usd, found.end) == (pytest.approx(1_200.0), START)
    least = position(plain(termination={"customer": {**right, "fee_owed": "least"}}), START).firm()
    assert (least.usd, least.end) == (pytest.approx(150.0), START)
