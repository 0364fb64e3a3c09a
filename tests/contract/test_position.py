"""A position: an agreement on a day under a reading, resolved once."""

import math
import sys
from collections import Counter
from dataclasses import replace
from datetime import date, datetime

import pytest
from agreements import plain

from analysis import contract
from analysis.contract import readings
from analysis.contract.charges import Charge
from analysis.contract.schedule import Schedule
from analysis.contract.terms import HEADLINE, Agreement
from analysis.questions.commitment import tables

position_module = sys.modules["analysis.contract.position"]
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
        found = contract.position(XAI, reading=reading).resolved_at(bound)  # type: ignore[arg-type]
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
    with pytest.raises(ValueError, match="weather: "):
        contract.position(deal, facts={"weather": {}})


def test_a_reading_is_resolved_once_whatever_is_asked_on_whatever_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted: Counter[str] = Counter()
    real, charged = position_module.under, Schedule._charged

    def reading(agreement: Agreement, name: str) -> Agreement:
        counted[name] += 1
        return real(agreement, name)

    def charging(self: Schedule, since: date, end: date) -> list[Charge]:
        counted["charged"] += since == self.agreement.start
        return charged(self, since, end)

    monkeypatch.setattr(position_module, "under", reading)
    monkeypatch.setattr(Schedule, "_charged", charging)
    found = contract.position(XAI, date(2026, 11, 23))
    for _ in range(3):
        readings.compare(found)
        tables.windows(found)
        tables.marks(found)
        for month in range(1, 12):
            assert found.on(date(2027, month, 1)).firm().usd <= found.headline.usd
    names = readings.names(found)
    assert {name: counted[name] for name in names} == dict.fromkeys(names, 1)
    assert counted["charged"] == 3 * len(names)  # as stated, and at both bounds


def test_changed_terms_are_validated() -> None:
    longer = XAI.change({"termination": {"customer": {"notice_days": 180}}})
    found = contract.position(longer, date(2026, 11, 23))
    assert found.firm().usd / 1e9 == pytest.approx(7.43, abs=0.005)
    with pytest.raises(ValueError, match="notice_days"):
        XAI.change({"termination": {"customer": {"notice_days": -1}}})


def test_an_unknown_reading_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="reading: 'R9' is not known; allowed: headline"):
        contract.position(XAI, reading="R9")


@pytest.mark.parametrize("day", ["2026-11-23", datetime(2026, 11, 23), 20261123])
def test_what_is_no_date_is_refused(day: object) -> None:
    for ask in (contract.position(XAI).on, lambda day: contract.position(XAI, day)):
        with pytest.raises(ValueError, match=r"as_of: .* is not allowed; allowed: a datetime.date"):
            ask(day)


def test_who_is_no_party_is_refused() -> None:
    for ask in (contract.position(XAI).exits, contract.position(XAI).firm):
        with pytest.raises(
            ValueError, match="party: 'both' is not allowed; allowed: customer, pro"
        ):
            ask("both")


def test_what_is_delivered_without_a_name_is_delivered_at_the_site() -> None:
    came = {date(2026, 5, 3): 0.5}
    half, site = (contract.position(XAI, facts={"delivered": d}) for d in (came, {"site": came}))
    assert half.headline.usd == site.headline.usd < contract.position(XAI).headline.usd


def test_the_agreements_shipped_are_named() -> None:
    assert "anthropic-xai" in contract.names()
    assert contract.load("google-spacex").customer == "Google"


def test_a_position_whose_terms_are_replaced_has_charges_of_its_own() -> None:
    found = contract.position(XAI)
    low = replace(found, bound="low")
    assert low.firm().usd > found.firm().usd
    assert low.firm() == found.resolved_at("low").firm()
