"""Lands the compiled audiences: models read them from there, as they read the raw files."""

from pathlib import Path

import duckdb

from portrait.landing.audience_rules import Compiled, Definition, StepRow, Use
from portrait.landing.manifest import write_rows

FILES = ("audiences.parquet", "audience_steps.parquet", "audience_uses.parquet")


def prepare_audiences(
    connection: duckdb.DuckDBPyConnection, compiled: Compiled, incoming: Path
) -> None:
    """Write the audiences into the folder of a landing that is being prepared."""
    definitions, steps, uses = (incoming / name for name in FILES)
    write_rows(connection, compiled.definitions, Definition, definitions)
    write_rows(connection, compiled.step_rows(), StepRow, steps)
    write_rows(connection, compiled.uses, Use, uses)


def swap_audiences(folder: Path, incoming: Path) -> None:
    """Put the prepared audiences in the place of the earlier ones."""
    for name in FILES:
        (incoming / name).replace(folder / name)
