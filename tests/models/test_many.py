"""Many scenarios at once come to what the scalar functions give, row by row."""

import math
import re
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from agreements import customer, plain
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.contract import files, position
from analysis.data import sources
from analysis.models import units
from analysis.models.exits import leaving
from analysis.models.finance import value
from analysis.models.scenarios import batch

DEALS = {name: files.contract(name) for name in files.contracts()}
READ = [(name, reading) for name, deal in DEALS.items() for reading in deal.readings]
SHARES = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1))
RATES = st.floats(-0.5, 3.0)
PARTY = st.sampled_from(["customer", "provider"])
AGREES = {"rel": 1e-11, "abs": 1e-3}  # a tenth of a cent


def cases(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def days(name: str, share: float) -> date:
    """A day from before the start of service to after its end."""
    deal = DEALS[name]
    return deal.start + timedelta(days=int((share * 1.2 - 0.1) * (deal.end - deal.start).days))


@pytest.mark.parametrize(("name", "reading"), READ)
@settings(max_examples=6)
@given(data=st.data())
def test_every_row_is_the_scalar_one(name: str, reading: str, data: st.DataObject) -> None:
    as_of, party = days(name, data.draw(st.floats(0, 1))), data.draw(PARTY)
    rows = data.draw(st.lists(st.tuples(SHARES, RATES), min_size=1, max_size=4))
    discounts, rates = map(list, zip(*rows, strict=True))
    table = cases(discount=discounts, rate_year=rates)
    table = table.assign(reading=reading, as_of=as_of)
    seen = position(DEALS[name], as_of, reading)
    firm = [seen.resolved_at(discount).firm(party) for discount in discounts]
    whole = [seen.resolved_at(discount).headline for discount in discounts]
    for promise, found in (("firm", firm), ("headline", whole)):
        got = batch.usd(DEALS[name], table, promise=promise, party=party)  # type: ignore[arg-type]
        assert list(got) == pytest.approx([each.usd for each in found], **AGREES)
        got = batch.present_value(DEALS[name], table, promise=promise, party=party)  # type: ignore[arg-type]
        scalar = [
            value.present_value(each, rate=rate, as_of=as_of)
            for each, rate in zip(found, rates, strict=True)
        ]
        assert list(got) == pytest.approx(scalar, **AGREES)


@pytest.mark.parametrize(("name", "reading"), READ)
@settings(max_examples=6)
@given(data=st.data())
def test_expected_receipts_are_the_scalar_ones(
    name: str, reading: str, data: st.DataObject
) -> None:
    as_of = days(name, data.draw(st.floats(0, 1)))
    rows = data.draw(st.lists(st.tuples(SHARES, RATES, st.floats(0, 1)), min_size=1, max_size=4))
    discounts, rates, chances = map(list, zip(*rows, strict=True))
    table = cases(discount=discounts, rate_year=rates, chance_month=chances)
    table = table.assign(reading=reading, as_of=as_of)
    seen, scalar = position(DEALS[name], as_of, reading), []
    weights = units.weights(sources.accelerators(), "memory bandwidth")
    for discount, rate, chance in rows:
        settled = seen.resolved_at(discount)
        ahead = leaving.remaining(settled, weights=weights, hours_month=730)
        life = ahead.life(chance)
        scalar.append(life.expected_value(ahead.receipts, rate_year=rate))
    assert list(batch.expected(DEALS[name], table)) == pytest.approx(scalar, **AGREES)


def test_a_discount_lies_so_far_up_its_range() -> None:
    deal = plain(
        fee=[
            {"from": date(2026, 1, 1), "usd_month": 100.0,
             "discount": {"low": 0.1, "use": 0.2, "high": 0.6}},
        ]
    )  # fmt: skip
    now = position(deal)
    at = {share: now.resolved_at(share).headline.usd for share in (0.0, 0.25, 0.5, 0.75, 1.0)}
    assert at == pytest.approx({0.0: 1_080, 0.25: 1_020, 0.5: 960, 0.75: 720, 1.0: 480})
    ends = [now.resolved_at(bound).headline.usd for bound in batch.BOUNDS]
    assert ends == [at[0.0], at[0.5], at[1.0]]
    with pytest.raises(ValueError, match=r"bound: 1\.5 is not allowed"):
        now.resolved_at(1.5).firm()


def test_h1_expected_receipts() -> None:
    fees = plain(
        start=date(2026, 1, 1),
        end=date(2029, 2, 1),
        fee=[
            {"from": date(2026, 1, 1), "usd_month": 1.25, "discount": 0.5},
            {"from": date(2026, 3, 1), "usd_month": 1.25},
        ],
        termination=customer(notice_months=3, gate_months=3),
    )
    table = cases(chance_month=[0.05, 0.0], rate_year=[0.0, 0.1])
    assert batch.expected(fees, table)[0] == pytest.approx(25.157213, abs=1e-6)
    assert batch.expected(fees, table)[1] == pytest.approx(38.988017, abs=1e-6)


def test_mixed_readings_and_days_keep_their_rows() -> None:
    deal = DEALS["anthropic-xai"]
    table = cases(
        reading=["R1", "R3", "R1", "headline"],
        as_of=[deal.start, deal.start, date(2027, 1, 1), date(2028, 2, 1)],
        discount=[0.0, 1.0, 0.25, 0.75],
    )
    scalar = [
        position(deal, row.as_of, str(row.reading)).resolved_at(row.discount).firm().usd
        for row in table.itertuples()
    ]
    assert list(batch.usd(deal, table)) == pytest.approx(scalar, rel=1e-12)
    shuffled = table.sample(frac=1, random_state=1)
    assert list(batch.usd(deal, shuffled)) == [
        list(batch.usd(deal, table))[n] for n in shuffled.index
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"termination": customer(notice_days=30, fee_usd=150.0)},
        {
            "prepayment": {
                "usd": 150.0, "paid": date(2026, 1, 1), "credit_from": date(2026, 1, 1),
                "credit_share": 0.5, "refundable": False,
            },
            "termination": customer(notice_days=30),
        },
    ],
    ids=["the discount decides", "the discount is forfeited"],
)  # fmt: skip
def test_where_a_discount_decides_each_case_is_worked_out(changes: dict[str, object]) -> None:
    discount = {"low": 0.0, "use": 0.9, "high": 1.0}
    fee = [
        {"from": date(2026, 1, 1), "usd_month": 100.0},
        {"from": date(2026, 2, 10), "usd_month": 100.0, "discount": discount},
    ]
    deal = plain(fee=fee, end=date(2026, 5, 1), **changes)
    shares = np.linspace(0, 1, 21)
    table = cases(discount=shares, rate_year=shares / 10)
    firm = [position(deal).resolved_at(share).firm() for share in shares]
    assert list(batch.usd(deal, table)) == pytest.approx([each.usd for each in firm])
    scalar = [
        value.present_value(each.rows, rate=share / 10, as_of=deal.start)
        for each, share in zip(firm, shares, strict=True)
    ]
    assert list(batch.present_value(deal, table)) == pytest.approx(scalar)


