"""Cases: one changed one input at a time, every way, drawn, or by a tree; tables of their results.

Shares of the variance (Sobol): *first* is the share that would be gone if one knew this input
alone, *total* the share that would stay if one knew all but this one; first ≤ total.
"""

import builtins
import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from analysis.models import errors
from analysis.models.scenarios.inputs import Array, Input, drawn, factors, quadrature

Map = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
Function = Callable[..., Any]
SHARES = (0.10, 0.25, 0.50, 0.75, 0.90)
FEWEST_SCRAMBLES = 8
PART = 1 << 16
RESAMPLES = 200
TAILS = (0.05, 0.95)  # of the bootstrap


def values(function: Function, cases: pd.DataFrame, *, map: Map | None = builtins.map) -> Array:
    """The function of every case, in order.

    `map` calls it with each row's inputs by name (a pool's `map` spreads the rows; the function
    must then be importable). With None it is called once, with the whole table.

    >>> values(lambda a, b: a * b, pd.DataFrame({"a": [2, 3], "b": [5, 7]})).tolist()
    [10.0, 21.0]
    """
    if map is None:
        found = np.asarray(function(cases), dtype=float)
    else:
        rows = cases.to_dict("records")
        found = np.array(list(map(partial(_named, function), rows)), dtype=float)
    if found.shape != (len(cases),):
        raise ValueError(f"function: {found.shape} results; allowed: one a case, {len(cases)}")
    return found


def _named(function: Function, case: Mapping[str, Any]) -> Any:
    return function(**case)


