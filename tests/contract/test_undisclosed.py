"""Undisclosed discounts are resolved wherever the terms, a reading or an amendment states them."""

from datetime import date
from typing import Any

import pytest
from agreements import customer, plain

from analysis.contract import position, readings
from analysis.questions.commitment import tables
from analysis.questions.drivers.answer import Answer

UNKNOWN = {"low": 0.0, "use": 0.25, "high": 0.5}


@pytest.mark.parametrize(
    "fee",
    [
        [{"from": date(2026, 7, 1), "usd_month": 100.0, "discount": UNKNOWN}],
        {"0": {"discount": UNKNOWN}},
    ],
)
def test_an_undisclosed_discount_that_an_amendment_states_is_resolved(fee: Any) -> None:
    given = {"title": "t", "signed": date(2026, 1, 1), "effective": date(2026, 7, 1)}
    found = plain(amendment=[given | {"terms": {"fee": fee}}])
    row = readings.one(position(found), "as-written")
    assert [row.firm_low_usd, row.firm_usd, row.firm_high_usd] == pytest.approx([900, 1050, 1200])
    methods = tables.headline_arithmetic(found).set_index("method").usd
    assert methods["day by day, discount highest"] == pytest.approx(900)
    assert Answer().of(found).undisclosed(("as-written",))


def test_part_of_a_range_that_an_amendment_or_a_reading_changes_is_resolved() -> None:
    fee = [{"from": date(2026, 1, 1), "usd_month": 100.0, "discount": UNKNOWN}]
    part = {"fee": {"0": {"discount": {"high": 1.0}}}}
    given = {"title": "t", "signed": date(2026, 1, 1), "effective": date(2026, 7, 1)}
    amended = plain(fee=fee, amendment=[given | {"terms": part}])
    assert position(amended).resolved_at("high").headline.usd == pytest.approx(6 * 50)
    read = plain(fee=fee, readings={"B": {"title": "b"} | part})
    assert position(read, reading="B").resolved_at("high").headline.usd == 0
    named = [{"name": "a", "fee": fee}]
    parts = {"tranche": [{"name": "a"} | part]}
    tranches = plain(fee=(), tranche=named, amendment=[given | {"terms": parts}])
    assert position(tranches).resolved_at("high").headline.usd == pytest.approx(6 * 50)


def test_an_uncertain_start_is_valued_on_its_own_first_day() -> None:
    start = {"low": date(2025, 12, 1), "use": date(2026, 1, 1), "high": date(2026, 3, 1)}
    deal = plain(signed=date(2025, 11, 1), end="none", term_months=12, fee=[{"usd_month": 100.0}])
    leaving = position(deal.change({"start": start, "termination": customer(notice_months=3)}))
    found = readings.one(leaving, "as-written")
    assert (found.firm_low_usd, found.firm_high_usd) == (pytest.approx(300), pytest.approx(300))
    found = readings.one(leaving.on(date(2026, 2, 1)), "as-written")  # another day stays that day
    assert (found.firm_low_usd, found.firm_high_usd) == (pytest.approx(200), pytest.approx(300))
