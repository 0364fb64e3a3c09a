"""What is firm: the reference results of the models, and cases worked out by hand."""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from agreements import customer, plain

from analysis.contract import position
from analysis.contract.files import contract
from analysis.contract.schedule import Schedule, frame
from analysis.contract.terms import Agreement
from analysis.questions.commitment import tables

BN = 1e9
TIGHT = 2e-7
"""The references are printed to the sixth place of a billion."""


def deal(reading: str, discount: float = 0.5) -> Agreement:
    """Anthropic–xAI under a reading with a fixed discount in the ramp."""
    changed = contract("anthropic-xai").change({"fee": {"0": {"discount": discount}}})
    return position(changed, reading=reading).read


@pytest.mark.parametrize(
    ("reading", "end", "low", "half", "ratio_low", "ratio_half"),
    [
        pytest.param("R0", "2029-06-01", 45.927419, 44.959677, 1.0, 1.0, id="T0"),
        pytest.param("headline", "2029-06-01", 45.927419, 44.959677, 1.0, 1.0, id="T0-headline"),
        pytest.param("R1", "2026-08-01", 3.427419, 2.459677, 0.074627, 0.054709, id="T1"),
        pytest.param("R2", "2026-11-01", 7.177419, 6.209677, 0.156277, 0.138117, id="T2"),
        pytest.param("R3", "2027-01-28", 10.766129, 9.798387, 0.234416, 0.217937, id="T3"),
    ],
)
@pytest.mark.parametrize("party", ["customer", "provider"])
def test_firm_value_by_reading(
    reading: str, end: str, low: float, half: float, ratio_low: float, ratio_half: float, party: Any
) -> None:
    for discount, usd, ratio in ((0.1, low, ratio_low), (0.5, half, ratio_half)):
        promised = position(deal(reading, discount)).firm(party)
        assert str(promised.end) == end
        assert promised.usd / BN == pytest.approx(usd, rel=TIGHT)
        assert promised.rows.fee_usd.sum() == pytest.approx(promised.usd, rel=1e-12)
        whole = position(deal(reading, discount)).headline.usd
        assert promised.usd / whole == pytest.approx(ratio, abs=5e-7)


def test_the_shipped_default_is_r2_with_half_off() -> None:
    assert position(contract("anthropic-xai")).firm().usd / BN == pytest.approx(6.209677, rel=TIGHT)


def test_r2e_and_r3x_are_two_wordings_of_the_same() -> None:
    # gate on effect: max(3 May + 90 days = 1 August, 3 August); 180 days from 3 May: 30 October
    assert str(position(deal("R2e")).firm().end) == "2026-08-03"
    assert str(position(deal("R3x")).firm().end) == "2026-10-30"
    assert (position(deal("R2")).firm().end - position(deal("R3x")).firm().end).days == 2


def whole_months(**more: Any) -> Agreement:
    """The whole-month model: 37 months from May 2026, the first two at half the fee, in $bn."""
    first, full = date(2026, 5, 1), date(2026, 7, 1)
    return plain(
        start=first,
        end=date(2029, 6, 1),
        fee=[
            {"from": first, "usd_month": 1.25, "discount": 0.5},
            {"from": full, "usd_month": 1.25},
        ],
        **more,
    )


@pytest.mark.parametrize(
    ("gate", "usd", "ratio"),
    [
        pytest.param(None, 2.5, 0.055556, id="T4-R1"),
        pytest.param(3, 6.25, 0.138889, id="T4-R2"),
        pytest.param(6, 10.0, 0.222222, id="T4-R3"),
    ],
)
def test_whole_month_model(gate: int | None, usd: float, ratio: float) -> None:
    found = whole_months(termination=customer(notice_months=3, gate_months=gate))
    assert position(found).firm().usd == pytest.approx(usd, rel=1e-12)
    assert position(found).headline.usd == pytest.approx(45, rel=1e-12)
    assert position(found).firm().usd / position(found).headline.usd == pytest.approx(
        ratio, abs=5e-7
    )


def test_t5_rolling_window_at_the_gate() -> None:
    promised = position(deal("R2"), date(2026, 8, 3)).firm()
    # 29 of August's 31 days, September, October
    assert promised.usd / BN == pytest.approx(1.25 * (29 / 31 + 2), rel=1e-12)
    assert promised.usd / BN == pytest.approx(3.669355, rel=TIGHT)
    assert str(promised.end) == "2026-11-01"


