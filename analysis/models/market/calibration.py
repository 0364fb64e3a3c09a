"""Which price processes fit a few noisy, irregular observations, and what they cannot tell.

The observed log price is the process plus independent noise, so the likelihood is exact by the
Kalman filter, for all parameter draws at once. Priors are proper and in plain sight; the answer is
a cloud of posterior draws, never one number. Jumps are not estimated: they are a scenario.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analysis.models import errors
from analysis.models.market.prices import Array, PriceSeries, Process

NAMES = {
    "kappa_year": "mean-reversion speed",
    "level_usd_hour": "long-run level",
    "sigma_year": "volatility",
    "noise_log": "observation noise",
    "drift_year": "drift of the level",
}
PARAMETERS = tuple(NAMES)
DRAWS = 4096  # of the posterior


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """Beliefs before the data, by medians and spreads in the order of PARAMETERS; all assumed.

    Lognormal with a log standard deviation for speed, level (at the first observation), volatility
    and noise of the ln price; normal for the drift of the ln level. start_spread: of the first ln
    price around the ln level.
    """

    medians: tuple[float, ...]
    spreads: tuple[float, ...]
    start_spread: float

    def __post_init__(self) -> None:
        for name, median, spread in zip(PARAMETERS, self.medians, self.spreads, strict=True):
            errors.positive(**{f"spread of {name}": spread})
            median_is = errors.finite if name == "drift_year" else errors.positive
            median_is(**{f"median of {name}": median})
        errors.positive(start_spread=self.start_spread)

    @property
    def centre(self) -> Array:
        """Means of the transformed parameters (ln, but drift as it is), order of PARAMETERS."""
        return np.array([*np.log(self.medians[:4]), self.medians[4]])


def natural(points: Array) -> Array:
    """Parameters in their own units from transformed ones, last axis in the order of PARAMETERS."""
    return np.concatenate([np.exp(points[..., :4]), points[..., 4:]], axis=-1)


def log_likelihood(
    points: Array, *, years: Array, log_prices: Array, start_spread: float
) -> tuple[Array, Array, Array]:
    """Exact log likelihood of the observations at each transformed parameter point.

    points: shape (n, 5). Returns the log likelihood, and mean and variance of the last ln price
    given all observations, each shape (n,).
    """
    kappa, level, sigma, noise, drift = natural(points).T
    log_level, quiet = np.log(level), noise**2
    mean, variance = log_level, np.full_like(level, start_spread**2)
    total = np.zeros_like(level)
    for k, price in enumerate(log_prices):
        if k:
            wait = years[k] - years[k - 1]
            pull = -np.expm1(-kappa * wait)
            target = log_level + drift * years[k - 1]
            mean = mean + pull * (target - mean) + drift * (wait - pull / kappa)
            shock = -(sigma**2) * np.expm1(-2 * kappa * wait) / (2 * kappa)
            variance = (1 - pull) ** 2 * variance + shock
        spread = variance + quiet
        miss = price - mean
        total = total - 0.5 * (np.log(2 * math.pi * spread) + miss**2 / spread)
        gain = variance / spread
        mean, variance = mean + gain * miss, variance * quiet / spread
    return total, mean, variance


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Posterior draws of the price process.

    draws: one row each: PARAMETERS, with the level at the last observation, and `spot_usd_hour`,
    the price free of noise then; ordered so that the first few, however many, are spread evenly
    from low to high expected prices. cloud: all that was weighed, same columns, and its `weight`.
    notes: what the data cannot tell.
    """

    draws: pd.DataFrame
    cloud: pd.DataFrame = field(repr=False)
    notes: tuple[str, ...]

    @property
    def interval(self) -> pd.DataFrame:
        """Posterior `low, median, high` of each parameter; 90 % lie between low and high."""
        numbers, weights = self.cloud.drop(columns="weight"), self.cloud.weight
        shares = [0.05, 0.5, 0.95]
        found = np.quantile(numbers, shares, axis=0, weights=weights, method="inverted_cdf")
        return pd.DataFrame(found, ["low", "median", "high"], numbers.columns).T

    def processes(self, count: int) -> list[tuple[float, Process]]:
        """The first `count` draws as (spot price, process), to send through a solver."""
        rows: Any = self.draws.drop(columns="noise_log").head(count).to_dict("records")
        return [(row.pop("spot_usd_hour"), Process(**row)) for row in rows]


