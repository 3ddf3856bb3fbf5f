"""Fits the model of scored matching to records with Splink, without any labels.

The prior and m come from expectation maximisation, u from random pairs (Splink's documentation,
"Training"). What the records say too little of keeps the value of the model that the fit started
from: a level that they never show, and a comparison that too few pairs have both sides of.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import splink
from splink.backends.duckdb import DuckDBAPI

from portrait.fitting.match_model import Comparison, Level, MatchModel, splink_settings

RANDOM_PAIRS = 3_000_000
SEED = 1
# Many of the pairs that agree on one of these are one person. A comparison on the same columns
# learns nothing from these pairs; it learns from the pairs of the other rules.
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
# A comparison keeps its m if fewer pairs of one person (counted by their probabilities) have both
# sides, and its u if fewer random pairs do.
FEWEST_MATCHES, FEWEST_RANDOM_PAIRS = 50, 1000
SAMPLED_RECORDS = 1000


@dataclass(frozen=True)
class Training:
    """A run of expectation maximisation on the pairs that agree on `columns`."""

    columns: tuple[str, ...]
    pairs: int
    rounds: int
    converged: bool


@dataclass(frozen=True)
class Fit:
    """A fitted model, and what it rests on.

    kept: the (comparison, level, `m` or `u`) that the records say too little of.
    """

    model: MatchModel
    records: int
    trainings: tuple[Training, ...]
    kept: frozenset[tuple[str, str, str]]


def fit(connection: duckdb.DuckDBPyConnection, records: str, model: MatchModel) -> Fit:
    """Estimate prior, m and u of the model's levels on the table of records.

    The fitted model has the version `fitted`; the caller names it.
    """
    logging.getLogger("splink").setLevel(logging.ERROR)
    count = int(_number(connection, f"select count(*) from {records}"))
    linker = make_linker(
        connection, records, splink_settings(model, model.prior_probability(count))
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED)
    trainings = tuple(
        _train(linker, columns, pairs)
        for columns in TRAINING_RULES
        if FEWEST_PAIRS <= (pairs := _agreeing_pairs(connection, records, columns)) <= MOST_PAIRS
    )
    unseen = _rarely_in_random_pairs(connection, records, model, count)
    fitted, kept = _with_estimates(model, linker, {(name, "u") for name in unseen})
    scores = _score(connection, records, fitted, count)
    if rare := _rarely_in_matches(connection, scores, fitted) - _without_any(fitted, kept, "m"):
        without = {(name, "m") for name in rare} | {(name, "u") for name in unseen}
        fitted, kept = _with_estimates(model, linker, without)
        scores = _score(connection, records, fitted, count)
    prior = _prior(connection, scores, fitted.prior_probability(count), count)
    return Fit(fitted.with_prior(prior, count), count, trainings, kept)


def _train(linker: Any, columns: tuple[str, ...], pairs: int) -> Training:
    session = linker.training.estimate_parameters_using_expectation_maximisation(
        splink.block_on(*columns), max_pairs=MOST_PAIRS
    )
    rounds = len(session._core_model_settings_history) - 1
    return Training(columns, pairs, rounds, rounds < session.training_settings.max_iterations)


def make_linker(
    connection: duckdb.DuckDBPyConnection, records: str, settings: dict[str, Any]
) -> Any:
    """A linker of Splink's on a table of records."""
    # Splink reads the columns of a table by its plain name.
    connection.execute(f"create or replace temp view splink_records as select * from {records}")
    frame = DuckDBAPI(connection=connection).register("splink_records")
    return splink.Linker(frame, settings, log_level="ERROR")


def _with_estimates(
    model: MatchModel, linker: Any, without: set[tuple[str, str]]
) -> tuple[MatchModel, frozenset[tuple[str, str, str]]]:
    """The model with what the training found for each level, and what has kept its value.

    without: the (comparison, `m` or `u`) whose estimates are not taken.
    """
    found: dict[tuple[str, str, str], float] = {}
    for record in linker.misc.save_model_to_json()["comparisons"]:
        name = record["output_column_name"]
        # the first one is the level of what is unknown
        for level in record["comparison_levels"][1:]:
            for kind in ("m", "u"):
                value = level.get(f"{kind}_probability")
                if value is not None and (name, kind) not in without:
                    found[name, level["label_for_charts"], kind] = value
    kept = frozenset(
        (comparison.name, level.name, kind)
        for comparison in model.comparisons
        for level in comparison.levels
        for kind, before in (("m", level.m), ("u", level.u))
        # Splink gives a value that no training has reached as it got it.
        if found.get((comparison.name, level.name, kind), before) == before
    )
    fitted = tuple(_estimated(comparison, found) for comparison in model.comparisons)
    return replace(model, version="fitted", comparisons=fitted), kept


