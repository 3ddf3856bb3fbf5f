"""What base models keep of a file is what they would say of it anew.

Each step builds the base models twice: with the rows that were kept, and in a warehouse of its own,
from nothing.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from builds import CASES, copied_project, dbt_session, environment, landed, run_passed

# Every kind of table: documents with their lines, a key of three columns, no time of version.
TABLES = ("shop/orders", "shop/order_items", "shop/customers", "ops/fx_rates")
BASE = [f"base_{name.replace('/', '__')}" for name in TABLES]
Rows = dict[str, list[tuple[Any, ...]]]


class Company:
    """A raw folder that changes, and the warehouse that keeps rows of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.raw = folder / "raw"
        self.warehouse = folder / "warehouse"
        self.project = copied_project(folder / "project")
        shutil.copytree(CASES, self.raw)

    def write(self, file: str, *lines: str) -> None:
        """Write a file below the raw folder."""
        path = self.raw / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def build(self, warehouse: Path, **settings: str) -> Rows:
        """Land and build the base models; return their rows."""
        landed(self.raw, warehouse, self.project, **settings)
        folder = warehouse / "dbt"
        variables = environment(self.raw, warehouse, **settings)
        with dbt_session(variables, folder, self.project) as session:
            run_passed(session, "seed")
            run_passed(session, "run", "--select", *BASE)
        with duckdb.connect(str(warehouse / "work" / "build.duckdb"), read_only=True) as connection:
            return {
                name: connection.execute(f"from staging.{name} order by all").fetchall()
                for name in BASE
            }

    def build_twice(self, **settings: str) -> Rows:
        """Build with the kept rows and from nothing, which must agree; return the rows."""
        with_kept = self.build(self.warehouse, **settings)
        shutil.rmtree(self.folder / "anew", ignore_errors=True)
        assert with_kept == self.build(self.folder / "anew", **settings)
        return with_kept

    def kept(self, table: str) -> dict[str, int]:
        """The rows of each batch of a table."""
        pattern = f"{self.warehouse}/kept/raw_{table.replace('/', '.')}.*.parquet"
        files = duckdb.sql(f"select file_name, num_rows from parquet_file_metadata('{pattern}')")
        return {Path(name).name: rows for name, rows in files.fetchall()}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return Company(tmp_path_factory.mktemp("kept"))


HEADER = "order_id,customer_id,ordered_at,status,currency,net_amount,updated_at"


def order(number: str, net: str, updated_at: str = "2026-06-25 10:00:00") -> str:
    """Return a row of an order."""
    return f"{number},C1,2026-06-20 10:00:00,paid,CNY,{net},{updated_at}"


def test_a_second_build_types_no_file_again(company: Company) -> None:
    rows = company.build_twice()
    batches = {table: company.kept(table) for table in TABLES}
    assert all(len(found) == 1 for found in batches.values())
    written = {path: path.stat().st_mtime_ns for path in company.warehouse.glob("kept/*")}
    assert company.build(company.warehouse) == rows
    assert {path: path.stat().st_mtime_ns for path in company.warehouse.glob("kept/*")} == written


def test_a_late_a_repeated_and_a_corrected_file_come_as_a_batch_of_their_own(
    company: Company,
) -> None:
    before = company.kept("shop/orders")
    company.write("shop/orders/load_date=2026-06-29/late.csv", HEADER, order("LATE", "10"))
    company.write("shop/orders/load_date=2026-06-30/again.csv", HEADER, order("LATE", "10"))
    company.write(
        "shop/orders/load_date=2026-07-01/corrected.csv",
        HEADER,
        order("LATE", "12", "2026-06-26 10:00:00"),
    )
    rows = company.build_twice()
    after = company.kept("shop/orders")
    (new,) = set(after) - set(before)
    assert after[new] == 3
    assert set(before) < set(after)
    names = [name for name, *_ in rows["base_shop__orders"]]
    assert names.count("LATE") == 3


def test_rows_of_a_changed_and_of_a_removed_file_go(company: Company) -> None:
    company.write("shop/orders/load_date=2026-06-29/late.csv", HEADER, order("OTHER", "11"))
    (company.raw / "shop/orders/load_date=2026-07-01/corrected.csv").unlink()
    rows = company.build_twice()
    names = [name for name, *_ in rows["base_shop__orders"]]
    assert (names.count("LATE"), names.count("OTHER")) == (1, 1)


@pytest.mark.slow(reason="other settings find no kept rows: four builds each")
@pytest.mark.parametrize("settings", [{"as_of": "2026-06-15"}, {"timezone": "UTC"}])
def test_a_changed_setting_holds_for_kept_rows_too(
    company: Company, settings: dict[str, str]
) -> None:
    assert company.build_twice(**settings) != company.build(company.warehouse)


@pytest.mark.slow(reason="another contract finds no kept rows: two builds and cold parses")
def test_a_changed_contract_and_a_changed_rule_hold_for_kept_rows_too(company: Company) -> None:
    contract = company.project / "models/staging/shop/_shop__sources.yml"
    text = contract.read_text("utf-8")
    column = "- {name: status, data_type: text"
    assert column in text
    contract.write_text(text.replace(column, "- {name: status, data_type: boolean", 1), "utf-8")
    rules = company.project / "macros/staging/judged_rows.sql"
    rules.write_text(rules.read_text("utf-8").replace("'early_", "'too_early_"), "utf-8")
    company.build_twice()
