"""The SQLAlchemy dialect over which great-expectations reads DuckDB.

Two faults of the usual way are cured here. great-expectations closes a connection before it has
fetched the rows: that rolls back, and DuckDB drops the pending result, so that every query comes
back empty. And each new connection would open the files again, without the views that the checks
made. So begin, commit and rollback do nothing (the databases are attached read-only), and each
connection is a cursor of the one that `portrait.expectations.connection` opened.
"""

from typing import Any

import duckdb
from duckdb_engine import ConnectionWrapper, Dialect
from sqlalchemy import pool
from sqlalchemy.dialects import registry

from portrait.expectations.connection import cursor_of

SCHEME = "portraitchecks"


class ReadOnlyDialect(Dialect):
    """DuckDB without transactions, over open connections; the URL's database is their name."""

    name = "duckdb"
    supports_statement_cache = False

    def create_connect_args(self, url: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Pass the name of the open connection on to `connect`."""
        return (url.database,), {}

    def connect(self, *arguments: Any, **_: Any) -> Any:
        """Give a cursor of the named connection, in the wrapper that SQLAlchemy can use."""
        connection: duckdb.DuckDBPyConnection = cursor_of(arguments[0])
        return ConnectionWrapper(connection)

    @classmethod
    def get_pool_class(cls, url: Any) -> type[pool.Pool]:
        """One cursor at a time is enough, and is kept."""
        return pool.StaticPool

    def do_begin(self, dbapi_connection: Any) -> None:
        """Do nothing."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Do nothing."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Do nothing."""


registry.register(SCHEME, __name__, ReadOnlyDialect.__name__)
