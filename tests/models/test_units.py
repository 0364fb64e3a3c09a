"""Unit measures against the reference table of the models, U1 to U10."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.contract.fields import Range
from analysis.models import units
from analysis.models.pricing import fee as priced
from analysis.models.units import HOUR_CONVENTIONS, Interval

FEE = 1.25e9
POSTED = {"H100": 150_000.0, "H200": 50_000.0, "GB200": 30_000.0}
COMPUTE = {"H100": 1.0, "H200": 1.0, "GB200": 2.5}
MARKET = 2.35
APPROX = {"rel": 1e-6}


def test_u1_300_mw() -> None:
    assert units.usd_per_mw_month(FEE, 300) == pytest.approx(4_166_666.6667, **APPROX)
    assert units.usd_per_kw_year(FEE, 300) == 50_000
    assert units.usd_bn_per_gw_year(FEE, 300) == 50
    hours = units.MONTHS_PER_YEAR * units.HOURS_PER_MONTH  # a kilowatt-hour of what is held
    assert units.usd_per_kw_year(FEE, 300) / hours == pytest.approx(5.707763, **APPROX)


@pytest.mark.parametrize(
    ("fee", "count", "hours", "expected"),
    [
        pytest.param(FEE, 220_000, 730, 7.783313, id="U2"),
        pytest.param(FEE, 220_000, 720, 7.891414, id="U2-720"),
        pytest.param(FEE, 325_000, 730, 5.268704, id="U3"),
        pytest.param(920e6, 110_000, 730, 11.457036, id="U6"),
        pytest.param(920e6, 110_000, 720, 11.616162, id="U6-720"),
    ],
)
def test_usd_per_gpu_hour(fee: float, count: float, hours: float, expected: float) -> None:
    assert units.usd_per_gpu_hour(fee, count, hours) == pytest.approx(expected, **APPROX)


def test_u6_usd_per_gpu_month() -> None:
    assert units.usd_per_gpu_hour(920e6, 110_000, 1) == pytest.approx(8_363.636, **APPROX)


@pytest.mark.parametrize(
    ("mix", "weights", "equivalents", "usd_hour", "of_market"),
    [
        pytest.param(
            {kind: count * 220 / 230 for kind, count in POSTED.items()},
            COMPUTE, 263_043.478, 6.509680, 2.770076, id="U4",
        ),
        pytest.param(
            POSTED | {"GB200": 30_000.0 + 95_000.0},
            COMPUTE, 512_500, 3.341129, 1.421757, id="U5",
        ),
        pytest.param(
            {"H100": 100_000.0, "GB200": 220_000.0},
            COMPUTE, 650_000, 2.634352, 1.121001, id="U10",
        ),
    ],
)  # fmt: skip
def test_h100_equivalents(
    mix: dict[str, float],
    weights: dict[str, float],
    equivalents: float,
    usd_hour: float,
    of_market: float,
) -> None:
    counts = {kind: Interval(count, count) for kind, count in mix.items()}
    each = {kind: Range(low=w, use=w, high=w) for kind, w in weights.items()}
    total = priced.equivalents(counts, each).middle
    assert total == pytest.approx(equivalents, **APPROX)
    price = units.usd_per_gpu_hour(FEE, total)
    assert price == pytest.approx(usd_hour, **APPROX)
    assert price / MARKET == pytest.approx(of_market, **APPROX)


@pytest.mark.parametrize(
    ("mw", "usd_mwh", "usd_month", "share"),
    [
        pytest.param(300, 70.0, 15.33e6, 0.012264, id="U7"),
        pytest.param(425, 62.0, 19.2355e6, 0.0153884, id="U9"),
    ],
)
def test_power(mw: float, usd_mwh: float, usd_month: float, share: float) -> None:
    cost = units.power_usd_month(mw, usd_mwh)
    assert cost == pytest.approx(usd_month, **APPROX)
    assert cost / FEE == pytest.approx(share, **APPROX)


def test_u8_unknown_power_stays_a_range() -> None:
    mw = 325 * Interval(300 / 220, 2.0)
    assert (mw.low, mw.high) == pytest.approx((443.1818, 650), **APPROX)
    price = units.usd_bn_per_gw_year(FEE, mw)
    assert (price.high, price.low) == pytest.approx((33.846154, 23.076923), **APPROX)


def test_u9_another_basis() -> None:
    assert units.usd_per_mw_month(FEE, 425) == pytest.approx(2.941176e6, **APPROX)
    assert units.usd_bn_per_gw_year(FEE, 425) == pytest.approx(35.294118, **APPROX)


def test_critical_it_power_costs_more_for_each_megawatt() -> None:
    # 300 MW at the meter are 240 MW of machines at PUE 1.25
    assert units.power_usd_month(240, 70.0, pue=1.25) == units.power_usd_month(300, 70.0)


def test_hours_in_a_month_can_be_chosen() -> None:
    assert list(HOUR_CONVENTIONS) == [720, 730, 730.5, 744]
    assert units.HOURS_PER_MONTH in HOUR_CONVENTIONS


def test_interval_refuses_nonsense() -> None:
    with pytest.raises(ValueError, match="low 2 must not exceed high 1"):
        Interval(2, 1)
    with pytest.raises(ValueError, match=r"cannot divide by -1\.0 to 1\.0"):
        1 / Interval(-1.0, 1.0)


bounds = st.tuples(st.floats(0.1, 1e6), st.floats(0.1, 1e6)).map(sorted)


@given(a=bounds, b=bounds, x=st.floats(0, 1), y=st.floats(0, 1))
def test_interval_holds_every_combination(
    a: list[float], b: list[float], x: float, y: float
) -> None:
    left, right = Interval(*a), Interval(*b)
    u = a[0] + x * (a[1] - a[0])
    v = b[0] + y * (b[1] - b[0])
    for result, value in ((left + right, u + v), (left * right, u * v), (left / right, u / v)):
        assert result.low * (1 - 1e-12) <= value <= result.high * (1 + 1e-12)
