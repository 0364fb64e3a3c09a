"""Who may leave when, and at what cost: notice, gates, remedies, renewals, exit fees."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple, Unpack

from analysis.contract import dates, schedule
from analysis.contract.clauses import LAST_DAY, Amendment, Party, Renewal, Termination, Tranche
from analysis.contract.escalation import latest
from analysis.contract.schedule import Facts
from analysis.contract.terms import (
    RENEWAL,
    Agreement,
    fits,
    in_force,
    known,
    merge,
    options_left,
)

PARTIES: tuple[Party, Party] = ("customer", "provider")


class Exit(NamedTuple):
    """First days not served, from `first` up to `before`, on which one right ends service.

    `right` is the one in force on the day on which notice is served for them; None is the
    customer's remedy for a site delivered too late.
    """

    first: date
    before: date
    right: Termination | None


def ways_out(
    agreement: Agreement, *, as_of: date, party: Party, **facts: Unpack[Facts]
) -> list[tuple[date, Termination | None]]:
    """The earliest first day not served under each right of `party`, seen from `as_of`.

    Gate on serving: max(as_of, gate) + notice; gate on effect: max(as_of + notice, gate). The
    customer's remedy for a site delivered too late (no `Termination`) counts once it is known.
    """
    found = exit_days(agreement, as_of=as_of, party=party, **facts)
    return [(way.first, way.right) for way in found]


def exit_days(
    agreement: Agreement, *, as_of: date, party: Party, **facts: Unpack[Facts]
) -> list[Exit]:
    """Every day on which `party` may be gone, seen from `as_of`, by the right that ends service.

    Notice for a day is served on the last day on which it still ends service by then, under the
    right in force on that day; so an amended right prices the exits whose notice comes after it.
    """
    schedule.check_facts(agreement, facts)
    found: list[Exit] = []
    turns = sorted({a.effective for a in agreement.amendment})
    for low, high in zip([date.min, *turns], [*turns, date.max], strict=True):
        terms = in_force(agreement, low)
        right: Termination | None = getattr(terms.termination, party)
        if right is None:
            continue
        gate = schedule.gate_day(terms, right) or date.min
        serving = right.gate_applies == "serving"
        served = max(as_of, terms.signed, low, gate if serving else date.min)
        if served < high:
            first = max(notice_ends(right, served), date.min if serving else gate)
            later = date.max if high == date.max else notice_ends(right, high)
            found.append(Exit(first, max(later, first + timedelta(days=1)), right))
    site = final_terms(agreement).delivery
    if party == "customer" and site and site.remedy in ("exit", "either"):
        day = max(as_of, schedule.cure_end(site))
        delivered = facts.get("delivered", {}).get("site")
        if delivered is not None and latest(delivered, day, 0.0) < 1:
            full = [when for when, share in delivered.items() if when > day and share >= 1]
            found.append(Exit(day, min(full, default=date.max), None))
    return found


def too_late(agreement: Agreement, party: Party, *, as_of: date) -> bool:
    """Whether a party holds a right to leave that ends nothing before the stated end any more.

    >>> too_late(deal, "customer", as_of=date(2028, 2, 1))
    True
    """
    standing = in_term(agreement, as_of)
    ways = ways_out(standing, as_of=as_of, party=party)
    return bool(ways) and min(day for day, _ in ways) >= final_terms(standing).end


def notice_ends(right: Termination, served: date) -> date:
    """The first day not served after a notice served on that day."""
    return dates.after(served, days=right.notice_days or 0, months=right.notice_months or 0)


def last_notice(right: Termination, by: date) -> date:
    """The latest day on which a notice still ends service by that day."""
    return dates.last_day_to_serve(by, days=right.notice_days or 0, months=right.notice_months or 0)


def kept_share(agreement: Agreement, as_of: date, facts: Facts) -> dict[str, schedule.Delivered]:
    """Shares delivered if the customer drops what is late as soon as it may; empty if nothing is.

    "reduce" drops the share that is missing, "exit" a whole tranche (for the site see `ways_out`).
    """
    schedule.check_facts(agreement, facts)
    kept: dict[str, schedule.Delivered] = {}
    for capacity in schedule.streams(final_terms(agreement)):
        delivered = facts.get("delivered", {}).get(capacity.name)
        if delivered is None or capacity.delivery is None or capacity.delivery.remedy == "nothing":
            continue
        day = max(as_of, schedule.cure_end(capacity.delivery))
        share = latest(delivered, day, 0.0)
        leaves = capacity.delivery.remedy != "reduce"
        if share < 1 and not (leaves and capacity.name == "site"):
            before = {when: part for when, part in delivered.items() if when < day}
            kept[capacity.name] = before | {day: 0.0 if leaves else share}
    return {**facts.get("delivered", {}), **kept} if kept else {}


def costs_to_leave(agreement: Agreement, right: Termination | None) -> bool:
    """Whether leaving under that right costs a fee or a prepayment; a remedy (None) never does."""
    return right is not None and bool(
        right.fee_usd
        or right.fee_months
        or right.fee_share_of_remaining
        or forfeits(agreement, right)
    )


def forfeits(agreement: Agreement, right: Termination | None) -> bool:
    """Whether a prepayment may be lost by leaving under that right; by a remedy (None) never."""
    ahead = schedule.prepayments(final_terms(agreement))
    return right is not None and any(not paid.refundable for _, paid in ahead)


def exit_fee_usd(
    agreement: Agreement, right: Termination | None, leave: date, **facts: Unpack[Facts]
) -> float:
    """What a party that leaves on a day under that right pays the other side.

    Fixed, months of the fee due on that day (before the start: of the first fee), or a share of
    all fees left to the stated end.
    """
    if right is None:
        return 0.0
    if right.fee_share_of_remaining is None and right.fee_months is None:
        return right.fee_usd or 0.0
    rest = schedule.charges(agreement, since=leave, **facts)
    if right.fee_share_of_remaining is not None:
        return right.fee_share_of_remaining * sum(charge.usd for charge in rest)
    now = [charge for charge in rest if charge.start == rest[0].start and charge.share]
    return (right.fee_months or 0.0) * sum(charge.usd / charge.share for charge in now)


def final_terms(agreement: Agreement) -> Agreement:
    """The terms with every amendment in force."""
    return in_force(agreement, date.max)


def in_term(agreement: Agreement, as_of: date) -> Agreement:
    """The agreement as it stands on a day: amendments signed by then, renewals no longer open.

    An automatic renewal binds once the last day to object to it has passed, for a hundred years
    and up to the last day that there is here.
    """
    if as_of > LAST_DAY:
        raise ValueError(f"as_of: {as_of} is not allowed; allowed: at most {LAST_DAY}")
    standing = known(agreement, as_of)
    terms = final_terms(standing)
    if terms.renewal:
        months = 0
        while as_of > last_objection(dates.add_months(terms.end, months), terms.renewal):
            if not fits(terms.start, terms.end, months + terms.renewal.months):
                break
            months += terms.renewal.months
        if months:
            standing = extended(standing, months=months, title=RENEWAL)
    return standing


def last_objection(end: date, renewal: Renewal) -> date:
    """The last day to object to a renewal of a term whose first day not served is `end`."""
    return dates.last_day_to_serve(end - timedelta(days=1), days=renewal.notice_days)


class Option(NamedTuple):
    """An option to extend: exercised up to `last_day`, it moves the end from one day to another."""

    party: Party
    last_day: date
    start: date
    end: date
    months: int
    usd_month: float | None


def options(agreement: Agreement) -> list[Option]:
    """Every option to extend that is left, in the order in which they chain.

    >>> options(deal)
    []
    """
    end, months = final_terms(agreement).end, 0
    found: list[Option] = []
    for option in options_left(agreement):
        low = dates.add_months(end, months)
        months += option.months
        day = dates.last_day_to_serve(low - timedelta(days=1), days=option.notice_days)
        high = dates.add_months(end, months)
        found.append(Option(option.party, day, low, high, option.months, option.usd_month))
    return found


def extended_by(agreement: Agreement, party: Party, *, as_of: date) -> Agreement:
    """The agreement as if a party used every option to extend that is still open to it on a day.

    An option of the other party, or one whose day has passed, ends the chain. The result holds no
    options; without an open one it is the agreement itself.
    """
    terms = final_terms(agreement)
    used: list[tuple[int, float | None]] = []
    for option in options(in_term(agreement, as_of)):
        months = option.months + sum(each for each, _ in used)
        if (
            option.party != party
            or option.last_day < as_of
            or not fits(terms.start, terms.end, months)
        ):
            break
        used.append((option.months, option.usd_month))
    if not used:
        return agreement
    return _exercised(agreement, used).model_copy(update={"extension": ()})


def reaching(agreement: Agreement, end: date, *, as_of: date) -> Agreement:
    """The agreement, or where an end lies beyond its own, as the customer's options extend it."""
    if end <= final_terms(in_term(agreement, as_of)).end:
        return agreement
    return extended_by(agreement, "customer", as_of=as_of)


