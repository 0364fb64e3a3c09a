"""What drives the answer: tornados, variance shares, samples and trees."""

import math
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.models import scenarios
from analysis.models.scenarios import Branch, Input

SEED = 2026


def uniform(name: str, low: float, high: float, **more: Any) -> Input:
    return Input(
        name=name, low=low, use=(low + high) / 2, high=high, distribution="uniform", **more
    )


def ishigami(cases: pd.DataFrame) -> Any:
    return np.sin(cases.x1) + 7 * np.sin(cases.x2) ** 2 + 0.1 * cases.x3**4 * np.sin(cases.x1)


def product(cases: pd.DataFrame) -> Any:
    return cases.prod(axis=1)


def firm_value(cases: pd.DataFrame) -> Any:
    return cases.fee * (cases.months.astype(float) - 2 * cases.discount)


REACH = stats.norm.ppf(0.95)
Z1 = [uniform(f"x{n}", -math.pi, math.pi) for n in (1, 2, 3)]
Z2 = [
    Input(
        name=f"x{n}",
        low=math.exp(-REACH * sigma),
        use=1.0,
        high=math.exp(REACH * sigma),
        distribution="lognormal",
    )
    for n, sigma in enumerate((0.10, 0.25, 0.15))
]
Z3 = [uniform("x1", 0, 1), uniform("x2", 0, 1)]
Z4 = [
    uniform("fee", 1.125, 1.375),
    uniform("discount", 0.1, 0.9),
    Input(name="months", distribution="choice", choices=(3, 6, 9)),
]
VARIANCE = {
    "Z1": (ishigami, Z1, (0.313905, 0.442411, 0), (0.557589, 0.442411, 0.243684)),
    "Z2": (product, Z2, (0.100846, 0.647152, 0.228329), (0.109792, 0.668530, 0.245498)),
    "Z3": (product, Z3, (3 / 7, 3 / 7), (4 / 7, 4 / 7)),
    "Z4": (firm_value, Z4, (0.013191, 0.033769, 0.949761), None),
}


@pytest.mark.parametrize("name", VARIANCE)
def test_z1_to_z4_shares_of_variance_exactly(name: str) -> None:
    function, inputs, first, total = VARIANCE[name]
    table = scenarios.exact(function, inputs, nodes=24, map=None)
    assert list(table["first"]) == pytest.approx(first, abs=1e-6)
    if total:
        assert list(table.total) == pytest.approx(total, abs=1e-6)
    assert (table["first"] <= table.total + 1e-12).all()
    assert table["first"].sum() <= 1 + 1e-12 <= table.total.sum() + 2e-12


def test_z4_mean_and_variance() -> None:
    table = scenarios.exact(firm_value, Z4, map=None)
    assert table["mean"][0] == pytest.approx(6.25, rel=1e-12)
    assert table.variance[0] == pytest.approx(9.870903, abs=1e-6)


@pytest.mark.parametrize("name", VARIANCE)
def test_z1_to_z4_shares_of_variance_by_sampling(name: str) -> None:
    function, inputs, first, total = VARIANCE[name]
    table = scenarios.sobol(function, inputs, power=13, seed=SEED, map=None)
    assert list(table["first"]) == pytest.approx(first, abs=0.01)
    assert ((table.first_low <= table["first"]) & (table["first"] <= table.first_high)).all()
    assert ((table.total_low <= table.total) & (table.total <= table.total_high)).all()
    if total:
        assert list(table.total) == pytest.approx(total, abs=0.01)
        assert (table.total_low <= np.add(total, 0.01)).all()
        assert (table.total_high >= np.subtract(total, 0.01)).all()
    assert (set(table.seed), set(table.n)) == ({SEED}, {1 << 13})


def test_the_sampled_shares_are_those_of_scipy() -> None:
    ours = scenarios.sobol(ishigami, Z1, power=12, seed=SEED, map=None)
    reach = {"loc": -math.pi, "scale": 2 * math.pi}
    theirs = stats.sobol_indices(
        func=lambda x: ishigami(pd.DataFrame(x.T, columns=["x1", "x2", "x3"])).to_numpy().copy(),
        n=1 << 12,
        dists=[stats.uniform(**reach)] * 3,
        rng=np.random.default_rng(1),
    )
    assert list(ours["first"]) == pytest.approx(list(theirs.first_order), abs=0.03)
    assert list(ours.total) == pytest.approx(list(theirs.total_order), abs=0.03)


def price(weight: float, accelerators: float, fee: float, hours: float) -> float:
    return fee / (accelerators * weight * hours)


