"""A fixed fee while prices fall, and when to stop leasing and buy: continuous time, years.

Prices fall by e^(-fall·years); rates are continuous. A(x, T) = (1 - e^(-xT)) ÷ x.
"""

import math

from analysis.contract import checks


def discounted_years(rate: float, years: float) -> float:
    """Worth of 1 a year, paid steadily for so many years: A(rate, years).

    >>> discounted_years(0.0, 3.0)
    3.0
    """
    checks.finite(rate=rate)
    checks.not_negative(years=years)
    return -math.expm1(-rate * years) / rate if rate else years


def fall_from_progress(gain_year: float) -> float:
    """Rate of fall of the price of the same compute if a dollar buys so much more each year.

    >>> round(fall_from_progress(0.30), 6)
    0.262364
    """
    checks.rate(gain_year=gain_year)
    return math.log1p(gain_year)


def fair_fee(*, price: float, fall: float, rate: float, years: float) -> float:
    """The fixed fee worth the same as paying a falling market price: P₀·A(r + δ, T) ÷ A(r, T)."""
    checks.positive(price=price, years=years)
    return price * discounted_years(rate + fall, years) / discounted_years(rate, years)


def overpayment(*, fee: float, price: float, fall: float, rate: float, years: float) -> float:
    """Worth of a fixed fee less worth of the falling market price; negative if it saves."""
    checks.not_negative(fee=fee)
    fair = fair_fee(price=price, fall=fall, rate=rate, years=years)
    return (fee - fair) * discounted_years(rate, years)


def end_ratio(*, fee: float, price: float, fall: float, years: float) -> float:
    """The fee ÷ the market price at the end of the term."""
    checks.positive(price=price)
    checks.not_negative(fee=fee, years=years)
    return fee / (price * math.exp(-fall * years))


def crossing_years(*, fee: float, price: float, fall: float) -> float:
    """When the market price falls to the fee: 0 if it is there at once, `nan` if it never is.

    >>> round(crossing_years(fee=1.90, price=2.35, fall=0.30), 6)
    0.708538
    """
    checks.positive(fee=fee, price=price)
    checks.finite(fall=fall)
    if price <= fee:
        return 0.0
    return math.log(price / fee) / fall if fall > 0 else math.nan


def buy_after_years(*, fee: float, own_cost: float, fall: float, rate: float) -> float:
    """How long to lease before buying: τ* = max(0, ln(k₀·(δ + r) ÷ (f·r)) ÷ δ).

    `own_cost` is the annual cost of owning if bought today; buying later costs e^(-fall·years) of
    that, for ever. If owning does not get cheaper: 0 if it costs no more than the fee, else `inf`.

    >>> buy_after_years(fee=4.0, own_cost=3.0, fall=0.0, rate=0.12)
    0.0
    """
    checks.positive(fee=fee, own_cost=own_cost, rate=rate)
    checks.finite(fall=fall)
    if fall <= 0:
        return 0.0 if own_cost <= fee else math.inf
    return max(0.0, math.log(own_cost * (fall + rate) / (fee * rate)) / fall)


def cost_of_buying_after(
    years: float, *, fee: float, own_cost: float, fall: float, rate: float
) -> float:
    """Worth of leasing for so many years (`inf`: for ever), then owning for ever.

    >>> cost_of_buying_after(0.0, fee=4.0, own_cost=3.0, fall=0.3, rate=0.12)
    25.0
    """
    checks.positive(fee=fee, own_cost=own_cost, rate=rate)
    if not years >= 0:
        raise checks.refused("years", years, "0 or above")
    if years == math.inf:
        return fee / rate
    owned = own_cost * math.exp(-(fall + rate) * years) / rate
    return fee * discounted_years(rate, years) + owned
