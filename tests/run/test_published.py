"""Every page of a real report, opened in a real browser without a network."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analysis.contract import files, position
from analysis.page.findings import quantity

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
PAGES = [*(name for name in NAMES if not name.startswith("00")), "index"]
CHOICES = [name for name in PAGES if name[:2] in {"01", "03", "04", "06", "09"}]
MEGABYTE = 1_000_000
LARGEST = 2.5 * MEGABYTE
ALIVE = "document.querySelectorAll('figure.chart:not(.alive)').length === 0"
# What Tab should reach: all that can be used or scrolled and is shown.
REACHABLE = """[...document.querySelectorAll(
    'a[href], button, summary, select, input, [tabindex="0"]')]
    .filter((e) => e.checkVisibility() && e.getClientRects().length).length"""
FOCUSED = """(() => { const e = document.activeElement, s = getComputedStyle(e);
    const seen = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0;
    return e === document.body ? null : [e.tagName, e.textContent.slice(0, 30), seen]; })()"""
# A character without a glyph is drawn as the same box as one that no font has.
MISSING = """(font) => {
    const draw = (c) => { const [w, h] = [40, 40], canvas = document.createElement('canvas');
        Object.assign(canvas, { width: w, height: h });
        const ink = canvas.getContext('2d'); ink.font = `24px ${font}`; ink.fillText(c, 4, 30);
        return canvas.toDataURL(); };
    const none = draw('\\u{10FFFD}'), text = new Set(document.body.textContent);
    const lacks = (c) => c === '\\uFFFD' || draw(c) === none;
    return [...text].filter((c) => c.trim() && lacks(c)); }"""


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    yield context.new_page()
    context.close()


def opened(tab: Any, folder: Path, name: str) -> list[str]:
    """Open a page and wait for its charts; what the browser had to say."""
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda call: said.append(call.url) if call.url[:4] == "http" else None)
    tab.goto((folder / f"{name}.html").as_uri())
    tab.wait_for_function(ALIVE, timeout=30_000)
    return said


def violations(tab: Any) -> list[str]:
    """What axe-core finds wrong with the page as it stands."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(tab).response["violations"]
    return [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_by_all_and_used_by_keyboard(
    tab: Any, reported: Path, name: str
) -> None:
    assert opened(tab, reported, name) == []
    reached = []
    for _ in range(tab.evaluate(REACHABLE)):
        tab.keyboard.press("Tab")
        reached.append(tab.evaluate(FOCUSED))
    assert None not in reached
    assert [each for each in reached if not each[2]] == []  # each shows where it is
    tab.keyboard.press("Tab")
    assert tab.evaluate(FOCUSED) is None  # past the last: none was counted that Tab passes over
    fonts = tab.evaluate(
        "[document.body, document.querySelector('h2')].map((e) => getComputedStyle(e).fontFamily)"
    )
    assert [tab.evaluate(MISSING, font) for font in fonts] == [[], []]
    charts = tab.locator("figure.chart .live[role=graphics-document]")
    words = [chart.get_attribute("aria-label") or "" for chart in charts.all()]
    assert len(words) == tab.locator("figure.chart").count()
    assert all(len(each) > 20 for each in words)
    tab.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert violations(tab) == []
    tab.emulate_media(color_scheme="dark")
    tab.set_viewport_size({"width": 390, "height": 800})
    assert violations(tab) == []
    assert tab.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_small_and_holds_its_libraries_once(reported: Path, name: str) -> None:
    text = (reported / f"{name}.html").read_text(encoding="utf-8")
    assert len(text.encode()) < LARGEST
    assert text.count("window.vegaEmbed=") == (name != "index")


@pytest.mark.parametrize("name", CHOICES)
def test_a_control_moved_by_keyboard_changes_the_sentence(
    tab: Any, reported: Path, name: str
) -> None:
    said = opened(tab, reported, name)
    figure = tab.locator("figure:has(.vega-bind)").first
    for select in figure.locator("select").all():
        before, drawn = figure.locator("output").text_content(), shown(figure)
        select.focus()
        most = select.locator("option").count()
        for key in ["ArrowDown"] * most + ["ArrowUp"] * most:  # the last may be chosen already,
            tab.keyboard.press(key)
            tab.wait_for_timeout(150)
            if shown(figure) != drawn:  # and readings side by side may promise the same
                break
        assert shown(figure) != drawn
        rate_only = name.startswith("01") and "rate" in select.get_attribute("name")
        assert (figure.locator("output").text_content() == before) is rate_only
    assert said == []


def shown(figure: Any) -> list[str]:
    """The numbers that a chart to choose from shows."""
    return [text for text in figure.locator(".mark-text text").all_text_contents() if ": " in text]


def test_what_is_chosen_is_what_the_package_says(tab: Any, reported: Path) -> None:
    opened(tab, reported, PAGES[0])
    deal = files.contract("anthropic-xai")
    for reading, day in (("R3", date(2026, 7, 1)), ("R2e", date(2027, 3, 1)), ("R0", deal.start)):
        tab.locator("select[name=reading]").select_option(reading)
        tab.locator("select[name=day]").select_option(day.isoformat())
        tab.wait_for_timeout(150)
        firm = position(deal, day, reading).firm()
        told = quantity(firm.usd, "USD", digits=3)
        assert f"committed: {told}" in shown(tab.locator("figure:has(.vega-bind)"))
        sentence = tab.locator("figure:has(.vega-bind) output").text_content()
        assert str(told) in sentence
        assert f"({reading})" in sentence


def test_a_saved_chart_keeps_its_title_its_unit_and_what_was_chosen(
    tab: Any, reported: Path
) -> None:
    opened(tab, reported, PAGES[0])
    figure = tab.locator("figure:has(.vega-bind)")
    tab.locator("select[name=reading]").select_option("R3")
    title = figure.evaluate("(e) => JSON.parse(e.querySelector('script').textContent).title.text")
    for kind in ("SVG", "PNG"):
        with tab.expect_download() as saving:
            figure.get_by_role("button", name=kind).click()
        name = saving.value.suggested_filename
        assert re.fullmatch(
            rf"anthropic-xai-{PAGES[0]}-what-is-committed[a-z-]+\.{kind.lower()}", name
        )
        saved = Path(saving.value.path()).read_bytes()
        if kind == "SVG":
            text = saved.decode()
            assert title in text
            assert "amount, $bn" in text
            assert "(R3)" in " ".join(re.sub(r"<[^>]+>", " ", text).split())
        else:
            assert saved.startswith(b"\x89PNG")
            assert int.from_bytes(saved[16:20]) > 1000  # pixels across


def test_the_light_card_of_a_chart_stays_light_in_a_dark_page(tab: Any, reported: Path) -> None:
    tab.emulate_media(color_scheme="dark")
    opened(tab, reported, PAGES[0])
    ground = "(e) => getComputedStyle(e).backgroundColor"
    assert tab.locator("body").evaluate(ground) == "rgb(20, 23, 27)"
    assert tab.locator(".live").first.evaluate(ground) == "rgb(255, 255, 255)"
    assert json.loads(tab.locator("figure script").first.text_content())["title"]


def test_the_brief_prints_on_two_sheets_with_six_numbers(tab: Any, reported: Path) -> None:
    tab.goto((reported / "index.html").as_uri())
    printed = tab.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2
    assert tab.locator(".brief .tiles > div").count() == 6


def test_each_chart_names_its_sources_with_links(tab: Any, reported: Path) -> None:
    opened(tab, reported, PAGES[0])
    charts = tab.locator("figure.chart")
    assert charts.count() == tab.locator("figure.chart .source a[href^=https]").evaluate_all(
        "(links) => new Set(links.map((link) => link.closest('figure'))).size"
    )
