"""Several agreements as one book, and SpaceX's against what it disclosed."""

import math
from datetime import date

import pytest

from analysis.contract import Position, files, position, readings
from analysis.contract.terms import Agreement
from analysis.data import sources
from analysis.models.comparables import book, reported
from analysis.models.finance import credit
from analysis.models.units import Interval
from tests.agreements import customer, plain

BN = 1e9
CLOSE = date(2026, 7, 1)  # the close of 30 June 2026
NAMES = ("anthropic-xai", "google-spacex", "reflection-spacex")
SPACEX = [files.contract(name) for name in NAMES]
OWN = {deal.id: deal.reading.name for deal in SPACEX}
DISCLOSED = sources.disclosures()
TOLD = reported.of_company(DISCLOSED, "xAI (SpaceX)")


def bn(number: float) -> object:
    """Billions, equal within the six digits printed."""
    return pytest.approx(number * BN, abs=500.1)


def spacex(item: str) -> Interval:
    found = reported.disclosed(TOLD, item)
    assert found is not None
    return found.usd


def on(day: date | None, *deals: Agreement) -> list[Position]:
    """Agreements on a day, by default each on its first."""
    return [position(deal, as_of=day) for deal in deals]


def test_positions_add_up_and_firm_is_the_agreements_own() -> None:
    found = book.positions(on(CLOSE, *SPACEX)).set_index("agreement")
    assert found.headline_usd.sum() == bn(80.41)
    assert found.firm_usd["anthropic-xai"] == bn(5.0)
    assert found.firm_usd["google-spacex"] == bn(5.52)
    assert found.share.sum() == pytest.approx(1.0)
    for deal in SPACEX:
        assert found.firm_end[deal.id] == position(deal, CLOSE).firm().end


def test_a_party_stands_once_among_notices_whatever_is_amended_later() -> None:
    step = {"title": "t", "signed": date(2026, 2, 1), "effective": date(2026, 6, 1)}
    longer = step | {"terms": {"termination": customer(notice_days=120)}}
    deal = plain(termination=customer(notice_days=30), amendment=[longer])
    found = book.notices(on(date(2026, 2, 2), deal))
    assert list(zip(found.party, found.end, strict=True)) == [("customer", date(2026, 3, 4))]


def test_k1_concentration_of_the_book() -> None:
    fees = book.positions(on(CLOSE, *SPACEX)).fee_usd_month
    found = credit.concentration(list(fees))
    assert found.herfindahl == pytest.approx(0.451732, abs=5e-7)
    assert found.effective == pytest.approx(2.213704, abs=5e-7)
    assert found.top_share == pytest.approx(0.538793, abs=5e-7)


def test_two_agreements_with_one_counterparty_are_one() -> None:
    pair = [plain(), plain(id="second"), plain(id="third", customer="Other")]
    found = book.counterparties(on(date(2026, 1, 1), *pair))
    assert found.share.tolist() == [pytest.approx(2 / 3), pytest.approx(1 / 3)]


def test_runoff_adds_up_to_the_positions() -> None:
    for as_of in (CLOSE, date(2026, 11, 23), date(2028, 2, 29)):
        months = book.runoff(on(as_of, *SPACEX)).groupby("agreement")[["headline_usd", "firm_usd"]]
        held = book.positions(on(as_of, *SPACEX)).set_index("agreement")
        for name, row in months.sum().iterrows():
            assert row.headline_usd == pytest.approx(held.headline_usd[name])
            assert row.firm_usd == pytest.approx(held.firm_usd[name])


def test_runoff_cuts_a_long_billing_period_at_month_ends() -> None:
    deal = plain(
        start=date(2026, 1, 15), proration="full-period", payment={"billing_months": 3},
        end=date(2026, 7, 15),
    )  # fmt: skip
    found = book.runoff(on(None, deal)).set_index("month").headline_usd
    assert found.sum() == pytest.approx(600.0)
    assert found[date(2026, 2, 1)] == pytest.approx(300.0 * 28 / 90)
    assert list(found.index) == [date(2026, month, 1) for month in range(1, 8)]


def test_the_owner_decides_whose_leaving_counts() -> None:
    deal = plain(termination=customer(notice_days=31))
    assert book.positions(on(None, deal)).firm_usd[0] == pytest.approx(100.0)
    supply = book.positions(on(None, deal), owner="customer")
    assert (supply.firm_usd[0], supply.counterparty[0]) == (pytest.approx(1_200.0), "Provider")