@pytest.mark.parametrize("reading", ["R1", "R2", "R2e", "R3"])
def test_t6_any_reading_after_the_gates(reading: str) -> None:
    promised = position(deal(reading), date(2028, 2, 1)).firm()
    assert promised.usd / BN == pytest.approx(3.75, rel=1e-12)
    assert str(promised.end) == "2028-05-01"  # 29 + 31 + 30 days


def test_readings_agree_on_2026_11_23() -> None:
    values = {position(deal(name), date(2026, 11, 23)).firm().usd for name in ("R1", "R2", "R3")}
    assert len(values) == 1
    # 8 of 30 days of November, December, January, 20 of 28 days to 21 February 2027
    assert values.pop() / BN == pytest.approx(1.25 * (8 / 30 + 2 + 20 / 28), rel=1e-12)


@pytest.mark.parametrize(
    ("reading", "usd_bn", "end", "ratio"),
    [
        pytest.param("headline", 30.36, "2029-07-01", 1.0, id="T8-headline"),
        pytest.param("serving", 5.52, "2027-04-01", 0.181818, id="T8-serving"),
        pytest.param("effect", 2.76, "2027-01-01", 0.090909, id="T8-effect"),
    ],
)
def test_google(reading: str, usd_bn: float, end: str, ratio: float) -> None:
    found = position(contract("google-spacex"), reading=reading).read
    promised = position(found, date(2026, 10, 1)).firm()
    assert promised.usd / BN == pytest.approx(usd_bn, rel=1e-12)
    assert str(promised.end) == end
    assert promised.usd / position(found).headline.usd == pytest.approx(ratio, abs=5e-7)


@pytest.mark.parametrize(
    ("reading", "usd_bn", "ratio"),
    [
        pytest.param("R0", 45.274, 1.0, id="T10-R0"),
        pytest.param("R1", 2.774, 0.061271, id="T10-R1"),
        pytest.param("R2", 6.524, 0.144100, id="T10-R2"),
        pytest.param("R3", 10.112710, 0.223367, id="T10-R3"),
    ],
)
def test_ramp_inferred_from_customer_b(reading: str, usd_bn: float, ratio: float) -> None:
    # the file states the discount to five places, 0.37008, so the ramp is 1.524 bn to 1e-6
    found = position(contract("anthropic-xai"), reading=f"{reading}+customer-B").read
    assert position(found).firm().usd / BN == pytest.approx(usd_bn, rel=1e-6)
    assert position(found).firm().usd / position(found).headline.usd == pytest.approx(
        ratio, abs=1e-6
    )


def test_t10_implied_discount() -> None:
    fee = contract("anthropic-xai").fee[0]
    months = 29 / 31 + 1
    assert 1 - 1.524e9 / (fee.usd_month * months) == pytest.approx(0.370080, abs=5e-7)
    assert 1 - 1.524e9 / (fee.usd_month * 2) == pytest.approx(0.390400, abs=5e-7)


def test_p9_row_1_fees_left_by_year() -> None:
    left = position(deal("R0"), date(2026, 7, 1)).headline
    years = [date(2026, 7, 1), date(2027, 7, 1), date(2028, 7, 1), date(2030, 1, 1)]
    parts = [
        left.rows.fee_usd[[low <= day < high for day in left.rows.start]].sum() / BN
        for low, high in pairwise(years)
    ]
    assert left.usd / BN == pytest.approx(43.75, rel=1e-12)
    assert parts == pytest.approx([15.0, 15.0, 13.75], rel=1e-12)


@pytest.mark.parametrize(
    ("reading", "end", "usd_bn"),
    [
        pytest.param("R1", "2026-09-29", 3.666667, id="P9-2"),
        pytest.param("R2", "2026-11-01", 5.0, id="P9-3"),
    ],
)
def test_p9_firm_from_july(reading: str, end: str, usd_bn: float) -> None:
    promised = position(deal(reading), date(2026, 7, 1)).firm()
    assert str(promised.end) == end
    assert promised.usd / BN == pytest.approx(usd_bn, rel=TIGHT)


def test_w1_bridge() -> None:
    found = whole_months(termination=customer(notice_months=3, gate_months=3))
    table = position(found).bridge(
        rate=0.10, default_probability=0.05, loss_given_default=0.60, day_count="30E/360"
    )
    steps = [46.25, -1.25, -38.75, -0.141833, -0.044760]
    assert list(table.usd) == pytest.approx(steps, abs=5e-7)
    assert table.running_usd.iloc[-1] == pytest.approx(6.063407, abs=5e-7)
    assert table.running_usd.iloc[-1] / table.usd.iloc[0] == pytest.approx(0.131101, abs=5e-7)


