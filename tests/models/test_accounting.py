"""Booked as a lease, a service and backlog: cases P1 to P6 and P9, and what must always hold."""

import math
from collections.abc import Sequence
from datetime import date
from itertools import product
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.contract import dates, files, position
from analysis.contract.facts import Facts
from analysis.contract.terms import Agreement
from analysis.data import sources
from analysis.models.accounting import books, lease, term
from analysis.models.accounting.lease import Lease
from tests.agreements import customer, plain

LAW = settings(deadline=None, max_examples=60)
BN = 1e9
PRORATIONS = ["calendar-days", "actual-30", "30-360", "actual-365", "full-period"]
MODELS: tuple[lease.Model, ...] = ("IFRS 16", "ASC 842 finance", "ASC 842 operating")


def periodic(paid: Sequence[float], *, rate: float, arrears: bool = False, **more: float) -> Lease:
    """A lease with one payment a period, at its start, or in arrears at its end."""
    times = range(1, len(paid) + 1) if arrears else range(len(paid))
    return Lease(
        edges=tuple(float(n) for n in range(len(paid) + 1)),
        payments=tuple((float(t), float(usd)) for t, usd in zip(times, paid, strict=True)),
        rate=rate,
        arrears=arrears,
        **more,
    )


P1 = periodic([50_000] * 10, rate=0.05, other_usd=20_000 - 5_000)
P2 = periodic([50_000] * 10, rate=0.0587, other_usd=15_000)
P3 = periodic([50_000] * 10, rate=0.05)
P4 = periodic([25_000, 26_000, 27_000, 28_000, 29_000], rate=0.04, other_usd=5_000)


def printed(*numbers: float) -> object:
    """Equal within one unit of currency."""
    return pytest.approx(list(numbers) if len(numbers) > 1 else numbers[0], abs=1.0)


def contract_term(
    deal: Agreement, *, framework: term.Framework, as_of: date | None = None, **judged: Any
) -> pd.DataFrame:
    """`term.contract_term` by what is judged; `penalty` holds that of each party."""
    more = {f"{party}_penalty": answer for party, answer in judged.pop("penalty", {}).items()}
    made = term.Judged(rate=0.1, **judged, **more)
    return term.contract_term(position(deal, as_of=as_of), framework=framework, judged=made)


def remaining(deal: Agreement, *, as_of: date, end: date | None = None) -> pd.DataFrame:
    """`books.remaining` on a day."""
    return books.remaining(position(deal, as_of=as_of), end=end)


def checklist(deal: Agreement) -> pd.DataFrame:
    """`books.checklist` at the start."""
    return books.checklist(position(deal), sources.checklist())


def read_off(deal: Agreement, *, end: date, rate: float, **more: Any) -> Lease:
    """`lease.from_schedule` from the start."""
    return lease.from_schedule(deal, end=end, rate=rate, since=deal.start, **more)


def bn(*numbers: float) -> object:
    """Billions, equal within the six digits printed."""
    found = [number * BN for number in numbers]
    return pytest.approx(found if len(found) > 1 else found[0], abs=500.1)


# Leases


def test_p1_fixed_payments_in_advance() -> None:
    first = lease.initial(P1, framework="IFRS 16").usd
    assert (first[0], first[0] + first[1]) == (printed(355_391), printed(405_391))
    assert first.iloc[-1] == printed(420_391)
    table = lease.amortised(P1, model="IFRS 16")
    assert table.amortisation_usd.tolist() == [printed(42_039)] * 10
    assert table.opening_usd[:6].tolist() == printed(
        355_391, 323_161, 289_319, 253_785, 216_474, 177_298
    )
    assert table.interest_usd[:6].tolist() == printed(17_770, 16_158, 14_466, 12_689, 10_824, 8_865)
    assert table.closing_usd[:6].tolist() == printed(
        373_161, 339_319, 303_785, 266_474, 227_298, 186_162
    )
    assert table.asset_usd[:6].tolist() == printed(
        378_352, 336_313, 294_274, 252_235, 210_196, 168_156
    )


