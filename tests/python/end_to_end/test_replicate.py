"""`portrait replicate` copies a published build into PostgreSQL, before the eyes of readers.

The server is one of Debian's package `postgresql`, started by the test in a folder of its own.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import duckdb
import pytest
from builds import PROJECT, SAMPLE, portrait

psycopg = pytest.importorskip(
    "psycopg", reason="psycopg is not installed (requirements.lock)", exc_type=ImportError
)

from portrait.errors import PortraitError  # noqa: E402
from portrait.publishing.postgres_ddl import read_tables  # noqa: E402
from portrait.publishing.replicate import (  # noqa: E402
    ADVISORY_LOCK,
    SCHEMAS,
    checked_address,
    replicate,
)
from portrait.warehouse import Warehouse  # noqa: E402

NUMBERS = count()
# What the server holds that a run could leave behind: everything but its own catalogues.
EVERYTHING = """
    select 'relation' as kind, nspname || '.' || relname as name,
        format('%s %s', relkind, relacl) as about
    from pg_class join pg_namespace on pg_namespace.oid = relnamespace where {own}
    union all
    select 'column', attrelid::regclass || '.' || attname, format_type(atttypid, atttypmod)
        || attnotnull || coalesce(col_description(attrelid, attnum), '')
    from pg_attribute join pg_class on pg_class.oid = attrelid
    join pg_namespace on pg_namespace.oid = relnamespace where attnum > 0 and {own}
    union all
    select 'constraint', conrelid::regclass || '.' || conname,
        pg_get_constraintdef(pg_constraint.oid)
    from pg_constraint join pg_namespace on pg_namespace.oid = connamespace where {own}
    union all
    select 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid)
    from pg_index join pg_class on pg_class.oid = indexrelid
    join pg_namespace on pg_namespace.oid = relnamespace where {own}
    union all
    select 'schema', nspname, coalesce(nspacl::text, '') || coalesce(obj_description(oid), '')
    from pg_namespace where {own}
""".replace("{own}", "nspname !~ '^pg_' and nspname not in ('information_schema', 'public')")


def programs() -> Path | None:
    """The folder of the server's programs; Debian keeps them off the path."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    return max(found, default=Path(on_path).parent if on_path else None)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Return the address of a server, without the name of a database."""
    folder_of_programs = programs()
    if folder_of_programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # The superuser may not run it; a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="portrait-pg-", dir="/tmp"))
    other_user: dict[str, object] = {}
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        other_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    data = folder / "data"
    subprocess.run(
        [folder_of_programs / "initdb", "-D", data, "-U", "owner", "-A", "trust", "-E", "UTF8",
         "--locale", "C.UTF-8"],
        check=True, capture_output=True, cwd=folder, **other_user,
    )  # fmt: skip
    process = subprocess.Popen(
        [folder_of_programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=",
         "-c", "fsync=off"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **other_user,
    )  # fmt: skip
    address = f"postgresql://owner@/{{database}}?host={folder}"
    try:
        wait_until(lambda: connects(address.format(database="postgres")))
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        shutil.rmtree(folder)


@pytest.fixture
def database(server: str) -> str:
    """Return the address of an empty database."""
    name = f"portrait_{next(NUMBERS)}"
    with psycopg.connect(server.format(database="postgres"), autocommit=True) as connection:
        connection.execute(f"create database {name}")
    return server.format(database=name)


@pytest.fixture(scope="module")
def copied_sample(server: str, sample_warehouse: Path) -> str:
    """Return the address of a database with a copy of the sample, made by the command."""
    with psycopg.connect(server.format(database="postgres"), autocommit=True) as connection:
        connection.execute("create database sample")
    address = server.format(database="sample")
    run = portrait(["replicate", "--to", address], SAMPLE, sample_warehouse)
    assert run.returncode == 0, run.stdout + run.stderr
    (sample_warehouse / "replicated.txt").write_text(run.stdout, "utf-8")
    return address


def connects(address: str) -> bool:
    try:
        psycopg.connect(address).close()
    except psycopg.OperationalError:
        return False
    return True


def wait_until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def ask(address: str, query: str, *values: object) -> list[tuple]:
    # A lock that is never let go must fail a test, not stop it.
    limit = "-c statement_timeout=60000"
    with psycopg.connect(address, autocommit=True, options=limit) as connection:
        cursor = connection.execute(query, values or None)
        return cursor.fetchall() if cursor.description else []


def everything(address: str) -> list[tuple]:
    return sorted(map(repr, ask(address, EVERYTHING)))


def small_build(root: Path, build_id: str, customers: int = 3, more: str = "") -> Warehouse:
    """Publish a build of three tables, by hand: its customers bear the id of the build as name."""
    folder = root / "builds" / build_id
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "portrait.duckdb")) as connection:
        connection.execute(
            f"""
            create schema marts;
            create schema quality;
            create table marts.dim_customers as
            select 'c' || i as customer_id, '{build_id}' as full_name
            from range({customers}) as t(i);
            create table marts.fct_orders as
            select 'o' || i as order_id, 'c' || i as customer_id, 0.5::decimal(38, 4) as net_amount
            from range({customers}) as t(i);
            create table quality.build_info as select '{build_id}' as build_id;
            comment on table marts.dim_customers is 'One row per customer''s \\ id.';
            {more}
            """
        )
    with duckdb.connect(str(folder / "analyst.duckdb")) as connection:
        connection.execute(
            "create schema marts; create table marts.dim_customers as "
            f"select 'p_' || i as customer_id from range({customers}) as t(i)"
        )
    current = root / "current"
    current.unlink(missing_ok=True)
    current.symlink_to(Path("builds") / build_id)
    return Warehouse(root)


