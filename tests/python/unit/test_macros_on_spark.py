"""On Spark, each macro answers as its table in tests/macros/ says, and as it does on DuckDB.

All rows go through the thrift server of a cluster as one query. Skipped where Java or pyspark is
missing, with the sentence that says what is.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from test_macros import PROJECT_DIR, Row, differences, examples, query, read_answers, through_dbt

from portrait.parity import spark_environment
from portrait.spark_cluster import Cluster, SparkMissing, SparkSettings, free_port


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Start a cluster of the test's own, and stop it."""
    names = {name: os.environ[name] for name in ("PORTRAIT_SPARK_ENV",) if name in os.environ}
    settings = SparkSettings.from_environment(
        PROJECT_DIR,
        {
            **names,
            "PORTRAIT_SPARK_HOME": str(tmp_path_factory.mktemp("spark")),
            "PORTRAIT_SPARK_PORT": str(free_port()),
        },
    )
    cluster = Cluster(settings)
    try:
        cluster.up()
    except SparkMissing as missing:
        pytest.skip(str(missing))
    yield cluster
    cluster.down()


def characters() -> list[Row]:
    """Return every letter, mark, number and symbol, for nfkc as Python has it."""
    codes = [
        code
        for code in (*range(0x80, 0xD800), *range(0xE000, 0x20000))
        if unicodedata.category(chr(code))[0] in "LMNS"
        and unicodedata.normalize("NFKC", chr(code)) != chr(code)
    ]
    return [
        {"text": chr(code), "expected": unicodedata.normalize("NFKC", chr(code))} for code in codes
    ]


def accented() -> list[Row]:
    """Return every letter and mark of the scripts that strip_accents knows, as DuckDB has it."""
    letters = [
        chr(code)
        for code in (*range(0x80, 0x900), *range(0x1E00, 0x2000))
        if unicodedata.category(chr(code))[0] in "LM"
    ]
    with duckdb.connect() as connection:
        bare = connection.execute(
            "select list_transform(?, lambda letter: strip_accents(letter))", [letters]
        ).fetchone()
    assert bare
    return [{"text": a, "expected": b} for a, b in zip(letters, bare[0], strict=True)]


def lower_cased() -> list[Row]:
    """Return every letter with a lower case, as DuckDB has it, between two other letters."""
    letters = [
        f"A{chr(code)}"
        for code in (*range(0x41, 0xD800), *range(0xE000, 0x20000))
        if unicodedata.category(chr(code))[0] in "L" and chr(code).lower() != chr(code)
    ]
    with duckdb.connect() as connection:
        lower = connection.execute(
            "select list_transform(?, lambda letter: lower(letter))", [letters]
        ).fetchone()
    assert lower
    return [{"text": a, "expected": b} for a, b in zip(letters, lower[0], strict=True)]


def test_each_macro_answers_on_spark_as_its_table_says(cluster: Cluster, tmp_path: Path) -> None:
    named_rows = {
        **examples(),
        "characters": ("nfkc", characters()),
        "accented": ("strip_accents", accented()),
        "lower case": ("lower_text", lower_cased()),
    }
    others = {name: text for name, text in os.environ.items() if not name.startswith("PORTRAIT_")}
    through_dbt(
        query(named_rows, engine="spark"),
        tmp_path,
        {
            **others,
            **spark_environment(cluster.settings, "macros"),
            "PORTRAIT_WAREHOUSE": str(tmp_path / "warehouse"),
        },
        *("--target", "spark"),
    )
    answers = read_answers(tmp_path)
    found = [
        f"{name}: {line}"
        for name, (_, rows) in named_rows.items()
        for line in differences(rows, answers[name])
    ]
    assert not found, "\n".join(found[:100])
