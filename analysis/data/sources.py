"""Facts and assumptions in tables, each row with its source."""

from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from analysis.data import texts
from analysis.data.texts import DATA, ContractError, read, shown

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
RULES = dict.fromkeys(SHARES, "from 0 to 1") | {
    "correlation": "from -0.99 to 0.99",
    "% of demand per % of rent": "from 0.01 to 100",  # with none, no rent would clear the market
}


def site_costs() -> pd.DataFrame:
    """What a site costs and how it is paid for: a row a figure.

    Columns `name, scope, value, low, high, unit, as_of, kind, source, locator`; an empty scope
    holds for every site, `low` to `high` is the 90 % range, `nan` where none is known.
    """
    blank = {"low": [""], "high": [""]}
    table = pd.read_csv(DATA / "site_costs.csv", keep_default_na=False, na_values=blank)
    return table.assign(as_of=pd.to_datetime(table.as_of).dt.date)


def prices() -> pd.DataFrame:
    """Market prices of accelerators as they were seen: a row an observation.

    Columns `date, gpu, tier, basis, source, usd_gpu_hour, url`. Sources do not measure one price:
    choose one with `market.select`, never splice.
    """
    table = pd.read_csv(DATA / "prices.csv")
    return table.assign(date=pd.to_datetime(table.date).dt.date)


def accelerators() -> pd.DataFrame:
    """What one accelerator of each kind counts in H100s, on several metrics: a row a weight.

    Columns `metric, accelerator, low, use, high, unit, as_of, kind, source, note`.
    """
    table = pd.read_csv(DATA / "accelerators.csv")
    return table.astype(dict.fromkeys(["low", "use", "high"], float))


def accelerator_metrics() -> list[str]:
    """The metrics on which accelerators are weighed; never mix two of them."""
    return list(accelerators().metric.unique())


def assumptions() -> pd.DataFrame:
    """What is chosen here because nothing is known: a row a value, by `name`.

    Columns `value, low, high, unit, as_of, kind, source, note`; `low` to `high` is the 90 % range
    or the range shown, `nan` where there is none.
    """
    table = pd.read_csv(DATA / "assumptions.csv", index_col="name")
    return table.assign(as_of=pd.to_datetime(table.as_of).dt.date)


def planning() -> pd.DataFrame:
    """What the sides assume where terms are silent: `site_costs`, then the planning assumptions.

    Columns `name, scope, value, low, high, unit, as_of, kind, source, note`; see `planning`.
    """
    plans = pd.read_csv(DATA / "planning.csv", keep_default_na=False).assign(scope="")
    plans = plans.assign(as_of=pd.to_datetime(plans.as_of).dt.date)
    costs = site_costs().rename(columns={"locator": "note"})
    return pd.concat([costs, plans[costs.columns]], ignore_index=True)


def planning_rules() -> dict[str, str]:
    """What a value of each planning assumption may be, by its unit, as a parameter's comment says.

    >>> planning_rules()["utilisation"], planning_rules()["build_delay_months"]
    ('from 0 to 1', 'from 0 to 1e15')
    """
    table = planning().drop_duplicates("name").set_index("name")
    return {str(name): RULES.get(unit, "from 0 to 1e15") for name, unit in table.unit.items()}


def recall_instance() -> pd.DataFrame:
    """A small made-up site for `provider.everything`: a row a value, by `name`.

    Columns `name, value, unit, as_of, kind, source, note`.
    """
    return pd.read_csv(DATA / "recall_instance.csv", keep_default_na=False)


def comparables(*more: str | Path) -> pd.DataFrame:
    """The disclosed agreements as written, a row each, all text; see `comparables.deals`.

    Rows of further CSV files with the same columns replace those of the same id, or are added:
    one row corrects the table. Raises `ContractError` for a file that is no such table.
    """
    tables = [_table(path) for path in (DATA / "comparables.csv", *map(Path, more))]
    known = [str(name) for name in tables[0]]
    for path, table in zip(more, tables[1:], strict=True):
        unknown = [_unknown(str(name), known) for name in table if name not in known]
        if unknown:
            raise ContractError("\n".join(f"{Path(path).name}: {told}" for told in unknown))
        if "id" not in table:
            raise ContractError(
                f"{Path(path).name}: no column id; allowed: {', '.join(map(str, tables[0]))}"
            )
        if table.empty:
            raise ContractError(f"{Path(path).name}: no rows; allowed: one or more")
        if again := texts.twice(list(table.id)):
            raise ContractError(f"{Path(path).name}: two rows have the id {shown(again)!r}")
    whole = pd.concat(tables).fillna("")
    return whole.drop_duplicates("id", keep="last").reset_index(drop=True)


def _unknown(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, 1)
    meant = f"; did you mean {near[0]}?" if near else ""
    return f"column {shown(name)!r} is not known; allowed: {', '.join(known)}{meant}"


def claims(contract: str) -> pd.DataFrame:
    """What others say stands behind an agreement's fee: a row a model of a claim.

    Columns `claim, model, accelerators, as_of, kind, source, locator`; empty where nobody says
    more than the terms' own scopes. Claims contradict each other: never add or mix them.
    """
    table = _table(DATA / "claims.csv").astype({"accelerators": float})
    table = table.assign(as_of=pd.to_datetime(table.as_of).dt.date)
    found = table[table.contract == contract]
    return found.drop(columns="contract").reset_index(drop=True)


def imputations() -> pd.DataFrame:
    """What stands in where a deal says nothing, a row each.

    Columns `name, of, low, high, unit, source, locator, taken_from`: the last names the agreement
    whose own figures set an end of the range, so that no order against it rests on them.
    """
    return _table(DATA / "imputations.csv").astype({"low": float, "high": float})


def disclosures() -> pd.DataFrame:
    """What companies reported about their books: a row a figure, by `company` and `item`.

    Columns `company, item, value, low, high, unit, start, as_of, kind, source, locator`; `as_of` is
    the first day after the reporting date, `start` the first day of a flow, None for a stock.
    """
    table = _table(DATA / "disclosures.csv")
    for name in ("start", "as_of"):
        days = [date.fromisoformat(day) if day else None for day in table[name]]
        table[name] = pd.Series(days, dtype=object)
    return table.astype({"value": float, "low": float, "high": float})


def _table(path: Path) -> pd.DataFrame:
    """A CSV file as text, nothing taken for missing."""
    if path.suffix.lower() == ".toml":
        raise ContractError(f"{path.name}: a TOML file, not a table; allowed: a CSV file")
    try:
        names, *rows = texts.rows(read(path)) or [[]]
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
    return pd.DataFrame(rows, columns=names, dtype=str)