def test_what_is_up_for_notice_when() -> None:
    found = book.notices(on(CLOSE, *SPACEX))
    assert found.agreement.tolist() == ["anthropic-xai", "reflection-spacex", "google-spacex"]
    assert found.serve.tolist() == [date(2026, 8, 3), date(2026, 10, 1), date(2027, 1, 1)]
    assert found.end.tolist() == [date(2026, 11, 1), date(2026, 12, 30), date(2027, 4, 1)]
    held = book.positions(on(CLOSE, *SPACEX)).set_index("agreement")
    for row in found.itertuples():
        left = held.headline_usd[row.agreement] - held.firm_usd[row.agreement]
        assert row.at_stake_usd == pytest.approx(left)
    assert book.notices(on(None, plain())).empty


def test_exposure_is_what_is_owed_before_it_falls_due() -> None:
    """K2 by the calendar's month, 365 ÷ 12 days, in place of 30."""
    late = plain(payment={"timing": "arrears", "days_to_pay": 30})
    found = book.positions(on(None, late), grace_days=15).exposure_usd[0]
    assert found == pytest.approx(1_200 / 365 * (365 / 12 + 30 + 15))
    assert book.positions(on(None, plain())).exposure_usd[0] == 0.0


def test_credits_beyond_the_fee_leave_nothing_owed() -> None:
    late = {"due": date(2026, 1, 1), "late_credit_usd_day": 1e6}
    deal = plain(delivery=late, fact=[{"kind": "delivered", "date": date(2026, 1, 1), "value": 0.5,
                                       "source": "a letter"}])  # fmt: skip
    [row] = book.positions(on(date(2026, 2, 1), deal)).itertuples()
    assert row.fee_usd_month < 0
    assert row.exposure_usd == 0


def test_an_agreement_not_yet_signed_is_not_in_the_book() -> None:
    early = date(2026, 6, 1)
    assert book.positions(on(early, *SPACEX)).agreement.tolist() == ["anthropic-xai"]
    assert set(reported.by_reading(SPACEX, as_of=early).agreement) == {"anthropic-xai"}


# SpaceX's report for the quarter to 30 June 2026

SALES = spacex("contracted cloud sales")


def choice(**readings: str) -> object:
    since = date(2026, 4, 1)
    found = reported.explained(reported.by_reading(SPACEX, as_of=CLOSE, since=since), OWN, SALES)
    for name, reading in readings.items():
        found = found[found[name.replace("_", "-")] == reading]
    [row] = found.to_dict("records")
    return row


@pytest.mark.parametrize(
    ("anthropic", "google", "reflection", "usd_bn", "fits"),
    [
        ("R2", "serving", "through-2029", 12.62, "below"),
        ("customer-B", "serving", "through-2029", 12.934323, "below"),  # 12.94 of 14.1, 92 %
        ("R3x", "serving", "through-2029", 12.539355, "below"),
        ("R3", "serving", "through-2029", 16.208710, "above"),
        ("R3", "effect", "through-2029", 13.448710, "within"),
        ("headline", "headline", "headline", 81.619677, "above"),
    ],
)
def test_what_the_book_explains_of_contracted_cloud_sales(
    anthropic: str, google: str, reflection: str, usd_bn: float, fits: str
) -> None:
    row = choice(anthropic_xai=anthropic, google_spacex=google, reflection_spacex=reflection)
    assert isinstance(row, dict)
    assert row["use_usd"] == bn(usd_bn)
    assert row["fits"] == fits
    assert row["share"] == pytest.approx(usd_bn / 14.1, rel=1e-6)
    assert row["left_low_usd"] == pytest.approx(SALES.low - row["high_usd"])
    assert row["left_high_usd"] == pytest.approx(SALES.high - row["low_usd"])


def test_the_paper_total_is_what_the_press_adds_up() -> None:
    nominal = spacex("nominal value of the cloud contracts")
    whole = book.positions(on(CLOSE, *SPACEX)).headline_usd.sum()
    assert nominal.low <= whole <= nominal.high


def customer_b() -> Interval:
    share = spacex("share of Customer B in revenue of the quarter")
    return share * spacex("revenue of the quarter")


def test_customer_b_fits_the_ramp_as_billed_and_no_straight_line_to_november() -> None:
    assert (customer_b().low, customer_b().high) == (bn(1.519726), bn(1.527735))
    found = reported.recognised(
        SPACEX[0], start=date(2026, 4, 1), end=CLOSE, disclosed=customer_b()
    )
    each = found.assign(reading=found.reading.str.split(", ")).explode("reading")
    table = each.set_index(["reading", "method"])
    assert table.fits["R2", "as billed"] == "within"
    assert table.use_usd["R2", "as billed"] == bn(1.209677)
    assert table.low_usd["R2", "straight-line"] == bn(1.699309)
    assert table.fits["R2", "straight-line"] == "above"
    assert table.fits["R2e", "straight-line"] == "within"
    assert table.fits["customer-B", "as billed"] == "within"  # by construction
    assert table.fits["headline", "straight-line"] == "above"


