"""The contracts that unit tests of base models repeat are those of the sources' YAML.

dbt shows a unit test no sources, so the tests of base models override the macro `contract_table`
with the columns that they need. These columns must be those of the sources.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

# What typed_rows does not read.
NOT_READ = ("personal",)


def repeated_contracts(project: Path) -> list[tuple[str, str, dict[str, Any]]]:
    """Return (unit test, model, contract) of each unit test that overrides contract_table."""
    return [
        (test["name"], test["model"], test["overrides"]["macros"]["contract_table"])
        for path in sorted((project / "models" / "staging").rglob("base_*.yml"))
        for test in yaml.safe_load(path.read_text(encoding="utf-8")).get("unit_tests", [])
    ]


def source_tables(project: Path) -> dict[str, dict[str, Any]]:
    """Return the tables of the sources' YAML by the name of their base model."""
    return {
        f"{source['name'].replace('raw_', 'base_')}__{table['name']}": table
        for path in sorted((project / "models" / "staging").rglob("_*__sources.yml"))
        for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]
        for table in source["tables"]
    }


def differences(contract: dict[str, Any], table: dict[str, Any]) -> list[str]:
    """Return where a repeated contract is not part of the source's, in the source's order."""
    columns = {column["name"]: column for column in table["columns"]}
    names = list(contract["columns"])
    found = [] if contract["meta"] == table["config"]["meta"] else ["the table's meta differs"]
    if names != [name for name in columns if name in names]:
        found.append(f"unknown columns, or another order: {names}")
    for name, column in contract["columns"].items():
        source = columns.get(name, {})
        meta = {
            key: value
            for key, value in source.get("config", {}).get("meta", {}).items()
            if key not in NOT_READ
        }
        if column != {"name": name, "data_type": source.get("data_type"), "meta": meta}:
            found.append(f"{name} differs")
    found += [
        f"{name} is required and not there"
        for name, column in columns.items()
        if name not in names
        and {"required", "required_without"} & column.get("config", {}).get("meta", {}).keys()
    ]
    return found


def test_unit_tests_repeat_the_contract_as_it_is(project_dir: Path) -> None:
    tables = source_tables(project_dir)
    contracts = repeated_contracts(project_dir)
    assert contracts
    found = [
        f"{name}: {sentence}"
        for name, model, contract in contracts
        for sentence in differences(contract, tables[model])
    ]
    assert not found, "\n".join(found)


def test_another_contract_is_found(project_dir: Path) -> None:
    table = source_tables(project_dir)["base_shop__order_items"]
    _, _, contract = next(
        item for item in repeated_contracts(project_dir) if item[1] == "base_shop__order_items"
    )
    assert not differences(contract, table)
    changed = copy.deepcopy(contract)
    changed["meta"]["key"] = ["order_id"]
    changed["columns"]["quantity"]["meta"] = {}
    changed["columns"]["colour"] = {"name": "colour", "data_type": "text", "meta": {}}
    del changed["columns"]["unit_price"]
    assert differences(changed, table) == [
        "the table's meta differs",
        "unknown columns, or another order: "
        "['order_id', 'line_number', 'quantity', 'line_amount', 'updated_at', 'colour']",
        "quantity differs",
        "colour differs",
        "unit_price is required and not there",
    ]
