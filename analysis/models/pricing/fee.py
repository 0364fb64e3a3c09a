"""What a capacity counts: accelerators by kind, and in H100-equivalents."""

from collections.abc import Mapping

from analysis.contract.clauses import Capacity, Quantity, Range
from analysis.contract.units import Interval, Measure, as_interval, h100_equivalents
from analysis.models.exits.leaving import weight


def span(amount: Quantity) -> Interval:
    """A number of the terms, or the range it lies in, as an interval."""
    if isinstance(amount, Range):
        return Interval(amount.low, amount.high)
    return as_interval(amount)


def use(amount: Quantity) -> float:
    """A number of the terms, of a range the one in use."""
    return amount.use if isinstance(amount, Range) else amount


def kinds(capacity: Capacity) -> dict[str, Interval]:
    """How many accelerators of each kind a capacity holds; empty where none are stated."""
    return {kind: span(count) for kind, count in capacity.accelerators.items() if use(count)}


def equivalents(accelerators: Mapping[str, Measure], weights: Mapping[str, Range]) -> Interval:
    """H100-equivalents on the metric of `weights`, low to high.

    A kind without a weight counts as anything from one H100 to one GB300, several kinds as one of
    them (see `leaving.weight`).

    >>> weights = {"H100": Range(low=1, use=1, high=1), "GB300": Range(low=2, use=2, high=3)}
    >>> equivalents({"H100": 100, "unknown": 10}, weights)
    Interval(low=110.0, high=130.0)
    """
    known: dict[str, Measure] = {kind: span(weight(kind, weights)) for kind in accelerators}
    return as_interval(h100_equivalents(accelerators, known))
