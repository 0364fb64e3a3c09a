"""The disclosed agreements as a table: what a row may say, how sure it is, and one among them.

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
from datetime import date
from typing import Any

import pandas as pd

from analysis.contract import Position, dates, position
from analysis.contract.fields import one_line, shown
from analysis.contract.readings import BOUNDS
from analysis.contract.served import as_range, full_fee, paid_for
from analysis.contract.terms import Agreement
from analysis.models.exits.leaving import months_between
from analysis.models.planning import widest
from analysis.models.units import scoped, scopes

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


OWN_FILE = "the agreement's own file"
SOLD = {
    "shell": "hosting",
    "colocation": "hosting",
    "bare metal": "bare metal",
    "managed cloud": "managed cloud",
    "credits": "managed cloud",
}
"""What an agreement sells as the table of comparables names it."""


def beside(
    table: pd.DataFrame,
    now: Position,
    *,
    scope: str = "",
    sold_as: str = "",
    capacity_mw: float = 0.0,
) -> pd.DataFrame:
    """The table as written with the agreement in it, and no row of it that says something else.

    Its rows stay if they state its fee and dates, or the total that its fees are solved from, and
    not those of an older text; `scope` (one of the terms' own) keeps the row of that scope. Where
    none is left, or `sold_as` or `capacity_mw` is given, rows from the terms take their place, with
    fee and capacity of the position's day: two where megawatts or accelerators are a range.
    `sold_as` is one of hosting, bare metal, managed cloud; empty: as the table has it, else as the
    agreement says.
    """
    agreement = now.agreement
    known = table[_is(table, agreement)]
    fits = known[known.contract.isin(_named(agreement, scope))] if scope else known
    fees = pd.to_numeric(fits.fee_usd_month).isin([fee.usd_month for fee in agreement.fee])
    dated = (fits.start == str(agreement.start)) & (fits.end == str(agreement.end))
    whole = pd.to_numeric(fits.total_usd) == agreement.total_usd  # stated, and no fee
    own, others = fits[fees & dated | whole], table.drop(known.index)
    if own.empty or capacity_mw or sold_as:
        kind = sold_as or next(filter(None, known["scope"]), "") or SOLD.get(agreement.sells, "")
        rows = _stated(agreement, now.as_of, scope, sold_as=kind, capacity_mw=capacity_mw)
        own = pd.DataFrame(
            [{name: str(row.get(name) or "") for name in map(str, table)} for row in rows]
        )
    ids = list(own.id)
    own = own.assign(overlaps=["; ".join(other for other in ids if other != id_) for id_ in ids])
    left = {*others.id, *ids}

    def overlaps(named: str) -> str:
        """What overlapped a row that the agreement's own have replaced overlaps all of them."""
        held = [each for each in listed(named) if each in left]
        return "; ".join(dict.fromkeys([*held, *(ids if held != listed(named) else [])]))

    others = others.assign(overlaps=others.overlaps.map(overlaps))
    return pd.concat([others, own], ignore_index=True)


def own_rows(table: pd.DataFrame, agreement: Agreement) -> list[str]:
    """The ids of the agreement's rows in a table that `beside` made."""
    return list(table.id[_is(table, agreement)])


def _is(table: pd.DataFrame, agreement: Agreement) -> pd.Series:
    return table.contract.map(lambda name: name.partition(":")[0] == agreement.id)


def _named(agreement: Agreement, scope: str) -> list[str]:
    """How the table's column `contract` names a scope; the first one stated may go without."""
    scoped(agreement, scope)  # refuses one that is not known
    first = [agreement.id] if scope == agreement.capacity.name else []
    return [f"{agreement.id}:{scope}", *first]


def _stated(
    agreement: Agreement, day: date, scope: str, *, sold_as: str, capacity_mw: float
) -> list[dict[str, Any]]:
    """Rows that state the terms: the full fee of a day, and one scope's capacity on it."""
    capacity = scopes(paid_for(agreement, day))[scope or widest(agreement, day)]
    stated: dict[str, Any] = {
        "contract": agreement.id,
        "provider": agreement.provider,
        "customer": agreement.customer,
        "scope": sold_as,
        "announced": agreement.signed,
        "start": agreement.start,
        "end": agreement.end,
        "stated": "disclosed",
        "source": OWN_FILE,
        "source_date": agreement.signed,
        "accelerator_kind": ", ".join(capacity.accelerators),
    }
    if fee := full_fee(agreement, day).usd_month:
        stated["fee_usd_month"] = fee
    else:  # none on that day: all fees to the end
        whole = position(agreement).headline.usd
        stated |= {"total_usd": whole, "otherwise": "total_usd: derived"}
    name = "this-" + re.sub("[^a-z0-9]+", "-", agreement.id.lower()).strip("-")
    found: list[dict[str, Any]] = []
    for bound, id_ in zip(BOUNDS, (name, f"{name}-most"), strict=True):
        mw = capacity_mw or getattr(as_range(capacity.mw or 0.0), bound)
        count = sum(getattr(as_range(n), bound) for n in capacity.accelerators.values())
        basis = (capacity.mw_basis if capacity.mw else "not stated") if mw else ""
        size = {"capacity_mw": mw, "accelerators": count, "mw_basis": basis}
        if not found or size.items() - found[0].items():
            found.append(stated | size | {"id": id_})
    return found
