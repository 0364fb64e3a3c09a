"""What can be moved on a panel: a choice, a number, or a day; each stands for one parameter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from html import escape
from typing import Any

import ipywidgets as widgets

WIDE = widgets.Layout(width="auto")
NARROW = widgets.Layout(width="7.5em", flex="0 0 auto")
DAY = widgets.Layout(width="9.5em", flex="0 0 auto")
GROWS = widgets.Layout(width="auto", flex="1 1 auto", min_width="6em")
PLACE = "."  # between a parameter that is a table, and a name in it: assume.rate_year


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A parameter, how a reader calls it, and what it may be moved to.

    One of `choices` (what the reader sees, the value), `span` (the ends of a slider; what is typed
    may lie beyond) and `days`. A number is shown divided by `scale`. `usual`: its value where the
    parameter does not name it. `idle`: why it has no effect as things stand; empty where it has.
    """

    name: str
    label: str
    choices: Mapping[str, Any] = field(default_factory=dict)
    span: tuple[float, float] = (0.0, 1.0)
    days: tuple[date, date] | None = None
    step: float = 0.01
    scale: float = 1.0
    usual: Any = None
    idle: str = ""

    def value(self, values: Mapping[str, Any]) -> Any:
        """What this control stands at, given all parameters."""
        name, _, inner = self.name.partition(PLACE)
        return values[name].get(inner, self.usual) if inner else values[name]

    def moved(self, values: Mapping[str, Any], value: Any) -> dict[str, Any]:
        """All parameters after this one is moved; what is as usual is not named."""
        name, _, inner = self.name.partition(PLACE)
        if inner:
            others = {key: kept for key, kept in values[name].items() if key != inner}
            value = others if value == self.usual else others | {inner: value}
        return {**values, name: value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A control on the screen: its box, how to set it, and how to fit it to its control again."""

    box: widgets.Widget
    put: Callable[[Any], None]
    fit: Callable[[Control], None]


def shown(control: Control, value: Any, moved: Callable[[Any], None], *, follow: bool) -> Field:
    """The control on the screen, at `value`; `moved` is told of each new one.

    follow: tell while a slider is dragged, not only when it is let go.
    """
    build = _choice if control.choices else _slider
    parts, put, fit = build(control, value, moved, follow)
    why, label = widgets.HTML(), widgets.HTML(f"<b>{escape(control.label)}</b>")
    row = widgets.HBox(parts, layout=WIDE)
    box = widgets.VBox([label, row, why], layout=widgets.Layout(min_width="0"))

    def refit(now: Control) -> None:
        for part in parts:
            part.disabled = bool(now.idle)
            part.tooltip = now.idle or now.label
        text = f"<small>no effect: {escape(now.idle)}</small>" if now.idle else ""
        why.value, why.layout.display = text, None if now.idle else "none"
        fit(now)

    refit(control)
    return Field(box=box, put=put, fit=refit)


Built = tuple[list[widgets.Widget], Callable[[Any], None], Callable[[Control], None]]
Told = Callable[[Any], None]


def _choice(control: Control, value: Any, moved: Told, follow: bool) -> Built:
    options = list(control.choices.items())
    menu = widgets.Dropdown(options=options, value=value, layout=GROWS)
    menu.observe(lambda change: moved(change.new), "value")

    def fit(now: Control) -> None:
        if menu.options != (new := tuple(now.choices.items())):
            kept = menu.value if menu.value in now.choices.values() else new[0][1]
            with menu.hold_trait_notifications():
                menu.options, menu.value = new, kept

    return [menu], lambda new: setattr(menu, "value", new), fit


DIGITS = 9  # so that a slider's steps add up to 0.3 and not to 0.30000000000000004


def _slider(control: Control, value: Any, moved: Told, follow: bool) -> Built:
    """A slider, and a box to type in, which may go beyond its ends; days by their number."""
    days, whole, scale = bool(control.days), isinstance(value, int), control.scale
    step = 1.0 if days else control.step
    low, high = _ends(control)
    slider = widgets.FloatSlider(
        min=low, max=high, step=step, readout=False, layout=GROWS, continuous_update=follow
    )
    kind = widgets.DatePicker if days else widgets.IntText if whole else widgets.FloatText
    typed = kind(layout=DAY if days else NARROW, **({} if days else {"continuous_update": False}))

    def as_typed(value: Any) -> Any:
        return date.fromisoformat(value) if days else value if scale == 1 else value / scale

    def place() -> float:
        at = typed.value.toordinal() if days else typed.value
        return float(min(max(at, slider.min), slider.max))

    def follow_typed() -> None:
        if typed.value is not None:
            slider.unobserve(slid, "value")
            slider.value = place()
            slider.observe(slid, "value")

    def write(_: Any) -> None:
        follow_typed()
        if days:
            moved(typed.value.isoformat() if typed.value else "")
        else:
            moved(typed.value if scale == 1 else typed.value * scale)

    def slid(change: Any) -> None:
        # a browser puts a value between two steps onto one: nobody has moved it then
        if typed.value is not None and abs(change.new - place()) <= step / 2:
            return
        number = round(change.new) if days or whole else round(change.new, DIGITS)
        typed.value = date.fromordinal(number) if days else number

    def put(new: Any) -> None:
        typed.value = as_typed(new)

    usual = [control.usual]

    def fit(now: Control) -> None:
        was, usual[0] = usual[0], now.usual
        low, high = _ends(now)
        with slider.hold_trait_notifications():
            slider.min, slider.max = low, high
        follow_typed()
        if was not in (None, now.usual) and typed.value == as_typed(was):
            put(now.usual)

    typed.observe(write, "value")
    slider.observe(slid, "value")
    put(value)
    return [slider, typed], put, fit


def _ends(control: Control) -> tuple[float, float]:
    if not control.days:
        return control.span
    first, last = control.days
    return first.toordinal(), last.toordinal()
