"""Calendar arithmetic: months from an anchor, notice, parts of a month, day counts.

Periods are half-open, `[start, end)`; `end` is the first day that no longer counts.
"""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

DAYS_PER_YEAR = 365
MONTHS_PER_YEAR = 12
HOURS_PER_MONTH = 730.0
"""8,760 hours ÷ 12; print the convention used beside a price."""
DAYS_OF_SHORTEST_MONTH = 28
DAYS_PER_CONVENTIONAL_MONTH = 30
DAYS_PER_CONVENTIONAL_YEAR = 360

Proration = Literal["calendar-days", "actual-30", "30-360", "actual-365", "full-period"]
Days = tuple[date, date]
"""Days `[first, second)`."""
DayCount = Literal["actual/365", "actual/360", "30E/360", "30E/360 ISDA", "actual/actual ISDA"]


def days_in_month(day: date) -> int:
    """Number of days in the calendar month of `day`."""
    return calendar.monthrange(day.year, day.month)[1]


def add_months(day: date, months: int) -> date:
    """The same day number `months` later, clipped to the last day of that month.

    >>> add_months(date(2026, 11, 30), 3)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(day.year * MONTHS_PER_YEAR + day.month - 1 + months, MONTHS_PER_YEAR)
    if day.day <= DAYS_OF_SHORTEST_MONTH:
        return date(year, month + 1, day.day)
    first = date(year, month + 1, 1)
    return first.replace(day=min(day.day, days_in_month(first)))


def after(day: date, *, days: int = 0, months: int = 0) -> date:
    """`day` plus whole months, then plus days: a notice served on `day` ends service then."""
    return add_months(day, months) + timedelta(days=days)


def last_day_to_serve(by: date, *, days: int = 0, months: int = 0) -> date:
    """The latest day on which notice still runs out on or before the day `by`.

    >>> last_day_to_serve(date(2027, 2, 28), months=3)
    datetime.date(2026, 11, 30)
    """
    served = add_months(by - timedelta(days=days), -months)
    while after(served + timedelta(days=1), days=days, months=months) <= by:
        served += timedelta(days=1)
    return served


def anchored(anchor: date, *, months: int, until: date) -> Iterator[date]:
    """Every `months`-th date counted from the anchor, never from the date before, below `until`."""
    step = 0
    while (day := add_months(anchor, step)) < until:
        yield day
        step += months


def first_full_month(day: date) -> date:
    """The first day of a month that is not before a day."""
    return day if day.day == 1 else add_months(day.replace(day=1), 1)


def uneven(month: date) -> list[date]:
    """The days of a month between which its days count alike under 30/360.

    The 30th of 31 counts for nothing, the last of a February for two or three.
    """
    last = days_in_month(month)
    thirty = DAYS_PER_CONVENTIONAL_MONTH
    return [month.replace(day=day) for day in (thirty, last) if day <= last != thirty]


def whole_months(start: date, end: date) -> int:
    """Whole months from one day to another."""
    months = (end.year - start.year) * MONTHS_PER_YEAR + end.month - start.month
    return months - (add_months(start, months) > end)


def calendar_months(start: date, end: date) -> float:
    """Months between two days: whole calendar months, a part of one by its own days."""
    low, high = (
        day.year * MONTHS_PER_YEAR + day.month + (day.day - 1) / days_in_month(day)
        for day in (start, end)
    )
    return high - low


def month_share(
    period: Days, served: Days, rule: Proration = "calendar-days", part: Days | None = None
) -> float:
    """Share of a full period's fee that is due for the days served in it, or a part of them.

    `calendar-days`, `full-period`: days served ÷ days in the period. `actual-30`: days served ÷ 30;
    `actual-365`: days × 12 ÷ 365; under these two a full month is exactly 1, and no part exceeds 1.
    `30-360`: days if every month had 30 (30E/360) ÷ 30, of a part of the days served too; else what
    is due for those runs evenly by days.
    """
    part = part or served
    if rule == "30-360":
        return year_fraction(*part, "30E/360") * MONTHS_PER_YEAR
    days, share = (served[1] - served[0]).days, 1.0
    if served != period:
        share = days / (period[1] - period[0]).days
        if rule == "actual-30":
            share = min(1.0, days / DAYS_PER_CONVENTIONAL_MONTH)
        elif rule == "actual-365":
            share = min(1.0, days * MONTHS_PER_YEAR / DAYS_PER_YEAR)
    return share * ((part[1] - part[0]).days / days)


def year_fraction(start: date, end: date, day_count: DayCount = "actual/365") -> float:
    """Years from `start` to `end` under a named day count; negative if `end` comes first.

    >>> year_fraction(date(2026, 5, 1), date(2026, 6, 1), "30E/360") * 12
    1.0
    """
    if end < start:
        return -year_fraction(end, start, day_count)
    days = (end - start).days
    if day_count == "actual/365":
        return days / DAYS_PER_YEAR
    if day_count == "actual/360":
        return days / DAYS_PER_CONVENTIONAL_YEAR
    if day_count == "actual/actual ISDA":
        return _actual_actual(start, end)
    return _thirty_360(start, end, month_end_is_30=day_count == "30E/360 ISDA")


def _thirty_360(start: date, end: date, *, month_end_is_30: bool) -> float:
    def day(d: date) -> int:
        at_end = month_end_is_30 and d.day == days_in_month(d)
        return DAYS_PER_CONVENTIONAL_MONTH if at_end else min(d.day, DAYS_PER_CONVENTIONAL_MONTH)

    months = (end.year - start.year) * MONTHS_PER_YEAR + end.month - start.month
    days = months * DAYS_PER_CONVENTIONAL_MONTH + day(end) - day(start)
    return days / DAYS_PER_CONVENTIONAL_YEAR


def _actual_actual(start: date, end: date) -> float:
    total = 0.0
    for year in range(start.year, end.year + 1):
        first, last = max(start, date(year, 1, 1)), min(end, date(year + 1, 1, 1))
        total += (last - first).days / (DAYS_PER_YEAR + calendar.isleap(year))
    return total
