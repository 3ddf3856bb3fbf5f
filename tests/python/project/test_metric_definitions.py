"""The semantic layer as dbt reads it, without MetricFlow: what is defined, described and shown."""

from __future__ import annotations

import re
from typing import Any

from builds import PROJECT

PAGE = PROJECT / "docs" / "metrics.md"
# The figures that a company asks for first.
WANTED = {
    "gross_revenue", "net_revenue", "realised_revenue", "margin", "orders", "buyers",
    "average_order_value", "repeat_rate_pct", "active_customers", "churned_customers",
    "lifetime_value", "nps", "response_pct", "response_lift_points",
}  # fmt: skip


def metrics_of(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The metrics by their names."""
    return {metric["name"]: metric for metric in manifest["metrics"].values()}


def test_the_figures_that_are_asked_for_first_are_defined(manifest: dict[str, Any]) -> None:
    assert not WANTED - metrics_of(manifest).keys()


def test_the_page_says_of_every_metric_what_its_definition_says(manifest: dict[str, Any]) -> None:
    rows = re.findall(
        r"^\| `([a-z0-9_]+)` \| (.+) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE
    )
    metrics = metrics_of(manifest).values()
    said = [(m["name"], m["config"]["meta"]["unit"], m["description"].strip()) for m in metrics]
    assert sorted(rows) == sorted(said)


def test_every_saved_query_is_on_the_page_with_its_question(manifest: dict[str, Any]) -> None:
    rows = dict(re.findall(r"^\| ([^`|]+\?) \| `(\w+)` \|$", PAGE.read_text("utf-8"), re.MULTILINE))
    saved = manifest["saved_queries"].values()
    assert rows == {one["description"]: one["name"] for one in saved}


def hidden_columns(manifest: dict[str, Any]) -> list[str]:
    """What groups metrics and is no column of a mart that analysts see as it is."""
    found = []
    for semantic in manifest["semantic_models"].values():
        (model,) = (manifest["nodes"][name] for name in semantic["depends_on"]["nodes"])
        for dimension in semantic["dimensions"]:
            column = model["columns"].get(dimension["expr"] or dimension["name"], {})
            meta = column.get("config", {}).get("meta", {})
            if model["schema"] != "marts" or meta.get("analyst") != "keep":
                found.append(f"{semantic['name']}.{dimension['name']}")
    return found


def test_no_metric_is_grouped_by_personal_data(manifest: dict[str, Any]) -> None:
    assert len(manifest["semantic_models"]) == 4
    assert hidden_columns(manifest) == []


def test_a_dimension_of_personal_data_is_found(manifest: dict[str, Any]) -> None:
    semantic = {
        "name": "people",
        "depends_on": {"nodes": ["model.portrait.dim_customers"]},
        "dimensions": [{"name": "mail", "expr": "email"}, {"name": "region", "expr": None}],
    }
    planted = {"semantic_models": {"people": semantic}, "nodes": manifest["nodes"]}
    assert hidden_columns(planted) == ["people.mail"]
