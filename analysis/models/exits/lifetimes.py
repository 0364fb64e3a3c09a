"""How long does the agreement live: by chance, by the market, and by what leaving costs each side.

Months are contract months from the valuation day (before service: from its first day).
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.models.exits import Game, Solution
from analysis.models.exits.leaving import Leaving
from analysis.models.exits.ownership import CASES, NODES, Study
from analysis.models.exits.private import PrivateSolution, Side, solve_private_many
from analysis.models.finance.life import Life
from analysis.models.market import forward_strip

SHARES = (0.10, 0.25, 0.50, 0.75, 0.90)
QUANTILES = tuple(f"q{100 * share:.0f}" for share in SHARES)
STEPS = 7  # values of each axis of `private`


def fan(found: Study, chance: Mapping[str, float]) -> pd.DataFrame:
    """When service ends: exact quantiles, expected months and expected fees, a row a way of life.

    Columns `life, group, q10, q25, q50, q75, q90, start` (days), `months, fees_usd, headline_usd,
    share`.
    Groups: "constant chance" (somebody serves notice with that chance each month: the `low`,
    `value` and `high` of `chance`) and "market value alone" (the solved game, middle process).
    """
    ahead, rows = found.ahead, []
    if ahead.fees_usd_month and (ahead.customer or ahead.provider):
        for bound in ("low", "value", "high"):
            each = float(chance[bound])
            life, name = constant(ahead, each), f"{each:.0%} a month".replace("%", " %")
            fees = receipts(ahead)
            ends = [ahead.day(life.quantile(share)) for share in SHARES]
            months = life.expected_months - life.served[-1] * (len(fees) - ahead.term_months)
            rows.append((name, "constant chance", ends, months, life.expected_value(fees)))
    for name, solution in found.solutions.items():
        fees_usd = solution.expected_fees * ahead.unit_usd()
        ends = _quantiles(solution, ahead)
        rows.append((CASES[name], "market value alone", ends, solution.expected_months, fees_usd))
    table = pd.DataFrame(
        [(life, group, *ends, months, usd) for life, group, ends, months, usd in rows],
        columns=["life", "group", *QUANTILES, "months", "fees_usd"],
    )
    whole = ahead.headline_usd
    return table.assign(
        start=ahead.start, headline_usd=whole, share=table.fees_usd / whole if whole else math.nan
    )


def receipts(ahead: Leaving) -> NDArray[np.float64]:
    """What each month ahead brings, the last one as the part of a month that it is."""
    fees = np.array(ahead.fees_usd_month)
    if len(fees):
        fees[-1] *= ahead.term_months - (len(fees) - 1)
    return fees


def constant(ahead: Leaving, chance: float) -> Life:
    """Constant-chance life in whole months, every part of a month counted as one."""
    held = [right for right in (ahead.customer, ahead.provider) if right]
    opens = min((right.first_month for right in held), default=0.0)
    notice = min((right.notice_months for right in held), default=0.0)
    return Life(
        term_months=len(ahead.fees_usd_month),
        gate_months=math.ceil(opens),
        notice_months=math.ceil(notice),
        chance_month=chance if held else 0.0,
    )


def _quantiles(solution: Solution, ahead: Leaving) -> list[date]:
    days = [ahead.left_on(by, month) for month, by, _ in solution.ends.itertuples(index=False)]
    ends = solution.ends.groupby(days, sort=True).probability.sum()
    reached = (ends.cumsum() / ends.sum()).to_numpy()
    return [ends.index[int(np.argmax(reached >= share - 1e-9))] for share in SHARES]


def survival(found: Study) -> pd.DataFrame:
    """Chance that service goes on, and that a party's notice has ended it, by month.

    From the solved games: `case, label, date, served, customer, provider`.
    """
    parts = [
        solution.survival.drop(columns="month").assign(
            case=name,
            label=CASES[name],
            date=[found.ahead.day(month) for month in solution.survival.month],
        )
        for name, solution in found.solutions.items()
    ]
    columns = ["case", "label", "date", "served", "customer", "provider"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame()


def private(found: Study, assumed: pd.DataFrame, *, at_fee: bool = False) -> pd.DataFrame:
    """Life and worth when leaving costs something: own use against the cost of moving.

    `assumed` has the rows `own_use_share` (worth to the customer on top of the market price, share
    of the fee), `moving_cost_months` (what an early end costs the customer, months of fee), both
    from `low` to `high`, and `relet_months` (without a tenant for the provider after it).

    With `at_fee` the market stands where the fee is fair, see `moved_to_fee`.

    Columns `own_use, moving, months, customer_usd, provider_usd, customer_bound_usd,
    provider_bound_usd, lived, hurt`: `lived` is a share of the term, `bound` is without any right
    to leave, `hurt` marks where both lose by the rights. Empty where nobody may leave.
    """
    if private_why_not(found):
        return pd.DataFrame()
    game = found.solutions[found.signed].game
    game = moved_to_fee(game) if at_fee else game
    bound = replace(game, customer=None, provider=None)
    fee, unit = found.ahead.fee_usd_hour(), found.ahead.unit_usd()
    provider = Side(downtime_months=float(assumed.value["relet_months"]))
    axes = _axis(assumed, "own_use_share"), _axis(assumed, "moving_cost_months")
    uses = [Side(internal_use_usd_hour=share * fee) for share in axes[0]]
    sides = [replace(use, moving_cost=months * fee) for use in uses for months in axes[1]]
    no_rights = solve_private_many(bound, [(use, Side()) for use in uses], nodes=NODES)
    rights = solve_private_many(game, [(side, provider) for side in sides], nodes=NODES)
    table = [
        (*point, one.expected_months, *_usd(one, unit), *_usd(no_rights[k // len(axes[1])], unit))
        for k, (point, one) in enumerate(zip(product(*axes), rights, strict=True))
    ]
    columns = ["own_use", "moving", "months", "customer_usd", "provider_usd"]
    frame = pd.DataFrame(table, columns=[*columns, "customer_bound_usd", "provider_bound_usd"])
    least = NOTABLE * found.ahead.fee_usd_month
    lost = (frame.customer_bound_usd - frame.customer_usd > least) & (
        frame.provider_bound_usd - frame.provider_usd > least
    )
    return frame.assign(lived=frame.months / found.ahead.term_months, hurt=lost)


def moved_to_fee(game: Game) -> Game:
    """The same game in a market so much dearer or cheaper that the fees to come are fair."""
    months = np.arange(math.ceil(game.term_months))
    discount = np.exp(-game.rate_year / 12 * months)
    forward = forward_strip(game.process, spot_usd_hour=game.spot_usd_hour, months=len(months) - 1)
    served = np.minimum(game.term_months - months, 1.0) * discount
    times = float((game.fees()[:: game.steps_month] * served).sum() / (forward * served).sum())
    level = game.process.level_usd_hour * times
    process = replace(game.process, level_usd_hour=level)
    return replace(game, spot_usd_hour=game.spot_usd_hour * times, process=process)


def _axis(assumed: pd.DataFrame, name: str) -> list[float]:
    low, high = float(assumed.low[name]), float(assumed.high[name])
    values: list[float] = np.linspace(low, high, STEPS).round(6).tolist()
    return values


NOTABLE = 0.01  # months of fee, below which a loss is not counted


def private_why_not(found: Study) -> str:
    """Why the game of private values cannot be played; empty if it can."""
    if found.why_not:
        return found.why_not
    if found.ahead.customer is None and found.ahead.provider is None:
        return "nobody may leave under this reading"
    return ""


def _usd(solution: PrivateSolution, unit_usd: float) -> tuple[float, float]:
    return solution.customer * unit_usd, solution.provider * unit_usd
