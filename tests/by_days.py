"""What an agreement's data comes to, counted day by day: none of the product's code.

It reads the plain tables of a file. Money is spread over the days of service; what leaving costs
is counted anew for every day on which a party may be gone.
"""

import calendar
import math
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import Any

import numpy as np

DAY = timedelta(days=1)
HOURLY = ("GPU-hour", "MWh", "instance-hour", "core-hour", "GB-hour")
Data = dict[str, Any]


def months_later(day: date, months: int) -> date:
    """The same day number so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def laid_over(old: Any, new: Any) -> Any:
    """Changes over terms: tables merge, arrays with names by name, "none" takes out."""
    if isinstance(new, dict) and isinstance(old, dict | None):
        both = {**(old or {}), **{k: laid_over((old or {}).get(k), v) for k, v in new.items()}}
        if "end" in new:
            both.pop("term_months", None)
        return {key: value for key, value in both.items() if value != "none"}
    named = [isinstance(x, list) and x and all("name" in t for t in x) for x in (old, new)]
    if all(named):
        found = {t["name"]: t for t in old}
        return list((found | {t["name"]: laid_over(found.get(t["name"]), t) for t in new}).values())
    return deepcopy(new)


def on_days(item: Any, bound: str) -> Any:
    """Ranges at one of their ends: of days at `bound`, of numbers at the one in use."""
    if isinstance(item, dict):
        if item.keys() == {"low", "use", "high"}:
            return item[bound if isinstance(item["use"], date) else "use"]
        return {key: on_days(value, bound) for key, value in item.items()}
    return [on_days(each, bound) for each in item] if isinstance(item, list) else item


def filled(data: Data) -> Data:
    """Every day that follows from another, filled in."""
    data = deepcopy(data)
    parts = data.setdefault("tranche", [])
    for part in parts:
        part["own"] = part.get("start") or next(
            (f["from"] for f in part.get("fee", []) if "from" in f), None
        )
    if "start" not in data:
        data["start"] = min(part["own"] for part in parts)
    for part in (data, *parts):
        start = data["start"] if part is data else part["own"] or data["start"]
        if "term_months" in part:
            counted = start
            while part.get("full_months") and counted.day > 1:
                counted += DAY
            part["end"] = months_later(counted, part["term_months"])
        whole = "total_usd" in data and (part is not data or not any(map(open_, parts)))
        if "fee" not in part and (whole or (part is not data and "total_usd" in part)):
            part["fee"] = [{}]
        for n, fee in enumerate(part.setdefault("fee", [])):
            if "from" not in fee:
                fee["from"] = (
                    start
                    if n == 0 and "after_months" not in fee
                    else months_later(start, fee["after_months"])
                )
            fee.setdefault("stated", fee["from"])
        if rise := part.get("escalator"):
            rise.setdefault("from", months_later(start, rise.get("every_months", 12)))
    if "end" not in data:
        data["end"] = max(part["end"] for part in parts)
    return data


def open_(part: Data) -> bool:
    """Whether the amount of one of its fees follows from the agreement's total."""
    fees = part.get("fee") or [{}]
    return "total_usd" not in part and any("usd_month" not in fee for fee in fees)


def full_known(series: Mapping[date, float], since: date) -> bool:
    """Whether a capacity is known to be there in full before it is given up."""
    return any(share >= 1 for day, share in series.items() if day < since)


