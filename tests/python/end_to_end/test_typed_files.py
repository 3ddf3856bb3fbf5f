"""A value that comes with its type is what it would be as a text.

The same rows are delivered twice: as Parquet files whose columns have types, and as text.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from builds import PROJECT, dbt_session, environment, landed, run_passed

from portrait.contract import Column, Table, load_contract

TABLES = ("shop/orders", "shop/order_items", "shop/customers", "app/events", "ops/fx_rates")
MOMENTS = (
    *("2026-03-01 10:00:00", "2026-03-01 10:00:00.123456", "2026-03-01 00:00:00"),
    # times that do not exist in Berlin, and that come twice
    *("2026-03-29 02:30:00", "2025-10-26 02:30:00", "2025-10-26 01:59:59.999"),
    *("0999-12-31 23:59:59", "1000-01-01 00:00:00", "9999-12-31 23:59:59.999999"),
    *("10000-01-01 00:00:00", "infinity", "0044-03-15 (BC) 10:00:00", "1970-01-01 00:00:00"),
    *("1989-12-31 23:30:00", "2026-12-31 10:00:00", None),
)
DAYS = (
    *("2026-03-01", "0999-12-31", "1000-01-01", "9999-12-31", "10000-01-01", "infinity"),
    *("1900-01-01", "2026-12-31", "1850-06-01", "0044-03-15 (BC)", None),
)
AMOUNTS = (
    *("0", "-1.5", "12.3450", "0.0001", "99999999999999.9999", "-99999999999999.9999"),
    *("100000000000000", "1500", "7", None),
)
NUMBERS = ("0", "1", "-3", "9000000000000000000", "20000", None)
YES_OR_NO = ("true", "false", None)
# Types that a column of the contract may have in a file, and values to try.
CARRIERS: dict[str, list[tuple[str, tuple[str | None, ...]]]] = {
    "timestamp": [
        ("timestamp", MOMENTS),
        ("timestamptz", MOMENTS),
        ("date", DAYS),
        ("timestamp_ms", MOMENTS),
    ],
    "date": [("date", DAYS)],
    "decimal": [("decimal(24, 4)", AMOUNTS), ("bigint", NUMBERS), ("decimal(20, 2)", AMOUNTS)],
    "rate": [("decimal(26, 8)", AMOUNTS), ("integer", ("0", "1", "-3", "7", None))],
    "boolean": [("boolean", YES_OR_NO)],
    "count": [("bigint", NUMBERS), ("integer", ("0", "1", "-3", "7", None))],
}
ROWS = 420


def value(column: Column, position: int, kind: int) -> tuple[str, str]:
    """Return the SQL of a column in the row `n`, and its type in this kind of file."""
    if column.data_type not in CARRIERS:
        words = "'CNY'" if column.data_type == "currency" else f"'{column.name[:1]}-' || n"
        return f"case when n % {37 + position} > 0 then {words} end", "varchar"
    carriers = CARRIERS[column.data_type]
    data_type, values = carriers[(kind + position) % len(carriers)]
    texts = ", ".join("null" if text is None else f"'{text}'" for text in values)
    # A step that has no factor in common with the number of values, so that columns mix.
    choice = f"[{texts}][1 + (n * {2 * position + 1} + n // {len(values)}) % {len(values)}]"
    return f"try_cast({choice} as {data_type})", data_type


def write(connection: duckdb.DuckDBPyConnection, raw: Path, table: Table, as_text: bool) -> None:
    """Write the rows of a table, a file for each kind of types."""
    for kind in range(4):
        items = []
        for position, column in enumerate(table.columns):
            typed, _ = value(column, position, kind)
            items.append(f"{f'cast({typed} as varchar)' if as_text else typed} as {column.name}")
        folder = raw / table.label / "load_date=2026-06-30"
        folder.mkdir(parents=True, exist_ok=True)
        connection.execute(
            f"copy (select {', '.join(items)} from range({ROWS}) as rows(n)) "
            f"to '{folder / f'kind{kind}.parquet'}' (format parquet)"
        )


def base_rows(raw: Path, warehouse: Path, **settings: str) -> dict[str, list[tuple[Any, ...]]]:
    """Land and build the base models; return their rows."""
    landed(raw, warehouse, **settings)
    models = [f"base_{table.replace('/', '__')}" for table in TABLES]
    with dbt_session(environment(raw, warehouse, **settings), warehouse / "dbt") as session:
        run_passed(session, "seed")
        run_passed(session, "run", "--select", *models)
    with duckdb.connect(str(warehouse / "work" / "build.duckdb"), read_only=True) as connection:
        return {
            name: connection.execute(f"from staging.{name} order by _file, _row").fetchall()
            for name in models
        }


@pytest.mark.parametrize("zone", ["Europe/Berlin"])
def test_typed_values_are_judged_like_their_texts(tmp_path: Path, zone: str) -> None:
    tables = [table for table in load_contract(PROJECT) if table.label in TABLES]
    found = {}
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name in ("typed", "text"):
            for table in tables:
                write(connection, tmp_path / name, table, as_text=name == "text")
            found[name] = base_rows(tmp_path / name, tmp_path / f"{name}-w", timezone=zone)
    statuses = {row[-14] for rows in found["typed"].values() for row in rows}
    for model, rows in found["typed"].items():
        assert len(rows) == 4 * ROWS
        for typed, text in zip(rows, found["text"][model], strict=True):
            assert typed == text, model
    assert {"accepted", "rejected"} <= statuses