Z5 = [
    Input(name="weight", low=1, use=263_043.478261 / 220_000, high=1.6),
    Input(name="accelerators", low=200e3, use=220e3, high=325e3),
    Input(name="fee", low=1.125e9, use=1.25e9, high=1.375e9),
    Input(name="hours", low=720, use=730, high=744),
]


def test_z5_the_tornado_of_a_price() -> None:
    table = scenarios.tornado(price, Z5)
    assert list(table.input) == ["weight", "accelerators", "fee", "hours"]
    assert list(table.range) == pytest.approx([2.918742, 2.754095, 1.301936, 0.212906], abs=1e-6)
    assert list(table.base) == pytest.approx([6.509680] * 4, abs=1e-6)
    assert table.low[0] == pytest.approx(price(1, 220e3, 1.25e9, 730))


def test_a_tornado_tries_every_choice() -> None:
    months = Input(name="months", distribution="choice", choices=(6, 9, 3))
    table = scenarios.tornado(lambda months: months**2, [months])
    assert table[["at_low", "at_high", "low", "high", "base"]].values.tolist() == [
        [3, 9, 9.0, 81.0, 36.0]
    ]


def test_what_moves_together_is_one_factor() -> None:
    same = [uniform(name, 0, 1, together="size") for name in ("a", "b")]
    alone = uniform("c", 0, 1)
    table = scenarios.exact(lambda t: t.a - t.b + t.c, [*same, alone], map=None)
    assert list(table.input) == ["size", "c"]
    assert list(table.total) == pytest.approx([0.0, 1.0], abs=1e-12)
    bars = scenarios.tornado(lambda a, b, c: a + b + c, [*same, alone]).set_index("input")
    assert bars.range["size"] == 2 * bars.range["c"]
    assert bars.at_high["size"] == (1, 1)
    sampled = scenarios.sobol(lambda t: t.a * t.b + t.c, [*same, alone], power=8, seed=1, map=None)
    assert list(sampled.input) == ["size", "c"]


def bell(name: str, sigma: float, **more: Any) -> Input:
    return Input(
        name=name,
        low=math.exp(-REACH * sigma),
        use=1.0,
        high=math.exp(REACH * sigma),
        distribution="lognormal",
        **more,
    )


def months(**more: Any) -> Input:
    return Input(name="months", distribution="choice", choices=(3, 6, 9), **more)


def exact_variance(function: Any, inputs: list[Input], **more: Any) -> float:
    return float(scenarios.exact(function, inputs, map=None, **more).variance[0])


def test_bells_that_move_together_are_exact() -> None:
    group = [bell(name, sigma, together="size") for name, sigma in (("a", 0.10), ("b", 0.25))]
    square = 0.35**2  # the product is a bell whose deviations add up
    truth = math.exp(square) * (math.exp(square) - 1)
    assert exact_variance(product, group) == pytest.approx(truth, rel=1e-9)
    mixed = [group[0], uniform("x", 0, 1, together="size")]
    with pytest.raises(ValueError, match="together: 'size' is not allowed, it must be of bells"):
        scenarios.exact(product, mixed, map=None)


def test_what_moves_with_a_choice_is_exact() -> None:
    # of u even in 0 to 1, the months have variance 6, u has 1/12, both together have 2/3
    group = [uniform("u", 0, 1, together="size"), months(together="size")]
    for weight, order in ((1.5, 1), (2.0, -1)):
        found = exact_variance(
            lambda t, k=weight: t.months.astype(float) - k * t.u, group[::order], nodes=4
        )
        assert found == pytest.approx(6 + weight**2 / 12 - 2 * weight * 2 / 3, rel=1e-12)
    other = Input(name="n", distribution="choice", choices=(0, 1), weights=(1, 4), together="size")
    both = exact_variance(lambda t: t.months.astype(float) * t.n.astype(float), [group[1], other])
    values, chances = np.array([0, 3, 6, 9]), np.array([3, 2, 5, 5]) / 15
    mean = values @ chances
    assert both == pytest.approx((values - mean) ** 2 @ chances, rel=1e-12)


@pytest.mark.parametrize("use", [0.0, 0.3, 1.0])
def test_a_bend_at_the_value_in_use_is_exact(use: float) -> None:
    each = Input(name="x", low=0, use=use, high=1, distribution="uniform")
    mean = scenarios.exact(lambda t: abs(t.x - use), [each], map=None)["mean"][0]
    assert mean == pytest.approx((use**2 + (1 - use) ** 2) / 2, rel=1e-12)


