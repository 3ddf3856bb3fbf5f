"""What a build is compared with: the limit of the machine, scripts by hand, and pandas.

Each runs in a process of its own, on the raw files of the build that was just published.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.build_speed.by_hand import STEPS
from benchmarks.build_speed.figures import Limit, Side
from benchmarks.build_speed.process import measure
from benchmarks.measuring import MeasuredWarehouse
from portrait.comparison.warehouses import compare_warehouses
from portrait.sql import one_row, sql_name, sql_text
from portrait.state.store import fsync
from portrait.warehouse import Warehouse

# The project's table that each script makes too, and its key.
TABLES = {
    "order_lines": ("fct_order_lines", ("order_line_id",)),
    "orders": ("fct_orders", ("order_id",)),
    "sessions": ("fct_sessions", ("session_id",)),
    "daily_activity": ("fct_customer_daily_activity", ("customer_id", "activity_date")),
    "rfm": ("customer_rfm", ("customer_id",)),
    "behavior_30d": ("customer_behavior_30d", ("customer_id",)),
}
# What the scripts are given, because it is a matter of its own: who a record belongs to, and which
# order a refund or a returned line goes back to. These models, and what only they read, are not
# compared.
GIVEN_MODELS = (
    "int_records_clustered",
    "int_refund_events_unioned",
    "int_return_allocations_unioned",
    "int_as_of",
)
# What is behind the tables only for columns and rows that the scripts leave out: coupons of orders,
# and what the month ends of the segments' history are made from. Their scores are made in one model
# with those of today, which is compared whole.
LEFT_OUT_MODELS = (
    "int_order_coupons_judged",
    "int_source_records_unioned",
    "int_customer_value_changes",
    "int_order_states",
    "int_segment_history_kept",
)
GIVEN = {
    "records": (
        "select system, native_customer_id, record_id, customer_id, is_inferred"
        " from build.intermediate.int_records_clustered"
    ),
    "refunds": (
        "select orders.order_id, records.record_id, refunds.refund_source, refunds.is_counted,"
        " refunds.refund_date, refunds.amount_local, refunds.amount"
        " from build.intermediate.int_refund_events_unioned as refunds"
        " left join build.intermediate.int_orders_priced as orders using (order_key)"
        " left join build.intermediate.int_records_clustered as records"
        " on refunds.record_key = records.record_key"
    ),
    "allocations": (
        "select returns.order_id as return_order_id, sales.order_id as sale_order_id,"
        " return_lines.order_line_id as return_line_id, sale_lines.order_line_id as sale_line_id,"
        " parts.match_rule, parts.quantity, parts.amount_local, parts.amount_sale_currency"
        " from build.intermediate.int_return_allocations_unioned as parts"
        " left join build.intermediate.int_orders_priced as returns"
        " on parts.return_order_key = returns.order_key"
        " left join build.intermediate.int_orders_priced as sales"
        " on parts.sale_order_key = sales.order_key"
        " left join build.intermediate.int_order_lines_signed as return_lines"
        " on parts.return_line_key = return_lines.order_line_key"
        " left join build.intermediate.int_order_lines_signed as sale_lines"
        " on parts.sale_line_key = sale_lines.order_line_key"
    ),
}
# Numbers that are quotients of doubles may differ in the last digits.
CLOSE = 1e-9


def limit(place: MeasuredWarehouse) -> Limit:
    """Read all raw columns once, and write as many bytes as were published."""
    found = Limit()
    begun, used = time.monotonic(), time.process_time()
    with duckdb.connect() as connection:
        for folder in sorted(place.raw.glob("*/*")):
            files = sql_text(folder / "*" / "*.parquet")
            names = [
                sql_name(row[0])
                for row in connection.execute(
                    f"describe select * from read_parquet({files}, hive_partitioning = false)"
                ).fetchall()
            ]
            # Without the hash the statistics of the files would do.
            connection.execute(
                f"select bit_xor(hash({', '.join(names)}))"
                f" from read_parquet({files}, hive_partitioning = false)"
            ).fetchall()
    found.read_seconds = time.monotonic() - begun
    found.read_cpu_seconds = time.process_time() - used
    published = Warehouse(place.warehouse).current.resolve()
    begun = time.monotonic()
    for name in ("portrait.duckdb", "analyst.duckdb"):
        copy = place.folder / f"copy-{name}"
        shutil.copyfile(published / name, copy)
        fsync(copy)
        found.written_bytes += copy.stat().st_size
    found.write_seconds = time.monotonic() - begun
    for copy in place.folder.glob("copy-*"):
        copy.unlink()
    return found


def by_hand(place: MeasuredWarehouse) -> list[Side]:
    """Make the tables by hand, compare each with the project's, and time the models again.

    The first of the sides is all of it, against all models behind the tables.
    """
    given, database = place.folder / "given", place.folder / "by_hand.duckdb"
    answer = place.folder / "by_hand.json"
    database.unlink(missing_ok=True)
    as_of = export_given(place, given)
    done = measure(
        [
            *(sys.executable, "-m", "benchmarks.build_speed.by_hand"),
            *map(str, (place.raw, given, database, as_of, answer)),
        ],
        dict(os.environ),
    )
    if not done.succeeded:
        return [Side("by hand", done.seconds, problem=done.text[-2000:])]
    said = json.loads(answer.read_text())
    whole = Side(
        "by hand", sum(said["seconds"].values()), sum(said["cpu"].values()), done.peak_bytes
    )
    sides = []
    with duckdb.connect(str(database), read_only=True) as connection:
        file = sql_text(Warehouse(place.warehouse).current / "portrait.duckdb")
        connection.execute(f"attach {file} as portrait (read_only)")
        for step in STEPS:
            side = Side(step, said["seconds"][step], said["cpu"][step])
            if step in TABLES:
                compare(connection, step, side)
            sides.append(side)
    whole.problem = "; ".join(f"{one.name}: {one.problem}" for one in sides if one.problem)
    manifest = json.loads((Warehouse(place.warehouse).target / "manifest.json").read_text("utf-8"))
    # What was published is a copy: dbt may write the work databases again.
    whole.models_seconds = place.run_step("models", sorted(compared_models(manifest))).seconds
    return [whole, *sides]


def export_given(place: MeasuredWarehouse, given: Path) -> str:
    """Write what the scripts are given as Parquet; the as-of date of the build."""
    given.mkdir(exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"attach {sql_text(place.build)} as build (read_only)")
        for name, query in GIVEN.items():
            connection.execute(
                f"copy ({query}) to {sql_text(given / f'{name}.parquet')} (format parquet)"
            )
        (as_of,) = one_row(connection, "select as_of_date from build.intermediate.int_as_of")
    return str(as_of)


def tables_that_differ(one: Path, other: Path) -> list[str]:
    """The tables of two warehouses whose rows differ, with what differs."""
    return [
        f"{table.file} {table.name}: {'; '.join(table.differences)}"
        for table in compare_warehouses(one, other)
        if table.differences
    ]


def compare(connection: duckdb.DuckDBPyConnection, table: str, side: Side) -> None:
    """Count rows and columns, and say which columns differ in how many rows, if any do."""
    mart, key = TABLES[table]
    types = {
        row[0]: row[1] for row in connection.execute(f"describe portrait.marts.{mart}").fetchall()
    }
    own = [row[0] for row in connection.execute(f"describe {table}").fetchall()]
    columns = [name for name in types if name in own and name not in key]
    side.columns, side.mart_columns = len(columns) + len(key), len(types)
    on = " and ".join(f"ours.{name} = theirs.{name}" for name in key)
    counts = ", ".join(f"count(*) filter ({_differs(name, types[name])})" for name in columns)
    rows, ours, theirs, *different = one_row(
        connection,
        f"select count(ours.{key[0]}), count(*) filter (theirs.{key[0]} is null),"
        f" count(*) filter (ours.{key[0]} is null), {counts}"
        f" from {table} as ours full join portrait.marts.{mart} as theirs on {on}",
    )
    side.rows = rows
    problems = [
        f"{count} {where}" for count, where in ((ours, "only by hand"), (theirs, "only there"))
        if count
    ]  # fmt: skip
    problems += [
        f"{name} in {count} rows" for name, count in zip(columns, different, strict=True) if count
    ]
    side.problem = ", ".join(problems)


def _differs(name: str, data_type: str) -> str:
    if data_type == "DOUBLE":
        same = (
            f"coalesce(abs(ours.{name} - theirs.{name}) <= {CLOSE} * abs(theirs.{name}),"
            f" ours.{name} is null and theirs.{name} is null)"
        )
        return f"not {same}"
    return f"ours.{name} is distinct from theirs.{name}"


def compared_models(manifest: Mapping[str, Any]) -> set[str]:
    """The models that the scripts stand for: all behind the tables, but for what is given."""
    by_name = {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }
    names = {node["unique_id"]: name for name, node in by_name.items()}
    found: set[str] = set()

    def walk(models: Iterable[str]) -> None:
        for name in models:
            if name in found or name in (*GIVEN_MODELS, *LEFT_OUT_MODELS):
                continue
            found.add(name)
            walk(names[one] for one in by_name[name]["depends_on"]["nodes"] if one in names)

    walk(mart for mart, _ in TABLES.values())
    return found


def with_pandas(place: MeasuredWarehouse) -> list[Side]:
    """Let pandas make RFM and the 30 days of the tables that the scripts made."""
    answer, folder = place.folder / "pandas.json", place.folder / "for_pandas"
    folder.mkdir(exist_ok=True)
    database = place.folder / "by_hand.duckdb"
    if not database.exists():
        return []
    with duckdb.connect(str(database), read_only=True) as connection:
        for table in ("orders", "daily_activity"):
            connection.execute(
                f"copy {table} to {sql_text(folder / f'{table}.parquet')} (format parquet)"
            )
        as_of = one_row(connection, "select max(as_of_date) from rfm")[0]
    shutil.copyfile(place.folder / "given" / "records.parquet", folder / "records.parquet")
    sides = []
    for table in ("rfm", "behavior_30d"):
        result = folder / f"{table}_result.parquet"
        done = measure(
            [
                *(sys.executable, "-m", "benchmarks.build_speed.with_pandas", table),
                *map(str, (folder, as_of, result, answer)),
            ],
            dict(os.environ),
        )
        side = Side(table, done.seconds, done.cpu_seconds, done.peak_bytes)
        if done.succeeded:
            side.seconds = json.loads(answer.read_text())["seconds"]
            compare_pandas(database, table, result, side)
        else:
            side.problem = f"failed: {(done.lines or [(0.0, 'it was ended')])[-1][1]}"
        sides.append(side)
    return sides


def compare_pandas(database: Path, table: str, result: Path, side: Side) -> None:
    """Compare the rows of pandas with those by hand: whole numbers exactly, others nearly."""
    with duckdb.connect(str(database), read_only=True) as connection:
        file = f"read_parquet({sql_text(result)})"
        names = [
            row[0]
            for row in connection.execute(f"describe select * from {file}").fetchall()
            if row[0] != "customer_id"
        ]
        counts = ", ".join(
            f"count(*) filter (not coalesce(abs(cast(theirs.{name} as double) - ours.{name})"
            f" < 0.005, ours.{name} is null and theirs.{name} is null))"
            for name in names
        )
        rows, ours, theirs, *different = one_row(
            connection,
            "select count(ours.customer_id), count(*) filter (theirs.customer_id is null),"
            f" count(*) filter (ours.customer_id is null), {counts}"
            f" from {table} as ours full join {file} as theirs"
            " on ours.customer_id = theirs.customer_id",
        )
    side.rows, side.columns = rows, len(names) + 1
    side.problem = ", ".join(
        [f"{count} rows of one side" for count in (ours + theirs,) if count]
        + [f"{name} in {count} rows" for name, count in zip(names, different, strict=True) if count]
    )
