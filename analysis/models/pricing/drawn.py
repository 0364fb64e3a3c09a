"""Fee and market as rows of one picture: `label, group, low, high, about`."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

FEE, HELD, OTHER, DEALS = "the fee", "market, by contract", "market, other tiers", "other deals"


def fee_rows(rung: pd.DataFrame) -> pd.DataFrame:
    """The fee's rows of a ladder to draw: `label, group, low, high, about`."""
    rows: Any = rung.itertuples()
    about = [f"over {_span(r.per_low, r.per_high)}; {r.how}" for r in rows]
    named = {"label": [f"fee: {scope}" for scope in rung.scope], "group": FEE}
    return pd.DataFrame({**named, "low": rung.low, "high": rung.high, "about": about})


def market_rows(seen: pd.DataFrame, *, held: Sequence[str], label: str) -> pd.DataFrame:
    """Prices seen, drawn in the same way, a row a value of the column `label`."""
    rows: Any = seen.itertuples()
    about = [f"{r.gpu}, {r.tier}, {r.source}, {r.date:%d %b %Y}; {r.basis}" for r in rows]
    group = [HELD if tier in held else OTHER for tier in seen.tier]
    order = {name: n for n, name in enumerate(held)}
    table = pd.DataFrame({"label": seen[label], "group": group, "low": seen.usd_hour,
                          "high": seen.usd_hour, "about": about, "tier": seen.tier})  # fmt: skip
    by = table.tier.map(lambda tier: order.get(tier, len(order)))
    return table.assign(by=by).sort_values("by", kind="stable").drop(columns=["by", "tier"])


def rented_rows(rented: pd.DataFrame, *, held: Sequence[str]) -> pd.DataFrame:
    """Accelerators that the fee rents at each price, drawn in the same way, a row a kind."""
    rows = market_rows(rented, held=held, label="gpu")
    number = rented.accelerators.loc[rows.index]
    return rows.assign(low=number, high=number)


def deal_rows(deals: pd.DataFrame) -> pd.DataFrame:
    """Other deals by the megawatt, drawn in the same way."""
    rows: Any = deals.itertuples()
    about = [
        f"announced {r.date:%d %b %Y}; {r.basis} MW; {r.grade}" + (f"; {r.how}" if r.how else "")
        for r in rows
    ]
    named = {"label": deals["name"], "group": DEALS}
    return pd.DataFrame({**named, "low": deals.low_usd, "high": deals.high_usd, "about": about})


def bands(rung: pd.DataFrame, *, start: date, until: date) -> pd.DataFrame:
    """The fee's interval for each scope, charged from a day until another: for a history."""
    label = [f"fee, if for {scope}" for scope in rung.scope]
    return pd.DataFrame({"label": label, "low": rung.low, "high": rung.high}).assign(
        start=start, until=until
    )


def stacked(*parts: pd.DataFrame) -> pd.DataFrame:
    """Rows of a picture from the top."""
    return pd.concat([part for part in parts if len(part)] or [parts[0]], ignore_index=True)


def ends(seen: pd.DataFrame) -> tuple[float, ...]:
    """The lowest and the highest price of those seen; nothing where none was."""
    return (float(seen.usd_hour.min()), float(seen.usd_hour.max())) if len(seen) else ()


def _span(low: float, high: float) -> str:
    return f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"
