"""Random agreements that mix clauses, and where the product and a count by days differ."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from analysis.contract import billing, ladder, position
from analysis.contract.terms import Agreement
from tests.by_days import Count, months_later

DAY = timedelta(days=1)
CENT = 0.01
Data = dict[str, Any]
PRORATIONS = ["calendar-days", "calendar-days", "actual-30", "30-360", "actual-365", "full-period"]


class Mixed:
    """One agreement: `data` as its file states it, seen on `as_of`, under `reading` if not ""."""

    def __init__(self, seed: int, scale: float = 1.0) -> None:
        self.rng = rng = Random(seed)
        self.extra = Random(seed)  # of its own, so that more clauses leave the others as they are
        self.scale = scale
        self.start = date(2026, 1, 1) + rng.randint(0, 60) * DAY
        self.months = rng.choice([1, 3, 7, 12, 18, 25, 30])
        self.end = months_later(self.start, self.months)
        if rng.random() < 0.3:
            self.end += rng.randint(-20, 20) * DAY if self.months > 1 else 0 * DAY
        self.days = (self.end - self.start).days
        self.as_of = self.start + rng.randint(-40, self.days - 1) * DAY
        self.signed = self.start - rng.randint(0, 60) * DAY
        self.reading = ""
        self.data: Data = {
            "id": f"mixed-{seed}",
            "provider": "Provider",
            "customer": "Customer",
            "signed": self.signed,
            "proration": rng.choice(PRORATIONS),
        }
        self.moves = False
        self.term()
        self.fees()
        for clause in ("payment", "escalated", "paid_ahead", "held", "least", "by_unit", "once",
                       "metered", "credits", "late", "supported", "over", "renews", "spent",
                       "amended", "read", "longer"):  # fmt: skip
            getattr(self, clause)()
        self.data["termination"] = {
            party: self.right() for party in ("customer", "provider") if self.maybe(0.7)
        }

    def maybe(self, chance: float = 0.35) -> bool:
        return self.rng.random() < chance

    def usd(self, *amounts: float) -> float:
        return self.scale * self.rng.choice(amounts)

    def day(self, low: int = 0, high: int | None = None) -> date:
        """A day of service, or so many days before it."""
        return self.start + self.rng.randint(low, (self.days if high is None else high) - 1) * DAY

    def term(self) -> None:
        self.moves = self.maybe(0.15)
        self.open = self.moves or self.maybe(0.2)
        span = {"low": self.start - 9 * DAY, "use": self.start, "high": self.start + 12 * DAY}
        self.data["start"] = span if self.open else self.start
        if self.end == months_later(self.start, self.months) and (self.open or self.maybe(0.5)):
            self.data["term_months"] = self.months
        elif self.open and self.days > 30:
            self.data["end"] = {"low": self.end, "use": self.end, "high": self.end + 9 * DAY}
        else:
            self.data["end"] = self.end
        if self.moves:
            credit = {"late_credit_usd_day": self.usd(0, 5), "credit_after_days": 10}
            credit |= {"credit_until_days": 18} if self.extra.random() < 0.4 else {}
            self.data["delivery"] = {"due": self.start, "moves_start": True, **credit}
            if self.maybe(0.6):
                late = self.start + self.rng.randint(-5, 40) * DAY
                self.data["fact"] = [self.fact("delivered", late, 1.0)]
                if self.extra.random() < 0.3:  # nothing is there yet
                    self.data["fact"] = [self.fact("delivered", late - DAY, 0.0)]
                    late = max(late, self.start)
                self.start = late
                self.end = (
                    months_later(late, self.months) if "term_months" in self.data else self.end
                )
                self.days = (self.end - self.start).days
                self.as_of = late + self.rng.randint(-20, max(0, self.days - 1)) * DAY

    def fact(self, kind: str, day: date, value: float, capacity: str = "site") -> Data:
        found: Data = {"kind": kind, "date": day, "value": value, "source": "a letter"}
        return found | ({"capacity": capacity} if capacity != "site" else {})

    def steps(self, start: date, months: int, most: int, *, amount: bool = True) -> list[Data]:
        """Fee steps of a capacity, by day or in months after its start."""
        found: list[Data] = [{}]
        later = (
            sorted(self.rng.sample(range(1, months), min(most, months - 1))) if months > 1 else []
        )
        for n in later:
            if self.open or self.maybe(0.5):
                found.append({"after_months": n})
            else:
                found.append(
                    {
                        "from": min(
                            months_later(start, n) + self.rng.randint(0, 9) * DAY, self.end - DAY
                        )
                    }
                )
        if len({str(f) for f in found}) < len(found):
            found = found[:1]
        for fee in found:
            if amount:
                fee["usd_month"] = self.usd(0, 100, 333.33, 1_000, 4_000)
            if self.maybe(0.25):
                fee["discount"] = self.rng.choice([0.5, {"low": 0.1, "use": 0.3, "high": 0.9}, 1.0])
        return found

    def fees(self) -> None:
        kind = self.rng.choice(["stated", "stated", "total", "tranches", "both", "both"])
        fit = self.months - 1 if "term_months" in self.data else self.months - 2
        if kind in ("stated", "both") or fit < 3:
            self.data["fee"] = self.steps(self.start, max(1, fit), self.rng.randint(0, 2))
        if kind == "total" and fit >= 3:
            self.data["total_usd"] = self.usd(50_000, 9_999.99)
            if self.maybe(0.5):
                self.data["fee"] = self.steps(self.start, fit, 1, amount=False)
                for fee in self.data["fee"]:
                    fee["discount"] = 0.25
        if kind in ("tranches", "both") and fit >= 3:
            parts = [self.tranche(n, fit, kind) for n in range(self.rng.randint(1, 2))]
            if kind == "tranches":
                if self.maybe(0.5):
                    self.data["total_usd"] = self.usd(50_000, 123_456.78)
                    for part in parts:
                        part.pop("total_usd", None)
                        for fee in part.setdefault("fee", [{}]):
                            fee.pop("usd_month", None)
                            fee.pop("discount", None)
                parts[0].pop("start", None)
                if "fee" in parts[0] and not self.open:
                    parts[0]["fee"] = [
                        f for f in parts[0]["fee"] if "from" not in f or f["from"] > self.start
                    ]
                parts[0]["start"] = self.data["start"]
            self.data["tranche"] = parts
        self.data["capacity"] = {"mw": 30.0, "accelerators": {"H100": 20_000}}

    def tranche(self, n: int, fit: int, kind: str) -> Data:
        after = self.rng.randint(0, min(fit - 2, 9))
        start = months_later(self.start, after) if n or kind == "both" else self.start
        term = self.rng.randint(2, fit - after) if n or kind == "both" else self.rng.randint(2, fit)
        found: Data = {
            "name": f"hall-{n + 1}",
            "capacity": {"mw": 10.0 * (n + 1), "accelerators": {"H100": 8_000}},
        }
        found["start"] = start + 13 * DAY if self.open and (n or kind == "both") else start
        if self.maybe(0.6):
            found["term_months"] = max(1, term - 1)
        found["fee"] = self.steps(found["start"], term, self.rng.randint(0, 1))
        if self.maybe(0.3):
            found["total_usd"] = self.usd(7_000, 30_000)
            found.pop("fee")
        if self.maybe(0.4):
            found["escalator"] = {
                "rate": self.rng.choice([0.03, -0.02]),
                "every_months": self.rng.choice([1, 6, 12]),
            }
        if self.maybe(0.3):
            found["prepayment"] = self.prepayment(found["start"])
        if self.maybe(0.4):
            found["termination"] = {
                party: self.right() for party in ("customer", "provider") if self.maybe(0.6)
            }
        if self.maybe(0.2):
            found["amounts"] = self.rng.choice(["up to", "estimated", "at least"])
        if self.maybe(0.4):
            found["delivery"] = self.lateness(found["start"], found["name"])
        elif (n or kind == "both") and not any("from" in fee for fee in found.get("fee", [])):
            found["delivery"] = self.moving(found["start"], found["name"])
        return found

    def moving(self, start: date, name: str) -> Data:
        """A delivery that moves the start of a tranche, after which it is there in full or part."""
        self.moves = True
        shares = self.rng.choice([[1.0], [1.0], [0.5, 1.0], [0.5]])
        for n, share in enumerate(shares):
            day = start + (self.rng.randint(-5, 20) + 30 * n) * DAY
            self.data.setdefault("fact", []).append(self.fact("delivered", day, share, name))
        rent_days = self.rng.choice([0.5, 1.0])
        if self.data["proration"] == "30-360":  # its days have unlike rents
            rent_days = 0.0
        return {
            "due": start,
            "moves_start": True,
            "late_credit_usd_day": self.usd(0, 5),
            "late_credit_rent_days": rent_days,
            "credit_after_days": self.rng.choice([0, 10]),
        }

    def right(self) -> Data:
        rng = self.rng
        right: Data = rng.choice(
            [{"notice_days": rng.choice([0, 1, 30, 90])}, {"notice_months": rng.choice([1, 2, 3])}]
        )
        gate = rng.choice(["", "", "gate_days", "gate_months", "gate_date"])
        if gate:
            right[gate] = {
                "gate_days": rng.randint(1, self.days),
                "gate_months": rng.randint(1, 12),
                "gate_date": self.day(),
            }[gate]
            right["gate_applies"] = rng.choice(["serving", "effect"])
        fee = rng.choice(
            ["", "", "fee_usd", "fee_months", "fee_share_of_remaining", "fee_schedule"]
        )
        if fee:
            days = sorted({self.day(), self.day(), self.day()})
            steps = [{"from": day, "usd": self.usd(0, 400, 5_000)} for day in days]
            right[fee] = {
                "fee_usd": self.usd(0, 500, 3_000),
                "fee_months": rng.choice([0.5, 2.0, 6.0]),
                "fee_share_of_remaining": rng.choice([0.1, 0.5, 1.0]),
                "fee_schedule": steps,
            }[fee]
        if fee in ("fee_usd", "fee_months") and self.extra.random() < 0.4:
            right["fee_share_of_remaining"] = self.extra.choice([0.1, 0.5])
            right["fee_owed"] = self.extra.choice(["greatest", "least"])
        if self.maybe(0.25):
            right["fee_unamortised"] = {
                "usd": self.usd(1_000, 8_000),
                "from": self.day(-30),
                "months": rng.randint(1, 36),
                "rate": rng.choice([0.0, 0.08]),
            }
        if self.maybe(0.2):
            right["takes_effect"] = "anniversary"
        if self.extra.random() < 0.3:
            right["until"] = self.start + self.extra.randint(1, self.days) * DAY
        return right

    def payment(self) -> None:
        if self.maybe(0.8):
            self.data["payment"] = {
                "timing": self.rng.choice(["advance", "arrears"]),
                "billing_months": self.rng.choice([1, 1, 3, 12]),
                "days_to_pay": self.rng.choice([0, 30, 45]),
            }

    def escalated(self) -> None:
        if self.maybe():
            rise: Data = {
                "every_months": self.rng.choice([1, 6, 12]),
                "rate": self.rng.choice([0.05, -0.03, 0.1]),
            }
            if self.maybe(0.2) and "total_usd" not in str(self.data):
                rise = {
                    "every_months": self.rng.choice([1, 6]),
                    "index": "prices",
                    "base_level": 100.0,
                }
                if self.extra.random() < 0.4:
                    rise |= {"floor_rate": 0.01, "cap_rate": 0.02}
                self.data.setdefault("fact", []).extend(
                    self.fact("index", self.day(), 100.0 + n) for n in (3, -1)
                )
                if len({f["date"] for f in self.data["fact"] if f["kind"] == "index"}) < 2:
                    self.data["fact"].pop()
            if not self.open and self.maybe(0.5):
                rise["from"] = self.day()
            if self.extra.random() < 0.4:
                rise["end"] = self.start + self.extra.randint(900, 1_200) * DAY
                rise["end"] -= self.extra.choice([0, 500]) * DAY
                if rise["end"] <= rise.get("from", months_later(self.start, rise["every_months"])):
                    rise.pop("end")
            self.data["escalator"] = rise

    def prepayment(self, start: date) -> Data:
        paid = self.rng.choice([self.signed, min(start, self.end - DAY)])
        more: list[Data] = []
        if self.extra.random() < 0.4:
            more = [{"paid": min(paid + 40 * DAY, self.end - DAY), "usd": 700.0}]
        return {
            "usd": self.usd(500, 2_345.67, 9_000),
            "instalments": [one for one in more if one["paid"] > paid],
            "paid": paid,
            "credit_from": paid + self.rng.randint(0, self.days) * DAY,
            "credit_share": self.rng.choice([0.1, 0.5, 1.0]),
            "refundable": self.maybe(0.3),
        }

    def paid_ahead(self) -> None:
        if self.maybe():
            self.data["prepayment"] = self.prepayment(self.start)

    def held(self) -> None:
        if self.maybe(0.3):
            size = self.rng.choice([{"usd": self.usd(700)}, {"months": 2.0}])
            steps = [{"from": self.day(), "usd": self.usd(300, 0)}] if self.maybe(0.5) else []
            paid = min(self.day(-20, 1), steps[0]["from"] - DAY) if steps else self.day(-20, 1)
            self.data["deposit"] = {**size, "paid": paid, "returned_after_days": 30, "steps": steps}

    def least(self) -> None:
        if not self.maybe(0.3):
            return
        carry = {
            "shortfall": self.rng.choice(["paid", "carried over"]),
            "surplus": self.rng.choice(["kept", "carried over"]),
        }
        if self.extra.random() < 0.5:
            carry |= {"carry_share": 0.5, "carry_cap_share": self.extra.choice([0.1, 0.9])}
        self.data["minimum"] = [
            {
                "usd": self.usd(600, 9_000, 40_000),
                "period": self.rng.choice(["year", "year", "month"]),
                **carry,
            }
        ]
        if self.maybe(0.4):
            self.data["minimum"].append({"usd": self.usd(5_000, 60_000), "period": "term"})
        if self.maybe(0.3) and not self.open:
            self.data["minimum"][0]["from"] = self.day()
        if self.extra.random() < 0.5:
            self.data["minimum"][0]["shortfall"] = "credited"
            if self.extra.random() < 0.5:
                self.data["minimum"][0]["credit_periods"] = self.extra.choice([1, 3])
        if "tranche" in self.data and self.extra.random() < 0.7:
            own = {"usd": self.scale * self.extra.choice([300, 9_000]), "tranche": "hall-1"}
            own |= {"surplus": self.extra.choice(["kept", "carried over"])}
            own["period"] = self.extra.choice(["month", "year", "term"])
            self.data["minimum"].append(own)

    def by_unit(self) -> None:
        if not self.maybe(0.3):
            return
        unit, quantity, usd = self.rng.choice(
            [
                ("GPU-hour", 2.0, 0.2),
                ("kW-month", 30.0, 5.0),
                ("MWh", 0.1, 4.0),
                ("unit-month", 10.0, 20.0),
            ]
        )
        price: Data = {
            "name": "usage",
            "unit": unit,
            "quantity": quantity,
            "usd_per_unit": self.scale * usd,
            "minimum_share": self.rng.choice([1.0, 0.5, 0.0]),
        }
        if self.maybe(0.4) and not self.open:
            price["from"] = self.day()
        elif self.maybe(0.5) and not self.open:
            price["end"] = self.end
        if "tranche" in self.data and "from" not in price and self.extra.random() < 0.5:
            price["tranche"] = "hall-1"
        if self.maybe(0.3):
            price["escalator"] = {"rate": 0.1, "every_months": self.rng.choice([3, 12])}
        self.data["unit_price"] = [price]
        self.used(quantity * (720 if unit in ("GPU-hour", "MWh") else 1), "usage")

    def metered(self) -> None:
        if self.maybe(0.15):
            self.data["take_or_pay"] = {
                "unit": "GB",
                "minimum_units_month": 40.0,
                "usd_per_unit": self.usd(2.5),
                "overage_usd_per_unit": self.usd(3.0),
            }
            if self.extra.random() < 0.5:
                step = {"from": self.start + self.extra.randint(1, 200) * DAY, "units_month": 60.0}
                self.data["take_or_pay"]["steps"] = [step]
            self.used(40.0, "GB")

    def used(self, units: float, of: str) -> None:
        if self.data["proration"] != "full-period":
            for n in self.rng.sample(range(6), self.rng.randint(0, 3)):
                if (day := months_later(self.start.replace(day=1), n)) < self.end:
                    self.data.setdefault("fact", []).append(
                        self.fact("usage", day, units * self.rng.choice([0.2, 0.9, 1.7]), of)
                    )

    def credits(self) -> None:
        if self.maybe(0.15):
            self.data["service_credit"] = [
                {"below": 0.99, "share": 0.1},
                {"below": 0.9, "share": 0.4},
            ]
            day = months_later(self.start.replace(day=1), 2)
            if self.data["proration"] != "full-period" and day < self.end:
                self.data.setdefault("fact", []).append(
                    self.fact("availability", day, self.rng.choice([0.95, 0.8, 1.0]))
                )

    def once(self) -> None:
        if self.maybe(0.25):
            self.data["one_off"] = [
                {"name": f"sum {n}", "usd": self.usd(750, -200, 5_000), "paid": self.day(-30)}
                for n in range(self.rng.randint(1, 2))
            ]

    def late(self) -> None:
        if "delivery" not in self.data and self.data.get("fee") and self.maybe(0.25):
            self.data["delivery"] = self.lateness(self.start, "site")

    def lateness(self, start: date, name: str) -> Data:
        rng = self.rng
        found: Data = {
            "due": start + rng.randint(0, 60) * DAY,
            "remedy": rng.choice(["exit", "reduce", "either", "nothing"]),
            "late_discount": rng.choice([0.0, 0.2]),
            "late_credit_usd_day": self.usd(0, 5),
            "late_credit_rent_days": rng.choice([0.0, 0.5, 1.0]),
            "credit_after_days": rng.choice([0, 10]),
            "cure_days": rng.choice([0, 15]),
            "cure_months": rng.choice([0, 1]),
        }
        found |= {"credit_until_days": 21} if self.extra.random() < 0.4 else {}
        if self.maybe(0.2):
            found["due"] = {
                "low": found["due"],
                "use": found["due"],
                "high": found["due"] + 20 * DAY,
            }
        for n, share in enumerate(rng.choice([[], [0.5], [0.5, 1.0], [1.0]])):
            day = start + (rng.randint(0, 50) + 60 * n) * DAY
            self.data.setdefault("fact", []).append(self.fact("delivered", day, share, name))
        return found

    def supported(self) -> None:
        if self.maybe(0.3):
            size: Data = self.rng.choice(
                [
                    {"cap_usd": self.usd(2_000)},
                    {"share": 0.5},
                    {},
                    {
                        "steps": [
                            {"from": self.day(-60), "usd": self.usd(9_000)},
                            {"from": self.end, "usd": self.usd(1_000)},
                        ]
                    },
                ]
            )
            self.data["support"] = [{"who": "Parent", **size}]
            if self.maybe(0.5):
                self.data["support"].append(
                    {
                        "who": "Bank",
                        "kind": "letter of credit",
                        "cap_usd": self.usd(3_000),
                        "until": self.day(),
                    }
                )
            if "tranche" in self.data and self.maybe(0.4):
                self.data["support"][0]["tranche"] = "hall-1"

    def over(self) -> None:
        if self.maybe(0.2):
            steps = [{"after_days": 30, "share": 2.0}] if self.extra.random() < 0.5 else []
            self.data["holdover"] = {"share": 1.5, "months": 3, "steps": steps}

    def renews(self) -> None:
        if self.maybe(0.15) and self.days > 80:
            self.data["renewal"] = {
                "months": self.rng.choice([1, 6]),
                **self.rng.choice([{"notice_days": 60}, {"notice_months": 2}]),
            }

    def longer(self) -> None:
        """An option to extend, of which nothing else makes the end or the fees uncertain."""
        if "renewal" in self.data or self.open or not self.maybe(0.5):
            return
        rising = [part.get("escalator") for part in (self.data, *self.data.get("tranche", []))]
        prices = [{}, {"usd_month": self.usd(90)}, {"usd_month_by_year": [self.usd(50, 700)]}]
        if not any(rising) and "unit_price" not in self.data and "escalator" not in str(self.data):
            prices += [{"rate": 0.1}] * 3
        option = {"months": self.rng.choice([5, 12, 26]), "notice_days": 0}
        self.data["extension"] = [option | self.rng.choice(prices)]
        for tranche in self.data.get("tranche", [])[:1]:
            end = months_later(tranche.get("start", self.start), tranche.get("term_months", 1_000))
            own = {"tranche": tranche["name"], "months": 2, "notice_days": 0}
            if months_later(end, 2) <= self.end and self.as_of < end and "minimum" not in self.data:
                price = self.extra.choice([{}, {"usd_month": self.usd(90)}])
                self.data["extension"].append(own | price)

    def spent(self) -> None:
        if "minimum" in self.data and self.maybe(0.4):
            total = 0.0
            for day in sorted({self.day(), self.day()}):
                total += self.usd(0, 300, 12_000)
                self.data.setdefault("fact", []).append(self.fact("spend", day, total))

    def amended(self) -> None:
        if not self.maybe(0.4) or self.as_of < self.signed or self.open:
            return
        day, terms = self.day(), {}
        if self.maybe(0.4) and self.data.get("fee") and "total_usd" not in self.data:
            terms["fee"] = [{"from": day, "usd_month": self.usd(0, 700, 2_000)}]
        if self.maybe(0.3):
            terms["end"] = self.end + self.rng.randint(0, 90) * DAY
        if self.maybe(0.3):
            old = dict.fromkeys(
                self.data.get("escalator", {}).keys() & {"index", "base_level"}, "none"
            )
            terms["escalator"] = {**old, "from": self.day(), "every_months": 6, "rate": 0.02}
        if "minimum" in self.data and self.maybe(0.6):
            new = {"usd": self.usd(900, 12_000), "period": self.data["minimum"][0]["period"]}
            terms["minimum"] = self.rng.choice([[new], [new | {"from": day}], "none"])
        if self.maybe(0.4) or not terms:
            terms["termination"] = {
                "customer": self.rng.choice(
                    [
                        "none",
                        {
                            "notice_months": "none",
                            "gate_days": "none",
                            "gate_months": "none",
                            "gate_date": "none",
                            "fee_usd": "none",
                            "fee_months": "none",
                            "fee_share_of_remaining": "none",
                            "fee_owed": "none",
                            "fee_schedule": "none",
                            "notice_days": 20,
                        },
                    ]
                )
            }
        signed = max(self.signed, self.as_of - self.rng.randint(-30, 60) * DAY)
        self.data["amendment"] = [
            {"title": "first", "signed": signed, "effective": day, "terms": terms}
        ]

    def read(self) -> None:
        if self.maybe(0.3):
            new = self.rng.choice(
                [
                    {"termination": {"customer": "none"}},
                    {
                        "termination": {
                            "customer": {
                                "takes_effect": "anniversary",
                                "notice_days": 30,
                                "notice_months": "none",
                            }
                        }
                    },
                    {"payment": {"days_to_pay": 10}},
                ]
            )
            self.data["readings"] = {"other": {"title": "another", **new}}
            self.reading = "other" if self.maybe(0.6) else ""


def written(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {written(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return str(value) if isinstance(value, date) else json.dumps(value)


def toml(data: Data) -> str:
    """An agreement's file."""
    return "".join(f"{key} = {written(value)}\n" for key, value in data.items())


