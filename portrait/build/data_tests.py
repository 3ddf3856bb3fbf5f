"""Runs the data tests of dbt, as dbt compiled them, over one connection to what was built.

dbt gives each test a node, with some thirty milliseconds of Python around a query of ten. Here the
same queries are sent one after the other; what they mean, and how they are named, stays dbt's.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import duckdb

from portrait.build.dbt_runner import DbtResult
from portrait.build.outcomes import outcomes_of_results
from portrait.database import TESTS_SHARE, connect
from portrait.sql import one_row, sql_text
from portrait.warehouse import Warehouse

# This many rows are shown of a failed test that says `print_rows: true` in its meta.
SHOWN_ROWS = 20


def run_data_tests(
    warehouse: Warehouse,
    tests: Sequence[Mapping[str, Any]],
    unusable: Iterable[str] = (),
) -> DbtResult:
    """Run the tests on the work folder of a warehouse.

    A test that reads one of the nodes `unusable` (unique ids), which were not built, is skipped.
    """
    started = time.monotonic()
    unusable = set(unusable)
    rows: list[str] = []
    with connected(warehouse) as connection:
        # A test a core: a query that is shared among cores takes a fifth more processor time.
        (cores,) = one_row(connection, "select current_setting('threads')")
        connection.execute("set threads = 1")
        cursors = [connection.cursor() for _ in range(cores)]

        def run(test: Mapping[str, Any]) -> dict[str, Any]:
            if unusable.intersection(test["depends_on"]):
                return {"unique_id": test["unique_id"], "status": "skipped"}
            cursor = cursors.pop()
            try:
                result = run_test(cursor, test)
                if result["status"] == "fail" and test["print_rows"]:
                    rows.extend(failing_rows(cursor, test))
                return result
            finally:
                cursors.append(cursor)

        with ThreadPoolExecutor(cores) as pool:
            results = list(pool.map(run, tests))
    outcomes = outcomes_of_results(warehouse.target, results)
    return DbtResult(
        succeeded=not any(outcome.is_failure for outcome in outcomes),
        seconds=time.monotonic() - started,
        outcomes=outcomes,
        failing_rows=rows,
    )


@contextmanager
def connected(warehouse: Warehouse) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads the work folder as dbt sees it."""
    with connect(warehouse.work_build, read_only=True, share=TESTS_SHARE) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(
            f"attach {sql_text(warehouse.work_portrait)} as portrait (read_only true)"
        )
        yield connection


def run_test(connection: duckdb.DuckDBPyConnection, test: Mapping[str, Any]) -> dict[str, Any]:
    """Run a test as dbt's macro get_test_sql does, and judge it as dbt does."""
    started = time.monotonic()
    limit = "" if test["limit"] is None else f"limit {test['limit']}"
    calculated = test["fail_calc"]
    result: dict[str, Any] = {"unique_id": test["unique_id"]}
    try:
        found = connection.execute(
            f"select {calculated}, {calculated} {test['warn_if']}, {calculated} {test['error_if']} "
            f"from ({test['compiled_code']}\n{limit}) as found"
        ).fetchone()
    except duckdb.Error as error:
        result |= {"status": "error", "message": str(error)}
    else:
        failures, is_warning, is_error = found or (None, None, None)
        result |= {"status": "pass", "failures": failures}
        if failures is None:
            result |= {"status": "error", "message": f"{calculated} gave no number"}
        elif is_error and test["severity"] == "error":
            result |= {"status": "fail", "message": _message(failures, test["error_if"])}
        elif is_warning:
            result |= {"status": "warn", "message": _message(failures, test["warn_if"])}
    return result | {"execution_time": time.monotonic() - started}


def _message(failures: int, condition: str) -> str:
    noun = "result" if failures == 1 else "results"
    return f"Got {failures} {noun}, configured to fail if {condition}"


def failing_rows(connection: duckdb.DuckDBPyConnection, test: Mapping[str, Any]) -> list[str]:
    """The first rows that a failed test found, as the macro print_failing_rows prints them."""
    found = connection.execute(
        f"select * from ({test['compiled_code']}) as failing limit {SHOWN_ROWS}"
    ).fetchall()
    return [f"{test['name']}: {', '.join(str(value) for value in row)}" for row in found]
