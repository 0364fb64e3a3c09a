"""The panel of any question: controls from its parameters, and what its answer shows."""

import gc
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Literal, get_args, get_origin

import pandas as pd
from altair.utils.schemapi import debug_mode
from pydantic.fields import FieldInfo

from analysis.contract import Position, files, readings
from analysis.contract.duration import Termination
from analysis.models import units
from analysis.models.planning import Plan
from analysis.page import notebooks, panels
from analysis.page.controls import PLACE, Control
from analysis.page.parameters import Slider, plain
from analysis.questions.question import Question

gc.freeze()  # what is imported is not looked through again, which made an answer wait now and then

Values = Mapping[str, Any]
STEPS = 100  # of a slider
TWICE = 2  # a slider reaches to twice what is known
BILLION = 1e9
MOST_MW, MOST_USD = 1e3, 1e10  # a slider's reach where nothing is known; more may be typed
PARTIES = {
    "the customer (committed revenue)": "customer",
    "the provider (committed supply)": "provider",
}
SEEN_FROM = {"the first day served": "start", "the valuation date": "as_of"}


def made(found: Question) -> panels.Panel:
    """The panel of a question, which starts from an answer."""
    book = notebooks.read(notebooks.FOLDER / f"{found.notebook}.ipynb")
    start = {name: plain(getattr(found.given, name)) for name in type(found.given).model_fields}
    kind = type(found)

    def ask(values: Values) -> Question:
        asked = kind(**values)
        possible = _possible(asked.as_written, values)
        return asked if possible == values else kind(**possible)

    return panels.Panel(book, start, ask, controls, answer, slow=kind.slow)


def answer(found: Question, spread: Any = map) -> panels.Answer:
    """What the panel shows of a question; `spread` maps what takes long over its steps."""
    found.spread = spread
    table = pd.DataFrame() if found.why_not else getattr(found, found.main)
    with debug_mode(False):  # no schema is checked, which takes as long as all else: tests do
        drawn = [found.draw(name) for name in (found.key, *found.below)]
        charts = [chart.to_dict(validate=False) for chart in drawn if chart is not None]
    return panels.Answer(said=[found], charts=charts, table=table)


def controls(found: Question, values: Values) -> list[Control]:
    """What can be moved as things stand, and what then has no effect."""
    idle = found.idle
    made = []
    for name, label in found.moved.items():
        control = found.control(name, values) or _control(found, name, values)
        field = found.kind.model_fields.get(name)
        words = label or (field and field.title) or control.label
        made.append(replace(control, label=words, idle=idle.get(name, control.idle)))
    return made


def _possible(began: Position, values: Values) -> dict[str, Any]:
    """The values without a reading or a scope that the agreement does not have."""
    kept = {**values, "reading": own_reading(began, values["reading"])}
    if values.get("scope") and values["scope"] not in units.scopes(began.agreement):
        kept["scope"] = ""
    return kept


def _control(found: Any, name: str, values: Values) -> Control:
    """The control of a parameter: a special one by its name, else by its field."""
    kind, _, inner = name.partition(PLACE)
    match kind:
        case "contract":
            return Control(name=name, label="", choices=named(values["contract"]))
        case "reading":
            return reading(found.position, values["reading"])
        case "as_of":
            return Control(name=name, label="", days=days(found))
        case "scope":
            return scope(found, values)
        case "capacity_mw":
            return _reach(name, _unasked(found, name).mw, MOST_MW)
        case "capex_usd":
            return _reach(name, _unasked(found, name).capex_usd, MOST_USD, scale=BILLION)
        case "assume":
            return assumed(inner, found.defaults)
        case "terms":
            return term(inner, found.as_written, values)
    return by_field(name, found.kind.model_fields[name])


def _unasked(found: Any, name: str) -> Any:
    """The place as known where the reader says nothing: no slider's end follows its own value."""
    silent = not getattr(found.given, name)
    return (found if silent else type(found)(**dict(found.given) | {name: 0.0})).place


def by_field(name: str, field: FieldInfo) -> Control:
    """The control that a field asks for: a list of choices, or a slider."""
    label = name.replace("_", " ")
    if get_origin(field.annotation) is Literal:
        known = {"party": PARTIES, "seen_from": SEEN_FROM}.get(name)
        values = get_args(field.annotation)
        return Control(name=name, label=label, choices=known or {str(v): v for v in values})
    [slider] = [each for each in field.metadata if isinstance(each, Slider)]
    return Control(name=name, label=label, span=slider.span, step=slider.step, scale=slider.scale)


