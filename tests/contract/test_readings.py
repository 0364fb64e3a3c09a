"""The readings of an agreement side by side, what is said of them, and how they are drawn."""

import json
import sys
from datetime import date
from types import FrameType
from typing import Any

import pandas as pd
import pytest

from analysis.contract import amendments, files, position, readings
from analysis.contract.fields import PARTIES, Party
from analysis.contract.terms import Agreement
from analysis.page import tables
from analysis.questions.commitment import tables as drawn
from analysis.questions.commitment.answer import Answer

AS_OF = date(2026, 11, 23)
RISK = {"rate": 0.1, "default_probability": 0.05, "loss_given_default": 0.6}
BN = 1e9


@pytest.fixture(scope="module")
def deal() -> Agreement:
    return files.contract("anthropic-xai")


def by_reading(table: pd.DataFrame, column: str) -> dict[str, float]:
    return dict(zip(table.reading, table[column], strict=True))


def test_readings_stand_in_the_order_in_which_their_promise_ends(deal: Agreement) -> None:
    standing = ["R2e", "R3x", "R2", "customer-B", "R2-july", "R3", "R0"]
    assert readings.names(position(deal)) == standing  # R1 is superseded
    assert readings.names(position(deal, reading="R1")) == ["R1", *standing]


def test_the_undisclosed_discount_is_a_range_in_every_reading(deal: Agreement) -> None:
    table = readings.compare(position(deal, reading="R1"))
    low, high = by_reading(table, "firm_low_usd"), by_reading(table, "firm_high_usd")
    # 29/31 + 1 ramp months at 10 % (discount 90 %) and 90 %; R1 has one full month more
    assert low["R1"] == pytest.approx((60 / 31 * 0.1 + 1) * 1.25 * BN)
    assert high["R1"] == pytest.approx((60 / 31 * 0.9 + 1) * 1.25 * BN)


def test_every_reading_is_set_against_the_fees_to_the_end_that_the_file_states(
    deal: Agreement,
) -> None:
    table = readings.compare(position(deal, reading="R1"))
    headline = by_reading(table, "headline_usd")
    assert headline["R3x"] == headline["R2"]  # although under R3x all lapses after 180 days
    assert by_reading(table, "firmness")["R3x"] == pytest.approx(6.129032 / 44.959677, rel=1e-6)
    assert by_reading(table, "firmness")["R0"] == 1
    # T10: receipts fixed by the conditional reading
    assert headline["customer-B"] == pytest.approx(45.274 * BN, rel=1e-6)
    assert by_reading(table, "firmness")["customer-B"] == pytest.approx(0.1441, abs=5e-5)
    # T1 to T3: firmness at 10 % discount, both sides of the ratio at the same discount
    high = by_reading(table, "firmness_high")
    found = [high[name] for name in ("R1", "R2", "R3")]
    assert found == pytest.approx([0.074627, 0.156277, 0.234416], abs=5e-7)


def test_after_the_last_gate_the_readings_agree(deal: Agreement) -> None:
    firm = by_reading(readings.compare(position(deal, AS_OF, "R1")), "firm_usd")
    assert firm["R1"] == firm["R2"] == firm["R3"] == pytest.approx(3.726190476 * BN)
    assert firm["R3x"] == 0


def test_readings_start_apart_and_meet(deal: Agreement) -> None:
    def firm(day: date) -> list[float]:
        return [position(deal, day, name).firm().usd / BN for name in ("R1", "R2", "R3")]

    assert firm(deal.start) == pytest.approx([2.459677, 6.209677, 9.798387], rel=1e-6)
    days = [day for day in position(deal).service_days if day >= date(2026, 10, 30)]
    assert len(days) == 31
    assert all(max(found) - min(found) < 1e-12 for found in map(firm, days))


@pytest.mark.parametrize("name", files.contracts())
def test_no_more_is_committed_than_remains(name: str) -> None:
    for read in map(position(files.contract(name)).under, files.contract(name).readings):
        assert all(read.on(day).firmness() <= 1 + 1e-12 for day in read.service_days)


@pytest.mark.parametrize("name", files.contracts())
@pytest.mark.parametrize("party", PARTIES)
def test_windows_tile_the_term_and_bridges_add_up(name: str, party: Party) -> None:
    deal = files.contract(name)
    windows = drawn.windows(position(deal, AS_OF), party=party)
    for _, stretch in windows.groupby("label"):
        assert (stretch.end.iloc[:-1].to_numpy() == stretch.start.iloc[1:].to_numpy()).all()
        assert stretch.start.iloc[0] == deal.start
    for name in readings.names(position(deal)):
        steps = position(deal, reading=name).bridge(party=party, **RISK)
        assert steps.usd.sum() == pytest.approx(steps.running_usd.iloc[-1], rel=1e-9)


