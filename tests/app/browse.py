"""Opens every page of the app in headless Chromium, and says as JSON what was wrong with it.

Run by tests/python/end_to_end/test_app_in_browser.py in the environment of the app. By hand, to see
the pages: `.venv-app/bin/python tests/app/browse.py --pictures FOLDER`.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

PROJECT = Path(__file__).resolve().parents[2]
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
PAGES = ("overview", "segments", "audiences", "customer", "identity", "campaigns", "quality")
SERIOUS = ("serious", "critical")
OPTIONS = {"resultTypes": ["violations"]}
CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
# A fault of each kind, to show that it would be found.
PLANTED = """() => {
    const add = (html) => document.querySelector('h1').insertAdjacentHTML('afterend', html);
    add('<p style="color: #bbbbbb; background: #ffffff">too pale to be read</p>');
    add('<div style="width: 3000px; height: 5px"></div>');
    add('<div data-testid="stException">an exception</div>');
    add('<div data-testid="stVegaLiteChart" style="height: 3px"></div>');
    add('<img alt="elsewhere" src="http://elsewhere.example/picture.png">');
    console.error('planted');
}"""
STARTS_WITHIN_S, DRAWN_WITHIN_MS = 60, 60_000


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def served() -> Iterator[str]:
    """Serve the app on a free port."""
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", "portrait/app/main.py"),
            *("--server.port", str(port)),
        ],
        cwd=PROJECT, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(STARTS_WITHIN_S * 5):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def settled(page: Page) -> None:
    """Wait until the page is drawn: the script has run, and the page no longer grows."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]',
                           timeout=DRAWN_WITHIN_MS)  # fmt: skip
    page.wait_for_selector("h1", timeout=DRAWN_WITHIN_MS)
    height = -1
    for _ in range(60):
        page.wait_for_timeout(400)
        now = page.evaluate(
            "() => document.querySelector('[data-testid=stMain]').scrollHeight"
            " + document.querySelectorAll('canvas, svg').length"
        )
        if now == height and page.locator('[data-testid="stSkeleton"]').count() == 0:
            return
        height = now


def looked_at(
    page: Page, address: str, path: str, picture: Path | None, planted: str = ""
) -> dict[str, Any]:
    """Open a page and note what is wrong with it; `planted` is a script that spoils it first."""
    hosts: set[str] = set()
    console: list[str] = []
    page.on("request", lambda one: hosts.add(one.url.split("/")[2]) if "://" in one.url else None)
    page.on("console", lambda one: console.append(one.text) if one.type == "error" else None)
    page.on(
        "response",
        lambda one: console.append(f"{one.status} {one.url}") if one.status >= 400 else None,
    )
    page.on("pageerror", lambda one: console.append(str(one)))
    started = time.monotonic()
    page.goto(f"{address}/{path}")
    settled(page)
    if "page=audiences" in path:
        choose_tags(page)
    seconds = time.monotonic() - started
    if planted:
        page.evaluate(planted)
        page.wait_for_timeout(1000)
    found = {"seconds": round(seconds, 1), **wrong_with(page)}
    found["other_hosts"] = sorted(hosts - {address.split("/")[2]})
    found["console"] = console
    if picture:
        page.evaluate("() => window.scrollTo(0, 0)")
        whole(page, picture)
    return found


def wrong_with(page: Page) -> dict[str, Any]:
    """What can be seen to be wrong with a page that is drawn."""
    return {
        "exceptions": page.locator('[data-testid="stException"]').count()
        + page.locator('[data-testid="stAlertContentError"]').count(),
        "heading": page.locator("h1").first.inner_text(),
        "empty_charts": page.evaluate(
            "() => [...document.querySelectorAll('[data-testid=stVegaLiteChart]')]"
            ".filter(one => one.getBoundingClientRect().height < 40).length"
        ),
        # How far the page is wider than the window.
        "overflow": page.evaluate(
            "() => { const main = document.querySelector('[data-testid=stMain]');"
            " return Math.max(0, main.scrollWidth - main.clientWidth,"
            " document.documentElement.scrollWidth - window.innerWidth); }"
        ),
        "axe": [
            f"{one['id']}: {node['target'][0]} {node['html'][:160]}"
            for one in Axe().run(page, options=OPTIONS).response["violations"]
            if one["impact"] in SERIOUS
            for node in one["nodes"][:4]
        ],
        "by_keyboard": by_keyboard(page),
    }


def choose_tags(page: Page) -> None:
    """Put an audience together by keyboard, so that its size and profile are looked at too."""
    field = page.locator('[data-testid="stMultiSelect"] input').first
    field.focus()
    # What the field finds first in both languages.
    page.keyboard.type("RFM")
    page.wait_for_timeout(500)
    # The first line takes all that are found.
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    settled(page)


def by_keyboard(page: Page) -> list[str]:
    """What the tab key reaches first: each must be seen to have the focus."""
    page.evaluate("() => document.activeElement && document.activeElement.blur()")
    reached = []
    for _ in range(14):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "() => { const e = document.activeElement; return e === document.body ? '' :"
            " (e.getAttribute('aria-label') || e.innerText || e.tagName).trim().slice(0, 40); }"
        )
        reached.append(said)
    return [one for one in reached if one]


def whole(page: Page, picture: Path) -> None:
    """A picture of the whole page, however long it is."""
    size = page.viewport_size or {"width": 1280, "height": 900}
    height = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size(
        {"width": size["width"], "height": max(size["height"], int(height) + 20)}
    )
    page.wait_for_timeout(1200)
    page.screenshot(path=str(picture))
    page.set_viewport_size(size)  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--customer", default="")
    parser.add_argument("--pages", nargs="*", default=list(PAGES))
    parser.add_argument("--widths", nargs="*", default=list(WIDTHS))
    parser.add_argument("--languages", nargs="*", default=["en"])
    parser.add_argument("--pictures", type=Path)
    told = parser.parse_args()
    if told.pictures:
        told.pictures.mkdir(parents=True, exist_ok=True)
    results = {}
    with served() as address, sync_playwright() as player, tempfile.TemporaryDirectory() as profile:
        for width in told.widths:
            across, down = WIDTHS[width]
            browser = player.chromium.launch_persistent_context(
                f"{profile}/{width}", executable_path=told.chromium, headless=True, args=CHROMIUM,
                viewport={"width": across, "height": down},
            )  # fmt: skip
            for language in told.languages:
                for name in told.pages:
                    path = f"?page={name}&lang={language}"
                    if name == "customer" and told.customer:
                        path += f"&customer_id={told.customer}"
                    picture = (
                        told.pictures / f"{name}-{width}-{language}.png" if told.pictures else None
                    )
                    page = browser.new_page()
                    results[f"{name} {width} {language}"] = looked_at(page, address, path, picture)
                    page.close()
            page = browser.new_page()
            results[f"planted {width}"] = looked_at(page, address, "", None, PLANTED)
            browser.close()
    print(json.dumps(results, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
