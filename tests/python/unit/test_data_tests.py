"""Data tests over one connection: judged, limited and skipped as dbt does."""

import json
from pathlib import Path

import duckdb
import pytest

from portrait.build.data_tests import run_data_tests
from portrait.warehouse import Warehouse

MODEL = "model.portrait.numbers"


def data_test(name, sql, **others):
    return {
        "unique_id": f"test.portrait.{name}",
        "name": name,
        "compiled_code": sql,
        "depends_on": [MODEL],
        "severity": "error",
        "fail_calc": "count(*)",
        "warn_if": "!= 0",
        "error_if": "!= 0",
        "limit": None,
        "print_rows": False,
        **others,
    }


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    warehouse = Warehouse(tmp_path)
    warehouse.target.mkdir(parents=True)
    (warehouse.target / "manifest.json").write_text(json.dumps({"nodes": {}}))
    with duckdb.connect(str(warehouse.work_build)) as connection:
        connection.execute("create table numbers as select i as number from range(5) as one (i)")
    with duckdb.connect(str(warehouse.work_portrait)) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.texts as select 'a' as text")
    return warehouse


TABLE = [
    ("none", data_test("none", "select * from numbers where number > 4"), "pass", 0),
    ("some", data_test("some", "select * from numbers where number > 2"), "fail", 2),
    ("null", data_test("null", "select * from numbers where false", fail_calc="sum(number)"),
     "error", None),
    ("of_marts", data_test("of_marts", "select * from portrait.marts.texts"), "fail", 1),
    ("comment", data_test("comment", "select * from numbers -- all of them"), "fail", 5),
    ("warns", data_test("warns", "select * from numbers", severity="warn"), "warn", 5),
    ("few", data_test("few", "select * from numbers", error_if="> 5"), "warn", 5),
    ("many", data_test("many", "select * from numbers", error_if="> 4"), "fail", 5),
    ("tolerated", data_test("tolerated", "select * from numbers", warn_if="> 5", error_if="> 5"),
     "pass", 5),
    ("limited", data_test("limited", "select * from numbers", limit=2), "fail", 2),
    ("sum", data_test("sum", "select * from numbers", fail_calc="sum(number)"), "fail", 10),
    ("wrong", data_test("wrong", "select * from nowhere"), "error", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "test", "status", "failures"), TABLE)
def test_a_test_is_judged_as_dbt_judges_it(warehouse, name, test, status, failures):
    result = run_data_tests(warehouse, [test])
    outcome = result.outcomes[0]
    assert (outcome.status, outcome.failures) == (status, failures)
    assert result.succeeded == (status in ("pass", "warn"))
    assert bool(outcome.message) == (status != "pass")


def test_what_reads_an_unbuilt_model_is_skipped(warehouse):
    tests = [
        data_test("reads_it", "select * from nowhere"),
        data_test("reads_another", "select 1 where false", depends_on=["model.portrait.other"]),
    ]
    result = run_data_tests(warehouse, tests, unusable=[MODEL])
    assert [outcome.status for outcome in result.outcomes] == ["skipped", "pass"]
    assert result.succeeded


def test_failing_rows_are_shown_only_where_a_test_says_so(warehouse):
    sql = "select number, 'x' as text from numbers where number > 2 order by number"
    result = run_data_tests(
        warehouse, [data_test("shown", sql, print_rows=True), data_test("hidden", sql)]
    )
    assert result.rows_of("shown") == ["3, x", "4, x"]
    assert result.rows_of("hidden") == []
