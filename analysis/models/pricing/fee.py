"""One fee in every unit: what a capacity counts, its price, and what the fee buys elsewhere.

Where the terms name neither accelerators nor megawatts, both are imputed.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from analysis.contract.capacity import Capacity
from analysis.contract.fields import Range
from analysis.contract.served import as_range, full_fee, paid_for
from analysis.contract.terms import Agreement
from analysis.models import planning, units
from analysis.models.planning import Place, Plan
from analysis.models.units import Interval, as_interval, hull, scopes

HOW = "imputed: as many for a dollar as in the provider's other agreements"
NO_COUNT = "what is in service states no number of accelerators"
NO_MW = "the terms name neither megawatts nor accelerators"
H100E, MW_MONTH = "USD/H100e-hour", "USD/MW-month"
PRICES = ("low", "use", "high")
COUNT, SERIES = "the accelerator count", "the price series"  # what may turn a verdict
SURE = {1: "high", 0: "in line", -1: "low"}
AT_PRICE = 0.005  # of a price, within which a fee is at it: one carried on is known no better
ALIKE = {"GB200": "B200", "GB300": "B300"}
"""A kind without a price of a source has that of the same accelerator on another board."""


def assumed(plan: Plan, name: str) -> Interval:
    """An assumption from low to high."""
    return Interval(getattr(plan.at["low"], name), getattr(plan.at["high"], name))


def megawatts(place: Place) -> Interval | None:
    """What a place draws, low to high; None where it is not known."""
    return hull(place.mw.values()) if place.mw else None


def kinds(capacity: Capacity) -> dict[str, Interval]:
    """How many accelerators of each kind a capacity holds; empty where none are stated."""
    counts = capacity.accelerators.items()
    return {kind: as_interval(count) for kind, count in counts if as_range(count).use}


def claimed(claims: pd.DataFrame) -> dict[str, dict[str, Interval]]:
    """The accelerators of each kind by claim."""
    found: dict[str, dict[str, Interval]] = {}
    for name, kind, n in zip(claims.claim, claims.model, claims.accelerators, strict=True):
        found.setdefault(name, {})[kind] = as_interval(n)
    return found


def equivalents(accelerators: Mapping[str, Interval], weights: Mapping[str, Range]) -> Interval:
    """H100-equivalents on the metric of `weights`, low to high.

    A kind without a weight counts as anything from one H100 to one GB300, several kinds as one of
    them (see `units.weight`).

    >>> weights = {"H100": Range(low=1, use=1, high=1), "GB300": Range(low=2, use=2, high=3)}
    >>> equivalents({"H100": Interval(100, 100), "unknown": Interval(10, 10)}, weights)
    Interval(low=110.0, high=130.0)
    """
    weighed = {k: n * as_interval(units.weight(k, weights)) for k, n in accelerators.items()}
    return total(weighed)


def scope_names(agreement: Agreement) -> dict[str, str]:
    """What each scope is called in words.

    >>> scope_names(deal)
    {'site': 'the site'}
    """
    return {key: planning.titled(each) for key, each in scopes(agreement).items()}


def total(count: Mapping[str, Interval]) -> Interval:
    """All accelerators of all kinds."""
    return sum(count.values(), Interval(0.0, 0.0))


def unequipped(agreement: Agreement) -> Agreement:
    """The agreement without accelerators, where those that it names are the customer's own."""

    def bare(capacity: Capacity) -> Capacity:
        return capacity.model_copy(update={"accelerators": {}})

    tranches = tuple(t.model_copy(update={"capacity": bare(t.capacity)}) for t in agreement.tranche)
    scopes_ = {name: bare(each) for name, each in agreement.scopes.items()}
    new = {"capacity": bare(agreement.capacity), "tranche": tranches, "scopes": scopes_}
    return agreement.model_copy(update=new)


def imputed(
    agreement: Agreement,
    others: Iterable[Agreement],
    plan: Plan,
    *,
    day: date,
    kind: str,
    weights: Mapping[str, Range],
) -> tuple[Agreement, str]:
    """The agreement with accelerators and megawatts imputed, and how; as it is where it names any.

    As many accelerators of the reported `kind` for a dollar as the other agreements of the same
    provider name over all their scopes, and the assumed kilowatts for each. The price that
    follows is that of the others, per accelerator: it tells what a sibling's price would mean.
    """
    named = any(kinds(c) or c.mw is not None for c in scopes(paid_for(agreement, day)).values())
    a_dollar = [
        total(kinds(capacity)) / full_fee(other, day).usd_month
        for other in others
        if other.provider == agreement.provider and full_fee(other, day).usd_month
        for capacity in scopes(paid_for(other, day)).values()
        if kinds(capacity)
    ]
    if named or not a_dollar or kind not in weights:
        return agreement, ""
    count = hull(a_dollar) * full_fee(agreement, day).usd_month
    mw = count * assumed(plan, "kw_per_accelerator") / units.KW_PER_MW
    name = f"{agreement.capacity.name}, imputed"
    found = {"name": name, "accelerators": {kind: _range(count)}, "mw": _range(mw)}
    capacity = agreement.capacity.model_copy(update=found)
    return agreement.model_copy(update={"capacity": capacity}), HOW


