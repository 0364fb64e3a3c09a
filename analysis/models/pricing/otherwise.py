"""What the ratio of fee to market would be if one thing at a time were otherwise."""

from collections.abc import Iterator, Mapping
from datetime import date
from math import log

import pandas as pd

from analysis.contract.fields import Range
from analysis.contract.served import full_fee, paid_for
from analysis.contract.terms import Agreement
from analysis.models import planning, units
from analysis.models.planning import Plan
from analysis.models.pricing.fee import assumed, claimed, equivalents, kinds, megawatts, total
from analysis.models.units import Interval, scoped, scopes

Mix = Mapping[str, Interval]
BASE = "base case"


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
    """Fee ÷ H100 price, a row a reading: the number, the mix, both, metric, hours, price series.

    `market` has the price in use first. First as it stands, then the farthest from there; `effect`
    is how far the middle of the ratio moves, in natural logs. Number and mix are those of other
    scopes and of `claims`.
    """
    fee, terms = full_fee(agreement, day).usd_month, paid_for(agreement, day)
    base = kinds(scoped(terms, scope or terms.capacity.name).capacity)
    if not (base and len(market) and fee):
        return _sorted([])
    others = {name: kinds(held) for name, held in scopes(terms).items()} | claimed(claims)
    (_, usd_hour), *series = zip(market.source, market.usd_hour.map(float), strict=True)

    def ratio(
        mix: Mix, on: str = metric, hours: float = hours_month, usd: float = usd_hour
    ) -> Interval:
        return units.usd_per_gpu_hour(fee / usd, equivalents(mix, weights[on]), hours)

    mixes = _mixes(base, others, weights[metric])
    hours = (each for each in units.HOUR_CONVENTIONS if each != hours_month)
    return _sorted(
        [
            ("", BASE, ratio(base)),
            *((varied, said, ratio(mix)) for varied, said, mix in mixes),
            *(("metric", name, ratio(base, on=name)) for name in weights if name != metric),
            *(("hours", f"{each:g} a month", ratio(base, hours=each)) for each in hours),
            *(("series", source, ratio(base, usd=usd)) for source, usd in series),
        ]
    )


def by_the_megawatt(
    agreement: Agreement, plan: Plan, market: pd.DataFrame, *, day: date, scope: str
) -> pd.DataFrame:
    """Fee ÷ price of another deal by the megawatt, a row a reading: megawatts and their basis."""
    fee, terms = full_fee(agreement, day).usd_month, paid_for(agreement, day)
    if not (len(market) and fee):
        return _sorted([])
    own, pue = scope or terms.capacity.name, assumed(plan, "pue")
    found: list[tuple[str, str, Interval]] = []
    for name in dict.fromkeys([own, *scopes(terms)]):
        mw, basis = megawatts(planning.place(terms, plan, scope=name)), scopes(terms)[name].mw_basis
        if mw and name != own:
            found.append(("megawatts", name, mw))
        elif mw:
            found.append(("", BASE, mw))
            found += [("basis", "if facility, by IT", mw / pue)] if basis != "critical IT" else []
            found += [("basis", "if IT, by facility", mw * pue)] if basis != "facility" else []
    price = Interval(float(market.low_usd.iloc[0]), float(market.high_usd.iloc[0]))
    return _sorted([(varied, said, fee / mw / price) for varied, said, mw in found])


def _mixes(
    base: Mix, others: Mapping[str, Mix], weights: Mapping[str, Range]
) -> Iterator[tuple[str, str, Mix]]:
    """Number, mix, or both otherwise: what is varied, what is said, the accelerators then."""
    whole, own = total(base), _shares(base)
    counts, shares = [whole], [own]
    for name, mix in others.items():
        if not mix:
            continue
        number, part = total(mix), _shares(mix)
        if number not in counts:
            counts.append(number)
            ends = dict.fromkeys((f"{number.low:,.0f}", f"{number.high:,.0f}"))
            yield "number", " to ".join(ends), {kind: number * s for kind, s in own.items()}
        if part not in shares:
            shares.append(part)
            yield "mix", name, {kind: whole * s for kind, s in part.items()}
        if number != whole and part != own:
            yield "both", name, mix
    if any(kind not in weights for kind in base):
        for kind in weights:
            yield "mix", f"all {kind}", {kind: whole}


def _shares(mix: Mix) -> dict[str, float]:
    """Each kind's share of the accelerators, by the middles of their ranges."""
    whole = total(mix)
    return {kind: n.middle / whole.middle for kind, n in mix.items()}


def _sorted(rows: list[tuple[str, str, Interval]]) -> pd.DataFrame:
    """The rows with their effect, the first kept first and the others by effect, largest on top."""
    table = pd.DataFrame(
        [(varied, said, s.low, s.high, log(s.middle)) for varied, said, s in rows],
        columns=["varied", "reading", "low", "high", "effect"],
    )
    table["effect"] -= table.effect.head(1).sum()
    others = table[1:].drop_duplicates(["varied", "low", "high"])
    order = others.effect.abs().sort_values(ascending=False, kind="stable").index
    return pd.concat([table[:1], others.loc[order]], ignore_index=True)