def measures(column: str, type_: str, is_postgres: bool) -> list[str]:
    """Queries of a column that both databases answer alike: what it holds, in order or not."""
    name = f'"{column}"'
    if type_ == "BOOLEAN":
        return [f"count(*) filter (where {name})", f"count({name})"]
    if type_ in ("DATE", "TIMESTAMP", "DOUBLE"):
        return [f"min({name})", f"max({name})", f"count({name})", f"count(distinct {name})"]
    if type_ == "VARCHAR":
        start = f"left(md5({name}), 8)"
        number = (
            f"('x' || {start})::bit(32)::bigint" if is_postgres else f"('0x' || {start})::bigint"
        )
        return [f"sum({number})", f"count({name})"]
    return [f"sum({name})", f"count({name})"]


@pytest.mark.parametrize(
    ("file", "prefix"), [("portrait.duckdb", ""), ("analyst.duckdb", "analyst_")]
)
def test_all_tables_hold_in_postgres_what_the_file_holds(
    copied_sample: str, published_sample: Path, file: str, prefix: str
) -> None:
    with (
        duckdb.connect(str(published_sample / file), read_only=True) as source,
        psycopg.connect(copied_sample) as copy,
    ):
        tables = read_tables(source, SCHEMAS)
        assert len(tables) > 90
        for table in tables:

            def query(is_postgres: bool, place: str, table=table) -> str:
                columns = [
                    measure
                    for column in table.columns
                    for measure in measures(column.name, column.type, is_postgres)
                ]
                return f"select count(*), {', '.join(columns)} from {place}.{table.name}"

            expected = source.execute(query(False, table.schema)).fetchone()
            found = copy.execute(query(True, f"{prefix}{table.schema}")).fetchone()
            assert found == expected, table.name
            types = ask(
                copied_sample,
                "select attname, format_type(atttypid, atttypmod) from pg_attribute "
                "where attnum > 0 and attrelid = %s::regclass "
                "and format_type(atttypid, atttypmod) like 'numeric%%'",
                f"{prefix}{table.schema}.{table.name}",
            )
            assert {(name, type_.replace("numeric", "DECIMAL")) for name, type_ in types} == {
                (column.name, column.type)
                for column in table.columns
                if column.type.startswith("DECIMAL")
            }


