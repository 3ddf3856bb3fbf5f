"""Copies the published build into a PostgreSQL server, where BI tools read it.

All of it is one transaction: the new tables are loaded beside the old ones, where nobody sees them,
and take their place at its end. Whatever stops it leaves the old tables and nothing else. Only that
last step locks the tables that readers read.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table as Printed

from portrait.errors import PortraitError
from portrait.publishing.audience_size import published
from portrait.publishing.postgres_ddl import (
    Keys,
    Table,
    analyst_keys,
    comments,
    create_table,
    foreign_keys,
    key_statements,
    read_keys,
    read_tables,
    relation_of,
    require_short_names,
    require_types,
    rows_query,
)
from portrait.sql import sql_name
from portrait.warehouse import Warehouse

try:
    import psycopg
    from psycopg import errors
    from psycopg.conninfo import conninfo_to_dict, make_conninfo
except ImportError as error:
    raise PortraitError(
        "psycopg, the client of PostgreSQL, is not installed: "
        "`.venv/bin/python -m pip install --require-hashes -r requirements.lock` installs it."
    ) from error

# The public schemas of a published file. The analysts' file lies beside them, under `analyst_`.
SCHEMAS = ("marts", "quality")
READER, ANALYST = "portrait_reader", "portrait_analyst"
# What the last run wrote, so that the next one drops just that.
LEDGER_SCHEMA = "portrait_replica"
LEDGER = f"{LEDGER_SCHEMA}.copied_tables"
# Of two runs on one database at a time, the second is refused. Any number that no one else takes.
ADVISORY_LOCK = 0x706F727472616974
ROWS_AT_ONCE = 5_000
CONNECT_SECONDS = 10
# For so long at a time new readers may wait behind a swap that waits for old ones. Less than the
# second after which PostgreSQL looks for a deadlock, so that no reader is ended by one.
LOCK_WINDOW_MS = 500
LOCK_PAUSE_SECONDS = 0.5
PATIENCE_SECONDS = 120.0

UNCHANGED = "Nothing was changed."

Connection = psycopg.Connection[tuple[Any, ...]]
Step = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Part:
    """One published file on its way: where its schemas go, and who may read them."""

    source: duckdb.DuckDBPyConnection
    tables: tuple[Table, ...]
    keys: Mapping[str, Keys]
    schemas: Mapping[str, str]
    role: str


@dataclass(frozen=True)
class CopiedTable:
    """A table in PostgreSQL after the copy, and the seconds of its loading."""

    schema: str
    name: str
    rows: int
    seconds: float


@dataclass(frozen=True)
class Replicated:
    """What a copy did; `locked_seconds` is how long the old tables were locked for readers."""

    build_id: str
    tables: tuple[CopiedTable, ...]
    seconds: float
    locked_seconds: float


def replicate(
    project: Path,
    warehouse: Warehouse,
    address: str,
    schemas: Sequence[str] = SCHEMAS,
    step: Step = lambda *_: None,
    patience: float = PATIENCE_SECONDS,
) -> Replicated:
    """Copy the published build into the database at `address`, in place of an earlier copy.

    Args:
        project: whose models say the keys.
        warehouse: whose current build is copied.
        address: of the database, as postgresql://user@host/db.
        schemas: of the published file, which are copied.
        step: is told how many tables are loaded, of how many, and the name of the next.
        patience: for how many seconds readers of the old tables are waited for.

    Raises:
        PortraitError: no build, no server, no right to create, or a value that does not go over.
            The old tables are as they were.
    """
    started = time.monotonic()
    conninfo = checked_address(address)
    # Both files of one build, also where another is published meanwhile.
    folder = warehouse.current.resolve() if warehouse.current_build() else warehouse.current
    with ExitStack() as opened:
        parts = _parts(project, folder, schemas, opened)
        with connected(conninfo) as connection, as_sentences():
            with connection.transaction():
                _prepare(connection)
                _require_room(connection, parts)
                copied = _load(connection, parts, step)
                locked_at = _swap(connection, parts, folder.name, copied, patience)
            locked_seconds = time.monotonic() - locked_at
    return Replicated(folder.name, tuple(copied), time.monotonic() - started, locked_seconds)


def print_replicated(console: Console, done: Replicated) -> None:
    """Print what lies in PostgreSQL now."""
    printed = Printed(box=None, pad_edge=False)
    for heading in ("Schema", "Tables", "Rows", "Seconds"):
        printed.add_column(heading, justify="left" if heading == "Schema" else "right")
    for schema in dict.fromkeys(table.schema for table in done.tables):
        tables = [table for table in done.tables if table.schema == schema]
        printed.add_row(
            schema,
            f"{len(tables):,}",
            f"{sum(table.rows for table in tables):,}",
            f"{sum(table.seconds for table in tables):.1f}",
        )
    console.print(printed)
    rows = sum(table.rows for table in done.tables)
    console.print(
        f"{len(done.tables)} tables with {rows:,} rows of the build {done.build_id} in "
        f"{done.seconds:.1f} s; they took the place of the old ones in "
        f"{done.locked_seconds:.2f} s.",
        soft_wrap=True,
    )


def checked_address(address: str) -> str:
    """The address, as libpq takes it; PortraitError, which does not repeat it, where it is none."""
    wrong = PortraitError(
        "--to is no address of PostgreSQL: expected postgresql://user@host/db. In a password the "
        "characters @ : / ? # % are written as %40 %3A %2F %3F %23 %25; better, leave it out and "
        "name it in PGPASSWORD or ~/.pgpass."
    )
    if not re.match(r"postgres(ql)?://", address):
        raise wrong
    try:
        told = conninfo_to_dict(address)
    except psycopg.ProgrammingError:
        raise wrong from None
    # Pieces of a password that was not escaped; the server's name is repeated in messages.
    places = [str(told.get(name, ""))[1:] for name in ("host", "dbname")]
    ports = str(told.get("port", ""))
    if any("@" in place for place in places) or not re.fullmatch(r"[0-9,]*", ports):
        raise wrong
    return make_conninfo(
        address,
        client_encoding="utf8",
        connect_timeout=told.get("connect_timeout", CONNECT_SECONDS),
        application_name=told.get("application_name", "portrait replicate"),
    )


@contextmanager
def connected(conninfo: str) -> Iterator[Connection]:
    """A connection to the server; PortraitError where there is none."""
    try:
        connection = psycopg.connect(conninfo, autocommit=True)
    except psycopg.OperationalError as error:
        reason = str(error).splitlines()[0]
        raise PortraitError(f"The server cannot be reached: {reason}.") from None
    with connection:
        yield connection


@contextmanager
def as_sentences() -> Iterator[None]:
    """Turn what the server refuses into a PortraitError; the server has rolled back by then."""
    try:
        yield
    except errors.InsufficientPrivilege as error:
        raise PortraitError(
            f"The user may not do what a copy needs ({error.diag.message_primary}). {UNCHANGED}"
        ) from error
    except errors.OutOfMemory as error:
        raise PortraitError(
            f"The server is out of memory for locks or sorting ({error.diag.message_primary}). "
            f"A copy locks some thousand tables and indexes at once: raise "
            f"max_locks_per_transaction in postgresql.conf. {UNCHANGED}"
        ) from error
    except errors.DependentObjectsStillExist as error:
        raise PortraitError(
            f"Something reads the old tables ({error.diag.message_detail}); drop it, and make it "
            f"again after the copy. {UNCHANGED}"
        ) from error
    except psycopg.Error as error:
        reason = error.diag.message_primary or str(error).splitlines()[0]
        if error.sqlstate is None:
            raise PortraitError(f"The connection to the server broke off ({reason}).") from error
        raise PortraitError(f"The server refused the copy ({reason}). {UNCHANGED}") from error


def _parts(
    project: Path, folder: Path, schemas: Sequence[str], opened: ExitStack
) -> tuple[Part, Part]:
    """Both published files; PortraitError where one is absent, or PostgreSQL cannot hold it."""

    def read(file: str) -> tuple[duckdb.DuckDBPyConnection, tuple[Table, ...]]:
        source = opened.enter_context(published(folder / file))
        tables = read_tables(source, schemas)
        require_short_names(tables)
        require_types(tables)
        return source, tables

    source, tables = read("portrait.duckdb")
    keys = read_keys(project, tables)
    everything = Part(source, tables, keys, {schema: schema for schema in schemas}, READER)
    targets = {schema: f"analyst_{schema}" for schema in schemas}
    return everything, Part(*read("analyst.duckdb"), analyst_keys(keys), targets, ANALYST)


def _execute(connection: Connection, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run a statement, in which names are quoted and values are marks, and return its rows."""
    cursor = connection.execute(statement, values or None)
    return cursor.fetchall() if cursor.description else []


