"""Our calendar against another engine's tests: the ACTUS cases of a loan that pays at its end.

`make outside-tests FILE=actus-tests-pam.json` runs them all from a copy that you fetched; the file
(actusfrf/actus-tests, CC BY-SA 4.0) is not shipped. The mapping: notional × rate is a fee a year;
`dates` says when it is due and what part of a year each period is; all else here is
what ACTUS does with it. Date, kind and amount of each event must agree, amounts within 1e-6.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from analysis.contract.dates import DayCount, anchored, days_in_month, year_fraction

DAY_COUNTS: Mapping[str, DayCount] = {
    "A365": "actual/365",
    "A360": "actual/360",
    "30E360": "30E/360",
    "AA": "actual/actual ISDA",
}
ORDER = ("IED", "PRD", "IPCI", "IP", "FP", "RR", "TD", "MD")
"""Of events on one day."""
MONTHS = {"M": 1, "Q": 3, "H": 6, "Y": 12}
SATURDAY = 5


class Event(NamedTuple):
    """What is paid on a day, received positive; `counted` is the day up to which interest runs."""

    date: date
    kind: str
    counted: date


def day(text: str) -> date:
    return date.fromisoformat(text.strip()[:10])


def number(terms: Mapping[str, Any], name: str, default: float = 0.0) -> float:
    return float(str(terms.get(name, default)).strip())


def cycle(anchor: date, text: str, end: date, month_end: bool) -> list[date]:
    """Dates of a cycle such as P1ML0 up to `end`, itself left out.

    L0 joins a last period shorter than the others to the one before it, L1 keeps it.
    """
    length, unit, stub = int(text[1:-3]), text[-3], text[-1]
    if unit in "DW":
        step = timedelta(days=length * (7 if unit == "W" else 1))
        found = [anchor]
        while found[-1] + step <= end:
            found.append(found[-1] + step)
    else:
        found = list(anchored(anchor, months=length * MONTHS[unit], until=end + timedelta(days=1)))
        if month_end and anchor.day == days_in_month(anchor):
            found = [d.replace(day=days_in_month(d)) for d in found]
            found = [d for d in found if d <= end]
    short = found[-1] != end
    if stub == "0" and short and len(found) > 1:
        found.pop()
    return [d for d in found if d != end]


def shifted(when: date, convention: str) -> date:
    """The day itself, or moved off a weekend: following or preceding, modified to its month."""

    def moved(step: int) -> date:
        found = when
        while found.weekday() >= SATURDAY:
            found += timedelta(days=step)
        return found

    step = -1 if convention.endswith("P") else 1
    found = moved(step)
    return moved(-step) if "M" in convention and found.month != when.month else found


def expected(terms: Mapping[str, Any]) -> list[Event]:
    """The loan's events by date, with the day that interest is counted to."""
    convention = terms.get("businessDayConvention", "NULL").removeprefix("NULL").removeprefix("NOS")
    month_end = terms.get("endOfMonthConvention") == "EOM"
    calculated_shifted = convention.startswith("SC")
    start, end = day(terms["initialExchangeDate"]), day(terms["maturityDate"])
    late = terms["maturityDate"].strip()[11:] > "00:00:00"  # counts the last day as well
    capitalised = day(terms["capitalizationEndDate"]) if "capitalizationEndDate" in terms else None

    def event(when: date, kind: str) -> Event:
        moved = shifted(when, convention) if convention and when != start else when
        return Event(moved, kind, moved if calculated_shifted else when)

    def dates(name: str) -> list[date]:
        if f"cycleOf{name}" not in terms:
            return []
        anchor = day(terms.get(f"cycleAnchorDateOf{name}", terms["initialExchangeDate"]))
        return cycle(anchor, terms[f"cycleOf{name}"].strip(), end, month_end)

    paid = sorted({*dates("InterestPayment"), *([capitalised] if capitalised else [])})
    found = [event(start, "IED")]
    found += [event(d, "IPCI" if capitalised and d <= capitalised else "IP") for d in paid]
    found += [event(d, "FP") for d in dates("Fee")]
    found += [event(d, "RR") for d in dates("RateReset")]
    last = end + timedelta(days=late)
    found += [Event(end, "IP", last), Event(end, "MD", last)]
    found += [Event(end, "FP", last)] if "cycleOfFee" in terms else []
    first = day(terms["statusDate"])
    if "purchaseDate" in terms:
        first = day(terms["purchaseDate"])
        found.append(Event(first, "PRD", first))
    if "terminationDate" in terms:
        over = day(terms["terminationDate"])
        found = [e for e in found if e.date < over] + [Event(over, "TD", over)]
    return sorted(found, key=lambda e: (e.date, ORDER.index(e.kind)))