def test_p2_finance_and_operating_cost() -> None:
    first = lease.initial(P2, framework="ASC 842").usd
    assert (first[0], first.iloc[-1]) == (printed(342_017), printed(407_017))
    finance = lease.amortised(P2, model="ASC 842 finance").iloc[0]
    assert (finance.interest_usd, finance.amortisation_usd) == (printed(20_076), printed(40_702))
    operating = lease.amortised(P2, model="ASC 842 operating").iloc[0]
    assert (operating.cost_usd, operating.amortisation_usd) == (printed(51_500), printed(31_424))
    assert (operating.closing_usd, operating.asset_usd) == (printed(362_094), printed(375_594))


def test_p3_payments_that_follow_an_index() -> None:
    reset = periodic([50_000 * 135 / 125] * 8, rate=0.05)
    assert reset.payments[0][1] == 54_000
    row, then = lease.remeasure(P3, reset, at=2, model="IFRS 16")
    assert (row["before_usd"], row["after_usd"]) == (printed(339_319), printed(366_464))
    assert row["to_asset_usd"] == printed(27_145)
    assert row["to_profit_or_loss_usd"] == 0
    later = lease.amortised(then, model="IFRS 16")
    held = lease.amortised(P3, model="IFRS 16").asset_usd[1] + row["to_asset_usd"]
    assert later.amortisation_usd.sum() == pytest.approx(held)


def test_p4_operating_lease_with_rising_payments() -> None:
    first = lease.initial(P4, framework="ASC 842").usd
    assert (first[0] + first[1], first[0]) == (printed(124_644), printed(99_644))
    assert first.iloc[-1] == printed(129_644)
    table = lease.amortised(P4, model="ASC 842 operating")
    assert table.cost_usd.tolist() == [pytest.approx(28_000)] * 5
    assert table.interest_usd.tolist() == printed(3_986, 3_105, 2_149, 1_115, 0)
    assert table.closing_usd.tolist() == printed(103_630, 80_735, 55_885, 29_000, 0)
    assert table.amortisation_usd.tolist() == printed(24_014, 24_895, 25_851, 26_885, 28_000)
    assert table.asset_usd.tolist() == printed(105_630, 80_735, 54_885, 28_000, 0)
    assert table.amortisation_usd.sum() == printed(129_644)
    assert table.interest_usd.sum() == printed(10_356)
    assert table.cost_usd.sum() == pytest.approx(135_000 + 5_000)


def test_arrears_is_the_loan_that_everyone_knows() -> None:
    """Two payments of 121 at 10 %: 210 owed, 21 interest, 110 left."""
    table = lease.amortised(periodic([121.0] * 2, rate=0.1, arrears=True), model="IFRS 16")
    assert table.opening_usd.tolist() == pytest.approx([210.0, 110.0])
    assert table.interest_usd.tolist() == pytest.approx([21.0, 11.0])
    assert table.closing_usd.tolist() == pytest.approx([110.0, 0.0])


def test_a_longer_term_takes_a_new_rate_and_moves_the_asset() -> None:
    longer = periodic([100.0] * 4, rate=0.10, arrears=True)
    old = periodic([100.0] * 3, rate=0.05, arrears=True)
    row, then = lease.remeasure(old, longer, at=1, model="ASC 842 operating")
    assert row["before_usd"] == pytest.approx(100 / 1.05 + 100 / 1.05**2)
    assert row["after_usd"] == pytest.approx(sum(100 / 1.1**n for n in (1, 2, 3, 4)))
    later = lease.amortised(then, model="ASC 842 operating")
    spent = lease.amortised(old, model="ASC 842 operating").cost_usd[0]
    assert spent + later.cost_usd.sum() == pytest.approx(500.0)


def test_an_asset_does_not_fall_below_zero() -> None:
    old = periodic([100.0] * 3, rate=0.05, arrears=True, other_usd=-200.0)
    row, then = lease.remeasure(old, periodic([1.0], rate=0.05), at=1, model="IFRS 16")
    assert row["to_profit_or_loss_usd"] > 0
    assert lease.initial(then, framework="IFRS 16").usd.iloc[-1] == pytest.approx(0.0)