def test_where_nothing_varies_there_are_no_shares() -> None:
    fixed = [uniform("x", 1, 1), uniform("y", 2, 2)]
    for table in (
        scenarios.exact(product, fixed, map=None),
        scenarios.sobol(product, fixed, power=4, seed=1, map=None),
    ):
        assert table["first"].isna().all()
        assert table.total.isna().all()


@given(share=st.floats(0, 1), low=st.floats(-1e6, 1e6), spread=st.floats(0, 1e6))
def test_a_draw_lies_in_its_range_and_rises(share: float, low: float, spread: float) -> None:
    each = Input(name="x", low=low, use=low + spread / 3, high=low + spread)
    found = each.at([share, min(1.0, share + 0.1), 0.5])
    assert low <= found[0] <= found[1] <= low + spread
    assert found[2] == pytest.approx(each.use)


def test_a_choice_is_drawn_by_its_weights() -> None:
    each = Input(name="x", distribution="choice", choices=("a", "b", "c"), weights=(1, 0, 3))
    assert list(each.at([0.0, 0.2, 0.25, 0.99, 1.0])) == ["a", "a", "c", "c", "c"]
    drawn = each.at(np.linspace(0.0005, 0.9995, 1000))
    assert dict(zip(*np.unique(drawn, return_counts=True), strict=True)) == {"a": 250, "c": 750}