@pytest.mark.parametrize(
    ("file", "prefix"), [("portrait.duckdb", ""), ("analyst.duckdb", "analyst_")]
)
def test_tables_and_columns_carry_the_comments_of_the_file(
    copied_sample: str, published_sample: Path, file: str, prefix: str
) -> None:
    with duckdb.connect(str(published_sample / file), read_only=True) as source:
        expected = {
            (f"{prefix}{table.schema}", table.name, name, comment)
            for table in read_tables(source, SCHEMAS)
            for name, comment in (
                ("", table.comment),
                *((column.name, column.comment) for column in table.columns),
            )
        }
    found = ask(
        copied_sample,
        "select nspname, relname, coalesce(attname, ''), description from pg_class "
        "join pg_namespace on pg_namespace.oid = relnamespace "
        "cross join lateral (select null::name as attname, 0 as attnum union all "
        "select attname, attnum from pg_attribute "
        "where attrelid = pg_class.oid and attnum > 0) as a "
        "left join pg_description on objoid = pg_class.oid and objsubid = attnum "
        "and classoid = 'pg_class'::regclass where relkind = 'r' and nspname = any(%s)",
        [f"{prefix}{schema}" for schema in SCHEMAS],
    )
    assert set(found) == expected


def test_keys_of_the_data_tests_are_keys_of_the_database(copied_sample: str) -> None:
    without_key = ask(
        copied_sample,
        "select relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace where "
        "relkind = 'r' and nspname in ('marts', 'quality') and not exists "
        "(select from pg_constraint where conrelid = pg_class.oid and contype = 'p') order by 1",
    )
    # Publishing writes these two, and no model says their key.
    assert without_key == [("build_info",), ("test_results",)]
    foreign = {
        (str(child), definition)
        for child, definition in ask(
            copied_sample,
            "select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint "
            "where contype = 'f'",
        )
    }
    to_orders = "FOREIGN KEY (order_id) REFERENCES {}.fct_orders(order_id)"
    assert ("marts.fct_order_lines", to_orders.format("marts")) in foreign
    assert ("analyst_marts.fct_order_lines", to_orders.format("analyst_marts")) in foreign
    unindexed = ask(
        copied_sample,
        "select conrelid::regclass::text, conname from pg_constraint where contype = 'f' and not "
        "exists (select from pg_index where indrelid = conrelid and indkey[0] = conkey[1])",
    )
    assert unindexed == []


def test_roles_read_what_is_theirs_and_write_nothing(
    copied_sample: str, published_sample: Path
) -> None:
    with duckdb.connect(str(published_sample / "analyst.duckdb"), read_only=True) as source:
        for_analysts = {
            (f"analyst_{table.schema}", table.name, column)
            for table in read_tables(source, SCHEMAS)
            for column in table.column_names
        }
    seen = "select table_schema, table_name, column_name from information_schema.columns "
    seen += "where table_schema ~ 'marts|quality'"
    with psycopg.connect(copied_sample, autocommit=True) as connection:
        connection.execute("set role portrait_analyst")
        assert set(connection.execute(seen).fetchall()) == for_analysts
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select full_name from marts.dim_customers")
        with pytest.raises(psycopg.errors.UndefinedColumn):
            connection.execute("select full_name from analyst_marts.dim_customers")
        connection.execute("set role portrait_reader")
        assert connection.execute("select count(*) from marts.dim_customers").fetchone() > (0,)
        for statement in ("delete from marts.dim_customers", "create table marts.mine (a int)",
                          "truncate analyst_marts.dim_customers"):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_command_says_what_it_copied(copied_sample: str, sample_warehouse: Path) -> None:
    printed = (sample_warehouse / "replicated.txt").read_text("utf-8")
    build_id = Warehouse(sample_warehouse).current_build()
    ledger = ask(
        copied_sample,
        "select count(*), sum(row_count), min(build_id), max(build_id) "
        "from portrait_replica.copied_tables",
    )
    tables, rows, *builds = ledger[0]
    assert builds == [build_id, build_id]
    assert f"{tables} tables with {rows:,} rows of the build {build_id} in " in printed


