"""The published pages in a real browser without a network."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import Published

from analysis.contract import files
from analysis.run import front

NAMES = ["01 'shows' {x}", "index"]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_alive_without_a_network(
    browser: Any, published: Published, name: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, offline=True)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda call: said.append(call.url) if call.url[:4] == "http" else None)
    page.goto((published.folder / f"{name}.html").as_uri())
    if name != "index":
        page.wait_for_function(
            "document.querySelectorAll('figure.alive').length == 2", timeout=9000
        )
        assert page.locator("figure.alive .still").first.is_hidden()
        assert page.locator(".live[role=graphics-document][aria-label]").count() == 2
        drawn = [svg.bounding_box()["width"] for svg in page.locator(".live svg.marks").all()]
        assert all(0.8 * min(width, 920) < each < width for each in drawn)
        bars = page.locator(".live >> nth=1").locator(".mark-rect path")
        assert bars.count() == 2
        page.locator("input[type=range]").fill("2")
        page.wait_for_timeout(200)
        assert bars.count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.title() != "x"  # which is what the toy's own name would make of it
    assert said == []
    context.close()


def test_without_scripts_each_chart_is_a_picture(browser: Any, published: Published) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto((published.folder / f"{NAMES[0]}.html").as_uri())
    assert page.locator("figure .still img").count() == 2
    assert all(image.is_visible() for image in page.locator("figure .still img").all())
    assert page.locator("details[open]").count() == 0
    context.close()


def test_what_is_printed_is_not_cut(browser: Any, published: Published) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto((published.folder / f"{NAMES[0]}.html").as_uri())
    page.wait_for_function("document.querySelectorAll('figure.alive').length == 2")
    page.emulate_media(media="print")
    page.locator("main").evaluate("(sheet) => { sheet.style.width = '400px'; }")  # narrower
    drawn = [svg.bounding_box()["width"] for svg in page.locator(".live svg.marks").all()]
    assert all(200 < width <= 400 for width in drawn)
    assert page.locator(".save, nav.bar, footer").first.is_hidden()
    page.close()


def test_the_front_page_sorts_by_the_column_that_is_clicked(browser: Any, tmp_path: Path) -> None:
    agreements = [(name, files.contract(name), "") for name in files.contracts()]
    path = tmp_path / "index.html"
    path.write_text(front.page(agreements, date(2026, 11, 23), tmp_path), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())

    def column(at: int) -> list[str]:
        cells = page.locator(f"tbody tr > :nth-child({at})")
        found: list[str] = cells.evaluate_all("cells => cells.map(cell => cell.dataset.by)")
        return found

    for at, kind in ((1, str), (3, float)):
        for down in (kind is float, kind is str):  # the largest first, or the alphabet
            page.locator("thead button").nth(at - 1).click()
            assert column(at) == sorted(column(at), key=kind, reverse=down)
    for _ in range(2):  # what is missing is last, up or down
        page.locator("thead button").nth(8).click()
        held = [by for by in column(9) if by]
        assert 0 < len(held) < len(agreements)
        assert column(9)[: len(held)] == held
    page.close()