def test_bells_have_their_tails_at_low_and_high() -> None:
    normal = Input(name="x", low=-2, use=0, high=2, distribution="normal")
    assert list(normal.at([0.05, 0.5, 0.95])) == pytest.approx([-2, 0, 2])
    log = Input(name="x", low=1, use=2, high=4, distribution="lognormal")
    assert list(log.at([0.05, 0.5, 0.95])) == pytest.approx([1, 2, 4])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"low": 2, "use": 1, "high": 3}, "x: 2 ≤ 1 ≤ 3 is not allowed"),
        ({"low": 0, "use": math.nan, "high": 1}, "x: nan is not allowed"),
        ({"low": 0, "use": 1, "high": 2, "distribution": "lognormal"}, "x.low: 0 is not allowed"),
        ({"distribution": "choice"}, "x.choices"),
        ({"distribution": "choice", "choices": (1, 2), "weights": (1,)}, "one weight each"),
        ({"distribution": "choice", "choices": (1, 2), "weights": (2, -1)}, "x.weight: -1"),
        ({"distribution": "choice", "choices": (1, 2, 1)}, "x.choices: (1, 2, 1) is not allowed"),
        ({"distribution": "triangle", "high": 1}, "x.distribution: 'triangle' is not allowed"),
        ({"choices": (1, 2)}, "x.choices: (1, 2) is not allowed, it must be empty"),
        ({"distribution": "uniform", "weights": (1,)}, "x.weights: (1,) is not allowed"),
    ],
)
def test_a_range_that_is_none_is_refused(wrong: Any, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        Input(name="x", **wrong)


def test_names_and_columns_must_fit() -> None:
    with pytest.raises(ValueError, match="names that differ"):
        scenarios.exact(product, [uniform("x", 0, 1)] * 2, map=None)
    with pytest.raises(ValueError, match="2 columns"):
        scenarios.drawn(Z3, [[0.5]])
    with pytest.raises(ValueError, match="one a case, 2"):
        scenarios.values(lambda t: [1.0], pd.DataFrame({"a": [1, 2]}), map=None)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: scenarios.sobol(product, Z3, power=3, seed=-1), "seed: -1 is not allowed"),
        (lambda: scenarios.sobol(product, Z3, power=2.5, seed=1), "power: 2.5 is not allowed"),
        (lambda: scenarios.quasi(product, Z3, power=3, seed=-1), "seed: -1 is not allowed"),
        (lambda: next(scenarios.parts(Z3, rows=3, seed=-1)), "seed: -1 is not allowed"),
        (lambda: next(scenarios.parts(Z3, rows=3, seed=1, size=1.5)), "size: 1.5 is not allowed"),
        (lambda: scenarios.exact(product, Z3, nodes=0), "nodes: 0 is not allowed"),
        (lambda: scenarios.exact(product, []), "inputs: [] is not allowed, it must be one at"),
        (lambda: scenarios.tornado(product, []), "inputs: [] is not allowed, it must be one at"),
        (lambda: scenarios.sobol(product, [], power=3, seed=1), "inputs: [] is not allowed"),
    ],
)
def test_a_sweep_of_nothing_is_refused(call: Any, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        call()


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (0, "steps: 0 is not allowed, it must be a whole number above 0"),
        (1.5, "steps: 1.5 is not allowed, it must be a whole number above 0"),
        (17, "steps: 17 is not allowed, it must be 16 at the most"),
    ],
)
def test_a_tree_of_prices_has_not_too_many_steps(steps: int, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        scenarios.prices(1.0, drift_year=0, volatility_year=0.4, step_years=0.1, steps=steps)


# Samples


def test_quasi_monte_carlo_and_its_error_bar() -> None:
    table = scenarios.quasi(firm_value, Z4, power=12, seed=SEED, map=None).set_index("statistic")
    assert table.value["mean"] == pytest.approx(6.25, rel=1e-3)
    assert table.value["sd"] == pytest.approx(math.sqrt(9.870903), rel=1e-3)
    assert abs(table.value["mean"] - 6.25) < 5 * table.error["mean"]
    assert 0 < table.error["mean"] < 6.25e-3
    assert (set(table.scrambles), set(table.seed)) == ({8}, {SEED})
    assert table.value["q10"] < table.value["q50"] < table.value["q90"]


def test_fewer_than_eight_scrambles_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 8"):
        scenarios.quasi(product, Z3, power=4, seed=1, scrambles=7, map=None)


def test_the_same_seed_gives_the_same_table_whatever_the_map() -> None:
    def by_row(x1: float, x2: float) -> float:
        return x1 * x2

    whole = scenarios.quasi(product, Z3, power=5, seed=7, map=None)
    with ThreadPoolExecutor(2) as pool:
        spread = scenarios.quasi(by_row, Z3, power=5, seed=7, map=pool.map)
    assert whole.equals(scenarios.quasi(product, Z3, power=5, seed=7, map=None))
    assert list(whole.value) == pytest.approx(list(spread.value), rel=1e-12)
    assert not whole.equals(scenarios.quasi(product, Z3, power=5, seed=8, map=None))


def test_a_long_sweep_goes_by_parts_of_the_same_cases() -> None:
    draws = {"rows": 1_000, "seed": SEED}
    parts = list(scenarios.parts(Z4, size=64, **draws))
    whole = pd.concat(scenarios.parts(Z4, size=10_000, **draws), ignore_index=True)
    assert pd.concat(parts, ignore_index=True).equals(whole)
    assert max(map(len, parts)) == 64


# Trees


def test_a_tree_weighs_its_leaves() -> None:
    stay = Branch(name="stays", probability=0.75, inputs={"months": 37})
    leave = Branch(name="leaves", probability=0.25, inputs={"months": 6})
    tree = scenarios.prices(
        2.35, drift_year=-0.2, volatility_year=0.4, step_years=0.5, steps=2, then=(stay, leave)
    )
    table = scenarios.weighed(lambda price, months: price * months, tree)
    assert len(table) == 8
    assert table.probability.sum() == pytest.approx(1, abs=1e-12)
    assert (table.price * table.probability).sum() == pytest.approx(2.35 * math.exp(-0.2))
    months = 0.75 * 37 + 0.25 * 6
    assert table.part.sum() == pytest.approx(2.35 * math.exp(-0.2) * months)
    assert table.path[0] == "up / up / stays"


def test_a_tree_that_does_not_add_up_is_refused() -> None:
    half = Branch(name="half", probability=0.5)
    with pytest.raises(ValueError, match=r"after 'the root': 0.5 is not allowed"):
        scenarios.leaves([half])
    with pytest.raises(ValueError, match=r"after 'sure': 1.5 is not allowed"):
        scenarios.leaves([Branch(name="sure", probability=1, then=(half,) * 3)])
    with pytest.raises(ValueError, match="step_years"):
        scenarios.prices(1.0, drift_year=5, volatility_year=0.1, step_years=1, steps=1)


@given(drift=st.floats(-0.5, 0.5), sigma=st.floats(0.3, 1.0), years=st.floats(0.01, 0.3))
def test_price_branches_keep_the_mean(drift: float, sigma: float, years: float) -> None:
    settings = {"drift_year": drift, "volatility_year": sigma, "step_years": years}
    for branch in scenarios.prices(1.0, steps=2, **settings):  # type: ignore[arg-type]
        mean = sum(each.probability * each.inputs["price"] for each in branch.then)  # type: ignore[operator, misc]
        assert mean == pytest.approx(branch.inputs["price"] * math.exp(drift * years))
