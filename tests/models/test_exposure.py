"""The counterparty: cases K1 to K4 and property 12."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.contract import files
from analysis.data import sources
from analysis.models.finance import credit
from analysis.models.planning import Plan

NORMAL = credit.NORMAL
LAW = settings(deadline=None, max_examples=60)
K4 = {
    "fee": 1.25,
    "price": 1.25,
    "drift_year": -0.2,
    "volatility_year": 0.4,
    "years": 1,
    "default_probability": 0.05,
}


def close(number: float, digits: int = 6) -> object:
    """Equal within the digits printed."""
    return pytest.approx(number, abs=0.5000001 * 10**-digits)


def test_k1_concentration() -> None:
    found = credit.concentration([1250, 920, 150])
    assert found.herfindahl == close(0.451732)
    assert found.effective == close(2.213704)
    assert found.top_share == close(0.538793)


def test_k2_exposure_at_default() -> None:
    short = credit.exposure(1.25e9, billing_days=30, payment_days=30)
    long = credit.exposure(1.25e9, billing_days=30, payment_days=30, grace_days=15)
    assert short.peak_usd / 1e6 == close(2465.753, 3)
    assert long.peak_usd / 1e6 == close(3082.192, 3)
    assert long.average_usd / 1e6 == close(2465.753, 3)


def test_paid_in_advance_nothing_is_owed_for_service_not_yet_rendered() -> None:
    ahead = {"billing_days": 30, "timing": "advance"}
    assert credit.exposure(365.0, payment_days=0, **ahead).peak_usd == 0
    some = credit.exposure(365.0, payment_days=10, grace_days=5, **ahead)
    assert some.peak_usd == pytest.approx(12 * 15)
    days = [max(0, day - 15) for day in range(30)]  # of service unpaid, over a billing period
    assert some.average_usd == pytest.approx(12 * np.mean(days), rel=0.1)
    long = credit.exposure(365.0, payment_days=45, **ahead)
    assert (long.peak_usd, long.average_usd) == pytest.approx((12 * 45, 12 * 30))


def test_no_more_is_owed_than_was_served() -> None:
    found = credit.exposure(365.0, billing_days=30, payment_days=30, served_days=1)
    assert found.peak_usd == found.average_usd == 12


DEAL, PLANNED = files.contract("anthropic-xai"), Plan(sources.planning())


def expected(**assume: float) -> float:
    """The loss expected in a year if fees of 1.25 billion a month were billed in arrears."""
    table = credit.owed(1.25e9, DEAL, PLANNED.changed(assume))
    return float(table.arrears_usd.iloc[-1])


def test_k3_expected_loss() -> None:
    assert expected(default_probability=0.05, loss_given_default=0.60) / 1e6 == close(92.466, 3)


@pytest.mark.parametrize(
    ("correlation", "price", "shortfall"),
    [
        pytest.param(0.0, 1.023413, 0.315167, id="K4-0"),
        pytest.param(0.5, 0.665821, 0.588882, id="K4-5"),
    ],
)
def test_wrong_way_risk(correlation: float, price: float, shortfall: float) -> None:
    found = credit.wrong_way(**K4, correlation=correlation)
    assert found == (close(price), close(shortfall))


@given(
    correlation=st.floats(-0.95, 0.95),
    fee=st.floats(0.3, 4),
    probability=st.floats(0.001, 0.9),
    volatility=st.floats(0.1, 1),
)
@LAW
def test_wrong_way_risk_by_quadrature(
    correlation: float, fee: float, probability: float, volatility: float
) -> None:
    """Over business X below its threshold, with the price given X lognormal."""
    x, weight = np.polynomial.legendre.leggauss(80)
    threshold = NORMAL.inv_cdf(probability)
    low = threshold - 8
    x, weight = low + (threshold - low) * (x + 1) / 2, weight * (threshold - low) / 2
    weight = weight * np.exp(-x * x / 2) / math.sqrt(2 * math.pi) / probability
    own = volatility * math.sqrt(1 - correlation**2)
    forward = 1.25 * np.exp(-0.2 - volatility**2 / 2 + correlation * volatility * x + own**2 / 2)
    d1 = np.log(forward / fee) / own + own / 2
    put = [fee * NORMAL.cdf(own - d) - f * NORMAL.cdf(-d) for d, f in zip(d1, forward, strict=True)]
    case = K4 | {"fee": fee, "volatility_year": volatility, "default_probability": probability}
    price, shortfall = credit.wrong_way(**case, correlation=correlation)
    assert price == pytest.approx(weight @ forward, rel=1e-7)
    assert shortfall == pytest.approx(weight @ np.array(put), rel=1e-7, abs=1e-9)


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.001, 0.999))
@LAW
def test_law_12_wrong_way(one: float, two: float, probability: float) -> None:
    def price(correlation: float) -> float:
        case = K4 | {"default_probability": probability}
        return credit.wrong_way(**case, correlation=correlation)[0]

    assert price(max(one, two)) <= price(min(one, two)) + 1e-12
    assert price(0) == pytest.approx(1.25 * math.exp(-0.2))


@given(st.floats(0, 1), st.floats(0, 1))
@LAW
def test_law_12_loss_is_linear_in_probability(share: float, loss: float) -> None:
    certain = expected(default_probability=1.0, loss_given_default=loss)
    assert expected(default_probability=share, loss_given_default=loss) == pytest.approx(
        share * certain
    )
    assert expected(default_probability=0.0, loss_given_default=loss) == 0


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=9))
@LAW
def test_concentration_lies_between_equal_and_one(amounts: list[float]) -> None:
    found = credit.concentration(amounts)
    assert 1 - 1e-9 <= found.effective <= len(amounts) + 1e-9
    assert found.herfindahl <= found.top_share + 1e-12
    same = credit.concentration([5.0] * len(amounts))
    assert same.effective == pytest.approx(len(amounts))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: credit.concentration([]), "amounts: 0"),
        (lambda: credit.concentration([1, -1]), r"amounts\[1\]: -1"),
        (lambda: credit.exposure(1, billing_days=-1, payment_days=0), "billing_days: -1"),
        (lambda: credit.wrong_way(**K4, correlation=1.1), "correlation: 1.1"),
        (lambda: credit.wrong_way(**K4 | {"years": 0}, correlation=0), "years: 0"),
        (
            lambda: credit.wrong_way(**K4 | {"default_probability": 1}, correlation=0),
            "default_probability: 1",
        ),
    ],
)
def test_bad_input_is_refused_by_name(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()  # type: ignore[operator]