def test_short_term_cost_is_level() -> None:
    found = lease.short_term(periodic([10.0, 30.0], rate=0.05))
    assert (found.cost_usd.tolist(), found.paragraph[0]) == (
        [20.0, 20.0],
        "IFRS 16.6; ASC 842-20-25-2",
    )
    uneven = Lease(edges=(0.0, 1.0, 4.0), payments=((0.0, 40.0),), rate=0.05)
    by_time = lease.short_term(uneven)
    assert by_time.cost_usd.tolist() == [10.0, 30.0]


def test_what_falls_due_after_the_term_counts_on_its_last_day() -> None:
    late = plain(payment={"timing": "arrears", "billing_months": 3, "days_to_pay": 30})
    table = lease.amortised(read_off(late, end=late.end, rate=0.1), model="ASC 842 operating")
    assert table.paid_usd.sum() == pytest.approx(1_200.0)
    assert table.cost_usd.sum() == pytest.approx(1_200.0)
    assert table.closing_usd.iloc[-1] == 0.0


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=12),
    st.floats(0, 0.3),
    st.booleans(),
    st.floats(0, 1e5),
    st.sampled_from(MODELS),
)
@LAW
def test_a_lease_costs_what_is_paid(
    paid: list[float], rate: float, arrears: bool, direct: float, model: lease.Model
) -> None:
    """Cost sums to cash, the asset is used up, the liability rolls forward and ends at zero."""
    one = periodic(paid, rate=rate, arrears=arrears, other_usd=direct)
    table = lease.amortised(one, model=model)
    total = math.fsum(paid) + direct
    close = pytest.approx
    assert table.cost_usd.sum() == close(total, abs=1e-6)
    assert table.amortisation_usd.sum() == close(
        lease.initial(one, framework="IFRS 16").usd.iloc[-1], abs=1e-6
    )
    before = table.closing_usd.shift(fill_value=lease.liability_usd(one, paid=False))
    assert (before - table.paid_usd + table.interest_usd).tolist() == close(
        table.closing_usd.tolist(), abs=1e-6
    )
    assert (table.closing_usd.iloc[-1], table.asset_usd.iloc[-1]) == (0.0, 0.0)
    assert table.paid_usd.sum() == close(math.fsum(paid), abs=1e-6)


@given(st.lists(st.floats(1, 1e6), min_size=2, max_size=9), st.floats(0, 0.3), st.data())
@LAW
def test_measuring_anew_what_has_not_changed_moves_nothing(
    paid: list[float], rate: float, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(paid) - 1))
    model = data.draw(st.sampled_from(MODELS))
    same = periodic(paid[at:], rate=rate)
    row, then = lease.remeasure(periodic(paid, rate=rate), same, at=at, model=model)
    assert row["to_asset_usd"] == pytest.approx(0.0, abs=1e-5)
    whole = lease.amortised(periodic(paid, rate=rate), model=model)
    rest = lease.amortised(then, model=model)
    assert rest.cost_usd.tolist() == pytest.approx(whole.cost_usd[at:].tolist(), abs=1e-5)


# A lease read off an agreement


def test_a_lease_read_off_an_agreement_is_worth_its_payments() -> None:
    found = position(files.contract("anthropic-xai"), reading="R2")
    deal, end = found.read, found.firm().end
    one = read_off(deal, end=end, rate=0.10)
    table = lease.amortised(one, model="ASC 842 operating")
    assert table.cost_usd.sum() == bn(6.209677)
    assert lease.liability_usd(one, paid=False) == bn(6.069613)  # T7 in monthly steps: nearly
    assert one.term == pytest.approx(182 / 365)


INDEXED = {
    "start": date(2026, 1, 1),
    "end": date(2036, 1, 1),
    "fee": [{"from": date(2026, 1, 1), "usd_month": 50_000.0 / 12}],
    "payment": {"billing_months": 12},
    "escalator": {
        "from": date(2028, 1, 1),
        "every_months": 24,
        "index": "prices",
        "base_level": 125.0,
    },
}
INDEX = {date(2027, 12, 1): 135.0}


def extending(*, months: int = 36, notice_days: int = 180, **more: Any) -> Agreement:
    """A year at 100 a month that the customer may extend at 50."""
    option = {"months": months, "notice_days": notice_days, "usd_month": 50.0}
    return plain(extension=[option], **more)


