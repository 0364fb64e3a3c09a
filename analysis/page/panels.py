"""The panel itself: controls, what they do to the finding and its chart, and what to take along."""

import base64
import contextvars
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any, NamedTuple, TypeVar

import anywidget
import ipywidgets as widgets
import pandas as pd
import traitlets
import vl_convert

from analysis.page import embed, tables
from analysis.page.controls import Control, Field, shown
from analysis.page.notebooks import Notebook, command

MOST_CONTROLS = 8  # at once; more are folded away
GRID = "repeat(auto-fit, minmax(min(270px, 100%), 1fr))"
WIDE = widgets.Layout(width="auto", min_width="0")
REFUSED = "Refused: {why}. What stands below is the last answer."
APART = ("$schema", "title")  # any version draws it, below a title that the page writes
COPY = "navigator.clipboard.writeText(this.previousElementSibling.textContent)"


Map = Callable[..., Iterator[Any]]
T = TypeVar("T")


class CancelledError(Exception):
    """The work was given up, by its reader or for newer work."""


class Work:
    """One piece of work at a time; a newer one takes the place of an older one."""

    def __init__(self, *, moved: Callable[[float], None]) -> None:
        """`moved` is told how much of the work is done, from 0 to 1."""
        self._moved = moved
        self._stop = threading.Event()
        self._showing = threading.RLock()
        self.thread: threading.Thread | None = None

    def start(self, work: Callable[[Map], T], show: Callable[[T], None]) -> None:
        """Run `work` with a map that counts its steps, then `show` what it gives if still asked."""
        self.cancel()
        stop = self._stop = threading.Event()

        def counted(function: Callable[..., Any], *rows: Any) -> Iterator[Any]:
            listed = list(zip(*rows, strict=True))
            for done, row in enumerate(listed):
                if stop.is_set():
                    raise CancelledError
                self._moved(done / len(listed))
                yield function(*row)
            if stop.is_set():
                raise CancelledError

        def run() -> None:
            try:
                found = work(counted)
            except CancelledError:
                return
            with self._showing:
                if not stop.is_set():
                    show(found)

        context = contextvars.copy_context()  # where the kernel keeps whom it answers
        self.thread = threading.Thread(target=context.run, args=(run,), daemon=True)
        self.thread.start()

    def cancel(self) -> None:
        """Give up what runs; nothing of it is shown from here on."""
        with self._showing:
            self._stop.set()


class Picture(anywidget.AnyWidget):
    """What is drawn is each of the `charts`, a Vega-Lite `spec` below its `titles`."""

    _esm = vl_convert.javascript_bundle(
        (files("analysis.page") / "panel.js").read_text(encoding="utf-8")
    )
    charts: Any = traitlets.List().tag(sync=True)

    def draw(self, specs: Sequence[Mapping[str, Any]]) -> None:
        """Change over to other charts, below each other."""
        self.charts = [
            {
                "titles": embed.titles(spec.get("title")),
                "spec": embed.fitted({k: v for k, v in spec.items() if k not in APART}),
            }
            for spec in specs
        ]


class Answer(NamedTuple):
    """What is said, drawn and tabled of one set of parameters."""

    said: Sequence[Any]  # findings, or an answer that shows its own
    charts: Sequence[Mapping[str, Any]]  # Vega-Lite specs
    table: pd.DataFrame


Values = Mapping[str, Any]


