"""The notebooks in JupyterLab and in the app, in a real browser: sliders move, answers follow.

All notebooks are opened at once and then looked at one by one, so that kernels start side by side.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WITH_PANELS = [
    path
    for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
    if "analysis.panels" in path.read_text(encoding="utf-8")
]
NOTEBOOKS = WITH_PANELS[:1]  # each one more costs a kernel and its whole page, twice
TOKEN = "a-token-of-the-tests"
PATIENCE_MS = 120_000  # most of it for kernels that share a busy machine
LAB = [
    *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1", "--allow-root"),
    *(f"--IdentityProvider.token={TOKEN}", "--LabApp.news_url=None"),
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
]
POLICY = "Content Security Policy"  # keeps the app's pages from loading fonts from elsewhere


def app(port: int) -> list[str]:
    """What `make app` runs, without opening a browser and with a token that is known."""
    options = f"ARGS=--no-browser --port={port} --token={TOKEN}"
    said = subprocess.run(
        ["make", "--dry-run", "--old-file=.venv/.ready", "app", options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    line = said.stdout.replace("\\\n", " ").strip().splitlines()[-1]
    return ["sh", "-c", "exec " + line.replace(".venv/bin/python", sys.executable, 1)]


@contextmanager
def serving(command: list[str], port: int, folder: Path) -> Iterator[None]:
    """A server that answers on the loopback, in a folder of its own, until the block ends."""
    own = {name: str(folder / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    own["IPYTHONDIR"] = str(folder / "ipython")
    server = subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | own,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 90
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "no server after 90 seconds"
            time.sleep(0.2)
        yield
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the notebooks, with few draws: the browser is tried here, not the models."""
    (tmp_path / "notebooks").mkdir()
    for path in NOTEBOOKS:
        copy = Path(shutil.copy(path, tmp_path / "notebooks"))
        book = json.loads(copy.read_text(encoding="utf-8"))
        [cell] = [c for c in book["cells"] if "parameters" in c["metadata"].get("tags", [])]
        cell["source"] = re.sub(r"(?m)^draws = \d+", "draws = 3", "".join(cell["source"]))
        copy.write_text(json.dumps(book), encoding="utf-8")
    return tmp_path


@pytest.fixture
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        context = opened.new_context(viewport={"width": 1280, "height": 1000})
        context.set_default_timeout(PATIENCE_MS)
        yield context
        opened.close()


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def heard(page: Any) -> list[str]:
    """What goes wrong on a page from now on, and what it asks of other machines."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "console",
        lambda m: found.append(m.text) if m.type == "error" and POLICY not in m.text else None,
    )
    return found


def follows(page: Any) -> None:
    """Move the first slider with an effect: chart and sentence change, and are never missing."""
    chart = page.locator(".agreements-chart[data-drawn]")
    chart.locator("svg.marks").first.wait_for()
    before = chart.inner_html(), page.locator(".agreements-said").inner_text()
    page.evaluate(
        """() => {
          const chart = document.querySelector(".agreements-chart");
          window.empty = 0;
          const look = () => chart.querySelector("svg.marks") || (window.empty += 1);
          new MutationObserver(look).observe(chart, { childList: true, subtree: true });
        }"""
    )
    handles = page.locator(".agreements-panel .noUi-handle:not([disabled])")
    for handle in [handles.nth(n) for n in range(handles.count())]:
        handle.scroll_into_view_if_needed()
        handle.focus()
        for _ in range(9):
            handle.press("ArrowRight")
        drawn = "([before]) => document.querySelector('.agreements-chart').innerHTML !== before"
        try:
            page.wait_for_function(drawn, arg=[before[0]], timeout=9000)
        except Exception:
            continue  # this one moves nothing that the chart shows
        said = page.locator(".agreements-said").inner_text()
        if said != before[1]:
            assert page.evaluate("window.empty") == 0
            return
    raise AssertionError("no slider changes sentence and chart")


@pytest.mark.parametrize("where", ["lab", "app"])
def test_a_slider_moves_and_the_answer_follows(where: str, browser: Any, folder: Path) -> None:
    port = free_port()
    lab = [*LAB, f"--port={port}", "--notebook-dir=notebooks"]
    with serving(lab if where == "lab" else app(port), port, folder):
        pages = {}
        for path in NOTEBOOKS:
            page = pages[path.name] = browser.new_page()
            page.wrong = heard(page)
            way = f"lab/workspaces/{path.stem}/tree" if where == "lab" else "voila/render"
            address = f"http://127.0.0.1:{port}/{way}/{path.name}?token={TOKEN}"
            page.goto(address, wait_until="commit")
        for page in pages.values() if where == "lab" else ():
            page.bring_to_front()
            page.get_by_text("| Idle").first.wait_for()  # what is run before is lost
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        for name, page in pages.items():
            page.bring_to_front()
            follows(page)
            assert page.wrong == [], name
            if where == "app":
                assert page.locator(".jp-InputArea-editor:visible").count() == 0
            page.close()
        if where == "app":
            bare = urllib.request.urlopen(f"http://127.0.0.1:{port}/voila/render/{name}")
            assert "/login?" in bare.url, "without the token there is nothing to see"