def test_readers_see_one_build_or_the_other_and_none_waits_long(
    database: str, tmp_path: Path
) -> None:
    builds = [small_build(tmp_path, f"build-{i}", 2_000) for i in range(2)]
    replicate(PROJECT, builds[0], database)
    stop = threading.Event()
    mixed: list[tuple] = []
    failures: list[Exception] = []
    seen: list[str] = []
    waits: list[float] = []

    def read(is_repeatable: bool) -> None:
        """Read three tables in one transaction, again and again; a snapshot may be an old one."""
        try:
            with psycopg.connect(database, autocommit=True) as connection:
                if is_repeatable:
                    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                while not stop.is_set():
                    with connection.transaction():
                        connection.execute("select 1")
                        began = time.monotonic()
                        first = connection.execute(
                            "select min(full_name), max(full_name), count(*) "
                            "from marts.dim_customers"
                        ).fetchone()
                        waits.append(time.monotonic() - began)
                        orders = connection.execute(
                            "select count(*) from marts.fct_orders"
                        ).fetchone()
                        (build,) = connection.execute(
                            "select build_id from quality.build_info"
                        ).fetchone()
                    if (*first, *orders) != (build, build, 2_000, 2_000):
                        mixed.append((*first, *orders, build))
                    seen.append(build)
        except Exception as error:
            failures.append(error)

    readers = [threading.Thread(target=read, args=(i % 2 == 0,)) for i in range(4)]
    for reader in readers:
        reader.start()
    try:
        for i in range(6):
            link = tmp_path / "current"
            link.unlink()
            link.symlink_to(Path("builds") / f"build-{i % 2}")
            replicate(PROJECT, builds[0], database)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert not failures
    assert not mixed
    assert set(seen) == {"build-0", "build-1"}
    assert max(waits) < 5


def test_a_snapshot_from_before_the_copy_finds_the_new_rows(database: str, tmp_path: Path) -> None:
    """Without frozen rows the new tables would be empty to it."""
    replicate(PROJECT, small_build(tmp_path, "build-0"), database)
    with psycopg.connect(database) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute("select 1")
        replicate(PROJECT, small_build(tmp_path, "build-1"), database)
        names = connection.execute("select distinct full_name from marts.dim_customers").fetchall()
    assert names == [("build-1",)]


def test_a_second_run_is_the_same_and_leaves_nothing_besides(database: str, tmp_path: Path) -> None:
    warehouse = small_build(tmp_path, "build-0")
    replicate(PROJECT, warehouse, database)
    before = everything(database)
    assert any("fct_orders_customer_id_fkey" in line for line in before)
    replicate(PROJECT, warehouse, database)
    assert everything(database) == before
    assert not any("portrait_new" in line for line in before)


def test_what_the_new_build_lacks_is_gone(database: str, tmp_path: Path) -> None:
    """So is who was erased: the rows of the build before are dropped with its tables."""
    more = "create table marts.customer_needs as select 'c1' as customer_id"
    replicate(PROJECT, small_build(tmp_path, "build-0", 3, more), database)
    replicate(PROJECT, small_build(tmp_path, "build-1", 1), database)
    assert ask(database, "select customer_id from marts.dim_customers") == [("c0",)]
    assert ask(database, "select customer_id from analyst_marts.dim_customers") == [("p_0",)]
    assert ask(database, "select to_regclass('marts.customer_needs')") == [(None,)]
    done = replicate(PROJECT, small_build(tmp_path, "build-2"), database, ["marts"])
    assert {table.schema for table in done.tables} == {"marts", "analyst_marts"}
    assert ask(database, "select to_regclass('quality.build_info')") == [(None,)]


def test_a_value_that_postgres_cannot_hold_is_named_and_nothing_changes(
    database: str, tmp_path: Path
) -> None:
    replicate(PROJECT, small_build(tmp_path, "build-0"), database)
    before = everything(database)
    more = "create table marts.zzz as select 'a' as fine, 'b' || chr(0) as broken from range(20000)"
    with pytest.raises(PortraitError, match=r"marts\.zzz holds a NUL character.* in broken\."):
        replicate(PROJECT, small_build(tmp_path, "build-1", 5, more), database)
    assert everything(database) == before
    assert ask(database, "select distinct full_name from marts.dim_customers") == [("build-0",)]


