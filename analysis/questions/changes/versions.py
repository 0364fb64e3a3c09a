"""What differs between two versions of an agreement, or two readings, in terms and firm fees."""

import math
from typing import Any

import pandas as pd
from pydantic import ValidationError

from analysis.contract.derived import flat
from analysis.contract.fields import Party
from analysis.contract.position import Position, as_written
from analysis.contract.terms import Agreement

WORDS = {"id", "title", "invented", "known", "reading", "changes", "reported", "evidence", "notes"}
"""Fields that name, describe or report, and promise nothing."""
UNPAID = {"provider", "customer", "capacity", "scopes"}
"""Keys that no amount depends on: who the parties are, and what the fee is set against."""
ABSENT = "none"
Key = tuple[str, ...]


def differences(before: Position, after: Position) -> pd.DataFrame:
    """Every term that the two do not share: `term, before, after`, "none" where one lacks it.

    A term is the path of a key in the file, such as `termination.customer.notice_days`; what one
    of them left to its default stands there as the default.
    """
    old, new = (
        {term: value for term, value in flat(_terms(each.signed)) if value is not None}
        for each in (before, after)
    )
    chosen = {t for each in (before, after) for t, _ in flat(_terms(each.signed, chosen=True))}
    table = [
        (term, old.get(term, ABSENT), new.get(term, ABSENT))
        for term in dict.fromkeys([*old, *new])
        if term in chosen and old.get(term, ABSENT) != new.get(term, ABSENT)
    ]
    return pd.DataFrame(table, columns=["term", "before", "after"])


def _terms(agreement: Agreement, *, chosen: bool = False) -> dict[str, Any]:
    """The terms as plain data by key, without what only names or describes.

    chosen: those alone that are not what they are if left out.
    """
    return agreement.model_dump(by_alias=True, exclude_defaults=chosen, exclude=WORDS)


def steps(before: Position, after: Position, *, party: Party) -> pd.DataFrame:
    """From what is firm before to what is firm after, one changed clause at a time: `step, usd`.

    Clauses change in the order of the file, each on top of those above, so that the amounts add
    up; a clause that makes no sense without the next changes together with it. Clauses that
    change nothing firm are left out. The first row is what was firm, the last what is.

    >>> from analysis.contract.position import position
    >>> freer = deal.change({"termination": {"customer": {"notice_days": 30}}})
    >>> steps(position(deal), position(freer), party="customer").usd.round().tolist()
    [200.0, -152.0, 48.0]
    """
    data, target = _clauses(before.signed), _clauses(after.signed)
    start = standing = before.firm(party).usd
    moved, waiting = list[tuple[str, float]](), list[Key]()
    for key in [key for key in {**data, **target} if data.get(key) != target.get(key)]:
        if key in target:
            data[key] = target[key]
        else:
            del data[key]
        waiting.append(key)
        terms: dict[str, Any] = {k: getattr(before.read, k) for k in ("id", "provider", "customer")}
        for (name, *inner), value in data.items():
            if inner:
                terms.setdefault(name, {})[inner[0]] = value
            else:
                terms[name] = value
        try:
            stepped = Agreement.model_validate(terms)
            now = as_written(stepped, before.as_of).firm(party).usd
        except ValidationError:
            continue
        # a table of which several parts change goes by its own name alone
        heads = [name for name, *_ in waiting]
        words = (k[0] if heads.count(k[0]) > 1 else ".".join(k) for k in waiting)
        moved.append((", ".join(dict.fromkeys(words)), now - standing))
        standing, waiting = now, []
    kept = [row for row in moved if not math.isclose(row[1], 0.0, abs_tol=0.005)]
    table = [("before", start), *kept, ("after", after.firm(party).usd)]
    return pd.DataFrame(table, columns=["step", "usd"])


def _clauses(agreement: Agreement) -> dict[Key, Any]:
    """The terms by clause: a key, or a key and one inside it where it holds a table."""
    return {
        (key, inner) if inner else (key,): part
        for key, value in _terms(agreement).items()
        if key not in UNPAID
        for inner, part in (value.items() if isinstance(value, dict) else [("", value)])
        if part is not None
    }


def through_time(before: Position, after: Position, *, party: Party) -> pd.DataFrame:
    """What is firm in both, seen from each month's first day: `version, as_of, firm_usd`.

    Both as far as they are signed by their days.
    """
    table = [
        (version, day, each.on(day).firm(party).usd)
        for version, known in (("before", before), ("after", after))
        for each in [as_written(known.signed)]
        for day in each.service_days
    ]
    return pd.DataFrame(table, columns=["version", "as_of", "firm_usd"])
