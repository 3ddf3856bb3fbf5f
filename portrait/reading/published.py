"""The published file as it is read: one build, opened once, read only."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from portrait.publishing.audience_size import published
from portrait.sql import has_table, one_row

Row = dict[str, Any]


@dataclass(frozen=True)
class Build:
    """An open build. Its file stays as it is until the last reader lets go of it."""

    file: Path
    build_id: str
    as_of_date: date
    currency: str
    timezone: str
    connection: duckdb.DuckDBPyConnection

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to the open file: what it makes for itself nobody else sees."""
        return self.connection.cursor()


def open_build(file: Path) -> Build:
    """Open a published file.

    Raises:
        PortraitError: there is none, or it cannot be read.
    """
    connection = published(file)
    build_id, day, currency, timezone = one_row(
        connection, "select build_id, as_of_date, currency, timezone from quality.build_info"
    )
    return Build(file, build_id, day, currency, timezone, connection)


def rows(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | None = None
) -> list[Row]:
    """The rows of a query by the names of its columns."""
    found = connection.execute(query, parameters or [])
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, values, strict=True)) for values in found.fetchall()]


def has_mart(connection: duckdb.DuckDBPyConnection, table: str, schema: str = "marts") -> bool:
    """Whether the build holds the table."""
    return has_table(connection, schema, table)
