"""The books of both parties: what each judgement books, on one day and through time."""

import math
from datetime import date

import pytest

from analysis.contract import Position, dates, files, position
from analysis.models.accounting import books, lease, term
from analysis.models.accounting.term import Judged
from analysis.questions.accounting.answer import Answer
from tests.agreements import plain

BN = 1e9
DAY = date(2026, 11, 23)
OPEN = Judged(rate=0.10)


def deal(reading: str = "R2", day: date | None = None) -> Position:
    return position(files.contract("anthropic-xai"), as_of=day, reading=reading)


def bn(*numbers: float) -> object:
    return pytest.approx([number * BN for number in numbers], abs=500.1)


def test_one_agreement_in_every_frame() -> None:
    """From 23 November: 8 days at 1.25/30, thirty months; or to 20 February, 20 days of 28."""
    table = books.opened(deal(day=DAY), judged=OPEN)
    assert list(table.frame) == [
        books.PAPER,
        *[books.BACKLOG] * 2,
        *[books.LEASE] * 2,
        books.SERVICE,
    ]
    assert list(table.case[1:5]) == [
        "penalty substantive",
        "penalty not substantive",
        "certain to stay",
        "not certain to stay",
    ]
    free = 1.25 * (8 / 30 + 2 + 20 / 28)
    assert list(table.usd[:3]) == bn(37.833333, 37.833333, free)
    owed = [(date(2026, 12, 1), 1.25), (date(2027, 1, 1), 1.25), (date(2027, 2, 1), 1.25 * 20 / 28)]
    at = math.fsum(usd / 1.1 ** ((day - DAY).days / 365) for day, usd in owed)
    assert table.usd[4] == pytest.approx(at * BN)
    assert table.usd[5] == 0
    assert table.months[2] == pytest.approx(8 / 30 + 2 + 20 / 28)
    assert list(table.short) == [False, False, True, False, True, True]


@pytest.mark.parametrize(
    ("judged", "frames"),
    [
        (
            {"customer_penalty": "yes", "customer_stays": "yes"},
            ["penalty substantive", "certain to stay"],
        ),
        (
            {"customer_penalty": "no", "customer_stays": "no"},
            ["penalty not substantive", "not certain to stay"],
        ),
        (
            {"customer_penalty": "no", "provider_penalty": "no"},
            ["penalty not substantive", "not certain to stay"],
        ),
    ],
)
def test_what_is_judged_is_shown_once(judged: dict[str, str], frames: list[str]) -> None:
    table = books.opened(deal(day=DAY), judged=Judged(rate=0.1, **judged))  # type: ignore[arg-type]
    assert list(table.case[1:-1]) == frames


def test_a_customer_may_stay_until_the_provider_goes() -> None:
    both = plain(
        end=date(2029, 1, 1),
        termination={"customer": {"notice_days": 90}, "provider": {"notice_days": 180}},
    )
    free = Judged(rate=0.1, customer_penalty="no", provider_penalty="no")
    found = term.cases(position(both), framework="ASC 842", judged=free)
    assert [(case.case, case.end) for case in found] == [
        ("stays until the provider's exit", date(2026, 6, 30)),
        ("not certain to stay", date(2026, 4, 1)),
    ]


def test_a_right_of_the_customer_alone_leaves_it_staying_to_the_end() -> None:
    one = plain(end=date(2029, 1, 1), termination={"customer": {"notice_days": 90}})
    found = term.cases(position(one), framework="IFRS 16", judged=OPEN)
    assert [case.case for case in found] == ["certain to stay", "not certain to stay"]


def test_what_leaving_costs_is_part_of_the_lease() -> None:
    """Three months at 100 and a fee of two more, at no interest."""
    costly = plain(
        end=date(2029, 1, 1), termination={"customer": {"notice_days": 90, "fee_months": 2}}
    )
    table = books.opened(position(costly), judged=Judged(rate=0.0))
    assert table[table.case == "not certain to stay"].usd.tolist() == pytest.approx([500.0])
    assert table[table.case == "certain to stay"].usd.tolist() == pytest.approx([3_600.0])


@pytest.mark.parametrize("notice", [{"notice_days": 90}, {"takes_effect": "anniversary"}])
def test_a_lease_that_runs_to_its_stated_end_has_no_fee_to_leave(notice: dict[str, object]) -> None:
    """Seen 90 days before the end: notice would end service on the stated end itself."""
    right = {"notice_days": 30, "fee_months": 2, **notice}
    seen = position(plain(termination={"customer": right}), date(2026, 10, 3))
    due = [usd for _, usd in lease.left(seen, end=seen.end, rate=0.0).payments]
    assert due == [100.0, 100.0]


