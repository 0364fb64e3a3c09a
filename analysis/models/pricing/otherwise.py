"""What the ratio of fee to market would be if one thing at a time were otherwise."""

from collections.abc import Iterator, Mapping
from datetime import date
from math import log

import pandas as pd

from analysis.contract import units
from analysis.contract.clauses import Range
from analysis.contract.served import full_fee, paid_for
from analysis.contract.terms import Agreement, scoped, scopes
from analysis.contract.units import Interval, Measure, as_interval
from analysis.models import planning
from analysis.models.pricing.fee import equivalents, kinds
from analysis.models.pricing.ladder import total

Mix = Mapping[str, Measure]
COLUMNS = ["varied", "reading", "low", "high", "effect"]
BASE = "as it stands"
Reading = tuple[str, str, Interval]


def by_the_accelerator(
    agreement: Agreement,
    claims: pd.DataFrame,
    market: pd.DataFrame,
    *,
    day: date,
    scope: str,
    weights: Mapping[str, Mapping[str, Range]],
    metric: str,
    hours_month: float,
) -> pd.DataFrame:
    """Fee ÷ one H100 price, a row a reading: the number, the mix, both, the metric, the hours.

    Columns `varied, reading, low, high, effect`, first as it stands, then the farthest from there;
    `effect` is how far the middle of the ratio moves, in natural logs. Number and mix are those of
    other scopes and of `claims`. `market` holds the price, `usd_hour`, in its first row; empty
    without one, or without accelerators.
    """
    fee = full_fee(agreement, day).usd_month
    terms = paid_for(agreement, day)
    base = kinds(scoped(terms, scope or terms.capacity.name).capacity)
    if not (base and len(market) and fee):
        return pd.DataFrame(columns=COLUMNS)
    others: dict[str, Mix] = {name: kinds(held) for name, held in scopes(terms).items()}
    for name, rows in claims.groupby("claim", sort=False):
        others[str(name)] = dict(zip(rows.model, rows.accelerators.map(float), strict=True))

    def ratio(mix: Mix, metric: str, hours: float) -> Interval:
        h100s = equivalents(mix, weights[metric])
        price = units.usd_per_gpu_hour(fee, h100s, hours)
        return as_interval(price / float(market.usd_hour.iloc[0]))

    mixes = _mixes(base, others, weights[metric])
    hours = [each for each in units.HOUR_CONVENTIONS.values() if each != hours_month]
    return _sorted(
        [
            ("", BASE, ratio(base, metric, hours_month)),
            *((varied, said, ratio(mix, metric, hours_month)) for varied, said, mix in mixes),
            *(("metric", m, ratio(base, m, hours_month)) for m in weights if m != metric),
            *(("hours", f"{each:g} a month", ratio(base, metric, each)) for each in hours),
        ]
    )


def by_the_megawatt(
    agreement: Agreement,
    assumptions: pd.DataFrame,
    market: pd.DataFrame,
    *,
    day: date,
    scope: str,
) -> pd.DataFrame:
    """Fee ÷ price of another deal by the megawatt, a row a reading: megawatts and their basis.

    Columns as of `by_the_accelerator`; `market` holds the price, `low_usd` to `high_usd` a MW and
    month, in its first row; empty without one, or without megawatts.
    """
    fee = full_fee(agreement, day).usd_month
    if market.empty or not fee:
        return pd.DataFrame(columns=COLUMNS)
    price = Interval(float(market.low_usd.iloc[0]), float(market.high_usd.iloc[0]))
    terms = paid_for(agreement, day)
    found = list(_megawatts(terms, assumptions, scope or terms.capacity.name, fee, price))
    return _sorted(found) if found else pd.DataFrame(columns=COLUMNS)


def _mixes(
    base: Mix, others: Mapping[str, Mix], weights: Mapping[str, Range]
) -> Iterator[tuple[str, str, Mix]]:
    """Number, mix, or both otherwise: what is varied, what is said, the accelerators then."""
    counts, shares = [total(base)], [_shares(base)]
    whole = as_interval(total(base))
    for name, mix in others.items():
        if not mix:
            continue
        number, part = total(mix), _shares(mix)
        if number not in counts:
            counts.append(number)
            yield (
                "number",
                _count(number),
                {k: number * s for k, s in _shares(base).items()},
            )
        if part not in shares:
            shares.append(part)
            yield "mix", name, {kind: whole * s for kind, s in part.items()}
        if number != total(base) and part != _shares(base):
            yield "both", name, mix
    if any(kind not in weights for kind in base):
        for kind in weights:
            yield "mix", f"all {kind}", {kind: whole}


def _shares(mix: Mix) -> dict[str, float]:
    """Each kind's share of the accelerators, by the middles of their ranges."""
    middles = {kind: _middle(as_interval(number)) for kind, number in mix.items()}
    return {kind: middle / sum(middles.values()) for kind, middle in middles.items()}


def _megawatts(
    terms: Agreement, assumptions: pd.DataFrame, scope: str, fee: float, market: Interval
) -> Iterator[Reading]:
    """The fee by the megawatt over other deals' price: this scope, others, and another basis."""

    def ratio(mw: Interval) -> Interval:
        return as_interval(units.usd_per_mw_month(fee, mw) / market)

    for name in dict.fromkeys([scope, *scopes(terms)]):
        place = planning.place(terms, assumptions, scope=name)
        if place.mw is None:
            continue
        mw = Interval(place.mw["low"], place.mw["high"])
        if name != scope:
            yield "megawatts", name, ratio(mw)
            continue
        yield "", BASE, ratio(mw)
        pue = Interval(
            planning.value(assumptions, "pue", "low"), planning.value(assumptions, "pue", "high")
        )
        basis = scopes(terms)[name].mw_basis
        if basis != "critical IT":
            yield "basis", "if facility, by IT", ratio(mw / pue)
        if basis != "facility":
            yield "basis", "if IT, by facility", ratio(mw * pue)


def _sorted(rows: list[Reading]) -> pd.DataFrame:
    """The rows with their effect, the first kept first and the others by effect, largest on top."""
    start = log(_middle(rows[0][2]))
    table = [
        (varied, reading, span.low, span.high, log(_middle(span)) - start)
        for varied, reading, span in rows
    ]
    first, *others = table
    once = {(row[0], row[2], row[3]): row for row in reversed(others)}  # the first of equals
    by_effect = sorted(once.values(), key=lambda row: -abs(row[4]))
    return pd.DataFrame([first, *by_effect], columns=COLUMNS)


def _middle(span: Interval) -> float:
    return (span.low + span.high) / 2


def _count(span: Interval) -> str:
    return f"{span.low:,.0f}" if span.low == span.high else f"{span.low:,.0f} to {span.high:,.0f}"