def extended(
    agreement: Agreement, *, months: int, usd_month: float | None = None, title: str = "extension"
) -> Agreement:
    """The agreement with its end moved by whole months, at another fee if one is given.

    An extension exercised is an amendment that takes effect on the old end; the fee is the one of
    `clauses.Extension`.
    """
    return _exercised(agreement, [(months, usd_month)], title)


def _exercised(
    agreement: Agreement, used: Sequence[tuple[int, float | None]], title: str = "extension"
) -> Agreement:
    """The agreement with extensions, each of so many months at a fee, one after the other.

    One amendment moves the end; fees are stated in another where the first is from a later day.
    The limits of a file do not hold for them.
    """
    old = final_terms(agreement)
    months, steps = 0, list[tuple[date, float]]()
    for each, usd_month in used:
        if usd_month is not None:
            steps.append((dates.add_months(old.end, months), usd_month))
        months += each
    end = dates.add_months(old.end, months)
    moved: dict[str, object] = {"end": end}
    left = [t for t in old.tranche if t.end is None or t.end >= old.end]
    if ends := [{"name": t.name, "end": end} for t in left if t.end]:
        moved["tranche"] = ends
    changed = {old.end: moved}
    if steps:
        first = steps[0][0]
        changed[first] = merge(changed.get(first, {}), _priced(old, left, steps))
    signed = max([agreement.signed, *(a.signed for a in agreement.amendment)])
    new = [
        Amendment(title=title, signed=signed, effective=day, terms=terms)
        for day, terms in changed.items()
    ]
    return agreement.model_copy(update={"amendment": (*agreement.amendment, *new)})


def _priced(
    old: Agreement, left: Sequence[Tranche], steps: Sequence[tuple[date, float]]
) -> dict[str, object]:
    """Fees stated from a day on: the site's, or where it has none left, those of all tranches."""
    if not left or (old.fee and old.fee[-1].usd_month):
        return {"fee": [{"from": day, "usd_month": usd} for day, usd in steps]}
    whole, tranches = sum(t.fee[-1].usd_month for t in left), []
    for t in left:
        share = t.fee[-1].usd_month / whole if whole else 1 / len(left)
        fees = [fee.model_dump(by_alias=True) for fee in t.fee]
        fees += [{"from": day, "usd_month": usd * share} for day, usd in steps]
        tranches.append({"name": t.name, "fee": fees})
    return {"tranche": tranches}
