"""No model and no data test compares each row of one growing table with each row of another.

A left join whose condition the database cannot split into equalities runs as a nested loop: on the
sample nobody notices, at a million rows it never ends. EXPLAIN shows it on small data already.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
from builds import SAMPLE, compiled_models, dbt_session, environment

from portrait.build.data_tests import connected
from portrait.warehouse import Warehouse

# A join of an equality is a hash join. The last three compare by order or by position.
NESTED = {
    *("BLOCKWISE_NL_JOIN", "NESTED_LOOP_JOIN", "CROSS_PRODUCT"),
    *("IE_JOIN", "PIECEWISE_MERGE_JOIN", "POSITIONAL_JOIN", "POSITIONAL_SCAN"),
}
# Operators that give a row or a few, whatever they read.
SMALL = {"UNGROUPED_AGGREGATE", "DUMMY_SCAN", "EMPTY_RESULT", "COLUMN_DATA_SCAN"}
# Models that hold one row, or a few that do not grow with the data.
SMALL_MODELS = {"int_as_of", "int_clv_parameters", "int_match_model", "int_match_prior"}
# Joins of two sides that are both small for a reason that no plan shows.
BOTH_SMALL = {
    "audience_overlap": "pairs of audiences, which are files that somebody writes",
    "rpt_service_quality": "channels of contact with the months of the calendar",
    "rpt_cohort_retention": "months of first orders, per system, with the months of the calendar",
    "rpt_product_launch_segments": "launches kept, at most a hundred, with months and segments",
    "int_segment_history_kept": "month ends written by builds, with restatements asked for by hand",
}

Plan = dict[str, Any]


def definitions(plan: Plan) -> dict[str, Plan]:
    """The plan of each common table expression, by its index."""
    found = {}
    for node in nodes(plan):
        if node["name"] == "CTE":
            found[node["extra_info"]["Table Index"]] = node["children"][0]
    return found


def nodes(plan: Plan) -> Iterator[Plan]:
    """Each operator of a plan, from the top."""
    yield plan
    for child in plan["children"]:
        yield from nodes(child)


def is_small(plan: Plan, ctes: dict[str, Plan]) -> bool:
    """Whether an operator gives as few rows for a million customers as for ten."""
    about = plan["extra_info"]
    match plan["name"]:
        case name if name in SMALL:
            return True
        case "SEQ_SCAN":
            _, schema, table = about["Table"].rsplit(".", 2)
            return schema == "reference" or table in SMALL_MODELS
        case "CTE_SCAN":
            return is_small(ctes[about["CTE Index"]], ctes)
        case "CTE":
            return is_small(plan["children"][1], ctes)
        case _:
            return bool(plan["children"]) and all(
                is_small(child, ctes) for child in plan["children"]
            )


def nested_loops(plan: Plan) -> list[str]:
    """The joins of a plan that compare all rows of two growing sides."""
    ctes = definitions(plan)
    return [
        f"{node['name']} {node['extra_info'].get('Condition', '')}"
        for node in nodes(plan)
        if node["name"] in NESTED and not any(is_small(child, ctes) for child in node["children"])
    ]


def explained(connection: duckdb.DuckDBPyConnection, sql: str) -> Plan:
    """The plan of a statement, with the joins that the database chooses for large tables."""
    connection.execute("set explain_output = 'physical_only'")
    connection.execute("set nested_loop_join_threshold = 0")
    connection.execute("set merge_join_threshold = 0")
    plan: Plan = json.loads(connection.execute(f"explain (format json) {sql}").fetchall()[-1][1])[0]
    return plan


def test_a_nested_loop_is_found() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table a as select range as x, range % 7 as y from range(20)")
        connection.execute("create schema reference")
        connection.execute("create table reference.seed as from a")
        either = "{} left join {} as b on a.x = b.x or (a.x is null and a.y > b.y)"
        growing = explained(connection, f"select * from {either.format('a', 'a')}")
        with_a_seed = explained(connection, f"select * from {either.format('a', 'reference.seed')}")
        of_a_sum = explained(connection, "with s as (select sum(x) as x from a) from a, s")
        by_key = explained(connection, "select * from a inner join a as b on a.x = b.x")
    assert len(nested_loops(growing)) == 1
    assert nested_loops(with_a_seed) == nested_loops(of_a_sum) == nested_loops(by_key) == []


def found_in(connection: duckdb.DuckDBPyConnection, sql: Mapping[str, str]) -> dict[str, list[str]]:
    """The nested loops of each statement that has any, by its name."""
    loops = {name: nested_loops(explained(connection, text)) for name, text in sql.items()}
    return {name: found for name, found in loops.items() if found}


def test_an_inequality_alone_is_found() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table a as select range as x, range % 7 as y from range(20)")
        for join in ("a.x < b.x", "a.x < b.x and a.y > b.y", "a.x <> b.x"):
            joined = explained(connection, f"select * from a inner join a as b on {join}")
            assert len(nested_loops(joined)) == 1, join
        by_place = explained(connection, "select * from a positional join a as b")
    assert len(nested_loops(by_place)) == 1


def test_no_model_compares_all_rows_of_two_tables(sample_warehouse: Path) -> None:
    models = compiled_models(sample_warehouse)
    with connected(Warehouse(sample_warehouse)) as connection:
        # What the model of a base table says in one query lies in two parts: what is kept by file,
        # and the view that puts it together with what other rows set aside. Both are tried.
        views = {
            f"{name} as built": f"select * from {schema}.{name}"
            for schema, name in connection.execute(
                "select schema_name, view_name from duckdb_views() where view_name like 'base\\_%'"
                " escape '\\' and not internal"
            ).fetchall()
        }
        assert {name.split("__")[0] for name in views} >= {"base_shop", "base_crm", "base_app"}
        assert {name.split()[0].removesuffix("__judged") for name in views} <= models.keys()
        found = found_in(connection, models | views)
    assert {name: len(loops) for name, loops in found.items()} == dict.fromkeys(BOTH_SMALL, 1)


def test_no_data_test_compares_all_rows_of_two_tables(
    sample_warehouse: Path, tmp_path: Path
) -> None:
    with dbt_session(environment(SAMPLE, sample_warehouse), tmp_path) as dbt:
        tests = {test["unique_id"]: test["compiled_code"] for test in dbt.compiled_tests()}
    assert len(tests) > 600
    with connected(Warehouse(sample_warehouse)) as connection:
        assert found_in(connection, tests) == {}