def differences(mixed: Mixed) -> Iterator[str]:
    """What the product says of an agreement and a count by days does not.

    Raises `ValueError` where the agreement is refused.
    """
    deal, data = Agreement.model_validate(mixed.data), mixed.data
    found = position(deal, mixed.as_of, mixed.reading or None)
    count = Count(data, mixed.as_of, mixed.reading)
    cents = CENT * (3 + len(found.charges)) if "prepayment" in str(data) else CENT / 10
    yield from differ("headline", found.headline.usd, count.service(mixed.as_of, count.end))
    for bound in ("low", "high") if found.uncertain else ():
        moved = Count(data, mixed.as_of, mixed.reading, bound)
        usd = found.on_days(bound).headline.usd
        yield from differ(f"headline, {bound}", usd, moved.service(mixed.as_of, moved.end))
    for party in ("customer", "provider"):
        firm, by_hand = found.firm(party), Count(data, mixed.as_of, mixed.reading)
        usd, day = by_hand.firm(party)
        yield from differ(f"firm, {party}", firm.usd, usd, cents)
        if firm.end != day and abs(by_hand.costs.get(firm.end, 1e99) - usd) > cents:
            yield f"end, {party}: {firm.end}, not {day}"
    yield from differ(
        "lost",
        billing.Ledger(found.schedule).forfeited_usd(found.end),
        count.lost(count.end),
        cents,
    )
    yield from paid(found, count)
    yield from hung(found, mixed)
    for option in data.get("extension", []) if mixed.as_of < count.end else ():
        rows = found.ladder()
        of = f" of {option['tranche']}" if "tranche" in option else ""
        [usd] = rows.usd[rows.what == f"{option['months']} months more{of}"]
        longer = Count(data, mixed.as_of, mixed.reading)
        yield from differ("extension", usd, longer.extended(option))
    if "holdover" in data and "minimum" not in data:
        until = found.end + mixed.rng.randint(1, 80) * DAY
        usd = found.held_over(until).fee_usd.sum()
        count = Count(mixed.data, mixed.as_of, mixed.reading)
        rises, count.rises = count.rises, lambda name, day: rises(name, min(day, count.end))
        by_hand = 1.5 * count.service(found.end, until)
        for step in data["holdover"]["steps"]:
            later = min(until, found.end + step["after_days"] * DAY)
            by_hand += (step["share"] - 1.5) * count.service(later, until)
        yield from differ("holdover", usd, by_hand)


