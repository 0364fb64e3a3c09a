"""Fee and market as rows of one picture: `label, group, low, high, about`."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

FEE, HELD, OTHER, DEALS = "the fee", "market, judged by", "market, other prices", "other deals"


def fee_rows(rung: pd.DataFrame) -> pd.DataFrame:
    """The fee's rows of a ladder to draw: `label, group, low, high, about`."""
    rows: Any = rung.itertuples()
    about = [f"over {_span(r.per_low, r.per_high)}; {r.how}" for r in rows]
    named = {"label": [f"fee: {scope}" for scope in rung.scope], "group": FEE}
    return pd.DataFrame({**named, "low": rung.low, "high": rung.high, "about": about})


def market_rows(seen: pd.DataFrame, *, held: Sequence[str], label: str) -> pd.DataFrame:
    """Prices, drawn in the same way, a row a value of the column `label`.

    `held`: the sources that the fee is judged by, which come first; those carried on say so.
    """
    rows: Any = seen.itertuples()
    about = [
        f"{r.gpu}, {r.tier}, {r.source}, {r.date:%d %b %Y}; {r.basis}" + _carried(r) for r in rows
    ]
    group = [HELD if source in held else OTHER for source in seen.source]
    order = {name: n for n, name in enumerate(held)}
    ends = {"low": seen.usd_hour, "high": seen.usd_hour, "about": about, "source": seen.source}
    table = pd.DataFrame({"label": seen[label], "group": group, **ends})
    by = table.source.map(lambda source: order.get(source, len(order)))
    return table.assign(by=by).sort_values("by", kind="stable").drop(columns=["by", "source"])


def _carried(row: Any) -> str:
    """What was quoted, where the price is carried on from it."""
    quoted = getattr(row, "quoted", float("nan"))
    return f"; ${quoted:.2f} then, carried on" if quoted == quoted else ""


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
