"""What pages say of agreements at an edge is true, and no page contradicts another."""

from pathlib import Path
from typing import Any

import pytest
from degenerate import DAY, EDGES, SITE, _agreement, _right
from played import Played, play

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
    assert "nothing of the $3.03bn left on 23 November 2026 is promised" in said[0]
    assert "may end service on 23 November 2026" in said[0]
    everything = " ".join(said)
    assert "promised any more" not in everything
    assert "left to be served" not in everything
    assert "all that is left on 23 November 2026 is promised" not in everything
    assert "with a right to leave: 0" not in everything


def test_service_that_costs_nothing_is_not_over(seen: Any) -> None:
    said = seen(EDGES["no fee"], "01").said
    assert "no fee is due from 23 November 2026 on; service ends on 1 June 2029" in said[0]
    assert "left to be served" not in " ".join(said)


def test_service_has_ended_with_its_last_tranche(seen: Any) -> None:
    [lead, *_] = seen(ENDED, "01").said
    assert "nothing is promised any more on 23 November 2026: service ended on 1 September" in lead


def test_pages_take_what_was_served_last_where_service_has_ended(seen: Any) -> None:
    for page in ("02", "03", "04", "05", "06"):
        said = " ".join(seen(ENDED, page).said)
        assert "nothing is left to serve" in said, page
        assert "name neither megawatts nor accelerators" not in said, page
        assert "No scope states a number of accelerators" not in said, page
    assert "the site, 30 MW (stated in the terms)" in said


def test_between_two_tranches_a_page_takes_what_is_served_next(seen: Any) -> None:
    next_ = '[[tranche]]\nname = "hall-3"\ncapacity = { mw = 40 }\n'
    gap = ENDED + next_ + "fee = [{ from = 2027-02-01, usd_month = 5_000_000 }]\n"
    assert "the site, 40 MW (stated in the terms)" in " ".join(seen(gap, "05").said)


def test_no_fee_buys_no_accelerators(seen: Any) -> None:
    for edge in ("no fee", "metered alone"):
        bare = EDGES[edge].replace(f"capacity = {SITE}\n", "")
        assert "would buy 0 H100" not in " ".join(seen(bare, "03").said), edge


def test_a_metered_minimum_is_named_where_no_fee_is_due(seen: Any) -> None:
    lead, *said = seen(EDGES["metered alone"], "02").said
    assert "a metered minimum of $2m a month" in lead
    assert "the terms name no megawatts" not in " ".join(said)
    assert "nothing is owed" not in " ".join(seen(EDGES["metered alone"], "04").said)


TWO_OPTIONS = "extension = [{ months = 12, count = 2, notice_days = 60 }]"


@pytest.mark.parametrize(
    ("right", "earlier"),
    [
        ("customer = { notice_days = 1_000 }", "extends, then leaves"),
        (
            "customer = { notice_days = 90, gate_date = 2028-01-01 }, "
            "provider = { notice_days = 90, gate_date = 2030-01-01 }",
            "extends, stays while it may",
        ),
    ],
)
def test_each_term_that_is_open_has_a_condition_of_its_own(
    seen: Any, right: str, earlier: str
) -> None:
    played = seen(_agreement(TWO_OPTIONS, right=f"termination = {{ {right} }}"), "07")
    frames = played.names["frames"]
    assert not frames.duplicated(["frame", "case"]).any()
    assert {"extends", earlier} <= set(frames.case)
    costs = [text for text in played.said if text.startswith("Over the longest lease")]
    assert "both ways cost $6.09bn" in costs[0]
