"""Present value, rate of return and payback against published and independent answers."""

import math
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
import pyxirr
from agreements import customer, plain
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.contract import position
from analysis.contract.files import contract
from analysis.models.finance import value

P8 = {
    date(2008, 1, 1): -10_000.0,
    date(2008, 3, 1): 2_750.0,
    date(2008, 10, 30): 4_250.0,
    date(2009, 2, 15): 3_250.0,
    date(2009, 4, 1): 2_750.0,
}


def test_p8_published() -> None:
    assert value.present_value(P8, rate=0.09, as_of=date(2008, 1, 1)) == pytest.approx(
        2_086.6476020, abs=1e-6
    )
    assert value.irr(P8) == pytest.approx(0.3733625335, abs=1e-9)
    assert value.irr(list(P8.items())) == value.irr(pd.Series(P8)) == value.irr(P8)


def site_cash(months: int, discounted: int) -> list[float]:
    """I1's flows in $bn: capex, then fee less 15.33 m power and 3 % of capex a year."""
    running = 0.01533 + 0.03 * 11.4 / 12
    fees = [1.25 * (0.5 if k < discounted else 1.0) for k in range(months)]
    return [-11.4, *(fee - running for fee in fees)]


def test_i1_site() -> None:
    cash = site_cash(37, 2)
    assert value.payback(cash) == pytest.approx(10.4877, abs=5e-5)
    monthly = value.irr(cash)
    assert monthly == pytest.approx(0.092927, abs=5e-7)
    assert (1 + monthly) ** 12 - 1 == pytest.approx(1.9047, abs=5e-5)
    residual = 11.4 * math.exp(-0.30 * 37 / 12)
    assert residual > 0  # NPV with a residual belongs to `provider`; without one:
    npv = sum(usd * 1.1 ** (-k / 12) for k, usd in enumerate(cash))
    assert npv == pytest.approx(pyxirr.npv(1.1 ** (1 / 12) - 1, cash), rel=1e-12)


def test_i3_nine_months_only_loses_money() -> None:
    cash = site_cash(9, 2)
    assert sum(cash) == pytest.approx(-1.7945, abs=5e-5)
    assert (1 + value.irr(cash)) ** 12 - 1 == pytest.approx(-0.3098, abs=5e-5)
    assert math.isnan(value.payback(cash))


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        pytest.param("R0", 38.955015, id="T7-R0"),
        pytest.param("R1", 2.435852, id="T7-R1"),
        pytest.param("R2", 6.069613, id="T7-R2"),
        pytest.param("R3", 9.466053, id="T7-R3"),
    ],
)
def test_present_value_of_firm_fees(reading: str, expected: float) -> None:
    deal = contract("anthropic-xai")
    found = position(deal, reading=reading).firm().rows
    worth = value.present_value(found, rate=0.10, as_of=deal.start)
    assert worth == pytest.approx(expected * 1e9, rel=1e-6)


def test_present_value_leaves_out_flows_that_are_past() -> None:
    flows = {date(2026, 1, 1): 50.0, date(2027, 1, 1): 110.0}
    assert value.present_value(flows, rate=0.10, as_of=date(2026, 1, 1)) == pytest.approx(150)
    later = value.present_value(flows, rate=0.10, as_of=date(2026, 7, 1))
    assert later == pytest.approx(110 * 1.1 ** (-184 / 365))


def test_present_value_counts_service_ahead_at_its_face_if_it_is_due_already() -> None:
    rows = position(plain(), date(2026, 1, 11)).rows  # January was due on the 1st
    worth = value.present_value(rows, rate=1.0, as_of=date(2026, 1, 11))
    whole = value.present_value(rows.iloc[1:], rate=1.0, as_of=date(2026, 1, 11))
    assert worth - whole == pytest.approx(rows.fee_usd.iloc[0])


def test_present_value_leaves_out_service_that_is_over() -> None:
    rows = position(plain()).rows
    # at 0 % on 1 March two months are over and ten are left
    assert value.present_value(rows, rate=0.0, as_of=date(2026, 3, 1)) == pytest.approx(1_000)
    assert value.present_value(rows, rate=0.0, as_of=date(2027, 1, 1)) == 0


def test_present_value_of_nothing_is_zero() -> None:
    nothing = position(plain(), date(2027, 6, 1)).firm().rows
    assert value.present_value(nothing, rate=0.1, as_of=date(2027, 6, 1)) == 0


def test_present_value_keeps_the_fee_to_leave_on_the_same_day() -> None:
    deal = plain(termination=customer(notice_days=0, fee_usd=70.0))
    left = position(deal, date(2026, 1, 1)).firm()
    assert (left.usd, left.end) == (70, date(2026, 1, 1))
    assert value.present_value(left.rows, rate=0.1, as_of=date(2026, 1, 1)) == 70


def test_present_value_refuses_a_rate_that_makes_no_sense() -> None:
    with pytest.raises(ValueError, match=r"rate: -1 is not allowed, it must be above -1"):
        value.present_value(P8, rate=-1, as_of=date(2008, 1, 1))