def test_every_reading_as_seen_from_one_day() -> None:
    found = Answer(as_of=DAY, seen_from="as_of").by_reading.set_index("reading")
    high, low = found.obligation_high_usd, found.obligation_low_usd
    names = ["R2e", "R2", "R3x", "R0"]
    assert list(high[names]) == bn(37.833333, 37.833333, 0.0, 37.833333)
    assert low["R0"] == high["R0"]
    assert low["R2e"] == low["R2"]
    start = Answer(as_of=date(2026, 5, 3)).by_reading.set_index("reading").obligation_low_usd
    assert list(start[names]) == bn(2.540323, 6.209677, 6.129032, 44.959677)


def test_bands_add_up_to_the_backlog() -> None:
    table = books.bands(deal(day=DAY), judged=OPEN)
    frames = books.opened(deal(day=DAY), judged=OPEN)
    backlog = frames[frames.frame == books.BACKLOG].set_index("case").usd
    assert table.groupby("case").usd.sum().to_dict() == pytest.approx(backlog.to_dict())
    assert list(table.band) == ["months 1 to 12", "months 13 to 24", "after month 24",
                                "months 1 to 12"]  # fmt: skip


def test_p9_by_month_for_each_way_to_earn() -> None:
    table = books.recognised(deal(), judged=OPEN).set_index(["way", "end"])
    close = date(2026, 7, 1)
    assert table.balance_usd["straight line, penalty not substantive", close] / BN == pytest.approx(
        0.803350, abs=1e-6
    )
    assert table.balance_usd["straight line, penalty substantive", close] / BN == pytest.approx(
        1.148208, abs=1e-6
    )
    assert table.balance_usd["as billed", close] == 0
    sums = table.groupby("way")[["billed_usd", "revenue_usd"]].sum()
    assert sums.billed_usd["as billed"] == pytest.approx(sums.revenue_usd["as billed"])
    bound = sums.revenue_usd["straight line, penalty substantive"]
    assert bound / BN == pytest.approx(44.959677)


def test_months_join_what_the_terms_cut() -> None:
    """R2's gate on 3 August cuts a service period, not a month."""
    table = books.recognised(deal(), judged=OPEN)
    billed = table[table.way == "as billed"]
    assert len(billed) == 37
    assert billed.billed_usd.sum() / BN == pytest.approx(44.959677)


def test_first_measurement_adds_up() -> None:
    leased = books.leases(deal(), judged=OPEN)
    first = books.first_measured(leased, judged=OPEN)
    for _, rows in first.groupby("case"):
        assert rows.usd.iloc[:-1].sum() == pytest.approx(rows.usd.iloc[-1])
    leaves = first[first.case == "not certain to stay"].usd
    assert leaves.iloc[-1] / BN == pytest.approx(6.069613, abs=1e-6)


def test_a_judgement_that_turns_is_measured_anew() -> None:
    leased = books.leases(deal(), judged=OPEN)
    turn = books.turned(deal(day=DAY), leased, judged=OPEN, rate=0.10)
    assert turn is not None
    frames = books.opened(deal(day=DAY), judged=OPEN)
    owed = frames[frames.frame == books.LEASE].set_index("case").usd
    assert turn.row["before_usd"] == pytest.approx(owed["certain to stay"])
    assert turn.row["after_usd"] == pytest.approx(owed["not certain to stay"])
    table = books.carried(leased, turn, start=deal().as_of, judged=OPEN)
    last = table[table.case == books.TURNED].iloc[-1]
    assert (last.date, last.liability_usd, last.asset_usd) == (date(2027, 2, 21), 0.0, 0.0)
    before = lease.amortised(leased[0].lease, model="ASC 842 operating")
    then = lease.amortised(turn.lease, model="ASC 842 operating")
    spent = dates.year_fraction(deal().as_of, DAY) / leased[0].lease.term * before.cost_usd.sum()
    paid = deal(day=DAY).firm().usd + deal().headline.usd - deal(day=DAY).headline.usd
    assert spent + then.cost_usd.sum() == pytest.approx(paid)


@pytest.mark.parametrize(
    ("reading", "day"), [("R0", DAY), ("R2", date(2026, 5, 3)), ("headline", DAY)]
)
def test_nothing_turns_where_nobody_leaves_or_nothing_began(reading: str, day: date) -> None:
    leased = books.leases(deal(reading), judged=OPEN)
    assert books.turned(deal(reading, day), leased, judged=OPEN, rate=0.1) is None


def test_both_models_cost_the_same_in_all_and_finance_costs_it_sooner() -> None:
    leased = books.leases(deal(), judged=OPEN)
    table = books.costs(leased, start=deal().as_of)
    stays = (
        table[table.case == "certain to stay"].groupby(["model", "year"]).usd.sum().unstack("model")
    )
    assert stays.sum().tolist() == pytest.approx([44.959677 * BN] * 3)
    ahead = (stays["ASC 842 finance"] - stays["ASC 842 operating"]).cumsum()
    assert (ahead.iloc[:-1] > 0).all()
    assert stays["IFRS 16"].tolist() == pytest.approx(stays["ASC 842 finance"].tolist())
    wide = Answer().costs_by_year
    total = wide[[c for c in wide if str(c).endswith("_usd")]].sum().sum()
    assert total == pytest.approx(table.usd.sum())
    assert (table[table.model == books.EXEMPT].case == "not certain to stay").all()


