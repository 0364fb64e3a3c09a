"""An agreement as if some of its terms were others, under every reading.

>>> as_if(deal, {"termination.customer.notice_days": 180}).termination.customer.notice_days
180
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from analysis.contract.derived import changed
from analysis.contract.terms import DERIVED, Agreement
from analysis.data.texts import listed

NONE, CHANGED = "none", ", as changed"
WORDS = {
    "termination.customer.notice_days": "the customer's notice were {} days",
    "termination.provider.notice_days": "the provider's notice were {} days",
    "termination.customer.gate_months": "the customer's lock-in were {} months",
    "termination.provider.gate_months": "the provider's lock-in were {} months",
    "termination.customer": "the customer's right to terminate were {}",
    "termination.provider": "the provider's right to terminate were {}",
    "termination.customer.fee_months": "the customer's exit fee were {} months of the fee",
    "termination.provider.fee_months": "the provider's exit fee were {} months of the fee",
    "termination.customer.gate_applies": "the customer's lock-in bound the {} of notice",
    "termination.provider.gate_applies": "the provider's lock-in bound the {} of notice",
    "end": "the end date were {}",
}
"""The terms that are moved most, as a sentence names them."""
ALTERNATIVES = (
    ("notice_days", "notice_months"),
    ("gate_days", "gate_months", "gate_date"),
    ("fee_usd", "fee_months", "fee_share_of_remaining"),
)
"""Of these only one can be stated: the one given takes the place of the others."""


def as_if(agreement: Agreement, terms: Mapping[str, Any]) -> Agreement:
    """The agreement with other terms, each by its path in the file; "none" takes a term out.

    They hold under every reading, also where a reading states the term itself; each title says so.
    Raises `ValueError` with a sentence for each problem, as a file does.
    """
    if not terms:
        return agreement
    alone: dict[str, Any] = {}
    for path in terms:
        table, _, key = path.rpartition(".")
        others = [name for names in ALTERNATIVES if key in names for name in names]
        others += ["fee_owed"] if "fee_usd" in others else []  # says which of several
        alone |= {f"{table}.{name}": NONE for name in others if table}
    changes, data = nested(alone | dict(terms)), agreement.stated()
    readings = {
        name: _over(own, changes, data) | {"title": own["title"] + CHANGED}
        for name, own in data.get("readings", {}).items()
    }
    own = {**data.get("reading", {}), "title": agreement.reading.title + CHANGED}
    return Agreement.of(changed({**data, "reading": own, "readings": readings}, changes), DERIVED)


def nested(terms: Mapping[str, Any]) -> dict[str, Any]:
    """Terms by path as tables in tables; a day may be given as text.

    >>> nested({"end": "2030-06-01", "termination.customer.notice_days": 180})
    {'end': datetime.date(2030, 6, 1), 'termination': {'customer': {'notice_days': 180}}}
    """
    found: dict[str, Any] = {}
    for path, value in terms.items():
        *tables, key = path.split(".")
        place = found
        for name in tables:
            place = place.setdefault(name, {})
            if not isinstance(place, dict):
                raise ValueError(f"terms: {path!r} lies inside a term that is given too")
        place[key] = value
        with suppress(ValueError, TypeError):
            place[key] = date.fromisoformat(value)
    return found


def _over(
    own: Mapping[str, Any], changes: Mapping[str, Any], base: Mapping[str, Any]
) -> dict[str, Any]:
    """What a reading changes, with the terms in place of what it states of them.

    Of a table that it takes out only the part comes back that the terms name.
    """
    found = dict(own)
    for key in own.keys() & changes.keys():
        old, new, stated = own[key], changes[key], base.get(key, {})
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            missing = {name: value for name, value in new.items() if name not in old}
            new = _over(old, new, stated) | missing
        elif old == NONE and isinstance(new, Mapping):
            tables = {name for name, value in stated.items() if isinstance(value, Mapping)}
            new = {**dict.fromkeys(tables, NONE), **new}
        found[key] = new
    return found


def in_words(terms: Mapping[str, Any]) -> str:
    """The terms as a sentence names them; empty without any.

    >>> in_words({"termination.customer.notice_days": 180, "fee.1.usd_month": 2e9})
    "the customer's notice were 180 days and fee.1.usd_month were 2000000000.0"
    """
    told = [WORDS.get(path, f"{path} were {{}}").format(value) for path, value in terms.items()]
    return listed(told)
