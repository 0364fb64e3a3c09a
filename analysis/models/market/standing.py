"""Where does the market stand on a day: what was seen by then, and the price processes that fit.

A series ends before the day it is needed for; each process is carried on from its last price by
its own law, so that the wait adds to the doubt.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd

from analysis.models import errors
from analysis.models.market.calibration import PARAMETERS, Calibration, Priors, calibrate, evenly
from analysis.models.market.prices import Chain, PriceSeries, Process, forward_strip, select

FEWEST = 3  # observations, below which nothing is calibrated
NET = 0  # the scramble of the net that the posterior is summed over
FEWEST_DRAWS = 20  # processes, one beyond each end of their middle nine tenths


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The market on a day: one series up to then, the middle process of medians, and draws.

    notes: what the data cannot tell.
    """

    day: date
    series: PriceSeries
    notes: tuple[str, ...]
    spot_usd_hour: float
    process: Process
    draws: tuple[tuple[float, Process], ...]


def until(table: pd.DataFrame, day: date, **kinds: str) -> PriceSeries | None:
    """One series of observations, see `select`, up to a day; None where too few."""
    whole = select(table, **kinds)
    seen = bisect_right(whole.dates, day)
    if seen < FEWEST:
        return None
    return replace(whole, dates=whole.dates[:seen], usd_gpu_hour=whole.usd_gpu_hour[:seen])


def sources(table: pd.DataFrame, *, gpu: str) -> list[str]:
    """All sources whose prices of one accelerator are one series, long enough to be carried on."""
    own = table[table.gpu == gpu].groupby("source")
    one = (own.size() >= FEWEST) & (own.date.nunique() == own.size())
    one &= (own.tier.nunique() == 1) & (own.basis.nunique() == 1)
    return [str(name) for name in one.index[one]]


def priors(values: Mapping[str, float]) -> Priors:
    """Beliefs from values named `prior_<parameter>_median` and `…_spread`."""
    medians, spreads = (
        tuple(float(values[f"prior_{name}_{part}"]) for name in PARAMETERS)
        for part in ("median", "spread")
    )
    start = float(values["prior_start_spread"])
    return Priors(medians=medians, spreads=spreads, start_spread=start)


def stand(
    series: PriceSeries | None, *, day: date, beliefs: Priors, draws: int, seed: int
) -> Standing | None:
    """The market on `day`, not before the last observation, and `draws` processes that fit.

    What fits is summed over one fixed net of points, so the middle process hangs on no seed; `seed`
    is of the moves from the last observation to the day. None where there is no series. Fewer than
    FEWEST_DRAWS have no middle nine tenths.
    """
    if series is None:
        return None
    if draws < FEWEST_DRAWS:
        raise errors.refused("draws", draws, f"{FEWEST_DRAWS} or more: else they have no 90 % band")
    if day < series.dates[-1]:
        raise errors.refused("day", day, f"on or after the last observation, {series.dates[-1]}")
    from scipy.special import ndtri  # slow to import

    middle, found = _fitted(series, beliefs, NET)
    years = (day - series.dates[-1]).days / 365
    process = Process(**{name: middle[name] for name in PARAMETERS if name != "noise_log"})
    spot, process = carried(middle["spot_usd_hour"], process, years=years, shock=0.0)
    shift = float(np.random.default_rng(seed).random())
    shocks = ndtri(np.clip(evenly(draws, base=3, shift=shift), 1e-9, 1 - 1e-9))
    cloud = [
        carried(price, law, years=years, shock=float(shock))
        for (price, law), shock in zip(found.processes(draws), shocks, strict=True)
    ]
    return Standing(
        day=day,
        series=series,
        notes=found.notes,
        spot_usd_hour=spot,
        process=process,
        draws=tuple(cloud),
    )


@lru_cache(maxsize=16)
def _fitted(series: PriceSeries, beliefs: Priors, net: int) -> tuple[dict[str, float], Calibration]:
    """The median of each parameter, and the draws: kept, as they hang on nothing else."""
    found = calibrate(series, rng=np.random.default_rng(net), priors=beliefs)
    middle = {str(name): float(value) for name, value in found.interval["median"].items()}
    return middle, replace(found, cloud=found.cloud.head(0))


def carried(price: float, process: Process, *, years: float, shock: float) -> tuple[float, Process]:
    """A price and its process after a wait, `shock` standard deviations off its mean log."""
    if years == 0:
        return price, process
    chain = Chain(process=process, step_years=years)
    mean = float(chain.means(math.log(price), 1)[1])
    level = process.level_usd_hour * math.exp(process.drift_year * years)
    later = math.exp(mean + shock * math.sqrt(chain.variance))
    return later, replace(process, level_usd_hour=level)


def strips(now: Standing, *, months: int) -> pd.DataFrame:
    """Expected prices `month, price, low, high` of the middle process, and 90 % of the draws."""
    middle = forward_strip(now.process, spot_usd_hour=now.spot_usd_hour, months=months)
    cloud = [forward_strip(law, spot_usd_hour=spot, months=months) for spot, law in now.draws]
    low, high = np.percentile(np.array(cloud), [5, 95], axis=0)
    month = np.arange(months + 1)
    return pd.DataFrame({"month": month, "price": middle, "low": low, "high": high})
