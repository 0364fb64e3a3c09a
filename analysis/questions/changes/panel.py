"""The panel of what changed: two readings, versions or agreements, clause by clause."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import ipywidgets as widgets
import pandas as pd

from analysis.contract import changes, files, terms
from analysis.contract.clauses import Party
from analysis.contract.terms import Agreement
from analysis.page import panels
from analysis.page.controls import Control
from analysis.page.panels import Answer
from analysis.questions import common
from analysis.questions.changes import charts as draw
from analysis.questions.changes import words as say
from analysis.questions.changes.answer import measures


def show(names: Mapping[str, Any]) -> widgets.VBox:
    """The panel, from the parameters among a notebook's names."""
    return panels.show("10_what_changed", names, controls, answer)


def controls(values: Mapping[str, Any]) -> list[Control]:
    """What can be moved: before and after, the day, who might leave, the rate."""
    deal = common.deal(values)
    compared = _other(values)
    ids = dict.fromkeys([*files.contracts(), *filter(None, [values["other"]])])
    return [
        common.contract(values),
        common.reading(deal, values),
        Control(
            name="other",
            label="Beside which agreement",
            choices={"the same one": "", **{name: name for name in ids}},
        ),
        common.reading(
            common.deal(compared), compared, name="other_reading", label="Under which reading"
        ),
        common.as_of(deal, values),
        common.party(),
        common.rate(),
    ]


def _other(values: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of what stands beside."""
    return {
        "contract": values["other"] or values["contract"],
        "reading": values["other_reading"],
    }


def answer(values: Mapping[str, Any]) -> Answer:
    """What the change does to what is firm, and to every measure."""
    day, party = date.fromisoformat(values["as_of"]), values["party"]
    before = terms.known(common.read(values), day)
    after = terms.known(common.read(_other(values)), day)
    names = {"before": say.label(before, after), "after": say.label(after, before)}
    steps, opposite = _steps(before, after, day, party), _steps(after, before, day, party)
    measured = measures(before, after, as_of=day, party=party, rate=values["rate"])
    return Answer(
        said=[say.worth(steps, **names, opposite=opposite, as_of=day), say.measured(measured)],
        chart=draw.steps(steps, title=str(say.steps_title(steps))),
        table=measured,
    )


@lru_cache(maxsize=16)
def _steps(before: Agreement, after: Agreement, day: date, party: Party) -> pd.DataFrame:
    """Kept, as the rate does not change it."""
    return changes.steps(before, after, as_of=day, party=party)