def tornado(
    function: Function, inputs: Sequence[Input], *, map: Map | None = builtins.map
) -> pd.DataFrame:
    """One factor at a time over its range, all others in use, the widest first.

    Of a choice every value is tried; low and high are those of the least and the greatest result.
    It hides what inputs do together: see `exact` and `sobol`.
    """
    base, groups = {each.name: each.base for each in inputs}, factors(inputs)
    tried = {name: _changes(group) for name, group in groups.items()}
    cases = [base, *(base | change for changes in tried.values() for change in changes)]
    whole, *results = values(function, pd.DataFrame(cases), map=map)
    rows, left = [], iter(results)
    for name, changes in tried.items():
        found = [next(left) for _ in changes]
        first, last = 0, len(found) - 1
        if len(groups[name]) == 1 and groups[name][0].choices:
            first, last = int(np.argmin(found)), int(np.argmax(found))
        told = [tuple(changes[n].values()) for n in (first, last)]
        ends = [each[0] if len(each) == 1 else each for each in told]
        rows.append((name, *ends, found[first], found[last], whole, np.ptp([*found, whole])))
    columns = ["input", "at_low", "at_high", "low", "high", "base", "range"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("range", ascending=False, kind="stable", ignore_index=True)


def _changes(group: Sequence[Input]) -> list[dict[str, Hashable]]:
    """What changes when one factor moves over its range: both ends, or every choice."""
    if len(group) == 1 and group[0].choices:
        return [{group[0].name: choice} for choice in group[0].choices]
    ends = [each.choices or (each.low, each.high) for each in group]
    return [{each.name: end[n] for each, end in zip(group, ends, strict=True)} for n in (0, -1)]


def exact(
    function: Function, inputs: Sequence[Input], *, nodes: int = 8, map: Map | None = builtins.map
) -> pd.DataFrame:
    """First and total shares by quadrature over every combination: `input, first, total, mean,
    variance`; shares are `nan` where nothing varies.

    For few inputs of a function that is smooth between an input's low, use and high, and of bells
    smooth throughout. Choices are summed, others integrated with about `nodes` values.
    """
    errors.counted(nodes=nodes)
    names, axes = list(factors(inputs)), [quadrature(g, nodes) for g in factors(inputs).values()]
    chances = [weights for _, weights in axes]
    places = np.indices([len(each) for each in chances])
    columns = {
        name: column.take(place.ravel())
        for place, (found, _) in zip(places, axes, strict=True)
        for name, column in found.items()
    }
    cases = pd.DataFrame({each.name: columns[each.name] for each in inputs})
    results = values(function, cases, map=map).reshape(places.shape[1:])
    every = range(len(names))
    mean = _mean(results, chances, every)
    centred = results - mean
    variance, rows = float(_mean(centred**2, chances, every)), []
    for n, name in enumerate(names):
        others = [k for k in every if k != n]
        first = _mean(centred, chances, others) ** 2 @ chances[n]
        rest = _mean(centred, chances, [n]) ** 2
        without = _mean(rest, [chances[k] for k in others], range(rest.ndim))
        rows.append((name, float(first), float(variance - without)))
    table = pd.DataFrame(rows, columns=["input", "first", "total"]).set_index("input")
    shares = (table / (variance if variance > 0 else math.nan)).reset_index()
    return shares.assign(mean=float(mean), variance=variance)


def _mean(results: Array, chances: Sequence[Array], over: Iterable[int]) -> Array:
    """The mean over some axes, each with its chances."""
    for axis in sorted(over, reverse=True):
        results = np.tensordot(results, chances[axis], axes=(axis, 0))
    return results


def points(columns: int, *, power: int, seed: int) -> Array:
    """2^power scrambled Sobol points in (0, 1), none skipped: shape (2^power, columns)."""
    from scipy.stats import qmc

    errors.whole(seed=seed, power=power)
    return _inside(qmc.Sobol(columns, scramble=True, seed=seed).random_base2(power))


def _inside(shares: Array) -> Array:
    """Kept off 0 and 1, where a bell has no value."""
    edge = np.finfo(float).eps
    return np.clip(shares, edge, 1 - edge, out=shares)


def sobol(
    function: Function,
    inputs: Sequence[Input],
    *,
    power: int,
    seed: int,
    map: Map | None = builtins.map,
) -> pd.DataFrame:
    """First and total shares by sampling, with 90 % bootstrap intervals (wider than the truth).

    2^power × (factors + 2) cases on scrambled Sobol points; first by Saltelli and others (2010),
    total by Jansen (1999). Columns `input, first, first_low, first_high, total, total_low,
    total_high, n, seed`.
    """
    names = list(factors(inputs))
    both = points(2 * len(names), power=power, seed=seed)
    a, b = both[:, : len(names)], both[:, len(names) :]
    mixed = [np.where(np.arange(len(names)) == n, b, a) for n in range(len(names))]
    cases = pd.concat([drawn(inputs, part) for part in (a, b, *mixed)], ignore_index=True)
    found = values(function, cases, map=map).reshape(len(names) + 2, len(a))
    found = found - found[:2].mean()
    picks = np.random.default_rng(seed).integers(len(a), size=(RESAMPLES, len(a)))
    again = np.array([_indices(found[:, pick]) for pick in picks])
    middle, (low, high) = _indices(found), np.quantile(again, TAILS, axis=0)
    columns = {"input": names}
    for n, share in enumerate(("first", "total")):
        columns |= {share: middle[n], f"{share}_low": low[n], f"{share}_high": high[n]}
    return pd.DataFrame(columns).assign(n=len(a), seed=seed)


def _indices(found: Array) -> Array:
    """First and total shares from results at A, at B, and at A with one factor from B each."""
    at_a, at_b, mixed = found[0], found[1], found[2:]
    variance = found[:2].var() or math.nan
    first = (at_b * (mixed - at_a)).mean(axis=1) / variance
    total = ((at_a - mixed) ** 2).mean(axis=1) / (2 * variance)
    return np.array([first, total])


def quasi(
    function: Function,
    inputs: Sequence[Input],
    *,
    power: int,
    seed: int,
    scrambles: int = FEWEST_SCRAMBLES,
    map: Map | None = builtins.map,
) -> pd.DataFrame:
    """Mean, standard deviation and quantiles by quasi-Monte-Carlo, each with its standard error."""
    errors.whole(seed=seed, scrambles=scrambles)
    if scrambles < FEWEST_SCRAMBLES:
        raise errors.refused("scrambles", scrambles, f"at least {FEWEST_SCRAMBLES}")
    table = []
    for each in np.random.SeedSequence(seed).generate_state(scrambles):
        shares = points(len(factors(inputs)), power=power, seed=int(each))
        results = values(function, drawn(inputs, shares), map=map)
        table.append([results.mean(), results.std(), *np.quantile(results, SHARES)])
    names = ["mean", "sd", *(f"q{100 * share:.0f}" for share in SHARES)]
    found = pd.DataFrame(table, columns=names).agg(["mean", "sem"]).T
    told = found.set_axis(["value", "error"], axis=1).reset_index(names="statistic")
    return told.assign(scrambles=scrambles, n=1 << power, seed=seed)


def parts(
    inputs: Sequence[Input], *, rows: int, seed: int, size: int = PART
) -> Iterator[pd.DataFrame]:
    """Random cases in parts of at most `size` rows: what memory holds at a time.

    The cases depend on the seed alone, not on `size`.
    """
    errors.whole(rows=rows, seed=seed)
    errors.counted(size=size)
    rng, columns = np.random.default_rng(seed), len(factors(inputs))
    for start in range(0, rows, size):
        yield drawn(inputs, _inside(rng.random((min(size, rows - start), columns))))


MOST_STEPS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One thing that may happen: its probability, the inputs it sets, and what may follow.

    The probabilities of the branches that leave one node add up to 1.
    """

    name: str
    probability: float
    inputs: Mapping[str, Hashable] = field(default_factory=dict)
    then: tuple["Branch", ...] = ()


def leaves(branches: Sequence[Branch]) -> pd.DataFrame:
    """Every way through the tree: `path, probability` and the inputs set on the way.

    A later branch overrides an earlier one. Refuses a node whose probabilities do not add up to 1.
    """
    return pd.DataFrame(list(_walk(branches, "", 1.0, {})))


def _walk(
    branches: Sequence[Branch], path: str, probability: float, inputs: Mapping[str, Hashable]
) -> Iterator[dict[str, Hashable]]:
    errors.share(**{f"probability of {each.name}": each.probability for each in branches})
    total = math.fsum(each.probability for each in branches)
    if abs(total - 1) > 1e-9:
        raise errors.refused(f"probabilities after {path or 'the root'!r}", total, "1 in all")
    for each in branches:
        way = f"{path} / {each.name}".removeprefix(" / ")
        chance, known = probability * each.probability, {**inputs, **each.inputs}
        if each.then:
            yield from _walk(each.then, way, chance, known)
        else:
            yield {"path": way, "probability": chance, **known}


def weighed(
    function: Function, branches: Sequence[Branch], *, map: Map | None = builtins.map
) -> pd.DataFrame:
    """The leaves with the function's `value` and its `part` of the mean; parts add up to it."""
    table = leaves(branches)
    found = values(function, table.drop(columns=["path", "probability"]), map=map)
    return table.assign(value=found, part=found * table.probability)


def prices(
    start: float,
    *,
    drift_year: float,
    volatility_year: float,
    step_years: float,
    steps: int,
    then: tuple[Branch, ...] = (),
) -> tuple[Branch, ...]:
    """A `price` that goes up or down by e^(±volatility·√step), its mean growing by e^(drift·step).

    `then` follows on the last step. Refused where the mean lies outside the two branches: take
    shorter steps.
    """
    errors.positive(start=start, volatility_year=volatility_year, step_years=step_years)
    errors.counted(steps=steps)
    if steps > MOST_STEPS:
        raise errors.refused("steps", steps, f"{MOST_STEPS} at the most")
    up = math.exp(volatility_year * math.sqrt(step_years))
    chance = (math.exp(drift_year * step_years) - 1 / up) / (up - 1 / up)
    if not 0 <= chance <= 1:
        raise errors.refused("step_years", step_years, "short enough for drift and volatility")

    def after(price: float, left: int) -> tuple[Branch, ...]:
        if not left:
            return then
        ends = ("up", chance, price * up), ("down", 1 - chance, price / up)
        return tuple(
            Branch(name=word, probability=p, inputs={"price": to}, then=after(to, left - 1))
            for word, p, to in ends
        )

    return after(start, steps)