def _without_any(model: MatchModel, kept: frozenset[tuple[str, str, str]], kind: str) -> set[str]:
    """The comparisons that have kept every m, or every u."""
    return {
        comparison.name
        for comparison in model.comparisons
        if all((comparison.name, level.name, kind) in kept for level in comparison.levels)
    }


def _estimated(comparison: Comparison, found: dict[tuple[str, str, str], float]) -> Comparison:
    def share(level: Level, kind: str, before: float) -> float:
        return max(found.get((comparison.name, level.name, kind), before), LEAST)

    m = [share(level, "m", level.m) for level in comparison.levels]
    u = [share(level, "u", level.u) for level in comparison.levels]
    return replace(
        comparison,
        levels=tuple(
            replace(level, m=m[place] / sum(m), u=u[place] / sum(u))
            for place, level in enumerate(comparison.levels)
        ),
    )


def _score(
    connection: duckdb.DuckDBPyConnection, records: str, model: MatchModel, count: int
) -> str:
    """The name of a table of Splink's with the model's pairs, their levels and weights."""
    settings = splink_settings(model, model.prior_probability(count))
    settings["retain_intermediate_calculation_columns"] = True
    return make_linker(connection, records, settings).inference.predict().physical_name


def _rarely_in_random_pairs(
    connection: duckdb.DuckDBPyConnection, records: str, model: MatchModel, count: int
) -> set[str]:
    """The comparisons about which too few random pairs say something, by a sample."""
    known = ", ".join(
        f"avg(cast(not ({comparison.unknown}) as double))" for comparison in model.comparisons
    )
    shares = connection.execute(
        f"with sampled as (select * from {records} order by hash(record_key)"
        f" limit {SAMPLED_RECORDS})"
        f" select {known} from sampled as one join sampled as other"
        " on one.record_key < other.record_key"
    ).fetchone()
    pairs = min(RANDOM_PAIRS, count * (count - 1) / 2)
    return {
        comparison.name
        for comparison, share in zip(model.comparisons, shares or (), strict=True)
        if (share or 0) * pairs < FEWEST_RANDOM_PAIRS
    }


def _rarely_in_matches(
    connection: duckdb.DuckDBPyConnection, scores: str, model: MatchModel
) -> set[str]:
    """The comparisons about which too few pairs of one person say something (have a weight)."""
    expected = ", ".join(
        f"coalesce(sum(match_probability) filter (mw_{comparison.name} <> 0), 0)"
        for comparison in model.comparisons
    )
    matches = connection.execute(f"select {expected} from {scores}").fetchone()
    return {
        comparison.name
        for comparison, number in zip(model.comparisons, matches or (), strict=True)
        if number < FEWEST_MATCHES
    }


def _prior(
    connection: duckdb.DuckDBPyConnection, scores: str, scored_with: float, count: int
) -> float:
    """The prior that the scores add up to, when they are weighed with it."""
    prior, all_pairs = scored_with, count * (count - 1) / 2
    for _ in range(PRIOR_ROUNDS):
        shift = _bits(prior) - _bits(scored_with)
        prior = (
            _number(
                connection,
                "select coalesce(sum(1 / (1 + power(2.0,"
                f" least(greatest(-(match_weight + {shift!r}), -300), 300)))), 0) from {scores}",
            )
            / all_pairs
        )
    return max(prior, LEAST / all_pairs)


def _bits(probability: float) -> float:
    return math.log2(probability / (1 - probability))


def _agreeing_pairs(
    connection: duckdb.DuckDBPyConnection, records: str, columns: tuple[str, ...]
) -> int:
    listed = ", ".join(columns)
    known = " and ".join(f"{column} is not null" for column in columns)
    agreeing = _number(
        connection,
        f"select coalesce(sum(n * (n - 1) / 2), 0) from (select count(*) as n from {records}"
        f" where {known} group by {listed})",
    )
    return int(agreeing)


def _number(connection: duckdb.DuckDBPyConnection, sql: str) -> float:
    row = connection.execute(sql).fetchone()
    return row[0] if row else 0
