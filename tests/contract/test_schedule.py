"""What is due when, each case worked out by hand; `plain` is 100 a month for the year 2026."""

import math
import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from agreements import plain

from analysis.contract import position
from analysis.contract.amendments import in_force
from analysis.contract.dates import Proration
from analysis.contract.facts import Facts
from analysis.contract.files import contract
from analysis.contract.schedule import Schedule, frame
from analysis.contract.terms import Agreement


def fees(agreement: Agreement, until: date | None = None, **facts: Any) -> dict[str, float]:
    """Fees by first day of service."""
    table = frame(Schedule(agreement, Facts.of(facts)).charges(until=until))
    return {str(day): usd for day, usd in zip(table.start, table.fee_usd, strict=True)}


def total(agreement: Agreement, until: date | None = None, **facts: Any) -> float:
    return sum(fees(agreement, until, **facts).values())


# 1. Term, monthly fee, part months


def test_whole_months() -> None:
    table = frame(Schedule(plain()).whole)
    assert list(table.columns) == ["start", "end", "days", "share", "fee_usd", "due", "clause"]
    assert list(table.fee_usd) == pytest.approx([100.0] * 12)
    assert list(table.days)[:3] == [31, 28, 31]
    assert (table.due == table.start).all()
    assert set(table.clause) == {"site fee"}


@pytest.mark.parametrize(
    ("rule", "first", "last"),
    [
        # 17 to 31 January are 15 days, 1 to 9 February 9 of 28 days
        ("calendar-days", 15 / 31, 9 / 28),
        ("actual-30", 15 / 30, 9 / 30),
        ("30-360", 14 / 30, 9 / 30),
        ("actual-365", 15 * 12 / 365, 9 * 12 / 365),
    ],
)
def test_part_months(rule: Proration, first: float, last: float) -> None:
    deal = plain(start=date(2026, 1, 17), end=date(2026, 2, 10), proration=rule)
    table = frame(Schedule(deal).whole)
    by_month = table.fee_usd.groupby(table.start.map(lambda day: day.month)).sum()
    assert list(by_month) == pytest.approx([100 * first, 100 * last])


def test_rows_under_30_360_run_evenly_by_days() -> None:
    """The 30th of a month of 31 days costs nothing, the last of February as much as three days."""
    shares = fees(plain(end=date(2026, 3, 1), proration="30-360"))
    assert shares == pytest.approx(
        {"2026-01-01": 2_900 / 30, "2026-01-30": 0.0, "2026-01-31": 100 / 30,
         "2026-02-01": 2_700 / 30, "2026-02-28": 300 / 30}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "part"),
    [
        ("calendar-days", 16 / 31),
        ("actual-30", 16 / 30),
        ("30-360", 15 / 30),
        ("actual-365", 16 * 12 / 365),
        ("full-period", 16 / 31),
    ],
)
def test_part_months_of_a_tranche_and_of_a_price_are_charged_as_those_of_the_agreement(
    rule: Proration, part: float
) -> None:
    # from 16 to 31 January inside a full month of the agreement
    day = date(2026, 1, 16)
    hall = {"name": "b", "fee": [{"from": day, "usd_month": 60.0}]}
    price = {"unit": "kW-month", "quantity": 2.0, "usd_per_unit": 5.0, "from": day}
    found = fees(plain(proration=rule, tranche=[hall], unit_price=[price]))
    half = 15 / 30 if rule == "30-360" else 15 / 31
    assert found["2026-01-01"] == pytest.approx(100 * half)
    rest = sum(usd for first, usd in found.items() if "2026-01-16" <= first < "2026-02-01")
    assert rest == pytest.approx(100 * (1 - half) + 70 * part)
    ends = plain(proration=rule, tranche=[hall | {"end": date(2026, 2, 11)}])
    last = [charge.usd for charge in Schedule(ends).whole if charge.capacity == "b"][-1]
    parts = {"actual-30": 10 / 30, "30-360": 10 / 30, "actual-365": 120 / 365}
    assert last == pytest.approx(60 * parts.get(rule, 10 / 28))


