"""Every page of the app in headless Chromium, on a desktop and on a phone, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import app_environment
import duckdb
import pytest
from builds import SAMPLE

pytestmark = pytest.mark.slow(reason="it opens 28 pages in Chromium")


@pytest.fixture(scope="module")
def looked_at(published_sample: Path) -> dict[str, Any]:
    app_environment.require("playwright", "app-browser-env")
    if not app_environment.CHROMIUM.exists():
        pytest.skip(f"there is no {app_environment.CHROMIUM}: apt install chromium")
    with duckdb.connect(str(published_sample / "portrait.duckdb"), read_only=True) as connection:
        (row,) = connection.execute(
            "select customer_id from marts.customer_portrait"
            " order by records_count desc, monetary_amount desc, customer_id limit 1"
        ).fetchall()
    return app_environment.run(
        "browse", "--customer", row[0], "--languages", "en", "zh",
        raw=SAMPLE, warehouse=published_sample.parent,
    )  # fmt: skip


@pytest.fixture
def pages(looked_at: dict[str, Any]) -> dict[str, Any]:
    """The pages as they are, without those with planted faults."""
    return {name: page for name, page in looked_at.items() if not name.startswith("planted")}


def test_every_page_is_drawn(pages: dict[str, Any]) -> None:
    assert len(pages) == 28
    for name, page in pages.items():
        assert not page["exceptions"], name
        assert not page["empty_charts"], name
    assert pages["overview phone zh"]["heading"] == "总览"


@pytest.mark.parametrize("what", ["other_hosts", "console", "overflow", "axe"])
def test_no_page_has(pages: dict[str, Any], what: str) -> None:
    """No other host is asked; no error in the console, nothing too wide, nothing against axe."""
    assert not {name: page[what] for name, page in pages.items() if page[what]}


def test_the_keyboard_reaches_the_menu_and_the_page(pages: dict[str, Any]) -> None:
    for name, page in pages.items():
        reached = page["by_keyboard"]
        assert len(set(reached)) >= 5, name
        assert {"Overview", "总览"} & set(reached), name


@pytest.mark.parametrize(
    "what", ["other_hosts", "console", "overflow", "axe", "exceptions", "empty_charts"]
)
def test_a_planted_fault_is_found(looked_at: dict[str, Any], what: str) -> None:
    planted = [page for name, page in looked_at.items() if name.startswith("planted")]
    assert len(planted) == 2
    assert all(page[what] for page in planted)