def test_a_profit_is_that_of_the_party_and_of_the_quarter() -> None:
    assert reported.expected_profit(DISCLOSED, "Anthropic", end=date(2026, 7, 1)) == 559e6
    assert math.isnan(reported.expected_profit(DISCLOSED, "Anthropic", end=date(2026, 10, 1)))
    assert math.isnan(reported.expected_profit(DISCLOSED, "Google", end=date(2026, 7, 1)))


def test_a_figure_that_was_not_disclosed_is_none() -> None:
    assert reported.disclosed(TOLD, "backlog") is None


def test_every_disclosure_has_a_source_and_a_range_that_holds_it() -> None:
    assert DISCLOSED.source.str.startswith("http").all()
    assert (DISCLOSED.low <= DISCLOSED.value).all()
    assert (DISCLOSED.value <= DISCLOSED.high).all()
    assert set(DISCLOSED.kind) <= {"disclosed", "reported", "derived"}


def test_what_is_announced_stands_beside_what_is_reported() -> None:
    found = reported.gaps(DISCLOSED).set_index("company")
    assert list(found.loc["IREN"]) == [9.7e9, 710.3e6]


def test_a_single_agreement_is_a_book() -> None:
    deal: Agreement = plain(termination=customer(notice_days=90))
    found = reported.explained(
        reported.by_reading([deal], as_of=date(2026, 1, 2)),
        {deal.id: deal.reading.name},
        Interval(100.0, 400.0),
    )
    assert set(found.columns) >= {"plain", "share", "fits"}
    assert found.fits.tolist() == ["within", "above"]


# What makes a book, and the book against the report


def test_a_book_holds_what_one_company_sells() -> None:
    mine = plain(id="google-spacex", provider="xAI (SpaceX)")
    held = book.together(mine, SPACEX)
    assert [deal.id for deal in held] == [mine.id, "anthropic-xai", "reflection-spacex"]
    assert held[0] is mine
    assert book.together(plain(), SPACEX) == [plain()]
    assert len(book.together(plain(), [], also=SPACEX)) == 4
    bought = book.together(SPACEX[1], SPACEX, owner="customer")
    assert bought == [SPACEX[1]]


def test_counterparties_with_several_agreements_are_told_apart() -> None:
    names = book.names([plain(), plain(id="second"), plain(id="third", customer="Other")])
    assert names == {"plain": "Customer (plain)", "second": "Customer (second)", "third": "Other"}


def test_one_changed_reading_at_a_time_explains_what_is_known() -> None:
    found = reported.sales(TOLD, SPACEX, OWN)
    assert found is not None
    assert (found.figure.since, found.figure.close) == (date(2026, 4, 1), CLOSE)
    assert found.paper.use_usd.sum() == bn(81.619677)
    assert found.as_read.use_usd == bn(12.62)
    known = found.books[found.books.varied == "anthropic-xai"].set_index("anthropic-xai")
    assert known.use_usd["customer-B"] == bn(6.524 + 5.52 + 0.890323)
    assert known.use_usd["R3x"] == bn(12.539355)
    assert known.use_usd["R3"] == bn(16.208710)
    assert known.share.round(2).loc[["customer-B", "R2e", "R3"]].to_list() == [0.92, 0.63, 1.15]
    assert known.fits["R3"] == "above"
    assert found.as_read.share == pytest.approx(0.895, abs=5e-4)
    assert "headline" not in set(found.books[list(NAMES)].to_numpy().flat)
    asked = reported.sales(TOLD, SPACEX, OWN | {"google-spacex": "headline"})
    assert asked is not None
    assert asked.as_read["google-spacex"] == "headline"
    assert asked.as_read["anthropic-xai"] == OWN["anthropic-xai"]


def test_no_report_or_no_agreement_by_then_is_no_comparison() -> None:
    nobody = reported.of_company(DISCLOSED, "Acme Compute")
    assert reported.sales(nobody, [plain()], {"plain": "as-signed"}) is None
    assert reported.quarter(nobody, [plain()]) is None
    late = plain(start=date(2028, 1, 1), signed=date(2027, 12, 1), end=date(2029, 1, 1))
    assert reported.sales(TOLD, [late], {"plain": late.reading.name}) is None


def test_the_quarter_knows_whom_it_can_speak_of() -> None:
    found = reported.quarter(TOLD, SPACEX)
    assert found is not None
    assert found.served == ("anthropic-xai",)
    assert (found.usd.low, found.usd.high) == (bn(1.519726), bn(1.527735))
    named = [name for row in found.table.reading for name in row.split(", ")]
    every = [*readings.names(position(SPACEX[0])), "headline"]
    assert sorted(named) == sorted(2 * every)  # once a method
    assert not found.table.duplicated(["method", "low_usd", "use_usd", "high_usd"]).any()
    nobody = reported.quarter(TOLD, SPACEX[1:])
    assert nobody is not None
    assert (nobody.served, nobody.table.empty) == ((), True)
