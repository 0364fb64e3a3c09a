"""The disclosed agreements as a table: what a row may say, what is wrong with it, how sure it is.

A row is an agreement as disclosed, later rows of the same id replacing earlier ones. `stated` is
the grade of its fields and `otherwise` those that differ ("start: derived; end: derived"). What
is missing is blank. `end` is the first day not served.
"""

import datetime
import math
import re
from collections.abc import Iterator, Mapping

import pandas as pd

from analysis.contract import checks, dates
from analysis.contract.checks import one_line
from analysis.contract.clauses import shown

DATES = ("announced", "start", "end", "source_date")
NUMBERS = (
    "term_months", "total_usd", "fee_usd_month", "capacity_mw", "accelerators",
    "prepayment_share", "contribution_usd", "capex_low_usd", "capex_high_usd",
)  # fmt: skip
TEXTS = ("termination", "extension", "accelerator_kind")
NEEDED = ("id", "provider", "customer", "stated", "source", "source_date")
SCOPES = ("hosting", "bare metal", "managed cloud", "")
CHOICES = {
    "scope": SCOPES,
    "mw_basis": ("facility", "critical IT", "not stated", ""),
    "total_is": ("about", "up to", "more than", ""),
    "stated": ("disclosed", "reported"),
}
COLUMNS = (
    *NEEDED, *DATES[:-1], *NUMBERS, *TEXTS, *CHOICES, "contract", "kind", "overlaps", "otherwise",
    "notes",
)  # fmt: skip
GRADED = ("scope", *DATES[:-1], *NUMBERS, *TEXTS)
GRADES = ("disclosed", "reported", "derived", "imputed", "missing")
"""From the surest to the least sure."""
TOLERANCE = 0.02
"""How far value and fee × months, or months and dates, may lie apart: figures are rounded."""
MOST = 400  # characters of a sentence, however long a cell is


def check(table: pd.DataFrame) -> list[str]:
    """Everything wrong with a table as read, one sentence each: row, field, value, allowed."""
    missing = [name for name in dict.fromkeys(COLUMNS) if name not in table]
    unknown = [name for name in table if name not in COLUMNS]
    if missing or unknown:
        found = [f"column {name!r} is missing" for name in missing]
        return found + [shown(f"column {name!r} is not known", MOST) for name in unknown]
    if table.empty:
        return ["the table has no rows; allowed: one or more"]
    ids = set(table.id)
    return [
        shown(f"{row['id'][: MOST // 4] or 'a row without id'}: {problem}", MOST)
        for row in table.to_dict("records")
        for problem in _problems({str(key): str(value) for key, value in row.items()}, ids)
    ]


def _problems(row: Mapping[str, str], ids: set[str]) -> Iterator[str]:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", row["id"]):
        yield f"id: {row['id']!r} is not allowed; allowed: lower-case letters, digits and -"
    yield from (f"{name}: it is needed, but missing" for name in NEEDED if not row[name])
    yield from (
        f"{name}: {shown(text)!r} is not allowed; allowed: one line without control characters"
        for name, text in row.items()
        if not one_line(text)
    )
    for name, allowed in CHOICES.items():
        if row[name] not in allowed:
            names = ", ".join(value or "nothing" for value in allowed)
            yield f"{name}: {row[name]!r} is not allowed; allowed: {names}"
    bad = set()
    for name in DATES:
        if row[name] and _day(row[name]) is None:
            bad.add(name)
            yield f"{name}: {row[name]!r} is not allowed; allowed: a date such as 2026-05-03"
    for name in NUMBERS:
        high = 1.0 if name == "prepayment_share" else math.inf
        if row[name] and not (0 < _number(row[name]) <= high and _number(row[name]) < math.inf):
            bad.add(name)
            top = (" up to 1" if high == 1 else "") + _comma(row[name])
            yield f"{name}: {row[name]!r} is not allowed; allowed: a number above 0{top}"
    yield from (
        f"overlaps: {other!r} is no row of the table; allowed: ids, with ; between them"
        for other in _listed(row["overlaps"])
        if other not in ids
    )
    for pair in _listed(row["otherwise"]):
        name, _, grade = pair.partition(": ")
        if name not in (*GRADED, *NEEDED) or grade not in GRADES[:3]:
            yield f"otherwise: {pair!r} is not allowed; allowed: a field, then one of " + ", ".join(
                GRADES[:3]
            )
    if not bad:
        yield from _contradictions(row)