class Panel:
    """Controls around one function of a notebook's parameters.

    `ask` makes the notebook's question of them; `controls` says what can be moved as it stands, and
    `answer` what the notebook says then.
    slow: each answer takes longer than a hand on a slider waits. It then begins when a slider is
    let go, is given a map to spread its steps over, shows how far it is, and can be cancelled.
    """

    def __init__(
        self,
        book: Notebook,
        start: Values,
        ask: Callable[[Values], Any],
        controls: Callable[[Any, Values], Sequence[Control]],
        answer: Callable[..., Answer],
        *,
        slow: bool = False,
    ) -> None:
        self.book, self.start, self.values = book, dict(start), dict(start)
        self._ask, self._controls, self._answer, self._slow = ask, controls, answer, slow
        self._quiet, self._now = True, dict[str, Control]()  # until everything stands
        self.said, self.table, self.command = (widgets.HTML(layout=WIDE) for _ in range(3))
        self.picture, self.fields = Picture(layout=WIDE), self._fields(follow=not slow)
        self.bar = widgets.FloatProgress(max=1.0, description="working")
        self.work = Work(moved=lambda share: setattr(self.bar, "value", share))
        self.box = self._box()
        self._quiet, self.values = False, dict(start)
        self._take()

    def _fields(self, *, follow: bool) -> dict[str, Field]:
        made = {}
        for control in self._controls(self._ask(self.values), self.values):
            self._now[control.name], moved = control, self._told(control.name)
            value = control.value(self.values)
            made[control.name] = shown(control, value, moved, follow=follow)
        return made

    def _told(self, name: str) -> Callable[[Any], None]:
        def moved(value: Any) -> None:
            self.values = self._now[name].moved(self.values, value)
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
        boxes = [field.box for field in self.fields.values()]
        fields = widgets.GridBox(boxes[:MOST_CONTROLS], layout=grid)
        rest = widgets.Accordion([widgets.GridBox(boxes[MOST_CONTROLS:], layout=grid)], layout=WIDE)
        rest.titles, rest.selected_index = ("More terms and assumptions",), None
        fields = widgets.VBox([fields, rest] if boxes[MOST_CONTROLS:] else [fields])
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
        for name, control in self._now.items():
            self.fields[name].put(control.value(self.start))
        self._quiet, self.values = False, dict(self.start)
        self._take()

    def cancel(self) -> None:
        """Give up slow work; the last answer stays."""
        self.work.cancel()
        self._waiting(False)

    def _take(self) -> None:
        """Answer as the controls stand, or say in a sentence why not."""
        try:
            asked, stand = self._fit(), dict(self.values)
        except (ValueError, OSError) as error:
            self.cancel()
            self._refuse(error)
            return
        if self._slow:
            self._waiting(True)
            self.work.start(
                lambda spread: _tried(self._answer, asked, spread),
                lambda found: self._end(found, stand),
            )
        else:
            self._end(_tried(self._answer, asked), stand)

    def _end(self, found: Answer | Exception, values: Values) -> None:
        """Show what has been found, or say why it could not be."""
        if isinstance(found, Exception):
            self._refuse(found)
        else:
            self._show(found, values)
        self._waiting(False)

    def _fit(self) -> Any:
        """Fit each control to what the others stand at: its choices, and whether it has an effect.

        A choice that is gone gives way to the first that there is. Gives the question then asked.
        """
        stood, was = self.values, self._quiet
        asked = self._ask(stood)
        controls = self._controls(asked, stood)
        self._quiet = True
        for control in controls:
            self._now[control.name] = control
            self.fields[control.name].fit(control)
        self._quiet = was
        return asked if self.values == stood else self._ask(self.values)

    def _waiting(self, yes: bool) -> None:
        self.busy.layout.visibility = "visible" if yes else "hidden"
        self.bar.value = 0.0

    def _refuse(self, error: Exception) -> None:
        why = escape(str(error).rstrip("."))
        self.said.value = f"<p role='alert'><b>{REFUSED.format(why=why)}</b></p>"

    def _show(self, found: Answer, values: Values) -> None:
        self.said.value = "".join(one.as_html() for one in found.said)
        self.picture.draw(found.charts)
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
    code = base64.b64encode(tables.csv(table).encode()).decode()
    link = f"<a download='{escape(name)}.csv' href='data:text/csv;charset=utf-8;base64,{code}'>"
    shown = tables.html(table) if len(table) else "No rows."
    return f"<p>{link}Download as CSV</a></p><div style='overflow-x: auto'>{shown}</div>"
