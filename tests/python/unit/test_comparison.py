"""The comparison of two warehouses finds what differs, and ignores what always differs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from portrait.cli import cli
from portrait.comparison.rows import Found, Side, compare_rows
from portrait.comparison.warehouses import (
    LEFT_OUT,
    Renames,
    TableComparison,
    compare_warehouses,
)
from portrait.errors import PortraitError

CUSTOMERS = """
    select 'a' as customer_id, 1::bigint as orders_count, 1.5::decimal(18, 4) as amount,
        0.1::double as share
    union all select 'b', 2, null, null
"""
MODEL = """
    select 'bg_nbd' as model, 'fitted-20260630T101500Z-3f2a' as model_version,
        timestamp '2026-06-30 10:15:00' as fitted_at, 0.25::double as value
"""
INFO = "select '20260630T101500Z-3f2a' as build_id"
ANALYSTS = "select 'p_' || md5('one ' || range) as customer_id, range as orders_count from range(3)"
STAGED = "select 1 as order_number"

FILES = {
    "published": "current/portrait.duckdb",
    "analysts": "current/analyst.duckdb",
    "work": "work/build.duckdb",
}
TABLES = {
    "published": {
        "marts.customers": CUSTOMERS,
        "marts.model": MODEL,
        "quality.build_info": INFO,
        "quality.test_results": INFO,
    },
    "analysts": {"marts.customers": ANALYSTS},
    "work": {"staging.orders": STAGED},
}


def warehouse(folder: Path, changes: Mapping[tuple[str, str], str | None] | None = None) -> Path:
    """Make a small warehouse; the changes are queries by file and table, None for no table."""
    for file, tables in TABLES.items():
        path = folder / FILES[file]
        path.parent.mkdir(parents=True, exist_ok=True)
        changed = {table: query for (of, table), query in (changes or {}).items() if of == file}
        with duckdb.connect(str(path)) as connection:
            for table, query in {**tables, **changed}.items():
                if query is not None:
                    connection.execute(f"create schema if not exists {table.split('.')[0]}")
                    connection.execute(f"create table {table} as {query}")
    return folder


def compared(
    tmp_path: Path,
    changes: Mapping[tuple[str, str], str | None] | None = None,
    renames: Renames | None = None,
    all_layers: bool = False,
) -> dict[str, TableComparison]:
    """Compare the small warehouse with a changed one: the comparisons by file and table."""
    one, other = warehouse(tmp_path / "one"), warehouse(tmp_path / "other", changes)
    found = compare_warehouses(one, other, renames, all_layers)
    return {f"{one.file} {one.name}": one for one in found}


def differing(found: Mapping[str, TableComparison]) -> dict[str, list[str]]:
    return {name: one.differences for name, one in found.items() if one.differences}


def rows(one: str, other: str, **arguments: object) -> Found:
    with duckdb.connect() as connection:
        sides = Side(one, "on the left"), Side(other, "on the right")
        return compare_rows(connection, *sides, **arguments)  # type: ignore[arg-type]


def test_the_same_warehouses_are_the_same(tmp_path: Path) -> None:
    found = compared(tmp_path)
    assert not differing(found)
    assert {name: one.rows for name, one in found.items()} == {
        "published marts.customers": 2,
        "published marts.model": 1,
        "published quality.build_info": None,
        "published quality.test_results": None,
        "analysts marts.customers": 3,
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("* replace (3::bigint as orders_count)", "columns whose values differ: orders_count"),
        ("* replace (coalesce(amount, 0)::decimal(18, 4) as amount)", "1 rows in"),
        ("* replace (share * (1 + 1e-8) as share)", "share: 1 values"),
        ("* replace (coalesce(share, 0) as share)", "share: 1 values"),
        ("* replace (orders_count::int as orders_count)", "type of orders_count"),
        ("* replace (amount::decimal(28, 4) as amount)", "type of amount"),
        ("* exclude (amount)", "column amount only in"),
        ("*, 1 as further", "column further only in"),
    ],
)
def test_a_difference_is_found(tmp_path: Path, change: str, said: str) -> None:
    changes = {("published", "marts.customers"): f"select {change} from ({CUSTOMERS})"}
    found = differing(compared(tmp_path, changes))
    assert found.keys() == {"published marts.customers"}
    (differences,) = found.values()
    assert any(said in difference for difference in differences), differences


@pytest.mark.parametrize("change", ["where customer_id = 'a'", "union all from rows limit 3"])
def test_a_row_less_or_more_is_found(tmp_path: Path, change: str) -> None:
    query = f"with rows as ({CUSTOMERS}) from rows {change}"
    found = compared(tmp_path, {("published", "marts.customers"): query})
    assert differing(found).keys() == {"published marts.customers"}


def test_order_of_rows_and_columns_and_tiny_floats_are_no_difference(tmp_path: Path) -> None:
    query = (
        "select share * (1 + 1e-12) as share, customer_id, amount, orders_count"
        f" from ({CUSTOMERS}) order by customer_id desc"
    )
    assert not differing(compared(tmp_path, {("published", "marts.customers"): query}))


def test_a_table_on_one_side_only_is_a_difference(tmp_path: Path) -> None:
    found = compared(
        tmp_path,
        {("published", "marts.model"): None, ("published", "marts.added"): STAGED},
    )
    assert differing(found) == {
        "published marts.model": [f"only in {tmp_path / 'one'}"],
        "published marts.added": [f"only in {tmp_path / 'other'}"],
    }


def test_what_differs_by_nature_is_passed_over(tmp_path: Path) -> None:
    later = MODEL.replace("20260630", "20260701").replace("2026-06-30", "2026-07-01")
    other_key = ANALYSTS.replace("one ", "other ")
    found = compared(
        tmp_path,
        {
            ("published", "quality.build_info"): "select 'another build' as build_id",
            ("published", "quality.test_results"): "select 'other columns' as text",
            ("published", "marts.model"): later,
            ("analysts", "marts.customers"): other_key,
        },
    )
    assert not differing(found)
    assert {one.name for one in found.values() if one.left_out} == LEFT_OUT.keys()


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("'shipped-1' as model_version", "model_version"),
        ("null::timestamp as fitted_at", "fitted_at"),
        ("'bg' as model", "model"),
    ],
)
def test_a_fit_that_is_no_fit_is_found(tmp_path: Path, change: str, column: str) -> None:
    query = f"select * replace ({change}) from ({MODEL})"
    found = differing(compared(tmp_path, {("published", "marts.model"): query}))
    assert f"columns whose values differ: {column}" in found["published marts.model"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (f"select * replace (5 as orders_count) from ({ANALYSTS})", "type of orders_count"),
        (f"select * replace (orders_count + 1 as orders_count) from ({ANALYSTS})", "1 rows in"),
        (
            f"select * replace ('p_' || md5('') as customer_id) from ({ANALYSTS})",
            "3 and 1 pseudonyms",
        ),
        (f"select * replace ('name' as customer_id) from ({ANALYSTS})", "customer_id"),
    ],
)
def test_a_difference_of_the_analysts_file_is_found(tmp_path: Path, query: str, said: str) -> None:
    found = differing(compared(tmp_path, {("analysts", "marts.customers"): query}))
    assert any(said in difference for difference in found["analysts marts.customers"])


def test_renamed_tables_and_columns_are_compared(tmp_path: Path) -> None:
    renamed = f"select * rename (amount as net_amount) from ({CUSTOMERS})"
    changes = {
        ("published", "marts.customers"): None,
        ("published", "marts.people"): renamed,
        ("analysts", "marts.customers"): None,
        ("analysts", "marts.people"): ANALYSTS,
    }
    renames = Renames.parse(["marts.customers=marts.people"], ["marts.customers.amount=net_amount"])
    same = compared(tmp_path / "same", changes, renames)
    assert not differing(same)
    assert same["published marts.customers = marts.people"].rows == 2
    changes["published", "marts.people"] = f"select * replace (0.2 as share) from ({renamed})"
    found = compared(tmp_path / "changed", changes, renames)
    assert differing(found).keys() == {"published marts.customers = marts.people"}


@pytest.mark.parametrize(
    ("tables", "columns", "said"),
    [
        (["customers=people"], [], "not as 'customers=people'"),
        ([], ["marts.amount=net"], "not as 'marts.amount=net'"),
        (["marts.customers=marts.absent"], [], "no table marts.customers that has become"),
        ([], ["marts.customers.amount=absent"], "no column amount of marts.customers"),
    ],
)
def test_a_mistyped_rename_is_refused(
    tmp_path: Path, tables: list[str], columns: list[str], said: str
) -> None:
    with pytest.raises(PortraitError, match=said):
        compared(tmp_path, {}, Renames.parse(tables, columns))


def test_layers_below_the_marts_are_compared_when_asked(tmp_path: Path) -> None:
    changes = {("work", "staging.orders"): "select 2 as order_number"}
    assert not differing(compared(tmp_path / "published", changes))
    found = compared(tmp_path / "all", changes, all_layers=True)
    assert differing(found).keys() == {"work staging.orders"}


def test_a_folder_without_builds_has_a_sentence(tmp_path: Path) -> None:
    one = warehouse(tmp_path / "one")
    (tmp_path / "empty").mkdir()
    with pytest.raises(PortraitError, match=r"empty has no portrait\.duckdb"):
        compare_warehouses(one, tmp_path / "empty")
    with pytest.raises(PortraitError, match="the same folder"):
        compare_warehouses(one, one)


def test_the_command_fails_on_a_difference_only(tmp_path: Path) -> None:
    one, same = warehouse(tmp_path / "one"), warehouse(tmp_path / "same")
    changed = f"select * replace (0.2 as share) from ({CUSTOMERS})"
    other = warehouse(tmp_path / "other", {("published", "marts.customers"): changed})
    run = CliRunner().invoke(cli, ["compare", str(one), str(same)])
    assert (run.exit_code, run.exception) == (0, None)
    assert "all the same" in run.output
    run = CliRunner().invoke(cli, ["compare", str(one), str(other), "--all-layers"])
    assert str(run.exception) == f"1 tables differ between {one} and {other}."
    assert "published marts.customers: share: 2 values" in run.output


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("'infinity'::double", "'infinity'::double", True),
        ("'nan'::double", "'nan'::double", True),
        ("'infinity'::double", "1.0::double", False),
        ("'infinity'::double", "'-infinity'::double", False),
        ("'nan'::double", "1.0::double", False),
        ("null::double", "null::double", True),
        ("0.0::double", "1e-300::double", False),
    ],
)
def test_floats_that_are_no_numbers(one: str, other: str, is_same: bool) -> None:
    found = rows(f"select 1 as id, {one} as value", f"select 1 as id, {other} as value")
    assert (not found.differences) is is_same


def test_tables_of_floats_alone_still_have_as_many_rows() -> None:
    found = rows("select 0.5::double as x", "select 0.5::double as x from range(2)")
    assert found.differences == ["1 rows on the right only: (1,)"]


def test_other_types_are_compared_in_one_that_holds_both() -> None:
    one, other = "select 1.25::decimal(18, 4) as x, 2 as y", "select 1.25::decimal(9, 2) as x, 2 y"
    assert not rows(one, other, with_types=False).differences
    assert rows(one, other).differences == ["type of x: DECIMAL(18,4) and DECIMAL(9,2)"]