@pytest.mark.parametrize(
    "flows",
    [
        pytest.param([-100.0, 230.0, -132.0], id="two-roots-10-and-20-percent"),
        pytest.param([-1.0, 6.0, -11.0, 6.0], id="three-roots"),
        pytest.param([100.0, 60.0], id="all-positive"),
        pytest.param([-100.0, -60.0], id="all-negative"),
        pytest.param([100.0, -200.0, 150.0], id="no-root-though-the-sign-changes"),
        pytest.param([], id="nothing"),
        pytest.param([0.0, 0.0], id="zeros"),
        pytest.param([-5.0], id="one"),
        # eightfold in a day is 8 to the power of 365 in a year, more than a float holds
        pytest.param({date(2026, 1, 1): -1.0, date(2026, 1, 2): 8.0}, id="too-large"),
    ],
)
def test_irr_without_a_single_answer_is_nan(flows: value.Flows) -> None:
    assert math.isnan(value.irr(flows))


def test_irr_counts_roots_not_changes_of_sign() -> None:
    # −100, 120, −1e-9: one root near 20 %, the other near a total loss, so two in all
    assert math.isnan(value.irr([-100.0, 120.0, -1e-9]))
    assert value.irr([-100.0, 120.0, 0.0]) == pytest.approx(0.2)
    # −1 + 3v − 3v² + 2v³ = (2v − 1)(v² − v + 1): v = 1/2 is the only real root, three changes
    assert value.irr([-1.0, 3.0, -3.0, 2.0]) == pytest.approx(1.0)


def test_irr_of_many_alternating_flows_answers() -> None:
    many = [-100.0 if k % 2 else 99.0 for k in range(1_201)]
    assert math.isnan(value.irr(many)) or value.irr(many) > -1


amounts = st.floats(0.01, 1e6)


@given(first=amounts, later=st.lists(amounts, min_size=1, max_size=60))
def test_irr_agrees_with_an_independent_solver(first: float, later: list[float]) -> None:
    flows = [-first, *later]
    rate = value.irr(flows)
    theirs = pyxirr.irr(flows)
    if theirs is not None and -0.9 < theirs < 10:
        assert rate == pytest.approx(theirs, rel=1e-6, abs=1e-8)
    assume(rate > -0.9)  # nearer to a total loss 1 + rate has few digits
    discounted = [usd * (1 + rate) ** -k for k, usd in enumerate(flows)]
    assert sum(discounted) == pytest.approx(0, abs=1e-9 * sum(map(abs, discounted)))


@given(
    first=amounts,
    later=st.dictionaries(
        st.dates(date(2026, 1, 2), date(2036, 1, 1)), amounts, min_size=1, max_size=30
    ),
)
def test_irr_of_dated_flows_agrees_with_an_independent_solver(
    first: float, later: dict[date, float]
) -> None:
    flows = {date(2026, 1, 1): -first, **later}
    theirs = pyxirr.xirr(flows)
    assume(theirs is not None and -0.9 < theirs < 10)
    assert value.irr(flows) == pytest.approx(theirs, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(
    ("flows", "expected"),
    [
        ([-100.0, 50.0, 100.0], 1.5),
        ([-100.0, 100.0], 1.0),
        ([5.0, -100.0, 190.0], 1.5),
        ([0.0, -100.0, 50.0, 60.0], 2 + 5 / 6),
        ({date(2026, 1, 1): 0.0, date(2027, 1, 1): -100.0, date(2028, 1, 1): 200.0}, 1.5),
        ([100.0, -50.0, 10.0], 1.0),
        ([0.0, 10.0], 0.0),
        ({date(2026, 1, 1): -100.0, date(2027, 1, 1): 200.0}, 0.5),
    ],
)
def test_payback(flows: value.Flows, expected: float) -> None:
    assert value.payback(flows) == pytest.approx(expected)


@pytest.mark.parametrize("flows", [[-1.0, 0.5], []])
def test_payback_that_never_comes_is_nan(flows: list[float]) -> None:
    assert math.isnan(value.payback(flows))


SPENT, EARNED = np.datetime64("2026-01-01"), np.datetime64("2027-01-01")


@pytest.mark.parametrize(
    "flows",
    [
        {SPENT: -100.0, EARNED: 200.0},
        [(SPENT, -100.0), (EARNED, 200.0)],
        pd.Series([-100.0, 200.0], index=[SPENT, EARNED]),
        pd.Series([-100.0, 200.0], index=pd.Index([SPENT, EARNED], dtype=object)),
        pd.DataFrame({"date": [SPENT, EARNED], "usd": [-100.0, 200.0]}),
        [(datetime(2026, 1, 1, 12), -100.0), (date(2027, 1, 1), 200.0)],
    ],
)
def test_days_of_every_type_are_taken(flows: value.Flows) -> None:
    assert value.payback(flows) == pytest.approx(0.5)
    assert value.irr(flows) == pytest.approx(1.0)
    worth = value.present_value(flows, rate=1.0, as_of=date(2026, 1, 1))
    assert worth == pytest.approx(0.0)


@pytest.mark.parametrize("amount", [math.inf, -math.inf])
@pytest.mark.parametrize("ask", [value.payback, value.irr])
def test_an_infinite_amount_is_refused(ask: Any, amount: float) -> None:
    with pytest.raises(ValueError, match=f"flows: {amount} is not allowed, it must be finite"):
        ask([-100.0, amount])


@pytest.mark.parametrize("day", [0, "2026-01-01", np.datetime64("NaT")])
def test_what_is_no_day_is_refused(day: Any) -> None:
    with pytest.raises(ValueError, match=r"flows: the day .* is not allowed, it must be a date"):
        value.payback({day: -1.0, date(2027, 1, 1): 2.0})
