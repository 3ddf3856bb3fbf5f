"""Runs models as they lie in models/ on tables of a test's own, with simple stand-ins for macros.

A stand-in is what the macro says on DuckDB. So a test of what comes out of several models on much
data needs neither dbt nor what lies before them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import yaml
from builds import PROJECT


@cache
def model_files() -> dict[str, Path]:
    """The file of each model, by its name."""
    return {file.stem: file for file in (PROJECT / "models").rglob("*.sql")}


def divide(numerator: str, denominator: str, type: str = "double") -> str:
    """As the macro on DuckDB."""
    return f"cast(cast({numerator} as double) / nullif(cast({denominator} as double), 0) as {type})"


def rendered(model: str, **overrides: Any) -> str:
    """The query of a model, over tables by their bare names, with vars of the project or others."""
    variables = yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))["vars"] | overrides

    def faded_weight(weight: str, day: str, as_of: str, half_life: float | None = None) -> str:
        days = half_life or variables["interest_half_life_days"]
        return (
            f"cast({weight} * power(cast(0.5 as double), date_diff('day', {day}, {as_of}) / {days})"
            " as decimal(18, 8))"
        )

    template = jinja2.Template(model_files()[model].read_text("utf-8"))
    return template.render(
        ref=lambda name: name, var=variables.__getitem__, divide=divide, faded_weight=faded_weight
    )


def make_models(
    connection: duckdb.DuckDBPyConnection, models: Iterable[str], overrides: Mapping[str, Any]
) -> None:
    """Make a table of each model, in the order given."""
    for model in models:
        connection.execute(f"create table {model} as {rendered(model, **overrides)}")