class Count:
    """An agreement as known on a day, under a reading, its uncertain days at one end."""

    def __init__(
        self,
        data: Data,
        as_of: date | None = None,
        reading: str = "",
        bound: str = "use",
        given: Data | None = None,
    ) -> None:
        raw = solved(on_days(data, bound))
        if reading:
            own = {
                k: v for k, v in raw["readings"][reading].items() if k not in ("title", "weight")
            }
            raw = laid_over(raw, own)
        happened = [f for f in raw.get("fact", []) if f["kind"] == "delivered"]
        for part in (raw, *raw.get("tranche", [])):
            own = [f for f in happened if f.get("capacity", "site") == part.get("name", "site")]
            if part.get("delivery", {}).get("moves_start") and own:
                last = max(f["date"] for f in own)  # nothing is there yet
                later = max(part.get("start", last), last + DAY)
                first = min((f["date"] for f in own if f["value"] > 0), default=later)
                part["start"] = first if part is raw else max(first, raw.get("start", first))
        self.plain(filled(raw), as_of, given)

    def plain(self, data: Data, as_of: date | None = None, given: Data | None = None) -> None:
        """Take terms in which every day and amount is stated."""
        self.data, self.start = data, data["start"]
        self.as_of: date = as_of or self.start
        self.known: dict[tuple[int, ...], Data] = {}
        self.kept: dict[Any, dict[str, np.ndarray]] = {}
        self.gone: dict[str, date] = {}
        self.asked_to: dict[str, date] = {}  # of what is not promised: the end of its minimum
        self.given_up: dict[str, tuple[date, float]] = {}
        data["amendment"] = [a for a in data.get("amendment", []) if a["signed"] <= self.as_of]
        data["amendment"] += self.renewals()
        self.end: date = self.terms(date.max)["end"]
        self.facts = self.happened() | (given or {})

    def renewals(self) -> list[Data]:
        """The term goes on where the last day to object has passed."""
        last = self.terms(date.max)
        end, found = last["end"], list[Data]()
        signed = max([self.data["signed"], *(a["signed"] for a in self.data["amendment"])])
        while again := last.get("renewal"):
            object_by = end - (1 + again.get("notice_days", 0)) * DAY
            if "notice_months" in again:
                object_by = max(
                    d
                    for n in range(5)
                    if months_later(
                        d := months_later(end - DAY, -again["notice_months"]) + n * DAY,
                        again["notice_months"],
                    )
                    <= end - DAY
                )
            if self.as_of <= object_by:
                break
            before, end = end, months_later(last["end"], again["months"] * (len(found) + 1))
            terms = self.to_end(last, end)
            signed = max(signed, object_by + DAY)  # billed once nobody can object any more
            found.append({"signed": signed, "effective": before, "terms": terms})
        return found

    @staticmethod
    def to_end(last: Data, end: date) -> Data:
        """What a later end changes: of the term, tranches and prices that are served to it."""
        named = [t["name"] for t in last["tranche"] if t.get("end", date.min) >= last["end"]]
        prices = last.get("unit_price", [])
        moved: Data = {"end": end, "tranche": [{"name": name, "end": end} for name in named]}
        moved["unit_price"] = [
            p | ({"end": end} if p.get("end", date.min) >= last["end"] else {}) for p in prices
        ]
        return {key: new for key, new in moved.items() if new}

    def extended(self, option: Data) -> float:
        """What the months of an option to extend cost: of the agreement, or of one tranche."""
        last, start, of = self.terms(date.max), self.end, option.get("tranche")
        left = [t for t in last["tranche"] if t.get("end", start) >= start]
        if of:
            left = [t for t in last["tranche"] if t["name"] == of]
            start = left[0]["end"]
        end, price = months_later(start, option["months"]), {}
        new = {"tranche": [{"name": of, "end": end}]} if of else self.to_end(last, end)
        if rate := option.get("rate"):
            price["escalator"] = {"from": start, "every_months": 12, "rate": rate}
        one = [option["usd_month"]] if "usd_month" in option else []
        years = option.get("usd_month_by_year", one)
        steps = [
            {"from": months_later(start, n), "usd_month": years[min(n // 12, len(years) - 1)]}
            for n in range(0, option["months"] if "usd_month_by_year" in option else len(one), 12)
        ]
        if steps and (not left or (not of and last["fee"] and last["fee"][-1]["usd_month"])):
            price["fee"] = steps if last["fee"] else [{"from": self.start, "usd_month": 0}, *steps]
        elif steps:
            sizes = [t["fee"][-1]["usd_month"] for t in left]
            sizes = sizes if any(sizes) else [1.0] * len(left)
            moved = {t["name"]: t for t in new.get("tranche", [])}
            for tranche, size in zip(left, sizes, strict=True):
                part = size / sum(sizes)
                own = [fee | {"usd_month": fee["usd_month"] * part} for fee in steps]
                changed = moved.setdefault(tranche["name"], {"name": tranche["name"]})
                changed["fee"] = [*tranche["fee"], *own]
            new["tranche"] = list(moved.values())
        (new["tranche"][0] if of else new).update(price)
        signed = max([self.data["signed"], *(a["signed"] for a in self.data["amendment"])])
        self.data["amendment"].append({"signed": signed, "effective": start, "terms": new})
        if of:
            days = slice(self.at(max(start, self.as_of)), self.at(end))
            return float(self.amounts(self.end)[0][of][days].sum())
        return self.service(start, new["end"])

    def happened(self) -> Data:
        """The facts of the file by the day; what is delivered in part is whole when it is due."""
        found: Data = {}
        for fact in self.data.get("fact", []):
            if fact["date"] <= self.as_of:
                series = found.setdefault(fact["kind"], {})
                if fact["kind"] == "delivered" or "capacity" in fact:
                    series = series.setdefault(fact.get("capacity", "site"), {})
                series[fact["date"]] = fact["value"]
        for part in (self.data, *self.data["tranche"]):
            shares = found.get("delivered", {}).get(part.get("name", "site"))
            late = part.get("delivery", {})
            if shares and late.get("due", date.min) > max(self.as_of, *shares):
                shares[late["due"]] = 1.0
            if shares and late.get("moves_start") and max(shares) < part["start"]:
                shares[part["start"]] = 1.0
        return found

    def terms(self, day: date) -> Data:
        """The terms in force on a day."""
        key = tuple(n for n, a in enumerate(self.data["amendment"]) if a["effective"] <= day)
        if key not in self.known:
            found = self.data
            for n in key:
                new, since = (
                    deepcopy(self.data["amendment"][n]["terms"]),
                    self.data["amendment"][n]["effective"],
                )
                for fee in new.get("fee", []):
                    fee["stated"] = max(fee["from"], since)
                if new.get("fee"):
                    new["fee"] = [
                        f for f in found["fee"] if f["from"] < new["fee"][0]["from"]
                    ] + new["fee"]
                found = filled(laid_over(found, new))
            self.known[key] = found
        return self.known[key]

    def rises(self, name: str, until: date) -> list[tuple[date, Data]]:
        """The days on which a capacity's fees rise, and by what."""
        found, day = [], self.start
        while day < until:
            terms = self.terms(day)
            own = [
                t["escalator"] for t in terms["tranche"] if t["name"] == name and "escalator" in t
            ]
            rise = own[0] if own else terms.get("escalator")
            if rise and rise["from"] <= day < rise.get("end", date.max):
                passed = (day.year - rise["from"].year) * 12 + day.month - rise["from"].month
                if passed % rise.get("every_months", 12) == 0 and day == months_later(
                    rise["from"], passed
                ):
                    found.append((day, rise))
            day += DAY
        return found

    def level(self, day: date, base: float) -> float:
        """The level of the index last published on a day."""
        past = [d for d in self.facts.get("index", {}) if d <= day]
        return self.facts["index"][max(past)] if past else base

    def factor(self, rises: list[tuple[date, Data]], stated: date, day: date) -> float:
        """What a fee stated on one day is multiplied by on another."""
        found, level = 1.0, None
        for when, rise in rises:
            if when > day:
                break
            if "rate" in rise:
                found *= 1 + rise["rate"] if when > stated else 1
            elif not (when == stated == self.start):
                now = self.level(when, rise["base_level"])
                ratio = now / (level or rise["base_level"])
                ratio = min(ratio, 1 + rise.get("cap_rate", 9.0))
                found *= max(ratio, 1 + rise.get("floor_rate", -1)) if when > stated else 1
                level = now
        return found

    def monthly(self, until: date) -> dict[Any, np.ndarray]:
        """Day by day what is owed a month, and whatever its month; the part settled later too.

        By capacity, and the days `[since, until)` that it is served or priced.
        """
        found: dict[Any, np.ndarray] = {}
        raised: dict[str, list[tuple[date, Data]]] = {}

        def add(key: Any, n: int, usd: np.ndarray, later: np.ndarray) -> None:
            by = found.setdefault(key, np.zeros((4, (until - self.start).days)))
            by[:, n] += np.concatenate([usd, later])

        for n in range((until - self.start).days):
            day = self.start + n * DAY
            terms, back, none = self.terms(day), self.back(day), np.zeros(2)
            units: dict[str, np.ndarray] = {}
            for price in self.prices(day):
                hourly, usd = price["unit"] in HOURLY, self.least(price, day) * price["usd"]
                one, name = np.array([0.0, usd] if hourly else [usd, 0.0]), price["of"]
                units[name] = units.get(name, none) + one
                less = back if terms["fee"] or name != "site" else 0.0
                if day < self.gone_on(name):
                    here = one * self.here(name, day)[0]
                    add(price["key"], n, here * (1 - less), -here * less)
            for part in (terms, *terms["tranche"]):
                name = part.get("name", "site")
                end = part.get("end", date.max) if name != "site" else date.max
                last = min(end, self.gone_on(name))
                if part["fee"] and day < last:
                    if name not in raised:
                        raised[name] = self.rises(name, until)
                    rent = self.rent(part, raised[name], day)
                    usd, credit = self.owed_on(part, rent, units.get(name, none), day)
                    first = part["fee"][0]["from"]
                    key = name, first if first <= day else self.start, last
                    add(key, n, (usd - credit) * (1 - back), -credit - back * (usd - credit))
            if meter := terms.get("take_or_pay"):
                usd = np.array([self.metered(meter, day) * meter["usd_per_unit"], 0.0])
                add(("site", self.start, date.max), n, usd, none)
        return found

    def gone_on(self, name: str) -> date:
        return self.gone.get(name, date.max)

    def back(self, day: date) -> float:
        """The share of a day's fees that service credits give back."""
        known = self.facts.get("availability", {}).get(self.period(day)[0], 1)
        credits = self.terms(day).get("service_credit", [])
        return max((c["share"] for c in credits if known < c["below"]), default=0.0)

    def here(self, name: str, day: date) -> tuple[float, float]:
        """The share of a capacity that is delivered, and the share that is late."""
        series = self.facts.get("delivered", {}).get(name)
        share = self.latest(series, day) if series is not None else 1.0
        since, kept = self.given_up.get(name, (date.max, 0.0))
        return (share, 1 - share) if day < since else (kept, 0.0)

    def rent(self, part: Data, rises: list[tuple[date, Data]], day: date) -> np.ndarray:
        """The monthly fee of a day, all delivered."""
        begun = [fee for fee in part["fee"] if fee["from"] <= day]
        usd = begun[-1]["usd_month"] * (1 - begun[-1].get("discount", 0)) if begun else 0.0
        return np.array([usd * self.factor(rises, begun[-1]["stated"], day) if begun else 0.0, 0.0])

    def owed_on(
        self, part: Data, rent: np.ndarray, units: np.ndarray, day: date
    ) -> tuple[np.ndarray, np.ndarray]:
        """What is owed of a rent for what is delivered, and what lateness gives back later.

        `units` is what prices by unit come to beside it.
        """
        name, late, first = part.get("name", "site"), part.get("delivery"), part["fee"][0]["from"]
        share, missing = self.here(name, day)
        owed, series = rent * share, self.facts.get("delivered", {}).get(name)
        if not late or series is None:
            return owed, np.zeros(2)
        since = self.given_up.get(name, (date.max,))[0]
        full = min((d for d, s in series.items() if s >= 1 and d < since), default=late["due"])
        if full <= day < full + (full - late["due"]):
            owed = owed - (owed + units * share) * late.get("late_discount", 0)
        rent = rent + units
        if not rent.any():
            rent = np.array([next((f["usd_month"] for f in part["fee"] if f["usd_month"]), 0), 0])
        grace = late["due"] + late.get("credit_after_days", 0) * DAY
        over = late["due"] + late.get("credit_until_days", 100_000) * DAY
        comes = late.get("remedy", "nothing") == "nothing" or full_known(series, since)
        grace_or_first = max(grace, first) if late.get("moves_start") else grace
        days = missing * (grace_or_first <= day < over and (comes or day < self.cured(late)))
        a_day = np.array([0.0, late.get("late_credit_usd_day", 0.0)])
        a_day = a_day + rent * late.get("late_credit_rent_days", 0.0)
        if late.get("moves_start") and day == first:  # known when service begins
            owed = owed - max(0, (min(first, over) - grace).days) * a_day
        return owed, days * a_day

    def least(self, price: Data, day: date) -> float:
        """Units that are paid for in any case: of a month, or of a day where hours count."""
        hours = 24 if price["unit"] in HOURLY else 1
        return float(price.get("minimum_share", 1) * price["quantity"] * hours)

    @staticmethod
    def metered(meter: Data, day: date) -> float:
        """The units of a month that a meter pays for in any case."""
        begun = [step["units_month"] for step in meter.get("steps", []) if step["from"] <= day]
        return float(begun[-1] if begun else meter["minimum_units_month"])

    def prices(self, day: date) -> Iterator[Data]:
        """What is priced by unit on a day, with the price of a unit then."""
        terms = self.terms(day)
        for price in terms.get("unit_price", []):
            of = {t["name"]: t for t in terms["tranche"]}.get(price.get("tranche"), {})
            first = of["fee"][0]["from"] if of else self.start
            since, rise = price.get("from", first), price.get("escalator")
            end = min(price.get("end", date.max), of.get("end", date.max))
            if since <= day < end:
                name = price.get("tranche", "site")
                price = price | {"of": name, "key": (name, since, end)}
                usd, n = price["usd_per_unit"], 1
                last = min(day, rise.get("end", date.max) - DAY) if rise else day
                while rise and months_later(since, n * rise["every_months"]) <= last:
                    usd, n = usd * (1 + rise["rate"]), n + 1
                yield price | {"usd": usd}

    def period(self, day: date) -> tuple[date, date, int]:
        """The full period that a day is charged in, and its months."""
        if self.data.get("proration") != "full-period":
            low = day.replace(day=1)
            return low, months_later(low, 1), 1
        size = self.data.get("payment", {}).get("billing_months", 1)
        n = 0
        while months_later(self.start, n + size) <= day:
            n += size
        return months_later(self.start, n), months_later(self.start, n + size), size

    def periods(self, end: date) -> Iterator[tuple[date, date, date, date]]:
        """Days `[a, b)` served of each full period; the day due, and of what is known later."""
        pay = {"timing": "advance", "billing_months": 1, "days_to_pay": 0} | self.data.get(
            "payment", {}
        )
        day = self.start
        while day < end:
            low, high, _ = self.period(day)
            stop = min(high, end)
            since = (
                self.start
                if self.data.get("proration") == "full-period"
                else self.start.replace(day=1)
            )
            passed = (low.year - since.year) * 12 + low.month - since.month
            first = passed - passed % pay["billing_months"]
            later = min(months_later(since, first + pay["billing_months"]), end)
            due = later
            if pay["timing"] == "advance":
                due = max(months_later(since, first), self.start)
            yield day, stop, due + pay["days_to_pay"] * DAY, later + pay["days_to_pay"] * DAY
            day = stop

    def weights(self, a: date, b: date, since: date, until: date) -> np.ndarray:
        """The months that each day `[a, b)` of a period counts for, of what is served then."""
        low, high, size = self.period(a)
        days = [a + n * DAY for n in range((b - a).days)]
        if self.data.get("proration") == "30-360":
            month = [12 * d.year + d.month + min(d.day, 30) / 30 for d in [*days, b]]
            return np.diff(month)
        first, last = max(a, since), min(b, until)
        if first >= last:
            return np.zeros(len(days))
        each = size * self.share(first, last, low, high) / (last - first).days
        return np.array([each * (first <= day < last) for day in days])

    def share(self, a: date, b: date, low: date, high: date) -> float:
        """The part of a full period that is charged for the days `[a, b)` of it."""
        if (a, b) == (low, high):
            return 1.0
        match self.data.get("proration", "calendar-days"):
            case "actual-30":
                return min(1.0, (b - a).days / 30)
            case "actual-365":
                return min(1.0, (b - a).days * 12 / 365)
        return (b - a).days / (high - low).days

    def at(self, day: date) -> int:
        return max(0, (day - self.start).days)

    def amounts(
        self, end: date
    ) -> tuple[dict[str, np.ndarray], np.ndarray, list[tuple[date | None, int, float]]]:
        """By capacity and day what service up to `end` costs; the days it is due; sums apart.

        Sums apart are due on a day of their own, each `(due, number of its day, usd)`.
        """
        state = (*self.gone.items(), *self.given_up.items())
        key = (max(end, self.end), len(self.data["amendment"]), *state)
        if key not in self.kept:
            self.kept[key] = self.monthly(key[0])
        many, usage, found = self.at(end), self.facts.get("usage", {}), self.kept[key]
        charged = dict[tuple[str, date, date], int]()
        weight = {of: np.zeros(many) for of in [*found, ("site", self.start, date.max)]}
        due = np.zeros((2, many), dtype=int)
        over = {name: np.zeros(many) for name in ("site", *self.asked_to)}
        for a, b, when, later in self.periods(end):
            days = slice(self.at(a), self.at(b))
            due[:, days] = [[when.toordinal()], [later.toordinal()]]
            for (_, since, until), each in weight.items():
                each[days] = self.weights(a, b, since, until)
            low, high, _ = self.period(a)
            months = float(weight["site", self.start, date.max][days].sum())
            for day in (a + n * DAY for n in range((b - a).days if usage else 0)):
                terms, n = self.terms(day), self.at(day)
                if meter := terms.get("take_or_pay"):
                    used = usage.get(meter["unit"], {}).get(low, 0)
                    above = max(0, used - self.metered(meter, day) * months)
                    over["site"][n] += above * meter["overage_usd_per_unit"] / (b - a).days
                for price in self.prices(day):
                    name = price["of"]
                    less = self.back(day) if terms["fee"] or name != "site" else 0.0
                    here = self.here(name, day)[0]
                    units = self.least(price, day)
                    served = weight.get(price["key"], np.zeros(many))[n]  # none where it has ended
                    units *= 1 if price["unit"] in HOURLY else served
                    used = usage.get(price["name"], {}).get(low, 0)
                    until = max(min(high, self.end), b)
                    of = price["name"], a, until
                    if used and of not in charged:  # use counts on the days that have a price
                        every = (a + m * DAY for m in range((until - a).days))
                        names = [{each["name"] for each in self.prices(since)} for since in every]
                        charged[of] = sum(price["name"] in name for name in names)
                    above = max(0, (used / charged[of] if used else 0) - units * here)
                    above *= (day < self.gone_on(name)) * price["usd"] * (1 - less)
                    over.setdefault(name, np.zeros(many))[n] += above
        usd, apart = (
            {name: one.copy() for name, one in over.items()},
            list[tuple[date | None, int, float]](),
        )
        self.later = dict(over)
        self.rates = {name: np.zeros(many) for name in over}
        for of, by in found.items():
            name, w = of[0], weight[of]
            one = by[0, :many] * w + by[1, :many]
            usd[name] = usd.get(name, 0) + one
            self.later[name] = self.later.get(name, 0) + by[2, :many] * w + by[3, :many]
            sure = one - by[2, :many] * w - by[3, :many]  # what is known later is no monthly fee
            rate = np.divide(sure, w, out=np.zeros(many), where=w > 0)
            self.rates[name] = self.rates.get(name, 0) + rate
        for one in self.terms(date.max).get("one_off", []):
            if (day := max(one["paid"], self.start)) < end:
                apart.append((one["paid"], self.at(day), one["usd"]))
        w, before = weight["site", self.start, date.max], {n: one.copy() for n, one in usd.items()}
        self.top_up(usd, apart, end)
        for name, one in usd.items():
            more = one - before[name] + (sum(over.values()) if name == "site" else 0.0)
            self.rates[name] += np.divide(more, w, out=np.zeros(many), where=w > 0)
        self.due = due[1]
        return usd, due[0], apart

    def top_up(
        self, usd: dict[str, np.ndarray], apart: list[tuple[date | None, int, float]], end: date
    ) -> None:
        """What minima add to what is spent: known spending first, then what is still asked for."""
        terms = [self.terms(day) for day in self.turns(end)]
        named = {m["tranche"] for one in terms for m in one.get("minimum", []) if "tranche" in m}
        for of in [*sorted(named), None]:
            spent = sum(usd.values()) if of is None else usd[of].copy()
            for _, n, one in apart if of is None else ():
                spent[n] += one
            points = [(self.start, 0.0)]
            if of is None:
                points += [(d + DAY, v) for d, v in sorted(self.facts.get("spend", {}).items())]
            for period, step in (("month", 1), ("quarter", 3), ("year", 12), ("term", 0)):
                spans = sorted(self.asked(period, step, end, of), key=lambda span: span[:2])
                usd[of or "site"] += self.filled_up(spans, spent, points, apart)

    def filled_up(
        self,
        spans: list[tuple[int, int, float, Data]],
        spent: np.ndarray,
        points: list[tuple[date, float]],
        apart: list[tuple[date | None, int, float]],
    ) -> np.ndarray:
        """What minima of one kind add day by day to what is spent, which they change too."""
        known, carried, owed = self.at(points[-1][0]), 0.0, list[list[float]]()
        added = np.zeros(len(spent))
        for number, (low, high, usd_least, by) in enumerate(spans):
            more = np.zeros(len(spent))
            for (a, before), (b, after) in pairwise(points):
                inside = slice(max(self.at(a), low), max(low, min(self.at(b), high)))
                if days := inside.stop - inside.start if inside.stop > inside.start else 0:
                    rate = (after - before) / (b - a).days * days
                    more[inside] += max(0.0, rate - spent[inside].sum()) / days
            missing = usd_least + carried - (spent + more)[low:high].sum()
            rest, carried = slice(max(low, min(known, high)), high), 0.0
            most = usd_least * by.get("carry_cap_share", 1e9)
            if missing > 0 and rest.start < high:
                more[rest] += missing / (high - rest.start)
            elif missing > 0:
                part = min(missing * by.get("carry_share", 1), most)
                if by.get("shortfall") == "carried over" and high < max(s[1] for s in spans):
                    carried = part
                if by.get("shortfall") == "credited":
                    owed.append([number + by.get("credit_periods", 1_000), part])
                spent[high - 1] += missing - carried
                apart.append((None, high - 1, missing - carried))
            else:
                above = -missing
                for credit in owed:
                    if number <= credit[0]:
                        used = min(credit[1], above)
                        credit[1], above = credit[1] - used, above - used
                        spent[high - 1] -= used
                        apart.append((None, high - 1, -used))
                if by.get("surplus") == "carried over":
                    carried = -min(above * by.get("carry_share", 1), most)
            spent += more
            added += more
        return added

    def turns(self, end: date) -> list[date]:
        """The days from the start on from which other terms hold."""
        days = {self.start, *(a["effective"] for a in self.data["amendment"])}
        return sorted(day for day in days if self.start <= day < end)

    def asked(
        self, period: str, step: int, end: date, of: str | None
    ) -> list[tuple[int, int, float, Data]]:
        """Days and amount of each period of minima of a kind, as amended from day to day."""
        spans: list[tuple[int, int, float, Data]] = []
        for since in self.turns(end):
            terms, now, new = self.terms(since), self.at(since), []
            part = next((t for t in terms["tranche"] if t["name"] == of), terms)
            begun = part["fee"][0]["from"] if of else self.start
            gone = self.asked_to.get(of, self.gone_on(of)) if of else date.max
            over = min(end, part.get("end", end) if of else end, gone)
            if of and not self.given_up.get(of, (end, 1.0))[1]:
                over = min(over, self.given_up[of][0])
            for least in terms.get("minimum", []):
                if (least.get("period", "year"), least.get("tranche")) != (period, of):
                    continue
                first = low = least.get("from", begun)
                last, n = least.get("end", over), 1
                while low < min(last, over):
                    high = months_later(first, n * step) if step else date.max
                    cut = min(high, last, over)
                    high = high if step else least.get("end", part.get("end", terms["end"]))
                    usd = least["usd"] * (cut - low).days / (high - low).days
                    new += [(self.at(low), self.at(cut), usd, least)] if cut > since else []
                    low, n = high if step else date.max, n + 1
            taken = {n for span in new for n in range(*span[:2])}
            if all(least.get("end", end) <= since for least in terms.get("minimum", [])):
                taken = set(range(now, self.at(end)))
            kept = [span for span in spans if span[1] <= now]
            for low_n, high_n, usd, by in spans:
                if low_n < now < high_n:
                    stop = min(taken & set(range(low_n, high_n)), default=high_n)
                    kept.append((low_n, stop, usd * (stop - low_n) / (high_n - low_n), by))
            spans = [span for span in kept if span[0] < span[1]] + new
        return spans

    def daily(self, end: date) -> np.ndarray:
        """All that is owed for each day of service up to `end`."""
        usd, _, apart = self.amounts(end)
        spent = sum(usd.values())
        for _, n, one in apart:
            spent[n] += one
        return spent

    def service(self, since: date, end: date) -> float:
        return float(self.daily(end)[self.at(since) :].sum()) if end > self.start else 0.0

    def owed(self, end: date) -> dict[int, dict[str, float]]:
        """What is owed by the day it is due, and of which capacity."""
        found: dict[int, dict[str, float]] = {}
        usd, due, apart = self.amounts(end)
        for name, series in usd.items():
            for when, part in ((due, series - self.later[name]), (self.due, self.later[name])):
                for day in np.unique(when):
                    of = found.setdefault(int(day), {})
                    of[name] = of.get(name, 0.0) + float(part[when == day].sum())
        for paid, n, one in apart:  # what a minimum misses: when its period has ended
            later = max(int(due[n]), self.start.toordinal() + n + 1)
            part = found.setdefault(paid.toordinal() if paid else later, {})
            part["site"] = part.get("site", 0.0) + one
        return found

    def invoices(self, end: date) -> list[tuple[int, dict[str, float]]]:
        """The same with what was due before a back-dated amendment's signature left as it was."""
        every = self.data["amendment"]
        pay = self.data.get("payment", {}).get("days_to_pay", 0)
        fixed: list[tuple[int, dict[str, float]]] = []
        owed: list[tuple[int, dict[str, float]]] = []
        for number in range(len(every) + 1):
            self.data["amendment"] = every[:number]
            now = sorted(self.owed(min(end, self.terms(date.max)["end"])).items())
            if number:
                signed = every[number - 1]["signed"].toordinal()
                fixed += [item for item in owed if item[0] < signed]
                early = [item for item in now if item[0] < signed]
                names = {name for _, part in early + fixed for name in part}
                true_up = {
                    c: sum(p.get(c, 0) for _, p in early) - sum(p.get(c, 0) for _, p in fixed)
                    for c in names
                }
                now = [(signed + pay, true_up), *(item for item in now if item[0] >= signed)]
            owed = now
        return sorted(fixed + owed, key=lambda item: item[0])

    def lost(self, end: date) -> float:
        """What is lost of prepayments if service ends on a day."""
        last = self.terms(date.max)
        ahead = [(t["name"], t["prepayment"]) for t in last["tranche"] if "prepayment" in t]
        ahead += [("", last["prepayment"])] if "prepayment" in last else []
        if all(paid.get("refundable", True) for _, paid in ahead):
            return 0.0
        sums = [{p["paid"]: p["usd"]} | {i["paid"]: i["usd"] for i in p.get("instalments", [])}
                for _, p in ahead]  # fmt: skip
        left = [0.0] * len(ahead)  # what is used up, below 0
        for day, parts in self.invoices(end) if end > self.start else ():
            unpaid = sum(parts.values())
            for n, (name, paid) in enumerate(ahead):
                part = parts.get(name, 0.0) if name else sum(parts.values())
                had = sum(u for d, u in sums[n].items() if d <= min(end, date.fromordinal(day)))
                if day >= paid["credit_from"].toordinal():
                    most = min(had + left[n], unpaid, paid.get("credit_share", 1) * part)
                    used = max(0.0, most)
                    left[n], unpaid = left[n] - used, unpaid - used
        every = [sum(u for d, u in each.items() if d <= end) for each in sums]
        return sum(
            had + usd
            for had, usd, (_, paid) in zip(every, left, ahead, strict=True)
            if not paid.get("refundable", True)
        )

    def ways(self, party: str, tranche: str = "") -> dict[date, list[Data | None]]:
        """The rights under which a party may end service, or one tranche, on each day."""
        found: dict[date, list[Data | None]] = {}
        for n in range((self.end - max(self.as_of, self.data["signed"])).days + 1):
            served = max(self.as_of, self.data["signed"]) + n * DAY
            parts = (
                [self.terms(served)]
                if not tranche
                else [t for t in self.terms(served)["tranche"] if t["name"] == tranche]
            )
            for part in parts:
                if not (right := part.get("termination", {}).get(party)):
                    continue
                start = part["fee"][0]["from"] if tranche else self.start
                gate = date.min
                if any(key in right for key in ("gate_days", "gate_months", "gate_date")):
                    gate = months_later(start, right.get("gate_months", 0))
                    gate = right.get("gate_date", gate + right.get("gate_days", 0) * DAY)
                serving = right.get("gate_applies", "serving") == "serving"
                if serving and served < gate:
                    continue

                def ends(day: date, right: Data = right) -> date:
                    return (
                        months_later(day, right.get("notice_months", 0))
                        + right.get("notice_days", 0) * DAY
                    )

                every_day = right.get("takes_effect", "any day") == "any day"
                leave = ends(served) if serving else max(ends(served), gate)
                while True:  # notice in months skips days; those before the next are of this one
                    again = months_later(start, 12 * (leave.year - start.year))
                    inside = leave < self.end and leave <= right.get("until", date.max)
                    if inside and (every_day or leave == again):
                        found.setdefault(leave, []).append(right)
                    leave += DAY
                    if leave >= ends(served + DAY):
                        break
        site = self.terms(date.max).get("delivery")
        if (
            party == "customer"
            and not tranche
            and site
            and site.get("remedy") in ("exit", "either")
        ):
            series = self.facts.get("delivered", {}).get("site")
            day = max(self.as_of, self.cured(site))
            if series is not None and self.latest(series, day) < 1:
                until = min((d for d, s in series.items() if d > day and s >= 1), default=date.max)
                for n in range((min(until, self.end) - day).days):
                    found.setdefault(day + n * DAY, []).append(None)
        return found

    @staticmethod
    def cured(late: Data) -> date:
        return (
            months_later(late["due"], late.get("cure_months", 0)) + late.get("cure_days", 0) * DAY
        )

    @staticmethod
    def latest(series: Mapping[date, float], day: date) -> float:
        past = [d for d in series if d <= day]
        return series[max(past)] if past else 0.0

    def fee(
        self,
        right: Data | None,
        day: date,
        stay: np.ndarray,
        rate: np.ndarray,
        since: date = date.min,
    ) -> float:
        """What leaving on a day costs under a right, by the charges and rates of each day."""
        if right is None:
            return 0.0
        usd = next(
            (s["usd"] for s in reversed(right.get("fee_schedule", [])) if s["from"] <= day), 0.0
        )
        if cost := right.get("fee_unamortised"):
            gone = sum(months_later(cost["from"], n) <= day for n in range(1, cost["months"] + 1))
            r = cost.get("rate", 0) / 12
            level = 1 / cost["months"] if not r else r / (1 - (1 + r) ** -cost["months"])
            left = 1.0
            for _ in range(gone):
                left = left * (1 + r) - level
            usd += cost["usd"] * left
        served = max(since, self.start, day - DAY)
        if self.data.get("proration") == "30-360" and served.day == 30 < (served + DAY).day:
            served = max(since, self.start, served - DAY)  # the 30th of 31 counts for nothing
        last = rate[min(self.at(served), len(rate) - 1)]
        left = float(stay[self.at(day) :].sum())
        sizes = {"fee_usd": 1.0, "fee_months": last, "fee_share_of_remaining": left}
        found = [float(right[key] * size) for key, size in sizes.items() if key in right]
        return usd + (min if right.get("fee_owed") == "least" else max)(found, default=0.0)

    def firm(
        self, party: str = "customer", without: Mapping[str, float] | None = None
    ) -> tuple[float, date]:
        """What stays owed although a party may leave, and the first day not served then.

        `without` are capacities that are not counted, or no further than a share delivered.
        """
        last = self.terms(date.max)
        delivered = self.facts.get("delivered", {})
        parts = {part.get("name", "site"): part for part in (last, *last["tranche"]) if part["fee"]}
        for name, part in parts.items():
            late = part.get("delivery", {})
            if (
                party == "customer"
                and late.get("remedy", "nothing") != "nothing"
                and name in delivered
            ):
                day = max(self.as_of, self.cured(late))
                leaves = late["remedy"] != "reduce"
                if (share := self.latest(delivered[name], day)) < 1 and not (
                    leaves and name == "site"
                ):
                    self.given_up[name] = day, 0.0 if leaves else share
            if part.get("amounts") in ("up to", "estimated"):
                self.gone[name], self.asked_to[name] = self.as_of, date.max
            elif (without or {}).get(name) == 0:
                self.gone[name] = self.as_of
            elif name in (without or {}):
                most = (without or {})[name]
                delivered[name] = {d: min(s, most) for d, s in delivered[name].items()}
        alone = {name: way for name in parts.keys() - {"site"} if (way := self.alone(party, name))}
        fewest = len(alone) if party == "provider" else 0
        best, gone, asked_to = None, self.gone, self.asked_to
        for number in range(fewest, len(alone) + 1):
            for names in combinations(alone, number):
                ended = {n: min(alone[n][0], gone.get(n, date.max)) for n in names}
                self.gone = gone | ended
                self.asked_to = asked_to | {n: alone[n][0] for n in names if n in asked_to}
                usd, day = self.leaving(party, [alone[n] for n in names])
                if best is None or (round(usd, 2), day) < best[0]:
                    best = (round(usd, 2), day), (usd, day), self.gone, self.asked_to, self.costs
                    self.paid_alone = {n: alone[n] for n in names}
        assert best
        self.gone, self.asked_to, self.costs = best[2:]
        return best[1]

    def leaving(self, party: str, alone: list[tuple[date, float]]) -> tuple[float, date]:
        """The same with these tranches ended alone, each on a day for a fee."""
        fees: dict[date, float] = {}
        for day, fee in alone:
            fees[day] = fees.get(day, 0.0) + fee
        stay = self.daily(self.end)
        rate = np.asarray(sum(self.rates.values()))
        found = {self.end: self.service(self.as_of, self.end) + sum(fees.values())}
        ways = self.ways(party)
        if party == "provider":
            day = min(ways, default=self.end)
            self.costs = {day: self.service(self.as_of, day)}
            return self.costs[day], max(day, self.start)
        bare = dict[date, float]()  # what a day costs at least: without what is lost of prepayments
        for day, rights in ways.items():
            bare[day] = self.service(self.as_of, day) + sum(f for d, f in fees.items() if d < day)
            bare[day] += min(self.fee(right, day, stay, rate) for right in rights)
        for day in sorted(bare, key=lambda day: bare[day]):
            if bare[day] <= min(found.values()) + 0.05:
                rights = [(self.fee(r, day, stay, rate), r) for r in ways[day]]
                usd = min(fee + (self.lost(day) if r else 0.0) for fee, r in rights)
                found[day] = bare[day] - min(fee for fee, _ in rights) + usd
        self.costs = found
        best = min(found, key=lambda day: (round(found[day], 2), day))
        return found[best], max(best, self.start)

    def alone(self, party: str, name: str) -> tuple[date, float] | None:
        """End a tranche where that costs its party less than to go on, and what it pays for it."""
        ways = self.ways(party, name)
        own = self.amounts(self.end)[0].get(name, np.zeros(0))
        if not ways or not own[self.at(self.as_of) :].any():
            return None
        [part] = [t for t in self.terms(date.max)["tranche"] if t["name"] == name]
        rate, since = self.rates[name], part["fee"][0]["from"]
        n, over = self.at(self.as_of), self.start + (int(np.flatnonzero(own)[-1]) + 1) * DAY
        cost = {}
        for day, rights in ways.items():
            fee = min(self.fee(right, day, own, rate, since) for right in rights)
            cost[day] = float(own[n : self.at(day)].sum()) + fee * (party == "customer"), fee
        best = (
            min(cost) if party == "provider" else min(cost, key=lambda d: (round(cost[d][0], 2), d))
        )
        if best < over and (party == "provider" or cost[best][0] < float(own[n:].sum())):
            return best, cost[best][1]
        return None

    def rated(self, on: date) -> float:
        """What a full month costs on a day, or the next not free; metered where nothing else is."""
        terms, metered = self.terms(date.max), 0.0
        if meter := terms.get("take_or_pay"):
            metered = self.metered(meter, max(on, self.start)) * meter["usd_per_unit"]
        day = max(on, self.start)
        while day < self.end:
            usd = energy = 0.0
            for part in (terms, *terms["tranche"]):
                begun = [fee for fee in part["fee"] if fee["from"] <= day]
                if begun and (part is terms or day < part.get("end", date.max)):
                    name = part.get("name", "site")
                    rises = [(d, r) for d, r in self.rises(name, day + DAY) if "rate" in r]
                    usd += begun[-1]["usd_month"] * self.factor(rises, begun[-1]["stated"], day)
            for price in self.prices(day):  # hours count 730 a month
                month = self.least(price, day) * price["usd"]
                month *= 730 / 24 if price["unit"] in HOURLY else 1
                usd, energy = (usd, month) if price["unit"] == "MWh" else (usd + month, energy)
            if usd:
                return usd
            metered, day = metered or energy, day + DAY
        return metered

    def backed(self, day: date, firm: float) -> tuple[dict[str, float], list[float]]:
        """What is owed of each capacity up to a day, and what each supporter pays of it.

        Only the first may state a share.
        """
        usd, _, apart = self.amounts(day)
        for _, n, one in apart:
            usd["site"][n] += one
        left = {name: float(series[self.at(self.as_of) :].sum()) for name, series in usd.items()}
        for name, (when, fee) in self.paid_alone.items():
            left[name] += fee * (when < day)
        left["site"] += firm - sum(left.values())  # what is paid for leaving the rest
        owed, found = dict(left), []
        for by in self.terms(date.max).get("support", []):
            most = by.get("cap_usd", math.inf)
            if "steps" in by:
                most = next(
                    (s["usd"] for s in reversed(by["steps"]) if s["from"] <= self.as_of), 0.0
                )
            if by.get("until", date.max) <= self.as_of:
                most = 0.0
            inside = [name for name in left if by.get("tranche", name) == name]
            paid = max(0.0, min(most, by.get("share", 1.0) * sum(left[name] for name in inside)))
            whole = sum(left[name] for name in inside) or 1.0
            left |= {name: left[name] * (1 - paid / whole) for name in inside}
            found.append(paid)
        return owed, found


def solved(data: Data) -> Data:
    """The data with the amounts of fees that follow from totals, so that all charges give them."""
    data = deepcopy(data)
    data["tranche"] = data.get("tranche", [])
    for name in [t["name"] for t in data["tranche"] if "total_usd" in t] + [
        "total_usd" in data and "all"
    ]:
        if not name:
            continue
        bare = {
            k: v for k, v in data.items() if k not in ("amendment", "fact", "readings", "renewal")
        }

        def priced(usd: float, name: str = name, bare: Data = bare) -> Data:
            found = filled(bare)
            for part in (found, *found["tranche"]):
                mine = (
                    part.get("name") == name
                    if name != "all"
                    else "total_usd" not in part or part is found
                )
                if part is found and name != "all":
                    mine = False
                weight = part.get("capacity", {}).get("mw") or 1.0
                for fee in part["fee"]:
                    if "usd_month" not in fee:
                        fee["usd_month"] = usd * weight if mine else 0.0
            return found

        def total(usd: float, name: str = name) -> float:
            count = Count.__new__(Count)
            count.plain(priced(usd))
            if name == "all":
                return float(count.daily(count.end).sum())
            return float(count.amounts(count.end)[0][name].sum())

        whole = (
            data["total_usd"]
            if name == "all"
            else next(t["total_usd"] for t in data["tranche"] if t["name"] == name)
        )
        usd = 1.0
        while total(usd) < whole:
            usd *= 2
        while (over := total(usd) - whole) > 1e-9 * whole:  # straight between the bends of minima
            usd -= over / ((total(usd) - total(usd * 0.999)) / (usd * 0.001))
        found = priced(usd)
        for part, new in zip((data, *data["tranche"]), (found, *found["tranche"]), strict=True):
            mine = name == "all" or part.get("name") == name
            if mine and not (part is data and not new["fee"]):
                for old, fee in zip(
                    part.setdefault("fee", [{} for _ in new["fee"]]), new["fee"], strict=True
                ):
                    old["usd_month"] = fee["usd_month"]
        for part in (data, *data["tranche"]):  # later changes leave the fees
            if part.get("name", "all") == name:
                part.pop("total_usd")
    return data
