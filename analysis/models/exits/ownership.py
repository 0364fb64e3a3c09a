"""Who owns the exit: what the same agreement is worth with nobody's, one side's and both rights.

Every number comes with the spread of a cloud of price processes that the observed prices allow,
and of the H100-equivalents that the fee may pay for. Values are the customer's, in US dollars.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from analysis.contract.clauses import Party, Range
from analysis.contract.terms import Agreement, scopes
from analysis.models.exits import Game, Solution, leaving, sensitivities, solve, solve_many
from analysis.models.exits.leaving import Leaving
from analysis.models.market import Process
from analysis.models.market.process import Array
from analysis.models.market.standing import LABELS, Standing, strips

CASES = {
    "none": "nobody may leave",
    "customer": "only the customer may",
    "provider": "only the provider may",
    "both": "both may",
}
PARTIES: tuple[Party, Party] = ("customer", "provider")
FEE = "fee, $/H100e-hour"
SURE = 0.8  # share of draws, from which one side is said to hold the more valuable right
ODDS_DRAWS = 128  # at most, of each price series and scope beside the one that is studied
CENT_USD = 0.01
TAIL = 5  # per cent below and above a band
NODES = 101
BATCH = 50  # draws that are solved side by side
SIGNS = {"customer": 1, "provider": -1}  # values are the customer's
POINTS = 61
PRICES = (0.4, 1.6)  # market prices drawn: shares of the lower and the higher of price and fee


@dataclass(frozen=True, kw_only=True, eq=False)
class Study:
    """One agreement against one market: solutions at the middle process, and tables with bands.

    values: `case, usd, low_usd, high_usd`. rights: `party, usd, low_usd, high_usd, months, leads`,
    what each right is worth to its holder if the other side has none; months are months of fee,
    leads is the share of draws in which it is the more valuable right, over the price series of
    `now` and those `beside` it, each as likely.
    curves: `case, label, price, usd, low_usd, high_usd` against today's market price. triggers:
    `party, month, date, price, low, high`, each party alone. why_not: why there are none of them.
    """

    ahead: Leaving
    now: Standing | None
    rate_year: float
    why_not: str
    beside: tuple[Standing, ...] = ()
    solutions: dict[str, Solution] = field(default_factory=dict)
    values: pd.DataFrame = field(default_factory=pd.DataFrame)
    rights: pd.DataFrame = field(default_factory=pd.DataFrame)
    curves: pd.DataFrame = field(default_factory=pd.DataFrame)
    triggers: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def market_usd_hour(self) -> float:
        """The market price on the valuation day, $/H100e-hour; `nan` where none is known."""
        return self.now.spot_usd_hour if self.now else np.nan

    @property
    def signed(self) -> str:
        """The case that the agreement's own rights make."""
        return list(self.solutions)[-1]


def cases(game: Game) -> dict[str, Game]:
    """The game with fewer rights and with those that are held; last the agreement's own."""
    held = [party for party in PARTIES if getattr(game, party)]
    found = {"none": replace(game, customer=None, provider=None)}
    if "customer" in held:
        found["customer"] = replace(game, provider=None)
    if "provider" in held:
        found["provider"] = replace(game, customer=None)
    if len(held) == len(PARTIES):
        found["both"] = game
    return found


def study(
    ahead: Leaving,
    now: Standing | None,
    *,
    rate_year: float,
    seed: int,
    beside: Sequence[Standing | None] = (),
    nodes: int = NODES,
    spread: Callable[..., Iterable[Any]] = map,
) -> Study:
    """What each combination of the rights is worth, with the doubt about market and capacity.

    `beside`: the market by other price series, which count for whose right is worth more. `spread`
    is the map over batches of draws: one that counts them, say.
    """
    if ahead.why_not or now is None:
        why = ahead.why_not or "too few market prices of this kind were known by then"
        return Study(ahead=ahead, now=now, rate_year=rate_year, why_not=why)

    h100s = ahead.h100_equivalents
    market = (now.spot_usd_hour, now.process)
    [middle] = _solved(ahead, [market], [h100s.use], rate_year=rate_year, nodes=nodes)
    low, high = sorted((now.spot_usd_hour, ahead.fee_usd_hour()))
    prices = np.linspace(low * PRICES[0], high * PRICES[1], POINTS)
    counts = evenly(h100s, len(now.draws), seed=seed).tolist()

    def drawn(first: int) -> list[dict[str, Array]]:
        some = slice(first, first + BATCH)
        found = _solved(ahead, now.draws[some], counts[some], rate_year=rate_year, nodes=nodes)
        return [
            _read(each, prices, ahead.unit_usd(count))
            for each, count in zip(found, counts[some], strict=True)
        ]

    batches = spread(drawn, range(0, len(now.draws), BATCH))
    tables = [_read(middle, prices, ahead.unit_usd()), *chain.from_iterable(batches)]
    names = [(c, CASES[c], p) for c in middle for p in prices]
    others = tuple(one for one in beside if one)
    odds = [_worths(ahead, one, rate_year=rate_year, seed=seed) for one in others]
    return Study(
        ahead=ahead,
        now=now,
        rate_year=rate_year,
        why_not="",
        beside=others,
        solutions=middle,
        values=_banded(tables, "values", pd.DataFrame({"case": list(middle)})),
        rights=_rights(tables, ahead, odds),
        curves=_banded(
            tables,
            "curves",
            pd.DataFrame(names, columns=["case", "label", "price"]),
        ),
        triggers=_triggers(tables, middle, ahead),
    )


