"""Precision, recall and F1 of scored matching on published sets, beside Splink.

    python -m benchmarks.match_quality

The sets lie in the folder that PORTRAIT_REAL_DATA names (default data/real). Three rows a set: the
project's models with the shipped model, with the model fitted to the set, and Splink with the same
comparisons, trained by itself on the set and with its own blocking and term frequencies.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

import duckdb

from benchmarks.match_adapters import adapters, records_sql
from benchmarks.matching import (
    PROJECT,
    RECORDS,
    compile_models,
    open_build,
    run_models,
    write_model,
)
from portrait.fitting.identity import Tables, fit, make_linker
from portrait.fitting.match_model import MatchModel, read_shipped_model, splink_settings
from portrait.sql import one_row, one_value

THRESHOLDS = (0.5, 0.9, 0.95)
TABLES = Tables(RECORDS, "intermediate.int_match_pairs_compared",
                "intermediate.int_match_term_shares")  # fmt: skip


def main() -> None:
    """Print the table."""
    data = Path(os.environ.get("PORTRAIT_REAL_DATA", "data/real"))
    with tempfile.TemporaryDirectory() as folder:
        structure, compiled = compile_models()
        shipped = read_shipped_model(PROJECT, structure)
        shipped = replace(shipped, settings={**shipped.settings, "review_probability": 0.0})
        print("| Set | Scored by | At | True pairs | Found | Wrong | Precision | Recall | F1 |")
        print("|---|---|---|---|---|---|---|---|---|")
        for name, query in adapters(data).items():
            subfolder = Path(folder) / name
            subfolder.mkdir()
            with open_build(subfolder) as connection:
                connection.execute(
                    f"create table {RECORDS} as {records_sql(query, structure['spelling'])}"
                )
                write_model(connection, shipped)
                run_models(connection, compiled)
                fitted = fit(connection, TABLES, shipped).model
                for label, model in {"ours, shipped": shipped, "ours, fitted": fitted}.items():
                    write_model(connection, model)
                    run_models(connection, compiled)
                    print_scores(connection, name, label, "intermediate.int_match_pairs_scored")
                splink_scores(connection, fitted)
                print_scores(connection, name, "Splink, fitted", "splink_scored")


def splink_scores(connection: duckdb.DuckDBPyConnection, model: MatchModel) -> None:
    """Make the table splink_scored: Splink's own pairs and probabilities."""
    count = one_value(connection, f"select count(*) from {RECORDS}")
    # Splink knows no greatest number of records of a block.
    rules = tuple(rule for rule in model.rules if rule.name != "everybody")
    settings = splink_settings(replace(model, rules=rules), model.prior_probability(count))
    scores = make_linker(connection, RECORDS, settings).inference.predict()
    connection.execute(
        "create or replace table splink_scored as select record_key_l as record_key,"
        f" record_key_r as other_record_key, match_probability from {scores.physical_name}"
    )


def print_scores(connection: duckdb.DuckDBPyConnection, name: str, label: str, scored: str) -> None:
    """Print a line of the table per threshold."""
    true = one_value(
        connection,
        f"select sum(n * (n - 1) / 2) from (select count(*) as n from {RECORDS} group by entity)",
    )
    for threshold in THRESHOLDS:
        right, wrong = one_row(
            connection,
            "select count(*) filter (one.entity = other.entity),"
            " count(*) filter (one.entity <> other.entity)"
            f" from {scored} as scored"
            f" join {RECORDS} as one on scored.record_key = one.record_key"
            f" join {RECORDS} as other on scored.other_record_key = other.record_key"
            f" where scored.match_probability >= {threshold}",
        )
        precision, recall = right / max(right + wrong, 1), right / true
        f1 = 2 * right / (right + wrong + true)
        print(
            f"| {name} | {label} | {threshold} | {true:,.0f} | {right:,} | {wrong:,}"
            f" | {precision:.4f} | {recall:.4f} | {f1:.4f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
