"""Who owns the exit: what the same agreement is worth with nobody's, one side's and both rights.

Every number comes with the spread of a cloud of price processes that the observed prices allow,
and of the H100-equivalents that the fee may pay for. Values are the customer's, in US dollars.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from analysis.contract.fields import PARTIES, Range
from analysis.models.exits import Game, Process, Solution, sensitivities, solve, solve_many
from analysis.models.exits.leaving import Leaving
from analysis.models.market.prices import Array
from analysis.models.market.standing import Standing, strips
from analysis.models.units import CENT_USD

CASES = {
    "none": "nobody may terminate",
    "customer": "only the customer may",
    "provider": "only the provider may",
    "both": "both may",
}
ALONE = ("none", *PARTIES)
FEE = "fee, $/H100e-hour"
LABELS = {
    "kappa_year": "mean-reversion speed, a year",
    "level_usd_hour": "long-run level, $/H100e-hour",
    "sigma_year": "volatility, log a root year",
    "drift_year": "drift of the level, a year",
    "rate_year": "discount rate, a year",
    "fee_usd_hour": FEE,
}
FREE = ("drift_year", "rate_year")  # may be zero
SURE = 0.8  # share of draws, from which one side is said to hold the more valuable right
ODDS_DRAWS = 128  # at most, of each price series and scope beside the one that is studied
TAIL = 5  # per cent below and above a band
NODES = 71
BATCH = 100  # draws that are solved side by side
SIGNS = {"customer": 1, "provider": -1}  # values are the customer's
POINTS = 61
PRICES = (0.4, 1.6)  # market prices drawn: shares of the lower and the higher of price and fee

Draws = Sequence[tuple[float, Process]]  # a price today, and how it moves on


@dataclass(frozen=True, kw_only=True, eq=False)
class Study:
    """One agreement against one market: solutions at the middle process, and tables with bands.

    values: `case, usd, low_usd, high_usd`. rights: `party, usd, low_usd, high_usd, months, leads`,
    of each right to its holder if the other side has none; months are months of fee, leads the
    share of draws in which it is worth more, over the price series of `now` and those `beside` it,
    each as likely. curves: `case, label, price, usd, low_usd, high_usd` against today's market
    price. triggers: `party, month, date, price, low, high`, each party alone.
    """

    ahead: Leaving
    now: Standing
    rate_year: float
    beside: tuple[Standing, ...]
    solutions: dict[str, Solution]
    values: pd.DataFrame
    rights: pd.DataFrame
    curves: pd.DataFrame
    triggers: pd.DataFrame

    @property
    def signed(self) -> str:
        """The case that the agreement's own rights make."""
        return list(self.solutions)[-1]


def cases(game: Game) -> dict[str, Game]:
    """The game with fewer rights and with those that are held; last the agreement's own."""
    c, p = game.customer, game.provider
    rights = {"none": (None, None), "customer": (c, None), "provider": (None, p), "both": (c, p)}
    held = {"none": True, "customer": c, "provider": p, "both": c and p}
    return {
        name: replace(game, customer=customer, provider=provider)
        for name, (customer, provider) in rights.items()
        if held[name]
    }


def study(
    ahead: Leaving,
    now: Standing,
    *,
    rate_year: float,
    seed: int,
    beside: Sequence[Standing] = (),
    spread: Callable[..., Iterable[Any]] = map,
) -> Study:
    """What each combination of the rights is worth, with the doubt about market and capacity.

    `beside`: the market by other price series, which count for whose right is worth more. `spread`
    is the map over batches of draws: one that counts them, say.
    """
    h100s = ahead.h100_equivalents
    market = (now.spot_usd_hour, now.process)
    [middle] = _solved(ahead, [market], [h100s.use], rate_year=rate_year)
    low, high = sorted((now.spot_usd_hour, ahead.fee_usd_hour()))
    prices = np.linspace(low * PRICES[0], high * PRICES[1], POINTS)
    counts = evenly(h100s, len(now.draws), seed=seed)

    def drawn(first: int) -> list[dict[str, Array]]:
        some = slice(first, first + BATCH)
        found = _solved(ahead, now.draws[some], counts[some], rate_year=rate_year)
        return [
            _read(each, prices, ahead.unit_usd(count))
            for each, count in zip(found, counts[some], strict=True)
        ]

    draws = [*chain.from_iterable(spread(drawn, range(0, len(now.draws), BATCH)))]
    kept = [_read(middle, prices, ahead.unit_usd()), *draws]
    tables = {name: [one[name] for one in kept] for name in kept[0]}
    odds = [_odds(ahead, one, rate_year=rate_year, seed=seed) for one in beside]
    names = [(case, CASES[case], price) for case in middle for price in prices]
    acts = [
        (party, month, ahead.day(max(month, ahead.rights[party].first_month)))
        for party in ahead.rights
        for month in middle[party].triggers.month
    ]
    curves = pd.DataFrame(names, columns=["case", "label", "price"])
    triggers = _banded(tables["triggers"], pd.DataFrame(acts, columns=["party", "month", "date"]))
    return Study(
        ahead=ahead,
        now=now,
        rate_year=rate_year,
        beside=tuple(beside),
        solutions=middle,
        values=_banded(tables["values"], pd.DataFrame({"case": list(middle)})),
        rights=_rights(tables["rights"], ahead, odds),
        curves=_banded(tables["curves"], curves),
        triggers=triggers.set_axis(["party", "month", "date", "price", "low", "high"], axis=1),
    )


