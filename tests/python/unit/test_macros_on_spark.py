"""On Spark, each macro answers as its table in tests/macros/ says, and as it does on DuckDB.

All rows go as one query through the thrift server of a cluster, where ANSI is on, and through a
session in dbt's own process, where dbt-spark turns it off. Skipped where Java or pyspark is
missing, with the sentence that says what is.
"""

from __future__ import annotations

import os
import random
import re
import unicodedata
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from test_macros import PROJECT_DIR, Row, differences, examples, query, read_answers, through_dbt

from portrait.spark.cluster import (
    Cluster,
    SparkMissing,
    SparkSettings,
    find_java,
    find_pyspark,
)
from portrait.spark.parity import spark_environment


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
    """Return every letter and mark of the scripts that strip_accents knows."""
    codes = (*range(0x80, 0x900), *range(0x1E00, 0x2000))
    letters = [chr(code) for code in codes if unicodedata.category(chr(code))[0] in "LM"]
    return as_on_duckdb("strip_accents", letters)


def lower_cased() -> list[Row]:
    """Return every letter with a lower case, behind another letter."""
    codes = (*range(0x41, 0xD800), *range(0xE000, 0x20000))
    letters = [chr(code) for code in codes if unicodedata.category(chr(code))[0] == "L"]
    return as_on_duckdb("lower", [f"A{letter}" for letter in letters if letter.lower() != letter])


def as_on_duckdb(function: str, texts: list[str]) -> list[Row]:
    """Return the texts with what a function of DuckDB makes of each."""
    with duckdb.connect() as connection:
        answered = connection.execute(
            f"select list_transform(?, lambda text: {function}(text))", [texts]
        ).fetchone()
    assert answered
    return [{"text": a, "expected": b} for a, b in zip(texts, answered[0], strict=True)]


def shuffled_pairs() -> list[Row]:
    """Return pairs of texts of few letters, which often have them in another order."""
    chance = random.Random(1)
    texts = ["".join(chance.choices("abcd", k=chance.randint(1, 9))) for _ in range(1200)]
    pairs = list(zip(texts[::2], texts[1::2], strict=True))
    with duckdb.connect() as connection:
        answered = connection.execute(
            "select list_transform(?, lambda pair: jaro_winkler_similarity(pair[1], pair[2]))",
            [pairs],
        ).fetchone()
    assert answered
    return [
        {"text": a, "other_text": b, "expected": f"{c if c >= 0.7 else 0:.6f}"}
        for (a, b), c in zip(pairs, answered[0], strict=True)
    ]


def without_exponent(text: str | None) -> str | None:
    """Return a small decimal with all its digits: Spark without ANSI writes it as 1E-12."""
    is_short = text is not None and re.fullmatch(r"-?[0-9.]+E-[0-9]+", text)
    return format(Decimal(text), "f") if text and is_short else text


def assert_answers(folder: Path, target: str, environment: dict[str, str]) -> None:
    """Ask the target for every answer of every table, and for those of all characters."""
    named_rows = {
        **examples(),
        "characters": ("nfkc", characters()),
        "accented": ("strip_accents", accented()),
        "lower case": ("lower_text", lower_cased()),
        "similarity": ("text_similarity", shuffled_pairs()),
    }
    others = {name: text for name, text in os.environ.items() if not name.startswith("PORTRAIT_")}
    warehouse = {"PORTRAIT_WAREHOUSE": str(folder / "warehouse")}
    sql = query(named_rows, engine="spark")
    through_dbt(sql, folder, {**others, **environment, **warehouse}, *("--target", target))
    answers = {
        name: {number: without_exponent(text) for number, text in texts.items()}
        for name, texts in read_answers(folder).items()
    }
    found = [
        f"{name}: {line}"
        for name, (_, rows) in named_rows.items()
        for line in differences(rows, answers[name])
    ]
    assert not found, "\n".join(found[:100])


@pytest.mark.slow(reason="it needs Spark")
def test_each_macro_answers_on_a_cluster(spark_cluster: Cluster, tmp_path: Path) -> None:
    assert_answers(tmp_path, "spark", spark_environment(spark_cluster.settings, "macros"))


@pytest.mark.slow(reason="it needs Spark")
def test_each_macro_answers_in_a_session(tmp_path: Path) -> None:
    settings = SparkSettings.from_environment(PROJECT_DIR)
    try:
        java_home, pyspark = find_java(), find_pyspark(settings.environment)
    except SparkMissing as missing:
        pytest.skip(str(missing))
    environment = {
        "JAVA_HOME": str(java_home),
        "PYTHONPATH": os.pathsep.join([str(pyspark.parent), os.environ.get("PYTHONPATH", "")]),
        "PORTRAIT_SPARK_HOME": str(tmp_path / "spark"),
        "PORTRAIT_SPARK_SCHEMA": "macros",
    }
    assert_answers(tmp_path, "spark_local", environment)