def evenly(span: Range, count: int, *, seed: int) -> Array:
    """So many values evenly over a range, in rising order: beside draws they leave no gap."""
    shift = np.random.default_rng(seed).random()
    return span.low + (span.high - span.low) * (np.arange(count) + shift) / count


def _solved(
    ahead: Leaving,
    draws: Sequence[tuple[float, Process]],
    h100s: Sequence[float],
    *,
    rate_year: float,
    nodes: int = NODES,
    only: Sequence[str] = tuple(CASES),
) -> Iterator[dict[str, Solution]]:
    """Solutions of the cases for each draw of the market and number of H100-equivalents."""
    games = [
        cases(ahead.game(spot_usd_hour=s, process=p, rate_year=rate_year, h100_equivalents=count))
        for (s, p), count in zip(draws, h100s, strict=True)
    ]
    games = [{name: game for name, game in each.items() if name in only} for each in games]
    for some in (games[first : first + BATCH] for first in range(0, len(games), BATCH)):
        found = iter(solve_many([game for each in some for game in each.values()], nodes=nodes))
        yield from ({name: next(found) for name in each} for each in some)


def _read(solutions: Mapping[str, Solution], prices: Array, unit_usd: float) -> dict[str, Array]:
    """What is kept of the solutions of one draw."""
    values = np.array([s.value for s in solutions.values()]) * unit_usd
    curves = [
        np.interp(prices, s.prices, s.values, left=np.nan, right=np.nan) * unit_usd
        for s in solutions.values()
    ]
    worth = [
        (s.value - solutions["none"].value) * SIGNS[party] * unit_usd
        for party in PARTIES
        if (s := solutions.get(party))
    ]
    alone = [solutions[p].trigger_prices[:, k] for k, p in enumerate(PARTIES) if p in solutions]
    acts = [np.where(np.isfinite(t) & (t > 0), t, np.nan) for t in alone]
    none = np.zeros(0)
    return {
        "values": values,
        "curves": np.concatenate(curves),
        "rights": np.array(worth),
        "triggers": np.concatenate(acts) if acts else none,
    }


def _banded(tables: list[dict[str, Array]], name: str, keys: pd.DataFrame) -> pd.DataFrame:
    """The middle of one table, and the band of the draws around it, beside its keys."""
    low, high = _percentiles(np.array([table[name] for table in tables[1:]]))
    return keys.assign(usd=tables[0][name], low_usd=low, high_usd=high)


def _percentiles(draws: Array) -> tuple[Array, Array]:
    """5th and 95th percentile of each column where more than half of the draws have a value."""
    if not draws.size:
        return draws.reshape(-1), draws.reshape(-1)
    known = np.isfinite(draws).sum(axis=0) * 2 > len(draws)
    filled = np.where(known, draws, 0.0)
    low, high = np.nanpercentile(filled, [TAIL, 100 - TAIL], axis=0)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def _rights(
    tables: list[dict[str, Array]], ahead: Leaving, others: Sequence[Array] = ()
) -> pd.DataFrame:
    """`Study.rights`; `others` are draws of the rights' worth by other price series."""
    held = [party for party in PARTIES if getattr(ahead, party)]
    table = _banded(tables, "rights", pd.DataFrame({"party": held}, dtype=object))
    if held:
        draws = [np.array([one["rights"] for one in tables[1:]]), *others]
        table["leads"] = np.mean([_leads(each) for each in draws], axis=0)
    return table.assign(months=table.usd / ahead.fee_usd_month)


