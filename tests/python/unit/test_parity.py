"""The comparison of the two engines finds what differs, and nothing else."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from portrait.spark.parity import Comparison, Node, compare

MARTS = """
    select 'a' as id, 1::bigint as number, 1.5::decimal(18, 4) as amount, 0.1::double as share,
        timestamp '2026-06-30 12:00:00' as moment
    union all select 'b', 2, null, null, null
"""


def compared(tmp_path: Path, spark: str, layer: str = "marts", one: str = MARTS) -> Comparison:
    """Compare a table with the Parquet files of what Spark is said to have made."""
    node = Node(
        name="x",
        layer=layer,
        duckdb_relation="x",
        spark_table="x.db/x",
        key=("id",),
        duckdb_seconds=0.0,
        spark_seconds=0.0,
        statements=0,
        is_table=True,
    )
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"create table x as {one}")
        connection.execute(f"copy ({spark}) to '{tmp_path / 'part-0.parquet'}' (format parquet)")
        return compare(connection, node, tmp_path)


def test_the_same_rows_in_another_order_are_the_same(tmp_path: Path) -> None:
    found = compared(tmp_path, f"select * from ({MARTS}) order by id desc")
    assert (found.rows, found.differences) == (2, [])


def test_instants_of_spark_are_timestamps_in_utc(tmp_path: Path) -> None:
    instants = "* replace (timezone('UTC', moment) as moment)"
    found = compared(tmp_path, f"select {instants} from ({MARTS})")
    assert not found.differences


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("* replace (case when id = 'a' then 3 else number end as number)", "DuckDB only"),
        ("* replace (coalesce(amount, 0)::decimal(18, 4) as amount)", "Spark only"),
        ("* replace (moment + interval 1 second as moment)", "rows on"),
        ("* replace (share * (1 + 1e-8) as share)", "share: 1 values"),
        ("* replace (coalesce(share, 0) as share)", "share: 1 values"),
        ("* replace (number::int as number)", "type of number"),
        ("* replace (amount::decimal(28, 4) as amount)", "type of amount"),
        ("* exclude (moment)", "columns"),
        ("*, 1 as further", "columns"),
    ],
)
def test_a_difference_is_found(tmp_path: Path, change: str, said: str) -> None:
    found = compared(tmp_path, f"select {change} from ({MARTS})")
    assert any(said in difference for difference in found.differences), found.differences


@pytest.mark.parametrize("rows", ["where id = 'a'", "union all select * from rows where id = 'a'"])
def test_a_row_less_or_more_is_found(tmp_path: Path, rows: str) -> None:
    found = compared(tmp_path, f"with rows as ({MARTS}) select * from rows {rows}")
    assert found.differences


def test_floats_may_differ_by_the_tolerance(tmp_path: Path) -> None:
    found = compared(tmp_path, f"select * replace (share * (1 + 1e-12) as share) from ({MARTS})")
    assert not found.differences


def test_layers_without_contracts_may_differ_in_types(tmp_path: Path) -> None:
    changed = "* replace (amount::decimal(28, 4) as amount, number::int as number)"
    found = compared(tmp_path, f"select {changed} from ({MARTS})", layer="intermediate")
    assert not found.differences


def test_a_table_without_files_differs(tmp_path: Path) -> None:
    node = Node("x", "marts", "x", "x.db/x", (), 0.0, 0.0, 0, True)
    with duckdb.connect() as connection:
        assert compare(connection, node, tmp_path).differences == ["Spark wrote no files"]
