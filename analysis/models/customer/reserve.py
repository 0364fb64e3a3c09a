"""How much to reserve when demand is uncertain: beforehand, or as it shows."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.contract import checks
from analysis.models.finance.demand import Demand, expected_shortfall, expected_surplus


def reserve_quantity(demand: Demand, *, fee: float, on_demand: float, resale: float = 0.0) -> float:
    """The quantity to reserve: Q* = F⁻¹((b - f) ÷ (b - s)), at least 0.

    Reserved capacity costs the fee f, used or not, and brings s where idle; what is missing costs
    b on demand. Nothing is reserved if on demand costs no more than the fee.

    >>> from analysis.models.finance.demand import Uniform
    >>> reserve_quantity(Uniform(low=0, high=100), fee=3.0, on_demand=4.0)
    25.0
    """
    if not resale < fee:
        raise checks.refused("resale", resale, f"below fee, {fee}")
    checks.finite(fee=fee, on_demand=on_demand, resale=resale)
    if on_demand <= fee:
        return 0.0
    return max(0.0, demand.quantile((on_demand - fee) / (on_demand - resale)))


def reserve_cost(
    quantity: float, demand: Demand, *, fee: float, on_demand: float, resale: float = 0.0
) -> float:
    """Mean cost of a month with so much reserved: f·Q + b·E[(D - Q)+] - s·E[(Q - D)+].

    >>> from analysis.models.finance.demand import Uniform
    >>> reserve_cost(100.0, Uniform(low=0, high=200), fee=3.0, on_demand=4.0)
    400.0
    """
    checks.not_negative(quantity=quantity)
    missing = on_demand * expected_shortfall(demand, quantity)
    return fee * quantity + missing - resale * expected_surplus(demand, quantity)


def reserve_online(
    usage: Sequence[int],
    *,
    on_demand: float,
    upfront: float,
    discount: float,
    period: int,
) -> pd.DataFrame:
    """Reserve as demand shows, without a forecast: a row a slot (Wang, Li, Liang 2013).

    An instance costs `on_demand` a slot of use, or `upfront` for `period` slots and then only
    `discount` × that price. It is reserved once use on demand that it would have served in the
    last `period` slots costs more than upfront ÷ (1 - discount). Columns `slot, usage, reserved,
    new, usd`. At most `worst_case(discount)` times the least cost in hindsight.
    """
    checks.whole(period=period, **{f"usage[{n}]": used for n, used in enumerate(usage)})
    checks.positive(on_demand=on_demand, upfront=upfront, period=period)
    if not 0 <= discount < 1:
        raise checks.refused("discount", discount, "0 or above and below 1")
    break_even = upfront / (1 - discount)
    used = np.asarray(usage, dtype=int)
    counted = np.zeros(len(used) + period, dtype=int)  # reservations, as if made a period earlier
    held, table = np.zeros(len(used) + period, dtype=int), []
    for slot in range(len(used)):
        window = slice(max(0, slot - period + 1), slot + 1)
        new = 0
        while on_demand * np.count_nonzero(used[window] > counted[window]) > break_even:
            new += 1
            counted[window.start : slot + period] += 1
            held[slot : slot + period] += 1
        missing = max(0, int(used[slot] - held[slot]))
        usd = new * upfront + on_demand * (missing + discount * (int(used[slot]) - missing))
        table.append((slot, int(used[slot]), int(held[slot]), new, usd))
    return pd.DataFrame(table, columns=["slot", "usage", "reserved", "new", "usd"])


def worst_case(discount: float, *, randomised: bool = False) -> float:
    """The most that the online rule can cost, as a multiple of the least cost in hindsight.

    2 - α; e ÷ (e - 1 + α) if the threshold is drawn at random as in the paper.

    >>> worst_case(0.5)
    1.5
    """
    checks.share(discount=discount)
    return math.e / (math.e - 1 + discount) if randomised else 2 - discount
