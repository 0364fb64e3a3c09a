"""The readings of an agreement side by side, what is said of them, and how they are drawn."""

import json
from datetime import date

import pandas as pd
import pytest

from analysis.contract import commitment, files, readings, schedule, terms
from analysis.contract.clauses import Party
from analysis.contract.commitment import PARTIES
from analysis.contract.terms import Agreement
from analysis.page import tables
from analysis.page.findings import Finding
from analysis.questions.commitment import charts as draw
from analysis.questions.commitment import words as say

AS_OF = date(2026, 11, 23)
RISK = {"rate": 0.1, "default_probability": 0.05, "loss_given_default": 0.6}
BN = 1e9


@pytest.fixture(scope="module")
def deal() -> Agreement:
    return files.contract("anthropic-xai")


def by_reading(table: pd.DataFrame, column: str) -> dict[str, float]:
    return dict(zip(table.reading, table[column], strict=True))


def test_readings_stand_in_the_order_in_which_their_promise_ends(deal: Agreement) -> None:
    assert readings.names(deal) == ["R1", "R2e", "R3x", "R2", "customer-B", "R3", "R0"]


def test_the_undisclosed_discount_is_a_range_in_every_reading(deal: Agreement) -> None:
    table = readings.compare(deal)
    low, high = by_reading(table, "firm_low_usd"), by_reading(table, "firm_high_usd")
    # 29/31 + 1 ramp months at 10 % (discount 90 %) and 90 %; R1 has one full month more
    assert low["R1"] == pytest.approx((60 / 31 * 0.1 + 1) * 1.25 * BN)
    assert high["R1"] == pytest.approx((60 / 31 * 0.9 + 1) * 1.25 * BN)


def test_every_reading_is_set_against_the_fees_to_the_end_that_the_file_states(
    deal: Agreement,
) -> None:
    table = readings.compare(deal)
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
    firm = by_reading(readings.compare(deal, as_of=AS_OF), "firm_usd")
    assert firm["R1"] == firm["R2"] == firm["R3"] == pytest.approx(3.726190476 * BN)
    assert firm["R3x"] == 0


def test_through_time_starts_apart_and_meets(deal: Agreement) -> None:
    table = readings.through_time(deal)
    firm = table.pivot(index="as_of", columns="reading", values="firm_usd")
    assert list(firm.loc[date(2026, 5, 3), ["R1", "R2", "R3"]] / BN) == pytest.approx(
        [2.459677, 6.209677, 9.798387], rel=1e-6
    )
    after = firm[["R1", "R2", "R3"]][firm.index >= date(2026, 10, 30)].dropna()
    assert len(after) == 31
    assert (after.max(axis=1) - after.min(axis=1)).max() < 1e-3
    assert table.firmness.max() <= 1


def test_a_renewal_that_binds_lengthens_the_headline_too() -> None:
    table = readings.through_time(files.contract("invented-every-clause"))
    assert table.firmness.max() <= 1 + 1e-12


@pytest.mark.parametrize("name", files.contracts())
@pytest.mark.parametrize("party", PARTIES)
def test_windows_tile_the_term_and_bridges_add_up(name: str, party: Party) -> None:
    deal = files.contract(name)
    windows = readings.windows(deal, as_of=AS_OF, party=party)
    for _, stretch in windows.groupby("label"):
        assert (stretch.end.iloc[:-1].to_numpy() == stretch.start.iloc[1:].to_numpy()).all()
        assert stretch.start.iloc[0] == deal.start
    bridges = readings.bridges(deal, party=party, **RISK)
    for _, steps in bridges.groupby("reading"):
        assert steps.usd.sum() == pytest.approx(steps.running_usd.iloc[-1], rel=1e-9)


def test_marks_are_the_end_of_the_ramp_the_gate_and_the_first_exit(deal: Agreement) -> None:
    table = readings.marks(deal)
    mine = table[table.label.str.startswith("R3:")].set_index("mark").date
    assert mine["full fee"] == date(2026, 7, 1)
    assert mine["gate"] == date(2026, 10, 30)
    assert mine["first exit"] == date(2027, 1, 28)