def test_a_prepayment_forfeited_bends_the_line_between_the_ends() -> None:
    discount = {"low": 0.0, "use": 0.5, "high": 1.0}
    deal = plain(
        fee=[
            {"from": date(2026, 1, 1), "usd_month": 100.0, "discount": discount},
            {"from": date(2026, 2, 1), "usd_month": 100.0},
        ],
        prepayment={
            "usd": 30.0, "paid": date(2026, 1, 1), "credit_from": date(2026, 1, 1),
            "credit_share": 0.5, "refundable": False,
        },
        termination=customer(notice_days=31),
    )  # fmt: skip
    shares = np.linspace(0, 1, 11)
    firm = [position(deal).resolved_at(share).firm() for share in shares]
    assert len({each.end for each in firm}) == 1
    found = batch.usd(deal, cases(discount=shares))
    assert list(found) == pytest.approx([each.usd for each in firm])
    assert found[4] < np.interp(0.4, [0, 0.5], [found[0], found[5]]) - 1  # below the line


@pytest.mark.parametrize(
    "clauses",
    [
        {"minimum": [{"usd": 80.0, "period": "month"}]},
        {"minimum": [{"usd": 80.0, "period": "month"}], "termination": customer(notice_days=31),
         "prepayment": {"usd": 30.0, "paid": date(2026, 1, 1), "credit_from": date(2026, 1, 1),
                        "refundable": False}},
        {"service_credit": [{"below": 1.0, "share": 0.5}],
         "fact": [{"kind": "availability", "date": date(2026, 1, 1), "value": 0.9, "source": "x"}]},
    ],
)  # fmt: skip
def test_what_minima_add_and_credits_take_is_that_of_the_scalar_rows(clauses: Any) -> None:
    """A minimum bends the line between the ends; a credit stands in the next invoice."""
    discount = {"low": 0.0, "use": 0.1, "high": 1.0}
    fee = [{"from": date(2026, 1, 1), "usd_month": 100.0, "discount": discount}]
    deal, shares = plain(fee=fee, **clauses), np.linspace(0, 1, 11)
    table = cases(discount=shares, rate_year=[0.1] * 11).assign(as_of=date(2026, 1, 15))
    seen = [position(deal, date(2026, 1, 15)).resolved_at(share) for share in shares]
    firm, received = [one.firm() for one in seen], list[float]()
    for one in seen:
        left = leaving.remaining(one, weights=batch.ANY, hours_month=730)
        received.append(left.life(0.0).expected_value(left.receipts, rate_year=0.1))
    worth = [
        sum(c.usd * 1.1 ** -(max(0, (c.due - date(2026, 1, 15)).days) / 365) for c in one.charges)
        for one in firm
    ]
    assert list(batch.usd(deal, table)) == pytest.approx([one.usd for one in firm])
    assert list(batch.present_value(deal, table)) == pytest.approx(worth)
    assert list(batch.expected(deal, table)) == pytest.approx(received)
    assert [
        value.present_value(one, rate=0.1, as_of=date(2026, 1, 15)) for one in firm
    ] == pytest.approx(worth)


