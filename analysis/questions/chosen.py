"""What is said for every choice that a page offers: amounts and a sentence for each.

Every function returns the two tables of `charts.choose.chosen`: a row of amounts for each choice
and thing measured (`what, usd, text`), and a row for each choice with its `sentence`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from analysis.contract import commitment, readings, schedule, terms
from analysis.contract.clauses import Party
from analysis.contract.terms import Agreement
from analysis.models.finance import value
from analysis.page.findings import Finding, between, count, day, finding, share, usd

Tables = tuple[pd.DataFrame, pd.DataFrame]
LEFT, FIRM, WORTH = "left on paper", "firm", "firm, worth that day"
LEAST_USD = 0.01
MOST_DAYS = 60  # firsts: of a longer term every second month, or third …


def written(rows: Sequence[tuple[Mapping[str, Any], str, float]]) -> pd.DataFrame:
    """A table of amounts from the choice, what is measured and its US dollars."""
    table = [{**chosen, "what": what, "usd": v, "text": str(usd(v))} for chosen, what, v in rows]
    return pd.DataFrame(table)


def days(agreement: Agreement, as_of: date, *, most: int = MOST_DAYS) -> list[date]:
    """The days to see a promise from: the start, `most` months' firsts of the term, and `as_of`."""
    firsts = sorted({c.start for c in schedule.charges(agreement) if c.start.day == 1})
    kept = firsts[:: 1 + len(firsts) // most]
    return sorted({*kept, agreement.start, as_of})


def every(agreement: Agreement, own: str) -> dict[str, str]:
    """The readings to choose from, with their words: all, the headline, and the reader's own."""
    names = dict.fromkeys([*readings.names(agreement), terms.HEADLINE, own])
    return {name: readings.label(agreement, name) for name in names}


def promised(
    agreement: Agreement,
    *,
    names: Iterable[str],
    seen: Sequence[date],
    rates: Sequence[float],
    party: Party,
) -> Tables:
    """What is left, firm, and firm and discounted: by `reading`, `day` and `rate`."""
    amounts: list[tuple[dict[str, Any], str, float]] = []
    said: list[dict[str, Any]] = []
    for name in names:
        read = terms.read_as(agreement, name)
        for when in seen:
            firm = commitment.firm(read, as_of=when, party=party)
            left = readings.nominal_usd(agreement, name, as_of=when)
            choice = {"reading": name, "day": when.isoformat()}
            amounts += [(choice, LEFT, left), (choice, FIRM, firm.usd)]
            owed = [(max(charge.due, when), charge.usd) for charge in firm.charges]
            for rate in rates:
                worth = value.present_value(owed, rate=rate, as_of=when)
                amounts.append(({**choice, "rate": rate}, WORTH, worth))
            sentence = _promised(name, when, left, firm)
            said.append({**choice, "sentence": str(sentence)})
    return written(amounts), pd.DataFrame(said)


def promised_range(amounts: pd.DataFrame, *, as_of: date) -> Finding:
    """What a reader finds on one day who chooses every reading."""
    now = amounts[amounts.day == as_of.isoformat()]
    firm, left = (now[now.what == what].set_index("reading").usd for what in (FIRM, LEFT))
    open_ = firm[(firm < left - LEAST_USD) & (firm > LEAST_USD)]
    if left.max() < LEAST_USD:
        return finding(
            "Whichever reading is chosen, nothing is left on {chosen_day}.",
            chosen_day=day(as_of, kind="assumed"),
        )
    none = (firm <= LEAST_USD) & (left > LEAST_USD)
    if open_.empty and none.any():
        rest = "the others all that is left" if not none.all() else "none promises more"
        return finding(
            "Chosen on {chosen_day}, {nothing} of {choices} readings promise nothing of up to "
            "{chosen_left}; " + rest + ".",
            chosen_day=day(as_of, kind="assumed"),
            nothing=count(int(none.sum())),
            choices=count(len(firm)),
            chosen_left=usd(left[none].max()),
        )
    if open_.empty:
        return finding(
            "Whichever reading is chosen, all that is left on {chosen_day} is promised: {all_left} "
            "at most.",
            chosen_day=day(as_of, kind="assumed"),
            all_left=usd(left.max()),
        )
    text, ends = between("chosen", usd(open_.min()), usd(open_.max()))
    return finding(
        "Chosen on {chosen_day}, the readings that leave a way out promise " + text + " of up to "
        "{chosen_left}.",
        chosen_day=day(as_of, kind="assumed"),
        chosen_left=usd(left.max()),
        **ends,
    )


def _promised(name: str, when: date, left: float, firm: commitment.Commitment) -> Finding:
    if left < LEAST_USD:
        return finding(
            "On {when} nothing is left to be served under {name}.", when=day(when), name=name
        )
    if firm.usd < LEAST_USD:
        return finding(
            "On {when} nothing of the {left} left on paper is promised under {name}.",
            when=day(when),
            left=usd(left, name),
            name=name,
        )
    return finding(
        "On {when}, {firm} of the {left} left on paper is promised under {name}: {firmness}, up "
        "to {end}.",
        when=day(when),
        firm=usd(firm.usd),
        left=usd(left),
        name=name,
        firmness=share(firm.usd / left),
        end=day(firm.end),
    )