def test_a_higher_rate_owes_less() -> None:
    table = books.over_rates(books.leases(deal(), judged=OPEN), 0.10, [0.14, 0.06])
    assert (table.low_usd < table.value_usd).all()
    assert (table.value_usd < table.high_usd).all()


def test_at_the_rate_in_use_the_liability_is_that_of_the_first_day() -> None:
    leased = books.leases(deal(), judged=OPEN)
    first = books.first_measured(leased, judged=OPEN).drop_duplicates("case")
    table = books.over_rates(leased, OPEN.rate, [0.14, 0.06])
    assert table.value_usd.tolist() == first.usd.tolist()


@pytest.mark.parametrize(
    ("reading", "on", "day"),
    [
        ("R2", DAY, DAY),
        ("R3x", DAY, date(2026, 5, 3)),
        ("R2", date(2020, 1, 1), date(2026, 5, 3)),
        ("R2", date(2029, 6, 1), date(2026, 5, 3)),
    ],
)
def test_the_day_of_the_books_is_within_the_term(reading: str, on: date, day: date) -> None:
    assert Answer(reading=reading, as_of=on).seen.as_of == day


def test_what_is_signed_later_is_not_known() -> None:
    days = (DAY, date(2026, 12, 10))
    before, after = (Answer(contract="invented-every-clause", as_of=day).seen.read for day in days)
    assert (len(before.amendment), len(after.amendment)) == (0, 1)


def test_index_levels_are_taken_only_where_terms_follow_one() -> None:
    levels = {"2027-02-01": 103.0}
    found = Answer(contract="invented-every-clause", reading="index", index=levels)
    assert found.began.facts.index == {date(2027, 2, 1): 103.0}
    assert "follow no index" in str(Answer(index=levels).lead)


def test_p3_resets_under_both_standards() -> None:
    every = files.contract("invented-every-clause")
    index = {date(2026, 2, 1): 100.0, date(2027, 2, 1): 103.0}
    known = position(every, reading="index", facts={"index": index})
    leased = books.leases(known, judged=OPEN)
    table = books.resets(known, leased, rate=OPEN.rate).set_index(["framework", "date"])
    first = date(2027, 3, 10)
    assert table.to_asset_usd["IFRS 16", first] > 0
    assert table.to_asset_usd["ASC 842", first] == 0
    assert table.expensed_usd["ASC 842", first] > 0
    silent = position(every, reading="index")
    assert books.resets(silent, leased, rate=OPEN.rate).empty


def test_each_figure_names_its_paragraph() -> None:
    leased = books.leases(deal(), judged=OPEN)
    frames = books.opened(deal(day=DAY), judged=OPEN)
    tables = [
        frames[frames.frame != books.PAPER],
        books.bands(deal(day=DAY), judged=OPEN),
        books.recognised(deal(), judged=OPEN),
        books.first_measured(leased, judged=OPEN),
        books.costs(leased, start=deal().as_of),
    ]
    for table in tables:
        assert table.paragraph.str.match(r"(IFRS|ASC) \d").all()


def test_the_first_measurement_knows_no_later_amendment() -> None:
    late = Answer(contract="invented-every-clause", as_of=date(2027, 8, 1))
    assert late.amended
    early = late.began.read.model_copy(update={"amendment": ()})
    assert late.leased == books.leases(position(early), judged=OPEN)
    assert "modification is not modelled" in str(late.say("amended"))
    assert Answer().say("amended") is None


@pytest.mark.parametrize(
    ("amounts", "counted"),
    [("fixed", True), ("at least", True), ("estimated", True), ("up to", False)],
)
def test_capacity_up_to_an_amount_is_an_option_and_in_no_books(amounts: str, counted: bool) -> None:
    """Orders under an option are contracts of their own; a tranche that is promised stays."""
    hall = {"name": "hall", "fee": [{"from": date(2026, 1, 1), "usd_month": 40.0}]}
    both = plain(
        fee=[{"from": date(2026, 1, 1), "usd_month": 100.0}], tranche=[hall], amounts=amounts
    )
    table = books.opened(position(both), judged=Judged(rate=0.0)).set_index("frame").usd
    months = dates.whole_months(both.start, both.end)
    due = (140.0 if counted else 40.0) * months
    assert table[books.PAPER] == pytest.approx(140.0 * months)
    assert table[books.BACKLOG] == table[books.LEASE] == pytest.approx(due)
    none = both.change({"tranche": "none"})
    assert bool(books.leases(position(none), judged=OPEN)) is counted
