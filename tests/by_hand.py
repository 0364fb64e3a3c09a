"""What leaving costs on every single day, counted day by day without the package's own rules."""

import calendar
import math
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import numpy as np

DAY = timedelta(days=1)
START = date(2026, 1, 1)
PRORATIONS = ["calendar-days", "actual-30", "30-360", "actual-365", "full-period"]


def months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def some_right(rng: Random, length: int) -> dict[str, Any]:
    right: dict[str, Any] = rng.choice(
        [{"notice_days": rng.choice([0, 1, 30, 90])}, {"notice_months": rng.choice([1, 2, 3])}]
    )
    gate = rng.choice(["", "", "gate_days", "gate_months", "gate_date"])
    if gate:
        right[gate] = {"gate_days": rng.randint(1, length), "gate_months": rng.randint(1, 12),
                       "gate_date": START + rng.randint(0, length) * DAY}[gate]  # fmt: skip
        right["gate_applies"] = rng.choice(["serving", "effect"])
    fee = rng.choice(["", "fee_usd", "fee_months", "fee_share_of_remaining"])
    if fee:
        right[fee] = {"fee_usd": rng.randint(0, 30) * 100.0, "fee_months": rng.choice([0.5, 2, 6]),
                      "fee_share_of_remaining": rng.choice([0.1, 0.5, 1.0])}[fee]  # fmt: skip
    return right


def some_agreement(rng: Random) -> tuple[dict[str, Any], date]:
    """An agreement as its file states it, and a day on which all of it is signed."""
    start = START + rng.randint(0, 60) * DAY
    length = rng.choice([1, 20, 100, 300, 500])
    as_of = start + rng.randint(-40, length) * DAY
    signed = start - rng.randint(0, 40) * DAY

    def fees(first: date, many: int) -> list[dict[str, Any]]:
        days = {first} | {first + rng.randint(1, length) * DAY for _ in range(many)}
        return [
            {"from": day, "usd_month": float(rng.choice([0, 10, 100, 1_000, 333.33])),
             "discount": rng.choice([0.0, 0.0, 0.5])}
            for day in sorted(days)
            if day < start + length * DAY
        ]  # fmt: skip

    data: dict[str, Any] = {
        "id": "random", "provider": "P", "customer": "C", "signed": signed, "start": start,
        "end": start + length * DAY, "fee": fees(start, rng.randint(0, 3)),
        "proration": rng.choice(PRORATIONS),
        "payment": {"timing": rng.choice(["advance", "arrears"]),
                    "billing_months": rng.choice([1, 3, 12]),
                    "days_to_pay": rng.choice([0, 30, 45])},
        "termination": {"customer": some_right(rng, length)},
    }  # fmt: skip
    if rng.random() < 0.5:
        paid = rng.choice([signed, start + rng.randint(0, length - 1) * DAY])
        data["prepayment"] = {
            "usd": float(rng.randint(1, 4_000)), "paid": paid, "refundable": rng.random() < 0.2,
            "credit_from": max(paid, start + rng.randint(0, length) * DAY),
            "credit_share": rng.choice([0.1, 0.5, 1.0]),
        }  # fmt: skip
    if rng.random() < 0.5 and as_of >= signed:
        day = start + rng.randint(0, length - 1) * DAY
        terms = [
            {"fee": fees(day, rng.randint(0, 1))},
            {"termination": {"customer": "none"}},
            {"termination": {"customer": dict.fromkeys(data["termination"]["customer"], "none")
                             | some_right(rng, length)}},
        ]  # fmt: skip
        when = max(signed, as_of - rng.randint(0, 60) * DAY)
        data["amendment"] = [
            {"title": "t", "signed": when, "effective": day, "terms": rng.choice(terms)}
        ]
    return data, as_of