def test_thirty_days_divide_each_month_under_30_360() -> None:
    steps = [{"from": date(2026, 2, 1 + 15 * n), "usd_month": 100.0 + 20 * n} for n in range(2)]
    deal = plain(start=date(2026, 2, 1), proration="30-360", fee=steps)
    # 15 of 30 days before the 16th, and 15 from it to the end of February
    found = fees(deal)
    assert found["2026-02-01"] == pytest.approx(50)
    assert found["2026-02-16"] + found["2026-02-28"] == pytest.approx(60)
    # on the 16th of a month of 31 days half the month is left
    found = position(deal, date(2026, 3, 16))
    assert found.headline.usd == pytest.approx(120 * 9.5)


def test_full_periods_count_from_the_start() -> None:
    # 17 January to 17 February, then 17 to 28 February: 11 of the 28 days to 17 March
    deal = plain(start=date(2026, 1, 17), end=date(2026, 2, 28), proration="full-period")
    assert fees(deal) == pytest.approx({"2026-01-17": 100, "2026-02-17": 100 * 11 / 28})


def test_full_periods_of_a_quarter() -> None:
    # 20 May leaves 42 of the 91 days of the quarter from 1 April to 1 July: 58 % of 300 is owed
    deal = plain(
        start=date(2026, 4, 1),
        end=date(2026, 5, 20),
        proration="full-period",
        payment={"billing_months": 3},
    )
    assert total(deal) == pytest.approx(300 * 49 / 91)


def test_full_periods_from_a_month_end_keep_their_anchor() -> None:
    deal = plain(start=date(2027, 1, 31), end=date(2027, 5, 1), proration="full-period")
    # 30 April to 31 May is a period of 31 days, of which the one day to 1 May is served
    assert fees(deal) == pytest.approx(
        {"2027-01-31": 100, "2027-02-28": 100, "2027-03-31": 100, "2027-04-30": 100 / 31}
    )


def test_a_start_on_the_day_before_a_31st_is_no_division_by_zero() -> None:
    deal = plain(
        start=date(2026, 1, 30),
        end=date(2026, 1, 31),
        proration="30-360",
        take_or_pay={
            "unit": "GB",
            "minimum_units_month": 1.0,
            "usd_per_unit": 1.0,
            "overage_usd_per_unit": 1.0,
        },
    )
    assert total(deal, usage={date(2026, 1, 1): 5.0}) >= 0


def test_leap_february() -> None:
    deal = plain(start=date(2028, 2, 1), end=date(2028, 2, 29))
    assert total(deal) == pytest.approx(100 * 28 / 29)


# 2. Ramp


def test_steps_inside_a_month() -> None:
    # 100 a month less 40 % for 14 of 30 days, then 160 for 16 of 30 days
    deal = plain(
        start=date(2026, 4, 1),
        end=date(2026, 5, 1),
        fee=[
            {"from": date(2026, 4, 1), "usd_month": 100.0, "discount": 0.4},
            {"from": date(2026, 4, 15), "usd_month": 160.0},
        ],
    )
    assert fees(deal) == pytest.approx({"2026-04-01": 60 * 14 / 30, "2026-04-15": 160 * 16 / 30})


def test_an_undisclosed_discount_counts_at_the_value_in_use() -> None:
    step = {"from": date(2026, 1, 1), "usd_month": 100.0}
    deal = plain(fee=[step | {"discount": {"low": 0.1, "use": 0.3, "high": 0.9}}])
    table = frame(Schedule(deal).whole)
    assert table.fee_usd.iloc[0] == pytest.approx(70)
    assert table.clause.iloc[0] == "site fee less 30% discount"


# 3. Tranches


def test_a_tranche_starts_on_its_own_day() -> None:
    # 30 a month from 16 September: 15 of 30 days in September, then all of October to December
    deal = plain(tranche=[{"name": "b", "fee": [{"from": date(2026, 9, 16), "usd_month": 30.0}]}])
    assert total(deal) == pytest.approx(1_200 + 15 + 90)
    assert fees(deal)["2026-09-16"] == pytest.approx(50 + 15)


# 5. Late delivery

LATE = {"due": date(2026, 3, 1), "cure_days": 0}


def test_nothing_is_due_for_what_is_not_delivered() -> None:
    # half delivered from 1 February, all of it from 1 April
    delivered = {"site": {date(2026, 2, 1): 0.5, date(2026, 4, 1): 1.0}}
    assert total(plain(), delivered=delivered) == pytest.approx(0 + 50 + 50 + 9 * 100)


