"""What is firm: how much is promised whatever the other side does, until when, and its deadlines.

The *headline* is every fee to the stated end, as if nobody leaves. The *firm* value counts fees
only up to the earliest day on which a party may be gone. The customer's right to leave limits
the provider's firm revenue; the provider's right limits the customer's firm supply.
"""

import math
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple, Unpack

import numpy as np
import pandas as pd

from analysis.contract import dates, rights, schedule
from analysis.contract.billing import forfeited_usd
from analysis.contract.cheapest import CENTS, day_to_leave
from analysis.contract.clauses import Party, Reported, Termination
from analysis.contract.dates import DayCount, year_fraction
from analysis.contract.deadlines import deadlines
from analysis.contract.rights import PARTIES, exit_fee_usd, final_terms, in_term
from analysis.contract.schedule import Charge, Facts
from analysis.contract.terms import HEADLINE, Agreement, read_as, settle

__all__ = [
    "Commitment",
    "amendments",
    "bridge",
    "carried",
    "deadlines",
    "firm",
    "headline",
    "headline_arithmetic",
    "risked",
]

ROUNDED = 0.004  # a total in the press has two or three figures
BOUNDS: dict[str, Literal["low", "use", "high"]] = {
    "lowest": "low",
    "used": "use",
    "highest": "high",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """What is owed for service from a valuation date to `end`, the first day not served.

    `rows` add up to `usd`, undiscounted. `exit_fee_usd` is what the party that leaves on `end`
    pays the other side: by the customer it is the last of the rows; by the provider it is no
    price of service and stands apart.
    """

    usd: float
    end: date
    charges: tuple[Charge, ...]
    exit_fee_usd: float = 0.0

    @property
    def rows(self) -> pd.DataFrame:
        """The charges as `schedule.rows` shows them."""
        return schedule.frame(self.charges)


def headline(
    agreement: Agreement, *, as_of: date | None = None, **facts: Unpack[Facts]
) -> Commitment:
    """All fees from `as_of` (default: the start) to the stated end, as if nobody ever leaves.

    >>> headline(deal).usd
    2500.0
    """
    return stated(in_term(agreement, as_of or agreement.start), as_of, facts)


def stated(standing: Agreement, as_of: date | None, facts: Facts) -> Commitment:
    """`headline` of an agreement as it is known on a day."""
    found = schedule.charges(standing, since=as_of, **facts)
    return _commitment(found, final_terms(standing).end)


def firm(
    agreement: Agreement,
    *,
    as_of: date | None = None,
    party: Party = "customer",
    **facts: Unpack[Facts],
) -> Commitment:
    """Fees from `as_of` (default: the start) that stay promised although `party` may leave.

    The party leaves on the earliest day its rights allow, unless it costs the customer more than
    to stay or to leave later: then `end` is the first day of its least total payment. Without a
    right this is the headline. Nothing is committed before service: where notice ends it earlier,
    `end` is the first day of service, and what is owed is a termination fee at most.

    >>> firm(deal).usd, firm(deal).end
    (200.0, datetime.date(2026, 4, 1))
    """
    as_of = as_of or agreement.start
    return committed(in_term(agreement, as_of), as_of, party, facts)


def committed(standing: Agreement, as_of: date, party: Party, facts: Facts) -> Commitment:
    """`firm` of an agreement as it is known on a day."""
    if party not in PARTIES:
        raise ValueError(f"party: {party!r} is not allowed; allowed: {', '.join(PARTIES)}")
    facts = Facts(**facts)
    if party == "customer" and (kept := rights.kept_share(standing, as_of, facts)):
        facts["delivered"] = kept
    end = final_terms(standing).end
    stay = schedule.charges(standing, since=as_of, **facts)
    ways = [_commitment(stay, end)]
    for way in rights.exit_days(standing, as_of=as_of, party=party, **facts):
        if way.first < end:
            leave = way.first
            if party == "customer":
                leave = day_to_leave(standing, way, as_of=as_of, stay=stay, facts=facts)
            ways.append(_left(standing, as_of, leave, party, way.right, facts))
    return min(ways, key=lambda way: (round(way.usd, CENTS), way.end))


def _left(
    agreement: Agreement,
    as_of: date,
    leave: date,
    party: Party,
    right: Termination | None,
    facts: Facts,
) -> Commitment:
    """What is paid if the party leaves on a day under that right."""
    served = schedule.charges(agreement, since=as_of, until=leave, **facts)
    fee_usd = exit_fee_usd(agreement, right, leave, **facts)
    if party == "customer":
        lost_usd = 0.0
        if rights.forfeits(agreement, right):
            lost_usd = forfeited_usd(agreement, leave, **facts)
        owed = {"termination fee": fee_usd, "prepayment forfeited": lost_usd}
        served += [
            Charge(leave, leave, 0.0, usd, usd, leave, clause)
            for clause, usd in owed.items()
            if usd
        ]
    return _commitment(served, max(leave, agreement.start), fee_usd)


def _commitment(found: list[Charge], end: date, exit_fee_usd: float = 0.0) -> Commitment:
    usd = math.fsum(charge.usd for charge in found)
    return Commitment(usd=usd, end=end, charges=tuple(found), exit_fee_usd=exit_fee_usd)


def carried(
    agreement: Agreement, read: Agreement, *, as_of: date | None = None, **facts: Unpack[Facts]
) -> list[Charge]:
    """The charges of `read`, a reading of `agreement`, if service goes on to the stated end.

    A reading may end earlier than the file states; its last fee then goes on to that end.
    """
    standing = in_term(read, as_of or agreement.start)
    end = carried_to(agreement, read, as_of=as_of)
    return schedule.charges(standing, since=as_of, until=end, **facts)


def carried_to(agreement: Agreement, read: Agreement, *, as_of: date | None = None) -> date:
    """The first day not served in `carried`: the end of the file or of its reading, the later."""
    standing = in_term(read, as_of or agreement.start)
    return max(final_terms(standing).end, final_terms(agreement).end)


class Risked(NamedTuple):
    """Years until an amount is due, its present value, and the expected credit loss on that."""

    years: float
    worth_usd: float
    loss_usd: float


def risked(
    charge: Charge,
    *,
    as_of: date,
    rate: float,
    default_probability: float,
    loss_given_default: float,
    day_count: DayCount = "actual/365",
) -> Risked:
    """What one charge is worth on `as_of`, and what of that is likely lost; see `bridge`."""
    years = max(0.0, year_fraction(as_of, charge.due, day_count))
    worth = charge.usd * (1 + rate) ** -years
    return Risked(
        years, worth, worth * loss_given_default * (1 - (1 - default_probability) ** years)
    )


def bridge(
    agreement: Agreement,
    *,
    as_of: date | None = None,
    reading: str | None = None,
    party: Party = "customer",
    rate: float,
    default_probability: float,
    loss_given_default: float,
    day_count: DayCount = "actual/365",
    **facts: Unpack[Facts],
) -> pd.DataFrame:
    """From the headline to the risk-adjusted firm value: `step, usd, running_usd`.

    Steps: all fees at their full rate to the stated end; less discounts; less what `party` may
    cancel under `reading` (default: the agreement's own); less the time value of money at `rate`
    (effective annual); less the expected credit loss, which takes loss_given_default ×
    (1 - (1 - default_probability)^years) of each amount's present value, for the failure of the
    same party. Prepayments and deposits are not counted against the loss. `usd` adds up to the
    answer, the last `running_usd`.
    """
    if not rate > -1:
        raise ValueError(f"rate: {rate} is not allowed, it must be above -1")
    for name, share in (
        ("default_probability", default_probability),
        ("loss_given_default", loss_given_default),
    ):
        if not 0 <= share <= 1:
            raise ValueError(f"{name}: {share} is not allowed, it must lie in 0 to 1")
    as_of = as_of or agreement.start
    read = read_as(agreement, reading or agreement.reading.name)
    charges = carried(agreement, read, as_of=as_of, **facts)
    full = math.fsum(charge.full_usd for charge in charges)
    stated = math.fsum(charge.usd for charge in charges)
    promised = firm(read, as_of=as_of, party=party, **facts)
    present = lost = 0.0
    for charge in promised.charges:
        _, worth, loss = risked(
            charge,
            as_of=as_of,
            rate=rate,
            default_probability=default_probability,
            loss_given_default=loss_given_default,
            day_count=day_count,
        )
        present += worth
        lost += loss
    steps = {
        "all fees at the full rate": full,
        "discounts": stated - full,
        "cancellable tail": promised.usd - stated,
        "time value": present - promised.usd,
        "expected credit loss": -lost,
    }
    table = pd.DataFrame({"step": list(steps), "usd": list(steps.values())})
    return table.assign(running_usd=table.usd.cumsum())


def amendments(agreement: Agreement, *, party: Party = "customer") -> pd.DataFrame:
    """What each amendment changed, seen from the day of its signature.

    Columns `title, signed, effective, headline_change_usd, firm_change_usd`; a back-dated
    amendment counts from its effective day.
    """
    table = []
    for number, amendment in enumerate(agreement.amendment):
        before = agreement.model_copy(update={"amendment": agreement.amendment[:number]})
        after = agreement.model_copy(update={"amendment": agreement.amendment[: number + 1]})
        day = min(amendment.signed, amendment.effective)
        change = [
            sum(charge.usd for charge in schedule.charges(after, since=day))
            - sum(charge.usd for charge in schedule.charges(before, since=day)),
            firm(after, as_of=amendment.signed, party=party).usd
            - firm(before, as_of=amendment.signed, party=party).usd,
        ]
        table.append((amendment.title, amendment.signed, amendment.effective, *change))
    columns = ["title", "signed", "effective", "headline_change_usd", "firm_change_usd"]
    return pd.DataFrame(table, columns=columns)


def headline_arithmetic(agreement: Agreement) -> pd.DataFrame:
    """Why one agreement has several headlines: `method, months, usd, reported`.

    The last monthly fee times three counts of months, and the schedule with every undisclosed
    discount at the bounds of its range and at the value in use. `reported` names who wrote a
    total by the method that comes nearest to it, of those that give it rounded (for "at least": of
    those that come to it or more); a total that no method gives has a row of its own.
    """
    whole_term = read_as(agreement, HEADLINE)
    terms, table = final_terms(whole_term), schedule.rows(whole_term)
    rate = table.fee_usd / table.share
    fee_usd_month = rate.iloc[-1]
    whole = len(list(dates.anchored(terms.start, months=1, until=dates.after(terms.end, days=1))))
    touched = len(list(dates.anchored(terms.start.replace(day=1), months=1, until=terms.end)))
    counts = {
        "months at the last fee only": table.share[np.isclose(rate, fee_usd_month)].sum(),
        "whole months from start to end": whole - 1,
        "calendar months touched": touched,
    }
    found = [(f"{name} × last fee", n, n * fee_usd_month) for name, n in counts.items()]
    for name, bound in BOUNDS.items():
        usd = schedule.rows(settle(whole_term, bound)).fee_usd.sum()
        found.append((f"day by day, discount {name}", table.share.sum(), usd))
    by: dict[float, list[str]] = {}
    for total in agreement.reported:
        fit = [usd for _, _, usd in found if _gives(usd, total)]
        method = min(fit, key=lambda usd: abs(usd - total.usd), default=math.nan)
        if math.isnan(method):
            found.append(("no count of months", method, total.usd))
        by.setdefault(total.usd if math.isnan(method) else method, []).append(total.by)
    rows = [(name, months, usd, "; ".join(by.pop(usd, []))) for name, months, usd in found]
    return pd.DataFrame(rows, columns=["method", "months", "usd", "reported"])


def _gives(usd: float, total: Reported) -> bool:
    """Whether a total may be the one reported: this one, rounded, or any from an "over" up."""
    if total.at_least:
        return usd >= total.usd or math.isclose(usd, total.usd)
    return math.isclose(usd, total.usd, rel_tol=ROUNDED)
