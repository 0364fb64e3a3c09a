"""The stopping game against reference cases; ids and numbers from the oracle tables."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from oracles.black import geometric

from analysis.models import exits
from analysis.models.exits import Game, Process, Right, solution
from analysis.models.market.prices import forward_strip

CALM = Process(kappa_year=1.0, level_usd_hour=2.0, sigma_year=0.3)


def base(rights="both", *, notice=3.0, fees=(1.0, 1.0), fee_usd_hour=2.2, **process):
    """The base case of the tables: notice one number or (customer, provider)."""
    customer, provider = notice if isinstance(notice, tuple) else (notice, notice)
    return Game(
        spot_usd_hour=2.35,
        fee_usd_hour=fee_usd_hour,
        term_months=37,
        rate_year=0.05,
        process=replace(CALM, **process),
        customer=Right(notice_months=customer, fee=fees[0])
        if rights in ("both", "customer")
        else None,
        provider=Right(notice_months=provider, fee=fees[1])
        if rights in ("both", "provider")
        else None,
    )


JUMPY = {"sigma_year": 0.5, "jumps_year": 1.5, "jump_mean_log": -0.15, "jump_sd_log": 0.25}
CASES = {  # game, value, delta, vega
    "A1": (base("none"), -1.6756791977, 10.827996, 8.929615),
    "A2": (base("none", sigma_year=0.8), 7.0344858422, 11.769737, 26.930940),
    "B1": (base("customer", notice=0.0), 2.3420729610, 8.026431, 14.386707),
    "B2": (base("customer", sigma_year=0.8), 10.7061711084, 10.744024, 26.742204),
    "B3": (base("provider"), -2.5164049495, 9.805034, 0.031579),
    "B4": (base("provider", notice=1.0, sigma_year=0.8), -4.4413481689, 7.383105, -1.972651),
    "G1": (base(), 0.4743353023, 6.010416, 1.771243),
    "G2": (base(sigma_year=0.8), 1.0515588169, 4.655920, 1.157440),
    "G3": (base(notice=0.0), 0.3503120264, 3.672382, 0.123402),
    "G4": (base(fees=(0.0, 0.0)), 0.3837010806, 2.731779, 0.150673),
    "J1": (base(**JUMPY), 0.1328479894, 4.974606, 1.623578),
    "D1": (base(sigma_year=0.5, drift_year=-0.25), 0.4534153636, 5.213998, 1.835603),
    "E1": (base(fee_usd_hour=8.0), -17.9316278279, None, None),
    "E2": (base(fees=(50.0, 50.0)), -1.6756791977, None, None),
    "unequal": (base(notice=(6.0, 3.0), sigma_year=0.5), 0.2395747787, None, None),
}
MONTHS = (0, 12, 24, 33)
TRIGGERS = {  # month: (customer, provider)
    "B1": dict(
        zip(MONTHS, ((p, None) for p in (1.8355181, 1.8637503, 1.9166964, 1.9051048)), strict=True)
    ),
    "B2": dict(
        zip(MONTHS, ((p, None) for p in (0.9872233, 1.1489249, 1.4206522, 0.9573350)), strict=True)
    ),
    "B3": dict(
        zip(MONTHS, ((None, p) for p in (3.0731182, 2.8770683, 2.6729950, 3.6156666)), strict=True)
    ),
    "G1": {
        0: (1.9844470, 2.6657509),
        12: (1.9833774, 2.6641892),
        24: (1.9699760, 2.6460178),
        33: (1.0262040, 3.6156666),
    },
    "G2": {
        0: (1.6295854, 2.6191315),
        12: (1.6295812, 2.6191259),
        24: (1.6288301, 2.6181246),
        33: (0.9573350, 3.3730178),
    },
    "D1": {
        0: (1.9042708, 2.7803284),
        12: (2.1473928, 3.1639869),
        24: (2.3789461, 3.5585873),
        33: (1.2338881, 4.3474087),
    },
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("nodes", "error"), [(201, 1e-6), (401, 1e-8)])
def test_value(case, nodes, error):
    game, value, _, _ = CASES[case]
    assert exits.solve(game, nodes=nodes).value == pytest.approx(value, abs=error, rel=0)


@pytest.mark.parametrize(
    ("customer", "provider", "value"),
    [
        ({"notice_months": 3, "gate_months": 5, "fee": 1}, {"notice_months": 0, "gate_months": 5},
         -1.03137715686),
        ({"notice_months": 3, "gate_months": 3, "fee": 1},
         {"notice_months": 0, "lockout_months": 5, "fee": 0.2}, -0.26103630380),
        ({"notice_months": 3, "gate_months": 5}, {"notice_months": 1, "gate_months": 5},
         0.10231073725),
    ],
)  # fmt: skip
def test_regions_that_meet(customer, provider, value):
    """Free and unequal notices make trigger prices coincide; values from 3201 nodes."""
    game = Game(
        spot_usd_hour=2.35, fee_usd_hour=2.2, term_months=12, rate_year=0.05,
        process=geometric(growth_year=0.0, sigma_year=0.8),
        customer=Right(**customer), provider=Right(**provider),
    )  # fmt: skip
    assert exits.solve(game, nodes=201).value == pytest.approx(value, abs=1e-6)
    assert exits.solve(game, nodes=401).value == pytest.approx(value, abs=1e-8)


@pytest.mark.parametrize("case", [name for name in CASES if CASES[name][2]])
def test_delta(case):
    game, _, delta, _ = CASES[case]
    assert exits.solve(game).delta == pytest.approx(delta, abs=1e-6)


@pytest.mark.parametrize("case", [name for name in CASES if CASES[name][3]])
def test_vega(case):
    game, _, _, vega = CASES[case]
    slopes = exits.sensitivities(game, nodes=201).set_index("parameter").slope
    assert slopes["sigma_year"] == pytest.approx(vega, abs=2e-5)


@pytest.mark.parametrize("case", TRIGGERS)
def test_triggers(case):
    found = exits.solve(CASES[case][0]).triggers.set_index("month")
    for month, expected in TRIGGERS[case].items():
        row = [np.nan if price is None else price for price in expected]
        assert found.loc[month, ["customer", "provider"]].tolist() == pytest.approx(
            row, abs=1e-6, nan_ok=True
        )


def test_far_out_of_the_money_customer_leaves_at_once():
    solution = exits.solve(CASES["E1"][0])
    assert solution.triggers.customer[0] > 2.35
    assert solution.expected_months == pytest.approx(3)
    assert solution.ends.by[solution.ends.probability > 0].tolist() == ["customer"]


def test_games_solved_side_by_side_are_those_solved_alone(monkeypatch):
    """Whatever their dates, grids and number, in their order."""
    games = [
        replace(game, fee_usd_hour=fee, process=replace(game.process, sigma_year=sigma))
        for sigma, fee in ((0.3, 2.2), (0.02, 2.0), (0.8, 3.0))  # the second on a finer grid
        for game in (CASES[name][0] for name in ("A1", "B1", "B3", "G1", "J1", "unequal"))
    ]
    monkeypatch.setattr(solution, "BATCH", 2 * 101**2)
    for one, found in zip(games, exits.solve_many(games, nodes=101), strict=True):
        alone = exits.solve(one, nodes=101)
        assert found.game == one
        for name in ("value", "delta", "values", "trigger_prices", "expected_months"):
            pair = getattr(found, name), getattr(alone, name)
            assert pair[0] == pytest.approx(pair[1], rel=1e-12, abs=1e-12, nan_ok=True), name


STRIPS = {
    "calm": (
        CALM,
        2.35,
        [2.3279200819, 2.2878122243, 2.2371080197, 2.1639372703, 2.0897832430, 2.0618847195],
    ),
    "high": (
        Process(kappa_year=0.7, level_usd_hour=1.8, sigma_year=0.5),
        8.0,
        [7.4242344417, 6.4645535839, 5.3864461779, 4.0381581448, 2.8277475420, 2.3593737338],
    ),
    "J1": (
        CASES["J1"][0].process,
        2.35,
        [2.3097046374, 2.2338613590, 2.1341501677, 1.9852120165, 1.8311064264, 1.7728592923],
    ),
    "D1": (
        CASES["D1"][0].process,
        2.35,
        [2.3402821388, 2.3074305241, 2.2340947814, 2.0432590387, 1.6363921382, 1.2854059203],
    ),
}


@pytest.mark.parametrize("case", STRIPS)
def test_forward_strip(case):
    process, spot, expected = STRIPS[case]
    strip = forward_strip(process, spot_usd_hour=spot, months=36)
    assert strip[[1, 3, 6, 12, 24, 36]] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("nodes", [101, 201])
def test_two_factors(nodes):  # recall against own use
    game = replace(
        base("provider", notice=0.0, sigma_year=0.5),
        internal_use=Process(kappa_year=3.0, level_usd_hour=1.1, sigma_year=0.4),
    )
    assert exits.solve(game, nodes=nodes).value == pytest.approx(-1.815218, abs=1e-6)


def test_two_factors_with_a_dull_second_one_are_one_factor():
    dull = Process(kappa_year=1.0, level_usd_hour=1.0, sigma_year=1e-4)
    game = replace(CASES["G2"][0], internal_use=dull)
    assert exits.solve(game, nodes=101).value == pytest.approx(CASES["G2"][1], abs=1e-5)


def test_every_starting_price():
    game = CASES["G2"][0]
    curve = exits.solve(game)
    for spot in (1.2, 2.0, 2.9):
        exact = exits.solve(replace(game, spot_usd_hour=spot))
        assert np.interp(spot, curve.prices, curve.values) == pytest.approx(exact.value, abs=1e-3)
        assert np.interp(spot, curve.prices, curve.deltas) == pytest.approx(exact.delta, abs=0.02)


def test_chances_of_the_ends():
    """The end dates by simulation with the triggers, 20 000 paths."""
    game = CASES["G1"][0]
    solution = exits.solve(game)
    rng = np.random.default_rng(5)
    x = np.full(20_000, np.log(2.35))
    ended = np.full(x.size, 37.0)
    persistence, sd = np.exp(-1 / 12), 0.3 * np.sqrt((1 - np.exp(-1 / 6)) / 2)
    triggers = solution.triggers.fillna({"customer": 0, "provider": np.inf})
    for month, low, high in triggers.itertuples(index=False):
        out = (ended == 37) & ((np.exp(x) < low) | (np.exp(x) > high))
        ended[out] = month + 3
        x = np.log(2) + persistence * (x - np.log(2)) + sd * rng.standard_normal(x.size)
    served = [(ended > month).mean() for month in range(38)]
    assert solution.survival.served.to_numpy() == pytest.approx(served, abs=0.012)
    assert solution.expected_months == pytest.approx(ended.mean(), abs=0.15)
    assert solution.expected_fees == pytest.approx(2.2 * solution.expected_months)
    assert solution.ends.probability.sum() == pytest.approx(1, abs=1e-6)


def test_it_says_loudly_when_only_the_window_is_worth_something():
    free = CASES["G4"][0]
    assert free.is_next_window_only
    assert not CASES["G1"][0].is_next_window_only


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"term_months": 0}, "term_months: 0"),
        ({"spot_usd_hour": -1.0}, "spot_usd_hour: -1.0"),
        ({"steps_month": 0}, "steps_month: 0"),
        ({"fee_usd_hour": (1.0, 2.0)}, "fee_usd_hour: 2 numbers"),
        ({"fee_usd_hour": float("nan")}, "fee_usd_hour: nan"),
        ({"rate_year": float("nan")}, "rate_year: nan"),
        (
            {"customer": Right(notice_months=3, fee=-2), "provider": Right(notice_months=3, fee=1)},
            "race to leave",
        ),
    ],
)
def test_nonsense_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        replace(base(), **change)


def test_nonsense_rights_and_processes_are_refused():
    with pytest.raises(ValueError, match="notice_months: -1"):
        Right(notice_months=-1)
    with pytest.raises(ValueError, match="sigma_year: 0"):
        Process(kappa_year=1.0, sigma_year=0)


def test_import_pays_for_numpy_and_pandas_only():
    code = "import sys, analysis.models.exits; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"scipy", "altair", "pydantic"} & set(run.stdout.split())


def test_what_it_prints_is_short():
    shown = repr(exits.solve(CASES["G4"][0]))
    assert "value=" in shown
    assert len(shown) < 1500


def test_far_jumps_stay_on_the_grid() -> None:
    """Jumps four times as wide as the price's own spread; checked by a dense plain grid to 3e-6."""
    game = Game(
        spot_usd_hour=1.0,
        fee_usd_hour=2.0,
        term_months=9.0,
        rate_year=0.0,
        process=Process(
            kappa_year=2.0, level_usd_hour=1.0, sigma_year=0.25,
            jumps_year=1.0, jump_mean_log=-0.25, jump_sd_log=0.25,
        ),
        provider=Right(notice_months=0.0),
    )  # fmt: skip
    assert exits.solve(game, nodes=201).value == pytest.approx(-9.38786045, abs=3e-6)
    never = replace(game, provider=Right(notice_months=0.0, fee=50.0))
    free = replace(game, provider=None)
    assert exits.solve(never, nodes=201).value == pytest.approx(exits.solve(free).value, abs=1e-7)