def _range(span: Interval) -> Range:
    return Range(low=span.low, use=span.middle, high=span.high)


def ladder(
    agreement: Agreement,
    plan: Plan,
    *,
    day: date,
    weights: Mapping[str, Range],
    hours_month: float,
    imputed: str = "",
) -> pd.DataFrame:
    """The full fee of a day in every unit for each scope: an interval where a denominator is one.

    `per` is what the fee is divided by, `how` where that comes from, or why there is no price;
    `use` is the price at the denominator in use.
    """
    fee, terms = full_fee(agreement, day).usd_month, paid_for(agreement, day)
    hourly, table = partial(units.usd_per_gpu_hour, hours_month=hours_month), []
    for scope, capacity in scopes(terms).items():
        count, place = kinds(capacity), planning.place(terms, plan, scope=scope)
        strange = ", ".join(k for k in count if units.meant(k, weights) == units.UNKNOWN_KIND)
        weighed = f"{strange} counted from one H100 to one GB300" if strange else "weighed by kind"
        h100s, whole = (equivalents(count, weights), total(count)) if count else (None, None)
        used = {kind: as_range(capacity.accelerators[kind]).use for kind in count}
        stated = "as stated" if count else NO_COUNT
        mw_used = place.mw.get("value", math.nan)
        h100s_used = sum(n * units.weight(kind, weights).use for kind, n in used.items())
        mw, basis, drawn = megawatts(place), capacity.mw_basis, place.mw_from or NO_MW
        rungs = (
            (H100E, h100s, h100s_used, hourly, "", weighed if count else stated),
            ("USD/GPU-hour", whole, sum(used.values()), hourly, "", stated),
            (MW_MONTH, mw, mw_used, units.usd_per_mw_month, basis, drawn),
            ("USD/kW-year", mw, mw_used, units.usd_per_kw_year, basis, drawn),
        )
        for unit, per, at, price, on, how in rungs:
            row = [scope, unit, *[math.nan] * 5, "", imputed or how]
            if per:
                found = price(fee, per)
                row[2:8] = [found.low, price(fee, at), found.high, per.low, per.high, on]
            table.append(row)
    columns = ["scope", "unit", *PRICES, "per_low", "per_high", "basis", "how"]
    return pd.DataFrame(table, columns=columns)


def rung(table: pd.DataFrame, unit: str) -> pd.DataFrame:
    """The priced scopes in one unit, those of one denominator once, by the first name."""
    same = [*PRICES, "per_low", "per_high", "how"]
    known = table[table.unit == unit].dropna(subset=["low"]).drop_duplicates(same)
    return known[["scope", *same]].reset_index(drop=True)


