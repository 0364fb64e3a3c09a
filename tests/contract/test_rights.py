"""Who may leave when: notice, gates, remedies, renewals; dates worked out by hand."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from agreements import PLAIN, customer, plain

from analysis.contract import amendments, position
from analysis.contract.terms import Agreement


def end(agreement: Agreement, as_of: date | None = None, **facts: Any) -> str:
    return str(position(agreement, as_of, facts=facts).firm().end)


def leaves(**right: Any) -> Agreement:
    return plain(termination=customer(**right))


@pytest.mark.parametrize(
    ("right", "as_of", "expected"),
    [
        ({"notice_days": 90}, None, "2026-04-01"),
        ({"notice_months": 3}, date(2026, 1, 31), "2026-04-30"),
        ({"notice_days": 90}, date(2026, 1, 31), "2026-05-01"),
        # gate on serving: max(1 January, gate) + 30 days
        ({"notice_days": 30, "gate_days": 10}, None, "2026-02-10"),
        ({"notice_days": 30, "gate_months": 2}, None, "2026-03-31"),
        ({"notice_days": 30, "gate_date": date(2026, 6, 1)}, None, "2026-07-01"),
        # gate on effect: max(1 January + 30 days, gate)
        ({"notice_days": 30, "gate_days": 10, "gate_applies": "effect"}, None, "2026-01-31"),
        ({"notice_days": 30, "gate_months": 2, "gate_applies": "effect"}, None, "2026-03-01"),
        # past the gate all of them are a rolling window
        ({"notice_days": 30, "gate_months": 2}, date(2026, 3, 1), "2026-03-31"),
        ({"notice_days": 30, "gate_months": 2, "gate_applies": "effect"}, date(2026, 3, 1),
         "2026-03-31"),
        # on the gate's eve
        ({"notice_days": 30, "gate_months": 2}, date(2026, 2, 28), "2026-03-31"),
        # too late to end before the stated end, or exactly on it
        ({"notice_days": 30}, date(2026, 12, 3), "2027-01-01"),
        ({"notice_days": 30}, date(2026, 12, 2), "2027-01-01"),
        ({"notice_days": 30}, date(2026, 12, 1), "2026-12-31"),
        # served on the last day of the term
        ({"notice_days": 0}, date(2026, 12, 31), "2026-12-31"),
        ({"notice_days": 1}, date(2026, 12, 31), "2027-01-01"),
    ],
)  # fmt: skip
def test_earliest_end(right: dict[str, Any], as_of: date | None, expected: str) -> None:
    assert end(leaves(**right), as_of) == expected


def test_before_the_start_notice_counts_from_signature() -> None:
    deal = plain(signed=date(2025, 11, 1), termination=customer(notice_days=90))
    # seen from 1 October nothing is signed; notice on 1 November ends 30 January
    assert end(deal, date(2025, 10, 1)) == "2026-01-30"
    assert position(deal, date(2025, 10, 1)).firm().usd == pytest.approx(100 * 29 / 31)


def test_before_the_start_one_may_leave_without_any_service() -> None:
    deal = plain(signed=date(2025, 9, 1), termination=customer(notice_days=30))
    left = position(deal, date(2025, 9, 1)).firm()
    assert (left.usd, str(left.end)) == (0, "2026-01-01")


def test_after_the_end_nothing_is_left() -> None:
    for day in (date(2027, 1, 1), date(2028, 1, 1)):
        left = position(leaves(notice_days=30), day).firm()
        assert (left.usd, left.end, len(left.rows)) == (0, date(2027, 1, 1), 0)


def test_on_the_last_day_one_day_is_left() -> None:
    left = position(leaves(notice_days=30), date(2026, 12, 31)).firm()
    assert left.usd == pytest.approx(100 / 31)


def test_each_party_has_its_own_right() -> None:
    deal = plain(termination={"provider": {"notice_days": 59}})
    assert position(deal).firm().usd == position(deal).headline.usd == pytest.approx(1_200)
    supply = position(deal).firm("provider")
    assert (supply.usd, supply.end) == (pytest.approx(200), date(2026, 3, 1))
    with pytest.raises(ValueError, match="party: 'both' is not allowed; allowed: customer, prov"):
        position(deal).firm("both")  # type: ignore[arg-type]


# 5. Late delivery: what the customer may do


def late(remedy: str, **more: Any) -> Agreement:
    due = {"due": date(2026, 2, 1), "cure_days": 10, "remedy": remedy}
    return plain(delivery=due, **more)


HALF = {"site": {date(2026, 1, 1): 0.5, date(2026, 7, 1): 1.0}}
FULL = {"site": {date(2026, 1, 1): 1.0}}


def test_exit_once_the_cure_has_run_out() -> None:
    assert end(late("exit"), delivered=HALF) == "2026-02-11"
    assert position(late("exit"), facts={"delivered": HALF}).firm().usd == pytest.approx(
        50 + 50 * 10 / 28
    )
    assert end(late("exit"), delivered=FULL) == "2027-01-01"
    assert end(late("nothing"), delivered=HALF) == "2027-01-01"


def test_exit_lapses_with_delivery() -> None:
    assert end(late("exit"), date(2026, 6, 30), delivered=HALF) == "2026-06-30"
    assert end(late("exit"), date(2026, 7, 1), delivered=HALF) == "2027-01-01"


def test_reduce_drops_the_missing_share_for_good() -> None:
    # without the remedy six months at 50 and six at 100; with it 50 throughout
    assert position(late("reduce"), facts={"delivered": HALF}).headline.usd == pytest.approx(900)
    assert position(late("reduce"), facts={"delivered": HALF}).firm().usd == pytest.approx(600)
    assert position(
        late("reduce"), date(2026, 7, 1), facts={"delivered": HALF}
    ).firm().usd == pytest.approx(600)


def test_either_takes_what_costs_less() -> None:
    assert (
        position(late("either"), facts={"delivered": HALF}).firm().usd
        == position(late("exit"), facts={"delivered": HALF}).firm().usd
    )


def test_never_delivered() -> None:
    left = position(late("exit"), facts={"delivered": {"site": {}}}).firm()
    assert (left.usd, left.end) == (0, date(2026, 2, 11)) or left.usd == 0
    assert position(late("reduce"), facts={"delivered": {"site": {}}}).firm().usd == 0


def test_late_tranche_is_dropped_and_the_site_stays() -> None:
    tranche = {
        "name": "b",
        "fee": [{"from": date(2026, 3, 1), "usd_month": 40.0}],
        "delivery": {"due": date(2026, 3, 1), "cure_months": 1, "remedy": "exit"},
    }
    deal = plain(tranche=[tranche])
    # half there in March: 20 for it; dropped on 1 April
    left = position(deal, facts={"delivered": {"b": {date(2026, 3, 1): 0.5}}}).firm()
    assert (left.usd, left.end) == (pytest.approx(1_220), date(2027, 1, 1))


def test_leaving_a_late_site_loses_no_prepayment() -> None:
    ahead = {"usd": 500.0, "paid": date(2025, 12, 1), "credit_from": date(2026, 11, 1),
             "refundable": False}  # fmt: skip
    deal = late("exit", prepayment=ahead)
    left = position(deal, facts={"delivered": HALF}).firm()
    assert (left.end, left.usd) == (date(2026, 2, 11), pytest.approx(50 + 50 * 10 / 28))


# 9. Extension, renewal


def renewing(**more: Any) -> Agreement:
    return plain(renewal={"months": 3, "notice_days": 60}, **more)


def test_renewal_binds_after_the_last_day_to_object() -> None:
    # 60 days before 31 December is 1 November: on that day one may still object
    assert str(position(renewing(), date(2026, 11, 1)).headline.end) == "2027-01-01"
    later = position(renewing(), date(2026, 11, 2)).headline
    assert str(later.end) == "2027-04-01"
    assert later.usd == pytest.approx(100 * 29 / 30 + 100 + 300)


def test_renewal_binds_again_and_again() -> None:
    # 31 March 2027 less 60 days is 30 January
    assert str(position(renewing(), date(2027, 1, 30)).headline.end) == "2027-04-01"
    assert str(position(renewing(), date(2027, 1, 31)).headline.end) == "2027-07-01"


def test_a_right_to_leave_lives_on_in_a_renewed_term() -> None:
    deal = renewing(termination=customer(notice_days=30))
    assert end(deal, date(2026, 12, 20)) == "2027-01-19"


def test_monthly_renewal_for_years_is_quick() -> None:
    deal = plain(renewal={"months": 1, "notice_days": 10})
    assert str(position(deal, date(2036, 3, 5)).headline.end) == "2036-04-01"


def used(**terms: Any) -> float:
    """What an agreement comes to if the customer uses every option to extend."""
    deal = plain(**terms)
    return position(amendments.extended_by(deal, "customer", as_of=deal.start)).headline.usd


TWO = {"months": 2, "notice_days": 0}
YEAR = {"months": 12, "notice_days": 0, "usd_month": 70.0}


def test_extension_at_a_price() -> None:
    assert used(extension=[TWO | {"usd_month": 70.0}]) == pytest.approx(1_200 + 140)
    more = [TWO | {"usd_month": 70.0}, {"months": 1, "notice_days": 0}]
    assert used(extension=more) == pytest.approx(1_200 + 210)


def test_an_extension_is_charged_as_stated() -> None:
    rise = {"from": date(2026, 7, 1), "rate": 0.1}
    assert used(escalator=rise, extension=[YEAR]) == pytest.approx(600 + 660 + 420 + 6 * 77)


@pytest.mark.parametrize("end", [None, date(2027, 1, 1)])
@pytest.mark.parametrize(("usd_month", "usd"), [(None, 200), (70.0, 140)])
def test_tranches_alone_are_extended(usd_month: float | None, usd: float, end: date | None) -> None:
    halls = [
        {"name": name, "fee": [{"from": date(2026, 1, 1), "usd_month": fee}]}
        | ({"end": end} if end else {})
        for name, fee in (("a", 75.0), ("b", 25.0))
    ]
    option = TWO | ({} if usd_month is None else {"usd_month": usd_month})
    assert used(fee=[], tranche=halls, extension=[option]) == pytest.approx(1_200 + usd)


def test_extensions_chain_each_at_its_own_rent() -> None:
    each = [
        {"months": 36, "notice_days": 180, "usd_month": 110.0},
        {"months": 36, "notice_days": 180, "usd_month": 120.0},
    ]
    deal = plain(start=date(2013, 4, 5), end=date(2018, 4, 5), extension=each)
    first, second = amendments.options(deal)
    assert (first.last_day, first.end) == (date(2017, 10, 6), date(2021, 4, 5))
    assert (second.last_day, second.end) == (date(2020, 10, 6), date(2024, 4, 5))
    longer = amendments.extended_by(deal, "customer", as_of=deal.start)
    assert position(longer).headline.usd == pytest.approx(60 * 100 + 36 * 110 + 36 * 120)
    late = amendments.extended_by(deal, "customer", as_of=date(2017, 10, 7))
    assert position(late).headline.usd == pytest.approx(60 * 100)


def offered(extension: list[dict[str, Any]], **terms: Any) -> list[float]:
    """What each option to extend would cost, as the ladder shows it beside."""
    rows = position(plain(extension=extension, **terms)).ladder()
    return list(rows.usd[rows.step == "option not exercised"])


UNIT = {"unit": "unit-month", "quantity": 2.0, "usd_per_unit": 50.0}


@pytest.mark.parametrize(
    ("option", "terms", "usd"),
    [
        ({}, {"fee": "none", "unit_price": [UNIT | {"end": date(2027, 1, 1)}]}, 2_400),
        ({}, {"fee": "none", "unit_price": [UNIT]}, 2_400),
        ({}, {"unit_price": [UNIT | {"end": date(2026, 7, 1)}]}, 2_400),
        ({"rate": 0.1}, {}, 12 * (110 + 121)),
        ({"rate": 0.1}, {"tranche": [{"name": "b", "fee": [{"usd_month": 50.0}]}]}, 12 * 1.5 * 231),
        ({"rate": 0.1}, {"unit_price": [UNIT]}, 12 * 231 + 2_400),
    ],
)
def test_an_option_lengthens_all_that_is_served_to_the_end(
    option: dict[str, Any], terms: dict[str, Any], usd: float
) -> None:
    assert offered([{"months": 24, "notice_days": 0, **option}], **terms) == pytest.approx([usd])


@pytest.mark.parametrize("more", [{"rate": 0.1}, {"usd_month": 110.0}])
def test_an_option_at_a_price_extends_a_tranche_whose_fee_begins_with_it(
    more: dict[str, Any],
) -> None:
    halls = [
        {"name": "a", "start": date(2026, 1, 1), "term_months": 12, "fee": [{"usd_month": 100.0}]},
        {"name": "b", "start": date(2026, 1, 1), "term_months": 6, "fee": [{"usd_month": 100.0}]},
    ]
    for part in (
        halls[0],
        halls[0] | {"fee": [{"usd_month": 0.0}, {"after_months": 2, "usd_month": 100.0}]},
    ):
        found = offered(
            [{"months": 12, "notice_days": 0, **more}], fee="none", tranche=[part, halls[1]]
        )
        assert found == pytest.approx([1_320.0])


def test_options_chain_at_rates_and_fees_one_upon_the_other() -> None:
    option = {"months": 12, "notice_days": 0}
    prices = [{"rate": 0.1}, {"rate": 0.2}, {"usd_month": 70.0}, {"rate": 0.5}, {}]
    found = offered([option | each for each in prices])
    assert found == pytest.approx([12 * usd for usd in (110, 132, 70, 105, 105)])


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"escalator": {"rate": 0.03}}, "fees would rise twice"),
        ({"tranche": [{"name": "b", "fee": [{"usd_month": 5.0}], "escalator": {"rate": 0.03}}]},
         "fees would rise twice"),
        ({"fee": "none", "unit_price": [UNIT]}, "extension.rate: there is no fee that it raises"),
    ],
)  # fmt: skip
def test_the_rate_of_an_option_is_refused_where_it_raises_twice_or_nothing(
    terms: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        plain(extension=[{"months": 12, "notice_days": 0, "rate": 0.1}], **terms)


def moved(terms: dict[str, Any], *, count: int = 2) -> list[tuple[str, str]]:
    """What is left of yearly options, each told a month ahead, after an amendment."""
    option = {"months": 12, "count": count, "notice_days": 31}
    step = {"title": "t", "signed": date(2026, 6, 1), "effective": date(2026, 6, 1)}
    deal = plain(extension=[option], amendment=[step | {"terms": terms}])
    return [(str(left.last_day), str(left.end)) for left in amendments.options(deal)]


def test_an_amendment_that_exercises_an_option_uses_it_up() -> None:
    second = ("2027-11-30", "2029-01-01")
    assert moved({"end": date(2028, 1, 1)}) == [second]
    assert moved({"end": date(2029, 1, 1)}) == []
    assert moved({"end": date(2028, 1, 1), "fee": []}) == [second]
    longer = plain(extension=[{"months": 12, "notice_days": 31}])
    gone = amendments.extended(longer, date(2028, 1, 1))
    assert amendments.extended_by(gone, "customer", as_of=date(2026, 1, 1)) == gone


@pytest.mark.parametrize(
    ("price", "month"), [({}, 100), ({"usd_month": 150.0}, 150), ({"rate": 0.1}, 110)]
)
@pytest.mark.parametrize("alone", [True, False])
def test_an_amendment_that_exercises_an_option_does_so_at_its_price(
    price: dict[str, float], month: float, alone: bool
) -> None:
    hall = {"name": "hall", "start": date(2026, 1, 1), "term_months": 12}
    fee = [{"usd_month": 100.0}]
    terms = {"fee": "none", "tranche": [hall | {"fee": fee}]} if alone else {}
    option = {"months": 12, "notice_days": 31, **price}
    step = {"title": "t", "signed": date(2026, 6, 1), "effective": date(2026, 6, 1)}
    used = step | {"terms": {"end": date(2028, 1, 1)}}
    deal = plain(extension=[option], **terms)
    before = position(deal, date(2026, 6, 1)).ladder().set_index("step").usd
    assert before["option not exercised"] == pytest.approx(12 * month)
    after = position(deal.change({"amendment": [used]}), date(2026, 6, 1))
    assert after.headline.usd == pytest.approx(700 + 12 * month)
    if not alone:
        own = used | {"terms": {**used["terms"], "fee": [{"from": deal.end, "usd_month": 70.0}]}}
        stated = deal.change({"amendment": [own]})
        assert position(stated, date(2026, 6, 1)).headline.usd == pytest.approx(700 + 12 * 70)


def test_an_option_left_at_the_fees_then_due_costs_what_the_one_before_it_did() -> None:
    each = [
        {"months": 12, "notice_days": 31, "usd_month": 150.0},
        {"months": 12, "notice_days": 31},
    ]
    step = {"title": "t", "signed": date(2026, 6, 1), "effective": date(2026, 6, 1)}
    deal = plain(extension=each, amendment=[step | {"terms": {"end": date(2028, 1, 1)}}])
    beside = position(deal, date(2026, 6, 1)).ladder().set_index("step").usd
    assert beside["option not exercised"] == pytest.approx(12 * 150)


def test_an_option_not_used_lapses_when_the_term_renews_itself() -> None:
    option = {"months": 12, "notice_days": 180}
    deal = plain(extension=[option], renewal={"months": 12, "notice_days": 30})
    assert len(amendments.options(position(deal, date(2026, 6, 1)).standing)) == 1
    later = position(deal, date(2026, 12, 20))
    assert later.end > deal.end
    assert amendments.options(later.standing) == []


HALLS: list[dict[str, Any]] = [
    {"name": "a", "start": date(2026, 1, 1), "end": date(2026, 7, 1), "fee": [{"usd_month": 10.0}]},
    {"name": "b", "fee": [{"usd_month": 50.0}]},
]
OF_A = {"months": 3, "count": 2, "notice_months": 1, "opens_months": 2, "tranche": "a"}


def of_one(price: dict[str, Any], **terms: Any) -> Agreement:
    return plain(fee="none", tranche=HALLS, extension=[OF_A | price], **terms)


@pytest.mark.parametrize(
    ("price", "each"),
    [({}, [30, 30]), ({"usd_month": 12.0}, [36, 36]), ({"rate": 0.1}, [33, 36.3])],
)
def test_an_option_may_lengthen_one_tranche_alone(price: dict[str, Any], each: list[float]) -> None:
    rows = position(of_one(price)).ladder()
    beside = rows[rows.step == "option not exercised"]
    assert list(beside.usd) == pytest.approx(each)
    assert set(beside.what) == {"3 months more of a"}
    step = {"title": "t", "signed": date(2026, 4, 1), "effective": date(2026, 4, 1)}
    longer = step | {"terms": {"tranche": [{"name": "a", "end": date(2026, 10, 1)}]}}
    used = of_one(price, amendment=[longer])
    assert position(used, date(2026, 4, 1)).headline.usd == pytest.approx(30 + 450 + each[0])
    [left] = amendments.options(used)
    assert (left.opens, left.last_day, left.end) == (
        date(2026, 7, 31), date(2026, 8, 31), date(2027, 1, 1),
    )  # fmt: skip
    told = position(used, date(2026, 4, 1)).deadlines.event
    assert any(event.startswith("last day to exercise extension of a") for event in told)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"tranche": "c"}, "extension: 'c' is no tranche; allowed: a, b"),
        ({"months": 7}, "extension: a would end on 2027-02-01, after the end 2027-01-01"),
        ({"opens_months": 0}, "opens_months"),
        ({"opens_months": 1, "notice_months": 2}, "opens_months 1 must be at least notice_months"),
    ],
)
def test_an_option_of_a_tranche_that_cannot_be_is_refused(
    option: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        of_one({"count": 1} | option)


def test_options_stay_where_an_amendment_moves_the_end_elsewhere_or_states_them_anew() -> None:
    assert moved({"end": date(2027, 7, 1)}, count=1) == [("2027-05-30", "2028-07-01")]
    again = {"extension": [{"months": 12, "notice_days": 31}], "end": date(2028, 1, 1)}
    assert moved(again) == [("2027-11-30", "2029-01-01")]


# 10. Amendments of the right itself


def amended(effective: date, **right: Any) -> Agreement:
    step = {"title": "t", "signed": date(2026, 2, 1), "effective": effective}
    terms = {"termination": customer(**right)}
    return plain(termination=customer(notice_days=30), amendment=[step | {"terms": terms}])


def test_notice_under_the_old_terms_stays_open_until_the_new_ones() -> None:
    deal = amended(date(2026, 6, 1), notice_days=120)
    assert end(deal, date(2026, 2, 1)) == "2026-03-03"
    assert end(deal, date(2026, 5, 31)) == "2026-06-30"
    assert end(deal, date(2026, 6, 1)) == "2026-09-29"


def test_shorter_notice_to_come_may_be_worth_waiting_for() -> None:
    deal = amended(date(2026, 3, 1), notice_days=5)
    # 20 February + 30 days is 22 March; from 1 March five days are enough: 6 March
    assert end(deal, date(2026, 2, 20)) == "2026-03-06"


def test_an_amendment_counts_from_its_signature() -> None:
    deal = amended(date(2026, 1, 1), notice_days=120)
    assert end(deal, date(2026, 1, 31)) == "2026-03-02"
    assert end(deal, date(2026, 2, 1)) == "2026-06-01"


def test_a_valuation_date_out_of_reach_is_refused() -> None:
    with pytest.raises(ValueError, match="as_of: 9999-12-31 is not allowed; allowed: at most 2300"):
        position(plain(), date.max).firm()


def step(signed: date, effective: date, **terms: Any) -> dict[str, Any]:
    return {"title": "t", "signed": signed, "effective": effective, "terms": terms}


FEBRUARY, JUNE, JULY = date(2026, 2, 1), date(2026, 6, 1), date(2026, 7, 1)


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        (
            step(FEBRUARY, JUNE, termination="none"),
            step(JULY, JULY, termination=customer(fee_usd=5.0)),
            r"amendment\.1\.terms: termination\.customer: exactly one of notice_days",
        ),
        (
            step(FEBRUARY, FEBRUARY, end=date(2026, 9, 1)),
            step(JULY, JULY, fee=[{"from": date(2026, 10, 1), "usd_month": 5.0}]),
            r"amendment\.1\.terms: fee: from 2026-10-01 lies outside the term",
        ),
        # in force before the first one is: until 1 August the later end is none
        (
            step(FEBRUARY, date(2026, 8, 1), end=date(2027, 9, 1)),
            step(JULY, JULY, fee=[{"from": date(2027, 3, 1), "usd_month": 5.0}]),
            r"amendment\.1\.terms: fee: from 2027-03-01 lies outside the term",
        ),
    ],
)
def test_an_amendment_is_checked_against_what_the_earlier_ones_leave(
    first: dict[str, Any], then: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        plain(termination=customer(notice_days=30), amendment=[first, then])


def test_an_amendment_may_rest_on_an_earlier_one() -> None:
    longer = step(FEBRUARY, FEBRUARY, end=date(2027, 9, 1))
    cheaper = step(JULY, JULY, fee=[{"from": date(2027, 3, 1), "usd_month": 5.0}])
    deal = plain(amendment=[longer, cheaper])
    assert position(deal, JULY).headline.usd == pytest.approx(6 * 100 + 2 * 100 + 6 * 5)


def test_what_is_accepted_can_be_valued_on_any_day() -> None:
    kinds: list[dict[str, Any]] = [
        {"end": date(2026, 9, 1)},
        {"end": date(2028, 1, 1)},
        {"termination": "none"},
        {"termination": customer(fee_usd=5.0)},
        {"fee": [{"from": date(2026, 10, 1), "usd_month": 5.0}]},
        {"renewal": {"months": 3, "notice_days": 300}},
    ]
    valued = 0
    for one, other in product(kinds, repeat=2):
        for days in ((FEBRUARY, JULY), (date(2026, 10, 1), JUNE)):
            steps = [step(FEBRUARY, days[0], **one), step(JULY, days[1], **other)]
            try:
                deal = plain(termination=customer(notice_days=30), amendment=steps)
            except ValueError:
                continue
            valued += 1
            for day in (FEBRUARY, JULY, date(2026, 12, 1), date(2200, 1, 1)):
                assert position(deal, day).firm().usd <= position(deal, day).headline.usd + 0.01
    assert valued > len(kinds)


def test_renewals_go_on_for_a_hundred_years_at_most() -> None:
    deal = plain(renewal={"months": 12, "notice_days": 10})
    assert str(position(deal, date(2200, 1, 1)).headline.end) == "2126-01-01"


MANY = [{"title": "t", "signed": date(2026, 1, 1), "effective": date(2026, 2, 1),
         "terms": {"fee": [{"from": date(2026, 2, 1), "usd_month": 100.0}]}}] * 24  # fmt: skip


@pytest.mark.parametrize(
    "terms",
    [
        {"extension": [{"months": 1200, "notice_days": 0}]},
        {"extension": [{"months": 600, "count": 3, "notice_days": 0}]},
        {"extension": [{"months": 600, "notice_days": 0}] * 2},
        {"renewal": {"months": 1200, "notice_days": 0}},
        {"start": date(2260, 1, 1), "end": date(2299, 1, 1),
         "extension": [{"months": 60, "notice_days": 0}]},
    ],
)  # fmt: skip
def test_options_beyond_the_longest_term_are_refused(terms: dict[str, Any]) -> None:
    said = r"months from the end .* at most 100 years after start .*, and up to 2300-01-01"
    with pytest.raises(ValueError, match=said):
        plain(**terms)
    option = {key: terms.pop(key) for key in ("extension", "renewal") if key in terms}
    with pytest.raises(ValueError, match="readings.longer: .*" + said):
        plain(**terms, readings={"longer": {"title": "t"} | option})


def test_options_that_an_amendment_has_used_count_no_longer() -> None:
    step = {"title": "t", "signed": date(2026, 6, 1), "effective": date(2026, 6, 1)}
    option = {"months": 480, "count": 2, "notice_days": 0}
    deal = plain(extension=[option], amendment=[step | {"terms": {"end": date(2067, 1, 1)}}])
    assert [str(each.end) for each in amendments.options(deal)] == ["2107-01-01"]


@pytest.mark.parametrize("usd_month", [None, 100.0])
@pytest.mark.parametrize("amendment", [[], MANY])
def test_every_option_of_a_file_can_be_used(
    amendment: list[dict[str, Any]], usd_month: float | None
) -> None:
    option = {"months": 1, "count": 30, "notice_days": 0, "usd_month": usd_month}
    deal = plain(amendment=amendment, extension=[option])
    longer = amendments.extended_by(deal, "customer", as_of=deal.start)
    assert position(longer).headline.usd == pytest.approx(4_200)
    longer = amendments.extended_by(deal, "customer", as_of=date(2026, 6, 1))
    assert position(position(longer, date(2027, 6, 1)).standing).headline.usd == pytest.approx(
        4_200
    )


def test_a_renewal_binds_whatever_was_amended() -> None:
    deal = plain(amendment=MANY, renewal={"months": 3, "notice_days": 10})
    assert position(deal, date(2027, 1, 1)).firm().usd == pytest.approx(300)
    assert position(position(deal, date(2027, 1, 1)).standing, reading="headline").read.amendment


def test_options_at_a_fee_chain_whatever_fees_there_are() -> None:
    fees = [{"from": plain().start + timedelta(days=n), "usd_month": 1.0} for n in range(1_200)]
    option = {"months": 12, "count": 2, "notice_days": 0, "usd_month": 70.0}
    deal = plain(end=date(2030, 1, 1), fee=fees, extension=[option])
    longer = amendments.extended_by(deal, "customer", as_of=deal.start)
    assert position(longer).headline.usd == pytest.approx(48 + 24 * 70)


def test_a_later_option_at_a_fee_leaves_the_rises_before_it() -> None:
    rise = {"from": date(2026, 7, 1), "rate": 0.1}
    each = [{"months": 6, "notice_days": 0}, {"months": 6, "notice_days": 0, "usd_month": 70.0}]
    deal = plain(escalator=rise, extension=each)
    longer = amendments.extended_by(deal, "customer", as_of=deal.start)
    assert position(longer).headline.usd == pytest.approx(600 + 12 * 110 + 6 * 70)


def test_renewals_end_with_the_last_day_there_is() -> None:
    deal = plain(start=date(2290, 1, 1), end=date(2299, 1, 1),
                 renewal={"months": 12, "notice_days": 0})  # fmt: skip
    assert position(deal, date(2300, 1, 1)).headline.end == date(2300, 1, 1)


def test_a_tranche_is_left_with_the_rest_where_that_costs_less_than_alone() -> None:
    hall = {"name": "hall", "fee": [{"from": date(2026, 1, 1), "usd_month": 100.0}]}
    hall["termination"] = customer(notice_days=31, fee_usd=500.0)
    alone = position(plain(tranche=[hall])).firm()
    assert alone.usd == pytest.approx(1_200 + 100 + 500)
    both = position(plain(tranche=[hall], termination=customer(notice_days=59))).firm()
    assert (both.usd, both.end) == (pytest.approx(400), date(2026, 3, 1))


def test_an_extension_of_what_was_first_signed_knows_no_later_amendment() -> None:
    step = {"title": "t", "signed": date(2026, 6, 1), "effective": date(2026, 6, 1)}
    dearer = step | {"terms": {"fee": [{"from": date(2026, 6, 1), "usd_month": 900.0}]}}
    deal = plain(extension=[TWO], amendment=[dearer])
    assert position(deal, date(2026, 6, 1)).headline.usd > 6_000  # every amendment resolved
    first = amendments.first_signed(deal, 0)
    longer = amendments.extended_by(first, "customer", as_of=deal.start)
    assert position(longer).headline.usd == pytest.approx(1_400)


def test_options_of_different_rates_are_exercised_by_an_amendment_each() -> None:
    options = [{"months": 12, "notice_days": 0, "rate": rate} for rate in (0.1, 0.2)]
    both = {"title": "longer", "signed": date(2026, 2, 1), "effective": date(2026, 2, 1)}
    said = (
        "amendment.0.terms: end 2029-01-01: it exercises options of different rates; "
        "allowed: one amendment for each, the first with end 2028-01-01"
    )
    with pytest.raises(ValueError, match=said):
        plain(extension=options, amendment=[both | {"terms": {"end": date(2029, 1, 1)}}])
    first = both | {"terms": {"end": date(2028, 1, 1)}}
    second = both | {"effective": date(2028, 1, 1), "terms": {"end": date(2029, 1, 1)}}
    deal = plain(extension=options, amendment=[first, second])
    found = position(deal, date(2026, 2, 1)).rows
    years = [
        found[found.start.map(lambda day, y=y: day.year == y)].fee_usd.sum() for y in (2027, 2028)
    ]
    assert years == pytest.approx([12 * 110, 12 * 132])


def test_an_option_of_a_tranche_may_outlast_the_others_where_no_end_is_stated() -> None:
    tranches = [
        {"name": name, "start": date(2026, 1, 1), "term_months": months,
         "fee": [{"usd_month": 10.0}]}
        for name, months in (("a", 12), ("b", 24))
    ]  # fmt: skip
    option = {"tranche": "b", "months": 12, "notice_days": 30, "usd_month": 20.0}
    data = {key: PLAIN[key] for key in ("id", "provider", "customer", "signed")}
    deal = Agreement.model_validate(data | {"tranche": tranches, "extension": [option]})
    rows = position(deal).ladder().set_index("step")
    assert rows.usd["option not exercised"] == pytest.approx(240)
    longer = {"title": "b longer", "signed": date(2027, 6, 1), "effective": date(2027, 6, 1)}
    terms = {"tranche": [{"name": "b", "end": date(2029, 1, 1)}]}
    used = deal.change({"amendment": [longer | {"terms": terms}]})
    found = position(used, date(2027, 6, 1))
    assert (found.end, found.headline.usd) == (date(2029, 1, 1), pytest.approx(7 * 10 + 240))
    with pytest.raises(
        ValueError, match="b would end on 2029-01-01, after the end 2028-01-01; leav"
    ):
        plain(fee="none", end=date(2028, 1, 1), tranche=tranches, extension=[option])
