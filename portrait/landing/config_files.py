"""Lands the company's configuration: models read the rows from there, as they read the raw files.

What is in force is what was landed: `<warehouse>/landing/config/` holds a Parquet file for each
changed seed and the limits, `config_files.parquet` beside the manifest names the files.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb

from portrait.database import connect
from portrait.landing.configuration import (
    LIMITS,
    CompanySeed,
    ConfigRow,
    Configuration,
)
from portrait.landing.manifest import read_rows, write_rows
from portrait.landing.seeds import Seed
from portrait.sql import sql_name, sql_path, sql_text

CONFIG = "config"
CONFIG_FILES = "config_files.parquet"


def prepare_configuration(
    connection: duckdb.DuckDBPyConnection, configuration: Configuration, incoming: Path
) -> None:
    """Write the configuration into the folder of a landing that is being prepared."""
    folder = incoming / CONFIG
    folder.mkdir()
    for company in configuration.seeds:
        _write_seed(connection, company, folder / f"{company.seed.name}.parquet")
    if configuration.limits is not None:
        (folder / LIMITS).write_text(configuration.limits, encoding="utf-8")
    write_rows(connection, configuration.rows, ConfigRow, incoming / CONFIG_FILES)


def swap_configuration(folder: Path, incoming: Path) -> None:
    """Put the prepared configuration in the place of the earlier one."""
    shutil.rmtree(folder / CONFIG, ignore_errors=True)
    (incoming / CONFIG).replace(folder / CONFIG)
    (incoming / CONFIG_FILES).replace(folder / CONFIG_FILES)


def landed_limits(landing: Path) -> str | None:
    """The company's limits as they were landed; None where it has none."""
    file = landing / CONFIG / LIMITS
    return file.read_text(encoding="utf-8") if file.is_file() else None


def landed_files(landing: Path) -> list[ConfigRow]:
    """The files of the configuration in force."""
    with connect() as connection:
        rows = read_rows(connection, landing / CONFIG_FILES, ConfigRow)
    return [ConfigRow(*row) for row in rows]


def rows_in_force(seed: Seed, landing: Path) -> list[dict[str, str]]:
    """The rows of a seed as models read them: the project's, changed by the company's."""
    file = landing / CONFIG / f"{seed.name}.parquet"
    changed = [row for row in landed_files(landing) if row.subject == seed.name]
    if not changed or not file.is_file():
        return seed.rows()
    with connect() as connection:
        found = connection.execute(f"from read_parquet({sql_path(file)})").fetchall()
    own = [dict(zip(seed.columns, (cell or "" for cell in row), strict=True)) for row in found]
    if changed[0].is_whole:
        return own
    keys = {tuple(row[column] for column in seed.key) for row in own}
    kept = [row for row in seed.rows() if tuple(row[c] for c in seed.key) not in keys]
    return [*kept, *own]


def _write_seed(connection: duckdb.DuckDBPyConnection, company: CompanySeed, target: Path) -> None:
    names = company.seed.columns
    columns = ", ".join(f"{sql_name(name)} varchar" for name in names)
    connection.execute(f"create or replace temp table company_rows ({columns})")
    if company.rows:
        lists: Sequence[str] = [f"unnest(${i + 1})" for i in range(len(names))]
        cells = [list(column) for column in zip(*company.rows, strict=True)]
        connection.execute(f"insert into company_rows select {', '.join(lists)}", cells)
    connection.execute(
        f"copy company_rows to {sql_text(target)} (format parquet, compression zstd)"
    )
    connection.execute("drop table company_rows")
