"""The build's own way to run data tests gives what `dbt test` gives."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from builds import CASES, PROJECT, environment

from portrait.build.data_tests import run_data_tests
from portrait.build.dbt_runner import DbtSession
from portrait.warehouse import Warehouse

# Faults in a mart, a table of another layer and a seed, so that tests of many kinds fail.
FAULTS = (
    "update portrait.marts.fct_orders set net_amount = -net_amount, order_id = 'shop:1'",
    "delete from portrait.marts.dim_customers where customer_id < 'c4'",
    "update intermediate.int_orders_valued set is_paid = null",
    "delete from reference.rfm_segment_map where rfm_code in ('555', '111')",
    "drop table portrait.marts.rpt_funnel",
)


@pytest.mark.slow(reason="test_data_tests.py holds how single tests are judged")
def test_each_data_test_comes_to_what_dbt_says(cases_warehouse: Path, tmp_path: Path) -> None:
    folder = tmp_path / "warehouse"
    shutil.copytree(cases_warehouse, folder, symlinks=True)
    warehouse = Warehouse(folder)
    with duckdb.connect(str(warehouse.work_build)) as connection:
        connection.execute(f"attach '{warehouse.work_portrait}' as portrait")
        for fault in FAULTS:
            connection.execute(fault)

    target = tmp_path / "target"
    subprocess.run(
        [
            str(Path(sys.executable).parent / "dbt"), "test", "--exclude-resource-type",
            "unit_test", "--target-path", str(target), "--log-path", str(target),
        ],
        cwd=PROJECT,
        env=environment(CASES, folder),
        capture_output=True,
        check=False,
    )  # fmt: skip
    results = json.loads((target / "run_results.json").read_text("utf-8"))["results"]
    by_dbt = {
        row["unique_id"]: (row["status"], row["failures"])
        for row in results
        if row["unique_id"].startswith("test.")
    }

    with DbtSession(
        PROJECT, warehouse.target, tmp_path / "logs", environment(CASES, folder)
    ) as dbt:
        tests = dbt.compiled_tests()
    ours = {
        outcome.unique_id: (outcome.status, outcome.failures)
        for outcome in run_data_tests(warehouse, tests).outcomes
    }

    assert ours == by_dbt
    statuses = [status for status, _ in by_dbt.values()]
    assert min(statuses.count(status) for status in ("pass", "fail", "error")) >= 3