def _comma(text: str) -> str:
    """How a number with commas is written."""
    if "," not in text:
        return ""
    whole = re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", text.strip())
    meant = f", such as {text.replace(',', '').strip()}" if whole else ""
    return f", written without commas{meant}"


def _contradictions(row: Mapping[str, str]) -> Iterator[str]:
    start, end = _day(row["start"]), _day(row["end"])
    if bool(row["capacity_mw"]) != bool(row["mw_basis"]):
        yield f"mw_basis: {row['mw_basis']!r} is not allowed; allowed: one with capacity_mw only"
    if start and end and end <= start:
        yield f"end: {end} is not allowed; allowed: after start {start}"
        return
    numbers = {name: _number(row[name]) for name in NUMBERS if row[name]}
    term = numbers.get("term_months")
    if start and end and term and abs(months_between(start, end) - term) > 1:
        yield f"term_months: {term:g} is not allowed; allowed: what start and end give, or no end"
    if {"total_usd", "fee_usd_month"} <= set(numbers) and (term or (start and end)):
        months = term or months_between(start, end)  # type: ignore[arg-type]
        fees = numbers["fee_usd_month"] * months
        if abs(fees / numbers["total_usd"] - 1) > TOLERANCE and not row["total_is"]:
            yield f"total_usd: {numbers['total_usd']:g} is not allowed; allowed: about {fees:g}"
    if numbers.get("capex_low_usd", 0.0) > numbers.get("capex_high_usd", math.inf):
        yield "capex_low_usd: above capex_high_usd is not allowed"
    if ("capex_low_usd" in numbers) != ("capex_high_usd" in numbers):
        yield "capex_low_usd: one end alone is not allowed; give both"


def deals(table: pd.DataFrame) -> pd.DataFrame:
    """The table with dates and numbers in place of text, by `id`; refuses it if a row is wrong.

    Missing dates are None, missing numbers `nan`, missing texts "". Raises `ValueError` with a
    line for each problem.
    """
    if problems := check(table):
        raise ValueError("\n".join(problems))
    typed = table.set_index("id", drop=False)
    for name in DATES:
        typed[name] = pd.Series([_day(v) for v in typed[name]], index=typed.index, dtype=object)
    for name in NUMBERS:
        typed[name] = [_number(value) for value in typed[name]]
    return typed


def grades(deals: pd.DataFrame) -> pd.DataFrame:
    """How sure each field is: a row a deal, a column a field, of `GRADES` without "imputed"."""
    table = {}
    for id_, row in deals.iterrows():
        other = dict(pair.split(": ") for pair in _listed(row.otherwise))
        table[id_] = {
            name: other.get(name, row.stated) if _given(row[name]) else "missing"
            for name in GRADED
        }  # fmt: skip
    return pd.DataFrame.from_dict(table, orient="index")


def overlapping(deals: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of rows that count the same capacity twice, each pair once, in order."""
    pairs = {
        (min(str(id_), other), max(str(id_), other))
        for id_, row in deals.iterrows()
        for other in _listed(row.overlaps)
    }
    return sorted((a, b) for a, b in pairs if a in deals.index and b in deals.index)


def total(deals: pd.DataFrame, field: str) -> float:
    """The sum of a field; refuses rows that overlap, and rows where it is missing.

    Raises `ValueError` that names them.
    """
    if field not in NUMBERS:
        raise ValueError(f"field: {field!r} is not allowed; allowed: {', '.join(NUMBERS)}")
    if pairs := overlapping(deals):
        raise ValueError(f"rows: {' and '.join(pairs[0])} overlap; leave one out before adding")
    if blank := list(deals.index[deals[field].isna()]):
        raise ValueError(f"{field}: missing in {', '.join(blank)}; leave them out before adding")
    return math.fsum(deals[field])


def months_between(start: datetime.date, end: datetime.date) -> float:
    """Whole months from a day to a later one, and the days left as part of their month.

    >>> months_between(date(2026, 10, 1), date(2029, 7, 1))
    33.0
    """
    if end < start:
        raise checks.refused("end", end, f"on or after {start}")
    whole = (end.year - start.year) * dates.MONTHS_PER_YEAR + end.month - start.month
    whole -= dates.add_months(start, whole) > end
    low, high = dates.add_months(start, whole), dates.add_months(start, whole + 1)
    return whole + (end - low).days / (high - low).days


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _given(value: object) -> bool:
    return value is not None and value != "" and value == value


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
