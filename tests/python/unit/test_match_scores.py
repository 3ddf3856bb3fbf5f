"""The scores of the matching models are Splink's for the same model, records and pairs.

Splink is the oracle: it gets the conditions, probabilities, prior and term frequencies of the
model, finds the pairs by itself and weighs them by its own SQL. And they do not depend on how many
levels a comparison has: a level that no pair reaches changes nothing.
"""

from __future__ import annotations

import csv
import math
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks.match_adapters import records_sql
from benchmarks.matching import (
    MODELS,
    PROJECT,
    RECORDS,
    compile_models,
    open_build,
    run_models,
    write_model,
)
from portrait.fitting.match_model import (
    MatchModel,
    assemble,
    evidence_sql,
    read_shipped_model,
    splink_settings,
)

CLOSE = 1e-6
# What the verdicts are made of.
WEIGHING = (
    "int_match_pairs_weighed", "int_match_rivals", "int_match_number_sharers",
    "int_match_namesakes",
)  # fmt: skip
# What is made of the scores and of the compared records.
JUDGING = ("int_match_pairs_judged", "int_match_pairs_explained", "int_identity_conflicts")
VERDICTS = {
    "joins", "unsure", "other_name", "other_birth_date", "household", "several_people",
    "other_number", "number_alone",
}  # fmt: skip
# A copy of the project gets these in each comparison, right before the levels get their numbers:
# one in front, one in the middle and one before the last.
COMPARISONS = Path("macros") / "matching" / "match_comparisons.sql"
NUMBERING = "    {%- for comparison in comparisons -%}\n"
NEVER = {"never_first": "0", "never_between": "comparison.levels | length // 2", "never_last": "-1"}
INSERTING = "".join(
    f"        {{%- do comparison.levels.insert({place},"
    f" {{'name': '{name}', 'condition': 'false'}}) -%}}\n"
    for name, place in NEVER.items()
)
LEVELS = "select comparison, level_name, level from intermediate.int_match_levels_in_force"
PEOPLE, FAMILIES = 250, 10
# For the test of the copied address; each has two to four members, with two records each.
HOUSEHOLDS = 60
LEFT_OUT = (
    "postcode",
    "city",
    "address_rest",
    "other_number",
    "single_number_1",
    "single_number_2",
)
# The rounds that int_match_prior takes.
PRIOR_ROUNDS = 8
FIRST_NAMES = [
    "william", "bill", "anna", "annamaria", "jorg", "josé", "w", "li", "wei", "sofia", "sofronia",
]  # fmt: skip
LAST_NAMES = ["smith", "smyth", "müller", "garcia", "wei", "li", "oneill", "vanderberg"]
HAN_FAMILY, HAN_GIVEN = ["张", "王", "欧阳", "李"], ["伟", "秀英", "秀兰", "敏", "红霞"]
STREETS = ["kingsroad", "kingroad", "hauptstr", "高新区任路号"]