def test_late_credit_for_each_day_and_missing_share() -> None:
    deal = plain(delivery=LATE | {"late_credit_usd_day": 2.0})
    # due 1 March, half there; whole on 11 March: ten days × 2 × half are given back
    delivered = {"site": {date(2026, 1, 1): 0.5, date(2026, 3, 11): 1.0}}
    found = fees(deal, delivered=delivered)
    assert found["2026-03-01"] == pytest.approx(50 * 10 / 31 - 10)
    assert found["2026-03-11"] == pytest.approx(100 * 21 / 31)


def test_late_discount_for_as_many_days_as_delivery_was_late() -> None:
    deal = plain(delivery=LATE | {"late_discount": 0.25})
    # due 1 March, there on 11 March: ten days late, so a quarter off from 11 to 20 March
    delivered = {"site": {date(2026, 3, 11): 1.0}}
    found = fees(deal, delivered=delivered)
    assert found["2026-03-01"] == 0
    assert found["2026-03-11"] == pytest.approx(75 * 10 / 31)
    assert found["2026-03-21"] == pytest.approx(100 * 11 / 31)


def test_never_delivered_is_never_paid_and_has_no_late_discount() -> None:
    deal = plain(delivery=LATE | {"late_discount": 0.25})
    assert total(deal, delivered={"site": {}}) == 0


def test_delivery_in_time_changes_nothing() -> None:
    deal = plain(delivery=LATE | {"late_discount": 0.25, "late_credit_usd_day": 2.0})
    assert total(deal, delivered={"site": {date(2026, 1, 1): 1.0}}) == pytest.approx(1_200)
    assert total(deal) == pytest.approx(1_200)


def test_a_fact_about_no_capacity_is_refused() -> None:
    with pytest.raises(ValueError, match="delivered: 'hall' is no capacity here; allowed: site"):
        total(plain(), delivered={"hall": {}})


def test_a_share_delivered_above_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"delivered\.site.*2026, 3, 1.*: 1\.5 is not allowed"):
        total(plain(), delivered={"site": {date(2026, 3, 1): 1.5}})


# 6. Payment terms


@pytest.mark.parametrize(
    ("fact", "value", "said"),
    [
        ("availability", 1.01, "at most 1"),
        ("availability", -0.1, "at least 0"),
        ("availability", math.nan, "a finite number"),
        ("usage", -1.0, "at least 0"),
        ("usage", math.nan, "a finite number"),
        ("usage", math.inf, "a finite number"),
        ("index", 0.0, "above 0"),
        ("index", -100.0, "above 0"),
        ("index", math.nan, "a finite number"),
        ("index", math.inf, "a finite number"),
    ],
)
def test_a_fact_that_nobody_can_have_measured_is_refused(
    fact: str, value: float, said: str
) -> None:
    told = re.escape(f"datetime.date(2026, 3, 1): {value} is not allowed; allowed: {said}")
    with pytest.raises(ValueError, match=f"{fact}.*{told}"):
        position(plain(), facts={fact: {date(2026, 3, 1): value}})


def test_a_delivery_that_no_customer_can_keep_is_refused_all_the_same() -> None:
    late = {"due": date(2026, 2, 1), "remedy": "reduce"}
    parts = {date(2026, 1, 1): 0.5, date(2026, 7, 1): math.nan}
    with pytest.raises(ValueError, match="nan is not allowed; allowed: a finite"):
        position(plain(delivery=late), facts={"delivered": {"site": parts}}).firm()


def test_a_fact_of_no_known_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="allowed: a kind of fact: index, usage"):
        position(plain(), facts={"deliverd": {}})


def test_a_tranche_that_an_amendment_adds_can_be_delivered() -> None:
    hall = {"name": "b", "fee": [{"from": date(2026, 7, 1), "usd_month": 40.0}]}
    step = {"title": "t", "signed": date(2026, 6, 1), "effective": date(2026, 7, 1)}
    deal = plain(amendment=[step | {"terms": {"tranche": [hall]}}])
    assert total(deal, delivered={"b": {date(2026, 10, 1): 1.0}}) == pytest.approx(1_200 + 120)