def _leads(worths: Array) -> Array:
    """For each right the share of draws in which it is worth most; what is equal is shared."""
    best = worths >= worths.max(axis=1, keepdims=True) - CENT_USD
    shares: Array = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
    return shares


def owner(rights: pd.DataFrame) -> str:
    """Who holds the more valuable right by `Study.rights`: customer, provider, open or nobody."""
    if (rights.high_usd <= CENT_USD).all():
        return "nobody"
    first: Any = rights.iloc[int(rights.usd.argmax())]
    return str(first.party) if len(rights) == 1 or first.leads >= SURE else "open"


def _triggers(
    tables: list[dict[str, Array]], middle: Mapping[str, Solution], ahead: Leaving
) -> pd.DataFrame:
    keys = [
        (party, month, ahead.day(max(month, getattr(ahead, party).first_month)))
        for party in PARTIES
        if party in middle
        for month in middle[party].triggers.month
    ]
    low, high = _percentiles(np.array([table["triggers"] for table in tables[1:]]))
    table = pd.DataFrame(keys, columns=["party", "month", "date"])
    return table.assign(price=tables[0]["triggers"], low=low, high=high)


def market_path(found: Study) -> pd.DataFrame:
    """The price as seen, and as expected: `kind, date, price, low, high`; band of the draws."""
    if found.now is None or found.why_not:
        return pd.DataFrame()
    series, months = found.now.series, len(found.ahead.fees_usd_month)
    seen = pd.DataFrame({"kind": "seen", "date": series.dates, "price": series.usd_gpu_hour})
    strip = strips(found.now, months=months)
    days = [found.ahead.day(month) for month in strip.month]
    later = strip.drop(columns="month").assign(kind="expected", date=days)
    return pd.concat([seen, later], ignore_index=True)


def fee_path(found: Study) -> pd.DataFrame:
    """The fee ahead in $/H100e-hour, a row a month: `date, price`."""
    ahead = found.ahead
    fees = () if found.why_not else ahead.fees_usd_month
    ends = [*range(len(fees)), *([ahead.term_months] if fees else [])]
    prices = [fee / ahead.unit_usd() for fee in (*fees, *fees[-1:])]
    days = [ahead.day(month) for month in ends]
    return pd.DataFrame({"date": days, "price": prices})


def conversions(
    agreement: Agreement,
    *,
    as_of: date,
    weights: Mapping[str, Mapping[str, Range]],
    hours_month: float,
    now: Standing | None,
) -> pd.DataFrame:
    """The monthly fee as a price, under each scope and metric.

    Columns `scope, metric, accelerators, gpu_usd_hour, least_h100es, most_h100es, low_usd_hour,
    high_usd_hour, low_times, high_times`: prices of a GPU, and of an H100-equivalent, which is set
    against the market; `nan` where no number is stated.
    """
    table, market = [], now.spot_usd_hour if now else np.nan
    for scope in scopes(agreement):
        for metric, weighed in weights.items():
            found = leaving.ahead(
                agreement,
                as_of=as_of,
                scope=scope,
                weights=weighed,
                metric=metric,
                hours_month=hours_month,
            )
            count, h100s = found.accelerators * found.in_service, found.h100_equivalents
            ends = [found.fee_usd_hour(n) if n else np.nan for n in (h100s.high, h100s.low)]
            each = found.fee_usd_month / hours_month / count if count else np.nan
            times = [price / market for price in ends]
            table.append((scope, metric, count, each, h100s.low, h100s.high, *ends, *times))
    columns = ["scope", "metric", "accelerators", "gpu_usd_hour", "least_h100es", "most_h100es"]
    columns += ["low_usd_hour", "high_usd_hour", "low_times", "high_times"]
    return pd.DataFrame(table, columns=columns)


def by_scope(found: Study, others: Mapping[str, Leaving], *, seed: int) -> pd.DataFrame:
    """What each right is worth alone under each scope, at both ends of its H100-equivalents.

    Columns `scope, owner, leads, fee_low_usd_hour, fee_high_usd_hour, customer_low_usd,
    customer_high_usd, provider_low_usd, provider_high_usd`; `owner` by the draws, see `owner`,
    `leads` the customer's share of them; fees of an H100-equivalent. Scopes without a number of
    accelerators are left out.
    """
    table = []
    for scope, ahead in others.items():
        if found.now is None or ahead.why_not:
            continue
        ends = (ahead.h100_equivalents.high, ahead.h100_equivalents.low)
        worth = [
            [solutions[party] * ahead.unit_usd(h100s) for party in PARTIES]
            for h100s in ends
            for solutions in [_worth(found, ahead, h100s)]
        ]
        sides = [side for pair in zip(*worth, strict=True) for side in (min(pair), max(pair))]
        own = scope == found.ahead.scope
        worths = found.rights if own else _alone(found, ahead, seed=seed)
        leads = float(worths.leads[worths.party == "customer"].sum()) if len(worths) else np.nan
        table.append(
            (scope, owner(worths), leads, *(ahead.fee_usd_hour(h100s) for h100s in ends), *sides)
        )
    columns = [
        "scope",
        "owner",
        "leads",
        "fee_low_usd_hour",
        "fee_high_usd_hour",
        "customer_low_usd",
        "customer_high_usd",
    ]
    return pd.DataFrame(table, columns=[*columns, "provider_low_usd", "provider_high_usd"])


