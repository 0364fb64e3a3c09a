"""Several agreements as one book, and SpaceX's against what it disclosed."""

from datetime import date

import pytest

from analysis.contract import commitment, files, terms
from analysis.contract.terms import Agreement
from analysis.contract.units import Interval
from analysis.data import sources
from analysis.models.comparables import against, book, holdings, reported
from tests.agreements import customer, plain

BN = 1e9
CLOSE = date(2026, 7, 1)  # the close of 30 June 2026
NAMES = ("anthropic-xai", "google-spacex", "reflection-spacex")
SPACEX = [files.contract(name) for name in NAMES]
DISCLOSED = sources.disclosures()


def bn(number: float) -> object:
    """Billions, equal within the six digits printed."""
    return pytest.approx(number * BN, abs=500.1)


def spacex(item: str) -> Interval:
    return reported.disclosed(DISCLOSED, company="SpaceX", item=item)


def test_positions_add_up_and_firm_is_the_agreements_own() -> None:
    found = book.positions(SPACEX, as_of=CLOSE).set_index("agreement")
    assert found.headline_usd.sum() == bn(80.41)
    assert found.firm_usd["anthropic-xai"] == bn(5.0)
    assert found.firm_usd["google-spacex"] == bn(5.52)
    assert found.share.sum() == pytest.approx(1.0)
    for deal in SPACEX:
        assert found.firm_end[deal.id] == commitment.firm(deal, as_of=CLOSE).end


def test_a_party_stands_once_among_notices_whatever_is_amended_later() -> None:
    step = {"title": "t", "signed": date(2026, 2, 1), "effective": date(2026, 6, 1)}
    longer = step | {"terms": {"termination": customer(notice_days=120)}}
    deal = plain(termination=customer(notice_days=30), amendment=[longer])
    found = book.notices([deal], as_of=date(2026, 2, 2))
    assert list(zip(found.party, found.end, strict=True)) == [("customer", date(2026, 3, 4))]


def test_k1_concentration_of_the_book() -> None:
    found = book.concentrated(book.positions(SPACEX, as_of=CLOSE))
    assert found.herfindahl == pytest.approx(0.451732, abs=5e-7)
    assert found.effective == pytest.approx(2.213704, abs=5e-7)
    assert found.top_share == pytest.approx(0.538793, abs=5e-7)


def test_two_agreements_with_one_counterparty_are_one() -> None:
    pair = [plain(), plain(id="second"), plain(id="third", customer="Other")]
    found = book.concentrated(book.positions(pair, as_of=date(2026, 1, 1)))
    assert found.top_share == pytest.approx(2 / 3)


def test_runoff_adds_up_to_the_positions() -> None:
    for as_of in (CLOSE, date(2026, 11, 23), date(2028, 2, 29)):
        months = book.runoff(SPACEX, as_of=as_of).groupby("agreement")[["headline_usd", "firm_usd"]]
        held = book.positions(SPACEX, as_of=as_of).set_index("agreement")
        for name, row in months.sum().iterrows():
            assert row.headline_usd == pytest.approx(held.headline_usd[name])
            assert row.firm_usd == pytest.approx(held.firm_usd[name])


def test_runoff_cuts_a_long_billing_period_at_month_ends() -> None:
    deal = plain(
        start=date(2026, 1, 15), proration="full-period", payment={"billing_months": 3},
        end=date(2026, 7, 15),
    )  # fmt: skip
    found = book.runoff([deal], as_of=deal.start).set_index("month").headline_usd
    assert found.sum() == pytest.approx(600.0)
    assert found[date(2026, 2, 1)] == pytest.approx(300.0 * 28 / 90)
    assert list(found.index) == [date(2026, month, 1) for month in range(1, 8)]


def test_the_owner_decides_whose_leaving_counts() -> None:
    deal = plain(termination=customer(notice_days=31))
    start = deal.start
    assert book.positions([deal], as_of=start).firm_usd[0] == pytest.approx(100.0)
    supply = book.positions([deal], as_of=start, owner="customer")
    assert (supply.firm_usd[0], supply.counterparty[0]) == (pytest.approx(1_200.0), "Provider")


def test_what_is_up_for_notice_when() -> None:
    found = book.notices(SPACEX, as_of=CLOSE)
    assert found.agreement.tolist() == ["anthropic-xai", "reflection-spacex", "google-spacex"]
    assert found.serve.tolist() == [date(2026, 8, 3), date(2026, 10, 1), date(2027, 1, 1)]
    assert found.end.tolist() == [date(2026, 11, 1), date(2026, 12, 30), date(2027, 4, 1)]
    held = book.positions(SPACEX, as_of=CLOSE).set_index("agreement")
    for row in found.itertuples():
        left = held.headline_usd[row.agreement] - held.firm_usd[row.agreement]
        assert row.at_stake_usd == pytest.approx(left)
    assert book.notices([plain()], as_of=date(2026, 1, 1)).empty