def test_names_and_types_are_refused_before_the_server_is_asked(tmp_path: Path) -> None:
    nowhere = f"postgresql://owner@/none?host={tmp_path}"
    long = "t" * 64
    warehouse = small_build(
        tmp_path / "a", "build-0", 1, f"create table marts.{long} as select 1 as a"
    )
    with pytest.raises(PortraitError, match=f"63 bytes: marts.{long}"):
        replicate(PROJECT, warehouse, nowhere)
    listed = small_build(tmp_path / "b", "build-0", 1, "create table marts.l as select [1] as a")
    with pytest.raises(PortraitError, match=r"marts\.l\.a \(INTEGER\[\]\)"):
        replicate(PROJECT, listed, nowhere)


def test_a_connection_that_breaks_off_leaves_the_old_tables(database: str, tmp_path: Path) -> None:
    replicate(PROJECT, small_build(tmp_path, "build-0"), database)
    before = everything(database)

    def break_off(done: int, _total: int, _name: str) -> None:
        if done == 2:
            ask(
                database,
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where application_name = 'portrait replicate'",
            )

    with pytest.raises(PortraitError):
        replicate(PROJECT, small_build(tmp_path, "build-1"), database, step=break_off)
    wait_until(lambda: everything(database) == before)
    assert ask(database, "select distinct full_name from marts.dim_customers") == [("build-0",)]


def test_a_reader_who_stays_is_named_and_the_others_go_on_reading(
    database: str, tmp_path: Path
) -> None:
    replicate(PROJECT, small_build(tmp_path, "build-0"), database)
    warehouse = small_build(tmp_path, "build-1")
    with psycopg.connect(database) as staying:
        staying.execute("select * from marts.fct_orders")
        pid = staying.info.backend_pid
        refused: list[Exception] = []

        def copy() -> None:
            try:
                replicate(PROJECT, warehouse, database, patience=2.0)
            except PortraitError as error:
                refused.append(error)

        copying = threading.Thread(target=copy)
        copying.start()
        waits = []
        while copying.is_alive():
            began = time.monotonic()
            ask(
                database,
                "select * from marts.dim_customers join marts.fct_orders using (customer_id)",
            )
            waits.append(time.monotonic() - began)
    assert f"owner (process {pid})" in str(refused)
    assert max(waits) < 1.5
    assert ask(database, "select distinct full_name from marts.dim_customers") == [("build-0",)]
    replicate(PROJECT, warehouse, database)
    assert ask(database, "select distinct full_name from marts.dim_customers") == [("build-1",)]


def test_tables_and_views_of_others_are_not_dropped(database: str, tmp_path: Path) -> None:
    warehouse = small_build(tmp_path, "build-0")
    ask(database, "create schema marts")
    ask(database, "create table marts.fct_orders (mine int)")
    with pytest.raises(PortraitError, match=r"did not write marts\.fct_orders and"):
        replicate(PROJECT, warehouse, database)
    ask(database, "alter table marts.fct_orders rename to own_orders")
    replicate(PROJECT, warehouse, database)
    ask(database, "create view public.names as select full_name from marts.dim_customers")
    with pytest.raises(PortraitError, match=r"^names hangs on tables that are to be replaced"):
        replicate(PROJECT, warehouse, database)
    ask(database, "drop view public.names")
    replicate(PROJECT, warehouse, database)
    assert ask(database, "select mine from marts.own_orders") == []


def test_a_view_made_while_rows_are_loaded_stops_the_swap(database: str, tmp_path: Path) -> None:
    warehouse = small_build(tmp_path, "build-0")
    replicate(PROJECT, warehouse, database)

    def make_view(done: int, _total: int, _name: str) -> None:
        if done == 1:
            ask(database, "create view public.names as select full_name from marts.dim_customers")

    with pytest.raises(PortraitError, match=r"view names depends on table marts\.dim_customers"):
        replicate(PROJECT, warehouse, database, step=make_view)
    assert len(ask(database, "select * from public.names")) == 3


