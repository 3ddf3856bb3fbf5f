"""The benchmark of the app: what a file of ten times as many people is made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from benchmarks.app_speed import Opening, multiply, report, some_customers

SOURCE = """
create schema marts; create schema quality;
create table marts.dim_customers as select * from (values ('c2'), ('c1')) as t(customer_id);
create table marts.customer_tags as
    select * from (values ('c1', 'A'), ('c1', 'B'), ('c2', 'A')) as t(customer_id, tag_code);
create table marts.fct_orders as select * from (values
    ('c2', 'o1', 'p1'), ('c2', 'o2', 'p1'), ('c1', 'o3', 'p2'), ('c1', 'o4', 'p2'),
    ('c1', 'o5', 'p2'), (null, 'o6', 'p1')
) as t(customer_id, order_id, product_id);
create table marts.fct_sessions as select 's1' as session_id, 'c1' as customer_id;
create table marts.dim_products as select * from (values ('p1'), ('p2')) as t(product_id);
create table marts.rpt_referrals as select 'c1' as customer_id;
create table quality.rejected_rows as select 7 as position_number;
create table quality.build_info as select 'b1' as build_id;
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("multiplied")
    with duckdb.connect(str(folder / "source.duckdb")) as connection:
        connection.execute(SOURCE)
    multiply(folder / "source.duckdb", folder / "target.duckdb", 3)
    return folder / "target.duckdb"


@pytest.fixture
def multiplied(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


def test_people_and_what_they_did_are_multiplied_and_totals_are_not(
    multiplied: duckdb.DuckDBPyConnection,
) -> None:
    counts = {
        table: multiplied.execute(f"select count(*) from {table}").fetchall()[0][0]
        for table in ("marts.dim_customers", "marts.fct_orders", "quality.rejected_rows",
                      "marts.dim_products", "marts.rpt_referrals", "quality.build_info")
    }  # fmt: skip
    assert list(counts.values()) == [6, 18, 3, 2, 1, 1]


def test_each_copy_has_keys_of_its_own_that_fit_together(
    multiplied: duckdb.DuckDBPyConnection,
) -> None:
    found = multiplied.execute(
        "select customer_id, count(distinct order_id) from marts.fct_orders"
        " inner join marts.dim_customers using (customer_id)"
        " inner join marts.dim_products using (product_id) group by customer_id order by all"
    ).fetchall()
    assert found == [
        ("c1", 3), ("c1-1", 3), ("c1-2", 3), ("c2", 2), ("c2-1", 2), ("c2-2", 2),
    ]  # fmt: skip


def test_a_table_in_the_order_of_customers_stays_so(
    multiplied: duckdb.DuckDBPyConnection,
) -> None:
    def customers(table: str) -> list[str]:
        rows = multiplied.execute(f"select customer_id from marts.{table} order by rowid")
        return [customer for (customer,) in rows.fetchall()]

    assert customers("customer_tags") == sorted(customers("customer_tags"))
    assert customers("dim_customers") == ["c2", "c1", "c2-1", "c1-1", "c2-2", "c1-2"]


def test_the_page_counts_the_views_that_open_in_time(file: Path) -> None:
    assert some_customers(file) == ("c1", "c2")
    openings = [Opening("Overview", 2.0, 0.5, 0.7, 0.4, 0.1), Opening("Quality", 4, 1.2, 2, 1, 0.2)]
    page = report(openings, file, 5, 0.5)
    assert "too many" not in page
    assert "the seconds by the clock are too many" in report(openings, file, 5, 1000.0)
    assert "6 customers, 9 tags, 18 orders and 3 visits" in page
    assert "| Overview | 0.50 | 0.70 | 0.40 | 0.10 |" in page
    assert "3.0 s more" in page
    assert "Of 2 views, 1 open within 1 s" in page
