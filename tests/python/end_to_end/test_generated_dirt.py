"""What a generator plants is rejected, repaired or superseded as it says, row by row."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from builds import PROJECT, dbt_passed, environment, portrait

from portrait.contract import load_contract

# All kinds of rows' dirt, ten times as much as usual.
PROFILE = """
size: {orders_per_person: 6, events_per_person: 20, stores: 40}
row_dirt:
  duplicate: 0.03
  late: 0.03
  missing_required: 0.015
  bad_date: 0.015
  bad_number: 0.015
  future_date: 0.01
  full_width: 0.03
  other_notation: 0.04
  padded: 0.04
  broken_line: 0.005
"""
Facts = list[dict[str, str]]


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """Return the truth of a very dirty company, and the warehouse whose base models hold it."""
    folder = tmp_path_factory.mktemp("dirty")
    profile = folder / "profile.yml"
    profile.write_text(PROFILE, encoding="utf-8")
    raw, warehouse = folder / "raw", folder / "warehouse"
    options = ["--people", "500", "--seed", "42", "--profile", str(profile), "--out", str(raw)]
    for command in (["generate", *options], ["land"]):
        run = portrait(command, raw, warehouse)
        assert run.returncode == 0, run.stdout + run.stderr
    # The base models, and the seeds whose words they read.
    models = ["--select", "path:models/staging/*/base", "path:seeds/staging"]
    without_tests = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    dbt_passed(["build", *without_tests, *models], environment(raw, warehouse), folder)
    yield folder / "raw_truth", warehouse


@pytest.fixture(scope="module")
def built(truth: tuple[Path, Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(truth[1] / "work" / "build.duckdb"), read_only=True) as connection:
        yield connection


def facts(truth: tuple[Path, Path], name: str) -> Facts:
    with (truth[0] / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_is_judged_as_planted(
    truth: tuple[Path, Path], built: duckdb.DuckDBPyConnection
) -> None:
    planted = {
        (row["system"], row["table_name"], row["outcome"], row["reason"]): int(row["row_count"])
        for row in facts(truth, "landed_counts")
        if row["outcome"] != "broken"
    }
    judged = {
        (table.system, table.name, status, reason or ""): count
        for table in load_contract(PROJECT)
        for status, reason, count in built.execute(
            "select row_status, rejection_reason, count(*) "
            f"from staging.base_{table.system}__{table.name} group by all"
        ).fetchall()
    }
    assert judged == planted
    # Each kind of rejection was there to be judged.
    kinds = {reason.split("_", 1)[0] for _, _, _, reason in planted if reason}
    assert kinds == {"missing", "invalid", "future"}


def test_every_broken_line_is_found(truth: tuple[Path, Path]) -> None:
    planted = Counter(
        (row["system"], row["table_name"])
        for row in facts(truth, "planted")
        if row["kind"] == "broken_line"
    )
    manifest = truth[1] / "landing" / "broken_lines.parquet"
    files = [file for (file,) in duckdb.sql(f"select file from '{manifest}'").fetchall()]
    assert Counter(tuple(file.split("/")[:2]) for file in files) == planted
    assert planted


def test_every_repaired_value_is_the_one_that_was_meant(
    truth: tuple[Path, Path], built: duckdb.DuckDBPyConnection
) -> None:
    tables = {(table.system, table.name): table for table in load_contract(PROJECT)}
    checked: Counter[str] = Counter()
    for row in facts(truth, "planted"):
        if row["outcome"] != "repaired":
            continue
        table = tables[row["system"], row["table_name"]]
        column = next(c for c in table.columns if c.name == row["column_name"])
        key = " || '|' || ".join(f"coalesce(cast({name} as varchar), '')" for name in table.key)
        values = built.execute(
            f"select {column.name} from staging.base_{table.system}__{table.name} "
            f"where {key} = ? and _load_date = ? and rejection_reason is null",
            [row["row_key"], row["load_date"]],
        ).fetchall()
        meant = meant_value(row["clean_value"], column.data_type, column.meta.get("timezone"))
        assert meant in [value for (value,) in values], row
        checked[row["kind"]] += 1
    assert set(checked) == {"full_width", "other_notation", "padded"}
    assert min(checked.values()) > 100


def meant_value(text: str, data_type: str, zone: str | None) -> Any:
    """The value of a clean text; the business time zone is eight hours before UTC."""
    if data_type in ("decimal", "rate"):
        return Decimal(text)
    if data_type == "count":
        return int(text)
    if data_type == "date":
        return datetime.fromisoformat(text).date()
    if data_type == "timestamp":
        moment = datetime.fromisoformat(text)
        return moment if zone == "UTC" else moment - timedelta(hours=8)
    if data_type == "boolean":
        return text.lower() in ("true", "yes", "y", "1", "是")
    # What people write untidily is tidied by the same rule, dirt or not.
    return text.strip()
