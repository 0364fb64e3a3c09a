"""What differs between two versions of an agreement, or two readings, in terms and firm fees."""

import math
from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd
from pydantic import ValidationError

from analysis.contract.clauses import Party
from analysis.contract.commitment import firm
from analysis.contract.schedule import charges
from analysis.contract.terms import Agreement

WORDS = {"id", "title", "invented", "reading", "readings", "reported", "evidence", "notes"}
"""Keys that name, describe or report, and promise nothing."""
UNPAID = {"provider", "customer", "capacity", "scopes"}
"""Keys that no amount depends on: who the parties are, and what the fee is set against."""
ABSENT = "none"
Data = dict[str, Any]
Key = tuple[str, ...]


def differences(before: Agreement, after: Agreement) -> pd.DataFrame:
    """Every term that the two do not share: `term, before, after`, "none" where one lacks it.

    A term is the path of a key in the file, such as `termination.customer.notice_days`; what was
    left to its default stands there as the default.
    """
    old, new = dict(_flat(_terms(before))), dict(_flat(_terms(after)))
    table = [
        (term, old.get(term, ABSENT), new.get(term, ABSENT))
        for term in dict.fromkeys([*old, *new])
        if old.get(term, ABSENT) != new.get(term, ABSENT)
    ]
    return pd.DataFrame(table, columns=["term", "before", "after"])


def _terms(agreement: Agreement) -> Data:
    """The terms as plain data by key, without what only names or describes."""
    data = agreement.model_dump(by_alias=True, mode="python")
    return {key: value for key, value in data.items() if key not in WORDS}


def _flat(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict) or (isinstance(data, list | tuple) and data):
        items = data.items() if isinstance(data, dict) else enumerate(data)
        for key, value in items:
            yield from _flat(value, f"{path}.{key}" if path else str(key))
    elif data not in (None, ()):
        yield path, data


def steps(before: Agreement, after: Agreement, *, as_of: date, party: Party) -> pd.DataFrame:
    """From what is firm before to what is firm after, one changed clause at a time: `step, usd`.

    Clauses change in the order of the file, each on top of those above, so that the amounts add
    up; a clause that makes no sense without the next changes together with it. Clauses that
    change nothing firm are left out. The first row is what was firm, the last what is.

    >>> from analysis.contract.terms import change
    >>> freer = change(deal, {"termination": {"customer": {"notice_days": 30}}})
    >>> steps(deal, freer, as_of=deal.start, party="customer").usd.round().tolist()
    [200.0, -152.0, 48.0]
    """
    start, goal = (
        firm(before, as_of=as_of, party=party).usd,
        firm(after, as_of=as_of, party=party).usd,
    )
    table, standing, waiting = [("before", start)], start, []
    data, target = _parts(before), _parts(after)
    changed = [key for key in dict.fromkeys([*data, *target]) if data.get(key) != target.get(key)]
    for key in changed:
        data = {**data, key: target[key]} if key in target else _without(data, key)
        waiting.append(key)
        try:
            now = firm(_agreement(data, before), as_of=as_of, party=party).usd
        except ValidationError:
            continue
        table.append((_named(waiting), now - standing))
        standing, waiting = now, []
    moved = [row for row in table[1:] if not math.isclose(row[1], 0.0, abs_tol=0.005)]
    return pd.DataFrame([table[0], *moved, ("after", goal)], columns=["step", "usd"])


def _named(keys: list[Key]) -> str:
    """Clauses in words: a table of which several parts change by its own name alone."""
    several = {key[0] for key in keys if sum(other[0] == key[0] for other in keys) > 1}
    return ", ".join(dict.fromkeys(k[0] if k[0] in several else ".".join(k) for k in keys))


def _parts(agreement: Agreement) -> dict[Key, Any]:
    """The terms by clause: a key, or a key and one inside it where it holds a table."""
    return {
        (key, inner) if inner else (key,): part
        for key, value in _terms(agreement).items()
        if key not in UNPAID
        for inner, part in (value.items() if isinstance(value, dict) else [("", value)])
        if part is not None
    }


def _without(data: dict[Key, Any], key: Key) -> dict[Key, Any]:
    return {name: value for name, value in data.items() if name != key}


def _agreement(parts: dict[Key, Any], named: Agreement) -> Agreement:
    """The agreement that these clauses make, under the name of another."""
    data: Data = {key: getattr(named, key) for key in ("id", "provider", "customer")}
    for (key, *inner), value in parts.items():
        if inner:
            data.setdefault(key, {})[inner[0]] = value
        else:
            data[key] = value
    return Agreement.model_validate(data)


def through_time(before: Agreement, after: Agreement, *, party: Party) -> pd.DataFrame:
    """What is firm in both, seen from each month's first day: `version, as_of, firm_usd`."""
    table = [
        (version, day, firm(agreement, as_of=day, party=party).usd)
        for version, agreement in (("before", before), ("after", after))
        for day in sorted({charge.start for charge in charges(agreement)})
    ]
    return pd.DataFrame(table, columns=["version", "as_of", "firm_usd"])
