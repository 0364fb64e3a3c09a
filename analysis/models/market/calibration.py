"""Which price processes fit a few noisy, irregular observations, and what they cannot tell.

The observed log price is the process plus independent noise, so the likelihood is exact by the
Kalman filter, for all parameter draws at once. Priors are proper and in plain sight; the answer is
a cloud of posterior draws, never one number. Jumps are not estimated: they are a scenario.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.models.market.prices import PriceSeries
from analysis.models.market.process import Array, Process, refuse, require_finite

PARAMETERS = ("kappa_year", "level_usd_hour", "sigma_year", "noise_log", "drift_year")
FEWEST_DRAWS = 100  # of the posterior: five beyond each end of its nine tenths
FEWEST_PROPOSALS = 1000  # below it too few points carry the weight of five parameters
_LOGARITHMIC = np.array([True, True, True, True, False])


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """A lognormal belief by its median and log standard deviation; plainly normal for the drift."""

    median: float
    spread: float

    def __post_init__(self) -> None:
        require_finite(self, *self.__slots__)
        if self.spread <= 0:
            refuse("spread", self.spread, "above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """Beliefs before the data, one for each parameter; all assumed.

    kappa_year, level_usd_hour (at the first observation), sigma_year, noise_log (standard
    deviation of the noise in ln price): lognormal. drift_year of the ln level: normal.
    start_spread: of the first ln price around the ln level.
    """

    kappa_year: Prior = Prior(median=1.0, spread=0.8)
    level_usd_hour: Prior = Prior(median=2.5, spread=0.5)
    sigma_year: Prior = Prior(median=0.4, spread=0.6)
    noise_log: Prior = Prior(median=0.03, spread=0.8)
    drift_year: Prior = Prior(median=0.0, spread=0.2)
    start_spread: float = 0.5

    def __post_init__(self) -> None:
        if self.start_spread <= 0:
            refuse("start_spread", self.start_spread, "above 0")
        for name in PARAMETERS[:4]:
            if getattr(self, name).median <= 0:
                refuse(f"{name}.median", getattr(self, name).median, "above 0")

    @property
    def centre(self) -> Array:
        """Means of the transformed parameters (ln, but drift as it is), order of PARAMETERS."""
        medians = [getattr(self, name).median for name in PARAMETERS]
        return np.array([*np.log(medians[:4]), medians[4]])

    @property
    def spread(self) -> Array:
        """Standard deviations of the transformed parameters."""
        return np.array([getattr(self, name).spread for name in PARAMETERS])


def natural(points: Array) -> Array:
    """Parameters in their own units from transformed ones, last axis in the order of PARAMETERS."""
    return np.where(_LOGARITHMIC, np.exp(np.where(_LOGARITHMIC, points, 0.0)), points)


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
    effective_draws: how many independent ones they are worth.
    learned: for each parameter the share of the prior's variance that the data removed, and its
    correlation with the level. notes: what the data cannot tell, in sentences.
    """

    draws: pd.DataFrame
    cloud: pd.DataFrame = field(repr=False)
    effective_draws: float
    learned: pd.DataFrame
    notes: tuple[str, ...]

    def interval(self, chance: float = 0.9) -> pd.DataFrame:
        """Posterior `low, median, high` of each parameter; `chance` lies between low and high."""
        tail = (1 - chance) / 2
        ends = {}
        for name, values in self.cloud.drop(columns="weight").items():
            order = values.argsort()
            reached = self.cloud.weight.iloc[order].cumsum().to_numpy()
            ends[name] = values.iloc[order].iloc[reached.searchsorted([tail, 0.5, 1 - tail])]
        rows = {name: list(each) for name, each in ends.items()}
        return pd.DataFrame.from_dict(rows, orient="index", columns=["low", "median", "high"])

    def processes(self, count: int) -> list[tuple[float, Process]]:
        """The first `count` draws as (spot price, process), to send through a solver."""
        columns = ["spot_usd_hour", "kappa_year", "level_usd_hour", "sigma_year", "drift_year"]
        rows = self.draws.loc[: count - 1, columns].to_numpy(dtype=float).tolist()
        return [
            (
                spot,
                Process(kappa_year=kappa, level_usd_hour=level, sigma_year=sigma, drift_year=drift),
            )
            for spot, kappa, level, sigma, drift in rows
        ]