def _prepare(connection: Connection) -> None:
    """Make the session fit for a copy; PortraitError where another one runs."""
    ((encoding, database),) = _execute(
        connection, "select current_setting('server_encoding'), current_database()"
    )
    if encoding != "UTF8":
        raise PortraitError(
            f"The database {database} is encoded in {encoding}, which lacks characters of the "
            "marts: take one that was created with encoding 'UTF8'."
        )
    ((is_alone,),) = _execute(connection, f"select pg_try_advisory_xact_lock({ADVISORY_LOCK})")
    if not is_alone:
        raise PortraitError("Another portrait replicate writes this database. Wait until it ends.")
    # What a server allows its usual users would end a long copy; its text is ours to escape.
    for setting in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        _execute(connection, f"set local {setting} = 0")
    _execute(connection, "set local standard_conforming_strings = on")


def _require_room(connection: Connection, parts: Sequence[Part]) -> None:
    """PortraitError where the end of the copy is known to be refused, before hours of loading."""
    ((user, database, may_create, may_make_roles),) = _execute(
        connection,
        "select current_user, current_database(), "
        "has_database_privilege(current_database(), 'create'), rolsuper or rolcreaterole "
        "from pg_roles where rolname = current_user",
    )
    if not may_create:
        raise PortraitError(
            f"The user {user} may not create schemas in the database {database}: an administrator "
            f"runs `grant create on database {sql_name(database)} to {sql_name(user)}`."
        )
    known = {role for (role,) in _execute(connection, "select rolname from pg_roles")}
    absent = [part.role for part in parts if part.role not in known]
    if absent and not may_make_roles:
        statements = "; ".join(f"create role {role}" for role in absent)
        raise PortraitError(
            f"The user {user} may not create the roles that read the copy: an administrator runs "
            f"`{statements}` once."
        )
    targets = [target for part in parts for target in part.schemas.values()]
    foreign = _execute(
        connection,
        "select nspname, pg_get_userbyid(nspowner) from pg_namespace "
        "where nspname = any(%s) and not pg_has_role(nspowner, 'usage') order by 1",
        [*targets, LEDGER_SCHEMA],
    )
    if foreign:
        ((schema, owner), *_) = foreign
        raise PortraitError(
            f"The schema {schema} belongs to {owner}, not to {user}: take the user {owner}, or "
            "another database."
        )
    old = _old_tables(connection)
    wanted = {(part.schemas[table.schema], table.name) for part in parts for table in part.tables}
    present = _execute(
        connection,
        "select nspname, relname from pg_class join pg_namespace on pg_namespace.oid = "
        "relnamespace where nspname = any(%s) order by 1, 2",
        targets,
    )
    if strange := [f"{schema}.{name}" for schema, name in present
                   if (schema, name) in wanted - set(old)]:  # fmt: skip
        raise PortraitError(
            f"portrait replicate did not write {', '.join(strange)} and does not replace it: "
            "rename it, or take another database."
        )
    _require_unread(connection, old)


