"""The notebooks in JupyterLab and in the app, in a real browser: sliders move, answers follow.

One notebook at a time: what stands in a tab behind another is not drawn.
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
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import ARGUMENTS

ROOT = Path(__file__).parent.parent
ATTEMPTS = 3  # a busy Chromium may hang or crash: again, in a process of its own
WITH_PANELS = [
    path
    for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
    if "found.panel()" in path.read_text(encoding="utf-8")
]
EVERY = "EVERY_NOTEBOOK" in os.environ  # as CI does; without it the first two
TRIED = WITH_PANELS if EVERY else WITH_PANELS[:2]
WHERE = {"lab": TRIED[::2], "app": TRIED[1::2]}  # both run the same widgets and scripts
TOKEN = "a-token-of-the-tests"
PATIENCE_MS = 60_000  # most of it for kernels that share a busy machine
PRESSED = """(one, key) => {
  for (let n = 0; n < 9; n += 1)
    one.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}"""
OPTIONS = {
    "lab": f"--ip=127.0.0.1 --allow-root --IdentityProvider.token={TOKEN}",
    "app": f"--token={TOKEN}",
}


def command(where: str, port: int) -> list[str]:
    """What `make lab` or `make app` runs, without opening a browser and with a known token."""
    options = f"ARGS=--no-browser --port={port} {OPTIONS[where]}"
    said = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", "--old-file=.venv/.ready", where, options],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")},  # of `make test`
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
        while not answers(port):
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "no server after 90 seconds"
            time.sleep(0.2)
        yield
    finally:
        with suppress(ProcessLookupError):  # it ended by itself, which is told above
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the notebooks, with few draws: the browser is tried here, not the models."""
    (tmp_path / "notebooks").mkdir()
    for path in WITH_PANELS:
        copy = Path(shutil.copy(path, tmp_path / "notebooks"))
        book = json.loads(copy.read_text(encoding="utf-8"))
        [cell] = [c for c in book["cells"] if "parameters" in c["metadata"].get("tags", [])]
        cell["source"] = re.sub(r"(?m)^draws = \d+", "draws = 20", "".join(cell["source"]))
        copy.write_text(json.dumps(book), encoding="utf-8")
    return tmp_path


def answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


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
        lambda m: found.append(m.text) if m.type == "error" else None,
    )
    return found


def follows(page: Any) -> None:
    """Move the first control with an effect: chart and sentence change, and are never missing."""
    chart = page.locator(".agreements-chart[data-drawn]")
    chart.locator("svg.marks").first.wait_for()
    said = page.locator(".agreements-said")
    page.evaluate(
        """() => {
          const chart = document.querySelector(".agreements-chart");
          window.empty = 0;
          const look = () => chart.querySelector("svg.marks") || (window.empty += 1);
          new MutationObserver(look).observe(chart, { childList: true, subtree: true });
        }"""
    )
    found = page.locator(
        ".agreements-panel .noUi-handle:not([disabled]):visible,"
        ".agreements-panel select:not([disabled]):visible"
    )
    for wait_ms in (2_000, 15_000):  # most answer at once; on a busy machine none may
        for handle in [found.nth(n) for n in reversed(range(found.count()))]:
            before = chart.inner_html(), said.inner_text()
            handle.scroll_into_view_if_needed()
            handle.focus()
            if number := handle.evaluate("one => one.options?.length"):
                handle.select_option(index=number - 1 if wait_ms < 9_000 else 0)
            else:  # told to the page itself: a busy browser may not answer the keyboard's way
                handle.evaluate(PRESSED, "ArrowRight" if wait_ms < 9_000 else "ArrowLeft")
            drawn = "([before]) => document.querySelector('.agreements-chart').innerHTML !== before"
            try:
                page.wait_for_function(drawn, arg=[before[0]], timeout=wait_ms)
            except Exception:
                continue  # this one moves nothing that the chart shows
            if said.inner_text() != before[1]:
                assert page.evaluate("window.empty") == 0
                return
    raise AssertionError("no control changes sentence and chart")


