"""A position: an agreement on a day under a reading, resolved once."""

import math
from collections import Counter
from datetime import date
from typing import Any

import pytest
from agreements import customer, plain

from analysis import contract
from analysis.contract import rights
from analysis.contract.terms import HEADLINE, settle

XAI = contract.load("anthropic-xai")
DISCOUNTS = {0.10: "low", 0.50: "use"}
T = [
    # id, reading, end, committed at d = 0.10 and 0.50, in bn
    ("T0", "headline", date(2029, 6, 1), 45.927419, 44.959677),
    ("T1", "R1", date(2026, 8, 1), 3.427419, 2.459677),
    ("T2", "R2", date(2026, 11, 1), 7.177419, 6.209677),
    ("T3", "R3", date(2027, 1, 28), 10.766129, 9.798387),
]


@pytest.mark.parametrize(("reading", "end", "low", "middle"), [row[1:] for row in T])
def test_the_reference_results_of_the_term(
    reading: str, end: date, low: float, middle: float
) -> None:
    for (_, bound), usd_bn in zip(DISCOUNTS.items(), (low, middle), strict=True):
        found = contract.position(settle(XAI, bound), reading=reading)  # type: ignore[arg-type]
        assert found.firm().end == end
        assert found.firm().usd / 1e9 == pytest.approx(usd_bn, abs=1e-6)


def test_t5_and_t6_on_later_days() -> None:
    found = contract.position(XAI, date(2026, 8, 3), "R2")
    assert found.firm().usd / 1e9 == pytest.approx(3.669355, abs=1e-6)
    later = found.on(date(2028, 2, 1)).firm()
    assert (later.usd / 1e9, later.end) == (pytest.approx(3.75), date(2028, 5, 1))


def test_the_headline_always_exists_and_nobody_leaves() -> None:
    found = contract.position(XAI, reading=HEADLINE)
    assert found.exits("customer") == found.exits("provider") == []
    assert found.firm() == found.headline


def test_rows_and_bridge_add_up() -> None:
    found = contract.position(XAI, date(2026, 11, 23))
    assert found.rows.fee_usd.sum() == pytest.approx(found.headline.usd)
    steps = found.bridge(rate=0.1, default_probability=0.05, loss_given_default=0.6)
    assert math.isclose(steps.usd.sum(), steps.running_usd.iloc[-1])


def test_facts_reach_every_answer() -> None:
    deal = plain(delivery={"due": date(2026, 1, 1)})
    late = contract.position(deal, facts={"delivered": {"site": {date(2026, 7, 1): 1.0}}})
    assert late.headline.usd == pytest.approx(600)
    assert late.rows.fee_usd.sum() == pytest.approx(600)
    assert late.payments.usd.sum() == pytest.approx(600)
    with pytest.raises(ValueError, match="weather is no fact"):
        contract.position(deal, facts={"weather": {}})


def test_an_agreement_is_resolved_once_a_position(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: Counter[str] = Counter()
    real = rights.in_term

    def counting(*given: Any) -> Any:
        counted["in_term"] += 1
        return real(*given)

    monkeypatch.setattr(rights, "in_term", counting)
    found = contract.position(plain(termination=customer(notice_days=90)), date(2026, 3, 1))
    for _ in range(3):
        assert found.firm().usd < found.headline.usd
        assert found.end == found.terms.end
        assert len(found.rows)
    assert counted["in_term"] == 1


def test_changed_terms_are_validated() -> None:
    longer = XAI.change({"termination": {"customer": {"notice_days": 180}}})
    found = contract.position(longer, date(2026, 11, 23))
    assert found.firm().usd / 1e9 == pytest.approx(7.43, abs=0.005)
    with pytest.raises(ValueError, match="notice_days"):
        XAI.change({"termination": {"customer": {"notice_days": -1}}})


def test_an_unknown_reading_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="reading: 'R9' is not known; allowed: headline"):
        contract.position(XAI, reading="R9")


def test_the_agreements_shipped_are_named() -> None:
    assert "anthropic-xai" in contract.names()
    assert contract.load("google-spacex").customer == "Google"
