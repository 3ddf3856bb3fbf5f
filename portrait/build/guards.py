"""What a build must not be published with: settings, files and results that cannot be meant."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from portrait.build.outcomes import read_artifact
from portrait.contract import Table
from portrait.database import connect
from portrait.errors import PortraitError
from portrait.landing.land import changed_files, landed_raw_folder
from portrait.landing.manifest import BROKEN_LINES, ManifestRow
from portrait.settings import Settings
from portrait.sql import one_row, sql_name, sql_path, sql_text
from portrait.warehouse import Warehouse

# With fewer broken records, a table without any other may be a small mistake.
FEWEST_BROKEN = 3
# Of landed rows, measured with ten million typed ones: work files, published files and kept rows.
BYTES_A_ROW = 310
# Rows of another company may take less. Below this share of it a build is refused.
CERTAINLY_NEEDED = 0.25
# Marts that a company does not lose from one build to the next.
CORE = ("dim_customers", "fct_orders")
LASTING = ("dim_", "fct_", "bridge_", "customer_")
# What `dbt build` may be given with --vars and be published: the settings, which are compared.
PUBLISHED_VARS = frozenset({"warehouse", "as_of", "as_of_max_gap_days", "timezone", "currency"})


def require_known_currency(
    settings: Settings, tables: Sequence[Table], files: Sequence[ManifestRow]
) -> None:
    """Refuse a reporting currency that no rate leads to and no row is in.

    Rows that name no currency are in the reporting one: where at least half of the rows name none,
    they are believed. What is no three letters names none here; staging judges it.

    Raises:
        PortraitError: nothing could have an amount in the reporting currency.
    """
    counts: dict[str, int] = {}
    rated: set[str] = set()
    with connect() as connection:
        for table in tables:
            columns = [column.name for column in table.columns if column.data_type == "currency"]
            paths = [row.landed_path for row in files if _is_of(row, table) and row.landed_rows]
            for column in columns if paths else ():
                found = connection.execute(
                    f"select regexp_extract(upper(cast({sql_name(column)} as varchar)), "
                    "'^\\s*([A-Z]{3})\\s*$', 1), count(*) from "
                    f" read_parquet([{', '.join(sql_path(Path(path)) for path in paths)}], "
                    "union_by_name = true, hive_partitioning = false) group by all"
                ).fetchall()
                if table.system == "ops":
                    rated.update(word for word, _ in found if word)
                else:
                    for word, rows in found:
                        counts[word or ""] = counts.get(word or "", 0) + rows
    named = sum(rows for word, rows in counts.items() if word)
    if (
        settings.currency in rated
        or settings.currency in counts
        or not named
        or counts.get("", 0) >= named
    ):
        return
    most = sorted((word for word in counts if word), key=lambda word: -counts[word])[:5]
    raise PortraitError(
        f"The reporting currency is {settings.currency}, which no row is in and no rate of "
        f"ops/fx_rates leads to: nothing would have an amount. The rows are in {', '.join(most)}. "
        "Set PORTRAIT_CURRENCY, or deliver the rates."
    )


def _is_of(row: ManifestRow, table: Table) -> bool:
    return (row.schema_name, row.table_name) == (table.schema, table.name)


def require_some_readable(landing: Path, files: Sequence[ManifestRow]) -> None:
    """Refuse a table of which landing could read no record at all; a few may be broken by chance.

    The expectations judge shares, once the models have run.
    """
    totals: dict[tuple[str, str, str], tuple[int, int]] = {}
    for row in files:
        key = (row.system, row.schema_name, row.table_name)
        landed, broken = totals.get(key, (0, 0))
        totals[key] = (landed + row.landed_rows, broken + row.broken_rows)
    with connect() as connection:
        for (system, schema, name), (landed, broken) in totals.items():
            if landed or broken < FEWEST_BROKEN:
                continue
            (error,) = one_row(
                connection,
                f"select error from read_parquet({sql_path(landing / BROKEN_LINES)}) "
                "where schema_name = ? and table_name = ? "
                "group by error order by count(*) desc, error limit 1",
                [schema, name],
            )
            raise PortraitError(
                f"{system}/{name}: none of its {broken:,} records can be read, most for this "
                f"reason: {error}. landing/{BROKEN_LINES} holds them all."
            )


def require_rows_up_to(settings: Settings, files: Sequence[ManifestRow]) -> None:
    """Refuse a given as-of date that lies before every load of the raw files."""
    dates = [row.load_date for row in files if row.landed_rows]
    if settings.as_of is None or not dates or None in dates:
        return
    first = min(date for date in dates if date is not None)
    if settings.as_of < first:
        raise PortraitError(
            f"The as-of date {settings.as_of} lies before the first load of the raw files "
            f"({first}): nothing was known by then. Set PORTRAIT_AS_OF to a later day, or leave "
            "it out."
        )


def require_room(warehouse: Warehouse, rows: int) -> None:
    """Refuse a build for which the disk has far too little room."""
    free, needed = room_of(warehouse), rows * BYTES_A_ROW
    if free < needed * CERTAINLY_NEEDED:
        raise PortraitError(
            f"A build of {rows:,} rows takes about {_gigabytes(needed)}, and {_gigabytes(free)} "
            f"are free for {warehouse.root}: make room, or name another folder in "
            "PORTRAIT_WAREHOUSE."
        )


def remark_on_room(warehouse: Warehouse, rows: int) -> str:
    """What to say where the room on the disk may not do; empty where it does."""
    free, needed = room_of(warehouse), rows * BYTES_A_ROW
    if free >= needed:
        return ""
    return (
        f"A build of {rows:,} rows takes about {_gigabytes(needed)}, and {_gigabytes(free)} are "
        "free: it may fill the disk."
    )


def room_of(warehouse: Warehouse) -> int:
    """The bytes that a build may take: what is free, and what the last build's work gives back."""
    given_back = sum(
        file.stat().st_size
        for file in (warehouse.work_build, warehouse.work_portrait)
        if file.exists()
    )
    return shutil.disk_usage(warehouse.root).free + given_back