def test_the_weighted_price_is_fees_over_units() -> None:
    found = book.weighted_price(SPACEX, as_of=CLOSE, per="accelerator").set_index("agreement")
    both = (1.25e9 + 0.92e9) / 340_000 / 730
    assert found.price_low["book"] == pytest.approx(both)
    assert found.price_low.isna()["reflection-spacex"]
    filed = [terms.scoped(SPACEX[0], "both-sites"), SPACEX[1]]
    wider = book.weighted_price(filed, as_of=CLOSE, per="accelerator").set_index("agreement")
    assert wider.price_low["book"] == pytest.approx((1.25e9 + 0.92e9) / 435_000 / 730)
    ranged = plain(capacity={"mw": {"low": 10, "use": 15, "high": 20}, "mw_basis": "facility"})
    price = book.weighted_price([ranged], as_of=ranged.start, per="mw").iloc[-1]
    assert (price.agreement, price.price_low, price.price_high) == ("book", 5.0, 10.0)


def test_exposure_is_what_is_owed_before_it_falls_due() -> None:
    """K2 by the calendar's month, 365 ÷ 12 days, in place of 30."""
    late = plain(payment={"timing": "arrears", "days_to_pay": 30})
    found = book.positions([late], as_of=late.start, grace_days=15).exposure_usd[0]
    assert found == pytest.approx(1_200 / 365 * (365 / 12 + 30 + 15))
    assert book.positions([plain()], as_of=late.start).exposure_usd[0] == 0.0


def test_an_agreement_not_yet_signed_is_not_in_the_book() -> None:
    early = date(2026, 6, 1)
    assert book.positions(SPACEX, as_of=early).agreement.tolist() == ["anthropic-xai"]
    assert set(reported.by_reading(SPACEX, as_of=early).agreement) == {"anthropic-xai"}


# SpaceX's report for the quarter to 30 June 2026

SALES = spacex("contracted cloud sales")


def choice(**readings: str) -> object:
    found = reported.explained(reported.by_reading(SPACEX, as_of=CLOSE), SALES)
    for name, reading in readings.items():
        found = found[found[name.replace("_", "-")] == reading]
    [row] = found.to_dict("records")
    return row