@pytest.mark.parametrize(
    ("extends", "ends"),
    [
        ("unknown", [("yes", "2030-01-01", False), ("no", "2027-01-01", True)]),
        ("yes", [("yes", "2030-01-01", False)]),
        ("no", [("no", "2027-01-01", True)]),
    ],
)
def test_an_open_option_to_extend_counts_by_judgement(extends: Any, ends: list[Any]) -> None:
    for framework in ("ASC 842", "IFRS 16"):
        found = contract_term(extending(), framework=framework, customer_extends=extends)
        rows = zip(found.customer_extends, found.term_end.map(str), found.short, strict=True)
        assert list(rows) == ends


@pytest.mark.parametrize(
    ("deal", "day"),
    [
        (extending(), date(2026, 7, 5)),  # 31 December less 180 days is 4 July
        (plain(extension=[{"party": "provider", "months": 12, "notice_days": 90}]), None),
        (plain(), None),
    ],
    ids=["its day has passed", "the provider's", "none"],
)
def test_an_option_that_is_not_the_customers_to_use_asks_nothing(
    deal: Agreement, day: date | None
) -> None:
    found = contract_term(deal, framework="IFRS 16", as_of=day)
    assert found.customer_extends.tolist() == ["no option"]
    assert found.term_end.tolist() == [date(2027, 1, 1)]


def test_the_checklist_says_that_the_providers_option_is_not_counted() -> None:
    option = {"party": "provider", "months": 12, "notice_days": 90}
    said = checklist(plain(extension=[option])).terms_say
    assert said.str.contains("provider: 1 × 12 months, .* not counted in the lease term").any()


@pytest.mark.parametrize(
    ("price", "words"),
    [
        ({"usd_month": 5e6}, r"months at \$5,000,000 a month"),
        ({"rate": 0.03}, "months, the fee rising by 3 % a year"),
        ({"price": "market"}, "months at the market price"),
    ],
)
def test_the_checklist_says_what_an_option_costs(price: dict[str, Any], words: str) -> None:
    option = {"months": 12, "notice_days": 90, **price}
    said = checklist(plain(extension=[option])).terms_say
    assert said.str.contains(f"customer: 1 × 12 {words}").any()


def test_a_customer_that_leaves_is_not_asked_whether_it_extends() -> None:
    deal = extending(termination=customer(notice_days=90))
    found = contract_term(deal, framework="IFRS 16", as_of=date(2026, 2, 1))
    rows = dict(zip(found.term_end.map(str), found.customer_extends, strict=True))
    assert rows == {"2030-01-01": "yes", "2027-01-01": "no", "2026-05-02": "no matter"}
    began = found.set_index("customer_extends").short
    assert (began["no"], began["yes"]) == (True, False)


def test_an_option_is_no_part_of_a_revenue_contract() -> None:
    found = contract_term(extending(), framework="IFRS 15")
    assert found.term_end.tolist() == [date(2027, 1, 1)]


def test_an_extension_moves_the_liability_at_its_own_rent() -> None:
    judged = term.Judged(rate=0.0, standard="IFRS")
    frames = books.opened(position(extending()), judged=judged)
    owed = frames[frames.frame == books.LEASE].set_index("case")
    usd = {"certain to extend": pytest.approx(3_000), "no right to terminate": 1_200}
    assert owed.usd.to_dict() == usd
    assert owed.short.to_dict() == {"certain to extend": False, "no right to terminate": True}


def test_p3_read_off_an_indexed_agreement() -> None:
    """The same case by dates: days ÷ 365 in place of whole years moves it by under a thousandth."""
    deal = plain(**INDEXED)
    seen = position(deal, facts={"index": INDEX})
    table = lease.index_resets(seen, end=deal.end, rate=0.05)
    ifrs, us = table[table.framework == "IFRS 16"].iloc[0], table[table.framework == "ASC 842"]
    assert ifrs.before_usd == pytest.approx(339_319, rel=1e-3)
    assert ifrs.after_usd == pytest.approx(ifrs.before_usd * 135 / 125)
    assert ifrs.to_asset_usd == pytest.approx(27_145, rel=1e-3)
    assert us.expensed_usd.tolist() == [pytest.approx(8_000, abs=0.01)] * 4  # two years of 4,000
    assert us.to_asset_usd.tolist() == [0.0] * 4
    assert us.after_usd[0] == pytest.approx(ifrs.before_usd)