class Ledger:
    """Fees of one version of the terms, by days."""

    def __init__(self, data: dict[str, Any], amendment: dict[str, Any] | None) -> None:
        self.data, self.start, self.end = data, data["start"], data["end"]
        new = (amendment or {}).get("terms", {}).get("fee", [])
        daily = []
        for n in range((self.end - self.start).days):
            day = self.start + n * DAY
            steps = [*data["fee"], *(new if amendment and day >= amendment["effective"] else [])]
            if new and amendment and day >= amendment["effective"]:
                steps = [s for s in data["fee"] if s["from"] < new[0]["from"]] + new
            fee = [step for step in steps if step["from"] <= day][-1]
            daily.append(fee["usd_month"] * (1 - fee["discount"]))
        self.rate = daily
        self.sums = np.concatenate([[0.0], np.cumsum(daily)])

    def rates(self, low: date, high: date) -> float:
        if high <= low:
            return 0.0
        return float(self.sums[(high - self.start).days] - self.sums[(low - self.start).days])

    def periods(self, end: date) -> Iterator[tuple[date, date, float, date]]:
        """Days served, months counted for them, and when they are paid."""
        pay = self.data["payment"]
        whole = self.data["proration"] == "full-period"
        size = pay["billing_months"] if whole else 1
        anchor = self.start if whole else self.start.replace(day=1)
        for n in range(0, 600, size):
            low, high = months_later(anchor, n), months_later(anchor, n + size)
            if low >= end:
                return
            a, b = max(low, self.start), min(high, end)
            if a >= b:
                continue
            first = n // pay["billing_months"] * pay["billing_months"]
            billed = max(months_later(anchor, first), self.start)
            if pay["timing"] == "arrears":
                billed = min(months_later(anchor, first + pay["billing_months"]), end)
            months = size * self.share(a, b, low, high)
            yield a, b, months, billed + pay["days_to_pay"] * DAY

    def share(self, a: date, b: date, low: date, high: date) -> float:
        if (a, b) == (low, high):
            return 1.0
        match self.data["proration"]:
            case "actual-30":
                return min(1.0, (b - a).days / 30)
            case "actual-365":
                return min(1.0, (b - a).days * 12 / 365)
            case "30-360":
                months = (b.year - a.year) * 12 + b.month - a.month
                return (30 * months + min(b.day, 30) - min(a.day, 30)) / 30
        return (b - a).days / (high - low).days

    def service(self, since: date, end: date) -> float:
        return math.fsum(
            self.rates(max(a, since), b) * months / (b - a).days
            for a, b, months, _ in self.periods(end)
        )

    def invoices(self, end: date) -> dict[date, float]:
        owed: dict[date, float] = {}
        for a, b, months, due in self.periods(end):
            owed[due] = owed.get(due, 0.0) + self.rates(a, b) * months / (b - a).days
        return owed


def lost(data: dict[str, Any], first: Ledger, now: Ledger, end: date) -> float:
    ahead = data.get("prepayment")
    if not ahead or ahead["refundable"] or ahead["paid"] > end:
        return 0.0
    owed = sorted(first.invoices(end).items())
    if data.get("amendment"):
        signed = data["amendment"][0]["signed"]
        fixed = [item for item in owed if item[0] < signed]
        new = sorted(now.invoices(end).items())
        early = sum(usd for due, usd in new if due < signed) - sum(usd for _, usd in fixed)
        trued = (signed + data["payment"]["days_to_pay"] * DAY, early)
        owed = sorted([*fixed, trued, *(item for item in new if item[0] >= signed)])
    left = ahead["usd"]
    for due, usd in owed:
        if due >= ahead["credit_from"]:
            left -= max(0.0, min(left, usd * ahead["credit_share"]))
    return left


def ways(data: dict[str, Any], as_of: date) -> dict[date, list[dict[str, Any]]]:
    """The rights under which the customer may be gone on each day before the end."""
    found: dict[date, list[dict[str, Any]]] = {}
    own = data["termination"]["customer"]
    for n in range((data["end"] - max(as_of, data["signed"])).days):
        served = max(as_of, data["signed"]) + n * DAY
        right = own
        for amendment in data.get("amendment", []):
            change = amendment["terms"].get("termination")
            if change and amendment["effective"] <= served:
                new = change["customer"]
                right = None if new == "none" else {**own, **new}
        if right is None:
            continue
        right = {key: value for key, value in right.items() if value not in ("none", None)}
        gate = date.min
        if any(key in right for key in ("gate_days", "gate_months", "gate_date")):
            gate = months_later(data["start"], right.get("gate_months", 0))
            gate = right.get("gate_date", gate + right.get("gate_days", 0) * DAY)
        serving = right.get("gate_applies", "serving") == "serving"
        if serving and served < gate:
            continue

        def ends(day: date, right: dict[str, Any] = right) -> date:
            return months_later(day, right.get("notice_months", 0)) + (
                right.get("notice_days", 0) * DAY
            )

        leave = ends(served) if serving else max(ends(served), gate)
        while True:  # notice in months skips days: those before the next are notice of this day
            if leave < data["end"]:
                found.setdefault(leave, []).append(right)
            leave += DAY
            if leave >= ends(served + DAY):
                break
    return found


def least(data: dict[str, Any], as_of: date) -> tuple[float, date, dict[date, float]]:
    """The least total payment, its first day, and what leaving costs on each day."""
    first = Ledger(data, None)
    now = Ledger(data, data["amendment"][0]) if data.get("amendment") else first
    whole = now.service(max(as_of, data["start"]), data["end"]) if as_of < data["end"] else 0.0
    costs = {data["end"]: whole}
    for day, rights in ways(data, as_of).items():
        served = now.service(as_of, day)
        rest = now.service(day, data["end"])
        fees = [
            right.get("fee_usd", 0.0)
            + right.get("fee_share_of_remaining", 0.0) * rest
            + right.get("fee_months", 0.0) * now.rate[max(0, (day - data["start"]).days)]
            for right in rights
        ]
        costs[day] = served + min(fees) + lost(data, first, now, day)
    day = min(costs, key=lambda d: (round(costs[d], 2), d))
    return costs[day], day, costs
