"""The model of scored matching: what it compares (dbt's macros) and how much that weighs (tables).

Weights and probabilities: Fellegi and Sunter, "A Theory for Record Linkage" (JASA 64, 1969).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portrait.landing.config_files import rows_in_force
from portrait.landing.seeds import load_seeds

# What a fit needs. Of fewer records, so many random pairs are one person that they do not show how
# often two people agree: every u is kept. Expectation maximisation needs pairs that agree on a
# name, a birth date, a contact or an address. A comparison keeps its m if fewer pairs of one person
# (counted by their probabilities) have both sides.
FEWEST_RECORDS, FEWEST_PAIRS, FEWEST_MATCHES = 500, 200, 50


@dataclass(frozen=True)
class Level:
    """A level of a comparison: its SQL on the records `one` and `other`, and its probabilities.

    m: how often it occurs in pairs of one person; u: in pairs of two strangers; household: in pairs
    of two members of one household. All among pairs about which the comparison says something.
    term: the column whose value's frequency is used instead of u.
    """

    name: str
    condition: str | None
    term: str | None
    m: float
    u: float
    household: float


@dataclass(frozen=True)
class Comparison:
    """A comparison: when it says nothing, and its levels, the closest first."""

    name: str
    unknown: str
    levels: tuple[Level, ...]

    def numbered(self) -> list[tuple[int, Level]]:
        """The levels with the numbers that the models know them by: the last one is 0."""
        return list(enumerate(reversed(self.levels)))


@dataclass(frozen=True)
class BlockingRule:
    """Records are compared where they agree on these fields (SQL on `records`)."""

    name: str
    fields: tuple[str, ...]
    maximum_records: int


@dataclass(frozen=True)
class MatchModel:
    """A version of the model."""

    version: str
    settings: Mapping[str, float]
    comparisons: tuple[Comparison, ...]
    rules: tuple[BlockingRule, ...] = field(default=())

    def prior_probability(self, record_count: int) -> float:
        """The probability that two random records out of this many are one person."""
        return min(2 * self.settings["pairs_per_record"] / max(record_count - 1, 1), 0.5)

    def level_rows(self) -> list[dict[str, Any]]:
        """The rows of the table match_levels."""
        return [
            {
                "model_version": self.version,
                "comparison": comparison.name,
                "level_name": level.name,
                "m_probability": level.m,
                "u_probability": level.u,
                "household_probability": level.household,
            }
            for comparison in self.comparisons
            for level in comparison.levels
        ]

    def setting_rows(self) -> list[dict[str, Any]]:
        """The rows of the table match_settings."""
        return [
            {"model_version": self.version, "setting": name, "value": value}
            for name, value in self.settings.items()
        ]


def weight(level: Level) -> float:
    """The weight of a level in bits, with its average u."""
    return math.log2(level.m / level.u)


def evidence_sql(model: MatchModel, *, household: bool) -> str:
    """What a row of int_match_pairs_compared says for one person, in bits, without the prior.

    household: against two of one household, else against two strangers.
    """
    weights = []
    for comparison in model.comparisons:
        cases = ""
        for number, level in comparison.numbered():
            if level.term:
                bits = f"{math.log2(level.m)!r} - log2({level.term}_share)"
            else:
                bits = f"{math.log2(level.m / level.u)!r}"
            if household:
                against_household = f"{math.log2(level.m / level.household)!r}"
                # members share a value at least as often as strangers do
                bits = f"least({against_household}, {bits})" if level.term else against_household
            cases += f" when {number} then {bits}"
        weights.append(f"case {comparison.name}_level{cases} else 0 end")
    return " + ".join(weights)


def assemble(
    structure: Mapping[str, Any],
    levels: Iterable[Mapping[str, Any]],
    settings: Iterable[Mapping[str, Any]],
    rules: Iterable[Mapping[str, Any]] = (),
) -> MatchModel:
    """Put the comparisons of the macros and the rows of the tables together.

    KeyError where the tables lack a level that the macros have.
    """
    rows = {(row["comparison"], row["level_name"]): row for row in levels}
    settings = list(settings)
    comparisons = []
    for comparison in structure["comparisons"]:
        comparisons.append(
            Comparison(
                comparison["name"],
                comparison["unknown"],
                tuple(
                    _level(level, rows[comparison["name"], level["name"]])
                    for level in comparison["levels"]
                ),
            )
        )
    fields = structure["fields"]
    return MatchModel(
        version=settings[0]["model_version"],
        settings={row["setting"]: float(row["value"]) for row in settings},
        comparisons=tuple(comparisons),
        rules=tuple(
            BlockingRule(
                row["rule"],
                tuple(
                    fields[row[part]]
                    for part in ("first_field", "second_field", "third_field")
                    if row[part]
                ),
                int(row["maximum_records"]),
            )
            for row in rules
        ),
    )


def _level(described: Mapping[str, Any], row: Mapping[str, Any]) -> Level:
    return Level(
        described["name"],
        described.get("condition"),
        described.get("term"),
        float(row["m_probability"]),
        float(row["u_probability"]),
        float(row["household_probability"]),
    )


def read_shipped_model(
    project: Path, structure: Mapping[str, Any], landing: Path | None = None
) -> MatchModel:
    """Read the starting model from the seeds, with the company's own rows as they were landed."""
    seeds = load_seeds(project)
    return assemble(
        structure,
        *(
            rows_in_force(seeds[name], landing) if landing else seeds[name].rows()
            for name in ("match_levels", "match_settings", "match_blocking_rules")
        ),
    )


def on_splink(sql: str) -> str:
    """A condition on `one` and `other` in Splink's words: first_name_l, first_name_r."""
    sql = re.sub(r"\bone\.(\w+)", r"\1_l", sql)
    return re.sub(r"\bother\.(\w+)", r"\1_r", sql)


def blocking_condition(rule: BlockingRule) -> str:
    """The rule as a condition on two records `l` and `r`."""
    return " and ".join(
        f"({field.replace('records.', 'l.')}) = ({field.replace('records.', 'r.')})"
        for field in rule.fields
    )


def splink_settings(model: MatchModel, prior: float) -> dict[str, Any]:
    """The model as settings of Splink, for records with the key record_key."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record_key",
        "probability_two_random_records_match": prior,
        "comparisons": [_splink_comparison(comparison) for comparison in model.comparisons],
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": blocking_condition(rule)} for rule in model.rules
        ],
        "retain_matching_columns": False,
    }


def _splink_comparison(comparison: Comparison) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [
        {
            "sql_condition": on_splink(comparison.unknown),
            "label_for_charts": "unknown",
            "is_null_level": True,
        }
    ]
    for level in comparison.levels:
        described: dict[str, Any] = {
            "sql_condition": on_splink(level.condition) if level.condition else "ELSE",
            "label_for_charts": level.name,
            "m_probability": level.m,
            "u_probability": level.u,
        }
        if level.term:
            described |= {"tf_adjustment_column": level.term, "tf_adjustment_weight": 1.0}
        levels.append(described)
    return {"output_column_name": comparison.name, "comparison_levels": levels}
