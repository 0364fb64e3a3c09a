"""The disclosed agreements as a table: what a row may say, what is wrong with it, how sure it is.

A row is an agreement as disclosed, later rows of the same id replacing earlier ones. `stated` is
the grade of its fields and `otherwise` those that differ ("start: derived; end: derived"). What
is missing is blank. `end` is the first day not served. Rows of one `tally` are parts of one sum
that somebody reported; `binds` says whether a total is largely non-cancellable.
"""

import datetime
import math
import re
import sys
from collections.abc import Iterator, Mapping

import pandas as pd

from analysis.contract import dates
from analysis.contract.errors import one_line, shown
from analysis.models.exits.leaving import months_between

DATES = ("announced", "start", "end", "source_date", "status_date")
NUMBERS = (
    "term_months", "total_usd", "fee_usd_month", "capacity_mw", "accelerators",
    "prepayment_share", "contribution_usd", "capex_low_usd", "capex_high_usd",
)  # fmt: skip
TEXTS = ("termination", "extension", "accelerator_kind")
NEEDED = ("id", "provider", "customer", "stated", "source", "source_date")
CHOICES = {
    "scope": ("hosting", "bare metal", "managed cloud", ""),
    "mw_basis": ("facility", "critical IT", "not stated", ""),
    "total_is": ("about", "up to", "more than", ""),
    "stated": ("disclosed", "reported"),
    "binds": ("yes", "no", ""),
    "status": ("live", "amended", "ended", "partly cancelled", ""),
}
GRADED = ("scope", *DATES[:3], *NUMBERS, *TEXTS)
ALLOWED = {
    **dict.fromkeys(DATES, "a date such as 2026-05-03"),
    **dict.fromkeys(NUMBERS, "a number above 0"),
    "prepayment_share": "a number above 0 up to 1",
}
GRADES = ("disclosed", "reported", "derived", "imputed", "missing")
"""From the surest to the least sure."""
TOLERANCE = 0.02
"""How far value and fee × months, or months and dates, may lie apart: figures are rounded."""
MOST = 400  # characters of a sentence, however long a cell is


def check(table: pd.DataFrame) -> list[str]:
    """Everything wrong with the rows as read, one sentence each: row, field, value, allowed."""
    ids = set(table.id)
    return [
        shown(f"{row['id'][: MOST // 4] or 'a row without id'}: {problem}", MOST)
        for row in table.to_dict("records")
        for problem in _problems({str(name): text for name, text in row.items()}, ids)
    ]


def _problems(row: Mapping[str, str], ids: set[str]) -> Iterator[str]:
    bad = {name: ALLOWED[name] for name in ALLOWED if row[name] and not _fits(name, row[name])}
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", row["id"]):
        yield _no("id", row["id"], "lower-case letters, digits and -")
    yield from (f"{name}: it is needed, but missing" for name in NEEDED if not row[name])
    for name, text in row.items():
        if not one_line(text):
            yield _no(name, shown(text), "one line without control characters")
    for name, choices in CHOICES.items():
        if row[name] not in choices:
            yield _no(name, row[name], ", ".join(value or "nothing" for value in choices))
    yield from (_no(name, row[name], said + _comma(row[name])) for name, said in bad.items())
    for other in listed(row["overlaps"]):
        if other not in ids:
            yield f"overlaps: {other!r} is no row of the table; allowed: ids, with ; between them"
    for pair in listed(row["otherwise"]):
        name, _, grade = pair.partition(": ")
        if name not in (*GRADED, *NEEDED) or grade not in GRADES[:3]:
            yield _no("otherwise", pair, "a field, then one of " + ", ".join(GRADES[:3]))
    if (row["status"] in ("", "live")) == bool(row["status_date"]):
        yield _no("status_date", row["status_date"], "the day of a change")
    if not bad:
        yield from _contradictions(row)


def _no(name: str, value: str, allowed: str) -> str:
    return f"{name}: {value!r} is not allowed; allowed: {allowed}"


def _fits(name: str, text: str) -> bool:
    """Whether a date is one, and a number above 0 and no larger than it may be."""
    if name in DATES:
        return _day(text) is not None
    return 0 < _number(text) <= (1.0 if name == "prepayment_share" else sys.float_info.max)


def _comma(text: str) -> str:
    """How a number with commas is written."""
    if "," not in text:
        return ""
    whole = re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", text.strip())
    meant = f", such as {text.replace(',', '').strip()}" if whole else ""
    return f", written without commas{meant}"


def _contradictions(row: Mapping[str, str]) -> Iterator[str]:
    start, end = _day(row["start"]), _day(row["end"])
    known = {name: _number(row[name]) for name in NUMBERS}  # nothing is true of nan, if blank
    if bool(row["capacity_mw"]) != bool(row["mw_basis"]):
        yield _no("mw_basis", row["mw_basis"], "one with capacity_mw only")
    if start and end and end <= start:
        yield f"end: {end} is not allowed; allowed: after start {start}"
        return
    dated, term = months_between(start, end) if start and end else math.nan, known["term_months"]
    if abs(dated - term) > 1:
        yield f"term_months: {term:g} is not allowed; allowed: what start and end give, or no end"
    fees = known["fee_usd_month"] * (dated if math.isnan(term) else term)
    if abs(fees / known["total_usd"] - 1) > TOLERANCE and not row["total_is"]:
        yield f"total_usd: {known['total_usd']:g} is not allowed; allowed: about {fees:g}"
    if known["capex_low_usd"] > known["capex_high_usd"]:
        yield "capex_low_usd: above capex_high_usd is not allowed"
    if bool(row["capex_low_usd"]) != bool(row["capex_high_usd"]):
        yield "capex_low_usd: one end alone is not allowed; give both"


def deals(table: pd.DataFrame) -> pd.DataFrame:
    """The table with dates and numbers for text, by `id`; refused with a line a problem."""
    if problems := check(table):
        raise ValueError("\n".join(problems))
    typed = {name: table[name].map(_number) for name in NUMBERS}
    days = {name: pd.Series([*map(_day, table[name])], table.index, object) for name in DATES}
    return table.assign(**typed, **days).set_index("id", drop=False)


def grades(deals: pd.DataFrame) -> pd.DataFrame:
    """How sure each field is: a row a deal, a column a field, of `GRADES` without "imputed"."""
    found = [
        dict.fromkeys(GRADED, stated) | dict(pair.split(": ") for pair in listed(otherwise))
        for stated, otherwise in zip(deals.stated, deals.otherwise, strict=True)
    ]
    stated = deals[[*GRADED]]
    graded = pd.DataFrame(found, index=deals.index, columns=[*GRADED])
    return graded.mask(stated.isna() | (stated == ""), "missing")


def aged(deals: pd.DataFrame, now: datetime.date) -> list[str]:
    """The ids of rows whose source, and last change of status, is over a year older than a day."""
    limit = dates.add_months(now, -dates.MONTHS_PER_YEAR)
    days = zip(deals.index, deals.source_date, deals.status_date, strict=True)
    return [str(id_) for id_, *seen in days if max(filter(None, seen)) < limit]


def overlapping(deals: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of rows that count the same capacity twice, each pair once, in order."""
    pairs = {
        (min(str(id_), other), max(str(id_), other))
        for id_, named in deals.overlaps.items()
        for other in listed(named)
    }
    return sorted((a, b) for a, b in pairs if a in deals.index and b in deals.index)


def listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


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