def calibrate(
    series: PriceSeries,
    *,
    rng: np.random.Generator,
    priors: Priors | None = None,
    draws: int = 4096,
    proposals: int = 1 << 16,
) -> Calibration:
    """Posterior of the process given one series of prices, by adaptive importance sampling.

    Starts from the prior, and four times moves a Student proposal to where prior times likelihood
    lies, tempered while too few points count; then resamples. Points are of a scrambled Sobol net
    and draws are stratified by the price expected in a year, so that little hangs on `rng`. Refuses
    fewer than FEWEST_DRAWS and FEWEST_PROPOSALS, whose intervals would be those of a few points.
    """
    for name, value, fewest in (
        ("draws", draws, FEWEST_DRAWS),
        ("proposals", proposals, FEWEST_PROPOSALS),
    ):
        if value < fewest:
            refuse(name, value, f"{fewest} or more, else its intervals say nothing")
    priors = priors or Priors()
    years, log_prices = series.years, series.log_prices
    centre, spread = priors.centre, priors.spread
    mean, root = centre, np.diag(spread) * 1.2
    for last in (False, False, False, False, True):
        count = proposals if last else max(FEWEST_PROPOSALS, proposals >> 3)
        points, shock, log_proposal = _student(mean, root, count, rng)
        fit, now, variance = log_likelihood(
            points, years=years, log_prices=log_prices, start_spread=priors.start_spread
        )
        belief = -0.5 * (((points - centre) / spread) ** 2).sum(axis=1)
        log_weight = fit + belief - log_proposal
        weight = _normalised(log_weight) if last else _tempered(log_weight, count / 10)
        mean = weight @ points
        gap = points - mean
        root = np.linalg.cholesky((gap * weight[:, None]).T @ gap * 1.1 + 1e-10 * np.eye(5))
    table = pd.DataFrame(natural(points), columns=list(PARAMETERS))
    table["level_usd_hour"] *= np.exp(table["drift_year"] * years[-1])
    table["spot_usd_hour"] = np.exp(now + np.sqrt(variance) * shock)
    level = np.log(table.level_usd_hour)
    expected = level + (np.log(table.spot_usd_hour) - level) * np.exp(-table.kappa_year)
    rank = np.argsort((expected + table.drift_year).to_numpy())
    order = van_der_corput(draws, shift=float(rng.random()) / draws)
    at = np.searchsorted(np.cumsum(weight[rank]), order)
    chosen = rank[np.minimum(at, proposals - 1)]
    cloud, table = table.assign(weight=weight), table.iloc[chosen].reset_index(drop=True)
    learned = _learned(points[chosen], spread)
    return Calibration(
        draws=table,
        cloud=cloud,
        effective_draws=float(1 / (weight**2).sum()),
        learned=learned,
        notes=_notes(learned, len(log_prices), float(1 / (weight**2).sum())),
    )


def van_der_corput(count: int, *, base: int = 2, shift: float = 0.0) -> Array:
    """Numbers of 0 to 1, shifted, of which the first few, however many, lie evenly spread.

    >>> van_der_corput(4).tolist()
    [0.0, 0.5, 0.25, 0.75]
    """
    number, found, scale = np.arange(count), np.zeros(count), 1.0
    while number.any():
        scale /= base
        found += scale * (number % base)
        number //= base
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


def _normalised(log_weight: Array) -> Array:
    weight = np.exp(log_weight - log_weight.max())
    result: Array = weight / weight.sum()
    return result


def _tempered(log_weight: Array, wanted: float) -> Array:
    """Weights flattened until at least `wanted` of them count."""
    power = 1.0
    weight = _normalised(log_weight)
    while 1 / (weight**2).sum() < wanted:
        power *= 0.8
        weight = _normalised(power * log_weight)
    return weight


def _learned(points: Array, spread: Array) -> pd.DataFrame:
    correlation = np.asarray(np.corrcoef(points.T))[1]
    return pd.DataFrame(
        {
            "parameter": PARAMETERS,
            "learned": 1 - points.var(axis=0) / spread**2,
            "correlation_with_level": correlation,
        }
    )


def _notes(learned: pd.DataFrame, observations: int, effective: float) -> tuple[str, ...]:
    removed = dict(zip(PARAMETERS, learned.learned.tolist(), strict=True))
    with_level = dict(zip(PARAMETERS, learned.correlation_with_level.tolist(), strict=True))
    notes = [
        f"{name}: {observations} observations remove {max(share, 0):.0%} of the prior's "
        "variance; its interval is mostly the prior's."
        for name, share in removed.items()
        if share < 0.5
    ]
    notes.append(
        "Speed of return, level and drift are read from the same few pulls and are not separately "
        f"known: the level's correlation is {with_level['kappa_year']:+.2f} with ln kappa and "
        f"{with_level['drift_year']:+.2f} with the drift."
    )
    notes.append("Jumps are not estimated: they enter as a scenario.")
    if effective < 200:
        notes.append(f"The draws are worth only {effective:.0f} independent ones: read with care.")
    return tuple(notes)
