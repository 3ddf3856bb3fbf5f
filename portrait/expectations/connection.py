"""The in-memory DuckDB over which a build is read, with its files attached read-only."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from portrait.database import EXPECTATIONS_SHARE, connect
from portrait.errors import PortraitError
from portrait.sql import sql_text

_open: dict[str, "Reader"] = {}


@dataclass(frozen=True)
class Reader:
    """An open reader; `name` is in the dialect's URL, `has_previous` says what is attached."""

    name: str
    connection: duckdb.DuckDBPyConnection
    cursors: list[duckdb.DuckDBPyConnection]
    has_previous: bool


@contextmanager
def open_reader(work: Path, previous: Path | None) -> Iterator[Reader]:
    """Attach `build`, `portrait` and `previous` read-only; close everything at the end.

    A view keeps the name of its catalog (DuckDB 1.5), so the files are attached under the names
    that dbt used.

    Raises:
        PortraitError: a file is missing or cannot be opened.
    """
    files = {"build": work / "build.duckdb", "portrait": work / "portrait.duckdb"}
    if previous is not None:
        files["previous"] = previous
    connection = connect(share=EXPECTATIONS_SHARE)
    reader = Reader(secrets.token_hex(4), connection, [], previous is not None)
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        for alias, path in files.items():
            _attach(connection, alias, path)
        _open[reader.name] = reader
        yield reader
    finally:
        _open.pop(reader.name, None)
        for cursor in reader.cursors:
            cursor.close()
        connection.close()


def cursor_of(name: str) -> duckdb.DuckDBPyConnection:
    """Give another cursor of an open reader; it is closed with the reader."""
    reader = _open[name]
    cursor = reader.connection.cursor()
    reader.cursors.append(cursor)
    return cursor


def _attach(connection: duckdb.DuckDBPyConnection, alias: str, path: Path) -> None:
    if not path.is_file():
        raise PortraitError(
            f"There is no {path}: run `portrait land` and `dbt build` before the checks."
        )
    try:
        connection.execute(f"attach {sql_text(path)} as {alias} (read_only)")
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise PortraitError(f"{path} cannot be read for the checks ({reason}).") from error