@pytest.mark.parametrize(
    ("anthropic", "google", "reflection", "usd_bn", "fits"),
    [
        ("R2", "serving", "through-2029", 11.410323, "below"),
        ("R1", "serving", "through-2029", 10.076989, "below"),
        ("R3x", "serving", "through-2029", 11.329677, "below"),
        ("R3", "serving", "through-2029", 14.999032, "above"),
        ("R3", "effect", "through-2029", 12.239032, "below"),
        ("headline", "headline", "headline", 80.41, "above"),
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
    assert row["unexplained_low_usd"] == pytest.approx(SALES.low - row["high_usd"])
    assert row["unexplained_high_usd"] == pytest.approx(SALES.high - row["low_usd"])


def test_the_paper_total_is_what_the_press_adds_up() -> None:
    nominal = spacex("nominal value of the cloud contracts")
    whole = book.positions(SPACEX, as_of=CLOSE).headline_usd.sum()
    assert nominal.low <= whole <= nominal.high


def customer_b() -> Interval:
    share = spacex("share of Customer B in revenue of the quarter")
    return share * spacex("revenue of the quarter")  # type: ignore[return-value]


def test_customer_b_fits_the_ramp_as_billed_and_no_straight_line_to_november() -> None:
    assert (customer_b().low, customer_b().high) == (bn(1.519726), bn(1.527735))
    found = reported.recognised(
        SPACEX[0], start=date(2026, 4, 1), end=CLOSE, disclosed=customer_b()
    )
    table = found.set_index(["reading", "method"])
    assert table.fits["R2", "as billed"] == "within"
    assert table.use_usd["R2", "as billed"] == bn(1.209677)
    assert table.low_usd["R2", "straight-line"] == bn(1.699309)
    assert table.fits["R2", "straight-line"] == "above"
    assert table.fits["R1", "straight-line"] == "within"  # if the discount is near 0.56
    assert table.fits["customer-B", "as billed"] == "within"  # by construction
    assert table.fits["headline", "straight-line"] == "above"


def test_a_figure_that_was_not_disclosed_is_refused() -> None:
    with pytest.raises(ValueError, match=r"item: 'backlog' of SpaceX is not known; known: contr"):
        spacex("backlog")


def test_every_disclosure_has_a_source_and_a_range_that_holds_it() -> None:
    assert DISCLOSED.source.str.startswith("http").all()
    assert (DISCLOSED.low <= DISCLOSED.value).all()
    assert (DISCLOSED.value <= DISCLOSED.high).all()
    assert set(DISCLOSED.kind) <= {"disclosed", "reported", "derived"}


def test_a_single_agreement_is_a_book() -> None:
    deal: Agreement = plain(termination=customer(notice_days=90))
    found = reported.explained(
        reported.by_reading([deal], as_of=date(2026, 1, 2)), Interval(100.0, 400.0)
    )
    assert set(found.columns) >= {"plain", "share", "fits"}
    assert found.fits.tolist() == ["within", "above"]


# What makes a book, and the book against the report


OWN = {deal.id: deal.reading.name for deal in SPACEX}
TOLD = reported.of_company(DISCLOSED, "xAI (SpaceX)")


def test_a_book_holds_what_one_company_sells() -> None:
    mine = plain(id="google-spacex", provider="xAI (SpaceX)")
    held = holdings.together(mine, SPACEX)
    assert [deal.id for deal in held] == [mine.id, "anthropic-xai", "reflection-spacex"]
    assert held[0] is mine
    assert holdings.together(plain(), SPACEX) == [plain()]
    assert len(holdings.together(plain(), [], also=SPACEX)) == 4
    bought = holdings.together(SPACEX[1], SPACEX, owner="customer")
    assert bought == [SPACEX[1]]


def test_counterparties_with_several_agreements_are_told_apart() -> None:
    names = holdings.names([plain(), plain(id="second"), plain(id="third", customer="Other")])
    assert names == {"plain": "Customer (plain)", "second": "Customer (second)", "third": "Other"}


def test_windows_open_with_the_first_exit_and_end_with_the_terms() -> None:
    table = holdings.windows(SPACEX, as_of=CLOSE)
    notices = book.notices(SPACEX, as_of=CLOSE).set_index("agreement")
    for deal in SPACEX:
        firm, rest = table[table.agreement == deal.id].to_dict("records")
        assert firm["end"] == rest["start"] == notices.end[deal.id]
        assert rest["end"] == deal.end
        assert rest["at_stake_usd"] == pytest.approx(notices.at_stake_usd[deal.id])
    [bound] = holdings.windows([plain()], as_of=date(2026, 3, 1)).to_dict("records")
    assert (bound["phase"], bound["end"]) == (holdings.PROMISED, date(2027, 1, 1))
    assert holdings.windows([plain()], as_of=date(2027, 1, 1)).empty


def test_k2_arrears_by_counterparty() -> None:
    days = {"billing": 30.0, "payment": 30.0, "grace": 15.0}
    found = holdings.in_arrears(SPACEX, as_of=CLOSE, days=days).set_index("counterparty")
    assert found.peak_usd["Anthropic"] == pytest.approx(3_082.192e6, abs=500)
    assert found.average_usd["Anthropic"] == pytest.approx(2_465.753e6, abs=500)
    assert found.share.sum() == pytest.approx(1.0)


def test_one_changed_reading_at_a_time_explains_what_is_known() -> None:
    found = against.sales(TOLD, SPACEX, OWN)
    assert found is not None
    assert found.close == CLOSE
    assert found.paper_usd == bn(80.41)
    assert found.as_read.use_usd == bn(11.410323)
    books = found.books.drop_duplicates(["varied", "reading"])
    known = books[books.varied == "anthropic-xai"].set_index("reading")
    assert known.use_usd["R1"] == known.use_usd["R2e"] == bn(10.076989)
    assert known.use_usd["R3x"] == bn(11.329677)
    assert known.use_usd["R3"] == bn(14.999032)
    assert known.share.round(2).loc[["R1", "R2", "R3"]].to_list() == [0.71, 0.81, 1.06]
    assert known.fits["R3"] == "above"
    sums = found.books.groupby(["varied", "reading"]).usd.sum()
    whole = found.books.groupby(["varied", "reading"]).use_usd.first()
    assert sums.to_list() == pytest.approx(whole.to_list())
    assert "headline" not in set(found.books.reading)
    asked = against.sales(TOLD, SPACEX, OWN | {"google-spacex": "headline"})
    assert asked is not None
    assert asked.as_read.reading == OWN["anthropic-xai"]


def test_no_report_or_no_agreement_by_then_is_no_comparison() -> None:
    nobody = reported.of_company(DISCLOSED, "Acme Compute")
    assert against.sales(nobody, [plain()], {"plain": "as-signed"}) is None
    assert against.quarter(nobody, [plain()]) is None
    late = plain(start=date(2028, 1, 1), signed=date(2027, 12, 1), end=date(2029, 1, 1))
    assert against.sales(TOLD, [late], {"plain": late.reading.name}) is None


def test_the_quarter_knows_whom_it_can_speak_of() -> None:
    found = against.quarter(TOLD, SPACEX)
    assert found is not None
    assert found.served == ("anthropic-xai",)
    assert (found.usd.low, found.usd.high) == (bn(1.519726), bn(1.527735))
    whole = reported.recognised(SPACEX[0], start=date(2026, 4, 1), end=CLOSE, disclosed=found.usd)
    named = [name for row in found.table.reading for name in row.split(", ")]
    assert sorted(named) == sorted(whole.reading)
    nobody = against.quarter(TOLD, SPACEX[1:])
    assert nobody is not None
    assert (nobody.served, nobody.table.empty) == ((), True)
