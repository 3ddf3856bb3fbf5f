"""Each table and column of a published file has a comment: its description."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest

from portrait.publishing.analyst import COARSE_COMMENTS, allowed_tables, coarse_name
from portrait.publishing.publish import BUILD_INFO_COLUMNS, TEST_RESULTS_COMMENTS
from portrait.warehouse import Warehouse

# Of the dictionary, in both languages.
MOST_BYTES = 1_500_000
# What Python writes, and no model describes.
WRITTEN_BY_PYTHON = {
    "build_info": {name: text for name, (_, text) in BUILD_INFO_COLUMNS.items()},
    "test_results": TEST_RESULTS_COMMENTS,
}


@pytest.fixture(scope="module")
def sample_manifest(sample_warehouse: Path) -> dict:
    """Return dbt's manifest of the build of the sample."""
    path = Warehouse(sample_warehouse).target / "manifest.json"
    return json.loads(path.read_text("utf-8"))


@pytest.fixture(scope="module")
def descriptions(sample_manifest: dict) -> dict[str, dict[str, str]]:
    """Return the descriptions of each model's columns, in one line; under "" the model's own."""
    return {
        node["name"]: {"": one_line(node["description"])}
        | {name: one_line(column["description"]) for name, column in node["columns"].items()}
        for node in sample_manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] in ("marts", "quality")
    }


def one_line(text: str) -> str:
    return " ".join(text.split())


def comments(database: Path) -> dict[str, dict[str, str | None]]:
    """Return the comments of each table's columns; under "" the table's own."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select table_name, '' as column_name, comment from duckdb_tables() union all "
            "select table_name, column_name, comment from duckdb_columns() where not internal"
        ).fetchall()
    found: dict[str, dict[str, str | None]] = {}
    for table, column, comment in rows:
        found.setdefault(table, {})[column] = comment
    return found


def test_every_published_column_carries_its_description(
    published_sample: Path, descriptions: dict[str, dict[str, str]]
) -> None:
    found = comments(published_sample / "portrait.duckdb")
    for table, columns in WRITTEN_BY_PYTHON.items():
        own = found[table].pop("")
        assert own
        assert own.startswith("One row")
        assert found.pop(table) == columns
    # The registry explains the columns of tags, which a company may change.
    flags = found["customer_tag_flags"]
    tags = {name for name, text in flags.items() if text is None}
    assert tags == set(flags) - set(descriptions["customer_tag_flags"])
    found["customer_tag_flags"] = {n: text for n, text in flags.items() if n not in tags}
    assert found == descriptions
    assert all(text for columns in found.values() for text in columns.values())


def test_the_analysts_file_carries_the_same(
    published_sample: Path, sample_manifest: dict, descriptions: dict[str, dict[str, str]]
) -> None:
    found = comments(published_sample / "analyst.duckdb")
    assert found.pop("build_info").pop("")
    expected = {
        table.name: {"": descriptions[table.name][""]}
        | {
            coarse_name(name, word) if word in COARSE_COMMENTS else name: (
                descriptions[table.name][name] + COARSE_COMMENTS.get(word, "")
            )
            for word, names in table.columns.items()
            for name in names
        }
        for table in allowed_tables(sample_manifest)
    }
    assert found == expected
    assert all(text for columns in found.values() for text in columns.values())


def test_quotes_and_line_breaks_come_through(descriptions: dict[str, dict[str, str]]) -> None:
    """The sample's descriptions hold what a comment could get wrong."""
    texts = [text for columns in descriptions.values() for text in columns.values()]
    assert any("'" in text for text in texts)
    assert any("`" in text for text in texts)


def test_the_dictionary_has_each_table_and_described_column_once(
    published_sample: Path, sample_warehouse: Path
) -> None:
    text = (published_sample / "dictionary.html").read_text("utf-8")
    assert len(text.encode()) < MOST_BYTES
    found: dict[str, list[str]] = {}
    for table, article in re.findall(r'<article id="([^"]+)">(.*?)</article>', text, re.S):
        assert table not in found
        found[table] = re.findall(r'<th scope="row"><code>(\w+)</code>', article)
    with duckdb.connect(str(published_sample / "portrait.duckdb"), read_only=True) as connection:
        described = connection.execute(
            "select schema_name || '.' || table_name, list(column_name order by column_index)"
            " from duckdb_columns() where not internal and comment is not null group by all"
        ).fetchall()
    assert found == dict(described)
    # Every table and column has its Chinese, and every topic its name.
    assert '<span class="zh" lang="zh-CN"></span>' not in text
    assert not re.findall(r"<h2>(?!<span)", text)
    printed = (sample_warehouse / "printed.txt").read_text("utf-8")
    assert "dictionary.html: what every table and column means" in printed
