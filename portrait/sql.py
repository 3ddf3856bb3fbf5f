"""Literals and names for SQL text, where DuckDB takes no bound parameter; queries of one row."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb


def sql_text(value: str | Path | date) -> str:
    """Give a value as a SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def sql_name(name: str) -> str:
    """Give a name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def sql_path(path: Path) -> str:
    """Give a path as the SQL literal of exactly this file, whatever glob characters it holds."""
    return sql_text(re.sub(r"[\[*?]", r"[\g<0>]", str(path)))


def one_row(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()
) -> tuple[Any, ...]:
    """The row of a query that always gives exactly one, as an aggregate or a `copy` does.

    Raises:
        ValueError: it gave none, or several.
    """
    (row,) = connection.execute(query, parameters).fetchall()
    return row


def one_value(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()
) -> Any:
    """The value of a query that always gives one row of one column."""
    (value,) = one_row(connection, query, parameters)
    return value


def has_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    """Whether the database holds a table or view of that name in the schema."""
    return bool(
        connection.execute(
            "select 1 from information_schema.tables where table_schema = ? and table_name = ?",
            [schema, table],
        ).fetchone()
    )