def _reach(name: str, known: Values | None, most: float, *, scale: float = 1.0) -> Control:
    """A slider to twice what is known."""
    top = (TWICE * known["high"] if known else most) / scale
    return Control(name=name, label="", span=(0.0, top), step=top / STEPS, scale=scale)


def named(own: str) -> dict[str, str]:
    """The agreements shipped, and the reader's own file where there is one."""
    return {each: each for each in (*files.contracts(), own)}


def reading(found: Position, asked: str, *, name: str = "reading") -> Control:
    """The agreement's interpretations, and several joined where the notebook asks for them."""
    deal, asked = found.agreement, own_reading(found, asked)
    own = f"{deal.reading.title} ({deal.reading.name}), the agreement's own"
    names = [each for each in deal.readings if each != deal.reading.name]
    names += [asked] if "+" in asked else []
    choices = {own: "", **{readings.label(found, each): each for each in names}}
    if asked == deal.reading.name:  # named in full, it is the agreement's own
        choices[own] = deal.reading.name
    alone = "the agreement has one interpretation" if len(choices) == 1 else ""
    return Control(name=name, label="", choices=choices, idle=alone)


def own_reading(found: Position, asked: str) -> str:
    """The reading asked for; empty, the agreement's own, where there is none of that name."""
    try:
        return found.under(asked).reading if asked else ""
    except ValueError:
        return ""


def days(found: Question) -> tuple[Any, Any]:
    """From signing to the end in force on the valuation date, as signed or as read: the later."""
    now, own = found.position, found.agreement.reading.name
    return found.agreement.signed, max(now.under(own).end, now.end)


def scope(found: Any, values: Values) -> Control:
    """What the fee is set against; the usual one first."""
    names, usual = units.scopes(found.agreement), found.usual_scope
    choices = {f"{names[usual].name} (usual)": ""}
    choices |= {name: name for name in names if name != usual or values["scope"] == usual}
    alone = "the terms name one scope" if len(names) == 1 else ""
    return Control(name="scope", label="", choices=choices, idle=alone)


def term(path: str, began: Position, values: Values) -> Control:
    """A term of the file by its path, from the value that stands under the interpretation."""
    name = f"terms{PLACE}{path}"
    asked = own_reading(began, values["reading"])
    read = (began.under(asked) if asked else began).read
    if path == "end":
        last = read.end + LONGER
        return Control(name=name, label="End date", days=(read.start, last), usual=f"{read.end}")
    _, party, key = path.split(PLACE)
    right = getattr(read.termination, party)
    label, most = TERMS[key]
    usual = _stated(right, key, read.start) if right else 0
    whose = f"the {party} has no right to terminate" if not right else ""
    if not whose and party != values["party"]:
        whose = f"what is shown is committed if the {values['party']} may leave"
    span = (1 if usual and key != "fee_months" else 0, max(most, TWICE * usual))
    label = f"{party.capitalize()}'s {label}"
    return Control(name=name, label=label, span=span, step=1.0, usual=usual, idle=whose)


TERMS = {
    "notice_days": ("notice, days", 365),
    "gate_months": ("lock-in, months", 24),
    "fee_months": ("exit fee, months of the fee", 12),
}
"""Terms of a right to terminate that a panel moves, and how far their sliders reach."""


def _stated(right: Termination, key: str, began: date) -> int:
    """The value in use, to the nearest whole one where the file states it in another unit."""
    if key == "notice_days" and right.notice_months:
        return round(right.notice_months * DAYS_MONTH)
    if key == "gate_months" and (right.gate_days or right.gate_date):
        days = right.gate_days or ((right.gate_date or began) - began).days
        return round(days / DAYS_MONTH)
    return round(getattr(right, key) or 0)


DAYS_MONTH = 365 / 12
LONGER = timedelta(days=730)  # how far past the stated end a slider reaches


def assumed(name: str, plan: Plan) -> Control:
    """One assumption between the ends of its range; `assume` names it where it is changed."""
    low, usual, high = (getattr(at, name) for at in plan.at.values())
    step, label = (high - low) / STEPS, name.replace("_", " ")
    name = f"assume{PLACE}{name}"
    return Control(name=name, label=label, span=(low, high), step=step, usual=usual)