def evenly(span: Range, count: int, *, seed: int) -> list[float]:
    """So many values evenly over a range, in rising order: beside draws they leave no gap."""
    shares = (np.arange(count) + np.random.default_rng(seed).random()) / count
    return [span.low + (span.high - span.low) * share for share in shares.tolist()]


def _solved(
    ahead: Leaving,
    draws: Draws,
    h100s: Sequence[float],
    *,
    rate_year: float,
    only: Sequence[str] = tuple(CASES),
) -> Iterator[dict[str, Solution]]:
    """Solutions of the cases for each draw of the market and number of H100-equivalents."""
    games = []
    for (spot, process), count in zip(draws, h100s, strict=True):
        market = {"spot_usd_hour": spot, "process": process, "rate_year": rate_year}
        found = cases(ahead.game(**market, h100_equivalents=count))  # type: ignore[arg-type]
        games.append({name: game for name, game in found.items() if name in only})
    for some in (games[first : first + BATCH] for first in range(0, len(games), BATCH)):
        solved = iter(solve_many([game for each in some for game in each.values()], nodes=NODES))
        yield from ({name: next(solved) for name in each} for each in some)


def _read(solutions: Mapping[str, Solution], prices: Array, unit_usd: float) -> dict[str, Array]:
    """What is kept of the solutions of one draw."""
    values = np.array([s.value for s in solutions.values()]) * unit_usd
    curves = [
        np.interp(prices, s.prices, s.values, left=np.nan, right=np.nan) * unit_usd
        for s in solutions.values()
    ]
    alone = [solutions[p].trigger_prices[:, k] for k, p in enumerate(PARTIES) if p in solutions]
    acts = [np.where(np.isfinite(t) & (t > 0), t, np.nan) for t in alone]
    return {
        "values": values,
        "curves": np.concatenate(curves),
        "rights": _alone(solutions, unit_usd),
        "triggers": np.concatenate([*acts, np.zeros(0)]),
    }


def _alone(solutions: Mapping[str, Solution], unit_usd: float) -> Array:
    """What each right held is worth to its holder alone, in US dollars."""
    none, sides = solutions["none"].value, [p for p in PARTIES if p in solutions]
    return np.array([(solutions[p].value - none) * SIGNS[p] * unit_usd for p in sides])


def _banded(values: Sequence[Array], keys: pd.DataFrame) -> pd.DataFrame:
    """The first of the values, and the 90 % band of the draws that follow, beside their keys.

    No band where half of the draws or more have no value.
    """
    middle, draws = values[0], np.array(values[1:])
    known = np.isfinite(draws).sum(axis=0) * 2 > len(draws)
    filled = np.where(known, draws, 0.0)
    low, high = np.nanpercentile(filled, [TAIL, 100 - TAIL], axis=0) if middle.size else (0.0, 0.0)
    ends = {"low_usd": np.where(known, low, np.nan), "high_usd": np.where(known, high, np.nan)}
    return keys.assign(usd=middle, **ends)


def _rights(worths: Sequence[Array], ahead: Leaving, others: Sequence[Array]) -> pd.DataFrame:
    """`Study.rights` from the rights' worth at the middle process, then in each draw.

    `others` are draws by other price series. What is equal leads in equal parts.
    """
    table = _banded(worths, pd.DataFrame({"party": [*ahead.rights]}, dtype=object))
    if ahead.rights:
        best = [
            each >= each.max(axis=1, keepdims=True) - CENT_USD
            for each in (np.array(worths[1:]), *others)
        ]
        shares = [(each / each.sum(axis=1, keepdims=True)).mean(axis=0) for each in best]
        table["leads"] = np.mean(shares, axis=0)
    return table.assign(months=table.usd / ahead.fee_usd_month)


def owner(rights: pd.DataFrame) -> str:
    """Who holds the more valuable right by `Study.rights`: customer, provider, open or nobody."""
    if (rights.high_usd <= CENT_USD).all():
        return "nobody"
    first: Any = rights.iloc[int(rights.usd.argmax())]
    return str(first.party) if len(rights) == 1 or first.leads >= SURE else "open"