def said(finding: Finding) -> str:
    return str(finding)


def test_the_finding_follows_the_terms(deal: Agreement) -> None:
    text = said(say.promised(deal, reading="R2", as_of=AS_OF, party="customer"))
    assert text == (
        "On 23 November 2026, $3.73bn of the $37.83bn left on paper is promised: 9.8 %, up to "
        "21 February 2027, and the same under every reading that still lets the customer leave. "
        "Nothing is left under “180 days, lapsing unless renewed” (R3x); all $37.83bn is promised "
        "under “through May 2029, nobody leaves” (R0). "
        "When service began it was $1.49bn to $10.77bn, 3.4 % to 23.4 % of all fees, depending "
        "on the reading and on what is undisclosed."
    )
    longer = terms.change(deal, {"termination": {"customer": {"notice_days": 180}}})
    assert text != said(say.promised(longer, reading="R2", as_of=AS_OF, party="customer"))


def test_what_is_on_paper_names_its_end_where_the_reading_has_another() -> None:
    deal, day = files.contract("reflection-spacex"), date(2028, 2, 29)
    sooner = say.promised(deal, reading="june-2029+effect", as_of=day, party="customer")
    text = "$440.66m of the $3.31bn left on paper to 1 January 2030, the end that the file states,"
    assert text in said(sooner)
    own = said(say.promised(deal, reading="effect", as_of=day, party="customer"))
    assert "left on paper is promised" in own


def test_a_promise_seen_before_it_was_signed_says_so(deal: Agreement) -> None:
    at = {"reading": "R2", "party": "customer"}
    early = said(say.promised(deal, as_of=date(2020, 2, 29), **at))
    assert early.startswith(
        "The agreement was signed on 3 May 2026, after 29 February 2020. On 29 February 2020, "
    )
    assert said(say.promised(deal, as_of=deal.signed, **at)).startswith("On ")


def test_an_agreement_without_a_right_to_leave_says_so() -> None:
    bound = terms.read_as(files.contract("reflection-spacex"), "headline")
    text = said(say.promised(bound, reading="headline", as_of=AS_OF, party="customer"))
    assert "the customer has no right to leave: all $5.59bn" in text
    dear = {"customer": {"notice_days": 30, "fee_share_of_remaining": 1.0}}
    held = terms.change(files.contract("reflection-spacex"), {"termination": dear})
    text = said(say.promised(held, reading="through-2029", as_of=AS_OF, party="customer"))
    assert "gains nothing by leaving" in text
    over = said(say.promised(bound, reading="headline", as_of=date(2031, 1, 1), party="customer"))
    assert "nothing is promised any more" in over
    assert "nothing to meet" in said(say.meeting(readings.through_time(bound)))


def test_the_readings_are_said_to_meet_at_the_last_gate(deal: Agreement) -> None:
    text = said(say.meeting(readings.through_time(deal)))
    assert "From 30 October 2026 on" in text
    assert "$7.34bn apart" in text


@pytest.mark.parametrize("name", files.contracts())
@pytest.mark.parametrize("as_of", [date(2025, 1, 1), AS_OF, date(2040, 1, 1)])
def test_every_statement_holds_for_every_agreement_on_any_day(name: str, as_of: date) -> None:
    deal = files.contract(name)
    for party in PARTIES:
        for reading in (deal.reading.name, "headline", f"{list(deal.readings)[-1]}+headline"):
            say.promised(deal, reading=reading, as_of=as_of, party=party)
            say.window(deal, reading=reading, as_of=as_of, party=party)
        windows = readings.windows(deal, as_of=as_of, party=party)
        assert said(say.window_title(windows, as_of=as_of))
    say.next_notice(commitment.deadlines(deal, as_of=as_of), as_of=as_of)
    say.headlines(deal)
    say.sourced(files.evidence(deal))
    say.amended(commitment.amendments(deal), as_of=as_of)
    assert "add up to" in said(say.scheduled(schedule.rows(deal)))


