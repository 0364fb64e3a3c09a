"""The part of the fee that power takes."""

from datetime import date

import pandas as pd

from analysis.contract import units
from analysis.contract.served import full_fee, paid_for
from analysis.contract.terms import Agreement, scopes
from analysis.contract.units import Interval, as_interval
from analysis.models import planning

ENDS: tuple[planning.Bound, planning.Bound] = ("low", "high")


def power_price(assumptions: pd.DataFrame) -> tuple[float, float]:
    """The assumed price of power, low and high, $/MWh."""
    low, high = (planning.value(assumptions, "power_usd_mwh", end) for end in ENDS)
    return low, high


def power_share(
    agreement: Agreement, assumptions: pd.DataFrame, *, day: date, hours_month: float
) -> pd.DataFrame:
    """Power at full draw over the full fee for each scope with megawatts, stated or imputed.

    Columns `scope, mw_low, mw_high, pue_low, pue_high, low, value, high, fee_kwh_low,
    fee_kwh_high, how`: the share low to high with its middle, and the fee for a kilowatt-hour.
    MW · PUE · H · price ÷ fee (models, section 2); PUE is 1 where the megawatts are facility power.
    """
    fee = full_fee(agreement, day).usd_month
    terms = paid_for(agreement, day)
    price = Interval(*power_price(assumptions))
    overhead = Interval(*(planning.value(assumptions, "pue", end) for end in ENDS))
    table = []
    for scope in scopes(terms) if fee else ():
        place = planning.place(terms, assumptions, scope=scope)
        if place.mw is None:
            continue
        mw = Interval(place.mw["low"], place.mw["high"])
        pue = as_interval(place.pue) if place.pue else overhead
        share = as_interval(mw * pue * price * hours_month / fee)
        middle = place.mw["value"] * (place.pue or planning.value(assumptions, "pue"))
        usd = units.power_usd_month(
            middle, planning.value(assumptions, "power_usd_mwh"), hours_month=hours_month
        )
        kwh = as_interval(units.usd_per_kwh(fee, mw, hours_month))
        table.append(
            (scope, mw.low, mw.high, pue.low, pue.high, share.low, as_interval(usd / fee).low,
             share.high, kwh.low, kwh.high, place.mw_from)
        )  # fmt: skip
    columns = ["scope", "mw_low", "mw_high", "pue_low", "pue_high", "low", "value", "high"]
    return pd.DataFrame(table, columns=[*columns, "fee_kwh_low", "fee_kwh_high", "how"])
