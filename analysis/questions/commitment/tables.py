"""How a commitment reads through time and beside what others wrote of it: tables of page 01."""

import math
from collections.abc import Iterable
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.contract import Agreement, Position, dates, schedule, served
from analysis.contract.amendments import standing
from analysis.contract.commitment import committed
from analysis.contract.dates import year_fraction
from analysis.contract.fields import Bound, Party
from analysis.contract.readings import label, names
from analysis.contract.schedule import Schedule
from analysis.contract.terms import HEADLINE, under

ROUNDED = 0.004  # a total in the press has two or three figures
Tables = tuple[pd.DataFrame, pd.DataFrame]
LEFT, FIRM, WORTH = "remaining contract value", "committed", "committed, present value"
MOST_DAYS = 60  # firsts: of a longer term every second month, or third …
BOUNDS: dict[str, Bound] = {"lowest": "low", "used": "use", "highest": "high"}


def windows(found: Position, *, party: Party = "customer") -> pd.DataFrame:
    """The term in stretches, seen from the day: `label, phase, start, end`.

    Phases: "served" up to the day; "committed", until the party may be gone; "cancellable", to the
    end that the reading states.
    """
    table, phases = [], ("served", "committed", "cancellable")
    for name in names(found):
        read = found.under(name)
        now = min(max(read.as_of, read.terms.start), read.end)
        edges = pairwise([read.terms.start, now, read.firm(party).end, read.end])
        stretches = ((phase, *edge) for phase, edge in zip(phases, edges, strict=True))
        table += [(label(found, name), *each) for each in stretches if each[1] < each[2]]
    return pd.DataFrame(table, columns=["label", "phase", "start", "end"])


def marks(found: Position, *, party: Party = "customer") -> pd.DataFrame:
    """The days that divide the term under each reading, as signed by the day: `label, mark, date`.

    Marks: "full fee" (the last discounted day is over), "lock-in ends" (`party` may first serve
    notice, or let it take effect, under the right then in force) and "first end, at start" (the
    earliest end seen from the start).
    """
    table: list[tuple[str, str, date]] = []
    for name in names(found):
        read = found.under(name)
        start = read.on(read.read.start)
        reduced = [c.end for c in read.schedule.whole if c.usd < c.full_usd]
        _, opens = read.right(party) or (None, read.read.start)
        leave = start.firm(party).end
        days = {
            "full fee": max(reduced, default=None),
            "lock-in ends": opens if opens > read.read.start else None,
            "first end, at start": leave if leave < start.end else None,
        }
        table += [(label(found, name), mark, day) for mark, day in days.items() if day]
    return pd.DataFrame(table, columns=["label", "mark", "date"])


def effective_price(course: Schedule, rate: float) -> pd.DataFrame:
    """The price of all service, and with other consideration: `price, usd, usd_mw_month`.

    usd: fees, and shares, warrants and loans, discounted to the start. A share or warrant counts
    with its value on the day it is given; a loan with principal less repayment with interest, both
    discounted. What the provider gives lowers the price. usd_mw_month: the average fee a megawatt
    and month, moved in the same proportion; nan where the megawatts are unknown.
    """
    start, charges = course.agreement.start, course.whole

    def worth(paid: Iterable[tuple[date, float]]) -> float:
        return math.fsum(usd * (1 + rate) ** -year_fraction(start, day) for day, usd in paid)

    other = []
    for given in course.terms.consideration:
        usd = given.usd if given.given_by == "customer" else -given.usd
        if given.repaid:
            years = year_fraction(given.given, given.repaid)
            usd *= 1 - ((1 + given.rate) / (1 + rate)) ** years
        other.append((given.given, usd))
    fees = worth((charge.due, charge.usd) for charge in charges)
    mw_months, seen = 0.0, start
    for charge in charges:
        if charge.start >= seen and charge.share:
            mw = served.paid_for(course.agreement, charge.start).capacity.mw
            mw_months += charge.share * (math.nan if mw is None else served.as_range(mw).use)
            seen = charge.end
    average = math.fsum(c.usd for c in charges) / mw_months if mw_months else math.nan
    rows = [("fees", fees), ("with other consideration", fees + worth(other))]
    table = pd.DataFrame(rows[: 1 + bool(other)], columns=["price", "usd"])
    return table.assign(usd_mw_month=average * table.usd / fees if fees else math.nan)


