"""The manifest of the landing and its broken lines, as Parquet files."""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from portrait.sql import sql_path, sql_text

MANIFEST = "manifest.parquet"
BROKEN_LINES = "broken_lines.parquet"


@dataclass(frozen=True)
class ManifestRow:
    """One raw file as it was landed. Timestamps are UTC; lists are divided by ', ', null if empty.

    `landed_path` is the Parquet file that holds the rows: the raw file itself where it is used in
    place.
    """

    system: str
    schema_name: str
    table_name: str
    file: str
    path: str
    size_bytes: int
    modified_at: datetime
    sha256: str
    load_date: date | None
    landed_rows: int
    broken_rows: int
    is_in_place: bool
    landed_path: str
    extra_columns: str | None
    absent_columns: str | None
    landed_at: datetime
    contract_hash: str
    instance: str | None = None
    delivery: str | None = None


@dataclass(frozen=True)
class BrokenRow:
    """One record of a raw file that could not be read."""

    schema_name: str
    table_name: str
    file: str
    line_number: int
    load_date: date | None
    error: str
    raw_line: str


_TYPES = {
    "size_bytes": "bigint",
    "modified_at": "timestamp",
    "load_date": "date",
    "landed_rows": "bigint",
    "broken_rows": "bigint",
    "is_in_place": "boolean",
    "landed_at": "timestamp",
    "line_number": "bigint",
    "is_whole": "boolean",
    "replaced_rows": "bigint",
    "added_rows": "bigint",
    "removed_rows": "bigint",
    "priority": "bigint",
    "holdout_pct": "decimal(5, 2)",
    "step_number": "bigint",
}
_BATCH = 10_000
Row = TypeVar("Row")


def read_manifest(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[ManifestRow]:
    """Read the manifest of an earlier landing; empty where there is none of today's form.

    What landing wrote is looked for in the folder as it lies now: a warehouse may be moved.
    """
    rows = [ManifestRow(*row) for row in read_rows(connection, folder / MANIFEST, ManifestRow)]
    return [row if row.is_in_place else _moved(row, folder) for row in rows]


def _moved(row: ManifestRow, folder: Path) -> ManifestRow:
    path = folder / row.schema_name / row.table_name / Path(row.landed_path).name
    return replace(row, landed_path=str(path))


def read_broken(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, list[BrokenRow]]:
    """Read the broken lines of an earlier landing, by file; empty where there are none."""
    by_file: dict[str, list[BrokenRow]] = {}
    for row in read_rows(connection, folder / BROKEN_LINES, BrokenRow):
        broken = BrokenRow(*row)
        by_file.setdefault(broken.file, []).append(broken)
    return by_file


def write_rows(
    connection: duckdb.DuckDBPyConnection,
    rows: Iterable[Row],
    kind: type[Row],
    target: Path,
) -> None:
    """Write rows, in their order, to a Parquet file with the columns of their kind."""
    names = _names(kind)
    columns = ", ".join(f"{name} {_TYPES.get(name, 'varchar')}" for name in names)
    connection.execute(f"create or replace temp table written_rows ({columns})")
    values = [tuple(getattr(row, name) for name in names) for row in rows]
    lists = ", ".join(f"unnest(${i + 1})" for i in range(len(names)))
    for start in range(0, len(values), _BATCH):
        batch = [list(column) for column in zip(*values[start : start + _BATCH], strict=True)]
        connection.execute(f"insert into written_rows select {lists}", batch)
    connection.execute(
        f"copy written_rows to {sql_text(target)} (format parquet, compression zstd)"
    )
    connection.execute("drop table written_rows")


def _names(kind: type) -> list[str]:
    return [field.name for field in fields(kind)]


def read_rows(
    connection: duckdb.DuckDBPyConnection, path: Path, kind: type
) -> Sequence[tuple[Any, ...]]:
    """Read what `write_rows` wrote; empty where there is no file of that kind."""
    if not path.is_file():
        return []
    with contextlib.suppress(duckdb.Error):
        return connection.execute(
            f"select {', '.join(_names(kind))} from read_parquet({sql_path(path)})"
        ).fetchall()
    return []