def test_long_tables_go_by_parts() -> None:
    deal, n = DEALS["anthropic-xai"], 2 * batch.PART + 17
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"rate_year": rng.uniform(0.06, 0.15, n), "discount": rng.random(n)})
    found = batch.present_value(deal, table)
    for place in (0, batch.PART - 1, batch.PART, n - 1):
        one = table.iloc[[place]]
        assert found[place] == pytest.approx(batch.present_value(deal, one)[0], rel=1e-12)


FUNCTIONS = (batch.usd, batch.present_value, batch.expected)
NOT = "is not allowed, it must be"
R = "one of headline, R2, R0, R1"


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("column", "good", "wrong", "said"),
    [
        ("discount", 0.5, 1.5, f"discount in row 2: 1.5 {NOT} a number in 0 to 1"),
        ("discount", 0.5, None, f"discount in row 2: nothing {NOT} a number in 0"),
        ("discount", 0.5, "half", f"discount in row 2: 'half' {NOT} a number"),
        ("discount", 0.5, pd.NA, f"discount in row 2: nothing {NOT} a number"),
        ("chance_month", 0.05, 1.5, f"chance_month in row 2: 1.5 {NOT} a number in 0 to 1"),
        ("chance_month", 0.05, -0.01, f"chance_month in row 2: -0.01 {NOT} a number in"),
        ("chance_month", 0.05, math.nan, f"chance_month in row 2: nothing {NOT} a number in"),
        ("rate_year", 0.1, -1.0, f"rate_year in row 2: -1.0 {NOT} a finite rate above -1"),
        ("rate_year", 0.1, math.nan, f"rate_year in row 2: nothing {NOT} a finite rate above -1"),
        ("rate_year", 0.1, math.inf, f"rate_year in row 2: inf {NOT} a finite rate above -1"),
        ("rate_year", 0.1, date(2026, 5, 3), f"rate_year in row 2: 2026-05-03 {NOT} a finite"),
        ("reading", "R1", None, f"reading in row 2: nothing {NOT} {R}"),
        ("reading", "R1", "R9", "reading: 'R9' is not known"),
        ("as_of", date(2026, 5, 3), None, f"as_of in row 2: nothing {NOT} a day"),
        ("as_of", pd.Timestamp(2026, 5, 3), pd.NaT, f"as_of in row 2: nothing {NOT} a day"),
        ("as_of", date(2026, 5, 3), "2026-05-03", f"as_of in row 2: '2026-05-03' {NOT} a day"),
        ("disount", 0.5, 0.5, f"column: 'disount' {NOT} one of reading, days, as_of, rate"),
    ],
)
def test_what_no_scenario_can_be_is_refused(
    function: Any, column: str, good: object, wrong: object, said: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        function(DEALS["anthropic-xai"], cases(**{column: [good, good, wrong, good]}))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_column_comes_once(function: Any) -> None:
    twice = pd.DataFrame([[0.1, 0.2]], columns=["rate_year", "rate_year"])
    with pytest.raises(ValueError, match="column: 'rate_year' is not allowed, it must be one of"):
        function(DEALS["anthropic-xai"], twice)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_row_without_a_reading_or_a_day_gets_no_other_rows_number(function: Any) -> None:
    table = cases(reading=["R1", "R3", "R3"], as_of=[date(2026, 5, 3), None, date(2028, 2, 1)])
    with pytest.raises(ValueError, match="as_of in row 1: nothing is not allowed"):
        function(DEALS["anthropic-xai"], table)
    kinds = pd.Categorical([None, "R1", "R3"])
    with pytest.raises(ValueError, match="reading in row 0: nothing is not allowed"):
        function(DEALS["anthropic-xai"], cases(reading=kinds))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_timestamp_counts_as_its_day(function: Any) -> None:
    plainly = cases(as_of=[date(2026, 5, 3), date(2028, 2, 1)] * 2, discount=[0.25, 1, 0, 0.5])
    stamps = plainly.assign(as_of=pd.to_datetime(plainly.as_of) + pd.Timedelta(hours=9))
    assert stamps.as_of.dtype.kind == "M"
    expected = list(function(DEALS["anthropic-xai"], plainly))
    assert list(function(DEALS["anthropic-xai"], stamps)) == expected
    assert list(function(DEALS["anthropic-xai"], stamps.astype({"as_of": object}))) == expected


def test_numbers_of_any_kind_are_the_same_numbers() -> None:
    deal, shares = DEALS["anthropic-xai"], [0.0, 1.0, 0.5]
    found = list(batch.usd(deal, cases(discount=shares)))
    for kind in ("float32", "Float64", "object", "category"):
        table = pd.DataFrame({"discount": pd.Series(shares, dtype=kind)})
        assert list(batch.usd(deal, table)) == found


def test_no_scenario_at_all() -> None:
    none = pd.DataFrame({"rate_year": np.empty(0)})
    for function in FUNCTIONS:
        assert function(DEALS["anthropic-xai"], none).shape == (0,)