def test_bridge_under_another_reading_than_its_own() -> None:
    rates = {"rate": 0.1, "default_probability": 0.05, "loss_given_default": 0.6}
    whole = contract("anthropic-xai")
    there = position(whole, reading="R3+customer-B").bridge(**rates)
    # an agreement read already has no other readings: its own name stands for itself
    here = position(position(whole, reading="R3+customer-B").read).bridge(**rates)
    assert there.running_usd.iloc[-1] == pytest.approx(here.running_usd.iloc[-1], rel=1e-12)
    ends = position(whole, reading="R3x").bridge(**rates)
    assert ends.usd.iloc[2] < 0


def test_bridge_refuses_what_is_no_share() -> None:
    with pytest.raises(ValueError, match=r"loss_given_default: 60 is not allowed, it must be in"):
        position(plain()).bridge(rate=0.1, default_probability=0.1, loss_given_default=60)


# 4. What leaving costs


def costly(**fee: float) -> Agreement:
    """Notice of 59 days from 1 January: gone on 1 March, after two months at 100."""
    return plain(termination=customer(notice_days=59, **fee))


def test_fixed_fee() -> None:
    left = position(costly(fee_usd=70.0)).firm()
    assert (left.usd, left.end, left.exit_fee_usd) == (pytest.approx(270), date(2026, 3, 1), 70)
    assert left.rows.clause.iloc[-1] == "termination fee"
    assert left.rows.fee_usd.sum() == pytest.approx(270)


def test_months_of_fee() -> None:
    left = position(costly(fee_months=1.5)).firm()
    assert (left.usd, left.exit_fee_usd) == (pytest.approx(350), pytest.approx(150))


def test_months_of_the_fee_due_on_the_day_of_leaving() -> None:
    steps = [
        {"from": date(2026, 1, 1), "usd_month": 100.0},
        {"from": date(2026, 2, 20), "usd_month": 300.0, "discount": 0.5},
    ]
    left = position(plain(fee=steps, termination=customer(notice_days=59, fee_months=2.0))).firm()
    assert left.exit_fee_usd == pytest.approx(300)


@pytest.mark.parametrize("rule", ["calendar-days", "actual-30", "30-360", "actual-365"])
def test_months_of_fee_inside_a_month_are_whole_months(rule: str) -> None:
    deal = plain(proration=rule, termination=customer(notice_days=45, fee_months=2.0))
    assert position(deal).firm().end == date(2026, 2, 15)
    # leaving in mid-February: a part month has its own share, a month of fee stays 100
    assert position(deal).firm().exit_fee_usd == pytest.approx(200)


def test_share_of_what_remains() -> None:
    left = position(costly(fee_share_of_remaining=0.25)).firm()
    assert left.usd == pytest.approx(200 + 0.25 * 1_000)


def test_staying_is_cheaper_than_a_high_fee() -> None:
    left = position(costly(fee_usd=5_000.0)).firm()
    assert (left.usd, left.end, left.exit_fee_usd) == (pytest.approx(1_200), date(2027, 1, 1), 0)


def test_leaving_later_is_cheaper_where_the_fee_falls_with_a_step() -> None:
    # 12 months' fee: 1,200 in January to March, 120 once the fee has fallen to 10 on 1 April
    steps = [
        {"from": date(2026, 1, 1), "usd_month": 100.0},
        {"from": date(2026, 4, 1), "usd_month": 10.0},
    ]
    left = position(plain(fee=steps, termination=customer(notice_days=31, fee_months=4.0))).firm()
    # stay: 300 + 90; gone on 1 February: 100 + 400; on 2 April, after a day at 10: 300 + 1/3 + 40
    assert (left.usd, left.end) == (pytest.approx(340 + 1 / 3), date(2026, 4, 2))


def test_months_of_fee_are_of_the_fee_last_in_force() -> None:
    rise = {"rate": 0.1, "every_months": 2}
    right = customer(notice_days=0, fee_months=3.0)
    # gone on 1 March, when the fee would rise to 110; on the day itself nothing else is due
    left = position(plain(escalator=rise, termination=right), date(2026, 3, 1)).firm()
    assert (left.end, left.usd) == (date(2026, 3, 1), pytest.approx(300))


