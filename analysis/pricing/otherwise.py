"""What the ratio of fee to market would be if one thing at a time were otherwise."""

from collections.abc import Iterator, Mapping
from datetime import date
from math import log

import pandas as pd

from analysis import planning, units
from analysis.clauses import Range
from analysis.pricing.fee import equivalents, full_fee, kinds, paid_for
from analysis.pricing.ladder import total
from analysis.terms import Agreement, scopes
from analysis.units import Interval, Measure, as_interval

Mix = Mapping[str, Measure]
COLUMNS = ["by", "varied", "reading", "low", "high", "effect"]
GPU, MW = "by the accelerator", "by the megawatt"
BASE = "as it stands"


def otherwise(
    agreement: Agreement,
    claims: pd.DataFrame,
    assumptions: pd.DataFrame,
    *,
    day: date,
    scope: str,
    weights: Mapping[str, Mapping[str, Range]],
    metric: str,
    hours_month: float,
    by_gpu: pd.DataFrame,
    by_mw: pd.DataFrame,
) -> pd.DataFrame:
    """Fee ÷ market price, a row a reading of one input, the farthest from the first row on top.

    Columns `by, varied, reading, low, high, effect`; `effect` is how far the ratio's middle moves,
    in natural logs. By the accelerator: the number, the mix, both as somebody claims them, the
    metric and the hours, against one H100 price. By the megawatt: megawatts of other scopes and
    their basis. The market is the first row of `by_gpu` (`usd_hour`) and of `by_mw` (`low, high`,
    $/MW-month); a part without one is left out.
    """
    fee = full_fee(agreement, day).usd_month
    terms = paid_for(agreement, day)
    found = list(scopes(terms))
    base = kinds(scopes(terms)[scope or found[0]])
    tables = []
    if base and len(by_gpu) and fee:
        market = float(by_gpu.usd_hour.iloc[0])
        others: dict[str, Mix] = {name: kinds(scopes(terms)[name]) for name in found}
        others |= {
            str(name): {k: float(n) for k, n in zip(rows.accelerator, rows["count"], strict=True)}
            for name, rows in claims.groupby("claim", sort=False)
        }

        def ratio(mix: Mix, metric: str, hours: float) -> Interval:
            h100s = equivalents(mix, weights[metric])
            return as_interval(units.usd_per_gpu_hour(fee, h100s, hours) / market)

        start = (GPU, "", BASE, ratio(base, metric, hours_month))
        rows_ = [start]
        rows_ += [
            (GPU, varied, said, ratio(mix, metric, hours_month))
            for varied, said, mix in _mixes(base, others, weights[metric])
        ]
        rows_ += [
            (GPU, "metric", name, ratio(base, name, hours_month))
            for name in weights if name != metric
        ]  # fmt: skip
        rows_ += [
            (GPU, "hours", f"{hours:g} h a month", ratio(base, metric, hours))
            for hours in units.HOUR_CONVENTIONS.values() if hours != hours_month
        ]  # fmt: skip
        tables.append(_sorted(rows_))
    if len(by_mw) and fee:
        other = Interval(float(by_mw.low.iloc[0]), float(by_mw.high.iloc[0]))
        by_mw = list(_megawatts(terms, assumptions, scope or found[0], fee, other))
        tables += [_sorted(by_mw)] if by_mw else []
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)


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
                f"{_count(number)} of them",
                {k: number * s for k, s in _shares(base).items()},
            )
        if part not in shares:
            shares.append(part)
            yield "mix", f"mix: {name}", {kind: whole * s for kind, s in part.items()}
        if number != total(base) and part != _shares(base):
            yield "number and mix", name, mix
    if any(kind not in weights for kind in base):
        for kind in weights:
            yield "mix", f"all {kind}", {kind: whole}


def _shares(mix: Mix) -> dict[str, float]:
    """Each kind's share of the accelerators, by the middles of their ranges."""
    middles = {kind: _middle(as_interval(number)) for kind, number in mix.items()}
    return {kind: middle / sum(middles.values()) for kind, middle in middles.items()}


def _megawatts(
    terms: Agreement, assumptions: pd.DataFrame, scope: str, fee: float, market: Interval
) -> Iterator[tuple[str, str, str, Interval]]:
    """The fee by the megawatt over other deals' price: this scope, others, and another basis."""

    def ratio(mw: Interval) -> Interval:
        return as_interval(units.usd_per_mw_month(fee, mw) / market)

    for name in dict.fromkeys([scope, *scopes(terms)]):
        place = planning.place(terms, assumptions, scope=name)
        if place.mw is None:
            continue
        mw = Interval(place.mw["low"], place.mw["high"])
        if name != scope:
            yield MW, "megawatts", name, ratio(mw)
            continue
        yield MW, "", BASE, ratio(mw)
        pue = Interval(
            planning.value(assumptions, "pue", "low"), planning.value(assumptions, "pue", "high")
        )
        basis = scopes(terms)[name].mw_basis
        if basis != "critical IT":
            yield MW, "basis", "if it is facility power: by critical IT", ratio(mw / pue)
        if basis != "facility":
            yield MW, "basis", "if it is critical IT: by facility power", ratio(mw * pue)


def _sorted(rows: list[tuple[str, str, str, Interval]]) -> pd.DataFrame:
    """The rows with their effect, the first kept first and the others by effect, largest on top."""
    start = log(_middle(rows[0][3]))
    table = [
        (by, varied, reading, span.low, span.high, log(_middle(span)) - start)
        for by, varied, reading, span in rows
    ]
    first, *others = dict.fromkeys(table)
    return pd.DataFrame([first, *sorted(others, key=lambda row: -abs(row[5]))], columns=COLUMNS)


def _middle(span: Interval) -> float:
    return (span.low + span.high) / 2


def _count(span: Interval) -> str:
    return f"{span.low:,.0f}" if span.low == span.high else f"{span.low:,.0f} to {span.high:,.0f}"
