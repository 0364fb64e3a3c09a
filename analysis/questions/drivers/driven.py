"""What is said of what moves an answer, for every question and day that a page offers.

The tables are those of `charts.choose.chosen`, as `chosen` says.
"""

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any

import pandas as pd

from analysis.contract.clauses import Party
from analysis.contract.terms import Agreement
from analysis.page.findings import Figure, Finding, day, finding, share, usd
from analysis.questions import chosen
from analysis.questions.chosen import Tables
from analysis.questions.drivers import drivers
from analysis.questions.drivers.drivers import NAMES, Drivers

Asked = Mapping[tuple[str, date], Drivers]
QUESTIONS = {"promised": "what is promised", "expected": "what is expected"}
OWN = [NAMES[name] for name in drivers.OWN]
MOST_DAYS = 12  # of a longer term every second month, or third …
MOST_TURNS = 3
NONE = "nothing that varies here"


def asked(
    agreement: Agreement, as_of: date, *, own: str, party: Party, **ranges: pd.DataFrame
) -> Asked:
    """What moves each answer, by question and by the day that it is seen from.

    `ranges` are the `evidence`, `plan` and `assumed` of `drivers.inputs`.
    """
    found = {}
    for on in chosen.days(agreement, as_of, most=MOST_DAYS):
        drawn = drivers.held(agreement, own=own, as_of=on, party=party)
        inputs = drivers.inputs(agreement, drawn=drawn, **ranges)
        found["promised", on] = drivers.promised(agreement, inputs, as_of=on, party=party, own=own)
        found["expected", on] = drivers.expected(agreement, inputs, as_of=on, own=own)
    return found


def moved(found: Asked, *, reading: str) -> Tables:
    """How far each input alone moves the answer, by `question` and `day`; $0 if it is none then."""
    amounts: list[tuple[dict[str, Any], str, float]] = []
    said: list[dict[str, Any]] = []
    for (question, on), each in found.items():
        choice = {"question": question, "day": on.isoformat()}
        moves = dict(zip(each.table.input, each.table.range, strict=True))
        amounts += [(choice, NAMES[n], moves.get(n, 0.0)) for n in _inputs(found, question)]
        said.append({**choice, "sentence": str(_moved(each, question, on, reading))})
    return chosen.written(amounts), pd.DataFrame(said)


def turns(found: Asked) -> Finding:
    """On what each answer hangs most, and since which of the days on something else."""
    parts: dict[str, Figure | str] = {}
    texts = []
    for question, words in QUESTIONS.items():
        tops = [(on, _top(each)) for (asked, on), each in found.items() if asked == question]
        runs = [next(group) for _, group in groupby(tops, key=lambda pair: pair[1])]
        steps = []
        for n, (on, top) in enumerate(runs[:MOST_TURNS]):
            parts |= {f"{question}_top_{n}": top, f"{question}_from_{n}": day(on)}
            steps.append(f"on {{{question}_top_{n}}} from {{{question}_from_{n}}}")
        rest = ", later on others" if len(runs) > MOST_TURNS else ""
        texts.append(f"{words} hangs most " + ", then ".join(steps) + rest)
    return finding("On the days to choose, " + "; ".join(texts) + ".", **parts)


def _inputs(found: Asked, question: str) -> list[str]:
    """The inputs of a question on any of its days, in one order."""
    every = {
        name for (asked, _), each in found.items() if asked == question for name in each.table.input
    }
    return [name for name in NAMES if name in every]


def _top(found: Drivers) -> str:
    return f"the {found.table.label[0]}" if found.moves else NONE


def _moved(found: Drivers, question: str, on: date, reading: str) -> Finding:
    """The input that moves an answer most, by how much, and its total share of the variance."""
    if not found.moves:
        text = "Seen from {on}, {none} moves {what}."
        return finding(text, on=day(on), none=NONE, what=QUESTIONS[question])
    top = found.table.iloc[0]
    leads = found.table.sort_values("total", ascending=False, kind="stable").iloc[0]
    parts: dict[str, Figure | str] = {}
    text = "; its total share of the variance is {total}."
    if leads.input != top.input:
        parts["leads"] = f"the {leads.label}"
        text = "; but the variance is mostly that of {leads}, {total}."
    return finding(
        "Seen from {on}, the {input} ({low} to {high}) moves {what} most: by {range} around {base}"
        + text,
        on=day(on),
        input=str(top.label),
        low=str(top.at_low),
        high=str(top.at_high),
        what=QUESTIONS[question],
        range=usd(top.range, reading),
        base=usd(top.base, reading),
        total=share(leads.total, reading),
        **parts,
    )
