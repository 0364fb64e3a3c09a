"""Facts and assumptions in tables, each row with its source."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import pandas as pd

from analysis.data import texts
from analysis.data.texts import DATA, ContractError, near, read, shown

MOST = 200  # characters of why a table cannot be read
SHARES = (
    "1/year",
    "share",
    "share of capex a year",
    "share of cost",
    "share of hours",
    "share of peak",
    "share of revenue",
)
BOUNDS = dict.fromkeys(SHARES, (0.0, 1.0)) | {
    "correlation": (-0.99, 0.99),
    "% of demand per % of rent": (0.01, 100.0),  # with none, no rent would clear the market
}


def prices() -> pd.DataFrame:
    """Market prices of accelerators as they were seen: a row an observation.

    Columns `date, gpu, tier, basis, source, usd_gpu_hour, url`. Sources do not measure one price:
    choose one with `market.select`, never splice.
    """
    table = _read("prices.csv", False)
    return table.assign(date=[date.fromisoformat(day) for day in table.date])


def accelerators() -> pd.DataFrame:
    """What one accelerator of each kind counts in H100s, on several metrics: a row a weight.

    Columns `metric, accelerator, low, use, high, unit, as_of, kind, source, note`.
    """
    table = _read("accelerators.csv", False)
    return table.astype(dict.fromkeys(["low", "use", "high"], float))


def accelerator_metrics() -> list[str]:
    """The metrics on which accelerators are weighed; never mix two of them."""
    return list(accelerators().metric.unique())


def assumed(use: Literal["plan", "exit", "impute"]) -> pd.DataFrame:
    """What is assumed where nothing is known: a row a value, of one use.

    Columns `name, scope, value, low, high, unit, as_of, kind, source, note, taken_from`; an empty
    scope holds for every site, `low` to `high` is the 90 % range or the range shown, `nan` where
    there is none. use: `plan` of both sides, `exit` in the game of leaving, `impute` where a deal
    says nothing; there `taken_from` names the agreement whose own figures set an end of the range.
    """
    table = _read("assumptions.csv", True)
    table = table[table["use"] == use].drop(columns="use").reset_index(drop=True)
    return table.assign(as_of=[date.fromisoformat(day) for day in table.as_of])


def assumptions() -> pd.DataFrame:
    """`assumed` in the game of leaving, by `name`."""
    return assumed("exit").set_index("name").drop(columns=["scope", "taken_from"])


def planning() -> pd.DataFrame:
    """`assumed` by both sides where terms are silent; see `planning.Plan`."""
    return assumed("plan").drop(columns="taken_from")


def imputations() -> pd.DataFrame:
    """`assumed` where a deal says nothing, `of` an accelerator or of all.

    Columns `name, of, low, high, unit, source, locator, taken_from`; no order against the agreement
    `taken_from` rests on such a range.
    """
    table = assumed("impute").rename(columns={"scope": "of", "note": "locator"})
    return table[["name", "of", "low", "high", "unit", "source", "locator", "taken_from"]]


class Document(NamedTuple):
    """A document that values are taken from: `grade` A is a filing, B first-hand, C second-hand."""

    publisher: str
    title: str
    grade: str
    url: str


def document(source: str) -> Document:
    """What is known of a source; of an address that is not listed, its host.

    >>> document("https://www.sec.gov/x").publisher, document("chosen here").grade
    ('sec.gov', '')
    """
    known = _read("documents.csv", False)
    for row in known[known.url == source].itertuples(index=False):
        return Document(str(row.publisher), str(row.title), str(row.grade), source)
    host = (urlsplit(source).hostname or "").removeprefix("www.")
    if not host:
        return Document(source, "", "", "")
    return Document(host, "", "A" if host == "sec.gov" else "C", source)


def planning_bounds() -> dict[str, tuple[float, float]]:
    """The least and the greatest value that each planning assumption may be given, by its unit."""
    table = _read("assumptions.csv", True)
    each = zip(table["name"], table["unit"], table["use"], strict=True)
    return {name: BOUNDS.get(unit, (0.0, 1e15)) for name, unit, use in each if use == "plan"}


def comparables(*more: str | Path) -> pd.DataFrame:
    """The disclosed agreements as written, a row each, all text; see `comparables.deals`.

    Rows of further CSV files with the same columns replace those of the same id, or are added:
    one row corrects the table. Raises `ContractError` for a file that is no such table.
    """
    tables = [rows(path) for path in (DATA / "comparables.csv", *more)]
    known = [str(name) for name in tables[0]]
    for path, table in zip(more, tables[1:], strict=True):
        problems = [
            f"column {shown(name)!r} is not known; allowed: {', '.join(known)}{near(name, known)}"
            for name in map(str, table)
            if name not in known
        ]
        if not problems and "id" not in table:
            problems.append(f"no column id; allowed: {', '.join(known)}")
        elif not problems and table.empty:
            problems.append("no rows; allowed: one or more")
        elif not problems and (again := texts.twice(list(table.id))):
            problems.append(f"two rows have the id {shown(again)!r}")
        if problems:
            raise ContractError("\n".join(f"{Path(path).name}: {told}" for told in problems))
    whole = pd.concat(tables).fillna("")
    return whole.drop_duplicates("id", keep="last").reset_index(drop=True)


def claims(contract: str) -> pd.DataFrame:
    """What others say stands behind an agreement's fee: a row a model of a claim.

    Columns `claim, model, accelerators, as_of, kind, source, locator`; empty where nobody says
    more than the terms' own scopes. Claims contradict each other: never add or mix them.
    """
    table = rows(DATA / "claims.csv").astype({"accelerators": float})
    table = table.assign(as_of=pd.to_datetime(table.as_of).dt.date)
    found = table[table.contract == contract]
    return found.drop(columns="contract").reset_index(drop=True)


def disclosures() -> pd.DataFrame:
    """What companies reported about their books: a row a figure, by `company` and `item`.

    Columns `company, item, value, low, high, unit, start, as_of, kind, source, locator`; `as_of` is
    the first day after the reporting date, `start` the first day of a flow, None for a stock.
    """
    table = rows(DATA / "disclosures.csv")
    for name in ("start", "as_of"):
        days = [date.fromisoformat(day) if day else None for day in table[name]]
        table[name] = pd.Series(days, dtype=object)
    return table.astype({"value": float, "low": float, "high": float})


def checklist() -> pd.DataFrame:
    """The questions that decide how an agreement is booked; see `accounting.questions`."""
    return rows(DATA / "checklist.csv")


def stakes() -> pd.DataFrame:
    """Stakes, loans and guarantees between the companies of deals, beside their contracts.

    Columns `holder, company, what, usd, date, kind, source, locator`; no amount where none is
    stated. Some overlap: never add them up.
    """
    table = _read("stakes.csv", False)
    return table.assign(date=pd.to_datetime(table.date).dt.date)


def looked_through() -> pd.DataFrame:
    """When each table of `data` was last looked through: `table, looked_through, what`."""
    table = rows(DATA / "looked.csv")
    return table.assign(looked_through=[date.fromisoformat(day) for day in table.looked_through])


def looked(name: str) -> date:
    """The day on which one table was last looked through."""
    found = looked_through().set_index("table").looked_through
    return date.fromisoformat(str(found[name]))


@cache
def _read(name: str, blank: bool) -> pd.DataFrame:
    """A table shipped, read once, not to be changed; `blank`: only numbers may be missing."""
    numbers = {name: [""] for name in ("value", "low", "high")}
    missing = {"keep_default_na": False, "na_values": numbers} if blank else {}
    return pd.read_csv(DATA / name, **missing)  # type: ignore[call-overload,no-any-return]


def rows(path: str | Path) -> pd.DataFrame:
    """The rows of one CSV file as written: all text, nothing taken for missing."""
    path = Path(path)
    if path.suffix.lower() == ".toml":
        raise ContractError(f"{path.name}: a TOML file, not a table; allowed: a CSV file")
    try:
        names, *held = texts.rows(read(path)) or [[]]
    except ContractError:
        raise
    except ValueError as error:
        raise ContractError(f"{path.name}: {shown(str(error), MOST)}") from None
    why = "not a CSV table: it is empty" if not names else ""
    if "" in names:
        why = f"column {names.index('') + 1} has no name"
    elif again := texts.twice(names):
        why = f"two columns are named {shown(again)!r}"
    if why:
        raise ContractError(f"{path.name}: {why}")
    return pd.DataFrame(held, columns=names, dtype=str)
