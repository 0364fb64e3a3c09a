"""What can be moved on a panel: a choice, a number, or a day; each stands for one parameter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import escape
from typing import Any

import ipywidgets as widgets

WIDE = widgets.Layout(width="auto")
NARROW = widgets.Layout(width="7.5em", flex="0 0 auto")
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
    build = _choice if control.choices else _day if control.days else _number
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


def _number(control: Control, value: float, moved: Told, follow: bool) -> Built:
    whole = isinstance(value, int)
    low, high = control.span
    slider = widgets.FloatSlider(
        min=low, max=high, step=control.step, readout=False, layout=GROWS, continuous_update=follow
    )
    text = widgets.IntText if whole else widgets.FloatText
    typed = text(layout=NARROW, continuous_update=False)

    def write(new: Any) -> None:
        slider.unobserve(slid, "value")
        slider.value = min(max(typed.value, slider.min), slider.max)
        slider.observe(slid, "value")
        moved(_times(typed.value, control.scale))

    def slid(change: Any) -> None:
        # a browser puts a value between two steps onto one: nobody has moved it then
        if abs(change.new - min(max(typed.value, low), slider.max)) > control.step / 2:
            typed.value = int(change.new) if whole else round(change.new, DIGITS)

    typed.observe(write, "value")
    put: Told = lambda new: setattr(typed, "value", _over(new, control.scale))  # noqa: E731
    slider.observe(slid, "value")
    put(value)
    return [slider, typed], put, lambda now: None


DIGITS = 9  # so that a slider's steps add up to 0.3 and not to 0.30000000000000004


def _times(value: float, scale: float) -> float:
    return value if scale == 1 else value * scale


def _over(value: float, scale: float) -> float:
    return value if scale == 1 else value / scale


def _day(control: Control, value: str, moved: Told, follow: bool) -> Built:
    first, last = control.days or (date.fromisoformat(value),) * 2
    slider = widgets.IntSlider(
        min=0, max=(last - first).days, readout=False, layout=GROWS, continuous_update=follow
    )
    typed = widgets.DatePicker(layout=widgets.Layout(width="9.5em", flex="0 0 auto"))
    start = [first]

    def write(change: Any) -> None:
        if typed.value:
            slider.unobserve(slid, "value")
            slider.value = min(max((typed.value - start[0]).days, 0), slider.max)
            slider.observe(slid, "value")
        moved(typed.value.isoformat() if typed.value else "")

    def slid(change: Any) -> None:
        typed.value = start[0] + timedelta(days=change.new)

    def fit(now: Control) -> None:
        if (
            typed.value
            and now.days
            and now.days != (start[0], start[0] + timedelta(days=slider.max))
        ):
            slider.unobserve(slid, "value")
            start[0], slider.max = now.days[0], (now.days[1] - now.days[0]).days
            slider.value = min(max((typed.value - start[0]).days, 0), slider.max)
            slider.observe(slid, "value")

    typed.observe(write, "value")
    slider.observe(slid, "value")
    typed.value = date.fromisoformat(value)
    return [slider, typed], lambda new: setattr(typed, "value", date.fromisoformat(new)), fit