def payoffs(case: Mapping[str, Any]) -> Iterator[tuple[date, str, float]]:
    """Every event of a case as our calendar gives it: date, kind, payoff."""
    terms = case["terms"]
    sign = -1.0 if terms["contractRole"] == "RPL" else 1.0
    count = DAY_COUNTS[terms["dayCountConvention"]]
    notional, rate = number(terms, "notionalPrincipal"), number(terms, "nominalInterestRate")
    accrued, fees = number(terms, "accruedInterest"), number(terms, "feeAccrued")
    status = day(terms["statusDate"])
    shown = day(terms["purchaseDate"]) if "purchaseDate" in terms else status
    before = max(status, day(terms["initialExchangeDate"]))
    for event in expected(terms):
        if event.date < status:
            continue
        share = year_fraction(before, event.counted, count) if event.counted > before else 0.0
        accrued += notional * rate * share
        fees += notional * number(terms, "feeRate") * share
        before = max(before, event.counted)
        usd = 0.0
        if event.kind == "IED":
            usd = -(notional + number(terms, "premiumDiscountAtIED"))
        elif event.kind == "IP":
            usd, accrued = accrued, 0.0
        elif event.kind == "IPCI":
            notional, accrued = notional + accrued, 0.0
        elif event.kind == "FP":
            usd = number(terms, "feeRate") if terms["feeBasis"] == "A" else fees
            fees = 0.0
        elif event.kind == "RR":
            observed = case["dataObserved"][terms["marketObjectCodeOfRateReset"]]["data"]
            level = {day(item["timestamp"]): float(item["value"]) for item in observed}[event.date]
            rate = level * number(terms, "rateMultiplier", 1) + number(terms, "rateSpread")
        elif event.kind == "PRD":
            usd = -(number(terms, "priceAtPurchaseDate") + accrued)
        elif event.kind == "TD":
            usd = number(terms, "priceAtTerminationDate") + accrued
        elif event.kind == "MD":
            usd = notional
        if event.date > shown or event.kind == "PRD" or shown == status:
            yield event.date, event.kind, sign * usd


def difference(case: Mapping[str, Any], tolerance: float = 1e-6) -> str:
    """The first event in which a case and our calendar differ, in words; "" if none does."""
    ours = list(payoffs(case))
    theirs = [(day(r["eventDate"]), r["eventType"], float(r["payoff"])) for r in case["results"]]
    theirs.sort(key=lambda found: (found[0], ORDER.index(found[1])))
    for mine, other in zip(ours, theirs, strict=False):
        if mine[:2] != other[:2] or abs(mine[2] - other[2]) > tolerance:
            return f"ours {mine[0]} {mine[1]} {mine[2]}, theirs {other[0]} {other[1]} {other[2]}"
    return "" if len(ours) == len(theirs) else f"ours {len(ours)} events, theirs {len(theirs)}"


def main(arguments: Sequence[str]) -> int:
    """Run every case of the file; the exit code is 1 if one differs."""
    cases = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    bad = {name: said for name, case in cases.items() if (said := difference(case))}
    for name, said in bad.items():
        print(f"{name}: {said}")
    print(f"{len(cases) - len(bad)} of {len(cases)} cases agree")
    return int(bool(bad) or not cases)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
