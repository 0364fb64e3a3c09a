"""What is said of two versions of an agreement: what differs, and what that is worth."""

from datetime import date
from typing import Any

import pandas as pd

from analysis.contract.terms import Agreement
from analysis.page.findings import Figure, Finding, count, day, finding, months, usd

CENT_USD = 0.01


def label(agreement: Agreement, other: Agreement) -> str:
    """A version's name: its reading, and its title too where the other has another title."""
    reading = f"{agreement.reading.name}: {agreement.reading.title}"
    return reading if agreement.title == other.title else f"{agreement.title} ({reading})"


def worth(
    steps: pd.DataFrame, before: str, after: str, *, opposite: pd.DataFrame, as_of: date
) -> Finding:
    """What the change does to what is firm, and which clause does most of it.

    opposite: the steps from `after` to `before`, so the same clauses with the last one put first.
    """
    old, new = steps.usd.iloc[0], steps.usd.iloc[-1]
    parts: dict[str, Figure | str] = {"before": before, "after": after}
    parts["as_of"] = day(as_of, kind="assumed")
    if len(steps) == 2:
        same = "From “{before}” to “{after}”, what is firm on {as_of} stays {firm}."
        return finding(same, firm=usd(old), **parts)
    moved = steps.iloc[1:-1]
    most = moved.iloc[int(moved.usd.abs().argmax())]
    text = (
        "From “{before}” to “{after}”, what is firm on {as_of} goes from {firm_before} to "
        "{firm_after}: {change}"
    )
    if len(moved) > 1:
        text += "; most moves {most}, {moved}."
        parts["moved"] = usd(most.usd)
    elif list(others := opposite.step.iloc[1:-1]) == [most.step]:
        text += ", all of it from {most}."
    else:
        text += "; in the order of the file {most} moves it, in the opposite order {others}."
        parts["others"] = " and ".join(f"“{step}”" for step in others)
    parts |= {"firm_before": usd(old), "firm_after": usd(new), "change": usd(new - old)}
    return finding(text, **parts, most=f"“{most.step}”")


def steps_title(steps: pd.DataFrame) -> Finding:
    """The change in one line."""
    change = steps.usd.iloc[-1] - steps.usd.iloc[0]
    if abs(change) < CENT_USD:
        return finding("The two promise the same amount")
    kind = "adds {change} to" if change > 0 else "takes {change} from"
    return finding(f"The change {kind} what is firm", change=usd(abs(change)))


def differing(differences: pd.DataFrame) -> Finding:
    """How many terms differ."""
    if differences.empty:
        return finding("The two do not differ in any term.")
    return finding("They differ in these terms: {terms}.", terms=count(len(differences)))


def measured(measures: pd.DataFrame) -> Finding:
    """What the change does to the headline, beside what it does to the worth of what is firm."""
    first, last = measures.iloc[0], measures.iloc[-1]
    return finding(
        "All fees to the stated end change by {headline_change}, the worth today of the firm ones "
        "by {worth_change}.",
        headline_change=usd(first.change_usd),
        worth_change=usd(last.change_usd),
    )


def through_title(through: pd.DataFrame) -> Finding:
    """In how many of the months that both serve more, or less, is firm after the change."""
    wide = _both(through)
    change = wide["after"] - wide["before"]
    more, less = int((change > CENT_USD).sum()), int((change < -CENT_USD).sum())
    return finding(
        "Seen from {all_months}, more is firm after the change in {more_months}, less in "
        "{less_months}",
        all_months=months(len(wide)),
        more_months=count(more),
        less_months=count(less),
    )


def _both(through: pd.DataFrame) -> pd.DataFrame:
    """What is firm before and after, seen from each day that both versions name."""
    wide = through.pivot_table(index="as_of", columns="version", values="firm_usd")
    return wide.reindex(columns=["before", "after"]).dropna()


def parting(through: pd.DataFrame) -> Finding:
    """When the two versions promise most differently."""
    wide = _both(through)
    gap = (wide["after"] - wide["before"]).abs()
    if gap.empty:
        return finding("The two are not in service in the same month.")
    if gap.max() < CENT_USD:
        return finding("In every month that both serve, the two promise the same.")
    when: Any = gap.idxmax()
    return finding("They lie furthest apart on {when}: {gap}.", when=day(when), gap=usd(gap.max()))