def test_the_press_has_three_sums(deal: Agreement) -> None:
    text = said(say.headlines(deal))
    assert "35 months at the last fee make $43.75bn, 36 months make $45bn" in text


def test_charts_draw_what_the_tables_hold(deal: Agreement) -> None:
    bridges = readings.bridges(deal, **RISK)
    spec = json.loads(draw.bridge(bridges, title="bridge").to_json())
    drawn = [row for rows in spec["datasets"].values() for row in rows]
    ends = {row["reading"]: row["amount"] for row in drawn if row["part"] == "firm"}
    last = bridges.groupby("reading").running_usd.last() / BN
    assert ends == pytest.approx(last.to_dict())
    assert spec["description"] == "bridge"
    windows, marks = readings.windows(deal, as_of=AS_OF), readings.marks(deal)
    line = draw.timeline(windows, marks, as_of=AS_OF, title="timeline").to_dict()
    assert "valued on 23 Nov 2026" in json.dumps(line)
    through = draw.through_time(readings.through_time(deal), as_of=AS_OF, title="time").to_dict()
    assert len(through["concat"]) == through["columns"] == 2  # one column on a narrow screen


def test_the_bridge_says_from_which_day_and_where_it_is_firm(deal: Agreement) -> None:
    seen = readings.bridges(deal, as_of=AS_OF, **RISK)
    title = str(say.bridge_title(seen, as_of=AS_OF))
    assert title.startswith("Seen from 23 November 2026, ")
    assert "firm where fees may be cancelled" in title  # not under R0
    alone = readings.bridges(deal, only=["R0"], as_of=AS_OF, **RISK)
    assert "cancelled" not in str(say.bridge_title(alone, as_of=AS_OF))
    indexed = files.contract("invented-every-clause")  # one reading has other fees at the full rate
    title = str(say.bridge_title(readings.bridges(indexed, **RISK), as_of=indexed.start))
    assert "$5.49bn to $5.66bn" in title
    over = readings.bridges(deal, as_of=deal.end, **RISK)
    assert str(say.bridge_title(over, as_of=deal.end)).endswith("nothing is left to serve")


def test_every_total_reported_fits_or_their_number_is_given(deal: Agreement) -> None:
    assert "Every total reported fits" in str(say.headlines(deal))
    assert "1 fit none" in str(say.headlines(files.contract("google-spacex")))


def test_tables_are_written_as_findings_are() -> None:
    table = pd.DataFrame({"firm_usd": [1.5e9], "share": [0.055], "end": [None], "months": [35.0]})
    shown = tables.readable(table)
    assert list(shown) == ["firm", "share", "end", "months"]
    assert list(shown.iloc[0]) == ["$1.50bn", "5.5 %", "", "35"]


def test_a_small_agreement_is_drawn_in_its_own_size(deal: Agreement) -> None:
    cheap = terms.change(deal, {"fee": {"0": {"usd_month": 1e6}, "1": {"usd_month": 1e6}}})
    spec = draw.bridge(readings.bridges(cheap, **RISK), title="small").to_json()
    assert '"$m"' in spec
    assert "$bn" not in spec


def test_titles_of_readings_fit_their_place() -> None:
    for name in files.contracts():
        assert all(len(title) <= 36 for title in files.contract(name).readings.values())


def test_what_was_reported_stands_beside_the_count_that_gives_it(deal: Agreement) -> None:
    table = commitment.headline_arithmetic(deal).set_index("method")
    assert table.reported["months at the last fee only × last fee"].startswith("over $40bn")
    assert "$45bn" in table.reported["whole months from start to end × last fee"]
    google = commitment.headline_arithmetic(files.contract("google-spacex"))
    assert google.reported[google.method == "no count of months"].tolist() == [
        "$29.4bn (press, 32 months)"
    ]
