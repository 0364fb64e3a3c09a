"""What the market was seen to charge: each price with its day, tier, source and basis."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from analysis.models.market.calibration import Priors
from analysis.models.market.prices import select
from analysis.models.market.standing import FEWEST_DRAWS, others, recent, stand

MW_PRICE = "usd_mw_month"


def contracted(prices: pd.DataFrame, *, day: date, gpus: Sequence[str]) -> pd.DataFrame:
    """The last price of each accelerator, tier and source in the half year up to a day.

    Columns `gpu, date, tier, source, basis, usd_hour`; never averaged, never spliced.
    """
    tables = [recent(prices, day, gpu=gpu).assign(gpu=gpu) for gpu in gpus]
    found = pd.concat(tables, ignore_index=True)
    return found[["gpu", "date", "tier", "source", "basis", "usd_hour"]]


def judged_by(
    prices: pd.DataFrame, sources: Sequence[str], *, day: date, on: date, gpu: str, beliefs: Priors
) -> pd.DataFrame:
    """What the fee is judged by: the last price of each source by `day`, carried to `on`.

    Columns as of `contracted`, and `quoted`, the last price itself: `usd_hour` is the market price
    of page 03, the middle one of `stand`. No row for a source that had too few prices by then.
    """
    table = []
    for series in others(prices, list(dict.fromkeys(sources)), day, gpu=gpu):
        now = stand(series, day=on, beliefs=beliefs, draws=FEWEST_DRAWS, seed=0)
        if now is not None:
            seen = now.series
            table.append((gpu, seen.dates[-1], seen.tier, seen.source, seen.basis,
                          now.spot_usd_hour, seen.usd_gpu_hour[-1]))  # fmt: skip
    columns = ["gpu", "date", "tier", "source", "basis", "usd_hour", "quoted"]
    return pd.DataFrame(table, columns=columns)


def with_others(market: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """What the fee is judged by, then all other prices seen, each source of an accelerator once."""
    rest = seen[~(seen.gpu.isin(market.gpu) & seen.source.isin(market.source))]
    return pd.concat([market, rest], ignore_index=True) if len(market) else rest


def history(prices: pd.DataFrame, *, day: date, gpu: str, sources: Sequence[str]) -> pd.DataFrame:
    """Whole series up to a day, one a source: `date, series, source, usd_hour`.

    A source that measures one accelerator in several ways is refused: see `market.prices.select`.
    """
    tables = []
    for source in sources:
        one = select(prices, gpu=gpu, source=source)
        table = pd.DataFrame({"date": one.dates, "usd_hour": one.usd_gpu_hour})
        tables.append(table.assign(series=f"{one.tier} ({source})", source=source))
    found = pd.concat(tables, ignore_index=True)
    return found[found.date <= day][["date", "series", "source", "usd_hour"]]


def moments(prices: pd.DataFrame, *, day: date, gpu: str, source: str) -> pd.DataFrame:
    """Single prices of one source up to a day, which no line may join: `date, tier, basis, …`."""
    found = prices[(prices.gpu == gpu) & (prices.source == source) & (prices.date <= day)]
    kept = found.rename(columns={"usd_gpu_hour": "usd_hour"}).sort_values("date")
    return kept[["date", "tier", "source", "basis", "usd_hour"]].reset_index(drop=True)


def since_when(seen: pd.DataFrame, rung: pd.DataFrame) -> pd.DataFrame:
    """How often each series stood at the fee's low end or above, and when last; for each scope.

    Columns `scope, usd_hour, series, first, prices, above, last_above`, the dearest scope first,
    the last column None where it never did.
    """
    table = []
    marks = rung.sort_values("low", ascending=False, kind="stable")
    for scope, usd_hour in zip(marks.scope, marks.low, strict=True):
        for series, rows in seen.groupby("series", sort=False):
            above = rows[rows.usd_hour >= usd_hour].date
            last = max(above) if len(above) else None
            table.append((scope, usd_hour, series, min(rows.date), len(rows), len(above), last))
    columns = ["scope", "usd_hour", "series", "first", "prices", "above", "last_above"]
    return pd.DataFrame(table, columns=columns)


def deals_by_mw(
    deals: pd.DataFrame, measures: pd.DataFrame, *, own: str, sold_as: str, day: date
) -> pd.DataFrame:
    """Other agreements of one kind by the megawatt, as announced by a day.

    Columns `name, date, low_usd, high_usd, bound, basis, grade, how`, for a MW and month, a range
    where megawatts or term are not known. `own` is the agreement's own id: its rows are left out.
    """
    mine = deals.contract.str.split(":").str[0] == own
    others = deals[~mine & (deals.scope == sold_as)]
    others = others[[when is not None and when <= day for when in others.announced]]
    known = measures[(measures.measure == MW_PRICE) & measures.id.isin(others.id)]
    known = known.dropna(subset=["low"])
    rows = others.loc[list(known.id)]
    return pd.DataFrame(
        {
            "name": [_named(row) for _, row in rows.iterrows()],
            "date": list(rows.announced),
            "low_usd": list(known.low),
            "high_usd": list(known.high),
            "bound": list(known.bound),
            "basis": list(known.basis),
            "grade": list(known.grade),
            "how": list(known.how),
        }
    )


def reported_kind(deals: pd.DataFrame, *, own: str) -> str:
    """The kind of accelerators that that is reported of an agreement elsewhere, or ""."""
    mine = deals[deals.contract == own].accelerator_kind
    return str(mine.iloc[0]) if len(mine) else ""


def cheapest(deals: pd.DataFrame) -> pd.DataFrame:
    """The row of the lowest price among deals whose megawatts and term are known; or no row.

    A price stated as a minimum is surely lower than no other, so it is not counted.
    """
    known = deals[(deals.grade != "imputed") & (deals.bound != "at least")]
    return known.sort_values("low_usd").head(1)


def _named(row: pd.Series) -> str:
    """Parties of a deal, and the scope where it is in the table by more than one."""
    scope = row.contract.partition(":")[2]
    return f"{row.provider} – {row.customer}" + (f", {scope}" if scope else "")