def test_a_future_index_is_never_forecast() -> None:
    deal = plain(**INDEXED)
    plainly = read_off(deal, end=deal.end, rate=0.05)
    assert read_off(deal, end=deal.end, rate=0.05, facts=Facts(index=INDEX)) == plainly


def test_a_deposit_is_no_lease_payment_and_an_exit_fee_is() -> None:
    held = plain(deposit={"usd": 1_000.0, "paid": date(2026, 1, 1)})
    one = read_off(held, end=date(2026, 7, 1), rate=0.1, exit_fee_usd=7.0)
    assert math.fsum(usd for _, usd in one.payments) == pytest.approx(607.0)
    assert one.payments[-1] == (one.term, 7.0)


# How long the contract binds

RIGHT = {"notice_days": 90}
GATED = {"notice_days": 90, "gate_months": 3}
STATED, NOTICE, GATE = date(2029, 1, 1), date(2026, 4, 1), date(2026, 6, 30)


def bound(**rights: object) -> Agreement:
    return plain(end=STATED, termination=rights or "none")


@pytest.mark.parametrize(
    ("deal", "framework", "judged", "enforceable", "terms"),
    [
        pytest.param(bound(), "IFRS 16", {}, STATED, [STATED], id="P6-1"),
        pytest.param(bound(), "ASC 606", {}, STATED, [STATED], id="P6-1-revenue"),
        pytest.param(
            bound(customer=RIGHT, provider=RIGHT), "ASC 842",
            {"customer": "no", "provider": "no"}, NOTICE, [NOTICE], id="P6-2",
        ),
        pytest.param(
            bound(customer=RIGHT, provider=RIGHT), "IFRS 15",
            {"customer": "no"}, NOTICE, [NOTICE], id="P6-2-revenue",
        ),
        pytest.param(
            bound(customer=GATED, provider=GATED), "IFRS 16",
            {"customer": "no", "provider": "no"}, GATE, [GATE], id="P6-3",
        ),
        pytest.param(
            bound(customer=RIGHT, provider=RIGHT), "IFRS 16",
            {"customer": "yes", "provider": "no"}, STATED, [STATED, NOTICE], id="P6-4",
        ),
        pytest.param(bound(provider=RIGHT), "ASC 842", {}, STATED, [STATED], id="P6-5"),
        pytest.param(
            bound(customer=RIGHT), "IFRS 16", {"customer": "no"}, STATED, [STATED, NOTICE],
            id="P6-6-lease",
        ),
        pytest.param(
            bound(customer=RIGHT), "ASC 606", {"customer": "no"}, NOTICE, [NOTICE],
            id="P6-6-revenue",
        ),
        pytest.param(
            bound(customer={"notice_days": 0}), "ASC 606", {"customer": "yes"}, STATED, [STATED],
            id="P6-7",
        ),
        pytest.param(
            bound(customer=RIGHT, provider={"notice_days": 180}), "IFRS 16",
            {"customer": "no", "provider": "no"}, date(2026, 6, 30), [date(2026, 6, 30), NOTICE],
            id="two-notices",
        ),
    ],
)  # fmt: skip
def test_how_long_is_the_contract(
    deal: Agreement,
    framework: term.Framework,
    judged: dict[object, object],
    enforceable: date,
    terms: list[date],
) -> None:
    found = contract_term(deal, framework=framework, penalty=judged)  # type: ignore[arg-type]
    assert set(found.enforceable_end) == {enforceable}
    assert found.term_end.tolist() == terms


def test_an_unknown_penalty_shows_both_results() -> None:
    both = bound(customer=RIGHT, provider=RIGHT)
    booked = contract_term(both, framework="ASC 606")
    assert booked.set_index("customer_penalty").term_end.groupby(level=0).first().to_dict() == {
        "yes": STATED,
        "no": NOTICE,
    }
    leases = contract_term(both, framework="IFRS 16", customer_stays="yes")
    answers = zip(leases.customer_penalty, leases.provider_penalty, strict=True)
    ends = dict(zip(answers, leases.term_end, strict=True))
    assert ends == {
        (c, p): NOTICE if (c, p) == ("no", "no") else STATED
        for c, p in product(("yes", "no"), repeat=2)
    }