@pytest.mark.parametrize("where", WHERE)
def test_a_control_moves_and_the_answer_follows(where: str, chromium: str, folder: Path) -> None:
    from playwright.sync_api import Error, sync_playwright

    port = free_port()
    with serving(command(where, port), port, folder), sync_playwright() as play:
        for path in WHERE[where]:
            for left in reversed(range(ATTEMPTS)):
                browser = play.chromium.launch(executable_path=chromium, args=ARGUMENTS)
                try:
                    opened_and_moved(where, browser, port, path)
                    break
                except Error:
                    if not left:
                        raise
                finally:
                    browser.close()


def opened_and_moved(where: str, browser: Any, port: int, path: Path) -> None:
    name, page = path.name, browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(PATIENCE_MS)
    wrong = heard(page)
    way = f"lab/workspaces/{path.stem}/tree" if where == "lab" else "voila/render"
    address = f"http://127.0.0.1:{port}/{way}/{path.name}?token={TOKEN}"
    page.goto(address, wait_until="commit")
    if where == "lab":
        page.get_by_text("| Idle").first.wait_for()  # what is run before is lost
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    follows(page)
    assert page.get_by_text("Jupyter news").count() == 0, "JupyterLab asks for its news"
    assert page.get_by_text("Javascript Error").count() == 0, name
    assert wrong == [], name
    if where == "app":
        assert page.locator(".jp-InputArea-editor:visible").count() == 0


def asked(port: int, path: str, **given: str) -> tuple[int, str, str]:
    """What a request gets: the code, where it ends, and the text."""
    query = "&".join(f"{name}={value}" for name, value in given.items())
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}?{query}") as answer:
            return answer.status, answer.url, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.url, error.read().decode(errors="replace")


@pytest.mark.parametrize("where", ["lab", "app"])
def test_without_the_token_nothing_can_be_read(where: str, folder: Path) -> None:
    port, name = free_port(), WITH_PANELS[0].name
    secret = ("a secret picture", ".pictures/secret.svg")
    (folder / "notebooks" / ".pictures").mkdir()
    (folder / "notebooks" / secret[1]).write_text(secret[0])
    (folder / "notebooks" / "secret.svg").write_text(secret[0])
    paths = [f"/{way}{each}" for each in (name, "secret.svg", secret[1], "") for way in WAYS]
    with serving(command(where, port), port, folder):
        for path in paths:
            code, url, text = asked(port, path)
            assert code >= 400 or "/login?" in url, path
            assert secret[0] not in text
            assert WITH_PANELS[1].name not in text, path
        path = f"/voila/render/{name}" if where == "app" else "/lab"
        assert "/login?" in asked(port, path, token="another")[1]


WAYS = ("", "lab/tree/", "voila/tree/", "voila/render/", "voila/files/", "voila/api/contents/",
        "files/", "api/contents/", "api/kernels/", "api/sessions/", "view/", "edit/",
        "voila/templates/plain/static/../", "voila/static/../")  # fmt: skip


def test_an_app_has_few_sessions_and_ends_those_of_closed_browsers(folder: Path) -> None:
    port, path = free_port(), f"/voila/render/{WITH_PANELS[0].name}"
    few = [f"--FewKernels.{it}" for it in ("most=2", "cull_idle_timeout=3", "cull_interval=1")]
    [*shell, line] = command("app", port)
    with (
        serving([*shell, " ".join([line, *few])], port, folder),
        ThreadPoolExecutor(4) as browsers,
    ):
        told = [*browsers.map(lambda _: asked(port, path, token=TOKEN), range(4))]
        assert sorted(code for code, *_ in told) == [200, 200, 503, 503]
        full = next(text for code, _, text in told if code == 503)
        assert "All 2 sessions of this app are in use. Close one, or try again" in full
        ends = time.monotonic() + PATIENCE_MS / 1000
        while (again := asked(port, path, token=TOKEN)[0]) != 200:
            assert again == 503
            assert time.monotonic() < ends
            time.sleep(1)