def test_marks_are_the_end_of_the_ramp_the_gate_and_the_first_exit(deal: Agreement) -> None:
    table = drawn.marks(position(deal))
    mine = table[table.label.str.endswith("(R3)")].set_index("mark").date
    assert mine["full fee"] == date(2026, 7, 1)
    assert mine["lock-in ends"] == date(2026, 10, 30)
    assert mine["first end, at start"] == date(2027, 1, 28)


def asked(agreement: Agreement, **given: Any) -> Answer:
    """The page's answer of an agreement."""
    return Answer(**{"as_of": AS_OF} | given).of(agreement)


def test_the_lead_follows_the_terms(deal: Agreement) -> None:
    found = asked(deal, reading="R2")
    assert str(found.lead) == (
        "Of $37.8bn remaining contract value, $3.73bn (9.8 %) is committed, up to 21 February "
        "2027. Every interpretation that still lets the customer terminate gives the same."
    )
    said = str(found.say("interpreted"))
    assert "Nothing is committed under “180 days, lapsing unless renewed” (R3x)." in said
    assert "(R0)" not in said  # hypothetical
    assert "$1.57–10.8bn was committed" in said  # from R2e on: R1 is superseded
    longer = deal.change({"termination": {"customer": {"notice_days": 180}}})
    assert str(found.lead) != str(asked(longer, reading="R2").lead)


def test_what_remains_names_its_end_where_the_reading_has_another() -> None:
    given = {"contract": "reflection-spacex", "as_of": date(2028, 2, 29)}
    sooner = Answer(reading="june-2029+effect", **given)
    text = "remaining contract value to 1 January 2030, the end that the file states, $441m"
    assert text in str(sooner.lead)
    assert "remaining contract value, $" in str(Answer(reading="effect", **given).lead)


def test_a_commitment_seen_before_it_was_signed_says_so(deal: Agreement) -> None:
    early = str(asked(deal, as_of=date(2020, 2, 29)).lead)
    assert early.startswith("The agreement was signed on 3 May 2026, after 29 February 2020. Of ")
    assert str(asked(deal, as_of=deal.signed).lead).startswith("Of ")


def test_an_agreement_without_a_right_to_terminate_says_so() -> None:
    bound = position(files.contract("reflection-spacex"), reading="headline").read
    assert "The customer has no right to terminate: all $5.59bn" in str(asked(bound).lead)
    assert str(asked(bound).title("interpretations")) == "The one interpretation commits $5.59bn"
    dear = {"customer": {"notice_days": 30, "fee_share_of_remaining": 1.0}}
    held = files.contract("reflection-spacex").change({"termination": dear})
    assert "gains nothing by terminating" in str(asked(held, reading="through-2029").lead)
    over = asked(bound, as_of=date(2031, 1, 1))
    assert "Nothing is committed any more" in str(over.lead)


def test_a_reading_says_of_itself_only_what_is_allowed(deal: Agreement) -> None:
    for told, said in (
        ({"status": "gone"}, "readings.R3.status: 'gone' is not allowed"),
        ({"weight": 1.5}, "readings.R3.weight: 1.5 is not allowed"),
        ({"until": date(2026, 6, 12)}, "readings.R3.until: 2026-06-12 is not allowed; allowed:"),
        ({"status": "superseded"}, "readings.R3.weight: 0.05 is not allowed; allowed: 0"),
    ):
        with pytest.raises(ValueError, match="R3") as refused:
            deal.change({"readings": {"R3": told}})
        assert said in str(refused.value)


def test_the_page_says_up_to_which_day_it_is_known_and_what_fits_no_count(deal: Agreement) -> None:
    assert str(asked(deal).say("known")) == (
        "As known on 10 October 2026: no notice, amendment or prepayment was found in public text."
    )
    assert "$84.5bn" in str(asked(deal).say("totalled"))
    ahead = {"usd": 1e9, "paid": deal.signed, "credit_from": deal.start}
    paid = asked(deal.change({"prepayment": ahead}))
    assert "no notice or amendment was found" in str(paid.say("known"))
    assert asked(deal.change({"known": "none"})).say("known") is None


SENTENCES = ["window", "interpreted", "noticed", "bridged"]


@pytest.mark.parametrize("name", files.contracts())
@pytest.mark.parametrize("as_of", [date(2025, 1, 1), AS_OF, date(2040, 1, 1)])
def test_every_statement_holds_for_every_agreement_on_any_day(name: str, as_of: date) -> None:
    deal = files.contract(name)
    for party in PARTIES:
        for reading in (deal.reading.name, f"{list(deal.readings)[-1]}+headline"):
            found = Answer(contract=name, reading=reading, as_of=as_of, party=party)
            said = [found.heading, found.lead, *(found.say(each) for each in SENTENCES)]
            assert not any("not defined" in str(each) for each in said)
            assert found.draw("timeline").to_dict()["title"]
            bridge = found.draw("bridge")
            assert bridge.to_dict()["title"] if bridge else found.full_rate_usd == 0