def test_the_notice_period_rolls() -> None:
    both = bound(customer=RIGHT, provider=RIGHT)
    later = contract_term(
        both, framework="ASC 606", penalty={"customer": "no"}, as_of=date(2027, 1, 1)
    )
    assert (later.term_end[0], later.days[0]) == (date(2027, 4, 1), 90)


@pytest.mark.parametrize(("end", "short"), [(date(2027, 1, 1), True), (date(2027, 1, 2), False)])
@pytest.mark.parametrize("framework", list(term.PERIOD))
def test_the_short_term_exemption(end: date, short: bool, framework: term.Framework) -> None:
    assert contract_term(plain(end=end), framework=framework).short.tolist() == [short]


@pytest.mark.parametrize(
    ("rights", "framework", "short"),
    [
        ({}, "ASC 842", False),  # three years, nine months of them left
        ({}, "ASC 606", False),
        ({"customer": RIGHT, "provider": RIGHT}, "IFRS 16", True),
        ({"customer": RIGHT, "provider": RIGHT}, "IFRS 15", True),
        ({"customer": RIGHT | {"gate_months": 20}}, "IFRS 16", False),
        ({"customer": RIGHT | {"gate_months": 20}}, "IFRS 15", True),  # renewed since
    ],
)
def test_a_term_is_short_only_if_it_began_so(
    rights: dict[str, object], framework: term.Framework, short: bool
) -> None:
    found = contract_term(
        bound(**rights),
        framework=framework,
        as_of=date(2028, 4, 1),
        penalty={"customer": "no", "provider": "no"},
        customer_stays="no",
    )
    assert found.short.tolist() == [short]


# Revenue


def test_p5_remaining_obligation_by_year() -> None:
    service = plain(
        start=date(2027, 7, 1),
        end=date(2029, 7, 1),
        fee=[{"from": date(2027, 7, 1), "usd_month": 400.0}],
    )
    found = remaining(service, as_of=date(2028, 1, 1))
    assert found.usd.tolist() == pytest.approx([4_800.0, 2_400.0])
    assert (found.start[1], found.end[1]) == (date(2029, 1, 1), date(2029, 7, 1))


CLOSE = date(2026, 7, 1)  # the close of 30 June 2026


@pytest.mark.parametrize("rule", PRORATIONS)
@pytest.mark.parametrize("day", [date(2026, 2, 25), date(2026, 1, 31), date(2025, 11, 30)])
def test_bands_add_up_to_the_backlog_under_every_proration(rule: str, day: date) -> None:
    deal = plain(
        end=date(2029, 1, 1),
        proration=rule,
        payment={"billing_months": 3},
        fee=[{"from": date(2026, 1, 1), "usd_month": 1_000.0}],
    )
    found = remaining(deal, as_of=day)
    left = position(deal, day).headline.usd
    assert found.usd.sum() == pytest.approx(left, rel=1e-12)


def test_a_backlog_within_a_month_counts_its_share_of_the_month() -> None:
    fee = [{"from": date(2026, 1, 1), "usd_month": 1_000.0}]
    deal = plain(end=date(2029, 1, 1), proration="actual-365", fee=fee)
    found = remaining(deal, as_of=date(2026, 2, 25))
    # 4 of 28 days of February, then 34 months
    assert found.usd.sum() == pytest.approx(34_142.86, abs=0.005)


def test_p9_1_all_fees_in_bands() -> None:
    deal = position(files.contract("anthropic-xai"), reading="headline").read
    found = remaining(deal, as_of=CLOSE)
    assert found.usd.tolist() == bn(15.0, 15.0, 13.75)
    assert found.usd.sum() == bn(43.75)