def test_no_credit_and_no_use_above_a_minimum_changes_months_of_fee() -> None:
    right = customer(notice_days=31, fee_months=3.0)
    credited = plain(service_credit=[{"below": 0.9, "share": 0.5}], termination=right)
    low = {"availability": {date(2026, 1, 1): 0.5}}
    assert position(credited, facts=low).firm().exit_fee_usd == pytest.approx(300)
    late = {"due": date(2026, 1, 1), "late_credit_usd_day": 1.0, "remedy": "reduce"}
    missing = {"delivered": {"site": {date(2026, 1, 1): 0.5, date(2027, 1, 1): 1.0}}}
    found = position(plain(delivery=late, termination=right), facts=missing).firm()
    assert found.exit_fee_usd == pytest.approx(150)
    metered = {"unit": "MWh", "minimum_units_month": 10.0, "usd_per_unit": 1.0}
    deal = plain(take_or_pay=metered | {"overage_usd_per_unit": 1.0}, termination=right)
    used = {"usage": {"MWh": {date(2026, 1, 1): 90.0}}}
    left = position(deal, facts=used).firm()
    assert (left.end, left.exit_fee_usd) == (date(2026, 2, 1), pytest.approx(330))


def test_before_the_start_months_of_fee_are_those_of_the_first_fee() -> None:
    deal = plain(signed=date(2025, 9, 1), termination=customer(notice_days=30, fee_months=2.0))
    assert position(deal, date(2025, 9, 1)).firm().usd == pytest.approx(200)


def test_provider_pays_its_fee_and_leaves_on_the_first_day() -> None:
    deal = plain(termination={"provider": {"notice_days": 59, "fee_usd": 900.0}})
    left = position(deal).firm("provider")
    # the fee is no price of service: it stands apart from the rows
    assert (left.usd, left.exit_fee_usd) == (pytest.approx(200), 900)
    assert left.rows.fee_usd.sum() == pytest.approx(200)


def test_a_prepayment_lost_is_a_cost_of_leaving() -> None:
    ahead = {"usd": 500.0, "paid": date(2025, 12, 1), "credit_from": date(2026, 2, 1),
             "refundable": False}  # fmt: skip
    left = position(plain(prepayment=ahead, termination=customer(notice_days=59))).firm()
    # gone on 1 March: January 100, February out of the prepayment, 400 of it lost: 600 in all;
    # any day to 1 July costs the same, as months served use up what would be lost
    assert (left.usd, left.end) == (pytest.approx(600), date(2026, 3, 1))
    refundable = plain(
        prepayment=ahead | {"refundable": True}, termination=customer(notice_days=59)
    )
    assert position(refundable).firm().usd == pytest.approx(200)


# 10. Amendments


def test_amendments_say_what_they_changed() -> None:
    deal = plain(
        termination=customer(notice_days=59),
        amendment=[
            {
                "title": "cheaper, agreed late",
                "signed": date(2026, 4, 1),
                "effective": date(2026, 3, 1),
                "terms": {"fee": [{"from": date(2026, 3, 1), "usd_month": 60.0}]},
            },
            {
                "title": "longer, harder to leave",
                "signed": date(2026, 6, 1),
                "effective": date(2026, 6, 1),
                "terms": {"end": date(2027, 3, 1), "termination": customer(notice_days=92)},
            },
        ],
    )
    table = tables.amendments(deal)
    # ten months at 40 less; two more at 60
    assert list(table.headline_change_usd) == pytest.approx([-400, 120])
    # 1 April + 59 days is 30 May: two months (less two days) at 40 less.
    # 1 June + 59 days is 30 July, + 92 days is 1 September: 2/31 of July and August more
    assert list(table.firm_change_usd) == pytest.approx(
        [-40 * (1 + 29 / 31), 60 * (2 / 31 + 1)], rel=1e-12
    )


def test_an_amendment_is_not_known_before_its_signature() -> None:
    deal = plain(
        amendment=[
            {
                "title": "t",
                "signed": date(2026, 4, 1),
                "effective": date(2026, 2, 1),
                "terms": {"fee": [{"from": date(2026, 2, 1), "usd_month": 10.0}]},
            }
        ]
    )
    assert position(deal, date(2026, 3, 31)).headline.usd == pytest.approx(900 + 100 / 31)
    assert position(deal, date(2026, 4, 1)).headline.usd == pytest.approx(90)


def test_the_headline_takes_out_rights_that_an_amendment_gives() -> None:
    found = position(contract("invented-every-clause"), reading="headline").read
    for party in ("customer", "provider"):
        promised = position(found, date(2028, 1, 1)).firm(party)  # type: ignore[arg-type]
        assert promised.usd == position(found, date(2028, 1, 1)).headline.usd