@pytest.mark.parametrize(
    ("payment", "start", "due"),
    [
        ({"days_to_pay": 10}, date(2026, 1, 17), ["2026-01-27", "2026-02-11", "2026-03-11"]),
        ({"timing": "arrears"}, date(2026, 1, 17), ["2026-02-01", "2026-03-01", "2026-03-10"]),
        # the first quarter counts from 1 January, so all three rows share its invoice
        ({"billing_months": 3}, date(2026, 1, 17), ["2026-01-17"] * 3),
        (
            {"timing": "arrears", "billing_months": 3, "days_to_pay": 30},
            date(2026, 1, 17),
            ["2026-04-09"] * 3,
        ),
    ],
)
def test_due(payment: dict[str, Any], start: date, due: list[str]) -> None:
    deal = plain(start=start, end=date(2026, 3, 10), payment=payment)
    assert [str(day) for day in frame(Schedule(deal).whole).due] == due


# 7. Escalator


def test_fixed_escalator() -> None:
    # 10 % more from 1 April and 1 October: 3 months, 6 months, 3 months
    deal = plain(escalator={"from": date(2026, 4, 1), "every_months": 6, "rate": 0.1})
    assert total(deal) == pytest.approx(300 + 600 * 1.1 + 300 * 1.21)


def test_fixed_escalator_inside_a_month() -> None:
    deal = plain(escalator={"from": date(2026, 4, 16), "rate": 0.1})
    assert total(deal) == pytest.approx(350 + 850 * 1.1)


def test_an_escalator_may_end() -> None:
    # 3 % a year for the first three years: two rises, the fourth year at the third's fee
    deal = plain(end=date(2030, 1, 1), escalator={"rate": 0.03, "end": date(2029, 1, 1)})
    assert total(deal) == pytest.approx(1_200 * (1 + 1.03 + 2 * 1.03**2))
    with pytest.raises(ValueError, match="end 2027-01-01 must be after from 2027-01-01"):
        plain(escalator={"rate": 0.03, "end": date(2027, 1, 1)})


INDEX = {"escalator": {"from": date(2026, 4, 1), "every_months": 3, "index": "p", "base_level": 80}}


def test_index_escalator_takes_the_level_last_published() -> None:
    levels = {date(2026, 3, 20): 100.0, date(2026, 4, 20): 120.0, date(2026, 12, 1): 999.0}
    # 1 April: 100/80; 1 July and 1 October: 120/80; December's level comes after the last reset
    expected = 300 + 300 * 1.25 + 600 * 1.5
    assert total(plain(**INDEX), index=levels) == pytest.approx(expected)


def test_index_is_never_forecast() -> None:
    assert total(plain(**INDEX)) == pytest.approx(1_200)
    assert total(plain(**INDEX), index={date(2026, 5, 1): 100.0}) == pytest.approx(600 + 600 * 1.25)


# 8. Take-or-pay, service credits

METER = {
    "unit": "GB",
    "minimum_units_month": 10.0,
    "usd_per_unit": 2.0,
    "overage_usd_per_unit": 3.0,
}


def test_take_or_pay_below_and_above_the_minimum() -> None:
    deal = plain(take_or_pay=METER)
    usage = {date(2026, 1, 1): 4.0, date(2026, 2, 1): 15.0}
    found = fees(deal, usage=usage)
    # used or not: 10 × 2; in February 5 above the minimum × 3
    assert found["2026-01-01"] == pytest.approx(100 + 20)
    assert found["2026-02-01"] == pytest.approx(100 + 20 + 15)
    assert total(deal) == pytest.approx(12 * 120)


def test_take_or_pay_in_a_part_month() -> None:
    # 16 of 31 days: the minimum is 10 × 16/31, all used above it costs 3
    deal = plain(end=date(2026, 1, 17), take_or_pay=METER)
    least = 10 * 16 / 31
    found = total(deal, usage={date(2026, 1, 1): 12.0})
    assert found == pytest.approx(100 * 16 / 31 + least * 2 + (12 - least) * 3)


def test_take_or_pay_under_full_periods_counts_the_period() -> None:
    deal = plain(start=date(2026, 1, 17), end=date(2026, 3, 17), proration="full-period")
    deal = plain(**deal.model_dump(by_alias=True, exclude_unset=True) | {"take_or_pay": METER})
    found = fees(deal, usage={date(2026, 1, 17): 15.0})
    assert found == pytest.approx({"2026-01-17": 135, "2026-02-17": 120})


