"""Each published table and column has its Chinese in portrait/dictionary/zh.yml, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest
from privacy_rules import PUBLISHED_LAYERS, layer_of, models

from portrait.dictionary.catalogue import chinese
from portrait.publishing.publish import BUILD_INFO_COLUMNS, TEST_RESULTS_COMMENTS
from portrait.reading.words import texts

CHINESE = re.compile("[\u4e00-\u9fff]")


def gaps(names: Iterable[str], translations: Iterable[str]) -> list[str]:
    """Return what has no translation, and the translations of what is not there."""
    wanted, told = set(names), set(translations)
    return [f"{name}: has no Chinese in zh.yml" for name in sorted(wanted - told)] + [
        f"{name}: stands in zh.yml, and nothing is called so" for name in sorted(told - wanted)
    ]


@pytest.fixture(scope="module")
def published(manifest: dict[str, Any]) -> dict[str, set[str]]:
    """The names of the columns of each published table."""
    # What Python writes, and no model describes.
    written = {"build_info": set(BUILD_INFO_COLUMNS), "test_results": set(TEST_RESULTS_COMMENTS)}
    return written | {
        model["name"]: set(model["columns"])
        for model in models(manifest)
        if layer_of(model) in PUBLISHED_LAYERS
    }


def test_every_table_has_its_chinese(published: dict[str, set[str]]) -> None:
    assert not gaps(published, chinese()["tables"])


def test_every_column_has_its_chinese(published: dict[str, set[str]]) -> None:
    names = set().union(*published.values())
    assert len(names) > 1000
    assert not gaps(names, chinese()["columns"])


def test_a_gap_is_named() -> None:
    assert gaps({"old", "new"}, {"old", "gone"}) == [
        "new: has no Chinese in zh.yml",
        "gone: stands in zh.yml, and nothing is called so",
    ]


def test_the_chinese_is_chinese_and_short() -> None:
    for name, told in chinese()["tables"].items():
        title, sentence = told
        assert CHINESE.search(title) and len(title) <= 12, name
        assert CHINESE.search(sentence) and sentence.endswith("。"), name
    for name, label in chinese()["columns"].items():
        assert CHINESE.search(label) and len(label) <= 16, name


def test_lines_stand_by_name() -> None:
    for kind in ("tables", "columns"):
        assert list(chinese()[kind]) == sorted(chinese()[kind]), kind


def test_the_app_the_report_and_the_dictionary_use_one_word() -> None:
    """What they call a column is in its name here, which may say more, such as the unit."""
    shared = chinese()["columns"].keys() & texts()["columns"].keys()
    assert len(shared) > 50
    assert not [
        f"{name}: {label} here, {texts()['columns'][name][1]} in words.yml"
        for name in sorted(shared)
        if texts()["columns"][name][1] not in (label := chinese()["columns"][name])
    ]
