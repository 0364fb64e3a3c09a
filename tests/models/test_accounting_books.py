"""The books of both parties: what each judgement books, on one day and through time."""

import math
from datetime import date

import pytest

from analysis.contract import commitment, files, terms
from analysis.contract.terms import Agreement
from analysis.models import accounting
from analysis.models.accounting import books, measured, performed
from analysis.models.accounting.books import Judged
from analysis.questions.accounting import words as say
from tests.agreements import plain

BN = 1e9
DAY = date(2026, 11, 23)
OPEN = Judged(rate=0.10)


def deal(reading: str = "R2") -> Agreement:
    return terms.read_as(files.contract("anthropic-xai"), reading)


def bn(*numbers: float) -> object:
    return pytest.approx([number * BN for number in numbers], abs=500.1)


def test_one_agreement_in_every_frame() -> None:
    """From 23 November: 8 days at 1.25/30, thirty months; or to 20 February, 20 days of 28."""
    table = books.opened(deal(), day=DAY, judged=OPEN)
    assert list(table.frame) == ["fees on paper", *["backlog"] * 2, *["lease"] * 2,
                                 "service"]  # fmt: skip
    assert list(table.case[1:5]) == ["bound", "free to leave", "stays", "leaves"]
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
        ({"customer_penalty": "yes", "customer_stays": "yes"}, ["bound", "stays"]),
        ({"customer_penalty": "no", "customer_stays": "no"}, ["free to leave", "leaves"]),
        ({"customer_penalty": "no", "provider_penalty": "no"}, ["free to leave", "leaves"]),
    ],
)
def test_what_is_judged_is_shown_once(judged: dict[str, str], frames: list[str]) -> None:
    table = books.opened(deal(), day=DAY, judged=Judged(rate=0.1, **judged))  # type: ignore[arg-type]
    assert list(table.case[1:-1]) == frames


def test_a_customer_may_stay_until_the_provider_goes() -> None:
    both = plain(
        end=date(2029, 1, 1),
        termination={"customer": {"notice_days": 90}, "provider": {"notice_days": 180}},
    )
    free = Judged(rate=0.1, customer_penalty="no", provider_penalty="no")
    found = books.cases(both, framework="ASC 842", day=both.start, judged=free)
    assert [(case.case, case.end) for case in found] == [
        ("stays while it may", date(2026, 6, 30)),
        ("leaves", date(2026, 4, 1)),
    ]


def test_a_right_of_the_customer_alone_leaves_it_staying_to_the_end() -> None:
    one = plain(end=date(2029, 1, 1), termination={"customer": {"notice_days": 90}})
    found = books.cases(one, framework="IFRS 16", day=one.start, judged=OPEN)
    assert [case.case for case in found] == ["stays", "leaves"]


def test_what_leaving_costs_is_part_of_the_lease() -> None:
    """Three months at 100 and a fee of two more, at no interest."""
    costly = plain(
        end=date(2029, 1, 1), termination={"customer": {"notice_days": 90, "fee_months": 2}}
    )
    table = books.opened(costly, day=costly.start, judged=Judged(rate=0.0))
    assert table[table.case == "leaves"].usd.tolist() == pytest.approx([500.0])
    assert table[table.case == "stays"].usd.tolist() == pytest.approx([3_600.0])


def test_every_reading_as_seen_from_one_day() -> None:
    names = ["R1", "R2", "R3x", "R0"]
    table = books.by_reading(files.contract("anthropic-xai"), names, day=DAY, judged=OPEN)
    backlog = table[table.frame == "backlog"].set_index("reading")
    assert list(backlog.high_usd) == bn(37.833333, 37.833333, 0.0, 37.833333)
    assert backlog.low_usd["R0"] == backlog.high_usd["R0"]
    assert backlog.low_usd["R1"] == backlog.low_usd["R2"]
    start = books.by_reading(
        files.contract("anthropic-xai"), names, day=date(2026, 5, 3), judged=OPEN
    )
    lows = start[start.frame == "backlog"].low_usd
    assert list(lows) == bn(2.459677, 6.209677, 6.129032, 44.959677)


def test_bands_add_up_to_the_backlog() -> None:
    table = performed.bands(deal(), day=DAY, judged=OPEN, bands_months=[12, 24])
    frames = books.opened(deal(), day=DAY, judged=OPEN)
    backlog = frames[frames.frame == "backlog"].set_index("case").usd
    assert table.groupby("case").usd.sum().to_dict() == pytest.approx(backlog.to_dict())
    assert list(table.band) == ["months 1 to 12", "months 13 to 24", "after month 24",
                                "months 1 to 12"]  # fmt: skip


