"""The fee beside the market: prices seen, and the ratio if things were otherwise."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from math import log

import pandas as pd

from analysis.contract.fields import Range
from analysis.contract.served import full_fee, paid_for
from analysis.contract.terms import Agreement
from analysis.models import planning, units
from analysis.models.comparables import precedent
from analysis.models.exits.leaving import Leaving
from analysis.models.market.calibration import Priors
from analysis.models.market.prices import select
from analysis.models.market.standing import FEWEST_DRAWS, Standing, stand, until
from analysis.models.planning import BOUNDS, Bound, Plan
from analysis.models.pricing.fee import assumed, claimed, equivalents, kinds, megawatts, total
from analysis.models.units import Interval, scoped, scopes

HALF_YEAR = timedelta(days=183)
AT_MARKET = ("on_demand_to_fee", "market_to_fee")
"""The assumptions that a price seen replaces."""


def contracted(prices: pd.DataFrame, *, day: date, gpus: Sequence[str]) -> pd.DataFrame:
    """The last price of each accelerator, tier and source in the half year up to a day."""
    held = prices[prices.gpu.isin(gpus) & (prices.date <= day) & (prices.date > day - HALF_YEAR)]
    last = held.sort_values("date").groupby(["gpu", "tier", "source"], as_index=False).last()
    found = last.assign(place=last.gpu.map([*gpus].index), usd_hour=last.usd_gpu_hour)
    found = found.sort_values(["place", "tier", "usd_hour"], ignore_index=True)
    return found[["gpu", "date", "tier", "source", "basis", "usd_hour"]]


def judged_by(
    prices: pd.DataFrame, sources: Sequence[str], *, day: date, on: date, gpu: str, beliefs: Priors
) -> pd.DataFrame:
    """The last price of each source by `day`, carried to `on`; `quoted` is as seen."""
    table = []
    for source in dict.fromkeys(sources):
        series = until(prices, day, gpu=gpu, source=source)
        now = stand(series, day=on, beliefs=beliefs, draws=FEWEST_DRAWS, seed=0)
        if now is not None:
            seen = now.series
            told = gpu, seen.dates[-1], seen.tier, seen.source, seen.basis
            table.append((*told, now.spot_usd_hour, seen.usd_gpu_hour[-1]))
    columns = ["gpu", "date", "tier", "source", "basis", "usd_hour", "quoted"]
    return pd.DataFrame(table, columns=columns)


def history(prices: pd.DataFrame, *, day: date, gpu: str, sources: Sequence[str]) -> pd.DataFrame:
    """Whole series up to a day, one a source; see `market.prices.select`."""
    tables = []
    for source in sources:
        one = select(prices, gpu=gpu, source=source)
        table = {"date": one.dates, "series": source, "source": source}
        tables.append(pd.DataFrame(table | {"usd_hour": one.usd_gpu_hour}))
    found = pd.concat(tables, ignore_index=True)
    return found[found.date <= day]


def moments(prices: pd.DataFrame, *, day: date, gpu: str, source: str) -> pd.DataFrame:
    """Single prices of one source up to a day, which no line may join: `date, tier, basis, …`."""
    found = prices[(prices.gpu == gpu) & (prices.source == source) & (prices.date <= day)]
    kept = found.rename(columns={"usd_gpu_hour": "usd_hour"}).sort_values("date", ignore_index=True)
    return kept[["date", "tier", "source", "basis", "usd_hour"]]


def since_when(seen: pd.DataFrame, rung: pd.DataFrame) -> pd.DataFrame:
    """How often each series stood at the fee's low end or above, and when last; for each scope."""
    table = []
    marks = rung.sort_values("low", ascending=False, kind="stable")
    for scope, usd_hour in zip(marks.scope, marks.low, strict=True):
        for series, rows in seen.groupby("series", sort=False):
            above = rows[rows.usd_hour >= usd_hour].date
            counts = min(rows.date), len(rows), len(above), max(above, default=None)
            table.append((scope, usd_hour, series, *counts))
    columns = ["scope", "usd_hour", "series", "first", "prices", "above", "last_above"]
    return pd.DataFrame(table, columns=columns)


def deals_by_mw(
    deals: pd.DataFrame, measures: pd.DataFrame, *, own: str, sold_as: str, day: date
) -> pd.DataFrame:
    """Other agreements of one kind by the megawatt and month, announced by a day.

    Rows of one `group` count the same capacity.
    """
    of = deals.contract.str.partition(":")[0]
    told = {"name": precedent.names(deals), "group": precedent.groups(deals)}
    late = deals.announced.isna() | (deals.announced > day)
    known = deals.assign(date=deals.announced, **told)
    known = known.loc[(of != own) & (deals.scope == sold_as) & ~late, ["id", *told, "date"]]
    price = measures[measures.measure == "usd_mw_month"].dropna(subset=["low"])
    price = price.rename(columns={"low": "low_usd", "high": "high_usd"})
    shown = ["name", "date", "low_usd", "high_usd", "bound", "basis", "grade", "how", "group"]
    return price.merge(known.reset_index(drop=True), on="id")[shown]


def reported_kind(deals: pd.DataFrame, *, own: str) -> str:
    """The kind of accelerators that is reported of an agreement elsewhere, or ""."""
    return next(iter(deals[deals.contract == own].accelerator_kind), "")


def cheapest(deals: pd.DataFrame) -> pd.DataFrame:
    """The row of the lowest price of known megawatts and term, no minimum; or none."""
    known = deals[(deals.grade != "imputed") & (deals.bound != "at least")]
    return known.sort_values("low_usd").head(1)


def to_fee(ahead: Leaving, now: Standing | None) -> dict[Bound, float]:
    """Market price ÷ fee, over what the accelerators may count in H100s; empty where none is.

    Where no accelerator that a fee pays for is in service on the day, the fee has no such unit.
    """
    if now is None or ahead.why_not or not ahead.fee_usd_month or not ahead.in_service:
        return {}
    counts = ahead.h100_equivalents
    ends = zip(BOUNDS, (counts.low, counts.use, counts.high), strict=True)
    return {bound: now.spot_usd_hour / ahead.fee_usd_hour(count) for bound, count in ends}


def at_market(plan: Plan, ends: Mapping[Bound, float], *, source: str, note: str) -> Plan:
    """The assumptions with the price seen, in fees, in place of an assumed one."""
    table = plan.table.copy()
    rows = table.name.isin(AT_MARKET)
    table.loc[rows, list(BOUNDS)] = [ends[bound] for bound in BOUNDS]
    table.loc[rows, ["kind", "source", "note"]] = ["derived", source, note]
    return Plan(table)


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
