"""Observations are never spliced; the calibrated cloud covers what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from analysis.models.market.calibration import (
    PARAMETERS,
    Priors,
    calibrate,
    log_likelihood,
    natural,
)
from analysis.models.market.prices import Chain, PriceSeries, Process, select

PRIORS = Priors(
    medians=(1.0, 2.5, 0.4, 0.03, 0.0), spreads=(0.8, 0.5, 0.6, 0.8, 0.2), start_spread=0.5
)
TABLE = pd.DataFrame(
    {
        "date": [date(2026, 6, 1), date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 1)],
        "gpu": ["H100", "H100", "H100", "A100"],
        "tier": ["1-year", "1-year", "spot", "1-year"],
        "basis": "GPU-hour",
        "source": ["press", "press", "list", "press"],
        "usd_gpu_hour": [2.65, 2.35, 1.9, 1.1],
    }
)


def test_one_series_in_order():
    series = select(TABLE, gpu="H100", tier="1-year")
    assert series.usd_gpu_hour == (2.35, 2.65)
    assert series.years.tolist() == pytest.approx([0, 92 / 365])
    assert (series.source, series.basis) == ("press", "GPU-hour")


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        ({"gpu": "H100"}, "tier: .*never spliced"),
        ({"tier": "1-year"}, "gpu: .*never spliced"),
        ({"gpu": "B200"}, "observations: 0"),
    ],
)
def test_a_splice_is_refused(kinds, words):
    with pytest.raises(ValueError, match=words):
        select(TABLE, **kinds)


def test_nonsense_is_refused():
    kinds = {"gpu": "a", "tier": "b", "basis": "c", "source": "d"}
    day = date(2026, 1, 1)
    with pytest.raises(ValueError, match="dates"):
        PriceSeries(**kinds, dates=(day, day), usd_gpu_hour=(1.0, 1.0))
    with pytest.raises(ValueError, match="usd_gpu_hour"):
        PriceSeries(**kinds, dates=(day,), usd_gpu_hour=(0.0,))
    with pytest.raises(ValueError, match="spread of kappa_year: 0"):
        replace(PRIORS, spreads=(0, 1, 1, 1, 1))
    with pytest.raises(ValueError, match="median of noise_log: -1"):
        replace(PRIORS, medians=(1, 1, 1, -1, -1))


def test_geometric_limit():
    """No return at all is the limit of ever slower return."""
    slow = Chain(
        process=Process(kappa_year=1e-7, level_usd_hour=2.0, sigma_year=0.4, drift_year=0.1),
        step_years=0.25,
    )
    none = Chain(process=Process(kappa_year=0.0, sigma_year=0.4), step_years=0.25)
    assert slow.means(1.0, 8) == pytest.approx(none.means(1.0, 8), abs=1e-6)
    assert slow.log_spread(8) == pytest.approx(none.log_spread(8), rel=1e-6)


def test_likelihood_is_that_of_the_joint_normal_law():
    years = np.array([0.0, 0.1, 0.45, 0.5])
    logs = np.array([0.8, 0.9, 0.7, 0.75])
    kappa, level, sigma, noise, drift, start = 1.2, 2.1, 0.4, 0.05, -0.3, 0.5
    point = np.array([[np.log(kappa), np.log(level), np.log(sigma), np.log(noise), drift]])
    mean = np.log(level) + drift * (years - (1 - np.exp(-kappa * years)) / kappa)
    s, t = np.meshgrid(years, years)
    low = np.minimum(s, t)
    cover = start**2 * np.exp(-kappa * (s + t))
    cover += sigma**2 / (2 * kappa) * (np.exp(-kappa * abs(s - t)) - np.exp(-kappa * (s + t)))
    cover += noise**2 * np.eye(4)
    miss = logs - mean
    expected = -0.5 * (
        miss @ np.linalg.solve(cover, miss) + np.linalg.slogdet(2 * np.pi * cover)[1]
    )
    found, _, _ = log_likelihood(point, years=years, log_prices=logs, start_spread=start)
    assert low.shape == (4, 4)
    assert found[0] == pytest.approx(expected, rel=1e-10)


def simulated(rng, priors, count=25):
    """A series of `count` prices from a process drawn from the priors, and that truth."""
    truth = natural(priors.centre + np.array(priors.spreads) * rng.standard_normal(5))
    kappa, level, sigma, noise, drift = truth
    days = np.cumsum(rng.integers(10, 80, count)) - 10
    years = (days - days[0]) / 365
    x = np.log(level) + priors.start_spread * rng.standard_normal()
    logs = [x]
    for wait, before in zip(np.diff(years), years, strict=False):
        pull = -np.expm1(-kappa * wait)
        x += pull * (np.log(level) + drift * before - x) + drift * (wait - pull / kappa)
        spread = sigma * np.sqrt(-np.expm1(-2 * kappa * wait) / (2 * kappa))
        x += spread * rng.standard_normal()
        logs.append(x)
    prices = np.exp(np.array(logs) + noise * rng.standard_normal(count))
    series = PriceSeries(
        gpu="any", tier="any", basis="any", source="simulated",
        dates=tuple(date(2024, 1, 1) + timedelta(days=int(day)) for day in days),
        usd_gpu_hour=tuple(prices.tolist()),
    )  # fmt: skip
    truth[1] *= np.exp(drift * years[-1])
    return series, dict(zip(PARAMETERS, truth, strict=True)) | {"spot_usd_hour": float(np.exp(x))}


def test_intervals_cover_what_they_say():
    rng = np.random.default_rng(11)
    hits = []
    for _ in range(40):
        series, truth = simulated(rng, PRIORS)
        interval = calibrate(series, rng=rng, priors=PRIORS, proposals=2048).interval
        hits.append([row.low <= truth[row.Index] <= row.high for row in interval.itertuples()])
    assert np.mean(hits) == pytest.approx(0.9, abs=0.06)


def test_it_says_what_four_points_cannot_tell():
    series = PriceSeries(
        gpu="H100", tier="1-year", basis="GPU-hour", source="press",
        dates=(date(2025, 5, 1), date(2025, 10, 1), date(2026, 3, 1), date(2026, 6, 1)),
        usd_gpu_hour=(2.93, 1.70, 2.35, 2.65),
    )  # fmt: skip
    found = calibrate(series, rng=np.random.default_rng(2), priors=PRIORS)
    notes = " ".join(found.notes)
    assert "prior variance of the mean-reversion speed" in notes
    assert "not separately identified" in notes
    assert "Jumps are not estimated" in notes
    interval = found.interval
    assert interval.high["kappa_year"] / interval.low["kappa_year"] > 5
    assert "independent ones" not in notes
    spot, process = found.processes(3)[2]
    assert process.kappa_year == found.draws.kappa_year[2]
    assert spot == pytest.approx(2.65, rel=0.5)