def test_p9_by_month_for_each_way_to_earn() -> None:
    table = performed.recognised(deal(), judged=OPEN).set_index(["way", "end"])
    close = date(2026, 7, 1)
    assert table.balance_usd["straight line, free to leave", close] / BN == pytest.approx(
        0.803350, abs=1e-6
    )
    assert table.balance_usd["straight line, bound", close] / BN == pytest.approx(
        1.148208, abs=1e-6
    )
    assert table.balance_usd["as billed", close] == 0
    wide = performed.side_by_side(table.reset_index())
    assert wide.billed_usd.sum() == pytest.approx(wide["revenue, as billed_usd"].sum())
    assert wide["revenue, straight line, bound_usd"].sum() / BN == pytest.approx(44.959677)


def test_months_join_what_the_terms_cut() -> None:
    """R2's gate on 3 August cuts a service period, not a month."""
    table = performed.recognised(deal(), judged=OPEN)
    billed = table[table.way == "as billed"]
    assert len(billed) == 37
    assert billed.billed_usd.sum() / BN == pytest.approx(44.959677)


def test_first_measurement_adds_up() -> None:
    leased = measured.leases(deal(), judged=OPEN)
    first = measured.first_measured(leased, judged=OPEN)
    for _, rows in first.groupby("case"):
        assert rows.usd.iloc[:-1].sum() == pytest.approx(rows.usd.iloc[-1])
    leaves = first[first.case == "leaves"].usd
    assert leaves.iloc[-1] / BN == pytest.approx(6.069613, abs=1e-6)


def test_a_judgement_that_turns_is_measured_anew() -> None:
    read = deal()
    leased = measured.leases(read, judged=OPEN)
    turn = measured.turned(read, leased, day=DAY, judged=OPEN, rate=0.10)
    assert turn is not None
    frames = books.opened(read, day=DAY, judged=OPEN)
    lease = frames[frames.frame == "lease"].set_index("case").usd
    assert turn.found.before_usd == pytest.approx(lease["stays"])
    assert turn.found.after_usd == pytest.approx(lease["leaves"])
    table = measured.carried(leased, turn, start=read.start, judged=OPEN)
    last = table[table.case == "stays, then leaves"].iloc[-1]
    assert (last.date, last.liability_usd, last.asset_usd) == (date(2027, 2, 21), 0.0, 0.0)
    before = accounting.schedule(leased[0].lease, model="ASC 842 operating")
    then = accounting.schedule(turn.found.lease, model="ASC 842 operating")
    spent = measured.years(read.start, DAY) / leased[0].lease.term * before.cost_usd.sum()
    paid = commitment.firm(read, as_of=DAY).usd + commitment.headline(read).usd
    paid -= commitment.headline(read, as_of=DAY).usd
    assert spent + then.cost_usd.sum() == pytest.approx(paid)


@pytest.mark.parametrize(
    ("reading", "day"), [("R0", DAY), ("R2", date(2026, 5, 3)), ("headline", DAY)]
)
def test_nothing_turns_where_nobody_leaves_or_nothing_began(reading: str, day: date) -> None:
    read = deal(reading)
    leased = measured.leases(read, judged=OPEN)
    assert measured.turned(read, leased, day=day, judged=OPEN, rate=0.1) is None


def test_both_models_cost_the_same_in_all_and_finance_costs_it_sooner() -> None:
    leased = measured.leases(deal(), judged=OPEN)
    table = measured.costs(leased, start=deal().start)
    stays = table[table.case == "stays"].groupby(["model", "year"]).usd.sum().unstack("model")
    assert stays.sum().tolist() == pytest.approx([44.959677 * BN] * 3)
    ahead = (stays["ASC 842 finance"] - stays["ASC 842 operating"]).cumsum()
    assert (ahead.iloc[:-1] > 0).all()
    assert stays["IFRS 16"].tolist() == pytest.approx(stays["ASC 842 finance"].tolist())
    wide = measured.by_year(table)
    total = wide[[c for c in wide if str(c).endswith("_usd")]].sum().sum()
    assert total == pytest.approx(table.usd.sum())
    assert (table[table.model == measured.EXEMPT].case == "leaves").all()