def differ(what: str, product: float, by_days: float, within: float = CENT / 10) -> Iterator[str]:
    if not abs(product - by_days) <= within + 1e-9 * abs(by_days):
        yield f"{what}: {product:,.4f}, not {by_days:,.4f}"


def paid(found: Any, count: Count) -> Iterator[str]:
    """Invoices by the day they are due; and all payments together."""
    rows = found.payments
    billed = rows[rows.clause.str.startswith(("invoice", "true-up"))].groupby("date").usd.sum()
    owed: dict[date, float] = {}
    for day, parts in count.invoices(count.end):
        when = date.fromordinal(day)
        owed[when] = owed.get(when, 0.0) + sum(parts.values())
    for day in billed.index.union(list(owed)):
        yield from differ(f"invoice of {day}", billed.get(day, 0.0), owed.get(day, 0.0), 3 * CENT)
    whole = count.service(count.start, count.end)
    usd = rows.usd.sum() - billing.Ledger(found.schedule).forfeited_usd(found.end)
    yield from differ("payments", usd, whole, 3 * CENT)
    held = count.terms(date.max).get("deposit")
    if held and not count.data["amendment"]:
        first = rows[rows.clause == "deposit"].usd.iloc[0]
        yield from differ(
            "deposit", first, held.get("usd") or held["months"] * count.rated(held["paid"]), CENT
        )


