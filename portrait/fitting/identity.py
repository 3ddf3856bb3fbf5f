"""Fits the model of scored matching to records with Splink, without any labels.

m comes from expectation maximisation, u from random pairs (Splink's documentation, "Training"). The
prior comes from the pairs that the build compared, and so does how many pairs of one person a
comparison was seen in. What the records say too little of keeps the value of the model that the fit
started from: a level that they never show, and a comparison that too few pairs have both sides of.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import splink
from splink.backends.duckdb import DuckDBAPI

from portrait.fitting.match_model import (
    FEWEST_MATCHES,
    FEWEST_PAIRS,
    FEWEST_RECORDS,
    Comparison,
    Level,
    MatchModel,
    evidence_sql,
    splink_settings,
)

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
MOST_PAIRS = 3_000_000
LEAST = 1e-9
PRIOR_ROUNDS = 8
# A comparison keeps its u if fewer random pairs have both sides.
FEWEST_RANDOM_PAIRS = 1000
SAMPLED_RECORDS = 1000


@dataclass(frozen=True)
class Tables:
    """The tables of a build that a fit reads: names of them in its connection."""

    records: str
    pairs_compared: str
    term_shares: str


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

    @property
    def has_learnt(self) -> bool:
        """Whether the records say enough of any level."""
        return len(self.kept) < sum(2 * len(one.levels) for one in self.model.comparisons)


def fit(connection: duckdb.DuckDBPyConnection, tables: Tables, model: MatchModel) -> Fit:
    """Estimate prior, m and u of the model's levels on the records and pairs of a build.

    The fitted model has the version `fitted`; the caller names it.
    """
    logging.getLogger("splink").setLevel(logging.ERROR)
    count = int(_number(connection, f"select count(*) from {tables.records}"))
    names = {comparison.name for comparison in model.comparisons}
    linker = None
    trainings: list[Training] = []
    unseen = names
    if count >= FEWEST_RECORDS:
        linker = _linker_to_train(connection, tables, model, count)
        linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED)
        unseen = _rarely_in_random_pairs(connection, tables.records, model, count)
    for columns in TRAINING_RULES:
        pairs = _agreeing_pairs(connection, tables.records, columns)
        if FEWEST_PAIRS <= pairs <= MOST_PAIRS:
            linker = linker or _linker_to_train(connection, tables, model, count)
            trainings.append(_train(linker, columns, pairs))
    if linker is None:
        return Fit(model, count, (), _all_levels(model))
    without = {(name, "u") for name in unseen}
    fitted, kept = _with_estimates(model, linker, without)
    matches = _matches(connection, tables, fitted, count)
    rare = {name for name, number in matches.items() if number < FEWEST_MATCHES}
    fitted, kept = _with_estimates(model, linker, without | {(name, "m") for name in rare})
    pairs_per_record, _ = _pairs_per_record(connection, tables, fitted, count)
    settings = {**fitted.settings, "pairs_per_record": pairs_per_record}
    return Fit(replace(fitted, settings=settings), count, tuple(trainings), kept)


def _linker_to_train(
    connection: duckdb.DuckDBPyConnection, tables: Tables, model: MatchModel, count: int
) -> Any:
    settings = splink_settings(model, model.prior_probability(count))
    return make_linker(connection, tables.records, settings, tables.term_shares)


def _train(linker: Any, columns: tuple[str, ...], pairs: int) -> Training:
    session = linker.training.estimate_parameters_using_expectation_maximisation(
        splink.block_on(*columns), max_pairs=MOST_PAIRS
    )
    rounds = len(session._core_model_settings_history) - 1
    return Training(columns, pairs, rounds, rounds < session.training_settings.max_iterations)


def make_linker(
    connection: duckdb.DuckDBPyConnection,
    records: str,
    settings: dict[str, Any],
    term_shares: str = "",
) -> Any:
    """A linker of Splink's on a table of records.

    term_shares: a table like int_match_term_shares, in place of Splink's own frequencies.
    """
    # Splink reads the columns of a table by its plain name.
    connection.execute(f"create or replace temp view splink_records as select * from {records}")
    database = DuckDBAPI(connection=connection)
    linker = splink.Linker(database.register("splink_records"), settings, log_level="ERROR")
    for term in _terms(settings) if term_shares else ():
        connection.execute(
            f"create or replace temp view shares_of_{term} as"
            f" select term_value as {term}, term_share as tf_{term}"
            f" from {term_shares} where term = '{term}'"
        )
        linker.table_management.register_term_frequency_lookup(
            database.register(f"shares_of_{term}"), term
        )
    return linker


def _terms(settings: dict[str, Any]) -> list[str]:
    return sorted(
        {
            level["tf_adjustment_column"]
            for comparison in settings["comparisons"]
            for level in comparison["comparison_levels"]
            if "tf_adjustment_column" in level
        }
    )


def _all_levels(model: MatchModel) -> frozenset[tuple[str, str, str]]:
    return frozenset(
        (comparison.name, level.name, kind)
        for comparison in model.comparisons
        for level in comparison.levels
        for kind in ("m", "u")
    )


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


def _matches(
    connection: duckdb.DuckDBPyConnection, tables: Tables, model: MatchModel, count: int
) -> dict[str, float]:
    """How many compared pairs of one person each comparison says something about."""
    priors = _pairs_per_record(connection, tables, model, count)
    known = ", ".join(
        f"coalesce(sum(probability) filter ({comparison.name}_level is not null), 0)"
        for comparison in model.comparisons
    )
    row = connection.execute(
        f"select {known} from (select *, {_probability(priors, count)} as probability from"
        f" (select *, {evidence_sql(model, household=False)} as match_bits,"
        f" {evidence_sql(model, household=True)} as household_bits"
        f" from {tables.pairs_compared}))"
    ).fetchone()
    return {
        comparison.name: float(number)
        for comparison, number in zip(model.comparisons, row or (), strict=True)
    }


def _pairs_per_record(
    connection: duckdb.DuckDBPyConnection, tables: Tables, model: MatchModel, count: int
) -> tuple[float, float]:
    """How many pairs of one person, and of one household, a record has in the compared pairs.

    By expectation maximisation for these two alone, as int_match_prior does it.
    """
    connection.execute(
        "create or replace temp table pairs_weighed as select match_bits, household_bits,"
        f" count(*) as n from (select round({evidence_sql(model, household=False)}, 1)"
        f" as match_bits, round({evidence_sql(model, household=True)}, 1) as household_bits"
        f" from {tables.pairs_compared}) group by all"
    )
    start = model.settings["pairs_per_record"]
    match, household = start, start * model.settings["household_pairs_per_pair"]
    for _ in range(PRIOR_ROUNDS):
        row = connection.execute(
            f"select coalesce(sum(n * {_probability((match, household), count)}), 0),"
            f" coalesce(sum(n * {_probability((match, household), count, household=True)}), 0)"
            " from pairs_weighed"
        ).fetchone()
        match, household = (max(float(number), LEAST) / count for number in row or (0, 0))
    return match, household


def _probability(priors: tuple[float, float], count: int, *, household: bool = False) -> str:
    """The probability that a pair is one person, or two of one household, by its two evidences.

    The evidence of a household against strangers is the one of a person against strangers without
    the one of a person against a household.
    """
    person, of_household = (math.log2(2 * prior / max(count - 1, 1)) for prior in priors)
    person_odds = f"power(2.0, least(greatest(match_bits + {person!r}, -300), 300))"
    household_odds = (
        f"power(2.0, least(greatest(match_bits - household_bits + {of_household!r}, -300), 300))"
    )
    asked = household_odds if household else person_odds
    return f"{asked} / (1 + {person_odds} + {household_odds})"


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
