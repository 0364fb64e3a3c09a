"""One case changed one input at a time, or every way: tables of results."""

import builtins
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from analysis.models.scenarios.inputs import Array, Input, factors

Map = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
Function = Callable[..., Any]


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


def grid(
    function: Function,
    axes: Mapping[str, Sequence[Hashable]],
    *,
    map: Map | None = builtins.map,
) -> pd.DataFrame:
    """Every combination of the values of each axis, the last axis fastest: inputs and `value`.

    >>> grid(pow, {"base": [2, 3], "exp": [2]}).value.tolist()
    [4.0, 9.0]
    """
    cases = pd.DataFrame(list(product(*axes.values())), columns=list(axes))
    return cases.assign(value=values(function, cases, map=map))


def tornado(
    function: Function, inputs: Sequence[Input], *, map: Map | None = builtins.map
) -> pd.DataFrame:
    """One factor at a time over its range, all others in use, the widest first.

    Columns `input, at_low, at_high` (the values of the factor), `low, high` (the results there),
    `base` (all in use), `range` (from the least to the greatest result). Of a choice every value
    is tried; low and high are those of the least and the greatest result. It hides what inputs do
    together: see `variance`.
    """
    base = {each.name: each.base for each in inputs}
    tried: list[tuple[str, list[dict[str, Hashable]]]] = [
        (name, _changes(group)) for name, group in factors(inputs).items()
    ]
    cases = pd.DataFrame([base, *(base | change for _, changes in tried for change in changes)])
    results = values(function, cases, map=map)
    rows, start = [], 1
    for name, changes in tried:
        found = results[start : start + len(changes)]
        start += len(changes)
        first, last = 0, len(found) - 1
        if len(factors(inputs)[name]) == 1 and factors(inputs)[name][0].choices:
            first, last = int(found.argmin()), int(found.argmax())
        ends = [_told(changes[n]) for n in (first, last)]
        every = np.append(found, results[0])
        rows.append((name, *ends, found[first], found[last], results[0], np.ptp(every)))
    columns = ["input", "at_low", "at_high", "low", "high", "base", "range"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("range", ascending=False, kind="stable", ignore_index=True)


def _changes(group: Sequence[Input]) -> list[dict[str, Hashable]]:
    """What changes when one factor moves over its range: both ends, or every choice."""
    if len(group) == 1 and group[0].choices:
        return [{group[0].name: choice} for choice in group[0].choices]
    low = {each.name: each.choices[0] if each.choices else each.low for each in group}
    high = {each.name: each.choices[-1] if each.choices else each.high for each in group}
    return [low, high]


def _told(change: Mapping[str, Hashable]) -> Hashable:
    """The value of a factor; of inputs that move together all of theirs."""
    return next(iter(change.values())) if len(change) == 1 else tuple(change.values())
