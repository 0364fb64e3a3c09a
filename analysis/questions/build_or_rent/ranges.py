"""Lease or build over all that capacity may be worth and a site may cost: where the range decides.

A case is one end or the middle of what capacity is worth with one of capex; for a megawatt.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.models.customer import build
from analysis.models.customer.build import Need
from analysis.models.planning import BOUNDS, Bound
from analysis.questions.build_or_rent import choices
from analysis.questions.build_or_rent.choices import Buyer, Supply

ENDS: tuple[Bound, Bound] = ("low", "high")


def cases(who: Buyer) -> Iterator[tuple[Bound, Bound, Need]]:
    """Every worth with every capex, as planned: worth, capex and the choice to be made."""
    for worth in BOUNDS:
        for capex in BOUNDS:
            yield worth, capex, who.need(worth=worth, capex=capex)


def ways(who: Buyer) -> pd.DataFrame:
    """Every way to a megawatt over the cases: `way, low_usd, value_usd, high_usd`."""
    npv = {
        (worth, capex): build.ways(need).set_index("way").npv for worth, capex, need in cases(who)
    }
    table = pd.DataFrame(npv)  # a row a way, a column a case
    found = {
        "low_usd": table.min(axis=1),
        "value_usd": npv["value", "value"],
        "high_usd": table.max(axis=1),
    }
    return pd.DataFrame(found).rename_axis("way").reset_index()


TURNING: dict[str, tuple[str, str]] = {
    "worth": ("what capacity is worth over its fee", "multiple"),
    "capex": ("what a site costs", "USD"),
    "delay": ("how long building takes", "month"),
    "on_demand": ("the price of renting over the fee", "multiple"),
    "used": ("the share of hours used", "fraction"),
}
"""What may turn the choice, by its name in `Buyer.need`: in a sentence's words, and its unit."""
LEAVES = ("how long the provider stays", "month")


def turns(who: Buyer) -> pd.DataFrame:
    """The best way in the middle of all that is assumed, and with one assumption at an end of it.

    Columns `assumption, unit, at, best, usd, ahead_usd, turns_usd`: `at` is what is assumed. First
    the middle, without an assumption; last, if it may, the provider leaves at the earliest.
    `ahead_usd`: by how much the best way is better than the next; of equals, the first.
    `turns_usd`: by how much it is better than the best way of the middle; 0 where that is it.
    """
    asked: list[tuple[tuple[str, str], float, Need]] = [(("", ""), np.nan, who.need())]
    usual = _best(who.need()).index[0]
    for name, words in TURNING.items():
        for bound in ENDS:
            need = who.need(**{name: bound})
            at = {
                "worth": need.worth / who.fee,
                "capex": need.capex,
                "delay": float(need.delay_months),
                "on_demand": who.of("on_demand_to_fee", bound),
                "used": need.utilisation,
            }
            asked.append((words, at[name], need))
    if who.left.may_end_early:
        early = replace(who.need(), lease_months=who.left.firm_months)
        asked.append((LEAVES, who.left.firm, early))
    table = []
    for words, given, need in asked:
        npv = _best(need)
        most, second = npv.iloc[:2]
        table.append((*words, given, npv.index[0], most, most - second, most - npv[usual]))
    columns = ["assumption", "unit", "at", "best", "usd", "ahead_usd", "turns_usd"]
    return pd.DataFrame(table, columns=columns)


def _best(need: Need) -> pd.Series:
    """What each way is worth, the best first; of equals, the first."""
    npv = build.ways(need).set_index("way").npv.dropna()
    return npv.sort_values(ascending=False, kind="stable")


def build_less_lease(who: Buyer) -> pd.DataFrame:
    """What building is worth more than leasing by months until an own site is ready.

    Columns `worth_to_fee, delay_months, low_usd, value_usd, high_usd`: a stretch of rows for each
    worth, from the dearest site to the cheapest.
    """
    table = []
    for worth in BOUNDS:
        needs = [who.need(worth=worth, capex=capex) for capex in BOUNDS]
        for delay in range(needs[0].horizon_months + 1):
            late = [replace(need, delay_months=delay) for need in needs]
            usd = [build.build_npv(need) - build.lease_npv(need) for need in late]
            ends = (min(usd), usd[BOUNDS.index("value")], max(usd))
            table.append((who.of("worth_to_fee", worth), delay, *ends))
    columns = ["worth_to_fee", "delay_months", "low_usd", "value_usd", "high_usd"]
    return pd.DataFrame(table, columns=columns).drop_duplicates(ignore_index=True)


def even_fees(who: Buyer) -> np.ndarray:
    """The fees of a megawatt and month at which leasing is as good as building, as planned."""
    return np.array([build.break_even_fee(need) for *_, need in cases(who)])


def even_band(who: Buyer) -> pd.DataFrame:
    """The least and the greatest of those fees by delay: `delay_months, low_usd, high_usd`."""
    needs, table = [need for *_, need in cases(who)], []
    for delay in range(needs[0].horizon_months + 1):
        late = [replace(need, delay_months=delay) for need in needs]
        fees = [build.break_even_fee(need) for need in late]
        table.append((delay, min(fees), max(fees)))
    return pd.DataFrame(table, columns=["delay_months", "low_usd", "high_usd"])


def losses(who: Buyer, left: Supply) -> pd.DataFrame:
    """What the provider's exit costs: `worth_to_fee, replacement_months, usd`, parts added up.

    Over what capacity is worth and how long a replacement takes; none where it cannot leave early.
    """
    table = []
    for worth in BOUNDS if left.may_end_early else ():
        for bound in BOUNDS:
            parts = choices.left_behind(who, left, replacement=bound, worth=worth)
            months = parts.replacement_months.iloc[0]
            table.append((who.of("worth_to_fee", worth), months, parts.usd.sum()))
    return pd.DataFrame(table, columns=["worth_to_fee", "replacement_months", "usd"])


def every_way(who: Buyer, *, step_months: int) -> pd.DataFrame:
    """Every way to a megawatt for each worth, capex and delay: columns as below, a row a way.

    `worth, capex, delay_months, worth_to_fee, capex_usd, way, npv_usd, best`; `worth` and `capex`
    are low, value or high. Delays are every `step_months` of the horizon, and as planned.
    """
    tables = []
    for worth, capex, need in cases(who):
        for delay in sorted({*range(0, need.horizon_months + 1, step_months), need.delay_months}):
            found = build.ways(replace(need, delay_months=delay)).rename(columns={"npv": "npv_usd"})
            tables.append(
                found.assign(
                    worth=worth,
                    capex=capex,
                    delay_months=delay,
                    worth_to_fee=who.of("worth_to_fee", worth),
                    capex_usd=need.capex,
                )
            )
    return pd.concat(tables, ignore_index=True)