def test_an_amended_agreement_can_be_read_two_ways_at_once() -> None:
    found = position(contract("invented-every-clause"), reading="gate-on-effect+index").read
    assert 0 < position(found, date(2028, 1, 1)).firm().usd < position(found).headline.usd


# Headline arithmetic


def test_headline_arithmetic_explains_the_press() -> None:
    table = tables.headline_arithmetic(contract("anthropic-xai"))
    bn = dict(zip(table.method, table.usd / BN, strict=True))
    assert bn["months at the last fee only × last fee"] == pytest.approx(43.75)
    assert bn["whole months from start to end × last fee"] == pytest.approx(45.0)
    assert bn["calendar months touched × last fee"] == pytest.approx(46.25)
    assert bn["day by day, discount used"] == pytest.approx(44.959677, rel=TIGHT)
    # 10 % and 90 % off
    assert bn["day by day, discount lowest"] == pytest.approx(45.927419, rel=TIGHT)
    assert bn["day by day, discount highest"] == pytest.approx(
        43.75 + 0.1 * 1.25 * (29 / 31 + 1), rel=1e-12
    )


@pytest.mark.parametrize(
    ("total", "method"),
    [
        # two months at 75, ten at 100: 1,150 day by day, 1,000 at the last fee, 1,200 by months
        ({"usd": 1_150.0, "at_least": True}, "day by day, discount lowest"),
        ({"usd": 1_100.0, "at_least": True}, "day by day, discount lowest"),
        ({"usd": 10.0, "at_least": True}, "months at the last fee only × last fee"),
        ({"usd": 1_151.0, "at_least": True}, "whole months from start to end × last fee"),
        ({"usd": 1_201.0, "at_least": True}, "no count of months"),
        ({"usd": 1_153.0}, "day by day, discount lowest"),
        ({"usd": 1_100.0}, "no count of months"),
    ],
)
def test_a_reported_total_is_credited_to_the_nearest_count(
    total: dict[str, Any], method: str
) -> None:
    steps = [(date(2026, 1, 1), 75.0), (date(2026, 3, 1), 100.0)]
    fee = [{"from": day, "usd_month": usd} for day, usd in steps]
    table = tables.headline_arithmetic(plain(fee=fee, reported=[{"by": "press", **total}]))
    assert list(table.method[table.reported == "press"]) == [method]


def test_of_two_counts_that_round_to_a_total_the_nearer_is_credited() -> None:
    # 1,196 day by day, 1,200 by months
    fee = [{"from": date(2026, 1, 1), "usd_month": 100.0, "discount": 0.04},
           {"from": date(2026, 2, 1), "usd_month": 100.0}]  # fmt: skip
    table = tables.headline_arithmetic(plain(fee=fee, reported=[{"by": "press", "usd": 1_197.0}]))
    assert list(table.method[table.reported == "press"]) == ["day by day, discount lowest"]


def test_firm_value_is_linear_in_the_undisclosed_discount() -> None:
    found = contract("anthropic-xai")
    low, high = (position(found).resolved_at(bound).firm().usd for bound in ("low", "high"))
    assert low - high == pytest.approx(0.8 * 1.25e9 * (29 / 31 + 1), rel=1e-12)


def test_credits_count_in_what_is_firm() -> None:
    found = plain(service_credit=[{"below": 0.99, "share": 0.5}])
    assert position(
        found, facts={"availability": {date(2026, 1, 1): 0.9}}
    ).headline.usd == pytest.approx(1_150)


def test_usage_above_the_minimum_is_not_firm_unless_it_happened() -> None:
    meter = {"unit": "GB", "minimum_units_month": 1.0, "usd_per_unit": 5.0,
             "overage_usd_per_unit": 9.0}  # fmt: skip
    found = plain(take_or_pay=meter)
    assert position(found).headline.usd == pytest.approx(12 * 105)
    assert position(found, facts={"usage": {date(2026, 2, 1): 3.0}}).headline.usd == pytest.approx(
        12 * 105 + 18
    )


def test_rows_of_a_commitment_tile_its_service() -> None:
    rows = position(deal("R3"), date(2026, 6, 15)).firm().rows
    assert rows.start.iloc[0] == date(2026, 6, 15)
    assert list(rows.start[1:]) == list(rows.end[:-1])
    assert rows.end.iloc[-1] == date(2027, 1, 28)
    assert list(rows.columns) == list(frame(Schedule(plain()).whole).columns)
