"""The dates an agreement sets, each counted by hand."""

from datetime import date
from typing import Any

from agreements import customer, plain

from analysis.contract import position
from analysis.contract.files import contract
from analysis.contract.terms import Agreement


def events(agreement: Agreement, as_of: date | None = None) -> dict[tuple[str, str], list[Any]]:
    """Dates and ends by event and party."""
    found: dict[tuple[str, str], list[Any]] = {}
    table = position(agreement, as_of).deadlines
    for day, event, party, end in zip(
        table.date, table.event, table.party, table.ends, strict=True
    ):
        found.setdefault((event, party), []).append((str(day), str(end) if end else None))
    return found


def test_notice_in_days_60_before_the_end() -> None:
    found = events(plain(termination=customer(notice_days=60)))
    # the last notice that ends service before the stated end ends it on 31 December: 1 November
    assert found["last day to serve notice before the stated end", "customer"] == [
        ("2026-11-01", "2026-12-31")
    ]


def test_notice_in_months() -> None:
    found = events(plain(termination=customer(notice_months=2)))
    # 31 October + 2 months is 31 December
    assert found["last day to serve notice before the stated end", "customer"] == [
        ("2026-10-31", "2026-12-31")
    ]


def test_rolling_last_days_to_serve() -> None:
    found = events(plain(termination=customer(notice_days=30)), date(2026, 9, 20))
    # gone by 1 November: served by 2 October; 1 December: 1 November; the year's end comes first
    assert found["last day to serve notice", "customer"] == [
        ("2026-10-02", "2026-11-01"),
        ("2026-11-01", "2026-12-01"),
    ]
    assert found["earliest day to serve notice", "customer"] == [("2026-09-20", "2026-10-20")]


def test_gate_on_serving_and_on_effect() -> None:
    right = {"notice_days": 30, "gate_date": date(2026, 6, 1)}
    serving = events(plain(termination=customer(**right)))
    assert serving["first day to serve notice", "customer"] == [("2026-06-01", None)]
    assert serving["earliest day to serve notice", "customer"] == [("2026-06-01", "2026-07-01")]
    effect = events(plain(termination=customer(**right, gate_applies="effect")))
    assert effect["first day that notice may take effect", "customer"] == [("2026-06-01", None)]
    # served on 1 January it waits for the gate; to be gone on 1 June it is served by 2 May
    assert effect["earliest day to serve notice", "customer"] == [("2026-01-01", "2026-06-01")]
    assert effect["last day to serve notice", "customer"][0] == ("2026-05-02", "2026-06-01")


def test_what_has_come_in_time_leaves_no_remedy() -> None:
    late = {"due": date(2026, 3, 1), "cure_days": 31, "remedy": "exit"}
    came = {"kind": "delivered", "value": 1.0, "source": "letter"}
    for day, left in ((date(2026, 3, 20), 0), (date(2026, 4, 1), 0), (date(2026, 4, 2), 1)):
        deal = plain(delivery=late, fact=[came | {"date": day}])
        found = position(deal, date(2026, 5, 1)).deadlines.event
        assert sum(found == "remedy if site is not delivered") == left


def test_a_gate_too_late_to_leave_sets_no_deadline() -> None:
    for applies in ("serving", "effect"):
        right = {"notice_days": 30, "gate_date": date(2027, 1, 1), "gate_applies": applies}
        found = events(plain(termination=customer(**right)))
        assert not any("last day to serve" in event for event, _ in found)
        assert not any("notice served" in event for event, _ in found)


def test_the_same_right_for_both_is_said_once() -> None:
    found = events(position(contract("anthropic-xai"), reading="R2").read, date(2026, 11, 23))
    assert found["first day to serve notice", "either"] == [("2026-08-03", None)]
    assert found["earliest day to serve notice", "either"] == [("2026-11-23", "2027-02-21")]
    # 1 March 2027 less 90 days is 1 December 2026
    assert found["last day to serve notice", "either"][0] == ("2026-12-01", "2027-03-01")
    assert found["new fee for site", "both"] == [("2026-07-01", None)]
    assert found["first day not served", "both"] == [("2029-06-01", "2029-06-01")]


def test_nobody_may_leave() -> None:
    found = events(position(contract("anthropic-xai"), reading="headline").read)
    assert not any("notice" in event for event, _ in found)


