"""Runs the project's own matching models on any table of records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from portrait.fitting.match_model import MatchModel
from portrait.fitting.rendering import render
from portrait.state.store import StateStore

# In the order in which they read each other.
MODELS = (
    "int_match_levels_in_force", "int_match_model", "int_match_names", "int_match_term_shares",
    "int_match_names_counted", "int_match_record_keys", "int_match_blocks", "int_match_pairs",
    "int_match_pairs_aliased", "int_match_pairs_compared", "int_match_prior",
    "int_match_pairs_scored",
)  # fmt: skip
RECORDS = '"build"."intermediate"."int_match_records"'
ALIASES = "intermediate.int_match_aliases"
PROJECT = Path(__file__).resolve().parents[1]


def compile_models(
    project: Path = PROJECT, models: Sequence[str] = MODELS
) -> tuple[dict[str, Any], dict[str, str]]:
    """Let dbt render the comparisons and the SQL of each model."""
    return render(project, models)


def open_build(folder: Path) -> duckdb.DuckDBPyConnection:
    """Open an empty build, with the schemas that the models name."""
    connection = duckdb.connect(str(folder / "build.duckdb"))
    connection.execute("create schema if not exists intermediate")
    connection.execute("create schema if not exists reference")
    connection.execute("create schema if not exists staging")
    # An empty store of fitted models: what write_model writes is in force.
    store = StateStore(folder / "state")
    for name in ("match_models", "match_levels"):
        empty = store.select(name)
        connection.execute(f"create or replace table staging.stg_state__{name} as {empty}")
    for name in ("match_nicknames", "given_names", "match_blocking_rules"):
        file = PROJECT / "seeds" / "identity" / f"{name}.csv"
        connection.execute(
            f"create or replace table reference.{name} as select * from read_csv('{file}')"
        )
    return connection


def write_model(connection: duckdb.DuckDBPyConnection, model: MatchModel) -> None:
    """Write a model where the models read the seeds."""
    _write(connection, "match_levels", model.level_rows())
    _write(connection, "match_settings", model.setting_rows())


def _write(
    connection: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    types = {str: "varchar", int: "integer", float: "double"}
    columns = ", ".join(f"{column} {types[type(value)]}" for column, value in rows[0].items())
    connection.execute(f"create or replace table reference.{name} ({columns})")
    marks = ", ".join("?" for _ in rows[0])
    connection.executemany(
        f"insert into reference.{name} values ({marks})", [list(row.values()) for row in rows]
    )


def run_models(connection: duckdb.DuckDBPyConnection, compiled: Mapping[str, str]) -> None:
    """Make the table of each model, in the order in which they were named, without aliases."""
    connection.execute(
        f"create or replace table {ALIASES} as select *, 1 as alias_number from {RECORDS} limit 0"
    )
    for name, sql in compiled.items():
        connection.execute(f"create or replace table intermediate.{name} as\n{sql}")