@pytest.mark.parametrize(
    ("reading", "end", "usd_bn"),
    [
        pytest.param("R1", date(2026, 9, 29), 3.666667, id="P9-2"),
        pytest.param("R2", date(2026, 11, 1), 5.0, id="P9-3"),
    ],
)
def test_p9_remaining_under_a_right_to_leave(reading: str, end: date, usd_bn: float) -> None:
    deal = position(files.contract("anthropic-xai"), reading=reading).read
    [found] = contract_term(
        deal, framework="ASC 606", as_of=CLOSE, penalty={"customer": "no", "provider": "no"}
    ).itertuples()
    assert found.term_end == end
    assert remaining(deal, as_of=CLOSE, end=end).usd.sum() == bn(usd_bn)


@pytest.mark.parametrize(
    ("end", "earned", "ahead"),
    [
        pytest.param(date(2026, 11, 1), 2.013027, 0.803350, id="P9-4"),
        pytest.param(None, 2.357885, 1.148208, id="P9-5"),
    ],
)
def test_p9_revenue_against_billing(end: date | None, earned: float, ahead: float) -> None:
    deal = position(files.contract("anthropic-xai"), reading="R2").read
    by_day = books.recognition(position(deal), end=end)
    june = by_day[by_day.end <= CLOSE]
    assert june.billed_usd.sum() == bn(1.209677)
    assert june.revenue_usd.sum() == bn(earned)
    assert june.balance_usd.iloc[-1] == bn(ahead)
    billed = books.recognition(position(deal), end=end, method="as billed")
    assert billed[billed.end <= CLOSE].revenue_usd.sum() == bn(1.209677)
    assert billed.balance_usd.max() == pytest.approx(0.0, abs=0.01)


def test_money_ahead_of_service_is_a_liability() -> None:
    ahead = plain(
        prepayment={"usd": 600.0, "paid": date(2026, 1, 1), "credit_from": date(2026, 7, 1)}
    )
    table = books.recognition(position(ahead), method="as billed")
    assert table.balance_usd.tolist()[:6] == pytest.approx([-600.0] * 6)
    assert table.balance_usd.iloc[-1] == pytest.approx(0.0, abs=0.01)
    late = plain(payment={"timing": "arrears", "billing_months": 3, "days_to_pay": 30})
    booked = books.recognition(position(late), method="as billed")
    assert booked.balance_usd[3] == pytest.approx(400.0)
    assert booked.billed_usd.sum() == pytest.approx(1_200.0)


@given(st.integers(1, 40), st.integers(0, 40), st.sampled_from(["straight-line", "as billed"]))
@LAW
def test_revenue_sums_to_fees_and_bands_to_the_whole(
    months: int, gone: int, method: books.Method
) -> None:
    deal = plain(end=date(2026 + months // 12, months % 12 + 1, 15))
    as_of = date(2026 + gone // 12, gone % 12 + 1, 7)
    fees = position(deal).headline.usd
    table = books.recognition(position(deal), method=method)
    assert table.revenue_usd.sum() == pytest.approx(fees)
    assert table.billed_usd.sum() == pytest.approx(fees, abs=0.01)
    left = remaining(deal, as_of=as_of)
    assert left.usd.sum() == pytest.approx(position(deal, as_of).headline.usd, abs=1e-9)


def test_the_checklist_asks_and_does_not_answer() -> None:
    for name in files.contracts():
        asked = checklist(files.contract(name))
        assert asked.question.str.endswith("?").all()
        assert (asked.terms_say.str.len() > 0).all()


def paragraphs() -> list[pd.Series]:
    deal = bound(customer=RIGHT, provider=RIGHT)
    tables = [checklist(deal), remaining(deal, as_of=CLOSE)]
    tables += [contract_term(deal, framework=f) for f in list(term.PERIOD)]
    tables += [lease.amortised(P4, model=model) for model in MODELS]
    tables += [lease.initial(P4, framework=f) for f in ("IFRS 16", "ASC 842")]
    tables += [books.recognition(position(deal), method=m) for m in ("straight-line", "as billed")]
    return [table.paragraph for table in tables]


@pytest.mark.parametrize("column", paragraphs(), ids=str)
def test_every_figure_names_its_paragraph(column: pd.Series) -> None:
    assert column.str.match(r"(IFRS|ASC) \d").all()
    assert dates.year_fraction(date(2026, 1, 1), date(2027, 1, 1)) == 1.0
