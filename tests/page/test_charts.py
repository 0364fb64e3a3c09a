"""Charts: one bundle that is live, a picture and words; the same for the same table."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import analysis
from analysis.page import embed, theme
from analysis.run import execution, pages

ANALYSIS = Path(analysis.__file__).parent
DRAWING = sorted([*ANALYSIS.glob("page/*.py"), *ANALYSIS.glob("questions/*/*charts.py")])


@pytest.fixture(scope="module")
def chart() -> Any:
    import altair as alt

    theme.setup()
    theme.setup()
    table = pd.DataFrame({"x": range(6_000), "y": range(6_000)})  # altair's own limit is 5,000
    return alt.Chart(table, title=["Two", "lines"]).mark_line().encode(x="x", y="y")


@pytest.fixture
def bundle(chart: Any) -> dict[str, Any]:
    """What a reader's notebook is given."""
    one, two = chart._repr_mimebundle_(), chart._repr_mimebundle_()
    assert one == two
    return dict(one)


@pytest.fixture
def left(chart: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a report is given, which draws the picture itself."""
    monkeypatch.setenv(theme.OUTSIDE, "1")
    return dict(chart._repr_mimebundle_())


def test_a_chart_shows_everywhere(bundle: dict[str, Any]) -> None:
    assert set(bundle) == {theme.LIVE, "image/svg+xml", "text/plain"}
    assert "$schema" not in dict(bundle[theme.LIVE])  # JupyterLab would warn of another version
    assert bundle["text/plain"] == "Two lines"
    assert str(bundle["image/svg+xml"]).startswith("<svg")
    assert theme.FONT.split(",")[0] in str(bundle["image/svg+xml"])


def test_a_table_of_dates_can_be_charted_as_it_is() -> None:
    import altair as alt

    theme.setup()
    table = pd.DataFrame({"day": [date(2026, 11, 23)], "usd": [1.0]})
    bundle = alt.Chart(table).mark_bar().encode(x="day:T", y="usd:Q")._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg")
    assert "2026-11-23" in str(bundle[theme.LIVE])


def test_pages_draw_what_charts_make() -> None:
    assert pages.LIVE == theme.LIVE


def test_a_picture_drawn_outside_the_kernel_is_the_same(
    bundle: dict[str, Any], left: dict[str, Any]
) -> None:
    assert set(left) == {theme.LIVE, "text/plain"}
    assert execution.drawn(left)["image/svg+xml"] == bundle["image/svg+xml"]
    assert execution.drawn({"text/plain": "x"}) == {"text/plain": "x"}


def test_in_a_cell_a_chart_is_as_wide_and_its_title_breaks(
    bundle: dict[str, Any], left: dict[str, Any]
) -> None:
    plain, live = left[theme.LIVE], bundle[theme.LIVE]
    assert "width" not in plain
    assert live["width"] == "container"
    assert live["config"]["legend"]["columns"] == {"expr": "width < 480 ? 1 : 0"}
    assert live["config"]["legend"].items() >= plain["config"]["legend"].items()
    assert live["title"]["text"]["expr"] == 'width < 480 ? ["Two lines"] : "Two lines"'
    one, wide = {"mark": "bar", "title": "x y " * 20}, {"mark": "bar", "title": "x", "width": 9}
    told = embed.in_cell(one)["title"]["text"]["expr"]
    assert max(map(len, re.findall('"([^"]*)"', told)[:-1])) <= embed.LINE
    assert embed.in_cell(wide) == wide


def test_the_parties_keep_a_colour_each() -> None:
    assert theme.PROVIDER != theme.CUSTOMER
    assert not {theme.PROVIDER, theme.CUSTOMER} & set(theme.PALETTE)


def test_altair_is_imported_without_what_it_does_not_use() -> None:
    code = "import sys; from analysis.page import theme; print('lark' in sys.modules)"
    run = [sys.executable, "-c", code + "; import rfc3987_syntax"]
    assert subprocess.run(run, capture_output=True, text=True).stdout == "False\n"


@pytest.mark.parametrize("path", DRAWING, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_channels_are_objects(path: Path) -> None:
    """Altair looks through its whole schema, 3 ms, for each channel given as text or a value."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    given = [
        f"line {part.lineno}: {ast.unparse(part)}"
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "encode"
        for word in call.keywords
        for part in _parts(word.value)
        if isinstance(part, ast.Constant | ast.JoinedStr) or _made(part) in ("value", "datum")
    ]
    assert given == []


def _parts(value: ast.expr) -> Iterator[ast.expr]:
    listed = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
    return (part.value if isinstance(part, ast.Starred) else part for part in listed)


def _made(value: ast.expr) -> str:
    """The name of the function that makes a value."""
    return value.func.attr if isinstance(value, ast.Call) and hasattr(value.func, "attr") else ""


def test_a_page_shows_the_title_once(left: dict[str, Any]) -> None:
    figure = embed.chart(left[theme.LIVE], "<img>", left["text/plain"])
    assert "<figcaption>Two lines</figcaption>" in figure
    assert 'class="live"' in figure  # as wide as its page
    assert 'data-file="two-lines"' in figure
