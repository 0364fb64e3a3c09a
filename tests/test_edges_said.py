"""What pages say of agreements at an edge is true, and no page contradicts another."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from agreements import plain
from degenerate import DAY, EDGES, SITE, _agreement, _right
from played import Played, play

from analysis.page import sheet
from analysis.page.findings import quantity

ENDED = _agreement(
    "[[tranche]]",
    'name = "hall-2"',
    f"capacity = {SITE}",
    "end = 2026-09-01",
    "fee = [{ from = 2026-05-03, usd_month = 5_000_000 }]",
    fee="",
    site="",
)
MONTH_AHEAD = _agreement(start="2027-01-31", right=_right("notice_months = 1"))


@pytest.fixture
def seen(tmp_path: Path) -> Any:
    """Play a page of an agreement's text."""

    def page(text: str, name: str, **given: Any) -> Played:
        (tmp_path / "edge.toml").write_text(text, encoding="utf-8")
        few = {"draws": 20} if name == "03" else {}
        path = str(tmp_path / "edge.toml")
        return play(name, drawn=False, contract=path, **{"as_of": DAY} | few | given)

    return page


def test_without_notice_service_may_end_and_what_is_left_is_named(seen: Any) -> None:
    said = seen(EDGES["no notice"], "01").said
    assert "Nothing of the $3.03bn remaining on 23 November 2026 is committed" in said[0]
    assert "can terminate on 23 November 2026" in said[0]
    everything = " ".join(said)
    assert "committed any more" not in everything
    assert "has no right" not in everything


def test_service_that_costs_nothing_is_not_over(seen: Any) -> None:
    said = seen(EDGES["no fee"], "01").said
    assert (
        "No fee is due from 23 November 2026 on; the last day of service is 31 May 2029" in said[0]
    )
    assert "last day of service was" not in " ".join(said)


def test_service_has_ended_with_its_last_tranche(seen: Any) -> None:
    [lead, *_] = seen(ENDED, "01").said
    assert (
        "Nothing is committed any more on 23 November 2026: the last day of service was 31 Aug"
        in lead
    )


def test_pages_take_what_was_served_last_where_service_has_ended(seen: Any) -> None:
    for page in ("02", "03", "04", "05", "06"):
        said = " ".join(seen(ENDED, page).said)
        assert "nothing is left to serve" in said, page
        assert "name neither megawatts nor accelerators" not in said, page
        assert "No scope states a number of accelerators" not in said, page
    assert "30 MW (stated in the terms)" in said


def test_between_two_tranches_a_page_takes_what_is_served_next(seen: Any) -> None:
    next_ = '[[tranche]]\nname = "hall-3"\ncapacity = { mw = 40 }\n'
    gap = ENDED + next_ + "fee = [{ from = 2027-02-01, usd_month = 5_000_000 }]\n"
    assert "40 MW (stated in the terms)" in " ".join(seen(gap, "05").said)


def test_no_fee_buys_no_accelerators(seen: Any) -> None:
    for edge in ("no fee", "metered alone"):
        bare = EDGES[edge].replace(f"capacity = {SITE}\n", "")
        assert "would buy 0 H100" not in " ".join(seen(bare, "03").said), edge


def test_a_metered_minimum_is_named_where_no_fee_is_due(seen: Any) -> None:
    lead, *said = seen(EDGES["metered alone"], "02").said
    assert "a metered minimum of $2m/month" in lead
    assert "the terms name no megawatts" not in " ".join(said)
    assert "nothing is owed" not in " ".join(seen(EDGES["metered alone"], "04").said)


TWO_OPTIONS = "extension = [{ months = 12, count = 2, notice_days = 60 }]"


@pytest.mark.parametrize(
    ("right", "earlier"),
    [
        ("customer = { notice_days = 1_000 }", "extends, then terminates"),
        (
            "customer = { notice_days = 90, gate_date = 2028-01-01 }, "
            "provider = { notice_days = 90, gate_date = 2030-01-01 }",
            "extends, stays until the provider's exit",
        ),
    ],
)
def test_each_term_that_is_open_has_a_condition_of_its_own(
    seen: Any, right: str, earlier: str
) -> None:
    played = seen(_agreement(TWO_OPTIONS, right=f"termination = {{ {right} }}"), "07")
    found = played.names["found"]
    assert not found.outcomes.duplicated(["frame", "case"]).any()
    assert {"certain to extend", earlier} <= set(found.outcomes.case)
    whole = found.costs[found.costs.case == "certain to extend"].groupby("model").usd.sum()
    assert whole.tolist() == pytest.approx([6.09e9] * 3, rel=1e-3)


def test_before_service_no_page_counts_what_notice_may_still_undo(seen: Any) -> None:
    for page in ("04", "05", "06", "07"):
        said = seen(MONTH_AHEAD, page).said[0]
        assert said.startswith("On 23 November 2026 nothing is committed yet"), page
    bound = MONTH_AHEAD.replace("notice_months = 1", "notice_months = 6")
    assert "nothing is committed yet" not in seen(bound, "07").said[0]


def test_what_is_open_no_more_is_said_of_readings_that_let_a_party_leave() -> None:
    assert "those in force agree" in play("09").said[0]
    assert "still lets the customer terminate gives the same" in play("01").said[0]


def test_one_length_in_months_holds_on_every_page(seen: Any) -> None:
    books = seen(_agreement(), "07").names["found"].outcomes.set_index("case").months
    left = seen(_agreement(), "03").names["found"].remaining
    assert books["penalty substantive"] == pytest.approx(left.term_months)
    assert round(books["penalty not substantive"], 3) == 2.981


def test_a_small_multiple_is_not_nothing() -> None:
    assert str(quantity(0.0034, "multiple")) == "0.003×"
    assert str(quantity(-0.0034, "multiple")) == "−0.003×"
    assert str(quantity(0.0, "multiple")) == "0×"


def test_amounts_that_read_alike_are_said_once(seen: Any) -> None:
    [lead, *_] = seen(ENDED, "07").said
    assert "$0 if" not in lead
    assert "obligation is $0. A lease liability would be $0." in lead


def test_an_own_second_row_is_no_rival() -> None:
    played = play("08", drawn=False)
    found = played.names["found"]
    assert found.order.own.sum() == 2
    assert found.others_count == (~found.order.own).sum()
    rivals = found.cheaper_count + found.dearer_count + found.leaning_count + found.unsure_count
    assert rivals == found.others_count
    said = " ".join(played.said)
    assert "chance may give" not in said
    assert "are 1 deals" not in said


def test_hints_look_at_tranches_and_at_what_amendments_lead_to() -> None:
    fee = [{"from": date(2026, 1, 1), "usd_month": 250e12}]
    part = {"name": "hall", "fee": fee, "capacity": {"mw": 2.5e8}}
    later = {"title": "t", "signed": date(2026, 2, 1), "effective": date(2026, 3, 1)}
    amended = plain(amendment=[later | {"terms": {"fee": [{**fee[0], "from": date(2026, 3, 1)}]}}])
    for deal in (plain(fee=[], tranche=[part]), amended):
        assert any("a month is outside" in hint for hint in sheet.hints(deal))


def test_megawatts_are_written_out() -> None:
    lines = sheet.lines(plain(capacity={"mw": 2.5e8}))
    assert "capacity: 250,000,000 MW" in lines