def _require_unread(connection: Connection, old: Sequence[tuple[str, str]]) -> None:
    """PortraitError where a view or a foreign key of somebody else hangs on the old tables."""
    readers = _execute(
        connection,
        "with old as (select unnest(%s::text[])::regclass as oid), "
        "readers as ("
        " select ev_class as oid from pg_depend join pg_rewrite on pg_rewrite.oid = objid"
        " where classid = 'pg_rewrite'::regclass and refobjid in (select oid from old)"
        " union select conrelid from pg_constraint where confrelid in (select oid from old)) "
        "select distinct oid::regclass::text from readers where oid not in (select oid from old)",
        [relation_of(*table) for table in old],
    )
    if readers:
        raise PortraitError(
            f"{', '.join(sorted(name for (name,) in readers))} hangs on tables that are to be "
            f"replaced: drop it, and make it again after the copy. {UNCHANGED}"
        )


def _old_tables(connection: Connection) -> list[tuple[str, str]]:
    """Schema and name of the tables that the last run wrote and that are still there."""
    ((ledger,),) = _execute(connection, f"select to_regclass('{LEDGER}')")
    if ledger is None:
        return []
    return [
        (schema, name)
        for schema, name in _execute(
            connection,
            f"select schema_name, table_name from {LEDGER} where "
            "to_regclass(format('%I.%I', schema_name, table_name)) is not null order by 1, 2",
        )
    ]


