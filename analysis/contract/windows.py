"""A party's right to leave as both sides plan with it: its notice and its gate in whole months."""

from datetime import date, timedelta

from analysis.contract.clauses import Party, Termination
from analysis.contract.dates import DAYS_PER_YEAR, MONTHS_PER_YEAR
from analysis.contract.rights import in_term, notice_ends
from analysis.contract.schedule import gate_day
from analysis.contract.terms import Agreement, in_force


def right(
    agreement: Agreement, party: Party, *, as_of: date | None = None
) -> tuple[Termination, date] | None:
    """A party's right with all that is signed by a day (default: the start), and when it opens.

    The right in force on the day, else the first that an amendment gives later. It opens at its
    gate, which limits serving notice or its effect as the right says, and no earlier than the day
    from which the party has had a right. None without one.
    """
    day = max(as_of or agreement.start, agreement.start)
    standing = in_term(agreement, as_of or agreement.start)
    turns = sorted({agreement.start, *(a.effective for a in standing.amendment)})
    gives = [turn for turn in turns if _held(standing, party, turn)]
    since = gives[0] if gives and _held(standing, party, day) else None
    since = since or next((turn for turn in gives if turn > day), None)
    if since is None:
        return None
    held = _held(standing, party, max(since, day))
    assert held is not None
    return held, max(since, agreement.start, gate_day(in_force(standing, day), held) or since)


def notice_months(agreement: Agreement, party: Party, *, as_of: date | None = None) -> int | None:
    """A party's notice in whole months, with all signed by a day; None without a right.

    >>> notice_months(deal, "customer"), notice_months(deal, "provider")
    (3, None)
    """
    found = right(agreement, party, as_of=as_of)
    return _months(notice_ends(found[0], agreement.start) - agreement.start) if found else None


def gate_months(
    agreement: Agreement, party: Party, *, as_of: date | None = None, since: date | None = None
) -> int:
    """Whole months from `since` (default: `as_of`) until a party may first serve notice.

    With all signed by `as_of` (default: the start).

    >>> gate_months(deal, "customer")
    0
    """
    found = right(agreement, party, as_of=as_of)
    if found is None:
        return 0
    held, opens = found
    months = _months(opens - max(since or as_of or agreement.start, agreement.start))
    notice = _months(notice_ends(held, agreement.start) - agreement.start)
    return max(0, months - (notice if held.gate_applies == "effect" else 0))


def _held(agreement: Agreement, party: Party, day: date) -> Termination | None:
    held: Termination | None = getattr(in_force(agreement, day).termination, party)
    return held


def _months(length: timedelta) -> int:
    return round(length.days * MONTHS_PER_YEAR / DAYS_PER_YEAR)
