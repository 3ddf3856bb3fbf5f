"""Which tests run: those marked as slow are skipped, each with its reason, unless `--all` is given.

`make test` is the default, `make test-all` gives `--all`.
"""

from __future__ import annotations

import os

import pytest

SETTINGS = (
    *("RAW", "WAREHOUSE", "AS_OF", "AS_OF_MAX_GAP_DAYS", "TIMEZONE", "CURRENCY", "CONFIG"),
    *("UNKNOWN_WORDS_MAX_PCT", "COUNTRY"),
)


def pytest_configure() -> None:
    """Forget the settings of the caller: they are not those of the tests."""
    for name in SETTINGS:
        os.environ.pop(f"PORTRAIT_{name}", None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="run the tests that are marked slow, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--all"):
        return
    for item in items:
        for mark in item.iter_markers("slow"):
            reason = f"slow, {mark.kwargs['reason']}: `make test-all` runs it"
            item.add_marker(pytest.mark.skip(reason=reason))
