"""Calendar arithmetic against published vectors and cases worked out by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.contract.billing import to_cents
from analysis.contract.dates import (
    DayCount,
    Proration,
    add_months,
    after,
    anchored,
    days_in_month,
    last_day_to_serve,
    month_share,
    year_fraction,
)


@pytest.mark.parametrize(
    ("day", "days", "months", "expected"),
    [
        pytest.param(date(2026, 11, 30), 0, 3, date(2027, 2, 28), id="T9-months"),
        pytest.param(date(2026, 11, 30), 90, 0, date(2027, 2, 28), id="T9-days-same-day"),
        pytest.param(date(2027, 2, 28), 90, 0, date(2027, 5, 29), id="T9-days-after-months"),
        pytest.param(date(2026, 5, 3), 90, 0, date(2026, 8, 1), id="P7-90-days"),
        pytest.param(date(2028, 2, 29), 90, 0, date(2028, 5, 29), id="P7-leap-90-days"),
        pytest.param(date(2028, 2, 29), 0, 12, date(2029, 2, 28), id="leap-day-plus-a-year"),
        pytest.param(date(2028, 2, 29), 0, 48, date(2032, 2, 29), id="leap-day-plus-four-years"),
        pytest.param(date(2026, 1, 31), 0, 1, date(2026, 2, 28), id="end-of-january"),
        pytest.param(date(2026, 3, 31), 0, -1, date(2026, 2, 28), id="backwards"),
        pytest.param(date(2026, 12, 31), 1, 1, date(2027, 2, 1), id="months-before-days"),
    ],
)
def test_after(day: date, days: int, months: int, expected: date) -> None:
    assert after(day, days=days, months=months) == expected


@pytest.mark.parametrize(
    ("by", "days", "months", "expected"),
    [
        pytest.param(date(2026, 12, 31), 60, 0, date(2026, 11, 1), id="P7-60-days-not-30-nov"),
        pytest.param(date(2026, 12, 31), 0, 2, date(2026, 10, 31), id="two-months"),
        # 28, 29, 30 November all run out on 28 February: the last of them counts
        pytest.param(date(2027, 2, 28), 0, 3, date(2026, 11, 30), id="T9-last-of-three"),
        pytest.param(date(2028, 2, 29), 0, 3, date(2027, 11, 30), id="leap-last-of-two"),
        # 31 January + 1 month is 28 February, so it still makes it; 1 February + 1 does not
        pytest.param(date(2026, 2, 28), 0, 1, date(2026, 1, 31), id="clipped"),
        pytest.param(date(2026, 8, 1), 0, 0, date(2026, 8, 1), id="no-notice"),
    ],
)
def test_last_day_to_serve(by: date, days: int, months: int, expected: date) -> None:
    assert last_day_to_serve(by, days=days, months=months) == expected


@given(
    by=st.dates(date(1950, 1, 1), date(2150, 1, 1)),
    days=st.integers(0, 400),
    months=st.integers(0, 30),
)
def test_last_day_to_serve_is_the_last(by: date, days: int, months: int) -> None:
    last = last_day_to_serve(by, days=days, months=months)
    assert after(last, days=days, months=months) <= by
    assert after(last + timedelta(days=1), days=days, months=months) > by


@pytest.mark.parametrize(
    ("anchor", "months", "until", "expected"),
    [
        pytest.param(
            date(2027, 1, 31),
            1,
            date(2027, 7, 1),
            ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30"],
            id="P7-from-31-january",
        ),
        pytest.param(
            date(2024, 2, 29),
            12,
            date(2026, 3, 1),
            ["2024-02-29", "2025-02-28", "2026-02-28"],
            id="P7-yearly-from-29-february",
        ),
        pytest.param(
            date(2022, 1, 31),
            3,
            date(2022, 11, 1),
            ["2022-01-31", "2022-04-30", "2022-07-31", "2022-10-31"],
            id="P7-quarterly",
        ),
        pytest.param(date(2022, 1, 31), 1, date(2022, 1, 31), [], id="until-is-left-out"),
    ],
)
def test_anchored(anchor: date, months: int, until: date, expected: list[str]) -> None:
    assert [str(day) for day in anchored(anchor, months=months, until=until)] == expected


def test_anchored_p7_37_month_ends() -> None:
    days = list(anchored(date(2026, 5, 31), months=1, until=date(2029, 6, 1)))
    assert (len(days), days[-1]) == (37, date(2029, 5, 31))
    assert all(day.day == days_in_month(day) for day in days)


@pytest.mark.parametrize(
    ("period", "served", "rule", "expected"),
    [
        # from, to (not included), days of the full period
        pytest.param(("2023-05-23", "2023-06-23"), ("2023-05-23", "2023-06-15"), "full-period",
                     23 / 31, id="P7-actual-1"),
        pytest.param(("2023-06-23", "2023-07-23"), ("2023-06-23", "2023-07-15"), "full-period",
                     22 / 30, id="P7-actual-2"),
        pytest.param(("2024-01-01", "2024-02-01"), ("2024-01-15", "2024-02-01"), "calendar-days",
                     17 / 31, id="P7-actual-3"),
        pytest.param(("2024-04-01", "2024-07-01"), ("2024-05-20", "2024-07-01"), "full-period",
                     42 / 91, id="P7-quarter"),
        # three month rules, published with the end day included
        pytest.param(("2021-01-01", "2021-02-01"), ("2021-01-27", "2021-02-01"), "calendar-days",
                     5 / 31, id="P7-january-actual"),
        pytest.param(("2021-01-01", "2021-02-01"), ("2021-01-27", "2021-02-01"), "actual-30",
                     5 / 30, id="P7-january-over-30"),
        pytest.param(("2021-01-01", "2021-02-01"), ("2021-01-27", "2021-02-01"), "30-360",
                     4 / 30, id="P7-january-30-360"),
        pytest.param(("2021-02-01", "2021-03-01"), ("2021-02-27", "2021-03-01"), "calendar-days",
                     2 / 28, id="P7-february-actual"),
        pytest.param(("2021-02-01", "2021-03-01"), ("2021-02-27", "2021-03-01"), "actual-30",
                     2 / 30, id="P7-february-over-30"),
        pytest.param(("2021-02-01", "2021-03-01"), ("2021-02-27", "2021-03-01"), "30-360",
                     4 / 30, id="P7-february-30-360"),
        # a full month is one month under every rule, however long
        pytest.param(("2021-02-01", "2021-03-01"), ("2021-02-01", "2021-03-01"), "actual-30",
                     1.0, id="full-february-over-30"),
        pytest.param(("2021-01-01", "2021-02-01"), ("2021-01-01", "2021-02-01"), "actual-365",
                     1.0, id="full-january-over-365"),
        # 30 of 31 days × 12 ÷ 365 = 0.986; 31 days are never more than one month
        pytest.param(("2021-01-01", "2021-02-01"), ("2021-01-02", "2021-02-01"), "actual-365",
                     30 * 12 / 365, id="part-over-365"),
        pytest.param(("2021-01-01", "2021-02-01"), ("2021-01-01", "2021-01-31"), "actual-30",
                     1.0, id="30-of-31-days-over-30"),
    ],
)  # fmt: skip
def test_month_share(
    period: tuple[str, str], served: tuple[str, str], rule: Proration, expected: float
) -> None:
    full = date.fromisoformat(period[0]), date.fromisoformat(period[1])
    part = date.fromisoformat(served[0]), date.fromisoformat(served[1])
    assert month_share(full, part, rule) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("rule", "usd_m"),
    [("calendar-days", 1_169.3548), ("actual-30", 1_208.3333), ("actual-365", 1_191.7808)],
)
def test_p9_row_6_first_part_month(rule: Proration, usd_m: float) -> None:
    # 3 to 31 May 2026 are 29 days: 29/31, 29/30, 29 × 12/365 of 1,250 million
    share = month_share(
        (date(2026, 5, 1), date(2026, 6, 1)), (date(2026, 5, 3), date(2026, 6, 1)), rule
    )
    assert 1_250 * share == pytest.approx(usd_m, abs=5e-5)


RULES = ("calendar-days", "actual-30", "30-360", "actual-365")


@given(
    first=st.integers(1, 28), days=st.integers(1, 27), month=st.integers(1, 12),
    rule=st.sampled_from(RULES),
)  # fmt: skip
def test_a_part_of_a_month_is_a_share_that_grows(
    first: int, days: int, month: int, rule: Proration
) -> None:
    start = date(2026, month, 1)
    end = add_months(start, 1)
    low = start + timedelta(days=first - 1)
    shares = [
        month_share((start, end), (low, stop), rule)
        for stop in sorted({min(end, low + timedelta(days=d)) for d in (days, days + 1, 31)})
    ]
    assert all(0 <= share <= 1 + 1e-12 for share in shares)
    assert shares == sorted(shares)


DAY_COUNTS = ("actual/365", "actual/360", "30E/360", "30E/360 ISDA", "actual/actual ISDA")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(
            date(2003, 11, 1), date(2004, 5, 1),
            (0.498630136986, 0.505555555556, 0.5, 0.5, 0.497724380567), id="P7-2003",
        ),
        pytest.param(
            date(2026, 5, 31), date(2026, 6, 30),
            (0.082191780822, 0.083333333333, 0.083333333333, 0.083333333333, 0.082191780822),
            id="P7-2026",
        ),
        # 28 February counts as the 30th under ISDA only: 62 days against 60
        pytest.param(
            date(2026, 1, 31), date(2026, 2, 28),
            (28 / 365, 28 / 360, 28 / 360, 30 / 360, 28 / 365), id="month-ends",
        ),
    ],
)  # fmt: skip
def test_year_fraction(start: date, end: date, expected: tuple[float, ...]) -> None:
    counts: list[DayCount] = list(DAY_COUNTS)  # type: ignore[arg-type]
    found = [year_fraction(start, end, count) for count in counts]
    assert found == pytest.approx(expected, abs=1e-12)
    assert [year_fraction(end, start, count) for count in counts] == [-x for x in found]


@pytest.mark.parametrize(
    ("days", "low", "more"),
    [
        # 1,250,000,000 ÷ 31 = 40,322,580.645…: 31 × ….64 leaves 16 cents
        pytest.param(31, 4_032_258_064, 16, id="P7-cents-31"),
        # 1,250,000,000 ÷ 30 = 41,666,666.666…: 30 × ….66 leaves 20 cents
        pytest.param(30, 4_166_666_666, 20, id="P7-cents-30"),
    ],
)
def test_cents_add_up(days: int, low: int, more: int) -> None:
    cents = to_cents([1_250_000_000 / days] * days)
    assert cents == [low + 1] * more + [low] * (days - more)
    assert sum(cents) == 125_000_000_000


def test_cents_largest_remainder_gets_the_cent() -> None:
    # 0.4 + 0.9 + 0.7 cents are two cents: the two largest remainders round up
    assert to_cents([0.004, 0.009, 0.007]) == [0, 1, 1]
    assert to_cents([-0.004, 1.004]) == [0, 100]
    assert to_cents([]) == []
