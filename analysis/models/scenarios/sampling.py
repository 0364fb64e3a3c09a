"""Cases drawn evenly over their ranges, with an error bar; and many of them in bounded memory."""

import builtins
import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from analysis.contract import checks
from analysis.models.scenarios.cases import Function, Map, values
from analysis.models.scenarios.inputs import Array, Input, drawn, factors

SHARES = (0.10, 0.25, 0.50, 0.75, 0.90)
FEWEST_SCRAMBLES = 8
MAX_POWER = 30
PART = 1 << 16


def points(columns: int, *, power: int, seed: int) -> Array:
    """2^power scrambled Sobol points in (0, 1), none skipped: shape (2^power, columns)."""
    from scipy.stats import qmc

    checks.whole(seed=seed, power=power)
    if power > MAX_POWER:
        raise checks.refused("power", power, f"in 0 to {MAX_POWER}")
    found: Array = qmc.Sobol(columns, scramble=True, seed=seed).random_base2(power)
    return _inside(found)


def _inside(shares: Array) -> Array:
    """Kept off 0 and 1, where a bell has no value."""
    edge = np.finfo(float).eps
    return np.clip(shares, edge, 1 - edge, out=shares)


def quasi(
    function: Function,
    inputs: Sequence[Input],
    *,
    power: int,
    seed: int,
    scrambles: int = FEWEST_SCRAMBLES,
    map: Map | None = builtins.map,
) -> pd.DataFrame:
    """Mean, standard deviation and quantiles by quasi-Monte-Carlo, each with its error.

    Columns `statistic, value, error, scrambles, n, seed`: the error is the standard error over so
    many independent scramblings, 2^power cases each.
    """
    checks.whole(seed=seed, scrambles=scrambles)
    if scrambles < FEWEST_SCRAMBLES:
        raise checks.refused("scrambles", scrambles, f"at least {FEWEST_SCRAMBLES}")
    seeds = np.random.SeedSequence(seed).generate_state(scrambles)
    columns = len(factors(inputs))
    found = np.array(
        [
            _statistics(values(function, drawn(inputs, shares), map=map))
            for each in seeds
            for shares in [points(columns, power=power, seed=int(each))]
        ]
    )
    names = ["mean", "sd", *(f"q{share:.0%}".removesuffix("%") for share in SHARES)]
    error = found.std(axis=0, ddof=1) / math.sqrt(scrambles)
    table = pd.DataFrame({"statistic": names, "value": found.mean(axis=0), "error": error})
    return table.assign(scrambles=scrambles, n=1 << power, seed=seed)


def _statistics(results: Array) -> Array:
    return np.array([results.mean(), results.std(), *np.quantile(results, SHARES)])


def parts(
    inputs: Sequence[Input], *, rows: int, seed: int, size: int = PART
) -> Iterator[pd.DataFrame]:
    """Random cases in parts of at most `size` rows: what memory holds at a time.

    The cases depend on the seed alone, not on `size`.
    """
    checks.whole(rows=rows, seed=seed)
    checks.counted(size=size)
    rng, columns = np.random.default_rng(seed), len(factors(inputs))
    for start in range(0, rows, size):
        yield drawn(inputs, _inside(rng.random((min(size, rows - start), columns))))


def summary(
    function: Callable[[pd.DataFrame], Array],
    parts: Iterable[pd.DataFrame],
    *,
    write: Callable[[pd.DataFrame], object] = lambda part: None,
) -> pd.DataFrame:
    """Rows, mean, standard deviation and ends of a function of tables, a part at a time.

    Memory is that of one part, however many there are. `write` is handed every part with its
    column `value`, to keep the rows elsewhere.
    """
    rows, mean, squares, low, high = 0, 0.0, 0.0, math.inf, -math.inf
    for part in parts:
        if part.empty:
            continue
        found = values(function, part, map=None)
        write(part.assign(value=found))
        shift, rows = float(found.mean()) - mean, rows + len(found)
        mean += shift * len(found) / rows
        squares += float(found.var()) * len(found)
        squares += shift**2 * len(found) * (rows - len(found)) / rows
        low, high = min(low, float(found.min())), max(high, float(found.max()))
    sd = math.sqrt(squares / rows) if rows else math.nan
    table = {"rows": rows, "mean": mean if rows else math.nan, "sd": sd, "low": low, "high": high}
    return pd.DataFrame([table])