def _staging(schema: str) -> str:
    """The schema that holds the new tables until the swap; none but this transaction sees it."""
    return f"portrait_new_{schema}"


def _load(connection: Connection, parts: Sequence[Part], step: Step) -> list[CopiedTable]:
    """Load all tables beside the old ones, with their keys, comments and rights."""
    copied: list[CopiedTable] = []
    total = sum(len(part.tables) for part in parts)
    for part in parts:
        staging = {schema: _staging(target) for schema, target in part.schemas.items()}
        for schema in staging.values():
            _execute(connection, f"create schema {sql_name(schema)}")
        for table in part.tables:
            target = part.schemas[table.schema]
            step(len(copied), total, f"{target}.{table.name}")
            started = time.monotonic()
            rows = _load_table(connection, part, table, staging[table.schema])
            copied.append(CopiedTable(target, table.name, rows, time.monotonic() - started))
        by_name = {table.name: table for table in part.tables}
        for table in part.tables:
            for statement in foreign_keys(table, staging, by_name, part.keys):
                _execute(connection, statement)
    step(total, total, "")
    return copied


def _load_table(connection: Connection, part: Part, table: Table, schema: str) -> int:
    """Create and fill a table; return its rows."""
    relation = relation_of(schema, table.name)
    _execute(connection, create_table(table, schema))
    part.source.execute(rows_query(table))
    try:
        # Frozen rows are seen by transactions too that began before this one was committed.
        with connection.cursor() as cursor:
            with cursor.copy(f"copy {relation} from stdin with (freeze)") as copy:
                while lines := part.source.fetchmany(ROWS_AT_ONCE):
                    copy.write("".join(f"{line}\n" for (line,) in lines))
            rows = cursor.rowcount
    except errors.CharacterNotInRepertoire:
        columns = ", ".join(_with_nul(part.source, table))
        raise PortraitError(
            f"{table.schema}.{table.name} holds a NUL character, which PostgreSQL takes in no "
            f"text, in {columns}. {UNCHANGED}"
        ) from None
    for statement in (*key_statements(table, schema, part.keys.get(table.name, Keys())),
                      *comments(table, schema)):  # fmt: skip
        _execute(connection, statement)
    _execute(connection, f"analyze {relation}")
    return rows


def _with_nul(source: duckdb.DuckDBPyConnection, table: Table) -> list[str]:
    """The columns of a table in which a text holds a NUL character."""
    texts = [column.name for column in table.columns if column.type == "VARCHAR"]
    found = ", ".join(f"bool_or(contains({sql_name(name)}, chr(0)))" for name in texts)
    (is_there,) = source.execute(f"select {found} from {table.relation}").fetchall()
    return [name for name, holds in zip(texts, is_there, strict=True) if holds]