def _gigabytes(number: float) -> str:
    return f"{number / 1e9:,.1f} GB"


def require_data_up_to_as_of(warehouse: Warehouse) -> None:
    """Refuse an as-of date before the first day with data, after the models have run."""
    try:
        with connect(warehouse.work_build, read_only=True) as connection:
            as_of, first = one_row(
                connection, "select as_of_date, first_data_date from intermediate.int_as_of"
            )
    except (duckdb.Error, ValueError):
        return
    if first and as_of < first:
        raise PortraitError(
            f"The as-of date {as_of} lies before the first day with data ({first}): the build "
            "would be empty. Set PORTRAIT_AS_OF to a later day, or leave it out."
        )


def require_not_emptied(settings: Settings, warehouse: Warehouse, accept_drift: bool) -> None:
    """Refuse a build that has lost all rows of a table which the published one holds.

    Customers and orders always count. Other tables count where the builds can be compared: they
    are made from the same raw folder, and this one is not for an earlier day.
    """
    previous = warehouse.current / "portrait.duckdb"
    if accept_drift or not previous.exists() or not warehouse.work_portrait.exists():
        return
    with connect() as connection:
        for name, file in (("earlier", previous), ("later", warehouse.work_portrait)):
            try:
                connection.execute(f"attach {sql_text(file)} as {name} (read_only)")
            except duckdb.Error as error:
                reason = str(error).splitlines()[0]
                raise PortraitError(f"{file} cannot be read ({reason}).") from error
        tables = connection.execute(
            "select earlier.table_name from duckdb_tables() as earlier "
            "inner join duckdb_tables() as later using (schema_name, table_name) "
            "where earlier.database_name = 'earlier' and later.database_name = 'later' "
            "and schema_name = 'marts' order by all"
        ).fetchall()
        names = [name for (name,) in tables if name.startswith(LASTING)]
        if not _are_comparable(settings, connection):
            names = [name for name in names if name in CORE]
        emptied = []
        for name in names:
            before, after = one_row(
                connection,
                f"select (select count(*) from earlier.marts.{sql_name(name)}), "
                f"(select count(*) from later.marts.{sql_name(name)})",
            )
            if before and not after:
                emptied.append(f"{name} ({before:,} rows)")
    if emptied:
        raise PortraitError(
            f"The build is without a row in {', '.join(emptied)}, which the published one holds. "
            "Nothing was published. Look for files that were not delivered and for the as-of date; "
            "if it is right, accept it once with --accept-drift."
        )


