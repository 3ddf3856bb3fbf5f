"""The dbt unit tests of the models, on the types of the built cases."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml
from builds import CASES, PROJECT, dbt_passed, environment


def written_unit_tests() -> int:
    """Return how many unit tests the YAML files of the models hold."""
    files = (PROJECT / "models").rglob("*.yml")
    return sum(len(yaml.safe_load(file.read_text("utf-8")).get("unit_tests", [])) for file in files)


def test_all_unit_tests_pass(cases_warehouse: Path, tmp_path: Path) -> None:
    """A build leaves them out; here they run on a copy of its databases."""
    warehouse = tmp_path / "warehouse"
    shutil.copytree(cases_warehouse, warehouse, symlinks=True)
    command = ["test", "--select", "test_type:unit"]
    printed = dbt_passed(command, environment(CASES, warehouse), tmp_path)
    assert f" {written_unit_tests()} unit tests in " in printed, printed[-300:]