def test_what_the_user_may_not_do_is_said_with_the_statement_that_allows_it(
    server: str, database: str, tmp_path: Path
) -> None:
    """A user without any right; the roles exist for the whole server, so they go first."""
    warehouse = small_build(tmp_path, "build-0")
    user = f"loader_{next(NUMBERS)}"
    name = database.partition("@/")[2].partition("?")[0]
    ask(database, f"create role {user} login")
    as_user = database.replace("owner@", f"{user}@")
    with pytest.raises(PortraitError, match=f'`grant create on database "{name}" to "{user}"`'):
        replicate(PROJECT, warehouse, as_user)
    ask(database, f"grant create on database {name} to {user}")
    names = ("portrait_reader", "portrait_analyst")
    for role in names:
        if ask(database, "select rolname from pg_roles where rolname = %s", role):
            ask(database, f"alter role {role} rename to {role}_away")
    with pytest.raises(
        PortraitError, match="`create role portrait_reader; create role portrait_an"
    ):
        replicate(PROJECT, warehouse, as_user)
    for role in names:
        if ask(database, "select rolname from pg_roles where rolname = %s", f"{role}_away"):
            ask(database, f"alter role {role}_away rename to {role}")
        else:
            ask(database, f"create role {role}")
    replicate(PROJECT, warehouse, as_user)
    assert ask(as_user, "select count(*) from marts.dim_customers") == [(3,)]
    other = f"other_{next(NUMBERS)}"
    ask(database, f"create role {other} login")
    ask(database, f"grant create on database {name} to {other}")
    with pytest.raises(PortraitError, match=f"belongs to {user}, not to {other}"):
        replicate(PROJECT, warehouse, database.replace("owner@", f"{other}@"))


def test_a_second_copy_at_the_same_time_is_refused(database: str, tmp_path: Path) -> None:
    with psycopg.connect(database) as first:
        first.execute(f"select pg_advisory_xact_lock({ADVISORY_LOCK})")
        with pytest.raises(PortraitError, match="Another portrait replicate"):
            replicate(PROJECT, small_build(tmp_path, "build-0"), database)


def test_a_database_of_another_encoding_is_refused(server: str, tmp_path: Path) -> None:
    ask(
        server.format(database="postgres"),
        "create database latin encoding 'LATIN1' locale 'C' template template0",
    )
    with pytest.raises(PortraitError, match="latin is encoded in LATIN1"):
        replicate(PROJECT, small_build(tmp_path, "build-0"), server.format(database="latin"))


def test_the_command_refuses_in_a_sentence_and_tells_no_password(tmp_path: Path) -> None:
    address = f"postgresql://owner:s3cr3t@/none?host={tmp_path}"
    run = portrait(["replicate", "--to", address], SAMPLE, tmp_path / "empty")
    assert run.returncode == 1
    assert "run `portrait build` first" in run.stderr
    small_build(tmp_path / "warehouse", "build-0")
    unreachable = portrait(["replicate", "--to", address], SAMPLE, tmp_path / "warehouse")
    assert unreachable.returncode == 1
    assert "Error: The server cannot be reached: " in unreachable.stderr
    assert "s3cr3t" not in run.stdout + run.stderr + unreachable.stdout + unreachable.stderr


@pytest.mark.parametrize(
    "address",
    [
        "host=localhost password=s3cr3t",
        "mysql://u:s3cr3t@host/db",
        "postgresql://u:a@s3cr3t@host/db",
        "postgresql://u:1/s3cr3t@host/db",
        "postgresql://u:s3cr3t/x@host/db",
        "postgresql://u:s3cr3t%zz@host/db",
        "postgresql://u@host/db?password=s3cr3t&none=1",
    ],
)
def test_an_address_that_is_none_is_not_repeated(address: str) -> None:
    with pytest.raises(PortraitError) as refused:
        checked_address(address)
    assert "s3cr3t" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
