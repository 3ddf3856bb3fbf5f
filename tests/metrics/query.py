"""Answers queries of metrics as JSON: a list of queries on standard input, a list of their rows.

Run by tests/python/end_to_end/test_metrics.py in the environment of MetricFlow. A query is an
object of the arguments that MetricFlow takes: `metric_names`, `group_by_names`, `saved_query_name`,
`where_constraints`.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest

from portrait.metrics import prepare


def answer(engine: MetricFlowEngine, query: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a query by the names of their columns."""
    table = engine.query(MetricFlowQueryRequest.create(**query)).result_df
    assert table is not None
    return [dict(zip(table.column_names, row, strict=True)) for row in table.rows]


def main() -> None:
    """Answer what standard input asks."""
    asked = json.load(sys.stdin)
    prepare()
    configuration = CLIConfiguration()
    configuration.setup()
    engine = configuration.mf
    print(json.dumps([answer(engine, query) for query in asked], default=str))


if __name__ == "__main__":
    main()