def invented(chance: random.Random) -> dict[str, str | None]:
    """Return a person with every column that a record may have."""
    is_han = chance.random() < 0.4
    family, given = chance.choice(HAN_FAMILY), chance.choice(HAN_GIVEN)
    digits = f"{chance.randint(10**9, 10**10 - 1)}"
    return {
        "first_name": None if is_han else chance.choice(FIRST_NAMES),
        "last_name": None if is_han else chance.choice(LAST_NAMES),
        "han_name": family + given if is_han else None,
        "han_given_name": given if is_han else None,
        "han_family_name": family if is_han else None,
        "birth_date": f"{chance.randint(1950, 1999)}"
        f"{chance.randint(1, 12):02}{chance.randint(1, 28):02}",
        "birth_place": chance.choice(["berlin", "london", "hallstatt", "绍兴"]),
        "gender": chance.choice(["female", "male"]),
        "email": f"{chance.choice(LAST_NAMES)}{chance.randint(1, 99)}"
        f"@mail{chance.randint(1, 3)}.cn",
        "phone": digits,
        "masked_phone": f"{digits[:3]}*{digits[-4:]}",
        "street": chance.choice(STREETS),
        "house_number": str(chance.randint(1, 30)),
        "address_rest": chance.choice(["flat2", "flat3", "hof"]),
        "postcode": f"{chance.choice(['100', '201'])}{chance.randint(0, 40):02}",
        "city": chance.choice(["berlin", "berlln", "london", "上海"]),
        "region": chance.choice(["north", "south"]),
        "occupation": chance.choice([None, "baker", "bakers", "pilot"]),
        "middle_name": chance.choice([None, None, "peter", "petra", "p", "heinz"]),
        "name_suffix": chance.choice([None, None, "junior", "senior"]),
        "single_number_1": f"tax:{digits}",
        "single_number_2": f"{chance.choice(['gb', 'fr'])}:{chance.randint(10**5, 10**6)}",
        "single_number_3": None,
        "other_number": f"{chance.choice(['tax', 'fax'])}:{chance.randint(100, 400)}",
    }


def spoiled(person: dict[str, str | None], chance: random.Random) -> dict[str, str | None]:
    """Return a further record of the person: slips, swaps, gaps and masks."""
    record = dict(person)
    for name, value in person.items():
        if value is not None and chance.random() < 0.15:
            record[name] = None
        elif value is not None and len(value) > 2 and chance.random() < 0.15:
            place = chance.randrange(len(value) - 1)
            record[name] = value[:place] + value[place + 1] + value[place] + value[place + 2 :]
    if chance.random() < 0.1:
        record["first_name"], record["last_name"] = record["last_name"], record["first_name"]
    if person["han_name"] and chance.random() < 0.1:
        given, family = person["han_given_name"], person["han_family_name"]
        record["han_name"] = f"{given}{family}"
        record["han_given_name"], record["han_family_name"] = family, given
    if chance.random() < 0.2:
        record["phone"] = None
    if record["han_name"] and chance.random() < 0.2:
        record["han_name"] = record["han_given_name"] = None
    return record


def family(chance: random.Random) -> list[dict[str, str | None]]:
    """Return two members of a household, and what is known of one by the phone, and by the address.

    And somebody else, with what is known of them by the phone and another mail address.
    """
    one, other = invented(chance), invented(chance)
    shared = ("last_name", "han_family_name", "phone", "masked_phone", "street", "house_number",
              "address_rest", "postcode", "city", "region")  # fmt: skip
    other |= {column: one[column] for column in shared}
    other["single_number_3"] = one["single_number_3"] = "card:77"
    by_phone: dict[str, str | None] = dict.fromkeys(one)
    by_phone |= {column: one[column] for column in ("last_name", "han_family_name", "phone")}
    by_address: dict[str, str | None] = dict.fromkeys(one)
    by_address |= {column: one[column] for column in shared if "phone" not in column}
    alone = invented(chance)
    by_number: dict[str, str | None] = dict.fromkeys(one)
    by_number |= {column: alone[column] for column in ("last_name", "phone")}
    by_number["email"] = f"info@{chance.randint(1000, 9999)}.de"
    return [one, other, by_phone, by_address, alone, by_number]


@pytest.fixture(scope="module")
def compiled() -> tuple[dict[str, Any], dict[str, str]]:
    return compile_models(models=(*MODELS, *WEIGHING, *JUDGING))


def household(chance: random.Random) -> list[dict[str, str | None]]:
    """Return two to four members of a household, with different first names."""
    shared = ("last_name", "han_family_name", "han_name", "han_given_name", "phone", "masked_phone",
              "street", "house_number")  # fmt: skip
    head = invented(chance)
    while head["han_name"]:
        head = invented(chance)
    head["house_number"] = f"{chance.randint(1, 9999)}"
    names = chance.sample(FIRST_NAMES, chance.randint(2, 4))
    return [
        invented(chance) | {column: head[column] for column in shared} | {"first_name": name}
        for name in names
    ]


