"""Terms as plain data: how changes are laid over them, and how they read by path."""

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.contract.errors import refuse, shown

INSTEAD = {"end": "term_months", "term_months": "end", "from": "after_months"}
"""Keys that take the place of another."""


def merge(data: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`data` with `changes` laid over it: tables merge, the word "none" takes a key out.

    In an array of tables, `{"0": {...}}` changes one by position, and an array whose tables have
    names changes or adds those by name; any other value replaces what was there.

    >>> merge({"a": {"x": 1, "y": 2}, "b": 3}, {"a": {"x": 5}, "b": "none"})
    {'a': {'x': 5, 'y': 2}}
    """
    laid = {key: _merged(data.get(key), value) for key, value in changes.items()}
    gone = {key for key, value in changes.items() if value == "none"}
    gone |= {INSTEAD[key] for key in changes.keys() & INSTEAD.keys()} - changes.keys()
    return {key: value for key, value in {**data, **laid}.items() if key not in gone}


def _merged(old: Any, new: Any) -> Any:
    if isinstance(new, Mapping):
        if not new:
            raise refuse('an empty table changes nothing; allowed: terms in it, or "none"')
        if not isinstance(old, list | tuple):
            return merge(table(old), new)
        items = list(old)
        for key, value in new.items():
            if not (key.isdecimal() and int(key) < len(items)):
                told = f"no item {shown(str(key))!r} in this array"
                raise refuse(f"{told}; allowed: 0 to {len(items) - 1}")
            items[int(key)] = _merged(items[int(key)], value)
        return items
    if new and named(new) and named(old):
        by_name = {item["name"]: item for item in old}
        by_name |= {item["name"]: _merged(by_name.get(item["name"]), item) for item in new}
        return list(by_name.values())
    return new


def named(value: Any) -> bool:
    """Whether a value is an array of tables that all have a text for a name."""
    return isinstance(value, list | tuple) and all(
        isinstance(item, Mapping) and isinstance(item.get("name"), str) for item in value
    )


def table(value: Any) -> Mapping[str, Any]:
    """A table as it is, empty for what is none."""
    return value if isinstance(value, Mapping) else {}


def flat(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of plain data by its path, like `fee.0.usd_month`."""
    if not isinstance(data, dict | list | tuple):
        yield path, data
        return
    for key, item in data.items() if isinstance(data, dict) else enumerate(data):
        yield from flat(item, f"{path}.{key}".removeprefix("."))