def test_a_fact_that_fits_no_period_is_refused() -> None:
    with pytest.raises(ValueError, match="usage: 2026-02-03 is the first day of no period"):
        total(plain(take_or_pay=METER), usage={date(2026, 2, 3): 12.0})
    with pytest.raises(ValueError, match="availability: 2026-02-03 is the first day of no period"):
        total(plain(), availability={date(2026, 2, 3): 0.9})


def test_service_credits_take_the_largest_that_applies() -> None:
    deal = plain(
        service_credit=[{"below": 0.999, "share": 0.05}, {"below": 0.99, "share": 0.15}],
        take_or_pay=METER,
    )
    available = {date(2026, 1, 1): 0.998, date(2026, 2, 1): 0.98, date(2026, 3, 1): 0.999}
    found = fees(deal, availability=available)
    # the credit is a share of the fees, not of what is metered
    assert found["2026-01-01"] == pytest.approx(95 + 20)
    assert found["2026-02-01"] == pytest.approx(85 + 20)
    assert found["2026-03-01"] == pytest.approx(100 + 20)


def test_credits_can_make_a_row_negative() -> None:
    deal = plain(delivery=LATE | {"late_credit_usd_day": 10.0})
    found = fees(deal, delivered={"site": {date(2026, 1, 1): 0.5}})
    assert found["2026-03-01"] == pytest.approx(50 - 310 / 2)


# 10. Amendments


def amended(**change: Any) -> Agreement:
    step = {"title": "t", "signed": date(2026, 3, 1), "effective": date(2026, 4, 11)}
    return plain(amendment=[step | change])


def test_an_amended_fee_holds_from_its_day_and_earlier_rows_stay() -> None:
    deal = amended(terms={"fee": [{"from": date(2026, 4, 11), "usd_month": 60.0}]})
    before, after = fees(plain()), fees(deal)
    assert {day: usd for day, usd in after.items() if day < "2026-04"} == {
        day: usd for day, usd in before.items() if day < "2026-04"
    }
    # 10 days at 100, 20 at 60
    assert after["2026-04-01"] == pytest.approx(100 / 3)
    assert after["2026-04-11"] == pytest.approx(40)
    assert sum(after.values()) == pytest.approx(300 + 220 / 3 + 8 * 60)


def test_an_amended_step_later_than_its_effective_day_leaves_the_steps_before_it() -> None:
    deal = plain(
        fee=[
            {"from": date(2026, 1, 1), "usd_month": 100.0},
            {"from": date(2026, 6, 1), "usd_month": 200.0},
        ],
        amendment=[
            {
                "title": "t",
                "signed": date(2026, 3, 1),
                "effective": date(2026, 4, 1),
                "terms": {"fee": [{"from": date(2026, 9, 1), "usd_month": 50.0}]},
            }
        ],
    )
    # five months at 100, three at 200, four at 50
    assert total(deal) == pytest.approx(500 + 600 + 200)


def test_an_amended_end() -> None:
    assert total(amended(terms={"end": date(2026, 6, 1)})) == pytest.approx(500)
    assert total(amended(terms={"end": date(2027, 3, 1)})) == pytest.approx(1_400)


def test_an_amended_fee_is_charged_as_stated() -> None:
    deal = plain(
        escalator={"from": date(2026, 4, 1), "rate": 0.1},
        amendment=[
            {
                "title": "t",
                "signed": date(2026, 3, 1),
                "effective": date(2026, 7, 1),
                "terms": {"fee": [{"from": date(2026, 7, 1), "usd_month": 200.0}]},
            }
        ],
    )
    assert total(deal) == pytest.approx(300 + 3 * 110 + 6 * 200)


def rising(*steps: dict[str, Any], **changes: Any) -> Agreement:
    """100,000 a month for ten years, 3 % more from 2027; each step is an amendment's."""
    return plain(
        end=date(2036, 1, 1),
        fee=[{"from": date(2026, 1, 1), "usd_month": 100_000.0}],
        escalator={"from": date(2027, 1, 1), "rate": 0.03},
        amendment=[{"title": "t", "signed": date(2026, 1, 1)} | step for step in steps],
        **changes,
    )