def hung(found: Any, mixed: Mixed) -> Iterator[str]:
    """The ladder: its steps add up, what is firm on delivery, and who stands behind it."""
    rows = found.ladder()
    down = rows[rows.step.isin(ladder.DOWN)].usd.sum()
    [usd] = rows[rows.step == ladder.FIRM].usd
    yield from differ("ladder", down, usd, CENT)
    count = Count(mixed.data, mixed.as_of, mixed.reading)
    late, delivered = {}, count.facts.get("delivered", {})
    for part in (count.terms(date.max), *count.terms(date.max)["tranche"]):
        name = part.get("name", "site")
        share = count.latest(delivered.get(name, {}), count.as_of)
        if (
            part["fee"]
            and part.get("delivery", {}).get("due", date.min) > count.as_of
            and share < 1
        ):
            late[name] = share
    firm, day = count.firm("customer", late)
    cents = CENT * (3 + len(found.charges)) if "prepayment" in str(mixed.data) else CENT / 10
    yield from differ("firm once delivered", usd, firm, cents)
    backed = rows[rows.step == ladder.BACKED].usd.tolist()
    left, by_hand = count.backed(day, firm)
    for n, (usd, own) in enumerate(zip(backed, by_hand, strict=True)):
        if min(left.values()) >= 0:
            yield from differ(f"support {n}", usd, own, cents)
    if sum(backed) > max(0.0, firm) + cents:
        yield f"supported: {sum(backed):,.4f} of {firm:,.4f}"
