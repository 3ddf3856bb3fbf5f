"""What the dashboards of examples/superset name exists in the marts, and none of it is personal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from builds import PROJECT

ASSETS = PROJECT / "examples" / "superset" / "assets"
# Names are lower case there, and words of SQL upper case.
NAMES = re.compile(r"'[^']*'|\b([a-z_][a-z0-9_]*)\b")
MARTS = re.compile(r"\bmarts\.([a-z_0-9]+)")
Asset = dict[str, Any]


def read(folder: str) -> list[Asset]:
    files = sorted((ASSETS / folder).glob("*.yaml"))
    assert files, folder
    return [yaml.safe_load(file.read_text("utf-8")) for file in files]


def names(sql: str) -> set[str]:
    """The names of a piece of SQL, without what stands in quotes."""
    return set(NAMES.findall(sql)) - {""}


def wrong_columns(dataset: Asset, manifest: dict[str, Any]) -> set[str]:
    """Tables and columns of a dataset that no mart has, or that analysts do not get as they are."""
    sql = dataset["sql"] or f"marts.{dataset['table_name']}"
    tables = set(MARTS.findall(sql))
    marts = {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    }
    kept = {
        name
        for table in tables & marts.keys()
        for name, column in marts[table]["columns"].items()
        if column["config"]["meta"].get("analyst") == "keep"
    }
    columns = dataset["columns"]
    used = {column["column_name"] for column in columns if not column["expression"]}
    used |= {name for column in columns for name in names(column["expression"] or "")}
    used |= names(dataset["sql"] or "") - tables - {"marts"}
    return (tables - marts.keys()) | (used - kept)


def named(value: Any) -> Iterator[str]:
    """The columns and metrics that a setting of a chart, or a part of its query, names."""
    if isinstance(value, list):
        for one in value:
            yield from named(one)
    elif isinstance(value, dict):
        yield from names(value.get("sqlExpression") or value.get("col") or value["subject"])
    elif isinstance(value, str):
        # A setting writes an order as a list in JSON, ["start_date", false].
        yield from named(json.loads(value)) if value.startswith("[") else [value]


SETTINGS = (
    "x_axis", "x_axis_sort", "groupby", "groupbyRows", "groupbyColumns", "all_columns", "metric",
    "metrics", "timeseries_limit_metric", "order_by_cols", "adhoc_filters",
)  # fmt: skip
QUERY = ("columns", "metrics", "filters", "orderby", "series_columns")


def wrong_names(chart: Asset, dataset: Asset) -> set[str]:
    """Columns and metrics of a chart that its dataset lacks; a chart also says what it asks."""
    asked = json.loads(chart["query_context"])["queries"]
    used = {
        *named([chart["params"].get(setting) for setting in SETTINGS]),
        *named([query.get(part) for query in asked for part in QUERY]),
    }
    columns = {column["column_name"] for column in dataset["columns"]}
    return used - columns - {metric["metric_name"] for metric in dataset["metrics"]}


def dataset(**changed: Any) -> Asset:
    """A dataset of one column, to plant mistakes in."""
    columns = [{"column_name": changed.pop("column", "rfm_segment"), "expression": None}]
    plain = {"table_name": "customer_segments", "sql": None, "columns": columns, "metrics": []}
    return plain | changed


@pytest.mark.parametrize("one", read("datasets"), ids=lambda one: one["table_name"])
def test_a_dataset_shows_what_analysts_may_see(one: Asset, manifest: dict[str, Any]) -> None:
    assert wrong_columns(one, manifest) == set()


@pytest.mark.parametrize("one", read("datasets"), ids=lambda one: one["table_name"])
def test_a_metric_is_made_of_the_columns_of_its_dataset(one: Asset) -> None:
    columns = {column["column_name"] for column in one["columns"]}
    assert {name for metric in one["metrics"] for name in names(metric["expression"])} <= columns


@pytest.mark.parametrize("one", read("charts"), ids=lambda one: one["slice_name"])
def test_a_chart_names_what_its_dataset_has(one: Asset) -> None:
    (own,) = (each for each in read("datasets") if each["uuid"] == one["dataset_uuid"])
    assert wrong_names(one, own) == set()


def test_the_address_of_the_file_is_left_to_the_script() -> None:
    (database,) = read("databases")
    assert database["sqlalchemy_uri"] == "duckdb:///current/portrait.duckdb"
    assert database["extra"]["engine_params"]["connect_args"]["read_only"] is True


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        (dataset(), set()),
        (dataset(column="renamed"), {"renamed"}),
        (dataset(column="customer_id"), {"customer_id"}),
        (dataset(table_name="dim_nobody"), {"dim_nobody", "rfm_segment"}),
        (
            dataset(sql="SELECT city_level FROM marts.customer_segments WHERE x = 'email'"),
            {"city_level", "x"},
        ),
        (
            dataset(columns=[{"column_name": "who", "expression": "UPPER(income_group)"}]),
            {"income_group"},
        ),
    ],
)
def test_a_wrong_column_is_found(planted: Asset, found: set[str], manifest: dict[str, Any]) -> None:
    assert wrong_columns(planted, manifest) == found


@pytest.mark.parametrize(
    ("settings", "query"),
    [
        ({"x_axis": "gone"}, {}),
        ({"metrics": ["gone"]}, {}),
        ({"order_by_cols": ['["gone", false]']}, {}),
        ({"adhoc_filters": [{"subject": "gone"}]}, {}),
        ({}, {"columns": [{"sqlExpression": "gone"}]}),
        ({}, {"filters": [{"col": "gone"}]}),
        ({}, {"orderby": [["gone", False]]}),
    ],
)
def test_a_wrong_name_of_a_chart_is_found(settings: Asset, query: Asset) -> None:
    chart = {"params": settings, "query_context": json.dumps({"queries": [query]})}
    assert wrong_names(chart, dataset()) == {"gone"}
