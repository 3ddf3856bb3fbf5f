"""No model adds up doubles, whose last digits depend on the order in which the rows come.

The order changes with the number of threads and with each change of a plan, so that a second build
gives other figures only now and then. The bound plan knows the type of each sum on any data.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from builds import compiled_models

from portrait.build.data_tests import connected
from portrait.warehouse import Warehouse

# Exact for decimals and whole numbers, and not for doubles. Sums of doubles that are known better
# (fsum) depend on the order too.
SUMS = {
    *("sum", "sum_no_overflow", "fsum", "kahan_sum", "product", "avg", "mean", "favg"),
    *("stddev", "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp", "sem"),
    *("skewness", "kurtosis", "kurtosis_pop", "corr", "covar_pop", "covar_samp", "entropy"),
    *("regr_slope", "regr_intercept", "regr_r2", "regr_sxx", "regr_syy", "regr_sxy"),
}
INEXACT = {"DOUBLE", "FLOAT"}


def expressions(plan: Any) -> Iterator[dict[str, Any]]:
    """Each operator and expression of a serialised plan."""
    if isinstance(plan, dict):
        yield plan
        plan = list(plan.values())
    if isinstance(plan, list):
        for part in plan:
            yield from expressions(part)


def sums_of_doubles(connection: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    """The sums and means of a query, also over windows, that are of doubles."""
    ((text,),) = connection.execute("select json_serialize_plan(?::varchar)", [sql]).fetchall()
    plan = json.loads(text)
    assert not plan["error"], plan
    return [
        one["name"]
        for one in expressions(plan)
        if one.get("name") in SUMS
        and any(child["return_type"]["id"] in INEXACT for child in one["children"])
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("select sum(x) from a", ["sum"]),
        ("select avg(x) over (partition by y) from a", ["avg"]),
        ("with s as (select y, sum(x * y) as z from a group by y) select max(z) from s", ["sum"]),
        ("select stddev(x) filter (y > 1), median(x), max(x), count(x) from a", ["stddev"]),
        ("select sum(y), avg(y), sum(cast(x as decimal(18, 6))) from a", []),
        ("select sum(y) over (), max(x) over () from a", []),
    ],
)
def test_a_sum_of_doubles_is_found(query: str, found: list[str]) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table a as select range / 7 as x, range % 7 as y from range(20)")
        assert sums_of_doubles(connection, query) == found


def test_no_model_adds_up_doubles(sample_warehouse: Path) -> None:
    with connected(Warehouse(sample_warehouse)) as connection:
        found = {
            name: sums
            for name, sql in compiled_models(sample_warehouse).items()
            if (sums := sums_of_doubles(connection, sql))
        }
    assert found == {}
