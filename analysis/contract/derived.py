"""Terms as plain data: what a file leaves to be worked out, and how changes are laid over them.

A range of days stands for its day in use; `term_months` lead to `end`; a fee without `from`
begins with its capacity, or `after_months` of it. What is filled in is forgotten by every change
of terms and worked out anew.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from pydantic import ValidationError

from analysis.contract import dates
from analysis.contract.fields import DAY, LAST_DAY, Bound, DayRange, refuse, refuse_all
from analysis.data.texts import one_line, shown

Place = tuple[str | int, ...]
ENDS = {"low", "use", "high"}
PAID = ("fee", "tranche", "take_or_pay")
"""What is paid beside prices by unit; without any, the monthly fee is 0."""
SOLVES = {"total_usd", "capacity"}
"""Keys whose change solves monthly fees anew."""
LONGEST = 1_200
STAND_IN = date(1900, 1, 1)
INDEXED = {"index", "base_level", "floor_rate", "cap_rate"}
INSTEAD = {"rate": INDEXED, "index": {"rate"}}
PAIRS = [("end", "term_months"), ("until", "until_months"), ("from", "after_months")]
INSTEAD |= {key: {other} for key, other in PAIRS} | {other: {key} for key, other in PAIRS[:2]}
INSTEAD["end"] |= {"full_months"}
"""Keys that take the place of others."""


@dataclass(frozen=True, slots=True)
class Filled:
    """An agreement's data with days filled in, the ranges they come from, and what was filled."""

    data: dict[str, Any]
    uncertain: dict[str, DayRange] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Part(NamedTuple):
    """A table of an agreement, a copy, where it stands, and what is filled in of the whole."""

    table: dict[str, Any]
    place: Place
    whole: Filled

    def path(self, key: str) -> str:
        """Where one of its keys stands, as a sentence names it."""
        return ".".join(map(str, (*self.place, key)))

    def parts(self, key: str) -> list["Part"]:
        """The tables of one of its arrays."""
        if not isinstance(items := self.table.get(key), list | tuple):
            return []
        copies = [dict(item) if isinstance(item, Mapping) else item for item in items]
        self.table[key], at = copies, (*self.place, key)
        return [Part(t, (*at, n), self.whole) for n, t in enumerate(copies) if isinstance(t, dict)]

    def part(self, key: str) -> "Part | None":
        """One of its tables; None without."""
        if not isinstance(item := self.table.get(key), Mapping):
            return None
        self.table[key] = dict(item)
        return Part(self.table[key], (*self.place, key), self.whole)

    def put(self, key: str, value: Any) -> None:
        """Fill in what the file does not state."""
        self.table[key] = value
        self.whole.places.append((*self.place, key))

    def put_after(self, key: str, since: Any, length: str, months: int | None = None) -> None:
        """Fill in the day that lies the months of a key after another; refuse one beside it.

        Where either is wrong, and told so itself, another day stands in.
        """
        day, months = self.table.get(key), self.table.get(length, months)
        if months is None:
            return
        known = isinstance(since, date) and since <= LAST_DAY
        if not known or type(months) is not int or not 0 <= months <= LONGEST:
            self.table.setdefault(key, LAST_DAY)
            return
        found = min(dates.add_months(since, months), LAST_DAY + DAY)
        if day not in (None, found):
            told = f"{day} is not {length} {months} after {since}, which is {found}"
            self.whole.problems.append(f"{self.path(key)}: {told}; give one of the two")
        self.put(key, found)

    def use(self, *keys: str) -> None:
        """Put the day in use in place of each range among these days."""
        for key in keys:
            if isinstance(span := self.table.get(key), Mapping):
                with suppress(ValidationError):  # told where it stands, see `OpenDay`
                    self.whole.uncertain[self.path(key)] = DayRange.model_validate(span)
                    self.table[key] = self.whole.uncertain[self.path(key)].use