def verdicts(rungs: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """Each scope of one `rung` against a price of each series: `scope, low, high, verdict`.

    "high" where all of the fee's interval lies above all prices, "low" where all below, "in line"
    where it is at every one of them, else "open": `turns` is what turns it, the accelerator count
    where the ends of the interval differ beside one price, the price series where the prices differ
    beside one end. `times_low` and `times_high` are the least and the most that the fee may be of a
    price.
    """
    if seen.empty:
        unknown = {"verdict": "", "times_low": None, "times_high": None, "turns": ""}
        return rungs[["scope", *PRICES]].assign(**unknown)
    table = []
    for scope, low, use, high in rungs[["scope", *PRICES]].itertuples(index=False):
        ends = (low, high)
        times = np.divide.outer(ends, seen.usd_hour.to_numpy(float))
        signs = np.where(abs(times - 1) <= AT_PRICE, 0, np.sign(times - 1))
        verdict = SURE[signs[0, 0]] if (signs == signs[0, 0]).all() else "open"
        turned = {COUNT: signs[0] != signs[1], SERIES: signs != signs[:, :1]}
        turns = " and ".join(what for what, differ in turned.items() if differ.any())
        table.append((scope, low, use, high, verdict, times.min(), times.max(), turns))
    columns = ["scope", *PRICES, "verdict", "times_low", "times_high", "turns"]
    return pd.DataFrame(table, columns=columns)


def bought(
    seen: pd.DataFrame, plan: Plan, *, fee_usd_month: float, hours_month: float
) -> pd.DataFrame:
    """Accelerators that the fee would rent at each price seen, and the megawatts they would draw.

    A price of one agreement's size was never seen, so this says what is bought at that of a few.
    """
    count = fee_usd_month / (seen.usd_hour * hours_month)
    mw = assumed(plan, "kw_per_accelerator") / units.KW_PER_MW
    return seen.assign(accelerators=count, mw_low=count * mw.low, mw_high=count * mw.high)


def even(
    rented: pd.DataFrame, *, kind: str, weights: Mapping[str, Range]
) -> tuple[Interval, Interval | None]:
    """How much the fee must buy to cost what the market does: fewer is dear, more is cheap.

    H100-equivalents, from what it rents at H100 prices, and accelerators of the one `kind` that is
    reported, None where none is.
    """
    h100s = hull(rented.accelerators)
    return h100s, h100s / as_interval(weights[kind]) if kind in weights else None


def power_share(agreement: Agreement, plan: Plan, *, day: date, hours_month: float) -> pd.DataFrame:
    """Power at full draw over the full fee of each scope: MW · PUE · H · price ÷ fee.

    PUE is 1 where the megawatts are facility power.
    """
    fee, terms = full_fee(agreement, day).usd_month, paid_for(agreement, day)
    table = []
    for scope in scopes(terms) if fee else ():
        place = planning.place(terms, plan, scope=scope)
        if place.mw:
            shares = (
                mw * (place.pue or at.pue) * at.power_usd_mwh * hours_month / fee
                for mw, at in zip(place.mw.values(), plan.at.values(), strict=True)
            )
            table.append((scope, place.mw["low"], place.mw["high"], *shares, place.mw_from))
    columns = ["scope", "mw_low", "mw_high", "low", "value", "high", "how"]
    return pd.DataFrame(table, columns=columns)


# The same accelerators elsewhere. A basket needs no weight of one kind in another: each accelerator
# is priced as what it is.


def latest(prices: pd.DataFrame, source: str, day: date) -> dict[str, float]:
    """The last price of each accelerator of one source by a day, USD an hour."""
    found = prices[(prices.source == source) & (prices.date <= day)].sort_values("date")
    return {str(gpu): float(usd) for gpu, usd in found.groupby("gpu").usd_gpu_hour.last().items()}


def baskets(
    agreement: Agreement,
    claims: pd.DataFrame,
    contract: Mapping[str, float],
    on_demand: Mapping[str, float],
    *,
    day: date,
    hours_month: float,
) -> pd.DataFrame:
    """The full fee beside the same accelerators, a row a scope, or a claim of what is in one.

    `contract`, `on_demand`: prices by kind. `contract_times` is fee ÷ basket at contract prices;
    `commitment_usd_month` what it costs more without a commitment, `rest_usd_month` what the fee
    is above that: both add up to the fee. Only mixes whose every kind has a contract price.
    """
    fee, table = full_fee(agreement, day).usd_month, []
    for scope, name, mix in _mixes(agreement, claims, day) if fee else ():
        held, free = (
            hours_month
            * sum(n * usd.get(k, usd.get(ALIKE.get(k, ""), math.nan)) for k, n in mix.items())
            for usd in (contract, on_demand)
        )
        if held > 0:
            row = (scope, name, sum(mix.values()), held, fee / held, free, free - held, fee - free)
            table.append(row)
    columns = ["scope", "mix", "accelerators", "contract_usd_month", "contract_times",
               "on_demand_usd_month", "commitment_usd_month", "rest_usd_month"]  # fmt: skip
    return pd.DataFrame(table, columns=columns)


def _mixes(
    agreement: Agreement, claims: pd.DataFrame, day: date
) -> Iterator[tuple[str, str, dict[str, float]]]:
    """Scope, what is said of it, and how many of each kind: as stated, then as claimed.

    A mix that several scopes hold comes once.
    """
    seen: list[dict[str, float]] = []
    for scope, capacity in scopes(paid_for(agreement, day)).items():
        said = {"as stated": kinds(capacity), **claimed(claims[claims.scope == scope])}
        for name, spans in said.items():
            mix = {kind: span.low for kind, span in spans.items() if span.low == span.high}
            if spans and len(mix) == len(spans) and mix not in seen:
                seen.append(mix)
                yield scope, name, mix
