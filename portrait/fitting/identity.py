"""Fits the model of scored matching to records with Splink, without any labels.

The prior and m come from expectation maximisation, u from random pairs (Splink's documentation,
"Training"). A level that the records never show keeps the value of the model in force.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import replace
from statistics import fmean
from typing import Any

import duckdb
import splink
from splink.backends.duckdb import DuckDBAPI

from portrait.fitting.match_model import Comparison, Level, MatchModel, splink_settings

RANDOM_PAIRS = 3_000_000
SEED = 1
# Pairs that agree on one of these are rich in pairs of one person; a comparison on the same columns
# learns nothing from them, and learns from the others.
TRAINING_RULES = (
    ("first_name", "last_name"),
    ("han_name",),
    ("birth_date",),
    ("email",),
    ("phone",),
    ("other_number",),
    ("postcode", "first_name"),
    ("address",),
)
FEWEST_PAIRS, MOST_PAIRS = 200, 3_000_000
LEAST = 1e-9
PRIOR_ROUNDS = 4


def fit(connection: duckdb.DuckDBPyConnection, records: str, model: MatchModel) -> MatchModel:
    """Estimate prior, m and u of the model's levels on the table of records.

    The result has the version `fitted`; the caller names it.
    """
    logging.getLogger("splink").setLevel(logging.ERROR)
    count = _number(connection, f"select count(*) from {records}")
    prior = model.prior_probability(count)
    linker = make_linker(connection, records, splink_settings(model, prior))
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED)
    for columns in TRAINING_RULES:
        if FEWEST_PAIRS <= _agreeing_pairs(connection, records, columns) <= MOST_PAIRS:
            linker.training.estimate_parameters_using_expectation_maximisation(
                splink.block_on(*columns), max_pairs=MOST_PAIRS
            )
    fitted = _with_estimates(model, linker)
    return _with_prior(connection, records, fitted, count)


def make_linker(
    connection: duckdb.DuckDBPyConnection, records: str, settings: dict[str, Any]
) -> Any:
    """A linker of Splink's on a table of records."""
    # Splink reads the columns of a table by its plain name.
    connection.execute(f"create or replace temp view splink_records as select * from {records}")
    frame = DuckDBAPI(connection=connection).register("splink_records")
    return splink.Linker(frame, settings, log_level="ERROR")


def _with_estimates(model: MatchModel, linker: Any) -> MatchModel:
    """The model with the mean of what the training sessions found for each level."""
    found: dict[tuple[str, int, str], list[float]] = defaultdict(list)
    for record in linker.misc.save_model_to_json()["comparisons"]:
        last = len(record["comparison_levels"]) - 2
        for place, level in enumerate(record["comparison_levels"][1:]):
            for kind in ("m", "u"):
                if (value := level.get(f"{kind}_probability")) is not None:
                    found[record["output_column_name"], last - place, kind].append(value)
    return replace(
        model,
        version="fitted",
        comparisons=tuple(_estimated(comparison, found) for comparison in model.comparisons),
    )


def _estimated(
    comparison: Comparison, found: dict[tuple[str, int, str], list[float]]
) -> Comparison:
    def share(level: Level, kind: str, before: float) -> float:
        values = found.get((comparison.name, level.number, kind))
        return max(fmean(values), LEAST) if values else before

    m = [share(level, "m", level.m) for level in comparison.levels]
    u = [share(level, "u", level.u) for level in comparison.levels]
    return replace(
        comparison,
        levels=tuple(
            replace(level, m=m[place] / sum(m), u=u[place] / sum(u))
            for place, level in enumerate(comparison.levels)
        ),
    )


def _with_prior(
    connection: duckdb.DuckDBPyConnection, records: str, model: MatchModel, count: int
) -> MatchModel:
    """The model with the prior that its own scores add up to."""
    prior = model.prior_probability(count)
    for _ in range(PRIOR_ROUNDS):
        linker = make_linker(connection, records, splink_settings(model, prior))
        scores = linker.inference.predict()
        expected = _number(connection, f"select sum(match_probability) from {scores.physical_name}")
        prior = expected / (count * (count - 1) / 2)
    return model.with_prior(prior, count)


def _agreeing_pairs(
    connection: duckdb.DuckDBPyConnection, records: str, columns: tuple[str, ...]
) -> float:
    listed = ", ".join(columns)
    known = " and ".join(f"{column} is not null" for column in columns)
    return _number(
        connection,
        f"select coalesce(sum(n * (n - 1) / 2), 0) from (select count(*) as n from {records}"
        f" where {known} group by {listed})",
    )


def _number(connection: duckdb.DuckDBPyConnection, sql: str) -> float:
    row = connection.execute(sql).fetchone()
    return row[0] if row else 0