def filled(given: Mapping[str, Any]) -> Filled:
    """The data of an agreement with every day that follows from another filled in."""
    sides = [given.get(side, "") for side in ("customer", "provider")]
    title = {"title": " and ".join(sides)} if all(map(one_line, sides)) else {}
    found = Filled({**title, **given})
    site = Part(found.data, (), found)
    tranches, prices = site.parts("tranche"), site.parts("unit_price")
    _priced(site.table, [tranche.table for tranche in tranches])
    priced = [price.table.get("tranche") for price in prices]
    if site.table.get("unit_price") and not any(site.table.get(key) for key in PAID):
        site.put("fee", [{"usd_month": 0.0}])
    for tranche in tranches:
        if not tranche.table.get("fee") and tranche.table.get("name") in priced:
            tranche.put("fee", [{"usd_month": 0.0}])
    fees = [(part, part.parts("fee")) for part in [*tranches, site]]
    for part, steps in fees:
        part.use("start", "end")
        for step in steps:
            step.use("from")
        if late := part.part("delivery"):
            late.use("due")
    begun = [day for one in fees[:-1] if (day := _begins(*one))]
    if site.table.get("start") is None and begun and len(begun) == len(tranches):
        site.put("start", min(day if isinstance(day, date) else STAND_IN for day in begun))
    for part, steps in fees:
        since = _begins(part, steps) or site.table.get("start")
        since = since if isinstance(since, date) else STAND_IN
        full = part.table.get("full_months") is True
        part.put_after("end", dates.first_full_month(since) if full else since, "term_months")
        _rises(part, since)
        totals = part.table.get("total_usd"), site.table.get("total_usd")
        for n, step in enumerate(steps):
            step.put_after("from", since, "after_months")
            if n == 0 and step.table.get("from") is None:
                step.put("from", since)
            if step.table.get("usd_month") is None and totals != (None, None):
                step.put("usd_month", 0.0)
                step.table["derived"] = True
    starts = {repr(part.table.get("name")): _begins(part, steps) for part, steps in fees[:-1]}
    for price in prices:
        since = starts.get(repr(price.table.get("tranche"))) or site.table.get("start")
        _rises(price, price.table.get("from") or since)
    ends = [end for part in tranches if isinstance(end := part.table.get("end"), date)]
    if site.table.get("end") is None and ends and len(ends) == len(tranches):
        site.put("end", max(ends))
    refuse_all(found.problems)
    return found


def _rises(part: Part, since: Any) -> None:
    """The first rise of an escalator that states no day: one interval after its capacity starts."""
    if (rise := part.part("escalator")) and rise.table.get("from") is None:
        rise.put_after("from", since, "every_months", dates.MONTHS_PER_YEAR)


def _begins(part: Part, steps: list[Part]) -> Any:
    """The day on which a capacity's service begins, where its own table states one."""
    return part.table.get("start") or (steps[0].table.get("from") if steps else None)


def _priced(site: dict[str, Any], tranches: list[dict[str, Any]]) -> None:
    """Give each capacity that a total pays for, and that states no fee, one to be solved."""
    whole = site.get("total_usd") is not None
    for one in tranches:
        if (whole or one.get("total_usd") is not None) and not one.get("fee"):
            one["fee"] = [{}]
    shared = [one.get("fee") for one in tranches if one.get("total_usd") is None]
    steps = [step for fees in shared if isinstance(fees, list | tuple) for step in fees]
    open_ = any(
        step.get("usd_month") is None or step.get("derived")
        for step in steps
        if isinstance(step, Mapping)
    )
    if whole and not site.get("fee") and not open_:
        site["fee"] = [{}]


