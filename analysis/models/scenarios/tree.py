"""A scenario tree: what may happen next, with a probability at every branch."""

import builtins
import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from analysis.models import errors
from analysis.models.scenarios.cases import Function, Map, values

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