def test_options_and_renewal() -> None:
    found = events(
        plain(
            extension=[{"months": 6, "count": 2, "notice_days": 60}],
            renewal={"months": 3, "notice_days": 60},
        )
    )
    # 31 December less 60 days; 30 June less 60 days
    assert found["last day to exercise extension", "customer"] == [
        ("2026-11-01", "2027-07-01"),
        ("2027-05-01", "2028-01-01"),
    ]
    assert found["last day to object to renewal", "either"] == [("2026-11-01", "2027-01-01")]


def test_extensions_chain_and_say_their_rent() -> None:
    each = [{"months": 6, "notice_days": 60, "usd_month": usd} for usd in (110.0, 1_200.0)]
    found = events(plain(extension=each))
    said = "last day to exercise extension at $"
    assert found[said + "110 a month", "customer"] == [("2026-11-01", "2027-07-01")]
    assert found[said + "1,200 a month", "customer"] == [("2027-05-01", "2028-01-01")]


def test_a_bound_renewal_moves_the_end() -> None:
    found = events(plain(renewal={"months": 3, "notice_days": 60}), date(2026, 11, 2))
    assert found["first day not served", "both"] == [("2027-04-01", "2027-04-01")]
    assert found["last day to object to renewal", "either"] == [("2027-01-30", "2027-04-01")]
    assert not any("amendment" in event for event, _ in found)


def test_amendments_count_once_they_are_signed() -> None:
    step = {
        "title": "longer",
        "signed": date(2026, 5, 1),
        "effective": date(2026, 6, 1),
        "terms": {"end": date(2027, 7, 1)},
    }
    deal = plain(amendment=[step])
    before, after = events(deal, date(2026, 4, 30)), events(deal, date(2026, 5, 1))
    assert not any("amendment" in event for event, _ in before)
    assert before["first day not served", "both"] == [("2027-01-01", "2027-01-01")]
    assert after["amendment signed: longer", "both"] == [("2026-05-01", None)]
    assert after["amendment takes effect: longer", "both"] == [("2026-06-01", None)]
    assert after["first day not served", "both"] == [("2027-07-01", "2027-07-01")]


def test_every_clause_has_its_date() -> None:
    found = events(contract("invented-every-clause"), date(2028, 1, 1))
    assert found["delivery of hall-2 due", "provider"] == [("2026-09-01", None)]
    assert found["remedy if hall-2 is not delivered", "customer"] == [("2026-10-01", None)]
    assert found["remedy if site is not delivered", "customer"] == [("2026-04-09", None)]
    assert found["fees rise", "both"] == [("2027-03-10", None), ("2028-03-10", None)]
    assert found["prepayment due", "customer"] == [("2026-02-15", None)]
    assert found["deposit due", "customer"] == [("2026-02-15", None)]
    table = position(contract("invented-every-clause")).deadlines
    assert list(table.date) == sorted(table.date)


def test_notice_is_served_under_the_right_in_force_on_its_day() -> None:
    step = {"title": "t", "signed": date(2026, 2, 1), "effective": date(2026, 6, 1)}
    deal = plain(
        termination=customer(notice_days=30),
        amendment=[step | {"terms": {"termination": customer(notice_days=120)}}],
    )
    found = events(deal, date(2026, 2, 1))
    assert found["earliest day to serve notice", "customer"] == [
        ("2026-02-01", "2026-03-03"),
        ("2026-06-01", "2026-09-29"),
    ]
    # 30 days before 1 April to 1 June, then 120 days before 1 October to 1 January
    assert [day for day, _ in found["last day to serve notice", "customer"]] == [
        "2026-03-02", "2026-04-01", "2026-05-02", "2026-06-03", "2026-07-04", "2026-08-03",
    ]  # fmt: skip
    assert found["last day to serve notice before the stated end", "customer"] == [
        ("2026-09-02", "2026-12-31")
    ]


def test_before_service_notice_ends_the_agreement_before_it_begins() -> None:
    days = {"signed": date(2026, 10, 1), "start": date(2027, 6, 1), "end": date(2029, 6, 1)}
    deal = plain(**days, termination=customer(notice_days=90))
    found = events(deal, date(2026, 11, 23))
    assert found["earliest day to serve notice", "customer"] == [("2026-11-23", "2027-02-21")]
    # 1 June less 90 days is 3 March
    assert found["last day to serve notice before service begins", "customer"] == [
        ("2027-03-03", "2027-06-01")
    ]
    assert found["last day to serve notice", "customer"][0] == ("2027-06-03", "2027-09-01")
    later = events(deal, date(2027, 3, 4))
    assert ("last day to serve notice before service begins", "customer") not in later