def too_late(ahead: Leaving) -> bool:
    """Whether no notice of either side ends anything before the stated end."""
    held = ahead.rights.items()
    ends = [ahead.left_on(party, one.first_month + one.notice_months) for party, one in held]
    return bool(ends) and min(ends) >= ahead.end


def paths(found: Study) -> pd.DataFrame:
    """Prices by date, $/H100e-hour: market seen and expected, fee, and either's trigger."""
    ahead, series, fees = found.ahead, found.now.series, found.ahead.fees_usd_month
    seen = pd.DataFrame({"line": "market seen", "date": series.dates, "price": series.usd_gpu_hour})
    strip = strips(found.now, months=len(fees))
    later = strip.assign(line="market expected", date=strip.month.map(ahead.day))
    prices = np.array([*fees, fees[-1]]) / ahead.unit_usd()
    ends = [ahead.day(month) for month in (*range(len(fees)), ahead.term_months)]
    fee = pd.DataFrame({"line": "fee", "date": ends, "price": prices})
    acts = found.triggers.assign(line=found.triggers.party).dropna(subset=["price"])
    lines = pd.concat([seen, later, fee, acts], ignore_index=True)
    return lines[["line", "date", "price", "low", "high"]]


def by_scope(found: Study, aheads: Iterable[Leaving], *, seed: int) -> pd.DataFrame:
    """What each right is worth alone under each scope, at both ends of its H100-equivalents.

    `leads` is the customer's share of draws. Scopes without a number of accelerators are left out.
    """
    table, rate, markets = [], found.rate_year, (found.now, *found.beside)
    middle = (found.now.spot_usd_hour, found.now.process)
    for ahead in aheads:
        if ahead.why_not:
            continue
        span, rights = ahead.h100_equivalents, found.rights
        counts = [span.high, span.low, span.use]
        *ends, use = _worths(ahead, [middle] * len(counts), counts, rate_year=rate)
        if ahead.scope != found.ahead.scope:
            odds = [_odds(ahead, now, rate_year=rate, seed=seed) for now in markets]
            rights = _rights([use, *odds[0]], ahead, odds[1:])
        row: dict[str, Any] = {"scope": ahead.scope, "owner": owner(rights), "leads": np.nan}
        if len(rights):
            row["leads"] = float(rights.leads[rights.party == "customer"].sum())
        row["fee_low_usd_hour"], row["fee_high_usd_hour"] = map(ahead.fee_usd_hour, counts[:2])
        held = dict(zip(rights.party, np.sort(ends, axis=0).T, strict=True))
        for party in PARTIES:
            row[f"{party}_low_usd"], row[f"{party}_high_usd"] = held.get(party, (0.0, 0.0))
        table.append(row)
    return pd.DataFrame(table)


def _odds(ahead: Leaving, now: Standing, *, rate_year: float, seed: int) -> Array:
    """`_worths` in draws of a market."""
    draws = now.draws[:ODDS_DRAWS]
    counts = evenly(ahead.h100_equivalents, len(draws), seed=seed)
    return _worths(ahead, draws, counts, rate_year=rate_year)


def _worths(ahead: Leaving, draws: Draws, counts: Sequence[float], *, rate_year: float) -> Array:
    """`_alone` for each draw of the market and number of H100-equivalents, a row each."""
    solved = _solved(ahead, draws, counts, rate_year=rate_year, only=ALONE)
    units = map(ahead.unit_usd, counts)
    return np.array([_alone(one, unit) for one, unit in zip(solved, units, strict=True)])


def slopes(found: Study) -> pd.DataFrame:
    """What 1 % of a parameter (0.01 of a rate that may be zero) does to the value, USD."""
    table = pd.DataFrame()
    for name, solution in found.solutions.items():
        one = sensitivities(solution.game, nodes=NODES).set_index("parameter")
        table["at"] = one["at"]
        table["change"] = 0.01 * one["at"].where(~one.index.isin(FREE), 1.0)
        table[f"{name}_usd"] = one["slope"] * table["change"] * found.ahead.unit_usd()
    return table.rename(index=LABELS).reset_index(names="parameter")


def jumped(found: Study, assumed: Mapping[str, float]) -> pd.DataFrame:
    """The scenario of jumps: `case, usd, jumps_usd, change_usd`."""
    jumps = {name: float(assumed[name]) for name in ("jumps_year", "jump_mean_log", "jump_sd_log")}
    table, unit = [], found.ahead.unit_usd()
    for name, solution in found.solutions.items():
        game = replace(solution.game, process=replace(solution.game.process, **jumps))
        table.append((name, solution.value * unit, solve(game, nodes=NODES).value * unit))
    frame = pd.DataFrame(table, columns=["case", "usd", "jumps_usd"])
    return frame.assign(change_usd=frame.jumps_usd - frame.usd)