def test_a_higher_rate_owes_less() -> None:
    table = measured.over_rates(measured.leases(deal(), judged=OPEN), 0.10, [0.14, 0.06])
    assert (table.low < table["value"]).all()
    assert (table["value"] < table.high).all()


def test_at_the_rate_in_use_the_liability_is_that_of_the_first_day() -> None:
    leased = measured.leases(deal(), judged=OPEN)
    first = measured.first_measured(leased, judged=OPEN).drop_duplicates("case")
    table = measured.over_rates(leased, OPEN.rate, [0.14, 0.06])
    assert table["value"].tolist() == first.usd.tolist()


def test_the_day_of_the_books_is_within_the_term() -> None:
    assert books.standing(deal(), DAY)[1] == DAY
    assert books.standing(deal("R3x"), DAY)[1] == date(2026, 5, 3)
    assert books.standing(deal(), date(2020, 1, 1))[1] == date(2026, 5, 3)
    assert books.standing(deal(), date(2029, 6, 1))[1] == date(2026, 5, 3)


def test_what_is_signed_later_is_not_known() -> None:
    every = files.contract("invented-every-clause")
    before, after = (books.standing(every, day)[0] for day in (DAY, date(2026, 12, 10)))
    assert (len(before.amendment), len(after.amendment)) == (0, 1)


def test_index_levels_are_taken_only_where_terms_follow_one() -> None:
    every = terms.read_as(files.contract("invented-every-clause"), "index")
    assert books.levels(every, {"2027-02-01": 103.0}) == {"index": {date(2027, 2, 1): 103.0}}
    with pytest.raises(ValueError, match="left out: the terms follow no index"):
        books.levels(deal(), {"2027-02-01": 103.0})


def test_p3_resets_under_both_standards() -> None:
    every = terms.read_as(files.contract("invented-every-clause"), "index")
    facts = books.levels(every, {"2026-02-01": 100.0, "2027-02-01": 103.0})
    leased = measured.leases(every, judged=OPEN, **facts)
    table = measured.resets(every, leased, judged=OPEN, **facts).set_index(["framework", "date"])
    first = date(2027, 3, 10)
    assert table.to_asset_usd["IFRS 16", first] > 0
    assert table.to_asset_usd["ASC 842", first] == 0
    assert table.expensed_usd["ASC 842", first] > 0
    assert measured.resets(every, leased, judged=OPEN).empty


def test_each_figure_names_its_paragraph() -> None:
    leased = measured.leases(deal(), judged=OPEN)
    frames = books.opened(deal(), day=DAY, judged=OPEN)
    tables = [
        frames[frames.frame != books.PAPER],
        performed.bands(deal(), day=DAY, judged=OPEN, bands_months=[12]),
        performed.recognised(deal(), judged=OPEN),
        measured.first_measured(leased, judged=OPEN),
        measured.costs(leased, start=deal().start),
    ]
    for table in tables:
        assert table.paragraph.str.match(r"(IFRS|ASC) \d").all()


def test_a_rate_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="rate: -1 is not allowed"):
        Judged(rate=-1)


def test_the_first_measurement_knows_no_later_amendment() -> None:
    own = files.contract("invented-every-clause")
    late, _ = books.standing(own, date(2027, 8, 1))
    signed = [a for a in late.amendment if a.signed > late.start]
    assert signed
    early = late.model_copy(update={"amendment": ()})
    assert measured.leases(late, judged=OPEN) == measured.leases(early, judged=OPEN)
    said = say.amended(late, on=date(2027, 8, 1))
    assert f"served: {len(signed)}" in str(said)
    assert "is not modelled (IFRS 16.44" in str(said)
    assert "no amendment is signed" in str(say.amended(early, on=date(2027, 8, 1)))


def test_the_books_by_date_are_those_drawn() -> None:
    agreement = deal()
    leased = measured.leases(agreement, judged=OPEN)
    drawn = measured.carried(leased, None, start=agreement.start, judged=OPEN)
    table = measured.by_date(drawn).set_index("date")
    assert len(table) == 39  # the first day, the gate's, and the end of each month of the term
    for case, rows in drawn.groupby("case"):
        assert list(table[f"liability, {case}_usd"].dropna()) == list(rows.liability_usd)
        assert list(table[f"asset, {case}_usd"].dropna()) == list(rows.asset_usd)