def _swap(
    connection: Connection,
    parts: Sequence[Part],
    build_id: str,
    copied: Sequence[CopiedTable],
    patience: float,
) -> float:
    """Put the new tables in the place of the old ones; return when these were locked."""
    targets = [(target, part.role) for part in parts for target in part.schemas.values()]
    _prepare_targets(connection, targets)
    old = _old_tables(connection)
    locked_at = _lock(connection, old, patience)
    if old:
        _execute(connection, f"drop table {', '.join(relation_of(*table) for table in old)}")
    for table in copied:
        _execute(
            connection,
            f"alter table {relation_of(_staging(table.schema), table.name)} "
            f"set schema {sql_name(table.schema)}",
        )
    for target, _ in targets:
        _execute(connection, f"drop schema {sql_name(_staging(target))}")
    _execute(connection, f"delete from {LEDGER}")
    with connection.cursor() as cursor:
        cursor.executemany(
            f"insert into {LEDGER} values (%s, %s, %s, %s, now())",
            [(table.schema, table.name, table.rows, build_id) for table in copied],
        )
    return locked_at


def _prepare_targets(connection: Connection, targets: Sequence[tuple[str, str]]) -> None:
    """Create the schemas, the roles and the ledger that are not there, and let the roles read."""
    known = {role for (role,) in _execute(connection, "select rolname from pg_roles")}
    roles = dict.fromkeys(role for _, role in targets)
    for role in roles:
        if role not in known:
            _execute(connection, f"create role {role}")
    for target, role in targets:
        name, staging = sql_name(target), sql_name(_staging(target))
        _execute(connection, f"create schema if not exists {name}")
        _execute(
            connection,
            f"comment on schema {name} is 'Written by portrait replicate, which replaces its "
            "tables at each run.'",
        )
        _execute(connection, f"grant usage on schema {name} to {role}")
        _execute(connection, f"grant select on all tables in schema {staging} to {role}")
    _execute(connection, f"create schema if not exists {LEDGER_SCHEMA}")
    _execute(
        connection,
        f"create table if not exists {LEDGER} (schema_name text, table_name text, "
        "row_count bigint not null, build_id text not null, copied_at timestamptz not null, "
        "primary key (schema_name, table_name))",
    )
    _execute(
        connection,
        f"comment on table {LEDGER} is 'One row per table that portrait replicate wrote: "
        "of which build, and with how many rows.'",
    )
    for role in roles:
        _execute(connection, f"grant usage on schema {LEDGER_SCHEMA} to {role}")
        _execute(connection, f"grant select on {LEDGER} to {role}")


def _lock(connection: Connection, old: Sequence[tuple[str, str]], patience: float) -> float:
    """Lock the old tables against readers; return when the wait that had all of them began.

    A reader who holds one for long is waited for without the others waiting behind: each try is
    short, and lets go of everything.
    """
    if not old:
        return time.monotonic()
    tables = ", ".join(relation_of(*table) for table in old)
    deadline = time.monotonic() + patience
    while True:
        began = time.monotonic()
        try:
            with connection.transaction():
                _execute(connection, f"set local statement_timeout = {LOCK_WINDOW_MS}")
                _execute(connection, f"lock table {tables} in access exclusive mode")
                _execute(connection, "set local statement_timeout = 0")
            return began
        except (errors.QueryCanceled, errors.DeadlockDetected):
            if time.monotonic() > deadline:
                raise PortraitError(
                    f"Readers held the old tables for {patience:.0f} s: "
                    f"{_holders(connection, old)}. {UNCHANGED} Run it again once they are done."
                ) from None
        time.sleep(LOCK_PAUSE_SECONDS)


def _holders(connection: Connection, old: Sequence[tuple[str, str]]) -> str:
    """Who has a lock on one of the tables, in words."""
    found = _execute(
        connection,
        "select distinct coalesce(usename, '?'), pg_locks.pid from pg_locks "
        "join pg_stat_activity using (pid) where relation = any(%s::regclass[]) and granted "
        "and pg_locks.pid <> pg_backend_pid() order by 1, 2",
        [relation_of(*table) for table in old],
    )
    return ", ".join(f"{user} (process {pid})" for user, pid in found) or "none is left now"