@pytest.mark.parametrize(
    ("escalator", "factor"),
    [
        ({"rate": 0.02}, 1.03**2 * 1.02),
        ("none", 1.03**2),
        ({"from": date(2029, 7, 1), "rate": 0.02}, 1.03**2),
        ({"rate": "none", "index": "p", "base_level": 100.0}, 1.03**2 * 1.1),
    ],
)
def test_an_amended_escalator_counts_from_its_effective_day(escalator: Any, factor: float) -> None:
    deal = rising({"effective": date(2029, 1, 1), "terms": {"escalator": escalator}})
    charged = fees(deal, index={date(2028, 6, 1): 110.0})
    assert charged["2028-12-01"] == pytest.approx(100_000 * 1.03**2)
    assert charged["2029-01-01"] == pytest.approx(100_000 * factor)


NEW_FEE = [{"from": date(2029, 1, 1), "usd_month": 110_000.0}]


@pytest.mark.parametrize(
    "deal",
    [
        rising({"effective": date(2029, 1, 1), "terms": {"fee": NEW_FEE}}),
        rising({"effective": date(2029, 1, 1), "terms": {"fee": {"0": {"usd_month": 110_000.0}}}}),
        rising({"effective": date(2028, 1, 1), "terms": {"fee": NEW_FEE}}),
        rising().change({"fee": [{"from": date(2026, 1, 1), "usd_month": 100_000.0}, *NEW_FEE]}),
        rising().change({"fee": "none", "tranche": [{"name": "a", "fee": [
            {"from": date(2026, 1, 1), "usd_month": 100_000.0}, *NEW_FEE]}]}),
    ],
    ids=["amended", "amended in place", "amended ahead", "a later step", "a tranche's step"],
)  # fmt: skip
def test_a_restated_fee_is_charged_as_stated_and_rises_from_then(deal: Agreement) -> None:
    charged = fees(deal)
    assert charged["2028-12-01"] == pytest.approx(100_000 * 1.03**2)
    assert charged["2029-01-01"] == pytest.approx(110_000)
    assert charged["2030-01-01"] == pytest.approx(110_000 * 1.03)


def test_a_first_fee_is_charged_as_stated_whenever_it_begins() -> None:
    late = {"name": "b", "fee": [{"from": date(2028, 1, 1), "usd_month": 1_000.0}]}
    charged = fees(rising(tranche=[late]))
    assert charged["2028-01-01"] - 100_000 * 1.03**2 == pytest.approx(1_000)
    assert charged["2029-01-01"] - 100_000 * 1.03**3 == pytest.approx(1_030)
    at_once = rising().change({"escalator": {"from": date(2026, 1, 1)}})
    assert fees(at_once)["2026-01-01"] == pytest.approx(100_000)


def test_a_later_fee_follows_the_index_from_the_level_that_it_is_stated_at() -> None:
    levels = {date(2026, 3, 20): 100.0, date(2026, 6, 20): 125.0, date(2026, 9, 20): 150.0}
    step = {"from": date(2026, 8, 1), "usd_month": 1_000.0}
    deal = plain(**INDEX, fee=[{"from": date(2026, 1, 1), "usd_month": 100.0}, step])
    charged = fees(deal, index=levels)
    assert charged["2026-07-01"] == pytest.approx(100 * 125 / 80)
    assert charged["2026-08-01"] == pytest.approx(1_000)
    assert charged["2026-10-01"] == pytest.approx(1_000 * 150 / 125)


def test_terms_in_force() -> None:
    deal = amended(terms={"payment": {"days_to_pay": 9}})
    assert in_force(deal, date(2026, 4, 10)).payment.days_to_pay == 0
    assert in_force(deal, date(2026, 4, 11)).payment.days_to_pay == 9


# Cutting


def test_until_beyond_the_end_goes_on_at_the_last_fee() -> None:
    found = fees(plain(), date(2027, 2, 15))
    assert sum(found.values()) == pytest.approx(1_300 + 100 * 14 / 28)


def test_since_inside_a_month_counts_the_days_left() -> None:
    table = frame(Schedule(plain()).charges(date(2026, 1, 21)))
    assert table.fee_usd.iloc[0] == pytest.approx(100 * 11 / 31)
    assert table.start.iloc[0] == date(2026, 1, 21)
    assert table.fee_usd.sum() == pytest.approx(1_100 + 100 * 11 / 31)


def test_nothing_before_the_start_or_after_the_end() -> None:
    assert total(plain(), date(2025, 6, 1)) == 0
    assert frame(Schedule(plain()).charges(date(2027, 1, 1))).empty