def _are_comparable(settings: Settings, connection: duckdb.DuckDBPyConnection) -> bool:
    try:
        raw_folder, before = one_row(
            connection, "select raw_folder, as_of_date from earlier.quality.build_info"
        )
        (now,) = one_row(connection, "select max(as_of_date) from later.marts.customer_rfm")
    except (duckdb.Error, ValueError):
        return False
    is_earlier = before is not None and now is not None and now < before
    return raw_folder == settings.raw.name and not is_earlier


def require_same_settings(settings: Settings, warehouse: Warehouse) -> None:
    """Refuse to publish marts under other settings than they were built with."""
    with connect(warehouse.work_build, read_only=True) as connection:
        try:
            timezone, currency, is_given, as_of = one_row(
                connection,
                "select timezone, currency, is_given, as_of_date from intermediate.int_as_of",
            )
        except duckdb.Error as error:
            raise PortraitError(
                "The last dbt build does not say with which settings it was made: "
                "run `portrait build`."
            ) from error
    built_as_of = as_of if is_given else None
    landed = landed_raw_folder(warehouse.landing)
    differences = [
        f"{name} was {built or 'not set'} and is {asked or 'not set'}"
        for name, built, asked in (
            ("PORTRAIT_CURRENCY", currency, settings.currency),
            ("PORTRAIT_TIMEZONE", timezone, settings.timezone),
            ("PORTRAIT_AS_OF", built_as_of, settings.as_of),
            ("PORTRAIT_RAW", landed or settings.raw, settings.raw),
        )
        if built != asked
    ]
    if differences:
        raise PortraitError(
            f"The marts were built with other settings: {'; '.join(differences)}. Publish with the "
            "settings of the dbt build, or run `portrait build`."
        )


def require_unchanged_files(warehouse: Warehouse) -> None:
    """Refuse where a file that is used in place is another one than was landed."""
    if changed := changed_files(warehouse.landing):
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        raise PortraitError(
            f"{', '.join(changed[:3])}{more}: a file that is used in place was changed or removed "
            "after it was landed, so the marts may hold a mixture. Nothing was published; run "
            "`portrait build` again."
        )


def require_whole_run(target: Path, run: Mapping[str, Any]) -> None:
    """PortraitError where a run left out models, seeds or data tests, or had thresholds its own."""
    given = run.get("args", {}).get("vars") or {}
    own = sorted(set(given) - PUBLISHED_VARS) if isinstance(given, Mapping) else [str(given)]
    if own:
        raise PortraitError(
            f"The last dbt build was given --vars {', '.join(own)}: write it into dbt_project.yml, "
            "so that every build has it, and run `portrait build`."
        )
    manifest = read_artifact(target, "manifest.json")
    wanted = {
        name: node["resource_type"]
        for name, node in manifest.get("nodes", {}).items()
        if node.get("resource_type") in ("model", "seed", "test")
        and (node.get("config") or {}).get("materialized") != "ephemeral"
    }
    ran = _names_of(run)
    missing = [kind for name, kind in wanted.items() if name not in ran]
    if missing:
        counts = {kind: missing.count(kind) for kind in ("model", "seed", "test")}
        said = " and ".join(
            f"{number} {kind}{'' if number == 1 else 's'}"
            for kind, number in counts.items()
            if number
        )
        raise PortraitError(
            f"The last dbt build left out {said}, so nobody knows whether its marts are right: "
            "run `dbt build` with all of them (unit tests may be left out), or `portrait build`."
        )


def _names_of(run: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(result["unique_id"] for result in run.get("results", []))
