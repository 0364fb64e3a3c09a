"""Which input's uncertainty matters: shares of the variance, alone and with all it does together.

*First*: the share that would be gone if one knew this input alone. *Total*: the share that would
stay if one knew all but this one. What lies between is shared with others; first ≤ total.
"""

import builtins
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.contract import checks
from analysis.models.scenarios.cases import Function, Map, values
from analysis.models.scenarios.inputs import Array, Input, drawn, factors, quadrature
from analysis.models.scenarios.sampling import points

RESAMPLES = 200
CONFIDENCE = 0.9
NODES = 8


def exact(
    function: Function,
    inputs: Sequence[Input],
    *,
    nodes: int = NODES,
    map: Map | None = builtins.map,
) -> pd.DataFrame:
    """First and total shares by quadrature over every combination: no sampling error, no seed.

    For few inputs of a function that is smooth between an input's low, use and high, and of bells
    smooth throughout. Choices are summed; others, and what moves together, are integrated with
    `nodes` values on the bell, or half as many between one break and the next (the value in use,
    every change of a choice). Bells that move together with others are refused. Columns `input,
    first, total, mean, variance`; shares are `nan` where nothing varies.
    """
    checks.counted(nodes=nodes)
    groups = factors(inputs)
    axes = [quadrature(group, nodes) for group in groups.values()]
    shape = tuple(len(weights) for _, weights in axes)
    places = np.indices(shape).reshape(len(shape), -1)
    columns = {
        name: column.take(places[n])
        for n, (found, _) in enumerate(axes)
        for name, column in found.items()
    }
    cases = pd.DataFrame({each.name: columns[each.name] for each in inputs})
    results = values(function, cases, map=map).reshape(shape)
    chances = [weights for _, weights in axes]
    mean = _mean(results, chances, keep=())
    centred = results - mean
    variance = float(_mean(centred**2, chances, keep=()))
    rows, all_axes = [], range(len(shape))
    for n, name in enumerate(groups):
        alone = _mean(centred, chances, keep=(n,))
        rest = _mean(centred, chances, keep=tuple(k for k in all_axes if k != n))
        others = [chance for k, chance in enumerate(chances) if k != n]
        first = float(alone**2 @ chances[n])
        without = float(_mean(rest**2, others, keep=()))
        rows.append((name, _share(first, variance), _share(variance - without, variance)))
    table = pd.DataFrame(rows, columns=["input", "first", "total"])
    return table.assign(mean=float(mean), variance=variance)


def _mean(results: Array, chances: Sequence[Array], *, keep: tuple[int, ...]) -> Array:
    """The mean over every axis but those kept."""
    for axis in reversed(range(results.ndim)):
        if axis not in keep:
            results = np.tensordot(results, chances[axis], axes=(axis, 0))
    return results


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")


def sobol(
    function: Function,
    inputs: Sequence[Input],
    *,
    power: int,
    seed: int,
    resamples: int = RESAMPLES,
    confidence: float = CONFIDENCE,
    map: Map | None = builtins.map,
) -> pd.DataFrame:
    """First and total shares by sampling, with bootstrap intervals.

    Evaluates 2^power × (factors + 2) cases on scrambled Sobol points; first by Saltelli and others
    (2010), total by Jansen (1999). Intervals resample the points as if they were independent, which
    is wider than the truth. Columns `input, first, first_low, first_high, total, total_low,
    total_high, n, seed`.
    """
    checks.share(confidence=confidence)
    checks.counted(resamples=resamples)
    names = list(factors(inputs))
    both = points(2 * len(names), power=power, seed=seed)
    a, b = both[:, : len(names)], both[:, len(names) :]
    mixed = [np.where(np.arange(len(names)) == n, b, a) for n in range(len(names))]
    cases = pd.concat([drawn(inputs, part) for part in (a, b, *mixed)], ignore_index=True)
    found = values(function, cases, map=map).reshape(len(names) + 2, len(a))
    found = found - found[:2].mean()
    rng = np.random.default_rng(seed)
    picks = rng.integers(len(a), size=(resamples, len(a)))
    again = np.array([_indices(found[:, pick]) for pick in picks])
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    (first, total), (low, high) = _indices(found), np.quantile(again, tails, axis=0)
    return pd.DataFrame(
        {
            "input": names,
            **{"first": first, "first_low": low[0], "first_high": high[0]},
            **{"total": total, "total_low": low[1], "total_high": high[1]},
            **{"n": len(a), "seed": seed},
        }
    )


def _indices(found: Array) -> tuple[Array, Array]:
    """First and total shares from results at A, at B, and at A with one factor from B each."""
    at_a, at_b, mixed = found[0], found[1], found[2:]
    variance = found[:2].var()
    if not variance > 0:
        none = np.full(len(mixed), np.nan)
        return none, none
    first = (at_b * (mixed - at_a)).mean(axis=1) / variance
    total = ((at_a - mixed) ** 2).mean(axis=1) / (2 * variance)
    return first, total
