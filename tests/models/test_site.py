"""Site cash, life and debt: cases I, H, D and C of the models, and what must always hold."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.contract.charges import Charge
from analysis.data import sources
from analysis.models.finance import value
from analysis.models.finance.value import Life, annuity, break_even_hazard, monthly, worth
from analysis.models.planning import Plan
from analysis.models.provider import site
from analysis.models.provider.site import Fees, Loan, Site, monthly_fees

LAW = settings(deadline=None, max_examples=60)
BN = 1e9
SITE = Site(
    capacity_mw=300,
    capex_usd=11.4 * BN,
    power_usd_mwh=70,
    fixed_share_year=0.03,
    life_years=6,
)
FULL = 1.25 * BN


def fees(months: int, discount: float = 0.5) -> Fees:
    return (FULL * (1 - discount),) * 2 + (FULL,) * (months - 2)


def net(months: int, discount: float = 0.5) -> np.ndarray:
    return site.cash(SITE, fees(months, discount))


PLAN = Plan(sources.planning())
LOAN = site.loan(SITE, PLAN, term=37)


def close(number: float, digits: int = 6) -> object:
    """Equal within the digits printed."""
    return pytest.approx(number, abs=0.5000001 * 10**-digits)


def test_costs_of_the_base_case() -> None:
    assert SITE.power_usd_month == close(15.33e6, 0)
    assert SITE.opex_usd_month == close(43.83e6, 0)


@pytest.mark.parametrize(
    ("capex", "payback", "irr_month", "irr_year", "npv"),
    [
        pytest.param(11.4, 10.4877, 0.092927, 1.9047, 25.880, id="I1"),
        pytest.param(18.0, 16.1810, 0.052869, 0.8556, 18.7531, id="I2"),
    ],
)
def test_returns(
    capex: float, payback: float, irr_month: float, irr_year: float, npv: float
) -> None:
    place = replace(SITE, capex_usd=capex * BN)
    flows = site.flows(place, fees(37))
    assert value.payback(flows) == close(payback, 4)
    assert (1 + site.irr_year(flows)) ** (1 / 12) - 1 == close(irr_month)
    assert site.irr_year(flows) == close(irr_year, 4)
    assert site.npv_usd(flows, rate_year=0.10) / BN == close(npv, 3 if capex < 12 else 4)


def test_i3_firm_months_alone_do_not_pay() -> None:
    flows = site.flows(SITE, fees(9))
    assert flows.sum() / BN == close(-1.7945, 4)
    assert site.irr_year(flows) == close(-0.3098, 4)
    assert math.isnan(value.payback(flows))


@pytest.mark.parametrize(
    ("months", "ratio"),
    [
        pytest.param(3, 0.219298, id="I4-R1"),
        pytest.param(6, 0.548246, id="I4-R2"),
        pytest.param(9, 0.877193, id="I4-R3"),
    ],
)
def test_firm_fee_to_capex(months: int, ratio: float) -> None:
    assert sum(fees(months)) / SITE.capex_usd == close(ratio)


def test_residual_comes_with_the_last_month() -> None:
    kept = replace(SITE, residual_decay_year=0.4)
    assert SITE.residual_usd(12) == 0
    assert kept.residual_usd(12) == pytest.approx(SITE.capex_usd * math.exp(-0.4))
    added = site.flows(kept, fees(12)) - site.flows(SITE, fees(12))
    assert added.tolist() == [0.0] * 12 + [pytest.approx(kept.residual_usd(12))]


def test_more_than_one_rate_of_return_is_none_but_has_a_profile() -> None:
    flows = [-100.0, 230.0, -132.0]
    assert math.isnan(site.irr_year(flows))
    npvs = [site.npv_usd(flows, rate_year=rate) for rate in (0.0, 1.15**12 - 1, 10.0)]
    assert np.sign(npvs).tolist() == [-1, 1, -1]


def test_c1_cost_offset_in_three_denominators() -> None:
    def ratios(usd_month: float) -> list[float]:
        base = {"rate_year": 0.10, "recovery_months": 48}
        table = site.cost_offset(SITE, (usd_month, usd_month), PLAN.changed(base))
        assert table.basis.tolist() == ["cash", "accrual", "economic"]
        return table.fee_times.tolist()

    assert ratios(FULL) == [close(28.519279), close(6.183119), close(3.754166)]
    assert ratios(FULL / 3)[2] == close(1.251389)


def test_fees_by_month_from_charges() -> None:
    days = [((2026, 11, 15), (2026, 11, 20)), ((2026, 11, 20), (2026, 12, 1)),
            ((2027, 1, 1), (2027, 2, 1)), ((2027, 2, 1), (2027, 2, 1))]  # fmt: skip
    charges = [
        Charge(date(*start), date(*end), 1.0, usd, usd, date(*start), "")
        for (start, end), usd in zip(days, (1.0, 2.0, 4.0, 8.0), strict=True)
    ]
    assert monthly_fees(charges) == (3.0, 0.0, 12.0)
    assert monthly_fees([]) == ()


def test_every_cost_has_its_source() -> None:
    costs = pd.concat([sources.assumed(use) for use in ("plan", "exit", "impute")])
    for column in ("name", "unit", "source", "note"):
        assert costs[column].str.len().gt(0).all(), column
    assert set(costs.kind) <= {"disclosed", "reported", "derived", "assumed"}
    assert all(isinstance(day, date) for day in costs.as_of)
    ranged = costs.dropna(subset=["value", "low", "high"])
    assert (ranged.low <= ranged.value).all()
    assert (ranged.value <= ranged.high).all()
    for use in ("plan", "exit", "impute"):
        assert not sources.assumed(use).duplicated(["name", "scope"]).any()


# Life under a constant hazard


def lived(months: int, *, firm_months: int, hazard: float) -> Life:
    return Life(term_months=months, gate_months=0, notice_months=firm_months, chance_month=hazard)


def test_h1_life_under_a_hazard() -> None:
    def quantile(share: float) -> int:
        return lived(37, firm_months=6, hazard=0.05).quantile(share)

    assert lived(37, firm_months=6, hazard=0.05).expected_months == close(21.125770)
    assert [quantile(share) for share in (0.10, 0.25, 0.50, 0.75, 0.90)] == [8, 11, 19, 33, 37]
    served = lived(37, firm_months=6, hazard=0.05).served
    assert served[-1] == close(0.203907)
    assert served @ fees(37) / BN == close(25.157213)


def test_h2_life_without_a_gate() -> None:
    assert lived(37, firm_months=3, hazard=0.10).expected_months == close(11.749684)


@pytest.mark.parametrize(
    ("hazard", "expected"),
    [
        pytest.param(0.0, 38.988017, id="H3-0"),
        pytest.param(0.02, 30.605934, id="H3-2"),
        pytest.param(0.05, 22.655934, id="H3-5"),
    ],
)
def test_expected_present_value(hazard: float, expected: float) -> None:
    usd = lived(37, firm_months=6, hazard=hazard).served * fees(37)
    assert worth(usd, rate=monthly(0.10), arrears=False) / BN == close(expected)


@pytest.mark.parametrize(
    ("firm_months", "expected"),
    [
        pytest.param(3, 0.106100, id="H4-R1"),
        pytest.param(6, 0.163421, id="H4-R2"),
        pytest.param(9, 0.332644, id="H4-R3"),
    ],
)
def test_break_even_hazard(firm_months: int, expected: float) -> None:
    hazard = break_even_hazard(
        net(37), capex_usd=SITE.capex_usd, firm_months=firm_months, rate_year=0.10
    )
    assert hazard == close(expected)
    assert 11 < lived(37, firm_months=firm_months, hazard=hazard).expected_months < 11.3


@given(
    capex=st.floats(1, 40),
    firm_months=st.integers(0, 12),
    decay=st.floats(0.05, 3),
    rate=st.floats(0, 0.5),
)
@LAW
def test_at_the_break_even_hazard_the_site_is_worth_nothing(
    capex: float, firm_months: int, decay: float, rate: float
) -> None:
    usd, months = np.full(24, 1.0), 24
    resale = capex * np.exp(-decay * np.arange(25) / 12)

    def npv(hazard: float) -> float:
        """By each length of life with its chance, unlike the code."""
        served = np.append(lived(months, firm_months=firm_months, hazard=hazard).served, 0.0)
        ends = -np.diff(np.append(1.0, served))  # chance of a life of 0, 1, ... months
        v = (1 + rate) ** (-1 / 12)
        worths = [usd[:n] @ v ** np.arange(1, n + 1) + resale[n] * v**n for n in range(25)]
        return float(ends @ worths) - capex

    found = break_even_hazard(
        usd, capex_usd=capex, firm_months=firm_months, rate_year=rate, resale_usd=resale
    )
    if math.isnan(found):
        rising = [npv(h) > 1e-9 for h in (0.0, 1.0)]
        assert rising[0] == rising[1] or npv(0) < 1e-9
    elif found == 1:
        assert npv(1) > -1e-9
    else:
        assert npv(found) == pytest.approx(0, abs=1e-8 * capex)


@given(
    months=st.integers(1, 60),
    gate=st.integers(0, 30),
    notice=st.integers(0, 12),
    hazard=st.floats(0, 1),
    more=st.floats(0, 1),
)
@LAW
def test_law_4_life(months: int, gate: int, notice: int, hazard: float, more: float) -> None:
    def mean(gate: int, hazard: float) -> float:
        return lived(months, firm_months=gate + notice, hazard=hazard).expected_months

    assert mean(gate, max(hazard, more)) <= mean(gate, min(hazard, more)) + 1e-9
    assert mean(gate + 1, hazard) >= mean(gate, hazard) - 1e-9
    assert mean(gate, 0) == months
    assert mean(gate, 1) == min(months, gate + notice)


@pytest.mark.parametrize("life_months", range(6, 37))
def test_a_quantile_is_reached_at_its_own_probability(life_months: int) -> None:
    """The chance of at most 6, 7, ... months is 1 - 0.95, 1 - 0.95², ...: no sooner, no later."""
    reached = 1 - 0.95 ** (life_months - 5)

    def quantile(share: float) -> int:
        return lived(37, firm_months=6, hazard=0.05).quantile(share)

    assert quantile(reached) == quantile(reached - 1e-6) == life_months
    assert quantile(reached + 1e-6) == life_months + 1


def test_quantiles_at_the_ends() -> None:
    def quantile(hazard: float, share: float, firm_months: int = 6) -> int:
        return lived(37, firm_months=firm_months, hazard=hazard).quantile(share)

    assert (quantile(0.05, 0), quantile(0.05, 1)) == (6, 37)
    assert (quantile(0, 0.9), quantile(1, 0.9)) == (37, 6)
    assert quantile(0, 0.9, firm_months=50) == 37


# Debt


def test_d1_coverage() -> None:
    assert (LOAN.usd / BN, LOAN.rate_month, LOAN.months) == (close(9.12), 0.11 / 12, 36)
    assert LOAN.payment_usd_month / BN == close(0.298577)
    assert site.coverage_ratios(net(37, 0.0), LOAN).min() == close(4.039727)
    assert site.coverage_ratios(net(37), LOAN).min() == close(1.946465)
    assert site.loan_life_coverage(net(37), LOAN) == close(3.904528)


def test_d2_uncovered_balance() -> None:
    after = site.uncovered(SITE, fees(37), PLAN, window_months=3).set_index("month").loc[6]
    assert after.balance_usd / BN == close(7.800214)
    assert after.uncovered_usd / BN == close(4.247044)


@pytest.mark.parametrize(
    ("months", "capacity"),
    [
        pytest.param(3, 1.657250, id="D3-R1"),
        pytest.param(6, 4.126695, id="D3-R2"),
        pytest.param(9, 6.529456, id="D3-R3"),
        pytest.param(37, 26.049894, id="D3-full"),
    ],
)
def test_debt_capacity(months: int, capacity: float) -> None:
    found = site.debt_capacity(net(months), PLAN)
    assert found / BN == close(capacity)


def test_d4_break_even_utilisation() -> None:
    assert site.break_even_utilisation(SITE, LOAN, fee_usd_month=FULL) == close(0.264911)
    assert site.break_even_utilisation(SITE, LOAN, fee_usd_month=SITE.power_usd_month) == math.inf


def test_coverage_is_nothing_once_cash_has_ended() -> None:
    ratios = site.coverage_ratios(net(6), LOAN)
    assert len(ratios) == 36
    assert (ratios[6:] == 0).all()


@given(usd=st.floats(1, 1e10), rate=st.floats(0, 0.4), months=st.integers(1, 120))
@LAW
def test_repayments_add_up_to_the_loan(usd: float, rate: float, months: int) -> None:
    loan = Loan(usd=usd, rate_month=rate / 12, months=months)
    balance = np.array([loan.balance_usd(month) for month in range(months + 1)])
    interest, principal = balance[:-1] * loan.rate_month, balance[:-1] - balance[1:]
    assert principal.sum() == pytest.approx(usd)
    assert interest + principal == pytest.approx(loan.payment_usd_month)
    assert loan.balance_usd(0) == pytest.approx(usd)
    assert loan.balance_usd(months) == 0


@given(rate=st.floats(-0.2, 0.5), periods=st.integers(0, 60))
@LAW
def test_annuities_add_up_payments(rate: float, periods: int) -> None:
    ones = [1.0] * periods
    assert annuity(rate, periods) == pytest.approx(worth(ones, rate=rate, arrears=True), rel=1e-9)
    due = worth(ones, rate=rate, arrears=False)
    assert annuity(rate, periods) * (1 + rate) == pytest.approx(due, rel=1e-9)
    if periods > 1:
        level = value.irr([-annuity(rate, periods), *ones])
        assert level == pytest.approx(rate, abs=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: replace(SITE, capex_usd=0), "capex_usd: 0 is not allowed"),
        (lambda: replace(SITE, life_years=0), "life_years: 0"),
        (lambda: replace(LOAN, usd=math.inf), "usd: inf"),
        (
            lambda: site.debt_capacity([1.0], PLAN.changed({"target_coverage": 0})),
            "target_coverage: 0",
        ),
        (lambda: lived(5, firm_months=1, hazard=1.1).served, "chance_month: 1.1"),
        (lambda: lived(-5, firm_months=1, hazard=0.1).served, "term_months: -5"),
        (lambda: lived(5, firm_months=1, hazard=0.1).quantile(2), "share: 2"),
        (
            lambda: break_even_hazard(
                [1.0], capex_usd=5, firm_months=0, rate_year=0, resale_usd=[1.0]
            ),
            "resale_usd: 1 values .* 2 values",
        ),
        (lambda: monthly(-1), "rate_year: -1"),
    ],
)
def test_bad_input_is_refused_by_name(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()  # type: ignore[operator]
