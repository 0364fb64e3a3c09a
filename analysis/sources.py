"""Where numbers come from: the only reader of files, each value with its evidence."""

import io
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from analysis.clauses import Evidence, Range, sentences, shown
from analysis.terms import Agreement

DATA = Path(__file__).parent / "data"
MAX_FILE_BYTES = 1_000_000
UNSOURCED = {"id", "title", "invented", "reading", "evidence", "notes"}
"""Keys that name or describe and hold no fact."""


class ContractError(ValueError):
    """A contract file that cannot be used; its text has one line for each problem."""


def contracts() -> list[str]:
    """The ids of all agreements shipped, in alphabetical order."""
    return sorted(path.stem for path in (DATA / "contracts").glob("*.toml"))


def contract(name_or_path: str | Path) -> Agreement:
    """The shipped agreement of that id, or the one in the TOML file at that path.

    Raises `ContractError` with file, key, value and what is allowed, a line for each problem.

    >>> contract("anthropic-xai").customer
    'Anthropic'
    """
    shipped = contracts()
    path = Path(name_or_path)
    if str(name_or_path) in shipped:
        path = DATA / "contracts" / f"{name_or_path}.toml"
    try:
        found = path.exists()
    except (OSError, ValueError):  # a name that no file can have
        found = False
    if not found:
        raise ContractError(
            f"contract: {shown(str(name_or_path))!r} is neither a file nor shipped; "
            f"shipped: {', '.join(shipped)}"
        )
    return parse(_read(path), name=path.name)


def parse(text: str, *, name: str = "contract") -> Agreement:
    """The agreement that a TOML text describes; `name` stands for the file in errors."""
    try:
        data = tomllib.loads(text)
        if not data:
            raise ContractError(
                f"{name}: empty; an agreement needs at least id, provider, customer, ..."
            )
        agreement = Agreement.model_validate(data)
    except tomllib.TOMLDecodeError as error:
        raise ContractError(f"{name}: not TOML: {shown(str(error))}") from None
    except RecursionError:
        raise ContractError(f"{name}: tables nested too deep; allowed: a few levels") from None
    except ValidationError as error:
        raise ContractError("\n".join(f"{name}: {line}" for line in sentences(error))) from None
    unknown = [item.field for item in agreement.evidence if not _cited(agreement, item)]
    if unknown:
        raise ContractError(
            f"{name}: evidence.field: {shown(unknown[0])!r} names no value of this file; "
            "allowed: the path of a key, such as fee.usd_month"
        )
    return agreement


def evidence(agreement: Agreement) -> pd.DataFrame:
    """Where each value of the agreement comes from: a row a value.

    Columns `field, value, kind, source, date, locator, note`; of several entries that cover a
    value the most specific one counts. `kind` is "none given" where nothing covers it.
    """
    table = []
    for field, value in values(agreement):
        covering = [item for item in agreement.evidence if _covers(item.field, field)]
        best = max(covering, key=lambda item: len(item.field), default=None)
        about = (
            (best.kind, best.source, best.date, best.locator, best.note)
            if best
            else ("none given", "", None, "", "")
        )
        table.append((field, value, *about))
    columns = ["field", "value", "kind", "source", "date", "locator", "note"]
    return pd.DataFrame(table, columns=columns)


def notes(agreement: Agreement) -> pd.DataFrame:
    """What the file's author remarks, a row a remark: the column `note`."""
    return pd.DataFrame({"note": list(agreement.notes)})


def values(agreement: Agreement) -> Iterator[tuple[str, Any]]:
    """Every value that the agreement's file states, by its path."""
    stated = agreement.model_dump(by_alias=True, exclude_unset=True)
    for path, value in _leaves({key: v for key, v in stated.items() if key not in UNSOURCED}, ""):
        if not re.fullmatch(r"(readings\.[^.]+|amendment\.\d+)\.title|.*\.name", path):
            yield path, value


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list | tuple):
        items = {str(n): item for n, item in enumerate(value)}.items()
    else:
        yield path, value
        return
    for key, item in items:
        yield from _leaves(item, f"{path}.{key}".removeprefix("."))


def _cited(agreement: Agreement, item: Evidence) -> bool:
    return any(_covers(item.field, field) for field, _ in values(agreement))


def _covers(cited: str, field: str) -> bool:
    """Whether an evidence entry's path is the value's, one above it, or either without indexes."""
    plain = re.sub(r"\.\d+(?=\.|$)", "", field)
    return cited == "*" or any(f"{path}.".startswith(f"{cited}.") for path in (field, plain))


def _read(path: Path) -> str:
    if not path.is_file():
        raise ContractError(f"{path.name or path}: not a file; allowed: a TOML file")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ContractError(f"{path.name}: larger than {MAX_FILE_BYTES:,} bytes, which is not read")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ContractError(f"{path.name}: not a text in UTF-8; allowed: a TOML file") from None
    except OSError as error:
        raise ContractError(f"{path.name}: cannot be read: {error.strerror}") from None


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


def accelerator_metrics() -> list[str]:
    """The metrics on which accelerators are weighed; never mix two of them."""
    return list(pd.read_csv(DATA / "accelerators.csv").metric.unique())


def accelerator_weights(metric: str) -> dict[str, Range]:
    """What one accelerator of each kind counts in H100s on one named metric: low, use, high.

    >>> accelerator_weights("memory bandwidth")["H200"].use
    1.433
    """
    table = pd.read_csv(DATA / "accelerators.csv")
    if metric not in (known := accelerator_metrics()):
        allowed = ", ".join(known)
        raise ValueError(f"metric: {shown(metric)!r} is not known; allowed: {allowed}")
    chosen = table[table.metric == metric].astype({"low": float, "use": float, "high": float})
    return {
        str(kind): Range(low=low, use=use, high=high)
        for kind, low, use, high in zip(
            chosen.accelerator, chosen.low, chosen.use, chosen.high, strict=True
        )
    }


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


def comparables(*more: str | Path) -> pd.DataFrame:
    """The disclosed agreements as written, a row each, all text; see `comparables.deals`.

    Rows of further CSV files with the same columns replace those of the same id, or are added:
    one row corrects the table. Raises `ContractError` for a file that is no such table.
    """
    tables = [_table(path) for path in (DATA / "comparables.csv", *map(Path, more))]
    for path, table in zip(more, tables[1:], strict=True):
        if "id" not in table:
            raise ContractError(
                f"{Path(path).name}: no column id; allowed: {', '.join(map(str, tables[0]))}"
            )
    whole = pd.concat(tables).fillna("")
    return whole.drop_duplicates("id", keep="last").reset_index(drop=True)


def imputations() -> pd.DataFrame:
    """What stands in where a deal says nothing: `name, of, low, high, unit, source, locator`."""
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
    try:
        return pd.read_csv(io.StringIO(_read(path)), dtype=str, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ContractError(f"{path.name}: not a CSV table: {shown(str(error))}") from None
