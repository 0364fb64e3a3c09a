"""The panel itself: controls, what they do to the finding and its chart, and what to take along."""

import base64
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

import ipywidgets as widgets
import pandas as pd

from analysis.page import notebooks, tables
from analysis.page.command import command
from analysis.page.controls import Control, Field, shown
from analysis.page.findings import Finding
from analysis.page.notebooks import Notebook
from analysis.page.picture import Picture
from analysis.page.work import Work

MOST_CONTROLS = 8
GRID = "repeat(auto-fit, minmax(min(270px, 100%), 1fr))"
WIDE = widgets.Layout(width="auto", min_width="0")
REFUSED = "Refused: {why}. What stands below is the last answer."
COPY = "navigator.clipboard.writeText(this.previousElementSibling.textContent)"


class Answer(NamedTuple):
    """What is said, drawn and tabled of one set of parameters."""

    said: Sequence[Finding]
    chart: Any  # an altair chart; None where there is nothing to draw
    table: pd.DataFrame


Values = Mapping[str, Any]


class Panel:
    """Controls around one function of a notebook's parameters.

    `controls` says what can be moved as things stand; `answer` is what the notebook says then.
    slow: each answer takes longer than a hand on a slider waits. It then begins when a slider is
    let go, is given a map to spread its steps over, shows how far it is, and can be cancelled.
    """

    def __init__(
        self,
        book: Notebook,
        start: Values,
        controls: Callable[[Values], Sequence[Control]],
        answer: Callable[..., Answer],
        *,
        slow: bool = False,
        assumptions: Mapping[str, str] | None = None,
    ) -> None:
        self.book, self.start, self.values = book, dict(start), dict(start)
        self._controls, self._answer, self._slow = controls, answer, slow
        self._assumptions = assumptions
        self._quiet = True  # until everything stands
        self.said, self.table, self.command = (widgets.HTML(layout=WIDE) for _ in range(3))
        self.picture, self.fields = Picture(layout=WIDE), self._fields(follow=not slow)
        self.bar = widgets.FloatProgress(max=1.0, description="working")
        self.work = Work(moved=lambda share: setattr(self.bar, "value", share))
        self.box = self._box()
        self._quiet, self.values = False, dict(start)
        self._take()

    def _fields(self, *, follow: bool) -> dict[str, Field]:
        made = {}
        for control in self._controls(self.values):
            moved = self._told(control)
            value = control.value(self.values)
            made[control.name] = shown(control, value, moved, follow=follow)
        assert len(made) <= MOST_CONTROLS
        return made

    def _told(self, control: Control) -> Callable[[Any], None]:
        def moved(value: Any) -> None:
            self.values = control.moved(self.values, value)
            if not self._quiet:
                self._take()

        return moved

    def _box(self) -> widgets.VBox:
        reset = widgets.Button(description="Reset", tooltip="back to the notebook's parameters")
        reset.on_click(lambda _: self.reset())
        cancel = widgets.Button(description="Cancel", tooltip="give up what is being worked out")
        cancel.on_click(lambda _: self.cancel())
        self.busy = widgets.HBox([self.bar, cancel], layout=widgets.Layout(visibility="hidden"))
        grid = widgets.Layout(grid_template_columns=GRID, grid_gap="6px 24px")
        fields = widgets.GridBox([field.box for field in self.fields.values()], layout=grid)
        more = widgets.Accordion([self.table, self.command], layout=WIDE)
        more.titles, more.selected_index = ("Table", "These parameters as a command"), None
        below = [reset, self.busy] if self._slow else [reset]
        head = widgets.HTML("<h2>Move it yourself</h2>")
        parts = [head, fields, widgets.HBox(below), self.said, self.picture, more]
        self.said.add_class("agreements-said")
        return widgets.VBox(parts, layout=WIDE).add_class("agreements-panel")

    def reset(self) -> None:
        """Back to the notebook's parameters, in one step."""
        self._quiet, self.values = True, dict(self.start)
        self._fit()
        for control in self._controls(self.start):
            self.fields[control.name].put(control.value(self.start))
        self._quiet, self.values = False, dict(self.start)
        self._take()

    def cancel(self) -> None:
        """Give up slow work; the last answer stays."""
        self.work.cancel()
        self._waiting(False)

    def _take(self) -> None:
        """Answer as the controls stand, or say in a sentence why not."""
        try:
            self._fit()
            values, stand = self._checked(), dict(self.values)
        except (ValueError, OSError) as error:
            self.cancel()
            self._refuse(error)
            return
        if self._slow:
            self._waiting(True)
            self.work.start(
                lambda spread: _tried(self._answer, values, spread),
                lambda found: self._end(found, stand),
            )
        else:
            self._end(_tried(self._answer, values), stand)

    def _end(self, found: Answer | Exception, values: Values) -> None:
        """Show what has been found, or say why it could not be."""
        if isinstance(found, Exception):
            self._refuse(found)
        else:
            self._show(found, values)
        self._waiting(False)

    def _fit(self) -> None:
        """Fit each control to what the others stand at: its choices, and whether it has an effect.

        A choice that is gone gives way to the first that there is.
        """
        checked = self._checked()
        was, self._quiet = self._quiet, True
        for control in self._controls(checked):
            self.fields[control.name].fit(control)
        self._quiet = was

    def _checked(self) -> dict[str, Any]:
        return notebooks.check(self.book, self.values, assumptions=self._assumptions)

    def _waiting(self, yes: bool) -> None:
        self.busy.layout.visibility = "visible" if yes else "hidden"
        self.bar.value = 0.0

    def _refuse(self, error: Exception) -> None:
        why = escape(str(error).rstrip("."))
        self.said.value = f"<p role='alert'><b>{REFUSED.format(why=why)}</b></p>"

    def _show(self, found: Answer, values: Values) -> None:
        self.said.value = "".join(one._repr_mimebundle_()["text/html"] for one in found.said)
        self.picture.draw(found.chart)
        self.table.value = _table(found.table, self.book.name)
        line = escape(command(self.book, values))
        self.command.value = (
            f"<pre style='white-space: pre-wrap'>{line}</pre><button onclick='{COPY}'>Copy</button>"
        )


def _tried(answer: Callable[..., Answer], *given: Any) -> Answer | Exception:
    """The answer; or why it is refused."""
    try:
        return answer(*given)
    except (ValueError, OSError) as error:
        return error


def _table(table: pd.DataFrame, name: str) -> str:
    """The table for a reader, and as a file of unrounded values that the page holds itself."""
    code = base64.b64encode(table.to_csv(index=False).encode()).decode()
    link = f"<a download='{escape(name)}.csv' href='data:text/csv;charset=utf-8;base64,{code}'>"
    shown = tables.html(tables.readable(table)) if len(table) else "No rows."
    return f"<p>{link}Download as CSV</a></p><div style='overflow-x: auto'>{shown}</div>"


def show(
    name: str,
    names: Values,
    controls: Callable[[Values], Sequence[Control]],
    answer: Callable[..., Answer],
    *,
    slow: bool = False,
    assumptions: Mapping[str, str] | None = None,
) -> widgets.VBox:
    """The panel of the notebook `name`, ready to be shown; `names` holds its parameters.

    assumptions: what is allowed of each that the notebook lets a reader change, by name.
    """
    book = notebooks.read(notebooks.FOLDER / f"{name}.ipynb")
    start = {parameter: names[parameter] for parameter in book.parameters}
    return Panel(book, start, controls, answer, slow=slow, assumptions=assumptions).box