def bring(
    connection: duckdb.DuckDBPyConnection,
    rows: list[dict[str, str | None]],
    spelling: str,
    entities: list[str] | None = None,
) -> None:
    """Make int_match_records of these rows, and of whose each of them is."""
    columns = list(rows[0])
    connection.execute(
        f"create or replace table brought (entity varchar, {' varchar, '.join(columns)} varchar)"
    )
    connection.executemany(
        f"insert into brought values (?, {', '.join('?' for _ in columns)})",
        [
            [entity, *(row[column] for column in columns)]
            for entity, row in zip(entities or [None] * len(rows), rows, strict=True)
        ],
    )
    query = records_sql("select * from brought", spelling)
    connection.execute(f"create or replace table {RECORDS} as {query}")


@pytest.fixture
def build(
    tmp_path: Path, compiled: tuple[dict[str, Any], dict[str, str]]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a build that holds invented records."""
    chance = random.Random(7)
    people = [invented(chance) for _ in range(PEOPLE)]
    rows = [*people, *(spoiled(person, chance) for person in people if chance.random() < 0.8)]
    rows += [member for _ in range(FAMILIES) for member in family(chance)]
    with open_build(tmp_path) as connection:
        bring(connection, rows, compiled[0]["spelling"])
        # Splink knows no greatest number of records: so that both find the same pairs.
        connection.execute("update reference.match_blocking_rules set maximum_records = 100000")
        # As if identifiers joined every forty records, and no strong one and no score any.
        connection.execute(
            "create table intermediate.int_records_joined_at_first as select record_key as"
            f" node_key, ntile({len(rows) // 40}) over (order by record_key) as component_key"
            f" from {RECORDS}"
        )
        connection.execute(
            "create table intermediate.int_records_joined_strongly as"
            " from intermediate.int_records_joined_at_first limit 0"
        )
        connection.execute(
            "create table intermediate.int_match_edges"
            " (record_key bigint, other_record_key bigint, has_personal_evidence boolean)"
        )
        yield connection


def shipped(structure: dict[str, Any]) -> MatchModel:
    """Return the shipped model, with all pairs kept."""
    model = read_shipped_model(PROJECT, structure)
    return replace(model, settings={**model.settings, "review_probability": 0.0})


def test_scores_are_those_of_splink(
    build: duckdb.DuckDBPyConnection, compiled: tuple[dict[str, Any], dict[str, str]]
) -> None:
    pytest.importorskip("splink", reason="Splink, the oracle of the scores, is not installed")
    from portrait.fitting.identity import make_linker

    structure, sql = compiled
    model = shipped(structure)
    write_model(build, model)
    run_models(build, sql)
    (prior,) = build.execute(
        "select prior_probability from intermediate.int_match_prior"
    ).fetchone()
    settings = splink_settings(model, prior) | {"retain_intermediate_calculation_columns": True}
    linker = make_linker(build, RECORDS, settings, "intermediate.int_match_term_shares")
    scores = linker.inference.predict()

    weights = {
        comparison.name: f"mw_{comparison.name}"
        + (
            f" + mw_tf_adj_{comparison.name}"
            if any(level.term for level in comparison.levels)
            else ""
        )
        for comparison in model.comparisons
    }
    ours = _pairs(
        build, "intermediate.int_match_pairs_scored", ("record_key", "other_record_key"),
        [f"{name}_weight" for name in weights],
    )  # fmt: skip
    theirs = _pairs(
        build, scores.physical_name, ("record_key_l", "record_key_r"), list(weights.values())
    )
    assert len(ours) > 2000
    assert ours.keys() == theirs.keys()
    for pair, (probability, *parts) in ours.items():
        their_probability, *their_parts = theirs[pair]
        assert math.isclose(probability, their_probability, abs_tol=CLOSE), pair
        for name, part, their_part in zip(["match", *weights], parts, their_parts, strict=True):
            assert math.isclose(part, their_part, abs_tol=CLOSE), (pair, name)


def test_the_invented_records_show_every_level(
    build: duckdb.DuckDBPyConnection, compiled: tuple[dict[str, Any], dict[str, str]]
) -> None:
    """So that the comparison with Splink covers all of them."""
    structure, sql = compiled
    model = shipped(structure)
    write_model(build, model)
    run_models(build, sql)
    missing = []
    for comparison in model.comparisons:
        seen = {
            row[0]
            for row in build.execute(
                "select distinct levels.level_name from intermediate.int_match_pairs_compared"
                f" left join ({LEVELS} where comparison = '{comparison.name}') as levels"
                f" on {comparison.name}_level = levels.level"
            ).fetchall()
        }
        expected = {level.name for level in comparison.levels} | {None}
        missing += [(comparison.name, name) for name in expected - seen]
    assert not missing


def test_a_weight_is_the_sum_of_its_parts(
    build: duckdb.DuckDBPyConnection, compiled: tuple[dict[str, Any], dict[str, str]]
) -> None:
    """By the formula, in Python: prior odds, m over u (or the value's share) or household."""
    structure, sql = compiled
    model = shipped(structure)
    write_model(build, model)
    run_models(build, sql)
    prior, household_weight = build.execute(
        "select prior_probability, household_prior_weight from intermediate.int_match_prior"
    ).fetchone()
    numbers = {
        (comparison, name): number for comparison, name, number in build.execute(LEVELS).fetchall()
    }
    pairs = build.execute(
        "select * from intermediate.int_match_pairs_scored"
        " join intermediate.int_match_pairs_compared using (record_key, other_record_key)"
        " order by record_key, other_record_key limit 300"
    )
    columns = [column[0] for column in pairs.description]
    for values in pairs.fetchall():
        row = dict(zip(columns, values, strict=False))
        odds, household_odds = prior / (1 - prior), 2**household_weight
        for comparison in model.comparisons:
            number = row[f"{comparison.name}_level"]
            for level in comparison.levels:
                if numbers[comparison.name, level.name] == number:
                    u = row[f"{level.term}_share"] if level.term else level.u
                    odds *= level.m / u
                    # members of a household share a value at least as often as strangers do
                    u_of_members = max(level.household, u) if level.term else level.household
                    household_odds *= level.m / u_of_members
        assert math.isclose(row["match_weight"], math.log2(odds), abs_tol=CLOSE)
        assert math.isclose(row["match_probability"], odds / (1 + odds), abs_tol=CLOSE)
        assert math.isclose(row["household_weight"], math.log2(household_odds), abs_tol=CLOSE)


def test_the_prior_is_that_of_expectation_maximisation(
    build: duckdb.DuckDBPyConnection, compiled: tuple[dict[str, Any], dict[str, str]]
) -> None:
    """A pair is one person, two of one household or two strangers; in Python, pair by pair."""
    structure, sql = compiled
    model = shipped(structure)
    write_model(build, model)
    run_models(build, sql)
    count = build.execute(f"select count(*) from {RECORDS}").fetchone()[0]
    evidences = [
        (math.floor(match), math.floor(household))
        for match, household in build.execute(
            f"select {evidence_sql(model, household=False)},"
            f" {evidence_sql(model, household=True)} from intermediate.int_match_pairs_compared"
        ).fetchall()
        if match > 0 or match > household
    ]
    assert len(evidences) > 1000
    trusted = model.settings["prior_records"]
    start = model.settings["pairs_per_record"]
    before = start, start * model.settings["household_pairs_per_pair"]
    found = before
    for _ in range(PRIOR_ROUNDS):
        persons = households = 0.0
        for match, household in evidences:
            # in pairs per record; of strangers a record has half of all others
            person, of_household = found[0] * 2.0**match, found[1] * 2.0 ** (match - household)
            total = person + of_household + (count - 1) / 2
            persons += person / total
            households += of_household / total
        found = (
            (persons + trusted * before[0]) / (count + trusted),
            (households + trusted * before[1]) / (count + trusted),
        )
    pairs, household_pairs, prior, weight, household_weight = build.execute(
        "select pairs_per_record, household_pairs_per_record, prior_probability, prior_weight,"
        " household_prior_weight from intermediate.int_match_prior"
    ).fetchone()
    assert abs(pairs - start) > 0.05
    assert (pairs, household_pairs) == pytest.approx(found, rel=1e-4)
    assert prior == pytest.approx(2 * pairs / (count - 1))
    assert weight == pytest.approx(math.log2(prior / (1 - prior)))
    assert household_weight == pytest.approx(math.log2(pairs / household_pairs))


def test_a_fit_weighs_pairs_as_the_models_do(
    build: duckdb.DuckDBPyConnection, compiled: tuple[dict[str, Any], dict[str, str]]
) -> None:
    structure, sql = compiled
    model = shipped(structure)
    write_model(build, model)
    run_models(build, sql)
    differences = build.execute(
        f"select count(*), max(abs({evidence_sql(model, household=False)} + prior_weight"
        " - match_weight)),"
        f" max(abs({evidence_sql(model, household=True)} + household_prior_weight"
        " - household_weight))"
        " from intermediate.int_match_pairs_compared as compared join ("
        "select record_key, other_record_key, match_weight, household_weight"
        " from intermediate.int_match_pairs_scored) using (record_key, other_record_key)"
        " cross join intermediate.int_match_prior"
    ).fetchone()
    assert differences[0] > 2000
    assert max(differences[1:]) < CLOSE


def test_a_field_that_says_the_same_again_joins_no_household(
    build: duckdb.DuckDBPyConnection, compiled: tuple[dict[str, Any], dict[str, str]]
) -> None:
    """Each record gets its address twice more: as what follows the street, and as its town."""
    structure, sql = compiled
    model = shipped(structure)
    write_model(build, model)
    run = {name: text for name, text in sql.items() if name not in JUDGING[1:]}
    chance = random.Random(11)
    people = [
        (f"{home}/{number}", person)
        for home in range(HOUSEHOLDS)
        for number, person in enumerate(household(chance))
    ]
    rows, owners = [], []
    for owner, person in people:
        for record in (person, spoiled(person, chance)):
            for name in ("birth_date", "email", "gender"):
                if chance.random() < 0.5:
                    record = record | {name: None}
            if record["first_name"] and chance.random() < 0.2:
                record = record | {"first_name": record["first_name"][0]}
            rows.append(record | dict.fromkeys(LEFT_OUT))
            owners.append(owner)
    repeated = [
        row | {"city": row["street"], "address_rest": row["street"] and row["street"] + "1"}
        for row in rows
    ]
    verdicts, weights = [], []
    for company in (rows, repeated):
        bring(build, company, structure["spelling"], owners)
        run_models(build, run)
        rows_judged = build.execute(
            "select one.record_key, other.record_key, verdict, match_weight"
            " from intermediate.int_match_pairs_judged as judged"
            f" join {RECORDS} as one on judged.record_key = one.record_key"
            f" join {RECORDS} as other on judged.other_record_key = other.record_key"
            " where split_part(one.entity, '/', 1) = split_part(other.entity, '/', 1)"
            " and one.entity <> other.entity"
        ).fetchall()
        verdicts.append({(one, other): verdict for one, other, verdict, _ in rows_judged})
        weights.append(sum(row[-1] for row in rows_judged) / len(rows_judged))
    before, after = verdicts
    assert len(before) > 500
    # Against two strangers alone, the copies do speak for one person.
    assert weights[1] > weights[0] + 2
    joined = [pair for pair, verdict in after.items() if verdict == "joins" != before.get(pair)]
    assert joined == []


def test_a_level_that_no_pair_reaches_changes_nothing(
    build: duckdb.DuckDBPyConnection,
    compiled: tuple[dict[str, Any], dict[str, str]],
    tmp_path: Path,
) -> None:
    """Models and seeds find a level by its name; its number is another one in each comparison."""
    structure, sql = compiled
    write_model(build, shipped(structure))
    run_models(build, sql)
    before = _named_results(build, structure)

    structure, sql = compile_models(_with_levels_never_reached(tmp_path), tuple(sql))
    rows = list(
        csv.DictReader((PROJECT / "seeds/identity/match_levels.csv").open(encoding="utf-8"))
    )
    rows += [
        {"comparison": comparison["name"], "level_name": level["name"],
         "m_probability": 0.9, "u_probability": 0.0001, "household_probability": 0.001}
        for comparison in structure["comparisons"]
        for level in comparison["levels"]
        if level["name"] in NEVER
    ]  # fmt: skip
    assert len(rows) == sum(len(comparison["levels"]) for comparison in structure["comparisons"])
    settings = [
        {"model_version": "general-2", "setting": name, "value": value}
        for name, value in shipped(compiled[0]).settings.items()
    ]
    write_model(build, assemble(structure, rows, settings))
    run_models(build, sql)
    after = _named_results(build, structure)

    for name, found in before.items():
        assert found, name
        assert found == after[name], name
    verdicts = {row["verdict"] for row in before["int_match_pairs_judged"]}
    assert verdicts == VERDICTS
    labels = {row["first_name_level"] for row in before["int_match_pairs_explained"]}
    assert labels == {"equal", "swapped", "near", "different", "unknown"}
    labels = {row["birth_date_level"] for row in before["int_match_pairs_explained"]}
    assert labels == {"equal", "near", "different", "unknown"}


def _with_levels_never_reached(folder: Path) -> Path:
    """Return a copy of the project with three more levels in each comparison."""
    project = folder / "project"
    project.mkdir()
    for name in (
        ".dbtignore",
        "dbt_project.yml",
        "profiles.yml",
        "models",
        "seeds",
        "tests",
        "analyses",
    ):
        (project / name).symlink_to(PROJECT / name)
    shutil.copytree(PROJECT / "macros", project / "macros")
    text = (project / COMPARISONS).read_text(encoding="utf-8")
    assert text.count(NUMBERING) == 1
    (project / COMPARISONS).write_text(
        text.replace(NUMBERING, NUMBERING + INSERTING), encoding="utf-8"
    )
    return project


def _named_results(
    build: duckdb.DuckDBPyConnection, structure: dict[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each table about pairs, with the names of the levels for their numbers."""
    names = {
        f"{comparison['name']}_level": {level["number"]: level["name"] for level in levels}
        for comparison in structure["comparisons"]
        for levels in [comparison["levels"]]
    }
    results = {}
    for table in ("int_match_pairs_compared", "int_match_pairs_scored", *JUDGING):
        found = build.execute(
            f"select * from intermediate.{table} order by record_key, other_record_key"
        )
        columns = [column[0] for column in found.description]
        results[table] = [
            {
                column: names[column][value]
                if column in names and isinstance(value, int)
                else value
                for column, value in zip(columns, values, strict=True)
            }
            for values in found.fetchall()
        ]
    return results


def _pairs(
    build: duckdb.DuckDBPyConnection, table: str, keys: tuple[str, str], weights: list[str]
) -> dict[tuple[int, int], tuple[Any, ...]]:
    rows = build.execute(
        f"select least({', '.join(keys)}), greatest({', '.join(keys)}), match_probability,"
        f" match_weight, {', '.join(weights)} from {table}"
    ).fetchall()
    return {(row[0], row[1]): row[2:] for row in rows}