def _alone(found: Study, ahead: Leaving, *, seed: int) -> pd.DataFrame:
    """`Study.rights` under another scope, without all else that a study holds."""
    assert found.now is not None
    odds = [
        _worths(ahead, now, rate_year=found.rate_year, seed=seed)
        for now in (found.now, *found.beside)
    ]
    worth = _worth(found, ahead, ahead.h100_equivalents.use)
    held = [party for party in PARTIES if getattr(ahead, party)]
    middle = np.array([worth[party] for party in held]) * ahead.unit_usd()
    tables = [{"rights": each} for each in (middle, *odds[0])]
    return _rights(tables, ahead, odds[1:])


def _worths(ahead: Leaving, now: Standing, *, rate_year: float, seed: int) -> Array:
    """What each right held is worth to its holder alone, in US dollars, a row a draw."""
    draws = now.draws[:ODDS_DRAWS]
    counts = evenly(ahead.h100_equivalents, len(draws), seed=seed).tolist()
    held = [party for party in PARTIES if getattr(ahead, party)]
    solved = _solved(ahead, draws, counts, rate_year=rate_year, only=["none", *held])
    table = []
    for solutions, count in zip(solved, counts, strict=True):
        values = {name: one.value for name, one in solutions.items()}
        worth = [SIGNS[party] * (values[party] - values["none"]) for party in held]
        table.append(np.array(worth) * ahead.unit_usd(count))
    return np.array(table)


def _worth(found: Study, ahead: Leaving, h100s: float) -> dict[str, float]:
    """What each right is worth to its holder alone, $/H100e-hour × months; 0 without a right."""
    assert found.now is not None
    now = (found.now.spot_usd_hour, found.now.process)
    [solved] = _solved(ahead, [now], [h100s], rate_year=found.rate_year)
    values = {name: one.value for name, one in solved.items()}
    base = values["none"]
    return {
        "customer": values.get("customer", base) - base,
        "provider": base - values.get("provider", base),
    }


def slopes(found: Study) -> pd.DataFrame:
    """What a small change of one parameter does to the value under each case, in US dollars.

    Columns `parameter, at, change` and one of each case; the change is 1 % of the parameter, or
    0.01 of a rate that may be zero (drift, discount rate).
    """
    table = pd.DataFrame()
    for name, solution in found.solutions.items():
        one = sensitivities(solution.game, nodes=NODES).set_index("parameter")
        table["at"] = one["at"]
        table["change"] = [0.01 if p in FREE else 0.01 * at for p, at in one["at"].items()]
        table[f"{name}_usd"] = one["slope"] * table["change"] * found.ahead.unit_usd()
    table = table.rename(index=LABELS | WORDS)
    return table.reset_index(names="parameter") if len(table) else table


WORDS = {"rate_year": "discount rate, a year", "fee_usd_hour": FEE}
FREE = ("drift_year", "rate_year")


def jumped(found: Study, assumed: Mapping[str, float]) -> pd.DataFrame:
    """The scenario of jumps: `case, usd, jumps_usd, change_usd`."""
    table = []
    names = ("jumps_year", "jump_mean_log", "jump_sd_log")
    for name, solution in found.solutions.items():
        process = replace(
            solution.game.process, **{parameter: float(assumed[parameter]) for parameter in names}
        )
        jumps = solve(replace(solution.game, process=process), nodes=NODES)
        usd = [one.value * found.ahead.unit_usd() for one in (solution, jumps)]
        table.append((name, *usd, usd[1] - usd[0]))
    return pd.DataFrame(table, columns=["case", "usd", "jumps_usd", "change_usd"])


def notes(found: Study) -> pd.DataFrame | None:
    """What the game leaves out of this agreement, or holds fixed: the column `note`, if any."""
    return None if not found.ahead.notes else pd.DataFrame({"note": list(found.ahead.notes)})
