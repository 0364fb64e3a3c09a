"""What pages 01, 03 and 09 say under changed terms, and on days early and late."""

from typing import Any

import pytest

from analysis.questions.commitment.answer import Answer as Commitment
from analysis.questions.drivers.answer import Answer as Drivers
from analysis.questions.exit.answer import Answer as Exit
from analysis.questions.price.answer import Answer as Price

BOUND = {"termination.customer": "none"}


def tiles(found: Any) -> dict[str, str]:
    return {tile["figure"]: tile["value"] for tile in found._tiles()}


def test_a_right_that_is_worth_nothing_moves_nothing_and_one_not_held_is_no_tile() -> None:
    found = Exit(terms=BOUND, draws=20)
    assert str(found.heading).endswith("its right is worth next to nothing")
    assert found.title("values") == "No right alone moves the value by more than next to nothing"
    assert "customer_right_usd" not in tiles(found)
    assert "customer's" not in str(found.say("scoped"))


def test_service_lasts_no_longer_than_its_term_and_moving_costs_what_is_assumed() -> None:
    found = Exit(contract="invented-every-clause", draws=20)
    assert "service lasts 27.6 months of 27.6 months" in str(found.say("lived"))
    assert found.moving_months == found.assumed["moving_cost_months"]
    assert found.title("lived") == "It lasts 90 % of its term even without internal use"


def test_a_value_of_no_certain_digit_is_said_by_its_interval() -> None:
    found = Exit(contract="invented-every-clause", draws=20)
    assert found.signed_usd == 0
    assert str(found.lead).endswith(f"{found.stated('{signed_usd:range}')}, simulated.")


def test_the_fee_is_of_what_is_in_service_where_kinds_differ() -> None:
    asked = {"contract": "invented-every-clause", "as_of": "2026-03-10"}
    early = Exit(**asked, draws=20).fee_usd_h100e_hour
    assert early == pytest.approx(Price(**asked).price_usd_h100e_hour)


def test_what_is_not_delivered_is_worth_nothing_committed() -> None:
    found = Commitment(contract="google-spacex", as_of="2026-06-10")
    shown = tiles(found)
    assert shown["firm_usd"] == shown["risk_adjusted_usd"] == "$0"
    assert "days are committed" not in str(found.say("window"))
    assert found.title("noticed").endswith("committed once delivered")


def test_after_service_nothing_is_said_of_notice() -> None:
    found = Commitment(as_of="2030-01-01")
    assert [found.say(name) for name in ("window", "noticed")] == [None, None]
    assert found.draw("noticed") is None
    assert "Nothing" not in str(found.say("interpreted"))


def test_notices_that_commit_the_same_are_said_once() -> None:
    asked = {"contract": "invented-every-clause", "as_of": "2028-06-01"}
    found = Commitment(**asked, terms={"end": "2031-03-10"})
    said = str(found.stated(found.words.bullet(found)))
    assert said.endswith("30–365 days of notice would commit $660m each.")


def test_an_interpretation_of_changed_terms_is_called_so() -> None:
    assert "(R0)" in str(Commitment(reading="R0").lead)
    found = Commitment(terms={"termination.customer.notice_days": 180}, reading="R0")
    assert "nobody leaves, as changed" in found.interpretation
    assert set(found.interpretations.interpretation.str.endswith(", as changed")) == {True}


def test_the_clause_is_weighed_with_the_one_in_use_also_where_nobody_may_leave() -> None:
    found = Drivers(terms=BOUND)
    drawn = found.drawn(found.seen_date)
    assert drawn == pytest.approx({"R2": 0.95, "R3x": 0.05})
    assert found.lead_share > 0.9


def test_shares_that_are_written_alike_are_said_once() -> None:
    found = Drivers(contract="google-spacex")
    assert str(found.lead).endswith("On 23 November 2026 it explains as much.")
    assert "equal_weight" not in found.weights
    assert str(found.say("committed")).endswith("most: $2.74–5.41bn, base case $5.41bn.")


def test_receipts_that_no_notice_can_end_are_one_sum() -> None:
    found = Drivers(contract="reflection-spacex", as_of="2029-12-20")
    assert str(found.say("received")) == (
        "No notice can end it early: all $58.1m from 20 December 2029 on is received."
    )