def changed(data: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Terms with changes laid over them; solved fees stay unless what they rest on changes."""
    laid = laid_over(data, changes)
    named = {key for path, _ in flat(changes) for key in path.split(".")}
    return unsolved(laid) if SOLVES & named else laid


def laid_over(data: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`merge`; where only the start of a capacity moves, its fees by day begin on the new one."""
    laid = merge(data, changes)
    tranches = (each.get("tranche", ()) for each in (data, laid))
    before, after = (each if named(each) else () for each in tranches)
    held, parts = {each["name"]: each for each in before}, [(data, laid)]
    parts += [(held.get(each["name"], {}), each) for each in after]
    for old, part in parts:
        fees = part.get("fee")
        if fees and old.get("start") != part.get("start") and old.get("fee") == fees:
            part["fee"] = begun_on(fees, part.get("start"))
    return laid


def begun_on(fees: Any, start: Any) -> Any:
    """Fee steps by day of a capacity that moves: the one in force on its start begins there."""
    days, since = [step.get("from") for step in map(table, fees)], in_use(start)
    if not days or {type(day) for day in (*days, since)} != {date}:
        return fees  # what has no day of its own follows the start
    first = max((n for n, day in enumerate(days) if day <= since), default=0)
    return [{**fees[first], "from": start}, *fees[first + 1 :]]


def in_use(day: Any) -> Any:
    """A day, or the one in use of the range in which it lies."""
    return day.get("use") if isinstance(day, Mapping) else day


def unsolved(data: Mapping[str, Any], whole: float | None = None) -> dict[str, Any]:
    """The data of an agreement, or a part of it, without the fees that were solved from totals."""
    found, total = dict(data), data.get("total_usd", whole)
    if tranches := data.get("tranche"):
        found["tranche"] = [unsolved(tranche, total) for tranche in tranches]
    if isinstance(ahead := data.get("prepayment"), Mapping) and "share" in ahead:
        found["prepayment"] = {key: v for key, v in ahead.items() if key != "usd"}
    if total is not None and (fees := data.get("fee")):
        solved = {"usd_month", "derived"}
        found["fee"] = [
            {key: v for key, v in fee.items() if not (fee.get("derived") and key in solved)}
            for fee in fees
        ]
    return found


def settled(data: Mapping[str, Any]) -> dict[str, Any]:
    """Terms without the totals and shares that sums were solved from: later changes leave those."""
    rest = {key: value for key, value in data.items() if key != "total_usd"}
    if isinstance(ahead := data.get("prepayment"), Mapping):
        rest["prepayment"] = {key: value for key, value in ahead.items() if key != "share"}
    if tranches := data.get("tranche"):
        rest["tranche"] = [settled(tranche) for tranche in tranches]
    return rest


def restored(data: dict[str, Any], uncertain: Mapping[str, DayRange]) -> dict[str, Any]:
    """An agreement's data with the ranges of its uncertain days back in place."""
    for path, span in uncertain.items():
        *above, key = path.split(".")
        place: Any = data
        for name in above:
            place = place[int(name)] if isinstance(place, list | tuple) else place.get(name, {})
        place[key] = span.model_dump()
    return data


def on_days(data: Any, bound: Bound) -> Any:
    """Terms with every range of days, wherever it stands, at one of its ends or so far up it."""
    if isinstance(data, Mapping):
        if data.keys() == ENDS and isinstance(data["use"], date):
            return DayRange.model_validate(data).at(bound)
        return {key: on_days(value, bound) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return type(data)(on_days(each, bound) for each in data)
    return data


def merge(data: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`data` with `changes` laid over it: tables merge, the word "none" takes a key out.

    In an array of tables, `{"0": {...}}` changes one by position, and an array whose tables have
    names changes or adds those by name; any other value replaces what was there.

    >>> merge({"a": {"x": 1, "y": 2}, "b": 3}, {"a": {"x": 5}, "b": "none"})
    {'a': {'x': 5, 'y': 2}}
    """
    laid = {key: _merged(data.get(key), value) for key, value in changes.items()}
    gone = {key for key, value in changes.items() if value == "none"}
    gone |= set().union(*(INSTEAD.get(key, ()) for key in changes)) - changes.keys()
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


def items(changes: Any) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """What changes an array: its items by position, some or all."""
    if isinstance(changes, Mapping):
        yield from changes.items()
    elif isinstance(changes, list | tuple):
        yield from enumerate(changes)


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
