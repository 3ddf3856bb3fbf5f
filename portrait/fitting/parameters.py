"""Where fitted parameters are kept, and how they differ from the model in force."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from portrait.errors import PortraitError
from portrait.fitting.match_model import MatchModel, read_shipped_model, weight
from portrait.fitting.rendering import render
from portrait.quoting import sql_path, sql_text
from portrait.state import replace_durably
from portrait.warehouse import Warehouse

RECORDS = "match_records"
FEWEST_RECORDS = 500
# A difference of a weight below half a bit changes the odds by less than 1.5 times.
NOTABLE_BITS = 0.5


@dataclass(frozen=True)
class Difference:
    """A level whose weight, in bits, is another one in the fitted model."""

    comparison: str
    level: str
    before: float
    after: float


def differences(before: MatchModel, after: MatchModel) -> list[Difference]:
    """The levels that weigh at least half a bit more or less, the greatest difference first."""
    found = [
        Difference(comparison.name, level.name, weight(level), weight(fitted_level))
        for comparison, fitted in zip(before.comparisons, after.comparisons, strict=True)
        for level, fitted_level in zip(comparison.levels, fitted.levels, strict=True)
        if abs(weight(fitted_level) - weight(level)) >= NOTABLE_BITS
    ]
    return sorted(found, key=lambda one: -abs(one.after - one.before))


def fit_identity(project: Path, warehouse: Warehouse, at: datetime | None = None) -> MatchModel:
    """Fit the model to the records of the last build, and keep it in the state folder.

    PortraitError where there is no build, where it has too few records, or without Splink.
    """
    if not warehouse.work_build.exists():
        raise PortraitError("There is no build to fit to. Run `portrait build` first.")
    try:
        from portrait.fitting.identity import fit
    except ImportError as error:
        raise PortraitError("Fitting needs Splink: install the package splink.") from error
    structure, _ = render(project)
    model = read_shipped_model(project, structure)
    with duckdb.connect() as connection:
        connection.execute(f"attach {sql_path(warehouse.work_build)} as build (read_only)")
        connection.execute(
            f"create table {RECORDS} as select * from build.intermediate.int_match_records"
        )
        count = connection.execute(f"select count(*) from {RECORDS}").fetchall()[0][0]
        if count < FEWEST_RECORDS:
            raise PortraitError(
                f"The build has {count} records; fitting needs {FEWEST_RECORDS} or more."
            )
        version = f"fitted-{(at or datetime.now(UTC)):%Y%m%dT%H%M%SZ}"
        fitted = replace(fit(connection, RECORDS, model), version=version)
    state = warehouse.root / "state"
    write_table(state / "match_levels" / f"{version}.parquet", fitted.level_rows())
    write_table(state / "match_settings" / f"{version}.parquet", fitted.setting_rows())
    return fitted


def write_table(target: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of one shape as Parquet, whole or not at all."""
    types = {str: "VARCHAR", int: "INTEGER", float: "DOUBLE"}
    shape = json.dumps([{name: types[type(value)] for name, value in rows[0].items()}])
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select unnest(from_json({sql_text(json.dumps(list(rows)))}, "
            f"{sql_text(shape)}), max_depth := 2)) to {sql_text(part)} (format parquet)"
        )
    replace_durably(part, target)


def print_differences(console: Console, before: MatchModel, after: MatchModel) -> None:
    """Print which levels weigh more or less than in the model in force."""
    table = Table(title=f"{after.version} against {before.version}, weights in bits")
    for header, justify in (
        ("Comparison", "left"), ("Level", "left"), ("In force", "right"), ("Fitted", "right"),
    ):  # fmt: skip
        table.add_column(header, justify=justify)
    for one in differences(before, after):
        table.add_row(one.comparison, one.level, f"{one.before:.1f}", f"{one.after:.1f}")
    console.print(table)
    console.print(
        "Pairs per record:"
        f" {before.settings['pairs_per_record']:.3g} in force,"
        f" {after.settings['pairs_per_record']:.3g} fitted."
    )