def test_rows_are_cut_at_gates_and_at_delivery() -> None:
    found = fees(position(contract("anthropic-xai"), reading="R2").read)
    assert "2026-08-03" in found
    found = fees(contract("google-spacex"))
    assert "2026-10-30" in found  # the cure ends one month after 30 September


@pytest.mark.parametrize(
    ("reading", "bn"),
    [
        pytest.param("R0", 44.959677, id="T0-d50"),
        pytest.param("R0+customer-B", 45.274, id="T10-R0"),
    ],
)
def test_schedule_adds_up_to_the_headline(reading: str, bn: float) -> None:
    deal = position(contract("anthropic-xai"), reading=reading).read
    assert total(deal) / 1e9 == pytest.approx(bn, rel=2e-7 if reading == "R0" else 1e-6)


def test_late_credit_runs_before_a_tranches_first_fee() -> None:
    """Due 1 May, first fee 1 June, delivered 11 June: 41 late days at 1,000 each."""
    late = {"due": date(2026, 5, 1), "late_credit_usd_day": 1000.0}
    fee = [{"from": date(2026, 6, 1), "usd_month": 30.0}]
    deal = plain(tranche=[{"name": "hall-2", "fee": fee, "delivery": late}])
    found = Schedule(deal, Facts.of({"delivered": {"hall-2": {date(2026, 6, 11): 1.0}}})).charges()
    assert sum(c.usd for c in found if "late credit" in c.clause) == pytest.approx(-41_000)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"availability": {date(2026, 7, 1): "x"}}, "'x' is not allowed; allowed: a number"),
        ({"availability": {date(2026, 7, 1): None}}, "None is not allowed; allowed: a number"),
        ({"availability": {"2026-07-01": 1.0}}, "'2026-07-01' is not allowed; allowed: a date"),
        ({"index": {datetime(2026, 7, 1): 1.0}}, "2026-07-01 00:00:00 is not allowed; allowed: a"),
        ({"usage": {date(2026, 7, 1): True}}, "true is not allowed; allowed: a number"),
        ({"delivered": {"site": {date(2026, 7, 1): True}}}, "true is not allowed"),
        ({"delivered": {"site": 1.0}}, "delivered.site: 1.0 is not allowed; allowed: a table"),
        ({"delivered": 1.0}, "delivered: 1.0 is not allowed; allowed: a table"),
        ({"availability": None}, "availability: None is not allowed; allowed: a table"),
    ],
)
def test_a_fact_of_another_kind_than_a_number_by_day_is_refused(facts: Any, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        Schedule(plain(), Facts.of(facts)).charges()


@pytest.mark.parametrize("usd_month", [100.0, 110.0])
@pytest.mark.parametrize("place", ["site", "by position", "tranche"])
def test_a_fee_that_an_amendment_names_is_stated_anew_whatever_its_amount(
    place: str, usd_month: float
) -> None:
    start = date(2026, 1, 1)
    fee = [{"from": start, "usd_month": 100.0}, {"from": date(2028, 1, 1), "usd_month": 200.0}]
    new = [fee[0] | {"usd_month": usd_month}, fee[1]]
    terms: dict[str, Any] = {
        "site": {"fee": new},
        "by position": {"fee": {"0": {"usd_month": usd_month}}},
        "tranche": {"tranche": [{"name": "hall", "fee": new}]},
    }[place]
    own: dict[str, Any] = {"fee": fee}
    if place == "tranche":
        own = {"fee": [], "tranche": [{"name": "hall", "fee": fee}]}
    step = {"title": "t", "signed": start, "effective": date(2027, 7, 1), "terms": terms}
    rise = {"from": date(2027, 1, 1), "rate": 0.1}
    found = fees(plain(end=date(2030, 1, 1), escalator=rise, amendment=[step], **own))
    assert found["2027-06-01"] == pytest.approx(110)
    assert found["2027-07-01"] == pytest.approx(usd_month)
    assert found["2028-01-01"] == pytest.approx(200)
    assert found["2029-01-01"] == pytest.approx(220)


def test_a_fee_that_an_amendment_does_not_name_keeps_its_rises() -> None:
    start, rise = date(2026, 1, 1), {"from": date(2026, 2, 1), "rate": 0.1}
    step = {"title": "t", "signed": start, "effective": date(2026, 7, 1)}
    for terms in (
        {"fee": {"0": {"discount": 0.0}}},
        {"fee": [{"from": date(2026, 9, 1), "usd_month": 5.0}]},
        {"payment": {"days_to_pay": 9}},
    ):
        found = fees(plain(escalator=rise, amendment=[step | {"terms": terms}]))
        assert found["2026-08-01"] == pytest.approx(110)


def test_an_amendment_that_a_later_one_overrides_states_nothing_anew() -> None:
    start, rise = date(2026, 1, 1), {"from": date(2026, 3, 1), "rate": 0.1}
    step = {"title": "t", "signed": start}
    named = [
        step | {"effective": day, "terms": {"fee": [{"from": start, "usd_month": 100.0}]}}
        for day in (date(2026, 6, 1), date(2026, 2, 1))
    ]
    assert fees(plain(escalator=rise, amendment=named))["2026-07-01"] == pytest.approx(110)


def test_a_year_of_a_minimum_that_has_begun_outlasts_an_amendment_of_later_ones() -> None:
    least = [
        {"usd": 2_400.0, "from": date(2026, 1, 1), "end": date(2027, 1, 1)},
        {"usd": 3_600.0, "from": date(2027, 1, 1), "end": date(2028, 1, 1)},
    ]
    signed = {"title": "t", "signed": date(2026, 6, 1), "effective": date(2026, 7, 1)}
    later = signed | {"terms": {"minimum": [least[1] | {"usd": 6_000.0}]}}
    two = {"end": date(2028, 1, 1), "minimum": least}
    assert total(plain(**two)) == pytest.approx(2_400 + 3_600)
    assert total(plain(**two, amendment=[later])) == pytest.approx(2_400 + 6_000)
    again = signed | {"terms": {"minimum": [{"usd": 1_800.0, "from": date(2026, 1, 1)}]}}
    assert total(plain(**two, amendment=[again])) == pytest.approx(2 * 1_800)
    half = 2_400 * 181 / 365  # of the days before the amendment holds
    gone = signed | {"terms": {"minimum": "none"}}
    assert total(plain(**two, amendment=[gone])) == pytest.approx(half + 600 + 1_200)


@pytest.mark.parametrize("days", [0, 14])
def test_a_year_of_a_minimum_that_an_amendment_cuts_short_pays_nothing_back(days: int) -> None:
    start, signed = date(2025, 5, 1), date(2027, 2, 1)
    held = signed + timedelta(days=days)
    five = {"end": date(2032, 2, held.day), "minimum": [{"usd": 100e6, "from": held}]}
    amended = {"title": "a", "signed": signed, "effective": held, "terms": five}
    least = {"start": start, "end": date(2030, 5, 1), "fee": "none", "minimum": [{"usd": 50e6}]}
    paid = position(plain(**least, amendment=[amended]), held).payments
    begun = 50e6 * (held - date(2026, 5, 1)).days / 365
    assert paid.usd.min() > -1
    assert paid.usd.sum() == pytest.approx(50e6 + begun + 500e6)


def test_an_amended_fee_of_a_tranche_keeps_the_steps_before_it() -> None:
    hall = {"name": "hall", "start": date(2026, 1, 1)}
    first = {"from": date(2026, 1, 1), "usd_month": 50.0}
    step = {"name": "hall", "fee": [{"from": date(2026, 7, 1), "usd_month": 80.0}]}
    signed = {"title": "t", "signed": date(2026, 6, 1), "effective": date(2026, 7, 1)}
    deal = plain(
        fee="none",
        tranche=[hall | {"fee": [first]}],
        amendment=[signed | {"terms": {"tranche": [step]}}],
    )
    assert total(deal) == pytest.approx(6 * 50 + 6 * 80)


@pytest.mark.parametrize("where", ["amendment", "readings"])
def test_terms_that_change_nothing_are_refused(where: str) -> None:
    nothing = {"termination": {}}
    signed = {"title": "t", "signed": date(2026, 6, 1), "effective": date(2026, 7, 1)}
    given = {"none": nothing} if where == "readings" else [signed | {"terms": nothing}]
    with pytest.raises(ValueError, match="an empty table changes nothing"):
        plain(termination={"customer": {"notice_days": 30}}, **{where: given})