def calibrate(
    series: PriceSeries, *, rng: np.random.Generator, priors: Priors, proposals: int = 1 << 16
) -> Calibration:
    """Posterior of the process given one series of prices, by adaptive importance sampling.

    Starts from the prior, and four times moves a Student proposal to where prior times likelihood
    lies, tempered while too few points count; then resamples. Points are of a scrambled Sobol net
    and draws are stratified by the price expected in a year, so that little hangs on `rng`.
    """
    years, log_prices = series.years, series.log_prices
    centre, spread = priors.centre, np.array(priors.spreads)
    mean, root = centre, np.diag(spread) * 1.2
    for last in (False, False, False, False, True):
        count = proposals if last else proposals >> 3
        points, shock, log_proposal = _student(mean, root, count, rng)
        fit, now, variance = log_likelihood(
            points, years=years, log_prices=log_prices, start_spread=priors.start_spread
        )
        belief = -0.5 * (((points - centre) / spread) ** 2).sum(axis=1)
        log_weight = fit + belief - log_proposal
        weight = _tempered(log_weight, 0 if last else count / 10)
        mean = weight @ points
        gap = points - mean
        root = np.linalg.cholesky((gap * weight[:, None]).T @ gap * 1.1 + 1e-10 * np.eye(5))
    table = pd.DataFrame(natural(points), columns=list(PARAMETERS))
    table["level_usd_hour"] *= np.exp(table["drift_year"] * years[-1])
    table["spot_usd_hour"] = np.exp(now + np.sqrt(variance) * shock)
    level = np.log(table.level_usd_hour)
    expected = level + (np.log(table.spot_usd_hour) - level) * np.exp(-table.kappa_year)
    rank = np.argsort((expected + table.drift_year).to_numpy())
    order = evenly(DRAWS, base=2, shift=float(rng.random()) / DRAWS)
    at = np.searchsorted(np.cumsum(weight[rank]), order)
    chosen = rank[np.minimum(at, proposals - 1)]
    cloud, table = table.assign(weight=weight), table.iloc[chosen].reset_index(drop=True)
    effective = float(1 / (weight**2).sum())
    notes = _notes(points[chosen], spread, len(log_prices), effective)
    return Calibration(draws=table, cloud=cloud, notes=tuple(notes))


def evenly(count: int, *, base: int, shift: float) -> Array:
    """Numbers of 0 to 1, shifted, of which the first few, however many, lie evenly spread.

    The radical inverse (van der Corput) in base 2 or 3.

    >>> evenly(4, base=2, shift=0.0).tolist()
    [0.0, 0.5, 0.25, 0.75]
    """
    from scipy.stats import qmc  # slow to import

    found: Array = qmc.Halton(2, scramble=False).random(count)[:, base - 2]
    return (found + shift) % 1.0


def _student(
    mean: Array, root: Array, count: int, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Points of a multivariate Student law with five degrees of freedom, and their log density.

    Between them a standard normal number for each, independent of the point.
    """
    from scipy import special  # slow to import
    from scipy.stats import qmc

    size, freedom = mean.size, 5.0
    net = qmc.Sobol(size + 2, scramble=True, rng=rng).random_base2(math.ceil(math.log2(count)))
    net = np.clip(net[:count], 1e-12, 1 - 1e-12)
    shock = special.ndtri(net[:, 1:])
    scale = np.sqrt(2 * special.gammaincinv(freedom / 2, net[:, 0]) / freedom)
    standard = shock[:, 1:] / scale[:, None]
    density = -0.5 * (freedom + size) * np.log1p((standard**2).sum(axis=1) / freedom)
    return mean + standard @ root.T, shock[:, 0], density


def _tempered(log_weight: Array, wanted: float) -> Any:
    """Weights that add up to 1, flattened until at least `wanted` of them count."""
    from scipy.special import softmax  # slow to import

    weight: Any = softmax(log_weight)
    while 1 / (weight**2).sum() < wanted:
        log_weight = 0.8 * log_weight
        weight = softmax(log_weight)
    return weight


def _notes(points: Array, spread: Array, observations: int, effective: float) -> list[str]:
    """What the data cannot tell, by the share of the prior's variance that they removed."""
    learned = 1 - points.var(axis=0) / spread**2
    correlations: Any = np.corrcoef(points.T)
    speed, drift = correlations[1, [0, 4]]
    notes = [
        f"{observations} prices remove {max(share, 0):.0%} of the prior variance of the "
        f"{name}: its interval is mostly assumed.".replace("%", " %")
        for name, share in zip(NAMES.values(), learned, strict=True)
        if share < 0.5
    ]
    notes.append(
        "Mean-reversion speed, level and drift are not separately identified: the level's "
        f"correlation is {speed:.2f} with the log of the speed and {drift:.2f} with "
        "the drift.".replace("-0", "−0")
    )
    notes.append("Jumps are not estimated: they enter as a scenario.")
    if effective < 200:
        notes.append(f"The draws count as {effective:.0f} independent ones: few.")
    return notes
