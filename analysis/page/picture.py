"""A chart that changes in place: without a moment of emptiness, and without network."""

from importlib.resources import files
from typing import Any

import anywidget
import traitlets
import vl_convert

from analysis.page import embed


class Picture(anywidget.AnyWidget):
    """What is drawn is the Vega-Lite `spec` below its title; an empty one draws nothing."""

    _esm = vl_convert.javascript_bundle(
        (files("analysis.page") / "panel.js").read_text(encoding="utf-8")
    )
    spec = traitlets.Dict().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)

    def draw(self, chart: Any) -> None:
        """Change over to an altair chart, or to nothing where it is None."""
        # not checked against the schema, which takes as long as all else: tests check each chart
        spec = {} if chart is None else chart.to_dict(validate=False)
        spec.pop("$schema", None)
        lines = embed.titles(spec.pop("title", ""))
        with self.hold_sync():  # one message, so that chart and title change together
            self.title = " ".join(lines)
            self.spec = embed.fitted(spec)
