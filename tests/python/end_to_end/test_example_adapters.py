"""The adapters of the examples, on a few rows of each kind that the real files hold."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from real_examples import PROJECT, rows

from portrait.contract import Table, load_contract

ONLINE_RETAIL = """
    select * replace (cast(InvoiceDate as timestamp) as InvoiceDate) from (values
        ('536365', '85123A', 'WHITE HOLDER', 6.0, '2010-12-01 08:26:00', 2.55, 17850.0, 'EIRE'),
        ('536365', '85123A', 'WHITE HOLDER', 6.0, '2010-12-01 08:26:00', 2.55, 17850.0, 'EIRE'),
        ('536366', '85123a', 'CREAM HOLDER', 1.0, '2010-12-02 09:00:00', 0.001, 17850.0, 'Malta'),
        ('536366', 'POST', 'POSTAGE', 1.0, '2010-12-02 08:59:00', 18.0, 17850.0, 'Malta'),
        ('C53637', '85123A', 'RED BOX', -6.0, '2010-12-03 10:00:00', 2.55, 17850.0, 'Unspecified'),
        ('536368', '85123A', '?', -9.0, '2010-12-04 10:00:00', 0.0, null, 'United Kingdom'),
        ('A56318', 'B', 'Adjust bad debt', 1.0, '2011-08-12 14:51:00', -11062.06, null, 'RSA')
    ) as sheet (
        InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country
    )
"""
CDNOW = """
    select * from (values
        ('00001', '1997-01-01', '1', '11.77'),
        ('00002', '1997-01-12', '5', '77.0'),
        ('00002', '1997-01-12', '5', '77.0'),
        ('00003', '1998-06-30', '1', '0.0')
    ) as log (customer_id, d, cds, spend)
"""
RAW_FILES = {
    "online_retail": (ONLINE_RETAIL, "online_retail/onlineretail.parquet"),
    "cdnow": (CDNOW, "cdnow/cdnow_master.csv"),
}


def adapt(name: str, real_data: Path, warehouse: Path) -> subprocess.CompletedProcess[str]:
    """Run an adapter as the Makefile does."""
    command = [sys.executable, "examples/run_adapter.py", name]
    folders = ["--real-data", str(real_data), "--warehouse", str(warehouse)]
    return subprocess.run([*command, *folders], cwd=PROJECT, capture_output=True, text=True)


@pytest.fixture(params=sorted(RAW_FILES))
def example(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """The name of an example and the folder of what its adapter wrote."""
    name = request.param
    content, path = RAW_FILES[name]
    (tmp_path / path).parent.mkdir()
    duckdb.sql(f"copy ({content}) to '{tmp_path / path}'")
    done = adapt(name, tmp_path, tmp_path / "warehouse")
    assert done.returncode == 0, done.stderr
    return name, tmp_path / "warehouse/raw"


def contract_of(file: Path) -> Table:
    """The contract of the table that a raw file holds."""
    (table,) = (
        table
        for table in load_contract(PROJECT)
        if (table.system, table.name) == (file.parent.name, file.stem)
    )
    return table


def test_adapter_writes_what_the_contract_asks_for(example: tuple[str, Path]) -> None:
    """Known columns only, each required one with a value in every row, one row per key."""
    _, raw = example
    files = sorted(raw.rglob("*.parquet"))
    assert files
    with duckdb.connect() as connection:
        for file in files:
            table = contract_of(file)
            columns = {row[0] for row in rows(connection, f"describe from '{file}'")}
            assert columns <= {column.name for column in table.columns}
            required = [column.name for column in table.columns if column.required]
            missing = " or ".join(
                f"nullif(cast({name} as varchar), '') is null" for name in required
            )
            assert rows(connection, f"select count(*) from '{file}' where {missing}") == [(0,)]
            key = ", ".join(table.key)
            assert rows(connection, f"select count(*) = count(distinct ({key})) from '{file}'") == [
                (True,)
            ]
    assert not list(raw.rglob("*.partial"))


@pytest.mark.parametrize("example", ["online_retail"], indirect=True)
def test_online_retail(example: tuple[str, Path]) -> None:
    raw = example[1] / "shop"
    with duckdb.connect() as connection:
        assert rows(
            connection,
            "select order_id, customer_id, order_type, cast(ordered_at as varchar), currency "
            f"from '{raw}/orders.parquet'",
        ) == [
            ("536365", "17850", "sale", "2010-12-01 08:26:00", "GBP"),
            ("536366", "17850", "sale", "2010-12-02 08:59:00", "GBP"),
            ("C53637", "17850", "return", "2010-12-03 10:00:00", "GBP"),
            ("536368", None, "sale", "2010-12-04 10:00:00", "GBP"),
            ("A56318", None, "sale", "2011-08-12 14:51:00", "GBP"),
        ]
        assert rows(
            connection,
            "select line_number, product_id, cast(quantity as double), cast(unit_price as double) "
            f"from '{raw}/order_items.parquet'",
        ) == [
            ("1", "85123A", 6, 2.55),
            ("2", "85123A", 6, 2.55),
            ("3", "85123A", 1, 0.001),
            ("4", "POST", 1, 18),
            ("5", "85123A", -6, 2.55),
            ("6", "85123A", -9, 0),
            ("7", "B", 1, -11062.06),
        ]
        assert rows(connection, f"from '{raw}/products.parquet'") == [
            ("85123A", "RED BOX", "goods"),
            ("B", "Adjust bad debt", "adjustment"),
            ("POST", "POSTAGE", "fee"),
        ]
        assert rows(connection, f"from '{raw}/customers.parquet'") == [("17850", "Malta")]


@pytest.mark.parametrize("example", ["cdnow"], indirect=True)
def test_cdnow(example: tuple[str, Path]) -> None:
    with duckdb.connect() as connection:
        assert rows(
            connection,
            "select order_id, customer_id, cast(ordered_at as varchar), currency, "
            f"cast(net_amount as varchar) from '{example[1]}/shop/orders.parquet'",
        ) == [
            ("1", "00001", "1997-01-01", "USD", "11.7700"),
            ("2", "00002", "1997-01-12", "USD", "77.0000"),
            ("3", "00002", "1997-01-12", "USD", "77.0000"),
            ("4", "00003", "1998-06-30", "USD", "0.0000"),
        ]


@pytest.mark.parametrize("name", sorted(RAW_FILES))
def test_a_missing_file_says_where_to_get_it(name: str, tmp_path: Path) -> None:
    done = adapt(name, tmp_path, tmp_path / "warehouse")
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert str(tmp_path / RAW_FILES[name][1]) in sentence
    assert f"examples/{name}/README.md" in sentence
    assert not (tmp_path / "warehouse").exists()