@pytest.mark.parametrize("name", ["anthropic-xai", "invented-every-clause"])
@pytest.mark.parametrize("party", PARTIES)
def test_the_lead_resolves_each_position_once(name: str, party: Party) -> None:
    """What stands on a day, of the agreement as read and at the ends of its discounts."""
    resolved: list[tuple[Agreement, int, str]] = []

    def count(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code is amendments.renewed.__code__:
            assert frame.f_back
            bound = frame.f_back.f_locals["self"].bound
            resolved.append((frame.f_locals["agreement"], frame.f_locals["months"], bound))

    found = Answer(contract=name, party=party).of(files.contract(name))
    sys.setprofile(count)
    try:
        assert str(found.lead)
    finally:
        sys.setprofile(None)
    assert len(resolved) >= len(found.agreement.readings) - 1
    assert len(resolved) == len(set(resolved))


def test_what_another_notice_commits_is_that_of_the_terms_with_it(deal: Agreement) -> None:
    table = asked(deal).notice_periods
    assert table[table.party == "customer"].notice_days.tolist() == [30, 90, 180, 365]
    usd = table[table.party == "customer"].set_index("notice_days").committed_usd / BN
    assert usd.round(2).to_dict() == {30: 1.22, 90: 3.73, 180: 7.43, 365: 15.0}
    assert usd.tolist() == (table[table.party == "provider"].committed_usd / BN).tolist()
    assert asked(position(deal, reading="R0").read).notice_periods.empty


@pytest.mark.parametrize("name", files.contracts())
def test_the_mark_of_the_own_notice_lies_at_what_is_committed(name: str) -> None:
    own = Answer(contract=name).own_notice_days
    found = Answer(contract=name, notices=[own])
    assert own in (90, 120)
    assert found.noticed.committed_usd.tolist() == pytest.approx([found.committed_usd])
    drawn = found.draw("noticed").to_dict()
    marks = [rows for rows in drawn["datasets"].values() if rows == [{"notice_days": own}]]
    assert marks


def test_charts_draw_what_the_tables_hold(deal: Agreement) -> None:
    found = asked(deal)
    spec = json.loads(found.draw("bridge").to_json())
    drawn = [row for rows in spec["datasets"].values() for row in rows]
    [end] = [row["amount"] for row in drawn if row.get("part") == "committed"]
    assert end == pytest.approx(found.bridge.running_usd.iloc[-1] / BN)
    assert found.bridge.usd.sum() == pytest.approx(found.bridge.running_usd.iloc[-1])
    assert "valued on 23 Nov 2026" in json.dumps(found.draw("timeline").to_dict())


def test_the_bridge_says_on_which_day_it_is_valued_and_what_it_assumes(deal: Agreement) -> None:
    found = asked(deal, seen_from="as_of")
    text = str(found.say("bridged"))
    assert found.title("bridge").startswith("$37.8bn at the full rate")
    assert text.startswith("Valued on 23 November 2026.")
    assert "rate of 10 %, a default probability of 5 % a year, a loss of 60 %" in text
    over = asked(deal, as_of=deal.end, seen_from="as_of")
    assert over.full_rate_usd == 0


def test_tables_are_written_as_findings_are() -> None:
    table = pd.DataFrame({"firm_usd": [1.5e9], "share": [0.055], "end": [None], "months": [35.0]})
    table.attrs["answer"] = Answer
    shown = tables.readable(table)
    assert list(shown) == ["committed", "share", "end", "months"]
    assert list(shown.iloc[0]) == ["$1.50bn", "5.5 %", "", "35"]


def test_a_small_agreement_is_drawn_in_its_own_size(deal: Agreement) -> None:
    cheap = deal.change({"fee": {"0": {"usd_month": 1e6}, "1": {"usd_month": 1e6}}})
    spec = asked(cheap).draw("bridge").to_json()
    assert '"$m"' in spec
    assert "$bn" not in spec


def test_titles_of_readings_fit_their_place() -> None:
    for name in files.contracts():
        assert all(len(title) <= 36 for title in files.contract(name).readings.values())


def test_what_was_reported_stands_beside_the_count_that_gives_it(deal: Agreement) -> None:
    table = drawn.headline_arithmetic(deal).set_index("method")
    assert table.reported["months at the last fee only × last fee"].startswith("over $40bn")
    assert "$45bn" in table.reported["whole months from start to end × last fee"]
    google = drawn.headline_arithmetic(files.contract("google-spacex"))
    assert google.reported[google.method == "no count of months"].tolist() == [
        "$29.4bn (press, 32 months)"
    ]