def amendments(agreement: Agreement, *, party: Party = "customer") -> pd.DataFrame:
    """What each amendment changed, from its signature or an earlier effective day on.

    Columns `title, signed, effective, headline_change_usd, firm_change_usd`.
    """
    table, courses = [], Schedule(agreement).as_signed
    for new, before, after in zip(agreement.amendment, courses, courses[1:], strict=False):
        low = min(new.signed, new.effective)
        stated = [sum(charge.usd for charge in each.charges(low)) for each in (before, after)]
        firm = [
            committed(Schedule(standing(each.agreement, new.signed)), new.signed, party).usd
            for each in (before, after)
        ]
        change = (stated[1] - stated[0], firm[1] - firm[0])
        table.append((new.title, new.signed, new.effective, *change))
    columns = ["title", "signed", "effective", "headline_change_usd", "firm_change_usd"]
    return pd.DataFrame(table, columns=columns)


def headline_arithmetic(agreement: Agreement) -> pd.DataFrame:
    """Why one agreement has several headlines: `method, months, usd, reported`.

    The last monthly fee times three counts of months, and the schedule with undisclosed discounts
    at the bounds of their ranges and in use. `reported` names who wrote a total by the method that
    comes nearest to it, of those that give it rounded; a total that none gives has its own row.
    """
    whole_term = under(agreement, HEADLINE)
    course = Schedule(whole_term)
    terms, table = course.terms, schedule.frame(course.whole)
    rate = table.fee_usd / table.share
    fee_usd_month = rate.iloc[-1]
    touched = len(list(dates.anchored(terms.start.replace(day=1), months=1, until=terms.end)))
    counts = {
        "months at the last fee only": table.share[np.isclose(rate, fee_usd_month)].sum(),
        "whole months from start to end": dates.whole_months(terms.start, terms.end),
        "calendar months touched": touched,
    }
    found = [(f"{name} × last fee", n, n * fee_usd_month) for name, n in counts.items()]
    for name, bound in BOUNDS.items():
        usd = schedule.frame(Schedule(whole_term, bound=bound).whole).fee_usd.sum()
        found.append((f"day by day, discount {name}", table.share.sum(), usd))
    by: dict[float, list[str]] = {}
    for total in agreement.reported:
        # this one, rounded, or any from an "over" up
        near = 1e-9 if total.at_least else ROUNDED
        fit = [
            usd
            for _, _, usd in found
            if math.isclose(usd, total.usd, rel_tol=near) or (total.at_least and usd > total.usd)
        ]
        method = min(fit, key=lambda usd: abs(usd - total.usd), default=math.nan)
        if math.isnan(method):
            found.append(("no count of months", method, total.usd))
        by.setdefault(total.usd if math.isnan(method) else method, []).append(total.by)
    rows = [(name, months, usd, "; ".join(by.pop(usd, []))) for name, months, usd in found]
    return pd.DataFrame(rows, columns=["method", "months", "usd", "reported"])


def days(found: Position) -> list[date]:
    """The start under any interpretation, firsts of months, and the position's day."""
    read = [found.under(name) for name in every(found)]
    firsts = sorted({day for each in read for day in each.service_days if day.day == 1})
    kept = firsts[:: 1 + len(firsts) // MOST_DAYS]
    return sorted({*kept, *(each.read.start for each in read), found.as_of})


def every(found: Position) -> dict[str, str]:
    """The interpretations to choose from, with their words: all, the headline, the one in use."""
    held = dict.fromkeys([*names(found), HEADLINE, found.reading])
    return {name: label(found, name) for name in held}
