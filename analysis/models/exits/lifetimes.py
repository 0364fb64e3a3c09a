"""How long does the agreement live: by chance, by the market, and by what leaving costs each side.

Months are contract months from the valuation day (before service: from its first day).
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from analysis.models.exits import Side, solve_private
from analysis.models.exits.ownership import CASES, NODES, Study

SHARES = (0.10, 0.25, 0.50, 0.75, 0.90)
QUANTILES = tuple(f"q{100 * share:.0f}" for share in SHARES)
STEPS = 7  # values of each axis of `private`, beside the one in use
NOTABLE = 0.01  # months of fee, below which a loss is not counted


def fan(found: Study, chance: Mapping[str, float]) -> pd.DataFrame:
    """When service ends: exact quantiles, expected months and fees, and their share of all fees.

    Groups: "monthly hazard" (somebody serves notice with that chance each month) and "market value
    alone" (the solved game, middle process).
    """
    ahead, fees, rows = found.ahead, found.ahead.receipts, []
    for bound in ("low", "value", "high") if len(fees) and ahead.rights else ():
        each = float(chance[bound])
        life, name = ahead.life(each), f"{each:.0%} a month".replace("%", " %")
        ends = [ahead.day(life.quantile(share)) for share in SHARES]
        months = life.expected_months - life.served[-1] * (len(fees) - ahead.term_months)
        rows.append((name, "monthly hazard", *ends, months, life.expected_value(fees)))
    for case, solution in found.solutions.items():
        usd = solution.expected_fees * ahead.unit_usd()
        days = [ahead.left_on(by, month) for month, by, _ in solution.ends.itertuples(index=False)]
        chances = solution.ends.groupby(days, sort=True).probability.sum()
        reached = np.searchsorted(chances.cumsum() / chances.sum(), np.array(SHARES) - 1e-9)
        months = solution.expected_months
        rows.append((CASES[case], "market value alone", *chances.index[reached], months, usd))
    table = pd.DataFrame(rows, columns=["life", "group", *QUANTILES, "months", "fees_usd"])
    return table.assign(share=table.fees_usd / ahead.headline_usd)


def private(found: Study, assumed: pd.DataFrame) -> pd.DataFrame:
    """Life and worth when leaving costs something: own use against the cost of moving.

    `assumed` has the rows `own_use_share` (worth to the customer on top of the market price, share
    of the fee), `moving_cost_months` (months of fee) and `relet_months` (without a tenant
    afterwards). `bound` is without any right to leave, `hurt` where both lose by the rights. Empty
    where nobody may leave.
    """
    ahead = found.ahead
    if not ahead.rights:
        return pd.DataFrame()
    game = found.solutions[found.signed].game
    fee, unit = ahead.fee_usd_hour(), ahead.unit_usd()
    axes = [
        sorted({row.value, *np.linspace(row.low, row.high, STEPS).round(6).tolist()})
        for row in (assumed.loc["own_use_share"], assumed.loc["moving_cost_months"])
    ]
    frame = pd.DataFrame(product(*axes), columns=["own_use", "moving"])
    provider = Side(downtime_months=float(assumed.value["relet_months"]))
    sides = [
        (Side(internal_use_usd_hour=use * fee, moving_cost=months * fee), provider)
        for use, months in product(*axes)
    ]
    rights = solve_private(game, sides, nodes=NODES)
    none = solve_private(replace(game, customer=None, provider=None), sides, nodes=NODES)
    frame["months"] = [one.expected_months for one in rights]
    for suffix, solved in (("", rights), ("_bound", none)):
        frame[f"customer{suffix}_usd"] = [one.value * unit for one in solved]
        frame[f"provider{suffix}_usd"] = [one.provider * unit for one in solved]
    least = NOTABLE * ahead.fee_usd_month
    hurt = (frame.customer_bound_usd - frame.customer_usd > least) & (
        frame.provider_bound_usd - frame.provider_usd > least
    )
    return frame.assign(lived=frame.months / ahead.term_months, hurt=hurt)
